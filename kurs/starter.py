"""Beantwortet: Was ist mit `python start.py …` gemeint? Richtet ein, falls nötig, und übergibt an `python -m kurs`."""

import subprocess
import sys

from kurs.arzt import untersuche
from kurs.einrichten import einrichtung
from kurs.einrichten.installieren import Abbruch
from kurs.einrichten.ursachen import ursache
from kurs.kern.pfade import WURZEL
from kurs.kern.skripte import finde
from kurs.lauf import rufe_auf

BEFEHLE = ("agenda", "arzt", "einrichten", "erzeugen", "fortschritt", "galerie", "lauf", "loesung")
BEFEHLE += ("messen", "test", "ueben", "vorbereiten", "zuruecksetzen")


def starte(argumente: list[str]) -> int:
    """Richtet ein, falls nötig, und übergibt an `python -m kurs`. Rückgabe: der Exit-Code."""
    try:
        befehl = _als_befehl(argumente)
        python = str(einrichtung.venv_python())
        if befehl[:1] == ["arzt"]:  # er richtet nichts ein und läuft zur Not gleich hier
            if einrichtung.version([python]) is None:
                return untersuche(eingerichtet=False)
        else:
            if befehl[:1] == ["einrichten"]:  # auch wenn der Stempel stimmt: nachsehen und ergänzen
                einrichtung.STEMPEL.unlink(missing_ok=True)
            einrichtung.richte_ein()
            if befehl[:1] == ["einrichten"]:
                return 0
        # aus der Wurzel: Dateien im Ordner des Aufrufs (etwa random.py) verdecken dann nichts
        return rufe_auf([python, "-m", "kurs", *befehl], cwd=WURZEL)
    except Abbruch as grund:
        print(grund, file=sys.stderr)
        return 2
    except (OSError, subprocess.SubprocessError) as fehler:
        print(ursache(str(fehler)) or f"Das Betriebssystem meldet: {fehler}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nAbgebrochen. Derselbe Befehl noch einmal setzt fort.", file=sys.stderr)
        return 130


def _als_befehl(argumente: list[str]) -> list[str]:
    """Aus `demo_dropout …` wird `lauf demo_dropout …`; ein unbekannter Name fällt sofort auf."""
    if not argumente or argumente[0] in BEFEHLE or argumente[0] in ("-h", "--help"):
        return ["--help"] if argumente[:1] == ["-h"] else argumente
    if argumente[0].startswith("-"):
        raise Abbruch(
            f"Die Angabe {argumente[0]} kenne ich nicht. python start.py --help zeigt die Befehle."
        )
    try:
        finde(argumente[0])
    except LookupError as fehler:
        raise Abbruch(f"{fehler.args[0]} Befehle sind: {', '.join(BEFEHLE)}.") from None
    return ["lauf", *argumente]
