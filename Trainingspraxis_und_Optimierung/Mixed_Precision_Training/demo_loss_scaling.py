"""Loss Scaling: warum Gradienten in float16 verschwinden und ein Faktor sie rettet.

Kapitel   5.65 Trainingspraxis und Optimierung · Mixed Precision Training
Folie     FP16 vs. FP32: Unterschiede in Genauigkeit und Performance
Lernziel  Wissen, was in 16 Bit passt, wann Gradienten zu 0 werden und was Loss Scaling dagegen tut
Laufzeit  ca. 20 s (2 CPU-Kerne)
Daten     Fashion-MNIST
Erwartet  null_ohne_scaling 0.3–0.6, null_mit_scaling 0–0.01, loss_float32 0.02–0.04,
          loss_ohne_scaling 0.1–0.2, loss_mit_scaling 0.02–0.04

Ein Autoencoder, der Bilder wiedergibt. Sein Loss ist absichtlich klein gewichtet, wie eine von
vielen Aufgaben in einem großen Netz; damit sind auch seine Gradienten klein.
"""

# %% Stellschrauben: hier live drehen
LOSS_WEIGHT = 0.003  # probiere 1.0
LOSS_SCALE = 32_768.0  # 2 hoch 15, damit beginnt auch Keras
EPOCHS = 6  # Test: 1
N_TRAIN = 2_000  # Test: 128
BATCH_SIZE = 100  # Test: 32
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
from kurs import ergebnis
from kurs.bilder import fashion_mnist

import keras
import matplotlib.pyplot as plt
import ml_dtypes
import numpy as np
import tensorflow as tf

# %% Drei Zahlenformate: Was passt hinein, was fällt heraus?
print("Format     größte Zahl   kleinste über 0   nächste nach 1")
for dtype in (np.float32, np.float16, ml_dtypes.bfloat16):
    info = ml_dtypes.finfo(dtype)
    name, largest, smallest = info.dtype.name, float(info.max), float(info.smallest_subnormal)
    print(f"{name:9} {largest:12.2g} {smallest:17.1e} {1 + float(info.eps):16.7f}")
print("float16 ist genauer, bfloat16 reicht weiter. Gewichte bleiben bei Mixed Precision in float32.")

# %% Daten: jedes zweite Pixel genügt
(x_train, _), _ = fashion_mnist.load_data()
x_train = x_train[:N_TRAIN, ::2, ::2] / np.float32(255)


# %% Der Autoencoder
def build_model(policy):
    keras.config.set_dtype_policy(policy)
    keras.utils.set_random_seed(SEED)
    return keras.Sequential(
        [
            keras.Input(shape=(14, 14)),
            keras.layers.Flatten(),
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(14 * 14),
            keras.layers.Activation("sigmoid", dtype="float32"),  # Ausgabe immer in float32
            keras.layers.Reshape((14, 14), dtype="float32"),
        ]
    )


# %% Underflow: Wie viele Gradienten eines Batches werden 0?
def gradients(policy, scale):
    """Die Gradienten aller Gewichte; der Loss ist dabei mit `scale` malgenommen."""
    model = build_model(policy)
    x = x_train[:BATCH_SIZE]
    with tf.GradientTape() as tape:
        loss = keras.losses.MeanSquaredError()(x, model(x)) * LOSS_WEIGHT * scale
    found = tape.gradient(loss, model.trainable_variables)
    return np.concatenate([gradient.numpy().ravel() for gradient in found]) / scale


true_gradients = gradients("float32", 1.0)
true_gradients, matters = np.abs(true_gradients), true_gradients != 0
lost = {}
print()
for name, scale in [("ohne Scaling", 1.0), ("mit Scaling", LOSS_SCALE), ("zu viel", 2.0**40)]:
    found = gradients("mixed_float16", scale)[matters]
    lost[name] = np.mean(found == 0)
    broken = np.mean(~np.isfinite(found))
    print(f"Loss × {scale:<9.3g} {lost[name]:6.1%} der Gradienten werden 0, {broken:6.1%} unendlich")

# %% Was das fürs Training heißt: viermal dasselbe, die Lernrate gleicht LOSS_WEIGHT aus
curves = {}
print()
for name, policy, scaling in [
    ("float32", "float32", False),
    ("float16 ohne Scaling", "mixed_float16", False),
    ("float16 mit Scaling", "mixed_float16", True),
    ("bfloat16 ohne Scaling", "mixed_bfloat16", False),
]:
    model = build_model(policy)
    optimizer = keras.optimizers.SGD(learning_rate=1.0 / LOSS_WEIGHT, momentum=0.9)
    if scaling:  # compile() täte es bei mixed_float16 von selbst; hier soll man es sehen
        optimizer = keras.optimizers.LossScaleOptimizer(optimizer, initial_scale=LOSS_SCALE)
    model.compile(optimizer, "mse", loss_weights=[LOSS_WEIGHT], auto_scale_loss=False)
    history = model.fit(x_train, x_train, epochs=EPOCHS, batch_size=BATCH_SIZE)
    curves[name] = np.array(history.history["loss"]) / LOSS_WEIGHT
    print(f"{name:22} Loss nach {EPOCHS} Epochen: {curves[name][-1]:.4f}")
keras.config.set_dtype_policy("float32")
