"""Übung Deployment: ein besseres MNIST-Modell registrieren und mit FastAPI anbieten.

Kapitel   6.30 MLOps und Deployment · Deployment mit FastAPI
Folie     Übung Deployment
Lernziel  Eine Version registrieren und befördern; einen Dienst schreiben, der Eingaben prüft
Laufzeit  ca. 15 s (2 CPU-Kerne)
Daten     MNIST

Vorbilder sind demo_mlflow_model_registry.py und der kleinste Dienst in demo_fastapi_deployment.py.
Ersetze zwischen ▼ und ▲ das `...` durch deine Antwort; beim Start steht darunter, ob sie stimmt.
"""

# %% Stellschrauben
EPOCHS = 4  # Test: 3
N_TRAIN = 3_000  # Test: 600
TIPPS = 1  # je Aufgabe: 0 keine Tipps, 1 eine Frage, 2 auch wo es steht, 3 auch ein Gerüst
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
from functools import cache

from kurs import ausgabe_ordner, pruefe
from kurs.bilder import mnist
from kurs.mlflow_ablage import leeres_modell, oeffne
from kurs.server import im_hintergrund

import keras
import mlflow
import numpy as np
import pydantic
import requests
from fastapi import FastAPI

NAME, REQUIREMENTS = "mnist", [f"keras=={keras.__version__}"]

# %% Daten (die Testbilder bleiben bis zum Schluss im Umschlag) und eine leere Registry
(x_full, y_full), _ = mnist.load_data()
x_scaled = (x_full / 255).astype("float32")  # x_full behält Pixel von 0 bis 255
x_train, y_train = x_scaled[:N_TRAIN], y_full[:N_TRAIN]
x_val, y_val = x_scaled[-1000:], y_full[-1000:]
folder = ausgabe_ordner()
oeffne(folder, NAME)
leeres_modell(NAME)
client = mlflow.MlflowClient()

# %% Das bestehende Modell wird Version 1 und Champion
def fit(model):
    keras.utils.set_random_seed(SEED)
    model.fit(x_train, y_train, epochs=EPOCHS, batch_size=64, verbose=0)
    return float((model.predict(x_val, verbose=0).argmax(axis=1) == y_val).mean())

existing = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(10, "softmax")])
existing.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
old_accuracy = fit(existing)
with mlflow.start_run(run_name="bestehendes Modell"):
    signature = mlflow.models.infer_signature(x_val[:2], existing.predict(x_val[:2]))
    options = {"signature": signature, "pip_requirements": REQUIREMENTS}
    info = mlflow.tensorflow.log_model(existing, name="model", **options)
client.create_model_version(NAME, info.model_uri)
client.set_registered_model_alias(NAME, "champion", 1)
print(f"Version 1, das bestehende Modell: Genauigkeit auf der Validierung {old_accuracy:.3f}")

@cache  # Auch deines wird mit diesen Daten trainiert
def train_better():
    model = build_better_model()
    return model, fit(model)

# ▼ AUFGABE 1: Baue ein besseres Modell, kompiliere es, gib es zurück (hinein 28×28, heraus 10).
def build_better_model():
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input(shape=(28, 28)),
            layers.Reshape((28, 28, 1)),
            layers.Conv2D(16, 5, strides=2, activation="relu"),
            layers.Flatten(),
            layers.Dense(64, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )
    optimizer = keras.optimizers.Adam(0.002)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
# ▲
if pruefe(1, build_better_model):
    better, new_accuracy = train_better()
    print(f"Dein Modell: Genauigkeit auf der Validierung {new_accuracy:.3f}")

# ▼ AUFGABE 2: Halte das Modell mit Signatur fest, lege es als neue Version an, Alias champion.
def register_model(model):
    with mlflow.start_run(run_name="besseres Modell"):
        answer = model.predict(x_val[:2], verbose=0)
        signature = mlflow.models.infer_signature(x_val[:2], answer)
        info = mlflow.tensorflow.log_model(
            model, name="model", signature=signature, pip_requirements=REQUIREMENTS
        )
    version = client.create_model_version(NAME, info.model_uri).version
    client.set_registered_model_alias(NAME, "champion", version)
# ▲
pruefe(2, register_model)

# %% Der Dienst lädt, was jetzt Champion ist (solange Aufgabe 2 offen ist, ist das Version 1)
version = int(client.get_registered_model(NAME).aliases.get("champion", 1))
model = mlflow.tensorflow.load_model(f"models:/{NAME}/{version}")
app = FastAPI(title="MNIST")

# ▼ AUFGABE 3: Beschreibe die Eingabe: pixels, 28 Zeilen zu je 28 Zahlen von 0 bis 255.
class Picture(pydantic.BaseModel):
    pixels: list[list[int]] = pydantic.Field(min_length=28, max_length=28)

    def model_post_init(self, context):
        if any(len(row) != 28 or min(row) < 0 or max(row) > 255 for row in self.pixels):
            raise ValueError("28 Zeilen zu je 28 Zahlen von 0 bis 255")
# ▲
pruefe(3, Picture)

# ▼ AUFGABE 4: Ergänze POST /predict: aus einem Picture wird {"digit": …, "version": …}; benutze
#   model und version.
@app.post("/predict")
def predict(picture: Picture):
    images = np.array([picture.pixels], dtype="float32") / 255
    return {"digit": int(model(images, training=False).numpy().argmax()), "version": version}
# ▲
served = pruefe(4, app)

# ▼ AUFGABE 5: Schicke ein Bild (28×28, 0 bis 255) an den Dienst; zurück kommt seine Ziffer.
def ask(address, image):
    reply = requests.post(f"{address}/predict", json={"pixels": image.tolist()}, timeout=60)
    return reply.json()["digit"]
# ▲
if pruefe(5, ask) and served:
    x_test, y_test = mnist.load_data()[1]  # der Umschlag
    with im_hintergrund(app) as address:
        print(f"Dein Dienst läuft auf {address} (im Terminal startet man ihn mit uvicorn)")
        right = np.mean([ask(address, image) == y for image, y in zip(x_test[:200], y_test)])
    print(f"Über HTTP gefragt: {right:.3f} von 200 Testbildern richtig")
