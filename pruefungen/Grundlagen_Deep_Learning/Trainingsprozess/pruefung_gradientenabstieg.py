"""Die Prüfung zu uebung_gradientenabstieg.py: je Aufgabe die Diagnosen und drei Tipps."""

import inspect

from kurs.uebungen import Diagnose, funktion, liste, tipps, verfehlt, woerterbuch, zahl

import keras
import numpy as np


def kurve(antwort, name):
    """Eine Loss-Kurve als Feld; nan darf darin stehen, denn ein Training kann divergieren."""
    if isinstance(antwort, (int, float)) or np.ndim(antwort) == 0 and hasattr(antwort, "dtype"):
        raise Diagnose(
            f"{name} ist nur eine Zahl. Gesucht ist die ganze Kurve, wie train(…) sie gibt."
        )
    werte = liste()(antwort, name)
    try:
        return np.array([float(wert) for wert in werte])
    except (TypeError, ValueError):
        raise verfehlt(antwort, "eine Kurve, also eine Liste von Zahlen,", name) from None


def divergiert(losses):
    return not np.isfinite(losses).all() or max(losses) > 5


def losses_of(train, rate):
    return np.array(train(rate))


def keine_epoche(wert, letzte):
    """Der Satz zu einer Zahl, die keine Epochennummer sein kann, oder None."""
    if not wert.is_integer():
        return f"{wert:.3g} ist keine Epochennummer: Das sieht nach einem Loss aus."
    if not 1 <= wert <= letzte:
        return f"{wert:g} ist keine Epochennummer: Gesucht ist eine ganze Zahl von 1 bis {letzte}."
    return None


# --- Teil 1: die Lernrate -------------------------------------------------------------------------


@tipps(
    "Was passiert mit einem Schritt w − Lernrate · Gradient, wenn die Lernrate winzig ist?",
    "Vergleiche mit der geschenkten Kurve für 0.01 und geh um Zehnerpotenzen nach unten.",
    "slow = 0.0…1   # wie viele Nullen?",
)
def aufgabe_1(slow: zahl, *, train):
    if slow <= 0:
        return (
            f"Mit Lernrate {slow:g} sinkt der Loss gar nicht: 0 lässt die Gewichte, wie sie sind, "
            "und eine negative Rate geht bergauf."
        )
    losses = losses_of(train, slow)
    if divergiert(losses):
        return f"Mit {slow:g} kriecht nichts: Das Training läuft auseinander. Geh nach unten."
    if losses[-1] <= 0.6:
        return (
            f"Das ist schon zu schnell: Der Loss endet bei {losses[-1]:.2f}. "
            "Kriechen heißt hier, dass er über 0.6 bleibt."
        )
    if losses[0] - losses[-1] < 0.001:
        return f"Mit {slow:g} bewegt sich nichts: Der Loss bleibt bei {losses[0]:.3f}."


@tipps(
    "Welche Lernrate liegt zwischen „kriecht“ und „divergiert“?",
    "0.01 ist noch zu langsam, wie die geschenkte Kurve zeigt. Nimm das Zehnfache.",
    "good = 0.…",
)
def aufgabe_2(good: zahl, *, train):
    if good <= 0:
        return f"Eine Lernrate ist größer als 0; mit {good:g} sinkt der Loss nicht."
    losses = losses_of(train, good)
    if divergiert(losses):
        return "Dieses Training divergiert: Der Loss schießt nach oben. Die Lernrate ist zu groß."
    if losses[-1] >= 0.15:
        richtung = "klein für so wenige Epochen" if good < 0.5 else "groß: Der Loss zappelt"
        return (
            f"Der Loss endet bei {losses[-1]:.2f}, also noch über 0.15: "
            f"Die Lernrate ist zu {richtung}."
        )


@tipps(
    "Was geschieht, wenn ein Schritt weit über das Tal hinausschießt?",
    "Dieses kleine Netz verträgt viel: 1 reicht nicht. Geh um Zehnerpotenzen nach oben.",
    "diverging = 1…   # hänge Nullen an",
)
def aufgabe_3(diverging: zahl, *, train):
    if diverging <= 0:
        return (
            f"Mit {diverging:g} ginge es nicht zu weit, sondern gar nicht oder bergauf: "
            "Gesucht ist eine positive Lernrate, die zu groß ist."
        )
    losses = losses_of(train, diverging)
    if not divergiert(losses):
        return (
            f"Das Training läuft nicht auseinander: Der Loss endet bei {losses[-1]:.2f} und war "
            f"nie höher als {max(losses):.2f}. Geh weiter nach oben."
        )


@tipps(
    "loss_good ist eine Liste mit einem Loss je Epoche. Wo unterschreitet sie zum ersten Mal 0.3?",
    "enumerate(liste, start=1) zählt ab 1 mit; np.argmax findet das erste True eines Vergleichs.",
    "below = [epoch for epoch, loss in enumerate(loss_good, start=1) if …]; first_epoch = below[…]",
)
def aufgabe_4(first_epoch: zahl, *, good, train):
    loss_good = losses_of(train, good)  # die Liste kann eine Antwort sortiert haben
    below = loss_good < 0.3
    first = int(np.argmax(below)) + 1
    if first_epoch == first:
        return None
    if first_epoch == first - 1:
        return "Knapp daneben: Du zählst ab 0. Epochen zählt man ab 1."
    if satz := keine_epoche(first_epoch, len(loss_good)):
        return satz
    if first_epoch == below.sum():
        return (
            f"{first_epoch:g} ist, wie viele Epochen unter 0.3 liegen. Gesucht ist die erste davon."
        )
    return (
        f"In Epoche {first_epoch:g} ist der Loss {loss_good[int(first_epoch) - 1]:.3f}; "
        "gesucht ist die erste Epoche, in der er unter 0.3 liegt."
    )


@tipps(
    "Welches Argument von train(…) bestimmt die Daten?",
    "train hat das Argument x; ohne Angabe ist es x_scaled. Die Lernrate ist die aus Aufgabe 2.",
    "loss_unscaled = train(good, x=…)",
)
def aufgabe_5(loss_unscaled: kurve, *, good, train, x_raw):
    scaled, unscaled = losses_of(train, good), np.array(train(good, x=x_raw))
    if len(loss_unscaled) != len(unscaled):
        return (
            f"loss_unscaled hat {len(loss_unscaled)} Werte statt {len(unscaled)}. Gesucht ist die "
            "Kurve, die train(…) zurückgibt: ein Loss je Epoche."
        )
    if np.allclose(loss_unscaled, scaled, equal_nan=True):
        return "Das ist dieselbe Kurve wie in Aufgabe 2: Hast du x=x_raw vergessen?"
    if not np.allclose(loss_unscaled, unscaled, rtol=1e-3, equal_nan=True):
        return (
            "Diese Kurve gehört nicht zur Lernrate aus Aufgabe 2 auf x_raw: "
            "Lernrate, Daten oder Netz sind anders als dort."
        )


# --- Teil 2: die Zahl der Epochen -----------------------------------------------------------------


def satz_zu_den_daten(angaben, x_train, y_train, x_val, y_val):
    """Was an den Angaben zu model.fit nicht zu Training und Validierung passt, oder None."""
    if angaben.get("validation_split"):
        return (
            "validation_split nimmt Blüten aus x_train zum Messen weg. Gemessen werden soll auf "
            "den Blüten, die es dafür schon gibt: x_val, y_val."
        )
    if any(isinstance(c, keras.callbacks.EarlyStopping) for c in angaben.get("callbacks") or []):
        return "EarlyStopping hält vorzeitig an; hier soll man sehen, was danach kommt."
    messen = angaben.get("validation_data")
    if isinstance(messen, np.ndarray) or isinstance(messen, (tuple, list)) and len(messen) == 1:
        return "validation_data braucht ein Paar: die Blüten und ihre Arten, (x_val, y_val)."
    if isinstance(messen, (tuple, list)) and len(messen) == 2:
        if len(messen[0]) != len(messen[1]):
            return "In validation_data gehören x und y nicht zusammen: Zu x_val gehört y_val."
    x, y = angaben.get("x"), angaben.get("y")
    if x is None or y is None or hasattr(x, "element_spec"):
        return None  # etwa ein tf.data.Dataset: Dann zählt nur, was herauskommt
    x, y = np.asarray(x, "float64"), np.asarray(y)
    if len(x) != len(y):
        return "x und y gehören nicht zusammen: Zu x_train gehört y_train."
    if x.shape == x_train.shape and np.allclose(np.sort(x, axis=0), np.sort(x_train, axis=0)):
        return None
    val = {tuple(row) for row in np.round(x_val, 5)} - {tuple(r) for r in np.round(x_train, 5)}
    shared = sum(tuple(row) in val for row in np.round(x, 5)) if x.ndim == 2 else 0
    if shared > len(x_val) / 2:
        return (
            f"Trainiert wird hier auch auf {shared} Blüten der Validierung. Was das Netz beim "
            "Lernen gesehen hat, kann danach nicht zeigen, ob es auswendig lernt."
        )
    return f"Trainiert wird auf {len(x)} anderen Blüten als den {len(x_train)} von x_train."


def unter_aufsicht(model, *daten):
    """Das Modell; sein fit sieht jedes Mal erst nach, ob die Angaben zu den Daten passen."""
    original = model.fit

    def fit(*args, **named):
        angaben = inspect.signature(original).bind(*args, **named).arguments
        if satz := satz_zu_den_daten(angaben, *daten):
            raise Diagnose(satz)
        return original(*args, **named)

    model.fit = fit
    return model


@tipps(
    "Woher soll model.fit die Blüten nehmen, an denen es nach jeder Epoche nur misst?",
    "demo_keras_training.py, Schritt 6; statt validation_split hier validation_data=(…, …).",
    "def fit(model, epochs):\n"
    "    return model.fit(x_train, y_train, epochs=…, validation_data=(…, …), verbose=0).history",
)
def aufgabe_6(fit: funktion, *, build, RATE, x_train, y_train, x_val, y_val):
    n = 3
    model = unter_aufsicht(build(RATE), x_train, y_train, x_val, y_val)
    optimizer = model.optimizer
    curves = fit(model, n)
    if model.optimizer is not optimizer:
        return "model ist schon kompiliert. Mit deinem compile gilt die Lernrate RATE nicht mehr."
    if isinstance(curves, keras.callbacks.History):
        return "fit gibt das History-Objekt zurück. Die Kurven stehen darin unter .history."
    if isinstance(curves, keras.Model):
        return "fit gibt das Modell zurück. Gesucht sind die Kurven: model.fit(…).history."
    curves = woerterbuch(curves, f"fit(model, {n})")
    if not model.built:
        return "model wurde nicht trainiert: Rufe model.fit(…) für das Modell auf, das hereinkommt."
    if "val_loss" not in curves:
        return (
            f"In den Kurven steht nur {', '.join(curves)}: Es wird nicht auf x_val, y_val gemessen."
            " Welches Argument von model.fit nennt die Daten dafür?"
        )
    val_loss = liste(zahl)(curves["val_loss"], "val_loss")
    if len(val_loss) != n:
        return (
            f"fit(model, {n}) trainiert {len(val_loss)} statt {n} Epochen: Es fehlt epochs=epochs "
            "(ohne Namen wäre die dritte Angabe batch_size)."
        )
    measured = {
        "val": model.evaluate(x_val, y_val, verbose=0),
        "train": model.evaluate(x_train, y_train, verbose=0),
    }
    if np.isclose(val_loss[-1], measured["val"], rtol=1e-3):
        return None
    if np.isclose(val_loss[-1], measured["train"], rtol=1e-3):
        return (
            "Gemessen wird auf den Blüten, auf denen auch trainiert wird: Da sieht Auswendiglernen "
            "immer gut aus. Nimm x_val, y_val."
        )
    return (
        f"val_loss ist am Ende {val_loss[-1]:.3f}, auf x_val, y_val gemessen aber "
        f"{measured['val']:.3f}: Gehört in validation_data beides, und sonst nichts?"
    )


@tipps(
    "Welche der beiden Kurven in curves hat ein Minimum, und an welcher Stelle der Liste steht es?",
    'curves["val_loss"] ist eine Liste; np.argmin gibt die Stelle, gezählt ab 0.',
    'best_epoch = curves["val_loss"].index(min(…)) + …',
)
def aufgabe_7(best_epoch: zahl, *, fit, curves):
    loss, val_loss = np.array(curves["loss"]), np.array(curves["val_loss"])
    best = int(np.argmin(val_loss)) + 1
    if best_epoch == best:
        return None
    if best_epoch == best - 1:
        return "Knapp daneben: Du zählst ab 0. Epochen zählt man ab 1."
    if satz := keine_epoche(best_epoch, len(val_loss)):
        return satz
    if best_epoch == np.argmax(val_loss) + 1:
        return f"In Epoche {best_epoch:g} ist er am größten: Gesucht ist der kleinste, argmin oder min."
    if best_epoch == np.argmin(loss) + 1:
        return (
            f"In Epoche {best_epoch:g} ist der Loss im Training am kleinsten. Die Validierung liegt "
            f"dort bei {val_loss[int(best_epoch) - 1]:.2f}, ihr Minimum ist {val_loss.min():.2f}."
        )
    return (
        f"Nach Epoche {best_epoch:g} ist der Loss auf der Validierung "
        f"{val_loss[int(best_epoch) - 1]:.3f}; es gibt eine, nach der er kleiner ist."
    )
