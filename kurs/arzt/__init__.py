"""Beantwortet: Ist dieser Rechner bereit für den Kurs, und was fehlt?

    python start.py arzt

Braucht nur die Standardbibliothek, damit er auch dann etwas sagt, wenn noch nichts oder nicht alles
installiert ist. Was abstürzen kann, prüft er in eigenen Prozessen. Er lädt nichts herunter und ändert
nichts. Das letzte Wort ist „Kapitel 1–7 bereit“ oder was fehlt, wen es trifft und was es behebt.
"""

import shutil
import sys
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from kurs import skripte
from kurs.arzt import gebrauch, netz, pakete, rechenwerk, rechner
from kurs.arzt.befund import FEHLT, GUT, HINWEIS, Befund, Pruefung, gleichzeitig
from kurs.quellen import KeineQuelle, modus

FRIST = rechenwerk.FRIST + 20
MELDEN_ALLE = 15  # Sekunden, wo sich keine Zeile überschreiben lässt


def untersuche(python: Path | None) -> int:
    """Untersucht den Rechner und druckt die Befunde. Rückgabe: 0, wenn alle Kapitel bereit sind, sonst 1.

    `python`: das Python der `.venv`, in dem dies auch läuft; None, wenn es (noch) keines gibt.
    """
    print("Der Kursarzt untersucht diesen Rechner; das dauert bis zu einer Minute.\n", flush=True)
    befunde: list[Befund] = []
    try:
        for neue in gleichzeitig(_pruefungen(python), FRIST, _melde):
            for befund in neue:
                _zeige(f"  {befund.stand:<8} {befund.sache}: {befund.satz}")
            befunde += neue
    except KeyboardInterrupt:
        _zeige("\nAbgebrochen.")
        return 130
    finally:
        rechenwerk.brich_ab()
    _drucke_urteil(befunde, gebrauch.kapitel())
    return 1 if any(befund.stand == FEHLT for befund in befunde) else 0


def _pruefungen(python: Path | None) -> dict[str, Pruefung]:
    """Alle Prüfungen, in der Reihenfolge des Berichts."""
    alle: dict[str, Pruefung] = {"Python": partial(rechner.python, python)}
    if python:
        alle["Pakete"] = pakete.pruefe
    alle |= {
        "Arbeitsspeicher": rechner.arbeitsspeicher,
        "Platte": partial(rechner.platte, python is not None),
        "Skripte": _skripte,
    }
    if python:
        try:
            eingebettet = modus() != "hub"
        except KeineQuelle:
            eingebettet = True
        alle |= {
            "TensorFlow": partial(rechenwerk.bibliothek, python, "tensorflow"),
            "PyTorch": partial(rechenwerk.bibliothek, python, "torch"),
            "Bildschirm": partial(rechenwerk.bildschirm, python),
        }
    alle |= {"Browser": rechner.browser, "Ports": rechner.ports, "Proxy": netz.proxy}
    if netz.quelle():
        alle["KURS_QUELLE"] = netz.quelle
    alle |= {"Paketindex": partial(netz.paketindex, python), "Hosts": netz.hosts}
    if python:
        alle["Modelle und Datensätze"] = partial(rechenwerk.vorrat, python, eingebettet)
    return alle


def _skripte() -> list[Befund]:
    """Ob sich jedes Skript lesen lässt; eine Übung mit einem Tippfehler ist nur ein Hinweis."""
    lesbar, fehler = skripte.lesbare_skripte()
    befunde = [Befund(GUT, "Skripte", f"{len(lesbar)} gefunden")]
    for grund in fehler:
        name = str(grund).partition(".py")[0]
        abhilfe = "den Fehler beheben"
        if name.startswith("uebung_"):
            abhilfe += f" oder von vorn beginnen: python start.py zuruecksetzen {name}"
        befunde.append(Befund(HINWEIS, "Skript", " ".join(str(grund).split()), abhilfe=abhilfe))
    return befunde


# --- Bericht --------------------------------------------------------------------------------------


def _zeige(text: str) -> None:
    if sys.stdout.isatty():  # die Wartezeile überschreiben
        print("\r".ljust(shutil.get_terminal_size().columns), end="\r")
    print(text, flush=True)


def _melde(offen: list[str], sekunden: float) -> None:
    """Zeigt, worauf gerade gewartet wird: im Terminal jede Sekunde, anderswo ab und zu."""
    text = f"  …        noch in Arbeit: {', '.join(offen)} ({sekunden:.0f} s)"
    if sys.stdout.isatty():
        breite = shutil.get_terminal_size().columns - 1
        print("\r" + text[:breite].ljust(breite), end="", flush=True)
    elif sekunden % MELDEN_ALLE == 0:
        print(text, flush=True)


def _drucke_urteil(befunde: list[Befund], kapitel: dict[str, int]) -> None:
    """Die Hinweise mit Abhilfe, was fehlt, und das letzte Wort."""
    hinweise = [befund for befund in befunde if befund.stand == HINWEIS and befund.abhilfe]
    if hinweise:
        print("\nHinweise, die nichts aufhalten:")
        for befund in hinweise:
            print(f"  {befund.sache}: {befund.satz}")
            if befund.skripte:
                print(f"    betrifft: {_wen(befund.skripte, kapitel)}")
            print(f"    hilft:    {befund.abhilfe}")
    fehlendes = [befund for befund in befunde if befund.stand == FEHLT]
    if fehlendes:
        print("\nEs fehlt:")
    for befund in fehlendes:
        print(f"  {befund.sache}: {befund.satz}")
        print(f"    betrifft: {_wen(befund.skripte, kapitel)}")
        print(f"    behebt:   {befund.abhilfe}")
    alle = set(kapitel.values())
    krank = {kapitel[name] for b in fehlendes for name in b.skripte if name in kapitel}
    gesund = alle - krank
    print()
    if gesund:
        print(f"Kapitel {spanne(gesund)} bereit.")
    if krank:
        print(f"Nicht vollständig bereit: Kapitel {spanne(krank)}. Behebe, was oben fehlt.")
    if not alle:
        print("Es gibt noch keine Skripte.")


def _wen(namen: Iterable[str], kapitel: dict[str, int]) -> str:
    """„alle Skripte“ oder die Skripte nach Kapiteln."""
    namen = set(namen)
    if not namen:
        return "kein Skript"
    if namen >= kapitel.keys():
        return "alle Skripte"
    gruppen: dict[int | None, list[str]] = {}
    for name in sorted(namen, key=lambda name: (kapitel.get(name, 99), name)):
        gruppen.setdefault(kapitel.get(name), []).append(name)
    return "; ".join(
        f"Kapitel {nummer}: {', '.join(gruppe)}" if nummer else ", ".join(gruppe)
        for nummer, gruppe in gruppen.items()
    )


def spanne(zahlen: Iterable[int]) -> str:
    """{1, 2, 3, 5} → „1–3 und 5“."""
    stuecke: list[list[int]] = []
    for zahl in sorted(zahlen):
        if stuecke and zahl == stuecke[-1][-1] + 1:
            stuecke[-1].append(zahl)
        else:
            stuecke.append([zahl])
    texte = []
    for stueck in stuecke:
        texte += [f"{stueck[0]}–{stueck[-1]}"] if len(stueck) > 2 else map(str, stueck)
    return " und ".join(filter(None, [", ".join(texte[:-1]), texte[-1]])) if texte else ""
