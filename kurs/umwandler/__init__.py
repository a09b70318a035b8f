"""Beantwortet: Wie wird aus einer Datei in einem Wheel ein Modellordner?

Jedes Modul hier hat genau eine Funktion für den Speicher: `wandle_um(dateien, ziel, melde)` liest
`dateien` (in der Reihenfolge von `quellen.toml`), schreibt fertige Modelldateien in den leeren
Ordner `ziel` und ruft `melde(text)` für jede Fortschrittszeile. `STAND` ändert sich, wenn schon
umgewandelte Modelle neu umgewandelt werden müssen. Fehler: Beschaedigt.
`aufsatz` bekommt statt Dateien zwei Ordner: ein schon umgewandeltes Modell und den Aufsatz dazu.
"""

import json
import struct
from pathlib import Path


class Beschaedigt(Exception):
    """Die Datei passt nicht zu ihrem Format; der Text sagt auf Deutsch, wo und warum."""


def lies_json(datei: Path) -> dict:
    """Der Inhalt. Fehler: Beschaedigt mit dem Namen der Datei."""
    try:
        return json.loads(datei.read_text(encoding="utf-8"))
    except (OSError, ValueError) as fehler:
        raise Beschaedigt(f"{datei.name} ist nicht lesbar ({type(fehler).__name__})") from None


def schreibe_json(datei: Path, inhalt: dict, indent: int | None = 2) -> None:
    """Schreibt UTF-8, Umlaute bleiben Umlaute."""
    datei.write_text(json.dumps(inhalt, indent=indent, ensure_ascii=False), encoding="utf-8")


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
