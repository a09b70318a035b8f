"""Übung Learning Rate Schedules: sechs Fahrpläne vergleichen und einen besseren finden.

Kapitel   5.10 Trainingspraxis und Optimierung · Effizientes Training
Folie     Übung: Vergleich unterschiedlicher Learning Rate Schedules
Lernziel  Schedules lesen und bauen: konstant, Stufen, exponentiell, Kosinus, Warm-up, zyklisch
Laufzeit  ca. 30 s (2 CPU-Kerne)
Daten     Fashion-MNIST

Ein Schedule sagt dem Optimizer zu jeder Schrittnummer die Lernrate.
Ersetze zwischen ▼ und ▲ das `...` durch deine Antwort; beim Start steht darunter, ob sie stimmt.
"""

# %% Stellschrauben
PEAK = 0.12  # die höchste Lernrate der sechs Schedules, absichtlich mutig
EPOCHS = 12  # Test: 2
N_TRAIN = 4_000  # Test: 512
BATCH_SIZE = 64  # Test: 32
MARGIN = 0.005  # Test: -0.25; so viel besser als der beste der sechs soll deiner sein
TIPPS = 1  # je Aufgabe: 0 keine Tipps, 1 eine Frage, 2 auch wo es steht, 3 auch ein Gerüst
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
from functools import cache

from kurs import pruefe
from kurs.bilder import fashion_mnist
from kurs.merken import gemerkt, skript_bis

import keras
import matplotlib.pyplot as plt
import numpy as np
from keras.optimizers import schedules

# %% Daten: trainieren, validieren; die Testbilder bleiben im Umschlag
(x_full, y_full), _ = fashion_mnist.load_data()
x_train, y_train = x_full[:N_TRAIN] / 255.0, y_full[:N_TRAIN]
x_val, y_val = x_full[-2000:] / 255.0, y_full[-2000:]
TOTAL = EPOCHS * int(np.ceil(len(x_train) / BATCH_SIZE))
print(f"{EPOCHS} Epochen = {TOTAL} Schritte; ein Schedule zählt Schritte, nicht Epochen")

@cache
def train(schedule):
    """Das trainierte Modell und die Genauigkeit auf der Validierung nach jeder Epoche."""
    keras.utils.set_random_seed(SEED)
    hidden = [keras.layers.Dense(64, activation="relu") for _ in range(3)]
    output = keras.layers.Dense(10, activation="softmax")
    model = keras.Sequential([keras.Input((28, 28)), keras.layers.Flatten(), *hidden, output])
    optimizer = keras.optimizers.SGD(learning_rate=schedule, momentum=0.9)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    options = {"epochs": EPOCHS, "batch_size": BATCH_SIZE, "validation_batch_size": 500}
    model.fit(x_train, y_train, validation_data=(x_val, y_val), verbose=0, **options)
    return model, model.history.history["val_accuracy"]

# %% Die ersten vier Schedules, zum Nachvollziehen
step_decay = schedules.PiecewiseConstantDecay(
    boundaries=[TOTAL // 2, TOTAL * 4 // 5], values=[PEAK, PEAK / 10, PEAK / 100]
)
exponential = schedules.ExponentialDecay(PEAK, decay_steps=TOTAL, decay_rate=0.01)
cosine = schedules.CosineDecay(PEAK, decay_steps=TOTAL)
given = {"konstant": PEAK, "Stufen": step_decay, "exponentiell": exponential, "Kosinus": cosine}

# ▼ AUFGABE 1: Welche Lernrate gilt bei step_decay nach zwei Dritteln der Schritte? (lesen)
rate_after_two_thirds = PEAK / 10  # der mittlere Abschnitt, zwischen 1/2 und 4/5
# ▲
pruefe(1, rate_after_two_thirds)

warmup_steps = TOTAL // 8
# ▼ AUFGABE 2: Baue mit schedules.CosineDecay: in warmup_steps Schritten von 0 auf PEAK, bei TOTAL
#   wieder 0.
warmup = schedules.CosineDecay(
    0.0, decay_steps=TOTAL - warmup_steps, warmup_target=PEAK, warmup_steps=warmup_steps
)
# ▲
if pruefe(2, warmup):
    given["Warm-up + Kosinus"] = warmup

# %% Zyklisch: auf und ab im Takt von period Schritten; ein eigener Schedule ist eine Klasse
class Cyclical(schedules.LearningRateSchedule):
    def __init__(self, rates):
        self.rates = rates  # die Lernraten eines Takts

    def __call__(self, step):
        rates = keras.ops.convert_to_tensor(self.rates)
        return keras.ops.take(rates, keras.ops.cast(step, "int32") % len(self.rates))

    def get_config(self):
        return {"rates": self.rates}

# ▼ AUFGABE 3: Eine Funktion der Stelle im Takt (0 bis 1): gerade von 0 auf 1 bei 0.5 und zurück.
triangle = lambda position: 1 - abs(2 * position - 1)  # noqa: E731
# ▲
if pruefe(3, triangle):
    heights = [triangle(step / (TOTAL // 3)) for step in range(TOTAL // 3)]
    given["zyklisch"] = Cyclical([float(PEAK / 20 + PEAK * 19 / 20 * h) for h in heights])

@gemerkt  # solange sich darüber nichts ändert, nur einmal
def compare(script, x_train):
    return {name: train(schedule)[1] for name, schedule in given.items()}

print("\nGenauigkeit auf der Validierung nach der letzten Epoche")
curves = compare(skript_bis(4), x_train)
print(*(f"  {name:18} {curve[-1]:.3f}" for name, curve in curves.items()), sep="\n")
# ▼ AUFGABE 4: Baue einen Schedule, der alle schlägt. Auch andere Raten als PEAK sind erlaubt.
better = schedules.CosineDecay(  # kleinere Spitze, aufwärmen, sanft auslaufen
    0.0, decay_steps=TOTAL - warmup_steps, warmup_target=0.03, warmup_steps=warmup_steps
)
# ▲
if pruefe(4, better):
    figure, axes = plt.subplots(1, 2, figsize=(13, 5.5))
    given["deiner"], curves["deiner"] = better, train(better)[1]
    for name, schedule in given.items():
        steps = range(0, TOTAL, max(1, TOTAL // 60))
        rates = [float(schedule(step)) if callable(schedule) else schedule for step in steps]
        axes[0].plot(steps, rates, label=name)
        axes[1].plot(range(1, EPOCHS + 1), curves[name])
    axes[0].set(xlabel="Schritt", ylabel="Lernrate", title="Der Fahrplan")
    axes[1].set(xlabel="Epoche", ylabel="Genauigkeit (Validierung)", title="Was er bringt")
    figure.legend(loc="outside lower center", ncols=4)
    plt.show()
    x_test, y_test = fashion_mnist.load_data()[1]  # der Umschlag
    test = train(better)[0].evaluate(x_test / 255.0, y_test, batch_size=500, verbose=0)[1]
    print(f"Deiner: Validierung {train(better)[1][-1]:.3f}, Test {test:.3f}")
# Solange die Rate hoch ist, zappelt die Genauigkeit; deshalb hilft bei einer mutigen Rate ein
# Abstieg. Der Schedule ersetzt aber die Wahl der Rate nicht: Probiere auch PEAK = 0.01.
