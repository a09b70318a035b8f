"""Retrieval Augmented Generation: erst die passende Stelle suchen, dann damit antworten.

Kapitel   7.60 Anwendungsfälle und Projekte · Semantic Search
Folie     Code Demo: Retrieval Augmented Generation
Lernziel  Zerschneiden, kodieren, suchen, Prompt bauen, erzeugen, ablehnen; und messen, was die
          Quelle bringt
Laufzeit  ca. 35 s (2 CPU-Kerne)
Daten     kurs/wissen (54 Absätze, 90 beantwortbare und 10 unbeantwortbare Fragen)
Modelle   intfloat/multilingual-e5-small, google/gemma-3-270m
Erwartet  chrf_mit_quelle 10–24, chrf_ohne_quelle 5–14, richtige_stelle 0.4–0.8

Gemma mit 270 Millionen Gewichten ist winzig und auf keine Anweisungen trainiert. Lies seine
Antworten kritisch: Was steht so in der Quelle, was ist erfunden?
"""

# %% Stellschrauben: hier live drehen
OWN_QUESTIONS = [
    "Welche Wissenschaftlerin kam drauf, dass seltene Wörter mehr zählen sollten?",
    "Wie sage ich Keras, dass es am Schluss den besten Stand zurückholen soll?",
    "Wie lange muss ein Hefeteig im Kühlschrank gehen?",
]  # Test: ["Welche Wissenschaftlerin kam drauf, dass seltene Wörter mehr zählen sollten?"]
SENTENCES = 3  # so viele Sätze hat ein Textstück
MIN_SIMILARITY = 0.84  # darunter wird abgelehnt; wie man das wählt, zeigt demo_rag_ablehnen
N_PARAGRAPHS = 54  # Test: 5
N_ANSWERS = 20  # Test: 1; so viele Fragen mit bekannter Antwort werden ausgewertet
MAX_NEW_TOKENS = 20  # Test: 2
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
import re

from kurs import ergebnis, texte
from kurs.modelle import modell

import faiss
import numpy as np
import torch
from sacrebleu import corpus_chrf
from sentence_transformers import SentenceTransformer
from transformers import AutoModelForCausalLM, AutoTokenizer

faiss.omp_set_num_threads(1)  # reicht hier, und FAISS und torch stören sich nicht

# %% 1. Zerschneiden: kurze Stücke, die sich um einen Satz überlappen
paragraphs, questions = texte.wissen()
chunks, source_ids = [], []
for paragraph in paragraphs[:N_PARAGRAPHS]:
    sentences = re.split(r"(?<=[.!?]) (?=[A-ZÄÖÜ„])", paragraph["text"])
    step = max(1, SENTENCES - 1)
    for start in range(0, max(1, len(sentences) - SENTENCES + step), step):
        chunks.append(f"{paragraph['titel']}: " + " ".join(sentences[start : start + SENTENCES]))
        source_ids.append(paragraph["id"])
print(f"{len(chunks)} Textstücke, eines davon:\n  {chunks[0]}")

# %% 2. Kodieren und in den Index legen
encoder = SentenceTransformer(modell("intfloat/multilingual-e5-small"), device="cpu")
print("\nKodiere die Stücke, das dauert einige Sekunden …")
vectors = encoder.encode(chunks, prompt="passage: ", normalize_embeddings=True)
index = faiss.IndexFlatIP(vectors.shape[1])
index.add(vectors)


# %% 3. Suchen: das ähnlichste Stück je Frage
def retrieve(some_questions):
    vectors = encoder.encode(some_questions, prompt="query: ", normalize_embeddings=True)
    similarity, numbers = index.search(vectors, 1)
    return similarity[:, 0], numbers[:, 0]


# %% 4. Prompt: Anweisung, Quelle, Frage. Gemma setzt Text fort, also endet er vor der Antwort.
def build_prompt(question, source=None):
    if source is None:
        return f"Beantworte die Frage.\n\nFrage: {question}\nAntwort:"
    return f"Beantworte die Frage mit dem Text.\n\nText: {source}\n\nFrage: {question}\nAntwort:"


# %% 5. Erzeugen: Prompt → generate → decode
GEMMA = modell("google/gemma-3-270m")
tokenizer = AutoTokenizer.from_pretrained(GEMMA, padding_side="left")
gemma = AutoModelForCausalLM.from_pretrained(GEMMA, dtype=torch.float32)


def generate(prompts):
    inputs = tokenizer(prompts, padding=True, return_tensors="pt")
    output = gemma.generate(**inputs, max_new_tokens=MAX_NEW_TOKENS, do_sample=False)
    new_tokens = output[:, inputs["input_ids"].shape[1] :]
    answers = tokenizer.batch_decode(new_tokens, skip_special_tokens=True)
    return [answer.strip().split("\n")[0] for answer in answers]  # nur die erste Zeile


# %% Fragen stellen: ohne Quelle, mit Quelle, und lieber ablehnen, wenn keine Stelle ähnlich ist
for question in OWN_QUESTIONS:
    similarity, number = (result[0] for result in retrieve([question]))
    answer = "Das steht nicht in den Quellen."
    if similarity >= MIN_SIMILARITY:
        answer = generate([build_prompt(question, chunks[number])])[0]
    print(f"\n{question}")
    print(f"  ohne Quelle: {generate([build_prompt(question)])[0]}")
    print(f"  mit Quelle:  {answer}")
    print(f"  Quelle:      ({similarity:.3f}) {chunks[number][:75]} …")

# %% Messen: ausgeloste Fragen, deren Antwort bekannt ist. Wie nahe kommt die erzeugte?
known = [q for q in questions if q["absatz"] in source_ids]
chosen = np.random.default_rng(SEED).permutation(len(known))[:N_ANSWERS]
asked = [known[i]["frage"] for i in chosen]
expected = [known[i]["antwort"] for i in chosen]
_, numbers = retrieve(asked)
hits = [source_ids[number] == known[i]["absatz"] for number, i in zip(numbers, chosen)]
print(f"\nBeantworte {len(asked)} Fragen ohne und mit Quelle …")
answers = {
    "ohne Quelle": generate([build_prompt(q) for q in asked]),
    "mit Quelle": generate([build_prompt(q, chunks[n]) for q, n in zip(asked, numbers)]),
}
for i, question in enumerate(asked):
    print(f"\n{question}\n  richtig:     {expected[i]}")
    for name, texts in answers.items():
        print(f"  {name + ':':12} {texts[i]}")
    print(f"  Quelle:      {'die richtige' if hits[i] else 'die falsche'}")

# chrF vergleicht Buchstabenfolgen mit der Musterantwort: 0 nichts gemeinsam, 100 derselbe Text.
chrf = {name: corpus_chrf(texts, [expected]).score for name, texts in answers.items()}
print(f"\nRichtige Stelle gefunden: {np.mean(hits):.0%}")
print("Nähe zur Musterantwort (chrF):", ", ".join(f"{n} {v:.0f}" for n, v in chrf.items()))
if chrf["mit Quelle"] > chrf["ohne Quelle"]:
    print("Die Quelle hilft hier. Begrenzt ist das System durch beides: Suchen und Lesen.")
else:
    print("Die Quelle hilft hier nicht. Sieh nach, woran es liegt: am Suchen oder am Lesen?")

# %% Ergebnis
ergebnis(
    chrf_mit_quelle=chrf["mit Quelle"],
    chrf_ohne_quelle=chrf["ohne Quelle"],
    richtige_stelle=np.mean(hits),
)
