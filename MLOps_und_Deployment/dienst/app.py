"""Die Adressen des Dienstes. `uvicorn dienst.app:create_app --factory` oder kürzer `python -m dienst`."""

import asyncio
import contextlib
import os
import time
from pathlib import Path
from typing import Annotated

import mlflow
import numpy as np
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse, PlainTextResponse
from fastapi_offline import FastAPIOffline
from PIL import Image
from prometheus_client import generate_latest
from pydantic import BaseModel, FailFast, Field, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from .annahme import Guard, Lane, Metrics, Refusal
from .bild import normalize, open_image, read_gray
from .vorhersage import Batcher, Champion

SMALL_PIXELS = 300_000  # größere Bilder packt ein eigener Faden aus: Sie halten niemanden auf
ELSEWHERE = "Das gibt es hier nicht. Eine Übersicht steht unter /docs."
GERMAN = {
    400: "Das Formular ist beschädigt oder hat zu viele Felder.",
    404: ELSEWHERE,
    405: ELSEWHERE,
}

Value = Annotated[float, Field(ge=0, le=255, allow_inf_nan=False, strict=True)]
Row = Annotated[list[Value], Field(min_length=28, max_length=28), FailFast()]


class Pixels(BaseModel):
    """Ein Bild als Zahlen: 28 Zeilen mit je 28 Helligkeiten von 0 (Untergrund) bis 255 (Strich)."""

    pixels: Annotated[list[Row], Field(min_length=28, max_length=28), FailFast()]


class Answer(BaseModel):
    """Die Antwort auf /predict."""

    digit: int
    probability: float
    probabilities: list[float]
    version: str
    milliseconds: float
    seen: list[list[int]] | None = None


class Problem(BaseModel):
    """Warum es keine Antwort gibt, auf Deutsch."""

    detail: str


FILE = {"type": "string", "format": "binary"}
FORM = {"type": "object", "required": ["file"], "properties": {"file": FILE}}
KINDS = {
    "multipart/form-data": {"schema": FORM},
    "image/png": {"schema": FILE},
    "image/jpeg": {"schema": FILE},
    "application/json": {"schema": Pixels.model_json_schema()},
}
PREDICT = {
    "summary": "Welche Ziffer ist das?",
    "openapi_extra": {"requestBody": {"required": True, "content": KINDS}},
    "responses": {code: {"model": Problem} for code in (400, 413, 415, 422, 500, 503)},
}


def create_app(
    model_uri: str | None = None, tracking_uri: str | None = None, poll_seconds: float | None = None
) -> FastAPI:
    """Baut den Dienst. Ohne Angabe gelten MODEL_URI, MLFLOW_TRACKING_URI, POLL_SECONDS der Umgebung."""
    if tracking_uri:
        mlflow.set_tracking_uri(tracking_uri)
        mlflow.set_registry_uri(tracking_uri)
    model_uri = model_uri or os.environ.get("MODEL_URI", "models:/ziffern@champion")
    poll_seconds = poll_seconds or float(os.environ.get("POLL_SECONDS", "1"))
    metrics = Metrics()
    champion, batcher = Champion(model_uri, metrics), Batcher()
    small, large = Lane(threads=2, waiting=400), Lane(threads=1, waiting=8)

    @contextlib.asynccontextmanager
    async def lifespan(app):
        await asyncio.to_thread(champion.refresh)
        tasks = [asyncio.create_task(t) for t in (batcher.run(), champion.watch(poll_seconds))]
        yield
        for task in tasks:
            task.cancel()

    app = FastAPIOffline(title="Ziffern-Dienst", lifespan=lifespan, redoc_url=None)
    app.add_middleware(Guard, metrics=metrics)

    @app.post("/predict", **PREDICT)
    async def predict(request: Request, seen: bool = False) -> Answer:
        """Bild hochladen (PNG oder JPEG, jede Größe) oder 28×28 Pixel als JSON schicken.

        Mit `seen=true` kommt auch das Bild zurück, wie das Modell es sieht.
        """
        start = time.perf_counter()
        kind, data = await read_body(request)
        if (version := champion.current) is None:
            raise Refusal(503, champion.problem, {"Retry-After": "5"})

        # Auspacken und Rechnen geschieht in anderen Fäden: Die Event-Loop nimmt derweil Anfragen an
        image = await small.run(prepare, data, kind == "application/json")
        if not isinstance(image, np.ndarray):
            image = await large.run(lambda: normalize(read_gray(image)))
        try:
            probabilities = await batcher.predict(version, image)
        except Exception as error:
            reason = f"Das Modell scheitert an dieser Eingabe ({type(error).__name__})."
            raise Refusal(500, reason) from error
        digit = int(probabilities.argmax())
        metrics.predictions.labels(version.number, digit).inc()
        return Answer(
            digit=digit,
            probability=float(probabilities[digit]),
            probabilities=probabilities.tolist(),
            version=version.number,
            milliseconds=round(1000 * (time.perf_counter() - start), 2),
            seen=(image * 255).astype(int).tolist() if seen else None,
        )

    @app.get("/health", responses={503: {}}, summary="Lebt der Dienst? Welches Modell antwortet?")
    async def health() -> JSONResponse:
        version = champion.current
        state = {
            "status": "ok" if version else "kein Modell",
            "model": champion.name,
            "version": version and version.number,
            "seconds_since_switch": version and round(time.time() - version.since, 1),
            "refused": champion.refused,
            "problem": champion.problem,
        }
        return JSONResponse(state, status_code=200 if version else 503)

    @app.get("/metrics", response_class=PlainTextResponse, summary="Messwerte für Prometheus")
    async def prometheus() -> PlainTextResponse:
        return PlainTextResponse(generate_latest(metrics.registry))

    @app.get("/", include_in_schema=False)
    async def page() -> FileResponse:
        return FileResponse(Path(__file__).with_name("index.html"))

    @app.exception_handler(RequestValidationError)
    async def bad_parameter(request: Request, error: RequestValidationError) -> JSONResponse:
        return JSONResponse({"detail": "seen ist true oder false, nichts anderes."}, 422)

    @app.exception_handler(HTTPException)
    async def http_error(request: Request, error: HTTPException) -> JSONResponse:
        own = isinstance(error, Refusal)
        text = error.detail if own else GERMAN.get(error.status_code, error.detail)
        return JSONResponse({"detail": text}, error.status_code, error.headers)

    return app


async def read_body(request: Request) -> tuple[str, bytes]:
    """Art und Inhalt der Anfrage. Fehler: HTTPException."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        if kind == "multipart/form-data":
            async with request.form(max_files=1, max_fields=5) as form:
                upload = form.get("file")
                if upload is None or isinstance(upload, str):
                    raise Refusal(422, "Im Formular fehlt das Feld „file“ mit einer Bilddatei.")
                return kind, await upload.read()
        data = await request.body()
    except ClientDisconnect:
        raise Refusal(400, "Die Übertragung brach ab.") from None
    if not data:
        raise Refusal(422, "Die Anfrage ist leer.")
    if kind not in KINDS:
        raise Refusal(
            415, f"„{kind or 'ohne Angabe'}“ kenne ich nicht. Schicke PNG, JPEG oder JSON."
        )
    return kind, data


def prepare(data: bytes, is_json: bool) -> np.ndarray | Image.Image:
    """Das Bild, wie das Modell es sieht; ein großes erst geöffnet. Fehler: Refusal."""
    if is_json:
        return normalize(pixels_from_json(data))
    image = open_image(data)
    is_large = image.width * image.height > SMALL_PIXELS
    return image if is_large else normalize(read_gray(image))


def pixels_from_json(data: bytes) -> np.ndarray:
    """{"pixels": [[…], …]} → (28, 28), 0–255. Fehler: Refusal."""
    try:
        return np.array(Pixels.model_validate_json(data).pixels, dtype="float32")
    except ValidationError as error:
        if error.errors()[0]["type"] == "json_invalid":
            raise Refusal(400, "Das ist kein gültiges JSON.") from None
        shape = "{„pixels“: …} mit 28 Zeilen zu je 28 Zahlen von 0 bis 255"
        raise Refusal(422, f"Erwartet wird {shape}.") from None
