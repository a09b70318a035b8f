"""Beantwortet: Python meldet einen Fehler. Was heißt das, auf Deutsch, für den, der die Zeile geschrieben hat?

Was die Meldungen und Arten von Ausnahmen heißen, steht in `deutung.toml`; hier steht, was sich erst mit
den Namen und Dingen an der Stelle sagen lässt.
"""

import builtins
import difflib
import re
import sys
import traceback
from functools import cache
from pathlib import Path

from kurs.kern.pfade import lies_toml
from kurs.uebungen.arten import GIBT_NONE, in_worten

# Das kann ein Feld, eine Liste nicht
FELD = "argmax argmin astype max mean min reshape shape std sum tolist".split()
# So geht es nach find oder select_one weiter
SUCHEN = ("get_text", "find", "find_all", "select", "select_one", "decompose", "extract", "text")
SONST = "An dieser Stelle kann Python nicht weiterrechnen."


@cache
def _bekanntes() -> dict:
    return lies_toml(Path(__file__).with_suffix(".toml"))


def _naechster(name: str, namen) -> str:
    """Der ähnlichste Name, oder leer: Ein Tippfehler ist es nur, wenn fast alles gleich ist."""
    oeffentlich = [n for n in namen if not n.startswith("_")]
    return next(iter(difflib.get_close_matches(name, oeffentlich, n=1, cutoff=0.75)), "")


def _zeile(fehler: BaseException) -> str:
    """Der Quelltext der Zeile, in der es abbrach, oder leer."""
    schritte = traceback.extract_tb(fehler.__traceback__)
    return (schritte[-1].line or "") if schritte else ""


def _in_bibliothek(fehler: BaseException) -> bool:
    """Ob es in einer Bibliothek abbrach, nicht im Skript."""
    schritte = traceback.extract_tb(fehler.__traceback__)
    return bool(schritte) and "site-packages" in schritte[-1].filename


def deute(fehler: BaseException, namen=()) -> str:
    """Ein deutscher Satz zu einer Ausnahme; `namen` sind die Namen, die es an der Stelle gibt."""
    meldung = str(fehler)
    if isinstance(fehler, NameError) and (name := getattr(fehler, "name", None)):
        if isinstance(fehler, UnboundLocalError):
            return f"{name} hat in dieser Funktion noch keinen Wert."
        if re.search(rf"""\bf["'].*{{{re.escape(name)}\b""", _zeile(fehler)):
            return (
                f"Das f vor den Anführungszeichen setzt {name} schon hier ein. Ohne f bleibt {{{name}}} stehen "
                "und wird später ersetzt."
            )
        if name in sys.stdlib_module_names:
            return f"Das Modul {name} ist noch nicht geladen: Davor gehört import {name}."
        nahe = _naechster(name, [*namen, *dir(builtins)])
        return f"Den Namen {name} gibt es nicht. " + (
            f"Meinst du {nahe}?" if nahe else "Ein Tippfehler, oder fehlen Anführungszeichen?"
        )
    if isinstance(fehler, AttributeError) and (name := getattr(fehler, "name", None)):
        ding = getattr(fehler, "obj", None)
        if ding is None and name in SUCHEN:
            return "Davor kam None heraus: find und select_one geben None, wenn sie nichts finden."
        if ding is None:
            return f"Davor kam None heraus. Fehlt ein return? ({GIBT_NONE}.)"
        if ding is ...:
            return "Hier wird etwas benutzt, das noch offen ist (`...`)."
        if isinstance(ding, (list, tuple)) and name in FELD:
            return f"Eine Liste hat kein .{name}, ein Feld schon: np.array(…) macht eines daraus."
        if isinstance(ding, (list, tuple)) and name in ("items", "keys", "values"):
            return f"Gefragt ist ein dict, {{…: …}}; hier steht {in_worten(ding)}."
        if name == "_validate_params":  # das ruft scikit-learn auf self
            return "Davor fehlen die runden Klammern hinter dem Namen der Klasse: …().fit(…)."
        if name == "lower":  # das rufen die Vectorizer von scikit-learn
            return f"Gefragt sind Texte; hier steht ein {type(ding).__name__}."
        nahe = _naechster(name, dir(ding))
        art = ding.__name__ if hasattr(ding, "__name__") else f"Ein {type(ding).__name__}"
        return f"{art} hat kein .{name}." + (f" Meinst du .{nahe}?" if nahe else "")
    if isinstance(fehler, KeyError) and len(fehler.args) == 1 and len(meldung) < 80:
        return f"Den Schlüssel {meldung} gibt es hier nicht."
    if isinstance(fehler, SyntaxError) and re.search(r"\b0,\d", fehler.text or ""):
        return "Python schreibt Kommazahlen mit Punkt: 0.5, nicht 0,5."
    if isinstance(fehler, AssertionError) and "self.d" in _zeile(fehler):  # aus FAISS
        return "Die Vektoren sind anders lang als im Index: Ihre Länge ist shape[1]."
    if isinstance(fehler, AssertionError) and meldung:
        return ""  # wer einen Satz dazuschreibt, hat es schon gesagt
    if "values to unpack" in meldung and _in_bibliothek(fehler):
        return "Was du übergibst, hat wohl eine Achse zu wenig oder zu viel: Sieh dir print(….shape) an."
    for bekannt in _bekanntes()["meldung"]:
        muster = bekannt["muster"]
        muster = muster if isinstance(muster, str) else "|".join(muster)
        if treffer := re.search(muster, meldung, re.DOTALL):
            klammern = [gruppe or "" for gruppe in treffer.groups()]
            return bekannt["heisst"].format(*klammern, gibt_none=GIBT_NONE)
    arten = _bekanntes()["art"]
    return next((arten[a.__name__] for a in type(fehler).__mro__ if a.__name__ in arten), SONST)


def in_einer_zeile(fehler: BaseException) -> str:
    """Art und Meldung, wie Python sie schreibt, in einer Zeile und nicht länger als 160 Zeichen."""
    zeilen = [z.strip() for z in str(fehler).strip().splitlines() if z.strip()]
    meldung = zeilen[0] if zeilen else ""
    if meldung.startswith("Graph execution error"):  # Der Grund steht unter TensorFlows Aufrufkette
        meldung = [z for z in zeilen if not z.startswith(("File ", "Detected ", "[["))][-1]
    if isinstance(fehler, SyntaxError):
        meldung = fehler.msg
    meldung = meldung if len(meldung) <= 160 else meldung[:159] + "…"
    return f"{type(fehler).__name__}: {meldung}" if meldung else type(fehler).__name__
