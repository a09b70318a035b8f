"""Übung TF-IDF: gezählte Wörter gewichten, im Klassifikator aus demo_tokenisierung.py.

Kapitel   3.20 Verarbeitung von Textdaten (NLP-Grundlagen) · Preprocessing
Folie     Übung: Ersetze das BOW Embedding durch ein TF-IDF Embedding
Lernziel  TF-IDF nachrechnen, nur auf Trainingstexten lernen lassen und verbessern
Laufzeit  ca. 15 s (2 CPU-Kerne)
Daten     kurs/bewertungen (1.546 deutsche Bewertungen)

Bearbeite nur, was zwischen ▼ und ▲ steht: Ersetze `...` durch deine Antwort und starte neu.
Unter jeder Aufgabe steht dann, ob sie stimmt, und wenn nicht, woran es liegt.
Nachschlagen (die Folie sagt: kurze Recherche): scikit-learn, TfidfVectorizer.
"""

# %% Stellschrauben
WORD = "hervorragend"
REVIEW = 0  # Nummer der Testbewertung für Aufgabe 4 und das Bild
MARGIN = 0.02  # um so viel besser soll es in Aufgabe 5 werden
N_TRAIN = 1_087  # Test: 500
TIPPS = 1  # je Aufgabe: 0 keine Tipps, 1 eine Frage, 2 auch wo es steht, 3 auch ein Gerüst
SEED = 42  # teilt die Trainingstexte für Aufgabe 5

# %% Bibliotheken laden (einige Sekunden)
import functools

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
texts_test = reviews["test"]["text"][:]  # ihre Labels bleiben bis zum Schluss im Umschlag

# %% So war es bisher: Bag of Words
counter = CountVectorizer()
counts_train = counter.fit_transform(texts_train)  # lernt das Vokabular und zählt
counts_test = counter.transform(texts_test)  # zählt nur; was nicht im Vokabular steht, fällt weg
classifier = LogisticRegression(max_iter=1_000).fit(counts_train, y_train)
counts_prediction = classifier.predict(counts_test)
print(f"{counts_train.shape[0]} Texte, {counts_train.shape[1]} verschiedene Wörter.")

# %% Das Gewicht eines Wortes von Hand
n_texts = len(texts_train)
split = counter.build_analyzer()  # macht aus einem Text die Wörter, die gezählt werden
n_with_word = sum(WORD.lower() in split(text) for text in texts_train)
print(f"„{WORD}“ steht in {n_with_word} von {n_texts} Texten.")

# ▼ AUFGABE 1: Berechne aus n_texts und n_with_word die IDF, wie TfidfVectorizer (smooth_idf).
idf = ...
# ▲
pruefe(1, idf)

# %% Der Tausch
# ▼ AUFGABE 2: Erzeuge vectorizer und daraus x_train und x_test, mit TF-IDF statt Zählen.
vectorizer = ...
x_train = ...
x_test = ...
# ▲
pruefe(2, vectorizer, x_train, x_test)

# ▼ AUFGABE 3: Trainiere darauf denselben Klassifikator und sage die Klassen der Testtexte voraus.
prediction = ...
# ▲
if pruefe(3, prediction):
    print(f"Anders als Bag of Words: {np.mean(prediction != counts_prediction):.0%} der Testtexte")

# %% Welche Wörter zählen in einer Bewertung am meisten?
print("\nBewertung:", texts_test[REVIEW])
# ▼ AUFGABE 4: Eine Liste der fünf Wörter mit dem größten Gewicht in x_test[REVIEW], größtes zuerst.
top_words = ...
# ▲
if pruefe(4, top_words):
    words, names = split(texts_test[REVIEW]), list(vectorizer.get_feature_names_out())
    row = vectorizer.transform([texts_test[REVIEW]])
    weights = {word: row[0, names.index(word)] for word in words if word in names}
    order = sorted(weights, key=weights.get)
    figure, axes = plt.subplots(1, 2, figsize=(11, 7), sharey=True)
    axes[0].barh(order, [words.count(word) for word in order], color="gray")
    axes[0].set(xlabel="Anzahl", title="Bag of Words: jedes Wort, so oft es vorkommt")
    axes[1].barh(order, [weights[word] for word in order])
    axes[1].set(xlabel="Gewicht", title="TF-IDF: dieselben Wörter, gewichtet")
    plt.show()

# %% Bonus: besser werden. Gemessen wird auf Trainingstexten, fünfmal geteilt; der Test bleibt zu.
folds = StratifiedKFold(5, shuffle=True, random_state=SEED)


@functools.cache
def mean_f1(model: Pipeline) -> float:
    return cross_val_score(model, texts_train, y_train, cv=folds, scoring="f1_macro").mean()


models = {
    "Bag of Words": make_pipeline(CountVectorizer(), LogisticRegression(max_iter=1_000)),
    "TF-IDF": make_pipeline(TfidfVectorizer(), LogisticRegression(max_iter=1_000)),
}
print(*(f"{name}, fünfmal geteilt: F1 {mean_f1(models[name]):.3f}" for name in models), sep="\n")
# ▼ AUFGABE 5: Baue mit make_pipeline etwas mit TF-IDF, das dort um MARGIN besser ist als TF-IDF mit
#   den Vorgaben (Wortfolgen? Teile von Wörtern? C?).
better_model = ...
# ▲
if pruefe(5, better_model):
    models["Deine Pipeline"] = better_model
    y_test = reviews["test"]["label"][:]  # der Umschlag
    for name, model in models.items():
        f1 = f1_score(y_test, model.fit(texts_train, y_train).predict(texts_test), average="macro")
        print(f"{name}: fünfmal geteilt {mean_f1(model):.3f}, im Test {f1:.3f}")
    # Bei rund 300 Testtexten sind 0,03 oft nur Glück; fünfmal geteilt zählt jeder Text.
