"""Beantwortet: Ein Skript bricht ab. Was steht dann als Letztes auf dem Bildschirm?

Strg+C ergibt eine Zeile. In einer Übung wird der Fehler zum ✘ seiner Aufgabe, und die übrigen werden beurteilt.
Alles andere bleibt Pythons Fehlermeldung.
"""

import sys
from pathlib import Path


def richte_ein() -> None:
    """Setzt `sys.excepthook`, wenn gerade ein Skript des Kurses läuft."""
    name = Path(getattr(sys.modules.get("__main__"), "__file__", None) or "").name
    if name.startswith(("demo_", "uebung_", "versuch_")):
        sys.excepthook = _nach_absturz


def _nach_absturz(art, fehler, spur) -> None:
    if isinstance(fehler, KeyboardInterrupt):
        print("\nAbgebrochen.", flush=True)
        return
    namensraum = sys.modules["__main__"].__dict__
    if "uebung_" not in Path(namensraum.get("__file__", "")).name:
        sys.__excepthook__(art, fehler, spur)
        return
    from kurs.uebungen.urteil import Lauf

    try:
        lauf = Lauf.von(namensraum)
        lauf.fuehre_aus(lauf.nach_fehler(fehler))
    except KeyboardInterrupt:
        print("\nAbgebrochen.", flush=True)
    except BaseException as rest:  # noqa: BLE001 (kein Fehler einer Antwort)
        sys.__excepthook__(type(rest), rest, rest.__traceback__)
