"""Die Prüfung zu uebung_fehleranalyse.py: je Aufgabe die Diagnosen und drei Tipps."""

from collections.abc import Mapping
from numbers import Integral, Number

from kurs.farbbilder import cifar10
from kurs.uebungen import Diagnose, feld, ganzzahl, liste, text, tipps, verfehlt, zahl

import numpy as np
from sklearn.metrics import confusion_matrix, f1_score

class_names = cifar10.class_names
DIESMAL = "Diesmal stimmt es, aber bei anderen Vorhersagen findet dein Code nicht "
SICHTBAR = 0.03  # so viel F1 mehr gilt auch, wenn jemand für eine andere Klasse sammelt


def zur_probe(lauf, nummer, name):
    """Was die Antwort auf andere Vorhersagen wäre, und diese; None, wenn sie dieselbe bleibt (abgelesen) oder nicht läuft.

    Klasse 7 wird am schlechtesten erkannt, am häufigsten wird 2 für 5 gehalten, am sichersten ist das Netz, wo es recht hat.
    """
    truth = np.repeat(np.arange(10), 20)
    mistakes = [(k, (k + 1) % 10, 3 + k % 3) for k in range(10)] + [(2, 5, 9), (7, 1, 7), (7, 3, 6)]
    guess = truth.copy()
    for right, wrong, n in mistakes:
        guess[np.flatnonzero((truth == right) & (guess == right))[:n]] = wrong
    rng = np.random.default_rng(1)
    sure = np.where(guess == truth, 0.9, 0.5) + 0.09 * rng.permutation(len(truth)) / len(truth)
    probabilities = np.full((len(truth), 10), ((1 - sure) / 9)[:, None])
    probabilities[np.arange(len(truth)), guess] = sure
    matrix = wahre_matrix(truth, guess)
    anders = {
        "y_test": truth,
        "prediction": guess,
        "probabilities": probabilities,
        "matrix": matrix,
    }
    recall = matrix.diagonal() / matrix.sum(axis=1)
    raum = lauf.noch_einmal(nummer, **anders, recall=recall) or {}
    antwort = raum.get(name)
    if antwort is None or np.array_equal(antwort, lauf.namensraum[name]):
        return None
    return antwort, (truth, guess, probabilities)


def wahre_matrix(y_test, prediction):
    """Neu gezählt: An matrix kann eine Antwort etwas geändert haben (np.fill_diagonal)."""
    return confusion_matrix(y_test, prediction, labels=range(10))


def klasse(antwort, name):
    """Ein Name aus class_names. Fehler: Diagnose."""
    if isinstance(antwort, Integral) and not isinstance(antwort, bool):
        raise Diagnose(
            f"{name} ist die Nummer {antwort}, kein Klassenname: class_names[{antwort}] nennt ihn."
        )
    gelesen = text(antwort, name)
    if gelesen not in class_names:
        raise Diagnose(
            f"{gelesen!r} ist kein Klassenname. Gesucht ist ein Text wie {class_names[0]!r}."
        )
    return gelesen


def paar(antwort, name):
    """(richtige Klasse, Vorhersage). Fehler: Diagnose."""
    if isinstance(antwort, (str, dict, set)):
        raise verfehlt(antwort, "ein Paar von Klassennamen", name)
    namen = liste(klasse)(antwort, name)
    if len(namen) != 2:
        raise Diagnose(
            f"{name} hat {len(namen)} Teile. "
            "Gesucht ist ein Paar von Klassennamen: (richtige Klasse, Vorhersage)."
        )
    return namen


def bildnummern(antwort, name):
    """Eine Liste von ganzen Zahlen; sagt es, wenn es Bilder oder Wahrscheinlichkeiten sind."""
    shape = np.shape(antwort) if hasattr(antwort, "shape") else ()
    if len(shape) > 2:
        raise Diagnose(
            f"{name} hat die Form {shape}: Das sind die Bilder selbst. Gesucht sind ihre Nummern."
        )
    if getattr(getattr(antwort, "dtype", None), "kind", "") == "b":
        raise Diagnose(f"{name} besteht aus True und False. np.flatnonzero macht Nummern daraus.")
    teile = liste(zahl)(antwort, name)
    if all(0 <= teil <= 1 for teil in teile) and not all(teil in (0, 1) for teil in teile):
        raise Diagnose(f"{name} enthält Wahrscheinlichkeiten. Gesucht sind die Nummern der Bilder.")
    return liste(ganzzahl)(teile, name)


def zehn_zahlen(antwort, name):
    """Ein Feld mit zehn Zahlen. Fehler: Diagnose."""
    if np.ndim(antwort) == 0 and isinstance(antwort, (Number, np.ndarray)):
        raise Diagnose(
            f"{name} ist eine einzige Zahl, für alle zusammen. Gesucht sind zehn, eine je Klasse."
        )
    if isinstance(antwort, Mapping):  # Klasse → Anteil
        antwort = antwort.values()
    werte = feld()(antwort, name)
    if werte.shape == (10, 10):
        raise Diagnose(
            f"{name} ist noch eine ganze Matrix. Der Recall braucht davon je Klasse nur die "
            "richtig erkannten: Wo stehen die?"
        )
    if werte.size != 10:
        raise Diagnose(
            f"{name} besteht aus {werte.size} Zahlen. Gesucht sind zehn, eine je Klasse."
        )
    return werte.ravel()


@tipps(
    "Wo in der Matrix stehen die richtig erkannten Bilder, und wo alle Bilder einer Klasse?",
    "matrix.diagonal() sind die richtigen; matrix.sum(axis=…) summiert Zeilen oder Spalten.",
    "recall = matrix.diagonal() / matrix.sum(axis=…)",
)
def aufgabe_1(recall: zehn_zahlen, *, y_test, prediction):
    matrix = wahre_matrix(y_test, prediction)
    right, rows, columns = matrix.diagonal(), matrix.sum(axis=1), matrix.sum(axis=0)

    def ist(expected):
        return np.allclose(recall, expected, atol=0.006, rtol=0)

    if ist(right / rows):
        return None
    if np.allclose(recall, 100 * right / rows, atol=0.6):
        return "Das sind Prozent. Ein Anteil ist eine Zahl von 0 bis 1."
    if np.max(recall) > 1:
        return (
            "Das sind Anzahlen, keine Anteile: Teile noch durch die Zahl der Testbilder der Klasse."
        )
    if ist(right / np.maximum(columns, 1)):
        return (
            "Du teilst durch die Summe der Spalten. Das ist die Precision: Von allem, was das Netz "
            "so nennt, wie viel stimmt? Der Recall teilt durch die Summe der Zeilen."
        )
    if ist(2 * right / (rows + columns)):
        return "Das ist der F1, die Mitte aus Precision und Recall. Gesucht ist nur der Recall."
    if ist(right / matrix.sum()):
        return (
            "Du teilst durch alle Bilder. Jede Klasse soll nur durch ihre eigenen geteilt werden."
        )
    if ist(1 - right / rows):
        return "Das ist der Anteil der Fehler, gesucht ist der Anteil der richtigen."
    k = int(np.argmax(np.abs(recall - right / rows)))
    return (
        f"Diese Zahlen passen nicht zur Matrix: {class_names[k]} bekommt {recall[k]:.2f}, erkannt "
        f"sind {right[k]} von {rows[k]} Bildern."
    )


@tipps(
    "Welche der zehn Zahlen aus Aufgabe 1 ist die kleinste?",
    "argmin() gibt die Stelle der kleinsten Zahl; class_names[stelle] den Namen dazu.",
    "worst_class = class_names[recall.…()]",
)
def aufgabe_2(worst_class: klasse, *, y_test, prediction, __kurs_lauf__):
    if satz := nicht_die_schlechteste(worst_class, y_test, prediction):
        return satz
    if probe := zur_probe(__kurs_lauf__, 2, "worst_class"):
        antwort, (truth, guess, _) = probe
        if nicht_die_schlechteste(klasse(antwort, "worst_class"), truth, guess):
            return DIESMAL + "die schlechteste Klasse. Welche Zahl aus recall ist die kleinste?"


def nicht_die_schlechteste(worst_class, y_test, prediction):
    matrix = wahre_matrix(y_test, prediction)
    recall = dict(zip(class_names, matrix.diagonal() / matrix.sum(axis=1)))
    if recall[worst_class] == min(recall.values()):
        return None
    if recall[worst_class] == max(recall.values()):
        return f"{worst_class} ist die beste Klasse: Verwechselst du argmax und argmin?"
    return (
        f"Von {worst_class} wird ein Anteil von {recall[worst_class]:.2f} erkannt; "
        f"der kleinste Recall ist {min(recall.values()):.2f}."
    )


@tipps(
    "Welche Zahl neben der Diagonale ist die größte? In welcher Zeile und Spalte steht sie?",
    "np.fill_diagonal auf einer Kopie setzt sie auf 0; np.unravel_index(….argmax(), ….shape).",
    "m = matrix.copy()\nnp.fill_diagonal(m, 0)\n"
    "row, column = np.unravel_index(…)\nconfused = (…, …)",
)
def aufgabe_3(confused: paar, *, y_test, prediction, __kurs_lauf__):
    if satz := nicht_die_haeufigste(confused, y_test, prediction):
        return satz
    if probe := zur_probe(__kurs_lauf__, 3, "confused"):
        antwort, (truth, guess, _) = probe
        if satz := nicht_die_haeufigste(paar(antwort, "confused"), truth, guess):
            return (
                DIESMAL
                + "die häufigste Verwechslung: Ist die Diagonale weg, und sind es Zeile und Spalte?"
            )


def nicht_die_haeufigste(confused, y_test, prediction):
    truth, guess = confused
    if truth == guess:
        return (
            "Das ist keine Verwechslung: Auf der Diagonale steht, was richtig ist. "
            "Nimm sie vorher heraus."
        )
    counts = wahre_matrix(y_test, prediction)
    np.fill_diagonal(counts, 0)
    row, column = class_names.index(truth), class_names.index(guess)
    if counts[row, column] == counts.max():
        return None
    if counts[column, row] == counts.max():
        return (
            "Das Paar stimmt, aber andersherum: "
            "Zuerst die richtige Klasse (Zeile), dann die Vorhersage (Spalte)."
        )
    return (
        f"{truth} wird {counts[row, column]}-mal für {guess} gehalten; "
        f"die häufigste Verwechslung kommt {counts.max()}-mal vor."
    )


@tipps(
    "Welche Bilder sind falsch erkannt, und wie sicher war das Netz sich dabei?",
    "np.flatnonzero(prediction != y_test) gibt Nummern, probabilities.max(axis=1) die Sicherheit.",
    "wrong = np.flatnonzero(…)\n"
    "surest_mistakes = wrong[np.argsort(-probabilities[wrong].max(axis=1))][:…]",
)
def aufgabe_4(surest_mistakes: bildnummern, *, probabilities, prediction, y_test, __kurs_lauf__):
    if satz := nicht_die_sichersten(surest_mistakes, y_test, prediction, probabilities):
        return satz
    if probe := zur_probe(__kurs_lauf__, 4, "surest_mistakes"):
        antwort, daten = probe
        if satz := nicht_die_sichersten(bildnummern(antwort, "surest_mistakes"), *daten):
            return DIESMAL + f"die sichersten Irrtümer. {satz}"


def nicht_die_sichersten(surest_mistakes, y_test, prediction, probabilities):
    wrong = np.flatnonzero(prediction != y_test)
    confidence = probabilities.max(axis=1)
    expected = np.sort(confidence[wrong])[::-1][:5]
    if len(surest_mistakes) != len(expected):
        return f"Gesucht sind fünf Nummern, das sind {len(surest_mistakes)}."
    if len(set(surest_mistakes)) != len(expected):
        return "Gesucht sind fünf verschiedene Nummern; eine kommt mehrmals vor."
    numbers = np.array(surest_mistakes)
    if numbers.min() < 0 or numbers.max() >= len(y_test):
        return f"Die Nummern gehen von 0 bis {len(y_test) - 1}, deine bis {numbers.max()}."
    given = confidence[numbers]
    are_wrong = np.isin(numbers, wrong).all()
    are_surest = are_wrong and np.allclose(np.sort(given)[::-1], expected)
    if not are_surest and numbers.max() < len(wrong):
        if np.allclose(confidence[wrong[numbers]], expected):
            return (
                "Das sind Stellen in der Liste der Irrtümer, nicht die Nummern der Bilder: "
                "Welche Nummer steht an der ersten Stelle?"
            )
    if not are_wrong:
        richtig = numbers[~np.isin(numbers, wrong)][0]
        return (
            f"Da ist ein Bild dabei, das richtig erkannt wird ({richtig}). "
            "Suche nur unter den falsch erkannten."
        )
    if not are_surest:
        return (
            f"Es gibt sicherere Irrtümer: Deine fünf sind {given.min():.0%} bis {given.max():.0%} "
            f"sicher, der sicherste ist es zu {expected[0]:.0%}. Wonach sortierst du?"
        )
    if np.allclose(given[::-1], expected):
        return (
            "Es sind die richtigen fünf, aber die Reihenfolge ist verkehrt: der sicherste Irrtum "
            "zuerst. np.argsort sortiert aufsteigend."
        )
    if not np.allclose(given, expected):
        return "Es sind die richtigen fünf, aber noch nicht danach sortiert, wie sicher sie sind."


@tipps(
    "Von welcher Klasse hat das Netz offenbar zu wenig gesehen? Und womit verwechselt es sie?",
    "Kandidaten: die schlechteste selbst (Aufgabe 2) und eine, die oft für sie gehalten wird.",
    "extra_classes = [worst_class, …]   # das zweite ist freiwillig",
)
def aufgabe_5(
    extra_classes: liste(klasse),
    *,
    prediction,
    y_test,
    x_test,
    features,
    head_with_more,
    MIN_GAIN,
    MAX_LOSS,
):
    names = list(dict.fromkeys(extra_classes))
    if len(names) > 2:
        return f"Dein Budget reicht nur für zwei Klassen, das sind {len(names)}."
    recall = [np.mean(prediction[y_test == k] == k) for k in range(10)]
    worst = [k for k in range(10) if recall[k] == min(recall)]
    worst = next((k for k in worst if class_names[k] in names), worst[0])
    answers = [
        prediction,
        head_with_more(names).predict(features(x_test), verbose=0).argmax(axis=1),
    ]
    before, after = (f1_score(y_test, a, average=None, labels=[worst])[0] for a in answers)
    needed = MIN_GAIN if class_names[worst] in names else max(MIN_GAIN, SICHTBAR)
    if after - before < needed:
        return (
            f"Das hilft der schlechtesten Klasse nicht (genug). F1 von {class_names[worst]}: "
            f"vorher {before:.3f}, nachher {after:.3f}; {needed:g} mehr sollen es sein."
        )
    accuracies = [np.mean(a == y_test) for a in answers]
    if accuracies[1] < accuracies[0] - MAX_LOSS:
        return (
            f"{class_names[worst]} wird besser, aber alle zusammen merklich schlechter: "
            f"Genauigkeit vorher {accuracies[0]:.3f}, nachher {accuracies[1]:.3f}."
        )
