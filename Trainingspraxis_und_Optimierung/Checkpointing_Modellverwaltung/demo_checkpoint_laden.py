"""Checkpoints: ein Training stirbt, macht exakt weiter, und alte Versionen antworten noch einmal.

Kapitel   5.90 Trainingspraxis und Optimierung · Checkpointing und Modellverwaltung
Folie     Code Demo: Laden von Checkpoints und Inferenz auf alten Modellversionen
Lernziel  Wissen, was in einen Checkpoint gehört, damit ein Training wirklich dort weitergeht
Laufzeit  ca. 25 s (2 CPU-Kerne)
Daten     Fashion-MNIST
Erwartet  abweichung_alles 0–0.000001, abweichung_ohne_zufall 0.04–0.18,
          abweichung_nur_gewichte 0.08–0.3, genauigkeit_erste 0.68–0.77, genauigkeit_letzte 0.785–0.825

Ein zweiter Prozess trainiert und wird mitten in einer Epoche getötet, wie bei einem Stromausfall.
Dieses Skript startet ihn selbst: als Ganzes starten, nicht Zelle für Zelle.
"""

# %% Stellschrauben: hier live drehen
EPOCHS = 12  # Test: 4
KILL_EPOCH = 6  # Test: 2; in der Epoche danach stirbt der Prozess
KILL_BATCH = 10  # Test: 1
N_TRAIN = 3_000  # Test: 128
BATCH_SIZE = 64
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
import multiprocessing
import os
import shutil

from kurs import ausgabe_ordner, ergebnis
from kurs.bilder import fashion_mnist

import keras
import numpy as np
import psutil


# %% Das Netz: Adam hat ein Gedächtnis, Dropout würfelt. Beides gehört zum Zustand des Trainings.
def build_model(seed):
    keras.utils.set_random_seed(seed)
    model = keras.Sequential(
        [
            keras.Input(shape=(28, 28)),
            keras.layers.Flatten(),
            keras.layers.Dense(128, activation="relu"),
            keras.layers.Dropout(0.3, seed=seed, name="dropout"),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def save(model, path):
    """Erst daneben schreiben, dann umbenennen: Stirbt der Prozess dabei, bleibt der alte Stand heil."""
    draft = path.with_name("entwurf.keras")
    model.save(draft)  # Aufbau, Gewichte und Zustand des Optimizers, aber nicht der von Dropout
    os.replace(draft, path)


class PowerCut(keras.callbacks.Callback):
    """Tötet den eigenen Prozess. Kein `finally`, kein Aufräumen: So endet ein Stromausfall."""

    def __init__(self, epoch, batch):
        super().__init__()
        self.kill_epoch, self.kill_batch, self.epoch = epoch, batch, None

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        if (self.epoch, batch) == (self.kill_epoch, self.kill_batch):
            print(f"  Epoche {self.epoch + 1}, Batch {batch}: Strom weg", flush=True)
            psutil.Process().kill()


def train(model, x, y, epochs, batch_size, seed, folder=None, callbacks=(), random_state=True):
    """Trainiert die Epochen in `epochs` (gezählt ab 0), nach jeder ein Checkpoint nach `folder`."""
    for epoch in epochs:
        # Zufall, der nur von Seed und Epoche abhängt, muss niemand speichern: Er ist wiederholbar.
        order = np.random.default_rng([seed, epoch]).permutation(len(x))
        if random_state:
            model.get_layer("dropout").seed_generator.state.assign(np.array([seed, epoch]))
        model.fit(
            x[order], y[order], shuffle=False, batch_size=batch_size,
            initial_epoch=epoch, epochs=epoch + 1, callbacks=list(callbacks), verbose=0,
        )  # fmt: skip
        if folder is not None:
            save(model, folder / f"epoche_{epoch + 1:02}.keras")
            print(f"  Epoche {epoch + 1} gesichert", flush=True)


def doomed_training(x, y, epochs, batch_size, seed, folder, kill_epoch, kill_batch):
    """Läuft im zweiten Prozess."""
    power_cut = PowerCut(kill_epoch, kill_batch)
    train(build_model(seed), x, y, range(epochs), batch_size, seed, folder, [power_cut])


# %% Ab hier nur im ersten Prozess
if __name__ == "__main__":
    import matplotlib.pyplot as plt

    plt.rcParams["font.size"] = 12
    (x_train, y_train), (x_test, y_test) = fashion_mnist.load_data()
    x_train, y_train = (x_train[:N_TRAIN] / 255).astype("float32"), y_train[:N_TRAIN]
    x_test = (x_test / 255).astype("float32")
    folder = ausgabe_ordner() / "checkpoints"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()

    # %% Ein Training stirbt
    print("Zweiter Prozess trainiert (er lädt erst seine Bibliotheken) …")
    process = multiprocessing.get_context("spawn").Process(
        target=doomed_training,
        args=(x_train, y_train, EPOCHS, BATCH_SIZE, SEED, folder, KILL_EPOCH, KILL_BATCH),
    )
    process.start()
    process.join()
    latest = max(folder.glob("epoche_*.keras"))
    print(f"Der Prozess ist tot (Code {process.exitcode}). Jüngster Checkpoint: {latest.name}")

    # %% … und geht weiter: dreimal, mit immer weniger vom alten Zustand
    first_epoch = int(latest.stem.removeprefix("epoche_"))
    rest = range(first_epoch, EPOCHS)
    arguments = (BATCH_SIZE, SEED)
    print(f"Weiter ab Epoche {first_epoch + 1}; die angefangene Epoche beginnt von vorn:")
    resumed = keras.models.load_model(latest)
    train(resumed, x_train, y_train, rest, *arguments, folder)

    without_random = keras.models.load_model(latest)
    train(without_random, x_train, y_train, rest, *arguments, random_state=False)
    only_weights = build_model(SEED)
    only_weights.set_weights(keras.models.load_model(latest).get_weights())
    train(only_weights, x_train, y_train, rest, *arguments)

    uninterrupted = build_model(SEED)
    train(uninterrupted, x_train, y_train, range(EPOCHS), *arguments)

    print("\nVergleich mit einem Training, das nie unterbrochen wurde:")
    print("Fortgesetzt mit …              größter Unterschied eines Gewichts   Genauigkeit (Test)")
    differences = {}
    for name, model in [
        ("allem", resumed),
        ("allem außer Dropouts Zufall", without_random),
        ("den Gewichten allein", only_weights),
        ("(nie unterbrochen)", uninterrupted),
    ]:
        pairs = zip(model.get_weights(), uninterrupted.get_weights())
        differences[name] = max(np.abs(a - b).max() for a, b in pairs)
        accuracy = model.evaluate(x_test, y_test, verbose=0)[1]
        print(f"{name:30} {differences[name]:36.1e} {accuracy:20.4f}")
    print("Nur mit dem ganzen Zustand ist es dasselbe Training. Die anderen sind auch gut, aber andere.")

    # %% Alte Versionen laden und noch einmal antworten lassen
    versions, probabilities = [], []
    for path in sorted(folder.glob("epoche_*.keras")):
        old_model = keras.models.load_model(path, compile=False)  # zum Antworten genügt das
        versions.append(int(path.stem.removeprefix("epoche_")))
        probabilities.append(old_model.predict(x_test, verbose=0))
    correct = np.array([p.argmax(axis=1) == y_test for p in probabilities])  # Version × Bild
    accuracies = correct.mean(axis=1)
    print(f"\nGenauigkeit von Version 1: {accuracies[0]:.4f}, der letzten: {accuracies[-1]:.4f}")
    print(f"{(~correct[0] & correct[-1]).sum()} Bilder kann erst die letzte Version,")
    print(f"{(correct[0] & ~correct[-1]).sum()} konnte Version 1, und die letzte kann sie nicht mehr.")

    # %% Bild: alle Versionen, und drei Bilder, deren Antwort sich am meisten ändert
    of_truth = np.array([p[np.arange(len(y_test)), y_test] for p in probabilities])
    change = of_truth[-1] - of_truth[0]
    chosen = {"gelernt": change.argmax(), "verlernt": change.argmin()}
    chosen["schon immer sicher"] = of_truth.min(axis=0).argmax()
    figure = plt.figure(figsize=(13, 5.5))
    left, middle, right = figure.subfigures(1, 3, width_ratios=(5, 5, 2))
    axis = left.subplots()
    axis.plot(versions, accuracies, marker="o", color="black")
    axis.axvline(first_epoch + 0.5, linestyle=":", color="tab:red", label="hier starb der Prozess")
    axis.set(xlabel="Version (Epoche)", ylabel="Genauigkeit (Test)")
    axis.set_title("Nach dem Absturz geht es nahtlos weiter")
    axis.legend()
    axis, pictures = middle.subplots(), right.subplots(3, 1)
    looks = [("tab:blue", "-"), ("tab:orange", "--"), ("tab:purple", "-.")]
    for (name, index), (color, style), picture in zip(chosen.items(), looks, pictures):
        axis.plot(versions, of_truth[:, index], style, color=color, marker="o", label=name)
        picture.imshow(x_test[index], cmap="gray_r")
        picture.set_title(f"{name}:\n{fashion_mnist.class_names[y_test[index]]}", color=color, fontsize=12)
        picture.axis("off")
    axis.set(xlabel="Version (Epoche)", ylabel="Wahrscheinlichkeit der richtigen Klasse")
    axis.set_title("Neuer ist nicht für jedes Bild besser")
    axis.legend()
    plt.show()

    ergebnis(
        abweichung_alles=differences["allem"],
        abweichung_ohne_zufall=differences["allem außer Dropouts Zufall"],
        abweichung_nur_gewichte=differences["den Gewichten allein"],
        genauigkeit_erste=accuracies[0],
        genauigkeit_letzte=accuracies[-1],
    )
