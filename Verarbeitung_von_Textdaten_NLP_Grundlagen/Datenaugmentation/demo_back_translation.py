"""Back-Translation: deutsch → englisch → deutsch, und was dabei verloren geht.

Kapitel   3.100 Verarbeitung von Textdaten (NLP-Grundlagen) · Datenaugmentation
Folie     Code Demo: Einsatz von Back-Translation mit MarianMT
Lernziel  Sätze über eine zweite Sprache umformulieren und die Paraphrasen bewerten
Laufzeit  ca. 15 s (2 CPU-Kerne)
Daten     eigene Sätze; sepidmnorozy/German_sentiment (deutsche Bewertungen)
Modelle   Helsinki-NLP/opus-mt-de-en, Helsinki-NLP/opus-mt-en-de
Erwartet  chrf 24–33, anteil_kopien 0–0.05, verneinung_verloren 0.12–0.42

Der eingebettete Übersetzer ist klein und hat kurze Alltagssätze gelernt; man sieht ihm seine
Grenzen an. Ob solche Paraphrasen einem Klassifikator helfen, misst demo_paraphrasen_helfen.
"""

# %% Stellschrauben: hier live drehen
OWN_SENTENCES = [
    "Das Essen war kalt und der Kellner unfreundlich.",
    "Ich habe lange nicht mehr so gut geschlafen.",
    "Der Film war nicht schlecht, aber viel zu lang.",
    "Dieses Buch lese ich bestimmt nicht noch einmal.",
    "Für das Geld kann man wirklich nicht meckern.",
    "Das Gericht hat die Berufung verworfen.",
]  # Test: ["Das Essen war kalt.", "Der Film war nicht schlecht."]
TEMPERATURE = 0.7  # 0: immer das wahrscheinlichste Wort; je größer, desto bunter und falscher
TEMPERATURES = [0, 0.4, 0.7, 1.0, 1.3]  # für den Vergleich  # Test: [0, 1.0]
TOP_K = 10  # gewürfelt wird nur unter so vielen Tokens, den wahrscheinlichsten
N_SENTENCES = 200  # so viele Sätze aus Bewertungen werden umformuliert  # Test: 8
MAX_WORDS = 12  # Wörter je Satz; längere überfordern das kleine Modell
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
import re
from itertools import combinations

from kurs import ergebnis
from kurs.datensaetze import datensatz
from kurs.modelle import modell

import matplotlib.pyplot as plt
import numpy as np
import torch
import transformers
from sacrebleu.metrics import BLEU, CHRF
from transformers import MarianMTModel, MarianTokenizer

transformers.set_seed(SEED)

# %% Zwei Übersetzer: einer hin, einer zurück
DE_EN, EN_DE = modell("Helsinki-NLP/opus-mt-de-en"), modell("Helsinki-NLP/opus-mt-en-de")
forward = MarianTokenizer.from_pretrained(DE_EN), MarianMTModel.from_pretrained(DE_EN)
backward = MarianTokenizer.from_pretrained(EN_DE), MarianMTModel.from_pretrained(EN_DE)
print(f"{forward[1].num_parameters() / 1e6:.1f} Millionen Gewichte je Richtung")


def translate(sentences, translator, temperature):
    """Temperatur 0: ohne Zufall, sonst wird jedes Token gewürfelt."""
    tokenizer, model = translator
    sampling = {"do_sample": False}
    if temperature > 0:
        sampling = {"do_sample": True, "temperature": temperature, "top_k": TOP_K}
    batch = tokenizer(sentences, return_tensors="pt", padding=True, truncation=True)
    with torch.inference_mode():
        ids = model.generate(**batch, num_beams=1, max_length=40, **sampling)
    return tokenizer.batch_decode(ids, skip_special_tokens=True)


def back_translate(sentences, temperature):
    english = translate(sentences, forward, temperature)
    return english, translate(english, backward, temperature)


# %% Was herauskommt, und zwei Noten dafür
def chrf(paraphrase, original):
    """Gemeinsame Buchstabenfolgen; 100 heißt abgeschrieben."""
    return CHRF().sentence_score(paraphrase, [original]).score


def bleu(paraphrase, original):
    """Gemeinsame Wortfolgen; 100 heißt abgeschrieben."""
    return BLEU(effective_order=True).sentence_score(paraphrase, [original]).score


for original, english, new in zip(OWN_SENTENCES, *back_translate(OWN_SENTENCES, TEMPERATURE)):
    print(f"\n{original}\n  {english}\n  {new}", end="")
    print(f"   (chrF {chrf(new, original):.0f}, BLEU {bleu(new, original):.0f})")

# %% Was die Noten nicht sehen: den Sinn. Diese Paraphrasen sind von Hand geschrieben
original = "Das Essen war nicht gut."
print(f"\n{original}")
for new in ("Das Essen war gut.", "Geschmeckt hat es mir leider kaum."):
    print(f"  chrF {chrf(new, original):3.0f}, BLEU {bleu(new, original):3.0f}: {new}")
# Die Noten vergleichen Schreibweisen: Das Gegenteil steht besser da als die gute Paraphrase.

# %% Was kostet Vielfalt? Je Satz vier Varianten, bei verschiedenen Temperaturen
closeness, variety = [], []
for temperature in TEMPERATURES:
    rows = [back_translate(OWN_SENTENCES, temperature)[1] for _ in range(4)]
    near, apart = [], []
    for row in rows:
        near += [chrf(new, original) for new, original in zip(row, OWN_SENTENCES)]
    for row, other in combinations(rows, 2):
        apart += [100 - chrf(a, b) for a, b in zip(other, row)]
    closeness.append(np.mean(near))
    variety.append(np.mean(apart))
plt.plot(TEMPERATURES, closeness, "o-", label="Nähe zum Original (chrF)")
plt.plot(TEMPERATURES, variety, "s--", label="Vielfalt (100 − chrF der Varianten untereinander)")
plt.xlabel("Temperatur beim Würfeln")
plt.ylabel("Punkte")
plt.ylim(0, 100)
plt.title("Was kostet Vielfalt?")
plt.legend()
plt.show()

# %% Wo es verzerrt: viele Sätze aus Bewertungen
sentences = []
for text in datensatz("sepidmnorozy/German_sentiment")["train"]["text"]:
    sentences += [s for s in re.split(r"(?<=[.!?…])\s+", text) if 3 < len(s.split()) <= MAX_WORDS]
sentences = sentences[:N_SENTENCES]
print(f"\nÜbersetze {len(sentences)} Sätze aus Bewertungen hin und zurück …")
_, paraphrases = back_translate(sentences, TEMPERATURE)
scores = np.array([chrf(new, old) for new, old in zip(paraphrases, sentences)])
copies = np.mean([new == old for new, old in zip(paraphrases, sentences)])
print(f"chrF im Mittel {scores.mean():.0f}; unverändert zurück kamen {copies:.0%}.")
negation = re.compile(r"\b(nicht|nichts|nie|niemals|niemand|kein\w*|ohne)\b", re.IGNORECASE)
negated = [i for i, sentence in enumerate(sentences) if negation.search(sentence)]
lost = [i for i in negated if not negation.search(paraphrases[i])]
print(f"Von {len(negated)} verneinten Sätzen haben {len(lost)} kein Wort der Verneinung mehr:")
for i in lost[:3]:
    print(f"  {sentences[i]}\n    → {paraphrases[i]}  (chrF {scores[i]:.0f})")
print("Am weitesten vom Original entfernt:")
for i in scores.argsort()[:3]:
    print(f"  {sentences[i]}\n    → {paraphrases[i]}  (chrF {scores[i]:.0f})")
# Wer solche Sätze als Trainingstexte nimmt, gibt ihnen das Label des Originals. Ob es noch stimmt,
# prüft niemand.
ergebnis(
    chrf=scores.mean(),
    anteil_kopien=copies,
    verneinung_verloren=len(lost) / max(len(negated), 1),
)
