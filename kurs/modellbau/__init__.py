"""Beantwortet: Wie wird aus Wheels des Paketindex oder einem Aufsatz ein Modellordner?

`quellen.toml` nennt die Modelle, `wheels` holt die Dateien, `speicher` legt das fertige Modell ab.
Die übrigen Module wandeln um, jedes mit einer Funktion `wandle_um(dateien, ziel, melde)`: Sie liest
`dateien` (in der Reihenfolge von `quellen.toml`; bei einem Aufsatz sind es zwei Ordner, Basis und
Aufsatz), schreibt in den leeren Ordner `ziel` und ruft `melde(text)` für jede Fortschrittszeile.
`STAND` ändert sich, wenn schon umgewandelte Modelle neu umgewandelt werden müssen. Was aus einem
Wheel kommt, hat dessen Prüfsumme bestanden; was in `data/modelle` liegt, kann beschädigt sein.
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


def schreibe_json(datei: Path, inhalt: dict | list, indent: int | None = 2) -> None:
    """Schreibt UTF-8, Umlaute bleiben Umlaute."""
    datei.parent.mkdir(exist_ok=True)
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
