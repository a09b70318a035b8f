"""Beantwortet: Wo liegt was?"""

import os
import sys
import tempfile
from pathlib import Path

WURZEL = Path(__file__).resolve().parent.parent
DATA = WURZEL / "data"
AUSGABE = Path(os.environ.get("KURS_AUSGABE") or WURZEL / "ausgabe").resolve()


def verlange_beschreibbar(ordner: Path) -> None:
    """Probiert es aus, denn Rechte allein sagen es nicht (Freigaben, volle Platte). Fehler: OSError."""
    with tempfile.TemporaryFile(dir=ordner):
        pass


def schreibbar(ordner: Path) -> Path:
    """Legt `ordner` an und gibt ihn zurück; ist das nicht erlaubt, einen Ersatz im temporären Ordner."""
    try:
        ordner.mkdir(parents=True, exist_ok=True)
        verlange_beschreibbar(ordner)
        return ordner
    except OSError as grund:
        ersatz = Path(tempfile.gettempdir()) / "kurs-ausgabe" / ordner.name
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


def schreibe_daneben(datei: Path, schreibe) -> None:
    """Schreibt mit `schreibe(pfad)` erst neben `datei`, dann wird umbenannt: Halbes bleibt nie liegen.

    Die Nachbardatei behält die Endung (`np.savez` hängt sonst selbst eine an).
    """
    daneben = datei.with_name(f".{datei.stem}.{os.getpid()}{datei.suffix}")
    try:
        schreibe(daneben)
        os.replace(daneben, datei)
    finally:
        daneben.unlink(missing_ok=True)


def schreibe_text(datei: Path, text: str) -> None:
    """Wie `schreibe_daneben`, für Text als UTF-8; Zeilen enden überall mit \\n, wie sie in git liegen."""
    schreibe_daneben(datei, lambda pfad: pfad.write_text(text, encoding="utf-8", newline="\n"))
