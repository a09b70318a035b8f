"""Beantwortet: Wie wird aus einem Basismodell und einem Aufsatz ein vollständiges Modell?

Ein Aufsatz ist nur, was beim Training dazugekommen ist; die Gewichte der Basis liegen ihm nicht
bei. `aufsatz.safetensors` enthält, in Gleitkommazahlen halber Genauigkeit (f16):

    stuecke              i32 (n,): welche Wortstücke der Basis bleiben, aufsteigend; der Rest fällt weg
    <Gewicht>.a, .b      (r, ein) und (aus, r): Zum Gewicht der Basis kommt b · a hinzu (LoRA)
    alles andere         ersetzt das Gewicht dieses Namens oder ist neu (der Kopf)

In `aufsatz.json` steht unter `config`, was in der `config.json` anders ist als bei der Basis (dort
bestimmt `architectures` die Klasse). Beides schreibt `schreibe_aufsatz`, das die Trainingsskripte
in `data/werkstatt` benutzen.
"""

import copy
from collections.abc import Callable
from pathlib import Path

from kurs.modellbau import Beschaedigt, lies_json, pruefe_safetensors, schreibe_json

import numpy as np

STAND = 1
STUECKE = "stuecke"
WORTMATRIX = "bert.embeddings.word_embeddings.weight"
NUR_SATZVEKTOREN = "pooler."


def verkleinere_wortschatz(tokenizer: dict, stuecke: np.ndarray) -> dict:
    """Der Inhalt von `tokenizer.json` mit nur den genannten Wortstücken, neu durchnummeriert.

    `stuecke`: alte Nummern, aufsteigend. Fehler: Beschaedigt, wenn ein besonderes Zeichen fehlt
    oder es eine Nummer nicht gibt.
    """
    neu = copy.deepcopy(tokenizer)
    vokabular = neu["model"]["vocab"]
    if len(stuecke) == 0 or stuecke[-1] >= len(vokabular) or (np.diff(stuecke) <= 0).any():
        raise Beschaedigt("die Liste der Wortstücke passt nicht zum Tokenizer der Basis")
    nummer = {int(alt): i for i, alt in enumerate(stuecke)}
    try:
        neu["model"]["unk_id"] = nummer[neu["model"]["unk_id"]]
        for zeichen in neu["added_tokens"]:
            zeichen["id"] = nummer[zeichen["id"]]
        for zeichen in neu["post_processor"]["special_tokens"].values():
            zeichen["ids"] = [nummer[alt] for alt in zeichen["ids"]]
    except KeyError as fehlend:
        raise Beschaedigt(f"das besondere Zeichen {fehlend} fehlt unter den Wortstücken") from None
    neu["model"]["vocab"] = [vokabular[alt] for alt in stuecke]
    return neu


def aendere(gewichte: dict, ziel: str, lora: dict, a: str, b: str, faktor: float = 1.0) -> None:
    """Zum Gewicht `ziel` kommt faktor · B · A hinzu, als f16; `a` und `b` sind die Namen in `lora`.

    Fehler: Beschaedigt, wenn eines fehlt oder die Formen nicht passen.
    """
    try:
        aenderung = faktor * (lora[b].astype(np.float32) @ lora[a].astype(np.float32))
        gewichte[ziel] = (gewichte[ziel].astype(np.float32) + aenderung).astype(np.float16)
    except (KeyError, ValueError) as fehler:
        raise Beschaedigt(f"die Änderung von {ziel} passt nicht zur Basis ({fehler})") from None


def verrechne(
    basis: dict[str, np.ndarray], aufsatz: dict[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """Gewichte der Basis (Namen wie in BertModel) + Aufsatz → Gewichte des fertigen Modells.

    Fehler: Beschaedigt, wenn Formen nicht passen oder ein Gewicht fehlt.
    """
    fertig = {f"bert.{name}": w for name, w in basis.items() if NUR_SATZVEKTOREN not in name}
    fertig[WORTMATRIX] = fertig[WORTMATRIX][aufsatz[STUECKE]]
    for name, werte in aufsatz.items():
        if name == STUECKE or name.endswith(".b"):
            continue
        if not name.endswith(".a"):
            if name in fertig and fertig[name].shape != werte.shape:
                raise Beschaedigt(f"{name} hat die Form {werte.shape}, nicht {fertig[name].shape}")
            fertig[name] = werte
            continue
        ziel = name.removesuffix(".a")
        aendere(fertig, ziel, aufsatz, name, f"{ziel}.b")
    return fertig


def schreibe_aufsatz(ordner: Path, gewichte: dict[str, np.ndarray], angaben: dict) -> None:
    """Schreibt `aufsatz.safetensors` (Gleitkommazahlen als f16) und `aufsatz.json`."""
    from safetensors.numpy import save_file

    ordner.mkdir(parents=True, exist_ok=True)
    schlank = {
        name: werte.astype(np.int32 if name == STUECKE else np.float16)
        for name, werte in gewichte.items()
    }
    save_file(schlank, ordner / "aufsatz.safetensors")
    (ordner / "aufsatz.safetensors").chmod(0o644)  # safetensors schreibt 0600
    schreibe_json(ordner / "aufsatz.json", angaben)


def wandle_um(dateien: list[Path], ziel: Path, melde: Callable[[str], None]) -> None:
    """`dateien`: der Ordner der Basis und der des Aufsatzes. Fehler: Beschaedigt."""
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
