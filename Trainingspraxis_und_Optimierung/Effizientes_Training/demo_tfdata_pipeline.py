"""tf.data: Wo bleibt die Zeit, und was bringen Cache, parallele map und Prefetch?

Kapitel   5.40 Trainingspraxis und Optimierung · Effizientes Training
Folie     Code Demo: Datenpipeline-Optimierung mit tf.data
Lernziel  Wartezeit auf Daten messen und mit cache, num_parallel_calls und prefetch verkürzen
Laufzeit  ca. 15 s (2 CPU-Kerne)
Daten     Fashion-MNIST, vergrößert auf Fotogröße, als JPEG-Dateien
Erwartet  beschleunigung 1.2–8, warteanteil_naiv 0.4–0.95, warteanteil_alles 0–0.6

Jedes Bild ist eine Datei: lesen, entpacken, verkleinern, zufällig verändern. Das kostet in jeder
Epoche Zeit, in der das Netz nur wartet.
"""

# %% Stellschrauben: hier live drehen
N_IMAGES = 800  # Test: 64
FILE_SIZE = 480  # Test: 32; Kantenlänge der Dateien in Pixeln
IMAGE_SIZE = 64  # Test: 16; Kantenlänge für das Netz
BATCH_SIZE = 32
EPOCHS = 4  # Test: 1; nach einer ersten, die auch den Cache füllt

# %% Bibliotheken laden (einige Sekunden)
import timeit

from kurs import ausgabe_ordner, ergebnis
from kurs.bilder import fashion_mnist

import keras
import matplotlib.pyplot as plt
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
    """Zufällig verändern: soll jedes Mal anders sein, also NICHT vor den Cache (demo_cache)."""
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
        keras.layers.Conv2D(16, 3, strides=2, padding="same", activation="relu"),
        keras.layers.Conv2D(32, 3, strides=2, padding="same", activation="relu"),
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
    # alles ist schon getan: Es bleibt das Rechnen
    "fertige Batches": build_pipeline().cache().prefetch(tf.data.AUTOTUNE),
}
seconds = {}
print("\nSekunden je Epoche    erste   danach")
for name in pipelines:
    epoch = "model.fit(pipelines[name], shuffle=False)"  # gemischt wird schon in der Pipeline
    first, *later = timeit.repeat(epoch, globals=globals(), number=1, repeat=1 + EPOCHS)
    seconds[name] = min(later)  # die schnellste wurde am wenigsten von anderem gestört
    print(f"  {name:18} {first:6.2f}   {seconds[name]:6.2f}")

# %% Bild: Was über der Linie liegt, ist Warten auf Daten
computing = seconds.pop("fertige Batches")
figure, axis = plt.subplots()
bars = axis.bar(list(seconds), seconds.values())
axis.bar_label(bars, fmt="%.2f s")
axis.axhline(computing, color="C1", linestyle="--", label="nur rechnen (fertige Batches)")
axis.set(ylabel="Sekunden je Epoche", title="Wie lange wartet das Netz auf Daten?")
axis.legend()
plt.show()

# %% Was man sieht
# Der Cache erspart ab der zweiten Epoche Lesen, Entpacken und Verkleinern; der Preis ist
# Arbeitsspeicher. Parallele map und Prefetch verteilen Arbeit auf andere Kerne, während das Netz
# rechnet: Auf zwei Kernen, die auch das Netz braucht, ist wenig zu verteilen, auf acht mehr.
# Gedacht sind beide für eine GPU, neben der die CPU sonst nichts zu tun hat.
waiting = {name: max(0, 1 - computing / value) for name, value in seconds.items()}
best = min((name for name in seconds if name.startswith("nur")), key=seconds.get)
print(f"\nNaiv sind {waiting['naiv']:.0%} der Zeit Warten auf Daten,", end=" ")
print(f"mit allem zusammen {waiting['alles zusammen']:.0%}.")
print(f"Von den einzelnen Maßnahmen war hier am schnellsten: {best}")
ergebnis(
    beschleunigung=seconds["naiv"] / seconds["alles zusammen"],
    warteanteil_naiv=waiting["naiv"],
    warteanteil_alles=waiting["alles zusammen"],
)
