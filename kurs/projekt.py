"""Beantwortet: Was ist mein bestes Fashion-MNIST-Modell bisher, und aus welcher Übung kommt es?

Das Projekt zieht sich durch die Woche (Kapitel 1, 2, 5 und 6). Was eine Übung trainiert, hebt
`behalte` auf, wenn es besser ist als alles davor; die nächste beginnt mit `bestes()`. Wer noch
keines hat, bekommt ein einfaches. Verglichen wird überall auf denselben Bildern, den letzten 2.000
zum Trainieren (`validierung()`); ein Modell nimmt Bilder (n, 28, 28) mit Werten von 0 bis 1 und
gibt zehn Wahrscheinlichkeiten je Bild zurück.

Es liegt unter `ausgabe/fashion_mnist_projekt/`. Läufe der Lösungen zählen nicht.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from kurs.kern import pfade
from kurs.kern.pfade import laufendes_skript, schreibbar, schreibe_daneben, schreibe_text
from kurs.merken import gemerkt
from kurs.uebungen.fortschritt import zaehlt

N_VALIDIERUNG = 2_000
MODELL, TAFEL = "modell.keras", "projekt.json"


@dataclass(frozen=True)
class Stand:
    """Das beste Modell bisher: Genauigkeit auf der Validierung, Übung, wie gebaut, Bilder."""

    val_accuracy: float
    uebung: str
    wie: str
    bilder: str


def _trainingsbilder(welche: slice):
    from kurs.bilder import fashion_mnist

    (x, y), _ = fashion_mnist.load_data()
    return (x[welche] / 255).astype("float32"), y[welche]


def validierung():
    """(x_val, y_val): die letzten 2.000 Trainingsbilder, float32 von 0 bis 1, und ihre Labels."""
    return _trainingsbilder(slice(-N_VALIDIERUNG, None))


def schwellen(eingebettet, original) -> dict[str, float]:
    """Ab welcher Genauigkeit (Validierung) es Bronze, Silber und Gold gibt, je nach den Bildern."""
    from kurs.quellen import originale_benutzt

    werte = original if originale_benutzt() else eingebettet
    return dict(zip(("bronze", "silber", "gold"), werte))


def medaillen(eingebettet, original) -> dict[str, float]:
    """Die `schwellen`, auch gedruckt."""
    thresholds = schwellen(eingebettet, original)
    print("Medaillen auf der Validierung ab", thresholds)
    return thresholds


def zeichne_medaillen(axis, thresholds: dict[str, float]) -> None:
    """Eine gepunktete Linie je Medaille."""
    for name, threshold in thresholds.items():
        axis.axhline(threshold, color="gray", linestyle=":")
        axis.text(1.01, threshold, name, va="center", transform=axis.get_yaxis_transform())


def _ordner() -> Path:
    return pfade.AUSGABE / "fashion_mnist_projekt"


def stand() -> Stand | None:
    """Was aufgehoben ist, ohne das Modell zu laden; None, wenn es (lesbar) nichts gibt."""
    try:
        angaben = json.loads((_ordner() / TAFEL).read_text(encoding="utf-8"))
        gelesen = Stand(**{**angaben, "val_accuracy": float(angaben["val_accuracy"])})
        return gelesen if (_ordner() / MODELL).is_file() else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _bilder(x_val) -> str:
    """Ein Kennzeichen der Bilder: Werte auf verschiedenen Bildern lassen sich nicht vergleichen."""
    return f"{len(x_val)} Bilder, Summe {float(x_val.sum()):.0f}"


def _genauigkeit(model, x_val, y_val) -> float:
    import keras

    ausgaben = keras.ops.convert_to_numpy(model.predict(x_val, batch_size=500, verbose=0))
    return float((ausgaben.argmax(axis=1) == y_val).mean())


def behalte(model, wie: str = "") -> float:
    """Hebt ein trainiertes Modell auf, wenn es auf der Validierung besser ist als das bisher beste.

    `wie` sagt in Worten, wie es entstand. Rückgabe: seine Genauigkeit auf der Validierung.
    """
    skript = laufendes_skript()
    x_val, y_val = validierung()
    genauigkeit = _genauigkeit(model, x_val, y_val)
    bisher = stand()
    if not zaehlt(skript):
        return genauigkeit
    if bisher and bisher.bilder == _bilder(x_val) and bisher.val_accuracy >= genauigkeit:
        print(
            f"Projekt: Validierung {genauigkeit:.3f}; dein bestes Modell bleibt das aus "
            f"{bisher.uebung} ({bisher.val_accuracy:.3f})."
        )
        return genauigkeit
    neu = Stand(genauigkeit, skript.stem, wie, _bilder(x_val))
    try:
        ordner = schreibbar(_ordner())
        schreibe_daneben(ordner / MODELL, model.save)
        schreibe_text(ordner / TAFEL, json.dumps(asdict(neu), ensure_ascii=False, indent=1))
    except OSError as fehler:  # etwa ein voller Datenträger: Die Übung selbst geht das nichts an
        print(f"Projekt: Das Modell ließ sich nicht aufheben ({fehler.strerror or fehler}).")
        return genauigkeit
    print(f"Projekt: dein bestes Modell bisher, aufgehoben (Validierung {genauigkeit:.3f}).")
    return genauigkeit


def bestes():
    """(Modell, Stand): das beste aufgehobene Modell, sonst ein einfaches; druckt, welches."""
    import keras

    x_val, y_val = validierung()
    gefunden = stand()
    if gefunden and gefunden.bilder == _bilder(x_val):
        woher = f"Modell aus {gefunden.uebung}"
        try:
            model = keras.models.load_model(_ordner() / MODELL)
            wert = f"Validierung {gefunden.val_accuracy:.3f}"
            print(f"Projekt: Es geht los mit deinem {woher} ({wert}).")
            return model, gefunden
        except Exception as fehler:  # noqa: BLE001 (eigene Schichten, andere Fassung von Keras)
            print(f"Projekt: Dein {woher} lässt sich nicht laden ({type(fehler).__name__}).")
    model = _einfaches()
    model.set_weights(gemerkt(_gewichte_des_einfachen)(_bilder(x_val), keras.backend.backend()))
    wert, wie = _genauigkeit(model, x_val, y_val), "eine Schicht, zum Anfangen"
    print(
        "Projekt: noch kein eigenes Modell (es entsteht in uebung_klassifikation_fashion_mnist); "
        f"es geht los mit einem einfachen (Validierung {wert:.3f})."
    )
    return model, Stand(wert, "", wie, _bilder(x_val))


def _einfaches():
    """Noch ungelernt."""
    import keras

    keras.utils.set_random_seed(42)
    model = keras.Sequential(
        [keras.Input((28, 28)), keras.layers.Flatten(), keras.layers.Dense(10, "softmax")]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.optimizer.build(model.trainable_variables)  # sonst warnt Keras, wer es speichert und lädt
    return model


def _gewichte_des_einfachen(bilder, backend):
    """Was das einfache Modell auf diesen Bildern mit diesem Rechenwerk lernt."""
    x, y = _trainingsbilder(slice(4_000))
    model = _einfaches()
    model.fit(x, y, epochs=3, batch_size=64, verbose=0)
    return model.get_weights()


def skalierung(x_roh, x):
    """Die Schicht, die aus Bildern von 0 bis 1 macht, was jemand aus Pixeln `x_roh` (0–255) gemacht
    hat: `x`.

    Gelesen wird sie aus den Daten: je Pixel x = a · x_roh + b (durch 255, MinMax, Standardisieren),
    oder je Bild: Zeilen oder Spalten auf Länge 1 (`keras.utils.normalize`), das ganze Bild
    standardisiert. None, wenn es keines davon ist.
    """
    import keras
    import numpy as np

    x_roh = np.asarray(x_roh, "float64") / 255
    x = np.asarray(x, "float64").reshape(x_roh.shape)
    streuung = x_roh.var(axis=0)
    gemeinsam = ((x - x.mean(axis=0)) * (x_roh - x_roh.mean(axis=0))).mean(axis=0)
    steigung = gemeinsam / np.maximum(streuung, 1e-12)
    # Pixel, die in x_roh nie wechseln: dieselbe Zahl wie überall, sonst die von scikit-learn
    bekannt = steigung[streuung > 0]
    sonst = bekannt[0] if len(bekannt) and np.allclose(bekannt, bekannt[0], rtol=1e-3) else 255.0
    a = np.where(streuung > 0, steigung, sonst)
    b = x.mean(axis=0) - a * x_roh.mean(axis=0)
    for schicht in (
        keras.layers.Rescaling(scale=a.tolist(), offset=b.tolist()),
        keras.layers.UnitNormalization(axis=1),
        keras.layers.UnitNormalization(axis=2),
        keras.layers.LayerNormalization(axis=[1, 2], center=False, scale=False, epsilon=1e-9),
    ):
        if np.allclose(keras.ops.convert_to_numpy(schicht(x_roh)), x, atol=2e-3):
            return schicht
    return None


def mit_skalierung(model, x_roh, x):
    """Das Modell mit `skalierung` davor: So passt es zu Bildern von 0 bis 1.

    Eine Skalierung, die `skalierung` nicht kennt, bleibt weg; eine Zeile sagt es.
    """
    import keras
    import numpy as np

    eingabe = getattr(model, "input_shape", None)  # eine eigene Modell-Klasse hat keine
    form = eingabe[1:] if eingabe else np.shape(x)[1:]
    if form == (28, 28) and np.allclose(x, np.asarray(x_roh) / 255, atol=1e-3):
        return model
    schicht = skalierung(x_roh, x)
    if schicht is None:
        print("Projekt: Deine Skalierung lässt sich nicht einbauen; gemessen wird ohne sie.")
        schicht = keras.layers.Rescaling(1.0)
    return keras.Sequential([keras.Input((28, 28)), schicht, keras.layers.Reshape(form), model])
