"""Beantwortet: Welches Skript braucht welches Modell, und wie kommen Modelle und Originale voraus hierher?"""

import os

from kurs.kern.skripte import lesbare_skripte
from kurs.modellbau import speicher
from kurs.quellen import KeineQuelle, NichtDa


def skripte_je_modell(kapitel: int | None = None) -> dict[str, tuple[str, ...]]:
    """Modell aus `quellen.toml` → die Skripte (des Kapitels), die es brauchen: so ihr Kopf, Feld Modelle."""
    eintraege, stellvertreter = speicher.verzeichnis()
    nutzer: dict[str, list[str]] = {name: [] for name in eintraege}
    for skript in lesbare_skripte()[0]:
        if kapitel and skript.ordnung[0] != kapitel:
            continue
        genannt = {stellvertreter.get(name, name) for name in skript.modelle} & eintraege.keys()
        genannt |= {eintraege[n].basis for n in genannt} & eintraege.keys()  # und deren Basis
        for name in genannt:
            nutzer[name].append(skript.name)
    return {name: tuple(skripte) for name, skripte in nutzer.items()}


def bereite_alles_vor(kapitel: int | None = None) -> bool:
    """Holt jedes Modell aus `quellen.toml` (nur die des Kapitels) und wandelt es um; ein misslungenes hält
    die anderen nicht auf. Rückgabe: ob alle bereit sind.
    """
    nutzer = skripte_je_modell(kapitel)
    eintraege = [e for e in speicher.verzeichnis()[0].values() if kapitel is None or nutzer[e.name]]
    misslungen = {}
    for nummer, eintrag in enumerate(eintraege, 1):
        wofuer = f"{eintrag.sprachen}, rund {eintrag.groesse_mb} MB"
        print(f"[{nummer}/{len(eintraege)}] {eintrag.name} ({wofuer})", flush=True)
        try:
            speicher.stelle_bereit(eintrag)
        except NichtDa as grund:
            misslungen[eintrag.name] = grund
    print(f"Bereit: {len(eintraege) - len(misslungen)} von {len(eintraege)} Modellen.")
    for name, grund in misslungen.items():
        print(f"{name} misslungen: {grund}")
        print(f"Ohne {name} läuft nicht: {', '.join(nutzer[name]) or 'kein Skript des Kurses'}.")
    if misslungen:
        print("Was bereit ist, funktioniert. Derselbe Befehl noch einmal versucht nur, was fehlt.")
    return not misslungen


def hole_originale() -> bool:
    """Holt, was die Skripte im Original nennen und noch nicht da ist, vom Hub und von den Bildhosts.
    Rückgabe: ob alles da ist.
    """
    from kurs import bilder, datensaetze, farbbilder, modelle

    os.environ["KURS_QUELLE"] = "hub"
    lade = {"modelle": modelle.modell, "datensaetze": datensaetze.datensatz}
    lade["bilder"] = lambda name: getattr(
        farbbilder if name == "cifar10" else bilder, name
    ).load_data()
    originale = [
        (art, n, mb) for art, namen in speicher.originale().items() for n, mb in namen.items()
    ]
    summe = f"{sum(mb for *_, mb in originale):,}".replace(",", ".")
    print(f"Originale: {len(originale)} Stück, zusammen rund {summe} MB:")
    for _, name, mb in originale:
        print(f"  {mb:5} MB  {name}")
    alle_da = True
    for art, name, _ in originale:
        try:
            lade[art](name)
        except KeineQuelle as grund:
            print(grund.satz)  # ohne den Rat zu KURS_QUELLE: Gesetzt hat sie dieser Befehl
            alle_da = False
    if not alle_da:
        print("Derselbe Befehl noch einmal macht dort weiter, wo es aufhörte.")
    return alle_da
