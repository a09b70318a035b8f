"""Fine-Tuning eines CNN: von Grund auf, auf eingefrorener Basis, schrittweise aufgetaut.

Kapitel   2.80 Erweiterte Konzepte und Architekturen · Transfer Learning
Folie     Code Demo: Fine-Tuning eines vortrainierten CNN auf Custom-Dataset
Lernziel  Mit wenigen Bildern viel erreichen: Merkmale wiederverwenden, Kopf trainieren, vorsichtig auftauen
Laufzeit  ca. 60 s (2 CPU-Kerne)
Daten     CIFAR-10; ImageNet-Gewichte von MobileNetV2, sonst EfficientNet-Lite0
Erwartet  test_von_grund_auf 0.33–0.45, test_eingefroren 0.7–0.8, test_aufgetaut 0.74–0.87,
          test_zu_grosse_lernrate 0.05–0.2

Nur 50 Bilder je Klasse. Das ist zu wenig, um ein CNN von Grund auf zu trainieren. Ein Netz, das auf
ImageNet gelernt hat, kennt aber schon Kanten, Felle, Räder und Flügel; es muss nur noch lernen, wie
unsere zehn Klassen heißen.
"""

# %% Stellschrauben: hier live drehen
IMAGE_SIZE = 96  # Test: 32
N_TRAIN = 50  # Test: 3
N_VALIDATION = 10  # Test: 1
N_TEST = 50  # Test: 2
# Die drei Zahlen darüber gelten je Klasse.
BATCH_SIZE = 10
EPOCHS_SCRATCH = 20  # Test: 1
EPOCHS_HEAD = 20  # Test: 1
EPOCHS_STAGES = [2, 3]  # Test: [1, 1]
HEAD_RATE = 1e-3  # Lernrate für den neuen Kopf
FINE_TUNING_RATE = 3e-4  # kleiner, und in jeder Stufe bis auf null sinkend: Die Basis soll sich nur anpassen
TOO_LARGE_RATE = 1e-2
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
from kurs import ergebnis
from kurs.farbbilder import cifar10
from kurs.vortrainiert import imagenet_basis

import keras
import matplotlib.pyplot as plt
import numpy as np

keras.utils.set_random_seed(SEED)

# %% Daten: wenige Bilder je Klasse, ein paar davon zum Überwachen (Validierung)
(x_all, y_all), (x_test, y_test) = cifar10.load_data(
    size=IMAGE_SIZE, per_class=(N_TRAIN + N_VALIDATION, N_TEST)
)
y_all, y_test = y_all[:, 0], y_test[:, 0]
order = np.random.default_rng(SEED).permutation(len(x_all))
is_validation = np.zeros(len(x_all), dtype=bool)
for label in range(10):
    is_validation[order[y_all[order] == label][:N_VALIDATION]] = True
x_train, y_train = x_all[~is_validation], y_all[~is_validation]
x_val, y_val = x_all[is_validation], y_all[is_validation]
print(f"{len(x_train)} Trainingsbilder, {len(x_val)} zur Validierung, {len(x_test)} zum Testen")

figure, axes = plt.subplots(3, 10, figsize=(14, 5))
for label, name in enumerate(cifar10.class_names):
    for axis, image in zip(axes[:, label], x_train[y_train == label]):
        axis.imshow(image)
    axes[0, label].set_title(name)
for axis in axes.flat:
    axis.axis("off")
figure.suptitle(f"Zehn Klassen, je {N_TRAIN} Trainingsbilder: Mehr gibt es nicht")
plt.show()

# %% 1. Von Grund auf: ein kleines CNN, das noch nie ein Bild gesehen hat
scratch = keras.Sequential(
    [
        keras.Input(shape=x_train.shape[1:]),
        keras.layers.Rescaling(1 / 255),
        keras.layers.AveragePooling2D(IMAGE_SIZE // 32),  # auf 32 × 32: lernt schneller, nicht schlechter
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
scratch.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
print(f"\n1. Von Grund auf, {EPOCHS_SCRATCH} Epochen …")
history = scratch.fit(x_train, y_train, epochs=EPOCHS_SCRATCH, batch_size=BATCH_SIZE, verbose=0).history
accuracy = {"von Grund auf": scratch.evaluate(x_test, y_test, batch_size=BATCH_SIZE, verbose=0)[1]}
print(f"   Training {history['accuracy'][-1]:.3f}, Test {accuracy['von Grund auf']:.3f}: gelernt, aber nicht verstanden")

# %% Die vortrainierte Basis, in zwei Teilen
# Der untere Teil bleibt in allen Versuchen eingefroren. Er rechnet also in jeder Epoche dasselbe aus;
# deshalb lassen wir ihn ein einziges Mal rechnen und merken uns das Ergebnis (die Merkmale).
base = imagenet_basis(input_shape=(IMAGE_SIZE, IMAGE_SIZE, 3))
cut, *unfreeze_from = {
    "efficientnet_lite0": ["block4c_add", "block6a_expand_conv", "block5a_expand_conv"],
    "mobilenetv2": ["block_9_add", "block_13_expand", "block_10_expand"],
}[base.name]
lower = keras.Model(base.input, base.get_layer(cut).output)
pooled = keras.layers.GlobalAveragePooling2D()(base.output)
upper = keras.Model(base.get_layer(cut).output, pooled, name="oberer_teil")
print(f"\n{base.name}: unten {lower.count_params()} Gewichte (fest), oben {upper.count_params()}")
print("Merkmale des unteren Teils für alle Bilder, einmal …", flush=True)


def compute(part, x):
    """Rechnet `part` in Portionen von 50 Bildern aus, ohne zu lernen."""
    portions = [part(x[i : i + 50], training=False) for i in range(0, len(x), 50)]
    return np.concatenate([keras.ops.convert_to_numpy(portion) for portion in portions])


train, val, test = (compute(lower, x) for x in (x_train, x_val, x_test))
print(f"Aus einem Bild {x_train.shape[1:]} werden Merkmale {train.shape[1:]}")

# %% 2. Alles eingefroren: Nur der neue Kopf lernt (eine einzige Dense-Schicht)
head = keras.Sequential(
    [
        keras.Input(shape=upper.output.shape[1:]),
        keras.layers.Dropout(0.3),
        keras.layers.Dense(10, activation="softmax"),
    ]
)
head.compile(
    optimizer=keras.optimizers.Adam(HEAD_RATE),
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy"],
)
print(f"\n2. Basis eingefroren, nur der Kopf lernt ({head.count_params()} Gewichte), {EPOCHS_HEAD} Epochen …")
frozen_train, frozen_val, frozen_test = (compute(upper, x) for x in (train, val, test))
frozen = head.fit(
    frozen_train, y_train, validation_data=(frozen_val, y_val), epochs=EPOCHS_HEAD, batch_size=BATCH_SIZE, verbose=0
).history["val_accuracy"]

# Den Kopf auf den oberen Teil setzen. training=False: Batch Normalization behält ihre Statistik von
# ImageNet; wenige Bilder reichen nicht, um Mittelwert und Streuung neu zu schätzen.
inputs = keras.Input(shape=train.shape[1:])
model = keras.Model(inputs, head(upper(inputs, training=False)))


def fine_tune(first_layer, learning_rate, epochs):
    """Taut den oberen Teil ab `first_layer` auf, trainiert weiter und gibt die Validierungskurve zurück."""
    position = [layer.name for layer in upper.layers].index(first_layer)
    for number, layer in enumerate(upper.layers):
        is_batch_norm = isinstance(layer, keras.layers.BatchNormalization)  # bleibt, wie sie ist
        layer.trainable = number >= position and not is_batch_norm
    steps = epochs * int(np.ceil(len(train) / BATCH_SIZE))
    schedule = keras.optimizers.schedules.CosineDecay(learning_rate, decay_steps=steps)
    optimizer = keras.optimizers.Adam(schedule)
    optimizer.build(model.trainable_variables)  # hier und nicht erst im ersten Schritt: spart Sekunden
    model.compile(  # nach jeder Änderung von trainable nötig
        optimizer=optimizer,
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
        jit_compile=False,  # Übersetzen mit XLA dauerte hier länger als das Training
    )
    trainable = sum(int(np.prod(w.shape)) for w in model.trainable_weights)
    print(f"   ab {first_layer}: {trainable / 1e6:.2f} Millionen Gewichte lernen mit, Lernrate ab {learning_rate:g} …", flush=True)
    history = model.fit(
        train, y_train, validation_data=(val, y_val), epochs=epochs, batch_size=BATCH_SIZE, verbose=0
    ).history
    return history["val_accuracy"]


accuracy["Basis eingefroren"] = head.evaluate(frozen_test, y_test, batch_size=BATCH_SIZE, verbose=0)[1]
print(f"   Validierung {frozen[-1]:.3f}, Test {accuracy['Basis eingefroren']:.3f}")

# %% 3. Schrittweise auftauen, von oben nach unten, mit kleiner Lernrate
before = model.get_weights()
curve = [frozen[-1]]
print("\n3. Schrittweise auftauen")
for number, (first_layer, epochs) in enumerate(zip(unfreeze_from, EPOCHS_STAGES), start=1):
    curve += fine_tune(first_layer, FINE_TUNING_RATE, epochs)
    accuracy[f"aufgetaut, Stufe {number}"] = model.evaluate(test, y_test, batch_size=BATCH_SIZE, verbose=0)[1]
    print(f"   Validierung {curve[-1]:.3f}, Test {accuracy[f'aufgetaut, Stufe {number}']:.3f}")

# %% 4. Die Gegenprobe: alles auf einmal auftauen, mit zu großer Lernrate
print("\n4. Gegenprobe: zurück zum eingefrorenen Stand, dann mit zu großer Lernrate")
model.set_weights(before)
too_fast = [frozen[-1], *fine_tune(unfreeze_from[-1], TOO_LARGE_RATE, EPOCHS_STAGES[0])]
accuracy["zu große Lernrate"] = model.evaluate(test, y_test, batch_size=BATCH_SIZE, verbose=0)[1]
print(f"   Validierung {too_fast[-1]:.3f}, Test {accuracy['zu große Lernrate']:.3f}")

# %% Bild: alle im Vergleich
figure, (left, right) = plt.subplots(1, 2, figsize=(14, 5.2))
bars = left.barh(list(accuracy), list(accuracy.values()), color="tab:blue")
left.bar_label(bars, fmt="%.2f", padding=4)
left.invert_yaxis()
left.set_xlim(0, 1.1)
left.set_xlabel("Genauigkeit im Test")
left.set_title("Dieselben Bilder: Wer schon sehen kann, lernt schneller")
right.plot(curve, "o-", color="tab:blue", label=f"schrittweise, Lernrate ab {FINE_TUNING_RATE:g}")
right.plot(too_fast, "s--", color="tab:orange", label=f"alles auf einmal, Lernrate ab {TOO_LARGE_RATE:g}")
for number, start in enumerate([0, EPOCHS_STAGES[0]], start=1):
    right.axvline(start, color="gray", linestyle=":")
    right.text(start + 0.1, 0.03, f"Stufe {number}", color="dimgray")
right.set_ylim(0, 1)
right.set_xlabel("Epoche des Fine-Tunings (0 = Basis eingefroren)")
right.set_ylabel("Genauigkeit, Validierung")
right.set_title("Eine große Lernrate zerstört, was die Basis konnte")
right.legend(loc="center right")
plt.show()

# %% Was man sieht
# Der große Sprung kommt von den Merkmalen, nicht vom Auftauen: eine einzige neue Schicht genügt dafür.
# Auftauen bringt noch einmal einige Prozentpunkte, weil unsere Bilder anders aussehen als Fotos. Mit zu
# großer Lernrate ist das Gelernte nach wenigen Schritten überschrieben.
# Validierung und Test: Bei den eingebetteten Bildern zeigt der Test zur Hälfte Motive, die im Training
# nicht vorkommen. Deshalb liegt er deutlich tiefer. Eine Validierung, die den Trainingsbildern zu sehr
# ähnelt, verspricht zu viel.
ergebnis(
    test_von_grund_auf=accuracy["von Grund auf"],
    test_eingefroren=accuracy["Basis eingefroren"],
    test_aufgetaut=accuracy[f"aufgetaut, Stufe {len(unfreeze_from)}"],
    test_zu_grosse_lernrate=accuracy["zu große Lernrate"],
)
