"""Early Stopping: aufhören, bevor das Netz das Rauschen auswendig lernt.

Kapitel   2.50 Erweiterte Konzepte und Architekturen · Early Stopping
Folie     Code Demo: Early Stopping in Keras implementieren
Lernziel  EarlyStopping einsetzen; wissen, wo es anhält und welche Gewichte man zurückbekommt
Laufzeit  ca. 20 s (2 CPU-Kerne)
Daten     Zwei Monde mit Rauschen (aus scikit-learn)
Erwartet  beste_epoche 5–70, test_fehler_mit 0.03–0.14, test_fehler_ohne 0.1–0.26,
          test_loss_mit 0.15–0.4, test_loss_ohne 0.4–2

Zwei ineinandergreifende Halbmonde, wenige Punkte, manche mit dem falschen Label, und ein viel zu
großes Netz: Zuerst lernt es die Monde, dann die Fehler auswendig. Trainiert wird zweimal mit
denselben Zufallszahlen, einmal mit und einmal ohne Halt.
"""

# %% Stellschrauben: hier live drehen
MAX_EPOCHS = 200  # Test: 4
PATIENCE = 20  # Test: 2
NOISY_LABELS = 0.15  # Anteil falscher Labels im Training; probiere 0.0
N_TRAIN = 100  # Test: 20
UNITS = 256  # Test: 8
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
from kurs import ergebnis

import keras
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import make_moons

# %% Daten: Training, Validierung (entscheidet, wann Schluss ist) und Test (nur zum Messen)
x, y = make_moons(N_TRAIN + 500 + 2000, noise=0.2, random_state=SEED)
is_wrong = np.random.default_rng(SEED).random(N_TRAIN) < NOISY_LABELS
y[:N_TRAIN][is_wrong] = 1 - y[:N_TRAIN][is_wrong]  # Validierung und Test bleiben richtig
x_train, x_validation, x_test = np.split(x.astype("float32"), [N_TRAIN, N_TRAIN + 500])
y_train, y_validation, y_test = np.split(y.astype("float32"), [N_TRAIN, N_TRAIN + 500])
print(f"{len(x_train)} Punkte zum Trainieren, davon {is_wrong.sum()} mit falschem Label;")
print(f"{len(x_validation)} zur Validierung, {len(x_test)} zum Testen, alle richtig beschriftet")


# %% Ein viel zu großes Netz, jedes Mal mit denselben Zufallszahlen
def train(callbacks):
    keras.utils.set_random_seed(SEED)
    model = keras.Sequential(
        [
            keras.Input(shape=(2,)),
            keras.layers.Dense(UNITS, activation="relu"),
            keras.layers.Dense(UNITS, activation="relu"),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    optimizer = keras.optimizers.Adam(learning_rate=0.01)
    model.compile(optimizer, loss="binary_crossentropy", metrics=["accuracy"])
    history = model.fit(
        x_train, y_train, validation_data=(x_validation, y_validation), validation_batch_size=500,
        epochs=MAX_EPOCHS, batch_size=50, callbacks=callbacks, verbose=0,
    ).history
    return model, history


# %% Training 1: mit Early Stopping
early_stopping = keras.callbacks.EarlyStopping(
    monitor="val_loss",  # beobachtet wird der Loss der Validierung
    patience=PATIENCE,  # so viele Epochen darf er schlechter sein als sein bester Wert
    restore_best_weights=True,  # dann zurück zu den Gewichten der besten Epoche
)
model_stopped, history_stopped = train([early_stopping])
best_epoch = early_stopping.best_epoch + 1  # Keras zählt ab 0
last_epoch = len(history_stopped["loss"])
print(f"\nMit Early Stopping: Schluss nach Epoche {last_epoch}, beste Epoche {best_epoch}")

# %% Welche Gewichte kommen zurück? Wir rechnen den val_loss des zurückgegebenen Modells nach.
returned = model_stopped.evaluate(x_validation, y_validation, batch_size=500, verbose=0)[0]
print(f"  val_loss in der besten Epoche:   {min(history_stopped['val_loss']):.4f}")
print(f"  val_loss in der letzten Epoche:  {history_stopped['val_loss'][-1]:.4f}")
print(f"  val_loss des Modells, das zurückkam: {returned:.4f}")

# %% Training 2: ohne, bis zum Ende. Und im Test?
model_full, history_full = train([])
error, loss = {}, {}
for name, model in [("mit Early Stopping", model_stopped), ("ohne Early Stopping", model_full)]:
    loss[name], accuracy = model.evaluate(x_test, y_test, batch_size=2000, verbose=0)
    error[name] = 1 - accuracy
    print(f"{name:19}: im Test {error[name]:.1%} falsch, Loss {loss[name]:.2f}")
print(f"Gespart: {1 - last_epoch / MAX_EPOCHS:.0%} der Epochen")

# %% Bild 1: die Kurven
figure, axis = plt.subplots()
epochs = np.arange(1, MAX_EPOCHS + 1)
axis.plot(epochs, history_full["loss"], "--", label="Training")
axis.plot(epochs, history_full["val_loss"], label="Validierung")
axis.axvline(best_epoch, color="gray", label=f"Epoche {best_epoch}: diese Gewichte kommen zurück")
axis.axvspan(best_epoch, last_epoch, color="gray", alpha=0.2, label=f"Geduld bis {last_epoch}")
axis.set(xlabel="Epoche", ylabel="Loss (Kreuzentropie)", title="Wo endet das Lernen?")
axis.legend()
plt.show()

# %% Bild 2: Was die beiden Netze gelernt haben
grid_x, grid_y = np.meshgrid(np.linspace(-2, 3, 200), np.linspace(-1.6, 2.1, 200))
grid = np.c_[grid_x.ravel(), grid_y.ravel()].astype("float32")
figure, axes = plt.subplots(1, 2, figsize=(13, 5.5), sharey=True)
for axis, name, model in zip(axes, error, (model_stopped, model_full)):
    probability = model.predict(grid, batch_size=4000, verbose=0).reshape(grid_x.shape)
    axis.contourf(grid_x, grid_y, probability, levels=20, cmap="PuOr", alpha=0.7)
    axis.contour(grid_x, grid_y, probability, levels=[0.5], colors="black")
    for label, marker, color in [(0, "o", "#8C4A00"), (1, "^", "#3B1C6B")]:
        style = {"marker": marker, "color": color, "edgecolor": "white"}
        axis.scatter(*x_train[y_train == label].T, **style, label=f"Klasse {label}")
    axis.set(title=f"{name}: Testfehler {error[name]:.1%}", xlabel="Merkmal 1")
axes[0].set_ylabel("Merkmal 2")
axes[0].legend(loc="lower left")
figure.suptitle("Die Trainingspunkte mit ihren Labels, und wo das Netz die Grenze zieht (schwarz)")
plt.show()

# %% Was man sieht
# Der Trainings-Loss allein warnt nicht. Die Validierung merkt, wann das Netz nichts Allgemeines
# mehr lernt: Ihr Loss hat ein Minimum. Ihre Kurve zittert; deshalb braucht man Geduld. Wo die
# Grenze sich um einen einzelnen Punkt legt, ist auswendig gelernt.
ergebnis(
    beste_epoche=best_epoch,
    test_fehler_mit=error["mit Early Stopping"],
    test_fehler_ohne=error["ohne Early Stopping"],
    test_loss_mit=loss["mit Early Stopping"],
    test_loss_ohne=loss["ohne Early Stopping"],
)
