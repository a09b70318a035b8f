"""Drei Wege zur Klassifikation, dieselben Testtexte: Genauigkeit, Zeit je Text, nötige Labels.

Kapitel   7.45 Anwendungsfälle und Projekte · Projekt 1: Klassifikation
Folie     Option 2: Klassifikation mit Generativen Modellen
Lernziel  Embeddings, Prompting und Fine-Tuning vergleichen und nach dem wählen, was man hat
Laufzeit  ca. 50 s (2 CPU-Kerne)
Daten     sepidmnorozy/German_sentiment, sonst unsere Bewertungen
Modelle   intfloat/multilingual-e5-small, google/gemma-3-270m-it
Erwartet  embeddings 0.55–0.9, prompting 0.55–0.85, fine_tuning 0.45–0.82

Jeder Weg steht ausführlich in einer eigenen Demo: demo_klassifikation_mit_embeddings,
demo_klassifikation_mit_prompting, demo_klassifikation_fine_tuning. Hier ist jeder so kurz wie
möglich, und alle bekommen dieselben Texte, einen nach dem anderen.
"""

# %% Stellschrauben: hier live drehen
N_LABELS = 150  # Test: 16; so viele Texte mit Label bekommen Embeddings und Fine-Tuning
PROMPT = "Ist diese Bewertung positiv oder negativ?\n\n{text}"
EPOCHS = 3  # Test: 1
N_TEST = 50  # Test: 2
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
import time

from kurs import ausgabe_ordner, ergebnis
from kurs.datensaetze import datensatz
from kurs.modelle import modell

import matplotlib.pyplot as plt
import numpy as np
import torch
import transformers
from sentence_transformers import SentenceTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from transformers import (
    AutoModelForCausalLM,
    AutoModelForSequenceClassification,
    AutoTokenizer,
    Trainer,
    TrainingArguments,
)

transformers.set_seed(SEED)
transformers.logging.set_verbosity_error()  # sonst meldet es, dass der Kopf neu ist; das soll er

# %% Daten: negativ (0) oder positiv (1)
reviews = datensatz("sepidmnorozy/German_sentiment").shuffle(seed=SEED)
train = reviews["train"].select(range(min(N_LABELS, len(reviews["train"]))))
test = reviews["test"].select(range(min(N_TEST, len(reviews["test"]))))
print(f"{len(train)} Texte mit Label, {len(test)} Texte im Test")

# %% Option 1: Embeddings. Der Encoder bleibt fest, eine logistische Regression lernt dahinter.
E5 = modell("intfloat/multilingual-e5-small")
encoder = SentenceTransformer(E5, device="cpu")
encoder.max_seq_length = 64
classifier = make_pipeline(StandardScaler(), LogisticRegression(C=0.003))
print("\nOption 1: Embeddings …")
classifier.fit(encoder.encode(train["text"], prompt="query: "), train["label"])


def embed_and_classify(text):
    return classifier.predict(encoder.encode([text], prompt="query: "))[0]


# %% Option 2: Prompting. Ein Sprachmodell bekommt die Frage und sieht kein einziges Label.
GEMMA = modell("google/gemma-3-270m-it")
gemma_tokenizer = AutoTokenizer.from_pretrained(GEMMA)
gemma = AutoModelForCausalLM.from_pretrained(GEMMA, dtype=torch.float32)


def prompt_and_read(text):
    chat = [{"role": "user", "content": PROMPT.format(text=text)}]
    options = {"add_generation_prompt": True, "return_dict": True, "return_tensors": "pt"}
    inputs = gemma_tokenizer.apply_chat_template(chat, **options)
    output = gemma.generate(**inputs, max_new_tokens=4, do_sample=False)
    answer = gemma_tokenizer.decode(output[0, inputs["input_ids"].shape[1] :])
    return int("positiv" in answer.lower())  # alles andere gilt als negativ


# %% Option 3: Fine-Tuning. Ein Kopf kommt auf den Encoder, und die oberen Schichten lernen mit.
tokenizer = AutoTokenizer.from_pretrained(E5)
model = AutoModelForSequenceClassification.from_pretrained(E5, num_labels=2)
for frozen in [model.base_model.embeddings, *model.base_model.encoder.layer[:9]]:
    frozen.requires_grad_(False)
trainer = Trainer(
    model=model,
    args=TrainingArguments(
        output_dir=str(ausgabe_ordner()),
        num_train_epochs=EPOCHS,
        learning_rate=3e-4,
        per_device_train_batch_size=16,
        warmup_steps=0.1,
        logging_strategy="epoch",
        save_strategy="no",
        dataloader_pin_memory=torch.cuda.is_available(),
        seed=SEED,
    ),
    train_dataset=train.map(lambda row: tokenizer(row["text"], truncation=True, max_length=64)),
    processing_class=tokenizer,
)
print(f"Option 3: Fine-Tuning, {EPOCHS} Epochen …")
trainer.train()


@torch.inference_mode()
def read_and_classify(text):
    inputs = tokenizer(text, truncation=True, max_length=64, return_tensors="pt")
    return int(model.eval()(**inputs.to(model.device)).logits.argmax())


# %% Messen: ein Text nach dem anderen, sonst wären die Zeiten nicht zu vergleichen
ways = {
    "Embeddings": (embed_and_classify, len(train)),
    "Prompting": (prompt_and_read, 0),
    "Fine-Tuning": (read_and_classify, len(train)),
}
accuracy, milliseconds = [], []
print("\nWeg           Labels   Testgenauigkeit   ms je Text")
for name, (classify, n_labels) in ways.items():
    start = time.perf_counter()
    predicted = [classify(text) for text in test["text"]]
    milliseconds.append(1000 * (time.perf_counter() - start) / len(test))
    accuracy.append(accuracy_score(test["label"], predicted))
    print(f"{name:12}{n_labels:8}{accuracy[-1]:18.2f}{milliseconds[-1]:13.0f}")

labels = [f"{name}\n{n_labels} Labels" for name, (_, n_labels) in ways.items()]
figure, axes = plt.subplots(1, 2)
axes[0].bar_label(axes[0].bar(labels, accuracy), fmt="%.2f")
axes[0].set(title="Wie oft richtig?", ylabel="Testgenauigkeit", ylim=(0, 1))
axes[1].bar_label(axes[1].bar(labels, milliseconds, color="C1"), fmt="%.0f")
axes[1].set(title="Wie lange dauert ein Text?", ylabel="Millisekunden")
plt.show()

share = np.mean(test["label"])
print(f"\nImmer dieselbe Klasse zu sagen gibt {max(share, 1 - share):.2f}; bei {len(test)} Texten")
print(f"schwankt eine Testgenauigkeit um bis zu ±{2 * np.sqrt(0.25 / len(test)):.2f}.")
# Ein größeres Sprachmodell urteilt anders und braucht länger; gemessen ist nur dieses winzige.

ergebnis(embeddings=accuracy[0], prompting=accuracy[1], fine_tuning=accuracy[2])
