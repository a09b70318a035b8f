"""Übung Klassifikation verbessern: fünf Hebel, jeder gemessen.

Kapitel   3.60 Verarbeitung von Textdaten (NLP-Grundlagen) · Textrepräsentationen
Folie     Übung / Diskussion: Wie kann die Klassifikation weiter verbessert werden?
Lernziel  Vektoren, Skalierung, Regularisierung, selbst vergebene und mehr Labels einzeln ausprobieren und vergleichen
Laufzeit  ca. 30 s (2 CPU-Kerne)
Daten     kurs/themen (640 Meldungen, acht Themen)
Modelle   intfloat/multilingual-e5-small

Bearbeite nur, was zwischen ▼ und ▲ steht: Ersetze `...` durch deine Antwort und starte das Skript neu.
Löse die Aufgaben der Reihe nach. Unten steht danach, ob sie stimmen, und wenn nicht, woran es liegt.
Überlege vor jeder Aufgabe, wie viel dieser Hebel wohl bringt, und vergleiche danach im Bild.
Das Kodieren (Aufgabe 1) dauert nur beim ersten Mal; danach kommen die Vektoren aus einer Datei.
"""

# %% Stellschrauben
N_POOL = 320  # Meldungen, aus denen gelernt werden darf  # Test: 80
N_LABELS = 80  # so viele davon haben ein Label  # Test: 40
N_TEST = 128  # Test: 24
C_VALUES = [0.001, 0.01, 0.1, 1, 10, 100]  # Test: [0.001, 0.1, 10]
LABEL_COUNTS = [20, 40, 80, 160, 320]  # Test: [20, 40, 80]
TIPPS = 1  # je Aufgabe: 0 keine Tipps, 1 eine Frage, 2 auch wo es steht, 3 auch ein Gerüst
SEED = 42  # teilt die Texte für Aufgabe 3

# %% Bibliotheken laden (einige Sekunden)
import functools
import hashlib

from kurs import ausgabe_ordner, pruefe
from kurs.datensaetze import datensatz
from kurs.modelle import modell

import matplotlib.pyplot as plt
import numpy as np
from sentence_transformers import SentenceTransformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import confusion_matrix
from sklearn.model_selection import KFold, cross_val_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

# %% Daten: kurze Meldungen aus acht Ressorts; nur die ersten N_LABELS haben ein Label
news = datensatz("kurs/themen")
topics = news["train"].features["label"].names
pool_texts, y_pool = news["train"]["text"][:N_POOL], np.array(news["train"]["label"][:N_POOL])
test_texts, y_test = news["test"]["text"][:N_TEST], np.array(news["test"]["label"][:N_TEST])
y_labeled = y_pool[:N_LABELS]
print(f"{N_POOL} Meldungen, davon {N_LABELS} mit Label; {N_TEST} zum Prüfen. Raten: {1 / len(topics):.2f}")
accuracy = {}  # je Hebel die Test Accuracy


def measure(name, model, x, y, x_new):
    accuracy[name] = model.fit(x, y).score(x_new, y_test)
    print(f"{name}: Test Accuracy {accuracy[name]:.2f}")


# %% So war es bisher: gewichtete Wörter
vectorizer = TfidfVectorizer().fit(pool_texts)
words = vectorizer.transform(pool_texts[:N_LABELS])
measure("TF-IDF", LogisticRegression(max_iter=1_000), words, y_labeled, vectorizer.transform(test_texts))


# %% Aufgabe 1: bessere Vektoren
@functools.cache
def load_encoder():
    return SentenceTransformer(modell("intfloat/multilingual-e5-small"), device="cpu")


def encode(texts):
    """Satzvektoren von e5 [Text, 384]. Was schon einmal kodiert wurde, kommt aus einer Datei."""
    key = hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]
    file = ausgabe_ordner() / f"vektoren_{key}.npy"
    if not file.is_file():
        if len(texts) > 2:
            print(f"Kodiere {len(texts)} Texte …")
        np.save(file, load_encoder().encode(list(texts), show_progress_bar=False))
    return np.load(file)


# ▼ AUFGABE 1: Kodiere pool_texts und test_texts; e5 will vor jedem Text „query: “ (mit Leerzeichen) lesen.
x_pool = ...
x_test = ...
# ▲
has_vectors = np.shape(x_pool) == (N_POOL, 384) and np.shape(x_test) == (N_TEST, 384)
if has_vectors:
    x_labeled, x_rest = x_pool[:N_LABELS], x_pool[N_LABELS:]
    measure("e5", LogisticRegression(max_iter=1_000), x_labeled, y_labeled, x_test)
    print(f"  Zwei beliebige Meldungen haben im Mittel Kosinus {np.mean(x_pool[:-1] @ x_pool[1:].mean(axis=0)):.2f},")
    print("  alle Vektoren zeigen also fast in dieselbe Richtung; die Unterschiede sind kleine Zahlen.")

# %% Aufgabe 2: Kleine Unterschiede groß machen
# ▼ AUFGABE 2: Baue mit make_pipeline ein Modell, das die Vektoren erst standardisiert (Mittel 0, Streuung 1).
scaled_model = ...
# ▲
if has_vectors and isinstance(scaled_model, Pipeline):
    measure("e5, skaliert", scaled_model, x_labeled, y_labeled, x_test)


# %% Aufgabe 3: C einstellen. Entschieden wird auf den Texten mit Label; der Test bleibt dafür zu.
def build(c):
    return make_pipeline(StandardScaler(), LogisticRegression(C=c, max_iter=1_000))


folds = KFold(5, shuffle=True, random_state=SEED)
# ▼ AUFGABE 3: Finde das C aus C_VALUES mit dem besten Mittel von cross_val_score (cv=folds) auf x_labeled.
best_c = ...
# ▲
if has_vectors and np.isscalar(best_c) and best_c in C_VALUES:
    measure(f"e5, skaliert, C = {best_c:g}", build(best_c), x_labeled, y_labeled, x_test)

# %% Aufgabe 4: Die Texte ohne Label nutzen (Selbsttraining)
# ▼ AUFGABE 4: Sage mit build(best_c), gelernt auf den Texten mit Label, für x_rest die Klassen voraus.
y_guess = ...
# ▲
if has_vectors and np.shape(y_guess) == (N_POOL - N_LABELS,):
    measure("selbst beschriftet", build(1), x_pool, np.concatenate([y_labeled, y_guess]), x_test)
    print(f"  {np.mean(y_guess == y_pool[N_LABELS:]):.0%} der selbst vergebenen Labels stimmen.")

# %% Aufgabe 5: Was brächten mehr Labels?
# ▼ AUFGABE 5: Eine Liste: je n aus LABEL_COUNTS die Test Accuracy von build(1), gelernt auf den ersten n Texten.
curve = ...
# ▲
if has_vectors and np.shape(curve) == np.shape(LABEL_COUNTS):
    measure(f"alle {N_POOL} Labels", build(1), x_pool, y_pool, x_test)

# %% Aufgabe 6: Und wo hakt es danach noch? Zeilen: echtes Thema, Spalten: vorhergesagtes
if has_vectors:
    prediction = build(1).fit(x_pool, y_pool).predict(x_test)
    table = confusion_matrix(y_test, prediction, labels=range(len(topics)))
    print("\n" + " " * 13 + "".join(f"{topic:>13}" for topic in topics))
    for topic, row in zip(topics, table):
        print(f"{topic:13}" + "".join(f"{count:13}" for count in row))
# ▼ AUFGABE 6: Welches Thema wird am öftesten mit welchem verwechselt? ("echtes Thema", "vorhergesagtes")
confused = ...
# ▲

# %% Bild: alle Hebel nebeneinander
if has_vectors:
    plt.rcParams["font.size"] = 13
    figure, axes = plt.subplots(1, 2, figsize=(14, 5.5), width_ratios=[3, 2])
    bars = axes[0].barh(list(accuracy), list(accuracy.values()), color="#0072B2")
    axes[0].bar_label(bars, fmt="%.2f", padding=4)
    axes[0].axvline(1 / len(topics), color="black", linestyle=":", label="raten")
    axes[0].set(xlabel="Test Accuracy", xlim=(0, 1), title="Welcher Hebel bringt wie viel?")
    axes[0].legend()
    axes[0].invert_yaxis()
    if np.shape(curve) == np.shape(LABEL_COUNTS):
        axes[1].plot(LABEL_COUNTS, curve, "o-", color="#D55E00", linewidth=2, markersize=8)
    axes[1].set(xlabel="Texte mit Label", ylabel="Test Accuracy", ylim=(0, 1), title="Mehr Labels")
    plt.show()
    print(f"Mit {N_TEST} Testtexten ist ein Unterschied unter {1 / np.sqrt(N_TEST):.2f} vielleicht nur Zufall.")
    print("Zur Diskussion: Welcher Hebel kostet Rechenzeit, welcher Arbeit von Menschen? Welche Texte würdet ihr")
    print("als Nächstes beschriften, und was an den Verwechslungen löst kein Modell?")

# %% Prüfung (hier nichts ändern)
if has_vectors:
    scores = [cross_val_score(build(c), x_labeled, y_labeled, cv=folds).mean() for c in C_VALUES]
    guesses = [build(c).fit(x_labeled, y_labeled).predict(x_rest) for c in C_VALUES]
    right_curve = [build(1).fit(x_pool[:n], y_pool[:n]).score(x_test, y_test) for n in LABEL_COUNTS]
    mistakes = table - np.diag(np.diag(table))


def same(vectors, prefix, texts):
    return np.allclose(vectors[:2], encode([prefix + text for text in texts[:2]]), atol=0.01)


pruefe.erwarte(
    "Aufgabe 1",
    (x_pool, x_test),
    (
        lambda a: has_vectors,
        lambda a: f"Die Formen sind {np.shape(a[0])} und {np.shape(a[1])}; gesucht ist je Text ein Vektor mit 384 Zahlen.",
    ),
    (
        lambda a: not same(a[0], "", pool_texts) and not same(a[1], "", test_texts),
        "Das sind die Vektoren ohne „query: “. e5 ist mit diesem Wort davor trainiert.",
    ),
    (
        lambda a: not same(a[0], "passage: ", pool_texts),
        "„passage: “ ist für Texte, in denen gesucht wird. Für die Klassifikation nimmt e5 „query: “.",
    ),
    (
        lambda a: same(a[0], "query: ", pool_texts) and same(a[1], "query: ", test_texts),
        "Die Vektoren passen nicht zu „query: “ + Text. Fehlt das Leerzeichen oder ist etwas vertauscht?",
    ),
    tipps=[
        "Wie baust du aus einer Liste von Texten eine Liste, in der vor jedem Text etwas steht?",
        "List Comprehension: [… for text in pool_texts]; encode nimmt eine Liste.",
        'x_pool = encode(["query: " + text for text in …])\nx_test = encode([…])',
    ],
)
pruefe.erwarte(
    "Aufgabe 2",
    scaled_model,
    (
        lambda m: isinstance(m, Pipeline),
        lambda m: f"scaled_model ist {type(m).__name__}; gesucht ist make_pipeline(erst skalieren, dann lernen).",
    ),
    (
        lambda m: type(m[0]).__name__ != "Normalizer",
        "Normalizer bringt jeden Text auf Länge 1; das sind e5-Vektoren schon. Gesucht ist je Spalte Mittel 0.",
    ),
    (lambda m: isinstance(m[0], StandardScaler), "Am Anfang der Pipeline soll StandardScaler stehen."),
    (
        lambda m: isinstance(m[-1], LogisticRegression),
        "Am Ende der Pipeline soll derselbe Klassifikator stehen, LogisticRegression; nur so ist es ein Vergleich.",
    ),
    tipps=[
        "Warum darf der Skalierer nur die Trainingstexte sehen, und wer kümmert sich in einer Pipeline darum?",
        "sklearn.preprocessing.StandardScaler, sklearn.pipeline.make_pipeline",
        "scaled_model = make_pipeline(…(), LogisticRegression(max_iter=1_000))",
    ],
)
pruefe.erwarte(
    "Aufgabe 3",
    best_c if has_vectors else ...,
    (
        lambda c: np.isscalar(c) and c in C_VALUES,
        lambda c: f"{c!r} steht nicht in C_VALUES. Ist das die Accuracy oder der Platz statt C selbst?",
    ),
    (
        lambda c: scores[C_VALUES.index(c)] >= max(scores) - 1e-9,
        lambda c: f"Mit C = {c:g} ist das Mittel {scores[C_VALUES.index(c)]:.3f}, das beste ist {max(scores):.3f}. "
        "Auf x_labeled geteilt, nicht auf dem Test oder den gelernten Texten selbst?",
    ),
    tipps=[
        "Warum darf die Test Accuracy nicht entscheiden, welches C du nimmst?",
        "cross_val_score(Modell, Vektoren, Labels, cv=folds).mean(), einmal je C; max(…, key=…) findet das beste.",
        "def score(c):\n    return cross_val_score(build(c), …, …, cv=folds).mean()\nbest_c = max(C_VALUES, key=…)",
    ],
)
pruefe.erwarte(
    "Aufgabe 4",
    y_guess if has_vectors else ...,
    (
        lambda y: np.shape(y) == (N_POOL - N_LABELS,),
        lambda y: f"y_guess hat die Form {np.shape(y)}; gesucht ist eine Klasse je Text in x_rest, also "
        f"{(N_POOL - N_LABELS,)}. predict_proba liefert Wahrscheinlichkeiten, predict Klassen.",
    ),
    (
        lambda y: not np.array_equal(y, y_pool[N_LABELS:]),
        "Das sind die echten Labels. In der Wirklichkeit hat sie noch niemand vergeben.",
    ),
    (
        lambda y: any(np.array_equal(y, guess) for guess in guesses),
        "Diese Klassen sagt kein build(c) voraus, das nur auf x_labeled und y_labeled gelernt hat.",
    ),
    tipps=[
        "Wer beschriftet hier die Texte, und woher weiß er, was er weiß?",
        "fit(Vektoren, Labels) lernt, predict(Vektoren) sagt Klassen voraus; beides lässt sich verketten.",
        "y_guess = build(best_c).fit(…, …).predict(…)",
    ],
)
pruefe.erwarte(
    "Aufgabe 5",
    curve if has_vectors else ...,
    (
        lambda v: np.shape(v) == np.shape(LABEL_COUNTS),
        lambda v: f"curve hat die Form {np.shape(v)}; gesucht ist eine Zahl je Eintrag von LABEL_COUNTS.",
    ),
    (
        lambda v: min(v) < 0.99,
        "Überall fast 1: Du misst auf den Texten, aus denen gelernt wurde. Nimm x_test und y_test.",
    ),
    (
        lambda v: len(set(v)) > 1,
        "Alle Werte sind gleich: Für jedes n sollen nur die ersten n Texte gelernt werden, x_pool[:n].",
    ),
    (lambda v: np.allclose(v, right_curve), "Die Werte stimmen nicht: build(1), x_pool[:n] und y_pool[:n], je neu."),
    tipps=[
        "Was ändert sich von einem Punkt der Kurve zum nächsten, und was muss gleich bleiben?",
        "x_pool[:n] sind die ersten n Texte; .score(x_test, y_test) ist die Accuracy.",
        "curve = [build(1).fit(x_pool[:n], …).score(…, …) for n in LABEL_COUNTS]",
    ],
)
pruefe.erwarte(
    "Aufgabe 6",
    confused if has_vectors else ...,
    (lambda pair: len(pair) == 2 and set(pair) <= set(topics), lambda pair: f"{pair!r} ist kein Paar von Themen."),
    (lambda pair: pair[0] != pair[1], "Auf der Diagonale stehen die Treffer. Gesucht ist eine Verwechslung."),
    (
        lambda pair: mistakes[topics.index(pair[0]), topics.index(pair[1])] == mistakes.max(),
        lambda pair: f"Das kommt {mistakes[topics.index(pair[0]), topics.index(pair[1])]}-mal vor, anderes "
        f"{mistakes.max()}-mal. Zeilen sind die echten Themen, Spalten die vorhergesagten.",
    ),
    tipps=[
        "Wo in der Tabelle stehen die Treffer, und wo ist daneben die größte Zahl?",
        "Die Tabelle steht in der Ausgabe; ablesen genügt. Gleichstand: eines davon.",
        'confused = ("…", "…")   # Zeile, Spalte',
    ],
)
pruefe.fortschritt()
