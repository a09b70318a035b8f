"""Beantwortet: Wie lädt TensorFlow ohne Meldungen, die hier niemandem nützen, und neben torch ohne Absturz?

Beim Laden meldet TensorFlow (2.21) mehrere Zeilen wie „oneDNN custom operations are on“, bevor es seine
Protokollstufe kennt; kein Schalter erreicht sie. Deshalb liest ein Filter während dieses einen Imports
mit und lässt genau die bekannten Zeilen weg. Später rät TensorFlow dem, der mehrere Modelle nacheinander
vorhersagen lässt, `tf.function` aus der Schleife zu ziehen; bei Keras-Modellen steht da keines.
"""

import contextlib
import ctypes
import importlib.util
import logging
import os
import re
import sys
import tempfile
from importlib.machinery import PathFinder
from pathlib import Path

BEKANNT = re.compile(
    rb"All log messages before absl::InitializeLog|oneDNN custom operations are on|"
    rb"Could not find cuda drivers"
)


@contextlib.contextmanager
def ohne_bekannte_zeilen():
    """Hält auf, was nach stderr geht, solange der Block läuft, und gibt Unbekanntes dann weiter."""
    try:
        eigentlich = os.dup(2)
    except OSError:  # ohne Konsole (pythonw, IDLE): Es gibt nichts zu filtern
        yield
        return
    with tempfile.TemporaryFile() as aufgehalten:
        os.dup2(aufgehalten.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(eigentlich, 2)
            os.close(eigentlich)
            aufgehalten.seek(0)
            for zeile in aufgehalten:
                if not BEKANNT.search(zeile):
                    os.write(2, zeile)


@contextlib.contextmanager
def _tensorflow_nach_triton():
    """TensorFlow und triton (bei torch für CUDA) bringen beide LLVM mit: Käme triton danach, stürzte Python ab.

    Unter Linux hat der Paketindex torch nur für CUDA.
    """
    spec = importlib.util.find_spec("triton")
    for ort in (spec and spec.submodule_search_locations) or ():
        for bibliothek in Path(ort, "_C").glob("libtriton*.so"):
            ctypes.CDLL(str(bibliothek))
    with ohne_bekannte_zeilen():
        yield


class _BeimLaden:
    """Steht vor den üblichen Findern und umgibt das Laden von `modul` mit `rahmen` (einem Kontextmanager)."""

    def __init__(self, modul: str, rahmen):
        self._modul, self._rahmen = modul, rahmen

    def find_spec(self, name, path=None, target=None):
        spec = PathFinder.find_spec(name, path) if name == self._modul else None
        if spec is None or spec.loader is None:
            return spec
        lade = spec.loader.exec_module

        def leise(modul):
            with self._rahmen():
                lade(modul)

        spec.loader.exec_module = leise
        return spec


def _ohne_rat_zu_tf_function(meldung: logging.LogRecord) -> bool:
    return "triggered tf.function retracing" not in str(meldung.msg)


@contextlib.contextmanager
def _danach_wie_im_kurs():
    yield
    config = sys.modules["keras"].config
    config.disable_interactive_logging()  # Fortschrittsbalken fluten PyCharms Konsole
    config.set_floatx("float32")  # eine alte ~/.keras/keras.json sagt womöglich etwas anderes
    config.set_image_data_format("channels_last")


def richte_ein() -> None:
    """Ohne etwas zu laden: TensorFlow und torch schweigen, Keras rechnet, wie die Skripte es voraussetzen."""
    logging.getLogger("tensorflow").addFilter(_ohne_rat_zu_tf_function)
    # meldet sonst jedem ohne Grafikkarte, dass es kein CUDA gibt
    logging.getLogger("torch.utils.cpp_extension").setLevel("ERROR")
    for modul, rahmen in (("tensorflow", _tensorflow_nach_triton), ("keras", _danach_wie_im_kurs)):
        if modul not in sys.modules:
            sys.meta_path.insert(0, _BeimLaden(modul, rahmen))
