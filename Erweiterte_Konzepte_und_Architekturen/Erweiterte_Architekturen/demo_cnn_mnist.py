"""CNN: handgeschriebene Ziffern erkennen, und dem Netz beim Sehen zusehen.

Kapitel   2.30 Erweiterte Konzepte und Architekturen · Erweiterte Architekturen
Folie     Code Demo: Einfaches CNN auf MNIST trainieren
Lernziel  Ein CNN aus Convolution, Pooling und Dense bauen; Filter und Feature Maps ansehen
Laufzeit  ca. 30 s (2 CPU-Kerne)
Daten     MNIST
Erwartet  test_accuracy 0.975–1, parameter 10000–50000
Original  test_accuracy 0.99–1, parameter 10000–50000

Trainiert werden immer gleich viele Schritte: Mit allen 60.000 Bildern sind das 3 Epochen, mit
wenigen Bildern entsprechend mehr. So dauert es immer gleich lang.
"""

# %% Stellschrauben: hier live drehen
TRAINING_STEPS = 1_407  # Test: 4
BATCH_SIZE = 128  # Test: 32
LEARNING_RATE = 0.003
N_TRAIN = 60_000  # Test: 128
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
import math

from kurs import ergebnis
from kurs.bilder import mnist

import keras
import matplotlib.pyplot as plt
import numpy as np

keras.utils.set_random_seed(SEED)

# %% Daten: ein CNN erwartet Höhe × Breite × Kanäle; ein Graustufenbild hat einen Kanal
(x_train, y_train), (x_test, y_test) = mnist.load_data()
x_train = x_train[:N_TRAIN, ..., None].astype("float32") / 255.0
y_train = y_train[:N_TRAIN]
x_test = x_test[..., None].astype("float32") / 255.0
print(f"{len(x_train)} Bilder zum Trainieren, {len(x_test)} zum Testen, jedes {x_train.shape[1:]}")

# %% Das Netz: dreimal falten, zweimal zusammenfassen, einmal entscheiden
model = keras.Sequential(
    [
        keras.Input(shape=(28, 28, 1)),
        keras.layers.Conv2D(8, 5, padding="same", activation="relu", name="conv_1"),
        keras.layers.MaxPooling2D(name="pool_1"),  # aus 28 × 28 werden 14 × 14
        keras.layers.Conv2D(32, 3, padding="same", activation="relu", name="conv_2"),
        keras.layers.MaxPooling2D(name="pool_2"),  # aus 14 × 14 werden 7 × 7
        keras.layers.Conv2D(64, 3, activation="relu", name="conv_3"),
        keras.layers.Flatten(),
        keras.layers.Dropout(0.3),
        keras.layers.Dense(10, activation="softmax"),
    ]
)
print(f"\n{'Schicht':12} {'Ausgabe':14} Parameter")
for layer in model.layers:
    print(f"{layer.name:12} {layer.output.shape[1:]!s:14} {layer.count_params():9}")
print(f"Zusammen {model.count_params()}; ein MLP mit 512 Neuronen hätte {785 * 512 + 513 * 10}.")

# %% Training: Die Lernrate sinkt bis auf null (kleine Schritte zum Schluss sparen Epochen)
epochs = math.ceil(TRAINING_STEPS / math.ceil(len(x_train) / BATCH_SIZE))
schedule = keras.optimizers.schedules.CosineDecay(LEARNING_RATE, TRAINING_STEPS)
optimizer = keras.optimizers.Adam(schedule)
model.compile(optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
size = min(BATCH_SIZE, len(x_train))
print(f"\nTraining: {TRAINING_STEPS} Schritte mit je {size} Bildern, also {epochs} Epochen …")
model.fit(x_train, y_train, batch_size=BATCH_SIZE, epochs=epochs, verbose=0)
probabilities = model.predict(x_test, batch_size=500, verbose=0)
prediction = probabilities.argmax(axis=1)
accuracy = float((prediction == y_test).mean())
print(f"Genauigkeit im Test: {accuracy:.4f}")

# %% Bild 1: die gelernten Filter der ersten Schicht
filters = keras.ops.convert_to_numpy(model.get_layer("conv_1").kernel)[:, :, 0, :]
limit = np.abs(filters).max()
figure, axes = plt.subplots(1, filters.shape[-1], figsize=(14, 2.6))
for i, axis in enumerate(axes):
    axis.imshow(filters[..., i], cmap="PuOr", vmin=-limit, vmax=limit)
    axis.set(title=f"Filter {i + 1}", xticks=[], yticks=[])
figure.suptitle("Gelernt, nicht programmiert: Violett soll hell sein, orange dunkel")
plt.show()

# %% Bild 2: Feature Maps. Dieselben Gewichte, aber wir lassen uns die Zwischenergebnisse geben.
names = ("conv_1", "conv_2", "conv_3")
look_inside = keras.Model(model.inputs, [model.get_layer(name).output for name in names])
digit = x_test[np.argmax(y_test == 4)]
figure, axes = plt.subplots(3, 6, figsize=(11, 6))
for row, name, maps in zip(axes, names, look_inside.predict(digit[None], verbose=0)):
    strongest = np.argsort(-maps[0].mean(axis=(0, 1)))
    for axis, image in zip(row, [digit[..., 0], *maps[0, :, :, strongest]]):
        axis.imshow(image, cmap="gray")
        axis.set(xticks=[], yticks=[])
    row[0].set_ylabel(f"{name}\n{maps.shape[1]} × {maps.shape[2]}")
axes[0, 0].set_title("Eingabe")
axes[0, 1].set_title("wo die Filter anspringen …", loc="left")
figure.suptitle("Dieselbe Ziffer in drei Schichten: Nach unten wird das Raster gröber")
plt.show()

# %% Bild 3: Was das Netz falsch macht
wrong = np.flatnonzero(prediction != y_test)
wrong = wrong[np.argsort(-probabilities[wrong].max(axis=1))]  # die sichersten Irrtümer zuerst
figure, axes = plt.subplots(1, 8, figsize=(14, 2.8))
for axis in axes:
    axis.axis("off")
for axis, i in zip(axes, wrong):
    axis.imshow(x_test[i, ..., 0], cmap="gray_r")
    axis.set_title(f"ist {y_test[i]}\nNetz: {prediction[i]}")
figure.suptitle(f"{len(wrong)} von {len(x_test)} falsch; hier war sich das Netz am sichersten")
plt.show()

# %% Was man sieht
# Die Filter sind Striche und Kanten in verschiedenen Richtungen, dunkel neben hell. Die Feature
# Maps zeigen, wo ein Filter anspringt. In der ersten Schicht erkennt man die Ziffer noch; die
# dritte sieht auf 5 × 5 Feldern nur noch „davon etwas, hier“, und genau daraus wird entschieden.
ergebnis(test_accuracy=accuracy, parameter=model.count_params())
