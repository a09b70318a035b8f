# -*- coding: utf-8 -*-
"""Einrichten und starten:  python start.py NAME_EINES_SKRIPTS   (ohne Namen: die Agenda).

Diese Datei versteht absichtlich auch ein sehr altes Python, damit es einen Satz gibt und keinen Traceback.
Die Arbeit macht kurs/starter.py.
"""

from __future__ import print_function, unicode_literals

import os
import sys

if sys.version_info < (3, 10):
    print("Python %d.%d ist zu alt; der Kurs braucht Python 3.10 bis 3.13." % sys.version_info[:2])
    print("Eine andere installierte Version ruft man so auf:")
    print("py -3.12 start.py  (Windows)  oder  python3.12 start.py  (Linux, macOS)")
    sys.exit(2)

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # auch mit python -I und -P

from kurs.starter import starte

sys.exit(starte(sys.argv[1:]))
