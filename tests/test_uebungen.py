"""Jede Übung ist offen, ihre Lösung richtig, falsche Antworten bekommen ihre Diagnose, und nichts stürzt ab.

Von Übungen, die nur Keras benutzen, läuft hier (auf TensorFlow) der erste Lauf mit falschen Antworten; die übrigen
führt `KERAS_BACKEND=torch python start.py test` auf PyTorch aus, wo ein kleines Netz viel schneller trainiert ist.
"""

import ast
import re
import statistics

from kurs.kern.pfade import WURZEL
from kurs.kern.skripte import finde
from kurs.uebungen.aufgaben import REGION, bereiche, mit_bereichen
from kurs.uebungen.urteil import FALSCH, LAUF, OFFEN, RICHTIG, datei_der_pruefung, lade_pruefungen

import pytest
from test_skripte import AUF_TENSORFLOW, NUR_KERAS, UEBUNGEN, je, probelauf

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    import tomli as tomllib

FALSCHE = WURZEL / "tests" / "falsche_antworten"
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


@je(UEBUNGEN)
def test_marken_vertragen_sich_mit_python(skript):
    """Zwischen den Marken stehen ganze Anweisungen: Sonst ließe sich ein Fehler keiner Aufgabe zuordnen."""
    for nummer, region in bereiche(text_von(skript.pfad)).items():
        assert ast.parse(region), nummer


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


@je(UEBUNGEN)
def test_loesung_ist_richtig(skript, umgebung, capfd):
    """Und danach bekommt jede Aufgabe Antworten, mit denen niemand rechnet: ✘ oder ○ und ein Satz."""
    raum, ausgabe = probelauf(skript.loesung, capfd)
    falsch = {n: b.satz for n, b in befunde(raum).items() if b.zeichen != RICHTIG}
    assert befunde(raum) and not falsch, ausgabe
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


def lies_falsche(datei):
    """Die Läufe einer Datei: je Lauf Aufgabe → (falsche Antwort, Stück der erwarteten Diagnose)."""
    return tomllib.loads(text_von(datei))["lauf"]


def falsche_laeufe(auf_tensorflow):
    """Von Übungen, die nur Keras benutzen, der erste Lauf auf TensorFlow, die übrigen auf PyTorch."""
    for datei in sorted(FALSCHE.glob("uebung_*.toml")):
        auf_beiden = datei.stem in NUR_KERAS
        for nummer, falsche in enumerate(lies_falsche(datei), start=1):
            if auf_tensorflow == (nummer == 1 or not auf_beiden):
                yield pytest.param(datei.stem, falsche, id=f"{datei.stem}-{nummer}")


@pytest.mark.keras
@pytest.mark.parametrize(("name", "falsche"), list(falsche_laeufe(AUF_TENSORFLOW)))
def test_falsche_antwort_bekommt_ihre_diagnose(name, falsche, umgebung, capfd):
    """In die Lösung werden falsche Antworten gesetzt; jede bekommt ✘ und ihre Diagnose."""
    skript, _ = finde(name)
    neue = {
        int(a.split()[1]): eintrag["antwort"].strip("\n") + "\n" for a, eintrag in falsche.items()
    }
    loesung = text_von(skript.loesung)
    assert neue.keys() <= bereiche(loesung).keys(), "diese Aufgaben gibt es nicht"
    raum, _ = probelauf(skript.loesung, capfd, mit_bereichen(loesung, neue))
    for aufgabe, eintrag in falsche.items():
        befund = befunde(raum)[int(aufgabe.split()[1])]
        assert befund.zeichen == FALSCH, f"{aufgabe}: {befund}"
        assert eintrag["diagnose"] in befund.satz


@je(UEBUNGEN)
def test_es_gibt_typische_falsche_antworten(skript):
    datei = FALSCHE / f"{skript.name}.toml"
    assert datei.is_file(), f"{datei} fehlt"
    eintraege = [(a, e["diagnose"]) for lauf in lies_falsche(datei) for a, e in lauf.items()]
    assert len(eintraege) >= 2
    assert len(set(eintraege)) == len(eintraege), (
        "Diagnosen einer Aufgabe müssen sich unterscheiden"
    )
