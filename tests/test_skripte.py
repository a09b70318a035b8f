"""Jedes Skript hat einen Kopf und Stellschrauben, und jede Demo läuft mit ihren Testwerten.

Alles hier läuft auf TensorFlow. Was nur Keras benutzt, führt test_rechenwerke.py noch einmal auf PyTorch aus, mit
denselben Tests. Die Übungen stehen in test_uebungen.py.
"""

import ast
import os
import re
import warnings

from kurs import agenda, auswertung, lauf, quellen
from kurs.arzt import gebrauch
from kurs.pfade import AUSGABE
from kurs.skripte import alle_skripte, lies_skript, lies_stellschrauben, skriptpfade

import conftest
import pytest

SKRIPTE = alle_skripte()
UEBUNGEN = [skript for skript in SKRIPTE if skript.ist_uebung]
DEMOS = [skript for skript in SKRIPTE if not skript.ist_uebung]
LEISE = (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning)
EIGENES_RECHENWERK = ("tensorflow", "torch", "transformers", "mlflow", "dienst")
NUR_KERAS = {*gebrauch.mit_bibliothek("keras")} - {*gebrauch.mit_bibliothek(*EIGENES_RECHENWERK)}
RECHENWERK = os.environ.get("KERAS_BACKEND", "tensorflow")
AUF_TENSORFLOW = RECHENWERK == "tensorflow"


def je(skripte):
    return pytest.mark.parametrize("skript", skripte, ids=[skript.name for skript in skripte])


def probelauf(pfad, capfd, quelltext=None):
    """Läuft in diesem Prozess, prüft die Konsole auf fremdes Rauschen und gibt Namensraum und Ausgabe zurück."""
    auswertung.letzte.clear()
    with warnings.catch_warnings(record=True) as warnungen:
        warnings.simplefilter("default")
        with conftest.data_gesperrt():
            raum = lauf.fuehre_aus(pfad, probelauf=True, quelltext=quelltext)
    # Python zeigt Abkündigungen nur, wenn das Skript selbst sie auslöst
    laut = [w for w in warnungen if w.filename == str(pfad) or not issubclass(w.category, LEISE)]
    assert not laut, f"Warnung auf dem Bildschirm: {[str(w.message) for w in laut]}"
    ausgabe = capfd.readouterr()
    assert ausgabe.err == "", f"Auf stderr steht: {ausgabe.err}"
    assert "Traceback" not in ausgabe.out
    return raum, ausgabe.out


@je(DEMOS)
def test_demo_laeuft(skript, umgebung, capfd, monkeypatch):
    """Mit KURS_QUELLE=auto ohne Netz, wie im Kurs; auf TensorFlow ein zweites Mal, wenn etwas liegen blieb.

    Wer nur Plots hinterlässt, findet beim zweiten Mal dasselbe vor wie beim ersten: nichts.
    """
    monkeypatch.setenv("KURS_QUELLE", "auto")
    for name in ("HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, conftest.TOTER_PROXY)
    monkeypatch.setenv("NO_PROXY", "localhost,127.0.0.1")
    for _ in range(2):
        raum, ausgabe = probelauf(skript.pfad, capfd)
        assert set(auswertung.letzte) == set(skript_baender(skript))
        assert "Ergebnis" in ausgabe
        if "plt" in raum:
            assert list((AUSGABE / skript.name).glob("plot_*.png")), "kein Plot entstanden"
        if not hinterlassen(skript) or not AUF_TENSORFLOW:
            break


def hinterlassen(skript):
    """Was außer Plots in der Ausgabe des Skripts liegt."""
    ordner = AUSGABE / skript.name
    return [p for p in ordner.rglob("*") if p.is_file() and not p.match("plot_*.png")]


def mit_original():
    """Die Skripte, zu deren Daten oder Modellen es ein Original außerhalb des Kurses gibt."""
    module = {"kurs.bilder", "kurs.farbbilder", "kurs.wetter", "kurs.modelle"}
    namen = {
        benutzt.name
        for benutzt in gebrauch.alle()
        if module & {modul for modul, _ in benutzt.aus_kurs}
        or any(not name.startswith("kurs/") for name in benutzt.datensaetze)
    }
    return [skript for skript in SKRIPTE if skript.name in namen]


@je(mit_original())
def test_hub_verlangt_und_nicht_erreichbar(skript, umgebung, capfd, monkeypatch):
    """KURS_QUELLE=hub ohne Netz: ein deutscher Satz mit Grund und Ausweg, kein Traceback."""
    monkeypatch.setenv("KURS_QUELLE", "hub")
    # Eine offene Übung lädt noch nicht alles, ihre Lösung schon.
    pfad = skript.loesung if skript.ist_uebung else skript.pfad
    with pytest.raises(quellen.KeineQuelle) as ende:
        lauf.fuehre_aus(pfad, probelauf=True)
    assert "ist nicht zu bekommen (" in str(ende.value)
    assert "Ohne KURS_QUELLE=hub nähme der Kurs, was da ist." in str(ende.value)
    assert "beschädigt" not in str(ende.value), "was fehlt, ist nicht beschädigt"
    assert capfd.readouterr().err == ""


def test_keras_rechnet_womit_es_soll():
    import keras

    assert keras.backend.backend() == RECHENWERK


def skript_baender(skript):
    from kurs.skripte import lies_baender

    return lies_baender(skript.felder["Erwartet"])


@pytest.mark.parametrize("pfad", skriptpfade(), ids=lambda pfad: pfad.stem)
def test_kopf_und_stellschrauben(pfad):
    skript = lies_skript(pfad)
    quelltext = pfad.read_text(encoding="utf-8")
    schrauben = lies_stellschrauben(pfad)
    assert len(quelltext.splitlines()) <= 300
    assert "# %%" in quelltext
    assert not re.search(r":[<>]?\d*,[}]", quelltext), "12,810 liest man hier als 12 Komma 81"
    for schraube in schrauben.values():
        assert type(schraube.testwert) in (type(schraube.wert), type(None)), schraube
    assert any(s.hat_testwert for s in schrauben.values()) or skript.sekunden <= 30, (
        "Ein langes Skript braucht mindestens einen Testwert"
    )
    if skript.ist_uebung:
        assert isinstance(schrauben["TIPPS"].wert, int)
    importe = [
        alias.name if isinstance(knoten, ast.Import) else knoten.module
        for knoten in ast.walk(ast.parse(quelltext))
        if isinstance(knoten, ast.Import | ast.ImportFrom)
        for alias in knoten.names
    ]
    fremde = [name for name in importe if name.split(".")[0] not in STANDARD]
    assert fremde[0].split(".")[0] == "kurs", (
        "kurs muss vor den anderen Bibliotheken geladen werden"
    )


STANDARD = __import__("sys").stdlib_module_names


def test_namen_sind_eindeutig():
    namen = [pfad.stem for pfad in skriptpfade()]
    assert len(namen) == len(set(namen))
    plaetze = [skript.ordnung for skript in SKRIPTE]
    assert len(plaetze) == len(set(plaetze)), "zwei Skripte auf demselben Platz der Agenda"


def test_readme_zeigt_die_agenda():
    text = agenda.README.read_text(encoding="utf-8")
    assert agenda.mit_agenda(text) == text, "veraltet; neu einsetzen: python -m kurs readme"
