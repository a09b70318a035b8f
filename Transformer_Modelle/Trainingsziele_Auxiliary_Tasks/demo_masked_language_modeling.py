"""Masked Language Modeling: Wörter verdecken, raten lassen, am Fehler lernen.

Kapitel   4.80 Transformer-Modelle · Trainingsziele und Auxiliary Tasks
Folie     Code Demo: Masked Language Modeling mit Hugging Face
Lernziel  Maskieren, Loss und Perplexität verstehen; ein Modell mit eigenen Texten weitertrainieren
Laufzeit  ca. 35 s (2 CPU-Kerne)
Daten     kurs/bewertungen (1.546 deutsche Bewertungen), Kleine Welt
Modelle   bert-base-german-cased (das Original rechnet rund 11-mal so lange)
Erwartet  anteil_maskiert 0.76–0.84, perplexity_vorher 160–280, perplexity_nachher 105–180,
          perplexity_welt_vorher 4–7, perplexity_welt_nachher 5–15

Niemand muss etwas beschriften: Der Text selbst liefert Aufgabe und Lösung. So wird BERT trainiert,
und so gewöhnt man ein fertiges BERT an die Sprache des eigenen Fachgebiets, hier an Bewertungen.
"""

# %% Stellschrauben: hier live drehen
GAPS = ["Ich bin sehr [MASK].", "Der Film war leider [MASK].", "Ich kann das Hotel nur [MASK]."]
MASK_SHARE = 0.15
EPOCHS = 1.0  # auch 0.5 geht  # Test: 0.05
LEARNING_RATE = 0.0005
N_TEST = 200  # etwa so viele Texte je Prüfung, soweit vorhanden  # Test: 8
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
import math

from kurs import ausgabe_ordner, ergebnis, texte
from kurs.datensaetze import datensatz
from kurs.modelle import modell

import matplotlib.pyplot as plt
import torch
from transformers import (
    AutoModelForMaskedLM,
    AutoTokenizer,
    DataCollatorForLanguageModeling,
    Trainer,
    TrainingArguments,
    pipeline,
    set_seed,
)

set_seed(SEED)

# %% Modell und Texte
MODEL = modell("bert-base-german-cased", original_kostet=11)
tokenizer = AutoTokenizer.from_pretrained(MODEL)
model = AutoModelForMaskedLM.from_pretrained(MODEL, dtype=torch.float32)  # genau genug zum Lernen
print(f"{model.num_parameters() / 1e6:.1f} Millionen Gewichte, {len(tokenizer)} Tokens zur Wahl")


def encode(some_texts):
    encoded = tokenizer(list(some_texts), truncation=True, max_length=64)
    return [{"input_ids": ids} for ids in encoded["input_ids"]]


reviews = datensatz("kurs/bewertungen")
world = [sentence for sentence in texte.welt().split("\n") if sentence]
train_set = encode(reviews["train"]["text"])
test_sets = {
    "Bewertungen": encode(reviews["test"]["text"][:N_TEST]),
    "Kleine Welt": encode(world[:: max(1, len(world) // N_TEST)]),
}

# %% Maskieren: Der Collator wählt MASK_SHARE der Tokens aus; labels ist sonst −100 („zählt nicht“)
collator = DataCollatorForLanguageModeling(tokenizer, mlm_probability=MASK_SHARE)
batch = collator(test_sets["Bewertungen"])
chosen = batch["labels"] != -100
for ids, labels in zip(batch["input_ids"][:3], batch["labels"][:3]):
    print("\n  zu lesen:", tokenizer.decode(ids[ids != tokenizer.pad_token_id]))
    print("  zu raten:", *tokenizer.convert_ids_to_tokens(labels[labels != -100]))
masked = int((batch["input_ids"] == tokenizer.mask_token_id)[chosen].sum()) / int(chosen.sum())
same = int((batch["input_ids"] == batch["labels"])[chosen].sum()) / int(chosen.sum())
print(f"\nVon {chosen.sum()} gewählten Tokens: {masked:.0%} durch {tokenizer.mask_token} ersetzt,")
print(f"{same:.0%} gelassen, {1 - masked - same:.0%} durch irgendein anderes ersetzt.")
# So lernt das Modell, auch den Wörtern zu misstrauen, die dastehen.

# %% Loss: −log der Wahrscheinlichkeit, die das Modell dem richtigen Token gibt; nur an den Lücken
model.eval()
with torch.no_grad():
    output = model(**batch)
probability = output.logits.softmax(dim=-1)[chosen, batch["labels"][chosen]]
print(f"\nLoss von Hand {-probability.log().mean():.4f}, vom Modell {output.loss:.4f}")

# %% Weitertrainieren, wie beim Vortraining: Bei jedem Durchgang liegen die Lücken woanders
arguments = TrainingArguments(
    str(ausgabe_ordner()), num_train_epochs=EPOCHS, learning_rate=LEARNING_RATE, seed=SEED,
    per_device_train_batch_size=16, per_device_eval_batch_size=32, logging_steps=0.1,
    save_strategy="no", disable_tqdm=True, report_to="none", use_cpu=True,
)
trainer = Trainer(model, arguments, collator, train_dataset=train_set)


def measure():
    """Perplexität (e hoch Loss) je Testmenge, und zu jedem Satz aus GAPS die besten fünf Wörter."""
    perplexities = {}
    for name, test_set in test_sets.items():
        set_seed(SEED)  # vorher und nachher dieselben Lücken
        perplexities[name] = math.exp(trainer.evaluate(test_set)["eval_loss"])
    fill_mask = pipeline("fill-mask", model=model, tokenizer=tokenizer)
    words = []
    for gap in GAPS:
        found = fill_mask(gap.replace("[MASK]", tokenizer.mask_token), top_k=5)
        found = found[0] if isinstance(found[0], list) else found  # mehrere Lücken: die erste
        words.append({guess["token_str"]: guess["score"] for guess in found})
    return perplexities, words


before, words_before = measure()
print(f"\nTraining mit {len(train_set)} Bewertungen:")
trainer.train()
after, words_after = measure()

# %% Vorher und nachher
print("\nPerplexität auf Texten, mit denen hier nicht trainiert wurde")
for name, test_set in test_sets.items():
    change = "besser" if after[name] < before[name] else "nicht besser"
    print(f"  {name:12} ({len(test_set)}): {before[name]:.1f} → {after[name]:.1f}, {change}")
figure, axes = plt.subplots(2, len(GAPS), figsize=(5 * len(GAPS), 7), sharex=True, squeeze=False)
for row, (when, all_words) in enumerate([("vorher", words_before), ("nachher", words_after)]):
    for axis, gap, words in zip(axes[row], GAPS, all_words):
        print(f"  {when:8} {gap}", ", ".join(f"{word} {p:.0%}" for word, p in words.items()))
        axis.barh(list(words), list(words.values()), color=f"C{row}")
        axis.invert_yaxis()
        axis.set(title=f"{gap}\n{when}", xlabel="Wahrscheinlichkeit")
plt.show()

# %% Was man sieht
# Was das Modell an der neuen Textsorte gewinnt, kann es an anderen Texten verlieren: Dafür steht
# Kleine Welt daneben. Perplexität zählt hier nur die verdeckten Tokens; mit der eines GPT, das
# jedes Wort von links nach rechts vorhersagt, ist sie nicht zu vergleichen.
ergebnis(
    anteil_maskiert=masked,
    perplexity_vorher=before["Bewertungen"],
    perplexity_nachher=after["Bewertungen"],
    perplexity_welt_vorher=before["Kleine Welt"],
    perplexity_welt_nachher=after["Kleine Welt"],
)
