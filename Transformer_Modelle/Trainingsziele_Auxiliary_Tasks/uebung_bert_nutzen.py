"""Übung BERT nutzen: Modellkarte lesen, eine Lücke füllen lassen, ein anderes Modell fragen.

Kapitel   4.90 Transformer-Modelle · Trainingsziele und Auxiliary Tasks
Folie     Übung: BERT nutzen
Lernziel  Ein fertiges Modell auswählen, laden und befragen, und wissen, wo steht, was es kann
Laufzeit  ca. 25 s (2 CPU-Kerne)
Daten     keine; Modell bert-base-uncased, sonst sein Stellvertreter, und eines nach Wahl

Bearbeite nur, was zwischen ▼ und ▲ steht: Ersetze `...` durch deine Antwort und starte das Skript neu.
Unten steht danach zu jeder Aufgabe, ob sie stimmt, und wenn nicht, woran es liegt.
"""

# %% Stellschrauben
MODEL_NAME = "bert-base-uncased"
SENTENCE = "Die Hauptstadt von Deutschland ist [MASK]"
TIPPS = 1  # je Aufgabe: 0 keine Tipps, 1 eine Frage, 2 auch wo es steht, 3 auch ein Gerüst

# %% Bibliotheken laden (einige Sekunden)
import math
from pathlib import Path

from kurs import pruefe
from kurs.modelle import modell
from kurs.quellen import KeineQuelle

import matplotlib.pyplot as plt
import torch
import transformers
from huggingface_hub import ModelCard
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoModelForMaskedLM,
    AutoTokenizer,
    pipeline,
)

# %% Aufgabe 1: Die Modellkarte. Auf dem Hub steht sie unter https://huggingface.co/<Name des Modells>
MODEL = modell(MODEL_NAME)
tokenizer = AutoTokenizer.from_pretrained(MODEL)
card_file = Path(MODEL) / "README.md"
if card_file.is_file():
    card = card_file.read_text(encoding="utf-8")
else:
    card = ModelCard.load(MODEL_NAME).text
print(f"\n{'─' * 30} Modellkarte {'─' * 30}\n{card[:4_000]}\n{'─' * 73}")
print("So zerlegt es:", tokenizer.tokenize("Berlin und berlin"))

# ▼ AUFGABE 1: Lies die Karte (auch die Zeile darunter hilft): Wie heißt die Lücke bei diesem Modell, unterscheidet
#   es Groß- und Kleinschreibung (True oder False), und unter welcher Lizenz steht es (ein Stück, wie in der Karte)?
mask_token = ...
distinguishes_case = ...
license_name = ...
# ▲

# %% Aufgabe 2 und 3: das Modell laden und fragen
# ▼ AUFGABE 2: Baue mit pipeline(…) aus MODEL einen Lückenfüller.
fill_mask = ...
# ▲

# ▼ AUFGABE 3: Lass SENTENCE vervollständigen, so wie er oben steht (ohne Punkt).
predictions = ...
# ▲

if not pruefe.ist_offen(predictions):
    print(f"\n{SENTENCE}")
    for guess in predictions if isinstance(predictions, list) else [predictions]:
        print(f"  {guess['score']:6.1%}  {guess['token_str']}")

# %% Aufgabe 4: Ein Satz ohne Punkt ist für das Modell noch nicht zu Ende
# ▼ AUFGABE 4: Wie wahrscheinlich (0 bis 1) ist „Berlin“ in der Lücke, wenn am Ende des Satzes ein Punkt steht?
probability_berlin = ...
# ▲

# %% Aufgabe 5: ein anderes Modell
# ▼ AUFGABE 5: Nenne ein anderes Modell vom Hub, das Wörter vorhersagt; es darf auch ein GPT sein.
other_name = ...
# ▲


def guess_word(path):
    """Die fünf wahrscheinlichsten Wörter; ein Decoder sieht nur, was vor der Lücke steht."""
    tokenizer = AutoTokenizer.from_pretrained(path)
    if AutoConfig.from_pretrained(path).architectures[0].endswith("MaskedLM"):
        model = AutoModelForMaskedLM.from_pretrained(path)
        inputs = tokenizer(
            SENTENCE.replace("[MASK]", tokenizer.mask_token) + ".", return_tensors="pt"
        )
        place = inputs["input_ids"][0].tolist().index(tokenizer.mask_token_id)
    else:
        model = AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32)
        inputs = tokenizer(SENTENCE.split(" [MASK]")[0], return_tensors="pt")
        place = -1
    with torch.no_grad():
        best = model(**inputs).logits[0, place].softmax(dim=-1).topk(5)
    return {
        tokenizer.decode([i]).strip() or "␣": p for p, i in zip(*map(torch.Tensor.tolist, best))
    }


other_path, architecture, problem = ..., "", ""
if other_name is not ...:
    try:
        other_path = modell(other_name)
        architecture = AutoConfig.from_pretrained(other_path).architectures[0]
    except KeineQuelle as error:
        problem = str(error)
predicts_words = architecture.endswith(("MaskedLM", "CausalLM", "LMHeadModel"))

# %% Bild: zwei Modelle, dieselbe Lücke
if predicts_words and other_path != MODEL:
    plt.rcParams["font.size"] = 12
    figure, axes = plt.subplots(1, 2, figsize=(12, 4.5), sharex=True)
    for axis, name, path in zip(axes, (MODEL_NAME, other_name), (MODEL, other_path)):
        words = guess_word(path)
        bars = axis.barh(list(words), list(words.values()), color="#0072B2")
        axis.bar_label(bars, labels=[f" {p:.0%}" for p in words.values()])
        axis.invert_yaxis()
        axis.margins(x=0.15)
        axis.set(xlabel="Wahrscheinlichkeit", title=f"{name}\n({Path(path).name})")
    figure.suptitle(SENTENCE + ".")
    plt.show()


# %% Prüfung (hier nichts ändern)
def ask(sentence, **settings):
    """Fragt MODEL, unabhängig von der Antwort zu Aufgabe 2; gibt den ersten Vorschlag zurück."""
    return pipeline("fill-mask", model=MODEL)(sentence, **settings)[0]


def is_berlin(answer, sentence):
    return math.isclose(answer, ask(sentence, targets=["Berlin"])["score"], rel_tol=0.02)


pieces = [tokenizer.tokenize(word) for word in ("Berlin", "berlin")]
pruefe.erwarte(
    "Aufgabe 1",
    (mask_token, distinguishes_case, license_name),
    (
        lambda answer: answer[0] == tokenizer.mask_token,
        lambda answer: (
            f"{answer[0]!r} ist nicht die Lücke dieses Modells. Jedes Modell hat sein eigenes "
            "Zeichen dafür, und es muss genau so geschrieben sein, mit Klammern."
        ),
    ),
    (
        lambda answer: answer[1] is (pieces[0] != pieces[1]),
        lambda answer: (
            f"„Berlin“ und „berlin“ werden zu {pieces[0]} und {pieces[1]}. Sind das für das Modell "
            "zwei verschiedene Wörter (True) oder dasselbe (False)?"
        ),
    ),
    (
        lambda answer: len(answer[2].strip()) > 2 and answer[2].strip().lower() in card.lower(),
        lambda answer: f"„{answer[2]}“ kommt in der Karte nicht vor.",
    ),
    (
        lambda answer: any(name in answer[2].lower() for name in ("mit", "apache", "cc", "gemma")),
        lambda answer: f"„{answer[2]}“ steht zwar in der Karte, ist aber keine Lizenz.",
    ),
    tipps=[
        "Woran erkennst du, ob du das Modell in deiner Firma benutzen darfst?",
        "In der Karte: das Beispiel mit der Lücke, die Zeile „Lizenz“ (auf dem Hub: license).",
        'mask_token = "[…]"; distinguishes_case = …; license_name = "…"',
    ],
)
pruefe.erwarte(
    "Aufgabe 2",
    fill_mask,
    (
        lambda answer: isinstance(answer, transformers.Pipeline),
        lambda answer: f"fill_mask soll eine Pipeline sein, nicht {type(answer).__name__}.",
    ),
    (
        lambda answer: answer.task == "fill-mask",
        lambda answer: f"Das ist eine Pipeline für „{answer.task}“. Gesucht ist die für Lücken.",
    ),
    (
        lambda answer: answer.model.name_or_path == MODEL,
        lambda answer: f"Die Pipeline benutzt {answer.model.name_or_path}; nimm MODEL.",
    ),
    tipps=[
        "pipeline braucht zwei Angaben: Welche Aufgabe? Welches Modell?",
        "Die Aufgabe heißt wie die Zeile in der Karte oder auf dem Hub: fill-mask.",
        'fill_mask = pipeline("…", model=…)',
    ],
)
pruefe.erwarte(
    "Aufgabe 3",
    predictions,
    (
        lambda answer: not isinstance(answer, dict),
        "Das ist nur der erste Vorschlag. Nimm die ganze Liste, die fill_mask zurückgibt.",
    ),
    (
        lambda answer: all({"token_str", "score", "sequence"} <= set(guess) for guess in answer),
        "predictions soll die Liste sein, die fill_mask(…) zurückgibt.",
    ),
    (
        lambda answer: abs(answer[0]["score"] - ask(SENTENCE + ".")["score"]) > 1e-5,
        "Dein Satz endet mit einem Punkt. Nimm hier SENTENCE, wie er oben steht; der Punkt kommt gleich.",
    ),
    (
        lambda answer: abs(answer[0]["score"] - ask(SENTENCE)["score"]) < 1e-5,
        lambda answer: f"Du hast einen anderen Satz gefragt: „{answer[0]['sequence']}“.",
    ),
    tipps=[
        "Eine Pipeline ruft man auf wie eine Funktion. Womit?",
        "fill_mask(Satz) gibt eine Liste von dicts zurück: token_str, score, sequence.",
        "predictions = fill_mask(…)",
    ],
)
pruefe.erwarte(
    "Aufgabe 4",
    probability_berlin,
    (
        lambda answer: not isinstance(answer, list | dict),
        "Gesucht ist eine Zahl. fill_mask gibt eine Liste von dicts zurück; die Zahl steht darin unter score.",
    ),
    (
        lambda answer: 0 <= answer <= 1,
        "Eine Wahrscheinlichkeit liegt zwischen 0 und 1, nicht in Prozent.",
    ),
    (
        lambda answer: is_berlin(answer, SENTENCE + ".") or not is_berlin(answer, SENTENCE),
        "Das ist der Wert ohne Punkt am Ende des Satzes.",
    ),
    (
        lambda answer: is_berlin(answer, SENTENCE + "."),
        lambda answer: (
            f"{answer:.4f} ist nicht die Wahrscheinlichkeit von „Berlin“. Der erste Vorschlag "
            "muss nicht Berlin sein."
        ),
    ),
    tipps=[
        "Wie kommst du an ein bestimmtes Wort, auch wenn es nicht unter den ersten fünf ist?",
        "fill_mask(Satz, targets=[Wort]) gibt nur dieses Wort zurück, wieder als Liste.",
        'probability_berlin = fill_mask(SENTENCE + "…", targets=["…"])[0]["…"]',
    ],
)
pruefe.erwarte(
    "Aufgabe 5",
    other_name,
    (lambda answer: not problem, lambda answer: f"Dieses Modell ist nicht zu haben: {problem}"),
    (
        lambda answer: other_path != MODEL,
        lambda answer: (
            f"Hinter „{answer}“ und „{MODEL_NAME}“ steht hier dasselbe Modell "
            f"({Path(MODEL).name}), denn ohne Netz vertritt es alle deutschen BERT. Nimm eines anderer Bauart."
        ),
    ),
    (
        lambda answer: predicts_words,
        lambda answer: (
            f"„{answer}“ ({architecture}) sagt keine Wörter voraus, sondern gibt Vektoren "
            "oder Klassen aus."
        ),
    ),
    tipps=[
        "Muss es ein BERT sein? Auch wer das nächste Wort rät, kennt vielleicht die Hauptstadt.",
        "Auf dem Hub unter Tasks „Fill-Mask“ oder „Text Generation“; ohne Netz liegt google/gemma-3-270m bereit.",
        'other_name = "google/…"',
    ],
)
pruefe.fortschritt()

# %% Was man sieht
# Ein BERT schaut auf beide Seiten der Lücke: Ohne Punkt könnte der Satz noch weitergehen, oder die Lücke
# selbst ist der Punkt. Ein GPT sieht nur den Anfang des Satzes. Ob ein Modell etwas weiß, hängt an seiner
# Größe und an den Texten, aus denen es gelernt hat; beides steht in der Karte.
