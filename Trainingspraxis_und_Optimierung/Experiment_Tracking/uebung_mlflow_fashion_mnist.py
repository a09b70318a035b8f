"""Übung MLflow: Trainings deines Fashion-MNIST-Modells aufzeichnen und das beste wiederfinden.

Kapitel   5.80 Trainingspraxis und Optimierung · Experiment Tracking
Folie     Übung: Fashion MNIST (MLflow)
Lernziel  Parameter, Kurven und Modell mit MLflow festhalten, Läufe vergleichen, ein Modell laden
Laufzeit  ca. 15 s (2 CPU-Kerne)
Daten     Fashion-MNIST

Dein bestes Modell bisher trainiert weiter, mit drei Lernraten, und MLflow schreibt mit (Vorbild:
demo_mlflow_integration.py). Wie man ein Keras-Modell festhält, sollst du nachschlagen: mlflow.org.

Ersetze zwischen ▼ und ▲ das `...` durch deine Antwort; beim Start steht darunter, ob sie stimmt.
"""

# %% Stellschrauben
EPOCHS = 3  # Test: 2
N_TRAIN = 500  # Test: 256
TIPPS = 1  # je Aufgabe: 0 keine Tipps, 1 eine Frage, 2 auch wo es steht, 3 auch ein Gerüst
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
from datetime import datetime

from kurs import ausgabe_ordner, projekt, pruefe
from kurs.bilder import fashion_mnist
from kurs.mlflow_ablage import oberflaeche, oeffne

import keras
import mlflow

# %% MLflow schreibt nach ausgabe: eine Datei als Datenbank, ein Ordner für die Modelle
folder = ausgabe_ordner()
experiment = oeffne(folder, "Fashion-MNIST")
start = datetime.now().isoformat()  # jeder Lauf bekommt diese Zeit als Tag
REQUIREMENTS = [f"keras=={keras.__version__}"]
EXPERIMENTS = [{"learning_rate": rate, "batch_size": 32} for rate in (0.01, 0.001, 0.0001)]

# ▼ AUFGABE 1: Halte alle Einträge des Dictionarys settings als Parameter des offenen Laufs fest.
def log_settings(settings):  # settings ist einer der Versuche von oben
    ...
# ▲
has_settings = pruefe(1, log_settings)

# ▼ AUFGABE 2: Halte alle Werte aus logs als Metriken fest, und zwar für diese Epoche.
def log_epoch(epoch, logs):  # logs ist zum Beispiel {"loss": 0.7, "val_accuracy": 0.75, …}
    ...
# ▲
has_curves = pruefe(2, log_epoch)

# %% Dein Modell und die Daten. Die Labels der Testbilder bleiben bis zum Schluss im Umschlag.
my_model, stand = projekt.bestes()
(x_train, y_train), (x_test, _) = fashion_mnist.load_data()
x_train, x_test = [(x / 255).astype("float32") for x in (x_train[:N_TRAIN], x_test[:2_000])]
y_train, validation = y_train[:N_TRAIN], projekt.validierung()

def train(learning_rate, batch_size):
    keras.utils.set_random_seed(SEED)
    model = keras.models.clone_model(my_model)
    model.set_weights(my_model.get_weights())
    optimizer = keras.optimizers.Adam(learning_rate)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    log = keras.callbacks.LambdaCallback(on_epoch_end=log_epoch)  # ruft deine Funktion
    model.fit(x_train, y_train, batch_size, EPOCHS, callbacks=[log], validation_data=validation)
    return model

# %% Um jedes Training ein Lauf, in dem deine Funktionen mitschreiben
models, curves, best_info, THIS_START = {}, {}, None, ...
if has_curves:
    THIS_START = f"tags.start = '{start}'"  # damit findet man die Läufe von eben, nicht alte
    for settings in EXPERIMENTS:
        with mlflow.start_run(tags={"start": start}) as run:
            if has_settings:
                log_settings(settings)
            model = models[run.info.run_id] = train(**settings)
        curves[run.info.run_id] = model.history.history["val_accuracy"]
        print(f"{settings}: Validierung {curves[run.info.run_id][-1]:.3f}")

# ▼ AUFGABE 3: Halte das Keras-Modell fest, mit Signatur und Beispiel; gib zurück, was MLflow gibt.
def log_model(model):  # mit pip_requirements=REQUIREMENTS muss MLflow keine Pakete suchen
    ...
# ▲
has_model = pruefe(3, log_model)

# ▼ AUFGABE 4: Finde mit mlflow.search_runs die run_id der höchsten val_accuracy (nur THIS_START).
best_run_id = ...
# ▲
if pruefe(4, best_run_id) and has_model:
    with mlflow.start_run(best_run_id):  # der Lauf geht weiter: Sein Modell kommt dazu
        best_info = log_model(models[best_run_id])

# ▼ AUFGABE 5: Lade das Modell aus MLflow und gib je Testbild (x_test) die Klasse zurück.
def predict_classes(info):  # info kam aus log_model
    return ...
# ▲
if pruefe(5, predict_classes) and best_info:
    print("Ansehen, im Browser auf http://localhost:5000, mit diesem Befehl:", oberflaeche())
    val_accuracy = projekt.behalte(models[best_run_id], "weitertrainiert, verfolgt mit MLflow")
    y_test = fashion_mnist.load_data()[1][1][:2_000]  # der Umschlag
    accuracy = float(keras.metrics.Accuracy()(y_test, predict_classes(best_info)))
    print(f"Das beste Modell: Validierung {val_accuracy:.3f}, Test {accuracy:.3f}")
