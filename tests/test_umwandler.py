"""Beantwortet: Liest jeder Umwandler sein Format richtig?

Die Dateien baut der Test selbst, winzig und unabhängig vom Umwandler. Dass die echten stimmen, prüft
test_modelle.py (`-m guete`).
"""

import json
from pathlib import Path

from kurs.modellbau import Beschaedigt, aufsatz, e5, lies_json, pruefe_safetensors, schreibe_json

import numpy as np
import pytest
from safetensors.numpy import save_file

# --- e5: Tokenizer und Ordner, an einem winzigen Modell -------------------------------------------

MASSE = {
    "hidden_size": 32,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 64,
    "vocab_size": 12,
    "max_position_embeddings": 16,
}
STUECKE = ["<s>", "<pad>", "</s>", "<unk>", "▁", "▁ab", "c", "d", "▁ä", "<mask>"]
WERTE = [0, 0, 0, 0, -3, -1, -2, -2.5, -2, 0]


@pytest.fixture(scope="module")
def kleines_e5(tmp_path_factory):
    """Ein Ordner wie vom echten e5 und seine Gewichte; die 4-Bit-Datei selbst liest nur test_modelle.py."""
    from transformers import BertConfig, BertModel

    model = BertModel(BertConfig(**MASSE), add_pooling_layer=False)
    gewichte = {name: werte.half().numpy() for name, werte in model.state_dict().items()}
    nummern = {"bos": 0, "pad": 1, "eos": 2, "unk": 3}
    gelesen = MASSE, list(zip(STUECKE, WERTE)), nummern, dict(gewichte)
    ziel = tmp_path_factory.mktemp("e5 ü")
    with pytest.MonkeyPatch.context() as anders:
        anders.setattr(e5, "lies", lambda datei: gelesen)
        e5.wandle_um([Path("klein.bin")], ziel, lambda text: None)
    return ziel, gewichte


def lade_ganz(klasse, ordner):
    """Das Modell; jedes Gewicht der Datei hat darin seinen Platz und jeder Platz sein Gewicht."""
    model, bericht = klasse.from_pretrained(ordner, output_loading_info=True)
    assert not bericht["missing_keys"] and not bericht["unexpected_keys"]
    assert str(model.dtype) == "torch.float32"
    return model


def test_e5_tokenizer(kleines_e5):
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(kleines_e5[0])
    # Umbruch und Blanks werden ein Blank, „a“ + Trema wird „ä“, Steuerzeichen verschwinden
    assert tokenizer("ab \n\tc\x07d a\u0308")["input_ids"] == [0, 5, 4, 6, 7, 8, 2]
    assert tokenizer("ab", "d")["input_ids"] == [0, 5, 2, 2, 4, 7, 2]
    assert tokenizer("ab Q")["input_ids"] == [0, 5, 4, 3, 2]
    assert list(tokenizer("ab")) == ["input_ids", "attention_mask"]
    assert (tokenizer.pad_token_id, tokenizer.mask_token_id) == (1, 9)
    assert tokenizer.model_max_length == MASSE["max_position_embeddings"]
    assert tokenizer.decode([0, 5, 6, 8, 2], skip_special_tokens=True) == "abc ä"


def test_e5_als_sentence_transformer(kleines_e5):
    import torch
    from sentence_transformers import SentenceTransformer

    satz = SentenceTransformer(str(kleines_e5[0]), device="cpu")
    kurz, beide = satz.encode(["ab"]), satz.encode(["ab", "ab c d c d c d"])
    np.testing.assert_allclose(np.linalg.norm(beide, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(beide[0], kurz[0], atol=1e-5, err_msg="Padding darf nicht mitzählen")
    with torch.no_grad():
        zustaende = satz[0].auto_model(torch.tensor([[0, 5, 2]])).last_hidden_state[0]
    mittel = zustaende.mean(0).numpy()
    np.testing.assert_allclose(kurz[0], mittel / np.linalg.norm(mittel), atol=1e-5)


# --- Aufsatz: das winzige e5 plus das Gelernte ----------------------------------------------------

BLEIBT = [0, 1, 2, 3, 4, 5, 6, 8, 9]  # ohne „d“
RANG, BREITE = 2, MASSE["hidden_size"]
GEAENDERT = "bert.encoder.layer.0.attention.self.query"
ERSETZT = "bert.encoder.layer.0.output.dense.bias"
KLASSEN = {"id2label": {"0": "O", "1": "B-LOC"}, "label2id": {"O": 0, "B-LOC": 1}}


def test_aufsatz_rechnet_basis_und_gelerntes_zusammen(kleines_e5, tmp_path):
    from transformers import AutoModelForTokenClassification, AutoTokenizer

    basis, soll = kleines_e5
    zufall = np.random.default_rng(3)
    gewichte = {
        "stuecke": np.array(BLEIBT),
        f"{GEAENDERT}.lora_A.weight": zufall.normal(0, 0.3, (RANG, BREITE)),
        f"{GEAENDERT}.lora_B.weight": zufall.normal(0, 0.3, (BREITE, RANG)),
        ERSETZT: zufall.normal(0, 0.3, BREITE),
        "classifier.weight": zufall.normal(0, 0.3, (2, BREITE)),
        "classifier.bias": np.array([0.5, -0.5]),
    }
    ziel = tmp_path / "fertig"
    ziel.mkdir()
    (tmp_path / "aufsatz").mkdir()
    schlank = {
        f"base_model.model.{n}": w.astype("i4" if n == "stuecke" else "f2")
        for n, w in gewichte.items()
    }
    tokenizer = lies_json(basis / "tokenizer.json")
    del tokenizer["model"]["vocab"][7]
    tokenizer["added_tokens"][-1]["id"] = 8
    config = {"architectures": ["BertForTokenClassification"], "vocab_size": 9, **KLASSEN}
    eigener = tmp_path / "aufsatz"
    save_file(schlank, eigener / "adapter_model.safetensors")
    schreibe_json(eigener / "adapter_config.json", {"r": RANG, "lora_alpha": 2 * RANG})
    schreibe_json(eigener / "config.json", config)
    schreibe_json(eigener / "tokenizer.json", tokenizer)
    aufsatz.wandle_um([basis, eigener], ziel, lambda text: None)
    model = lade_ganz(AutoModelForTokenClassification, ziel)
    assert model.config.id2label == {0: "O", 1: "B-LOC"}
    ist = {name: werte.numpy() for name, werte in model.state_dict().items()}
    worte = soll["embeddings.word_embeddings.weight"]
    np.testing.assert_allclose(ist[aufsatz.WORTMATRIX], worte[BLEIBT], atol=1e-3)
    summe = (
        soll[f"{GEAENDERT.removeprefix('bert.')}.weight"]
        + 2 * gewichte[f"{GEAENDERT}.lora_B.weight"] @ gewichte[f"{GEAENDERT}.lora_A.weight"]
    )
    np.testing.assert_allclose(ist[f"{GEAENDERT}.weight"], summe, atol=4e-3)
    np.testing.assert_allclose(ist[ERSETZT], gewichte[ERSETZT], atol=1e-3)
    unberuehrt = "encoder.layer.0.output.dense.weight"
    np.testing.assert_allclose(ist[f"bert.{unberuehrt}"], soll[unberuehrt], atol=1e-3)
    np.testing.assert_allclose(ist["classifier.weight"], gewichte["classifier.weight"], atol=1e-3)

    tokenizer, voll = AutoTokenizer.from_pretrained(ziel), AutoTokenizer.from_pretrained(basis)
    stuecke = tokenizer("ab c ä")["input_ids"]
    assert [BLEIBT[i] for i in stuecke] == voll("ab c ä")["input_ids"]
    assert tokenizer("d").tokens() == ["<s>", "▁", "d", "</s>"]
    assert tokenizer("d")["input_ids"][2] == tokenizer.unk_token_id == 3
    assert model(**tokenizer("ab", return_tensors="pt")).logits.shape == (1, 3, 2)


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


def richtung(tmp_path, von: str, nach: str, nummer: int):
    ordner, ziel = tmp_path / f"{von}-{nach}", tmp_path / f"fertig-{von}-{nach}"
    ordner.mkdir()
    ziel.mkdir()
    for name in ("config", "generation_config"):
        schreibe_json(ordner / f"{name}.json", {"decoder_start_token_id": nummer})
    schreibe_json(ordner / "tokenizer_config.json", {"source_lang": von, "target_lang": nach})
    return ordner, ziel


def test_marian_richtung_ist_das_erste_token_des_decoders(kleiner_uebersetzer, tmp_path):
    from transformers import MarianMTModel, MarianTokenizer

    for von, nach, nummer in (("de", "en", 21), ("en", "de", 20), ("de", "fr", 22)):
        ordner, ziel = richtung(tmp_path, von, nach, nummer)
        aufsatz.wandle_um([kleiner_uebersetzer, ordner], ziel, lambda text: None)
        tokenizer = MarianTokenizer.from_pretrained(ziel)
        assert (tokenizer.source_lang, tokenizer.target_lang) == (von, nach)
        eingabe = tokenizer(["der hund bellt"], return_tensors="pt")
        assert (
            tokenizer.decode(eingabe["input_ids"][0], skip_special_tokens=True) == "der hund bellt"
        )
        model = lade_ganz(MarianMTModel, ziel)
        assert model.generate(**eingabe, max_new_tokens=2, do_sample=False)[0, 0] == nummer


def test_abgeschnittene_gewichte(tmp_path):
    gewichte = tmp_path / "model.safetensors"
    save_file({"a": np.ones((4, 4), np.float32)}, gewichte)
    pruefe_safetensors(gewichte)
    roh = gewichte.read_bytes()
    for laenge in (0, 5, 20, len(roh) - 1):
        gewichte.write_bytes(roh[:laenge])
        with pytest.raises(Beschaedigt, match="model.safetensors"):
            pruefe_safetensors(gewichte)
