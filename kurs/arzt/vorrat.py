"""Beantwortet: Sind die Modelle und Datensätze da, die die Skripte benutzen?

Läuft in der `.venv`, in einem eigenen Prozess, ohne Netz: Was hier zu lesen ist, ist auch im Kurs zu lesen.
"""

import contextlib
import importlib
import io
from collections.abc import Callable

from kurs import quellen
from kurs.arzt import gebrauch
from kurs.pfade import DATA

# (Modul, Name, wie er heißt, wie man ihn liest); gelesen wird nur, was ein Skript importiert
DATEN: list[tuple[str, str, str, Callable]] = [
    ("kurs.bilder", "mnist", "MNIST", lambda ding: ding.load_data()),
    ("kurs.bilder", "fashion_mnist", "Fashion-MNIST", lambda ding: ding.load_data()),
    (
        "kurs.farbbilder",
        "cifar10",
        "CIFAR-10",
        lambda ding: _nicht_leer("bilder/sprites", "*/*.png"),
    ),
    ("kurs.wetter", "wettertage", "Wettertage", lambda ding: ding()),
    ("kurs.webseiten", "webserver", "Webseiten", lambda ding: _nicht_leer("webseiten", "*.html")),
    (
        "kurs.modelle",
        "spacy_modell",
        "deutsche spaCy-Pipeline",
        lambda ding: ding("de_core_news_sm"),
    ),
]
TEXTE = ("welt", "bank_saetze", "analogien", "wissen", "bewertungen_en_fr")


def daten() -> list[dict]:
    """Je Datensatz: name, quelle („original“, „eingebettet“), skripte und, wenn er fehlt, grund."""
    gefunden = []
    for modul, name, titel, lade in DATEN:
        if skripte := gebrauch.mit_import(modul, name):
            holt = lambda m=modul, n=name, lade=lade: lade(getattr(importlib.import_module(m), n))
            gefunden.append(_versuche(titel, skripte, holt))
    if skripte := gebrauch.mit_import("kurs.texte"):
        gefunden.append(_versuche("Texte des Kurses", skripte, _lies_texte))
    namen = sorted({name for einer in gebrauch.alle() for name in einer.datensaetze})
    for name in namen:
        holt = lambda n=name: importlib.import_module("kurs.datensaetze").datensatz(n)
        gefunden.append(_versuche(name, gebrauch.mit_datensatz(name), holt))
    return gefunden


def modelle() -> list[dict]:
    """Je eingebettetem Modell: name, bereit, skripte."""
    from kurs.modelle import ist_bereit
    from kurs.modellnutzung import skripte_je_modell

    return [
        {"name": name, "bereit": ist_bereit(name), "skripte": skripte}
        for name, skripte in skripte_je_modell().items()
    ]


def _versuche(name: str, skripte: tuple[str, ...], lade: Callable[[], object]) -> dict:
    vorher, grund = set(quellen.benutzt().items()), ""
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            lade()
        except (Exception, quellen.KeineQuelle) as fehler:  # noqa: BLE001 (alles heißt: nicht lesbar)
            grund = str(fehler) or type(fehler).__name__
    neu = [woher for wer, woher in set(quellen.benutzt().items()) - vorher]
    return {
        "name": name,
        "quelle": neu[0] if neu else "eingebettet",
        "skripte": skripte,
        "grund": grund,
    }


def _lies_texte() -> None:
    texte = importlib.import_module("kurs.texte")
    for name in TEXTE:
        getattr(texte, name)()


def _nicht_leer(ordner: str, muster: str) -> None:
    if not any((DATA / ordner).glob(muster)):
        raise FileNotFoundError(f"in {DATA / ordner} liegt nichts")
