"""Beantwortet: Eine Antwort bricht ab. Wie wird trotzdem jede andere Aufgabe beurteilt?

Ein Skript läuft von oben nach unten, wie immer. Bricht eine Anweisung ab, übernimmt `Lauf`: Der Fehler wird
das ✘ der Aufgabe, zu der die Zeile gehört, was sie hätte festlegen sollen, gilt als offen (`...`), und die
nächsten Anweisungen laufen weiter. Gegebener Code, der ohne eine Antwort nicht laufen kann, wird ausgelassen.
Ein Fehler, der mit keiner Aufgabe zu tun hat, bleibt ein Fehler.
"""

import ast
import builtins
import linecache
import re
import sys
import textwrap
from dataclasses import dataclass

MARKE = re.compile(r"^[ \t]*# (▼ AUFGABE (\d+)\b|▲)")


@dataclass(frozen=True)
class Region:
    """Eine Aufgabe im Skript: Zeilen `von` bis `bis` (ab 1), ihre Anweisungen, die Namen, die sie festlegt."""

    nummer: int
    von: int
    bis: int
    anweisungen: tuple[ast.stmt, ...]
    marken: bool  # ob ▼ und ▲ beide da sind

    @property
    def namen(self) -> set[str]:
        return {name for anweisung in self.anweisungen for name in legt_fest(anweisung)}

    @property
    def ist_offen(self) -> bool:
        """Ob noch ein `...` als Platzhalter darin steht (nicht als Index wie in x[..., None])."""
        for anweisung in self.anweisungen:
            erlaubt = {
                id(teil)
                for knoten in ast.walk(anweisung)
                if isinstance(knoten, ast.Subscript)
                for teil in ast.walk(knoten.slice)
            }
            for knoten in ast.walk(anweisung):
                if (
                    isinstance(knoten, ast.Constant)
                    and knoten.value is ...
                    and id(knoten) not in erlaubt
                ):
                    return True
        return False


def legt_fest(anweisung: ast.stmt) -> set[str]:
    """Die Namen, die eine Anweisung auf oberster Ebene festlegt."""
    if isinstance(anweisung, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {anweisung.name}
    namen = set()
    for knoten in ast.walk(anweisung):
        if isinstance(knoten, ast.Name) and isinstance(knoten.ctx, ast.Store):
            namen.add(knoten.id)
        elif isinstance(knoten, ast.alias):
            namen.add((knoten.asname or knoten.name).split(".")[0])
    return namen


def benutzt(anweisung: ast.stmt) -> set[str]:
    """Die Namen von außen, die eine Anweisung liest: ohne eigene (Schleifen, Argumente) und eingebaute."""
    gelesen, eigene = set(), set(dir(builtins))
    for knoten in ast.walk(anweisung):
        if isinstance(knoten, ast.Name) and isinstance(knoten.ctx, ast.Load):
            gelesen.add(knoten.id)
        elif isinstance(knoten, ast.arg):
            eigene.add(knoten.arg)
        elif isinstance(knoten, ast.comprehension):
            eigene |= {n.id for n in ast.walk(knoten.target) if isinstance(n, ast.Name)}
        elif isinstance(knoten, (ast.For, ast.AsyncFor)):
            eigene |= {n.id for n in ast.walk(knoten.target) if isinstance(n, ast.Name)}
        elif isinstance(knoten, (ast.With, ast.AsyncWith)):
            eigene |= {
                n.id
                for teil in knoten.items
                if teil.optional_vars
                for n in ast.walk(teil.optional_vars)
                if isinstance(n, ast.Name)
            }
    return gelesen - eigene


def prueft(anweisung: ast.stmt) -> list[ast.Call]:
    """Die Aufrufe pruefe(n, …) in einer Anweisung, in der Reihenfolge des Textes."""
    aufrufe = [
        knoten
        for knoten in ast.walk(anweisung)
        if isinstance(knoten, ast.Call)
        and isinstance(knoten.func, ast.Name)
        and knoten.func.id == "pruefe"
        and knoten.args
        and isinstance(knoten.args[0], ast.Constant)
    ]
    return sorted(aufrufe, key=lambda aufruf: (aufruf.lineno, aufruf.col_offset))


def beginnt(anweisung: ast.stmt) -> int:
    return min([anweisung.lineno, *(d.lineno for d in getattr(anweisung, "decorator_list", []))])


def finde_regionen(quelltext: str, baum: ast.Module) -> dict[int, Region]:
    """Nummer → Region. Fehlt eine Marke, reicht die Aufgabe bis zu den Nachbarn und ihrem pruefe(n, …)."""
    oben, unten = {}, {}
    offen = None
    for zeile, text in enumerate(quelltext.split("\n"), start=1):
        if treffer := MARKE.match(text):
            if treffer[2]:
                offen = int(treffer[2])
                oben[offen] = zeile
            elif offen is not None:
                unten[offen] = zeile
                offen = None
    stellen = {aufruf.args[0].value: a for a in baum.body for aufruf in prueft(a)}
    regionen = {}
    for nummer in sorted({*oben, *stellen}):
        davor = [a.end_lineno for n, a in stellen.items() if n < nummer] + [
            zeile for n, zeile in unten.items() if n < nummer
        ]
        von = oben.get(nummer) or max(davor, default=0) + 1
        if nummer in stellen and not von < beginnt(stellen[nummer]):
            von = max(davor, default=0) + 1
        bis = unten.get(nummer)
        if bis is None or (nummer in stellen and bis > beginnt(stellen[nummer])):
            bis = beginnt(stellen[nummer]) - 1 if nummer in stellen else von
        anweisungen = tuple(a for a in baum.body if von <= beginnt(a) and a.end_lineno <= bis)
        marken = nummer in oben and nummer in unten
        regionen[nummer] = Region(nummer, von, bis, anweisungen, marken)
    return regionen


def repariere(quelltext: str) -> tuple[str, dict[int, SyntaxError]]:
    """Leert die Regionen, die kein gültiges Python sind; Rückgabe: der Text und je Aufgabe ihr Fehler.

    Zeilennummern bleiben. Ist der Text heil, kommt er unverändert zurück.
    """
    zeilen, fehler, von, nummer = quelltext.split("\n"), {}, None, None
    for stelle, text in enumerate(zeilen):
        treffer = MARKE.match(text)
        if treffer and treffer[2]:
            von, nummer = stelle + 1, int(treffer[2])
        elif treffer and von is not None:
            stueck = zeilen[von:stelle]
            try:
                ast.parse(textwrap.dedent("\n".join(stueck)))
            except SyntaxError as grund:
                grund.lineno = von + (grund.lineno or 1)
                fehler[nummer] = grund
                zeilen[von:stelle] = [""] * len(stueck)
            von = None
    return "\n".join(zeilen), fehler


def quelltext_der_konsole() -> str:
    """Der Text der Zelle, die gerade läuft (IPython und PyCharm heben ihn auf), oder leer."""
    frame = sys._getframe(2)
    while frame is not None:
        if zeilen := linecache.getlines(frame.f_code.co_filename):
            if any(MARKE.match(zeile) for zeile in zeilen):
                return "".join(zeilen)
        frame = frame.f_back
    return ""
