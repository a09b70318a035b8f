"""Beantwortet: Wie wird aus einem Basismodell und einem LoRA-Adapter ein vollständiges Modell?

Der Adapter liegt im Format von `peft` in `data/modelle`; gelernt hat ihn ein Skript in
`data/werkstatt`. Zu jedem Gewicht W der Basis, das er nennt, kommt `lora_alpha / r · B · A` hinzu.
Seine Gesprächsvorlage (`chat_template.jinja`) und seine Karte kommen mit in den Ordner.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

from kurs.modellbau import Beschaedigt, lies_json, pruefe_safetensors

import numpy as np

STAND = 1
VORSILBE = "base_model.model."


def verrechne(
    basis: dict[str, np.ndarray], adapter: dict[str, np.ndarray], faktor: float
) -> dict[str, np.ndarray]:
    """Gewichte der Basis + faktor · B · A, als f16. Fehler: Beschaedigt, wenn etwas nicht passt."""
    fertig = dict(basis)
    for name, a in adapter.items():
        if not name.endswith(".lora_A.weight"):
            continue
        stamm = name.removesuffix(".lora_A.weight")
        ziel = f"{stamm.removeprefix(VORSILBE)}.weight"
        try:
            b = adapter[f"{stamm}.lora_B.weight"].astype(np.float32)
            summe = fertig[ziel].astype(np.float32) + faktor * (b @ a.astype(np.float32))
        except (KeyError, ValueError) as fehler:
            raise Beschaedigt(f"die Änderung von {ziel} passt nicht zur Basis ({fehler})") from None
        fertig[ziel] = summe.astype(np.float16)
    return fertig


def wandle_um(dateien: list[Path], ziel: Path, melde: Callable[[str], None]) -> None:
    """`dateien`: der Ordner der Basis und der des Adapters. Fehler: Beschaedigt."""
    from safetensors.numpy import load_file, save_file

    basis, adapter = dateien
    melde("rechne Basis und Adapter zusammen …")
    pruefe_safetensors(adapter / "adapter_model.safetensors")
    angaben = lies_json(adapter / "adapter_config.json")
    gewichte = verrechne(
        load_file(basis / "model.safetensors"),
        load_file(adapter / "adapter_model.safetensors"),
        angaben["lora_alpha"] / angaben["r"],
    )
    for datei in basis.iterdir():
        if datei.name not in ("kurs.json", "model.safetensors"):
            shutil.copy2(datei, ziel / datei.name)
    for name in ("chat_template.jinja", "README.md"):
        shutil.copy2(adapter / name, ziel / name)
    save_file(gewichte, ziel / "model.safetensors", metadata={"format": "pt"})
