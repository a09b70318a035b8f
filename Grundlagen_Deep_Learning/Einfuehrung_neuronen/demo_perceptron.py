"""Perceptron: ein Neuron lernt UND und ODER, scheitert an XOR, und zwei Schichten lösen es.

Kapitel   1.10 Grundlagen des Deep Learning · Einführung Neuronen
Folie     Code Demo: Einfaches Perceptron in NumPy implementieren
Lernziel  Gewichte, Bias und Lernregel sehen; verstehen, warum XOR eine Schicht mehr braucht
Laufzeit  ca. 1 s (2 CPU-Kerne)
Daten     Wahrheitstabellen UND, ODER, XOR (vier Punkte)
Erwartet  epochen_und 3–10, epochen_oder 2–8, fehler_xor_perceptron 1–4,
          fehler_xor_zwei_schichten 0–0

Nur NumPy, keine Bibliothek für neuronale Netze: Jede Zeile ist zu sehen.
"""

# %% Stellschrauben: hier live drehen
LEARNING_RATE = 1.0
MAX_EPOCHS = 20
HIDDEN_UNITS = 4  # Neuronen der verdeckten Schicht für XOR; mit 2 klappt es nicht bei jedem SEED
HIDDEN_EPOCHS = 5_000  # Test: 3000
SEED = 42

# %% Bibliotheken laden
from kurs import ergebnis

import matplotlib.pyplot as plt
import numpy as np

# %% Daten: vier Punkte, drei Aufgaben
x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
targets = {"UND": [0, 0, 0, 1], "ODER": [0, 1, 1, 1], "XOR": [0, 1, 1, 0]}


# %% Das Perceptron von Rosenblatt (1958)
def predict(x, weights, bias):
    return (x @ weights + bias > 0).astype(int)  # gewichtete Summe, dann Schwelle


def train_perceptron(x, y, verbose=False):
    """Gibt Gewichte, Bias und die Zahl der Fehler je Epoche zurück."""
    weights, bias, errors_per_epoch = np.zeros(2), -0.5, []  # ohne Eingang schweigt das Neuron
    for epoch in range(1, MAX_EPOCHS + 1):
        errors = 0
        for point, target in zip(x, y):
            error = target - predict(point, weights, bias)  # −1, 0 oder 1
            weights = weights + LEARNING_RATE * error * point  # die Lernregel:
            bias = bias + LEARNING_RATE * error  # nur bei einem Fehler ändert sich etwas
            errors += abs(error)
            if verbose and error:
                print(f"  Epoche {epoch}, Punkt {point}: Fehler {error:+d} → w={weights}, b={bias}")
        errors_per_epoch.append(int(errors))
        if errors == 0:
            break
    return weights, bias, errors_per_epoch


# %% UND, Schritt für Schritt
print("Das Perceptron lernt UND:")
train_perceptron(x, targets["UND"], verbose=True)

# %% Alle drei Aufgaben: Wie viele Fehler bleiben in jeder Epoche?
print("\nFehler je Epoche (0 heißt: gelernt)")
lines = {name: train_perceptron(x, y) for name, y in targets.items()}
for name, (_, _, errors) in lines.items():
    print(f"  {name:5} {errors}")
# XOR wird nie fehlerfrei: Keine Gerade trennt (0,1) und (1,0) von (0,0) und (1,1).


# %% Zwei Schichten für XOR: Backpropagation von Hand
def sigmoid(z):
    return 1 / (1 + np.exp(-z))


random = np.random.default_rng(SEED)
weights_1 = random.normal(size=(2, HIDDEN_UNITS))  # Eingabe → verdeckte Schicht
bias_1 = np.zeros(HIDDEN_UNITS)
weights_2 = random.normal(size=(HIDDEN_UNITS, 1))  # verdeckte Schicht → Ausgabe
bias_2 = np.zeros(1)
y = np.array(targets["XOR"]).reshape(-1, 1)

print("\nZwei Schichten lernen XOR:")
for epoch in range(1, HIDDEN_EPOCHS + 1):
    hidden = sigmoid(x @ weights_1 + bias_1)  # vorwärts: Vorhersage berechnen
    output = sigmoid(hidden @ weights_2 + bias_2)
    # rückwärts: den Fehler mit der Kettenregel Schicht für Schicht zurückgeben
    delta_2 = output - y  # Ableitung der Kreuzentropie nach der Summe vor dem Sigmoid
    delta_1 = (delta_2 @ weights_2.T) * hidden * (1 - hidden)
    # Gradientenabstieg: ein kleiner Schritt gegen die Steigung
    weights_2 -= 0.5 * hidden.T @ delta_2
    bias_2 -= 0.5 * delta_2.sum(axis=0)
    weights_1 -= 0.5 * x.T @ delta_1
    bias_1 -= 0.5 * delta_1.sum(axis=0)
    if epoch in (1, 100, 500, 1_000, 3_000, HIDDEN_EPOCHS):
        print(f"  Epoche {epoch:5}: Ausgaben {output.ravel().round(2)}  (soll: {y.ravel()})")
errors_two_layers = int(((output > 0.5) != y).sum())
print(f"  Falsch eingeordnet (Schwelle 0.5): {errors_two_layers} von {len(y)} Punkten")

# %% Bild: die Trennlinien
figure, axes = plt.subplots(1, 4, figsize=(14, 4.2), sharex=True, sharey=True)
first, second = np.meshgrid(np.linspace(-0.5, 1.5, 200), np.linspace(-0.5, 1.5, 200))
points = np.column_stack([first.ravel(), second.ravel()])
areas = {name: predict(points, w, b) for name, (w, b, _) in lines.items()}
areas["XOR, zwei Schichten"] = sigmoid(sigmoid(points @ weights_1 + bias_1) @ weights_2 + bias_2)
labels = {**targets, "XOR, zwei Schichten": targets["XOR"]}
for axis, (name, area) in zip(axes, areas.items()):
    area = area.reshape(first.shape)
    axis.contourf(first, second, area, levels=[-0.1, 0.5, 1.1], colors=["#cfe8f7", "#fbe3c4"])
    for value, marker, color in [(0, "o", "tab:blue"), (1, "s", "tab:orange")]:
        chosen = x[np.array(labels[name]) == value]
        axis.scatter(*chosen.T, s=160, marker=marker, color=color, edgecolor="black", label=value)
    axis.set(title=name, xlabel="Eingang 1")
axes[0].set_ylabel("Eingang 2")
axes[-1].legend(title="soll", loc="upper left", bbox_to_anchor=(1.02, 1))
figure.suptitle("Ein Perceptron zieht eine Gerade; zwei Schichten können die Grenze biegen")
plt.show()

# %% Was man sieht
# UND und ODER: Die Gerade kann alle Punkte auf die richtige Seite bringen. XOR: Mindestens einer
# liegt falsch, egal wie lange man übt; daran starb 1969 die Begeisterung. Ganz rechts: Die
# verdeckte Schicht baut aus zwei Eingängen neue Merkmale; in denen kann ein gerader Schnitt XOR
# trennen.
ergebnis(
    epochen_und=len(lines["UND"][2]),
    epochen_oder=len(lines["ODER"][2]),
    fehler_xor_perceptron=lines["XOR"][2][-1],
    fehler_xor_zwei_schichten=errors_two_layers,
)
