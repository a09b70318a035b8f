"""Beantwortet: Welche Textdatensätze kennt der Kurs, und was ersetzt das Original?

Spalten, Labelnamen und Zeilenzahlen sind die der Originale auf dem Hugging Face Hub. Labels stehen
in allen Tabellen als Namen, die Zahlen macht `kurs.datensaetze`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from kurs import texte
from kurs.quellen import NichtDa, eigene_kopien, nennt_kaputtes

from datasets import ClassLabel, Dataset, Features, List, Value

Tabellen = dict[str, dict[str, list]]  # Teil → Spalte → Werte
TEXT = Value("string")
TEILE = ("train", "validation", "test")
GERMEVAL_SAETZE = {"train": 24_000, "dev": 2_200, "test": 5_100}
SEED = 42  # für Aufteilungen, die eine Kopie nicht mitbringt


def _bio(klassen: list[str]) -> List:
    return List(ClassLabel(names=["O"] + [f"{bi}-{k}" for k in klassen for bi in "BI"]))


NER = _bio(["PER", "LOC", "ORG", "MISC"])
GERMEVAL = _bio([k + art for k in ("LOC", "ORG", "OTH", "PER") for art in ("", "deriv", "part")])
HALTUNG = ["negativ", "neutral", "positiv"]
THEMEN = "politik wirtschaft sport kultur wissenschaft technik gesundheit reise".split()


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


# --- Eingebettet ----------------------------------------------------------------------------------


def _aus_csv(datei: str, *spalten: str, nur: dict | None = None) -> Tabellen:
    """Verteilt die Zeilen einer CSV-Datei nach ihrer Spalte `split`.

    `nur`: diese Labels, und wie sie im Ergebnis heißen. Gemischt nach dem Hash am Ende der Kennung:
    Sonst stünden alle Bücher vorn, und wer nur die ersten hundert nimmt, hätte nichts anderes.
    """
    zeilen = sorted(texte.lies_csv(datei), key=lambda zeile: zeile["id"][-8:])
    if nur:
        zeilen = [z | {"label": nur[z["label"]]} for z in zeilen if z["label"] in nur]
    return {
        teil: {s: [zeile[s] for zeile in zeilen if zeile["split"] == teil] for s in spalten}
        for teil in TEILE
    }


def _entitaeten() -> Tabellen:
    """Sätze mit Entitäten: id, tokens, ner_tags (BIO mit PER, LOC, ORG, MISC)."""
    tabellen = {}
    for teil in TEILE:
        bloecke = texte.lies(f"entitaeten/{teil}.conll").strip().split("\n\n")
        koepfe, tokens, marken = zip(*map(_spalten, bloecke))
        kennungen = [kopf[0].removeprefix("# id = ") for kopf in koepfe]
        tabellen[teil] = {"id": kennungen, "tokens": tokens, "ner_tags": marken}
    return tabellen


def _spalten(block: str) -> tuple[list[str], ...]:
    """Ein Satz in CoNLL-Form: seine erste Zeile, dann je Spalte die Werte aller Token."""
    kopf, *zeilen = (zeile.split("\t") for zeile in block.split("\n"))
    return kopf, *map(list, zip(*zeilen, strict=True))


def _entitaeten_wie_germeval() -> Tabellen:
    """MISC heißt dort OTH, verschachtelt ist nichts."""
    tabellen = _entitaeten()
    for spalten in tabellen.values():
        saetze = spalten["ner_tags"]
        spalten["source"] = ["kurs/entitaeten"] * len(saetze)
        spalten["ner_tags"] = [[m.replace("MISC", "OTH") for m in marken] for marken in saetze]
        spalten["nested_ner_tags"] = [["O"] * len(marken) for marken in saetze]
    return tabellen


# --- Eigene Kopien, wie der Herausgeber sie verteilt ----------------------------------------------


def _lies(datei: Path, soll: int, trenner: str = "\n") -> list[str]:
    """Die Zeilen oder Blöcke, in UTF-8 oder sonst Latin-1 (so verteilt Cornell). Fehler: NichtDa."""
    with nennt_kaputtes(datei, f"{datei} fehlt"):
        roh = datei.read_bytes()
    try:
        text = roh.decode("utf-8")
    except UnicodeDecodeError:
        text = roh.decode("latin-1")
    teile = text.replace("\r\n", "\n").strip("\n").split(trenner)
    if len(teile) != soll or not text.endswith("\n"):
        ist = f"{len(teile)} statt {soll} Zeilen oder Sätze"
        raise NichtDa(f"{datei} ist nicht vollständig und wird übergangen ({ist})")
    return teile


def _rotten_tomatoes() -> Tabellen:
    """`rt-polarity/rt-polarity.{neg,pos}` (v1.0), aufgeteilt genau wie auf dem Hub: je Klasse die
    ersten 80 % train, dann 10 % validation, 10 % test; erst pos, dann neg.
    """
    ordner = eigene_kopien() / "rt-polarity"
    if not ordner.is_dir():
        raise NichtDa("")
    pos, neg = (
        [zeile.strip() for zeile in _lies(ordner / f"rt-polarity.{label}", 5_331)]
        for label in ("pos", "neg")
    )
    tabellen = {}
    for teil, (von, bis) in zip(TEILE, [(0, 4_265), (4_265, 4_798), (4_798, 5_331)]):
        labels = ["pos"] * (bis - von) + ["neg"] * (bis - von)
        tabellen[teil] = {"text": pos[von:bis] + neg[von:bis], "label": labels}
    return tabellen


def _germeval_14() -> Tabellen:
    """`ner_de/germeval2014/NER-de-{train,dev,test}.tsv`, mit den Spalten des Hubs.

    Ohne NER-de-train.tsv wird dev geteilt (80 % train, 20 % validation, Seed 42); test bleibt test.
    """
    ordner = eigene_kopien() / "ner_de" / "germeval2014"
    if not ordner.is_dir():
        raise NichtDa("")
    dev, test = _lies_germeval(ordner, "dev"), _lies_germeval(ordner, "test")
    if (ordner / "NER-de-train.tsv").is_file():
        return {"train": _lies_germeval(ordner, "train"), "validation": dev, "test": test}
    print("germeval_14: eigene Kopie ohne NER-de-train.tsv; train und validation sind aus dev.")
    teile = Dataset.from_dict(dev).train_test_split(test_size=0.2, seed=SEED)
    return {"train": teile["train"].to_dict(), "validation": teile["test"].to_dict(), "test": test}


def _lies_germeval(ordner: Path, teil: str) -> dict[str, list]:
    """Je Satz eine Zeile „#, Quelle, Datum“, je Token „Nummer, Token, Marke, innere Marke“."""
    datei = ordner / f"NER-de-{teil}.tsv"
    bloecke = _lies(datei, GERMEVAL_SAETZE[teil], "\n\n")
    with nennt_kaputtes(datei):
        koepfe, _, tokens, marken, innere = zip(*map(_spalten, bloecke))
    quellen = [" ".join(kopf[1:]) for kopf in koepfe]
    satz = {"id": [*map(str, range(len(bloecke)))], "source": quellen, "tokens": tokens}
    return satz | {"ner_tags": marken, "nested_ner_tags": innere}


# --- Was es gibt ----------------------------------------------------------------------------------

# Frühere oder gebräuchliche Namen → der Name auf dem Hub
RUFNAMEN = {
    "rotten_tomatoes": "cornell-movie-review-data/rotten_tomatoes",
    "germeval_14": "GermanEval/germeval_14",
}

VERZEICHNIS = {
    "sepidmnorozy/German_sentiment": Eintrag(
        # eine csv-Datei, also Zahlen ohne Namen: 0 negativ, 1 positiv
        Features({"label": Value("int64"), "text": TEXT}),
        lambda: _aus_csv("bewertungen.csv", "label", "text", nur={"negativ": 0, "positiv": 1}),
        "Ersatz, eingebettet: unsere Bewertungen ohne die neutralen, 0 negativ und 1 positiv",
        zeilen={"validation": 772, "test": 1_490},
    ),
    "cornell-movie-review-data/rotten_tomatoes": Eintrag(
        Features({"text": TEXT, "label": ClassLabel(names=["neg", "pos"])}),
        lambda: _aus_csv(
            "bewertungen.csv", "text", "label", nur={"negativ": "neg", "positiv": "pos"}
        ),
        "Ersatz, eingebettet: unsere deutschen Bewertungen ohne die neutralen",
        rohdateien=_rotten_tomatoes,
        zeilen={"train": 8_530, "validation": 1_066, "test": 1_066},
    ),
    "GermanEval/germeval_14": Eintrag(
        Features(
            {"id": TEXT, "source": TEXT, "tokens": List(TEXT)}
            | {"ner_tags": GERMEVAL, "nested_ner_tags": GERMEVAL}
        ),
        _entitaeten_wie_germeval,
        "Ersatz, eingebettet: unsere Sätze mit Entitäten, MISC heißt OTH",
        rohdateien=_germeval_14,
        zeilen={"train": 24_000, "validation": 2_200, "test": 5_100},
    ),
    "kurs/bewertungen": Eintrag(
        Features({"id": TEXT, "domain": TEXT, "text": TEXT, "label": ClassLabel(names=HALTUNG)}),
        lambda: _aus_csv("bewertungen.csv", "id", "domain", "text", "label"),
    ),
    "kurs/entitaeten": Eintrag(
        Features({"id": TEXT, "tokens": List(TEXT), "ner_tags": NER}), _entitaeten
    ),
    "kurs/themen": Eintrag(
        Features({"id": TEXT, "text": TEXT, "label": ClassLabel(names=THEMEN)}),
        lambda: _aus_csv("themen.csv", "id", "text", "label"),
    ),
}
