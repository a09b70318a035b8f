"""Beantwortet: Dreht sich eine Antwort in einer Schleife, die nie endet?

Eine Sekunde nach der anderen sieht ein zweiter Faden nach, wo das Skript gerade ist. Rechnet es 30-mal hintereinander
in den Zeilen derselben Antwort selbst (nicht in einer Bibliothek, also in keinem Training), bekommt es dort eine
Ausnahme; die kostet nur diese Aufgabe.
"""

import ctypes
import sys
import threading
import time
from collections.abc import Callable

GEDULD = 30  # Sekunden


class Endlosschleife(Exception):
    def __str__(self):
        return f"nach {GEDULD} Sekunden abgebrochen"


def bewache(wo: Callable[[object], object], zu_ende: Callable[[], bool]) -> None:
    """Wacht über den Hauptfaden, bis `zu_ende()`; `wo(frame)` nennt die Antwort, in der er gerade ist, oder nichts."""
    threading.Thread(target=_wache, args=(wo, zu_ende), daemon=True).start()


def _wache(wo, zu_ende) -> None:
    haupt = threading.main_thread().ident
    gesehen, zuletzt, gerechnet = 0, None, time.process_time()
    while not zu_ende():
        time.sleep(1)
        stelle, jetzt = wo(sys._current_frames().get(haupt)), time.process_time()
        # Wer nur wartet, etwa auf input(), rechnet nicht
        weiter = stelle and stelle == zuletzt and jetzt - gerechnet > 0.01
        gesehen, zuletzt, gerechnet = gesehen + 1 if weiter else 0, stelle, jetzt
        if gesehen == GEDULD:
            ausnahme = ctypes.py_object(Endlosschleife)
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(haupt), ausnahme)
            gesehen = 0
