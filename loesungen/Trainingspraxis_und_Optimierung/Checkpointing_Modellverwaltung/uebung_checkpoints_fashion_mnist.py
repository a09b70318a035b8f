"""Übung Checkpoints: Fashion-MNIST so trainieren, dass kein Absturz etwas kostet.

Kapitel   5.100 Trainingspraxis und Optimierung · Checkpointing und Modellverwaltung
Folie     Übung: Fashion MNIST (Checkpoints)
Lernziel  Checkpoints automatisch schreiben lassen, den besten laden, vom letzten guten aus weitermachen
Laufzeit  ca. 30 s (2 CPU-Kerne)
Daten     Fashion-MNIST

Bearbeite nur, was zwischen ▼ und ▲ steht: Ersetze `...` durch deine Antwort und starte das Skript neu.
In der letzten Epoche dieses Trainings geschieht ein Missgeschick: Die Lernrate springt auf das
Fünfhundertfache. Mit Checkpoints ist das nicht schlimm.
"""

# %% Stellschrauben
EPOCHS = 6  # Test: 3
N_TRAIN = 3_000  # Test: 512
LEARNING_RATE = 0.001
TIPPS = 1  # je Aufgabe: 0 keine Tipps, 1 eine Frage, 2 auch wo es steht, 3 auch ein Gerüst
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
import shutil

from kurs import ausgabe_ordner, pruefe
from kurs.bilder import fashion_mnist

import keras
import numpy as np

# %% Daten, Modell und ein leerer Ordner
(x_train, y_train), (x_test, y_test) = fashion_mnist.load_data()
x_train, y_train = (x_train[:N_TRAIN] / 255).astype("float32"), y_train[:N_TRAIN]
x_test = (x_test / 255).astype("float32")
x_val, y_val = x_test[:1000], y_test[:1000]  # zum Auswählen
x_test, y_test = x_test[1000:], y_test[1000:]  # für das letzte Wort

folder = ausgabe_ordner() / "checkpoints"
shutil.rmtree(folder, ignore_errors=True)
folder.mkdir()


def build_model():
    keras.utils.set_random_seed(SEED)
    model = keras.Sequential(
        [
            keras.Input(shape=(28, 28)),
            keras.layers.Flatten(),
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(
        optimizer=keras.optimizers.Adam(LEARNING_RATE),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model


def fit(model, **arguments):
    """model.fit mit den Daten von oben; `callbacks`, `epochs`, `initial_epoch` … gibst du an."""
    return model.fit(
        x_train, y_train, validation_data=(x_val, y_val), batch_size=64, verbose=0, **arguments
    )


# %% Aufgabe 1 und 2: zwei Callbacks, die während des Trainings schreiben
# ▼ AUFGABE 1: Ein Callback, der nach jeder Epoche eine eigene Datei folder / "epoche_….keras" schreibt.
every_epoch = keras.callbacks.ModelCheckpoint(folder / "epoche_{epoch:02d}.keras")
# ▲

# ▼ AUFGABE 2: Einer, der in folder / "bestes.keras" nur den Stand mit der höchsten val_accuracy behält.
best_only = keras.callbacks.ModelCheckpoint(
    folder / "bestes.keras", monitor="val_accuracy", mode="max", save_best_only=True
)
# ▲


# %% Das Training mit dem Missgeschick in der letzten Epoche
def mishap(epoch):
    return LEARNING_RATE if epoch < EPOCHS - 1 else 500 * LEARNING_RATE


is_callback = [isinstance(answer, keras.callbacks.Callback) for answer in (every_epoch, best_only)]
given = [answer for answer, valid in zip((every_epoch, best_only), is_callback) if valid]
model = build_model()
scheduler = keras.callbacks.LearningRateScheduler(mishap)
val_accuracy = fit(model, epochs=EPOCHS, callbacks=[scheduler, *given]).history["val_accuracy"]
for epoch, value in enumerate(val_accuracy, start=1):
    print(f"Epoche {epoch}: Validierung {value:.3f}" + "  ← Missgeschick" * (epoch == EPOCHS))
print("Im Ordner liegt:", ", ".join(sorted(p.name for p in folder.iterdir())) or "nichts")

# %% Aufgabe 3: retten, was zu retten ist
# ▼ AUFGABE 3: Lade das beste Modell aus seiner Datei.
best_model = keras.models.load_model(folder / "bestes.keras")
# ▲

# %% Aufgabe 4: vom letzten guten Stand aus weiter
LAST_GOOD = EPOCHS - 1  # die Nummer der letzten Epoche vor dem Missgeschick
TARGET = EPOCHS + 2

# ▼ AUFGABE 4: Lade den Stand nach Epoche LAST_GOOD und trainiere mit fit(…) weiter bis Epoche TARGET.
resumed_model = keras.models.load_model(folder / f"epoche_{LAST_GOOD:02d}.keras")
resumed = fit(resumed_model, initial_epoch=LAST_GOOD, epochs=TARGET)
# ▲

# %% Aufgabe 5 (Bonus): ganz von selbst
# ▼ AUFGABE 5: Ein Callback, mit dem fit nach einem Abbruch von selbst dort weitermacht, wo es aufhörte.
backup = keras.callbacks.BackupAndRestore(folder / "sicherung")
# ▲


class Interruption(keras.callbacks.Callback):
    """Bricht zu Beginn der letzten Epoche ab, als hätte jemand auf Stopp gedrückt."""

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == EPOCHS - 1:
            raise KeyboardInterrupt


repeated = ...
if isinstance(backup, keras.callbacks.Callback):
    try:
        fit(build_model(), epochs=EPOCHS, callbacks=[backup, Interruption()])
    except KeyboardInterrupt:
        print(f"Abgebrochen vor Epoche {EPOCHS}, noch einmal derselbe Aufruf …")
    repeated = fit(build_model(), epochs=EPOCHS, callbacks=[backup]).epoch
elif backup is not ...:
    repeated = None

# %% Prüfung (hier nichts ändern)
files = sorted(folder.glob("epoche_*.keras"))
best_path, best_value = folder / "bestes.keras", max(val_accuracy)
steps = int(np.ceil(len(x_train) / 64))


def val_of(model):
    return model.evaluate(x_val, y_val, verbose=0)[1]


def is_best(model):
    return abs(val_of(model) - best_value) < 0.0015


def why_not_best(_):
    if not getattr(best_only, "save_best_only", False):
        return "Jede Epoche überschreibt die Datei, auch die schlechte letzte: Es fehlt save_best_only."
    if best_only.monitor != "val_accuracy":
        return f"Dein Callback achtet auf {best_only.monitor}; gefragt ist val_accuracy (monitor)."
    return (
        f"In der Datei steckt ein Modell mit val_accuracy {val_of(keras.models.load_model(best_path)):.3f}, "
        f"das beste hatte {best_value:.3f}. Ist größer hier besser oder schlechter (mode)?"
    )


pruefe.erwarte(
    "Aufgabe 1",
    every_epoch,
    (
        lambda answer: is_callback[0],
        lambda answer: f"Das ist kein Callback von Keras, sondern {type(answer).__name__}.",
    ),
    (
        lambda answer: any(folder.glob("*.keras")) and (files or not answer.save_weights_only),
        "Es liegt kein ganzes Modell im Ordner. Gesucht sind Dateien epoche_….keras in folder.",
    ),
    (
        lambda answer: len(files) != 1 and "{epoch" in str(answer.filepath),
        "Alle Epochen schreiben in dieselbe Datei, die vorige ist jedes Mal weg. "
        "Der Name braucht die Nummer der Epoche.",
    ),
    (
        lambda answer: len(files) == EPOCHS,
        lambda answer: f"Es sind {len(files)} Dateien für {EPOCHS} Epochen. Gesucht ist eine je Epoche, "
        "nicht nur nach den guten.",
    ),
    tipps=[
        "Woran soll man den Dateien ansehen, aus welcher Epoche sie stammen?",
        "keras.io/api/callbacks/model_checkpoint: filepath darf {epoch} enthalten, wie ein f-String.",
        'every_epoch = keras.callbacks.ModelCheckpoint(folder / "epoche_{…:02d}.keras")',
    ],
)
pruefe.erwarte(
    "Aufgabe 2",
    best_only,
    (
        lambda answer: is_callback[1],
        lambda answer: f"Das ist kein Callback von Keras, sondern {type(answer).__name__}.",
    ),
    (lambda answer: best_path.is_file(), "Eine Datei bestes.keras ist nicht entstanden."),
    (lambda answer: is_best(keras.models.load_model(best_path)), why_not_best),
    tipps=[
        "Was ist der Unterschied zwischen „der letzte“ und „der beste“?",
        "ModelCheckpoint hat die Argumente monitor, mode und save_best_only.",
        'best_only = keras.callbacks.ModelCheckpoint(folder / "bestes.keras", monitor=…, mode=…, …=True)',
    ],
)
pruefe.erwarte(
    "Aufgabe 3",
    best_model,
    (
        lambda answer: isinstance(answer, keras.Model),
        lambda answer: f"Das ist kein Modell, sondern {type(answer).__name__}. "
        "Gesucht ist das ganze Modell, nicht nur seine Gewichte.",
    ),
    (
        is_best,
        lambda answer: f"Dieses Modell hat val_accuracy {val_of(answer):.3f}, das beste hatte "
        f"{best_value:.3f}. Hast du wirklich die Datei geladen?",
    ),
    tipps=[
        "Was liegt in einer .keras-Datei: nur Zahlen, oder das ganze Modell?",
        "In demo_checkpoint_laden.py unter „Alte Versionen laden“.",
        "best_model = keras.models.load_model(…)",
    ],
)
pruefe.erwarte(
    "Aufgabe 4",
    (resumed_model, resumed),
    (
        lambda answer: isinstance(answer[0], keras.Model) and hasattr(answer[1], "epoch"),
        "resumed_model soll ein Modell sein und resumed das, was fit(…) zurückgibt.",
    ),
    (
        lambda answer: answer[1].epoch[0] == LAST_GOOD,
        lambda answer: f"Deine Fortsetzung beginnt bei Epoche {answer[1].epoch[0] + 1} statt bei "
        f"{LAST_GOOD + 1}: Sag fit, wie viele Epochen schon vorbei sind.",
    ),
    (
        lambda answer: answer[1].epoch[-1] + 1 == TARGET,
        lambda answer: f"Schluss ist nach Epoche {answer[1].epoch[-1] + 1}, gefragt ist {TARGET}. "
        "epochs ist die Nummer der letzten Epoche, nicht die Zahl der zusätzlichen.",
    ),
    (
        lambda answer: int(answer[0].optimizer.iterations) == steps * TARGET,
        lambda answer: f"Der Optimizer hat {int(answer[0].optimizer.iterations)} Schritte gezählt, bei einer "
        f"Fortsetzung ab Epoche {LAST_GOOD} wären es {steps * TARGET}. Ist es der richtige Checkpoint?",
    ),
    tipps=[
        "Woher weiß fit, dass es nicht bei null anfängt?",
        "fit hat die Argumente initial_epoch (schon erledigt) und epochs (Nummer der letzten).",
        'resumed_model = keras.models.load_model(folder / f"epoche_{…:02d}.keras")\n'
        "resumed = fit(resumed_model, initial_epoch=…, epochs=…)",
    ],
)
pruefe.erwarte(
    "Aufgabe 5",
    repeated,
    (lambda answer: answer is not None, "backup ist kein Callback von Keras."),
    (
        lambda answer: answer == [EPOCHS - 1],
        lambda answer: f"Der zweite Aufruf hat {len(answer)} Epochen gebraucht; nötig war nur noch eine. "
        "Dein Callback schreibt vielleicht, aber er stellt nichts wieder her.",
    ),
    tipps=[
        "ModelCheckpoint schreibt nur. Welcher Callback liest beim Start auch wieder ein?",
        "keras.io/api/callbacks: Es gibt einen, der nach Sichern und Wiederherstellen heißt.",
        'backup = keras.callbacks.B…(folder / "sicherung")',
    ],
)
pruefe.fortschritt()
