"""Was die Demos dieses Kapitels teilen: ein CNN für Ziffern, die Registry, der Dienst als Prozess.

Erklärt wird das in Kapitel 1 bis 5 und in demo_mlflow_model_registry.py; die Demos benutzen es nur.
"""

import contextlib
import io
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from kurs.mlflow_ablage import UNSER as OURS
from kurs.mlflow_ablage import oeffne
from kurs.server import prozess

import keras
import mlflow
import numpy as np
import requests
from mlflow.utils.logging_utils import disable_logging
from PIL import Image
from scipy import ndimage

NAME = "ziffern"
CHAPTER = Path(__file__).resolve().parent


def augment(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Jedes Bild leicht gedreht, geschert, gestreckt, anders dick. x: (n, 28, 28), 0–1."""
    result = np.empty_like(x)
    for index, image in enumerate(x):
        angle, shear = rng.normal(0, 0.15), rng.normal(0, 0.15)
        matrix = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        matrix = matrix @ np.array([[1, shear], [0, 1]]) @ np.diag(rng.uniform(0.85, 1.2, 2))
        offset = 13.5 - matrix @ (13.5 + rng.uniform(-1.5, 1.5, 2))
        if (thickness := rng.integers(4)) == 0:  # ein Viertel dicker, ein Viertel dünner
            image = ndimage.grey_dilation(image, (2, 2))
        elif thickness == 1:
            image = np.clip(image * 2.2 - 1.2, 0, 1)
        result[index] = ndimage.affine_transform(image, matrix, offset, order=1)
    return np.clip(result, 0, 1)


def train(x, y, epochs: int, seed: int, copies: int = 2, filters: int = 16) -> keras.Model:
    """Ein CNN auf x (n, 28, 28), 0–1, und `copies` veränderten Fassungen jedes Bildes."""
    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    x_all = np.concatenate([x] + [augment(x, rng) for _ in range(copies)])
    y_all = np.tile(y, copies + 1)
    model = keras.Sequential(
        [
            keras.Input(shape=(28, 28)),
            keras.layers.Reshape((28, 28, 1)),
            keras.layers.Conv2D(filters, 5, strides=2, activation="relu"),
            keras.layers.Conv2D(2 * filters, 3, strides=2, activation="relu"),
            keras.layers.Flatten(),
            keras.layers.Dropout(0.3),
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    optimizer = keras.optimizers.Adam(0.002)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x_all, y_all, epochs=epochs, batch_size=64, verbose=0)
    return model


def open_registry(folder: Path) -> mlflow.MlflowClient:
    """Die Registry in `folder`: mlflow.db und daneben die Modelldateien. Sie wird angelegt."""
    oeffne(folder, NAME)
    client = mlflow.MlflowClient()
    if not client.search_registered_models(f"name = '{NAME}'"):
        client.create_registered_model(NAME, tags=OURS)
    return client


def register(model: keras.Model, example: np.ndarray, alias: str | None = None, **tags) -> str:
    """Hält ein Modell in MLflow fest. Rückgabe: die Nummer seiner neuen Version in der Registry."""
    signature = mlflow.models.infer_signature(example, model.predict(example, verbose=0))
    keras_only = [f"keras=={keras.__version__}"]
    with mlflow.start_run():
        info = mlflow.tensorflow.log_model(
            model, name="model", signature=signature, pip_requirements=keras_only
        )
    disable_logging()  # sonst meldet MLflow jede neue Version auf Englisch; fit schaltet es wieder ein
    version = mlflow.register_model(info.model_uri, NAME, tags=tags).version
    if alias:
        mlflow.MlflowClient().set_registered_model_alias(NAME, alias, version)
    return str(version)


def service(
    log: Path, alias: str = "champion", poll_seconds: float = 0.2, wait: bool = True
) -> contextlib.AbstractContextManager[str]:
    """`with service(…) as adresse`: der Dienst als eigener Prozess; er schreibt in die Datei `log`.

    Er folgt diesem Alias in der Registry dieses Skripts. Mit `wait=False` startet er nur;
    `wait_for_version` wartet dann auf ihn.
    """
    environment = {
        "MLFLOW_TRACKING_URI": mlflow.get_tracking_uri(),
        "MODEL_URI": f"models:/{NAME}@{alias}",
        "POLL_SECONDS": str(poll_seconds),
        "CUDA_VISIBLE_DEVICES": "",
    }
    command = [sys.executable, "-m", "dienst", "--mit-eltern"]
    return prozess(command, "/health" if wait else None, log, 300, environment, CHAPTER)


def wait_for_version(address: str, version: str, seconds: float = 120) -> None:
    """Wartet, bis der Dienst diese Version übernommen hat. Fehler: RuntimeError mit dem Grund."""
    end, problem = time.monotonic() + seconds, "Er antwortet nicht."
    while time.monotonic() < end:
        with contextlib.suppress(requests.ConnectionError):
            health = requests.get(f"{address}/health", timeout=60).json()
            if health["version"] == version:
                return
            problem = health["problem"]
        time.sleep(0.1)
    raise RuntimeError(f"Der Dienst übernimmt Version {version} nicht: {problem}")


def as_png(image: np.ndarray, size: int = 140) -> bytes:
    """(28, 28), 0–1 → PNG mit `size` × `size` Pixeln, dunkel auf weiß wie gezeichnet."""
    pixels = 255 - (255 * image).astype("uint8")
    picture = Image.fromarray(pixels).resize((size, size), Image.Resampling.BICUBIC)
    picture.save(buffer := io.BytesIO(), "PNG")
    return buffer.getvalue()


@contextlib.contextmanager
def visitors(address: str, pictures: list[bytes], number: int, seed: int) -> Iterator[list[bool]]:
    """So viele Besucher schicken Bilder, bis der Block endet; der Wert: ob es jeweils gelang."""
    closing, outcomes = threading.Event(), []

    def visit(random):
        with requests.Session() as browser:
            while not closing.is_set():
                picture = {"file": pictures[random.integers(len(pictures))]}
                try:
                    reply = browser.post(f"{address}/predict", files=picture, timeout=60)
                    outcomes.append(reply.ok)
                except requests.RequestException:
                    outcomes.append(False)
                time.sleep(random.exponential(0.02))

    threads = [
        threading.Thread(target=visit, args=(np.random.default_rng(seed + n),), daemon=True)
        for n in range(number)
    ]
    for thread in threads:
        thread.start()
    try:
        yield outcomes
    finally:
        closing.set()
        end = time.monotonic() + 2
        for thread in threads:
            thread.join(timeout=max(0, end - time.monotonic()))
