"""Beantwortet: Was steht in einer Übung zwischen ▼ und ▲ – jetzt, wie ausgeliefert und gelöst?

Wie ausgeliefert steht in `loesungen/vorlagen.json`, erzeugt aus den Übungen (`python -m kurs erzeugen`):
nur der Text zwischen den Marken, denn außerhalb gleicht jede Übung ihrer Lösung. Damit lässt sich eine
Übung auch ohne git und ohne Netz auf die Zeile genau zurücksetzen.
"""

import difflib
import json
import re
from collections.abc import Iterator
from pathlib import Path

from kurs.kern import skripte
from kurs.kern.pfade import schreibe_text
from kurs.kern.skripte import Skript, lies_quelltext

REGION = re.compile(
    r"^(?P<kopf>[ \t]*# ▼ AUFGABE (?P<nummer>\d+): (?P<titel>.+)\n)(?P<text>(?:.*\n)*?)(?P<fuss>[ \t]*# ▲.*)$",
    re.MULTILINE,
)


class NichtMoeglich(Exception):
    """Das geht mit dieser Übung nicht; der Text sagt auf Deutsch, warum."""


def bereiche(quelltext: str) -> dict[int, str]:
    """Nummer der Aufgabe → Text zwischen ihren Marken, in der Reihenfolge der Datei."""
    return {int(t["nummer"]): t["text"] for t in REGION.finditer(quelltext)}


def mit_bereichen(quelltext: str, neue: dict[int, str]) -> str:
    """Der Quelltext, in dem zwischen den Marken der Aufgaben `neue` steht."""
    return REGION.sub(
        lambda t: t["kopf"] + neue.get(int(t["nummer"]), t["text"]) + t["fuss"], quelltext
    )


# --- Wie ausgeliefert -----------------------------------------------------------------------------


def vorlagen() -> Path:
    """Die Datei mit dem ausgelieferten Text aller Aufgaben."""
    return skripte.LOESUNGEN / "vorlagen.json"


def vorlagen_als_text(uebungen: list[Skript]) -> str:
    """Der Inhalt von `vorlagen.json` zu diesen Übungen. Fehler: ValueError, wenn eine schon gelöst ist."""
    alle = {}
    for skript in sorted(uebungen, key=lambda skript: skript.name):
        texte = bereiche(lies_quelltext(skript.pfad))
        if geloest := [nummer for nummer, text in texte.items() if "..." not in text]:
            raise ValueError(f"{skript.name}: Aufgabe {geloest[0]} ist nicht offen (kein `...`).")
        alle[skript.name] = {str(nummer): text.splitlines() for nummer, text in texte.items()}
    return json.dumps(alle, ensure_ascii=False, indent=1) + "\n"


def ausgeliefert(skript: Skript) -> str:
    """Der Quelltext der Übung, wie sie ausgeliefert wurde. Fehler: NichtMoeglich."""
    geloest = _lies(skript.loesung, f"Zu {skript.name} gibt es keine Lösung")
    try:
        texte = json.loads(vorlagen().read_text(encoding="utf-8"))[skript.name]
        offen = {int(n): "".join(f"{zeile}\n" for zeile in z) for n, z in texte.items()}
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        raise NichtMoeglich(
            f"Wie {skript.name} ausgeliefert war, steht nicht in {vorlagen().name}."
        ) from None
    if offen.keys() != bereiche(geloest).keys():
        raise NichtMoeglich(f"{vorlagen().name} ist für {skript.name} veraltet.")
    return mit_bereichen(geloest, offen)


def setze_zurueck(skript: Skript) -> Path | None:
    """Stellt die Übung wie ausgeliefert wieder her; der bisherige Versuch bleibt daneben liegen.

    Rückgabe: der Versuch (`versuch_1_uebung_….py` im selben Ordner; er beginnt nicht mit „uebung_“, denn er
    zählt nirgends mit) oder None, wenn die Datei schon so ist wie ausgeliefert. Fehler: NichtMoeglich; dann ist
    nichts verändert.
    """
    neu = ausgeliefert(skript)
    try:
        roh = skript.pfad.read_bytes()
        if roh.replace(b"\r\n", b"\n") == neu.encode("utf-8"):
            return None
        nummer = 1
        while (versuch := skript.pfad.with_name(f"versuch_{nummer}_{skript.name}.py")).exists():
            nummer += 1
        versuch.write_bytes(roh)
        schreibe_text(skript.pfad, neu)
    except OSError as fehler:
        raise NichtMoeglich(
            f"{skript.pfad} ließ sich nicht zurücksetzen ({fehler.strerror or fehler})."
        ) from None
    return versuch


def _lies(pfad: Path, sonst: str) -> str:
    try:
        return lies_quelltext(pfad)
    except FileNotFoundError:
        raise NichtMoeglich(f"{sonst}.") from None
    except (OSError, SyntaxError, UnicodeDecodeError) as fehler:
        raise NichtMoeglich(f"{pfad} ist nicht zu lesen ({fehler}).") from None


# --- Der Vergleich mit der Lösung -----------------------------------------------------------------


def unterschiede(skript: Skript, nur: int | None = None) -> Iterator[tuple[str, list[str]]]:
    """Je Aufgabe (oder nur Aufgabe `nur`) ihre Überschrift und die Zeilen des Vergleichs.

    Die Zeilen beginnen mit „- “ (steht in der Übung), „+ “ (steht in der Lösung) oder zwei Leerzeichen
    (in beiden); keine Zeilen heißt: wie in der Lösung. Fehler: NichtMoeglich.
    """
    geloest = _lies(skript.loesung, f"Zu {skript.name} gibt es keine Lösung")
    eigene = bereiche(_lies(skript.pfad, f"{skript.pfad} fehlt"))
    alle = {int(t["nummer"]): t for t in REGION.finditer(geloest)}
    if nur is not None and nur not in alle:
        raise NichtMoeglich(
            f"{skript.name} hat keine Aufgabe {nur}; es gibt {', '.join(map(str, sorted(alle)))}."
        )
    for nummer in sorted(alle) if nur is None else [nur]:
        ueberschrift = f"Aufgabe {nummer}: {alle[nummer]['titel'].strip()}"
        if nummer not in eigene:
            ueberschrift += " (in deiner Datei fehlt eine der Marken ▼ und ▲)"
        hier, dort = (  # ohne Leerzeichen am Zeilenende
            [zeile.rstrip() for zeile in stueck.strip("\n").split("\n")]
            for stueck in (eigene.get(nummer, ""), alle[nummer]["text"])
        )
        zeilen = [] if hier == dort else difflib.ndiff(hier, dort)
        yield ueberschrift, [zeile for zeile in zeilen if not zeile.startswith("? ")]
