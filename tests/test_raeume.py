"""Beantwortet: Kennt jeder Raum des Hauses nur die darunter? Gezeichnet aus den Importen von kurs/."""

import ast
from graphlib import TopologicalSorter

from kurs.kern.pfade import WURZEL

# Von unten nach oben: Ein Modul darf alles aus seinem Raum und den Räumen darunter benutzen. Was in keinem Ordner
# liegt, ist meist, was Skripte importieren („oben“); `projekt` reicht ein Modell von Übung zu Übung weiter.
RAEUME = ("kern", "einrichten", "quellen", "modellbau", "oben", "uebungen", "arzt", "pflege")
RAEUME += ("befehle",)
NEBEN = {  # Module, die neben ihrem Raum liegen
    "quellen": {"quellen", "netz"},
    "uebungen": {"projekt", "merken", "lauf", "absturz"},
    "befehle": {"__main__", "starter"},
}
ANFANG = "kurs"  # `import kurs` steht über allem: Es richtet ein und bietet `pruefe` und `ergebnis`


def module():
    """Name → Datei aller Module von kurs."""
    gefunden = {}
    for datei in (WURZEL / "kurs").rglob("*.py"):
        name = ".".join(datei.relative_to(WURZEL).with_suffix("").parts)
        gefunden[name.removesuffix(".__init__")] = datei
    del gefunden[ANFANG]
    return gefunden


def importe(name, datei, alle):
    """Die Module von kurs, die eines importiert, auch innerhalb seiner Funktionen."""
    for knoten in ast.walk(ast.parse(datei.read_text(encoding="utf-8"))):
        if isinstance(knoten, ast.ImportFrom) and (knoten.module or "").split(".")[0] == "kurs":
            for alias in knoten.names:
                ganz = f"{knoten.module}.{alias.name}"
                if (ziel := ganz if ganz in alle else knoten.module) in alle:
                    yield ziel
        elif isinstance(knoten, ast.Import):
            yield from (alias.name for alias in knoten.names if alias.name in alle)


def raum(name):
    teil = name.split(".")[1]
    if teil in RAEUME:
        return teil
    return next((r for r, namen in NEBEN.items() if teil in namen), "oben")


def test_pfeile_zeigen_nur_nach_unten():
    alle = module()
    falsch = {
        f"{name} ({raum(name)}) → {ziel} ({raum(ziel)})"
        for name, datei in alle.items()
        for ziel in importe(name, datei, alle)
        if RAEUME.index(raum(ziel)) > RAEUME.index(raum(name))
    }
    assert not falsch, "\n".join(falsch)


def test_kein_kreis():
    alle = module()
    graph = {name: set(importe(name, datei, alle)) - {name} for name, datei in alle.items()}
    assert list(TopologicalSorter(graph).static_order())
