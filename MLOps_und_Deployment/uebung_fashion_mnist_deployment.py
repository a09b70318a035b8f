"""Übung Fashion-MNIST-Deployment: dein bestes Modell in die Registry und hinter FastAPI.

Kapitel   6.40 MLOps und Deployment · Deployment mit FastAPI
Folie     Übung Fashion MNIST
Lernziel  Das beste Modell registrieren; Bilder annehmen, prüfen und mit Namen beantworten
Laufzeit  ca. 10 s (2 CPU-Kerne)
Daten     Fashion-MNIST

Zur Wahl stehen dein bestes Modell bisher und zwei Fassungen ohne seine kleinsten Gewichte. Sieh
nach in demo_mlflow_model_registry.py und beim kleinsten Dienst in demo_fastapi_deployment.py.

Ersetze zwischen ▼ und ▲ das `...` durch deine Antwort; beim Start steht darunter, ob sie stimmt.
"""

# %% Stellschrauben
SHARES = (0.9, 0.0, 0.5)  # so viele Gewichte werden null; 0.0 ist dein Modell, wie es ist
TIPPS = 1  # je Aufgabe: 0 keine Tipps, 1 eine Frage, 2 auch wo es steht, 3 auch ein Gerüst

# %% Bibliotheken laden (einige Sekunden)
import io

from kurs import ausgabe_ordner, projekt, pruefe
from kurs.bilder import fashion_mnist
from kurs.merken import gemerkt
from kurs.mlflow_ablage import leeres_modell, oeffne
from kurs.server import im_hintergrund

import fastapi
import keras
import mlflow
import numpy as np
import requests
from PIL import Image

NAME = "kleidung"
class_names = fashion_mnist.class_names

# %% Dein Modell und seine Fassungen
my_model, stand = projekt.bestes()
x_val, y_val = projekt.validierung()

@gemerkt  # gerechnet wird nur beim ersten Mal
def lighter(architecture, weights, share, images, labels):
    """Das Modell ohne seine kleinsten Gewichte, und seine Genauigkeit auf den Bildern."""
    model = keras.models.model_from_json(architecture)
    limits = [np.quantile(abs(w), share) if w.ndim > 1 else 0 for w in weights]
    model.set_weights([w * (abs(w) >= limit) for w, limit in zip(weights, limits)])
    return model, float((model.predict(images).argmax(axis=1) == labels).mean())

# %% Ein Lauf je Fassung, und eine Registry, in der noch keine Version liegt
folder = ausgabe_ordner()
experiment = oeffne(folder, NAME)
leeres_modell(NAME)
client = mlflow.MlflowClient()
signature = mlflow.models.infer_signature(x_val[:2], my_model(x_val[:2]).numpy())
options = {"signature": signature, "pip_requirements": [f"keras=={keras.__version__}"]}
model_uris, val_accuracy = {}, {}
for share in SHARES:
    model, accuracy = lighter(my_model.to_json(), my_model.get_weights(), share, x_val, y_val)
    with mlflow.start_run(run_name=f"ohne {share:.0%} der Gewichte") as run:
        mlflow.log_metric("val_accuracy", accuracy)
        info = mlflow.tensorflow.log_model(model, name="model", **options)
    model_uris[run.info.run_id], val_accuracy[run.info.run_id] = info.model_uri, accuracy
    print(f"{share:.0%} der Gewichte null: Validierung {accuracy:.3f}")

# ▼ AUFGABE 1: Bestimme die run_id des Laufs mit der besten Validierung (val_accuracy kennt sie).
best_run_id = ...
# ▲
has_best = pruefe(1, best_run_id)

champion = my_model  # bis in der Registry einer steht
# ▼ AUFGABE 2: Lege dieses Modell als Version von NAME an (Ort: model_uris), mit dem Alias champion.
def register_champion(run_id):
    ...
# ▲
if pruefe(2, register_champion) and has_best:
    register_champion(best_run_id)
    champion = mlflow.tensorflow.load_model(f"models:/{NAME}@champion")

# ▼ AUFGABE 3: Aus den Bytes einer PNG-Datei ein Feld (28, 28), 0–1; sonst HTTPException mit 415.
def read_image(data):
    ...
# ▲
pruefe(3, read_image)

app = fastapi.FastAPI(title="Kleidung")
# ▼ AUFGABE 4: POST /predict mit file: fastapi.UploadFile (Bytes: file.file.read()), beantwortet von
# champion; heraus kommt {"label": Name der Klasse, "probability": ihre Wahrscheinlichkeit}.
...
# ▲
if pruefe(4, app):
    with im_hintergrund(app) as address:  # im Terminal startet man ihn mit uvicorn
        Image.fromarray(np.uint8(x_val[0] * 255)).save(png := io.BytesIO(), "PNG")
        reply = requests.post(f"{address}/predict", files={"file": png.getvalue()}, timeout=60)
        print(f"Dein Dienst auf {address} antwortet: {reply.text}")
    score = projekt.behalte(champion, "aus der Registry")
    _, (x_test, y_test) = fashion_mnist.load_data()  # der Umschlag
    accuracy = (champion.predict(x_test / 255).argmax(axis=1) == y_test).mean()
    print(f"Was im Dienst steht: Validierung {score:.3f}, Test {accuracy:.3f}")
