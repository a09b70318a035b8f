"""Auf Englisch gelernt, auf Deutsch geprüft: ein Klassifikator über Sprachgrenzen.

Kapitel   3.72 Verarbeitung von Textdaten (NLP-Grundlagen) · Textrepräsentationen
Folie     Mehrsprachige Embeddings (MUSE, XLM-R); Umgang mit mehrsprachigen Datensätzen
Lernziel  Labels einer Sprache für eine andere nutzen und messen, was der Wechsel kostet
Laufzeit  ca. 15 s (2 CPU-Kerne)
Daten     84 englische und 36 französische Bewertungen (eigene), sepidmnorozy/German_sentiment
Modelle   intfloat/multilingual-e5-small
Erwartet  tfidf_englisch_deutsch 0.47–0.56, e5_englisch_deutsch 0.67–0.74,
          e5_deutsch_deutsch 0.66–0.73, e5_englisch_franzoesisch 0.88–0.97

Niemand hat Labels für jede Sprache. Wenn Sätze gleicher Bedeutung ähnliche Vektoren haben, kann ein
Klassifikator sie lesen, ohne die Sprache je gesehen zu haben.
"""

# %% Stellschrauben: hier live drehen
N_LABELS = 60  # Bewertungen mit Label, in einer einzigen Sprache  # Test: 20
N_GERMAN_TRAIN = 100  # daraus werden zum Vergleich deutsche Labels gelost  # Test: 40
N_GERMAN_TEST = 150  # Test: 20
N_DRAWS = 20  # so oft wird neu ausgelost, welche Bewertungen ein Label haben  # Test: 2
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
from kurs import ergebnis, texte
from kurs.datensaetze import datensatz
from kurs.modelle import modell

import matplotlib.pyplot as plt
import numpy as np
from sentence_transformers import SentenceTransformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

# %% Daten: positive (1) und negative (0) Bewertungen in drei Sprachen
reviews = datensatz("sepidmnorozy/German_sentiment")
german_train, german_test = reviews["train"][:N_GERMAN_TRAIN], reviews["test"][:N_GERMAN_TEST]
data = {
    "deutsche Labels": (german_train["text"], np.array(german_train["label"])),
    "Deutsch": (german_test["text"], np.array(german_test["label"])),
}
for name, code in [("englische Labels", "en"), ("Französisch", "fr")]:
    rows = texte.bewertungen_en_fr()[code]
    labels = np.array([int(row["label"] == "positiv") for row in rows])
    data[name] = [row["text"] for row in rows], labels
for name, (some_texts, _) in data.items():
    print(f"{len(some_texts):4} Bewertungen ({name}), zum Beispiel: {some_texts[0][:60]}")

# %% Dieselben Texte zweimal als Zahlen: gezählte Wörter bleiben Texte, e5 macht Vektoren
encoder = SentenceTransformer(modell("intfloat/multilingual-e5-small"), device="cpu")
print("Kodiere mit e5, das dauert einige Sekunden …")
vectors = {
    name: encoder.encode(["query: " + text for text in some_texts])
    for name, (some_texts, _) in data.items()
}
words = {name: np.array(some_texts, dtype=object) for name, (some_texts, _) in data.items()}

# %% Lernen in einer Sprache, prüfen in zwei anderen
setups = {  # womit gelernt wird
    "gezählte Wörter, englische Labels": ("englische Labels", words),
    "e5, englische Labels": ("englische Labels", vectors),
    "e5, deutsche Labels": ("deutsche Labels", vectors),
}
accuracy = {name: np.zeros((N_DRAWS, 2)) for name in setups}
random = np.random.default_rng(SEED)
used = {}
for name, (source, features) in setups.items():
    labels = data[source][1]
    for draw in range(N_DRAWS):
        drawn = random.permutation(len(labels))[:N_LABELS]
        model = make_pipeline(StandardScaler(), LogisticRegression(C=0.01))
        if features is words:
            model = make_pipeline(TfidfVectorizer(), LogisticRegression(C=10))
        model.fit(features[source][drawn], labels[drawn])
        for column, language in enumerate(["Deutsch", "Französisch"]):
            accuracy[name][draw, column] = model.score(features[language], data[language][1])
    used[name] = len(drawn)

print("\nTestgenauigkeit, Mittel ± Streuung         auf Deutsch   auf Französisch")
for name, values in accuracy.items():
    (on_german, on_french), spread = values.mean(axis=0), values.std(axis=0)
    print(f"  {f'{used[name]} {name}':40} {on_german:.2f} ± {spread[0]:.2f}", end="   ")
    print(f"{on_french:.2f} ± {spread[1]:.2f}")

# %% Bild
for number, (name, values) in enumerate(accuracy.items()):
    bars = plt.bar(
        np.arange(2) + 0.27 * (number - 1), values.mean(axis=0), 0.25,
        yerr=values.std(axis=0), capsize=5, label=name,
    )
    plt.bar_label(bars, fmt="%.2f", padding=3)
plt.axhline(0.5, color="black", linestyle=":", label="raten")
plt.xticks([0, 1], ["geprüft auf Deutsch", "geprüft auf Französisch"])
plt.ylim(0, 1.3)
plt.ylabel("Testgenauigkeit")
plt.title("In einer Sprache gelernt, in einer anderen geprüft: Was kommt an?")
plt.legend(loc="upper center", ncols=2)
plt.show()

# %% Was man sieht
# Englische Wörter stehen kaum in deutschen Texten: Wer Wörter zählt, überträgt wenig. Vektoren von
# e5 kann ein Klassifikator auch in einer Sprache lesen, in der er kein Label gesehen hat.
counted, english, german = (values.mean(axis=0) for values in accuracy.values())
cost = german[0] - english[0]
verdict = "kostet etwas" if cost > 0.05 else "kostet hier fast nichts"
print(f"\nAuf Deutsch bringen deutsche statt englischer Labels {cost:+.3f}: ", end="")
print(f"Der Sprachwechsel {verdict}.")
ergebnis(
    tfidf_englisch_deutsch=counted[0],
    e5_englisch_deutsch=english[0],
    e5_deutsch_deutsch=german[0],
    e5_englisch_franzoesisch=english[1],
)
