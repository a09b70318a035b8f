"""Gemeinsames der Tests: kein Netz außer Loopback, eingebettete Quellen, eigene Ausgabe, ehrliches Ende."""

import contextlib
import copy
import ctypes
import functools
import gc
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

WURZEL = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(WURZEL))
# Wer die Tests im Hintergrund startet (bash: `… &`), vererbt ein abgeschaltetes Strg+C; die Tests, die Strg+C
# an Kindprozesse schicken, brauchen das übliche.
signal.signal(signal.SIGINT, signal.default_int_handler)
_ausgabe = tempfile.TemporaryDirectory(prefix="kurs-tests-", ignore_cleanup_errors=True)
os.environ["KURS_AUSGABE"] = _ausgabe.name
# uv legt nichts Übersetztes an; hier darf es liegen bleiben, sonst übersetzte jeder Prozess TensorFlow noch einmal
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
os.environ["KURS_QUELLE"] = "eingebaut"
os.environ["MPLBACKEND"] = "module://kurs.plotablage"
for name in ("KURS_ORIGINALE", "KURS_ERGEBNISDATEI", "KURS_PROBELAUF"):
    os.environ.pop(name, None)
HEIM = Path(os.environ.setdefault("KURS_TEST_HEIM", str(Path.home())))  # xdist erbt das erfundene
# Kein HOME, und auch als Administrator lässt sich keines anlegen: Der Ordner darüber ist eine Datei.
(Path(_ausgabe.name) / "datei").touch()
os.environ["HOME"] = os.environ["USERPROFILE"] = str(Path(_ausgabe.name) / "datei" / "heim")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
# Laufen mehrere Prozesse nebeneinander, teilen sie sich die Kerne, statt einander die Fäden zu verdrängen.
if "PYTEST_XDIST_WORKER_COUNT" in os.environ:
    from kurs.kern.umgebung import kerne

    _faeden = str(max(1, kerne() // int(os.environ["PYTEST_XDIST_WORKER_COUNT"])))
    for name in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
        os.environ.setdefault(name, _faeden)

import absl.logging
import pytest

# Wer Protokolle einrichtet (uvicorn, MLflow: logging.config), schließt vorher alle Handler. Der von absl (TensorFlow)
# schlösse dabei, was bei seinem Import sys.stderr war: unter pytest die Datei, in die gerade mitgeschrieben wird.
absl.logging.get_absl_handler().python_handler.stream = sys.__stderr__

LOOPBACK = ("127.", "::1", "localhost")
TOTER_PROXY = "http://127.0.0.1:9"  # dort lauscht niemand: Auch Kindprozesse kommen nicht ins Netz
_sperren = []  # nicht leer: In data/ darf niemand etwas verändern
_DATA = str(WURZEL / "data") + os.sep
_SCHREIBEND = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_AENDERND = {"os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.truncate"}


class NetzVerboten(OSError):
    """Ein Test hat versucht, den Rechner zu verlassen."""


def _wache(vorgang, angaben):
    """Sieht vorher, was verbunden, aufgelöst und geändert wird. (Rechte allein hielten root nicht auf.)"""
    if vorgang in ("socket.connect", "socket.getaddrinfo"):
        host = angaben[1] if vorgang == "socket.connect" else angaben
        if isinstance(host, tuple) and not str(host[0] or "::1").startswith(LOOPBACK):
            raise NetzVerboten(f"Im Test nicht erlaubt: {vorgang} {host}")
    elif _sperren and (vorgang in _AENDERND or vorgang == "open" and angaben[2] & _SCHREIBEND):
        for pfad in angaben[:2] if vorgang in _AENDERND else angaben[:1]:
            if isinstance(pfad, (str, bytes, os.PathLike)):
                if os.path.abspath(os.fsdecode(pfad)).startswith(_DATA):
                    raise PermissionError(13, "data/ ist schreibgeschützt", os.fsdecode(pfad))


sys.addaudithook(_wache)


@contextlib.contextmanager
def data_gesperrt():
    """Für die Dauer eines Probelaufs ist `data/` unveränderlich, wie auf einem schreibgeschützten Laufwerk."""
    _sperren.append(True)
    try:
        yield
    finally:
        _sperren.pop()


# Sekunden, die ein Server oder Browser zum Starten haben darf: Auch ein überlasteter Rechner besteht
LANGE = 300


def warte_auf(bedingung, sekunden=60):
    """Ob `bedingung()` in dieser Zeit wahr wird."""
    ende = time.monotonic() + sekunden
    while time.monotonic() < ende:
        if bedingung():
            return True
        time.sleep(0.05)
    return False


def starte_python(*angaben, env=None, ohne=(), **anders):
    """Startet ein Python, das kurs findet und die Variablen in `ohne` nicht kennt."""
    vorhanden = {name: wert for name, wert in os.environ.items() if name not in ohne}
    vorhanden |= {"PYTHONIOENCODING": "utf-8", "PYTHONPATH": str(WURZEL), **(env or {})}
    rohre = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "encoding": "utf-8"}
    befehl = [sys.executable, *map(str, angaben)]
    return subprocess.Popen(befehl, env=vorhanden, **(rohre | anders))


def python(*angaben, **anders):
    """Wie `starte_python`, bis zum Ende."""
    prozess = starte_python(*angaben, **anders)
    ausgabe, fehler = prozess.communicate()
    return subprocess.CompletedProcess(angaben, prozess.returncode, ausgabe, fehler)


SCHWER = ("torch", "transformers", "sentence_transformers", "keras", "peft", "datasets", "gensim")


def lass_los(raum):
    """Nimmt einem gelaufenen Skript seine Modelle: Manche Bibliothek (dill) hält das Hauptprogramm fest."""
    for name, wert in list(raum.items()):
        if type(wert).__name__ == "_lru_cache_wrapper":  # @cache
            wert.cache_clear()
        teile = wert.values() if isinstance(wert, dict) else wert
        teile = teile if isinstance(wert, (dict, list, tuple)) else ()
        if any(type(teil).__module__.startswith(SCHWER) for teil in (wert, *teile)):
            del raum[name]


@functools.cache
def lies_jeden_tokenizer_einmal():
    """Die eingebetteten: Jeder dauert ein bis zwei Sekunden, und Dutzende Skripte lesen dieselben."""
    from transformers import PreTrainedTokenizerBase as Tokenizer

    lies, gelesen = Tokenizer.from_pretrained.__func__, {}

    def from_pretrained(klasse, ordner, *angaben, **namen):
        was = f"{klasse} {ordner} {angaben} {namen}"
        if _DATA not in was:
            return lies(klasse, ordner, *angaben, **namen)
        tokenizer, stuecke = gelesen.get(was, ("", None))
        if len(tokenizer) != stuecke:  # noch nicht gelesen, oder ein Skript hat Token hinzugefügt
            tokenizer = lies(klasse, ordner, *angaben, **namen)
            gelesen[was] = tokenizer, len(tokenizer)
        kopie = copy.copy(tokenizer)
        eigene = {n: w.copy() for n, w in vars(tokenizer).items() if isinstance(w, (dict, list))}
        vars(kopie).update(eigene)
        return kopie

    Tokenizer.from_pretrained = classmethod(from_pretrained)


@functools.cache
def uebersetze_einmal():
    """Was Optimizer und Metriken sich merken, legt Keras sonst erst beim Übersetzen an und übersetzt dann ein zweites Mal."""
    from keras import Sequential
    from keras.src.backend.tensorflow.trainer import TensorFlowTrainer

    def baue(model, iterator=None, data_batch=None):
        with contextlib.suppress(Exception):  # woran es liegt, sagt Keras danach wie immer
            batch = data_batch or next(next(iter(iterator))[2])
            if isinstance(model, Sequential) and not model.built:
                model.build((None, *batch[0].shape[1:]))
            if all(layer.built for layer in model._flatten_layers()):
                model._symbolic_build(data_batch=batch)

    TensorFlowTrainer._maybe_symbolic_build = baue


@pytest.fixture
def umgebung(monkeypatch, tmp_path):
    """Ein fremdes Arbeitsverzeichnis und ein frischer Zustand von kurs, wie in einem neuen Prozess."""
    from kurs import lauf, netz, quellen

    gelaufen, starte = [], lauf.als_hauptprogramm

    @contextlib.contextmanager
    def als_hauptprogramm(pfad):
        with starte(pfad) as modul:
            gelaufen.append(modul)
            yield modul

    monkeypatch.setattr(lauf, "als_hauptprogramm", als_hauptprogramm)
    monkeypatch.chdir(tmp_path)
    quellen.vergiss()
    netz.vergiss()
    if "transformers" in sys.modules:
        lies_jeden_tokenizer_einmal()
    yield
    for modul in gelaufen:
        lass_los(vars(modul))
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")
        sys.modules["matplotlib"].rc_file_defaults()
        sys.modules["matplotlib"].use("module://kurs.plotablage")
    if "keras" in sys.modules:
        sys.modules["keras"].backend.clear_session()
        sys.modules["keras"].config.set_dtype_policy("float32")
        if "tensorflow" in sys.modules:
            uebersetze_einmal()
        # Was das überlebt hat (geladene Bibliotheken, Modelle), sähe die Speicherbereinigung sonst jedes Mal wieder durch.
        gc.freeze()
    if sys.platform == "linux":  # sonst behält der Prozess für sich, was Modelle belegt hatten
        ctypes.CDLL(None).malloc_trim(0)


def pytest_collection_modifyitems(config, items):
    """Auf einem anderen Rechenwerk als TensorFlow läuft nur, was ausschließlich Keras benutzt."""
    if os.environ["KERAS_BACKEND"] != "tensorflow":
        bleibt = [item for item in items if item.get_closest_marker("keras")]
        config.hook.pytest_deselected(items=[item for item in items if item not in bleibt])
        items[:] = bleibt


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Bei mehreren Prozessen: Läufe einzelner Skripte verteilen sich, sonst bleibt eine Datei beisammen.

    Denn dort teilen sich die Tests einen Server, einen Browser oder ein eingerichtetes Haus.
    """
    from xdist.scheduler import LoadScopeScheduling

    class JeDatei(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            datei, _, test = nodeid.partition("::")
            # was ein Lauf einer Übung aufhebt, nützt ihren anderen
            if datei.endswith("test_uebungen.py"):
                return datei + test.partition("[")[2]
            einzeln = datei.endswith("test_skripte.py") or "test_skript_mit_original" in test
            return nodeid if einzeln else datei

    return JeDatei(config, log)
