"""Was hereindarf: Größe, Zeit, Zahl der Verbindungen, Länge der Schlangen."""

import os

from fastapi import HTTPException, Request
from uvicorn.protocols.http.h11_impl import H11Protocol

JSON_BYTES, IMAGE_BYTES = 100_000, 10_000_000
SMALL_BYTES, LARGE_AT_ONCE = 50_000, 8  # was größer ist, braucht einen von acht Plätzen
REQUEST_SECONDS = 30  # so lange darf eine Anfrage dauern, vom ersten Byte bis zur Antwort
# Jede Verbindung ist für das System eine offene Datei; Windows nennt dafür keine Grenze
FILES = min(os.sysconf("SC_OPEN_MAX"), 2048) if hasattr(os, "sysconf") else 2048
MAX_CONNECTIONS, BACKLOG = FILES // 4, FILES // 8  # offen; und noch nicht angenommen


class Refusal(HTTPException):
    """So geht es nicht; der Text sagt dem Absender auf Deutsch, warum."""


def busy() -> Refusal:
    text = "Der Dienst ist überlastet. Versuche es gleich noch einmal."
    return Refusal(503, text, {"Retry-After": "1"})


large: set[Request] = set()  # die großen Anfragen in Arbeit: Sie brauchen Speicher und Zeit


def take_place(request: Request) -> None:
    """Diese Anfrage ist groß. Fehler: Refusal, wenn es davon gerade zu viele gibt."""
    if request not in large and len(large) == LARGE_AT_ONCE:
        raise busy()
    large.add(request)


class Door(H11Protocol):
    """Eine Verbindung. Wer trödelt, verliert sie; sind zu viele offen, geht, wer am längsten trödelt."""

    def connection_made(self, transport):
        super().connection_made(transport)
        self.start_clock()
        if len(self.connections) > MAX_CONNECTIONS:
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
