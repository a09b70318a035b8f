"""Beantwortet: Wie läuft ein Server neben dem Skript, und wie endet er mit ihm?

    with im_hintergrund(app) as adresse:                      # eine FastAPI-App, in diesem Prozess
        requests.get(adresse + "/health")

    with prozess([sys.executable, "-m", "dienst"], "/health", protokoll) as adresse:   # ein eigener Prozess
        …

Beide lauschen nur auf 127.0.0.1 und enden mit dem Block; ein Proxy gilt darin für alles andere. Bei Strg+C
endet das Skript sofort, mit allen Servern: Sonst warteten sie und ihre Besucher der Reihe nach aufeinander.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from kurs.kern.abbruch import brich_ab

import psutil

LOOPBACK = "127.0.0.1"
# Strg+C erreicht sonst auch die Kinder, und jedes meldet es auf seine Art
EIGENE_GRUPPE = {"start_new_session": True}
if os.name == "nt":
    EIGENE_GRUPPE = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}

_laufende: list[subprocess.Popen | None] = []  # je offenem Block der Prozess; None: ein Faden
_vorher = signal.getsignal(signal.SIGINT)


class ServerStartetNicht(RuntimeError):
    """Der Server antwortet nicht; der Text nennt den Grund, soweit das Protokoll ihn hergibt."""


def freier_port() -> int:
    """Ein Port auf 127.0.0.1, auf dem gerade niemand lauscht."""
    with socket.socket() as anschluss:
        anschluss.bind((LOOPBACK, 0))
        return anschluss.getsockname()[1]


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


def _strg_c(nummer, stelle) -> None:
    """Was Strg+C tut, seit es den ersten Server gab."""
    if not _laufende and callable(_vorher):
        _vorher(nummer, stelle)
    brich_ab(zuletzt=lambda: _toete(*filter(None, _laufende)))


@contextlib.contextmanager
def _gemeldet(kind: subprocess.Popen | None) -> Iterator[None]:
    """Solange der Block läuft, endet dieser Server auch mit Strg+C."""
    _laufende.append(kind)
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, _strg_c)
    try:
        yield
    finally:
        _laufende.remove(kind)


@contextlib.contextmanager
def im_hintergrund(app) -> Iterator[str]:
    """Startet eine ASGI-App mit uvicorn in einem Faden dieses Prozesses; der Wert ist die Adresse.

    Fehler im Code der App schreibt uvicorn nach stderr, wie immer. Fehler: ServerStartetNicht.
    """
    import uvicorn

    with socket.socket() as anschluss, am_proxy_vorbei(), _gemeldet(None):
        anschluss.bind((LOOPBACK, 0))
        leise = {"log_level": "error", "access_log": False}
        server = uvicorn.Server(uvicorn.Config(app, timeout_graceful_shutdown=1, **leise))
        faden = threading.Thread(target=server.run, kwargs={"sockets": [anschluss]}, daemon=True)
        faden.start()
        try:
            while not server.started:
                if not faden.is_alive():
                    raise ServerStartetNicht("Die App startet nicht; der Grund steht darüber.")
                time.sleep(0.02)
            yield f"http://{LOOPBACK}:{anschluss.getsockname()[1]}"
        finally:
            server.should_exit = True
            if not sys.is_finalizing():  # dann steht der Faden schon, und Warten hülfe nicht
                faden.join(timeout=3)


@contextlib.contextmanager
def prozess(
    befehl: list[str],
    bereit: str | None,
    protokoll: Path,
    sekunden: float = 60,
    umgebung: dict[str, str] | None = None,
    ordner: Path | None = None,
) -> Iterator[str]:
    """Startet `befehl` mit `--port` und einem freien Port und wartet, bis der Pfad `bereit` antwortet (None: gar nicht).

    Was der Server schreibt, steht in der Datei `protokoll`; `umgebung` ergänzt die Umgebung. Sein stdin schließt
    sich mit diesem Prozess: Wer darauf achtet, endet auch, wenn dieser abgeschossen wird. Am Ende des Blocks
    enden er und seine Kinder. Fehler: ServerStartetNicht mit den letzten Zeilen des Protokolls.
    """
    port = freier_port()
    adresse = f"http://{LOOPBACK}:{port}"
    with open(protokoll, "w", encoding="utf-8") as datei, am_proxy_vorbei():
        kind = subprocess.Popen(
            [*befehl, "--port", str(port)],
            stdin=subprocess.PIPE,
            stdout=datei,
            stderr=subprocess.STDOUT,
            cwd=ordner,
            env={**os.environ, "PYTHONIOENCODING": "utf-8", **(umgebung or {})},
            **EIGENE_GRUPPE,
        )
        try:
            with _gemeldet(kind):
                if bereit is not None:
                    _warte(kind, adresse + bereit, protokoll, sekunden)
                yield adresse
        finally:
            _toete(kind)
            kind.stdin.close()
            kind.wait()


def _warte(kind: subprocess.Popen, adresse: str, protokoll: Path, sekunden: float) -> None:
    ende = time.monotonic() + sekunden
    while kind.poll() is None and time.monotonic() < ende:
        try:
            with urllib.request.urlopen(adresse, timeout=2):
                return
        except (OSError, ValueError):  # noch nicht so weit
            time.sleep(0.1)
    grund = "antwortet nicht" if kind.poll() is None else f"endete mit Code {kind.returncode}"
    letzte = protokoll.read_text(encoding="utf-8", errors="replace").splitlines()[-15:]
    raise ServerStartetNicht(
        "\n".join([f"Der Server {grund}. Sein Protokoll ({protokoll}):", *letzte])
    )


def _toete(*kinder: subprocess.Popen) -> None:
    """Diese Prozesse und alle, die sie gestartet haben, ohne Abschied."""
    for kind in kinder:
        if kind.poll() is None:  # sonst gehört die Nummer womöglich schon einem anderen
            nachkommen = psutil.Process(kind.pid).children(recursive=True)
            kind.kill()
            for einer in nachkommen:
                with contextlib.suppress(psutil.NoSuchProcess):
                    einer.kill()
