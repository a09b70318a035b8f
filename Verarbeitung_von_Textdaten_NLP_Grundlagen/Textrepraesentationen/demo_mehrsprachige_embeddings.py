"""Mehrsprachige Embeddings: Deutsch, Englisch und Französisch in einem Vektorraum.

Kapitel   3.70 Verarbeitung von Textdaten (NLP-Grundlagen) · Textrepräsentationen
Folie     Mehrsprachige Embeddings (MUSE, XLM-R); Umgang mit mehrsprachigen Datensätzen
Lernziel  Sehen, dass gleiche Bedeutung beieinanderliegt, egal in welcher Sprache
Laufzeit  ca. 9 s (2 CPU-Kerne)
Daten     eigene Sätze in drei Sprachen
Modelle   intfloat/multilingual-e5-small
Erwartet  suche_richtig 0.95–1, kosinus 0.85–0.95

e5 stammt von einem kleinen Bruder von XLM-R ab. Rohes XLM-R hat nur Lücken gefüllt, in rund hundert
Sprachen; zum Vergleichen von Sätzen taugt es kaum. e5 hat danach an sehr vielen Textpaaren gelernt,
auch an Übersetzungen, was zusammengehört.
"""

# %% Stellschrauben: hier live drehen
THOUGHTS = {  # Deutsch, Englisch, Französisch
    "Regen": (
        "Seit dem frühen Morgen regnet es in Strömen.",
        "It has been pouring since early morning.",
        "Il pleut à verse depuis tôt ce matin.",
    ),
    "Zug": (
        "Der Zug nach Hamburg hat schon wieder Verspätung.",
        "The train to Hamburg is late yet again.",
        "Le train pour Hambourg est encore en retard.",
    ),
    "Hund": (
        "Unser Hund schläft am liebsten unter dem Tisch.",
        "Our dog prefers to sleep under the table.",
        "Notre chien préfère dormir sous la table.",
    ),
    "Brot": (
        "Frisches Brot riecht am besten direkt aus dem Ofen.",
        "Fresh bread smells best straight from the oven.",
        "Le pain frais sent le meilleur à la sortie du four.",
    ),
    "Husten": (
        "Die Ärztin verschrieb ihm Tropfen gegen den Husten.",
        "The doctor prescribed him drops for his cough.",
        "La médecin lui a prescrit des gouttes contre la toux.",
    ),
}

# %% Bibliotheken laden (einige Sekunden)
import unicodedata
from itertools import permutations

from kurs import ergebnis
from kurs.modelle import modell

import matplotlib.pyplot as plt
import numpy as np
from sentence_transformers import SentenceTransformer
from sklearn.decomposition import PCA
from sklearn.feature_extraction.text import TfidfVectorizer

# %% Ein Vokabular für alle Sprachen: Teile von Wörtern
encoder = SentenceTransformer(modell("intfloat/multilingual-e5-small"), device="cpu")
print(f"\nDas Vokabular hat {len(encoder.tokenizer)} Einträge für alle Sprachen zusammen.")
for sentence in [*next(iter(THOUGHTS.values())), "Пошёл дождь.", "下雨了。"]:
    print("  ", " ".join(encoder.tokenizer.tokenize(sentence)))
# ▁ heißt: Hier beginnt ein Wort.

# %% Zeichen haben manchmal zwei Schreibweisen, die gleich aussehen
composed = "Café"
decomposed = unicodedata.normalize("NFD", composed)  # e und Akzent getrennt
print(f"\n„{composed}“ == „{decomposed}“: {composed == decomposed}", end=", ")
print(f"nach NFC: {composed == unicodedata.normalize('NFC', decomposed)}")


# %% Dieselben Gedanken in drei Sprachen: Findet jeder Satz seine Übersetzung?
def encode(sentences):
    """Vektoren [Satz, 384] der Länge 1. Das Modell will vor jedem Satz „query: “ lesen."""
    texts = ["query: " + sentence for sentence in sentences]
    return encoder.encode(texts, normalize_embeddings=True)


def share_found(vectors):
    """Anteil der Sätze, deren nächster Nachbar in einer anderen Sprache ihre Übersetzung ist."""
    pairs = permutations(vectors, 2)
    return np.mean([(a @ b.T).argmax(axis=1) == np.arange(len(a)) for a, b in pairs])


sentences = list(zip(*THOUGHTS.values()))  # je Sprache die Sätze
vectors = [encode(group) for group in sentences]
counter = TfidfVectorizer().fit(sum(sentences, ()))
counted = [counter.transform(group).toarray() for group in sentences]
found = share_found(vectors)
print("\nNächster Nachbar in der anderen Sprache ist die Übersetzung:")
print(f"  e5 {found:.0%}, Wörter zählen {share_found(counted):.0%}, Raten {1 / len(THOUGHTS):.0%}")

# %% Bild: Jedes Dreieck ist ein Gedanke
plane = PCA(2).fit_transform(np.concatenate(vectors)).reshape(3, len(THOUGHTS), 2)
plt.figure(figsize=(11, 7))
for number, name in enumerate(THOUGHTS):
    points = plane[:, number]
    plt.fill(*points.T, color=f"C{number}", alpha=0.25)
    for point, marker in zip(points, "o^s"):
        plt.plot(*point, marker, color=f"C{number}", markersize=12)
    plt.text(*points.mean(axis=0), name, ha="center", weight="bold")
for language, marker in zip(["Deutsch", "Englisch", "Französisch"], "o^s"):
    plt.plot([], [], marker, color="black", label=language)
plt.axis("off")
plt.title("Liegt ein Gedanke in drei Sprachen beieinander? (2 von 384 Dimensionen)")
plt.legend()
plt.show()
# Dreiecke, die sich hier überdecken, können sich in den übrigen Dimensionen klar trennen.

# %% Was man sieht
# Was sich mit solchen Vektoren machen lässt, zeigt demo_sprachuebergreifend: auf Englisch lernen,
# Deutsch lesen. Wo sie an ihre Grenze kommen, zeigt demo_falsche_freunde.
similar = np.mean([np.sum(a * b, axis=1).mean() for a, b in zip(vectors, vectors[1:])])
print(f"Im Mittel haben Übersetzungen einen Kosinus von {similar:.2f}.")
ergebnis(suche_richtig=found, kosinus=similar)
