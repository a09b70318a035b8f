"""Beantwortet: Woher kommt CIFAR-10, und was tritt an seine Stelle?

Der Aufruf ist der von `keras.datasets`:
`(x_train, y_train), (x_test, y_test) = cifar10.load_data()` mit x als uint8 (n, 32, 32, 3), Werte
0–255, und y als uint8 (n, 1), Werte 0–9. Zusätzlich wählt `load_data(size=96, per_class=(50, 100))`
größere Bilder und so viele je Klasse. Das Original hat 50.000 + 10.000 Bilder. Eingebettet sind
600 + 1.000 Bilder mit 96 × 96 Pixeln aus freien Motiven
(gemalt von `data/werkstatt/male_farbbilder.py`).
"""

import pickle
import tarfile
from collections.abc import Callable
from pathlib import Path

from kurs.bilder import Bilder, lies_npz, pruefe
from kurs.kern.pfade import DATA
from kurs.netz import lade
from kurs.quellen import NichtDa, Weg, eigene_kopien, einmal, keras_ablage, nennt_kaputtes

import numpy as np

Teil = tuple[np.ndarray, np.ndarray]
Liefert = Callable[[int, tuple[int, int] | None], Bilder]  # (size, per_class) → Bilder
NAME = "CIFAR-10"
FORM = (32, 32, 3)
URL = "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz"  # wie keras.datasets.cifar10
INNEN = "cifar-10-batches-py"
KLASSEN = "airplane automobile bird cat deer dog frog horse ship truck".split()
ORDNER = DATA / "bilder" / "farbbilder"  # je Klasse ein Bogen, BREITE Bilder nebeneinander
KANTE, BREITE = 96, 10
ANZAHL = {"train": 60, "test": 100}  # Bilder je Klasse
GROESSEN = range(16, 225)


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


def _lies_alle(oeffne: Callable[[str], object], ort: Path) -> Bilder:
    """Die sechs Stapel, die `oeffne(Name)` öffnet. Fehler: NichtDa, das die Datei nennt."""
    stapel = []
    for name in [f"data_batch_{i}" for i in range(1, 6)] + ["test_batch"]:
        with nennt_kaputtes(ort / name, f"{ort / name} fehlt"), oeffne(name) as strom:
            stapel.append(_lies_stapel(strom))
    train = tuple(np.concatenate(felder) for felder in zip(*stapel[:5]))
    return pruefe((train, stapel[5]), ort, FORM)


def lies_ordner(ordner: Path) -> Bilder:
    """Liest den entpackten Ordner cifar-10-batches-py. Fehler: NichtDa, das die Datei nennt."""
    if not ordner.is_dir():
        raise NichtDa("")
    return _lies_alle(lambda name: open(ordner / name, "rb"), ordner)


def lies_archiv(pfad: Path) -> Bilder:
    """Liest cifar-10-python.tar.gz, ohne es auszupacken. Fehler: NichtDa, das die Datei nennt."""
    with nennt_kaputtes(pfad), tarfile.open(pfad) as archiv:
        return _lies_alle(lambda name: archiv.extractfile(f"{INNEN}/{name}"), pfad)


def _aus_fotos(teile: Bilder) -> Liefert:
    """Gibt von den Originalbildern die verlangte Auswahl, auf Wunsch vergrößert."""

    def liefere(size: int, per_class: tuple[int, int] | None) -> Bilder:
        anzahlen = per_class or (None, None)
        return tuple(_waehle_aus(x, y, n, size) for (x, y), n in zip(teile, anzahlen))

    return liefere


def _waehle_aus(x: np.ndarray, y: np.ndarray, je_klasse: int | None, size: int) -> Teil:
    if je_klasse is not None:
        orte = [np.flatnonzero(y[:, 0] == klasse)[:je_klasse] for klasse in range(10)]
        auswahl = np.sort(np.concatenate(orte))
        x, y = x[auswahl], y[auswahl]
    return _in_groesse(x, size), y.copy()


def _in_groesse(x: np.ndarray, size: int) -> np.ndarray:
    """Bilder (n, h, w, 3) uint8 auf (n, size, size, 3), bikubisch."""
    from PIL import Image

    if x.shape[1] == size:
        return x.copy()
    neu = [Image.fromarray(bild).resize((size, size), Image.Resampling.BICUBIC) for bild in x]
    return np.stack(neu)


def _eingebettet() -> Liefert:
    boegen = {teil: [_bogen(teil, klasse) for klasse in KLASSEN] for teil in ANZAHL}

    def liefere(size: int, per_class: tuple[int, int] | None) -> Bilder:
        teile = []
        for (teil, alle), n in zip(boegen.items(), per_class or ANZAHL.values()):
            nummern = mischung(teil, min(n, ANZAHL[teil]))
            x = np.stack([alle[klasse][nummer] for klasse, nummer in nummern])
            y = np.array([klasse for klasse, _ in nummern], np.uint8).reshape(-1, 1)
            teile.append((_in_groesse(x, size), y))
        return tuple(teile)

    return liefere


def _bogen(teil: str, klasse: str) -> np.ndarray:
    """Die Bilder eines Bogens (n, 96, 96, 3). Fehler: NichtDa, das die Datei nennt."""
    from PIL import Image

    pfad = ORDNER / f"{teil}_{klasse}.webp"
    with nennt_kaputtes(pfad, f"{pfad} fehlt"), Image.open(pfad) as bild:
        reihen = np.asarray(bild.convert("RGB")).reshape(-1, KANTE, BREITE, KANTE, 3)
    return reihen.transpose(0, 2, 1, 3, 4).reshape(-1, KANTE, KANTE, 3)


def mischung(teil: str, je_klasse: int) -> list[tuple[int, int]]:
    """(Klasse, Nummer) der eingebetteten Bilder in ihrer Reihenfolge; im Test zeigen ungerade
    unbekannte Motive.
    """
    nummern = [(klasse, i) for klasse in range(10) for i in range(je_klasse)]
    gemischt = np.random.default_rng(len(teil)).permutation(len(nummern))
    return [nummern[i] for i in gemischt]


class Farbbilddatensatz:
    """CIFAR-10 mit dem Aufruf von `keras.datasets`; `class_names` nennt die zehn Klassen."""

    class_names = list(KLASSEN)

    def load_data(self, size: int = 32, per_class: tuple[int, int] | None = None):
        """((x_train, y_train), (x_test, y_test)), uint8, x (n, size, size, 3) mit 0–255, y (n, 1).

        `size`: Seitenlänge 16–224; die Bilder werden dafür vergrößert oder verkleinert.
        `per_class`: (Training, Test), je Klasse die ersten so vielen; wer weniger hat, gibt alle.
        Quelle: siehe `kurs.quellen`. Fehler: KeineQuelle mit einem deutschen Satz; ValueError.
        """
        if size not in GROESSEN:
            raise ValueError(f"size={size}: möglich sind {GROESSEN[0]} bis {GROESSEN[-1]} Pixel.")
        if per_class is not None and min(per_class) < 1:
            raise ValueError(f"per_class={per_class}: Beide Zahlen sollen mindestens 1 sein.")
        return einmal(NAME, self.wege)(size, per_class)

    @staticmethod
    def wege() -> list[Weg]:
        cache, kopien = keras_ablage(), eigene_kopien()
        archiv = cache / f"{INNEN}-target_archive"  # so nennt es Keras
        lies_felder = lambda pfad: lies_npz(pfad, FORM)
        orte = [
            ("Zwischenspeicher von Keras", lies_ordner, cache / f"{INNEN}-target" / INNEN),
            ("Zwischenspeicher von Keras", lies_ordner, cache / INNEN),
            ("Zwischenspeicher von Keras", lies_archiv, archiv),
            ("eigene Kopie", lies_ordner, kopien / INNEN),
            ("eigene Kopie", lies_felder, kopien / "cifar10.npz"),
            ("eigene Kopie", lies_felder, kopien / "cifar10_subset.npz"),
        ]
        return [
            *(
                Weg(was, True, lambda lies=lies, ort=ort: _aus_fotos(lies(ort)))
                for was, lies, ort in orte
            ),
            Weg("heruntergeladen", True, lambda: _aus_fotos(lade(URL, archiv, lies_archiv, NAME))),
            Weg("Farbbilder aus freien Motiven, eingebettet", False, _eingebettet),
        ]


cifar10 = Farbbilddatensatz()
