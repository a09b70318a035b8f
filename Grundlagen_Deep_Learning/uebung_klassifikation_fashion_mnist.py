"""Übung Fashion-MNIST: Baue einen Klassifikator und hole eine Medaille.

Kapitel   1.120 Grundlagen des Deep Learning · Abschlussübung
Folie     Übung: Erstelle ein Klassifikationsmodell für Fashion MNIST
Lernziel  Vom Bild zum geprüften Modell: skalieren, bauen, trainieren, in TensorBoard verfolgen
Laufzeit  ca. 20 s (2 CPU-Kerne)
Daten     Fashion-MNIST

Hier beginnt dein Projekt: Mit deinem besten Modell machen die Kapitel 2, 5 und 6 weiter. Medaillen
gibt es auf der Validierung, den letzten 2.000 Trainingsbildern; die Labels der Testbilder bleiben
im Umschlag. Bronze und Silber schafft ein MLP, Gold braucht Geduld oder eine Idee aus Kapitel 2.

Ersetze zwischen ▼ und ▲ das `...` durch deine Antwort; beim Start steht darunter, ob sie stimmt.
"""

# %% Stellschrauben: Bronze, Silber, Gold. Originalbilder und eingebettete sind verschieden schwer.
MEDALS = (0.82, 0.84, 0.865)  # Test: (0.3, 0.4, 0.7)
MEDALS_ORIGINAL = (0.84, 0.85, 0.865)  # Test: (0.3, 0.4, 0.7)
N_TRAIN = 10_000  # Test: 1_000
TIPPS = 1  # je Aufgabe: 0 keine Tipps, 1 eine Frage, 2 auch wo es steht, 3 auch ein Gerüst
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
import sys
from functools import cache

from kurs import ausgabe_ordner, projekt, pruefe
from kurs.bilder import fashion_mnist

import keras
import matplotlib.pyplot as plt
import numpy as np

# %% Daten ansehen: 28 × 28 Graustufen von 0 bis 255, zehn Sorten Kleidung. Labels sind Zahlen 0–9.
(x_train_raw, y_train), (x_test_raw, _) = fashion_mnist.load_data()
x_train_raw, y_train = x_train_raw[:N_TRAIN], y_train[:N_TRAIN]
thresholds = projekt.medaillen(MEDALS, MEDALS_ORIGINAL)
figure, axes = plt.subplots(2, 5, figsize=(11, 5))
for label, axis in enumerate(axes.flat):
    axis.imshow(x_train_raw[np.argmax(y_train == label)], cmap="gray_r")
    axis.set(title=f"{label} {fashion_mnist.class_names[label]}", xticks=[], yticks=[])
plt.show()

# ▼ AUFGABE 1: Bring x_train_raw und x_test_raw auf kleine Werte, beide auf dieselbe Weise.
x_train = ...
x_test = ...
# ▲
examples = x_train[:100] if pruefe(1, x_train, x_test) else x_train_raw[:100] / 255

# ▼ AUFGABE 2: Baue ein Modell, vom Bild (28 × 28) zu zehn Wahrscheinlichkeiten.
def build_model():
    return ...
# ▲
pruefe(2, build_model)

# ▼ AUFGABE 3: Rufe model.compile auf; der Loss passt zu den Labels, die Metrik ist "accuracy".
def compile_model(model):
    ...
# ▲
pruefe(3, compile_model)

# TensorBoard schreibt je Start in einen eigenen Ordner: So vergleichst du Versuche.
log_root = ausgabe_ordner() / "logs"
log_dir = log_root / f"lauf_{len(list(log_root.glob('lauf_*'))) + 1:02}"
# ▼ AUFGABE 4: Rufe model.fit auf, mit x_train, y_train, 10 % davon zur Validierung, verbose=0
# und einem Callback keras.callbacks.TensorBoard nach log_dir.
def train(model, epochs):
    ...
# ▲
pruefe(4, train)

# %% Die Medaille: run trainiert mit deinen Funktionen und misst auf der Validierung des Projekts.
@cache
def run(epochs):
    keras.utils.set_random_seed(SEED)
    model = build_model()
    compile_model(model)
    train(model, epochs)
    complete = projekt.mit_skalierung(model, x_train_raw, x_train)  # nimmt Bilder von 0 bis 1
    val_accuracy = projekt.behalte(complete, f"{epochs} Epochen in Kapitel 1")
    curves, axis = model.history.history, plt.figure().gca()
    for key in (key for key in curves if "acc" in key):  # val_accuracy: deine 10 %
        axis.plot(range(1, len(curves[key]) + 1), curves[key], "o-", label=key)
    axis.plot(epochs, val_accuracy, "k*", markersize=18, label="Validierung des Projekts")
    projekt.zeichne_medaillen(axis, thresholds)
    axis.set(xlabel="Epoche", ylabel="Genauigkeit", title="Wie gut wirst du?")
    axis.legend()
    plt.show()
    return model, curves, val_accuracy
# ▼ AUFGABE 5: Welche willst du, "bronze", "silber" oder "gold", und nach wie vielen Epochen?
goal = ...
epochs = ...
# ▲
if pruefe(5, goal, epochs):
    model, _, val_accuracy = run(epochs)
    y_test = fashion_mnist.load_data()[1][1]  # der Umschlag wird geöffnet
    test_accuracy = np.mean(model.predict(x_test).argmax(axis=1) == y_test)
    print(f"Validierung {val_accuracy:.3f}, Testbilder {test_accuracy:.3f}")
    print("TensorBoard (dann http://localhost:6006 öffnen, beenden mit Strg+C):")
    print(f'"{sys.executable}" -m tensorboard.main --logdir "{log_root}"')
