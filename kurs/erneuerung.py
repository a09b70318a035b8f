"""Beantwortet: Welche neueren Versionen der Pakete gibt es, und läuft der Kurs damit?

    python start.py erneuern                   # auflösen und in einer Kopie alle Tests laufen lassen
    python start.py erneuern --nur-aufloesen   # nur zeigen, was sich ändern würde
    python start.py erneuern --uebernehmen     # wenn die Tests grün sind, beide Dateien ersetzen

`uv` löst für alle Systeme und Python ab 3.10 zugleich auf; wo es eine Version erst ab 3.11 gibt, stehen in
`requirements.txt` zwei Zeilen. Alles entsteht unter `ausgabe/erneuern/`; das Repository selbst ändert
sich nur mit `--uebernehmen`.
"""

import os
import re
import shutil
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path

from kurs import lauf
from kurs.pfade import AUSGABE, WURZEL, schreibbar, schreibe_text

AB_PYTHON = "3.10"
ZEILE = re.compile(
    r"^(?P<name>[A-Za-z0-9][\w.-]*)(?:==(?P<version>[^\s;#]+))?\s*(?:;\s*(?P<marke>[^#]+?))?\s*$"
)
NICHT_KOPIEREN = (".venv", ".git", "ausgabe", "umgewandelt", "original", "__pycache__", ".*_cache")


class Gescheitert(Exception):
    """Es geht nicht weiter; der Text sagt auf Deutsch, warum."""


@dataclass(frozen=True)
class Anforderung:
    """Eine Zeile `name==version ; marke`; Version und Marke können fehlen."""

    name: str
    version: str | None
    marke: str

    @property
    def schluessel(self) -> str:
        return re.sub(r"[-_.]+", "-", self.name).lower()


def lies_zeile(zeile: str) -> Anforderung | None:
    """Die Anforderung einer Zeile; None bei Leerem und Kommentaren."""
    treffer = ZEILE.match(zeile.split(" #")[0].strip())
    if not treffer or zeile.lstrip().startswith("#"):
        return None
    return Anforderung(treffer["name"], treffer["version"], treffer["marke"] or "")


def _lies(text: str) -> dict[str, list[Anforderung]]:
    alle: dict[str, list[Anforderung]] = {}
    for anforderung in filter(None, map(lies_zeile, text.splitlines())):
        alle.setdefault(anforderung.schluessel, []).append(anforderung)
    return alle


def wuensche(anforderungen: str) -> str:
    """Die Namen aus `requirements.txt` ohne Versionen. Eine Marke bleibt, wo sie allein steht."""
    zeilen = []
    for gruppe in _lies(anforderungen).values():
        marke = f" ; {gruppe[0].marke}" if len(gruppe) == 1 and gruppe[0].marke else ""
        zeilen.append(gruppe[0].name + marke)
    return "\n".join(zeilen) + "\n"


def neue_anforderungen(anforderungen: str, festgelegt: str) -> str:
    """`requirements.txt` mit den Versionen aus `festgelegt`; Reihenfolge und Kommentare bleiben.

    Fehler: Gescheitert, wenn ein Paket dort fehlt.
    """
    neu, geschrieben, zeilen = _lies(festgelegt), set(), []
    for zeile in anforderungen.splitlines():
        alt = lies_zeile(zeile)
        if alt is None:
            zeilen.append(zeile)
        elif alt.schluessel not in geschrieben:
            geschrieben.add(alt.schluessel)
            if alt.schluessel not in neu:
                raise Gescheitert(f"{alt.name} fehlt in den aufgelösten Versionen.")
            for eine in reversed(neu[alt.schluessel]):  # die neueste zuerst
                marke = _kurz(eine.marke)
                zeilen.append(f"{alt.name}=={eine.version}" + (f" ; {marke}" if marke else ""))
    return "\n".join(zeilen) + "\n"


def _kurz(marke: str) -> str:
    """`python_full_version >= '3.11'` → `python_version >= "3.11"`, wie man es von Hand schreibt."""
    marke = re.sub(r"python_full_version (<|>=) '(\d+\.\d+)'", r"python_version \1 '\2'", marke)
    marke = re.sub(r"python_full_version == '(\d+\.\d+)\.\*'", r"python_version == '\1'", marke)
    return marke.replace("'", '"')


def aenderungen(alt: str, neu: str) -> list[str]:
    """Je Paket, dessen Versionen sich unterscheiden, eine Zeile „name alt → neu“."""
    vorher, nachher = _lies(alt), _lies(neu)
    zeilen = []
    for name in sorted(vorher.keys() | nachher.keys()):
        hier, dort = (
            " / ".join(a.version or "?" for a in stand.get(name, [])) or "–"
            for stand in (vorher, nachher)
        )
        if hier != dort:
            zeilen.append(f"{name} {hier} → {dort}")
    return zeilen


# --- Ablauf ---------------------------------------------------------------------------------------


def erneuere(nur_aufloesen: bool = False, uebernehmen: bool = False) -> int:
    """Löst auf, zeigt, testet, übernimmt auf Wunsch. Rückgabe: 0, wenn alles gelang."""
    try:
        return _erneuere(schreibbar(AUSGABE / "erneuern"), nur_aufloesen, uebernehmen)
    except Gescheitert as grund:
        print(grund)
        return 2


def _erneuere(ordner: Path, nur_aufloesen: bool, uebernehmen: bool) -> int:
    alte = {name: _text(WURZEL / name) for name in ("requirements.txt", "constraints.txt")}
    print("Suche neuere Versionen (etwa eine Minute) …", flush=True)
    festgelegt = _loese_auf(_uv(ordner), ordner, wuensche(alte["requirements.txt"]))
    neue = {
        "requirements.txt": neue_anforderungen(alte["requirements.txt"], festgelegt),
        "constraints.txt": festgelegt,
    }
    for name, text in neue.items():
        (ordner / name).write_text(text, encoding="utf-8", newline="\n")
    zeilen = aenderungen(alte["constraints.txt"], festgelegt)
    if not zeilen:
        print("Alles ist auf dem neuesten Stand.")
        return 0
    print(f"{len(zeilen)} Pakete ändern sich:", *zeilen, sep="\n  ")
    print(f"Die neuen Dateien liegen in {ordner}.", flush=True)
    if nur_aufloesen:
        return 0
    if rueckgabe := _teste(ordner / "haus", neue):
        print(f"Mit den neuen Versionen sind die Tests nicht grün (Code {rueckgabe}).")
        return 1
    print("Mit den neuen Versionen sind alle Tests grün.")
    if uebernehmen:
        for name, text in neue.items():
            schreibe_text(WURZEL / name, text)
        print("Übernommen. Der nächste python start.py richtet danach neu ein.")
    else:
        print("Einsetzen: python start.py erneuern --uebernehmen")
    return 0


def _text(pfad: Path) -> str:
    return pfad.read_text(encoding="utf-8")


def _uv(ordner: Path) -> str:
    """Das Programm uv: das vorhandene oder eines in einer eigenen Umgebung."""
    if vorhanden := shutil.which("uv"):
        return vorhanden
    umgebung = ordner / "uv"
    programme = umgebung / ("Scripts" if os.name == "nt" else "bin")
    if not any(programme.glob("uv*")):
        venv.create(umgebung, with_pip=True)
        python = programme / ("python.exe" if os.name == "nt" else "python")
        befehl = [str(python), "-m", "pip", "install", "--quiet", "uv"]
        if lauf.rufe_auf([*befehl, "--disable-pip-version-check"]):
            raise Gescheitert("uv ließ sich nicht installieren; der Grund steht darüber.")
    return str(programme / ("uv.exe" if os.name == "nt" else "uv"))


def _loese_auf(uv: str, ordner: Path, namen: str) -> str:
    """Die Versionen aller Pakete für alle Systeme. Fehler: Gescheitert mit den letzten Zeilen von uv."""
    eingabe, ziel = ordner / "wuensche.txt", ordner / "aufgeloest.txt"
    eingabe.write_text(namen, encoding="utf-8")
    ziel.unlink(missing_ok=True)  # sonst hielte uv an den Versionen vom letzten Mal fest
    befehl = [uv, "pip", "compile", "--universal", "--python-version", AB_PYTHON, "--quiet"]
    befehl += ["--no-header", "--no-annotate", str(eingabe), "-o", str(ziel)]
    umgebung = {**os.environ}
    if spiegel := os.environ.get("PIP_INDEX_URL"):  # uv liest die Einstellungen von pip nicht
        umgebung.setdefault("UV_DEFAULT_INDEX", spiegel)
    ergebnis = subprocess.run(
        befehl,
        cwd=ordner,
        env=umgebung,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if ergebnis.returncode or not ziel.is_file():
        letzte = "\n".join((ergebnis.stderr or ergebnis.stdout).strip().splitlines()[-8:])
        raise Gescheitert(f"uv konnte die Versionen nicht auflösen:\n{letzte}")
    return _text(ziel)


def _teste(haus: Path, neue: dict[str, str]) -> int:
    """Richtet eine Kopie des Repositorys mit den neuen Versionen ein und lässt dort alle Tests laufen."""
    shutil.rmtree(haus, ignore_errors=True)
    shutil.copytree(WURZEL, haus, ignore=shutil.ignore_patterns(*NICHT_KOPIEREN))
    for name, text in neue.items():
        (haus / name).write_text(text, encoding="utf-8", newline="\n")
    python = getattr(sys, "_base_executable", None) or sys.executable
    umgebung = {n: w for n, w in os.environ.items() if not n.startswith(("KURS_", "VIRTUAL_ENV"))}
    start = [python, str(haus / "start.py")]
    print("Richte eine Kopie mit den neuen Versionen ein und teste sie …", flush=True)
    if code := lauf.rufe_auf([*start, "einrichten"], cwd=haus, env=umgebung):
        return code
    if lauf.rufe_auf([*start, "vorbereiten"], cwd=haus, env=umgebung):
        print("Nicht alle Modelle sind bereit; ihre Tests werden übersprungen und genannt.")
    return lauf.rufe_auf([*start, "test"], cwd=haus, env=umgebung)
