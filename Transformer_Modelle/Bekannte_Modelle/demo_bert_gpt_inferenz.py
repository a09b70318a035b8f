"""BERT und GPT benutzen: eine Lücke füllen, einen Text fortsetzen.

Kapitel   4.70 Transformer-Modelle · Bekannte Modelle
Folie     Code Demo: Inferenz mit BERT und GPT-Modellen
Lernziel  Sehen, was BERT (Encoder) und GPT (Decoder) vorhersagen und wie daraus Text wird
Laufzeit  ca. 10 s (2 CPU-Kerne)
Daten     keine
Modelle   bert-base-german-cased, dbmdz/german-gpt2
Erwartet  bert_andere_woerter 0.8–1, gpt_wahrscheinlichstes 0.24–0.28

BERT sieht den ganzen Satz und rät die Lücke. GPT sieht nur, was davor steht, und rät, wie es
weitergeht; heraus kommt beide Male eine Wahrscheinlichkeit für jedes Token, das es kennt.
"""

# %% Stellschrauben: hier live drehen
GAPS = ["Der [MASK] bellt laut.", "Der [MASK] hält am Bahnhof."]  # je eine Lücke
PROMPT = "Als ich heute Morgen aus dem Haus ging,"
MAX_NEW_TOKENS = 25  # Test: 3

# %% Bibliotheken laden (einige Sekunden)
from kurs import ergebnis
from kurs.modelle import modell

import matplotlib.pyplot as plt
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, pipeline

# %% BERT füllt Lücken: links und rechts davon zählen
fill_mask = pipeline("fill-mask", model=modell("bert-base-german-cased"))
guesses = []
print("\nBERT: die fünf wahrscheinlichsten Tokens für die Lücke")
for gap in GAPS:
    found = fill_mask(gap.replace("[MASK]", fill_mask.tokenizer.mask_token), top_k=5)
    found = found[0] if isinstance(found[0], list) else found  # mehrere Lücken: die erste
    guesses.append({guess["token_str"]: guess["score"] for guess in found})
    print(f"  {gap:40}", ", ".join(f"{word} {p:.0%}" for word, p in guesses[-1].items()))
different = len(set(guesses[-1]) - set(guesses[0])) / 5
print(f"Zwischen erstem und letztem Satz sind {different:.0%} der Vorschläge andere.")

# %% GPT setzt fort: Es sieht nur, was vor der Stelle steht
GPT = modell("dbmdz/german-gpt2")
tokenizer = AutoTokenizer.from_pretrained(GPT)
model = AutoModelForCausalLM.from_pretrained(GPT, dtype=torch.float32)
inputs = tokenizer(PROMPT, return_tensors="pt")
with torch.no_grad():
    probability = model(**inputs).logits[0, -1].softmax(dim=-1)
top = probability.topk(8)
names = [repr(tokenizer.decode([token]))[1:-1] for token in top.indices]
print(f"\nGPT: Was folgt auf „{PROMPT}“? {len(probability)} Tokens stehen zur Wahl.")
for name, p in zip(names, top.values):
    print(f"  „{name}“ {p:.1%}")

# %% Schreiben: das wahrscheinlichste Token anhängen, wieder fragen, und so weiter
output = model.generate(
    **inputs, do_sample=False, max_new_tokens=MAX_NEW_TOKENS, pad_token_id=tokenizer.eos_token_id
)
print(f"\n{tokenizer.decode(output[0], skip_special_tokens=True)}")
# Immer das Wahrscheinlichste zu nehmen (greedy), endet oft in einer Schleife. Bessere Regeln
# vergleicht demo_sampling.


# %% Bild: Beide geben Wahrscheinlichkeiten aus, BERT für die Lücke, GPT für das nächste Token
def printable(words):
    """Was die Schrift der Plots nicht kennt (etwa Emojis), wird zum Fragezeichen."""
    return [word.encode("cp1252", "replace").decode("cp1252") for word in words]


figure, axes = plt.subplots(1, len(GAPS) + 1, figsize=(5 * len(GAPS) + 5, 5))
for axis, gap, words in zip(axes, GAPS, guesses):
    axis.barh(printable(words), list(words.values()))
    axis.set_title(f"BERT\n{printable([gap])[0]}")
axes[-1].barh(printable(names), top.values, color="C1")
axes[-1].set_title("GPT\nnach dem Prompt")
for axis in axes:
    axis.invert_yaxis()
    axis.set_xlabel("Wahrscheinlichkeit")
plt.show()

ergebnis(bert_andere_woerter=different, gpt_wahrscheinlichstes=probability.max())
