"""NER-Inferenz: Namen in einem Text finden, zusammensetzen, anmalen; und den Scores misstrauen.

Kapitel   7.80 Anwendungsfälle und Projekte · Projekt 3: Named Entity Recognition
Folie     Code Demo: NER-Inferenz mit Hugging Face Pipeline
Lernziel  Ein fertiges NER-Modell benutzen und seine Scores deuten
Laufzeit  ca. 11 s (2 CPU-Kerne)
Daten     ein eigener Text; kurs/entitaeten (161 Testsätze), um die Scores zu prüfen
Modelle   Davlan/bert-base-multilingual-cased-ner-hrl, sonst sein Stellvertreter kurs/ner-deutsch
Erwartet  namen_im_text 17–19, treffer_sicher 0.89–0.93, treffer_unsicher 0.25–0.32,
          gefunden 0.74–0.79

Named Entity Recognition (NER) sucht benannte Dinge: Personen (PER), Orte (LOC), Organisationen
(ORG) und Sonstiges wie Werke und Produkte (MISC). Jedes Token bekommt ein Label: B- beginnt einen
Namen, I- setzt ihn fort, O ist keiner.
"""

# %% Stellschrauben: hier live drehen
TEXT = (
    "Die Biologin Katrin Sommerfeldt leitet seit 2019 die Firma Meerwerk in Kiel. "
    "Gegründet wurde Meerwerk von Henning Voss. "
    "Henning Voss studierte in Greifswald und lebt heute in Norwegen. "
    "Katrin Sommerfeldt forscht mit Ingrid Dahl an einem Roboter für die Ostsee. "
    "Ingrid Dahl arbeitet für die Universität Rostock. "
    "Den Bau bezahlt Meerwerk mit der Stadt Kiel. "
    "Über Sommerfeldt drehte Pavel Novak den Film „Unter Wasser“."
)
SURE = 0.9  # ab diesem Score gilt ein Name als sicher
N_TEST = 161  # Test: 8

# %% Bibliotheken laden (einige Sekunden)
from kurs import ausgabe_ordner, ergebnis
from kurs.browser import zeige
from kurs.datensaetze import datensatz
from kurs.modelle import modell

import matplotlib.pyplot as plt
import numpy as np
import spacy
from sklearn.calibration import CalibrationDisplay
from spacy import displacy
from spacy.tokens import Doc
from spacy.training import biluo_tags_to_spans, iob_to_biluo
from transformers import pipeline

COLORS = {"PER": "#56B4E9", "LOC": "#E69F00", "ORG": "#009E73", "MISC": "#CC79A7"}

# %% Roh: Das Modell gibt jedem Token ein Label; die Pipeline lässt Tokens mit dem Label O weg
NER = modell("Davlan/bert-base-multilingual-cased-ner-hrl")
raw_ner = pipeline("token-classification", model=NER)
print(f"\n  {'Token':14}{'Label':8}Score")
for token in raw_ner(TEXT)[:12]:
    print(f"  {token['word']:14}{token['entity']:8}{token['score']:.3f}")
# Lange Namen sind mehrere Tokens. Woran man das sieht, hängt vom Tokenizer ab: WordPiece schreibt
# ## vor die Fortsetzung eines Wortes, SentencePiece schreibt ▁ vor seinen Anfang.

# %% Gruppiert: aggregation_strategy setzt B- und I- wieder zu ganzen Namen zusammen
ner = pipeline("token-classification", model=NER, aggregation_strategy="simple")


def find_names(text):
    """Namen als dicts mit text, label, score, start, end; ohne das Leerzeichen am Token."""
    names = []
    for group in ner(text):
        name = text[group["start"] : group["end"]].strip()
        start = text.index(name, group["start"])
        names.append({"text": name, "label": group["entity_group"], "score": float(group["score"])})
        names[-1].update(start=start, end=start + len(name))
    return names


names = find_names(TEXT)
print(f"\n{len(names)} Namen im Text:")
for name in names:
    remark = "" if name["score"] >= SURE else "  ← unsicher"
    print(f"  {name['label']:5}{name['score']:.2f}  {name['text']}{remark}")

# %% Angemalt: displaCy, die Anzeige von spaCy, nimmt auch Namen von anderen Modellen
page = ausgabe_ordner() / "namen.html"
marked = {"text": TEXT, "ents": names}
html = displacy.render(
    marked, style="ent", manual=True, page=True, jupyter=False, options={"colors": COLORS}
)
page.write_text(html, encoding="utf-8")
zeige(page)

# %% Kann man den Scores trauen? Auf Sätzen, deren Namen jemand von Hand markiert hat
test = datensatz("kurs/entitaeten")["test"]
test = test.select(range(min(N_TEST, len(test))))
label_names = test.features["ner_tags"].feature.names
vocabulary = spacy.blank("de").vocab
scores, hits, n_gold = [], [], 0
for row in test:
    spaces = [following not in ".,;:!?“)" for following in row["tokens"][1:]] + [False]
    sentence = Doc(vocabulary, words=row["tokens"], spaces=spaces)
    tags = iob_to_biluo([label_names[tag] for tag in row["ner_tags"]])
    gold = [(s.start_char, s.end_char, s.label_) for s in biluo_tags_to_spans(sentence, tags)]
    n_gold += len(gold)
    for name in find_names(sentence.text):
        scores.append(name["score"])
        hits.append((name["start"], name["end"], name["label"]) in gold)  # Grenzen und Klasse
scores, hits = np.array(scores), np.array(hits)
print(f"\n{n_gold} Namen sind in {len(test)} Sätzen markiert.")
print(f"{len(hits)} meldet das Modell, {hits.sum()} davon richtig.")

# %% Bild: Wer ehrliche Scores hat, liegt auf der Diagonalen
display = CalibrationDisplay.from_predictions(hits, scores, n_bins=6, strategy="quantile")
display.ax_.set_xlabel("Score, den das Modell angibt (Mittel der Gruppe)")
display.ax_.set_ylabel("Anteil richtiger Namen")
display.ax_.set_title("Je sicherer das Modell, desto öfter hat es recht?")
display.ax_.legend(["Score = Anteil richtiger", "dieses Modell"])
plt.show()

# %% Ergebnis
sure = scores >= SURE
share = {}
for words, group in {f"ab {SURE:g}": hits[sure], f"unter {SURE:g}": hits[~sure]}.items():
    share[words] = group.mean() if len(group) else 0
    right = f"{share[words]:.0%} richtig" if len(group) else "also auch keiner richtig"
    print(f"Score {words}: {len(group)} Namen, {right}")
sure_share, unsure_share = share.values()
ergebnis(
    namen_im_text=len(names),
    treffer_sicher=sure_share,
    treffer_unsicher=unsure_share,
    gefunden=hits.sum() / n_gold,
)
