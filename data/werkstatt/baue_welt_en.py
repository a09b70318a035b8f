"""Baut die englische Kleine Welt: `data/texte/welt_en.txt`. Jeder Lauf liefert dieselben Bytes.

Wie bei `baue_welt.py` füllen Faktentabellen (`welt_en/*.csv`) Satzmuster (`welt_en/patterns_*.txt`);
die Muster sind eigene, keine Übersetzungen Satz für Satz. `{p}` und `{q}` sind zwei Menschen, `{z_…}`
ist eine zweite, zufällige Zeile der Tabelle, `{s_…}` ein kleineres Tier, `{court}` und `{family}` sind
Bedingungen. Fehlt einer Zeile etwas, entfällt der Satz.

Dazu prüft das Skript `data/texte/welt_paare.csv` (von Hand): Jedes Wort steht oft genug in seiner Welt.
"""

import csv
import random
import re
from collections import Counter

from gemeinsam import DATA, WERKSTATT, pruefe_text, schreibe

WELT = WERKSTATT / "welt_en"
TEXTE = DATA / "texte"
TABELLEN = {  # Name → wie oft jede Zeile durch alle Muster geht
    "animals": 3,
    "jobs": 3,
    "food": 3,
    "countries": 3,
    "family": 4,
    "adjectives": 2,
    "months": 8,
    "seasons": 12,
}
LEUTE = (
    "Alice Amy Anna Bella Clara Daisy Ellen Emily Grace Hannah Holly Jane Kate Lily Lucy Mary Nancy "
    "Ruby Sarah Susan Adam Alan Ben Charlie Daniel Dylan Eric Frank George Harry Jack James John Mark "
    "Oliver Oscar Peter Robert Sam Tom"
).split()
MONATE = (
    "January February March April May June July August September October November December".split()
)
TAGE = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
FRUEHER = ["last year", "a month ago", "two years ago", "some weeks ago", "during the holidays"]
MINDESTENS = 5  # so oft steht jedes Wort der Paare in seinem Korpus


def lese_tabelle(name: str) -> list[dict[str, str]]:
    with open(WELT / f"{name}.csv", encoding="utf-8", newline="") as datei:
        zeilen = list(csv.DictReader(datei))
    if name == "adjectives":
        return [
            {**zeile, "a": a, "b": b}
            for zeile in zeilen
            for a, b in (paar.split("/") for paar in zeile["things"].split("|"))
        ]
    return zeilen


def werte_zu(zeile: dict, zeilen: list[dict], zufall: random.Random) -> dict[str, str]:
    """Alles, was ein Muster zu dieser Zeile einsetzen kann; die Zeile selbst geht vor."""
    p, q = zufall.sample(LEUTE, 2)
    andere = zufall.choice([z for z in zeilen if z is not zeile])
    werte = {
        "p": p,
        "q": q,
        "month": zufall.choice(MONATE),
        "day": zufall.choice(TAGE),
        "when": zufall.choice(FRUEHER),
        "number": zufall.choice(["six", "seven", "eight", "nine", "ten"]),
        **{f"z_{name}": wert for name, wert in andere.items()},
        **zeile,
    }
    if kleinere := [z for z in zeilen if int(z.get("size", 0)) <= int(zeile.get("size", 0)) - 2]:
        werte |= {f"s_{name}": wert for name, wert in zufall.choice(kleinere).items()}
    return werte


def fuelle(muster: str, werte: dict[str, str]) -> str | None:
    """Der Satz, oder None, wenn der Zeile etwas fehlt oder eine Bedingung nicht gilt."""
    for bedingung in ("court", "family"):
        if muster.startswith(f"{{{bedingung}}}"):
            if werte["kind"] != bedingung:
                return None
            muster = muster.removeprefix(f"{{{bedingung}}}")
    if not all(werte.get(name) for name in re.findall(r"\{(\w+)\}", muster)):
        return None
    satz = muster.format_map(werte)
    satz = re.sub(r"\b([Aa]) (?=(?!Uk)[aeiouAEIOU])", r"\1n ", satz)
    satz = re.sub(r"\b([Aa])n (?![aeiouAEIOU])", r"\1 ", satz)
    return satz[0].upper() + satz[1:]


def absaetze(name: str, durchgaenge: int, zufall: random.Random, gesehen: set[str]) -> list[str]:
    """Je Zeile der Tabelle Absätze aus höchstens fünf Sätzen zu genau dieser Zeile."""
    zeilen = lese_tabelle(name)
    muster = (WELT / f"patterns_{name}.txt").read_text(encoding="utf-8").splitlines()
    fertig = []
    for _ in range(durchgaenge):
        for zeile in zeilen:
            saetze = []
            for m in zufall.sample(muster, len(muster)):
                satz = fuelle(m, werte_zu(zeile, zeilen, zufall))
                if satz and satz not in gesehen:
                    gesehen.add(satz)
                    saetze.append(satz)
            fertig += ["\n".join(saetze[i : i + 5]) for i in range(0, len(saetze), 5)]
    return fertig


def pruefe_paare(englisch: str) -> None:
    """Jedes Paar kommt einmal vor, und beide Wörter stehen oft genug in ihrer Welt."""
    with open(TEXTE / "welt_paare.csv", encoding="utf-8", newline="") as datei:
        paare = list(csv.DictReader(datei))
    deutsch = (TEXTE / "welt.txt").read_text(encoding="utf-8")
    for sprache, text in (("de", deutsch), ("en", englisch)):
        anzahl = Counter(re.findall(r"\w+", text))
        woerter = Counter(paar[sprache] for paar in paare)
        if doppelt := [wort for wort, zahl in woerter.items() if zahl > 1]:
            raise SystemExit(f"welt_paare.csv: mehrfach {doppelt}")
        if selten := [wort for wort in woerter if anzahl[wort] < MINDESTENS]:
            raise SystemExit(f"welt_paare.csv: zu selten in der Welt ({sprache}): {selten}")
    if gleich := [paar["de"] for paar in paare if paar["de"] == paar["en"]]:
        raise SystemExit(f"welt_paare.csv: in beiden Sprachen gleich geschrieben: {gleich}")
    print(f"{len(paare)} Wortpaare")


def main() -> None:
    zufall = random.Random(42)
    gesehen: set[str] = set()
    alle = [a for name, mal in TABELLEN.items() for a in absaetze(name, mal, zufall, gesehen)]
    zufall.shuffle(alle)
    for satz in gesehen:
        pruefe_text(satz, "welt_en.txt")
    text = "\n\n".join(alle) + "\n"
    schreibe(TEXTE / "welt_en.txt", text)
    woerter = re.findall(r"\w+", text)
    print(f"{len(gesehen):,} Sätze, {len(woerter):,} Wörter")
    pruefe_paare(text)


if __name__ == "__main__":
    main()
