"""Misst, wie schwer unsere Texte sind: Bewertungen, Themen, Entitäten.

Aufruf: python data/werkstatt/miss_texte.py      (rund zwei Minuten auf 2 CPU-Kernen)

Klassifiziert wird mit `LogisticRegression` in der Vorgabe von scikit-learn, einmal auf TF-IDF
(auch Vorgabe), einmal auf Satzvektoren von multilingual-e5-small. Gemessen wird Macro-F1 auf test,
trainiert auf train. Wie zufällig die eine Aufteilung ist, zeigen zehn weitere, ebenso geschichtete.
"""

import csv

from kurs.modelle import modell

import numpy as np
from gemeinsam import DATA
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import classification_report, f1_score
from sklearn.model_selection import StratifiedShuffleSplit
from sklearn.pipeline import make_pipeline

TEXTE = DATA / "texte"
MODELL = "intfloat/multilingual-e5-small"


def lese(name: str) -> dict[str, np.ndarray]:
    """Liest eine CSV-Datei aus data/texte: Spalte → Werte."""
    with open(TEXTE / name, encoding="utf-8", newline="") as datei:
        zeilen = list(csv.DictReader(datei))
    return {spalte: np.array([zeile[spalte] for zeile in zeilen]) for spalte in zeilen[0]}


def tfidf():
    """Der einfache Klassifikator: Wörter zählen, gewichten, linear trennen."""
    return make_pipeline(TfidfVectorizer(), LogisticRegression())


def macro_f1(klassifikator, x, y, train, test) -> float:
    """Trainiert auf `train`, misst auf `test` (Nummern oder Masken)."""
    klassifikator.fit(x[train], y[train])
    return f1_score(y[test], klassifikator.predict(x[test]), average="macro")


def andere_aufteilungen(schichten: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Zehn weitere Aufteilungen (70 % train, 20 % test), geschichtet wie die eigene."""
    wuerfel = StratifiedShuffleSplit(10, train_size=0.7, test_size=0.2, random_state=42)
    return list(wuerfel.split(schichten, schichten))


def ungesehene_entitaeten() -> tuple[int, int]:
    """(Nennungen im Test, davon mit einer Form, die im Training nicht vorkommt)."""
    formen = set(lese_entitaeten("train"))
    im_test = lese_entitaeten("test")
    return len(im_test), sum(name not in formen for name in im_test)


def lese_entitaeten(teil: str) -> list[str]:
    """Alle Entitäten eines Teils als Oberflächenform, in der Reihenfolge des Textes."""
    namen: list[list[str]] = []
    for zeile in (TEXTE / "entitaeten" / f"{teil}.conll").read_text(encoding="utf-8").splitlines():
        token, _, marke = zeile.partition("\t")
        if marke.startswith("B-"):
            namen.append([token])
        elif marke.startswith("I-"):
            namen[-1].append(token)
    return [" ".join(name) for name in namen]


def miss(titel: str, daten: dict[str, np.ndarray], schichten: np.ndarray, encoder) -> None:
    """Druckt beide Klassifikatoren auf der eigenen Aufteilung und ihre Streuung über zehn andere."""
    train, test = daten["split"] == "train", daten["split"] == "test"
    vektoren = encoder.encode([f"query: {text}" for text in daten["text"]], batch_size=64)
    aufteilungen = andere_aufteilungen(schichten)
    print(f"\n{titel}: {train.sum()} train, {test.sum()} test, {len(set(daten['label']))} Klassen")
    eigene, gestreut = [], []
    for name, neu, x in (
        ("TF-IDF", tfidf, daten["text"]),
        ("e5", LogisticRegression, vektoren),
    ):
        eigene.append(macro_f1(neu(), x, daten["label"], train, test))
        gestreut.append([macro_f1(neu(), x, daten["label"], *teile) for teile in aufteilungen])
        print(
            f"  {name:<8} Macro-F1 {eigene[-1]:.3f}   zehn andere Aufteilungen: "
            f"{np.mean(gestreut[-1]):.3f} ± {np.std(gestreut[-1]):.3f} "
            f"({min(gestreut[-1]):.3f} bis {max(gestreut[-1]):.3f})"
        )
    abstand = np.subtract(gestreut[1], gestreut[0])
    print(
        f"  Vorsprung e5   {eigene[1] - eigene[0]:+.3f}   zehn andere: "
        f"{abstand.mean():+.3f} ± {abstand.std():.3f} ({abstand.min():+.3f} bis {abstand.max():+.3f})"
    )
    klassifikator = tfidf().fit(daten["text"][train], daten["label"][train])
    print("  TF-IDF je Klasse:")
    bericht = classification_report(
        daten["label"][test], klassifikator.predict(daten["text"][test]), digits=3
    )
    print("\n".join("    " + zeile for zeile in bericht.splitlines() if zeile))


def main() -> None:
    """Misst und druckt alles."""
    from sentence_transformers import (
        SentenceTransformer,
    )  # lädt lange
    from transformers.utils import logging

    logging.disable_progress_bar()
    encoder = SentenceTransformer(modell(MODELL), device="cpu")
    bewertungen = lese("bewertungen.csv")
    schichten = np.char.add(bewertungen["domain"], bewertungen["label"])
    miss("Bewertungen", bewertungen, schichten, encoder)
    themen = lese("themen.csv")
    miss("Themen", themen, themen["label"], encoder)
    im_test, neu = ungesehene_entitaeten()
    print(
        f"\nEntitäten: {neu} von {im_test} Nennungen im Test sind ungesehen ({neu / im_test:.1%})"
    )


if __name__ == "__main__":
    main()
