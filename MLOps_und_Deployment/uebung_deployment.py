"""Übung Deployment: ein besseres MNIST-Modell als neue Version, mit FastAPI angeboten.

Kapitel   6.30 MLOps und Deployment · Deployment mit FastAPI
Folie     Übung Deployment
Lernziel  Eine neue Version registrieren und befördern; einen Dienst schreiben und ihn testen
Laufzeit  ca. 12 s (2 CPU-Kerne)
Daten     MNIST

Vorbilder sind demo_mlflow_model_registry.py und der kleinste Dienst in demo_fastapi_deployment.py.

Bearbeite nur, was zwischen ▼ und ▲ steht: Ersetze `...` durch deine Antwort und starte das Skript
neu. Unter jeder Aufgabe steht dann, ob sie stimmt, und wenn nicht, woran es liegt.
"""

# %% Stellschrauben
EPOCHS = 4  # Test: 3
N_TRAIN = 3_000  # Test: 600
MARGIN = 0.1  # Test: 0.05; um so viel soll dein Modell auf der Validierung besser sein
TIPPS = 1  # je Aufgabe: 0 keine Tipps, 1 eine Frage, 2 auch wo es steht, 3 auch ein Gerüst
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
from kurs import ausgabe_ordner, pruefe
from kurs.bilder import mnist
from kurs.mlflow_ablage import datenbank
from kurs.server import im_hintergrund

import keras
import mlflow
import numpy as np
import pydantic
import requests
from fastapi import FastAPI

NAME = "mnist"
REQUIREMENTS = [f"keras=={keras.__version__}"]

# %% Daten. x_test behält Pixel von 0 bis 255, wie im Dienst; seine Labels bleiben im Umschlag.
(x_train, y_train), (x_test, _) = mnist.load_data()
x_val, y_val = (x_train[-1_000:] / 255).astype("float32"), y_train[-1_000:]
x_train, y_train = (x_train[:N_TRAIN] / 255).astype("float32"), y_train[:N_TRAIN]
x_scaled = (x_test / 255).astype("float32")


def train(model):
    """Trainiert, jedes Modell gleich; Rückgabe: seine Genauigkeit auf der Validierung."""
    keras.utils.set_random_seed(SEED)
    model.fit(x_train, y_train, epochs=EPOCHS, batch_size=64)
    return float((model.predict(x_val).argmax(axis=1) == y_val).mean())


existing = keras.Sequential(
    [keras.Input(shape=(28, 28)), keras.layers.Flatten(), keras.layers.Dense(10, "softmax")]
)
existing.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
old_accuracy = train(existing)
print(f"Das bestehende Modell: Validierung {old_accuracy:.3f}")

# %% Ein besseres Modell. pruefe trainiert es mit train (oben), so lange wie das bestehende.
# ▼ AUFGABE 1: Baue ein besseres Modell, kompiliere es und gib es zurück (hinein 28×28, heraus 10).
def build_better_model():
    ...
# ▲
has_better = pruefe(1, better := build_better_model())

# %% Die Registry, jedes Mal frisch; das bestehende Modell ist Version 1 und Champion
folder = ausgabe_ordner()
database = datenbank(folder)
mlflow.set_tracking_uri(database)
mlflow.set_registry_uri(database)
if mlflow.get_experiment_by_name(NAME) is None:
    mlflow.create_experiment(NAME, artifact_location=(folder / "artefakte").as_uri())
mlflow.set_experiment(NAME)
client = mlflow.MlflowClient()
if client.search_registered_models(f"name = '{NAME}'"):
    client.delete_registered_model(NAME)
client.create_registered_model(NAME)
with mlflow.start_run(run_name="bestehendes Modell"):
    signature = mlflow.models.infer_signature(x_scaled[:2], existing.predict(x_scaled[:2]))
    options = {"signature": signature, "pip_requirements": REQUIREMENTS}
    info = mlflow.tensorflow.log_model(existing, name="model", **options)
client.create_model_version(NAME, info.model_uri)
client.set_registered_model_alias(NAME, "champion", 1)

# ▼ AUFGABE 2: Halte das Modell mit Signatur fest; mach es zur neuen Version und sie zum Champion.
def register_model(model):
    ...
# ▲
if pruefe(2, register_model) and has_better:
    register_model(better)

# %% Der Dienst: Er lädt, was jetzt Champion ist
version = int(client.get_model_version_by_alias(NAME, "champion").version)
model = mlflow.tensorflow.load_model(f"models:/{NAME}/{version}")
app = FastAPI(title="MNIST")
# ▼ AUFGABE 3: Beschreibe die Eingabe: pixels, 28 Zeilen zu je 28 Zahlen von 0 bis 255.
class Picture(pydantic.BaseModel):
    ...
# ▲
pruefe(3, Picture)

# ▼ AUFGABE 4: POST /predict: Aus einem Picture wird {"digit": …, "version": …} (model, version).
...
# ▲
has_service = pruefe(4, app)

# ▼ AUFGABE 5: Schicke ein Bild (28×28, 0 bis 255) an den Dienst; gib die Ziffer der Antwort zurück.
def ask(address, image):
    return ...
# ▲
if pruefe(5, ask) and has_service:
    with im_hintergrund(app) as address:  # im Terminal startet man ihn mit uvicorn
        print(f"Dein Dienst auf {address}:", [ask(address, image) for image in x_test[:10]])
    y_test = mnist.load_data()[1][1]  # der Umschlag
    for name, x, y in (("Validierung", x_val, y_val), ("Test", x_scaled, y_test)):
        print(f"Version {version}, {name}: {(model.predict(x).argmax(axis=1) == y).mean():.3f}")
