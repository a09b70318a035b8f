"""Beantwortet: Python meldet einen Fehler. Was heißt das, auf Deutsch, für den, der die Zeile geschrieben hat?"""

import builtins
import difflib
import re
import sys
import traceback

from kurs.uebungen.arten import GIBT_NONE

# Muster in der Meldung (TypeError, ValueError, …) → was es heißt; {0} … sind die Klammern des Musters
MUSTER = [
    (r"Perhaps you forgot a comma", "Fehlt ein Komma?"),
    (r"was never closed|unmatched '", "Die Klammern gehen nicht auf."),
    (r"leading zeros in decimal", "Python schreibt 0.05 mit Punkt, nicht mit Komma."),
    (r"unterminated string", "Ein Anführungszeichen ist nicht geschlossen."),
    (r"'NoneType' object", f"Davor kam None heraus. Fehlt ein return? ({GIBT_NONE}.)"),
    (r"unsupported operand.*NoneType", f"Eine Seite ist None. Fehlt ein return? ({GIBT_NONE}.)"),
    (r"ellipsis", "Hier wird etwas benutzt, das noch offen ist (`...`)."),
    (
        r"(?:function_or_method|method|function|type)' object is not (?:subscriptable|iterable)|"
        r"(?:operand type|between instances of).*'(?:builtin_function_or_method|method|function)'",
        "Da steht eine Funktion statt ihres Ergebnisses: Fehlen die runden Klammern für den Aufruf?",
    ),
    (r"missing \d+ required .*: (.+)", "Beim Aufruf fehlt, was die Funktion braucht: {0}."),
    (
        r"got an unexpected keyword argument '(\w+)'",
        "Ein Argument namens {0} kennt diese Funktion nicht. Tippfehler, oder gehört es woanders hin?",
    ),
    (
        r"takes (?:from )?(\d+).* positional arguments? but (\d+)",
        "Die Funktion bekommt hier zu viele Argumente ({1} statt {0}). Zählt eine Methode self mit?",
    ),
    (
        r"expected at least \d+ arguments?, got",
        "Hier wird eine Funktion ohne Angaben aufgerufen. Soll sie selbst übergeben werden, stehen keine "
        "Klammern dahinter.",
    ),
    (r"takes no arguments|takes 0 positional", "Diese Funktion nimmt nichts entgegen."),
    (r"multiple values for .*argument '(\w+)'", "{0} wird zweimal angegeben."),
    (
        r"'(\w+)' object is not callable",
        "Hinter etwas, das keine Funktion ist ({0}), stehen runde Klammern. "
        "Gemeint sind wohl eckige, oder ein Name ist überschrieben.",
    ),
    (r"'(\w+)' object is not subscriptable", "Eckige Klammern gehen hier nicht: Das ist ein {0}."),
    (
        r"'int' object is not iterable",
        "Eine Zahl lässt sich nicht durchgehen; range(…) zählt bis zu ihr.",
    ),
    (r"'(\w+)' object is not iterable", "Das lässt sich nicht Teil für Teil durchgehen: ein {0}."),
    (
        r"cannot unpack non-iterable|(?:too many|not enough) values to unpack",
        "Links vom = stehen anders viele Namen als rechts Werte.",
    ),
    (
        r'can only concatenate str \(not "(?:list|tuple)"\)',
        "Text und Liste lassen sich nicht verbinden. Gemeint ist jeder Text der Liste: "
        "[… + text for text in …].",
    ),
    (
        r"can only concatenate str|must be str, not|can't multiply sequence",
        "Text und Zahl werden vermischt: str(…) macht Text daraus, float(…) eine Zahl.",
    ),
    (
        r"operand type\(s\) for \+: '(?:Posix|Windows)Path' and 'str'",
        "Einen Pfad verlängert /, nicht +: folder / …",
    ),
    (r"operand type\(s\) for \^", "Hoch schreibt Python als **, nicht als ^."),
    (r"operand type\(s\) for (\S+): 'str' and 'str'", "Zwei Texte verbindet +, nicht {0}."),
    (
        r"(?:operand type|between instances of)[^']*(?:'str' and '(?:int|float)'|'(?:int|float)' and 'str')",
        "Eine Seite ist Text, die andere eine Zahl. Stehen Anführungszeichen zu viel da?",
    ),
    (
        r"(?:operand type|between instances of)[^']*(?:'list' and '(?:int|float)'|'(?:int|float)' and 'list')",
        "Mit einer Liste als Ganzem rechnet und vergleicht Python nicht; mit einem Feld schon: np.array(…).",
    ),
    (
        r"not supported between instances of '(\w+)' and '(\w+)'|unsupported operand type.*: '(\w+)' and '(\w+)'",
        "Damit lässt sich so nicht rechnen oder vergleichen: Die beiden Seiten sind verschiedener Art.",
    ),
    (
        r"(?:list|tuple) indices must be integers or slices, not str",
        "Das ist eine Liste: zuerst eine Nummer in eckigen Klammern ([0] ist der erste Teil), dann der Name.",
    ),
    (r"is not in list|list\.index\(x\)", "Diesen Wert gibt es in der Liste nicht."),
    (
        r"'str' object cannot be interpreted|must be an int, float or None",
        "Hier steht Text, gefragt ist eine Zahl: ohne Anführungszeichen.",
    ),
    (
        r"only (?:0-dimensional|length-1|size-1) arrays",
        "Gefragt ist eine einzelne Zahl, hier steht ein ganzes Feld. Sind Argumente vertauscht?",
    ),
    (
        r"Cannot cast ufunc",
        "An Ort und Stelle (/=, *=) wird aus ganzen Zahlen keine Kommazahl: x = x / … legt ein neues Feld an.",
    ),
    (r"could not convert string to float|invalid literal for int", "Das ist Text, keine Zahl."),
    (
        r"'tuple' object cannot be interpreted|float\(\) argument.*'tuple'",
        "Ein Tupel statt einer Zahl: Steht ein Komma, wo ein Punkt hingehört?",
    ),
    (
        r"float\(\) argument must be .*, not '(\w+)'",
        "Gefragt ist eine Zahl, hier steht etwas anderes: ein {0}.",
    ),
    (
        r"'float' object cannot be interpreted",
        "Hier muss es eine ganze Zahl sein, etwa mit int(…).",
    ),
    (r"unhashable type", "Listen und Felder können kein Schlüssel sein; ein Tupel kann es."),
    (
        r"cardinality is ambiguous",
        "x und y sind verschieden lang: Zu jeder Zeile in x gehört ein Label in y.",
    ),
    (
        r"ambiguous|truth value of an array",
        "Ein Feld ist nicht als Ganzes wahr oder falsch: Gemeint ist .all(), .any() oder ein einzelner Wert.",
    ),
    (
        r"target.*output.*same (?:rank|shape)|logits and labels",
        "Loss, letzte Schicht und Labels passen nicht zusammen: Zu Labels wie 0, 1, … gehört ein Loss mit "
        "„sparse“ und eine Ausgabe je Klasse, zu one-hot einer ohne.",
    ),
    (
        r"[sS]hapes?\b.*(?:not aligned|mismatch|incompatible|do not match)|incompatible (?:with|shape)|"
        r"could not be broadcast|inconsistent numbers of samples|must be equal|cardinalit|expected shape|"
        r"Incompatible shapes|Matrix size-incompatible|mismatch in its core|cannot be multiplied|cannot reshape",
        "Die Formen passen nicht zueinander. Sieh dir mit print(….shape) an, was auf beiden Seiten steht.",
    ),
    (r"Expected 2D array", "Gefragt ist ein Feld mit zwei Achsen (oder eine Liste)."),
    (r"monitor=(\w+), but", "{0} misst das Training nicht. Fehlt metrics=[…] bei compile?"),
    (
        r"filepath provided must end in",
        "Ein ganzes Modell schreibt Keras nur in eine Datei mit der Endung .keras, "
        "nur die Gewichte in eine mit .weights.h5.",
    ),
    (
        r"(?:File not found|No such file)[^\n]*\{\w+",
        "Im Namen der Datei steht noch {{…}}: Fehlt das f vor den Anführungszeichen?",
    ),
    (
        r"File not found: filepath|File format not supported",
        "So eine Datei gibt es nicht. Stimmen Ordner, Name und Endung?",
    ),
    (r"not JSON serializable", "Das kennt JSON nicht; aus einem Feld macht .tolist() eine Liste."),
    (
        r"Incoming markup is of an invalid type",
        "BeautifulSoup braucht den Inhalt (Bytes oder Text), nicht die Antwort als Ganzes.",
    ),
    (
        r"Invalid attribute key '(\w+)' specified",
        "Beim Sortieren und Filtern heißt eine Metrik metrics.{0}, ein Parameter params.{0}.",
    ),
    (
        r"must be a list of `minimize`|either 'minimize' or 'maximize'",
        'Optuna kennt zwei Richtungen: "minimize" und "maximize".',
    ),
    (
        r"number of filters must",
        "filters ist eine ganze Zahl ab 1. Stehen die Argumente in der richtigen Reihenfolge?",
    ),
    (
        r"Wrong number (?:or type )?of arguments",
        "Zahl, Art oder Reihenfolge der Argumente passt nicht.",
    ),
    (r"Expecting value: line 1", "Das ist kein JSON, sondern etwas anderes, etwa HTML."),
    (r"You must call `?compile", "Das Modell ist noch nicht kompiliert: Vor fit kommt compile."),
    (r"not fitted", "Es hat noch nichts gelernt: Vor transform oder predict kommt fit."),
    (r"pipeline without a task", "pipeline braucht auch die Aufgabe, als ersten Text."),
    (
        r"stride set to",
        "stride ist die Überlappung zweier Fenster, also kleiner als max_length.",
    ),
    (
        r"The '(\w+)' parameter of (\w+) must be (.+?)\. Got (.+?) instead",
        "{1} nimmt für {0} nicht {3}: Art oder Wert passen nicht.",
    ),
    (
        r"Argument `(\w+)` must be",
        "{0} hat einen unmöglichen Wert. Stehen die Argumente in der richtigen Reihenfolge?",
    ),
    (r"Unknown task (\S+?),? ", "Eine Aufgabe namens {0} gibt es nicht. Ein Tippfehler?"),
    (
        r"connect to 'https://huggingface|is not a local folder|valid model identifier",
        "Dieses Modell liegt nicht auf diesem Rechner, und der Hub gibt es gerade nicht heraus.",
    ),
    (r"No mask_token", "In diesem Text fehlt die Lücke. Steht ein Name in Anführungszeichen?"),
    (r"raw text documents expected", "Gefragt ist eine Liste von Texten; hier steht ein einziger."),
    (
        r"Expected `(\w+)` argument to be a list",
        "{0} ist eine Liste, auch mit einem Eintrag: {0}=[…].",
    ),
    (r"Could not interpret .*identifier", "Diesen Namen kennt Keras nicht: ein Tippfehler?"),
    (
        r"Exception encountered when calling (\w+)",
        "In der Schicht {0} geht es nicht weiter: Was ankommt, hat nicht die Form, die sie braucht.",
    ),
    (r"empty (?:vocabulary|sequence|list)|arg is an empty", "Hier kommt nichts an: Es ist leer."),
]
ARTEN = {
    "ZeroDivisionError": "Hier wird durch null geteilt.",
    "IndexError": "So viele Teile gibt es nicht; gezählt wird ab 0.",
    "RecursionError": "Die Funktion ruft sich selbst immer wieder auf.",
    "FileNotFoundError": "Diese Datei gibt es nicht. Stimmt der Pfad?",
    "ModuleNotFoundError": "Dieses Modul ist hier nicht installiert. Ein Tippfehler?",
    "ImportError": "Das gibt es in diesem Modul nicht. Ein Tippfehler?",
    "UnicodeDecodeError": "Die Bytes sind in einer anderen Kodierung geschrieben.",
    "MemoryError": "Dafür reicht der Arbeitsspeicher nicht.",
    "MlflowException": "So nimmt MLflow es nicht an. Stimmen die Argumente und ihre Reihenfolge?",
    "StopIteration": "Der Generator ist schon aufgebraucht.",
    "AssertionError": "Eine Bedingung, die erfüllt sein muss, ist es nicht.",
    "NotImplementedError": "Das kann dieses Ding nicht.",
    "SystemExit": "exit() und quit() beenden das Programm; hier soll es weitergehen.",
    "IndentationError": "Die Einrückung stimmt nicht: Was zusammengehört, beginnt in derselben Spalte.",
    "TabError": "Tabulatoren und Leerzeichen sind gemischt.",
    "SyntaxError": "So kann Python die Zeile nicht lesen: Fehlt eine Klammer, ein Komma, ein Doppelpunkt?",
    "TimeoutError": "Es kam zu lange keine Antwort.",
    "MissingSchema": "Einer Adresse fehlt vorn http://. Steht der Name einer Variablen in Anführungszeichen?",
    "InvalidURL": "So eine Adresse gibt es nicht: Fehlt ein / zwischen Rechner und Seite?",
    "FeatureNotFound": 'Diesen Parser gibt es hier nicht. Geschrieben wird er "html.parser".',
    "ConnectionError": "Unter dieser Adresse antwortet niemand.",
}
# Das kann ein Feld, eine Liste nicht
FELD = (
    "argmax",
    "argmin",
    "astype",
    "max",
    "mean",
    "min",
    "reshape",
    "shape",
    "std",
    "sum",
    "tolist",
)
# So geht es nach find oder select_one weiter
SUCHEN = ("get_text", "find", "find_all", "select", "select_one", "decompose", "extract", "text")
SONST = "An dieser Stelle kann Python nicht weiterrechnen."


def _naechster(name: str, namen) -> str:
    """Der ähnlichste Name, oder leer: Ein Tippfehler ist es nur, wenn fast alles gleich ist."""
    oeffentlich = [n for n in namen if not n.startswith("_")]
    return next(iter(difflib.get_close_matches(name, oeffentlich, n=1, cutoff=0.75)), "")


def _zeile(fehler: BaseException) -> str:
    """Der Quelltext der Zeile, in der es abbrach, oder leer."""
    schritte = traceback.extract_tb(fehler.__traceback__)
    return (schritte[-1].line or "") if schritte else ""


def deute(fehler: BaseException, namen=()) -> str:
    """Ein deutscher Satz zu einer Ausnahme; `namen` sind die Namen, die es an der Stelle gibt."""
    meldung = str(fehler)
    if isinstance(fehler, NameError) and (name := getattr(fehler, "name", None)):
        if isinstance(fehler, UnboundLocalError):
            return f"{name} hat in dieser Funktion noch keinen Wert."
        if re.search(rf"""\bf["'].*{{{re.escape(name)}\b""", _zeile(fehler)):
            return (
                f"Das f vor den Anführungszeichen setzt {name} schon hier ein. Ohne f bleibt {{{name}}} stehen "
                "und wird später ersetzt."
            )
        if name in sys.stdlib_module_names:
            return f"Das Modul {name} ist noch nicht geladen: Davor gehört import {name}."
        nahe = _naechster(name, [*namen, *dir(builtins)])
        return f"Den Namen {name} gibt es nicht. " + (
            f"Meinst du {nahe}?" if nahe else "Ein Tippfehler, oder fehlen Anführungszeichen?"
        )
    if isinstance(fehler, AttributeError) and (name := getattr(fehler, "name", None)):
        ding = getattr(fehler, "obj", None)
        if ding is None and name in SUCHEN:
            return "Davor kam None heraus: find und select_one geben None, wenn sie nichts finden."
        if ding is None:
            return f"Davor kam None heraus. Fehlt ein return? ({GIBT_NONE}.)"
        if ding is ...:
            return "Hier wird etwas benutzt, das noch offen ist (`...`)."
        if isinstance(ding, (list, tuple)) and name in FELD:
            return f"Eine Liste hat kein .{name}, ein Feld schon: np.array(…) macht eines daraus."
        if name == "lower":  # das rufen die Vectorizer von scikit-learn
            return f"Gefragt sind Texte; hier steht ein {type(ding).__name__}."
        nahe = _naechster(name, dir(ding))
        art = ding.__name__ if hasattr(ding, "__name__") else f"Ein {type(ding).__name__}"
        return f"{art} hat kein .{name}." + (f" Meinst du .{nahe}?" if nahe else "")
    if isinstance(fehler, KeyError) and len(fehler.args) == 1 and len(meldung) < 80:
        return f"Den Schlüssel {meldung} gibt es hier nicht."
    if isinstance(fehler, SyntaxError) and re.search(r"\b0,\d", fehler.text or ""):
        return "Python schreibt Kommazahlen mit Punkt: 0.5, nicht 0,5."
    if isinstance(fehler, AssertionError) and "self.d" in _zeile(fehler):  # aus FAISS
        return "Die Vektoren sind anders lang als im Index: Ihre Länge ist shape[1]."
    if isinstance(fehler, AssertionError) and meldung:
        return ""  # wer einen Satz dazuschreibt, hat es schon gesagt
    for muster, satz in MUSTER:
        if treffer := re.search(muster, meldung, re.DOTALL):
            return satz.format(*(gruppe or "" for gruppe in treffer.groups()))
    for art in type(fehler).__mro__:
        if art.__name__ in ARTEN:
            return ARTEN[art.__name__]
    return SONST


def in_einer_zeile(fehler: BaseException) -> str:
    """Art und Meldung, wie Python sie schreibt, in einer Zeile und nicht länger als 160 Zeichen."""
    zeilen = [z.strip() for z in str(fehler).strip().splitlines() if z.strip()]
    meldung = zeilen[0] if zeilen else ""
    if meldung.startswith("Graph execution error"):  # Der Grund steht unter TensorFlows Aufrufkette
        meldung = [z for z in zeilen if not z.startswith(("File ", "Detected ", "[["))][-1]
    if isinstance(fehler, SyntaxError):
        meldung = fehler.msg
    meldung = meldung if len(meldung) <= 160 else meldung[:159] + "…"
    return f"{type(fehler).__name__}: {meldung}" if meldung else type(fehler).__name__
