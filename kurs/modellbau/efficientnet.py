"""Beantwortet: Wie sieht EfficientNet-Lite0 in Keras aus, und wie kommen die Gewichte aus PyTorch hinein?

EfficientNet-B0 für schwache Geräte: ohne Squeeze-and-Excite und mit ReLU6 statt Swish. Auf ImageNet
trainiert, 4,7 Millionen Gewichte. Die Schichten heißen wie in `keras.applications.EfficientNetB0`.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np

STAND = 1
GEWICHTE = "gewichte.npz"  # „Schicht/Gewicht“ → Werte
# Je Stufe: Wiederholungen, Filtergröße, Schrittweite des ersten Blocks, Expansion, Ausgangskanäle
STUFEN = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)


def efficientnet_lite0(ordner: Path | None, input_shape=(224, 224, 3), include_top=True):
    """EfficientNet-Lite0 als `keras.Model`, mit den Gewichten aus `ordner` (None: ungelernt).

    Eingabe: Bilder (n, *input_shape) mit Werten 0–255; skaliert wird im Modell. Ausgabe: mit
    `include_top` (n, 1000) ImageNet-Wahrscheinlichkeiten, sonst (n, h/32, w/32, 1280) Merkmale.
    """
    model = _baue(input_shape, include_top)
    if ordner:
        with np.load(ordner / GEWICHTE, allow_pickle=False) as werte:
            for name, gewicht in _gewichte(model).items():
                gewicht.assign(werte[name])
    return model


def _gewichte(model) -> dict:
    """„Schicht/Gewicht“ → die Variable, in der Reihenfolge des Netzes."""
    return {f"{layer.name}/{w.name}": w for layer in model.layers for w in layer.weights}


def _baue(input_shape, include_top: bool):
    import keras
    from keras import layers

    def conv(x, filters, name, kernel_size=1, strides=1):
        return layers.Conv2D(
            filters, kernel_size, strides=strides, padding="same", use_bias=False, name=name
        )(x)

    def batch_norm(x, name, activation=True):
        x = layers.BatchNormalization(epsilon=1e-3, momentum=0.99, name=f"{name}bn")(x)
        return layers.ReLU(max_value=6, name=f"{name}activation")(x) if activation else x

    inputs = keras.Input(shape=input_shape, name="image")
    x = layers.Rescaling(scale=1 / 128, offset=-127 / 128, name="rescaling")(inputs)
    x = batch_norm(conv(x, 32, "stem_conv", kernel_size=3, strides=2), "stem_")
    for stufe, (wiederholungen, groesse, schritt, expansion, aus) in enumerate(STUFEN, start=1):
        for i in range(wiederholungen):
            name, davor, strides = f"block{stufe}{'abcd'[i]}", x, schritt if i == 0 else 1
            if expansion > 1:  # auffächern (1×1), je Kanal filtern, zusammenfassen (1×1)
                x = conv(x, x.shape[-1] * expansion, f"{name}_expand_conv")
                x = batch_norm(x, f"{name}_expand_")
            x = layers.DepthwiseConv2D(
                groesse, strides=strides, padding="same", use_bias=False, name=f"{name}_dwconv"
            )(x)
            x = batch_norm(x, f"{name}_")
            x = conv(x, aus, f"{name}_project_conv")
            x = batch_norm(x, f"{name}_project_", activation=False)
            if i > 0:
                x = layers.Add(name=f"{name}_add")([x, davor])
    x = batch_norm(conv(x, 1280, "top_conv"), "top_")
    if include_top:
        x = layers.GlobalAveragePooling2D(name="avg_pool")(x)
        x = layers.Dropout(0.2, name="top_dropout")(x)
        x = layers.Dense(1000, activation="softmax", name="predictions")(x)
    return keras.Model(inputs, x, name="efficientnet_lite0")


def wandle_um(dateien: list[Path], ziel: Path, melde: Callable[[str], None]) -> None:
    """Schreibt `ziel/gewichte.npz`.

    Die Gewichte stehen in der Datei in der Reihenfolge des Netzes; nur die Achsen ändern sich:
    PyTorch ordnet Filter (aus, ein, hoch, breit), Keras (hoch, breit, ein, aus), je Kanal (hoch,
    breit, aus, ein). Gelesen wird mit `weights_only=True`: Code in der Datei liefe nicht.
    """
    import torch

    melde("übertrage die Gewichte von PyTorch nach Keras …")
    gelesen = torch.load(dateien[0], map_location="cpu", weights_only=True)
    felder = [w.numpy() for n, w in gelesen.items() if not n.endswith("num_batches_tracked")]
    gewichte = {}
    ziele = _gewichte(_baue((224, 224, 3), include_top=True))
    for (name, variable), werte in zip(ziele.items(), felder, strict=True):
        if werte.ndim == 4:
            werte = werte.transpose((2, 3, 0, 1) if "_dwconv/" in name else (2, 3, 1, 0))
        elif werte.ndim == 2:
            werte = werte.T
        assert werte.shape == tuple(variable.shape), name
        gewichte[name] = werte
    np.savez(ziel / GEWICHTE, **gewichte)
