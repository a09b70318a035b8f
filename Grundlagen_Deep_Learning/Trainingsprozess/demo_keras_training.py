"""Keras: ein erstes neuronales Netz, von den Daten bis zur Vorhersage einer Blüte.

Kapitel   1.30 Grundlagen des Deep Learning · Trainingsprozess
Folie     Code Demo: Einfaches neuronales Netz in Keras trainieren
Lernziel  Die sieben Schritte jedes Trainings kennen; Epoche, Batch, Iteration unterscheiden
Laufzeit  ca. 9 s (2 CPU-Kerne)
Daten     Iris (aus scikit-learn)
Erwartet  test_accuracy 0.9–1, iterationen_je_epoche 7–7

In dieser Reihenfolge läuft es auch bei Bildern und Texten, nur mit größeren Netzen.
"""

# %% Stellschrauben: hier live drehen
EPOCHS = 60  # Test: 2
BATCH_SIZE = 16  # 0: Keras nimmt dann 32
UNITS = 16
LEARNING_RATE = 0.01
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
from kurs import ergebnis

import keras
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_iris
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

keras.utils.set_random_seed(SEED)

# %% 1. Laden: 150 Blüten, 4 Messwerte in cm, 3 Arten
x, y = load_iris(return_X_y=True)
species = ["Setosa", "Versicolor", "Virginica"]
print(f"x hat die Form {x.shape}, y {y.shape}; die erste Blüte: {x[0]} ist {species[y[0]]}")

# %% 2. Ansehen: Zwei der vier Messwerte genügen schon fast
figure, axis = plt.subplots()
for label, marker in enumerate("os^"):
    axis.scatter(x[y == label, 2], x[y == label, 3], marker=marker, label=species[label], alpha=0.8)
axis.set(xlabel="Länge des Blütenblatts (cm)", ylabel="Breite des Blütenblatts (cm)")
axis.set_title("Setosa liegt für sich, die beiden anderen berühren sich")
axis.legend()
plt.show()

# %% 3. Aufteilen: Geprüft wird mit Blüten, die das Netz nie gesehen hat
parts = train_test_split(x, y, test_size=30, stratify=y, random_state=SEED)
x_train, x_test, y_train, y_test = parts
print(f"{len(x_train)} Blüten zum Trainieren, {len(x_test)} zum Testen")

# %% 4. Skalieren: Mittelwert 0, Streuung 1. Gelernt wird das nur aus den Trainingsdaten.
scaler = StandardScaler().fit(x_train)
x_train_scaled, x_test_scaled = scaler.transform(x_train), scaler.transform(x_test)

# %% 5. Bauen und übersetzen
model = keras.Sequential(
    [
        keras.Input(shape=(4,)),  # vier Messwerte
        keras.layers.Dense(UNITS, activation="relu"),  # verdeckte Schicht
        keras.layers.Dense(3, activation="softmax"),  # drei Wahrscheinlichkeiten, Summe 1
    ]
)
optimizer = keras.optimizers.Adam(learning_rate=LEARNING_RATE)
model.compile(optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
print(f"Das Netz hat {model.count_params()} Gewichte: 4·{UNITS} + {UNITS} und {UNITS}·3 + 3")


# %% 6. Trainieren: Epoche, Batch, Iteration sichtbar gemacht
class CountIterations(keras.callbacks.Callback):
    """Zählt mit: Eine Iteration ist ein Schritt der Gewichte, gerechnet auf einem Batch."""

    iterations = 0

    def on_train_batch_end(self, batch, logs=None):
        self.iterations += 1
        if self.iterations <= 3:  # Keras meldet den Mittelwert der Epoche bis hierher
            print(f"  Iteration {self.iterations}: mittlerer Loss bis hierher {logs['loss']:.3f}")

    def on_epoch_end(self, epoch, logs=None):
        if epoch < 2 or (epoch + 1) % 20 == 0:
            print(f"Epoche {epoch + 1:2}: {self.iterations:3} Iterationen, Loss {logs['loss']:.3f}")


counter = CountIterations()
history = model.fit(
    x_train_scaled, y_train, validation_split=0.1,  # das letzte Zehntel: zum Überwachen
    epochs=EPOCHS, batch_size=BATCH_SIZE, callbacks=[counter], verbose=0,
).history
n_validation = round(0.1 * len(x_train))
iterations_per_epoch = counter.iterations // EPOCHS
print(f"{len(x_train) - n_validation} Blüten in Batches zu {BATCH_SIZE or 32}, ", end="")
print(f"also {iterations_per_epoch} Iterationen je Epoche")

# %% Die Lernkurven: Loss und Genauigkeit nach jeder Epoche
figure, axes = plt.subplots(1, 2)
epochs = range(1, EPOCHS + 1)
for axis, key, title in zip(axes, ("loss", "accuracy"), ("Loss (Kreuzentropie)", "Genauigkeit")):
    axis.plot(epochs, history[key], label="Training")
    axis.plot(epochs, history[f"val_{key}"], "--", label=f"Validierung ({n_validation} Blüten)")
    axis.set(xlabel="Epoche", ylabel=title)
    axis.legend()
figure.suptitle("Wo flachen die Kurven ab, und wo laufen sie auseinander?")
plt.show()

# %% 7. Prüfen und vorhersagen: eine einzelne Blüte
test_loss, test_accuracy = model.evaluate(x_test_scaled, y_test, verbose=0)
print(f"\nGenauigkeit auf {len(x_test)} unbekannten Blüten: {test_accuracy:.3f}")

flower = np.array([[6.1, 2.9, 4.8, 1.7]])  # eine Blüte vom Wegrand, in cm
probabilities = model.predict(scaler.transform(flower), verbose=0)[0]
print(f"Blüte {flower[0]}:")
for name, probability in zip(species, probabilities):
    print(f"  {name:10} {probability:6.1%} {'█' * round(30 * probability)}")

ergebnis(test_accuracy=test_accuracy, iterationen_je_epoche=iterations_per_epoch)
