"""Falsche Freunde: Zählt für mehrsprachige Embeddings die Bedeutung oder das gleiche Wort?

Kapitel   3.71 Verarbeitung von Textdaten (NLP-Grundlagen) · Textrepräsentationen
Folie     Mehrsprachige Embeddings (MUSE, XLM-R); Umgang mit mehrsprachigen Datensätzen
Lernziel  Die Grenze mehrsprachiger Embeddings an Sätzen sehen, die sich in einem Wort unterscheiden
Laufzeit  ca. 8 s (2 CPU-Kerne)
Daten     eigene Sätze, deutsch und englisch
Modelle   intfloat/multilingual-e5-small
Erwartet  freunde_richtig 0.4–0.6, groesster_vorsprung 0.01–0.05

Jeder deutsche Satz hat zwei englische Kandidaten: einen mit gleichem Sinn und einen, in dem ein
Wort so aussieht wie im Deutschen, aber etwas anderes heißt.
"""

# %% Stellschrauben: hier live drehen
FALSE_FRIENDS = [  # deutsch; gleicher Sinn; gleiches Wort, anderer Sinn
    ("Das Gift ist in der Kiste.", "The poison is in the box.", "The gift is in the box."),
    ("Der Chef kommt später.", "The boss is coming later.", "The chef is coming later."),
    ("Ihr Rat war Gold wert.", "Her advice was worth gold.", "Her rat was worth gold."),
    ("Der Brief ist angekommen.", "The letter has arrived.", "The brief has arrived."),
    ("Sie ist ein braves Kind.", "She is a well-behaved child.", "She is a brave kind."),
    ("Das Handy liegt da.", "The mobile phone is over there.", "The handy thing is over there."),
    ("Er aß eine Tafel Schokolade.", "He ate a bar of chocolate.", "He ate a table of chocolate."),
    ("Das ist eine seltsame Art.", "That is a strange manner.", "That is strange art."),
    ("Im Herbst ist der See still.", "In autumn the lake is calm.", "In autumn the sea is calm."),
    ("Der Film war fast perfekt.", "The film was almost perfect.", "The film was fast, perfect."),
]

# %% Bibliotheken laden (einige Sekunden)
from kurs import ergebnis
from kurs.modelle import modell

import matplotlib.pyplot as plt
import numpy as np
from sentence_transformers import SentenceTransformer

# %% Vektoren der Länge 1; das Modell will vor jedem Satz „query: “ lesen
encoder = SentenceTransformer(modell("intfloat/multilingual-e5-small"), device="cpu")
german, meaning, lookalike = (
    encoder.encode(["query: " + sentence for sentence in column]) for column in zip(*FALSE_FRIENDS)
)

# %% Welcher englische Satz ist dem deutschen näher?
lead = np.sum(german * meaning, axis=1) - np.sum(german * lookalike, axis=1)
print()
for (sentence, right, wrong), value in zip(FALSE_FRIENDS, lead):
    print(f"{sentence:30}", f"✔ {right}" if value > 0 else f"✘ {wrong}")
print(f"Richtig sind {np.sum(lead > 0)} von {len(lead)}.")

# %% Bild: der Vorsprung des richtigen Satzes
plt.barh([sentence for sentence, _, _ in FALSE_FRIENDS], lead)
plt.axvline(0, color="black")
plt.gca().invert_yaxis()
plt.xlabel("← gleiches Wort näher   |   gleicher Sinn näher →   (Unterschied im Kosinus)")
plt.title("Was liegt dem deutschen Satz näher?")
plt.show()

# %% Was man sieht
# Ganze Gedanken findet das Modell in jeder Sprache wieder (demo_mehrsprachige_embeddings). Wo sich
# zwei Sätze nur in einem Wort unterscheiden, ist der Vorsprung winzig: Da kann das gleich
# aussehende Wort gewinnen.
ergebnis(freunde_richtig=np.mean(lead > 0), groesster_vorsprung=np.abs(lead).max())
