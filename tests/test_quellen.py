"""Beantwortet: Kommen MNIST, Fashion-MNIST und CIFAR-10 von der richtigen Quelle, ganz oder gar nicht?

Originale baut sich der Test klein selbst. Das Netz ist ein Proxy auf Loopback: Er antwortet so, wie
Firmen-Proxys es tun.
"""

import contextlib
import gzip
import os
import re
import shutil
import socket
import socketserver
import ssl
import threading
from pathlib import Path
from types import SimpleNamespace

from kurs import bilder, farbbilder, netz, quellen
from kurs.bilder import FASHION_DATEIEN, fashion_mnist, mnist
from kurs.farbbilder import cifar10
from kurs.quellen import KeineQuelle

import numpy as np
import pytest
from hub import Hub
from test_farbbilder import menge, schreibe_archiv, zufallsbilder
from werkzeug.serving import make_ssl_devcert

pytestmark = [
    pytest.mark.usefixtures("umgebung"),
    pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning"),
]


# --- Kleine Originale -----------------------------------------------------------------------------


def kleine_bilder(wert: int = 7) -> bilder.Bilder:
    """20 + 10 Bilder, überall `wert`, an dem man die Quelle wiedererkennt."""
    return tuple(
        (np.full((n, 28, 28), wert, np.uint8), np.arange(n, dtype=np.uint8) % 10) for n in (20, 10)
    )


def schreibe_npz(pfad, wert=7, **anders):
    """Eine mnist.npz; `anders` ersetzt einzelne Felder, None lässt eines weg."""
    (x_train, y_train), (x_test, y_test) = kleine_bilder(wert)
    felder = {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test, **anders}
    pfad.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(pfad, **{name: f for name, f in felder.items() if f is not None})
    return pfad


def als_idx(feld: np.ndarray) -> bytes:
    kopf = bytes([0, 0, 8, feld.ndim]) + b"".join(n.to_bytes(4, "big") for n in feld.shape)
    return kopf + feld.tobytes()


def schreibe_fashion(ordner, wert=7):
    ordner.mkdir(parents=True, exist_ok=True)
    felder = [feld for teil in kleine_bilder(wert) for feld in teil]
    for name, feld in zip(FASHION_DATEIEN, felder, strict=True):
        (ordner / name).write_bytes(gzip.compress(als_idx(feld)))
    return ordner


@pytest.fixture
def orte(monkeypatch, tmp_path):
    """Leerer Zwischenspeicher, leere eigene Kopien, Modus auto, und kein Host antwortet."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setenv("KURS_ORIGINALE", str(tmp_path / "kopien"))
    monkeypatch.setenv("KURS_QUELLE", "auto")
    return SimpleNamespace(keras=tmp_path / "keras" / "datasets", kopien=tmp_path / "kopien")


@pytest.fixture
def host(orte, monkeypatch, tmp_path):
    """Ein Host auf Loopback statt der beiden echten, der alle sechs Dateien hat (Wert 3)."""
    schreibe_npz(tmp_path / "dateien" / "mnist.npz", 3)
    schreibe_fashion(tmp_path / "dateien", 3)
    schreibe_archiv(tmp_path / "dateien" / "cifar.tar.gz", 3)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(netz, "FRIST", 30.0)  # auch ein ausgelasteter Rechner besteht
    monkeypatch.setattr(netz, "STILLE", 30.0)
    with Hub(tmp_path) as hub:
        monkeypatch.setattr(bilder, "KERAS", f"{hub.adresse}/dateien/")
        monkeypatch.setattr(farbbilder, "URL", f"{hub.adresse}/dateien/cifar.tar.gz")
        yield hub


# --- Reihenfolge und die Zeile, die sie erklärt ---------------------------------------------------


DATENSAETZE = {"MNIST": mnist, "Fashion-MNIST": fashion_mnist, "CIFAR-10": cifar10}


@pytest.mark.parametrize("name", DATENSAETZE)
def test_reihenfolge(name, orte, host, capsys):
    """Jede gewinnt, sobald sie da ist: eingebettet < Host < eigene Kopie < Zwischenspeicher."""

    def lade(wert):
        """Die gedruckte Zeile; die Bilder sind die mit diesem Wert."""
        quellen.vergiss()
        (x_train, y_train), (x_test, y_test) = DATENSAETZE[name].load_data()
        soll = zufallsbilder(10, wert)[0] if name == "CIFAR-10" else kleine_bilder(wert)[0][0]
        assert (menge(x_train) == menge(soll)) == (wert > 0)
        assert x_train.shape[1:] == soll.shape[1:] and x_train.dtype == y_train.dtype == np.uint8
        assert len(x_train) == len(y_train) and len(x_test) == len(y_test)
        return capsys.readouterr().out.splitlines()[-1].removeprefix(f"{name}: ")

    def schreibe(ordner, wert):
        schreibe_npz(ordner / "mnist.npz", wert)
        schreibe_fashion(ordner / "fashion-mnist", wert)
        for archiv in ("cifar-10-python.tar.gz", "cifar-10-batches-py-target_archive"):
            schreibe_archiv(ordner / archiv, wert)

    host.stoere("status", code=503)
    assert "eingebettet (127.0.0.1 ist gestört (503))" in lade(0)
    assert quellen.benutzt() == {name: "eingebettet"} and not quellen.originale_benutzt()
    host.stoere()
    netz.vergiss()
    assert lade(3) == "heruntergeladen"
    assert lade(3) == "Zwischenspeicher von Keras"
    shutil.rmtree(orte.keras)
    schreibe(orte.kopien, 4)
    assert lade(4) == "eigene Kopie"
    schreibe(orte.keras, 5)
    assert lade(5) == "Zwischenspeicher von Keras"
    assert quellen.originale_benutzt()


STOERUNGEN = {
    "503": ({"art": "status", "code": 503}, "ist gestört"),
    "403": ({"art": "status", "code": 403}, "verweigert den Zugang"),
    "404": ({"art": "status", "code": 404}, "gibt .* nicht heraus"),
    "Anmeldeseite": ({"art": "anmeldeseite"}, "Anmelde- oder Sperrseite"),
    "schweigt": ({"art": "schweigt"}, "schweigt"),
    "tröpfelt": ({"art": "langsam", "rate": 40}, "zu langsam"),
    "bricht ab": ({"art": "bricht ab", "nach": 20}, "bricht die Übertragung ab"),
}


@pytest.mark.parametrize("name", STOERUNGEN)
def test_gestoerter_host(name, orte, host, monkeypatch, capsys):
    """Eine Zeile mit dem wahren Grund, der Ersatz, und nichts Halbes bleibt liegen."""
    stoerung, grund = STOERUNGEN[name]
    host.stoere(**stoerung)
    if name in ("schweigt", "tröpfelt"):
        monkeypatch.setattr(netz, "FRIST" if name == "schweigt" else "STILLE", 0.6)
    datensatz = {"bricht ab": fashion_mnist, "Anmeldeseite": cifar10}.get(name, mnist)
    assert len(datensatz.load_data()[0][0]) > 100
    zeile = capsys.readouterr().out.splitlines()[-1]
    assert re.search(rf"eingebettet \(.*{grund}", zeile), zeile
    assert not [datei for datei in orte.keras.rglob("*") if datei.is_file()]


def test_gestoert_gilt_auch_fuer_andere_und_andere_prozesse(host, orte, monkeypatch, capsys):
    host.stoere("schweigt")
    monkeypatch.setattr(netz, "FRIST", 1.0)
    mnist.load_data()
    fragen = len(host.anfragen)
    fashion_mnist.load_data()
    monkeypatch.setattr(netz, "_gestoert", {})  # wie im nächsten Prozess
    quellen.vergiss()
    mnist.load_data()
    assert len(host.anfragen) == fragen
    assert "vor Kurzem versucht" in capsys.readouterr().out.splitlines()[-1]
    host.stoere()
    monkeypatch.setattr(netz, "FRIST", 30.0)
    monkeypatch.setenv("KURS_QUELLE", "hub")  # gibt sich nicht mit dem zufrieden, was vorhin war
    monkeypatch.setattr(netz, "_gestoert", {})
    assert mnist.load_data()[0][0][0, 0, 0] == 3
    monkeypatch.setenv("KURS_QUELLE", "auto")
    monkeypatch.setattr(netz, "GEMERKT", -1)
    netz.merke_stoerung(bilder.KERAS, "lange her")
    monkeypatch.setattr(netz, "_gestoert", {})
    shutil.rmtree(orte.keras)
    quellen.vergiss()
    assert mnist.load_data()[0][0][0, 0, 0] == 3


def test_vergifteter_zwischenspeicher_heilt(host, orte, capsys):
    """Eine Sperrseite unter dem Namen der Bilder, wie Keras sie für immer behielte."""
    kaputt = schreibe_fashion(orte.keras / "fashion-mnist", 3) / FASHION_DATEIEN[0]
    kaputt.write_text("<html>Zugriff gesperrt</html>", encoding="utf-8")
    assert (fashion_mnist.load_data()[0][0] == 3).all()
    assert f"heruntergeladen ({kaputt} ist beschädigt" in capsys.readouterr().out
    assert [pfad for _, pfad in host.anfragen if "-idx" in pfad] == [
        f"/dateien/{FASHION_DATEIEN[0]}"
    ] * 2
    quellen.vergiss()
    fashion_mnist.load_data()
    assert capsys.readouterr().out == "Fashion-MNIST: Zwischenspeicher von Keras\n"


def test_unsinn_in_kurs_quelle(orte, monkeypatch):
    monkeypatch.setenv("KURS_QUELLE", "eingebettet")
    with pytest.raises(KeineQuelle, match="Möglich sind: auto, hub, eingebaut"):
        mnist.load_data()


# --- Kaputtes wird genannt und übergangen ---------------------------------------------------------


(X, Y), _ = kleine_bilder()
IDX = als_idx(np.zeros((20, 28, 28), np.uint8))
KAPUTT = {  # wie eine Datei kaputtgeht, die eben noch gut war
    "npz leer": lambda npz: npz.write_bytes(b""),
    "npz ist Text": lambda npz: npz.write_text("<html>Anmeldung am Proxy</html>"),
    "npz ist ein Ordner": lambda npz: (npz.unlink(), npz.mkdir()),
    "npz halb": lambda npz: npz.write_bytes(npz.read_bytes()[:-1]),
    "npz ohne y_test": lambda npz: schreibe_npz(npz, y_test=None),
    "npz mit float": lambda npz: schreibe_npz(npz, x_train=X / 255),
    "npz flach": lambda npz: schreibe_npz(npz, x_train=X.reshape(20, -1)),
    "npz mit zu wenigen Labels": lambda npz: schreibe_npz(npz, y_train=Y[:-1]),
    "npz mit Label 10": lambda npz: schreibe_npz(npz, y_train=Y + 1),
    "npz mit Objekten": lambda npz: schreibe_npz(npz, y_train=np.array([None] * 20, object)),
    "idx leer": lambda idx: idx.write_bytes(b""),
    "idx abgebrochen": lambda idx: idx.write_bytes(gzip.compress(IDX)[:-1]),
    "idx mit halbem Bild": lambda idx: idx.write_bytes(gzip.compress(IDX[:-1])),
    "idx ist keines": lambda idx: idx.write_bytes(gzip.compress(b"\x01" + IDX[1:])),
    "idx mit Labels": lambda idx: idx.write_bytes(gzip.compress(als_idx(np.zeros(20, np.uint8)))),
}


@pytest.mark.parametrize("art", KAPUTT)
def test_kaputtes_im_zwischenspeicher(art, orte, capsys):
    """Es wird mit seinem Pfad genannt, und die nächste Quelle ist dran."""
    for ordner, wert in ((orte.keras, 5), (orte.kopien, 4)):
        schreibe_npz(ordner / "mnist.npz", wert)
        schreibe_fashion(ordner / "fashion-mnist", wert)
    datensatz, datei = mnist, orte.keras / "mnist.npz"
    if art.startswith("idx"):
        datensatz, datei = fashion_mnist, orte.keras / "fashion-mnist"
    KAPUTT[art](datei / FASHION_DATEIEN[0] if datei.is_dir() else datei)
    (x_train, y_train), (x_test, y_test) = datensatz.load_data()
    zeile = capsys.readouterr().out
    assert zeile.startswith(f"{datensatz.name}: eigene Kopie ({datei}") and "übergangen" in zeile
    assert (x_train == 4).all() and len(x_test) == len(y_test) == 10
    assert y_train.tolist() == (np.arange(20) % 10).tolist()


# --- load_data ------------------------------------------------------------------------------------


def test_eingebettete_ziffern_sind_echt_und_ausgewogen(monkeypatch):
    monkeypatch.setenv("KURS_QUELLE", "eingebaut")
    (x_train, y_train), (x_test, y_test) = mnist.load_data()
    assert x_train.shape == (4000, 28, 28) and x_test.shape == (1000, 28, 28)
    assert np.bincount(y_train).tolist() == [400] * 10
    assert np.bincount(y_test).tolist() == [100] * 10
    assert 25 < x_train.mean() < 45 and x_train.max() == 255
    train = {bild.tobytes() for bild in x_train}
    assert not train & {bild.tobytes() for bild in x_test}, "Bilder stehen in beiden Teilen"
    assert (y_train[:-1] != y_train[1:]).mean() > 0.8, "nach Klassen sortiert statt gemischt"


def test_eingebettete_mode():
    (x_train, y_train), (x_test, y_test) = fashion_mnist.load_data()
    assert x_train.shape == (12000, 28, 28) and x_test.shape == (2000, 28, 28)
    assert (
        set(y_train) == set(y_test) == set(range(10)) == set(range(len(fashion_mnist.class_names)))
    )


def test_gelesen_wird_einmal_und_jeder_bekommt_seine_kopie(orte, monkeypatch, capsys):
    schreibe_npz(orte.keras / "mnist.npz")
    (x_train, y_train), _ = mnist.load_data()
    x_train[:] = 0
    y_train[:] = 9
    (nochmal, labels), _ = mnist.load_data()
    assert (nochmal == 7).all() and labels[0] == 0
    assert capsys.readouterr().out.count("MNIST:") == 1
    monkeypatch.setenv("KURS_QUELLE", "eingebaut")  # eine andere Umgebung liest neu
    assert len(mnist.load_data()[0][0]) == 4000
    assert "eingebettet (KURS_QUELLE=eingebaut)" in capsys.readouterr().out


def test_ohne_heimatordner(monkeypatch, tmp_path):
    """Ein Dienstkonto ohne HOME und ohne Eintrag in der Benutzerliste."""
    pwd = pytest.importorskip("pwd", reason="Unter Windows gibt es keine Benutzerliste dieser Art")

    def unbekannt(uid):
        raise KeyError(uid)

    monkeypatch.setattr(pwd, "getpwuid", unbekannt)
    for name in ("HOME", "KERAS_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("KURS_ORIGINALE", "~/kopien")
    monkeypatch.setenv("KURS_QUELLE", "auto")
    assert len(mnist.load_data()[0][0]) == 4000


# --- Ist ein Host erreichbar? ---------------------------------------------------------------------


def selbst_unterschrieben(ordner):
    """Ein Zertifikat, dem niemand traut, wie es ein Firmen-Proxy vorlegt, und sein Schlüssel."""
    datei = ordner / "zertifikat.pem"
    teile = make_ssl_devcert(str(ordner / "einzeln"), host="hub.example")
    datei.write_bytes(b"".join(Path(teil).read_bytes() for teil in teile))
    return datei


@pytest.fixture
def proxy(monkeypatch):
    """Ein Proxy auf Loopback. `antworte` bestimmt, was er tut; `anfragen` sammelt die Köpfe."""

    class Bedienung(socketserver.BaseRequestHandler):
        def handle(self):
            server.anfragen.append(self.request.recv(4096).decode())
            with contextlib.suppress(OSError):
                server.antworte(self.request)

    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Bedienung) as server:
        server.anfragen, server.antworte = [], lambda verbindung: None
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{server.server_address[1]}")
        yield server
        server.shutdown()


JSON = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


def erreichbar(host):
    return netz.stoerung(host) is None


def tunnel(zertifikat):
    def antworte(verbindung):
        verbindung.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        kontext = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        kontext.load_cert_chain(zertifikat)
        tls = kontext.wrap_socket(verbindung, server_side=True)
        tls.recv(4096)
        tls.sendall(JSON)

    return antworte


def test_all_proxy_gilt_auch(proxy, monkeypatch, tmp_path):
    monkeypatch.delenv("HTTPS_PROXY")
    monkeypatch.setenv("ALL_PROXY", f"127.0.0.1:{proxy.server_address[1]}")
    zertifikat = selbst_unterschrieben(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(zertifikat))
    proxy.antworte = tunnel(zertifikat)
    assert erreichbar("hub.example")
    assert proxy.anfragen[0].startswith("CONNECT hub.example:443 ")


@pytest.mark.parametrize(
    "antwort",
    [
        b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n",
        b"HTTP/1.1 200 Connection established\r\n\r\n",  # und dann ist die Leitung tot
        b"Unsinn",
    ],
)
def test_proxy_laesst_nicht_durch(antwort, proxy):
    proxy.antworte = lambda verbindung: verbindung.sendall(antwort)
    assert not erreichbar("hub.example")
    assert proxy.anfragen, "der Proxy wurde nicht gefragt"


@pytest.mark.parametrize("wert", ["http://proxy:port", "::::", "http://127.0.0.1:9"])
def test_unsinn_in_https_proxy(wert, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", wert)
    assert not erreichbar("hub.example")


def test_namensaufloesung_haengt(proxy, monkeypatch):
    """Nach der Wartezeit geht es weiter, auch wenn die Antwort noch aussteht."""
    monkeypatch.setattr(netz, "FRIST", 0.2)
    weiter, hat_gewartet = threading.Event(), []

    def warte(*args, **kwargs):
        weiter.wait(20)
        hat_gewartet.append(True)
        raise OSError("zu spät")

    monkeypatch.setattr(socket, "getaddrinfo", warte)
    assert not erreichbar("hub.example")
    assert not hat_gewartet
    weiter.set()
