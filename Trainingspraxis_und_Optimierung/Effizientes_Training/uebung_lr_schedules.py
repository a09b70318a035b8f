"""Übung Learning Rate Schedules: sechs Fahrpläne für die Lernrate vergleichen, einen besseren finden.

Kapitel   5.10 Trainingspraxis und Optimierung · Effizientes Training
Folie     Übung: Vergleich unterschiedlicher Learning Rate Schedules
Lernziel  Konstant, Stufen, exponentiell, Kosinus, Warm-up, zyklisch: lesen, bauen und vergleichen
Laufzeit  ca. 35 s (2 CPU-Kerne)
Daten     Fashion-MNIST

Ein Schedule sagt dem Optimizer zu jeder Schrittnummer die Lernrate. Vollziehe den Code nach.
Bearbeite nur, was zwischen ▼ und ▲ steht: Ersetze `...` durch deine Antwort und starte neu.
Unter jeder Aufgabe steht dann, ob sie stimmt, und wenn nicht, woran es liegt.
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
from kurs import pruefe
from kurs.bilder import fashion_mnist
from kurs.merken import gemerkt

import keras
import matplotlib.pyplot as plt
import numpy as np
from keras.optimizers import schedules

# %% Daten: Verglichen wird auf der Validierung; der Testteil bleibt bis zum Schluss im Umschlag
(x, y), _ = fashion_mnist.load_data()
x = (x / 255).astype("float32")
data, valid = (x[:-2000][:N_TRAIN], y[:-2000][:N_TRAIN]), (x[-2000:], y[-2000:])
TOTAL = EPOCHS * int(np.ceil(len(data[0]) / BATCH_SIZE))  # Ein Schedule zählt Schritte
steps = np.linspace(0, TOTAL - 1, 100).astype(int)
rate_at = lambda schedule, step: float(schedule(int(step)) if callable(schedule) else schedule)


# %% Ein Training mit einem Schedule
@gemerkt  # was schon einmal trainiert ist, kommt beim nächsten Start von der Platte
def fit(schedule, rates, seed, validation_data, data=data, epochs=EPOCHS, batch_size=BATCH_SIZE):
    keras.utils.set_random_seed(seed)
    hidden = [keras.layers.Dense(64, "relu") for _ in range(3)]
    model = keras.Sequential([keras.layers.Flatten(), *hidden, keras.layers.Dense(10, "softmax")])
    optimizer = keras.optimizers.SGD(learning_rate=schedule, momentum=0.9)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(*data, batch_size, epochs, validation_data=validation_data, verbose=0)
    return history.history["val_accuracy"]


def train(schedule, seed=SEED, validation_data=valid):
    """Trainiert ein MLP; zurück kommt nach jeder Epoche die Genauigkeit auf der Validierung."""
    return fit(schedule, [rate_at(schedule, step) for step in steps], seed, validation_data)


# %% Ein eigener Schedule ist eine Klasse mit __call__: zyklisch, auf und ab wie ein Sägeblatt
class Cyclical(schedules.LearningRateSchedule):
    """Von low bis high im Takt von period Schritten; shape macht aus der Stelle 0…1 die Höhe 0…1."""

    def __init__(self, low, high, period, shape):
        if callable(shape):
            shape = [float(shape(step / period)) for step in range(period)]
        self.config = {"low": low, "high": high, "period": period, "shape": shape}
        self.rates = low + (high - low) * np.array(shape, "float32")

    def __call__(self, step):
        return keras.ops.take(self.rates, keras.ops.cast(step, "int32") % len(self.rates))

    def get_config(self):
        return self.config  # genau das, was __init__ verlangt: So lässt sich ein Modell laden


# %% Vier Schedules zum Nachvollziehen
step_decay = schedules.PiecewiseConstantDecay(
    boundaries=[TOTAL // 2, TOTAL * 4 // 5], values=[PEAK, PEAK / 10, PEAK / 100])
exponential = schedules.ExponentialDecay(PEAK, decay_steps=TOTAL, decay_rate=0.01)
cosine = schedules.CosineDecay(PEAK, decay_steps=TOTAL)
candidates = {"konstant": PEAK, "Stufen": step_decay, "exponentiell": exponential, "Kosinus": cosine}

# ▼ AUFGABE 1: Welche Lernrate gilt bei step_decay nach zwei Dritteln der Schritte? (lesen)
rate_after_two_thirds = ...
# ▲
pruefe(1, rate_after_two_thirds)

warmup_steps = TOTAL // 8
# ▼ AUFGABE 2: Baue mit CosineDecay: in warmup_steps Schritten von 0 auf PEAK, bei TOTAL wieder 0.
warmup = ...
# ▲
if pruefe(2, warmup):
    candidates["Warm-up + Kosinus"] = warmup

# ▼ AUFGABE 3: Eine Funktion der Stelle (0 bis 1): gerade von 0 auf 1 bei 0.5, gerade zurück auf 0.
triangle = ...
# ▲
if pruefe(3, triangle):
    candidates["zyklisch"] = Cyclical(PEAK / 20, PEAK, TOTAL // 3, triangle)

curves = {name: train(schedule) for name, schedule in candidates.items()}
for name, accuracy in curves.items():
    print(f"  {name:18} Validierung {accuracy[-1]:.3f}")
best_given = max(curves, key=lambda name: curves[name][-1])

# ▼ AUFGABE 4: Findest du einen Schedule, der den besten davon schlägt? Auch andere Raten als PEAK.
better = ...
# ▲
if pruefe(4, better):
    candidates["deiner"], curves["deiner"] = better, train(better)
    x_test, y_test = fashion_mnist.load_data()[1]  # der Umschlag
    for name in (best_given, "deiner"):
        test_accuracy = train(candidates[name], SEED, (x_test / 255, y_test))[-1]
        print(f"  {name:18} Validierung {curves[name][-1]:.3f}, Test {test_accuracy:.3f}")

figure, axes = plt.subplots(2, 4, figsize=(16, 7), sharex=True, sharey=True)
for axis, (name, accuracy) in zip(axes.flat, curves.items()):
    rates = [rate_at(candidates[name], step) for step in steps]
    axis.twinx().fill_between(steps / TOTAL * EPOCHS, rates, color="gray", alpha=0.3)
    axis.plot(range(1, EPOCHS + 1), accuracy, "o-")
    axis.set(title=f"{name}: {accuracy[-1]:.3f}", xlabel="Epoche", ylabel="Genauigkeit")
figure.suptitle("Gleiches Netz, gleiche Daten, anderer Fahrplan (grau: Lernrate)")
plt.show()
