"""Wissensgraph: aus Namen im Text ein Netz machen, wer mit wem wie zusammenhängt.

Kapitel   7.85 Anwendungsfälle und Projekte · Projekt 3: Named Entity Recognition
Folie     Code Demo: NER-Inferenz mit Hugging Face Pipeline
Lernziel  Sehen, wozu man Namen sucht: Aus Sätzen werden Dreiergruppen, aus Dreiergruppen ein Graph
Laufzeit  ca. 8 s (2 CPU-Kerne)
Daten     ein eigener Text
Modelle   Davlan/bert-base-multilingual-cased-ner-hrl, sonst sein Stellvertreter kurs/ner-deutsch
Erwartet  knoten 10–12, kanten 10–12

Die Regel ist absichtlich einfach: Der erste Name eines Satzes wird mit jedem weiteren verbunden,
und die Wörter vor diesem heißen „Beziehung“. Grammatik kennt sie nicht.
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

# %% Bibliotheken laden (einige Sekunden)
from kurs import ergebnis
from kurs.modelle import modell

import matplotlib.pyplot as plt
import networkx
from transformers import pipeline

COLORS = {"PER": "#56B4E9", "LOC": "#E69F00", "ORG": "#009E73", "MISC": "#CC79A7"}

# %% Namen finden (ausführlich: demo_ner_inferenz)
NER = modell("Davlan/bert-base-multilingual-cased-ner-hrl")
ner = pipeline("token-classification", model=NER, aggregation_strategy="simple")
names = ner(TEXT)
people = {name["word"].strip() for name in names if name["entity_group"] == "PER"}


def full_name(name):
    """„Sommerfeldt“ → „Katrin Sommerfeldt“, wenn genau eine Person im Text so endet."""
    word = name["word"].strip()
    longer = [person for person in people if person.endswith(" " + word)]
    return longer[0] if len(longer) == 1 else word


# %% Dreiergruppen: Name – Beziehung → Name
graph = networkx.DiGraph()
previous = subject = None
for name in names:
    graph.add_node(full_name(name), label=name["entity_group"])
    words = TEXT[previous["end"] : name["start"]] if previous else "."
    if "." in words:  # hier beginnt ein neuer Satz
        subject = name
    else:
        words = words.strip(" ,„“()")
        graph.add_edge(full_name(subject), full_name(name), words=words)
        print(f"  {full_name(subject)} – {words} → {full_name(name)}")
    previous = name
# Lies nach: Stimmt jede Beziehung, und stimmt ihre Richtung? Was müsste die Regel können, damit aus
# „Gegründet wurde Meerwerk von Henning Voss“ der richtige Pfeil wird?

# %% Bild: der Graph
figure, axis = plt.subplots(figsize=(13, 9))
place = networkx.kamada_kawai_layout(graph.to_undirected())
colors = [COLORS.get(label, "#BBBBBB") for _, label in graph.nodes(data="label")]
networkx.draw(graph, place, axis, node_color=colors, node_size=5500, edge_color="gray", width=2)
in_lines = {name: name.replace(" ", "\n") for name in graph}
networkx.draw_networkx_labels(graph, place, in_lines, font_size=13)
words = networkx.get_edge_attributes(graph, "words")
networkx.draw_networkx_edge_labels(graph, place, words, font_size=13, rotate=False)
for label in sorted({name["entity_group"] for name in names}):
    axis.scatter([], [], s=150, color=COLORS.get(label, "#BBBBBB"), label=label)
axis.legend()
axis.set_title(f"Wissensgraph: {len(graph)} Namen, {graph.number_of_edges()} Beziehungen")
axis.margins(0.12)
plt.show()

most = max(degree for _, degree in graph.degree)
hubs = [name for name, degree in graph.degree if degree == most]
print(f"\nDie meisten Beziehungen, {most}: {', '.join(hubs)}")
print("Ein Name, den das Modell übersieht oder falsch abschneidet, fehlt auch im Graphen.")

ergebnis(knoten=len(graph), kanten=graph.number_of_edges())
