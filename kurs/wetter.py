"""Beantwortet: Woher kommen die Wettertage?

    days, weather = wettertage()      # Messwerte (pandas.DataFrame) und Klasse (pandas.Series)

Original: „Rain in Australia“, die Datei weatherAUS.csv (145.460 Tage), wenn sie jemand in den
Ordner data oder zu den eigenen Kopien gelegt hat; herunterladen lässt sie sich nur nach einer
Anmeldung. Sonst 1.461 echte Tage aus Seattle (Messungen der NOAA, gemeinfrei; Paket vega_datasets).
"""

from pathlib import Path

from kurs.pfade import DATA
from kurs.quellen import NichtDa, Weg, eigene_kopien, waehle

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
    wege = [
        Weg(f"{pfad.name} in {pfad.parent}", True, lambda pfad=pfad: lies_australien(pfad))
        for pfad in (
            DATA / DATEI,
            eigene_kopien() / DATEI,
            eigene_kopien() / "weather" / DATEI,
        )
    ]
    seattle = Weg("1.461 echte Tage aus Seattle, eingebettet", False, _seattle)
    return waehle("Wetter", [*wege, seattle], DATA / DATEI)


def lies_australien(pfad: Path) -> tuple[pd.DataFrame, pd.Series]:
    """Liest weatherAUS.csv. Fehler: NichtDa; was kaputt ist, steht darin mit Pfad und Grund."""
    if not pfad.exists():
        raise NichtDa("")
    try:
        tage = pd.read_csv(pfad, dtype=dict.fromkeys(TEXTSPALTEN, str))
        tage["Date"] = pd.to_datetime(tage["Date"], format="%Y-%m-%d")
        tage = tage.drop(columns="RISK_MM", errors="ignore").rename(columns=UMBENANNT)
        messwerte = tage.drop(columns=["RainTomorrow", "date", *TEXTSPALTEN[1:]])
        messwerte.astype(float)
        klasse = tage["RainTomorrow"]
        tage[list(UMBENANNT.values())]  # fehlt eine, soll es hier auffallen
    except Exception as fehler:  # noqa: BLE001 (wie Kaputtes scheitert, hängt von der Stelle ab)
        raise NichtDa(
            f"{pfad} ist beschädigt und wird übergangen ({type(fehler).__name__})"
        ) from None
    if len(tage) not in ZEILEN:
        raise NichtDa(
            f"{pfad} ist nicht vollständig und wird übergangen ({len(tage)} statt {ZEILEN[0]} Tage)"
        )
    if set(klasse.dropna()) != {"Yes", "No"}:
        raise NichtDa(f"{pfad} wird übergangen: In RainTomorrow steht etwas anderes als Yes und No")
    tage = tage[klasse.notna()].reset_index(drop=True)
    return tage.drop(columns="RainTomorrow"), tage["RainTomorrow"]


def _seattle() -> tuple[pd.DataFrame, pd.Series]:
    try:
        from vega_datasets import data
    except ImportError:
        raise NichtDa("das Paket vega_datasets fehlt: python start.py holt es") from None
    tage = data.seattle_weather()
    return tage.drop(columns="weather"), tage["weather"]
