"""Beantwortet: Unter welcher Adresse stehen die Übungswebseiten, ohne dass es Netz braucht?

    with webserver() as adresse:
        antwort = requests.get(adresse + "/regionalzeitung.html")

Ausgeliefert werden die Seiten aus `data/webseiten` (siehe LIESMICH.md dort). Der Kopf der Antwort sagt
`text/html` ohne Zeichensatz, wie es viele Server tun; was daraus folgt, ist der Stoff der Übung.
"""

import contextlib
import os
import socketserver
import sys
import threading
import urllib.request
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler
from pathlib import Path

from kurs.kern.pfade import DATA

SEITEN = DATA / "webseiten"
LOOPBACK = "127.0.0.1"


@contextlib.contextmanager
def webserver() -> Iterator[str]:
    """Liefert die Seiten aus, solange der Block läuft; der Wert ist die Adresse ohne „/“ am Ende.

    Wer hinter einem Proxy sitzt, merkt davon nichts: Im Block gilt er für alles außer 127.0.0.1.
    Unbekannte Namen ergeben 404. Fehler: OSError, wenn sich kein Port öffnen lässt.
    """
    with (
        _Server((LOOPBACK, 0), partial(_Anfrage, directory=SEITEN)) as server,
        am_proxy_vorbei(),
    ):
        faden = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        faden.start()
        try:
            yield f"http://{LOOPBACK}:{server.server_address[1]}"
        finally:
            if not sys.is_finalizing():  # dann steht der Faden schon, und Warten hülfe nicht
                server.shutdown()
                faden.join()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def handle_error(self, request, client_address) -> None:
        """Bricht jemand eine Anfrage ab, ist das seine Sache und keine Meldung wert."""


class _Anfrage(SimpleHTTPRequestHandler):
    def send_head(self):
        if Path(self.translate_path(self.path)) in SEITEN.glob("*.html"):
            return super().send_head()
        vorhanden = ", ".join(sorted(seite.name for seite in SEITEN.glob("*.html")))
        return self.send_error(404, "Diese Seite gibt es nicht", f"Vorhanden sind: {vorhanden}")

    def log_message(self, *args) -> None:
        """Keine Zeile je Anfrage in der Konsole."""


@contextlib.contextmanager
def am_proxy_vorbei() -> Iterator[None]:
    """Schreibt die geltenden Proxys mit einer Ausnahme für 127.0.0.1 in die Umgebung.

    Alle, nicht nur `no_proxy`: Die aus den Windows-Einstellungen läse Python sonst nicht mehr.
    """
    proxys = urllib.request.getproxies()
    ausnahmen = [proxys.pop("no", ""), LOOPBACK]
    neu = {f"{schema}_proxy": wert for schema, wert in proxys.items()}
    neu["no_proxy"] = ",".join(filter(None, ausnahmen))
    vorher = {name: os.environ.pop(name, None) for name in neu}
    os.environ.update(neu)
    try:
        yield
    finally:
        for name, wert in vorher.items():
            os.environ.pop(name, None)
            if wert is not None:
                os.environ[name] = wert
