"""Übung Klassifikation verbessern: fünf Hebel, jeder gemessen.

Kapitel   3.60 Verarbeitung von Textdaten (NLP-Grundlagen) · Textrepräsentationen
Folie     Übung / Diskussion: Wie kann die Klassifikation weiter verbessert werden?
Lernziel  Vektoren, Skalierung, Regularisierung, selbst vergebene und mehr Labels vergleichen
Laufzeit  ca. 30 s (2 CPU-Kerne)
Daten     kurs/themen (640 Meldungen, acht Themen)
Modelle   intfloat/multilingual-e5-small

Ersetze zwischen ▼ und ▲ das `...` durch deine Antwort; beim Start steht darunter, ob sie stimmt.
"""

# %% Stellschrauben
N_POOL = 320  # Test: 80; Meldungen, aus denen gelernt werden darf
N_LABELS = 80  # Test: 40; so viele davon haben ein Label
N_TEST = 128  # Test: 24
C_VALUES = [0.001, 0.01, 0.1, 1, 10, 100]  # Test: [0.001, 0.1, 10]
LABEL_COUNTS = [20, 40, 80, 160, 320]  # Test: [20, 40, 80]
TIPPS = 1  # je Aufgabe: 0 keine Tipps, 1 eine Frage, 2 auch wo es steht, 3 auch ein Gerüst
SEED = 42  # teilt die Texte für Aufgabe 3

# %% Bibliotheken laden (einige Sekunden)
from kurs import pruefe
from kurs.datensaetze import datensatz
from kurs.merken import gemerkt
from kurs.modelle import modell

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import confusion_matrix
from sklearn.model_selection import KFold, cross_val_score  # noqa: F401
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

# %% Daten: kurze Meldungen aus acht Ressorts; nur die ersten N_LABELS haben ein Label
news = datensatz("kurs/themen")
topics = news["train"].features["label"].names
pool_texts, y_pool = news["train"]["text"][:N_POOL], np.array(news["train"]["label"][:N_POOL])
test_texts, y_test = news["test"]["text"][:N_TEST], np.array(news["test"]["label"][:N_TEST])
y_labeled = y_pool[:N_LABELS]
accuracy = {"raten": 1 / len(topics)}

def measure(name, model, x, y, x_new):
    accuracy[name] = model.fit(x, y).score(x_new, y_test)
    print(f"{name}: Testgenauigkeit {accuracy[name]:.2f}")

words_model = make_pipeline(TfidfVectorizer(), LogisticRegression(max_iter=1_000))  # wie bisher
measure("TF-IDF", words_model, pool_texts[:N_LABELS], y_labeled, test_texts)

# %% Hebel 1: bessere Vektoren, von e5 (rate vor jedem Hebel: Wie viel bringt er?)
@gemerkt  # was schon einmal kodiert ist, kommt beim nächsten Start von der Platte
def embed(texts, model):
    from sentence_transformers import SentenceTransformer  # lädt lange, deshalb erst hier
    return SentenceTransformer(model, device="cpu").encode(texts, normalize_embeddings=True)

E5 = modell("intfloat/multilingual-e5-small")
encode = lambda texts: embed(list(texts), E5)
# ▼ AUFGABE 1: Kodiere pool_texts und test_texts; e5 will davor „query: “ lesen (mit Leerzeichen).
x_pool = ...
x_test = ...
# ▲
if pruefe(1, x_pool, x_test):
    x_labeled, x_rest = x_pool[:N_LABELS], x_pool[N_LABELS:]
    measure("e5", LogisticRegression(max_iter=1_000), x_labeled, y_labeled, x_test)

# %% Hebel 2: Die Vektoren unterscheiden sich nur wenig; kleine Unterschiede groß machen
# ▼ AUFGABE 2: Baue mit make_pipeline: erst standardisieren (Mittel 0, Streuung 1), dann wie eben.
scaled_model = ...
# ▲
if pruefe(2, scaled_model):
    measure("e5, skaliert", scaled_model, x_labeled, y_labeled, x_test)

# %% Hebel 3: C einstellen. Entschieden wird auf den Texten mit Label; der Test bleibt dafür zu.
build = lambda c: make_pipeline(StandardScaler(), LogisticRegression(C=c, max_iter=1_000))
folds = KFold(5, shuffle=True, random_state=SEED)
# ▼ AUFGABE 3: Finde das C aus C_VALUES mit dem besten Mittel von cross_val_score(…, cv=folds).
best_c = ...
# ▲
if pruefe(3, best_c):
    measure(f"e5, skaliert, C = {best_c:g}", build(best_c), x_labeled, y_labeled, x_test)

# %% Hebel 4: die Texte ohne Label nutzen (Selbsttraining)
# ▼ AUFGABE 4: Lerne build(best_c) auf den Texten mit Label und sage die Klassen von x_rest voraus.
y_guess = ...
# ▲
if pruefe(4, y_guess):
    measure("selbst beschriftet", build(1), x_pool, [*y_labeled, *y_guess], x_test)
    print(f"{np.mean(y_guess == y_pool[N_LABELS:]):.0%} der selbst vergebenen Labels stimmen.")

# %% Hebel 5: Was brächten mehr Labels?
# ▼ AUFGABE 5: Je n in LABEL_COUNTS die Testgenauigkeit von build(1), gelernt aus den ersten n.
curve = ...
# ▲
if pruefe(5, curve):
    measure(f"{N_POOL} Labels", build(1), x_pool, y_pool, x_test)
    figure, axes = plt.subplots(1, 2)
    pd.Series(accuracy)[::-1].plot.barh(ax=axes[0], title="Welcher Hebel bringt wie viel?")
    pd.Series(list(curve), LABEL_COUNTS).plot(ax=axes[1], style="o-", title="Mehr Labels")
    axes[0].set(xlabel="Testgenauigkeit", ylabel="")
    axes[1].set(xlabel="Texte mit Label", ylabel="Testgenauigkeit")
    plt.show()

# %% Und wo hakt es danach noch? Zeilen: echtes Thema, Spalten: vorhergesagtes
model = build(1).fit(x_pool, y_pool)
table = confusion_matrix(y_test, model.predict(x_test), labels=range(len(topics)))
print(pd.DataFrame(table, topics, topics).to_string())
# ▼ AUFGABE 6: Welches Thema wird am öftesten mit welchem verwechselt? ("echtes", "vorhergesagtes")
confused = ...
# ▲
if pruefe(6, confused):
    new = news["validation"]  # Am Test wurden viele Hebel verglichen; diese hier sah noch niemand
    score = model.score(encode(map("query: {}".format, new["text"])), new["label"])
    print(f"{N_POOL} Labels: im Test {model.score(x_test, y_test):.2f}, im Umschlag {score:.2f}")

# Zur Diskussion: Welcher Hebel kostet Rechenzeit, welcher Arbeit von Menschen? Welche Texte würdet
# ihr als Nächstes beschriften, und was an den Verwechslungen löst kein Modell?
