"""Übung Fine Tuning: Welche Klassen gehen schief, welche werden verwechselt, und was hilft?

Kapitel   2.90 Erweiterte Konzepte und Architekturen · Transfer Learning
Folie     Übung Fine Tuning
Lernziel  Eine Konfusionsmatrix auswerten, Irrtümer ansehen und gezielt Bilder nachsammeln
Laufzeit  ca. 20 s (2 CPU-Kerne)
Daten     CIFAR-10
Modelle   efficientnet-lite0 (ImageNet-Gewichte von MobileNetV2, wenn es sie gibt)

Ein Kopf auf einer eingefrorenen ImageNet-Basis (wie in demo_fine_tuning_cnn.py), wenige Bilder je
Klasse. Eine einzige Genauigkeit sagt nicht, wo es klemmt. Du findest es heraus und verbesserst eine
Klasse. Wer Testbilder ansieht und danach entscheidet, hat sie als Test verbraucht: Sie sind dann
Validierung. Ob es wirklich hilft, zeigen am Schluss frische Bilder aus dem Umschlag.

Ersetze zwischen ▼ und ▲ das `...` durch deine Antwort; beim Start steht darunter, ob sie stimmt.
"""

# %% Stellschrauben (die drei Anzahlen gelten je Klasse)
IMAGE_SIZE = 96  # Test: 32
N_TRAIN = 20  # Test: 3
N_POOL = 40  # Test: 2; für Aufgabe 5
N_TEST = 50  # Test: 4
EPOCHS = 40  # Test: 2
MIN_GAIN = 0.01  # Test: -1.0; um so viel soll der F1 der schlechtesten Klasse steigen
MAX_LOSS = 0.02  # Test: 1.0; um so viel darf die Genauigkeit sinken
TIPPS = 1  # je Aufgabe: 0 keine Tipps, 1 eine Frage, 2 auch wo es steht, 3 auch ein Gerüst
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
from kurs import pruefe
from kurs.farbbilder import cifar10
from kurs.merken import gemerkt
from kurs.vortrainiert import imagenet_basis

import keras
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.metrics import ConfusionMatrixDisplay, confusion_matrix, f1_score

# %% Daten: je Klasse einige Bilder zum Trainieren, ein Vorrat für später, Bilder zum Testen
class_names = cifar10.class_names
def rank(labels):
    return pd.Series(labels).groupby(labels).cumcount().to_numpy()  # das wievielte seiner Klasse
(x_all, y_all), (x_test, y_test) = cifar10.load_data(IMAGE_SIZE, (N_TRAIN + N_POOL, N_TEST))
y_all, y_test = y_all[:, 0], y_test[:, 0]
is_train = rank(y_all) < N_TRAIN

# %% Die eingefrorene Basis macht Merkmale aus Bildern, darauf lernt der Kopf. @gemerkt hebt es auf.
base = imagenet_basis(input_shape=(IMAGE_SIZE, IMAGE_SIZE, 3))
extractor = keras.Sequential([base, keras.layers.GlobalAveragePooling2D()])
@gemerkt
def features(images, base_name=base.name):
    return extractor.predict(images, batch_size=50, verbose=0)
@gemerkt
def train_head(x, y, epochs=EPOCHS, seed=SEED):
    keras.utils.set_random_seed(seed)
    head = keras.Sequential([keras.Input(x.shape[1:]), keras.layers.Dense(10, "softmax")])
    head.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    head.fit(x, y, epochs=epochs, batch_size=20, verbose=0)
    return head
head = train_head(features(x_all[is_train]), y_all[is_train])
probabilities = head.predict(features(x_test), verbose=0)
prediction = probabilities.argmax(axis=1)
print(f"{is_train.sum()} Trainingsbilder, {(~is_train).sum()} im Vorrat, {len(x_test)} zum Testen")

matrix = confusion_matrix(y_test, prediction, labels=range(10))  # Zeile richtig, Spalte Vorhersage
ConfusionMatrixDisplay(matrix, display_labels=class_names).plot(cmap="Blues", xticks_rotation=90)
title = f"Genauigkeit {np.mean(prediction == y_test):.3f}. Wo klemmt es?"
plt.gca().set(title=title, xlabel="Vorhersage", ylabel="richtig")
plt.show()

# ▼ AUFGABE 1: Berechne aus matrix je Klasse, welcher Anteil ihrer Testbilder erkannt wird (Recall).
recall = ...
# ▲
pruefe(1, recall)

# ▼ AUFGABE 2: Welche Klasse wird am schlechtesten erkannt? Gesucht ist ihr Name aus class_names.
worst_class = ...
# ▲
pruefe(2, worst_class)

# ▼ AUFGABE 3: Welche Verwechslung ist die häufigste? Zwei Namen: (richtige Klasse, Vorhersage).
confused = ...
# ▲
pruefe(3, confused)

# ▼ AUFGABE 4: Die fünf sichersten Irrtümer: Nummern falsch erkannter Testbilder, sicherster zuerst.
surest_mistakes = ...
# ▲
if pruefe(4, surest_mistakes):  # Verdeckt? Klein? Ein Motiv, das im Training fehlt?
    figure, axes = plt.subplots(1, 5, figsize=(14, 3.8))
    for axis, number in zip(axes, surest_mistakes):
        axis.imshow(x_test[number])
        axis.axis("off")
        guess, truth = class_names[prediction[number]], class_names[y_test[number]]
        axis.set_title(f"{guess}?\n{probabilities[number].max():.0%} sicher\nrichtig: {truth}")
    plt.show()

# %% Nachsammeln: Alle Vorratsbilder dieser Klassen kommen dazu
def head_with_more(names):
    chosen = is_train | np.isin(y_all, [class_names.index(name) for name in names])
    return train_head(features(x_all[chosen]), y_all[chosen])
# ▼ AUFGABE 5: Nenne eine oder zwei Klassen (eine Liste von Namen), von denen mehr Bilder gebraucht
# werden, damit die schlechteste besser wird.
extra_classes = ...
# ▲
if pruefe(5, extra_classes):  # jetzt erst wird der Umschlag geöffnet
    x_more, y_more = cifar10.load_data(IMAGE_SIZE, (1, 2 * N_TEST))[1]
    x_fresh, y_fresh = (part[rank(y_more[:, 0]) >= N_TEST] for part in (x_more, y_more[:, 0]))
    new_head = head_with_more(extra_classes)
    for name, x, y in ("Testbilder", x_test, y_test), ("Frische Bilder", x_fresh, y_fresh):
        old, new = (h.predict(features(x), verbose=0).argmax(axis=1) for h in (head, new_head))
        f1 = {"vorher": f1_score(y, old, average=None), "nachher": f1_score(y, new, average=None)}
        f1 = pd.DataFrame(f1, class_names)
        print(f"{name}, F1:\n{f1.loc[list(extra_classes)].round(3)}")
        title = f"{name}: Genauigkeit {np.mean(old == y):.3f}, nachher {np.mean(new == y):.3f}"
        f1.plot.bar(title=title, ylabel="F1", rot=45)
    plt.show()
