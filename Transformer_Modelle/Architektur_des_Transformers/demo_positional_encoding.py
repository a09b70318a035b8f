"""Positional Encoding: Woher weiß ein Transformer, welches Wort zuerst kam?

Kapitel   4.30 Transformer-Modelle · Architektur des Transformers
Folie     Positional Encoding: Kodierung relativer Wortpositionen
Lernziel  Sehen, dass Attention ohne Positionen die Reihenfolge verliert, und wie Wellen sie retten
Laufzeit  ca. 5 s (2 CPU-Kerne)
Daten     zwei Sätze: „Anna schlägt Ben“, „Ben schlägt Anna“
Erwartet  unterschied_ohne 0–0.00001, unterschied_mit 0.001–0.02

Jede Position bekommt ein eigenes Muster aus Wellen, das zum Vektor des Wortes addiert wird. Ob ein
Netz damit lernt, wer gewonnen hat, zeigt demo_wortreihenfolge.
"""

# %% Stellschrauben: hier live drehen
D_MODEL = 32  # Zahlen je Wort, gerade: zu jedem Sinus ein Kosinus
BASE = 10_000  # bestimmt die längste Welle; im Original 10.000; probiere 10
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
from kurs import ergebnis

import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers

if BASE <= 0 or D_MODEL < 2 or D_MODEL % 2:
    raise ValueError("Jede Welle braucht zwei Spalten (D_MODEL gerade) und BASE größer als 0")
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
words = ["Anna", "Ben", "schlägt"]
twins = np.array(
    [[words.index(word) for word in s.split()] for s in ("Anna schlägt Ben", "Ben schlägt Anna")]
)
stamp = positional_encoding(3, D_MODEL).astype("float32")
embedding = layers.Embedding(len(words), D_MODEL)
attention = layers.MultiHeadAttention(num_heads=4, key_dim=D_MODEL)
difference = {}
for name, extra in [("ohne Positionen", 0 * stamp), ("mit Positionen", stamp)]:
    vectors = keras.ops.add(embedding(twins), extra)  # das ist alles: Der Stempel wird addiert
    sentence_vectors = keras.ops.mean(attention(vectors, vectors), axis=1)
    first, second = keras.ops.convert_to_numpy(sentence_vectors)
    difference[name] = float(abs(first - second).max())
    print(f"Unterschied der beiden Satzvektoren {name}: {difference[name]:.1e}")

# %% Was man sieht
# Attention mittelt über alle Wörter, gleich in welcher Reihenfolge sie stehen; erst der Stempel
# macht aus Zwillingen zwei verschiedene Sätze. GPT-2 und BERT lernen ihre Stempel, statt sie
# auszurechnen; neuere Modelle drehen Q und K (RoPE).
ergebnis(
    unterschied_ohne=difference["ohne Positionen"],
    unterschied_mit=difference["mit Positionen"],
)
