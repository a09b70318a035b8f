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
from prometheus_client import generate_latest
from pydantic import BaseModel, FailFast, Field, ValidationError
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect

from .annahme import IMAGE_BYTES, JSON_BYTES, PREDICTIONS, SMALL_BYTES, Guard, Places, Refusal
from .bild import SMALL_PIXELS, normalize, open_image, read_gray
from .vorhersage import Batcher, Champion

ELSEWHERE = "Das gibt es hier nicht. Eine Übersicht steht unter /docs."

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
KINDS = {
    "multipart/form-data": {"type": "object", "required": ["file"], "properties": {"file": FILE}},
    "image/png": FILE,
    "image/jpeg": FILE,
    "application/json": Pixels.model_json_schema(),
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
    batcher, places, one_at_a_time = Batcher(champion), Places(), asyncio.Lock()

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
    app.add_middleware(Guard)

    @app.post("/predict", openapi_extra={"requestBody": BODY}, responses=PROBLEMS)
    async def predict(request: Request, seen: bool = False) -> Answer:
        """Bild hochladen (PNG oder JPEG, jede Größe) oder 28×28 Pixel als JSON schicken.

        Mit `seen=true` kommt auch das Bild zurück, wie das Modell es sieht.
        """
        start = time.perf_counter()
        if champion.current is None:
            raise Refusal(503, champion.problem, {"Retry-After": "5"})
        try:
            picture = open_picture(*await read_body(request, places))
            prepare = functools.cache(lambda: normalize(read_gray(picture)))
            if picture.width * picture.height > SMALL_PIXELS:
                places.take(request)
            if request in places:  # dauert: eines nach dem anderen, bevor es in die Schlange kommt
                async with one_at_a_time:
                    await asyncio.to_thread(prepare)
            version, image, probabilities = await batcher.predict(prepare)
        finally:
            places.discard(request)
        digit = int(probabilities.argmax())
        PREDICTIONS.labels(version, digit).inc()
        return Answer(
            digit=digit,
            probability=float(probabilities[digit]),
            probabilities=probabilities.tolist(),
            version=version,
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
            "refused": champion.refused,
            "problem": champion.problem,
        }
        return JSONResponse(state, status_code=200 if version else 503)

    @app.get("/metrics", response_class=PlainTextResponse, summary="Messwerte für Prometheus")
    async def prometheus() -> PlainTextResponse:
        return PlainTextResponse(generate_latest())

    @app.get("/", include_in_schema=False)
    async def page() -> FileResponse:
        return FileResponse(Path(__file__).with_name("index.html"))

    @app.exception_handler(RequestValidationError)
    async def bad_parameter(request, error) -> JSONResponse:
        return JSONResponse({"detail": "seen ist true oder false, nichts anderes."}, 422)

    @app.exception_handler(404)
    @app.exception_handler(405)
    async def elsewhere(request, error) -> JSONResponse:
        return JSONResponse({"detail": ELSEWHERE}, error.status_code, error.headers)

    return app


async def read_body(request: Request, places: Places) -> tuple[str, bytes]:
    """Art und Inhalt der Anfrage oder der Datei in ihrem Formular. Fehler: Refusal."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in KINDS:
        raise Refusal(
            415, f"„{kind or 'ohne Angabe'}“ kenne ich nicht. Schicke PNG, JPEG oder JSON."
        )
    limit, data = JSON_BYTES if kind == "application/json" else IMAGE_BYTES, bytearray()
    try:
        async for part in request.stream():
            data += part
            if len(data) > limit:  # den Rest liest uvicorn weg, damit der Absender die Antwort hört
                raise Refusal(413, f"Die Anfrage ist zu groß; erlaubt sind {limit // 1000} kB.")
            if len(data) > SMALL_BYTES:
                places.take(request)
    except ClientDisconnect:
        raise Refusal(400, "Die Übertragung brach ab.") from None
    if kind == "multipart/form-data":
        data = await file_in_form(request, data)
    if not data:
        raise Refusal(422, "Die Anfrage oder ihre Datei ist leer.")
    return kind, data


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


def open_picture(kind: str, data: bytes) -> Image.Image:
    """Ein Bild, noch nicht ausgepackt, aus einer Datei oder {"pixels": [[…], …]}. Fehler: Refusal."""
    if kind != "application/json":
        return open_image(data)
    try:
        return Image.fromarray(np.array(Pixels.model_validate_json(data).pixels, dtype="uint8"))
    except ValidationError as error:
        if error.errors()[0]["type"] == "json_invalid":
            raise Refusal(400, "Das ist kein gültiges JSON.") from None
        shape = "{„pixels“: …} mit 28 Zeilen zu je 28 Zahlen von 0 bis 255"
        raise Refusal(422, f"Erwartet wird {shape}.") from None
