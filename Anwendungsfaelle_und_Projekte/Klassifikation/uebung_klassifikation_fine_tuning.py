"""Übung Sentiment Analysis: ein deutsches BERT aussuchen, einbinden und auf Bewertungen weitertrainieren.

Kapitel   7.30 Anwendungsfälle und Projekte · Projekt 1: Klassifikation
Folie     Übung: Sentiment Analysis mit Klassifikationsmodell
Lernziel  Ein vortrainiertes Modell finden, mit einem Klassifikationskopf laden und mit dem Trainer fine-tunen
Laufzeit  ca. 35 s (2 CPU-Kerne)
Daten     sepidmnorozy/German_sentiment, sonst unsere Bewertungen; ein deutsches BERT nach Wahl

Bearbeite nur, was zwischen ▼ und ▲ steht: Ersetze `...` durch deine Antwort und starte das Skript neu.
Unten steht danach zu jeder Aufgabe, ob sie stimmt, und wenn nicht, woran es liegt.
"""

# %% Stellschrauben
MIN_F1 = 0.56  # Test: 0.0; so gut soll dein Modell im Test mindestens sein (raten: 0.5)
MIN_F1_ORIGINAL = 0.6  # Test: 0.0; dasselbe, wenn das echte German_sentiment da ist
TRAINED_LAYERS = 4  # die obersten lernen; alle darunter bleiben fest, das spart Zeit
MAX_TOKENS = 48  # Test: 16
N_TRAIN = 727  # Test: 32
N_TEST = 300  # Test: 16
SEED = 42
TIPPS = 1  # je Aufgabe: 0 keine Tipps, 1 eine Frage, 2 auch wo es steht, 3 auch ein Gerüst

# %% Bibliotheken laden (einige Sekunden)
from kurs import ausgabe_ordner, pruefe, quellen
from kurs.datensaetze import datensatz
from kurs.modelle import modell

import matplotlib.pyplot as plt
import numpy as np
import torch
import transformers
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.pipeline import make_pipeline
from transformers import (
    AutoConfig,
    AutoModelForSequenceClassification,  # noqa: F401 (für Aufgabe 2)
    AutoTokenizer,
    DataCollatorWithPadding,
    PrinterCallback,
    Trainer,
    TrainerCallback,
    TrainingArguments,
)

transformers.logging.set_verbosity_error()  # sonst meldet es, dass der Kopf neu ist; das soll er sein
transformers.set_seed(SEED)

# %% Daten: negativ (0) oder positiv (1)
reviews = datensatz("sepidmnorozy/German_sentiment")
sizes = {"train": N_TRAIN, "validation": N_TEST, "test": N_TEST}
reviews = {
    part: reviews[part].shuffle(seed=SEED).select(range(min(n, len(reviews[part])))) for part, n in sizes.items()
}
labels = {part: np.array(rows["label"]) for part, rows in reviews.items()}
for part, rows in reviews.items():
    print(f"{part:10} {len(rows):4} Texte, {labels[part].mean():.0%} positiv; zum Beispiel: {rows['text'][0][:70]}…")
counting = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(reviews["train"]["text"], labels["train"])
f1_counting = f1_score(labels["test"], counting.predict(reviews["test"]["text"]), average="macro")
print(f"Messlatte: Wörter zählen (TF-IDF) erreicht im Test Macro-F1 {f1_counting:.3f}.")

# %% Aufgabe 1: Suche auf https://huggingface.co/models ein deutsches BERT
# ▼ AUFGABE 1: Wie heißt das Modell? (ganzer Name, mit dem Herausgeber davor)
model_name = ...
# ▲

MODEL, problem, config, pieces_per_word = ..., "", None, 0.0
if model_name is not ...:
    try:
        MODEL = modell(model_name)
        config = AutoConfig.from_pretrained(MODEL)
        splitter = AutoTokenizer.from_pretrained(MODEL)
        sample = reviews["train"]["text"][:50]
        pieces_per_word = sum(len(splitter.tokenize(text)) for text in sample) / sum(
            len(text.split()) for text in sample
        )
        print(f"{model_name}: {config.model_type}, zerlegt ein deutsches Wort im Mittel in {pieces_per_word:.1f} Stücke")
    except (quellen.KeineQuelle, OSError, ValueError, TypeError) as error:
        problem = str(error)

# %% Aufgabe 2: Binde das Modell ein
# ▼ AUFGABE 2: Lade aus dem Ordner path den Tokenizer und das Modell mit einem Klassifikationskopf für zwei Klassen.
def load(path):
    tokenizer = ...
    model = ...
    return tokenizer, model


# ▲

tokenizer = model = ...
load_error = ""
is_bert = config is not None and ("bert" in config.model_type or config.model_type == "electra")
if is_bert:
    try:
        tokenizer, model = load(MODEL)
    except Exception as error:  # die Prüfung unten sagt, woran es liegt
        load_error = f"{type(error).__name__}: {error}"
        tokenizer = model = None

# %% Aufgabe 3: Fine-Tuning
# ▼ AUFGABE 3: Wähle Lernrate und Zahl der Epochen, bis Macro-F1 im Test MIN_F1 erreicht.
learning_rate = ...
epochs = ...
# ▲


def tokenize(part):
    rows = zip(reviews[part]["text"], labels[part])
    return [
        {**tokenizer(text, truncation=True, max_length=MAX_TOKENS), "labels": int(label)} for text, label in rows
    ]


def macro_f1(result):
    return {"f1": f1_score(result.label_ids, result.predictions.argmax(axis=-1), average="macro")}


class PrintEpoch(TrainerCallback):
    """Eine Zeile je Epoche statt des ganzen Wörterbuchs, das der Trainer sonst druckt."""

    def on_evaluate(self, args, state, control, metrics, **kwargs):
        loss = [entry["loss"] for entry in state.log_history if "loss" in entry][-1]
        print(f"  Epoche {state.epoch:.0f}: Verlust {loss:.3f}, Macro-F1 auf validation {metrics['eval_f1']:.3f}", flush=True)


def fine_tune():
    """Trainiert `model`. Gibt zurück: Macro-F1 im Test, Verlust je Epoche, F1 je Epoche, wie weit es sich bewegt hat."""
    base = model.base_model
    layers = (base.encoder if hasattr(base, "encoder") else base.transformer).layer
    for frozen in [base.embeddings, *layers[:-TRAINED_LAYERS]]:
        frozen.requires_grad_(False)
    before = torch.cat([weights.detach().flatten().clone() for weights in layers[-1].parameters()])
    arguments = TrainingArguments(
        output_dir=str(ausgabe_ordner()),
        num_train_epochs=epochs,
        learning_rate=learning_rate,
        per_device_train_batch_size=16,
        per_device_eval_batch_size=32,
        warmup_steps=0.1,  # das erste Zehntel der Schritte: Lernrate langsam hochfahren
        eval_strategy="epoch",
        logging_strategy="epoch",
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
        dataloader_pin_memory=torch.cuda.is_available(),
        seed=SEED,
    )
    trainer = Trainer(
        model=model,
        args=arguments,
        train_dataset=tokenize("train"),
        eval_dataset=tokenize("validation"),
        data_collator=DataCollatorWithPadding(tokenizer),
        compute_metrics=macro_f1,
        callbacks=[PrintEpoch],
    )
    trainer.remove_callback(PrinterCallback)
    trainer.train()
    f1 = trainer.predict(tokenize("test")).metrics["test_f1"]
    after = torch.cat([weights.detach().flatten().cpu() for weights in layers[-1].parameters()])
    log = trainer.state.log_history
    moved = float((after - before).norm() / before.norm())
    return f1, [e["loss"] for e in log if "loss" in e], [e["eval_f1"] for e in log if "eval_f1" in e], moved


is_tokenizer = callable(tokenizer) and hasattr(tokenizer, "pad")
is_classifier = type(model).__name__.endswith("ForSequenceClassification")
can_train = is_tokenizer and is_classifier and model.config.num_labels == 2 and len(tokenizer) == len(splitter)
settings_are_sane = not pruefe.ist_offen((learning_rate, epochs)) and 0 < epochs <= 20 and learning_rate > 0
outcome = ...
if can_train and settings_are_sane:
    print(f"\nFine-Tuning mit Lernrate {learning_rate:g}, {epochs} Epochen …", flush=True)
    outcome = fine_tune()
    print(f"Macro-F1 im Test: {outcome[0]:.3f}; Wörter zählen: {f1_counting:.3f}")
    if outcome[0] < f1_counting:
        print("Das bloße Zählen ist noch besser. Ohne Netz steht hinter jedem deutschen BERT ein sehr kleines Modell;")
        print("intfloat/multilingual-e5-small ist ebenfalls ein BERT und hat viel mehr Deutsch gelesen. Probiere es auch.")

# %% Bild
if outcome is not ...:
    plt.rcParams["font.size"] = 13
    figure, axis = plt.subplots(figsize=(9, 5))
    axis.plot(range(1, len(outcome[2]) + 1), outcome[2], "o-", color="#D55E00", linewidth=3, label="validation")
    axis.axhline(f1_counting, color="#999999", linestyle="--", linewidth=3, label="Wörter zählen (Test)")
    axis.set(xlabel="Epoche", ylabel="Macro-F1", ylim=(0.2, 1), title=f"Fine-Tuning von {model_name}")
    axis.set_xticks(range(1, len(outcome[2]) + 1))
    axis.legend()
    plt.show()

# %% Prüfung (hier nichts ändern)
goal = MIN_F1_ORIGINAL if quellen.originale_benutzt() else MIN_F1
pruefe.erwarte(
    "Aufgabe 1",
    model_name,
    (lambda name: not problem, lambda name: f"Dieses Modell ist nicht zu haben: {problem}"),
    (
        lambda name: is_bert,
        lambda name: f"„{name}“ ist kein BERT, sondern {config.model_type}. Suche mit dem Wort „bert“.",
    ),
    (
        lambda name: pieces_per_word < 1.9,
        lambda name: f"„{name}“ zerlegt ein deutsches Wort im Mittel in {pieces_per_word:.1f} Stücke: "
        "Es hat Deutsch kaum gesehen. Nimm eines, das auf deutschen Texten gelernt hat.",
    ),
    tipps=[
        "Auf welcher Sprache muss das Modell gelernt haben, damit es deine Bewertungen versteht?",
        "Auf dem Hub links „Languages: German“ wählen und „bert“ suchen; ohne Netz gehen die Namen dort auch.",
        'model_name = "deepset/g…-base"',
    ],
)
pruefe.erwarte(
    "Aufgabe 2",
    (tokenizer, model),
    (lambda pair: not load_error, lambda pair: f"load(path) bricht ab: {load_error}"),
    (
        lambda pair: is_tokenizer,
        lambda pair: f"tokenizer soll ein Tokenizer sein, nicht {type(pair[0]).__name__}.",
    ),
    (
        lambda pair: is_classifier,
        lambda pair: f"{type(pair[1]).__name__} hat keinen Kopf, der ganze Texte in Klassen einteilt.",
    ),
    (
        lambda pair: pair[1].config.num_labels == 2,
        lambda pair: f"Der Kopf hat {pair[1].config.num_labels} Ausgaben; negativ und positiv sind zwei.",
    ),
    (
        lambda pair: len(pair[0]) == len(splitter),
        lambda pair: f"Der Tokenizer kennt {len(pair[0])} Stücke, das Modell {len(splitter)}: Lade beide aus path.",
    ),
    tipps=[
        "Was braucht ein Text, bevor das Modell ihn lesen kann, und was muss hinten herauskommen?",
        "transformers hat AutoTokenizer und für jede Aufgabe ein AutoModelFor…; num_labels nennt die Zahl der Klassen.",
        "tokenizer = AutoTokenizer.from_pretrained(path)\nmodel = AutoModelForSequence….from_pretrained(path, num_labels=…)",
    ],
)
pruefe.erwarte(
    "Aufgabe 3",
    (learning_rate, epochs) if can_train else ...,
    (
        lambda pair: settings_are_sane,
        "Die Lernrate muss größer als null sein, die Zahl der Epochen zwischen 1 und 20.",
    ),
    (
        lambda pair: np.isfinite(outcome[1]).all() and outcome[1][-1] < 1,
        lambda pair: f"Der Verlust endet bei {outcome[1][-1]:.2f}; Raten läge bei 0.69. Die Lernrate {pair[0]:g} "
        "ist viel zu groß und zerstört, was das Modell schon konnte.",
    ),
    (
        lambda pair: outcome[3] > 1e-3,
        lambda pair: f"Die Gewichte haben sich nur um {outcome[3]:.1g} ihrer Größe bewegt: "
        "Die Lernrate ist zu klein, oder es sind zu wenige Epochen.",
    ),
    (
        lambda pair: outcome[0] >= goal,
        lambda pair: f"Macro-F1 ist {outcome[0]:.3f}, gesucht sind {goal:.2f}. Lies die Zeilen der Epochen: Sinkt der "
        "Verlust noch (mehr Epochen, größere Lernrate), oder sinkt F1 schon wieder (weniger)?",
    ),
    tipps=[
        "Wie weit darf man ein Modell verändern, das schon etwas kann?",
        "Üblich sind 1e-5 bis 5e-4 (kleine Modelle vertragen mehr) und drei bis sechs Epochen.",
        "learning_rate = …e-4\nepochs = …",
    ],
)
pruefe.fortschritt()

# %% Was man sieht
# Das Zählen von Wörtern ist eine ernste Messlatte: Bei einigen Hundert Texten gewinnt ein kleines BERT nur knapp
# oder gar nicht. Mit Netz lohnt der Vergleich mit einem größeren, das mehr Deutsch gelesen hat.
