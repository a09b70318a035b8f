"""Beantwortet: Welche Skripte brauchen diese Bibliothek, diesen Datensatz, diesen Port?

Gelesen wird der Quelltext der Skripte und der `kurs`-Module, die sie benutzen. Niemand meldet etwas an.
"""

import ast
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kurs import skripte

KURS = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Gebrauch:
    """Was ein Skript nennt: Bibliotheken (auch über `kurs`), Importe aus `kurs`, seinen Text."""

    name: str
    bibliotheken: frozenset[str]
    aus_kurs: frozenset[tuple[str, str]]
    datensaetze: frozenset[str]
    text: str


@cache
def alle() -> tuple[Gebrauch, ...]:
    """Der Gebrauch jedes lesbaren Skripts."""
    gefunden = []
    for pfad, baum in skripte.lesbare_baeume():
        genannt = importe(baum)
        bibliotheken = {modul.partition(".")[0] for modul, _ in genannt} - {"kurs"}
        for modul, name in genannt:
            if modul.partition(".")[0] == "kurs":
                bibliotheken |= _ueber_kurs(modul) | _ueber_kurs(f"{modul}.{name}")
        gefunden.append(
            Gebrauch(
                pfad.stem,
                frozenset(bibliotheken),
                frozenset((m, n) for m, n in genannt if m.partition(".")[0] == "kurs"),
                frozenset(_datensaetze(baum)),
                skripte.lies_quelltext(pfad),
            )
        )
    return tuple(gefunden)


def namen() -> tuple[str, ...]:
    """Alle Skripte."""
    return tuple(gebrauch.name for gebrauch in alle())


def mit_bibliothek(*bibliotheken: str) -> tuple[str, ...]:
    """Die Skripte, die eine dieser Bibliotheken importieren, selbst oder über `kurs`."""
    return tuple(g.name for g in alle() if g.bibliotheken & set(bibliotheken))


def mit_import(modul: str, name: str | None = None) -> tuple[str, ...]:
    """Die Skripte mit `from modul import name`; ohne `name`: mit irgendetwas aus dem Modul."""
    kurz = modul.rpartition(".")
    return tuple(
        g.name
        for g in alle()
        if any(m == modul and name in (None, n) for m, n in g.aus_kurs)
        or (kurz[0], kurz[2]) in g.aus_kurs  # from kurs import texte
    )


def mit_datensatz(name: str) -> tuple[str, ...]:
    """Die Skripte, die `datensatz("name")` rufen."""
    return tuple(g.name for g in alle() if name in g.datensaetze)


def mit_port(port: int) -> tuple[str, ...]:
    """Die Skripte, in denen dieser Port vorkommt (`--port 5000`, `localhost:6006`)."""
    muster = re.compile(rf"(?:port\W{{1,4}}|localhost:|127\.0\.0\.1:){port}\b")
    return tuple(g.name for g in alle() if muster.search(g.text))


def kapitel() -> dict[str, int]:
    """Name jedes lesbaren Skripts → sein Kapitel."""
    return {skript.name: skript.ordnung[0] for skript in skripte.lesbare_skripte()[0]}


def importe(baum: ast.Module) -> set[tuple[str, str]]:
    """(Modul, Name) aller Importe; ohne Namen ein leerer."""
    gefunden = set()
    for knoten in ast.walk(baum):
        if isinstance(knoten, ast.Import):
            gefunden |= {(alias.name, "") for alias in knoten.names}
        elif isinstance(knoten, ast.ImportFrom) and knoten.module and not knoten.level:
            gefunden |= {(knoten.module, alias.name) for alias in knoten.names}
    return gefunden


@cache
def _ueber_kurs(modul: str, schon: frozenset[str] = frozenset()) -> frozenset[str]:
    """Die Bibliotheken hinter einem Modul von `kurs`; leer, wenn es keines ist."""
    teile = modul.split(".")[1:]
    datei = KURS.joinpath(*teile).with_suffix(".py") if teile else KURS / "__init__.py"
    if modul in schon or not datei.is_file() or modul.startswith("kurs.uebungen"):
        return frozenset()  # die Prüfungen laden nur, was die Übung ohnehin geladen hat
    gefunden = set()
    for anderes, name in importe(skripte.lies_baum(datei)):
        if anderes.partition(".")[0] != "kurs":
            gefunden.add(anderes.partition(".")[0])
        else:
            for ziel in (anderes, f"{anderes}.{name}"):
                if ziel != "kurs":
                    gefunden |= _ueber_kurs(ziel, schon | {modul})
    return frozenset(gefunden)


def _datensaetze(baum: ast.Module) -> set[str]:
    return {
        knoten.args[0].value
        for knoten in ast.walk(baum)
        if isinstance(knoten, ast.Call)
        and getattr(knoten.func, "id", "") == "datensatz"
        and knoten.args
        and isinstance(knoten.args[0], ast.Constant)
    }
