"""Rechnet alle Gütezahlen der mitgelieferten Modelle nach und vergleicht mit den Zielen.

Aufruf     python miss_modelle.py REALDATEN [ner] [spacy] [luecken] [uebersetzer]     (ohne Auswahl: alle)
Daten      GermEval 2014, Dev-Datei; der zurückgehaltene Teil von UD German GSD (jeder 8. Satz);
           data/texte/entitaeten/test.conll; lueckensaetze.csv; die Messteile von Tatoeba und
           Multi30k (`uebersetzung.py`). Auf nichts davon wurde gelernt.
Dauer      etwa 6 min (2 CPU-Kerne)
"""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from kurs.modelle import modell, spacy_modell

import spacy
from luecken import miss_luecken
from namen import lies_eigene, lies_germeval, miss, originale
from rich.console import Console
from rich.table import Table
from trainiere_ner import sage_vorher
from trainiere_spacy import als_beispiele, gsd_teile, namen_als_docs
from transformers import AutoModelForTokenClassification, AutoTokenizer
from uebersetzung import miss_uebersetzer, uebersetze

RICHTUNGEN = [("de", "en"), ("en", "de"), ("de", "fr"), ("fr", "de")]
WUERFELN = {"do_sample": True, "top_k": 10, "temperature": 0.8}
BEISPIELE = [
    "Das Essen war gut.",
    "Ich habe gestern einen Freund getroffen.",
    "Wo ist der Bahnhof?",
]
NER, LUECKEN, PIPELINE = "kurs/ner-deutsch", "kurs/bert-klein-deutsch", "de_kurs_sm"
Zeile = tuple[str, str, float, float | None]  # Modell, Größe, Wert, Ziel


def miss_ner(realdaten: Path) -> list[Zeile]:
    ordner = modell(NER)
    model, tokenizer = (
        AutoModelForTokenClassification.from_pretrained(ordner),
        AutoTokenizer.from_pretrained(ordner),
    )
    zeilen = []
    for was, saetze, ziel in [
        ("GermEval-Dev", lies_germeval(realdaten / "ner_de/germeval2014/NER-de-dev.tsv"), 0.70),
        ("eigene Test-Sätze", lies_eigene("test"), None),
    ]:
        f1 = miss([marken for _, marken in saetze], sage_vorher(model, tokenizer, saetze))
        zeilen += [
            (NER, f"F1 streng, {was}, {klasse}", wert, ziel if klasse == "gesamt" else None)
            for klasse, wert in f1.items()
        ]
    return zeilen


def miss_pipeline(realdaten: Path) -> list[Zeile]:
    nlp = spacy.load(spacy_modell(PIPELINE))
    werte = nlp.evaluate(als_beispiele(nlp, gsd_teile(realdaten, nlp.vocab)[1]))
    namen = {
        "pos_acc": ("UPOS", 0.92),
        "tag_acc": ("STTS-Marken", None),
        "morph_acc": ("Merkmale", None),
        "dep_uas": ("UAS", 0.75),
        "dep_las": ("LAS", None),
        "lemma_acc": ("Grundformen", None),
    }
    zeilen = [
        (PIPELINE, f"{was}, GSD zurückgehalten", werte[name], ziel)
        for name, (was, ziel) in namen.items()
    ]
    for was, saetze in [
        ("GermEval-Dev", lies_germeval(realdaten / "ner_de/germeval2014/NER-de-dev.tsv")),
        ("eigene Test-Sätze", lies_eigene("test")),
    ]:
        werte = nlp.evaluate(als_beispiele(nlp, namen_als_docs(saetze, nlp.vocab)))
        zeilen.append((PIPELINE, f"F1 streng, {was}, gesamt", werte["ents_f"], None))
    return zeilen


def miss_lueckenfueller() -> list[Zeile]:
    werte = miss_luecken(modell(LUECKEN))
    print("Nicht unter den ersten fünf:", *werte["daneben"], sep="\n  ")
    return [
        (LUECKEN, "60 Lückensätze, Top 1", werte["top_1"], None),
        (LUECKEN, "60 Lückensätze, Top 5", werte["top_5"], 0.5),
        (LUECKEN, "Hauptstadt von Deutschland: Berlin auf Platz 1", werte["berlin_auf_1"], 1.0),
    ]


def miss_richtungen(realdaten: Path) -> list[Zeile]:
    ordner = {richtung: modell(f"kurs/marian-{'-'.join(richtung)}") for richtung in RICHTUNGEN}
    for satz in BEISPIELE:
        englisch = uebersetze(ordner["de", "en"], [satz] * 3, **WUERFELN)
        zurueck = uebersetze(ordner["en", "de"], englisch, **WUERFELN)
        print(f"{satz} → {' / '.join(englisch)} → {' / '.join(zurueck)}")
    quelle = {"en": "Tatoeba zurückgehalten", "fr": "Multi30k val"}
    return [
        (
            f"kurs/marian-{von}-{nach}",
            f"chrF/100, {quelle['fr' if 'fr' in (von, nach) else 'en']}",
            wert / 100,
            None if "fr" in (von, nach) else 0.45,
        )
        for (von, nach), wert in miss_uebersetzer(ordner, realdaten).items()
    ]


def main() -> None:
    realdaten = originale()
    beginn = time.monotonic()
    messungen = {
        "ner": lambda: miss_ner(realdaten),
        "spacy": lambda: miss_pipeline(realdaten),
        "luecken": miss_lueckenfueller,
        "uebersetzer": lambda: miss_richtungen(realdaten),
    }
    zeilen = []
    for name in sys.argv[2:] or messungen:
        zeilen += messungen[name]()
    tabelle = Table(title="Güte der Modelle", title_justify="left")
    for spalte in ("Modell", "gemessen", "Wert", "Ziel"):
        tabelle.add_column(spalte, overflow="fold")
    for name, was, wert, ziel in zeilen:
        urteil = "" if ziel is None else f"{ziel:.2f} {'✔' if wert >= ziel else '✘'}"
        tabelle.add_row(name, was, f"{wert:.3f}", urteil)
    Console(markup=False).print(tabelle)
    print(f"{time.monotonic() - beginn:.0f} s")


if __name__ == "__main__":
    main()
