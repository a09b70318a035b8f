"""Trainiert den Übersetzer `data/modelle/uebersetzer`: ein MarianMTModel für de↔en und de↔fr.

Aufruf     python trainiere_uebersetzer.py REALDATEN [SCHRITTE]
           Ergebnis in ausgabe/uebersetzer, alle SICHERN_ALLE Schritte; wie gut es ist, rechnet
           `miss_modelle.py` nach.
Daten      Tatoeba, deutsch–englisch (CC BY 2.0 FR), ohne den Messteil (`uebersetzung.py`);
           Multi30k, deutsch–französisch (Bildunterschriften; Lizenz der Texte nicht angegeben);
           franzoesisch.csv, eigene Satzpaare
Dauer      siehe Modellkarte

Ein Modell kann alle vier Richtungen: Die Zielsprache sagt das Token, mit dem der Decoder beginnt
(`<de>`, `<en>`, `<fr>`). Die Wortvektoren beginnen bei denen von e5 (MIT), auf 256 Achsen verdichtet:
„Hund“, „dog“ und „chien“ liegen dort schon vor dem ersten Schritt beieinander.
"""

import json
import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from kurs.kern.pfade import AUSGABE

import sentencepiece
import torch
from namen import originale
from niedrigrang import sichere_halb, verdichtete_wortvektoren
from torch.nn.functional import cross_entropy
from transformers import MarianConfig, MarianMTModel
from uebersetzung import lies_satzpaare

SEED = 42
SCHRITTE = 8_000
TOKEN_JE_STAPEL = 1_600  # Ziel-Token, einschließlich Auffüllung
LEARNING_RATE = 1e-3
WARMUP, ABKUEHLEN = 500, 0.25  # Schritte; Anteil am Ende, in dem die Lernrate auf 0 sinkt
WORTSCHATZ = 8_000
LAENGSTE = 60  # Wortstücke je Satz
ANTEILE = {("de", "en"): 0.38, ("en", "de"): 0.38, ("de", "fr"): 0.12, ("fr", "de"): 0.12}
SICHERN_ALLE = 500
ZIEL = AUSGABE / "uebersetzer"


def baue_wortschatz(saetze: list[str]) -> dict[str, int]:
    """Ein gemeinsamer Wortschatz für die drei Sprachen: source.spm, target.spm, vocab.json."""
    ZIEL.mkdir(parents=True, exist_ok=True)
    with open(ZIEL / "source.spm", "wb") as datei:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(saetze), model_writer=datei, vocab_size=WORTSCHATZ,
            model_type="unigram", character_coverage=0.9999, bos_id=-1, unk_id=1, eos_id=0,
            byte_fallback=False, seed_sentencepiece_size=300_000, minloglevel=2, num_threads=1,
        )  # fmt: skip
    (ZIEL / "target.spm").write_bytes((ZIEL / "source.spm").read_bytes())
    spm = sentencepiece.SentencePieceProcessor(model_file=str(ZIEL / "source.spm"))
    stuecke = [spm.id_to_piece(nummer) for nummer in range(spm.get_piece_size())]
    stuecke += ["<de>", "<en>", "<fr>", "<pad>"]
    vocab = {stueck: nummer for nummer, stueck in enumerate(stuecke)}
    (ZIEL / "vocab.json").write_text(json.dumps(vocab, ensure_ascii=False), encoding="utf-8")
    angaben = {
        "source_lang": "de",
        "target_lang": "en",
        "model_max_length": 128,
        "tokenizer_class": "MarianTokenizer",
        "additional_special_tokens": ["<de>", "<en>", "<fr>"],  # decode() lässt sie weg
    }
    (ZIEL / "tokenizer_config.json").write_text(json.dumps(angaben), encoding="utf-8")
    return vocab


def baue_modell(vocab: dict[str, int]) -> MarianMTModel:
    torch.manual_seed(SEED)
    pad = vocab["<pad>"]
    config = MarianConfig(
        vocab_size=len(vocab), d_model=256, encoder_layers=3, decoder_layers=2,
        encoder_attention_heads=4, decoder_attention_heads=4, encoder_ffn_dim=1024,
        decoder_ffn_dim=1024, max_position_embeddings=128, activation_function="silu",
        dropout=0.0, attention_dropout=0.0, scale_embedding=True, static_position_embeddings=True,
        pad_token_id=pad, eos_token_id=vocab["</s>"], decoder_start_token_id=vocab["<en>"],
        forced_eos_token_id=None, tie_word_embeddings=True, share_encoder_decoder_embeddings=True,
    )  # fmt: skip
    config._attn_implementation = "eager"  # bei so kurzen Sätzen schneller
    model = MarianMTModel(config)
    vektoren = verdichtete_wortvektoren(
        [stueck.replace("▁", " ") for stueck in vocab], config.d_model, config.d_model**-0.5
    )
    with torch.no_grad():
        model.model.shared.weight[2:-4] = vektoren[2:-4]  # ohne die besonderen Zeichen
    return model


def stapel_folge(paare: list[tuple[list[int], list[int]]], zufall: random.Random):
    """Endlos Stapel aus etwa gleich langen Satzpaaren mit höchstens TOKEN_JE_STAPEL Ziel-Token."""
    while True:
        zufall.shuffle(paare)
        for i in range(0, len(paare), 6_000):
            block = sorted(paare[i : i + 6_000], key=lambda p: (len(p[1]), len(p[0])))
            alle, stapel = [], []
            for paar in block:
                if stapel and (len(stapel) + 1) * max(len(paar[1]), len(paar[0])) > TOKEN_JE_STAPEL:
                    alle.append(stapel)
                    stapel = []
                stapel.append(paar)
            alle.append(stapel)
            zufall.shuffle(alle)
            yield from alle


def fuelle(zeilen: list[list[int]], wert: int) -> torch.Tensor:
    laenge = max(map(len, zeilen))
    return torch.tensor([zeile + [wert] * (laenge - len(zeile)) for zeile in zeilen])


def verlust_eines_stapels(model, vocab, ziel: str, stapel) -> torch.Tensor:
    pad = vocab["<pad>"]
    quelle = fuelle([paar[0] for paar in stapel], pad)
    labels = fuelle([paar[1] for paar in stapel], -100)
    anfang = torch.full((len(stapel), 1), vocab[f"<{ziel}>"])
    bisher = torch.cat([anfang, labels[:, :-1].masked_fill(labels[:, :-1] == -100, pad)], dim=1)
    with torch.autocast("cpu", torch.bfloat16):  # halb so genau, doppelt so schnell
        zustand = model.model(
            input_ids=quelle, attention_mask=(quelle != pad).long(), decoder_input_ids=bisher,
            use_cache=False,
        ).last_hidden_state  # fmt: skip
        echt = labels != -100
        logits = model.lm_head(zustand[echt]).float()
    return cross_entropy(logits, labels[echt])


def sichere(model) -> None:
    """Gewichte in halber Genauigkeit, daneben geschrieben und umbenannt."""
    daneben = ZIEL.with_name(ZIEL.name + ".neu")
    sichere_halb(model, daneben)
    for datei in daneben.iterdir():
        datei.replace(ZIEL / datei.name)
    daneben.rmdir()


def main() -> None:
    schritte = int(sys.argv.pop(2)) if len(sys.argv) > 2 else SCHRITTE
    satzpaare, _ = lies_satzpaare(originale())
    alle = [satz for paare in satzpaare.values() for paar in paare for satz in paar]
    random.Random(SEED).shuffle(alle)
    vocab = baue_wortschatz(alle)
    model = baue_modell(vocab)
    spm = sentencepiece.SentencePieceProcessor(model_file=str(ZIEL / "source.spm"))
    folgen = {}
    for nummer, (richtung, _anteil) in enumerate(ANTEILE.items()):
        von, nach = richtung
        paare = satzpaare.get((von, nach)) or [(b, a) for a, b in satzpaare[(nach, von)]]
        quelle, ziel = (spm.encode([paar[i] for paar in paare], add_eos=True) for i in (0, 1))
        kurz = [p for p in zip(quelle, ziel) if max(map(len, p)) <= LAENGSTE]
        folgen[richtung] = stapel_folge(kurz, random.Random(SEED + nummer))
        print(f"{von}→{nach}: {len(kurz):,} Satzpaare", flush=True)
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=LEARNING_RATE, betas=(0.9, 0.98), weight_decay=0.01, fused=True
    )
    print(f"{model.num_parameters():,} Gewichte", flush=True)

    def faktor(schritt: int) -> float:
        return min(1.0, (schritt + 1) / WARMUP, (schritte - schritt) / (ABKUEHLEN * schritte))

    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, faktor)
    zufall, beginn, summe, token = random.Random(SEED), time.monotonic(), 0.0, 0
    model.train()
    for schritt in range(1, schritte + 1):
        richtung = zufall.choices(list(ANTEILE), ANTEILE.values())[0]
        stapel = next(folgen[richtung])
        verlust = verlust_eines_stapels(model, vocab, richtung[1], stapel)
        verlust.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        summe += verlust.item()
        token += sum(len(ziel) for _, ziel in stapel)
        if schritt % 100 == 0:
            uhr = time.monotonic() - beginn
            print(
                f"  {schritt}/{schritte}: Verlust {summe / 100:.3f}, {uhr:.0f} s "
                f"(Kern {time.process_time():.0f} s), {token:,} Token",
                flush=True,
            )
            summe = 0.0
        if schritt % SICHERN_ALLE == 0 or schritt == schritte:
            sichere(model)


if __name__ == "__main__":
    main()
