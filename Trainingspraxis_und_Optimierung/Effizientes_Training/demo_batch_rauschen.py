"""Batchgröße und Stabilität: Wie weit zeigt ein Batch daneben?

Kapitel   5.25 Trainingspraxis und Optimierung · Effizientes Training
Folie     Batch Size: Einfluss auf Stabilität, Geschwindigkeit und Generalisierung
Lernziel  Das Rauschen eines Schritts messen und seinen Zusammenhang mit der Batchgröße kennen
Laufzeit  ca. 5 s (2 CPU-Kerne)
Daten     Fashion-MNIST
Erwartet  rauschen_klein 1.2–2.8, rauschen_gross 0.15–0.35, steigung -0.6–-0.4
Original  rauschen_klein 1.2–2.2, rauschen_gross 0.13–0.3, steigung -0.6–-0.4

Am liebsten ginge man den Schritt, den alle Bilder zusammen vorschlagen. Ein Batch kennt nur einige
davon und schätzt. Alle Schritte beginnen hier am selben Punkt; gelernt wird nichts.
"""

# %% Stellschrauben: hier live drehen
BATCH_SIZES = (8, 32, 128, 512)  # Test: (32, 128)
N_REPEATS = 20  # so viele Batches je Größe  # Test: 2
N_TRAIN = 2_000  # Test: 256
UNITS = 128  # Test: 8
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
from kurs import ergebnis
from kurs.bilder import fashion_mnist

import keras
import matplotlib.pyplot as plt
import numpy as np

# %% Daten und Netz
(x_train, y_train), _ = fashion_mnist.load_data()
x_train, y_train = x_train[:N_TRAIN] / 255.0, y_train[:N_TRAIN]
sizes = sorted({min(size, len(x_train)) for size in BATCH_SIZES})
if len(sizes) < 2:
    raise ValueError("Zum Vergleichen braucht es zwei verschiedene Batchgrößen")
keras.utils.set_random_seed(SEED)
model = keras.Sequential(
    [
        keras.Input(shape=(28, 28)),
        keras.layers.Flatten(),
        keras.layers.Dense(UNITS, activation="relu"),
        keras.layers.Dense(10, activation="softmax"),
    ]
)
model.compile(keras.optimizers.SGD(0.006), loss="sparse_categorical_crossentropy")
weights = model.get_weights()


# %% Ein Schritt, immer vom selben Punkt aus: Wohin bewegen sich die Gewichte?
def step(rows):
    model.set_weights(weights)
    model.train_on_batch(x_train[rows], y_train[rows])
    return np.concatenate([(a - b).ravel() for a, b in zip(model.get_weights(), weights)])


# %% Wie weit weicht er von dem ab, den alle Bilder vorschlagen?
random = np.random.default_rng(SEED)
ideal = step(np.arange(len(x_train)))
noise = {}
print(f"Abweichung vom Schritt aller {len(x_train)} Bilder, in dessen Längen:")
for size in sizes:
    deviations = [step(random.choice(len(x_train), size)) - ideal for _ in range(N_REPEATS)]
    noise[size] = np.linalg.norm(deviations, axis=1).mean() / np.linalg.norm(ideal)
    print(f"  Batch {size:4}: {noise[size]:.2f}")
slope = np.polyfit(np.log(sizes), np.log(list(noise.values())), 1)[0]
print(f"Das Rauschen geht wie Batchgröße hoch {slope:.2f}.")

# %% Bild: beide Achsen in Vielfachen
plt.loglog(sizes, noise.values(), "o-", markersize=10, label="gemessen")
expected = noise[sizes[0]] * np.sqrt(sizes[0] / np.array(sizes))
plt.loglog(sizes, expected, "k--", label="1/√Batchgröße")
plt.xticks(sizes, sizes)
plt.yticks(list(noise.values()), [f"{value:.2f}" for value in noise.values()])
plt.minorticks_off()
plt.xlabel("Batchgröße")
plt.ylabel("Abweichung in Schrittlängen")
plt.title("Wie weit zeigt ein Batch daneben?")
plt.legend()
plt.show()

# %% Was man sieht
# Das Mittel aus n Bildern streut wie 1/√n: Viermal so große Batches halbieren das Rauschen, kosten
# aber viermal so viel Rechnung. Über 1 ist die Abweichung länger als der Schritt selbst; im Mittel
# vieler Schritte geht es trotzdem in die richtige Richtung.
ergebnis(rauschen_klein=noise[sizes[0]], rauschen_gross=noise[sizes[-1]], steigung=slope)
