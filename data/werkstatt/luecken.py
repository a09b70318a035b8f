"""Texte und Messung für die Lückenfüller: Trainingssätze sammeln, Messsätze heraushalten, Top-k zählen.

Gemessen wird mit `lueckensaetze.csv`: je Satz eine Lücke `[MASK]` und die Wörter, die passen. Kein
Trainingssatz enthält einen dieser Sätze mit einer passenden Antwort (verglichen ohne Satzzeichen
und ohne Groß- und Kleinschreibung).
"""

import csv
import random
from pathlib import Path

from gemeinsam import DATA, WERKSTATT, WORT
from namen import lies_germeval, setze_zusammen

MASKE = "[MASK]"
HOECHSTENS_WOERTER = 24


def lies_lueckensaetze() -> list[tuple[str, set[str]]]:
    with open(WERKSTATT / "lueckensaetze.csv", encoding="utf-8", newline="") as datei:
        return [(z["satz"], set(z["antworten"].split(";"))) for z in csv.DictReader(datei)]


def _woerter(text: str) -> str:
    return " " + " ".join(WORT.findall(text.lower())) + " "


def lies_trainingssaetze(realdaten: Path, seed: int) -> list[str]:
    """Deutsche Sätze aus Tatoeba, welt.txt, GermEval und Gerichtsentscheidungen, gemischt, ohne Doppelte."""
    tatoeba = (realdaten / "parallel/tatoeba/deu.txt").read_text(encoding="utf-8").splitlines()
    saetze = [zeile.split("\t")[1] for zeile in tatoeba]
    saetze += (DATA / "texte" / "welt.txt").read_text(encoding="utf-8").splitlines()
    for woerter, _ in lies_germeval(realdaten / "ner_de/germeval2014/NER-de-test.tsv"):
        saetze.append(setze_zusammen(woerter)[0])
    recht = (realdaten / "text_de/german_court_decisions.txt").read_text(encoding="utf-8")
    saetze += recht.splitlines()[::10]  # nur ein Zehntel: Die Sprache soll die des Alltags bleiben
    return _ohne_messsaetze(saetze, seed)


def lies_fakten(seed: int) -> list[str]:
    """Allgemeinwissen in einfachen Sätzen, eigener Text, gemischt, ohne die Messsätze."""
    return _ohne_messsaetze(
        (WERKSTATT / "fakten.txt").read_text(encoding="utf-8").splitlines(), seed
    )


def _ohne_messsaetze(saetze: list[str], seed: int) -> list[str]:
    verboten = [
        _woerter(satz.replace(MASKE, antwort))
        for satz, antworten in lies_lueckensaetze()
        for antwort in antworten
    ]
    einmal = dict.fromkeys(satz.strip() for satz in saetze if satz.strip())
    behalten = []
    for satz in einmal:
        woerter = _woerter(satz)
        kurz = 3 <= woerter.count(" ") - 1 <= HOECHSTENS_WOERTER
        if kurz and not any(verbot in woerter for verbot in verboten):
            behalten.append(satz)
    random.Random(seed).shuffle(behalten)
    return behalten


def miss_luecken(modellordner: str, k: int = 5) -> dict[str, object]:
    """Anteil der Lücken, deren Antwort auf Platz 1 und unter den ersten `k` steht, und was fehlt."""
    from transformers import pipeline

    fuelle = pipeline("fill-mask", model=modellordner, top_k=k, device="cpu")
    platz_1 = unter_k = 0
    daneben, lueckensaetze = [], lies_lueckensaetze()
    for satz, antworten in lueckensaetze:
        text = satz.replace(MASKE, fuelle.tokenizer.mask_token)
        vorschlaege = [v["token_str"].strip() for v in fuelle(text)]
        platz_1 += vorschlaege[0] in antworten
        if antworten & set(vorschlaege):
            unter_k += 1
        else:
            daneben.append(f"{satz} → {', '.join(vorschlaege)}")
    berlin = fuelle(f"Die Hauptstadt von Deutschland ist {fuelle.tokenizer.mask_token}.")
    anzahl = len(lueckensaetze)
    return {
        "top_1": platz_1 / anzahl,
        f"top_{k}": unter_k / anzahl,
        "berlin_auf_1": berlin[0]["token_str"].strip() == "Berlin",
        "daneben": daneben,
    }
