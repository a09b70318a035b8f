"""Loss Scaling: warum Gradienten in float16 verschwinden und ein Faktor sie rettet.

Kapitel   5.65 Trainingspraxis und Optimierung · Mixed Precision Training
Folie     FP16 vs. FP32: Unterschiede in Genauigkeit und Performance
Lernziel  Wissen, was in 16 Bit passt, wann Gradienten zu 0 werden und was Loss Scaling dagegen tut
Laufzeit  ca. 8 s (2 CPU-Kerne)
Daten     Fashion-MNIST
Erwartet  null_ohne_scaling 0.8–1, null_mit_scaling 0–0.01, loss_float32 0.03–0.05,
          loss_ohne_scaling 0.12–0.2, loss_mit_scaling 0.03–0.05
Original  null_ohne_scaling 0.8–1, null_mit_scaling 0–0.01, loss_float32 0.04–0.055,
          loss_ohne_scaling 0.15–0.2, loss_mit_scaling 0.04–0.055

Ein Autoencoder, der Bilder wiedergibt. Sein Loss ist absichtlich klein gewichtet, wie eine von
vielen Aufgaben in einem großen Netz; damit sind auch seine Gradienten klein.
"""

# %% Stellschrauben: hier live drehen
LOSS_WEIGHT = 0.001  # probiere 1.0
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

if LOSS_SCALE <= 0:
    raise ValueError("LOSS_SCALE muss größer als 0 sein")

# %% Drei Zahlenformate: Was passt hinein, was fällt heraus?
print("Format     größte Zahl   kleinste über 0   nächste nach 1")
for dtype in (np.float32, np.float16, ml_dtypes.bfloat16):
    info = ml_dtypes.finfo(dtype)
    name, largest, smallest = info.dtype.name, float(info.max), float(info.smallest_subnormal)
    print(f"{name:9} {largest:12.2e} {smallest:17.1e} {1 + float(info.eps):16.7f}")
print("float16 ist genauer, bfloat16 reicht weiter. Die Gewichte selbst bleiben in float32.")

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
    """Gradienten am Ausgang des Netzes und von allen Gewichten, vom Loss mal `scale`."""
    model = build_model(policy)
    x = x_train[:BATCH_SIZE]
    with tf.GradientTape() as tape:
        output = model(x)
        loss = keras.losses.MeanSquaredError()(x, output) * LOSS_WEIGHT * scale
    first, *weights = tape.gradient(loss, [output, *model.trainable_variables])
    return first.numpy().ravel(), np.concatenate([w.numpy().ravel() for w in weights])


at_output, exact = gradients("float32", 1.0)
lost = {}
print()
for name, scale in [("ohne Scaling", 1.0), ("mit Scaling", LOSS_SCALE), ("zu viel", 2.0**40)]:
    _, found = gradients("mixed_float16", scale)
    lost[name] = np.mean(found[exact != 0] == 0)  # was auch in float32 genau 0 ist, zählt nicht
    broken = np.mean(~np.isfinite(found))
    print(f"{name:13} Loss × {scale:<9.3g} {lost[name]:4.0%} der Gradienten werden 0,", end=" ")
    print(f"{broken:4.0%} unendlich")

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
    history = model.fit(x_train, x_train, epochs=EPOCHS, batch_size=BATCH_SIZE, verbose=0)
    curves[name] = np.array(history.history["loss"]) / LOSS_WEIGHT
    print(f"{name:22} Loss nach {EPOCHS} Epochen: {curves[name][-1]:.4f}")
keras.config.set_dtype_policy("float32")

# %% Bild: Wo liegen die Gradienten, und wer lernt?
figure, axes = plt.subplots(1, 2, figsize=(13, 5))
powers = np.log10(np.abs(at_output[at_output != 0]))
axes[0].hist(powers, bins=50, label="ohne Scaling")
axes[0].hist(powers + np.log10(LOSS_SCALE), bins=50, label="mit Scaling")
axes[0].axvline(np.log10(6e-8), color="black", linestyle="--", label="kleinste in float16")
axes[0].set(title="Gradienten am Ausgang", xlabel="Zehnerpotenz", ylabel="Anzahl")
axes[0].legend(loc="upper left")
for (name, curve), width in zip(curves.items(), (12, 3, 7, 2)):  # breit unter schmal
    axes[1].plot(range(1, EPOCHS + 1), curve, "o-", linewidth=width, label=name)
axes[1].set(title="Wer lernt?", xlabel="Epoche", ylabel="Loss")
axes[1].legend()
plt.show()

# %% Was man sieht
# Man merkt Underflow nicht an einer Fehlermeldung, sondern an einem Loss, der kaum sinkt. Zu viel
# Scaling läuft über; Keras sucht den Faktor deshalb laufend selbst: Wird ein Gradient unendlich,
# lässt es den Schritt aus und halbiert den Faktor. bfloat16 reicht so weit wie float32 und braucht
# kein Scaling.
with_scaling, without = curves["float16 mit Scaling"][-1], curves["float16 ohne Scaling"][-1]
print(f"\nLoss in float16: {without:.3f} ohne Scaling, {with_scaling:.3f} mit.", end=" ")
if without > 1.1 * with_scaling:
    print("Scaling rettet Gradienten, die sonst 0 würden.")
elif with_scaling > 1.1 * without:
    print("Dieser Faktor schadet.")
elif np.isfinite(without + with_scaling):
    print("Scaling macht hier keinen Unterschied.")
ergebnis(
    null_ohne_scaling=lost["ohne Scaling"],
    null_mit_scaling=lost["mit Scaling"],
    loss_float32=curves["float32"][-1],
    loss_ohne_scaling=without,
    loss_mit_scaling=with_scaling,
)
