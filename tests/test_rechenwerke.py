"""Beantwortet: Laufen die Keras-Demos auch auf PyTorch und auf der Grafikkarte?

Je Rechenwerk ein Prozess, in dem alle Demos nacheinander laufen, die außer Keras keine Deep-Learning-Bibliothek
benutzen. Was es auf diesem Rechner nicht gibt, wird mit Grund übersprungen. Gemischte Genauigkeit probiert
demo_mixed_precision selbst: float32, mixed_float16 und mixed_bfloat16, auf der Grafikkarte, wenn eine da ist.
"""

import json
import os
import subprocess
import sys

from kurs.arzt.gebrauch import importe
from kurs.pfade import WURZEL
from kurs.skripte import alle_skripte, lies_baum
from kurs.umgebung import hat_nvidia

import pytest

EIGENES_RECHENWERK = {"tensorflow", "torch", "transformers", "mlflow", "dienst"}
PROGRAMM = """
import json, sys, traceback
import kurs
from kurs import lauf
from kurs.skripte import finde
import keras
ergebnisse = {"keras": keras.backend.backend()}
for name in sys.argv[1:]:
    keras.backend.clear_session()
    try:
        lauf.fuehre_aus(finde(name)[0].pfad, probelauf=True)
        ergebnisse[name] = "gelaufen"
    except Exception:
        ergebnisse[name] = traceback.format_exc()
print("\\nERGEBNISSE " + json.dumps(ergebnisse))
"""


def nur_keras():
    """Die Demos, die Keras benutzen und sonst kein Rechenwerk."""
    for skript in alle_skripte():
        benutzt = {modul.partition(".")[0] for modul, _ in importe(lies_baum(skript.pfad))}
        if not skript.ist_uebung and "keras" in benutzt and not benutzt & EIGENES_RECHENWERK:
            yield skript.name


DEMOS = list(nur_keras())
OHNE_KARTE = not hat_nvidia() and "keine NVIDIA-Grafikkarte auf diesem Rechner"
RECHENWERKE = {  # Name → (Backend, Grund zum Überspringen); tensorflow-cpu läuft in test_skripte.py
    "torch-cpu": ("torch", ""),
    "torch-gpu": ("torch", OHNE_KARTE),
    "tensorflow-gpu": ("tensorflow", OHNE_KARTE),
}


@pytest.fixture(scope="module")
def gelaufen(tmp_path_factory):
    """Rechenwerk → Ergebnis je Demo; jedes Rechenwerk läuft nur einmal."""
    fertig = {}

    def lasse_laufen(rechenwerk):
        if rechenwerk not in fertig:
            backend, _ = RECHENWERKE[rechenwerk]
            umgebung = {
                **os.environ,
                "KERAS_BACKEND": backend,
                "PYTHONPATH": str(WURZEL),
                "PYTHONIOENCODING": "utf-8",
                "KURS_AUSGABE": str(tmp_path_factory.mktemp("ausgabe")),
            }
            if rechenwerk.endswith("-cpu"):
                umgebung["CUDA_VISIBLE_DEVICES"] = ""
            lauf = subprocess.run(
                [sys.executable, "-c", PROGRAMM, *DEMOS],
                env=umgebung,
                capture_output=True,
                encoding="utf-8",
                timeout=1800,
            )
            *_, letzte = lauf.stdout.rpartition("\nERGEBNISSE ")
            assert lauf.returncode == 0 and letzte, lauf.stdout[-3000:] + lauf.stderr[-3000:]
            if backend != "tensorflow":
                assert "tensorflow" not in lauf.stderr.lower()
            fertig[rechenwerk] = json.loads(letzte)
        return fertig[rechenwerk]

    return lasse_laufen


@pytest.mark.parametrize("name", DEMOS)
@pytest.mark.parametrize("rechenwerk", RECHENWERKE)
def test_demo_laeuft_auf(rechenwerk, name, gelaufen):
    backend, grund = RECHENWERKE[rechenwerk]
    if grund:
        pytest.skip(grund)
    ergebnisse = gelaufen(rechenwerk)
    assert ergebnisse["keras"] == backend
    assert ergebnisse[name] == "gelaufen", ergebnisse[name]


def test_es_gibt_solche_demos():
    assert {"demo_keras_training", "demo_dropout", "demo_cnn_mnist"} <= set(DEMOS)
