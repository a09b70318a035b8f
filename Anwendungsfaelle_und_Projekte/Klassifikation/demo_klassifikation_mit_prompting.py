"""Klassifikation mit Prompting: ein Sprachmodell fragen, ganz ohne Training.

Kapitel   7.40 Anwendungsfälle und Projekte · Projekt 1: Klassifikation
Folie     Option 2: Klassifikation mit Generativen Modellen
Lernziel  Zero-Shot- und Few-Shot-Prompts bauen, die Antwort als Wahrscheinlichkeit ablesen und die
          Neigung des Modells herausrechnen
Laufzeit  ca. 40 s (2 CPU-Kerne)
Daten     sepidmnorozy/German_sentiment, sonst unsere Bewertungen
Modelle   google/gemma-3-270m
Erwartet  zero_shot 0.35–0.65, zero_shot_geeicht 0.5–0.75, few_shot 0.58–0.82,
          few_shot_geeicht 0.45–0.75

Gemma 3 mit 270 Millionen Gewichten ist ein winziges Sprachmodell und nicht darauf trainiert,
Anweisungen zu befolgen: Es setzt Text fort. Darum endet der Prompt so, dass als Nächstes das Label
kommen muss. Den Vergleich mit den anderen Wegen zieht demo_klassifikation_drei_wege.
"""

# %% Stellschrauben: hier live drehen
INSTRUCTION = "Teile die Bewertung in eine der folgenden Klassen ein: positiv, negativ.\n\n"
TEMPLATE = "Bewertung: {text}\nKlasse:"
LABEL_WORDS = (" negativ", " positiv")  # mit Leerzeichen davor, so stehen sie im Text
N_EXAMPLES = 4  # Test: 2; so viele Beispiele stehen im Few-Shot-Prompt
N_TEST = 100  # Test: 2
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
import copy

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
y = np.array(test["label"])
print(f"{len(test)} Texte im Test, {y.mean():.0%} positiv")

# %% Zwei Prompts: Few-Shot zeigt vorher Beispiele, abwechselnd ein negatives und ein positives
by_label = [reviews["train"].filter(lambda row, k=k: row["label"] == k)["text"] for k in (0, 1)]
examples = [
    TEMPLATE.format(text=by_label[i % 2][i // 2]) + LABEL_WORDS[i % 2] + "\n\n"
    for i in range(N_EXAMPLES)
]
beginnings = {"Zero-Shot": INSTRUCTION, "Few-Shot": INSTRUCTION + "".join(examples)}

# %% Was kommt frei heraus? Prompt → generate → decode
GEMMA = modell("google/gemma-3-270m")
tokenizer = AutoTokenizer.from_pretrained(GEMMA)
gemma = AutoModelForCausalLM.from_pretrained(GEMMA, dtype=torch.float32)
print(f"\n{TEMPLATE.format(text=test['text'][0])}")
for name, beginning in beginnings.items():
    inputs = tokenizer(beginning + TEMPLATE.format(text=test["text"][0]), return_tensors="pt")
    n_tokens = inputs["input_ids"].shape[1]
    output = gemma.generate(**inputs, max_new_tokens=8, do_sample=False)
    print(f"  {name}, {n_tokens} Tokens → {tokenizer.decode(output[0, n_tokens:])!r}")

# %% Label-Wörter vergleichen: Wie wahrscheinlich ist jedes nach dem Prompt?
# Frei erzeugter Text ist schwer auszuwerten, zwei Wahrscheinlichkeiten nicht. Den immer gleichen
# Anfang des Prompts liest Gemma nur einmal und merkt sich die Zwischenergebnisse (Cache).
word_ids = [tokenizer(word, add_special_tokens=False)["input_ids"][0] for word in LABEL_WORDS]


@torch.inference_mode()
def ask(beginning, texts):
    """Je Text die Wahrscheinlichkeiten der beiden Label-Wörter direkt nach dem Prompt."""
    last = {"logits_to_keep": 1}  # gefragt ist nur, was nach dem letzten Token kommt
    cache = gemma(**tokenizer(beginning, return_tensors="pt"), **last).past_key_values
    probabilities = []
    for text in texts:
        rest = tokenizer(TEMPLATE.format(text=text), add_special_tokens=False, return_tensors="pt")
        output = gemma(rest["input_ids"], past_key_values=copy.deepcopy(cache), **last)
        probabilities.append(output.logits[0, -1].softmax(dim=-1)[word_ids].numpy())
    return np.array(probabilities)


# %% Eichen: Wozu neigt das Modell, wenn nichts zu lesen ist? Das abzuziehen braucht keine Labels.
accuracy = {}
for name, beginning in beginnings.items():
    print(f"\n{name}: frage {len(test)}-mal …")
    probabilities = ask(beginning, test["text"])
    without_content = ask(beginning, ["", "…", "N/A"])
    scores = np.log(probabilities[:, 1] / probabilities[:, 0])  # über 0: eher positiv
    bias = np.log(without_content[:, 1] / without_content[:, 0]).mean()
    share = probabilities.sum(axis=1).mean()
    print(f"  Auf die Label-Wörter entfallen zusammen {share:.0%} der Wahrscheinlichkeit.")
    print(f"  Ohne Inhalt neigt es zu „{LABEL_WORDS[int(bias > 0)].strip()}“ ({bias:+.2f}).")
    for variant, threshold in {name: 0, f"{name}, geeicht": bias}.items():
        accuracy[variant] = np.mean((scores > threshold) == y)
        positive = np.mean(scores > threshold)
        print(f"  {variant}: {positive:.0%} „positiv“, Testgenauigkeit {accuracy[variant]:.2f}")

# %% Bild
constant = max(y.mean(), 1 - y.mean())
bars = plt.barh(list(accuracy), list(accuracy.values()))
plt.bar_label(bars, fmt="%.2f", padding=6)
plt.axvline(constant, color="black", linestyle=":", label="immer dieselbe Klasse")
plt.gca().invert_yaxis()
plt.xlim(0, 1)
plt.xlabel("Testgenauigkeit")
plt.title("Was bringen Beispiele im Prompt, was bringt Eichen?")
plt.legend()
plt.show()

best = max(accuracy, key=accuracy.get)
print(f"\nAm genauesten ist hier {best} ({accuracy[best]:.2f}).")
print(f"Immer dieselbe Klasse zu sagen gibt {constant:.2f}. Bei {len(test)} Texten schwankt")
print(f"Testgenauigkeit um ±{np.sqrt(0.25 / len(test)):.2f}.")

# %% Ergebnis
ergebnis(
    zero_shot=accuracy["Zero-Shot"],
    zero_shot_geeicht=accuracy["Zero-Shot, geeicht"],
    few_shot=accuracy["Few-Shot"],
    few_shot_geeicht=accuracy["Few-Shot, geeicht"],
)
