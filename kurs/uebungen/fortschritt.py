"""Beantwortet: Wie weit bin ich mit den Übungen?

`ausgabe/fortschritt/uebung_….json` hält fest, was der letzte Lauf einer Übung ergab:

    {"Aufgabe 1": "richtig", "Aufgabe 2": "falsch", "Aufgabe 3": "offen"}

Eine Datei je Übung, geschrieben durch Umbenennen: Zwei Läufe zugleich nehmen einander nichts weg, und ist
eine Datei nicht zu lesen, ist nur diese Übung wieder offen. Probeläufe (Tests), Lösungen und Dateien
außerhalb der Kapitel zählen nicht. Kein Fehler hier hält eine Übung auf.
"""

import json
import os
from pathlib import Path

from kurs.kern import skripte
from kurs.kern.pfade import AUSGABE, schreibbar, schreibe_text
from kurs.uebungen.aufgaben import bereiche

RICHTIG, FALSCH, OFFEN = "richtig", "falsch", "offen"


def _datei(name: str) -> Path:
    return AUSGABE / "fortschritt" / f"{name}.json"


def merke(skript: Path, aufgaben: dict[str, str]) -> None:
    """Hält fest, was ein Lauf von `skript` ergab: Aufgabe → „richtig“, „falsch“ oder „offen“."""
    if os.environ.get("KURS_PROBELAUF") == "1" or not zaehlt(skript):
        return
    datei = _datei(skript.stem)
    try:
        text = json.dumps(aufgaben, ensure_ascii=False)
        schreibe_text(schreibbar(datei.parent) / datei.name, text)
    except OSError as fehler:  # etwa ein voller Datenträger: Die Übung selbst geht das nichts an
        print(f"Der Fortschritt wurde nicht gespeichert ({fehler.strerror or fehler}).")


def vergiss(name: str) -> None:
    """Nimmt eine zurückgesetzte Übung aus dem Fortschritt."""
    _datei(name).unlink(missing_ok=True)


def lies(name: str) -> dict[str, str]:
    """Aufgabe → Stand einer Übung; leer, wenn sie nie lief oder nichts Lesbares da ist."""
    try:
        return dict(json.loads(_datei(name).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, RecursionError):
        return {}


def zaehlt(skript: Path) -> bool:
    """Ob die Datei eine Übung in einem Kapitel ist (keine Lösung, kein Versuch, nichts Fremdes)."""
    return skript.name.startswith("uebung_") and skript.resolve() in skripte.skriptpfade()


def staende(skript: skripte.Skript) -> list[str]:
    """Je Aufgabe, die die Übung hat, ihr Stand; was nie lief, ist offen.

    Gezählt wird in der Lösung: Wer in der Übung eine Marke löscht, hat darum nicht weniger Aufgaben.
    """
    letzter_lauf = lies(skript.name)
    pfad = skript.loesung if skript.loesung.is_file() else skript.pfad
    nummern = bereiche(skripte.lies_quelltext(pfad))
    return [letzter_lauf.get(f"Aufgabe {nummer}", OFFEN) for nummer in sorted(nummern)]
