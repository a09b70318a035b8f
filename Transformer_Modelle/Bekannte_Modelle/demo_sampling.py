"""Das nächste Token auswählen: greedy, Temperatur, top-k, top-p.

Kapitel   4.72 Transformer-Modelle · Bekannte Modelle
Folie     Code Demo: Inferenz mit BERT und GPT-Modellen
Lernziel  Sehen, was die Regeln aus derselben Verteilung machen und wie die Texte davon werden
Laufzeit  ca. 30 s (2 CPU-Kerne)
Daten     keine
Modelle   dbmdz/german-gpt2
Erwartet  kandidaten_top_p 36–48, rest_kalt 0.02–0.05, rest_heiss 0.7–0.85,
          perplexity_greedy 3–3.7, perplexity_top_p 6–25

GPT gibt jedem Token eine Wahrscheinlichkeit. Welches geschrieben wird, entscheidet eine Regel, die
das Modell nicht gelernt hat.
"""

# %% Stellschrauben: hier live drehen
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
from transformers import AutoModelForCausalLM, AutoTokenizer, set_seed

if not 0 < TOP_P <= 1:
    raise ValueError("TOP_P ist ein Anteil: größer als 0, höchstens 1")

# %% Das Modell und der Anfang des Textes
GPT = modell("dbmdz/german-gpt2")
tokenizer = AutoTokenizer.from_pretrained(GPT)
model = AutoModelForCausalLM.from_pretrained(GPT, dtype=torch.float32)
inputs = tokenizer(PROMPT, return_tensors="pt")

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

# %% Bild: die acht wahrscheinlichsten ersten Tokens unter jeder Regel
top = output.logits[0][0].topk(8).indices  # vor jeder Regel
tokens = [repr(tokenizer.decode([token]))[1:-1] for token in top]
# Was die Schrift der Plots nicht kennt (etwa Emojis), wird zum Fragezeichen
tokens = [token.encode("cp1252", "replace").decode("cp1252") for token in tokens]
rest = {name: float(1 - p[top].sum()) for name, p in distributions.items()}
figure, axes = plt.subplots(1, len(rules), figsize=(15, 5.5), sharex=True, sharey=True)
for axis, (name, p) in zip(axes, distributions.items()):
    axis.barh([*tokens, "alle anderen"], [*p[top], rest[name]])
    axis.set(title=name, xlabel="Wahrscheinlichkeit")
axes[0].invert_yaxis()
figure.suptitle("Dieselben Wahrscheinlichkeiten: Was lassen die Regeln davon übrig?")
plt.show()

# %% Was man sieht
# greedy nimmt immer das Wahrscheinlichste: stets derselbe Text, oft in einer Schleife. Was sich
# wiederholt, überrascht das Modell kaum noch. Eine niedrige Temperatur macht die Verteilung
# spitzer, eine hohe flacher: Dann bekommen die vielen Tausend unpassenden Tokens mehr Gewicht, und
# der Text zerfällt. top-k und top-p schneiden sie ab; top-k immer nach gleich vielen, top-p nach
# wenigen, wenn das Modell sich sicher ist, und nach vielen, wenn nicht.
ergebnis(
    kandidaten_top_p=(distributions[f"top-p, p = {TOP_P}"] > 0).sum(),
    rest_kalt=rest[f"Temperatur {COLD}"],
    rest_heiss=rest[f"Temperatur {HOT}"],
    perplexity_greedy=perplexities["greedy"],
    perplexity_top_p=perplexities[f"top-p, p = {TOP_P}"],
)
