"""Hybridsuche: BM25 zählt Wörter, e5 vergleicht Bedeutung. Was bringen beide zusammen?

Kapitel   7.52 Anwendungsfälle und Projekte · Semantic Search
Folie     Dense Retrieval
Lernziel  Invertierter Index und BM25 neben Dense Retrieval; beide Ranglisten verschmelzen, messen
Laufzeit  ca. 15 s (2 CPU-Kerne)
Daten     kurs/wissen (54 Absätze, 90 Fragen, deren Antwort in einem davon steht)
Modelle   intfloat/multilingual-e5-small
Erwartet  bm25_treffer_1 0.4–0.44, e5_treffer_1 0.47–0.55, hybrid_treffer_1 0.42–0.52,
          hybrid_treffer_3 0.67–0.77, hybrid_mrr 0.58–0.66

BM25 ist die klassische Suche: Seltene Wörter zählen viel, das zehnte Vorkommen kaum noch. Sie kennt
keine Synonyme, findet aber jeden Namen und jede Nummer, die so im Text steht. e5 eher umgekehrt.
"""

# %% Stellschrauben: hier live drehen
OWN_QUESTIONS = ["Rejewski", "Wie merke ich, dass mein Netz nur auswendig lernt?"]
N_PASSAGES = 54  # Test: 6
RRF_K = 60  # so in der Veröffentlichung zu reciprocal rank fusion; kleiner: Vorne zählt mehr

# %% Bibliotheken laden (einige Sekunden)
from kurs import ergebnis, texte
from kurs.modelle import modell

import bm25s
import matplotlib.pyplot as plt
import numpy as np
from nltk.stem.snowball import SnowballStemmer
from scipy.stats import binomtest, rankdata
from sentence_transformers import SentenceTransformer

# %% Daten: zu jeder Frage ist bekannt, in welchem Absatz die Antwort steht
paragraphs, questions = texte.wissen()
paragraphs = paragraphs[:N_PASSAGES]
titles = [paragraph["titel"] for paragraph in paragraphs]
passages = [f"{paragraph['titel']}. {paragraph['text']}" for paragraph in paragraphs]
number_of = {paragraph["id"]: number for number, paragraph in enumerate(paragraphs)}
questions = [q for q in questions if q["absatz"] in number_of]
asked, right = [q["frage"] for q in questions], [number_of[q["absatz"]] for q in questions]
print(f"{len(passages)} Absätze, {len(asked)} Fragen")

# %% BM25: Stoppwörter weg, Wortstämme, invertierter Index (Wort → Absätze mit Gewicht)
stem_word = SnowballStemmer("german").stem


def tokenize(some_texts):
    settings = dict(stopwords="de", stemmer=lambda words: list(map(stem_word, words)))
    return bm25s.tokenize(some_texts, return_ids=False, show_progress=False, **settings)


index = bm25s.BM25()
index.index(tokenize(passages), show_progress=False)
weights = index.get_scores(["neuron"])
found = [f"{titles[i]} {weights[i]:.1f}" for i in np.argsort(-weights) if weights[i] > 0]
print(f"Im Index steht bei „neuron“: {', '.join(found) or 'kein Absatz'}")

# %% Beide Suchen bewerten jeden Absatz; e5 will „passage: “ und „query: “ vor den Texten lesen
encoder = SentenceTransformer(modell("intfloat/multilingual-e5-small"), device="cpu")
vectors = encoder.encode(passages, prompt="passage: ", normalize_embeddings=True)


def search(some_questions):
    """Je Verfahren die Bewertung [Frage, Absatz]; hybrid ist die Summe von 1 / (RRF_K + Platz)."""
    words = np.array([index.get_scores(tokens) for tokens in tokenize(some_questions)])
    meaning = encoder.encode(some_questions, prompt="query: ", normalize_embeddings=True)
    scores = {"BM25": words, "e5": meaning @ vectors.T}
    fused = sum(1 / (RRF_K + places(score)) for score in scores.values())
    return {**scores, "hybrid": fused + 1e-6 * scores["e5"]}  # bei Gleichstand entscheidet e5


def places(score):
    """Je Frage der Platz jedes Absatzes, 1 ist der beste; wer gleichauf liegt, hat den letzten."""
    return rankdata(-score, method="max", axis=1)


for question in OWN_QUESTIONS:
    print(f"\n{question}")
    for name, score in search([question]).items():
        hits = [titles[i] for i in np.argsort(-score[0])[:3] if score[0, i] > 0]
        print(f"  {name:7} {', '.join(hits) or 'nichts gefunden'}")

# %% Messen: Auf welchem Platz steht der richtige Absatz? MRR ist das Mittel von 1 / Platz.
rank = {n: places(score)[np.arange(len(right)), right] for n, score in search(asked).items()}
quality = {name: [np.mean(r == 1), np.mean(r <= 3), np.mean(1 / r)] for name, r in rank.items()}
print("\n         hit@1  hit@3    MRR")
for shift, (name, values) in zip((-0.27, 0, 0.27), quality.items()):
    print(f"{name:7}" + "".join(f"{value:7.3f}" for value in values))
    plt.bar_label(plt.bar(np.arange(3) + shift, values, 0.27, label=name), fmt="%.2f")
plt.xticks(range(3), ["hit@1", "hit@3", "MRR"])
plt.ylim(0, 1)
plt.title(f"Finden beide zusammen mehr? {len(asked)} Fragen, anders formuliert als die Absätze")
plt.legend()
plt.show()

# %% Wer gewinnt wo? Die Fragen mit dem größten Unterschied im Platz
for winner, loser in (("BM25", "e5"), ("e5", "BM25")):
    lead = rank[loser] - rank[winner]
    print(f"\n{winner} vor {loser}: {(lead > 0).sum()} Fragen, am deutlichsten")
    for i in np.argsort(-lead)[: min(3, (lead > 0).sum())]:
        print(f"  Platz {rank[winner][i]:.0f} statt {rank[loser][i]:.0f}: {asked[i]}")

# %% Ist hybrid besser als e5 allein? Nur, wenn es deutlich mehr Fragen gewinnt als verliert.
won, lost = (rank["hybrid"] < rank["e5"]).sum(), (rank["hybrid"] > rank["e5"]).sum()
print(f"\nHybrid gegen e5: {won} Fragen besser, {lost} schlechter, die übrigen gleich.")
if won + lost == 0 or binomtest(won, won + lost).pvalue > 0.05:  # wie bei einer fairen Münze
    print("So ungleich fiele auch eine Münze oft: Diese Fragen entscheiden es nicht.")
else:
    print(f"Das ist mehr als Zufall: Hier ist hybrid {'besser' if won > lost else 'schlechter'}.")
ergebnis(
    bm25_treffer_1=quality["BM25"][0],
    e5_treffer_1=quality["e5"][0],
    hybrid_treffer_1=quality["hybrid"][0],
    hybrid_treffer_3=quality["hybrid"][1],
    hybrid_mrr=quality["hybrid"][2],
)
