"""Vortrainierte Embeddings im Klassifikator: Wie viele Labels braucht man noch?

Kapitel   3.50 Verarbeitung von Textdaten (NLP-Grundlagen) · Textrepräsentationen
Folie     Demo: Einbinden von vortrainierten Embeddings in ein Klassifikationsmodell
Lernziel  Eigene und fremde Vektoren in ein Keras-Modell einbauen; statische von kontextabhängigen unterscheiden
Laufzeit  ca. 50 s (2 CPU-Kerne)
Daten     kurs/themen (640 Meldungen, acht Themen), „Kleine Welt“, Sätze mit „Bank“
Erwartet  grundauf_wenige 0.1–0.2, word2vec_wenige 0.1–0.22, e5_wenige 0.4–0.56, grundauf_viele 0.2–0.34,
          word2vec_viele 0.1–0.22, e5_viele 0.77–0.88, bank_kontext 0.7–0.9

Drei Klassifikatoren für dieselbe Aufgabe. Der erste lernt seine Wortvektoren selbst, nur aus den Texten
mit Label. Der zweite bekommt welche, die vorher aus Text ohne Labels gelernt sind. Der dritte bekommt
Satzvektoren eines Transformers, der Millionen von Texten gelesen hat.
"""

# %% Stellschrauben: hier live drehen
N_LABELS = [20, 50, 200]  # Test: [20, 50]
N_DRAWS = 4  # so oft wird neu ausgelost, welche Texte ein Label haben  # Test: 1
EPOCHS = 15  # Test: 1
BATCH_SIZE = 10  # teilt 20, 50 und 200
N_TEXTS = 320  # aus so vielen Meldungen werden die mit Label gelost  # Test: 60
N_TEST_TEXTS = 128  # Test: 20
N_BANK = 80  # Sätze je Bedeutung von „Bank“  # Test: 6
WORD2VEC_EPOCHS = 10  # Test: 1
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
import re

from kurs import ergebnis, texte
from kurs.datensaetze import datensatz
from kurs.modelle import modell

import keras
import matplotlib.pyplot as plt
import numpy as np
import torch
from gensim.models import Word2Vec
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from transformers import AutoModel, AutoTokenizer

# %% Daten: kurze Meldungen; das Label ist ihr Thema
news = datensatz("kurs/themen")
topics = news["train"].features["label"].names
train_texts = news["train"]["text"][:N_TEXTS]
test_texts = news["test"]["text"][:N_TEST_TEXTS]
y_train = np.array(news["train"]["label"][:N_TEXTS])
y_test = np.array(news["test"]["label"][:N_TEST_TEXTS])
print(f"{len(train_texts)} Meldungen zum Lernen, {len(test_texts)} zum Prüfen: {', '.join(topics)}")
print(f"Zum Beispiel ({topics[y_train[0]]}): {train_texts[0]}")


# %% Eigene Wortvektoren: Word2Vec aus Text, zu dem niemand ein Label vergeben hat
def words_of(text):
    return re.findall(r"\w+", text.lower())


corpus = [words_of(line) for line in [*texte.welt().splitlines(), *train_texts] if line]
word2vec = Word2Vec(  # dauert einige Sekunden
    corpus, sg=1, vector_size=100, window=10, min_count=2, negative=10, sample=1e-4,
    epochs=WORD2VEC_EPOCHS, workers=2, seed=SEED,
).wv  # fmt: skip
print(f"\nWord2Vec hat {len(corpus)} Sätze ohne Label gelesen und kennt {len(word2vec)} Wörter.")
test_words = [word for text in test_texts for word in words_of(text)]
for kind, words in [("allen", test_words), ("langen (ab 9 Buchstaben)", [w for w in test_words if len(w) > 8])]:
    print(f"  Von {kind} Wörtern der Testmeldungen kennt es {np.mean([w in word2vec for w in words]):.0%}.")

# %% Satzvektoren von multilingual-e5-small. Es will vor jedem Text „query: “ lesen.
E5 = modell("intfloat/multilingual-e5-small")
tokenizer, e5 = AutoTokenizer.from_pretrained(E5), AutoModel.from_pretrained(E5).eval()


@torch.inference_mode()
def encode(sentences):
    """Je Satz: die Vektoren seiner Tokens und wo jedes im Text steht. Ähnlich lange Sätze zusammen."""
    results = [None] * len(sentences)
    order = np.argsort([len(sentence) for sentence in sentences])
    for start in range(0, len(order), 32):
        chosen = order[start : start + 32]
        batch = tokenizer(
            ["query: " + sentences[i] for i in chosen],
            padding=True,
            return_tensors="pt",
            return_offsets_mapping=True,
        )
        offsets = batch.pop("offset_mapping")
        states = e5(**batch).last_hidden_state
        for row, i in enumerate(chosen):
            keep = batch["attention_mask"][row].bool()  # ohne die Auffüllung
            results[i] = states[row][keep].numpy(), offsets[row][keep].numpy()
    return results


print("Kodiere die Meldungen mit e5, das dauert einige Sekunden …")
x_train_e5, x_test_e5 = (
    np.stack([vectors.mean(axis=0) for vectors, _ in encode(sentences)])  # Satz = Mittel der Tokens
    for sentences in (train_texts, test_texts)
)
mean, spread = x_train_e5.mean(axis=0), x_train_e5.std()
x_train_e5, x_test_e5 = (x_train_e5 - mean) / spread, (x_test_e5 - mean) / spread

# %% Texte als Nummern, und die Word2Vec-Vektoren als Matrix für die Embedding-Schicht
vectorize = keras.layers.TextVectorization(output_sequence_length=60)
vectorize.adapt([*train_texts, *word2vec.index_to_key])
vocabulary = vectorize.get_vocabulary()
matrix = np.zeros((len(vocabulary), 100), dtype="float32")
mean, spread = word2vec.vectors.mean(axis=0), word2vec.vectors.std()
for number, word in enumerate(vocabulary):
    if word in word2vec:
        matrix[number] = (word2vec[word] - mean) / spread  # Wörter ohne Vektor bleiben null
x_train, x_test = (np.array(vectorize(sentences)) for sentences in (train_texts, test_texts))


# %% Drei Klassifikatoren; verschieden ist nur, woher die Vektoren kommen
def build(variant):
    if variant == "e5":
        layers = [keras.Input(shape=(384,))]
    else:
        own = variant == "von Grund auf"
        embedding = keras.layers.Embedding(
            len(vocabulary), 100, mask_zero=True, trainable=own,
            embeddings_initializer="uniform" if own else keras.initializers.Constant(matrix),
        )  # fmt: skip
        layers = [keras.Input(shape=(60,)), embedding, keras.layers.GlobalAveragePooling1D()]
    layers.append(keras.layers.Dense(len(topics), activation="softmax"))
    model = keras.Sequential(layers)
    model.compile(
        optimizer=keras.optimizers.Adam(0.02),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    model.optimizer.build(model.trainable_variables)
    return model


inputs = {
    "von Grund auf": (x_train, x_test),
    "word2vec": (x_train, x_test),
    "e5": (x_train_e5, x_test_e5),
}
keras.utils.set_random_seed(SEED)
models = {variant: build(variant) for variant in inputs}
print("\nBei jedem Klassifikator lernt:")
for variant, model in models.items():
    trainable = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
    print(f"  {variant:14}{trainable:8} von {model.count_params():6} Gewichten")

# %% Lernen mit 20, 50 und 200 Labels, jedes Mal mehrfach ausgelost
# Für jede Auslosung geht das Modell auf Anfang zurück; neu bauen hieße jedes Mal neu übersetzen
beginnings = {
    variant: [(variable, variable.numpy()) for variable in [*model.variables, *model.optimizer.variables]]
    for variant, model in models.items()
}
accuracy = {variant: np.zeros((len(N_LABELS), N_DRAWS)) for variant in inputs}
fitted = {variant: [] for variant in inputs}  # Trefferquote auf den Texten mit Label
print("\nTest Accuracy, Mittel und Streuung über die Auslosungen:")
for column, n_labels in enumerate(N_LABELS):
    for draw in range(N_DRAWS):
        chosen = np.random.default_rng([SEED, draw]).permutation(len(train_texts))[:n_labels]
        for variant, (x, x_new) in inputs.items():
            model = models[variant]
            for variable, value in beginnings[variant]:
                variable.assign(value)
            history = model.fit(x[chosen], y_train[chosen], batch_size=BATCH_SIZE, epochs=EPOCHS, verbose=0)
            fitted[variant].append(history.history["accuracy"][-1])
            accuracy[variant][column, draw] = np.mean(model(x_new).numpy().argmax(axis=1) == y_test)
    print(f"{n_labels:4} Labels:", end="")
    for variant, values in accuracy.items():
        print(f"   {variant} {values[column].mean():.2f} ± {values[column].std():.2f}", end="")
    print()
print("Geraten wären", f"{1 / len(topics):.2f}. Die gelernten Texte selbst treffen im Mittel:", end=" ")
print(", ".join(f"{variant} {np.mean(values):.0%}" for variant, values in fitted.items()))

figure, axis = plt.subplots(figsize=(10, 6))
styles = {"von Grund auf": ("#999999", "o-"), "word2vec": ("#E69F00", "s--"), "e5": ("#0072B2", "^-")}
labels = {"von Grund auf": "von Grund auf", "word2vec": "eigenes word2vec, eingefroren", "e5": "e5-Satzvektoren"}
for variant, values in accuracy.items():
    color, style = styles[variant]
    axis.errorbar(
        N_LABELS, values.mean(axis=1), values.std(axis=1), fmt=style, color=color,
        capsize=6, linewidth=2, markersize=9, label=labels[variant],
    )  # fmt: skip
axis.axhline(1 / len(topics), color="black", linestyle=":", label="raten")
axis.set(xscale="log", xlabel="Texte mit Label", ylabel="Test Accuracy", ylim=(0, 1))
axis.set_xticks(N_LABELS, [str(n) for n in N_LABELS])
axis.minorticks_off()
axis.set_title("Dieselben Labels, drei Quellen der Vektoren")
axis.legend(loc="upper left")
plt.show()
gain = accuracy["e5"][0].mean() - accuracy["von Grund auf"][-1].mean()
print(f"e5 mit {N_LABELS[0]} Labels gegen „von Grund auf“ mit {N_LABELS[-1]}: {gain:+.2f} Accuracy")
gain = accuracy["word2vec"].mean() - accuracy["von Grund auf"].mean()
print(f"Eigenes word2vec gegen „von Grund auf“, Mittel über alle: {gain:+.2f}.", end=" ")
print("Vortrainiert allein genügt nicht:" if gain < 0.05 else "Es hilft, aber weniger als e5:")
print("„Kleine Welt“ erzählt von Tieren und Berufen, die Meldungen von Bilanzen und Anhörungen.")
print("e5 hat beides gelesen. Vortraining hilft, soweit es die Texte der Aufgabe abdeckt.")

# %% „Bank“: Word2Vec hat einen Vektor je Wort, e5 einen je Wort in seinem Satz
# Nur Sätze mit genau diesem Wort: „Banken“ und „Bänke“ verrieten die Bedeutung schon durch die Form
random = np.random.default_rng(SEED)
senses = {
    name: random.permutation([sentence for sentence in sentences if re.search(r"\bBank\b", sentence)])[:N_BANK]
    for name, sentences in texte.bank_saetze().items()
}
points, sense_of = [], []
print()
for sense, sentences in senses.items():
    print(f"„Bank“ ({sense}): {sentences[0]}")
    for sentence, (vectors, offsets) in zip(sentences, encode(sentences)):
        place = len("query: ") + re.search(r"\bBank\b", sentence).start()
        token = next(i for i, (start, end) in enumerate(offsets) if start <= place < end)
        points.append(vectors[token])
        sense_of.append(sense)
points, sense_of = np.array(points), np.array(sense_of)
separable = cross_val_score(LogisticRegression(C=0.01, max_iter=1000), points, sense_of, cv=3).mean()

figure, axes = plt.subplots(1, 2, figsize=(13, 5.5))
plane = PCA(2, random_state=SEED).fit_transform(points)
axes[0].plot(0, 0, "o", color="#E69F00", markersize=16)
axes[0].annotate(f"„Bank“ in allen {len(points)} Sätzen", (0, 0), (0, 22), textcoords="offset points", ha="center")
axes[0].set(title="word2vec: ein Vektor je Wort", xticks=[], yticks=[], xlim=(-1, 1), ylim=(-1, 1))
names = {"geld": ("Geldinstitut", "#0072B2", "o"), "sitz": ("Sitzbank", "#D55E00", "^")}
for sense, (label, color, marker) in names.items():
    axes[1].scatter(*plane[sense_of == sense].T, color=color, marker=marker, s=45, label=label)
axes[1].set(title="e5: ein Vektor je Wort und Satz", xticks=[], yticks=[])
axes[1].legend()
figure.suptitle("Dasselbe Wort, zwei Bedeutungen")
plt.show()
print(f"Aus dem Vektor von „Bank“ liest ein linearer Klassifikator die Bedeutung zu {separable:.0%} richtig ab")
print("(geprüft an Sätzen, aus denen er nicht gelernt hat). Zwei Wolken, die sich am Rand mischen.")
print("Aus einem statischen Vektor geht das nie: Er ist in jedem Satz derselbe.")

# %% Ergebnis
ergebnis(
    grundauf_wenige=accuracy["von Grund auf"][0].mean(),
    word2vec_wenige=accuracy["word2vec"][0].mean(),
    e5_wenige=accuracy["e5"][0].mean(),
    grundauf_viele=accuracy["von Grund auf"][-1].mean(),
    word2vec_viele=accuracy["word2vec"][-1].mean(),
    e5_viele=accuracy["e5"][-1].mean(),
    bank_kontext=separable,
)
