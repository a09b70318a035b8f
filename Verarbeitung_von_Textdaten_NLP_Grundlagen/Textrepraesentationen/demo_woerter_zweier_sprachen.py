"""Wörter zweier Sprachen: Zwei Word2Vec-Räume, aufeinandergedreht wie bei MUSE.

Kapitel   3.69 Verarbeitung von Textdaten (NLP-Grundlagen) · Textrepräsentationen
Folie     Mehrsprachige Embeddings (MUSE, XLM-R)
Lernziel  Sehen, wie aus zwei getrennt gelernten Räumen ein gemeinsamer wird, mit nur 50 Wortpaaren
Laufzeit  ca. 12 s (2 CPU-Kerne)
Daten     „Kleine Welt“ auf Deutsch und auf Englisch, 459 Wortpaare
Erwartet  treffer_vorher 0–0.01, treffer_nachher 0.03–0.1, treffer_5_nachher 0.17–0.3,
          platz_vorher 600–1150, platz_nachher 14–28

Jede Sprache lernt für sich. Kein Satz ist übersetzt, aber beide Welten erzählen von denselben
Dingen. Darum liegen „Hund“ zu „Katze“ ähnlich wie „dog“ zu „cat“, nur ist der ganze Raum verdreht.
"""

# %% Stellschrauben: hier live drehen
N_PAIRS = 50  # so viele der 459 Wortpaare kennt die Drehung; probiere 5 oder 200
OWN_WORDS = ["Hund", "Königin", "Brot", "Winter", "teuer"]
EPOCHS = 10  # Test: 1
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
import re

from kurs import ergebnis, texte

import matplotlib.pyplot as plt
import numpy as np
from gensim.models import Word2Vec
from scipy.linalg import orthogonal_procrustes
from scipy.stats import rankdata
from sklearn.decomposition import PCA
from sklearn.preprocessing import normalize

# %% Zwei Korpora, zwei Trainings: Keines weiß vom anderen
vectors, number_of = {}, {}
for offset, (language, file) in enumerate([("de", "welt.txt"), ("en", "welt_en.txt")]):
    sentences = [re.findall(r"\w+", line) for line in texte.lies(file).splitlines() if line]
    print(f"{language}: {len(sentences)} Sätze, etwa „{' '.join(sentences[-3])}“. Training …")
    model = Word2Vec(
        sentences,
        sg=1,  # Skip-Gram; die übrigen Werte wie in demo_word2vec_training
        vector_size=100,
        window=4,
        shrink_windows=False,
        min_count=3,
        negative=10,
        sample=1e-4,
        epochs=EPOCHS,
        workers=1,
        seed=SEED + offset,  # verschieden, damit die Räume auch verschieden beginnen
    )
    x = normalize(model.wv.vectors)  # Länge 1: Die Ähnlichkeit ist der Kosinus
    vectors[language] = normalize(x - x.mean(axis=0))  # und die Mitte des Raums liegt bei 0
    number_of[language] = model.wv.key_to_index
words = model.wv.index_to_key  # die englischen

# %% Wortpaare: einige zum Drehen, alle anderen zum Prüfen
pairs = [(pair["de"], pair["en"]) for pair in texte.lies_csv("welt_paare.csv")]
pairs = [pairs[i] for i in np.random.default_rng(SEED).permutation(len(pairs))]
german = vectors["de"][[number_of["de"][de] for de, _ in pairs]]
english = vectors["en"][[number_of["en"][en] for _, en in pairs]]
n_pairs = min(N_PAIRS, len(pairs) - 1)  # wenigstens eines bleibt zum Prüfen
known = [de for de, _ in pairs[:n_pairs]]
print(f"\n{n_pairs} Paare zum Drehen, {len(pairs) - n_pairs} zum Prüfen, etwa {pairs[-1]}")

# %% Drehen (oder spiegeln): Abstände und Winkel innerhalb des Deutschen bleiben dabei, wie sie sind
rotation, _ = orthogonal_procrustes(german[:n_pairs], english[:n_pairs])


def places(x):
    """Auf welchem Platz des ganzen englischen Vokabulars steht die Übersetzung? Je Prüfpaar."""
    right = [number_of["en"][en] for _, en in pairs[n_pairs:]]
    similarity = x[n_pairs:] @ vectors["en"].T
    return rankdata(-similarity, axis=1)[np.arange(len(right)), right]


before, after = places(german), places(german @ rotation)
print("               Treffer@1  Treffer@5  mittlerer Platz (Median)")
for name, place in (("vor dem Drehen", before), ("danach", after)):
    print(f"{name:15}{np.mean(place == 1):9.3f}{np.mean(place <= 5):11.3f}{np.median(place):11.0f}")
print(f"Raten unter {len(words)} englischen Wörtern: Treffer@1 {1 / len(words):.4f}")

# %% Übersetzen heißt jetzt: drehen und den nächsten englischen Nachbarn nehmen
for word in OWN_WORDS:
    if word not in number_of["de"]:
        print(f"  {word}: steht zu selten in der Kleinen Welt")
        continue
    similarity = vectors["en"] @ (vectors["de"][number_of["de"][word]] @ rotation)
    best = np.argsort(-similarity)[:4]
    note = "  (war beim Drehen dabei)" if word in known else ""
    print(f"  {word:10}", ", ".join(f"{words[i]} {similarity[i]:.2f}" for i in best) + note)

# %% Bild: zwölf Prüfpaare. Sind die Striche zwischen Wort und Übersetzung kürzer geworden?
shown = slice(n_pairs, n_pairs + 12)
figure, axes = plt.subplots(1, 2, figsize=(15, 7))
for axis, x, title in zip(axes, (german, german @ rotation), ("vor dem Drehen", "nach dem Drehen")):
    flat = PCA(2).fit(english).transform(np.vstack([x[shown], english[shown]]))
    for (de, en), start, end in zip(pairs[shown], flat, flat[len(flat) // 2 :]):
        axis.plot(*np.transpose([start, end]), color="gray", linewidth=1)
        axis.text(*start, de, color="C0", ha="center")
        axis.text(*end, en, color="C1", ha="center")
    axis.set(title=title, xticks=[], yticks=[])
figure.suptitle("Blau Deutsch, orange Englisch: Wie weit ist es zur Übersetzung?")
plt.show()

# %% Was man sieht
# Wenige Paare legen die Drehung nur zum Teil fest: Oft stimmt die Gruppe, aber nicht das Wort. MUSE
# nimmt 5.000 Paare und große Korpora; unsere beiden Welten sind einander ungewöhnlich ähnlich.
ergebnis(
    treffer_vorher=np.mean(before == 1),
    treffer_nachher=np.mean(after == 1),
    treffer_5_nachher=np.mean(after <= 5),
    platz_vorher=np.median(before),
    platz_nachher=np.median(after),
)
