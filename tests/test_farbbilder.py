"""Liefern die Farbbilder das Format von CIFAR-10, immer dieselben Bilder, und überstehen sie Schäden?"""

import csv
import pickle

from kurs import farbbilder, farbszenen, quellen
from kurs.farbbilder import Farbbilddatensatz
from kurs.pfade import zwischenspeicher
from kurs.quellen import KeineQuelle, NichtDa

import numpy as np
import pytest


@pytest.fixture
def cifar10(umgebung, monkeypatch, tmp_path):
    """Ein frischer Datensatz mit leerem Keras-Zwischenspeicher und leerem Ordner eigener Kopien."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setenv("KURS_ORIGINALE", str(tmp_path / "originale"))
    monkeypatch.setattr(farbbilder, "erreichbar", lambda host: False)
    return Farbbilddatensatz()


def zufallsbilder(n, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 256, (n, 32, 32, 3)).astype(np.uint8)
    return x, (np.arange(n) % 10).reshape(-1, 1).astype(np.uint8)


def schreibe_npz(pfad, train=None, test=None):
    pfad.parent.mkdir(parents=True, exist_ok=True)
    (x_train, y_train), (x_test, y_test) = train or zufallsbilder(40), test or zufallsbilder(20, 1)
    np.savez(pfad, x_train=x_train, y_train=y_train, x_test=x_test, y_test=y_test)
    return x_train


def schreibe_stapel(ordner):
    ordner.mkdir(parents=True)
    for i, name in enumerate([f"data_batch_{n}" for n in range(1, 6)] + ["test_batch"]):
        x, y = zufallsbilder(10, i)
        inhalt = {
            b"data": x.transpose(0, 3, 1, 2).reshape(10, -1),
            b"labels": [int(c) for c in y[:, 0]],
        }
        (ordner / name).write_bytes(pickle.dumps(inhalt, protocol=2))


def test_format_wie_keras(cifar10):
    (x_train, y_train), (x_test, y_test) = cifar10.load_data(per_class=(3, 2))
    assert x_train.shape == (30, 32, 32, 3) and x_test.shape == (20, 32, 32, 3)
    assert y_train.shape == (30, 1) and y_test.shape == (20, 1)
    assert {a.dtype for a in (x_train, y_train, x_test, y_test)} == {np.dtype(np.uint8)}
    assert np.bincount(y_train[:, 0]).tolist() == [3] * 10
    assert np.bincount(y_test[:, 0]).tolist() == [2] * 10
    assert x_train.min() < 30 and x_train.max() > 225
    assert y_train[:, 0].tolist() != sorted(y_train[:, 0].tolist()), "gemischt"


def test_namen_und_codes_sind_die_von_cifar10():
    namen = "airplane automobile bird cat deer dog frog horse ship truck".split()
    assert Farbbilddatensatz.class_names == namen
    assert list(farbszenen.UEBLICH) == namen


@pytest.mark.parametrize("size", [16, 32, 64, 96, 128])
def test_groessen(cifar10, size):
    (x_train, _), (x_test, _) = cifar10.load_data(size=size, per_class=(1, 1))
    assert x_train.shape[1:] == x_test.shape[1:] == (size, size, 3)


@pytest.mark.parametrize("angabe", [{"size": 8}, {"size": 500}, {"per_class": (0, 5)}])
def test_unsinnige_angaben(cifar10, angabe):
    with pytest.raises(ValueError, match="möglich sind|mindestens 1"):
        cifar10.load_data(**angabe)


def test_immer_dieselben_bilder(cifar10):
    (erst, _), _ = cifar10.load_data(per_class=(2, 1))
    for datei in zwischenspeicher().glob("farbbilder_*"):
        datei.unlink()
    (dann, _), _ = Farbbilddatensatz().load_data(per_class=(2, 1))
    np.testing.assert_array_equal(erst, dann)


def test_mehr_bilder_sind_dieselben_und_weitere():
    motive = farbszenen.lies_motive()
    erstes = farbszenen.male(motive, 3, 0, "train", 32)
    assert not np.array_equal(erstes, farbszenen.male(motive, 3, 1, "train", 32))
    assert not np.array_equal(erstes, farbszenen.male(motive, 3, 0, "test", 32))
    np.testing.assert_array_equal(erstes, farbszenen.male(motive, 3, 0, "train", 32))


def test_jeder_aufruf_gibt_eigene_felder(cifar10):
    (erst, _), _ = cifar10.load_data(per_class=(1, 1))
    vorher = erst.copy()
    erst[:] = 0
    (dann, _), _ = cifar10.load_data(per_class=(1, 1))
    np.testing.assert_array_equal(dann, vorher)


def test_testbilder_zeigen_auch_unbekannte_motive():
    motive = farbszenen.lies_motive()
    for klasse in farbszenen.KLASSEN:
        assert len(motive[klasse, "train"]) >= 5 and len(motive[klasse, "test"]) >= 3
    gesehen = {
        bild.tobytes() for (_, teil), bilder in motive.items() for bild in bilder if teil == "train"
    }
    neu = [
        bild.tobytes() for (_, teil), bilder in motive.items() for bild in bilder if teil == "test"
    ]
    assert not gesehen & set(neu)


def test_trainingsbilder_zeigen_keine_testmotive():
    """Mit leeren Testmotiven entstehen Trainingsbilder wie sonst, Testbilder nicht."""
    motive = {ort: bilder for ort, bilder in farbszenen.lies_motive().items() if ort[1] == "train"}
    farbszenen.male(motive, 0, 1, "train", 32)
    farbszenen.male(motive, 0, 0, "test", 32)
    with pytest.raises(KeyError):
        farbszenen.male(motive, 0, 1, "test", 32)


def test_jedes_motiv_hat_herkunft_und_lizenz():
    with open(farbszenen.ORDNER / "HERKUNFT.csv", encoding="utf-8", newline="") as datei:
        zeilen = list(csv.DictReader(datei))
    dateien = {
        p.relative_to(farbszenen.ORDNER).as_posix() for p in farbszenen.ORDNER.rglob("*.png")
    }
    assert dateien == {zeile["datei"] for zeile in zeilen}
    assert all(zeile["quelle"] and zeile["fundort"] for zeile in zeilen)
    assert "SIL OPEN FONT LICENSE" in (farbszenen.ORDNER / "OFL.txt").read_text(encoding="utf-8")
    assert sum(p.stat().st_size for p in farbszenen.ORDNER.rglob("*.*")) < 3_000_000


@pytest.mark.parametrize("schaden", ["leer", "gekuerzt", "gekippt", "andere Form"])
def test_beschaedigter_zwischenspeicher_wird_neu_gezeichnet(cifar10, schaden):
    (erst, _), _ = cifar10.load_data(per_class=(2, 1))
    (datei,) = zwischenspeicher().glob("farbbilder_train_2x10_32px_*.npz")
    roh = bytearray(datei.read_bytes())
    if schaden == "andere Form":
        np.savez(datei, x=np.zeros((1, 2, 3), np.uint8))
    else:
        if schaden == "gekippt":
            roh[len(roh) // 2] ^= 255
        datei.write_bytes({"leer": b"", "gekuerzt": roh[: len(roh) // 2]}.get(schaden, roh))
    (dann, _), _ = cifar10.load_data(per_class=(2, 1))
    np.testing.assert_array_equal(erst, dann)
    with np.load(datei) as daten:
        np.testing.assert_array_equal(daten["x"], erst)


def test_ohne_schreibrecht(cifar10, monkeypatch):
    def verboten(datei, schreibe):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(farbbilder, "schreibe_daneben", verboten)
    (x_train, _), _ = cifar10.load_data(size=20, per_class=(1, 1))
    assert x_train.shape == (10, 20, 20, 3)
    assert not list(zwischenspeicher().glob("farbbilder_*_20px_*"))


def test_fehlende_motive_werden_gemeldet(cifar10, monkeypatch, tmp_path):
    monkeypatch.setattr(farbszenen.lies_motive, "__defaults__", (tmp_path / "weg",))
    with pytest.raises(KeineQuelle, match="die Motive in .* sind nicht lesbar"):
        cifar10.load_data()


def test_reihenfolge_der_quellen(cifar10, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("KURS_QUELLE", "auto")
    cifar10.load_data(per_class=(1, 1))
    assert "eingebettet (www.cs.toronto.edu nicht erreichbar)" in capsys.readouterr().out
    assert quellen.benutzt()["CIFAR-10"] == "eingebettet"

    quellen.vergiss()
    x = schreibe_npz(tmp_path / "originale" / "cifar10_subset.npz")
    (x_train, _), _ = cifar10.load_data()
    np.testing.assert_array_equal(x_train, x)
    assert capsys.readouterr().out == "CIFAR-10: eigene Kopie\n"
    assert quellen.benutzt()["CIFAR-10"] == "original"

    quellen.vergiss()
    schreibe_stapel(
        tmp_path / "keras" / "datasets" / "cifar-10-batches-py-target" / "cifar-10-batches-py"
    )
    (x_train, y_train), _ = cifar10.load_data()
    np.testing.assert_array_equal(x_train[:10], zufallsbilder(10, 0)[0])
    assert x_train.shape == (50, 32, 32, 3) and y_train.shape == (50, 1)
    assert capsys.readouterr().out == "CIFAR-10: Zwischenspeicher von Keras\n"


def test_originale_auswaehlen_und_vergroessern(cifar10, monkeypatch, tmp_path):
    monkeypatch.setenv("KURS_QUELLE", "hub")
    x = schreibe_npz(tmp_path / "originale" / "cifar10_subset.npz")
    (x_train, y_train), (x_test, _) = cifar10.load_data(size=64, per_class=(2, 1))
    assert x_train.shape == (20, 64, 64, 3) and x_test.shape == (10, 64, 64, 3)
    assert np.bincount(y_train[:, 0]).tolist() == [2] * 10
    assert abs(x_train[0].mean() - x[0].mean()) < 3


@pytest.mark.parametrize("schaden", ["kein Archiv", "falsche Form", "falsche Labels", "Feld fehlt"])
def test_kaputte_kopie_wird_uebergangen(cifar10, monkeypatch, tmp_path, capsys, schaden):
    monkeypatch.setenv("KURS_QUELLE", "auto")
    pfad = tmp_path / "originale" / "cifar10_subset.npz"
    x, y = zufallsbilder(10)
    schreibe_npz(
        pfad,
        train={
            "falsche Form": (x[:, :16], y),
            "falsche Labels": (x, y + 90),
        }.get(schaden, (x, y)),
    )
    if schaden == "kein Archiv":
        pfad.write_bytes(b"kaputt")
    elif schaden == "Feld fehlt":
        np.savez(pfad, x_train=x)
    (x_train, _), _ = cifar10.load_data(per_class=(1, 1))
    assert len(x_train) == 10 and not np.array_equal(x_train, x)
    assert "wird übergangen" in (zeile := capsys.readouterr().out) and str(pfad) in zeile


def test_stapel_fuehrt_keinen_code_aus(tmp_path):
    class Boese:
        def __reduce__(self):
            return print, ("Code lief",)

    ordner = tmp_path / "cifar-10-batches-py"
    schreibe_stapel(ordner)
    (ordner / "data_batch_3").write_bytes(pickle.dumps({b"data": Boese()}))
    with pytest.raises(NichtDa, match="data_batch_3 ist beschädigt.*UnpicklingError"):
        farbbilder.lies_ordner(ordner)
    (ordner / "data_batch_3").unlink()
    with pytest.raises(NichtDa, match="data_batch_3 fehlt"):
        farbbilder.lies_ordner(ordner)
