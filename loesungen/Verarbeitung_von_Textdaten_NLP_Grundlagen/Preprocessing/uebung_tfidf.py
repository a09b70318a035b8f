"""Übung TF-IDF: gezählte Wörter gewichten, im Klassifikator aus demo_tokenisierung.py.

Kapitel   3.20 Verarbeitung von Textdaten (NLP-Grundlagen) · Preprocessing
Folie     Übung: Ersetze das BOW Embedding durch ein TF-IDF Embedding
Lernziel  TF-IDF nachrechnen, mit scikit-learn richtig anwenden (nur auf Trainingstexten lernen) und verbessern
Laufzeit  ca. 20 s (2 CPU-Kerne)
Daten     kurs/bewertungen (1.546 deutsche Bewertungen)

Bearbeite nur, was zwischen ▼ und ▲ steht: Ersetze `...` durch deine Antwort und starte das Skript neu.
Löse die Aufgaben der Reihe nach. Unten steht danach, ob sie stimmen, und wenn nicht, woran es liegt.
Nachschlagen (die Folie sagt: kurze Recherche): scikit-learn, TfidfVectorizer.
"""

# %% Stellschrauben
WORD = "hervorragend"
REVIEW = 0  # Nummer der Testbewertung für Aufgabe 4 und das Bild
N_TRAIN = 1_087  # Test: 500
TIPPS = 1  # je Aufgabe: 0 keine Tipps, 1 eine Frage, 2 auch wo es steht, 3 auch ein Gerüst
SEED = 42  # teilt die Trainingstexte für Aufgabe 5

# %% Bibliotheken laden (einige Sekunden)
from kurs import pruefe
from kurs.datensaetze import datensatz

import matplotlib.pyplot as plt
import numpy as np
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import Pipeline, make_pipeline

# %% Daten: Bewertungen, negativ (0), neutral (1) oder positiv (2)
reviews = datensatz("kurs/bewertungen")
texts_train, y_train = reviews["train"]["text"][:N_TRAIN], reviews["train"]["label"][:N_TRAIN]
texts_test, y_test = reviews["test"]["text"][:], reviews["test"]["label"][:]

# %% So war es bisher: Bag of Words
counter = CountVectorizer()
counts_train = counter.fit_transform(texts_train)  # lernt das Vokabular und zählt
counts_test = counter.transform(texts_test)  # zählt nur; was nicht im Vokabular steht, fällt weg
classifier = LogisticRegression(max_iter=1_000).fit(counts_train, y_train)
f1_counts = f1_score(y_test, classifier.predict(counts_test), average="macro")
print(
    f"{counts_train.shape[0]} Texte, {counts_train.shape[1]} Wörter. Bag of Words: F1 {f1_counts:.3f}"
)

# %% Aufgabe 1: das Gewicht eines Wortes von Hand
n_texts = len(texts_train)
n_with_word = int((counts_train[:, counter.vocabulary_[WORD]] > 0).sum())
print(f"„{WORD}“ steht in {n_with_word} von {n_texts} Texten.")
# ▼ AUFGABE 1: Berechne aus n_texts und n_with_word die IDF, wie TfidfVectorizer es tut (smooth_idf).
idf = np.log((1 + n_texts) / (1 + n_with_word)) + 1
# ▲

# %% Aufgabe 2 und 3: der Tausch
# ▼ AUFGABE 2: Erzeuge vectorizer und daraus x_train und x_test, mit TF-IDF statt Zählen.
vectorizer = TfidfVectorizer()
x_train = vectorizer.fit_transform(texts_train)
x_test = vectorizer.transform(texts_test)
# ▲

# ▼ AUFGABE 3: Trainiere darauf denselben Klassifikator wie oben und sage die Klassen der Testtexte voraus.
prediction = LogisticRegression(max_iter=1_000).fit(x_train, y_train).predict(x_test)
# ▲
if np.shape(prediction) == np.shape(y_test):
    f1_tfidf = f1_score(y_test, prediction, average="macro")
    print(
        f"TF-IDF: F1 {f1_tfidf:.3f}, das sind {f1_tfidf - f1_counts:+.3f} gegenüber Bag of Words."
    )

# %% Aufgabe 4: Welche Wörter zählen in einer Bewertung am meisten?
print("Bewertung:", texts_test[REVIEW])
# ▼ AUFGABE 4: Eine Liste der fünf Wörter mit dem größten TF-IDF-Gewicht in x_test[REVIEW], größtes zuerst.
weights = x_test[REVIEW].toarray()[0]
names = vectorizer.get_feature_names_out()
top_words = [str(names[column]) for column in np.argsort(-weights)[:5]]
# ▲
if top_words is not ...:
    print("Wichtigste Wörter:", top_words)

# %% Aufgabe 5 (Bonus): besser werden. Gemessen wird auf Trainingstexten, fünfmal geteilt; der Test bleibt zu.
folds = StratifiedKFold(5, shuffle=True, random_state=SEED)


def mean_f1(model):
    return cross_val_score(model, texts_train, y_train, cv=folds, scoring="f1_macro").mean()


plain_f1 = mean_f1(make_pipeline(TfidfVectorizer(), LogisticRegression(max_iter=1_000)))
print(f"TF-IDF mit Vorgaben, auf den Trainingstexten fünfmal geteilt: F1 {plain_f1:.3f}")
# ▼ AUFGABE 5: Baue mit make_pipeline etwas, das dort um 0.02 besser ist (Wortfolgen? Teile von Wörtern? C?).
better_model = make_pipeline(
    TfidfVectorizer(analyzer="char_wb", ngram_range=(4, 5)),
    LogisticRegression(max_iter=1_000),
)
# ▲
better_f1 = mean_f1(better_model) if isinstance(better_model, Pipeline) else ...
if better_f1 is not ...:
    f1_better = f1_score(
        y_test, better_model.fit(texts_train, y_train).predict(texts_test), average="macro"
    )
    print(f"Deine Pipeline: F1 {better_f1:.3f}, im Test {f1_better:.3f}.")
    print(
        "Der Test hat nur 309 Texte, da sind ± 0,03 Glück; deshalb entscheidet die Teilung darüber."
    )

# %% Bild: dieselbe Bewertung, gezählt und gewichtet
if x_test is not ... and vectorizer is not ...:
    plt.rcParams["font.size"] = 13
    figure, axes = plt.subplots(1, 2, figsize=(12, 6), sharey=True)
    names = vectorizer.get_feature_names_out()
    columns = x_test[REVIEW].indices[np.argsort(x_test[REVIEW].data)]
    columns = [column for column in columns if names[column] in counter.vocabulary_]
    counts = [counts_test[REVIEW, counter.vocabulary_[names[column]]] for column in columns]
    axes[0].barh(names[columns], counts, color="#999999")
    axes[0].set(xlabel="Anzahl", title="Bag of Words: nur die Anzahl")
    axes[0].xaxis.get_major_locator().set_params(integer=True)
    axes[1].barh(names[columns], x_test[REVIEW, columns].toarray()[0], color="#0072B2")
    axes[1].set(xlabel="TF-IDF", title="TF-IDF: Seltenes wiegt mehr")
    plt.show()

# %% Prüfung (hier nichts ändern)
reference = TfidfVectorizer()
reference_x = reference.fit_transform(texts_train)
names = reference.get_feature_names_out()
weight = dict(zip(names, reference.transform([texts_test[REVIEW]]).toarray()[0]))
largest = sorted(weight.values(), reverse=True)[:5]
n, df = n_texts, n_with_word
pruefe.erwarte(
    "Aufgabe 1",
    idf,
    (
        lambda v: not np.isclose(v, np.log(n / df)) and not np.isclose(v, np.log(n / df) + 1),
        "Das ist die IDF ohne Glättung: smooth_idf zählt einen Text dazu, in dem jedes Wort steht.",
    ),
    (
        lambda v: not np.isclose(v, np.log10((1 + n) / (1 + df)) + 1),
        "Das ist der Logarithmus zur Basis 10; scikit-learn nimmt den natürlichen (np.log).",
    ),
    (
        lambda v: not np.isclose(v, np.log((1 + n) / (1 + df))),
        "Fast: scikit-learn zählt am Ende noch 1 dazu, damit kein Wort ganz verschwindet.",
    ),
    (
        lambda v: v > 0,
        lambda v: f"{v:.3f}: Seltene Wörter sollen mehr wiegen. Ist der Bruch umgedreht?",
    ),
    (
        lambda v: np.isclose(v, reference.idf_[reference.vocabulary_[WORD]], atol=1e-4),
        lambda v: (
            f"{v:.4f} stimmt nicht. Die Formel steht in der Beschreibung von TfidfTransformer."
        ),
    ),
    tipps=[
        "Soll ein Wort, das in jedem Text steht, ein großes oder ein kleines Gewicht haben?",
        "scikit-learn, Abschnitt „Tf–idf term weighting“, die Formel mit smooth_idf=True; np.log.",
        "idf = np.log((1 + …) / (1 + …)) + …",
    ],
)


pruefe.erwarte(
    "Aufgabe 2",
    (vectorizer, x_train, x_test),
    (
        lambda a: isinstance(a[0], TfidfVectorizer),
        lambda a: (
            f"vectorizer ist {type(a[0]).__name__}; gesucht ist ein TfidfVectorizer (noch ohne Texte)."
        ),
    ),
    (
        lambda a: a[1].shape[0] == n_texts and a[2].shape[0] == len(texts_test),
        lambda a: (
            f"x_train hat {a[1].shape[0]} Zeilen, x_test {a[2].shape[0]}; gesucht ist eine je Text."
        ),
    ),
    (
        lambda a: a[1].shape[1] == a[2].shape[1],
        lambda a: (
            f"x_train hat {a[1].shape[1]} Spalten, x_test {a[2].shape[1]}: Für die Testtexte wurde ein "
            "neues Vokabular gelernt (fit_transform). Dort darf nur noch transform stehen."
        ),
    ),
    (
        lambda a: set(a[0].vocabulary_) <= set(counter.vocabulary_),
        "Das Vokabular enthält Wörter, die nur in Testtexten stehen: Auch die Testtexte wurden gelernt.",
    ),
    (
        lambda a: np.allclose(a[0].fit_transform(texts_train).sum(), reference_x.sum()),
        "Das ist nicht TF-IDF mit den Vorgaben (use_idf, norm, …); verändern darfst du sie in Aufgabe 5.",
    ),
    tipps=[
        "Welche beiden Zeilen machen oben aus Texten Zahlen, und worin unterscheiden sie sich?",
        "TfidfVectorizer hat dieselben Methoden wie CountVectorizer: fit_transform und transform.",
        "vectorizer = TfidfVectorizer()\nx_train = vectorizer.fit_transform(…)\nx_test = vectorizer.…(…)",
    ],
)
pruefe.erwarte(
    "Aufgabe 3",
    prediction,
    (
        lambda p: np.shape(p) == np.shape(y_test),
        lambda p: (
            f"prediction hat die Form {np.shape(p)}; gesucht ist eine Klasse je Testtext, also "
            f"{np.shape(y_test)}. predict_proba liefert Wahrscheinlichkeiten, predict Klassen."
        ),
    ),
    (
        lambda p: not np.array_equal(p, classifier.predict(counts_test)),
        "Das sind genau die Vorhersagen von Bag of Words. Nimm x_train und x_test.",
    ),
    (
        lambda p: f1_score(y_test, p, average="macro") < 0.85,
        "So gut ist das nicht zu schaffen: Hast du auf den Testtexten trainiert?",
    ),
    (
        lambda p: np.array_equal(
            p, LogisticRegression(max_iter=1_000).fit(x_train, y_train).predict(x_test)
        ),
        "Diese Vorhersagen gehören nicht zu LogisticRegression(max_iter=1_000), trainiert auf x_train.",
    ),
    tipps=[
        "Welche zwei Schritte macht der Klassifikator oben mit counts_train und counts_test?",
        "fit(Zahlen, Labels) trainiert, predict(Zahlen) sagt voraus; beides lässt sich verketten.",
        "prediction = LogisticRegression(max_iter=1_000).fit(…, …).predict(…)",
    ],
)
pruefe.erwarte(
    "Aufgabe 4",
    top_words,
    (
        lambda w: all(isinstance(word, str) for word in w),
        "Das sind Spaltennummern oder Gewichte; vectorizer.get_feature_names_out() kennt die Wörter dazu.",
    ),
    (
        lambda w: all(word in texts_test[REVIEW].lower() for word in w),
        lambda w: (
            f"„{w[0]}“ steht gar nicht in der Bewertung: argsort sortiert aufsteigend, vorn sind Nullen."
        ),
    ),
    (lambda w: len(w) == 5, lambda w: f"Das sind {len(w)} Wörter, gesucht sind fünf."),
    (
        lambda w: not np.allclose([weight[word] for word in w], largest[::-1]),
        "Richtige Wörter, falsche Reihenfolge: Das größte Gewicht soll vorn stehen.",
    ),
    (
        lambda w: np.allclose([weight[word] for word in w], largest),
        lambda w: (
            f"Andere Wörter wiegen mehr: {', '.join(w)} haben {[round(weight[v], 2) for v in w]}. "
            "Gefragt sind die Gewichte, nicht die Häufigkeit."
        ),
    ),
    tipps=[
        "x_test[REVIEW] ist eine Zeile mit einem Gewicht je Wort. Wo stehen die größten?",
        ".toarray()[0] macht daraus ein gewöhnliches Array, np.argsort sortiert Positionen aufsteigend.",
        "names = vectorizer.get_feature_names_out()\ntop_words = [str(names[i]) for i in np.argsort(…)[:5]]",
    ],
)
pruefe.erwarte(
    "Aufgabe 5",
    better_model,
    (
        lambda m: isinstance(m, Pipeline),
        "Gesucht ist eine Pipeline: make_pipeline(TfidfVectorizer(…), LogisticRegression(…)), ohne fit.",
    ),
    (
        lambda m: isinstance(m[0], TfidfVectorizer),
        "Am Anfang der Pipeline soll TF-IDF stehen.",
    ),
    (
        lambda m: better_f1 >= plain_f1 + 0.02,
        lambda m: (
            f"F1 {better_f1:.3f}, nötig sind {plain_f1 + 0.02:.3f}. Probiere weiter: eine Änderung je Lauf."
        ),
    ),
    tipps=[
        "Deutsch hat viele Wortformen und Zusammensetzungen. Müssen es ganze Wörter sein?",
        'TfidfVectorizer: analyzer="char_wb", ngram_range, sublinear_tf; LogisticRegression: C.',
        'better_model = make_pipeline(TfidfVectorizer(analyzer="…", ngram_range=(3, …)), LogisticRegression(…))',
    ],
)
pruefe.fortschritt()
