"""ReLU-Varianten: Wann stirbt ein Neuron, und wer hilft dagegen?

Kapitel   1.52 Grundlagen des Deep Learning · Bausteine von DL-Modellen
Folie     Maßnahmen zur Entschärfung: Angepasste Initialisierung, andere Aktivierungsfunktionen
Lernziel  Tote ReLUs erkennen; Leaky ReLU, ELU und GELU als Ersatz vergleichen
Laufzeit  ca. 30 s (2 CPU-Kerne)
Daten     MNIST
Erwartet  tot_relu 0.3–0.75, tot_leaky_relu 0–0.05, tot_elu 0–0.05, tot_gelu 0–0.12,
          accuracy_relu 0.6–0.93, accuracy_leaky_relu 0.78–0.95, wiederbelebt 0–0.2
Original  tot_relu 0.2–0.8, tot_leaky_relu 0–0.05, tot_elu 0–0.05, tot_gelu 0–0.12,
          accuracy_relu 0.55–0.88, accuracy_leaky_relu 0.8–0.87, wiederbelebt 0–0.1

Drückt ein zu großer Schritt ein Neuron für jedes Bild unter 0, so gibt ReLU immer 0 aus; auch sein
Gradient ist 0, es lernt nichts mehr. Die Varianten lassen unter 0 einen Rest durch.
"""

# %% Stellschrauben: hier live drehen
LEARNING_RATES = (0.001, 0.01, 0.03)  # Adam; üblich ist 0.001  # Test: (0.03,)
EPOCHS = 3  # Test: 1
N_TRAIN = 4_000  # Test: 128
DEPTH = 4
UNITS = 64  # Test: 8
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
from kurs import ergebnis
from kurs.bilder import mnist

import keras
import matplotlib.pyplot as plt
import numpy as np

ACTIVATIONS = {"ReLU": "relu", "Leaky ReLU": "leaky_relu", "ELU": "elu", "GELU": "gelu"}

# %% Daten
(x_train, y_train), (x_test, y_test) = mnist.load_data()
x_train, y_train = x_train[:N_TRAIN].reshape(-1, 784) / 255.0, y_train[:N_TRAIN]
x_test, y_test = x_test[:1000].reshape(-1, 784) / 255.0, y_test[:1000]


# %% Das Netz, und wie man die Toten zählt
def build_model(activation, learning_rate):
    keras.utils.set_random_seed(SEED)
    model = keras.Sequential([keras.Input(shape=(784,))])
    for _ in range(DEPTH):
        model.add(keras.layers.Dense(UNITS, activation, kernel_initializer="he_normal"))
    model.add(keras.layers.Dense(10, activation="softmax"))
    optimizer = keras.optimizers.Adam(learning_rate)
    model.compile(optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def find_dead(model):
    """Je Schicht und Neuron: Gibt es für alle Trainingsbilder dasselbe aus? Dann ist es tot."""
    layers = keras.Model(model.inputs[0], [layer.output for layer in model.layers[:-1]])
    outputs = np.stack(layers.predict(x_train, verbose=0))  # (Schicht, Bild, Neuron)
    return np.ptp(outputs, axis=1) < 1e-6


# %% Trainieren: jede Aktivierung mit jeder Lernrate
dead, accuracy = {}, {}
print("\nTote Neuronen und Testgenauigkeit, je Lernrate")
print(" " * 12 + "".join(f"{rate:>16g}" for rate in LEARNING_RATES))
for name, activation in ACTIVATIONS.items():
    print(name.ljust(12), end="", flush=True)
    dead[name], accuracy[name] = [], []
    for rate in LEARNING_RATES:
        model = build_model(activation, rate)
        model.fit(x_train, y_train, epochs=EPOCHS, batch_size=64, verbose=0)
        dead[name].append(find_dead(model).mean())
        accuracy[name].append(model.evaluate(x_test, y_test, verbose=0)[1])
        print(f"{dead[name][-1]:>8.0%}{accuracy[name][-1]:>8.3f}", end="", flush=True)
        if name == "ReLU":
            relu_model = model  # der mit der letzten Lernrate
    print()

# %% Kann man Tote wiederbeleben? Das letzte ReLU-Netz trainiert mit kleiner Lernrate weiter
before = find_dead(relu_model)
relu_model.optimizer.learning_rate = 0.0005
relu_model.fit(x_train, y_train, epochs=EPOCHS, batch_size=64, verbose=0)
revived = (before & ~find_dead(relu_model)).sum() / max(1, before.sum())
print(f"\nReLU, Lernrate {LEARNING_RATES[-1]:g}: {before.sum()} Neuronen sind tot.", end=" ")
print(f"Nach {EPOCHS} Epochen mit kleiner Lernrate leben davon wieder: {revived:.0%}")

# %% Bild: die vier Funktionen, und was sie bei welcher Lernrate aushalten
figure, axes = plt.subplots(1, 3, figsize=(15, 5))
grid = np.linspace(-4, 2, 200).astype("float32")
for (name, activation), style in zip(ACTIVATIONS.items(), ["o-", "s--", "^:", "D-."]):
    curve = keras.ops.convert_to_numpy(keras.activations.get(activation)(grid))
    axes[0].plot(grid, curve, style, markevery=25, label=name)
    axes[1].plot(LEARNING_RATES, dead[name], style)
    axes[2].plot(LEARNING_RATES, accuracy[name], style)
axes[0].set(title="Was kommt unter 0 noch durch?", xlabel="Eingang", ylabel="Ausgang")
axes[1].set(title="Wie viele Neuronen sterben?", xlabel="Lernrate", ylabel="Anteil", xscale="log")
axes[2].set(title="Und das Netz?", xlabel="Lernrate", ylabel="Testgenauigkeit", xscale="log")
axes[0].legend()
plt.show()

# %% Was man sieht
# ReLUs sterben an zu großen Schritten („dying ReLU“); mit kleiner Lernrate trifft es nur wenige.
# Weiter hinten kann ein totes Neuron wieder aufwachen, wenn sich ändert, was von vorne kommt. Leaky
# ReLU hat unter 0 noch eine Steigung; ELU und GELU werden dort flach und können auch stillstehen.
most = max(dead, key=lambda name: dead[name][-1])
best = max(accuracy, key=lambda name: accuracy[name][-1])
print(f"Lernrate {LEARNING_RATES[-1]:g}: höchstens {dead[most][-1]:.0%} Tote ({most}),", end=" ")
print(f"höchste Testgenauigkeit {accuracy[best][-1]:.3f} ({best})")
ergebnis(
    tot_relu=dead["ReLU"][-1],
    tot_leaky_relu=dead["Leaky ReLU"][-1],
    tot_elu=dead["ELU"][-1],
    tot_gelu=dead["GELU"][-1],
    accuracy_relu=accuracy["ReLU"][-1],
    accuracy_leaky_relu=accuracy["Leaky ReLU"][-1],
    wiederbelebt=revived,
)
