"""Misst, was das Anweisungsmodell kann, an Texten, die vor dem Training fertig waren.

Aufruf     python miss_anweisungen.py [MODELL]      (Vorgabe: kurs/gemma-anweisungen)
Fragen     data/texte/wissen: mit dem richtigen Absatz im Prompt; bei den unbeantwortbaren mit dem
           ähnlichsten Absatz, den die Suche findet
Stimmung   alle positiven und negativen Bewertungen aus dem Testteil von data/texte/bewertungen.csv
Sätze      data/texte/zusammenfassungen.jsonl: ROUGE-L gegen die Mustersätze, daneben der erste Satz
"""

import csv
import json
import re
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from kurs import texte
from kurs.modelle import modell

import numpy as np
import torch
from anweisungen import NICHT_IM_TEXT
from gemeinsam import DATA
from rouge_score.rouge_scorer import RougeScorer
from sentence_transformers import SentenceTransformer
from sklearn.metrics import f1_score
from transformers import AutoModelForCausalLM, AutoTokenizer

FRAGE = "Beantworte die Frage mit dem Text.\n\nText: {text}\n\nFrage: {frage}"
STIMMUNG = "Ist diese Bewertung positiv oder negativ?\n\n{text}"
SATZ = "{text}\n\nFasse den Text in einem Satz zusammen."


def stimmt(antwort: str, muster: str) -> bool:
    """Grob: Mindestens die Hälfte der Zahlen und längeren Wörter des Musters kommt vor."""
    wanted, given = (
        {wort[:6] for wort in re.findall(r"\d+|\w{4,}", text.lower())} for text in (muster, antwort)
    )
    return len(wanted & given) >= max(1, len(wanted) / 2)


class Deutsch:
    """Zerlegt in Wörter; rouge-score selbst hält Umlaute für Lücken."""

    def tokenize(self, text: str) -> list[str]:
        return re.findall(r"\w+", text.lower())


class Modell:
    """Fragt das Modell wie die Demos: Gesprächsvorlage, generate, decode, ohne Zufall."""

    def __init__(self, name: str):
        ordner = name if Path(name).is_dir() else modell(name)
        self.tokenizer = AutoTokenizer.from_pretrained(ordner, padding_side="left")
        self.model = AutoModelForCausalLM.from_pretrained(ordner, dtype=torch.float32)
        self.sekunden = 0.0

    def frage(self, anweisungen: list[str], max_new_tokens: int = 50, batch: int = 8) -> list[str]:
        antworten, beginn = [], time.perf_counter()
        for i in range(0, len(anweisungen), batch):
            gespraeche = [[{"role": "user", "content": a}] for a in anweisungen[i : i + batch]]
            eingabe = self.tokenizer.apply_chat_template(
                gespraeche, add_generation_prompt=True, padding=True,
                return_tensors="pt", return_dict=True,
            )  # fmt: skip
            ausgabe = self.model.generate(**eingabe, max_new_tokens=max_new_tokens, do_sample=False)
            neu = ausgabe[:, eingabe["input_ids"].shape[1] :]
            antworten += [
                a.strip() for a in self.tokenizer.batch_decode(neu, skip_special_tokens=True)
            ]
        self.sekunden = (time.perf_counter() - beginn) / len(anweisungen)
        return antworten


def miss_fragen(m: Modell) -> dict[str, float]:
    absaetze, fragen = texte.wissen()
    inhalt = {a["id"]: f"{a['titel']}: {a['text']}" for a in absaetze}
    gut = [f for f in fragen if f["absatz"]]
    offen = [f["frage"] for f in fragen if not f["absatz"]]
    antworten = m.frage([FRAGE.format(text=inhalt[f["absatz"]], frage=f["frage"]) for f in gut])
    richtig = [stimmt(a, f["antwort"]) for a, f in zip(antworten, gut)]
    for f, antwort, ok in zip(gut, antworten, richtig):
        print(f"{'✔' if ok else '–'} {f['frage']}\n    {f['antwort']} | {antwort}")
    encoder = SentenceTransformer(modell("intfloat/multilingual-e5-small"), device="cpu")
    stellen = list(inhalt.values())
    vektoren = encoder.encode(stellen, prompt="passage: ", normalize_embeddings=True)
    suche = encoder.encode(offen, prompt="query: ", normalize_embeddings=True)
    naechste = [stellen[i] for i in (suche @ vektoren.T).argmax(axis=1)]
    ablehnungen = m.frage([FRAGE.format(text=t, frage=f) for t, f in zip(naechste, offen)])
    for frage, antwort in zip(offen, ablehnungen):
        print(f"offen: {frage}\n    {antwort}")
    falsch_abgelehnt = np.mean([a.startswith(NICHT_IM_TEXT[:-1]) for a in antworten])
    abgelehnt = np.mean([a.startswith(NICHT_IM_TEXT[:-1]) for a in ablehnungen])
    return {"richtig": np.mean(richtig), "abgelehnt": abgelehnt, "zu unrecht": falsch_abgelehnt}


def miss_stimmung(m: Modell) -> dict[str, float]:
    with open(DATA / "texte" / "bewertungen.csv", encoding="utf-8", newline="") as datei:
        zeilen = [z for z in csv.DictReader(datei) if z["split"] == "test"]
    zeilen = [z for z in zeilen if z["label"] in ("positiv", "negativ")]
    antworten = m.frage([STIMMUNG.format(text=z["text"]) for z in zeilen], max_new_tokens=4)
    gesagt = [a.lower().strip(" .") for a in antworten]
    y = [z["label"] for z in zeilen]
    f1 = f1_score(y, gesagt, labels=["positiv", "negativ"], average="macro")
    andere = np.mean([wort not in ("positiv", "negativ") for wort in gesagt])
    return {"macro-F1": f1, "anderes Wort": andere, "Texte": len(y)}


def miss_saetze(m: Modell) -> dict[str, float]:
    datei = DATA / "texte" / "zusammenfassungen.jsonl"
    texte = [json.loads(zeile) for zeile in datei.read_text(encoding="utf-8").splitlines()]
    saetze = m.frage([SATZ.format(text=t["text"]) for t in texte], max_new_tokens=70)
    scorer = RougeScorer(["rougeL"], tokenizer=Deutsch())
    erste = [re.split(r"(?<=[.!?]) (?=[A-ZÄÖÜ„])", t["text"])[0] for t in texte]
    rouge = lambda kandidaten: np.mean(
        [
            scorer.score(t["zusammenfassung"], k)["rougeL"].fmeasure
            for t, k in zip(texte, kandidaten)
        ]
    )
    for t, satz in zip(texte, saetze):
        print(f"{t['titel']}\n    {t['zusammenfassung']}\n    {satz}")
    return {"ROUGE-L": rouge(saetze), "ROUGE-L erster Satz": rouge(erste)}


def main() -> None:
    m = Modell(sys.argv[1] if len(sys.argv) > 1 else "kurs/gemma-anweisungen")
    for name, messung in (
        ("Fragen", miss_fragen), ("Stimmung", miss_stimmung), ("Sätze", miss_saetze)
    ):  # fmt: skip
        werte = messung(m)
        print(f"{name}: " + ", ".join(f"{k} {v:.3g}" for k, v in werte.items()), flush=True)
        print(f"{name}: {m.sekunden:.2f} s je Antwort", flush=True)


if __name__ == "__main__":
    main()
