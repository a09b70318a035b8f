"""Early Stopping: aufhören, bevor das Netz das Rauschen auswendig lernt.

Kapitel   2.50 Erweiterte Konzepte und Architekturen · Early Stopping
Folie     Code Demo: Early Stopping in Keras implementieren
Lernziel  EarlyStopping einsetzen; wissen, wo es anhält und welche Gewichte man zurückbekommt
Laufzeit  ca. 30 s (2 CPU-Kerne)
Daten     Zwei Monde mit Rauschen (aus scikit-learn)
Erwartet  beste_epoche 1–45, letzte_epoche 21–65, test_fehler_mit 0.02–0.16, test_fehler_ohne 0.09–0.3,
          test_loss_mit 0.2–0.48, test_loss_ohne 0.32–0.8

Zwei ineinandergreifende Halbmonde, wenige Punkte, jeder fünfte mit dem falschen Label, und ein viel zu
großes Netz: Zuerst lernt es die Monde, dann die Fehler auswendig. Trainiert wird zweimal mit denselben
Zufallszahlen, einmal mit und einmal ohne Halt.
"""

# %% Stellschrauben: hier live drehen
MAX_EPOCHS = 200  # Test: 4
PATIENCE = 20  # Test: 2
FALSCHE_LABELS = 0.2  # Anteil in Training und Validierung; mit 0.0 schadet das lange Training kaum
N_TRAIN = 200  # Test: 20
UNITS = 256  # Test: 8
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
from kurs import ergebnis

import keras
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import make_moons

# %% Daten: Training, Validierung (entscheidet, wann Schluss ist) und Test (nur zum Messen)
x, y = make_moons(N_TRAIN + 200 + 2000, noise=0.2, random_state=SEED)
is_wrong = np.random.default_rng(SEED).random(len(y)) < FALSCHE_LABELS
is_wrong[N_TRAIN + 200 :] = False  # die Testlabels bleiben richtig
y = np.where(is_wrong, 1 - y, y).astype("float32")
x_train, x_validation, x_test = np.split(x.astype("float32"), [N_TRAIN, N_TRAIN + 200])
y_train, y_validation, y_test = np.split(y, [N_TRAIN, N_TRAIN + 200])
print(
    f"{len(x_train)} Punkte zum Trainieren, {len(x_validation)} zur Validierung, {len(x_test)} zum Testen"
)
print(f"Falsche Labels: {is_wrong.sum()}, keines davon im Test")


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
        optimizer=keras.optimizers.Adam(0.01), loss="binary_crossentropy", metrics=["accuracy"]
    )
    history = model.fit(
        x_train,
        y_train,
        validation_data=(x_validation, y_validation),
        validation_batch_size=200,
        epochs=MAX_EPOCHS,
        batch_size=50,
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
print(
    f"\nMit Early Stopping: angehalten nach Epoche {last_epoch}, bester val_loss in Epoche {best_epoch}"
)

# %% Training 2: ohne, bis zum Ende; ein zweiter Callback misst nebenbei den Test-Loss je Epoche
test_losses = []
cross_entropy = keras.losses.BinaryCrossentropy()


class WatchTest(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        loss = cross_entropy(y_test[:, None], self.model(x_test))
        test_losses.append(float(keras.ops.convert_to_numpy(loss)))


model_full, history_full = train([WatchTest()])
print(f"Ohne: alle {MAX_EPOCHS} Epochen")

# %% Welche Gewichte kommen zurück? Wir rechnen den val_loss des zurückgegebenen Modells nach.
returned = model_stopped.evaluate(x_validation, y_validation, batch_size=200, verbose=0)[0]
print(f"\nval_loss in Epoche {best_epoch}, der besten:   {min(history_stopped['val_loss']):.4f}")
print(f"val_loss in Epoche {last_epoch}, der letzten:  {history_stopped['val_loss'][-1]:.4f}")
print(f"val_loss des Modells, das zurückkam: {returned:.4f}   also das der besten Epoche")

# %% Und im Test?
results = {}
print(f"\n{'':22} Training     Test    Test\n{'':22} Fehler     Fehler    Loss")
for name, model in [("mit Early Stopping", model_stopped), ("ohne Early Stopping", model_full)]:
    train_error = 1 - model.evaluate(x_train, y_train, batch_size=200, verbose=0)[1]
    test_loss, test_accuracy = model.evaluate(x_test, y_test, batch_size=2000, verbose=0)
    results[name] = {"error": 1 - test_accuracy, "loss": test_loss}
    print(f"{name:22} {train_error:7.1%} {1 - test_accuracy:9.1%} {test_loss:8.2f}")
print(f"Gespart: {1 - last_epoch / MAX_EPOCHS:.0%} der Epochen")

# %% Bild 1: die Kurven
figure, axis = plt.subplots(figsize=(11, 5.5))
epochs = np.arange(1, MAX_EPOCHS + 1)
axis.plot(epochs, history_full["loss"], "--", color="#0072B2", label="Training")
axis.plot(epochs, history_full["val_loss"], color="#D55E00", label="Validierung")
axis.plot(epochs, test_losses, ":", color="black", label="Test (ohne falsche Labels)")
axis.axvline(best_epoch, color="gray", label=f"Epoche {best_epoch}: diese Gewichte kommen zurück")
axis.axvspan(
    best_epoch, last_epoch, color="gray", alpha=0.2, label=f"Geduld, Halt nach Epoche {last_epoch}"
)
axis.set(
    xlabel="Epoche",
    ylabel="Loss (Kreuzentropie)",
    title="Nach der besten Epoche sinkt der Trainings-Loss weiter, der Test-Loss steigt",
)
axis.legend(loc="upper left")
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
        axis.scatter(
            *x_train[y_train == label].T,
            marker=marker,
            edgecolor="white",
            color=("#8C4A00", "#3B1C6B")[label],
            label=f"Klasse {label}",
        )
    axis.set(title=f"{name}: Testfehler {results[name]['error']:.1%}", xlabel="Merkmal 1")
axes[0].set_ylabel("Merkmal 2")
axes[0].legend(loc="lower left")
figure.suptitle("Rechts legt sich die Grenze um einzelne falsch beschriftete Punkte")
plt.show()

# %% Was man sieht
# Der Trainings-Loss allein warnt nicht: Er wird immer kleiner. Die Validierung merkt, wann das Netz nichts
# Allgemeines mehr lernt. Ihre Kurve zittert, weil sie nur 200 Punkte hat; deshalb braucht man Geduld.
# Test-Loss und Validierung liegen verschieden hoch, weil der Test keine falschen Labels enthält.
with_stop, without = results["mit Early Stopping"], results["ohne Early Stopping"]
print(
    f"\nMit Early Stopping sind {with_stop['error']:.1%} der Testpunkte falsch, ohne {without['error']:.1%}."
)
ergebnis(
    beste_epoche=best_epoch,
    letzte_epoche=last_epoch,
    test_fehler_mit=with_stop["error"],
    test_fehler_ohne=without["error"],
    test_loss_mit=with_stop["loss"],
    test_loss_ohne=without["loss"],
)
