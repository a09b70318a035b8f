"""Beantwortet: Was steht in einer Zeile des Arztes, wen trifft es, und was behebt es?"""

import re
from dataclasses import dataclass

from kurs.skripte import skriptpfade

GUT, HINWEIS, FEHLT = "ok", "Hinweis", "fehlt"
EINRICHTEN = "python start.py einrichten"
VORBEREITEN = "python start.py vorbereiten"
NEU_ANLEGEN = f"den Ordner .venv löschen, dann {EINRICHTEN}"


@dataclass(frozen=True)
class Punkt:
    """Ein Satz über eine Sache. `fehlt` heißt: Diese `skripte` laufen so nicht; ein Hinweis hält nichts auf."""

    stand: str
    sache: str
    satz: str
    skripte: tuple[str, ...] = ()
    abhilfe: str = ""


def skripte_mit(muster: str = "") -> tuple[str, ...]:
    """Die Namen der Skripte, in deren Text `muster` vorkommt; ohne Muster alle."""
    return tuple(
        pfad.stem
        for pfad in skriptpfade()
        if re.search(muster, pfad.read_text(encoding="utf-8", errors="replace"))
    )
