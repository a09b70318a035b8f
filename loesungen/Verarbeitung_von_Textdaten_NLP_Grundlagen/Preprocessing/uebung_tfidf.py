"""Übung TF-IDF: gezählte Wörter gewichten, im Klassifikator aus demo_tokenisierung.py.

Kapitel   3.20 Verarbeitung von Textdaten (NLP-Grundlagen) · Preprocessing
Folie     Übung: Ersetze das BOW Embedding durch ein TF-IDF Embedding
Lernziel  TF-IDF nachrechnen, nur auf Trainingstexten lernen lassen und verbessern
Laufzeit  ca. 6 s (2 CPU-Kerne)
Daten     kurs/bewertungen (1.546 deutsche Bewertungen)

Ersetze zwischen ▼ und ▲ das `...` durch deine Antwort; beim Start steht darunter, ob sie stimmt.
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
from functools import cache

from kurs import pruefe
from kurs.datensaetze import datensatz

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
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

split = counter.build_analyzer()  # macht aus einem Text die Wörter, die gezählt werden
n_texts, n_with_word = len(texts_train), sum(WORD.lower() in split(t) for t in texts_train)
print(f"„{WORD}“ steht in {n_with_word} von {n_texts} Texten.")

# ▼ AUFGABE 1: Berechne aus n_texts und n_with_word die IDF, wie TfidfVectorizer (smooth_idf).
idf = np.log((1 + n_texts) / (1 + n_with_word)) + 1
# ▲
pruefe(1, idf)

# ▼ AUFGABE 2: Erzeuge vectorizer und daraus x_train und x_test, mit TF-IDF statt Zählen.
vectorizer = TfidfVectorizer()
x_train = vectorizer.fit_transform(texts_train)
x_test = vectorizer.transform(texts_test)
# ▲
pruefe(2, vectorizer, x_train, x_test)

# ▼ AUFGABE 3: Trainiere darauf denselben Klassifikator und sage die Klassen der Testtexte voraus.
prediction = LogisticRegression(max_iter=1_000).fit(x_train, y_train).predict(x_test)
# ▲
if pruefe(3, prediction):
    print(f"Anders als Bag of Words: {np.mean(prediction != counts_prediction):.0%} der Testtexte")

print("\nBewertung:", texts_test[REVIEW])
# ▼ AUFGABE 4: Eine Liste der fünf Wörter mit dem größten Gewicht in x_test[REVIEW], größtes zuerst.
weights = x_test[REVIEW].toarray()[0]
names = vectorizer.get_feature_names_out()
top_words = [str(names[column]) for column in np.argsort(-weights)[:5]]
# ▲
if pruefe(4, top_words):
    review, names = texts_test[REVIEW], vectorizer.get_feature_names_out()
    weights = pd.Series(vectorizer.transform([review]).toarray()[0], names)
    weights = weights[weights > 0].sort_values()
    counts = [split(review).count(word) for word in weights.index]
    table = pd.DataFrame({"Bag of Words: Anzahl": counts, "TF-IDF: Gewicht": weights})
    table.plot.barh(subplots=True, layout=(1, 2), sharex=False, figsize=(11, 7), legend=False)
    plt.show()

# %% Bonus: besser werden. Gemessen wird auf Trainingstexten, fünfmal geteilt; der Test bleibt zu.
@cache
def mean_f1(model):
    folds = StratifiedKFold(5, shuffle=True, random_state=SEED)
    return cross_val_score(model, texts_train, y_train, cv=folds, scoring="f1_macro").mean()

plain = make_pipeline(TfidfVectorizer(), LogisticRegression(max_iter=1_000))
print(f"TF-IDF mit den Vorgaben, fünfmal geteilt: F1 {mean_f1(plain):.3f}")
# ▼ AUFGABE 5: Baue mit make_pipeline etwas mit TF-IDF, das dort um MARGIN besser ist als TF-IDF mit
#   den Vorgaben (Wortfolgen? Teile von Wörtern? C?).
from sklearn.pipeline import make_union

better_model = make_pipeline(
    make_union(TfidfVectorizer(), TfidfVectorizer(analyzer="char_wb", ngram_range=(4, 5))),
    LogisticRegression(max_iter=1_000),
)
# ▲
if pruefe(5, better_model):
    y_test = reviews["test"]["label"][:]  # der Umschlag
    for name, model in ("Vorgaben", plain), ("deine Pipeline", better_model):
        f1 = f1_score(y_test, model.fit(texts_train, y_train).predict(texts_test), average="macro")
        print(f"{name}: fünfmal geteilt {mean_f1(model):.3f}, im Test {f1:.3f}")
