"""TensorBoard: drei Trainings mit verschiedenen Lernraten nebeneinander verfolgen.

Kapitel   1.100 Grundlagen des Deep Learning · Evaluation und Visualisierung
Folie     Code Demo: TensorBoard zur Trainingsvisualisierung
Lernziel  Läufe aufzeichnen, TensorBoard öffnen und seine Plots richtig lesen
Laufzeit  ca. 15 s (2 CPU-Kerne)
Daten     Fashion-MNIST
Erwartet  kleinste_rate 0.74–0.83, beste 0.77–0.86, groesste_rate 0.08–0.6
Original  kleinste_rate 0.74–0.83, beste 0.8–0.88, groesste_rate 0.08–0.6

Aufgezeichnet werden Kurven (Scalars), Verteilungen der Gewichte (Histograms, Distributions), der
Aufbau des Netzes (Graphs) und falsch erkannte Bilder (Images).
"""

# %% Stellschrauben: hier live drehen
LEARNING_RATES = (0.0001, 0.001, 0.2)  # Test: (0.001,)
EPOCHS = 12  # Test: 2
N_TRAIN = 6_000  # ein Fünftel davon zur Validierung  # Test: 1_300
SMOOTHING = 0.6  # von 0 bis unter 1, wie der Regler „Smoothing“ in TensorBoard
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
import shutil
import sys

from kurs import ausgabe_ordner, ergebnis
from kurs.bilder import fashion_mnist

import keras
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import tensorflow as tf

# %% Daten
(x_train, y_train), (x_test, y_test) = fashion_mnist.load_data()
x_train, y_train = x_train[:N_TRAIN] / 255.0, y_train[:N_TRAIN]
x_test, y_test = x_test[:1000] / 255.0, y_test[:1000]
class_names = fashion_mnist.class_names

# %% Wohin? Je Lauf ein Ordner; alte Läufe werden gelöscht, sonst mischen sich ihre Kurven
log_dir = ausgabe_ordner() / "logs"
shutil.rmtree(log_dir, ignore_errors=True)

# %% Trainieren und aufzeichnen: Die ganze Arbeit macht der Callback
histories = {}
for learning_rate in LEARNING_RATES:
    run_dir = log_dir / f"lernrate_{learning_rate}"
    keras.utils.set_random_seed(SEED)
    model = keras.Sequential(
        [
            keras.Input(shape=(28, 28)),
            keras.layers.Flatten(),
            keras.layers.Dense(128, activation="relu", name="verdeckt"),
            keras.layers.Dense(10, activation="softmax", name="ausgabe"),
        ]
    )
    optimizer = keras.optimizers.Adam(learning_rate)
    model.compile(optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    tensorboard = keras.callbacks.TensorBoard(
        log_dir=run_dir,
        histogram_freq=1,  # jede Epoche die Verteilung der Gewichte
        write_graph=True,  # der Aufbau des Netzes
    )
    histories[learning_rate] = model.fit(
        x_train, y_train, validation_split=0.2,
        epochs=EPOCHS, batch_size=64, callbacks=[tensorboard], verbose=0,
    ).history
    reached = histories[learning_rate]["val_accuracy"][-1]
    print(f"Lernrate {learning_rate}: Validierung nach {EPOCHS} Epochen {reached:.3f}", flush=True)

    # Eigene Einträge: Bilder, die das Netz falsch erkennt
    prediction = model.predict(x_test, verbose=0).argmax(axis=1)
    wrong = np.flatnonzero(prediction != y_test)[:12]
    with tf.summary.create_file_writer(str(run_dir / "bilder")).as_default():
        tf.summary.image("falsch erkannt", x_test[wrong][..., None], step=EPOCHS, max_outputs=12)
        lines = [f"| {class_names[y_test[i]]} | {class_names[prediction[i]]} |" for i in wrong]
        table = "\n".join(["| richtig | Vorhersage |", "|---|---|", *lines])
        tf.summary.text("falsch erkannt", table, step=EPOCHS)

# %% Öffnen: diesen Befehl ins Terminal (in PyCharm unten links), dann den Link anklicken
print("\nTensorBoard starten und http://localhost:6006 öffnen (beenden mit Strg+C):")
print(f'"{sys.executable}" -m tensorboard.main --logdir "{log_dir}"')
print(
    """
So liest man die Plots:
  Scalars      Zuerst auf die Achsen sehen: Beginnt die y-Achse bei 0? Ist sie logarithmisch?
  Smoothing    Der Regler glättet; die blasse Linie dahinter sind die wahren Werte.
  Runs         Jeder Lauf steht zweimal da (train, validation). Vergleiche Gleiches mit Gleichem.
  Histograms   Wandern die Gewichte kaum, ist die Lernrate klein; laufen sie weit auseinander, groß.
  Images       Was wird verwechselt? Oft sieht man den Grund mit bloßem Auge."""
)

# %% Dieselben Kurven hier, roh und geglättet, damit der Regler verständlich wird
figure, axes = plt.subplots(1, 2)
epochs = range(1, EPOCHS + 1)
for number, (learning_rate, history) in enumerate(histories.items()):
    for axis, key in zip(axes, ("val_loss", "val_accuracy")):
        smooth = pd.Series(history[key]).ewm(alpha=1 - SMOOTHING).mean()  # wie TensorBoard
        axis.plot(epochs, history[key], color=f"C{number}", alpha=0.3)
        axis.plot(epochs, smooth, color=f"C{number}", label=f"Lernrate {learning_rate}")
axes[0].set(xlabel="Epoche", ylabel="Loss, Validierung (log)", yscale="log")
axes[1].set(xlabel="Epoche", ylabel="Genauigkeit, Validierung")
axes[0].legend()
figure.suptitle("Blass: was gemessen wurde. Kräftig: geglättet. Welche Lernrate passt?")
plt.show()

# %% Was man sieht
# Eine zu kleine Lernrate: Die Kurve sinkt noch, wenn das Training endet. Eine passende: steil, dann
# flach. Eine zu große: Der Loss springt. Geglättet sieht man den Trend, roh die Unruhe. (Wer mit
# update_freq=10 je Batch aufzeichnet: Keras schreibt dann das Mittel der Epoche bis dahin.)
final = {rate: history["val_accuracy"][-1] for rate, history in histories.items()}
ergebnis(
    kleinste_rate=final[min(final)], beste=max(final.values()), groesste_rate=final[max(final)]
)
