"""NER-Inferenz: Namen in einem Text finden, zusammensetzen, anmalen und zu einem Wissensgraphen verbinden.

Kapitel   7.80 Anwendungsfälle und Projekte · Projekt 3: Named Entity Recognition
Folie     Code Demo: NER-Inferenz mit Hugging Face Pipeline
Lernziel  Ein fertiges NER-Modell benutzen, seine Scores deuten und aus Namen einen kleinen Wissensgraphen bauen
Laufzeit  ca. 15 s (2 CPU-Kerne)
Daten     ein eigener Text; kurs/entitaeten (161 Testsätze), um die Scores zu prüfen; Modell
          Davlan/bert-base-multilingual-cased-ner-hrl, sonst sein Stellvertreter kurs/ner-deutsch
Erwartet  namen_im_text 17–19, treffer_sicher 0.89–0.93, treffer_unsicher 0.25–0.32, gefunden 0.74–0.79

Named Entity Recognition (NER) sucht benannte Dinge: Personen (PER), Orte (LOC), Organisationen (ORG) und
Sonstiges wie Werke und Produkte (MISC). Jedes Token bekommt ein Label: B- beginnt einen Namen, I- setzt ihn
fort, O ist keiner.
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
import networkx
import numpy as np
from spacy import displacy
from transformers import pipeline

COLORS = {"PER": "#56B4E9", "LOC": "#E69F00", "ORG": "#009E73", "MISC": "#CC79A7"}

# %% Roh: Das Modell gibt jedem Token ein Label. Lange Namen sind mehrere Tokens.
NER = modell("Davlan/bert-base-multilingual-cased-ner-hrl")
raw_ner = pipeline("token-classification", model=NER)
first_end = TEXT.find(". ") + 1 or len(TEXT)
print(f"\n{TEXT[:first_end]}")
print(f"  {'Token':12}{'Label':8}Score")
for token in raw_ner(TEXT):
    if token["end"] <= first_end:
        print(f"  {token['word']:12}{token['entity']:8}{token['score']:.3f}")
print("▁ steht am Anfang eines Wortes. Tokens mit dem Label O lässt die Pipeline weg.")

# %% Gruppiert: aggregation_strategy setzt B- und I- wieder zu ganzen Namen zusammen
ner = pipeline("token-classification", model=NER, aggregation_strategy="simple")


def find_names(text):
    """Namen als dicts mit text, label, score, start, end; ohne das Leerzeichen, das am Token hängt."""
    names = []
    for group in ner(text):
        piece = text[group["start"] : group["end"]]
        start = group["start"] + len(piece) - len(piece.lstrip())
        names.append(
            {"text": piece.strip(), "label": group["entity_group"], "score": float(group["score"]),
             "start": start, "end": start + len(piece.strip())}
        )  # fmt: skip
    return names


names = find_names(TEXT)
print(f"\n{len(names)} Namen im ganzen Text:")
for name in names:
    remark = "" if name["score"] >= SURE else "  ← unsicher"
    print(f"  {name['start']:4}–{name['end']:3}  {name['label']:5}{name['score']:.2f}  {name['text']}{remark}")

# %% Angemalt: displaCy, die Anzeige von spaCy, nimmt auch Namen von anderen Modellen
marked = {"text": TEXT, "ents": [{key: n[key] for key in ("start", "end", "label")} for n in names]}
html = displacy.render(marked, style="ent", manual=True, jupyter=False, options={"colors": COLORS})
page = ausgabe_ordner() / "namen.html"
page.write_text(
    f"<!doctype html><html lang='de'><meta charset='utf-8'><title>Namen</title>"
    f"<body style='font: 20px sans-serif; max-width: 50em; margin: 2em auto'>{html}</body></html>",
    encoding="utf-8",
)
zeige(page)

# %% Kann man den Scores trauen? Auf Sätzen, deren Namen jemand von Hand markiert hat
test = datensatz("kurs/entitaeten")["test"].select(range(N_TEST))
label_names = test.features["ner_tags"].feature.names
scores, hits, n_gold = [], [], 0
for tokens, tags in zip(test["tokens"], test["ner_tags"]):
    text, gold = "", []
    for token, tag in zip(tokens, (label_names[tag] for tag in tags)):
        text += " " * (text != "" and token not in ".,;:!?“)") + token
        if tag.startswith("B-"):
            gold.append([len(text) - len(token), len(text), tag[2:]])
        elif tag.startswith("I-"):
            gold[-1][1] = len(text)
    n_gold += len(gold)
    for name in find_names(text):
        scores.append(name["score"])
        hits.append([name["start"], name["end"], name["label"]] in gold)  # Grenzen und Klasse stimmen
scores, hits = np.array(scores), np.array(hits)
sure = scores >= SURE
bins = [0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 1]
print(f"\n{n_gold} Namen sind in {len(test)} Sätzen markiert, {len(hits)} meldet das Modell, {hits.sum()} davon richtig.")
groups = [(low, high, hits[(scores > low) & (scores <= high)]) for low, high in zip(bins, bins[1:])]
groups = [(f"{low:g}–{high:g}", group) for low, high, group in groups if len(group)]

figure, axis = plt.subplots(figsize=(10, 5.5))
bars = axis.bar([label for label, _ in groups], [group.mean() for _, group in groups], color="#0072B2")
axis.bar_label(bars, labels=[f"{group.sum()} von {len(group)}" for _, group in groups], padding=3)
axis.set(xlabel="Score, den das Modell angibt", ylabel="Anteil richtiger Namen", ylim=(0, 1.1))
axis.set_title("Je sicherer das Modell, desto öfter hat es recht?")
plt.show()
for word, group in ((f"ab {SURE:g}", hits[sure]), (f"unter {SURE:g}", hits[~sure])):
    print(f"Score {word}: {group.mean():.0%} richtig ({len(group)} Namen)" if len(group) else f"Score {word}: keine")

# %% Wissensgraph: Der erste Name eines Satzes wird mit den übrigen verbunden, mit den Wörtern davor als Beziehung
people = [n["text"] for n in names if n["label"] == "PER"]


def full_name(text):
    """„Sommerfeldt“ → „Katrin Sommerfeldt“, wenn genau eine Person im Text so endet."""
    longer = {person for person in people if person.endswith(" " + text)}
    return longer.pop() if len(longer) == 1 else text


graph = networkx.DiGraph()
print("\nDreiergruppen: Name – Beziehung → Name")
subject = names[0]
for name, following in zip(names, names[1:]):
    graph.add_node(full_name(name["text"]), label=name["label"])
    graph.add_node(full_name(following["text"]), label=following["label"])
    words = TEXT[name["end"] : following["start"]].strip(" ,„“()")
    if "." in words:  # hier beginnt ein neuer Satz
        subject = following
        continue
    triple = full_name(subject["text"]), words, full_name(following["text"])
    graph.add_edge(triple[0], triple[2], words=words)
    print(f"  {triple[0]} – {words} → {triple[2]}")
print("Die Regel kennt keine Grammatik. Lies nach: Stimmt jede Beziehung, und stimmt ihre Richtung?")

# %% Bild: der Graph
figure, axis = plt.subplots(figsize=(14, 10))
place = networkx.kamada_kawai_layout(graph.to_undirected())
node_colors = [COLORS.get(label, "#BBBBBB") for label in networkx.get_node_attributes(graph, "label").values()]
networkx.draw_networkx_edges(graph, place, ax=axis, width=2, edge_color="#777777", node_size=6200, arrowsize=20)
networkx.draw_networkx_nodes(graph, place, ax=axis, node_size=6000, node_color=node_colors)
networkx.draw_networkx_labels(graph, place, {n: n.replace(" ", "\n") for n in graph}, font_size=12, ax=axis)
networkx.draw_networkx_edge_labels(
    graph, place, networkx.get_edge_attributes(graph, "words"), font_size=12, rotate=False, ax=axis
)
for label in dict.fromkeys(n["label"] for n in names):
    axis.scatter([], [], s=200, color=COLORS.get(label, "#BBBBBB"), label=label)
axis.legend(loc="upper left")
axis.margins(0.12)
axis.set_axis_off()
axis.set_title(f"Wissensgraph: {graph.number_of_nodes()} Namen und wie sie zusammenhängen")
plt.show()
hub, degree = max(graph.degree, key=lambda pair: pair[1])
print(f"{graph.number_of_nodes()} Knoten, {graph.number_of_edges()} Kanten; die meisten ({degree}) hat {hub}.")
print("Ein Name, den das Modell übersieht oder falsch abschneidet, fehlt auch im Graphen.")

# %% Ergebnis
ergebnis(
    namen_im_text=len(names),
    treffer_sicher=hits[sure].mean() if sure.any() else 0,
    treffer_unsicher=hits[~sure].mean() if (~sure).any() else 0,
    gefunden=hits.sum() / n_gold,
)
