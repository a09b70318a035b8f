"""Übung Back-Translation: Sätze über das Französische umformulieren und aussieben.

Kapitel   3.110 Verarbeitung von Textdaten (NLP-Grundlagen) · Datenaugmentation
Folie     Übung: Teste die Datenaugmentation mit Übersetzung in französisch
Lernziel  Back-Translation zusammensetzen: hin und zurück, würfeln, aussieben, Daten erweitern
Laufzeit  ca. 6 s (2 CPU-Kerne)
Daten     eigene Sätze
Modelle   Helsinki-NLP/opus-mt-de-fr, Helsinki-NLP/opus-mt-fr-de, Helsinki-NLP/opus-mt-de-en und
          Helsinki-NLP/opus-mt-en-de

Vorbild ist demo_back_translation.py, dort geht es über das Englische.
Ersetze zwischen ▼ und ▲ das `...` durch deine Antwort; beim Start steht darunter, ob sie stimmt.
"""

# %% Stellschrauben
SENTENCES = ["Das Essen war kalt.", "Ich habe gut geschlafen.", "Der Film war nicht schlecht."]
TEMPERATURE = 0.7  # 0: immer das wahrscheinlichste Wort; je größer, desto bunter und falscher
CHRF_RANGE = (30, 90)  # der Filter aus Aufgabe 4
N_VARIANTS = 2  # Paraphrasen je Satz
TIPPS = 1  # je Aufgabe: 0 keine Tipps, 1 eine Frage, 2 auch wo es steht, 3 auch ein Gerüst
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
from functools import cache

from kurs import pruefe
from kurs.modelle import modell

import numpy as np
import torch
import transformers
from sacrebleu.metrics import CHRF
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

transformers.set_seed(SEED)
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
if pruefe(5, augment):
    numbers = list(range(len(SENTENCES)))  # als Label dient hier die Nummer des Satzes
    for text, label in zip(*augment(SENTENCES, numbers, variants)):
        print(label, text)

# %% Was man sieht
# Das Label erbt jede Paraphrase von ihrem Original. Ob es noch stimmt, prüft niemand: chrF zählt
# nur Buchstaben. Was das bringt, misst demo_paraphrasen_helfen.
