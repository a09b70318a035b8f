"""Beantwortet: Strg+C. Wie endet ein Skript oder Server sofort und mit einer Zeile?"""

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable

FRIST = 2  # Sekunden: So lange darf ein Skript nach Strg+C noch aufräumen
_gedrueckt = threading.Event()


def brich_ab(zuletzt: Callable[[], object] = lambda: None) -> None:
    """Eine Zeile, dann `zuletzt`, und der Prozess endet sofort."""
    try:
        print("\nAbgebrochen.", flush=True)
    finally:
        logging.disable()  # wem jetzt etwas wegbricht, der meldete es sonst noch
        threading.excepthook = lambda _: None
        zuletzt()
        os._exit(130)  # TensorFlow räumte sonst noch sekundenlang auf


def ist_abbruch(fehler: BaseException) -> bool:
    """Ob Strg+C dahintersteckt: TensorFlow macht daraus mitunter einen TypeError."""
    return isinstance(fehler, KeyboardInterrupt) or _gedrueckt.is_set()


def gilt_fuer_den_prozess() -> None:
    """Strg+C beendet diesen Prozess auch, wenn eine Bibliothek den KeyboardInterrupt verschluckt."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _strg_c)


def _strg_c(nummer, stelle) -> None:
    _gedrueckt.set()
    sys.unraisablehook = lambda _: None
    wecker = threading.Timer(FRIST, brich_ab)
    wecker.daemon = True
    wecker.start()
    signal.default_int_handler(nummer, stelle)


def _nach_absturz(art, fehler, spur) -> None:
    if ist_abbruch(fehler):
        brich_ab()
    _vorher(art, fehler, spur)


_vorher = sys.excepthook
sys.excepthook = _nach_absturz  # schon während kurs lädt; danach fragt absturz.py
