"""Beantwortet: Welches auf ImageNet vortrainierte CNN ist zu haben?

Gemessen ist der Kurs mit EfficientNet-Lite0 (`kurs.efficientnet`). Liegt die Gewichtsdatei von
MobileNetV2 aus `keras.applications` als eigene Kopie oder im Zwischenspeicher von Keras, nimmt er
dieses, es rechnet ebenso schnell; heruntergeladen wird es nur mit `KURS_QUELLE=hub`.
"""

from collections.abc import Callable
from pathlib import Path

from kurs import modellspeicher
from kurs.efficientnet import NAME, efficientnet_lite0
from kurs.netz import lade
from kurs.quellen import NichtDa, Weg, eigene_kopien, keras_ablage, waehle

URL = "https://storage.googleapis.com/tensorflow/keras-applications/mobilenet_v2/"
GROESSEN = (96, 128, 160, 192, 224)  # für diese Bildgrößen gibt es Gewichte von MobileNetV2


def imagenet_basis(input_shape=(96, 96, 3)):
    """Ein auf ImageNet trainiertes CNN ohne seine letzte Schicht, als `keras.Model`.

    Eingabe: Bilder (n, *input_shape) mit Werten 0–255, skaliert wird im Modell; Ausgabe: Merkmale
    (n, h/32, w/32, 1280). `model.name` ist „mobilenetv2“ oder „efficientnet_lite0“.
    Quelle: siehe `kurs.quellen`. Fehler: KeineQuelle mit einem deutschen Satz.
    """
    datei = keras_ablage("models") / gewichtsdatei(input_shape)
    kopie = eigene_kopien() / datei.name
    eintrag = modellspeicher.verzeichnis()[0][NAME]
    woher = f"EfficientNet-Lite0, eingebettet aus dem Wheel {eintrag.wheels[0]}"
    wege = [
        Weg("MobileNetV2, eigene Kopie", True, lambda: _mobilenet_aus(kopie, input_shape)),
        Weg(
            "MobileNetV2, Zwischenspeicher von Keras",
            True,
            lambda: _mobilenet_aus(datei, input_shape),
        ),
        Weg(woher, False, lambda: _efficientnet(eintrag, input_shape)),
        Weg("MobileNetV2, heruntergeladen", True, lambda: _vom_host(datei, input_shape)),
    ]
    return waehle("ImageNet-Modell", wege)()


def gewichtsdatei(input_shape) -> str:
    """Wie die Gewichte für diese Bildgröße heißen, im Zwischenspeicher wie beim Host."""
    return f"mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_{_groesse(input_shape)}_no_top.h5"


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


def _vom_host(datei: Path, input_shape) -> Callable:
    melde = lambda text: print(f"MobileNetV2: {text}", flush=True)
    return lade(URL + datei.name, datei, lambda pfad: _mobilenet_aus(pfad, input_shape), melde)


def _efficientnet(eintrag, input_shape) -> Callable:
    ordner = modellspeicher.stelle_bereit(eintrag)
    return lambda: efficientnet_lite0(input_shape, include_top=False, weights=ordner)
