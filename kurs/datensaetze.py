"""Beantwortet: Woher kommt dieser Textdatensatz?

    reviews = datensatz("sepidmnorozy/German_sentiment")    # ein datasets.DatasetDict
    reviews["train"][0]                                     # {"label": 0, "text": "…"}

Reihenfolge: eigene Kopie (welche Formen, steht in `data/README.md`), Zwischenspeicher des Hubs,
eingebetteter Ersatz; übers Netz kommt nur, was es eingebettet nicht gibt. Spalten, Labels und Namen
der Teile sind die des Originals, gleich woher (`kurs.textverzeichnis`).
"""

import difflib
from pathlib import Path

from kurs import hub
from kurs.kern.pfade import zwischenspeicher
from kurs.quellen import ORIGINALE_HOLEN, NichtDa, Weg, eigene_kopien, einmal, nennt_kaputtes
from kurs.textverzeichnis import RUFNAMEN, VERZEICHNIS, Eintrag, Tabellen

import datasets
from datasets import Dataset, DatasetDict, Features

datasets.logging.set_verbosity_error()
UNBEKANNT = Eintrag(features=None)


def datensatz(name: str) -> DatasetDict:
    """Ein Datensatz als `datasets.DatasetDict`: Teil („train“, „test“ …) → `datasets.Dataset`.

    `name`: ein Name des Hubs (Kurznamen wie „germeval_14“ gehen auch) oder „kurs/bewertungen“,
    „kurs/entitaeten“, „kurs/themen“. Gelesen wird einmal je Prozess. Fehler: KeineQuelle.
    """
    langname = RUFNAMEN.get(name, name)
    return DatasetDict(einmal(name, lambda: _wege(langname), _kopie(langname)))


def _wege(name: str) -> list[Weg]:
    eintrag = VERZEICHNIS.get(name, UNBEKANNT)
    if name.startswith("kurs/"):
        return [Weg(eintrag.ist, False, lambda: _ersatz(name, eintrag))]
    namen = [name, *(kurz for kurz, lang in RUFNAMEN.items() if lang == name)]
    cache = "Zwischenspeicher des Hugging Face Hub"

    def aus_dem_cache() -> DatasetDict:
        return _wie_im_original(hub.datensatz_im_cache(namen), eintrag, "der Zwischenspeicher")

    def vom_hub() -> DatasetDict:
        hub.hole("datasets", name)
        return aus_dem_cache()

    return [
        *(Weg("eigene Kopie", True, lambda n=n: _lies_ordner(_kopie(n), eintrag)) for n in namen),
        Weg("eigene Kopie", True, lambda: _aus_rohdateien(eintrag)),
        Weg(cache, True, aus_dem_cache),
        Weg(eintrag.ist, False, lambda: _ersatz(name, eintrag), ORIGINALE_HOLEN),
        Weg("vom Hugging Face Hub", True, vom_hub),
    ]


def _kopie(name: str) -> Path:
    return eigene_kopien() / "datensaetze" / name.replace("/", "__")


def _lies_ordner(ordner: Path, eintrag: Eintrag) -> DatasetDict:
    """Was im Ordner liegt, wenn es vollständig ist. Fehler: NichtDa mit dem Grund."""
    if not ordner.is_dir():
        raise NichtDa("")
    for datei in ordner.rglob("*.csv"):  # csv hat kein Endezeichen: pandas läse auch den Anfang
        roh = datei.read_bytes()
        if not roh.endswith(b"\n") or roh.count(b'"') % 2:
            raise NichtDa(f"{datei} wird übergangen: Sie endet mitten in einer Zeile")
    # auch ein Ordner, in dem load_dataset nichts findet, ist kaputt
    with nennt_kaputtes(ordner, f"{ordner} ist beschädigt und wird übergangen"):
        if (ordner / "dataset_dict.json").is_file() or (ordner / "state.json").is_file():
            daten = datasets.load_from_disk(str(ordner), keep_in_memory=True)
        else:
            ablage = str(zwischenspeicher() / "datensaetze")
            daten = datasets.load_dataset(str(ordner), cache_dir=ablage, keep_in_memory=True)
    daten = DatasetDict(train=daten) if isinstance(daten, Dataset) else daten
    for teil, soll in eintrag.zeilen.items():
        if teil in daten and len(daten[teil]) != soll:
            raise NichtDa(
                f"{ordner} ist nicht vollständig und wird übergangen "
                f"({teil}: {len(daten[teil])} statt {soll} Zeilen)"
            )
    return _wie_im_original(daten, eintrag, ordner)


def _wie_im_original(daten: DatasetDict, eintrag: Eintrag, ort: object) -> DatasetDict:
    """Mit Teilen, Spalten und Labels aus dem Verzeichnis. Fehler: NichtDa, wenn es nicht passt."""
    if eintrag.features is None:
        return daten
    for teil in eintrag.zeilen:
        if teil not in daten:
            raise NichtDa(f"{ort} wird übergangen: der Teil {teil} fehlt")
    for teil, tabelle in daten.items():
        if fehlend := [s for s in eintrag.features if s not in tabelle.column_names]:
            raise NichtDa(f"{ort} wird übergangen: in {teil} fehlt {', '.join(fehlend)}")
    with nennt_kaputtes(ort):
        daten = daten.select_columns(list(eintrag.features)).cast(eintrag.features)
        if any(spalte.null_count for tabelle in daten.values() for spalte in tabelle.data.columns):
            daten = daten.filter(lambda zeile: None not in zeile.values())  # csv ohne Text
        return daten


def _aus_rohdateien(eintrag: Eintrag) -> DatasetDict:
    if not eintrag.rohdateien:
        raise NichtDa("")
    with nennt_kaputtes(eigene_kopien()):  # etwa ein Label, das es nicht gibt
        return _baue(eintrag.rohdateien(), eintrag.features)


def _ersatz(name: str, eintrag: Eintrag) -> DatasetDict:
    if eintrag.ersatz:
        return _baue(eintrag.ersatz(), eintrag.features)
    bekannt = {n.lower(): n for n in (*VERZEICHNIS, *RUFNAMEN)}
    aehnlich = difflib.get_close_matches(name.lower(), bekannt, n=1)
    frage = f", meinst du {bekannt[aehnlich[0]]}?" if aehnlich else "."
    raise NichtDa(
        f"eingebettet gibt es diesen Datensatz nicht{frage} "
        f"Eingebettet sind: {', '.join(VERZEICHNIS)}"
    )


def _baue(tabellen: Tabellen, features: Features) -> DatasetDict:
    return DatasetDict(
        {
            teil: Dataset.from_dict({s: spalten[s] for s in features}, features)
            for teil, spalten in tabellen.items()
        }
    )
