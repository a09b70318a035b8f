"""Liest die Lehrtexte in `anweisungen/` und macht daraus Gespräche für das Anweisungsmodell.

Drei Sorten Zeilen: ein Text mit Fragen, Zusammenfassung und Thema; eine Meinung mit ihrer Stimmung;
ein Satz und seine Umformulierung. Daraus wird je Epoche ein `Baum`: ein Anfang, den alle Zweige
teilen, und je Aufgabe ein Zweig (Rest der Anweisung, Antwort). Die Wortlaute wechseln, damit das
Modell die Aufgabe versteht und nicht die eine Formulierung.
"""

import json
import random
from typing import NamedTuple

from gemeinsam import WERKSTATT, pruefe_text

ORDNER = WERKSTATT / "anweisungen"
NICHT_IM_TEXT = "Das steht nicht im Text."
THEMEN = [
    "Politik", "Wirtschaft", "Sport", "Kultur", "Gesundheit", "Reise", "Technik", "Wissenschaft",
    "Natur", "Alltag", "Geschichte", "Bildung", "Verkehr", "Essen",
]  # fmt: skip
ANFAENGE = ("", "", "Text: ", "Lies den Text.\n\n", "Hier ist ein Text:\n", "Quelle: ", "Text:\n")
ANFAENGE_FRAGE = (
    "Beantworte die Frage mit dem Text.\n\nText: ",
    "Beantworte die Frage nur mit dem, was im Text steht.\n\nText: ",
    "Antworte in einem kurzen Satz. Wenn die Antwort nicht im Text steht, sag das.\n\n",
    "Kontext: ",
    "Nutze diese Quelle, um die Frage zu beantworten.\n\nQuelle: ",
)
FRAGEN = (
    "Frage: {}",
    "{}",
    "Beantworte mit dem Text die Frage: {}",
    "Frage: {}\nAntworte mit einem kurzen Satz aus dem Text.",
    "Steht das im Text? {}",
    "Was sagt der Text dazu: {}",
)
ZUSAMMENFASSEN = (
    "Fasse den Text in einem Satz zusammen.",
    "Fasse zusammen.",
    "Worum geht es? Ein Satz genügt.",
    "Schreibe eine Zusammenfassung in einem Satz.",
    "Sag das Wichtigste in einem Satz.",
)
THEMA = (
    "Welches Thema hat der Text? Wähle eines aus: {}.",
    "Ordne den Text einem dieser Themen zu: {}. Antworte mit einem Wort.",
    "Thema ({})?",
)
STIMMUNG = (
    "Ist diese Meinung {oder}?\n\n{text}",
    "Nenne die Stimmung des Textes ({liste}).\n\nText: {text}",
    "{text}\n\nIst das {oder}? Antworte mit einem Wort.",
    "Welche Stimmung hat der Text: {oder}?\n\n{text}",
    "Text: {text}\nStimmung ({liste}):",
    "Teile den Text in eine dieser Klassen ein: {liste}.\n\n{text}",
)
UMFORMULIEREN = (
    "Formuliere {wie} um: {aus}",
    "{aus}\n\nSchreib das {wie}.",
    "Sag es {wie}:\n{aus}",
)


class Baum(NamedTuple):
    """Ein Anfang der Anweisung und je Zweig (Rest der Anweisung, Antwort)."""

    anfang: str
    zweige: list[tuple[str, str]]


def lies() -> list[dict]:
    """Alle Zeilen aller Dateien in `anweisungen/`, geprüft. Bricht bei einem Fehler mit Ort ab."""
    eintraege = []
    for datei in sorted(ORDNER.glob("*.jsonl")):
        for nummer, zeile in enumerate(datei.read_text(encoding="utf-8").splitlines(), start=1):
            eintrag = json.loads(zeile)
            for feld in {"meinung", "zusammenfassung", "aus", "zu"} & set(eintrag):
                pruefe_text(eintrag[feld], f"{datei.name}, Zeile {nummer}, {feld}")
            eintraege.append(eintrag)
    return eintraege


def zurueckgehalten(eintraege: list[dict], jeder: int) -> tuple[list[dict], list[dict]]:
    """(Training, Kontrolle): jeder so vielte Eintrag jeder Sorte bleibt zur Kontrolle draußen."""
    kontrolle = eintraege[jeder // 2 :: jeder]
    return [e for e in eintraege if e not in kontrolle], kontrolle


def _ohne_punkt(text: str, zufall: random.Random) -> str:
    return text.rstrip("?.") if zufall.random() < 0.08 else text


def aus_text(eintrag: dict, fremde_frage: str, zufall: random.Random) -> Baum:
    """Fragen zum Text (auch eine, die er nicht beantwortet), Zusammenfassung und Thema."""
    paare = [*eintrag["fragen"], *((frage, NICHT_IM_TEXT) for frage in eintrag["offen"])]
    if zufall.random() < 0.4:
        paare.append((fremde_frage, NICHT_IM_TEXT))
    nur_fragen = zufall.random() < 0.4
    anfang = zufall.choice(ANFAENGE_FRAGE if nur_fragen else ANFAENGE)
    muster = FRAGEN[:2] if nur_fragen else FRAGEN
    zweige = [
        (zufall.choice(muster).format(_ohne_punkt(frage, zufall)), antwort)
        for frage, antwort in paare
    ]
    if not nur_fragen:
        zweige.append((zufall.choice(ZUSAMMENFASSEN), eintrag["zusammenfassung"]))
        if zufall.random() < 0.5:
            themen = {eintrag["thema"], *zufall.sample(THEMEN, zufall.randint(2, 7))}
            liste = ", ".join(zufall.sample(sorted(themen), len(themen)))
            zweige.append((zufall.choice(THEMA).format(liste), eintrag["thema"]))
    return Baum(anfang + eintrag["text"], [(f"\n\n{rest}", a) for rest, a in zweige])


def frage_stimmung(text: str, klassen: list[str], muster: str) -> str:
    """Die Anweisung, eine der `klassen` zu nennen."""
    oder = ", ".join(klassen[:-1]) + f" oder {klassen[-1]}"
    return muster.format(text=text, oder=oder, liste=", ".join(klassen))


def aus_meinung(eintrag: dict, zufall: random.Random) -> Baum:
    """Die Stimmung, aus zwei oder drei Klassen zu wählen."""
    klassen = ["positiv", "negativ"]
    if eintrag["stimmung"] == "neutral" or zufall.random() < 0.3:
        klassen.append("neutral")
    zufall.shuffle(klassen)
    frage = frage_stimmung(eintrag["meinung"], klassen, zufall.choice(STIMMUNG))
    return Baum("", [(frage, eintrag["stimmung"])])


def aus_satz(eintrag: dict, zufall: random.Random) -> Baum:
    """Umformulieren: einfacher, höflicher, kürzer, sachlicher oder mit anderen Worten."""
    frage = zufall.choice(UMFORMULIEREN).format(wie=eintrag["wie"], aus=eintrag["aus"])
    return Baum("", [(frage, eintrag["zu"])])


def baeume(eintraege: list[dict], zufall: random.Random) -> list[Baum]:
    """Eine Epoche: alle Einträge in neuer Reihenfolge und neuem Wortlaut."""
    fragen = [frage for e in eintraege if "text" in e for frage, _ in e["fragen"]]
    wald = []
    alle = [*eintraege, *(e for e in eintraege if "meinung" in e)]  # Meinungen zweimal
    for eintrag in zufall.sample(alle, len(alle)):
        if "text" in eintrag:
            wald.append(aus_text(eintrag, zufall.choice(fragen), zufall))
        elif "meinung" in eintrag:
            wald.append(aus_meinung(eintrag, zufall))
        else:
            wald.append(aus_satz(eintrag, zufall))
    return wald
