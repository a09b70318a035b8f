"""Beantwortet: Ist ein Skript langsamer geworden als in der festgeschriebenen Tabelle?

Sekunden zweier Rechner lassen sich nicht vergleichen. Darum läuft neben jedem Skript eine Eichschleife; die
Tabelle (`kurs/messtabelle.json`, lesbar als `Messwerte.md`) hält fest, wie viele Eichschleifen lang ein
Skript dauerte. Weicht das Verhältnis um mehr als DRIFT ab, wird es gemeldet. Was die Eichschleife nicht
sieht: eine langsamere Platte, ein anderer Prozessor mit anderem Verhältnis von Rechnen zu Speicher.
"""

import json
import time
from pathlib import Path

from kurs.pfade import WURZEL, schreibe_text

import numpy as np

TABELLE = Path(__file__).with_suffix(".json")
LESBAR = WURZEL / "Messwerte.md"
DRIFT = 1.5


def eichschleife() -> float:
    """Sekunden für eine feste Rechnung, halb Python, halb Matrizen (auf einem schnellen Kern rund 0,5 s)."""
    matrix = np.random.default_rng(0).normal(size=(512, 512)).astype("float32")
    beginn = time.perf_counter()
    summe = 0
    for zahl in range(3_000_000):
        summe += zahl * zahl % 7
    for _ in range(60):
        matrix = matrix @ matrix
        matrix /= np.abs(matrix).max()
    return time.perf_counter() - beginn


def lies() -> dict:
    """Die festgeschriebene Tabelle: {"rechner": …, "skripte": {Name: Eintrag}}; leer, wenn es keine gibt."""
    if not TABELLE.is_file():
        return {"rechner": "", "skripte": {}}
    return json.loads(TABELLE.read_text(encoding="utf-8"))


def verhaeltnis(sekunden: float, takt: float) -> float:
    """Wie viele Eichschleifen lang ein Lauf dauerte."""
    return sekunden / takt


def drift(name: str, sekunden: float, takt: float) -> str:
    """Ein Satz, wenn das Skript gemessen an der Eichschleife viel langsamer oder schneller ist; sonst leer."""
    eintrag = lies()["skripte"].get(name)
    if eintrag is None:
        return f"{name} steht nicht in der Tabelle."
    faktor = verhaeltnis(sekunden, takt) / verhaeltnis(eintrag["sekunden"], eintrag["takt"])
    if 1 / DRIFT <= faktor <= DRIFT:
        return ""
    mal = f"{max(faktor, 1 / faktor):.1f}".replace(".", ",")
    wie = "langsamer" if faktor > 1 else "schneller"
    return f"{name} ist um den Faktor {mal} {wie} als in der Tabelle."


def schreibe_fest(rechner: str, eintraege: dict[str, dict]) -> None:
    """Setzt die Einträge in die Tabelle ein; Skripte, die nicht dabei sind, behalten ihren."""
    inhalt = lies()
    inhalt["rechner"] = rechner
    inhalt["skripte"] = dict(sorted({**inhalt["skripte"], **eintraege}.items()))
    text = json.dumps(inhalt, ensure_ascii=False, indent=1) + "\n"
    schreibe_text(TABELLE, text)


def als_markdown(namen: list[str]) -> str:
    """Die Tabelle zum Lesen, in der Reihenfolge von `namen`."""
    inhalt = lies()
    zeilen = [
        "# Messwerte",
        "",
        "Ein voller Lauf jedes Skripts, erzeugt mit `python start.py messen --festschreiben`. Die Bänder hinter den",
        "Werten stehen im Kopf der Skripte; sie sind über mehrere Seeds gemessen. Eine Eichschleife ist eine feste",
        "Rechnung, die vor und nach jedem Skript läuft: Mit ihr lassen sich verschiedene Rechner vergleichen.",
        "",
        f"Gemessen auf: {inhalt['rechner']}",
        "",
        "| Skript | s | Eichschleifen | MB | Ergebnisse (Band) |",
        "|---|---:|---:|---:|---|",
    ]
    for name in namen:
        if (eintrag := inhalt["skripte"].get(name)) is None:
            continue
        werte = []
        for wert, zahl in eintrag["werte"].items():
            band = eintrag["baender"].get(wert)
            werte.append(f"{wert} {zahl:.4g}" + (f" ({band[0]:g}–{band[1]:g})" if band else ""))
        laenge = verhaeltnis(eintrag["sekunden"], eintrag["takt"])
        zeilen.append(
            f"| {name} | {eintrag['sekunden']:.0f} | {laenge:.0f} | {eintrag['speicher_mb']:.0f} "
            f"| {'; '.join(werte)} |"
        )
    return "\n".join(zeilen) + "\n"


def schreibe_lesbar(namen: list[str]) -> None:
    """Schreibt `Messwerte.md`."""
    schreibe_text(LESBAR, als_markdown(namen))
