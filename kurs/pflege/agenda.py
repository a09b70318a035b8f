"""Beantwortet: Was ist wann dran? Die Agenda für die Konsole und für die README, aus den Köpfen der Skripte."""

import re

from kurs.pfade import WURZEL, schreibe_text
from kurs.skripte import Skript, alle_skripte, lesbare_skripte, nach_kapitel

README = WURZEL / "README.md"
ANFANG, ENDE = "<!-- Agenda: erzeugt mit python -m kurs readme -->", "<!-- Ende der Agenda -->"


def drucke() -> None:
    """Die Agenda als Tabelle auf der Konsole."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    konsole = Console()
    alle, fehler = lesbare_skripte()
    for (nummer, name), skripte in nach_kapitel(alle):
        tabelle = Table(
            title=f"{nummer} {name}", title_justify="left", show_edge=False, pad_edge=False
        )
        for spalte in ("Skript", "worum es geht", "Laufzeit"):
            tabelle.add_column(
                spalte, overflow="fold", justify="right" if spalte == "Laufzeit" else "left"
            )
        for skript in skripte:
            tabelle.add_row(skript.name, escape(skript.titel), f"{skript.sekunden} s")
        konsole.print(tabelle, "")
    for grund in fehler:
        print(f"Nicht in der Agenda: {grund}")
    konsole.print(
        "Starten: [bold]python start.py NAME[/bold]   Testen: [bold]python start.py test[/bold]"
    )


def _zeile(skript: Skript) -> str:
    ziel = skript.relativ.as_posix()
    verweis = f"[{skript.name}]({ziel})"
    if skript.ist_uebung:
        verweis += f" ([Lösung]({skript.loesung.relative_to(WURZEL).as_posix()}))"
    spalten = (skript.felder["Folie"], verweis, skript.titel, f"{skript.sekunden} s")
    return f"| {' | '.join(spalte.replace('|', '&#124;') for spalte in spalten)} |"


def als_markdown() -> str:
    """Die Agenda als Markdown-Tabellen: Folie, Skript, Thema, Laufzeit."""
    zeilen = []
    for (nummer, name), skripte in nach_kapitel(alle_skripte()):
        zeilen += [f"### {nummer} {name}", ""]
        zeilen += ["| Folie | Skript | worum es geht | Laufzeit |", "|---|---|---|---:|"]
        zeilen += [*map(_zeile, skripte), ""]
    return "\n".join(zeilen)


def mit_agenda(text: str) -> str:
    """`text` mit der Agenda zwischen den beiden Marken. Fehler: ValueError, wenn die Marken fehlen."""
    muster = re.compile(f"{re.escape(ANFANG)}.*?{re.escape(ENDE)}", re.DOTALL)
    if not muster.search(text):
        raise ValueError("In der README fehlen die Marken der Agenda.")
    return muster.sub(lambda _: f"{ANFANG}\n\n{als_markdown()}\n{ENDE}", text)


def schreibe_readme() -> None:
    """Setzt die aktuelle Agenda in die README ein."""
    neu = mit_agenda(README.read_text(encoding="utf-8"))
    schreibe_text(README, neu)
