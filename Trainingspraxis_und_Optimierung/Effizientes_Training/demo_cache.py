"""tf.data und der Cache: Was zufällig sein soll, gehört dahinter.

Kapitel   5.45 Trainingspraxis und Optimierung · Effizientes Training
Folie     Code Demo: Datenpipeline-Optimierung mit tf.data
Lernziel  Die Reihenfolge von cache und map verstehen: Was davor steht, geschieht nur einmal
Laufzeit  ca. 5 s (2 CPU-Kerne)
Daten     Fashion-MNIST
Erwartet  gleiche_bilder_vor_cache 1–1, gleiche_bilder_nach_cache 0–0
Original  gleiche_bilder_vor_cache 1–1, gleiche_bilder_nach_cache 0–0

Data Augmentation verändert jedes Bild in jeder Epoche ein wenig anders. Steht sie vor dem Cache,
sieht das Netz in jeder Epoche dieselben Bilder, und niemand meldet einen Fehler.
"""

# %% Stellschrauben: hier live drehen
N_IMAGES = 8
EPOCHS = 4  # so oft wird die Pipeline durchlaufen, wenigstens zweimal

# %% Bibliotheken laden (einige Sekunden)
from kurs import ergebnis
from kurs.bilder import fashion_mnist

import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf

# %% Bilder
(x, _), _ = fashion_mnist.load_data()
images = tf.data.Dataset.from_tensor_slices(x[:N_IMAGES, ..., None] / np.float32(255))


# %% Dieselben Schritte in zwei Reihenfolgen
def augment(image):
    image = tf.image.random_flip_left_right(image)
    return tf.image.random_brightness(image, 0.5)


pipelines = {
    "erst verändern, dann cache": images.map(augment).cache(),
    "erst cache, dann verändern": images.cache().map(augment),
}

# %% Mehrere Epochen: Was sieht das Netz?
seen, same = {}, {}
for name, pipeline in pipelines.items():
    seen[name] = [list(pipeline.as_numpy_iterator()) for _ in range(EPOCHS)]
    first, second = seen[name][:2]
    same[name] = sum(np.array_equal(a, b) for a, b in zip(first, second)) / len(first)
    print(f"{name}: {same[name]:.0%} der Bilder sind in Epoche 2 genau wie in Epoche 1")

# %% Bild: das erste Bild in jeder Epoche
figure, axes = plt.subplots(2, EPOCHS, squeeze=False)
for row, (name, epochs) in zip(axes, seen.items()):
    for number, (axis, epoch) in enumerate(zip(row, epochs), start=1):
        axis.imshow(epoch[0], cmap="gray", vmin=0, vmax=1.5)
        axis.set(xticks=[], yticks=[], title=f"Epoche {number}")
    row[0].set_ylabel(name.replace(", ", ",\n"))
figure.suptitle("Dasselbe Bild in jeder Epoche: Ändert es sich noch?")
plt.show()

ergebnis(
    gleiche_bilder_vor_cache=same["erst verändern, dann cache"],
    gleiche_bilder_nach_cache=same["erst cache, dann verändern"],
)
