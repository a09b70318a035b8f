"""Übung Fashion-MNIST-Deployment: dein bestes Modell in die Registry und hinter FastAPI.

Kapitel   6.40 MLOps und Deployment · Deployment mit FastAPI
Folie     Übung Fashion MNIST
Lernziel  Das beste Modell registrieren; Bilder annehmen, prüfen und mit Namen beantworten
Laufzeit  ca. 15 s (2 CPU-Kerne)
Daten     Fashion-MNIST

Vorbilder sind demo_mlflow_model_registry.py und der Dienst in dienst/app.py.
Bearbeite nur, was zwischen ▼ und ▲ steht: Ersetze `...` durch deine Antwort und starte das Skript
neu. Unter jeder Aufgabe steht dann, ob sie stimmt, und wenn nicht, woran es liegt.
"""

# %% Stellschrauben
TIPPS = 1  # je Aufgabe: 0 keine Tipps, 1 eine Frage, 2 auch wo es steht, 3 auch ein Gerüst
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
import io

from kurs import ausgabe_ordner, projekt, pruefe
from kurs.bilder import fashion_mnist
from kurs.mlflow_ablage import datenbank
from kurs.server import im_hintergrund

import fastapi
import keras
import mlflow
import numpy as np
import requests
from PIL import Image

NAME = "kleidung"
class_names = fashion_mnist.class_names

# %% Die Registry, jedes Mal frisch
folder = ausgabe_ordner()
mlflow.set_tracking_uri(datenbank(folder))
if mlflow.get_experiment_by_name(NAME) is None:
    mlflow.create_experiment(NAME, artifact_location=(folder / "artefakte").as_uri())
experiment = mlflow.set_experiment(NAME)
client = mlflow.MlflowClient()
if client.search_registered_models(f"name = '{NAME}'"):
    client.delete_registered_model(NAME)
client.create_registered_model(NAME)

# %% Dein bestes Modell, und eines von derselben Bauart, das nichts gelernt hat: je ein Lauf
my_model, stand = projekt.bestes()
x_val, y_val = projekt.validierung()
keras.utils.set_random_seed(SEED)
model_uris, val_accuracy = {}, {}
for name, model in {"deins": my_model, "leer": keras.models.clone_model(my_model)}.items():
    answers = model.predict(x_val, batch_size=500, verbose=0)
    signature = mlflow.models.infer_signature(x_val[:2], answers[:2])
    with mlflow.start_run(run_name=name) as run:
        accuracy = float((answers.argmax(axis=1) == y_val).mean())
        mlflow.log_metric("val_accuracy", accuracy)
        options = {"signature": signature, "pip_requirements": [f"keras=={keras.__version__}"]}
        info = mlflow.tensorflow.log_model(model, name="model", **options)
    model_uris[run.info.run_id], val_accuracy[run.info.run_id] = info.model_uri, accuracy
    print(f"{name}: Validierung {accuracy:.3f}")

# ▼ AUFGABE 1: Bestimme die run_id des Laufs mit der besten Validierung (siehe val_accuracy).
best_run_id = max(val_accuracy, key=val_accuracy.get)
# ▲
pruefe(1, best_run_id)

# ▼ AUFGABE 2: Lege das Modell des Laufs als Version von NAME an (sein Ort steht in model_uris) und
#   gib ihr den Alias champion.
def register_champion(run_id):
    version = client.create_model_version(NAME, model_uris[run_id]).version
    client.set_registered_model_alias(NAME, "champion", version)
# ▲
pruefe(2, register_champion)

# %% Der Dienst lädt den Champion (solange es keinen gibt: dein Modell)
aliases = client.get_registered_model(NAME).aliases
champion = mlflow.tensorflow.load_model(f"models:/{NAME}@champion") if aliases else my_model
app = fastapi.FastAPI(title="Kleidung")

# ▼ AUFGABE 3: Aus den Bytes einer PNG-Datei ein Feld (28, 28), 0–1; ist es kein Bild: HTTPException
#   mit Status 415.
def read_image(data):
    try:
        image = Image.open(io.BytesIO(data)).convert("L").resize((28, 28))
    except OSError:
        raise fastapi.HTTPException(415, "Das ist kein lesbares Bild.") from None
    return np.asarray(image, dtype="float32") / 255
# ▲
pruefe(3, read_image)

# ▼ AUFGABE 4: POST /predict mit file: fastapi.UploadFile (Bytes: file.file.read()); heraus kommt
#   {"label": …, "probability": …}.
@app.post("/predict")
def predict(file: fastapi.UploadFile):
    image = read_image(file.file.read())
    probabilities = champion(image[None], training=False).numpy()[0]
    best_class = int(probabilities.argmax())
    return {"label": class_names[best_class], "probability": float(probabilities[best_class])}
# ▲
if pruefe(4, app):
    x_test, y_test = fashion_mnist.load_data()[1]  # der Umschlag
    with im_hintergrund(app) as address:
        print(f"Dein Dienst läuft auf {address}")
        right = 0
        for image, label in zip(x_test[:200], y_test):
            Image.fromarray(image).save(png := io.BytesIO(), "PNG")
            reply = requests.post(f"{address}/predict", files={"file": png.getvalue()}, timeout=60)
            right += reply.json()["label"] == class_names[label]
    print(f"Validierung {stand.val_accuracy:.3f}; über HTTP {right / 200:.3f} von 200 Testbildern")
