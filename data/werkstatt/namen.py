"""Liest Sätze mit markierten Namen (GermEval 2014 und unsere), setzt Text zusammen, misst F1.

Einheitliche Marken: PER, LOC, ORG, MISC in BIO. Bei GermEval zählt die äußere Ebene; OTH heißt hier
MISC, und abgeleitete („Berliner“) oder in Wörtern versteckte Namen („deutsch-“) sind keine (O).
"""

import os
import sys
from collections import Counter
from pathlib import Path

from gemeinsam import DATA

KLASSEN = ("PER", "LOC", "ORG", "MISC")
MARKEN = ["O", *(f"{art}-{klasse}" for klasse in KLASSEN for art in "BI")]
OHNE_ABSTAND_DAVOR = set(".,;:!?)]}…%“”’»") | {"..."}
OHNE_ABSTAND_DANACH = set("([{„‚«")
Satz = tuple[list[str], list[str]]  # Wörter, Marken


def originale() -> Path:
    """Der Ordner mit den Realdaten: erstes Argument, sonst `KURS_ORIGINALE`."""
    ordner = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("KURS_ORIGINALE", "")
    if not ordner or not Path(ordner).is_dir():
        raise SystemExit(
            "Wo liegen die Realdaten? Als Argument oder in KURS_ORIGINALE angeben "
            "(darin ner_de/germeval2014, ud_de, parallel/tatoeba, text_de)."
        )
    return Path(ordner)


def lies_germeval(datei: Path) -> list[Satz]:
    """Eine TSV-Datei von GermEval 2014: Nummer, Wort, äußere Marke, innere Marke."""
    saetze = []
    for absatz in datei.read_text(encoding="utf-8").split("\n\n"):
        zeilen = [z.split("\t") for z in absatz.splitlines() if z and not z.startswith("#\t")]
        if zeilen:
            saetze.append(([z[1] for z in zeilen], [_vereinfache(z[2]) for z in zeilen]))
    return saetze


def _vereinfache(marke: str) -> str:
    if marke.endswith(("deriv", "part")):
        return "O"
    return marke.replace("OTH", "MISC")


def lies_eigene(teil: str) -> list[Satz]:
    """`data/texte/entitaeten/<teil>.conll`: Wort, Tabulator, Marke; Leerzeile trennt Sätze."""
    text = (DATA / "texte" / "entitaeten" / f"{teil}.conll").read_text(encoding="utf-8")
    saetze = []
    for absatz in text.strip().split("\n\n"):
        zeilen = [z.split("\t") for z in absatz.splitlines() if not z.startswith("# id")]
        saetze.append(([z[0] for z in zeilen], [z[1] for z in zeilen]))
    return saetze


def setze_zusammen(woerter: list[str]) -> tuple[str, list[tuple[int, int]]]:
    """Aus Wörtern ein Satz, wie man ihn schreibt, und wo im Satz jedes Wort steht."""
    text, stellen, gerade_offen = "", [], False
    for i, wort in enumerate(woerter):
        oeffnet = wort in OHNE_ABSTAND_DANACH
        if wort == '"':
            oeffnet = not gerade_offen
            gerade_offen = oeffnet
        davor = woerter[i - 1] if i else ""
        klebt = wort in OHNE_ABSTAND_DAVOR or (wort == '"' and not oeffnet)
        nach_offener = davor in OHNE_ABSTAND_DANACH or (
            davor == '"' and gerade_offen and wort != '"'
        )
        if text and not klebt and not nach_offener:
            text += " "
        stellen.append((len(text), len(text) + len(wort)))
        text += wort
    return text, stellen


def entitaeten(marken: list[str]) -> set[tuple[int, int, str]]:
    """BIO → Menge aus (Anfang, Ende, Klasse). Ein I- ohne passenden Anfang beginnt eine neue."""
    gefunden, beginn, klasse = set(), None, None
    for i, marke in enumerate([*marken, "O"]):
        art, _, diese = marke.partition("-")
        if klasse and (art != "I" or diese != klasse):
            gefunden.add((beginn, i, klasse))
            klasse = None
        if diese and klasse is None:
            beginn, klasse = i, diese
    return gefunden


def miss(soll: list[list[str]], ist: list[list[str]]) -> dict[str, float]:
    """Strenges F1 (Grenzen und Klasse müssen stimmen): je Klasse und „gesamt“ (mikro)."""
    richtig, gesucht, gemeldet = Counter(), Counter(), Counter()
    for marken_soll, marken_ist in zip(soll, ist, strict=True):
        a, b = entitaeten(marken_soll), entitaeten(marken_ist)
        for zaehler, menge in ((richtig, a & b), (gesucht, a), (gemeldet, b)):
            zaehler.update(klasse for *_, klasse in menge)
            zaehler["gesamt"] += len(menge)
    return {
        klasse: 2 * richtig[klasse] / max(1, gesucht[klasse] + gemeldet[klasse])
        for klasse in (*KLASSEN, "gesamt")
    }
