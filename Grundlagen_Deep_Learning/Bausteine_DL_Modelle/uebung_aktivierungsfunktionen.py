"""Übung Aktivierungsfunktionen: Dasselbe MLP, und nur die Aktivierung ist anders.

Kapitel   1.70 Grundlagen des Deep Learning · Bausteine von DL-Modellen
Folie     Übung: Verschiedene Aktivierungsfunktionen in einem MLP testen
Lernziel  Fünf Aktivierungsfunktionen vergleichen und mit Zahlen erklären, warum eine zurückbleibt
Laufzeit  ca. 25 s (2 CPU-Kerne)
Daten     MNIST

Ersetze zwischen ▼ und ▲ das `...` durch deine Antwort; beim Start steht darunter, ob sie stimmt.
"""

# %% Stellschrauben
DEPTH = 3  # verdeckte Schichten
UNITS = 64  # Neuronen je verdeckter Schicht
LEARNING_RATE = 0.1
EPOCHS = 10  # Test: 3
BATCH_SIZE = 32  # Test: 8
N_TRAIN = 3_000  # Test: 800
GOAL = 0.75  # Test: 0.15; so genau soll das Sigmoid-Netz in Aufgabe 5 werden (Validierung)
TIPPS = 1  # je Aufgabe: 0 keine Tipps, 1 eine Frage, 2 auch wo es steht, 3 auch ein Gerüst
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
from kurs import pruefe
from kurs.bilder import mnist
from kurs.merken import gemerkt

import keras
import matplotlib.pyplot as plt
import numpy as np

# %% Daten: jedes Bild als Zeile aus 784 Zahlen von 0 bis 1; der Testteil bleibt im Umschlag
(x, y), _ = mnist.load_data()
x = (x.reshape(-1, 784) / 255).astype("float32")
data, x_val, y_val = (x[:-1000][:N_TRAIN], y[:-1000][:N_TRAIN]), x[-1000:], y[-1000:]


# %% Ein Training: Netz und Ablauf sind immer gleich, nur was du angibst, ist anders
@gemerkt  # was schon einmal trainiert ist, kommt beim nächsten Start von der Platte
def train(activation, depth=DEPTH, units=UNITS, learning_rate=LEARNING_RATE, data=data,
          validation_data=(x_val, y_val), epochs=EPOCHS, batch_size=BATCH_SIZE, seed=SEED):
    """Trainiert ein MLP und gibt Modell und Kurven zurück."""
    keras.utils.set_random_seed(seed)
    hidden_layers = [keras.layers.Dense(int(units), activation) for _ in range(int(depth))]
    model = keras.Sequential([*hidden_layers, keras.layers.Dense(10, activation="softmax")])
    optimizer = keras.optimizers.SGD(float(learning_rate))
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(*data, batch_size, epochs, validation_data=validation_data, verbose=0)
    return model, history.history


apply = lambda name, values: keras.ops.convert_to_numpy(keras.activations.get(name)(values))

# %% Fünf Aktivierungen. Keras kennt noch viele: keras.io/api/layers/activations
# ▼ AUFGABE 1: Nenne zwei weitere, die für große Eingaben weiter steigen, statt flach zu werden.
own_activations = (..., ...)
# ▲
names = ["sigmoid", "tanh", "relu"]
if pruefe(1, own_activations):
    names += [getattr(own, "__name__", own) for own in own_activations]
z = np.linspace(-6, 6, 1201)  # Eingaben der Aktivierung, von links nach rechts
models, histories = {}, {}
figure, axes = plt.subplots(1, 2)
for name in names:
    models[name], histories[name] = train(name)
    print(f"  {name:12} Validierung {histories[name]['val_accuracy'][-1]:.3f}")
    axes[0].plot(z, apply(name, z))
    axes[1].plot(range(1, EPOCHS + 1), histories[name]["val_accuracy"], label=name)
axes[0].set(xlabel="Eingabe z", ylabel="Ausgabe", title="Die Funktionen", ylim=(-1.5, 3))
axes[1].set(xlabel="Epoche", ylabel="Genauigkeit (Validierung)", title="Dasselbe Netz im Training")
axes[1].legend()
plt.show()

# %% Backpropagation nimmt je Schicht mit den Gewichten und der Steigung der Aktivierung mal
sigmoid_values = 1 / (1 + np.exp(-z))

# ▼ AUFGABE 2: Wie steil ist der Sigmoid an seiner steilsten Stelle? (gerechnet oder gemessen)
max_slope = ...
# ▲
pruefe(2, max_slope)

# ▼ AUFGABE 3: Welchen Anteil des Signals lassen DEPTH Aktivierungen nacheinander höchstens durch?
signal_left = ...
# ▲
pruefe(3, signal_left)

# %% Gemessen: hidden["relu"][i, j] ist die Ausgabe a von Neuron j der ersten Schicht für Bild i.
# Die Steigung dort ist beim Sigmoid a · (1 − a), bei ReLU 1, wo a über 0 liegt, sonst 0.
hidden = {name: keras.ops.convert_to_numpy(models[name].layers[0](x_val)) for name in names}

# ▼ AUFGABE 4: Berechne die mittlere Steigung über alle Bilder und Neuronen, für beide.
slope_sigmoid = ...
slope_relu = ...
# ▲
if pruefe(4, slope_sigmoid, slope_relu):
    print(f"Mittlere Steigung: Sigmoid {slope_sigmoid:.3f}, ReLU {slope_relu:.3f}")

# %% Rette den Sigmoid, ohne ihn zu ersetzen und ohne länger zu trainieren
# ▼ AUFGABE 5: Ändere genau eines: depth, units oder learning_rate; etwa rescue = {"units": 128}.
rescue = ...
# ▲
if pruefe(5, rescue):
    print(f"Validierung: {train('sigmoid', **rescue)[1]['val_accuracy'][-1]:.3f}")

# %% Warum bleibt der Sigmoid zurück?
# "A"  Sein Netz hat weniger Gewichte als die anderen.
# "B"  Seine Neuronen sind gesättigt: Die Ausgaben kleben an 0 und 1.
# "C"  Jede Aktivierung lässt höchstens ein Viertel des Signals durch; vorn kommt kaum etwas an.
# "D"  Er lernt die Trainingsbilder auswendig (Overfitting).
# ▼ AUFGABE 6: Welcher Buchstabe passt zu allem, was du gemessen hast?
reason = ...
# ▲
if pruefe(6, reason):
    x_test, y_test = mnist.load_data()[1]  # der Umschlag
    for name, curves in histories.items():
        accuracy = models[name].evaluate(x_test.reshape(-1, 784) / 255, y_test, verbose=0)[1]
        print(f"  {name:12} Validierung {curves['val_accuracy'][-1]:.3f}, Test {accuracy:.3f}")

# %% Was man sieht: Bei ReLU sind viele Neuronen ganz flach, aber die übrigen lassen alles durch.
