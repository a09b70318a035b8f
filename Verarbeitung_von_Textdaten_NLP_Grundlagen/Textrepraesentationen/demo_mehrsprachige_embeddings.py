"""Mehrsprachige Embeddings: Deutsch, Englisch und Französisch in einem Vektorraum.

Kapitel   3.70 Verarbeitung von Textdaten (NLP-Grundlagen) · Textrepräsentationen
Folie     Mehrsprachige Embeddings (MUSE, XLM-R); Umgang mit mehrsprachigen Datensätzen
Lernziel  Gleiche Bedeutung liegt beieinander, egal in welcher Sprache; ein auf Englisch trainiertes Modell liest Deutsch
Laufzeit  ca. 30 s (2 CPU-Kerne)
Daten     84 englische und 36 französische Bewertungen (eigene), sepidmnorozy/German_sentiment, eigene Sätze
Modelle   intfloat/multilingual-e5-small
Erwartet  suche_richtig 0.95–1, freunde_richtig 0.45–0.85, tfidf_englisch_deutsch 0.47–0.56,
          e5_englisch_deutsch 0.67–0.74, e5_deutsch_deutsch 0.66–0.73, e5_englisch_franzoesisch 0.88–0.97

Niemand hat dem Modell ein Wörterbuch gegeben. Es hat Texte in rund hundert Sprachen gelesen und gelernt,
dass zwei Sätze mit gleicher Bedeutung ähnliche Vektoren bekommen sollen.
"""

# %% Stellschrauben: hier live drehen
THOUGHTS = {
    "Regen": ("Seit dem frühen Morgen regnet es in Strömen.",
        "It has been pouring since early morning.",
        "Il pleut à verse depuis tôt ce matin."),
    "Zug": ("Der Zug nach Hamburg hat schon wieder Verspätung.",
        "The train to Hamburg is late yet again.",
        "Le train pour Hambourg est encore en retard."),
    "Hund": ("Unser Hund schläft am liebsten unter dem Tisch.",
        "Our dog prefers to sleep under the table.",
        "Notre chien préfère dormir sous la table."),
    "Brot": ("Frisches Brot riecht am besten direkt aus dem Ofen.",
        "Fresh bread smells best straight from the oven.",
        "Le pain frais sent le meilleur à la sortie du four."),
    "Tor": ("Kurz vor Schluss schoss sie das entscheidende Tor.",
        "She scored the winning goal just before the end.",
        "Elle a marqué le but décisif juste avant la fin."),
    "Husten": ("Die Ärztin verschrieb ihm Tropfen gegen den Husten.",
        "The doctor prescribed him drops for his cough.",
        "La médecin lui a prescrit des gouttes contre la toux."),
    "Miete": ("Zum Januar wird unsere Miete schon wieder erhöht.",
        "In January our rent is going up once more.",
        "En janvier, notre loyer augmente encore une fois."),
    "Konzert": ("Nach dem Konzert klatschte der Saal minutenlang.",
        "After the concert the hall applauded for minutes.",
        "Après le concert, la salle a applaudi pendant plusieurs minutes."),
}
FALSE_FRIENDS = [  # deutsch; gleicher Sinn; gleiches Wort, anderer Sinn
    ("Das Gift steht im Schrank.", "The poison is in the cupboard.", "The gift is in the cupboard."),
    ("Der Chef kommt heute später.", "The boss is coming later today.", "The chef is coming later today."),
    ("Wir sind bald am Ziel.", "We will soon be there.", "We are bald at the finish."),
    ("Ihr Rat war Gold wert.", "Her advice was worth its weight in gold.", "Her rat was worth its weight in gold."),
    ("Der Brief ist angekommen.", "The letter has arrived.", "The brief has arrived."),
    ("Sie ist ein braves Kind.", "She is a well-behaved child.", "She is a brave kind."),
    ("Das Handy liegt auf dem Tisch.", "The mobile phone is on the table.", "The handy thing is on the table."),
    ("Er aß eine Tafel Schokolade.", "He ate a bar of chocolate.", "He ate a table of chocolate."),
    ("Das ist eine seltsame Art.", "That is a strange manner.", "That is strange art."),
    ("Im Herbst ist der See still.", "In autumn the lake is calm.", "In autumn the sea is calm."),
    ("Der Film war fast perfekt.", "The film was almost perfect.", "The film was fast and perfect."),
]
N_LABELS = 60  # Bewertungen mit Label, in einer einzigen Sprache  # Test: 20
N_GERMAN_TRAIN = 100  # daraus werden zum Vergleich deutsche Labels gelost  # Test: 40
N_GERMAN_TEST = 150  # Test: 20
N_FOREIGN = 84  # höchstens so viele Bewertungen je Fremdsprache  # Test: 42
N_DRAWS = 20  # so oft wird neu ausgelost, welche Bewertungen ein Label haben  # Test: 2
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
import unicodedata

from kurs import ergebnis, texte
from kurs.datensaetze import datensatz
from kurs.modelle import modell

import matplotlib.pyplot as plt
import numpy as np
from sentence_transformers import SentenceTransformer
from sklearn.decomposition import PCA
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

LANGUAGES = ["Deutsch", "Englisch", "Französisch"]

# %% Ein Vokabular für alle Sprachen: Teile von Wörtern
encoder = SentenceTransformer(modell("intfloat/multilingual-e5-small"), device="cpu")
tokenizer = encoder.tokenizer
print(f"\nDas Vokabular hat {len(tokenizer)} Einträge für alle Sprachen zusammen. ▁ heißt: Hier beginnt ein Wort.")
for language, sentence in zip(LANGUAGES, THOUGHTS["Zug"]):
    print(f"  {language:12}", " ".join(tokenizer.tokenize(sentence)))

# Zeichen haben manchmal zwei Schreibweisen, die gleich aussehen
composed = "Café"
decomposed = unicodedata.normalize("NFD", composed)  # e und Akzent getrennt, so schreibt es manches Programm
print(f"„{composed}“ und „{decomposed}“: {len(composed)} und {len(decomposed)} Zeichen.", end=" ")
print("Gleich:", "ja" if composed == decomposed else "nein", end=", ")
same = unicodedata.normalize("NFC", decomposed) == composed
print("nach unicodedata.normalize('NFC', …):", "ja." if same else "nein.")


# %% Dieselben Gedanken in drei Sprachen: Findet jeder Satz seine Übersetzung?
def encode(sentences):
    """Vektoren [Satz, 384] der Länge 1. Das Modell will vor jedem Satz „query: “ lesen."""
    return encoder.encode(["query: " + sentence for sentence in sentences], show_progress_bar=False)


sentences = list(zip(*THOUGHTS.values()))  # je Sprache die Sätze
vectors = [encode(group) for group in sentences]
counted = [TfidfVectorizer().fit(sum(sentences, ())).transform(group).toarray() for group in sentences]


def find_translations(per_language):
    """Anteil der Sätze, deren nächster Nachbar in einer anderen Sprache ihre Übersetzung ist."""
    pairs = [(a, b) for a in per_language for b in per_language if a is not b]
    return np.mean([(a @ b.T).argmax(axis=1) == np.arange(len(a)) for a, b in pairs])


found = find_translations(vectors)
print(f"\nNächster Nachbar in der anderen Sprache ist die Übersetzung: e5 {found:.0%},", end=" ")
print(f"gezählte Wörter (TF-IDF) {find_translations(counted):.0%}, geraten {1 / len(THOUGHTS):.0%}")

plane = PCA(2).fit_transform(np.concatenate(vectors)).reshape(3, len(THOUGHTS), 2)
figure, axis = plt.subplots(figsize=(10, 7))
colors = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#999999"]
for number, name in enumerate(THOUGHTS):
    points = plane[:, number]
    axis.fill(*points.T, color=colors[number % 8], alpha=0.25, linewidth=2)
    for point, marker in zip(points, "o^s"):
        axis.plot(*point, marker, color=colors[number % 8], markersize=11)
    axis.annotate(
        name, points[points[:, 1].argmax()], (0, 10), textcoords="offset points", ha="center", weight="bold"
    )
for language, marker in zip(LANGUAGES, "o^s"):
    axis.plot([], [], marker, color="white", markeredgecolor="black", markersize=11, label=language)
axis.set(xticks=[], yticks=[], title="Jedes Dreieck: ein Gedanke in drei Sprachen (384 Dimensionen, gezeigt sind 2)")
axis.margins(0.1)
axis.legend()
plt.show()
similar = np.mean([np.sum(a * b, axis=1).mean() for a, b in zip(vectors, vectors[1:] + vectors[:1])])
print(f"Im Mittel haben Übersetzungen Kosinus {similar:.2f}. Zwei von 384 Dimensionen zeigen das nur ungefähr:")
print("Dreiecke, die sich hier überdecken, können sich in den übrigen Dimensionen klar trennen.")

# %% Falsche Freunde: Zählt die Bedeutung oder das gleiche Wort?
german, meaning, lookalike = (encode(column) for column in zip(*FALSE_FRIENDS))
lead = np.sum(german * meaning, axis=1) - np.sum(german * lookalike, axis=1)
print("\nWelcher englische Satz ist dem deutschen näher?")
for (sentence, right, wrong), value in zip(FALSE_FRIENDS, lead):
    print(f"  {sentence:32} {'✔' if value > 0 else '✘'} {right if value > 0 else wrong}")
print(f"Richtig sind {np.sum(lead > 0)} von {len(lead)}. Unfehlbar ist das Modell nicht, die Abstände sind klein.")

# %% Lernen auf Englisch, prüfen auf Deutsch: positive und negative Bewertungen
foreign = texte.bewertungen_en_fr()
reviews = datensatz("sepidmnorozy/German_sentiment")
data = {"Deutsch, Training": (reviews["train"]["text"][:N_GERMAN_TRAIN], reviews["train"]["label"][:N_GERMAN_TRAIN])}
data["Deutsch"] = reviews["test"]["text"][:N_GERMAN_TEST], reviews["test"]["label"][:N_GERMAN_TEST]
for language, code in [("Englisch", "en"), ("Französisch", "fr")]:
    chosen = foreign[code][:: max(1, len(foreign[code]) // N_FOREIGN)]
    data[language] = [r["text"] for r in chosen], [int(r["label"] == "positiv") for r in chosen]
print("\nKodiere", ", ".join(f"{len(labels)} × {name}" for name, (_, labels) in data.items()), "…")
print("Zum Beispiel:", data["Englisch"][0][0])
coded = {name: encode(reviews) for name, (reviews, _) in data.items()}

setups = {  # womit gelernt wird
    "TF-IDF, englische Labels": ("Englisch", None),
    "e5, englische Labels": ("Englisch", coded),
    "e5, deutsche Labels": ("Deutsch, Training", coded),
}
accuracy = {name: np.zeros((N_DRAWS, 2)) for name in setups}  # geprüft auf Deutsch und Französisch
for draw in range(N_DRAWS):
    random = np.random.default_rng([SEED, draw])
    for name, (source, features) in setups.items():
        texts, labels = data[source][0], np.array(data[source][1])
        drawn = np.concatenate([random.permutation(np.flatnonzero(labels == c))[: N_LABELS // 2] for c in (0, 1)])
        if features is None:
            model = make_pipeline(TfidfVectorizer(), LogisticRegression(C=10))
            features = {language: reviews for language, (reviews, _) in data.items()}
        else:
            model = make_pipeline(StandardScaler(), LogisticRegression(C=0.01))
        model.fit([features[source][i] for i in drawn], labels[drawn])
        for column, language in enumerate(["Deutsch", "Französisch"]):
            accuracy[name][draw, column] = model.score(features[language], data[language][1])

print(f"\nAccuracy mit {N_LABELS} Labels {'':13}auf Deutsch   auf Französisch")
for name, values in accuracy.items():
    (on_german, on_french), spread = values.mean(axis=0), values.std(axis=0)
    print(f"  {name:34}{on_german:.2f} ± {spread[0]:.2f}   {on_french:.2f} ± {spread[1]:.2f}")

figure, axis = plt.subplots(figsize=(10, 5.5))
for shift, ((name, values), color) in enumerate(zip(accuracy.items(), ["#999999", "#0072B2", "#E69F00"])):
    bars = axis.bar(
        np.arange(2) + 0.27 * (shift - 1), values.mean(axis=0), 0.25,
        yerr=values.std(axis=0), capsize=5, color=color, label=name,
    )  # fmt: skip
    axis.bar_label(bars, fmt="%.2f", padding=3)
axis.axhline(0.5, color="black", linestyle=":", label="raten")
axis.set_xticks(range(2), ["geprüft auf Deutsch", "geprüft auf Französisch"])
axis.set(ylabel="Test Accuracy", ylim=(0, 1.3), title="In einer Sprache gelernt, in einer anderen geprüft")
axis.set_yticks(np.arange(0, 1.01, 0.2))
axis.legend(loc="upper center", ncols=2)
plt.show()

# %% Was man sieht
tfidf, english, german_labels = (values.mean(axis=0) for values in accuracy.values())
print(f"Gezählte Wörter übertragen nichts ({tfidf[0]:.2f}): Englische Wörter stehen kaum in deutschen Texten.")
print(f"e5 mit englischen Labels liest deutsche Bewertungen zu {english[0]:.0%} richtig, mit deutschen Labels")
print(f"zu {german_labels[0]:.0%}. Deutsche Labels bringen also {german_labels[0] - english[0]:+.2f}; der Sprachwechsel", end=" ")
print("kostet fast nichts." if german_labels[0] - english[0] < 0.05 else "kostet etwas.")
print(f"Auf Französisch sind es {english[1]:.0%} und {german_labels[1]:.0%}: Diese Texte sind kürzer und eindeutiger.")
ergebnis(
    suche_richtig=found,
    freunde_richtig=np.mean(lead > 0),
    tfidf_englisch_deutsch=tfidf[0],
    e5_englisch_deutsch=english[0],
    e5_deutsch_deutsch=german_labels[0],
    e5_englisch_franzoesisch=english[1],
)
