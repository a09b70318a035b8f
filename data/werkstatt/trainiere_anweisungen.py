"""Trainiert `data/modelle/gemma-anweisungen`: ein kleines Modell, das deutsche Anweisungen befolgt.

Aufruf     python trainiere_anweisungen.py [EPOCHEN]     (braucht `pip install peft`)
Basis      Gemma 3 mit 270 Millionen Gewichten, wie es `kurs.modelle` bereitlegt
Daten      die Lehrtexte in `anweisungen/`, für diesen Kurs geschrieben. Jeder 20. Eintrag bleibt
           zur Kontrolle draußen. Weder die Fragen aus data/texte/wissen noch die Bewertungen noch
           data/texte/zusammenfassungen.jsonl kommen vor; die misst `miss_anweisungen.py`.
Gelernt    LoRA, Rang 16 an allen linearen Schichten (3,8 Millionen Zahlen)
Dauer      etwa 35 min je Epoche auf einem CPU-Kern mit bf16

Viele Fragen zu einem Text kosten einzeln fast nur den Text. Darum liest das Modell ihn einmal: Die
Aufmerksamkeitsmaske lässt jeden Zweig den Anfang sehen, aber keinen anderen Zweig, und alle Zweige
tragen dieselben Positionen. Für das Modell ist das dasselbe wie einzelne Gespräche.
"""

import json
import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from kurs.kern.pfade import AUSGABE
from kurs.modelle import modell

import torch
from anweisungen import Baum, baeume, lies, zurueckgehalten
from gemeinsam import DATA
from peft import LoraConfig, get_peft_model
from safetensors.torch import load_file, save_file
from torch.nn.functional import cross_entropy
from transformers import AutoModelForCausalLM, AutoTokenizer, get_cosine_schedule_with_warmup

ZIEL = DATA / "modelle" / "gemma-anweisungen"
SEED = 42
EPOCHEN = 2
RANG = 16
LEARNING_RATE = 5e-4
JEDER = 20
TOKENS = 640  # so viele stehen höchstens in einem Schritt
# Gemmas eigene Zeichen <start_of_turn> und <end_of_turn> kennt nur die Fassung „it“: In der Basis sind ihre Vektoren
# ungelernt und von denen anderer seltener Zeichen nicht zu unterscheiden. Darum Wörter und <eos>.
VORLAGE = """{{ bos_token }}{% for message in messages %}\
{{ 'Antwort' if message['role'] == 'assistant' else 'Anweisung' }}:
{{ message['content'] | trim }}{{ eos_token if message['role'] == 'assistant' }}

{% endfor %}{% if add_generation_prompt %}Antwort:
{% endif %}"""


def kodiere(baum: Baum, tokenizer) -> tuple[list[int], list[tuple[list[int], int]]]:
    """Tokens des Anfangs; je Zweig seine Tokens und wie viele davon (am Ende) die Antwort sind."""
    ids = lambda text: tokenizer(text, add_special_tokens=False)["input_ids"]
    zweige = []
    for rest, antwort in baum.zweige:
        frage = ids(f"{rest}\n\nAntwort:\n")
        ziel = ids(f"{antwort}<eos>")
        zweige.append((frage + ziel, len(ziel)))
    return ids(f"<bos>Anweisung:\n{baum.anfang}"), zweige


def packe(baeume: list) -> dict[str, torch.Tensor]:
    """Kodierte Bäume hintereinander: ids und Positionen (1, n), Maske (1, 1, n, n); je Token der
    Antworten seine Stelle, sein Ziel und sein Gewicht (jede Antwort zählt gleich viel)."""
    ids, positionen, stellen, ziele, gewichte, gruppen = [], [], [], [], [], []
    for nummer, (anfang, zweige) in enumerate(baeume):
        ids += anfang
        positionen += range(len(anfang))
        gruppen += [(nummer, -1)] * len(anfang)
        for zweig, (tokens, n_antwort) in enumerate(zweige):
            ids += tokens
            positionen += range(len(anfang), len(anfang) + len(tokens))
            gruppen += [(nummer, zweig)] * len(tokens)
            stellen += range(len(ids) - n_antwort - 1, len(ids) - 1)
            ziele += tokens[-n_antwort:]
            gewichte += [1 / n_antwort] * n_antwort
    gruppen = torch.tensor(gruppen)
    gleicher_baum = gruppen[:, None, 0] == gruppen[None, :, 0]
    sichtbar = (gruppen[None, :, 1] == -1) | (gruppen[:, None, 1] == gruppen[None, :, 1])
    maske = (gleicher_baum & sichtbar).tril()[None, None]
    return {
        "ids": torch.tensor([ids]),
        "positionen": torch.tensor([positionen]),
        "maske": maske,
        "stellen": torch.tensor(stellen),
        "ziele": torch.tensor(ziele),
        "gewichte": torch.tensor(gewichte),
    }


def schritte(baeume: list) -> list[dict[str, torch.Tensor]]:
    """Füllt jeden Schritt mit Bäumen, bis `TOKENS` erreicht sind."""
    stapel, laenge, alle = [], 0, []
    for anfang, zweige in baeume:
        n = len(anfang) + sum(len(tokens) for tokens, _ in zweige)
        if stapel and laenge + n > TOKENS:
            alle.append(packe(stapel))
            stapel, laenge = [], 0
        stapel.append((anfang, zweige))
        laenge += n
    return [*alle, packe(stapel)]


def verlust(model, schritt: dict[str, torch.Tensor]) -> torch.Tensor:
    """Loss, gemittelt über die Antworten; in jeder über ihre Tokens."""
    maske = {"full_attention": schritt["maske"], "sliding_attention": schritt["maske"]}
    with torch.autocast("cpu", torch.bfloat16):
        logits = model(
            input_ids=schritt["ids"],
            position_ids=schritt["positionen"],
            attention_mask=maske,
            logits_to_keep=schritt["stellen"],
            use_cache=False,
        ).logits
    je_token = cross_entropy(logits[0].float(), schritt["ziele"], reduction="none")
    return (je_token * schritt["gewichte"]).sum() / schritt["gewichte"].sum()


def sichere(model, ordner: Path) -> None:
    """Schreibt den Adapter im Format von peft (f16) und die Gesprächsvorlage."""
    model.save_pretrained(ordner)
    datei = ordner / "adapter_model.safetensors"
    halb = {name: werte.half() for name, werte in load_file(datei).items()}
    save_file(halb, datei, metadata={"format": "pt"})
    datei.chmod(0o644)  # safetensors schreibt 0600
    angaben = json.loads((ordner / "adapter_config.json").read_text(encoding="utf-8"))
    angaben["base_model_name_or_path"] = "google/gemma-3-270m"  # statt des Ordners hier
    text = json.dumps(angaben, indent=2, ensure_ascii=False, sort_keys=True)
    (ordner / "adapter_config.json").write_text(text, encoding="utf-8")
    (ordner / "chat_template.jinja").write_text(VORLAGE, encoding="utf-8")


def main() -> None:
    epochen = int(sys.argv[1]) if len(sys.argv) > 1 else EPOCHEN
    torch.manual_seed(SEED)
    zufall = random.Random(SEED)
    training, kontrolle = zurueckgehalten(lies(), JEDER)
    ordner = modell("google/gemma-3-270m")
    tokenizer = AutoTokenizer.from_pretrained(ordner)
    model = AutoModelForCausalLM.from_pretrained(ordner, dtype=torch.bfloat16)
    lora = LoraConfig(
        r=RANG, lora_alpha=2 * RANG, target_modules="all-linear",
        task_type="CAUSAL_LM",
    )  # fmt: skip
    model = get_peft_model(model, lora)
    model.print_trainable_parameters()

    wald = lambda eintraege, zufall: [kodiere(b, tokenizer) for b in baeume(eintraege, zufall)]
    plan = [s for _ in range(epochen) for s in schritte(wald(training, zufall))]
    pruefung = schritte(wald(kontrolle, random.Random(SEED)))
    print(f"{len(training)} Einträge, {len(plan)} Schritte in {epochen} Epochen, zur Kontrolle "
          f"{len(kontrolle)}", flush=True)  # fmt: skip
    optimizer = torch.optim.AdamW(
        [p for p in model.parameters() if p.requires_grad], lr=LEARNING_RATE, weight_decay=0.0
    )
    scheduler = get_cosine_schedule_with_warmup(optimizer, len(plan) // 20, len(plan))
    beginn, mittel = time.monotonic(), None
    for nummer, schritt in enumerate(plan, start=1):
        loss = verlust(model, schritt)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        scheduler.step()
        optimizer.zero_grad()
        mittel = loss.item() if mittel is None else 0.95 * mittel + 0.05 * loss.item()
        if nummer % 20 == 0:
            minuten = (time.monotonic() - beginn) / 60
            print(
                f"Schritt {nummer}/{len(plan)}: Loss {mittel:.3f} nach {minuten:.1f} min",
                flush=True,
            )
        if nummer % 100 == 0 or nummer == len(plan):
            model.eval()
            with torch.no_grad():
                fehler = sum(verlust(model, s).item() for s in pruefung) / len(pruefung)
            model.train()
            print(f"  Kontrolle: Loss {fehler:.3f}", flush=True)
            sichere(model, AUSGABE / "gemma-anweisungen")
    sichere(model, ZIEL)


if __name__ == "__main__":
    main()
