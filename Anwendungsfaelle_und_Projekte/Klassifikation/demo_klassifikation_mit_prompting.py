"""Klassifikation mit Prompting: ein Sprachmodell fragen, ganz ohne Training.

Kapitel   7.40 Anwendungsfälle und Projekte · Projekt 1: Klassifikation
Folie     Option 2: Klassifikation mit Generativen Modellen
Lernziel  Zero-Shot und Few-Shot: Anweisung und Beispiele als Gespräch, die Antwort erzeugen und
          auswerten
Laufzeit  ca. 55 s (2 CPU-Kerne)
Daten     sepidmnorozy/German_sentiment, sonst unsere Bewertungen
Modelle   google/gemma-3-270m-it
Erwartet  zero_shot 0.55–0.87, few_shot 0.5–0.85, gueltig 0.9–1

Das Modell hat gelernt, Anweisungen zu befolgen, aber diese Bewertungen kennt es nicht. Den
Vergleich mit den anderen Wegen zieht demo_klassifikation_drei_wege.
"""

# %% Stellschrauben: hier live drehen
INSTRUCTION = "Ist diese Bewertung positiv oder negativ?\n\n{text}"
LABELS = ("negativ", "positiv")
N_EXAMPLES = 4  # Test: 2; so viele Beispiele stehen im Few-Shot-Prompt
N_TEST = 60  # Test: 2
BATCH_SIZE = 10
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
from kurs import ergebnis
from kurs.datensaetze import datensatz
from kurs.modelle import modell

import matplotlib.pyplot as plt
import numpy as np
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

# %% Daten: negativ (0) oder positiv (1)
reviews = datensatz("sepidmnorozy/German_sentiment").shuffle(seed=SEED)
test = reviews["test"].select(range(min(N_TEST, len(reviews["test"]))))
share = sum(test["label"]) / len(test)
print(f"{len(test)} Texte im Test, {share:.0%} positiv")

# %% Few-Shot heißt: Vor der Frage stehen Beispiele, abwechselnd ein negatives und ein positives
by_label = [reviews["train"].filter(lambda row, k=k: row["label"] == k)["text"] for k in (0, 1)]
examples = []
for i in range(N_EXAMPLES):
    question = INSTRUCTION.format(text=by_label[i % 2][i // 2])
    examples.append({"role": "user", "content": question})
    examples.append({"role": "assistant", "content": LABELS[i % 2]})

# %% Das Sprachmodell: Gesprächsvorlage → generate → decode
GEMMA = modell("google/gemma-3-270m-it")
tokenizer = AutoTokenizer.from_pretrained(GEMMA, padding_side="left")
gemma = AutoModelForCausalLM.from_pretrained(GEMMA, dtype=torch.float32)


def ask(texts, examples):
    """Die Antwort auf jeden Text; davor stehen die Beispiele."""
    questions = [{"role": "user", "content": INSTRUCTION.format(text=text)} for text in texts]
    options = {"add_generation_prompt": True, "padding": True, "return_dict": True}
    answers = []
    for start in range(0, len(questions), BATCH_SIZE):
        chats = [[*examples, question] for question in questions[start : start + BATCH_SIZE]]
        inputs = tokenizer.apply_chat_template(chats, return_tensors="pt", **options)
        output = gemma.generate(**inputs, max_new_tokens=4, do_sample=False)
        new_tokens = output[:, inputs["input_ids"].shape[1] :]
        answers += tokenizer.batch_decode(new_tokens, skip_special_tokens=True)
    return answers


# %% So sieht ein Prompt aus, den das Modell wirklich liest
chat = [*examples[:2], {"role": "user", "content": INSTRUCTION.format(text=test["text"][0])}]
print("\n" + tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True))

# %% Fragen und auswerten: Was keines der Label-Wörter ist, zählt als falsch
accuracy, valid, words = {}, {}, [label.lower() for label in LABELS]
for name, shown in {"Zero-Shot": [], "Few-Shot": examples}.items():
    print(f"{name}: frage {len(test)}-mal …")
    answers = [answer.strip(" .\n").lower() for answer in ask(test["text"], shown)]
    right = [answer == words[label] for answer, label in zip(answers, test["label"])]
    accuracy[name] = np.mean(right)
    valid[name] = np.mean([answer in words for answer in answers])
    print(f"  {valid[name]:.0%} gültige Antworten, {answers.count(words[1])}× {words[1]}")
    print(f"  Testgenauigkeit {accuracy[name]:.2f}")
    for i in np.flatnonzero(np.logical_not(right))[:2]:
        print(f"  falsch: „{answers[i]}“ zu: {test['text'][i][:75]} …")

# %% Bild
constant = max(share, 1 - share)
plt.bar_label(plt.bar(list(accuracy), list(accuracy.values()), width=0.5), fmt="%.2f")
plt.axhline(constant, color="black", linestyle=":", label="immer dieselbe Klasse")
plt.ylim(0, 1)
plt.ylabel("Testgenauigkeit")
plt.title(f"Was bringen {N_EXAMPLES} Beispiele im Prompt?")
plt.legend()
plt.show()

best = max(accuracy, key=accuracy.get)
if accuracy["Zero-Shot"] == accuracy["Few-Shot"]:
    best = "keins von beiden"
print(f"\nAm genauesten ist hier {best}. Bei {len(test)} Texten schwankt eine Testgenauigkeit")
print(f"um bis zu ±{2 * np.sqrt(0.25 / len(test)):.2f}. Immer dieselbe Klasse gibt {constant:.2f}.")
# Ein Prompt mit Beispielen ist länger, also langsamer. Ob sie helfen, hängt vom Modell ab: Große
# lesen aus ihnen Form und Aufgabe ab, kleine lassen sich auch von ihnen ablenken.

ergebnis(
    zero_shot=accuracy["Zero-Shot"], few_shot=accuracy["Few-Shot"], gueltig=min(valid.values())
)
