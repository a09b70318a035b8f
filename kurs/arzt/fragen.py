"""Beantwortet in einem eigenen Prozess je eine Frage: Rechnet TensorFlow? torch? Zeichnet matplotlib? Ist alles da?

    python -m kurs.arzt.fragen tensorflow     # die letzte Zeile ist JSON

Ein Absturz (fehlende DLL, CPU ohne AVX, kaputter Treiber) reißt so nur diesen Prozess mit.
"""

import contextlib
import io
import json
import os
import re
import signal
import subprocess
import sys
from importlib import import_module

from kurs import skripte
from kurs.pfade import DATA, WURZEL

MARKE = "ANTWORT "
FRIST = 180  # Sekunden; beim ersten Mal prüft ein Virenscanner jede Datei


def frage(was: str, frist: float = FRIST, **umgebung: str) -> dict:
    """Die Antwort eines eigenen Prozesses; {"fehler": …}, wenn er abstürzt oder nicht fertig wird."""
    umgebung = {**os.environ, "PYTHONIOENCODING": "utf-8", **umgebung}
    befehl = [sys.executable, "-m", "kurs.arzt.fragen", was]
    try:
        kind = subprocess.run(
            befehl,
            cwd=WURZEL,
            env=umgebung,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=frist,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"fehler": f"nach {frist:.0f} s keine Antwort"}
    for zeile in reversed(kind.stdout.splitlines()):
        if zeile.startswith(MARKE):
            return json.loads(zeile.removeprefix(MARKE))
    code = str(kind.returncode)
    with contextlib.suppress(ValueError):  # SIGILL: Die CPU kennt einen Befehl nicht
        code += f" ({signal.Signals(-kind.returncode).name})"
    letzte = (kind.stderr.strip().splitlines() or ["ohne Meldung"])[-1]
    return {"fehler": f"Absturz mit Code {code}: {letzte}"}


def tensorflow() -> dict:
    """Rechnet auf jedem Gerät, das TensorFlow sieht, einmal nach; dazu Keras, wie es die Skripte laden."""
    import keras
    import tensorflow as tf

    for ort in ["/CPU:0", *(karte.name for karte in tf.config.list_logical_devices("GPU"))]:
        with tf.device(ort):
            _verlange(float(tf.reduce_sum(tf.ones((64, 64)) @ tf.ones((64, 64)))), ort)
    details = map(tf.config.experimental.get_device_details, tf.config.list_physical_devices("GPU"))
    karten = [detail.get("device_name", "GPU") for detail in details]
    zusatz = f", Keras {keras.__version__} auf {keras.backend.backend()}"
    return {"version": tf.__version__, "karten": karten, "zusatz": zusatz}


def torch() -> dict:
    """Dasselbe für torch (CUDA und, auf dem Mac, MPS)."""
    import torch

    karten = {f"cuda:{n}": torch.cuda.get_device_name(n) for n in range(torch.cuda.device_count())}
    if torch.backends.mps.is_available():
        karten["mps"] = "Apple-GPU (MPS)"
    for ort in ["cpu", *karten]:
        _verlange(
            float((torch.ones(64, 64, device=ort) @ torch.ones(64, 64, device=ort)).sum()), ort
        )
    return {"version": torch.__version__, "karten": list(karten.values()), "zusatz": ""}


def _verlange(summe: float, ort: str) -> None:
    if summe != 64**3:
        raise ArithmeticError(f"auf {ort} kommt {summe} heraus statt {64**3}")


def plot() -> dict:
    """Zeichnet einen Plot und zeigt ihn, wie ein Skript es täte; wo ein Fenster aufgeht, ist es gleich wieder zu."""
    import matplotlib
    import matplotlib.pyplot as plt
    from matplotlib.backends import BackendFilter, backend_registry

    backend = matplotlib.get_backend().lower()
    fenster = backend in backend_registry.list_builtin(BackendFilter.INTERACTIVE)
    plt.plot([0, 1], [1, 0])
    plt.title("Probe des Kursarztes")
    plt.show(block=False)
    if fenster:
        plt.pause(0.3)
    plt.close("all")
    return {"backend": backend, "fenster": fenster}


def vorrat() -> dict:
    """Liest jeden Datensatz, den ein Skript nennt, und fragt nach jedem eingebetteten Modell."""
    from kurs.modelle import ist_bereit
    from kurs.vorbereitung import skripte_je_modell

    return {
        "daten": {name: _warum_nicht(lade) for name, lade in _datensaetze().items()},
        "modelle": {name: [ist_bereit(name), wer] for name, wer in skripte_je_modell().items()},
    }


def _datensaetze() -> dict:
    """Name im Skript → wie man ihn liest."""
    wege = {
        "fashion_mnist": lambda: import_module("kurs.bilder").fashion_mnist.load_data(),
        "mnist": lambda: import_module("kurs.bilder").mnist.load_data(),
        "cifar10": lambda: import_module("kurs.farbbilder").cifar10.load_data(per_class=(1, 1)),
        "wettertage": lambda: import_module("kurs.wetter").wettertage(),
        "webserver": lambda: next((DATA / "webseiten").glob("*.html")),
    }
    for pfad in skripte.skriptpfade():
        text = pfad.read_text(encoding="utf-8", errors="replace")
        for name in re.findall(r"\bdatensatz\(\s*\"([^\"]+)\"", text):
            wege[name] = lambda n=name: import_module("kurs.datensaetze").datensatz(n)
    return wege


def _warum_nicht(lade) -> str:
    """Der Grund, warum sich etwas nicht lesen lässt; leer, wenn doch."""
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            lade()
    except (Exception, SystemExit) as fehler:  # noqa: BLE001 (alles heißt: nicht lesbar)
        return str(fehler) or type(fehler).__name__
    return ""


FRAGEN = {"tensorflow": tensorflow, "torch": torch, "plot": plot, "vorrat": vorrat}

if __name__ == "__main__":
    try:
        antwort = FRAGEN[sys.argv[1]]()
    except Exception as fehler:  # noqa: BLE001 (die Antwort ist dann eben der Fehler)
        antwort = {"fehler": f"{type(fehler).__name__}: {fehler}"}
    print(f"\n{MARKE}{json.dumps(antwort)}", flush=True)
    os._exit(0)  # ohne das Aufräumen der Bibliotheken, das manchmal hängt
