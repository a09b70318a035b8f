"""Das Modell im Dienst: laden, prüfen, ohne Pause wechseln, für viele auf einmal rechnen."""

import asyncio
import logging
import re
import tempfile
import time
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock

import mlflow
import numpy as np
from mlflow.exceptions import MlflowException

from .annahme import Refusal, busy

log = logging.getLogger("dienst")
CLASSES = 10
RETRY_SECONDS = 60  # so lange bleibt eine abgelehnte Version abgelehnt
MAX_WAITING, MAX_BATCH = 400, 32


class BadModel(ValueError):
    """Dieses Modell taugt nicht für den Dienst; der Text sagt, warum."""


class Version:
    """Ein Modell der Registry, geladen und ausprobiert, bevor ein Besucher es bekommt.

    Ist es gebaut wie `spare`, das niemand mehr braucht, bekommt dessen Netz die neuen Gewichte: Ein
    neues zu bauen und zu übersetzen, kostet das Fünffache. Fehler: BadModel, und was beim Laden sonst
    schiefgeht.
    """

    def __init__(self, model_uri: str, number: str, spare: "Version | None" = None):
        import keras  # erst hier: Der Dienst nimmt so früher Anfragen an

        self.number = number
        with tempfile.TemporaryDirectory() as folder:
            mlflow.artifacts.download_artifacts(model_uri, dst_path=folder)
            file = next(Path(folder).rglob("*.keras"))
            with zipfile.ZipFile(file) as archive:
                self._plan = re.sub(rb'"shared_object_id": \d+', b"", archive.read("config.json"))
            # OpenVINO (im Container) übersetzt die Gewichte mit und merkte nichts von neuen
            if spare and spare._plan == self._plan and keras.backend.backend() != "openvino":
                self._model, self._lock = spare._model, spare._lock
                with self._lock:  # vielleicht rechnet ihr letztes Bündel noch
                    self._model.load_weights(file)
            else:
                self._model, self._lock = keras.models.load_model(file, compile=False), Lock()
                self._model.jit_compile = False  # sonst übersetzt XLA jede Bündelgröße einzeln
        if self._model.input_shape != (None, 28, 28):
            shape = self._model.input_shape[1:]
            raise BadModel(f"Es erwartet {shape}, der Dienst schickt (28, 28)")
        for images in (3, 1, 2):  # so hell wie Ziffern
            self.predict(np.random.default_rng(0).random((images, 28, 28), dtype="float32") / 4)

    def predict(self, images: np.ndarray) -> np.ndarray:
        """(n, 28, 28), 0–1 → (n, 10) Wahrscheinlichkeiten. Fehler: BadModel."""
        with self._lock:
            answer, wanted = self._model.predict_on_batch(images), (len(images), CLASSES)
        if answer.shape != wanted:
            raise BadModel(f"Zu {len(images)} Bildern liefert es {answer.shape} statt {wanted}")
        if not np.isfinite(answer).all():
            raise BadModel("Es liefert nan oder unendlich")
        if answer.min() < 0 or np.abs(answer.sum(axis=1) - 1).max() > 0.001:
            raise BadModel(
                "Es liefert keine Wahrscheinlichkeiten (0 bis 1, Summe 1); fehlt softmax?"
            )
        return answer


class Champion:
    """Hält die Version, auf die ein Alias der Registry zeigt, und zieht nach, wenn er umgesetzt wird."""

    def __init__(self, model_uri: str):
        self._uri, self._retry_at = model_uri, 0.0
        in_registry = model_uri.startswith("models:/")  # sonst ist es der Ordner eines Modells
        self.name = model_uri if in_registry else Path(model_uri).name
        self.current: Version | None = None
        self._spare: Version | None = None  # die vorige: Ihr Netz ist frei
        self.refused: str | None = None
        self.problem: str | None = "Es ist noch kein Modell geladen."

    async def watch(self, seconds: float) -> None:
        """Zieht alle `seconds` Sekunden nach, neben der Event-Loop."""
        while True:
            await asyncio.sleep(seconds)
            await asyncio.to_thread(self.refresh)

    def refresh(self) -> None:
        """Fragt nach der gewünschten Version und lädt sie, wenn sie neu ist. Blockiert, wirft nie.

        Misslingt es, antwortet die bisherige weiter. Die abgelehnte wird wieder probiert, wenn der
        Alias inzwischen anderswo stand oder RETRY_SECONDS vergangen sind.
        """
        number, problem = None, None
        try:
            number, uri = self._wanted()
            if number == self.refused and time.monotonic() < self._retry_at:
                return
            if self.current is None or number != self.current.number:
                new = Version(uri, number, self._spare)
                self.current, self._spare = new, self.current  # ein Zeiger: Niemand merkt etwas
                log.info("Version %s von %s antwortet jetzt", number, self._uri)
            self.refused = None
        except Exception as error:  # noqa: BLE001 (was auch geschieht, der Dienst lebt weiter)
            if number is not None:
                self.refused, self._retry_at = number, time.monotonic() + RETRY_SECONDS
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


class Batcher:
    """Bereitet vor und rechnet für alle gemeinsam, die gerade warten, in einem eigenen Faden.

    Ein Rechengang mit 16 Bildern dauert kaum länger als einer mit einem. Wer währenddessen eintrifft,
    fährt im nächsten mit; niemand wartet darauf, dass ein Bündel voll wird.
    """

    def __init__(self, champion: Champion):
        self._champion, self._waiting = champion, asyncio.Queue(MAX_WAITING)

    async def predict(self, prepare: Callable) -> tuple[str, np.ndarray, np.ndarray]:
        """Die Version, die antwortet, das Bild aus `prepare()` (28, 28), zehn Wahrscheinlichkeiten.

        Fehler: Refusal, von `prepare`, vom Modell an diesem Bild oder weil zu viele warten.
        """
        if self._waiting.full():
            raise busy()
        answer = asyncio.get_running_loop().create_future()
        self._waiting.put_nowait((prepare, answer))
        return await answer

    async def run(self) -> None:
        """Sammelt Wartende ein, solange der Dienst läuft."""
        while True:
            batch = [await self._waiting.get()]
            while not self._waiting.empty() and len(batch) < MAX_BATCH:
                batch.append(self._waiting.get_nowait())
            prepares, answers = zip(*batch, strict=True)
            results = await asyncio.to_thread(compute, self._champion.current, prepares)
            for answer, result in zip(answers, results, strict=True):
                refused = isinstance(result, Refusal)
                answer.set_exception(result) if refused else answer.set_result(result)


def compute(version: Version, prepares: Sequence[Callable]) -> list:
    """Was `Batcher.predict` liefert, für jeden. Ein Bild, das das Bündel sprengt, sprengt nur sich."""
    try:
        images = np.stack([prepare() for prepare in prepares])
        answers = version.predict(images)
        return [(version.number, *pair) for pair in zip(images, answers, strict=True)]
    except Exception as error:  # noqa: BLE001 (gehört dem Absender)
        if len(prepares) > 1:  # halbieren, bis es allein ist
            middle = len(prepares) // 2
            return compute(version, prepares[:middle]) + compute(version, prepares[middle:])
        reason = f"Das Modell scheitert an dieser Eingabe ({type(error).__name__})."
        return [error if isinstance(error, Refusal) else Refusal(500, reason)]
