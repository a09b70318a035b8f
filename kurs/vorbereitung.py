"""Beantwortet: Sind die eingebetteten Modelle bereit, und wie kommen Originale voraus hierher?"""

from collections.abc import Callable

from kurs import modellspeicher
from kurs.modellnutzung import skripte_je_modell
from kurs.quellen import NichtDa, Weg

from rich.console import Console
from rich.table import Table

DATENSAETZE = {  # ungefähre MB
    "sepidmnorozy/German_sentiment": 2,
    "cornell-movie-review-data/rotten_tomatoes": 1,
    "GermanEval/germeval_14": 10,
}
BILDER = {"mnist": 11, "fashion_mnist": 31, "cifar10": 171}


def bereite_alles_vor(kapitel: int | None = None) -> bool:
    """Holt jedes Modell aus `quellen.toml` (nur die des Kapitels) und wandelt es um; druckt, was
    daraus wurde.

    Rückgabe: ob alle bereit sind. Ein misslungenes (mit Grund und den Skripten, die es trifft) hält
    die anderen nicht auf.
    """
    gruende: dict[str, str] = {}
    eintraege, _ = modellspeicher.verzeichnis()
    nutzer = skripte_je_modell(kapitel)
    if kapitel is not None:
        eintraege = {name: eintrag for name, eintrag in eintraege.items() if nutzer[name]}
    for nummer, (name, eintrag) in enumerate(eintraege.items(), 1):
        print(f"[{nummer}/{len(eintraege)}] {name}, rund {eintrag.groesse_mb} MB", flush=True)
        try:
            modellspeicher.stelle_bereit(eintrag)
        except NichtDa as grund:
            gruende[name] = str(grund)
    tabelle = Table(title="Eingebettete Modelle", title_justify="left")
    for spalte in ("Modell", "wofür", "Stand"):
        tabelle.add_column(spalte, overflow="fold")
    for name, eintrag in eintraege.items():
        stand = f"misslungen: {gruende[name]}" if name in gruende else "bereit"
        tabelle.add_row(name, eintrag.sprachen, stand)
    Console(markup=False).print(tabelle)
    for name in gruende:
        betroffen = ", ".join(nutzer[name]) or "kein Skript des Kurses"
        print(f"Ohne {name} läuft nicht: {betroffen}.")
    if gruende:
        print("Was bereit ist, funktioniert. Derselbe Befehl noch einmal versucht nur, was fehlt.")
    return not gruende


def hole_originale() -> bool:
    """Holt, was die Skripte im Original nennen, vom Hub und von den Bildhosts; druckt Größen und
    was daraus wurde.

    Was schon da ist, wird nicht noch einmal geholt; ein abgebrochener Download geht beim nächsten
    Mal weiter. Rückgabe: ob alles da ist.
    """
    originale = {**modellspeicher.originale(), **DATENSAETZE, **BILDER}
    summe = f"{sum(originale.values()):,}".replace(",", ".")
    print(f"Originale: {len(originale)} Stück, zusammen rund {summe} MB:")
    for name, mb in originale.items():
        print(f"  {mb:5} MB  {name}")
    tabelle = Table("Original", "Stand", title="Originale", title_justify="left")
    alles_da = True
    for name in originale:
        try:
            stand = _hole(_wege(name))
        except NichtDa as grund:
            stand, alles_da = f"fehlt: {grund}", False
        tabelle.add_row(name, stand)
    Console(markup=False).print(tabelle)
    if not alles_da:
        print("Derselbe Befehl noch einmal macht dort weiter, wo es aufhörte.")
    return alles_da


def _wege(name: str) -> list[Weg]:
    """Wo dieses Original schon liegen könnte, und zuletzt das Netz."""
    from kurs import bilder, datensaetze, farbbilder, modelle

    if name in BILDER:
        sammlung = farbbilder if name == "cifar10" else bilder
        return [weg for weg in getattr(sammlung, name).wege() if weg.original]
    sammlung = datensaetze if name in DATENSAETZE else modelle
    return sammlung.wege_zum_original(name, fortsetzbar=True)


def _hole(wege: list[Weg]) -> str:
    *vorhanden, netz = wege
    for weg in vorhanden:
        if _hat(weg.lade):
            return f"war schon da ({weg.name})"
    netz.lade()
    return "geholt"


def _hat(lade: Callable[[], object]) -> bool:
    try:
        lade()
    except NichtDa:
        return False
    return True
