"""Beantwortet: Ist eine Antwort von der Art, nach der gefragt ist, und wenn nicht: Was ist sie, in Worten?

Eine Art ist eine Funktion `(antwort, name) -> wert`: Sie gibt die Antwort in der Form zurück, mit der die
Prüfung rechnet (eine Zahl aus NumPy, Keras oder PyTorch wird float, eine Liste ein Feld), oder wirft
`Diagnose` mit dem Satz, der sagt, woran es liegt. Prüfungen nennen sie als Annotation:

    def aufgabe_1(learning_rate: zahl, words: liste(text), *, x_train): …

Sie braucht nur die Standardbibliothek; NumPy wird erst geladen, wenn nach einem Feld gefragt ist.
"""

import io
import types
from collections.abc import Callable, Iterator, Mapping, ValuesView

Art = Callable[[object, str], object]
FUNKTIONEN = (types.FunctionType, types.MethodType, types.BuiltinFunctionType)
GIBT_NONE = "print(…), list.sort() und list.append(…) tun etwas, geben aber None zurück"


class Diagnose(Exception):
    """Der Satz, der sagt, was an einer Antwort nicht stimmt."""


def zahlwort(anzahl: int, einzahl: str, mehrzahl: str) -> str:
    return f"{anzahl} {einzahl if anzahl == 1 else mehrzahl}"


def in_worten(wert: object) -> str:
    """Was für ein Ding das ist, so wie man es jemandem sagt: „ein Tupel mit 2 Teilen“."""
    if wert is None:
        return "None, also nichts"
    if isinstance(wert, bool):
        return f"der Wahrheitswert {wert}"
    if isinstance(wert, str):
        kurz = wert if len(wert) <= 30 else wert[:29] + "…"
        return f"der Text {kurz!r}"
    arten = {tuple: "ein Tupel", list: "eine Liste", dict: "ein dict", set: "eine Menge"}
    if art := next((name for typ, name in arten.items() if isinstance(wert, typ)), ""):
        return f"{art} mit {zahlwort(len(wert), 'Teil', 'Teilen')}" if wert else f"{art}, leer"
    if isinstance(wert, type):
        return f"die Klasse {wert.__name__} selbst"
    if isinstance(wert, FUNKTIONEN):
        return f"die Funktion {wert.__name__} selbst"
    if isinstance(wert, (int, float)):
        return f"die Zahl {wert}"
    if (form := getattr(wert, "shape", None)) is not None and not isinstance(wert, type):
        return f"ein {type(wert).__name__} der Form {tuple(form)}"
    return f"ein {type(wert).__name__}"


def _ursache(antwort: object, name: str) -> str | None:
    """Der häufige Fehler, an dem man erkennt, warum es gar nicht die gefragte Art sein kann."""
    if antwort is None:
        return f"{name} ist None: Da kommt nichts zurück. Fehlt return? ({GIBT_NONE}.)"
    klasse = antwort if isinstance(antwort, type) else type(antwort)
    if issubclass(klasse, BaseException):
        art = klasse.__name__
        return f"{name} ist die Ausnahme {art} als Wert: Werfen heißt raise, nicht return."
    if isinstance(antwort, type):
        return (
            f"{name} ist die Klasse {antwort.__name__} selbst: "
            f"Erst mit Klammern, {antwort.__name__}(…), wird etwas daraus."
        )
    if isinstance(antwort, FUNKTIONEN):
        return (
            f"{name} ist die Funktion {antwort.__name__} selbst, nicht ihr Ergebnis: "
            "Fehlen die Klammern für den Aufruf?"
        )
    if isinstance(antwort, io.IOBase):  # Dateien und Antworten eines Servers sind auch Iteratoren
        return f"{name} ist {in_worten(antwort)}, noch nicht, was darin steht: Das liest .read()."
    if isinstance(antwort, Iterator):
        return (
            f"{name} ist ein {type(antwort).__name__}: Er gibt seine Teile nur einmal her und ist dann "
            "aufgebraucht. Mach mit list(…) eine Liste daraus."
        )
    return None


def verfehlt(antwort: object, gesucht: str, name: str) -> Diagnose:
    """Die Diagnose dafür, dass `antwort` nicht `gesucht` („eine Zahl“) ist."""
    satz = _ursache(antwort, name)
    return Diagnose(satz or f"{name} soll {gesucht} sein, ist aber {in_worten(antwort)}.")


# --- Zahlen, Texte, Wahrheitswerte -------------------------------------------------------------------


def zahl(antwort: object, name: str = "Die Antwort") -> float:
    """Eine Zahl als float, auch aus NumPy, Keras, TensorFlow oder PyTorch. Fehler: Diagnose."""
    if isinstance(antwort, tuple) and all(isinstance(teil, (int, float)) for teil in antwort):
        if len(antwort) == 1:
            raise Diagnose(f"{name} ist ein Tupel: Das Komma am Ende macht aus der Zahl eines.")
        if len(antwort) == 2 and all(isinstance(teil, int) for teil in antwort):
            raise Diagnose(
                f"{name} ist ein Tupel aus zwei Zahlen: Python schreibt {antwort[0]}.{antwort[1]} "
                "mit Punkt, nicht mit Komma."
            )
    if isinstance(antwort, str):
        try:
            float(antwort.replace(",", "."))
        except ValueError:
            raise verfehlt(antwort, "eine Zahl", name) from None
        mit_punkt = antwort.replace(",", ".").strip()
        raise Diagnose(f"{name} ist Text: Ohne Anführungszeichen wird {mit_punkt} eine Zahl.")
    try:
        if isinstance(antwort, (bool, bytes)) or str(getattr(antwort, "dtype", "")) == "bool":
            raise TypeError
        ein_wert = getattr(antwort, "size", None) == 1 and hasattr(antwort, "item")
        wert = float(antwort.item() if ein_wert else antwort)
    except Exception:  # noqa: BLE001 (was keine Zahl ist, scheitert auf seine eigene Art)
        raise verfehlt(antwort, "eine Zahl", name) from None
    if wert != wert:
        raise Diagnose(f"{name} ist nan, also keine Zahl: Wurde durch null geteilt?")
    return wert


def ganzzahl(antwort: object, name: str = "Die Antwort") -> int:
    """Eine ganze Zahl als int; 3.0 gilt auch. Fehler: Diagnose."""
    wert = zahl(antwort, name)
    if not wert.is_integer():
        raise Diagnose(f"{name} soll eine ganze Zahl sein, ist aber {wert:g}.")
    return int(wert)


def text(antwort: object, name: str = "Die Antwort") -> str:
    """Ein nicht leerer Text. Fehler: Diagnose."""
    if isinstance(antwort, bytes):
        raise Diagnose(f"{name} sind Bytes, noch kein Text: Es fehlt das Dekodieren.")
    if not isinstance(antwort, str):
        raise verfehlt(antwort, "ein Text (in Anführungszeichen)", name)
    if not antwort.strip():
        raise Diagnose(f"{name} ist ein leerer Text.")
    return str(antwort)


def wahrheit(antwort: object, name: str = "Die Antwort") -> bool:
    """True oder False, auch aus NumPy. Fehler: Diagnose."""
    if isinstance(antwort, bool) or type(antwort).__name__ in ("bool_", "bool"):
        return bool(antwort)
    raise verfehlt(antwort, "True oder False", name)


# --- Mehreres ----------------------------------------------------------------------------------------


def liste(von: Art | None = None) -> Art:
    """Eine Liste (auch Tupel, Menge, Feld, Series, dict-Ansicht); mit `von` die Art jedes Teils."""

    def lies(antwort: object, name: str = "Die Antwort") -> list:
        if isinstance(antwort, (str, bytes, Mapping, Iterator, type)):
            raise verfehlt(antwort, "eine Liste", name)
        try:
            teile = list(antwort)
        except Exception:  # noqa: BLE001 (nichts mit Teilen, ein Feld ohne Achsen)
            raise verfehlt(antwort, "eine Liste", name) from None
        if not teile:
            raise Diagnose(f"{name} ist leer.")
        if von is None:
            return teile
        return [von(teil, f"{name}[{nummer}]") for nummer, teil in enumerate(teile)]

    return lies


def woerterbuch(antwort: object, name: str = "Die Antwort") -> dict:
    """Ein dict oder etwas, das sich so benimmt. Fehler: Diagnose."""
    if not isinstance(antwort, Mapping):
        raise verfehlt(antwort, "ein dict", name)
    return dict(antwort)


def feld(form: tuple[int | None, ...] | None = None) -> Art:
    """Ein Feld aus Zahlen als NumPy-Feld (auch aus Listen, Tensoren, DataFrames); None in `form` heißt beliebig.

    Dünn besetzte Matrizen von SciPy werden dicht. Fehler: Diagnose, auch bei nan.
    """

    def lies(antwort: object, name: str = "Die Antwort"):
        import numpy as np

        if isinstance(antwort, (str, bytes, Mapping, bool, int, float)) or _ursache(antwort, name):
            raise verfehlt(antwort, "ein Feld aus Zahlen", name)
        if isinstance(antwort, ValuesView):
            antwort = list(antwort)
        if hasattr(antwort, "toarray"):
            antwort = antwort.toarray()
        if hasattr(antwort, "detach"):
            antwort = antwort.detach().cpu()
        try:
            werte = np.asarray(antwort)
        except Exception:  # noqa: BLE001 (ungleich lange Zeilen und Ähnliches)
            raise verfehlt(antwort, "ein Feld aus Zahlen", name) from None
        if werte.dtype.kind not in "biuf":
            raise verfehlt(antwort, "ein Feld aus Zahlen", name)
        passt = form is None or (
            len(form) == werte.ndim and all(f in (None, n) for f, n in zip(form, werte.shape))
        )
        if not passt:
            gesucht = ", ".join("beliebig" if f is None else str(f) for f in form)
            raise Diagnose(f"{name} hat die Form {werte.shape}; gesucht ist ({gesucht}).")
        if werte.dtype.kind == "f" and np.isnan(werte).any():
            raise Diagnose(f"In {name} steht nan, also keine Zahl: Wurde durch null geteilt?")
        return werte

    return lies


# --- Funktionen und Dinge ----------------------------------------------------------------------------


def funktion(antwort: object, name: str = "Die Antwort") -> Callable:
    """Etwas, das man aufrufen kann (keine Klasse einer Ausnahme). Fehler: Diagnose."""
    if antwort is None or not callable(antwort):
        raise verfehlt(antwort, "eine Funktion", name)
    return antwort


def ein(typ: type | tuple[type, ...], gesucht: str) -> Art:
    """Ein Ding dieses Typs; `gesucht` sagt es in Worten („ein Callback von Keras“)."""

    def lies(antwort: object, name: str = "Die Antwort"):
        if not isinstance(antwort, typ):
            raise verfehlt(antwort, gesucht, name)
        return antwort

    return lies


def modell(antwort: object, name: str = "Die Antwort"):
    """Ein Keras-Modell. Fehler: Diagnose."""
    import keras

    return ein(keras.Model, "ein Modell von Keras")(antwort, name)
