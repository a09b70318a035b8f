"""Beantwortet: Laufen Skripte an feindlichen Orten? Alles Widrige zugleich, in echten Prozessen.

Jedes Skript läuft schon in test_skripte.py aus fremdem Arbeitsverzeichnis, ohne Netz, ohne Bildschirm, ohne HOME, mit
unveränderlichem `data/` (siehe conftest.py) und mit jedem Wert von KURS_QUELLE; zweimal, wenn es etwas hinterlässt.
Außerdem liegt das ganze Repository bei `.ci/run` in einem Ordner mit Leerzeichen und Umlauten, unter LANG=C. Hier
kommt dazu, was nur ein eigener Prozess zeigt: eine Konsole ohne Umlaute und dasselbe Skript in zwei Fenstern.
"""

import os
import shutil

from kurs import lauf
from kurs.kern import pfade
from kurs.kern.pfade import WURZEL

import pytest
from conftest import python, starte_python

NICHT_DABEI = shutil.ignore_patterns(
    ".*", "ausgabe", "__pycache__", "tests", "werkstatt", "umgewandelt", "versuch_*"
)
AUSWAHL = ("demo_perceptron", "uebung_tfidf")


@pytest.fixture(scope="module")
def haus(tmp_path_factory):
    """Eine Kopie des Repositorys in einem Ordner mit Leerzeichen, Umlauten und Klammern."""
    ziel = tmp_path_factory.mktemp("orte") / "Schulung für Köln (Kopie)"
    shutil.copytree(WURZEL, ziel, ignore=NICHT_DABEI)
    return ziel


def starte(haus, name, ordner, **anders):
    """Startet die Kopie eines Skripts mit Testwerten; `ordner` ist ein fremdes Arbeitsverzeichnis."""
    fort = ("LC_", "LANG", "PYTHON", "KURS_", "MPL", "DISPLAY", "WAYLAND_DISPLAY")
    env = {"LANG": "C", "PYTHONIOENCODING": "ascii"}  # eine Konsole ohne Umlaute
    env |= {"PYTHONPATH": str(haus), "KURS_QUELLE": "eingebaut", **anders}
    angaben = {"ohne": [n for n in os.environ if n.startswith(fort)], "cwd": ordner, "env": env}
    befehl = ("-m", "kurs", "lauf", name, "--probe")
    return starte_python(*befehl, encoding=env["PYTHONIOENCODING"], **angaben)


def ende(prozess):
    ausgabe, fehler = prozess.communicate(timeout=600)
    assert prozess.returncode == 0, ausgabe + fehler
    assert fehler == "", fehler
    return ausgabe


@pytest.mark.parametrize("name", AUSWAHL)
def test_von_notepad_gespeichert_an_einem_feindlichen_ort(name, haus, tmp_path):
    """BOM und CRLF, -OO, -W error, kein Ordner für Temporäres; Linux ganz ohne Locale oder eine alte
    deutsche Windows-Konsole.
    """
    (pfad,) = haus.glob(f"[!l]*/**/{name}.py")
    text = pfad.read_text(encoding="utf-8")
    pfad.write_text(text, encoding="utf-8-sig", newline="\r\n")
    streng = {"PYTHONOPTIMIZE": "2", "PYTHONWARNINGS": "error"}
    streng |= dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(tmp_path / "fehlt"))
    if name.startswith("uebung_"):
        streng |= {"LANG": "de_DE.UTF-8", "PYTHONIOENCODING": "cp1252"}
    ausgabe = ende(starte(haus, name, tmp_path, **streng))
    assert "Ergebnis" in ausgabe or "Fortschritt" in ausgabe
    assert not list(tmp_path.iterdir()), "ins Arbeitsverzeichnis wird nichts geschrieben"
    if name.startswith("demo_"):
        assert list((haus / "ausgabe" / name).glob("plot_*.png")), "die Plots liegen im Haus"


def test_zwei_zugleich(haus, tmp_path):
    """Dasselbe Skript in zwei Fenstern: Beide enden, und die Plots sind heil."""
    from PIL import Image

    laeufe = [starte(haus, "demo_perceptron", tmp_path) for _ in range(2)]
    assert all("Ergebnis" in ende(lauf) for lauf in laeufe)
    plots = list((haus / "ausgabe" / "demo_perceptron").glob("plot_*.png"))
    assert plots
    for plot in plots:
        with Image.open(plot) as bild:
            bild.load()


def test_zeichen_die_der_schrift_fehlen(tmp_path):
    """Emoji und Chinesisch werden im Plot Kästchen, ohne englische Warnung auf dem Bildschirm."""
    programm = "import kurs; from matplotlib import pyplot as plt; plt.title('😀 漢字'); plt.show()"
    env = {"KURS_AUSGABE": str(tmp_path), "PYTHONWARNINGS": "error"}
    gelaufen = python("-c", programm, env=env)
    assert gelaufen.stderr == "" and "Plot gespeichert" in gelaufen.stdout


def test_gemerktes_hat_kurze_pfade(umgebung, tmp_path, monkeypatch):
    """Windows erlaubt meist nur 260 Zeichen, und der Kurs liegt schon tief."""
    monkeypatch.setattr(pfade, "AUSGABE", tmp_path / "ausgabe")
    skript = tmp_path / ("ein_langer_ordner" * 8) / "demo_tief.py"
    skript.parent.mkdir()
    text = "from kurs.merken import gemerkt\n\n@gemerkt\ndef doppelt(x):\n    return 2 * x\n"
    skript.write_text(text + "\nVIER = doppelt(2)\n")
    assert lauf.fuehre_aus(skript)["VIER"] == 4
    dateien = [datei.relative_to(tmp_path) for datei in (tmp_path / "ausgabe").rglob("*.*")]
    assert dateien and max(len(str(datei)) for datei in dateien) < 110
