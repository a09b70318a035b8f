"""`python -m dienst --port 8000`: der Dienst mit uvicorn."""

import argparse
import gc
import os
import sys
import threading

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "ERROR")
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")

gc.set_threshold(20_000, 10, 10)  # wie in kurs.umgebung: TensorFlow lädt schneller

import uvicorn

parser = argparse.ArgumentParser(prog="python -m dienst", description="Der Ziffern-Dienst")
parser.add_argument("--host", default="127.0.0.1", help="0.0.0.0: auch für andere Rechner")
parser.add_argument("--port", type=int, default=8000)
parser.add_argument("--mit-eltern", action="store_true", help="enden, wenn sich stdin schließt")
options = parser.parse_args()

from .app import create_app

# Python reicht das Wort sonst nur alle 5 ms weiter; so kommen Anfragen auch an die Reihe, während ein Modell lädt
sys.setswitchinterval(0.001)
config = uvicorn.Config(
    create_app(), options.host, options.port, log_level="warning", timeout_graceful_shutdown=10
)
server = uvicorn.Server(config)


def end_with_parent():
    while os.read(0, 1024):  # leer, sobald der Prozess verschwindet, der uns gestartet hat
        pass
    server.should_exit = True


if options.mit_eltern:
    threading.Thread(target=end_with_parent, daemon=True).start()
server.run()
