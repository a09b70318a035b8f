"""Beantwortet: Welche Skripte gibt es, was steht in ihrem Kopf, welche Stellschrauben haben sie?

Der Kopf ist der Docstring mit den Pflichtfeldern, dazu Modelle, wo das Skript welche lädt, und
Original, wo Originaldaten andere Werte liefern; eine Übung ohne Messwerte braucht kein Erwartet.
"""

import ast
import difflib
import re
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from itertools import groupby
from pathlib import Path

from kurs.kern.pfade import WURZEL

PFLICHTFELDER = ("Kapitel", "Folie", "Lernziel", "Laufzeit", "Daten", "Erwartet")
FELDER = (*PFLICHTFELDER, "Modelle", "Original")
OHNE_SKRIPTE = {"loesungen", "pruefungen", "kurs", "tests", "data", "ausgabe"}
LOESUNGEN = WURZEL / "loesungen"

FELDZEILE = re.compile(rf"^({'|'.join(FELDER)})\s{{2,}}(\S.*)$")
KAPITEL = re.compile(r"^(\d)\.(\d+) (.+) · (.+)$")
ZAHL = r"-?\d+(?:\.\d+)?"
BAND = re.compile(rf"^([A-Za-z_]\w*) ({ZAHL})–({ZAHL})$")
TESTWERT = re.compile(r"#\s*Test:\s*([^#;]+)")
WIE_IN_DATEINAMEN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "-": "_", " ": "_"})
LAUFZEIT = re.compile(r"^ca\. (\d+) s \(2 CPU-Kerne\)$")


class KopfFehler(ValueError):
    """Ein Skript ist nicht lesbar, oder sein Kopf ist unvollständig oder falsch geschrieben."""


@dataclass(frozen=True)
class Stellschraube:
    """Eine Konstante in Großbuchstaben am Anfang des Skripts, mit ihrem Wert für den Probelauf."""

    wert: object
    testwert: object = None
    hat_testwert: bool = False


@dataclass(frozen=True)
class Skript:
    """Ein Demo- oder Übungsskript. `titel` und `felder` sind der Kopf, wenn `lies_skript` ihn gelesen hat."""

    pfad: Path
    titel: str = ""
    felder: dict = field(default_factory=dict, hash=False)

    @property
    def name(self) -> str:
        return self.pfad.stem

    @property
    def ist_uebung(self) -> bool:
        return self.name.startswith("uebung_")

    @property
    def relativ(self) -> Path:
        return self.pfad.relative_to(WURZEL)

    @property
    def loesung(self) -> Path:
        return LOESUNGEN / self.relativ

    @cached_property
    def ordnung(self) -> tuple[int, int]:
        """(Kapitel, Platz in der Agenda des Kapitels) aus einem Feld wie `1.20 Grundlagen … · …`."""
        treffer = KAPITEL.match(self.felder["Kapitel"])
        return int(treffer[1]), int(treffer[2])

    @property
    def kapitelname(self) -> str:
        return KAPITEL.match(self.felder["Kapitel"])[3]

    @property
    def modelle(self) -> list[str]:
        """Die Wörter des Felds Modelle, darunter ihre Namen."""
        return re.findall(r"[\w./-]+", self.felder.get("Modelle", ""))

    @property
    def sekunden(self) -> int:
        """Die Laufzeit mit vollen Stellschrauben laut Kopf."""
        return int(LAUFZEIT.match(self.felder["Laufzeit"])[1])


def lies_quelltext(pfad: Path) -> str:
    """Der Text eines Skripts, gelesen wie Python ihn liest (auch mit BOM, wie Windows ihn setzt)."""
    with tokenize.open(pfad) as datei:
        return datei.read()


def lies_baum(pfad: Path, quelltext: str | None = None) -> ast.Module:
    """Der Syntaxbaum eines Skripts. Fehler: KopfFehler mit der klickbaren Stelle."""
    try:
        return ast.parse(lies_quelltext(pfad) if quelltext is None else quelltext)
    except (SyntaxError, ValueError) as fehler:  # ValueError: Nullbytes, falsche Kodierung
        stelle = f'File "{pfad}", line {getattr(fehler, "lineno", None) or 1}'
        grund = getattr(fehler, "msg", None) or fehler
        raise KopfFehler(f"{pfad.name} ist kein gültiges Python: {grund}\n  {stelle}\n") from None


def lies_felder(docstring: str) -> dict[str, str]:
    """Zerlegt den Docstring in seine Felder; eingerückte Zeilen setzen das Feld darüber fort."""
    felder, aktuell = {}, None
    for zeile in docstring.splitlines():
        if treffer := FELDZEILE.match(zeile):
            aktuell = treffer[1]
            felder[aktuell] = treffer[2].strip()
        elif aktuell and zeile.startswith("          ") and zeile.strip():
            felder[aktuell] += " " + zeile.strip()
        else:
            aktuell = None
    return felder


def lies_baender(angabe: str) -> dict[str, tuple[float, float]]:
    """Liest ``name 0.93–0.97, anderer 0–1``. Fehler: KopfFehler mit dem unlesbaren Stück."""
    baender = {}
    for stueck in angabe.split(", "):
        treffer = BAND.match(stueck.strip())
        if not treffer or float(treffer[2]) > float(treffer[3]):
            raise KopfFehler(f"Kein Band der Form „name 0.1–0.2“: {stueck!r}")
        baender[treffer[1]] = float(treffer[2]), float(treffer[3])
    return baender


def lies_skript(pfad: Path) -> Skript:
    """Liest Titel und Kopf eines Skripts. Fehler: KopfFehler, der Feld und Ursache nennt."""
    docstring = ast.get_docstring(lies_baum(pfad), clean=False)
    if not docstring:
        raise KopfFehler(f"{pfad.name}: Der Docstring am Anfang fehlt.")
    felder = lies_felder(docstring)
    pflicht = [f for f in PFLICHTFELDER if f != "Erwartet" or pfad.name.startswith("demo_")]
    if fehlend := [name for name in pflicht if name not in felder]:
        raise KopfFehler(f"{pfad.name}: Im Kopf fehlt {', '.join(fehlend)}.")
    for feld, muster, beispiel in (
        ("Kapitel", KAPITEL, "1.20 Grundlagen … · Trainingsprozess"),
        ("Laufzeit", LAUFZEIT, "ca. 25 s (2 CPU-Kerne)"),
    ):
        if not muster.match(felder[feld]):
            raise KopfFehler(f"{pfad.name}: {feld} soll aussehen wie „{beispiel}“.")
    for feld in ("Erwartet", "Original"):
        if feld in felder:
            try:
                lies_baender(felder[feld])
            except KopfFehler as fehler:
                raise KopfFehler(f"{pfad.name}, {feld}: {fehler}") from None
    return Skript(pfad, docstring.strip().splitlines()[0], felder)


def zugewiesene_konstanten(baum: ast.Module) -> Iterator[tuple[str, ast.Assign, ast.expr]]:
    """(Name, Anweisung, Ausdruck) je Konstante in Großbuchstaben, auch aus `COLD, HOT = 0.5, 1.5`."""
    for knoten in baum.body:
        if not (isinstance(knoten, ast.Assign) and len(knoten.targets) == 1):
            continue
        ziele, werte = [knoten.targets[0]], [knoten.value]
        if isinstance(ziele[0], ast.Tuple) and isinstance(werte[0], ast.Tuple):
            ziele, werte = ziele[0].elts, werte[0].elts
        for ziel, wert in zip(ziele, werte):
            if isinstance(ziel, ast.Name) and ziel.id.isupper():
                yield ziel.id, knoten, wert


def lies_stellschrauben(pfad: Path, quelltext: str | None = None) -> dict[str, Stellschraube]:
    """Die Stellschrauben eines Skripts in ihrer Reihenfolge; ``# Test: …`` dahinter ist der Testwert.

    Fehler: KopfFehler, wenn ein Testwert kein Literal ist oder zu keiner Stellschraube gehört.
    """
    quelltext = lies_quelltext(pfad) if quelltext is None else quelltext
    baum = lies_baum(pfad, quelltext)
    zeilen = enumerate(quelltext.split("\n"), 1)
    testwerte = {n: t[1].strip() for n, zeile in zeilen if (t := TESTWERT.search(zeile))}
    schrauben = {}
    for name, knoten, wert in zugewiesene_konstanten(baum):
        try:
            wert = ast.literal_eval(wert)
        except (ValueError, TypeError):
            continue
        text = testwerte.pop(knoten.end_lineno, None)
        try:
            testwert = None if text is None else ast.literal_eval(text)
        except (ValueError, SyntaxError):
            raise KopfFehler(f"{pfad.name}: Der Testwert von {name} ist kein Literal.") from None
        schrauben[name] = Stellschraube(wert, testwert, text is not None)
    if testwerte:
        wo = f"Der Testwert in Zeile {min(testwerte)}"
        raise KopfFehler(f"{pfad.name}: {wo} gehört zu keiner Stellschraube.")
    return schrauben


def skriptpfade() -> list[Path]:
    """Alle `demo_*.py` und `uebung_*.py` der Kapitelordner."""
    return sorted(
        pfad
        for ordner in WURZEL.iterdir()
        if ordner.is_dir() and ordner.name not in OHNE_SKRIPTE and not ordner.name.startswith(".")
        if not (ordner / "pyvenv.cfg").exists()  # ein „venv“, wie PyCharm es anlegt
        for muster in ("demo_*.py", "uebung_*.py")
        for pfad in ordner.rglob(muster)
    )


def nach_kapitel(skripte: Iterable[Skript]) -> Iterator[tuple[tuple[int, str], Iterator[Skript]]]:
    """((Nummer, Name), Skripte) je Kapitel; die Skripte müssen in der Reihenfolge der Agenda stehen."""
    return groupby(skripte, key=lambda skript: (skript.ordnung[0], skript.kapitelname))


@cache
def alle_skripte() -> tuple[Skript, ...]:
    """Alle Skripte in der Reihenfolge der Agenda. Fehler: KopfFehler beim ersten unlesbaren."""
    skripte, fehler = lesbare_skripte()
    if fehler:
        raise fehler[0]
    return skripte


def lesbare_skripte() -> tuple[tuple[Skript, ...], list[KopfFehler]]:
    """Alle Skripte, die zu lesen sind, und was bei den anderen (eine Übung mit Tippfehler) nicht stimmt."""
    skripte, fehler = [], []
    for pfad in skriptpfade():
        try:
            skripte.append(lies_skript(pfad))
        except KopfFehler as grund:
            fehler.append(grund)
    return tuple(sorted(skripte, key=lambda skript: (skript.ordnung, skript.name))), fehler


def _kandidaten(name: str, namen: list[str]) -> list[str]:
    """Die Namen, die gemeint sein könnten; genau einer, wenn es klar ist."""
    genau = [n for n in namen if name in (n, n.partition("_")[2])]
    if treffer := genau or [n for n in namen if len(name) > 2 and name in n]:
        return treffer
    nahe = difflib.get_close_matches(name, namen, n=3, cutoff=0.6)
    naehe = [difflib.SequenceMatcher(None, n, name).ratio() for n in nahe]
    return nahe[:1] if len(nahe) > 1 and naehe[0] - naehe[1] >= 0.05 else nahe


def finde(eingabe: str) -> tuple[Skript, str | None]:
    """Das Skript (ungelesen) zu Name, Pfad oder Beinahe-Treffer, und was verstanden wurde, wenn es nicht genau passt.

    Fehler: LookupError mit einem deutschen Satz, wenn nichts nahe genug liegt.
    """
    pfade = {pfad.stem: pfad for pfad in skriptpfade()}
    stamm = re.split(r"[\\/]", eingabe.strip())[-1].removesuffix(".py")
    if stamm in pfade:
        return Skript(pfade[stamm]), None
    klein = stamm.lower().removesuffix(".py").translate(WIE_IN_DATEINAMEN)
    kandidaten = _kandidaten(klein, list(pfade))
    if not kandidaten:
        raise LookupError(f"Ein Skript „{eingabe}“ gibt es nicht. python start.py zeigt alle.")
    if len(kandidaten) > 1:
        auswahl = " oder ".join(kandidaten[:5])
        raise LookupError(f"„{eingabe}“ ist nicht eindeutig. Meinst du {auswahl}?")
    hinweis = f"„{eingabe}“ gibt es nicht; ich nehme {kandidaten[0]}."
    return Skript(pfade[kandidaten[0]]), hinweis
