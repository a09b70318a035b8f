"""Klassifikation mit Prompting: ein Sprachmodell fragen, ohne Training, und mit den beiden anderen Wegen vergleichen.

Kapitel   7.40 Anwendungsfälle und Projekte · Projekt 1: Klassifikation
Folie     Option 2: Klassifikation mit Generativen Modellen
Lernziel  Zero-Shot- und Few-Shot-Prompts bauen, die Antwort als Wahrscheinlichkeit ablesen und drei Wege
          nach Genauigkeit, Zeit und nötigen Labels vergleichen
Laufzeit  ca. 70 s (2 CPU-Kerne)
Daten     sepidmnorozy/German_sentiment, sonst unsere Bewertungen; Modelle google/gemma-3-270m und
          intfloat/multilingual-e5-small
Erwartet  zero_shot 0.35–0.65, zero_shot_geeicht 0.5–0.75, few_shot 0.58–0.82, few_shot_geeicht 0.55–0.77,
          embeddings 0.62–0.83, fine_tuning 0.53–0.8

Gemma 3 mit 270 Millionen Gewichten ist ein winziges Sprachmodell und nicht darauf trainiert, Anweisungen zu befolgen:
Es setzt Text fort, mehr nicht. Darum endet der Prompt so, dass als Nächstes das Label kommen muss.
"""

# %% Stellschrauben: hier live drehen
INSTRUCTION = "Teile die Bewertung in eine der folgenden Klassen ein: positiv, negativ.\n\n"
TEMPLATE = "Bewertung: {text}\nKlasse:"
LABEL_WORDS = [" negativ", " positiv"]  # mit Leerzeichen davor, so stehen sie im Text
N_EXAMPLES = 4  # Test: 2; so viele Beispiele stehen im Few-Shot-Prompt
N_LABELS = 300  # Test: 16; so viele Texte mit Label bekommen die beiden anderen Wege
EPOCHS = 3  # Test: 1
N_LAYERS = 6  # Test: 2; so viele Schichten des Encoders benutzt das Fine-Tuning
N_TEST = 120  # Test: 2
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
import copy
import time

from kurs import ausgabe_ordner, ergebnis
from kurs.datensaetze import datensatz
from kurs.modelle import modell

import matplotlib.pyplot as plt
import numpy as np
import torch
import transformers
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import nn
from transformers import (
    AutoModel,
    AutoModelForCausalLM,
    AutoTokenizer,
    DataCollatorWithPadding,
    PrinterCallback,
    Trainer,
    TrainingArguments,
)

transformers.set_seed(SEED)

# %% Daten: negativ (0) oder positiv (1). Alle drei Wege bekommen dieselben Testtexte.
reviews = datensatz("sepidmnorozy/German_sentiment")
train, test = (
    reviews[part].shuffle(seed=SEED).select(range(min(n, len(reviews[part]))))
    for part, n in (("train", N_LABELS), ("test", N_TEST))
)
y_train, y_test = np.array(train["label"]), np.array(test["label"])
print(f"{len(test)} Texte im Test, {y_test.mean():.0%} positiv")
accuracy, seconds_per_text, needed = {}, {}, {}

# %% Das Sprachmodell setzt Text fort. Was kommt frei heraus?
GEMMA = modell("google/gemma-3-270m")
gemma_tokenizer = AutoTokenizer.from_pretrained(GEMMA)
gemma = AutoModelForCausalLM.from_pretrained(GEMMA, dtype=torch.float32).eval()
prompt = INSTRUCTION + TEMPLATE.format(text=test["text"][0])
inputs = gemma_tokenizer(prompt, return_tensors="pt")
answer = gemma.generate(**inputs, max_new_tokens=8, do_sample=False)[0, inputs["input_ids"].shape[1] :]
print(f"\n{prompt}\n  → frei fortgesetzt: {gemma_tokenizer.decode(answer)!r}")
print("Frei erzeugter Text ist schwer auszuwerten. Darum ab jetzt: Wie wahrscheinlich ist jedes Label-Wort?")

# %% Label-Wörter vergleichen. Der immer gleiche Anfang des Prompts wird nur einmal gerechnet (Cache).
word_ids = [gemma_tokenizer(word, add_special_tokens=False)["input_ids"][0] for word in LABEL_WORDS]


@torch.inference_mode()
def ask(beginning, texts):
    """Je Text, direkt nach dem Prompt: log P(„ positiv“) − log P(„ negativ“), und die Summe beider P."""
    start = gemma_tokenizer(beginning, return_tensors="pt")["input_ids"]
    cache = gemma(start, use_cache=True, logits_to_keep=1).past_key_values
    scores, shares = [], []
    for text in texts:
        rest = gemma_tokenizer(TEMPLATE.format(text=text), add_special_tokens=False, return_tensors="pt")
        logits = gemma(rest["input_ids"], past_key_values=copy.deepcopy(cache), logits_to_keep=1).logits[0, -1]
        log_probability = logits.log_softmax(dim=-1)
        scores.append((log_probability[word_ids[1]] - log_probability[word_ids[0]]).item())
        shares.append(log_probability[word_ids].exp().sum().item())
    return np.array(scores), np.mean(shares)


examples = []
for i in range(N_EXAMPLES):  # abwechselnd ein negatives und ein positives
    row = np.flatnonzero(y_train == i % 2)[i // 2]
    examples.append(TEMPLATE.format(text=train["text"][row]) + LABEL_WORDS[y_train[row]] + "\n\n")
beginnings = {"Zero-Shot": INSTRUCTION, "Few-Shot": INSTRUCTION + "".join(examples)}
for name, beginning in beginnings.items():
    n_tokens = len(gemma_tokenizer(beginning)["input_ids"])
    print(f"\n{name}: {n_tokens} Tokens stehen vor jedem Text; frage {len(test)}-mal …", flush=True)
    start = time.perf_counter()
    score, share = ask(beginning, test["text"])
    seconds = (time.perf_counter() - start) / len(test)
    bias = ask(beginning, ["", "…", "N/A"])[0].mean()  # was es sagt, wenn nichts zu lesen ist
    print(f"  Label-Wörter bekommen zusammen {share:.0%} der Wahrscheinlichkeit; so oft bliebe es beim Format")
    print(f"  ohne Inhalt neigt es zu „{LABEL_WORDS[int(bias > 0)].strip()}“ ({bias:+.2f})")
    for variant, threshold in ((name, 0), (f"{name}, geeicht", bias)):
        accuracy[variant] = np.mean((score > threshold) == y_test)
        seconds_per_text[variant] = seconds
        needed[variant] = N_EXAMPLES if name == "Few-Shot" else 0
        print(f"  {variant}: {np.mean(score > threshold):.0%} „positiv“, Accuracy {accuracy[variant]:.2f}")
print("Geeicht heißt: Die Neigung wird abgezogen. Das braucht keine Labels.")
gemma = None  # gibt über ein Gigabyte Arbeitsspeicher frei

# %% Option 1: Satzvektoren und logistische Regression (ausführlich: demo_klassifikation_mit_embeddings)
E5 = modell("intfloat/multilingual-e5-small")
tokenizer = AutoTokenizer.from_pretrained(E5)


class EncoderWithHead(nn.Module):
    """Encoder, Mittelwert über die Tokens, Kopf (ausführlich: demo_klassifikation_fine_tuning)."""

    def __init__(self):
        super().__init__()
        self.encoder = AutoModel.from_pretrained(E5)
        self.head = nn.Linear(self.encoder.config.hidden_size, 2)

    def embed(self, input_ids, attention_mask):
        states = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        is_token = attention_mask[:, :, None]
        return (states * is_token).sum(dim=1) / is_token.sum(dim=1)

    def forward(self, input_ids, attention_mask, labels):
        logits = self.head(self.embed(input_ids, attention_mask))
        return {"loss": nn.functional.cross_entropy(logits, labels), "logits": logits}


model = EncoderWithHead().eval()


def tokenize(text, **options):
    return tokenizer("query: " + text, truncation=True, max_length=64, **options)  # so will e5 es gezeigt bekommen


@torch.inference_mode()
def one_by_one(function, texts):
    """Ein Text nach dem anderen, wie bei Gemma: Sonst wären die Zeiten je Text nicht zu vergleichen."""
    batches = (tokenize(text, return_tensors="pt").to(model.head.weight.device) for text in texts)
    return np.concatenate([function(batch["input_ids"], batch["attention_mask"]).cpu() for batch in batches])


print(f"\nOption 1: Satzvektoren, {len(train)} Labels …", flush=True)
classifier = make_pipeline(StandardScaler(), LogisticRegression(C=0.003))
classifier.fit(one_by_one(model.embed, train["text"]), y_train)
start = time.perf_counter()
accuracy["Embeddings"] = classifier.score(one_by_one(model.embed, test["text"]), y_test)
seconds_per_text["Embeddings"], needed["Embeddings"] = (time.perf_counter() - start) / len(test), len(train)

# %% Option 3: Fine-Tuning, kurz gehalten: die unteren Schichten des Encoders, wenige Epochen
print(f"Option 3: Fine-Tuning, {len(train)} Labels, {EPOCHS} Epochen …", flush=True)
model.encoder.encoder.layer = model.encoder.encoder.layer[:N_LAYERS]
model.encoder.embeddings.requires_grad_(False)
optimizer = torch.optim.AdamW(
    [{"params": model.encoder.encoder.parameters(), "lr": 2e-4}, {"params": model.head.parameters(), "lr": 2e-3}]
)
trainer = Trainer(
    model=model,
    args=TrainingArguments(
        output_dir=str(ausgabe_ordner()),
        num_train_epochs=EPOCHS,
        per_device_train_batch_size=16,
        warmup_steps=0.1,
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
        dataloader_pin_memory=torch.cuda.is_available(),
        logging_strategy="no",
        seed=SEED,
    ),
    train_dataset=[{**tokenize(text), "labels": label} for text, label in zip(train["text"], train["label"])],
    data_collator=DataCollatorWithPadding(tokenizer),
    optimizers=(optimizer, None),
)
trainer.remove_callback(PrinterCallback)
trainer.train()
start = time.perf_counter()
model.eval()
logits = one_by_one(lambda *inputs: model.head(model.embed(*inputs)), test["text"])
accuracy["Fine-Tuning"] = np.mean(logits.argmax(axis=-1) == y_test)
seconds_per_text["Fine-Tuning"], needed["Fine-Tuning"] = (time.perf_counter() - start) / len(test), len(train)

# %% Die Tabelle
print(f"\n{'Weg':22}{'Texte mit Label':>16}{'ms je Text':>12}{'Accuracy':>10}")
for name, value in accuracy.items():
    print(f"{name:22}{needed[name]:16}{1000 * seconds_per_text[name]:12.0f}{value:10.2f}")
noise, constant = np.sqrt(0.25 / len(test)), max(y_test.mean(), 1 - y_test.mean())
print(f"Bei {len(test)} Testtexten schwankt Accuracy um ±{noise:.2f}; immer dieselbe Klasse zu sagen gibt {constant:.2f}.")

# %% Bild
figure, axis = plt.subplots(figsize=(10, 6))
colors = ["#CC79A7", "#CC79A7", "#009E73", "#009E73", "#0072B2", "#D55E00"]
names = [f"{name}\n({needed[name]} Labels)" for name in accuracy]
bars = axis.barh(names, list(accuracy.values()), color=colors)
remarks = [f"{accuracy[name]:.2f}, {1000 * seconds_per_text[name]:.0f} ms je Text" for name in accuracy]
axis.axvline(constant, color="black", linestyle=":", label="immer dieselbe Klasse")
axis.bar_label(bars, labels=remarks, padding=6, backgroundcolor="white")
axis.invert_yaxis()
axis.set(xlabel="Accuracy im Test", xlim=(0, 1.4), title="Drei Wege zur Klassifikation, dieselben Testtexte")
axis.legend(loc="lower right")
plt.show()

prompting = [name for name in accuracy if "Shot" in name]
best_prompt = max(prompting, key=accuracy.get)
best = max(accuracy, key=accuracy.get)
ratio = seconds_per_text[best_prompt] / seconds_per_text["Embeddings"]
print(f"Am genauesten ist hier {best} ({accuracy[best]:.2f}), unter den Prompts {best_prompt} ({accuracy[best_prompt]:.2f}).")
print(f"Eine Antwort von Gemma kostet das {ratio:.0f}-Fache der Zeit eines Satzvektors, dafür braucht sie kaum Labels.")
print("Gemessen ist hier nur dieses winzige Modell. Ein größeres urteilt anders, und Zeit je Text wächst mit ihm.")

# %% Ergebnis
ergebnis(
    zero_shot=accuracy["Zero-Shot"],
    zero_shot_geeicht=accuracy["Zero-Shot, geeicht"],
    few_shot=accuracy["Few-Shot"],
    few_shot_geeicht=accuracy["Few-Shot, geeicht"],
    embeddings=accuracy["Embeddings"],
    fine_tuning=accuracy["Fine-Tuning"],
)
