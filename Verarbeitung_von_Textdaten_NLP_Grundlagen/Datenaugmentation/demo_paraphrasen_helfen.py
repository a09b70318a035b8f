"""Hilft Back-Translation einem Klassifikator, der nur wenige Labels hat?

Kapitel   3.105 Verarbeitung von Textdaten (NLP-Grundlagen) · Datenaugmentation
Folie     Back-Translation: Maschinelle Übersetzung zur Datenerweiterung
Lernziel  Augmentation ehrlich messen: gegen nichts, gegen Kopien und gegen mehr echte Labels
Laufzeit  ca. 25 s (2 CPU-Kerne)
Daten     sepidmnorozy/German_sentiment (deutsche Bewertungen, positiv oder negativ)
Modelle   Helsinki-NLP/opus-mt-de-en, Helsinki-NLP/opus-mt-en-de
Erwartet  f1_ohne 0.5–0.6, f1_kopiert 0.5–0.6, f1_back_translation 0.5–0.62, f1_alle 0.68–0.71

Augmentation verspricht mehr Trainingstexte, ohne dass jemand Labels vergibt. Ob sie das hält, muss
man messen, auch gegen die billigste Alternative: dieselben Texte einfach mehrmals vorlegen.
"""

# %% Stellschrauben: hier live drehen
TEMPERATURE = 0.7  # größer als 0; je größer, desto bunter und falscher
N_VARIANTS = 2  # Paraphrasen je Bewertung
POOL_PER_CLASS = 40  # Test: 4; Bewertungen je Klasse, die übersetzt werden
LABELS_PER_CLASS = [5, 10, 20, 30]  # Test: [2, 3]
N_DRAWS = 20  # Test: 2; so oft wird neu ausgelost, welche Bewertungen ein Label haben
NOISE = 0.03  # um so viel schwankt Macro-F1 bei rund 300 Testtexten
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
import re

from kurs import ergebnis
from kurs.datensaetze import datensatz
from kurs.modelle import modell

import matplotlib.pyplot as plt
import numpy as np
import torch
import transformers
from datasets import concatenate_datasets
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.pipeline import make_pipeline
from transformers import MarianMTModel, MarianTokenizer

transformers.set_seed(SEED)

# %% Daten: Bewertungen, deren Sätze kurz genug für den kleinen Übersetzer sind
reviews = datensatz("sepidmnorozy/German_sentiment")
train, test = reviews["train"], concatenate_datasets([reviews["validation"], reviews["test"]])
split = re.compile(r"(?<=[.!?…])\s+")
texts, labels = [], []
for text, label in zip(train["text"], train["label"]):
    is_short = max(len(sentence.split()) for sentence in split.split(text)) <= 12
    if is_short and labels.count(label) < POOL_PER_CLASS:
        texts.append(text)
        labels.append(label)
texts, labels = np.array(texts), np.array(labels)
print(f"{len(texts)} Bewertungen zum Umformulieren, {len(test)} zum Prüfen")


# %% Umformulieren: Satz für Satz ins Englische und zurück
def translate(sentences, name):
    tokenizer = MarianTokenizer.from_pretrained(modell(name))
    model = MarianMTModel.from_pretrained(modell(name))
    batch = tokenizer(sentences, return_tensors="pt", padding=True, truncation=True)
    with torch.inference_mode():
        ids = model.generate(
            **batch, do_sample=True, temperature=TEMPERATURE, top_k=10, num_beams=1, max_length=40
        )
    return tokenizer.batch_decode(ids, skip_special_tokens=True)


sentences = [sentence for text in texts for sentence in split.split(text)] * N_VARIANTS
print(f"Übersetze {len(sentences)} Sätze hin und zurück …")
english = translate(sentences, "Helsinki-NLP/opus-mt-de-en")
german = iter(translate(english, "Helsinki-NLP/opus-mt-en-de"))
variants = [[] for _ in range(N_VARIANTS)]
for variant in variants:  # die Sätze wieder zu Bewertungen zusammensetzen
    for text in texts:
        variant.append(" ".join(next(german) for _ in split.split(text)))
variants = np.array(variants)  # [Variante, Bewertung]
print(f"Zum Beispiel: {texts[0]}\n          →   {variants[0, 0]}")


# %% Derselbe Klassifikator, dreimal trainiert: ohne, mit Kopien, mit Paraphrasen
def f1_of(some_texts, some_labels):
    model = make_pipeline(TfidfVectorizer(), LogisticRegression())
    prediction = model.fit(some_texts, some_labels).predict(test["text"])
    return f1_score(test["label"], prediction, average="macro")


counts = sorted({min(n, *np.bincount(labels)) for n in LABELS_PER_CLASS})
names = ["ohne", "nur kopiert", "Back-Translation"]
if N_DRAWS < 1:
    raise ValueError("Wenigstens einmal muss gelost werden")
f1 = np.zeros((3, len(counts), N_DRAWS))
random = np.random.default_rng(SEED)
for column, n_labels in enumerate(counts):
    for draw in range(N_DRAWS):
        drawn = [random.choice(np.flatnonzero(labels == c), n_labels, False) for c in (0, 1)]
        drawn = np.concatenate(drawn)
        more_labels = np.tile(labels[drawn], 1 + N_VARIANTS)
        copied = np.tile(texts[drawn], 1 + N_VARIANTS)
        paraphrased = np.concatenate([texts[drawn], variants[:, drawn].ravel()])
        f1[0, column, draw] = f1_of(texts[drawn], labels[drawn])
        f1[1, column, draw] = f1_of(copied, more_labels)
        f1[2, column, draw] = f1_of(paraphrased, more_labels)
f1_all = f1_of(train["text"], train["label"])
print(f"\nMacro-F1 im Test, Mittel über {N_DRAWS} Ziehungen (alle Labels: {f1_all:.3f})")
print(f"{'Labels je Klasse':18}", *(f"{n_labels:7}" for n_labels in counts))
for name, values in zip(names, f1.mean(axis=2)):
    print(f"{name:18}", *(f"{value:7.3f}" for value in values))

# %% Bild
for name, values in zip(names, f1.mean(axis=2)):
    plt.plot(counts, values, "o-", label=name)
plt.axhline(f1_all, color="black", linestyle="-.", label="alle echten Labels")
plt.axhline(0.5, color="black", linestyle=":", label="raten")
plt.xlabel("Bewertungen mit Label, je Klasse")
plt.ylabel("Macro-F1 im Test")
plt.title("Was bringt Back-Translation dem Klassifikator?")
plt.legend()
plt.show()

# %% Was man sieht
# Verglichen wird mit Kopien, denn die Zahl der Texte allein ist noch kein neues Wissen. Paraphrasen
# kosten nur Rechenzeit; was positiv ist, bringen sie aber nicht mit: Das steckt im Label.
for n_labels, gain in zip(counts, (f1[2] - f1[1]).mean(axis=1)):
    verdict = "nicht zu unterscheiden"
    if abs(gain) > NOISE:
        verdict = "hilft" if gain > 0 else "schadet"
    print(f"Back-Translation, {n_labels} Labels je Klasse: {gain:+.3f} gegen Kopien, {verdict}")
few, many = f1[0, [0, -1]].mean(axis=1)
print(f"{counts[-1]} statt {counts[0]} echte Labels je Klasse: {many - few:+.3f}")
ergebnis(
    f1_ohne=f1[0, -1].mean(),
    f1_kopiert=f1[1, -1].mean(),
    f1_back_translation=f1[2, -1].mean(),
    f1_alle=f1_all,
)
