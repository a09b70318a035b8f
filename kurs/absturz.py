"""Beantwortet: Ein Skript bricht ab. Was steht dann als Letztes auf dem Bildschirm?

Strg+C ergibt eine Zeile. In einer Übung wird der Fehler zum ✘ seiner Aufgabe, und die übrigen werden beurteilt.
Alles andere bleibt Pythons Fehlermeldung.
"""

import sys
from pathlib import Path


_vorher = sys.excepthook


def richte_ein() -> None:
    """Setzt `sys.excepthook` (einmal je Prozess)."""
    sys.excepthook = _nach_absturz


def _nach_absturz(art, fehler, spur) -> None:
    if isinstance(fehler, KeyboardInterrupt):
        print("\nAbgebrochen.", flush=True)
        return
    namensraum = sys.modules["__main__"].__dict__
    if "uebung_" not in Path(namensraum.get("__file__") or "").name:
        _vorher(art, fehler, spur)
        return
    from kurs.uebungen.urteil import Lauf

    try:
        lauf = Lauf.von(namensraum)
        lauf.fuehre_aus(lauf.nach_fehler(fehler))
    except KeyboardInterrupt:
        print("\nAbgebrochen.", flush=True)
    except BaseException as rest:  # noqa: BLE001 (kein Fehler einer Antwort)
        _vorher(type(rest), rest, rest.__traceback__)
