"""Beantwortet: Liegen die Ergebnisse eines Skripts dort, wo sie gemessen wurden?"""

import json
import math
import os
from pathlib import Path

from kurs import quellen
from kurs.kern.pfade import laufendes_skript
from kurs.kern.skripte import KopfFehler, lies_baender, lies_skript


def _baender(pfad: Path, namen: set[str]) -> tuple[dict[str, tuple[float, float]], str]:
    """Die Bänder, die für diesen Lauf gelten, und ein Hinweis, welche das sind."""
    if not pfad.is_file() or not pfad.name.startswith(("demo_", "uebung_")):
        return {}, ""
    felder = lies_skript(pfad).felder
    baender = lies_baender(felder["Erwartet"]) if "Erwartet" in felder else {}
    if namen != set(baender):
        raise KopfFehler(
            f"{pfad.name}: ergebnis(…) nennt {sorted(namen)}, der Kopf erwartet {sorted(baender)}."
        )
    if not quellen.originale_benutzt():
        return baender, ""
    if "Original" in felder:
        return lies_baender(felder["Original"]), " (Originaldaten)"
    return {}, " (Originaldaten: Die Bänder des Kopfes gelten nur für die eingebetteten Daten)"


def ergebnis(**werte: float) -> None:
    """Druckt jeden Wert neben dem Band aus dem Kopf des Skripts (Feld Erwartet; mit Originaldaten Original).

    `KURS_ERGEBNISDATEI`: dorthin kommen die Werte als JSON. In einer Konsole gibt es keinen Kopf und
    keine Bänder. Fehler: KopfFehler, wenn Namen und Kopf nicht zusammenpassen; ValueError bei nan.
    """
    baender, hinweis = _baender(laufendes_skript(), set(werte))
    werte = {name: float(wert) for name, wert in werte.items()}
    if unsinn := [name for name, wert in werte.items() if not math.isfinite(wert)]:
        raise ValueError(f"{', '.join(unsinn)} ist keine Zahl (nan oder unendlich)")
    probelauf = os.environ.get("KURS_PROBELAUF") == "1"

    print(f"\nErgebnis{hinweis}")
    breite = max(len(name) for name in werte)
    ausserhalb = []
    for name, wert in werte.items():
        zeile = f"  {name:<{breite}}  {wert:8.4g}"
        if name in baender and not probelauf:
            unten, oben = baender[name]
            if not (im_band := unten <= wert <= oben):
                ausserhalb.append(name)
            zeile += f"   erwartet {unten:g}–{oben:g}   {'✔' if im_band else '✘ außerhalb'}"
        print(zeile)
    if probelauf:
        print("  (Probelauf mit Testwerten: Bänder gelten nicht.)")
    elif ausserhalb:
        print("  Außerhalb: An einer Stellschraube gedreht? Dann ist das die Beobachtung.")
        print("  Sonst bitte melden.")

    if ziel := os.environ.get("KURS_ERGEBNISDATEI"):
        inhalt = {"werte": werte, "baender": baender, "ausserhalb": ausserhalb}
        inhalt["quellen"] = quellen.benutzt()
        Path(ziel).write_text(json.dumps(inhalt, ensure_ascii=False), encoding="utf-8")
