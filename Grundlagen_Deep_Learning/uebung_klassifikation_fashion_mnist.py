"""Übung Fashion-MNIST: Baue einen Klassifikator und hole eine Medaille.

Kapitel   1.120 Grundlagen des Deep Learning · Abschlussübung
Folie     Übung: Erstelle ein Klassifikationsmodell für Fashion MNIST
Lernziel  Vom Bild zum geprüften Modell: skalieren, bauen, trainieren, in TensorBoard verfolgen
Laufzeit  ca. 40 s (2 CPU-Kerne)
Daten     Fashion-MNIST

Die Regeln: Gemessen wird die Genauigkeit auf den Testbildern. Trainiert wird nur mit den
N_TRAIN Trainingsbildern; die Labels der Testbilder kommen erst nach dem Training aus dem Umschlag.
Bronze und Silber schafft ein MLP. Gold braucht viel Geduld oder eine Idee aus Kapitel 2.

Bearbeite nur, was zwischen ▼ und ▲ steht: Ersetze `...` durch deinen Code und starte das Skript neu.
Unten steht danach zu jeder Aufgabe, ob sie stimmt, und wenn nicht, woran es liegt.
"""

# %% Stellschrauben: Bronze, Silber, Gold. Originalbilder und eingebettete sind verschieden schwer.
MEDALS = (0.82, 0.85, 0.89)  # Test: (0.3, 0.4, 0.68)
MEDALS_ORIGINAL = (0.82, 0.85, 0.865)  # Test: (0.3, 0.4, 0.68)
N_TRAIN = 12_000  # Test: 1_000
TIPPS = 1  # je Aufgabe: 0 keine Tipps, 1 eine Frage, 2 auch wo es steht, 3 auch ein Gerüst
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
import sys
import time
import traceback
from pathlib import Path

from kurs import ausgabe_ordner, pruefe
from kurs.bilder import fashion_mnist
from kurs.quellen import originale_benutzt

import keras
import matplotlib.pyplot as plt
import numpy as np

# %% Daten ansehen: 28 × 28 Graustufen von 0 bis 255, zehn Sorten Kleidung. Labels sind Zahlen 0–9.
(x_train_raw, y_train), (x_test_raw, _) = fashion_mnist.load_data()
x_train_raw, y_train = x_train_raw[:N_TRAIN], y_train[:N_TRAIN]
medals = MEDALS_ORIGINAL if originale_benutzt() else MEDALS
thresholds = dict(zip(("bronze", "silber", "gold"), medals))
print(f"{len(x_train_raw)} Bilder zum Trainieren, {len(x_test_raw)} zum Testen")
print("Medaillen ab", thresholds)

figure, axes = plt.subplots(2, 5, figsize=(11, 5))
for label, axis in enumerate(axes.flat):
    axis.imshow(x_train_raw[np.argmax(y_train == label)], cmap="gray_r")
    axis.set_title(f"{label} {fashion_mnist.class_names[label]}")
    axis.axis("off")
plt.show()

# %% Wohin TensorBoard schreibt: je Start ein Ordner, damit du Versuche vergleichen kannst
log_root = ausgabe_ordner() / "logs"
log_dir = log_root / f"lauf_{len(list(log_root.glob('lauf_*'))) + 1:02}"

# %% Aufgabe 1: Skalieren
# ▼ AUFGABE 1: Bring x_train_raw und x_test_raw auf kleine Werte, beide auf dieselbe Weise.
x_train = ...
x_test = ...
# ▲


# %% Aufgabe 2: das Modell, vom Bild (28 × 28) zu zehn Wahrscheinlichkeiten
# ▼ AUFGABE 2: Baue ein Modell und gib es mit return zurück.
def build_model():
    return ...


# ▲


# %% Aufgabe 3: Optimizer, Loss und Metrik
# ▼ AUFGABE 3: Rufe model.compile auf; der Loss passt zu den Labels, die Metrik ist "accuracy".
def compile_model(model):
    ...


# ▲


# %% Aufgabe 4: Training mit x_train, y_train, 10 % davon zur Validierung, verbose=0 und TensorBoard
# ▼ AUFGABE 4: Rufe model.fit auf, mit einem Callback keras.callbacks.TensorBoard nach log_dir.
def train(model, epochs):
    ...


# ▲


# %% Aufgabe 5: die Medaille. Solange hier nichts steht, wird zum Ausprobieren 5 Epochen trainiert.
# ▼ AUFGABE 5: Welche willst du, "bronze", "silber" oder "gold", und nach wie vielen Epochen?
goal = ...
epochs = ...
# ▲


# %% Prüfung von Aufgabe 1 bis 3 (ab hier nichts ändern): Trainiert wird erst, wenn sie stimmen
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


ok_scaled = pruefe.erwarte(
    "Aufgabe 1",
    (x_train, x_test),
    (
        lambda x: (len(x[0]), len(x[1])) == (len(x_train_raw), len(x_test_raw)),
        "x_train und x_test sollen so viele Bilder haben wie x_train_raw und x_test_raw.",
    ),
    (
        lambda x: np.max(x[0]) < 20,
        lambda x: f"x_train ist nicht skaliert: Der größte Wert ist noch {np.max(x[0]):.0f}.",
    ),
    (
        lambda x: np.max(x[1]) < 20,
        "x_test ist nicht skaliert: Das Modell sähe im Test ganz andere Zahlen als im Training.",
    ),
    (
        lambda x: np.std(x[0]) > 0.05 and len(np.unique(x[0])) > 2,
        "Fast alles ist jetzt null: Hast du zweimal geteilt, oder mit // statt mit /?",
    ),
    (
        lambda x: np.isclose(np.ptp(x[0]) / np.ptp(x_train_raw), np.ptp(x[1]) / np.ptp(x_test_raw)),
        "Beide sind skaliert, aber verschieden: Rechne bei beiden mit denselben Zahlen.",
    ),
    tipps=[
        "Welches ist der größte Wert, den ein Pixel haben kann?",
        "Ein NumPy-Feld lässt sich als Ganzes teilen. So macht es auch demo_dropout.py.",
        "x_train = x_train_raw / …; x_test = x_test_raw / …",
    ],
)

keras.utils.set_random_seed(SEED)
model = attempt(build_model)
sample = x_train[:100] if ok_scaled else x_train_raw[:100] / 255.0
output = attempt(lambda: keras.ops.convert_to_numpy(model(sample)))
ok_model = pruefe.erwarte(
    "Aufgabe 2",
    model,
    (works, describe),
    (lambda model: isinstance(model, keras.Model), "Es kommt kein Modell zurück. Fehlt return?"),
    (lambda _: works(output), lambda _: "Es nimmt die Bilder nicht an. " + describe(output)),
    (
        lambda _: output.ndim == 2,
        lambda _: f"Zu 100 Bildern kommt {output.shape} heraus, gesucht ist (100, 10). "
        "Welche Schicht macht aus einem Bild eine Zeile?",
    ),
    (
        lambda _: output.shape[1] == 10,
        lambda _: f"Die letzte Schicht hat {output.shape[1]} Ausgaben. Wie viele Sorten gibt es?",
    ),
    (
        lambda _: np.allclose(output.sum(axis=1), 1, atol=0.02),
        lambda _: "Die zehn Ausgaben sind keine Wahrscheinlichkeiten: Beim ersten Bild ist ihre "
        f"Summe {output[0].sum():.2f} statt 1. Welche Aktivierung gehört ans Ende?",
    ),
    tipps=[
        "Welche Form hat ein Bild, und welche Form soll die Antwort haben?",
        "keras.Sequential mit Input, Flatten, Dense (relu) und Dense (softmax); demo_dropout.py.",
        "return keras.Sequential([keras.Input(shape=(28, 28)), keras.layers.Flatten(), …])",
    ],
)

# Aufgabe 3, geprüft an einem Stellvertreter: Was kostet die richtige Antwort, was eine falsche?
probe = keras.Sequential([keras.Input(shape=(1,)), keras.layers.Dense(10, activation="softmax")])
compiled = attempt(compile_model, probe)
labels, sure = np.arange(10), np.full((10, 10), 0.001) + 0.99 * np.eye(10)
right = attempt(lambda: float(probe.compute_loss(y=labels, y_pred=sure)))
wrong = attempt(lambda: float(probe.compute_loss(y=labels, y_pred=np.roll(sure, 1, axis=1))))
ok_compiled = pruefe.erwarte(
    "Aufgabe 3",
    compiled if probe.compiled or not works(compiled) else ...,
    (works, describe),
    (
        lambda _: works(right) and wrong > right + 0.5,
        lambda _: "Der Loss passt nicht zu den Labels. Deine Labels sind Zahlen von 0 bis 9, nicht "
        "one-hot, und es geht um Klassen, nicht um Messwerte.",
    ),
    (
        lambda _: right < 0.1,
        lambda _: f"Auch die richtige, sichere Antwort kostet noch {right:.2f}. Steht da "
        "from_logits, obwohl am Ende schon softmax rechnet?",
    ),
    (
        lambda _: "accuracy" in probe.compute_metrics(None, labels, sure),
        'Die Genauigkeit wird nicht gemessen: Es fehlt metrics=["accuracy"].',
    ),
    tipps=[
        "Sind die Labels einzelne Zahlen, oder Zeilen mit einer Eins und neun Nullen?",
        "Kreuzentropie gibt es in Keras mit und ohne „sparse“; keras.io/api/losses.",
        'model.compile(optimizer="adam", loss="sparse_…", metrics=[…])',
    ],
)

# %% Training
result, curves, started = ..., {}, time.time()
if ok_scaled and ok_model and ok_compiled:
    compile_model(model)
    result = attempt(train, model, 5 if pruefe.ist_offen((goal, epochs)) else epochs)
    if works(result):
        history = getattr(model, "history", None)
        result = curves = history.history if history else ...
else:
    print("  Trainiert wird, sobald Aufgabe 1 bis 3 stimmen.")

trained = bool(curves is not ... and curves.get("val_accuracy"))
if trained:
    y_test = fashion_mnist.load_data()[1][1]  # der Umschlag wird geöffnet
    accuracy = model.evaluate(x_test, y_test, verbose=0, return_dict=True)["accuracy"]
    won = [name for name, threshold in thresholds.items() if accuracy >= threshold]
    if np.argmin(curves["val_loss"]) == len(curves["val_loss"]) - 1:
        advice = "Der Loss der Validierung sinkt noch: Du hörst zu früh auf."
    elif curves["accuracy"][-1] - curves["val_accuracy"][-1] > 0.05:
        advice = "Im Training ist es viel besser: Es lernt auswendig. Weniger Epochen, Dropout?"
    else:
        advice = "Länger hilft nicht, auswendig lernt es nicht: Mehr Neuronen, andere Lernrate?"
    print(f"  Testbilder: {accuracy:.3f} richtig, Medaille: {won[-1] if won else 'noch keine'}")
    print("  TensorBoard (dann http://localhost:6006 öffnen, beenden mit Strg+C):")
    print(f'  "{sys.executable}" -m tensorboard.main --logdir "{log_root}"')

    figure, axes = plt.subplots(1, 2, figsize=(12, 5))
    for axis, key, name in zip(axes, ("loss", "accuracy"), ("Loss", "Genauigkeit")):
        steps = range(1, len(curves[key]) + 1)
        axis.plot(steps, curves[key], "--o", color="#0072B2", label="Training")
        axis.plot(steps, curves[f"val_{key}"], "-s", color="#D55E00", label="Validierung")
        axis.set(xlabel="Epoche", ylabel=name)
    for name, threshold in thresholds.items():
        axes[1].axhline(threshold, color="gray", linestyle=":")
        axes[1].text(1.01, threshold, name, va="center", transform=axes[1].get_yaxis_transform())
    axes[0].legend()
    plt.show()

# %% Prüfung von Aufgabe 4 und 5
stray = [f for f in Path("logs").rglob("events*") if f.stat().st_mtime >= started - 1]
pruefe.erwarte(
    "Aufgabe 4",
    result,
    (
        lambda result: not (isinstance(result, NameError) and result.name == "y_test"),
        "y_test liegt noch im Umschlag: Wer mit Testbildern trainiert, weiß nicht, wie gut er ist.",
    ),
    (works, describe),
    (
        lambda result: trained,
        "Ohne Validierung sieht man kein Overfitting: Es fehlt validation_split=0.1.",
    ),
    (
        lambda result: any(log_dir.rglob("events*")) or not stray,
        "TensorBoard schrieb in den Ordner logs statt nach log_dir: Es fehlt log_dir=log_dir.",
    ),
    (
        lambda result: any(log_dir.rglob("events*")),
        "TensorBoard hat nichts aufgezeichnet: Hast du den Callback an model.fit übergeben?",
    ),
    tipps=[
        "Was braucht model.fit: welche Bilder, welche Labels, wie viele Epochen, was dazu?",
        "callbacks=[…] ist eine Liste, validation_split ein Anteil; siehe demo_tensorboard.py.",
        "model.fit(x_train, …, epochs=epochs, validation_split=…, callbacks=[…], verbose=0)",
    ],
)

pruefe.erwarte(
    "Aufgabe 5",
    (goal, epochs) if trained else ...,
    (lambda plan: plan[0] in thresholds, f"goal soll eines von {list(thresholds)} sein."),
    (
        lambda plan: accuracy > 0.15,
        "Das Modell rät nur: Der Loss sinkt nicht. Ist die Lernrate viel zu groß oder zu klein?",
    ),
    (
        lambda plan: accuracy >= thresholds[plan[0]],
        lambda plan: f"{accuracy:.3f} reicht nicht für {plan[0]}. {advice}",
    ),
    tipps=[
        "Sinkt der Loss am Ende noch? Gehen Training und Validierung auseinander?",
        "Mehr Neuronen, Dropout, Lernrate, Epochen. Für Gold: keras.layers.Conv2D (Kapitel 2).",
        "… Reshape((28, 28, 1)), Conv2D(16, 3, activation=…), MaxPooling2D(), …, Flatten(), …",
    ],
)
pruefe.fortschritt()
