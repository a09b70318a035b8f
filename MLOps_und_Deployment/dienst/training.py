"""Ein kleines CNN für Ziffern, und wie es in die Registry kommt. Für die Demos dieses Kapitels.

Hier steht, was Kapitel 1 bis 5 und demo_mlflow_model_registry.py erklären; die Demos danach benutzen es nur.
"""

from pathlib import Path

import keras
import mlflow
import numpy as np
from scipy import ndimage

MODEL_NAME = "ziffern"


def augment(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Jedes Bild leicht gedreht, geschert, gestreckt und mit anderer Strichstärke. x: (n, 28, 28), 0–1."""
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
    model.compile(
        optimizer=keras.optimizers.Adam(0.002),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    model.fit(x_all, y_all, epochs=epochs, batch_size=64, verbose=0)
    return model


def open_registry(folder: Path) -> mlflow.MlflowClient:
    """Die Registry in `folder`: mlflow.db und daneben die Modelldateien. Sie wird angelegt."""
    if not (folder / "mlflow.db").exists():
        print("MLflow legt seine Datenbank an, das dauert einmal einige Sekunden …", flush=True)
    mlflow.set_tracking_uri(f"sqlite:///{(folder / 'mlflow.db').as_posix()}")
    if mlflow.get_experiment_by_name(MODEL_NAME) is None:
        mlflow.create_experiment(MODEL_NAME, artifact_location=(folder / "artefakte").as_uri())
    mlflow.set_experiment(MODEL_NAME)
    return mlflow.MlflowClient()


def register(model: keras.Model, example: np.ndarray, alias: str | None = None, **tags) -> str:
    """Hält ein Modell in MLflow fest und gibt die Nummer seiner neuen Version in der Registry zurück."""
    client = mlflow.MlflowClient()
    with mlflow.start_run() as run:
        info = mlflow.tensorflow.log_model(
            model,
            name="model",
            signature=mlflow.models.infer_signature(example, model.predict(example, verbose=0)),
            pip_requirements=[f"keras=={keras.__version__}"],
        )
    if not client.search_registered_models(f"name = '{MODEL_NAME}'"):
        client.create_registered_model(MODEL_NAME)
    version = client.create_model_version(
        MODEL_NAME, info.model_uri, run.info.run_id, tags=tags, model_id=info.model_id
    ).version
    if alias:
        client.set_registered_model_alias(MODEL_NAME, alias, version)
    return str(version)
