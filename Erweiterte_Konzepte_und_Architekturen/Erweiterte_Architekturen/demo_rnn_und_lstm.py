"""RNN und LSTM: Wer weiß am Ende eines langen Textes noch, was am Anfang stand?

Kapitel   2.35 Erweiterte Konzepte und Architekturen · Erweiterte Architekturen
Folie     Zeitliche Abhängigkeiten modellieren mit Recurrent Neural Networks (RNN)
Lernziel  Sehen, was die Tore von LSTM und GRU bringen: Wichtiges über viele Wörter festhalten
Laufzeit  ca. 30 s (2 CPU-Kerne)
Daten     selbst erzeugte Texte wie „Anna: Hut, ich: Schal, Ben: Ball“
Erwartet  weit_simple_rnn 0.05–0.6, weit_gru 0.9–1, weit_lstm 0.9–1

Was habe ich? Irgendwo im Text steht es, davor und danach haben andere etwas. Das Netz liest Wort
für Wort und antwortet erst am Schluss: Es muss „ich“ erkennen, das nächste Wort merken und darf
sich von allem, was danach kommt, nicht mehr ablenken lassen.
"""

# %% Stellschrauben: hier live drehen
LENGTHS = (2, 10, 20, 40)  # Leute je Text im Training  # Test: (2, 4)
TEST_LENGTHS = (2, 5, 10, 20, 40)  # Test: (2, 4)
N_TRAIN = 4_000  # Test: 80
UNITS = 32  # Test: 4
EPOCHS = 5  # Test: 1
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
from kurs import ergebnis

import keras
import matplotlib.pyplot as plt
import numpy as np

random = np.random.default_rng(SEED)
people = ["Anna", "Ben", "Cem", "Dora", "Emil", "Fatma"]
things = ["Hut", "Ball", "Stift", "Schal", "Apfel", "Brief", "Hammer", "Teller"]


# %% Texte: „ich“ kommt genau einmal vor, irgendwo; die Antwort ist das Wort danach
def make_texts(n_texts, n_people, place=None):
    texts, answers = [], []
    for _ in range(n_texts):
        who, what = random.choice(people, n_people), random.integers(len(things), size=n_people)
        mine = random.integers(n_people) if place is None else place
        who[mine] = "ich"
        texts.append(", ".join(f"{name}: {things[thing]}" for name, thing in zip(who, what)))
        answers.append(what[mine])
    return np.array(texts), np.array(answers)


parts = [make_texts(N_TRAIN // len(LENGTHS), n_people) for n_people in LENGTHS]
train_texts, train_answers = (np.concatenate(values) for values in zip(*parts))
test_sets = {n: make_texts(500, n, place=0) for n in sorted(TEST_LENGTHS)}  # „ich“ ganz vorn
print(f"{len(train_texts)} Texte, zum Beispiel:", train_texts[0], "→", things[train_answers[0]])

vectorize = keras.layers.TextVectorization()  # jedes Wort eine Nummer, kurze Texte mit 0 aufgefüllt
vectorize.adapt(train_texts)


def to_ids(texts):
    return keras.ops.convert_to_numpy(vectorize(texts))


# %% Drei Netze, die sich nur in der rekurrenten Schicht unterscheiden
curves, accuracy = {}, {}
print(f"\nNach {EPOCHS} Epochen richtig, „ich“ am Anfang (Raten: {1 / len(things):.0%})")
print(f"{'Leute im Text':14}", *(f"{n:>5}" for n in test_sets))
for rnn_layer in (keras.layers.SimpleRNN, keras.layers.GRU, keras.layers.LSTM):
    keras.utils.set_random_seed(SEED)
    model = keras.Sequential(
        [
            keras.Input(shape=(None,), dtype="int64"),
            keras.layers.Embedding(vectorize.vocabulary_size(), 32, mask_zero=True),
            rnn_layer(UNITS),  # der Zustand nach dem letzten Wort
            keras.layers.Dense(len(things), activation="softmax"),
        ]
    )
    model.compile(
        optimizer=keras.optimizers.Adam(0.005, clipnorm=1.0),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    ids, name = to_ids(train_texts), rnn_layer.__name__
    history = model.fit(ids, train_answers, epochs=EPOCHS, batch_size=64, verbose=0).history
    curves[name] = history["accuracy"]
    accuracy[name] = [
        model.evaluate(to_ids(texts), answers, verbose=0)[1]
        for texts, answers in test_sets.values()
    ]
    print(f"{name:14}", *(f"{value:5.0%}" for value in accuracy[name]), flush=True)

# %% Bild: Wer lernt es, und wie weit reicht das Gedächtnis?
figure, axes = plt.subplots(1, 2, sharey=True)
for name, width in zip(curves, (2, 6, 2)):  # breit unter schmal: Gleiches bleibt sichtbar
    axes[0].plot(range(1, EPOCHS + 1), curves[name], "o-", linewidth=width, label=name)
    axes[1].plot(list(test_sets), accuracy[name], "o-", linewidth=width, label=name)
for axis in axes:
    axis.axhline(1 / len(things), color="gray", linewidth=1, label="geraten")
axes[0].set(xlabel="Epoche", ylabel="Genauigkeit", ylim=(0, 1.05), title="Im Training")
axes[0].locator_params(axis="x", integer=True)
axes[1].set(xlabel="Leute im Text, „ich“ ist der erste", title="Im Test: Wie weit zurück?")
axes[1].legend()
plt.show()

# %% Was man sieht
# Das SimpleRNN überschreibt seinen ganzen Zustand bei jedem Wort; was am Anfang stand, erreicht der
# Gradient kaum (Vanishing Gradients). LSTM und GRU haben Tore: Sie können bei „ich“ öffnen und
# danach schließen. Mit mehr EPOCHS schafft es auch das SimpleRNN manchmal, je nach SEED: Keras gibt
# ihm eine orthogonale Startmatrix, die den Zustand kaum schrumpfen lässt.
far = {name: values[-1] for name, values in accuracy.items()}
if far["LSTM"] - far["SimpleRNN"] > 0.1:
    print("\nDas LSTM erinnert sich öfter an den Anfang als das SimpleRNN.")
else:
    print("\nIn diesem Lauf zeigt das LSTM keinen Vorsprung.")
ergebnis(weit_simple_rnn=far["SimpleRNN"], weit_gru=far["GRU"], weit_lstm=far["LSTM"])
