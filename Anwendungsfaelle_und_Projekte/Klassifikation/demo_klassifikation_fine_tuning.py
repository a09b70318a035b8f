"""Fine-Tuning: ein Klassifikationskopf auf einem vortrainierten Encoder, trainiert mit dem Trainer von Hugging Face.

Kapitel   7.20 Anwendungsfälle und Projekte · Projekt 1: Klassifikation
Folie     Code Demo: Fine Tuning eines Klassifikationsmodells
Lernziel  Einen Kopf auf einen Encoder setzen, untere Schichten einfrieren, mit dem Trainer weitertrainieren; messen,
          ob das gegenüber festen Satzvektoren hilft
Laufzeit  ca. 75 s (2 CPU-Kerne)
Daten     kurs/bewertungen (1.546 deutsche Bewertungen: negativ, neutral, positiv);
          Modell intfloat/multilingual-e5-small
Erwartet  f1_embedding 0.62–0.66, f1_vor_training 0.1–0.35, f1_fine_tuning 0.6–0.72, f1_fein_validation 0.73–0.87

Derselbe Encoder, zweimal benutzt. Zuerst bleibt er fest, und nur ein kleines Modell auf seinen Satzvektoren lernt.
Danach lernen seine oberen Schichten mit. Die Wortvektoren und die untersten Schichten bleiben eingefroren: Was
Wörter bedeuten, weiß er schon, und was nicht lernt, kostet beim Training weniger.
"""

# %% Stellschrauben: hier live drehen
OWN_TEXTS = [
    "Das Zimmer war sauber, das Frühstück reichlich, wir kommen wieder.",
    "Zwei Stunden gewartet, dann kam das falsche Gericht. Danke für nichts.",
    "Tut, was es soll, mehr aber auch nicht.",
]
N_LAYERS = 6  # Test: 2; so viele der 12 Schichten benutzen (die unteren)
N_FROZEN = 2  # Test: 1; so viele davon lernen nicht mit
EPOCHS = 3  # Test: 1
LEARNING_RATE = 2e-4
HEAD_LEARNING_RATE = 2e-3  # der Kopf beginnt beim Zufall und muss weiter laufen
BATCH_SIZE = 16
MAX_TOKENS = 48  # Test: 12
N_TRAIN = 2_000  # Test: 16
N_VALIDATION = 200  # Test: 8
N_TEST = 1_000  # Test: 12
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
from kurs import ausgabe_ordner, ergebnis
from kurs.datensaetze import datensatz
from kurs.modelle import modell

import matplotlib.pyplot as plt
import numpy as np
import torch
import transformers
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import confusion_matrix, f1_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import nn
from transformers import (
    AutoModel,
    AutoTokenizer,
    DataCollatorWithPadding,
    PrinterCallback,
    Trainer,
    TrainerCallback,
    TrainingArguments,
)

transformers.set_seed(SEED)

# %% Daten: Text → Nummern der Tokens. Auffüllen geschieht erst je Batch, so bleibt es wenig.
reviews = datensatz("kurs/bewertungen")
class_names = reviews["train"].features["label"].names
sizes = {"train": N_TRAIN, "validation": N_VALIDATION, "test": N_TEST}
reviews = {part: reviews[part].select(range(min(n, len(reviews[part])))) for part, n in sizes.items()}

E5 = modell("intfloat/multilingual-e5-small")
tokenizer = AutoTokenizer.from_pretrained(E5)


def tokenize(rows):
    texts = ["query: " + text for text in rows["text"]]  # so will e5 einen Text gezeigt bekommen
    return tokenizer(texts, truncation=True, max_length=MAX_TOKENS)


tokenized = {part: rows.map(tokenize, batched=True) for part, rows in reviews.items()}
labels = {part: np.array(rows["label"]) for part, rows in reviews.items()}
print({part: len(rows) for part, rows in reviews.items()}, class_names)


# %% Das Modell: Encoder, Mittelwert über die Tokens, und darauf ein Kopf aus einer einzigen Schicht
class EncoderWithHead(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = AutoModel.from_pretrained(E5)
        self.encoder.encoder.layer = self.encoder.encoder.layer[:N_LAYERS]
        self.dropout = nn.Dropout(0.1)
        self.head = nn.Linear(self.encoder.config.hidden_size, len(class_names))

    def embed(self, input_ids, attention_mask):
        states = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        is_token = attention_mask[:, :, None]
        return (states * is_token).sum(dim=1) / is_token.sum(dim=1)

    def forward(self, input_ids, attention_mask, labels=None):
        logits = self.head(self.dropout(self.embed(input_ids, attention_mask)))
        loss = None if labels is None else nn.functional.cross_entropy(logits, labels)
        return {"loss": loss, "logits": logits}  # was der Trainer erwartet


model = EncoderWithHead()
collate = DataCollatorWithPadding(tokenizer)


def macro_f1(gold, predictions):
    return f1_score(gold, predictions, average="macro")


# %% Variante 1: Der Encoder bleibt fest; eine logistische Regression lernt auf seinen Satzvektoren
@torch.inference_mode()
def sentence_vectors(part):
    model.eval()
    vectors = np.zeros((len(tokenized[part]), model.head.in_features), dtype="float32")
    ids = tokenized[part]["input_ids"]
    order = np.argsort([len(row) for row in ids])  # ähnlich lange zusammen
    for start in range(0, len(order), 32):
        rows = order[start : start + 32]
        batch = tokenizer.pad({"input_ids": [ids[row] for row in rows]}, return_tensors="pt")
        vectors[rows] = model.embed(batch["input_ids"], batch["attention_mask"])
    return vectors


print("\nVariante 1: feste Satzvektoren …", flush=True)
vectors = {part: sentence_vectors(part) for part in tokenized}
fixed = make_pipeline(StandardScaler(), LogisticRegression(C=0.003, max_iter=1_000))
fixed.fit(vectors["train"], labels["train"])
f1_fixed = {part: macro_f1(labels[part], fixed.predict(vectors[part])) for part in ("validation", "test")}
print(f"Macro-F1: {f1_fixed['validation']:.3f} auf validation, {f1_fixed['test']:.3f} im Test")

# %% Variante 2: Fine-Tuning. Einfrieren heißt: keine Gradienten, also auch keine Änderung.
for frozen in [model.encoder.embeddings, *model.encoder.encoder.layer[:N_FROZEN]]:
    frozen.requires_grad_(False)
n_all = sum(weights.numel() for weights in model.parameters())
n_learning = sum(weights.numel() for weights in model.parameters() if weights.requires_grad)
print(f"\nVariante 2: Fine-Tuning. Von {n_all / 1e6:.1f} Millionen Gewichten lernen {n_learning / n_all:.0%}.")


class PrintEpoch(TrainerCallback):
    """Eine Zeile je Epoche statt des ganzen Wörterbuchs, das der Trainer sonst druckt."""

    def on_evaluate(self, args, state, control, metrics, **kwargs):
        losses = [entry["loss"] for entry in state.log_history if "loss" in entry]
        loss = f"Verlust im Training {losses[-1]:.3f}, " if losses else "noch nicht trainiert,      "
        print(f"  Epoche {state.epoch or 0:.0f}: {loss}Macro-F1 auf validation {metrics['eval_f1']:.3f}", flush=True)


arguments = TrainingArguments(
    output_dir=str(ausgabe_ordner()),
    num_train_epochs=EPOCHS,
    per_device_train_batch_size=BATCH_SIZE,
    per_device_eval_batch_size=32,
    lr_scheduler_type="linear",
    warmup_steps=0.1,  # das erste Zehntel der Schritte: Lernrate langsam hochfahren
    eval_strategy="epoch",
    eval_on_start=True,
    logging_strategy="epoch",
    save_strategy="no",
    report_to="none",
    disable_tqdm=True,
    dataloader_pin_memory=torch.cuda.is_available(),
    seed=SEED,
)
optimizer = torch.optim.AdamW(
    [
        {"params": [p for p in model.encoder.parameters() if p.requires_grad], "lr": LEARNING_RATE},
        {"params": model.head.parameters(), "lr": HEAD_LEARNING_RATE},
    ],
    weight_decay=0.01,
)
trainer = Trainer(
    model=model,
    args=arguments,
    train_dataset=tokenized["train"],
    eval_dataset=tokenized["validation"],
    data_collator=collate,
    compute_metrics=lambda result: {"f1": macro_f1(result.label_ids, result.predictions.argmax(axis=-1))},
    optimizers=(optimizer, None),
    callbacks=[PrintEpoch],
)
trainer.remove_callback(PrinterCallback)
trainer.train()
f1_epochs = [entry["eval_f1"] for entry in trainer.state.log_history if "eval_f1" in entry]
prediction = trainer.predict(tokenized["test"], metric_key_prefix="test").predictions.argmax(axis=-1)
f1_tuned = macro_f1(labels["test"], prediction)
print(f"Macro-F1 im Test: Fine-Tuning {f1_tuned:.3f}, feste Satzvektoren {f1_fixed['test']:.3f}")

# %% Bild: F1 je Epoche, daneben die feste Variante
figure, axis = plt.subplots(figsize=(10, 5.5))
axis.plot(f1_epochs, "o-", color="#D55E00", linewidth=3, markersize=9, label="Fine-Tuning")
axis.axhline(f1_fixed["validation"], color="#0072B2", linestyle="--", linewidth=3, label="feste Satzvektoren")
axis.axhline(1 / len(class_names), color="black", linestyle=":", label="raten")
axis.set(xlabel="Epoche", ylabel="Macro-F1 auf validation", ylim=(0, 1), title="Was bringt jede Epoche?")
axis.set_xticks(range(len(f1_epochs)))
axis.legend(loc="lower right")
plt.show()
gain = f1_tuned - f1_fixed["test"]
noise = np.sqrt(f1_tuned * (1 - f1_tuned) / len(prediction))
print(f"Im Test {gain:+.3f} gegenüber festen Satzvektoren. Bei {len(prediction)} Texten schwankt so ein Wert um ±{noise:.3f}.")

# %% Wo es sich irrt: Zeilen sind die gemeinte Haltung, Spalten die vorhergesagte
print("\n" + " " * 22 + "".join(f"{name:>10}" for name in class_names))
for name, row in zip(class_names, confusion_matrix(labels["test"], prediction, labels=range(len(class_names)))):
    print(f"  gemeint {name:12}" + "".join(f"{n:10}" for n in row))

# %% Eigene Texte (oben, OWN_TEXTS)
model.eval()
batch = tokenizer(["query: " + text for text in OWN_TEXTS], padding=True, return_tensors="pt")
batch = batch.to(model.head.weight.device)  # mit GPU hat der Trainer das Modell dorthin gebracht
with torch.inference_mode():
    probabilities = model(batch["input_ids"], batch["attention_mask"])["logits"].softmax(dim=-1).cpu().numpy()
print("\nEigene Texte: Wahrscheinlichkeit für", ", ".join(class_names))
for text, row in zip(OWN_TEXTS, probabilities):
    print("  " + "  ".join(f"{p:4.0%}" for p in row) + f"  {text}")

# %% Ergebnis
ergebnis(
    f1_embedding=f1_fixed["test"],
    f1_vor_training=f1_epochs[0],
    f1_fine_tuning=f1_tuned,
    f1_fein_validation=f1_epochs[-1],
)
