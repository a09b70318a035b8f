"""Satzpaare für den Übersetzer: lesen, den Messteil heraushalten, chrF messen.

Der Messteil von Tatoeba sind 1.000 englische Sätze (mindestens vier Wörter) mit allen ihren deutschen
Übersetzungen. Kein Trainingspaar enthält einen dieser englischen oder deutschen Sätze; verglichen wird
ohne Satzzeichen und ohne Groß- und Kleinschreibung.
"""

import csv
import random
from collections import defaultdict
from pathlib import Path

from gemeinsam import WERKSTATT, WORT

MESSSAETZE = 1_000
SEED_MESSTEIL = 2026
Paar = tuple[str, str]


def _gleich(satz: str) -> str:
    return " ".join(WORT.findall(satz.lower()))


def lies_tatoeba(realdaten: Path) -> tuple[list[Paar], dict[str, list[str]]]:
    """(deutsch, englisch) zum Trainieren; und englisch → alle deutschen Übersetzungen zum Messen."""
    zeilen = (realdaten / "parallel/tatoeba/deu.txt").read_text(encoding="utf-8").splitlines()
    paare = list(dict.fromkeys((z.split("\t")[1], z.split("\t")[0]) for z in zeilen))
    deutsche = defaultdict(list)
    for deutsch, englisch in paare:
        if len(englisch.split()) >= 4:
            deutsche[englisch].append(deutsch)
    gewaehlt = random.Random(SEED_MESSTEIL).sample(sorted(deutsche), MESSSAETZE)
    messteil = {englisch: deutsche[englisch] for englisch in gewaehlt}
    verboten = {_gleich(englisch) for englisch in messteil}
    verboten |= {_gleich(satz) for saetze in messteil.values() for satz in saetze}
    training = [p for p in paare if not verboten & {_gleich(p[0]), _gleich(p[1])}]
    return training, messteil


def lies_franzoesisch(realdaten: Path) -> tuple[list[Paar], list[Paar]]:
    """(deutsch, französisch): Training aus Multi30k und den eigenen Paaren; Messteil aus Multi30k."""
    ordner = realdaten / "parallel/multi30k"
    lies = lambda name: (ordner / name).read_text(encoding="utf-8").splitlines()
    training = list(zip(lies("train.de"), lies("train.fr"), strict=True))
    messteil = list(zip(lies("val.de"), lies("val.fr"), strict=True))
    with open(WERKSTATT / "franzoesisch.csv", encoding="utf-8", newline="") as datei:
        eigene = [(z["deutsch"], z["franzoesisch"]) for z in csv.DictReader(datei)]
    training += (
        3 * eigene
    )  # Sie sprechen vom Alltag; die Bildunterschriften beschreiben nur Bilder.
    verboten = {_gleich(satz) for paar in messteil for satz in paar}
    return [p for p in training if not verboten & {_gleich(p[0]), _gleich(p[1])}], messteil


def lies_satzpaare(realdaten: Path) -> tuple[dict[Paar, list[Paar]], dict]:
    """Trainingspaare je Richtung und die beiden Messteile."""
    englisch, mess_en = lies_tatoeba(realdaten)
    franzoesisch, mess_fr = lies_franzoesisch(realdaten)
    training = {("de", "en"): englisch, ("de", "fr"): franzoesisch}
    return training, {"en": mess_en, "fr": mess_fr}


def uebersetze(ordner: str, saetze: list[str], **angaben) -> list[str]:
    """Übersetzt in Stapeln, ohne Zufall, wenn `angaben` nichts anderes sagen (siehe `generate`)."""
    import torch
    from transformers import MarianMTModel, MarianTokenizer

    tokenizer = MarianTokenizer.from_pretrained(ordner)
    model = MarianMTModel.from_pretrained(ordner).eval()
    angaben = {"num_beams": 1, "do_sample": False, "max_new_tokens": 64, **angaben}
    reihe = sorted(range(len(saetze)), key=lambda i: len(saetze[i]))
    ergebnis = [""] * len(saetze)
    for i in range(0, len(reihe), 64):
        auswahl = reihe[i : i + 64]
        stapel = tokenizer([saetze[j] for j in auswahl], return_tensors="pt", padding=True)
        with torch.inference_mode():
            ids = model.generate(**stapel, **angaben)
        for j, text in zip(auswahl, tokenizer.batch_decode(ids, skip_special_tokens=True)):
            ergebnis[j] = text
    return ergebnis


def miss_uebersetzer(ordner_je_richtung: dict[Paar, str], realdaten: Path) -> dict[Paar, float]:
    """chrF (sacrebleu, 0–100) je Richtung auf den Messteilen, gegen je eine Übersetzung."""
    from sacrebleu.metrics import CHRF

    _, messteile = lies_satzpaare(realdaten)
    englisch, franzoesisch = messteile["en"], messteile["fr"]
    erste = [saetze[0] for saetze in englisch.values()]
    aufgaben = {
        ("de", "en"): (erste, [list(englisch)]),
        ("en", "de"): (list(englisch), [erste]),
        ("de", "fr"): ([p[0] for p in franzoesisch], [[p[1] for p in franzoesisch]]),
        ("fr", "de"): ([p[1] for p in franzoesisch], [[p[0] for p in franzoesisch]]),
    }
    chrf = {}
    for richtung, ordner in ordner_je_richtung.items():
        quelle, vorlagen = aufgaben[richtung]
        chrf[richtung] = CHRF().corpus_score(uebersetze(ordner, quelle), vorlagen).score
    return chrf
