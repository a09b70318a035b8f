"""Semantische Suche: Absätze nach ihrer Bedeutung finden, mit e5 und FAISS.

Kapitel   7.50 Anwendungsfälle und Projekte · Semantic Search
Folie     Code Demo: Embeddings in FAISS
Lernziel  Texte kodieren, einen Index bauen, speichern, laden und befragen; messen, wie gut er sucht
Laufzeit  ca. 10 s (2 CPU-Kerne)
Daten     kurs/wissen (54 Absätze, 90 Fragen, deren Antwort in einem davon steht)
Modelle   intfloat/multilingual-e5-small
Erwartet  woerter_treffer_1 0.34–0.37, woerter_treffer_3 0.48–0.52, e5_treffer_1 0.47–0.55,
          e5_treffer_3 0.67–0.75, e5_mrr 0.61–0.67

Gesucht wird mit 90 Fragen in 54 Absätzen. Die Fragen benutzen absichtlich andere Wörter als die
Absätze. Wie FAISS in sehr vielen Vektoren sucht, zeigt demo_faiss_indextypen; was tun, wenn die
Antwort in keinem Absatz steht, zeigt demo_rag_ablehnen.
"""

# %% Stellschrauben: hier live drehen
OWN_QUESTIONS = [
    "Wie hat der alte Lernapparat von 1958 Bilder gesehen?",
    "How do I stop training before the network learns everything by heart?",
]
N_PASSAGES = 54  # Test: 6
N_HITS = 3  # so viele Absätze zeigt die Suche je Frage

# %% Bibliotheken laden (einige Sekunden)
import json

from kurs import ausgabe_ordner, ergebnis, texte
from kurs.modelle import modell

import faiss
import matplotlib.pyplot as plt
import numpy as np
from scipy.stats import rankdata
from sentence_transformers import SentenceTransformer
from sklearn.feature_extraction.text import TfidfVectorizer

faiss.omp_set_num_threads(1)  # reicht hier, und FAISS und torch stören sich nicht

# %% Daten: zu jeder beantwortbaren Frage ist bekannt, in welchem Absatz die Antwort steht
paragraphs, questions = texte.wissen()
paragraphs = paragraphs[:N_PASSAGES]
passages = [f"{paragraph['titel']}. {paragraph['text']}" for paragraph in paragraphs]
number_of = {paragraph["id"]: number for number, paragraph in enumerate(paragraphs)}
answerable = [q for q in questions if q["absatz"] in number_of]
asked = [q["frage"] for q in answerable]
right = np.array([number_of[q["absatz"]] for q in answerable])
print(f"{len(passages)} Absätze, {len(asked)} Fragen mit bekanntem Absatz. Zum Beispiel:")
print(f"  {asked[0]}\n  → {passages[right[0]][:90]} …")

# %% Kodieren: ein Vektor je Text. e5 will „query: “ vor Fragen und „passage: “ vor Texten lesen.
encoder = SentenceTransformer(modell("intfloat/multilingual-e5-small"), device="cpu")
print("\nKodiere Absätze und Fragen, das dauert einige Sekunden …")
passage_vectors = encoder.encode(passages, prompt="passage: ", normalize_embeddings=True)
question_vectors = encoder.encode(asked, prompt="query: ", normalize_embeddings=True)
print(f"Absätze {passage_vectors.shape}, Fragen {question_vectors.shape}, alle Vektoren Länge 1")

# %% Index bauen, speichern, laden. FAISS merkt sich nur Vektoren; die Texte hebt man selbst auf.
index = faiss.IndexFlatIP(passage_vectors.shape[1])  # IP: inner product; bei Länge 1 der Kosinus
index.add(passage_vectors)
folder = ausgabe_ordner()
# faiss.write_index(index, Dateiname) ginge auch, scheitert unter Windows aber an Umlauten im Pfad.
(folder / "wissen.faiss").write_bytes(faiss.serialize_index(index).tobytes())
(folder / "wissen.json").write_text(json.dumps(passages, ensure_ascii=False), encoding="utf-8")

index = faiss.deserialize_index(np.fromfile(folder / "wissen.faiss", dtype="uint8"))
passages = json.loads((folder / "wissen.json").read_text(encoding="utf-8"))
print(f"\nIndex gespeichert und geladen: {index.ntotal} Vektoren. Er liegt in\n  {folder}")

# %% Fragen stellen, auch auf Englisch
for question in OWN_QUESTIONS:
    vector = encoder.encode([question], prompt="query: ", normalize_embeddings=True)
    scores, numbers = index.search(vector, min(N_HITS, index.ntotal))
    print(f"\n{question}")
    for score, number in zip(scores[0], numbers[0]):
        print(f"  {score:.3f}  {passages[number][:80]} …")


# %% Wie gut ist die Suche? Auf welchem Platz steht der richtige Absatz?
def ranks(similarity):
    """Je Frage der Platz des richtigen Absatzes; 1 ist der beste, gleichauf heißt der letzte."""
    places = rankdata(-similarity, method="max", axis=1)
    return places[np.arange(len(right)), right]


counter = TfidfVectorizer().fit(passages)
by_words = (counter.transform(asked) @ counter.transform(passages).T).toarray()
by_meaning = question_vectors @ passage_vectors.T
rank = {"Wörter (TF-IDF)": ranks(by_words), "Bedeutung (e5)": ranks(by_meaning)}
quality = {name: [np.mean(r == 1), np.mean(r <= 3), np.mean(1 / r)] for name, r in rank.items()}
print("\nhit@k: Anteil der Fragen mit dem richtigen Absatz unter den ersten k")
print("MRR:   Mittel von 1 / Platz (mean reciprocal rank)")
for name, (hit_1, hit_3, mrr) in quality.items():
    print(f"  {name:16} hit@1 {hit_1:.3f}   hit@3 {hit_3:.3f}   MRR {mrr:.3f}")

for shift, (name, values) in zip((-0.2, 0.2), quality.items()):
    plt.bar_label(plt.bar(np.arange(3) + shift, values, 0.4, label=name), fmt="%.2f")
plt.xticks(range(3), ["hit@1", "hit@3", "MRR"])
plt.ylim(0, 1)
plt.ylabel("Wert (höher ist besser)")
plt.title(f"Suche mit {len(asked)} Fragen, die anders klingen als die Texte")
plt.legend()
plt.show()

# %% Ergebnis
ergebnis(
    woerter_treffer_1=quality["Wörter (TF-IDF)"][0],
    woerter_treffer_3=quality["Wörter (TF-IDF)"][1],
    e5_treffer_1=quality["Bedeutung (e5)"][0],
    e5_treffer_3=quality["Bedeutung (e5)"][1],
    e5_mrr=quality["Bedeutung (e5)"][2],
)
