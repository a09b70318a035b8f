"""Jede Übung ist offen, ihre Lösung richtig, falsche Antworten bekommen ihre Diagnose, und nichts stürzt ab.

Falsche Antworten werden im Lauf der Lösung beurteilt, einige zusammen in einem ganzen Lauf; von Übungen, die nur
Keras benutzen, mit `KERAS_BACKEND=torch python start.py test`: Dort ist ein kleines Netz viel schneller trainiert.
"""

import ast
import re
import statistics

from kurs.kern.pfade import WURZEL
from kurs.uebungen.ablauf import prueft, repariere
from kurs.uebungen.aufgaben import REGION, bereiche, mit_bereichen
from kurs.uebungen.urteil import (
    FALSCH,
    LAUF,
    OFFEN,
    RICHTIG,
    Befund,
    Lauf,
    datei_der_pruefung,
    lade_pruefungen,
)

import pytest
from test_skripte import AUF_TENSORFLOW, NUR_KERAS, UEBUNGEN, je, probelauf

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    import tomli as tomllib

FALSCHE = WURZEL / "tests" / "falsche_antworten"
# Falsche Antworten in dem, was nur Keras benutzt, kommen auf PyTorch dran
MIT_FALSCHEN = [s for s in UEBUNGEN if AUF_TENSORFLOW != (s.name in NUR_KERAS)]
ALLERWELTSANTWORTEN = {
    "None": None,
    "Tupel": (0, 5),
    "Text": "eins",
    "leere Liste": [],
    "Lambda": lambda *angaben, **namen: 3,
    "ohne return": lambda *angaben, **namen: None,
    "wirft": lambda *angaben, **namen: 1 / 0,
    "Klasse": dict,
    "Ausnahme": ValueError,
    "Generator": "GENERATOR",
}


def text_von(pfad):
    return pfad.read_text(encoding="utf-8")


# --- Form -----------------------------------------------------------------------------------------


@je(UEBUNGEN)
def test_form(skript):
    """Kurz, jede Aufgabe gleich darunter geprüft, die Prüfung in ihrer eigenen Datei mit drei Tipps je Aufgabe."""
    text = text_von(skript.pfad)
    zeilen = text.splitlines()
    assert len(zeilen) <= 120
    assert max(map(len, zeilen)) <= 100
    nummern = list(bereiche(text))
    assert nummern == list(range(1, len(nummern) + 1))
    geprueft = [int(n) for n in re.findall(r"\bpruefe\((\d+),", text)]
    assert geprueft == nummern, "unter jeder Aufgabe steht ihr pruefe(n, …)"
    # Zwischen den Marken stehen ganze Anweisungen: Sonst ließe sich ein Fehler keiner Aufgabe zuordnen
    assert all(ast.parse(region) for region in bereiche(text).values())
    for treffer in REGION.finditer(text):
        danach = text[treffer.end() :].lstrip("\n")
        assert f"pruefe({treffer['nummer']}," in danach.split("\n\n")[0], treffer["kopf"]
    pruefungen = lade_pruefungen(skript.pfad)
    assert sorted(pruefungen) == nummern
    for nummer, pruefung in pruefungen.items():
        assert len(pruefung.tipps) == 3 and all(tipp.strip() for tipp in pruefung.tipps), nummer


def test_laengen():
    """Die meisten sind deutlich kürzer als die Grenze; das Ziel ist ein Median von 100."""
    laengen = [len(text_von(skript.pfad).splitlines()) for skript in UEBUNGEN]
    assert statistics.median(laengen) <= 100, sorted(laengen)


def test_keine_pruefung_ohne_uebung():
    dateien = {datei_der_pruefung(skript.pfad) for skript in UEBUNGEN}
    assert set((WURZEL / "pruefungen").rglob("*.py")) == dateien


@je(UEBUNGEN)
def test_loesung_gleicht_uebung_ausserhalb_der_aufgaben(skript):
    aufgabe, loesung = text_von(skript.pfad), text_von(skript.loesung)
    leer = dict.fromkeys(bereiche(aufgabe), "")
    assert mit_bereichen(aufgabe, leer) == mit_bereichen(loesung, leer)
    for nummer, offen in bereiche(aufgabe).items():
        assert "..." in offen, f"{nummer} ist schon gelöst ausgeliefert"
        assert not re.search(r"= \.\.\.\s*$", bereiche(loesung)[nummer], re.MULTILINE)


# --- Urteile --------------------------------------------------------------------------------------


def befunde(raum):
    return raum[LAUF].befunde


@je(UEBUNGEN)
def test_uebung_ist_offen(skript, umgebung, capfd):
    raum, ausgabe = probelauf(skript.pfad, capfd)
    assert {befund.zeichen for befund in befunde(raum).values()} == {OFFEN}, ausgabe
    assert "Fortschritt:" in ausgabe
    for region in raum[LAUF].regionen.values():
        assert region.marken
        offen = befunde(raum)[region.nummer].mit_tipps
        assert (f'File "{skript.pfad}", line {region.von}' in ausgabe) == offen


def lies_falsche(skript, ganz):
    """Die Läufe einer Datei, die `ganz` sind oder nicht: je Lauf Aufgabe → (falsche Antwort, Diagnose)."""
    datei = tomllib.loads(text_von(FALSCHE / f"{skript.name}.toml"))
    for lauf in datei["lauf"]:
        if lauf.pop("ganz", False) == ganz:
            yield {
                int(aufgabe.split()[1]): (e["antwort"].strip("\n") + "\n", e["diagnose"])
                for aufgabe, e in lauf.items()
            }


def urteile_ueber(lauf, nummer, antwort):
    """Das Urteil über eine andere Antwort an dieser Stelle des Laufs; danach heißt alles, wie es hieß.

    Was die Lösung an Objekten und Dateien verändert hat, findet sie verändert vor, und was sie daran verändert, bleibt:
    Stört das, gehört sie in einen Lauf, der `ganz` ist.
    """
    raum, vorher = lauf.namensraum, dict(lauf.namensraum)
    quelltext, kaputt = repariere(mit_bereichen(text_von(lauf.uebung), {nummer: antwort}))
    neu = Lauf(lauf.uebung, raum, quelltext, ast.parse(quelltext))
    neu.befunde = {n: befund for n, befund in lauf.befunde.items() if n < nummer}
    neu.zu_ende = True
    region = neu.regionen[nummer]
    (ruf,) = (ruf for ruf in prueft(neu.baum) if ruf.args[0].value == nummer)
    for name in region.namen:
        raum.pop(name, None)
    try:
        if nummer in kaputt:
            raise kaputt[nummer]
        exec(compile(ast.Module([*region.anweisungen], []), lauf.datei, "exec"), raum)  # noqa: S102
        antworten = [compile(ast.Expression(a), lauf.datei, "eval") for a in ruf.args[1:]]
        return neu._urteile(nummer, tuple(eval(a, raum) for a in antworten))  # noqa: S307
    except Exception as fehler:
        return Befund(FALSCH, neu._satz_zum_fehler(fehler, nummer))
    finally:
        raum.clear()
        raum.update(vorher)


@je(UEBUNGEN, marke=pytest.mark.keras)
def test_loesung_ist_richtig(skript, umgebung, capfd, monkeypatch):
    """Und wo sie steht, bekommt jede typische falsche Antwort ✘ und ihre Diagnose.

    Danach kommen Antworten, mit denen niemand rechnet: ✘ oder ○ und ein Satz.
    """
    laeufe = lies_falsche(skript, ganz=False) if skript in MIT_FALSCHEN else []
    falsche = [eintrag for lauf in laeufe for eintrag in lauf.items()]
    pruefe, daneben = Lauf.pruefe, []

    def auch_die_falschen(lauf, nummer, antworten):
        ist_richtig = pruefe(lauf, nummer, antworten)
        for antwort, diagnose in (f for n, f in falsche if n == nummer):
            befund = urteile_ueber(lauf, nummer, antwort)
            if befund.zeichen != FALSCH or diagnose not in befund.satz:
                daneben.append((nummer, antwort, befund, diagnose))
        return ist_richtig

    monkeypatch.setattr(Lauf, "pruefe", auch_die_falschen)
    raum, ausgabe = probelauf(skript.loesung, capfd)
    nicht_richtig = {n: b.satz for n, b in befunde(raum).items() if b.zeichen != RICHTIG}
    assert befunde(raum) and not nicht_richtig, ausgabe
    assert not daneben
    pruefe_allerwelt(raum[LAUF])
    capfd.readouterr()


def pruefe_allerwelt(lauf):
    for nummer, pruefung in lauf.pruefungen.items():
        anzahl = pruefung.__code__.co_argcount
        for name, wert in ALLERWELTSANTWORTEN.items():
            antworten = tuple(
                (n for n in ()) if wert == "GENERATOR" else wert for _ in range(anzahl)
            )
            befund = lauf._urteile(nummer, antworten)
            assert befund.zeichen in (FALSCH, OFFEN), f"Aufgabe {nummer}, {name}: {befund}"
            assert befund.satz, f"Aufgabe {nummer}, {name}"


@pytest.mark.keras
@je(MIT_FALSCHEN)
def test_mit_falschen_antworten_bis_zum_ende(skript, umgebung, capfd):
    """Jede kostet nur ihre Aufgabe, und nichts stürzt ab."""
    for falsche in lies_falsche(skript, ganz=True):
        antworten = {nummer: antwort for nummer, (antwort, _) in falsche.items()}
        quelltext = mit_bereichen(text_von(skript.loesung), antworten)
        raum, _ = probelauf(skript.loesung, capfd, quelltext)
        for nummer, (_, diagnose) in falsche.items():
            befund = befunde(raum)[nummer]
            assert befund.zeichen == FALSCH and diagnose in befund.satz, befund


@je(UEBUNGEN)
def test_es_gibt_typische_falsche_antworten(skript):
    laeufe = [*lies_falsche(skript, ganz=True), *lies_falsche(skript, ganz=False)]
    eintraege = [(n, diagnose) for lauf in laeufe for n, (_, diagnose) in lauf.items()]
    assert len(eintraege) >= 2
    assert {n for n, _ in eintraege} <= bereiche(text_von(skript.pfad)).keys()
    assert len(set(eintraege)) == len(eintraege), "Diagnosen einer Aufgabe unterscheiden sich"
