"""Misst, was Word2Vec aus `data/texte/welt.txt` lernt: Analogien und Nachbarn über mehrere Seeds.

Aufruf: `python miss_welt.py [seed …]` (ohne Angabe: 1 2 3). Braucht gensim.
"""

import csv
import re
import sys
import time

from gemeinsam import DATA
from gensim.models import Word2Vec

EINSTELLUNGEN = {
    "vector_size": 100,
    "window": 8,
    "min_count": 3,
    "sg": 1,
    "negative": 10,
    "sample": 1e-4,  # wichtig: Häufige Wörter („der“, „und“) werden oft übersprungen
    "epochs": 30,
    "workers": 2,
}
PROBEN = ["Hund", "Brot", "Winter", "Paris", "Lehrerin", "Neuron"]


def main() -> None:
    seeds = [int(a) for a in sys.argv[1:]] or [1, 2, 3]
    text = (DATA / "texte" / "welt.txt").read_text(encoding="utf-8")
    saetze = [re.findall(r"\w+", zeile) for zeile in text.splitlines() if zeile]
    with open(DATA / "texte" / "analogien.csv", encoding="utf-8", newline="") as datei:
        analogien = list(csv.DictReader(datei))
    print(f"{len(saetze):,} Sätze, {sum(map(len, saetze)):,} Wörter; {EINSTELLUNGEN}")
    for seed in seeds:
        beginn = time.perf_counter()
        modell = Word2Vec(saetze, seed=seed, **EINSTELLUNGEN)
        dauer = time.perf_counter() - beginn
        treffer, fehler = [], []
        for z in analogien:
            antwort = modell.wv.most_similar(positive=[z["a"], z["c"]], negative=[z["b"]], topn=1)[
                0
            ][0]
            treffer.append(antwort == z["erwartet"])
            if not treffer[-1]:
                fehler.append(f"{z['a']} - {z['b']} + {z['c']} = {antwort} statt {z['erwartet']}")
        print(
            f"\nSeed {seed}: {dauer:.1f} s, {len(modell.wv):,} Wörter im Vokabular, "
            f"{sum(treffer[:10])} von 10, {sum(treffer)} von {len(treffer)}"
        )
        for zeile in fehler:
            print("  daneben:", zeile)
        for wort in PROBEN:
            print(f"  {wort}: " + ", ".join(w for w, _ in modell.wv.most_similar(wort, topn=8)))


if __name__ == "__main__":
    main()
