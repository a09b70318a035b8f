"""Word2Vec: Aus 25.000 einfachen Sätzen werden Wörter zu Vektoren.

Kapitel   3.40 Verarbeitung von Textdaten (NLP-Grundlagen) · Textrepräsentationen
Folie     Code Demo: Training eines Word2Vec-Modells auf kleinem Korpus
Lernziel  Word2Vec trainieren, Nachbarn und Analogien lesen; Skip-Gram von CBOW unterscheiden
Laufzeit  ca. 25 s (2 CPU-Kerne)
Daten     Korpus „Kleine Welt“ (25.638 deutsche Sätze) und 20 Analogien
Erwartet  analogien_skipgram 16–20, analogien_cbow 7–15, reine_nachbarn_skipgram 0.65–1,
          reine_nachbarn_cbow 0.85–1

Niemand sagt dem Modell, was ein Hund ist. Es sieht nur, welche Wörter nebeneinander stehen, und
rückt Wörter zusammen, die in ähnlicher Umgebung vorkommen. „Kleine Welt“ ist dafür gemacht: einfache Sätze,
in denen dieselben Dinge oft vorkommen. Für freie Texte braucht man hundertmal so viele Wörter.
"""

# %% Stellschrauben: hier live drehen
PROBE_WORDS = ["Hund", "Brot", "Winter", "Paris", "Lehrerin", "Neuron"]
OWN_ANALOGY = ("Onkel", "Bruder", "Schwester")  # Onkel − Bruder + Schwester ≈ ?
WINDOW = 8  # so viele Wörter links und rechts zählen als Umgebung
VECTOR_SIZE = 100
EPOCHS = 20  # Test: 2
MIN_COUNT = 3  # seltenere Wörter bekommen keinen Vektor
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
import re
import time

from kurs import ergebnis, texte

import matplotlib.pyplot as plt
import numpy as np
from gensim.models import Word2Vec
from gensim.models.callbacks import CallbackAny2Vec
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE

# %% Korpus: ein Satz je Zeile, zerlegt in Wörter. Großschreibung bleibt: Sie trennt Nomen von Verben.
sentences = [re.findall(r"\w+", line) for line in texte.welt().splitlines() if line]
print(f"{len(sentences)} Sätze, {sum(map(len, sentences))} Wörter, zum Beispiel:")
for sentence in sentences[5_000::8_000]:
    print("  ", " ".join(sentence))

# %% Was das Modell zu sehen bekommt: Paare aus einem Wort und einem Wort seiner Umgebung
example = sentences[5_000]
pairs = [
    (word, example[j])
    for i, word in enumerate(example)
    for j in range(max(0, i - 2), min(len(example), i + 3))
    if i != j
]
print(f"\nMit Fenster 2 werden aus dem ersten Satz {len(pairs)} Paare:", *pairs[:6], "…")
print("Skip-Gram: Aus dem Wort seine Umgebung vorhersagen, Paar für Paar.")
print("CBOW:      Aus der ganzen Umgebung (gemittelt) das Wort in der Mitte vorhersagen.")


# %% Messen: Analogien a − b + c ≈ d, nach jeder Epoche
def solve(vectors, a, b, c):
    return vectors.most_similar(positive=[a, c], negative=[b], topn=1)[0][0]


def count_solved(vectors):
    return sum(solve(vectors, row.a, row.b, row.c) == row.erwartet for row in texte.analogien())


class SolvedPerEpoch(CallbackAny2Vec):
    """Ruft gensim nach jeder Epoche auf."""

    def __init__(self):
        self.solved = []

    def on_epoch_end(self, model):
        model.wv.fill_norms(force=True)  # sonst rechnet gensim mit den Längen von vorhin
        self.solved.append(count_solved(model.wv))


# %% Training: zweimal dasselbe, nur sg ist anders
models, curves = {}, {}
for name, sg in [("Skip-Gram", 1), ("CBOW", 0)]:
    start = time.perf_counter()
    per_epoch = SolvedPerEpoch()
    models[name] = Word2Vec(
        sentences,
        sg=sg,
        vector_size=VECTOR_SIZE,
        window=WINDOW,
        min_count=MIN_COUNT,
        negative=10,  # je echtem Paar zehn ausgewürfelte, die das Modell ablehnen soll
        sample=1e-4,  # häufige Wörter („der“, „und“) oft überspringen: Sie sagen wenig
        epochs=EPOCHS,
        workers=2,  # zwei Threads: schneller, aber nicht bei jedem Lauf genau gleich
        seed=SEED,
        callbacks=[per_epoch],
    )
    curves[name] = per_epoch.solved
    print(f"\n{name}: {len(models[name].wv)} Vektoren in {time.perf_counter() - start:.1f} s, ", end="")
    print(f"{curves[name][-1]} von 20 Analogien richtig")
vectors = models["Skip-Gram"].wv
print(f"„Hund“ ist jetzt {vectors['Hund'].shape[0]} Zahlen:", vectors["Hund"][:5].round(2), "…")

# %% Nachbarn: Ähnlichkeit ist der Kosinus des Winkels (1 gleiche Richtung, 0 nichts gemeinsam)
print("\nÄhnlichkeit")
for first, second in [("Hund", "Katze"), ("Hund", "Brot"), ("Paris", "Rom"), ("Paris", "Winter")]:
    print(f"  {first} – {second}: {vectors.similarity(first, second):.2f}")
for name, model in models.items():
    print(f"Nächste Nachbarn, {name}")
    for word in PROBE_WORDS:
        if word in model.wv:
            print(f"  {word:9} {', '.join(near for near, _ in model.wv.most_similar(word, topn=6))}")
        else:
            print(f"  {word:9} kommt keine {MIN_COUNT}-mal vor und hat deshalb keinen Vektor")

# %% Analogien mit Skip-Gram: rechnen mit Bedeutung
print("\nAnalogien, Skip-Gram")
for row in texte.analogien():
    answer = solve(vectors, row.a, row.b, row.c)
    verdict = "✔" if answer == row.erwartet else f"✘ erwartet: {row.erwartet}"
    print(f"  {row.a} − {row.b} + {row.c} = {answer} {verdict}")
if all(word in vectors for word in OWN_ANALOGY):
    print("  Eigene: {} − {} + {} = {}".format(*OWN_ANALOGY, solve(vectors, *OWN_ANALOGY)))
print("gensim lässt die drei gegebenen Wörter als Antwort nicht zu; oft läge sonst eines davon vorn.")



# %% Beschriften ohne Überdecken: Was ein anderes Wort berührt, rückt nach oben
def write_labels(axis, labels, points, colors):
    axis.figure.canvas.draw()
    taken = []
    for i in np.argsort(points[:, 1]):
        text = axis.annotate(
            labels[i], points[i], (0, 7), textcoords="offset points", ha="center", color=colors[i], weight="bold"
        )
        while any(text.get_window_extent().overlaps(other) for other in taken):
            text.set_position((0, text.get_position()[1] + 4))
        taken.append(text.get_window_extent())


# %% Bild 1: eine Karte. t-SNE legt 100 Zahlen je Wort in die Ebene und erhält dabei Nachbarschaften.
groups = {
    "Tiere": "Hund Katze Kuh Schaf Wolf Fuchs Igel Eule",
    "Essen": "Brot Käse Suppe Butter Wurst Salat Kaffee Tee",
    "Länder": "Frankreich Italien Spanien Polen Österreich Japan Schweden Ungarn",
    "Städte": "Paris Rom Madrid Warschau Wien Tokio Stockholm Budapest",
    "Berufe": "Lehrer Arzt Koch Köchin Bäcker Bäckerin Klempner Gärtner",
    "Verwandte": "Mutter Vater Bruder Schwester Onkel Tante Oma Opa",
    "Zeit": "Sommer Winter Herbst Frühling Januar April Montag Freitag",
}
words = [word for group in groups.values() for word in group.split()]
group_of = np.repeat(list(groups), [len(group.split()) for group in groups.values()])
random_state = np.random.RandomState(SEED)
map_maker = TSNE(perplexity=25, metric="cosine", init="pca", random_state=random_state)
points = map_maker.fit_transform(vectors[words])
colors = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"]
figure, axis = plt.subplots(figsize=(13, 9))
for name, color, marker in zip(groups, colors, "osD^vPX"):
    here = points[group_of == name]
    axis.scatter(*here.T, color=color, marker=marker, s=60, label=name)
axis.set(xticks=[], yticks=[], title="Was ähnlich gebraucht wird, liegt beieinander (t-SNE)")
axis.margins(0.1)
axis.legend(loc="best")
write_labels(axis, words, points, ["black"] * len(words))
plt.show()


# %% Stimmt das auch ohne Karte? In allen 100 Richtungen: Ist der nächste Nachbar aus derselben Gruppe?
def share_same_group(model):
    unit = model.wv.get_normed_vectors()[[model.wv.key_to_index[word] for word in words]]
    similarity = unit @ unit.T - 2 * np.eye(len(words))
    return np.mean(group_of[similarity.argmax(axis=1)] == group_of)


pure = {name: share_same_group(model) for name, model in models.items()}
for name, share in pure.items():
    print(f"{name}: Bei {share:.0%} der {len(words)} Wörter ist das nächste aus derselben Gruppe.")

# %% Bild 2: warum Analogien gehen. Land → Hauptstadt ist bei allen ungefähr derselbe Schritt.
countries, cities = groups["Länder"].split(), groups["Städte"].split()
flat = PCA(n_components=2).fit_transform(vectors[countries + cities])
figure, axes = plt.subplots(1, 2, figsize=(15, 6))
for start, end in zip(flat, flat[len(countries) :]):
    axes[0].annotate("", end, start, arrowprops={"arrowstyle": "->", "color": "#999999"})
for here, color, marker in [(flat[: len(countries)], "#009E73", "D"), (flat[len(countries) :], "#CC79A7", "^")]:
    axes[0].scatter(*here.T, color=color, marker=marker)
axes[0].set(xticks=[], yticks=[], title="Vom Land (Raute) zur Hauptstadt (Dreieck), PCA")
axes[0].margins(0.15)
for (name, solved), style, color in zip(curves.items(), ["-o", "--s"], ["#0072B2", "#D55E00"]):
    axes[1].plot(range(1, EPOCHS + 1), solved, style, color=color, label=name)
axes[1].set(xlabel="Epoche", ylabel="richtige Analogien von 20", ylim=(-0.5, 20.5))
axes[1].set_title("Wie viele Durchgänge braucht es?")
axes[1].xaxis.get_major_locator().set_params(integer=True)
axes[1].yaxis.get_major_locator().set_params(integer=True)
axes[1].legend()
write_labels(axes[0], countries + cities, flat, ["#006d50"] * len(countries) + ["#a0457f"] * len(cities))
plt.show()

# %% Die Grenze: ein Wort, ein Vektor
print("\nNachbarn von „Bank“:", ", ".join(near for near, _ in vectors.most_similar("Bank", topn=12)))
print("Geldinstitut und Sitzbank teilen sich einen Vektor. Wie man sie trennt, zeigt die nächste Demo.")

ergebnis(
    analogien_skipgram=curves["Skip-Gram"][-1],
    analogien_cbow=curves["CBOW"][-1],
    reine_nachbarn_skipgram=pure["Skip-Gram"],
    reine_nachbarn_cbow=pure["CBOW"],
)
