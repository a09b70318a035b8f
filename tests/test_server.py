"""Beantwortet: Läuft ein Server neben dem Skript, und endet er mit ihm, auch bei Strg+C?"""

import os
import signal
import subprocess
import sys

from kurs import server

import psutil
import pytest
import requests
from conftest import LANGE, starte_python, warte_auf

ECHO = """
import sys, http.server, subprocess
if "kind" in sys.argv: subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print("grüße", flush=True)
if "kaputt" in sys.argv: sys.exit("Etwas fehlt")
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[-1])), http.server.SimpleHTTPRequestHandler).serve_forever()
"""


def laeuft(prozess):
    """Ob er noch arbeitet; einer, der nur noch nicht abgeholt wurde, arbeitet nicht mehr."""
    try:
        return prozess.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_prozess_endet_mit_seinen_kindern(tmp_path):
    befehl = [sys.executable, "-c", ECHO, "kind"]
    fremde = set(psutil.Process().children(recursive=True))  # etwa Server anderer Tests
    with server.prozess(befehl, "/", tmp_path / "p.txt", LANGE, ordner=tmp_path) as adresse:
        assert requests.get(adresse, timeout=10).status_code == 200
        kinder = set(psutil.Process().children(recursive=True)) - fremde
        assert len(kinder) >= 2
    assert warte_auf(lambda: not any(map(laeuft, kinder)))
    assert "grüße" in (tmp_path / "p.txt").read_text(encoding="utf-8")


# Drei Server, die nie antworten, davor ein Verteiler mit Besuchern: Einer wartet auf den anderen
BESUCHTE = """
import atexit, contextlib, sys, threading, time
from pathlib import Path
from kurs import server
import fastapi, requests
stumm = "import socket, sys, time; s = socket.create_server(('127.0.0.1', int(sys.argv[-1])));"
befehl = [sys.executable, "-c", stumm + "print(1, flush=True); time.sleep(600)"]
stapel = contextlib.ExitStack()
atexit.register(stapel.close)
adressen = [stapel.enter_context(server.prozess(befehl, None, Path(n))) for n in "abc"]
while not all(Path(n).read_text() for n in "abc"):
    time.sleep(0.1)
app = fastapi.FastAPI()
@app.get("/")
def weiter():
    print("besucht\\n", end="", flush=True)
    return requests.get(adressen[0]).text
with server.im_hintergrund(app) as eingang:
    for _ in range(8):
        threading.Thread(target=requests.get, args=(eingang,)).start()
    while True:
        time.sleep(0.1)
"""


@pytest.mark.skipif(os.name == "nt", reason="Strg+C lässt sich unter Windows nicht so schicken")
def test_strg_c_beendet_alle_server_auf_einmal(tmp_path):
    with starte_python("-c", BESUCHTE, cwd=tmp_path, stderr=subprocess.STDOUT) as skript:
        try:
            zeile = skript.stdout.readline()
            kinder = psutil.Process(skript.pid).children(recursive=True)
            skript.send_signal(signal.SIGINT)
            rest, _ = skript.communicate(timeout=60)
        finally:
            skript.kill()
    assert len(kinder) == 3 and warte_auf(lambda: not any(map(laeuft, kinder)))
    ausgabe = (zeile + rest).replace("besucht\n", "")
    assert (ausgabe, skript.returncode) == ("\nAbgebrochen.\n", 130)


def test_prozess_der_nicht_startet_nennt_den_grund(tmp_path):
    befehl = [sys.executable, "-c", ECHO, "kaputt"]
    with (
        pytest.raises(server.ServerStartetNicht, match="endete mit Code 1") as fehler,
        server.prozess(befehl, "/", tmp_path / "p.txt", LANGE),
    ):
        pass
    assert "Etwas fehlt" in str(fehler.value)


# Beides kommt vor, wenn TensorFlow gerade einen Graphen baut: in etwa jedem zwanzigsten Fall
@pytest.mark.skipif(os.name == "nt", reason="Strg+C lässt sich unter Windows nicht so schicken")
@pytest.mark.parametrize("folge", ["pass", "raise TypeError('Failed to convert') from None"])
def test_strg_c_wirkt_auch_wenn_eine_bibliothek_es_verschluckt(folge, tmp_path):
    skript = tmp_path / "demo_verschluckt.py"
    skript.write_text(
        "import time\nimport kurs\nprint('bereit', flush=True)\nwhile True:\n"
        f"    try:\n        time.sleep(60)\n    except KeyboardInterrupt:\n        {folge}\n",
        encoding="utf-8",
    )
    with starte_python(skript, cwd=tmp_path, stderr=subprocess.STDOUT) as lauf:
        assert lauf.stdout.readline() == "bereit\n"
        lauf.send_signal(signal.SIGINT)
        rest, _ = lauf.communicate(timeout=LANGE)
    assert (rest, lauf.returncode) == ("\nAbgebrochen.\n", 130)
