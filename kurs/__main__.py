"""Die Kommandozeile: `python -m kurs BEFEHL`. Ohne Befehl erscheint die Agenda."""

import ast
import re
import sys
from itertools import pairwise
from pathlib import Path
from typing import Annotated

from kurs import agenda, lauf, stellschrauben
from kurs.pfade import WURZEL, schreibe_text
from kurs.skripte import KopfFehler, Skript, alle_skripte, finde, finde_pfad
from kurs.uebungen import aufgaben
from kurs.uebungen import fortschritt as lernstand

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


def _datei_oder_ende(name: str) -> Skript:
    """Wie `_finde_oder_ende`, ohne die Datei zu lesen."""
    try:
        pfad, hinweis = finde_pfad(name)
    except LookupError as fehler:
        print(fehler.args[0])
        raise typer.Exit(2) from None
    if hinweis:
        print(hinweis, flush=True)
    return Skript(pfad, titel="", felder={})


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
    skript = _datei_oder_ende(name)
    teile = re.split(r"[\\/]", name)  # wer die Datei der Lösung nennt, meint die Lösung
    loesung = loesung or ("loesungen", skript.relativ.parts[0]) in pairwise(teile)
    if loesung and not skript.ist_uebung:
        print(f"{skript.name} ist keine Übung und hat keine Lösung.")
        raise typer.Exit(2)
    pfad = skript.loesung if loesung else skript.pfad
    if not pfad.is_file():
        print(f"Zu {skript.name} gibt es keine Lösung.")
        raise typer.Exit(2)
    if not knopf and not probe and not (skript.ist_uebung and lauf.ist_kaputt(pfad)):
        raise typer.Exit(lauf.rufe_auf([sys.executable, str(pfad)]))
    werte = _lies_knoepfe(pfad, knopf or [])
    try:
        lauf.fuehre_aus(pfad, werte, probelauf=probe)
    except (lauf.UnbekannteStellschraube, KopfFehler) as fehler:
        print(fehler.args[0])
        raise typer.Exit(2) from None
    except Exception as fehler:
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
            satz = name in vorher and stellschrauben.falsche_art(name, werte[name], vorher[name])
        except (ValueError, SyntaxError):
            satz = (
                f"{eintrag!r} verstehe ich nicht. Gemeint ist etwa EPOCHS=3 oder ACTIVATION='relu'."
            )
            if re.fullmatch(r"-?\d+,\d+", text):
                satz = f"{eintrag!r} verstehe ich nicht: Python schreibt {text.replace(',', '.')} mit Punkt."
        if satz:
            print(satz)
            raise typer.Exit(2)
    return werte


@app.command()
def arzt() -> None:
    """Kursarzt: Ist dieser Rechner bereit, und was fehlt? Exit-Code 1, wenn etwas fehlt."""
    from kurs.arzt import untersuche

    raise typer.Exit(untersuche(Path(sys.executable)))


@app.command()
def einrichten() -> None:
    """Bringt die .venv auf den Stand der Anforderungen, auch wenn darin etwas fehlt."""
    from kurs.einrichtung import starte

    raise typer.Exit(starte(["einrichten"]))


@app.command()
def fortschritt() -> None:
    """Fortschritt: gelöste, falsche und offene Aufgaben je Kapitel."""
    lernstand.drucke()


def _uebung(name: str) -> Skript:
    """Die Übung, auch wenn sie gerade kein gültiges Python ist: Dann braucht man das hier am meisten."""
    skript = _datei_oder_ende(name)
    if not skript.ist_uebung:
        print(f"{skript.name} ist keine Übung.")
        raise typer.Exit(2)
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
    try:
        versuch = aufgaben.setze_zurueck(skript)
    except aufgaben.NichtMoeglich as grund:
        print(grund)
        raise typer.Exit(2) from None
    if versuch is None:
        print(f"{skript.name} ist schon so wie ausgeliefert.")
        return
    lernstand.vergiss(skript.name)
    print(f"{skript.name} ist wieder wie ausgeliefert. Dein Versuch liegt daneben: {versuch.name}")


@app.command()
def loesung(
    name: Annotated[str, typer.Argument(help="Name einer Übung")],
    aufgabe: Annotated[int | None, typer.Option(help="nur diese Aufgabe")] = None,
) -> None:
    """Zeigt Aufgabe für Aufgabe, was in deiner Übung (-) und was in der Lösung (+) steht."""
    try:
        gefunden = list(aufgaben.unterschiede(_uebung(name), aufgabe))
    except aufgaben.NichtMoeglich as grund:
        print(grund)
        raise typer.Exit(2) from None
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


def _schreibe_fest(messungen: list) -> None:
    """Die Messungen in die Tabelle, an der spätere Läufe gemessen werden, und in ihre lesbare Fassung."""
    from kurs import messtabelle
    from kurs.messen import rechner, schreibe_fest

    schreibe_fest(messungen, rechner())
    messtabelle.schreibe_lesbar([skript.name for skript in alle_skripte()])


@app.command()
def messen(
    namen: Annotated[list[str] | None, typer.Argument(help="Skripte; ohne Angabe alle")] = None,
    seeds: Annotated[
        int, typer.Option(help="so viele Seeds je Skript: Spannen für die Bänder")
    ] = 0,
    festschreiben: Annotated[
        bool, typer.Option(help="in die Tabelle, an der spätere Läufe gemessen werden")
    ] = False,
) -> None:
    """Volle Läufe: Sekunden, Speicher, Ergebnisse neben ihren Bändern; was langsamer wurde."""
    from kurs.messen import miss_alle, miss_seeds

    try:
        skripte = [_finde_oder_ende(name) for name in namen or []] or list(alle_skripte())
    except KopfFehler as fehler:
        print(fehler)
        raise typer.Exit(2) from None
    if seeds:
        raise typer.Exit(0 if miss_seeds(skripte, seeds) else 1)
    messungen = miss_alle(skripte)
    if festschreiben:
        _schreibe_fest(messungen)
    if any(messung.rueckgabe or messung.ausserhalb for messung in messungen):
        raise typer.Exit(1)


@app.command()
def erzeugen() -> None:
    """Für alle, die weiterbauen: schreibt neu, was aus den Skripten entsteht (Tests verlangen es)."""
    from kurs import messtabelle

    try:
        uebungen = [skript for skript in alle_skripte() if skript.ist_uebung]
        aufgaben.schreibe_vorlagen(uebungen)
        schreibe_text(stellschrauben.datei(), stellschrauben.als_text(alle_skripte()))
        agenda.schreibe_readme()
        messtabelle.schreibe_lesbar([skript.name for skript in alle_skripte()])
    except (OSError, ValueError) as fehler:
        print(f"Nicht alles ist erzeugt: {fehler}")
        raise typer.Exit(2) from None
    print(
        "Erzeugt: Agenda in README.md, Messwerte.md, loesungen/vorlagen.json und stellschrauben.json."
    )


@app.command()
def galerie(
    neu: Annotated[bool, typer.Option(help="auch Skripte, deren Lauf noch gilt")] = False,
    nur_seiten: Annotated[bool, typer.Option(help="nichts ausführen, nur die Seiten")] = False,
    festschreiben: Annotated[
        bool, typer.Option(help="die Messwerte in die Tabelle, wie bei messen")
    ] = False,
) -> None:
    """Galerie: alle Skripte mit vollen Werten, daraus Webseiten mit Quelltext, Ausgabe und Plots."""
    from kurs import browser
    from kurs.galerie import laeufe, seiten

    skripte = alle_skripte()
    fertige = [laeufe.bekannter(s) for s in skripte] if nur_seiten else laeufe.alle(skripte, neu)
    vorhanden = [(s, lauf) for s, lauf in zip(skripte, fertige) if lauf]
    if not vorhanden:
        print("Noch kein Skript ist für die Galerie gelaufen: python -m kurs galerie")
        raise typer.Exit(1)
    if fehlend := [s.name for s, lauf in zip(skripte, fertige) if not lauf]:
        print(f"Ohne gültigen Lauf und darum nicht dabei: {', '.join(fehlend)}")
    if festschreiben:
        _schreibe_fest([lauf.messung for _, lauf in vorhanden])
    browser.zeige(seiten.schreibe(*zip(*vorhanden)))
    if any(lauf.messung.rueckgabe for _, lauf in vorhanden):
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
