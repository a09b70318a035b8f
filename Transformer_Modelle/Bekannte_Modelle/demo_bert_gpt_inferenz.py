"""BERT und GPT benutzen: eine Lücke füllen, einen Text fortsetzen, und wie man das nächste Wort auswählt.

Kapitel   4.70 Transformer-Modelle · Bekannte Modelle
Folie     Code Demo: Inferenz mit BERT und GPT-Modellen
Lernziel  Sehen, was BERT (Encoder) und GPT (Decoder) vorhersagen; greedy, Temperatur, top-k und top-p unterscheiden
Laufzeit  ca. 40 s (2 CPU-Kerne)
Daten     keine; Modelle bert-base-german-cased und dbmdz/german-gpt2, sonst ihre Stellvertreter
Erwartet  bert_andere_woerter 0.8–1, gpt_wahrscheinlichstes 0.24–0.28, gpt_kandidaten_top_p 36–48,
          perplexity_greedy 3–3.7, perplexity_top_p 8–22, perplexity_heiss 300–30000

BERT sieht den ganzen Satz und rät die Lücke. GPT sieht nur, was davor steht, und rät, wie es weitergeht;
heraus kommt beide Male eine Wahrscheinlichkeit für jedes Token, das es kennt.
"""

# %% Stellschrauben: hier live drehen
GAPS = ["Der [MASK] bellt laut.", "Der [MASK] hält am Bahnhof."]  # vor der Lücke gleich
PROMPT = "Als ich heute Morgen aus dem Haus ging,"
COLD, HOT = 0.5, 1.5  # Temperaturen: unter 1 wird die Verteilung spitzer, über 1 flacher
TOP_K = 5
TOP_P = 0.8
MAX_NEW_TOKENS = 25  # Test: 3
N_SAMPLES = 3  # Test: 1
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
import textwrap

from kurs import ergebnis
from kurs.modelle import modell

import matplotlib.pyplot as plt
import numpy as np
import torch
import transformers
from transformers import AutoModelForCausalLM, AutoTokenizer, pipeline
from transformers.generation import TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper

# %% BERT füllt Lücken: links und rechts davon zählen
fill_mask = pipeline("fill-mask", model=modell("bert-base-german-cased"))
print("\nBERT: die fünf wahrscheinlichsten Wörter für die Lücke")
guesses = {}
for gap in GAPS:
    sentence = gap.replace("[MASK]", fill_mask.tokenizer.mask_token)
    guesses[gap] = {guess["token_str"]: guess["score"] for guess in fill_mask(sentence, top_k=5)}
    print(f"  {gap:40}", ", ".join(f"{word} {p:.0%}" for word, p in guesses[gap].items()))
first, second = (set(words) for words in list(guesses.values())[:2])
different = len(second - first) / len(second)
print(f"Vor der Lücke steht beide Male dasselbe; trotzdem sind {different:.0%} der Vorschläge andere.")

# %% GPT setzt fort: Es sieht nur, was vor der Stelle steht
GPT = modell("dbmdz/german-gpt2")
tokenizer = AutoTokenizer.from_pretrained(GPT)
model = AutoModelForCausalLM.from_pretrained(GPT, dtype=torch.float32).eval()
inputs = tokenizer(PROMPT, return_tensors="pt")
with torch.no_grad():
    logits = model(**inputs).logits[:, -1]  # nach dem letzten Token des Prompts
probability = logits.softmax(dim=-1)[0].numpy()
top = np.argsort(-probability)[:8]
names = [tokenizer.decode([token]).replace("\n", "⏎") for token in top]
print(f"\nGPT: Was folgt auf „{PROMPT}“? {len(probability)} Token stehen zur Wahl.")
for name, token in zip(names, top):
    print(f"  {name:12} {probability[token]:.1%}")

# %% Dieselben Wahrscheinlichkeiten, sechs Regeln, daraus ein Token zu wählen
greedy = torch.full_like(logits, -torch.inf)
greedy[0, top[0]] = 0.0
cold, hot = f"Temperatur {COLD}", f"Temperatur {HOT}"
top_k, top_p = f"top-k mit k = {TOP_K}", f"top-p mit p = {TOP_P}"
plain = "unverändert gezogen"
rules = {  # Name: (Wahrscheinlichkeiten nach der Regel, dieselbe Regel für generate)
    plain: (logits, {"top_k": 0}),
    "greedy": (greedy, {"do_sample": False}),
    cold: (TemperatureLogitsWarper(COLD)(None, logits), {"temperature": COLD, "top_k": 0}),
    hot: (TemperatureLogitsWarper(HOT)(None, logits), {"temperature": HOT, "top_k": 0}),
    top_k: (TopKLogitsWarper(TOP_K)(None, logits), {"top_k": TOP_K}),
    top_p: (TopPLogitsWarper(TOP_P)(None, logits), {"top_p": TOP_P, "top_k": 0}),
}
distributions = {name: scores.softmax(dim=-1)[0].numpy() for name, (scores, _) in rules.items()}
print("\nWie viele Token können noch gezogen werden, und wie viel bekommt das wahrscheinlichste?")
for name, p in distributions.items():
    print(f"  {name:22} {(p > 0).sum():7} Token, {p.max():6.1%} für „{names[0].strip()}“")

# %% Fortsetzungen: generate zieht ein Token, hängt es an, fragt wieder
n_prompt = inputs["input_ids"].shape[1]
perplexity, first_text = {}, {}
for name, (_, settings) in rules.items():
    transformers.set_seed(SEED)
    sampling = {"num_return_sequences": N_SAMPLES, "do_sample": True, **settings}
    if name == "greedy":
        sampling = settings  # käme immer auf dasselbe
    outputs = model.generate(
        **inputs, **sampling, max_new_tokens=MAX_NEW_TOKENS, pad_token_id=tokenizer.eos_token_id
    )
    with torch.no_grad():  # Wie gut findet das Modell seinen eigenen Text?
        log_p = model(outputs).logits[:, n_prompt - 1 : -1].log_softmax(dim=-1)
    chosen = log_p.gather(-1, outputs[:, n_prompt:, None])
    perplexity[name] = float((-chosen.mean()).exp())
    print(f"\n{name}: Perplexity {perplexity[name]:.1f}", flush=True)
    texts = tokenizer.batch_decode(outputs[:, n_prompt:], skip_special_tokens=True)
    texts = ["… " + " ".join(text.split()) for text in texts]
    first_text[name] = texts[0]
    print(*(f"  {text}" for text in texts), sep="\n")

# %% Bild 1: Beide geben Wahrscheinlichkeiten aus, BERT für die Lücke, GPT für das nächste Token
figure, axes = plt.subplots(1, 3, figsize=(15, 5))
panels = [(f"BERT\n{gap}", words) for gap, words in guesses.items()]
panels.append((f"GPT\n{PROMPT} …", dict(zip(names, probability[top]))))
for axis, (title, words), color in zip(axes, panels, ["#0072B2", "#0072B2", "#D55E00"]):
    bars = axis.barh(list(words), list(words.values()), color=color)
    axis.bar_label(bars, labels=[f" {p:.0%}" for p in words.values()])
    axis.margins(x=0.15)
    axis.invert_yaxis()
    axis.xaxis.set_major_locator(plt.MaxNLocator(4))
    axis.set_xlabel("Wahrscheinlichkeit")
    axis.set_title(title, fontsize=13)
plt.show()

# %% Bild 2: Was die Regeln aus der Verteilung machen, darunter je die erste Fortsetzung
figure, axes = plt.subplots(2, 3, figsize=(15, 9.5), sharex=True, sharey=True)
for axis, (name, p) in zip(axes.flat, distributions.items()):
    values = [*p[top], 1 - p[top].sum()]
    bars = axis.barh([*names, "alle anderen"], values, color=["#D55E00"] * len(top) + ["#999999"])
    axis.bar_label(bars, labels=[f" {value:.0%}" if value > 1e-6 else "" for value in values])
    axis.set(title=name, xlim=(0, 1.2), xticks=[])
    readable = "".join(sign if sign <= "ž" or sign in "…„“–" else "□" for sign in first_text[name])
    caption = textwrap.fill(readable, 42, max_lines=4, placeholder=" …")
    axis.set_xlabel(caption, loc="left", parse_math=False)
axes[0, 0].invert_yaxis()
figure.suptitle(f"„{PROMPT} …“: dieselben Wahrscheinlichkeiten, verschieden ausgewählt")
plt.show()

# %% Was man sieht
# greedy nimmt immer das Wahrscheinlichste: jedes Mal derselbe Text, oft in einer Schleife, und gerade die
# findet das Modell kein bisschen überraschend. Eine niedrige Temperatur macht die
# Verteilung spitzer, eine hohe flacher: Dann bekommt der graue Rest aus vielen Tausend unpassenden Token
# mehr Gewicht, und der Text zerfällt. top-k und top-p schneiden diesen Rest ab; top-k immer nach
# gleich vielen Token, top-p nach wenigen, wenn das Modell sich sicher ist, und nach vielen, wenn nicht.
print(f"\nWie überrascht ist das Modell von seinem eigenen Text (Perplexity)? {hot}:", end=" ")
print(f"{perplexity[hot]:.0f}, {top_p}: {perplexity[top_p]:.0f}, greedy: {perplexity['greedy']:.0f}.")
kept = (distributions[top_p] > 0).sum()
ergebnis(
    bert_andere_woerter=different,
    gpt_wahrscheinlichstes=probability.max(),
    gpt_kandidaten_top_p=kept,
    perplexity_greedy=perplexity["greedy"],
    perplexity_top_p=perplexity[top_p],
    perplexity_heiss=perplexity[hot],
)
