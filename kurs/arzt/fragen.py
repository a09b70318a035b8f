"""Beantwortet in einem eigenen Prozess je eine Frage: Rechnet TensorFlow? torch? Gehen Fenster auf? Ist alles da?

    python -m kurs.arzt.fragen tensorflow     # die letzte Zeile ist JSON

Ein Absturz (fehlende DLL, CPU ohne AVX, kaputter Treiber) reißt so nur diesen Prozess mit.
"""

import contextlib
import io
import json
import os
import sys

MARKE = "ANTWORT "


def tensorflow() -> dict:
    """Rechnet auf jedem Gerät, das TensorFlow sieht, einmal nach; dazu Keras, wie es die Skripte laden."""
    import keras
    import tensorflow as tf

    karten = tf.config.list_logical_devices("GPU")
    for ort in ["/CPU:0", *(karte.name for karte in karten)]:
        with tf.device(ort):
            x = tf.ones((64, 64))
            _verlange(float(tf.reduce_sum(x @ x)), ort)
    namen = [
        tf.config.experimental.get_device_details(karte).get("device_name", karte.name)
        for karte in tf.config.list_physical_devices("GPU")
    ]
    zusatz = f"Keras {keras.__version__} auf {keras.backend.backend()}"
    return {"version": tf.__version__, "karten": namen, "zusatz": zusatz}


def torch() -> dict:
    """Dasselbe für torch (CUDA und, auf dem Mac, MPS)."""
    import torch

    karten = {f"cuda:{n}": torch.cuda.get_device_name(n) for n in range(torch.cuda.device_count())}
    if torch.backends.mps.is_available():
        karten["mps"] = "Apple-GPU (MPS)"
    for ort in ["cpu", *karten]:
        x = torch.ones((64, 64), device=ort)
        _verlange(float((x @ x).sum()), ort)
    return {"version": torch.__version__, "karten": list(karten.values()), "zusatz": ""}


def _verlange(summe: float, ort: str) -> None:
    if summe != 64**3:
        raise ArithmeticError(f"auf {ort} kommt {summe} heraus statt {64**3}")


def fenster() -> dict:
    """Womit `plt.show()` hier zeichnet, entschieden wie in einem Skript."""
    import matplotlib
    from matplotlib.backends import BackendFilter, backend_registry

    with contextlib.redirect_stderr(io.StringIO()):
        backend = matplotlib.get_backend().lower()
    echte = backend_registry.list_builtin(BackendFilter.INTERACTIVE)
    return {"backend": backend, "zeigt": backend in echte}


def vorrat() -> dict:
    """Liest jeden Datensatz, den ein Skript benutzt, ohne Netz, und fragt nach jedem Modell."""
    from kurs import quellen

    os.environ["HF_HUB_OFFLINE"] = "1"
    quellen.erreichbar = lambda host: (
        False
    )  # vor den anderen Importen: Der Arzt lädt nichts herunter
    from kurs.arzt import vorrat

    return {"daten": vorrat.daten(), "modelle": vorrat.modelle()}


FRAGEN = {"tensorflow": tensorflow, "torch": torch, "fenster": fenster, "vorrat": vorrat}

if __name__ == "__main__":
    try:
        antwort = FRAGEN[sys.argv[1]]()
    except Exception as fehler:  # noqa: BLE001 (die Antwort ist dann eben der Fehler)
        antwort = {"fehler": f"{type(fehler).__name__}: {fehler}"}
    print(f"\n{MARKE}{json.dumps(antwort)}", flush=True)
    os._exit(0)  # ohne das Aufräumen der Bibliotheken, das manchmal hängt
