"""Beantwortet: Wie kommt eine HTML-Datei auf den Bildschirm?"""

import os
import webbrowser
from pathlib import Path

from kurs.kern.umgebung import PLOT_BACKEND, hat_bildschirm


def zeige(datei: Path) -> None:
    """Druckt den Pfad einer HTML-Datei und öffnet sie im Browser, wenn jemand zusieht.

    Nicht geöffnet wird, wo auch kein Plotfenster aufginge: ohne Bildschirm, in Tests und beim Messen.
    Fehler: FileNotFoundError, wenn es die Datei nicht gibt.
    """
    datei = Path(datei).resolve(strict=True)
    print(f"[Seite gespeichert: {datei}]")
    if not jemand_sieht_zu():
        return
    try:
        browser = webbrowser.get()
        # Genau diese Klasse haben Textbrowser (lynx, w3m): Sie nähmen die Konsole in Beschlag.
        auf = type(browser) is not webbrowser.GenericBrowser and browser.open(datei.as_uri())
    except webbrowser.Error:
        auf = False
    if not auf:
        print("Es ging kein Browser auf; öffne die Datei von Hand.")


def jemand_sieht_zu() -> bool:
    """Ob vor diesem Lauf jemand sitzt: mit Bildschirm, und nicht in einem Test oder beim Messen."""
    if os.environ.get("CI") or os.environ.get("KURS_PROBELAUF") == "1":
        return False
    return os.environ.get("MPLBACKEND", "").lower() not in ("agg", PLOT_BACKEND) and (
        hat_bildschirm()
    )
