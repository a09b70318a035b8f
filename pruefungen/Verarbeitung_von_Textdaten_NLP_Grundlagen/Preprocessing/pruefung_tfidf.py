"""Die Prüfung zu uebung_tfidf.py: je Aufgabe die Diagnosen und drei Tipps."""

import ast
import contextlib
import io

from kurs.uebungen import Diagnose, feld, in_worten, liste, text, tipps, verfehlt, zahl

import numpy as np
from scipy.sparse import csr_matrix, issparse
from sklearn.base import BaseEstimator, clone
from sklearn.feature_extraction.text import TfidfTransformer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.preprocessing import normalize


def vektorisierer(antwort, name):
    """Etwas, das Texte in Zahlen verwandelt: ein TfidfVectorizer oder was sich so benimmt."""
    if hasattr(antwort, "shape"):
        raise Diagnose(
            f"{name} ist schon das Ergebnis ({in_worten(antwort)}). Gesucht ist hier der "
            "TfidfVectorizer selbst; seine Zahlen gehören in x_train und x_test."
        )
    if isinstance(antwort, type) or not hasattr(antwort, "transform"):
        raise verfehlt(antwort, "ein TfidfVectorizer", name)
    return antwort


def woerter(antwort, name):
    """Eine Liste von Wörtern, keine Paare, Nummern oder Gewichte."""
    teile = liste()(antwort, name)
    if any(isinstance(teil, (tuple, list)) for teil in teile):
        raise Diagnose("Das sind Paare aus Wort und Gewicht; gesucht sind nur die Wörter.")
    if any(isinstance(teil, (int, float, np.number, np.ndarray)) for teil in teile):
        raise Diagnose(
            "Das sind Spaltennummern oder Gewichte; vectorizer.get_feature_names_out() kennt die "
            "Wörter dazu."
        )
    return [text(teil, f"{name}[{nummer}]") for nummer, teil in enumerate(teile)]


def klassifikator(antwort, name):
    """Etwas von scikit-learn, das lernen und vorhersagen kann."""
    if isinstance(antwort, type) or not isinstance(antwort, BaseEstimator):
        raise verfehlt(antwort, "eine Pipeline aus TF-IDF und einem Klassifikator", name)
    steps = [step for _, step in antwort.steps] if hasattr(antwort, "steps") else [antwort]
    if klassen := [step.__name__ for step in steps if isinstance(step, type)]:
        raise Diagnose(
            f"In der Pipeline steht die Klasse {klassen[0]}; es fehlen ihre Klammern ()."
        )
    if any(hasattr(step, "shape") for step in steps):
        raise Diagnose(
            "In der Pipeline steht schon ein Ergebnis, ein Feld aus Zahlen. Gesucht sind die Schritte "
            "selbst: fit und transform ruft die Pipeline auf."
        )
    last = steps[-1]
    if not hasattr(last, "predict"):
        raise Diagnose(
            f"Am Ende der Pipeline steht {type(last).__name__}; das sagt keine Klassen voraus. "
            "Erst kommt TF-IDF, dann der Klassifikator."
        )
    return antwort


def matrix(antwort, name):
    """Ein Feld aus Zeilen und Spalten, dünn besetzt, gleich wie die Antwort es ablegt."""
    if isinstance(antwort, BaseEstimator):
        raise Diagnose(
            f"{name} ist der {type(antwort).__name__} selbst: fit lernt nur; umgerechnet wird mit "
            "transform (oder beides zugleich mit fit_transform)."
        )
    return csr_matrix(antwort if issparse(antwort) else feld((None, None))(antwort, name))


def gleich(werte, soll):
    return werte.shape == soll.shape and abs(werte - soll).max() < 1e-4


@tipps(
    "Soll ein Wort, das in jedem Text steht, ein großes oder ein kleines Gewicht haben?",
    "scikit-learn, Abschnitt „Tf–idf term weighting“, die Formel mit smooth_idf=True; np.log.",
    "idf = np.log((1 + …) / (1 + …)) + …",
)
def aufgabe_1(idf: zahl, *, n_texts, n_with_word, __kurs_lauf__):
    def trifft(wert):
        return np.isclose(idf, wert, atol=1e-3)

    smooth = (1 + n_texts) / (1 + n_with_word)
    if np.isclose(idf, np.log(smooth) + 1, atol=1e-3):
        if __kurs_lauf__.ist_abgetippt(1):
            return (
                "Die Zahl ist abgetippt und stimmt nur für dieses WORD: Rechne sie aus n_texts und "
                "n_with_word aus."
            )
        return None
    if n_with_word and any(trifft(np.log(n_texts / n_with_word) + plus) for plus in (0, 1)):
        return (
            "Das ist die IDF ohne Glättung: smooth_idf zählt einen Text dazu, in dem jedes Wort "
            "steht."
        )
    if trifft(np.log10(smooth) + 1) or trifft(np.log2(smooth) + 1):
        return "Fast: scikit-learn nimmt den natürlichen Logarithmus, np.log."
    if trifft(np.log(smooth)):
        return "Fast: scikit-learn zählt am Ende noch 1 dazu, damit kein Wort ganz verschwindet."
    without_brackets = (
        np.log(1 + n_texts + n_with_word) + 1,
        np.log(1 + n_texts / (1 + n_with_word)) + 1,
        np.log(1 + n_texts) / (1 + n_with_word) + 1,
        np.log(smooth + 1),
    )
    if any(map(trifft, without_brackets)):
        return (
            "Die Klammern stimmen nicht: Geteilt wird die Summe 1 + n_texts durch die Summe "
            "1 + n_with_word, und die letzte 1 kommt erst nach dem Logarithmus dazu."
        )
    if trifft(smooth) or trifft(smooth + 1) or (n_with_word and trifft(n_texts / n_with_word)):
        return f"{idf:.1f} ist erst der Bruch; davon wird noch der Logarithmus genommen."
    if idf < 1:
        return f"{idf:.3f}: Seltene Wörter sollen mehr wiegen. Ist der Bruch umgedreht?"
    return f"{idf:.4f} stimmt nicht. Die Formel steht in der Beschreibung von TfidfTransformer."


@tipps(
    "Welche beiden Zeilen machen oben aus Texten Zahlen, und worin unterscheiden sie sich?",
    "TfidfVectorizer hat dieselben Methoden wie CountVectorizer: fit_transform und transform.",
    "vectorizer = TfidfVectorizer()\nx_train = vectorizer.fit_transform(…)\n"
    "x_test = vectorizer.…(…)",
)
def aufgabe_2(
    vectorizer: vektorisierer,
    x_train: matrix,
    x_test: matrix,
    *,
    texts_train,
    texts_test,
    counts_train,
):
    rows = (x_train.shape[0], x_test.shape[0])
    if rows != (len(texts_train), len(texts_test)):
        return (
            f"x_train hat {rows[0]} Zeilen, x_test {rows[1]}; gesucht ist eine je Text, also "
            f"{len(texts_train)} und {len(texts_test)}."
        )
    if x_train.shape[1] != x_test.shape[1]:
        return (
            f"x_train hat {x_train.shape[1]} Spalten, x_test {x_test.shape[1]}: Für die Testtexte "
            "wurde ein neues Vokabular gelernt (fit_transform). Dort darf nur transform stehen."
        )
    reference = TfidfVectorizer().fit(texts_train)
    if not gleich(x_train, reference.transform(texts_train)):
        return was_anders_ist(vectorizer, x_train, reference, texts_train, texts_test, counts_train)
    if not gleich(x_test, reference.transform(texts_test)):
        return (
            "x_train stimmt, x_test nicht: texts_test wird nur umgerechnet (transform), mit dem, "
            "was vectorizer aus texts_train gelernt hat."
        )
    try:
        again = matrix(vectorizer.transform(texts_test), "vectorizer.transform(…)")
    except Exception:  # noqa: BLE001 (was keine Texte nimmt, scheitert auf seine eigene Art)
        return (
            f"x_train und x_test stimmen, aber vectorizer nimmt keine Texte: {type(vectorizer).__name__} "
            "ist nur ein Teil des Wegs. TfidfVectorizer zählt und gewichtet."
        )
    if not gleich(again, x_test):
        return (
            "x_train und x_test stimmen, aber vectorizer rechnet anders: Er hat danach noch einmal "
            "etwas anderes gelernt."
        )


def was_anders_ist(vectorizer, x_train, reference, texts_train, texts_test, counts_train):
    """Woran es liegt, dass x_train nicht das ist, was TfidfVectorizer() liefert."""
    if gleich(x_train, counts_train):
        return (
            f"Das sind noch Anzahlen, keine Gewichte: vectorizer ist {type(vectorizer).__name__}."
        )
    if gleich(x_train, normalize(counts_train)):
        return "Häufige und seltene Wörter wiegen gleich viel: Hier fehlt die IDF (use_idf)."
    words, known = set(reference.get_feature_names_out()), set()
    if hasattr(vectorizer, "get_feature_names_out"):
        known = set(vectorizer.get_feature_names_out())
    if known == set(TfidfVectorizer().fit([*texts_train, *texts_test]).get_feature_names_out()):
        return (
            f"Das Vokabular enthält Wörter, die nur in Testtexten stehen („{min(known - words)}“): "
            "Gelernt wird nur aus texts_train."
        )
    if known == set(TfidfVectorizer().fit(texts_test).get_feature_names_out()):
        return (
            f"Gelernt wurde aus den Testtexten („{min(known - words)}“ kommt nur dort vor): fit gehört zu "
            "texts_train, texts_test wird nur umgerechnet."
        )
    if gross := [word for word in known - words if word.lower() in words]:
        return (
            f"„{min(gross)}“ und „{min(gross).lower()}“ sind hier zwei Wörter. Gesucht sind die Vorgaben von "
            "TfidfVectorizer, und die machen alles klein (lowercase)."
        )
    if known - words:
        return (
            f"vectorizer zählt anderes als ganze Wörter, etwa „{max(known - words)}“. Gesucht sind "
            "die Vorgaben von TfidfVectorizer; verändern darfst du sie in Aufgabe 5."
        )
    if known and words - known:
        return (
            f"Im Vokabular fehlen {len(words - known)} Wörter, etwa „{max(words - known)}“. "
            "Gesucht sind die Vorgaben von TfidfVectorizer; verändern darfst du sie in Aufgabe 5."
        )
    if x_train.shape[1] != len(words):
        return (
            f"x_train hat {x_train.shape[1]} Spalten, bei TfidfVectorizer sind es {len(words)}, "
            "eine je Wort der Trainingstexte."
        )
    length = np.sqrt(x_train.multiply(x_train).sum(axis=1)).max()
    if abs(length - 1) > 1e-3:
        return f"Die Zeilen sind nicht auf Länge 1 gebracht (die längste misst {length:.1f}): norm?"
    return (
        "Die Wörter stimmen, die Gewichte nicht: Das sind nicht die Vorgaben von TfidfVectorizer, "
        "oder die IDF stammt nicht aus texts_train."
    )


@tipps(
    "Welche zwei Schritte macht der Klassifikator oben mit counts_train und counts_test?",
    "fit(Zahlen, Labels) trainiert, predict(Zahlen) sagt voraus; beides lässt sich verketten.",
    "prediction = LogisticRegression(max_iter=1_000).fit(…, …).predict(…)",
)
def aufgabe_3(
    prediction: feld(),
    *,
    x_train,
    x_test,
    y_train,
    texts_test,
    reviews,
    counts_train,
    counts_prediction,
):
    if prediction.ndim != 1:
        return (
            f"prediction hat die Form {prediction.shape}; gesucht ist eine Klasse je Testtext. "
            "predict_proba liefert Wahrscheinlichkeiten, predict Klassen."
        )
    if len(prediction) != len(texts_test):
        return (
            f"Das sind {len(prediction)} Klassen, Testtexte gibt es {len(texts_test)}: "
            "Vorhergesagt wird für x_test."
        )
    if np.array_equal(prediction, counts_prediction):
        return "Das sind genau die Vorhersagen von Bag of Words. Nimm x_train und x_test."
    if np.array_equal(prediction, reviews["test"]["label"][: len(prediction)]):
        return (
            "Das sind die Labels aus dem Umschlag, keine Vorhersagen: predict(x_test) macht welche."
        )
    x_train, x_test = matrix(x_train, "x_train"), matrix(x_test, "x_test")
    model = LogisticRegression(max_iter=1_000).fit(x_train, y_train)
    differs = np.mean(prediction != model.predict(x_test))
    if differs < 0.01:
        return None
    if f1_score(reviews["test"]["label"], prediction, average="macro") > 0.85:
        return "So gut ist das nicht zu schaffen: Hast du auf den Testtexten trainiert?"
    if np.array_equal(prediction, model.fit(counts_train, y_train).predict(x_test)):
        return (
            "Das sagt der alte Klassifikator, der aus Anzahlen gelernt hat. Trainiere auf x_train."
        )
    return (
        f"Bei {differs:.0%} der Texte sagt LogisticRegression(max_iter=1_000), trainiert auf "
        "x_train, etwas anderes. Ist es derselbe Klassifikator, und kennt er alle Trainingstexte?"
    )


@tipps(
    "x_test[REVIEW] ist eine Zeile mit einem Gewicht je Wort. Wo stehen die größten?",
    ".toarray()[0] macht daraus ein Feld, np.argsort sortiert Positionen aufsteigend.",
    "names = vectorizer.get_feature_names_out()\n"
    "top_words = [str(names[i]) for i in np.argsort(…)[:5]]",
)
def aufgabe_4(
    top_words: woerter, *, vectorizer, x_test, texts_train, texts_test, REVIEW, __kurs_lauf__
):
    reference = TfidfVectorizer().fit(texts_train)
    row = reference.transform([texts_test[REVIEW]]).toarray()[0]
    names = reference.get_feature_names_out()
    weight = {word: w for word, w in zip(names, row) if w > 0}
    wanted = sorted(weight.values(), reverse=True)[:5]
    for word in top_words:
        if word not in weight and word.lower() in weight:
            return f"Im Vokabular steht alles klein geschrieben: „{word.lower()}“ statt „{word}“."
        if word not in weight and word.lower() in texts_test[REVIEW].lower():
            return f"„{word}“ steht nicht im Vokabular: In den Trainingstexten kommt es nicht vor."
        if word not in weight:
            satz = f"„{word}“ steht gar nicht in der Bewertung, sein Gewicht ist also 0. "
            if set(top_words) == set(names[np.argsort(row)[:5]]):
                return satz + "np.argsort sortiert aufsteigend: Vorn sind die Nullen."
            return satz + "Gefragt ist nach der Zeile x_test[REVIEW], mit .toarray()[0] als Feld."
    given = [weight[word] for word in top_words]
    if len(given) != len(wanted):
        return f"Das sind {len(given)} Wörter, gesucht sind {len(wanted)}."
    if len(set(top_words)) < len(top_words):
        return "Ein Wort steht doppelt in deiner Liste."
    if np.allclose(given, wanted):
        rows = matrix(x_test, "x_test")
        return gilt_nur_hier(__kurs_lauf__, reference, rows, texts_test, REVIEW)
    if np.allclose(sorted(given, reverse=True), wanted):
        return "Richtige Wörter, falsche Reihenfolge: Das größte Gewicht soll vorn stehen."
    return (
        f"Andere Wörter wiegen mehr: {', '.join(top_words)} haben {np.round(given, 2).tolist()}. "
        "Gefragt sind die Gewichte, nicht die Häufigkeit."
    )


def gilt_nur_hier(lauf, reference, rows, texts_test, REVIEW):
    """Der Satz dazu, wenn Aufgabe 4 zu einer anderen Bewertung nicht deren Wörter nennt, sonst None.

    Gefragt wird nach einer, in der ein Wort mehrmals steht: Dort entscheidet nicht die IDF allein.
    """
    names, idf = reference.get_feature_names_out(), reference.idf_
    for other in range(len(texts_test)):
        row = rows[other].toarray()[0]
        best = np.sort(row)[-6:]
        only_idf = set(np.argsort(-idf * (row > 0))[:5]) == set(np.argsort(-row)[:5])
        if other != REVIEW and best[0] > 0 and np.diff(best).min() > 1e-4 and not only_idf:
            break
    else:
        return None
    anweisungen = ast.Module(list(lauf.regionen[4].anweisungen), [])
    raum = {**lauf.namensraum, "REVIEW": other}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(anweisungen, lauf.datei, "exec"), raum)  # noqa: S102
    wanted = [str(names[column]) for column in np.argsort(-row)[:5]]
    if (given := woerter(raum["top_words"], "top_words")) == wanted:
        return None
    return (
        f"Bei dieser Bewertung stimmt es; mit REVIEW = {other} kommt {', '.join(given)} heraus, gesucht "
        f"wäre {', '.join(wanted)}. Es zählen die Gewichte in x_test[REVIEW]."
    )


@tipps(
    "Deutsch hat viele Wortformen und Zusammensetzungen. Müssen es ganze Wörter sein?",
    'TfidfVectorizer: analyzer="char_wb", ngram_range, sublinear_tf; LogisticRegression: C.',
    'better_model = make_pipeline(TfidfVectorizer(analyzer="…", ngram_range=(3, …)), …(…))',
)
def aufgabe_5(
    better_model: klassifikator, *, mean_f1, plain, MARGIN, texts_train, y_train, __kurs_lauf__
):
    gegeben = {"mean_f1", "plain", "MARGIN", "texts_train", "y_train"}
    if ueberschrieben := __kurs_lauf__.regionen[5].namen & gegeben:
        return f"{min(ueberschrieben)} ist vorgegeben; besser werden soll better_model."
    parts = better_model.get_params().values()
    if not any(isinstance(part, (TfidfVectorizer, TfidfTransformer)) for part in parts):
        return "Hier kommt kein TF-IDF vor: Am Anfang der Pipeline soll TF-IDF stehen."
    # was hier abbricht, sagt genauer, woran es liegt
    answers = clone(better_model).fit(texts_train, y_train).predict(texts_train[:50])
    if not set(np.ravel(answers)) <= set(y_train):
        return (
            f"Vorhergesagt wird zum Beispiel {np.ravel(answers)[0]:.2f}, keine der Klassen 0, 1, 2: Am Ende "
            "der Pipeline gehört ein Klassifikator."
        )
    before, better = mean_f1(plain), mean_f1(better_model)
    if better == before:
        return f"F1 {better:.3f}: Das ist genau TF-IDF mit den Vorgaben. Ändere etwas daran."
    if not better >= before + MARGIN:
        return (
            f"F1 {better:.3f}, nötig sind {before + MARGIN:.3f}. "
            "Probiere weiter: eine Änderung je Lauf."
        )
    if better > 0.95:
        return f"F1 {better:.3f} ist zu schön: Woher weiß die Pipeline die Labels?"
