"""Was mehrere Demos dieses Kapitels brauchen: den Dienst als Prozess, das Tor als Befehl, Bilder zum Senden."""

import contextlib
import io
import subprocess
import sys
import time
from pathlib import Path

from kurs.server import prozess

import mlflow
import numpy as np
import requests
from PIL import Image

from .training import MODEL_NAME

CHAPTER = Path(__file__).resolve().parent.parent


def service(
    log: Path, alias: str = "champion", registry: str | None = None
) -> contextlib.AbstractContextManager[str]:
    """`with service(…) as adresse`: der Dienst als eigener Prozess, der diesem Alias folgt.

    Was er schreibt, steht in `log`. Ohne `registry` ist es die, mit der dieses Skript arbeitet.
    """
    environment = {
        "MLFLOW_TRACKING_URI": registry or mlflow.get_tracking_uri(),
        "MODEL_URI": f"models:/{MODEL_NAME}@{alias}",
        "POLL_SECONDS": "0.2",
        # So kleine Netze rechnet ein einzelner CPU-Kern am schnellsten, und mehrere Dienste stören sich nicht
        "CUDA_VISIBLE_DEVICES": "",
        "TF_NUM_INTRAOP_THREADS": "1",
    }
    command = [sys.executable, "-m", "dienst", "--mit-eltern"]
    return prozess(command, "/health", log, 300, environment, CHAPTER)


def wait_for_version(address: str, version: str, seconds: float = 120) -> None:
    """Wartet, bis der Dienst diese Version übernommen hat. Fehler: RuntimeError mit seinem Grund."""
    end = time.monotonic() + seconds
    while (health := requests.get(f"{address}/health", timeout=60).json())["version"] != version:
        if time.monotonic() > end:
            raise RuntimeError(f"Version {version} wird nicht übernommen: {health['problem']}")
        time.sleep(0.1)


def quality_gate(version: str, *options: str, as_command: bool = True) -> int:
    """Ruft qualitaetstor.py, druckt seine Ausgabe und gibt den Exit-Code zurück.

    Mit `as_command=False` ohne eigenen Prozess; das spart im Probelauf den zweiten Start von TensorFlow.
    """
    arguments = [MODEL_NAME, version, "--registry", mlflow.get_tracking_uri(), *options]
    if not as_command:
        import qualitaetstor

        return qualitaetstor.main(arguments)
    command = [sys.executable, "-X", "utf8", str(CHAPTER / "qualitaetstor.py"), *arguments]
    gate = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    print(gate.stdout + gate.stderr, end="", flush=True)
    return gate.returncode


def as_png(image: np.ndarray, size: int = 140) -> bytes:
    """(28, 28), 0–1, hell auf dunkel → PNG mit `size` × `size` Pixeln, dunkel auf weiß wie gezeichnet."""
    pixels = 255 - (255 * image).astype("uint8")
    picture = Image.fromarray(pixels).resize((size, size), Image.Resampling.BICUBIC)
    picture.save(buffer := io.BytesIO(), "PNG")
    return buffer.getvalue()
