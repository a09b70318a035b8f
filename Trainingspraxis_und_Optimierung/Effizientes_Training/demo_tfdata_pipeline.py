"""tf.data: Wo bleibt die Zeit, und was bringen Cache, parallele map und Prefetch?

Kapitel   5.40 Trainingspraxis und Optimierung · Effizientes Training
Folie     Code Demo: Datenpipeline-Optimierung mit tf.data
Lernziel  Wartezeit auf Daten messen und mit cache, num_parallel_calls und prefetch verkürzen
Laufzeit  ca. 20 s (2 CPU-Kerne)
Daten     Fashion-MNIST, vergrößert auf Fotogröße, als JPEG-Dateien
Erwartet  beschleunigung 1.1–6, warteanteil_naiv 0.4–0.9, warteanteil_alles -0.1–0.4,
          gleiche_bilder_vor_cache 1–1, gleiche_bilder_nach_cache 0–0

Jedes Bild ist eine Datei: lesen, entpacken, verkleinern, zufällig verändern. Das kostet in jeder
Epoche Zeit, in der das Netz nur wartet.
"""

# %% Stellschrauben: hier live drehen
N_IMAGES = 800  # Test: 64
FILE_SIZE = 320  # Test: 32; Kantenlänge der Dateien in Pixeln
IMAGE_SIZE = 64  # Test: 16; Kantenlänge für das Netz
BATCH_SIZE = 32
EPOCHS = 4  # Test: 1; so viele Epochen werden je Pipeline gestoppt, die schnellste zählt

# %% Bibliotheken laden (einige Sekunden)
import timeit

from kurs import ausgabe_ordner, ergebnis
from kurs.bilder import fashion_mnist

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf

# %% Bilder als Dateien ablegen, wie man sie im Alltag bekommt
(x, y), _ = fashion_mnist.load_data()
x, y = x[:N_IMAGES, ..., None], y[:N_IMAGES]
folder = ausgabe_ordner() / "bilder"
folder.mkdir(exist_ok=True)
paths = [str(folder / f"{index:05}.jpg") for index in range(len(x))]
for path, image in zip(paths, x):
    photo = tf.cast(tf.image.resize(image, (FILE_SIZE, FILE_SIZE)), tf.uint8)
    tf.io.write_file(path, tf.io.encode_jpeg(photo))
print(f"{len(paths)} JPEG-Dateien mit {FILE_SIZE} × {FILE_SIZE} Pixeln in {folder}")


# %% Die Arbeit je Bild: ein fester Teil und ein zufälliger
def load(path, label):
    """Lesen, entpacken, verkleinern: jedes Mal dasselbe Ergebnis, also etwas für den Cache."""
    image = tf.io.decode_jpeg(tf.io.read_file(path), channels=1)
    return tf.image.resize(image, (IMAGE_SIZE, IMAGE_SIZE), "area") / 255.0, label


def augment(image, label):
    """Zufällig verändern: soll jedes Mal anders sein, darf also NICHT in den Cache."""
    image = tf.image.random_flip_left_right(image)
    image = tf.image.random_brightness(image, 0.2)
    return tf.image.random_contrast(image, 0.7, 1.3), label


# %% Die Pipeline, mit drei Schaltern
def build_pipeline(cache=False, parallel=False, prefetch=False):
    workers = tf.data.AUTOTUNE if parallel else None
    dataset = tf.data.Dataset.from_tensor_slices((paths, y))
    dataset = dataset.map(load, num_parallel_calls=workers)
    if cache:
        dataset = dataset.cache()  # im Arbeitsspeicher; cache(datei) legt es auf die Platte
    dataset = dataset.shuffle(len(paths))
    dataset = dataset.map(augment, num_parallel_calls=workers)
    dataset = dataset.batch(BATCH_SIZE)
    if prefetch:
        dataset = dataset.prefetch(tf.data.AUTOTUNE)
    options = tf.data.Options()
    options.experimental_optimization.inject_prefetch = False  # sonst hilft TensorFlow heimlich
    return dataset.with_options(options)


# %% Das Netz, das mit den Daten gefüttert wird
model = keras.Sequential(
    [
        keras.Input(shape=(IMAGE_SIZE, IMAGE_SIZE, 1)),
        keras.layers.Conv2D(16, 3, strides=2, activation="relu"),
        keras.layers.Conv2D(32, 3, strides=2, activation="relu"),
        keras.layers.GlobalAveragePooling2D(),
        keras.layers.Dense(10, activation="softmax"),
    ]
)
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")

# %% Messen: dasselbe Training mit jeder Pipeline
pipelines = {
    "naiv": build_pipeline(),
    "nur Cache": build_pipeline(cache=True),
    "nur parallele map": build_pipeline(parallel=True),
    "nur Prefetch": build_pipeline(prefetch=True),
    "alles zusammen": build_pipeline(cache=True, parallel=True, prefetch=True),
    "fertige Batches": build_pipeline().cache(),  # nichts mehr zu tun: So lange rechnet das Netz
}
seconds = {}
for name, dataset in pipelines.items():
    epoch = lambda: model.fit(dataset, shuffle=False)
    first = timeit.timeit(epoch, number=1)
    seconds[name] = min(timeit.repeat(epoch, number=1, repeat=EPOCHS))
    print(name, first, seconds[name])
