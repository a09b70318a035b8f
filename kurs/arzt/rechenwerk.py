"""Beantwortet: Was ergaben die Fragen an TensorFlow, torch, matplotlib und den Vorrat?

Gefragt wird in eigenen Prozessen (`kurs.arzt.fragen`); hier werden die Antworten zu Befunden.
"""

import json
import os
import signal
import subprocess
from pathlib import Path

from kurs.arzt import gebrauch
from kurs.arzt.befund import (
    EINRICHTEN,
    FEHLT,
    GUT,
    HINWEIS,
    NEU_ANLEGEN,
    VORBEREITEN,
    Befund,
)
from kurs.arzt.fragen import MARKE
from kurs.pfade import WURZEL
from kurs.umgebung import hat_nvidia, kerne

FRIST = 180  # Sekunden; beim ersten Mal prüft ein Virenscanner jede Datei
VISUAL_C = "Microsoft Visual C++ Redistributable (x64) installieren: aka.ms/vs/17/release/vc_redist.x64.exe"
_laufende: list[subprocess.Popen] = []


def frage(python: Path, was: str, frist: float = FRIST) -> dict:
    """Die Antwort eines eigenen Prozesses; {"fehler": …}, wenn er abstürzt oder nicht fertig wird."""
    umgebung = {**os.environ, "PYTHONIOENCODING": "utf-8", "PYTHONUNBUFFERED": "1"}
    kind = subprocess.Popen(
        [str(python), "-m", "kurs.arzt.fragen", was],
        cwd=WURZEL,
        env=umgebung,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
    )
    _laufende.append(kind)
    try:
        aus, fehler = kind.communicate(timeout=frist)
    except subprocess.TimeoutExpired:
        kind.kill()
        kind.communicate()
        return {"fehler": f"nach {frist:.0f} s keine Antwort"}
    finally:
        _laufende.remove(kind)
    for zeile in reversed(aus.splitlines()):
        if zeile.startswith(MARKE):
            return json.loads(zeile.removeprefix(MARKE))
    letzte = (fehler.strip().splitlines() or ["ohne Meldung"])[-1]
    return {"fehler": f"Absturz mit Code {_code(kind.returncode)}: {letzte}"}


def brich_ab() -> None:
    """Beendet die Prozesse, die noch an einer Frage rechnen."""
    for kind in tuple(_laufende):
        kind.kill()


def _code(rueckgabe: int) -> str:
    """Der Rückgabewert, bei einem Signal mit dessen Namen (SIGILL: Die CPU kennt einen Befehl nicht)."""
    try:
        return f"{rueckgabe} ({signal.Signals(-rueckgabe).name})"
    except ValueError:
        return str(rueckgabe)


# --- Bibliotheken ---------------------------------------------------------------------------------

BIBLIOTHEKEN = {
    "tensorflow": ("TensorFlow", ("tensorflow", "keras")),
    "torch": ("PyTorch", ("torch", "transformers", "sentence_transformers", "accelerate")),
}


def bibliothek(python: Path, was: str) -> list[Befund]:
    """Ob TensorFlow oder torch lädt und richtig rechnet, und worauf."""
    titel, module = BIBLIOTHEKEN[was]
    antwort = frage(python, was)
    if grund := antwort.get("fehler"):
        satz = f"rechnet nicht: {grund}"
        return [Befund(FEHLT, titel, satz, gebrauch.mit_bibliothek(*module), _abhilfe(grund))]
    worauf = ", ".join(antwort["karten"]) or f"CPU, {kerne()} Kerne"
    zusatz = f", {antwort['zusatz']}" if antwort["zusatz"] else ""
    befunde = [Befund(GUT, titel, f"{antwort['version']} rechnet auf: {worauf}{zusatz}")]
    if not antwort["karten"] and hat_nvidia():
        satz = "eine NVIDIA-Karte ist da, wird aber nicht benutzt; auf der CPU läuft trotzdem alles"
        befunde.append(Befund(HINWEIS, titel, satz))
    return befunde


def _abhilfe(grund: str) -> str:
    if "DLL load failed" in grund or "WinError 126" in grund:
        return VISUAL_C
    if "SIGILL" in grund or "3221225501" in grund:  # 0xC000001D, dasselbe unter Windows
        return "einen Rechner nehmen, dessen CPU AVX kennt (fast alle seit 2012; in einer VM freischalten)"
    if "ModuleNotFoundError" in grund:
        return EINRICHTEN
    return NEU_ANLEGEN


# --- Bildschirm -----------------------------------------------------------------------------------


def bildschirm(python: Path) -> list[Befund]:
    """Ob `plt.show()` ein Fenster öffnet."""
    antwort = frage(python, "fenster")
    if grund := antwort.get("fehler"):
        zeichnende = gebrauch.mit_bibliothek("matplotlib")
        satz = f"matplotlib lädt nicht: {grund}"
        return [Befund(FEHLT, "Bildschirm", satz, zeichnende, _abhilfe(grund))]
    backend = antwort["backend"]
    if antwort["zeigt"]:
        return [Befund(GUT, "Bildschirm", f"Plots öffnen sich in einem Fenster ({backend})")]
    if backend == "module://kurs.plotablage":
        satz = "kein Fenster möglich; Plots liegen als PNG unter ausgabe/<Skriptname>/"
        return [Befund(HINWEIS, "Bildschirm", satz)]
    if backend.startswith("module://"):
        return [Befund(GUT, "Bildschirm", f"Plots zeigt {backend.removeprefix('module://')}")]
    satz = f"Plots bleiben unsichtbar (matplotlib nimmt {backend}"
    satz += (
        f", DISPLAY={os.environ['DISPLAY']} antwortet nicht)" if "DISPLAY" in os.environ else ")"
    )
    abhilfe = "die Umgebungsvariablen DISPLAY und MPLBACKEND löschen: Dann gibt es PNG-Dateien"
    return [Befund(HINWEIS, "Bildschirm", satz, abhilfe=abhilfe)]


# --- Modelle und Datensätze -----------------------------------------------------------------------


def vorrat(python: Path, braucht_eingebettetes: bool = True) -> list[Befund]:
    """Welche Datensätze und Modelle bereitliegen."""
    antwort = frage(python, "vorrat")
    if grund := antwort.get("fehler"):
        return [Befund(HINWEIS, "Vorrat", f"nicht zu prüfen: {grund}")]
    befunde, da = [], {"original": [], "eingebettet": []}
    for eintrag in antwort["daten"]:
        if eintrag["grund"]:
            satz, skripte = f"{eintrag['name']}: {eintrag['grund']}", tuple(eintrag["skripte"])
            abhilfe = "git restore data   (oder das Repository neu herunterladen)"
            befunde.append(Befund(FEHLT, "Datensatz", satz, skripte, abhilfe))
        else:
            da[eintrag["quelle"]].append(eintrag["name"])
    saetze = {"original": "als Original da", "eingebettet": "eingebettet da"}
    befunde = [
        Befund(GUT, "Datensätze", f"{saetze[quelle]}: {', '.join(namen)}")
        for quelle, namen in da.items()
        if namen
    ] + befunde
    bereit = [modell["name"] for modell in antwort["modelle"] if modell["bereit"]]
    if bereit:
        befunde.append(Befund(GUT, "Modelle", f"bereit: {', '.join(bereit)}"))
    fehlend: dict[tuple[str, ...], list[str]] = {}
    for modell in antwort["modelle"]:
        if not modell["bereit"]:
            fehlend.setdefault(tuple(modell["skripte"]), []).append(modell["name"])
    for skripte, namen in fehlend.items():
        satz = f"noch nicht vorbereitet: {', '.join(namen)}"
        if not skripte:
            befunde.append(Befund(HINWEIS, "Modelle", f"{satz}; kein Skript braucht sie bisher"))
        else:
            stand = FEHLT if braucht_eingebettetes else HINWEIS
            befunde.append(Befund(stand, "Modelle", satz, skripte, VORBEREITEN))
    return befunde
