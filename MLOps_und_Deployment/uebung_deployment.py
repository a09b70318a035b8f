"""Übung Deployment: ein besseres MNIST-Modell als neue Version registrieren und mit FastAPI anbieten.

Kapitel   6.30 MLOps und Deployment · Deployment mit FastAPI
Folie     Übung Deployment
Lernziel  Eine neue Version registrieren und befördern; einen Dienst schreiben, der Eingaben prüft, und ihn testen
Laufzeit  ca. 25 s (2 CPU-Kerne)
Daten     MNIST

Bearbeite nur, was zwischen ▼ und ▲ steht: Ersetze `...` durch deine Antwort und starte das Skript neu.
Vorbilder sind demo_mlflow_model_registry.py und der kleinste Dienst in demo_fastapi_deployment.py.
"""

# %% Stellschrauben
EPOCHS = 4  # Test: 3
N_TRAIN = 3_000  # Test: 600
TIPPS = 1  # je Aufgabe: 0 keine Tipps, 1 eine Frage, 2 auch wo es steht, 3 auch ein Gerüst
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
from kurs import ausgabe_ordner, pruefe
from kurs.bilder import mnist
from kurs.server import im_hintergrund

import keras
import mlflow
import numpy as np
import pydantic
import requests
from fastapi import FastAPI

NAME = "mnist"
REQUIREMENTS = [f"keras=={keras.__version__}"]

# %% Daten
(x_train, y_train), (x_test, y_test) = mnist.load_data()
x_train, y_train = (x_train[:N_TRAIN] / 255).astype("float32"), y_train[:N_TRAIN]
x_scaled = (x_test / 255).astype("float32")  # x_test behält Pixel von 0 bis 255, so kommen sie an

# %% Die Registry, jedes Mal frisch
folder = ausgabe_ordner()
if not (folder / "mlflow.db").exists():
    print("MLflow legt seine Datenbank an, das dauert einmal einige Sekunden …", flush=True)
mlflow.set_tracking_uri(f"sqlite:///{(folder / 'mlflow.db').as_posix()}")
if mlflow.get_experiment_by_name(NAME) is None:
    mlflow.create_experiment(NAME, artifact_location=(folder / "artefakte").as_uri())
mlflow.set_experiment(NAME)
client = mlflow.MlflowClient()
if client.search_registered_models(f"name = '{NAME}'"):
    client.delete_registered_model(NAME)
client.create_registered_model(NAME)

# %% Das bestehende Modell: Version 1, Champion
keras.utils.set_random_seed(SEED)
existing = keras.Sequential(
    [keras.Input(shape=(28, 28)), keras.layers.Flatten(), keras.layers.Dense(10, "softmax")]
)
existing.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
existing.fit(x_train, y_train, epochs=EPOCHS, batch_size=64, verbose=0)
with mlflow.start_run(run_name="bestehendes Modell"):
    signature = mlflow.models.infer_signature(
        x_scaled[:2], existing.predict(x_scaled[:2], verbose=0)
    )
    info = mlflow.tensorflow.log_model(
        existing, name="model", signature=signature, pip_requirements=REQUIREMENTS
    )
client.create_model_version(NAME, info.model_uri)
client.set_registered_model_alias(NAME, "champion", 1)
old_accuracy = existing.evaluate(x_scaled, y_test, verbose=0)[1]
print(f"Version 1, das bestehende Modell: Genauigkeit {old_accuracy:.3f}")


# %% Aufgabe 1: ein besseres Modell. Trainiert wird es unten, mit denselben Daten und Epochen.
# ▼ AUFGABE 1: Baue ein besseres Modell, kompiliere es und gib es zurück (hinein 28×28, heraus 10).
def build_better_model():
    ...
# ▲


keras.utils.set_random_seed(SEED)
better = build_better_model()
fits = isinstance(better, keras.Model) and better.compiled
fits = fits and (better.input_shape, better.output_shape) == ((None, 28, 28), (None, 10))
if fits:
    better.fit(x_train, y_train, epochs=EPOCHS, batch_size=64, verbose=0)
    new_accuracy = (better.predict(x_scaled, verbose=0).argmax(axis=1) == y_test).mean()
    print(f"Dein Modell: Genauigkeit {new_accuracy:.3f}")


# %% Aufgabe 2: registrieren und befördern
# ▼ AUFGABE 2: Halte das Modell mit Signatur fest, lege es als neue Version an und mach sie zum Champion.
def register_model(model):
    ...
# ▲


if fits:
    register_model(better)
numbers = sorted(int(v.version) for v in client.search_model_versions(f"name = '{NAME}'"))
aliases = {name: int(v) for name, v in client.get_registered_model(NAME).aliases.items()}

# %% Was jetzt Champion ist, lädt der Dienst (solange Aufgabe 2 offen ist, ist das Version 1)
version = aliases.get("champion", 1)
model = mlflow.tensorflow.load_model(f"models:/{NAME}/{version}")
app = FastAPI(title="MNIST")


# %% Aufgabe 3 und 4: der Dienst
# ▼ AUFGABE 3: Beschreibe die Eingabe: pixels, 28 Zeilen zu je 28 Zahlen von 0 bis 255.
class Picture(pydantic.BaseModel):
    ...
# ▲


# ▼ AUFGABE 4: Ergänze POST /predict: aus einem Picture wird {"digit": …, "version": …}; benutze model und version.
...
# ▲


# %% Aufgabe 5: testen, von außen, über HTTP
# ▼ AUFGABE 5: Schicke ein Bild (28×28, 0 bis 255) an den Dienst und gib die Ziffer aus seiner Antwort zurück.
def ask(address, image):
    return ...
# ▲


replies, asked = ..., ...
if "/predict" in app.openapi()["paths"]:
    with im_hintergrund(app) as address:
        print(f"Dein Dienst läuft auf {address} (im Terminal startet man ihn mit uvicorn)")
        replies = [
            requests.post(f"{address}/predict", json={"pixels": image.tolist()}, timeout=60)
            for image in x_test[:25]
        ]
        asked = [ask(address, image) for image in x_test[:25]]
        print("Antworten:", *[reply.text[:60] for reply in replies[:3]])


# %% Prüfung (hier nichts ändern)
def accepts(pixels):
    try:
        Picture(pixels=pixels)
    except pydantic.ValidationError:
        return False
    return True


def field(reply, name):
    body = reply.json()
    return body.get(name) if isinstance(body, dict) else None


good = [[0] * 28 for _ in range(27)] + [[255] * 28]
expected = model.predict(x_scaled[:25], verbose=0).argmax(axis=1).tolist()
pruefe.erwarte(
    "Aufgabe 1",
    ... if better is None else better,
    (
        lambda answer: isinstance(answer, keras.Model) and answer.compiled,
        "Gesucht ist ein Keras-Modell, das kompiliert ist: Sonst kann fit nichts lernen.",
    ),
    (
        lambda answer: fits,
        lambda answer: (
            f"Hinein {answer.input_shape[1:]}, heraus {answer.output_shape[1:]}; gesucht ist "
            "(28, 28) → (10,). Eine Achse für die Farbe fügst du im Modell hinzu, mit Reshape."
        ),
    ),
    (
        lambda answer: new_accuracy >= old_accuracy + 0.04,
        lambda answer: (
            f"Kaum besser: {new_accuracy:.3f} gegen {old_accuracy:.3f}. Verlangt ist ein "
            "Vorsprung von 0.04."
        ),
    ),
    tipps=[
        "Das bestehende Modell hat keine verdeckte Schicht und lernt mit SGD. Was davon bremst?",
        "demo_cnn_mnist.py (Kapitel 2): Conv2D; als Optimizer Adam. Vor Conv2D gehört Reshape((28, 28, 1)).",
        'model = keras.Sequential([keras.Input(shape=(28, 28)), …, keras.layers.Dense(10, "softmax")])\n'
        'model.compile("adam", "sparse_categorical_crossentropy", metrics=[…])\nreturn model',
    ],
)
pruefe.erwarte(
    "Aufgabe 2",
    aliases if (numbers, aliases) != ([1], {"champion": 1}) else ...,
    (
        lambda found: numbers[-1] > 1,
        "Es gibt immer noch nur Version 1. Aus dem festgehaltenen Modell wird erst mit "
        "create_model_version eine Version.",
    ),
    (
        lambda found: found.get("champion") == numbers[-1],
        lambda found: (
            f"Version {numbers[-1]} ist da, aber champion zeigt auf {found.get('champion')}."
        ),
    ),
    (
        lambda found: (
            mlflow.models.get_model_info(f"models:/{NAME}/{version}").signature is not None
        ),
        "Die neue Version hat keine Signatur: Niemand sieht ihr an, was hineingehört.",
    ),
    (
        lambda found: np.allclose(
            model.predict(x_scaled[:9], verbose=0),
            better.predict(x_scaled[:9], verbose=0),
            atol=1e-4,
        ),
        "In der neuen Version steckt ein anderes Modell als deines aus Aufgabe 1.",
    ),
    tipps=[
        "Oben steht, wie Version 1 in die Registry und zu ihrem Alias kam. Was ist bei dir anders?",
        "log_model in einem Lauf, dann create_model_version, dann set_registered_model_alias.",
        'with mlflow.start_run():\n    info = mlflow.tensorflow.log_model(model, name="model", …)\n'
        "version = client.create_model_version(NAME, info.…).version\nclient.set_…(NAME, …, version)",
    ],
)
pruefe.erwarte(
    "Aufgabe 3",
    Picture if "pixels" in Picture.model_fields else ...,
    (
        lambda picture: accepts(good),
        "Ein richtiges Bild (28 Zeilen zu 28 Zahlen) wird abgewiesen.",
    ),
    (
        lambda picture: not accepts(good[:27]) and not accepts([*good, [0] * 28]),
        "Auch 27 oder 29 Zeilen werden angenommen; im Modell gäbe es dann einen Absturz.",
    ),
    (
        lambda picture: not accepts([row[:27] for row in good]) and not accepts([*good[:27], [0]]),
        "Die Zahl der Zeilen wird geprüft, ihre Länge nicht.",
    ),
    (
        lambda picture: (
            not accepts([*good[:27], [256] * 28]) and not accepts([[-1] * 28, *good[:27]])
        ),
        "Zahlen unter 0 oder über 255 werden angenommen.",
    ),
    tipps=[
        "FastAPI prüft nur, was im Typ steht. Steht dort, wie viele es sein müssen?",
        "pydantic.Field(min_length=…, max_length=…) für Listen, Field(ge=…, le=…) für Zahlen, beides mit "
        "Annotated; oder eine Prüfung in model_post_init, die ValueError wirft.",
        "class Picture(pydantic.BaseModel):\n    pixels: list[list[int]] = pydantic.Field(min_length=28, max_length=…)\n\n"
        "    def model_post_init(self, context):\n        if any(len(row) != … for row in self.pixels):\n"
        '            raise ValueError("…")',
    ],
)
pruefe.erwarte(
    "Aufgabe 4",
    replies,
    (
        lambda found: all(reply.status_code == 200 for reply in found),
        lambda found: (
            f"HTTP {found[0].status_code} statt 200: {found[0].text[:90]} "
            "(Bei 500 ist es oft eine Zahl von NumPy statt int(…).)"
        ),
    ),
    (
        lambda found: all(isinstance(field(reply, "digit"), int) for reply in found),
        lambda found: (
            f"Die Antwort enthält keine Ziffer unter „digit“, sondern: {found[0].text[:80]}"
        ),
    ),
    (
        lambda found: [field(reply, "digit") for reply in found] == expected,
        "Der Dienst antwortet anders als das Modell. Kommen die Pixel mit 0 bis 1 im Modell an?",
    ),
    (
        lambda found: all(str(field(reply, "version")) == str(version) for reply in found),
        "Die Antwort nennt nicht die Version, die sie berechnet hat.",
    ),
    tipps=[
        "Welche drei Zeilen macht der kleinste Dienst in der Demo?",
        "demo_fastapi_deployment.py, „Der kleinste Dienst“. Das Modell will eine Achse mehr und Werte bis 1.",
        '@app.post("/predict")\ndef predict(picture: Picture):\n    images = np.array([picture.…]) / …\n'
        '    return {"digit": int(…), "version": …}',
    ],
)
pruefe.erwarte(
    "Aufgabe 5",
    asked,
    (
        lambda found: not any(hasattr(answer, "status_code") for answer in found),
        "ask gibt die ganze Antwort zurück; gesucht ist die Ziffer darin.",
    ),
    (
        lambda found: found == [field(reply, "digit") for reply in replies],
        lambda found: (
            f"Zurück kommt {found[0]!r}; das sind nicht die Antworten des Dienstes auf diese Bilder."
        ),
    ),
    tipps=[
        "Wie schickt man eine Liste von Listen über HTTP?",
        "requests.post(adresse, json={…}); ein NumPy-Feld wird mit .tolist() zur Liste; .json() liest die Antwort.",
        'reply = requests.post(f"{address}/predict", json={"pixels": image.…}, timeout=60)\n'
        "return reply.json()[…]",
    ],
)
pruefe.fortschritt()
