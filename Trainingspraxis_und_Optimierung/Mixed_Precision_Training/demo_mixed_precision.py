"""Mixed Precision: mit 16 Bit rechnen, mit 32 Bit merken.

Kapitel   5.60 Trainingspraxis und Optimierung · Mixed Precision Training
Folie     Code Demo: Mixed Precision Training mit Tensorflow
Lernziel  Mixed Precision einschalten und nachmessen, was sie an Zeit, Speicher, Genauigkeit ändert
Laufzeit  ca. 15 s (2 CPU-Kerne)
Daten     Fashion-MNIST
Erwartet  speicher_float16 0.5–0.51, speicher_bfloat16 0.5–0.51, genauigkeit_float16 -0.04–0.04,
          genauigkeit_bfloat16 -0.04–0.04
Original  speicher_float16 0.5–0.51, speicher_bfloat16 0.5–0.51, genauigkeit_float16 -0.02–0.02,
          genauigkeit_bfloat16 -0.02–0.02

Dasselbe CNN mit drei Policies. Ob 16 Bit schneller sind, entscheidet die Hardware: GPUs mit Tensor
Cores rechnen damit viel schneller, manche CPU viel langsamer. Deshalb misst das Skript erst wenige
Schritte und trainiert dann nur mit so vielen Bildern, wie auch die langsamste Policy schafft.
"""

# %% Stellschrauben: hier live drehen
N_TRAIN = 12_000  # Test: 128
BATCH_SIZE = 100  # Test: 32
MAX_SECONDS = 8  # so lange soll das Training einer Policy höchstens dauern
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
import timeit

from kurs import ergebnis
from kurs.bilder import fashion_mnist

import keras
import matplotlib.pyplot as plt
import tensorflow as tf

# %% Daten und Rechner
(x_train, y_train), (x_test, y_test) = fashion_mnist.load_data()
x_train, y_train = x_train[:N_TRAIN, ..., None] / 255.0, y_train[:N_TRAIN]
x_test = x_test[..., None] / 255.0
gpus = tf.config.list_physical_devices("GPU")
if gpus:
    details = tf.config.experimental.get_device_details(gpus[0])
    capability = ".".join(map(str, details.get("compute_capability", "?")))
    print(f"GPU: {details.get('device_name')}, Compute Capability {capability}.", end=" ")
    print("Tensor Cores gibt es ab 7.0.")
else:
    print("Keine GPU, also keine Tensor Cores: Die Zeiten gelten nur für diese CPU.")


# %% Das Netz: Eine Zeile stellt um, was alle Schichten rechnen
def build_model(policy):
    # auf der Folie noch mit altem Namen: tf.keras.mixed_precision.set_global_policy(policy)
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
            keras.layers.Activation("softmax", dtype="float32"),  # Ausgabe immer in float32
        ]
    )
    # bei mixed_float16 kommt hier von selbst Loss Scaling dazu (demo_loss_scaling.py)
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


# %% Zeit: so viele Schritte, dass man sie messen kann; auf langsamen Rechnern genügt einer
policies = ("float32", "mixed_float16", "mixed_bfloat16")
seconds = {}
batch = x_train[:BATCH_SIZE], y_train[:BATCH_SIZE]
for policy in policies:
    model = build_model(policy)
    model.train_on_batch(*batch)  # der erste Schritt übersetzt das Netz
    timer = timeit.Timer("model.train_on_batch(*batch)", globals=globals())
    n_steps, total = timer.autorange()  # ab 0,2 Sekunden ist Schluss
    seconds[policy] = total / n_steps
print("\nZeit je Schritt, und das Wievielfache von float32:")
for policy in policies:
    factor = seconds[policy] / seconds["float32"]
    print(f"  {policy:15}{seconds[policy] * 1000:8.1f} ms, {factor:.2f}")


# %% Speicher: Was liegt in welchem Format?
def megabytes(model):
    """Aktivierungen eines Batches (sie warten auf den Rückwärtsschritt) und Gewichte, in MB."""
    layers = keras.Model(model.inputs[0], [layer.output for layer in model.layers])
    activations = sum(output.numpy().nbytes for output in layers(batch[0]))
    weights = sum(weight.numpy().nbytes for weight in model.trainable_variables)
    return activations / 1e6, weights / 1e6


# %% Genauigkeit: gleich viele Bilder für alle, höchstens so viele wie in MAX_SECONDS gehen
n_images = max(BATCH_SIZE, int(BATCH_SIZE * MAX_SECONDS / max(seconds.values())))
n_images = min(n_images, len(x_train))
print(f"\nTraining mit {n_images} von {len(x_train)} Bildern, eine Epoche:")
print("Policy          Aktivierungen   Gewichte   Testgenauigkeit")
memory, accuracy = {}, {}
for policy in policies:
    model = build_model(policy)
    model.fit(x_train[:n_images], y_train[:n_images], batch_size=BATCH_SIZE, verbose=0)
    test = x_test[:n_images], y_test[:n_images]
    accuracy[policy] = model.evaluate(*test, batch_size=BATCH_SIZE, verbose=0)[1]
    memory[policy], weights = megabytes(model)
    print(f"{policy:15}{memory[policy]:11.2f} MB{weights:8.2f} MB{accuracy[policy]:18.3f}")
keras.config.set_dtype_policy("float32")

# %% Bild: drei Policies, drei Größen
figure, axes = plt.subplots(1, 3, figsize=(13, 4.5))
titles = {"ms je Schritt": {name: value * 1000 for name, value in seconds.items()}}
titles |= {"MB Aktivierungen je Batch": memory, "Testgenauigkeit": accuracy}
for axis, (title, values) in zip(axes, titles.items()):
    bars = axis.bar(["float32", "float16", "bfloat16"], values.values())
    axis.bar_label(bars, fmt="%.2f")
    axis.margins(y=0.15)
    axis.set_title(title)
figure.suptitle("Was ändert Mixed Precision auf diesem Rechner?")
plt.show()

# %% Was man sieht
# Die Aktivierungen brauchen die Hälfte, die Gewichte nicht: Sie bleiben in float32, damit auch
# kleine Schritte ankommen. Zeit spart Mixed Precision nur auf Hardware, die dafür gebaut ist.
change = {name: value - accuracy["float32"] for name, value in accuracy.items()}
for name in policies[1:]:
    print(f"{name}: Testgenauigkeit {change[name]:+.3f} gegenüber float32, ", end="")
    print(f"Speicher der Aktivierungen {memory[name] / memory['float32']:.0%}")
ergebnis(
    speicher_float16=memory["mixed_float16"] / memory["float32"],
    speicher_bfloat16=memory["mixed_bfloat16"] / memory["float32"],
    genauigkeit_float16=change["mixed_float16"],
    genauigkeit_bfloat16=change["mixed_bfloat16"],
)
