"""Beantwortet: Wie wird aus den Teilen einer GGUF-Datei von Gemma 3 ein Hugging-Face-Ordner?

`from_pretrained(…, gguf_file=…)` rechnet bei jedem Laden eine halbe Minute lang um. Hier geschieht
es einmal: Das Paket gguf liest die Datei und dequantisiert; gespeichert wird f16, gerechnet wie im
Original in bf16. Eine Eigenheit von Gemma in GGUF: Zu den Gewichten der RMSNorm ist 1 addiert.
"""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

from kurs.umwandler import Beschaedigt, schreibe_json
from kurs.wheels import pruefsumme

import numpy as np

STAND = 1
BEILAGEN = ("GEMMA_TERMS.html", "NOTICE.md")  # die Nutzungsbedingungen gehören zu den Gewichten
EINMAL = {
    "token_embd.weight": "model.embed_tokens.weight",
    "output_norm.weight": "model.norm.weight",
}
IN_JEDER_SCHICHT = {
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
    """„blk.3.attn_q.weight“ → „model.layers.3.self_attn.q_proj.weight“. Fehler: Beschaedigt."""
    if name in EINMAL:
        return EINMAL[name]
    treffer = re.fullmatch(r"blk\.(\d+)\.(\w+)\.weight", name)
    if not treffer or treffer[2] not in IN_JEDER_SCHICHT:
        raise Beschaedigt(f"unbekannter Tensor {name!r}")
    return f"model.layers.{treffer[1]}.{IN_JEDER_SCHICHT[treffer[2]]}.weight"


def fuege_zusammen(teile: list[Path], ziel: Path, soll: str) -> None:
    """Hängt die Teile aneinander. Fehler: Beschaedigt, wenn der SHA-256 nicht `soll` ist."""
    with open(ziel, "wb") as strom:
        for teil in teile:
            with open(teil, "rb") as quelle:
                shutil.copyfileobj(quelle, strom, 1 << 20)
    if pruefsumme(ziel) != soll:
        raise Beschaedigt("die zusammengesetzte GGUF-Datei hat nicht die angegebene Prüfsumme")


def lies_gewichte(leser) -> dict[str, np.ndarray]:
    """Alle Tensoren eines `gguf.GGUFReader` als f16 unter ihren Namen in Gemma3ForCausalLM."""
    from gguf import dequantize

    gewichte = {}
    for tensor in leser.tensors:
        werte = dequantize(tensor.data, tensor.tensor_type)
        if tensor.name.endswith("norm.weight"):
            werte = werte - 1
        gewichte[name_im_modell(tensor.name)] = werte.astype(np.float16)
    return gewichte


def _konfiguration(leser):
    """Die Maße aus der GGUF-Datei. Der Rest ist bei Gemma 3 fest und dort nicht vermerkt."""
    from transformers import Gemma3TextConfig

    feld = lambda name: leser.fields[name].contents()
    return Gemma3TextConfig(
        architectures=["Gemma3ForCausalLM"],
        dtype="bfloat16",  # wie das Original; in f16 laufen die Zwischenwerte über
        vocab_size=len(leser.fields["tokenizer.ggml.tokens"].data),
        hidden_size=feld("gemma3.embedding_length"),
        intermediate_size=feld("gemma3.feed_forward_length"),
        num_hidden_layers=feld("gemma3.block_count"),
        num_attention_heads=feld("gemma3.attention.head_count"),
        num_key_value_heads=feld("gemma3.attention.head_count_kv"),
        head_dim=feld("gemma3.attention.key_length"),
        query_pre_attn_scalar=feld("gemma3.attention.key_length"),
        sliding_window=feld("gemma3.attention.sliding_window"),
        max_position_embeddings=feld("gemma3.context_length"),
        rms_norm_eps=feld("gemma3.attention.layer_norm_rms_epsilon"),
        rope_parameters={
            "full_attention": {"rope_type": "default", "rope_theta": feld("gemma3.rope.freq_base")},
            "sliding_attention": {"rope_type": "default", "rope_theta": 10_000.0},
        },
        bos_token_id=feld("tokenizer.ggml.bos_token_id"),
        eos_token_id=feld("tokenizer.ggml.eos_token_id"),
        pad_token_id=feld("tokenizer.ggml.padding_token_id"),
    )


def wandle_um(dateien: list[Path], ziel: Path, melde: Callable[[str], None]) -> None:
    """Schreibt `ziel` für AutoModelForCausalLM und AutoTokenizer, mit den Nutzungsbedingungen."""
    teile = sorted((d for d in dateien if ".gguf.part" in d.name), key=lambda datei: datei.name)
    summen = [datei for datei in dateien if datei.name == "SHA256SUMS"]
    if not teile or not summen:
        raise Beschaedigt("es fehlen Teile der GGUF-Datei oder ihre Prüfsumme")
    melde("setze die Teile zusammen …")
    gguf_datei = teile[0].with_name("modell.gguf")
    fuege_zusammen(teile, gguf_datei, summen[0].read_text(encoding="utf-8").split()[0])
    for teil in teile:
        teil.unlink()

    melde("rechne die 4-Bit-Gewichte in 16 Bit um (etwa 10 s) …")
    konfiguration = _schreibe_gewichte(gguf_datei, ziel)
    melde("baue den Tokenizer mit 262.144 Wortstücken (etwa 15 s) …")
    _schreibe_tokenizer(gguf_datei, ziel, konfiguration)
    for datei in dateien:
        if datei.name in BEILAGEN:
            shutil.move(datei, ziel / datei.name)


def _schreibe_gewichte(gguf_datei: Path, ziel: Path):
    from gguf import GGUFReader
    from safetensors.numpy import save_file
    from transformers import GenerationConfig

    try:
        leser = GGUFReader(gguf_datei)
        konfiguration = _konfiguration(leser)
        gewichte = lies_gewichte(leser)
    except (ValueError, KeyError, IndexError, UnicodeDecodeError) as fehler:
        raise Beschaedigt(f"die GGUF-Datei ist nicht lesbar ({fehler})") from None
    erwartet = len(EINMAL) + konfiguration.num_hidden_layers * len(IN_JEDER_SCHICHT)
    if len(gewichte) != erwartet:
        raise Beschaedigt(f"die GGUF-Datei hat {len(gewichte)} Tensoren statt {erwartet}")
    save_file(gewichte, ziel / "model.safetensors", metadata={"format": "pt"})
    konfiguration.save_pretrained(ziel)
    GenerationConfig(
        bos_token_id=konfiguration.bos_token_id,
        eos_token_id=konfiguration.eos_token_id,
        pad_token_id=konfiguration.pad_token_id,
    ).save_pretrained(ziel)
    return konfiguration


def _schreibe_tokenizer(gguf_datei: Path, ziel: Path, konfiguration) -> None:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(gguf_datei.parent, gguf_file=gguf_datei.name)
    tokenizer.model_max_length = konfiguration.max_position_embeddings
    tokenizer.save_pretrained(ziel)
    datei = ziel / "tokenizer_config.json"
    angaben = json.loads(datei.read_text(encoding="utf-8"))
    for name in ("gguf_file", "name_or_path", "is_local"):
        angaben.pop(name, None)
    schreibe_json(datei, angaben)
