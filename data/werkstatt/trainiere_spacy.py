"""Trainiert `data/modelle/de_kurs_sm`: eine kleine deutsche spaCy-Pipeline.

tagger (STTS), morphologizer (Wortart, Merkmale), parser (UD), Lemmatizer (edit_tree_lemmatizer)
teilen sich ein tok2vec; ner hat ein eigenes, weil es aus anderen Sätzen lernt.

Aufruf     python trainiere_spacy.py REALDATEN [syntax | ner]
           Ohne Auswahl beide Teile nacheinander. Zwischenstände liegen in ausgabe/spacy-syntax
           und ausgabe/spacy-ner; am Ende wird zusammengefügt, was da ist.
Daten      Universal Dependencies German GSD, dev + test (CC BY-SA 4.0): jeder 8. Satz bleibt zum
           Messen zurück (`miss_modelle.py`). ner: GermEval 2014, Test-Datei (CC BY 4.0), und
           data/texte/entitaeten/train.conll; gemessen wird auf der Dev-Datei von GermEval.
Dauer      etwa 12 min Rechenzeit eines CPU-Kerns (2 CPU-Kerne)
"""

import random
import sys
import time
from collections import Counter, defaultdict
from itertools import chain, pairwise
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from kurs.kern.pfade import AUSGABE

import spacy
from gemeinsam import DATA
from namen import lies_eigene, lies_germeval, originale, setze_zusammen
from spacy.tokens import Doc
from spacy.training import Example, minibatch_by_words
from spacy.util import fix_random_seed

ZIEL = DATA / "modelle" / "de_kurs_sm"
SEED = 42
EPOCHS_SYNTAX = 20
EPOCHS_NER = 8
DROPOUT = 0.1
WOERTER_JE_STAPEL = 500
ZURUECK = 8  # jeder so vielte Satz von GSD dient dem Messen
TOK2VEC = {
    "@architectures": "spacy.Tok2Vec.v2",
    "embed": {
        "@architectures": "spacy.MultiHashEmbed.v2",
        "width": 96,
        "attrs": ["NORM", "PREFIX", "SUFFIX", "SHAPE"],
        "rows": [4000, 1000, 2500, 1000],
        "include_static_vectors": False,
    },
    "encode": {
        "@architectures": "spacy.MaxoutWindowEncoder.v2",
        "width": 96,
        "depth": 4,
        "window_size": 1,
        "maxout_pieces": 3,
    },
}
UEBERGAENGE = {
    "@architectures": "spacy.TransitionBasedParser.v2",
    "extra_state_tokens": False,
    "maxout_pieces": 2,
    "use_upper": True,
}
META = {
    "name": "kurs_sm",
    "version": "1.0.0",
    "description": "Kleine deutsche Pipeline für den Kurs: Wortarten, Merkmale, Abhängigkeiten (UD), "
    "Grundformen, Namen.",
    "author": "Kurs Deep Learning und Text Mining",
    "license": "CC BY-SA 4.0",
    "sources": [
        {
            "name": "UD German GSD",
            "url": "https://universaldependencies.org",
            "license": "CC BY-SA 4.0",
        },
        {
            "name": "GermEval 2014 NER",
            "url": "https://sites.google.com/site/germeval2014ner",
            "license": "CC BY 4.0",
        },
    ],
}
LAUSCHER = {"@architectures": "spacy.Tok2VecListener.v1", "width": 96, "upstream": "tok2vec"}


def lies_gsd(datei: Path, vocab) -> list[Doc]:
    """Eine CoNLL-U-Datei als Docs, ein Satz je Doc.

    Zusammengezogene Wörter („im“ = „in“ + „dem“) bleiben ein Token, denn spaCy teilt Wörter nicht:
    Wortart, Grundform und Kopf sind die des ersten Teils, die Marke wird APPRART.
    """
    docs = []
    for absatz in datei.read_text(encoding="utf-8").strip().split("\n\n"):
        zeilen = [z.split("\t") for z in absatz.splitlines() if not z.startswith("#")]
        docs.append(_satz_als_doc([z for z in zeilen if "." not in z[0]], vocab))
    return docs


def _satz_als_doc(zeilen: list[list[str]], vocab) -> Doc:
    token, wohin, zusammen = [], {"0": None}, {}
    for zeile in zeilen:
        if "-" in zeile[0]:
            von, bis = map(int, zeile[0].split("-"))
            zusammen = {str(nummer): zeile for nummer in range(von, bis + 1)}
            continue
        ganz = zusammen.get(zeile[0])
        wohin[zeile[0]] = len(token) - (ganz is not None and ganz[0].split("-")[0] != zeile[0])
        if ganz is None:
            token.append(zeile)
        elif ganz[0].split("-")[0] == zeile[0]:
            marke = "APPRART" if zeile[3] == "ADP" else zeile[4]
            token.append([zeile[0], ganz[1], zeile[2], zeile[3], marke, *zeile[5:9], ganz[9]])
    koepfe = [i if wohin[t[6]] is None else wohin[t[6]] for i, t in enumerate(token)]
    return Doc(
        vocab,
        words=[t[1] for t in token],
        spaces=["SpaceAfter=No" not in t[9] for t in token],
        lemmas=[t[2] for t in token],
        pos=[t[3] for t in token],
        tags=[t[4] for t in token],
        morphs=["" if t[5] == "_" else t[5] for t in token],
        heads=koepfe,
        deps=["ROOT" if t[7] == "root" else t[7] for t in token],
        sent_starts=[i == 0 for i in range(len(token))],
    )


def gsd_teile(realdaten: Path, vocab) -> tuple[list[Doc], list[Doc]]:
    """(Training, zurückgehalten), fest: jeder 8. Satz der Dev- und Test-Datei ist zurückgehalten."""
    docs = []
    for teil in ("dev", "test"):
        docs += lies_gsd(realdaten / "ud_de" / f"de_gsd-ud-{teil}.conllu", vocab)
    return [d for i, d in enumerate(docs) if i % ZURUECK], docs[::ZURUECK]


def namen_als_docs(saetze, vocab) -> list[Doc]:
    """Sätze mit BIO-Marken als Docs, mit den Leerzeichen, die man schreiben würde."""
    docs = []
    for woerter, marken in saetze:
        stellen = setze_zusammen(woerter)[1]
        abstand = [a[1] < b[0] for a, b in pairwise(stellen)] + [False]
        docs.append(Doc(vocab, words=woerter, spaces=abstand, ents=marken))
    return docs


def als_beispiele(nlp, docs: list[Doc]) -> list[Example]:
    """Vorhergesagt wird auf den Wörtern der Vorlage, nicht auf denen von spaCys Tokenizer."""
    leer = lambda d: Doc(
        nlp.vocab, words=[t.text for t in d], spaces=[bool(t.whitespace_) for t in d]
    )
    return [Example(leer(doc), doc) for doc in docs]


def trainiere(nlp, docs: list[Doc], epochs: int, ablage: Path) -> None:
    """Lernt `epochs` Durchgänge; in `ablage` liegen danach die über alle Schritte gemittelten Gewichte."""
    zufall = random.Random(SEED)
    beispiele = als_beispiele(nlp, docs)
    optimizer = nlp.initialize(lambda: beispiele)
    beginn = time.monotonic()
    for epoche in range(1, epochs + 1):
        zufall.shuffle(beispiele)
        verluste = {}
        for stapel in minibatch_by_words(beispiele, size=WOERTER_JE_STAPEL):
            nlp.update(stapel, sgd=optimizer, drop=DROPOUT, losses=verluste)
        text = ", ".join(f"{name} {wert:.0f}" for name, wert in verluste.items())
        print(f"Epoche {epoche}: {text} ({time.monotonic() - beginn:.0f} s)", flush=True)
        with nlp.use_params(optimizer.averages):
            nlp.to_disk(ablage)


def baue_syntax():
    nlp = spacy.blank("de")
    nlp.add_pipe("tok2vec", config={"model": TOK2VEC})
    marken = {"@architectures": "spacy.Tagger.v2", "tok2vec": LAUSCHER}
    uebergaenge = {**UEBERGAENGE, "state_type": "parser", "hidden_width": 128, "tok2vec": LAUSCHER}
    nlp.add_pipe("tagger", config={"model": marken})
    nlp.add_pipe("morphologizer", config={"model": marken})
    nlp.add_pipe("parser", config={"min_action_freq": 5, "model": uebergaenge})
    lemmas = {"model": marken, "backoff": "orth", "min_tree_freq": 2, "top_k": 3}
    nlp.add_pipe("trainable_lemmatizer", name="lemmatizer", config=lemmas)
    return nlp


def baue_ner():
    nlp = spacy.blank("de")
    uebergaenge = {**UEBERGAENGE, "state_type": "ner", "hidden_width": 64, "tok2vec": TOK2VEC}
    nlp.add_pipe("ner", config={"model": uebergaenge})
    return nlp


def grundform_nachgeschlagen(training: list[Doc], gemessen: list[Doc]) -> float:
    """Zum Vergleich: Genauigkeit, wenn man nur die häufigste Grundform je Wort und Wortart nachschlägt."""
    zaehler = defaultdict(Counter)
    for token in chain.from_iterable(training):
        zaehler[token.text, token.pos_][token.lemma_] += 1
    richtig = [
        t.lemma_ == (zaehler[t.text, t.pos_].most_common(1) or [(t.text, 0)])[0][0]
        for t in chain.from_iterable(gemessen)
    ]
    return sum(richtig) / len(richtig)


def trainiere_syntax(realdaten: Path, ablage: Path) -> None:
    fix_random_seed(SEED)
    nlp = baue_syntax()
    training, zurueck = gsd_teile(realdaten, nlp.vocab)
    print(f"GSD: {len(training)} Sätze Training, {len(zurueck)} zurückgehalten")
    print(f"Grundformen nachgeschlagen: {grundform_nachgeschlagen(training, zurueck):.3f}")
    trainiere(nlp, training, EPOCHS_SYNTAX, ablage)


def trainiere_ner(realdaten: Path, ablage: Path) -> None:
    fix_random_seed(SEED)
    nlp = baue_ner()
    saetze = lies_germeval(realdaten / "ner_de" / "germeval2014" / "NER-de-test.tsv")
    trainiere(nlp, namen_als_docs(saetze + lies_eigene("train"), nlp.vocab), EPOCHS_NER, ablage)


def fuege_zusammen(teile: dict[str, Path]) -> None:
    """Schreibt die fertige Pipeline aus dem, was von beiden Teilen da ist."""
    nlp = spacy.load(teile["syntax"])
    if teile["ner"].exists():
        nlp.add_pipe("ner", source=spacy.load(teile["ner"]))
    nlp.meta.update(META)
    nlp.config["training"]["seed"] = SEED
    nlp.to_disk(ZIEL)
    groesse = sum(datei.stat().st_size for datei in ZIEL.rglob("*") if datei.is_file()) / 1e6
    print(f"{ZIEL.name} ({', '.join(nlp.pipe_names)}): {groesse:.1f} MB")


def main() -> None:
    realdaten = originale()
    teile = {name: AUSGABE / f"spacy-{name}" for name in ("syntax", "ner")}
    auswahl = sys.argv[2:] or list(teile)
    if "syntax" in auswahl:
        trainiere_syntax(realdaten, teile["syntax"])
    if "ner" in auswahl:
        trainiere_ner(realdaten, teile["ner"])
    fuege_zusammen(teile)


if __name__ == "__main__":
    main()
