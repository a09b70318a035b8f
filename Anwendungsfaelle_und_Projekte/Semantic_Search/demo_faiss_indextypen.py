"""FAISS mit sehr vielen Vektoren: Muss man wirklich mit jedem einzelnen vergleichen?

Kapitel   7.55 Anwendungsfälle und Projekte · Semantic Search
Folie     Code Demo: Embeddings in FAISS
Lernziel  Drei Arten von Index bauen (Flat, IVF, HNSW) und sehen, was Zeit gegen Trefferquote kostet
Laufzeit  ca. 30 s (2 CPU-Kerne)
Daten     kurs/wissen (54 Absätze), dazu 100.000 künstliche Vektoren
Modelle   intfloat/multilingual-e5-small
Erwartet  recall_ivf 0.99–1, recall_hnsw 0.96–1

Flat vergleicht die Anfrage mit allen Vektoren. IVF teilt den Raum in Zellen und durchsucht nur die
nächsten. HNSW verbindet Nachbarn zu einem Netz und läuft darin auf die Anfrage zu.
"""

# %% Stellschrauben: hier live drehen
N_VECTORS = 100_000  # Test: 3_000
N_QUERIES = 200  # Test: 20
CELLS = 256  # Test: 16; in so viele Zellen teilt IVF den Raum
NPROBE = [1, 2, 4, 8, 16, 32, 64]  # Test: [1, 4]; so viele davon durchsucht es
NEIGHBOURS = 16  # mit so vielen Nachbarn verbindet HNSW jeden Vektor
EF_SEARCH = [10, 20, 40, 80, 160, 320]  # Test: [10, 40]; so viele Kandidaten merkt sich HNSW
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
from timeit import timeit

from kurs import ergebnis, texte
from kurs.modelle import modell

import faiss
import matplotlib.pyplot as plt
import numpy as np
from sentence_transformers import SentenceTransformer

if NEIGHBOURS < 2:
    raise ValueError("HNSW braucht wenigstens zwei Nachbarn")
faiss.omp_set_num_threads(1)  # ein Kern für alle: So sind die Zeiten unten vergleichbar

# %% Viele Vektoren: So viele Texte haben wir nicht, also mischen wir die echten
# Jeder künstliche besteht aus drei echten und etwas Rauschen; so liegen sie in Gruppen beieinander.
encoder = SentenceTransformer(modell("intfloat/multilingual-e5-small"), device="cpu")
encoder.max_seq_length = 64  # der Anfang jedes Absatzes genügt hier
passages = [paragraph["text"] for paragraph in texte.wissen()[0]]
print(f"Kodiere {len(passages)} Absätze, das dauert einige Sekunden …")
real = encoder.encode(passages, prompt="passage: ")
random = np.random.default_rng(SEED)


def mix(n_vectors):
    shares = random.dirichlet([1, 1, 1], n_vectors).astype("float32")
    vectors = random.standard_normal((n_vectors, real.shape[1]), dtype="float32")
    vectors *= real.std(axis=0)  # das Rauschen
    for share, chosen in zip(shares.T, random.integers(0, len(real), (3, n_vectors))):
        vectors += share[:, None] * real[chosen]
    faiss.normalize_L2(vectors)  # Länge 1
    return vectors


vectors, queries = mix(N_VECTORS), mix(N_QUERIES)
print(f"{len(vectors)} Vektoren, {vectors.nbytes / 1e6:.0f} MB; {len(queries)} Anfragen")

# %% Drei Arten von Index; bei Vektoren der Länge 1 ordnen Innenprodukt und L2 gleich
dimension = vectors.shape[1]
flat = faiss.IndexFlatIP(dimension)
cells = faiss.IndexFlatIP(dimension)  # die Mittelpunkte der Zellen; auch sie werden durchsucht
ivf = faiss.IndexIVFFlat(cells, dimension, CELLS, faiss.METRIC_INNER_PRODUCT)
ivf.cp.seed = SEED
ivf.cp.min_points_per_centroid = 1  # sonst warnt FAISS, wenn man N_VECTORS klein dreht
hnsw = faiss.IndexHNSWFlat(dimension, NEIGHBOURS)

ivf.train(vectors)  # nur IVF muss lernen: Wo liegen die Mittelpunkte? (k-Means)
for name, index in {"Flat": flat, "IVF": ivf, "HNSW": hnsw}.items():
    seconds = timeit(lambda index=index: index.add(vectors), number=1)
    print(f"  {name:4} gebaut in {seconds:.1f} s")


# %% Messen: Wie viele der wirklich zehn nächsten findet er (Recall@10), und wie schnell?
def search(index):
    """Eine Anfrage nach der anderen: je Anfrage die Nummern der zehn besten."""
    return np.array([index.search(query[None], 10)[1][0] for query in queries])


def measure(index):
    hits = [len(set(found) & set(best)) for found, best in zip(search(index), exact)]
    milliseconds = 1000 * timeit(lambda: search(index), number=1) / len(queries)
    return milliseconds, np.mean(hits) / 10


exact = search(flat)
flat_time, _ = measure(flat)
print(f"\nFlat  vergleicht alle  {flat_time:7.3f} ms   Recall@10 1.000")
curves, knobs = {"IVF": [], "HNSW": []}, {"IVF": "nprobe", "HNSW": "efSearch"}
for nprobe in NPROBE:
    ivf.nprobe = nprobe
    curves["IVF"].append((nprobe, *measure(ivf)))
for ef_search in EF_SEARCH:
    hnsw.hnsw.efSearch = ef_search
    curves["HNSW"].append((ef_search, *measure(hnsw)))
for name, knob in knobs.items():
    for setting, milliseconds, recall in curves[name]:
        print(
            f"{name:5} {knob:8} {setting:5} {milliseconds:10.3f} ms   Recall@10 {recall:.3f}   "
            f"{flat_time / milliseconds:5.1f}-mal so schnell wie Flat"
        )

# %% Bild: links ist schnell, oben ist genau
plt.plot(flat_time, 1, "D", color="black", markersize=11, label="Flat: alle vergleichen")
for name, label in {"IVF": "IVF: nur nahe Zellen", "HNSW": "HNSW: von Nachbar zu Nachbar"}.items():
    settings, milliseconds, recalls = zip(*curves[name])
    (line,) = plt.plot(milliseconds, recalls, "o-", markersize=9, label=label)
    place = (-22, 9) if name == "IVF" else (8, -16)
    for setting, x, y in curves[name]:
        plt.annotate(setting, (x, y), place, textcoords="offset points", color=line.get_color())
plt.xscale("log")
plt.gca().xaxis.set_major_formatter("{x:g}")
plt.ylim(top=1.06)
plt.xlabel("Millisekunden je Anfrage, ein Kern (logarithmisch)")
plt.ylabel("Recall@10")
plt.title(f"{len(vectors)} Vektoren: Was kostet es, weniger zu vergleichen?")
plt.legend(loc="lower right")
plt.show()

# %% Was man sieht
# Jeder Punkt ist eine Einstellung: nprobe bei IVF, efSearch bei HNSW. Mehr durchsuchen heißt mehr
# finden und länger warten. Wo die Kurve für deine Daten flach wird, zeigt erst das Messen.
for name, curve in curves.items():
    good = [(ms, setting) for setting, ms, recall in curve if recall >= 0.95 and ms < flat_time]
    if good:
        print(f"{name} mit {knobs[name]} {min(good)[1]} findet 95% oder mehr, schneller als Flat.")
    else:
        print(f"Keine Einstellung von {name} findet 95% und ist schneller als Flat.")

ergebnis(recall_ivf=curves["IVF"][-1][2], recall_hnsw=curves["HNSW"][-1][2])
