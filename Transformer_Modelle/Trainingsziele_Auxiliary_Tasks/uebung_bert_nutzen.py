"""Übung BERT nutzen: Modellkarte lesen, eine Lücke füllen lassen, ein anderes Modell fragen.

Kapitel   4.90 Transformer-Modelle · Trainingsziele und Auxiliary Tasks
Folie     Übung: BERT nutzen
Lernziel  Ein fertiges Modell auswählen, laden und befragen, und wissen, wo steht, was es kann
Laufzeit  ca. 9 s (2 CPU-Kerne)
Daten     keine
Modelle   bert-base-uncased und eines nach Wahl, etwa google/gemma-3-270m

Ersetze zwischen ▼ und ▲ das `...` durch deine Antwort; beim Start steht darunter, ob sie stimmt.
"""

# %% Stellschrauben
MODEL_NAME = "bert-base-uncased"
SENTENCE = "Die Hauptstadt von Deutschland ist [MASK]"
TIPPS = 1  # je Aufgabe: 0 keine Tipps, 1 eine Frage, 2 auch wo es steht, 3 auch ein Gerüst

# %% Bibliotheken laden (einige Sekunden)
from pathlib import Path

from kurs import pruefe
from kurs.merken import gemerkt
from kurs.modelle import modell, modellkarte

import matplotlib.pyplot as plt
import torch
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForMaskedLM, AutoTokenizer
from transformers import pipeline  # für Aufgabe 2

# %% Die Modellkarte. Auf dem Hub steht sie unter https://huggingface.co/<Name des Modells>
MODEL = modell(MODEL_NAME, selbst_gewaehlt=True)
tokenizer = AutoTokenizer.from_pretrained(MODEL)
card = modellkarte(MODEL_NAME)
print(f"\n{'─' * 30} Modellkarte {'─' * 30}\n{card[:4_000]}\n{'─' * 73}")
print("So zerlegt es:", tokenizer.tokenize("Berlin und berlin"))

# ▼ AUFGABE 1: Lies die Karte und die Zeile darunter: Wie heißt die Lücke bei diesem Modell, trennt
#   es groß und klein (True oder False), und wie heißt seine Lizenz?
mask_token = ...
distinguishes_case = ...
license_name = ...
# ▲
pruefe(1, mask_token, distinguishes_case, license_name)

# %% Das Modell laden und fragen
# ▼ AUFGABE 2: Baue mit pipeline(…) aus MODEL einen Lückenfüller.
fill_mask = ...
# ▲
pruefe(2, fill_mask)

# ▼ AUFGABE 3: Lass SENTENCE vervollständigen, so wie er oben steht (ohne Punkt).
predictions = ...
# ▲
if pruefe(3, predictions):
    print(SENTENCE)
    for guess in predictions:
        print(f"  {guess['score']:6.1%}  {guess['token_str']}")

# %% Ein Satz ohne Punkt ist für das Modell noch nicht zu Ende
# ▼ AUFGABE 4: Wie wahrscheinlich (0 bis 1) ist „Berlin“, wenn hinter der Lücke ein Punkt steht?
probability_berlin = ...
# ▲
pruefe(4, probability_berlin)

# %% Ein anderes Modell, und was beide zur selben Lücke sagen
@gemerkt  # große Modelle laden lange: Beim nächsten Start kommt die Antwort von der Platte
def guess_words(path, sentence):
    """Die fünf wahrscheinlichsten Wörter; ein Decoder sieht nur, was vor der Lücke steht."""
    tokenizer = AutoTokenizer.from_pretrained(path)
    if AutoConfig.from_pretrained(path).architectures[0].endswith(("MaskedLM", "PreTraining")):
        model = AutoModelForMaskedLM.from_pretrained(path)
        text = sentence.replace("[MASK]", tokenizer.mask_token)
    else:
        model = AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32)
        text = sentence.split(" [MASK]")[0]
    inputs = tokenizer(text, return_tensors="pt")
    gaps = (inputs["input_ids"][0] == tokenizer.mask_token_id).nonzero()
    with torch.inference_mode():
        scores = model(**inputs).logits[0, gaps[0].item() if len(gaps) else -1].softmax(dim=-1)
    return {tokenizer.decode([i]): scores[i].item() for i in scores.topk(5).indices.tolist()}

# ▼ AUFGABE 5: Nenne ein anderes Modell vom Hub, das Wörter vorhersagt; es darf auch ein GPT sein.
other_name = ...
# ▲
if pruefe(5, other_name):
    figure, axes = plt.subplots(1, 2, sharex=True)
    for axis, name in zip(axes, (MODEL_NAME, other_name)):
        path = modell(name, selbst_gewaehlt=True)
        words = guess_words(path, SENTENCE + ".")
        axis.barh([word.strip() or "␣" for word in words], list(words.values()))
        axis.set(xlabel="Wahrscheinlichkeit", title=f"{name}\n({Path(path).name})")
        axis.invert_yaxis()
    figure.suptitle(SENTENCE + ".")
    plt.show()

# %% Was man sieht
# Ein BERT schaut auf beide Seiten der Lücke: Ohne Punkt könnte der Satz noch weitergehen, oder die
# Lücke selbst ist der Punkt. Ein GPT sieht nur den Anfang des Satzes. Ob ein Modell etwas weiß,
# hängt an seiner Größe und an den Texten, aus denen es gelernt hat; beides steht in der Karte.
