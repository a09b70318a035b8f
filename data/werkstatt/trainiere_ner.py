"""Trainiert `data/modelle/ner-deutsch`: Namen erkennen (PER, LOC, ORG, MISC) auf multilingual-e5-small.

Aufruf     python trainiere_ner.py REALDATEN      (oder KURS_ORIGINALE setzen)
Daten      GermEval 2014, Test-Datei (CC BY 4.0), und data/texte/entitaeten/train.conll.
           Jeder 20. GermEval-Satz davon bleibt zur Kontrolle draußen; die Dev-Datei von GermEval
           wird nur gemessen (`miss_modelle.py`).
Dauer      etwa 10 min, wenn sonst nichts läuft (2 CPU-Kerne)

Nach jeder Epoche liegt ein Zwischenstand in ausgabe/ner-deutsch, das Fertige in data/modelle.
"""

import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from kurs.kern.pfade import AUSGABE

import torch
from gemeinsam import DATA
from namen import MARKEN, lies_eigene, lies_germeval, miss, originale, setze_zusammen
from niedrigrang import lade_basis, oben, sichere_aufsatz, unten, waehle_stuecke
from torch.nn.functional import cross_entropy
from torch.nn.utils.rnn import pad_sequence
from transformers import BertForTokenClassification, get_linear_schedule_with_warmup

ZIEL = DATA / "modelle" / "ner-deutsch"
SEED = 42
RANG = 32
FEST = 6  # so viele der 12 Schichten bleiben, wie sie sind
EPOCHS = 4
BATCH_SIZE = 16
LEARNING_RATE = 3e-4  # bei 1e-3 bricht das Lernen zusammen: Alles wird O
LEARNING_RATE_KOPF = 3e-3  # der Kopf beginnt bei null
GESPERRT = 0.3  # Anteil der Trainingssätze, in denen zwischen allen Wörtern ein Leerzeichen steht
MAX_STUECKE = 128
JEDER = 20  # jeder so vielte Satz wird zurückgehalten
ANGABEN = {
    "architectures": ["BertForTokenClassification"],
    "id2label": {str(i): marke for i, marke in enumerate(MARKEN)},
    "label2id": {marke: i for i, marke in enumerate(MARKEN)},
}


def texte_fuer_wortschatz(realdaten: Path, saetze) -> list[str]:
    """Deutsche Texte und die englische Seite von Tatoeba: Namen sind oft nicht deutsch."""
    texte = [setze_zusammen(woerter)[0] for woerter, _ in saetze]
    texte += [" ".join(woerter) for woerter, _ in saetze]
    texte += (DATA / "texte" / "welt.txt").read_text(encoding="utf-8").splitlines()
    for datei in ("parallel/tatoeba/deu.txt", "text_de/german_court_decisions.txt"):
        texte += (realdaten / datei).read_text(encoding="utf-8").replace("\t", "\n").splitlines()
    return texte


def kodiere(tokenizer, woerter: list[str], marken: list[str], gesperrt: bool = False):
    """Token-Nummern, Marken-Nummern je Token (-100: zählt nicht), Wort je Token (oder -1)."""
    text, stellen = " ".join(woerter), []
    if gesperrt:
        for wort in woerter:
            anfang = stellen[-1][1] + 1 if stellen else 0
            stellen.append((anfang, anfang + len(wort)))
    else:
        text, stellen = setze_zusammen(woerter)
    wort_an = [-1] * (len(text) + 1)
    for i, (anfang, ende) in enumerate(stellen):
        wort_an[anfang:ende] = [i] * (ende - anfang)
    kodiert = tokenizer(text, truncation=True, max_length=MAX_STUECKE, return_offsets_mapping=True)
    ziele, wort_je_token, vorher = [], [], -1
    for anfang, ende in kodiert["offset_mapping"]:
        wort = next((w for w in wort_an[anfang:ende] if w >= 0), -1)
        wort_je_token.append(wort)
        marke = marken[wort] if wort >= 0 else None
        if wort == vorher and marke and marke.startswith("B-"):
            marke = "I-" + marke[2:]  # nur das erste Stück eines Wortes kann einen Namen beginnen
        ziele.append(-100 if marke is None else MARKEN.index(marke))
        vorher = wort
    return kodiert["input_ids"], ziele, wort_je_token


def stapel(beispiele, pad: int):
    laenge = max(len(b[0]) for b in beispiele)
    fuelle = lambda nr, womit: torch.tensor(
        [b[nr] + [womit] * (laenge - len(b[nr])) for b in beispiele]
    )
    ids, ziele = fuelle(0, pad), fuelle(1, -100)
    return {"input_ids": ids, "attention_mask": (ids != pad).long(), "labels": ziele}


@torch.no_grad()
def sage_vorher(model, tokenizer, saetze) -> list[list[str]]:
    """Marken je Wort; es gilt, was das erste Stück des Wortes sagt."""
    model.eval()
    kodiert = [kodiere(tokenizer, woerter, marken) for woerter, marken in saetze]
    ergebnis = [["O"] * len(woerter) for woerter, _ in saetze]
    reihe = sorted(range(len(saetze)), key=lambda i: len(kodiert[i][0]))
    for i in range(0, len(reihe), 32):
        auswahl = reihe[i : i + 32]
        eingabe = stapel([kodiert[j] for j in auswahl], tokenizer.pad_token_id)
        eingabe.pop("labels")
        for j, klassen in zip(auswahl, model(**eingabe).logits.argmax(-1).tolist()):
            for wort, klasse in reversed(list(zip(kodiert[j][2], klassen))):
                if wort >= 0:
                    ergebnis[j][wort] = MARKEN[klasse]
    return ergebnis


def rechne_unten(model, tokenizer, beispiele) -> list[torch.Tensor]:
    """Je Beispiel die Ausgabe der festen Schichten (Token, hidden)."""
    reihe = sorted(range(len(beispiele)), key=lambda i: len(beispiele[i][0]))
    ergebnis = [None] * len(beispiele)
    for i in range(0, len(reihe), 32):
        auswahl = reihe[i : i + 32]
        eingabe = stapel([beispiele[j] for j in auswahl], tokenizer.pad_token_id)
        zustand = unten(model, FEST, eingabe["input_ids"], eingabe["attention_mask"])
        for j, zeilen in zip(auswahl, zustand):
            ergebnis[j] = zeilen[: len(beispiele[j][0])].clone()
    return ergebnis


def trainiere(model, tokenizer, saetze, nach_epoche) -> None:
    zufall = random.Random(SEED)
    lernbar = [p for p in model.parameters() if p.requires_grad]
    print(f"{sum(p.numel() for p in lernbar):,} lernbare Gewichte, {len(saetze)} Sätze", flush=True)
    kopf = list(model.classifier.parameters())
    rest = [p for p in model.bert.parameters() if p.requires_grad]
    gruppen = [{"params": rest, "lr": LEARNING_RATE}, {"params": kopf, "lr": LEARNING_RATE_KOPF}]
    optimizer = torch.optim.AdamW(gruppen, weight_decay=0.01)
    schritte = -(-len(saetze) // BATCH_SIZE) * EPOCHS
    schedule = get_linear_schedule_with_warmup(optimizer, schritte // 10, schritte)
    beginn, schritt = time.monotonic(), 0
    beispiele = [kodiere(tokenizer, *satz, zufall.random() < GESPERRT) for satz in saetze]
    zustaende = rechne_unten(model, tokenizer, beispiele)
    print(f"feste Schichten gerechnet nach {time.monotonic() - beginn:.0f} s", flush=True)
    reihe = list(range(len(beispiele)))
    for epoche in range(1, EPOCHS + 1):
        model.train()
        zufall.shuffle(reihe)
        reihe.sort(key=lambda i: len(beispiele[i][0]) // 8)  # ähnlich lange: wenig Auffüllen
        batches = [reihe[i : i + BATCH_SIZE] for i in range(0, len(reihe), BATCH_SIZE)]
        zufall.shuffle(batches)
        summe = 0.0
        for batch in batches:
            eingabe = stapel([beispiele[i] for i in batch], tokenizer.pad_token_id)
            x = pad_sequence([zustaende[i] for i in batch], batch_first=True).float()
            with torch.autocast("cpu", torch.bfloat16):  # halb so genau, doppelt so schnell
                x = model.dropout(oben(model, FEST, x, eingabe["attention_mask"]))
                logits = model.classifier(x).float()
            verlust = cross_entropy(logits.flatten(0, 1), eingabe["labels"].flatten())
            verlust.backward()
            torch.nn.utils.clip_grad_norm_(lernbar, 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
            summe += verlust.item()
            schritt += 1
            if schritt % 50 == 0:
                print(f"  {schritt}/{schritte}, {time.monotonic() - beginn:.0f} s", flush=True)
        print(f"Epoche {epoche}: Verlust {summe / len(batches):.4f}", flush=True)
        nach_epoche(epoche)


def main() -> None:
    realdaten = originale()
    germeval = lies_germeval(realdaten / "ner_de" / "germeval2014" / "NER-de-test.tsv")
    zurueck = germeval[::JEDER]
    lernsaetze = [satz for i, satz in enumerate(germeval) if i % JEDER] + lies_eigene("train")
    stuecke = waehle_stuecke(texte_fuer_wortschatz(realdaten, lernsaetze))
    print(f"{len(stuecke):,} Wortstücke", flush=True)
    marken = {"id2label": dict(enumerate(MARKEN)), "label2id": ANGABEN["label2id"]}
    model, tokenizer = lade_basis(BertForTokenClassification, stuecke, RANG, FEST, SEED, **marken)

    def nach_epoche(epoche: int) -> None:
        ist = sage_vorher(model, tokenizer, zurueck)
        f1 = miss([marken for _, marken in zurueck], ist)
        print("  Kontrolle:", {k: round(v, 3) for k, v in f1.items()}, flush=True)
        ordner = ZIEL if epoche == EPOCHS else AUSGABE / "ner-deutsch"
        sichere_aufsatz(model, stuecke, ordner, ANGABEN)

    trainiere(model, tokenizer, lernsaetze, nach_epoche)


if __name__ == "__main__":
    main()
