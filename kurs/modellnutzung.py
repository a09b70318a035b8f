"""Beantwortet: Welche Skripte brauchen welches eingebettete Modell?

Gelesen wird der Quelltext: Jede Zeichenkette, die ein Modell aus `quellen.toml` oder einen
Vertretenen nennt, zählt, ebenso der Import des Bildmodells. Niemand muss etwas anmelden.
"""

import ast
from functools import cache

from kurs import efficientnet, modellspeicher
from kurs.skripte import lesbare_baeume

BILDMODELL = {"imagenet_basis", "efficientnet_lite0"}


@cache
def skripte_je_modell() -> dict[str, tuple[str, ...]]:
    """Modell aus `quellen.toml` → Namen der Skripte, die ohne es (oder ohne seine Basis) nicht gehen."""
    eintraege, _ = modellspeicher.verzeichnis()
    nutzer: dict[str, list[str]] = {name: [] for name in eintraege}
    for pfad, baum in lesbare_baeume():
        for name in sorted(_genannte(baum)):
            nutzer[name].append(pfad.stem)
    return {name: tuple(skripte) for name, skripte in nutzer.items()}


def _genannte(baum: ast.Module) -> set[str]:
    eintraege, stellvertreter = modellspeicher.verzeichnis()
    gefunden = set()
    for knoten in ast.walk(baum):
        if isinstance(knoten, ast.Constant) and isinstance(knoten.value, str):
            gefunden.add(stellvertreter.get(knoten.value, knoten.value))
        elif isinstance(knoten, ast.alias) and knoten.name in BILDMODELL:
            gefunden.add(efficientnet.NAME)
    gefunden &= eintraege.keys()
    while fehlend := {eintraege[n].basis for n in gefunden} & eintraege.keys() - gefunden:
        gefunden |= fehlend  # wer einen Aufsatz braucht, braucht auch dessen Basis
    return gefunden
