"""Beantwortet: Welches auf ImageNet vortrainierte CNN ist zu haben?

Gemessen ist der Kurs mit EfficientNet-Lite0, eingebettet aus einem Wheel. Liegt die Gewichtsdatei
von MobileNetV2 aus `keras.applications` als eigene Kopie oder im Zwischenspeicher von Keras, nimmt
er dieses, es rechnet ebenso schnell; heruntergeladen wird es nur mit `KURS_QUELLE=hub`.
"""

from pathlib import Path

from kurs.modellbau import speicher
from kurs.modellbau.efficientnet import efficientnet_lite0
from kurs.netz import lade
from kurs.quellen import Weg, eigene_kopien, keras_ablage, nennt_kaputtes, waehle

URL = "https://storage.googleapis.com/tensorflow/keras-applications/mobilenet_v2/"
DATEI = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_{}_no_top.h5"
GROESSEN = (96, 128, 160, 192, 224)  # für diese Bildgrößen gibt es Gewichte von MobileNetV2


def imagenet_basis(input_shape=(96, 96, 3)):
    """Ein auf ImageNet trainiertes CNN ohne seine letzte Schicht, als `keras.Model`.

    Eingabe: Bilder (n, *input_shape) mit Werten 0–255, skaliert wird im Modell; Ausgabe: Merkmale
    (n, h/32, w/32, 1280). `model.name` ist „mobilenetv2“ oder „efficientnet_lite0“.
    Quelle: siehe `kurs.quellen`. Fehler: KeineQuelle mit einem deutschen Satz.
    """
    name = DATEI.format(input_shape[0] if input_shape[0] in GROESSEN else GROESSEN[-1])
    cache = keras_ablage("models") / name
    mobilenet = lambda datei: _mobilenet(datei, input_shape)
    vom_host = lambda: lade(URL + name, cache, mobilenet, "MobileNetV2")
    eintrag = speicher.verzeichnis()[0]["efficientnet-lite0"]
    lite0 = lambda: efficientnet_lite0(speicher.stelle_bereit(eintrag), input_shape, False)
    wege = [
        Weg("MobileNetV2, eigene Kopie", True, lambda: mobilenet(eigene_kopien() / name)),
        Weg("MobileNetV2, Zwischenspeicher von Keras", True, lambda: mobilenet(cache)),
        Weg(f"EfficientNet-Lite0, eingebettet aus {eintrag.herkunft}", False, lite0),
        Weg("MobileNetV2, heruntergeladen", True, vom_host),
    ]
    return waehle("ImageNet-Modell", wege)


def _mobilenet(datei: Path, input_shape):
    """MobileNetV2 mit den Gewichten aus `datei`. Fehler: NichtDa."""
    import keras

    with nennt_kaputtes(datei):
        datei.stat()
        inputs = keras.Input(shape=input_shape, name="image")
        skaliert = keras.layers.Rescaling(1 / 127.5, offset=-1, name="rescaling")(inputs)
        netz = keras.applications.MobileNetV2(
            input_shape=input_shape, input_tensor=skaliert, include_top=False, weights=str(datei)
        )
    return keras.Model(inputs, netz.output, name="mobilenetv2")
