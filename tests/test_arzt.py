"""Beantwortet: Sagt der Kursarzt die Wahrheit – was fehlt, wen es trifft, was es behebt – auf jedem Rechner?

Netz gibt es hier keines. Ein ganzer Durchgang mit TensorFlow und torch gehört zur CI (`python start.py arzt`).
"""

import os
import socket
import sys
from types import SimpleNamespace

from kurs import arzt, netz
from kurs.arzt import EINRICHTEN, FEHLT, GUT, HINWEIS, NEU_ANLEGEN, VORBEREITEN, Punkt
from kurs.einrichten import einrichtung
from kurs.kern import umgebung

import psutil
import pytest
from test_einrichtung import baue_haus, falsche_venv, starte, umgebungsvariablen

KAPITEL = {"demo_a": 1, "demo_b": 2, "demo_c": 3, "uebung_d": 3, "demo_e": 5}


def einer(punkte, stand: str, stueck: str) -> Punkt:
    """Der eine Punkt mit diesem Stand, in dem `stueck` steht."""
    liste = list(punkte)
    gefunden = [p for p in liste if p.stand == stand and stueck in p.satz]
    assert len(gefunden) == 1, liste
    return gefunden[0]


LETZTES_WORT = {
    "Kapitel 1–5 bereit.\n": Punkt(HINWEIS, "5000 ist belegt", "ein anderer", ("demo_b",)),
    "Kapitel 1 und 5 bereit.\nNicht vollständig bereit: Kapitel 2 und 3. ": Punkt(
        FEHLT, "e5", VORBEREITEN, ("demo_c", "demo_b")
    ),
    "Nicht vollständig bereit: ": Punkt(FEHLT, "zu alt", "neues", tuple(KAPITEL)),
}


@pytest.mark.parametrize("ende", LETZTES_WORT)
def test_bericht_und_letztes_wort(ende, monkeypatch, capsys):
    def scheitere():
        raise SystemExit("kaputt")

    punkt = LETZTES_WORT[ende]
    betrifft = "alle Skripte" if len(punkt.skripte) == len(KAPITEL) else ", ".join(punkt.skripte)
    skripte = [SimpleNamespace(name=name, ordnung=(nummer,)) for name, nummer in KAPITEL.items()]
    monkeypatch.setattr(arzt, "lesbare_skripte", lambda: (skripte, []))
    proben = {"Kaputte": scheitere, "Probe": lambda: [punkt]}
    monkeypatch.setattr(arzt, "pruefungen", lambda eingerichtet: proben)
    assert arzt.untersuche(False) == (punkt.stand == FEHLT)
    text = capsys.readouterr().out
    assert "Kaputte: nicht zu prüfen (SystemExit: kaputt)\n" in text
    assert f"Probe: {punkt.satz}\n" in text and f"betrifft: {betrifft}\n" in text
    assert f"behebt:   {punkt.abhilfe}\n" in text and f"\n\n{ende}" in text


# --- Der Rechner ----------------------------------------------------------------------------------


def test_python(monkeypatch):
    einer(arzt.python(True), GUT, sys.executable)
    fehlt = einer(arzt.python(False), FEHLT, "noch nicht eingerichtet")
    assert fehlt.skripte == arzt.skripte_mit() and fehlt.abhilfe == EINRICHTEN
    monkeypatch.setattr(einrichtung, "VERSIONEN", ((3, 99),))
    assert "python.org" in einer(arzt.python(False), FEHLT, "").abhilfe


@pytest.mark.parametrize(
    ("frei", "eingerichtet", "stand"), [(5, True, GUT), (1, True, HINWEIS), (5, False, FEHLT)]
)
def test_platte_und_arbeitsspeicher(frei, eingerichtet, stand, monkeypatch):
    voll = SimpleNamespace(free=frei * 1e9)
    monkeypatch.setattr(arzt.shutil, "disk_usage", lambda ort: voll)
    einer(arzt.platte(eingerichtet), stand, f"{frei}.0 GB frei")
    speicher = SimpleNamespace(total=16e9, available=frei * 1e9)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: speicher)
    einer(arzt.arbeitsspeicher(), GUT if frei == 5 else HINWEIS, "GB")


def test_ports(monkeypatch):
    with socket.socket() as lauscher, socket.socket() as anderer:
        for anschluss in (lauscher, anderer):
            anschluss.bind(("127.0.0.1", 0))
        lauscher.listen()
        belegt, frei = lauscher.getsockname()[1], anderer.getsockname()[1]
        anderer.close()
        monkeypatch.setattr(arzt, "PORTS", {belegt: "MLflow", frei: "TensorBoard"})
        gefunden = einer(arzt.ports(), HINWEIS, f"{belegt} (MLflow) ist belegt")
        assert f"--port {belegt + 1}" in gefunden.abhilfe
        if sys.platform == "linux":
            assert f"(Prozess {os.getpid()})" in gefunden.satz
        einer(arzt.ports(), GUT, f"{frei} (TensorBoard) ist frei")


def test_hosts_und_proxy_ohne_zugangsdaten(monkeypatch):
    """Gefragt werden die Hosts, die auch die Skripte fragen; ein Spiegel des Hubs zählt."""
    proxys = {"https": "http://eva:geheim@proxy.firma:8080", "no": "localhost"}
    monkeypatch.setattr(arzt.urllib.request, "getproxies", lambda: proxys)
    monkeypatch.setenv("HF_ENDPOINT", "http://spiegel.firma:8080/hub")
    stoerung = lambda host: None if host == "www.cs.toronto.edu" else f"{host} schweigt"
    monkeypatch.setattr(netz, "stoerung", stoerung)
    liste = list(arzt.hosts())
    assert "geheim" not in einer(liste, GUT, "proxy.firma:8080").satz
    einer(liste, GUT, "toronto")
    for host in ("http://spiegel.firma:8080/hub", "storage.googleapis.com"):
        assert not einer(liste, HINWEIS, f"{host} schweigt").skripte


@pytest.mark.parametrize(("quelle", "stand"), [("hub", HINWEIS), ("quatsch", FEHLT)])
def test_variablen(quelle, stand, monkeypatch):
    monkeypatch.setenv("KURS_QUELLE", "auto")
    einer(arzt.variablen(), GUT, "")
    monkeypatch.setenv("KURS_QUELLE", quelle)
    einer(arzt.variablen(), stand, "KURS_QUELLE")


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
    monkeypatch.setattr(arzt, "meldung_von", lambda befehl: meldung)
    fehlt = einer(arzt.pakete(), FEHLT, "nicht da: gibtsnicht, thinc")
    assert fehlt.abhilfe == EINRICHTEN
    anders = einer(arzt.pakete(), HINWEIS, "pytest ")
    assert "==1.0" in anders.satz and "but you have b 1" in anders.satz


def test_paketindex(monkeypatch):
    monkeypatch.setattr(arzt, "meldung_von", lambda befehl: None)
    einer(arzt.paketindex(), GUT, "antwortet")
    meldung = "SSLError(SSLCertVerificationError(1, 'CERTIFICATE_VERIFY_FAILED'))"
    monkeypatch.setattr(arzt, "meldung_von", lambda befehl: meldung)
    assert "PIP_CERT" in einer(arzt.paketindex(), HINWEIS, "antwortet nicht").abhilfe


# --- Fragen in eigenen Prozessen ------------------------------------------------------------------


def test_frage_in_echt(monkeypatch):
    """Ohne Umwege: ein echter Prozess zeichnet einen Plot; ein unbekannter endet mit dem Grund."""
    einer(arzt.plots(), HINWEIS, "PNG")  # so stellen die Tests es ein
    assert "KeyError" in arzt.frage("quatsch")["fehler"]
    assert "keine Antwort" in arzt.frage("plot", frist=0.01)["fehler"]
    # ein altes PyCharm ruft eine Methode, die matplotlib nicht mehr hat; der Name des Backends verrät es
    monkeypatch.setenv("MPLBACKEND", "module://backend_interagg")
    fehlt = einer(arzt.plots(), FEHLT, "matplotlib zeichnet nicht")
    assert "PyCharm" in fehlt.abhilfe and "demo_perceptron" in fehlt.skripte


def test_wo_plots_erscheinen(monkeypatch):
    monkeypatch.setenv("DISPLAY", ":9")
    antwort = {"backend": "tkagg"}
    monkeypatch.setattr(arzt, "frage", lambda was, **_: antwort)
    einer(arzt.plots(), GUT, "zeigt tkagg")
    antwort["backend"] = "agg"
    einer(arzt.plots(), HINWEIS, "DISPLAY=:9 antwortet nicht")


def test_bibliothek_rechnet(monkeypatch):
    monkeypatch.setattr(umgebung, "hat_nvidia", lambda: True)
    antwort = {"version": "2.13.0", "karten": ""}
    monkeypatch.setattr(arzt, "frage", lambda was: antwort)
    gefunden = einer(arzt.bibliothek("torch", "torch"), GUT, "2.13.0 rechnet auf: CPU, ")
    assert "NVIDIA-Karte wird nicht benutzt" in gefunden.satz
    antwort |= {"karten": "cuda:0"}
    (gefunden,) = arzt.bibliothek("torch", "torch")
    assert gefunden.satz == "2.13.0 rechnet auf: cuda:0"


@pytest.mark.parametrize(
    ("fehler", "abhilfe"),
    [
        ("ImportError: DLL load failed while importing _pywrap", "Visual C++"),
        ("Absturz mit Code -4: ohne Meldung", "AVX"),
        ("ArithmeticError: auf cpu kommt 3 heraus", NEU_ANLEGEN),
    ],
)
def test_bibliothek_rechnet_nicht(fehler, abhilfe, monkeypatch):
    monkeypatch.setattr(arzt, "frage", lambda was: {"fehler": fehler})
    gefunden = einer(arzt.bibliothek("torch", r"\btorch\b"), FEHLT, fehler)
    assert abhilfe in gefunden.abhilfe and "demo_ner_finetuning" in gefunden.skripte
    monkeypatch.setenv("KERAS_BACKEND", "theano")  # dann liegt es daran
    (gefunden,) = arzt.bibliothek("torch", r"\btorch\b")
    assert "KERAS_BACKEND" in gefunden.abhilfe


def test_vorrat(monkeypatch):
    antwort = {
        "daten": {"mnist": "", "wettertage": "csv fehlt"},
        "modelle": {
            "e5": [True, ["demo_a"]],
            "de-en": [False, ["demo_b"]],
            "fr-de": [False, []],
        },
    }
    monkeypatch.setattr(arzt, "frage", lambda was, **_: antwort)
    liste = list(arzt.vorrat())
    einer(liste, GUT, "lesbar: mnist")
    einer(liste, GUT, "bereit: e5")
    daten = einer(liste, FEHLT, "wettertage: csv fehlt")
    assert "uebung_classification_weather" in daten.skripte
    fehlend = einer(liste, FEHLT, "noch nicht vorbereitet: de-en")
    assert fehlend.skripte == ("demo_b",) and fehlend.abhilfe == VORBEREITEN
    assert not any("fr-de" in punkt.satz for punkt in liste), "das braucht niemand"
    monkeypatch.setenv("KURS_QUELLE", "hub")
    einer(arzt.vorrat(), HINWEIS, "noch nicht vorbereitet: de-en")


def test_datensaetze_werden_wirklich_gelesen(umgebung):
    gruende = arzt.daten_und_modelle()["daten"]
    assert {"mnist", "fashion_mnist", "cifar10", "wettertage", "kurs/bewertungen"} <= set(gruende)
    assert not any(gruende.values()), gruende


# --- Der ganze Weg, auf einem Rechner, auf dem noch nichts ist --------------------------------------


def test_arzt_vor_dem_einrichten(tmp_path):
    """Kaputte .venv, LANG=C, kein HOME: Er richtet nichts ein, nennt, was zu tun ist, und endet mit 1."""
    haus = baue_haus(tmp_path / "Mein Kürs")
    falsche_venv(haus)
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
