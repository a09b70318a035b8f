"""Beantwortet: Was liefert der eingebettete Ersatz für Textdatensätze?

Jede Funktion gibt zurück: Teil („train“ …) → Spalte → Werte. Labels stehen als Namen darin; die
Zahlen macht daraus `kurs.datensaetze`. Alle Texte sind selbst geschrieben, siehe `data/README.md`.
"""

from kurs import texte

Tabellen = dict[str, dict[str, list]]
TEILE = ("train", "validation", "test")


def bewertungen() -> Tabellen:
    """Bewertungen aus sechs Domänen: id, domain, text, label (negativ, neutral, positiv)."""
    return _nach_teilen("bewertungen.csv", ("id", "domain", "text", "label"))


def themen() -> Tabellen:
    """Kurze Nachrichten aus acht Themen: id, text, label."""
    return _nach_teilen("themen.csv", ("id", "text", "label"))


def entitaeten() -> Tabellen:
    """Sätze mit Entitäten: id, tokens, ner_tags (BIO mit PER, LOC, ORG, MISC)."""
    tabellen = {}
    for teil in TEILE:
        spalten: dict[str, list] = {"id": [], "tokens": [], "ner_tags": []}
        for block in texte.lies(f"entitaeten/{teil}.conll").strip().split("\n\n"):
            kennung, *zeilen = block.split("\n")
            paare = [zeile.split("\t") for zeile in zeilen]
            spalten["id"].append(kennung.removeprefix("# id = "))
            spalten["tokens"].append([token for token, _ in paare])
            spalten["ner_tags"].append([marke for _, marke in paare])
        tabellen[teil] = spalten
    return tabellen


def wissen() -> Tabellen:
    """Zwei Teile: „absaetze“ (id, titel, text) und „fragen“ (id, frage, absatz, antwort)."""
    return {
        teil: {spalte: [zeile[spalte] for zeile in zeilen] for spalte in zeilen[0]}
        for teil, zeilen in zip(("absaetze", "fragen"), texte.wissen())
    }


def fuer_german_sentiment() -> Tabellen:
    """Unsere Bewertungen ohne die neutralen: label 0 (negativ) oder 1 (positiv), text."""
    return _zwei_klassen({"negativ": 0, "positiv": 1})


def fuer_rotten_tomatoes() -> Tabellen:
    """Unsere deutschen Bewertungen ohne die neutralen: text, label „neg“ oder „pos“."""
    return _zwei_klassen({"negativ": "neg", "positiv": "pos"})


def fuer_germeval_14() -> Tabellen:
    """Unsere Entitäten wie bei GermEval: MISC heißt dort OTH, verschachtelt ist nichts."""
    tabellen = entitaeten()
    for spalten in tabellen.values():
        spalten["source"] = ["kurs/entitaeten"] * len(spalten["id"])
        spalten["ner_tags"] = [
            [marke.replace("MISC", "OTH") for marke in marken] for marken in spalten["ner_tags"]
        ]
        spalten["nested_ner_tags"] = [["O"] * len(marken) for marken in spalten["ner_tags"]]
    return tabellen


def fuer_gnad10() -> Tabellen:
    """Unsere Themen als text und label; wie dort nur train und test, validation steckt in train.

    Die Klassen bleiben unsere acht: „Etat“ oder „Panorama“ sind Ressorts einer bestimmten Zeitung,
    und unsere Texte so zu nennen wäre falsch.
    """
    tabellen = themen()
    rest = tabellen.pop("validation")
    for spalte, werte in tabellen["train"].items():
        werte += rest[spalte]
    return tabellen


def _nach_teilen(datei: str, spalten: tuple[str, ...]) -> Tabellen:
    """Verteilt die Zeilen einer CSV-Datei nach ihrer Spalte `split`.

    Gemischt nach dem Hash am Ende der Kennung: Sonst stünden alle Bücher vorn, und wer nur die
    ersten hundert nimmt, hätte nichts anderes.
    """
    zeilen = sorted(texte.lies_csv(datei), key=lambda zeile: zeile["id"][-8:])
    return {
        teil: {s: [zeile[s] for zeile in zeilen if zeile["split"] == teil] for s in spalten}
        for teil in TEILE
    }


def _zwei_klassen(namen: dict[str, int | str]) -> Tabellen:
    """Die Bewertungen, deren Label in `namen` steht, mit den Labels, die dort stehen."""
    tabellen = {}
    for teil, spalten in bewertungen().items():
        paare = [(t, lab) for t, lab in zip(spalten["text"], spalten["label"]) if lab in namen]
        tabellen[teil] = {
            "text": [text for text, _ in paare],
            "label": [namen[label] for _, label in paare],
        }
    return tabellen
