"""Beantwortet: Folgt der gedruckte Schluss aus den Zahlen dieses Laufs, auch mit anderem SEED und Knopf?

Je Demo, die vergleicht: der Knopf, den sie selbst vorschlägt, und was bei diesen Ergebnissen auf dem Bildschirm
stehen muss; so laufen lässt sie test_skripte.py. Hier für alle: Was immer dasteht, ob es stimmt oder nicht, ist kein
Schluss.
"""

import ast
import re

from kurs.kern.skripte import alle_skripte

import pytest

DEMOS = {skript.name: skript.pfad for skript in alle_skripte() if not skript.ist_uebung}


def groesser(e, a, b, worte=("besser", "schlechter"), gleich=0.0, gleichstand=None):
    """Das Wort, das zu a gegen b passt; näher beieinander als `gleich` ist es `gleichstand`."""
    if gleichstand and abs(e[a] - e[b]) < gleich:
        return gleichstand
    return worte[0] if e[a] > e[b] else worte[1]


def am_groessten(e, **namen):
    return namen[max(namen, key=lambda name: e[name])]


def loss_scaling(e):
    if e["loss_ohne_scaling"] > 1.1 * e["loss_mit_scaling"]:
        return "Scaling rettet"
    return "schadet" if e["loss_mit_scaling"] > 1.1 * e["loss_ohne_scaling"] else "keinen Untersch"


SCHLUESSE = {
    "demo_dropout": (
        {"NOISY_LABELS": 0.0},
        lambda e: groesser(e, "test_accuracy_mit", "test_accuracy_ohne", gleich=0.02,
                           gleichstand="gleichauf"),
    ),
    "demo_rnn_und_lstm": (
        {"UNITS": 8},
        lambda e: "erinnert sich" if e["weit_lstm"] - e["weit_simple_rnn"] > 0.1 else "keinen Vors",
    ),
    "demo_loss_scaling": ({"LOSS_WEIGHT": 1.0}, loss_scaling),
    "demo_optuna_bayesian": (
        {"LAYERS_RANGE": (1, 2)},
        lambda e: "zweiten Hälfte: "
        + am_groessten(e, mittel_grid="Grid", mittel_random="Random", mittel_tpe="TPE"),
    ),
    "demo_residual_layernorm": (
        {"DEPTH": 4},
        lambda e: "Am besten im Test: "
        + am_groessten(e, accuracy_ohne="ohne beides", accuracy_layernorm="nur Layer Norm",
                       accuracy_residual="nur Residual", accuracy_beides="beides"),
    ),
    "demo_transformer_keras": (
        {"N_BLOCKS": 2},
        lambda e: "ist der Encoder "
        + groesser(e, "f1_encoder", "f1_zaehlen", ("besser als", "nicht besser als")),
    ),
    "demo_masked_language_modeling": (
        {"MASK_SHARE": 0.3},
        lambda e: groesser(e, "perplexity_nachher", "perplexity_vorher", ("nicht besser", "besser")),
    ),
    "demo_checkpoint_laden": (
        {"DROPOUT_RATE": 0.3},
        lambda e: "dasselbe Training" if e["abweichung_alles"] < 1e-6 else "ein anderes Training",
    ),
    "demo_rag_ablehnen": (
        {},
        lambda e: "ist hier "
        + groesser(e, "auc_fremd", "auc_absatz_fehlt", ("„Absatz fehlt“", "„fremd“"), 1e-9,
                   "keins von beiden"),
    ),
    "demo_retrieval_augmented_generation": (
        {},
        lambda e: groesser(e, "chrf_mit_quelle", "chrf_ohne_quelle",
                           ("Hier hilft die Quelle.", "Hier hilft die Quelle nicht.")),
    ),
    "demo_klassifikation_mit_prompting": (
        {"N_EXAMPLES": 1},
        lambda e: "ist hier "
        + groesser(e, "few_shot", "zero_shot", ("Few-Shot", "Zero-Shot"), 1e-9, "keins von beiden"),
    ),
    "demo_zusammenfassung": (
        {},
        lambda e: "ROUGE-L hier: "
        + am_groessten(e, rouge_erster_satz="erster Satz", rouge_extraktiv="extraktiv",
                       rouge_generativ="generativ"),
    ),
}  # fmt: skip


URTEIL = re.compile(
    r"\b(besser|schlechter|schneller|langsamer|am besten|gewinnt|überlegen|schlägt|hilft|schadet|"
    r"genauer als|deutlich)\b",
    re.IGNORECASE,
)
ZEIGT = {"print", "title", "suptitle", "set_title"}


def feste_urteile(baum: ast.Module) -> list[str]:
    """Texte mit einem Urteil, die jeder Lauf zeigt: kein Platzhalter, kein `if` darum herum."""
    gefunden = []
    for zelle in baum.body:  # was unter einem if, in einer Funktion oder Schleife steht, hängt ab
        if isinstance(zelle, ast.Expr) and isinstance(zelle.value, ast.Call):
            ruf = zelle.value
            name = getattr(ruf.func, "attr", getattr(ruf.func, "id", ""))
            for text in ruf.args if name in ZEIGT else ():
                if isinstance(text, ast.Constant) and URTEIL.search(str(text.value)):
                    gefunden.append(str(text.value))
    return gefunden


@pytest.mark.parametrize("name", DEMOS)
def test_kein_urteil_steht_fest(name):
    baum = ast.parse(DEMOS[name].read_text(encoding="utf-8"))
    fragen = [text for text in feste_urteile(baum) if "?" not in text and "desto" not in text]
    assert not fragen, "Diese Sätze urteilen, ohne auf die Zahlen dieses Laufs zu sehen"
