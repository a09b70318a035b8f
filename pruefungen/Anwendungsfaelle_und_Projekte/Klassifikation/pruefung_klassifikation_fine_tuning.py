"""Die Prüfung zu uebung_klassifikation_fine_tuning.py: je Aufgabe die Diagnosen und drei Tipps."""

import contextlib
import io
import re

from kurs import quellen
from kurs.merken import gemerkt
from kurs.modelle import modell
from kurs.uebungen import Diagnose, funktion, ganzzahl, in_worten, text, tipps, zahl

import numpy as np
import torch
from transformers import (
    AutoConfig,
    AutoModel,
    AutoTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

PROBE = "kurs/bert-klein-deutsch"  # liegt immer bei
# Diese haben nur Englisch gelesen; ohne Netz springt auch für sie ein deutsches ein, dem man es nicht ansieht
ENGLISCH = re.compile(r"(?:[\w-]+/)?(?:distil)?bert-(?:base|large)-(?:un)?cased")
KLEIN = 20e6  # Gewichte; so klein ist, was ohne Netz für die deutschen BERTs einspringt


@tipps(
    "Auf welcher Sprache muss das Modell gelernt haben, damit es deine Bewertungen versteht?",
    "Auf dem Hub links „Languages: German“ wählen und „bert“ suchen; ohne Netz gehen die Namen dort "
    "auch. Mehrsprachige gehen ebenso: multilingual-e5-small ist ein BERT und hat viel Deutsch gelesen.",
    'model_name = "intfloat/…-e5-small"',
)
def aufgabe_1(model_name: text, *, train):
    if "huggingface.co/" in model_name:
        return "Gesucht ist nur der Name: was in der Adresse hinter huggingface.co/ steht."
    try:
        path = modell(model_name, selbst_gewaehlt=True)
        config, tokenizer = AutoConfig.from_pretrained(path), AutoTokenizer.from_pretrained(path)
    except (quellen.KeineQuelle, OSError, ValueError, TypeError) as grund:
        wie = (
            ""
            if "/" in model_name
            else " Zum ganzen Namen gehört meist der Herausgeber: name/modell."
        )
        erster = str(grund).strip().splitlines()[0]
        return f"Dieses Modell ist nicht zu haben: {erster}{wie}"
    if "bert" not in config.model_type and config.model_type != "electra":
        return (
            f"„{model_name}“ ist kein BERT, sondern {config.model_type}. Suche mit dem Wort „bert“."
        )
    if ENGLISCH.fullmatch(model_name):
        return f"„{model_name}“ hat nur Englisch gelesen. Nimm eines, das auf deutschen Texten gelernt hat."
    texts = train["text"][:50]
    pieces = sum(len(tokenizer.tokenize(text)) for text in texts)
    per_word = pieces / sum(len(text.split()) for text in texts)
    if per_word >= 1.9:
        return (
            f"„{model_name}“ zerlegt ein deutsches Wort im Mittel in {per_word:.1f} Stücke: Es hat "
            "Deutsch kaum gesehen. Nimm eines, das auf deutschen Texten gelernt hat."
        )


@tipps(
    "Was braucht ein Text, bevor das Modell ihn lesen kann, und was muss hinten herauskommen?",
    "transformers hat AutoTokenizer und für jede Aufgabe ein AutoModelFor…; num_labels nennt die Zahl "
    "der Klassen. So macht es demo_klassifikation_fine_tuning.py.",
    "tokenizer = AutoTokenizer.from_pretrained(path)\n"
    "model = AutoModelForSequence….from_pretrained(path, num_labels=…)",
)
def aufgabe_2(load: funktion):
    with contextlib.redirect_stdout(io.StringIO()):
        path = modell(PROBE)
    pair = load(path)
    if not isinstance(pair, (tuple, list)) or len(pair) != 2:
        raise Diagnose(
            f"load(path) gibt {in_worten(pair)} zurück; gesucht sind tokenizer und model."
        )
    tokenizer, model = pair
    if isinstance(tokenizer, PreTrainedModel) and isinstance(model, PreTrainedTokenizerBase):
        return "Die Reihenfolge ist vertauscht: erst der Tokenizer, dann das Modell."
    if not isinstance(tokenizer, PreTrainedTokenizerBase):
        return f"tokenizer soll ein Tokenizer sein, ist aber {in_worten(tokenizer)}."
    if not isinstance(model, PreTrainedModel):
        return f"model soll ein Modell sein, ist aber {in_worten(model)}."
    if len(tokenizer) != len(wanted := AutoTokenizer.from_pretrained(path)):
        return (
            f"Der Tokenizer kennt {len(tokenizer)} Stücke, das Modell {len(wanted)}: "
            "Lade beide aus path."
        )
    batch = tokenizer(["Gut war es.", "Nein."], padding=True, return_tensors="pt")
    output = model(**{name: batch[name] for name in ("input_ids", "attention_mask")})
    logits = getattr(output, "logits", None)
    if logits is None or logits.shape[0] != 2 or logits.ndim != 2:
        return f"{type(model).__name__} hat keinen Kopf, der ganze Texte in Klassen einteilt."
    if logits.shape[1] != 2:
        return f"Der Kopf hat {logits.shape[1]} Ausgaben; negativ und positiv sind zwei."
    if not all(weights.requires_grad for weights in model.parameters()):
        return (
            "In deinem Modell sind Gewichte eingefroren (requires_grad): Was unten fest bleibt, legt fine_tune "
            "selbst fest; der Kopf muss lernen können."
        )
    try:
        model(input_ids=batch["input_ids"], labels=torch.tensor([0, 1])).loss.item()
    except ValueError:
        art = model.config.problem_type
        return f"Mit den Labels 0 und 1 kann dieser Kopf nicht lernen: problem_type={art!r} passt nicht dazu."
    original = {name: weights for name, weights in model.base_model.named_parameters()}
    for name, weights in AutoModel.from_pretrained(path).named_parameters():
        if "pooler" not in name and not torch.equal(weights, original.get(name, torch.zeros(0))):
            return "Dein Modell hat nicht die Gewichte aus path: from_pretrained lädt sie, from_config nicht."


@tipps(
    "Wie weit darf man ein Modell verändern, das schon etwas kann?",
    "Üblich sind 1e-5 bis 5e-4 (wenige Texte und kleine Modelle vertragen mehr) und zwei bis sechs "
    "Epochen. Erreicht es das Ziel gar nicht, ist es vielleicht das Modell.",
    "learning_rate = …e-4\nepochs = …",
)
def aufgabe_3(
    learning_rate: zahl,
    epochs: ganzzahl,
    *,
    load,  # ohne sie gibt es nichts zu trainieren: Diese Aufgabe wartet auf sie
    MODEL,
    fine_tune,
    goal,
    validation,
    __kurs_lauf__,
):
    if ueberschrieben := __kurs_lauf__.regionen[3].namen & {"goal", "fine_tune", "validation"}:
        return f"{min(ueberschrieben)} ist vorgegeben; wählen darfst du learning_rate und epochs."
    if not np.isfinite(learning_rate):
        return f"learning_rate ist {learning_rate}, keine endliche Zahl. Üblich sind 1e-5 bis 5e-4."
    if learning_rate <= 0 or not 1 <= epochs <= 20:
        return "Die Lernrate muss größer als null sein, die Zahl der Epochen zwischen 1 und 20."
    model, losses, score = fine_tune(learning_rate, epochs)
    if not np.isfinite(losses).all() or losses[-1] > 1:
        return (
            f"Der Loss endet bei {losses[-1]:.2f}; Raten läge bei 0.69. Die Lernrate {learning_rate:g} "
            "ist viel zu groß und zerstört, was das Modell schon konnte."
        )
    if (moved := bewegt(MODEL, model)) < 1e-3:
        return (
            f"Die obersten Gewichte haben sich nur um {moved:.1g} ihrer Größe bewegt: "
            "Die Lernrate ist zu klein, oder es sind zu wenige Epochen."
        )
    f1 = score(validation)
    if f1 >= goal:
        return None
    satz = f"Macro-F1 ist {f1:.3f} auf der Validierung, dein Ziel {goal:.3f}; der Loss endet bei {losses[-1]:.2f}. "
    if model.num_parameters() < KLEIN:
        return satz + (
            f"Dieses Modell hat nur {model.num_parameters() / 1e6:.0f} Mio. Gewichte (ohne Netz springt "
            "es für die großen deutschen ein). Nimm in Aufgabe 1 ein größeres."
        )
    if losses[-1] > 0.6:
        return satz + "Gelernt ist noch kaum etwas: größere Lernrate oder mehr Epochen."
    return (
        satz
        + "Auswendig kann es die Texte, neue nicht: weniger Epochen oder eine kleinere Lernrate."
    )


def oberste_schicht(model):
    blocks = next(part for part in model.modules() if isinstance(part, torch.nn.ModuleList))
    return torch.cat([weights.detach().flatten().cpu() for weights in blocks[-1].parameters()])


@gemerkt
def ausgangswerte(path):
    """Die Gewichte der obersten Schicht, wie sie heruntergeladen sind."""
    return oberste_schicht(AutoModel.from_pretrained(path)).numpy()


def bewegt(path, model):
    """Um welchen Anteil ihrer Größe sich die oberste Schicht beim Training bewegt hat."""
    vorher = torch.from_numpy(ausgangswerte(str(path)))
    return float((oberste_schicht(model) - vorher).norm() / vorher.norm())
