"""Beantwortet: Liest jeder Umwandler sein Format richtig, und merkt er, wenn eine Datei kaputt ist?

Die Dateien baut der Test selbst, winzig und unabhängig vom Umwandler.
"""

import hashlib
import json
import pickle
import struct
from pathlib import Path
from types import SimpleNamespace

from kurs import efficientnet
from kurs.modellbau import Beschaedigt, aufsatz, e5, gemma, marian, pruefe_safetensors
from kurs.modellbau import efficientnet as efficientnet_umwandler

import numpy as np
import pytest

# --- e5: das Format, an einer winzigen Datei ------------------------------------------------------

HIDDEN, FF, VOKABULAR, POSITIONEN = 32, 64, 12, 16
STUECKE = ["<s>", "<pad>", "</s>", "<unk>", "▁", "▁ab", "c", "d", "▁ä", "<mask>"]


def q4_0(werte: np.ndarray) -> tuple[bytes, np.ndarray]:
    """Quantisiert unabhängig vom Umwandler. Rückgabe: die Bytes und was herauskommen muss."""
    roh, soll = b"", []
    for block in werte.reshape(-1, 32):
        skala = np.float16(max(abs(block).max() / 7, 1e-3))
        zahlen = [int(min(15, max(0, round(float(w) / float(skala)) + 8))) for w in block]
        roh += struct.pack("<e", skala) + bytes(zahlen[j] | zahlen[j + 16] << 4 for j in range(16))
        soll += [(z - 8) * float(skala) for z in zahlen]
    return roh, np.array(soll, np.float32).reshape(werte.shape)


def e5_datei(aendere=None, block: int = 32) -> tuple[bytes, dict[str, np.ndarray]]:
    """Eine E5S1-Datei mit einer Schicht. `aendere(name, werte)` ändert Tensoren; None lässt weg."""
    zufall = np.random.default_rng(1)
    formen = {
        "emb.word": (VOKABULAR, HIDDEN),
        "emb.pos": (POSITIONEN, HIDDEN),
        "emb.type": (2, HIDDEN),
    }
    formen |= {"emb.ln.w": (HIDDEN,), "emb.ln.b": (HIDDEN,)}
    for kurz in ("q", "k", "v", "ao", "fi", "fo", "aln", "oln"):
        aus, ein = (FF if kurz == "fi" else HIDDEN), (FF if kurz == "fo" else HIDDEN)
        formen[f"l0.{kurz}.w"] = (aus,) if kurz.endswith("ln") else (aus, ein)
        formen[f"l0.{kurz}.b"] = (aus,)
    kopf = b"E5S1" + struct.pack(
        "<I7ifi", 1, HIDDEN, 1, 2, FF, VOKABULAR, POSITIONEN, 2, 1e-12, block
    )
    text = [stueck.encode() for stueck in STUECKE]
    kopf += struct.pack("<5iQ", len(STUECKE), 0, 2, 1, 3, sum(map(len, text)))
    kopf += np.cumsum([0, *map(len, text)]).astype("<u4").tobytes()
    kopf += np.array([0, 0, 0, 0, -3, -1, -2, -2.5, -2, 0], "<f4").tobytes() + b"".join(text)
    kopf += struct.pack("<iI", 1, 9) + struct.pack("<IBI", 0xFB01, 1, 0x66)
    tensoren, soll = [], {}
    for name, form in formen.items():
        werte = zufall.normal(0, 0.2, form).astype(np.float32)
        if aendere and (werte := aendere(name, werte)) is None:
            continue
        quantisiert = name == "emb.word" or (name.endswith(".w") and "ln" not in name)
        roh, soll[name] = q4_0(werte) if quantisiert else (werte.astype("<f4").tobytes(), werte)
        tensoren.append((name.encode(), int(quantisiert), werte.size, roh))
    laenge = len(kopf) + 4 + sum(2 + len(name) + 21 for name, *_ in tensoren)
    verzeichnis, daten = struct.pack("<i", len(tensoren)), b""
    for name, typ, werte, roh in tensoren:
        verzeichnis += struct.pack("<H", len(name)) + name
        verzeichnis += struct.pack("<BIQQ", typ, werte, laenge + len(daten), len(roh))
        daten += roh
    return kopf + verzeichnis + daten, soll


def test_q4_0_gegen_handrechnung():
    # Skala 0,5; das j-te Byte trägt unten Gewicht j und oben Gewicht j + 16
    roh = struct.pack("<e", 0.5) + bytes([0x80, 0xF1, 0x08] + [0x88] * 13)
    werte = e5.dequantisiere_q4_0(np.frombuffer(roh, e5.Q4_0))
    soll = np.zeros(32)
    soll[0], soll[16] = (0 - 8) * 0.5, (8 - 8) * 0.5
    soll[1], soll[17] = (1 - 8) * 0.5, (15 - 8) * 0.5
    soll[2], soll[18] = (8 - 8) * 0.5, (0 - 8) * 0.5
    np.testing.assert_array_equal(werte, soll)
    assert werte.dtype == np.float32


def test_e5_stueckweise_wie_am_stueck():
    bloecke = np.frombuffer(
        np.random.default_rng(3).integers(0, 50, 18 * 7, np.uint8).tobytes(), e5.Q4_0
    )
    np.testing.assert_array_equal(
        e5._in_stuecken(bloecke, je=3), e5.dequantisiere_q4_0(bloecke).astype(np.float16)
    )


@pytest.fixture(scope="module")
def kleines_e5(tmp_path_factory):
    roh, soll = e5_datei()
    quelle, ziel = (
        tmp_path_factory.mktemp("quelle") / "klein.bin",
        tmp_path_factory.mktemp("klein e5 ü"),
    )
    quelle.write_bytes(roh)
    e5.wandle_um([quelle], ziel, lambda text: None)
    return ziel, soll


def test_e5_gewichte_stehen_an_ihrem_platz(kleines_e5):
    from transformers import AutoModel

    ziel, soll = kleines_e5
    model, bericht = AutoModel.from_pretrained(ziel, output_loading_info=True)
    assert not bericht["missing_keys"] and not bericht["unexpected_keys"]
    assert str(model.dtype) == "torch.float32" and type(model).__name__ == "BertModel"
    assert model.config.layer_norm_eps == pytest.approx(1e-12)
    assert (model.config.num_attention_heads, model.config.vocab_size) == (2, VOKABULAR)
    schicht = model.encoder.layer[0]
    orte = {
        "emb.word": model.embeddings.word_embeddings.weight,
        "emb.type": model.embeddings.token_type_embeddings.weight,
        "emb.ln.b": model.embeddings.LayerNorm.bias,
        "l0.k.w": schicht.attention.self.key.weight,
        "l0.v.b": schicht.attention.self.value.bias,
        "l0.ao.w": schicht.attention.output.dense.weight,
        "l0.aln.w": schicht.attention.output.LayerNorm.weight,
        "l0.fi.w": schicht.intermediate.dense.weight,
        "l0.fo.w": schicht.output.dense.weight,
        "l0.oln.b": schicht.output.LayerNorm.bias,
    }
    for name, gewicht in orte.items():
        np.testing.assert_allclose(
            gewicht.detach().numpy(), soll[name], rtol=1e-3, atol=1e-4, err_msg=name
        )


def test_e5_tokenizer(kleines_e5):
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(kleines_e5[0])
    # Umbruch und Blanks werden ein Blank, „a“ + Trema wird „ä“, Steuerzeichen verschwinden
    assert tokenizer("ab \n\tc\x07d a\u0308")["input_ids"] == [0, 5, 4, 6, 7, 8, 2]
    assert tokenizer("ab", "d")["input_ids"] == [0, 5, 2, 2, 4, 7, 2]
    assert tokenizer("ab Q")["input_ids"] == [0, 5, 4, 3, 2]
    assert list(tokenizer("ab")) == ["input_ids", "attention_mask"]
    assert (tokenizer.pad_token_id, tokenizer.mask_token_id, tokenizer.model_max_length) == (
        1,
        9,
        POSITIONEN,
    )
    assert tokenizer.decode([0, 5, 6, 8, 2], skip_special_tokens=True) == "abc ä"


def test_e5_als_sentence_transformer(kleines_e5):
    import torch
    from sentence_transformers import SentenceTransformer

    satz = SentenceTransformer(str(kleines_e5[0]), device="cpu")
    kurz, beide = satz.encode(["ab"]), satz.encode(["ab", "ab c d c d c d"])
    assert beide.shape == (2, HIDDEN)
    np.testing.assert_allclose(np.linalg.norm(beide, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(beide[0], kurz[0], atol=1e-5, err_msg="Padding darf nicht mitzählen")
    with torch.no_grad():
        zustaende = (
            satz[0].auto_model(torch.tensor([[0, 5, 2]])).last_hidden_state[0].mean(0).numpy()
        )
    np.testing.assert_allclose(kurz[0], zustaende / np.linalg.norm(zustaende), atol=1e-5)


def test_e5_jede_abgeschnittene_datei_faellt_auf(tmp_path):
    roh, _ = e5_datei()
    datei = tmp_path / "klein.bin"
    for laenge in [0, 3, 4, 20, *range(40, len(roh), len(roh) // 150), len(roh) - 1]:
        datei.write_bytes(roh[:laenge])
        with pytest.raises(Beschaedigt):
            e5.lies(datei)
            pytest.fail(f"{laenge} von {len(roh)} Bytes wurden angenommen")
    datei.write_bytes(roh)
    assert len(e5.lies(datei)[2]) == 21


@pytest.mark.parametrize(
    ("verfaelsche", "grund"),
    [
        (lambda roh: b"E5S2" + roh[4:], "E5S1"),
        (lambda roh: roh[:8] + struct.pack("<i", 40) + roh[12:], "unmögliche Maße"),
        (lambda roh: roh[:8] + struct.pack("<i", 64) + roh[12:], "passen nicht zur Form"),
        (lambda roh: roh[:24] + struct.pack("<i", 5) + roh[28:], "unmögliches Vokabular"),
        (lambda roh: roh.replace(b"l0.q.w", b"l9.q.w"), "unbekannter Tensor"),
        (lambda roh: roh.replace("▁ab".encode(), b"\xff\xffaab"), "kein UTF-8"),
        (
            lambda roh: e5_datei(lambda name, w: None if name == "l0.v.b" else w)[0],
            "es fehlen 1 Tensoren",
        ),
        (
            lambda roh: e5_datei(lambda name, w: w * np.inf if name == "emb.pos" else w)[0],
            "unendliche",
        ),
        (lambda roh: e5_datei(block=64)[0], "unmögliche Maße"),
    ],
)
def test_e5_verfaelschte_datei_nennt_den_grund(tmp_path, verfaelsche, grund):
    datei = tmp_path / "klein.bin"
    datei.write_bytes(verfaelsche(e5_datei()[0]))
    with pytest.raises(Beschaedigt, match=grund):
        e5.lies(datei)


# --- Aufsatz: das winzige e5 plus das Gelernte ----------------------------------------------------

BLEIBT = [0, 1, 2, 3, 4, 5, 6, 8, 9]  # ohne „d“
RANG = 2
GEAENDERT = "bert.encoder.layer.0.attention.self.query.weight"
ERSETZT = "bert.encoder.layer.0.output.dense.bias"
KLASSEN = {"id2label": {"0": "O", "1": "B-LOC"}, "label2id": {"O": 0, "B-LOC": 1}}


def kleiner_aufsatz(ordner: Path, zeichen=None, **aendere) -> tuple[Path, dict[str, np.ndarray]]:
    """Ein Aufsatz mit Kopf; `aendere` ersetzt Gewichte (None lässt weg)."""
    zufall = np.random.default_rng(3)
    gewichte = {
        "stuecke": np.array(BLEIBT),
        f"{GEAENDERT}.a": zufall.normal(0, 0.3, (RANG, HIDDEN)),
        f"{GEAENDERT}.b": zufall.normal(0, 0.3, (HIDDEN, RANG)),
        ERSETZT: zufall.normal(0, 0.3, HIDDEN),
        "classifier.weight": zufall.normal(0, 0.3, (2, HIDDEN)),
        "classifier.bias": np.array([0.5, -0.5]),
    } | aendere
    gewichte = {name: w for name, w in gewichte.items() if w is not None}
    angaben = {"config": {"architectures": ["BertForTokenClassification"], **KLASSEN}}
    aufsatz.schreibe_aufsatz(ordner, gewichte, angaben | ({"zeichen": zeichen} if zeichen else {}))
    return ordner, gewichte


def test_aufsatz_rechnet_basis_und_gelerntes_zusammen(kleines_e5, tmp_path):
    import torch
    from transformers import AutoModelForTokenClassification, AutoTokenizer

    basis, soll = kleines_e5
    ordner, neu = kleiner_aufsatz(tmp_path / "aufsatz")
    ziel = tmp_path / "fertig"
    ziel.mkdir()
    aufsatz.wandle_um([basis, ordner], ziel, lambda text: None)
    model, bericht = AutoModelForTokenClassification.from_pretrained(ziel, output_loading_info=True)
    assert not bericht["missing_keys"] and not bericht["unexpected_keys"]
    assert model.config.id2label == {0: "O", 1: "B-LOC"} and str(model.dtype) == "torch.float32"
    ist = {name: werte.numpy() for name, werte in model.state_dict().items()}
    np.testing.assert_allclose(ist[aufsatz.WORTMATRIX], soll["emb.word"][BLEIBT], atol=1e-3)
    summe = soll["l0.q.w"] + neu[f"{GEAENDERT}.b"] @ neu[f"{GEAENDERT}.a"]
    np.testing.assert_allclose(ist[GEAENDERT], summe, atol=2e-3)
    np.testing.assert_allclose(ist[ERSETZT], neu[ERSETZT], atol=1e-3)
    np.testing.assert_allclose(
        ist["bert.encoder.layer.0.output.dense.weight"], soll["l0.fo.w"], atol=1e-3
    )
    np.testing.assert_allclose(ist["classifier.weight"], neu["classifier.weight"], atol=1e-3)

    tokenizer, voll = AutoTokenizer.from_pretrained(ziel), AutoTokenizer.from_pretrained(basis)
    stuecke = tokenizer("ab c ä")["input_ids"]
    assert [BLEIBT[i] for i in stuecke] == voll("ab c ä")["input_ids"]
    assert tokenizer("d").tokens() == ["<s>", "▁", "d", "</s>"]
    assert tokenizer("d")["input_ids"][2] == tokenizer.unk_token_id == 3
    assert tokenizer("<mask>d", add_special_tokens=False).tokens()[0] == "<mask>"
    assert model(**tokenizer("ab", return_tensors="pt")).logits.shape == torch.Size([1, 3, 2])


def test_aufsatz_benennt_zeichen_um(kleines_e5, tmp_path):
    from transformers import AutoTokenizer

    zeichen = {"<mask>": "[MASK]", "<s>": "[CLS]", "</s>": "[SEP]", "<pad>": "[PAD]"}
    ordner, _ = kleiner_aufsatz(tmp_path / "aufsatz", zeichen)
    ziel = tmp_path / "fertig"
    ziel.mkdir()
    aufsatz.wandle_um([kleines_e5[0], ordner], ziel, lambda text: None)
    tokenizer = AutoTokenizer.from_pretrained(ziel)
    assert (tokenizer.mask_token, tokenizer.cls_token, tokenizer.unk_token) == (
        "[MASK]", "[CLS]", "<unk>",
    )  # fmt: skip
    nummern = tokenizer("ab [MASK]c", "ä")["input_ids"]
    # hinter der Maske beginnt kein neues Wort: „c“, nicht „▁c“
    namen = ["[CLS]", "▁ab", "[MASK]", "c", "[SEP]", "[SEP]", "▁ä", "[SEP]"]
    assert tokenizer.convert_ids_to_tokens(nummern) == namen
    assert nummern[2] == BLEIBT.index(9)


@pytest.mark.parametrize(
    ("aendere", "grund"),
    [
        ({"stuecke": np.array([0, 1, 2, 4])}, "das besondere Zeichen 3 fehlt"),
        ({"stuecke": np.array([0, 1, 2, 3, 99])}, "passt nicht zum Tokenizer"),
        ({"stuecke": np.array([0, 1, 3, 2, 9])}, "passt nicht zum Tokenizer"),
        ({f"{GEAENDERT}.b": None}, f"die Änderung von {GEAENDERT} passt nicht"),
        ({f"{GEAENDERT}.a": np.zeros((RANG, HIDDEN + 1))}, "passt nicht zur Basis"),
        ({ERSETZT: np.zeros(HIDDEN + 1)}, "hat die Form"),
    ],
)
def test_aufsatz_passt_nicht_zur_basis(kleines_e5, tmp_path, aendere, grund):
    ordner, _ = kleiner_aufsatz(tmp_path / "aufsatz", **aendere)
    ziel = tmp_path / "fertig"
    ziel.mkdir()
    with pytest.raises(Beschaedigt, match=grund):
        aufsatz.wandle_um([kleines_e5[0], ordner], ziel, lambda text: None)


def test_aufsatz_abgeschnitten(kleines_e5, tmp_path):
    ordner, _ = kleiner_aufsatz(tmp_path / "aufsatz")
    datei = ordner / "aufsatz.safetensors"
    datei.write_bytes(datei.read_bytes()[:-1])
    with pytest.raises(Beschaedigt, match="müsste aber"):
        aufsatz.wandle_um([kleines_e5[0], ordner], tmp_path, lambda text: None)
    (ordner / "aufsatz.json").unlink()
    with pytest.raises(Beschaedigt):
        aufsatz.wandle_um([kleines_e5[0], ordner], tmp_path, lambda text: None)


# --- Die anderen Umwandler ------------------------------------------------------------------------


@pytest.fixture
def kleiner_uebersetzer(tmp_path):
    """Ein ungelerntes Marian-Modell mit drei Sprachen, wie `trainiere_uebersetzer.py` es sichert."""
    import sentencepiece
    from transformers import MarianConfig, MarianMTModel

    ordner = tmp_path / "uebersetzer"
    ordner.mkdir()
    with open(ordner / "source.spm", "wb") as datei:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(["der hund bellt laut", "die katze schläft"] * 20),
            model_writer=datei, vocab_size=20, bos_id=-1, unk_id=1, eos_id=0, minloglevel=2,
        )  # fmt: skip
    (ordner / "target.spm").write_bytes((ordner / "source.spm").read_bytes())
    spm = sentencepiece.SentencePieceProcessor(model_file=str(ordner / "source.spm"))
    stuecke = [spm.id_to_piece(i) for i in range(20)] + ["<de>", "<en>", "<fr>", "<pad>"]
    (ordner / "vocab.json").write_text(
        json.dumps({stueck: i for i, stueck in enumerate(stuecke)}), encoding="utf-8"
    )
    (ordner / "tokenizer_config.json").write_text('{"model_max_length": 9}', encoding="utf-8")
    MarianMTModel(
        MarianConfig(
            vocab_size=24, d_model=8, encoder_layers=1, decoder_layers=1, encoder_ffn_dim=8,
            decoder_ffn_dim=8, encoder_attention_heads=2, decoder_attention_heads=2,
            max_position_embeddings=16, pad_token_id=23, eos_token_id=0, decoder_start_token_id=21,
            forced_eos_token_id=None,
        )
    ).save_pretrained(ordner)  # fmt: skip
    return ordner


def richtung(tmp_path, von: str, nach: str):
    ordner, ziel = tmp_path / f"{von}-{nach}", tmp_path / f"fertig-{von}-{nach}"
    ordner.mkdir()
    ziel.mkdir()
    (ordner / "aufsatz.json").write_text(json.dumps({"sprachen": [von, nach]}), encoding="utf-8")
    return ordner, ziel


def test_marian_richtung_ist_das_erste_token_des_decoders(kleiner_uebersetzer, tmp_path):
    from transformers import MarianMTModel, MarianTokenizer

    for von, nach, nummer in (("de", "en", 21), ("en", "de", 20), ("de", "fr", 22)):
        ordner, ziel = richtung(tmp_path, von, nach)
        marian.wandle_um([kleiner_uebersetzer, ordner], ziel, lambda text: None)
        model, bericht = MarianMTModel.from_pretrained(ziel, output_loading_info=True)
        assert not bericht["missing_keys"] and not bericht["unexpected_keys"]
        tokenizer = MarianTokenizer.from_pretrained(ziel)
        assert (tokenizer.source_lang, tokenizer.target_lang) == (von, nach)
        eingabe = tokenizer(["der hund bellt"], return_tensors="pt")
        assert (
            tokenizer.decode(eingabe["input_ids"][0], skip_special_tokens=True) == "der hund bellt"
        )
        erzeugt = model.generate(**eingabe, max_new_tokens=2, do_sample=False)
        assert erzeugt[0, 0] == nummer


def test_marian_beschaedigt(kleiner_uebersetzer, tmp_path):
    ordner, ziel = richtung(tmp_path, "de", "it")
    with pytest.raises(Beschaedigt, match="kennt die Sprache it nicht"):
        marian.wandle_um([kleiner_uebersetzer, ordner], ziel, lambda text: None)
    ordner, ziel = richtung(tmp_path, "de", "en")
    gewichte = kleiner_uebersetzer / "model.safetensors"
    inhalt = gewichte.read_bytes()
    gewichte.write_bytes(inhalt[:-5])
    with pytest.raises(Beschaedigt, match="müsste aber"):
        marian.wandle_um([kleiner_uebersetzer, ordner], ziel, lambda text: None)
    (kleiner_uebersetzer / "source.spm").unlink()
    with pytest.raises(Beschaedigt, match="source.spm fehlt"):
        marian.wandle_um([kleiner_uebersetzer, ordner], ziel, lambda text: None)


def test_abgeschnittene_gewichte(tmp_path):
    from safetensors.numpy import save_file

    gewichte = tmp_path / "model.safetensors"
    save_file({"a": np.ones((4, 4), np.float32)}, gewichte)
    pruefe_safetensors(gewichte)
    roh = gewichte.read_bytes()
    for laenge in (0, 5, 20, len(roh) - 1):
        gewichte.write_bytes(roh[:laenge])
        with pytest.raises(Beschaedigt, match="model.safetensors"):
            pruefe_safetensors(gewichte)


@pytest.fixture(scope="module")
def ungelernt():
    return efficientnet.efficientnet_lite0(weights=None)


def test_efficientnet_hat_die_architektur(ungelernt):
    import keras

    assert (
        ungelernt.count_params() == 4_694_024
    )  # 4.652.008 lernbare und die Statistik der BatchNorm
    assert sum(int(np.prod(w.shape)) for w in ungelernt.trainable_weights) == 4_652_008
    assert ungelernt.output_shape == (None, 1000)
    ohne_kopf = efficientnet.efficientnet_lite0((96, 96, 3), include_top=False, weights=None)
    assert ohne_kopf.output_shape == (None, 3, 3, 1280)
    assert not any(isinstance(layer, keras.layers.Dense) for layer in ohne_kopf.layers)


def test_efficientnet_gewichte_werden_vollstaendig_uebertragen(ungelernt, tmp_path):
    """Rückwärts nach PyTorch, vorwärts durch den Umwandler: Jedes Gewicht kommt an seinen Platz."""
    zufall = np.random.default_rng(5)
    wie_torch, soll = {}, {}
    paare = efficientnet_umwandler._paare()
    zurueck = {keras: torch for torch, keras in efficientnet_umwandler.BATCH_NORM.items()}
    for layer in ungelernt.layers:
        for gewicht in layer.weights:
            werte = zufall.normal(size=gewicht.shape).astype(np.float32)
            soll[f"{layer.name}/{gewicht.name}"] = werte
            if layer.name == "predictions":
                name = {"kernel": "_fc.weight", "bias": "_fc.bias"}[gewicht.name]
                wie_torch[name] = werte.T
            elif gewicht.name in zurueck:
                wie_torch[f"{paare[layer.name]}.{zurueck[gewicht.name]}"] = werte
            else:
                achsen = (2, 3, 0, 1) if layer.name.endswith("dwconv") else (3, 2, 0, 1)
                wie_torch[f"{paare[layer.name]}.weight"] = werte.transpose(achsen)
    assert len(wie_torch) == 247
    ist = efficientnet_umwandler.uebertrage({**wie_torch, "_bn0.num_batches_tracked": np.array(1)})
    assert set(ist) == set(soll)
    for name, werte in soll.items():
        np.testing.assert_array_equal(ist[name], werte, err_msg=name)
    np.savez(tmp_path / "gewichte.npz", **ist)
    efficientnet._setze_gewichte(ungelernt, tmp_path / "gewichte.npz")
    np.testing.assert_array_equal(
        ungelernt.get_layer("block4b_bn").get_weights()[2], soll["block4b_bn/moving_mean"]
    )

    ohne = {name: werte for name, werte in wie_torch.items() if name != "_blocks.3._bn1.bias"}
    with pytest.raises(Beschaedigt, match=r"_blocks\.3\._bn1\.bias"):
        efficientnet_umwandler.uebertrage(ohne)
    with pytest.raises(Beschaedigt, match="unerwartete Gewichte, etwa _se"):
        efficientnet_umwandler.uebertrage({**wie_torch, "_se": np.zeros(1)})


def test_efficientnet_unlesbare_datei(tmp_path):
    datei = tmp_path / "gewichte.pth"
    boese = pickle.dumps(SimpleNamespace(a=1))
    for roh in (b"", b"kein pth", b"PK\x03\x04 halb", boese):
        datei.write_bytes(roh)
        with pytest.raises(Beschaedigt, match=r"gewichte\.pth ist nicht lesbar"):
            efficientnet_umwandler.wandle_um([datei], tmp_path, lambda text: None)


def test_gemma_namen_und_teile(tmp_path):
    assert (
        gemma.name_im_modell("blk.12.attn_q_norm.weight")
        == "model.layers.12.self_attn.q_norm.weight"
    )
    assert gemma.name_im_modell("token_embd.weight") == "model.embed_tokens.weight"
    with pytest.raises(Beschaedigt, match="unbekannter Tensor"):
        gemma.name_im_modell("blk.0.attn_sinks.weight")
    for i, teil in enumerate((b"erster ", b"zweiter")):
        (tmp_path / f"x.gguf.part0{i}").write_bytes(teil)
    teile = sorted(tmp_path.glob("*.part*"))
    gemma.fuege_zusammen(teile, tmp_path / "ganz", hashlib.sha256(b"erster zweiter").hexdigest())
    assert (tmp_path / "ganz").read_bytes() == b"erster zweiter"
    with pytest.raises(Beschaedigt, match="Prüfsumme"):
        gemma.fuege_zusammen(
            teile[:1], tmp_path / "ganz", hashlib.sha256(b"erster zweiter").hexdigest()
        )


def gguf_datei(pfad: Path, schichten: int = 1, fehlend: str = "") -> dict[str, np.ndarray]:
    """Ein winziges Gemma 3 als GGUF, mit einer q8_0-Matrix. Rückgabe: die Werte der Datei."""
    import gguf

    zufall = np.random.default_rng(2)
    formen = {"token_embd.weight": (8, 64), "output_norm.weight": (64,)}
    for i in range(schichten):
        formen |= {
            f"blk.{i}.attn_q.weight": (64, 64), f"blk.{i}.attn_k.weight": (32, 64),
            f"blk.{i}.attn_v.weight": (32, 64), f"blk.{i}.attn_output.weight": (64, 64),
            f"blk.{i}.ffn_gate.weight": (96, 64), f"blk.{i}.ffn_up.weight": (96, 64),
            f"blk.{i}.ffn_down.weight": (64, 96), f"blk.{i}.attn_q_norm.weight": (32,),
            f"blk.{i}.attn_k_norm.weight": (32,),
        }  # fmt: skip
        for norm in ("attn_norm", "post_attention_norm", "ffn_norm", "post_ffw_norm"):
            formen[f"blk.{i}.{norm}.weight"] = (64,)
    schreiber = gguf.GGUFWriter(pfad, "gemma3")
    for name, wert in {
        "embedding_length": 64, "feed_forward_length": 96, "block_count": schichten,
        "context_length": 32,
        "attention.head_count": 2, "attention.head_count_kv": 1, "attention.key_length": 32,
        "attention.sliding_window": 16,
    }.items():  # fmt: skip
        schreiber.add_uint32(f"gemma3.{name}", wert)
    schreiber.add_float32("gemma3.attention.layer_norm_rms_epsilon", 1e-6)
    schreiber.add_float32("gemma3.rope.freq_base", 1e6)
    schreiber.add_token_list([f"t{i}" for i in range(8)])
    schreiber.add_bos_token_id(2)
    schreiber.add_eos_token_id(1)
    schreiber.add_pad_token_id(0)
    werte = {name: zufall.normal(1, 0.2, form).astype(np.float32) for name, form in formen.items()}
    for name, w in werte.items():
        if name == "token_embd.weight":
            q8 = gguf.GGMLQuantizationType.Q8_0
            schreiber.add_tensor(name, gguf.quantize(w, q8), raw_dtype=q8)
        elif name != fehlend:
            schreiber.add_tensor(name, w)
    schreiber.write_header_to_file()
    schreiber.write_kv_data_to_file()
    schreiber.write_tensors_to_file()
    schreiber.close()
    return werte


def test_gemma_gewichte_aus_einem_kleinen_gguf(tmp_path):
    from transformers import AutoModelForCausalLM

    werte = gguf_datei(tmp_path / "klein.gguf", schichten=2)
    ziel = tmp_path / "ziel"
    ziel.mkdir()
    gemma._schreibe_gewichte(tmp_path / "klein.gguf", ziel)
    model, bericht = AutoModelForCausalLM.from_pretrained(
        ziel, dtype="float32", output_loading_info=True
    )
    assert not bericht["missing_keys"] and not bericht["unexpected_keys"]
    assert (model.config.vocab_size, model.config.head_dim, model.config.sliding_window) == (
        8,
        32,
        16,
    )
    schicht = model.model.layers[1]
    paare = [
        (schicht.self_attn.k_proj.weight, werte["blk.1.attn_k.weight"]),
        (schicht.mlp.down_proj.weight, werte["blk.1.ffn_down.weight"]),
        (schicht.post_feedforward_layernorm.weight, werte["blk.1.post_ffw_norm.weight"] - 1),
        (schicht.self_attn.q_norm.weight, werte["blk.1.attn_q_norm.weight"] - 1),
        (model.model.norm.weight, werte["output_norm.weight"] - 1),
    ]
    for ist, soll in paare:
        np.testing.assert_allclose(ist.detach().numpy(), soll, atol=2e-3)
    einbettung = model.model.embed_tokens.weight.detach().numpy()
    np.testing.assert_allclose(einbettung, werte["token_embd.weight"], atol=0.02)  # q8_0


def test_gemma_beschaedigtes_gguf(tmp_path):
    datei, ziel = tmp_path / "klein.gguf", tmp_path / "ziel"
    ziel.mkdir()
    gguf_datei(datei, fehlend="blk.0.ffn_up.weight")
    with pytest.raises(Beschaedigt, match="14 Tensoren statt 15"):
        gemma._schreibe_gewichte(datei, ziel)
    gguf_datei(datei)
    roh = datei.read_bytes()
    for laenge in (0, 3, 100, 600, len(roh) // 2, len(roh) - 64):
        datei.write_bytes(roh[:laenge])
        with pytest.raises(Beschaedigt, match="GGUF-Datei"):
            gemma._schreibe_gewichte(datei, ziel)
    assert not list(ziel.glob("*.safetensors"))
