"""Beantwortet: Woher kommt dieser Textdatensatz?

    reviews = datensatz("sepidmnorozy/German_sentiment")    # ein datasets.DatasetDict
    reviews["train"][0]                                     # {"label": 0, "text": "…"}

Reihenfolge: Zwischenspeicher des Hubs, eigene Kopie (siehe `kurs.textkopien`), Hub, eingebetteter
Ersatz. Spalten, Labels und Namen der Teile sind die des Originals, gleich woher; welche das sind,
steht in `kurs.textverzeichnis`. Unsere eigenen Datensätze heißen „kurs/…“.
"""

import difflib
import os

from kurs import hubdaten, quellen, textkopien
from kurs.quellen import NichtDa, Weg, waehle
from kurs.textersatz import Tabellen
from kurs.textverzeichnis import RUFNAMEN, VERZEICHNIS, Eintrag

from datasets import Dataset, DatasetDict, Features

EIGENE = "kurs/"
UNBEKANNT = Eintrag(features=None)
_geladen: dict[tuple, DatasetDict] = {}


def datensatz(name: str) -> DatasetDict:
    """Ein Datensatz als `datasets.DatasetDict`: Teil („train“, „test“ …) → `datasets.Dataset`.

    `name`: ein Name des Hubs (Kurznamen wie „germeval_14“ gehen auch) oder „kurs/bewertungen“,
    „kurs/entitaeten“, „kurs/themen“, „kurs/wissen“ (mit den Teilen „absaetze“ und „fragen“).
    Gelesen wird einmal je Prozess; eine Zeile sagt, was genommen wurde und warum.
    Quelle: siehe `kurs.quellen`. Fehler: KeineQuelle mit einem deutschen Satz.
    """
    umstaende = (name, os.environ.get("KURS_QUELLE"), os.environ.get("KURS_ORIGINALE"))
    if umstaende not in _geladen or name not in quellen.benutzt():
        langname = RUFNAMEN.get(name, name)
        _geladen[umstaende] = waehle(name, _wege(langname), textkopien.ort(langname))
    return DatasetDict(_geladen[umstaende])


def _wege(name: str) -> list[Weg]:
    eintrag = VERZEICHNIS.get(name, UNBEKANNT)
    ersatz = Weg(eintrag.ist, False, lambda: _ersatz(name, eintrag))
    if name.startswith(EIGENE):
        return [ersatz]
    namen = [name, *(kurz for kurz, lang in RUFNAMEN.items() if lang == name)]
    wege = [Weg("eigene Kopie", True, lambda: _eigene_kopie(namen, eintrag))]
    if eintrag.rohdateien:
        woher = "eigene Kopie"
        if eintrag.rohdateien is textkopien.germeval_14 and not textkopien.germeval_hat_train():
            woher += " ohne NER-de-train.tsv: train und validation sind aus dev, test ist test"
        wege.append(Weg(woher, True, lambda: _aus_rohdateien(eintrag)))
    if eintrag.auf_dem_hub:
        cache = "Zwischenspeicher des Hugging Face Hub"
        wege.insert(0, Weg(cache, True, lambda: _aus_dem_cache(namen)))
        wege.append(Weg("vom Hugging Face Hub", True, lambda: _vom_hub(name)))
    return [*wege, ersatz]


@hubdaten.leise(balken=False)
def _aus_dem_cache(namen: list[str]) -> DatasetDict:
    return hubdaten.aus_dem_cache(namen)


@hubdaten.leise(balken=True)
def _vom_hub(name: str) -> DatasetDict:
    return hubdaten.vom_hub(name)


@hubdaten.leise(balken=False)
def _eigene_kopie(namen: list[str], eintrag: Eintrag) -> DatasetDict:
    """Was im Ordner liegt, mit Spalten und Labels des Originals. Fehler: NichtDa mit dem Grund."""
    ordner, daten = textkopien.lies_ordner(namen)
    if eintrag.features is None:
        return daten
    for teil in eintrag.zeilen:
        if teil not in daten:
            raise NichtDa(f"{ordner} wird übergangen: der Teil {teil} fehlt")
    for teil, tabelle in daten.items():
        if fehlend := [s for s in eintrag.features if s not in tabelle.column_names]:
            raise NichtDa(f"{ordner} wird übergangen: in {teil} fehlt {', '.join(fehlend)}")
        soll = eintrag.zeilen.get(teil, len(tabelle))
        if len(tabelle) != soll:
            raise NichtDa(
                f"{ordner} ist nicht vollständig und wird übergangen "
                f"({teil}: {len(tabelle)} statt {soll} Zeilen)"
            )
    try:
        return daten.select_columns(list(eintrag.features)).cast(eintrag.features)
    except Exception as fehler:  # noqa: BLE001 (pyarrow und datasets melden es verschieden)
        raise NichtDa(
            f"{ordner} wird übergangen: Die Werte passen nicht zu den Spalten ({fehler})"
        ) from None


@hubdaten.leise(balken=False)
def _aus_rohdateien(eintrag: Eintrag) -> DatasetDict:
    try:
        return _baue(eintrag.rohdateien(), eintrag.features)
    except ValueError as fehler:  # ein Label, das es nicht gibt
        raise NichtDa(f"die eigene Kopie ist beschädigt und wird übergangen ({fehler})") from None


@hubdaten.leise(balken=False)
def _ersatz(name: str, eintrag: Eintrag) -> DatasetDict:
    if eintrag.ersatz is None:
        raise NichtDa(_warum_kein_ersatz(name))
    return _baue(eintrag.ersatz(), eintrag.ersatz_features or eintrag.features)


def _baue(tabellen: Tabellen, features: Features | None) -> DatasetDict:
    return DatasetDict(
        {
            teil: Dataset.from_dict({s: spalten[s] for s in features or spalten}, features)
            for teil, spalten in tabellen.items()
        }
    )


def _warum_kein_ersatz(name: str) -> str:
    if name in VERZEICHNIS:
        return "diesen Datensatz gibt es nur als eigene Kopie"
    bekannt = {lang.split("/")[-1].lower(): lang for lang in VERZEICHNIS}
    bekannt |= {n.lower(): n for n in (*VERZEICHNIS, *RUFNAMEN)}
    letzter = name.lower().split("/")[-1]
    aehnlich = difflib.get_close_matches(name.lower(), bekannt, n=1)
    aehnlich = aehnlich or difflib.get_close_matches(letzter, bekannt, n=1)
    frage = f", meinst du {bekannt[aehnlich[0]]}?" if aehnlich else "."
    return (
        f"eingebettet gibt es diesen Datensatz nicht{frage} "
        f"Eingebettet sind: {', '.join(n for n, e in VERZEICHNIS.items() if e.ersatz)}"
    )
