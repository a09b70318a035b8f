"""Die Prüfung zu uebung_klassifikation_fashion_mnist.py: je Aufgabe die Diagnosen und drei Tipps."""

from pathlib import Path

from kurs import projekt
from kurs.uebungen import Diagnose, feld, funktion, ganzzahl, in_worten, modell, text, tipps
from kurs.uebungen.spion import beobachte, tadel

import keras
import numpy as np


def mittel_je_wert(x_raw, x):
    """Was im Mittel aus den häufigsten Pixelwerten (0–255) wurde: Verrät, ob zwei gleich skaliert sind."""
    values = np.asarray(x_raw).ravel()
    counts = np.bincount(values, minlength=256)
    sums = np.bincount(values, weights=np.asarray(x, "float64").ravel(), minlength=256)
    return np.where(counts > 50, sums / np.maximum(counts, 1), np.nan)


def gleich_skaliert(x_train, x_test, x_train_raw, x_test_raw):
    if layer := projekt.skalierung(x_train_raw, x_train):
        expected = keras.ops.convert_to_numpy(layer(x_test_raw / 255))
        return np.isclose(expected.ravel(), x_test.ravel(), atol=0.01).mean() > 0.99
    gap = mittel_je_wert(x_train_raw, x_train) - mittel_je_wert(x_test_raw, x_test)
    return np.nanmax(np.abs(gap)) < 0.1 * np.ptp(x_train)


def aus_beiden_gelernt(x_train, x_test):
    """Ob Mittelwerte (je Pixel oder im Ganzen) erst mit den Testbildern zusammen null sind."""
    both = np.concatenate([x_train, x_test])
    for axis in (0, None):
        if np.allclose(both.mean(axis), 0, atol=1e-4):
            return not np.allclose(x_train.mean(axis), 0, atol=1e-4)
    return False


@tipps(
    "Welches ist der größte Wert, den ein Pixel haben kann?",
    "Ein NumPy-Feld lässt sich als Ganzes teilen. So macht es auch demo_dropout.py.",
    "x_train = x_train_raw / …\nx_test = x_test_raw / …",
)
def aufgabe_1(x_train: feld(), x_test: feld(), *, x_train_raw, x_test_raw):
    for name, x, raw in (("x_train", x_train, x_train_raw), ("x_test", x_test, x_test_raw)):
        if x.shape == (1, *raw.shape):
            return f"{name} ist ein Tupel: Das Komma am Ende der Zeile macht aus dem Feld eines."
        if x.size != raw.size or len(x) != len(raw):
            return (
                f"{name} hat die Form {x.shape}, {name}_raw {raw.shape}: Es sollen so viele Bilder "
                "mit so vielen Pixeln bleiben."
            )
    if not np.isfinite(x_train).all():
        return (
            "In x_train steht inf: Steht das Feld unter dem Bruchstrich? Schwarze Pixel sind null."
        )
    if np.sqrt(np.mean(np.square(x_train, dtype="float64"))) > 8:
        return f"x_train ist nicht skaliert: Der größte Wert ist noch {x_train.max():.0f}."
    if np.sqrt(np.mean(np.square(x_test, dtype="float64"))) > 8:
        return (
            "x_test ist nicht skaliert: Das Modell sähe im Test ganz andere Zahlen als im Training."
        )
    if x_train.std() < 0.005:
        return "Fast alles ist jetzt null: Hast du zweimal geteilt?"
    if len(np.unique(x_train[:200])) <= 2:
        return "Übrig sind nur zwei Werte je Pixel. Steht da // statt /, oder ein Vergleich?"
    if abs(np.corrcoef(x_train_raw[:200].ravel(), x_train[:200].ravel())[0, 1]) < 0.2:
        return "x_train hat mit den Bildern nichts mehr zu tun: Rechne mit x_train_raw."
    if not gleich_skaliert(x_train, x_test, x_train_raw, x_test_raw):
        return (
            "Beide sind skaliert, aber verschieden: Rechne bei beiden mit denselben Zahlen "
            "(einem Scaler zeigt fit nur x_train_raw, transform dann beide)."
        )
    if aus_beiden_gelernt(x_train, x_test):
        return (
            "Mittelwert oder Streuung stammen auch aus den Testbildern. Gelernt wird nur aus "
            "x_train_raw, auch beim Skalieren."
        )


@tipps(
    "Welche Form hat ein Bild, und welche Form soll die Antwort haben?",
    "keras.Sequential mit Input, Flatten, Dense (relu) und Dense (softmax); demo_dropout.py.",
    "return keras.Sequential([keras.Input(shape=(28, 28)), keras.layers.Flatten(), …])",
)
def aufgabe_2(build_model: funktion, *, examples):
    if isinstance(build_model, keras.Model):
        return "build_model ist schon ein Modell. Gesucht ist die Funktion, die eines baut: def …"
    model = modell(build_model(), "build_model()")
    try:
        output = keras.ops.convert_to_numpy(model(np.asarray(examples)))
    except Exception as fehler:  # noqa: BLE001 (Keras und TensorFlow melden das auf viele Arten)
        zeile = str(fehler).strip().splitlines()[0][:120]
        return (
            f"Es nimmt die Bilder nicht an: Sie haben die Form {np.shape(examples)[1:]}. "
            f"Welche Schicht macht daraus eine Zeile? ({zeile})"
        )
    if build_model() is model:
        return (
            "build_model gibt jedes Mal dasselbe Modell zurück: Ein zweiter Versuch lernte weiter, wo der "
            "erste aufhörte. Baue es in der Funktion."
        )
    if output.ndim != 2:
        return (
            f"Zu 100 Bildern kommt {output.shape} heraus, gesucht ist (100, 10). "
            "Welche Schicht macht aus einem Bild eine Zeile?"
        )
    if output.shape[1] != 10:
        return f"Die letzte Schicht hat {output.shape[1]} Ausgaben. Wie viele Sorten gibt es?"
    if output.min() < 0 or not np.allclose(output.sum(axis=1), 1, atol=0.02):
        return (
            "Die zehn Ausgaben sind keine Wahrscheinlichkeiten: Beim ersten Bild ist ihre "
            f"Summe {output[0].sum():.2f} statt 1. Welche Aktivierung gehört ans Ende?"
        )
    if np.allclose(output, output[0], atol=1e-6):
        return "Zu jedem Bild kommt dasselbe heraus: Das Modell sieht das Bild gar nicht."
    if not model.trainable_weights:
        return "Dieses Modell hat keine Gewichte, die lernen könnten."


@tipps(
    "Sind die Labels einzelne Zahlen, oder Zeilen mit einer Eins und neun Nullen?",
    "Kreuzentropie gibt es in Keras mit und ohne „sparse“; keras.io/api/losses.",
    'model.compile(optimizer="adam", loss="sparse_…", metrics=[…])',
)
def aufgabe_3(compile_model: funktion):
    """Geprüft an einem Stellvertreter: Was kostet die richtige Antwort, was eine falsche?"""
    probe = keras.Sequential([keras.Input(shape=(1,)), keras.layers.Dense(10, "softmax")])
    result = compile_model(probe)
    if not probe.compiled:
        return (
            "Danach ist das Modell nicht kompiliert: compile_model soll model.compile(…) aufrufen"
            + (f"; zurück kam {in_worten(result)}." if result is not None else ".")
        )
    if (probe.get_compile_config() or {}).get("loss_weights") is not None:
        return (
            "Das dritte Argument von compile sind loss_weights: Schreibe metrics= vor die Metrik."
        )
    labels, sure = np.arange(10), (0.001 + 0.99 * np.eye(10)).astype("float32")
    if probe.loss is None:
        return "Es fehlt loss=…: Ohne Loss hat das Training nichts, was es verkleinern könnte."
    if isinstance(probe.loss, str):
        keras.losses.get(probe.loss)  # ein Tippfehler im Namen bricht hier ab
    try:
        right = float(probe.compute_loss(y=labels, y_pred=sure))
        wrong = float(probe.compute_loss(y=labels, y_pred=np.roll(sure, 1, axis=1)))
    except Exception:  # noqa: BLE001 (Loss und Labels passen nicht: Keras meldet das auf viele Arten)
        right = wrong = np.inf
    if not wrong > right + 0.5:
        return (
            "Der Loss passt nicht zu den Labels. Deine Labels sind Zahlen von 0 bis 9, nicht "
            "one-hot, und es geht um Klassen, nicht um Messwerte."
        )
    if right > 0.1:
        return (
            f"Auch die richtige, sichere Antwort kostet noch {right:.2f}. Steht da "
            "from_logits, obwohl am Ende schon softmax rechnet?"
        )
    measured = probe.compute_metrics(None, labels, sure)
    names = [name for name, value in measured.items() if "acc" in name and float(value) > 0.99]
    if not names:
        return 'Die Genauigkeit wird nicht gemessen: Es fehlt metrics=["accuracy"].'


@tipps(
    "Was braucht model.fit: welche Bilder, welche Labels, wie viele Epochen, was dazu?",
    "callbacks=[…] ist eine Liste, validation_split ein Anteil; siehe demo_tensorboard.py.",
    "model.fit(x_train, …, epochs=epochs, validation_split=…, callbacks=[…], verbose=0)",
)
def aufgabe_4(train: funktion, *, x_train, y_train, x_train_raw, x_test, x_test_raw, log_dir):
    try:
        training = beobachte(lambda model: train(model, 7), x_train)
    except NameError as fehler:
        if "test" in str(fehler.name):
            raise Diagnose(
                f"{fehler.name} liegt noch im Umschlag: Wer mit Testbildern trainiert oder auswählt, "
                "weiß nicht, wie gut sein Modell ist."
            ) from None
        raise
    x_train, validation = np.asarray(x_train), projekt.validierung()[0]
    fremde = {
        "test": (x_test, x_test_raw, x_test_raw / 255),
        "validierung": (validation, np.round(validation * 255)),
        "roh": () if np.max(x_train) > 200 else (x_train_raw,),
    }
    if satz := tadel(training, x_train, y_train, **fremde):
        return satz
    if training.epochs != 7:
        return (
            f"train(model, 7) trainiert {training.epochs} statt 7 Epochen: epochs wird nicht beachtet "
            "(ohne Namen wäre die dritte Angabe batch_size)."
        )
    folders = [Path(c.log_dir) for c in training.callbacks if hasattr(c, "log_dir")]
    if not folders:
        return "TensorBoard hat nichts aufgezeichnet: Hast du den Callback an model.fit übergeben?"
    if not any(log_dir in (folder, *folder.parents) for folder in folders):
        return f"TensorBoard schriebe in den Ordner {folders[0]}: Es fehlt log_dir=log_dir."


@tipps(
    "Sinkt der Loss am Ende noch? Gehen Training und Validierung auseinander?",
    "Mehr Neuronen, Dropout, Lernrate, Epochen. Für Gold: keras.layers.Conv2D (Kapitel 2).",
    "… Reshape((28, 28, 1)), Conv2D(16, 3, activation=…), MaxPooling2D(), …, Flatten(), …",
)
def aufgabe_5(
    goal: text,
    epochs: ganzzahl,
    *,
    run,
    MEDALS,
    MEDALS_ORIGINAL,
    x_train,
    build_model,
    compile_model,
    train,
):
    thresholds = projekt.schwellen(MEDALS, MEDALS_ORIGINAL)  # thresholds kann eine Antwort ändern
    if goal.lower() not in thresholds:
        return f"goal soll eines von {list(thresholds)} sein."
    if epochs < 1:
        return f"{epochs} Epochen: So lernt dein Modell nichts. Eine Epoche ist ein Durchgang."
    _, curves, accuracy = run(epochs)
    if accuracy < 0.15:
        return "Das Modell rät nur. Ist die Lernrate viel zu groß oder zu klein?"
    if accuracy < thresholds[goal.lower()]:
        return f"{accuracy:.3f} auf der Validierung reicht nicht für {goal}. {rat(curves)}"


def rat(curves):
    train_accuracy, val_accuracy = (
        next(
            values[-1] for key, values in curves.items() if "acc" in key and val == ("val_" in key)
        )
        for val in (False, True)
    )
    if np.argmin(curves["val_loss"]) == len(curves["val_loss"]) - 1:
        return "Der Loss der Validierung sinkt noch: Du hörst zu früh auf."
    if train_accuracy - val_accuracy > 0.05:
        return "Im Training ist es viel besser: Es lernt auswendig. Weniger Epochen, Dropout?"
    return "Länger hilft nicht, auswendig lernt es nicht: Mehr Neuronen, andere Lernrate?"
