"""Convolution als Filter: Kanten auf einem Foto finden, von Hand und mit Conv2D.

Kapitel   2.20 Erweiterte Konzepte und Architekturen · Erweiterte Architekturen
Folie     Architekturen – Convolutions als Filter · CNN – Pooling Layer
Lernziel  Eine Faltung und ein Pooling selbst rechnen; sehen, dass Conv2D nichts anderes tut
Laufzeit  ca. 8 s (2 CPU-Kerne)
Daten     Foto „china.jpg“ aus scikit-learn
Erwartet  abweichung_conv2d 0–0.0001, abweichung_pooling 0–0.0001, senkrecht_zu_waagrecht 1–1.1,
          pixel_nach_pooling 0.24–0.26

Ein Filter ist eine kleine Tabelle von Zahlen. Man legt sie auf jede Stelle des Bildes, multipliziert
Zahl für Zahl und zählt zusammen: Das ist die ganze Convolution. Welche Zahlen in der Tabelle stehen,
bestimmt, worauf der Filter anspringt. Ein CNN lernt diese Zahlen; hier schreiben wir sie selbst hin.
"""

# %% Stellschrauben: hier live drehen
VERTICAL_EDGES = [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]  # springt an, wo es von links nach rechts heller wird
HORIZONTAL_EDGES = [[-1, -2, -1], [0, 0, 0], [1, 2, 1]]  # … von oben nach unten heller
BLUR_SIZE = 9  # so viele Pixel mittelt der Weichzeichner in jede Richtung
POOL_SIZE = 2
CROP = [40, 240, 60, 360]  # Ausschnitt des Fotos in Pixeln: oben, unten, links, rechts

# %% Bibliotheken laden (einige Sekunden)
from kurs import ergebnis

import keras
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_sample_image


# %% Die Convolution von Hand: zwei Schleifen über das Bild
def convolve(image, kernel):
    """Legt `kernel` auf jede Stelle von `image`; ohne Rand, deshalb wird das Ergebnis etwas kleiner."""
    kernel = np.array(kernel, dtype="float32")
    size = len(kernel)
    rows, columns = image.shape[0] - size + 1, image.shape[1] - size + 1
    result = np.empty((rows, columns), dtype="float32")
    for row in range(rows):
        for column in range(columns):
            patch = image[row : row + size, column : column + size]
            result[row, column] = np.sum(patch * kernel)
    return result


# Erst so klein, dass man mitrechnen kann: links dunkel (0), rechts hell (1)
tiny = np.zeros((5, 8), dtype="float32")
tiny[:, 4:] = 1
print("Ein winziges Bild, links dunkel, rechts hell:\n", tiny.astype(int))
print("Der Filter für senkrechte Kanten:\n", np.array(VERTICAL_EDGES))
print("Das Ergebnis:\n", convolve(tiny, VERTICAL_EDGES).astype(int))
print("Nur rund um den Sprung steht etwas anderes als 0. Mit dem Filter für waagrechte Kanten:")
print("", convolve(tiny, HORIZONTAL_EDGES).astype(int), "\nNichts: Waagrechte Kanten hat dieses Bild nicht.")

# %% Jetzt ein echtes Foto, in Grau (0 = schwarz, 1 = weiß)
photo = load_sample_image("china.jpg")
top, bottom, left, right = CROP
image = (photo[top:bottom, left:right] / 255.0).mean(axis=2).astype("float32")
print(f"\nFoto: {photo.shape[0]} × {photo.shape[1]} Pixel, {photo.shape[2]} Farben")
print(f"Davon ein Ausschnitt, in Grau: {image.shape[0]} × {image.shape[1]} Pixel")

blur = np.full((BLUR_SIZE, BLUR_SIZE), 1 / BLUR_SIZE**2)
responses = {
    "senkrechte Kanten": np.abs(convolve(image, VERTICAL_EDGES)),
    "waagrechte Kanten": np.abs(convolve(image, HORIZONTAL_EDGES)),
    "weichgezeichnet": convolve(image, blur),
}

# %% Bild 1: dasselbe Foto durch drei Filter
figure, axes = plt.subplots(2, 2, figsize=(11, 8))
for axis, (name, picture) in zip(axes.flat, {"Original": image, **responses}.items()):
    axis.imshow(picture, cmap="gray")
    axis.set_title(name)
    axis.axis("off")
figure.suptitle("Ein Foto, drei Filter: Jeder hebt etwas anderes hervor")
plt.show()
vertical, horizontal = (responses[f"{name} Kanten"].mean() for name in ("senkrechte", "waagrechte"))
print(f"Mittlere Antwort: senkrechte Kanten {vertical:.3f}, waagrechte Kanten {horizontal:.3f}")
print("Säulen leuchten im Bild der senkrechten Kanten auf, Dachkanten und Balken in dem der waagrechten.")


# %% Pooling von Hand: je Feld von 2 × 2 Pixeln bleibt nur die größte Zahl
def max_pool(image, size):
    """Teilt `image` in Felder von size × size und behält je Feld das Maximum (Reste fallen weg)."""
    rows, columns = image.shape[0] // size, image.shape[1] // size
    fields = image[: rows * size, : columns * size].reshape(rows, size, columns, size)
    return fields.max(axis=(1, 3))


edges = responses["senkrechte Kanten"]
pooled = max_pool(edges, POOL_SIZE)
print(f"\nPooling: aus {edges.shape} wird {pooled.shape}, also {pooled.size / edges.size:.0%} der Zahlen")

# %% Bild 2: Pooling mehrmals hintereinander
figure, axes = plt.subplots(1, 4, figsize=(14, 3.6))
current = edges
for step, axis in enumerate(axes):
    axis.imshow(current, cmap="gray")
    axis.set_title(f"{step}-mal Pooling\n{current.shape[0]} × {current.shape[1]}")
    axis.axis("off")
    current = max_pool(current, POOL_SIZE)
figure.suptitle("Pooling behält, was auffällt, und vergisst, wo genau es war")
plt.show()

# %% Dasselbe mit Keras: Conv2D bekommt unsere Zahlen als Gewichte
conv = keras.layers.Conv2D(filters=1, kernel_size=3, use_bias=False)
batch = image[np.newaxis, :, :, np.newaxis]  # Keras will (Bilder, Höhe, Breite, Kanäle)
conv.build(batch.shape)
conv.set_weights([np.array(VERTICAL_EDGES, dtype="float32").reshape(3, 3, 1, 1)])
from_keras = keras.ops.convert_to_numpy(conv(batch))[0, :, :, 0]
by_hand = convolve(image, VERTICAL_EDGES)
difference_conv = float(np.abs(from_keras - by_hand).max())
print(f"\nConv2D gegen unsere Schleifen: größter Unterschied {difference_conv:.1e} (Rundung)")

pool = keras.layers.MaxPooling2D(POOL_SIZE)
pool_keras = keras.ops.convert_to_numpy(pool(edges[np.newaxis, :, :, np.newaxis]))[0, :, :, 0]
difference_pool = float(np.abs(pool_keras - pooled).max())
print(f"MaxPooling2D gegen unser Pooling: größter Unterschied {difference_pool:.1e}")

# %% Warum nicht einfach Dense? Die Zahl der Gewichte
dense_weights = image.size * by_hand.size
print(f"\nConv2D hat hier {conv.count_params()} Gewichte, egal wie groß das Bild ist.")
print(f"Dense von jedem Pixel zu jedem Ausgang bräuchte {dense_weights / 1e9:.1f} Milliarden.")

# %% Was man sieht
# Die Zahlen sind gleich: Conv2D ist genau diese Rechnung, nur schnell. (In der Mathematik wird der
# Filter vorher um 180° gedreht; was Keras und PyTorch „Convolution“ nennen, dreht nicht.)
# Zum Weiterspielen: oben VERTICAL_EDGES durch [[0, -1, 0], [-1, 5, -1], [0, -1, 0]] ersetzen (schärft)
# oder durch [[-2, -1, 0], [-1, 1, 1], [0, 1, 2]] (prägt ein Relief).
ergebnis(
    abweichung_conv2d=difference_conv,
    abweichung_pooling=difference_pool,
    senkrecht_zu_waagrecht=vertical / horizontal,
    pixel_nach_pooling=pooled.size / edges.size,
)
