"""Beantwortet: Wie läuft ein Skript mit anderen Werten für seine Stellschrauben?

Ausgetauscht wird im Syntaxbaum: So stimmen Zeilennummern in Fehlermeldungen mit der Datei überein.
"""

import ast
import contextlib
import os
import subprocess
import sys
import types
from pathlib import Path

from kurs.kern.skripte import lies_baum, lies_quelltext, lies_stellschrauben, zugewiesene_konstanten
from kurs.kern.umgebung import kerne
from kurs.uebungen.ablauf import repariere
from kurs.uebungen.urteil import Lauf


class UnbekannteStellschraube(LookupError):
    """Das Skript hat diese Stellschraube nicht; der Text nennt die, die es gibt."""


def rufe_auf(befehl: list[str], **angaben) -> int:
    """Startet `befehl`, wartet und gibt seinen Exit-Code zurück. Strg+C gilt nur dem Kind.

    So kann ein Server im Kind aufräumen, statt dass ihn sein Elternprozess abräumt.
    """
    with subprocess.Popen(befehl, **angaben) as kind:
        while True:
            try:
                return kind.wait()
            except KeyboardInterrupt:
                continue


def nebeneinander() -> list[str]:
    """Angaben an pytest für die ganze Suite: mehrere Prozesse, wenn Kerne und Arbeitsspeicher (je 4 GB) reichen."""
    import psutil

    anzahl = min(kerne(), 4, int(psutil.virtual_memory().available // 5e9))
    return ["-n", str(anzahl)] if anzahl >= 2 else []


def mit_werten(pfad: Path, quelltext: str, werte: dict[str, object]) -> ast.Module:
    """Der Syntaxbaum eines Skripts, in dem die genannten Stellschrauben andere Werte haben.

    Fehler: UnbekannteStellschraube; KopfFehler, wenn das Skript kein gültiges Python ist.
    """
    baum = lies_baum(pfad, quelltext)
    schrauben = lies_stellschrauben(pfad, quelltext) if werte else {}
    if unbekannt := set(werte) - set(schrauben):
        raise UnbekannteStellschraube(
            f"{pfad.name} hat keine Stellschraube {', '.join(sorted(unbekannt))}; "
            f"es gibt {', '.join(schrauben)}."
        )
    for name, knoten, alt in zugewiesene_konstanten(baum):
        if name in werte:
            neu = ast.parse(repr(werte[name]), mode="eval").body
            for teil in ast.walk(neu):
                ast.copy_location(teil, alt)
            if knoten.value is alt:
                knoten.value = neu
            else:
                knoten.value.elts[knoten.value.elts.index(alt)] = neu
    return baum


def testwerte(pfad: Path, quelltext: str | None = None) -> dict[str, object]:
    """Name → Wert aller Stellschrauben, die hinter `# Test:` einen eigenen Testwert nennen."""
    schrauben = lies_stellschrauben(pfad, quelltext)
    return {n: s.testwert for n, s in schrauben.items() if s.hat_testwert}


@contextlib.contextmanager
def als_hauptprogramm(pfad: Path):
    """`__main__`, sys.argv und sys.path so, als wäre das Skript direkt gestartet worden."""
    modul = types.ModuleType("__main__")
    modul.__file__ = str(pfad)
    vorher = sys.modules.get("__main__"), sys.argv, list(sys.path)
    sys.modules["__main__"], sys.argv = modul, [str(pfad)]
    sys.path.append(str(pfad.parent))  # zuletzt, wie kurs/__init__.py: Nichts dort verdeckt etwas
    try:
        yield modul
    finally:
        sys.modules["__main__"], sys.argv, sys.path[:] = vorher
        os.environ.pop("KURS_PROBELAUF", None)


def fuehre_aus(
    pfad: Path,
    werte: dict[str, object] | None = None,
    probelauf: bool = False,
    quelltext: str | None = None,
) -> dict:
    """Führt ein Skript in diesem Prozess aus und gibt seinen Namensraum zurück.

    `probelauf` setzt die Testwerte ein und schaltet die Bänder ab; `werte` gehen darüber.
    """
    if quelltext is None:
        quelltext = lies_quelltext(pfad)
    kaputt = {}
    if pfad.name.startswith("uebung_"):
        quelltext, kaputt = repariere(quelltext)
    alle = {**(testwerte(pfad, quelltext) if probelauf else {}), **(werte or {})}
    baum = mit_werten(pfad, quelltext, alle)
    with als_hauptprogramm(pfad) as modul:
        if probelauf:
            os.environ["KURS_PROBELAUF"] = "1"
        if pfad.name.startswith("uebung_"):
            lauf = Lauf(pfad, modul.__dict__, quelltext, baum)
            lauf.verwirf(kaputt)
            lauf.laufe()
            lauf.schluss()
        else:
            exec(compile(baum, str(pfad), "exec"), modul.__dict__)  # noqa: S102
        return modul.__dict__
