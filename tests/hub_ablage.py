"""Baut die Ablage für `hub.Hub`: Repositorys von der Form der Originale, mit winzigen Schichten.

Wortschätze kommen aus data/modelle, Gewichte vom Zufall: Über Güte sagen diese Modelle nichts.
"""

import csv
import json
import random
import shutil
from pathlib import Path

import torch
from datasets import ClassLabel, Dataset, Features, Value
from tokenizers import ByteLevelBPETokenizer, SentencePieceUnigramTokenizer, processors
from transformers import (
    BertConfig,
    BertForMaskedLM,
    BertForTokenClassification,
    BertModel,
    ElectraForMaskedLM,
    ElectraForPreTraining,
    GPT2Config,
    GPT2LMHeadModel,
    MarianConfig,
    MarianMTModel,
    ModernBertConfig,
    ModernBertForMaskedLM,
)

DATA = Path(__file__).resolve().parent.parent / "data"
KLEIN = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
DEUTSCH = {"sprache": "de", "lizenz": "mit", "titel": "German BERT"}
ENGLISCH = {"sprache": "en", "lizenz": "apache-2.0", "titel": "BERT base model (uncased)"}
KARTE = """---
language: {sprache}
license: {lizenz}
---

# {titel}

## Intended uses & limitations

You can use the raw model with a pipeline for masked language modeling.
"""
LADESKRIPT = "import datasets\n\n\nclass G(datasets.GeneratorBasedBuilder):\n    pass\n"
MARKEN = ["O", *(f"{bi}-{art}" for art in ("DATE", "PER", "ORG", "LOC") for bi in "BI")]
UMZUG = {
    "bert-base-german-cased": "google-bert/bert-base-german-cased",
    "bert-base-uncased": "google-bert/bert-base-uncased",
    "rotten_tomatoes": "cornell-movie-review-data/rotten_tomatoes",
    "germeval_14": "GermanEval/germeval_14",
}
GESPERRT = {"google/gemma-3-270m", "google/gemma-3-270m-it"}


def schreibe(datei: Path, inhalt) -> None:
    datei.parent.mkdir(parents=True, exist_ok=True)
    text = inhalt if isinstance(inhalt, str) else json.dumps(inhalt, ensure_ascii=False)
    datei.write_text(text, encoding="utf-8")


def wordpiece(ort: Path, klein: bool) -> int:
    """Der Tokenizer von bert-klein-deutsch, in den Dateien eines alten BERT. Rückgabe: Einträge."""
    inhalt = json.loads((DATA / "modelle/bert-klein-deutsch/tokenizer.json").read_text("utf-8"))
    inhalt["normalizer"] = {"type": "BertNormalizer", "lowercase": klein, "clean_text": True}
    inhalt["normalizer"] |= {"handle_chinese_chars": True, "strip_accents": None}
    vocab = sorted(inhalt["model"]["vocab"], key=inhalt["model"]["vocab"].get)
    if klein:  # dann gibt es auch keine großgeschriebenen Stücke
        vocab = list(dict.fromkeys(w if w.startswith("[") else w.lower() for w in vocab))
        inhalt["model"]["vocab"] = {wort: nummer for nummer, wort in enumerate(vocab)}
    schreibe(ort / "tokenizer.json", inhalt)
    schreibe(ort / "vocab.txt", "\n".join(vocab) + "\n")
    schreibe(ort / "tokenizer_config.json", {"do_lower_case": klein, "model_max_length": 512})
    return len(vocab)


def bert(ort, klasse=BertForMaskedLM, klein=False, karte=DEUTSCH, **mehr):
    groesse = {**KLEIN, "vocab_size": wordpiece(ort, klein), "intermediate_size": 64}
    klasse(klasse.config_class(pad_token_id=0, **groesse, **mehr)).save_pretrained(ort)
    schreibe(ort / "README.md", KARTE.format(**karte))
    schreibe(ort / "tf_model.h5", "davon liest niemand etwas")
    schreibe(ort / "onnx/model.onnx", "hiervon auch nicht")


def bpe(ort: Path, texte: list[str], besondere: list[str], namen: dict[str, str]):
    """BPE auf Bytes; `namen` der besonderen Zeichen stehen in tokenizer_config.json."""
    tokenizer = ByteLevelBPETokenizer()
    tokenizer.train_from_iterator(texte, vocab_size=8_000, show_progress=False)
    tokenizer.add_special_tokens(besondere)
    schreibe(ort / "tokenizer_config.json", namen | {"model_max_length": 1024})
    schreibe(ort / "tokenizer.json", tokenizer.to_str())
    return tokenizer


def gpt2(ort: Path, texte: list[str]) -> None:
    """Ohne Zeichen zum Auffüllen."""
    ende = bpe(ort, texte, ["<|endoftext|>"], {}).token_to_id("<|endoftext|>")
    groesse = {"n_layer": 2, "n_embd": 32, "n_head": 2, "vocab_size": ende + 1}
    config = GPT2Config(**groesse, bos_token_id=ende, eos_token_id=ende)
    GPT2LMHeadModel(config).save_pretrained(ort)


def modernbert(ort: Path, texte: list[str]) -> None:
    """Ein BERT mit BPE, dessen Schichten nicht `encoder.layer` heißen."""
    zeichen = {art: f"[{art.upper()}]" for art in ("pad", "unk", "cls", "sep", "mask")}
    namen = {f"{art}_token": wert for art, wert in zeichen.items()}
    tokenizer = bpe(ort, texte, list(zeichen.values()), namen)
    cls, sep = ((wort, tokenizer.token_to_id(wort)) for wort in ("[CLS]", "[SEP]"))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B [SEP]", special_tokens=[cls, sep]
    )
    schreibe(ort / "tokenizer.json", tokenizer.to_str())
    nummern = {
        f"{art}_token_id": tokenizer.token_to_id(zeichen[art]) for art in ("pad", "cls", "sep")
    }
    nummern |= {"bos_token_id": cls[1], "eos_token_id": sep[1]}
    groesse = {**KLEIN, "vocab_size": tokenizer.get_vocab_size(), "intermediate_size": 64}
    ModernBertForMaskedLM(ModernBertConfig(**groesse, **nummern)).save_pretrained(ort)


def opus(ort: Path, von: str, nach: str) -> None:
    """Wie viele opus-mt: Wortstücke als spm, Gewichte nur als pytorch_model.bin."""
    quelle = DATA / "modelle" / "uebersetzer"
    vocab = json.loads((quelle / "vocab.json").read_text(encoding="utf-8"))
    ort.mkdir(parents=True)
    for name in ("source.spm", "target.spm", "vocab.json"):
        shutil.copy(quelle / name, ort / name)
    schreibe(ort / "tokenizer_config.json", {"source_lang": von, "target_lang": nach})
    ende = len(vocab) - 1
    schichten = {
        f"{teil}_{was}": wert
        for teil in ("encoder", "decoder")
        for was, wert in (("layers", 1), ("ffn_dim", 64), ("attention_heads", 2))
    }
    zeichen = {"pad_token_id": ende, "eos_token_id": 0, "decoder_start_token_id": ende}
    erzeugen = {"num_beams": 6, "max_length": 512, "bad_words_ids": [[ende]]}
    groesse = {"vocab_size": len(vocab), "d_model": 32, "max_position_embeddings": 512}
    config = MarianConfig(**groesse, **schichten, **zeichen, **erzeugen)
    model = MarianMTModel(config)
    torch.save(model.state_dict(), ort / "pytorch_model.bin")
    model.config.save_pretrained(ort)
    model.generation_config.save_pretrained(ort)


def e5(ort: Path, texte: list[str]) -> None:
    """Unigram mit „▁“ wie XLM-RoBERTa, dazu die drei Module für Satzvektoren."""
    tokenizer = SentencePieceUnigramTokenizer()
    besondere = {"special_tokens": ["<s>", "<pad>", "</s>", "<unk>"], "unk_token": "<unk>"}
    tokenizer.train_from_iterator(texte, vocab_size=1500, show_progress=False, **besondere)
    tokenizer.add_special_tokens(["<mask>"])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", 0), ("</s>", 2)],
    )
    schreibe(ort / "tokenizer.json", tokenizer.to_str())
    zeichen = {"bos": "<s>", "eos": "</s>", "cls": "<s>", "sep": "</s>"}
    zeichen |= {"pad": "<pad>", "unk": "<unk>", "mask": "<mask>"}
    namen = {f"{art}_token": wert for art, wert in zeichen.items()}
    schreibe(ort / "tokenizer_config.json", namen | {"model_max_length": 512})
    groesse = {"hidden_size": 384, "num_attention_heads": 12, "num_hidden_layers": 4}
    groesse |= {"intermediate_size": 64, "vocab_size": tokenizer.get_vocab_size()}
    BertModel(BertConfig(pad_token_id=1, **groesse)).save_pretrained(ort)
    arten = {"": "Transformer", "1_Pooling": "Pooling", "2_Normalize": "Normalize"}
    module = [
        {"idx": i, "name": str(i), "path": pfad, "type": f"sentence_transformers.models.{art}"}
        for i, (pfad, art) in enumerate(arten.items())
    ]
    schreibe(ort / "modules.json", module)
    schreibe(ort / "sentence_bert_config.json", {"max_seq_length": 512, "do_lower_case": False})
    pooling = {"word_embedding_dimension": 384, "pooling_mode_mean_tokens": True}
    schreibe(ort / "1_Pooling/config.json", pooling)


def germeval(ort: Path) -> None:
    """Auf main nur ein Ladeskript; in refs/convert/parquet sind die Marken bloße Zahlen."""
    schreibe(ort / "germeval_14.py", LADESKRIPT)
    ohne = ort.with_name("germeval_14@refs%2Fconvert%2Fparquet") / "germeval_14"
    satz = {"tokens": ["Anna", "lebt", "in", "Köln", "."], "ner_tags": [19, 0, 0, 1, 0]}
    satz |= {"source": "n", "nested_ner_tags": [0] * 5}
    for teil, anzahl in {"train": 900, "validation": 300, "test": 600}.items():
        (ohne / teil).mkdir(parents=True)
        zeilen = [{"id": str(i), **satz} for i in range(anzahl)]
        Dataset.from_list(zeilen).to_parquet(str(ohne / teil / "0000.parquet"))


def german_sentiment(ort: Path, texte: list[str]) -> None:
    """csv je Teil, 86 % negativ, eine Spalte mit Zahlen, in der ersten Zeile kein Text."""
    ort.mkdir(parents=True)
    zufall = random.Random(0)
    for datei, anzahl in {"train": 2_000, "dev": 772, "test": 1_490}.items():
        with open(ort / f"{datei}.csv", "w", encoding="utf-8", newline="") as strom:
            schreiber = csv.writer(strom, lineterminator="\n")
            schreiber.writerow(["label", "text"])
            for nummer in range(anzahl):
                text = zufall.choice(texte) if nummer else ""
                schreiber.writerow([int(zufall.random() > 0.86), text])


def rotten_tomatoes(ort: Path) -> None:
    ort.mkdir(parents=True)
    features = Features({"text": Value("string"), "label": ClassLabel(names=["neg", "pos"])})
    for teil, anzahl in {"train": 8_530, "validation": 1_066, "test": 1_066}.items():
        worte = ["a dull film", "a good film"]
        zeilen = [{"text": f"{worte[i % 2]} {teil} {i}", "label": i % 2} for i in range(anzahl)]
        Dataset.from_list(zeilen, features=features).to_parquet(str(ort / f"{teil}.parquet"))


def baue(ordner: Path) -> Path:
    """Die ganze Ablage, in wenigen Sekunden. Rückgabe: der Ordner für `Hub`."""
    torch.manual_seed(0)
    welt = (DATA / "texte" / "welt.txt").read_text(encoding="utf-8").split("\n")
    welt = [satz for satz in welt if satz]
    bewertungen = (DATA / "texte" / "bewertungen.csv").read_text(encoding="utf-8").split("\n")
    m, d = ordner / "models", ordner / "datasets"
    bert(m / "google-bert/bert-base-german-cased")
    bert(m / "google-bert/bert-base-uncased", klein=True, karte=ENGLISCH)
    bert(m / "deepset/gbert-base")
    marken = {"id2label": dict(enumerate(MARKEN)), "label2id": {n: i for i, n in enumerate(MARKEN)}}
    bert(m / "Davlan/bert-base-multilingual-cased-ner-hrl", BertForTokenClassification, **marken)
    gpt2(m / "dbmdz/german-gpt2", welt)
    modernbert(m / "LSX-UniWue/ModernGBERT_134M", welt + bewertungen)
    bert(m / "deepset/gelectra-base", ElectraForPreTraining)
    bert(m / "deepset/gelectra-base-generator", ElectraForMaskedLM)
    for richtung in ("de-en", "en-de", "de-fr", "fr-de"):
        opus(m / f"Helsinki-NLP/opus-mt-{richtung}", *richtung.split("-"))
    e5(m / "intfloat/multilingual-e5-small", welt)
    for name in GESPERRT:
        schreibe(m / name / "config.json", {"model_type": "gemma3_text"})
    german_sentiment(d / "sepidmnorozy/German_sentiment", welt)
    rotten_tomatoes(d / "cornell-movie-review-data/rotten_tomatoes")
    germeval(d / "GermanEval/germeval_14")
    return ordner
