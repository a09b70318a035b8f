"""Beantwortet: Wie wird aus einem Basismodell und einem LoRA-Adapter ein vollständiges Modell?

Der Adapter liegt im Format von `peft` in `data/modelle`; gelernt hat ihn ein Skript in
`data/werkstatt`. Zu jedem Gewicht W der Basis, das er nennt, kommt `lora_alpha / r · B · A` hinzu.
Seine Gesprächsvorlage (`chat_template.jinja`) und seine Karte kommen mit in den Ordner.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

from kurs.modellbau import lies_json, pruefe_safetensors
from kurs.modellbau.aufsatz import aendere
from kurs.modellbau.speicher import BEGLEITZETTEL

STAND = 1
VORSILBE, ENDE_A = "base_model.model.", ".lora_A.weight"


def wandle_um(dateien: list[Path], ziel: Path, melde: Callable[[str], None]) -> None:
    """`dateien`: der Ordner der Basis und der des Adapters."""
    from safetensors.numpy import load_file, save_file

    basis, adapter = dateien
    melde("rechne Basis und Adapter zusammen …")
    pruefe_safetensors(adapter / "adapter_model.safetensors")
    angaben = lies_json(adapter / "adapter_config.json")
    gewichte = load_file(basis / "model.safetensors")
    lora = load_file(adapter / "adapter_model.safetensors")
    for a in (name for name in lora if name.endswith(ENDE_A)):
        stamm = a.removesuffix(ENDE_A)
        gewicht = f"{stamm.removeprefix(VORSILBE)}.weight"
        b = f"{stamm}.lora_B.weight"
        aendere(gewichte, gewicht, lora, a, b, faktor=angaben["lora_alpha"] / angaben["r"])
    for datei in basis.iterdir():
        if datei.name not in (BEGLEITZETTEL, "model.safetensors"):
            shutil.copy2(datei, ziel / datei.name)
    for name in ("chat_template.jinja", "README.md"):
        shutil.copy2(adapter / name, ziel / name)
    save_file(gewichte, ziel / "model.safetensors", metadata={"format": "pt"})
