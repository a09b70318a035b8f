"""Convolution als Filter: Kanten auf einem Foto finden, von Hand und mit Conv2D.

Kapitel   2.20 Erweiterte Konzepte und Architekturen · Erweiterte Architekturen
Folie     Architekturen – Convolutions als Filter
Lernziel  Eine Faltung selbst rechnen; sehen, dass Conv2D nichts anderes tut
Laufzeit  ca. 6 s (2 CPU-Kerne)
Daten     Foto „china.jpg“ aus scikit-learn
Erwartet  abweichung_conv2d 0–0.0001, filter_1_zu_filter_2 1–1.1

Ein Filter ist eine kleine Tabelle von Zahlen. Man legt sie auf jede Stelle des Bildes,
multipliziert Zahl für Zahl und zählt zusammen: Das ist die ganze Convolution. Welche Zahlen in der
Tabelle stehen, bestimmt, worauf der Filter anspringt. Ein CNN lernt diese Zahlen; hier schreiben
wir sie hin.
"""

# %% Stellschrauben: hier live drehen
FILTER_1 = [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]  # springt an, wo es nach rechts heller wird
FILTER_2 = [[-1, -2, -1], [0, 0, 0], [1, 2, 1]]  # … wo es nach unten heller wird
# probiere [[0, -1, 0], [-1, 5, -1], [0, -1, 0]] oder [[-2, -1, 0], [-1, 1, 1], [0, 1, 2]] (Relief)
BLUR_SIZE = 9  # so viele Pixel mittelt der Weichzeichner in jede Richtung
CROP = [40, 240, 60, 360]  # Ausschnitt des Fotos in Pixeln: oben, unten, links, rechts

# %% Bibliotheken laden (einige Sekunden)
from kurs import ergebnis

import keras
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_sample_image


# %% Die Convolution von Hand: zwei Schleifen über das Bild
def convolve(image, kernel):
    """Legt `kernel` auf jede Stelle von `image`; ohne Rand, deshalb wird das Ergebnis kleiner."""
    kernel = np.array(kernel, dtype="float32")
    height, width = kernel.shape
    rows, columns = image.shape[0] - height + 1, image.shape[1] - width + 1
    result = np.empty((rows, columns), dtype="float32")
    for row in range(rows):
        for column in range(columns):
            patch = image[row : row + height, column : column + width]
            result[row, column] = np.sum(patch * kernel)
    return result


# Erst so klein, dass man mitrechnen kann: links dunkel (0), rechts hell (1)
tiny = np.zeros((5, 8), dtype="float32")
tiny[:, 4:] = 1
print("Ein winziges Bild, links dunkel, rechts hell:\n", tiny.astype(int))
for name, kernel in (("Filter 1", FILTER_1), ("Filter 2", FILTER_2)):
    result = convolve(tiny, kernel)
    print(f"{name}:\n {np.array(kernel)}\nsein Ergebnis:\n {result}")
    print(f"An {(result != 0).sum()} von {result.size} Stellen springt er an.")

# %% Jetzt ein echtes Foto, in Grau (0 = schwarz, 1 = weiß)
photo = load_sample_image("china.jpg")
top, bottom, left, right = CROP
image = (photo[top:bottom, left:right] / 255.0).mean(axis=2).astype("float32")
print(f"\nFoto: {photo.shape[0]} × {photo.shape[1]} Pixel, {photo.shape[2]} Farbkanäle")
print(f"Davon ein Ausschnitt, in Grau: {image.shape[0]} × {image.shape[1]} Pixel")

by_hand = convolve(image, FILTER_1)
edges, edges_2 = np.abs(by_hand), np.abs(convolve(image, FILTER_2))
blurred = convolve(image, np.full((BLUR_SIZE, BLUR_SIZE), 1 / BLUR_SIZE**2))
print(f"Mittlere Antwort: Filter 1 {edges.mean():.3f}, Filter 2 {edges_2.mean():.3f}")

# %% Bild: dasselbe Foto durch drei Filter
figure, axes = plt.subplots(2, 2, figsize=(11, 8))
pictures = {"Original": image, "Filter 1": edges, "Filter 2": edges_2, "weichgezeichnet": blurred}
for axis, (name, picture) in zip(axes.flat, pictures.items()):
    axis.imshow(picture, cmap="gray")
    axis.set_title(name)
    axis.axis("off")
figure.suptitle("Ein Foto, drei Filter: Was hebt jeder hervor?")
plt.show()


# %% Dasselbe mit Keras: Conv2D bekommt unsere Zahlen als Gewichte
weights = np.array(FILTER_1, dtype="float32")
conv = keras.layers.Conv2D(filters=1, kernel_size=weights.shape, use_bias=False)
batch = image[np.newaxis, :, :, np.newaxis]  # Keras will (Bilder, Höhe, Breite, Kanäle)
conv.build(batch.shape)
conv.set_weights([weights[:, :, np.newaxis, np.newaxis]])
difference_conv = np.abs(keras.ops.convert_to_numpy(conv(batch))[0, :, :, 0] - by_hand).max()
print(f"\nConv2D gegen unsere Schleifen: größter Unterschied {difference_conv:.1e} (Rundung)")

print(f"Conv2D hat hier {conv.count_params()} Gewichte, egal wie groß das Bild ist; Dense bräuchte")
print(f"von jedem Pixel zu jedem Ausgang {image.size * by_hand.size / 1e9:.1f} Milliarden.")

# %% Was man sieht
# So wie ausgeliefert leuchtet Filter 1 an Säulen (senkrechte Kanten), Filter 2 an Dachkanten und
# Balken. Conv2D ist genau diese Rechnung, nur schnell. (In der Mathematik wird der Filter vorher um
# 180° gedreht; was Keras und PyTorch „Convolution“ nennen, dreht nicht.)
ratio = edges.mean() / max(edges_2.mean(), 1e-9)  # ein Filter aus Nullen antwortet nie
ergebnis(abweichung_conv2d=difference_conv, filter_1_zu_filter_2=ratio)
