"""Back-Translation: deutsch → englisch → deutsch, als neue Trainingstexte für einen Klassifikator.

Kapitel   3.100 Verarbeitung von Textdaten (NLP-Grundlagen) · Datenaugmentation
Folie     Code Demo: Einsatz von Back-Translation mit MarianMT
Lernziel  Sätze über eine zweite Sprache umformulieren, das Ergebnis bewerten und messen, ob es dem Klassifikator hilft
Laufzeit  ca. 40 s (2 CPU-Kerne)
Daten     sepidmnorozy/German_sentiment (deutsche Bewertungen, positiv oder negativ), dazu eigene Sätze
Modelle   Helsinki-NLP/opus-mt-de-en, Helsinki-NLP/opus-mt-en-de
Erwartet  chrf 26–31, anteil_kopien 0–0.05, verneinung_verloren 0.2–0.45,
          f1_ohne 0.53–0.6, f1_kopiert 0.53–0.6, f1_back_translation 0.48–0.6, f1_gefiltert 0.5–0.6

Augmentation verspricht mehr Trainingstexte, ohne dass jemand Labels vergibt. Ob sie das hält, muss man
messen, und zwar auch gegen die billigste Alternative: dieselben Texte einfach mehrmals vorlegen.
Der eingebettete Übersetzer ist klein und hat kurze Alltagssätze gelernt; man sieht ihm seine Grenzen an.
"""

# %% Stellschrauben: hier live drehen
OWN_SENTENCES = [
    "Das Essen war kalt und der Kellner unfreundlich.",
    "Ich habe lange nicht mehr so gut geschlafen.",
    "Der Film war nicht schlecht, aber viel zu lang.",
    "Dieses Buch lese ich bestimmt nicht noch einmal.",
    "Für das Geld kann man wirklich nicht meckern.",
    "Das Gericht hat die Berufung verworfen.",
    "Obwohl wir reserviert hatten, warteten wir eine Stunde an der Bar, bis jemand Zeit für uns fand.",
]  # Test: ["Das Essen war kalt.", "Der Film war nicht schlecht."]
TEMPERATURE = 0.7  # 0: immer das wahrscheinlichste Wort; je größer, desto bunter und falscher
TEMPERATURES = [0, 0.4, 0.7, 1.0, 1.3]  # Test: [0, 1.0]
TOP_K = 10  # gewürfelt wird nur unter so vielen Wortstücken, den wahrscheinlichsten
MAX_WORDS = 12  # Wörter je Satz; längere Sätze überfordern das kleine Modell
CHRF_RANGE = (30, 90)  # der Filter: darunter gilt eine Paraphrase als Unsinn, darüber als Kopie
NOISE = 0.03  # um so viel schwankt Macro-F1 bei rund 300 Testtexten (data/README.md)
N_VARIANTS = 2  # Test: 2; Paraphrasen je Bewertung
POOL_PER_CLASS = 40  # Test: 4; Bewertungen je Klasse, die übersetzt werden
LABELS_PER_CLASS = [5, 10, 20, 40]  # Test: [2, 3]
N_DRAWS = 20  # Test: 2; so oft wird neu ausgelost, welche Bewertungen ein Label haben
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
from rich.console import Console
from rich.table import Table
from sacrebleu.metrics import BLEU, CHRF
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.pipeline import make_pipeline
from transformers import MarianMTModel, MarianTokenizer

transformers.set_seed(SEED)

# %% Zwei Übersetzer: einer hin, einer zurück
DE_EN, EN_DE = modell("Helsinki-NLP/opus-mt-de-en"), modell("Helsinki-NLP/opus-mt-en-de")
forward = MarianTokenizer.from_pretrained(DE_EN), MarianMTModel.from_pretrained(DE_EN).eval()
backward = MarianTokenizer.from_pretrained(EN_DE), MarianMTModel.from_pretrained(EN_DE).eval()
print(f"{forward[1].num_parameters() / 1e6:.1f} Millionen Gewichte je Richtung")


def translate(sentences, translator, temperature):
    """Übersetzt stapelweise. Temperatur 0: ohne Zufall, sonst wird jedes Wort gewürfelt."""
    tokenizer, model = translator
    sampling = {"do_sample": temperature > 0, "num_beams": 1, "max_length": 60}
    if temperature > 0:
        sampling |= {"temperature": temperature, "top_k": TOP_K}
    translations = []
    for start in range(0, len(sentences), 64):
        batch = sentences[start : start + 64]
        batch = tokenizer(batch, return_tensors="pt", padding=True, truncation=True)
        with torch.inference_mode():
            ids = model.generate(**batch, **sampling)
        translations += tokenizer.batch_decode(ids, skip_special_tokens=True)
    return translations


def back_translate(sentences, temperature):
    english = translate(sentences, forward, temperature)
    return english, translate(english, backward, temperature)


# %% Was herauskommt, und zwei Noten dafür
def chrf(paraphrase, original):
    return CHRF().sentence_score(paraphrase, [original]).score


def bleu(paraphrase, original):
    return BLEU(effective_order=True).sentence_score(paraphrase, [original]).score


table = Table(title=f"Back-Translation mit Temperatur {TEMPERATURE}", show_lines=True)
for header in ("Original", "Englisch", "Paraphrase", "chrF", "BLEU"):
    table.add_column(header, justify="right" if header in ("chrF", "BLEU") else "left")
english, paraphrases = back_translate(OWN_SENTENCES, TEMPERATURE)
for original, middle, new in zip(OWN_SENTENCES, english, paraphrases):
    table.add_row(original, middle, new, f"{chrf(new, original):.0f}", f"{bleu(new, original):.0f}")
Console(width=115).print(table)
print(
    "chrF zählt gemeinsame Buchstabenfolgen, BLEU gemeinsame Wortfolgen; 100 heißt abgeschrieben."
)

# %% Was die Noten nicht sehen: den Sinn. Diese Paraphrasen sind von Hand geschrieben
print(f"\n{'Original':26}{'Paraphrase':36}chrF  BLEU")
for original, new, meaning in [
    ("Das Essen war nicht gut.", "Das Essen war gut.", "Gegenteil"),
    ("Das Essen war nicht gut.", "Geschmeckt hat es mir leider kaum.", "gleicher Sinn"),
]:
    print(f"{original:26}{new:36}{chrf(new, original):4.0f}  {bleu(new, original):4.0f}  {meaning}")
print("Die Noten vergleichen Schreibweisen: Das Gegenteil steht besser da als die gute Paraphrase.")

# %% Vielfalt hat ihren Preis: je Satz vier Varianten, bei verschiedenen Temperaturen
closeness, variety = [], []
for temperature in TEMPERATURES:
    _, paraphrases = back_translate(OWN_SENTENCES * 4, temperature)
    closeness.append(np.mean([chrf(new, o) for new, o in zip(paraphrases, OWN_SENTENCES * 4)]))
    groups = np.array(paraphrases).reshape(4, -1).T  # eine Zeile je Satz
    distances = [100 - chrf(row[i], row[j]) for row in groups for i in range(4) for j in range(i)]
    variety.append(np.mean(distances))
figure, axis = plt.subplots(figsize=(9, 5))
axis.plot(TEMPERATURES, closeness, "o-", color="#0072B2", label="Nähe zum Original (chrF)")
axis.plot(
    TEMPERATURES, variety, "s--", color="#D55E00", label="Vielfalt (100 − chrF der Varianten)"
)
axis.set(xlabel="Temperatur beim Würfeln", ylabel="Punkte (0 bis 100)", ylim=(0, 100))
axis.set_title("Mehr Vielfalt, weniger Nähe zum Original")
axis.legend()
plt.show()
print(f"Von Temperatur {TEMPERATURES[0]} zu {TEMPERATURES[-1]}:", end=" ")
print(
    f"Nähe {closeness[0]:.0f} → {closeness[-1]:.0f}, Vielfalt {variety[0]:.0f} → {variety[-1]:.0f}\n"
)

# %% Daten: nur Bewertungen, deren Sätze kurz genug für den Übersetzer sind
reviews = datensatz("sepidmnorozy/German_sentiment")
test_texts = [*reviews["validation"]["text"], *reviews["test"]["text"]]
test_labels = [*reviews["validation"]["label"], *reviews["test"]["label"]]
short_reviews = {0: [], 1: []}  # je Klasse; eine Bewertung ist eine Liste ihrer Sätze
for text, label in zip(reviews["train"]["text"], reviews["train"]["label"]):
    parts = re.split(r"(?<=[.!?…])\s+", text.strip())
    if max(len(part.split()) for part in parts) <= MAX_WORDS:
        short_reviews[label].append(parts)
share = sum(map(len, short_reviews.values())) / len(reviews["train"])
print(f"{share:.0%} der Bewertungen bestehen nur aus Sätzen mit höchstens {MAX_WORDS} Wörtern.")
pool = [(parts, label) for label in (0, 1) for parts in short_reviews[label][:POOL_PER_CLASS]]
pool_texts = np.array([" ".join(parts) for parts, _ in pool])
pool_labels = np.array([label for _, label in pool])

# %% Die Bewertungen umformulieren, Satz für Satz
originals = [part for parts, _ in pool for part in parts] * N_VARIANTS
print(f"Übersetze {len(originals)} Sätze hin und zurück …")
_, paraphrases = back_translate(originals, TEMPERATURE)
scores = np.array([chrf(new, original) for new, original in zip(paraphrases, originals)])
rest = iter(paraphrases)
variants = [[" ".join(next(rest) for _ in parts) for parts, _ in pool] for _ in range(N_VARIANTS)]
variants = np.array(variants)  # [Variante, Bewertung]
quality = np.array([[chrf(new, text) for new, text in zip(row, pool_texts)] for row in variants])
is_good = (quality >= CHRF_RANGE[0]) & (quality <= CHRF_RANGE[1])

# %% Wo es verzerrt
is_copy = np.array(paraphrases) == np.array(originals)
print(
    f"chrF im Mittel {scores.mean():.0f}; {is_copy.mean():.0%} der Sätze kamen unverändert zurück."
)
negation = re.compile(r"\b(nicht|nichts|nie|niemals|niemand|kein\w*|ohne)\b", re.IGNORECASE)
negated = [i for i, original in enumerate(originals) if negation.search(original)]
lost = [i for i in negated if not negation.search(paraphrases[i])]
print(
    f"Von {len(negated)} verneinten Sätzen haben {len(lost)} keine Verneinung mehr, zum Beispiel:"
)
for i in sorted(lost, key=lambda i: -scores[i])[:3]:
    print(f"  {originals[i]}\n    → {paraphrases[i]}  (chrF {scores[i]:.0f})")
print("Am weitesten vom Original entfernt:")
for i in np.argsort(scores)[:3]:
    print(f"  {originals[i]}\n    → {paraphrases[i]}  (chrF {scores[i]:.0f})")
print(f"Der Filter (chrF {CHRF_RANGE[0]} bis {CHRF_RANGE[1]}) behält {is_good.mean():.0%}.")
print("Das Label erbt jede Paraphrase von ihrem Original. Ob es noch stimmt, prüft niemand.")


# %% Der Klassifikator mit wenigen Labels: in jeder Ziehung viermal, aus denselben Bewertungen
def test_f1(texts, labels):
    # balanced: Der Filter lässt je Klasse verschieden viele Texte übrig; das soll nicht mitentscheiden
    model = make_pipeline(TfidfVectorizer(), LogisticRegression(class_weight="balanced"))
    classifier = model.fit(texts, labels)
    return f1_score(test_labels, classifier.predict(test_texts), average="macro")


names = ["ohne", "nur kopiert", "Back-Translation", "… nach dem Filter"]
f1 = np.zeros((len(names), len(LABELS_PER_CLASS), N_DRAWS))
random = np.random.default_rng(SEED)
for column, n_labels in enumerate(LABELS_PER_CLASS):
    for draw in range(N_DRAWS):
        drawn = [random.choice(np.flatnonzero(pool_labels == c), n_labels, False) for c in (0, 1)]
        drawn = np.concatenate(drawn)
        texts, labels = pool_texts[drawn], pool_labels[drawn]
        new_texts, new_labels = variants[:, drawn].ravel(), np.tile(labels, N_VARIANTS)
        good = is_good[:, drawn].ravel()
        for row, (more_texts, more_labels) in enumerate([
            ([], []),
            (np.tile(texts, N_VARIANTS), new_labels),
            (new_texts, new_labels),
            (new_texts[good], new_labels[good]),
        ]):  # fmt: skip
            f1[row, column, draw] = test_f1([*texts, *more_texts], [*labels, *more_labels])
all_labels = test_f1(reviews["train"]["text"], reviews["train"]["label"])
print(f"\nMacro-F1 im Test ({len(test_texts)} Bewertungen), Mittel über {N_DRAWS} Ziehungen")
print(f"{'Labels je Klasse':18}", *(f"{n_labels:7}" for n_labels in LABELS_PER_CLASS))
for name, values in zip(names, f1.mean(axis=2)):
    print(f"{name:18}", *(f"{value:7.3f}" for value in values))
print(f"Zum Vergleich: alle {len(reviews['train'])} Bewertungen mit echten Labels {all_labels:.3f}")

# %% Hilft es? Gegen bloßes Kopieren, denn die Zahl der Texte allein ist noch kein neues Wissen
for row in (2, 3):
    for n_labels, gain in zip(LABELS_PER_CLASS, (f1[row] - f1[1]).mean(axis=1)):
        verdict = "nicht zu unterscheiden"
        if abs(gain) > NOISE:
            verdict = "hilft" if gain > 0 else "schadet"
        print(f"{names[row]:18}{n_labels:3} Labels: {gain:+.3f} gegen Kopien, {verdict}")
figure, axis = plt.subplots(figsize=(9, 5))
styles = [("o-", "#999999"), ("s--", "#56B4E9"), ("^-", "#D55E00"), ("D:", "#0072B2")]
for name, values, (style, color) in zip(names, f1.mean(axis=2), styles):
    axis.plot(LABELS_PER_CLASS, values, style, color=color, label=name, linewidth=2, markersize=8)
axis.axhline(all_labels, color="black", linestyle="-.", label="alle echten Labels")
axis.axhline(0.5, color="black", linestyle=":", label="raten")
axis.set(xlabel="Bewertungen mit Label, je Klasse", ylabel="Macro-F1 im Test", ylim=(0.45, 0.85))
axis.set_title("Was bringt Back-Translation dem Klassifikator?")
axis.legend(ncols=2, loc="upper center")
plt.show()

# %% Was man sieht: Paraphrasen gegen Kopien, und beides gegen mehr echte Labels
gains = (f1[2:] - f1[1]).mean(axis=2)
print(f"\nIn {np.sum(gains > NOISE)} von {gains.size} Vergleichen hilft Back-Translation mehr als bloßes Kopieren,", end=" ")
print(f"in {np.sum(gains < -NOISE)} schadet sie; sonst liegt der Unterschied im Rauschen (± {NOISE}).")
few, many = f1[0, [0, -1]].mean(axis=1)
print(f"{LABELS_PER_CLASS[-1]} statt {LABELS_PER_CLASS[0]} Labels je Klasse, von Menschen vergeben: {many - few:+.3f}.", end=" ")
print(f"Größter Gewinn durch Paraphrasen: {max(gains.max(), 0):+.3f}.")
print("Paraphrasen kosten nur Rechenzeit. Das Wissen, was positiv ist, bringen sie nicht mit: Das steckt im Label.")
ergebnis(
    chrf=scores.mean(),
    anteil_kopien=is_copy.mean(),
    verneinung_verloren=len(lost) / max(len(negated), 1),
    f1_ohne=f1[0, -1].mean(),
    f1_kopiert=f1[1, -1].mean(),
    f1_back_translation=f1[2, -1].mean(),
    f1_gefiltert=f1[3, -1].mean(),
)
