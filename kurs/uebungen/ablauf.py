"""Beantwortet: Eine Antwort bricht ab. Wie wird trotzdem jede andere Aufgabe beurteilt?

Ein Skript läuft von oben nach unten, wie immer. Bricht eine Anweisung ab, übernimmt `Lauf`: Der Fehler wird
das ✘ der Aufgabe, zu der die Zeile gehört, was sie hätte festlegen sollen, gilt als offen (`...`), und die
nächsten Anweisungen laufen weiter. Gegebener Code, der ohne eine Antwort nicht laufen kann, wird ausgelassen.
Ein Fehler, der mit keiner Aufgabe zu tun hat, bleibt ein Fehler.
"""

import ast
import builtins
import contextlib
import linecache
import re
import symtable
import sys
import textwrap
from dataclasses import dataclass

FUNKTIONEN = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
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
        alle = [knoten for anweisung in self.anweisungen for knoten in ast.walk(anweisung)]
        erlaubt = [t for k in alle if isinstance(k, ast.Subscript) for t in ast.walk(k.slice)]
        platzhalter = [k for k in alle if isinstance(k, ast.Constant) and k.value is ...]
        return any(k not in erlaubt for k in platzhalter)


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
    gelesen, eigene, ziele = set(), set(dir(builtins)), []
    for knoten in ast.walk(anweisung):
        if isinstance(knoten, ast.Name) and isinstance(knoten.ctx, ast.Load):
            gelesen.add(knoten.id)
        elif isinstance(knoten, ast.arg):
            eigene.add(knoten.arg)
        elif isinstance(knoten, (ast.FunctionDef, ast.AsyncFunctionDef)):
            eigene |= {n for teil in knoten.body for n in legt_fest(teil)}
        elif isinstance(knoten, (ast.comprehension, ast.For)):
            ziele.append(knoten.target)
        elif isinstance(knoten, ast.withitem) and knoten.optional_vars:
            ziele.append(knoten.optional_vars)
    namen = {k.id for ziel in ziele for k in ast.walk(ziel) if isinstance(k, ast.Name)}
    return gelesen - eigene - namen


def legt_neu_fest(anweisungen: tuple[ast.stmt, ...]) -> set[str]:
    """Die Namen, die diese Anweisungen im Skript selbst zuweisen (Importe nicht, Schleifen in [… for …] nicht)."""
    tabelle = symtable.symtable(ast.unparse(ast.Module([*anweisungen], [])), "", "exec")
    namen = tabelle.get_symbols()
    return {n.get_name() for n in namen if n.is_assigned() and not n.is_imported()}


def zeile_der_funktion(name: str, anweisungen: list[ast.stmt]) -> int | None:
    """Wo eine von diesen `name` als Funktion, Klasse oder Modul festlegt, oder None."""
    for anweisung in anweisungen:
        ist_lambda = isinstance(getattr(anweisung, "value", None), ast.Lambda)
        if isinstance(anweisung, FUNKTIONEN) or ist_lambda:
            if name in legt_fest(anweisung):
                return anweisung.lineno
    return None


def feste_werte(anweisungen: list[ast.stmt]) -> dict[str, object]:
    """Stellschraube → ihr Wert, wie er im Skript steht."""
    werte = {}
    for anweisung in anweisungen:
        if isinstance(anweisung, ast.Assign) and isinstance(anweisung.targets[0], ast.Name):
            if (name := anweisung.targets[0].id).isupper():
                with contextlib.suppress(ValueError):  # gerechnet, nicht hingeschrieben
                    werte[name] = ast.literal_eval(anweisung.value)
    return werte


def prueft(stueck: ast.AST) -> list[ast.Call]:
    """Die Aufrufe pruefe(n, …) in einem Stück des Skripts, in der Reihenfolge des Textes."""
    aufrufe = [
        knoten
        for knoten in ast.walk(stueck)
        if isinstance(knoten, ast.Call)
        and isinstance(knoten.func, ast.Name)
        and knoten.func.id == "pruefe"
        and knoten.args
        and isinstance(knoten.args[0], ast.Constant)
    ]
    return sorted(aufrufe, key=lambda aufruf: (aufruf.lineno, aufruf.col_offset))


def beginnt(anweisung: ast.stmt) -> int:
    return min([anweisung.lineno, *(d.lineno for d in getattr(anweisung, "decorator_list", []))])


def _marken(quelltext: str) -> dict[int, tuple[int, int | None]]:
    """Nummer der Aufgabe → Zeilen ihrer Marken ▼ und ▲; None, wo die zweite fehlt."""
    marken, offen = {}, None
    for zeile, text in enumerate(quelltext.split("\n"), start=1):
        treffer = MARKE.match(text)
        if treffer and treffer[2]:
            offen = int(treffer[2])
            marken[offen] = zeile, None
        elif treffer and offen is not None:
            marken[offen] = marken[offen][0], zeile
            offen = None
    return marken


def finde_regionen(quelltext: str, baum: ast.Module) -> dict[int, Region]:
    """Nummer → Region. Fehlt eine Marke, reicht die Aufgabe bis zu den Nachbarn und ihrem pruefe(n, …)."""
    marken = _marken(quelltext)
    stellen = {aufruf.args[0].value: a for a in baum.body for aufruf in prueft(a)}
    regionen = {}
    for nummer in sorted({*marken, *stellen}):
        davor = [a.end_lineno for n, a in stellen.items() if n < nummer]
        davor += [bis for n, (_, bis) in marken.items() if n < nummer and bis]
        nachbar = max(davor, default=0) + 1
        von, bis = marken.get(nummer, (nachbar, None))
        if nummer in stellen:
            grenze = beginnt(stellen[nummer])
            von = von if von < grenze else nachbar
            bis = bis if bis and bis <= grenze else grenze - 1
        bis = bis or von
        anweisungen = tuple(a for a in baum.body if von <= beginnt(a) and a.end_lineno <= bis)
        beide = nummer in marken and marken[nummer][1] is not None
        regionen[nummer] = Region(nummer, von, bis, anweisungen, beide)
    return regionen


def repariere(quelltext: str) -> tuple[str, dict[int, SyntaxError]]:
    """Leert die Regionen, die kein gültiges Python sind; Rückgabe: der Text und je Aufgabe ihr Fehler.

    Zeilennummern bleiben. Ist der Text heil, kommt er unverändert zurück.
    """
    zeilen, fehler = quelltext.split("\n"), {}
    for nummer, (von, bis) in _marken(quelltext).items():
        stueck = zeilen[von : (bis or von + 1) - 1]
        try:
            ast.parse(textwrap.dedent("\n".join(stueck)))
        except SyntaxError as grund:
            grund.lineno = von + (grund.lineno or 1)
            fehler[nummer] = grund
            zeilen[von : bis - 1] = [""] * len(stueck)
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
