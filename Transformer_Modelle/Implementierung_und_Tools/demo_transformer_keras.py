"""Transformer selbst gebaut: aus einem Block ein Encoder, der Texte einordnet, und ein Decoder, der schreibt.

Kapitel   4.60 Transformer-Modelle · Implementierung und Tools
Folie     Code Demo: Einfachen Transformer in TensorFlow/Keras implementieren
Lernziel  Multi-Head-Attention, Feed-Forward und Positional Encoding als Keras-Schichten schreiben; Masken verstehen
Laufzeit  ca. 45 s (2 CPU-Kerne)
Daten     kurs/bewertungen (1.546 deutsche Bewertungen), Kleine Welt (25.638 einfache Sätze)
Erwartet  f1_zaehlen 0.65–0.68, f1_encoder 0.52–0.66, perplexity_haeufigkeit 340–370, perplexity_letztes_wort 27–33,
          perplexity_decoder 4.6–5.5

Encoder und Decoder benutzen denselben Block. Sie unterscheiden sich in der Maske (wohin darf ein Wort
schauen?) und in der letzten Schicht (eine Klasse je Text, oder an jeder Stelle das nächste Wort).
"""

# %% Stellschrauben: hier live drehen
PROMPTS = ["Im Winter", "Der Hund", "Anna schenkt", "Die Hauptstadt von Frankreich ist"]
TEMPERATURE = 0.7  # nahe 0: immer das Wahrscheinlichste; über 1: bunt und bald unsinnig
WIDTH = 96  # Test: 8
N_HEADS = 4  # Test: 2
N_BLOCKS = 2  # Test: 1
EPOCHS_ENCODER = 6  # Test: 1
EPOCHS_DECODER = 3  # Test: 1
N_REVIEWS = 2_000  # Test: 60
N_SENTENCES = 12_000  # Test: 200
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
import re
from collections import Counter

from kurs import ergebnis, texte
from kurs.datensaetze import datensatz

import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers, ops
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.pipeline import make_pipeline

keras.utils.set_random_seed(SEED)


# %% Schicht 1: Attention kennt keine Reihenfolge; jede Stelle bekommt ein Muster aus Sinus und Kosinus
class PositionalEncoding(layers.Layer):
    def call(self, x):
        length, width = x.shape[1:]
        speed = 10_000.0 ** (-np.arange(0, width, 2) / width)  # von schnell bis langsam schwingend
        angle = np.arange(length)[:, None] * speed
        pattern = np.stack([np.sin(angle), np.cos(angle)], axis=-1).reshape(length, width)
        pattern = ops.convert_to_tensor(pattern, dtype=x.dtype)
        return x * width**0.5 + pattern  # mal √Breite: Sonst gingen die Wörter neben dem Muster unter


# %% Schicht 2: Multi-Head-Attention. allowed[Text, i, j] sagt, ob Stelle i auf Stelle j schauen darf.
class MultiHeadAttention(layers.Layer):
    def __init__(self, width, n_heads):
        super().__init__()
        self.n_heads = n_heads
        self.query, self.key, self.value = (layers.Dense(width) for _ in range(3))
        self.mix = layers.Dense(width)

    def split_heads(self, x):
        """(Text, Stelle, Breite) → (Text, Kopf, Stelle, Breite je Kopf)"""
        length, width = x.shape[1:]
        x = ops.reshape(x, (-1, length, self.n_heads, width // self.n_heads))
        return ops.transpose(x, (0, 2, 1, 3))

    def call(self, x, allowed, return_weights=False):
        q, k, v = (self.split_heads(dense(x)) for dense in (self.query, self.key, self.value))
        scores = ops.matmul(q, ops.transpose(k, (0, 1, 3, 2))) / q.shape[-1] ** 0.5
        scores = ops.where(allowed[:, None], scores, -1e9)  # e hoch −1e9 ist 0: kein Gewicht
        weights = ops.softmax(scores)
        heads = ops.transpose(ops.matmul(weights, v), (0, 2, 1, 3))
        output = self.mix(ops.reshape(heads, (-1, *x.shape[1:])))  # Köpfe nebeneinander, gemischt
        return (output, weights) if return_weights else output


# %% Schicht 3: der Block. Attention tauscht zwischen Stellen aus, Feed-Forward rechnet an jeder einzeln.
class TransformerBlock(layers.Layer):
    def __init__(self, width, n_heads):
        super().__init__()
        self.attention = MultiHeadAttention(width, n_heads)
        self.wide, self.narrow = layers.Dense(4 * width, activation="gelu"), layers.Dense(width)
        self.norm_1, self.norm_2 = layers.LayerNormalization(), layers.LayerNormalization()
        self.dropout = layers.Dropout(0.1)

    def call(self, x, allowed):
        # Residual Connection: Jeder Schritt liefert nur eine Änderung, x selbst läuft daran vorbei.
        x = x + self.dropout(self.attention(self.norm_1(x), allowed))
        return x + self.dropout(self.narrow(self.wide(self.norm_2(x))))


# %% Zwei Modelle aus demselben Block
def build_body(vocabulary_size, length, causal):
    """Eingang, Maske und Blöcke; gibt den Eingang und einen Vektor je Stelle zurück."""
    ids = keras.Input((length,), dtype="int32")
    allowed = ops.not_equal(ids, 0)[:, None, :]  # niemand schaut auf Aufgefülltes
    if causal:
        allowed = ops.logical_and(allowed, np.tri(length, dtype=bool))  # niemand in die Zukunft
    x = PositionalEncoding()(layers.Embedding(vocabulary_size, WIDTH)(ids))
    for _ in range(N_BLOCKS):
        x = TransformerBlock(WIDTH, N_HEADS)(x, allowed)
    return ids, layers.LayerNormalization()(x)


def build_encoder(vocabulary_size, length, n_classes):
    ids, x = build_body(vocabulary_size, length, causal=False)
    is_word = ops.cast(ops.not_equal(ids, 0), x.dtype)[:, :, None]
    mean = ops.sum(x * is_word, axis=1) / ops.sum(is_word, axis=1)  # ein Vektor je Text
    return keras.Model(ids, layers.Dense(n_classes)(layers.Dropout(0.3)(mean)))


def build_decoder(vocabulary_size, length):
    ids, x = build_body(vocabulary_size, length, causal=True)
    return keras.Model(ids, layers.Dense(vocabulary_size)(x))


# %% Text → Nummern: 0 füllt auf, 1 ist unbekannt, 2 steht am Anfang und am Ende
def words(text):
    return re.findall(r"\w+|[^\w\s]", text)


def build_vocabulary(some_texts, size):
    counts = Counter(word for text in some_texts for word in words(text))
    return {word: number for number, (word, _) in enumerate(counts.most_common(size - 3), start=3)}


def to_ids(some_texts, vocabulary, length):
    ids = np.zeros((len(some_texts), length), dtype="int32")
    for row, text in zip(ids, some_texts):
        numbers = [2, *(vocabulary.get(word, 1) for word in words(text)), 2][:length]
        row[: len(numbers)] = numbers
    return ids


def to_numpy(model, ids):
    return ops.convert_to_numpy(model(ids))


# %% Teil 1: Der Encoder ordnet Bewertungen ein. Messlatte: Wörter zählen (TF-IDF)
reviews = datensatz("kurs/bewertungen")
lower = {part: [text.lower() for text in reviews[part]["text"][:N_REVIEWS]] for part in reviews}
labels = {part: np.array(reviews[part]["label"][:N_REVIEWS]) for part in reviews}
counting = make_pipeline(TfidfVectorizer(), LogisticRegression())
counting.fit(lower["train"], labels["train"])
f1_counting = f1_score(labels["test"], counting.predict(lower["test"]), average="macro")

review_words = build_vocabulary(lower["train"], size=5_000)
ids = {part: to_ids(lower[part], review_words, length=48) for part in lower}
encoder = build_encoder(5_000, length=48, n_classes=3)  # negativ, neutral, positiv
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
encoder.compile("adam", loss, metrics=["accuracy"])
print(f"Encoder mit {encoder.count_params()} Gewichten lernt {len(ids['train'])} Bewertungen")
# Kein Early Stopping auf val_loss: Er steigt hier schon, während das Modell noch besser einordnet.
encoder.fit(
    ids["train"],
    labels["train"],
    validation_data=(ids["validation"], labels["validation"]),
    epochs=EPOCHS_ENCODER,
    verbose=2,
)
prediction = to_numpy(encoder, ids["test"]).argmax(axis=1)
f1_encoder = f1_score(labels["test"], prediction, average="macro")
print(f"Macro-F1 im Test: Encoder {f1_encoder:.3f}, Wörter zählen {f1_counting:.3f}, raten rund 0.333")

# %% Hält die Maske? Dieselben Gewichte, dieselben Texte, zwölf Stellen mehr aufgefüllt
longer = build_encoder(5_000, length=60, n_classes=3)
longer.set_weights(encoder.get_weights())
padded = np.pad(ids["test"], ((0, 0), (0, 12)))
difference = to_numpy(longer, padded) - to_numpy(encoder, ids["test"])
print(f"Zwölf Stellen mehr aufgefüllt: Die Ausgabe ändert sich um {np.abs(difference).max():.6f}")

# %% Teil 2: Der Decoder sagt an jeder Stelle das nächste Wort voraus (Next-Token Prediction)
sentences = list(dict.fromkeys(texte.welt().split("\n")))  # jeden Satz nur einmal
np.random.default_rng(SEED).shuffle(sentences)
size, length = 2_500, 18
world_words = build_vocabulary(sentences, size)
ids = to_ids(sentences, world_words, length + 1)
ids = ids[(ids != 1).all(axis=1) & np.isin(ids[:, -1], [0, 2])]  # nur bekannte Wörter, nicht zu lang
given, wanted = ids[:, :-1], ids[:, 1:]  # Ziel ist der Satz selbst, um ein Wort verschoben
test, train = slice(0, 800), slice(800, 800 + N_SENTENCES)
decoder = build_decoder(size, length)
n_steps = EPOCHS_DECODER * len(given[train]) // 64
decoder.compile(
    keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(0.004, n_steps)),
    keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=0),
)
print(f"\nDecoder mit {decoder.count_params()} Gewichten lernt {len(given[train])} Sätze")
decoder.fit(given[train], wanted[train], epochs=EPOCHS_DECODER, batch_size=64, verbose=2)

# %% Perplexity (e hoch Verlust): Zwischen wie vielen gleich guten Wörtern schwankt ein Modell im Mittel?
pairs = np.zeros((size, size))
np.add.at(pairs, (given[train], wanted[train]), 1)  # wie oft folgt welches Wort auf welches?
pairs[:, 0] = 0
frequency = (pairs.sum(axis=0) + 1) / (pairs.sum() + size)
following = (pairs + 10 * frequency) / (pairs.sum(axis=1, keepdims=True) + 10)  # geglättet
is_word = wanted[test] != 0
before, after = given[test][is_word], wanted[test][is_word]
decoder_loss = decoder.evaluate(given[test], wanted[test], batch_size=800, verbose=0)
perplexity = {
    "kennt nur die Häufigkeit": np.exp(-np.log(frequency[after]).mean()),
    "kennt das letzte Wort": np.exp(-np.log(following[before, after]).mean()),
    "Decoder, kennt alle davor": np.exp(decoder_loss),
}
print("Perplexity auf Sätzen, die im Training nicht vorkamen:")
for name, value in perplexity.items():
    print(f"  {name:26} {value:6.1f}")


# %% Schreiben: ein Wort ziehen, anhängen, wieder fragen
def generate(prompt):
    numbers = to_ids([prompt], world_words, length)[0]
    last = len(words(prompt))
    while last < length - 1:
        logits = to_numpy(decoder, numbers[None])[0, last] / TEMPERATURE
        logits[:2] = -np.inf  # Aufgefülltes und „unbekannt“ schreibt man nicht
        probability = np.exp(logits - logits.max())
        last += 1
        numbers[last] = random.choice(size, p=probability / probability.sum())
        if numbers[last] == 2:
            break
    return " ".join(word_of.get(number, "") for number in numbers[1:last])


word_of = {number: word for word, number in world_words.items()}
random = np.random.default_rng(SEED)
print(f"\nDer Decoder schreibt weiter (TEMPERATURE = {TEMPERATURE})")
for prompt in PROMPTS:
    print(f"  {generate(prompt)}\n  {generate(prompt)}")


# %% Bild: Worauf schaut jedes Wort? Attention des ersten Blocks, über die Köpfe gemittelt
def attention_of(model, ids):
    block = next(layer for layer in model.layers if isinstance(layer, TransformerBlock))
    x, allowed = keras.Model(model.input, block.input)(ids)
    weights = block.attention(block.norm_1(x), allowed, return_weights=True)[1]
    return ops.convert_to_numpy(ops.mean(weights, axis=1))[0]


review, sentence = "das essen war leider nicht gut .", "Im Winter liegt Schnee auf den Feldern ."
figure, axes = plt.subplots(1, 2, figsize=(13, 7))
for axis, title, text, weights in (
    (axes[0], "Encoder", review, attention_of(encoder, to_ids([review], review_words, 48))),
    (axes[1], "Decoder", sentence, attention_of(decoder, to_ids([sentence], world_words, length))),
):
    shown = ["Anfang", *text.split(), "Ende", "–", "–"]
    shown_weights = weights[: len(shown), : len(shown)]
    axis.imshow(np.ma.masked_equal(shown_weights, 0), cmap="cividis", vmin=0)  # verboten: weiß
    axis.set_xticks(range(len(shown)), shown, rotation=60, ha="right")
    axis.set_yticks(range(len(shown)), shown)
    axis.set(title=title, xlabel="… schaut hierhin (– ist aufgefüllt)", ylabel="Diese Stelle …")
figure.suptitle("Je heller, desto mehr Gewicht; weiß ist, wohin die Maske niemanden lässt")
plt.show()

# %% Was man sieht
verdict = "besser" if f1_encoder > f1_counting else "schlechter"
_, last_word, all_words = perplexity.values()
print(f"\nDer Encoder ist mit {len(labels['train'])} Texten {verdict} als bloßes Wörterzählen. Er beginnt ohne")
print("jedes Vorwissen; deshalb lernt man Transformer vor, an viel Text ohne Labels (BERT, GPT).")
print("Der Decoder braucht keine Labels: Jedes nächste Wort ist eine Aufgabe. Er schwankt zwischen")
print(f"{all_words:.1f} Wörtern, wer nur das letzte kennt, zwischen {last_word:.1f}.")
ergebnis(
    f1_zaehlen=f1_counting,
    f1_encoder=f1_encoder,
    perplexity_haeufigkeit=perplexity["kennt nur die Häufigkeit"],
    perplexity_letztes_wort=perplexity["kennt das letzte Wort"],
    perplexity_decoder=perplexity["Decoder, kennt alle davor"],
)
