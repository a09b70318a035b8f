"""Beantwortet: Wie komme ich an die Texte, die der Kurs selbst mitbringt?

Sie liegen in `data/texte`; woher sie stammen und wie groß sie sind, steht in `data/README.md`.
Datensätze mit Aufteilung und Labels liefert `kurs.datensaetze`.
"""

import csv
import io
import json

from kurs.kern.pfade import DATA
from kurs.quellen import KeineQuelle

ORDNER = DATA / "texte"


def welt() -> str:
    """Das Korpus „Kleine Welt“: rund 1,5 MB, ein Satz je Zeile, Leerzeile zwischen Absätzen."""
    return lies("welt.txt")


def bank_saetze() -> dict[str, list[str]]:
    """Sätze mit „Bank“, nach Bedeutung: {"geld": […], "sitz": […]}, je mindestens 100."""
    saetze: dict[str, list[str]] = {"geld": [], "sitz": []}
    for zeile in lies_csv("welt_bank.csv"):
        saetze[zeile["sense"]].append(zeile["sentence"])
    return saetze


def fragen_zu_webseiten() -> dict[str, str]:
    """Zwölf Fragen zu `regionalzeitung.html` und `lexikon_bienen.html`: Frage → ein Stück Text, das
    nur im Absatz mit der Antwort steht.
    """
    return {z["frage"]: z["im_richtigen_absatz"] for z in lies_csv("fragen_webseiten.csv")}


def analogien() -> list[tuple[str, ...]]:
    """(a, b, c, erwartet, Art): a − b + c ≈ erwartet; die ersten zehn sind die leichteren."""
    return [tuple(zeile.values()) for zeile in lies_csv("analogien.csv")]


def wissen() -> tuple[list[dict], list[dict]]:
    """Absätze und Fragen für Suche und RAG: `absaetze, fragen = wissen()`.

    Ein Absatz hat `id`, `titel`, `text`; eine Frage hat `id`, `frage`, `absatz` (die id, in der die
    Antwort steht) und `antwort`. Antwortet kein Absatz auf sie, sind die letzten beiden None.
    """
    absaetze, fragen = (
        [json.loads(zeile) for zeile in lies(f"wissen/{name}.jsonl").splitlines()]
        for name in ("absaetze", "fragen")
    )
    return absaetze, fragen


def zusammenfassungen() -> list[dict[str, str]]:
    """30 Texte aus vier bis sieben Sätzen: `titel`, `text`, in einem Satz `zusammenfassung`."""
    return [json.loads(zeile) for zeile in lies("zusammenfassungen.jsonl").splitlines()]


def bewertungen_en_fr() -> dict[str, list[dict[str, str]]]:
    """Kurze Bewertungen nach Sprache: {"en": [84 Stück], "fr": [36 Stück]}, keine Übersetzungen.

    Jede hat `domain` (buch, film, …), `label` („positiv“ oder „negativ“, gleich oft) und `text`.
    """
    bewertungen: dict[str, list[dict[str, str]]] = {"en": [], "fr": []}
    for zeile in lies_csv("bewertungen_en_fr.csv"):
        bewertungen[zeile.pop("language")].append(zeile)
    return bewertungen


def lies(name: str) -> str:
    """Inhalt einer Datei aus `data/texte` als UTF-8. Fehler: KeineQuelle, wenn sie fehlt."""
    pfad = ORDNER / name
    if not pfad.is_file():
        raise KeineQuelle(
            f"{pfad} fehlt. Die Datei gehört zum Kurs: „git checkout data/texte“ holt sie zurück."
        )
    return pfad.read_text(encoding="utf-8")


def lies_csv(name: str) -> list[dict[str, str]]:
    """Zeilen einer CSV-Datei aus `data/texte` als Spalte → Wert. Fehler: KeineQuelle."""
    return list(csv.DictReader(io.StringIO(lies(name))))
