"""GAN: ein Fälscher und ein Prüfer lernen voneinander, und was dabei schiefgehen kann.

Kapitel   2.45 Erweiterte Konzepte und Architekturen · Erweiterte Architekturen
Folie     GANs: Generator und Discriminator im Wettstreit – Aufbau und Anwendungen
Lernziel  Den Wettstreit als Code lesen; Mode Collapse erkennen und ein Mittel dagegen sehen
Laufzeit  ca. 30 s (2 CPU-Kerne)
Daten     acht Punktwolken auf einem Ring (gewürfelt), MNIST
Erwartet  wolken_faelscher_schnell 0–3, wolken_pruefer_schnell 7–8, nah_pruefer_schnell 0.8–0.95, ziffern 9–10

Teil 1: Der Generator soll Punkte erfinden, die aussehen, als kämen sie aus einer der acht Wolken.
Fällt ihm immer nur eine ein, heißt das Mode Collapse. Ob das geschieht, hängt hier nur daran, wer von
beiden schneller lernt. Teil 2: dasselbe mit Ziffern.
"""

# %% Stellschrauben: hier live drehen
RING_STEPS = 3_000  # Test: 12
FAST_RATE = 0.002  # Lernrate dessen, der schneller lernt, …
SLOW_RATE = 0.0005  # … und die des anderen
BETA_1 = 0.5  # Momentum von Adam; probiere 0.9, die Voreinstellung von Keras
DIGIT_STEPS = 3_000  # Test: 12
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

layers = keras.layers


# %% Der Wettstreit. Diese Funktion ist das ganze GAN; Generator und Diskriminator sind gewöhnliche Netze.
def make_training(
    generator, discriminator, draw_real, generator_rate, discriminator_rate, batch_size=128
):
    latent = generator.input_shape[1]
    cross_entropy = keras.losses.BinaryCrossentropy(from_logits=True)
    g_optimizer = keras.optimizers.Adam(generator_rate, beta_1=BETA_1)
    d_optimizer = keras.optimizers.Adam(discriminator_rate, beta_1=BETA_1)
    g_optimizer.build(generator.trainable_variables)
    d_optimizer.build(discriminator.trainable_variables)

    @tf.function  # übersetzt die Schleife einmal; danach läuft sie ohne Python
    def train(steps):
        for _ in tf.range(steps):
            real = draw_real(batch_size)
            with tf.GradientTape(persistent=True) as tape:
                fake = generator(tf.random.normal((batch_size, latent)), training=True)
                says_real = discriminator(real, training=True)
                says_fake = discriminator(fake, training=True)
                # Der Diskriminator will: Echtes → 1, Gefälschtes → 0
                d_loss = cross_entropy(tf.ones_like(says_real), says_real)
                d_loss += cross_entropy(tf.zeros_like(says_fake), says_fake)
                # Der Generator will: Der Diskriminator hält Gefälschtes für echt
                g_loss = cross_entropy(tf.ones_like(says_fake), says_fake)
            d_gradient = tape.gradient(d_loss, discriminator.trainable_variables)
            g_gradient = tape.gradient(g_loss, generator.trainable_variables)
            d_optimizer.apply(d_gradient, discriminator.trainable_variables)
            g_optimizer.apply(g_gradient, generator.trainable_variables)

    return train


# %% Teil 1: acht enge Wolken auf einem Ring
angles = np.arange(8) / 8 * 2 * np.pi
centers = np.c_[np.cos(angles), np.sin(angles)].astype("float32")


def draw_ring(count):
    chosen = tf.gather(centers, tf.random.uniform((count,), 0, 8, tf.int32))
    return chosen + 0.02 * tf.random.normal((count, 2))


def count_clouds(points):
    """Wie viele der acht Wolken bekommen mindestens 2 % der Punkte, und welcher Anteil liegt in einer?"""
    distance = np.linalg.norm(points[:, None] - centers, axis=2)
    is_near = distance.min(axis=1) < 0.1
    share = np.bincount(distance.argmin(axis=1)[is_near], minlength=8) / len(points)
    return int((share >= 0.02).sum()), float(is_near.mean())


rounds = 18  # so oft wird zwischendurch nachgesehen
clouds, near, snapshots = {}, {}, {}
for name, generator_rate, discriminator_rate in [
    ("Fälscher schneller", FAST_RATE, SLOW_RATE),
    ("Prüfer schneller", SLOW_RATE, FAST_RATE),
]:
    keras.utils.set_random_seed(SEED)
    generator = keras.Sequential(
        [
            keras.Input(shape=(2,)),  # zwei Zufallszahlen hinein …
            layers.Dense(64, activation="relu"),
            layers.Dense(64, activation="relu"),
            layers.Dense(2),  # … ein Punkt heraus
        ]
    )
    discriminator = keras.Sequential(
        [
            keras.Input(shape=(2,)),
            layers.Dense(64, activation="leaky_relu"),
            layers.Dense(64, activation="leaky_relu"),
            layers.Dense(1),  # groß: echt, klein: gefälscht
        ]
    )
    train = make_training(generator, discriminator, draw_ring, generator_rate, discriminator_rate)
    test_noise = tf.random.normal((1000, 2))
    clouds[name], snapshots[name] = [], []
    print(f"\nRing, {name}, {RING_STEPS} Schritte. Getroffene Wolken (von 8):", end=" ", flush=True)
    for _ in range(rounds):
        train(tf.constant(max(1, RING_STEPS // rounds)))
        points = generator(test_noise).numpy()
        hit, near[name] = count_clouds(points)
        clouds[name].append(hit)
        snapshots[name].append(points)
        print(hit, end=" ", flush=True)
    print(f"\n  Am Ende liegen {near[name]:.0%} der Punkte in einer Wolke.")

# %% Bild: Was der Generator zwischendurch erfindet
shown = [2, 5, 8, 11, 14, 17]
figure, axes = plt.subplots(2, len(shown), figsize=(15, 5.8), sharex=True, sharey=True)
for row, (name, points) in zip(axes, snapshots.items()):
    row[0].set_ylabel(name)
    for axis, i in zip(row, shown):
        axis.scatter(*centers.T, s=160, facecolor="none", edgecolor="black")
        axis.scatter(*points[i].T, s=4, color="#D55E00", alpha=0.4)
        axis.set(xlim=(-1.6, 1.6), ylim=(-1.6, 1.6), aspect="equal", xticks=[], yticks=[])
        axis.set_title(f"Schritt {(i + 1) * RING_STEPS // rounds}: {clouds[name][i]} von 8")
figure.suptitle(
    "Oben Mode Collapse: Der Fälscher klumpt an einer Stelle. Unten trifft er alle Wolken."
)
plt.show()

# %% Was man sieht
# Schwarze Ringe sind die Wolken, orange ist erfunden. Oben lernt der Fälscher schneller als der Prüfer: Er
# wirft alles auf die eine Stelle, die der Prüfer gerade für echt hält; hat der es gemerkt, zieht der ganze
# Klumpen weiter. Unten ist der Prüfer immer auf dem neuesten Stand. Wer klumpt, fällt sofort auf; es
# lohnt sich nur noch, überall dort zu sein, wo echte Punkte sind. (In der Literatur heißt das Mittel
# „two time-scale update rule“. Es ist eines von vielen, und nicht bei allen Daten genügt es.)

# %% Teil 2: Ziffern. Derselbe Wettstreit, nur sind die „Punkte“ jetzt Bilder mit 784 Zahlen.
(x_train, y_train), _ = mnist.load_data()
x_train, y_train = x_train[:N_TRAIN].reshape(-1, 784).astype("float32") / 255.0, y_train[:N_TRAIN]


def draw_digits(count):
    return tf.gather(x_train, tf.random.uniform((count,), 0, len(x_train), tf.int32))


keras.utils.set_random_seed(SEED)
generator = keras.Sequential(
    [
        keras.Input(shape=(32,)),
        layers.Dense(256, activation="relu"),
        layers.BatchNormalization(),
        layers.Dense(256, activation="relu"),
        layers.BatchNormalization(),
        layers.Dense(784, activation="sigmoid"),
    ]
)
discriminator = keras.Sequential(
    [
        keras.Input(shape=(784,)),
        layers.Dense(256, activation="leaky_relu"),
        layers.Dropout(0.3),
        layers.Dense(128, activation="leaky_relu"),
        layers.Dropout(0.3),
        layers.Dense(1),
    ]
)
train = make_training(generator, discriminator, draw_digits, 0.001, 0.001, batch_size=64)
test_noise = tf.random.normal((500, 32))
stages = [generator(test_noise[:10]).numpy()]
print(f"\nZiffern: {DIGIT_STEPS} Schritte …")
for _ in range(4):
    train(tf.constant(DIGIT_STEPS // 4))
    stages.append(generator(test_noise[:10]).numpy())

# %% Bild: vom Rauschen zur Ziffer
figure, axes = plt.subplots(len(stages), 10, figsize=(13, 7))
for i, (row, images) in enumerate(zip(axes, stages)):
    for axis, image in zip(row, images):
        axis.imshow(image.reshape(28, 28), cmap="gray_r")
        axis.set(xticks=[], yticks=[])
    row[0].set_ylabel(f"Schritt\n{i * DIGIT_STEPS // 4}", rotation=0, ha="right", va="center")
figure.suptitle(
    "Jede Spalte ist dieselbe Zufallszahl: Keine dieser Ziffern hat je ein Mensch geschrieben"
)
plt.show()

# %% Fehlt eine Ziffer? Ein einfacher Klassifikator, der nur echte Ziffern kennt, zählt nach.
classifier = LogisticRegression(max_iter=100, tol=0.01).fit(x_train, y_train)
counts = np.bincount(classifier.predict(generator(test_noise).numpy()), minlength=10)
found = int((counts >= 0.02 * len(test_noise)).sum())
print("Von 500 erfundenen Bildern hält ein Klassifikator für eine …")
print("  " + ", ".join(f"{digit}: {count}" for digit, count in enumerate(counts)))
print(f"{found} von 10 Ziffern kommen mit mindestens 2 % vor; echt wären es je etwa 10 %.")

ergebnis(
    wolken_faelscher_schnell=clouds["Fälscher schneller"][-1],
    wolken_pruefer_schnell=clouds["Prüfer schneller"][-1],
    nah_pruefer_schnell=near["Prüfer schneller"],
    ziffern=found,
)
