"""Beantwortet: Wie steht das Urteil da, kaum dass die Übung gespeichert ist?

`beobachte` sieht nach der Datei. Neben ihm wartet ein zweiter Prozess (`python -m kurs.uebungen.ueben DATEI`), der die
Bibliotheken schon geladen und alles bis zur ersten ungelösten Aufgabe ausgeführt hat; was er dabei drucken
wollte, hebt er auf. Wird gespeichert, liest er die Datei und macht weiter, wo er steht; hat sich weiter oben
etwas geändert, beginnt er von vorn. Danach wartet der nächste. Plots werden gespeichert statt gezeigt.
"""

import ast
import contextlib
import io
import os
import subprocess
import sys
import time
from pathlib import Path

from kurs import lauf
from kurs.kern.skripte import lies_quelltext
from kurs.uebungen import fortschritt
from kurs.uebungen.ablauf import beginnt, repariere
from kurs.uebungen.urteil import LAUF, Lauf

TAKT = 0.1  # Sekunden zwischen zwei Blicken auf die Datei
LOS = "los\n"


def beobachte(pfad: Path) -> None:
    """Prüft `pfad` jetzt und bei jedem Speichern, bis Strg+C."""
    print(
        f"{pfad.name}: Speichern genügt, das Urteil erscheint hier. Beenden mit Strg+C.", flush=True
    )
    kind, gesehen = _starte(pfad), None
    try:
        while True:
            if (inhalt := _lies(pfad)) not in (gesehen, None):
                gesehen = inhalt
                print(f"\n── {time.strftime('%H:%M:%S')} " + "─" * 60, flush=True)
                _sage_los(kind)
                while kind.poll() is None and _lies(pfad) in (gesehen, None):
                    time.sleep(TAKT)
                _beende(kind)  # noch einmal gespeichert: Dieser Lauf gilt nicht mehr
                kind = _starte(pfad)
            time.sleep(TAKT)
    except KeyboardInterrupt:
        print("\nEnde.")
    finally:
        _beende(kind)


def _lies(pfad: Path) -> bytes | None:
    """Der Inhalt; None, solange der Editor die Datei gerade ersetzt."""
    try:
        return pfad.read_bytes() or None
    except OSError:
        return None


def _starte(pfad: Path) -> subprocess.Popen:
    umgebung = {**os.environ, "MPLBACKEND": "module://kurs.plotablage", "PYTHONIOENCODING": "utf-8"}
    befehl = [sys.executable, "-m", "kurs.uebungen.ueben", str(pfad)]
    return subprocess.Popen(befehl, stdin=subprocess.PIPE, env=umgebung, text=True)


def _sage_los(kind: subprocess.Popen) -> None:
    with contextlib.suppress(OSError):  # schon tot: Dann steht sein Fehler auf dem Bildschirm
        kind.stdin.write(LOS)
        kind.stdin.flush()


def _beende(kind: subprocess.Popen) -> None:
    with contextlib.suppress(OSError):
        kind.stdin.close()
    if kind.poll() is None:
        kind.terminate()
    kind.wait()


# --- Im wartenden Prozess ----------------------------------------------------------------------------


def _erste_ungeloeste(uebung: Path, regionen: dict) -> int:
    """Die Zeile, bis zu der schon gerechnet werden darf: dort beginnt die erste Aufgabe, die nicht gelöst ist."""
    stand = fortschritt.lies(uebung.stem)
    ungeloest = [n for n in regionen if stand.get(f"Aufgabe {n}") != fortschritt.RICHTIG]
    return regionen[min(ungeloest or regionen)].von if regionen else 1


def _bereite_vor(uebung: Path, namensraum: dict) -> tuple[str, int, str]:
    """Führt den Anfang der Übung aus; Rückgabe: sein Text, wie viele Anweisungen das sind, was er druckte."""
    quelltext, _ = repariere(lies_quelltext(uebung))
    baum = ast.parse(quelltext)
    probe = Lauf(uebung, namensraum, quelltext, baum)
    zeile = _erste_ungeloeste(uebung, probe.regionen)
    anfang = [a for a in baum.body if beginnt(a) < zeile]
    probe.baum = ast.Module(anfang, [])
    gedruckt = io.StringIO()
    with contextlib.redirect_stdout(gedruckt):
        probe.laufe()
    probe.zu_ende = True
    return "\n".join(quelltext.split("\n")[: zeile - 1]), len(anfang), gedruckt.getvalue()


def warte_und_pruefe(uebung: Path) -> None:
    """Bereitet vor, wartet auf LOS und prüft dann die Datei, wie sie in diesem Augenblick ist."""
    with lauf.als_hauptprogramm(uebung) as modul:
        try:
            anfang, anzahl, gedruckt = _bereite_vor(uebung, modul.__dict__)
        except Exception:  # noqa: BLE001 (die Datei ist gerade kaputt: dann eben alles, wenn sie gespeichert ist)
            anfang = None
        if sys.stdin.readline() != LOS:
            return
        quelltext, kaputt = repariere(lies_quelltext(uebung))
        if anfang is None or not quelltext.startswith(anfang + "\n"):
            lauf.fuehre_aus(uebung)
            return
        vorher = modul.__dict__[LAUF]
        print(gedruckt, end="", flush=True)
        weiter = Lauf(uebung, modul.__dict__, quelltext, ast.parse(quelltext))
        weiter.befunde, weiter.vermerkt = vorher.befunde, vorher.vermerkt
        weiter.fehlt = vorher.fehlt
        weiter.verwirf(kaputt)
        weiter.laufe(anzahl)
        weiter.schluss()


if __name__ == "__main__":
    try:
        warte_und_pruefe(Path(sys.argv[1]))
    except KeyboardInterrupt:
        sys.exit(130)
