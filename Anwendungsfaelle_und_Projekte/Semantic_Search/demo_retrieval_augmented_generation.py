"""Retrieval Augmented Generation: erst die passende Stelle suchen, dann damit antworten.

Kapitel   7.60 Anwendungsfälle und Projekte · Semantic Search
Folie     Code Demo: Retrieval Augmented Generation
Lernziel  Kodieren, suchen, Prompt bauen, erzeugen, die Quelle nennen; messen, was sie bringt
Laufzeit  ca. 45 s (2 CPU-Kerne)
Daten     kurs/wissen (54 Absätze, 90 beantwortbare und 10 unbeantwortbare Fragen)
Modelle   intfloat/multilingual-e5-small, google/gemma-3-270m-it
Erwartet  chrf_mit_quelle 8–38, chrf_ohne_quelle 6–14, richtige_stelle 0.3–0.75, abgelehnt 0.75–1

Das Sprachmodell ist winzig (270 Millionen Gewichte). Lies kritisch: Was steht so in der Quelle?
"""

# %% Stellschrauben: hier live drehen
OWN_QUESTIONS = [
    "Welche Wissenschaftlerin kam drauf, dass seltene Wörter mehr zählen sollten?",
    "Wie sage ich Keras, dass es am Schluss den besten Stand zurückholen soll?",
    "Wie lange muss ein Hefeteig im Kühlschrank gehen?",
]  # Test: ["Welche Wissenschaftlerin kam drauf, dass seltene Wörter mehr zählen sollten?"]
PROMPT = "Beantworte die Frage mit dem Text.\n\nText: {source}\n\nFrage: {question}"
N_PARAGRAPHS = 54  # Test: 5
N_ANSWERS = 20  # Test: 1; so viele Fragen mit bekannter Antwort werden ausgewertet
MAX_NEW_TOKENS = 30  # Test: 2
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
from kurs import ergebnis, texte
from kurs.modelle import modell

import faiss
import numpy as np
import torch
from sacrebleu import corpus_chrf
from sentence_transformers import SentenceTransformer
from transformers import AutoModelForCausalLM, AutoTokenizer

faiss.omp_set_num_threads(1)  # reicht hier, und FAISS und torch stören sich nicht

# %% 1. Kodieren und in den Index legen
paragraphs, questions = texte.wissen()
paragraphs = paragraphs[:N_PARAGRAPHS]
passages = [f"{paragraph['titel']}: {paragraph['text']}" for paragraph in paragraphs]
encoder = SentenceTransformer(modell("intfloat/multilingual-e5-small"), device="cpu")
print(f"Kodiere {len(passages)} Absätze, das dauert einige Sekunden …")
vectors = encoder.encode(passages, prompt="passage: ", normalize_embeddings=True)
index = faiss.IndexFlatIP(vectors.shape[1])
index.add(vectors)


# %% 2. Suchen: der ähnlichste Absatz je Frage
def retrieve(some_questions):
    vectors = encoder.encode(some_questions, prompt="query: ", normalize_embeddings=True)
    return index.search(vectors, 1)[1][:, 0]


# %% 3. Erzeugen: Gesprächsvorlage → generate → decode
GEMMA = modell("google/gemma-3-270m-it")
tokenizer = AutoTokenizer.from_pretrained(GEMMA, padding_side="left")
gemma = AutoModelForCausalLM.from_pretrained(GEMMA, dtype=torch.float32)


def generate(prompts):
    """Die Antworten. Das Modell kennt Gespräche: Du sprichst als „user“, dann ist es dran."""
    chats = [[{"role": "user", "content": prompt}] for prompt in prompts]
    options = {"add_generation_prompt": True, "padding": True, "return_dict": True}
    inputs = tokenizer.apply_chat_template(chats, return_tensors="pt", **options)
    output = gemma.generate(**inputs, max_new_tokens=MAX_NEW_TOKENS, do_sample=False)
    new_tokens = output[:, inputs["input_ids"].shape[1] :]
    return [a.strip() for a in tokenizer.batch_decode(new_tokens, skip_special_tokens=True)]


def answer(some_questions):
    """Suchen, die Fundstelle in den Prompt setzen, antworten. Rückgabe: Antworten, Nummern."""
    numbers = retrieve(some_questions)
    pairs = zip(some_questions, numbers)
    return generate([PROMPT.format(source=passages[n], question=q) for q, n in pairs]), numbers


# %% Fragen stellen
answers, numbers = answer(OWN_QUESTIONS)
for question, text, number in zip(OWN_QUESTIONS, answers, numbers):
    print(f"\n{question}\n  ohne Quelle: {generate([question])[0]}")
    print(f"  mit Quelle:  {text}\n  Quelle:      {passages[number][:75]} …")

# %% Messen: ausgeloste Fragen, deren Antwort bekannt ist, und solche, auf die es keine gibt
ids = [paragraph["id"] for paragraph in paragraphs]
known = [q for q in questions if q["absatz"] in ids]
chosen = [known[i] for i in np.random.default_rng(SEED).permutation(len(known))[:N_ANSWERS]]
foreign = [q["frage"] for q in questions if q["absatz"] is None][:N_ANSWERS]
with_source, numbers = answer([q["frage"] for q in chosen])
without_source = generate([q["frage"] for q in chosen])
expected = [q["antwort"] for q in chosen]
hits = [q["absatz"] == ids[number] for q, number in zip(chosen, numbers)]
for q, without, text, hit in zip(chosen, without_source, with_source, hits):
    print(f"\n{q['frage']}\n  richtig:     {q['antwort']}\n  ohne Quelle: {without}")
    print(f"  mit Quelle:  {text} ({'richtige' if hit else 'falsche'} Stelle)")
refused = np.mean(["steht nicht" in text for text in answer(foreign)[0]])
refused_known = np.mean(["steht nicht" in text for text in with_source])

# chrF vergleicht Buchstabenfolgen mit der Musterantwort: 0 nichts gemeinsam, 100 derselbe Text.
chrf_with = corpus_chrf(with_source, [expected]).score
chrf_without = corpus_chrf(without_source, [expected]).score
print(f"\nRichtige Stelle gefunden: {np.mean(hits):.0%}")
print(f"Nähe zur Musterantwort (chrF): mit Quelle {chrf_with:.0f}, ohne {chrf_without:.0f}")
print(f"Von {len(foreign)} Fragen, deren Antwort nirgends steht, lehnt es {refused:.0%} ab,")
print(f"von den anderen {refused_known:.0%}.")
print("Hier hilft die Quelle" + (" nicht." if chrf_with <= chrf_without else "."))

# %% Was man sieht
# Begrenzt ist das System durch Suchen und Verstehen. Ablehnen hat das eingebettete Modell geübt;
# einem anderen sagt man es im Prompt. Schon vor dem Erzeugen ablehnen: demo_rag_ablehnen.
ergebnis(
    chrf_mit_quelle=chrf_with, chrf_ohne_quelle=chrf_without,
    richtige_stelle=np.mean(hits), abgelehnt=refused,
)
