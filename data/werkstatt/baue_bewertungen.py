"""Baut aus den von Hand geschriebenen Bewertungen die Datei `data/texte/bewertungen.csv`.

Aufruf: python data/werkstatt/baue_bewertungen.py

Quelle ist je Domäne `bewertungen/<domäne>.txt` mit einer Bewertung je Zeile: `label | Text`; leere
Zeilen und Zeilen mit `#` am Anfang zählen nicht. Das Label ist die gemeinte Haltung: Ironisches Lob
ist negativ, ein laues oder ausgewogenes Urteil ist neutral. Die Aufteilung (70 % train,
10 % validation, 20 % test) ist nach Domäne und Label geschichtet und hängt nur an den Kennungen.
"""

from collections import Counter

from gemeinsam import DATA, WERKSTATT, kennung, lese_quelle, schreibe_csv, teile_auf

QUELLE = WERKSTATT / "bewertungen"
ZIEL = DATA / "texte" / "bewertungen.csv"
DOMAENEN = ("buch", "film", "geraet", "hotel", "kurs", "restaurant")
LABELS = ("positiv", "negativ", "neutral")
TEILE = ("train", "validation", "test")


def lese_bewertungen() -> list[tuple[str, str, str, str]]:
    """Liest alle Domänen als (id, domain, label, text), nach id sortiert, und prüft sie dabei."""
    bewertungen = []
    fundort = {}
    for domain in DOMAENEN:
        datei = QUELLE / f"{domain}.txt"
        if not datei.is_file():
            raise SystemExit(f"Die Quelle {datei} fehlt.")
        for label, text in lese_quelle(datei):
            if label not in LABELS:
                erlaubt = ", ".join(LABELS)
                raise SystemExit(f"{datei.name}: Label {label!r} ist keines von {erlaubt}: {text}")
            if text in fundort:
                raise SystemExit(f"{datei.name}: Text steht schon in {fundort[text]}: {text}")
            fundort[text] = datei.name
            bewertungen.append((kennung(domain, text), domain, label, text))
    if len({id_ for id_, *_ in bewertungen}) < len(bewertungen):
        raise SystemExit("Zwei Texte haben dieselbe Kennung; bitte einen umformulieren.")
    return sorted(bewertungen)


def drucke_uebersicht(titel: str, spalten: tuple[str, ...], paare: list[tuple[str, str]]) -> None:
    """Druckt, wie oft jede Spalte je Domäne vorkommt, mit Summen."""
    zahl = Counter(paare)
    print(f"\n{titel:<12}" + "".join(f"{spalte:>12}" for spalte in (*spalten, "gesamt")))
    for domain in DOMAENEN:
        werte = [zahl[domain, spalte] for spalte in spalten]
        print(f"{domain:<12}" + "".join(f"{wert:>12}" for wert in (*werte, sum(werte))))
    summen = [sum(zahl[domain, spalte] for domain in DOMAENEN) for spalte in spalten]
    print(f"{'gesamt':<12}" + "".join(f"{wert:>12}" for wert in (*summen, sum(summen))))


def main() -> None:
    """Liest, teilt auf, schreibt und zeigt die Übersicht."""
    ids, domains, labels, texte = zip(*lese_bewertungen(), strict=True)
    teile = teile_auf(ids, list(zip(domains, labels, strict=True)), texte)
    zeilen = zip(ids, domains, labels, teile, texte, strict=True)
    schreibe_csv(ZIEL, ["id", "domain", "label", "split", "text"], list(zeilen))
    drucke_uebersicht("Label", LABELS, list(zip(domains, labels, strict=True)))
    drucke_uebersicht("Split", TEILE, list(zip(domains, teile, strict=True)))


if __name__ == "__main__":
    main()
