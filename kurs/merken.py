"""Beantwortet: Wie wird Teures nicht bei jedem Start noch einmal berechnet?

    @gemerkt
    def encode(texts, model_path):
        return SentenceTransformer(model_path).encode(texts)

Der zweite Aufruf mit denselben Argumenten liest das Ergebnis aus `ausgabe/zwischenspeicher`, auch in einem neuen
Prozess. Anders wird es, wenn sich der Quelltext der Funktion oder ein Argument ändert; was sie sonst noch
benutzt (Stellschrauben, Modelle), muss deshalb als Argument hineingehen. Der Ordner darf jederzeit gelöscht werden.
"""

from collections.abc import Callable

from kurs.pfade import zwischenspeicher


def gemerkt(funktion: Callable) -> Callable:
    """Dekorator: hebt Ergebnisse auf der Platte auf, je Funktion und Argumenten (joblib.Memory)."""
    from joblib import Memory

    return Memory(zwischenspeicher(), verbose=0).cache(funktion)
