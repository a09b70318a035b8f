"""Misst die Farbbilder: CNN von Grund auf gegen eingefrorene ImageNet-Merkmale, 50 Bilder je Klasse.

Aufruf: python data/werkstatt/miss_farbbilder.py   (rund 3 Minuten auf 2 CPU-Kernen)

Gewollt ist: Die Merkmale liegen weit über dem CNN von Grund auf, und bei unbekannten Motiven (jedes
zweite Testbild zeigt eines, das im Training nie vorkommt) ist der Abstand zum Bekannten bei beiden
zu sehen. Mit KURS_QUELLE=hub und eigener Kopie misst dasselbe Skript das Original.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from kurs import quellen
from kurs.farbbilder import GEMISCHT, cifar10
from kurs.modellbau import speicher
from kurs.modellbau.efficientnet import efficientnet_lite0

import keras
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

SEEDS = (1, 2, 3)
PER_CLASS = (50, 100)
SIZE = 96
EPOCHS = 40


def train_cnn(seed, x_train, y_train):
    """Drei Faltungen auf 32 × 32."""
    keras.utils.set_random_seed(seed)
    model = keras.Sequential([keras.Input((SIZE, SIZE, 3)), keras.layers.Rescaling(1 / 255)])
    model.add(keras.layers.AveragePooling2D(SIZE // 32))
    for filters in (32, 64, 128):
        model.add(keras.layers.Conv2D(filters, 3, padding="same", activation="relu"))
        model.add(keras.layers.MaxPooling2D())
    model.add(keras.layers.Flatten())
    model.add(keras.layers.Dropout(0.4))
    model.add(keras.layers.Dense(10, activation="softmax"))
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    model.fit(x_train, y_train, epochs=EPOCHS, batch_size=25, verbose=0)
    return model


def compute_features(base, x):
    """Merkmale (n, 1280) der eingefrorenen Basis."""
    portions = [base(x[i : i + 50], training=False) for i in range(0, len(x), 50)]
    return np.concatenate([np.mean(keras.ops.convert_to_numpy(p), axis=(1, 2)) for p in portions])


def report(name, prediction, y_test):
    """Druckt die Genauigkeit, bei eingebetteten Bildern getrennt nach bekannten und neuen Motiven."""
    right = prediction == y_test
    text = f"{name}: {right.mean():.3f}"
    if quellen.benutzt()["CIFAR-10"] == "eingebettet":
        order = np.random.default_rng(GEMISCHT[1]).permutation(10 * PER_CLASS[1])
        known = order % PER_CLASS[1] % 2 == 0  # ungerade Nummern zeigen neue Motive
        text += f" (bekannte Motive {right[known].mean():.3f}, neue {right[~known].mean():.3f})"
    print(text, flush=True)


def main():
    """Lädt, misst und druckt."""
    (x_train, y_train), (x_test, y_test) = cifar10.load_data(size=SIZE, per_class=PER_CLASS)
    y_train, y_test = y_train[:, 0], y_test[:, 0]
    weights = speicher.stelle_bereit(speicher.verzeichnis()[0]["efficientnet-lite0"])
    base = efficientnet_lite0(weights, (SIZE, SIZE, 3), include_top=False)
    train, test = compute_features(base, x_train), compute_features(base, x_test)
    classifier = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=500))
    prediction = classifier.fit(train, y_train).predict(test)
    report("eingefrorene Merkmale, logistische Regression", prediction, y_test)
    for seed in SEEDS:
        model = train_cnn(seed, x_train, y_train)
        report(
            f"CNN von Grund auf, Seed {seed}",
            model.predict(x_test, verbose=0).argmax(axis=1),
            y_test,
        )


if __name__ == "__main__":
    main()
