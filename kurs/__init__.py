"""Die kleine Bibliothek hinter den Kursskripten.

Hier wird nichts gelehrt: `kurs` findet Daten, führt Skripte aus, prüft Übungen und schreibt Ergebnisse auf.
Skripte importieren `kurs` als Erstes, noch vor Keras, denn dieser Import richtet die Umgebung ein
(Protokollstufen, Speicher der GPU, Plots ohne Bildschirm). Er braucht nur die Standardbibliothek.
"""

import os
import sys

_skript = os.path.abspath(getattr(sys.modules["__main__"], "__file__", None) or "")
_im_kurs = os.path.basename(_skript).startswith(("demo_", "uebung_"))
if _im_kurs:
    # Der Ordner des Skripts zuletzt: Ein random.py oder numpy.py darin verdeckt dann nichts
    _ordner = os.path.dirname(_skript)
    sys.path[:] = [ort for ort in sys.path if os.path.abspath(ort) != _ordner] + [_ordner]
    for _name, _modul in list(sys.modules.items()):
        _datei = getattr(_modul, "__file__", None) or ""
        if _name in sys.stdlib_module_names and os.path.dirname(_datei) == _ordner:
            raise SystemExit(f"{_datei} verdeckt das Modul {_name} von Python. Benenne sie um.")

from kurs.kern import abbruch  # zuerst: Strg+C ergibt ab hier eine Zeile

# Eine Konsole, die das Skript ausführt, soll Strg+C überleben
if _im_kurs and _skript in map(os.path.abspath, sys.orig_argv) and not sys.flags.interactive:
    abbruch.gilt_fuer_den_prozess()

from kurs import absturz
from kurs.kern import umgebung

umgebung.beruhige_konsole()
if os.path.basename(_skript) != "start.py":  # was start.py setzte, erbte das eigentliche Skript
    umgebung.richte_ein(_im_kurs)
    absturz.richte_ein()

from kurs.auswertung import ergebnis
from kurs.kern.pfade import ausgabe_ordner
from kurs.uebungen import pruefe

__all__ = ["ausgabe_ordner", "ergebnis", "pruefe"]
