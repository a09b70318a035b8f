"""Beantwortet: Ist die Aufgabe gelöst, und wenn nicht, woran liegt es?

Eine Übung ruft je Aufgabe `pruefe.erwarte(…)` und am Ende `pruefe.fortschritt()`. Geprüft werden
Ergebnisse, nicht der Text des Programms. `...` heißt in Python „noch nichts hier“ und gilt als offen.
"""

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kurs import lernstand
from kurs.skripte import lies_quelltext

RICHTIG, FALSCH, OFFEN = "✔", "✘", "○"
STAND = {RICHTIG: lernstand.RICHTIG, FALSCH: lernstand.FALSCH, OFFEN: lernstand.OFFEN}
STUFEN = ("Frage", "Wo es steht", "Gerüst")


@dataclass(frozen=True)
class Befund:
    """Das Urteil über eine Aufgabe: ✔, ✘ oder ○, und der Satz dazu."""

    zeichen: str
    satz: str
    tipps: tuple[str, ...] = ()


protokoll: dict[str, Befund] = {}


def ist_offen(antwort: object) -> bool:
    """Ob eine Antwort (oder ein Teil eines Tupels, einer Liste, eines dict) noch `...` ist."""
    if isinstance(antwort, dict):
        antwort = tuple(antwort.values())
    if isinstance(antwort, tuple | list):
        return any(ist_offen(teil) for teil in antwort)
    return antwort is ...


def erwarte(
    aufgabe: str,
    antwort: object,
    *bedingungen: tuple[Callable[[object], object], str | Callable[[object], str]],
    tipps: list[str],
) -> bool:
    """Prüft eine Antwort gegen Bedingungen, die erste verletzte bestimmt die Diagnose.

    `bedingungen` sind Paare (Funktion der Antwort, deutscher Satz für den Fall, dass sie nicht wahr
    ergibt); statt des Satzes darf eine Funktion stehen, die ihn aus der Antwort bildet. Mehrere
    Antworten kommen als Tupel. `tipps` sind drei Stufen: eine Frage, wo es steht, ein Gerüst; wie viele
    gezeigt werden, sagt die Stellschraube TIPPS des Skripts. Rückgabe: ob alles richtig ist.
    """
    if len(tipps) != len(STUFEN) or not all(tipp.strip() for tipp in tipps):
        raise ValueError(f"{aufgabe}: Es braucht genau {len(STUFEN)} nicht leere Tipps.")
    if ist_offen(antwort):
        befund = Befund(OFFEN, "offen", tuple(tipps))
    else:
        satz = _erste_diagnose(antwort, bedingungen)
        befund = (
            Befund(FALSCH, satz, tuple(tipps)) if satz else Befund(RICHTIG, "richtig", tuple(tipps))
        )
    if not protokoll:
        print("\nPrüfung")
    protokoll[aufgabe] = befund
    _drucke(aufgabe, befund, sys._getframe(1).f_globals)
    return befund.zeichen == RICHTIG


def _erste_diagnose(antwort, bedingungen) -> str | None:
    for bedingung, diagnose in bedingungen:
        try:
            if bedingung(antwort):
                continue
            grund = ""
        except Exception as fehler:  # noqa: BLE001 (eine Antwort, mit der niemand gerechnet hat)
            grund = f" (Beim Prüfen: {type(fehler).__name__}: {fehler})"
        try:
            return (diagnose(antwort) if callable(diagnose) else diagnose) + grund
        except Exception as fehler:  # noqa: BLE001 (ebenso)
            return f"Diese Antwort lässt sich nicht auswerten ({type(fehler).__name__}: {fehler})."
    return None


def _drucke(aufgabe: str, befund: Befund, namensraum: dict) -> None:
    print(f"  {befund.zeichen} {aufgabe}: {befund.satz}")
    if befund.zeichen == RICHTIG:
        return
    stufe = _stufe(namensraum)
    for nummer, tipp in enumerate(befund.tipps[:stufe], start=1):
        eingerueckt = tipp.strip().replace("\n", "\n        ")
        print(f"      Tipp {nummer} ({STUFEN[nummer - 1]}): {eingerueckt}")
    datei = Path(namensraum.get("__file__", ""))
    if zeile := zeile_der_aufgabe(datei, aufgabe):
        print(f'      File "{datei}", line {zeile}')


def _stufe(namensraum: dict) -> int:
    """Wie viele Tipps das Skript zeigen will: seine Stellschraube TIPPS."""
    stufe = namensraum.get("TIPPS", 1)
    return max(0, stufe) if isinstance(stufe, int) else 1


def zeile_der_aufgabe(datei: Path, aufgabe: str) -> int | None:
    """Zeilennummer der Marke `# ▼ AUFGABE n`, die zu „Aufgabe n“ gehört."""
    if not datei.is_file():
        return None
    marke = re.compile(rf"^\s*# ▼ {re.escape(aufgabe.upper())}\b")
    for nummer, zeile in enumerate(lies_quelltext(datei).split("\n"), start=1):
        if marke.match(zeile):
            return nummer
    return None


def fortschritt() -> None:
    """Druckt als Letztes, wie viele Aufgaben gelöst, falsch und offen sind, und wie es mehr Hilfe gibt.

    Hält das Ergebnis auch in `ausgabe/fortschritt.json` fest (siehe `kurs.lernstand`).
    """
    namensraum = sys._getframe(1).f_globals
    skript = Path(namensraum.get("__file__", "konsole.py"))
    stufe = _stufe(namensraum)
    zeichen = [befund.zeichen for befund in protokoll.values()]
    geloest, falsch, offen = (zeichen.count(z) for z in (RICHTIG, FALSCH, OFFEN))
    balken = "■" * geloest + "□" * (len(zeichen) - geloest)
    rest = [f"{falsch} noch falsch"] * bool(falsch) + [f"{offen} offen"] * bool(offen)
    print(f"Fortschritt: {balken} {geloest} von {len(zeichen)} gelöst", *rest, sep=", ")
    if zeichen and geloest == len(zeichen):
        print("Alles richtig!")
    elif stufe < len(STUFEN):
        print(f"Mehr Hilfe: oben im Skript TIPPS = {stufe + 1} setzen.")
    elif skript.name.startswith("uebung_"):
        print(f"Vergleich mit der Lösung: python start.py loesung {skript.stem}")
    lernstand.merke(skript, {a: STAND[befund.zeichen] for a, befund in protokoll.items()})


def beginne() -> None:
    """Leert das Protokoll (vor jedem Lauf im selben Prozess)."""
    protokoll.clear()
