"""Die Prüfung zu uebung_fashion_mnist_optimieren.py: je Aufgabe die Diagnosen und drei Tipps."""

import copy
import json

from kurs import projekt
from kurs.merken import gemerkt
from kurs.uebungen import Diagnose, ein, funktion, modell, text, tipps, verfehlt, zahl
from kurs.uebungen.spion import beobachte, falsche_labels, tadel

import keras
import numpy as np

# --- Aufgabe 1 ------------------------------------------------------------------------------------


def loss_nach_zwei_epochen(optimizer, x, y):
    """Trainings-Loss eines kleinen MLP nach zwei Epochen mit diesem Optimizer."""
    keras.utils.set_random_seed(42)
    layers = [
        keras.layers.Flatten(),
        keras.layers.Dense(64, "relu"),
        keras.layers.Dense(10, "softmax"),
    ]
    mlp = keras.Sequential([keras.Input((28, 28, 1)), *layers])
    mlp.compile(optimizer, "sparse_categorical_crossentropy", jit_compile=False)
    return mlp.fit(x, y, epochs=2, batch_size=64, verbose=0).history["loss"][-1]


@gemerkt
def loss_von(beschreibung, backend, x, y):
    """Wie `loss_nach_zwei_epochen`, für einen Optimizer von Keras: Seine Beschreibung sagt alles."""
    return loss_nach_zwei_epochen(keras.optimizers.deserialize(json.loads(beschreibung)), x, y)


def loss_mit(optimizer, x, y):
    beschreibung = keras.optimizers.serialize(optimizer)
    if not type(optimizer).__module__.startswith("keras."):
        return loss_nach_zwei_epochen(optimizer, x, y)
    beschreibung["config"].pop("name", None)
    return loss_von(json.dumps(beschreibung, default=str), keras.backend.backend(), x, y)


@tipps(
    "Welcher Optimizer verbindet Momentum mit einer eigenen Lernrate je Gewicht?",
    "keras.optimizers, Argument learning_rate; Vergleich in demo_adam_optimizer.py.",
    "return keras.optimizers.…(learning_rate=0.00…)",
)
def aufgabe_1(make_optimizer: funktion, *, x_train, y_train):
    optimizer = make_optimizer()
    if optimizer is None or isinstance(optimizer, type):
        raise verfehlt(optimizer, "ein Optimizer von Keras", "make_optimizer()")
    if not isinstance(optimizer, str) and make_optimizer() is optimizer:
        return (
            "make_optimizer gibt jedes Mal dasselbe Objekt zurück. Ein Optimizer merkt sich die Gewichte "
            "eines Modells; jedes Modell braucht einen neuen: Baue ihn in der Funktion."
        )
    if not isinstance(optimizer, (str, keras.Optimizer)):
        raise verfehlt(optimizer, "ein Optimizer von Keras", "make_optimizer()")
    x, y = x_train[:4_000], y_train[:4_000]
    try:
        optimizer = keras.optimizers.get(optimizer)
    except ValueError:
        return f"{optimizer!r} ist kein Name eines Optimizers von Keras (wie etwa 'sgd')."
    yours = loss_mit(optimizer, x, y)
    sgd = loss_mit(keras.optimizers.SGD(0.01), x, y)
    if not yours < 2.2:
        return f"Loss {yours:.2f} nach 2 Epochen ist nicht besser als Raten: Die Lernrate passt gar nicht."
    if yours > 0.8 * sgd:
        return (
            f"Loss {yours:.2f} nach 2 Epochen, SGD(0.01) kommt auf {sgd:.2f}: Das ist nicht viel "
            "besser. Anderer Optimizer, größere Lernrate?"
        )


# --- Aufgabe 2 ------------------------------------------------------------------------------------


def schichten(model):
    """Alle Schichten, auch die in Blöcken."""
    return list(model._flatten_layers(include_self=False))


def heisst_wie(schicht, wort):
    return any(wort in art.__name__ for art in type(schicht).__mro__)


@tipps(
    "Welche Schicht findet Muster, welche macht das Bild kleiner, welche entscheidet?",
    "keras.layers: Conv2D, MaxPooling2D, Flatten, Dense; ein Vorbild ist demo_cnn_mnist.py.",
    "[Input((28, 28, 1)), Conv2D(16, 3, activation=…), MaxPooling2D(), …, Flatten(), Dense(…)]",
)
def aufgabe_2(build_model: funktion, *, x_train):
    if isinstance(build_model, keras.Model):
        return "build_model ist schon ein Modell. Gesucht ist die Funktion, die eines baut: def …"
    model = modell(build_model(), "build_model()")
    try:
        output = keras.ops.convert_to_numpy(model(x_train[:100]))
    except Exception as fehler:  # noqa: BLE001 (Keras und TensorFlow melden das auf viele Arten)
        zeile = str(fehler).strip().splitlines()[0][:120]
        return f"Es nimmt die Bilder nicht an: Sie haben die Form (28, 28, 1). ({zeile})"
    if build_model() is model:
        return (
            "build_model gibt jedes Mal dasselbe Modell zurück: Ein zweiter Versuch lernte weiter, wo der "
            "erste aufhörte. Baue es in der Funktion."
        )
    convolutions = [s for s in schichten(model) if heisst_wie(s, "Conv")]
    if not convolutions:
        return "Darin ist keine Convolution. Ein CNN beginnt mit keras.layers.Conv2D."
    if output.ndim == 4:
        return (
            f"Zu 100 Bildern kommt {output.shape} heraus, gesucht ist (100, 10): Vor der letzten Schicht fehlt "
            "eine, die aus dem Bild eine Zeile macht, etwa Flatten."
        )
    if output.shape != (100, 10):
        return f"Zu 100 Bildern kommt {output.shape} heraus, gesucht ist (100, 10)."
    if output.min() < 0 or not np.allclose(output.sum(axis=1), 1, atol=0.02):
        return (
            f"Am Ende fehlt softmax: Beim ersten Bild ist die Summe {output[0].sum():.2f} statt 1."
        )
    if model.count_params() > 500_000:
        return (
            f"{model.count_params()} Parameter sind zu viele. Wie groß ist das Bild, wenn "
            "es bei Flatten ankommt? Pooling macht es kleiner."
        )
    strides = [max(np.ravel(getattr(s, "strides", 1))) for s in convolutions]
    if max(strides) < 2 and not any(heisst_wie(s, "Pooling") for s in schichten(model)):
        return "Darin ist kein Pooling: Das Bild bleibt so groß, wie es ist."


# --- Aufgabe 3 ------------------------------------------------------------------------------------

RUNTER = [0.9, 0.8, 0.72, 0.66, 0.61, 0.57, 0.54, 0.51, 0.49, 0.47, 0.45, 0.43, 0.41, 0.4, 0.39]
WACKLER = [0.9, 0.7, 0.6, 0.63, 0.5]  # danach steigt es


def spiele_durch(callback, val_losses):
    """Ein Training nur aus Zahlen; in Epoche n sind alle Gewichte n. Rückgabe: Epochen, letzte Gewichte."""
    callback = copy.deepcopy(callback)
    if hasattr(callback, "verbose"):
        callback.verbose = 0
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    model.compile("sgd", "mse")
    model.stop_training = False
    callback.set_model(model)
    callback.set_params({"epochs": len(val_losses), "steps": 1, "verbose": 0})
    callback.on_train_begin()
    for n, val_loss in enumerate(val_losses, start=1):
        callback.on_epoch_begin(n - 1)
        model.set_weights([np.full((1, 1), n)])
        val = {"val_loss": val_loss, "val_accuracy": 1 - val_loss / 2}
        callback.on_epoch_end(n - 1, {"loss": 1 / n, "accuracy": 1 - 0.5 / n, **val})
        if model.stop_training:
            break
    callback.on_train_end()
    return n, float(model.get_weights()[0][0, 0])


def einwand(stop, max_epochs):
    """Was an diesem Early Stopping nicht stimmt, oder nichts."""
    monitor = getattr(stop, "monitor", "val_loss")
    if monitor in ("loss", "accuracy"):
        return (
            f"Du beobachtest {monitor}, also das Training. Das wird fast immer besser, "
            "auch beim Auswendiglernen."
        )
    if monitor not in ("val_loss", "val_accuracy"):
        return f"{monitor} gibt es hier nicht. Gemessen werden val_loss, val_accuracy."
    falling, _ = spiele_durch(stop, RUNTER)
    if falling < len(RUNTER):
        return (
            f"Auch wenn {monitor} von Epoche zu Epoche besser wird, ist nach Epoche {falling} "
            "Schluss: Steht mode verkehrt herum, oder ist min_delta zu groß?"
        )
    length = max(max_epochs, 15)
    stopped, weights = spiele_durch(stop, WACKLER + [0.5 + 0.02 * n for n in range(1, length - 4)])
    patience = f" (patience={stop.patience})" if hasattr(stop, "patience") else ""
    if stopped <= 4 and getattr(stop, "baseline", None) is not None:
        return f"Mit baseline={stop.baseline:g} zählt nur, was noch besser ist: Beim ersten Wackler ist Schluss."
    if stopped <= 4:
        return f"Ohne Geduld ist beim ersten Wackler Schluss{patience}."
    if stopped == length:
        return f"In {length} Epochen hält das nie an, obwohl es nur schlechter wird{patience}."
    if weights == stopped:
        return "Zurück kämen die Gewichte der letzten Epoche, nicht die der besten."
    if weights != len(WACKLER):
        return f"Zurück kämen die Gewichte aus Epoche {weights:.0f}; am besten war Epoche 5."


@tipps(
    "Was soll beobachtet werden, wie lange gewartet, und was kommt zurück?",
    "keras.callbacks.EarlyStopping: monitor, patience, restore_best_weights.",
    'keras.callbacks.EarlyStopping(monitor="val_…", patience=…, restore_best_weights=…)',
)
def aufgabe_3(
    early_stopping: ein(
        keras.callbacks.Callback,
        "ein keras.callbacks.EarlyStopping(…), keine Liste und keine Zahl,",
    ),
    *,
    MAX_EPOCHS,
):
    return einwand(early_stopping, MAX_EPOCHS)


# --- Aufgabe 4 bis 6 ------------------------------------------------------------------------------


@tipps(
    "Was braucht model.fit: welche Bilder, welche Labels, wie viele Epochen, welche Callbacks?",
    "callbacks=[…] ist eine Liste, validation_data ein Tupel; siehe demo_early_stopping.py.",
    "model.fit(x_train, …, epochs=…, validation_data=(…, …), callbacks=[…], verbose=0)",
)
def aufgabe_4(train: funktion, *, x_train, y_train, x_val, y_val, MAX_EPOCHS, early_stopping):
    from kurs.bilder import fashion_mnist

    try:
        training = beobachte(train, x_train)
    except NameError as fehler:
        if "test" in str(fehler.name):
            raise Diagnose(
                f"{fehler.name} liegt noch im Umschlag: Wer nach dem Test anhält oder auswählt, "
                "weiß nicht mehr, wie gut sein Modell ist."
            ) from None
        raise
    x_test = fashion_mnist.load_data()[1][0]
    known = {"test": (x_test, x_test / 255), "validierung": (x_val, x_val * 255)}
    if satz := tadel(training, x_train, y_train, **known, roh=(np.round(x_train * 255),)):
        return satz
    if falsche_labels(training.x_val, training.y_val, x_val, y_val) > 0.05:
        return "Bei der Validierung gehören die Labels nicht zu den Bildern: Zu x_val gehört y_val."
    if training.epochs == 1:
        return "Nur eine Epoche: Es fehlt epochs=MAX_EPOCHS."
    if training.epochs > MAX_EPOCHS:
        return f"{training.epochs} Epochen sind mehr als MAX_EPOCHS = {MAX_EPOCHS}."
    stops = [c for c in training.callbacks if isinstance(c, keras.callbacks.EarlyStopping)]
    if early_stopping not in training.callbacks and all(einwand(c, MAX_EPOCHS) for c in stops):
        return "Early Stopping war nicht dabei: Hast du callbacks=[…] übergeben?"
    if training.epochs < 5:
        return f"Mit {training.epochs} Epochen kommt Early Stopping nie zum Zug."


HISTORIES = (  # dort ist val_loss in Epoche 4 und 2 am kleinsten; das Training wird immer besser
    {"val_loss": [0.9, 0.6, 0.7, 0.5, 0.55, 0.8], "val_accuracy": [0.6, 0.7, 0.7, 0.75, 0.8, 0.7]},
    {"val_loss": [0.72, 0.31, 0.4, 0.44], "val_accuracy": [0.7, 0.86, 0.88, 0.87]},
)


@tipps(
    "In welcher Epoche war val_loss am kleinsten? Das ist selten die letzte.",
    "np.argmin findet die Stelle des kleinsten Werts und zählt ab 0.",
    "return int(np.argmin(history[…])) + …",
)
def aufgabe_5(find_best_epoch: funktion):
    for history in HISTORIES:
        losses = history["val_loss"]
        n = len(losses)
        training = {
            "loss": [1 / (2 + e) for e in range(n)],
            "accuracy": [0.5 + 0.05 * e for e in range(n)],
        }
        given = copy.deepcopy({**training, **history})  # eine Antwort kann die Listen sortieren
        epoch = zahl(find_best_epoch(given), "find_best_epoch(history)")
        best = int(np.argmin(losses)) + 1
        if not epoch.is_integer():
            return f"Heraus kommt {epoch:g}: Gesucht ist die Nummer der Epoche, nicht ihr Loss."
        if epoch == best - 1:
            return "Knapp daneben: Du zählst ab 0, Epochen ab 1."
        if not 1 <= epoch <= n:
            return f"Epoche {epoch:.0f} gab es nicht; es waren {n}."
        if epoch != best:
            return (
                f"Bei val_loss = {losses} sagst du Epoche {epoch:.0f}: Dort ist er {losses[int(epoch) - 1]}, "
                f"aber irgendwo war er {min(losses)}."
                + (" Suchst du im Training statt in val_loss?" if epoch == n else "")
            )


@tipps(
    "Sinkt val_loss am Ende noch? Gehen Training und Validierung auseinander?",
    "Mehr Filter, noch eine Convolution, Dropout vor Dense, andere Lernrate, mehr Geduld.",
    "… Conv2D(16), Pooling, Conv2D(32), Pooling, Flatten, Dropout(0.…), Dense …",
)
def aufgabe_6(
    goal: text,
    *,
    run,
    MEDALS,
    MEDALS_ORIGINAL,
    start,
    make_optimizer,
    build_model,
    early_stopping,
    train,
):
    thresholds = projekt.schwellen(MEDALS, MEDALS_ORIGINAL)  # thresholds kann eine Antwort ändern
    if goal.lower() not in thresholds:
        return f"goal soll eines von {list(thresholds)} sein."
    _, history, accuracy = run()
    if accuracy < thresholds[goal.lower()]:
        return f"{accuracy:.3f} auf der Validierung reicht nicht für {goal}. {rat(history)}"
    if "klassifikation" in start.uebung and accuracy <= start.val_accuracy:
        return (
            f"{accuracy:.3f} auf der Validierung reicht für {goal}, aber dein Modell aus Kapitel 1 "
            f"kam auf {start.val_accuracy:.3f}. {rat(history)}"
        )


def rat(history):
    best = int(np.argmin(history["val_loss"]))
    if best == len(history["loss"]) - 1:
        return "Der Loss der Validierung sinkt am Ende noch: mehr Epochen oder größere Lernrate."
    if history["accuracy"][best] - history["val_accuracy"][best] > 0.03:
        return "Im Training ist es deutlich besser, es lernt auswendig: Dropout hilft."
    return "Auswendig lernt es nicht: mehr Filter oder noch eine Convolution."
