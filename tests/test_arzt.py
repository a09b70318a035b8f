"""Beantwortet: Sagt der Kursarzt die Wahrheit – was fehlt, wen es trifft, was es behebt – auf jedem Rechner?

Netz gibt es hier keines. Ein ganzer Durchgang mit TensorFlow und torch gehört zur CI (`python start.py arzt`).
"""

import os
import socket
import sys
import threading
from types import SimpleNamespace

from kurs import arzt, netz, skripte, umgebung
from kurs.arzt import fragen, pruefungen, punkte
from kurs.arzt.punkte import EINRICHTEN, FEHLT, GUT, HINWEIS, NEU_ANLEGEN, VORBEREITEN, Punkt
from kurs.einrichten import einrichtung

import psutil
import pytest
from test_einrichtung import baue_haus, starte, umgebungsvariablen

KAPITEL = {"demo_a": 1, "demo_b": 2, "demo_c": 3, "uebung_d": 3, "demo_e": 5}


def einer(liste: list[Punkt], stand: str, stueck: str) -> Punkt:
    """Der eine Punkt mit diesem Stand, in dem `stueck` steht."""
    gefunden = [p for p in liste if p.stand == stand and stueck in f"{p.sache}: {p.satz}"]
    assert len(gefunden) == 1, liste
    return gefunden[0]


# --- Das letzte Wort ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zahlen", "text"),
    [([4], "4"), ([2, 1], "1 und 2"), (range(1, 8), "1–7"), ([1, 3, 5, 6, 7], "1, 3 und 5–7")],
)
def test_spanne(zahlen, text):
    assert arzt._spanne(zahlen) == text


def urteil(capsys, *liste):
    arzt._drucke_urteil(list(liste), KAPITEL)
    return capsys.readouterr().out


def test_hinweise_halten_nichts_auf(capsys):
    port = Punkt(HINWEIS, "Port", "5000 ist belegt", ("demo_b",), "anderer Port")
    text = urteil(capsys, Punkt(GUT, "Python", "3.11"), port, Punkt(HINWEIS, "Hosts", "stumm"))
    assert text.endswith("\nKapitel 1–3 und 5 bereit.\n") and "Es fehlt" not in text
    assert "Port: 5000 ist belegt" in text and "betrifft: Kapitel 2: demo_b" in text
    assert "anderer Port" in text and "stumm" not in text, "ohne Abhilfe nur im Bericht"


def test_was_fehlt_wen_es_trifft_und_was_hilft(capsys):
    modell = Punkt(FEHLT, "Modelle", "e5 fehlt", ("uebung_d", "demo_c", "demo_b"), VORBEREITEN)
    text = urteil(capsys, modell)
    assert "betrifft: Kapitel 2: demo_b; Kapitel 3: demo_c, uebung_d\n" in text
    assert VORBEREITEN in text and "\nKapitel 1 und 5 bereit.\n" in text
    assert text.endswith("Nicht vollständig bereit: Kapitel 2 und 3. Behebe, was oben fehlt.\n")
    alles = urteil(capsys, Punkt(FEHLT, "Python", "zu alt", tuple(KAPITEL), "neues Python"))
    assert "betrifft: alle Skripte" in alles and "\nKapitel" not in alles


@pytest.mark.parametrize(("stand", "code"), [(GUT, 0), (HINWEIS, 0), (FEHLT, 1)])
def test_exit_code(stand, code, monkeypatch, capsys):
    probe = {"Probe": lambda: [Punkt(stand, "Probe", "ein Satz")]}
    monkeypatch.setattr(pruefungen, "alle", lambda eingerichtet: probe)
    assert arzt.untersuche(False) == code
    assert "Probe: ein Satz\n" in capsys.readouterr().out


def test_eine_pruefung_scheitert_eine_haengt():
    """Sie reißen die anderen nicht mit; geliefert wird in der Reihenfolge des Berichts."""
    ende = threading.Event()

    def scheitere():
        raise SystemExit("kaputt")

    alle = {"A": scheitere, "B": lambda: ende.wait(60), "C": lambda: [Punkt(GUT, "C", "da")]}
    a, b, c = (liste[0] for liste in arzt._gleichzeitig(alle, frist=1))
    ende.set()
    assert a.stand == HINWEIS and "kaputt" in a.satz
    assert b.stand == HINWEIS and "keine Antwort" in b.satz and c.satz == "da"


# --- Der Rechner ----------------------------------------------------------------------------------


def test_python(monkeypatch):
    assert pruefungen.python(True)[0].stand == GUT
    fehlt = einer(pruefungen.python(False), FEHLT, "noch nicht eingerichtet")
    assert fehlt.skripte == punkte.skripte_mit() and fehlt.abhilfe == EINRICHTEN
    monkeypatch.setattr(einrichtung, "VERSIONEN", ((3, 99),))
    einer(pruefungen.python(True), HINWEIS, "getestet ist der Kurs mit")
    assert "python.org" in pruefungen.python(False)[0].abhilfe
    monkeypatch.setattr(sys, "maxsize", 2**31 - 1)
    assert "64 Bit" in einer(pruefungen.python(True), FEHLT, "32-Bit").abhilfe


@pytest.mark.parametrize(
    ("gesamt", "frei", "stand"), [(16, 9, GUT), (16, 2, HINWEIS), (4, 3.5, HINWEIS), (2, 1, FEHLT)]
)
def test_arbeitsspeicher(gesamt, frei, stand, monkeypatch):
    speicher = SimpleNamespace(total=gesamt * 1e9, available=frei * 1e9)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: speicher)
    assert [punkt.stand for punkt in pruefungen.arbeitsspeicher()] == [stand]


def test_platte(monkeypatch, tmp_path):
    frei = SimpleNamespace(free=5e9)
    monkeypatch.setattr(pruefungen.shutil, "disk_usage", lambda ort: frei)
    monkeypatch.setattr(pruefungen, "AUSGABE", tmp_path / "noch" / "nicht" / "da")
    assert [p.stand for p in pruefungen.platte(True)] == [GUT]
    assert "mindestens 6 GB" in einer(pruefungen.platte(False), FEHLT, "5.0 GB frei").abhilfe
    frei.free = 1e9
    einer(pruefungen.platte(True), HINWEIS, "zu wenig")
    (tmp_path / "datei").write_text("")
    monkeypatch.setattr(pruefungen, "AUSGABE", tmp_path / "datei")
    einer(pruefungen.platte(True), HINWEIS, "darf nicht geschrieben werden")
    monkeypatch.setattr(pruefungen, "WURZEL", tmp_path / "OneDrive - Firma" / "kurs")
    einer(pruefungen.platte(True), HINWEIS, "liegt in OneDrive")


def test_ports(monkeypatch):
    with socket.socket() as lauscher, socket.socket() as anderer:
        lauscher.bind(("127.0.0.1", 0))
        lauscher.listen()
        belegt = lauscher.getsockname()[1]
        anderer.bind(("127.0.0.1", 0))
        frei = anderer.getsockname()[1]
        anderer.close()
        monkeypatch.setattr(pruefungen, "PORTS", {belegt: "MLflow", frei: "TensorBoard"})
        liste = pruefungen.ports()
        gefunden = einer(liste, HINWEIS, f"{belegt} (MLflow) ist belegt")
        assert f"--port {belegt + 1}" in gefunden.abhilfe
        if sys.platform == "linux":
            assert f"(Prozess {os.getpid()})" in gefunden.satz
        einer(liste, GUT, f"{frei} frei")


def test_kaputte_uebung_haelt_den_arzt_nicht_auf(monkeypatch, tmp_path):
    (tmp_path / "Kapitel").mkdir()
    (tmp_path / "Kapitel" / "uebung_kaputt.py").write_text("def\n")
    monkeypatch.setattr(skripte, "WURZEL", tmp_path)
    gefunden = einer(pruefungen.skripte(), HINWEIS, "uebung_kaputt.py ist kein gültiges Python")
    assert "zuruecksetzen uebung_kaputt" in gefunden.abhilfe


def test_proxy_ohne_zugangsdaten(monkeypatch):
    proxys = {"https": "http://eva:geheim@proxy.firma:8080", "no": "localhost"}
    monkeypatch.setattr(pruefungen.urllib.request, "getproxies", lambda: proxys)
    (gefunden,) = pruefungen.proxy()
    assert "proxy.firma:8080" in gefunden.satz and "geheim" not in gefunden.satz


def test_hosts(monkeypatch):
    """Gefragt werden die Hosts, die auch die Skripte fragen; ein Spiegel des Hubs zählt."""
    monkeypatch.setenv("HF_ENDPOINT", "http://spiegel.firma:8080/hub")
    stoerung = lambda host: None if host == "www.cs.toronto.edu" else f"{host} schweigt"
    monkeypatch.setattr(netz, "stoerung", stoerung)
    liste = pruefungen.hosts()
    einer(liste, GUT, "CIFAR-10")
    stumm = einer(liste, HINWEIS, "http://spiegel.firma:8080/hub schweigt")
    assert "storage.googleapis.com schweigt" in stumm.satz and not stumm.skripte
    assert set(pruefungen.HOSTS) == set(netz.PROBEN)


@pytest.mark.parametrize(
    ("name", "wert", "stand"),
    [
        ("KURS_QUELLE", "auto", GUT),
        ("KURS_QUELLE", "hub", HINWEIS),
        ("KURS_QUELLE", "quatsch", FEHLT),
        ("KERAS_BACKEND", "theano", FEHLT),
    ],
)
def test_variablen(name, wert, stand, monkeypatch):
    monkeypatch.setenv("KURS_QUELLE", "auto")
    monkeypatch.setenv(name, wert)
    (gefunden,) = pruefungen.variablen()
    assert gefunden.stand == stand and (stand == GUT or name in gefunden.satz)


# --- Pakete ---------------------------------------------------------------------------------------


def test_pakete_die_fehlen_oder_andere_sind(monkeypatch, tmp_path):
    """Was nur in constraints.txt steht (CUDA), darf fehlen; Zeilen für ein anderes Python zählen nicht."""
    dateien = tmp_path / "requirements.txt", tmp_path / "constraints.txt"
    dateien[0].write_text(
        "-e .\npytest==1.0  # Tests\ngibtsnicht==1\nalt==1 ; python_version < '3'\n",
        encoding="utf-8",
    )
    dateien[1].write_text("pytest==1.0\nnvidia-cuda==13\n", encoding="utf-8")
    monkeypatch.setattr(einrichtung, "ANFORDERUNGEN", dateien)
    meldung = "spacy 3.8 requires thinc, which is not installed.\na 1 has requirement b>2, but you have b 1.\n"
    monkeypatch.setattr(pruefungen, "_pip", lambda *_: (1, meldung))
    fehlt = einer(pruefungen.pakete(), FEHLT, "nicht da: gibtsnicht, thinc")
    assert fehlt.abhilfe == EINRICHTEN
    anders = einer(pruefungen.pakete(), HINWEIS, "pytest ")
    assert "statt 1.0" in anders.satz and "but you have b 1" in anders.satz


def test_paketindex(monkeypatch):
    antwort = [0, "pip (26.1)\n"]
    monkeypatch.setattr(pruefungen, "_pip", lambda *_: antwort)
    einer(pruefungen.paketindex(), GUT, "antwortet")
    antwort[:] = 1, "SSLError(SSLCertVerificationError(1, 'CERTIFICATE_VERIFY_FAILED'))"
    assert "PIP_CERT" in einer(pruefungen.paketindex(), HINWEIS, "antwortet nicht").abhilfe


# --- Fragen in eigenen Prozessen ------------------------------------------------------------------


def test_frage_in_echt():
    """Ohne Umwege: ein echter Prozess zeichnet einen Plot; ein unbekannter endet mit dem Grund."""
    einer(pruefungen.plots(), HINWEIS, "PNG")  # so stellen die Tests es ein
    assert "KeyError" in fragen.frage("quatsch")["fehler"]
    assert "keine Antwort" in fragen.frage("plot", frist=0.01)["fehler"]


def test_plot_der_sich_nicht_zeichnen_laesst(monkeypatch):
    """Ein altes PyCharm ruft eine Methode, die matplotlib nicht mehr hat; der Name des Backends verrät es."""
    monkeypatch.setenv("MPLBACKEND", "module://backend_interagg")
    fehlt = einer(pruefungen.plots(), FEHLT, "matplotlib zeichnet nicht")
    assert "PyCharm" in fehlt.abhilfe and "demo_perceptron" in fehlt.skripte


@pytest.mark.parametrize(
    ("backend", "fenster", "stand", "stueck"),
    [
        ("tkagg", True, GUT, "in einem Fenster (tkagg)"),
        (umgebung.PLOT_BACKEND, False, HINWEIS, "PNG"),
        ("module://backend_interagg", False, GUT, "zeigt backend_interagg"),
        ("agg", False, HINWEIS, "DISPLAY=:9 antwortet nicht"),
    ],
)
def test_wo_plots_erscheinen(backend, fenster, stand, stueck, monkeypatch):
    monkeypatch.setenv("DISPLAY", ":9")
    antwort = {"backend": backend, "fenster": fenster}
    monkeypatch.setattr(pruefungen, "frage", lambda was, **_: antwort)
    einer(pruefungen.plots(), stand, stueck)


def test_bibliothek_rechnet(monkeypatch):
    monkeypatch.setattr(umgebung, "hat_nvidia", lambda: True)
    antwort = {"version": "2.13.0", "karten": [], "zusatz": ""}
    monkeypatch.setattr(pruefungen, "frage", lambda was: antwort)
    liste = pruefungen.bibliothek("torch", "PyTorch", "torch")
    einer(liste, GUT, "PyTorch: 2.13.0 rechnet auf: CPU, ")
    einer(liste, HINWEIS, "wird aber nicht benutzt")
    antwort |= {"karten": ["NVIDIA H100"]}
    (gefunden,) = pruefungen.bibliothek("torch", "PyTorch", "torch")
    assert gefunden.satz == "2.13.0 rechnet auf: NVIDIA H100"


@pytest.mark.parametrize(
    ("fehler", "abhilfe"),
    [
        ("ImportError: DLL load failed while importing _pywrap", pruefungen.VISUAL_C),
        ("Absturz mit Code -4 (SIGILL): ohne Meldung", "AVX"),
        ("ModuleNotFoundError: No module named 'torch'", EINRICHTEN),
        ("ArithmeticError: auf cpu kommt 3 heraus", NEU_ANLEGEN),
    ],
)
def test_bibliothek_rechnet_nicht(fehler, abhilfe, monkeypatch):
    monkeypatch.setattr(pruefungen, "frage", lambda was: {"fehler": fehler})
    gefunden = einer(pruefungen.bibliothek("torch", "PyTorch", r"\btorch\b"), FEHLT, fehler)
    assert abhilfe in gefunden.abhilfe and "demo_ner_finetuning" in gefunden.skripte
    monkeypatch.setenv("KERAS_BACKEND", "theano")  # dann liegt es daran
    (gefunden,) = pruefungen.bibliothek("torch", "PyTorch", r"\btorch\b")
    assert "KERAS_BACKEND" in gefunden.abhilfe


def test_falsch_gerechnet():
    fragen._verlange(64.0**3, "cpu")
    with pytest.raises(ArithmeticError, match="auf cpu kommt 0"):
        fragen._verlange(0.0, "cpu")


# --- Vorrat ---------------------------------------------------------------------------------------


def test_vorrat(monkeypatch):
    antwort = {
        "daten": {"mnist": "", "wettertage": "csv fehlt"},
        "modelle": {
            "e5": [True, ["demo_a"]],
            "de-en": [False, ["demo_b"]],
            "fr-de": [False, []],
        },
    }
    monkeypatch.setattr(pruefungen, "frage", lambda was, **_: antwort)
    liste = pruefungen.vorrat()
    einer(liste, GUT, "lesbar: mnist")
    einer(liste, GUT, "bereit: e5")
    daten = einer(liste, FEHLT, "wettertage: csv fehlt")
    assert "uebung_classification_weather" in daten.skripte
    fehlend = einer(liste, FEHLT, "noch nicht vorbereitet: de-en")
    assert fehlend.skripte == ("demo_b",) and fehlend.abhilfe == VORBEREITEN
    assert not any("fr-de" in punkt.satz for punkt in liste), "das braucht niemand"
    monkeypatch.setenv("KURS_QUELLE", "hub")
    einer(pruefungen.vorrat(), HINWEIS, "noch nicht vorbereitet: de-en")


def test_datensaetze_werden_wirklich_gelesen(umgebung):
    wege = fragen._datensaetze()
    assert {"mnist", "fashion_mnist", "cifar10", "wettertage", "kurs/bewertungen"} <= set(wege)
    gruende = {name: fragen._warum_nicht(lade) for name, lade in wege.items()}
    assert not any(gruende.values()), gruende
    assert fragen._warum_nicht(lambda: 1 / 0) == "division by zero"


# --- Der ganze Weg, auf einem Rechner, auf dem noch nichts ist --------------------------------------


def test_arzt_vor_dem_einrichten(tmp_path):
    """Ohne .venv, LANG=C, kein HOME: Er richtet nichts ein, nennt, was zu tun ist, und endet mit 1."""
    haus = baue_haus(tmp_path / "Mein Kürs")
    feindlich = {"LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    env = umgebungsvariablen(tmp_path, **feindlich)
    for name in ("HOME", "USERPROFILE"):
        env.pop(name, None)
    lauf = starte(haus, "arzt", env=env, cwd=tmp_path)
    assert lauf.code == 1, lauf.text
    assert "noch nicht eingerichtet" in lauf.text and "betrifft: alle Skripte" in lauf.text
    assert f"behebt:   {EINRICHTEN}" in lauf.text
    assert "bereit: Kapitel 1. Behebe, was oben fehlt." in lauf.text
    assert "nicht zu pr" not in lauf.text, "jede Prüfung kam mit diesem Rechner zurecht"
    assert not (haus / ".venv").exists()


def test_arzt_mit_kaputter_venv(tmp_path):
    haus = baue_haus(tmp_path / "haus")
    kaputt = haus / ".venv" / einrichtung.venv_python().relative_to(einrichtung.VENV)
    kaputt.parent.mkdir(parents=True)
    kaputt.write_text("kein Python")
    kaputt.chmod(0o755)
    lauf = starte(haus, "arzt", env=umgebungsvariablen(tmp_path))
    assert lauf.code == 1 and "fehlt oder ist kaputt" in lauf.text
