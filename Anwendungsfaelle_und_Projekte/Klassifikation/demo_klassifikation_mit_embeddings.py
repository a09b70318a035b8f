"""Klassifikation mit Embeddings: fertige Satzvektoren, darauf ein kleines Modell. Wie viele Labels?

Kapitel   7.10 Anwendungsfälle und Projekte · Projekt 1: Klassifikation
Folie     Code Demo: Klassifikation mit Embeddings
Lernziel  Texte mit einem vortrainierten Modell in Vektoren verwandeln und darauf ein eigenes Modell
          trainieren; wissen, wie viele Labels man dadurch spart
Laufzeit  ca. 25 s (2 CPU-Kerne)
Daten     rotten_tomatoes, sonst unsere deutschen Bewertungen
Modelle   intfloat/multilingual-e5-small
Erwartet  tfidf_wenige 0.48–0.6, e5_wenige 0.6–0.72, mlp_wenige 0.6–0.72, tfidf_viele 0.64–0.74,
          e5_viele 0.7–0.79, mlp_viele 0.69–0.78
Original  tfidf_wenige 0.48–0.58, e5_wenige 0.62–0.76, mlp_wenige 0.67–0.76,
          tfidf_viele 0.59–0.72, e5_viele 0.74–0.84, mlp_viele 0.73–0.83

Das vortrainierte Modell bleibt, wie es ist, und kodiert jeden Text genau einmal. Trainiert wird nur
das kleine Modell dahinter; das dauert Millisekunden, deshalb geht es hier mehr als hundertmal.
"""

# %% Stellschrauben: hier live drehen
OWN_TEXTS = [
    "Ein großartiger Abend, ich habe Tränen gelacht.",
    "Die Verfilmung zieht sich, und am Ende ist man froh, dass es vorbei ist.",
    "Ach toll, schon wieder kaputt.",
]
N_LABELS = [20, 50, 100, 200, 400, 600]  # Test: [20]; so viele Texte haben ein Label
N_DRAWS = 8  # Test: 1; so oft wird neu ausgelost, welche
N_TRAIN = 800  # Test: 30; höchstens so viele Texte kodieren
N_TEST = 300  # Test: 12
UNITS = 64  # Neuronen im kleinen Netz
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
from kurs import ergebnis
from kurs.datensaetze import datensatz
from kurs.modelle import modell

import matplotlib.pyplot as plt
import numpy as np
from sentence_transformers import SentenceTransformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import resample

# %% Daten: Bewertungen, negativ (0) oder positiv (1)
reviews = datensatz("rotten_tomatoes").shuffle(seed=SEED)  # das Original ist nach Klassen sortiert
train = reviews["train"].select(range(min(N_TRAIN, len(reviews["train"]))))
test = reviews["test"].select(range(min(N_TEST, len(reviews["test"]))))
train_texts, test_texts = np.array(train["text"]), np.array(test["text"])
y_train, y_test = np.array(train["label"]), np.array(test["label"])
print(f"{len(train)} Texte zum Lernen, {len(test)} im Test; {y_test.mean():.0%} davon positiv")

# %% Das vortrainierte Modell: Es kennt rund 100 Sprachen, aber unsere Aufgabe nicht
encoder = SentenceTransformer(modell("intfloat/multilingual-e5-small"), device="cpu")
encoder.max_seq_length = 64
print(f"Kodiere {len(train) + len(test)} Texte, jeden genau einmal …")
x_train = encoder.encode(train_texts, prompt="query: ")  # so will e5 einen Text gezeigt bekommen
x_test = encoder.encode(test_texts, prompt="query: ")
print(f"Aus jedem Text wird eine Zeile von x_train, Form {x_train.shape}:")
print(f"  {train_texts[0][:60]}… → {x_train[0, :4].round(2)}…")

# %% Drei Wege: Wörter zählen als Messlatte, dann Satzvektoren mit zwei kleinen Modellen
counting = make_pipeline(TfidfVectorizer(), LogisticRegression())
logistic = make_pipeline(StandardScaler(), LogisticRegression(C=0.003))  # C klein: stark bremsen
mlp = make_pipeline(
    StandardScaler(),
    MLPClassifier((UNITS,), alpha=1, learning_rate_init=0.003, tol=0.01, random_state=SEED),
)
ways = {
    "Wörter zählen (TF-IDF)": (counting, train_texts, test_texts),
    "Satzvektor + logistische Regression": (logistic, x_train, x_test),
    "Satzvektor + kleines neuronales Netz": (mlp, x_train, x_test),
}


def learn(classifier, train_features, test_features, size, draw):
    """Testgenauigkeit nach dem Lernen auf `size` ausgelosten Texten."""
    options = {"replace": False, "stratify": y_train, "random_state": SEED + draw}
    rows = resample(np.arange(len(train)), n_samples=size, **options)
    classifier.fit(train_features[rows], y_train[rows])
    return classifier.score(test_features, y_test)


sizes = sorted({min(n, len(train)) for n in N_LABELS})
accuracy = {}
for name, way in ways.items():
    runs = []
    for draw in range(N_DRAWS):
        runs.append([learn(*way, size, draw) for size in sizes])
    accuracy[name] = np.array(runs)  # eine Zeile je Auslosung, eine Spalte je Größe
print(f"\nTestgenauigkeit, Mittel ± Streuung über {N_DRAWS} Auslosungen")
print(f"{'Labels':38}", *(f"{n:>11}" for n in sizes))
for name, values in accuracy.items():
    print(f"{name:38}", *(f"{v.mean():5.2f} ± {v.std():.2f}".rjust(11) for v in values.T))

# %% Bild: die Lernkurve
for name, values in accuracy.items():
    plt.errorbar(sizes, values.mean(axis=0), values.std(axis=0), marker="o", capsize=5, label=name)
constant = max(y_test.mean(), 1 - y_test.mean())
plt.axhline(constant, color="black", linestyle=":", label="immer dieselbe Klasse")
plt.xlabel("Texte mit Label im Training")
plt.ylabel("Testgenauigkeit")
plt.ylim(bottom=0.35)
plt.title("Wie viele Labels braucht man?")
plt.legend()
plt.show()

mean_counting, mean_logistic, mean_mlp = (values.mean(axis=0) for values in accuracy.values())
reached = [n for n, value in zip(sizes, mean_counting) if value >= mean_logistic[0]]
needed = f"mit {reached[0]}" if reached else f"auch mit {sizes[-1]} nicht"
print(f"Mit {sizes[0]} Labels erreichen Satzvektoren {mean_logistic[0]:.2f}.")
print(f"Das Zählen von Wörtern schafft das {needed}.")

# %% Ausprobieren: eigene Texte (oben, OWN_TEXTS)
logistic.fit(x_train, y_train)
print("\nEigene Texte: Wahrscheinlichkeit für „positiv“")
for text in OWN_TEXTS:
    probability = logistic.predict_proba(encoder.encode([text], prompt="query: "))[0, 1]
    print(f"  {probability:4.0%}  {text}")

# %% Ergebnis
ergebnis(
    tfidf_wenige=mean_counting[0],
    e5_wenige=mean_logistic[0],
    mlp_wenige=mean_mlp[0],
    tfidf_viele=mean_counting[-1],
    e5_viele=mean_logistic[-1],
    mlp_viele=mean_mlp[-1],
)
