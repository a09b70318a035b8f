"""Zusammenfassen: einen Satz auswählen oder einen neuen schreiben, und was ROUGE davon sieht.

Kapitel   4.77 Transformer-Modelle · Bekannte Modelle
Folie     Glossar: Extraktive Zusammenfassung · Generative Zusammenfassung · ROUGE
Lernziel  Extraktiv (Embeddings und PageRank) gegen generativ (Sprachmodell); ROUGE täuschen
Laufzeit  ca. 40 s (2 CPU-Kerne)
Daten     kurs/zusammenfassungen (30 Texte mit einer Zusammenfassung von Hand)
Modelle   intfloat/multilingual-e5-small, google/gemma-3-270m-it
Erwartet  rouge_erster_satz 0.14–0.16, rouge_extraktiv 0.06–0.1, rouge_generativ 0.09–0.18

Extraktiv: Der Satz, der den anderen am ähnlichsten ist, steht für alle. Generativ: ein neuer Satz.
"""

# %% Stellschrauben: hier live drehen
N_TEXTS = 30  # Test: 2
PROMPT = "{text}\n\nFasse den Text in einem Satz zusammen."
MAX_NEW_TOKENS = 60  # Test: 4
SHOWN = 3  # so viele Texte werden ausgedruckt; welche, lost SEED aus
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
import re
from types import SimpleNamespace

from kurs import ergebnis, texte
from kurs.modelle import modell

import matplotlib.pyplot as plt
import networkx as nx
import numpy as np
import torch
from rouge_score.rouge_scorer import RougeScorer
from sentence_transformers import SentenceTransformer
from transformers import AutoModelForCausalLM, AutoTokenizer

# %% Daten: jeder Text in Sätze zerlegt
rows = texte.zusammenfassungen()[:N_TEXTS]
references = [row["zusammenfassung"] for row in rows]
sentences = [re.split(r"(?<=[.!?]) (?=[A-ZÄÖÜ„])", row["text"]) for row in rows]

# %% Extraktiv: Sätze als Netz, verbunden nach Ähnlichkeit. PageRank findet den Mittelpunkt.
encoder = SentenceTransformer(modell("intfloat/multilingual-e5-small"), device="cpu")


def extract(sentences):
    vectors = encoder.encode(sentences, prompt="query: ", normalize_embeddings=True)
    similarity = vectors @ vectors.T
    np.fill_diagonal(similarity, 0)
    rank = nx.pagerank(nx.from_numpy_array(np.clip(similarity - similarity.mean(), 0, None)))
    return sentences[max(rank, key=rank.get)]


# %% Generativ: Anweisung → generate → decode
GEMMA = modell("google/gemma-3-270m-it")
tokenizer = AutoTokenizer.from_pretrained(GEMMA, padding_side="left")
gemma = AutoModelForCausalLM.from_pretrained(GEMMA, dtype=torch.float32)


def write(texts):
    chats = [[{"role": "user", "content": PROMPT.format(text=text)}] for text in texts]
    options = {"add_generation_prompt": True, "padding": True, "return_dict": True}
    inputs = tokenizer.apply_chat_template(chats, return_tensors="pt", **options)
    output = gemma.generate(**inputs, max_new_tokens=MAX_NEW_TOKENS, do_sample=False)
    new_tokens = output[:, inputs["input_ids"].shape[1] :]
    return [t.strip() for t in tokenizer.batch_decode(new_tokens, skip_special_tokens=True)]


# %% Drei Zusammenfassungen je Text; das dauert einige Sekunden
summaries = {
    "erster Satz": [group[0] for group in sentences],
    "extraktiv": [extract(group) for group in sentences],
    "generativ": write([row["text"] for row in rows]),
}
for i in np.random.default_rng(SEED).permutation(len(rows))[:SHOWN]:
    print(f"\n{rows[i]['titel']}\n  von Hand:    {references[i]}")
    for name, texts in summaries.items():
        print(f"  {name + ':':12} {texts[i]}")

# %% ROUGE: Wie viele Wörter (ROUGE-1), welche längste gemeinsame Folge (ROUGE-L)? 0 bis 1
# Von sich aus hält rouge-score ä, ö, ü und ß für Lücken zwischen Wörtern.
german = SimpleNamespace(tokenize=lambda text: re.findall(r"\w+", text.lower()))
scorer = RougeScorer(["rouge1", "rougeL"], tokenizer=german)


def rouge(candidates):
    scores = [scorer.score(right, text) for right, text in zip(references, candidates)]
    rouge_1 = np.mean([score["rouge1"].fmeasure for score in scores])
    return rouge_1, np.mean([score["rougeL"].fmeasure for score in scores])


scores = {name: rouge(texts) for name, texts in summaries.items()}
for name, (rouge_1, rouge_l) in scores.items():
    print(f"  {name:12} ROUGE-1 {rouge_1:.2f}, ROUGE-L {rouge_l:.2f}")
best = max(scores, key=lambda name: scores[name][1])
print(f"Am nächsten an der Zusammenfassung von Hand ist nach ROUGE-L hier: {best}")

# %% ROUGE getäuscht: dieselben Wörter, die gegenteilige Aussage
right = "Die Fähre fährt wieder, nur Autos von Urlaubern nimmt sie nicht mit."
wrong = "Die Fähre fährt nicht wieder, nur Autos von Urlaubern nimmt sie mit."
free = "Seit heute gibt es erneut Schiffe zur Insel, Gäste müssen ihren Wagen stehen lassen."
fooled, honest = (scorer.score(right, text)["rougeL"].fmeasure for text in (wrong, free))
print(f"\n„{right}“\n  falsch, aber gleiche Wörter:  ROUGE-L {fooled:.2f}  „{wrong}“")
print(f"  richtig, mit anderen Wörtern: ROUGE-L {honest:.2f}  „{free}“")

# %% Bild
plt.bar_label(plt.bar(list(scores), [rouge_l for _, rouge_l in scores.values()]), fmt="%.2f")
plt.ylabel("ROUGE-L (höher: mehr gemeinsame Wörter)")
plt.title("Welche Zusammenfassung ist der von Hand am nächsten?")
plt.show()

ergebnis(
    rouge_erster_satz=scores["erster Satz"][1],
    rouge_extraktiv=scores["extraktiv"][1],
    rouge_generativ=scores["generativ"][1],
)
