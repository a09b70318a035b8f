"""GAN für Bilder: aus Zufallszahlen werden handgeschriebene Ziffern, die nie jemand schrieb.

Kapitel   2.47 Erweiterte Konzepte und Architekturen · Erweiterte Architekturen
Folie     Typische Anwendungsfälle für jede Architektur
Lernziel  Denselben Wettstreit auf Bildern sehen; nachzählen, ob der Generator eine Ziffer vergisst
Laufzeit  ca. 15 s (2 CPU-Kerne)
Daten     MNIST
Erwartet  ziffern 8–10
Original  ziffern 8–10

Gegenüber demo_gan sind die „Punkte“ größer: Ein Bild hat 784 Zahlen statt zwei.
"""

# %% Stellschrauben: hier live drehen
STEPS = 3_000  # Test: 12
LEARNING_RATE = 0.001
N_TRAIN = 4_000  # Test: 300
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
from kurs import ergebnis
from kurs.bilder import mnist

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from sklearn.linear_model import LogisticRegression

keras.utils.set_random_seed(SEED)

# %% Daten: Bilder als lange Reihe von Zahlen zwischen 0 und 1
(x_train, y_train), _ = mnist.load_data()
x_train, y_train = x_train[:N_TRAIN].reshape(-1, 784).astype("float32") / 255.0, y_train[:N_TRAIN]
print(f"{len(x_train)} echte Ziffern")

# %% Generator: 32 Zufallszahlen → Bild. Diskriminator: Bild → echt (groß) oder gefälscht (klein)
generator = keras.Sequential(
    [
        keras.Input(shape=(32,)),
        keras.layers.Dense(256, activation="relu"),
        keras.layers.BatchNormalization(),
        keras.layers.Dense(256, activation="relu"),
        keras.layers.BatchNormalization(),
        keras.layers.Dense(784, activation="sigmoid"),
    ]
)
discriminator = keras.Sequential(
    [
        keras.Input(shape=(784,)),
        keras.layers.Dense(256, activation="leaky_relu"),
        keras.layers.Dropout(0.3),
        keras.layers.Dense(128, activation="leaky_relu"),
        keras.layers.Dropout(0.3),
        keras.layers.Dense(1),
    ]
)

# %% Der Wettstreit
cross_entropy = keras.losses.BinaryCrossentropy(from_logits=True)
g_optimizer = keras.optimizers.Adam(LEARNING_RATE, beta_1=0.5)
d_optimizer = keras.optimizers.Adam(LEARNING_RATE, beta_1=0.5)
g_optimizer.build(generator.trainable_variables)
d_optimizer.build(discriminator.trainable_variables)


@tf.function  # übersetzt die Schleife einmal; danach läuft sie ohne Python
def train(steps):
    for _ in tf.range(steps):
        real = tf.gather(x_train, tf.random.uniform((64,), 0, len(x_train), tf.int32))
        with tf.GradientTape(persistent=True) as tape:
            fake = generator(tf.random.normal((64, 32)), training=True)
            says_real = discriminator(real, training=True)
            says_fake = discriminator(fake, training=True)
            d_loss = cross_entropy(tf.ones_like(says_real), says_real)
            d_loss += cross_entropy(tf.zeros_like(says_fake), says_fake)
            g_loss = cross_entropy(tf.ones_like(says_fake), says_fake)
        d_gradient = tape.gradient(d_loss, discriminator.trainable_variables)
        g_gradient = tape.gradient(g_loss, generator.trainable_variables)
        d_optimizer.apply(d_gradient, discriminator.trainable_variables)
        g_optimizer.apply(g_gradient, generator.trainable_variables)


# %% Trainieren und nachsehen: In jeder Spalte stehen immer dieselben 32 Zufallszahlen dahinter
noise = tf.random.normal((500, 32))
figure, axes = plt.subplots(5, 10, figsize=(13, 7))
for stage, row in enumerate(axes):
    if stage:
        train(tf.constant(STEPS // 4))
        print(f"Schritt {stage * (STEPS // 4)}", flush=True)
    for axis, image in zip(row, generator(noise[:10]).numpy()):
        axis.imshow(image.reshape(28, 28), cmap="gray_r")
        axis.set(xticks=[], yticks=[])
    row[0].set_ylabel(f"Schritt\n{stage * (STEPS // 4)}", rotation=0, ha="right", va="center")
figure.suptitle("Jede Spalte kommt aus denselben 32 Zufallszahlen: Was wird aus ihnen?")
plt.show()

# %% Fehlt eine Ziffer? Ein einfacher Klassifikator, der nur echte Ziffern kennt, zählt nach.
classifier = LogisticRegression(max_iter=100, tol=0.01).fit(x_train, y_train)
counts = np.bincount(classifier.predict(generator(noise).numpy()), minlength=10)
found = int((counts >= 0.02 * len(noise)).sum())
print(f"\nVon {len(noise)} erfundenen Bildern hält ein Klassifikator für eine …")
print("  " + ", ".join(f"{digit}: {count}" for digit, count in enumerate(counts)))
print(f"{found} von 10 Ziffern kommen mit mindestens 2 % vor; echt wären es je etwa 10 %.")
ergebnis(ziffern=found)
