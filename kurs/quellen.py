"""Beantwortet: Woher kommen diese Daten, und warum von dort?

`KURS_QUELLE=hub` besteht auf Originalen, `KURS_QUELLE=eingebaut` auf dem Eingebetteten; sonst
(`auto`) gilt die Reihenfolge, in der `waehle` die Wege bekommt.
"""

import contextlib
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kurs.kern.pfade import DATA

MODI = ("auto", "hub", "eingebaut")
ORIGINALE_HOLEN = "das Original holt: python start.py vorbereiten --originale"
_benutzt: dict[str, str] = {}
_gemerkt: dict[tuple, object] = {}


class NichtDa(Exception):
    """Diese Quelle hat die Daten nicht; der Text sagt auf Deutsch, warum."""


class KeineQuelle(SystemExit):
    """Keine erlaubte Quelle hat die Daten. Als SystemExit: ein Satz statt eines Tracebacks.

    `satz` sagt, was nicht zu bekommen ist und warum; auf dem Bildschirm folgt `rat`.
    """

    def __init__(self, satz: str, rat: str = ""):
        super().__init__(f"{satz} {rat}".rstrip())
        self.satz = satz


@dataclass(frozen=True)
class Weg:
    """Eine Quelle. `rat` steht in der Ausgabe dabei, wenn `auto` diesen Weg gewählt hat.

    `lade` gibt die Daten zurück oder wirft NichtDa; ein leerer Grund ist nicht der Rede wert.
    """

    name: str
    original: bool
    lade: Callable[[], object]
    rat: str = ""


def modus() -> str:
    """Der Wert von `KURS_QUELLE`. Fehler: KeineQuelle bei einem unbekannten Wert."""
    wert = os.environ.get("KURS_QUELLE", "auto").strip().lower() or "auto"
    if wert not in MODI:
        raise KeineQuelle(f"KURS_QUELLE={wert} gibt es nicht. Möglich sind: {', '.join(MODI)}.")
    return wert


def verlangt_original() -> bool:
    """Ob `KURS_QUELLE=hub` gesetzt ist."""
    return os.environ.get("KURS_QUELLE", "").strip().lower() == "hub"


def eigene_kopien() -> Path:
    """Der Ordner mit eigenen Kopien der Originale: `KURS_ORIGINALE`, sonst `data/original`."""
    return Path(os.path.expanduser(os.environ.get("KURS_ORIGINALE") or DATA / "original"))


def keras_ablage(ordner: str = "datasets") -> Path:
    """Der Zwischenspeicher von Keras."""
    return Path(os.environ.get("KERAS_HOME") or os.path.expanduser("~/.keras")) / ordner


def verlange_platz(ordner: Path, mb: float) -> None:
    """Fehler: NichtDa, wenn dort, wo `ordner` ist oder sein wird, weniger frei ist."""
    da = next(ort for ort in (ordner, *ordner.resolve().parents) if ort.exists())
    frei = shutil.disk_usage(da).free / 1e6
    if frei < mb:
        raise NichtDa(f"auf dem Datenträger sind nur {frei:.0f} MB frei, nötig sind {mb:.0f}")


@contextlib.contextmanager
def nennt_kaputtes(pfad: Path, fehlt: str = ""):
    """Was beim Lesen schiefgeht, wird NichtDa mit Pfad und Grund; ohne Datei mit dem Satz `fehlt`."""
    try:
        yield
    except NichtDa:
        raise
    except (FileNotFoundError, NotADirectoryError):
        raise NichtDa(fehlt) from None
    except Exception as fehler:  # noqa: BLE001 (wie Kaputtes scheitert, hängt von der Stelle ab)
        grund = f"{pfad} ist beschädigt und wird übergangen ({type(fehler).__name__})"
        raise NichtDa(grund) from None


def waehle(was: str, wege: list[Weg], ablage: Path | None = None):
    """Nimmt den ersten erlaubten Weg, der die Daten hat, und druckt, welcher es ist und warum.

    `ablage`: wohin eine eigene Kopie gehörte. Fehler: KeineQuelle.
    """
    erlaubt = modus()
    gruende = []
    if erlaubt == "eingebaut":
        wege = [weg for weg in wege if not weg.original]
    elif erlaubt == "hub":  # wo es kein Original gibt, ist das Eingebettete recht
        wege = [weg for weg in wege if weg.original] or wege
    for weg in wege:
        try:
            daten = weg.lade()
        except NichtDa as grund:
            if str(grund):
                gruende.append(str(grund))
            continue
        if erlaubt == "eingebaut":
            gruende.append("KURS_QUELLE=eingebaut")
        elif weg.rat and erlaubt == "auto":
            gruende.append(weg.rat)
        _benutzt[was] = "original" if weg.original else "eingebettet"
        print(f"{was}: {weg.name}" + (f" ({'; '.join(gruende)})" if gruende else ""))
        return daten
    ausweg = "" if erlaubt == "auto" else f"Ohne KURS_QUELLE={erlaubt} nähme der Kurs, was da ist. "
    raise KeineQuelle(
        f"{was} ist nicht zu bekommen ({'; '.join(gruende) or 'keine Quelle hat die Daten'}).",
        f"{ausweg}Eigene Kopien gehören nach {ablage or eigene_kopien()}.",
    )


def einmal(was: str, wege: Callable[[], list[Weg]], ablage: Path | None = None):
    """Wie `waehle`, aber in einer Umgebung nur einmal; danach kommt dasselbe, ohne eine Zeile."""
    umgebung = [os.environ.get(n) for n in ("KURS_QUELLE", "KURS_ORIGINALE", "KERAS_HOME")]
    schluessel = (was, *umgebung)
    if schluessel not in _gemerkt:
        _gemerkt[schluessel] = waehle(was, wege(), ablage)
    return _gemerkt[schluessel]


def benutzt() -> dict[str, str]:
    """Name → „original“ oder „eingebettet“."""
    return dict(_benutzt)


def originale_benutzt() -> bool:
    """Ob mindestens ein Datensatz dieses Laufs das Original ist."""
    return "original" in _benutzt.values()


def vergiss() -> None:
    """Wie in einem neuen Prozess: Nichts ist geladen, nichts ist benutzt."""
    _benutzt.clear()
    _gemerkt.clear()
