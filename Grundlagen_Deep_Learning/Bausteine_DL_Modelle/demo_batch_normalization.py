"""Batch Normalization: Verträgt ein Netz damit größere Lernraten?

Kapitel   1.55 Grundlagen des Deep Learning · Bausteine von DL-Modellen
Folie     Batch Normalization: Normalisierung der Zwischenoutputs für stabileres Training
Lernziel  Dasselbe Netz mit und ohne Batch Normalization bei vielen Lernraten trainieren; wissen,
          was die Schicht beim Trainieren und was sie beim Vorhersagen tut
Laufzeit  ca. 20 s (2 CPU-Kerne)
Daten     MNIST
Erwartet  beste_ohne 0.85–0.95, beste_mit 0.9–0.97, groesste_rate_ohne 0.1–0.3,
          groesste_rate_mit 1–3
Original  beste_ohne 0.8–0.92, beste_mit 0.86–0.93, groesste_rate_ohne 0.1–0.3,
          groesste_rate_mit 1–3

Batch Normalization zieht in jeder Schicht den Mittelwert des Batches ab und teilt durch seine
Streuung; danach streckt und verschiebt sie das Ergebnis mit zwei gelernten Zahlen je Neuron. Die
Folie verspricht: stabileres Training und höhere Lernraten.
"""

# %% Stellschrauben: hier live drehen
LEARNING_RATES = [0.01, 0.03, 0.1, 0.3, 1.0, 3.0]  # Test: [0.1]
DEPTH = 5  # verdeckte Schichten  # Test: 2
UNITS = 64  # Test: 8
EPOCHS = 5  # Test: 1
N_TRAIN = 3_000  # Test: 128
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
from kurs import ergebnis
from kurs.bilder import mnist

import keras
import matplotlib.pyplot as plt
import numpy as np

# %% Daten
(x_train, y_train), (x_test, y_test) = mnist.load_data()
x_train, y_train = x_train[:N_TRAIN].reshape(-1, 784) / 255.0, y_train[:N_TRAIN]
x_test, y_test = x_test[:1000].reshape(-1, 784) / 255.0, y_test[:1000]
print(f"{len(x_train)} Bilder, {DEPTH} Schichten zu je {UNITS} Neuronen, SGD, {EPOCHS} Epochen")


# %% Dasselbe Netz, einmal mit Batch Normalization zwischen Summe und Aktivierung
def build_model(batch_norm, learning_rate):
    keras.utils.set_random_seed(SEED)
    model = keras.Sequential([keras.Input(shape=(784,))])
    for _ in range(DEPTH):
        model.add(keras.layers.Dense(UNITS))
        if batch_norm:
            model.add(keras.layers.BatchNormalization())
        model.add(keras.layers.Activation("relu"))
    model.add(keras.layers.Dense(10, activation="softmax"))
    optimizer = keras.optimizers.SGD(learning_rate)
    model.compile(optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


accuracy = {"ohne Batch Normalization": [], "mit Batch Normalization": []}
for learning_rate in LEARNING_RATES:
    for name, scores in accuracy.items():
        model = build_model(name.startswith("mit"), learning_rate)
        model.fit(x_train, y_train, epochs=EPOCHS, batch_size=64, verbose=0)
        scores.append(model.evaluate(x_test, y_test, verbose=0)[1])
    line = [f"{name} {scores[-1]:.3f}" for name, scores in accuracy.items()]
    print(f"  Lernrate {learning_rate:<5g} Testgenauigkeit", *line, sep="  ")

# %% Bild: Wie breit ist der Bereich, in dem die Lernrate passt?
figure, axis = plt.subplots()
for (name, scores), style in zip(accuracy.items(), ["o--", "s-"]):
    axis.plot(LEARNING_RATES, scores, style, label=name)
axis.axhline(0.1, color="black", linestyle=":", label="raten")
axis.set(xscale="log", xlabel="Lernrate (log)", ylabel="Testgenauigkeit", ylim=(0, 1))
axis.set_title(f"Welche Lernraten verträgt das Netz? (nach {EPOCHS} Epochen)")
axis.legend()
plt.show()

# %% Trainieren und Vorhersagen sind zweierlei
# Beim Trainieren rechnet die Schicht mit Mittelwert und Streuung dieses Batches, beim Vorhersagen
# mit laufenden Mitteln aus dem Training: Sonst hinge ein Bild davon ab, mit wem es geprüft wird.
layer = keras.layers.BatchNormalization()
batch = np.array([[1.0], [2.0], [9.0]], dtype="float32")
print("\nEin Batch:", batch.ravel(), " Mittelwert", batch.mean())
for text, training in ("wie beim Trainieren", True), ("wie beim Vorhersagen", False):
    result = keras.ops.convert_to_numpy(layer(batch, training=training))
    print(f"  {text}:", result.ravel().round(2))
print(f"  laufendes Mittel danach: {float(layer.moving_mean[0]):.2f}, 1 % des Weges von 0 dorthin")

# %% Was man sieht
# Ohne Batch Normalization wachsen bei großer Lernrate die Ausgaben von Schicht zu Schicht, und das
# Training läuft auseinander. Mit ihr bleiben sie gleich groß, wie groß die Gewichte auch werden.
works = {  # die größte Lernrate, mit der das Netz mindestens 80 % erreicht
    name: max([rate for rate, s in zip(LEARNING_RATES, scores) if s >= 0.8], default=0.0)
    for name, scores in accuracy.items()
}
without, with_norm = works.values()
print("\nGrößte Lernrate mit mindestens 80 % im Test:", end=" ")
print(f"ohne Batch Normalization {without or 'keine'}, mit {with_norm or 'keine'}")
ergebnis(
    beste_ohne=max(accuracy["ohne Batch Normalization"]),
    beste_mit=max(accuracy["mit Batch Normalization"]),
    groesste_rate_ohne=without,
    groesste_rate_mit=with_norm,
)
