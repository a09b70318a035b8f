"""Übung Gradientenabstieg: Lernrate und Epochenzahl auf Iris erkunden.

Kapitel   1.40 Grundlagen des Deep Learning · Trainingsprozess
Folie     Übung: Einfluss von Lernrate und Epochenanzahl experimentell untersuchen
Lernziel  Lernraten unterscheiden: zu klein, passend, zu groß; sehen, ab wann mehr Epochen schaden
Laufzeit  ca. 15 s (2 CPU-Kerne)
Daten     Iris (aus scikit-learn)

Ersetze zwischen ▼ und ▲ das `...` durch deine Antwort; beim Start steht darunter, ob sie stimmt.
"""

# %% Stellschrauben
EPOCHS = 20
BATCH_SIZE = 5
RATE = 0.5  # Lernrate in Teil 2
MANY_EPOCHS = 40  # Test: 15; Epochen in Teil 2
TIPPS = 1  # je Aufgabe: 0 keine Tipps, 1 eine Frage, 2 auch wo es steht, 3 auch ein Gerüst
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
from kurs import pruefe
from kurs.merken import gemerkt

import keras
import matplotlib.pyplot as plt
import numpy as np
from sklearn import datasets, preprocessing, utils

# %% Daten: 4 Messwerte (cm), 3 Arten; 100 Blüten zum Ausprobieren, die übrigen 50 im Umschlag
x_raw, y = utils.shuffle(*datasets.load_iris(return_X_y=True), random_state=SEED, n_samples=100)
scaler = preprocessing.StandardScaler().fit(x_raw)
x_scaled = scaler.transform(x_raw)  # Mittelwert 0, Streuung 1


# %% Ein Training: Diese Funktion benutzt du in Teil 1
@gemerkt  # Was schon einmal trainiert ist, kommt beim nächsten Start von der Platte
def train(rate, x=x_scaled, units=16, y=y, epochs=EPOCHS, batch_size=BATCH_SIZE, seed=SEED):
    """Trainiert ein kleines Netz mit SGD und gibt die Loss-Kurve zurück (ein Wert je Epoche)."""
    keras.utils.set_random_seed(seed)
    model = keras.Sequential([keras.layers.Dense(units, "relu"), keras.layers.Dense(3, "softmax")])
    model.compile(keras.optimizers.SGD(float(rate)), "sparse_categorical_crossentropy")
    return model.fit(x, y, epochs=epochs, batch_size=batch_size, verbose=0).history["loss"]


def build(rate):  # für Teil 2: ein frisches Netz, jedes Mal mit denselben Anfangsgewichten
    keras.utils.set_random_seed(SEED)
    model = keras.Sequential([keras.layers.Dense(64, "relu"), keras.layers.Dense(3, "softmax")])
    model.compile(keras.optimizers.SGD(rate), "sparse_categorical_crossentropy")
    return model


# %% Teil 1: drei Lernraten. Die erste Kurve ist geschenkt, zum Vergleichen.
figure, axes = plt.subplots(1, 2)
axes[0].plot(np.arange(1, EPOCHS + 1), train(0.01), ":", label="0.01, zum Vergleich")

# ▼ AUFGABE 1: Finde eine Lernrate, mit der das Training kriecht: Der Loss sinkt, aber kaum.
slow = 0.001
# ▲
if pruefe(1, slow):
    axes[0].plot(np.arange(1, EPOCHS + 1), train(slow), label="kriecht")

# ▼ AUFGABE 2: Finde eine Lernrate, die passt: Nach allen Epochen ist der Loss unter 0.15.
good = 0.1
# ▲
if pruefe(2, good):
    axes[0].plot(np.arange(1, EPOCHS + 1), train(good), label="passt")

# ▼ AUFGABE 3: Finde eine Lernrate, mit der das Training auseinanderläuft (divergiert).
diverging = 100.0
# ▲
if pruefe(3, diverging):
    print("Loss der ersten Epochen (nan: keine Zahl mehr):", train(diverging)[:3])

loss_good = train(good)
# ▼ AUFGABE 4: Berechne die Nummer der ersten Epoche, deren Loss in loss_good unter 0.3 liegt.
below = [epoch for epoch, loss in enumerate(loss_good, start=1) if loss < 0.3]
first_epoch = below[0] if below else None
# ▲
pruefe(4, first_epoch)

# ▼ AUFGABE 5: Trainiere mit der passenden Lernrate auf den unskalierten Messwerten x_raw.
loss_unscaled = train(good, x=x_raw)
# ▲
if pruefe(5, loss_unscaled):
    axes[0].plot(np.arange(1, EPOCHS + 1), loss_unscaled, label="passt, aber unskaliert")
axes[0].set(title="Welche Lernrate?", xlabel="Epoche", ylabel="Loss", yscale="log", ylim=(0.03, 9))
axes[1].set(title="Wie viele Epochen?", xlabel="Epoche", ylabel="Loss")
axes[0].legend()

# %% Teil 2: Wie viele Epochen? Das zeigen nur Blüten, die beim Training nicht dabei sind.
# Das Netz hat es jetzt schwer: 12 Blüten zum Lernen, nur die Kelchblätter, dafür mehr Neuronen.
x_train, y_train, x_val, y_val = x_scaled[:12, :2], y[:12], x_scaled[12:, :2], y[12:]

# ▼ AUFGABE 6: Trainiere model auf x_train, y_train, so viele Epochen wie verlangt, und lass nach
# jeder auf x_val, y_val messen. Zurück kommen die Kurven: .history von dem, was model.fit gibt.
def fit(model, epochs):
    history = model.fit(
        x_train, y_train, epochs=epochs, validation_data=(x_val, y_val), verbose=0
    )
    return history.history
# ▲
pruefe(6, fit)
model = build(RATE)
curves = fit(model, MANY_EPOCHS)

# ▼ AUFGABE 7: Nach welcher Epoche (ab 1 gezählt) ist der Loss auf der Validierung am kleinsten?
best_epoch = curves["val_loss"].index(min(curves["val_loss"])) + 1
# ▲
if pruefe(7, best_epoch):
    for key, name in (("loss", "Training"), ("val_loss", "Validierung")):
        axes[1].plot(np.arange(1, MANY_EPOCHS + 1), curves[key], label=name)
    axes[1].axvline(best_epoch, color="gray", linestyle=":", label=f"Epoche {best_epoch}")
    axes[1].legend()
    short = build(RATE)
    fit(short, int(best_epoch))
    x, y = utils.shuffle(*datasets.load_iris(return_X_y=True), random_state=SEED)
    for n, network in ((int(best_epoch), short), (MANY_EPOCHS, model)):
        loss = network.evaluate(scaler.transform(x[100:])[:, :2], y[100:], verbose=0)
        print(f"Loss, {n} Epochen: Validierung {curves['val_loss'][n - 1]:.2f}, Test {loss:.2f}")
plt.show()

# %% Was man sieht
# Fällt der Loss nur noch im Training, lernt das Netz auswendig. Dreh RATE: Wandert das Minimum?
