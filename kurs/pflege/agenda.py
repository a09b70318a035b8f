"""Beantwortet: Was ist wann dran, und wie weit bin ich? Gelesen aus den Köpfen der Skripte und dem Fortschritt.

Die Agenda steht auf der Konsole und in Agenda.md, die Übersicht der Übungen nur auf der Konsole.
"""

from kurs import projekt
from kurs.kern.pfade import WURZEL
from kurs.kern.skripte import Skript, alle_skripte, lesbare_skripte, nach_kapitel
from kurs.uebungen.fortschritt import FALSCH, OFFEN, RICHTIG, staende

DATEI = WURZEL / "Agenda.md"


def _drucke_tabelle(titel: str, spalten: list[str], zeilen: list[tuple[str, ...]]) -> None:
    from rich.console import Console
    from rich.table import Column, Table

    koepfe = [Column(spalte, overflow="fold") for spalte in spalten]
    tabelle = Table(*koepfe, title=titel, title_justify="left", show_edge=False, pad_edge=False)
    for zeile in zeilen:
        tabelle.add_row(*zeile)
    Console(markup=False).print(tabelle, "")


def drucke() -> None:
    """Die Agenda als Tabelle auf der Konsole."""
    alle, fehler = lesbare_skripte()
    for (nummer, name), skripte in nach_kapitel(alle):
        zeilen = [(skript.name, skript.titel, f"{skript.sekunden} s") for skript in skripte]
        _drucke_tabelle(f"{nummer} {name}", ["Skript", "worum es geht", "Laufzeit"], zeilen)
    for grund in fehler:
        print(f"Nicht in der Agenda: {grund}")
    print("Starten: python start.py NAME   Testen: python start.py test")


def drucke_fortschritt() -> None:
    """Je Kapitel die Übungen mit gelösten, falschen und offenen Aufgaben, und was als Nächstes dran ist."""
    alle, fehler = lesbare_skripte()
    stand = {skript: staende(skript) for skript in alle if skript.ist_uebung}
    fertig = {skript for skript, aufgaben in stand.items() if set(aufgaben) == {RICHTIG}}
    for (nummer, name), gruppe in nach_kapitel(stand):
        skripte = list(gruppe)
        zeilen = []
        for skript in skripte:
            geloest, *rest = map(stand[skript].count, (RICHTIG, FALSCH, OFFEN))
            balken = "■" * geloest + "□" * sum(rest)
            zeilen.append((skript.name, balken, *(str(zahl or "") for zahl in (geloest, *rest))))
        titel = f"{nummer} {name}: {len(fertig & {*skripte})} von {len(skripte)} Übungen gelöst"
        _drucke_tabelle(titel, ["Übung", "Aufgaben", "gelöst", "falsch", "offen"], zeilen)
    for grund in fehler:
        print(f"Nicht dabei: {grund}")
    summe = [aufgabe for aufgaben in stand.values() for aufgabe in aufgaben]
    print(f"Insgesamt: {summe.count(RICHTIG)} von {len(summe)} Aufgaben gelöst.")
    if bestes := projekt.stand():
        print(
            f"Fashion-MNIST-Projekt: bestes Modell bisher {bestes.val_accuracy:.3f} auf der Validierung "
            f"({bestes.uebung})."
        )
    if offene := [skript.name for skript in stand if skript not in fertig]:
        print(f"Als Nächstes: python start.py {offene[0]}")


def _zeile(skript: Skript) -> str:
    ziel = skript.relativ.as_posix()
    verweis = f"[{skript.name}]({ziel})"
    if skript.ist_uebung:
        verweis += f" ([Lösung]({skript.loesung.relative_to(WURZEL).as_posix()}))"
    spalten = (skript.felder["Folie"], verweis, skript.titel, f"{skript.sekunden} s")
    return f"| {' | '.join(spalte.replace('|', '&#124;') for spalte in spalten)} |"


def als_markdown() -> str:
    """Die Agenda als Markdown-Tabellen: Folie, Skript, Thema, Laufzeit."""
    zeilen = [
        "# Agenda",
        "",
        "Laufzeiten mit vollen Stellschrauben auf 2 CPU-Kernen ohne Grafikkarte, Modelle schon umgewandelt.",
    ]
    for (nummer, name), skripte in nach_kapitel(alle_skripte()):
        zeilen += ["", f"## {nummer} {name}", ""]
        zeilen += ["| Folie | Skript | worum es geht | Laufzeit |", "|---|---|---|---:|"]
        zeilen += map(_zeile, skripte)
    return "\n".join([*zeilen, "", "<!-- erzeugt mit python -m kurs erzeugen -->", ""])
