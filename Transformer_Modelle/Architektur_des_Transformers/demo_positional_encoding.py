"""Positional Encoding: Woher weiß ein Transformer, welches Wort zuerst kam?

Kapitel   4.30 Transformer-Modelle · Architektur des Transformers
Folie     Positional Encoding: Kodierung relativer Wortpositionen
Lernziel  Sehen, dass Attention ohne Positionen die Reihenfolge verliert, und wie Wellen sie retten
Laufzeit  ca. 12 s (2 CPU-Kerne)
Daten     selbst erzeugte Sätze wie „Anna schlägt Ben“
Erwartet  unterschied_ohne 0–0.00001, unterschied_mit 0.001–0.02, accuracy_ohne 0.45–0.5,
          accuracy_mit 0.98–1

Wer hat gewonnen? „Anna schlägt Ben“ und „Ben schlägt Anna“ bestehen aus denselben Wörtern. Derselbe
Encoder wird zweimal trainiert, einmal ohne und einmal mit Positional Encoding.
"""

# %% Stellschrauben: hier live drehen
D_MODEL = 32  # Zahlen je Wort, gerade: zu jedem Sinus ein Kosinus
BASE = 10_000  # bestimmt die längste Welle; im Original 10.000; probiere 10
EPOCHS = 30  # Test: 2
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
from itertools import combinations

from kurs import ergebnis

import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers

keras.utils.set_random_seed(SEED)


# %% Die Formel: je zwei Spalten eine Welle, von Spalte zu Spalte langsamer
def positional_encoding(n_positions, d_model):
    """Matrix n_positions × d_model: gerade Spalten Sinus, ungerade Kosinus."""
    position = np.arange(n_positions)[:, np.newaxis]
    speed = [BASE ** (-column / d_model) for column in range(0, d_model, 2)]
    encoding = np.empty((n_positions, d_model))
    encoding[:, 0::2] = np.sin(position * speed)
    encoding[:, 1::2] = np.cos(position * speed)
    return encoding


print("Die ersten fünf Positionen, klein gerechnet (6 Spalten = 3 Wellen):")
print(positional_encoding(5, 6).round(2))
# Links ändert sich viel von Wort zu Wort, rechts wenig: wie Sekunden- und Stundenzeiger.

# %% Was das Muster kann: Der Abstand zweier Wörter steckt in ihrem Skalarprodukt
encoding = positional_encoding(100, D_MODEL)
similarity = encoding @ encoding.T / (D_MODEL / 2)  # geteilt durch sich selbst: 1 heißt gleich
print("\nÄhnlichkeit der Positionen p und p + 3:")
print("  " + ", ".join(f"p = {p}: {similarity[p, p + 3]:.4f}" for p in (0, 10, 50, 90)))
# Gleicher Abstand, gleiche Zahl, egal wo im Satz: So stecken relative Positionen in absoluten.

# %% Bild 1: das Muster, und was der Abstand zweier Wörter daran ändert
figure, axes = plt.subplots(1, 2)
image = axes[0].imshow(encoding[:50], cmap="cividis", aspect="auto", vmin=-1, vmax=1)
figure.colorbar(image, label="Wert")
axes[0].set(xlabel="Spalte", ylabel="Position im Satz", title="Jede Zeile stempelt eine Position")
distance = np.arange(-30, 31)
for position, width in [(30, 9), (50, 5), (69, 1.5)]:  # breit unter schmal
    values = similarity[position, position + distance]
    axes[1].plot(distance, values, linewidth=width, label=f"von Position {position} aus")
axes[1].set(xlabel="Abstand in Wörtern", ylabel="Ähnlichkeit", ylim=(-1, 1.05))
axes[1].set_title("Zählt nur der Abstand?")
axes[1].legend(loc="lower center")
plt.show()

# %% Ohne Positionen geht die Reihenfolge verloren: zwei Sätze aus denselben Wörtern
names = "Anna Ben Cem Dora Emil Fatma Georg Hanna Ida Jan Kim Lea".split()
winner_place = {"schlägt": 0, "besiegt": 0, "unterliegt": 2}  # das wievielte Wort gewinnt
words = [*names, *winner_place]
stamp = positional_encoding(3, D_MODEL).astype("float32")


def to_ids(sentences):
    return np.array([[words.index(word) for word in sentence.split()] for sentence in sentences])


embedding = layers.Embedding(len(words), D_MODEL)
attention = layers.MultiHeadAttention(num_heads=4, key_dim=D_MODEL)
twins = to_ids(["Anna schlägt Ben", "Ben schlägt Anna"])
difference = {}
for name, extra in [("ohne Positionen", 0 * stamp), ("mit Positionen", stamp)]:
    vectors = keras.ops.add(embedding(twins), extra)  # das ist alles: Der Stempel wird addiert
    sentence_vectors = keras.ops.mean(attention(vectors, vectors), axis=1)
    difference[name] = float(keras.ops.max(abs(sentence_vectors[0] - sentence_vectors[1])))
    print(f"Unterschied der beiden Satzvektoren {name}: {difference[name]:.1e}")

# %% Lernen: Wer hat gewonnen? Zwillinge bleiben zusammen im Training oder zusammen im Test.
pairs = list(combinations(names, 2))
np.random.default_rng(SEED).shuffle(pairs)


def make_set(some_pairs):
    matches = [(a, b) for pair in some_pairs for a, b in (pair, pair[::-1])]
    sentences = [f"{a} {verb} {b}" for verb in winner_place for a, b in matches]
    winners = [sentence.split()[winner_place[sentence.split()[1]]] for sentence in sentences]
    return sentences, to_ids(sentences), np.array([names.index(winner) for winner in winners])


_, x_train, y_train = make_set(pairs[20:])
test_sentences, x_test, y_test = make_set(pairs[:20])
print(f"\n{len(x_train)} Sätze zum Lernen, {len(x_test)} mit anderen Paaren zum Testen")

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
        print(f"    „{test_sentences[i]}“ → Sieger: {names[answers[i]]}")

# %% Bild 2: Testsätze über die Epochen
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
# die Hälfte ist unmöglich, egal wie lange man trainiert. GPT-2 und BERT lernen ihre Stempel, statt
# sie auszurechnen; neuere Modelle drehen Q und K (RoPE).
ergebnis(
    unterschied_ohne=difference["ohne Positionen"],
    unterschied_mit=difference["mit Positionen"],
    accuracy_ohne=curves["ohne Positionen"][-1],
    accuracy_mit=curves["mit Positionen"][-1],
)
