"""Beantwortet: Wie wird aus Wheels des Paketindex oder einem Aufsatz ein Modellordner?

`quellen.toml` nennt die Modelle, `wheels` holt die Dateien, `speicher` legt das fertige Modell ab.
Die übrigen Module wandeln um, jedes mit einer Funktion `wandle_um(dateien, ziel, melde)`: Sie liest
`dateien` (in der Reihenfolge von `quellen.toml`; bei einem Aufsatz sind es zwei Ordner, Basis und
Aufsatz), schreibt in den leeren Ordner `ziel` und ruft `melde(text)` für jede Fortschrittszeile.
`STAND` ändert sich, wenn schon umgewandelte Modelle neu umgewandelt werden müssen. Was aus einem
Wheel kommt, hat dessen Prüfsumme bestanden; was in `data/modelle` liegt, kann beschädigt sein.
"""

import json
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
    """Öffnen genügt: Die Bibliothek vergleicht Verzeichnis und Länge. Fehler: Beschaedigt."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(datei, framework="np"):
            pass
    except SafetensorError:
        raise Beschaedigt(f"{datei.name} ist abgeschnitten oder kein safetensors") from None
