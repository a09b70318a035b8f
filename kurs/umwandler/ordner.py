"""Beantwortet: Wie wird aus einem Wheel, das schon einen Modellordner enthält, ein Modellordner?

Kopiert wird, was `from_pretrained` braucht; die Gewichte bleiben Byte für Byte das Original.
"""

import json
import shutil
import struct
from collections.abc import Callable
from pathlib import Path

from kurs.umwandler import Beschaedigt

STAND = 1
UNNOETIG = (".gitattributes", "data_config.json")


def pruefe_safetensors(datei: Path) -> None:
    """Wirft Beschaedigt, wenn die Länge der Datei nicht zu ihrem Verzeichnis passt.

    Format: u64 Länge des Verzeichnisses, JSON mit `data_offsets` je Tensor, Werte.
    """
    with open(datei, "rb") as strom:
        kopf = strom.read(8)
        laenge = struct.unpack("<Q", kopf)[0] if len(kopf) == 8 else 0
        try:
            tensoren = json.loads(strom.read(min(laenge, datei.stat().st_size)))
            tensoren.pop("__metadata__", None)
            ende = max(tensor["data_offsets"][1] for tensor in tensoren.values())
        except (ValueError, AttributeError, KeyError, TypeError):
            raise Beschaedigt(f"{datei.name} hat kein lesbares Verzeichnis") from None
    if 8 + laenge + ende != datei.stat().st_size:
        ist, soll = datei.stat().st_size, 8 + laenge + ende
        raise Beschaedigt(f"{datei.name} hat {ist} Bytes, müsste aber {soll} haben")


def wandle_um(dateien: list[Path], ziel: Path, melde: Callable[[str], None]) -> None:
    """Kopiert den Ordner samt Unterordnern nach `ziel`. Fehler: Beschaedigt."""
    gefunden = [datei for datei in dateien if datei.name == "config.json"]
    if not gefunden:
        raise Beschaedigt("config.json fehlt")
    wurzel = min((datei.parent for datei in gefunden), key=lambda ordner: len(ordner.parts))
    melde("prüfe und kopiere den Modellordner …")
    for datei in dateien:
        if datei.suffix == ".safetensors":
            pruefe_safetensors(datei)
        if datei.name not in UNNOETIG:
            kopie = ziel / datei.relative_to(wurzel)
            kopie.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(datei, kopie)
    if not (ziel / "model.safetensors").exists():
        raise Beschaedigt("model.safetensors fehlt")
