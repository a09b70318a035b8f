"""Beantwortet: Wie kommen die Pakete in die `.venv`? Mit uv in Sekunden, und wo das nicht geht, mit pip.

uv liest pips Einstellungen nicht (pip.ini, PIP_INDEX_URL …). Darum bekommt es sie von hier; was hier nicht
übersetzt ist, überlässt es pip, ebenso wenn uv nicht zu bekommen ist oder scheitert.
"""

import ast
import os
import re
import shutil
import subprocess
import sys
import urllib.request
from collections import deque
from pathlib import Path

from kurs.einrichten.ursachen import letzte_zeile, ursache
from kurs.kern.pfade import AUSGABE, WURZEL, schreibbar

TORCH_OHNE_GPU = "https://download.pytorch.org/whl/cpu"
# Was pip einstellt → wie uv es nennt
UV_ANGABEN = {
    "index-url": "--default-index",
    "extra-index-url": "--index",
    "find-links": "--find-links",
    "trusted-host": "--allow-insecure-host",
    "constraint": "--constraints",
}
UV_VARIABLEN = {"cert": "SSL_CERT_FILE", "proxy": "ALL_PROXY"}
UV_VARIABLEN |= dict.fromkeys(("timeout", "default-timeout"), "UV_HTTP_TIMEOUT")
EGAL = """user disable-pip-version-check no-input progress-bar retries cache-dir no-cache-dir
require-virtualenv break-system-packages root-user-action config-file no-warn-script-location
no-color quiet verbose prefer-binary""".split()
LADE = re.compile(r"\s*Downloading ([A-Za-z][\w.-]*?)(?:-\d\S*)? \(([\d.]+ ?[MG]i?B)\)")


class Abbruch(Exception):
    """Die Einrichtung kann nicht weitergehen; der Text sagt warum und was zu tun ist."""


def meldung_von(befehl: list[str]) -> str | None:
    """Führt `befehl` still aus. Rückgabe: None, wenn er gelingt, sonst was er gedruckt hat."""
    lauf = subprocess.run(befehl, capture_output=True, text=True, errors="replace", check=False)
    return lauf.stdout + lauf.stderr if lauf.returncode else None


def site_packages(python: Path) -> Path:
    """Der Ordner der Pakete einer Umgebung."""
    frage = "import sysconfig; print(sysconfig.get_paths()['purelib'])"
    befehl = [str(python), "-X", "utf8", "-c", frage]
    return Path(subprocess.check_output(befehl, encoding="utf-8").strip())


def installiere(python: Path, anforderungen: Path, festgelegt: Path) -> None:
    """Installiert in die Umgebung von `python`; das Protokoll liegt in ausgabe/einrichtung/. Fehler: Abbruch."""
    for angaben in site_packages(python).glob("*.dist-info"):
        if not (angaben / "RECORD").exists():  # mitten im Auspacken abgebrochen, gälte sonst als da
            shutil.rmtree(angaben, ignore_errors=True)
    ordner = schreibbar(AUSGABE / "einrichtung")
    # `-e .` ist für alle, die selbst `pip install -r` rufen; hier findet man kurs über eine .pth-Datei
    zeilen = anforderungen.read_text(encoding="utf-8").splitlines(keepends=True)
    ohne_kurs = ordner / "anforderungen.txt"
    ohne_kurs.write_text("".join(z for z in zeilen if not z.startswith("-e")), encoding="utf-8")
    angaben = ["-r", str(ohne_kurs), "-c", str(festgelegt)]
    protokoll = ordner / "protokoll.txt"
    protokoll.write_text("", encoding="utf-8")
    print(f"Installiere rund 200 Pakete (einmalig). Protokoll: {protokoll}", flush=True)
    ohne_cuda = _braucht_kein_cuda()
    pip = [str(python), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    pip += ["--progress-bar", "off"]
    if uv := _uv_befehl(python, pip, festgelegt):
        befehl, umgebung = uv
        befehl += ["--index", TORCH_OHNE_GPU] if ohne_cuda else []
        if _laufe([*befehl, *angaben], protokoll, umgebung)[0] == 0:
            return
        print("Mit uv ist es misslungen; jetzt versucht es pip.", flush=True)
    pip += ["--extra-index-url", TORCH_OHNE_GPU] if ohne_cuda else []
    code, text = _laufe([*pip, *angaben], protokoll, {})
    if code:
        grund = ursache(text) or f"Die Installation ist misslungen: {letzte_zeile(text)}"
        raise Abbruch(f"{grund}\nProtokoll: {protokoll}")


def _braucht_kein_cuda() -> bool:
    """Ob torch ohne CUDA genügt und zu haben ist: Das spart unter Linux ohne Grafikkarte mehrere GB."""
    if sys.platform != "linux" or shutil.which("nvidia-smi"):
        return False
    try:
        with urllib.request.urlopen(f"{TORCH_OHNE_GPU}/torch/", timeout=3):
            return True
    except (OSError, ValueError):
        return False


def _uv_befehl(
    python: Path, pip: list[str], festgelegt: Path
) -> tuple[list[str], dict[str, str]] | None:
    """Der Aufruf von uv mit pips Einstellungen und seiner Umgebung; None, wenn pip installieren muss."""
    frage = [str(python), "-X", "utf8", "-m", "pip", "config", "list"]
    wie = {"encoding": "utf-8", "errors": "replace", "check": False}
    text = subprocess.run(frage, capture_output=True, **wie).stdout
    angaben, variablen = uebersetze(text)
    if isinstance(angaben, str):
        print(f"pip ist hier mit „{angaben}“ eingestellt, das kennt uv nicht: pip installiert.")
        return None
    if eigenes := shutil.which("uv"):
        uv = [eigenes]
    elif meldung_von([*pip, "--quiet", "uv", "-c", str(festgelegt)]) is None:
        uv = [str(python), "-m", "uv"]
    else:
        print("uv ist nicht zu bekommen: pip installiert, das dauert einige Minuten.", flush=True)
        return None
    befehl = [*uv, "pip", "install", "--python", str(python), "--no-progress"]
    return [*befehl, "--index-strategy", "unsafe-best-match", *angaben], variablen


def uebersetze(einstellungen: str) -> tuple[list[str] | str, dict[str, str]]:
    """Aus der Ausgabe von `pip config list`: Angaben und Umgebungsvariablen für uv.

    Statt der Angaben der Name einer Einstellung, die uv nicht kennt.
    """
    zeilen = re.findall(r"^(:env:|\w+)\.([\w-]+)=(.+)$", einstellungen, re.M)
    gefunden = {}
    for gilt in ("global", "install", ":env:"):  # das Spätere geht vor, wie bei pip
        gefunden |= {n: str(ast.literal_eval(w)) for bereich, n, w in zeilen if bereich == gilt}
    angaben, variablen = [], {"UV_SYSTEM_CERTS": "1"}  # wie pip: die Zertifikate des Systems
    for name, wert in gefunden.items():
        if name in UV_ANGABEN:
            angaben += [teil for eintrag in wert.split() for teil in (UV_ANGABEN[name], eintrag)]
        elif name in UV_VARIABLEN:
            variablen[UV_VARIABLEN[name]] = wert
        elif name == "no-index":
            angaben += ["--no-index"] if wert.lower() in ("1", "true", "yes", "on") else []
        elif name not in EGAL:
            return name, {}
    return angaben, variablen


def _laufe(befehl: list[str], protokoll: Path, umgebung: dict[str, str]) -> tuple[int, str]:
    """Führt einen Installierer aus, zeigt, was er lädt, und schreibt mit. Rückgabe: Code und die letzten Zeilen."""
    # PIP_USER: manche Firmen setzen user=true; das geht in einer .venv nicht
    umgebung = {**os.environ, "PYTHONUTF8": "1", "PIP_USER": "0", **umgebung}
    wie = {"encoding": "utf-8", "errors": "replace", "cwd": WURZEL, "env": umgebung}
    wie |= {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    letzte: deque[str] = deque(maxlen=60)
    with (
        subprocess.Popen(befehl, **wie) as prozess,
        open(protokoll, "a", encoding="utf-8") as datei,
    ):
        for zeile in prozess.stdout:
            datei.write(zeile)
            letzte.append(zeile)
            if treffer := LADE.match(zeile):
                print(f"  lade {treffer[1]} ({treffer[2]})", flush=True)
    return prozess.returncode, "".join(letzte)
