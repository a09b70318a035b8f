"""GAN: ein Fälscher und ein Prüfer lernen voneinander, und was dabei schiefgehen kann.

Kapitel   2.45 Erweiterte Konzepte und Architekturen · Erweiterte Architekturen
Folie     GANs: Generator und Discriminator im Wettstreit – Aufbau und Anwendungen
Lernziel  Den Wettstreit als Code lesen; Mode Collapse erkennen und ein Mittel dagegen sehen
Laufzeit  ca. 7 s (2 CPU-Kerne)
Daten     acht Punktwolken auf einem Ring (gewürfelt)
Erwartet  wolken_faelscher_schnell 0–3, wolken_pruefer_schnell 7–8, nah_pruefer_schnell 0.8–0.95

Der Generator soll Punkte erfinden, die aussehen, als kämen sie aus einer der acht Wolken. Fällt ihm
immer nur eine ein, heißt das Mode Collapse. Verschieden ist nur, wer von beiden schneller lernt.
"""

# %% Stellschrauben: hier live drehen
STEPS = 3_000  # Test: 12
FAST_RATE = 0.002  # Lernrate dessen, der schneller lernt, …
SLOW_RATE = 0.0005  # … und die des anderen
BETA_1 = 0.5  # Momentum von Adam; probiere 0.9, die Voreinstellung von Keras
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
from kurs import ergebnis

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf

# %% Das Echte: acht enge Wolken auf einem Ring
angles = np.arange(8) / 8 * 2 * np.pi
centers = np.c_[np.cos(angles), np.sin(angles)].astype("float32")


def draw_ring(count):
    chosen = tf.gather(centers, tf.random.uniform((count,), 0, 8, tf.int32))
    return chosen + 0.02 * tf.random.normal((count, 2))


def count_clouds(points):
    """Wie viele Wolken bekommen mindestens 2 % der Punkte, und welcher Anteil liegt in einer?"""
    distance = np.linalg.norm(points[:, None] - centers, axis=2)
    is_near = distance.min(axis=1) < 0.1
    share = np.bincount(distance.argmin(axis=1)[is_near], minlength=8) / len(points)
    return int((share >= 0.02).sum()), float(is_near.mean())


# %% Zwei gewöhnliche Netze: zwei Zufallszahlen → ein Punkt; ein Punkt → echt (groß) oder gefälscht
def build_network(activation, outputs):
    return keras.Sequential(
        [
            keras.Input(shape=(2,)),
            keras.layers.Dense(64, activation=activation),
            keras.layers.Dense(64, activation=activation),
            keras.layers.Dense(outputs),
        ]
    )


# %% Der Wettstreit. Diese Funktion ist das ganze GAN.
def make_training(generator, discriminator, generator_rate, discriminator_rate):
    cross_entropy = keras.losses.BinaryCrossentropy(from_logits=True)
    g_optimizer = keras.optimizers.Adam(generator_rate, beta_1=BETA_1)
    d_optimizer = keras.optimizers.Adam(discriminator_rate, beta_1=BETA_1)
    g_optimizer.build(generator.trainable_variables)
    d_optimizer.build(discriminator.trainable_variables)

    @tf.function  # übersetzt die Schleife einmal; danach läuft sie ohne Python
    def train(steps):
        for _ in tf.range(steps):
            with tf.GradientTape(persistent=True) as tape:
                says_real = discriminator(draw_ring(128))
                says_fake = discriminator(generator(tf.random.normal((128, 2))))
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


# %% Zweimal derselbe Wettstreit; sechsmal sehen wir nach, was der Generator erfindet
slow, fast = sorted([SLOW_RATE, FAST_RATE])
if slow == fast:
    raise ValueError("Die beiden Lernraten müssen verschieden sein")
learning_rates = {"Fälscher schneller": (fast, slow), "Prüfer schneller": (slow, fast)}
figure, axes = plt.subplots(2, 6, figsize=(14, 5.8), sharex=True, sharey=True)
clouds, near = {}, {}
for row, (name, rates) in zip(axes, learning_rates.items()):
    print(f"{name}: {STEPS // 6 * 6} Schritte …", flush=True)
    keras.utils.set_random_seed(SEED)
    generator, discriminator = build_network("relu", 2), build_network("leaky_relu", 1)
    train = make_training(generator, discriminator, *rates)
    noise = tf.random.normal((1000, 2))
    row[0].set_ylabel(name)
    for number, axis in enumerate(row, start=1):
        train(tf.constant(STEPS // 6))
        points = generator(noise).numpy()
        clouds[name], near[name] = count_clouds(points)
        axis.scatter(*centers.T, s=160, facecolor="none", edgecolor="black")
        axis.scatter(*points.T, s=4, color="tab:orange", alpha=0.4)
        axis.set(xlim=(-1.6, 1.6), ylim=(-1.6, 1.6), aspect="equal", xticks=[], yticks=[])
        axis.set_title(f"Schritt {number * (STEPS // 6)}\n{clouds[name]} von 8", fontsize=13)
    print(f"  {clouds[name]} von 8 Wolken getroffen; {near[name]:.0%} der Punkte liegen in einer.")
figure.suptitle("Wie viele der acht Wolken (Kreise) trifft der Fälscher (Punkte)?")
plt.show()

# %% Was man sieht
# Lernt der Fälscher schneller, wirft er alles auf die eine Stelle, die der Prüfer gerade für echt
# hält; hat der es gemerkt, zieht der ganze Klumpen weiter (Mode Collapse). Ist der Prüfer immer auf
# dem neuesten Stand, fällt Klumpen sofort auf: Es lohnt sich nur, überall zu sein, wo Echtes ist.
# In der Literatur heißt das Mittel „two time-scale update rule“; nicht bei allen Daten genügt es.
ergebnis(
    wolken_faelscher_schnell=clouds["Fälscher schneller"],
    wolken_pruefer_schnell=clouds["Prüfer schneller"],
    nah_pruefer_schnell=near["Prüfer schneller"],
)
