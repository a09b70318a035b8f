"""Beantwortet: Woher kommt dieser Textdatensatz?

    reviews = datensatz("sepidmnorozy/German_sentiment")    # ein datasets.DatasetDict
    reviews["train"][0]                                     # {"label": 0, "text": "…"}

Reihenfolge: eigene Kopie (siehe `kurs.textkopien`), Zwischenspeicher des Hubs, eingebetteter
Ersatz; übers Netz kommt nur, was es eingebettet nicht gibt (`python start.py vorbereiten
--originale` holt die Originale voraus). Spalten, Labels und Namen der Teile sind die des Originals,
gleich woher; welche das sind, steht in `kurs.textverzeichnis`. Unsere eigenen Datensätze heißen
„kurs/…“.
"""

import difflib

from kurs import hub, textkopien
from kurs.quellen import ORIGINALE_HOLEN, NichtDa, Weg, einmal
from kurs.textkopien import Tabellen
from kurs.textverzeichnis import RUFNAMEN, VERZEICHNIS, Eintrag

from datasets import Dataset, DatasetDict, Features

EIGENE = "kurs/"
UNBEKANNT = Eintrag(features=None)


def datensatz(name: str) -> DatasetDict:
    """Ein Datensatz als `datasets.DatasetDict`: Teil („train“, „test“ …) → `datasets.Dataset`.

    `name`: ein Name des Hubs (Kurznamen wie „germeval_14“ gehen auch) oder „kurs/bewertungen“,
    „kurs/entitaeten“, „kurs/themen“. Gelesen wird einmal je Prozess; eine Zeile sagt, was genommen
    wurde und warum. Quelle: siehe `kurs.quellen`. Fehler: KeineQuelle mit einem deutschen Satz.
    """
    langname = RUFNAMEN.get(name, name)
    with hub.leise():
        return DatasetDict(einmal(name, lambda: _wege(langname), textkopien.ort(langname)))


def _wege(name: str) -> list[Weg]:
    eintrag = VERZEICHNIS.get(name, UNBEKANNT)
    if name.startswith(EIGENE):
        return [Weg(eintrag.ist, False, lambda: _ersatz(name, eintrag))]
    *vorhanden, netz = wege_zum_original(name)
    return [
        *vorhanden,
        Weg(eintrag.ist, False, lambda: _ersatz(name, eintrag), ORIGINALE_HOLEN),
        netz,
    ]


def wege_zum_original(name: str, fortsetzbar: bool = False) -> list[Weg]:
    """Eigene Kopie, Zwischenspeicher, Netz; `fortsetzbar` siehe `kurs.hub.hole`."""
    eintrag = VERZEICHNIS.get(name, UNBEKANNT)
    namen = [name, *(kurz for kurz, lang in RUFNAMEN.items() if lang == name)]
    wege = [Weg("eigene Kopie", True, lambda: _eigene_kopie(namen, eintrag))]
    if eintrag.rohdateien:
        woher = "eigene Kopie"
        if eintrag.rohdateien is textkopien.germeval_14 and not textkopien.germeval_hat_train():
            woher += " ohne NER-de-train.tsv: train und validation sind aus dev, test ist test"
        wege.append(Weg(woher, True, lambda: _aus_rohdateien(eintrag)))
    cache = "Zwischenspeicher des Hugging Face Hub"
    return [
        *wege,
        Weg(cache, True, lambda: _aus_dem_cache(namen, eintrag)),
        Weg("vom Hugging Face Hub", True, lambda: _vom_hub(name, eintrag, fortsetzbar)),
    ]


def _aus_dem_cache(namen: list[str], eintrag: Eintrag) -> DatasetDict:
    return _wie_im_original(hub.datensatz_im_cache(namen), eintrag, "der Zwischenspeicher")


def _vom_hub(name: str, eintrag: Eintrag, fortsetzbar: bool) -> DatasetDict:
    hub.hole("datasets", name, fortsetzbar)
    return _aus_dem_cache([name], eintrag)


def _eigene_kopie(namen: list[str], eintrag: Eintrag) -> DatasetDict:
    """Was im Ordner liegt, wenn es vollständig ist. Fehler: NichtDa mit dem Grund."""
    ordner, daten = textkopien.lies_ordner(namen)
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
    try:
        daten = daten.select_columns(list(eintrag.features)).cast(eintrag.features)
        return DatasetDict({teil: _ohne_luecken(tabelle) for teil, tabelle in daten.items()})
    except Exception as fehler:  # noqa: BLE001 (pyarrow und datasets melden es verschieden)
        raise NichtDa(
            f"{ort} wird übergangen: Die Werte passen nicht zu den Spalten ({fehler})"
        ) from None


def _ohne_luecken(tabelle: Dataset) -> Dataset:
    """Ohne Zeilen, in denen etwas fehlt: In csv-Dateien steht hier und da kein Text."""
    if not any(spalte.null_count for spalte in tabelle.data.columns):
        return tabelle
    return tabelle.filter(lambda zeile: None not in zeile.values())


def _aus_rohdateien(eintrag: Eintrag) -> DatasetDict:
    try:
        return _baue(eintrag.rohdateien(), eintrag.features)
    except ValueError as fehler:  # ein Label, das es nicht gibt
        raise NichtDa(f"die eigene Kopie ist beschädigt und wird übergangen ({fehler})") from None


def _ersatz(name: str, eintrag: Eintrag) -> DatasetDict:
    if eintrag.ersatz is None:
        raise NichtDa(_warum_kein_ersatz(name))
    return _baue(eintrag.ersatz(), eintrag.features)


def _baue(tabellen: Tabellen, features: Features | None) -> DatasetDict:
    return DatasetDict(
        {
            teil: Dataset.from_dict({s: spalten[s] for s in features or spalten}, features)
            for teil, spalten in tabellen.items()
        }
    )


def _warum_kein_ersatz(name: str) -> str:
    bekannt = {lang.split("/")[-1].lower(): lang for lang in VERZEICHNIS}
    bekannt |= {n.lower(): n for n in (*VERZEICHNIS, *RUFNAMEN)}
    letzter = name.lower().split("/")[-1]
    aehnlich = difflib.get_close_matches(name.lower(), bekannt, n=1)
    aehnlich = aehnlich or difflib.get_close_matches(letzter, bekannt, n=1)
    frage = f", meinst du {bekannt[aehnlich[0]]}?" if aehnlich else "."
    return (
        f"eingebettet gibt es diesen Datensatz nicht{frage} "
        f"Eingebettet sind: {', '.join(VERZEICHNIS)}"
    )
