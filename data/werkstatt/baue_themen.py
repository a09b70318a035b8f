"""Baut aus den von Hand geschriebenen Meldungen die Datei `data/texte/themen.csv`.

Aufruf: python data/werkstatt/baue_themen.py

Quelle ist je Thema `themen/<thema>.txt` mit einem Text je Zeile; leere Zeilen und Zeilen mit `#` am
Anfang zählen nicht. Das Thema ist das Ressort, in dem der Text stünde. Die Aufteilung (70 % train,
10 % validation, 20 % test) ist nach Thema geschichtet und hängt nur an den Kennungen.
"""

from collections import Counter

from gemeinsam import DATA, WERKSTATT, kennung, pruefe_text, schreibe_csv, teile_auf

QUELLE = WERKSTATT / "themen"
ZIEL = DATA / "texte" / "themen.csv"
THEMEN = (
    "politik",
    "wirtschaft",
    "sport",
    "kultur",
    "wissenschaft",
    "technik",
    "gesundheit",
    "reise",
)
TEILE = ("train", "validation", "test")


def lese_themen() -> list[tuple[str, str, str]]:
    """Liest alle Themen als (id, label, text), nach id sortiert, und prüft sie dabei."""
    texte = []
    fundort = {}
    for thema in THEMEN:
        datei = QUELLE / f"{thema}.txt"
        if not datei.is_file():
            raise SystemExit(f"Die Quelle {datei} fehlt.")
        zeilen = datei.read_text(encoding="utf-8").splitlines()
        for nummer, text in enumerate(zeilen, start=1):
            if not text.strip() or text.startswith("#"):
                continue
            woher = f"{datei.name}, Zeile {nummer}"
            pruefe_text(text, woher)
            if text in fundort:
                raise SystemExit(f"{woher}: Text steht schon in {fundort[text]}: {text}")
            fundort[text] = woher
            texte.append((kennung(thema, text), thema, text))
    if len({id_ for id_, *_ in texte}) < len(texte):
        raise SystemExit("Zwei Texte haben dieselbe Kennung; bitte einen umformulieren.")
    return sorted(texte)


def drucke_uebersicht(labels: tuple[str, ...], teile: list[str]) -> None:
    """Druckt, wie viele Texte jedes Themas in welchem Teil stehen."""
    zahl = Counter(zip(labels, teile))
    print(f"\n{'Thema':<14}" + "".join(f"{spalte:>12}" for spalte in (*TEILE, "gesamt")))
    for thema in THEMEN:
        werte = [zahl[thema, teil] for teil in TEILE]
        print(f"{thema:<14}" + "".join(f"{wert:>12}" for wert in (*werte, sum(werte))))
    summen = [teile.count(teil) for teil in TEILE]
    print(f"{'gesamt':<14}" + "".join(f"{wert:>12}" for wert in (*summen, sum(summen))))


def main() -> None:
    """Liest, teilt auf, schreibt und zeigt die Übersicht."""
    ids, labels, texte = zip(*lese_themen())
    teile = teile_auf(ids, labels, texte)
    schreibe_csv(ZIEL, ["id", "label", "split", "text"], list(zip(ids, labels, teile, texte)))
    drucke_uebersicht(labels, teile)


if __name__ == "__main__":
    main()
