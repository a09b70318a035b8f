"""Beantwortet: Ist dieser Rechner bereit für den Kurs, und was fehlt?

    python start.py arzt

Läuft auch mit bloßer Standardbibliothek, damit er etwas sagt, wenn noch nicht alles installiert ist. Was
abstürzen kann, prüft er in eigenen Prozessen. Er lädt nichts herunter und ändert nichts. Das letzte Wort
ist „Kapitel 1–7 bereit“ oder was fehlt, wen es trifft und was es behebt.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from kurs.arzt import pruefungen
from kurs.arzt.pruefungen import FEHLT, HINWEIS, Punkt
from kurs.kern.skripte import lesbare_skripte


def untersuche(eingerichtet: bool) -> int:
    """Untersucht den Rechner und druckt die Punkte. Rückgabe: 0, wenn alle Kapitel bereit sind, sonst 1.

    `eingerichtet`: ob dies in einem Python mit den Paketen des Kurses läuft.
    """
    print("Der Kursarzt untersucht diesen Rechner; das dauert bis zu einer Minute.\n", flush=True)
    punkte: list[Punkt] = []
    with ThreadPoolExecutor() as zugleich:
        for neue in zugleich.map(_ohne_umfallen, *zip(*pruefungen.alle(eingerichtet).items())):
            for punkt in neue:
                print(f"  {punkt.stand:<8} {punkt.sache}: {punkt.satz}", flush=True)
            punkte += neue
    _drucke_urteil(punkte, {skript.name: skript.ordnung[0] for skript in lesbare_skripte()[0]})
    return 1 if any(punkt.stand == FEHLT for punkt in punkte) else 0


def _ohne_umfallen(name: str, pruefung: Callable[[], Iterable[Punkt]]) -> list[Punkt]:
    try:
        return list(pruefung())
    except (Exception, SystemExit) as fehler:  # noqa: BLE001 (auf fremden Rechnern scheitert alles)
        return [Punkt(HINWEIS, name, f"nicht zu prüfen ({type(fehler).__name__}: {fehler})")]


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
                alle = set(punkt.skripte) >= kapitel.keys()
                print(f"    betrifft: {'alle Skripte' if alle else ', '.join(punkt.skripte)}")
            print(f"    {hilft} {punkt.abhilfe}")
    krank = {
        kapitel.get(name) for punkt in punkte if punkt.stand == FEHLT for name in punkt.skripte
    } - {None}
    gesund = set(kapitel.values()) - krank
    print()
    if gesund:
        print(f"Kapitel {_aufgezaehlt(gesund) if krank else f'1–{max(gesund)}'} bereit.")
    if krank:
        print(f"Nicht vollständig bereit: Kapitel {_aufgezaehlt(krank)}. Behebe, was oben fehlt.")


def _aufgezaehlt(zahlen: Iterable[int]) -> str:
    """{1, 2, 5} → „1, 2 und 5“."""
    return " und ".join(", ".join(map(str, sorted(zahlen))).rsplit(", ", 1))
