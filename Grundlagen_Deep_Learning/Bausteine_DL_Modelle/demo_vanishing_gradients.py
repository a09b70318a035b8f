"""Vanishing Gradients: Wie viel Fehlersignal kommt in den vorderen Schichten an?

Kapitel   1.50 Grundlagen des Deep Learning · Bausteine von DL-Modellen
Folie     Vanishing und Exploding Gradients · Maßnahmen zur Entschärfung
Lernziel  Den Gradienten je Schicht messen; Aktivierung, Initialisierung und Batch Normalization
          als Heilmittel sehen
Laufzeit  ca. 20 s (2 CPU-Kerne)
Daten     MNIST
Erwartet  verhaeltnis_sigmoid 0–0.0001, verhaeltnis_relu_he 0.5–6, accuracy_sigmoid 0.05–0.2,
          accuracy_sigmoid_batchnorm 0.87–0.95, accuracy_relu_he 0.87–0.96,
          accuracy_clipping 0.4–0.75
Original  verhaeltnis_sigmoid 0–0.0001, verhaeltnis_relu_he 0.5–6, accuracy_sigmoid 0.05–0.2,
          accuracy_sigmoid_batchnorm 0.84–0.92, accuracy_relu_he 0.7–0.92,
          accuracy_clipping 0.35–0.7
"""

# %% Stellschrauben: hier live drehen
DEPTH = 10  # Test: 4; probiere 20, höchstens 40: Jede Schicht kostet Sekunden
UNITS = 64  # Test: 8
EPOCHS = 10  # Test: 1
N_TRAIN = 4_000  # Test: 128
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
from kurs import ergebnis
from kurs.bilder import mnist

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf

if DEPTH > 40:
    raise ValueError("Mehr als 40 Schichten dauern hier Minuten")

# %% Daten
(x_train, y_train), (x_test, y_test) = mnist.load_data()
x_train, y_train = x_train[:N_TRAIN].reshape(-1, 784) / 255.0, y_train[:N_TRAIN]
x_test, y_test = x_test[:1000].reshape(-1, 784) / 255.0, y_test[:1000]


# %% Ein tiefes MLP; Aktivierung, Initialisierung und Normalisierung sind wählbar
def build_model(activation, initializer, batch_norm=False, learning_rate=0.1, clipnorm=None):
    keras.utils.set_random_seed(SEED)
    model = keras.Sequential([keras.Input(shape=(784,))])
    for _ in range(DEPTH):
        model.add(keras.layers.Dense(UNITS, kernel_initializer=initializer))
        if batch_norm:
            model.add(keras.layers.BatchNormalization())
        model.add(keras.layers.Activation(activation))
    model.add(keras.layers.Dense(10, activation="softmax"))
    optimizer = keras.optimizers.SGD(learning_rate, clipnorm=clipnorm)
    model.compile(optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def gradient_norms(model):
    """Länge des Gradienten der Gewichte jeder Dense-Schicht, von vorne nach hinten."""
    with tf.GradientTape() as tape:
        cross_entropy = keras.losses.SparseCategoricalCrossentropy()
        loss = cross_entropy(y_train[:128], model(x_train[:128], training=True))
    kernels = [layer.kernel for layer in model.layers if isinstance(layer, keras.layers.Dense)]
    return np.array([float(tf.norm(g)) for g in tape.gradient(loss, [k.value for k in kernels])])


# %% Messen, dann trainieren
# 1,7-mal He. Als Beschreibung, denn ein fertiger Initializer gäbe jeder Schicht dieselben Gewichte
large = {"class_name": "RandomNormal", "config": {"stddev": 2.4 / UNITS**0.5}}
variants = {
    "Sigmoid, Glorot": build_model("sigmoid", "glorot_uniform"),
    "Sigmoid, Glorot, BatchNorm": build_model("sigmoid", "glorot_uniform", batch_norm=True),
    "ReLU, Glorot": build_model("relu", "glorot_uniform"),
    "ReLU, He": build_model("relu", "he_normal"),
    "ReLU, zu große Gewichte": build_model("relu", large, learning_rate=0.03),
}
norms, accuracies = {}, {}
print("\nGradient der ersten und letzten verdeckten Schicht, dann trainieren: Testgenauigkeit")
for name, model in variants.items():
    norms[name] = gradient_norms(model)[:DEPTH]
    model.fit(x_train, y_train, epochs=EPOCHS, batch_size=64, verbose=0)
    accuracies[name] = model.evaluate(x_test, y_test, verbose=0)[1]
    first, last = norms[name][0], norms[name][-1]
    print(f"  {name:27} vorne {first:8.1e}  hinten {last:8.1e}  →  Test {accuracies[name]:.3f}")

# %% Explodierende Gradienten zähmen: Gradient Clipping kürzt zu lange Schritte
name = "ReLU, zu große Gewichte"
clipped = build_model("relu", large, learning_rate=0.03, clipnorm=1.0)
clipped.fit(x_train, y_train, epochs=EPOCHS, batch_size=64, verbose=0)
accuracy_clipped = clipped.evaluate(x_test, y_test, verbose=0)[1]
print(f"{name}: Test {accuracies[name]:.3f}, mit clipnorm=1.0 {accuracy_clipped:.3f}")

# %% Bild: das Signal auf dem Weg von hinten (rechts) nach vorne (links)
figure, axis = plt.subplots()
for (name, values), style in zip(norms.items(), ["o-", "s--", "^:", "D-", "v-."]):
    axis.plot(range(1, DEPTH + 1), values, style, label=f"{name}: Test {accuracies[name]:.2f}")
axis.set(yscale="log", xlabel="Schicht (1 = vorne, beim Bild)", ylabel="Länge des Gradienten (log)")
axis.set_title("Backpropagation läuft von rechts nach links: Wo geht das Signal verloren?")
axis.legend(fontsize=11)
plt.show()

# %% Was man sieht
# Je Schicht wird das Signal mit der Gewichtsmatrix und der Ableitung der Aktivierung malgenommen.
# Sigmoid: Die Ableitung ist höchstens 0,25; Glorots Gewichte gleichen das nicht aus, und nach
# vielen Schichten bleibt fast nichts. Batch Normalization hält die Summen dort, wo der Sigmoid
# steil ist. ReLU: Mit He-Gewichten hebt sich beides auf. Zu große Gewichte: Vorwärts wachsen die
# Ausgaben, rückwärts das Signal; jeder Gradient ist ein Vielfaches zu lang (exploding gradients).
ratio = {name: values[0] / values[-1] for name, values in norms.items()}
ergebnis(
    verhaeltnis_sigmoid=ratio["Sigmoid, Glorot"],
    verhaeltnis_relu_he=ratio["ReLU, He"],
    accuracy_sigmoid=accuracies["Sigmoid, Glorot"],
    accuracy_sigmoid_batchnorm=accuracies["Sigmoid, Glorot, BatchNorm"],
    accuracy_relu_he=accuracies["ReLU, He"],
    accuracy_clipping=accuracy_clipped,
)
