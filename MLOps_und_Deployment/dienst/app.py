"""Die Adressen des Dienstes. `uvicorn dienst.app:create_app --factory` oder kürzer `python -m dienst`."""

import asyncio
import contextlib
import functools
import gc
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
from prometheus_client import Counter, Histogram, disable_created_metrics, generate_latest
from pydantic import BaseModel, FailFast, Field, ValidationError
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect

from .annahme import IMAGE_BYTES, JSON_BYTES, SMALL_BYTES, Refusal, large, take_place
from .bild import SMALL_PIXELS, normalize, open_image, read_gray
from .vorhersage import Batcher, Champion

ELSEWHERE = "Das gibt es hier nicht. Eine Übersicht steht unter /docs."
disable_created_metrics()  # zu jedem Zähler noch eine Zeile, die hier niemand liest
SECONDS = Histogram("ziffern_request_seconds", "Dauer der beantworteten Anfragen an /predict")
REFUSED = Counter("ziffern_refused", "Abgelehnte Anfragen", ["status"])
PREDICTIONS = Counter("ziffern_predictions", "Vorhersagen", ["version", "digit"])

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


FORM, JSON = "multipart/form-data", "application/json"
FILE = {"type": "string", "format": "binary"}
KINDS = {
    FORM: {"type": "object", "required": ["file"], "properties": {"file": FILE}},
    "image/png": FILE,
    "image/jpeg": FILE,
    JSON: Pixels.model_json_schema(),
}
BODY = {"required": True, "content": {kind: {"schema": KINDS[kind]} for kind in KINDS}}
PROBLEMS = {code: {"model": Problem} for code in (400, 413, 415, 422, 500, 503)}


def create_app(
    model_uri: str | None = None, tracking_uri: str | None = None, poll_seconds: float | None = None
) -> FastAPI:
    """Baut den Dienst. Ohne Angabe gelten MODEL_URI, MLFLOW_TRACKING_URI, POLL_SECONDS der Umgebung."""
    if tracking_uri:
        mlflow.set_tracking_uri(tracking_uri)
        mlflow.set_registry_uri(tracking_uri)
    poll_seconds = poll_seconds or float(os.environ.get("POLL_SECONDS", "1"))
    champion = Champion(model_uri or os.environ.get("MODEL_URI", "models:/ziffern@champion"))
    batcher, one_at_a_time = Batcher(champion), asyncio.Lock()

    @contextlib.asynccontextmanager
    async def lifespan(app):
        await asyncio.to_thread(champion.refresh)
        gc.freeze()  # die Bibliotheken bleiben; sie nach Abfall zu durchsuchen, hielte alles an
        work = batcher.run(), champion.watch(poll_seconds)
        tasks = [asyncio.create_task(coroutine) for coroutine in work]
        yield
        for task in tasks:
            task.cancel()

    app = FastAPIOffline(title="Ziffern-Dienst", lifespan=lifespan, redoc_url=None)
    app.add_route("/", lambda request: FileResponse(Path(__file__).with_name("index.html")))
    app.add_route("/metrics", lambda request: PlainTextResponse(generate_latest()))

    @app.post("/predict", openapi_extra={"requestBody": BODY}, responses=PROBLEMS)
    async def predict(request: Request, seen: bool = False) -> Answer:
        """Bild hochladen (PNG oder JPEG, jede Größe) oder 28×28 Pixel als JSON schicken.

        Mit `seen=true` kommt auch das Bild zurück, wie das Modell es sieht.
        """
        start = time.perf_counter()
        if champion.current is None:
            raise Refusal(503, champion.problem, {"Retry-After": "5"})
        try:
            picture = await read_picture(request)
            prepare = functools.cache(lambda: normalize(read_gray(picture)))
            if picture.width * picture.height > SMALL_PIXELS:
                take_place(request)
            if request in large:  # dauert: eines nach dem anderen, bevor es in die Schlange kommt
                async with one_at_a_time:
                    await asyncio.to_thread(prepare)
            version, image, probabilities = await batcher.predict(prepare)
        finally:
            large.discard(request)
        digit, seconds = int(probabilities.argmax()), time.perf_counter() - start
        PREDICTIONS.labels(version, digit).inc()
        SECONDS.observe(seconds)
        return Answer(
            digit=digit,
            probability=float(probabilities[digit]),
            probabilities=probabilities.tolist(),
            version=version,
            milliseconds=round(1000 * seconds, 2),
            seen=(image * 255).astype(int).tolist() if seen else None,
        )

    @app.head("/health", include_in_schema=False)
    @app.get("/health", responses={503: {}}, summary="Lebt der Dienst? Welches Modell antwortet?")
    async def health() -> JSONResponse:
        version = champion.current
        state = {
            "status": "ok" if version else "kein Modell",
            "model": champion.name,
            "version": version and version.number,
            "refused": champion.refused,
            "problem": champion.problem,
        }
        return JSONResponse(state, status_code=200 if version else 503)

    @app.exception_handler(HTTPException)
    async def refuse(request, error) -> JSONResponse:
        REFUSED.labels(error.status_code).inc()
        reason = error.detail if isinstance(error, Refusal) else ELSEWHERE
        return JSONResponse({"detail": reason}, error.status_code, error.headers)

    @app.exception_handler(ClientDisconnect)
    async def gone(request, error) -> JSONResponse:  # niemand hört sie mehr; gezählt wird sie
        return await refuse(request, Refusal(400, "Die Übertragung brach ab."))

    @app.exception_handler(RequestValidationError)
    async def bad_parameter(request, error) -> JSONResponse:
        return await refuse(request, Refusal(422, "seen ist true oder false, nichts anderes."))

    return app


async def read_picture(request: Request) -> Image.Image:
    """Das geschickte Bild, noch nicht ausgepackt. Fehler: Refusal."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in KINDS:
        name = kind or "ohne Angabe"
        raise Refusal(415, f"„{name}“ kenne ich nicht. Schicke PNG, JPEG oder JSON.")
    limit, data = JSON_BYTES if kind == JSON else IMAGE_BYTES, bytearray()
    async for part in request.stream():
        data += part
        if len(data) > limit:  # den Rest liest uvicorn weg, damit der Absender die Antwort hört
            raise Refusal(413, f"Die Anfrage ist zu groß; erlaubt sind {limit // 1000} kB.")
        if len(data) > SMALL_BYTES:
            take_place(request)
    if kind == JSON:
        return open_pixels(data)
    return open_image(await file_in_form(request, data) if kind == FORM else data)


def open_pixels(data: bytes) -> Image.Image:
    """Ein Bild aus {"pixels": [[…], …]}. Fehler: Refusal."""
    try:
        return Image.fromarray(np.array(Pixels.model_validate_json(data).pixels, dtype="uint8"))
    except ValidationError:
        shape = "{„pixels“: …} mit 28 Zeilen zu je 28 Zahlen von 0 bis 255"
        raise Refusal(422, f"Erwartet wird als JSON {shape}.") from None


async def file_in_form(request: Request, data: bytes) -> bytes:
    """Was im Formular unter „file“ steht. Fehler: Refusal."""

    async def stream():
        yield data

    try:
        form = await MultiPartParser(request.headers, stream(), max_files=1, max_fields=5).parse()
    except MultiPartException:
        raise Refusal(400, "Das Formular ist beschädigt oder hat zu viele Felder.") from None
    if isinstance(file := form.get("file", ""), str):
        raise Refusal(422, "Im Formular fehlt das Feld „file“ mit einer Bilddatei.")
    return await file.read()
