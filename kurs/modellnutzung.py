"""Beantwortet: Welche Skripte brauchen welches eingebettete Modell? So steht es in ihren Köpfen (Feld Modelle)."""

from kurs import modellspeicher
from kurs.skripte import lesbare_skripte


def skripte_je_modell(kapitel: int | None = None) -> dict[str, tuple[str, ...]]:
    """Modell aus `quellen.toml` → Namen der Skripte (des Kapitels), die ohne es oder seine Basis nicht gehen."""
    eintraege, stellvertreter = modellspeicher.verzeichnis()
    nutzer: dict[str, list[str]] = {name: [] for name in eintraege}
    for skript in lesbare_skripte()[0]:
        if kapitel and skript.ordnung[0] != kapitel:
            continue
        genannt = {stellvertreter.get(name, name) for name in skript.modelle} & eintraege.keys()
        while fehlend := {eintraege[n].basis for n in genannt} & eintraege.keys() - genannt:
            genannt |= fehlend  # wer einen Aufsatz braucht, braucht auch dessen Basis
        for name in genannt:
            nutzer[name].append(skript.name)
    return {name: tuple(skripte) for name, skripte in nutzer.items()}
