"""Beantwortet: Welche Begriffe erklärt `Glossar.md`, und welches Skript zeigt sie in welcher Zelle?

    ### Begriff

    Ein bis drei Sätze.

    - Gezeigt in: [demo_x](Kapitel/demo_x.py) · Zelle „was dort hinter # %% steht“

Zeigt kein Skript den Begriff, steht statt „Gezeigt in“ die Zeile „- *Theorie*“; „- Verwandt: …“ darf dazukommen.
"""

import re
from dataclasses import dataclass, field

from kurs.kern.pfade import WURZEL

DATEI = WURZEL / "Glossar.md"
VERWEIS = re.compile(r"- (Gezeigt in|Verwandt): \[(.+?)\]\((.+?)\) · Zelle „(.+)“")
THEORIE = "- *Theorie*"


@dataclass(frozen=True)
class Verweis:
    """Wo ein Begriff vorkommt: Skript, sein Pfad im Repository und der Titel der Zelle."""

    skript: str
    ziel: str
    zelle: str


@dataclass
class Begriff:
    """Ein Eintrag; `unlesbar` sind Listenzeilen, die keinem der drei Muster folgen."""

    buchstabe: str  # die Überschrift, unter der er steht
    name: str
    text: str = ""
    theorie: bool = False
    verweise: list[Verweis] = field(default_factory=list)  # dort wird er gezeigt
    verwandt: list[Verweis] = field(default_factory=list)  # das streift den Gedanken nur
    unlesbar: list[str] = field(default_factory=list)

    def _nimm_zeile(self, zeile: str) -> None:
        treffer = VERWEIS.fullmatch(zeile)
        if zeile == THEORIE:
            self.theorie = True
        elif treffer:
            art, skript, ziel, zelle = treffer.groups()
            zelle = re.sub(r"\\([*_`\[\]])", r"\1", zelle)  # \_ schreibt man in Markdown für _
            liste = self.verweise if art == "Gezeigt in" else self.verwandt
            liste.append(Verweis(skript, ziel, zelle))
        elif zeile.startswith("- "):
            self.unlesbar.append(zeile)
        else:
            self.text = f"{self.text} {zeile}".strip()


def lies(markdown: str | None = None) -> list[Begriff]:
    """Die Einträge von `Glossar.md` (oder eines Texts dieser Form) in ihrer Reihenfolge."""
    if markdown is None:
        markdown = DATEI.read_text(encoding="utf-8")
    begriffe, buchstabe = [], ""
    for zeile in markdown.splitlines():
        if zeile.startswith("## "):
            buchstabe = zeile.removeprefix("## ")
        elif zeile.startswith("### "):
            begriffe.append(Begriff(buchstabe, zeile.removeprefix("### ")))
        elif begriffe:
            begriffe[-1]._nimm_zeile(zeile)
    return begriffe
