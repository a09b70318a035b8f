"""Der Ziffern-Dienst: das Champion-Modell der Registry hinter FastAPI. Starten: `python -m dienst`.

app.py die Adressen · annahme.py was hereindarf · bild.py ein Bild wie in MNIST · vorhersage.py das
Modell · index.html die Zeichenseite. Zum Betrieb braucht er nichts aus dem Rest des Repositorys.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")  # so kleine Netze rechnet ein Kern am besten
os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "ERROR")
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
