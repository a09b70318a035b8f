"""Konfusionsmatrix: Welche Kleidungsstücke verwechselt das Netz, und wie sicher ist es dabei?

Kapitel   1.110 Grundlagen des Deep Learning · Evaluation und Visualisierung
Folie     Demo: Erstellen einer Konfusionsmatrix für ein Klassifikationsmodell
Lernziel  Konfusionsmatrix, Precision, Recall, F1, ROC und AUC lesen; von Zahlen zu Bildern finden
Laufzeit  ca. 8 s (2 CPU-Kerne)
Daten     Fashion-MNIST
Erwartet  test_accuracy 0.79–0.86, f1_shirt 0.38–0.58, f1_trouser 0.91–0.98, auc_shirt 0.89–0.95
Original  test_accuracy 0.82–0.89, f1_shirt 0.56–0.7, f1_trouser 0.92–0.98, auc_shirt 0.93–0.97

Eine einzige Zahl (Genauigkeit) sagt nicht, wo es klemmt. Hier sieht man es je Klasse.
"""

# %% Stellschrauben: hier live drehen
EPOCHS = 8  # Test: 1
N_TRAIN = 10_000  # Test: 256
N_TEST = 2_000  # Test: 300; wenigstens 100, sonst fehlen Klassen
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
from kurs import ergebnis
from kurs.bilder import fashion_mnist

import keras
import matplotlib.pyplot as plt
import numpy as np
from sklearn.metrics import ConfusionMatrixDisplay, RocCurveDisplay, classification_report

keras.utils.set_random_seed(SEED)

# %% Daten und ein einfaches MLP
(x_train, y_train), (x_test, y_test) = fashion_mnist.load_data()
x_train, y_train = x_train[:N_TRAIN] / 255.0, y_train[:N_TRAIN]
x_test, y_test = x_test[: max(N_TEST, 100)] / 255.0, y_test[: max(N_TEST, 100)]
class_names = fashion_mnist.class_names

model = keras.Sequential(
    [
        keras.Input(shape=(28, 28)),
        keras.layers.Flatten(),
        keras.layers.Dense(128, activation="relu"),
        keras.layers.Dense(10, activation="softmax"),
    ]
)
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
print(f"Training mit {len(x_train)} Bildern, {EPOCHS} Epochen …")
model.fit(x_train, y_train, epochs=EPOCHS, batch_size=64, verbose=0)

# %% Vorhersagen: zehn Wahrscheinlichkeiten je Bild; die größte ist die Antwort
probabilities = model.predict(x_test, verbose=0)
prediction = probabilities.argmax(axis=1)

# %% Precision, Recall und F1 je Klasse
options = {"labels": range(10), "target_names": class_names, "zero_division": 0}
print(classification_report(y_test, prediction, **options))
print("precision: Von allem, was das Netz „Shirt“ nennt, wie viel ist wirklich eines?")
print("recall:    Von allen Shirts, wie viele findet das Netz?")
print("f1-score:  das harmonische Mittel aus beiden; support: Bilder der Klasse im Test\n")
report = classification_report(y_test, prediction, output_dict=True, **options)

# %% Die Konfusionsmatrix: Zeile = richtig, Spalte = Vorhersage
figure, axis = plt.subplots(figsize=(9, 8))
matrix = ConfusionMatrixDisplay.from_predictions(
    y_test, prediction, labels=range(10), display_labels=class_names,
    ax=axis, cmap="Blues", xticks_rotation=45, colorbar=False,
).confusion_matrix
axis.set(xlabel="Vorhersage", ylabel="richtig")
axis.set_title("Auf der Diagonale steht das Richtige, daneben die Verwechslungen")
plt.show()

# %% Das am häufigsten verwechselte Paar, als Bilder
pairs = np.triu(matrix + matrix.T, k=1)
first, second = np.unravel_index(pairs.argmax(), pairs.shape)
names = f"{class_names[first]} und {class_names[second]}"
print(f"\nAm häufigsten verwechselt: {names} ({pairs.max()}-mal)")

figure, axes = plt.subplots(2, 6)
for row, (truth, guess) in zip(axes, [(first, second), (second, first)]):
    chosen = np.flatnonzero((y_test == truth) & (prediction == guess))
    chosen = chosen[np.argsort(-probabilities[chosen, guess])]  # die sichersten Irrtümer zuerst
    for axis, i in zip(row, chosen):
        axis.imshow(x_test[i], cmap="gray")
        axis.set_title(f"{class_names[guess]}?\n{probabilities[i, guess]:.0%} sicher")
    for axis in row:
        axis.set(xticks=[], yticks=[], frame_on=False)
    row[0].set_ylabel(f"richtig:\n{class_names[truth]}")
figure.suptitle("Hättest du es gewusst?")
plt.show()

# %% ROC: Was passiert, wenn man die Schwelle verschiebt?
# Eine Klasse gegen alle anderen. Jeder Punkt der Kurve ist eine andere Schwelle für „ja“.
figure, axis = plt.subplots(figsize=(8, 7))
auc = {}
for name in ("Trouser", "Pullover", "Shirt"):
    label = class_names.index(name)
    auc[name] = RocCurveDisplay.from_predictions(
        y_test == label, probabilities[:, label], name=name, ax=axis
    ).roc_auc
axis.plot([0, 1], [0, 1], ":", color="gray", label="geraten (AUC = 0.50)")
axis.set_xlabel("False Positive Rate: fälschlich „ja“")
axis.set_ylabel("True Positive Rate: gefunden (= Recall)")
axis.set_title("Je weiter oben links, desto besser trennt das Netz")
axis.legend(loc="lower right")
plt.show()

# %% Was man sieht
# Hosen und Taschen sind leicht, die Oberteile gehen ineinander über. Hohe AUC bei mäßigem F1: AUC
# fragt nur, ob ein Shirt mehr Punkte bekommt als ein anderes Bild. Neunmal so viele andere Bilder
# merkt sie nicht; die Precision schon, denn auch wenige Prozent davon sind viele falsche Shirts.
ergebnis(
    test_accuracy=report["accuracy"],
    f1_shirt=report["Shirt"]["f1-score"],
    f1_trouser=report["Trouser"]["f1-score"],
    auc_shirt=auc["Shirt"],
)
