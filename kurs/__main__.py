"""Die Kommandozeile: `python -m kurs BEFEHL`. Ohne Befehl erscheint die Agenda."""

import ast
import contextlib
import re
import sys
from itertools import pairwise
from pathlib import Path
from typing import Annotated

from kurs import lauf
from kurs.kern import stellschrauben
from kurs.kern.abbruch import brich_ab
from kurs.kern.pfade import WURZEL, schreibe_text
from kurs.kern.skripte import KopfFehler, Skript, alle_skripte, finde, lies_quelltext, lies_skript
from kurs.pflege import agenda
from kurs.uebungen import aufgaben
from kurs.uebungen.ablauf import repariere
from kurs.uebungen.fortschritt import vergiss

try:
    import typer
except ImportError:
    if sys.argv[1:] == ["arzt"]:
        from kurs.arzt import untersuche

        raise SystemExit(untersuche(eingerichtet=True)) from None
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


def _ende(satz: object) -> typer.Exit:
    """Druckt den Satz; wer das Ergebnis wirft, endet mit Code 2."""
    print(satz)
    return typer.Exit(2)


@contextlib.contextmanager
def _satz_statt_fehler(*arten: type[Exception]):
    """Aus einem Fehler dieser Arten wird sein Satz und das Ende mit Code 2."""
    try:
        yield
    except arten as fehler:
        raise _ende(fehler.args[0]) from None


def _finde(name: str) -> Skript:
    """Das Skript zu einer Eingabe; seine Datei darf kaputt sein."""
    with _satz_statt_fehler(LookupError):
        skript, hinweis = finde(name)
    if hinweis:
        print(hinweis, flush=True)
    return skript


def _alle_oder(namen: list[str] | None) -> tuple[Skript, ...]:
    """Die genannten Skripte, gelesen; ohne Namen alle."""
    with _satz_statt_fehler(KopfFehler):
        return tuple(lies_skript(_finde(name).pfad) for name in namen or ()) or alle_skripte()


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
def starte_skript(
    name: Annotated[str, typer.Argument(help="Name, Pfad oder ungefährer Name")],
    knopf: Annotated[list[str] | None, typer.Option(help="Stellschraube, z. B. EPOCHS=3")] = None,
    probe: Annotated[bool, typer.Option(help="mit den Testwerten")] = False,
    loesung: Annotated[bool, typer.Option(help="die gelöste Übung")] = False,
) -> None:
    """Führt ein Skript aus."""
    skript = _finde(name)
    teile = re.split(r"[\\/]", name)  # wer die Datei der Lösung nennt, meint die Lösung
    loesung = loesung or ("loesungen", skript.relativ.parts[0]) in pairwise(teile)
    pfad = skript.loesung if loesung else skript.pfad
    if not pfad.is_file():
        raise _ende(f"Zu {skript.name} gibt es keine Lösung.")
    kaputt = skript.ist_uebung and repariere(lies_quelltext(pfad))[1]  # das liest Python nicht
    if not (knopf or probe or kaputt):
        raise typer.Exit(lauf.rufe_auf([sys.executable, str(pfad)]))
    werte = _lies_knoepfe(pfad, knopf or [])
    if werte and not skript.ist_uebung:  # in einer Übung kann es an der Antwort liegen
        stellschrauben.nimm_warnungen_ernst()
    try:
        lauf.fuehre_aus(pfad, werte, probelauf=probe)
    except (lauf.UnbekannteStellschraube, KopfFehler) as fehler:
        raise _ende(fehler.args[0]) from None
    except KeyboardInterrupt:
        brich_ab()
    except SystemExit:
        raise
    except BaseException as fehler:  # auch ein „panic“ aus Rust (tokenizers) ist keine Exception
        gedreht = {**stellschrauben.gedreht(pfad), **werte}
        satz = stellschrauben.satz_zum_abbruch(pfad, gedreht, fehler)
        if not satz:
            raise
        print(satz, file=sys.stderr)
        raise typer.Exit(1) from None


def _lies_knoepfe(pfad: Path, eintraege: list[str]) -> dict[str, object]:
    """Name → Wert aus „EPOCHS=3“; was sich nicht lesen lässt oder nicht passt: ein Satz und Ende mit Code 2."""
    vorher, werte = stellschrauben.ausgeliefert(pfad.stem), {}
    for eintrag in eintraege:
        name, _, text = (teil.strip() for teil in eintrag.partition("="))
        try:
            werte[name] = ast.literal_eval(text)
        except (ValueError, SyntaxError):
            tipp = "Gemeint ist etwa EPOCHS=3 oder ACTIVATION='relu'."
            if re.fullmatch(r"-?\d+,\d+", text):
                tipp = f"Python schreibt {text.replace(',', '.')} mit Punkt."
            raise _ende(f"{eintrag!r} verstehe ich nicht. {tipp}") from None
        if name in vorher:
            falsch = stellschrauben.falsche_art(name, werte[name], vorher[name])
            if satz := falsch or stellschrauben.unmoeglich(name, werte[name], vorher[name]):
                raise _ende(satz)
    return werte


@app.command()
def arzt() -> None:
    """Kursarzt: Ist dieser Rechner bereit, und was fehlt? Exit-Code 1, wenn etwas fehlt."""
    from kurs.arzt import untersuche

    raise typer.Exit(untersuche(eingerichtet=True))


@app.command()
def einrichten() -> None:
    """Bringt die .venv auf den Stand der Anforderungen, auch wenn darin etwas fehlt."""
    from kurs.starter import starte

    raise typer.Exit(starte(["einrichten"]))


@app.command()
def fortschritt() -> None:
    """Fortschritt: gelöste, falsche und offene Aufgaben je Kapitel."""
    agenda.drucke_fortschritt()


def _uebung(name: str) -> Skript:
    """Die Übung, auch wenn sie gerade kein gültiges Python ist: Dann braucht man das hier am meisten."""
    skript = _finde(name)
    if not skript.ist_uebung:
        raise _ende(f"{skript.name} ist keine Übung.")
    return skript


@app.command()
def ueben(name: Annotated[str, typer.Argument(help="Name einer Übung")]) -> None:
    """Beobachtet eine Übung und prüft sie bei jedem Speichern; die Bibliotheken sind dann schon geladen."""
    from kurs.uebungen.ueben import beobachte

    beobachte(_uebung(name).pfad)


@app.command()
def zuruecksetzen(name: Annotated[str, typer.Argument(help="Name einer Übung")]) -> None:
    """Setzt eine Übung zurück; der bisherige Versuch bleibt daneben liegen."""
    skript = _uebung(name)
    with _satz_statt_fehler(aufgaben.NichtMoeglich):
        versuch = aufgaben.setze_zurueck(skript)
    if versuch is None:
        print(f"{skript.name} ist schon so wie ausgeliefert.")
        return
    vergiss(skript.name)
    print(f"{skript.name} ist wieder wie ausgeliefert. Dein Versuch liegt daneben: {versuch.name}")


@app.command()
def loesung(
    name: Annotated[str, typer.Argument(help="Name einer Übung")],
    aufgabe: Annotated[int | None, typer.Option(help="nur diese Aufgabe")] = None,
) -> None:
    """Zeigt Aufgabe für Aufgabe, was in deiner Übung (-) und was in der Lösung (+) steht."""
    with _satz_statt_fehler(aufgaben.NichtMoeglich):
        gefunden = list(aufgaben.unterschiede(_uebung(name), aufgabe))
    farben = {"-": "red", "+": "green"}
    for ueberschrift, zeilen in gefunden:
        typer.secho(ueberschrift, bold=True)
        for zeile in zeilen or ["  (wie in der Lösung)"]:
            typer.secho("  " + zeile.rstrip(), fg=farben.get(zeile[0]))
    print("\n- deine Übung, + die Lösung; andere Lösungen können ebenso richtig sein.")


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def test(kontext: typer.Context) -> None:
    """Alle Tests; weitere Angaben gehen an pytest, z. B. -k dropout."""
    angaben = kontext.args or lauf.nebeneinander()
    raise typer.Exit(lauf.rufe_auf([sys.executable, "-m", "pytest", *angaben], cwd=WURZEL))


@app.command()
def messen(
    namen: Annotated[list[str] | None, typer.Argument(help="Skripte; ohne Angabe alle")] = None,
    seeds: Annotated[int, typer.Option(help="so viele Seeds je Skript, für die Bänder")] = 0,
    festschreiben: Annotated[bool, typer.Option(help="in Messwerte.md")] = False,
) -> None:
    """Volle Läufe: Sekunden, Speicher, Ergebnisse neben ihren Bändern."""
    from kurs.pflege.messen import halte_fest, miss_alle, miss_seeds

    skripte = _alle_oder(namen)
    if seeds:
        raise typer.Exit(0 if miss_seeds(skripte, seeds) else 1)
    messungen = miss_alle(skripte)
    if festschreiben:
        halte_fest(messungen, alle_skripte())
    if any(messung.rueckgabe or messung.ausserhalb for messung in messungen):
        raise typer.Exit(1)


@app.command()
def erzeugen() -> None:
    """Für alle, die weiterbauen: schreibt neu, was aus den Skripten entsteht (Tests verlangen es)."""
    with _satz_statt_fehler(ValueError):
        uebungen = [skript for skript in alle_skripte() if skript.ist_uebung]
        schreibe_text(aufgaben.vorlagen(), aufgaben.vorlagen_als_text(uebungen))
        schreibe_text(stellschrauben.datei(), stellschrauben.als_text(alle_skripte()))
        schreibe_text(agenda.DATEI, agenda.als_markdown())
    print("Erzeugt: Agenda.md, loesungen/vorlagen.json und stellschrauben.json.")


@app.command()
def galerie(
    namen: Annotated[list[str] | None, typer.Argument(help="Skripte; ohne Angabe alle")] = None,
) -> None:
    """Galerie: alle Skripte mit vollen Werten, daraus Webseiten mit Quelltext, Ausgabe und Plots."""
    from kurs import browser
    from kurs.pflege.galerie import schreibe
    from kurs.pflege.messen import miss_alle

    skripte = _alle_oder(namen)
    messungen = miss_alle(skripte)
    browser.zeige(schreibe(skripte, messungen))
    if any(messung.rueckgabe for messung in messungen):
        raise typer.Exit(1)


@app.command()
def vorbereiten(
    kapitel: Annotated[int | None, typer.Argument(help="nur die Modelle dieses Kapitels")] = None,
    originale: Annotated[bool, typer.Option(help="stattdessen die Originale, 4,5 GB")] = False,
) -> None:
    """Holt die eingebetteten Modelle und wandelt sie um (einmalig, rund 400 MB zu laden)."""
    from kurs.vorbereitung import bereite_alles_vor, hole_originale

    if not (hole_originale() if originale else bereite_alles_vor(kapitel)):
        raise typer.Exit(1)


if __name__ == "__main__":
    app(prog_name="python start.py")
