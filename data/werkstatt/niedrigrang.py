"""Trainiert ein großes Modell, indem nur kleine Änderungen gelernt werden (LoRA), und sichert sie.

Jedes Gewicht W einer linearen Schicht bleibt fest; gelernt werden zwei schmale Matrizen A (r, ein)
und B (aus, r), und die Schicht rechnet mit W + B·A. B beginnt bei null, also ist das Modell anfangs
das alte. Ausgeliefert werden nur A, B, Biases, LayerNorms und der Kopf; die Basis holt sich jeder selbst
(`kurs.modellbau.aufsatz` rechnet beides zusammen).

Die unteren Schichten bleiben ganz, wie sie sind. Was sie aus einem Satz machen, ändert sich also
nie: `unten` rechnet es einmal aus, und jede Epoche kostet nur noch die oberen (`oben`).
Quelle: Hu et al. 2021, LoRA: Low-Rank Adaptation of Large Language Models.
"""

import copy
import json
import math
import os
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from kurs.modellbau import schreibe_json
from kurs.modellbau.aufsatz import ADAPTER, ANGABEN, STUECKE, VORSILBE, WORTMATRIX
from kurs.modelle import modell

import numpy as np
import torch
from safetensors.numpy import save_file
from tokenizers import Tokenizer
from torch import nn
from torch.nn import functional
from transformers import AutoModel, AutoTokenizer, BertConfig, PreTrainedTokenizerFast

# Bei so kleinen Matrizen stören sich zwei Fäden mehr, als sie helfen, sobald noch etwas anderes läuft.
torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))

BASIS = "intfloat/multilingual-e5-small"
VERSTAERKUNG = 2.0  # so viel schneller lernt die Änderung: lora_alpha / r
EINZELZEICHEN_BIS = (
    0x2500  # alle Einzelzeichen darunter bleiben im Wortschatz (Latein, Griechisch …)
)


class NiedrigrangLinear(nn.Module):
    """Eine lineare Schicht mit festem Gewicht und lernbarer Änderung vom Rang `rang`."""

    def __init__(self, schicht: nn.Linear, rang: int):
        super().__init__()
        self.weight, self.bias = schicht.weight, schicht.bias
        self.weight.requires_grad = False
        aus, ein = schicht.weight.shape
        self.a = nn.Parameter(torch.randn(rang, ein) / math.sqrt(ein))
        self.b = nn.Parameter(torch.zeros(aus, rang))

    def forward(self, x):
        aenderung = functional.linear(functional.linear(x, self.a), self.b)
        return functional.linear(x, self.weight, self.bias) + VERSTAERKUNG * aenderung


def waehle_stuecke(texte: Iterable[str], mindestens: int = 1) -> np.ndarray:
    """Nummern der Wortstücke der Basis, die in `texte` vorkommen, dazu Einzel- und Sonderzeichen."""
    tokenizer = Tokenizer.from_file(str(Path(modell(BASIS)) / "tokenizer.json"))
    inhalt = json.loads(tokenizer.to_str())
    zaehler = Counter()
    texte = list(texte)
    for i in range(0, len(texte), 10_000):
        for zeile in tokenizer.encode_batch_fast(texte[i : i + 10_000], add_special_tokens=False):
            zaehler.update(zeile.ids)
    behalten = {zeichen["id"] for zeichen in inhalt["added_tokens"]}
    behalten |= {nummer for nummer, zahl in zaehler.items() if zahl >= mindestens}
    for nummer, (stueck, _) in enumerate(inhalt["model"]["vocab"]):
        kern = stueck.removeprefix("▁")
        if len(kern) == 0 or (len(kern) == 1 and ord(kern) < EINZELZEICHEN_BIS):
            behalten.add(nummer)
    return np.array(sorted(behalten), np.int32)


def verkleinere_wortschatz(stuecke: np.ndarray) -> dict:
    """Der Inhalt von `tokenizer.json` der Basis mit nur diesen Wortstücken (alte Nummern), neu nummeriert."""
    neu = json.loads((Path(modell(BASIS)) / "tokenizer.json").read_text(encoding="utf-8"))
    nummer = {int(alt): i for i, alt in enumerate(stuecke)}
    neu["model"]["unk_id"] = nummer[neu["model"]["unk_id"]]
    for zeichen in neu["added_tokens"]:
        zeichen["id"] = nummer[zeichen["id"]]
    for zeichen in neu["post_processor"]["special_tokens"].values():
        zeichen["ids"] = [nummer[alt] for alt in zeichen["ids"]]
    neu["model"]["vocab"] = [neu["model"]["vocab"][alt] for alt in nummer]
    return neu


def lade_basis(klasse, stuecke: np.ndarray, rang: int, fest: int, seed: int, **angaben):
    """Die Basis mit kleinerem Wortschatz als `klasse`; über den `fest` untersten Schichten lernbar.

    Rückgabe: Modell und Tokenizer. Es lernen: Änderungen vom Rang `rang` an allen Matrizen, Biases
    und LayerNorms der oberen Schichten und der Kopf.
    """
    from safetensors.torch import load_file

    ordner = Path(modell(BASIS))
    torch.manual_seed(seed)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer.from_str(
            json.dumps(verkleinere_wortschatz(stuecke), ensure_ascii=False)
        ),
        bos_token="<s>", eos_token="</s>", cls_token="<s>", sep_token="</s>",
        pad_token="<pad>", unk_token="<unk>", mask_token="<mask>", model_max_length=512,
    )  # fmt: skip
    config = BertConfig.from_pretrained(
        ordner, vocab_size=len(stuecke), pad_token_id=tokenizer.pad_token_id, **angaben
    )
    model = klasse(config)
    gewichte = {
        f"bert.{name}": w.float() for name, w in load_file(ordner / "model.safetensors").items()
    }
    gewichte[WORTMATRIX] = gewichte[WORTMATRIX][torch.from_numpy(stuecke).long()]
    kopf = {name for name, _ in model.named_parameters() if not name.startswith("bert.")}
    fehlend, _ = model.load_state_dict(gewichte, strict=False)
    unerwartet_leer = [name for name in fehlend if name.startswith("bert.")]
    if unerwartet_leer:
        raise SystemExit(f"Die Basis hat kein Gewicht für {unerwartet_leer}.")
    for name, parameter in model.named_parameters():
        parameter.requires_grad = name in kopf
    for schicht in model.bert.encoder.layer[fest:]:
        for name, parameter in schicht.named_parameters():
            parameter.requires_grad = name.endswith("bias") or "LayerNorm" in name
        for ort, name in [
            (schicht.attention.self, "query"), (schicht.attention.self, "key"),
            (schicht.attention.self, "value"), (schicht.attention.output, "dense"),
            (schicht.intermediate, "dense"), (schicht.output, "dense"),
        ]:  # fmt: skip
            setattr(ort, name, NiedrigrangLinear(getattr(ort, name), rang))
    return model, tokenizer


@torch.no_grad()
def unten(model, fest: int, ids, maske):
    """Ausgabe der untersten `fest` Schichten (Sätze, Token, hidden), ohne Dropout."""
    model.eval()
    with torch.autocast("cpu", torch.bfloat16):
        x = model.bert.embeddings(ids)
        for schicht in model.bert.encoder.layer[:fest]:
            x = _nur_zustand(schicht(x, attention_mask=maske[:, None, None, :].bool()))
    return x.bfloat16()


def oben(model, fest: int, x, maske):
    """Ausgabe der obersten Schicht; `x` kommt aus `unten`."""
    for schicht in model.bert.encoder.layer[fest:]:
        x = _nur_zustand(schicht(x, attention_mask=maske[:, None, None, :].bool()))
    return x


def _nur_zustand(ausgabe):
    return ausgabe[0] if isinstance(ausgabe, tuple) else ausgabe


def sichere_aufsatz(model, stuecke: np.ndarray, ordner: Path, config: dict) -> None:
    """Schreibt, was `model` gelernt hat, als Aufsatz nach `ordner`: Gleitkommazahlen als f16.

    `config`: was in der `config.json` anders ist als bei der Basis, außer der Größe des Wortschatzes.
    """
    gewichte, rang = {}, 0
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            stamm, _, art = name.rpartition(".")
            if art in ("a", "b"):
                name = f"{stamm}.lora_{art.upper()}.weight"
                rang = min(parameter.shape)
            gewichte[f"{VORSILBE}{name}"] = parameter.detach().numpy().astype(np.float16)
    ordner.mkdir(parents=True, exist_ok=True)
    save_file({STUECKE: stuecke, **gewichte}, ordner / ADAPTER)
    (ordner / ADAPTER).chmod(0o644)  # safetensors schreibt 0600
    schreibe_json(ordner / ANGABEN, {"r": rang, "lora_alpha": VERSTAERKUNG * rang})
    schreibe_json(ordner / "config.json", {"vocab_size": len(stuecke)} | config)
    tokenizer = verkleinere_wortschatz(stuecke)
    for teil in ("pre_tokenizer", "decoder"):  # nur am Anfang; sonst stünde in „<mask>.“ ein „▁.“
        tokenizer[teil]["prepend_scheme"] = "first"
    schreibe_json(ordner / "tokenizer.json", tokenizer, indent=None)


def sichere_halb(model, ordner: Path) -> None:
    """Sichert ein ganzes Modell in f16; `config.json` sagt, dass es in f32 rechnet."""
    copy.deepcopy(model).half().save_pretrained(ordner)
    angaben = json.loads((ordner / "config.json").read_text(encoding="utf-8"))
    angaben["dtype"] = "float32"
    (ordner / "config.json").write_text(json.dumps(angaben, indent=2), encoding="utf-8")


def verdichtete_wortvektoren(texte: list[str], breite: int, streuung: float) -> torch.Tensor:
    """Anfangswerte für eigene Wortvektoren: die von e5 (MIT), auf ihre `breite` wichtigsten Achsen verdichtet.

    Jeder Text (ein Wortstück) bekommt das Mittel der e5-Stücke, in die er zerfällt. So weiß ein kleines
    Modell vom ersten Schritt an, dass „Löffel“ und „Gabel“ verwandt sind, auch wenn es sie selten liest.
    Rückgabe: (Texte, breite), Mittel 0, mittlere Streuung `streuung`.
    """
    ordner = modell(BASIS)
    e5_tokenizer = AutoTokenizer.from_pretrained(ordner)
    e5_vektoren = AutoModel.from_pretrained(ordner).get_input_embeddings().weight.detach().float()
    teile = e5_tokenizer(texte, add_special_tokens=False)["input_ids"]
    unbekannt = [e5_tokenizer.unk_token_id]
    vektoren = torch.stack([e5_vektoren[zeile or unbekannt].mean(0) for zeile in teile])
    vektoren -= vektoren.mean(0)
    achsen = torch.linalg.svd(vektoren, full_matrices=False).Vh[:breite]
    vektoren = vektoren @ achsen.T
    return vektoren * streuung / vektoren.std()
