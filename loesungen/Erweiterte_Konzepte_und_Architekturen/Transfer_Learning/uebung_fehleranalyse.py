"""Übung Fine Tuning: Welche Klassen gehen schief, welche werden verwechselt, und was hilft?

Kapitel   2.90 Erweiterte Konzepte und Architekturen · Transfer Learning
Folie     Übung Fine Tuning
Lernziel  Eine Konfusionsmatrix auswerten, Irrtümer ansehen und gezielt Bilder nachsammeln
Laufzeit  ca. 30 s (2 CPU-Kerne)
Daten     CIFAR-10; ImageNet-Gewichte von MobileNetV2, sonst EfficientNet-Lite0

Ein Kopf auf einer eingefrorenen ImageNet-Basis (wie in demo_fine_tuning_cnn.py), wenige Bilder je Klasse.
Eine einzige Genauigkeit sagt nicht, wo es klemmt. Du findest es heraus und verbesserst eine Klasse.

Bearbeite nur, was zwischen ▼ und ▲ steht: Ersetze `...` durch deine Antwort und starte das Skript neu.
Unten steht danach zu jeder Aufgabe, ob sie stimmt, und wenn nicht, woran es liegt.
"""

# %% Stellschrauben
IMAGE_SIZE = 96  # Test: 32
N_TRAIN = 20  # Test: 3
N_POOL = 40  # Test: 2
N_TEST = 50  # Test: 4
# Die drei Zahlen darüber gelten je Klasse; N_POOL sind Bilder, die du in Aufgabe 5 dazunehmen kannst.
EPOCHS = 40  # Test: 2
BATCH_SIZE = 20  # Test: 2
MIN_GAIN = 0.03  # Test: -1.0
MAX_LOSS = 0.02  # Test: 1.0
TIPPS = 1  # je Aufgabe: 0 keine Tipps, 1 eine Frage, 2 auch wo es steht, 3 auch ein Gerüst
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
from kurs import pruefe
from kurs.farbbilder import cifar10
from kurs.vortrainiert import imagenet_basis

import keras
import matplotlib.pyplot as plt
import numpy as np
from sklearn.metrics import ConfusionMatrixDisplay, confusion_matrix, f1_score

class_names = cifar10.class_names

# %% Daten: je Klasse einige Bilder zum Trainieren, ein Vorrat für später, der Rest zum Testen
(x_all, y_all), (x_test, y_test) = cifar10.load_data(IMAGE_SIZE, per_class=(N_TRAIN + N_POOL, N_TEST))
y_all, y_test = y_all[:, 0], y_test[:, 0]
rank = np.zeros(len(y_all), dtype=int)  # das wievielte Bild seiner Klasse?
for label in range(10):
    rank[y_all == label] = np.arange((y_all == label).sum())
is_train = rank < N_TRAIN
print(f"{is_train.sum()} Trainingsbilder, {(~is_train).sum()} im Vorrat, {len(x_test)} zum Testen")

# %% Merkmale der eingefrorenen Basis, einmal ausgerechnet; darauf lernt der Kopf
base = imagenet_basis(input_shape=(IMAGE_SIZE, IMAGE_SIZE, 3))
extractor = keras.Model(base.input, keras.layers.GlobalAveragePooling2D()(base.output))


def compute_features(images):
    print(f"Merkmale für {len(images)} Bilder …", flush=True)
    portions = [extractor(images[i : i + 50], training=False) for i in range(0, len(images), 50)]
    return np.concatenate([keras.ops.convert_to_numpy(portion) for portion in portions])


all_features, test_features = compute_features(x_all), compute_features(x_test)


def train_and_predict(chosen):
    """Trainiert den Kopf auf den Bildern, für die `chosen` wahr ist; Wahrscheinlichkeiten (n, 10) im Test."""
    keras.utils.set_random_seed(SEED)
    head = keras.Sequential(
        [keras.Input(shape=all_features.shape[1:]), keras.layers.Dense(10, activation="softmax")]
    )
    head.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    head.fit(all_features[chosen], y_all[chosen], epochs=EPOCHS, batch_size=BATCH_SIZE, verbose=0)
    return keras.ops.convert_to_numpy(head(test_features))


probabilities = train_and_predict(is_train)
prediction = probabilities.argmax(axis=1)
print(f"Genauigkeit im Test: {(prediction == y_test).mean():.3f}")

# %% Die Konfusionsmatrix: Zeile = richtige Klasse, Spalte = Vorhersage
matrix = confusion_matrix(y_test, prediction, labels=range(10))
figure, axis = plt.subplots(figsize=(9, 8))
ConfusionMatrixDisplay(matrix, display_labels=class_names).plot(
    ax=axis, cmap="Blues", xticks_rotation=45, colorbar=False
)
axis.set_xlabel("Vorhersage")
axis.set_ylabel("richtig")
axis.set_title("Welche Zeile ist neben der Diagonale am vollsten?")
plt.show()

# ▼ AUFGABE 1: Berechne aus matrix je Klasse, welcher Anteil ihrer Testbilder erkannt wird (Recall, zehn Zahlen).
recall = matrix.diagonal() / matrix.sum(axis=1)
# ▲

# ▼ AUFGABE 2: Welche Klasse wird am schlechtesten vorhergesagt? Gesucht ist ihr Name aus class_names.
worst_class = class_names[recall.argmin()]
# ▲

# ▼ AUFGABE 3: Welche Verwechslung ist die häufigste? Gesucht sind zwei Namen: (richtige Klasse, Vorhersage).
mistakes = matrix - np.diag(matrix.diagonal())
truth, guess = np.unravel_index(mistakes.argmax(), mistakes.shape)
confused = (class_names[truth], class_names[guess])
# ▲

# ▼ AUFGABE 4: Finde die fünf sichersten Irrtümer: die Nummern falsch erkannter Testbilder, sicherster zuerst.
wrong = np.flatnonzero(prediction != y_test)
surest_mistakes = wrong[np.argsort(-probabilities[wrong].max(axis=1))][:5]
# ▲

# %% Die Irrtümer ansehen: Verdeckt? Klein? Ungewohnter Hintergrund? Oder ein Motiv, das im Training fehlt?
if surest_mistakes is not ... and len(surest_mistakes):
    figure, axes = plt.subplots(1, 5, figsize=(14, 3.8))
    for axis in axes:
        axis.axis("off")
    for axis, number in zip(axes, surest_mistakes):
        axis.imshow(x_test[number])
        axis.set_title(
            f"{class_names[prediction[number]]}?\n{probabilities[number].max():.0%} sicher\n"
            f"richtig: {class_names[y_test[number]]}"
        )
    figure.suptitle("Die sichersten Irrtümer")
    plt.show()

# %% Aufgabe 5: Du darfst für höchstens zwei Klassen Bilder nachsammeln (aus dem Vorrat). Für welche?
# ▼ AUFGABE 5: Nenne die Klassen, von denen mehr Bilder gebraucht werden, damit die schlechteste besser wird.
extra_classes = [worst_class]
# ▲

labels_extra = []
if isinstance(extra_classes, list | tuple):
    labels_extra = [class_names.index(name) for name in extra_classes if name in class_names]
if labels_extra:
    chosen = is_train | np.isin(y_all, labels_extra)
    new_prediction = train_and_predict(chosen).argmax(axis=1)
    f1_before, f1_after = (
        f1_score(y_test, guess, average=None, labels=range(10), zero_division=0)
        for guess in (prediction, new_prediction)
    )
    figure, axis = plt.subplots(figsize=(10, 5))
    places = np.arange(10)
    axis.bar(places - 0.2, f1_before, width=0.4, color="lightgray", edgecolor="black", label="vorher")
    axis.bar(places + 0.2, f1_after, width=0.4, color="tab:blue", label="nachher")
    axis.set_xticks(places, class_names, rotation=45)
    axis.set_ylabel("F1")
    axis.set_title(f"Mehr Bilder von: {', '.join(extra_classes)}")
    axis.legend(loc="lower right")
    plt.show()
    accuracies = [(guess == y_test).mean() for guess in (prediction, new_prediction)]
    print(f"Genauigkeit über alle Klassen: vorher {accuracies[0]:.3f}, nachher {accuracies[1]:.3f}")

# %% Prüfung (hier nichts ändern)
true_recall = matrix.diagonal() / matrix.sum(axis=1)
true_precision = matrix.diagonal() / np.maximum(matrix.sum(axis=0), 1)
off_diagonal = matrix - np.diag(matrix.diagonal())
confidence = probabilities.max(axis=1)
true_worst = class_names[true_recall.argmin()]


def count(truth, guess):
    return off_diagonal[class_names.index(truth), class_names.index(guess)]


def f1_of_worst(curve):
    return curve[class_names.index(true_worst)]


pruefe.erwarte(
    "Aufgabe 1",
    recall,
    (lambda r: np.shape(r) == (10,), "Gesucht sind zehn Zahlen, eine je Klasse."),
    (
        lambda r: np.max(r) <= 1,
        "Das sind Anzahlen, keine Anteile: Teile noch durch die Zahl der Testbilder der Klasse.",
    ),
    (
        lambda r: np.allclose(r, true_recall) or not np.allclose(r, true_precision),
        "Du teilst durch die Summe der Spalten. Das ist die Precision: Von allem, was das Netz so nennt, "
        "wie viel stimmt? Der Recall teilt durch die Summe der Zeilen.",
    ),
    (lambda r: np.allclose(r, true_recall), "Diese Zahlen passen nicht zur Matrix."),
    tipps=[
        "Wo in der Matrix stehen die richtig erkannten Bilder, und wo alle Bilder einer Klasse?",
        "matrix.diagonal() sind die richtigen; matrix.sum(axis=…) summiert Zeilen oder Spalten.",
        "recall = matrix.diagonal() / matrix.sum(axis=…)",
    ],
)
pruefe.erwarte(
    "Aufgabe 2",
    worst_class,
    (
        lambda name: name in class_names,
        lambda name: f"{name!r} ist kein Klassenname. Gesucht ist ein Text wie {class_names[0]!r}.",
    ),
    (
        lambda name: true_recall[class_names.index(name)] < true_recall.max(),
        lambda name: f"{name} ist die beste Klasse: Verwechselst du argmax und argmin?",
    ),
    (
        lambda name: true_recall[class_names.index(name)] == true_recall.min(),
        lambda name: f"{name} hat Recall {true_recall[class_names.index(name)]:.2f}; "
        f"der kleinste ist {true_recall.min():.2f}.",
    ),
    tipps=[
        "Welche der zehn Zahlen aus Aufgabe 1 ist die kleinste?",
        "argmin() gibt die Stelle der kleinsten Zahl; class_names[stelle] den Namen dazu.",
        "worst_class = class_names[recall.…()]",
    ],
)
pruefe.erwarte(
    "Aufgabe 3",
    confused,
    (
        lambda pair: len(pair) == 2 and set(pair) <= set(class_names),
        "Gesucht ist ein Paar von Klassennamen: (richtige Klasse, Vorhersage).",
    ),
    (
        lambda pair: pair[0] != pair[1],
        "Das ist keine Verwechslung: Auf der Diagonale steht, was richtig ist. Nimm sie vorher heraus.",
    ),
    (
        lambda pair: count(*pair) == off_diagonal.max() or count(*pair[::-1]) != off_diagonal.max(),
        "Das Paar stimmt, aber andersherum: Zuerst die richtige Klasse (Zeile), dann die Vorhersage (Spalte).",
    ),
    (
        lambda pair: count(*pair) == off_diagonal.max(),
        lambda pair: f"{pair[0]} wird {count(*pair)}-mal für {pair[1]} gehalten; "
        f"die häufigste Verwechslung kommt {off_diagonal.max()}-mal vor.",
    ),
    tipps=[
        "Welche Zahl neben der Diagonale ist die größte? In welcher Zeile und Spalte steht sie?",
        "Diagonale auf 0 setzen (np.fill_diagonal auf einer Kopie), dann np.unravel_index(….argmax(), ….shape).",
        "m = matrix.copy(); np.fill_diagonal(m, 0); row, column = np.unravel_index(…); confused = (…, …)",
    ],
)
pruefe.erwarte(
    "Aufgabe 4",
    surest_mistakes,
    (lambda n: len(n) == 5 and len(set(map(int, n))) == 5, "Gesucht sind fünf verschiedene Nummern."),
    (
        lambda n: (prediction[np.array(n)] != y_test[np.array(n)]).all(),
        "Da ist ein Bild dabei, das richtig erkannt wird. Suche nur unter den falsch erkannten.",
    ),
    (
        lambda n: confidence[n[0]] >= confidence[n[-1]],
        "Die Reihenfolge ist verkehrt: der sicherste Irrtum zuerst. np.argsort sortiert aufsteigend.",
    ),
    (
        lambda n: np.allclose(confidence[np.array(n)], np.sort(confidence[prediction != y_test])[::-1][:5]),
        lambda n: f"Es gibt sicherere Irrtümer: Deine sind {confidence[n[0]]:.0%} bis {confidence[n[-1]]:.0%} sicher.",
    ),
    tipps=[
        "Welche Bilder sind falsch erkannt, und wie sicher war das Netz sich dabei?",
        "np.flatnonzero(prediction != y_test) gibt die Nummern; probabilities[…].max(axis=1) die Sicherheit.",
        "wrong = np.flatnonzero(…); surest_mistakes = wrong[np.argsort(-probabilities[wrong].max(axis=1))][:…]",
    ],
)
pruefe.erwarte(
    "Aufgabe 5",
    extra_classes,
    (
        lambda names: isinstance(names, list | tuple) and names and set(names) <= set(class_names),
        'Gesucht ist eine Liste mit Klassennamen, etwa ["airplane"].',
    ),
    (lambda names: len(names) <= 2, "Dein Budget reicht nur für zwei Klassen."),
    (
        lambda names: f1_of_worst(f1_after) - f1_of_worst(f1_before) >= MIN_GAIN and true_worst in names,
        lambda names: f"F1 von {true_worst}: vorher {f1_of_worst(f1_before):.3f}, nachher "
        f"{f1_of_worst(f1_after):.3f}. Das hilft der schlechtesten Klasse nicht (genug).",
    ),
    (
        lambda names: accuracies[1] >= accuracies[0] - MAX_LOSS,
        "Die schlechteste Klasse wird besser, aber alle zusammen werden merklich schlechter.",
    ),
    tipps=[
        "Von welcher Klasse hat das Netz offenbar zu wenig gesehen? Und womit verwechselt es sie?",
        "Die Antworten auf die Aufgaben 2 und 3 sind Kandidaten; probiere Paare aus und sieh in das letzte Bild.",
        "extra_classes = [worst_class, …]   # das zweite ist freiwillig",
    ],
)
pruefe.fortschritt()
