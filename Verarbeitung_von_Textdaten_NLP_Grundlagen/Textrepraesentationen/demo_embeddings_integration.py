"""Vortrainierte Embeddings im Klassifikator: Wie viele Labels braucht man noch?

Kapitel   3.50 Verarbeitung von Textdaten (NLP-Grundlagen) · Textrepräsentationen
Folie     Demo: Einbinden von vortrainierten Embeddings in ein Klassifikationsmodell
Lernziel  Fremde Vektoren in ein Keras-Modell einbauen; statische und kontextabhängige vergleichen
Laufzeit  ca. 50 s (2 CPU-Kerne)
Daten     kurs/themen (640 Meldungen, acht Themen)
Modelle   intfloat/multilingual-e5-small
Erwartet  grundauf_wenige 0.1–0.2, statisch_wenige 0.13–0.3, kontext_wenige 0.33–0.6,
          grundauf_viele 0.2–0.39, statisch_viele 0.38–0.56, kontext_viele 0.75–0.9

Drei Klassifikatoren; verschieden ist, woher ihre Vektoren kommen:
  von Grund auf   gelernt, nur aus den Texten mit Label
  statisch        die Tabelle am Eingang von e5, ein Vektor je Token, egal in welchem Satz
  im Kontext      die Satzvektoren am Ausgang von e5
"""

# %% Stellschrauben: hier live drehen
N_LABELS = [20, 50, 200]  # Test: [16]
EPOCHS = 20  # Test: 1
N_TEXTS = 256  # aus so vielen Meldungen werden die mit Label gelost  # Test: 24
N_TEST = 128  # Test: 10
MAX_TOKENS = 60  # je Meldung
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
from kurs import ergebnis
from kurs.datensaetze import datensatz
from kurs.modelle import modell

import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers
from sentence_transformers import SentenceTransformer
from sklearn.preprocessing import StandardScaler

# %% Daten: kurze Meldungen; das Label ist ihr Thema
news = datensatz("kurs/themen")
topics = news["train"].features["label"].names
train, test = news["train"][:N_TEXTS], news["test"][:N_TEST]
y_train, y_test = np.array(train["label"]), np.array(test["label"])
print(f"{len(y_train)} Meldungen zum Lernen, {len(y_test)} zum Prüfen: {', '.join(topics)}")
print(f"Zum Beispiel ({topics[y_train[0]]}): {train['text'][0]}")

# %% Im Kontext: ein Satzvektor je Meldung. e5 will vor jedem Text „query: “ lesen.
encoder = SentenceTransformer(modell("intfloat/multilingual-e5-small"), device="cpu")
print("Kodiere die Meldungen mit e5, das dauert einige Sekunden …")
vectors_train = encoder.encode(["query: " + text for text in train["text"]])
vectors_test = encoder.encode(["query: " + text for text in test["text"]])

# %% Statisch: die Tabelle am Eingang desselben Modells, zu jedem Token eine Zeile
table = encoder[0].auto_model.get_input_embeddings().weight.detach().numpy()
tokens_train = [" ".join(encoder.tokenizer.tokenize(text)) for text in train["text"]]
tokens_test = [" ".join(encoder.tokenizer.tokenize(text)) for text in test["text"]]
vectorize = layers.TextVectorization(
    standardize=None, split="whitespace", output_sequence_length=MAX_TOKENS
)
vectorize.adapt(tokens_train + tokens_test)  # nur die Zeilen, die hier gebraucht werden
vocabulary = vectorize.get_vocabulary()
matrix = table[encoder.tokenizer.convert_tokens_to_ids(vocabulary)]
print(f"Tabelle von e5: {table.shape}, davon hier gebraucht: {matrix.shape}")
numbers_train = keras.ops.convert_to_numpy(vectorize(tokens_train))
numbers_test = keras.ops.convert_to_numpy(vectorize(tokens_test))

# Beide Sorten auf Mittel 0 und Streuung 1, sonst lernt der Klassifikator sehr langsam
matrix = (matrix - matrix.mean(axis=0)) / matrix.std()
scaler = StandardScaler().fit(vectors_train)
vectors_train, vectors_test = scaler.transform(vectors_train), scaler.transform(vectors_test)


# %% Drei Klassifikatoren; am Ende steht immer dieselbe Dense-Schicht
def build_model(variant):
    if variant == "im Kontext":
        start = [keras.Input((vectors_train.shape[1],))]
    else:
        embedding = layers.Embedding(*matrix.shape, mask_zero=True)
        if variant == "statisch":  # fertige Gewichte, und sie bleiben, wie sie sind
            embedding.build()
            embedding.set_weights([matrix])
            embedding.trainable = False
        start = [keras.Input((MAX_TOKENS,)), embedding, layers.GlobalAveragePooling1D()]
    model = keras.Sequential([*start, layers.Dense(len(topics), activation="softmax")])
    adam = keras.optimizers.Adam(0.01)
    model.compile(adam, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


inputs = {
    "von Grund auf": (numbers_train, numbers_test),
    "statisch": (numbers_train, numbers_test),
    "im Kontext": (vectors_train, vectors_test),
}

# %% Lernen mit wenigen und vielen Labels; zweimal wird ausgelost, welche Texte ein Label haben
sizes = [min(n_labels, len(y_train)) for n_labels in N_LABELS]
accuracy = {variant: np.zeros((len(sizes), 2)) for variant in inputs}
random = np.random.default_rng(SEED)
print(f"\nTestgenauigkeit (Raten: {1 / len(topics):.2f})")
for row, n_labels in enumerate(sizes):
    for draw in (0, 1):
        chosen = random.permutation(len(y_train))[:n_labels]
        for variant, (x, x_test) in inputs.items():
            keras.utils.set_random_seed(SEED)
            model = build_model(variant)
            model.fit(x[chosen], y_train[chosen], batch_size=16, epochs=EPOCHS, verbose=0)
            accuracy[variant][row, draw] = model.evaluate(x_test, y_test, verbose=0)[1]
    means = [f"{variant} {values[row].mean():.2f}" for variant, values in accuracy.items()]
    print(f"{n_labels:4} Labels:", ", ".join(means))

# %% Bild: Linien sind Mittel, Punkte die beiden Auslosungen
for number, (variant, values) in enumerate(accuracy.items()):
    plt.plot(sizes, values.mean(axis=1), color=f"C{number}", label=variant)
    plt.plot(sizes, values, "o", color=f"C{number}", markersize=8)
plt.axhline(1 / len(topics), color="black", linestyle=":", label="Raten")
plt.xscale("log")
plt.xticks(sizes, sizes)
plt.minorticks_off()
plt.xlabel("Texte mit Label")
plt.ylabel("Testgenauigkeit")
plt.title("Dieselben Labels, drei Quellen der Vektoren: Was bringt das Vortraining?")
plt.legend()
plt.show()

# %% Was man sieht
# Statische Vektoren bringen mit, welche Wörter einander ähnlich sind; kontextabhängige auch, was
# ein Satz sagt. Den Unterschied an einem einzigen Wort zeigt demo_bank_im_kontext.
ergebnis(
    grundauf_wenige=accuracy["von Grund auf"][0].mean(),
    statisch_wenige=accuracy["statisch"][0].mean(),
    kontext_wenige=accuracy["im Kontext"][0].mean(),
    grundauf_viele=accuracy["von Grund auf"][-1].mean(),
    statisch_viele=accuracy["statisch"][-1].mean(),
    kontext_viele=accuracy["im Kontext"][-1].mean(),
)
