"""Übung Back-Translation: Bewertungen über das Französische umformulieren und messen, ob es hilft.

Kapitel   3.110 Verarbeitung von Textdaten (NLP-Grundlagen) · Datenaugmentation
Folie     Übung: Teste die Datenaugmentation mit Übersetzung in französisch
Lernziel  Back-Translation zusammensetzen: hin und zurück, würfeln, aussieben, Daten erweitern
Laufzeit  ca. 30 s (2 CPU-Kerne)
Daten     sepidmnorozy/German_sentiment (deutsche Bewertungen), dazu eigene Sätze
Modelle   Helsinki-NLP/opus-mt-de-fr, -fr-de, -de-en und -en-de

Vorbild ist demo_back_translation.py, dort geht es über das Englische.
Bearbeite nur, was zwischen ▼ und ▲ steht: Ersetze `...` durch deine Antwort und starte das Skript
neu. Unter jeder Aufgabe steht dann, ob sie stimmt, und wenn nicht, woran es liegt.
"""

# %% Stellschrauben
SENTENCES = ["Das Essen war kalt.", "Ich habe gut geschlafen.", "Der Film war nicht schlecht."]
TEMPERATURE = 0.7  # 0: immer das wahrscheinlichste Wort; je größer, desto bunter und falscher
CHRF_RANGE = (30, 90)  # der Filter aus Aufgabe 4
N_VARIANTS = 2  # Paraphrasen je Satz
N_LABELS = 20  # Test: 3; so viele Bewertungen je Klasse haben ein Label und werden umformuliert
TIPPS = 1  # je Aufgabe: 0 keine Tipps, 1 eine Frage, 2 auch wo es steht, 3 auch ein Gerüst
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
from functools import cache

from kurs import pruefe
from kurs.datensaetze import datensatz
from kurs.merken import gemerkt
from kurs.modelle import modell

import numpy as np
import torch
import transformers
from sacrebleu.metrics import CHRF
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.pipeline import make_pipeline
from transformers import MarianMTModel, MarianTokenizer

# %% Geschenkt: vier Übersetzer, und die Note chrF
DIRECTIONS = ("de-en", "en-de", "de-fr", "fr-de")
MODELS = {name: str(modell(f"Helsinki-NLP/opus-mt-{name}")) for name in DIRECTIONS}
load = cache(lambda model, direction: model.from_pretrained(MODELS[direction]))

def translate(sentences, direction, temperature):
    """Übersetzt eine Liste von Sätzen. Temperatur 0: ohne Zufall, sonst wird gewürfelt."""
    tokenizer, model = load(MarianTokenizer, direction), load(MarianMTModel, direction)
    options = {"do_sample": temperature > 0, "num_beams": 1, "max_length": 60}
    options |= {"temperature": temperature, "top_k": 10} if temperature > 0 else {}
    batch = tokenizer(list(sentences), return_tensors="pt", padding=True, truncation=True)
    with torch.inference_mode():
        return tokenizer.batch_decode(model.generate(**batch, **options), skip_special_tokens=True)

def chrf(paraphrase, original):
    """Gemeinsame Buchstabenfolgen, von 0 (nichts gemeinsam) bis 100 (abgeschrieben)."""
    return CHRF().sentence_score(paraphrase, [original]).score

# ▼ AUFGABE 1: Welche zwei Übersetzer brauchst du? Zuerst für den Hinweg, dann für den Rückweg.
forward, backward = ..., ...
# ▲
pruefe(1, forward, backward)

# ▼ AUFGABE 2: Übersetze die Sätze ins Französische, das Ergebnis zurück, beides mit temperature.
def back_translate(sentences, temperature):
    french = ...
    paraphrases = ...
    return french, paraphrases
# ▲
if pruefe(2, back_translate):
    french, paraphrases = back_translate(SENTENCES, 0)
    for original, middle, paraphrase in zip(SENTENCES, french, paraphrases):
        print(f"{original}\n  → {middle}\n  → {paraphrase} (chrF {chrf(paraphrase, original):.0f})")

# ▼ AUFGABE 3: N_VARIANTS Listen in einer Liste; jede hat je Satz eine gewürfelte Paraphrase.
variants = ...
# ▲
pruefe(3, variants)

# Eine Kopie bringt nichts Neues, eine ganz fremde Zeile ist meist Unsinn.
# ▼ AUFGABE 4: True, wenn chrF in CHRF_RANGE liegt (Grenzen eingeschlossen), sonst False.
def keep(paraphrase, original):
    return ...
# ▲
pruefe(4, keep)

# ▼ AUFGABE 5: Alle Originale und jede Paraphrase, die keep(…) behält, jeweils mit ihrem Label.
#   variants[k][i] ist die k-te Paraphrase von texts[i].
def augment(texts, labels, variants):
    more_texts = ...
    more_labels = ...
    return more_texts, more_labels
# ▲
helps = pruefe(5, augment)

# %% Hilft es? Verglichen wird mit bloßem Kopieren, gemessen auf Bewertungen ohne Label.
@gemerkt  # gerechnet wird nur beim ersten Mal
def paraphrase_all(texts, n_variants, temperature, models, seed):
    transformers.set_seed(seed)
    there = lambda: translate(texts, "de-fr", temperature)
    return [translate(there(), "fr-de", temperature) for _ in range(n_variants)]

if helps:
    reviews = datensatz("sepidmnorozy/German_sentiment")["train"]
    order = np.argsort([len(text) for text in reviews["text"]])  # kurze übersetzt er am besten
    texts, labels = np.array(reviews["text"])[order], np.array(reviews["label"])[order]
    chosen = np.concatenate([np.flatnonzero(labels == label)[:N_LABELS] for label in (0, 1)])
    rest = np.setdiff1d(np.arange(len(texts)), chosen)  # damit wird gemessen
    x, y = texts[chosen].tolist(), labels[chosen].tolist()
    paraphrased = paraphrase_all(x, N_VARIANTS, TEMPERATURE, MODELS, SEED)
    copied = x * (N_VARIANTS + 1), y * (N_VARIANTS + 1)
    for name, data in {"nur kopiert": copied, "umformuliert": augment(x, y, paraphrased)}.items():
        classifier = make_pipeline(TfidfVectorizer(), LogisticRegression(class_weight="balanced"))
        answers = classifier.fit(*data).predict(texts[rest])
        score = f1_score(labels[rest], answers, average="macro")
        print(f"{name}: {len(data[0])} Texte, Macro-F1 {score:.3f}")
    print("Bei so wenigen Labels sind Unterschiede unter etwa 0.03 Zufall.")
