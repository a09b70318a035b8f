"""Masked Language Modeling: Wörter verdecken, raten lassen, am Fehler lernen.

Kapitel   4.80 Transformer-Modelle · Trainingsziele und Auxiliary Tasks
Folie     Code Demo: Masked Language Modeling mit Hugging Face
Lernziel  Maskieren, Verlust und Perplexity verstehen; ein Modell mit eigenen Texten weitertrainieren
Laufzeit  ca. 50 s (2 CPU-Kerne)
Daten     kurs/bewertungen (1.546 deutsche Bewertungen), Kleine Welt; Modell bert-base-german-cased
Erwartet  anteil_maskiert 0.76–0.84, perplexity_vorher 160–280, perplexity_nachher 105–180,
          perplexity_welt_vorher 4–7, perplexity_welt_nachher 7–15

Niemand muss etwas beschriften: Der Text selbst liefert Aufgabe und Lösung. So wird BERT vortrainiert,
und so gewöhnt man ein fertiges BERT an die Sprache des eigenen Fachgebiets, hier an Bewertungen.
"""

# %% Stellschrauben: hier live drehen
GAPS = ["Ich bin sehr [MASK].", "Der Film war leider [MASK].", "Ich kann das Hotel nur [MASK]."]
MASK_SHARE = 0.15
N_STEPS = 60  # Test: 2
BATCH_SIZE = 32  # Test: 4
LEARNING_RATE = 0.0005
N_TEST = 200  # Test: 8
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
from kurs import ergebnis, texte
from kurs.datensaetze import datensatz
from kurs.modelle import modell

import matplotlib.pyplot as plt
import numpy as np
import torch
import transformers
from transformers import (
    AutoModelForMaskedLM,
    AutoTokenizer,
    DataCollatorForLanguageModeling,
    pipeline,
)

transformers.set_seed(SEED)

# %% Modell und Texte
MODEL = modell("bert-base-german-cased")
tokenizer = AutoTokenizer.from_pretrained(MODEL)
model = AutoModelForMaskedLM.from_pretrained(MODEL, dtype=torch.float32)  # genau genug zum Lernen
reviews = datensatz("kurs/bewertungen")
world = [sentence for sentence in texte.welt().split("\n") if sentence]
sets = {
    "Training": reviews["train"]["text"],
    "Bewertungen": reviews["test"]["text"][:N_TEST],
    "Kleine Welt": world[:: len(world) // N_TEST],
}
encoded = {
    name: tokenizer(list(some), truncation=True, max_length=64)["input_ids"]
    for name, some in sets.items()
}
print(f"{model.num_parameters() / 1e6:.1f} Millionen Gewichte, {len(tokenizer)} Token im Wortschatz")

# %% Maskieren: Der Collator wählt MASK_SHARE der Token aus; labels ist überall sonst −100 („zählt nicht“)
collator = DataCollatorForLanguageModeling(tokenizer, mlm_probability=MASK_SHARE)
example = tokenizer("Das Frühstück war reichhaltig und der Kaffee frisch gemahlen.")["input_ids"]
batch = collator([example] * 8)  # achtmal derselbe Satz: jedes Mal liegen die Lücken woanders
for attempt in range(3):
    to_guess = batch["labels"][attempt][batch["labels"][attempt] != -100]
    print(f"  Versuch {attempt + 1}:", tokenizer.decode(batch["input_ids"][attempt]))
    print("    zu raten:", *(tokenizer.convert_ids_to_tokens(to_guess) or ["diesmal nichts"]))

many = collator(encoded["Bewertungen"])
chosen = many["labels"] != -100
masked = (many["input_ids"] == tokenizer.mask_token_id)[chosen].float().mean().item()
same = (many["input_ids"] == many["labels"])[chosen].float().mean().item()
print(f"Von {chosen.sum()} ausgewählten Token: {masked:.0%} durch {tokenizer.mask_token} ersetzt,", end=" ")
print(f"{same:.0%} gelassen, {1 - masked - same:.0%} durch irgendein anderes ersetzt.")
print("So lernt das Modell, auch den Wörtern zu misstrauen, die dastehen.")


# %% Verlust: −log der Wahrscheinlichkeit, die das Modell dem richtigen Token gibt; nur an den Lücken
model.eval()
with torch.no_grad():
    output = model(**batch)
    probability = output.logits.softmax(dim=-1)
place = (batch["labels"] != -100).nonzero()
by_hand = -torch.stack([probability[i, j, batch["labels"][i, j]].log() for i, j in place]).mean()
print(f"Verlust von Hand {by_hand:.4f}, vom Modell {output.loss:.4f}")


# %% Perplexity: e hoch Verlust. Zwischen so vielen gleich guten Token schwankt das Modell im Mittel.
def perplexity(ids):
    transformers.set_seed(SEED)  # vorher und nachher dieselben Lücken
    model.eval()
    losses, weights = [], []
    with torch.no_grad():
        for start in range(0, len(ids), 32):
            batch = collator(ids[start : start + 32])
            losses.append(model(**batch).loss.item())
            weights.append((batch["labels"] != -100).sum().item())
    return float(np.exp(np.average(losses, weights=weights)))


def top_5():
    fill_mask = pipeline("fill-mask", model=model.eval(), tokenizer=tokenizer)
    sentences = [gap.replace("[MASK]", tokenizer.mask_token) for gap in GAPS]
    return [{g["token_str"]: g["score"] for g in guesses} for guesses in fill_mask(sentences)]


test_sets = ("Bewertungen", "Kleine Welt")
before = {name: perplexity(encoded[name]) for name in test_sets}
guesses_before = top_5()

# %% Weitertrainieren, wie beim Vortraining: Bei jedem Durchgang liegen die Lücken woanders
transformers.set_seed(SEED)
optimizer = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE)
loader = torch.utils.data.DataLoader(
    encoded["Training"], batch_size=BATCH_SIZE, shuffle=True, collate_fn=collator
)
model.train()
curve = []
print(f"\nTraining: {N_STEPS} Schritte zu {BATCH_SIZE} Bewertungen")
while len(curve) < N_STEPS:
    for batch in loader:
        loss = model(**batch).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        curve.append(loss.item())
        if len(curve) % 10 == 0 or len(curve) == N_STEPS:
            mean = np.mean(curve[-10:])
            print(f"  Schritt {len(curve):3}: Verlust {mean:.2f} (Mittel der letzten zehn)", flush=True)
        if len(curve) == N_STEPS:
            break

# %% Nachher
after = {name: perplexity(encoded[name]) for name in test_sets}
guesses_after = top_5()
print("\nPerplexity auf Texten, mit denen hier nicht trainiert wurde")
for name in test_sets:
    change = "besser" if after[name] < before[name] else "schlechter"
    print(f"  {name:12} vorher {before[name]:7.1f}, nachher {after[name]:7.1f}: {change}")
for gap, old, new in zip(GAPS, guesses_before, guesses_after):
    print(f"\n{gap}")
    print("  vorher: ", ", ".join(f"{word} {p:.0%}" for word, p in old.items()))
    print("  nachher:", ", ".join(f"{word} {p:.0%}" for word, p in new.items()))

# %% Bild 1: der Verlust
figure, axis = plt.subplots(figsize=(9, 5))
steps = range(1, len(curve) + 1)
smooth = [np.mean(curve[max(0, step - 9) : step + 1]) for step in range(len(curve))]
axis.plot(steps, curve, color="#56B4E9", label="je Schritt (andere Texte, andere Lücken)")
axis.plot(steps, smooth, color="#0072B2", linewidth=3, label="Mittel der letzten zehn")
axis.set(xlabel="Schritt", ylabel="Verlust an den Lücken")
axis.set_title("Das Modell gewöhnt sich an Bewertungen")
axis.legend()
plt.show()

# %% Bild 2: die fünf besten Vorschläge, vorher und nachher
figure, axes = plt.subplots(2, len(GAPS), figsize=(5 * len(GAPS), 7), sharex=True, squeeze=False)
for row, (when, guesses, color) in enumerate(
    [("vorher", guesses_before, "#999999"), ("nachher", guesses_after, "#0072B2")]
):
    for axis, gap, words in zip(axes[row], GAPS, guesses):
        axis.barh(list(words), list(words.values()), color=color)
        axis.invert_yaxis()
        axis.set_title(f"{gap}\n{when}", fontsize=12)
for axis in axes[1]:
    axis.set_xlabel("Wahrscheinlichkeit")
plt.show()

# %% Was man sieht
# Der Verlust springt von Schritt zu Schritt, weil jedes Mal andere Wörter zu raten sind; die Richtung zeigt
# erst das Mittel. Was das Modell an der neuen Textsorte gewinnt, kann es an anderen Texten verlieren:
# Dafür steht Kleine Welt daneben. Perplexity zählt hier nur die verdeckten Token; mit der eines
# GPT, das jedes Wort von links nach rechts vorhersagt, ist sie nicht zu vergleichen.
ergebnis(
    anteil_maskiert=masked,
    perplexity_vorher=before["Bewertungen"],
    perplexity_nachher=after["Bewertungen"],
    perplexity_welt_vorher=before["Kleine Welt"],
    perplexity_welt_nachher=after["Kleine Welt"],
)
