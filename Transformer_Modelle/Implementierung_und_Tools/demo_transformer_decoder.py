"""Transformer-Decoder in Keras: Schaut kein Wort nach rechts, kann das Netz Texte schreiben.

Kapitel   4.65 Transformer-Modelle · Implementierung und Tools
Folie     Code Demo: Einfachen Transformer in TensorFlow/Keras implementieren
Lernziel  Kausale Maske und Next-Token Prediction verstehen; Wort für Wort schreiben
Laufzeit  ca. 50 s (2 CPU-Kerne)
Daten     Kleine Welt (25.638 einfache Sätze)
Erwartet  perplexity_letztes_wort 25–35, perplexity_decoder 5–7.3

Der Block ist der aus demo_transformer_keras; hier kommt die Attention-Schicht fertig aus Keras. Neu
ist die Maske: An jeder Stelle sagt das Netz das nächste Wort voraus und darf es nicht sehen.
"""

# %% Stellschrauben: hier live drehen
PROMPTS = ["Im Winter", "Der Hund", "Anna schenkt", "Die Hauptstadt von Frankreich ist"]
TEMPERATURE = 0.7  # 0: immer das wahrscheinlichste Wort; über 1: bunt und bald unsinnig
WIDTH = 96  # Test: 8
N_HEADS = 4  # Test: 2
N_BLOCKS = 2  # Test: 1
EPOCHS = 3  # Test: 1
N_SENTENCES = 9_000  # höchstens so viele zum Lernen  # Test: 200
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
import re

from kurs import ergebnis, texte

import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers, ops

keras.utils.set_random_seed(SEED)
VOCABULARY, LENGTH = 2_500, 18  # Wörter im Wörterbuch, Wörter je Satz
START, END = "⟨Anfang⟩", "⟨Ende⟩"


# %% Daten: Sätze, in Wörter und Satzzeichen zerlegt; jedes Wort bekommt eine Nummer
def prepare(sentence):
    return " ".join([START, *re.findall(r"\w+|[^\w\s]", sentence), END])


sentences = sorted({prepare(line) for line in texte.welt().split("\n") if line})
np.random.default_rng(SEED).shuffle(sentences)
to_ids = layers.TextVectorization(VOCABULARY, standardize=None, output_sequence_length=LENGTH)
to_ids.adapt(sentences)
words = np.array(to_ids.get_vocabulary())
ids = ops.convert_to_numpy(to_ids(sentences))  # 0 füllt auf, 1 ist unbekannt
ids = ids[(ids != 1).all(axis=1) & (ids[:, -1] == 0)]  # nur bekannte Wörter, nicht zu lang
test_ids, train_ids = ids[:800], ids[800 : 800 + N_SENTENCES]
print(f"{len(train_ids)} Sätze zum Lernen, {len(test_ids)} andere zum Testen; einer als Nummern:")
print(" ".join(words[train_ids[0]]).strip(), train_ids[0])


# %% Das Modell: use_causal_mask=True verbietet jedem Wort den Blick auf die späteren
def build_decoder(vocabulary_size, length):
    ids = keras.Input((length,), dtype="int32")
    positions = ops.cumsum(ops.ones_like(ids), axis=1) - 1  # 0, 1, 2, …
    x = layers.Embedding(vocabulary_size, WIDTH)(ids) + layers.Embedding(length, WIDTH)(positions)
    for _ in range(N_BLOCKS):
        y = layers.LayerNormalization()(x)
        x += layers.MultiHeadAttention(N_HEADS, WIDTH // N_HEADS)(y, y, use_causal_mask=True)
        y = layers.LayerNormalization()(x)
        x += layers.Dense(WIDTH)(layers.Dense(4 * WIDTH, activation="gelu")(y))
    return keras.Model(ids, layers.Dense(vocabulary_size)(layers.LayerNormalization()(x)))


# %% Lernen heißt: zu jedem Wort das nächste vorhersagen. Antwort ist der Satz, um eins verschoben.
def train(model):
    """Gibt Loss im Training und auf neuen Sätzen zurück, je Epoche."""
    n_steps = EPOCHS * len(train_ids) // 64 + 1
    model.compile(
        keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(0.004, n_steps)),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=0),
    )
    test = (test_ids[:, :-1], test_ids[:, 1:])
    given, wanted = train_ids[:, :-1], train_ids[:, 1:]
    return model.fit(given, wanted, 64, EPOCHS, validation_data=test).history


# %% Perplexität ist e hoch Loss: Zwischen so vielen gleich guten Wörtern schwankt ein Modell
models = {
    "kennt nur das letzte Wort": keras.Sequential(
        [keras.Input((LENGTH - 1,)), layers.Embedding(VOCABULARY, WIDTH), layers.Dense(VOCABULARY)]
    ),
    "Decoder, kennt alle davor": build_decoder(VOCABULARY, LENGTH - 1),
}
histories, perplexity = {}, {}
print(f"\nPerplexität auf neuen Sätzen nach {EPOCHS} Epochen")
for name, model in models.items():
    histories[name] = train(model)
    perplexity[name] = np.exp(histories[name]["val_loss"][-1])
    print(f"  {name}: {perplexity[name]:.1f}, mit {model.count_params()} Gewichten", flush=True)


# %% Schreiben: ein Wort ziehen, anhängen, wieder fragen
def generate(prompt):
    ids = ops.convert_to_numpy(to_ids([prepare(prompt)]))[0, :-1]
    last = min(len(prepare(prompt).split()), LENGTH - 1) - 2  # ohne das Ende
    while last < LENGTH - 2:
        logits = ops.convert_to_numpy(decoder(ids[None]))[0, last, 2:]  # weder leer noch unbekannt
        choice = logits.argmax()
        if TEMPERATURE > 0:
            probability = ops.convert_to_numpy(ops.softmax(logits / TEMPERATURE))
            choice = random.choice(len(logits), p=probability / probability.sum())
        last += 1
        ids[last] = choice + 2
        if words[ids[last]] == END:
            break
    return " ".join(words[ids[1:last]])


decoder = models["Decoder, kennt alle davor"]
random = np.random.default_rng(SEED)
print(f"\nDer Decoder schreibt weiter (TEMPERATURE = {TEMPERATURE})")
for prompt in PROMPTS:
    print(f"  {generate(prompt)}\n  {generate(prompt)}")

# %% Bild: Was bringt es, alle Wörter davor zu sehen?
for name, history in histories.items():
    plt.plot(range(1, EPOCHS + 1), np.exp(history["val_loss"]), "o-", label=name)
plt.ylim(bottom=0)
plt.xticks(range(1, EPOCHS + 1))
plt.xlabel("Epoche")
plt.ylabel("Perplexität auf neuen Sätzen")
plt.title("Was bringt es, alle Wörter davor zu sehen?")
plt.legend()
plt.show()

# %% Was man sieht
# Der Decoder braucht keine Labels: Jedes nächste Wort ist eine Aufgabe (selbstüberwachtes Lernen).
# Weil jede Stelle nur nach links schaut, lernt er aus einem Satz so viele Aufgaben wie Wörter.
ergebnis(
    perplexity_letztes_wort=perplexity["kennt nur das letzte Wort"],
    perplexity_decoder=perplexity["Decoder, kennt alle davor"],
)
