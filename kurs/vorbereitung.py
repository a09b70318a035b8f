"""Beantwortet: Sind alle eingebetteten Modelle bereit, und wen trifft es, wenn nicht?"""

from kurs import modellspeicher
from kurs.modellnutzung import skripte_je_modell
from kurs.quellen import NichtDa

from rich.console import Console
from rich.table import Table


def bereite_alles_vor() -> bool:
    """Holt jedes Modell aus `quellen.toml` und wandelt es um; druckt, was daraus wurde.

    Rückgabe: ob alle bereit sind. Ein misslungenes (mit Grund und den Skripten, die es trifft) hält
    die anderen nicht auf.
    """
    gruende: dict[str, str] = {}
    eintraege, _ = modellspeicher.verzeichnis()
    for name, eintrag in eintraege.items():
        try:
            modellspeicher.stelle_bereit(eintrag)
        except NichtDa as grund:
            gruende[name] = str(grund)
    tabelle = Table(title="Eingebettete Modelle", title_justify="left")
    for spalte in ("Modell", "wofür", "Stand"):
        tabelle.add_column(spalte, overflow="fold")
    nutzer = skripte_je_modell()
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
