"""Beantwortet: Geht die HTML-Seite genau dann auf, wenn jemand davor sitzt?"""

import webbrowser
from types import SimpleNamespace

from kurs import browser
from kurs.kern.umgebung import PLOT_BACKEND

import pytest


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


@pytest.fixture
def geoeffnet(monkeypatch):
    """Die Adressen, die der Browser öffnen soll."""
    adressen = []
    ersatz = SimpleNamespace(open=lambda adresse: adressen.append(adresse) or True)
    monkeypatch.setattr(browser.webbrowser, "get", lambda: ersatz)
    return adressen


@pytest.mark.parametrize(
    ("name", "wert", "geht_auf"),
    [
        ("LANG", "C", True),
        ("CI", "true", False),
        ("KURS_PROBELAUF", "1", False),
        ("MPLBACKEND", PLOT_BACKEND, False),
        ("MPLBACKEND", "module://backend_interagg", True),  # PyCharm: Dort sieht jemand zu
        ("bildschirm", "nein", False),
    ],
)
def test_nur_wo_jemand_zusieht(name, wert, geht_auf, seite, geoeffnet, monkeypatch, capsys):
    monkeypatch.setenv(name, wert)
    if name == "bildschirm":
        monkeypatch.setattr(browser, "hat_bildschirm", lambda: False)
    browser.zeige(seite)
    assert geoeffnet == [seite.resolve().as_uri()] * geht_auf
    assert capsys.readouterr().out == f"[Seite gespeichert: {seite.resolve()}]\n"


def test_keiner_geht_auf(seite, monkeypatch, capsys):
    def keiner():
        raise webbrowser.Error("could not locate runnable browser")

    lynx = webbrowser.GenericBrowser("lynx")
    lynx.open = lambda adresse: pytest.fail("ein Textbrowser hielte das Skript an")
    for ersatz in (lambda: lynx, keiner):
        monkeypatch.setattr(browser.webbrowser, "get", ersatz)
        browser.zeige(seite)
        assert "öffne die Datei von Hand" in capsys.readouterr().out
