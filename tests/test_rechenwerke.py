"""Beantwortet: Läuft, was nur Keras benutzt, auch auf PyTorch und auf der Grafikkarte?

Je Rechenwerk ein Prozess, in dem dieselben Tests laufen wie sonst auf TensorFlow: die Demos, und auf PyTorch auch die
falschen Antworten der Übungen und die selbst gebauten Transformer-Schichten. Jeder davon wird hier einzeln
berichtet. Was es auf diesem Rechner nicht gibt, wird mit Grund übersprungen. Gemischte Genauigkeit probiert
demo_mixed_precision selbst: float32, mixed_float16 und mixed_bfloat16, auf der Grafikkarte, wenn eine da ist.
"""

import os
import subprocess
import sys
from xml.etree import ElementTree

from kurs.pfade import WURZEL
from kurs.umgebung import hat_nvidia

import pytest
from test_skripte import DEMOS, UEBUNGEN, falsche_laeufe, nur_keras

KEINE_KARTE = not hat_nvidia() and "keine NVIDIA-Grafikkarte auf diesem Rechner"
RECHENWERKE = {  # Name → (Backend, Grund zum Überspringen)
    "torch-cpu": ("torch", ""),
    "torch-gpu": ("torch", KEINE_KARTE),
    "tensorflow-gpu": ("tensorflow", KEINE_KARTE),
}
NUR_KERAS = [skript.name for skript in DEMOS if nur_keras(skript)]
NUR_KERAS_UEBUNGEN = [skript.name for skript in UEBUNGEN if nur_keras(skript)]
DEMO_TESTS = [f"test_demo_laeuft[{name}]" for name in NUR_KERAS]
UEBUNG_TESTS = [
    f"test_falsche_antwort_bekommt_ihre_diagnose[{lauf.id}]"
    for lauf in falsche_laeufe(auf_tensorflow=False)
]


@pytest.fixture(scope="module")
def gelaufen(tmp_path_factory):
    """(Rechenwerk, Tests) → Name des Tests → was daran misslang; jede Auswahl läuft nur einmal."""
    fertig = {}

    def lasse_laufen(rechenwerk, *tests):
        if (rechenwerk, tests) not in fertig:
            backend, _ = RECHENWERKE[rechenwerk]
            bericht = tmp_path_factory.mktemp("rechenwerk") / "bericht.xml"
            umgebung = {**os.environ, "KERAS_BACKEND": backend, "PYTHONIOENCODING": "utf-8"}
            if rechenwerk.endswith("-cpu"):
                umgebung["CUDA_VISIBLE_DEVICES"] = ""
            lauf = subprocess.run(
                [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
                + [f"--junitxml={bericht}", *tests],
                cwd=WURZEL / "tests",
                env=umgebung,
                capture_output=True,
                encoding="utf-8",
                timeout=1800,
            )
            assert bericht.is_file(), lauf.stdout[-3000:] + lauf.stderr[-3000:]
            if backend != "tensorflow":
                assert "tensorflow" not in lauf.stderr.lower()
            fertig[rechenwerk, tests] = {
                fall.get("name"): "\n".join(
                    teil.text or "" for teil in fall if teil.tag != "properties"
                )
                for fall in ElementTree.parse(bericht).iter("testcase")
            }
        return fertig[rechenwerk, tests]

    return lasse_laufen


def auf_pytorch(gelaufen):
    auswahl = [f"test_skripte.py::{test}" for test in DEMO_TESTS + UEBUNG_TESTS]
    return gelaufen("torch-cpu", "test_transformer_keras.py", *auswahl)


@pytest.mark.parametrize("test", DEMO_TESTS)
@pytest.mark.parametrize("rechenwerk", RECHENWERKE)
def test_demo_laeuft_auf(rechenwerk, test, gelaufen):
    _, grund = RECHENWERKE[rechenwerk]
    if grund:
        pytest.skip(grund)
    if rechenwerk == "torch-cpu":
        ergebnisse = auf_pytorch(gelaufen)
    else:
        ergebnisse = gelaufen(rechenwerk, *(f"test_skripte.py::{demo}" for demo in DEMO_TESTS))
    assert ergebnisse[test] == "", ergebnisse[test]


@pytest.mark.parametrize("test", UEBUNG_TESTS)
def test_uebung_auf_pytorch(test, gelaufen):
    ergebnisse = auf_pytorch(gelaufen)
    assert ergebnisse[test] == "", ergebnisse[test]


def test_transformer_schichten_auf_pytorch(gelaufen):
    misslungen = {
        test: text
        for test, text in auf_pytorch(gelaufen).items()
        if test not in DEMO_TESTS + UEBUNG_TESTS and text
    }
    assert not misslungen


def test_es_gibt_solche_skripte():
    assert {"demo_keras_training", "demo_dropout", "demo_cnn_mnist"} <= set(NUR_KERAS)
    assert {"uebung_gradientenabstieg", "uebung_fashion_mnist_optimieren"} <= set(
        NUR_KERAS_UEBUNGEN
    )
