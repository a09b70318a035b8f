"""Beantwortet: Wie wird ein eingebettetes Modell genau einmal umgewandelt?

Geholt und umgewandelt wird in einem Nachbarordner, der zuletzt umbenannt wird: Was unter seinem
Namen liegt, ist ganz. Von mehreren Prozessen arbeitet einer, die anderen warten.

Ein Eintrag hat entweder Wheels oder eine Basis: ein anderes Modell, zu dem ein Aufsatz aus
`data/modelle` hinzukommt. Auch die Basis kann dort liegen („kurs/…“).
"""

import hashlib
import importlib
import json
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kurs.kern.pfade import DATA, ersatz_fuer, lies_toml, schreibbar, schreibe_daneben
from kurs.modellbau import Beschaedigt, schreibe_json
from kurs.modellbau.wheels import Wheel, hole, pruefsumme
from kurs.quellen import NichtDa, verlange_platz

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
        return f"dem Wheel {self.wheels[0]}"

    @property
    def eigene_basis(self) -> Path:
        return AUFSAETZE / self.basis.removeprefix("kurs/")


@cache
def _quellen() -> dict:
    return lies_toml(Path(__file__).with_name("quellen.toml"))


def originale() -> dict[str, dict[str, int]]:
    """Was sich vorausholen lässt, je Art (modelle, datensaetze, bilder): Name → ungefähr so viele MB."""
    return _quellen()["originale"]


@cache
def verzeichnis() -> tuple[dict[str, Eintrag], dict[str, str]]:
    """Was `quellen.toml` nennt: Hub-Name → Eintrag, und Name → Stellvertreter."""
    eintraege = {}
    for name, felder in _quellen()["modelle"].items():
        wheels = tuple(Wheel(**wheel) for wheel in felder.get("wheels", ()))
        eintraege[name] = Eintrag(name, **felder | {"wheels": wheels})
    return eintraege, _quellen()["stellvertreter"]


def fertiger_ordner(eintrag: Eintrag) -> Path | None:
    """Der umgewandelte Ordner, wenn er vollständig und auf dem Stand von `quellen.toml` ist."""
    for basis in (UMGEWANDELT, ersatz_fuer(UMGEWANDELT)):
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
        return fertiger_ordner(eintrag) or _lege_an(eintrag, basis, melde)
    except Beschaedigt as grund:
        raise NichtDa(f"{eintrag.name} aus {eintrag.herkunft} ist beschädigt: {grund}") from None
    except OSError as fehler:
        raise NichtDa(f"{fehler.strerror or fehler} ({fehler.filename or basis})") from None
    finally:
        sperre.release()


def _lege_an(eintrag: Eintrag, basis: Path, melde: Callable[[str], None]) -> Path:
    """Nur unter der Sperre: Was sonst so heißt, ist der Rest eines abgebrochenen Versuchs."""
    for rest in basis.glob(f".{eintrag.ordner}.[0-9]*"):
        shutil.rmtree(rest)
    verlange_platz(basis, 2 * eintrag.groesse_mb + 2 * sum(wheel.mb for wheel in eintrag.wheels))
    ordner, beginn = basis / eintrag.ordner, time.monotonic()
    schreibe_daneben(ordner, lambda ziel: _baue(eintrag, ziel, melde))
    groesse = sum(datei.stat().st_size for datei in ordner.rglob("*") if datei.is_file()) / 1e6
    melde(f"bereit nach {time.monotonic() - beginn:.0f} s ({groesse:.0f} MB in {ordner})")
    return ordner


def _baue(eintrag: Eintrag, ziel: Path, melde: Callable[[str], None]) -> None:
    """Holt die Teile, wandelt um, schreibt den Begleitzettel."""
    teile = ziel / ".teile"
    teile.mkdir(parents=True)
    dateien = _teile_des_aufsatzes(eintrag) if eintrag.basis else []
    for wheel in eintrag.wheels:
        dateien += hole(wheel, teile / wheel.paket, melde)
    _umwandler(eintrag).wandle_um(dateien, ziel, melde)
    shutil.rmtree(teile)
    groessen = {}
    for datei in sorted(datei for datei in ziel.rglob("*") if datei.is_file()):
        datei.chmod(0o644)  # safetensors schreibt 0600; ein Rechner für die Klasse braucht mehr
        groessen[datei.relative_to(ziel).as_posix()] = datei.stat().st_size
    zettel = {"name": eintrag.name, "lizenz": eintrag.lizenz, "basis": eintrag.basis}
    zettel["wheels"] = [f"{wheel} ({wheel.datei})" for wheel in eintrag.wheels]
    zettel |= {"fingerabdruck": _fingerabdruck(eintrag), "dateien": groessen}
    schreibe_json(ziel / BEGLEITZETTEL, zettel)


def _teile_des_aufsatzes(eintrag: Eintrag) -> list[Path]:
    """Der Ordner der Basis und der des Aufsatzes."""
    basis = verzeichnis()[0].get(eintrag.basis)
    ordner = stelle_bereit(basis) if basis else eintrag.eigene_basis
    return [ordner, AUFSAETZE / eintrag.ordner]


def _umwandler(eintrag: Eintrag):
    return importlib.import_module(f"kurs.modellbau.{eintrag.umwandler}")


def _fingerabdruck(eintrag: Eintrag) -> str:
    """Ändert sich, wenn andere Teile oder ein neuer Umwandler ein neues Umwandeln verlangen."""
    teile = [(wheel.sha256, wheel.datei) for wheel in eintrag.wheels]
    if eintrag.basis:
        basis = verzeichnis()[0].get(eintrag.basis)
        for ordner in [AUFSAETZE / eintrag.ordner] + ([] if basis else [eintrag.eigene_basis]):
            dateien = [d for d in sorted(ordner.rglob("*")) if d.is_file() and d.suffix != ".md"]
            teile += [(pruefsumme(datei), datei.name) for datei in dateien]
        if basis:
            teile.append(("basis", _fingerabdruck(basis)))
    inhalt = json.dumps([teile, eintrag.umwandler, _umwandler(eintrag).STAND])
    return hashlib.sha256(inhalt.encode()).hexdigest()
