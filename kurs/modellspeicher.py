"""Beantwortet: Wie wird ein eingebettetes Modell genau einmal umgewandelt?

Geholt und umgewandelt wird in einem Nachbarordner, der zuletzt umbenannt wird: Was unter seinem
Namen liegt, ist ganz. Wer mittendrin stirbt, hinterlässt nur den Nachbarordner, und der nächste
Aufruf beginnt sauber. Eine Dateisperre lässt von mehreren Prozessen einen arbeiten und die anderen
warten; sie endet mit dem Prozess.

Ein Eintrag hat entweder Wheels oder eine Basis: ein anderes Modell, zu dem ein Aufsatz aus
`data/modelle` hinzukommt (`kurs.umwandler.aufsatz`, `kurs.umwandler.marian`). Auch die Basis kann
in `data/modelle` liegen („kurs/…“).
"""

import hashlib
import importlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kurs.pfade import DATA, schreibbar
from kurs.quellen import NichtDa
from kurs.umwandler import Beschaedigt
from kurs.wheels import Wheel, entpacke, hole, pruefsumme

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    import tomli as tomllib

QUELLEN = Path(__file__).with_name("quellen.toml")
AUFSAETZE = DATA / "modelle"
UMGEWANDELT = AUFSAETZE / "umgewandelt"
BEGLEITZETTEL = "kurs.json"


@dataclass(frozen=True)
class Eintrag:
    """Ein Modell aus `quellen.toml`; die Felder sind dort erklärt."""

    name: str
    ordner: str
    umwandler: str
    lizenz: str
    groesse_mb: int
    sprachen: str
    wheels: tuple[Wheel, ...] = ()
    basis: str = ""

    @property
    def herkunft(self) -> str:
        """Woraus das Modell entsteht, für Meldungen."""
        if self.basis:
            return f"data/modelle/{self.ordner} und {self.basis}"
        return ", ".join(map(str, self.wheels))


@cache
def _quellen() -> dict:
    return tomllib.loads(QUELLEN.read_text(encoding="utf-8"))


@cache
def originale() -> dict[str, int]:
    """Die Originale, die sich vorausholen lassen: Hub-Name → ungefähr so viele MB."""
    return _quellen()["originale"]


@cache
def verzeichnis() -> tuple[dict[str, Eintrag], dict[str, str]]:
    """Was `quellen.toml` nennt: Hub-Name → Eintrag, und Name → Stellvertreter."""
    inhalt = _quellen()
    eintraege = {
        name: Eintrag(
            name, **{**felder, "wheels": tuple(Wheel(**w) for w in felder.get("wheels", ()))}
        )
        for name, felder in inhalt["modelle"].items()
    }
    return eintraege, inhalt["stellvertreter"]


def fertiger_ordner(eintrag: Eintrag) -> Path | None:
    """Der umgewandelte Ordner, wenn er vollständig und auf dem Stand von `quellen.toml` ist."""
    for basis in (UMGEWANDELT, _ersatz()):
        ordner = basis / eintrag.ordner
        try:
            zettel = json.loads((ordner / BEGLEITZETTEL).read_text(encoding="utf-8"))
            groessen = {name: (ordner / name).stat().st_size for name in zettel["dateien"]}
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if zettel.get("fingerabdruck") == _fingerabdruck(eintrag) and groessen == zettel["dateien"]:
            return ordner
    return None


def stelle_bereit(eintrag: Eintrag) -> Path:
    """Gibt den Ordner des Modells zurück; holt es und wandelt es um, wenn nötig.

    Fehler: NichtDa mit dem Grund (Netz, Prüfsumme, beschädigte Datei, voller Datenträger).
    """
    from filelock import FileLock, Timeout

    if ordner := fertiger_ordner(eintrag):
        return ordner

    def melde(text: str) -> None:
        print(f"{eintrag.name}: {text}", flush=True)

    basis = schreibbar(UMGEWANDELT)
    sperre = FileLock(basis / f".{eintrag.ordner}.sperre")
    try:
        sperre.acquire(timeout=0)
    except Timeout:
        melde("ein anderer Prozess wandelt dieses Modell gerade um; ich warte …")
        sperre.acquire()
    try:
        return fertiger_ordner(eintrag) or _baue(eintrag, basis, melde)
    except OSError as fehler:
        raise NichtDa(f"{fehler.strerror or fehler} ({fehler.filename or basis})") from None
    finally:
        sperre.release()


def _baue(eintrag: Eintrag, basis: Path, melde: Callable[[str], None]) -> Path:
    """Holt die Teile, wandelt um, schreibt den Begleitzettel, benennt um. Nur unter der Sperre."""
    halb, ordner = basis / f".{eintrag.ordner}.halb", basis / eintrag.ordner
    shutil.rmtree(halb, ignore_errors=True)  # Rest eines abgebrochenen Versuchs
    _pruefe_platz(eintrag, basis)
    beginn = time.monotonic()
    try:
        ziel = halb / "modell"
        ziel.mkdir(parents=True)
        dateien = _teile_des_aufsatzes(eintrag) if eintrag.basis else []
        for nummer, wheel in enumerate(eintrag.wheels):
            ablage = halb / f"wheel{nummer}"
            ablage.mkdir()
            archiv = hole(wheel, ablage, melde)
            dateien += entpacke(archiv, wheel, halb / f"inhalt{nummer}")
            archiv.unlink()
        try:
            _umwandler(eintrag).wandle_um(dateien, ziel, melde)
        except Beschaedigt as grund:
            raise NichtDa(f"die Datei aus {eintrag.herkunft} ist beschädigt: {grund}") from None
        _schreibe_begleitzettel(eintrag, ziel)
        if ordner.exists():
            shutil.rmtree(ordner)  # unvollständig oder von einem früheren Stand
        _benenne_um(ziel, ordner)
    finally:
        shutil.rmtree(halb, ignore_errors=True)
    groesse = sum(datei.stat().st_size for datei in ordner.rglob("*") if datei.is_file()) / 1e6
    melde(f"bereit nach {time.monotonic() - beginn:.0f} s ({groesse:.0f} MB in {ordner})")
    return ordner


def _teile_des_aufsatzes(eintrag: Eintrag) -> list[Path]:
    """Der Ordner der Basis und der des Aufsatzes. Fehler: NichtDa."""
    aufsatz = AUFSAETZE / eintrag.ordner
    if not aufsatz.is_dir():
        raise NichtDa(f"den Aufsatz {aufsatz} gibt es nicht")
    if basis := verzeichnis()[0].get(eintrag.basis):
        return [stelle_bereit(basis), aufsatz]
    if not (ordner := _eigene_basis(eintrag)).is_dir():
        raise NichtDa(f"die Basis {ordner} gibt es nicht")
    return [ordner, aufsatz]


def _eigene_basis(eintrag: Eintrag) -> Path:
    return AUFSAETZE / eintrag.basis.removeprefix("kurs/")


def _umwandler(eintrag: Eintrag):
    return importlib.import_module(f"kurs.umwandler.{eintrag.umwandler}")


def _fingerabdruck(eintrag: Eintrag) -> str:
    """Ändert sich, wenn andere Teile oder ein neuer Umwandler ein neues Umwandeln verlangen."""
    teile = [(wheel.sha256, wheel.datei) for wheel in eintrag.wheels]
    if eintrag.basis:
        aufsatz = sorted((AUFSAETZE / eintrag.ordner).iterdir())
        teile += [(pruefsumme(datei), datei.name) for datei in aufsatz if datei.suffix != ".md"]
        if basis := verzeichnis()[0].get(eintrag.basis):
            teile.append(("basis", _fingerabdruck(basis)))
        else:
            alle = sorted(_eigene_basis(eintrag).rglob("*"))
            dateien = [datei for datei in alle if datei.is_file() and datei.suffix != ".md"]
            teile += [(pruefsumme(datei), datei.name) for datei in dateien]
    inhalt = json.dumps([teile, eintrag.umwandler, _umwandler(eintrag).STAND])
    return hashlib.sha256(inhalt.encode()).hexdigest()


def _schreibe_begleitzettel(eintrag: Eintrag, ziel: Path) -> None:
    dateien = {}
    for datei in sorted(ziel.rglob("*")):
        if datei.is_file():
            datei.chmod(
                0o644
            )  # safetensors schreibt 0600; ein Rechner für die ganze Klasse braucht mehr
            dateien[datei.relative_to(ziel).as_posix()] = datei.stat().st_size
    zettel = {
        "name": eintrag.name,
        "lizenz": eintrag.lizenz,
        "wheels": [f"{wheel} ({wheel.datei})" for wheel in eintrag.wheels],
        "basis": eintrag.basis,
        "fingerabdruck": _fingerabdruck(eintrag),
        "dateien": dateien,
    }
    (ziel / BEGLEITZETTEL).write_text(
        json.dumps(zettel, indent=2, ensure_ascii=False), encoding="utf-8"
    )


def _benenne_um(von: Path, nach: Path) -> None:
    """Umbenennen mit Geduld: Unter Windows hält ein Virenscanner frische Dateien noch kurz fest."""
    for versuch in range(10):
        try:
            return os.replace(von, nach)
        except PermissionError:
            if versuch == 9:
                raise
            time.sleep(0.5)


def _pruefe_platz(eintrag: Eintrag, basis: Path) -> None:
    noetig = 2 * eintrag.groesse_mb + 2 * sum(wheel.mb for wheel in eintrag.wheels)
    frei = shutil.disk_usage(basis).free / 1e6
    if frei < noetig:
        raise NichtDa(
            f"auf dem Datenträger sind nur {frei:.0f} MB frei, das Umwandeln braucht {noetig} MB"
        )


def _ersatz() -> Path:
    """Wohin `schreibbar` ausweicht, wenn im Repository nicht geschrieben werden darf."""
    return Path(tempfile.gettempdir()) / "kurs-ausgabe" / UMGEWANDELT.name
