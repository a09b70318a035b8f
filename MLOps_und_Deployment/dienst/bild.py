"""Aus einer Bilddatei wird ein Bild wie in MNIST: 28×28, helle Ziffer auf Schwarz, mittig.

Das Modell hat nur solche Bilder gesehen. Eine gezeichnete oder fotografierte Ziffer ist dunkel auf
hell, sitzt irgendwo und ist irgendwie groß; ohne diese Schritte rät das Modell.
"""

import io

import numpy as np
from PIL import Image, ImageOps

SIZE = 28  # Kantenlänge der Bilder in MNIST
BOX = 20  # die Ziffer selbst passt dort in 20×20
MAX_PIXELS = 30_000_000  # so groß ist kein Foto einer Ziffer, wohl aber eine „Bombe“
Image.MAX_IMAGE_PIXELS = None  # wir prüfen selbst, bevor Pillow einen Pixel auspackt


class BadImage(ValueError):
    """Diese Eingabe taugt nicht; der Text sagt dem Absender, warum. `status` ist der HTTP-Status."""

    def __init__(self, reason: str, status: int = 422):
        super().__init__(reason)
        self.status = status


def read_image(data: bytes) -> np.ndarray:
    """PNG oder JPEG → Graustufen (Höhe, Breite), float32, 0–255. Fehler: BadImage."""
    if not data:
        raise BadImage("Die Datei ist leer.")
    try:
        image = Image.open(io.BytesIO(data), formats=("PNG", "JPEG"))
    except Exception:  # noqa: BLE001 (Pillow meldet Unlesbares auf viele Arten)
        raise BadImage("Das ist kein lesbares PNG- oder JPEG-Bild.", 415) from None
    # Bis hierher ist nur der Kopf gelesen: Ein winziges PNG kann Milliarden Pixel ankündigen.
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise BadImage(
            f"Das Bild hat {width} × {height} Pixel; erlaubt sind {MAX_PIXELS // 10**6} Millionen.",
            413,
        )
    try:
        image.draft("L", (1000, 1000))  # große JPEGs gleich verkleinert auspacken
        image = ImageOps.exif_transpose(image)  # Handyfotos liegen oft auf der Seite
        if image.mode.startswith("I"):  # 16 Bit je Pixel
            image = Image.fromarray((np.asarray(image) / 257).astype("uint8"))
        if image.mode in ("LA", "PA", "RGBA") or "transparency" in image.info:
            image = image.convert("RGBA")
            paper = Image.new("RGBA", image.size, "white")  # Durchsichtiges ist Papier
            image = Image.alpha_composite(paper, image)
        image = image.convert("L")
        if (factor := max(image.size) // 1000) > 1:  # mehr als 1000 Pixel braucht niemand
            image = image.reduce(factor)
        return np.asarray(image, dtype="float32")
    except Exception:  # noqa: BLE001
        raise BadImage("Das Bild ist beschädigt oder abgeschnitten.") from None


def normalize(gray: np.ndarray) -> np.ndarray:
    """Graustufen jeder Größe → (28, 28), float32, 0–1, wie MNIST. Fehler: BadImage."""
    ink = extract_ink(gray)
    rows, columns = np.flatnonzero((ink > 0.1).any(axis=1)), np.flatnonzero((ink > 0.1).any(axis=0))
    ink = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]

    # Die längere Seite wird 20 Pixel lang. BOX mittelt ganze Flächen: Dünne Striche gehen nicht verloren.
    factor = BOX / max(ink.shape)
    width, height = (max(1, round(side * factor)) for side in ink.shape[::-1])
    small = Image.fromarray(ink).resize((width, height), Image.Resampling.BOX)
    small = np.asarray(small) / np.asarray(small).max()

    # Der Schwerpunkt (nicht die Mitte des Kastens) kommt auf Pixel 14, so weit der Rand reicht.
    total = small.sum()
    center_y = (small.sum(axis=1) * np.arange(height)).sum() / total
    center_x = (small.sum(axis=0) * np.arange(width)).sum() / total
    top = int(np.clip(round(SIZE / 2 - center_y), 0, SIZE - height))
    left = int(np.clip(round(SIZE / 2 - center_x), 0, SIZE - width))
    result = np.zeros((SIZE, SIZE), dtype="float32")
    result[top : top + height, left : left + width] = small
    return result


def extract_ink(gray: np.ndarray) -> np.ndarray:
    """Wie viel Tinte ist an jedem Pixel? 0 Untergrund, 1 voller Strich. Fehler: BadImage."""
    if min(gray.shape) < 8:
        raise BadImage(f"Das Bild ist mit {gray.shape[1]} × {gray.shape[0]} Pixeln zu klein.")
    border = np.concatenate([gray[0], gray[-1], gray[:, 0], gray[:, -1]])
    paper = np.median(border)  # der Rand ist fast immer Untergrund
    difference = np.abs(gray - paper)
    # Auf Fotos rauscht der Untergrund; ein gezeichnetes Bild ist dort überall gleich
    noise = 3 * np.median(np.abs(border - paper))
    ink = np.clip(difference - noise, 0, None)
    if ink.max() < 25:
        raise BadImage("Auf dem Bild ist nichts zu sehen.")
    return ink / ink.max()
