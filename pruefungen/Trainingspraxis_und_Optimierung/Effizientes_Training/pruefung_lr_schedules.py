"""Die Prüfung zu uebung_lr_schedules.py: je Aufgabe die Diagnosen und drei Tipps."""

from kurs.uebungen import Diagnose, funktion, tipps, verfehlt, zahl

import keras
import numpy as np
from keras.optimizers.schedules import LearningRateSchedule


def schedule(antwort, name):
    """Ein Schedule (auch ein selbst geschriebener), als Funktion Schritt → Lernrate."""
    if not isinstance(antwort, LearningRateSchedule):
        if callable(antwort) and not isinstance(antwort, type):
            raise Diagnose(
                f"{name} lässt sich aufrufen, ist aber kein Schedule: Das ist, was schedules.…(…) zurückgibt, "
                "oder ein Objekt einer eigenen Klasse, die wie Cyclical von LearningRateSchedule erbt."
            )
        if isinstance(antwort, (int, float)):
            raise verfehlt(
                antwort, "ein Schedule (was schedules.…(…) zurückgibt), keine Zahl,", name
            )
        raise verfehlt(antwort, "ein Schedule (was schedules.…(…) zurückgibt)", name)
    if isinstance(start := getattr(antwort, "initial_learning_rate", 0.0), int):
        raise Diagnose(
            f"initial_learning_rate ist die ganze Zahl {start}: Keras rechnet dann alle Raten in ganzen "
            f"Zahlen, und übrig bleibt 0. Schreibe {start}.0."
        )
    return antwort


def rate(plan, step):
    return zahl(keras.ops.convert_to_numpy(plan(step)), f"Die Lernrate in Schritt {step}")


@tipps(
    "Zwischen welchen beiden Grenzen liegt der Schritt 2/3 · TOTAL?",
    "boundaries teilt die Schritte in drei Abschnitte, values nennt die Rate jedes Abschnitts.",
    "rate_after_two_thirds = PEAK / …",
)
def aufgabe_1(rate_after_two_thirds: zahl, *, PEAK):
    if np.isclose(rate_after_two_thirds, PEAK, rtol=0.01):
        return (
            "Das ist die Rate vor der ersten Grenze. Zwei Drittel der Schritte (nicht der Epochen) liegen "
            "schon hinter TOTAL // 2."
        )
    if np.isclose(rate_after_two_thirds, PEAK / 100, rtol=0.01):
        return "Das ist die Rate nach der zweiten Grenze. Die liegt erst bei vier Fünfteln."
    if not np.isclose(rate_after_two_thirds, PEAK / 10, rtol=0.01):
        return f"{rate_after_two_thirds:.4g} kommt in values gar nicht vor. Vergleiche 2/3 mit den boundaries."


@tipps(
    "Wie viele Schritte bleiben für den Abstieg, wenn warmup_steps schon verbraucht sind?",
    "CosineDecay hat die Argumente initial_learning_rate, decay_steps, warmup_target, warmup_steps.",
    "warmup = schedules.CosineDecay(0.0, decay_steps=TOTAL - …, warmup_target=…, warmup_steps=…)",
)
def aufgabe_2(warmup: schedule, *, PEAK, TOTAL, warmup_steps):
    start, top, end = (rate(warmup, step) for step in (0, warmup_steps, TOTAL))
    if start > 0.05 * PEAK:
        return (
            f"In Schritt 0 ist die Rate schon {start:.3f}: Da wärmt sich nichts auf. Das erste Argument "
            "ist die Rate ganz am Anfang, und warmup_steps sagt, wie lange der Anstieg dauert."
        )
    if abs(top - PEAK) > 0.05 * PEAK:
        return (
            f"Nach dem Aufwärmen soll die Rate {PEAK} sein, sie ist {top:.3f}. "
            "Sieh dir warmup_target und warmup_steps an."
        )
    if end > 0.002 * PEAK:
        if np.isclose(end, rate(warmup, 10 * TOTAL), rtol=0.01):
            return f"Die Rate bleibt am Ende für immer bei {end:.4f} stehen, statt auf 0 zu fallen (alpha)."
        return (
            f"Bei Schritt TOTAL ist die Rate noch {end:.4f}. decay_steps zählt erst ab dem Ende des "
            "Aufwärmens, nicht ab Schritt 0."
        )
    if abs(rate(warmup, warmup_steps // 2) - PEAK / 2) > 0.15 * PEAK:
        return "Der Anstieg ist nicht gleichmäßig: Nach der Hälfte von warmup_steps soll es PEAK / 2 sein."
    if rate(warmup, (TOTAL + warmup_steps) // 2) < 0.4 * PEAK:
        return "Die Rate fällt zu früh auf 0: In der Mitte des Abstiegs soll sie noch halb so hoch sein wie PEAK."


@tipps(
    "Wie weit ist eine Stelle von der Mitte 0.5 entfernt, und was hat das mit der Höhe zu tun?",
    "abs(2 * position - 1) ist an den Rändern 1 und in der Mitte 0. Dreh es um.",
    "triangle = lambda position: 1 - abs(…)",
)
def aufgabe_3(triangle: funktion):
    places = np.linspace(0, 1, 9)
    heights = np.array([zahl(triangle(float(place)), f"triangle({place:g})") for place in places])
    if np.allclose(heights, places, atol=1e-3):
        return "Das steigt nur: ein Sägezahn. Ab der Mitte soll es wieder hinuntergehen."
    if np.allclose(heights, np.abs(2 * places - 1), atol=1e-3):
        return "Genau umgekehrt: Deine Funktion beginnt bei 1 und ist in der Mitte 0."
    if not np.allclose(heights, 1 - np.abs(2 * places - 1), atol=1e-3):
        return (
            "Die Höhe stimmt nicht überall: An den Stellen 0, 0.25, 0.5, 0.75, 1 sollte sie "
            f"0, 0.5, 1, 0.5, 0 sein und ist {', '.join(f'{round(h, 2):g}' for h in heights[::2])}."
        )


@tipps(
    "Welche Linien zappeln, solange die Rate hoch ist? Was sagt das über PEAK?",
    "Nimm einen Bauplan von oben mit einer kleineren Spitze, etwa einem Drittel von PEAK, und Warm-up.",
    "better = schedules.CosineDecay(0.0, TOTAL - warmup_steps, warmup_target=0.0…,\n"
    "    warmup_steps=warmup_steps)",
)
def aufgabe_4(better, *, train, curves, MARGIN, TOTAL, PEAK):
    if isinstance(better, (int, float)) and not isinstance(better, bool):
        return "Eine feste Zahl ist kein Schedule (auch wenn die richtige erstaunlich weit kommt)."
    plan = schedule(better, "better")
    rates = [rate(plan, step) for step in np.linspace(0, TOTAL - 1, 40).astype(int).tolist()]
    if min(rates) < 0:
        return f"Die Lernrate wird negativ ({min(rates):.3g}): Dann läuft das Training bergauf."
    if np.ptp(rates) <= 1e-3 * max(rates):
        return "Dein Schedule ändert die Rate gar nicht. Zählt decay_steps vielleicht weit über TOTAL hinaus?"
    accuracy, top = train(plan)[1][-1], max(rates)
    if accuracy < 0.15:
        was = "Das Training ist zerfallen, " if top > PEAK else "Da wird kaum etwas gelernt, "
        wie = "groß" if top > PEAK else "klein"
        return f"Genauigkeit {accuracy:.2f}: {was}die Rate ist mit höchstens {top:.3g} zu {wie}."
    best = max(curves, key=lambda name: curves[name][-1])
    if accuracy < curves[best][-1] + MARGIN:
        return (
            f"{accuracy:.3f} auf der Validierung: noch nicht {MARGIN} besser als {best} "
            f"({curves[best][-1]:.3f}). Probiere eine andere Spitze oder fall später ab."
        )
