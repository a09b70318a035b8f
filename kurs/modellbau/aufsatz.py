"""Beantwortet: Wie wird aus einem Basismodell und einem Aufsatz ein vollständiges Modell?

Ein Aufsatz ist nur, was beim Training dazugekommen ist; die Gewichte der Basis liegen ihm nicht
bei. `aufsatz.safetensors` enthält, in Gleitkommazahlen halber Genauigkeit (f16):

    stuecke              i32 (n,): welche Wortstücke der Basis bleiben, aufsteigend; der Rest fällt weg
    <Gewicht>.a, .b      (r, ein) und (aus, r): Zum Gewicht der Basis kommt b · a hinzu (LoRA)
    alles andere         ersetzt das Gewicht dieses Namens oder ist neu (der Kopf)

In `aufsatz.json` steht unter `config`, was in der `config.json` anders ist als bei der Basis (dort
bestimmt `architectures` die Klasse). Beides schreibt `data/werkstatt/niedrigrang.py`.
"""

import copy
from collections.abc import Callable
from pathlib import Path

from kurs.modellbau import lies_json, pruefe_safetensors, schreibe_json

import numpy as np

STAND = 1
STUECKE = "stuecke"
WORTMATRIX = "bert.embeddings.word_embeddings.weight"
NUR_SATZVEKTOREN = "pooler."


def verkleinere_wortschatz(tokenizer: dict, stuecke: np.ndarray) -> dict:
    """Der Inhalt von `tokenizer.json` mit nur den genannten Wortstücken (alte Nummern), neu nummeriert."""
    neu = copy.deepcopy(tokenizer)
    nummer = {int(alt): i for i, alt in enumerate(stuecke)}
    neu["model"]["unk_id"] = nummer[neu["model"]["unk_id"]]
    for zeichen in neu["added_tokens"]:
        zeichen["id"] = nummer[zeichen["id"]]
    for zeichen in neu["post_processor"]["special_tokens"].values():
        zeichen["ids"] = [nummer[alt] for alt in zeichen["ids"]]
    neu["model"]["vocab"] = [neu["model"]["vocab"][alt] for alt in nummer]
    return neu


def aendere(gewichte: dict, ziel: str, lora: dict, a: str, b: str, faktor: float = 1.0) -> None:
    """Zum Gewicht `ziel` kommt faktor · B · A hinzu, als f16; `a` und `b` sind die Namen in `lora`."""
    aenderung = faktor * (lora[b].astype(np.float32) @ lora[a].astype(np.float32))
    gewichte[ziel] = (gewichte[ziel].astype(np.float32) + aenderung).astype(np.float16)


def verrechne(
    basis: dict[str, np.ndarray], aufsatz: dict[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """Gewichte der Basis (Namen wie in BertModel) + Aufsatz → Gewichte des fertigen Modells."""
    fertig = {f"bert.{name}": w for name, w in basis.items() if NUR_SATZVEKTOREN not in name}
    fertig[WORTMATRIX] = fertig[WORTMATRIX][aufsatz[STUECKE]]
    for name, werte in aufsatz.items():
        if name.endswith(".a"):
            ziel = name.removesuffix(".a")
            aendere(fertig, ziel, aufsatz, name, f"{ziel}.b")
        elif name != STUECKE and not name.endswith(".b"):
            fertig[name] = werte
    return fertig


def wandle_um(dateien: list[Path], ziel: Path, melde: Callable[[str], None]) -> None:
    """`dateien`: der Ordner der Basis und der des Aufsatzes."""
    from safetensors.numpy import load_file, save_file

    basis, aufsatz = dateien
    melde("rechne Basis und Aufsatz zusammen …")
    pruefe_safetensors(aufsatz / "aufsatz.safetensors")
    neu = load_file(aufsatz / "aufsatz.safetensors")
    angaben = lies_json(aufsatz / "aufsatz.json")
    tokenizer = verkleinere_wortschatz(lies_json(basis / "tokenizer.json"), neu[STUECKE])
    for teil in ("pre_tokenizer", "decoder"):  # nur am Anfang; sonst stünde in „<mask>.“ ein „▁.“
        tokenizer[teil]["prepend_scheme"] = "first"
    schreibe_json(ziel / "tokenizer.json", tokenizer, indent=None)
    gewichte = verrechne(load_file(basis / "model.safetensors"), neu)
    save_file(gewichte, ziel / "model.safetensors", metadata={"format": "pt"})

    namen = lies_json(basis / "tokenizer_config.json")
    schreibe_json(ziel / "tokenizer_config.json", namen)

    nummer = {zeichen["content"]: zeichen["id"] for zeichen in tokenizer["added_tokens"]}
    nummern = {f"{art}_token_id": nummer[namen[f"{art}_token"]] for art in ("bos", "eos", "pad")}
    konfiguration = lies_json(basis / "config.json") | nummern
    konfiguration |= {"vocab_size": len(neu[STUECKE])} | angaben["config"]
    schreibe_json(ziel / "config.json", konfiguration)
