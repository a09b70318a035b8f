"""Beantwortet: Jemand hat an einer Stellschraube gedreht, und das Skript bricht ab. Woran lag es?

Wie sie ausgeliefert waren, steht in `loesungen/stellschrauben.json` (`python -m kurs erzeugen`).
"""

import ast
import json
import re
import traceback
import warnings
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


# N_TRAIN, SEED, EPOCHS, TOP_K, DEPTH, TEMPERATURE: Was so heißt, gibt es nicht unter 0
NIE_NEGATIV = re.compile(r"N_|SEED$|.*(S|_K|SIZE|DEPTH|WIDTH|LENGTH|TEMPERATURE)$")
PLATZHALTER = re.compile(r"{\w+}")


def unmoeglich(name: str, wert: object, vorher: object) -> str:
    """Ein Satz zu einem Wert, mit dem das Skript liefe, aber etwas anderes täte; sonst leer.

    `texte[:-5]` nähme fast alle Texte; ein Prompt ohne {text} zeigte dem Modell den Text nie.
    """
    if isinstance(wert, (int, float)) and wert < 0 and NIE_NEGATIV.match(name):
        return f"Stellschraube {name} = {wert!r}: Das darf nicht negativ sein."
    if isinstance(wert, str) and isinstance(vorher, str):
        fehlend = [p for p in PLATZHALTER.findall(vorher) if p not in wert]
        if fehlend:
            return f"Stellschraube {name}: Es fehlt {', '.join(fehlend)}; dort setzt das Skript etwas ein."
    return ""


def vor_dem_lauf(pfad: Path) -> str:
    """Was schon vor dem Lauf zu sehen ist: die Sätze zu unmöglichen Werten in der Datei; sonst leer."""
    vorher = ausgeliefert(pfad.stem)
    saetze = [unmoeglich(name, wert, vorher[name]) for name, wert in gedreht(pfad).items()]
    return "\n".join(filter(None, saetze))


def nimm_warnungen_ernst() -> None:
    """Ab jetzt bricht ab, wovor NumPy und Keras sonst nur warnen: nan, Überlauf, Training mit nichts.

    Nur wenn an einer Stellschraube gedreht ist: Dann liegt es daran, und der Satz kommt, bevor nan dasteht.
    """
    warnings.simplefilter("error", RuntimeWarning)
    warnings.filterwarnings("error", "Your input ran out of data|Gradients do not exist")


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
        zahlen = [w for w in (*wert, *vorher) if isinstance(w, (int, float))]
        nur_zahlen = wert and vorher and len(zahlen) == len(wert) + len(vorher)
        if nur_zahlen and min(wert) <= 0 < min(vorher):
            return "Jeder Eintrag muss größer als 0 sein."
        if nur_zahlen and len(wert) == 2 and wert[0] > wert[1] and vorher[0] < vorher[1]:
            return "Zuerst kommt der kleinere Wert, dann der größere."
        if len(wert) != len(vorher):
            anzahl = f"Ausgeliefert hat sie {len(vorher)} Einträge, hier {len(wert)}"
            return f"{anzahl}; vielleicht liegt es daran."
    return "Probiere einen Wert wie den ausgelieferten."


def satz_zum_abbruch(pfad: Path, werte: dict[str, object], fehler: BaseException) -> str:
    """Der Satz zu einem Abbruch, wenn an Stellschrauben gedreht ist; sonst leer.

    `werte` sind die gedrehten: Name → Wert. Genannt wird die, die in der abbrechenden Zeile steht, sonst alle.
    """
    if not werte or isinstance(fehler, ImportError):
        return ""
    vorher = ausgeliefert(pfad.stem)
    spur = traceback.extract_tb(fehler.__traceback__)
    orte = [o for o in spur if o.filename == str(pfad)]
    # Was das Skript selbst meldet (raise ValueError("…")), sagt genauer, was möglich ist
    zeile = orte[-1].line or "" if orte else ""
    eigene = bool(orte) and spur[-1] is orte[-1] and zeile.startswith(("raise ", "assert "))
    in_der_zeile = werte.keys() & set(re.findall(r"\w+", " ".join(o.line or "" for o in orte)))
    saetze = []
    # Am SEED liegt es nicht, wenn auch anderes gedreht ist
    for name in sorted(in_der_zeile or werte.keys() - {"SEED"} or werte):
        satz = falsche_art(name, werte[name], vorher.get(name, werte[name]))
        if not satz:
            war = f" (ausgeliefert: {_kurz(vorher[name])})" if name in vorher else ""
            rat = f"{fehler}." if eigene else _was_moeglich_ist(werte[name], vorher.get(name))
            if "should be float" in str(fehler):  # so lehnt Keras die Lernrate 1 ab
                rat = "Schreib hier jede Zahl mit Punkt: 1.0 statt 1."
            satz = (
                f"Stellschraube {name} = {_kurz(werte[name])}{war}: Damit kann das Skript nicht "
                f"weiterrechnen. {rat}"
            )
        saetze.append(satz)
    meldung = str(fehler).strip().splitlines()
    grund = f"{type(fehler).__name__}: {meldung[0][:160] if meldung else ''}".rstrip(": ")
    ort = f'File "{pfad}"' + (f", line {orte[-1].lineno}" if orte else "")
    return "\n".join([f"{ort}\n  {grund}", *saetze])


def _kurz(wert: object) -> str:
    text = repr(wert)
    return text if len(text) <= 60 else text[:59] + "…"
