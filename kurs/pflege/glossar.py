"""Beantwortet: Welche Begriffe erklärt `Glossar.md`, und welches Skript zeigt sie in welcher Zelle?

    ### Begriff

    Ein bis drei Sätze.

    - Gezeigt in: [demo_x](Kapitel/demo_x.py) · Zelle „was dort hinter # %% steht“

Zeigt kein Skript den Begriff, steht statt „Gezeigt in“ die Zeile „- *Theorie*“; „- Verwandt: …“ darf dazukommen.
"""

import re
from typing import NamedTuple

from kurs.kern.pfade import WURZEL

DATEI = WURZEL / "Glossar.md"
VERWEIS = re.compile(r"- (Gezeigt in|Verwandt): \[(.+?)\]\((.+?)\) · Zelle „(.+)“")


class Verweis(NamedTuple):
    """Wo ein Begriff vorkommt: Skript, sein Pfad im Repository und der Titel der Zelle."""

    skript: str
    ziel: str
    zelle: str


class Begriff(NamedTuple):
    """Ein Eintrag unter einem Buchstaben; `zeilen` sind die, die mit „- “ beginnen."""

    buchstabe: str
    name: str
    text: str
    zeilen: list[str]

    def verweise(self, art: str = "Gezeigt in") -> list[Verweis]:
        """Wo er gezeigt wird oder, mit „Verwandt“, wo ein Skript den Gedanken nur streift."""
        treffer = filter(None, map(VERWEIS.fullmatch, self.zeilen))
        return [Verweis(*t.groups()[1:]) for t in treffer if t[1] == art]


def lies() -> list[Begriff]:
    """Die Einträge von `Glossar.md` in ihrer Reihenfolge."""
    begriffe, buchstabe = [], ""
    for abschnitt in re.split(r"^(?=##)", DATEI.read_text(encoding="utf-8"), flags=re.M)[1:]:
        titel, *zeilen = filter(None, abschnitt.splitlines())
        if titel.startswith("## "):
            buchstabe = titel.removeprefix("## ")
            continue
        text = " ".join(zeile for zeile in zeilen if not zeile.startswith("- "))
        liste = [zeile for zeile in zeilen if zeile.startswith("- ")]
        begriffe.append(Begriff(buchstabe, titel.removeprefix("### "), text, liste))
    return begriffe
