"""Liefern die Farbbilder das Format von CIFAR-10, immer dieselben Bilder, und überstehen sie Schäden?

Dass sie von der richtigen Quelle kommen, prüft test_quellen.py.
"""

import io
import pickle
import tarfile

from kurs import farbbilder
from kurs.farbbilder import Farbbilddatensatz
from kurs.quellen import NichtDa

import numpy as np
import pytest


@pytest.fixture
def cifar10(umgebung, monkeypatch, tmp_path):
    """Ein frischer Datensatz mit leerem Keras-Zwischenspeicher und leerem Ordner eigener Kopien."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setenv("KURS_ORIGINALE", str(tmp_path / "originale"))
    return Farbbilddatensatz()


def zufallsbilder(n, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 256, (n, 32, 32, 3)).astype(np.uint8)
    return x, (np.arange(n) % 10).reshape(-1, 1).astype(np.uint8)


def schreibe_npz(ordner):
    ordner.mkdir(parents=True, exist_ok=True)
    (x_train, y_train), (x_test, y_test) = zufallsbilder(40), zufallsbilder(20, 1)
    felder = {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}
    np.savez(ordner / "cifar10_subset.npz", **felder)
    return x_train


def schreibe_archiv(pfad, seed=0, **anderes):
    """Sechs Stapel mit denselben zehn Bildern; `anderes` ersetzt den Inhalt eines Stapels."""
    pfad.parent.mkdir(parents=True, exist_ok=True)
    x, y = zufallsbilder(10, seed)
    with tarfile.open(pfad, "w:gz") as archiv:
        for name in farbbilder.STAPEL:
            inhalt = {b"data": x.transpose(0, 3, 1, 2).reshape(10, -1), b"labels": y[:, 0].tolist()}
            roh = pickle.dumps(anderes.get(name, inhalt), protocol=2)
            eintrag = tarfile.TarInfo(f"cifar-10-batches-py/{name}")
            eintrag.size = len(roh)
            archiv.addfile(eintrag, io.BytesIO(roh))


def menge(x):
    return {bild.tobytes() for bild in x}


def test_format_wie_keras(cifar10):
    (x_train, y_train), (x_test, y_test) = cifar10.load_data(per_class=(3, 2))
    assert x_train.shape == (30, 32, 32, 3) and x_test.shape == (20, 32, 32, 3)
    assert y_train.shape == (30, 1) and y_test.shape == (20, 1)
    assert {a.dtype for a in (x_train, y_train, x_test, y_test)} == {np.dtype(np.uint8)}
    assert np.bincount(y_train[:, 0]).tolist() == [3] * 10
    assert np.bincount(y_test[:, 0]).tolist() == [2] * 10
    assert x_train.min() < 30 and x_train.max() > 225
    assert y_train[:, 0].tolist() != sorted(y_train[:, 0].tolist()), "gemischt"
    (gross, _), _ = cifar10.load_data(size=128, per_class=(1, 1))
    assert gross.shape == (10, 128, 128, 3)
    vorher = gross.copy()
    gross[:] = 0  # jeder Aufruf gibt eigene Felder
    np.testing.assert_array_equal(cifar10.load_data(size=128, per_class=(1, 1))[0][0], vorher)


def test_so_viele_wie_da_sind(cifar10):
    """Wer mehr will, bekommt alle; weniger sind die ersten davon."""
    (alle, y), _ = cifar10.load_data(size=96, per_class=(1000, 1))
    assert np.bincount(y[:, 0]).tolist() == [farbbilder.ANZAHL["train"]] * 10
    (wenige, _), _ = cifar10.load_data(size=96, per_class=(2, 1))
    assert menge(wenige) < menge(alle) and len(menge(alle)) == len(alle)
    with pytest.raises(ValueError, match="mindestens 1"):
        cifar10.load_data(per_class=(0, 5))


def test_originale_auswaehlen_und_vergroessern(cifar10, monkeypatch, tmp_path):
    monkeypatch.setenv("KURS_QUELLE", "hub")
    x = schreibe_npz(tmp_path / "originale")
    (x_train, y_train), (x_test, _) = cifar10.load_data(size=64, per_class=(2, 1))
    assert x_train.shape == (20, 64, 64, 3) and x_test.shape == (10, 64, 64, 3)
    assert np.bincount(y_train[:, 0]).tolist() == [2] * 10
    mittel = lambda bilder: np.sort(bilder.mean(axis=(1, 2, 3)))
    np.testing.assert_allclose(mittel(x_train), mittel(x[:20]), atol=3)


def test_stapel_fuehrt_keinen_code_aus(tmp_path):
    class Boese:
        def __reduce__(self):
            return print, ("Code lief",)

    schreibe_archiv(tmp_path / "boese", data_batch_3={b"data": Boese()})
    with pytest.raises(NichtDa, match="boese ist beschädigt.*UnpicklingError"):
        farbbilder.lies_archiv(tmp_path / "boese")
