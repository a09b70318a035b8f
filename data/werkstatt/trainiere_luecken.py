"""Trainiert den Lückenfüller `data/modelle/bert-klein-deutsch`, auf zwei Wegen, gleich lange.

Aufruf     python trainiere_luecken.py neu REALDATEN     kleines BERT von Grund auf, eigene Wortstücke
           python trainiere_luecken.py fakten REALDATEN  danach: dasselbe, dazu Allgemeinwissen
           python trainiere_luecken.py e5 REALDATEN      Aufsatz auf multilingual-e5-small
           Ergebnis in ausgabe/luecken-…; ausgeliefert wird das beste
           (`miss_modelle.py` rechnet nach, wie gut es ist).
Daten      Tatoeba, deutsche Seite (CC BY 2.0 FR), GermEval 2014, Test-Datei (CC BY 4.0), jede zehnte
           Zeile der Gerichtsentscheidungen (CC BY 4.0), data/texte/welt.txt; fakten.txt, eigener
           Text. Die Messsätze sind herausgefiltert (`luecken.py`).
Dauer      neu 31 min, fakten 6 min, e5 7 min Rechenzeit eines CPU-Kerns
"""

import math
import random
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from kurs.kern.pfade import AUSGABE

import torch
from luecken import lies_fakten, lies_trainingssaetze
from namen import originale
from niedrigrang import (
    lade_basis,
    oben,
    sichere_aufsatz,
    sichere_halb,
    unten,
    verdichtete_wortvektoren,
    waehle_stuecke,
)
from tokenizers import (
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)
from torch.nn.functional import cross_entropy
from transformers import (
    BertConfig,
    BertForMaskedLM,
    PreTrainedTokenizerFast,
    get_linear_schedule_with_warmup,
)

SEED = 42
SCHRITTE = {"neu": 6000, "fakten": 3000, "e5": 600}
FAKTEN_MAL, REST = 12, 40_000  # Weg fakten: jeder Satz so oft, dazu so viele der anderen Sätze
BATCH_SIZE = 128
LEARNING_RATE = 1e-3
LEARNING_RATE_AENDERUNG = 3e-4  # Weg e5: Der Kopf ist neu, die Änderungen gehen vorsichtiger
ANTEIL_LUECKEN = 0.25
MAX_STUECKE = 40
RANG, FEST = 32, 6  # Weg e5: Rang der Änderung, feste Schichten
BESONDERE = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
SICHERN_ALLE = 500


def baue_neu(saetze: list[str]):
    """WordPiece mit 16.000 Stücken und ein BERT mit 4 Schichten."""
    roh = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    roh.normalizer = normalizers.NFC()
    roh.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    roh.decoder = decoders.WordPiece()
    trainer = trainers.WordPieceTrainer(vocab_size=16_000, special_tokens=BESONDERE)
    roh.train_from_iterator(saetze, trainer)
    ids = [(zeichen, roh.token_to_id(zeichen)) for zeichen in ("[CLS]", "[SEP]")]
    roh.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=ids
    )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=roh, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]",
        sep_token="[SEP]", mask_token="[MASK]", model_max_length=128,
    )  # fmt: skip
    torch.manual_seed(SEED)
    config = BertConfig(
        vocab_size=roh.get_vocab_size(), hidden_size=256, num_hidden_layers=4,
        num_attention_heads=4, intermediate_size=1024, max_position_embeddings=128, pad_token_id=0,
        hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
    )  # fmt: skip
    config._attn_implementation = "eager"  # bei so kurzen Sätzen schneller
    model = BertForMaskedLM(config)
    stuecke = [roh.id_to_token(nummer) for nummer in range(roh.get_vocab_size())]
    texte = [stueck.removeprefix("##") for stueck in stuecke]
    vektoren = verdichtete_wortvektoren(texte, config.hidden_size, streuung=0.04)
    with torch.no_grad():
        model.get_input_embeddings().weight[len(BESONDERE) :] = vektoren[len(BESONDERE) :]
    return model, tokenizer


def setze_luecken(ids: torch.Tensor, tokenizer, zufall: torch.Generator):
    """BERTs Aufgabe: Ein Viertel der Stücke (mindestens eines je Satz) verschwindet oder ändert sich.

    Rückgabe: veränderte Nummern und, wo vorherzusagen ist, True; beides (Sätze, Token).
    """
    besondere = torch.isin(ids, torch.tensor(tokenizer.all_special_ids))
    wuerfel = torch.rand(ids.shape, generator=zufall).masked_fill(besondere, 2.0)
    gewaehlt = wuerfel < ANTEIL_LUECKEN
    gewaehlt.scatter_(1, wuerfel.argmin(1, keepdim=True), True)
    gewaehlt &= ~besondere
    art = torch.rand(ids.shape, generator=zufall)
    fremd = torch.randint(len(tokenizer), ids.shape, generator=zufall)
    neu = torch.where(gewaehlt & (art < 0.8), tokenizer.mask_token_id, ids)
    return torch.where(gewaehlt & (art > 0.9), fremd, neu), gewaehlt


def stapel_folge(kodiert: list[list[int]], zufall: random.Random):
    """Endlos Stapel aus etwa gleich langen Sätzen; nach jedem Durchgang neu gemischt."""
    while True:
        reihe = list(range(len(kodiert)))
        zufall.shuffle(reihe)
        for i in range(0, len(reihe), 50 * BATCH_SIZE):
            block = sorted(reihe[i : i + 50 * BATCH_SIZE], key=lambda j: len(kodiert[j]))
            stapel = [block[j : j + BATCH_SIZE] for j in range(0, len(block), BATCH_SIZE)]
            zufall.shuffle(stapel)
            yield from ([kodiert[j] for j in auswahl] for auswahl in stapel)


def beginne_mit_haeufigkeiten(model, kodiert: list[list[int]]) -> None:
    """Der Kopf weiß von Anfang an, wie häufig jedes Stück ist."""
    zaehler = Counter(nummer for zeile in kodiert for nummer in zeile)
    summe = zaehler.total()
    with torch.no_grad():
        for nummer in range(len(model.cls.predictions.bias)):
            model.cls.predictions.bias[nummer] = math.log((zaehler[nummer] + 0.1) / summe)


def trainiere(
    model, tokenizer, saetze, fest: int, schritte: int, sichere, neu: bool = True
) -> None:
    kodiert = tokenizer(saetze, truncation=True, max_length=MAX_STUECKE)["input_ids"]
    if neu:
        beginne_mit_haeufigkeiten(model, kodiert)
    lernbar = [p for p in model.parameters() if p.requires_grad]
    print(
        f"{sum(p.numel() for p in lernbar):,} lernbare Gewichte, {len(saetze):,} Sätze", flush=True
    )
    rest = [p for p in model.bert.parameters() if p.requires_grad]
    kopf = [p for name, p in model.named_parameters() if not name.startswith("bert.")]
    gruppen = [
        {"params": rest, "lr": LEARNING_RATE if neu and not fest else LEARNING_RATE_AENDERUNG},
        {"params": kopf, "lr": LEARNING_RATE if neu else LEARNING_RATE_AENDERUNG},
    ]
    optimizer = torch.optim.AdamW(gruppen, weight_decay=0.01, fused=True)
    schedule = get_linear_schedule_with_warmup(optimizer, schritte // 20, schritte)
    folge = stapel_folge(kodiert, random.Random(SEED))
    zufall = torch.Generator().manual_seed(SEED)
    beginn, rechenzeit, summe = time.monotonic(), time.process_time(), 0.0
    for schritt in range(1, schritte + 1):
        zeilen = next(folge)
        laenge = max(map(len, zeilen))
        pad = tokenizer.pad_token_id
        ids = torch.tensor([zeile + [pad] * (laenge - len(zeile)) for zeile in zeilen])
        maske = (ids != pad).long()
        mit_luecken, gewaehlt = setze_luecken(ids, tokenizer, zufall)
        with torch.autocast("cpu", torch.bfloat16):  # halb so genau, doppelt so schnell
            if fest:
                x = unten(model, fest, mit_luecken, maske).float()
                model.train()
            else:
                model.train()
                x = model.bert.embeddings(mit_luecken)
            x = oben(model, fest, x, maske)
            logits = model.cls(x[gewaehlt]).float()
        verlust = cross_entropy(logits, ids[gewaehlt])
        verlust.backward()
        torch.nn.utils.clip_grad_norm_(lernbar, 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        summe += verlust.item()
        if schritt % 50 == 0:
            uhr, kern = time.monotonic() - beginn, time.process_time() - rechenzeit
            print(
                f"  {schritt}/{schritte}: Verlust {summe / 50:.3f}, {uhr:.0f} s (Kern {kern:.0f} s)",
                flush=True,
            )
            summe = 0.0
        if schritt % SICHERN_ALLE == 0 or schritt == schritte:
            sichere()


def main() -> None:
    weg = sys.argv.pop(1) if len(sys.argv) > 1 else ""
    if weg not in SCHRITTE:
        raise SystemExit(__doc__)
    saetze = lies_trainingssaetze(originale(), SEED)
    ziel = AUSGABE / f"luecken-{weg}"
    if weg in ("neu", "fakten"):
        if weg == "neu":
            model, tokenizer = baue_neu(saetze)
        else:
            model = BertForMaskedLM.from_pretrained(AUSGABE / "luecken-neu", dtype=torch.float32)
            model.config._attn_implementation = "eager"
            tokenizer = PreTrainedTokenizerFast.from_pretrained(AUSGABE / "luecken-neu")
            saetze = FAKTEN_MAL * lies_fakten(SEED) + saetze[:REST]

        def sichere() -> None:
            sichere_halb(model, ziel)
            tokenizer.save_pretrained(ziel)
    else:
        stuecke = waehle_stuecke(saetze)
        print(f"{len(stuecke):,} Wortstücke", flush=True)
        model, tokenizer = lade_basis(BertForMaskedLM, stuecke, RANG, FEST, SEED)

        def sichere() -> None:
            sichere_aufsatz(model, stuecke, ziel, {"architectures": ["BertForMaskedLM"]})

    trainiere(
        model,
        tokenizer,
        saetze,
        FEST if weg == "e5" else 0,
        SCHRITTE[weg],
        sichere,
        weg != "fakten",
    )


if __name__ == "__main__":
    main()
