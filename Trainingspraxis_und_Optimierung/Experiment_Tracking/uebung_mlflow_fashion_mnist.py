"""Übung MLflow: Experimente mit Fashion-MNIST aufzeichnen und das beste Modell wiederfinden.

Kapitel   5.80 Trainingspraxis und Optimierung · Experiment Tracking
Folie     Übung: Fashion MNIST (MLflow)
Lernziel  Parameter, Kurven und das Keras-Modell mit MLflow festhalten, Läufe vergleichen, Modell laden
Laufzeit  ca. 40 s (2 CPU-Kerne)
Daten     Fashion-MNIST

Bearbeite nur, was zwischen ▼ und ▲ steht: Ersetze `...` durch deine Antwort und starte das Skript neu.
Vorbild ist demo_mlflow_integration.py. Wie man ein Keras-Modell festhält, sollst du nachschlagen:
mlflow.org, Stichwort „mlflow.tensorflow.log_model“.
"""

# %% Stellschrauben
EPOCHS = 5  # Test: 2
N_TRAIN = 4_000  # Test: 256
TIPPS = 1  # je Aufgabe: 0 keine Tipps, 1 eine Frage, 2 auch wo es steht, 3 auch ein Gerüst
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
import sys
from datetime import datetime

from kurs import ausgabe_ordner, pruefe
from kurs.bilder import fashion_mnist

import keras
import mlflow
import numpy as np
import tensorflow as tf

# %% Daten und Modell
(x_train, y_train), (x_test, y_test) = fashion_mnist.load_data()
x_train, y_train = (x_train[:N_TRAIN] / 255).astype("float32"), y_train[:N_TRAIN]
x_test = (x_test / 255).astype("float32")


def build_model(units, learning_rate):
    keras.utils.set_random_seed(SEED)
    model = keras.Sequential(
        [
            keras.Input(shape=(28, 28)),
            keras.layers.Flatten(),
            keras.layers.Dense(units, activation="relu"),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model


# %% Wohin MLflow schreibt (wie in der Demo)
folder = ausgabe_ordner()
database = f"sqlite:///{(folder / 'mlflow.db').as_posix()}"
if not (folder / "mlflow.db").exists():
    print("MLflow legt seine Datenbank an, das dauert einmal einige Sekunden …")
mlflow.set_tracking_uri(database)
if mlflow.get_experiment_by_name("Fashion-MNIST") is None:
    mlflow.create_experiment("Fashion-MNIST", artifact_location=(folder / "artefakte").as_uri())
experiment = mlflow.set_experiment("Fashion-MNIST")
start = datetime.now().isoformat()  # jeder Lauf bekommt diese Zeit als Tag
THIS_START = f"tags.start = '{start}'"  # damit findet man die Läufe von eben, nicht die von gestern
REQUIREMENTS = [f"keras=={keras.__version__}", f"tensorflow=={tf.__version__}"]

# %% Aufgabe 1 bis 3: drei Funktionen, die etwas festhalten. Unten werden sie in jedem Lauf gerufen.
# ▼ AUFGABE 1: Halte alle Einträge des Dictionarys settings als Parameter des Laufs fest.
def log_settings(settings):
    ...
# ▲


# ▼ AUFGABE 2: Halte alle Werte aus logs als Metriken fest, und zwar für diese Epoche.
def log_epoch(epoch, logs):  # logs ist zum Beispiel {"loss": 0.7, "val_accuracy": 0.75, …}
    ...
# ▲


# ▼ AUFGABE 3: Halte das Keras-Modell fest, mit Signatur und Beispiel, und gib zurück, was MLflow liefert.
def log_model(model):  # mit pip_requirements=REQUIREMENTS muss MLflow die Pakete nicht selbst suchen
    return ...
# ▲


# %% Drei Läufe. Füge gern eigene hinzu.
EXPERIMENTS = [
    {"units": 8, "learning_rate": 0.0002},
    {"units": 64, "learning_rate": 0.001},
    {"units": 256, "learning_rate": 0.003},
]
run_ids, models, model_infos, curves = [], {}, {}, {}
for settings in EXPERIMENTS:
    with mlflow.start_run(tags={"start": start}) as run:
        model = build_model(**settings)
        log_settings(settings)
        history = model.fit(
            x_train,
            y_train,
            validation_split=0.25,
            epochs=EPOCHS,
            batch_size=64,
            verbose=0,
            callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=log_epoch)],
        )
        run_id = run.info.run_id
        run_ids.append(run_id)
        models[run_id], curves[run_id] = model, history.history["val_accuracy"]
        model_infos[run_id] = log_model(model)
    print(f"{settings}: Validierung {curves[run_id][-1]:.3f}")

# %% Aufgabe 4 und 5: den besten Lauf finden und sein Modell benutzen
# ▼ AUFGABE 4: Finde mit mlflow.search_runs die run_id mit der höchsten val_accuracy (nur THIS_START).
best_run_id = ...
# ▲


# ▼ AUFGABE 5: Lade das Modell aus MLflow (info kam aus log_model) und gib je Testbild die Klasse zurück.
def predict_classes(info):
    return ...
# ▲


known = isinstance(best_run_id, str) and best_run_id in run_ids
best_info = model_infos[best_run_id] if known else None
classes = predict_classes(best_info) if hasattr(best_info, "model_uri") else ...

print("\nAnsehen: diesen Befehl im Terminal starten, dann http://localhost:5000 öffnen:")
print(f'"{sys.executable}" -m mlflow ui --backend-store-uri "{database}" --port 5000 --workers 1')


# %% Prüfung (hier nichts ändern): gelesen wird, was in der Datenbank steht
client = mlflow.MlflowClient()
stored = {run_id: client.get_run(run_id).data for run_id in run_ids}
names = set(EXPERIMENTS[0])


def points(run_id, name="val_accuracy"):
    return client.get_metric_history(run_id, name) if name in stored[run_id].metrics else []


def as_stored(data, settings):
    return data.params == {**data.params, **{name: str(v) for name, v in settings.items()}}


touched = any(names & {*data.params, *data.metrics, *data.tags} for data in stored.values())
curve_names = sorted({name for data in stored.values() for name in data.metrics} - names)
infos = tuple(model_infos.values())
best = max(run_ids, key=lambda run_id: curves[run_id][-1])
tracked = all(points(run_id) for run_id in run_ids)

pruefe.erwarte(
    "Aufgabe 1",
    stored if touched else ...,
    (
        lambda runs: not any(names & {*data.metrics} for data in runs.values()),
        "Das sind jetzt Metriken. Metriken sind Ergebnisse, die sich während des Laufs ändern; "
        "was du vorher einstellst, sind Parameter.",
    ),
    (
        lambda runs: all(names <= {*data.params} for data in runs.values()),
        lambda runs: "Als Parameter steht in der Datenbank nur: "
        f"{', '.join(sorted(runs[run_ids[0]].params)) or 'nichts'}. Es sollen alle Einträge von settings sein.",
    ),
    (
        lambda runs: all(map(as_stored, runs.values(), EXPERIMENTS)),
        "Die Namen stimmen, die Werte nicht: Nimm die aus settings, sie sind in jedem Lauf andere.",
    ),
    tipps=[
        "Ist die Lernrate etwas, das du einstellst, oder etwas, das du misst?",
        "In der Demo unter „Was hinein geht“. Es gibt eine Funktion für einen Wert und eine für ein dict.",
        "def log_settings(settings):\n    mlflow.log_…(settings)",
    ],
)
pruefe.erwarte(
    "Aufgabe 2",
    curve_names or ...,
    (
        lambda found: "val_accuracy" in found,
        lambda found: f"In der Datenbank steht keine val_accuracy, nur: {', '.join(found)}. Halte alles aus "
        "logs unter seinem Namen fest.",
    ),
    (
        lambda found: len({point.step for point in points(run_ids[0])}) == EPOCHS,
        lambda found: f"Für {EPOCHS} Epochen gibt es nur "
        f"{len({point.step for point in points(run_ids[0])})} verschiedene step: So wird daraus keine "
        "Kurve. Gib die Epoche als step an.",
    ),
    (
        lambda found: all(
            np.allclose([p.value for p in points(run_id)], curves[run_id]) for run_id in run_ids
        ),
        "Die Werte in der Datenbank sind nicht die aus logs.",
    ),
    tipps=[
        "Woher weiß MLflow, zu welcher Epoche ein Wert gehört?",
        "In der Demo unter „Was unterwegs geschieht“; mlflow.log_metrics hat ein Argument step.",
        "def log_epoch(epoch, logs):\n    mlflow.log_metrics(…, step=…)",
    ],
)
pruefe.erwarte(
    "Aufgabe 3",
    infos,
    (
        lambda found: all(info is not None for info in found),
        "log_model gibt None zurück: Fehlt das return, oder speichert dein Aufruf nur eine Datei?",
    ),
    (
        lambda found: all(isinstance(info, mlflow.models.model.ModelInfo) for info in found),
        lambda found: f"Zurück kam {type(found[0]).__name__}; gesucht ist, was mlflow.….log_model liefert.",
    ),
    (
        lambda found: all({"tensorflow", "keras"} & set(info.flavors) for info in found),
        lambda found: f"Festgehalten als {', '.join(found[0].flavors)}: Nimm das Modul von MLflow, das "
        "Keras-Modelle kennt.",
    ),
    (
        lambda found: all(info.signature is not None for info in found),
        "Das Modell liegt in MLflow, aber ohne Signatur: Niemand sieht ihm an, welche Form es erwartet.",
    ),
    (
        lambda found: all(
            info.signature.outputs and info.signature.outputs.inputs[0].shape == (-1, 10)
            for info in found
        ),
        "Die Signatur beschreibt die Ausgabe falsch: Das Modell liefert je Bild 10 Wahrscheinlichkeiten. "
        "Zeig infer_signature Vorhersagen des Modells, nicht die Labels.",
    ),
    (
        lambda found: all(info.saved_input_example_info for info in found),
        "Signatur ist da, aber kein Beispiel: Es fehlt input_example mit ein paar Bildern.",
    ),
    tipps=[
        "Was muss jemand wissen, der nur das gespeicherte Modell hat und es benutzen will?",
        "In der Demo unter „Das Modell“: mlflow.tensorflow.log_model und mlflow.models.infer_signature.",
        'return mlflow.tensorflow.log_model(model, name="model", signature=infer_signature(…, …),\n'
        "    input_example=…, pip_requirements=REQUIREMENTS)",
    ],
)
pruefe.erwarte(
    "Aufgabe 4",
    best_run_id if tracked else ...,
    (
        lambda answer: known,
        lambda answer: f"Das ist keine run_id eines Laufs von eben, sondern {type(answer).__name__} "
        f"{str(answer)[:40]!r}. Gesucht ist ein Text aus der Spalte run_id; filtere mit THIS_START.",
    ),
    (
        lambda answer: curves[answer][-1] >= curves[best][-1],
        lambda answer: f"Dieser Lauf endet mit val_accuracy {curves[answer][-1]:.3f}, der beste mit "
        f"{curves[best][-1]:.3f}. In welcher Richtung sortiert order_by?",
    ),
    tipps=[
        "search_runs liefert eine Tabelle. Wie muss sie sortiert sein, damit der beste Lauf oben steht?",
        'In der Demo unter „Vergleichen“: order_by=["metrics.… DESC"]; hier dazu filter_string=THIS_START.',
        "found = mlflow.search_runs(filter_string=…, order_by=[…])\nbest_run_id = found.run_id[…]",
    ],
)
pruefe.erwarte(
    "Aufgabe 5",
    classes,
    (
        lambda answer: answer is not None,
        "predict_classes gibt None zurück: Fehlt das return?",
    ),
    (
        lambda answer: np.shape(answer) != (len(x_test), 10),
        "Das sind Wahrscheinlichkeiten, zehn je Bild. Die Klasse ist die Stelle der größten.",
    ),
    (
        lambda answer: np.shape(answer) == (len(x_test),),
        lambda answer: f"Gesucht ist eine Klasse je Testbild, also {len(x_test)} Zahlen; "
        f"deine Antwort hat die Form {np.shape(answer)}.",
    ),
    (
        lambda answer: np.array_equal(
            answer, models[best_run_id].predict(x_test, verbose=0).argmax(axis=1)
        ),
        "Diese Klassen sagt ein anderes Modell voraus als das des Laufs aus Aufgabe 4.",
    ),
    tipps=[
        "Was brauchst du, um ein Modell in MLflow zu finden?",
        "info.model_uri nennt den Ort; laden kann ihn mlflow.pyfunc oder mlflow.tensorflow.",
        "loaded = mlflow.pyfunc.load_model(…)\nreturn loaded.predict(…).…",
    ],
)
pruefe.fortschritt()
