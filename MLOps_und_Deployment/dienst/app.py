"""Die Adressen des Dienstes. `uvicorn dienst.app:create_app --factory` oder kürzer `python -m dienst`."""

import asyncio
import concurrent.futures
import contextlib
import http
import os
import time
from pathlib import Path
from typing import Annotated

import mlflow
import numpy as np
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import FileResponse, JSONResponse, PlainTextResponse
from pydantic import BaseModel, Field, ValidationError
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.requests import ClientDisconnect

from .bild import BadImage, normalize, read_image
from .messwerte import Metrics
from .vorhersage import Batcher, Champion, Overloaded

HERE = Path(__file__).resolve().parent
MAX_BYTES = 10_000_000
DRAIN_BYTES = 100_000_000  # so viel lesen wir noch weg, damit der Absender die Antwort hört
GERMAN = {
    404: "Diese Adresse gibt es nicht. Eine Übersicht steht unter /docs.",
    405: "Diese Adresse kennt die Methode nicht. Eine Übersicht steht unter /docs.",
}

Row = Annotated[
    list[Annotated[float, Field(ge=0, le=255, allow_inf_nan=False)]],
    Field(min_length=28, max_length=28),
]


class Pixels(BaseModel):
    """Ein Bild als Zahlen: 28 Zeilen mit je 28 Helligkeiten von 0 (Untergrund) bis 255 (Strich)."""

    pixels: Annotated[list[Row], Field(min_length=28, max_length=28)]


class Answer(BaseModel):
    """Die Antwort auf /predict."""

    digit: int
    probability: float
    probabilities: list[float]
    version: str
    milliseconds: float
    seen: list[list[int]] | None = None


PREDICT_BODY = {
    "requestBody": {
        "required": True,
        "description": "Eine Bilddatei (Formularfeld file, oder roh) oder Pixel als JSON",
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            },
            "application/json": {"schema": Pixels.model_json_schema()},
            "image/png": {"schema": {"type": "string", "format": "binary"}},
            "image/jpeg": {"schema": {"type": "string", "format": "binary"}},
        },
    }
}


def create_app(
    model_uri: str | None = None, tracking_uri: str | None = None, poll_seconds: float | None = None
) -> FastAPI:
    """Baut den Dienst. Ohne Angabe gelten die Umgebungsvariablen MODEL_URI, MLFLOW_TRACKING_URI, POLL_SECONDS."""
    model_uri = model_uri or os.environ.get("MODEL_URI", "models:/ziffern@champion")
    poll_seconds = poll_seconds or float(os.environ.get("POLL_SECONDS", "1"))
    if tracking_uri:
        mlflow.set_tracking_uri(tracking_uri)
    metrics = Metrics()
    champion = Champion(model_uri, metrics)
    batcher = Batcher(champion, metrics)
    image_workers = concurrent.futures.ThreadPoolExecutor(2, thread_name_prefix="bild")

    @contextlib.asynccontextmanager
    async def lifespan(app):
        await asyncio.to_thread(champion.refresh)
        tasks = [
            asyncio.create_task(batcher.run()),
            asyncio.create_task(champion.watch(poll_seconds)),
        ]
        yield
        for task in tasks:
            task.cancel()

    app = FastAPI(
        title="Ziffern-Dienst",
        description="Erkennt handgeschriebene Ziffern mit dem Champion-Modell der Registry.",
        lifespan=lifespan,
        docs_url=None,  # die mitgelieferte Seite lädt ihr Aussehen aus dem Internet
        redoc_url=None,
    )
    app.add_middleware(Guard, metrics=metrics)

    @app.post("/predict", openapi_extra=PREDICT_BODY, summary="Welche Ziffer ist das?")
    async def predict(request: Request, seen: bool = False) -> Answer:
        """Bild hochladen (PNG oder JPEG, jede Größe) oder 28×28 Pixel als JSON schicken.

        Mit `seen=true` kommt auch das Bild zurück, wie das Modell es sieht.
        """
        start = time.perf_counter()
        content_type, data = await read_body(request)
        prepare = pixels_from_json if content_type == "application/json" else pixels_from_file
        # Auspacken und Rechnen geschieht in anderen Fäden: Die Event-Loop nimmt derweil Anfragen an
        loop = asyncio.get_running_loop()
        image = await loop.run_in_executor(image_workers, prepare, data)
        if champion.current is None:
            raise HTTPException(503, champion.problem, {"Retry-After": "5"})
        try:
            probabilities, version = await batcher.predict(image)
        except Overloaded as error:
            raise HTTPException(503, str(error), {"Retry-After": "1"}) from None
        except Exception as error:
            reason = f"{type(error).__name__}: {str(error)[:200]}"
            raise HTTPException(
                500, f"Das Modell scheitert an dieser Eingabe ({reason})"
            ) from error
        digit = int(probabilities.argmax())
        metrics.count("ziffern_predictions_total", version=version.number, digit=digit)
        metrics.observe("ziffern_confidence", float(probabilities[digit]), "confidence")
        return Answer(
            digit=digit,
            probability=float(probabilities[digit]),
            probabilities=probabilities.tolist(),
            version=version.number,
            milliseconds=round(1000 * (time.perf_counter() - start), 2),
            seen=(image * 255).astype(int).tolist() if seen else None,
        )

    @app.get("/health", summary="Lebt der Dienst, und welches Modell antwortet?")
    async def health() -> JSONResponse:
        version = champion.current
        state = {
            "status": "ok" if version else "kein Modell",
            "model": model_uri,
            "version": version and version.number,
            "seconds_since_switch": version and round(time.time() - version.since, 1),
            "problem": champion.problem,
        }
        return JSONResponse(state, status_code=200 if version else 503)

    @app.get("/metrics", summary="Zahlen für die Überwachung (Prometheus)")
    async def prometheus() -> PlainTextResponse:
        return PlainTextResponse(metrics.text(), media_type="text/plain; version=0.0.4")

    @app.get("/", include_in_schema=False)
    async def page() -> FileResponse:
        return FileResponse(HERE / "index.html")

    @app.get("/docs", include_in_schema=False)
    async def docs() -> FileResponse:
        return FileResponse(HERE / "docs.html")

    @app.exception_handler(BadImage)
    async def bad_image(request: Request, error: BadImage) -> JSONResponse:
        return JSONResponse({"detail": str(error)}, error.status)

    @app.exception_handler(StarletteHTTPException)
    async def http_error(request: Request, error: StarletteHTTPException) -> JSONResponse:
        text = error.detail
        if text == http.HTTPStatus(error.status_code).phrase:
            text = GERMAN.get(error.status_code, text)
        return JSONResponse({"detail": text}, error.status_code, error.headers)

    return app


async def read_body(request: Request) -> tuple[str, bytes]:
    """Art und Inhalt der Anfrage. Fehler: HTTPException oder BadImage mit deutschem Grund."""
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        if content_type == "multipart/form-data":
            async with request.form(max_files=1, max_fields=5) as form:
                upload = form.get("file")
                if upload is None or isinstance(upload, str):
                    raise BadImage("Im Formular fehlt das Feld „file“ mit einer Bilddatei.")
                return "image", await upload.read()
        data = await request.body()
    except ClientDisconnect:
        raise HTTPException(400, "Die Übertragung brach ab.") from None
    except StarletteHTTPException as error:
        if error.status_code == 413:
            raise
        raise HTTPException(400, "Das Formular ist unvollständig oder beschädigt.") from None
    if not data:
        raise BadImage("Die Anfrage ist leer.")
    if content_type == "application/json" or content_type in ("image/png", "image/jpeg"):
        return content_type, data
    raise BadImage(
        f"Mit „{content_type or 'ohne Angabe'}“ kann ich nichts anfangen. "
        "Schicke ein PNG oder JPEG oder JSON.",
        415,
    )


def pixels_from_json(data: bytes) -> np.ndarray:
    """{"pixels": [[…], …]} → (28, 28), 0–1. Fehler: BadImage."""
    try:
        pixels = Pixels.model_validate_json(data).pixels
    except ValidationError as error:
        if error.errors()[0]["type"] == "json_invalid":
            raise BadImage("Das ist kein gültiges JSON.", 400) from None
        raise BadImage(
            "Erwartet wird {„pixels“: …} mit 28 Zeilen zu je 28 Zahlen von 0 bis 255."
        ) from None
    return normalize(np.array(pixels, dtype="float32"))


def pixels_from_file(data: bytes) -> np.ndarray:
    """Bilddatei → (28, 28), 0–1. Fehler: BadImage."""
    return normalize(read_image(data))


class Guard:
    """Steht vor allen Adressen: begrenzt die Größe einer Anfrage und misst Dauer und Status."""

    def __init__(self, app, metrics: Metrics):
        self.app, self.metrics = app, metrics

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        start, received, status = time.perf_counter(), 0, 500

        async def limited_receive():
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received <= MAX_BYTES:
                return message
            while message.get("more_body") and received < DRAIN_BYTES:
                message = await receive()
                received += len(message.get("body", b""))
            limit = MAX_BYTES // 10**6
            raise HTTPException(413, f"Die Anfrage ist zu groß; erlaubt sind {limit} MB.")

        async def noting_send(message):
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                # Auch wenn jemand die Seite verändert: Sie darf nur mit diesem Dienst sprechen
                message["headers"] += [
                    (b"content-security-policy", b"default-src 'self' 'unsafe-inline' data: blob:"),
                    (b"x-content-type-options", b"nosniff"),
                    (b"cache-control", b"no-store"),
                ]
            await send(message)

        try:
            await self.app(scope, limited_receive, noting_send)
        finally:
            if scope["path"] == "/predict":
                self.metrics.count("ziffern_requests_total", status=status)
                self.metrics.observe(
                    "ziffern_request_seconds", time.perf_counter() - start, "seconds"
                )
