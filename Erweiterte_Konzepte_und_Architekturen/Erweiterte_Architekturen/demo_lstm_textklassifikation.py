"""LSTM: Bewertungen Wort für Wort lesen, verglichen mit SimpleRNN, GRU und bloßem Wörterzählen.

Kapitel   2.40 Erweiterte Konzepte und Architekturen · Erweiterte Architekturen
Folie     Code Demo: RNN-basierte Textklassifikation mit LSTM
Lernziel  Text in Zahlen verwandeln, mit Maske auffüllen, mit RNNs klassifizieren
Laufzeit  ca. 20 s (2 CPU-Kerne)
Daten     kurs/bewertungen (1.546 deutsche Bewertungen)
Erwartet  f1_zaehlen 0.65–0.68, f1_simple_rnn 0.26–0.45, f1_gru 0.47–0.59, f1_lstm 0.53–0.64

Eine echte Aufgabe: wenige und absichtlich schwere Texte. Die Messlatte ist ein Modell, das nur
Wörter zählt. Wo das Lesen den Unterschied macht, zeigt demo_rnn_und_lstm.
"""

# %% Stellschrauben: hier live drehen
OWN_REVIEWS = [
    "Das Essen war hervorragend, wir kommen gerne wieder!",
    "Nie wieder, eine einzige Enttäuschung.",
    "Nicht schlecht, aber auch nicht gut.",
]
UNITS = 32  # Test: 4
EPOCHS = 12  # Test: 1
N_TRAIN = 2_000  # so viele, wenn es so viele gibt  # Test: 100
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
from kurs import ergebnis
from kurs.datensaetze import datensatz

import keras
import matplotlib.pyplot as plt
import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.pipeline import make_pipeline

# %% Daten: Bewertungen, negativ (0), neutral (1) oder positiv (2)
reviews = datensatz("kurs/bewertungen")
class_names = reviews["train"].features["label"].names
texts = {part: np.array(reviews[part]["text"]) for part in reviews}
labels = {part: np.array(reviews[part]["label"]) for part in reviews}
texts["train"], labels["train"] = texts["train"][:N_TRAIN], labels["train"][:N_TRAIN]
print(f"{len(texts['train'])} Bewertungen zum Trainieren; Klassen: {', '.join(class_names)}")
print(f"{len(texts['validation'])} zur Validierung, {len(texts['test'])} zum Testen")

# %% Vom Text zu Zahlen: kleingeschrieben, ohne Satzzeichen, jedes Wort eine Nummer
vectorize = keras.layers.TextVectorization(output_sequence_length=40)
vectorize.adapt(texts["train"])


def to_ids(some_texts):
    return keras.ops.convert_to_numpy(vectorize(np.array(some_texts)))


example = "Nicht schlecht, das Zimmer im Obergeschoss!"
print(f"\n{example}\n{to_ids([example])[0]}")
print("0 füllt auf (alle Texte eines Batches sind gleich lang), 1 heißt: im Training nie gesehen.")
ids = to_ids(texts["test"])
unseen = (ids == 1).sum() / (ids > 0).sum()
print(f"Von den Wörtern im Test kamen {unseen:.0%} im Training nie vor.")

# %% Die Maske: mask_zero=True sagt dem RNN, dass es die Nullen überspringen soll
ids = to_ids([example])
for mask_zero in (True, False):
    keras.utils.set_random_seed(SEED)
    embedding = keras.layers.Embedding(vectorize.vocabulary_size(), 8, mask_zero=mask_zero)
    reader = keras.Sequential([embedding, keras.layers.LSTM(8)])  # noch nicht trainiert
    change = np.abs(reader.predict(ids, verbose=0) - reader.predict(ids[:, :6], verbose=0)).max()
    print(f"mask_zero={mask_zero!s:5}: Das Auffüllen ändert die Ausgabe um {change:.4f}")

# %% Die Messlatte: Wörter zählen (TF-IDF) und linear trennen
counting = make_pipeline(TfidfVectorizer(), LogisticRegression())
counting.fit(texts["train"], labels["train"])
f1 = {"Zählen": f1_score(labels["test"], counting.predict(texts["test"]), average="macro")}
print(f"\nWörter zählen: Macro-F1 {f1['Zählen']:.3f} im Test")

# %% Ein Netz: Nummern → Vektoren → RNN liest von links nach rechts → Klasse
for rnn_layer in (keras.layers.SimpleRNN, keras.layers.GRU, keras.layers.LSTM):
    keras.utils.set_random_seed(SEED)
    model = keras.Sequential(
        [
            keras.Input(shape=(None,), dtype="int64"),
            keras.layers.Embedding(vectorize.vocabulary_size(), 32, mask_zero=True),
            rnn_layer(UNITS),  # der Zustand nach dem letzten Wort
            keras.layers.Dropout(0.3),
            keras.layers.Dense(len(class_names), activation="softmax"),
        ]
    )
    optimizer = keras.optimizers.Adam(learning_rate=0.003)
    model.compile(optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    stop = keras.callbacks.EarlyStopping("val_loss", patience=3, restore_best_weights=True)
    history = model.fit(
        to_ids(texts["train"]), labels["train"],
        validation_data=(to_ids(texts["validation"]), labels["validation"]),
        epochs=EPOCHS, batch_size=32, callbacks=[stop], verbose=0,
    ).history
    prediction = model.predict(to_ids(texts["test"]), verbose=0).argmax(axis=1)
    name = rnn_layer.__name__
    f1[name] = f1_score(labels["test"], prediction, average="macro")
    print(
        f"{name:9} Macro-F1 {f1[name]:.3f} im Test, Genauigkeit im Training "
        f"{history['accuracy'][-1]:.2f} nach {len(history['loss'])} Epochen"
    )

# %% Eigene Sätze (oben, OWN_REVIEWS); model ist jetzt das LSTM
print("\nEigene Bewertungen: Wahrscheinlichkeit für", ", ".join(class_names))
for text in OWN_REVIEWS:
    by_counting = counting.predict_proba([text])[0]
    by_lstm = model.predict(to_ids([text]), verbose=0)[0]
    print(f"  Zählen {by_counting.round(2)}  LSTM {by_lstm.round(2)}  {text}")

# %% Bild: Zählen gegen Lesen
figure, axis = plt.subplots()
axis.bar_label(axis.bar(list(f1), list(f1.values())), fmt="%.2f")
axis.axhline(1 / len(class_names), color="black", linestyle=":", label="geraten")
axis.set(ylabel="Macro-F1 im Test", ylim=(0, 1))
axis.set_title(f"{len(texts['train'])} Bewertungen zum Lernen: {max(f1, key=f1.get)} liegt vorn")
axis.legend()
plt.show()

# %% Was man sieht
# Nach wenigen Epochen kennt ein solches Netz seine Trainingstexte fast auswendig. Rund 1.000 Texte
# sind zu wenig, um Bedeutung der Wörter und Lesen zugleich zu lernen; dafür gibt es vortrainierte
# Vektoren (Kapitel 3) und Modelle (Kapitel 7). Lange Abhängigkeiten, die Stärke des LSTM, braucht
# ein Urteil wie „hervorragend“ nicht.
ergebnis(
    f1_zaehlen=f1["Zählen"], f1_simple_rnn=f1["SimpleRNN"], f1_gru=f1["GRU"], f1_lstm=f1["LSTM"]
)
