"""Übung Fashion-MNIST optimieren: besserer Optimizer, CNN und Early Stopping.

Kapitel   2.60 Erweiterte Konzepte und Architekturen · Early Stopping
Folie     Übung: Optimiere die Klassifikation des Fashion MNIST Datensatz
Lernziel  Optimizer, CNN und Early Stopping zu einem besseren Klassifikator zusammensetzen
Laufzeit  ca. 30 s (2 CPU-Kerne)
Daten     Fashion-MNIST

Zu schlagen ist dein Modell aus Kapitel 1. Gemessen wird auf derselben Validierung, die Medaillen
hängen höher, die Testbilder bleiben im Umschlag.

Ersetze zwischen ▼ und ▲ das `...` durch deine Antwort; beim Start steht darunter, ob sie stimmt.
"""

# %% Stellschrauben: Bronze, Silber, Gold. Originalbilder und eingebettete sind verschieden schwer.
MEDALS = (0.865, 0.875, 0.9)  # Test: (0.3, 0.4, 0.5)
MEDALS_ORIGINAL = (0.855, 0.865, 0.88)  # Test: (0.3, 0.4, 0.5)
N_TRAIN = 10_000  # Test: 640
MAX_EPOCHS = 25  # Test: 6
TIPPS = 1  # je Aufgabe: 0 keine Tipps, 1 eine Frage, 2 auch wo es steht, 3 auch ein Gerüst
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
from functools import cache

from kurs import projekt, pruefe
from kurs.bilder import fashion_mnist
from kurs.merken import gemerkt, skript_bis
from kurs.quellen import originale_benutzt

import keras
import matplotlib.pyplot as plt
import numpy as np

# %% Daten: skaliert, mit einem Farbkanal (28 × 28 × 1)
(x_train, y_train), _ = fashion_mnist.load_data()
x_train = (x_train[:N_TRAIN, ..., None] / 255).astype("float32")
y_train = y_train[:N_TRAIN]
x_val, y_val = projekt.validierung()
x_val = x_val[..., None]
thresholds = projekt.medaillen(MEDALS, MEDALS_ORIGINAL)
start_model, start = projekt.bestes()

# %% Die Bausteine
# ▼ AUFGABE 1: Gib einen Optimizer zurück, der in 2 Epochen viel weiter kommt als SGD(0.01).
def make_optimizer():
    return ...
# ▲
pruefe(1, make_optimizer)

# ▼ AUFGABE 2: Baue ein CNN mit Convolution und Pooling und höchstens 500.000 Parametern, vom Bild
# (28 × 28 × 1) zu zehn Wahrscheinlichkeiten.
def build_model():
    return ...
# ▲
pruefe(2, build_model)

# ▼ AUFGABE 3: Beobachte die Validierung, hab etwas Geduld, und hol die besten Gewichte zurück.
early_stopping = ...
# ▲
pruefe(3, early_stopping)

# ▼ AUFGABE 4: model.fit mit x_train und y_train: höchstens MAX_EPOCHS Epochen, zur Validierung
# x_val und y_val, dazu der Callback aus Aufgabe 3 und verbose=0.
def train(model):
    ...
# ▲
pruefe(4, train)

# ▼ AUFGABE 5: Die Nummer (ab 1) der Epoche mit dem kleinsten Loss, aus history["val_loss"].
def find_best_epoch(history):
    return ...
# ▲
knows_best = pruefe(5, find_best_epoch)

# %% Trainiert wird mit deinen Funktionen; solange sich 1 bis 4 nicht ändern, nur einmal.
@gemerkt
def fit(script, originals):
    keras.utils.set_random_seed(SEED)
    model = build_model()
    model.compile(make_optimizer(), "sparse_categorical_crossentropy", metrics=["accuracy"])
    train(model)
    return model.history.history, model.get_weights()

@cache
def run():
    script = skript_bis(6, ohne=("goal", "find_best_epoch", "knows_best"))
    history, weights = fit(script, originale_benutzt())
    as_cnn_input = keras.layers.Reshape((28, 28, 1))
    model = keras.Sequential([keras.Input((28, 28)), as_cnn_input, build_model()])
    model.set_weights(weights)
    epochs = range(1, len(history["loss"]) + 1)
    figure, axis = plt.subplots()
    axis.plot(epochs, history["loss"], "o--", label="Training")
    axis.plot(epochs, history["val_loss"], "s-", label="Validierung")
    if knows_best:
        axis.axvline(find_best_epoch(history), color="gray", label="beste Epoche")
    axis.set(xlabel="Epoche", ylabel="Loss (Kreuzentropie)", title="Die Validierung entscheidet")
    axis.legend()
    plt.show()
    return model, history, projekt.behalte(model, f"CNN, {len(epochs)} Epochen, Early Stopping")
# ▼ AUFGABE 6: Welche Medaille willst du, "bronze", "silber" oder "gold"?
goal = ...
# ▲
if pruefe(6, goal):
    (_, _), (x_test, y_test) = fashion_mnist.load_data()  # der Umschlag wird geöffnet
    for name, model in (("vorher", start_model), ("jetzt", run()[0])):
        right = [
            np.mean(model.predict(x, batch_size=500, verbose=0).argmax(axis=1) == y)
            for x, y in ((x_val[..., 0], y_val), (x_test / 255, y_test))
        ]
        print(f"{name}: Validierung {right[0]:.3f}, Testbilder {right[1]:.3f}")
