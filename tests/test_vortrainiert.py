"""Nimmt `imagenet_basis` MobileNetV2, wo dessen Gewichte liegen, und sonst EfficientNet-Lite0?"""

from kurs import quellen, vortrainiert

import keras
import numpy as np
import pytest

FORM = (96, 96, 3)
DATEI = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_96_no_top.h5"


@pytest.fixture
def ordner(umgebung, monkeypatch, tmp_path):
    """Leerer Keras-Zwischenspeicher, leere eigene Kopien, kein Host; EfficientNet ungelernt."""
    monkeypatch.setenv("KURS_QUELLE", "auto")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setenv("KURS_ORIGINALE", str(tmp_path / "originale"))
    monkeypatch.setattr(vortrainiert.speicher, "stelle_bereit", lambda eintrag: None)
    (tmp_path / "originale").mkdir()
    return tmp_path / "originale"


@pytest.mark.parametrize("kaputt", [False, True])
def test_ohne_gewichte_von_mobilenet(kaputt, ordner, capsys):
    if kaputt:
        (ordner / DATEI).write_bytes(b"kaputt")
    basis = vortrainiert.imagenet_basis(FORM)
    assert basis.name == "efficientnet_lite0" and basis.output.shape == (None, 3, 3, 1280)
    zeile = capsys.readouterr().out
    assert "EfficientNet-Lite0, eingebettet" in zeile
    assert ("beschädigt und wird übergangen" in zeile) == kaputt
    assert quellen.benutzt()["ImageNet-Modell"] == "eingebettet"


def test_eigene_kopie_von_mobilenet(ordner, capsys):
    original = keras.applications.MobileNetV2(input_shape=FORM, include_top=False, weights=None)
    rng = np.random.default_rng(0)
    original.set_weights(
        [rng.uniform(0.1, 1, w.shape) / w.size**0.3 for w in original.get_weights()]
    )
    original.save(ordner / DATEI)
    basis = vortrainiert.imagenet_basis(FORM)
    assert capsys.readouterr().out.endswith("ImageNet-Modell: MobileNetV2, eigene Kopie\n")
    assert basis.name == "mobilenetv2" and quellen.originale_benutzt()
    bilder = rng.integers(0, 256, (2, *FORM)).astype("float32")
    erwartet = keras.ops.convert_to_numpy(original(bilder / 127.5 - 1))
    assert erwartet.max() > 0
    np.testing.assert_allclose(keras.ops.convert_to_numpy(basis(bilder)), erwartet, rtol=1e-3)
    # Diese Schichten nennen demo_fine_tuning_cnn und die Übung dazu
    for name in ("block_9_add", "block_10_expand", "block_13_expand"):
        assert basis.get_layer(name)
