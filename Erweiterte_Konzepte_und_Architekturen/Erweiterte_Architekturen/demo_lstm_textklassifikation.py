"""LSTM: Texte Wort für Wort lesen, verglichen mit SimpleRNN, GRU und bloßem Wörterzählen.

Kapitel   2.40 Erweiterte Konzepte und Architekturen · Erweiterte Architekturen
Folie     Code Demo: RNN-basierte Textklassifikation mit LSTM
Lernziel  Text in Zahlen verwandeln, mit Maske auffüllen und mit RNNs klassifizieren; wissen, wann sich das lohnt
Laufzeit  ca. 50 s (2 CPU-Kerne)
Daten     kurs/bewertungen (1.546 deutsche Bewertungen), dazu selbst erzeugte Sätze
Erwartet  f1_zaehlen 0.65–0.68, f1_simple_rnn 0.26–0.45, f1_gru 0.47–0.59, f1_lstm 0.53–0.64,
          reihenfolge_zaehlen 0.5–0.5, reihenfolge_simple_rnn 0.97–1, reihenfolge_gru 0.9–1,
          reihenfolge_lstm 0.95–1

Teil 1: echte Aufgabe, wenige und absichtlich schwere Texte. Teil 2: Sätze, in denen dieselben Wörter
je nach Reihenfolge etwas anderes bedeuten. Wer nur zählt, kann dort nur raten.
"""

# %% Stellschrauben: hier live drehen
OWN_REVIEWS = [
    "Das Essen war hervorragend, wir kommen gerne wieder!",
    "Nie wieder, eine einzige Enttäuschung.",
    "Nicht schlecht, aber auch nicht gut.",
]
OWN_SENTENCES = ["ich fand es mies, Anna fand es gut", "ich fand es gut, Anna fand es mies"]
UNITS = 32  # Test: 4
EPOCHS = 12  # Test: 1
N_TRAIN = 2_000  # Test: 100
OPINIONS = [2, 4, 6, 8]  # Urteile je Satz im Training; probiere nur lange: [20]
N_SENTENCES = 1_600  # Test: 80
EPOCHS_ORDER = 10  # Test: 1
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

keras.utils.set_random_seed(SEED)

# %% Daten: Bewertungen, negativ (0), neutral (1) oder positiv (2)
reviews = datensatz("kurs/bewertungen")
class_names = reviews["train"].features["label"].names
texts = {part: np.array(reviews[part]["text"]) for part in reviews}
labels = {part: np.array(reviews[part]["label"]) for part in reviews}
texts["train"], labels["train"] = texts["train"][:N_TRAIN], labels["train"][:N_TRAIN]
print({part: len(values) for part, values in texts.items()}, class_names)

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
    embedding = keras.layers.Embedding(vectorize.vocabulary_size(), 8, mask_zero=mask_zero)
    reader = keras.Sequential([embedding, keras.layers.LSTM(8)])  # noch nicht trainiert
    change = np.abs(reader.predict(ids, verbose=0) - reader.predict(ids[:, :6], verbose=0)).max()
    print(f"mask_zero={mask_zero!s:5}: Das Auffüllen ändert die Ausgabe um {change:.4f}")


# %% Ein Netz: Nummern → Vektoren → RNN liest von links nach rechts → Klasse
def build_model(rnn_layer, n_classes, learning_rate):
    keras.utils.set_random_seed(SEED)
    model = keras.Sequential(
        [
            keras.Input(shape=(None,), dtype="int64"),
            keras.layers.Embedding(vectorize.vocabulary_size(), 32, mask_zero=True),
            rnn_layer(UNITS),  # der Zustand nach dem letzten Wort
            keras.layers.Dropout(0.3),
            keras.layers.Dense(n_classes, activation="softmax"),
        ]
    )
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=learning_rate),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model


def predict(model, some_texts):
    return keras.ops.convert_to_numpy(model(to_ids(some_texts)))


rnn_layers = [keras.layers.SimpleRNN, keras.layers.GRU, keras.layers.LSTM]

# %% Teil 1: Bewertungen. Zuerst die Messlatte: Wörter zählen (TF-IDF) und linear trennen
counting = make_pipeline(TfidfVectorizer(), LogisticRegression())
counting.fit(texts["train"], labels["train"])
prediction = counting.predict(texts["test"])
review_f1 = {"Wörter zählen": f1_score(labels["test"], prediction, average="macro")}
print(f"\nWörter zählen: Macro-F1 {review_f1['Wörter zählen']:.3f} im Test")

for rnn_layer in rnn_layers:
    name = rnn_layer.__name__
    model = build_model(rnn_layer, len(class_names), learning_rate=0.003)
    stop = keras.callbacks.EarlyStopping("val_loss", patience=3, restore_best_weights=True)
    history = model.fit(
        to_ids(texts["train"]),
        labels["train"],
        validation_data=(to_ids(texts["validation"]), labels["validation"]),
        epochs=EPOCHS,
        batch_size=32,
        callbacks=[stop],
        verbose=0,
    ).history
    prediction = predict(model, texts["test"]).argmax(axis=1)
    review_f1[name] = f1_score(labels["test"], prediction, average="macro")
    print(
        f"{name:9} {model.layers[1].count_params():5} Gewichte: Macro-F1 {review_f1[name]:.3f} im Test, "
        f"Accuracy {history['accuracy'][-1]:.2f} im Training nach {len(history['loss'])} Epochen"
    )

# %% Eigene Sätze (oben, OWN_REVIEWS)
print("\nEigene Bewertungen: Wahrscheinlichkeit für", ", ".join(class_names))
own = zip(OWN_REVIEWS, counting.predict_proba(OWN_REVIEWS), predict(model, OWN_REVIEWS))
for text, by_counting, by_lstm in own:  # model ist jetzt das LSTM
    print(f"  zählen {by_counting.round(2)}  LSTM {by_lstm.round(2)}  {text}")


# %% Teil 2: Mochte „ich“ es? Zu jedem Satz gibt es einen Zwilling mit denselben Wörtern.
def make_sentences(n_sentences, n_opinions, random):
    """Sätze mit gleich vielen guten wie schlechten Urteilen; Label 1: Das erste („ich“) ist gut."""
    sentences, is_good = [], []
    for _ in range(n_sentences // 2):
        opinions = [*random.choice(["gut", "toll", "prima"], n_opinions // 2)]
        opinions += [*random.choice(["mies", "öde", "schlecht"], n_opinions // 2)]
        order = random.permutation(n_opinions)  # Nummern unter n_opinions // 2 sind gut
        twin = order.copy()
        other = np.argmax((order < n_opinions // 2) != (order[0] < n_opinions // 2))
        twin[[0, other]] = order[[other, 0]]
        people = ["ich", *random.choice(["Anna", "Peter", "Lena", "Murat", "Ida"], n_opinions - 1)]
        for numbers in (order, twin):
            parts = [f"{who} fand es {opinions[i]}" for who, i in zip(people, numbers)]
            sentences.append(", ".join(parts))
            is_good.append(int(numbers[0] < n_opinions // 2))
    return np.array(sentences), np.array(is_good)


random = np.random.default_rng(SEED)
parts = [make_sentences(N_SENTENCES // len(OPINIONS), n, random) for n in OPINIONS]
train_sentences, train_is_good = (np.concatenate(values) for values in zip(*parts))
test_sets = {n: make_sentences(200, n, random) for n in (2, 8, 16, 32)}
print("\nZwei Zwillinge:")
for sentence, is_good in zip(*(values[:2] for values in test_sets[2])):
    print(f"  {sentence}   → {'gut' if is_good else 'schlecht'}")

# %% Zählen und lesen
counting = make_pipeline(TfidfVectorizer(), LogisticRegression())
counting.fit(train_sentences, train_is_good)
accuracy = {"Wörter zählen": [counting.score(*test_set) for test_set in test_sets.values()]}
vectorize = keras.layers.TextVectorization()  # to_ids benutzt ab hier dieses Wörterbuch
vectorize.adapt(train_sentences)
curves = {}
for rnn_layer in rnn_layers:
    name = rnn_layer.__name__
    model = build_model(rnn_layer, 2, learning_rate=0.005)
    curves[name] = model.fit(
        to_ids(train_sentences),
        train_is_good,
        validation_data=(to_ids(test_sets[8][0]), test_sets[8][1]),
        epochs=EPOCHS_ORDER,
        batch_size=64,
        verbose=0,
    ).history["val_accuracy"]
    accuracy[name] = [
        np.mean(predict(model, sentences).argmax(axis=1) == is_good)
        for sentences, is_good in test_sets.values()
    ]
print("\nAccuracy im Test; Urteile je Satz im Training:", *OPINIONS)
print(" " * 14, *(f"{n:4} Urteile" for n in test_sets))
for name, values in accuracy.items():
    print(f"{name:14}", *(f"{value:12.3f}" for value in values))
for sentence, probability in zip(OWN_SENTENCES, predict(model, OWN_SENTENCES)[:, 1]):
    print(f"  LSTM: {probability:.0%} gut   {sentence}")

# %% Bild: links echte Texte, rechts Zwillinge
figure, axes = plt.subplots(1, 2, figsize=(13, 5))
colors = dict(zip(review_f1, ["#999999", "#56B4E9", "#0072B2", "#D55E00"]))
bars = axes[0].bar(list(review_f1), list(review_f1.values()), color=list(colors.values()))
axes[0].bar_label(bars, fmt="%.2f")
axes[0].axhline(1 / 3, color="black", linestyle=":", label="raten")
axes[0].set(ylabel="Macro-F1 im Test", ylim=(0, 1), title="Bewertungen: Zählen gewinnt")
axes[0].legend()
for (name, values), style in zip(curves.items(), ["-o", "--s", ":^"]):
    axes[1].plot(range(1, len(values) + 1), values, style, color=colors[name], label=name)
axes[1].axhline(accuracy["Wörter zählen"][1], color="#999999", label="Wörter zählen")
axes[1].set(xlabel="Epoche", ylabel="Accuracy im Test", title="Zwillinge: Nur Lesen hilft")
axes[1].legend()
plt.show()

# %% Was man sieht
# Bewertungen: Nach wenigen Epochen kennt jedes Netz seine Trainingstexte fast auswendig, im Test ist
# das bloße Zählen besser. Rund 1.000 Texte sind zu wenig, um Bedeutung der Wörter und Lesen zugleich zu
# lernen; dafür gibt es vortrainierte Vektoren (Kapitel 3) und Modelle (Kapitel 7). Von den Netzen ist
# das SimpleRNN das schwächste.
# Zwillinge: Wer nur zählt, gibt beiden Sätzen eines Paars dieselbe Antwort, also ist genau die Hälfte
# falsch. Alle drei RNNs lesen und machen es richtig.
# Gegen das Lehrbuch: Hier merkt sich das SimpleRNN „ich fand es gut“ am schnellsten. Keras gibt ihm am
# Anfang eine orthogonale Matrix, die den Zustand kaum schrumpfen lässt. Die Tore von LSTM und GRU
# stehen anfangs halb offen: Je Wort geht ein Viertel (LSTM) oder die Hälfte (GRU) des Zustands verloren.
# Das Tor zuzuhalten lernen sie an den kurzen Sätzen. Mit OPINIONS = [20] fehlt ihnen diese Treppe, und sie
# raten; das SimpleRNN schafft es je nach SEED. Jenseits der trainierten Länge (die letzten Spalten der
# Tabelle) gibt es für keines eine Garantie.
ergebnis(
    f1_zaehlen=review_f1["Wörter zählen"],
    f1_simple_rnn=review_f1["SimpleRNN"],
    f1_gru=review_f1["GRU"],
    f1_lstm=review_f1["LSTM"],
    reihenfolge_zaehlen=accuracy["Wörter zählen"][1],
    reihenfolge_simple_rnn=accuracy["SimpleRNN"][1],
    reihenfolge_gru=accuracy["GRU"][1],
    reihenfolge_lstm=accuracy["LSTM"][1],
)
