"""Beantwortet: Welche Textdatensätze kennt der Kurs, und was macht jeden aus?

Spalten, Labelnamen und Zeilenzahlen sind die der Originale auf dem Hugging Face Hub.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from kurs import textersatz, textkopien
from kurs.textersatz import Tabellen

from datasets import ClassLabel, Features, List, Value

TEXT = Value("string")


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
RESSORTS = ClassLabel(
    names=[
        "Web",
        "Panorama",
        "International",
        "Wirtschaft",
        "Sport",
        "Inland",
        "Etat",
        "Wissenschaft",
        "Kultur",
    ]
)


@dataclass(frozen=True)
class Eintrag:
    """Was ein Datensatz ist und was der Kurs statt des Originals hat.

    `features`: Spalten und Labels (None: ergeben sich aus den Daten).
    `ersatz`, `ist`: liest den eingebetteten Ersatz; was er ist, für die Meldung.
    `ersatz_features`: nur wenn der Ersatz andere Labels hat als das Original.
    `rohdateien`: liest eine eigene Kopie in der Form, wie der Herausgeber sie verteilt.
    `zeilen`: wie viele das Original je Teil hat; eine Kopie mit anderer Zahl ist nicht ganz.
    """

    features: Features | None
    ersatz: Callable[[], Tabellen] | None = None
    ist: str = "selbst geschrieben, aus data/texte"
    ersatz_features: Features | None = None
    rohdateien: Callable[[], Tabellen] | None = None
    zeilen: dict[str, int] = field(default_factory=dict)
    auf_dem_hub: bool = True


# Frühere oder gebräuchliche Namen → der Name auf dem Hub
RUFNAMEN = {
    "rotten_tomatoes": "cornell-movie-review-data/rotten_tomatoes",
    "germeval_14": "GermanEval/germeval_14",
    "gnad10": "community-datasets/gnad10",
}

VERZEICHNIS = {
    "sepidmnorozy/German_sentiment": Eintrag(
        # eine csv-Datei, also Zahlen ohne Namen: 0 negativ, 1 positiv
        Features({"label": Value("int64"), "text": TEXT}),
        textersatz.fuer_german_sentiment,
        "Ersatz, eingebettet: unsere Bewertungen ohne die neutralen, 0 negativ und 1 positiv",
        zeilen={"validation": 772, "test": 1_490},
    ),
    "cornell-movie-review-data/rotten_tomatoes": Eintrag(
        Features({"text": TEXT, "label": ClassLabel(names=["neg", "pos"])}),
        textersatz.fuer_rotten_tomatoes,
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
        textersatz.fuer_germeval_14,
        "Ersatz, eingebettet: unsere Sätze mit Entitäten, MISC heißt OTH",
        rohdateien=textkopien.germeval_14,
        zeilen={"train": 24_000, "validation": 2_200, "test": 5_100},
    ),
    "community-datasets/gnad10": Eintrag(
        Features({"text": TEXT, "label": RESSORTS}),
        textersatz.fuer_gnad10,
        "Ersatz, eingebettet: unsere acht Themen statt der neun Ressorts",
        ersatz_features=Features({"text": TEXT, "label": THEMEN}),
        zeilen={"train": 9_245, "test": 1_028},
    ),
    "sb10k": Eintrag(  # Tweets; gibt es nur als eigene Kopie
        Features({"text": TEXT, "label": ClassLabel(names=["negative", "neutral", "positive"])}),
        rohdateien=textkopien.sb10k,
        auf_dem_hub=False,
    ),
    "kurs/bewertungen": Eintrag(
        Features({"id": TEXT, "domain": TEXT, "text": TEXT, "label": HALTUNG}),
        textersatz.bewertungen,
    ),
    "kurs/entitaeten": Eintrag(
        Features({"id": TEXT, "tokens": List(TEXT), "ner_tags": List(NER)}),
        textersatz.entitaeten,
    ),
    "kurs/themen": Eintrag(
        Features({"id": TEXT, "text": TEXT, "label": THEMEN}),
        textersatz.themen,
    ),
    "kurs/wissen": Eintrag(None, textersatz.wissen),
}
