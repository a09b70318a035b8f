"""Beantwortet: Welche Skripte gibt es, was steht in ihrem Kopf, welche Stellschrauben haben sie?

Der Kopf ist der Docstring mit den Feldern Kapitel, Folie, Lernziel, Laufzeit, Daten und Erwartet
(und, wo Originaldaten andere Werte liefern, Original; eine Übung ohne Messwerte braucht kein Erwartet). Diese Datei braucht nur die Standardbibliothek.
"""

import ast
import difflib
import io
import re
import tokenize
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

from kurs.pfade import WURZEL

PFLICHTFELDER = ("Kapitel", "Folie", "Lernziel", "Laufzeit", "Daten", "Erwartet")
FELDER = (*PFLICHTFELDER, "Original")
OHNE_SKRIPTE = {"loesungen", "kurs", "tests", "data", "ausgabe"}
LOESUNGEN = WURZEL / "loesungen"

FELDZEILE = re.compile(rf"^({'|'.join(FELDER)})\s{{2,}}(\S.*)$")
KAPITEL = re.compile(r"^(\d)\.(\d+) (.+) · (.+)$")
BAND = re.compile(r"^([A-Za-z_]\w*) (-?[\d.]+)–(-?[\d.]+)$")
LAUFZEIT = re.compile(r"^ca\. (\d+) s \(2 CPU-Kerne\)$")


class KopfFehler(ValueError):
    """Der Kopf eines Skripts ist unvollständig oder falsch geschrieben."""


@dataclass(frozen=True)
class Stellschraube:
    """Eine Konstante in Großbuchstaben am Anfang des Skripts, mit ihrem Wert für den Probelauf."""

    name: str
    zeile: int
    wert: object
    testwert: object = None
    hat_testwert: bool = False


@dataclass(frozen=True)
class Skript:
    """Ein Demo- oder Übungsskript. `felder` ist der gelesene Kopf."""

    pfad: Path
    titel: str
    felder: dict = field(hash=False)

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
    def sekunden(self) -> int:
        """Die Laufzeit mit vollen Stellschrauben laut Kopf."""
        return int(LAUFZEIT.match(self.felder["Laufzeit"])[1])


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
        if not treffer:
            raise KopfFehler(f"Kein Band der Form „name 0.1–0.2“: {stueck!r}")
        unten, oben = float(treffer[2]), float(treffer[3])
        if unten > oben:
            raise KopfFehler(f"Beim Band {stueck!r} ist die untere Grenze größer als die obere.")
        baender[treffer[1]] = (unten, oben)
    return baender


def lies_skript(pfad: Path) -> Skript:
    """Liest Titel und Kopf eines Skripts. Fehler: KopfFehler, der Feld und Ursache nennt."""
    docstring = ast.get_docstring(ast.parse(pfad.read_text(encoding="utf-8")), clean=False)
    if not docstring:
        raise KopfFehler(f"{pfad.name}: Der Docstring am Anfang fehlt.")
    felder = lies_felder(docstring)
    pflicht = [f for f in PFLICHTFELDER if f != "Erwartet" or pfad.name.startswith("demo_")]
    if fehlend := [name for name in pflicht if name not in felder]:
        raise KopfFehler(f"{pfad.name}: Im Kopf fehlt {', '.join(fehlend)}.")
    if not KAPITEL.match(felder["Kapitel"]):
        raise KopfFehler(f"{pfad.name}: Kapitel soll aussehen wie „1.20 Grundlagen … · Trainingsprozess“.")
    if not LAUFZEIT.match(felder["Laufzeit"]):
        raise KopfFehler(f"{pfad.name}: Laufzeit soll aussehen wie „ca. 25 s (2 CPU-Kerne)“.")
    for feld in ("Erwartet", "Original"):
        if feld in felder:
            try:
                lies_baender(felder[feld])
            except KopfFehler as fehler:
                raise KopfFehler(f"{pfad.name}, {feld}: {fehler}") from None
    return Skript(pfad, docstring.strip().splitlines()[0], felder)


def lies_stellschrauben(pfad: Path) -> dict[str, Stellschraube]:
    """Die Stellschrauben eines Skripts in ihrer Reihenfolge; Testwerte stehen als ``# Test: …`` dahinter."""
    quelltext = pfad.read_text(encoding="utf-8")
    testwerte = {}
    for stueck in tokenize.generate_tokens(io.StringIO(quelltext).readline):
        if stueck.type == tokenize.COMMENT and (treffer := re.match(r"#\s*Test:\s*([^#;]+)", stueck.string)):
            testwerte[stueck.start[0]] = treffer[1].strip()
    schrauben = {}
    for knoten in ast.parse(quelltext).body:
        if not (isinstance(knoten, ast.Assign) and len(knoten.targets) == 1):
            continue
        ziel = knoten.targets[0]
        if not (isinstance(ziel, ast.Name) and ziel.id.isupper()):
            continue
        try:
            wert = ast.literal_eval(knoten.value)
        except ValueError:
            continue
        if knoten.end_lineno in testwerte:
            testwert = ast.literal_eval(testwerte[knoten.end_lineno])
            schrauben[ziel.id] = Stellschraube(ziel.id, knoten.lineno, wert, testwert, True)
        else:
            schrauben[ziel.id] = Stellschraube(ziel.id, knoten.lineno, wert)
    return schrauben


def skriptpfade() -> list[Path]:
    """Alle `demo_*.py` und `uebung_*.py` der Kapitelordner; niemand muss sie anmelden."""
    return sorted(
        pfad
        for ordner in WURZEL.iterdir()
        if ordner.is_dir() and ordner.name not in OHNE_SKRIPTE and not ordner.name.startswith(".")
        for muster in ("demo_*.py", "uebung_*.py")
        for pfad in ordner.rglob(muster)
    )


@cache
def alle_skripte() -> tuple[Skript, ...]:
    """Alle Skripte in der Reihenfolge der Agenda."""
    return tuple(sorted((lies_skript(pfad) for pfad in skriptpfade()), key=lambda s: (s.ordnung, s.name)))


def finde(eingabe: str) -> tuple[Skript, str | None]:
    """Findet ein Skript über Name, Pfad oder einen Beinahe-Treffer.

    Rückgabe: das Skript und, wenn die Eingabe nicht genau passte, ein Satz, was verstanden wurde.
    Fehler: LookupError mit einem deutschen Satz, wenn nichts nahe genug liegt.
    """
    skripte = {skript.name: skript for skript in alle_skripte()}
    stamm = re.split(r"[\\/]", eingabe.strip())[-1].removesuffix(".py")
    if stamm in skripte:
        return skripte[stamm], None
    klein = stamm.lower().replace("-", "_").replace(" ", "_")
    for umlaut, ersatz in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")):
        klein = klein.replace(umlaut, ersatz)
    kandidaten = [name for name in skripte if klein and klein in name]
    if len(kandidaten) != 1:
        kandidaten = difflib.get_close_matches(klein, skripte, n=3, cutoff=0.6) or kandidaten
        aehnlichkeit = [difflib.SequenceMatcher(None, klein, name).ratio() for name in kandidaten]
        if len(kandidaten) > 1 and aehnlichkeit[0] - aehnlichkeit[1] < 0.05:
            raise LookupError(f"„{eingabe}“ ist nicht eindeutig. Meinst du {' oder '.join(kandidaten)}?")
    if not kandidaten:
        raise LookupError(f"Ein Skript „{eingabe}“ gibt es nicht. python start.py zeigt alle.")
    return skripte[kandidaten[0]], f"„{eingabe}“ gibt es nicht; ich nehme {kandidaten[0]}."
