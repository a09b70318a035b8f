"""Jedes Skript hat einen Kopf und Stellschrauben, und jede Demo läuft mit ihren Testwerten.

Alles hier läuft auf TensorFlow. `KERAS_BACKEND=torch python start.py test` führt dieselben Tests mit dem, was nur Keras
benutzt (Marke `keras`), auf PyTorch aus; wo eine Grafikkarte da ist, rechnen beide darauf. Die Übungen stehen in
test_uebungen.py.
"""

import ast
import json
import os
import re
import warnings

from kurs import lauf, modelle, quellen, vorbereitung
from kurs.kern.pfade import AUSGABE
from kurs.kern.skripte import (
    alle_skripte,
    lies_baender,
    lies_skript,
    lies_stellschrauben,
    skriptpfade,
)
from kurs.pflege import agenda, messen

import conftest
import pytest
from test_schluesse import SCHLUESSE

SKRIPTE = alle_skripte()
UEBUNGEN = [skript for skript in SKRIPTE if skript.ist_uebung]
DEMOS = [skript for skript in SKRIPTE if not skript.ist_uebung]
LEISE = (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning)
EIGENES_RECHENWERK = r"^\s*(import|from) (tensorflow|torch|transformers|mlflow|dienst)\b"
MIT_ORIGINAL = r"^from kurs\.(bilder|farbbilder|wetter|modelle) import|datensatz\(\s*\"(?!kurs/)"


def mit(muster):
    """Namen der Skripte, in deren Text das Muster vorkommt."""
    texte = {skript.name: skript.pfad.read_text(encoding="utf-8") for skript in SKRIPTE}
    return {name for name, text in texte.items() if re.search(muster, text, re.MULTILINE)}


NUR_KERAS = mit(r"^import keras\b|^from keras\b") - mit(EIGENES_RECHENWERK)
AUF_TENSORFLOW = os.environ.get("KERAS_BACKEND", "tensorflow") == "tensorflow"
GLEICHE_REGISTRY = mit(r"^import ziffern\b")


def je(skripte, marke=()):
    """Ein Test je Skript; die nur mit Keras rechnen, tragen `marke`."""
    faelle = [
        pytest.param(s, id=s.name, marks=marke if s.name in NUR_KERAS else ()) for s in skripte
    ]
    return pytest.mark.parametrize("skript", faelle)


def probelauf(pfad, capfd, quelltext=None, werte=None):
    """Läuft in diesem Prozess, prüft die Konsole auf fremdes Rauschen und gibt Namensraum und Ausgabe zurück."""
    with warnings.catch_warnings(record=True) as warnungen:
        warnings.simplefilter("default")
        with conftest.data_gesperrt():
            raum = lauf.fuehre_aus(pfad, werte, probelauf=True, quelltext=quelltext)
    # Python zeigt Abkündigungen nur, wenn das Skript selbst sie auslöst
    laut = [w for w in warnungen if w.filename == str(pfad) or not issubclass(w.category, LEISE)]
    assert not laut, f"Warnung auf dem Bildschirm: {[str(w.message) for w in laut]}"
    ausgabe = capfd.readouterr()
    assert ausgabe.err == "", f"Auf stderr steht: {ausgabe.err}"
    assert "Traceback" not in ausgabe.out
    return raum, ausgabe.out


@je(DEMOS, marke=pytest.mark.keras)
def test_demo_laeuft(skript, umgebung, capfd, monkeypatch, tmp_path):
    """Mit KURS_QUELLE=auto ohne Netz, wie im Kurs; auf TensorFlow ein zweites Mal, wenn etwas liegen blieb.

    Wer nur Plots hinterlässt, findet beim zweiten Mal dasselbe vor wie beim ersten: nichts. Die Registry von Kapitel 6
    führen alle mit ziffern.py; von ihnen läuft nur eine zweimal. Wo test_schluesse.py einen Schluss kennt, ist auf
    TensorFlow beim ersten Mal an dessen Knopf gedreht.
    """
    monkeypatch.setenv("KURS_QUELLE", "auto")
    for name in ("HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, conftest.TOTER_PROXY)
    monkeypatch.setenv("NO_PROXY", "localhost,127.0.0.1")
    werte, schluss = SCHLUESSE.get(skript.name, ({}, None)) if AUF_TENSORFLOW else ({}, None)
    if schluss and "SEED" in lies_stellschrauben(skript.pfad):
        werte = werte | {"SEED": 7}
    datei = tmp_path / "ergebnis.json"
    monkeypatch.setenv("KURS_ERGEBNISDATEI", str(datei))
    raum, ausgabe = probelauf(skript.pfad, capfd, werte=werte)
    ergebnis = json.loads(datei.read_text(encoding="utf-8"))["werte"]
    assert set(ergebnis) == set(lies_baender(skript.felder["Erwartet"]))
    if schluss:
        assert schluss(ergebnis) in ausgabe, (ergebnis, ausgabe[-1500:])
    if "plt" in raum:
        assert list((AUSGABE / skript.name).glob("plot_*.png")), "kein Plot entstanden"
    if AUF_TENSORFLOW and hinterlassen(skript) and skript.name not in GLEICHE_REGISTRY:
        _, ausgabe = probelauf(skript.pfad, capfd)
        assert "Ergebnis" in ausgabe


GUETE = ("demo_semantic_search", "demo_rag_ablehnen", "demo_word2vec_training", "demo_ner_inferenz")
GUETE += ("demo_lstm_textklassifikation", "demo_back_translation")


@pytest.mark.guete
@pytest.mark.parametrize("skript", [pytest.param(s, id=s.name) for s in DEMOS if s.name in GUETE])
def test_volle_werte_liegen_im_band(skript, tmp_path):
    """Daran hängt, wie gut unsere Texte und die umgewandelten Modelle sind."""
    nutzer = vorbereitung.skripte_je_modell()
    if fehlt := [m for m in nutzer if skript.name in nutzer[m] and not modelle.ist_bereit(m)]:
        pytest.skip(f"nicht umgewandelt (python start.py vorbereiten): {fehlt}")
    messung = messen.miss(skript, tmp_path)
    assert messung.rueckgabe == 0 and messung.werte and not messung.ausserhalb, messung


def hinterlassen(skript):
    """Was außer Plots in der Ausgabe des Skripts liegt."""
    ordner = AUSGABE / skript.name
    return [p for p in ordner.rglob("*") if p.is_file() and not p.match("plot_*.png")]


@je([skript for skript in SKRIPTE if skript.name in mit(MIT_ORIGINAL)])
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


@pytest.mark.parametrize("pfad", skriptpfade(), ids=lambda pfad: pfad.stem)
def test_kopf_und_stellschrauben(pfad):
    skript = lies_skript(pfad)
    quelltext = pfad.read_text(encoding="utf-8")
    schrauben = lies_stellschrauben(pfad)
    assert "# %%" in quelltext
    assert not re.search(r":[<>]?\d*,[}]", quelltext), "12,810 liest man hier als 12 Komma 81"
    for schraube in schrauben.values():
        assert type(schraube.testwert) in (type(schraube.wert), type(None)), schraube
    assert any(s.hat_testwert for s in schrauben.values()) or skript.sekunden <= 30, (
        "Ein langes Skript braucht mindestens einen Testwert"
    )
    genannt = set(re.findall(r"modell\(\s*\"([\w./-]+)\"", quelltext))
    assert genannt <= set(skript.modelle), "der Kopf nennt unter Modelle, was das Skript lädt"
    if "from kurs.modelle import" in quelltext:
        assert skript.modelle, "im Kopf fehlt das Feld Modelle"
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


def test_laufzeiten_sind_gemessen():
    """Der Kopf sagt, was in Messwerte.md steht: auf ein Viertel genau, kurze auf zwei Sekunden. Demos: höchstens 60."""
    text = messen.MESSWERTE.read_text(encoding="utf-8")
    zeilen = re.findall(r"^\| (\w+) \| (\d+) \|", text, re.M)
    gemessen = {name: int(sekunden) for name, sekunden in zeilen}
    daneben = {
        f"{s.name}: im Kopf {s.sekunden} s, gemessen {gemessen[s.name]} s"
        for s in SKRIPTE
        if abs(s.sekunden - gemessen[s.name]) > max(2, gemessen[s.name] / 4)
    }
    assert not daneben, "\n".join(sorted(daneben))
    assert max(s.sekunden for s in DEMOS) <= 60


def test_namen_sind_eindeutig():
    namen = [pfad.stem for pfad in skriptpfade()]
    assert len(namen) == len(set(namen))
    plaetze = [skript.ordnung for skript in SKRIPTE]
    assert len(plaetze) == len(set(plaetze)), "zwei Skripte auf demselben Platz der Agenda"


def test_agenda_ist_aktuell():
    text = agenda.DATEI.read_text(encoding="utf-8")
    assert text == agenda.als_markdown(), "veraltet; neu schreiben: python -m kurs erzeugen"
