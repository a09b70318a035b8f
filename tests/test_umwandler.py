"""Beantwortet: Liest jeder Umwandler sein Format richtig?

Die Dateien baut der Test selbst, winzig und unabhängig vom Umwandler. Dass die echten stimmen, prüft
test_modelle.py (`-m guete`).
"""

import json
import struct
from pathlib import Path

from kurs.modellbau import Beschaedigt, aufsatz, e5, efficientnet, gemma, marian, pruefe_safetensors

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


def e5_datei() -> tuple[bytes, dict[str, np.ndarray]]:
    """Eine E5S1-Datei mit einer Schicht, und was darin steht."""
    zufall = np.random.default_rng(1)
    formen = {"emb.word": (VOKABULAR, HIDDEN), "emb.pos": (POSITIONEN, HIDDEN)}
    formen |= {"emb.type": (2, HIDDEN), "emb.ln.w": (HIDDEN,), "emb.ln.b": (HIDDEN,)}
    for kurz in ("q", "k", "v", "ao", "fi", "fo", "aln", "oln"):
        aus, ein = (FF if kurz == "fi" else HIDDEN), (FF if kurz == "fo" else HIDDEN)
        formen[f"l0.{kurz}.w"] = (aus,) if kurz.endswith("ln") else (aus, ein)
        formen[f"l0.{kurz}.b"] = (aus,)
    masse = (HIDDEN, 1, 2, FF, VOKABULAR, POSITIONEN, 2, 1e-12, 32)
    kopf = b"E5S1" + struct.pack("<I7ifi", 1, *masse)
    text = [stueck.encode() for stueck in STUECKE]
    kopf += struct.pack("<5iQ", len(STUECKE), 0, 2, 1, 3, sum(map(len, text)))
    kopf += np.cumsum([0, *map(len, text)]).astype("<u4").tobytes()
    kopf += np.array([0, 0, 0, 0, -3, -1, -2, -2.5, -2, 0], "<f4").tobytes() + b"".join(text)
    kopf += struct.pack("<iI", 1, 9) + struct.pack("<IBI", 0xFB01, 1, 0x66)
    tensoren, soll = [], {}
    for name, form in formen.items():
        werte = zufall.normal(0, 0.2, form).astype(np.float32)
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


@pytest.fixture(scope="module")
def kleines_e5(tmp_path_factory):
    roh, soll = e5_datei()
    quelle, ziel = tmp_path_factory.mktemp("quelle") / "klein.bin", tmp_path_factory.mktemp("e5 ü")
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
    assert (tokenizer.pad_token_id, tokenizer.mask_token_id) == (1, 9)
    assert tokenizer.model_max_length == POSITIONEN
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


# --- Aufsatz: das winzige e5 plus das Gelernte ----------------------------------------------------

BLEIBT = [0, 1, 2, 3, 4, 5, 6, 8, 9]  # ohne „d“
RANG = 2
GEAENDERT = "bert.encoder.layer.0.attention.self.query.weight"
ERSETZT = "bert.encoder.layer.0.output.dense.bias"
KLASSEN = {"id2label": {"0": "O", "1": "B-LOC"}, "label2id": {"O": 0, "B-LOC": 1}}


def kleiner_aufsatz(ordner: Path, **aendere) -> tuple[Path, dict[str, np.ndarray]]:
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
    aufsatz.schreibe_aufsatz(ordner, gewichte, angaben)
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
    with pytest.raises(Beschaedigt, match="abgeschnitten"):
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
    with pytest.raises(Beschaedigt, match="abgeschnitten"):
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


def test_efficientnet_hat_die_architektur_und_bekommt_seine_gewichte(tmp_path):
    """Rückwärts nach PyTorch, vorwärts durch den Umwandler: Jedes Gewicht kommt an seinen Platz."""
    import torch

    model = efficientnet.efficientnet_lite0(None)
    assert sum(int(np.prod(w.shape)) for w in model.trainable_weights) == 4_652_008
    assert model.output_shape == (None, 1000)
    zufall, wie_torch = np.random.default_rng(5), {"_bn0.num_batches_tracked": torch.tensor(1)}
    soll = [zufall.normal(size=w.shape).astype(np.float32) for w in model.weights]
    for nummer, (gewicht, werte) in enumerate(zip(model.weights, soll)):
        if werte.ndim == 4:
            je_kanal = "dwconv" in gewicht.path
            werte = werte.transpose((2, 3, 0, 1) if je_kanal else (3, 2, 0, 1))
        wie_torch[f"gewicht{nummer}"] = torch.tensor(werte.T.copy() if werte.ndim == 2 else werte)
    torch.save(wie_torch, tmp_path / "gewichte.pth")
    efficientnet.wandle_um([tmp_path / "gewichte.pth"], tmp_path, lambda text: None)
    for ist, werte in zip(efficientnet.efficientnet_lite0(tmp_path).get_weights(), soll):
        np.testing.assert_array_equal(ist, werte)
    ohne_kopf = efficientnet.efficientnet_lite0(tmp_path, (96, 96, 3), include_top=False)
    assert ohne_kopf.output_shape == (None, 3, 3, 1280)
    for ist, werte in zip(ohne_kopf.get_weights(), soll):
        np.testing.assert_array_equal(ist, werte)


def test_gemma_namen():
    name = gemma.name_im_modell("blk.12.attn_q_norm.weight")
    assert name == "model.layers.12.self_attn.q_norm.weight"
    assert gemma.name_im_modell("token_embd.weight") == "model.embed_tokens.weight"
