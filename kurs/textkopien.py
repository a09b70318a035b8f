"""Beantwortet: Was liegt in den eigenen Kopien der Textdatensätze, und ist es ganz?

Eine eigene Kopie ist ein Ordner `datensaetze/<Name mit __ statt />` mit dem, was
`DatasetDict.save_to_disk` schreibt oder was auf dem Hub liegt (parquet, csv oder jsonl je Teil),
oder sie besteht aus den Dateien, wie sie der Herausgeber verteilt. Was beschädigt ist oder nicht
die erwartete Zahl von Zeilen hat, wird genannt und übergangen, nie halb geladen.
"""

from pathlib import Path

from kurs.pfade import zwischenspeicher
from kurs.quellen import NichtDa, eigene_kopien

from datasets import Dataset, DatasetDict, load_dataset, load_from_disk

Tabellen = dict[str, dict[str, list]]  # Teil → Spalte → Werte
GERMEVAL = Path("ner_de", "germeval2014")
GERMEVAL_SAETZE = {"train": 24_000, "dev": 2_200, "test": 5_100}
SEED = 42  # für Aufteilungen, die eine Kopie nicht mitbringt


def lies_ordner(namen: list[str]) -> tuple[Path, DatasetDict]:
    """Der erste Ordner `datensaetze/<Name>`, den es gibt, und sein Inhalt.

    Fehler: NichtDa, wenn es keinen gibt oder er nicht zu lesen ist.
    """
    for name in namen:
        ordner = ort(name)
        if ordner.is_dir():
            return ordner, _lies_ordner(ordner)
    raise NichtDa("")


def ort(name: str) -> Path:
    """Wohin eine eigene Kopie dieses Datensatzes gehört."""
    return eigene_kopien() / "datensaetze" / name.replace("/", "__")


def _lies_ordner(ordner: Path) -> DatasetDict:
    for datei in ordner.rglob("*.csv"):  # csv hat kein Endezeichen: pandas läse auch den Anfang
        roh = datei.read_bytes()
        if not roh.endswith(b"\n") or roh.count(b'"') % 2:
            raise NichtDa(_beschaedigt(datei, "endet mitten in einer Zeile"))
    try:
        if (ordner / "dataset_dict.json").is_file() or (ordner / "state.json").is_file():
            daten = load_from_disk(str(ordner), keep_in_memory=True)
        else:
            ablage = zwischenspeicher() / "datensaetze"
            daten = load_dataset(str(ordner), cache_dir=str(ablage), keep_in_memory=True)
    except Exception as fehler:  # noqa: BLE001 (datasets, pyarrow, pandas: je eigene Klassen)
        raise NichtDa(_beschaedigt(ordner, type(fehler).__name__)) from None
    return DatasetDict(train=daten) if isinstance(daten, Dataset) else daten


def rotten_tomatoes() -> Tabellen:
    """`rt-polarity/rt-polarity.{neg,pos}` (v1.0): text, label, aufgeteilt genau wie auf dem Hub.

    Dort sind je Klasse die ersten 80 % train, dann 10 % validation, 10 % test; erst pos, dann neg.
    """
    ordner = eigene_kopien() / "rt-polarity"
    if not ordner.is_dir():
        raise NichtDa("")
    texte = {}
    for label in ("pos", "neg"):
        datei = ordner / f"rt-polarity.{label}"
        zeilen = _lies_text(datei, auch_latin_1=True).strip("\n").split("\n")
        _verlange(5_331, len(zeilen), "Zeilen", datei)
        texte[label] = [zeile.strip() for zeile in zeilen]
    grenzen = {"train": (0, 4_265), "validation": (4_265, 4_798), "test": (4_798, 5_331)}
    return {
        teil: {
            "text": texte["pos"][von:bis] + texte["neg"][von:bis],
            "label": ["pos"] * (bis - von) + ["neg"] * (bis - von),
        }
        for teil, (von, bis) in grenzen.items()
    }


def germeval_14() -> Tabellen:
    """`ner_de/germeval2014/NER-de-{train,dev,test}.tsv`, mit den Spalten des Hubs.

    Ohne NER-de-train.tsv wird dev geteilt (80 % train, 20 % validation, Seed 42); test bleibt test.
    """
    ordner = eigene_kopien() / GERMEVAL
    if not ordner.is_dir():
        raise NichtDa("")
    dev, test = _lies_germeval(ordner, "dev"), _lies_germeval(ordner, "test")
    if germeval_hat_train():
        return {"train": _lies_germeval(ordner, "train"), "validation": dev, "test": test}
    teile = Dataset.from_dict(dev).train_test_split(test_size=0.2, seed=SEED)
    return {"train": teile["train"].to_dict(), "validation": teile["test"].to_dict(), "test": test}


def germeval_hat_train() -> bool:
    """Ob zur eigenen Kopie von GermEval auch die Trainingsdatei gehört."""
    return (eigene_kopien() / GERMEVAL / "NER-de-train.tsv").is_file()


def _lies_germeval(ordner: Path, teil: str) -> dict[str, list]:
    """Je Satz eine Zeile „#, Quelle, Datum“, je Token „Nummer, Token, Marke, innere Marke“."""
    datei = ordner / f"NER-de-{teil}.tsv"
    spalten: dict[str, list] = {
        name: [] for name in ("id", "source", "tokens", "ner_tags", "nested_ner_tags")
    }
    text = _lies_text(datei)
    if not text.endswith("\n"):
        raise NichtDa(_beschaedigt(datei, "die letzte Zeile ist angefangen"))
    for block in text.strip("\n").split("\n\n"):
        kopf, *zeilen = (zeile.split("\t") for zeile in block.split("\n"))
        if kopf[0] != "#" or not zeilen or any(len(zeile) != 4 for zeile in zeilen):
            raise NichtDa(_beschaedigt(datei, f"Satz {len(spalten['id']) + 1}"))
        _, tokens, marken, innere = (list(spalte) for spalte in zip(*zeilen))
        werte = (str(len(spalten["id"])), " ".join(kopf[1:]), tokens, marken, innere)
        for name, wert in zip(spalten, werte):
            spalten[name].append(wert)
    _verlange(GERMEVAL_SAETZE[teil], len(spalten["id"]), "Sätze", datei)
    return spalten


def _lies_text(datei: Path, auch_latin_1: bool = False) -> str:
    """Der Inhalt als UTF-8, auf Wunsch sonst als Latin-1 (so verteilt Cornell seine Dateien)."""
    try:
        roh = datei.read_bytes()
    except FileNotFoundError:
        raise NichtDa(f"{datei} fehlt") from None
    except OSError as fehler:
        raise NichtDa(f"{datei} ist nicht zu lesen ({fehler.strerror})") from None
    try:
        text = roh.decode("utf-8")
    except UnicodeDecodeError:
        if not auch_latin_1:
            raise NichtDa(_beschaedigt(datei, "kein UTF-8")) from None
        text = roh.decode("latin-1")
    return text.replace("\r\n", "\n")


def _verlange(soll: int, ist: int, was: str, datei: Path) -> None:
    if ist != soll:
        raise NichtDa(
            f"{datei} ist nicht vollständig und wird übergangen ({ist} statt {soll} {was})"
        )


def _beschaedigt(pfad: Path, genauer: str) -> str:
    return f"{pfad} ist beschädigt und wird übergangen ({genauer})"
