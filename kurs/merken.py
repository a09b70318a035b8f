"""Beantwortet: Wie wird Teures nicht bei jedem Start noch einmal berechnet?

    @gemerkt
    def encode(texts, model_path):
        return SentenceTransformer(model_path).encode(texts)

Der zweite Aufruf mit denselben Argumenten liest das Ergebnis aus `ausgabe/zwischenspeicher`, auch
in einem neuen Prozess, solange Quelltext, Argumente und der Inhalt der Ordner, die sie nennen, die
alten sind. Was die Funktion sonst noch benutzt, muss deshalb als Argument hineingehen.
"""

import ast
import os
import sys
import warnings
from collections.abc import Callable, Collection
from pathlib import Path

from kurs.kern.pfade import zwischenspeicher


def gemerkt(funktion: Callable) -> Callable:
    """Dekorator: hebt Ergebnisse auf der Platte auf, je Funktion und Argumenten (joblib.Memory)."""
    from joblib import Memory

    # Wer seine Übung bearbeitet, verschiebt Zeilen: Das ist kein Zusammenstoß zweier Funktionen
    warnings.filterwarnings("ignore", message="Possible name collisions between functions")
    if funktion.__module__ == "__main__":  # dann nähme joblib den ganzen Pfad: zu lang für Windows
        funktion.__module__ = Path(funktion.__code__.co_filename).stem
    memory = Memory(zwischenspeicher(), verbose=0)
    return memory.cache(funktion, cache_validation_callback=_ordner_unveraendert)


def _ordner_unveraendert(angaben: dict) -> bool:
    """Ob kein Ordner unter den Argumenten (ein Modell) seitdem neue Dateien bekommen hat."""
    for wert in angaben["input_args"].values():  # als repr: Ein Text steht in Anführungszeichen
        ordner = wert.strip("'\"")
        if os.path.isdir(ordner):
            if any(datei.stat().st_mtime > angaben["time"] for datei in Path(ordner).rglob("*")):
                return False
    return True


def skript_bis(aufgabe: int, ohne: Collection[str] = ()) -> str:
    """Das laufende Skript bis zu `pruefe(aufgabe, …)`, mit den Werten seiner Stellschrauben, als
    Argument für `@gemerkt`.

    Was nur die Namen `ohne` festlegt zählt nicht: Diese Antworten ändern das Ergebnis nicht.
    Kommentare zählen nie.
    """
    from kurs.uebungen.ablauf import legt_fest, prueft
    from kurs.uebungen.urteil import Lauf

    teile = []
    for anweisung in Lauf.von(sys._getframe(1).f_globals).baum.body:
        if aufgabe in [aufruf.args[0].value for aufruf in prueft(anweisung)]:
            break
        festgelegt = legt_fest(anweisung)
        if not (festgelegt and festgelegt <= {"TIPPS", *ohne}):
            teile.append(ast.unparse(anweisung))
    return "\n".join(teile)
