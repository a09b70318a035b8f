"""Beantwortet: Wie wird aus einem Basismodell und einem Aufsatz ein vollständiges Modell?

Ein Aufsatz ist ein Ordner in `data/modelle` mit nur dem, was anders ist als bei der Basis. Seine Dateien legen sich
über deren Dateien, in JSON nur die Einträge, die er nennt. `adapter_model.safetensors` wird in die Gewichte
hineingerechnet; die Namen darin sind die von `peft`, mit „base_model.model.“ davor:

    <Gewicht>.lora_A.weight, .lora_B.weight   zum Gewicht der Basis kommt lora_alpha / r · B · A hinzu
    stuecke                                   nur diese Zeilen der Wortmatrix bleiben, aufsteigend
    alles andere                              ersetzt das Gewicht dieses Namens oder ist neu (der Kopf)

`lora_alpha` und `r` stehen in `adapter_config.json`.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

from kurs.modellbau import lies_json, pruefe_safetensors, schreibe_json
from kurs.modellbau.speicher import BEGLEITZETTEL

import numpy as np

STAND = 1
GEWICHTE, ADAPTER, ANGABEN = "model.safetensors", "adapter_model.safetensors", "adapter_config.json"
VORSILBE = "base_model.model."
STUECKE = f"{VORSILBE}stuecke"
KOPF = "bert."  # davor steht es in Modellen, die einen Kopf auf BertModel setzen
WORTMATRIX = f"{KOPF}embeddings.word_embeddings.weight"
NUR_SATZVEKTOREN = "pooler."


def verrechne(
    basis: dict[str, np.ndarray], adapter: dict[str, np.ndarray], faktor: float
) -> dict[str, np.ndarray]:
    """Gewichte der Basis + Adapter → Gewichte des fertigen Modells; B · A kommt `faktor`-mal hinzu, als f16."""
    fertig = dict(basis)
    if STUECKE in adapter:
        fertig = {f"{KOPF}{name}": w for name, w in basis.items() if NUR_SATZVEKTOREN not in name}
        fertig[WORTMATRIX] = fertig[WORTMATRIX][adapter[STUECKE]]
    for name, werte in adapter.items():
        ziel = name.removeprefix(VORSILBE).replace(".lora_A.", ".")
        if ".lora_A." in name:
            b = adapter[name.replace(".lora_A.", ".lora_B.")].astype(np.float32)
            aenderung = faktor * (b @ werte.astype(np.float32))
            fertig[ziel] = (fertig[ziel].astype(np.float32) + aenderung).astype(np.float16)
        elif ".lora_B." not in name and name != STUECKE:
            fertig[ziel] = werte
    return fertig


def wandle_um(dateien: list[Path], ziel: Path, melde: Callable[[str], None]) -> None:
    """`dateien`: der Ordner der Basis und der des Aufsatzes."""
    from safetensors.numpy import load_file, save_file

    basis, aufsatz = dateien
    melde("rechne Basis und Aufsatz zusammen …")
    for datei in [*basis.iterdir(), *aufsatz.iterdir()]:
        if datei.is_dir() or datei.name in (BEGLEITZETTEL, GEWICHTE, ADAPTER, ANGABEN):
            continue
        darunter = ziel / datei.name
        if datei.suffix == ".json" and darunter.exists():
            schreibe_json(darunter, lies_json(darunter) | lies_json(datei), indent=None)
        else:
            shutil.copy2(datei, darunter)
    pruefe_safetensors(basis / GEWICHTE)
    gewichte = load_file(basis / GEWICHTE)
    if (aufsatz / ADAPTER).is_file():
        pruefe_safetensors(aufsatz / ADAPTER)
        angaben = lies_json(aufsatz / ANGABEN)
        faktor = angaben["lora_alpha"] / angaben["r"]
        gewichte = verrechne(gewichte, load_file(aufsatz / ADAPTER), faktor)
    save_file(gewichte, ziel / GEWICHTE, metadata={"format": "pt"})
