"""Word2Vec: Aus 25.000 einfachen Sätzen werden Wörter zu Vektoren.

Kapitel   3.40 Verarbeitung von Textdaten (NLP-Grundlagen) · Textrepräsentationen
Folie     Code Demo: Training eines Word2Vec-Modells auf kleinem Korpus
Lernziel  Word2Vec trainieren, Nachbarn und Analogien lesen; Skip-Gram von CBOW unterscheiden
Laufzeit  ca. 15 s (2 CPU-Kerne)
Daten     Korpus „Kleine Welt“ (25.638 deutsche Sätze) und 20 Analogien
Erwartet  analogien_skipgram 16–20, analogien_cbow 9–15,
          reine_nachbarn_skipgram 0.6–0.9, reine_nachbarn_cbow 0.78–1

Niemand sagt dem Modell, was ein Hund ist. Es sieht nur, welche Wörter nebeneinander stehen, und
rückt Wörter zusammen, die in ähnlicher Umgebung vorkommen. „Kleine Welt“ ist dafür gemacht:
einfache Sätze über wenige Dinge. Für freie Texte braucht man hundertmal so viele Wörter.
"""

# %% Stellschrauben: hier live drehen
PROBE_WORDS = ["Hund", "Brot", "Winter", "Paris", "Lehrerin", "Neuron"]
OWN_ANALOGY = ("Onkel", "Bruder", "Schwester")  # Onkel − Bruder + Schwester ≈ ?
WINDOW = 4  # so viele Wörter links und rechts zählen als Umgebung
VECTOR_SIZE = 100
EPOCHS = 20  # Test: 2
MIN_COUNT = 3  # seltenere Wörter bekommen keinen Vektor
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
import re

from kurs import ergebnis, texte

import matplotlib.pyplot as plt
import numpy as np
from gensim.models import Word2Vec
from sklearn.decomposition import PCA
from sklearn.manifold import smacof
from sklearn.metrics.pairwise import cosine_distances

# %% Korpus: ein Satz je Zeile, zerlegt in Wörter; groß bleibt groß („Fliegen“, „fliegen“)
sentences = [re.findall(r"\w+", line) for line in texte.welt().splitlines() if line]
print(f"{len(sentences)} Sätze, {sum(map(len, sentences))} Wörter, zum Beispiel:")
for sentence in sentences[5_000::8_000]:
    print("  ", " ".join(sentence))

# %% Training: zweimal dasselbe, nur sg ist anders
# Skip-Gram: aus einem Wort seine Umgebung vorhersagen, Paar für Paar.
# CBOW:      aus der ganzen Umgebung (gemittelt) das Wort in der Mitte vorhersagen.
models = {}
for name, sg in [("Skip-Gram", 1), ("CBOW", 0)]:
    print(f"\n{name} trainiert {EPOCHS} Epochen …")
    models[name] = Word2Vec(
        sentences,
        sg=sg,
        vector_size=VECTOR_SIZE,
        window=WINDOW,
        shrink_windows=False,  # immer die ganze Umgebung, nicht jedes Mal eine ausgewürfelte
        min_count=MIN_COUNT,
        negative=10,  # je echtem Paar zehn ausgewürfelte, die das Modell ablehnen soll
        sample=1e-4,  # häufige Wörter („der“, „und“) oft überspringen: Sie sagen wenig
        epochs=EPOCHS,
        workers=1,  # mehr Threads sind schneller, aber nicht bei jedem Lauf genau gleich
        seed=SEED,
    )
vectors = models["Skip-Gram"].wv
print(f"{len(vectors)} Wörter; das häufigste, „{vectors.index_to_key[0]}“, ist jetzt", end=" ")
print(f"{vectors.vector_size} Zahlen: {vectors[0][:5].round(2)} …")

# %% Nachbarn: Ähnlichkeit ist der Kosinus des Winkels (1 gleiche Richtung, 0 nichts gemeinsam)
for name, model in models.items():
    print(f"\nNächste Nachbarn, {name}")
    for word in PROBE_WORDS:
        if word in model.wv:
            neighbors = model.wv.most_similar(word, topn=5)
            print(f"  {word:9}", ", ".join(f"{near} {value:.2f}" for near, value in neighbors))
        else:
            print(f"  {word:9} kommt keine {MIN_COUNT}-mal vor und hat deshalb keinen Vektor")


# %% Analogien: rechnen mit Bedeutung
def solve(vectors, a, b, c):
    """a − b + c ≈ ? Die drei gegebenen Wörter selbst lässt gensim als Antwort nicht zu."""
    if not all(word in vectors for word in (a, b, c)):
        return "(kein Vektor)"
    return vectors.most_similar(positive=[a, c], negative=[b], topn=1)[0][0]


print(f"\n{'Analogie':36}{'erwartet':14}{'Skip-Gram':14}CBOW")
solved = dict.fromkeys(models, 0)
for a, b, c, expected, _ in texte.analogien():
    answers = {name: solve(model.wv, a, b, c) for name, model in models.items()}
    print(f"{f'{a} − {b} + {c}':36}{expected:14}{answers['Skip-Gram']:14}{answers['CBOW']}")
    for name, answer in answers.items():
        solved[name] += answer == expected
print("Richtig:", ", ".join(f"{name} {count}" for name, count in solved.items()))
print("Eigene: ", *OWN_ANALOGY, "→", solve(vectors, *OWN_ANALOGY))

# %% Bild 1: warum Analogien gehen. Ist Land → Hauptstadt überall ungefähr derselbe Schritt?
countries = ["Frankreich", "Italien", "Polen", "Japan", "Schweden"]
cities = ["Paris", "Rom", "Warschau", "Tokio", "Stockholm"]
flat = PCA(n_components=2).fit_transform(vectors[countries + cities])
for country, city, start, end in zip(countries, cities, flat, flat[len(countries) :]):
    line = plt.plot(*np.transpose([start, end]), label=f"{country} → {city}")[0]
    plt.plot(*end, "s", markersize=12, color=line.get_color())
plt.legend(title="Quadrat: Hauptstadt", loc="center left", bbox_to_anchor=(1, 0.5))
plt.title("Vom Land zur Hauptstadt: Sind die Linien parallel und gleich lang?")
plt.show()

# %% Bild 2: eine Karte. MDS (smacof) schiebt die Wörter, bis die Abstände möglichst stimmen.
groups = {
    "Tiere": "Hund Katze Kuh Wolf Igel",
    "Essen": "Brot Käse Suppe Wurst Salat",
    "Länder": "Frankreich Italien Polen Japan Schweden",
    "Städte": "Paris Rom Warschau Tokio Stockholm",
    "Berufe": "Lehrer Arzt Bäcker Klempner Gärtner",
    "Zeit": "Sommer Winter Herbst Januar April",
}
group_of = {w: name for name, group in groups.items() for w in group.split()}
words = list(group_of)
start = PCA(n_components=2).fit_transform(vectors[words])
points, _ = smacof(cosine_distances(vectors[words]), init=start, n_init=1)
plt.figure(figsize=(12, 8))
plt.scatter(*points.T, s=0)  # nur damit die Achsen passen; zu sehen sind die Wörter
for point, word in zip(points, words):
    color = f"C{list(groups).index(group_of[word])}"
    plt.text(*point, word, color=color, ha="center", weight="bold")
plt.margins(0.1)
plt.title(f"Wer liegt bei wem? {VECTOR_SIZE} Zahlen je Wort, in die Ebene gelegt")
plt.show()

# %% Stimmt das auch ohne Karte? Ist von allen anderen das ähnlichste aus derselben Gruppe?
pure = {}
for name, model in models.items():
    nearest = [model.wv.most_similar_to_given(w, [o for o in words if o != w]) for w in words]
    pure[name] = np.mean([group_of[near] == group_of[w] for near, w in zip(nearest, words)])
    print(f"{name}: Bei {pure[name]:.0%} der {len(words)} Wörter ist es aus derselben Gruppe.")

ergebnis(
    analogien_skipgram=solved["Skip-Gram"],
    analogien_cbow=solved["CBOW"],
    reine_nachbarn_skipgram=pure["Skip-Gram"],
    reine_nachbarn_cbow=pure["CBOW"],
)
