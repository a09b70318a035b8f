"""Wer hat gewonnen? Derselbe Encoder lernt Sätze, einmal ohne und einmal mit Positionen.

Kapitel   4.32 Transformer-Modelle · Architektur des Transformers
Folie     Positional Encoding: Kodierung relativer Wortpositionen
Lernziel  Messen, was ein Transformer ohne Positionen nicht lernen kann
Laufzeit  ca. 25 s (2 CPU-Kerne)
Daten     selbst erzeugte Sätze wie „Anna schlägt Ben“
Erwartet  accuracy_ohne 0.45–0.5, accuracy_mit 0.98–1

„Anna schlägt Ben“ und „Ben schlägt Anna“ bestehen aus denselben Wörtern, aber gewonnen hat nicht
jedes Mal Anna.
"""

# %% Stellschrauben: hier live drehen
D_MODEL = 32  # Zahlen je Wort, gerade: zu jedem Sinus ein Kosinus
EPOCHS = 30  # Test: 2
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
from itertools import combinations

from kurs import ergebnis

import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers

if D_MODEL < 2 or D_MODEL % 2:
    raise ValueError("D_MODEL muss gerade sein: Jede Welle braucht zwei Spalten")

# %% Sätze. Zwillinge bleiben zusammen im Training oder zusammen im Test.
names = "Anna Ben Cem Dora Emil Fatma Georg Hanna Ida Jan Kim Lea".split()
winner_place = {"schlägt": 0, "besiegt": 0, "unterliegt": 2}  # das wievielte Wort gewinnt
words = [*names, *winner_place]
pairs = list(combinations(names, 2))
np.random.default_rng(SEED).shuffle(pairs)


def make_set(some_pairs):
    """Alle Sätze aus diesen Paaren: Text, Nummern der Wörter, Nummer des Siegers."""
    matches = [(a, b) for pair in some_pairs for a, b in (pair, pair[::-1])]
    sentences = [(a, verb, b) for verb in winner_place for a, b in matches]
    ids = np.array([[words.index(word) for word in sentence] for sentence in sentences])
    winners = [names.index(sentence[winner_place[sentence[1]]]) for sentence in sentences]
    return sentences, ids, np.array(winners)


_, x_train, y_train = make_set(pairs[20:])
test_sentences, x_test, y_test = make_set(pairs[:20])
print(f"{len(x_train)} Sätze zum Lernen, {len(x_test)} mit anderen Paaren zum Testen")

# %% Der Stempel: je Position ein Muster aus Wellen (demo_positional_encoding)
position = np.arange(3)[:, np.newaxis]
speed = 10_000 ** (-np.arange(0, D_MODEL, 2) / D_MODEL)
stamp = np.empty((3, D_MODEL), dtype="float32")
stamp[:, 0::2] = np.sin(position * speed)
stamp[:, 1::2] = np.cos(position * speed)

# %% Zweimal dasselbe Netz; nur der Stempel ist anders
curves = {}
for name, extra in [("ohne Positionen", 0 * stamp), ("mit Positionen", stamp)]:
    keras.utils.set_random_seed(SEED)
    ids = keras.Input((3,), dtype="int32")
    x = layers.Embedding(len(words), D_MODEL)(ids) + extra
    x = layers.LayerNormalization()(x + layers.MultiHeadAttention(4, D_MODEL)(x, x))
    x = x + layers.Dense(D_MODEL)(layers.Dense(4 * D_MODEL, activation="relu")(x))
    model = keras.Model(ids, layers.Dense(len(names))(layers.GlobalAveragePooling1D()(x)))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.002), loss, metrics=["accuracy"])
    test = (x_test, y_test)
    history = model.fit(x_train, y_train, epochs=EPOCHS, validation_data=test, verbose=0)
    curves[name] = history.history["val_accuracy"]
    print(f"  {name:15} {curves[name][-1]:.0%} der Testsätze richtig")
    answers = model.predict(x_test, verbose=0).argmax(axis=1)
    for i in (0, 1):  # ein Satz und sein Zwilling
        print(f"    „{' '.join(test_sentences[i])}“ → Sieger: {names[answers[i]]}")

# %% Bild: Testsätze über die Epochen
for name, values in curves.items():
    plt.plot(range(1, EPOCHS + 1), values, "o-", label=name)
plt.axhline(0.5, color="black", linestyle=":", label="einer von zwei Zwillingen")
plt.xlabel("Epoche")
plt.ylabel("Genauigkeit auf neuen Paaren")
plt.title("Dasselbe Netz, dieselben Sätze: Was bringt der Stempel?")
plt.legend()
plt.show()

# %% Was man sieht
# Ohne Stempel bekommen beide Zwillinge dieselbe Antwort, also ist höchstens einer richtig: Mehr als
# die Hälfte ist unmöglich, egal wie lange man trainiert.
ergebnis(accuracy_ohne=curves["ohne Positionen"][-1], accuracy_mit=curves["mit Positionen"][-1])
