"""Baut `data/bilder/sprites/`: freigestellte Motive, aus denen der Kurs seine Farbbilder zusammensetzt.

Aufruf: python data/werkstatt/baue_sprites.py [--schrift DATEI] [--clipart ORDNER]   (wenige Sekunden)

Drei Quellen, jede mit freier Lizenz:
- Noto Color Emoji (SIL Open Font License 1.1), Debian-Paket fonts-noto-color-emoji
- Open Clip Art Library (gemeinfrei), Debian-Paket openclipart-png
- selbst gezeichnet: `zeichne_sprites.py` in diesem Ordner
Ein `*` vor dem Namen heißt: Dieses Motiv kommt nur in Testbildern vor, das Modell hat es nie gesehen.
Gleiche Schrift, gleiche Cliparts und gleiches Pillow ergeben dieselben Bytes.
"""

import argparse
import io
import os
from pathlib import Path

from gemeinsam import DATA, schreibe, schreibe_csv
from PIL import Image, ImageDraw, ImageFont
from zeichne_sprites import DRAWINGS, fur

TARGET = DATA / "bilder" / "sprites"
FONT = "/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf"
CLIPART = "/usr/share/openclipart/png"
LICENSE = "/usr/share/doc/fonts-noto-color-emoji/copyright"
SIDE = 112  # längste Seite eines Motivs in Pixeln
FONT_SIZE = 109  # die einzige Größe, in der die Schrift ihre Bilder enthält
SOURCES = {
    "emoji": "Noto Color Emoji, SIL OFL 1.1",
    "clipart": "Open Clip Art Library, gemeinfrei",
    "umriss": "Open Clip Art Library, gemeinfrei; eingefärbt",
    "gezeichnet": "selbst gezeichnet (zeichne_sprites.py)",
}
BIRDS, CATS, DOGS = "animals/birds", "animals/mammals/housecats", "animals/mammals"
HORSES, CARS, BOATS = "animals/mammals/horses", "transportation", "transportation/boating"

# Je Klasse: Name, Quelle, Fundort (und beim Umriss: Farbe oben, Farbe unten)
MOTIFS = {
    "airplane": [
        ("von_oben", "emoji", "✈️"),
        ("klein", "emoji", "🛩️"),
        ("*start", "emoji", "🛫"),
        ("landung", "emoji", "🛬"),
        ("zweimotorig", "clipart", f"{CARS}/vehicles/aircraft_jarno_vasamaa1.png"),
        ("*linie_blau", "clipart", f"{CARS}/vehicles/aircraft_jarno_vasamaa2.png"),
        ("hochdecker", "clipart", f"{CARS}/vehicles/aircraft_jarno_vasamaa3.png"),
        ("*geschaeft", "clipart", f"{CARS}/vehicles/aircraft_jarno_vasamaa4.png"),
        ("linie", "clipart", f"{CARS}/vehicles/aircraft_jarno_vasamaa_.png"),
        (
            "umriss",
            "umriss",
            f"{CARS}/vehicles/plane_silhouet_mo_01.png",
            (235, 238, 242),
            (165, 172, 182),
        ),
        (
            "*jaeger",
            "umriss",
            f"{CARS}/vehicles/military_airplane_mo_01.png",
            (150, 158, 160),
            (105, 112, 115),
        ),
        ("oben_gezeichnet", "gezeichnet", "verkehrsflugzeug_oben"),
        ("seite_gezeichnet", "gezeichnet", "verkehrsflugzeug_seite"),
        ("*doppeldecker", "gezeichnet", "doppeldecker"),
        ("segelflugzeug", "gezeichnet", "segelflugzeug"),
    ],
    "automobile": [
        ("rot", "emoji", "🚗"),
        ("*taxi", "emoji", "🚕"),
        ("gelaende", "emoji", "🚙"),
        ("vorn", "emoji", "🚘"),
        ("*taxi_vorn", "emoji", "🚖"),
        ("rennwagen", "emoji", "🏎️"),
        ("polizei", "emoji", "🚓"),
        ("sport_blau", "clipart", f"{CARS}/car_jamin_ellis_.png"),
        ("vorn_gruen", "clipart", f"{CARS}/dodge_neon_green_ganson.png"),
        ("*kombi", "clipart", f"{CARS}/blazer_01.png"),
        ("*formel", "clipart", f"{CARS}/formula_one_car_gerald_g_01.png"),
        ("coupe", "clipart", f"{CARS}/road_runner_ganson.png"),
        ("stufenheck", "clipart", f"{CARS}/skoda_car_alejandro_teja_.png"),
        ("*sport_rot", "clipart", f"{CARS}/sportcar_sergio_luiz_ara_01.png"),
        ("hochgelegt", "clipart", f"{CARS}/toyota_land_cruiser_ganson.png"),
        ("comic", "clipart", f"{CARS}/vehicles/car.png"),
        ("*allrad", "clipart", f"{CARS}/vehicles/4wd.png"),
    ],
    "bird": [
        ("spatz", "emoji", "🐦"),
        ("kueken", "emoji", "🐤"),
        ("*hahn", "emoji", "🐓"),
        ("ente", "emoji", "🦆"),
        ("adler", "emoji", "🦅"),
        ("*eule", "emoji", "🦉"),
        ("papagei", "emoji", "🦜"),
        ("schwan", "emoji", "🦢"),
        ("taube", "emoji", "🕊️"),
        ("*pinguin", "emoji", "🐧"),
        ("flamingo", "emoji", "🦩"),
        ("adler_flug", "clipart", f"{BIRDS}/aquila_frontale_architet_01.png"),
        ("singvogel", "clipart", f"{BIRDS}/bird_of_peace_mauro_oliv_01.png"),
        ("kormoran", "clipart", f"{BIRDS}/cormorant-md.png"),
        ("*hahn_bunt", "clipart", f"{BIRDS}/gallo_di_profilo_archite_01.png"),
        ("kauz", "clipart", f"{BIRDS}/gufo_civetta_architetto__01.png"),
        ("*moewe", "clipart", f"{BIRDS}/gull_marcelo_staudt_01.png"),
        ("moewe_grau", "clipart", f"{BIRDS}/jonathon_s_duck_01.png"),
        ("*papageitaucher", "clipart", f"{BIRDS}/puffin-md.png"),
        ("kaiserpinguin", "clipart", f"{BIRDS}/emperor_penguin_ralf_ste_01.png"),
    ],
    "cat": [
        ("gesicht", "emoji", "🐱"),
        ("steht", "emoji", "🐈"),
        ("*schwarz", "emoji", "🐈‍⬛"),
        ("grinst", "emoji", "😼"),
        ("*lacht", "emoji", "😺"),
        ("schleicht", "clipart", f"{DOGS}/cartoon_cat_gerald_g._01.png"),
        ("grau_liegt", "clipart", f"{CATS}/gattina_cat_architetto_f_01.png"),
        ("*schwarzweiss", "clipart", f"{CATS}/gatto_cat_architetto_fra_01.png"),
        ("grau_sitzt", "clipart", f"{CATS}/gatto_cat_architetto_fra_03.png"),
        ("*siam", "clipart", f"{CATS}/gatto_cat_architetto_fra_04.png"),
        ("kaetzchen", "clipart", f"{CATS}/kitten_gerald_g._01.png"),
    ],
    "deer": [
        ("reh", "emoji", "🦌"),
        ("*elch", "emoji", "🫎"),
        (
            "sprung",
            "umriss",
            "animals/mammals/deer_matt_todd_01.png",
            (165, 105, 65),
            (115, 75, 50),
        ),
        ("*kitz", "umriss", "animals/mammals/fawn_mo_01.png", (180, 120, 75), (140, 90, 60)),
        ("hirschkopf", "gezeichnet", "hirschkopf"),
        ("*hirschkopf_dunkel", "gezeichnet", "hirschkopf_dunkel"),
        ("hirsch", "gezeichnet", "hirsch"),
        ("*rentier", "gezeichnet", "rentier"),
        ("reh_aesend", "gezeichnet", "reh_aesend"),
        ("damwild", "gezeichnet", "damwild"),
        ("kitz_liegend", "gezeichnet", "kitz_liegend"),
    ],
    "dog": [
        ("gesicht", "emoji", "🐶"),
        ("gefleckt", "emoji", "🐕"),
        ("*pudel", "emoji", "🐩"),
        ("blindenhund", "emoji", "🦮"),
        ("schaeferhund", "emoji", "🐕‍🦺"),
        ("sitzt", "clipart", f"{DOGS}/dog_01_drawn_with_strai_01.png"),
        ("*welpe_weiss", "clipart", f"{DOGS}/dog_03_drawn_with_strai_01.png"),
        ("dackel", "clipart", f"{DOGS}/dog_04_drawn_with_strai_01.png"),
        ("*dogge_liegt", "clipart", f"{DOGS}/dog_05_drawn_with_strai_01.png"),
        ("braun_steht", "clipart", f"{DOGS}/dog_06_drawn_with_strai_01.png"),
        ("beagle", "clipart", f"{DOGS}/dogs/beagle_copper_ganson.png"),
        ("*labrador", "clipart", f"{DOGS}/dogs/black_lab_ganson.png"),
        ("bulldogge", "clipart", f"{DOGS}/dogs/bobi_architetto_francesc_01.png"),
        ("spaniel", "clipart", f"{DOGS}/dogs/bored_dog_01.png"),
    ],
    "frog": [
        ("gesicht", "emoji", "🐸"),
        ("springt", "clipart", "animals/rana01_architetto_france_01.png"),
        ("*denkt", "clipart", "animals/rana02_architetto_france_01.png"),
        ("sitzt", "clipart", "animals/rana03_architetto_france_01.png"),
        ("*rotauge", "clipart", "animals/red-eye_frog_mirko_maisc_01.png"),
        ("von_oben", "gezeichnet", "frosch_von_oben"),
        ("*pfeilgift", "gezeichnet", "pfeilgiftfrosch"),
        ("grasfrosch", "gezeichnet", "grasfrosch"),
        ("laubfrosch", "gezeichnet", "laubfrosch"),
        ("teichfrosch", "gezeichnet", "teichfrosch"),
        ("*kroete", "gezeichnet", "kroete"),
    ],
    "horse": [
        ("kopf", "emoji", "🐴"),
        ("galopp", "emoji", "🐎"),
        ("*reiter", "emoji", "🏇"),
        ("karussell", "emoji", "🎠"),
        ("rennt", "clipart", f"{HORSES}/cavallo_architetto_franc_01.png"),
        ("*trabt", "clipart", f"{HORSES}/cavallo_architetto_franc_02.png"),
        ("kopf_braun", "clipart", f"{HORSES}/cavallo_architetto_franc_03.png"),
        ("maehne", "clipart", f"{HORSES}/cavallo_architetto_franc_04.png"),
        ("*hell", "clipart", f"{HORSES}/cavallo_architetto_franc_05.png"),
        ("kommt_naeher", "clipart", f"{HORSES}/cavallo_architetto_franc_06.png"),
        ("*prescht", "clipart", f"{HORSES}/cavallo_architetto_franc_07.png"),
    ],
    "ship": [
        ("dampfer", "emoji", "🚢"),
        ("faehre", "emoji", "⛴️"),
        ("*kreuzfahrt", "emoji", "🛳️"),
        ("segel_rot", "emoji", "⛵"),
        ("rennboot", "emoji", "🚤"),
        ("*motorboot", "emoji", "🛥️"),
        ("schoner", "clipart", f"{BOATS}/boat_jarno_vasamaa1.png"),
        ("*yacht", "clipart", f"{BOATS}/boat_jarno_vasamaa_.png"),
        ("jolle", "clipart", f"{BOATS}/sailboat_illustration.png"),
        ("kutter", "clipart", f"{CARS}/vehicles/trawler_01.png"),
        ("container", "gezeichnet", "containerschiff"),
        ("*schlepper", "gezeichnet", "schlepper"),
        ("grau", "gezeichnet", "kriegsschiff"),
        ("*segelboot", "gezeichnet", "segelboot"),
    ],
    "truck": [
        ("lieferwagen", "emoji", "🚚"),
        ("*sattelzug", "emoji", "🚛"),
        ("feuerwehr", "emoji", "🚒"),
        ("pritsche", "emoji", "🛻"),
        ("zug_weiss", "clipart", f"{CARS}/big_truck_01.png"),
        ("*kipper_blau", "clipart", f"{CARS}/truck_jarno_vasamaa1.png"),
        ("sattel_rot", "clipart", f"{CARS}/truck_jarno_vasamaa_.png"),
        ("kipper", "gezeichnet", "kipper"),
        ("*tankwagen", "gezeichnet", "tankwagen"),
        ("kofferwagen", "gezeichnet", "kofferwagen"),
        ("*betonmischer", "gezeichnet", "betonmischer"),
    ],
}


def fit(image):
    """Schneidet auf das Sichtbare zu und verkleinert auf höchstens SIDE Pixel."""
    image = image.convert("RGBA")
    image = image.crop(image.getchannel("A").point(lambda a: 255 * (a > 16)).getbbox())
    factor = SIDE / max(image.size)
    size = [max(1, round(side * factor)) for side in image.size]
    # „RGBa“: Farben mit der Deckkraft malgenommen, sonst mischt sich die Farbe des Unsichtbaren hinein
    return image.convert("RGBa").resize(size, Image.Resampling.LANCZOS).convert("RGBA")


def render(source, place, colors, font, clipart):
    if source == "gezeichnet":
        return DRAWINGS[place]()
    if source == "emoji":
        image = Image.new("RGBA", (160, 160))
        ImageDraw.Draw(image).text((10, 10), place, font=font, embedded_color=True)
        return image
    image = Image.open(clipart / place).convert("RGBA")
    if place.endswith("gattina_cat_architetto_f_01.png"):
        image = image.crop(
            (0, 0, image.width - 16, image.height)
        )  # rechts steht ein verirrter Strich
    return fur(image, *colors) if source == "umriss" else image


def png_bytes(image):
    """Das Bild als PNG-Datei, so klein wie ohne Verlust möglich."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def license_text(path):
    """Der Lizenztext der Schrift, wie das Debian-Paket ihn mitliefert (ohne dessen Einrückung)."""
    whole = Path(path).read_text(encoding="utf-8")
    lines = whole[whole.index("This Font Software is licensed") :].rstrip().splitlines()
    body = ["" if line.strip() == "." else line.removeprefix(" ") for line in lines]
    head = [
        "Gilt für die Motive aus Noto Color Emoji (Spalte „quelle“ in HERKUNFT.csv).",
        "Copyright 2013-2017 Google Inc.; Arjen Nienhuis <a.g.nienhuis@gmail.com>",
        "",
    ]
    return "\n".join([*head, *body]) + "\n"


def main():
    """Liest die drei Quellen und schreibt die Motive, ihre Herkunft und die Lizenz."""
    parser = argparse.ArgumentParser(description="Baut data/bilder/sprites/.")
    parser.add_argument("--schrift", default=FONT)
    parser.add_argument("--clipart", default=CLIPART)
    parser.add_argument("--lizenz", default=LICENSE)
    angaben = parser.parse_args()
    for path in (angaben.schrift, angaben.clipart, angaben.lizenz):
        if not Path(path).exists():
            raise SystemExit(
                f"{path} fehlt: apt-get install fonts-noto-color-emoji openclipart-png"
            )
    font = ImageFont.truetype(angaben.schrift, FONT_SIZE)
    rows, total, wanted = [], 0, set()
    for class_name, motifs in MOTIFS.items():
        (TARGET / class_name).mkdir(parents=True, exist_ok=True)
        for name, source, place, *colors in motifs:
            only_test, name = name.startswith("*"), name.lstrip("*")
            path = TARGET / class_name / f"{name}.png"
            content = png_bytes(fit(render(source, place, colors, font, Path(angaben.clipart))))
            beside = path.with_name(f".{name}.neu")
            beside.write_bytes(content)
            os.replace(beside, path)
            wanted.add(path)
            total += len(content)
            found = place if source != "gezeichnet" else "–"
            rows.append(
                [
                    f"{class_name}/{name}.png",
                    class_name,
                    "test" if only_test else "train",
                    SOURCES[source],
                    found,
                ]
            )
    for path in set(TARGET.rglob("*.png")) - wanted:
        path.unlink()
    schreibe_csv(TARGET / "HERKUNFT.csv", ["datei", "klasse", "teil", "quelle", "fundort"], rows)
    schreibe(TARGET / "OFL.txt", license_text(angaben.lizenz))
    only_test = sum(row[2] == "test" for row in rows) / len(rows)
    print(f"{len(rows)} Motive, davon {only_test:.0%} nur zum Testen; {total / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
