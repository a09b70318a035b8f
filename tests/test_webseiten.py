"""Beantwortet: Lassen sich die Übungsseiten wirklich abrufen, und nur sie?"""

import os
import socket
import urllib.error
import urllib.request
from urllib.parse import urlsplit

from kurs import server
from kurs.webseiten import SEITEN, webserver

import pytest
import requests
from conftest import TOTER_PROXY

NAMEN = sorted(seite.name for seite in SEITEN.glob("*.html"))
PROXYNAMEN = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def ohne_proxy(monkeypatch):
    for name in PROXYNAMEN:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def proxy_umgebung() -> dict[str, str]:
    return {name: wert for name, wert in os.environ.items() if name.lower() in PROXYNAMEN}


def test_jede_seite_kommt_byte_fuer_byte_ohne_zeichensatz(capfd):
    """Und in der Konsole erscheint davon nichts, auch nicht von einer abgebrochenen Anfrage."""
    assert len(NAMEN) == 5
    with webserver() as adresse:
        with socket.create_connection(("127.0.0.1", urlsplit(adresse).port)) as halb:
            halb.sendall(b"GET /lexikon_bienen.html HT")
        for name in NAMEN:
            antwort = requests.get(f"{adresse}/{name}?quelle=test", timeout=5)
            assert antwort.status_code == 200 and antwort.headers["Content-Type"] == "text/html"
            assert antwort.content == (SEITEN / name).read_bytes()
        antwort = requests.get(adresse + "/bäckerei.html", timeout=5)
        assert antwort.status_code == 404 and "Diese Seite gibt es nicht" in antwort.text
    assert capfd.readouterr() == ("", "")


def test_der_stolperstein_mit_dem_zeichensatz_ist_echt():
    with webserver() as adresse:
        antwort = requests.get(adresse + "/gemeinde_mueritzwinkel.html", timeout=5)
    assert "MÃ¼ritzwinkel" in antwort.text and "Müritzwinkel" in antwort.content.decode("utf-8")
    with pytest.raises(UnicodeDecodeError):
        (SEITEN / "kochblog.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("pfad", ["/", "/LIESMICH.md", "/%2e%2e/%2e%2e/pyproject.toml"])
def test_nur_die_seiten_selbst_sind_zu_haben(pfad):
    with webserver() as adresse, pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(adresse + pfad)  # requests würde „..“ vorher auflösen


def test_nach_dem_block_ist_alles_zu_auch_nach_einem_fehler():
    with pytest.raises(RuntimeError, match="absichtlich"), webserver() as adresse:
        assert requests.get(adresse + "/kochblog.html", timeout=5).ok
        raise RuntimeError("absichtlich")
    with pytest.raises(requests.ConnectionError):
        requests.get(adresse + "/kochblog.html", timeout=5)


@pytest.mark.parametrize("schreibweise", [str.lower, str.upper])
def test_hinter_einem_proxy(monkeypatch, schreibweise):
    for name in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(schreibweise(name), TOTER_PROXY)
    monkeypatch.setenv(schreibweise("no_proxy"), "intranet.firma.de")
    vorher = proxy_umgebung()
    with webserver() as adresse:
        assert requests.get(adresse + "/kochblog.html", timeout=5).ok
        proxys = requests.utils.get_environ_proxies("http://example.org/")
        assert proxys["http"] == TOTER_PROXY  # für alles andere gilt er weiter
        assert not requests.utils.get_environ_proxies("http://intranet.firma.de/")
    assert proxy_umgebung() == vorher


def test_proxy_aus_den_systemeinstellungen(monkeypatch):
    """So ist es unter Windows und macOS oft; im Block gilt er trotzdem weiter."""
    proxys = {"http": TOTER_PROXY, "https": TOTER_PROXY}
    monkeypatch.setattr(server.urllib.request, "getproxies", proxys.copy)
    with webserver() as adresse:
        assert os.environ["https_proxy"] == TOTER_PROXY
        assert requests.get(adresse + "/kochblog.html", timeout=5).ok
    assert proxy_umgebung() == {}
