"""Beantwortet: Was schreibt und zeichnet jedes Skript bei einem vollen Lauf?"""

import re
import sys
from dataclasses import dataclass
from pathlib import Path

from kurs.pfade import AUSGABE, WURZEL, schreibbar
from kurs.pflege.messen import Messung, miss
from kurs.skripte import Skript

ORDNER = AUSGABE / "galerie" / "laeufe"
PLOTZEILE = re.compile(r"^\[Plot gespeichert: .*\]\n?", re.MULTILINE)  # schreibt kurs.plotablage
BILDBREITE = 1100  # Pixel; mehr zeigt die Seite nicht


@dataclass(frozen=True)
class Galerielauf:
    """Ein Lauf eines Skripts; `plots` sind Bilddateien in der Reihenfolge ihres Erscheinens."""

    messung: Messung
    ausgabe: str
    plots: list[Path]


def zeige_vor(skript: Skript) -> Galerielauf:
    """Ein voller Lauf in einem eigenen Prozess."""
    ordner = schreibbar(ORDNER / skript.name)
    messung = miss(skript, ordner)
    text = _lesbar((ordner / f"{skript.name}.txt").read_bytes())
    plots = []
    for plot in _gezeichnet(skript, text):
        plots.append(ordner / f"{plot.stem}.webp")
        _verkleinere(plot, plots[-1])
    return Galerielauf(messung, text, plots)


def _lesbar(roh: bytes) -> str:
    """Die Ausgabe ohne überschriebene Zeilenanfänge und ohne den Pfad dieses Rechners."""
    text = roh.decode("utf-8", errors="replace").replace("\r\n", "\n")
    zeilen = [zeile.rstrip("\r").rpartition("\r")[2] for zeile in text.split("\n")]
    text = "\n".join(zeilen).replace(sys.executable, "python")
    for ort in (WURZEL.as_uri(), str(WURZEL), WURZEL.as_posix()):
        text = text.replace(ort, "schulung")
    return text


def _gezeichnet(skript: Skript, text: str) -> list[Path]:
    """Die Plots dieses Laufs; gezählt wird, was die Ausgabe nennt, nicht was im Ordner liegt."""
    anzahl = len(PLOTZEILE.findall(text))
    pfade = [AUSGABE / skript.name / f"plot_{nummer}.png" for nummer in range(1, anzahl + 1)]
    return [pfad for pfad in pfade if pfad.is_file()]


def _verkleinere(quelle: Path, ziel: Path) -> None:
    from PIL import Image

    with Image.open(quelle) as bild:
        bild = bild.convert("RGB")
        if bild.width > BILDBREITE:
            bild = bild.resize((BILDBREITE, round(bild.height * BILDBREITE / bild.width)))
        bild.save(ziel, quality=82, method=6)
