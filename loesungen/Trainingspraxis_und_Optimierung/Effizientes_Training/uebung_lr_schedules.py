"""Übung Learning Rate Schedules: sechs Fahrpläne für die Lernrate vergleichen und einen besseren finden.

Kapitel   5.10 Trainingspraxis und Optimierung · Effizientes Training
Folie     Übung: Vergleich unterschiedlicher Learning Rate Schedules
Lernziel  Schedules lesen, bauen und vergleichen: konstant, Stufen, exponentiell, Kosinus, Warm-up, zyklisch
Laufzeit  ca. 30 s (2 CPU-Kerne)
Daten     Fashion-MNIST

Ein Schedule sagt dem Optimizer zu jeder Schrittnummer die Lernrate. Vollziehe den Code nach, ergänze
die fehlenden Schedules und finde dann einen besseren. Alle vorgegebenen starten mit derselben, absichtlich
mutigen Rate PEAK.
Bearbeite nur, was zwischen ▼ und ▲ steht: Ersetze `...` durch deine Antwort und starte das Skript neu.
Unten steht danach zu jeder Aufgabe, ob sie stimmt, und wenn nicht, woran es liegt.
"""

# %% Stellschrauben
PEAK = 0.12  # die höchste Lernrate der sechs Schedules
EPOCHS = 12  # Test: 2
N_TRAIN = 4_000  # Test: 512
BATCH_SIZE = 64  # Test: 32
VORSPRUNG = 0.005  # Test: -0.25; so viel besser als der beste der sechs soll deiner sein
TIPPS = 1  # je Aufgabe: 0 keine Tipps, 1 eine Frage, 2 auch wo es steht, 3 auch ein Gerüst
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
from kurs import pruefe
from kurs.bilder import fashion_mnist

import keras
import matplotlib.pyplot as plt
import numpy as np
from keras.optimizers import schedules

# %% Daten
(x_train, y_train), (x_valid, y_valid) = fashion_mnist.load_data()
x_train, y_train = x_train[:N_TRAIN] / 255.0, y_train[:N_TRAIN]
x_valid, y_valid = x_valid[:2000] / 255.0, y_valid[:2000]
TOTAL = EPOCHS * int(np.ceil(len(x_train) / BATCH_SIZE))
print(f"{EPOCHS} Epochen = {TOTAL} Schritte; ein Schedule zählt Schritte, nicht Epochen")


# %% Ein Training mit einem Schedule; und seine Rate in einem beliebigen Schritt
def train(schedule):
    """Trainiert ein MLP und gibt die Genauigkeit auf der Validierung nach jeder Epoche zurück."""
    keras.utils.set_random_seed(SEED)
    model = keras.Sequential([keras.Input(shape=(28, 28)), keras.layers.Flatten()])
    for _ in range(3):
        model.add(keras.layers.Dense(64, activation="relu"))
    model.add(keras.layers.Dense(10, activation="softmax"))
    model.compile(
        optimizer=keras.optimizers.SGD(learning_rate=schedule, momentum=0.9),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    history = model.fit(
        x_train,
        y_train,
        validation_data=(x_valid, y_valid),
        validation_batch_size=500,
        epochs=EPOCHS,
        batch_size=BATCH_SIZE,
        verbose=0,
    )
    return history.history["val_accuracy"]


def rate_at(schedule, step):
    rate = schedule(step) if callable(schedule) else schedule
    return float(keras.ops.convert_to_numpy(rate))


# %% Vier Schedules zum Nachvollziehen
constant = PEAK
step_decay = schedules.PiecewiseConstantDecay(
    boundaries=[TOTAL // 2, TOTAL * 4 // 5], values=[PEAK, PEAK / 10, PEAK / 100]
)
exponential = schedules.ExponentialDecay(PEAK, decay_steps=TOTAL, decay_rate=0.01)
cosine = schedules.CosineDecay(PEAK, decay_steps=TOTAL)

# ▼ AUFGABE 1: Welche Lernrate gilt bei step_decay nach zwei Dritteln der Schritte? (lesen, nicht ausführen)
rate_after_two_thirds = PEAK / 10  # der mittlere Abschnitt, zwischen 1/2 und 4/5
# ▲

# %% Warm-up: erst ansteigen, dann fallen
warmup_steps = TOTAL // 8

# ▼ AUFGABE 2: Baue mit schedules.CosineDecay: in warmup_steps Schritten von 0 auf PEAK, bei TOTAL wieder 0.
warmup = schedules.CosineDecay(
    0.0, decay_steps=TOTAL - warmup_steps, warmup_target=PEAK, warmup_steps=warmup_steps
)
# ▲


# %% Zyklisch: auf und ab wie ein Sägeblatt; ein eigener Schedule ist eine Klasse mit __call__
class Cyclical(schedules.LearningRateSchedule):
    """Zwischen `low` und `high` im Takt von `period` Schritten; `shape` macht aus 0…1 die Höhe 0…1."""

    def __init__(self, low, high, period, shape):
        self.period = period
        heights = [float(shape(index / period)) for index in range(period)]
        self.table = keras.ops.convert_to_tensor(low + (high - low) * np.array(heights, "float32"))

    def __call__(self, step):
        return keras.ops.take(self.table, keras.ops.cast(step, "int32") % self.period)

    def get_config(self):
        return {"table": self.table, "period": self.period}


# ▼ AUFGABE 3: Eine Funktion der Stelle im Takt (0 bis 1): gerade von 0 auf 1 bei 0.5 und gerade zurück auf 0.
triangle = lambda position: 1 - abs(2 * position - 1)  # noqa: E731
# ▲

cyclical = Cyclical(PEAK / 20, PEAK, TOTAL // 3, triangle) if callable(triangle) else ...

# %% Alle trainieren, die es schon gibt
candidates = {
    "konstant": constant,
    "Stufen": step_decay,
    "exponentiell": exponential,
    "Kosinus": cosine,
    "Warm-up + Kosinus": warmup,
    "zyklisch": cyclical,
}
given = {}
print("\nGenauigkeit auf der Validierung nach der letzten Epoche")
for name, schedule in candidates.items():
    if schedule is not ...:
        given[name] = train(schedule)
        print(f"  {name:18} {given[name][-1]:.3f}")
best_given = max(given, key=lambda name: given[name][-1])

# %% Findest du einen besseren?
# ▼ AUFGABE 4: Baue einen Schedule, der den besten der obigen schlägt. Auch andere Raten als PEAK sind erlaubt.
better = schedules.CosineDecay(  # kleinere Spitze, aufwärmen, sanft auslaufen
    0.0, decay_steps=TOTAL - warmup_steps, warmup_target=0.04, warmup_steps=warmup_steps
)
# ▲

curves = dict(given)
if better is not ...:
    candidates["deiner"] = better
    curves["deiner"] = train(better)
    print(f"  {'deiner':18} {curves['deiner'][-1]:.3f}")

# %% Rate (graue Fläche) und Genauigkeit (Linie) übereinander
steps = np.linspace(0, TOTAL - 1, min(100, TOTAL)).astype(int)
figure, axes = plt.subplots(2, 4, figsize=(16, 7), sharex=True, sharey=True)
top_rate = max(rate_at(candidates[name], step) for name in curves for step in steps)
for axis, (name, accuracy) in zip(axes.flat, curves.items()):
    rate_axis = axis.twinx()
    rates = [rate_at(candidates[name], step) for step in steps]
    rate_axis.fill_between(steps / TOTAL * EPOCHS, rates, color="gray", alpha=0.3)
    rate_axis.set_ylim(0, 1.05 * top_rate)
    axis.plot(range(1, EPOCHS + 1), accuracy, "o-", color="tab:blue", linewidth=2)
    axis.axhline(given[best_given][-1], color="black", linestyle=":")
    axis.set(title=f"{name}: {accuracy[-1]:.3f}", xlabel="Epoche")
    axis.tick_params(labelbottom=True)
    if axis in axes[:, 0]:
        axis.set_ylabel("Genauigkeit (Linie)")
    if axis in axes[:, -1] or name == list(curves)[-1]:
        rate_axis.set_ylabel("Lernrate (grau)")
    else:
        rate_axis.set_yticklabels([])
for axis in axes.flat[len(curves) :]:
    axis.axis("off")
figure.suptitle("Gleiches Netz, gleiche Daten, anderer Fahrplan (gepunktet: der beste der vorgegebenen)")
plt.show()


# %% Prüfung (hier nichts ändern)
def close(a, b, tolerance=0.02 * PEAK):
    return abs(float(a) - float(b)) <= tolerance


def is_schedule(schedule):
    return isinstance(schedule, schedules.LearningRateSchedule)


def top(schedule):
    return max(rate_at(schedule, step) for step in steps)


pruefe.erwarte(
    "Aufgabe 1",
    rate_after_two_thirds,
    (
        lambda rate: not close(rate, PEAK),
        "Das ist die Rate vor der ersten Grenze. Zwei Drittel liegen schon hinter TOTAL // 2.",
    ),
    (
        lambda rate: not close(rate, PEAK / 100, 1e-5),
        "Das ist die Rate nach der zweiten Grenze. Die liegt erst bei vier Fünfteln.",
    ),
    (
        lambda rate: close(rate, PEAK / 10, 1e-4),
        lambda rate: f"{float(rate):.4g} kommt in values gar nicht vor. Vergleiche 2/3 mit den boundaries.",
    ),
    tipps=[
        "Zwischen welchen beiden Grenzen liegt der Schritt 2/3 · TOTAL?",
        "boundaries teilt die Schritte in drei Abschnitte, values nennt die Rate jedes Abschnitts.",
        "rate_after_two_thirds = PEAK / …",
    ],
)
pruefe.erwarte(
    "Aufgabe 2",
    warmup,
    (
        is_schedule,
        "Gesucht ist ein Schedule, also das, was schedules.CosineDecay(…) zurückgibt, keine Zahl.",
    ),
    (
        lambda schedule: close(rate_at(schedule, 0), 0),
        lambda schedule: f"In Schritt 0 ist die Rate schon {rate_at(schedule, 0):.3f}: Da wärmt sich nichts "
        "auf. Das erste Argument ist die Rate ganz am Anfang.",
    ),
    (
        lambda schedule: close(rate_at(schedule, warmup_steps), PEAK),
        lambda schedule: f"Nach dem Aufwärmen soll die Rate {PEAK} sein, sie ist "
        f"{rate_at(schedule, warmup_steps):.3f}. Sieh dir warmup_target und warmup_steps an.",
    ),
    (
        lambda schedule: close(rate_at(schedule, TOTAL), 0, 1e-4),
        lambda schedule: f"Bei Schritt TOTAL ist die Rate noch {rate_at(schedule, TOTAL):.4f}. decay_steps "
        "zählt erst ab dem Ende des Aufwärmens, nicht ab Schritt 0.",
    ),
    (
        lambda schedule: rate_at(schedule, (TOTAL + warmup_steps) // 2) > 0.4 * PEAK,
        "Die Rate fällt zu früh auf 0: In der Mitte des Abstiegs soll sie noch halb so hoch sein wie PEAK.",
    ),
    tipps=[
        "Wie viele Schritte bleiben für den Abstieg, wenn warmup_steps schon verbraucht sind?",
        "CosineDecay hat die Argumente initial_learning_rate, decay_steps, warmup_target, warmup_steps.",
        "warmup = schedules.CosineDecay(0.0, decay_steps=TOTAL - …, warmup_target=…, warmup_steps=…)",
    ],
)
places = np.linspace(0, 1, 9)
pruefe.erwarte(
    "Aufgabe 3",
    triangle,
    (callable, "triangle soll eine Funktion sein, zum Beispiel lambda position: …"),
    (
        lambda shape: not np.allclose([shape(p) for p in places], places),
        "Das steigt nur: ein Sägezahn. Ab der Mitte soll es wieder hinuntergehen.",
    ),
    (
        lambda shape: not np.allclose([shape(p) for p in places], np.abs(2 * places - 1)),
        "Genau umgekehrt: Deine Funktion beginnt bei 1 und ist in der Mitte 0.",
    ),
    (
        lambda shape: np.allclose([shape(p) for p in places], 1 - np.abs(2 * places - 1)),
        lambda shape: "Die Höhe stimmt nicht überall: An den Stellen 0, 0.25, 0.5, 0.75, 1 sollte sie "
        f"0, 0.5, 1, 0.5, 0 sein und ist {', '.join(f'{float(shape(p)):.2g}' for p in places[::2])}.",
    ),
    tipps=[
        "Wie weit ist eine Stelle von der Mitte 0.5 entfernt, und was hat das mit der Höhe zu tun?",
        "abs(2 * position - 1) ist an den Rändern 1 und in der Mitte 0. Dreh es um.",
        "triangle = lambda position: 1 - abs(…)",
    ],
)
pruefe.erwarte(
    "Aufgabe 4",
    better,
    (
        is_schedule,
        "Eine feste Zahl ist kein Schedule (auch wenn die richtige erstaunlich weit kommt).",
    ),
    (
        lambda schedule: np.ptp([rate_at(schedule, step) for step in steps]) > 1e-6,
        "Dein Schedule ändert die Rate gar nicht. Zählt decay_steps vielleicht weit über TOTAL hinaus?",
    ),
    (
        lambda schedule: curves["deiner"][-1] > 0.15,
        lambda schedule: f"Genauigkeit {curves['deiner'][-1]:.2f}: "
        + ("Das Training ist zerfallen, " if top(schedule) > PEAK else "Da wird kaum etwas gelernt, ")
        + f"die Rate ist mit höchstens {top(schedule):.3g} zu {'groß' if top(schedule) > PEAK else 'klein'}.",
    ),
    (
        lambda schedule: curves["deiner"][-1] >= given[best_given][-1] + VORSPRUNG,
        lambda schedule: f"{curves['deiner'][-1]:.3f}: noch nicht {VORSPRUNG} besser als {best_given} "
        f"({given[best_given][-1]:.3f}). Probiere eine andere Spitze oder fall später ab.",
    ),
    tipps=[
        "Welche Linien zappeln, solange die graue Fläche hoch ist? Was sagt das über PEAK?",
        "Nimm einen Bauplan von oben mit einer kleineren Spitze, etwa einem Drittel von PEAK, und Warm-up.",
        "better = schedules.CosineDecay(0.0, TOTAL - warmup_steps, warmup_target=0.0…, warmup_steps=warmup_steps)",
    ],
)
pruefe.fortschritt()

# %% Was man sieht
# Solange die Rate hoch ist, zappelt die Genauigkeit; sobald sie fällt, wird die Linie ruhig. Deshalb hilft bei
# einer mutigen Rate fast jeder Abstieg. Der Schedule ersetzt aber die Wahl der Rate nicht: Eine kleinere
# Spitze bringt hier mehr als jede Form, und schon constant = 0.03 kommt weit. Probiere auch PEAK = 0.01:
# Dann bremst der Abstieg nur, und konstant gewinnt. Der Unterschied zweier guter Schedules ist kaum
# größer als der zwischen zwei SEEDs; wer es genau wissen will, wiederholt mit mehreren.
