"""Beantwortet: Ein Skript bricht ab. Was steht dann als Letztes auf dem Bildschirm?

Strg+C ergibt eine Zeile. In einer Übung wird der Fehler zum ✘ seiner Aufgabe, und die übrigen werden beurteilt.
Wo an einer Stellschraube gedreht ist, steht da, an welcher. Alles andere bleibt Pythons Fehlermeldung.
"""

import sys
from pathlib import Path

from kurs.kern import stellschrauben
from kurs.kern.abbruch import brich_ab, ist_abbruch
from kurs.uebungen.urteil import UEBUNGSNAME, Lauf

_vorher = sys.excepthook


def richte_ein() -> None:
    """Setzt `sys.excepthook` (einmal je Prozess); ein unmöglicher Wert beendet eine Demo schon hier."""
    sys.excepthook = _nach_absturz
    skript = sys.modules["__main__"]
    pfad = Path(getattr(skript, "__file__", None) or "")
    if UEBUNGSNAME.match(pfad.name):
        Lauf.von(vars(skript))  # wacht schon, bevor die erste Aufgabe dran ist
    if pfad.name.startswith("demo_") and stellschrauben.gedreht(pfad):
        if satz := stellschrauben.vor_dem_lauf(pfad):
            raise SystemExit(satz)
        stellschrauben.nimm_warnungen_ernst()


def _nach_absturz(art, fehler, spur) -> None:
    namensraum = sys.modules["__main__"].__dict__
    pfad = Path(namensraum.get("__file__") or "")
    ist_uebung = bool(UEBUNGSNAME.match(pfad.name))
    unseres = ist_uebung or pfad.name.startswith("demo_")
    if ist_uebung and not ist_abbruch(fehler):
        try:
            lauf = Lauf.von(namensraum)
            lauf.laufe(lauf.nach_fehler(fehler))
            lauf.schluss()
            return
        except BaseException as rest:  # noqa: BLE001 (kein Fehler einer Antwort, oder Strg+C)
            fehler = rest
    if ist_abbruch(fehler):
        brich_ab()
    gedreht = stellschrauben.gedreht(pfad) if unseres else {}
    if satz := stellschrauben.satz_zum_abbruch(pfad, gedreht, fehler):
        print(satz, file=sys.stderr, flush=True)
    else:
        _vorher(type(fehler), fehler, fehler.__traceback__)
