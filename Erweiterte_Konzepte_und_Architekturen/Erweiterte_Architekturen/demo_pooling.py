"""Pooling: von jedem kleinen Feld bleibt nur das Stärkste. Was geht verloren, was bleibt?

Kapitel   2.22 Erweiterte Konzepte und Architekturen · Erweiterte Architekturen
Folie     CNN – Pooling Layer
Lernziel  Max- und Average-Pooling selbst rechnen; sehen, dass Verschieben danach weniger ausmacht
Laufzeit  ca. 4 s (2 CPU-Kerne)
Daten     Foto „china.jpg“ aus scikit-learn
Erwartet  abweichung_pooling 0–0.0001, pixel_nach_pooling 0.24–0.26, unterschied_vorher 0.75–0.9,
          unterschied_nachher 0.03–0.1

Nach einer Convolution steht an jeder Stelle, wie stark der Filter dort anspringt. Ob es genau hier
war oder ein Pixel daneben, ist für „da ist eine Kante“ gleich. Pooling fasst Felder zusammen; das
spart Rechenarbeit und macht das Netz gegen kleine Verschiebungen unempfindlich.
"""

# %% Stellschrauben: hier live drehen
POOL_SIZE = 2
SHIFT = 1  # um so viele Pixel wird das Bild zum Vergleich verschoben
CROP = [40, 240, 60, 360]  # Ausschnitt des Fotos in Pixeln: oben, unten, links, rechts

# %% Bibliotheken laden (einige Sekunden)
from kurs import ergebnis

import keras
import matplotlib.pyplot as plt
import numpy as np
from scipy.ndimage import sobel
from sklearn.datasets import load_sample_image

# %% Ein Foto, und wo darin senkrechte Kanten sind (der Filter aus demo_convolution_filter)
photo = load_sample_image("china.jpg")
top, bottom, left, right = CROP
image = (photo[top:bottom, left:right] / 255.0).mean(axis=2).astype("float32")
edges = np.abs(sobel(image, axis=1))
print(f"Kantenbild mit {edges.shape[0]} × {edges.shape[1]} Zahlen")


# %% Pooling von Hand: Aus jedem Feld wird eine Zahl
def pool(image, size, choose):
    """Teilt `image` in Felder von size × size und fasst jedes zusammen (Reste fallen weg)."""
    rows, columns = image.shape[0] // size, image.shape[1] // size
    fields = image[: rows * size, : columns * size].reshape(rows, size, columns, size)
    return choose(fields, axis=(1, 3))


tiny = np.array([[1, 0, 2, 0], [0, 5, 0, 0], [3, 0, 0, 0], [0, 0, 0, 4]])
print(f"\nEin winziges Bild:\n{tiny}")
print(f"Max-Pooling:\n{pool(tiny, 2, np.max)}\nAverage-Pooling:\n{pool(tiny, 2, np.mean)}")

# %% Dasselbe mit Keras
pooled = pool(edges, POOL_SIZE, np.max)
keras_pooled = keras.layers.MaxPooling2D(POOL_SIZE)(edges[None, :, :, None])
difference = np.abs(keras.ops.convert_to_numpy(keras_pooled)[0, :, :, 0] - pooled).max()
share = pooled.size / edges.size
print(f"\nAus {edges.shape} wird {pooled.shape}, also {share:.0%} der Zahlen.")
print(f"MaxPooling2D gegen unser Pooling: größter Unterschied {difference:.1e}")

# %% Pooling mehrmals hintereinander, und dasselbe mit dem verschobenen Bild
stages, moved = [edges], [np.roll(edges, SHIFT, axis=1)]
while len(stages) < 4 and min(stages[-1].shape) >= POOL_SIZE > 1:
    for pictures in (stages, moved):
        pictures.append(pool(pictures[-1], POOL_SIZE, np.max))
changes = [np.abs(a - b).sum() / max(a.sum(), 1e-9) for a, b in zip(stages, moved)]
print(f"\nUm {SHIFT} Pixel verschoben: So verschieden ist das Bild dann vom alten")
for step, (picture, change) in enumerate(zip(stages, changes)):
    print(f"  {step}-mal Pooling, {picture.shape[0]:3} × {picture.shape[1]:3}: {change:.0%}")

# %% Bild
figure, axes = plt.subplots(1, len(stages), figsize=(14, 3.6), squeeze=False)
for step, (axis, picture) in enumerate(zip(axes[0], stages)):
    axis.imshow(picture, cmap="gray")
    axis.set_title(f"{step}-mal Pooling\n{picture.shape[0]} × {picture.shape[1]}")
    axis.axis("off")
figure.suptitle("Was bleibt, wenn je Feld nur das Stärkste übrig ist?")
plt.show()

# %% Was man sieht
# Pooling behält, was auffällt, und vergisst, wo genau es war. Deshalb erkennt ein CNN eine Ziffer
# auch ein Stück weiter rechts; wo etwas genau ist (Segmentierung), muss man es anders machen.
ergebnis(
    abweichung_pooling=difference,
    pixel_nach_pooling=share,
    unterschied_vorher=changes[0],
    unterschied_nachher=changes[-1],
)
