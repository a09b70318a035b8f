"""Beantwortet: Welches auf ImageNet vortrainierte CNN ist zu haben?

Am liebsten MobileNetV2 aus `keras.applications`; ist dessen Gewichtsdatei weder im Zwischenspeicher von
Keras noch als eigene Kopie noch beim Host zu bekommen, EfficientNet-Lite0 (`kurs.efficientnet`).
"""

import os
from collections.abc import Callable
from pathlib import Path

from kurs import modellspeicher
from kurs.efficientnet import NAME, efficientnet_lite0
from kurs.quellen import NichtDa, Weg, eigene_kopien, erreichbar, waehle

HOST = "storage.googleapis.com"  # dort liegen die Gewichte von keras.applications
GROESSEN = (96, 128, 160, 192, 224)  # für diese Bildgrößen gibt es Gewichte von MobileNetV2


def imagenet_basis(input_shape=(96, 96, 3)):
    """Ein auf ImageNet trainiertes CNN ohne seine letzte Schicht, als `keras.Model`.

    Eingabe: Bilder (n, *input_shape) mit Werten 0–255, skaliert wird im Modell; Ausgabe: Merkmale
    (n, h/32, w/32, 1280). `model.name` ist „mobilenetv2“ oder „efficientnet_lite0“.
    Quelle: siehe `kurs.quellen`. Fehler: KeineQuelle mit einem deutschen Satz.
    """
    datei = f"mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_{_groesse(input_shape)}_no_top.h5"
    cache = Path(os.environ.get("KERAS_HOME") or os.path.expanduser("~/.keras")) / "models"
    eintrag = modellspeicher.verzeichnis()[0][NAME]
    baue = waehle(
        "ImageNet-Modell",
        [
            Weg(
                "MobileNetV2, Zwischenspeicher von Keras",
                True,
                lambda: _mobilenet_aus(cache / datei, input_shape),
            ),
            Weg(
                "MobileNetV2, eigene Kopie",
                True,
                lambda: _mobilenet_aus(eigene_kopien() / datei, input_shape),
            ),
            Weg("MobileNetV2, heruntergeladen", True, lambda: _vom_host(input_shape)),
            Weg(
                f"EfficientNet-Lite0, eingebettet aus dem Wheel {eintrag.wheels[0]}",
                False,
                lambda: _efficientnet(eintrag, input_shape),
            ),
        ],
    )
    return baue()


def _groesse(input_shape) -> int:
    return input_shape[0] if input_shape[0] in GROESSEN else GROESSEN[-1]


def _mobilenet(input_shape, gewichte):
    import keras

    inputs = keras.Input(shape=input_shape, name="image")
    skaliert = keras.layers.Rescaling(1 / 127.5, offset=-1, name="rescaling")(inputs)
    netz = keras.applications.MobileNetV2(
        input_shape=input_shape, input_tensor=skaliert, include_top=False, weights=gewichte
    )
    return keras.Model(inputs, netz.output, name="mobilenetv2")


def _mobilenet_aus(datei: Path, input_shape) -> Callable:
    """Lädt die Gewichte sofort, damit eine beschädigte Datei den nächsten Weg öffnet."""
    if not datei.is_file():
        raise NichtDa("")
    try:
        model = _mobilenet(input_shape, str(datei))
    except Exception as fehler:  # noqa: BLE001 (h5py und Keras melden Kaputtes verschieden)
        grund = f"{datei} ist beschädigt und wird übergangen ({type(fehler).__name__})"
        raise NichtDa(grund) from None
    return lambda: model


def _vom_host(input_shape) -> Callable:
    if not erreichbar(HOST):
        raise NichtDa(f"{HOST} nicht erreichbar")
    try:
        model = _mobilenet(input_shape, "imagenet")
    except Exception as fehler:  # noqa: BLE001 (so meldet get_file Netz- und Prüfsummenfehler)
        raise NichtDa(f"Herunterladen von {HOST} misslang: {fehler}") from None
    return lambda: model


def _efficientnet(eintrag, input_shape) -> Callable:
    ordner = modellspeicher.stelle_bereit(eintrag)
    return lambda: efficientnet_lite0(input_shape, include_top=False, weights=ordner)
