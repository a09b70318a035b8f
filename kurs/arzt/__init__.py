"""Beantwortet: Ist dieser Rechner bereit für den Kurs, und was fehlt?

    python start.py arzt

Läuft auch mit bloßer Standardbibliothek, damit er etwas sagt, wenn noch nicht alles installiert ist. Was
abstürzen kann, prüft er in eigenen Prozessen. Er lädt nichts herunter und ändert nichts. Das letzte Wort
ist „Kapitel 1–7 bereit“ oder was fehlt, wen es trifft und was es behebt.
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby

from kurs.arzt import pruefungen
from kurs.arzt.punkte import FEHLT, HINWEIS, Punkt
from kurs.skripte import lesbare_skripte

FRIST = 200  # Sekunden; beim ersten Mal prüft ein Virenscanner jede Datei


def untersuche(eingerichtet: bool) -> int:
    """Untersucht den Rechner und druckt die Punkte. Rückgabe: 0, wenn alle Kapitel bereit sind, sonst 1.

    `eingerichtet`: ob dies in einem Python mit den Paketen des Kurses läuft.
    """
    print("Der Kursarzt untersucht diesen Rechner; das dauert bis zu einer Minute.\n", flush=True)
    punkte: list[Punkt] = []
    for neue in _gleichzeitig(pruefungen.alle(eingerichtet)):
        for punkt in neue:
            print(f"  {punkt.stand:<8} {punkt.sache}: {punkt.satz}", flush=True)
        punkte += neue
    kapitel = {skript.name: skript.ordnung[0] for skript in lesbare_skripte()[0]}
    _drucke_urteil(punkte, kapitel)
    return 1 if any(punkt.stand == FEHLT for punkt in punkte) else 0


def _gleichzeitig(
    alle: dict[str, Callable[[], list[Punkt]]], frist: float = FRIST
) -> Iterator[list[Punkt]]:
    """Lässt alle Prüfungen zugleich laufen und liefert ihre Punkte in der Reihenfolge von `alle`.

    Eine Prüfung, die scheitert oder nicht fertig wird, wird zum Hinweis: Der Arzt selbst fällt nicht um.
    """
    antworten: dict[str, list[Punkt]] = {}

    def laufe(name: str) -> None:
        try:
            antworten[name] = alle[name]()
        except (Exception, SystemExit) as fehler:  # noqa: BLE001 (auf fremden Rechnern scheitert alles)
            satz = f"nicht zu prüfen ({type(fehler).__name__}: {fehler})"
            antworten[name] = [Punkt(HINWEIS, name, satz)]

    faeden = {name: threading.Thread(target=laufe, args=(name,), daemon=True) for name in alle}
    for faden in faeden.values():
        faden.start()
    ende = time.monotonic() + frist
    for name, faden in faeden.items():
        while faden.is_alive() and time.monotonic() < ende:
            faden.join(0.5)  # in Stücken: Unter Windows unterbricht Strg+C sonst nicht
        satz = f"keine Antwort nach {frist:.0f} s; weiter ohne"
        yield antworten.get(name, [Punkt(HINWEIS, name, satz)])


def _drucke_urteil(punkte: list[Punkt], kapitel: dict[str, int]) -> None:
    """Die Hinweise mit Abhilfe, was fehlt, und das letzte Wort."""
    for stand, titel, hilft in (
        (HINWEIS, "Hinweise, die nichts aufhalten:", "hilft:   "),
        (FEHLT, "Es fehlt:", "behebt:  "),
    ):
        gemeint = [punkt for punkt in punkte if punkt.stand == stand and punkt.abhilfe]
        if gemeint:
            print(f"\n{titel}")
        for punkt in gemeint:
            print(f"  {punkt.sache}: {punkt.satz}")
            if punkt.skripte:
                print(f"    betrifft: {_wen(punkt.skripte, kapitel)}")
            print(f"    {hilft} {punkt.abhilfe}")
    krank = {
        kapitel[name]
        for punkt in punkte
        if punkt.stand == FEHLT
        for name in punkt.skripte
        if name in kapitel
    }
    print()
    if gesund := set(kapitel.values()) - krank:
        print(f"Kapitel {_spanne(gesund)} bereit.")
    if krank:
        print(f"Nicht vollständig bereit: Kapitel {_spanne(krank)}. Behebe, was oben fehlt.")


def _wen(namen: Iterable[str], kapitel: dict[str, int]) -> str:
    """„alle Skripte“ oder die Skripte nach Kapiteln."""
    if set(namen) >= kapitel.keys():
        return "alle Skripte"
    nach = sorted((kapitel[name], name) for name in namen if name in kapitel)
    return "; ".join(
        f"Kapitel {nummer}: {', '.join(name for _, name in gruppe)}"
        for nummer, gruppe in groupby(nach, key=lambda eintrag: eintrag[0])
    )


def _spanne(zahlen: Iterable[int]) -> str:
    """{1, 2, 3, 5} → „1–3 und 5“."""
    stuecke: list[list[int]] = []
    for zahl in sorted(zahlen):
        if stuecke and zahl == stuecke[-1][-1] + 1:
            stuecke[-1].append(zahl)
        else:
            stuecke.append([zahl])
    texte = []
    for stueck in stuecke:
        texte += [f"{stueck[0]}–{stueck[-1]}"] if len(stueck) > 2 else map(str, stueck)
    return " und ".join(filter(None, [", ".join(texte[:-1]), texte[-1]]))
