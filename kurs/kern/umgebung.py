"""Beantwortet: Was muss eingestellt sein, bevor ein Skript seine Bibliotheken lädt?"""

import contextlib
import gc
import importlib.util
import os
import shutil
import sys
import tempfile
import warnings
from pathlib import Path

from kurs.kern import stille
from kurs.kern.pfade import WURZEL, verlange_beschreibbar

PLOT_BACKEND = "module://kurs.plotablage"
RECHENWERKE = ("tensorflow", "torch", "jax", "openvino")
# Liegt eines davon in PYTHONPATH, verdeckt es das des Kurses
PAKETE = ("numpy", "pandas", "matplotlib", "sklearn", "keras", "tensorflow", "torch")
FENSTER = ("_tkinter", "PyQt6", "PySide6", "PyQt5", "PySide2", "wx")  # eines davon genügt


VORGABEN = {
    "KERAS_BACKEND": RECHENWERKE[0],  # sonst gälte ~/.keras/keras.json
    "TF_FORCE_GPU_ALLOW_GROWTH": "true",  # zwei Skripte teilen sich eine GPU
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",  # gilt auch für transformers
    "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
    "TQDM_DISABLE": "1",  # alle anderen Balken; PyCharms Konsole schriebe je Stück eine Zeile
    "MATPLOTLIBRC": str(Path(__file__).with_name("matplotlibrc")),
    "KMP_DUPLICATE_LIB_OK": "TRUE",  # macOS: torch und faiss bringen je eine OpenMP mit
    "TOKENIZERS_PARALLELISM": "false",
    # NumPy und SciPy: Bei den kleinen Matrizen des Kurses warten mehrere Fäden vor allem aufeinander. Auf einem
    # ausgelasteten Rechner brauchten fünf LogisticRegression über Texten so 60 statt 6 Sekunden Rechenzeit.
    "OPENBLAS_NUM_THREADS": "1",
    "MLFLOW_LOGGING_LEVEL": "ERROR",  # gilt auch für Alembic
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "GIT_PYTHON_REFRESH": "quiet",  # MLflow ohne installiertes git
}


def richte_ein(im_skript: bool = False) -> None:
    """Setzt, was nur vor dem Import der Bibliotheken wirkt; was in der Umgebung steht, gewinnt.

    `im_skript`: ob das Hauptprogramm ein Skript des Kurses ist; fehlt ihm etwas, sagt ein Satz es.
    """
    if not im_skript:  # eine Konsole, Zelle für Zelle: dort liegt das Paket `dienst`
        sys.path.append(str(WURZEL / "MLOps_und_Deployment"))
    for name, wert in VORGABEN.items():
        os.environ.setdefault(name, wert)
    # TensorFlow: nur Fehler; ohne NVIDIA-Treiber meldet es dessen Fehlen als Fehler, deshalb dort 3
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2" if hat_nvidia() else "3")
    stille.richte_ein()
    vergiss_fremdes_mlflow()
    # Zeichen, die der Schrift fehlen (Emoji, Chinesisch), sind im Plot ein Kästchen: Das genügt
    warnings.filterwarnings("ignore", r"Glyph \d+ .* missing from")
    # Beim Laden von Bibliotheken und Wortschätzen entstehen Millionen Objekte, die alle bleiben; sie alle 700 nach
    # Abfall zu durchsuchen, kostet ein Achtel der Zeit beim Import von Keras und die Hälfte bei Gemmas Tokenizer.
    gc.set_threshold(20_000, 10, 10)
    _ohne_heim()
    if not hat_bildschirm() and "MPLBACKEND" not in os.environ:
        os.environ["MPLBACKEND"] = PLOT_BACKEND
        if "matplotlib" in sys.modules:
            sys.modules["matplotlib"].use(PLOT_BACKEND)
    if im_skript:
        _verlange_kurspakete()


def vergiss_fremdes_mlflow() -> None:
    """Wohin MLflow schreibt, sagt jedes Skript selbst; MLFLOW_TRACKING_URI … lenkten es in die Registry der Firma."""
    for name in list(os.environ):
        if name.startswith("MLFLOW_") and name not in VORGABEN:
            del os.environ[name]


def beruhige_konsole() -> None:
    """Alte Konsolen kennen ✔ nicht: '?' statt Abbruch."""
    for strom in (sys.stdout, sys.stderr):
        if hasattr(strom, "reconfigure"):
            strom.reconfigure(errors="replace")


def _ohne_heim() -> None:
    """Ohne beschreibbares HOME bekommt matplotlib einen Ordner für seine Schriften; sonst meldet es das."""
    if "MPLCONFIGDIR" in os.environ:
        return
    try:
        verlange_beschreibbar(Path.home())
    except (OSError, RuntimeError):  # RuntimeError: ein Konto ohne Eintrag in der Benutzerliste
        ordner = Path(tempfile.gettempdir()) / "kurs-matplotlib"
        with contextlib.suppress(OSError):  # dann meldet es matplotlib, und es geht auch
            ordner.mkdir(exist_ok=True)
            os.environ["MPLCONFIGDIR"] = str(ordner)


def hat_bildschirm() -> bool:
    """Ob Fenster aufgehen können: Es gibt einen Anzeigeserver und eine Bibliothek, die ihn benutzt.

    Ohne Bibliothek (unter Linux fehlt oft python3-tk) zeigte `plt.show()` nichts und sagte kaum etwas.
    """
    if sys.platform == "darwin":  # matplotlib bringt dort selbst eine mit
        return True
    angezeigt = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if sys.platform != "win32" and not angezeigt:
        return False
    return any(importlib.util.find_spec(name) for name in FENSTER)


def kerne() -> int:
    """Die CPU-Kerne, die dieser Prozess benutzen darf; im Container oft weniger, als der Rechner hat."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def hat_nvidia() -> bool:
    """Ob ein NVIDIA-Treiber da ist (auch unter WSL)."""
    geraete = ("/dev/nvidia0", "/proc/driver/nvidia", "/dev/dxg")
    return bool(shutil.which("nvidia-smi")) or any(Path(g).exists() for g in geraete)


def hindernis() -> str:
    """Ein Satz, wenn eine Umgebungsvariable den Skripten etwas Falsches unterschiebt; sonst leer."""
    rechenwerk = os.environ.get("KERAS_BACKEND", RECHENWERKE[0])
    fehlt = rechenwerk not in RECHENWERKE or importlib.util.find_spec(rechenwerk) is None
    if fehlt and rechenwerk != RECHENWERKE[0]:  # sonst liegt es nicht an der Variable
        return (
            f"KERAS_BACKEND={rechenwerk}: Dieses Rechenwerk ist hier nicht installiert. "
            "Lösche die Umgebungsvariable KERAS_BACKEND; dann rechnet Keras mit TensorFlow."
        )
    eigene = Path(sys.prefix).resolve()
    for ordner in filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep)):
        for paket in PAKETE:
            ort = Path(ordner, paket).resolve()
            if ort.is_dir() and not ort.is_relative_to(eigene):
                return (
                    f"Die Umgebungsvariable PYTHONPATH nennt {ordner}; das {paket} dort verdeckt "
                    "das des Kurses. Lösche sie (PyCharm: Run → Edit Configurations)."
                )
    return ""


def _verlange_kurspakete() -> None:
    if importlib.util.find_spec("keras") is None:
        raise SystemExit(
            f"Dieses Python ({sys.executable}) hat die Pakete des Kurses nicht. "
            "Wähle in PyCharm den Interpreter aus dem Ordner .venv, "
            "oder starte im Terminal: python start.py "
            + Path(sys.modules["__main__"].__file__).stem
        )
    if satz := hindernis():
        raise SystemExit(satz)
