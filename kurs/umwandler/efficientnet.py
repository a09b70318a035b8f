"""Beantwortet: Wie werden aus den PyTorch-Gewichten von EfficientNet-Lite0 welche für Keras?

Nur die Achsen ändern sich: PyTorch ordnet Filter (aus, ein, hoch, breit), Keras (hoch, breit, ein,
aus). Gespeichert wird `gewichte.npz`; die Schlüssel „Schicht/Gewicht“ heißen wie in
`kurs.efficientnet`.
"""

import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path

from kurs.efficientnet import bloecke
from kurs.umwandler import Beschaedigt

import numpy as np

STAND = 1
BATCH_NORM = {
    "weight": "gamma",
    "bias": "beta",
    "running_mean": "moving_mean",
    "running_var": "moving_variance",
}


def _paare() -> dict[str, str]:
    """Schicht in Keras → Schicht in der PyTorch-Datei."""
    paare = {
        "stem_conv": "_conv_stem",
        "stem_bn": "_bn0",
        "top_conv": "_conv_head",
        "top_bn": "_bn1",
    }
    for nummer, block in enumerate(bloecke()):
        ort = f"_blocks.{nummer}"
        if block.expansion > 1:
            paare[f"{block.name}_expand_conv"] = f"{ort}._expand_conv"
            paare[f"{block.name}_expand_bn"] = f"{ort}._bn0"
        paare[f"{block.name}_dwconv"] = f"{ort}._depthwise_conv"
        paare[f"{block.name}_bn"] = f"{ort}._bn1"
        paare[f"{block.name}_project_conv"] = f"{ort}._project_conv"
        paare[f"{block.name}_project_bn"] = f"{ort}._bn2"
    return paare


def uebertrage(torch_gewichte: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Benennt um und vertauscht Achsen. Fehler: Beschaedigt, wenn eines fehlt oder übrig ist."""
    uebrig = {
        name: w for name, w in torch_gewichte.items() if not name.endswith("num_batches_tracked")
    }
    try:
        keras_gewichte = {
            "predictions/kernel": uebrig.pop("_fc.weight").T,
            "predictions/bias": uebrig.pop("_fc.bias"),
        }
        for schicht, quelle in _paare().items():
            if schicht.endswith("_bn"):
                for von, nach in BATCH_NORM.items():
                    keras_gewichte[f"{schicht}/{nach}"] = uebrig.pop(f"{quelle}.{von}")
            else:
                achsen = (2, 3, 0, 1) if schicht.endswith("dwconv") else (2, 3, 1, 0)
                keras_gewichte[f"{schicht}/kernel"] = uebrig.pop(f"{quelle}.weight").transpose(
                    achsen
                )
    except KeyError as fehlend:
        raise Beschaedigt(f"das Gewicht {fehlend} fehlt") from None
    if uebrig:
        raise Beschaedigt(f"unerwartete Gewichte, etwa {min(uebrig)}")
    return keras_gewichte


def wandle_um(dateien: list[Path], ziel: Path, melde: Callable[[str], None]) -> None:
    """Schreibt `ziel/gewichte.npz`. Fehler: Beschaedigt.

    Gelesen wird mit `weights_only=True`: Code, der in der Datei stünde, liefe nicht.
    """
    import torch

    melde("übertrage die Gewichte von PyTorch nach Keras …")
    try:
        gelesen = torch.load(dateien[0], map_location="cpu", weights_only=True)
        gewichte = {name: tensor.numpy() for name, tensor in gelesen.items()}
    except (
        RuntimeError,
        EOFError,
        AttributeError,
        pickle.UnpicklingError,
        zipfile.BadZipFile,
    ) as fehler:
        raise Beschaedigt(f"{dateien[0].name} ist nicht lesbar ({type(fehler).__name__})") from None
    np.savez(ziel / "gewichte.npz", **uebertrage(gewichte))
