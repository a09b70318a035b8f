"""Beantwortet: Woher kommen die Wettertage?

    days, weather = wettertage()      # Messwerte (pandas.DataFrame) und Klasse (pandas.Series)

Original: „Rain in Australia“, die Datei weatherAUS.csv (145.460 Tage), wenn sie jemand in den
Ordner data oder zu den eigenen Kopien gelegt hat; herunterladen lässt sie sich nur nach einer
Anmeldung. Sonst 1.461 echte Tage aus Seattle (Messungen der NOAA, gemeinfrei; Paket vega_datasets).
"""

from pathlib import Path

from kurs.kern.pfade import DATA
from kurs.quellen import NichtDa, Weg, eigene_kopien, nennt_kaputtes, waehle

import pandas as pd

DATEI = "weatherAUS.csv"
ZEILEN = (145_460, 142_193)  # die heutige Fassung und die erste, nur mit Label
TEXTSPALTEN = ("Date", "Location", "WindGustDir", "WindDir9am", "WindDir3pm", "RainToday")
UMBENANNT = {  # was beide Quellen messen, heißt in beiden gleich
    "Date": "date",
    "MinTemp": "temp_min",
    "MaxTemp": "temp_max",
    "Rainfall": "precipitation",
}


def wettertage() -> tuple[pd.DataFrame, pd.Series]:
    """Messwerte und Klasse je Tag; gleich lang, Index 0 … n − 1.

    Immer dabei: date (Datum), precipitation (mm), temp_max und temp_min (°C).
    Seattle: dazu wind (m/s), keine Lücken; Klasse drizzle, fog, rain, snow oder sun.
    Australien: alle Spalten der Datei, mit Lücken; Klasse Yes oder No: Regnet es morgen? Tage ohne
    Klasse fehlen. Die Spalte RISK_MM der ersten Fassung fehlt auch: Sie ist die Antwort.
    Fehler: KeineQuelle mit einem deutschen Satz.
    """
    orte = (DATA, eigene_kopien(), eigene_kopien() / "weather")
    wege = [
        Weg(f"{DATEI} in {ort}", True, lambda ort=ort: lies_australien(ort / DATEI)) for ort in orte
    ]
    seattle = Weg("1.461 echte Tage aus Seattle, eingebettet", False, _seattle)
    return waehle("Wetter", [*wege, seattle], DATA / DATEI)


def lies_australien(pfad: Path) -> tuple[pd.DataFrame, pd.Series]:
    """Liest weatherAUS.csv. Fehler: NichtDa; was kaputt ist, steht darin mit Pfad und Grund."""
    with nennt_kaputtes(pfad):
        tage = pd.read_csv(pfad, dtype=dict.fromkeys(TEXTSPALTEN, str))
        tage["Date"] = pd.to_datetime(tage["Date"], format="%Y-%m-%d")
        tage = tage.drop(columns="RISK_MM", errors="ignore").rename(columns=UMBENANNT)
        tage.drop(columns=["RainTomorrow", "date", *TEXTSPALTEN[1:]]).astype(float)
        tage[list(UMBENANNT.values())]  # fehlt eine, soll es hier auffallen
        klasse = tage.pop("RainTomorrow")
    if len(tage) not in ZEILEN:
        raise NichtDa(
            f"{pfad} ist nicht vollständig und wird übergangen ({len(tage)} statt {ZEILEN[0]} Tage)"
        )
    if set(klasse.dropna()) != {"Yes", "No"}:
        raise NichtDa(f"{pfad} wird übergangen: In RainTomorrow steht etwas anderes als Yes und No")
    da = klasse.notna()
    return tage[da].reset_index(drop=True), klasse[da].reset_index(drop=True)


def _seattle() -> tuple[pd.DataFrame, pd.Series]:
    from vega_datasets import data

    tage = data.seattle_weather()
    return tage, tage.pop("weather")
