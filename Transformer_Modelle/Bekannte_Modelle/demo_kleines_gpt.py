"""Kleines GPT: in einer Minute vom Wortsalat zu deutschen Sätzen.

Kapitel   4.75 Transformer-Modelle · Bekannte Modelle
Folie     GPT: Autoregressive Modelle für Textgenerierung · Next-Token Prediction
Lernziel  Ein GPT von Grund auf trainieren; messen, ob es Deutsch lernt oder nur auswendig aufsagt
Laufzeit  ca. 50 s (2 CPU-Kerne)
Daten     Kleine Welt (1,5 MB, ein Satz je Zeile)
Erwartet  perplexity_vorher 4300–4800, perplexity_nachher 9–12, abgeschrieben 0–0.1

Dasselbe Prinzip wie bei den großen: das nächste Token vorhersagen, sonst nichts. Nur hat dieses
Modell hunderttausendmal weniger Gewichte als GPT-3 und kennt nur eine kleine, erfundene Welt.
"""

# %% Stellschrauben: hier live drehen
EPOCHS = 2.0  # so oft durch den Text; auch 0.2 geht  # Test: 0.01
VOCABULARY = 4_000  # Einträge im Wörterbuch  # Test: 300
WIDTH = 96  # Zahlen je Token, ein Vielfaches von 4 (vier Köpfe)  # Test: 16
N_LAYERS = 2
TEMPERATURE = 0.7  # 0: immer das wahrscheinlichste Token; über 1: wild
PROMPTS = ["Die Katze", "Im Winter", "Anna fragt"]
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
import math

from kurs import ausgabe_ordner, ergebnis, texte

import matplotlib.pyplot as plt
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import GPT2Config, GPT2LMHeadModel, Trainer, TrainingArguments, set_seed

set_seed(SEED)
LENGTH = 64  # so viele Tokens sieht das Modell auf einmal

# %% Daten: die letzten 5 % bleiben zum Testen zurück
corpus = texte.welt()
cut = corpus.rindex("\n\n", 0, int(0.95 * len(corpus)))
train_text, test_text = corpus[:cut], corpus[cut:]
print(f"Lerntext: {len(train_text)} Zeichen. Er beginnt so:\n{train_text[:155]}")

# %% Tokenizer: häufige Buchstabenfolgen werden ein Token (Byte Pair Encoding, wie bei GPT)
tokenizer = Tokenizer(models.BPE())
tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
tokenizer.decoder = decoders.ByteLevel()
bpe_trainer = trainers.BpeTrainer(vocab_size=VOCABULARY, show_progress=False)
tokenizer.train_from_iterator(train_text.splitlines(keepends=True), bpe_trainer)
example = tokenizer.encode("Anna frühstückt mit Ben.").ids
print(f"\nBeispiel: {[tokenizer.decode([token]) for token in example]}")

# %% Das Modell: ein GPT-2, nur kleiner und mit zufälligen Gewichten
config = GPT2Config(
    vocab_size=tokenizer.get_vocab_size(), n_positions=LENGTH,
    n_embd=WIDTH, n_layer=N_LAYERS, n_head=4,
    resid_pdrop=0, embd_pdrop=0, attn_pdrop=0,  # so kurz trainiert, braucht es kein Dropout
    initializer_range=0.05, tie_word_embeddings=False,
    bos_token_id=None, eos_token_id=None,
)
model = GPT2LMHeadModel(config)
model.loss_type = "ForCausalLM"  # Kreuzentropie, um ein Token verschoben
print(f"Das Modell hat {model.num_parameters() / 1e6:.1f} Millionen Gewichte.")


# %% Lernen heißt: zu jedem Token das nächste vorhersagen. Die Labels sind der Text selbst.
def to_blocks(text):
    ids = torch.tensor(tokenizer.encode(text).ids)
    return [{"input_ids": block, "labels": block} for block in ids.split(LENGTH)[:-1]]


arguments = TrainingArguments(
    str(ausgabe_ordner()), num_train_epochs=EPOCHS, seed=SEED,
    per_device_train_batch_size=16, per_device_eval_batch_size=64,
    learning_rate=0.004, lr_scheduler_type="cosine", warmup_steps=0.1,
    logging_steps=0.2, eval_strategy="steps", eval_steps=0.2, save_steps=0.2,  # je Fünftel
    save_only_model=True, disable_tqdm=True, report_to="none", use_cpu=True,
)
train_set, test_set = to_blocks(train_text), to_blocks(test_text)
trainer = Trainer(model, arguments, train_dataset=train_set, eval_dataset=test_set)


# %% Schreiben: ein Token ziehen, anhängen, von vorn
def write(model, prompt, n_texts=1):
    """Setzt eine neue Zeile fort, die mit `prompt` beginnt (ein sehr langer wird gekürzt)."""
    ids = torch.tensor([tokenizer.encode("\n" + prompt).ids[-LENGTH // 2 :]] * n_texts)
    settings = {"do_sample": True, "temperature": TEMPERATURE, "top_k": 0}
    if TEMPERATURE == 0:
        settings = {"do_sample": False}
    mask = torch.ones_like(ids)
    out = model.generate(ids, attention_mask=mask, max_length=LENGTH, pad_token_id=0, **settings)
    return [tokenizer.decode(row).strip() for row in out.tolist()]


# %% Trainieren. Der Trainer druckt den Loss und sichert das Modell nach jedem Fünftel der Schritte.
loss_before = trainer.evaluate()["eval_loss"]
written = {0: [write(model, prompt)[0] for prompt in PROMPTS]}
trainer.train()
history = trainer.state.log_history
loss_test = {log["step"]: log["eval_loss"] for log in history if "eval_loss" in log}
for step in (min(loss_test), max(loss_test)):  # nach einem Fünftel und am Ende
    model = GPT2LMHeadModel.from_pretrained(ausgabe_ordner() / f"checkpoint-{step}")
    written[step] = [write(model, prompt)[0] for prompt in PROMPTS]

# %% Lesen: dieselben Anfänge, verschieden weit trainiert
for number, prompt in enumerate(PROMPTS):
    print(f"\n„{prompt} …“")
    for step, texts in written.items():
        lines = [line for line in texts[number].split("\n") if line]
        print(f"  nach {step:3} Schritten: {' / '.join(lines)}"[:100])

# %% Auswendig gelernt? Sätze des fertigen Modells; ≡ steht wörtlich im Lerntext, ✎ ist neu
known = set(train_text.split("\n"))
texts = write(model, "", n_texts=24)
sentences = [line for text in texts for line in text.split("\n")[:-1] if line]  # nur ganze Zeilen
n_copied = sum(sentence in known for sentence in sentences)
print("\nFrei geschrieben:")
for sentence in sentences[:12]:
    print(f"  {'≡' if sentence in known else '✎'} {sentence[:100]}")
print(f"Von {len(sentences)} Sätzen stehen {n_copied} wörtlich im Lerntext.")

# %% Bild: Wird das nächste Token vorhersehbar?
loss_train = {log["step"]: float(log["loss"]) for log in history if "loss" in log}
plt.plot(loss_train.keys(), loss_train.values(), "o-", label="Training")
plt.plot(loss_test.keys(), loss_test.values(), "o-", label="zurückgehaltener Text")
plt.xlabel("Schritt")
plt.ylabel("Loss")
plt.title("Wird das nächste Token vorhersehbar?")
plt.legend()
plt.show()

# %% Was man sieht
# Perplexität ist e hoch Loss: zwischen so vielen gleich guten Tokens schwankt das Modell im Mittel.
# Vorher kann sie über VOCABULARY liegen: Zufällige Gewichte setzen auf die falschen Tokens.
# Lernt es nur auswendig, sinkt der Loss im Training weiter, auf zurückgehaltenem Text aber nicht.
# (Der im Training ist das Mittel über das Fünftel davor; deshalb hinkt er anfangs hinterher.)
before, after = math.exp(loss_before), math.exp(loss_test[max(loss_test)])
print(f"Perplexität auf zurückgehaltenem Text: vorher {before:.0f}, nachher {after:.1f}")
ergebnis(
    perplexity_vorher=before,
    perplexity_nachher=after,
    abgeschrieben=n_copied / max(1, len(sentences)),
)
