"""Dropout: dasselbe MLP mit und ohne Dropout.

Kapitel   1.80 Grundlagen des Deep Learning · Bausteine von DL-Modellen
Folie     Code Demo: Vergleich eines MLP mit und ohne Dropout
Lernziel  Overfitting in den Kurven erkennen und mit Dropout verringern
Laufzeit  ca. 20 s (2 CPU-Kerne)
Daten     MNIST
Erwartet  test_accuracy_ohne 0.75–0.88, test_accuracy_mit 0.84–0.93, luecke_ohne 0.1–0.25,
          luecke_mit -0.03–0.05
Original  test_accuracy_ohne 0.7–0.86, test_accuracy_mit 0.8–0.9, luecke_ohne 0.13–0.29,
          luecke_mit -0.02–0.1

Ein großes Netz, wenige Bilder, und manche Labels sind falsch, wie in manchem echten Datensatz. Das
Netz kann all das auswendig lernen. Dropout schaltet bei jedem Trainingsschritt zufällig Neuronen
ab; so verlässt sich kein Neuron auf ein anderes, und Auswendiglernen wird schwer.
"""

# %% Stellschrauben: hier live drehen
EPOCHS = 25  # Test: 1
N_TRAIN = 2_000  # Test: 128
UNITS = 512  # Test: 16
DROPOUT_RATE = 0.5  # Anteil, kleiner als 1
NOISY_LABELS = 0.2  # Anteil; probiere 0.0: Hilft Dropout dann noch?
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
from kurs import ergebnis
from kurs.bilder import mnist

import keras
import matplotlib.pyplot as plt
import numpy as np

keras.utils.set_random_seed(SEED)

# %% Daten: absichtlich wenige Trainingsbilder
(x_train, y_train), (x_test, y_test) = mnist.load_data()
x_train, y_train = x_train[:N_TRAIN] / 255.0, y_train[:N_TRAIN]
x_test, y_test = x_test[:1000] / 255.0, y_test[:1000]

# Ein Teil der Trainingslabels wird ausgewürfelt; die Testlabels bleiben richtig.
random = np.random.default_rng(SEED)
is_noisy = random.random(len(y_train)) < NOISY_LABELS
y_train[is_noisy] = random.integers(0, 10, is_noisy.sum())
print(f"{len(x_train)} Bilder zum Trainieren, davon {is_noisy.sum()} mit ausgewürfeltem Label")
print(f"{len(x_test)} Bilder zum Testen, alle richtig beschriftet")


# %% Zwei Modelle, die sich nur im Dropout unterscheiden
def build_model(dropout_rate):
    model = keras.Sequential(
        [
            keras.Input(shape=(28, 28)),
            keras.layers.Flatten(),
            keras.layers.Dense(UNITS, activation="relu"),
            keras.layers.Dropout(dropout_rate),  # Rate 0: Die Schicht tut nichts
            keras.layers.Dense(UNITS, activation="relu"),
            keras.layers.Dropout(dropout_rate),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


# %% Trainieren: gleiche Daten, gleiche Epochen
curves = {}
for name, rate in [("ohne Dropout", 0.0), ("mit Dropout", DROPOUT_RATE)]:
    print(f"\nTraining {name} (Rate {rate}), {EPOCHS} Epochen …")
    model = build_model(rate)
    history = model.fit(
        x_train, y_train, validation_data=(x_test, y_test), epochs=EPOCHS, batch_size=64, verbose=0
    ).history
    curves[name] = history
    train, test = history["accuracy"][-1], history["val_accuracy"][-1]
    print(f"  Genauigkeit: Training {train:.3f}, Test {test:.3f}")

# %% Die Kurven: Wo läuft das Training dem Test davon?
figure, axes = plt.subplots(1, 2, sharey=True)
epochs = range(1, EPOCHS + 1)
for axis, (name, history) in zip(axes, curves.items()):
    train, test = np.array(history["accuracy"]), np.array(history["val_accuracy"])
    axis.plot(epochs, train, ".--", label="Training")
    axis.plot(epochs, test, ".-", label="Test")
    axis.fill_between(epochs, test, train, where=train > test, color="gray", alpha=0.25)
    axis.set(title=name, xlabel="Epoche")
    axis.legend(loc="lower right")
axes[0].set_ylabel("Genauigkeit")
figure.suptitle("Grau: der Vorsprung des Trainings vor dem Test (Overfitting)")
plt.show()

# %% Was man sieht
# Steigt das Training gegen 1, hat das Netz auch die falschen Labels auswendig gelernt. Mit Dropout
# lassen sie sich schwerer merken. (Im Training ist Dropout an, im Test aus. Deshalb kann die
# Testkurve über der Trainingskurve liegen.)
without, with_dropout = (history["val_accuracy"][-1] for history in curves.values())
gap = {name: h["accuracy"][-1] - h["val_accuracy"][-1] for name, h in curves.items()}
print(f"\nLücke zwischen Training und Test ohne Dropout: {gap['ohne Dropout']:.3f}")
print(f"Lücke zwischen Training und Test mit Dropout:  {gap['mit Dropout']:.3f}")
difference = with_dropout - without
if abs(difference) < 0.02:  # so viel schwankt eine Genauigkeit aus 1.000 Bildern leicht
    print("Im Test liegen beide gleichauf: Hier brachte Dropout nichts Messbares.")
else:
    verdict = "besser" if difference > 0 else "schlechter"
    print(f"Mit Dropout ist der Test um {abs(difference):.3f} {verdict}.")

ergebnis(
    test_accuracy_ohne=without,
    test_accuracy_mit=with_dropout,
    luecke_ohne=gap["ohne Dropout"],
    luecke_mit=gap["mit Dropout"],
)
