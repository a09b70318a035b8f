"""Die Prüfung zu uebung_bert_nutzen.py: je Aufgabe die Diagnosen und drei Tipps."""

import ast
import functools
import math
import re
from pathlib import Path

from kurs.modelle import modell
from kurs.quellen import KeineQuelle
from kurs.uebungen import Diagnose, liste, text, tipps, verfehlt, wahrheit, zahl

import torch
import transformers

# Sonst meldet es auf Englisch, wenn ein Modell „Berlin“ nur klein oder in Stücken kennt
transformers.logging.set_verbosity_error()

# Steht die Karte nicht zur Verfügung, hilft, was auf dem Hub in ihrem Kopf steht
BEKANNT = {
    "bert-base-uncased": "apache-2.0",
    "bert-base-cased": "apache-2.0",
    "bert-base-multilingual-cased": "apache-2.0",
    "bert-base-multilingual-uncased": "apache-2.0",
    "distilbert-base-uncased": "apache-2.0",
    "bert-base-german-cased": "mit",
    "gbert-base": "mit",
}
FAMILIEN = {"mit", "apache", "cc", "gpl", "lgpl", "bsd", "gemma", "openrail", "llama"}
PROBE = "Der Hund liegt unter dem [MASK]."  # fragt die Prüfung, nicht der Teilnehmer


def bauart(path):
    return (transformers.AutoConfig.from_pretrained(path).architectures or ["unbekannt"])[0]


def verlange_luecken(path, name):
    """Diagnose, wenn das Modell der Stellschraube MODEL_NAME keine Lücken füllt."""
    if not bauart(path).endswith(("MaskedLM", "BertForPreTraining")):
        raise Diagnose(
            f"MODEL_NAME = „{name}“ ({bauart(path)}) füllt keine Lücken. Nimm oben eines, das auf "
            "dem Hub unter „Fill-Mask“ steht."
        )


# --- Aufgabe 1: die Karte -----------------------------------------------------------------------


def woerter(angabe):
    """Eine Lizenz in Stücken: „Apache License, Version 2.0“ und „apache-2.0“ sind dasselbe."""
    angabe = angabe.lower().replace("creative commons", "cc").replace("attribution", "by")
    teile = [teil.removesuffix(".0") for teil in re.findall(r"[a-zäöüß]+|\d+(?:\.\d+)*", angabe)]
    return [
        teil for teil in teile if teil not in ("license", "licence", "lizenz", "version", "the")
    ]


def zeile_zur_lizenz(card, name):
    """Was die Karte als Lizenz nennt, im Kopf (license: …) oder in der Tabelle, oder leer."""
    kopf = re.match(r"---\s*\n(.*?)\n---", card, re.DOTALL)
    muster = r"^license(?:_name)?:\s*(?!other\b)(\S.*)$"
    if kopf and (treffer := re.search(muster, kopf[1], re.MULTILINE)):
        return treffer[1].strip("\"' ")
    muster = r"^\|\s*\**(?:Lizenz|License)\**\s*\|\s*([^|]+)\|"
    if treffer := re.search(muster, card, re.MULTILINE | re.IGNORECASE):
        return treffer[1].strip()
    return BEKANNT.get(name.split("/")[-1], "")


def kommt_vor(gesucht, worte):
    return any(worte[i : i + len(gesucht)] == gesucht for i in range(len(worte)))


def diagnose_zur_lizenz(license_name, card, name):
    if len(license_name) > 80 or "\n" in license_name:
        return "Das ist ein ganzes Stück der Karte. Gesucht ist nur, wie die Lizenz heißt."
    given, line = woerter(license_name), zeile_zur_lizenz(card, name)
    wanted = woerter(re.split(r"[,;(]", line)[0])
    if not given:
        return f"„{license_name}“ ist keine Lizenz."
    genau = len(given) > 1 or given[0] != "cc"  # „CC“ allein lässt das Wichtigste offen
    if wanted and (given[: len(wanted)] == wanted or (wanted[: len(given)] == given and genau)):
        return None
    if not wanted and given[0] in FAMILIEN and (kommt_vor(given, woerter(card)) or len(card) < 200):
        return None
    wo = "Die Lizenz steht in der Zeile „Lizenz“ (auf dem Hub im Kopf der Karte: license)."
    if wanted[:1] == given == ["cc"]:
        return "Von CC gibt es viele Lizenzen, mit sehr verschiedenen Bedingungen. Welche ist es?"
    if given[0] not in FAMILIEN and kommt_vor(given, woerter(card)):
        return f"„{license_name}“ steht zwar in der Karte, ist aber keine Lizenz. {wo}"
    if line and kommt_vor(given, woerter(line)):
        return (
            f"„{license_name}“ steht in der Zeile, aber für etwas, woraus das Modell entstand. "
            "Unter welcher Lizenz steht das Modell selbst?"
        )
    if len(card) < 200:  # die Karte war nicht zu bekommen
        return f"„{license_name}“ ist nicht die Lizenz dieses Modells. Die Karte steht auf dem Hub."
    if not kommt_vor(given, woerter(card)):
        return f"„{license_name}“ kommt in der Karte nicht vor. {wo}"
    return f"„{license_name}“ ist nicht die Lizenz dieses Modells. {wo}"


@tipps(
    "Woran erkennst du, ob du das Modell in deiner Firma benutzen darfst?",
    "In der Karte: das Beispiel mit der Lücke, die Zeile „Lizenz“ (auf dem Hub: license).",
    'mask_token = "[…]"\ndistinguishes_case = …\nlicense_name = "…"',
)
def aufgabe_1(
    mask_token: text,
    distinguishes_case: wahrheit,
    license_name: text,
    *,
    tokenizer,
    card,
    MODEL,
    MODEL_NAME,
):
    verlange_luecken(MODEL, MODEL_NAME)
    if mask_token != tokenizer.mask_token:
        return (
            f"{mask_token!r} ist nicht die Lücke dieses Modells. Jedes Modell hat sein eigenes "
            "Zeichen dafür, und es muss genau so geschrieben sein, mit Klammern."
        )
    pieces = [tokenizer.tokenize(word) for word in ("Berlin", "berlin")]
    if distinguishes_case != (pieces[0] != pieces[1]):
        return (
            f"„Berlin“ und „berlin“ werden zu {pieces[0]} und {pieces[1]}. Sind das für das Modell "
            "zwei verschiedene Wörter (True) oder dasselbe (False)?"
        )
    return diagnose_zur_lizenz(license_name, card, MODEL_NAME)


# --- Aufgabe 2 bis 4: fragen --------------------------------------------------------------------


@functools.cache
def lueckenfueller(path):
    return transformers.pipeline("fill-mask", model=path)


def ask(path, sentence, **settings):
    """Fragt das Modell, unabhängig von den Antworten; die Lücke heißt immer [MASK]."""
    pipe = lueckenfueller(path)
    return pipe(sentence.replace("[MASK]", pipe.tokenizer.mask_token), **settings)


def pipeline(antwort, name):
    """Etwas, das man wie eine Pipeline aufruft."""
    if isinstance(antwort, torch.nn.Module):
        raise Diagnose(
            f"{name} soll eine Pipeline sein, ist aber nur das Modell ({type(antwort).__name__}): "
            "pipeline(…) verbindet es mit seinem Tokenizer."
        )
    if isinstance(antwort, type) or antwort is transformers.pipeline or not callable(antwort):
        raise verfehlt(antwort, "eine Pipeline", name)
    task = getattr(antwort, "task", "")
    if task and task != "fill-mask":
        raise Diagnose(f"Das ist eine Pipeline für „{task}“. Gesucht ist die für Lücken.")
    return antwort


def vorschlaege(antwort, name):
    """Die Liste, die ein Lückenfüller zurückgibt."""
    if isinstance(antwort, transformers.Pipeline):
        raise Diagnose(
            f"{name} ist der Lückenfüller selbst. Rufe ihn auf, mit dem Satz in Klammern."
        )
    if isinstance(antwort, dict) and "token_str" in antwort:
        raise Diagnose(
            "Das ist nur der erste Vorschlag. Nimm die ganze Liste, die fill_mask zurückgibt."
        )
    if isinstance(antwort, str):
        raise Diagnose(
            f"{name} ist nur ein Text ({antwort!r}). Gesucht ist die ganze Liste, die fill_mask(…) "
            "zurückgibt."
        )
    teile = liste()(antwort, name)
    if not all(isinstance(teil, dict) and {"token_str", "score"} <= set(teil) for teil in teile):
        raise Diagnose(f"{name} soll die Liste von dicts sein, die fill_mask(…) zurückgibt.")
    return teile


def wahrscheinlichkeit(antwort, name):
    if isinstance(antwort, (list, dict)):
        raise Diagnose(
            "Gesucht ist eine Zahl. fill_mask gibt eine Liste von dicts zurück; die Zahl steht "
            "darin unter score."
        )
    return zahl(antwort, name)


@tipps(
    "pipeline braucht zwei Angaben: Welche Aufgabe? Welches Modell?",
    "Die Aufgabe heißt wie die Zeile in der Karte oder auf dem Hub: fill-mask.",
    'fill_mask = pipeline("…", model=…)',
)
def aufgabe_2(fill_mask: pipeline, *, MODEL, MODEL_NAME, tokenizer):
    verlange_luecken(MODEL, MODEL_NAME)
    model = getattr(fill_mask, "model", None)
    if model is not None and not hasattr(model, "get_output_embeddings"):
        model = None
    if model is not None and model.get_output_embeddings() is None:
        return (
            f"{type(model).__name__} gibt Vektoren aus, keine Wörter. Den Kopf für Lücken hat "
            "AutoModelForMaskedLM; pipeline lädt es selbst, wenn du MODEL nennst."
        )
    path = getattr(model, "name_or_path", "ein anderes Modell")
    own_tokenizer = getattr(fill_mask, "tokenizer", tokenizer)
    if own_tokenizer.mask_token != tokenizer.mask_token:
        return f"Die Pipeline benutzt {path}; nimm MODEL."
    given = vorschlaege(fill_mask(PROBE.replace("[MASK]", tokenizer.mask_token)), "fill_mask(…)")
    best = ask(MODEL, PROBE)[0]
    if given[0]["token_str"] != best["token_str"] or abs(given[0]["score"] - best["score"]) > 1e-3:
        if str(path) == str(MODEL):
            return (
                "Die Pipeline rechnet mit anderen Gewichten als denen aus MODEL: from_pretrained lädt sie, "
                "from_config würfelt neue."
            )
        return f"Die Pipeline benutzt {path}; nimm MODEL."


@tipps(
    "Eine Pipeline ruft man auf wie eine Funktion. Womit?",
    "fill_mask(Satz) gibt eine Liste von dicts zurück: token_str, score, sequence.",
    "predictions = fill_mask(…)",
)
def aufgabe_3(predictions: vorschlaege, *, fill_mask, MODEL, SENTENCE):
    def passt(sentence):
        known = {guess["token_str"]: guess["score"] for guess in ask(MODEL, sentence, top_k=200)}
        return all(
            math.isclose(known.get(guess["token_str"], -1), guess["score"], abs_tol=1e-4)
            for guess in predictions
        )

    if predictions[0]["token_str"] == ask(MODEL, SENTENCE)[0]["token_str"] and passt(SENTENCE):
        return None
    if passt(SENTENCE + "."):
        return (
            "Dein Satz endet mit einem Punkt. Nimm hier SENTENCE, wie er oben steht; der Punkt "
            "kommt gleich."
        )
    if passt(SENTENCE):
        return "Der wahrscheinlichste Vorschlag fehlt. Frage ohne targets und nimm die ganze Liste."
    sequence = predictions[0].get("sequence", "?")
    if sequence == SENTENCE.replace("[MASK]", str(predictions[0]["token_str"]).strip()):
        return "Diese Wahrscheinlichkeiten gibt das Modell nicht: Nimm, was fill_mask(SENTENCE) zurückgibt."
    return f"Du hast einen anderen Satz gefragt: „{sequence}“."


def nimmt_den_ersten(lauf):
    """Ob Aufgabe 4 den ersten Vorschlag nimmt, gleich welches Wort er nennt: Hier steht ein fremdes vorn."""
    fill_mask, fremd = lauf.namensraum["fill_mask"], 0.9876

    def verstellt(*args, **named):
        guesses = fill_mask(*args, **named)
        anderer = {"token_str": "Oslo", "token": -1, "score": fremd, "sequence": "Oslo"}
        return guesses if named.get("targets") else [anderer, *guesses]

    anweisungen = ast.Module(list(lauf.regionen[4].anweisungen), [])
    raum = {**lauf.namensraum, "fill_mask": verstellt}
    exec(compile(anweisungen, lauf.datei, "exec"), raum)  # noqa: S102
    return math.isclose(zahl(raum["probability_berlin"]), fremd, abs_tol=1e-3)


@tipps(
    "Wie kommst du an ein bestimmtes Wort, auch wenn es nicht unter den ersten fünf ist?",
    "fill_mask(Satz, targets=[Wort]) gibt nur dieses Wort zurück, wieder als Liste.",
    'probability_berlin = fill_mask(SENTENCE + "…", targets=["…"])[0]["…"]',
)
def aufgabe_4(probability_berlin: wahrscheinlichkeit, *, fill_mask, MODEL, SENTENCE, __kurs_lauf__):
    def ist(*values):
        return any(math.isclose(probability_berlin, value, rel_tol=0.02) for value in values)

    def berlin(sentence):  # bei manchen Tokenizern gehört das Leerzeichen zum Wort
        guesses = ask(MODEL, sentence, targets=["Berlin", " Berlin"])
        return [guess["score"] for guess in guesses]

    wanted = berlin(SENTENCE + ".")
    if ist(*wanted):
        if nimmt_den_ersten(__kurs_lauf__):
            return (
                "Du nimmst den ersten Vorschlag, den wahrscheinlichsten. Dass es bei diesem Modell „Berlin“ ist, ist Glück: Frage "
                "mit targets nach dem Wort, oder such es in der Liste."
            )
        return None
    if ist(*(100 * value for value in wanted)) or not 0 <= probability_berlin <= 1:
        return f"{probability_berlin:g}: Eine Wahrscheinlichkeit liegt zwischen 0 und 1, nicht in Prozent."
    if ist(*berlin(SENTENCE)):
        return "Das ist der Wert ohne Punkt am Ende des Satzes."
    for guess in ask(MODEL, SENTENCE + ".") + ask(MODEL, SENTENCE):
        if ist(guess["score"]):
            return (
                f"{probability_berlin:.4f} ist die Wahrscheinlichkeit von „{guess['token_str']}“: "
                "Der erste Vorschlag muss nicht Berlin sein."
            )
    return f"{probability_berlin:.4f} ist nicht die Wahrscheinlichkeit von „Berlin“ in diesem Satz."


@tipps(
    "Muss es ein BERT sein? Auch wer das nächste Wort rät, kennt vielleicht die Hauptstadt.",
    "Auf dem Hub unter Tasks „Fill-Mask“ oder „Text Generation“; ohne Netz liegt "
    "google/gemma-3-270m bereit.",
    'other_name = "google/…"',
)
def aufgabe_5(other_name: text, *, MODEL, MODEL_NAME):
    verlange_luecken(MODEL, MODEL_NAME)
    if "huggingface.co/" in other_name:
        return "Gesucht ist nur der Name: was in der Adresse hinter huggingface.co/ steht."
    try:
        path = modell(other_name, selbst_gewaehlt=True)
    except KeineQuelle as problem:
        return f"Dieses Modell ist nicht zu haben: {problem}"
    if other_name == MODEL_NAME:
        return f"Das ist noch einmal {MODEL_NAME}. Gesucht ist ein anderes."
    if path == MODEL:
        return (
            f"Hinter „{other_name}“ und „{MODEL_NAME}“ steht hier dasselbe Modell "
            f"({Path(MODEL).name}), denn ohne Netz vertritt es alle deutschen BERT. Nimm eines "
            "anderer Bauart."
        )
    architecture = bauart(path)
    if architecture.endswith(("MTModel", "ForConditionalGeneration")):
        return (
            f"„{other_name}“ ({architecture}) formt ganze Texte um, etwa beim Übersetzen. Gesucht "
            "ist eines für „Fill-Mask“ oder „Text Generation“."
        )
    if not architecture.endswith(("MaskedLM", "CausalLM", "LMHeadModel", "BertForPreTraining")):
        return (
            f"„{other_name}“ ({architecture}) sagt keine Wörter voraus, sondern gibt Vektoren "
            "oder Klassen aus."
        )
