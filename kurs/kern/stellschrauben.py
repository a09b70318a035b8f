"""Beantwortet: Jemand hat an einer Stellschraube gedreht, und das Skript bricht ab. Woran lag es?

Wie sie ausgeliefert waren, steht in `loesungen/stellschrauben.json` (`python -m kurs erzeugen`).
"""

import ast
import json
import re
import traceback
from pathlib import Path

from kurs.kern import skripte
from kurs.kern.skripte import KopfFehler, Skript, lies_stellschrauben


def datei() -> Path:
    return skripte.LOESUNGEN / "stellschrauben.json"


def als_text(alle: tuple[Skript, ...] | list[Skript]) -> str:
    """Der Inhalt der Datei zu diesen Skripten: Skript → Stellschraube → Literal."""
    werte = {
        skript.name: {name: repr(s.wert) for name, s in lies_stellschrauben(skript.pfad).items()}
        for skript in sorted(alle, key=lambda skript: skript.name)
    }
    return json.dumps(werte, ensure_ascii=False, indent=1) + "\n"


def ausgeliefert(name: str) -> dict[str, object]:
    """Die ausgelieferten Werte eines Skripts; leer, wenn sie nicht (lesbar) da sind."""
    try:
        werte = json.loads(datei().read_text(encoding="utf-8"))[name]
        return {n: ast.literal_eval(text) for n, text in werte.items()}
    except (OSError, ValueError, KeyError, AttributeError, TypeError, SyntaxError):
        return {}


def gedreht(pfad: Path) -> dict[str, object]:
    """Die Stellschrauben, die in der Datei anders stehen als ausgeliefert, mit ihrem Wert."""
    try:
        jetzt = lies_stellschrauben(pfad)
    except (KopfFehler, OSError):
        return {}
    vorher = ausgeliefert(pfad.stem)
    return {
        name: s.wert
        for name, s in jetzt.items()
        if name in vorher and repr(vorher[name]) != repr(s.wert)
    }


ARTEN = {
    bool: "True oder False",
    int: "eine ganze Zahl",
    float: "eine Zahl",
    str: "ein Text in Anführungszeichen",
    tuple: "eine Aufzählung in Klammern",
    list: "eine Liste in eckigen Klammern",
    dict: "ein dict",
}


def falsche_art(name: str, wert: object, vorher: object) -> str:
    """Ein Satz, wenn der Wert von anderer Art ist als der ausgelieferte; sonst leer."""
    if isinstance(vorher, float) and isinstance(wert, tuple) and [*map(type, wert)] == [int, int]:
        zahl = f"{wert[0]}.{wert[1]}"
        return f"Stellschraube {name}: Python schreibt {zahl} mit Punkt, nicht mit Komma."
    if bool in (type(vorher), type(wert)):
        passt = type(vorher) is type(wert)
    elif isinstance(vorher, (int, float)) and isinstance(wert, (int, float)):
        passt = isinstance(vorher, float) or float(wert).is_integer()
    elif isinstance(vorher, (list, tuple)):
        passt = isinstance(wert, (list, tuple))
    else:
        passt = vorher is None or wert is None or isinstance(wert, type(vorher))
    if passt:
        return ""
    art = ARTEN.get(type(vorher), "etwas anderes")
    return f"Stellschraube {name} muss {art} sein, so wie {vorher!r}; hier steht {wert!r}."


def _was_moeglich_ist(wert: object, vorher: object) -> str:
    if isinstance(vorher, (int, float)) and isinstance(wert, (int, float)):
        if wert <= 0 < vorher:
            ab = "mindestens 1" if isinstance(vorher, int) else "größer als 0"
            return f"Der Wert muss {ab} sein."
        richtung = "kleineren" if wert > vorher else "größeren"
        return f"Probiere einen {richtung} Wert, näher am ausgelieferten."
    if isinstance(vorher, (str, list, tuple, dict)) and vorher and not wert:
        return "Sie darf nicht leer sein."
    if isinstance(vorher, (list, tuple)) and isinstance(wert, (list, tuple)):
        if len(wert) != len(vorher):
            anzahl = f"Ausgeliefert hat sie {len(vorher)} Einträge, hier {len(wert)}"
            return f"{anzahl}; vielleicht liegt es daran."
    return "Probiere einen Wert wie den ausgelieferten."


def satz_zum_abbruch(pfad: Path, werte: dict[str, object], fehler: BaseException) -> str:
    """Der Satz zu einem Abbruch, wenn an Stellschrauben gedreht ist; sonst leer.

    `werte` sind die gedrehten: Name → Wert. Genannt wird die, die in der abbrechenden Zeile steht, sonst alle.
    """
    if not werte:
        return ""
    vorher = ausgeliefert(pfad.stem)
    orte = [o for o in traceback.extract_tb(fehler.__traceback__) if o.filename == str(pfad)]
    in_der_zeile = werte.keys() & set(re.findall(r"\w+", " ".join(o.line or "" for o in orte)))
    saetze = []
    for name in sorted(in_der_zeile or werte):
        satz = falsche_art(name, werte[name], vorher.get(name, werte[name]))
        if not satz:
            war = f" (ausgeliefert: {_kurz(vorher[name])})" if name in vorher else ""
            satz = (
                f"Stellschraube {name} = {_kurz(werte[name])}{war}: Damit kann das Skript nicht "
                f"weiterrechnen. {_was_moeglich_ist(werte[name], vorher.get(name))}"
            )
        saetze.append(satz)
    meldung = str(fehler).strip().splitlines()
    grund = f"{type(fehler).__name__}: {meldung[0][:160] if meldung else ''}".rstrip(": ")
    ort = f'File "{pfad}"' + (f", line {orte[-1].lineno}" if orte else "")
    return "\n".join([f"{ort}\n  {grund}", *saetze])


def _kurz(wert: object) -> str:
    text = repr(wert)
    return text if len(text) <= 60 else text[:59] + "…"
