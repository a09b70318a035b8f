"""Batchgröße: Was sie mit Tempo, Stabilität und Generalisierung macht.

Kapitel   5.20 Trainingspraxis und Optimierung · Effizientes Training
Folie     Batch Size: Einfluss auf Stabilität, Geschwindigkeit und Generalisierung
Lernziel  Eine Batchgröße begründet wählen; Schritte, Rauschen und Lernrate zusammen denken
Laufzeit  ca. 35 s (2 CPU-Kerne)
Daten     Fashion-MNIST
Erwartet  accuracy_klein 0.73–0.81, accuracy_gross 0.46–0.57, accuracy_gross_skaliert 0.67–0.77,
          rauschen_verhaeltnis 6–10, tempo_verhaeltnis 2–30, unterschied_bei_gleichem_verlust -0.02–0.05

Dasselbe Netz, dieselben Bilder, dieselbe Zahl von Epochen; nur die Batchgröße ist anders. Große
Batches gelten als schnell und als anfällig für Overfitting. Beides wird hier nachgemessen.
"""

# %% Stellschrauben: hier live drehen
BATCH_SIZES = (8, 32, 128, 512)  # Test: (32, 128)
LEARNING_RATE = 0.006  # für den kleinsten Batch
EPOCHS = 20  # Test: 2
N_TRAIN = 2_000  # Test: 256
UNITS = 128  # Test: 8
N_GRADIENTS = 30  # Test: 3
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
import time

from kurs import ergebnis
from kurs.bilder import fashion_mnist

import keras
import matplotlib.pyplot as plt
import numpy as np

SMALL, LARGE = BATCH_SIZES[0], BATCH_SIZES[-1]

# %% Daten
(x_train, y_train), (x_test, y_test) = fashion_mnist.load_data()
x_train, y_train = (x_train[:N_TRAIN] / 255.0).astype("float32"), y_train[:N_TRAIN]
x_test, y_test = (x_test[:2000] / 255.0).astype("float32"), y_test[:2000]
print(f"{len(x_train)} Bilder zum Trainieren, {EPOCHS} Epochen, SGD mit Lernrate {LEARNING_RATE}\n")


# %% Ein Training, und was nach jeder Epoche aufgeschrieben wird
class Notes(keras.callbacks.Callback):
    """Sekunden der Trainingsschritte (ohne das Prüfen) und Verlust aller Trainingsbilder am Epochenende.

    Der Verlust, den fit meldet, ist ein Mittel über die Epoche: Bei vielen Schritten je Epoche hinkt er nach.
    """

    def __init__(self):
        super().__init__()
        self.seconds, self.train_loss = [], []

    def on_epoch_begin(self, epoch, logs=None):
        self.start = time.perf_counter()

    def on_test_begin(self, logs=None):
        self.seconds.append(time.perf_counter() - self.start)

    def on_epoch_end(self, epoch, logs=None):
        loss, _ = self.model.evaluate(x_train, y_train, batch_size=N_TRAIN, verbose=0)
        self.train_loss.append(loss)


def train(batch_size, learning_rate):
    keras.utils.set_random_seed(SEED)
    model = keras.Sequential(
        [
            keras.Input(shape=(28, 28)),
            keras.layers.Flatten(),
            keras.layers.Dense(UNITS, activation="relu"),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(
        optimizer=keras.optimizers.SGD(learning_rate=learning_rate),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    notes = Notes()
    history = model.fit(
        x_train,
        y_train,
        validation_data=(x_test, y_test),
        validation_batch_size=2000,
        epochs=EPOCHS,
        batch_size=batch_size,
        callbacks=[notes],
        verbose=0,
    ).history
    # Die erste Epoche enthält das einmalige Übersetzen des Netzes; sie zählt beim Tempo nicht mit
    history["train_loss"] = notes.train_loss
    return model, history, float(np.median(notes.seconds[1:]))


# %% Gleiche Lernrate für alle
print("Batch  Schritte je Epoche  Sekunden je Epoche  Training   Test")
runs, seconds = {}, {}
for batch_size in BATCH_SIZES:
    model, runs[batch_size], seconds[batch_size] = train(batch_size, LEARNING_RATE)
    print(
        f"{batch_size:5}  {int(np.ceil(N_TRAIN / batch_size)):18}  {seconds[batch_size]:18.3f}"
        f"  {runs[batch_size]['accuracy'][-1]:8.3f}  {runs[batch_size]['val_accuracy'][-1]:5.3f}"
    )

# %% Große Batches mit größerer Lernrate: k-mal so große Batches, k-mal so lange Schritte
scaled = {SMALL: runs[SMALL]}
print("\nLernrate im gleichen Verhältnis vergrößert wie der Batch (lineare Regel):")
for batch_size in BATCH_SIZES[1:]:
    rate = LEARNING_RATE * batch_size / SMALL
    _, scaled[batch_size], _ = train(batch_size, rate)
    print(f"{batch_size:5}  Lernrate {rate:5.2f}  Test {scaled[batch_size]['val_accuracy'][-1]:.3f}")

# %% Stabilität: Wie weit liegt der Gradient eines Batches vom Gradienten aller Bilder weg?
# Ein SGD-Schritt mit Lernrate 1 verrät den Gradienten: neue Gewichte = alte Gewichte − Gradient.
model.compile(optimizer=keras.optimizers.SGD(1.0), loss="sparse_categorical_crossentropy")
weights = model.get_weights()


def gradient(rows):
    model.set_weights(weights)
    model.train_on_batch(x_train[rows], y_train[rows])
    return np.concatenate([(a - b).ravel() for a, b in zip(weights, model.get_weights())])


random = np.random.default_rng(SEED)
full = gradient(np.arange(N_TRAIN))
noise = {}
for batch_size in BATCH_SIZES:
    batches = [random.choice(N_TRAIN, batch_size) for _ in range(N_GRADIENTS)]
    deviations = [np.linalg.norm(gradient(rows) - full) for rows in batches]
    noise[batch_size] = float(np.mean(deviations) / np.linalg.norm(full))
print("\nAbweichung vom Gradienten aller Bilder, in dessen Längen:")
print("  " + ", ".join(f"Batch {size}: {value:.1f}" for size, value in noise.items()))

# %% Generalisierung: Test bei GLEICHEM Trainingsverlust, also gleich weit gelernt
# Verglichen werden die Läufe mit angepasster Lernrate, denn nur sie kommen alle weit genug.
target = max(min(history["train_loss"]) for history in scaled.values())


def accuracy_at(history, loss):
    """Testgenauigkeit, wenn der Trainingsverlust zum ersten Mal unter `loss` fällt (zwischen Epochen linear)."""
    lowest = np.minimum.accumulate(history["train_loss"])
    return float(np.interp(loss, lowest[::-1], history["val_accuracy"][::-1]))


fair = {size: accuracy_at(history, target) for size, history in scaled.items()}
print(f"\nTest bei gleichem Trainingsverlust ({target:.2f}):")
print("  " + ", ".join(f"Batch {size}: {value:.3f}" for size, value in fair.items()))

# %% Drei Bilder, drei Fragen
figure, axes = plt.subplots(1, 3, figsize=(15, 5))
positions = range(len(BATCH_SIZES))
axes[0].bar(positions, seconds.values(), color="tab:blue")
axes[0].set_xticks(positions, BATCH_SIZES)
axes[0].set(xlabel="Batchgröße", ylabel="Sekunden je Epoche", title="Tempo: groß ist schneller")

axes[1].loglog(BATCH_SIZES, list(noise.values()), "o-", label="gemessen")
theory = [noise[SMALL] * (SMALL / size) ** 0.5 for size in BATCH_SIZES]
axes[1].loglog(BATCH_SIZES, theory, "k--", label="1/√Batchgröße")
axes[1].set_xticks(BATCH_SIZES, BATCH_SIZES)
axes[1].set_yticks(list(noise.values()), [f"{value:.1f}" for value in noise.values()])
axes[1].minorticks_off()
axes[1].set(xlabel="Batchgröße (log)", ylabel="Abweichung in Gradientenlängen (log)")
axes[1].set_title("Stabilität: groß ist ruhiger")
axes[1].legend()

for (size, history), style in zip(scaled.items(), ("o-", "s--", "^-.", "D:")):
    axes[2].plot(
        history["train_loss"], history["val_accuracy"], style, markersize=4, label=f"Batch {size}"
    )
axes[2].axvline(target, color="gray", linewidth=1)
axes[2].set_xlim(2 * target, 0.8 * min(scaled[SMALL]["train_loss"]))
axes[2].set(xlabel="Verlust im Training (nach rechts: gelernt)", ylabel="Genauigkeit im Test")
axes[2].set_title("Generalisierung: fast derselbe Weg")
axes[2].legend()
figure.suptitle("Große Batches rechnen schneller und ruhiger, kommen aber in gleich vielen Epochen weniger weit")
plt.show()

# %% Was man sieht
# Tempo: 64-mal so große Batches, 64-mal weniger Schritte, aber längst nicht 64-mal so schnell, denn
# jeder Schritt rechnet mehr. Stabilität: Viermal so große Batches halbieren das Rauschen (1/√Batchgröße).
# Kleine Batches rauschen stärker, als der Gradient lang ist, und lernen trotzdem: Es mittelt sich heraus.
# Nach gleich vielen Epochen liegt der größte Batch weit zurück, weil er kaum Schritte machte; mit
# größerer Lernrate holt er das meiste auf. Vergrößere LEARNING_RATE auf 0.02: Dann ist seine Rate zu groß,
# und das Training zerfällt. Generalisierung: Bei gleichem Trainingsverlust liegt der kleine Batch im Test meist
# um einen Prozentpunkt vorn, manchmal gar nicht. Dass große Batches zu Overfitting neigen, sieht man
# hier also kaum; es wird bei viel größeren Netzen und Batches berichtet.
ergebnis(
    accuracy_klein=runs[SMALL]["val_accuracy"][-1],
    accuracy_gross=runs[LARGE]["val_accuracy"][-1],
    accuracy_gross_skaliert=scaled[LARGE]["val_accuracy"][-1],
    rauschen_verhaeltnis=noise[SMALL] / noise[LARGE],
    tempo_verhaeltnis=seconds[SMALL] / seconds[LARGE],
    unterschied_bei_gleichem_verlust=fair[SMALL] - fair[LARGE],
)
