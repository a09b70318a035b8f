"""Was hereindarf: Größe, Zeit, Zahl der Verbindungen, Länge der Schlangen. Und was gezählt wird."""

import time

from fastapi import HTTPException
from prometheus_client import Counter, Histogram, disable_created_metrics
from uvicorn.protocols.http.h11_impl import H11Protocol

disable_created_metrics()  # zu jedem Zähler noch eine Zeile, die hier niemand liest
SECONDS = Histogram("ziffern_request_seconds", "Dauer der Anfragen an /predict", ["status"])
PREDICTIONS = Counter("ziffern_predictions", "Vorhersagen", ["version", "digit"])

JSON_BYTES, IMAGE_BYTES = 100_000, 10_000_000
SMALL_BYTES, LARGE_AT_ONCE = 50_000, 8  # was größer ist, braucht einen von acht Plätzen
REQUEST_SECONDS = 30  # so lange darf eine Anfrage dauern, vom ersten Byte bis zur Antwort
HEADERS = (  # auch wenn jemand die Seite verändert: Sie darf nur mit diesem Dienst sprechen
    (b"content-security-policy", b"default-src 'self' 'unsafe-inline' data: blob:"),
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
)


class Refusal(HTTPException):
    """So geht es nicht; der Text sagt dem Absender auf Deutsch, warum."""


def busy() -> Refusal:
    text = "Der Dienst ist überlastet. Versuche es gleich noch einmal."
    return Refusal(503, text, {"Retry-After": "1"})


class Places(set):
    """Die großen Anfragen, die gerade in Arbeit sind: Sie brauchen Speicher und Zeit."""

    def take(self, request) -> None:
        """Ein Platz für diese Anfrage. Fehler: Refusal, wenn keiner mehr frei ist."""
        if request not in self and len(self) == LARGE_AT_ONCE:
            raise busy()
        self.add(request)


class Guard:
    """Steht vor allen Adressen: zählt, misst, schickt HEADERS mit und beantwortet HEAD."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        start, status = time.perf_counter(), 500

        async def noting_send(message):
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] += HEADERS
            await send(message)

        if scope.get("method") == "HEAD":  # GET ohne Inhalt; den lässt uvicorn weg
            scope = {**scope, "method": "GET"}
        try:
            await self.app(scope, receive, noting_send)
        finally:
            if scope.get("path") == "/predict":
                SECONDS.labels(status).observe(time.perf_counter() - start)


class Door(H11Protocol):
    """Eine Verbindung. Wer trödelt, verliert sie; sind zu viele offen, geht, wer am längsten trödelt."""

    max_connections = 512

    def connection_made(self, transport):
        super().connection_made(transport)
        self.start_clock()
        if len(self.connections) > self.max_connections:
            idle = filter(Door.is_idle, self.connections)
            min(idle, key=lambda other: other.clock.when()).transport.abort()

    def is_idle(self) -> bool:
        """Ob wir auf den Besucher warten und nicht er auf uns."""
        return self.cycle is None or self.cycle.response_complete or self.cycle.more_body

    def start_clock(self):
        self.clock = self.loop.call_later(REQUEST_SECONDS, self.transport.abort)

    def on_response_complete(self):
        super().on_response_complete()
        self.clock.cancel()
        self.start_clock()

    def connection_lost(self, exc):
        self.clock.cancel()
        super().connection_lost(exc)


def file_limit() -> int:
    """So viele Dateien und Verbindungen darf dieser Prozess zugleich offen haben."""
    try:
        import resource
    except ImportError:  # Windows kennt diese Grenze nicht
        return 2048
    return min(resource.getrlimit(resource.RLIMIT_NOFILE)[0], 2048)
