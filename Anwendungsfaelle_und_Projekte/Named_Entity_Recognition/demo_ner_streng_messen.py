"""NER streng messen: ganze Namen zählen statt Wörter, und eine Messlatte für jedes Modell.

Kapitel   7.88 Anwendungsfälle und Projekte · Projekt 3: Named Entity Recognition
Folie     Code Demo: Feintuning von BERT auf NER-Datensatz
Lernziel  Verstehen, warum viele richtige Labels wenig heißen; Nachschlagen als Messlatte nehmen
Laufzeit  ca. 6 s (2 CPU-Kerne)
Daten     germeval_14, sonst unsere 806 Sätze mit Entitäten
Erwartet  genauigkeit_immer_o 0.75–0.9, f1_immer_o 0–0, genauigkeit_nachschlagen 0.78–0.92,
          f1_nachschlagen 0.25–0.29
Original  genauigkeit_immer_o 0.88–0.95, f1_immer_o 0–0, genauigkeit_nachschlagen 0.89–0.95,
          f1_nachschlagen 0.14–0.24

Jedes Wort hat ein Label: B-PER beginnt eine Person, I-PER setzt sie fort, O gehört zu keinem Namen.
Ebenso LOC (Ort), ORG (Organisation) und OTH (Sonstiges). Streng gemessen zählt ein Name nur, wenn
Anfang, Ende und Klasse stimmen.
"""

# %% Stellschrauben: hier live drehen
N_TRAIN = 600  # Test: 30; so viele Sätze zum Auswendiglernen, höchstens
N_TEST = 161  # Test: 8
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
from kurs import ergebnis
from kurs.datensaetze import datensatz

import matplotlib.pyplot as plt
import numpy as np
import spacy
from sklearn.metrics import accuracy_score
from spacy.scorer import Scorer
from spacy.tokens import Doc
from spacy.training import Example, biluo_tags_to_spans, iob_to_biluo

# %% Daten: Sätze, in Wörter zerlegt, und zu jedem Wort ein Label. spaCy macht daraus ganze Namen.
sentences = datensatz("germeval_14")
label_names = sentences["train"].features["ner_tags"].feature.names
nlp = spacy.blank("de")


def load(part, size):
    rows = sentences[part].shuffle(seed=SEED)
    docs = []
    for row in rows.select(range(min(size, len(rows)))):
        doc = Doc(nlp.vocab, words=row["tokens"])
        tags = [label_names[tag] for tag in row["ner_tags"]]
        doc.ents = biluo_tags_to_spans(doc, iob_to_biluo(tags))
        docs.append(doc)
    return docs


train, test = load("train", N_TRAIN), load("test", N_TEST)
example = max(train, key=lambda doc: len(doc.ents))
print(f"{len(train)} Sätze zum Lernen, {len(test)} im Test. Zum Beispiel:\n  {example.text}")
print("  →", ", ".join(f"{name.text} ({name.label_})" for name in example.ents))

if not any(doc.ents for doc in train):
    raise ValueError("In keinem der Sätze zum Lernen steht ein Name")

# %% Zwei Gegner: einer sagt immer O, einer schlägt die Namen aus dem Training nach
texts = [[word.text for word in doc] for doc in test]
always_o = [Doc(nlp.vocab, words=words, ents=["O"] * len(words)) for words in texts]
ruler = nlp.add_pipe("entity_ruler")
for doc in train:
    for name in doc.ents:
        ruler.add_patterns([{"label": name.label_, "pattern": [{"ORTH": w.text} for w in name]}])
looked_up = [ruler(Doc(nlp.vocab, words=words)) for words in texts]


# %% Zwei Arten zu messen: je Wort (Genauigkeit) und je Name (F1, wie seqeval es zählt)
def labels(docs):
    return [word.ent_iob_ + word.ent_type_ for doc in docs for word in doc]


accuracy, f1 = {}, {}
for name, predicted in {"Immer O": always_o, "Nachschlagen": looked_up}.items():
    accuracy[name] = accuracy_score(labels(test), labels(predicted))
    scores = Scorer.score_spans([Example(*docs) for docs in zip(predicted, test)], "ents")
    f1[name] = scores["ents_f"] or 0.0
    print(f"\n{name}: {accuracy[name]:.1%} der Labels richtig, F1 über ganze Namen {f1[name]:.3f}")
    for kind, values in sorted(scores["ents_per_type"].items()):
        precision, recall = values["p"], values["r"]
        print(f"  {kind:6} Precision {precision:.2f}   Recall {recall:.2f}   F1 {values['f']:.2f}")

known = {(name.text, name.label_) for doc in train for name in doc.ents}
names = [(name.text, name.label_) for doc in test for name in doc.ents]
new = sum(name not in known for name in names) / max(1, len(names))
print(f"\n{new:.0%} der {len(names)} Namen im Test kamen beim Lernen nicht vor.")

# %% Bild
places = np.arange(2)
plt.bar_label(plt.bar(places - 0.2, accuracy.values(), 0.4, label="Labels richtig"), fmt="%.2f")
plt.bar_label(plt.bar(places + 0.2, f1.values(), 0.4, label="F1, ganze Namen"), fmt="%.2f")
plt.xticks(places, accuracy)
plt.ylim(0, 1.1)
plt.title("Dieselben Antworten, zweimal gemessen")
plt.legend()
plt.show()

# %% Was man sieht
# Die meisten Wörter gehören zu keinem Namen; wer immer O sagt, hat dort immer recht. Nachschlagen
# findet nur, was schon einmal dastand. Beides muss ein Modell schlagen, das lernt
# (demo_ner_finetuning).
ergebnis(
    genauigkeit_immer_o=accuracy["Immer O"],
    f1_immer_o=f1["Immer O"],
    genauigkeit_nachschlagen=accuracy["Nachschlagen"],
    f1_nachschlagen=f1["Nachschlagen"],
)
