"""Beantwortet: Ist es richtig, wie weit bin ich, und wie fange ich von vorn an?

Was die Dateien unter `pruefungen/` brauchen, importieren sie von hier.
"""

from kurs.uebungen.arten import (
    Diagnose,
    ein,
    feld,
    funktion,
    ganzzahl,
    in_worten,
    liste,
    modell,
    text,
    verfehlt,
    wahrheit,
    woerterbuch,
    zahl,
)
from kurs.uebungen.urteil import pruefe, tipps
