"""Fine-Tuning: ein Klassifikationskopf auf einem vortrainierten Encoder, trainiert mit dem Trainer.

Kapitel   7.20 Anwendungsfälle und Projekte · Projekt 1: Klassifikation
Folie     Code Demo: Fine Tuning eines Klassifikationsmodells
Lernziel  Einen Kopf auf einen Encoder setzen, untere Schichten einfrieren, mit dem Trainer von
          Hugging Face trainieren; messen, ob das gegenüber festen Satzvektoren hilft
Laufzeit  ca. 50 s (2 CPU-Kerne)
Daten     kurs/bewertungen (1.546 deutsche Bewertungen: negativ, neutral, positiv)
Modelle   intfloat/multilingual-e5-small
Erwartet  f1_satzvektoren 0.57–0.62, f1_fine_tuning 0.55–0.7

Derselbe Encoder, zweimal benutzt. Zuerst bleibt er fest, und nur ein kleines Modell auf seinen
Satzvektoren lernt. Danach lernen auch seine oberen Schichten.
"""

# %% Stellschrauben: hier live drehen
OWN_TEXTS = [
    "Das Zimmer war sauber, das Frühstück reichlich, wir kommen wieder.",
    "Zwei Stunden gewartet, dann kam das falsche Gericht. Danke für nichts.",
]
N_FROZEN = 9  # Test: 11; so viele der 12 Schichten des Encoders lernen nicht mit
EPOCHS = 3  # Test: 1
LEARNING_RATE = 3e-4
MAX_TOKENS = 32  # Test: 12; weiter liest es nicht
N_TRAIN = 500  # Test: 16
N_EVALUATION = 200  # Test: 12; höchstens so viele Texte in Validierung und Test
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
from kurs import ausgabe_ordner, ergebnis
from kurs.datensaetze import datensatz
from kurs.modelle import modell

import matplotlib.pyplot as plt
import numpy as np
import torch
import transformers
from sentence_transformers import SentenceTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from transformers import (
    AutoModelForSequenceClassification,
    AutoTokenizer,
    Trainer,
    TrainingArguments,
    pipeline,
)

transformers.set_seed(SEED)
transformers.logging.set_verbosity_error()  # sonst meldet es, dass der Kopf neu ist; das soll er

# %% Daten: Bewertungen mit drei Klassen
reviews = datensatz("kurs/bewertungen")
class_names = reviews["train"].features["label"].names
sizes = {"train": N_TRAIN, "validation": N_EVALUATION, "test": N_EVALUATION}
for part, size in sizes.items():
    reviews[part] = reviews[part].select(range(min(size, len(reviews[part]))))
y = {part: np.array(reviews[part]["label"]) for part in reviews}
print({part: len(reviews[part]) for part in reviews}, class_names)


def macro_f1(gold, predicted):
    return f1_score(gold, predicted, average="macro")


# %% Zum Vergleich: Der Encoder bleibt fest, eine logistische Regression lernt auf Satzvektoren
E5 = modell("intfloat/multilingual-e5-small")
encoder = SentenceTransformer(E5, device="cpu")
encoder.max_seq_length = MAX_TOKENS
print("\nKodiere alle Texte, jeden einmal …")
x = {part: encoder.encode(reviews[part]["text"], prompt="query: ") for part in reviews}
fixed = make_pipeline(StandardScaler(), LogisticRegression(C=0.003)).fit(x["train"], y["train"])
f1_fixed = {part: macro_f1(y[part], fixed.predict(x[part])) for part in reviews}
print(f"Feste Satzvektoren: Macro-F1 {f1_fixed['validation']:.3f} auf der Validierung")

# %% Das Modell: der Encoder und ein neuer Kopf mit einer Ausgabe je Klasse
tokenizer = AutoTokenizer.from_pretrained(E5)
model = AutoModelForSequenceClassification.from_pretrained(
    E5, num_labels=len(class_names), id2label=dict(enumerate(class_names))
)

# %% Einfrieren: keine Gradienten, also auch keine Änderung
for frozen in [model.base_model.embeddings, *model.base_model.encoder.layer[:N_FROZEN]]:
    frozen.requires_grad_(False)
n_learning = model.num_parameters(only_trainable=True)
print(f"\nVon {model.num_parameters()} Gewichten lernen {n_learning / model.num_parameters():.0%}.")

# %% Fine-Tuning mit dem Trainer, der je Epoche auf der Validierung misst
tokenized = reviews.map(lambda row: tokenizer(row["text"], truncation=True, max_length=MAX_TOKENS))
trainer = Trainer(
    model=model,
    args=TrainingArguments(
        output_dir=str(ausgabe_ordner()),
        num_train_epochs=EPOCHS,
        learning_rate=LEARNING_RATE,
        per_device_train_batch_size=16,
        warmup_steps=0.1,  # das erste Zehntel der Schritte: Lernrate langsam hochfahren
        eval_strategy="epoch",
        logging_strategy="epoch",
        save_strategy="no",
        dataloader_pin_memory=torch.cuda.is_available(),
        seed=SEED,
    ),
    train_dataset=tokenized["train"],
    eval_dataset=tokenized["validation"],
    processing_class=tokenizer,  # füllt je Batch auf die Länge des längsten Textes auf
    compute_metrics=lambda p: {"f1": macro_f1(p.label_ids, p.predictions.argmax(axis=-1))},
)
trainer.train()

# %% F1 je Epoche, gemessen auf der Validierung
f1_epochs = [entry["eval_f1"] for entry in trainer.state.log_history if "eval_f1" in entry]
epochs = range(1, EPOCHS + 1)
plt.plot(epochs, f1_epochs, "o-", label="Fine-Tuning")
plt.axhline(f1_fixed["validation"], color="C1", linestyle="--", label="feste Satzvektoren")
plt.axhline(1 / len(class_names), color="black", linestyle=":", label="Raten")
plt.xticks(epochs)
plt.ylim(0, 1)
plt.xlabel("Epoche")
plt.ylabel("Macro-F1 auf der Validierung")
plt.title("Was bringt jede Epoche?")
plt.legend()
plt.show()

# %% Hilft das Fine-Tuning? Gemessen im Test, neben der Schwankung bei so vielen Texten
predicted = trainer.predict(tokenized["test"]).predictions.argmax(axis=-1)
f1_tuned = macro_f1(y["test"], predicted)
gain = f1_tuned - f1_fixed["test"]
noise = 2 * np.sqrt(0.25 / len(predicted))
print(f"\nMacro-F1 im Test: Fine-Tuning {f1_tuned:.3f}, feste Satzvektoren {f1_fixed['test']:.3f}")
print(f"Unterschied {gain:+.3f}; bei {len(predicted)} Texten schwankt F1 um bis zu ±{noise:.3f}.")
if abs(gain) < noise:
    print("Das ist zu wenig, um zu sagen, welcher Weg besser ist.")
else:
    print(f"Besser ist hier {'das Fine-Tuning' if gain > 0 else 'der feste Encoder'}.")

# %% Eigene Texte (oben, OWN_TEXTS)
classify = pipeline("text-classification", model=model, tokenizer=tokenizer)
for text in OWN_TEXTS:
    answer = classify(text)[0]
    print(f"  {answer['label']:8} {answer['score']:4.0%}  {text}")

# %% Ergebnis
ergebnis(f1_satzvektoren=f1_fixed["test"], f1_fine_tuning=f1_tuned)
