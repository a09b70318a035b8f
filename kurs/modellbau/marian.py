"""Beantwortet: Wie wird aus dem einen Übersetzer des Kurses ein Modell für eine Richtung?

`data/modelle/uebersetzer` kann vier Richtungen. Welche gemeint ist, sagt das Token, mit dem der
Decoder beginnt. In `aufsatz.json` einer Richtung steht unter `sprachen`, von wo nach wo, etwa
["de", "en"]; heraus kommt ein gewöhnlicher Ordner für `MarianMTModel` und `MarianTokenizer`.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

from kurs.modellbau import lies_json, pruefe_safetensors, schreibe_json

STAND = 1
UNVERAENDERT = ("source.spm", "target.spm", "vocab.json")


def wandle_um(dateien: list[Path], ziel: Path, melde: Callable[[str], None]) -> None:
    """`dateien`: der Ordner des Übersetzers und der der Richtung."""
    from safetensors.numpy import load_file, save_file

    basis, richtung = dateien
    melde("stelle die Richtung ein …")
    von, nach = lies_json(richtung / "aufsatz.json")["sprachen"]
    vocab = lies_json(basis / "vocab.json")
    beginn = {"decoder_start_token_id": vocab[f"<{nach}>"]}
    for name in UNVERAENDERT:
        shutil.copyfile(basis / name, ziel / name)
    pruefe_safetensors(basis / "model.safetensors")
    save_file(load_file(basis / "model.safetensors"), ziel / "model.safetensors", {"format": "pt"})
    for name in ("config.json", "generation_config.json"):
        schreibe_json(ziel / name, lies_json(basis / name) | beginn)
    sprachen = {"source_lang": von, "target_lang": nach}
    schreibe_json(
        ziel / "tokenizer_config.json", lies_json(basis / "tokenizer_config.json") | sprachen
    )
