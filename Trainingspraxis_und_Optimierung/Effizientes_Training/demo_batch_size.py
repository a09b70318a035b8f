"""Batchgröße: Was sie mit Tempo und Generalisierung macht.

Kapitel   5.20 Trainingspraxis und Optimierung · Effizientes Training
Folie     Batch Size: Einfluss auf Stabilität, Geschwindigkeit und Generalisierung
Lernziel  Eine Batchgröße begründet wählen; Schritte und Lernrate zusammen denken
Laufzeit  ca. 15 s (2 CPU-Kerne)
Daten     Fashion-MNIST
Erwartet  test_klein 0.73–0.81, test_gross 0.46–0.57, test_gross_skaliert 0.67–0.77,
          luecke_klein 0.02–0.08, luecke_gross 0.01–0.07, tempo_verhaeltnis 1.5–30
Original  test_klein 0.76–0.83, test_gross 0.5–0.62, test_gross_skaliert 0.72–0.8,
          luecke_klein 0.05–0.1, luecke_gross 0.03–0.075, tempo_verhaeltnis 1.5–30

Dasselbe Netz, dieselben Bilder, dieselbe Zahl von Epochen; nur die Batchgröße ist anders. Große
Batches gelten als schnell und als anfällig für Overfitting. Beides wird hier nachgemessen; wie
ruhig sie trainieren, zeigt demo_batch_rauschen.
"""

# %% Stellschrauben: hier live drehen
BATCH_SIZES = (8, 32, 128, 512)  # Test: (32, 128)
LEARNING_RATE = 0.006  # für den kleinsten Batch; probiere 0.02
EPOCHS = 20  # Test: 2
N_TRAIN = 2_000  # Test: 256
UNITS = 128  # Test: 8
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
import time

from kurs import ergebnis
from kurs.bilder import fashion_mnist

import keras
import matplotlib.pyplot as plt
import numpy as np

# %% Daten
(x_train, y_train), (x_test, y_test) = fashion_mnist.load_data()
x_train, y_train = x_train[:N_TRAIN] / 255.0, y_train[:N_TRAIN]
x_test = x_test / 255.0
sizes = sorted({min(size, len(x_train)) for size in BATCH_SIZES})
small, large = sizes[0], sizes[-1]
steps = {size: int(np.ceil(len(x_train) / size)) for size in sizes}
print(f"{len(x_train)} Bilder zum Trainieren, {len(x_test)} zum Testen, {EPOCHS} Epochen")


# %% Das Netz
def build_model(learning_rate):
    keras.utils.set_random_seed(SEED)
    model = keras.Sequential(
        [
            keras.Input(shape=(28, 28)),
            keras.layers.Flatten(),
            keras.layers.Dense(UNITS, activation="relu"),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    optimizer = keras.optimizers.SGD(float(learning_rate))
    model.compile(optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


# %% Gleiche Lernrate für alle, dann der größte Batch noch einmal mit einer, die mit ihm wächst
runs = {str(size): (size, LEARNING_RATE) for size in sizes}
runs[f"{large}\nRate × {large / small:.0f}"] = (large, LEARNING_RATE * large / small)
seconds, train, test = {}, {}, {}
print("\nBatch             Schritte je Epoche  Sekunden  Genauigkeit: Training   Test")
for name, (size, rate) in runs.items():
    model = build_model(rate)
    start = time.perf_counter()
    model.fit(x_train, y_train, epochs=EPOCHS, batch_size=size, verbose=0)
    seconds[name] = time.perf_counter() - start
    train[name] = model.evaluate(x_train, y_train, batch_size=500, verbose=0)[1]
    test[name] = model.evaluate(x_test, y_test, batch_size=500, verbose=0)[1]
    label = name.replace("\n", ", ")
    print(f"{label:16}{steps[size]:20}{seconds[name]:10.1f}{train[name]:23.3f}{test[name]:7.3f}")

# %% Zwei Bilder, zwei Fragen
figure, axes = plt.subplots(1, 2, figsize=(13, 5.5))
axes[0].bar(list(seconds), seconds.values())
axes[0].set(title="Tempo: Wie lange dauert es?", ylabel=f"Sekunden für {EPOCHS} Epochen")
axes[1].plot(list(train), train.values(), "s", markersize=12, label="Training")
axes[1].plot(list(test), test.values(), "o", markersize=12, label="Test")
axes[1].set(title="Generalisierung: Wie gut im Test?", ylabel="Genauigkeit")
axes[1].legend()
for axis in axes:
    axis.set_xlabel("Batchgröße")
plt.show()

# %% Was man sieht
# Tempo: Weniger Schritte je Epoche, aber jeder rechnet mehr. In gleich vielen Epochen macht der
# größte Batch die wenigsten Schritte und lernt deshalb wenig; eine größere Lernrate gleicht das
# aus, bis sie zu groß wird. Overfitting ist der Abstand zwischen Training und Test; ein Unterschied
# unter 0,03 kann an der Auswahl der Testbilder liegen.
first, scaled = list(runs)[0], list(runs)[-1]
tempo = seconds[first] / seconds[str(large)]
gap_small, gap_large = train[first] - test[first], train[scaled] - test[scaled]
print(f"\nBatch {large} trainiert {tempo:.1f}-mal so schnell wie Batch {small}.")
print(f"Training − Test: Batch {small} {gap_small:.3f}, Batch {large} {gap_large:.3f} ", end="")
print("(mit der größeren Rate). ", end="")
if abs(train[first] - train[scaled]) > 0.1:
    print("Nicht vergleichbar: Der eine hat viel mehr gelernt.")
elif abs(gap_large - gap_small) < 0.03:
    print("Kein deutlicher Unterschied im Overfitting.")
else:
    print(f"Der {'große' if gap_large > gap_small else 'kleine'} Batch overfittet mehr.")
ergebnis(
    test_klein=test[first],
    test_gross=test[str(large)],
    test_gross_skaliert=test[scaled],
    luecke_klein=gap_small,
    luecke_gross=gap_large,
    tempo_verhaeltnis=tempo,
)
