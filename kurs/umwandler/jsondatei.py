"""Beantwortet: Wie lesen und schreiben die Umwandler JSON? Unlesbares ist beschädigt, mit Namen."""

import json
from pathlib import Path

from kurs.umwandler import Beschaedigt


def lies_json(datei: Path) -> dict:
    """Der Inhalt. Fehler: Beschaedigt mit dem Namen der Datei."""
    try:
        return json.loads(datei.read_text(encoding="utf-8"))
    except (OSError, ValueError) as fehler:
        raise Beschaedigt(f"{datei.name} ist nicht lesbar ({type(fehler).__name__})") from None


def schreibe_json(datei: Path, inhalt: dict, indent: int | None = 2) -> None:
    """Schreibt UTF-8, Umlaute bleiben Umlaute."""
    datei.write_text(json.dumps(inhalt, indent=indent, ensure_ascii=False), encoding="utf-8")
