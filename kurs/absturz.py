"""Beantwortet: Ein Skript bricht ab. Was steht dann als Letztes auf dem Bildschirm?

Strg+C ergibt eine Zeile. In einer Übung wird der Fehler zum ✘ seiner Aufgabe, und die übrigen werden beurteilt.
Wo an einer Stellschraube gedreht ist, steht da, an welcher. Alles andere bleibt Pythons Fehlermeldung.
"""

import os
import sys
from pathlib import Path

_vorher = sys.excepthook


def richte_ein() -> None:
    """Setzt `sys.excepthook` (einmal je Prozess)."""
    sys.excepthook = _nach_absturz


def _brich_ab() -> None:
    print("\nAbgebrochen.", flush=True)
    os._exit(130)  # TensorFlow räumte sonst noch sekundenlang auf


def _nach_absturz(art, fehler, spur) -> None:
    if isinstance(fehler, KeyboardInterrupt):
        _brich_ab()
    namensraum = sys.modules["__main__"].__dict__
    pfad = Path(namensraum.get("__file__") or "")
    if not pfad.name.startswith(("demo_", "uebung_", "versuch_")):
        _vorher(art, fehler, spur)
        return
    if "uebung_" in pfad.name:
        from kurs.uebungen.urteil import Lauf

        try:
            lauf = Lauf.von(namensraum)
            lauf.laufe(lauf.nach_fehler(fehler))
            lauf.schluss()
            return
        except KeyboardInterrupt:
            _brich_ab()
        except BaseException as rest:  # noqa: BLE001 (kein Fehler einer Antwort)
            fehler = rest
    from kurs import stellschrauben

    satz = stellschrauben.satz_zum_abbruch(pfad, stellschrauben.gedreht(pfad), fehler)
    if satz:
        print(satz, file=sys.stderr, flush=True)
    else:
        _vorher(type(fehler), fehler, fehler.__traceback__)
