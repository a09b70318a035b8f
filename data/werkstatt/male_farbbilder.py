"""Malt die eingebetteten Farbbilder: aus einem freigestellten Motiv wird ein Bild mit Hintergrund.

Aufruf: python data/werkstatt/male_farbbilder.py   (unter einer Minute)

Schreibt `data/bilder/farbbilder/<train|test>_<klasse>.webp`: je Klasse ein Bogen mit Bildern zu 96 × 96 Pixeln,
ANZAHL viele, BREITE nebeneinander. `kurs.farbbilder` schneidet sie aus.

Die Motive liegen in `data/bilder/sprites` (Herkunft und Lizenz: HERKUNFT.csv dort). Jedes Bild hängt
nur von Klasse, Nummer und Teil ab: Gewürfelt werden Motiv, Lage, Größe, Farbe, Schauplatz, Licht,
Verdeckung und Rauschen. Die halbe Zeit steht ein Motiv dort, wo man es erwartet (Schiffe auf Wasser),
sonst irgendwo. Trainingsbilder zeigen nur Motive des Teils „train“, Testbilder zur Hälfte Motive,
die im Training nie vorkommen: Wer nur Motive auswendig lernt, fällt dort auf.
"""

import csv
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from kurs.farbbilder import ANZAHL, BREITE, KANTE, KLASSEN, ORDNER
from kurs.kern.pfade import DATA

import numpy as np
from PIL import Image, ImageFilter

STAND = 1  # gehört zum Seed jedes Bildes
MOTIVE = DATA / "bilder" / "sprites"
GUETE = 85  # der WebP-Dateien
LEINWAND = 96  # kleiner wird nie gezeichnet; kleinere Bilder entstehen durch Verkleinern
FAHRZEUGE = {"airplane", "automobile", "ship", "truck"}
UEBLICH = {
    "airplane": ("himmel",),
    "automobile": ("strasse",),
    "bird": ("himmel", "wald"),
    "cat": ("zimmer", "wiese"),
    "deer": ("wald", "wiese"),
    "dog": ("wiese", "zimmer"),
    "frog": ("wiese", "wasser"),
    "horse": ("wiese", "sand"),
    "ship": ("wasser",),
    "truck": ("strasse", "sand"),
}


def lies_motive(ordner: Path = MOTIVE) -> dict[tuple[str, str], list[Image.Image]]:
    """(Klasse, „train“ oder „test“) → Motive (RGBA, höchstens 112 Pixel). Fehler: OSError, KeyError."""
    motive: dict[tuple[str, str], list[Image.Image]] = {}
    with open(ordner / "HERKUNFT.csv", encoding="utf-8", newline="") as datei:
        for zeile in csv.DictReader(datei):
            bild = Image.open(ordner / zeile["datei"]).convert("RGBA")
            motive.setdefault((zeile["klasse"], zeile["teil"]), []).append(bild)
    return motive


def male(motive, klasse: int, nummer: int, teil: str, size: int) -> np.ndarray:
    """Ein Bild (size, size, 3), uint8. `teil`: „train“ oder „test“."""
    rng = np.random.default_rng([STAND, klasse, nummer, ("train", "test").index(teil)])
    name = KLASSEN[klasse]
    unbekannt = teil == "test" and nummer % 2 == 1
    auswahl = motive[name, "test" if unbekannt else "train"]
    motiv = _verwandle(rng, auswahl[rng.integers(len(auswahl))], name)

    seite = max(size, LEINWAND)
    ueblich = UEBLICH[name]
    wo = ueblich[rng.integers(len(ueblich))] if rng.random() < 0.5 else _eines(rng, SCHAUPLAETZE)
    szene = SCHAUPLAETZE[wo](rng, seite)
    szene = _setze_hinein(rng, szene, motiv, seite)
    if rng.random() < 0.3:
        szene = _verdecke(rng, szene, seite)
    szene = _beleuchte(rng, szene, seite)
    bild = Image.fromarray(szene.clip(0, 255).astype(np.uint8))
    if rng.random() < 0.3:
        bild = bild.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 0.9)))
    if seite != size:
        bild = bild.resize((size, size), Image.Resampling.BOX)
    rauschen = rng.normal(0, rng.uniform(1.5, 7), (size, size, 3))
    return (np.asarray(bild) + rauschen).round().clip(0, 255).astype(np.uint8)


def _eines(rng, namen) -> str:
    namen = sorted(namen)
    return namen[rng.integers(len(namen))]


# --- Das Motiv ------------------------------------------------------------------------------------


def _verwandle(rng, motiv: Image.Image, klasse: str) -> Image.Image:
    """Spiegeln, umfärben, strecken, drehen."""
    if rng.random() < 0.5:
        motiv = motiv.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    deckkraft = motiv.getchannel("A")
    farbton, saettigung, helligkeit = motiv.convert("RGB").convert("HSV").split()
    drehung = rng.integers(256) if klasse in FAHRZEUGE else rng.integers(-9, 10) % 256
    faktor_s, faktor_h = rng.uniform(0.6, 1.2), rng.uniform(0.75, 1.1)
    motiv = Image.merge(
        "HSV",
        (
            farbton.point([(h + int(drehung)) % 256 for h in range(256)]),
            saettigung.point([min(255, round(s * faktor_s)) for s in range(256)]),
            helligkeit.point([min(255, round(v * faktor_h)) for v in range(256)]),
        ),
    ).convert("RGB")
    motiv.putalpha(deckkraft)
    breite, hoehe = motiv.size
    streckung = rng.uniform(0.85, 1.15)
    winkel = rng.normal(0, 18 if klasse == "airplane" else 7)
    motiv = motiv.convert("RGBa").resize((max(8, round(breite * streckung)), hoehe))
    motiv = motiv.rotate(winkel, Image.Resampling.BICUBIC, expand=True)
    return motiv.crop(motiv.convert("RGBA").getchannel("A").getbbox())


def _setze_hinein(rng, szene, motiv: Image.Image, seite: int) -> np.ndarray:
    """Verkleinert das Motiv, wirft einen Schatten und legt es auf die Szene."""
    faktor = rng.uniform(0.6, 0.97) * seite / max(motiv.size)
    groesse = [max(4, round(s * faktor)) for s in motiv.size]
    motiv = np.asarray(motiv.resize(groesse, Image.Resampling.BICUBIC), np.float32)
    hoehe, breite = motiv.shape[:2]
    links = round(rng.uniform(-0.05, 1.05) * (seite - breite))
    oben = round(rng.uniform(-0.05, 1.05) * (seite - hoehe))
    links, oben = np.clip([links, oben], 0, [seite - breite, seite - hoehe])
    stueck = np.s_[oben : oben + hoehe, links : links + breite]
    farbe, deckung = motiv[..., :3], motiv[..., 3:] / 255
    # Heben sich Motiv und Grund kaum ab, wird der Grund heller oder dunkler
    hell_motiv = farbe.sum() / max(1.0, 3 * deckung.sum())
    abstand = szene[stueck].mean() - hell_motiv
    if abs(abstand) < 60:
        szene = szene + np.copysign(60 - abs(abstand), abstand)
    schatten = np.zeros((seite, seite), np.float32)
    schatten[stueck] = deckung[..., 0]
    schatten = np.roll(
        schatten, (round(seite * 0.03), round(seite * rng.uniform(-0.04, 0.04))), (0, 1)
    )
    weich = Image.fromarray((schatten * 255).astype(np.uint8)).filter(
        ImageFilter.GaussianBlur(seite / 32)
    )
    szene = szene * (1 - rng.uniform(0.15, 0.45) * np.asarray(weich, np.float32)[..., None] / 255)
    szene[stueck] = szene[stueck] * (1 - deckung) + farbe
    return szene


def _verdecke(rng, szene, seite: int) -> np.ndarray:
    """Etwas steht davor: ein Pfosten, oder etwas wächst von unten ins Bild. Höchstens ein Fünftel."""
    farbe = np.array(_eines_von(rng, GRUEN + BRAUN), np.float32)
    textur = farbe * (1 + 0.35 * _wolken(rng, seite, (6, 24))[..., None])
    if rng.random() < 0.4:
        breite = round(seite * rng.uniform(0.05, 0.1))
        links = rng.integers(0, seite - breite)
        szene[:, links : links + breite] = textur[:, links : links + breite]
        return szene
    profil = np.asarray(Image.fromarray(rng.random((1, 14)).astype(np.float32)).resize((seite, 1)))[
        0
    ]
    hoehe = seite * (0.06 + 0.16 * profil)
    davor = np.arange(seite)[:, None] > seite - hoehe[None]
    return np.where(davor[..., None], textur, szene)


def _beleuchte(rng, szene, seite: int) -> np.ndarray:
    """Licht von einer Seite, Farbstich, Kontrast."""
    richtung = rng.uniform(0, 2 * np.pi)
    achse = np.linspace(-1, 1, seite, dtype=np.float32)
    verlauf = np.cos(richtung) * achse[None] + np.sin(richtung) * achse[:, None]
    stich = rng.normal(1, 0.05, 3)
    licht = rng.uniform(0.8, 1.12) * (1 + rng.uniform(0, 0.2) * verlauf)
    return (szene * licht[..., None] * stich - 128) * rng.uniform(0.85, 1.1) + 128


# --- Schauplätze: je einer (seite, seite, 3), Werte um 0–255 --------------------------------------

BLAU = [(120, 175, 230), (160, 200, 235), (90, 140, 205), (185, 195, 205), (235, 190, 160)]
WASSER = [(50, 110, 160), (70, 140, 160), (60, 95, 120), (95, 150, 190), (80, 120, 100)]
GRUEN = [(95, 150, 65), (120, 165, 80), (75, 120, 55), (150, 165, 90), (60, 95, 50)]
BRAUN = [(130, 100, 70), (95, 75, 55), (160, 125, 90), (110, 90, 80)]
GRAU = [(120, 120, 125), (95, 98, 105), (150, 148, 145), (80, 80, 85)]
SAND = [(215, 190, 145), (200, 170, 125), (235, 235, 240), (190, 165, 140)]
WAND = [(225, 215, 200), (190, 205, 215), (215, 190, 180), (170, 185, 165), (240, 235, 230)]


def _eines_von(rng, farben):
    return farben[rng.integers(len(farben))]


def _wolken(rng, seite: int, stufen: tuple[int, ...], gestreckt: int = 1) -> np.ndarray:
    """Glattes Rauschen (seite, seite), etwa −1 bis 1; je Stufe ein Raster, `gestreckt` flacht es ab."""
    summe, gewicht = np.zeros((seite, seite), np.float32), 1.0
    for stufe in stufen:
        raster = rng.uniform(-1, 1, (stufe, max(2, stufe // gestreckt))).astype(np.float32)
        glatt = Image.fromarray(raster).resize((seite, seite), Image.Resampling.BICUBIC)
        summe += gewicht * np.asarray(glatt)
        gewicht *= 0.6
    return summe


def _flaeche(rng, seite, farben, textur, staerke, verlauf=0.0) -> np.ndarray:
    """Eine Fläche in einer der Farben, mit Textur, nach unten um `verlauf` heller."""
    farbe = np.array(_eines_von(rng, farben), np.float32)
    hell = 1 + staerke * textur + verlauf * np.linspace(-0.5, 0.5, seite, dtype=np.float32)[:, None]
    return farbe * hell[..., None]


def _himmel(rng, seite):
    flaeche = _flaeche(rng, seite, BLAU, 0, 0, rng.uniform(0, 0.35))
    wolke = np.clip(_wolken(rng, seite, (4, 8, 16)) * 0.7, 0, 1) * rng.uniform(0.2, 1)
    return flaeche + (245 - flaeche) * wolke[..., None]


def _ueber_horizont(rng, oben, unten, seite):
    horizont = round(seite * rng.uniform(0.2, 0.6))
    return np.concatenate([oben[:horizont], unten[horizont:]])


def _wasser(rng, seite):
    wellen = _wolken(rng, seite, (12, 36, 72), gestreckt=4)
    flaeche = _flaeche(rng, seite, WASSER, wellen, 0.18, 0.2)
    return (
        _ueber_horizont(rng, _himmel(rng, seite), flaeche, seite) if rng.random() < 0.7 else flaeche
    )


def _wiese(rng, seite):
    flaeche = _flaeche(rng, seite, GRUEN, _wolken(rng, seite, (5, 20, 60)), 0.2, 0.15)
    ferne = _himmel if rng.random() < 0.5 else _wald
    return (
        _ueber_horizont(rng, ferne(rng, seite), flaeche, seite) if rng.random() < 0.6 else flaeche
    )


def _wald(rng, seite):
    flaeche = _flaeche(rng, seite, GRUEN + BRAUN, _wolken(rng, seite, (6, 14, 40)), 0.35)
    for _ in range(rng.integers(2, 7)):
        breite = round(seite * rng.uniform(0.03, 0.09))
        links = rng.integers(0, seite - breite)
        stamm = _flaeche(rng, seite, BRAUN, _wolken(rng, seite, (8, 30)), 0.25)
        flaeche[:, links : links + breite] = 0.85 * stamm[:, links : links + breite]
    return flaeche


def _strasse(rng, seite):
    asphalt = _flaeche(rng, seite, GRAU, _wolken(rng, seite, (4, 48)), 0.12, 0.2)
    if rng.random() < 0.5:
        mitte = round(seite * rng.uniform(0.7, 0.9))
        asphalt[mitte : mitte + max(1, seite // 40), ::1] = 225
    if rng.random() < 0.5:
        return _ueber_horizont(rng, _himmel(rng, seite), asphalt, seite)
    haeuser = _himmel(rng, seite)
    links = 0
    while links < seite:
        breite = round(seite * rng.uniform(0.15, 0.4))
        dach = round(seite * rng.uniform(0, 0.3))
        haeuser[dach:, links : links + breite] = np.array(_eines_von(rng, WAND + BRAUN)) * 0.85
        haeuser[dach + 4 :: 9, links + 3 : links + breite - 3 : 7] *= 0.6
        links += breite
    return _ueber_horizont(rng, haeuser, asphalt, seite)


def _sand(rng, seite):
    flaeche = _flaeche(rng, seite, SAND, _wolken(rng, seite, (6, 18, 48), gestreckt=2), 0.1, 0.1)
    return (
        _ueber_horizont(rng, _himmel(rng, seite), flaeche, seite) if rng.random() < 0.5 else flaeche
    )


def _zimmer(rng, seite):
    wand = _flaeche(rng, seite, WAND, _wolken(rng, seite, (3, 6)), 0.06)
    boden = _flaeche(rng, seite, BRAUN + GRAU, _wolken(rng, seite, (8, 60), gestreckt=4), 0.15)
    if rng.random() < 0.5:  # ein Bild oder Fenster an der Wand
        x, y = rng.integers(0, seite // 2, 2)
        wand[y : y + seite // 3, x : x + seite // 3] = _eines_von(rng, BLAU + GRUEN)
    return _ueber_horizont(rng, wand, boden, seite)


SCHAUPLAETZE = {
    "himmel": _himmel,
    "wasser": _wasser,
    "wiese": _wiese,
    "wald": _wald,
    "strasse": _strasse,
    "sand": _sand,
    "zimmer": _zimmer,
}


def male_boegen() -> None:
    """Schreibt die zwanzig Bögen."""
    ORDNER.mkdir(parents=True, exist_ok=True)
    motive = lies_motive()
    for teil, anzahl in ANZAHL.items():
        for klasse, name in enumerate(KLASSEN):
            bogen = Image.new("RGB", (BREITE * KANTE, -(-anzahl // BREITE) * KANTE))
            for nummer in range(anzahl):
                bild = Image.fromarray(male(motive, klasse, nummer, teil, KANTE))
                bogen.paste(bild, (nummer % BREITE * KANTE, nummer // BREITE * KANTE))
            bogen.save(ORDNER / f"{teil}_{name}.webp", quality=GUETE, method=6)


if __name__ == "__main__":
    male_boegen()
