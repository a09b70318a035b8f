"""Beantwortet: Wo liegt was, und wie wird etwas dort ganz oder gar nicht geschrieben?"""

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

WURZEL = Path(__file__).resolve().parents[2]
DATA = WURZEL / "data"
AUSGABE = Path(os.environ.get("KURS_AUSGABE") or WURZEL / "ausgabe").resolve()


def verlange_beschreibbar(ordner: Path) -> None:
    """Probiert es aus, denn Rechte allein sagen es nicht (Freigaben, volle Platte). Fehler: OSError."""
    with tempfile.TemporaryFile(dir=ordner):
        pass


def ersatz_fuer(ordner: Path) -> Path:
    """Wohin `schreibbar` ausweicht."""
    return Path(tempfile.gettempdir()) / "kurs-ausgabe" / ordner.name


def schreibbar(ordner: Path) -> Path:
    """Legt `ordner` an und gibt ihn zurück; ist das nicht erlaubt, einen Ersatz im temporären Ordner."""
    try:
        ordner.mkdir(parents=True, exist_ok=True)
        verlange_beschreibbar(ordner)
        return ordner
    except OSError as grund:
        ersatz = ersatz_fuer(ordner)
        try:
            ersatz.mkdir(parents=True, exist_ok=True)
            verlange_beschreibbar(ersatz)
        except OSError:  # ein anderer Benutzer dieses Rechners war zuerst da
            ersatz = Path(tempfile.mkdtemp(prefix=f"kurs-{ordner.name}-"))
        print(f"In {ordner} darf nicht geschrieben werden ({grund.strerror}); ich nehme {ersatz}.")
        return ersatz


def laufendes_skript(tiefe: int = 2) -> Path:
    """Pfad des Skripts, das (über `tiefe` Aufrufe hinweg) gerade `kurs` benutzt."""
    return Path(sys._getframe(tiefe).f_globals.get("__file__", "konsole.py")).resolve()


def ausgabe_ordner() -> Path:
    """Der Ordner `ausgabe/<Skriptname>/` des aufrufenden Skripts; er wird angelegt."""
    return schreibbar(AUSGABE / laufendes_skript().stem)


def zwischenspeicher() -> Path:
    """Ordner für einmal Berechnetes, das jederzeit gelöscht werden darf."""
    return schreibbar(AUSGABE / "zwischenspeicher")


def schreibe_daneben(ziel: Path, schreibe: Callable[[Path], object]) -> None:
    """Erst schreibt `schreibe(pfad)` neben `ziel`, dann wird umbenannt: Halbes bleibt nie liegen.

    Gilt für Dateien und Ordner. Der Nachbar behält die Endung (`np.savez` hängt sonst eine an).
    """
    daneben = ziel.with_name(f".{ziel.stem}.{os.getpid()}{ziel.suffix}")
    try:
        schreibe(daneben)
        for geduld in reversed(range(10)):  # unter Windows hält ein Virenscanner Frisches kurz fest
            try:
                if ziel.is_dir() and daneben.is_dir():  # ein Ordner weicht nur einem Ordner
                    shutil.rmtree(ziel)
                os.replace(daneben, ziel)
                break
            except PermissionError:
                if not geduld:
                    raise
                time.sleep(0.3)
    finally:
        if daneben.is_dir():
            shutil.rmtree(daneben, ignore_errors=True)
        else:
            daneben.unlink(missing_ok=True)


def schreibe_text(datei: Path, text: str) -> None:
    """Wie `schreibe_daneben`, für Text als UTF-8; Zeilen enden überall mit \\n, wie sie in git liegen."""
    schreibe_daneben(datei, lambda pfad: pfad.write_text(text, encoding="utf-8", newline="\n"))


def lies_toml(datei: Path) -> dict:
    """Der Inhalt einer TOML-Datei."""
    try:
        import tomllib
    except ModuleNotFoundError:  # Python 3.10
        import tomli as tomllib
    return tomllib.loads(datei.read_text(encoding="utf-8"))
