"""`python -m kurs.arzt`: der Kursarzt im Python der `.venv`."""

import sys
from pathlib import Path

from kurs.arzt import __doc__ as erklaerung
from kurs.arzt import untersuche

if {"-h", "--help"} & set(sys.argv[1:]):
    print(erklaerung)
    sys.exit(0)
sys.exit(untersuche(Path(sys.executable)))
