"""Beantwortet: Hält der Ziffern-Dienst im Betrieb? Echtes uvicorn, echte Registry, echter Browser."""

import contextlib
import io
import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
import threading
import zlib
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

from kurs import server
from kurs.bilder import mnist
from kurs.kern.pfade import WURZEL

import chromium
import numpy as np
import psutil
import pytest
import requests
import yaml
from conftest import LANGE, warte_auf
from PIL import Image, ImageDraw
from prometheus_client.parser import text_string_to_metric_families

ORDNER = WURZEL / "MLOps_und_Deployment"
sys.path.insert(0, str(ORDNER))
DIENST = [sys.executable, "-m", "dienst", "--mit-eltern"]


def bogen(x, y, rx, ry, von, bis, punkte=16):
    winkel = np.radians(np.linspace(von, bis, punkte))
    return [(x + rx * np.cos(w), y + ry * np.sin(w)) for w in winkel]


# Je Ziffer zwei Schreibweisen; eine besteht aus Strichen, ein Strich aus Punkten in 0–100.
STRICHE = {
    0: [[bogen(50, 50, 28, 40, -90, 270, 24)], [bogen(50, 50, 20, 42, -70, 290, 24)]],
    1: [[[(50, 10), (50, 90)]], [[(35, 30), (52, 10), (50, 90)]]],
    2: [
        [[*bogen(50, 32, 25, 22, 180, 400, 14), (28, 88), (76, 88)]],
        [[(28, 30), (38, 14), (58, 12), (70, 26), (62, 46), (28, 86), (50, 84), (76, 88)]],
    ],
    3: [
        [bogen(47, 30, 22, 20, 200, 450, 14) + bogen(47, 70, 26, 20, -90, 160, 14)],
        [[(28, 14), (70, 14), (46, 42), (66, 52), (70, 72), (52, 90), (28, 84)]],
    ],
    4: [
        [[(58, 10), (22, 62), (80, 62)], [(62, 38), (60, 92)]],
        [[(30, 12), (28, 52), (72, 52)], [(68, 14), (66, 92)]],
    ],
    5: [
        [[(72, 12), (34, 12), (31, 46), (52, 40), (72, 54), (70, 78), (50, 90), (28, 82)]],
        [[(32, 12), (30, 46), *bogen(46, 66, 24, 22, -110, 140, 14)], [(32, 12), (72, 12)]],
    ],
    6: [
        [[(62, 10), (38, 40), (30, 66), *bogen(50, 68, 20, 20, 180, -180, 20)]],
        [[(56, 8), (36, 36), (28, 68), (42, 88), (64, 84), (70, 66), (54, 54), (34, 66)]],
    ],
    7: [[[(24, 14), (76, 14), (44, 90)]], [[(24, 16), (74, 14), (46, 90)], [(38, 52), (68, 52)]]],
    8: [
        [bogen(50, 30, 20, 20, 90, -270, 20) + bogen(50, 70, 24, 20, -90, 270, 20)],
        [
            [(66, 20), (48, 10), (34, 24), (46, 44), (66, 62), (62, 84), (42, 90), (32, 74)]
            + [(50, 50), (66, 34), (66, 20)]
        ],
    ],
    9: [
        [[*bogen(48, 32, 20, 20, 0, -360, 20), (68, 32), (64, 60), (56, 90)]],
        [[(66, 26), (48, 12), (32, 26), (40, 46), (60, 44), (66, 26), (66, 90)]],
    ],
}


def gezeichnet(ziffer, fassung=0, groesse=220, links=30, oben=30, dicke=18, flaeche=280):
    """Die Ziffer als dunkle Striche auf weißem Grund."""
    bild = Image.new("L", (flaeche, flaeche), 255)
    stift = ImageDraw.Draw(bild)
    for strich in STRICHE[ziffer][fassung]:
        punkte = [(links + x * groesse / 100, oben + y * groesse / 100) for x, y in strich]
        stift.line(punkte, fill=0, width=dicke, joint="curve")
        for x, y in punkte:
            stift.ellipse((x - dicke / 2, y - dicke / 2, x + dicke / 2, y + dicke / 2), fill=0)
    return bild


def als_datei(bild, art="PNG", **angaben):
    bild.save(puffer := io.BytesIO(), art, **angaben)
    return puffer.getvalue()


@pytest.fixture(scope="module")
def registry(tmp_path_factory):
    """Eine Registry mit zwei guten Versionen (1, 2), einer für flache Bilder (3) und einer ohne softmax (4)."""
    import keras
    import mlflow
    import ziffern

    keras.config.disable_interactive_logging()
    ordner = tmp_path_factory.mktemp("mein wörk")
    client = ziffern.open_registry(ordner)
    (x, y), _ = mnist.load_data()
    x = (x / 255).astype("float32")
    modell = ziffern.train(x, y, 3, 42)
    flach = keras.Sequential([keras.Input(shape=(784,)), keras.layers.Dense(10, "softmax")])
    roh = keras.Sequential([keras.Input((28, 28)), keras.layers.Flatten(), keras.layers.Dense(10)])
    versionen = [ziffern.register(modell, x[:2]), ziffern.register(modell, x[:2])]
    versionen.append(ziffern.register(flach, x[:2].reshape(2, 784)))
    versionen.append(ziffern.register(roh, x[:2]))
    assert versionen == ["1", "2", "3", "4"]
    client.set_registered_model_alias("ziffern", "champion", "1")
    adresse = f"sqlite:///{(ordner / 'mlflow.db').as_posix()}"

    def champion(version):
        client.set_registered_model_alias("ziffern", "champion", version)

    yield SimpleNamespace(client=client, champion=champion, adresse=adresse, ordner=ordner)
    keras.config.enable_interactive_logging()
    mlflow.set_tracking_uri(None)


@pytest.fixture(scope="module")
def dienst(registry):
    """Die Adresse des Dienstes, als eigener Prozess mit dieser Registry."""
    umgebung = {"MLFLOW_TRACKING_URI": registry.adresse, "POLL_SECONDS": "0.2"}
    protokoll = registry.ordner / "dienst.txt"
    with server.prozess(DIENST, "/health", protokoll, LANGE, umgebung, ORDNER) as adresse:
        yield adresse
    assert "Traceback" not in protokoll.read_text(encoding="utf-8", errors="replace")


def sende(dienst, daten, name="bild.png"):
    return requests.post(f"{dienst}/predict", files={"file": (name, daten)}, timeout=60)


def zustand(dienst):
    return requests.get(f"{dienst}/health", timeout=30).json()


# --- Bild: wie in MNIST ---------------------------------------------------------------------------


def test_mnist_bleibt_fast_wie_es_ist():
    from dienst.bild import normalize

    _, (x_test, _) = mnist.load_data()
    abstand = [
        np.abs(normalize(bild.astype("float32")) - bild / 255).mean() for bild in x_test[:200]
    ]
    assert np.mean(np.array(abstand) < 0.01) > 0.95, (
        "Ein Bild aus MNIST ist schon zentriert und skaliert"
    )


@pytest.mark.parametrize("invertiert", [False, True])
def test_ort_groesse_und_farbe_sind_egal(invertiert):
    from dienst.bild import normalize

    def normal(**angaben):
        grau = np.asarray(gezeichnet(4, **angaben), dtype="float32")
        return normalize(255 - grau if invertiert else grau)

    vorbild = normal()
    for anders in (
        {"links": 55, "oben": 5},
        {"groesse": 440, "links": 100, "oben": 20, "dicke": 36, "flaeche": 600},
    ):
        assert np.abs(normal(**anders) - vorbild).max() < 0.35
        assert np.abs(normal(**anders) - vorbild).mean() < 0.02
    zeilen, spalten = np.nonzero(vorbild)
    assert max(np.ptp(zeilen), np.ptp(spalten)) + 1 == 20
    gewicht = vorbild.sum()
    assert abs((vorbild.sum(axis=1) * np.arange(28)).sum() / gewicht - 14) <= 0.6


def test_gezeichnete_ziffern_werden_erkannt(dienst):
    """Alle zehn, je zwei Schreibweisen; groß, klein in der Ecke, dünn."""
    falsch = []
    for ziffer, fassungen in STRICHE.items():
        for fassung in range(len(fassungen)):
            for lage in (
                {},
                {"groesse": 120, "links": 10, "oben": 140, "dicke": 14},
                {"groesse": 180, "links": 60, "oben": 50, "dicke": 7},
            ):
                antwort = sende(dienst, als_datei(gezeichnet(ziffer, fassung, **lage))).json()
                if antwort["digit"] != ziffer:
                    falsch.append((ziffer, fassung, lage, antwort["digit"]))
    assert len(falsch) <= 1, f"falsch erkannt: {falsch}"


def foto():
    """Ein Handyfoto: groß, hochkant mit Drehvermerk, rauschendes graues Papier."""
    bild = gezeichnet(5, groesse=900, links=400, oben=200, dicke=70, flaeche=1600)
    rauschen = np.random.default_rng(0).normal(0, 4, (1600, 1600))
    grau = np.clip(np.asarray(bild) * 0.55 + 60 + rauschen, 0, 255).astype("uint8")
    gedreht = Image.fromarray(grau).rotate(90)  # der Vermerk dreht zurück
    exif = Image.Exif()
    exif[0x0112] = 6  # „um 90° im Uhrzeigersinn gedreht anzeigen“
    return als_datei(gedreht.convert("RGB"), "JPEG", exif=exif)


def durchsichtig():
    bild = Image.new("RGBA", (280, 280), (0, 0, 0, 0))
    bild.putalpha(Image.eval(gezeichnet(5), lambda wert: 255 - wert))
    return als_datei(bild)


@pytest.mark.parametrize(
    "daten",
    [
        lambda: als_datei(gezeichnet(5)),
        lambda: als_datei(gezeichnet(5), "JPEG", quality=60),
        lambda: als_datei(Image.eval(gezeichnet(5), lambda wert: 255 - wert)),
        lambda: als_datei(gezeichnet(5).convert("1")),
        lambda: als_datei(gezeichnet(5).convert("P")),
        lambda: als_datei(Image.fromarray(np.asarray(gezeichnet(5)).astype("uint16") * 257)),
        lambda: als_datei(gezeichnet(5).resize((40, 40))),
        lambda: als_datei(
            gezeichnet(5, groesse=3000, links=800, oben=300, dicke=250, flaeche=4500)
        ),
        durchsichtig,
        foto,
    ],
    ids=[
        "png",
        "jpeg",
        "hell_auf_dunkel",
        "1bit",
        "palette",
        "16bit",
        "klein",
        "gross",
        "durchsichtig",
        "foto",
    ],
)
def test_bildarten(daten, dienst):
    antwort = sende(dienst, daten())
    assert antwort.status_code == 200 and antwort.json()["digit"] == 5


def test_drei_wege_zum_selben_ergebnis(dienst):
    png = als_datei(gezeichnet(3))
    formular = sende(dienst, png).json()
    roh = requests.post(
        f"{dienst}/predict?seen=true", data=png, headers={"Content-Type": "image/png"}, timeout=60
    ).json()
    als_json = requests.post(f"{dienst}/predict", json={"pixels": roh["seen"]}, timeout=60).json()
    assert formular["digit"] == roh["digit"] == als_json["digit"] == 3
    np.testing.assert_allclose(formular["probabilities"], roh["probabilities"], atol=1e-5)
    np.testing.assert_allclose(formular["probabilities"], als_json["probabilities"], atol=0.05)
    assert sum(formular["probabilities"]) == pytest.approx(1, abs=1e-4)
    assert formular["seen"] is None and np.shape(roh["seen"]) == (28, 28)


# --- Schlechte Eingaben ---------------------------------------------------------------------------


def bombe(art):
    """10.000 × 10.000 Pixel in einer kleinen Datei."""
    return als_datei(Image.new("1" if art == "PNG" else "L", (10_000, 10_000)), art)


def png_aus_stuecken(anzahl):
    """Ein PNG mit vielen leeren Textstücken: wenige Bytes, viel Arbeit."""
    kopf, rest = als_datei(gezeichnet(1))[:33], als_datei(gezeichnet(1))[33:]
    stueck = b"tEXt" + b"a\0"
    stueck = len(stueck[4:]).to_bytes(4, "big") + stueck + zlib.crc32(stueck).to_bytes(4, "big")
    return kopf + stueck * anzahl + rest


NULLEN = [[0] * 28] * 28
SCHLECHT = {
    "kein_bild": ({"files": {"file": b"das ist Text"}}, 415, "kein lesbares"),
    "gif": (
        {"files": {"file": lambda: als_datei(gezeichnet(1), "GIF")}},
        415,
        "PNG- oder JPEG",
    ),
    "abgeschnitten": (
        {"files": {"file": lambda: als_datei(gezeichnet(1))[:300]}},
        422,
        "beschädigt",
    ),
    "jpeg_abgeschnitten": (
        {"files": {"file": lambda: als_datei(gezeichnet(1), "JPEG")[:800]}},
        422,
        "beschädigt",
    ),
    "png_bombe": ({"files": {"file": lambda: bombe("PNG")}}, 413, "10000 × 10000"),
    "jpeg_bombe": ({"files": {"file": lambda: bombe("JPEG")}}, 413, "10000 × 10000"),
    "20_mb": ({"files": {"file": lambda: bytes(20_000_000)}}, 413, "zu groß"),
    "json_zu_gross": (
        {"data": lambda: b"[" * 200_000, "headers": {"Content-Type": "application/json"}},
        413,
        "erlaubt sind 100 kB",
    ),
    "viele_stuecke": ({"files": {"file": lambda: png_aus_stuecken(5_000)}}, 413, "Stücken"),
    "viele_felder": (
        {"files": {"file": b"a"}, "data": {f"feld{n}": "" for n in range(9)}},
        400,
        "zu viele Felder",
    ),
    "zwei_dateien": ({"files": {"file": b"a", "noch": ("b", b"b")}}, 400, "zu viele Felder"),
    "seen_ja": ({"params": {"seen": "ja"}, "json": {}}, 422, "true oder false"),
    "leere_datei": ({"files": {"file": ("leer.png", b"")}}, 422, "leer"),
    "leer": ({"data": b""}, 422, "leer"),
    "falscher_typ": (
        {"data": "ziffer=3", "headers": {"Content-Type": "text/plain"}},
        415,
        "text/plain",
    ),
    "falsches_feld": ({"files": {"bild": b"abc"}}, 422, "Feld „file“"),
    "text_statt_datei": (
        {"files": {"anderes": ("a", b"b")}, "data": {"file": "drei"}},
        422,
        "Feld „file“",
    ),
    "kaputtes_formular": (
        {"data": b"--x\r\nquatsch", "headers": {"Content-Type": "multipart/form-data; boundary=y"}},
        400,
        "Formular",
    ),
    "kein_json": ({"data": "{", "headers": {"Content-Type": "application/json"}}, 400, "JSON"),
    "tiefes_json": (
        {"data": b"[" * 90_000, "headers": {"Content-Type": "application/json"}},
        400,
        "JSON",
    ),
    "json_form": ({"json": {"pixels": [[1, 2], [3, 4]]}}, 422, "28 Zeilen"),
    "json_text": ({"json": {"pixels": [["a"] * 28] * 28}}, 422, "28 Zeilen"),
    "json_bereich": ({"json": {"pixels": [[-1] + [0] * 27, *NULLEN[1:]]}}, 422, "0 bis 255"),
    "json_nan": (
        {
            "data": json.dumps({"pixels": [[float("nan")] * 28] * 28}),
            "headers": {"Content-Type": "application/json"},
        },
        422,
        "28 Zeilen",
    ),
    "json_woerter": ({"json": {"pixels": [["12"] * 28] * 28}}, 422, "28 Zeilen"),
    "json_wahr": ({"json": {"pixels": [[True] * 28] * 28}}, 422, "28 Zeilen"),
    "json_leer": ({"json": {"pixels": NULLEN}}, 422, "nichts zu sehen"),
    "weisses_bild": (
        {"files": {"file": lambda: als_datei(Image.new("L", (280, 280), 255))}},
        422,
        "nichts zu sehen",
    ),
    "schmal": (
        {"files": {"file": lambda: als_datei(Image.new("L", (5, 30_000)))}},
        422,
        "5 × 30000",
    ),
    "ein_pixel": (
        {"files": {"file": lambda: als_datei(Image.new("L", (1, 1)))}},
        422,
        "zu klein",
    ),
}


@pytest.mark.parametrize("fall", SCHLECHT)
def test_schlechte_eingabe(fall, dienst):
    anfrage, status, grund = SCHLECHT[fall]

    def wert(etwas):
        if isinstance(etwas, dict):
            return {name: wert(inhalt) for name, inhalt in etwas.items()}
        return etwas() if callable(etwas) else etwas

    antwort = requests.post(f"{dienst}/predict", timeout=120, **wert(anfrage))
    assert (antwort.status_code, grund in antwort.json()["detail"]) == (status, True), antwort.text
    assert sende(dienst, als_datei(gezeichnet(7))).json()["digit"] == 7, "der Dienst lebt weiter"


def test_abgebrochene_uebertragung(dienst):
    """Jemand kündigt 1 MB an, schickt 10 Bytes und legt auf."""
    ziel = urlsplit(dienst)
    with socket.create_connection((ziel.hostname, ziel.port), timeout=10) as verbindung:
        verbindung.sendall(
            b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\n"
            b"Content-Length: 1000000\r\n\r\n0123456789"
        )
    assert sende(dienst, als_datei(gezeichnet(7))).json()["digit"] == 7


def test_unbekannte_adresse_und_methode(dienst):
    for methode, pfad, status in (("GET", "/gibtsnicht", 404), ("GET", "/predict", 405)):
        antwort = requests.request(methode, dienst + pfad, timeout=30)
        assert antwort.status_code == status and "/docs" in antwort.json()["detail"]


# --- Übersicht, Zustand, Messwerte ----------------------------------------------------------------


def test_docs_ohne_fremde_adressen(dienst):
    for pfad in ("/", "/docs"):
        antwort = requests.get(dienst + pfad, timeout=30)
        assert antwort.status_code == 200
        assert not re.findall(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}", antwort.text)
        assert "default-src 'self'" in antwort.headers["Content-Security-Policy"]
        kopf = requests.head(dienst + pfad, timeout=30)
        assert (kopf.status_code, kopf.content) == (200, b"")


@pytest.mark.skipif(not find_spec("schemathesis"), reason="schemathesis ist nicht installiert")
def test_die_schnittstelle_haelt_was_sie_beschreibt(dienst):
    """Schemathesis denkt sich Anfragen aus und vergleicht die Antworten mit openapi.json."""
    befehl = [sys.executable, "-m", "schemathesis.cli", "run", f"{dienst}/openapi.json"]
    # Was ein PNG ist, kann JSON Schema nicht sagen: Die meisten „gültigen“ Dateien sind keine Bilder.
    befehl += [
        "--exclude-checks",
        "positive_data_acceptance",
        "--max-examples",
        "12",
        "--seed",
        "1",
    ]
    lauf = subprocess.run(befehl, capture_output=True, encoding="utf-8", check=False)
    assert lauf.returncode == 0, lauf.stdout[-3000:] + lauf.stderr[-1000:]


def messwerte(dienst):
    antwort = requests.get(f"{dienst}/metrics", timeout=30)
    assert antwort.headers["Content-Type"].startswith("text/plain")
    familien = text_string_to_metric_families(antwort.text)
    return {
        (wert.name, *sorted(wert.labels.items())): wert.value
        for f in familien
        for wert in f.samples
    }


def test_messwerte_zaehlen_mit(dienst):
    sende(dienst, b"kein Bild")
    vorher = messwerte(dienst)
    for _ in range(3):
        sende(dienst, als_datei(gezeichnet(6)))
    sende(dienst, b"kein Bild")
    nachher = messwerte(dienst)

    def mehr(name):
        return nachher[name] - vorher.get(name, 0)

    version = zustand(dienst)["version"]
    assert mehr(("ziffern_requests_total", ("status", "200"))) == 3
    assert mehr(("ziffern_requests_total", ("status", "415"))) == 1
    assert mehr(("ziffern_predictions_total", ("digit", "6"), ("version", version))) == 3
    assert mehr(("ziffern_request_seconds_count",)) == 4
    assert nachher[
        "ziffern_model_info", ("model", "models:/ziffern@champion"), ("version", version)
    ]


# --- Neue Champions -------------------------------------------------------------------------------


def test_wechsel_unter_last_verliert_nichts(dienst, registry):
    registry.champion("1")
    assert warte_auf(lambda: zustand(dienst)["version"] == "1")
    antworten, ende = [], threading.Event()
    png = als_datei(gezeichnet(2))

    def besucher():
        with requests.Session() as sitzung:
            while not ende.is_set():
                antwort = sitzung.post(f"{dienst}/predict", files={"file": png}, timeout=60)
                antworten.append((antwort.status_code, antwort.json().get("version")))

    faeden = [threading.Thread(target=besucher) for _ in range(8)]
    for faden in faeden:
        faden.start()
    for version in ("2", "1", "2"):
        registry.champion(version)
        assert warte_auf(lambda v=version: antworten and antworten[-1][1] == v)
    ende.set()
    for faden in faeden:
        faden.join()
    assert {status for status, _ in antworten} == {200}
    assert {version for _, version in antworten} == {"1", "2"}


@pytest.mark.parametrize(("version", "grund"), [("3", "erwartet (784,)"), ("4", "softmax")])
def test_unbrauchbare_version_wird_nicht_uebernommen(version, grund, dienst, registry):
    vorher = zustand(dienst)["version"]
    registry.champion(version)
    assert warte_auf(lambda: zustand(dienst)["refused"] == version)
    stand = zustand(dienst)
    assert (stand["version"], stand["status"]) == (vorher, "ok") and grund in stand["problem"]
    assert sende(dienst, als_datei(gezeichnet(0))).json()["version"] == vorher
    registry.champion(vorher)
    assert warte_auf(lambda: zustand(dienst)["problem"] is None)


def test_eine_abgelehnte_version_bekommt_eine_zweite_gelegenheit(monkeypatch):
    """Wenn der Alias wiederkommt, und sonst nach einer Weile; nicht bei jedem Nachsehen."""
    from dienst import vorhersage
    from dienst.annahme import Metrics

    gewuenscht, kaputt, geladen, zeit = ["1"], {"2"}, [], [0.0]

    def lade(uri, nummer):
        geladen.append(nummer)
        if nummer in kaputt:
            raise OSError("Datei fehlt in /geheim/ordner")
        return vorhersage.Version(nummer, None, 0.0)

    champion = vorhersage.Champion("models:/x@y", Metrics())
    monkeypatch.setattr(vorhersage, "load", lade)
    monkeypatch.setattr(vorhersage.time, "monotonic", lambda: zeit[0])
    monkeypatch.setattr(champion, "_wanted", lambda: (gewuenscht[0], "uri"))
    for wunsch, kaputte, sekunde, antwortet, versuche in (
        ("1", {"2"}, 0, "1", ["1"]),
        ("2", {"2"}, 1, "1", ["1", "2"]),
        ("2", {"2"}, 2, "1", ["1", "2"]),  # nicht bei jedem Nachsehen
        ("2", {"2"}, 100, "1", ["1", "2", "2"]),  # aber nach einer Weile
        ("1", {"2"}, 101, "1", ["1", "2", "2"]),
        ("2", set(), 102, "2", ["1", "2", "2", "2"]),  # der Alias kommt wieder: gleich
    ):
        gewuenscht[0], kaputt, zeit[0] = wunsch, kaputte, sekunde
        champion.refresh()
        assert (champion.current.number, geladen) == (antwortet, versuche)
        assert (champion.refused is None) == (champion.problem is None)
        assert "/geheim" not in (champion.problem or "")


def test_fehlende_datenbank_wird_genannt_und_nicht_angelegt(tmp_path):
    from dienst.app import create_app

    datei = tmp_path / "vertippt.db"
    app = create_app(tracking_uri=f"sqlite:///{datei.as_posix()}")
    with server.im_hintergrund(app) as adresse:
        stand = zustand(adresse)
    assert stand["problem"] == "Die Registry antwortet nicht." and not datei.exists()


def test_ohne_champion_und_sobald_es_einen_gibt(registry):
    """In diesem Prozess: Der Dienst startet auch mit leerer Registry und sagt es."""
    from dienst.app import create_app

    registry.client.delete_registered_model_alias("ziffern", "champion")
    with server.im_hintergrund(
        create_app(tracking_uri=registry.adresse, poll_seconds=0.1)
    ) as adresse:
        antwort = requests.get(f"{adresse}/health", timeout=30)
        assert antwort.status_code == 503 and antwort.json()["status"] == "kein Modell"
        antwort = sende(adresse, als_datei(gezeichnet(1)))
        assert antwort.status_code == 503 and "Retry-After" in antwort.headers
        registry.champion("1")
        assert warte_auf(lambda: zustand(adresse)["status"] == "ok")
        assert sende(adresse, als_datei(gezeichnet(1))).json()["digit"] == 1


# --- Angriffe: Ein ehrlicher Besucher bekommt derweil seine Antwort --------------------------------

# Der Dienst mit 256 Dateien und zwei Sekunden je Anfrage, sonst wie `python -m dienst`
BEENGT = """
import resource, runpy, sys
from dienst import annahme
resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))
annahme.REQUEST_SECONDS = 2
sys.argv[0] = "dienst"
runpy.run_module("dienst", run_name="__main__", alter_sys=False)
"""


def ehrlich(dienst):
    antwort = sende(dienst, als_datei(gezeichnet(7)))
    assert (antwort.status_code, antwort.json().get("digit")) == (200, 7), antwort.text


@pytest.mark.skipif(os.name == "nt", reason="Windows kennt keine Grenze für offene Dateien")
def test_untaetige_und_langsame_verbindungen(registry):
    umgebung = {"MLFLOW_TRACKING_URI": registry.adresse}
    protokoll = registry.ordner / "beengt.txt"
    befehl = [sys.executable, "-c", BEENGT, "--mit-eltern"]
    kopf = (
        b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\nContent-Length: 9999\r\n"
    )
    with server.prozess(befehl, "/health", protokoll, LANGE, umgebung, ORDNER) as adresse:
        ziel = (urlsplit(adresse).hostname, urlsplit(adresse).port)
        offen = [socket.create_connection(ziel, timeout=30) for _ in range(300)]
        for nummer, verbindung in enumerate(offen):
            with contextlib.suppress(OSError):  # der Dienst darf sie schon geschlossen haben
                verbindung.sendall((b"", kopf, kopf + b"\r\nabc")[nummer % 3])
        for _ in range(5):
            ehrlich(adresse)
        for verbindung in offen:  # keine bleibt ewig offen
            with contextlib.suppress(ConnectionResetError):
                while verbindung.recv(1000):  # am Ende nichts mehr: geschlossen
                    pass
            verbindung.close()
        ehrlich(adresse)
    assert len(protokoll.read_text(encoding="utf-8").splitlines()) < 20, "das Protokoll läuft voll"


def test_viele_grosse_bilder_halten_niemanden_auf(dienst):
    """Kleine Dateien, viele Pixel: Die Schlange ist kurz, und wer nicht hineinpasst, erfährt es."""
    grosses = als_datei(Image.new("L", (5_400, 5_400), 255))
    antworten = []
    faeden = [
        threading.Thread(target=lambda: antworten.append(sende(dienst, grosses))) for _ in range(24)
    ]
    for faden in faeden:
        faden.start()
    for _ in range(5):
        ehrlich(dienst)
    for faden in faeden:
        faden.join()
    assert {antwort.status_code for antwort in antworten} == {422, 503}
    voll = next(antwort for antwort in antworten if antwort.status_code == 503)
    assert "überlastet" in voll.json()["detail"] and voll.headers["Retry-After"]


def test_viele_grosse_koerper_zugleich(dienst):
    """Mehr als acht große Anfragen nimmt er nicht zugleich an; kleine kommen durch."""
    ziel = (urlsplit(dienst).hostname, urlsplit(dienst).port)
    kopf = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\nContent-Length: 900000\r\n\r\n"
    offen = [socket.create_connection(ziel, timeout=30) for _ in range(12)]
    for verbindung in offen:
        verbindung.sendall(kopf + bytes(300_000))
    ehrlich(dienst)
    assert warte_auf(lambda: len(select.select(offen, [], [], 1)[0]) == 4)
    for verbindung in select.select(offen, [], [], 1)[0]:
        assert b" 503 " in verbindung.recv(1000)
    for verbindung in offen:
        verbindung.close()
    ehrlich(dienst)


def test_falsche_pixel_zaehlen_nur_bis_zum_ersten_fehler():
    """Sonst sammelt pydantic zu jeder falschen Zeile einen Fehler: Millionen in einer Anfrage."""
    from dienst.app import Pixels
    from pydantic import ValidationError

    for falsch in ([[]] * 28, [[1]] * 20_000, [["a"] * 28] * 28):
        with pytest.raises(ValidationError) as fehler:
            Pixels.model_validate({"pixels": falsch})
        assert fehler.value.error_count() == 1


def test_ein_bild_sprengt_nur_sich_selbst():
    """Scheitert das Modell an einem Bild des Bündels, bekommen die anderen ihre Antwort."""
    import asyncio

    from dienst.vorhersage import Batcher, Version

    gesehen = []

    def predict(images):
        gesehen.append(len(images))
        if (images[:, 0, 0] == 7).any():
            raise ValueError("Die 7 mag ich nicht")
        return images[:, 0, :10]

    async def ablauf():
        batcher, version = Batcher(), Version("1", predict, 0.0)
        bilder = [np.full((28, 28), wert, "float32") for wert in range(12)]
        fragen = [asyncio.create_task(batcher.predict(version, bild)) for bild in bilder]
        schleife = asyncio.create_task(batcher.run())
        antworten = await asyncio.gather(*fragen, return_exceptions=True)
        schleife.cancel()
        return antworten

    antworten = asyncio.run(ablauf())
    assert isinstance(antworten.pop(7), ValueError)
    assert [int(werte[0]) for werte in antworten] == [0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11]
    assert gesehen[0] == 12, "wer zugleich wartet, wird zusammen gerechnet"


# --- Prozesse: starten und enden ------------------------------------------------------------------


def test_app_im_hintergrund_endet_mit_dem_block():
    from fastapi import FastAPI

    app = FastAPI()

    @app.get("/")
    def gruss():
        return "hallo"

    with server.im_hintergrund(app) as adresse:
        assert requests.get(adresse, timeout=10).json() == "hallo"
    with pytest.raises(requests.ConnectionError):
        requests.get(adresse, timeout=5)


ECHO = """
import sys, http.server, subprocess
if "kind" in sys.argv: subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print("grüße", flush=True)
if "kaputt" in sys.argv: sys.exit("Etwas fehlt")
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[-1])), http.server.SimpleHTTPRequestHandler).serve_forever()
"""


def test_prozess_endet_mit_seinen_kindern(tmp_path):
    befehl = [sys.executable, "-c", ECHO, "kind"]
    fremde = set(psutil.Process().children(recursive=True))  # etwa Server anderer Tests
    with server.prozess(befehl, "/", tmp_path / "p.txt", LANGE, ordner=tmp_path) as adresse:
        assert requests.get(adresse, timeout=10).status_code == 200
        kinder = set(psutil.Process().children(recursive=True)) - fremde
        assert len(kinder) >= 2
    assert warte_auf(lambda: not any(map(server.laeuft, kinder)), 20)
    assert "grüße" in (tmp_path / "p.txt").read_text(encoding="utf-8")


def test_prozess_der_nicht_startet_nennt_den_grund(tmp_path):
    befehl = [sys.executable, "-c", ECHO, "kaputt"]
    with (
        pytest.raises(server.ServerStartetNicht, match="endete mit Code 1") as fehler,
        server.prozess(befehl, "/", tmp_path / "p.txt", LANGE),
    ):
        pass
    assert "Etwas fehlt" in str(fehler.value)


@pytest.mark.skipif(os.name == "nt", reason="Strg+C lässt sich unter Windows nicht so schicken")
@pytest.mark.parametrize("bereit", [False, True], ids=["beim_laden", "im_betrieb"])
def test_strg_c_ist_eine_zeile(bereit, registry):
    with subprocess.Popen(
        [sys.executable, "-m", "dienst", "--port", str(server.freier_port())],
        cwd=ORDNER,
        env={**os.environ, "MLFLOW_TRACKING_URI": registry.adresse, "PYTHONUTF8": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,  # dort meldet sich TensorFlow, wenn es geladen wird
        encoding="utf-8",
    ) as lauf:
        zeilen = [lauf.stdout.readline()]
        if bereit:
            zeilen.append(lauf.stdout.readline())
            ehrlich(zeilen[-1].split()[0])
        lauf.send_signal(signal.SIGINT)
        rest, meldungen = lauf.communicate()
    assert lauf.returncode == 0 and len(rest.splitlines()) <= 1, rest
    assert "startet" in zeilen[0] and "Traceback" not in meldungen


@pytest.mark.parametrize("wert", ["abc", "-5", "0"])
def test_unsinnige_sekunden_nennt_er_beim_start(wert):
    lauf = subprocess.run(
        [sys.executable, "-m", "dienst"],
        cwd=ORDNER,
        env={**os.environ, "POLL_SECONDS": wert, "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert lauf.returncode == 2 and f"POLL_SECONDS={wert}" in lauf.stderr
    assert "Traceback" not in lauf.stderr


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL gibt es nur unter POSIX")
def test_dienst_endet_wenn_sein_starter_abgeschossen_wird(tmp_path, registry):
    starter = (
        "import sys, time; from pathlib import Path; from kurs import server\n"
        f"with server.prozess({DIENST!r}, '/health', Path({str(tmp_path / 'd.txt')!r}), {LANGE}, "
        f"{{'MLFLOW_TRACKING_URI': {registry.adresse!r}}}, Path({str(ORDNER)!r})) as adresse:\n"
        "    print(adresse, flush=True); time.sleep(600)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", starter],
        env={**os.environ, "PYTHONPATH": str(WURZEL)},
        stdout=subprocess.PIPE,
        text=True,
    ) as eltern:
        adresse = eltern.stdout.readline().strip()
        assert zustand(adresse)["status"] == "ok"
        kinder = psutil.Process(eltern.pid).children()
        eltern.send_signal(signal.SIGKILL)
        assert warte_auf(lambda: not any(map(server.laeuft, kinder)), 60)


# --- Das Qualitätstor -----------------------------------------------------------------------------


def tor(registry, version):
    """Der Befehl, wie ihn eine Pipeline ruft."""
    return subprocess.run(
        [sys.executable, "-X", "utf8", str(ORDNER / "qualitaetstor.py"), "ziffern", version]
        + ["--registry", registry.adresse],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_tor_befoerdert_und_lehnt_ab(registry):
    registry.champion("1")
    bestanden = tor(registry, "2")
    assert (bestanden.returncode, bestanden.stderr) == (0, ""), bestanden.stdout + bestanden.stderr
    aliase = registry.client.get_registered_model("ziffern").aliases
    assert str(aliase["champion"]) == "2" and str(aliase["vorgaenger"]) == "1"

    abgelehnt = tor(registry, "3")
    assert (abgelehnt.returncode, abgelehnt.stderr) == (1, ""), abgelehnt.stdout + abgelehnt.stderr
    assert "ABGELEHNT: Es erwartet (784,)" in abgelehnt.stdout
    aliase = registry.client.get_registered_model("ziffern").aliases
    assert str(aliase["champion"]) == "2", "der Champion bleibt"
    tags = registry.client.get_model_version("ziffern", "3").tags
    assert tags["tor"] == "abgelehnt" and "(784,)" in tags["tor_gruende"]


def test_tor_noch_einmal_streng_und_ohne_version(registry, capsys):
    """In diesem Prozess, das spart drei Starts von TensorFlow."""
    import qualitaetstor

    registry.champion("2")
    angaben = ["ziffern", "2", "--registry", registry.adresse]
    assert qualitaetstor.main(angaben) == 0
    assert "ist schon Champion" in capsys.readouterr().out
    assert qualitaetstor.main([*angaben, "--min-genauigkeit", "0.9999"]) == 1
    assert "unter 0.9999" in capsys.readouterr().out
    assert qualitaetstor.main(["ziffern", "4", *angaben[2:]]) == 1
    assert "softmax" in capsys.readouterr().out
    assert qualitaetstor.main(["ziffern", "99", "--registry", registry.adresse]) == 2
    assert "Version 99" in capsys.readouterr().out


# --- Container ------------------------------------------------------------------------------------


def test_dockerfile_nimmt_was_es_gibt():
    """Bauen lässt es sich hier nicht; aber was es kopiert und startet, muss es geben."""
    text = (ORDNER / "Dockerfile").read_text(encoding="utf-8")
    for zeile in re.findall(r"^COPY (?!--from)(.+)$", text, re.MULTILINE):
        *quellen, _ = zeile.split()
        for quelle in quellen:
            assert (WURZEL / quelle).exists(), f"{quelle} fehlt"
    festgelegt = (WURZEL / "requirements.txt").read_text(encoding="utf-8")
    pakete = re.search(r"\((numpy[^)]+)\)", text)[1].split("|")
    for paket in pakete:
        assert re.search(rf"^{paket}==", festgelegt, re.MULTILINE), f"{paket} ist nicht festgelegt"


def test_dockerignore_laesst_durch_was_kopiert_wird():
    durch = (ORDNER / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    text = (ORDNER / "Dockerfile").read_text(encoding="utf-8")
    for zeile in re.findall(r"^COPY (?!--from)(.+)$", text, re.MULTILINE):
        assert {f"!{quelle}" for quelle in zeile.split()[:-1]} <= set(durch), zeile
    assert "*" in durch, "sonst reist das ganze Repository mit"


def test_compose_und_kubernetes_meinen_denselben_dienst():
    """Ports, Nutzer und Adressen stehen in drei Dateien; der Cluster fragt, was es gibt."""
    text = (ORDNER / "Dockerfile").read_text(encoding="utf-8")
    compose = yaml.safe_load((ORDNER / "compose.yaml").read_text(encoding="utf-8"))
    dienst = compose["services"]["dienst"]
    assert dienst["build"]["dockerfile"] == "MLOps_und_Deployment/Dockerfile"
    registry = dienst["environment"]["MLFLOW_TRACKING_URI"].removeprefix("http://")
    assert registry in compose["services"]["registry"]["command"].split("--allowed-hosts ")[1]
    kubernetes = (ORDNER / "kubernetes.yaml").read_text(encoding="utf-8")
    deployment, service, skalierer = yaml.safe_load_all(kubernetes)
    pod = deployment["spec"]["template"]["spec"]
    assert f"USER {pod['securityContext']['runAsUser']}" in text
    (container,) = pod["containers"]
    assert container["ports"][0]["containerPort"] == 8000 and "EXPOSE 8000" in text
    assert container["readinessProbe"]["httpGet"]["path"] == "/health"
    assert container["livenessProbe"]["httpGet"]["path"] == "/"
    assert service["spec"]["selector"] == deployment["spec"]["selector"]["matchLabels"]
    assert skalierer["spec"]["scaleTargetRef"]["name"] == deployment["metadata"]["name"]


# --- Browser --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser(dienst, tmp_path_factory):
    with chromium.gestartet(tmp_path_factory.mktemp("browser")) as browser:
        browser.oeffne(dienst)
        yield browser


def test_der_browser_redet_nur_mit_dem_dienst(browser, dienst):
    adressen = browser.js("return performance.getEntriesByType('resource').map(e => e.name)")
    assert all(adresse.startswith((dienst, "data:", "blob:")) for adresse in adressen), adressen
    assert warte_auf(lambda: "Version" in browser.text("model"))


@pytest.mark.parametrize(
    ("ziffer", "zeiger"),
    [
        (0, "mouse"),
        (2, "mouse"),
        (3, "touch"),
        (4, "mouse"),
        (5, "touch"),
        (7, "mouse"),
        (8, "pen"),
    ],
)
def test_gezeichnete_ziffer_im_browser(ziffer, zeiger, browser):
    browser.js("document.getElementById('clear').click()")
    browser.zeichne(STRICHE[ziffer][0], zeiger)
    assert warte_auf(lambda: browser.text("digit") == str(ziffer)), (
        f"erkannt: {browser.text('digit')!r}, {browser.text('message')!r}"
    )
    breiten = browser.js(
        "return [...document.querySelectorAll('.bar')].map(b => parseFloat(b.style.width))"
    )
    assert len(breiten) == 10 and int(np.argmax(breiten)) == ziffer
    assert sum(breiten) == pytest.approx(100, abs=0.5)
    assert "Version" in browser.text("message")
    gesehen = browser.js(
        "return [...document.getElementById('seen').getContext('2d').getImageData(0, 0, 28, 28).data]"
    )
    assert max(gesehen[::4]) > 200, "das Bild, das das Netz sieht, ist zu sehen"
    if ordner := os.environ.get("KURS_BROWSERBILDER"):
        browser.foto(Path(ordner) / f"ziffer_{ziffer}.png")


def test_hochladen_und_fehlermeldung_im_browser(browser, tmp_path):
    gut, schlecht = tmp_path / "neun.png", tmp_path / "text.png"
    gut.write_bytes(als_datei(gezeichnet(9)))
    schlecht.write_text("kein Bild", encoding="utf-8")
    browser.lade_hoch(gut)
    assert warte_auf(lambda: browser.text("digit") == "9")
    browser.lade_hoch(schlecht)
    assert warte_auf(lambda: "kein lesbares" in browser.text("message"))
    assert browser.text("digit") == ""
    browser.js("document.dispatchEvent(new KeyboardEvent('keydown', {key: 'Escape'}))")
    assert "Noch nichts" in browser.text("message")


def test_kleine_ziffern_im_browser(browser):
    """45 Pixel hoch: Der Stift passt sich der Ziffer an."""
    falsch = []
    for ziffer, fassungen in STRICHE.items():
        browser.js("document.getElementById('clear').click()")
        klein = [[(60 + 0.134 * x, 20 + 0.134 * y) for x, y in strich] for strich in fassungen[0]]
        browser.zeichne(klein)
        assert warte_auf(lambda: browser.text("digit"))
        falsch += [(ziffer, browser.text("digit"))] * (browser.text("digit") != str(ziffer))
    assert len(falsch) <= 1, f"falsch erkannt: {falsch}"


@pytest.mark.parametrize(("breite", "hoehe"), [(360, 740), (320, 640), (1920, 1080)])
def test_die_antwort_steht_ohne_rollen_da(breite, hoehe, browser):
    browser.groesse(breite, hoehe)
    browser.js("document.getElementById('clear').click()")
    browser.zeichne(STRICHE[7][0], "touch")
    assert warte_auf(lambda: browser.text("digit"))
    orte = browser.js(
        "return ['digit', 'message', 'seen', 'bars'].map(id =>"
        " document.getElementById(id).getBoundingClientRect()).map(r => [r.right, r.bottom])"
    )
    rechts, unten = np.array(orte).T
    assert (unten[:3] <= hoehe).all() and (rechts <= breite).all(), orte
    assert rechts.max() > 0.8 * breite, "die Breite wird genutzt"
    if ordner := os.environ.get("KURS_BROWSERBILDER"):
        browser.foto(Path(ordner) / f"seite_{breite}.png")
    browser.groesse(1100, 900)


def test_docs_im_browser(browser, dienst):
    browser.oeffne(f"{dienst}/docs")
    assert warte_auf(lambda: "/predict" in browser.js("return document.body.innerText"))
    adressen = browser.js("return performance.getEntriesByType('resource').map(e => e.name)")
    assert all(adresse.startswith((dienst, "data:", "blob:")) for adresse in adressen), adressen
    browser.oeffne(dienst)
