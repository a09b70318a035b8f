"""Das Modell im Dienst: laden, wechseln ohne Pause, Anfragen bündeln."""

import asyncio
import concurrent.futures
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import mlflow
import numpy as np

from .messwerte import Metrics

log = logging.getLogger("uvicorn.error")
CLASSES = 10


class Overloaded(RuntimeError):
    """Es warten schon zu viele Anfragen."""


@dataclass(frozen=True)
class Version:
    """Ein geladenes Modell. `predict`: (n, 28, 28) → (n, 10) Wahrscheinlichkeiten."""

    number: str
    predict: Callable[[np.ndarray], np.ndarray]
    since: float = field(default_factory=time.time)


def load(model_uri: str, number: str) -> Version:
    """Lädt ein Modell und probiert es aus, bevor ein Besucher es bekommt. Fehler: was immer schiefgeht."""
    import tensorflow as tf

    model = mlflow.tensorflow.load_model(model_uri)
    # Ein fester Rechenplan für jede Bündelgröße; model.predict() bräuchte ein Vielfaches der Zeit
    shape = tf.TensorSpec((None, 28, 28), tf.float32)
    plan = tf.function(lambda batch: model(batch, training=False), input_signature=[shape])

    def predict(images: np.ndarray) -> np.ndarray:
        return plan(tf.constant(images)).numpy()

    for size in (1, 2):
        answer = predict(np.zeros((size, 28, 28), dtype="float32"))
        if answer.shape != (size, CLASSES) or not np.isfinite(answer).all():
            raise ValueError(
                f"Es liefert {answer.shape} statt {CLASSES} Wahrscheinlichkeiten je Bild."
            )
    return Version(number, predict)


class Champion:
    """Hält die Version, auf die ein Alias der Registry zeigt, und zieht nach, wenn er umgesetzt wird.

    `model_uri` ist `models:/Name@Alias` oder der Ordner eines gespeicherten Modells.
    """

    def __init__(self, model_uri: str, metrics: Metrics):
        self.model_uri = model_uri
        self.current: Version | None = None
        self.problem: str | None = "Es ist noch kein Modell geladen."
        self._metrics = metrics
        self._refused: str | None = None

    def refresh(self) -> None:
        """Fragt nach der gewünschten Version und lädt sie, wenn sie neu ist. Blockiert, wirft nie.

        Misslingt es, antwortet die bisherige weiter; eine abgelehnte Version wird nicht noch einmal geladen.
        """
        number = "?"
        try:
            number, uri = self._wanted()
            if self.current and number == self.current.number:
                self.problem = None
            elif number != self._refused:
                # ein Zeiger wird umgesetzt: keine Anfrage merkt etwas
                self.current = load(uri, number)
                self.problem = None
                self._metrics.only("ziffern_model_info", model=self.model_uri, version=number)
                self._metrics.count("ziffern_model_switches_total")
                log.warning("Version %s von %s antwortet jetzt", number, self.model_uri)
        except Exception as error:  # noqa: BLE001 (was auch geschieht, der Dienst lebt weiter)
            self._refused = number
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            problem = f"Version {number} ist nicht zu gebrauchen: {reason}"
            if problem != self.problem:
                self._metrics.count("ziffern_model_failures_total")
                log.warning(problem)
            self.problem = problem

    def _wanted(self) -> tuple[str, str]:
        if not self.model_uri.startswith("models:/"):
            return "Ordner", self.model_uri
        name, _, alias = self.model_uri.removeprefix("models:/").partition("@")
        number = str(mlflow.MlflowClient().get_model_version_by_alias(name, alias).version)
        return number, f"models:/{name}/{number}"

    async def watch(self, seconds: float) -> None:
        """Zieht alle `seconds` Sekunden nach, neben der Event-Loop."""
        while True:
            await asyncio.sleep(seconds)
            await asyncio.to_thread(self.refresh)


class Batcher:
    """Rechnet neben der Event-Loop, und zwar für alle gemeinsam, die gerade warten.

    Ein Rechengang mit 16 Bildern dauert kaum länger als einer mit einem. Wer während eines Rechengangs
    eintrifft, fährt im nächsten mit; niemand wartet darauf, dass ein Bündel voll wird.
    """

    def __init__(self, champion: Champion, metrics: Metrics, max_batch=64, max_waiting=512):
        self._champion, self._metrics, self._max_batch = champion, metrics, max_batch
        self._waiting: asyncio.Queue = asyncio.Queue(maxsize=max_waiting)
        self._worker = concurrent.futures.ThreadPoolExecutor(1, thread_name_prefix="modell")

    async def predict(self, image: np.ndarray) -> tuple[np.ndarray, Version]:
        """(28, 28) → zehn Wahrscheinlichkeiten und die Version, die sie berechnet hat.

        Fehler: Overloaded; was das Modell selbst wirft.
        """
        answer = asyncio.get_running_loop().create_future()
        try:
            self._waiting.put_nowait((image, answer))
        except asyncio.QueueFull:
            raise Overloaded("Der Dienst ist überlastet. Versuche es gleich noch einmal.") from None
        return await answer

    async def run(self) -> None:
        """Die Schleife, die Wartende einsammelt; läuft, solange der Dienst läuft."""
        loop = asyncio.get_running_loop()
        while True:
            batch = [await self._waiting.get()]
            while len(batch) < self._max_batch and not self._waiting.empty():
                batch.append(self._waiting.get_nowait())
            images = np.stack([image for image, _ in batch])
            version = self._champion.current  # ein Bündel, eine Version
            self._metrics.observe("ziffern_batch_size", len(batch), "batch")
            results = await loop.run_in_executor(self._worker, self._compute, version, images)
            for (_, answer), result in zip(batch, results, strict=True):
                if answer.cancelled():  # der Absender hat aufgelegt
                    continue
                if isinstance(result, Exception):
                    answer.set_exception(result)
                else:
                    answer.set_result((result, version))

    @staticmethod
    def _compute(version: Version, images: np.ndarray) -> list:
        try:
            return list(version.predict(images))
        except Exception as error:  # noqa: BLE001 (gehört dem Absender, nicht der Schleife)
            if len(images) == 1:
                return [error]
            # Ein Bild hat das Bündel gesprengt: einzeln, damit die anderen ihre Antwort bekommen
            return [Batcher._compute(version, image[None])[0] for image in images]
