"""Beantwortet: Steckt das Skript in einer Antwort fest, in einer endlosen Schleife oder in einem Dienst?

Eine Sekunde nach der anderen sieht ein zweiter Faden nach, wo das Skript gerade ist. Rechnet es 30-mal hintereinander
in den Zeilen derselben Antwort selbst (nicht in einer Bibliothek, also in keinem Training), oder bedient dort uvicorn
Anfragen, bekommt es eine Ausnahme; die kostet nur diese Aufgabe.
"""

import ctypes
import logging
import sys
import threading
import time
from collections.abc import Callable

GEDULD = 30  # Sekunden


class Endlosschleife(Exception):
    def __str__(self):
        return f"nach {GEDULD} Sekunden abgebrochen"


class DienstInDerAntwort(Exception):
    def __str__(self):
        return "uvicorn bedient Anfragen und kehrt nie zurück"


def bewache(wo: Callable[[object], object], zu_ende: Callable[[], bool]) -> None:
    """Wacht über den Hauptfaden, bis `zu_ende()`; `wo(frame)` nennt die Antwort, in der er gerade ist, oder nichts."""
    threading.Thread(target=_wache, args=(wo, zu_ende), daemon=True).start()


def _wache(wo, zu_ende) -> None:
    haupt = threading.main_thread().ident
    gesehen, zuletzt, gerechnet = 0, None, time.process_time()
    while not zu_ende():
        time.sleep(1)
        frame = sys._current_frames().get(haupt)
        if _bedient(frame, wo):
            logging.getLogger("uvicorn.error").setLevel("CRITICAL")  # es schriebe den Abbruch hin
            _brich_ab(haupt, DienstInDerAntwort)
        stelle, jetzt = wo(frame), time.process_time()
        # Wer nur wartet, etwa auf input(), rechnet nicht
        weiter = stelle and stelle == zuletzt and jetzt - gerechnet > 0.01
        gesehen, zuletzt, gerechnet = gesehen + 1 if weiter else 0, stelle, jetzt
        if gesehen == GEDULD:
            _brich_ab(haupt, Endlosschleife)
            gesehen = 0


def _bedient(frame, wo) -> bool:
    """Ob hier uvicorn läuft, aufgerufen von einer Antwort."""
    in_uvicorn = False
    while frame is not None:
        in_uvicorn = in_uvicorn or frame.f_globals.get("__name__", "").startswith("uvicorn.")
        if in_uvicorn and wo(frame):
            return True
        frame = frame.f_back
    return False


def _brich_ab(faden: int, ausnahme: type[Exception]) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(faden), ctypes.py_object(ausnahme))
