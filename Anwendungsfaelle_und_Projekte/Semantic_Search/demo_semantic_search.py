"""Semantische Suche: Absätze nach ihrer Bedeutung finden, mit e5 und FAISS.

Kapitel   7.50 Anwendungsfälle und Projekte · Semantic Search
Folie     Code Demo: Embeddings in FAISS
Lernziel  Texte kodieren, einen Index bauen, speichern, laden und befragen; messen, wie gut und wie schnell er sucht
Laufzeit  ca. 40 s (2 CPU-Kerne)
Daten     kurs/wissen (54 Absätze, 90 beantwortbare und 10 unbeantwortbare Fragen); Modell multilingual-e5-small
Erwartet  woerter_treffer_1 0.34–0.37, woerter_treffer_3 0.48–0.52, e5_treffer_1 0.47–0.55, e5_treffer_3 0.67–0.75,
          e5_mrr 0.61–0.67, recall_ivf 0.99–1, recall_hnsw 0.95–0.99

Teil 1 sucht mit 90 Fragen in 54 Absätzen. Die Fragen benutzen absichtlich andere Wörter als die Absätze.
Teil 2 sucht in 100.000 Vektoren: Muss man wirklich mit jedem einzelnen vergleichen?
"""

# %% Stellschrauben: hier live drehen
OWN_QUESTIONS = [
    "Wie hat der alte Lernapparat von 1958 Bilder gesehen?",
    "How do I stop training before the network learns everything by heart?",
]
N_PASSAGES = 54  # Test: 16
N_VECTORS = 100_000  # Test: 3_000
N_QUERIES = 200  # Test: 20
CELLS = 256  # Test: 16; in so viele Zellen teilt IVF den Raum
NPROBE = [1, 2, 4, 8, 16, 32, 64]  # Test: [1, 4]; so viele davon durchsucht es
EF_SEARCH = [10, 20, 40, 80, 160, 320]  # Test: [10, 40]; so viele Kandidaten merkt sich HNSW
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
import json
import time

from kurs import ausgabe_ordner, ergebnis, texte
from kurs.modelle import modell

import faiss
import matplotlib.pyplot as plt
import numpy as np
from sentence_transformers import SentenceTransformer
from sklearn.feature_extraction.text import TfidfVectorizer

faiss.omp_set_num_threads(1)  # ein Kern für alle: So sind die Zeiten unten vergleichbar

# %% Daten: zu jeder beantwortbaren Frage ist bekannt, in welchem Absatz die Antwort steht
passages, questions = texte.wissen()
passages = passages[:N_PASSAGES]
number_of = {passage["id"]: number for number, passage in enumerate(passages)}
unanswerable = [q["frage"] for q in questions if q["absatz"] is None]
questions = [q for q in questions if q["absatz"] in number_of]
texts = [f"{passage['titel']}. {passage['text']}" for passage in passages]
asked = [q["frage"] for q in questions]
right = np.array([number_of[q["absatz"]] for q in questions])
print(f"{len(texts)} Absätze, {len(asked)} Fragen mit bekanntem Absatz. Zum Beispiel:")
print(f"  {asked[0]}\n  → {texts[right[0]][:150]} …")

# %% Kodieren: ein Vektor je Text. e5 ist so trainiert, dass vor Fragen „query: “ steht, vor Texten „passage: “.
MODEL = modell("intfloat/multilingual-e5-small")
encoder = SentenceTransformer(MODEL, device="cpu")
print("\nKodiere Absätze und Fragen, das dauert einige Sekunden …")
passage_vectors = encoder.encode(
    ["passage: " + text for text in texts], batch_size=8, normalize_embeddings=True
)
question_vectors = encoder.encode(["query: " + text for text in asked], normalize_embeddings=True)
dimension = passage_vectors.shape[1]
print(f"Absätze {passage_vectors.shape}, Fragen {question_vectors.shape}, jeder Vektor hat die Länge 1.")

# %% Index bauen, speichern, laden. FAISS merkt sich nur Vektoren; die Texte muss man selbst aufheben.
index = faiss.IndexFlatIP(dimension)  # IP: inner product; bei Länge 1 ist das der Kosinus
index.add(passage_vectors)
folder = ausgabe_ordner()
# faiss.write_index(index, Dateiname) ginge auch, scheitert unter Windows aber an Umlauten im Pfad.
(folder / "wissen.faiss").write_bytes(faiss.serialize_index(index).tobytes())
(folder / "wissen.json").write_text(json.dumps(texts, ensure_ascii=False), encoding="utf-8")
size = (folder / "wissen.faiss").stat().st_size

index = faiss.deserialize_index(np.fromfile(folder / "wissen.faiss", dtype="uint8"))
texts = json.loads((folder / "wissen.json").read_text(encoding="utf-8"))
print(f"\nIndex gespeichert ({size / 1000:.0f} kB) und geladen: {index.ntotal} Vektoren. Er liegt in\n  {folder}")

# %% Fragen stellen, auch auf Englisch
for question in OWN_QUESTIONS:
    scores, numbers = index.search(encoder.encode(["query: " + question], normalize_embeddings=True), 3)
    print(f"\n{question}")
    for score, number in zip(scores[0], numbers[0]):
        print(f"  {score:.3f}  {texts[number][:95]} …")


# %% Wie gut ist die Suche? Auf welchem Platz steht der richtige Absatz?
def ranks(similarity):
    """Je Frage der Platz des richtigen Absatzes; 1 ist der beste."""
    of_the_right_one = similarity[np.arange(len(right)), right]
    return 1 + (similarity > of_the_right_one[:, None]).sum(axis=1)


word_counter = TfidfVectorizer().fit(texts)
rank = {
    "Wörter (TF-IDF)": ranks((word_counter.transform(asked) @ word_counter.transform(texts).T).toarray()),
    "Bedeutung (e5)": ranks(question_vectors @ passage_vectors.T),
}
quality = {
    name: {"hit@1": np.mean(r == 1), "hit@3": np.mean(r <= 3), "MRR": np.mean(1 / r)} for name, r in rank.items()
}
print("\nhit@k: Anteil der Fragen mit dem richtigen Absatz unter den ersten k. MRR: Mittel von 1 / Platz.")
for name, values in quality.items():
    print(f"  {name:16}", "   ".join(f"{measure} {value:.3f}" for measure, value in values.items()))

figure, axis = plt.subplots(figsize=(9, 5.5))
for shift, (name, values), color, hatch in zip((-0.2, 0.2), quality.items(), ("#E69F00", "#0072B2"), ("//", "")):
    bars = axis.bar(np.arange(3) + shift, list(values.values()), 0.4, color=color, hatch=hatch, label=name)
    axis.bar_label(bars, fmt="%.2f")
axis.set_xticks(range(3), ["hit@1", "hit@3", "MRR"])
axis.set(ylim=(0, 1), ylabel="Wert (höher ist besser)", title=f"Suche mit {len(asked)} Fragen, die anders klingen als die Texte")
axis.legend()
plt.show()

difference = sum(rank["Bedeutung (e5)"] <= 3) - sum(rank["Wörter (TF-IDF)"] <= 3)
print(f"Die Bedeutung bringt den richtigen Absatz bei {difference:+d} Fragen mehr unter die ersten drei.")
worst = np.argmax(rank["Bedeutung (e5)"])
found = np.argmax(question_vectors[worst] @ passage_vectors.T)
print(f"Am weitesten daneben: „{asked[worst]}“")
print(f"  Der richtige Absatz („{passages[right[worst]]['titel']}“) steht auf Platz {rank['Bedeutung (e5)'][worst]},")
print(f"  auf Platz 1 steht „{passages[found]['titel']}“.")

# %% Eine Suche findet immer etwas, auch wenn es keine Antwort gibt
scores, numbers = index.search(encoder.encode(["query: " + q for q in unanswerable], normalize_embeddings=True), 1)
usual = np.median((question_vectors @ passage_vectors.T).max(axis=1))
strange = scores[:, 0].argmax()
print(f"\nBeste Ähnlichkeit: bei beantwortbaren Fragen im Median {usual:.3f}, bei unbeantwortbaren {np.median(scores):.3f}.")
print(f"Aber „{unanswerable[strange]}“ kommt auf {scores[strange, 0]:.3f}")
print(f"  (Absatz „{passages[numbers[strange, 0]]['titel']}“). Wie man trotzdem ablehnt, misst das nächste Skript.")

# %% Teil 2: 100.000 Vektoren. So viele Texte haben wir nicht, also streuen wir um die echten Vektoren: Jeder
# künstliche ist eine Mischung aus drei echten und etwas Rauschen. So liegen sie wie echte in Gruppen beieinander.
random = np.random.default_rng(SEED)
spread = passage_vectors.std(axis=0)


def scatter(n_vectors):
    shares = random.dirichlet([1, 1, 1], n_vectors).astype("float32")
    chosen = random.integers(0, len(real_vectors), (n_vectors, 3))
    vectors = random.standard_normal((n_vectors, dimension), dtype="float32") * spread
    for share, choice in zip(shares.T, chosen.T):
        vectors += share[:, None] * real_vectors[choice]
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


real_vectors = np.concatenate([passage_vectors, question_vectors])
many_vectors, queries = scatter(N_VECTORS), scatter(N_QUERIES)
print(f"\n{N_VECTORS} Vektoren ({many_vectors.nbytes / 1e6:.0f} MB), {N_QUERIES} Anfragen, je die 10 ähnlichsten.")

# %% Drei Arten zu suchen: alle vergleichen; nur nahe Zellen (IVF); von Nachbar zu Nachbar (HNSW)
flat = faiss.IndexFlatIP(dimension)
ivf = faiss.IndexIVFFlat(faiss.IndexFlatIP(dimension), dimension, CELLS, faiss.METRIC_INNER_PRODUCT)
ivf.cp.niter, ivf.cp.seed = 10, SEED  # so oft werden die Mittelpunkte der Zellen verbessert
ivf.cp.min_points_per_centroid = 1  # sonst beschwert sich FAISS, wenn man N_VECTORS klein dreht
hnsw = faiss.IndexHNSWFlat(dimension, 16)  # 16 Nachbarn je Vektor; bei Länge 1 ordnet L2 wie der Kosinus
for name, some_index in [("Flat", flat), ("IVF", ivf), ("HNSW", hnsw)]:
    start = time.perf_counter()
    if not some_index.is_trained:
        some_index.train(many_vectors)  # IVF sucht erst die Mittelpunkte (k-means)
    some_index.add(many_vectors)
    print(f"  {name:4} gebaut in {time.perf_counter() - start:5.1f} s")


def search_one_by_one(some_index):
    """Nummern der 10 ähnlichsten je Anfrage, und Millisekunden je Anfrage (Median: Ausreißer zählen nicht)."""
    found, seconds = [], []
    for query in queries:
        start = time.perf_counter()
        found.append(some_index.search(query[None], 10)[1][0])
        seconds.append(time.perf_counter() - start)
    return np.array(found), 1000 * np.median(seconds)


exact, flat_time = search_one_by_one(flat)
curves = {"IVF": [], "HNSW": []}
for name, settings in [("IVF", NPROBE), ("HNSW", EF_SEARCH)]:
    for setting in settings:
        if name == "IVF":
            ivf.nprobe = setting
        else:
            hnsw.hnsw.efSearch = setting
        found, milliseconds = search_one_by_one(ivf if name == "IVF" else hnsw)
        recall = np.mean([len(set(a) & set(b)) / 10 for a, b in zip(found, exact)])
        curves[name].append((milliseconds, recall, setting))

# %% Recall@10: Wie viele der wirklich zehn ähnlichsten wurden gefunden?
print(f"\nFlat  alle {N_VECTORS} verglichen   {flat_time:7.3f} ms   recall@10 1.000")
for name, meaning in [("IVF", "nprobe"), ("HNSW", "efSearch")]:
    for milliseconds, recall, setting in curves[name]:
        print(f"{name:5} {meaning:8} {setting:4}           {milliseconds:7.3f} ms   recall@10 {recall:.3f}")

figure, axis = plt.subplots(figsize=(10, 6))
axis.plot(flat_time, 1, "D", color="black", markersize=11, label="Flat: alle vergleichen")
labels = {"IVF": "IVF: nur nahe Zellen", "HNSW": "HNSW: von Nachbar zu Nachbar"}
for (name, label), color, style in zip(labels.items(), ("#D55E00", "#0072B2"), ("s--", "o-")):
    milliseconds, recalls, settings = zip(*curves[name])
    axis.plot(milliseconds, recalls, style, color=color, linewidth=2, markersize=9, label=label)
    for (x, y, setting), side in [(curves[name][0], "left"), (curves[name][-1], "center")]:
        text = f"{'nprobe' if name == 'IVF' else 'efSearch'} {setting}"
        axis.annotate(text, (x, y), (0, -24), textcoords="offset points", color=color, ha=side)
axis.set(xscale="log", xlabel="Millisekunden je Anfrage (logarithmisch, ein Kern)", ylabel="recall@10")
axis.xaxis.set_major_formatter("{x:g}")
axis.margins(x=0.12, y=0.12)
axis.set_title(f"{N_VECTORS} Vektoren: etwas Genauigkeit gegen viel Zeit")
axis.legend(loc="lower right")
plt.show()

for name in curves:
    milliseconds, recall, setting = curves[name][len(curves[name]) // 2]
    print(f"{name} mit {setting}: {recall:.0%} der richtigen Nachbarn, {flat_time / milliseconds:.0f}-mal so schnell wie Flat.")

# %% Ergebnis
ergebnis(
    woerter_treffer_1=quality["Wörter (TF-IDF)"]["hit@1"],
    woerter_treffer_3=quality["Wörter (TF-IDF)"]["hit@3"],
    e5_treffer_1=quality["Bedeutung (e5)"]["hit@1"],
    e5_treffer_3=quality["Bedeutung (e5)"]["hit@3"],
    e5_mrr=quality["Bedeutung (e5)"]["MRR"],
    recall_ivf=curves["IVF"][-1][1],
    recall_hnsw=curves["HNSW"][-1][1],
)
