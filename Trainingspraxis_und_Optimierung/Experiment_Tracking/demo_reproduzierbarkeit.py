"""Reproduzierbarkeit: Ein Lauf, der aufschreibt, woraus er entstand, lässt sich wiederholen.

Kapitel   5.85 Trainingspraxis und Optimierung · Experiment Tracking
Folie     Reproduzierbare Pipelines durch klare Versionierung
Lernziel  Code, Daten, Seed und Versionen im Lauf festhalten, ihn wiederholen, Abweichungen finden
Laufzeit  ca. 9 s (2 CPU-Kerne)
Daten     MNIST
Erwartet  abweichung_wiederholt 0–0, unterschiede_wiederholt 0–0, unterschiede_veraendert 1–1

Ein Ergebnis hängt an vier Dingen: am Code, an den Daten, am Zufall und an den Bibliotheken. Wer
alle vier festhält, kann später sagen, warum zwei Läufe verschieden sind.
"""

# %% Stellschrauben: hier live drehen
EPOCHS = 3  # Test: 1
UNITS = 32
N_TRAIN = 2_000  # Test: 128
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
import hashlib
import subprocess
from importlib.metadata import version
from pathlib import Path

import kurs
from kurs import ausgabe_ordner, ergebnis
from kurs.bilder import mnist
from kurs.mlflow_ablage import oeffne

import keras
import mlflow
import numpy as np

# %% Daten
(x_train, y_train), (x_test, y_test) = mnist.load_data()
x_train, y_train = x_train[:N_TRAIN] / 255.0, y_train[:N_TRAIN]
x_test, y_test = x_test[:1000] / 255.0, y_test[:1000]
oeffne(ausgabe_ordner(), "Reproduzierbarkeit")


# %% Was zu einem Lauf gehört
def git_commit():
    """Der Stand des Codes; „+“ heißt: Seitdem wurde etwas geändert, das nirgends steht."""
    try:
        git = ["git", "-C", str(Path(kurs.__file__).parent)]
        head = subprocess.check_output([*git, "rev-parse", "HEAD"], stderr=subprocess.DEVNULL)
        changes = subprocess.check_output([*git, "status", "--porcelain"])
    except (FileNotFoundError, subprocess.CalledProcessError):
        return "kein Git"
    return head.decode()[:10] + ("+" if changes else "")


def fingerprint(*arrays):
    """Ändert sich ein einziger Wert, ändert sich der ganze Fingerabdruck."""
    return hashlib.sha256(b"".join(np.ascontiguousarray(a).tobytes() for a in arrays)).hexdigest()


def run_and_record(x, y, settings):
    """Trainiert und hält fest, woraus das Ergebnis entstand. Rückgabe: die run_id."""
    with mlflow.start_run() as run:
        mlflow.log_params(settings)
        mlflow.set_tag("git_commit", git_commit())
        mlflow.set_tag("data_sha256", fingerprint(x, y))
        mlflow.set_tag("versions", f"keras {version('keras')}, tensorflow {version('tensorflow')}")
        keras.utils.set_random_seed(settings["seed"])  # Python, NumPy und das Backend
        hidden = keras.layers.Dense(settings["units"], activation="relu")
        output = keras.layers.Dense(10, activation="softmax")
        model = keras.Sequential([keras.Input((28, 28)), keras.layers.Flatten(), hidden, output])
        model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        model.fit(x, y, epochs=settings["epochs"], batch_size=64, verbose=0)
        mlflow.log_metric("test_loss", model.evaluate(x_test, y_test, verbose=0)[0])
        mlflow.set_tag("weights_sha256", fingerprint(*model.get_weights()))
    return run.info.run_id


# %% Der erste Lauf, und was MLflow jetzt von ihm weiß
first = run_and_record(x_train, y_train, {"epochs": EPOCHS, "units": UNITS, "seed": SEED})


def read_record(run_id):
    data = mlflow.get_run(run_id).data
    record = {k: v for k, v in data.tags.items() if not k.startswith("mlflow.")} | data.params
    return record, data.metrics["test_loss"]


record, first_loss = read_record(first)
print("Das steht im Lauf:")
for name, value in record.items():
    print(f"  {name:15} {value[:40]}")

# %% Wiederholen, nur aus dem, was aufgeschrieben ist
settings = {name: int(record[name]) for name in ("epochs", "units", "seed")}  # MLflow gibt Texte
again = run_and_record(x_train, y_train, settings)
print(f"\nTest-Loss beim ersten Mal {first_loss:.10f}")
print(f"Wiederholt               {read_record(again)[1]:.10f}")

# %% Und wenn jemand etwas verändert, ohne es zu sagen? Hier ein einziges Label.
y_changed = y_train.copy()
y_changed[0] = (y_changed[0] + 1) % 10
changed = run_and_record(x_train, y_changed, settings)
print(f"Mit einem anderen Label  {read_record(changed)[1]:.10f}")


def differences(run_a, run_b):
    """Die Angaben, in denen sich zwei Läufe unterscheiden; das Ergebnis selbst zählt nicht dazu."""
    a, b = read_record(run_a)[0], read_record(run_b)[0]
    return [name for name in a if a[name] != b[name] and name != "weights_sha256"]


for text, other in (("wiederholten", again), ("veränderten", changed)):
    found = differences(first, other)
    print(f"Der Unterschied zum {text} Lauf: {', '.join(found) or 'keiner'}")

# %% Was man sieht
# Auf derselben Maschine soll die Wiederholung auf die letzte Stelle gleich sein. Auf einer anderen
# (oder einer Grafikkarte) können letzte Stellen abweichen: Es wird in anderer Reihenfolge addiert.
ergebnis(
    abweichung_wiederholt=abs(read_record(again)[1] - first_loss),
    unterschiede_wiederholt=len(differences(first, again)),
    unterschiede_veraendert=len(differences(first, changed)),
)
