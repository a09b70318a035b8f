"""Beantwortet: Wie wird aus einer Datei in einem Wheel ein Modellordner?

Jedes Modul hier hat genau eine Funktion für den Speicher: `wandle_um(dateien, ziel, melde)` liest
`dateien` (in der Reihenfolge von `quellen.toml`), schreibt fertige Modelldateien in den leeren
Ordner `ziel` und ruft `melde(text)` für jede Fortschrittszeile. `STAND` ändert sich, wenn schon
umgewandelte Modelle neu umgewandelt werden müssen. Fehler: Beschaedigt.
`aufsatz` bekommt statt Dateien zwei Ordner: ein schon umgewandeltes Modell und den Aufsatz dazu.
"""


class Beschaedigt(Exception):
    """Die Datei passt nicht zu ihrem Format; der Text sagt auf Deutsch, wo und warum."""
