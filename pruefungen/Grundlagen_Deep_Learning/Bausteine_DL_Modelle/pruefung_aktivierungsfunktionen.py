"""Die Prüfung zu uebung_aktivierungsfunktionen.py: je Aufgabe die Diagnosen und drei Tipps."""

import difflib
import re

from kurs.uebungen import Diagnose, in_worten, liste, text, tipps, verfehlt, woerterbuch, zahl

import keras
import numpy as np

KNOWN = ("sigmoid", "tanh", "relu")  # die drei, die schon dabei sind


def names_in_keras():
    return [n for n in dir(keras.activations) if not n.startswith("_") and n.islower()]


def activation_name(antwort, name):
    """Der Name einer Aktivierung von Keras; statt des Namens gilt auch keras.activations.elu."""
    known = [n for n in names_in_keras() if n not in ("get", "serialize", "deserialize")]
    if callable(antwort) and getattr(antwort, "__name__", "") in known:
        return antwort.__name__
    if isinstance(antwort, keras.layers.Layer) or isinstance(antwort, type):
        raise Diagnose(
            f"{name} ist {in_worten(antwort)}, eine Schicht. Gesucht ist der Name der Aktivierung, "
            'etwa "relu".'
        )
    if callable(antwort):
        raise Diagnose(f"{name} ist eine eigene Funktion. Nenne zwei, die Keras schon kennt.")
    given = text(antwort, name)
    if given not in known:
        near = difflib.get_close_matches(given.lower(), known, n=1)
        raise Diagnose(
            f"{given!r} kennt Keras nicht. "
            + (f"Meinst du {near[0]!r}?" if near else "Die Namen sind klein, mit Unterstrich.")
        )
    return given


def values(name, z):
    """Ausgaben der Aktivierung; None, wenn sie nicht jede Zahl für sich behandelt."""
    function = keras.activations.get(name)
    try:
        once = keras.ops.convert_to_numpy(function(keras.ops.convert_to_tensor(z[None])))[0]
        twice = keras.ops.convert_to_numpy(function(keras.ops.convert_to_tensor([[*z, 5.0]])))[0]
    except Exception:  # noqa: BLE001 (woran es scheitert, hängt von der Aktivierung ab)
        return None
    if once.shape != z.shape or not np.allclose(once, twice[: len(z)], atol=1e-4):
        return None
    return once


@tipps(
    "ReLU hat viele Verwandte. Welche sind links von der Null nicht einfach null?",
    "Die Folie nennt Leaky ReLU und ELU; Keras kennt auch gelu, silu, selu und softplus.",
    'own_activations = ("elu", "…")',
)
def aufgabe_1(own_activations: liste(activation_name)):
    if len(own_activations) != 2:
        return f"Gesucht sind genau zwei Namen, das sind {len(own_activations)}."
    z = np.linspace(-8, 8, 33, dtype="float32")
    seen = {name: values(name, z) for name in KNOWN}
    for name in own_activations:
        if name in seen:
            return f"{name!r} ist schon dabei. Gesucht sind zwei weitere, beide verschieden."
        own = values(name, z)
        if own is None:
            return (
                f"{name!r} rechnet nicht mit jeder Zahl für sich, sondern mit allen zusammen: "
                "etwas für die letzte Schicht, nicht für verdeckte."
            )
        for other, known in seen.items():
            if np.allclose(own, known, atol=1e-4):
                return f"{name!r} und {other!r} sind dieselbe Funktion. Gesucht sind verschiedene."
        if np.allclose(np.diff(own), np.diff(own)[0], atol=1e-4):
            return f"{name!r} ist eine Gerade: Damit können drei Schichten nicht mehr als eine."
        if np.ptp(values(name, np.array([10.0, 20.0], "float32"))) <= 1:
            return f"{name!r} wird für große Eingaben flach. Vergleiche f(10) und f(20)."
        seen[name] = own


@tipps(
    "Wo ist die Kurve am steilsten, und wie viel steigt sie dort je Einheit von z?",
    "Ableitung: s · (1 − s) mit s = Sigmoid(z). Oder gemessen: np.gradient(werte, z).",
    "max_slope = np.gradient(sigmoid_values, …).max()",
)
def aufgabe_2(max_slope: zahl):
    if abs(max_slope - 0.25) < 0.005:
        return None
    if abs(max_slope - 0.5) < 0.01:
        return "0.5 ist der Wert des Sigmoids bei 0, nicht seine Steigung dort."
    if abs(max_slope - 1) < 0.01:
        return "1 ist die größte Ausgabe des Sigmoids, nicht seine größte Steigung."
    if abs(max_slope - 0.0025) < 0.0001:
        return (
            "So viel steigt die Kurve von einem z zum nächsten. Steigung heißt: je Einheit von z, "
            "also geteilt durch den Abstand der beiden."
        )
    if abs(max_slope) < 1e-6:
        return "Bei z = 0 ist die Kurve am steilsten. Gefragt ist aber, wie steil sie dort ist."
    if max_slope > 1:
        return (
            f"So steil wie {max_slope:.3g} wird der Sigmoid nirgends. Ist es die Stelle im Feld (argmax), "
            "oder sind die Werte und z vertauscht?"
        )
    return f"{max_slope:.3g} ist es nicht. Wie viel steigt die Kurve von z = -0.5 bis 0.5?"


@tipps(
    "Nach einer Aktivierung bleibt höchstens max_slope. Und nach zwei?",
    "Mehrmals dieselbe Zahl malnehmen heißt potenzieren, in Python: **",
    "signal_left = 0.… ** …",
)
def aufgabe_3(signal_left: zahl, *, DEPTH):
    left = 0.25**DEPTH
    if abs(signal_left / left - 1) < 0.1:
        return None
    if abs(signal_left / left - 100) < 10:
        return "Das ist in Prozent. Gesucht ist der Anteil, also eine Zahl unter 1."
    if abs(signal_left - 0.25 * DEPTH) < 1e-6:
        return (
            "Du hast die Schichten zusammengezählt. Jede viertelt aber, was die vorige übrig ließ."
        )
    if abs(signal_left - 0.25 / DEPTH) < 1e-6:
        return "Du hast durch die Zahl der Schichten geteilt. Jede viertelt aber, was die vorige übrig ließ."
    if abs(signal_left - 0.25) < 0.01:
        return "So viel bleibt nach einer Schicht. Wie viel bleibt nach allen?"
    if abs(signal_left - (1 - left)) < 0.01:
        return "So viel geht verloren. Gesucht ist, was übrig bleibt."
    if abs(signal_left - DEPTH**0.25) < 0.01 or abs(signal_left - 0.5**DEPTH) < 0.005:
        return (
            f"{signal_left:.4g}: Potenzieren stimmt, aber was ist die Grundzahl, was der Exponent?"
        )
    for n in range(1, DEPTH + 3):
        if np.isclose(signal_left, 0.25**n, rtol=0.01):
            return f"So viel bleibt nach {n} Aktivierungen; gefragt sind DEPTH = {DEPTH}."
    return f"{signal_left:.4g} ist es nicht: Jede Schicht lässt höchstens ein Viertel durch."


@tipps(
    "Was ergibt der Vergleich hidden['relu'] > 0, und was ist der Mittelwert davon?",
    "np.mean(tabelle) mittelt über alles und zählt True als 1, False als 0.",
    "a = hidden['sigmoid']; slope_sigmoid = np.mean(a * …); slope_relu = np.mean(… > 0)",
)
def aufgabe_4(slope_sigmoid, slope_relu, *, hidden):
    for name, slope in (("slope_sigmoid", slope_sigmoid), ("slope_relu", slope_relu)):
        if np.ndim(slope) > 0 and np.size(slope) > 2:
            return (
                f"{name} ist {in_worten(slope)}. Gesucht ist eine Zahl, keine Tabelle: "
                "Mittle über alle Bilder und Neuronen."
            )
    sigmoid, relu = zahl(slope_sigmoid, "slope_sigmoid"), zahl(slope_relu, "slope_relu")
    a, active = hidden["sigmoid"].astype("float64"), hidden["relu"] > 0
    true_sigmoid, true_relu = np.mean(a * (1 - a)), np.mean(active)
    if np.isclose(relu, true_sigmoid, atol=1e-3) and np.isclose(sigmoid, true_relu, atol=1e-3):
        return "Vertauscht: Das eine ist die Steigung des anderen."
    if not np.isclose(relu, true_relu, atol=1e-3):
        return satz_zu_relu(relu, hidden["relu"])
    if not np.isclose(sigmoid, true_sigmoid, atol=1e-3):
        return satz_zu_sigmoid(sigmoid, a)


def satz_zu_relu(slope, outputs):
    if np.isclose(slope, outputs.mean(), atol=1e-3):
        return "slope_relu ist die mittlere Ausgabe. Gesucht ist die Steigung, also 1 oder 0."
    if np.isclose(slope, 1, atol=1e-3):
        return (
            "slope_relu ist 1, also überall steil. Gemessen wird, wie oft die Ausgabe "
            "wirklich über 0 liegt; bei genau 0 ist es flach."
        )
    if np.isclose(slope, np.sum(outputs > 0), rtol=1e-3):
        return "slope_relu ist die Anzahl, nicht der Anteil: Teile durch die Zahl aller Ausgaben."
    return f"slope_relu ist {slope:.3f}. Zähle in hidden['relu'], welcher Anteil über 0 liegt."


def satz_zu_sigmoid(slope, a):
    again = 1 / (1 + np.exp(-a))
    if np.isclose(slope, a.mean(), atol=1e-3):
        return (
            "slope_sigmoid ist die mittlere Ausgabe a. Gesucht ist der Mittelwert von a · (1 − a)."
        )
    if np.isclose(slope, np.mean(again * (1 - again)), atol=1e-3):
        return "In hidden steht schon die Ausgabe a; du wendest den Sigmoid noch einmal darauf an."
    if np.isclose(slope, 0.25, atol=1e-3):
        return (
            "So steil, 0.25, ist der Sigmoid nur an seiner steilsten Stelle. Gesucht ist die mittlere, "
            "gemessen in hidden: für jede Ausgabe a · (1 − a), dann erst der Mittelwert."
        )
    means = [a.mean(axis) for axis in (None, 0, 1)]
    if any(np.isclose(slope, np.mean(m * (1 - m)), atol=1e-6) for m in means):
        return (
            f"{slope:.3f} kommt heraus, wenn du erst die Ausgaben mittelst. Rechne für jede Ausgabe "
            "a · (1 − a), dann erst den Mittelwert."
        )
    return f"slope_sigmoid ist {slope:.3f}. Für jede Ausgabe a · (1 − a), dann erst den Mittelwert."


NO_RESCUE = {
    "units": "Wie viele Neuronen eine Schicht hat, ändert nichts am Viertel je Schicht.",
    "depth": "Wie oft wird das Signal bei dieser Tiefe geviertelt?",
    "learning_rate": "Passt dieser Schritt zu einem winzigen Signal?",
}
NOT_THAT = {
    "activation": "Die Aktivierung bleibt der Sigmoid: Er soll gerettet werden, nicht ersetzt.",
    "epochs": "Länger trainieren gilt nicht: Gesucht ist, was das Signal größer macht.",
    "seed": "Ein anderer Zufall rettet den Sigmoid nicht.",
}
MOST = {"depth": 20, "units": 4_000, "learning_rate": 1_000}  # darüber rechnet es Minuten


def one_change(antwort, name):
    """Genau eine erlaubte Änderung als dict mit einer Zahl über 0."""
    if isinstance(antwort, (tuple, list)) and antwort and isinstance(antwort[0], keras.Model):
        raise Diagnose(f"{name} ist schon das Training. Gesucht ist nur die Änderung, als dict.")
    if isinstance(antwort, (int, float)) and not isinstance(antwort, bool):
        raise Diagnose(
            f"{name} ist {in_worten(antwort)}. Wovon? Gesucht ist ein dict mit dem Namen."
        )
    if not isinstance(antwort, dict):
        raise verfehlt(antwort, 'ein dict wie {"units": 128}', name)
    given = woerterbuch(antwort, name)
    for key in given:
        if key in NOT_THAT:
            raise Diagnose(NOT_THAT[key])
        if key not in NO_RESCUE:
            raise Diagnose(f"{key!r} gibt es hier nicht: depth, units oder learning_rate.")
    if len(given) != 1:
        raise Diagnose(f"Gesucht ist genau eine Änderung, das sind {len(given)}.")
    (key, value) = next(iter(given.items()))
    number = zahl(value, f"{name}[{key!r}]")
    if key != "learning_rate" and not number.is_integer():
        raise Diagnose(f"{key} ist eine Anzahl, also eine ganze Zahl; {number:g} geht nicht.")
    if key == "depth" and number == 0:
        raise Diagnose("Ohne verdeckte Schicht gibt es keinen Sigmoid mehr, den man retten könnte.")
    if not 0 < number <= MOST[key]:
        raise Diagnose(f"{key} soll über 0 und höchstens {MOST[key]} sein, nicht {number:g}.")
    return given


@tipps(
    "Aufgabe 3: Was macht das Signal so klein? Was davon kannst du ändern?",
    "Probiere alle drei einmal: Unter der Aufgabe steht, wie genau das Netz damit wird.",
    'rescue = {"…": 1}',
)
def aufgabe_5(rescue: one_change, *, train, histories, GOAL):
    accuracy = train("sigmoid", **rescue)[1]["val_accuracy"][-1]
    if accuracy < GOAL:
        before = histories["sigmoid"]["val_accuracy"][-1]
        return (
            f"Damit kommt das Netz auf {accuracy:.2f} (vorher {before:.2f}), gesucht sind {GOAL}. "
            + NO_RESCUE[next(iter(rescue))]
        )


def letter(antwort, name):
    found = re.fullmatch(r"\W*([A-D])\W*", text(antwort, name), re.IGNORECASE)
    if not found:
        raise Diagnose("Gesucht ist einer der Buchstaben A bis D.")
    return found[1].upper()


@tipps(
    "Welche der vier Aussagen kannst du mit einer Zahl aus diesem Lauf widerlegen?",
    "Aufgabe 4 prüft B. Vergleiche für D die Genauigkeit im Training mit der auf der Validierung.",
    'reason = "…"   # die, die auch erklärt, warum dein Ausweg in Aufgabe 5 hilft',
)
def aufgabe_6(reason: letter, *, models, histories, hidden):
    """Warum eine falsche Begründung nicht stimmt, mit den Zahlen dieses Laufs."""
    if reason == "A":
        n_weights = models["relu"].count_params()
        return f"Alle Netze haben gleich viele Gewichte, nämlich {n_weights}."
    if reason == "B":
        slope = np.mean(hidden["sigmoid"] * (1 - hidden["sigmoid"]))
        return (
            f"Dann wären sie flach. Ihre Steigung ist aber im Mittel {slope:.2f}: Vergleiche das "
            "mit der größten aus Aufgabe 2."
        )
    if reason == "D":
        curves = histories["sigmoid"]
        return (
            f"Im Training kommt er auf {curves['accuracy'][-1]:.2f}, auf der Validierung auf "
            f"{curves['val_accuracy'][-1]:.2f}; wer auswendig lernt, ist im Training viel besser."
        )
