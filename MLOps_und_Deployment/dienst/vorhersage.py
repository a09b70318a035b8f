"""Das Modell im Dienst: laden, prüfen, ohne Pause wechseln."""

import asyncio
import logging
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import mlflow
import numpy as np
from mlflow.exceptions import MlflowException

log = logging.getLogger("dienst")
CLASSES = 10
RETRY_SECONDS = 60  # so lange bleibt eine abgelehnte Version abgelehnt


class BadModel(ValueError):
    """Dieses Modell taugt nicht für den Dienst; der Text sagt, warum."""


class Version(NamedTuple):
    """Ein geladenes Modell. `predict`: (n, 28, 28) → (n, 10) Wahrscheinlichkeiten."""

    number: str
    predict: Callable[[np.ndarray], np.ndarray]
    since: float


def check_probabilities(answer: np.ndarray, images: int) -> None:
    """Fehler: BadModel, wenn das keine Wahrscheinlichkeiten für `images` Bilder sind."""
    if answer.shape != (images, CLASSES):
        raise BadModel(f"Zu {images} Bildern liefert es {answer.shape} statt ({images}, {CLASSES})")
    if not np.isfinite(answer).all():
        raise BadModel("Es liefert nan oder unendlich")
    if answer.min() < 0 or np.abs(answer.sum(axis=1) - 1).max() > 0.001:
        raise BadModel("Es liefert keine Wahrscheinlichkeiten (0 bis 1, Summe 1); fehlt softmax?")


def load(model_uri: str, number: str) -> Version:
    """Lädt ein Modell und probiert es aus, bevor ein Besucher es bekommt.

    Fehler: BadModel, und was beim Laden sonst schiefgeht.
    """
    import keras  # erst hier: Der Dienst nimmt so früher Anfragen an

    with tempfile.TemporaryDirectory() as folder:
        mlflow.artifacts.download_artifacts(model_uri, dst_path=folder)
        model = keras.models.load_model(next(Path(folder).rglob("*.keras")))
    if model.input_shape != (None, 28, 28):
        raise BadModel(f"Es erwartet {model.input_shape[1:]}, der Dienst schickt (28, 28)")
    model.compile(jit_compile=False)  # sonst übersetzt XLA jede Bündelgröße einzeln

    def predict(images: np.ndarray) -> np.ndarray:
        answer = model.predict_on_batch(images)
        check_probabilities(answer, len(images))
        return answer

    for images in (3, 1, 2):  # so hell wie Ziffern
        predict(np.random.default_rng(0).random((images, 28, 28), dtype="float32") / 4)
    return Version(number, predict, time.time())


class Batcher:
    """Rechnet für alle gemeinsam, die gerade warten.

    Ein Rechengang mit 16 Bildern dauert kaum länger als einer mit einem. Wer währenddessen eintrifft,
    fährt im nächsten mit; niemand wartet darauf, dass ein Bündel voll wird.
    """

    def __init__(self):
        self._waiting: asyncio.Queue = asyncio.Queue()

    async def predict(self, version: Version, image: np.ndarray) -> np.ndarray:
        """(28, 28) → zehn Wahrscheinlichkeiten. Fehler: was das Modell an diesem Bild wirft."""
        answer = asyncio.get_running_loop().create_future()
        self._waiting.put_nowait((version, image, answer))
        return await answer

    async def run(self) -> None:
        """Sammelt Wartende ein, solange der Dienst läuft; ein Bündel, eine Version."""
        while True:
            batch = [await self._waiting.get()]
            while not self._waiting.empty():
                batch.append(self._waiting.get_nowait())
            for version in {version for version, _, _ in batch}:
                own = [(image, answer) for other, image, answer in batch if other is version]
                images = np.stack([image for image, _ in own])
                results = await asyncio.to_thread(compute, version, images)
                for (_, answer), result in zip(own, results, strict=True):
                    failed = isinstance(result, Exception)
                    answer.set_exception(result) if failed else answer.set_result(result)


def compute(version: Version, images: np.ndarray) -> list[np.ndarray | Exception]:
    """Die Antworten je Bild. Sprengt eines das Bündel, wird einzeln gerechnet."""
    try:
        return list(version.predict(images))
    except Exception as error:  # noqa: BLE001 (gehört dem Absender)
        if len(images) == 1:
            return [error]
        return [compute(version, image[None])[0] for image in images]


class Champion:
    """Hält die Version, auf die ein Alias der Registry zeigt, und zieht nach, wenn er umgesetzt wird."""

    def __init__(self, model_uri: str, metrics):
        self._uri, self._metrics, self._retry_at = model_uri, metrics, 0.0
        in_registry = model_uri.startswith("models:/")  # sonst ist es der Ordner eines Modells
        self.name = model_uri if in_registry else Path(model_uri).name
        self.current: Version | None = None
        self.refused: str | None = None
        self.problem: str | None = "Es ist noch kein Modell geladen."

    def refresh(self) -> None:
        """Fragt nach der gewünschten Version und lädt sie, wenn sie neu ist. Blockiert, wirft nie.

        Misslingt es, antwortet die bisherige weiter. Die abgelehnte wird wieder probiert, wenn der
        Alias inzwischen anderswo stand oder RETRY_SECONDS vergangen sind.
        """
        number = None
        try:
            number, uri = self._wanted()
            if self.current is None or number != self.current.number:
                if number == self.refused and time.monotonic() < self._retry_at:
                    return
                self.current = load(uri, number)  # ein Zeiger: Keine Anfrage merkt etwas
                self._metrics.switches.inc()
                self._metrics.model.info({"model": self.name, "version": number})
                log.info("Version %s von %s antwortet jetzt", number, self._uri)
            self.problem = self.refused = None
        except Exception as error:  # noqa: BLE001 (was auch geschieht, der Dienst lebt weiter)
            if number is not None:
                self.refused, self._retry_at = number, time.monotonic() + RETRY_SECONDS
                self._metrics.failures.inc()
                reason = error if isinstance(error, BadModel) else "Es lässt sich nicht laden"
                problem = f"Version {number} ist nicht zu gebrauchen: {reason}."
            elif isinstance(error, MlflowException) and error.get_http_status_code() < 500:
                problem = "Die Registry kennt dieses Modell oder diesen Alias nicht."
            else:
                problem = "Die Registry antwortet nicht."
            if problem != self.problem:
                log.info("%s (%s)", problem, str(error)[:500])
            self.problem = problem

    def _wanted(self) -> tuple[str, str]:
        if not self._uri.startswith("models:/"):
            return "Ordner", self._uri
        database = mlflow.get_registry_uri()  # eine, die fehlt, legte MLflow an, und zwar leer
        if database.startswith("sqlite:///") and not Path(database[10:]).is_file():
            raise FileNotFoundError(f"{database} gibt es nicht")
        name, _, alias = self._uri.removeprefix("models:/").partition("@")
        number = str(mlflow.MlflowClient().get_model_version_by_alias(name, alias).version)
        return number, f"models:/{name}/{number}"

    async def watch(self, seconds: float) -> None:
        """Zieht alle `seconds` Sekunden nach, neben der Event-Loop."""
        while True:
            await asyncio.sleep(seconds)
            await asyncio.to_thread(self.refresh)
