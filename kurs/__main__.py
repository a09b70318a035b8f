"""Die Kommandozeile: `python -m kurs BEFEHL`. Ohne Befehl erscheint die Agenda."""

import ast
import re
import sys
from itertools import pairwise
from typing import Annotated

from kurs import agenda, lauf
from kurs.pfade import WURZEL
from kurs.skripte import KopfFehler, Skript, alle_skripte, finde

try:
    import typer
except ImportError:
    raise SystemExit(
        f"Diesem Python ({sys.executable}) fehlen Pakete des Kurses. Starte mit: python start.py. "
        "Hilft das nicht, lösche den Ordner .venv und rufe es noch einmal auf."
    ) from None

app = typer.Typer(
    help="Deep Learning und Text Mining: Skripte starten, prüfen, messen.",
    add_completion=False,
    no_args_is_help=False,
    pretty_exceptions_enable=False,  # ein Fehler im Skript sieht aus wie immer
)


def _finde_oder_ende(name: str) -> Skript:
    """Das Skript zu einer Eingabe; bei einem unbekannten Namen ein Satz und Ende mit Code 2."""
    try:
        skript, hinweis = finde(name)
    except (LookupError, KopfFehler) as fehler:
        print(fehler.args[0])
        raise typer.Exit(2) from None
    if hinweis:
        print(hinweis, flush=True)
    return skript


@app.callback(invoke_without_command=True)
def start(kontext: typer.Context) -> None:
    """Ohne Befehl: die Agenda."""
    if kontext.invoked_subcommand is None:
        agenda.drucke()


@app.command("agenda")
def zeige_agenda() -> None:
    """Die Agenda: alle Skripte mit Titel und Laufzeit."""
    agenda.drucke()


@app.command("lauf")
def fuehre_aus(
    name: Annotated[str, typer.Argument(help="Name, Pfad oder ungefährer Name")],
    knopf: Annotated[
        list[str] | None, typer.Option(help="Stellschraube ändern, z. B. EPOCHS=3")
    ] = None,
    probe: Annotated[bool, typer.Option(help="mit den Testwerten")] = False,
    loesung: Annotated[bool, typer.Option(help="die gelöste Übung")] = False,
) -> None:
    """Führt ein Skript aus."""
    skript = _finde_oder_ende(name)
    teile = re.split(r"[\\/]", name)  # wer die Datei der Lösung nennt, meint die Lösung
    loesung = loesung or ("loesungen", skript.relativ.parts[0]) in pairwise(teile)
    if loesung and not skript.ist_uebung:
        print(f"{skript.name} ist keine Übung und hat keine Lösung.")
        raise typer.Exit(2)
    pfad = skript.loesung if loesung else skript.pfad
    if not pfad.is_file():
        print(f"Zu {skript.name} gibt es keine Lösung.")
        raise typer.Exit(2)
    if not knopf and not probe:
        raise typer.Exit(lauf.rufe_auf([sys.executable, str(pfad)]))
    werte = {}
    for eintrag in knopf or []:
        stellschraube, _, text = eintrag.partition("=")
        try:
            werte[stellschraube.strip()] = ast.literal_eval(text.strip())
        except (ValueError, SyntaxError):
            print(
                f"{eintrag!r} verstehe ich nicht. Gemeint ist etwa EPOCHS=3 oder AKTIVIERUNG='relu'."
            )
            raise typer.Exit(2) from None
    try:
        lauf.fuehre_aus(pfad, werte, probelauf=probe)
    except lauf.UnbekannteStellschraube as fehler:
        print(fehler.args[0])
        raise typer.Exit(2) from None


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def test(kontext: typer.Context) -> None:
    """Alle Tests; weitere Angaben gehen an pytest, z. B. -k dropout."""
    raise typer.Exit(lauf.rufe_auf([sys.executable, "-m", "pytest", *kontext.args], cwd=WURZEL))


@app.command()
def messen(
    namen: Annotated[list[str] | None, typer.Argument(help="Skripte; ohne Angabe alle")] = None,
    seeds: Annotated[
        int, typer.Option(help="so viele Seeds je Skript: Spannen für die Bänder")
    ] = 0,
) -> None:
    """Volle Läufe: Sekunden, Speicher, Ergebnisse neben ihren Bändern."""
    from kurs.messen import miss_alle, miss_seeds

    try:
        skripte = [_finde_oder_ende(name) for name in namen or []] or list(alle_skripte())
    except KopfFehler as fehler:
        print(fehler)
        raise typer.Exit(2) from None
    if seeds:
        raise typer.Exit(0 if miss_seeds(skripte, seeds) else 1)
    messungen = miss_alle(skripte)
    if any(messung.rueckgabe or messung.ausserhalb for messung in messungen):
        raise typer.Exit(1)


@app.command()
def readme() -> None:
    """Setzt die Agenda in die README ein."""
    try:
        agenda.schreibe_readme()
    except (OSError, ValueError) as fehler:
        print(f"Die README bleibt, wie sie ist: {fehler}")
        raise typer.Exit(2) from None
    print("README.md: Agenda aus den Köpfen der Skripte eingesetzt.")


@app.command()
def vorbereiten() -> None:
    """Holt alle eingebetteten Modelle und wandelt sie um (einmalig, rund 1 GB)."""
    from kurs.vorbereitung import bereite_alles_vor

    if not bereite_alles_vor():
        raise typer.Exit(1)


if __name__ == "__main__":
    app(prog_name="python start.py")
