"""Mixed Precision: mit 16 Bit rechnen, mit 32 Bit merken.

Kapitel   5.60 Trainingspraxis und Optimierung · Mixed Precision Training
Folie     Code Demo: Mixed Precision Training mit Tensorflow
Lernziel  Wissen, was 16 Bit kosten und sparen, warum Gradienten verschwinden und was Loss Scaling tut
Laufzeit  ca. 20 s (2 CPU-Kerne)
Daten     Fashion-MNIST
Erwartet  null_ohne_scaling 0.38–0.54, null_mit_scaling 0–0.001, loss_float32 0.026–0.038,
          loss_ohne_scaling 0.125–0.15, loss_mit_scaling 0.026–0.038, genauigkeit_float32 0.73–0.81,
          genauigkeit_float16 0.73–0.81, genauigkeit_bfloat16 0.73–0.81

Mit einer GPU zeigt das Skript Zeit und gemessenen Speicher, ohne GPU Zeit und berechneten Speicher.
Was mit den Zahlen geschieht, ist überall dasselbe.
"""

# %% Stellschrauben: hier live drehen
EPOCHS = 4  # Test: 1
N_TRAIN = 4_000  # Test: 128
BATCH_SIZE = 100  # Test: 32
LOSS_WEIGHT = 0.01  # so klein gewichtet ein Netz mit mehreren Aufgaben oft eine davon
LOSS_SCALE = 32_768.0  # 2 hoch 15, damit beginnt auch Keras
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
import time

from kurs import ergebnis
from kurs.bilder import fashion_mnist

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf

gpus = tf.config.list_physical_devices("GPU")

# %% Drei Zahlenformate: Was passt hinein, was fällt heraus?
print("Format     größte Zahl   kleinste über 0   1 + 1000 × 0,001")
for dtype in (tf.float32, tf.float16, tf.bfloat16):
    number = dtype.as_numpy_dtype
    smallest = number(1)
    while number(smallest / number(2)) > 0:
        smallest = number(smallest / number(2))
    total = number(1)
    for _ in range(1000):
        total = number(total + number(0.001))
    print(f"{dtype.name:9} {float(dtype.max):12.2g} {float(smallest):17.1e} {float(total):18.4f}")
print(
    "float16 endet bei 65.504 und kennt nichts zwischen 0 und 6e-08. bfloat16 reicht so weit wie "
    "float32,\nhat aber nur 2 bis 3 gültige Ziffern: 1 + 0,001 bleibt 1. Deshalb liegen die Gewichte "
    "immer in float32."
)

# %% Daten
(x_train, y_train), (x_test, y_test) = fashion_mnist.load_data()
x_train, y_train = x_train[:N_TRAIN, ..., None].astype("float32") / 255, y_train[:N_TRAIN]
x_test = x_test[..., None].astype("float32") / 255


# %% Underflow: ein Autoencoder, dessen Gradienten zu klein für float16 sind
def build_autoencoder(policy):
    keras.config.set_dtype_policy(policy)  # die eine Zeile, die alles umstellt
    keras.utils.set_random_seed(SEED)
    return keras.Sequential(
        [
            keras.Input(shape=(28, 28, 1)),
            keras.layers.Flatten(),
            keras.layers.Dense(256, activation="relu"),
            keras.layers.Dense(32, activation="relu"),
            keras.layers.Dense(256, activation="relu"),
            keras.layers.Dense(28 * 28),
            keras.layers.Activation("sigmoid", dtype="float32"),  # Ausgabe immer in float32
            keras.layers.Reshape((28, 28, 1), dtype="float32"),
        ]
    )


def gradients(model, scale):
    """Gradienten eines Batches (Gewichte; Ausgang der letzten Dense-Schicht), Loss × scale gerechnet."""
    both = keras.Model(model.inputs[0], [model.layers[-3].output, model.outputs[0]])
    x = x_train[:BATCH_SIZE]
    with tf.GradientTape() as tape:
        logits, output = both(x)
        loss = tf.reduce_mean(tf.square(output - x)) * LOSS_WEIGHT * scale
    *parts, signal = tape.gradient(loss, [*model.trainable_variables, logits])
    weights = np.concatenate([part.numpy().ravel() for part in parts])
    return weights / scale, np.abs(tf.cast(signal, tf.float32)).ravel() / scale


true_gradients, true_signal = gradients(build_autoencoder("float32"), 1.0)
model = build_autoencoder("mixed_float16")  # dieselben Anfangsgewichte
lost = {}
for name, scale in [("ohne Scaling", 1.0), ("mit Scaling", LOSS_SCALE), ("zu viel", 2.0**40)]:
    found, _ = gradients(model, scale)
    lost[name] = np.mean(found[true_gradients != 0] == 0)  # was auch in float32 0 ist, zählt nicht
    broken = np.mean(~np.isfinite(found))
    print(f"Loss × {scale:<9.3g} {lost[name]:6.1%} der Gradienten werden 0, {broken:6.1%} unendlich")
print("Zu wenig verschwindet, zu viel läuft über. Keras sucht den Faktor deshalb laufend selbst.")

# %% Was das fürs Training heißt: viermal dasselbe, die Lernrate gleicht LOSS_WEIGHT aus
curves = {}
for name, policy, scaling in [
    ("float32", "float32", False),
    ("float16 ohne Scaling", "mixed_float16", False),
    ("float16 mit Scaling", "mixed_float16", True),
    ("bfloat16 ohne Scaling", "mixed_bfloat16", False),
]:
    model = build_autoencoder(policy)
    optimizer = keras.optimizers.SGD(learning_rate=1.0 / LOSS_WEIGHT, momentum=0.9)
    if scaling:  # compile() täte es bei mixed_float16 von selbst; hier soll man es sehen
        optimizer = keras.optimizers.LossScaleOptimizer(optimizer, initial_scale=LOSS_SCALE)
    model.compile(
        optimizer=optimizer, loss="mse", loss_weights=[LOSS_WEIGHT], auto_scale_loss=False
    )
    history = model.fit(x_train, x_train, epochs=EPOCHS, batch_size=BATCH_SIZE, verbose=0)
    curves[name] = np.array(history.history["loss"]) / LOSS_WEIGHT
    print(f"{name:22} Fehler je Pixel nach {EPOCHS} Epochen: {curves[name][-1]:.4f}")

figure, axes = plt.subplots(1, 2, figsize=(13, 5))
bins = np.arange(-42.0, 1.0)
for scale, label, style in [(1.0, "ohne", "-"), (LOSS_SCALE, "mit", "--")]:
    axes[0].hist(
        np.log2(true_signal[true_signal > 0] * scale), bins, histtype="step", linewidth=2,
        linestyle=style, label=f"{label} Loss Scaling",
    )  # fmt: skip
axes[0].axvspan(-42, -25, color="gray", alpha=0.3, label="wird in float16 zu 0")
axes[0].set(xlabel="Gradient am Ausgang des Netzes (Zweierpotenz)", ylabel="Anzahl")
axes[0].set_title("Loss Scaling schiebt die Gradienten ins Darstellbare")
axes[0].legend(loc="upper left")
styles = [("lightgray", "-", 8), ("tab:orange", ":", 3), ("tab:blue", "--", 3), ("black", "-.", 1.5)]
for (name, curve), (color, style, width) in zip(curves.items(), styles):
    axes[1].plot(range(1, EPOCHS + 1), curve, style, color=color, linewidth=width, label=name)
axes[1].xaxis.get_major_locator().set_params(integer=True)
axes[1].set(xlabel="Epoche", ylabel="mittlerer quadratischer Fehler", ylim=(0, None))
axes[1].set_title("Ohne Scaling bleibt float16 stehen")
axes[1].legend()
plt.show()


# %% Zeit, Speicher, Genauigkeit: dasselbe CNN mit drei Policies
def build_classifier(policy):
    keras.config.set_dtype_policy(policy)
    keras.utils.set_random_seed(SEED)
    model = keras.Sequential(
        [
            keras.Input(shape=(28, 28, 1)),
            keras.layers.Conv2D(16, 3, strides=2, activation="relu"),
            keras.layers.Conv2D(32, 3, strides=2, activation="relu"),
            keras.layers.Flatten(),
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(10),
            keras.layers.Activation("softmax", dtype="float32"),
        ]
    )
    model.compile(  # bei mixed_float16 packt compile() den Optimizer in Loss Scaling ein
        optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    return model


def megabytes(model):
    """Aktivierungen eines Batches (sie warten auf den Rückwärtsschritt) und Gewichte, in MB."""
    layers = keras.Model(model.inputs[0], [layer.output for layer in model.layers])
    outputs = layers(x_train[:BATCH_SIZE])
    activations = sum(np.prod(output.shape) * output.dtype.size for output in outputs)
    weights = sum(np.prod(w.shape) * tf.as_dtype(w.dtype).size for w in model.weights)
    return activations / 1e6, weights / 1e6


if gpus:
    details = tf.config.experimental.get_device_details(gpus[0])
    print(f"\nGPU: {details.get('device_name')}. Tensor Cores hat sie ab Compute Capability 7.0,")
    print(f"diese hat {details.get('compute_capability')}.")
else:
    print("\nKeine GPU, also keine Tensor Cores. Ob 16 Bit hier schneller sind, hängt von der CPU ab:")
    print("Manche rechnen bfloat16 direkt, float16 fast keine. Die Zeiten gelten nur für diesen Rechner.")

print("Policy           s je Epoche   Aktivierungen   Gewichte   Genauigkeit")
table = {}
for policy in ("float32", "mixed_float16", "mixed_bfloat16"):
    model = build_classifier(policy)
    model.fit(x_train[:BATCH_SIZE], y_train[:BATCH_SIZE], verbose=0)  # einmal übersetzen
    if gpus:
        tf.config.experimental.reset_memory_stats("GPU:0")
    start = time.perf_counter()
    model.fit(x_train, y_train, epochs=EPOCHS, batch_size=BATCH_SIZE, verbose=0)
    seconds = (time.perf_counter() - start) / EPOCHS
    activations, weights = megabytes(model)
    accuracy = model.evaluate(x_test, y_test, verbose=0)[1]
    table[policy] = (seconds, activations, accuracy)
    print(f"{policy:16}{seconds:12.2f}{activations:13.1f} MB{weights:8.1f} MB{accuracy:14.3f}")
    if gpus:
        peak = tf.config.experimental.get_memory_info("GPU:0")["peak"]
        print(f"{'':16}gemessene Spitze auf der GPU: {peak / 1e6:.0f} MB")
keras.config.set_dtype_policy("float32")

figure, axes = plt.subplots(1, 3, figsize=(13, 4.5))
titles = ("Sekunden je Epoche\n(nur dieser Rechner)", "MB Aktivierungen\nje Batch", "Genauigkeit (Test)")
for index, (axis, title) in enumerate(zip(axes, titles)):
    values = [row[index] for row in table.values()]
    bars = axis.bar(["float32", "float16", "bfloat16"], values, color=["gray", "tab:blue", "tab:orange"])
    axis.bar_label(bars, fmt="%.2f")
    axis.margins(y=0.15)
    axis.set_title(title)
figure.suptitle("16 Bit: halber Speicher, gleiche Genauigkeit; die Zeit entscheidet die Hardware")
plt.show()

# %% Was man sieht
# Die Aktivierungen halbieren sich, die Gewichte nicht: Sie bleiben in float32. Die Genauigkeit ist
# überall praktisch gleich. mixed_float16 braucht Loss Scaling, mixed_bfloat16 nicht.
# Zum Ausprobieren: LOSS_WEIGHT = 1.0. Dann verschwinden so wenige Gradienten, dass float16 auch ohne
# Scaling lernt. Man merkt Underflow nicht an einer Fehlermeldung, sondern an einem Loss, der stehen bleibt.
ergebnis(
    null_ohne_scaling=lost["ohne Scaling"],
    null_mit_scaling=lost["mit Scaling"],
    loss_float32=curves["float32"][-1],
    loss_ohne_scaling=curves["float16 ohne Scaling"][-1],
    loss_mit_scaling=curves["float16 mit Scaling"][-1],
    genauigkeit_float32=table["float32"][2],
    genauigkeit_float16=table["mixed_float16"][2],
    genauigkeit_bfloat16=table["mixed_bfloat16"][2],
)
