"""Transformer selbst gebaut: Attention, Feed-Forward und Positionen als Keras-Schichten.

Kapitel   4.60 Transformer-Modelle · Implementierung und Tools
Folie     Code Demo: Einfachen Transformer in TensorFlow/Keras implementieren
Lernziel  Einen Transformer-Block als Keras-Schichten schreiben und damit Texte einordnen
Laufzeit  ca. 20 s (2 CPU-Kerne)
Daten     kurs/bewertungen (1.546 deutsche Bewertungen)
Erwartet  f1_zaehlen 0.65–0.68, f1_encoder 0.5–0.66

Der Encoder liest eine Bewertung und sagt, ob sie negativ, neutral oder positiv ist. Derselbe Block
mit einer anderen Maske schreibt Texte: Das zeigt demo_transformer_decoder.
"""

# %% Stellschrauben: hier live drehen
REVIEW = "Das Essen war leider nicht gut."  # für das Bild
WIDTH = 96  # Zahlen je Wort, gerade und ein Vielfaches von N_HEADS  # Test: 8
N_HEADS = 4  # Test: 2
N_BLOCKS = 2  # Test: 1
EPOCHS = 6  # Test: 1
N_REVIEWS = 2_000  # höchstens so viele zum Lernen  # Test: 60
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
from kurs import ergebnis
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
VOCABULARY, LENGTH = 5_000, 48  # Wörter im Wörterbuch, Wörter je Text


# %% Schicht 1: Attention kennt keine Reihenfolge; jede Stelle bekommt ein Wellenmuster dazu
class PositionalEncoding(layers.Layer):
    def call(self, x):
        length, width = x.shape[1:]
        speed = 10_000.0 ** (-np.arange(0, width, 2) / width)  # von schnell bis langsam schwingend
        angle = np.arange(length)[:, None] * speed
        pattern = np.stack([np.sin(angle), np.cos(angle)], axis=-1).reshape(length, width)
        return x * width**0.5 + ops.cast(pattern, x.dtype)  # mal √Breite: Die Wörter zählen mehr


# %% Schicht 2: Multi-Head-Attention. allowed[Text, i, j]: Darf Stelle i auf Stelle j schauen?
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


# %% Schicht 3: der Block. Attention tauscht aus zwischen Stellen, Feed-Forward rechnet an jeder
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


# %% Das Modell: Wörter → Vektoren → Blöcke → Mittelwert → eine Klasse je Text
def build_encoder(vocabulary_size, length, n_classes):
    ids = keras.Input((length,), dtype="int32")
    is_word = ops.not_equal(ids, 0)  # 0 füllt auf: Niemand schaut hin, und im Mittel zählt es nicht
    x = PositionalEncoding()(layers.Embedding(vocabulary_size, WIDTH)(ids))
    for _ in range(N_BLOCKS):
        x = TransformerBlock(WIDTH, N_HEADS)(x, is_word[:, None, :])
    mean = layers.GlobalAveragePooling1D()(layers.LayerNormalization()(x), mask=is_word)
    return keras.Model(ids, layers.Dense(n_classes)(layers.Dropout(0.3)(mean)))


# %% Daten: Text → Nummern (0 füllt auf, 1 ist unbekannt)
reviews = datensatz("kurs/bewertungen")
texts = {part: list(reviews[part]["text"][:N_REVIEWS]) for part in reviews}
labels = {part: np.array(reviews[part]["label"][:N_REVIEWS]) for part in reviews}
to_ids = layers.TextVectorization(VOCABULARY, output_sequence_length=LENGTH)
to_ids.adapt(texts["train"])
ids = {part: ops.convert_to_numpy(to_ids(texts[part])) for part in texts}

# %% Trainieren
encoder = build_encoder(VOCABULARY, LENGTH, n_classes=3)  # negativ, neutral, positiv
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
encoder.compile(optimizer="adam", loss=loss, metrics=["accuracy"])
print(f"Encoder mit {encoder.count_params()} Gewichten lernt {len(ids['train'])} Bewertungen …")
validation = (ids["validation"], labels["validation"])
history = encoder.fit(ids["train"], labels["train"], epochs=EPOCHS, validation_data=validation)
print("Genauigkeit je Epoche, Training:   ", np.round(history.history["accuracy"], 2))
print("Genauigkeit je Epoche, Validierung:", np.round(history.history["val_accuracy"], 2))

# %% Testen. Messlatte: Wörter zählen (TF-IDF)
counting = make_pipeline(TfidfVectorizer(), LogisticRegression())
counting.fit(texts["train"], labels["train"])
f1_counting = f1_score(labels["test"], counting.predict(texts["test"]), average="macro")
prediction = encoder.predict(ids["test"], verbose=0).argmax(axis=1)
f1_encoder = f1_score(labels["test"], prediction, average="macro")
print(f"Macro-F1 im Test: Encoder {f1_encoder:.3f}, Wörter zählen {f1_counting:.3f}, raten 0.333")

# %% Bild: Worauf schaut jedes Wort? Attention des ersten Blocks, über die Köpfe gemittelt
block = next(layer for layer in encoder.layers if isinstance(layer, TransformerBlock))
review_ids = ops.convert_to_numpy(to_ids([REVIEW]))
x, allowed = keras.Model(encoder.input, block.input)(review_ids)
weights = block.attention(block.norm_1(x), allowed, return_weights=True)[1]
words = [to_ids.get_vocabulary()[number] or "–" for number in review_ids[0]]
shown = min(len(REVIEW.split()) + 2, LENGTH)  # zwei aufgefüllte Stellen dazu
weights = ops.convert_to_numpy(ops.mean(weights, axis=1))[0, :shown, :shown]
plt.imshow(weights, cmap="cividis", aspect="auto")
plt.colorbar(label="Gewicht")
plt.xticks(range(shown), words[:shown], rotation=45, ha="right")
plt.yticks(range(shown), words[:shown])
plt.xlabel("… schaut hierhin (– ist aufgefüllt)")
plt.ylabel("Dieses Wort …")
plt.title("Worauf schaut jedes Wort?")
plt.show()

# %% Was man sieht
# Ein Transformer, der ohne Vorwissen beginnt, braucht viel Text. Deshalb trainiert man ihn vor, an
# Text ohne Labels (BERT, GPT), und passt ihn dann an (Kapitel 7).
verdict = "besser" if f1_encoder > f1_counting else "nicht besser"
print(f"Mit {len(labels['train'])} Texten ist der Encoder {verdict} als bloßes Wörterzählen.")
ergebnis(f1_zaehlen=f1_counting, f1_encoder=f1_encoder)
