"""Beantwortet: Woher kommt CIFAR-10, und was tritt an seine Stelle?

Aufruf und Form sind die von `keras.datasets`. Das Original hat 50.000 + 10.000 Bilder. Eingebettet
sind 600 + 1.000 Bilder mit 96 × 96 Pixeln aus freien Motiven (`data/werkstatt/male_farbbilder.py`).
"""

import pickle
import tarfile
from pathlib import Path

from kurs.bilder import Bilder, lies_npz, pruefe
from kurs.kern.pfade import DATA
from kurs.netz import lade
from kurs.quellen import NichtDa, Weg, eigene_kopien, einmal, keras_ablage, nennt_kaputtes

import numpy as np

Teil = tuple[np.ndarray, np.ndarray]
NAME = "CIFAR-10"
FORM = (32, 32, 3)
URL = "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz"  # wie keras.datasets.cifar10
STAPEL = (*(f"data_batch_{i}" for i in range(1, 6)), "test_batch")
KLASSEN = "airplane automobile bird cat deer dog frog horse ship truck".split()
ORDNER = DATA / "bilder" / "farbbilder"  # je Klasse ein Bogen, BREITE Bilder nebeneinander
KANTE, BREITE = 96, 10
ANZAHL = {"train": 60, "test": 100}  # Bilder je Klasse
GEMISCHT = (5, 4)  # Seeds für Training und Test; so wurde gemessen


class _NurFelder(pickle.Unpickler):
    """Liest die Dateien von CIFAR-10, ohne dass darin enthaltener Code laufen könnte."""

    ERLAUBT = {("_codecs", "encode"), ("numpy", "ndarray"), ("numpy", "dtype")}
    ERLAUBT |= {("numpy._core.multiarray", "_reconstruct")}

    def find_class(self, modul, name):
        modul = modul.replace("numpy.core", "numpy._core")
        if (modul, name) not in self.ERLAUBT:
            raise pickle.UnpicklingError(f"{modul}.{name} gehört nicht in diese Datei")
        return super().find_class(modul, name)


def _lies_stapel(strom) -> Teil:
    inhalt = _NurFelder(strom, encoding="bytes").load()
    x = np.asarray(inhalt[b"data"], np.uint8).reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    return np.ascontiguousarray(x), np.asarray(inhalt[b"labels"])


def lies_archiv(pfad: Path) -> Bilder:
    """Liest cifar-10-python.tar.gz, ohne es auszupacken. Fehler: NichtDa mit Pfad und Grund."""
    if not pfad.is_file():
        raise NichtDa("")
    with nennt_kaputtes(pfad), tarfile.open(pfad) as archiv:
        offen = (archiv.extractfile(f"cifar-10-batches-py/{name}") for name in STAPEL)
        *stapel, test = map(_lies_stapel, offen)
        train = tuple(np.concatenate(felder) for felder in zip(*stapel))
        return pruefe((train, test), pfad, FORM)


def _eingebettet() -> Bilder:
    return tuple(
        (
            np.concatenate([_bogen(teil, klasse)[:anzahl] for klasse in KLASSEN]),
            np.repeat(np.arange(10, dtype=np.uint8), anzahl).reshape(-1, 1),
        )
        for teil, anzahl in ANZAHL.items()
    )


def _bogen(teil: str, klasse: str) -> np.ndarray:
    """Die Bilder eines Bogens (n, 96, 96, 3). Fehler: NichtDa, das die Datei nennt."""
    from PIL import Image

    pfad = ORDNER / f"{teil}_{klasse}.webp"
    with nennt_kaputtes(pfad, f"{pfad} fehlt"), Image.open(pfad) as bild:
        reihen = np.asarray(bild.convert("RGB")).reshape(-1, KANTE, BREITE, KANTE, 3)
    return reihen.transpose(0, 2, 1, 3, 4).reshape(-1, KANTE, KANTE, 3)


def _waehle_aus(teil: Teil, je_klasse: int | None, size: int, seed: int) -> Teil:
    """Je Klasse die ersten so vielen, gemischt und bikubisch auf diese Größe gebracht."""
    from PIL import Image

    x, y = teil
    orte = np.concatenate([np.flatnonzero(y[:, 0] == k)[:je_klasse] for k in range(10)])
    orte = orte[np.random.default_rng(seed).permutation(len(orte))]
    if x.shape[1] == size:
        return x[orte], y[orte]
    bilder = (Image.fromarray(x[ort]) for ort in orte)
    gross = [bild.resize((size, size), Image.Resampling.BICUBIC) for bild in bilder]
    return np.stack(gross), y[orte]


class Farbbilddatensatz:
    """CIFAR-10 mit dem Aufruf von `keras.datasets`; `class_names` nennt die zehn Klassen."""

    class_names = list(KLASSEN)

    def load_data(self, size: int = 32, per_class: tuple[int, int] | None = None):
        """((x_train, y_train), (x_test, y_test)), uint8, x (n, size, size, 3) mit 0–255, y (n, 1).

        `size`: Seitenlänge; die Bilder werden dafür vergrößert oder verkleinert.
        `per_class`: (Training, Test), je Klasse die ersten so vielen; wer weniger hat, gibt alle.
        Fehler: KeineQuelle; ValueError.
        """
        n_train, n_test = per_class or (None, None)
        if per_class and min(per_class) < 1:
            raise ValueError(f"per_class={per_class}: Beide Zahlen sollen mindestens 1 sein.")
        train, test = einmal(NAME, self.wege)
        return (
            _waehle_aus(train, n_train, size, GEMISCHT[0]),
            _waehle_aus(test, n_test, size, GEMISCHT[1]),
        )

    @staticmethod
    def wege() -> list[Weg]:
        archiv = keras_ablage() / "cifar-10-batches-py-target_archive"  # so nennt es Keras
        eigenes = eigene_kopien() / "cifar-10-python.tar.gz"
        auswahl = eigene_kopien() / "cifar10_subset.npz"
        return [
            Weg("Zwischenspeicher von Keras", True, lambda: lies_archiv(archiv)),
            Weg("eigene Kopie", True, lambda: lies_archiv(eigenes)),
            Weg("eigene Kopie", True, lambda: lies_npz(auswahl, FORM)),
            Weg("heruntergeladen", True, lambda: lade(URL, archiv, lies_archiv, NAME)),
            Weg("Farbbilder aus freien Motiven, eingebettet", False, _eingebettet),
        ]


cifar10 = Farbbilddatensatz()
