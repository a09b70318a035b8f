"""Beantwortet: Läuft, was nur Keras benutzt, auch auf PyTorch und auf der Grafikkarte?

Je Rechenwerk ein Prozess, in dem dieselben Tests laufen wie sonst auf TensorFlow: die Demos, und auf PyTorch auch die
falschen Antworten der Übungen und die selbst gebauten Transformer-Schichten. Jeder davon wird hier einzeln
berichtet. Was es auf diesem Rechner nicht gibt, wird mit Grund übersprungen. Gemischte Genauigkeit probiert
demo_mixed_precision selbst: float32, mixed_float16 und mixed_bfloat16, auf der Grafikkarte, wenn eine da ist.
"""

import functools
import os
import subprocess
import sys
from xml.etree import ElementTree

from kurs.pfade import WURZEL
from kurs.umgebung import hat_nvidia

import pytest
from test_skripte import DEMOS, NUR_KERAS
from test_uebungen import falsche_laeufe

KEINE_KARTE = not hat_nvidia() and "keine NVIDIA-Grafikkarte auf diesem Rechner"
RECHENWERKE = {  # Name → (Backend, Grund zum Überspringen)
    "torch-cpu": ("torch", ""),
    "torch-gpu": ("torch", KEINE_KARTE),
    "tensorflow-gpu": ("tensorflow", KEINE_KARTE),
}
FALSCHE = list(falsche_laeufe(auf_tensorflow=False))
RECHENWERK_TEST = "test_keras_rechnet_womit_es_soll"
DEMO_TESTS = [f"test_demo_laeuft[{demo.name}]" for demo in DEMOS if demo.name in NUR_KERAS]
UEBUNG_TESTS = [f"test_falsche_antwort_bekommt_ihre_diagnose[{lauf.id}]" for lauf in FALSCHE]


@pytest.fixture(scope="module")
def gelaufen(tmp_path_factory):
    """Rechenwerk → (Name des Tests → was daran misslang, der Prozess); jedes läuft nur einmal."""

    @functools.cache
    def lasse_laufen(rechenwerk):
        backend, _ = RECHENWERKE[rechenwerk]
        tests = [f"test_skripte.py::{test}" for test in (RECHENWERK_TEST, *DEMO_TESTS)]
        umgebung = {**os.environ, "KERAS_BACKEND": backend, "PYTHONIOENCODING": "utf-8"}
        if rechenwerk == "torch-cpu":
            umgebung["CUDA_VISIBLE_DEVICES"] = ""
            tests += [f"test_uebungen.py::{test}" for test in UEBUNG_TESTS]
            tests.append("test_transformer_keras.py")
        bericht = tmp_path_factory.mktemp("rechenwerk") / "bericht.xml"
        lauf = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
            + [f"--junitxml={bericht}", *tests],
            cwd=WURZEL / "tests",
            env=umgebung,
            capture_output=True,
            encoding="utf-8",
            timeout=1800,
        )
        faelle = ElementTree.parse(bericht).iter("testcase") if bericht.is_file() else ()
        ergebnisse = {
            fall.get("name"): "\n".join(f"{teil.tag}: {teil.text}" for teil in fall)
            for fall in faelle
        }
        return ergebnisse, lauf

    return lasse_laufen


def verlange(test, rechenwerk, gelaufen):
    """Gelaufen und nicht misslungen, und zwar mit diesem Rechenwerk."""
    ergebnisse, lauf = gelaufen(rechenwerk)
    for name in (RECHENWERK_TEST, test):
        assert name in ergebnisse, lauf.stdout[-3000:] + lauf.stderr[-3000:]
        assert ergebnisse[name] == "", ergebnisse[name]
    if RECHENWERKE[rechenwerk][0] != "tensorflow":
        assert "tensorflow" not in lauf.stderr.lower()


@pytest.mark.parametrize("test", DEMO_TESTS)
@pytest.mark.parametrize("rechenwerk", RECHENWERKE)
def test_demo_laeuft_auf(rechenwerk, test, gelaufen):
    _, grund = RECHENWERKE[rechenwerk]
    if grund:
        pytest.skip(grund)
    verlange(test, rechenwerk, gelaufen)


@pytest.mark.parametrize("test", UEBUNG_TESTS)
def test_uebung_auf_pytorch(test, gelaufen):
    verlange(test, "torch-cpu", gelaufen)


def test_transformer_schichten_auf_pytorch(gelaufen):
    ergebnisse, lauf = gelaufen("torch-cpu")
    schichten = set(ergebnisse) - {RECHENWERK_TEST, *DEMO_TESTS, *UEBUNG_TESTS}
    assert schichten, lauf.stdout[-3000:] + lauf.stderr[-3000:]
    for test in schichten:
        verlange(test, "torch-cpu", gelaufen)


def test_es_gibt_solche_skripte():
    assert {"demo_keras_training", "demo_dropout", "demo_cnn_mnist"} <= NUR_KERAS
    uebungen = {lauf.values[0] for lauf in FALSCHE}
    assert {"uebung_gradientenabstieg", "uebung_fashion_mnist_optimieren"} <= uebungen
