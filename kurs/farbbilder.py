"""Beantwortet: Woher kommt CIFAR-10, und was tritt an seine Stelle?

Der Aufruf ist der von `keras.datasets`: `(x_train, y_train), (x_test, y_test) = cifar10.load_data()`
mit x als uint8 (n, 32, 32, 3), Werte 0–255, und y als uint8 (n, 1), Werte 0–9. Zusätzlich wählt
`load_data(size=96, per_class=(50, 100))` größere Bilder und so viele je Klasse. Das Original hat
50.000 + 10.000 Bilder. Eingebettet entstehen bis zu 3.000 + 1.000 Bilder aus freien Motiven
(`kurs.farbszenen`), beim ersten Mal gezeichnet, danach aus dem Zwischenspeicher gelesen.
"""

import contextlib
import hashlib
import os
import pickle
from collections.abc import Callable
from pathlib import Path

from kurs import farbszenen, quellen
from kurs.pfade import schreibe_daneben, zwischenspeicher
from kurs.quellen import NichtDa, Weg, eigene_kopien, erreichbar, waehle

import numpy as np

Teil = tuple[np.ndarray, np.ndarray]
Liefert = Callable[[int, tuple[int, int]], tuple[Teil, Teil]]
NAME = "CIFAR-10"
HOST = "www.cs.toronto.edu"  # dort liegt die Datei von keras.datasets.cifar10
EINGEBETTET = (300, 100)  # Bilder je Klasse, wenn `per_class` fehlt
GROESSEN = range(16, 225)


class _NurFelder(pickle.Unpickler):
    """Liest die Dateien von CIFAR-10, ohne dass darin enthaltener Code laufen könnte."""

    ERLAUBT = {("_codecs", "encode"), ("numpy", "ndarray"), ("numpy", "dtype")}

    def find_class(self, modul, name):
        felder = modul in ("numpy.core.multiarray", "numpy._core.multiarray")
        if (modul, name) in self.ERLAUBT or (felder and name == "_reconstruct"):
            return super().find_class(modul.replace("numpy.core", "numpy._core"), name)
        raise pickle.UnpicklingError(f"{modul}.{name} gehört nicht in diese Datei")


def _pruefe(train: Teil, test: Teil, pfad: Path) -> tuple[Teil, Teil]:
    """Gibt x und y als uint8 zurück, y als (n, 1); NichtDa, wenn es keine Bilder wie CIFAR-10 sind."""
    for x, y in (train, test):
        if x.ndim != 4 or x.shape[1:] != (32, 32, 3) or x.dtype != np.uint8 or len(x) == 0:
            raise NichtDa(
                f"{pfad} wird übergangen: unerwartete Bilder, Form {x.shape}, Typ {x.dtype}"
            )
        if y.size != len(x) or y.dtype.kind not in "iu" or y.min() < 0 or y.max() > 9:
            raise NichtDa(f"{pfad} wird übergangen: Die Labels passen nicht zu den Bildern")
    return tuple((x, y.reshape(-1, 1).astype(np.uint8)) for x, y in (train, test))


def _beschaedigt(pfad: Path, fehler: Exception) -> NichtDa:
    return NichtDa(f"{pfad} ist beschädigt und wird übergangen ({type(fehler).__name__})")


def lies_npz(pfad: Path) -> tuple[Teil, Teil]:
    """Liest x_train, y_train, x_test, y_test. Fehler: NichtDa mit Pfad und Grund."""
    try:
        with np.load(pfad, allow_pickle=False) as daten:
            train = (daten["x_train"], daten["y_train"])
            test = (daten["x_test"], daten["y_test"])
    except FileNotFoundError:
        raise NichtDa("") from None
    except Exception as fehler:  # noqa: BLE001 (wie Kaputtes scheitert, hängt von der Stelle ab)
        raise _beschaedigt(pfad, fehler) from None
    return _pruefe(train, test, pfad)


def _lies_stapel(pfad: Path) -> Teil:
    with open(pfad, "rb") as datei:
        inhalt = _NurFelder(datei, encoding="bytes").load()
    x = np.asarray(inhalt[b"data"], np.uint8).reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    return np.ascontiguousarray(x), np.asarray(inhalt[b"labels"])


def lies_ordner(ordner: Path) -> tuple[Teil, Teil]:
    """Liest den entpackten Ordner cifar-10-batches-py. Fehler: NichtDa, das die Datei nennt."""
    if not ordner.is_dir():
        raise NichtDa("")
    stapel = []
    for name in [f"data_batch_{i}" for i in range(1, 6)] + ["test_batch"]:
        try:
            stapel.append(_lies_stapel(ordner / name))
        except FileNotFoundError:
            raise NichtDa(f"{ordner / name} fehlt") from None
        except Exception as fehler:  # noqa: BLE001 (ebenso)
            raise _beschaedigt(ordner / name, fehler) from None
    train = tuple(np.concatenate(felder) for felder in zip(*stapel[:5]))
    return _pruefe(train, stapel[5], ordner)


def _erster(*versuche: Callable[[], tuple[Teil, Teil]]) -> tuple[Teil, Teil]:
    """Der erste Versuch, der Daten hat; sonst NichtDa mit allen Gründen."""
    gruende = []
    for versuch in versuche:
        try:
            return versuch()
        except NichtDa as grund:
            gruende.append(str(grund))
    raise NichtDa("; ".join(g for g in gruende if g))


def _aus_keras_cache() -> tuple[Teil, Teil]:
    cache = Path(os.environ.get("KERAS_HOME") or os.path.expanduser("~/.keras")) / "datasets"
    innen = "cifar-10-batches-py"
    return _erster(
        lambda: lies_ordner(cache / f"{innen}-target" / innen), lambda: lies_ordner(cache / innen)
    )


def _aus_eigener_kopie() -> tuple[Teil, Teil]:
    ordner = eigene_kopien()
    return _erster(
        lambda: lies_ordner(ordner / "cifar-10-batches-py"),
        lambda: lies_npz(ordner / "cifar10.npz"),
        lambda: lies_npz(ordner / "cifar10_subset.npz"),
    )


def _von_keras() -> tuple[Teil, Teil]:
    if not erreichbar(HOST):
        raise NichtDa(f"{HOST} nicht erreichbar")
    from keras import datasets

    try:
        return datasets.cifar10.load_data()
    except Exception as fehler:  # noqa: BLE001 (so meldet get_file Netz- und Prüfsummenfehler)
        raise NichtDa(f"Herunterladen von {HOST} misslang: {fehler}") from None


def _aus_fotos(lade: Callable[[], tuple[Teil, Teil]]) -> Liefert:
    """Macht aus den Originalbildern die verlangte Auswahl, auf Wunsch vergrößert."""
    teile = lade()

    def liefere(size: int, per_class: tuple[int, int] | None) -> tuple[Teil, Teil]:
        anzahlen = per_class or (None, None)
        return tuple(_waehle_aus(x, y, n, size) for (x, y), n in zip(teile, anzahlen))

    return liefere


def _waehle_aus(x: np.ndarray, y: np.ndarray, je_klasse: int | None, size: int) -> Teil:
    if je_klasse is not None:
        orte = [np.flatnonzero(y[:, 0] == klasse)[:je_klasse] for klasse in range(10)]
        auswahl = np.sort(np.concatenate(orte))
        x, y = x[auswahl], y[auswahl]
    return (x.copy() if size == 32 else vergroessere(x, size)), y.copy()


def vergroessere(x: np.ndarray, size: int) -> np.ndarray:
    """Bilder (n, h, w, 3) uint8 auf (n, size, size, 3), bikubisch."""
    from PIL import Image

    neu = np.empty((len(x), size, size, 3), np.uint8)
    for i, bild in enumerate(x):
        neu[i] = Image.fromarray(bild).resize((size, size), Image.Resampling.BICUBIC)
    return neu


def _fingerabdruck() -> str:
    """Ändert sich, wenn sich Motive oder die Zeichenvorschrift ändern."""
    summe = hashlib.sha256(str(farbszenen.STAND).encode())
    for pfad in sorted(farbszenen.ORDNER.rglob("*.png")):
        summe.update(pfad.name.encode() + pfad.read_bytes())
    return summe.hexdigest()[:8]


def _gezeichnet() -> Liefert:
    try:
        motive = farbszenen.lies_motive()
    except (OSError, KeyError) as fehler:
        ort = farbszenen.ORDNER
        raise NichtDa(f"die Motive in {ort} sind nicht lesbar ({type(fehler).__name__})") from None

    def liefere(size: int, per_class: tuple[int, int] | None) -> tuple[Teil, Teil]:
        anzahlen = per_class or EINGEBETTET
        return tuple(_zeichne(motive, t, n, size) for t, n in zip(("train", "test"), anzahlen))

    return liefere


def mischung(teil: str, je_klasse: int) -> list[tuple[int, int]]:
    """(Klasse, Nummer) der eingebetteten Bilder in ihrer Reihenfolge; Nummern siehe `farbszenen.male`."""
    nummern = [(klasse, i) for klasse in range(10) for i in range(je_klasse)]
    gemischt = np.random.default_rng(len(teil)).permutation(len(nummern))
    return [nummern[i] for i in gemischt]


def _zeichne(motive, teil: str, je_klasse: int, size: int) -> Teil:
    """Liest die Bilder aus dem Zwischenspeicher oder zeichnet sie; gemischt, mit Labels (n, 1)."""
    nummern = mischung(teil, je_klasse)
    y = np.array([klasse for klasse, _ in nummern], np.uint8).reshape(-1, 1)
    datei = f"farbbilder_{teil}_{je_klasse}x10_{size}px_{_fingerabdruck()}.npz"
    fertig = zwischenspeicher() / datei
    with contextlib.suppress(Exception):  # fehlt oder ist beschädigt (Prüfsumme der npz): zeichnen
        with np.load(fertig, allow_pickle=False) as daten:
            x = daten["x"]
        if x.shape == (len(y), size, size, 3) and x.dtype == np.uint8:
            return x, y
    if len(y) >= 500:
        anzahl = f"{len(y):,}".replace(",", ".")
        print(f"{NAME}: zeichne einmalig {anzahl} Bilder ({teil}, {size}×{size}) …", flush=True)
    x = np.empty((len(y), size, size, 3), np.uint8)
    for ort, (klasse, nummer) in enumerate(nummern):
        x[ort] = farbszenen.male(motive, klasse, nummer, teil, size)
    with contextlib.suppress(OSError):  # kein Platz: dann eben beim nächsten Mal noch einmal
        schreibe_daneben(fertig, lambda pfad: np.savez(pfad, x=x))
    return x, y


class Farbbilddatensatz:
    """CIFAR-10 mit dem Aufruf von `keras.datasets`; `class_names` nennt die zehn Klassen."""

    class_names = list(farbszenen.KLASSEN)

    def __init__(self):
        self._gefunden: tuple[object, Liefert] | None = None

    def load_data(self, size: int = 32, per_class: tuple[int, int] | None = None):
        """((x_train, y_train), (x_test, y_test)), uint8, x (n, size, size, 3) mit 0–255, y (n, 1).

        `size`: Seitenlänge 16–224; Originale werden vergrößert, eingebettete Bilder so groß gezeichnet.
        `per_class`: (Training, Test), je Klasse die ersten so vielen; wer weniger hat, gibt alle.
        Quelle: siehe `kurs.quellen`. Fehler: KeineQuelle mit einem deutschen Satz; ValueError.
        """
        if size not in GROESSEN:
            raise ValueError(f"size={size}: möglich sind {GROESSEN[0]} bis {GROESSEN[-1]} Pixel.")
        if per_class is not None and min(per_class) < 1:
            raise ValueError(f"per_class={per_class}: Beide Zahlen sollen mindestens 1 sein.")
        umstaende = tuple(
            os.environ.get(n) for n in ("KURS_QUELLE", "KURS_ORIGINALE", "KERAS_HOME")
        )
        neu = self._gefunden is None or self._gefunden[0] != umstaende
        if neu or NAME not in quellen.benutzt():
            self._gefunden = (umstaende, waehle(NAME, self._wege()))
        return self._gefunden[1](size, per_class)

    @staticmethod
    def _wege() -> list[Weg]:
        return [
            Weg("Zwischenspeicher von Keras", True, lambda: _aus_fotos(_aus_keras_cache)),
            Weg("eigene Kopie", True, lambda: _aus_fotos(_aus_eigener_kopie)),
            Weg("heruntergeladen", True, lambda: _aus_fotos(_von_keras)),
            Weg("Farbbilder aus freien Motiven, eingebettet", False, _gezeichnet),
        ]


cifar10 = Farbbilddatensatz()
