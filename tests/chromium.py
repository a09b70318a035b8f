"""Beantwortet: Wie bedient ein Test einen echten Browser? Headless Chromium über WebDriver, JSON über HTTP."""

import contextlib
import shutil
import subprocess
from pathlib import Path

from kurs import server

import pytest
import requests
from conftest import LANGE, warte_auf

FEHLT = [name for name in ("chromium", "chromedriver") if not shutil.which(name)]


class Browser:
    """Ein headless Chromium, gesteuert über WebDriver: JSON über HTTP."""

    def __init__(self, treiber):
        self._adresse = treiber
        optionen = {"args": ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage"]}
        optionen["args"] += ["--window-size=1100,900", "--disable-gpu"]
        optionen["binary"] = shutil.which("chromium")
        faehigkeiten = {"alwaysMatch": {"goog:chromeOptions": optionen}}
        antwort = self._rufe("POST", "/session", {"capabilities": faehigkeiten})
        self._adresse += f"/session/{antwort['sessionId']}"

    def _rufe(self, methode, pfad, inhalt=None):
        antwort = requests.request(methode, self._adresse + pfad, json=inhalt, timeout=LANGE)
        wert = antwort.json()["value"]
        assert antwort.ok, wert
        return wert

    def oeffne(self, adresse):
        self._rufe("POST", "/url", {"url": adresse})

    def groesse(self, breite, hoehe):
        """Die Größe der Seite selbst, wie auf einem Handy, ohne Rahmen und Leisten."""
        angaben = {"width": breite, "height": hoehe, "deviceScaleFactor": 1, "mobile": False}
        befehl = {"cmd": "Emulation.setDeviceMetricsOverride", "params": angaben}
        self._rufe("POST", "/goog/cdp/execute", befehl)

    def js(self, programm, *angaben):
        return self._rufe("POST", "/execute/sync", {"script": programm, "args": list(angaben)})

    def text(self, kennung):
        return self.js(f"return document.getElementById('{kennung}').textContent")

    def zeichne(self, striche, zeiger="mouse"):
        """Zeichnet Striche (Punkte in 0–100) auf die Fläche, mit Maus oder Finger."""
        kasten = self.js(
            "const b = document.getElementById('board').getBoundingClientRect();"
            "return [b.left, b.top, b.width, b.height]"
        )
        taten = []
        for strich in striche:
            orte = [
                (round(kasten[0] + x / 100 * kasten[2]), round(kasten[1] + y / 100 * kasten[3]))
                for x, y in strich
            ]
            fahrten = [
                {"type": "pointerMove", "duration": 15, "x": x, "y": y, "origin": "viewport"}
                for x, y in orte
            ]
            taten += [fahrten[0], {"type": "pointerDown", "button": 0}, *fahrten[1:]]
            taten.append({"type": "pointerUp", "button": 0})
        eingabe = {"type": "pointer", "id": "z", "parameters": {"pointerType": zeiger}}
        self._rufe("POST", "/actions", {"actions": [{**eingabe, "actions": taten}]})
        self._rufe("DELETE", "/actions")

    def lade_hoch(self, datei):
        element = self._rufe(
            "POST", "/element", {"using": "css selector", "value": "input[type=file]"}
        )
        kennung = next(iter(element.values()))
        self._rufe("POST", f"/element/{kennung}/value", {"text": str(datei)})

    def schliesse(self):
        self._rufe("DELETE", "")


@contextlib.contextmanager
def gestartet(ordner):
    """Ein Browser für den Block; wo keiner installiert ist, wird der Test mit Grund übersprungen."""
    if FEHLT:
        pytest.skip(f"{' und '.join(FEHLT)} nicht installiert (Debian: chromium, chromium-driver)")
    port = server.freier_port()
    treiber = f"http://127.0.0.1:{port}"
    with (
        open(Path(ordner) / "treiber.txt", "w", encoding="utf-8") as protokoll,
        subprocess.Popen(["chromedriver", f"--port={port}"], stdout=protokoll) as lauf,
    ):
        try:
            assert warte_auf(lambda: _ist_bereit(treiber), LANGE), "chromedriver antwortet nicht"
            browser = Browser(treiber)
            try:
                yield browser
            finally:
                browser.schliesse()
        finally:
            lauf.terminate()


def _ist_bereit(treiber):
    with contextlib.suppress(requests.ConnectionError):
        return requests.get(f"{treiber}/status", timeout=5).json()["value"]["ready"]
    return False
