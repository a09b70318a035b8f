"""BERT und GPT benutzen: eine Lücke füllen, einen Text fortsetzen, das nächste Wort auswählen.

Kapitel   4.70 Transformer-Modelle · Bekannte Modelle
Folie     Code Demo: Inferenz mit BERT und GPT-Modellen
Lernziel  Sehen, was BERT (Encoder) und GPT (Decoder) vorhersagen; greedy, Temperatur, top-k, top-p
Laufzeit  ca. 40 s (2 CPU-Kerne)
Daten     keine
Modelle   bert-base-german-cased, dbmdz/german-gpt2
Erwartet  bert_andere_woerter 0.8–1, gpt_wahrscheinlichstes 0.24–0.28, kandidaten_top_p 36–48,
          rest_kalt 0.02–0.05, rest_heiss 0.7–0.85, perplexity_greedy 3–3.7, perplexity_top_p 6–25

BERT sieht den ganzen Satz und rät die Lücke. GPT sieht nur, was davor steht, und rät, wie es
weitergeht; heraus kommt beide Male eine Wahrscheinlichkeit für jedes Token, das es kennt.
"""

# %% Stellschrauben: hier live drehen
GAPS = ["Der [MASK] bellt laut.", "Der [MASK] hält am Bahnhof."]  # je genau eine Lücke
PROMPT = "Als ich heute Morgen aus dem Haus ging,"
COLD = 0.5  # Temperatur unter 1: Die Verteilung wird spitzer; bei 0 ist es greedy
HOT = 1.5  # Temperatur über 1: Sie wird flacher
TOP_K = 5
TOP_P = 0.8
MAX_NEW_TOKENS = 25  # Test: 3
N_SAMPLES = 2  # Test: 1
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
from kurs import ergebnis
from kurs.modelle import modell

import matplotlib.pyplot as plt
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, pipeline, set_seed

# %% BERT füllt Lücken: links und rechts davon zählen
fill_mask = pipeline("fill-mask", model=modell("bert-base-german-cased"))
guesses = []
print("\nBERT: die fünf wahrscheinlichsten Wörter für die Lücke")
for gap in GAPS:
    found = fill_mask(gap.replace("[MASK]", fill_mask.tokenizer.mask_token), top_k=5)
    guesses.append({guess["token_str"]: guess["score"] for guess in found})
    print(f"  {gap:40}", ", ".join(f"{word} {p:.0%}" for word, p in guesses[-1].items()))
different = len(set(guesses[-1]) - set(guesses[0])) / 5
print(f"Zwischen erstem und letztem Satz sind {different:.0%} der Vorschläge andere.")

# %% GPT setzt fort: Es sieht nur, was vor der Stelle steht
GPT = modell("dbmdz/german-gpt2")
tokenizer = AutoTokenizer.from_pretrained(GPT)
model = AutoModelForCausalLM.from_pretrained(GPT, dtype=torch.float32).eval()
inputs = tokenizer(PROMPT, return_tensors="pt")
with torch.no_grad():
    probability = model(**inputs).logits[0, -1].softmax(dim=-1)
top = probability.topk(8)
names = [repr(tokenizer.decode([token]))[1:-1] for token in top.indices]
print(f"\nGPT: Was folgt auf „{PROMPT}“? {len(probability)} Tokens stehen zur Wahl.")
for name, p in zip(names, top.values):
    print(f"  „{name}“ {p:.1%}")

# %% Fünf Regeln, ein Token auszuwählen; generate zieht eines, hängt es an, fragt wieder
sampling = {"do_sample": True, "top_k": 0, "num_return_sequences": N_SAMPLES}
greedy = {"do_sample": False}
rules = {
    "greedy": greedy,
    f"Temperatur {COLD}": {**sampling, "temperature": COLD} if COLD else greedy,
    f"Temperatur {HOT}": {**sampling, "temperature": HOT} if HOT else greedy,
    f"top-k, k = {TOP_K}": {**sampling, "top_k": TOP_K},
    f"top-p, p = {TOP_P}": {**sampling, "top_p": TOP_P},
}
distributions, perplexities = {}, {}
for name, settings in rules.items():
    set_seed(SEED)
    output = model.generate(
        **inputs, **settings, max_new_tokens=MAX_NEW_TOKENS, min_new_tokens=MAX_NEW_TOKENS,
        return_dict_in_generate=True, output_scores=True, output_logits=True,
        pad_token_id=tokenizer.eos_token_id,
    )
    p = output.scores[0][0].softmax(dim=-1)  # daraus wurde das erste Token gezogen
    distributions[name] = (p == p.max()).float() if settings is greedy else p
    log_p = model.compute_transition_scores(output.sequences, output.logits, normalize_logits=True)
    perplexities[name] = float((-log_p.mean()).exp())  # wie überrascht es vom eigenen Text ist
    print(f"\n{name}: erstes Token unter {(distributions[name] > 0).sum()} ausgewählt,", end=" ")
    print(f"Perplexität {perplexities[name]:.1f}", flush=True)
    for text in tokenizer.batch_decode(output.sequences, skip_special_tokens=True):
        print("  …", " ".join(text.removeprefix(PROMPT).split()))


# %% Bild 1: Beide geben Wahrscheinlichkeiten aus, BERT für die Lücke, GPT für das nächste Token
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

# %% Bild 2: Was die Regeln aus der Verteilung machen
figure, axes = plt.subplots(1, len(distributions), figsize=(15, 5.5), sharex=True, sharey=True)
for axis, (name, p) in zip(axes, distributions.items()):
    shown = p[top.indices]
    axis.barh([*printable(names), "alle anderen"], [*shown, 1 - shown.sum()])
    axis.set(title=name, xlabel="Wahrscheinlichkeit")
axes[0].invert_yaxis()
figure.suptitle("Dieselben Wahrscheinlichkeiten: Was lassen die Regeln davon übrig?")
plt.show()

# %% Was man sieht
# greedy nimmt immer das Wahrscheinlichste: stets derselbe Text, oft in einer Schleife, und gerade
# die findet das Modell kein bisschen überraschend. Eine niedrige Temperatur macht die Verteilung
# spitzer, eine hohe flacher: Dann bekommen die vielen Tausend unpassenden Tokens mehr Gewicht, und
# der Text zerfällt. top-k und top-p schneiden sie ab; top-k immer nach gleich vielen, top-p nach
# wenigen, wenn das Modell sich sicher ist, und nach vielen, wenn nicht.
rest = {name: float(1 - p[top.indices].sum()) for name, p in distributions.items()}
ergebnis(
    bert_andere_woerter=different,
    gpt_wahrscheinlichstes=probability.max(),
    kandidaten_top_p=(distributions[f"top-p, p = {TOP_P}"] > 0).sum(),
    rest_kalt=rest[f"Temperatur {COLD}"],
    rest_heiss=rest[f"Temperatur {HOT}"],
    perplexity_greedy=perplexities["greedy"],
    perplexity_top_p=perplexities[f"top-p, p = {TOP_P}"],
)
