"""Übung Back-Translation: Bewertungen über das Französische umformulieren und messen, ob es hilft.

Kapitel   3.110 Verarbeitung von Textdaten (NLP-Grundlagen) · Datenaugmentation
Folie     Übung: Teste die Datenaugmentation mit Übersetzung in französisch
Lernziel  Back-Translation selbst zusammensetzen: hin und zurück, würfeln, aussieben, Trainingsdaten erweitern
Laufzeit  ca. 30 s (2 CPU-Kerne)
Daten     sepidmnorozy/German_sentiment (deutsche Bewertungen, positiv oder negativ), dazu eigene Sätze
Modelle   Helsinki-NLP/opus-mt-de-fr und -fr-de, zum Vergleich -de-en und -en-de

Bearbeite nur, was zwischen ▼ und ▲ steht: Ersetze `...` durch deine Antwort und starte das Skript neu.
Unten steht danach zu jeder Aufgabe, ob sie stimmt. Vorbild: demo_back_translation.py, über das Englische.
"""

# %% Stellschrauben
SENTENCES = [
    "Das Essen war kalt.",
    "Ich habe heute sehr gut geschlafen.",
    "Der Film war nicht schlecht.",
    "Dieses Buch lese ich nicht noch einmal.",
    "Ein Mann wartet auf den Bus.",
]
TEMPERATURE = 0.7  # 0: immer das wahrscheinlichste Wort; je größer, desto bunter und falscher
CHRF_RANGE = (30, 90)  # der Filter aus Aufgabe 4
MAX_WORDS = 12  # Wörter je Satz; längere Sätze überfordern das kleine Modell
NOISE = 0.03  # um so viel schwankt Macro-F1 bei rund 300 Testtexten (data/README.md)
N_VARIANTS = 2  # Test: 2; Paraphrasen je Satz
POOL_PER_CLASS = 24  # Test: 3; Bewertungen je Klasse, die übersetzt werden
N_LABELS = 20  # Test: 2; so viele davon haben je Ziehung ein Label, je Klasse
N_DRAWS = 20  # Test: 2; so oft wird neu ausgelost, welche
TIPPS = 1  # je Aufgabe: 0 keine Tipps, 1 eine Frage, 2 auch wo es steht, 3 auch ein Gerüst
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
import re

from kurs import pruefe
from kurs.datensaetze import datensatz
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
translators = {}
for direction in DIRECTIONS:
    name = modell(f"Helsinki-NLP/opus-mt-{direction}")
    model = MarianMTModel.from_pretrained(name).eval()
    translators[direction] = MarianTokenizer.from_pretrained(name), model


def translate(sentences, direction, temperature):
    """Übersetzt Satz für Satz. Temperatur 0: ohne Zufall, sonst wird jedes Wort gewürfelt."""
    tokenizer, model = translators[direction]
    sampling = {"do_sample": temperature > 0, "num_beams": 1, "max_length": 60}
    if temperature > 0:
        sampling |= {"temperature": temperature, "top_k": 10}
    translations = []
    for start in range(0, len(sentences), 64):
        batch = sentences[start : start + 64]
        batch = tokenizer(batch, return_tensors="pt", padding=True, truncation=True)
        with torch.inference_mode():
            ids = model.generate(**batch, **sampling)
        translations += tokenizer.batch_decode(ids, skip_special_tokens=True)
    return translations


def chrf(paraphrase, original):
    """Gemeinsame Buchstabenfolgen, von 0 (nichts gemeinsam) bis 100 (abgeschrieben)."""
    return CHRF().sentence_score(paraphrase, [original]).score


# %% Aufgabe 1
# ▼ AUFGABE 1: Welche zwei Übersetzer brauchst du? Zuerst der für den Hinweg, dann der für den Rückweg.
forward, backward = ..., ...
# ▲


# %% Aufgabe 2
# ▼ AUFGABE 2: Übersetze die Sätze ins Französische und das Ergebnis zurück, beides mit temperature.
def back_translate(sentences, temperature):
    french = ...
    paraphrases = ...
    return french, paraphrases


# ▲
transformers.set_seed(SEED)
french, paraphrases = ..., ...
if forward in DIRECTIONS and backward in DIRECTIONS:
    french, paraphrases = back_translate(SENTENCES, 0)
has_paraphrases = isinstance(paraphrases, list) and len(paraphrases) == len(SENTENCES)
if has_paraphrases:
    by_english = translate(translate(SENTENCES, "de-en", 0), "en-de", 0)
    for original, middle, paraphrase, other in zip(SENTENCES, french, paraphrases, by_english):
        print(f"{original}\n  {middle}\n  → {paraphrase} (chrF {chrf(paraphrase, original):.0f})")
        print(f"  zum Vergleich über das Englische: {other} (chrF {chrf(other, original):.0f})")

# %% Aufgabe 3: Die wahrscheinlichste Übersetzung ist nur eine. Mehr Varianten gibt das Würfeln.
# ▼ AUFGABE 3: Eine Liste aus N_VARIANTS Listen; jede hat zu jedem Satz eine gewürfelte Paraphrase.
variants = ...
# ▲


# %% Aufgabe 4: der Filter. Eine Kopie bringt nichts Neues, eine ganz fremde Zeile ist meist Unsinn.
# ▼ AUFGABE 4: True, wenn chrF innerhalb von CHRF_RANGE liegt (Grenzen eingeschlossen), sonst False.
def keep(paraphrase, original):
    return ...


# ▲


# %% Aufgabe 5: mehr Trainingsdaten. variants[k][i] ist die k-te Paraphrase von texts[i].
# ▼ AUFGABE 5: Alle Originale und dazu jede Paraphrase, die keep(…) behält, jeweils mit ihrem Label.
def augment(texts, labels, variants):
    more_texts = ...
    more_labels = ...
    return more_texts, more_labels


# ▲
TEXTS = ["Das Zimmer war leider viel zu klein.", "Das Buch hat mir gut gefallen."]
TEXT_VARIANTS = [
    ["Der Raum war leider viel zu klein.", "Mir hat das Buch gut gefallen."],
    ["Das Zimmer war leider viel zu klein.", "Gefallen hat mir das Buch gut."],
]
example = augment(TEXTS, [0, 1], TEXT_VARIANTS)

# %% Hilft es? Geschenkt: Bewertungen umformulieren, trainieren, mit bloßem Kopieren vergleichen
reviews = datensatz("sepidmnorozy/German_sentiment")
test_texts = [*reviews["validation"]["text"], *reviews["test"]["text"]]
test_labels = [*reviews["validation"]["label"], *reviews["test"]["label"]]


def test_f1(texts, labels):
    classifier = make_pipeline(TfidfVectorizer(), LogisticRegression(class_weight="balanced"))
    classifier.fit(texts, labels)
    return f1_score(test_labels, classifier.predict(test_texts), average="macro")


is_open = pruefe.ist_offen([keep("Hallo", "Hallo"), *example])
if has_paraphrases and not is_open and len(example[0]) == len(example[1]):
    pool = {0: [], 1: []}  # je Klasse Bewertungen aus lauter kurzen Sätzen
    for text, label in zip(reviews["train"]["text"], reviews["train"]["label"]):
        parts = re.split(r"(?<=[.!?…])\s+", text.strip())
        if max(len(part.split()) for part in parts) <= MAX_WORDS:
            pool[label].append(parts)
    pool = [(parts, label) for label in pool for parts in pool[label][:POOL_PER_CLASS]]
    flat = [part for parts, _ in pool for part in parts]
    print(f"\nÜbersetze {len(flat)} Sätze, {N_VARIANTS}-mal hin und zurück …")
    new = iter(back_translate(flat * N_VARIANTS, TEMPERATURE)[1])
    new = [[" ".join(next(new) for _ in parts) for parts, _ in pool] for _ in range(N_VARIANTS)]
    pool_texts = np.array([" ".join(parts) for parts, _ in pool])
    pool_labels, pool_variants = np.array([label for _, label in pool]), np.array(new)
    random, f1 = np.random.default_rng(SEED), {"nur kopiert": [], "mit Back-Translation": []}
    for _ in range(N_DRAWS):
        drawn = [random.choice(np.flatnonzero(pool_labels == c), N_LABELS, False) for c in (0, 1)]
        drawn = np.concatenate(drawn)
        texts, labels, repeats = pool_texts[drawn], pool_labels[drawn], N_VARIANTS + 1
        f1["nur kopiert"].append(test_f1(np.tile(texts, repeats), np.tile(labels, repeats)))
        larger = augment(texts, labels, pool_variants[:, drawn])
        f1["mit Back-Translation"].append(test_f1(*larger))
    print(f"Macro-F1 im Test, {N_LABELS} Labels je Klasse, Mittel über {N_DRAWS} Ziehungen")
    print(*(f"  {name}: {np.mean(values):.3f}" for name, values in f1.items()), sep="\n")
    gain = np.mean(f1["mit Back-Translation"]) - np.mean(f1["nur kopiert"])
    verdict = "es hilft" if gain > 0 else "es schadet"
    print(f"  {gain:+.3f}:", "nicht zu unterscheiden" if abs(gain) <= NOISE else verdict)


# %% Prüfung (hier nichts ändern)
def route(*directions):
    sentences = SENTENCES
    for direction in directions:
        sentences = translate(sentences, direction, 0)
    return sentences


pruefe.erwarte(
    "Aufgabe 1",
    (forward, backward),
    (
        lambda pair: all(direction in DIRECTIONS for direction in pair),
        f"Gesucht sind zwei dieser Namen, als Text: {', '.join(DIRECTIONS)}.",
    ),
    (lambda pair: pair != ("fr-de", "de-fr"), "Vertauscht: Der Hinweg beginnt im Deutschen."),
    (lambda pair: not any("en" in d for d in pair), "Das führt über das Englische."),
    (
        lambda pair: pair == ("de-fr", "fr-de"),
        "Der zweite muss lesen können, was der erste schreibt, und wieder Deutsch schreiben.",
    ),
    tipps=[
        "In welcher Sprache liegen deine Sätze, und in welcher sollen sie wieder ankommen?",
        "Die Namen stehen in DIRECTIONS: links die Sprache der Eingabe, rechts die der Ausgabe.",
        'forward, backward = "de-…", "…-de"',
    ],
)
pruefe.erwarte(
    "Aufgabe 2",
    (french, paraphrases),
    (
        lambda pair: all(isinstance(part, list) and len(part) == len(SENTENCES) for part in pair),
        "Beides sollen Listen mit einem Satz je Original sein, wie translate(…) sie liefert.",
    ),
    (lambda pair: pair[1] != pair[0], "paraphrases ist noch französisch: Es fehlt der Rückweg."),
    (
        lambda pair: pair[1] != route("fr-de"),
        "Du gibst dem Rückweg die deutschen Originale. Er soll das Französische bekommen.",
    ),
    (
        lambda pair: pair == (route("de-fr"), route("de-fr", "fr-de")),
        "Die Übersetzer liefern etwas anderes: Stimmt Aufgabe 1? Gibst du temperature weiter?",
    ),
    tipps=[
        "Wessen Ausgabe ist die Eingabe des zweiten Übersetzers?",
        "translate(sätze, richtung, temperature) steht oben; Richtungen sind forward und backward.",
        "french = translate(sentences, forward, temperature); paraphrases = translate(…, backward, …)",
    ],
)
pruefe.erwarte(
    "Aufgabe 3",
    variants,
    (
        lambda rows: [len(row) for row in rows] == [len(SENTENCES)] * N_VARIANTS,
        lambda rows: (
            f"Es sollen {N_VARIANTS} Listen mit je {len(SENTENCES)} Sätzen sein; deine "
            f"haben die Längen {[len(row) for row in rows]}. back_translate liefert zwei Listen, "
            "gebraucht wird nur die zweite: …[1]"
        ),
    ),
    (
        lambda rows: len({tuple(row) for row in rows}) > 1,
        "Alle Listen sind gleich: Bei Temperatur 0 und bei Kopien einer Liste würfelt niemand neu.",
    ),
    tipps=[
        "Was muss anders sein, damit zweimal Übersetzen nicht zweimal dasselbe ergibt?",
        "Rufe back_translate(SENTENCES, TEMPERATURE) mehrmals auf; die zweite Liste ist deutsch.",
        "variants = [back_translate(SENTENCES, …)[1] for _ in range(…)]",
    ],
)
CASES = {  # Paraphrase: (soll bleiben, Diagnose)
    "Das Buch fand ich gut.": (False, "Eine Kopie (chrF 100) darf nicht bleiben."),
    "Ein Hund.": (False, "Eine ganz fremde Zeile darf nicht bleiben."),
    "Mir gefiel das Buch gut.": (True, "Eine brauchbare Paraphrase soll bleiben."),
}
pruefe.erwarte(
    "Aufgabe 4",
    [keep(paraphrase, "Das Buch fand ich gut.") for paraphrase in CASES],
    *[
        (lambda answers, i=i, wanted=wanted: bool(answers[i]) == wanted, diagnosis)
        for i, (wanted, diagnosis) in enumerate(CASES.values())
    ],
    tipps=[
        "Welche Note hat eine Kopie, und welche eine ganz fremde Zeile?",
        "CHRF_RANGE[0] ist die untere Grenze, CHRF_RANGE[1] die obere; die Note gibt chrf(…).",
        "return CHRF_RANGE[0] <= … <= CHRF_RANGE[1]",
    ],
)
EXPECTED = [(TEXTS[0], 0), (TEXTS[1], 1), (TEXT_VARIANTS[0][0], 0)]
EXPECTED += [(TEXT_VARIANTS[0][1], 1), (TEXT_VARIANTS[1][1], 1)]
pruefe.erwarte(
    "Aufgabe 5",
    example,
    (
        lambda pair: len(pair[0]) == len(pair[1]),
        lambda pair: f"{len(pair[0])} Texte, aber {len(pair[1])} Labels: Jeder Text braucht eines.",
    ),
    (
        lambda pair: set(TEXTS) <= set(pair[0]),
        "Die Originale fehlen: Augmentation ergänzt die Daten, sie ersetzt sie nicht.",
    ),
    (
        lambda pair: list(pair[0]).count(TEXTS[0]) == 1,
        "Eine unveränderte Kopie ist dabei: Frage zu jeder Paraphrase keep(paraphrase, original).",
    ),
    (
        lambda pair: sorted(pair[0]) == sorted(text for text, _ in EXPECTED),
        "Die Texte stimmen nicht: gesucht sind aus jeder Liste in variants alle, die keep behält.",
    ),
    (
        lambda pair: sorted(zip(*pair)) == sorted(EXPECTED),
        "Ein Label gehört zum falschen Text: Eine Paraphrase erbt das Label ihres Originals.",
    ),
    tipps=[
        "variants[k][i] gehört zu texts[i]. Zu welchem Label also?",
        "Zwei Schleifen: for row in variants, darin zip(row, texts, labels). Dann [*texts, *neue].",
        "pairs = [(new, label) for row in variants for new, text, label in zip(…) if keep(…)]",
    ],
)
pruefe.fortschritt()
