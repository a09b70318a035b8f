"""Zeichnet `data/bilder/fashion_mnist.npz`: kleine Mode-Bilder im Format von Fashion-MNIST.

Aufruf: python data/werkstatt/zeichne_mode.py

14.000 Bilder (12.000 + 2.000, alle Klassen gleich oft), 28 × 28 Graustufen, helles Kleidungsstück auf
schwarzem Grund, dieselben zehn Klassen wie das Original. Kein Pixel stammt aus einem Foto: Jedes
Bild ist ein Schnittmuster aus Vielecken und Strichen, dessen Maße ausgewürfelt werden. Erst wird
groß gezeichnet, dann wie beim Original zugeschnitten und auf 28 × 28 verkleinert.

Warum Hemd, T-Shirt, Pullover und Mantel schwer zu trennen sind: Sie gehen durch dieselbe Funktion
`draw_top` und unterscheiden sich nur in der Verteilung ihrer Maße (Ärmel, Kragen, Knopfleiste, …).
Wer die Bilder leichter oder schwerer will, ändert diese Verteilungen und lässt das Skript neu
laufen; `miss_mode.py` misst, was dabei herauskommt. Jeder Lauf liefert dieselben Bytes.
"""

import io
import os
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

TARGET = Path(__file__).resolve().parent.parent / "bilder" / "fashion_mnist.npz"
TRAIN_PER_CLASS, TEST_PER_CLASS = 1200, 200
UNIT = 112  # so viele Pixel ist die Einheit lang, in der die Maße unten stehen
MARGIN = 24  # Rand, in den ein Kleidungsstück hineinragen darf
SIDE = UNIT + 2 * MARGIN
ROW, COLUMN = (np.mgrid[:SIDE, :SIDE] - MARGIN) / UNIT


# ---------------------------------------------------------------- Helfer: Würfel und Linien


def pick(rng, **weights):
    """Würfelt einen der Namen; die Zahlen sind die Gewichte."""
    values = np.cumsum(list(weights.values()))
    return list(weights)[int(np.searchsorted(values, rng.random() * values[-1]))]


def chance(rng, probability):
    """Wahr mit der angegebenen Wahrscheinlichkeit."""
    return rng.random() < probability


def around(rng, mean, spread, low=0.0, high=1.0):
    """Eine normalverteilte Zahl, auf [low, high] begrenzt."""
    return float(np.clip(rng.normal(mean, spread), low, high))


def smooth(points, rounds=2, closed=True):
    """Rundet einen Linienzug ab, indem es seine Ecken wiederholt abschneidet (Chaikin)."""
    points = np.asarray(points, float)
    for _ in range(rounds):
        following = np.roll(points, -1, axis=0)
        cut = np.stack([0.75 * points + 0.25 * following, 0.25 * points + 0.75 * following], 1)
        cut = cut.reshape(-1, 2)
        points = cut if closed else np.concatenate([points[:1], cut[1:-3], points[-1:]])
    return points


def ellipse(x, y, rx, ry, start=0.0, stop=2 * np.pi):
    """Punkte auf einem Ellipsenbogen; Winkel 0 zeigt nach rechts, pi/2 nach unten."""
    angle = np.linspace(start, stop, 24)
    return np.stack([x + rx * np.cos(angle), y + ry * np.sin(angle)], 1)


def mirror(points):
    """Hängt an eine rechte Hälfte (von oben nach unten) die gespiegelte linke an."""
    points = np.asarray(points, float)
    return np.concatenate([points, (points * [-1, 1] + [1, 0])[::-1]])


# ---------------------------------------------------------------- Stoff und Zeichenfläche


class Cloth:
    """Ein Stoff: ein Graustufenbild so groß wie die Zeichenfläche und sein mittlerer Ton."""

    def __init__(self, values, tone):
        self.tone = tone
        self.image = Image.fromarray(np.clip(values, 10, 255).astype(np.uint8))

    def shaded(self, factor):
        """Derselbe Stoff heller oder dunkler."""
        return Cloth(np.asarray(self.image) * factor, self.tone * factor)


def random_tone(rng):
    """Helligkeit eines Stoffs: meist mittel bis hell, manchmal fast schwarz."""
    return 22 + 228 * rng.beta(2.0, 1.25)


def contrast(rng, tone, strength):
    """Ein Ton, der sich um etwa `strength` abhebt; wohin, entscheidet meist der Platz."""
    up = chance(rng, 0.5) if 90 < tone < 180 else tone < 135
    return float(np.clip(tone + (strength if up else -strength), 12, 255))


def noise_field(rng, rows, columns):
    """Weiches Rauschen mit so vielen Zellen, vergrößert auf die Zeichenfläche."""
    cells = Image.fromarray(rng.normal(0, 1, (rows, columns)).astype(np.float32))
    return np.asarray(cells.resize((SIDE, SIDE), Image.Resampling.BICUBIC))


def make_cloth(rng, tone=None, **weights):
    """Würfelt einen Stoff; `weights` gibt die Gewichte der Muster an."""
    kind = pick(rng, **(weights or {"plain": 1}))
    tone = random_tone(rng) if tone is None else tone
    other = contrast(rng, tone, rng.uniform(35, 150))
    tilt = rng.normal(0, 0.04)
    x, y = COLUMN + tilt * ROW, ROW - tilt * COLUMN
    period, share, phase = rng.uniform(0.09, 0.26), rng.uniform(0.25, 0.6), rng.random()
    mix = np.zeros_like(x)
    if kind == "stripes":
        mix = ((y / period + phase) % 1 < share) * 1.0
    elif kind == "pinstripes":
        mix = ((x / (0.7 * period) + phase) % 1 < share) * 1.0
    elif kind == "checks":
        mix = ((y / period + phase) % 1 < share) * 0.5 + ((x / period) % 1 < share) * 0.5
    elif kind == "dots":
        period *= 0.8
        mix = (np.hypot(x / period % 1 - 0.5, y / period % 1 - 0.5) < 0.3) * 1.0
    elif kind == "floral":
        cells = int(rng.integers(10, 24))
        mix = np.clip(noise_field(rng, cells, cells) * rng.uniform(0.6, 2) + 0.3, 0, 1)
    elif kind == "gradient":
        mix = np.clip((y - rng.uniform(0, 0.5)) / rng.uniform(0.3, 0.8), 0, 1)
    elif kind == "block":
        border = rng.uniform(0.25, 0.65)
        mix = ((y > border) & (y < border + rng.choice([0.1, 0.2, 1.0]))) * 1.0
    values = tone + (other - tone) * mix
    grain = abs(rng.normal(0, 0.03)) + (0.12 if kind == "knit" else 0.0)
    cells = int(rng.integers(18, 44))
    values = values * (1 + grain * noise_field(rng, cells, cells))
    return Cloth(values, tone)


class Sheet:
    """Die Zeichenfläche für ein Bild samt der kleinen Verformung, die alles darauf mitmacht."""

    def __init__(self, rng):
        self.rng = rng
        self.image = Image.new("L", (SIDE, SIDE))
        self.pen = ImageDraw.Draw(self.image)
        turn, shear = rng.normal(0, 0.03, 2)
        stretch = rng.normal(1, 0.04, 2)
        self.matrix = np.array([[stretch[0], turn], [shear - turn, stretch[1]]])
        self.wave = np.abs(rng.normal(0, 0.008, 2))
        self.phase = rng.uniform(0, 2 * np.pi, 2)

    def place(self, points):
        """Rechnet Punkte der Einheitsfläche in (verformte) Pixel um."""
        points = (np.asarray(points, float) - 0.5) @ self.matrix + 0.5
        points = points + self.wave * np.sin(7 * points[:, ::-1] + self.phase)
        return (MARGIN + UNIT * points).ravel().tolist()

    def area(self, points, cloth, rounds=2, edge=0.8):
        """Füllt ein Vieleck mit Stoff (oder einem Ton) und zieht seine Kante nach."""
        pixels = self.place(smooth(points, rounds))
        if not isinstance(cloth, Cloth):
            self.pen.polygon(pixels, fill=int(cloth))
            return
        mask = Image.new("L", (SIDE, SIDE))
        ImageDraw.Draw(mask).polygon(pixels, fill=255)
        self.image.paste(cloth.image, mask=mask)
        self.pen.line(pixels + pixels[:4], fill=max(9, int(cloth.tone * edge)), width=2)

    def stroke(self, points, tone, width=0.02, rounds=2):
        """Zieht einen Strich; `width` in Einheiten."""
        pixels = self.place(smooth(points, rounds, closed=False))
        self.pen.line(pixels, fill=int(tone), width=max(1, round(width * UNIT)), joint="curve")

    def dot(self, x, y, radius, tone):
        """Ein Knopf oder eine Öse."""
        self.pen.polygon(self.place(ellipse(x, y, radius, radius)), fill=int(tone))

    def finish(self):
        """Licht und Falten, Zuschnitt auf 28 Pixel Länge, Verkleinern, Helligkeitsrauschen."""
        rng = self.rng
        box = self.image.getbbox()
        silhouette = self.image.point(lambda value: 255 * (value > 0))
        rim = np.asarray(silhouette.filter(ImageFilter.GaussianBlur(5)), float) / 255
        folds = noise_field(rng, 4, 9) * rng.uniform(0.01, 0.13)
        light = 1 + folds + rng.uniform(0.1, 0.7) * np.minimum(rim - 0.9, 0)
        values = np.asarray(self.image, float) * light
        values = np.where(np.asarray(self.image) > 0, np.clip(values, 8, 255), 0)
        scale = (28 - abs(rng.normal(0, 0.7))) / max(box[2] - box[0], box[3] - box[1])
        size = [max(1, round(scale * (box[i + 2] - box[i]))) for i in (0, 1)]
        small = Image.fromarray(values.astype(np.uint8)).resize(size, Image.Resampling.BOX, box)
        result = Image.new("L", (28, 28))
        offset = [int(np.clip((28 - n) // 2 + round(rng.normal(0, 0.5)), 0, 28 - n)) for n in size]
        result.paste(small, tuple(offset))
        pixels = np.asarray(result, float)
        noise = rng.normal(0, rng.uniform(1, 5), pixels.shape)
        return np.where(pixels > 4, np.clip(pixels + noise, 3, 255), 0).astype(np.uint8)


# ---------------------------------------------------------------- Oberteile


@dataclass
class Top:
    """Die Maße eines Oberteils oder Kleids; Längen in Einheiten, halbe Breiten ab der Mitte."""

    cloth: Cloth
    sleeve: float  # Länge ab Schulter: 0 ohne, 0.25 kurz, 0.8 lang
    shoulder: float = 0.25
    neck: float = 0.10
    depth: float = 0.06  # Tiefe des Ausschnitts
    neckline: str = "round"  # round, vee, boat
    waist: float = 0.25
    hem: float = 0.26
    length: float = 0.95
    curve: float = 0.0  # Saum in der Mitte tiefer (+) oder höher (-)
    loose: float = 0.075  # halbe Weite des Ärmels
    collar: str = "none"  # none, band, shirt, lapel, stand, hood
    front: str = "none"  # none, placket (halb), buttons, zip, open
    visible: float = 60.0  # wie stark sich die Front abhebt
    pockets: str = "none"  # none, chest, side
    ribs: float = 0.0  # Höhe der Bündchen
    print: str = "none"  # none, block, circle, lines, logo
    belt: bool = False


def draw_top(sheet, top):
    """Zeichnet ein Oberteil in der Reihenfolge hinten → vorn."""
    rng, cloth = sheet.rng, top.cloth
    slope, armpit = rng.uniform(0.04, 0.10), around(rng, 0.30, 0.025, 0.2, 0.4)
    inside = chance(rng, 0.75) * max(10, cloth.tone * rng.uniform(0.3, 0.8))
    if top.collar == "hood":
        rim = around(rng, 0.13, 0.015)
        sheet.area(ellipse(0.5, 0.03, rim + 0.03, 0.12), cloth.shaded(0.85))
        sheet.area(ellipse(0.5, 0.05, rim - 0.02, 0.08), cloth.shaded(0.5))
    sleeve_cloth = cloth.shaded(rng.uniform(0.82, 1.12))
    if chance(rng, 0.08):
        sleeve_cloth = make_cloth(rng)
    draw_sleeves(sheet, top, sleeve_cloth, slope, armpit)
    chest = top.shoulder - rng.uniform(0.0, 0.03)
    half = [
        (0.5 + 0.6 * top.neck, 0.0),
        (0.5 + top.neck, 0.0),
        (0.5 + top.shoulder, slope),
        (0.5 + chest, armpit),
        (0.5 + top.waist, 0.5 * (armpit + top.length)),
        (0.5 + top.hem, top.length - 0.03),
        (0.5 + top.hem, top.length),
        (0.5 + 0.5 * top.hem, top.length + 0.7 * top.curve),
        (0.5, top.length + top.curve),
    ]
    sheet.area(mirror(half), cloth, rounds=1)
    if chance(rng, 0.5):  # Naht zwischen Ärmel und Rumpf
        for side in (-1, 1):
            seam = [(0.5 + side * (top.shoulder - 0.01), slope), (0.5 + side * chest, armpit)]
            sheet.stroke(seam, cloth.tone * 0.75, 0.015)
    draw_pattern_parts(sheet, top)
    draw_front(sheet, top)
    draw_neck(sheet, top, inside)


def draw_sleeves(sheet, top, cloth, slope, armpit):
    """Zwei Ärmel: kurze stehen ab, lange hängen."""
    rng = sheet.rng
    if top.sleeve < 0.06:
        return
    angle = np.interp(top.sleeve, [0.1, 0.4, 0.8], [0.85, 0.50, 0.21]) + rng.normal(0, 0.05)
    down, out = np.array([np.sin(angle), np.cos(angle)]), np.array([np.cos(angle), -np.sin(angle)])
    width = top.loose * rng.uniform(0.85, 1.1)
    for side in (-1, 1):
        turn = np.array([side, 1])
        tip = np.array([top.shoulder - 0.03, slope - 0.015])
        end = tip + down * top.sleeve * rng.normal(1, 0.02)
        bulge = tip + down * 0.45 * top.sleeve + out * rng.uniform(0.0, 0.03)
        pit = np.array([top.shoulder - 0.05, armpit + 0.02])
        points = [tip - [0.06, 0.03], tip, bulge, end, end - out * width * 1.6, pit]
        sheet.area(np.array(points) * turn + [0.5, 0], cloth, rounds=1)
        if top.ribs and top.sleeve > 0.5:
            cuff = [end - down * top.ribs, end - down * top.ribs - out * width * 1.6]
            sheet.stroke(np.array(cuff) * turn + [0.5, 0], cloth.tone * 0.7, 0.02)


def draw_pattern_parts(sheet, top):
    """Aufdruck, Taschen, Bündchen am Saum und Gürtel."""
    rng, tone = sheet.rng, top.cloth.tone
    ink = contrast(rng, tone, rng.uniform(40, 170))
    x, y, size = 0.5 + rng.normal(0, 0.015), rng.uniform(0.26, 0.42), rng.uniform(0.07, 0.15)
    if top.print == "block":
        ry = size * rng.uniform(0.4, 1.2)
        corners = [(x - size, y - ry), (x + size, y - ry), (x + size, y + ry), (x - size, y + ry)]
        sheet.area(corners, ink, rounds=0)
    elif top.print == "circle":
        sheet.dot(x, y, size, ink)
        sheet.dot(x, y, size * rng.uniform(0.2, 0.7), tone)
    elif top.print == "lines":
        for row in range(int(rng.integers(1, 4))):
            wide = size * rng.uniform(0.6, 1.2)
            level = y + 0.07 * row
            sheet.stroke([(x - wide, level), (x + wide, level)], ink, rng.uniform(0.02, 0.05))
    elif top.print == "logo":
        sheet.dot(0.5 + rng.choice([-1, 1]) * 0.1, 0.26, 0.025, ink)
    seam = tone + np.sign(ink - tone) * rng.uniform(10, 70)
    seam = float(np.clip(seam, 10, 255))
    low = top.length - rng.uniform(0.22, 0.36)
    for side in (-1, 1):
        if top.pockets == "chest" and (side == 1 or chance(rng, 0.5)):
            left, right = 0.5 + side * 0.07, 0.5 + side * 0.17
            pocket = [(left, 0.3), (right, 0.3), (right, 0.42), (left, 0.42), (left, 0.3)]
            sheet.stroke(pocket, seam, 0.015, rounds=0)
        elif top.pockets == "side":
            pocket = [(0.5 + side * 0.10, low), (0.5 + side * 0.17, low + rng.uniform(0, 0.14))]
            sheet.stroke(pocket, seam, 0.025, rounds=0)
    if top.ribs:
        level = top.length - top.ribs
        sheet.stroke([(0.5 - top.hem, level), (0.5 + top.hem, level)], tone * 0.7, 0.02)
    if top.belt:
        level = 0.5 * (0.3 + top.length) + rng.uniform(-0.12, 0.02)
        line = [(0.5 - top.waist - 0.01, level), (0.5 + top.waist + 0.01, level)]
        sheet.stroke(line, ink, rng.uniform(0.02, 0.05))


def draw_front(sheet, top):
    """Knopfleiste, Reißverschluss oder offene Front."""
    if top.front == "none":
        return
    rng, tone = sheet.rng, top.cloth.tone
    mark = contrast(rng, tone, top.visible)
    middle = 0.5 + rng.normal(0, 0.012)
    bottom = top.length + top.curve - 0.01
    if top.front == "placket":
        bottom = top.depth + rng.uniform(0.14, 0.34)
    if top.front == "open":
        gap = rng.uniform(0.02, 0.10)
        lining = chance(rng, 0.6) * max(10, tone * rng.uniform(0.3, 0.7))
        corners = [
            (middle, top.depth),
            (middle + gap, bottom + 0.03),
            (middle - gap, bottom + 0.03),
        ]
        sheet.area(corners, lining, rounds=0)
        return
    width = 0.03 if top.front == "zip" else 0.02
    sheet.stroke([(middle, top.depth), (middle, bottom)], 0.4 * tone + 0.6 * mark, width)
    if top.front != "zip":
        spacing = rng.uniform(0.09, 0.17)
        for level in np.arange(top.depth + 0.05, bottom - 0.02, spacing):
            sheet.dot(middle + 0.018, level, 0.024, mark)


def draw_neck(sheet, top, inside):
    """Ausschnitt und Kragen."""
    rng, cloth, neck = sheet.rng, top.cloth, top.neck
    left, right, depth = 0.5 - 0.8 * neck, 0.5 + 0.8 * neck, top.depth
    hole = {
        "round": ellipse(0.5, -0.01, 0.85 * neck, depth, 0, np.pi),
        "vee": [(left, -0.02), (right, -0.02), (0.5, depth * 1.6)],
        "boat": ellipse(0.5, -0.01, 1.0 * neck, 0.5 * depth, 0, np.pi),
    }[top.neckline]
    if top.collar != "stand":
        sheet.area(hole, inside, rounds=0)
    trim = cloth.shaded(rng.uniform(0.7, 1.25))
    if top.collar == "band":
        line = hole if top.neckline != "vee" else [(left, 0), (0.5, depth * 1.6), (right, 0)]
        sheet.stroke(line, np.clip(trim.tone, 12, 255), 0.025, rounds=0)
    elif top.collar == "stand":
        rise = rng.uniform(0.03, 0.09)
        corners = [(0.5 - neck, -rise), (0.5 + neck, -rise), (right, 0.03), (left, 0.03)]
        sheet.area(corners, trim, rounds=1)
    elif top.collar in ("shirt", "lapel"):
        long = rng.uniform(0.08, 0.13) if top.collar == "shirt" else rng.uniform(0.16, 0.32)
        wide = neck * rng.uniform(0.9, 1.5)
        for side in (-1, 1):
            flap = [(0.7 * neck, -0.025), (wide, 0.5 * long), (0.5 * wide, long), (0.0, 0.6 * long)]
            sheet.area(np.array(flap) * [side, 1] + [0.5, 0], trim, rounds=0, edge=0.65)


def sleeve_length(rng, **weights):
    """Würfelt eine Ärmellänge; die vier Sorten gehen ineinander über."""
    kinds = {"bare": (0.02, 0.03), "short": (0.26, 0.06), "middle": (0.5, 0.1), "long": (0.8, 0.06)}
    return around(rng, *kinds[pick(rng, **weights)], 0.0, 0.92)


def body(rng, width, length, spread=0.02):
    """Schulter, Taille, Saum und Länge, aufeinander abgestimmt."""
    shoulder = around(rng, width, spread, 0.12, 0.36)
    waist = shoulder * around(rng, 0.97, 0.07, 0.6, 1.3)
    return {
        "shoulder": shoulder,
        "waist": waist,
        "hem": waist * around(rng, 1.04, 0.07, 0.8, 1.6),
        "length": around(rng, length, 0.07, 0.55, 1.1),
        "neck": around(rng, 0.10, 0.015, 0.06, 0.15),
        "depth": around(rng, 0.075, 0.025, 0.03, 0.16),
        "loose": around(rng, 0.075, 0.012, 0.04, 0.12),
    }


def draw_tshirt(sheet):
    """0 T-shirt/top: meist kurze Ärmel, runder Ausschnitt, gern mit Aufdruck."""
    rng = sheet.rng
    draw_top(
        sheet,
        Top(
            make_cloth(rng, plain=55, stripes=13, floral=9, dots=4, gradient=4, block=6, knit=6),
            sleeve_length(rng, bare=16, short=72, middle=9, long=3),
            **body(rng, 0.245, 0.9),
            neckline=pick(rng, round=60, vee=22, boat=18),
            collar=pick(rng, none=45, band=52, shirt=3),
            front=pick(rng, none=95, placket=5),
            visible=rng.uniform(10, 70),
            pockets=pick(rng, none=92, chest=8),
            print=pick(rng, none=46, block=13, circle=14, lines=17, logo=10),
            curve=rng.normal(0, 0.012),
        ),
    )


def draw_pullover(sheet):
    """2 Pullover: lange Ärmel, Bündchen, geschlossene Front."""
    rng = sheet.rng
    draw_top(
        sheet,
        Top(
            make_cloth(rng, plain=38, knit=27, stripes=14, block=10, floral=6, gradient=5),
            sleeve_length(rng, short=1, middle=10, long=89),
            **body(rng, 0.25, 0.9),
            neckline=pick(rng, round=72, vee=18, boat=10),
            collar=pick(rng, band=62, none=20, stand=12, hood=6),
            front=pick(rng, none=94, placket=4, zip=2),
            visible=rng.uniform(10, 70),
            pockets=pick(rng, none=92, side=8),
            ribs=float(chance(rng, 0.6)) * rng.uniform(0.04, 0.08),
            print=pick(rng, none=66, block=9, circle=9, lines=11, logo=5),
        ),
    )


def draw_dress(sheet):
    """3 Dress: lang und schmal, unten oft weiter."""
    rng = sheet.rng
    shape = body(rng, 0.17, 1.05, 0.022)
    shape["waist"] *= rng.uniform(0.72, 1.0)
    shape["hem"] = shape["waist"] * rng.uniform(1.0, 1.9)
    draw_top(
        sheet,
        Top(
            make_cloth(rng, plain=58, floral=16, stripes=8, dots=6, gradient=4, block=6, checks=2),
            sleeve_length(rng, bare=42, short=28, middle=14, long=16),
            **{**shape, "loose": around(rng, 0.055, 0.01, 0.03, 0.1)},
            neckline=pick(rng, round=50, vee=30, boat=20),
            collar=pick(rng, none=62, band=28, shirt=6, stand=4),
            front=pick(rng, none=88, placket=6, buttons=6),
            visible=rng.uniform(10, 70),
            belt=chance(rng, 0.3),
            curve=rng.normal(0, 0.012),
        ),
    )


def draw_coat(sheet):
    """4 Coat: lange Ärmel, vorn zu öffnen, Kragen oder Kapuze, Taschen."""
    rng = sheet.rng
    shape = body(rng, 0.255, 1.0)
    shape["hem"] *= rng.uniform(1.0, 1.18)
    draw_top(
        sheet,
        Top(
            make_cloth(rng, plain=72, knit=10, checks=5, floral=5, block=5, gradient=3),
            sleeve_length(rng, middle=4, long=96),
            **{**shape, "loose": around(rng, 0.09, 0.012, 0.05, 0.13)},
            neckline=pick(rng, round=60, vee=40),
            collar=pick(rng, lapel=36, shirt=8, stand=22, hood=27, none=4, band=3),
            front=pick(rng, zip=50, buttons=24, open=22, none=4),
            visible=rng.uniform(40, 140),
            pockets=pick(rng, side=62, none=28, chest=10),
            ribs=float(chance(rng, 0.25)) * rng.uniform(0.04, 0.08),
            belt=chance(rng, 0.06),
        ),
    )


def draw_shirt(sheet):
    """6 Shirt: Hemd oder Bluse, liegt mit allen Maßen zwischen T-Shirt, Pullover und Mantel."""
    rng = sheet.rng
    draw_top(
        sheet,
        Top(
            make_cloth(
                rng, plain=46, checks=18, floral=12, pinstripes=13, dots=5, stripes=3, gradient=3
            ),
            sleeve_length(rng, bare=4, short=22, middle=14, long=60),
            **body(rng, 0.245, 0.94),
            neckline=pick(rng, round=50, vee=42, boat=8),
            collar=pick(rng, shirt=72, band=12, none=7, stand=8, lapel=1),
            front=pick(rng, buttons=74, placket=15, none=9, open=2),
            visible=rng.uniform(30, 130),
            pockets=pick(rng, none=72, chest=26, side=2),
            print=pick(rng, none=95, logo=5),
            curve=around(rng, 0.02, 0.025, -0.03, 0.08),
        ),
    )


# ---------------------------------------------------------------- Hosen


def draw_trouser(sheet):
    """1 Trouser: zwei Beine, von eng bis weit, selten kurz."""
    rng = sheet.rng
    cloth = make_cloth(rng, plain=62, gradient=9, knit=9, floral=8, pinstripes=6, checks=6)
    cut = pick(rng, slim=46, straight=36, wide=12, short=6)
    length = around(rng, 0.42 if cut == "short" else 1.0, 0.05, 0.34, 1.08)
    waist, hip = around(rng, 0.13, 0.018, 0.09, 0.19), around(rng, 0.165, 0.02, 0.11, 0.22)
    foot = around(rng, {"slim": 0.055, "straight": 0.085, "wide": 0.13, "short": 0.13}[cut], 0.012)
    crotch = around(rng, 0.25, 0.03, 0.17, 0.33)
    spread = around(rng, 0.02, 0.018, 0.0, 0.07)  # Abstand der Beine am Saum
    knee = 0.5 * (crotch + length)
    for side in (-1, 1):
        inner, outer = spread, spread + 2 * foot
        half = [
            (-0.012, 0.0),
            (waist, 0.0),
            (hip, 0.16),
            (0.5 * (hip + outer) + 0.01, knee),
            (outer, length),
            (inner, length),
            (0.5 * inner + 0.012, knee),
            (0.004, crotch),
            (-0.012, crotch - 0.05),
        ]
        fabric = cloth if side == 1 else cloth.shaded(rng.uniform(0.88, 1.0))
        sheet.area(np.array(half) * [side, 1] + [0.5, 0], fabric, rounds=0)
    seam = cloth.tone * rng.uniform(0.55, 0.8)
    if chance(rng, 0.6):
        sheet.stroke([(0.5 - waist, 0.045), (0.5 + waist, 0.045)], seam, 0.018)
    if chance(rng, 0.5):
        sheet.stroke([(0.5, 0.03), (0.5, crotch - 0.05)], seam, 0.012)
    if chance(rng, 0.4):
        for side in (-1, 1):
            pocket = [(0.5 + side * waist * 0.5, 0.06), (0.5 + side * hip * 0.95, 0.13)]
            sheet.stroke(pocket, seam, 0.014)


# ---------------------------------------------------------------- Schuhe: Zehen links, Ferse rechts


def draw_sneaker(sheet):
    """7 Sneaker: flach, deutliche Sohle, Schnürung; manche reichen bis über den Knöchel."""
    rng = sheet.rng
    cloth = make_cloth(rng, plain=70, block=8, checks=5, knit=9, gradient=8)
    high = around(rng, 0.60, 0.035, 0.5, 0.68) - 0.17 * float(chance(rng, 0.13))
    thick = around(rng, 0.065, 0.015, 0.03, 0.12)
    vamp = around(rng, 0.80, 0.02, 0.74, 0.86)
    upper = [
        (0.01, 1 - thick),
        (0.02, vamp + 0.06),
        (0.12, vamp),
        (0.30, vamp - 0.04),
        (0.52, high + 0.05),
        (0.60, high - around(rng, 0.03, 0.02)),
        (0.70, high + 0.05),
        (0.84, high + 0.04),
        (0.97, high - around(rng, 0.02, 0.02)),
        (0.98, 0.5 * (high + 1)),
        (0.99, 1 - thick),
    ]
    sheet.area(upper, cloth, rounds=1, edge=0.7)
    inside = [(0.62, high), (0.72, high + 0.06), (0.86, high + 0.05), (0.95, high)]
    sheet.area(inside, cloth.tone * 0.4, rounds=1)
    mark = contrast(rng, cloth.tone, rng.uniform(30, 140))
    if chance(rng, 0.8):  # Schnürung
        for step in np.linspace(0.0, 1.0, int(rng.integers(3, 6))):
            x, y = 0.30 + 0.22 * step, vamp - 0.03 + step * (high + 0.09 - vamp)
            sheet.stroke([(x, y), (x + 0.07, y + 0.06)], mark, 0.016)
    for stripe in range(int(rng.integers(0, 4))):  # Streifen oder Bogen an der Seite
        x = 0.50 + 0.10 * stripe
        sheet.stroke(
            [(x, high + 0.14), (x - 0.10, 1 - thick - 0.02)], mark, rng.uniform(0.015, 0.04)
        )
    if chance(rng, 0.35):
        sheet.area(
            [(0.01, 0.97 - thick), (0.02, vamp + 0.06), (0.14, vamp + 0.01), (0.2, 1 - thick)], mark
        )
    if chance(rng, 0.4):
        sheet.area([(0.99, 1 - thick), (0.97, high), (0.88, high + 0.06), (0.84, 1 - thick)], mark)
    sole = pick(rng, light=60, same=25, dark=15)
    tone = {"light": 235, "same": cloth.tone * 0.8, "dark": 35}[sole]
    sheet.area([(0, 1 - thick), (1, 1 - thick), (0.98, 1.0), (0.03, 1.0)], tone, rounds=1)


def draw_sandal(sheet):
    """5 Sandal: Sohle und Riemen, dazwischen sieht man hindurch; flach, Keil oder hoher Absatz."""
    rng = sheet.rng
    tone = random_tone(rng)
    kind = pick(rng, flat=45, heel=35, wedge=20)
    heel = {"flat": 0.06, "heel": 0.42, "wedge": 0.28}[kind]
    heel = around(rng, heel, 0.05 if kind != "flat" else 0.015, 0.035, 0.56)
    thick = around(rng, 0.05 if kind == "flat" else 0.06, 0.015, 0.03, 0.12)
    dark = tone * rng.uniform(0.5, 1.0)
    if kind == "heel":
        footbed = [
            (0.0, 1 - thick),
            (0.3, 1 - thick - 0.01),
            (0.62, 1 - 0.75 * heel),
            (1.0, 1 - heel),
        ]
        under = [(1.0, 1 - heel + 0.07), (0.68, 1 - 0.6 * heel), (0.36, 1.0), (0.02, 1.0)]
        sheet.area(footbed + under, tone, rounds=1)
        width = rng.uniform(0.02, 0.09)
        sheet.area(
            [(0.97 - width, 1 - heel), (1.0, 1 - heel), (0.97, 1.0), (0.95 - 0.6 * width, 1.0)],
            dark,
            rounds=0,
        )
    else:
        sheet.area(
            [(0.0, 1 - thick), (0.4, 1 - thick), (1.0, 1 - heel), (0.98, 1.0), (0.02, 1.0)],
            tone,
            rounds=1,
        )
    width = rng.uniform(0.03, 0.09)

    def bed(x):
        """Höhe des Fußbetts an der Stelle x."""
        return float(np.interp(x, [0, 0.35, 1.0], [1 - thick, 1 - thick - 0.01, 1 - heel]))

    for strap in range(
        int(rng.integers(1, 5))
    ):  # Riemen über den Vorfuß: außen herauf, innen herab
        x = 0.06 + 0.11 * strap + rng.uniform(-0.03, 0.05)
        rise, wide = 0.10 + 0.35 * x + rng.uniform(0, 0.06), rng.uniform(0.10, 0.2)
        over = [(x, bed(x)), (x + 0.3 * wide, bed(x) - rise), (x + wide, bed(x + wide) - rise)]
        sheet.stroke([*over, (x + 1.2 * wide, bed(x + wide))], dark, 0.7 * width)
        sheet.stroke(over, tone, width)
    style = pick(rng, ankle=34, mule=22, cross=24, cap=20)
    ankle = bed(0.9) - around(rng, 0.24, 0.05, 0.1, 0.34)
    front = (rng.uniform(0.6, 0.7), ankle + rng.uniform(-0.03, 0.05))
    back = (0.97, ankle - rng.uniform(0.0, 0.04))
    if style in ("ankle", "cross"):  # Fesselriemen: ein flaches Oval, hinten am Fersenriemen
        middle = [(front[0] + back[0]) / 2, (front[1] + back[1]) / 2]
        around_ankle = ellipse(*middle, (back[0] - front[0]) / 2, rng.uniform(0.03, 0.06))
        sheet.stroke([*around_ankle, around_ankle[0]], tone, 0.7 * width, rounds=0)
        sheet.stroke([(0.96, bed(0.96)), back], tone, width)
    if style == "cross":
        sheet.stroke([front, (0.42, bed(0.42) - 0.1), (0.36, bed(0.36))], tone, width)
        sheet.stroke([front, (0.5, bed(0.5))], dark, width)
    if style == "cap":  # geschlossene Ferse
        shape = [(0.72, bed(0.72)), back, (0.99, bed(0.99))]
        sheet.area([shape[0], (0.9, back[1]), *shape[1:]], dark, rounds=1)
        sheet.stroke([(0.78, bed(0.8) - 0.1), front, (0.45, bed(0.45))], tone, width)
    if chance(rng, 0.3):
        sheet.dot(rng.uniform(0.2, 0.4), bed(0.3) - 0.18, 0.03, contrast(rng, tone, 90))


def draw_boot(sheet):
    """9 Ankle boot: Schaft bis über den Knöchel, flach oder mit Absatz."""
    rng = sheet.rng
    cloth = make_cloth(rng, plain=80, knit=8, gradient=8, floral=4)
    heel = pick(rng, flat=55, block=30, high=15)
    rise = around(rng, {"flat": 0.07, "block": 0.15, "high": 0.30}[heel], 0.02, 0.05, 0.38)
    thick = around(rng, 0.05, 0.012, 0.03, 0.1)
    shaft = around(rng, 0.22, 0.09, 0.0, 0.44)
    front = around(rng, 0.46, 0.04, 0.38, 0.58)
    vamp = around(rng, 0.78, 0.025, 0.7, 0.86) - 0.25 * thick
    sole = [(0.0, 1 - thick), (0.4, 1 - thick), (0.76, 1 - rise), (1.0, 1 - rise)]
    cup = rng.uniform(0.10, 0.26) if heel != "high" else rng.uniform(0.04, 0.1)
    under = [(0.99, 1.0), (1.0 - cup, 1.0), (0.98 - cup, 1 - 0.5 * rise), (0.42, 1.0), (0.03, 1.0)]
    upper = [
        (0.01, 1 - thick),
        (0.02, vamp + 0.06),
        (0.12, vamp - 0.01),
        (0.28, vamp - 0.06),
        (front - 0.03, 0.60 - 0.3 * rise),
        (front, shaft + 0.12),
        (front - rng.uniform(-0.02, 0.04), shaft),
        (0.97 + rng.uniform(-0.03, 0.03), shaft - rng.uniform(-0.02, 0.04)),
        (0.96, 0.55 - 0.3 * rise),
        (1.0, 1 - rise - 0.08),
        (0.99, 1 - rise + 0.01),
        (0.76, 1 - rise + 0.01),
        (0.4, 1 - thick + 0.01),
    ]
    sheet.area(upper, cloth, rounds=1, edge=0.65)
    tone = cloth.tone * rng.uniform(0.35, 0.9) if chance(rng, 0.7) else 215
    sheet.area(sole + under, max(14, tone), rounds=0)
    mark = contrast(rng, cloth.tone, rng.uniform(25, 110))
    detail = pick(rng, laces=36, zip=20, strap=20, gusset=14, none=10)
    if detail == "laces":
        for level in np.linspace(shaft + 0.06, 0.66, int(rng.integers(4, 7))):
            x = float(np.interp(level, [shaft, 0.6, 0.75], [front, front - 0.03, 0.26]))
            sheet.stroke([(x + 0.01, level), (x + 0.13, level + 0.02)], mark, 0.018)
    elif detail == "zip":
        sheet.stroke([(0.76, shaft + 0.03), (0.72, 1 - rise - 0.05)], mark, 0.018)
    elif detail == "strap":
        level = rng.uniform(shaft + 0.08, 0.62)
        sheet.stroke([(front - 0.02, level), (0.97, level - 0.02)], mark, 0.04)
        sheet.dot(0.8, level - 0.01, 0.035, contrast(rng, mark, 90))
    elif detail == "gusset":
        sheet.area([(0.62, shaft), (0.82, shaft), (0.74, 0.58)], mark, rounds=1)
    if chance(rng, 0.3):
        sheet.stroke([(front, shaft + 0.03), (0.97, shaft + 0.02)], cloth.tone * 0.7, 0.03)


# ---------------------------------------------------------------- Taschen


def draw_bag(sheet):
    """8 Bag: Beutel, Henkeltasche, Umhängetasche oder Clutch."""
    rng = sheet.rng
    cloth = make_cloth(rng, plain=66, floral=8, checks=7, stripes=7, knit=7, block=5)
    kind = pick(rng, handle=36, shoulder=32, tote=18, clutch=14)
    half = around(rng, 0.46, 0.04, 0.3, 0.5)
    top = around(rng, {"handle": 0.40, "shoulder": 0.36, "tote": 0.32, "clutch": 0.25}[kind], 0.05)
    if kind == "tote":
        half *= 0.78
    bottom = around(rng, 0.60 if kind == "clutch" else 0.95, 0.05, 0.5, 1.05)
    taper = rng.uniform(0.78, 1.02)
    ink = cloth.tone * rng.uniform(0.5, 0.95)
    strap = rng.uniform(0.025, 0.055)
    if kind in ("handle", "tote"):
        reach, rise = half * rng.uniform(0.42, 0.7), top - around(rng, 0.08, 0.07, 0.0, 0.2)
        for shift in (0.0, rng.uniform(0.02, 0.06)):
            arc = ellipse(0.5, top + 0.03, reach, rise + shift, np.pi, 2 * np.pi)
            sheet.stroke(arc, ink, strap, rounds=0)
    elif kind == "shoulder":
        rise = around(rng, 0.26, 0.1, 0.02, 0.45)
        sheet.stroke(
            ellipse(0.5, top + 0.05, half * 0.93, rise, np.pi, 2 * np.pi), ink, strap, rounds=0
        )
    body_shape = [
        (0.5 - half * taper, top),
        (0.5 + half * taper, top),
        (0.5 + half, bottom - 0.05),
        (0.5 + half * 0.96, bottom),
        (0.5 - half * 0.96, bottom),
        (0.5 - half, bottom - 0.05),
    ]
    sheet.area(body_shape, cloth, rounds=int(rng.integers(0, 3)), edge=0.7)
    seam = contrast(rng, cloth.tone, rng.uniform(25, 80))
    flap = top + (bottom - top) * rng.uniform(0.3, 0.62)
    if chance(rng, 0.5):  # Überschlag
        wide = half * taper
        points = [
            (0.5 - wide, top),
            (0.5 + wide, top),
            (0.5 + 0.9 * wide, flap),
            (0.5 - 0.9 * wide, flap),
        ]
        sheet.area(points, cloth.shaded(rng.uniform(0.8, 1.15)), rounds=1, edge=0.6)
    elif chance(rng, 0.6):
        sheet.stroke(
            [(0.5 - half * taper, top + 0.06), (0.5 + half * taper, top + 0.06)], seam, 0.02
        )
    if chance(rng, 0.5):
        sheet.dot(
            0.5 + rng.normal(0, 0.01), flap, rng.uniform(0.02, 0.04), contrast(rng, cloth.tone, 120)
        )
    if chance(rng, 0.25):
        for side in (-1, 1):
            sheet.stroke(
                [(0.5 + side * half * 0.55, top), (0.5 + side * half * 0.6, bottom)], seam, 0.025
            )
    if chance(rng, 0.25):
        box = [(0.5 - 0.5 * half, flap + 0.05), (0.5 + 0.5 * half, flap + 0.05)]
        box += [(0.5 + 0.5 * half, bottom - 0.06), (0.5 - 0.5 * half, bottom - 0.06)]
        sheet.stroke([*box, box[0]], seam, 0.016, rounds=0)


# ---------------------------------------------------------------- Alles zusammen

DRAW = (
    draw_tshirt, draw_trouser, draw_pullover, draw_dress, draw_coat,
    draw_sandal, draw_shirt, draw_sneaker, draw_bag, draw_boot,
)  # fmt: skip


def draw_image(label, number):
    """Ein Bild (28, 28) uint8; es hängt nur von Klasse und Nummer ab."""
    sheet = Sheet(np.random.default_rng([label, number]))
    DRAW[label](sheet)
    return sheet.finish()


def draw_split(first, count, seed):
    """`count` Bilder je Klasse ab Nummer `first`, gemischt: x (n, 28, 28), y (n,), beide uint8."""
    labels = np.repeat(np.arange(10, dtype=np.uint8), count)
    images = [draw_image(label, first + i) for label in range(10) for i in range(count)]
    order = np.random.default_rng(seed).permutation(len(labels))
    return np.stack(images)[order], labels[order]


def write_npz(path, **arrays):
    """Wie `np.savez_compressed`, aber ohne Uhrzeit im Archiv: Jeder Lauf liefert dieselben Bytes."""
    beside = path.with_name(path.name + ".neu")
    with zipfile.ZipFile(beside, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, array in arrays.items():
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, array)
            archive.writestr(
                zipfile.ZipInfo(f"{name}.npy"), buffer.getvalue(), zipfile.ZIP_DEFLATED, 9
            )
    os.replace(beside, path)


def main():
    """Zeichnet beide Teile und schreibt die Datei."""
    start = time.perf_counter()
    x_train, y_train = draw_split(0, TRAIN_PER_CLASS, seed=1)
    x_test, y_test = draw_split(TRAIN_PER_CLASS, TEST_PER_CLASS, seed=2)
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    write_npz(TARGET, x_train=x_train, y_train=y_train, x_test=x_test, y_test=y_test)
    size = TARGET.stat().st_size / 1e6
    print(
        f"{TARGET.name}: {len(x_train):,} + {len(x_test):,} Bilder, {size:.1f} MB, {time.perf_counter() - start:.0f} s"
    )


if __name__ == "__main__":
    main()
