"""Beantwortet: Was ist von hier aus im Netz zu erreichen, und wird es überhaupt gebraucht?

Kein Skript braucht ein Netz, wenn alles vorbereitet ist; deshalb gibt es hier nur Hinweise.
"""

import os
import re
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

from kurs.arzt.befund import GUT, HINWEIS, Befund
from kurs.quellen import KeineQuelle, erreichbar, modus

PYPI = "https://pypi.org/simple"
WARTEN = 4  # Sekunden auf den Paketindex
# Host → wofür die Skripte ihn fragen, wenn er antwortet
HOSTS = {
    "storage.googleapis.com": "Originale von keras.datasets und keras.applications",
    "www.cs.toronto.edu": "CIFAR-10",
    "download.pytorch.org": "die kleine Fassung von PyTorch (nur beim Einrichten)",
}


def proxy() -> list[Befund]:
    """Welche Proxys gelten; Zugangsdaten werden nicht gezeigt."""
    proxys = {art: ziel for art, ziel in urllib.request.getproxies().items() if art != "no"}
    if not proxys:
        return [Befund(GUT, "Proxy", "keiner eingestellt")]
    gezeigt = ", ".join(f"{art}: {_ohne_zugang(ziel)}" for art, ziel in sorted(proxys.items()))
    return [Befund(GUT, "Proxy", gezeigt)]


def _ohne_zugang(adresse: str) -> str:
    return re.sub(r"//[^/]*@", "//…@", adresse if "//" in adresse else f"//{adresse}").removeprefix(
        "" if "//" in adresse else "//"
    )


def quelle() -> list[Befund]:
    """Ob `KURS_QUELLE` etwas einschränkt."""
    try:
        wert = modus()
    except KeineQuelle as grund:
        return [Befund(HINWEIS, "KURS_QUELLE", str(grund), abhilfe="die Umgebungsvariable löschen")]
    saetze = {
        "auto": "",
        "hub": "hub: Der eingebettete Ersatz ist abgeschaltet, die Skripte brauchen Netz oder Kopien",
        "eingebaut": "eingebaut: Die Skripte suchen keine Originale",
    }
    return [Befund(HINWEIS, "KURS_QUELLE", saetze[wert])] if saetze[wert] else []


def hosts() -> list[Befund]:
    """Welche Hosts mit Originalen antworten (alle zugleich gefragt, je höchstens 1,5 s)."""
    hub = urlsplit(os.environ.get("HF_ENDPOINT") or "https://huggingface.co").hostname or "?"
    alle = {hub: "Originale von Modellen und Texten", **HOSTS}
    with ThreadPoolExecutor(len(alle)) as faeden:
        antworten = dict(zip(alle, faeden.map(erreichbar, alle)))
    befunde = []
    for host, wofuer in alle.items():
        if antworten[host]:
            befunde.append(Befund(GUT, "Host", f"{host} antwortet ({wofuer})"))
    if stumme := [host for host, antwortet in antworten.items() if not antwortet]:
        satz = f"nicht erreichbar: {', '.join(stumme)}; die Skripte nehmen den eingebetteten Ersatz"
        befunde.append(Befund(HINWEIS, "Hosts", satz))
    return befunde


# --- Paketindex -----------------------------------------------------------------------------------


def paketindex(python: Path | None) -> list[Befund]:
    """Ob der Paketindex antwortet, den pip hier benutzt (auch ein Spiegel der Firma)."""
    einstellungen = _pip_einstellungen(python)
    if einstellungen.get("no-index", "").lower() in ("1", "true", "yes"):
        woher = einstellungen.get("find-links", "nirgendwo")
        return [Befund(HINWEIS, "Paketindex", f"abgeschaltet; pip sucht nur in {woher}")]
    adresse = einstellungen.get("index-url", PYPI)
    if not adresse.startswith(("http://", "https://")):
        return [Befund(GUT, "Paketindex", adresse)]
    name = _ohne_zugang(adresse)
    grund = _warum_nicht(adresse, einstellungen.get("cert"))
    if grund is None:
        return [Befund(GUT, "Paketindex", f"{name} antwortet")]
    satz = f"{name} {grund[0]}; gebraucht wird er nur zum Einrichten und Vorbereiten"
    return [Befund(HINWEIS, "Paketindex", satz, abhilfe=grund[1])]


def _warum_nicht(adresse: str, zertifikat: str | None) -> tuple[str, str] | None:
    """None, wenn der Index antwortet; sonst der Grund und was hilft."""
    kontext = ssl.create_default_context()
    if zertifikat:
        try:
            kontext.load_verify_locations(zertifikat)
        except (OSError, ssl.SSLError):
            return (
                f"nicht gefragt: Die Datei {zertifikat} ist nicht zu lesen",
                "PIP_CERT berichtigen",
            )
    anfrage = urllib.request.Request(adresse.rstrip("/") + "/pip/", method="HEAD")
    try:
        with urllib.request.urlopen(anfrage, timeout=WARTEN, context=kontext):
            return None
    except urllib.error.HTTPError as fehler:
        if fehler.code == 407:
            return "ist durch den Proxy versperrt", "HTTPS_PROXY mit Benutzer und Passwort setzen"
        if fehler.code in (401, 403):
            return "verlangt eine Anmeldung", "die IT nach dem Zugang zum Paketindex fragen"
        return None  # 404 und dergleichen: Er antwortet jedenfalls
    except (OSError, ValueError) as fehler:
        if "CERTIFICATE_VERIFY_FAILED" in str(fehler):
            return (
                "antwortet, aber sein Zertifikat wird nicht anerkannt",
                "PIP_CERT auf das Stammzertifikat der Firma setzen",
            )
        return (
            "ist nicht erreichbar",
            "hinter einem Proxy HTTPS_PROXY setzen, bei einem Spiegel PIP_INDEX_URL",
        )


def _pip_einstellungen(python: Path | None) -> dict[str, str]:
    """Was pip in Dateien und Umgebung eingestellt findet; die Umgebung gilt vor den Dateien."""
    befehl = [str(python or sys.executable), "-m", "pip", "config", "list"]
    try:
        lauf = subprocess.run(
            befehl, capture_output=True, encoding="utf-8", errors="replace", timeout=20, check=False
        )
        zeilen = lauf.stdout.splitlines()
    except (OSError, subprocess.SubprocessError):
        zeilen = []
    rang = {"global": 0, "install": 1, ":env:": 2}
    gefunden: dict[str, tuple[int, str]] = {}
    for zeile in zeilen:  # etwa  global.index-url='https://…'
        if treffer := re.match(r"(:env:|\w+)\.([\w-]+)=(['\"])(.*)\3$", zeile):
            stelle = rang.get(treffer[1], -1)
            if stelle >= gefunden.get(treffer[2], (-1, ""))[0]:
                gefunden[treffer[2]] = (stelle, treffer[4].strip())
    return {name: wert for name, (_, wert) in gefunden.items()}
