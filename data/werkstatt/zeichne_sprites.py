"""Zeichnet die Motive, für die es kein freies Bild gibt: Hirsche, Frösche, Schiffe, Laster, Flugzeuge.

Kein eigener Aufruf; `baue_sprites.py` benutzt `DRAWINGS` (Name → Zeichnung) und `fur`.
Maße stehen in Hundertsteln der Bildseite, (0, 0) ist oben links.
"""

import numpy as np
from PIL import Image, ImageDraw

SIDE = 448  # gezeichnet wird groß, verkleinert wird beim Speichern
UNIT = SIDE / 100


def mix(color, other, share):
    """Die Farbe zwischen `color` und `other`; share 0 ist die erste, 1 die zweite."""
    return tuple(round(a + (b - a) * share) for a, b in zip(color, other))


def dark(color, share=0.35):
    return mix(color, (20, 15, 15), share)


def light(color, share=0.4):
    return mix(color, (255, 250, 240), share)


def rounded(points, rounds=3):
    """Rundet ein Vieleck ab, indem es seine Ecken wiederholt abschneidet."""
    points = np.asarray(points, float)
    for _ in range(rounds):
        following = np.roll(points, -1, axis=0)
        points = np.stack([0.75 * points + 0.25 * following, 0.25 * points + 0.75 * following], 1)
        points = points.reshape(-1, 2)
    return points


class Sheet:
    """Ein durchsichtiges Blatt mit den wenigen Formen, die hier gebraucht werden."""

    def __init__(self):
        self.image = Image.new("RGBA", (SIDE, SIDE))
        self.pen = ImageDraw.Draw(self.image)

    def shape(self, color, *points, smooth=3, outline=True):
        corners = [tuple(p) for p in rounded(points, smooth) * UNIT]
        self.pen.polygon(corners, fill=color)
        if outline:
            self.pen.line([*corners, corners[0]], fill=dark(color), width=4, joint="curve")

    def oval(self, color, x, y, radius_x, radius_y, angle=0, outline=True):
        turn = np.linspace(0, 2 * np.pi, 48, endpoint=False)
        a, c, s = np.stack([np.cos(turn) * radius_x, np.sin(turn) * radius_y], 1), *_turn(angle)
        points = [(x + px * c - py * s, y + px * s + py * c) for px, py in a]
        self.shape(color, *points, smooth=0, outline=outline)

    def stroke(self, color, width, *points):
        corners = [(x * UNIT, y * UNIT) for x, y in points]
        self.pen.line(corners, fill=color, width=round(width * UNIT), joint="curve")
        for x, y in corners:
            r = width * UNIT / 2
            self.pen.ellipse([x - r, y - r, x + r, y + r], fill=color)

    def box(self, color, left, top, right, bottom, outline=True):
        self.shape(
            color,
            (left, top),
            (right, top),
            (right, bottom),
            (left, bottom),
            smooth=0,
            outline=outline,
        )

    def eye(self, x, y, radius=2.2, iris=(35, 25, 20)):
        self.oval(iris, x, y, radius, radius, outline=False)
        self.oval(
            (255, 255, 255),
            x - radius * 0.3,
            y - radius * 0.4,
            radius * 0.35,
            radius * 0.35,
            outline=False,
        )


def _turn(angle):
    return np.cos(np.radians(angle)), np.sin(np.radians(angle))


# ---------------------------------------------------------------- Hirsche


def antler(sheet, x, y, side, height, color, width=2.2):
    """Eine Stange mit drei Enden, von (x, y) nach oben; `side` −1 oder 1."""
    stem = [
        (x, y),
        (x + side * 7, y - height * 0.35),
        (x + side * 9, y - height * 0.7),
        (x + side * 5, y - height),
    ]
    sheet.stroke(color, width, *stem)
    sheet.stroke(color, width * 0.8, stem[1], (x + side * 15, y - height * 0.5))
    sheet.stroke(color, width * 0.8, stem[2], (x + side * 18, y - height * 0.85))
    sheet.stroke(
        color, width * 0.8, (x + side * 3, y - height * 0.15), (x - side * 1, y - height * 0.42)
    )


def deer_head(fur_color, antlers=(205, 180, 140)):
    sheet = Sheet()
    for side in (-1, 1):
        antler(sheet, 50 + side * 7, 44, side, 40, antlers, 3.2)
        sheet.shape(
            fur_color,
            (50 + side * 12, 46),
            (50 + side * 34, 36),
            (50 + side * 30, 52),
            (50 + side * 14, 56),
        )
        sheet.shape(
            light(fur_color),
            (50 + side * 16, 48),
            (50 + side * 29, 41),
            (50 + side * 26, 50),
            outline=False,
        )
    sheet.shape(fur_color, (32, 42), (68, 42), (68, 62), (62, 92), (38, 92), (32, 62))
    sheet.shape(light(fur_color, 0.6), (40, 78), (60, 78), (62, 96), (38, 96), outline=False)
    sheet.shape(dark(fur_color, 0.25), (46, 44), (54, 44), (55, 72), (45, 72), outline=False)
    sheet.oval((40, 30, 30), 50, 84, 7, 5)
    for side in (-1, 1):
        sheet.eye(50 + side * 12, 60, 3.4)
    return sheet.image


def deer_side(fur_color, antlers=None, spots=False, grazing=False, ruff=None):
    sheet = Sheet()
    back = dark(fur_color, 0.2)
    for x in (34, 66):  # die hinteren Beine, im Schatten
        sheet.stroke(back, 3.6, (x + 5, 62), (x + 7, 78), (x + 5, 95))
    head_x, head_y = (84, 78) if grazing else (80, 30)
    sheet.shape(
        fur_color, (60, 46), (74, 42), (head_x + 2, head_y - 2), (head_x - 6, head_y + 6), (74, 60)
    )
    sheet.shape(
        fur_color, (22, 48), (34, 42), (60, 44), (76, 44), (76, 62), (60, 68), (34, 67), (22, 62)
    )
    sheet.shape(light(fur_color, 0.5), (34, 62), (60, 62), (62, 68), (36, 68), outline=False)
    if ruff:
        sheet.shape(ruff, (66, 46), (76, 38), (80, 46), (74, 64), outline=False)
    sheet.shape((250, 245, 235), (18, 46), (26, 44), (25, 56), (19, 54))
    for x in (28, 69):
        sheet.shape(fur_color, (x - 4, 56), (x + 6, 56), (x + 4, 74), (x - 2, 74), outline=False)
        sheet.stroke(fur_color, 4, (x + 1, 66), (x - 1, 80), (x, 95))
        sheet.stroke((50, 40, 35), 4, (x, 95), (x + 1.5, 96))
    if antlers:
        antler(sheet, head_x - 3, head_y - 5, -1, 22, dark(antlers, 0.15), 2.6)
        antler(sheet, head_x - 1, head_y - 5, 1, 23, antlers, 2.6)
    ear_y = head_y - 4
    sheet.shape(
        fur_color, (head_x - 4, ear_y + 2), (head_x - 16, ear_y - 6), (head_x - 10, ear_y + 5)
    )
    nose = (head_x + 5, head_y + 14) if grazing else (head_x + 15, head_y + 7)
    sheet.shape(
        fur_color,
        (head_x - 8, head_y - 5),
        (head_x + 4, head_y - 7),
        nose,
        (nose[0] - 3, nose[1] + 5),
        (head_x - 6, head_y + 9),
    )
    sheet.oval((40, 30, 30), nose[0] - 2, nose[1] + 0.5, 2.4, 2.2, outline=False)
    sheet.eye(head_x + 1, head_y - 0.5, 2)
    if spots:
        for x, y in [
            (32, 49),
            (38, 54),
            (44, 48),
            (50, 54),
            (56, 49),
            (62, 55),
            (34, 58),
            (46, 59),
            (56, 60),
        ]:
            sheet.oval((250, 240, 225), x, y, 1.9, 1.5, outline=False)
    return sheet.image


def deer_lying(fur_color):
    sheet = Sheet()
    sheet.shape(fur_color, (62, 58), (70, 34), (80, 36), (80, 66))
    sheet.shape(fur_color, (10, 66), (22, 54), (52, 52), (78, 58), (82, 74), (60, 84), (22, 84))
    sheet.shape(dark(fur_color, 0.15), (16, 70), (34, 62), (44, 76), (30, 86), (14, 82))
    sheet.stroke(fur_color, 5, (30, 84), (48, 84))
    sheet.stroke(fur_color, 5, (66, 78), (84, 84), (70, 86))
    for side in (-1, 1):
        sheet.shape(fur_color, (76 + side * 5, 28), (76 + side * 18, 12), (76 + side * 12, 30))
    sheet.shape(fur_color, (68, 24), (84, 24), (92, 40), (86, 46), (70, 42))
    sheet.shape(light(fur_color, 0.6), (82, 38), (92, 38), (88, 46), (80, 44), outline=False)
    sheet.oval((40, 30, 30), 90, 39, 2.6, 2.2, outline=False)
    sheet.eye(79, 32, 2.6)
    for x, y in [(26, 60), (34, 57), (42, 61), (50, 57), (58, 62), (46, 68), (56, 70), (64, 68)]:
        sheet.oval((250, 240, 225), x, y, 2.2, 1.8, outline=False)
    return sheet.image


# ---------------------------------------------------------------- Frösche


def frog_top(skin, mark, stripes):
    """Von oben: zwei angewinkelte Sprungbeine, zwei Vorderbeine, Augen am Rand des Kopfes."""
    sheet = Sheet()
    for side in (-1, 1):
        sheet.stroke(
            skin,
            8,
            (50 + side * 12, 70),
            (50 + side * 34, 58),
            (50 + side * 20, 84),
            (50 + side * 36, 92),
        )
        sheet.stroke(skin, 5.5, (50 + side * 14, 40), (50 + side * 32, 36), (50 + side * 36, 22))
        for toe in (-6, 0, 6):
            sheet.stroke(
                skin, 2.6, (50 + side * 36, 92), (50 + side * (44 + abs(toe) / 3), 92 + toe)
            )
            sheet.stroke(skin, 2.6, (50 + side * 36, 22), (50 + side * 37 + toe, 14))
    sheet.shape(
        skin,
        (42, 8),
        (58, 8),
        (70, 26),
        (68, 50),
        (70, 66),
        (56, 82),
        (44, 82),
        (30, 66),
        (32, 50),
        (30, 26),
    )
    if stripes:
        for x in (38, 50, 62):
            sheet.stroke(mark, 2.4, (x, 30), (50 + (x - 50) * 1.1, 56), (50 + (x - 50) * 0.7, 72))
    else:
        for x, y, r in [
            (42, 36, 4),
            (58, 40, 5),
            (46, 52, 5),
            (60, 58, 4),
            (40, 64, 4),
            (52, 68, 4),
            (50, 26, 3),
        ]:
            sheet.oval(mark, x, y, r, r * 0.8, outline=False)
    for side in (-1, 1):
        sheet.oval(light(skin, 0.3), 50 + side * 15, 20, 6.5, 6.5)
        sheet.eye(50 + side * 16, 19, 3.6)
    return sheet.image


def frog_side(skin, belly, mark, eye=(35, 25, 20)):
    """Von der Seite, sitzend."""
    sheet = Sheet()
    sheet.stroke(dark(skin, 0.2), 6, (70, 66), (76, 84), (86, 88))
    sheet.shape(
        skin,
        (10, 76),
        (20, 52),
        (42, 32),
        (66, 22),
        (86, 30),
        (92, 42),
        (80, 58),
        (66, 78),
        (40, 86),
    )
    sheet.shape(belly, (66, 56), (90, 46), (82, 58), (68, 78), (48, 84), outline=False)
    for x, y, r in [(34, 48, 4), (46, 40, 4), (42, 54, 3), (56, 36, 3), (26, 60, 3)]:
        sheet.oval(mark, x, y, r, r * 0.8, outline=False)
    sheet.stroke(dark(skin, 0.55), 1.3, (91, 43), (78, 47), (68, 45))
    sheet.shape(skin, (14, 84), (18, 62), (36, 58), (50, 72), (46, 86))
    sheet.stroke(skin, 7, (20, 86), (46, 89), (58, 90))
    sheet.stroke(skin, 6, (64, 68), (64, 84), (74, 90))
    for x in (58, 74):
        for toe in (-3, 1):
            sheet.stroke(skin, 2.6, (x, 90), (x + 8, 91 + toe))
    sheet.oval(skin, 74, 24, 8.5, 8.5)
    sheet.oval((240, 200, 70), 75, 23, 6, 6)
    sheet.oval(eye, 76, 23, 3.4, 3.8, outline=False)
    return sheet.image


def frog_front(skin, belly):
    """Von vorn, breit sitzend."""
    sheet = Sheet()
    for side in (-1, 1):
        sheet.oval(dark(skin, 0.12), 50 + side * 30, 72, 15, 17, side * 20)
        sheet.stroke(dark(skin, 0.12), 6, (50 + side * 26, 88), (50 + side * 44, 90))
    sheet.shape(
        skin, (24, 44), (36, 30), (64, 30), (76, 44), (78, 74), (66, 90), (34, 90), (22, 74)
    )
    sheet.shape(
        belly, (30, 56), (50, 62), (70, 56), (68, 80), (60, 90), (40, 90), (32, 80), outline=False
    )
    sheet.stroke(dark(skin, 0.6), 1.6, (27, 50), (38, 56), (50, 58), (62, 56), (73, 50))
    for side in (-1, 1):
        sheet.oval(skin, 50 + side * 17, 28, 10, 10)
        sheet.oval((250, 225, 90), 50 + side * 17, 27, 7, 7)
        sheet.oval((25, 20, 20), 50 + side * 17, 27, 5.5, 2.6, outline=False)
        sheet.oval(dark(skin, 0.5), 50 + side * 4, 46, 1.2, 1, outline=False)
        sheet.stroke(skin, 7, (50 + side * 12, 70), (50 + side * 13, 88))
        for toe in (-5, 0, 5):
            sheet.stroke(skin, 3, (50 + side * 13, 89), (50 + side * 14 + toe, 94))
    return sheet.image


# ---------------------------------------------------------------- Schiffe


def hull(sheet, color, top, bottom=84, left=6, right=94):
    sheet.shape(
        color, (left, top), (right, top), (right - 8, bottom), (left + 10, bottom), smooth=1
    )
    sheet.shape(
        dark(color, 0.5),
        (left + 8, bottom - 5),
        (right - 6, bottom - 5),
        (right - 9, bottom),
        (left + 11, bottom),
        smooth=0,
        outline=False,
    )


def container_ship(color):
    sheet = Sheet()
    colors = [(200, 70, 50), (60, 110, 170), (230, 170, 60), (90, 140, 90), (150, 150, 155)]
    for column in range(6):
        for row in range(3 if column % 3 else 2):
            x, y = 30 + column * 9.5, 56 - row * 8
            sheet.box(colors[(column * 2 + row) % 5], x, y, x + 9, y + 7.5)
    sheet.box((240, 240, 235), 12, 30, 26, 64)
    for y in (34, 42, 50):
        sheet.box((70, 100, 130), 14, y, 24, y + 4, outline=False)
    sheet.box((200, 70, 50), 15, 20, 21, 30)
    hull(sheet, color, 63)
    return sheet.image


def tugboat(color):
    sheet = Sheet()
    sheet.box((245, 240, 225), 34, 44, 66, 66)
    sheet.box((245, 240, 225), 40, 30, 60, 45)
    for x in (42, 51):
        sheet.box((90, 140, 170), x, 33, x + 7, 40)
    for x in (38, 48, 58):
        sheet.oval((60, 80, 100), x, 55, 3, 3)
    sheet.box((225, 150, 40), 22, 36, 32, 66)
    sheet.box((40, 40, 45), 22, 32, 32, 39)
    sheet.stroke((90, 90, 90), 1.5, (68, 66), (68, 18))
    hull(sheet, color, 64, left=8, right=92)
    for x in (20, 40, 60, 80):
        sheet.oval((45, 45, 45), x, 72, 4, 4)
    return sheet.image


def warship(color):
    sheet = Sheet()
    sheet.box(light(color, 0.15), 34, 46, 70, 66)
    sheet.box(light(color, 0.2), 42, 32, 58, 47)
    sheet.stroke(dark(color), 1.8, (50, 32), (50, 10))
    sheet.stroke(dark(color), 1.4, (43, 18), (57, 18))
    sheet.stroke(dark(color), 2.4, (82, 58), (96, 52))
    sheet.box(color, 72, 56, 84, 66)
    for x in (44, 50):
        sheet.box((60, 75, 90), x, 36, x + 4, 40, outline=False)
    hull(sheet, color, 65, 82, 3, 98)
    return sheet.image


def sailing_boat(color, sail):
    sheet = Sheet()
    sheet.stroke((120, 85, 50), 2, (48, 74), (48, 8))
    sheet.shape(sail, (51, 10), (88, 66), (51, 66), smooth=1)
    sheet.shape(light(sail, 0.5), (45, 16), (45, 64), (16, 64), smooth=1)
    sheet.stroke(dark(sail, 0.3), 1, (51, 40), (70, 42))
    hull(sheet, color, 74, 88, 14, 90)
    return sheet.image


# ---------------------------------------------------------------- Laster


def wheels(sheet, places, y=80, radius=8):
    for x in places:
        sheet.oval((45, 45, 48), x, y, radius, radius)
        sheet.oval((170, 170, 175), x, y, radius * 0.45, radius * 0.45)


def cab(sheet, color, left=70, top=36):
    sheet.shape(color, (left, top), (88, top), (94, 56), (96, 60), (96, 78), (left, 78), smooth=1)
    sheet.shape(
        (150, 200, 225), (left + 6, top + 5), (86, top + 5), (91, 56), (left + 6, 56), smooth=1
    )
    sheet.box((250, 235, 150), 92, 63, 96, 68, outline=False)


def tipper(color, load):
    sheet = Sheet()
    sheet.shape((120, 95, 70), (10, 42), (24, 30), (40, 26), (56, 32), (66, 42), smooth=2)
    sheet.shape(load, (4, 40), (68, 40), (66, 68), (12, 68), smooth=0)
    for x in (20, 34, 48, 60):
        sheet.stroke(dark(load, 0.3), 1.4, (x, 42), (x, 66))
    sheet.box((70, 70, 75), 8, 69, 96, 77)
    cab(sheet, color)
    wheels(sheet, (20, 38, 84))
    return sheet.image


def tank_truck(color, tank):
    sheet = Sheet()
    sheet.box((70, 70, 75), 4, 69, 96, 76)
    sheet.shape(
        tank, (3, 40), (10, 34), (62, 34), (68, 40), (68, 64), (62, 70), (10, 70), (3, 64), smooth=2
    )
    sheet.stroke(light(tank, 0.7), 3, (10, 43), (60, 43))
    for x in (22, 44):
        sheet.stroke(dark(tank, 0.3), 1.2, (x, 36), (x, 68))
    cab(sheet, color)
    wheels(sheet, (16, 32, 60, 84))
    return sheet.image


def box_truck(color, box):
    sheet = Sheet()
    sheet.box((70, 70, 75), 4, 70, 96, 77)
    sheet.box(box, 3, 22, 67, 72)
    sheet.box(dark(box, 0.15), 3, 60, 67, 64, outline=False)
    cab(sheet, color)
    wheels(sheet, (20, 58, 84))
    return sheet.image


def mixer(color, drum):
    sheet = Sheet()
    sheet.box((70, 70, 75), 4, 69, 96, 77)
    sheet.shape(
        drum, (6, 44), (20, 28), (46, 26), (66, 42), (66, 60), (46, 68), (20, 66), (6, 56), smooth=2
    )
    for x in (20, 34, 48):
        sheet.stroke(light(drum, 0.7), 4, (x, 31), (x + 6, 64))
    sheet.stroke((110, 110, 115), 3, (6, 50), (4, 68))
    cab(sheet, color)
    wheels(sheet, (18, 36, 84))
    return sheet.image


# ---------------------------------------------------------------- Flugzeuge


def airliner_top(body, accent):
    sheet = Sheet()
    for side in (-1, 1):
        sheet.shape(
            mix(body, (120, 125, 135), 0.3),
            (50, 40),
            (50 + side * 46, 62),
            (50 + side * 47, 68),
            (50, 58),
            smooth=1,
        )
        sheet.shape(
            accent, (50, 80), (50 + side * 19, 92), (50 + side * 19, 96), (50, 92), smooth=1
        )
        sheet.box((90, 95, 105), 50 + side * 20 - 3, 46, 50 + side * 20 + 3, 56)
    sheet.shape(body, (50, 2), (56, 12), (56, 70), (53, 96), (47, 96), (44, 70), (44, 12), smooth=2)
    sheet.shape((70, 110, 150), (46, 12), (54, 12), (53, 17), (47, 17), smooth=1, outline=False)
    sheet.stroke(accent, 1.6, (50, 76), (50, 94))
    return sheet.image


def airliner_side(body, accent):
    sheet = Sheet()
    sheet.shape(accent, (8, 24), (18, 24), (32, 48), (14, 50), smooth=1)
    sheet.shape(body, (8, 50), (20, 44), (80, 42), (96, 52), (92, 60), (70, 64), (26, 62), smooth=2)
    sheet.shape(accent, (12, 53), (94, 53), (93, 57), (20, 58), smooth=1, outline=False)
    for x in range(28, 82, 6):
        sheet.box((70, 100, 140), x, 47, x + 3, 50, outline=False)
    sheet.shape((80, 120, 160), (86, 46), (91, 49), (86, 50), smooth=1, outline=False)
    sheet.shape(mix(body, (110, 115, 125), 0.4), (44, 56), (60, 56), (38, 80), (28, 82), smooth=1)
    sheet.oval((90, 95, 105), 50, 68, 7, 3.6)
    sheet.shape(mix(body, (110, 115, 125), 0.4), (10, 48), (24, 48), (10, 58), (4, 58), smooth=1)
    return sheet.image


def biplane(body, wing):
    sheet = Sheet()
    sheet.shape(body, (4, 44), (12, 42), (70, 36), (84, 42), (84, 58), (70, 62), (14, 54), smooth=2)
    sheet.shape(wing, (2, 26), (12, 26), (18, 46), (6, 46), smooth=1)
    for x in (50, 72):
        sheet.stroke((110, 80, 50), 1.8, (x, 24), (x - 2, 66))
    sheet.shape(wing, (40, 20), (82, 20), (84, 27), (40, 27), smooth=1)
    sheet.shape(wing, (38, 62), (80, 62), (82, 69), (38, 69), smooth=1)
    sheet.shape((60, 90, 120), (34, 40), (46, 38), (44, 32), (38, 33), smooth=1)
    sheet.stroke((70, 60, 55), 2.6, (88, 28), (88, 72))
    sheet.oval((70, 60, 55), 86, 50, 3.5, 5)
    sheet.stroke((80, 80, 85), 2, (66, 62), (68, 80))
    sheet.oval((45, 45, 48), 68, 82, 7, 7)
    return sheet.image


def glider(body, accent):
    sheet = Sheet()
    for side in (-1, 1):
        sheet.shape(body, (50, 30), (50 + side * 48, 22), (50 + side * 48, 27), (50, 42), smooth=1)
        sheet.shape(
            accent,
            (50 + side * 36, 23.6),
            (50 + side * 48, 21.5),
            (50 + side * 48, 27),
            (50 + side * 36, 30),
            smooth=1,
        )
        sheet.shape(
            accent, (50, 82), (50 + side * 14, 80), (50 + side * 14, 85), (50, 90), smooth=1
        )
    sheet.shape(body, (50, 8), (55, 20), (55, 44), (51, 92), (49, 92), (45, 44), (45, 20), smooth=2)
    sheet.shape((80, 120, 160), (47, 16), (53, 16), (52.5, 28), (47.5, 28), smooth=1)
    return sheet.image


# ---------------------------------------------------------------- Umrisse einfärben


def fur(silhouette, top, bottom):
    """Gibt einem schwarzen Umriss ein Fell (oder Blech): oben `top`, unten `bottom`, dunkler Rand."""
    alpha = np.asarray(silhouette.getchannel("A"), float) / 255
    height, width = alpha.shape
    share = np.linspace(0, 1, height)[:, None, None]
    color = np.asarray(top) * (1 - share) + np.asarray(bottom) * share
    color = np.broadcast_to(color, (height, width, 3)).copy()
    radius = max(2, height // 40)
    inside = alpha > 0.5
    core = inside.copy()
    for _ in range(radius):  # Rand abtragen, um ihn dunkler zu zeichnen
        core = (
            core
            & np.roll(core, 1, 0)
            & np.roll(core, -1, 0)
            & np.roll(core, 1, 1)
            & np.roll(core, -1, 1)
        )
    color[~core] *= 0.72
    pixels = np.dstack([color, alpha * 255]).round().astype(np.uint8)
    return Image.fromarray(pixels, "RGBA")


RED_BROWN, BROWN, GRAY_BROWN, SAND = (165, 100, 60), (125, 85, 55), (125, 112, 100), (200, 150, 100)
DRAWINGS = {
    "hirschkopf": lambda: deer_head(RED_BROWN),
    "hirschkopf_dunkel": lambda: deer_head(GRAY_BROWN, (225, 205, 170)),
    "hirsch": lambda: deer_side(RED_BROWN, antlers=(215, 190, 150)),
    "rentier": lambda: deer_side(GRAY_BROWN, antlers=(160, 130, 100), ruff=(240, 235, 225)),
    "reh_aesend": lambda: deer_side(SAND, grazing=True),
    "damwild": lambda: deer_side((185, 115, 65), spots=True),
    "kitz_liegend": lambda: deer_lying((190, 120, 70)),
    "frosch_von_oben": lambda: frog_top((95, 150, 60), (55, 95, 40), stripes=True),
    "pfeilgiftfrosch": lambda: frog_top((50, 110, 210), (20, 25, 60), stripes=False),
    "grasfrosch": lambda: frog_side((150, 120, 70), (225, 205, 160), (95, 70, 45)),
    "laubfrosch": lambda: frog_side((120, 190, 60), (235, 240, 190), (90, 155, 50), eye=(120, 25, 20)),
    "teichfrosch": lambda: frog_front((90, 160, 75), (225, 230, 170)),
    "kroete": lambda: frog_front((145, 125, 90), (215, 195, 150)),
    "containerschiff": lambda: container_ship((40, 70, 120)),
    "schlepper": lambda: tugboat((180, 50, 45)),
    "kriegsschiff": lambda: warship((125, 135, 145)),
    "segelboot": lambda: sailing_boat((150, 95, 55), (250, 245, 235)),
    "kipper": lambda: tipper((230, 170, 40), (225, 165, 45)),
    "tankwagen": lambda: tank_truck((60, 110, 180), (195, 200, 205)),
    "kofferwagen": lambda: box_truck((70, 140, 90), (240, 240, 235)),
    "betonmischer": lambda: mixer((190, 60, 50), (170, 170, 165)),
    "verkehrsflugzeug_oben": lambda: airliner_top((240, 240, 242), (200, 50, 50)),
    "verkehrsflugzeug_seite": lambda: airliner_side((245, 245, 245), (40, 90, 170)),
    "doppeldecker": lambda: biplane((200, 60, 45), (235, 195, 70)),
    "segelflugzeug": lambda: glider((245, 245, 245), (220, 70, 50)),
}  # fmt: skip
