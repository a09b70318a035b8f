"""Beantwortet: Woran üben die Tests? Eine Übung mit vier Aufgaben, in einem kleinen Kurs unter tmp_path."""

from pathlib import Path

from kurs import lauf
from kurs.kern import skripte
from kurs.pflege import agenda
from kurs.uebungen import fortschritt
from kurs.uebungen.urteil import LAUF

ORT = "Grundlagen/Ünter ordner"
UEBUNG = '''"""Klein: eine Übung.

Kapitel   {kapitel} Grundlagen · Anfang
Folie     Übung: klein
Lernziel  Etwas
Laufzeit  ca. 1 s (2 CPU-Kerne)
Daten     keine
"""
TIPPS = {tipps}
from kurs import pruefe
gegeben = 10; hilfe = lambda x: x; GRENZE = 3
# ▼ AUFGABE 1: Eine Zahl.
eins = {eins}
# ▲
pruefe(1, eins)
# ▼ AUFGABE 2: Eine Funktion,
# die verdoppelt.
{zwei}
# ▲
if pruefe(2, double):
    print("doppelt:", double(4))
summe = hilfe(gegeben + eins)
# ▼ AUFGABE 3: Die Liste der ersten drei Vielfachen von eins.
{drei}
# ▲
pruefe(3, drei)
laenge = len(drei) + summe
# ▼ AUFGABE 4: Ein Text.
vier = {vier}
# ▲
pruefe(4, vier)
print("Ende:", laenge)
'''
PRUEFUNG = """
from kurs.uebungen import funktion, liste, text, tipps, zahl

@tipps("Was steht da?", "Im Handbuch\\nunter 3", "x = …")
def aufgabe_1(eins: zahl):
    if eins <= 0:
        return f"{eins:g} ist nicht positiv."

@tipps("Was?", "Wo?", "Wie?")
def aufgabe_2(double: funktion):
    if zahl(double(3), "double(3)") != 6:
        return "double(3) ist nicht 6."

@tipps("Was?", "Wo?", "Wie?")
def aufgabe_3(drei: liste(zahl), *, eins):
    if drei != [eins, 2 * eins, 3 * eins]:
        return "Das sind nicht die Vielfachen."

@tipps("Was?", "Wo?", "Wie?")
def aufgabe_4(vier: text, *, GRENZE):
    if len(vier) < GRENZE:
        return "Zu kurz."
"""
OFFENE = {
    "eins": "...",
    "zwei": "def double(x):\n    return ...",
    "drei": "drei = ...",
    "vier": "...",
}
GUT = {
    "eins": "2",
    "zwei": "def double(x):\n    return 2 * x",
    "drei": "drei = [eins * n for n in (1, 2, 3)]",
    "vier": "'ja doch'",
}


def baue_kurs(monkeypatch, tmp_path) -> Path:
    """Die Wurzel eines leeren Kurses; `kurs` sucht darin."""
    wurzel = tmp_path / "Mein Kürs"
    for modul in (skripte, agenda):
        monkeypatch.setattr(modul, "WURZEL", wurzel)
    monkeypatch.setattr(skripte, "LOESUNGEN", wurzel / "loesungen")
    monkeypatch.setattr(fortschritt, "AUSGABE", wurzel / "ausgabe")
    return wurzel


def schreibe(pfad: Path, inhalt: str) -> Path:
    pfad.parent.mkdir(parents=True, exist_ok=True)
    pfad.write_text(inhalt, encoding="utf-8", newline="\n")
    return pfad


def schreibe_uebung(wurzel: Path, inhalt: str, name="uebung_klein", ordner=ORT) -> Path:
    """Die Übung und ihre Prüfung."""
    pruefung = f"pruefung_{name.removeprefix('uebung_')}.py"
    schreibe(wurzel / "pruefungen" / ORT / pruefung, PRUEFUNG)
    return schreibe(wurzel / ordner / f"{name}.py", inhalt)


def text(tipps=1, kapitel="1.10", **antworten) -> str:
    return UEBUNG.format(tipps=tipps, kapitel=kapitel, **{**GUT, **antworten})


def uebe(wurzel, inhalt, name="uebung_klein", ordner=ORT, probelauf=False) -> dict:
    """Wie `python -m kurs lauf`; Rückgabe: je Aufgabe (Zeichen, Satz)."""
    raum = lauf.fuehre_aus(schreibe_uebung(wurzel, inhalt, name, ordner), probelauf=probelauf)
    befunde = raum[LAUF].befunde if LAUF in raum else {}
    return {n: (b.zeichen, b.satz) for n, b in sorted(befunde.items())}
