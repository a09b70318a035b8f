"""Beantwortet: Was schrieb und zeichnete jedes Skript beim letzten vollen Lauf?

Je Skript ein Ordner mit `lauf.json`, `ausgabe.txt` und den Plots. Er entsteht neben dem alten und ersetzt
ihn erst, wenn er vollständig ist. Ein Lauf gilt, solange Skript und Paketversionen dieselben sind; wer die
Galerie abbricht, macht dort weiter.
"""

import hashlib
import json
import os
import re
import shutil
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from kurs.messen import Messung, miss_mit_takt, rechner
from kurs.pfade import AUSGABE, WURZEL, schreibbar
from kurs.skripte import Skript

LAEUFE = AUSGABE / "galerie" / "laeufe"
PLOTZEILE = re.compile(r"^\[Plot gespeichert: .*\]\n?", re.MULTILINE)  # schreibt kurs.plotablage
BILDBREITE = 1100  # Pixel; mehr zeigt die Seite nicht


@dataclass(frozen=True)
class Lauf:
    """Ein Lauf eines Skripts; `plots` sind Dateinamen in `ordner`, in der Reihenfolge ihres Erscheinens."""

    messung: Messung
    kennung: str
    rechner: str
    plots: list[str]

    @property
    def ordner(self) -> Path:
        return LAEUFE / self.messung.name

    @property
    def ausgabe(self) -> str:
        return (self.ordner / "ausgabe.txt").read_text(encoding="utf-8")


def kennung(skript: Skript) -> str:
    """Ändert sich, wenn sich das Skript oder eine Paketversion ändert."""
    summe = hashlib.sha256(skript.pfad.read_bytes())
    summe.update((WURZEL / "constraints.txt").read_bytes())
    return summe.hexdigest()[:16]


def bekannter(skript: Skript) -> Lauf | None:
    """Der gespeicherte Lauf, wenn er zum Skript von heute gehört."""
    datei = LAEUFE / skript.name / "lauf.json"
    try:
        inhalt = json.loads(datei.read_text(encoding="utf-8"))
        lauf = Lauf(Messung(**inhalt.pop("messung")), **inhalt)
    except (OSError, ValueError, TypeError):  # fehlt, halb oder von einer älteren Fassung
        return None
    return lauf if lauf.kennung == kennung(skript) else None


def fuehre_aus(skript: Skript, wo: str) -> Lauf:
    """Ein voller Lauf in einem eigenen Prozess; `wo` ist der Rechner in Worten."""
    werkbank = schreibbar(AUSGABE / "galerie" / "werkbank" / skript.name)
    vorher = kennung(skript)
    messung = miss_mit_takt(skript, werkbank)
    text = _lesbar((werkbank / f"{skript.name}.txt").read_bytes())
    plots = []
    for plot in _gezeichnet(skript, text):
        plots.append(f"{plot.stem}.webp")
        _verkleinere(plot, werkbank / plots[-1])
    (werkbank / "ausgabe.txt").write_text(text, encoding="utf-8")
    lauf = Lauf(messung, vorher, wo, plots)
    inhalt = json.dumps(asdict(lauf), ensure_ascii=False, indent=1)
    (werkbank / "lauf.json").write_text(inhalt, encoding="utf-8")
    shutil.rmtree(lauf.ordner, ignore_errors=True)
    schreibbar(lauf.ordner.parent)
    os.replace(werkbank, lauf.ordner)
    return lauf


def alle(skripte: tuple[Skript, ...], neu: bool) -> list[Lauf]:
    """Die Läufe aller Skripte; was es schon gibt, läuft nur mit `neu` noch einmal."""
    fertige, wo = [], rechner()
    for nummer, skript in enumerate(skripte, 1):
        lauf = None if neu else bekannter(skript)
        if lauf is None:
            print(
                f"[{nummer}/{len(skripte)}] {skript.name} läuft (laut Kopf ca. {skript.sekunden} s) …",
                flush=True,
            )
            lauf = fuehre_aus(skript, wo)
            if lauf.messung.rueckgabe:
                print(
                    f"  endete mit Code {lauf.messung.rueckgabe}; seine Ausgabe steht in der Galerie."
                )
        fertige.append(lauf)
    return fertige


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
