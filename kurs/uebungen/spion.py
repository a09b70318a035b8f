"""Beantwortet: Womit ruft eine Antwort `model.fit`, und sind die Daten darin die richtigen?

`beobachte(train, x)` ruft sie mit einem kleinen Modell, dessen `fit` nichts lernt, sondern aufschreibt, was es bekommt.
`tadel(…)` vergleicht die Bilder Zeile für Zeile mit denen, die es bekommen sollte oder nicht bekommen darf.
"""

import contextlib
import inspect
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from unittest import mock

from kurs.uebungen.arten import Diagnose, ganzzahl, zahl

GENUG = 30_000  # Zeilen, die höchstens aus einem Dataset gelesen werden: Es kann endlos sein


@dataclass
class Training:
    """Ein Aufruf von fit: Daten als Felder (x_val und y_val None ohne Validierung), Epochen, Callbacks."""

    x: object
    y: object
    x_val: object
    y_val: object
    epochs: int
    callbacks: list


def beobachte(train: Callable, x) -> Training:
    """Was `train(model)` an `model.fit` übergibt; `x` sagt, welche Form die Eingaben haben. Fehler: Diagnose.

    Mehrere Aufrufe (etwa einer je Epoche) zählen zusammen.
    """
    import keras
    import numpy as np

    model = keras.Sequential(
        [keras.Input(np.shape(x)[1:]), keras.layers.Flatten(), keras.layers.Dense(10, "softmax")]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    aufrufe = []

    def fit(*angaben, **namen):
        aufrufe.append(_lies(_gebunden(keras.Model.fit, model, *angaben, **namen).arguments))
        model.history = _verlauf(aufrufe[-1])
        return model.history

    model.fit = fit
    train(model)
    if not aufrufe:
        raise Diagnose(
            "Dein Code ruft model.fit nicht auf, jedenfalls nicht für das model, das er bekommt."
        )
    erster, *weitere = aufrufe
    for training in weitere:
        erster.epochs += training.epochs
        if not np.array_equal(training.x, erster.x):
            erster.x = np.concatenate([erster.x, training.x])
            erster.y = np.concatenate([erster.y, training.y])
    return erster


@contextlib.contextmanager
def mitgelesen(epochen: int) -> Iterator[list[Training]]:
    """Im Block lernt jedes Modell wirklich, aber höchstens `epochen` Epochen; der Wert ist die Liste der Aufrufe von fit.

    Für Antworten, die ihr Modell selbst bauen. Was sie drucken, wird verschluckt.
    """
    import keras

    aufrufe = []
    lerne = keras.Model.fit

    def fit(*angaben, **namen):
        gebunden = _gebunden(lerne, *angaben, **namen)
        aufrufe.append(_lies(gebunden.arguments))
        gebunden.arguments["epochs"] = min(epochen, gebunden.arguments["epochs"])
        return lerne(*gebunden.args, **gebunden.kwargs)

    with mock.patch.object(keras.Model, "fit", fit), contextlib.redirect_stdout(io.StringIO()):
        yield aufrufe


def _gebunden(fit: Callable, *angaben, **namen) -> inspect.BoundArguments:
    """Die Argumente eines Aufrufs von fit unter ihren Namen, auch die nicht genannten."""
    gebunden = inspect.signature(fit).bind(*angaben, **namen)
    gebunden.apply_defaults()
    return gebunden


def _lies(angaben: dict) -> Training:
    x, y = _felder(angaben["x"], angaben["y"], "Trainieren")
    x_val = y_val = None
    if angaben["validation_data"] is not None:
        daten = angaben["validation_data"]
        paar = tuple(daten[:2]) if isinstance(daten, (tuple, list)) else (daten, None)
        x_val, y_val = _felder(*(*paar, None)[:2], "Validieren")
    elif anteil := zahl(angaben["validation_split"] or 0, "validation_split"):
        if not 0 < anteil < 1:
            raise Diagnose(
                f"validation_split={anteil:g}: Gemeint ist ein Anteil, 0.1 heißt ein Zehntel."
            )
        grenze = int(len(x) * (1 - anteil))
        x, x_val, y, y_val = x[:grenze], x[grenze:], y[:grenze], y[grenze:]
    callbacks = angaben["callbacks"] or []
    callbacks = list(callbacks) if isinstance(callbacks, (list, tuple)) else [callbacks]
    if klassen := [c.__name__ for c in callbacks if isinstance(c, type)]:
        raise Diagnose(
            f"In callbacks steht die Klasse {klassen[0]} selbst: Es fehlen die Klammern."
        )
    if texte := [c for c in callbacks if isinstance(c, str)]:
        raise Diagnose(f"In callbacks steht der Text {texte[0]!r} statt des Callbacks selbst.")
    epochs = ganzzahl(angaben["epochs"], "epochs") - angaben["initial_epoch"]
    return Training(x, y, x_val, y_val, epochs, callbacks)


def _felder(x, y, wozu: str):
    """x und y als NumPy-Felder, auch aus einem Dataset, das beides liefert."""
    import numpy as np

    if x is not None and not hasattr(x, "shape") and not isinstance(x, (list, tuple)):
        stuecke, n = [], 0
        for stueck in x:
            stuecke.append(stueck)
            n += len(stueck[0])
            if n > GENUG:
                break
        x, y = (np.concatenate([np.asarray(s[i]) for s in stuecke]) for i in (0, 1))
    if x is None or y is None:
        raise Diagnose(f"Zum {wozu} braucht model.fit Bilder und Labels; hier fehlt eines davon.")
    x, y = np.asarray(x), np.asarray(y)
    if x.ndim == 1 < y.ndim:
        raise Diagnose(f"Zum {wozu} stehen Bilder und Labels vertauscht: Erst x, dann y.")
    if len(x) != len(y):
        raise Diagnose(f"Zum {wozu} gibt es {len(x)} Bilder, aber {len(y)} Labels.")
    return x, y


def _verlauf(training: Training):
    import keras

    namen = ["loss", "accuracy"]
    namen += [f"val_{name}" for name in namen] if training.x_val is not None else []
    verlauf = keras.callbacks.History()
    verlauf.epoch = list(range(training.epochs))
    verlauf.history = {name: [1 / (2 + e) for e in verlauf.epoch] for name in namen}
    return verlauf


# --- Woher die Bilder sind ------------------------------------------------------------------------


def _zeilen(x) -> list[bytes]:
    """Je Bild ein Kennzeichen: seine Werte auf drei Stellen, gleich für float32 und float64."""
    import numpy as np

    werte = np.asarray(x, "float32").reshape(len(x), -1)
    return [zeile.tobytes() for zeile in np.round(werte, 3) + 0.0]


def anteil(x, *bekannte) -> float:
    """Wie viele der Bilder `x` auch in einem der Felder `bekannte` stehen, von 0 bis 1."""
    menge = {zeile for feld in bekannte for zeile in _zeilen(feld)}
    zeilen = _zeilen(x)
    return sum(zeile in menge for zeile in zeilen) / len(zeilen) if zeilen else 0.0


def falsche_labels(x, y, x_train, y_train) -> float:
    """Anteil der Bilder, deren Label nicht das aus y_train ist, unter denen, die in x_train stehen."""
    import numpy as np

    label = dict(zip(_zeilen(x_train), np.asarray(y_train).tolist()))
    if np.ndim(y) == 2 and np.shape(y)[1] == 1:
        y = np.ravel(y)
    paare = [(label[z], w) for z, w in zip(_zeilen(x), y.tolist()) if z in label]
    return sum(soll != ist for soll, ist in paare) / len(paare) if paare else 0.0


def tadel(training: Training, x_train, y_train, test=(), validierung=(), roh=()) -> str | None:
    """Was an den Daten eines Trainings nicht stimmt, in einem Satz, oder nichts.

    `test` und `validierung`: Felder mit Bildern, die beim Trainieren nicht dabei sein dürfen (die Testbilder auch
    beim Validieren nicht); `roh`: dieselben Bilder wie x_train, unskaliert.
    """
    import numpy as np

    x, x_val = training.x, training.x_val
    if anteil(x, *test) > 0.05:
        return "Trainiert wird mit Testbildern: Danach weiß niemand mehr, wie gut das Modell ist."
    if validierung and anteil(x, *validierung) > 0.05:
        return (
            "Trainiert wird auch mit den Bildern der Validierung. Was das Modell schon kennt, "
            "misst nur noch sein Gedächtnis."
        )
    if anteil(x, *roh) > 0.5:
        return (
            f"Trainiert wird mit den unskalierten Bildern (Werte bis {x.max():.0f}); "
            "gemessen wird danach auf skalierten."
        )
    if abs(float(x.max()) - float(x_train.max())) > 0.2 * float(x_train.max() - x_train.min()):
        return (
            f"Trainiert wird mit Werten bis {x.max():.3g}, in x_train gehen sie bis {x_train.max():.3g}: "
            "Das sind andere Bilder, als dein Modell später sieht."
        )
    if np.ndim(y_train) == 1 and np.ndim(training.y) == 2 and np.shape(training.y)[1] > 1:
        return (
            "Die Labels sind hier one-hot, kompiliert ist das Modell aber für Zahlen (ein Loss mit "
            "„sparse“): Nimm y_train, wie es ist."
        )
    if falsche_labels(x, training.y, x_train, y_train) > 0.05:
        return (
            "Die Labels gehören nicht zu den Bildern: Zu x_train gehört y_train, Zeile für Zeile."
        )
    if len(x) < 0.05 * len(x_train) or len(set(_zeilen(x))) < 0.05 * len(x_train):
        return f"Trainiert wird nur mit {len(x)} von {len(x_train)} Bildern."
    if x_val is None:
        return (
            "Ohne Validierung sieht niemand, ob das Modell auswendig lernt: Es fehlt "
            "validation_split oder validation_data."
        )
    if anteil(x_val, *test) > 0.05:
        return "Validiert wird auf Testbildern. Wer danach auswählt, hat keine mehr, die er nie gesehen hat."
    if anteil(x_val, x) > 0.1:
        return (
            "Validiert wird mit Bildern, mit denen auch trainiert wird: Auswendiglernen sieht dort aus "
            "wie Können."
        )
    if len(x) < 0.5 * len(x_train) and len(x_val) > len(x):
        return (
            f"Zum Lernen bleiben nur {len(x)} Bilder, {len(x_val)} dienen der Validierung: "
            "Der Anteil ist der für die Validierung."
        )
    if len(x_val) < 0.02 * len(x):
        return f"Mit {len(x_val)} Bildern sagt die Validierung fast nichts."
    if roh and anteil(x_val, *roh) > 0.5:
        return "Validiert wird mit unskalierten Bildern; trainiert wird mit skalierten."
    if falsche_labels(x_val, training.y_val, x_train, y_train) > 0.05:
        return "Bei der Validierung gehören die Labels nicht zu den Bildern."
    return None
