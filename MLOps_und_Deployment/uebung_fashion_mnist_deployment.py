"""Übung Fashion-MNIST-Deployment: das beste Modell in die Registry und hinter FastAPI.

Kapitel   6.40 MLOps und Deployment · Deployment mit FastAPI
Folie     Übung Fashion MNIST
Lernziel  Das beste von mehreren Modellen registrieren; Bilder annehmen, prüfen und mit Namen beantworten
Laufzeit  ca. 30 s (2 CPU-Kerne)
Daten     Fashion-MNIST

Bearbeite nur, was zwischen ▼ und ▲ steht: Ersetze `...` durch deine Antwort und starte das Skript neu.
Vorbilder sind demo_mlflow_model_registry.py und der Dienst in dienst/app.py.
"""

# %% Stellschrauben
EPOCHS = 4  # Test: 1
N_TRAIN = 4_000  # Test: 600
TIPPS = 1  # je Aufgabe: 0 keine Tipps, 1 eine Frage, 2 auch wo es steht, 3 auch ein Gerüst
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
import io

from kurs import ausgabe_ordner, pruefe
from kurs.bilder import fashion_mnist
from kurs.server import im_hintergrund

import fastapi
import keras
import mlflow
import numpy as np
import requests
from PIL import Image

NAME = "kleidung"

# %% Daten
(x_train, y_train), (x_test, y_test) = fashion_mnist.load_data()
x_train, y_train = (x_train[:N_TRAIN] / 255).astype("float32"), y_train[:N_TRAIN]
class_names = fashion_mnist.class_names

# %% Die Registry, jedes Mal frisch
folder = ausgabe_ordner()
if not (folder / "mlflow.db").exists():
    print("MLflow legt seine Datenbank an, das dauert einmal einige Sekunden …", flush=True)
mlflow.set_tracking_uri(f"sqlite:///{(folder / 'mlflow.db').as_posix()}")
if mlflow.get_experiment_by_name(NAME) is None:
    mlflow.create_experiment(NAME, artifact_location=(folder / "artefakte").as_uri())
experiment = mlflow.set_experiment(NAME)
client = mlflow.MlflowClient()
if client.search_registered_models(f"name = '{NAME}'"):
    client.delete_registered_model(NAME)
client.create_registered_model(NAME)


# %% Drei Modelle. Trag gern dein eigenes ein; das beste kommt in die Registry.
def build_model(kind):
    keras.utils.set_random_seed(SEED)
    layers = keras.layers
    hidden = {
        "ein Filter": [layers.Conv2D(1, 5, strides=3, activation="relu"), layers.Flatten()],
        "CNN": [
            layers.Conv2D(16, 3, strides=2, activation="relu"),
            layers.Flatten(),
            layers.Dense(64, activation="relu"),
        ],
        "nur linear": [layers.AveragePooling2D(4), layers.Flatten()],
    }[kind]
    model = keras.Sequential(
        [keras.Input((28, 28)), layers.Reshape((28, 28, 1)), *hidden, layers.Dense(10, "softmax")]
    )
    optimizer = keras.optimizers.Adam(0.002)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


model_uris, val_accuracy = {}, {}
for kind in ("ein Filter", "CNN", "nur linear"):
    model = build_model(kind)
    with mlflow.start_run(run_name=kind) as run:
        history = model.fit(
            x_train, y_train, validation_split=0.25, epochs=EPOCHS, batch_size=32, verbose=0
        ).history
        mlflow.log_metric("val_accuracy", history["val_accuracy"][-1])
        signature = mlflow.models.infer_signature(
            x_train[:2], model.predict(x_train[:2], verbose=0)
        )
        info = mlflow.tensorflow.log_model(
            model,
            name="model",
            signature=signature,
            pip_requirements=[f"keras=={keras.__version__}"],
        )
    run_id = run.info.run_id
    model_uris[run_id], val_accuracy[run_id] = info.model_uri, history["val_accuracy"][-1]
    print(f"{kind}: Validierung {val_accuracy[run_id]:.3f}")

# %% Aufgabe 1 und 2: das beste Modell in die Registry
# ▼ AUFGABE 1: Bestimme die run_id des Laufs mit der besten Validierung (val_accuracy kennt sie je run_id).
best_run_id = ...
# ▲


# ▼ AUFGABE 2: Lege dieses Modell als Version von NAME an (der Ort steht in model_uris), Alias champion.
def register_champion(run_id):
    ...
# ▲


known = isinstance(best_run_id, str) and best_run_id in model_uris
best = max(val_accuracy, key=val_accuracy.get)
register_champion(best)
aliases = client.get_registered_model(NAME).aliases
numbers = [entry.version for entry in client.search_model_versions(f"name = '{NAME}'")]
champion = mlflow.tensorflow.load_model(
    f"models:/{NAME}@champion" if "champion" in aliases else model_uris[best]
)

# %% Aufgabe 3 und 4: der Dienst
app = fastapi.FastAPI(title="Kleidung")


# ▼ AUFGABE 3: Aus den Bytes einer PNG-Datei ein Feld (28, 28), 0–1; kein Bild: HTTPException mit Status 415.
def read_image(data):
    ...
# ▲


# ▼ AUFGABE 4: POST /predict mit file: fastapi.UploadFile (Bytes: file.file.read()); heraus {"label": …, "probability": …}.
...
# ▲


# %% Testen, von außen, über HTTP
def as_png(pixels, size=28, mode="L"):
    picture = Image.fromarray(pixels).resize((size, size)).convert(mode)
    picture.save(buffer := io.BytesIO(), "PNG")
    return buffer.getvalue()


def read_safely(data):
    """Das Feld, oder die Ausnahme als Wert."""
    try:
        return read_image(data)
    except Exception as error:  # noqa: BLE001 (die Prüfung unten sagt, was daran nicht stimmt)
        return error


read = read_safely(as_png(x_test[0]))
replies, bad_reply = ..., None
if "/predict" in app.openapi()["paths"] and isinstance(read, np.ndarray):
    with im_hintergrund(app) as address:
        print(f"Dein Dienst läuft auf {address}")

        def ask(data):
            return requests.post(f"{address}/predict", files={"file": data}, timeout=60)

        replies = [ask(as_png(image)) for image in x_test[:25]]
        if isinstance(read_safely(b"Text"), fastapi.HTTPException):
            bad_reply = ask(b"Das ist kein Bild.")
    print("Antworten des Dienstes:", *[reply.text[:60] for reply in replies[:3]])


# %% Prüfung (hier nichts ändern)
def field(reply, name):
    body = reply.json()
    return body.get(name) if isinstance(body, dict) else None


expected = champion.predict((x_test[:25] / 255).astype("float32"), verbose=0)
pruefe.erwarte(
    "Aufgabe 1",
    best_run_id,
    (
        lambda answer: known,
        lambda answer: (
            f"{str(answer)[:50]!r} ist keine run_id der drei Läufe. Gesucht ist der Schlüssel aus "
            "val_accuracy, nicht sein Wert."
        ),
    ),
    (
        lambda answer: answer == best,
        lambda answer: (
            f"Dieser Lauf hat {val_accuracy[answer]:.3f}, der beste {val_accuracy[best]:.3f}."
        ),
    ),
    tipps=[
        "val_accuracy ist ein Dictionary. Wie findet man darin den Schlüssel mit dem größten Wert?",
        "max(…, key=…) mit der Methode get; oder mlflow.search_runs(order_by=[…]) wie in Kapitel 5.",
        "best_run_id = max(val_accuracy, key=val_accuracy.…)",
    ],
)
pruefe.erwarte(
    "Aufgabe 2",
    (aliases, numbers) if numbers else ...,
    (
        lambda found: "champion" in aliases,
        lambda found: (
            f"Version {numbers[0]} ist da, aber kein Alias champion: Den Dienst erreicht sie nicht. "
            f"Aliase: {', '.join(aliases) or 'keine'}."
        ),
    ),
    (
        lambda found: np.allclose(
            expected,
            mlflow.tensorflow.load_model(model_uris[best]).predict(
                (x_test[:25] / 255).astype("float32"), verbose=0
            ),
            atol=1e-4,
        ),
        "Champion ist ein anderes Modell als das des Laufs, der übergeben wird. Nimm run_id.",
    ),
    tipps=[
        "Was unterscheidet ein festgehaltenes Modell von einem registrierten?",
        "In der Demo unter „Ein Training und seine Registrierung“: create_model_version, dann der Alias.",
        "version = client.create_model_version(NAME, model_uris[…]).version\n"
        'client.set_registered_model_alias(NAME, "champion", …)',
    ],
)
pruefe.erwarte(
    "Aufgabe 3",
    ... if read is None else read,
    (
        lambda answer: not isinstance(answer, Exception),
        lambda answer: (
            f"An einem richtigen PNG scheitert read_image: {type(answer).__name__}: {answer}"
        ),
    ),
    (
        lambda answer: np.shape(answer) == (28, 28),
        lambda answer: (
            f"Zurück kommt {type(answer).__name__} der Form {np.shape(answer)}; gesucht ist ein "
            "NumPy-Feld (28, 28)."
        ),
    ),
    (
        lambda answer: np.max(answer) <= 1,
        "Die Werte gehen bis 255; das Modell kennt nur 0 bis 1.",
    ),
    (
        lambda answer: np.abs(answer - x_test[0] / 255).max() < 0.02,
        "Die Pixel sind andere als im Bild. Hast du umgekehrt oder gedreht?",
    ),
    (
        lambda answer: np.shape(read_safely(as_png(x_test[0], 112, "RGB"))) == (28, 28),
        'Mit einem farbigen Bild aus 112×112 Pixeln geht es nicht: convert("L") und resize((28, 28)).',
    ),
    (
        lambda answer: getattr(read_safely(b"Text"), "status_code", 500) == 415,
        lambda answer: (
            f"Ohne Bilddatei gibt es {type(read_safely(b'Text')).__name__}, also den Status "
            f"{getattr(read_safely(b'Text'), 'status_code', 500)} statt 415."
        ),
    ),
    tipps=[
        "Was macht Pillow mit Bytes, die kein Bild sind, und was soll der Absender davon erfahren?",
        'Image.open(io.BytesIO(data)), .convert("L"), .resize((28, 28)), np.asarray; der Fehler ist ein OSError.',
        "try:\n    image = Image.open(io.BytesIO(data)).convert(…).resize(…)\nexcept OSError:\n"
        '    raise fastapi.HTTPException(…, "…")\nreturn np.asarray(image) / …',
    ],
)
pruefe.erwarte(
    "Aufgabe 4",
    replies,
    (
        lambda found: all(reply.status_code == 200 for reply in found),
        lambda found: f"HTTP {found[0].status_code} statt 200: {found[0].text[:100]}",
    ),
    (
        lambda found: not any(isinstance(field(reply, "label"), int) for reply in found),
        "label ist eine Zahl; ein Besucher will den Namen. Der steht in class_names.",
    ),
    (
        lambda found: (
            [field(reply, "label") for reply in found]
            == [class_names[number] for number in expected.argmax(axis=1)]
        ),
        "Der Dienst antwortet anders als der Champion. Benutzt du champion und read_image?",
    ),
    (
        lambda found: np.allclose(
            [field(reply, "probability") or 0 for reply in found], expected.max(axis=1), atol=0.02
        ),
        "probability ist nicht die Wahrscheinlichkeit der genannten Klasse.",
    ),
    (
        lambda found: bad_reply is None or bad_reply.status_code == 415,
        lambda found: (
            f"Auf eine Textdatei antwortet der Dienst mit {bad_reply.status_code} statt 415."
        ),
    ),
    tipps=[
        "Das Modell will mehrere Bilder auf einmal. Wie wird aus einem Bild ein Stapel mit einem Bild?",
        "image[None] fügt die Achse hinzu; argmax nennt die Stelle; für JSON braucht es float(…) und int(…).",
        '@app.post("/predict")\ndef predict(file: fastapi.UploadFile):\n    image = read_image(…)\n'
        '    probabilities = champion(image[None], training=False).numpy()[0]\n    return {"label": …}',
    ],
)
pruefe.fortschritt()
