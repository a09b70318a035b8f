"""TensorBoard: drei Trainings mit verschiedenen Lernraten nebeneinander verfolgen.

Kapitel   1.100 Grundlagen des Deep Learning · Evaluation und Visualisierung
Folie     Code Demo: TensorBoard zur Trainingsvisualisierung
Lernziel  Läufe aufzeichnen, TensorBoard öffnen und seine Plots richtig lesen
Laufzeit  ca. 30 s (2 CPU-Kerne)
Daten     Fashion-MNIST
Erwartet  accuracy_klein 0.77–0.83, accuracy_mittel 0.79–0.86, accuracy_gross 0.3–0.8
Original  accuracy_klein 0.77–0.83, accuracy_mittel 0.82–0.88, accuracy_gross 0.5–0.83

Aufgezeichnet werden Kurven (Scalars), Verteilungen der Gewichte (Histograms, Distributions), der
Aufbau des Netzes (Graphs) und falsch erkannte Bilder (Images).
"""

# %% Stellschrauben: hier live drehen
LEARNING_RATES = (0.0001, 0.001, 0.05)  # zu klein, passend, zu groß
EPOCHS = 8  # Test: 1
N_TRAIN = 6_000  # Test: 1_300
SMOOTHING = 0.8  # wie der Regler „Smoothing“ in TensorBoard
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
import shutil
import sys

from kurs import ausgabe_ordner, ergebnis
from kurs.bilder import fashion_mnist

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

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
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=learning_rate),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    tensorboard = keras.callbacks.TensorBoard(
        log_dir=run_dir,
        histogram_freq=1,  # jede Epoche die Verteilung der Gewichte
        write_graph=True,  # der Aufbau des Netzes
        update_freq=10,  # alle 10 Batches ein Punkt der Kurve, nicht nur je Epoche
    )
    histories[learning_rate] = model.fit(
        x_train,
        y_train,
        validation_data=(x_test, y_test),
        epochs=EPOCHS,
        batch_size=64,
        callbacks=[tensorboard],
        verbose=0,
    ).history

    # Eigene Einträge: Bilder, die das Netz falsch erkennt
    prediction = model.predict(x_test, verbose=0).argmax(axis=1)
    wrong = np.flatnonzero(prediction != y_test)[:12]
    with tf.summary.create_file_writer(str(run_dir / "bilder")).as_default():
        tf.summary.image("falsch erkannt", x_test[wrong][..., None], step=EPOCHS, max_outputs=12)
        lines = [
            f"| {class_names[y_test[i]]} | {class_names[prediction[i]]} |" for i in wrong
        ]
        table = "\n".join(["| richtig | Vorhersage |", "|---|---|", *lines])
        tf.summary.text("falsch erkannt", table, step=EPOCHS)
    print(
        f"Lernrate {learning_rate}: Validierung nach {EPOCHS} Epochen "
        f"{histories[learning_rate]['val_accuracy'][-1]:.3f}"
    )

# %% Öffnen: diesen Befehl ins Terminal (in PyCharm unten links), dann den Link anklicken
print("\nTensorBoard starten und http://localhost:6006 öffnen (beenden mit Strg+C):")
print(f'"{sys.executable}" -m tensorboard.main --logdir "{log_dir}"')
print(
    """
So liest man die Plots:
  Scalars      Immer zuerst auf die Achsen sehen: Beginnt die y-Achse bei 0? Ist sie logarithmisch?
  Smoothing    Der Regler glättet; die blasse Linie dahinter sind die wahren Werte. Trend vor Ausreißer.
  Runs         Gleiche Farbe = gleicher Lauf. Verglichen wird Validierung mit Validierung.
  Histograms   Wandern die Gewichte gar nicht, ist die Lernrate zu klein; laufen sie weit auseinander, zu groß.
  Images       Was wird verwechselt? Oft sieht man den Grund mit bloßem Auge."""
)


# %% Dieselben Kurven hier, roh und geglättet, damit der Regler verständlich wird
def smooth(values, weight):
    """Exponentielle Glättung, wie TensorBoard sie zeichnet."""
    result, last = [], values[0]
    for value in values:
        last = weight * last + (1 - weight) * value
        result.append(last)
    return result


def read_scalars(run_dir, tag):
    """Liest eine Kurve aus den Ereignisdateien zurück, die der Callback geschrieben hat."""
    events = EventAccumulator(str(run_dir), size_guidance={"tensors": 0})  # 0: alle Punkte
    events.Reload()
    points = [(event.step, float(tf.make_ndarray(event.tensor_proto))) for event in events.Tensors(tag)]
    return np.array(points).T


figure, axes = plt.subplots(1, 2, figsize=(13, 5))
colors = ("tab:blue", "tab:orange", "tab:green")
for learning_rate, color, style in zip(LEARNING_RATES, colors, ("-", "--", "-.")):
    steps, loss = read_scalars(log_dir / f"lernrate_{learning_rate}" / "train", "batch_loss")
    axes[0].plot(steps, loss, color=color, alpha=0.25)
    axes[0].plot(steps, smooth(loss, SMOOTHING), style, color=color, label=f"Lernrate {learning_rate}")
    values = histories[learning_rate]["val_accuracy"]
    axes[1].plot(range(1, EPOCHS + 1), values, style, marker="o", color=color)
axes[0].set(xlabel="Iteration", ylabel="Loss im Training (log)", yscale="log")
axes[0].set_title("blass: roh, kräftig: geglättet")
axes[1].set(xlabel="Epoche", ylabel="Genauigkeit", title="Validierung: Danach wird entschieden")
axes[0].legend()
plt.show()

# %% Was man sieht
# Zu klein: Die Kurve sinkt noch, wenn das Training endet. Passend: steil, dann flach. Zu groß: Der Loss
# springt und bleibt hoch. Geglättet sieht man den Trend, roh die Unruhe; man braucht beides.
final = [histories[learning_rate]["val_accuracy"][-1] for learning_rate in LEARNING_RATES]
ergebnis(accuracy_klein=final[0], accuracy_mittel=final[1], accuracy_gross=final[2])
