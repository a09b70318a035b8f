"""Checkpoints: ein Training bricht ab, geht weiter, und alte Versionen antworten noch einmal.

Kapitel   5.90 Trainingspraxis und Optimierung · Checkpointing und Modellverwaltung
Folie     Code Demo: Laden von Checkpoints und Inferenz auf alten Modellversionen
Lernziel  Wissen, was in einen Checkpoint gehört, damit ein Training wirklich dort weitergeht
Laufzeit  ca. 15 s (2 CPU-Kerne)
Daten     Fashion-MNIST
Erwartet  abweichung_alles 0–0.000001, abweichung_nur_gewichte 0.08–0.3,
          genauigkeit_erste 0.68–0.77, genauigkeit_letzte 0.785–0.825
Original  abweichung_alles 0–0.000001, abweichung_nur_gewichte 0.12–0.22,
          genauigkeit_erste 0.68–0.75, genauigkeit_letzte 0.785–0.83

Drei Trainings, die gleich enden sollten: eines ohne Unterbrechung, eines, das aus dem jüngsten
Checkpoint weitermacht, und eines, das daraus nur die Gewichte übernimmt.
"""

# %% Stellschrauben: hier live drehen
EPOCHS = 12  # Test: 4
STOP_AFTER = 6  # Test: 2; nach dieser Epoche bricht das Training ab
DROPOUT_RATE = 0.0  # probiere 0.3: Dropouts Zufall steht nicht im Checkpoint
N_TRAIN = 3_000  # Test: 128
BATCH_SIZE = 64
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
import shutil

from kurs import ausgabe_ordner, ergebnis
from kurs.bilder import fashion_mnist

import keras
import matplotlib.pyplot as plt
import numpy as np

# %% Daten
(x_train, y_train), (x_test, y_test) = fashion_mnist.load_data()
x_train, y_train = x_train[:N_TRAIN] / 255.0, y_train[:N_TRAIN]
x_test = x_test / 255.0
folder = ausgabe_ordner() / "checkpoints"
shutil.rmtree(folder, ignore_errors=True)  # die eines früheren Laufs


# %% Das Netz und sein Training; nach jeder Epoche entsteht eine Datei
def build_model():
    keras.utils.set_random_seed(SEED)
    model = keras.Sequential(
        [
            keras.Input(shape=(28, 28)),
            keras.layers.Flatten(),
            keras.layers.Dense(128, activation="relu"),
            keras.layers.Dropout(DROPOUT_RATE),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def train(model, first, last, callbacks=None):
    """Trainiert die Epochen nach `first` bis `last` und gibt ihren Loss zurück."""
    history = model.fit(
        x_train,
        y_train,
        initial_epoch=first,
        epochs=last,
        batch_size=BATCH_SIZE,
        shuffle=False,  # in jeder Epoche dieselbe Reihenfolge: ein Zufall weniger
        callbacks=callbacks,
        verbose=0,
    )
    return history.history.get("loss", [])


# %% Ein Training mit Checkpoint nach jeder Epoche bricht ab, als fiele der Strom aus
stop = min(STOP_AFTER, EPOCHS - 1)  # wenigstens eine Epoche bleibt
save_each_epoch = keras.callbacks.ModelCheckpoint(folder / "epoche_{epoch:03d}.keras")
train(build_model(), 0, stop, [save_each_epoch])
latest = max(folder.glob("epoche_*.keras"))
print(f"Abgebrochen nach Epoche {stop} von {EPOCHS}. Jüngster Checkpoint: {latest.name}")

# %% … und geht weiter: einmal mit dem ganzen Checkpoint, einmal mit den Gewichten allein
print("Es geht weiter …")
whole = keras.models.load_model(latest)  # Aufbau, Gewichte und Zustand des Optimizers
only_weights = build_model()
only_weights.set_weights(whole.get_weights())
losses = {
    "ganzer Checkpoint": train(whole, stop, EPOCHS, [save_each_epoch]),
    "nur die Gewichte": train(only_weights, stop, EPOCHS),
}
uninterrupted = build_model()
losses["nie unterbrochen"] = train(uninterrupted, 0, EPOCHS)[stop:]

print("\nFortgesetzt mit …    größter Unterschied eines Gewichts zum nie unterbrochenen Training")
difference = {}
for name, model in [("ganzer Checkpoint", whole), ("nur die Gewichte", only_weights)]:
    pairs = zip(model.get_weights(), uninterrupted.get_weights())
    difference[name] = max(np.abs(a - b).max() for a, b in pairs)
    verdict = "dasselbe Training" if difference[name] < 1e-6 else "ein anderes Training"
    print(f"{name:20} {difference[name]:.1e}: {verdict}")

# %% Alte Versionen laden und noch einmal antworten lassen
correct = {}
for path in sorted(folder.glob("epoche_*.keras")):
    version = int(path.stem.removeprefix("epoche_"))
    old_model = keras.models.load_model(path)
    correct[version] = old_model.predict(x_test, verbose=0).argmax(axis=1) == y_test
accuracy = {version: answers.mean() for version, answers in correct.items()}
oldest, newest = min(correct), max(correct)
print(f"\nTestgenauigkeit von Version {oldest}: {accuracy[oldest]:.3f},", end=" ")
print(f"von Version {newest}: {accuracy[newest]:.3f}")
print(f"{(~correct[oldest] & correct[newest]).sum()} Bilder erkennt nur die neue Version,", end=" ")
print(f"{(correct[oldest] & ~correct[newest]).sum()} nur die alte.")

# %% Bild: die Epochen nach dem Abbruch, und alle Versionen
figure, axes = plt.subplots(1, 2, figsize=(13, 5))
for (name, loss), style in zip(losses.items(), ("s-", "o-", "k--")):
    axes[0].plot(range(stop + 1, EPOCHS + 1), loss, style, label=name)
axes[0].set(title="Sieht man den Abbruch?", xlabel="Epoche", ylabel="Loss (Training)")
axes[0].legend()
axes[1].plot(list(accuracy), accuracy.values(), "o-")
axes[1].axvline(stop + 0.5, color="C1", linestyle=":", label="Abbruch")
axes[1].set(title="Was können die alten Versionen?", xlabel="Version", ylabel="Testgenauigkeit")
axes[1].legend()
plt.show()

# %% Was man sieht
# Adam hat ein Gedächtnis: Mittelwerte früherer Gradienten für jedes Gewicht. Sie stehen im ganzen
# Checkpoint; wer nur die Gewichte lädt, fängt mit leerem Gedächtnis an. Den Wiederanlauf nach einem
# Absturz nimmt einem in Keras auch keras.callbacks.BackupAndRestore ab. Alte Versionen behält man,
# weil eine neue nicht für jedes Bild die bessere ist.
ergebnis(
    abweichung_alles=difference["ganzer Checkpoint"],
    abweichung_nur_gewichte=difference["nur die Gewichte"],
    genauigkeit_erste=accuracy[oldest],
    genauigkeit_letzte=accuracy[newest],
)
