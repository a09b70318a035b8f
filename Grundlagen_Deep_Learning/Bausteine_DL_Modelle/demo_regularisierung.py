"""L1 und L2: Strafen für große Gewichte, im Bild der Gewichte zu sehen.

Kapitel   1.60 Grundlagen des Deep Learning · Bausteine von DL-Modellen
Folie     Regularisierungsmethoden: L1, L2, Dropout und deren Wirkung auf Generalisierung
Lernziel  L1 (drückt Gewichte auf null) und L2 (macht Gewichte klein) unterscheiden, Nutzen messen
Laufzeit  ca. 20 s (2 CPU-Kerne)
Daten     MNIST
Erwartet  test_accuracy_ohne 0.87–0.92, test_accuracy_l1 0.86–0.92, test_accuracy_l2 0.88–0.93,
          anteil_null_ohne 0.03–0.08, anteil_null_l1 0.8–0.9
Original  test_accuracy_ohne 0.81–0.87, test_accuracy_l1 0.8–0.86, test_accuracy_l2 0.81–0.86,
          anteil_null_ohne 0.03–0.08, anteil_null_l1 0.8–0.9

Das Netz hat nur eine Schicht: zu jedem Pixel ein Gewicht je Ziffer. Deshalb kann man seine Gewichte
als Bild ansehen.
"""

# %% Stellschrauben: hier live drehen
L1_STRENGTH = 0.001
L2_STRENGTH = 0.01
EPOCHS = 100  # Test: 1
N_TRAIN = 1_000  # Test: 128
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
from kurs import ergebnis
from kurs.bilder import mnist

import keras
import matplotlib.pyplot as plt
import numpy as np

# %% Daten: wenige Bilder, damit Auswendiglernen droht
(x_train, y_train), (x_test, y_test) = mnist.load_data()
x_train, y_train = x_train[:N_TRAIN] / 255.0, y_train[:N_TRAIN]
x_test, y_test = x_test[:1000] / 255.0, y_test[:1000]

# %% Drei Netze, die sich nur in der Strafe unterscheiden
# Loss = Kreuzentropie + Strafe;  L1: Stärke · Summe |w|,  L2: Stärke · Summe w²
penalties = {
    "ohne Strafe": None,
    f"L1 ({L1_STRENGTH})": keras.regularizers.L1(L1_STRENGTH),
    f"L2 ({L2_STRENGTH})": keras.regularizers.L2(L2_STRENGTH),
}
weights, train_accuracy, test_accuracy = {}, {}, {}
for name, penalty in penalties.items():
    keras.utils.set_random_seed(SEED)
    model = keras.Sequential(
        [
            keras.Input(shape=(28, 28)),
            keras.layers.Flatten(),
            keras.layers.Dense(10, activation="softmax", kernel_regularizer=penalty),
        ]
    )
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=0.003),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    model.fit(x_train, y_train, epochs=EPOCHS, batch_size=64, verbose=0)
    weights[name] = keras.ops.convert_to_numpy(model.layers[-1].kernel)
    train_accuracy[name] = model.evaluate(x_train, y_train, verbose=0)[1]
    test_accuracy[name] = model.evaluate(x_test, y_test, verbose=0)[1]

# %% Zahlen: Genauigkeit, Größe der Gewichte, Anteil der (fast) verschwundenen
is_zero = {name: float((np.abs(w) < 0.01).mean()) for name, w in weights.items()}
print("Genauigkeit     Training   Test   größtes |w|   |w| unter 0.01")
for name, w in weights.items():
    print(
        f"{name:14}  {train_accuracy[name]:8.3f} {test_accuracy[name]:6.3f} "
        f"{np.abs(w).max():13.2f} {is_zero[name]:15.0%}"
    )

# %% Bild: die Gewichte für vier Ziffern
digits = (0, 2, 3, 7)
figure, axes = plt.subplots(3, len(digits) + 1, figsize=(13, 7.5), width_ratios=[1] * 4 + [1.6])
for row, (name, w) in zip(axes, weights.items()):
    limit = np.abs(w).max() * 0.6
    for axis, digit in zip(row, digits):
        axis.imshow(w[:, digit].reshape(28, 28), cmap="PuOr", vmin=-limit, vmax=limit)
        axis.set(xticks=[], yticks=[])
        if name == "ohne Strafe":
            axis.set_title(f"Ziffer {digit}")
    row[0].set_ylabel(name)
    row[-1].hist(w.ravel(), bins=np.linspace(-1, 1, 81), color="tab:gray")
    row[-1].set(yscale="log", ylim=(0.7, 1e4), ylabel="Anzahl (log)")
axes[0, -1].set_title("Verteilung der Gewichte")
axes[-1, -1].set_xlabel("Gewicht")
figure.suptitle("Violett spricht für die Ziffer, orange dagegen, weiß zählt nicht")
plt.show()

# %% Was man sieht
# Ohne Strafe rauscht es: Manche Pixel passten nur zufällig, und am Rand, wo nie Tinte ist, stehen
# noch die gewürfelten Startwerte. L1 drückt Gewichte auf null; übrig bleibt, was zählt. L2 lässt
# alle Pixel mitreden, aber leise: Die Bilder werden weich. Ob der Test besser wird, sagt die Zahl.
names = list(penalties)
print("\nFast null ist ein Gewicht", *(f"{name}: {is_zero[name]:.0%}" for name in names), sep="   ")
for name in names[1:]:
    difference = test_accuracy[name] - test_accuracy[names[0]]
    verdict = "besser als" if difference > 0 else "schlechter als"
    if abs(difference) < 0.015:  # so viel schwankt eine Genauigkeit aus 1.000 Bildern leicht
        verdict = "gleich gut wie"
    print(f"Im Test ist {name} {verdict} ohne Strafe ({difference:+.3f}).")
ergebnis(
    test_accuracy_ohne=test_accuracy[names[0]],
    test_accuracy_l1=test_accuracy[names[1]],
    test_accuracy_l2=test_accuracy[names[2]],
    anteil_null_ohne=is_zero[names[0]],
    anteil_null_l1=is_zero[names[1]],
)
