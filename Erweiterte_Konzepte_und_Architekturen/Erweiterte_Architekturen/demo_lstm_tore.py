"""LSTM von innen: drei Tore entscheiden, was hineinkommt, was bleibt und was hinausgeht.

Kapitel   2.46 Erweiterte Konzepte und Architekturen · Erweiterte Architekturen
Folie     LSTMs: Detaillierter Einblick in Gating-Mechanismen
Lernziel  Einen Schritt eines LSTM (und eines GRU) von Hand rechnen und die Tore beim Lesen sehen
Laufzeit  ca. 10 s (2 CPU-Kerne)
Daten     selbst erzeugte Sätze wie „ach rot merke blau na ja gelb“ (richtig: blau)
Erwartet  accuracy 0.95–1, abweichung_lstm 0–0.00001, abweichung_gru 0–0.00001,
          bleibt_bei_merke 0–0.3, bleibt_sonst 0.7–1

Das Netz liest Wort für Wort und soll am Ende sagen, welche Farbe auf „merke“ folgte. Andere Farben
stehen nur so herum.
"""

# %% Stellschrauben: hier live drehen
SENTENCE = "ach rot merke blau na ja gelb also hm rot"  # eigene Sätze aus den Wörtern unten
UNITS = 8  # so viele Zahlen trägt das LSTM mit sich
LENGTH = 10  # Wörter je Satz beim Trainieren, mindestens 2
EPOCHS = 25  # Test: 1
N_TRAIN = 3_000  # Test: 128
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
from kurs import ergebnis

import keras
import matplotlib.pyplot as plt
import numpy as np
from scipy.special import expit as sigmoid

keras.utils.set_random_seed(SEED)

# %% Daten: Füllwörter und Farben; irgendwo steht einmal „merke“, gleich danach zählt die Farbe
colors = ["rot", "gelb", "blau", "weiß"]
words = [*colors, "merke", "ach", "na", "ja", "also", "hm"]
random = np.random.default_rng(SEED)


def make_sentences(n):
    x = random.choice([0, 1, 2, 3, 5, 6, 7, 8, 9], size=(n, LENGTH))
    place, y = random.integers(0, LENGTH - 1, n), random.integers(0, len(colors), n)
    x[np.arange(n), place], x[np.arange(n), place + 1] = words.index("merke"), y
    return x, y


(x_train, y_train), (x_test, y_test) = make_sentences(N_TRAIN), make_sentences(500)
print("Ein Satz:", " ".join(words[i] for i in x_train[0]), "→", colors[y_train[0]])

# %% Ein kleines LSTM lernt das
embedding = keras.layers.Embedding(len(words), 8)
lstm = keras.layers.LSTM(UNITS, return_sequences=True)
last = keras.layers.Lambda(lambda h: h[:, -1])  # nur was nach dem letzten Wort im Zustand steht
output = keras.layers.Dense(len(colors), activation="softmax")
model = keras.Sequential([keras.Input((None,)), embedding, lstm, last, output])
optimizer = keras.optimizers.Adam(0.01)
model.compile(optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x_train, y_train, epochs=EPOCHS, batch_size=64, verbose=0)
accuracy = model.evaluate(x_test, y_test, verbose=0)[1]
print(f"Testgenauigkeit {accuracy:.3f} (raten: {1 / len(colors):.2f})")

# %% Derselbe Schritt von Hand. W gehört zum Wort x, U zum Zustand h davor
W, U, b = lstm.get_weights()


def lstm_step(x, h, c):
    i, f, candidate, o = np.split(x @ W + h @ U + b, 4)
    i, f, o = sigmoid(i), sigmoid(f), sigmoid(o)  # Input-, Forget-, Output-Gate: je 0 bis 1
    c = f * c + i * np.tanh(candidate)  # die Zelle: behalten, was f will, dazu, was i hereinlässt
    h = o * np.tanh(c)  # nach außen geht, was o durchlässt
    return h, c, (i, f, o)


unknown = [word for word in SENTENCE.split() if word not in words]
if unknown:
    print("\nDiese Wörter kennt das Netz nicht und übergeht sie:", *unknown)
reading = [word for word in SENTENCE.split() if word in words] or ["merke", "rot"]
vectors = keras.ops.convert_to_numpy(embedding(np.array([[words.index(w) for w in reading]])))[0]
h, c, states, gates = np.zeros(UNITS), np.zeros(UNITS), [], []
for x in vectors:
    h, c, open_gates = lstm_step(x, h, c)
    states.append(h)
    gates.append(open_gates)
keras_states = keras.ops.convert_to_numpy(lstm(vectors[None]))[0]
lstm_difference = np.abs(keras_states - states).max()
print(f"\nLSTM von Hand gegen keras.layers.LSTM: größte Abweichung {lstm_difference:.1e}")
answer = model.predict(np.array([[words.index(w) for w in reading]]), verbose=0)[0]
print(f"„{' '.join(reading)}“ → {colors[answer.argmax()]} ({answer.max():.0%})")

# %% Auf der Folie stehen die Formeln des GRU: zwei Tore, keine eigene Zelle
gru = keras.layers.GRU(UNITS, return_sequences=True, reset_after=False, use_bias=False)
gru_states = keras.ops.convert_to_numpy(gru(vectors[None]))[0]
(W_z, W_r, W_h), (U_z, U_r, U_h) = (np.split(part, 3, axis=1) for part in gru.get_weights())
h, by_hand = np.zeros(UNITS), []
for x in vectors:
    z = 1 - sigmoid(x @ W_z + h @ U_z)  # Keras nennt das Gegenteil z: wie viel vom Alten bleibt
    r = sigmoid(x @ W_r + h @ U_r)
    candidate = np.tanh(x @ W_h + (r * h) @ U_h)
    h = (1 - z) * h + z * candidate
    by_hand.append(h)
gru_difference = np.abs(gru_states - by_hand).max()
print(f"GRU nach der Folie gegen keras.layers.GRU: größte Abweichung {gru_difference:.1e}")

# %% Bild: Wann sind die Tore offen?
figure, axes = plt.subplots(3, 1, figsize=(11, 8), sharex=True)
titles = ["Input-Gate: Was kommt hinein", "Forget-Gate: Was bleibt", "Output-Gate: Was geht hinaus"]
for axis, title, values in zip(axes, titles, np.transpose(gates, (1, 2, 0))):
    image = axis.imshow(values, vmin=0, vmax=1, cmap="Blues", aspect="auto")
    axis.set(title=f"{title}?", ylabel="Zahl im Zustand", yticks=[])
axes[-1].set_xticks(range(len(reading)), reading)
figure.colorbar(image, ax=axes, label="0 = zu, 1 = offen")
plt.show()

# %% Was man sieht
# Jede Zeile ist eine der Zahlen, die das LSTM mitträgt. Such die Spalte von „merke“: Vergisst es
# dort, was davor war? Und bleibt danach das Forget-Gate dunkel, damit die Farbe erhalten bleibt?
forget = np.mean([f for _, f, _ in gates], axis=1)  # je Wort, über alle Zahlen gemittelt
is_signal = np.array([word == "merke" for word in reading])
at_signal = forget[is_signal].mean() if is_signal.any() else forget.mean()
elsewhere = forget.mean() if is_signal.all() else forget[~is_signal].mean()
print("Forget-Gate im Mittel, 1 heißt: alles bleibt")
if is_signal.any():
    print(f"  bei „merke“ {at_signal:.2f}")
if not is_signal.all():
    print(f"  bei allen anderen Wörtern {elsewhere:.2f}")
ergebnis(
    accuracy=accuracy,
    abweichung_lstm=lstm_difference,
    abweichung_gru=gru_difference,
    bleibt_bei_merke=at_signal,
    bleibt_sonst=elsewhere,
)
