"""Übung Fashion-MNIST optimieren: besserer Optimizer, CNN und Early Stopping.

Kapitel   2.60 Erweiterte Konzepte und Architekturen · Early Stopping
Folie     Übung: Optimiere die Klassifikation des Fashion MNIST Datensatz
Lernziel  Optimizer, CNN und Early Stopping zu einem besseren Klassifikator zusammensetzen
Laufzeit  ca. 50 s (2 CPU-Kerne)
Daten     Fashion-MNIST

Die Regeln wie in Kapitel 1: Gemessen wird auf den Testbildern, trainiert nur mit den N_TRAIN
Trainingsbildern. Die Medaillen hängen höher: Bronze ist hier, was dort Gold war.

Bearbeite nur, was zwischen ▼ und ▲ steht: Ersetze `...` durch deinen Code und starte das Skript neu.
Unten steht danach zu jeder Aufgabe, ob sie stimmt, und wenn nicht, woran es liegt.
"""

# %% Stellschrauben: Bronze, Silber, Gold. Originalbilder und eingebettete sind verschieden schwer.
MEDALS = (0.89, 0.9, 0.91)  # Test: (0.3, 0.4, 0.5)
MEDALS_ORIGINAL = (0.865, 0.88, 0.89)  # Test: (0.3, 0.4, 0.5)
N_TRAIN = 12_000  # Test: 640
MAX_EPOCHS = 40  # Test: 6
TIPPS = 1  # je Aufgabe: 0 keine Tipps, 1 eine Frage, 2 auch wo es steht, 3 auch ein Gerüst
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
import traceback

from kurs import pruefe
from kurs.bilder import fashion_mnist
from kurs.quellen import originale_benutzt

import keras
import matplotlib.pyplot as plt
import numpy as np

# %% Daten: skaliert, mit einem Farbkanal (28 × 28 × 1). Die Testlabels bleiben im Umschlag.
(x_train, y_train), (x_test, _) = fashion_mnist.load_data()
x_train = x_train[:N_TRAIN, ..., None].astype("float32") / 255.0
y_train = y_train[:N_TRAIN]
x_test = x_test[..., None].astype("float32") / 255.0
medals = MEDALS_ORIGINAL if originale_benutzt() else MEDALS
thresholds = dict(zip(("bronze", "silber", "gold"), medals))
print(f"{len(x_train)} Bilder zum Trainieren, {len(x_test)} zum Testen. Medaillen ab", thresholds)


# %% Aufgabe 1: ein besserer Optimizer. Zum Vergleich läuft SGD mit Lernrate 0.01.
# ▼ AUFGABE 1: Gib einen Optimizer zurück, der in 2 Epochen viel weiter kommt als SGD(0.01).
def make_optimizer():
    return keras.optimizers.Adam(learning_rate=0.002)


# ▲


# %% Aufgabe 2: ein CNN, vom Bild (28 × 28 × 1) zu zehn Wahrscheinlichkeiten
# ▼ AUFGABE 2: Baue ein CNN mit Convolution und Pooling und höchstens 500.000 Parametern.
def build_model():
    return keras.Sequential(
        [
            keras.Input(shape=(28, 28, 1)),
            keras.layers.Conv2D(16, 3, padding="same", activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Conv2D(32, 3, padding="same", activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Conv2D(64, 3, activation="relu"),
            keras.layers.Flatten(),
            keras.layers.Dropout(0.4),
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dropout(0.2),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )


# ▲

# %% Aufgabe 3: Early Stopping
# ▼ AUFGABE 3: Beobachte die Validierung, hab etwas Geduld, und hol die besten Gewichte zurück.
early_stopping = keras.callbacks.EarlyStopping(
    monitor="val_loss", patience=4, restore_best_weights=True
)
# ▲


# %% Aufgabe 4: Training mit x_train, y_train, 10 % davon zur Validierung, verbose=0
# ▼ AUFGABE 4: Rufe model.fit auf, höchstens MAX_EPOCHS Epochen, mit dem Callback aus Aufgabe 3.
def train(model):
    model.fit(
        x_train,
        y_train,
        epochs=MAX_EPOCHS,
        batch_size=64,
        validation_split=0.1,
        callbacks=[early_stopping],
        verbose=0,
    )


# ▲


# %% Aufgabe 5: Wann war der Loss der Validierung am kleinsten? Von dort kommen die Gewichte zurück.
# ▼ AUFGABE 5: Berechne die Nummer (ab 1) der besten Epoche aus history["val_loss"].
def find_best_epoch(history):
    return int(np.argmin(history["val_loss"])) + 1


# ▲

# %% Aufgabe 6: Wie gut wirst du?
# ▼ AUFGABE 6: Welche Medaille willst du, "bronze", "silber" oder "gold"?
goal = "gold"
# ▲


# %% Prüfung (ab hier nichts ändern): Trainiert wird erst, wenn Aufgabe 1 bis 3 stimmen
def attempt(function, *arguments):
    """Ruft deine Funktion auf; ein Fehler darin wird zur Diagnose statt zum Abbruch."""
    try:
        return function(*arguments)
    except Exception as error:  # noqa: BLE001 (was schiefgehen kann, weiß hier niemand)
        return error


def works(answer):
    return not isinstance(answer, Exception)


def describe(error):
    frames = traceback.extract_tb(error.__traceback__)
    line = [f.lineno for f in frames if f.filename == attempt.__code__.co_filename][-1]
    return f"Zeile {line} bricht ab: {type(error).__name__}: {str(error).strip().splitlines()[0]}"


def compile_and_seed(model, optimizer):
    model.compile(optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    keras.utils.set_random_seed(SEED)


def loss_after_two_epochs(optimizer):
    """Trainings-Loss eines kleinen MLP nach zwei Epochen mit diesem Optimizer."""
    keras.utils.set_random_seed(SEED)
    layers = [keras.layers.Flatten(), keras.layers.Dense(64, "relu"), keras.layers.Dense(10, "softmax")]
    mlp = keras.Sequential([keras.Input((28, 28, 1)), *layers])
    compile_and_seed(mlp, optimizer)
    return mlp.fit(x_train, y_train, epochs=2, batch_size=64, verbose=0).history["loss"][-1]


loss_sgd = loss_after_two_epochs(keras.optimizers.SGD(0.01))
print(f"Ein MLP nach 2 Epochen mit SGD(0.01): Loss {loss_sgd:.2f}")
loss_yours = optimizer = attempt(make_optimizer)
if works(optimizer) and optimizer not in (..., None):
    loss_yours = attempt(loss_after_two_epochs, optimizer)
ok_optimizer = pruefe.erwarte(
    "Aufgabe 1",
    loss_yours,
    (lambda loss: loss is not None, "Es kommt kein Optimizer zurück. Fehlt return?"),
    (works, describe),
    (lambda loss: loss < 2.2, "Das ist nicht besser als Raten: Die Lernrate passt gar nicht."),
    (
        lambda loss: loss < 0.8 * loss_sgd,
        lambda loss: f"Loss {loss:.2f} nach 2 Epochen, SGD(0.01) kommt auf {loss_sgd:.2f}: Das ist "
        "nicht viel besser. Anderer Optimizer, größere Lernrate?",
    ),
    tipps=[
        "Welcher Optimizer verbindet Momentum mit einer eigenen Lernrate je Gewicht?",
        "keras.optimizers, Argument learning_rate; Vergleich in demo_adam_optimizer.py.",
        "return keras.optimizers.…(learning_rate=0.00…)",
    ],
)

keras.utils.set_random_seed(SEED)
model = attempt(build_model)
output = attempt(lambda: keras.ops.convert_to_numpy(model(x_train[:100])))
ok_model = pruefe.erwarte(
    "Aufgabe 2",
    model,
    (works, describe),
    (lambda model: isinstance(model, keras.Model), "Es kommt kein Modell zurück. Fehlt return?"),
    (
        lambda model: any("Conv" in type(layer).__name__ for layer in model.layers),
        "Darin ist keine Convolution. Ein CNN beginnt mit keras.layers.Conv2D.",
    ),
    (lambda _: works(output), lambda _: "Es nimmt die Bilder nicht an. " + describe(output)),
    (
        lambda _: output.shape == (100, 10),
        lambda _: f"Zu 100 Bildern kommt {output.shape} heraus, gesucht ist (100, 10).",
    ),
    (lambda _: np.allclose(output.sum(axis=1), 1, atol=0.02), "Am Ende fehlt softmax: Die Summe ist nicht 1."),
    (
        lambda model: model.count_params() <= 500_000,
        lambda model: f"{model.count_params()} Parameter sind zu viele. Wie groß ist das Bild, wenn "
        "es bei Flatten ankommt? Pooling macht es kleiner.",
    ),
    tipps=[
        "Welche Schicht findet Muster, welche macht das Bild kleiner, welche entscheidet?",
        "keras.layers: Conv2D, MaxPooling2D, Flatten, Dense; ein Vorbild ist demo_cnn_mnist.py.",
        "[Input((28, 28, 1)), Conv2D(16, 3, activation=…), MaxPooling2D(), …, Flatten(), Dense(…)]",
    ],
)
ok_stopping = pruefe.erwarte(
    "Aufgabe 3",
    early_stopping,
    (
        lambda stop: isinstance(stop, keras.callbacks.EarlyStopping),
        "Gesucht ist ein keras.callbacks.EarlyStopping(…), keine Liste und keine Zahl.",
    ),
    (
        lambda stop: stop.monitor not in ("loss", "accuracy"),
        lambda stop: f"Du beobachtest {stop.monitor}, also das Training. Das wird fast immer besser, "
        "auch beim Auswendiglernen.",
    ),
    (
        lambda stop: stop.monitor in ("val_loss", "val_accuracy"),
        lambda stop: f"{stop.monitor} gibt es hier nicht. Gemessen werden val_loss, val_accuracy.",
    ),
    (lambda stop: stop.patience > 0, "Ohne Geduld (patience) ist beim ersten Wackler Schluss."),
    (
        lambda stop: stop.patience < MAX_EPOCHS,
        lambda stop: f"patience={stop.patience}: In {MAX_EPOCHS} Epochen hält das nie an.",
    ),
    (lambda stop: stop.restore_best_weights, "Zurück kämen die Gewichte der letzten Epoche."),
    tipps=[
        "Was soll beobachtet werden, wie lange gewartet, und was kommt zurück?",
        "keras.callbacks.EarlyStopping: monitor, patience, restore_best_weights.",
        'keras.callbacks.EarlyStopping(monitor="val_…", patience=…, restore_best_weights=…)',
    ],
)

# %% Training
result, history, best_epoch = ..., {}, ...
if ok_optimizer and ok_model and ok_stopping:
    compile_and_seed(model, make_optimizer())
    result = attempt(train, model)
    history = model.history.history if works(result) and getattr(model, "history", None) else {}
    result = (history or ...) if works(result) else result
else:
    print("  Trainiert wird, sobald Aufgabe 1 bis 3 stimmen.")
used = getattr(early_stopping, "model", None) is model
ok_training = pruefe.erwarte(
    "Aufgabe 4",
    result,
    (
        lambda result: not (isinstance(result, NameError) and result.name == "y_test"),
        "y_test liegt noch im Umschlag: Wer nach dem Test anhält, weiß nicht mehr, wie gut er ist.",
    ),
    (works, describe),
    (lambda result: "val_loss" in result, "Ohne Validierung hält nichts an: validation_split=0.1."),
    (lambda result: used, "Early Stopping war nicht dabei: Hast du callbacks=[…] übergeben?"),
    (lambda result: len(result["loss"]) > 1, "Nur eine Epoche: Es fehlt epochs=MAX_EPOCHS."),
    tipps=[
        "Was braucht model.fit: welche Bilder, welche Labels, wie viele Epochen, welche Callbacks?",
        "callbacks=[…] ist eine Liste, validation_split ein Anteil; siehe demo_early_stopping.py.",
        "model.fit(x_train, …, epochs=…, validation_split=…, callbacks=[…], verbose=0)",
    ],
)
if ok_training:
    true_best = int(np.argmin(history["val_loss"])) + 1
    best_epoch = attempt(find_best_epoch, history)
pruefe.erwarte(
    "Aufgabe 5",
    best_epoch,
    (works, describe),
    (lambda epoch: epoch is not None, "Es kommt nichts zurück. Fehlt return?"),
    (lambda epoch: float(epoch).is_integer(), "Gesucht ist die Nummer der Epoche, nicht ihr Loss."),
    (lambda epoch: epoch != true_best - 1, "Knapp daneben: Du zählst ab 0, Epochen ab 1."),
    (
        lambda epoch: 1 <= epoch <= len(history["loss"]),
        lambda epoch: f"Epoche {epoch} gab es nicht; es waren {len(history['loss'])}.",
    ),
    (
        lambda epoch: epoch == true_best,
        lambda epoch: f"In Epoche {epoch} ist val_loss {history['val_loss'][int(epoch) - 1]:.3f}, aber "
        f"irgendwo war er {min(history['val_loss']):.3f}.",
    ),
    tipps=[
        "In welcher Epoche war val_loss am kleinsten? Das ist selten die letzte.",
        "np.argmin findet die Stelle des kleinsten Werts und zählt ab 0.",
        "return int(np.argmin(history[…])) + …",
    ],
)

# %% Die Kurven und die Medaille
if ok_training:
    y_test = fashion_mnist.load_data()[1][1]  # der Umschlag wird geöffnet
    accuracy = model.evaluate(x_test, y_test, batch_size=500, verbose=0)[1]
    won = [name for name, threshold in thresholds.items() if accuracy >= threshold]
    medal = won[-1] if won else "noch keine"
    epochs = range(1, len(history["loss"]) + 1)
    print(f"  Testbilder: {accuracy:.3f} richtig nach {len(epochs)} Epochen, Medaille: {medal}")
    figure, axis = plt.subplots(figsize=(9, 5))
    axis.plot(epochs, history["loss"], "--o", color="#0072B2", label="Training")
    axis.plot(epochs, history["val_loss"], "-s", color="#D55E00", label="Validierung")
    axis.axvline(true_best, color="gray", label=f"beste Epoche: {true_best}")
    axis.set(xlabel="Epoche", ylabel="Loss (Kreuzentropie)", title="Die Validierung entscheidet")
    axis.legend()
    plt.show()


def advice():
    if true_best == len(history["loss"]):
        return "Der Loss der Validierung sinkt am Ende noch: mehr Epochen oder größere Lernrate."
    if history["accuracy"][true_best - 1] - history["val_accuracy"][true_best - 1] > 0.03:
        return "Im Training ist es deutlich besser, es lernt auswendig: Dropout hilft."
    return "Auswendig lernt es nicht: mehr Filter oder noch eine Convolution."


pruefe.erwarte(
    "Aufgabe 6",
    goal if ok_training else ...,
    (lambda goal: goal in thresholds, f"goal soll eines von {list(thresholds)} sein."),
    (
        lambda goal: accuracy >= thresholds[goal],
        lambda goal: f"{accuracy:.3f} reicht nicht für {goal}. {advice()}",
    ),
    tipps=[
        "Sinkt val_loss am Ende noch? Gehen Training und Validierung auseinander?",
        "Mehr Filter, noch eine Convolution, Dropout vor Dense, andere Lernrate, mehr Geduld.",
        "… Conv2D(16), Pooling, Conv2D(32), Pooling, Conv2D(64), Flatten, Dropout(0.…), Dense …",
    ],
)
pruefe.fortschritt()
