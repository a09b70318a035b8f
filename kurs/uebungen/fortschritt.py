"""Beantwortet: Wie weit bin ich mit den Übungen?

`ausgabe/fortschritt.json` hält je Übung fest, was ihr letzter Lauf ergab:

    {"uebungen": {"uebung_…": {"zeit": "2026-11-25T10:30:00", "aufgaben": {"Aufgabe 1": "richtig", …}}}}

Geschrieben wird unter einer Dateisperre und durch Umbenennen, damit zwei Läufe zugleich einander
nichts wegnehmen. Was sich nicht lesen lässt, wird aufgehoben, und es beginnt neu. Probeläufe (Tests),
Lösungen und Dateien außerhalb der Kapitel zählen nicht. Kein Fehler hier hält eine Übung auf.
"""

import contextlib
import json
import os
import time
from datetime import datetime
from pathlib import Path

from kurs import skripte
from kurs.pfade import AUSGABE, schreibbar, schreibe_daneben
from kurs.uebungen.aufgaben import bereiche

NAME = "fortschritt.json"
RICHTIG, FALSCH, OFFEN = "richtig", "falsch", "offen"
WARTEN = 5  # Sekunden auf einen anderen Lauf, der gerade schreibt


def merke(skript: Path, aufgaben: dict[str, str]) -> None:
    """Hält fest, was ein Lauf von `skript` ergab: Aufgabe → „richtig“, „falsch“ oder „offen“."""
    if os.environ.get("KURS_PROBELAUF") == "1" or not zaehlt(skript):
        return
    eintrag = {"zeit": datetime.now().isoformat(timespec="seconds"), "aufgaben": aufgaben}
    _aendere(lambda uebungen: uebungen.update({skript.stem: eintrag}))


def vergiss(name: str) -> None:
    """Nimmt eine zurückgesetzte Übung aus dem Fortschritt."""
    _aendere(lambda uebungen: uebungen.pop(name, None))


def lies() -> dict[str, dict[str, str]]:
    """Übung → Aufgabe → Stand. Unlesbares wird beiseitegelegt, mit einem Satz, und gilt als leer."""
    ordner = schreibbar(AUSGABE)
    try:
        with _nur_einer(ordner):
            return {n: dict(e["aufgaben"]) for n, e in _lies(ordner / NAME).items()}
    except OSError as fehler:
        print(f"Der Fortschritt ist nicht zu lesen ({fehler.strerror or fehler}).")
        return {}


def zaehlt(skript: Path) -> bool:
    """Ob die Datei eine Übung in einem Kapitel ist (keine Lösung, kein Versuch, nichts Fremdes)."""
    try:
        teile = skript.resolve().relative_to(skripte.WURZEL).parts
    except (OSError, ValueError):
        return False
    return (
        len(teile) > 1
        and teile[0] not in skripte.OHNE_SKRIPTE
        and not teile[0].startswith(".")
        and skript.name.startswith("uebung_")
        and skript.is_file()
    )


def _aendere(aenderung) -> None:
    try:
        ordner = schreibbar(AUSGABE)
        with _nur_einer(ordner):
            uebungen = _lies(ordner / NAME)
            aenderung(uebungen)
            text = json.dumps({"uebungen": uebungen}, ensure_ascii=False, indent=1)
            _ersetze(ordner / NAME, text)
    except OSError as fehler:  # etwa ein voller Datenträger: Die Übung selbst geht das nichts an
        print(f"Der Fortschritt wurde nicht gespeichert ({fehler.strerror or fehler}).")


def _ersetze(datei: Path, text: str) -> None:
    """Schreibt mit Geduld: Unter Windows hält ein Virenscanner die alte Datei noch kurz fest."""
    for versuch in range(10):
        try:
            schreibe_daneben(datei, lambda pfad: pfad.write_text(text, encoding="utf-8"))
            return
        except PermissionError:
            if versuch == 9:
                raise
            time.sleep(0.1)


@contextlib.contextmanager
def _nur_einer(ordner: Path):
    """Lässt einen Lauf lesen und schreiben; wo sich nicht sperren lässt (Freigaben), ohne Sperre."""
    with contextlib.ExitStack() as sperren:
        try:
            from filelock import FileLock, Timeout

            with contextlib.suppress(Timeout, OSError, NotImplementedError):
                sperren.enter_context(FileLock(ordner / f".{NAME}.sperre", timeout=WARTEN))
        except ImportError:  # ein Python ohne die Pakete des Kurses
            pass
        yield


def _lies(datei: Path) -> dict[str, dict]:
    """Die Einträge der Datei; ist sie kaputt, wird sie umbenannt, und es beginnt leer."""
    try:
        text = datei.read_bytes().decode("utf-8")
        uebungen = json.loads(text)["uebungen"]
        for eintrag in uebungen.values():
            if not set(eintrag["aufgaben"].values()) <= {RICHTIG, FALSCH, OFFEN}:
                raise ValueError("unbekannter Stand")
        return uebungen
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        alt = _hebe_auf(datei)
        print(f"{datei} war nicht zu lesen; der Fortschritt beginnt neu. Aufgehoben: {alt.name}")
        return {}


def _hebe_auf(datei: Path) -> Path:
    nummer = 1
    while (alt := datei.with_name(f"{datei.stem}_kaputt_{nummer}{datei.suffix}")).exists():
        nummer += 1
    os.replace(datei, alt)
    return alt


# --- Die Übersicht --------------------------------------------------------------------------------


def staende(skript: skripte.Skript, gemerkt: dict[str, dict[str, str]]) -> list[str]:
    """Je Aufgabe, die die Übung hat, ihr Stand; was nie lief, ist offen.

    Gezählt wird in der Lösung: Wer in der Übung eine Marke löscht, hat darum nicht weniger Aufgaben.
    """
    letzter_lauf = gemerkt.get(skript.name, {})
    pfad = skript.loesung if skript.loesung.is_file() else skript.pfad
    nummern = bereiche(skripte.lies_quelltext(pfad))
    return [letzter_lauf.get(f"Aufgabe {nummer}", OFFEN) for nummer in sorted(nummern)]


def drucke() -> None:
    """Je Kapitel die Übungen mit gelösten, falschen und offenen Aufgaben, und was als Nächstes dran ist."""
    from kurs import projekt

    from rich.console import Console
    from rich.table import Table

    konsole = Console()
    gemerkt = lies()
    alle, unlesbar = skripte.lesbare_skripte()
    uebungen = [skript for skript in alle if skript.ist_uebung]
    naechste, summe = None, []
    for (nummer, name), gruppe in skripte.nach_kapitel(uebungen):
        tabelle = Table(show_edge=False, pad_edge=False)
        for spalte in ("Übung", "Aufgaben", "gelöst", "falsch", "offen"):
            tabelle.add_column(
                spalte,
                overflow="fold",
                justify="left" if spalte in ("Übung", "Aufgaben") else "right",
            )
        fertig, anzahl = 0, 0
        for skript in gruppe:
            stand = staende(skript, gemerkt)
            summe += stand
            zahlen = [stand.count(wort) for wort in (RICHTIG, FALSCH, OFFEN)]
            ist_fertig = zahlen[0] == len(stand)
            fertig, anzahl = fertig + ist_fertig, anzahl + 1
            if not ist_fertig and naechste is None:
                naechste = skript
            balken = "■" * zahlen[0] + "□" * (len(stand) - zahlen[0])
            tabelle.add_row(skript.name, balken, *(str(zahl or "") for zahl in zahlen))
        konsole.print(f"{nummer} {name}: {fertig} von {anzahl} Übungen gelöst", style="bold")
        konsole.print(tabelle, "")
    for grund in unlesbar:
        print(f"Nicht dabei: {grund}")
    print(f"Insgesamt: {summe.count(RICHTIG)} von {len(summe)} Aufgaben gelöst.")
    if bestes := projekt.stand():
        print(
            f"Fashion-MNIST-Projekt: bestes Modell bisher {bestes.val_accuracy:.3f} auf der Validierung "
            f"({bestes.uebung})."
        )
    if naechste:
        print(f"Als Nächstes: python start.py {naechste.name}")
