"""Übung Checkpoints: dein Fashion-MNIST-Modell so trainieren, dass kein Absturz etwas kostet.

Kapitel   5.100 Trainingspraxis und Optimierung · Checkpointing und Modellverwaltung
Folie     Übung: Fashion MNIST (Checkpoints)
Lernziel  Checkpoints automatisch schreiben, den besten laden, vom letzten guten aus weitermachen
Laufzeit  ca. 10 s (2 CPU-Kerne)
Daten     Fashion-MNIST

Dein bestes Modell trainiert weiter; in der letzten Epoche springt die Lernrate auf das 500-Fache.

Ersetze zwischen ▼ und ▲ das `...` durch deine Antwort; beim Start steht darunter, ob sie stimmt.
"""

# %% Stellschrauben
EPOCHS = 4  # Test: 3
N_TRAIN = 256  # Test: 128
LEARNING_RATE = 0.001
TIPPS = 1  # je Aufgabe: 0 keine Tipps, 1 eine Frage, 2 auch wo es steht, 3 auch ein Gerüst
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
import shutil

from kurs import ausgabe_ordner, projekt, pruefe
from kurs.bilder import fashion_mnist

import keras

# %% Dein Modell, die Daten und ein leerer Ordner
my_model, stand = projekt.bestes()
(x_train, y_train), _ = fashion_mnist.load_data()
x_train, y_train = (x_train[:N_TRAIN] / 255).astype("float32"), y_train[:N_TRAIN]
x_val, y_val = (part[:1_000] for part in projekt.validierung())  # die Hälfte: Es geht schneller
folder = ausgabe_ordner() / "checkpoints"
shutil.rmtree(folder, ignore_errors=True)
folder.mkdir()

def build_model():
    keras.utils.set_random_seed(SEED)
    model = keras.models.clone_model(my_model)
    model.set_weights(my_model.get_weights())
    optimizer = keras.optimizers.Adam(LEARNING_RATE)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model

def fit(model, **arguments):  # callbacks, epochs, initial_epoch … gibst du an
    return model.fit(x_train, y_train, validation_data=(x_val, y_val), verbose=0, **arguments)

def mishap(epoch):
    return LEARNING_RATE if epoch < EPOCHS - 1 else 500 * LEARNING_RATE

model = build_model()
callbacks = [keras.callbacks.LearningRateScheduler(mishap)]

# ▼ AUFGABE 1: Ein Callback, der je Epoche eine eigene Datei folder / "epoche_….keras" schreibt.
every_epoch = ...
# ▲
if has_epochs := pruefe(1, every_epoch):
    callbacks.append(every_epoch)

# ▼ AUFGABE 2: Einer, der in folder / "bestes.keras" nur den Stand der höchsten val_accuracy behält.
best_only = ...
# ▲
if has_best := pruefe(2, best_only):
    callbacks.append(best_only)

# %% Das Training mit dem Missgeschick in der letzten Epoche
val_accuracy = fit(model, epochs=EPOCHS, callbacks=callbacks).history["val_accuracy"]
for epoch, value in enumerate(val_accuracy, start=1):
    print(f"Epoche {epoch}: Validierung {value:.3f}" + "  ← Missgeschick" * (epoch == EPOCHS))
print("Im Ordner liegt:", ", ".join(sorted(p.name for p in folder.iterdir())) or "nichts")
if not has_best:  # damit es trotzdem weitergeht: ein Modell, das noch nichts kann
    keras.models.clone_model(my_model).save(folder / "bestes.keras")

# ▼ AUFGABE 3: Lade das beste Modell aus seiner Datei.
best_model = ...
# ▲
if pruefe(3, best_model) and has_best:
    projekt.behalte(best_model, "der beste Checkpoint")

LAST_GOOD = EPOCHS - 1 if has_epochs else ...  # die Nummer der letzten Epoche vor dem Missgeschick
TARGET = EPOCHS + 1
# ▼ AUFGABE 4: Lade den Stand nach Epoche LAST_GOOD; trainiere mit fit(…) weiter bis Epoche TARGET.
resumed_model = ...
resumed = ...
# ▲
if pruefe(4, resumed_model, resumed):
    for epoch, value in zip(resumed.epoch, resumed.history["val_accuracy"]):
        print(f"Epoche {epoch + 1}: Validierung {value:.3f}")
    projekt.behalte(resumed_model, "weiter vom letzten guten Checkpoint")

# %% Bonus: ganz von selbst. pruefe bricht ein kleines Training ab und beginnt es dann noch einmal.
# ▼ AUFGABE 5: Ein Callback, mit dem fit nach einem Abbruch dort weitermacht, wo es aufhörte.
backup = ...
# ▲
if pruefe(5, backup):
    best, stand = projekt.bestes()
    _, (x_test, y_test) = fashion_mnist.load_data()  # der Umschlag
    accuracy = (best.predict(x_test[:2_000] / 255).argmax(axis=1) == y_test[:2_000]).mean()
    print(f"Dein bestes Modell: Validierung {stand.val_accuracy:.3f}, Test {accuracy:.3f}")
