"""tf.data: Wo bleibt die Zeit, und was bringen Cache, parallele map und Prefetch?

Kapitel   5.40 Trainingspraxis und Optimierung · Effizientes Training
Folie     Code Demo: Datenpipeline-Optimierung mit tf.data
Lernziel  Wartezeit auf Daten messen und mit cache, num_parallel_calls und prefetch verkürzen
Laufzeit  ca. 20 s (2 CPU-Kerne)
Daten     Fashion-MNIST, vergrößert auf Fotogröße, als JPEG-Dateien
Erwartet  beschleunigung 1.1–6, warteanteil_naiv 0.4–0.9, warteanteil_alles 0.05–0.4,
          gleiche_bilder_vor_cache 1–1, gleiche_bilder_nach_cache 0–0

Jedes Bild ist eine Datei: lesen, entpacken, verkleinern, zufällig verändern. Das kostet in jeder Epoche
Zeit, in der das Netz nur wartet. Gemessen wird getrennt: warten auf den Batch, rechnen mit dem Batch.
"""

# %% Stellschrauben: hier live drehen
N_IMAGES = 800  # Test: 64
FILE_SIZE = 320  # Test: 32; Kantenlänge der Dateien in Pixeln
IMAGE_SIZE = 64  # Test: 16; Kantenlänge für das Netz
BATCH_SIZE = 32
EPOCHS = 5  # Test: 2
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
import time

from kurs import ausgabe_ordner, ergebnis
from kurs.bilder import fashion_mnist

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf

keras.utils.set_random_seed(SEED)

# %% Bilder als Dateien ablegen, wie man sie im Alltag bekommt (nur beim ersten Mal)
(x, y), _ = fashion_mnist.load_data()
folder = ausgabe_ordner() / f"bilder_{FILE_SIZE}"
folder.mkdir(exist_ok=True)
files = [folder / f"{index:05}.jpg" for index in range(N_IMAGES)]
for file, image in zip(files, x):
    if not file.exists():
        photo = tf.image.resize(image[..., None], (FILE_SIZE, FILE_SIZE), "bilinear")
        file.write_bytes(tf.io.encode_jpeg(tf.cast(photo, tf.uint8)).numpy())
paths, labels = [str(file) for file in files], y[:N_IMAGES].astype("int32")
print(f"{N_IMAGES} JPEG-Dateien mit {FILE_SIZE} × {FILE_SIZE} Pixeln in {folder}")


# %% Die Arbeit je Bild: ein fester Teil und ein zufälliger
def load(path, label):
    """Lesen, entpacken, verkleinern: jedes Mal dasselbe Ergebnis, also etwas für den Cache."""
    image = tf.io.decode_jpeg(tf.io.read_file(path), channels=1)
    image = tf.image.resize(image, (IMAGE_SIZE, IMAGE_SIZE), "area") / 255.0
    return image, label


def augment(example, seed):
    """Zufällig verändern: soll jedes Mal anders sein, darf also NICHT in den Cache."""
    image, label = example
    image = tf.image.stateless_random_flip_left_right(image, seed)
    image = tf.image.stateless_random_brightness(image, 0.2, seed)
    image = tf.image.stateless_random_contrast(image, 0.7, 1.3, seed)
    return tf.clip_by_value(image, 0.0, 1.0), label


def with_seeds(dataset):
    """Gibt jedem Bild einen frischen Startwert mit, in jeder Epoche einen anderen.

    tf.image.random_… ohne „stateless“ würfe hier in jeder Epoche dieselben Zahlen, weil SEED gesetzt ist.
    """
    seeds = tf.data.Dataset.random(seed=SEED, rerandomize_each_iteration=True).batch(2)
    return tf.data.Dataset.zip(dataset, seeds)


def build_pipeline(cache=False, parallel=False, prefetch=False):
    workers = tf.data.AUTOTUNE if parallel else None
    dataset = tf.data.Dataset.from_tensor_slices((paths, labels))
    dataset = dataset.map(load, num_parallel_calls=workers)
    if cache:
        dataset = dataset.cache()  # im Arbeitsspeicher; cache(datei) legt es auf die Platte
    dataset = dataset.shuffle(N_IMAGES, seed=SEED)
    dataset = with_seeds(dataset).map(augment, num_parallel_calls=workers)
    dataset = dataset.batch(BATCH_SIZE, drop_remainder=True)
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
model.train_on_batch(*next(iter(build_pipeline())))  # übersetzt das Netz; zählt nicht mit


# %% Messen: Die Stoppuhr trennt Warten und Rechnen
def measure(dataset):
    """Je Epoche (Sekunden warten, Sekunden rechnen)."""
    epochs = []
    for _ in range(EPOCHS):
        waiting = computing = 0.0
        clock = time.perf_counter()
        for images, batch_labels in dataset:
            waiting += time.perf_counter() - clock
            clock = time.perf_counter()
            model.train_on_batch(images, batch_labels)
            computing += time.perf_counter() - clock
            clock = time.perf_counter()
        epochs.append((waiting, computing))
    return np.array(epochs)


variants = {
    "naiv": {},
    "nur Cache": {"cache": True},
    "nur parallele map": {"parallel": True},
    "nur Prefetch": {"prefetch": True},
    "alles zusammen": {"cache": True, "parallel": True, "prefetch": True},
}
print(f"\nSekunden je Epoche ({N_IMAGES} Bilder)   1. Epoche   danach: warten + rechnen")
later, first = {}, {}
for name, switches in variants.items():
    run = measure(build_pipeline(**switches))
    # von den späteren Epochen zählt die schnellste: Sie wurde am wenigsten gestört
    first[name], later[name] = run[0].sum(), min(run[1:], key=sum)
    print(f"  {name:32} {first[name]:10.2f}   {later[name][0]:14.2f} + {later[name][1]:.2f}")

# %% Wofür geht das Warten drauf? Einzelne Stufen ohne Netz
examples = tf.data.Dataset.from_tensor_slices((paths, labels))
stages = {
    "lesen": examples.map(lambda path, label: tf.io.read_file(path)),
    "+ entpacken": examples.map(lambda path, label: tf.io.decode_jpeg(tf.io.read_file(path))),
    "+ verkleinern": examples.map(load),
    "+ zufällig verändern": with_seeds(examples.map(load)).map(augment),
}
print("\nMillisekunden je Bild, Stufe um Stufe aufaddiert:")
for name, dataset in stages.items():
    clock = time.perf_counter()
    for _ in dataset.batch(BATCH_SIZE):
        pass
    print(f"  {name:22} {(time.perf_counter() - clock) / N_IMAGES * 1000:5.2f}")

# %% Fallstrick: zufällig verändern VOR dem Cache friert den Zufall ein
few = examples.take(8).map(load)
orders = {
    "erst verändern, dann cache": with_seeds(few).map(augment).cache(),
    "erst cache, dann verändern": with_seeds(few.cache()).map(augment),
}
same = []
print()
for name, dataset in orders.items():
    first_epoch, second_epoch = [[image.numpy() for image, _ in dataset] for _ in range(2)]
    same.append(float(np.mean([np.array_equal(a, b) for a, b in zip(first_epoch, second_epoch)])))
    print(f"{name}: {same[-1]:.0%} der Bilder sind in Epoche 2 genau wie in Epoche 1")

# %% Bild: gestapelte Balken
figure, axis = plt.subplots(figsize=(10, 5))
waiting, computing = np.array(list(later.values())).T
axis.barh(list(later), waiting, color="tab:orange", hatch="//", edgecolor="white", label="warten auf Daten")
axis.barh(list(later), computing, left=waiting, color="tab:blue", label="rechnen")
for row, seconds in enumerate(later.values()):
    axis.text(seconds.sum(), row, f" {seconds.sum():.2f} s", va="center")
axis.invert_yaxis()
axis.set_xlim(0, 1.15 * max(seconds.sum() for seconds in later.values()))
axis.set_xlabel("Sekunden je Epoche (ab der 2. Epoche)")
axis.set_title("Gewonnen wird beim Warten auf Daten, kaum beim Rechnen")
axis.legend(loc="lower right")
plt.show()

# %% Was man sieht
# Naiv wartet das Netz die meiste Zeit. Der Cache bringt am meisten, denn ab der zweiten Epoche entfallen
# Lesen, Entpacken und Verkleinern; der Preis ist Arbeitsspeicher. Die parallele map und Prefetch verteilen
# Arbeit auf andere Kerne, während das Netz rechnet: Auf zwei Kernen, die auch das Netz braucht, ist wenig zu
# verteilen, auf acht mehr. Gedacht sind beide für eine GPU, neben der die CPU sonst nichts zu tun hat.
ergebnis(
    beschleunigung=later["naiv"].sum() / later["alles zusammen"].sum(),
    warteanteil_naiv=later["naiv"][0] / later["naiv"].sum(),
    warteanteil_alles=later["alles zusammen"][0] / later["alles zusammen"].sum(),
    gleiche_bilder_vor_cache=same[0],
    gleiche_bilder_nach_cache=same[1],
)
