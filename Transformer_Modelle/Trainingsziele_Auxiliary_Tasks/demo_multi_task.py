"""Multi-Task Learning: Ein Encoder lernt die Haltung eines Textes, mit und ohne Wortarten dazu.

Kapitel   4.100 Transformer-Modelle · Trainingsziele und Auxiliary Tasks
Folie     Auxiliary Tasks (z. B. POS-Tagging) · Multi-Task Learning
Lernziel  Zwei Aufgaben auf einen Encoder setzen, Loss addieren, ehrlich messen, ob es hilft
Laufzeit  ca. 50 s (2 CPU-Kerne)
Daten     kurs/bewertungen (1.546 deutsche Bewertungen)
Modelle   spaCy-Pipeline de_core_news_sm
Erwartet  f1_ohne_wenige 0.36–0.5, f1_mit_wenige 0.36–0.5, f1_ohne_alle 0.53–0.63,
          f1_mit_alle 0.53–0.65, pos_accuracy 0.63–0.8

Haupt- und Nebenaufgabe teilen sich Embedding und Transformer-Block, jede hat nur eine eigene letzte
Schicht. Die Wortarten vergibt spaCy, kein Mensch: Solche Labels gibt es umsonst.
"""

# %% Stellschrauben: hier live drehen
AUX_WEIGHT = 0.5  # wie viel die Nebenaufgabe zählt
N_LABELED = [150, 1_087]  # Texte zum Lernen  # Test: [20]
N_RUNS = 2  # Test: 1
N_STEPS = 150  # etwa so viele, denn trainiert wird in ganzen Epochen  # Test: 2
WIDTH = 64  # Zahlen je Wort  # Test: 8
N_TEXTS = 2_000  # höchstens so viele Texte laden  # Test: 40
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
import math

from kurs import ergebnis
from kurs.datensaetze import datensatz
from kurs.modelle import spacy_modell

import keras
import matplotlib.pyplot as plt
import numpy as np
import spacy
from keras import layers, ops
from sklearn.metrics import accuracy_score, f1_score

LENGTH = 32  # so viele Wörter eines Textes liest das Netz

# %% Daten: Bewertungen, und zu jedem Wort seine Wortart
reviews = datensatz("kurs/bewertungen")
nlp = spacy.load(spacy_modell("de_core_news_sm"), disable=["parser", "ner", "lemmatizer"])
texts, tag_texts, labels = {}, {}, {}
for part in ("train", "test"):
    docs = list(nlp.pipe(reviews[part]["text"][:N_TEXTS]))
    texts[part] = [" ".join(token.lower_ for token in doc if not token.is_space) for doc in docs]
    tag_texts[part] = [" ".join(token.pos_ for token in doc if not token.is_space) for doc in docs]
    labels[part] = np.array(reviews[part]["label"][:N_TEXTS])
print(f"{texts['test'][0]}\n{tag_texts['test'][0]}")

options = {"standardize": None, "output_sequence_length": LENGTH}  # 0 füllt auf, 1 ist unbekannt
to_words, to_tags = layers.TextVectorization(**options), layers.TextVectorization(**options)
to_words.adapt(texts["train"])
to_tags.adapt(tag_texts["train"])
words = {part: ops.convert_to_numpy(to_words(texts[part])) for part in texts}
tags = {part: ops.convert_to_numpy(to_tags(tag_texts[part])) for part in texts}
n_words, n_tags = to_words.vocabulary_size(), to_tags.vocabulary_size()
print(f"{len(words['train'])} Texte zum Lernen, {n_words - 2} Wörter, {n_tags - 2} Wortarten")


# %% Ein Encoder, zwei Köpfe
def build_model(aux_weight):
    """Der Loss, an dem beide lernen, ist die gewichtete Summe: Haltung + aux_weight · Wortarten."""
    ids = keras.Input((LENGTH,), dtype="int32")
    is_word = ops.not_equal(ids, 0)
    positions = ops.cumsum(ops.ones_like(ids), axis=1) - 1  # 0, 1, 2, …
    x = layers.Embedding(n_words, WIDTH)(ids) + layers.Embedding(LENGTH, WIDTH)(positions)
    x = layers.Dropout(0.3)(x)
    y = layers.LayerNormalization()(x)
    x += layers.MultiHeadAttention(4, WIDTH // 4)(y, y, attention_mask=is_word[:, None, :])
    y = layers.LayerNormalization()(x)
    x += layers.Dense(WIDTH)(layers.Dense(2 * WIDTH, activation="relu")(y))
    mean = layers.GlobalAveragePooling1D()(x, mask=is_word)
    heads = {
        "label": layers.Dense(3, name="label")(layers.Dropout(0.3)(mean)),  # eine Haltung je Text
        "tag": layers.Dense(n_tags, name="tag")(x),  # eine Wortart je Wort
    }
    model = keras.Model(ids, heads)
    loss = keras.losses.SparseCategoricalCrossentropy
    model.compile(
        keras.optimizers.Adam(0.002),
        loss={"label": loss(from_logits=True), "tag": loss(from_logits=True, ignore_class=0)},
        loss_weights={"label": 1.0, "tag": aux_weight},
        jit_compile=False,  # Übersetzen lohnt sich für so kurzes Training nicht
    )
    return model


def train(n_labeled, aux_weight, seed):
    """Gibt Macro-F1 der Haltung und Genauigkeit der Wortarten im Test zurück."""
    keras.utils.set_random_seed(seed)
    model = build_model(aux_weight)
    rows = np.random.permutation(len(words["train"]))[:n_labeled]
    targets = {"label": labels["train"][rows], "tag": tags["train"][rows]}
    epochs = max(1, N_STEPS // math.ceil(len(rows) / 32))
    model.fit(words["train"][rows], targets, batch_size=32, epochs=epochs)
    output = {name: ops.argmax(logits, axis=-1) for name, logits in model(words["test"]).items()}
    f1 = f1_score(labels["test"], ops.convert_to_numpy(output["label"]), average="macro")
    known = tags["test"] > 1
    return f1, accuracy_score(tags["test"][known], ops.convert_to_numpy(output["tag"])[known])


# %% Dasselbe mehrmals: andere Startgewichte, andere Texte; ohne und mit Nebenaufgabe jeweils gleich
scores = {}
for n_labeled in sorted({min(n, len(words["train"])) for n in N_LABELED}):
    print(f"\n{n_labeled} Texte mit Label; Macro-F1 im Test", flush=True)
    scores[n_labeled] = []
    for run in range(N_RUNS):
        without, _ = train(n_labeled, 0.0, SEED + run)
        with_tags, tag_accuracy = train(n_labeled, AUX_WEIGHT, SEED + run)
        scores[n_labeled].append((without, with_tags))
        print(f"  Lauf {run + 1}: ohne {without:.3f}, mit Wortarten {with_tags:.3f}", flush=True)

print(f"\nDie Nebenaufgabe selbst: {tag_accuracy:.0%} der Wortarten im Test wie von spaCy")

# %% Bild: jeder Strich ein Lauf, ohne → mit Nebenaufgabe
figure, axes = plt.subplots(1, len(scores), sharey=True, squeeze=False)
for axis, (n_labeled, values) in zip(axes[0], scores.items()):
    axis.plot(["ohne", "mit Wortarten"], np.transpose(values), "o-", color="#999999")
    axis.plot(["ohne", "mit Wortarten"], np.mean(values, axis=0), "D-", linewidth=4, label="Mittel")
    axis.axhline(1 / 3, color="black", linestyle=":", label="raten")
    axis.set(title=f"{n_labeled} Texte mit Label", xlim=(-0.4, 1.4))
axes[0, 0].set_ylabel("Macro-F1 der Haltung im Test")
axes[0, 0].legend()
figure.suptitle("Hilft die Nebenaufgabe? Jeder graue Strich ist ein Lauf")
plt.show()

# %% Was man sieht
# Eine Nebenaufgabe hilft nur, wenn sie etwas lehrt, das die Hauptaufgabe braucht.
for n_labeled, values in scores.items():
    gain = np.diff(values, axis=1)
    verdict = f"in {(gain > 0).sum()} von {N_RUNS} Läufen besser"
    if (gain > 0).any() and (gain < 0).any():
        verdict += ", das ist unentschieden"
    spread = f" ± {gain.std():.3f}" if N_RUNS > 1 else ""
    print(f"Mit Wortarten bei {n_labeled} Texten: {gain.mean():+.3f}{spread}, {verdict}")
few, many = np.mean(scores[min(scores)], axis=0), np.mean(scores[max(scores)], axis=0)
ergebnis(
    f1_ohne_wenige=few[0],
    f1_mit_wenige=few[1],
    f1_ohne_alle=many[0],
    f1_mit_alle=many[1],
    pos_accuracy=tag_accuracy,
)
