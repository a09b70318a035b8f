"""Was hereindarf: Größe, Zeit, Zahl der Verbindungen, Länge der Schlangen. Und was gezählt wird."""

import asyncio
import concurrent.futures
import time

from fastapi import HTTPException
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    Info,
    ProcessCollector,
    disable_created_metrics,
)
from uvicorn.protocols.http.h11_impl import H11Protocol

disable_created_metrics()  # zu jedem Zähler noch eine Zeile, die hier niemand liest
JSON_BYTES, IMAGE_BYTES = 100_000, 10_000_000
SMALL_BYTES, LARGE_AT_ONCE = 200_000, 8  # was größer ist, braucht einen von acht Plätzen
DRAIN_BYTES = 100_000_000  # so viel lesen wir noch weg, damit der Absender die Antwort hört
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


class Metrics:
    """Die Zahlen für /metrics; je Dienst ein eigener Satz."""

    def __init__(self):
        self.registry = own = CollectorRegistry()
        ProcessCollector(registry=own)  # Speicher, CPU, offene Dateien (unter Linux)
        self.requests = Counter("ziffern_requests", "Anfragen", ["status"], registry=own)
        labels = ["version", "digit"]
        self.predictions = Counter("ziffern_predictions", "Vorhersagen", labels, registry=own)
        self.seconds = Histogram("ziffern_request_seconds", "Dauer einer Anfrage", registry=own)
        self.switches = Counter("ziffern_model_switches", "Übernommene Versionen", registry=own)
        self.failures = Counter("ziffern_model_failures", "Abgelehnte Versionen", registry=own)
        self.model = Info("ziffern_model", "Die Version, die gerade antwortet", registry=own)


class Lane:
    """Einige Fäden und eine begrenzte Schlange davor: Wer nicht mehr hineinpasst, erfährt es sofort."""

    def __init__(self, threads: int, waiting: int):
        self._pool = concurrent.futures.ThreadPoolExecutor(threads)
        self._free = threads + waiting

    async def run(self, function, *arguments):
        """Rechnet neben der Event-Loop. Fehler: Refusal 503, und was die Funktion wirft."""
        if not self._free:
            raise busy()
        self._free -= 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._pool, function, *arguments)
        finally:
            self._free += 1


class Guard:
    """Steht vor allen Adressen: begrenzt die Größe einer Anfrage und misst Dauer und Status."""

    def __init__(self, app, metrics: Metrics):
        self.app, self.metrics, self.free = app, metrics, LARGE_AT_ONCE

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        start, received, status, is_large = time.perf_counter(), 0, 500, False
        kind = dict(scope["headers"]).get(b"content-type", b"")
        limit = JSON_BYTES if kind.startswith(b"application/json") else IMAGE_BYTES

        async def limited_receive():
            nonlocal received, is_large
            message = await receive()
            received += len(message.get("body", b""))
            if received > SMALL_BYTES and not is_large:
                if not self.free:
                    raise busy()
                self.free, is_large = self.free - 1, True
            if received <= limit:
                return message
            while message.get("more_body") and received < DRAIN_BYTES:
                message = await receive()
                received += len(message.get("body", b""))
            raise Refusal(413, f"Die Anfrage ist zu groß; erlaubt sind {limit // 1000} kB.")

        async def noting_send(message):
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] += HEADERS
            await send(message)

        # HEAD ist GET ohne Inhalt; den lässt uvicorn weg
        method = {"HEAD": "GET"}.get(scope["method"], scope["method"])
        try:
            await self.app({**scope, "method": method}, limited_receive, noting_send)
        finally:
            self.free += is_large
            if scope["path"] == "/predict":
                self.metrics.requests.labels(status).inc()
                self.metrics.seconds.observe(time.perf_counter() - start)


class Door(H11Protocol):
    """Eine Verbindung. Wer trödelt, verliert sie; sind zu viele offen, geht, wer am längsten trödelt."""

    max_connections = 512

    def connection_made(self, transport):
        super().connection_made(transport)
        self.start_clock()
        if len(self.connections) > self.max_connections:
            idle = [other for other in self.connections if other.is_idle() and other is not self]
            min(idle, key=lambda other: other.since, default=self).transport.abort()

    def is_idle(self) -> bool:
        """Ob wir auf den Besucher warten und nicht er auf uns."""
        return self.cycle is None or self.cycle.response_complete or self.cycle.more_body

    def start_clock(self):
        self.since = time.monotonic()
        self.clock = self.loop.call_later(REQUEST_SECONDS, self.transport.abort)

    def on_response_complete(self):
        super().on_response_complete()
        self.clock.cancel()
        self.start_clock()

    def connection_lost(self, exc):
        self.clock.cancel()
        super().connection_lost(exc)
