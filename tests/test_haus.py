"""Beantwortet: Hält das Haus? Skripte finden, ausführen, prüfen, auswerten, messen, Plots ablegen.

Die Skripte hier baut der Test selbst, in einem kleinen Kurs unter tmp_path.
"""

import _ctypes
import json
import logging
import os
import shutil
import signal
import sys
from pathlib import Path
from types import SimpleNamespace

from kurs import lauf, quellen
from kurs.__main__ import app
from kurs.kern import pfade, skripte, stellschrauben, umgebung
from kurs.kern.pfade import WURZEL
from kurs.kern.skripte import KopfFehler, finde, lies_skript, lies_stellschrauben
from kurs.pflege import agenda, messen

import pytest
from conftest import python, starte_python
from kleine_uebung import baue_kurs, schreibe
from typer.testing import CliRunner

KOPF = '''"""{titel}

Kapitel   {kapitel}
Folie     {folie}
Lernziel  Etwas verstehen, das länger ist
          als eine Zeile
Laufzeit  ca. 25 s (2 CPU-Kerne)
Daten     keine
Erwartet  {erwartet}

Ein Absatz, der kein Feld ist.
"""
'''


def kopf(**anders) -> str:
    felder = {
        "titel": "Klein: ein Skript.",
        "kapitel": "1.20 Grundlagen · Trainingsprozess",
        "folie": "Code Demo: klein",
        "erwartet": "genauigkeit 0.9–1, verlust -0.5–0.25",
    }
    return KOPF.format(**{**felder, **anders})


@pytest.fixture
def kurs(umgebung, monkeypatch, tmp_path):
    """Ein leerer Kurs; `kurs.schreibe("demo_x", text)` legt ein Skript in seinen Kapitelordner."""
    wurzel = baue_kurs(monkeypatch, tmp_path)
    skripte.alle_skripte.cache_clear()

    def schreibe_skript(name, text=None, ordner="Grundlagen/Unter"):
        return schreibe(wurzel / ordner / f"{name}.py", kopf() if text is None else text)

    yield SimpleNamespace(wurzel=wurzel, schreibe=schreibe_skript)
    skripte.alle_skripte.cache_clear()


def rufe(*angaben):
    """`python -m kurs …` in diesem Prozess."""
    return CliRunner().invoke(app, angaben)


# --- Skripte: Kopf --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "satz"),
    [
        ("x = 1\n", "Docstring am Anfang fehlt"),
        (kopf().replace("Erwartet", "Erwartbar"), "Im Kopf fehlt Erwartet"),
        (kopf(kapitel="1.2 Grundlagen - Training"), "Kapitel soll aussehen wie"),
        (kopf().replace("ca. 25 s", "25 s"), "Laufzeit soll aussehen wie"),
        (kopf(erwartet="genauigkeit 0.9-1"), "Erwartet: Kein Band"),
        (kopf(erwartet="genauigkeit 0.9–0.1"), "Erwartet: Kein Band"),
        (kopf() + "x = (\n", r"kein gültiges Python(.|\n)*line 13"),
        (kopf().encode("cp1252"), "demo_klein.py"),
        (kopf().encode() + b"x = 0\x00\n", "demo_klein.py"),
    ],
)
def test_kopffehler_nennt_skript_und_ursache(text, satz, kurs):
    pfad = kurs.schreibe("demo_klein")
    pfad.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(KopfFehler, match=satz) as fehler:
        lies_skript(pfad)
    assert str(fehler.value).startswith("demo_klein.py")


def test_bom_und_windows_zeilenenden(kurs):
    """So speichert der Editor von Windows; Python führt es aus, also lesen wir es auch."""
    pfad = kurs.schreibe("demo_klein")
    text = kopf() + "EPOCHS = 5  # Test: 1\nprint(EPOCHS)\n"
    pfad.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert lies_skript(pfad).sekunden == 25
    assert lies_stellschrauben(pfad)["EPOCHS"].testwert == 1
    lauf.fuehre_aus(pfad, {"EPOCHS": 2})


# --- Skripte: finden ------------------------------------------------------------------------------


def test_skripte_werden_gefunden_ohne_anmeldung(kurs):
    kurs.schreibe("demo_tief", ordner="Anwendungen/a/b")
    kurs.schreibe("uebung_oben", ordner="Grundlagen")
    for ordner in ("loesungen/Grundlagen", "ausgabe", ".venv/lib", "venv/lib", "data", "tests"):
        kurs.schreibe("demo_fremd", ordner=ordner)
    kurs.schreibe("hilfe", ordner="Grundlagen")
    (kurs.wurzel / "venv" / "pyvenv.cfg").write_text("")
    assert [pfad.stem for pfad in skripte.skriptpfade()] == ["demo_tief", "uebung_oben"]


NAMEN = (
    "demo_dropout",
    "demo_dropout_gross",
    "uebung_gradientenabstieg",
    "demo_gruesse",
    "uebung_gan",
)


@pytest.mark.parametrize(
    ("eingabe", "name"),
    [
        (r"C:\Kurs\Grundlagen\Unter\demo_dropout.py", "demo_dropout"),
        ("DEMO_DROPOUT.PY", "demo_dropout"),
        ("Demo Dropout", "demo_dropout"),
        ("gan", "uebung_gan"),
        ("Grüße", "demo_gruesse"),
        ("übung_gradientenabstig", "uebung_gradientenabstieg"),
        ("gradienten", "uebung_gradientenabstieg"),
        ("drop", "drop“ ist nicht eindeutig. Meinst du demo_dropout oder demo_dropout_gross?"),
        ("voellig_anders", "voellig_anders“ gibt es nicht. python start.py zeigt alle."),
    ],
)
def test_finde(eingabe, name, kurs):
    for skript in NAMEN:
        kurs.schreibe(skript)
    if name in NAMEN:
        skript, hinweis = finde(eingabe)
        assert skript.name == name
        assert hinweis is None if "Unter" in eingabe else f"ich nehme {name}" in hinweis
    else:
        with pytest.raises(LookupError) as fehler:
            finde(eingabe)
        assert name in fehler.value.args[0]


# --- Stellschrauben und Läufe ---------------------------------------------------------------------

SCHRAUBEN = """EPOCHS = 15  # Test: 1
RATEN = [
    0.1,
    0.01,
]  # Test: [0.1]
NAME = "Eva"  # Test: "Ö"; mit einer Bemerkung
SCHRITTE = 900  # zum Vorlesen  # Test: 2
FEST = -2.5
kleingeschrieben = 3
LEER = None
BERECHNET = 2 * EPOCHS
A = B = 4
"""


@pytest.mark.parametrize("zeile", ["EPOCHS = 5  # Test: 1 (klein)", "EPOCHS = 2 * 3  # Test: 1"])
def test_testwert_der_nicht_gelten_kann(zeile, kurs):
    """Sonst liefe der Probelauf unbemerkt mit vollen Werten."""
    with pytest.raises(KopfFehler, match="Testwert|Stellschraube"):
        lies_stellschrauben(kurs.schreibe("demo_klein", kopf() + zeile + "\n"))


def test_getauscht_wird_im_syntaxbaum(kurs):
    """Danach ist alles wie vorher, und Zeilennummern in Fehlermeldungen stimmen mit der Datei überein."""
    vorher = sys.modules["__main__"], sys.argv, list(sys.path)
    text = kopf() + SCHRAUBEN + "def f():\n    EPOCHS = 3\n    return EPOCHS\n"
    text += "import __main__, sys\nGESEHEN = __main__.EPOCHS, sys.argv, sys.path[-1]\n"
    pfad = kurs.schreibe("demo_klein", text)
    raum = lauf.fuehre_aus(pfad, {"RATEN": [1, 2, 3], "FEST": {"a": (1, None)}}, probelauf=True)
    assert raum["EPOCHS"] == 1 and raum["BERECHNET"] == 2 and raum["NAME"] == "Ö"
    assert raum["RATEN"] == [1, 2, 3], "eine eigene Angabe geht über den Testwert"
    assert raum["FEST"] == {"a": (1, None)} and raum["A"] == 4
    assert raum["f"]() == 3, "nur die Stellschraube selbst wird getauscht"
    assert raum["GESEHEN"] == (1, [str(pfad)], str(pfad.parent))
    kurs.schreibe("demo_klein", text + "1 / 0\n")
    with pytest.raises(ZeroDivisionError) as fehler:
        lauf.fuehre_aus(pfad, {"RATEN": list(range(50))}, probelauf=True)
    assert Path(fehler.traceback[-1].path) == pfad
    assert fehler.traceback[-1].lineno == text.count("\n")
    assert (sys.modules["__main__"], sys.argv, sys.path) == vorher
    assert "KURS_PROBELAUF" not in os.environ


@pytest.mark.skipif(os.name == "nt", reason="SIGINT an eine Prozessgruppe gibt es nur unter POSIX")
def test_strg_c_gilt_dem_kind():
    """Ein Server im Skript darf aufräumen; sein Exit-Code kommt an."""
    kind = (
        "import time\n"
        "try:\n    print('bereit', flush=True); time.sleep(30)\n"
        "except KeyboardInterrupt:\n    time.sleep(0.6); print('aufgeräumt'); raise SystemExit(7)\n"
    )
    eltern = f"import sys, kurs.lauf as l; sys.exit(l.rufe_auf([sys.executable, '-c', {kind!r}]))"
    prozess = starte_python("-c", eltern, start_new_session=True)
    assert prozess.stdout.readline() == "bereit\n"
    os.killpg(prozess.pid, signal.SIGINT)
    assert prozess.communicate(timeout=30)[0] == "aufgeräumt\n" and prozess.returncode == 7


# --- Die Kommandozeile ----------------------------------------------------------------------------


GEDREHT = """
EPOCHS = 5  # Test: 1
RATE = 0.5
WORDS = ["a", "b"]
COLD, HOT = 0.5, 1.5
RATES = (0.1, 0.2)
N_TEXTS = 3
PROMPT = "Lies: {text}"
SEED = 42
import warnings
if N_TEXTS == 0:
    warnings.warn("Your input ran out of data; interrupting training.")
if N_TEXTS == 2:
    raise ValueError("Es braucht drei Texte")
history = [1 / EPOCHS / min(RATES)] * len(WORDS)
print(history[1] / RATE, COLD < HOT)
"""


@pytest.mark.parametrize(
    ("knopf", "code", "stuecke"),
    [
        ("EPOCHS=3", 0, ["True"]),
        ("COLD=2.0", 0, ["False"]),
        ("EPOCHS=0", 1, ["EPOCHS = 0 (ausgeliefert: 5)", "mindestens 1", "ZeroDivisionError"]),
        ("RATE=0.0", 1, ["RATE = 0.0 (ausgeliefert: 0.5)", "größer als 0"]),
        ("WORDS=[]", 1, ["WORDS = [] (ausgeliefert: ['a', 'b'])", "nicht leer"]),
        ("WORDS=['a']", 1, ["ausgeliefert", "2 Einträge"]),
        ("RATES=(0,)", 1, ["RATES = (0,) (ausgeliefert: (0.1, 0.2))", "Jeder Eintrag muss größer"]),
        ("N_TEXTS=2", 1, ["N_TEXTS = 2 (ausgeliefert: 3)", "Es braucht drei Texte."]),
        ("N_TEXTS=0", 1, ["N_TEXTS = 0 (ausgeliefert: 3)", "mindestens 1", "UserWarning"]),
        ("SEED=-1", 2, ["SEED = -1: Das darf nicht negativ sein"]),
        ("N_TEXTS=-1", 2, ["N_TEXTS = -1: Das darf nicht negativ sein"]),
        ("PROMPT='Lies.'", 2, ["PROMPT: Es fehlt {text}"]),
        ("RATE=0,05", 2, ["RATE", "0.05 mit Punkt"]),
        ("EPOCHS='drei'", 2, ["muss eine ganze Zahl sein, so wie 5"]),
        ("EPOCHS", 2, ["'EPOCHS' verstehe ich nicht. Gemeint ist etwa EPOCHS=3"]),
        ("epochs=3", 2, ["keine Stellschraube epochs; es gibt EPOCHS, RATE, WORDS"]),
    ],
)
def test_an_einer_stellschraube_gedreht(knopf, code, stuecke, kurs):
    """Mit --knopf und in der Datei: ein Satz, der sie nennt, ihren Wert, den ausgelieferten und was geht."""
    pfad = kurs.schreibe("demo_klein", kopf() + GEDREHT)
    datei = kurs.wurzel / "loesungen" / "stellschrauben.json"
    datei.parent.mkdir()
    datei.write_text(stellschrauben.als_text([lies_skript(pfad)]), encoding="utf-8")
    ergebnis = rufe("lauf", "demo_klein", "--knopf", knopf)
    assert ergebnis.exit_code == code, ergebnis.output
    assert all(stueck in ergebnis.output for stueck in stuecke), ergebnis.output
    assert "Traceback" not in ergebnis.output
    name, _, wert = knopf.partition("=")
    if code == 1 or wert == "-1":
        alt = next(zeile for zeile in GEDREHT.splitlines() if zeile.startswith(f"{name} ="))
        kurs.schreibe("demo_klein", kopf() + GEDREHT.replace(alt, f"{name} = {wert}"))
        davor = stellschrauben.vor_dem_lauf(pfad)
        assert (f"{name} = {wert}" in davor) if code == 2 else not davor
    if code == 1:
        with pytest.raises(Exception) as fehler:  # noqa: B017, PT011
            lauf.fuehre_aus(pfad)
        gedreht = stellschrauben.gedreht(pfad)
        assert stuecke[0] in stellschrauben.satz_zum_abbruch(pfad, gedreht, fehler.value)


def test_ausgelieferte_stellschrauben_sind_aktuell():
    ist = stellschrauben.datei().read_text(encoding="utf-8")
    assert ist == stellschrauben.als_text(skripte.alle_skripte()), (
        "veraltet; neu erzeugen: python -m kurs erzeugen"
    )


def test_lauf_probe_und_loesung(kurs, capfd):
    kurs.schreibe("demo_faellt", kopf() + "EPOCHS = 1  # Test: 2\n{}['fehlt']\n")
    assert isinstance(rufe("lauf", "demo_faelt", "--probe").exception, KeyError), (
        "kein Knopf schuld"
    )
    assert "„quatsch“ gibt es nicht" in rufe("lauf", "quatsch").output
    text = "import sys\nEPOCHS = 5  # Test: 1\nprint('EPOCHS', EPOCHS, __file__)\n"
    pfad = kurs.schreibe("uebung_klein", kopf() + text)
    geloest = kurs.schreibe("uebung_klein", kopf() + text, ordner="loesungen/Grundlagen/Unter")
    assert f"EPOCHS 1 {pfad}" in rufe("lauf", "uebung_klein", "--probe").output
    assert f"EPOCHS 1 {geloest}" in rufe("lauf", "uebung_klein", "--probe", "--loesung").output
    # wer die Datei der Lösung nennt, meint die Lösung; ohne Knöpfe läuft sie in einem eigenen Prozess
    for name in (r"loesungen\Grundlagen\Unter\uebung_klein.py", str(geloest)):
        assert rufe("lauf", name).exit_code == 0
        assert f"EPOCHS 5 {geloest}" in capfd.readouterr().out
    geloest.unlink()
    ergebnis = rufe("lauf", "uebung_klein", "--loesung")
    assert ergebnis.exit_code == 2 and "gibt es keine Lösung" in ergebnis.output


# --- ergebnis -------------------------------------------------------------------------------------


def werte_aus(kurs, capsys, text, **umgebungswerte):
    lauf.fuehre_aus(kurs.schreibe("demo_klein", text), **umgebungswerte)
    return capsys.readouterr().out


RUF = "from kurs import ergebnis\nergebnis(genauigkeit={}, verlust={})\n"
ORIGINAL = kopf().replace("\n\nEin Absatz", "\nOriginal  genauigkeit 0–0.5\n\nEin Absatz")


def test_ergebnis_neben_seinem_band(kurs, capsys, monkeypatch, tmp_path):
    """Für Menschen auf der Konsole, für `messen` in einer Datei."""
    datei = tmp_path / "werte.json"
    monkeypatch.setenv("KURS_ERGEBNISDATEI", str(datei))
    quellen._benutzt["MNIST"] = "eingebettet"
    text = kopf() + "import numpy as np\n" + RUF.format("np.float32(0.95)", 0.25)
    ausgabe = werte_aus(kurs, capsys, text)
    assert "genauigkeit      0.95   erwartet 0.9–1   ✔" in ausgabe
    assert "verlust          0.25   erwartet -0.5–0.25   ✔" in ausgabe
    inhalt = json.loads(datei.read_text(encoding="utf-8"))
    assert inhalt["werte"] == {"genauigkeit": pytest.approx(0.95), "verlust": 0.25}
    assert inhalt["quellen"] == {"MNIST": "eingebettet"}
    assert inhalt["baender"] == {"genauigkeit": [0.9, 1.0], "verlust": [-0.5, 0.25]}
    ausgabe = werte_aus(kurs, capsys, kopf() + RUF.format(1.01, 0))
    assert "erwartet 0.9–1   ✘ außerhalb" in ausgabe and "gedreht?" in ausgabe
    ausgabe = werte_aus(kurs, capsys, kopf() + RUF.format(0, 0), probelauf=True)
    assert "erwartet" not in ausgabe and "Probelauf" in ausgabe and "✘" not in ausgabe


@pytest.mark.parametrize(
    ("ruf", "fehler"),
    [
        ("ergebnis(genauigkeit=1)", "der Kopf erwartet"),
        ("ergebnis(genauigkeit=1, verlust=0, neu=1)", "der Kopf erwartet"),
        ("ergebnis(genauigkeit=float('nan'), verlust=0)", "genauigkeit ist keine Zahl"),
    ],
)
def test_ergebnis_das_nicht_gelten_kann(ruf, fehler, kurs):
    pfad = kurs.schreibe("demo_klein", kopf() + "from kurs import ergebnis\n" + ruf)
    with pytest.raises(ValueError, match=fehler):
        lauf.fuehre_aus(pfad)


def test_mit_originaldaten(kurs, capsys):
    assert "erwartet 0.9–1" in werte_aus(kurs, capsys, ORIGINAL + RUF.format(0.3, 0))
    quellen._benutzt["Probe"] = "original"
    ausgabe = werte_aus(kurs, capsys, ORIGINAL + RUF.format(0.3, 0))
    assert "Ergebnis (Originaldaten)" in ausgabe and "0.3   erwartet 0–0.5   ✔" in ausgabe
    ausgabe = werte_aus(kurs, capsys, kopf() + RUF.format(0.3, 0))
    assert "nur für die eingebetteten Daten" in ausgabe and "0.9–1" not in ausgabe


def test_ergebnis_in_der_konsole(kurs, capsys):
    """Ohne Datei kein Kopf: Die Werte erscheinen trotzdem."""
    konsole = kurs.schreibe("pydevconsole", "")
    for raum in ({}, {"__file__": str(konsole)}, {"__file__": "<input>"}):
        exec(RUF.format(0.5, 1), {"__name__": "__main__", **raum})  # noqa: S102
    assert capsys.readouterr().out.count("genauigkeit       0.5\n") == 3


# --- Agenda ---------------------------------------------------------------------------------------


def test_agenda_auf_der_konsole_und_als_datei(kurs):
    kurs.schreibe("demo_maske", kopf(titel="Maske: [cls] und [MASK] füllen"))
    kurs.schreibe("demo_spaeter", kopf(kapitel="2.1 Sprache · Anfang", titel="Später."))
    kurs.schreibe("uebung_kaputt", "def\n")
    ausgabe = rufe().output
    assert ausgabe.index("1 Grundlagen") < ausgabe.index("demo_maske") < ausgabe.index("2 Sprache")
    assert "[cls] und [MASK]" in ausgabe and "25 s" in ausgabe
    assert "Nicht in der Agenda: uebung_kaputt.py ist kein gültiges Python" in ausgabe
    assert rufe("agenda").output == ausgabe
    (kurs.wurzel / "Grundlagen" / "Unter" / "uebung_kaputt.py").unlink()
    kurs.schreibe("uebung_a", kopf(kapitel="1.30 Grundlagen · Anfang", folie=r"a | b \\1"))
    text = agenda.als_markdown()
    ziel = "Grundlagen/Unter/uebung_a.py"
    assert rf"| a &#124; b \1 | [uebung_a]({ziel}) ([Lösung](loesungen/{ziel})) |" in text


# --- messen ---------------------------------------------------------------------------------------


def test_messen(kurs, monkeypatch, tmp_path):
    """Die Messwerte eines früheren Laufs gelten nicht, wenn das Skript diesmal abbricht."""
    monkeypatch.setattr(messen, "AUSGABE", tmp_path)
    monkeypatch.setenv("COLUMNS", "200")  # sonst bricht rich die Zeilen um
    wartet = "import time\nprint('rechne', flush=True)\ntime.sleep(0.3)\n"
    kurs.schreibe("demo_klein", kopf() + wartet + RUF.format(0.5, 0))
    messung = messen.miss(lies_skript(finde("demo_klein")[0].pfad), tmp_path)
    assert messung.werte == {"genauigkeit": 0.5, "verlust": 0.0} and messung.speicher_mb > 5
    assert 0 < messung.erste_zeile <= messung.sekunden
    daneben = rufe("messen", "demo_klein")
    assert daneben.exit_code == 1 and "genauigkeit 0.5 (0.9–1)" in daneben.output
    kurs.schreibe("demo_klein", kopf() + "raise SystemExit('kaputt')\n")
    kaputt = rufe("messen", "demo_klein")
    assert kaputt.exit_code == 1 and "abgebrochen mit Code 1" in kaputt.output
    assert "genauigkeit" not in kaputt.output


# --- Plots und Ausgabe ----------------------------------------------------------------------------

PLOT = """import matplotlib.pyplot as plt
for _ in range({}):
    plt.figure()
    plt.plot([1, 2])
plt.show()
OFFEN = plt.get_fignums()
"""


def test_ohne_schreibrecht_ein_anderer_ordner(kurs, capsys, monkeypatch, tmp_path):
    """ausgabe/ ist schreibgeschützt (hier: eine Datei, damit es auch für root so ist)."""
    monkeypatch.setattr(pfade.tempfile, "tempdir", str(tmp_path / "temp"))
    (tmp_path / "temp").mkdir()
    (tmp_path / "ausgabe").write_text("")
    monkeypatch.setattr(pfade, "AUSGABE", tmp_path / "ausgabe")
    text = kopf() + "from kurs import ausgabe_ordner\nORDNER = ausgabe_ordner()\n"
    ordner = lauf.fuehre_aus(kurs.schreibe("demo_klein", text))["ORDNER"]
    assert ordner == tmp_path / "temp" / "kurs-ausgabe" / "demo_klein" and ordner.is_dir()
    assert f"ich nehme {ordner}" in capsys.readouterr().out
    ordner.rmdir()
    ordner.write_text("")  # der Ersatz gehört schon einem anderen Benutzer
    eigener = lauf.fuehre_aus(kurs.schreibe("demo_klein", text))["ORDNER"]
    assert eigener.is_dir() and eigener != ordner


def test_plots_werden_abgelegt(kurs, capsys, monkeypatch, tmp_path):
    from kurs import plotablage

    monkeypatch.setattr(plotablage, "AUSGABE", tmp_path / "ausgabe")
    monkeypatch.setattr(plotablage, "_nummern", {})
    ordner = tmp_path / "ausgabe" / "demo_plots"
    pfad = kurs.schreibe("demo_plots", kopf() + PLOT.format(2))
    raum = lauf.fuehre_aus(pfad)
    assert raum["OFFEN"] == [], "plt.show() schließt die Figuren, wie ein weggeklicktes Fenster"
    ausgabe = capsys.readouterr().out
    for nummer in (1, 2):
        assert f"[Plot gespeichert: {ordner / f'plot_{nummer}.png'}]" in ausgabe
        assert (ordner / f"plot_{nummer}.png").read_bytes().startswith(b"\x89PNG")
    lauf.fuehre_aus(pfad)
    assert len(list(ordner.glob("*.png"))) == 4, "im selben Prozess wird weitergezählt"
    plotablage._nummern.clear()  # ein neuer Prozess
    lauf.fuehre_aus(kurs.schreibe("demo_plots", kopf() + PLOT.format(1)))
    assert [bild.name for bild in ordner.glob("*.png")] == ["plot_1.png"]


# --- Umgebung und Stille --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("plattform", "anzeige", "bibliothek", "bildschirm"),
    [
        ("linux", {}, "_tkinter", False),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, "PyQt6", True),
        ("linux", {"DISPLAY": ":0"}, None, False),
        ("win32", {}, "_tkinter", True),
        ("darwin", {}, None, True),
    ],
)
def test_hat_bildschirm(plattform, anzeige, bibliothek, bildschirm, monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    for name, wert in anzeige.items():
        monkeypatch.setenv(name, wert)
    monkeypatch.setattr(umgebung.sys, "platform", plattform)
    monkeypatch.setattr(
        umgebung.importlib.util, "find_spec", lambda name: name if name == bibliothek else None
    )
    assert umgebung.hat_bildschirm() == bildschirm


@pytest.mark.skipif(
    sys.platform in ("win32", "darwin"), reason="Ohne Anzeigeserver gibt es nur unter Linux"
)
def test_umgebung_setzt_nur_was_fehlt():
    zeige = "import kurs, os; print(*map(os.environ.get, ('MPLBACKEND', 'TF_CPP_MIN_LOG_LEVEL')))"
    fort = ("MPLBACKEND", "TF_CPP_MIN_LOG_LEVEL", "DISPLAY", "WAYLAND_DISPLAY")
    stufe = "2" if umgebung.hat_nvidia() else "3"
    assert python("-c", zeige, ohne=fort).stdout.split() == [umgebung.PLOT_BACKEND, stufe]
    eigene = {"MPLBACKEND": "svg", "TF_CPP_MIN_LOG_LEVEL": "0"}
    assert python("-c", zeige, env=eigene, ohne=fort).stdout.split() == ["svg", "0"]


def starte(ordner, text, *angaben, name="demo_klein", **anders):
    """Ein Skript in `ordner`, direkt gestartet; nie ein Traceback."""
    skript = ordner / f"{name}.py"
    skript.write_text(text, encoding="utf-8")
    lauf_ = python(*angaben, str(skript), **anders)
    assert "Traceback" not in lauf_.stderr, lauf_.stderr
    return lauf_


WEITER = "from kurs import ergebnis\nprint('weiter')\n"


def test_falsches_python_bekommt_einen_satz(tmp_path):
    """Der falsche Interpreter in PyCharm: Die Projektwurzel ist im Suchpfad, die Pakete fehlen (-S)."""
    assert starte(tmp_path, WEITER, "-S", name="anderes").stdout == "weiter\n", "nur Kursskripte"
    lauf_ = starte(tmp_path, WEITER, "-S", name="uebung_klein")
    assert lauf_.returncode == 1 and lauf_.stdout == ""
    assert "Interpreter aus dem Ordner .venv" in lauf_.stderr
    assert "python start.py uebung_klein" in lauf_.stderr


def test_dateien_neben_dem_skript_verdecken_nichts(tmp_path):
    for nachbar in ("random.py", "email.py", "numpy.py"):
        (tmp_path / nachbar).write_text("raise SystemExit('das falsche Modul')\n")
    (tmp_path / "hilfe.py").write_text("WERT = 42\n")
    text = "from kurs import ergebnis\nimport random, email, numpy, hilfe\nprint(hilfe.WERT)\n"
    assert starte(tmp_path, text).stdout == "42\n"
    (tmp_path / "token.py").write_text("")
    lauf_ = starte(tmp_path, "import token\n" + text)  # schon verdeckt: dann ein Satz
    assert lauf_.returncode == 1 and str(tmp_path / "token.py") in lauf_.stderr


@pytest.mark.parametrize("name", ["KERAS_BACKEND", "PYTHONPATH"])
def test_stoerende_variable_wird_genannt(name, tmp_path):
    (tmp_path / "anderes" / "numpy").mkdir(parents=True)
    orte = os.pathsep.join([str(WURZEL), str(tmp_path / "anderes")])
    werte = {"KERAS_BACKEND": "theano", "PYTHONPATH": orte}
    lauf_ = starte(tmp_path, WEITER, env={name: werte[name]})
    assert lauf_.returncode == 1 and lauf_.stdout == "" and name in lauf_.stderr


def test_alte_keras_json_gilt_im_kurs_nicht(tmp_path):
    inhalt = '{"backend": "theano", "image_data_format": "channels_first", "floatx": "float16"}'
    (tmp_path / "keras.json").write_text(inhalt)
    frage = (
        "import kurs, keras; c = keras.config; "
        "print(c.backend(), c.floatx(), c.image_data_format(), c.dtype_policy().name)"
    )
    gesehen = python("-c", frage, env={"KERAS_HOME": str(tmp_path)}, ohne=["KERAS_BACKEND"])
    assert gesehen.stdout.split() == ["tensorflow", "float32", "channels_last", "float32"]


def test_in_einer_konsole_findet_kapitel_6_seinen_dienst(tmp_path):
    """Zelle für Zelle: Es gibt keine Datei, deren Ordner Python durchsuchte."""
    frage = "import kurs, importlib.util; print(importlib.util.find_spec('dienst') is not None)"
    assert python("-c", frage, cwd=tmp_path).stdout == "True\n"


RAUSCHEN = (
    "WARNING: All log messages before absl::InitializeLog() is called are written to STDERR",
    "I0000 port.cc:153] oneDNN custom operations are on. You may see slightly different results",
    "I0000 cudart_stub.cc:31] Could not find cuda drivers on your machine, GPU will not be used.",
)
ECHT = ("E0000 cuda.cc:1] failed call to cuInit: ein echter Fehler", "letzte Zeile ohne Zeilenende")


def test_nur_bekannte_zeilen_fallen_weg(tmp_path):
    """Ein `tensorflow`, das beim Laden so rauscht wie das echte."""
    zeilen = "\n".join([RAUSCHEN[0], ECHT[0], *RAUSCHEN[1:], ECHT[1]])
    (tmp_path / "tensorflow").mkdir()
    (tmp_path / "tensorflow" / "__init__.py").write_text(
        f"import os\nos.write(2, {zeilen.encode()!r})\nfrom tensorflow import unter\nWERT = 42\n"
    )
    (tmp_path / "tensorflow" / "unter.py").write_text("U = 1\n")
    (tmp_path / "triton" / "_C").mkdir(parents=True)  # kommt vorher, mit irgendeiner Bibliothek
    shutil.copy(_ctypes.__file__, tmp_path / "triton" / "_C" / "libtriton.so")
    programm = (
        "import kurs, sys, tensorflow as tf; print(tf.WERT, tf.unter.U, tf.__spec__.name); "
        "print('danach: oneDNN custom operations are on', file=sys.stderr); "
        "assert sys.platform != 'linux' or 'libtriton' in open('/proc/self/maps').read()"
    )
    orte = os.pathsep.join([str(tmp_path), str(WURZEL)])
    lauf_ = python("-c", programm, env={"PYTHONPATH": orte})
    assert lauf_.stdout == "42 1 tensorflow\n"
    erwartet = [ECHT[0], ECHT[1] + "danach: oneDNN custom operations are on"]
    assert lauf_.stderr.splitlines() == erwartet


def test_rat_zu_tf_function_erscheint_nicht(caplog):
    """Wer viele Keras-Modelle vorhersagen lässt, bekommt ihn sonst auf den Bildschirm; anderes bleibt."""
    import tensorflow as tf

    protokoll = logging.getLogger("tensorflow")
    protokoll.addHandler(caplog.handler)
    try:
        for _ in range(12):
            tf.function(lambda x: x + 1)(tf.constant(1.0))
        protokoll.warning("eine echte Warnung")
    finally:
        protokoll.removeHandler(caplog.handler)
    assert set(caplog.messages) == {"eine echte Warnung"}
