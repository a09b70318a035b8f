"""Aus einer Bilddatei wird ein Bild wie in MNIST: 28×28, helle Ziffer auf Schwarz, mittig.

Das Modell hat nur solche Bilder gesehen. Eine gezeichnete oder fotografierte Ziffer ist dunkel auf
hell, sitzt irgendwo und ist irgendwie groß; ohne diese Schritte rät das Modell.
"""

import io

import numpy as np
from PIL import Image, ImageOps, PngImagePlugin

from .annahme import Refusal

SIZE, BOX = 28, 20  # Kantenlänge der Bilder in MNIST; die Ziffer selbst passt dort in 20×20
MAX_PIXELS = 30_000_000  # so groß ist kein Foto einer Ziffer, wohl aber eine „Bombe“
SMALL_PIXELS = 300_000  # so viele sind in wenigen Millisekunden ausgepackt
MAX_CHUNKS, MAX_SCANS = 1_500, 50  # Stücke eines PNG, Durchgänge eines JPEG: Jedes kostet Zeit
PngImagePlugin.MAX_TEXT_MEMORY = 1_000_000  # Text im PNG ist gepackt: 1 kB kann ein MB sein
Image.MAX_IMAGE_PIXELS = None  # wir prüfen selbst, bevor Pillow einen Pixel auspackt


def open_image(data: bytes) -> Image.Image:
    """PNG oder JPEG, noch nicht ausgepackt. Fehler: Refusal."""
    if not data:
        raise Refusal(422, "Die Anfrage oder ihre Datei ist leer.")
    if has_many_pieces(data):
        raise Refusal(413, "Das Bild besteht aus zu vielen Stücken.")
    try:
        image = Image.open(io.BytesIO(data), formats=("PNG", "JPEG"))
    except Exception:  # noqa: BLE001 (Pillow meldet Unlesbares auf viele Arten)
        raise Refusal(415, "Das ist kein lesbares PNG- oder JPEG-Bild.") from None
    # Bis hierher ist nur der Kopf gelesen: Ein winziges PNG kann Milliarden Pixel ankündigen.
    size = f"Das Bild hat {image.width} × {image.height} Pixel"
    if image.width * image.height > MAX_PIXELS:
        raise Refusal(413, f"{size}; erlaubt sind {MAX_PIXELS // 10**6} Millionen.")
    if min(image.size) < 8:
        raise Refusal(422, f"{size} und ist damit zu klein.")
    return image


def has_many_pieces(data: bytes) -> bool:
    """Ob die Datei aus mehr Stücken besteht als eine, die jemand gespeichert hat."""
    if not data.startswith(b"\x89PNG"):
        return data.count(b"\xff\xda") > MAX_SCANS
    place, chunks = 8, 0
    while place < len(data) and chunks <= MAX_CHUNKS:
        place += 12 + int.from_bytes(data[place : place + 4], "big")
        chunks += 1
    return chunks > MAX_CHUNKS


def read_gray(image: Image.Image) -> np.ndarray:
    """Ein geöffnetes Bild → Graustufen (Höhe, Breite), float32, 0–255. Fehler: Refusal."""
    try:
        image.draft("L", (1000, 1000))  # große JPEGs gleich verkleinert auspacken
        image = ImageOps.exif_transpose(image)  # Handyfotos liegen oft auf der Seite
        if image.mode.startswith("I"):  # 16 Bit je Pixel
            image = Image.fromarray((np.asarray(image) / 257).astype("uint8"))
        if image.has_transparency_data:  # Durchsichtiges ist Papier
            image = image.convert("RGBA")
            image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
        image = image.convert("L")
        if (factor := min(max(image.size) // 1000, min(image.size) // 100)) > 1:
            image = image.reduce(factor)  # mehr als 1000 Pixel braucht niemand
        return np.asarray(image, dtype="float32")
    except Exception:  # noqa: BLE001
        raise Refusal(422, "Das Bild ist beschädigt oder abgeschnitten.") from None


def normalize(gray: np.ndarray) -> np.ndarray:
    """Graustufen jeder Größe → (28, 28), float32, 0–1, wie MNIST. Fehler: Refusal."""
    border = np.concatenate([gray[0], gray[-1], gray[:, 0], gray[:, -1]])
    paper = np.median(border)  # der Rand ist fast immer Untergrund
    # Auf Fotos rauscht der Untergrund; ein gezeichnetes Bild ist dort überall gleich
    noise = 3 * np.median(np.abs(border - paper))
    ink = np.maximum(np.abs(gray - paper) - noise, 0)
    if ink.max() < 25:
        raise Refusal(422, "Auf dem Bild ist nichts zu sehen.")
    stroke = ink > 0.1 * ink.max()
    rows, columns = np.flatnonzero(stroke.any(axis=1)), np.flatnonzero(stroke.any(axis=0))
    ink = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]

    # Die längere Seite wird 20 Pixel lang. BOX mittelt ganze Flächen: Dünne Striche gehen nicht verloren.
    factor = BOX / max(ink.shape)
    width, height = (max(1, round(side * factor)) for side in ink.shape[::-1])
    small = np.asarray(Image.fromarray(ink).resize((width, height), Image.Resampling.BOX))

    # Der Schwerpunkt (nicht die Mitte des Kastens) kommt auf Pixel 14, so weit der Rand reicht.
    center_y = np.average(np.arange(height), weights=small.sum(axis=1))
    center_x = np.average(np.arange(width), weights=small.sum(axis=0))
    top = int(np.clip(round(SIZE / 2 - center_y), 0, SIZE - height))
    left = int(np.clip(round(SIZE / 2 - center_x), 0, SIZE - width))
    return np.pad(small / small.max(), ((top, SIZE - height - top), (left, SIZE - width - left)))
