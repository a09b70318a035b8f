"""Prüft `data/texte/wissen`: Schema, Verweise, Längen und Sauberkeit. Druckt am Ende die Zahlen.

Die beiden JSONL-Dateien sind von Hand geschrieben, Quelle und Endform zugleich; es gibt nichts zu
bauen. Aufruf: ``python data/werkstatt/pruefe_wissen.py``
"""

import json
from collections import Counter
from pathlib import Path

from gemeinsam import DATA, WORT, pruefe_text

ORDNER = DATA / "texte" / "wissen"
KUERZESTER, LAENGSTER, LAENGSTE_ANTWORT = 60, 150, 12


def lese_jsonl(datei: Path, felder: list[str]) -> list[dict]:
    """Liest JSON je Zeile; verlangt genau diese Felder, die ersten beiden ohne Doppel."""
    eintraege = []
    for nummer, zeile in enumerate(datei.read_text(encoding="utf-8").splitlines(), start=1):
        eintrag = json.loads(zeile)
        if list(eintrag) != felder:
            raise SystemExit(f"{datei.name}, Zeile {nummer}: {list(eintrag)} statt {felder}")
        for feld, wert in eintrag.items():
            if wert is not None:
                pruefe_text(wert, f"{datei.name}, Zeile {nummer}, {feld}")
        eintraege.append(eintrag)
    for feld in felder[:2]:
        anzahlen = Counter(eintrag[feld] for eintrag in eintraege)
        doppelt = [wert for wert, anzahl in anzahlen.items() if anzahl > 1]
        if doppelt:
            raise SystemExit(f"{datei.name}: {feld} mehrfach vergeben: {doppelt}")
    return eintraege


def main() -> None:
    absaetze = lese_jsonl(ORDNER / "absaetze.jsonl", ["id", "titel", "text"])
    fragen = lese_jsonl(ORDNER / "fragen.jsonl", ["id", "frage", "absatz", "antwort"])

    laengen = []
    for absatz in absaetze:
        if None in absatz.values():
            raise SystemExit(f"{absatz['id']}: leeres Feld")
        laengen.append(len(absatz["text"].split()))
        if not KUERZESTER <= laengen[-1] <= LAENGSTER:
            raise SystemExit(
                f"{absatz['id']}: {laengen[-1]} Wörter, erlaubt {KUERZESTER} bis {LAENGSTER}"
            )

    kennungen = {absatz["id"] for absatz in absaetze}
    for frage in fragen:
        if frage["frage"] is None or (frage["absatz"] is None) != (frage["antwort"] is None):
            raise SystemExit(f"{frage['id']}: absatz und antwort: beide gefüllt oder beide null")
        if frage["absatz"] is not None and frage["absatz"] not in kennungen:
            raise SystemExit(f"{frage['id']}: Absatz {frage['absatz']} gibt es nicht")
        if frage["antwort"] and len(frage["antwort"].split()) > LAENGSTE_ANTWORT:
            raise SystemExit(f"{frage['id']}: Antwort länger als {LAENGSTE_ANTWORT} Wörter")

    je_absatz = Counter(frage["absatz"] for frage in fragen if frage["absatz"])
    if ohne := sorted(kennungen - set(je_absatz)):
        raise SystemExit(f"Absätze ohne Frage: {ohne}")
    anfaenge = Counter(" ".join(WORT.findall(frage["frage"].lower())[:2]) for frage in fragen)

    print(f"Absätze: {len(absaetze)}, zusammen {sum(laengen)} Wörter")
    print(f"Wörter je Absatz: {min(laengen)} bis {max(laengen)}")
    print(f"Fragen: {len(fragen)}, davon beantwortbar {sum(je_absatz.values())}")
    print(f"Fragen je Absatz: {min(je_absatz.values())} bis {max(je_absatz.values())}")
    print("Häufigster Frageanfang: {!r} ({}-mal)".format(*anfaenge.most_common(1)[0]))


if __name__ == "__main__":
    main()
