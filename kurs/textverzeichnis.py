"""Beantwortet: Welche Textdatensätze kennt der Kurs, was macht jeden aus, und was ersetzt das
Original?

Spalten, Labelnamen und Zeilenzahlen sind die der Originale auf dem Hugging Face Hub. Der
eingebettete Ersatz ist selbst geschrieben, siehe `data/README.md`; Labels stehen darin als Namen,
die Zahlen macht `kurs.datensaetze`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from kurs import texte, textkopien
from kurs.textkopien import Tabellen

from datasets import ClassLabel, Features, List, Value

TEXT = Value("string")
TEILE = ("train", "validation", "test")


def _bio(klassen: list[str]) -> ClassLabel:
    return ClassLabel(names=["O"] + [f"{bi}-{klasse}" for klasse in klassen for bi in "BI"])


NER = _bio(["PER", "LOC", "ORG", "MISC"])
GERMEVAL = _bio([k + art for k in ("LOC", "ORG", "OTH", "PER") for art in ("", "deriv", "part")])
HALTUNG = ClassLabel(names=["negativ", "neutral", "positiv"])
THEMEN = ClassLabel(
    names=[
        "politik",
        "wirtschaft",
        "sport",
        "kultur",
        "wissenschaft",
        "technik",
        "gesundheit",
        "reise",
    ]
)


@dataclass(frozen=True)
class Eintrag:
    """Was ein Datensatz ist und was der Kurs statt des Originals hat.

    `features`: Spalten und Labels (None, wenn der Kurs den Datensatz nicht kennt).
    `ersatz`, `ist`: liest den eingebetteten Ersatz; was er ist, für die Meldung.
    `rohdateien`: liest eine eigene Kopie in der Form, wie der Herausgeber sie verteilt.
    `zeilen`: wie viele das Original je Teil hat; eine Kopie mit anderer Zahl ist nicht ganz.
    """

    features: Features | None
    ersatz: Callable[[], Tabellen] | None = None
    ist: str = "selbst geschrieben, aus data/texte"
    rohdateien: Callable[[], Tabellen] | None = None
    zeilen: dict[str, int] = field(default_factory=dict)


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


# Frühere oder gebräuchliche Namen → der Name auf dem Hub
RUFNAMEN = {
    "rotten_tomatoes": "cornell-movie-review-data/rotten_tomatoes",
    "germeval_14": "GermanEval/germeval_14",
}

VERZEICHNIS = {
    "sepidmnorozy/German_sentiment": Eintrag(
        # eine csv-Datei, also Zahlen ohne Namen: 0 negativ, 1 positiv
        Features({"label": Value("int64"), "text": TEXT}),
        fuer_german_sentiment,
        "Ersatz, eingebettet: unsere Bewertungen ohne die neutralen, 0 negativ und 1 positiv",
        zeilen={"validation": 772, "test": 1_490},
    ),
    "cornell-movie-review-data/rotten_tomatoes": Eintrag(
        Features({"text": TEXT, "label": ClassLabel(names=["neg", "pos"])}),
        fuer_rotten_tomatoes,
        "Ersatz, eingebettet: unsere deutschen Bewertungen ohne die neutralen",
        rohdateien=textkopien.rotten_tomatoes,
        zeilen={"train": 8_530, "validation": 1_066, "test": 1_066},
    ),
    "GermanEval/germeval_14": Eintrag(
        Features(
            {
                "id": TEXT,
                "source": TEXT,
                "tokens": List(TEXT),
                "ner_tags": List(GERMEVAL),
                "nested_ner_tags": List(GERMEVAL),
            }
        ),
        fuer_germeval_14,
        "Ersatz, eingebettet: unsere Sätze mit Entitäten, MISC heißt OTH",
        rohdateien=textkopien.germeval_14,
        zeilen={"train": 24_000, "validation": 2_200, "test": 5_100},
    ),
    "kurs/bewertungen": Eintrag(
        Features({"id": TEXT, "domain": TEXT, "text": TEXT, "label": HALTUNG}),
        bewertungen,
    ),
    "kurs/entitaeten": Eintrag(
        Features({"id": TEXT, "tokens": List(TEXT), "ner_tags": List(NER)}),
        entitaeten,
    ),
    "kurs/themen": Eintrag(
        Features({"id": TEXT, "text": TEXT, "label": THEMEN}),
        themen,
    ),
}
