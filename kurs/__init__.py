"""Die kleine Bibliothek hinter den Kursskripten.

Hier wird nichts gelehrt: `kurs` findet Daten, führt Skripte aus, prüft Übungen und schreibt Ergebnisse auf.
Skripte importieren `kurs` als Erstes, noch vor Keras, denn dieser Import richtet die Umgebung ein
(Protokollstufen, Speicher der GPU, Plots ohne Bildschirm). Er braucht nur die Standardbibliothek.
"""

from kurs import umgebung

umgebung.richte_ein()

from kurs import pruefe
from kurs.auswertung import ergebnis
from kurs.pfade import ausgabe_ordner

__all__ = ["ausgabe_ordner", "ergebnis", "pruefe"]
