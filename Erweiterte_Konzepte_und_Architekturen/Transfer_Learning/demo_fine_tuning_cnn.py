"""Fine-Tuning eines CNN: von Grund auf, auf eingefrorener Basis, schrittweise aufgetaut.

Kapitel   2.80 Erweiterte Konzepte und Architekturen · Transfer Learning
Folie     Code Demo: Fine-Tuning eines vortrainierten CNN auf Custom-Dataset
Lernziel  Merkmale wiederverwenden, einen neuen Kopf trainieren, die Basis vorsichtig auftauen
Laufzeit  ca. 60 s (2 CPU-Kerne)
Daten     CIFAR-10; ImageNet-Gewichte von MobileNetV2, sonst EfficientNet-Lite0
Modelle   efficientnet-lite0 (ImageNet-Merkmale)
Erwartet  test_von_grund_auf 0.33–0.48, test_eingefroren 0.7–0.8, test_aufgetaut 0.72–0.87
Original  test_von_grund_auf 0.34–0.46, test_eingefroren 0.68–0.77, test_aufgetaut 0.71–0.8

Wenige Bilder je Klasse reichen nicht für ein CNN von Grund auf. Ein Netz, das auf ImageNet gelernt
hat, kennt Kanten, Felle, Räder schon; es muss nur noch lernen, wie unsere zehn Klassen heißen.
"""

# %% Stellschrauben: hier live drehen
IMAGE_SIZE = 96  # Test: 32
N_TRAIN = 50  # Bilder je Klasse, ebenso die beiden folgenden  # Test: 3
N_VALIDATION = 10  # Test: 1
N_TEST = 50  # Test: 2
EPOCHS = 20  # von Grund auf, und ebenso für den neuen Kopf  # Test: 1
EPOCHS_STAGES = [2, 2]  # höchstens zwei Stufen; probiere [2]  # Test: [1]
FINE_TUNING_RATE = 3e-4  # klein: Die Basis soll sich nur anpassen; probiere 1e-2
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
from kurs import ergebnis
from kurs.farbbilder import cifar10
from kurs.vortrainiert import imagenet_basis

import keras
import matplotlib.pyplot as plt
from sklearn.model_selection import train_test_split

keras.utils.set_random_seed(SEED)

# %% Daten: wenige Bilder je Klasse, ein paar davon zum Überwachen (Validierung)
(x_all, y_all), (x_test, y_test) = cifar10.load_data(
    size=IMAGE_SIZE, per_class=(N_TRAIN + N_VALIDATION, N_TEST)
)
x_train, x_val, y_train, y_val = train_test_split(
    x_all, y_all, test_size=10 * N_VALIDATION, stratify=y_all, random_state=SEED
)
print(f"{len(x_train)} Trainingsbilder, {len(x_val)} zur Validierung, {len(x_test)} zum Testen")

figure, axes = plt.subplots(2, 10, figsize=(14, 3.5), subplot_kw={"xticks": [], "yticks": []})
for label, name in enumerate(cifar10.class_names):
    for axis, image in zip(axes[:, label], x_train[y_train[:, 0] == label]):
        axis.imshow(image)
    axes[0, label].set_title(name)
figure.suptitle(f"Zehn Klassen, {len(x_train)} Trainingsbilder: Mehr gibt es nicht")
plt.show()

# %% 1. Von Grund auf: ein kleines CNN, das noch nie ein Bild gesehen hat
options = {
    "loss": "sparse_categorical_crossentropy",
    "metrics": ["accuracy"],
    "jit_compile": False,  # so große Netze zu übersetzen dauert hier länger als das Training
}
scratch = keras.Sequential(
    [
        keras.Input(shape=x_train.shape[1:]),
        keras.layers.Rescaling(1 / 255),
        keras.layers.Resizing(32, 32),  # weniger Pixel: rechnet schneller
        keras.layers.Conv2D(32, 3, padding="same", activation="relu"),
        keras.layers.MaxPooling2D(),
        keras.layers.Conv2D(64, 3, padding="same", activation="relu"),
        keras.layers.MaxPooling2D(),
        keras.layers.Conv2D(128, 3, padding="same", activation="relu"),
        keras.layers.MaxPooling2D(),
        keras.layers.Flatten(),
        keras.layers.Dropout(0.4),
        keras.layers.Dense(10, activation="softmax"),
    ]
)
scratch.compile(optimizer="adam", **options)
print(f"\n1. Von Grund auf, {EPOCHS} Epochen …", flush=True)
history = scratch.fit(x_train, y_train, epochs=EPOCHS, batch_size=10, verbose=0).history
accuracy = {"von Grund auf": scratch.evaluate(x_test, y_test, verbose=0)[1]}
print(f"   Training {history['accuracy'][-1]:.3f}, Test {accuracy['von Grund auf']:.3f}")

# %% 2. Alles eingefroren: Nur der neue Kopf lernt (eine einzige Dense-Schicht)
# Was eingefroren ist, rechnet in jeder Epoche dasselbe: Die Merkmale berechnen wir also nur einmal.
base = imagenet_basis(input_shape=(IMAGE_SIZE, IMAGE_SIZE, 3))
extractor = keras.Sequential([base, keras.layers.GlobalAveragePooling2D()])
extractor.trainable = False
extractor.compile(**options)
features_train, features_val = (extractor.predict(x, verbose=0) for x in (x_train, x_val))
head = keras.Sequential(
    [
        keras.Input(shape=features_train.shape[1:]),
        keras.layers.Dropout(0.3),
        keras.layers.Dense(10, activation="softmax"),
    ]
)
head.compile(optimizer="adam", **options)
print(f"\n2. {base.name} eingefroren, {head.count_params()} Gewichte lernen …", flush=True)
history = head.fit(
    features_train, y_train, validation_data=(features_val, y_val),
    epochs=EPOCHS, batch_size=10, verbose=0,
).history

# Basis und Kopf zusammen. training=False: Batch Normalization behält ihre Statistik von ImageNet;
# wenige Bilder reichen nicht, um Mittelwert und Streuung neu zu schätzen.
inputs = keras.Input(shape=x_train.shape[1:])
model = keras.Model(inputs, head(extractor(inputs, training=False)))
model.compile(**options)
accuracy["Basis eingefroren"] = model.evaluate(x_test, y_test, verbose=0)[1]
curve = [history["val_accuracy"][-1]]
print(f"   Validierung {curve[-1]:.3f}, Test {accuracy['Basis eingefroren']:.3f}")

# %% 3. Schrittweise auftauen, von oben nach unten, mit kleiner Lernrate
stages = {
    "efficientnet_lite0": ["block6a_expand_conv", "block5a_expand_conv"],
    "mobilenetv2": ["block_13_expand", "block_10_expand"],
}[base.name]
print(f"\n3. Auftauen in {len(EPOCHS_STAGES[: len(stages)])} Stufen; möglich sind {len(stages)}")
extractor.trainable = True
for number, (first_layer, epochs) in enumerate(zip(stages, EPOCHS_STAGES), start=1):
    position = base.layers.index(base.get_layer(first_layer))
    for i, layer in enumerate(base.layers):
        is_batch_norm = isinstance(layer, keras.layers.BatchNormalization)  # bleibt, wie sie ist
        layer.trainable = i >= position and not is_batch_norm
    steps = epochs * len(x_train) // 10
    rate = keras.optimizers.schedules.CosineDecay(FINE_TUNING_RATE, steps)  # sinkt bis auf null
    # nach jeder Änderung von trainable muss man neu übersetzen
    model.compile(keras.optimizers.Adam(rate), **options)
    print(f"   ab {first_layer}, {epochs} Epochen …", flush=True)
    curve += model.fit(
        x_train, y_train, validation_data=(x_val, y_val), epochs=epochs, batch_size=10, verbose=0
    ).history["val_accuracy"]
    accuracy[f"aufgetaut, Stufe {number}"] = model.evaluate(x_test, y_test, verbose=0)[1]
    print(f"   Validierung {curve[-1]:.3f}, Test {accuracy[f'aufgetaut, Stufe {number}']:.3f}")

# %% Bild: alle im Vergleich
figure, (left, right) = plt.subplots(1, 2, figsize=(13, 5.2))
left.bar_label(left.barh(list(accuracy), list(accuracy.values())), fmt="%.2f", padding=4)
left.invert_yaxis()
left.set(xlim=(0, 1.1), xlabel="Testgenauigkeit", title="Dieselben Bilder, verschiedene Wege")
right.plot(range(len(curve)), curve, "o-")
right.set(xlabel="Epoche des Auftauens (0: Basis eingefroren)", ylabel="Genauigkeit, Validierung")
right.set(ylim=(0, 1), title=f"Auftauen mit Lernrate ab {FINE_TUNING_RATE:g}")
plt.show()

# %% Was man sieht
# Auf den Merkmalen lernt eine einzige neue Schicht; je fremder die eigenen Bilder (Röntgen), desto
# weniger helfen sie. Auftauen passt sie an; eine zu große Lernrate überschreibt das Gelernte.
first, frozen, last = (list(accuracy.values())[i] for i in (0, 1, -1))
print(f"\nIm Test: Merkmale von ImageNet {frozen - first:+.3f}, Auftauen {last - frozen:+.3f}")
ergebnis(test_von_grund_auf=first, test_eingefroren=frozen, test_aufgetaut=last)
