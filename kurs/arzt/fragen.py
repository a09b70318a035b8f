"""Beantwortet in einem eigenen Prozess je eine Frage: Rechnet TensorFlow? torch? Zeichnet matplotlib? Ist alles da?

    python -m kurs.arzt.fragen tensorflow     # die letzte Zeile ist JSON

Ein Absturz (fehlende DLL, CPU ohne AVX, kaputter Treiber) reißt so nur diesen Prozess mit.
"""

import json
import os
import re
import subprocess
import sys
from functools import partial

from kurs.kern import skripte
from kurs.kern.pfade import WURZEL

MARKE = "ANTWORT "
FRIST = 180  # Sekunden; beim ersten Mal prüft ein Virenscanner jede Datei


def frage(was: str, frist: float = FRIST, **umgebung: str) -> dict:
    """Die Antwort eines eigenen Prozesses; {"fehler": …}, wenn er abstürzt oder nicht fertig wird."""
    try:
        kind = subprocess.run(
            [sys.executable, "-m", "kurs.arzt.fragen", was],
            cwd=WURZEL,
            env={**os.environ, "PYTHONIOENCODING": "utf-8", **umgebung},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=frist,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"fehler": f"nach {frist:.0f} s keine Antwort"}
    _, gefunden, antwort = kind.stdout.rpartition(MARKE)
    if gefunden:
        return json.loads(antwort)
    letzte = (kind.stderr.strip().splitlines() or ["ohne Meldung"])[-1]
    return {"fehler": f"Absturz mit Code {kind.returncode}: {letzte}"}


def tensorflow() -> dict:
    """Rechnet auf jedem Gerät, das TensorFlow sieht, einmal nach; Keras lädt, wie es die Skripte laden."""
    import keras
    import tensorflow as tf

    karten = [karte.name for karte in tf.config.list_logical_devices("GPU")]
    for ort in ["/CPU:0", *karten]:
        with tf.device(ort):
            _verlange(float(tf.reduce_sum(tf.ones((64, 64)) @ tf.ones((64, 64)))), ort)
    return {"version": f"{tf.__version__} mit Keras {keras.__version__}", "karten": karten}


def torch() -> dict:
    """Dasselbe für torch (CUDA und, auf dem Mac, MPS)."""
    import torch

    karten = [f"cuda:{nummer}" for nummer in range(torch.cuda.device_count())]
    karten += ["mps"] * torch.backends.mps.is_available()
    for ort in ["cpu", *karten]:
        einsen = torch.ones(64, 64, device=ort)
        _verlange(float((einsen @ einsen).sum()), ort)
    return {"version": torch.__version__, "karten": karten}


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
    return {"backend": backend, "fenster": fenster}


def vorrat() -> dict:
    """Liest jeden Datensatz, den ein Skript nennt (leer: gelungen), und fragt nach jedem eingebetteten Modell."""
    from kurs import bilder, datensaetze, farbbilder, wetter
    from kurs.modelle import ist_bereit
    from kurs.vorbereitung import skripte_je_modell

    wege = {
        "fashion_mnist": bilder.fashion_mnist.load_data,
        "mnist": bilder.mnist.load_data,
        "cifar10": partial(farbbilder.cifar10.load_data, per_class=(1, 1)),
        "wettertage": wetter.wettertage,
    }
    for pfad in skripte.skriptpfade():
        text = pfad.read_text(encoding="utf-8", errors="replace")
        for name in re.findall(r"\bdatensatz\(\s*\"([^\"]+)\"", text):
            wege[name] = partial(datensaetze.datensatz, name)
    gruende = dict.fromkeys(wege, "")
    for name, lade in wege.items():
        try:
            lade()
        except (Exception, SystemExit) as fehler:  # noqa: BLE001 (alles heißt: nicht lesbar)
            gruende[name] = str(fehler) or type(fehler).__name__
    modelle = {name: [ist_bereit(name), wer] for name, wer in skripte_je_modell().items()}
    return {"daten": gruende, "modelle": modelle}


if __name__ == "__main__":
    try:
        antwort = {f.__name__: f for f in (tensorflow, torch, plot, vorrat)}[sys.argv[1]]()
    except Exception as fehler:  # noqa: BLE001 (die Antwort ist dann eben der Fehler)
        antwort = {"fehler": f"{type(fehler).__name__}: {fehler}"}
    print(f"\n{MARKE}{json.dumps(antwort)}", flush=True)
    os._exit(0)  # ohne das Aufräumen der Bibliotheken, das manchmal hängt
