"""Die kleine Bibliothek hinter den Kursskripten.

Hier wird nichts gelehrt: `kurs` findet Daten, führt Skripte aus, prüft Übungen und schreibt Ergebnisse auf.
Skripte importieren `kurs` als Erstes, noch vor Keras, denn dieser Import richtet die Umgebung ein
(Protokollstufen, Speicher der GPU, Plots ohne Bildschirm). Er braucht nur die Standardbibliothek.
"""

from kurs import absturz, umgebung

umgebung.richte_ein()
absturz.richte_ein()

from kurs.auswertung import ergebnis
from kurs.pfade import ausgabe_ordner
from kurs.uebungen import pruefe

__all__ = ["ausgabe_ordner", "ergebnis", "pruefe"]
