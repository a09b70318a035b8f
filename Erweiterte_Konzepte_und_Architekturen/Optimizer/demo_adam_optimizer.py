"""Optimizer: SGD, Momentum, RMSprop und Adam auf MNIST, jeder mit drei Lernraten.

Kapitel   2.10 Erweiterte Konzepte und Architekturen · Optimizer
Folie     Demo: Auswirkungen unterschiedlicher Optimizer
Lernziel  Sehen, wer welche Lernrate verträgt, und was Adam einem abnimmt
Laufzeit  ca. 20 s (2 CPU-Kerne)
Daten     MNIST
Erwartet  test_sgd 0.87–0.94, test_momentum 0.9–0.96, test_rmsprop 0.89–0.96, test_adam 0.9–0.96,
          sgd_kleinste_rate 0.15–0.4, adam_kleinste_rate 0.87–0.95, adam_groesste_rate 0.4–0.9
Original  test_sgd 0.84–0.9, test_momentum 0.86–0.92, test_rmsprop 0.87–0.92,
          test_adam 0.87–0.93, sgd_kleinste_rate 0.15–0.4, adam_kleinste_rate 0.89–0.95,
          adam_groesste_rate 0.6–0.9

Dasselbe kleine Netz, dieselben Startgewichte, dieselben Bilder. Wie die vier ihren Weg gehen, zeigt
demo_optimizer_wege.
"""

# %% Stellschrauben: hier live drehen
LEARNING_RATES = (0.001, 0.01, 0.1)  # Test: (0.01,)
EPOCHS = 5  # Test: 1
N_TRAIN = 4_000  # ein Fünftel davon zur Validierung  # Test: 160
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
from kurs import ergebnis
from kurs.bilder import mnist

import keras
import matplotlib.pyplot as plt
import numpy as np

# %% Daten: Die Validierung entscheidet über die Lernrate; der Test sagt, wie gut sie war
(x_train, y_train), (x_test, y_test) = mnist.load_data()
x_train, y_train = x_train[:N_TRAIN] / 255.0, y_train[:N_TRAIN]
x_test, y_test = x_test[:1000] / 255.0, y_test[:1000]

# %% Zwölf Trainings: vier Optimizer mal drei Lernraten
optimizers = {
    "SGD": lambda rate: keras.optimizers.SGD(rate),
    "Momentum": lambda rate: keras.optimizers.SGD(rate, momentum=0.9),
    "RMSprop": lambda rate: keras.optimizers.RMSprop(rate),
    "Adam": lambda rate: keras.optimizers.Adam(rate),
}
curves, validation, test = {}, {}, {}
print(f"{len(x_train)} Bilder, {EPOCHS} Epochen: Genauigkeit in der Validierung")
print(f"  {'Lernrate':9}", *(f"{rate:>7}" for rate in LEARNING_RATES))
for name, make_optimizer in optimizers.items():
    for rate in LEARNING_RATES:
        keras.utils.set_random_seed(SEED)  # für alle dieselben Startgewichte
        model = keras.Sequential(
            [
                keras.Input(shape=(28, 28)),
                keras.layers.Flatten(),
                keras.layers.Dense(64, activation="relu"),
                keras.layers.Dense(10, activation="softmax"),
            ]
        )
        model.compile(
            optimizer=make_optimizer(rate),
            loss="sparse_categorical_crossentropy",
            metrics=["accuracy"],
        )
        history = model.fit(
            x_train, y_train, validation_split=0.2, epochs=EPOCHS, batch_size=64, verbose=0
        ).history
        curves[name, rate] = history["loss"]
        validation[name, rate] = history["val_accuracy"][-1]
        test[name, rate] = model.evaluate(x_test, y_test, verbose=0)[1]
    print(f"  {name:9}", *(f"{validation[name, rate]:7.3f}" for rate in LEARNING_RATES))
best = {name: max(LEARNING_RATES, key=lambda rate: validation[name, rate]) for name in optimizers}

# %% Bild: Wer verträgt welche Lernrate?
figure, axes = plt.subplots(1, 2, figsize=(13, 5.5), width_ratios=[1, 1.2])
table = np.array([[validation[name, rate] for rate in LEARNING_RATES] for name in optimizers])
axes[0].imshow(table, cmap="Blues", vmin=0, vmax=1.6, aspect="auto")
for (row, column), value in np.ndenumerate(table):
    axes[0].text(column, row, f"{value:.2f}", ha="center", va="center", fontsize=18)
axes[0].set_xticks(range(len(LEARNING_RATES)), LEARNING_RATES)
axes[0].set_yticks(range(len(optimizers)), optimizers)
axes[0].set(xlabel="Lernrate", title="Genauigkeit, Validierung")
epochs = range(1, EPOCHS + 1)
for (name, rate), style in zip(best.items(), (":", "--", "-.", "-")):
    axes[1].plot(epochs, curves[name, rate], style, marker="o", label=f"{name}, {rate}")
axes[1].set(xlabel="Epoche", ylabel="Loss im Training (log)", yscale="log", xticks=epochs)
axes[1].set_title("Jeder mit seiner besten Lernrate")
axes[1].legend()
figure.suptitle("Welche Lernrate passt zu welchem Optimizer?")
plt.show()

# %% Was man sieht
# Lies die Tabelle zeilenweise: SGD braucht große Lernraten, RMSprop und Adam kleine; die Lernrate
# gehört also zum Optimizer. Mit passender Lernrate liegen alle nahe beieinander. Adam ist mit
# seiner Voreinstellung 0.001 schon gut: Er nimmt einem vor allem das Suchen ab.
print("\nJeder mit seiner besten Lernrate, im Test:")
for name, rate in best.items():
    print(f"  {name:9} {test[name, rate]:.3f}   (Lernrate {rate})")
ergebnis(
    test_sgd=test["SGD", best["SGD"]],
    test_momentum=test["Momentum", best["Momentum"]],
    test_rmsprop=test["RMSprop", best["RMSprop"]],
    test_adam=test["Adam", best["Adam"]],
    sgd_kleinste_rate=validation["SGD", min(LEARNING_RATES)],
    adam_kleinste_rate=validation["Adam", min(LEARNING_RATES)],
    adam_groesste_rate=validation["Adam", max(LEARNING_RATES)],
)
