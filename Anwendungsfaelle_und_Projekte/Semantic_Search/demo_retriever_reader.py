"""Retriever und Reader: Die Antwort ist ein Stück der Quelle, mit Stelle und Bewertung.

Kapitel   7.57 Anwendungsfälle und Projekte · Semantic Search
Folie     Retriever-Reader Workflow (Glossar)
Lernziel  Suchen und Lesen trennen: ein Absatz, darin eine Spanne; exakte Treffer und F1 messen
Laufzeit  ca. 20 s (2 CPU-Kerne)
Daten     kurs/wissen (54 Absätze, 90 Fragen mit Musterantwort)
Modelle   intfloat/multilingual-e5-small; de_core_news_sm, sonst die Pipeline des Kurses
Erwartet  richtiger_absatz 0.38–0.68, exakt 0–0.05, f1_spanne 0.04–0.16, f1_satz 0.06–0.16,
          f1_grenze 0.15–0.35

Der Reader erfindet nichts: Er zeigt auf eine Stelle. Ein richtiger ist auf Fragen trainiert, etwa
deepset/gelectra-base-germanquad auf dem Hub. Unserer ist ein Notbehelf: e5 vergleicht erst die
Sätze, dann die Satzteile mit der Frage. Wie weit kommt man damit?
"""

# %% Stellschrauben: hier live drehen
OWN_QUESTIONS = ["Welche Wissenschaftlerin kam drauf, dass seltene Wörter mehr zählen sollten?"]
N_PASSAGES = 54  # Test: 6; aus so vielen Absätzen wird gesucht
N_QUESTIONS = 45  # Test: 2; so viele ausgeloste Fragen mit Musterantwort werden gemessen
MAX_WORDS = 8  # längere Satzteile sind keine Kandidaten
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
import re
from collections import Counter

from kurs import ergebnis, texte
from kurs.modelle import modell, spacy_modell

import matplotlib.pyplot as plt
import numpy as np
import spacy
from sentence_transformers import SentenceTransformer

# %% Retriever: der ähnlichste Absatz, wie in demo_semantic_search
paragraphs, questions = texte.wissen()
paragraphs = paragraphs[:N_PASSAGES]
encoder = SentenceTransformer(modell("intfloat/multilingual-e5-small"), device="cpu")


def encode(some_texts, prompt):
    return encoder.encode(some_texts, prompt=prompt, normalize_embeddings=True)


vectors = encode([f"{p['titel']}. {p['text']}" for p in paragraphs], "passage: ")

# %% Kandidaten: Satzteile, also ein Wort mit allem, was daran hängt, und erkannte Namen
nlp = spacy.load(spacy_modell("de_core_news_sm"))
EDGES = ("ADP", "CCONJ", "SCONJ", "DET", "PUNCT")  # „in der …,“: Am Rand fällt so etwas weg


def candidates(sentence):
    doc = nlp(sentence)
    spans = [*doc.ents, *(doc[t.i : t.i + 1] for t in doc)]
    spans += [doc[t.left_edge.i : t.right_edge.i + 1] for t in doc]
    places = set()
    for span in spans:
        inner = [token for token in span if token.pos_ not in EDGES]
        if inner and inner[-1].i - inner[0].i < MAX_WORDS:
            places.add((inner[0].idx, inner[-1].idx + len(inner[-1])))
    return sorted(places) or [(0, len(sentence))]


# %% Reader: der ähnlichste Satz des Absatzes, darin der ähnlichste Satzteil
def read(query, text):
    sentences = re.split(r"(?<=[.!?]) (?=[A-ZÄÖÜ„])", text)
    sentence = sentences[(encode(sentences, "passage: ") @ query).argmax()]
    places = np.array(candidates(sentence)) + text.index(sentence)
    scores = encode([text[start:end] for start, end in places], "passage: ") @ query
    return sentence, [(*places[i], scores[i]) for i in np.argsort(-scores)]


for question in OWN_QUESTIONS:
    query = encode([question], "query: ")[0]
    paragraph = paragraphs[(vectors @ query).argmax()]
    sentence, answers = read(query, paragraph["text"])
    print(f"\n{question}\n  Absatz „{paragraph['titel']}“, Satz: {sentence}")
    for start, end, score in answers[:3]:
        print(f"  {score:.3f}  Zeichen {start}–{end}: {paragraph['text'][start:end]}")


# %% Messen: F1 aus gemeinsamen Wörtern, wie bei SQuAD. Exakt heißt F1 = 1.
def f1(answer, expected):
    a, b = (Counter(re.findall(r"\w+", text.lower())) for text in (answer, expected))
    return 2 * (a & b).total() / max(1, a.total() + b.total())


known = [q for q in questions if q["absatz"] in {p["id"] for p in paragraphs}]
known = [known[i] for i in np.random.default_rng(SEED).permutation(len(known))[:N_QUESTIONS]]
print(f"\nBeantworte {len(known)} Fragen …")
rows = []
for q, query in zip(known, encode([q["frage"] for q in known], "query: ")):
    paragraph = paragraphs[(vectors @ query).argmax()]
    sentence, answers = read(query, paragraph["text"])
    spans = [f1(paragraph["text"][start:end], q["antwort"]) for start, end, _ in answers]
    hit = paragraph["id"] == q["absatz"]
    rows.append([hit, spans[0] == 1, spans[0], f1(sentence, q["antwort"]), max(spans)])

found, exact, *f1_values = np.mean(rows, axis=0)
plt.bar_label(plt.bar(["Reader", "ganzer Satz", "beste Spanne"], f1_values), fmt="%.2f")
plt.gca().set(ylabel="F1 mit der Musterantwort", ylim=(0, 1))
plt.title(f"Wie nah kommt der Reader? {len(known)} Fragen")
plt.show()

# %% Was man sieht
# Ähnlich zur Frage ist, was ihre Wörter wiederholt. Die Antwort ist gerade das, was darin fehlt.
# Genau das lernt ein trainierter Reader: zwei Zahlen je Token, Anfang und Ende der Antwort.
ergebnis(
    richtiger_absatz=found,
    exakt=exact,
    f1_spanne=f1_values[0],
    f1_satz=f1_values[1],
    f1_grenze=f1_values[2],
)
