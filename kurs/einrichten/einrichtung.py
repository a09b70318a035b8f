"""Beantwortet: Ist alles installiert? Und wenn nicht: wie kommt es dahin?

Ein Stempel über den Anforderungen entscheidet, ob etwas zu tun ist. Er wird zuerst gelöscht und zuletzt
geschrieben: Der nächste Aufruf setzt Unterbrochenes fort.
"""

import contextlib
import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from kurs.einrichten.installieren import Abbruch, installiere, meldung_von, site_packages
from kurs.einrichten.ursachen import letzte_zeile, ursache
from kurs.kern.pfade import WURZEL, schreibe_text

# In dieser Reihenfolge gesucht; 3.11 ist am besten getestet
VERSIONEN = ((3, 11), (3, 12), (3, 13), (3, 10))
WINDOWS = os.name == "nt"
VENV = WURZEL / ".venv"
STEMPEL = VENV / "kurs-stempel.txt"
ANFORDERUNGEN = (WURZEL / "requirements.txt", WURZEL / "constraints.txt")


def venv_python() -> Path:
    """Das Python der `.venv`, ob es schon da ist oder nicht."""
    return VENV / ("Scripts/python.exe" if WINDOWS else "bin/python")


def fingerabdruck() -> str:
    """SHA-256 über die Anforderungsdateien: Ändert er sich, wird neu installiert."""
    summe = hashlib.sha256()
    for datei in ANFORDERUNGEN:
        summe.update(datei.read_bytes().replace(b"\r\n", b"\n"))
    return summe.hexdigest()


def _ist_vollstaendig() -> bool:
    """Ob der Stempel zu den Anforderungen passt und das Python der `.venv` noch läuft."""
    soll = fingerabdruck()
    if not STEMPEL.is_file() or STEMPEL.read_bytes() != soll.encode():
        return False
    # Unter Windows ist es eine Kopie, die ihr Python erst sucht; sonst ein Verweis
    return version([str(venv_python())]) is not None if WINDOWS else venv_python().exists()


def richte_ein() -> None:
    """Bringt die `.venv` auf den Stand der Anforderungen. Fehler: Abbruch mit einem deutschen Satz."""
    if _ist_vollstaendig():
        return
    with _nur_einer():
        if _ist_vollstaendig():  # ein anderer Aufruf war schneller
            return
        STEMPEL.unlink(missing_ok=True)
        if not _venv_ist_brauchbar():
            print(f"Lege die Umgebung {VENV} an …", flush=True)
            _lege_venv_an(_passendes_python())
        installiere(venv_python(), *ANFORDERUNGEN)
        # Eine .pth-Datei: `import kurs` geht aus jedem Ordner. Relativ bleibt sie richtig, wenn alles umzieht.
        pakete = site_packages(venv_python()).resolve()
        schreibe_text(pakete / "kurs.pth", os.path.relpath(WURZEL.resolve(), pakete) + "\n")
        schreibe_text(STEMPEL, fingerabdruck())
    print("Eingerichtet. In PyCharm ist der Interpreter: " + str(venv_python()), flush=True)


@contextlib.contextmanager
def _nur_einer():
    """Lässt nur einen Aufruf einrichten; die Sperre endet mit dem Prozess, auch wenn er stirbt."""
    try:
        datei = open(WURZEL / ".einrichtung.sperre", "a+b")  # noqa: SIM115 (das with steht unten)
    except OSError as fehler:
        raise Abbruch(
            f"In {WURZEL} darf nicht geschrieben werden ({fehler.strerror}). "
            "Lege das Repository in deinen Benutzerordner."
        ) from None
    with datei:
        try:
            if WINDOWS:
                import msvcrt

                msvcrt.locking(datei.fileno(), msvcrt.LK_NBLCK, 1)
            else:
                import fcntl

                fcntl.flock(datei, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Abbruch(
                "Eine andere Einrichtung läuft gerade. Warte, bis sie fertig ist, und rufe dann noch einmal auf."
            ) from None
        yield


def version(python: list[str]) -> tuple[int, int] | None:
    """Version eines Python-Aufrufs oder None, wenn er nicht läuft (Windows hat Attrappen im PATH)."""
    frage = [*python, "-c", "import sys; print(*sys.version_info[:2])"]
    leise = {"stderr": subprocess.DEVNULL, "text": True, "timeout": 20}
    try:
        gross, klein = map(int, subprocess.check_output(frage, **leise).split())
        return gross, klein
    except (OSError, subprocess.SubprocessError, ValueError):
        return None


def _passendes_python() -> list[str]:
    """Der Aufruf eines Python 3.10–3.13: dieses, sonst ein anderes auf dem Rechner."""
    nummer = sys.version.split()[0]
    if sys.version_info[:2] in VERSIONEN:
        return [sys.executable]
    for gross, klein in VERSIONEN:
        for kandidat in (["py", f"-{gross}.{klein}"], [f"python{gross}.{klein}"]):
            if shutil.which(kandidat[0]) and version(kandidat) == (gross, klein):
                print(f"Dieses Python ist {nummer}; ich nehme {' '.join(kandidat)}.")
                return kandidat
    raise Abbruch(
        f"Python {nummer} ist zu neu: Für diese Version gibt es noch nicht alle Pakete. "
        "Installiere zusätzlich Python 3.11, 3.12 oder 3.13 (python.org) und rufe denselben Befehl noch einmal auf."
    )


def _venv_ist_brauchbar() -> bool:
    if version([str(venv_python())]) not in VERSIONEN:
        return False
    return meldung_von([str(venv_python()), "-m", "pip", "--version"]) is None


def _lege_venv_an(python: list[str]) -> None:
    meldung = meldung_von([*python, "-X", "utf8", "-m", "venv", "--clear", str(VENV)])
    if meldung is None:
        return
    if re.search("ensurepip|python3-venv|No module named venv", meldung):
        raise Abbruch(
            "Diesem Python fehlt das Modul venv. Unter Debian/Ubuntu: sudo apt install python3-venv"
        )
    raise Abbruch(
        ursache(meldung) or f"Die Umgebung ließ sich nicht anlegen: {letzte_zeile(meldung)}"
    )
