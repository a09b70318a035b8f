"""NER-Fine-Tuning: einem vortrainierten Encoder beibringen, Namen zu finden, und streng nachmessen.

Kapitel   7.90 Anwendungsfälle und Projekte · Projekt 3: Named Entity Recognition
Folie     Code Demo: Feintuning von BERT auf NER-Datensatz
Lernziel  Labels auf Teilwörter verteilen, Token-Klassifikation lernen, ganze Namen zählen
Laufzeit  ca. 40 s (2 CPU-Kerne)
Daten     germeval_14, sonst unsere 806 Sätze mit Entitäten
Modelle   intfloat/multilingual-e5-small
Erwartet  f1_test 0.7–0.84, f1_per 0.82–0.97, f1_loc 0.68–0.88
Original  f1_test 0.45–0.7, f1_per 0.67–0.9, f1_loc 0.45–0.85

B-PER beginnt eine Person, I-PER setzt sie fort, O gehört zu keinem Namen. Ebenso LOC (Ort), ORG
(Organisation), OTH (Sonstiges). Warum ganze Namen zählen, zeigt demo_ner_streng_messen.
"""

# %% Stellschrauben: hier live drehen
OWN_SENTENCE = "Gestern sprach Leonie Vogt von der Bergwacht Oberstdorf mit Radio Allgäu."
N_LAYERS = 8  # Test: 2; so viele der 12 Schichten des Encoders werden benutzt, die unteren
N_FROZEN = 4  # Test: 1; so viele davon lernen nicht mit
EPOCHS = 3  # Test: 1
LEARNING_RATE = 5e-4
N_TRAIN = 600  # Test: 16
N_TEST = 161  # Test: 8
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
from kurs import ausgabe_ordner, ergebnis
from kurs.datensaetze import datensatz
from kurs.modelle import modell

import matplotlib.pyplot as plt
import spacy
import torch
import transformers
from datasets import Dataset
from spacy.scorer import Scorer
from spacy.tokens import Doc
from spacy.training import Example, biluo_tags_to_spans, iob_to_biluo
from transformers import (
    AutoModelForTokenClassification,
    AutoTokenizer,
    DataCollatorForTokenClassification,
    Trainer,
    TrainingArguments,
)

transformers.set_seed(SEED)
transformers.logging.set_verbosity_error()  # sonst meldet es, dass der Kopf neu ist; das soll er

# %% Daten: Sätze, in Wörter zerlegt, und zu jedem Wort ein Label
sentences = datensatz("germeval_14").shuffle(seed=SEED)
label_names = sentences["train"].features["ner_tags"].feature.names
train = sentences["train"].select(range(min(N_TRAIN, len(sentences["train"]))))
test = sentences["test"].select(range(min(N_TEST, len(sentences["test"]))))
nlp = spacy.blank("de")
print(f"{len(train)} Sätze zum Lernen, {len(test)} im Test")

# %% Label-Ausrichtung: Der Tokenizer zerlegt Wörter, die Labels gelten für Wörter
E5 = modell("intfloat/multilingual-e5-small")
tokenizer = AutoTokenizer.from_pretrained(E5)


def tokenize_and_align(row):
    """Das erste Teilwort trägt das Label des Wortes, alle anderen −100: Das übergeht der Loss."""
    encoded = tokenizer(row["tokens"], is_split_into_words=True, truncation=True, max_length=96)
    word_ids = encoded.word_ids()  # zu welchem Wort gehört dieses Token? None: keines, etwa <s>
    labels = [-100 if word is None else row["ner_tags"][word] for word in word_ids]
    for i in range(1, len(word_ids)):
        if word_ids[i] == word_ids[i - 1]:
            labels[i] = -100
    return {**encoded, "labels": labels}


train, test = train.map(tokenize_and_align), test.map(tokenize_and_align)
example = train[0]
for number, label in zip(example["input_ids"][:14], example["labels"]):
    name = "−100" if label == -100 else label_names[label]
    print(f"  {tokenizer.convert_ids_to_tokens(number):14} {name}")

# %% Fine-Tuning: ein Urteil je Token. Wortvektoren und untere Schichten lernen nicht mit.
model = AutoModelForTokenClassification.from_pretrained(E5, id2label=dict(enumerate(label_names)))
encoder = model.base_model.encoder
encoder.layer = encoder.layer[:N_LAYERS]
for frozen in [model.base_model.embeddings, *encoder.layer[:N_FROZEN]]:
    frozen.requires_grad_(False)
trainer = Trainer(
    model=model,
    args=TrainingArguments(
        output_dir=str(ausgabe_ordner()),
        num_train_epochs=EPOCHS,
        learning_rate=LEARNING_RATE,
        per_device_train_batch_size=8,
        warmup_steps=0.1,  # das erste Zehntel der Schritte: Lernrate langsam hochfahren
        logging_strategy="epoch",
        save_strategy="no",
        dataloader_pin_memory=torch.cuda.is_available(),
        seed=SEED,
    ),
    train_dataset=train,
    data_collator=DataCollatorForTokenClassification(tokenizer),  # füllt auch Labels auf: −100
)
trainer.train()


# %% Im Test: ganze Namen, gezählt wie in seqeval. Das Label eines Wortes ist das des ersten Teils.
def to_doc(words, tags):
    doc = Doc(nlp.vocab, words=words)  # spaCy macht aus den Labels ganze Namen: doc.ents
    tags = tags + ["O"] * (len(words) - len(tags))  # ein gekürzter Satz hat hinten keine Labels
    doc.ents = biluo_tags_to_spans(doc, iob_to_biluo(tags))
    return doc


def find_names(rows):
    docs = []
    for row, best in zip(rows, trainer.predict(rows).predictions.argmax(axis=-1)):
        tags = [label_names[k] for k, label in zip(best, row["labels"]) if label != -100]
        docs.append(to_doc(row["tokens"], tags))
    return docs


gold = [to_doc(row["tokens"], [label_names[tag] for tag in row["ner_tags"]]) for row in test]
predicted = find_names(test)
scores = Scorer.score_spans([Example(*docs) for docs in zip(predicted, gold)], "ents")
f1 = {kind: values["f"] for kind, values in sorted(scores["ents_per_type"].items())}
f1["gesamt"] = scores["ents_f"] or 0.0
print("\nF1 im Test:", ", ".join(f"{kind} {value:.3f}" for kind, value in f1.items()))

plt.bar_label(plt.bar(list(f1), list(f1.values())), fmt="%.2f")
plt.ylim(0, 1)
plt.ylabel("F1 im Test, ganze Namen")
plt.title("Welche Namen findet das Modell?")
plt.show()


# %% Welche Fehler? Grenze falsch, Klasse falsch, übersehen, erfunden
def names_of(doc):
    return ", ".join(f"{name.text} ({name.label_})" for name in doc.ents) or "nichts"


wrong = [docs for docs in zip(gold, predicted) if names_of(docs[0]) != names_of(docs[1])]
print(f"\nIn {len(wrong)} von {len(predicted)} Sätzen stimmt nicht alles:")
for should, found in wrong[:6]:
    print(f"  gesucht:  {names_of(should)}\n  gefunden: {names_of(found)}\n")

# %% Ein eigener Satz (oben, OWN_SENTENCE); seine Labels kennen wir nicht, also O für alle Wörter
words = [word.text for word in nlp(OWN_SENTENCE)]
own = Dataset.from_list([{"tokens": words, "ner_tags": [0] * len(words)}])
print(f"{OWN_SENTENCE}\n  {names_of(find_names(own.map(tokenize_and_align))[0])}")

ergebnis(f1_test=f1["gesamt"], f1_per=f1.get("PER", 0), f1_loc=f1.get("LOC", 0))
