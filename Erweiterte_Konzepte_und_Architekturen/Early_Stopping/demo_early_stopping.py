"""Early Stopping: aufhören, bevor das Netz das Rauschen auswendig lernt.

Kapitel   2.50 Erweiterte Konzepte und Architekturen · Early Stopping
Folie     Code Demo: Early Stopping in Keras implementieren
Lernziel  EarlyStopping einsetzen; wissen, wo es anhält und welche Gewichte man zurückbekommt
Laufzeit  ca. 30 s (2 CPU-Kerne)
Daten     Zwei Monde mit Rauschen (aus scikit-learn)
Erwartet  beste_epoche 0–400, letzte_epoche 0–400, test_fehler_mit 0–1, test_fehler_ohne 0–1,
          test_loss_mit 0–10, test_loss_ohne 0–10

Zwei ineinandergreifende Halbmonde, stark verrauscht, wenige Punkte, ein viel zu großes Netz: So lernt
man auswendig. Trainiert wird zweimal mit denselben Zufallszahlen, einmal mit und einmal ohne Halt.
"""

# %% Stellschrauben: hier live drehen
MAX_EPOCHS = 400  # Test: 4
PATIENCE = 30  # Test: 2
NOISE = 0.35  # Streuung der Punkte um ihren Mond
N_TRAIN = 100  # Test: 20
UNITS = 256  # Test: 8
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
from kurs import ergebnis

import keras
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import make_moons

plt.rcParams["font.size"] = 12

# %% Daten: Training, Validierung (entscheidet, wann Schluss ist) und Test (nur zum Messen)
x, y = make_moons(N_TRAIN + 100 + 2000, noise=NOISE, random_state=SEED)
x_train, x_validation, x_test = np.split(x.astype("float32"), [N_TRAIN, N_TRAIN + 100])
y_train, y_validation, y_test = np.split(y, [N_TRAIN, N_TRAIN + 100])
print(f"{len(x_train)} Punkte zum Trainieren, {len(x_validation)} zur Validierung, {len(x_test)} zum Testen")


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
    model.compile(
        optimizer=keras.optimizers.Adam(0.003), loss="binary_crossentropy", metrics=["accuracy"]
    )
    history = model.fit(
        x_train,
        y_train,
        validation_data=(x_validation, y_validation),
        epochs=MAX_EPOCHS,
        batch_size=32,
        callbacks=callbacks,
        verbose=0,
    )
    return model, history.history


# %% Training 1: mit Early Stopping
early_stopping = keras.callbacks.EarlyStopping(
    monitor="val_loss",  # beobachtet wird der Loss der Validierung
    patience=PATIENCE,  # so viele Epochen darf er schlechter sein als sein bester Wert
    restore_best_weights=True,  # dann zurück zu den Gewichten der besten Epoche
)
model_stopped, history_stopped = train([early_stopping])
best_epoch = early_stopping.best_epoch + 1  # Keras zählt ab 0
last_epoch = len(history_stopped["loss"])
print(f"\nMit Early Stopping: angehalten nach Epoche {last_epoch}, bester val_loss in Epoche {best_epoch}")

# %% Training 2: ohne, bis zum Ende; ein zweiter Callback misst nebenbei den Testfehler je Epoche
test_losses = []


class WatchTest(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        test_losses.append(self.model.evaluate(x_test, y_test, batch_size=2000, verbose=0)[0])


model_full, history_full = train([WatchTest()])
print(f"Ohne: alle {MAX_EPOCHS} Epochen")

# %% Welche Gewichte kommen zurück? Wir rechnen den val_loss des zurückgegebenen Modells nach.
returned = model_stopped.evaluate(x_validation, y_validation, batch_size=100, verbose=0)[0]
print(f"\nval_loss in Epoche {best_epoch}, der besten:   {min(history_stopped['val_loss']):.4f}")
print(f"val_loss in Epoche {last_epoch}, der letzten:  {history_stopped['val_loss'][-1]:.4f}")
print(f"val_loss des Modells, das zurückkam: {returned:.4f}   also das der besten Epoche")

# %% Und im Test?
results = {}
print(f"\n{'':22} Training     Test    Test\n{'':22} Fehler     Fehler    Loss")
for name, model in [("mit Early Stopping", model_stopped), ("ohne Early Stopping", model_full)]:
    train_error = 1 - model.evaluate(x_train, y_train, verbose=0)[1]
    test_loss, test_accuracy = model.evaluate(x_test, y_test, batch_size=2000, verbose=0)
    results[name] = {"error": 1 - test_accuracy, "loss": test_loss}
    print(f"{name:22} {train_error:7.1%} {1 - test_accuracy:9.1%} {test_loss:8.2f}")
print(f"Gespart: {1 - last_epoch / MAX_EPOCHS:.0%} der Epochen")

# %% Bild 1: die Kurven
figure, axis = plt.subplots(figsize=(11, 5.5))
epochs = np.arange(1, MAX_EPOCHS + 1)
axis.plot(epochs, history_full["loss"], "--", color="#0072B2", label="Training")
axis.plot(epochs, history_full["val_loss"], color="#D55E00", label="Validierung")
axis.plot(epochs, test_losses, ":", color="black", label="Test (sieht niemand beim Training)")
axis.axvline(best_epoch, color="gray", label=f"Epoche {best_epoch}: diese Gewichte kommen zurück")
axis.axvspan(best_epoch, last_epoch, color="gray", alpha=0.2, label=f"Geduld, Halt nach Epoche {last_epoch}")
axis.set(xlabel="Epoche", ylabel="Loss (Kreuzentropie)",
         title="Nach dem Halt steigt der Test-Loss, obwohl der Trainings-Loss weiter sinkt")
axis.legend(loc="upper left")
figure.tight_layout()
plt.show()

# %% Bild 2: Was die beiden Netze gelernt haben
grid_x, grid_y = np.meshgrid(np.linspace(-2, 3, 200), np.linspace(-1.6, 2.1, 200))
grid = np.c_[grid_x.ravel(), grid_y.ravel()].astype("float32")
figure, axes = plt.subplots(1, 2, figsize=(13, 5.5), sharey=True)
for axis, (name, model) in zip(
    axes, [("mit Early Stopping", model_stopped), ("ohne Early Stopping", model_full)]
):
    probability = model.predict(grid, batch_size=4000, verbose=0).reshape(grid_x.shape)
    axis.contourf(grid_x, grid_y, probability, levels=20, cmap="PuOr", alpha=0.7)
    axis.contour(grid_x, grid_y, probability, levels=[0.5], colors="black")
    for label, marker in [(0, "o"), (1, "^")]:
        axis.scatter(*x_train[y_train == label].T, marker=marker, edgecolor="white",
                     color=("#8C4A00", "#3B1C6B")[label], label=f"Klasse {label}")
    axis.set(title=f"{name}: Testfehler {results[name]['error']:.1%}", xlabel="Merkmal 1")
axes[0].set_ylabel("Merkmal 2")
axes[0].legend(loc="lower left")
figure.suptitle("Rechts legt sich die Grenze um einzelne Trainingspunkte und ist sich überall sicher")
figure.tight_layout()
plt.show()

# %% Was man sieht
with_stop, without = results["mit Early Stopping"], results["ohne Early Stopping"]
print(f"\nOhne Early Stopping wäre der Test-Loss {without['loss'] / with_stop['loss']:.1f}-mal so hoch.")
ergebnis(
    beste_epoche=best_epoch,
    letzte_epoche=last_epoch,
    test_fehler_mit=with_stop["error"],
    test_fehler_ohne=without["error"],
    test_loss_mit=with_stop["loss"],
    test_loss_ohne=without["loss"],
)
