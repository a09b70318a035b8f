"""Beantwortet: Geht die HTML-Seite genau dann auf, wenn jemand davor sitzt?"""

import webbrowser

from kurs import browser
from kurs.umgebung import PLOT_BACKEND

import pytest


class FalscherBrowser:
    def __init__(self, geht_auf=True):
        self.geht_auf, self.adressen = geht_auf, []

    def open(self, adresse):
        self.adressen.append(adresse)
        return self.geht_auf


@pytest.fixture
def seite(tmp_path, monkeypatch):
    """Eine Seite in einem Ordner mit Umlaut und Leerzeichen; jemand sitzt vor dem Bildschirm."""
    for name in ("CI", "KURS_PROBELAUF", "MPLBACKEND"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(browser, "hat_bildschirm", lambda: True)
    datei = tmp_path / "Mein Kürs" / "seite.html"
    datei.parent.mkdir()
    datei.write_text("<p>Grüße</p>", encoding="utf-8")
    return datei


def nimm(monkeypatch, ersatz):
    monkeypatch.setattr(browser.webbrowser, "get", lambda: ersatz)
    return ersatz


def test_oeffnet_die_datei(seite, monkeypatch, capsys):
    falscher = nimm(monkeypatch, FalscherBrowser())
    browser.zeige(seite)
    assert falscher.adressen == [seite.resolve().as_uri()]
    assert " " not in falscher.adressen[0] and "ü" not in falscher.adressen[0]
    assert capsys.readouterr().out == f"[Seite gespeichert: {seite.resolve()}]\n"


@pytest.mark.parametrize(
    ("name", "wert"),
    [("CI", "true"), ("KURS_PROBELAUF", "1"), ("MPLBACKEND", PLOT_BACKEND), ("MPLBACKEND", "Agg")],
)
def test_ohne_zuschauer_nur_der_pfad(name, wert, seite, monkeypatch, capsys):
    falscher = nimm(monkeypatch, FalscherBrowser())
    monkeypatch.setenv(name, wert)
    browser.zeige(seite)
    assert falscher.adressen == [] and str(seite.resolve()) in capsys.readouterr().out


def test_ohne_bildschirm_nur_der_pfad(seite, monkeypatch):
    falscher = nimm(monkeypatch, FalscherBrowser())
    monkeypatch.setattr(browser, "hat_bildschirm", lambda: False)
    browser.zeige(seite)
    assert falscher.adressen == []


def test_fremdes_plotfenster_zaehlt_als_zuschauer(seite, monkeypatch):
    """PyCharm setzt ein eigenes Backend: Dort soll die Seite aufgehen."""
    falscher = nimm(monkeypatch, FalscherBrowser())
    monkeypatch.setenv("MPLBACKEND", "module://backend_interagg")
    browser.zeige(seite)
    assert len(falscher.adressen) == 1


def test_browser_geht_nicht_auf(seite, monkeypatch, capsys):
    nimm(monkeypatch, FalscherBrowser(geht_auf=False))
    browser.zeige(seite)
    assert "von Hand" in capsys.readouterr().out


def test_textbrowser_wird_nicht_gestartet(seite, monkeypatch, capsys):
    lynx = webbrowser.GenericBrowser("lynx")
    lynx.open = lambda adresse: pytest.fail("ein Textbrowser hielte das Skript an")
    nimm(monkeypatch, lynx)
    browser.zeige(seite)
    assert "von Hand" in capsys.readouterr().out


def test_kein_browser_eingerichtet(seite, monkeypatch, capsys):
    def keiner():
        raise webbrowser.Error("could not locate runnable browser")

    monkeypatch.setattr(browser.webbrowser, "get", keiner)
    browser.zeige(seite)
    assert "kein Browser eingerichtet" in capsys.readouterr().out


def test_datei_fehlt(seite):
    with pytest.raises(FileNotFoundError):
        browser.zeige(seite.with_name("anders.html"))
