"""Beantwortet: Sind unsere Texte so schwer wie behauptet, und baut die Werkstatt sie nach?

Dass sie sauber sind, sich nicht doppeln und kein Testtext im Training durchscheint, verlangen die
Bau-Skripte der Werkstatt; hier steht, dass in data/texte liegt, was sie bauen.
"""

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

from kurs import texte
from kurs.quellen import KeineQuelle

import pytest

WURZEL = Path(__file__).resolve().parent.parent
WERKSTATT = WURZEL / "data" / "werkstatt"
TEXTE = WURZEL / "data" / "texte"
TEILE = ("train", "validation", "test")
sys.path.insert(0, str(WERKSTATT))


def test_klassen_sind_in_jedem_teil_gleich_haeufig():
    for name, klassen in (("bewertungen.csv", 3), ("themen.csv", 8)):
        zeilen = texte.lies_csv(name)
        for teil, anteil in zip(TEILE, (0.7, 0.1, 0.2)):
            zahl = Counter(z["label"] for z in zeilen if z["split"] == teil)
            assert len(zahl) == klassen
            assert zahl.total() / len(zeilen) == pytest.approx(anteil, abs=0.02)
            assert min(zahl.values()) >= 0.94 * max(zahl.values()), (teil, zahl)
    for sprache, liste in texte.bewertungen_en_fr().items():
        assert len(set(Counter((b["domain"], b["label"]) for b in liste).values())) == 1, sprache


@pytest.mark.guete
def test_word2vec_loest_die_ersten_zehn_analogien():
    """Wie in miss_welt.py, mit 20 statt 30 Epochen und einem Faden: kürzer und jedes Mal gleich."""
    from gensim.models import Word2Vec
    from miss_welt import EINSTELLUNGEN

    saetze = [re.findall(r"\w+", zeile) for zeile in texte.welt().splitlines() if zeile]
    modell = Word2Vec(saetze, seed=3, **EINSTELLUNGEN | {"epochs": 20, "workers": 1})
    daneben = []
    for a, b, c, erwartet, _ in texte.analogien()[:10]:
        ((antwort, _),) = modell.wv.most_similar(positive=[a, c], negative=[b], topn=1)
        if antwort != erwartet:
            daneben.append(f"{a} - {b} + {c} = {antwort} statt {erwartet}")
    assert len(daneben) <= 2, daneben  # gemessen über drei Seeds: 0, 0, 1


def test_fehlende_datei_ergibt_einen_satz(monkeypatch, tmp_path):
    monkeypatch.setattr(texte, "ORDNER", tmp_path)
    with pytest.raises(KeineQuelle, match="git checkout data/texte"):
        texte.welt()


@pytest.mark.parametrize(
    "name, von, bis",
    [
        ("bewertungen.csv", 0.62, 0.71),  # gemessen: 0,664; zehn andere Aufteilungen 0,61–0,67
        ("themen.csv", 0.28, 0.43),  # gemessen: 0,354; zehn andere Aufteilungen 0,23–0,35
    ],
)
def test_so_gut_ist_das_zaehlen_von_woertern(name, von, bis):
    from miss_texte import lese, macro_f1, tfidf

    daten = lese(name)
    train, test = daten["split"] == "train", daten["split"] == "test"
    wert = macro_f1(tfidf(), daten["text"], daten["label"], train, test)
    assert von <= wert <= bis


# --- Die Werkstatt --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def nachgebaut(tmp_path_factory) -> Path:
    """`data/texte`, von den Skripten der Werkstatt in einer Kopie neu gebaut."""
    data = tmp_path_factory.mktemp("nachbau") / "data"
    shutil.copytree(WERKSTATT, data / "werkstatt", ignore=shutil.ignore_patterns("__pycache__"))
    (data / "texte").mkdir()
    shutil.copy2(TEXTE / "welt_paare.csv", data / "texte")  # von Hand; baue_welt_en prüft sie
    for hash_seed, name in enumerate(("bewertungen", "entitaeten", "themen", "welt", "welt_en")):
        lauf = subprocess.run(
            [sys.executable, str(data / "werkstatt" / f"baue_{name}.py")],
            env=os.environ | {"PYTHONHASHSEED": str(hash_seed + 1)},
            cwd=data.parent,
            capture_output=True,
            text=True,
        )
        assert (lauf.returncode, lauf.stderr) == (0, ""), lauf.stderr
    return data / "texte"


@pytest.mark.parametrize(
    "name",
    ["bewertungen.csv", "themen.csv", "welt.txt", "welt_bank.csv", "welt_en.txt"]
    + [f"entitaeten/{teil}.conll" for teil in TEILE],
)
def test_die_werkstatt_liefert_dieselben_bytes(nachgebaut, name):
    eingecheckt = (TEXTE / name).read_bytes().replace(b"\r\n", b"\n")  # git unter Windows
    assert (nachgebaut / name).read_bytes() == eingecheckt


def test_wissen_besteht_die_pruefung_der_werkstatt():
    lauf = subprocess.run(
        [sys.executable, str(WERKSTATT / "pruefe_wissen.py")],
        capture_output=True,
        encoding="utf-8",
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
    )
    assert lauf.returncode == 0, lauf.stderr
    assert "davon beantwortbar 90" in lauf.stdout
