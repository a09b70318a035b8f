"""Jedes Skript läuft mit seinen Testwerten; Übungen sind offen, Lösungen richtig, Fehler werden erkannt.

Alles hier läuft auf TensorFlow. Was nur Keras benutzt, führt test_rechenwerke.py noch einmal auf PyTorch aus, mit
denselben Tests. Auf PyTorch ist ein kleines Netz viel schneller trainiert (nichts wird übersetzt); von den falschen
Antworten solcher Übungen läuft hier deshalb nur der erste Lauf, die übrigen laufen dort.
"""

import ast
import os
import re
import warnings

from kurs import agenda, auswertung, lauf, pruefe, quellen
from kurs.arzt import gebrauch
from kurs.pfade import AUSGABE, WURZEL
from kurs.skripte import alle_skripte, finde, lies_skript, lies_stellschrauben, skriptpfade

import conftest
import pytest

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    import tomli as tomllib

SKRIPTE = alle_skripte()
UEBUNGEN = [skript for skript in SKRIPTE if skript.ist_uebung]
DEMOS = [skript for skript in SKRIPTE if not skript.ist_uebung]
FALSCHE = WURZEL / "tests" / "falsche_antworten"
LEISE = (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning)
EIGENES_RECHENWERK = ("tensorflow", "torch", "transformers", "mlflow", "dienst")
NUR_KERAS = {*gebrauch.mit_bibliothek("keras")} - {*gebrauch.mit_bibliothek(*EIGENES_RECHENWERK)}
RECHENWERK = os.environ.get("KERAS_BACKEND", "tensorflow")
AUF_TENSORFLOW = RECHENWERK == "tensorflow"
REGION = re.compile(r"^# ▼ (AUFGABE \d+): .+?\n(.*?)^# ▲\n", re.MULTILINE | re.DOTALL)


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


@je(UEBUNGEN)
def test_uebung_ist_offen(skript, umgebung, capfd):
    _, ausgabe = probelauf(skript.pfad, capfd)
    assert pruefe.protokoll
    assert {befund.zeichen for befund in pruefe.protokoll.values()} == {pruefe.OFFEN}
    assert "Fortschritt:" in ausgabe
    marken = {name for name, _ in REGION.findall(skript.pfad.read_text(encoding="utf-8"))}
    assert marken == {aufgabe.upper() for aufgabe in pruefe.protokoll}, (
        "Marken und Prüfungen passen nicht"
    )
    for nummer in marken:
        zeile = pruefe.zeile_der_aufgabe(skript.pfad, nummer.capitalize())
        assert f'File "{skript.pfad}", line {zeile}' in ausgabe


@je(UEBUNGEN)
def test_loesung_ist_richtig(skript, umgebung, capfd):
    assert skript.loesung.is_file(), f"{skript.loesung} fehlt"
    probelauf(skript.loesung, capfd)
    falsch = {a: b.satz for a, b in pruefe.protokoll.items() if b.zeichen != pruefe.RICHTIG}
    assert pruefe.protokoll and not falsch


@je(UEBUNGEN)
def test_loesung_gleicht_uebung_ausserhalb_der_aufgaben(skript):
    aufgabe = skript.pfad.read_text(encoding="utf-8")
    loesung = skript.loesung.read_text(encoding="utf-8")
    assert REGION.sub("", aufgabe) == REGION.sub("", loesung)
    kopf = re.compile(r"# ▼ AUFGABE \d+: .+")
    assert kopf.findall(aufgabe) == kopf.findall(loesung)
    for (nummer, offen), (_, geloest) in zip(
        REGION.findall(aufgabe), REGION.findall(loesung), strict=True
    ):
        assert "..." in offen, f"{nummer} ist schon gelöst ausgeliefert"
        assert not re.search(r"= \.\.\.\s*$", geloest, re.MULTILINE), (
            f"{nummer} ist in der Lösung offen"
        )


def lies_falsche(datei):
    """Die Läufe einer Datei: je Lauf Aufgabe → (falsche Antwort, Stück der erwarteten Diagnose)."""
    return tomllib.loads(datei.read_text(encoding="utf-8"))["lauf"]


def falsche_laeufe(auf_tensorflow):
    """Von Übungen, die nur Keras benutzen, der erste Lauf auf TensorFlow, die übrigen auf PyTorch."""
    for datei in sorted(FALSCHE.glob("uebung_*.toml")):
        auf_beiden = datei.stem in NUR_KERAS
        for nummer, falsche in enumerate(lies_falsche(datei), start=1):
            if auf_tensorflow == (nummer == 1 or not auf_beiden):
                yield pytest.param(datei.stem, falsche, id=f"{datei.stem}-{nummer}")


@pytest.mark.parametrize(("name", "falsche"), list(falsche_laeufe(AUF_TENSORFLOW)))
def test_falsche_antwort_bekommt_ihre_diagnose(name, falsche, umgebung, capfd):
    """In die Lösung werden falsche Antworten gesetzt; jede bekommt ✘ und ihre Diagnose."""
    skript, _ = finde(name)
    noch_offen = dict(falsche)

    def ersetze(treffer):
        aufgabe = treffer[1].capitalize()
        if aufgabe not in noch_offen:
            return treffer[0]
        kopfzeile = treffer[0].splitlines()[0]
        return f"{kopfzeile}\n{noch_offen.pop(aufgabe)['antwort'].rstrip()}\n# ▲\n"

    quelltext = REGION.sub(ersetze, skript.loesung.read_text(encoding="utf-8"))
    assert not noch_offen, "diese Aufgaben gibt es nicht"
    probelauf(skript.loesung, capfd, quelltext)
    for aufgabe, eintrag in falsche.items():
        befund = pruefe.protokoll[aufgabe]
        assert befund.zeichen == pruefe.FALSCH, f"{aufgabe}: {befund}"
        assert eintrag["diagnose"] in befund.satz


@je(UEBUNGEN)
def test_es_gibt_typische_falsche_antworten(skript):
    datei = FALSCHE / f"{skript.name}.toml"
    assert datei.is_file(), f"{datei} fehlt"
    eintraege = [(a, e["diagnose"]) for lauf in lies_falsche(datei) for a, e in lauf.items()]
    assert len(eintraege) >= 2
    assert len(set(eintraege)) == len(eintraege), (
        "Diagnosen einer Aufgabe müssen sich unterscheiden"
    )


@pytest.mark.parametrize("pfad", skriptpfade(), ids=lambda pfad: pfad.stem)
def test_kopf_und_stellschrauben(pfad):
    skript = lies_skript(pfad)
    quelltext = pfad.read_text(encoding="utf-8")
    schrauben = lies_stellschrauben(pfad)
    assert "SEED" in schrauben or "Zufall" not in quelltext
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
