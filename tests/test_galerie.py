"""Beantwortet: Zeigt die Galerie, was die Skripte schrieben, und sind ihre Seiten ohne Netz heil?"""

import re
from urllib.parse import unquote

from kurs.kern import skripte
from kurs.kern.pfade import WURZEL
from kurs.pflege import galerie, glossar, messen

import pytest

NAMEN = ("demo_perceptron", "demo_lernrate_und_loss")


@pytest.fixture(scope="module")
def auswahl():
    return tuple(skript for skript in skripte.alle_skripte() if skript.name in NAMEN)


@pytest.fixture(scope="module")
def ordner(auswahl):
    """Zwei echte Skripte mit vollen Stellschrauben und die Seiten dazu."""
    messungen = messen.miss_alle(auswahl)
    assert [messung.rueckgabe for messung in messungen] == [0, 0]
    return galerie.schreibe(auswahl, messungen).parent


def test_seiten_sind_in_sich_geschlossen(ordner):
    """Jeder Verweis führt zu einer Datei und Stelle der Galerie; nur Skripte außerhalb der Auswahl fehlen."""
    texte = {datei.name: datei.read_text(encoding="utf-8") for datei in ordner.glob("*.html")}
    assert set(texte) == {f"{name}.html" for name in (*NAMEN, "index", "glossar")}
    andere = {f"{skript.name}.html" for skript in skripte.alle_skripte()} - set(texte)
    for name, html in texte.items():
        assert "http" not in re.sub(r"<pre.*?</pre>", "", html, flags=re.DOTALL)
        for ziel in re.findall(r'(?:href|src)="([^"]+)"', html):
            datei, _, stelle = unquote(ziel).partition("#")
            if datei in andere and name == "glossar.html":
                continue
            assert not datei or (ordner / datei).is_file(), f"{name}: {ziel}"
            if stelle:
                assert f'id="{stelle}"' in texte[datei or name], f"{name}: {ziel}"


def test_seite_eines_skripts(ordner, auswahl):
    begriffe = (ordner / "glossar.html").read_text(encoding="utf-8").count("<dt ")
    assert begriffe == len(glossar.lies())
    html = (ordner / "demo_perceptron.html").read_text(encoding="utf-8")
    assert auswahl[0].titel in html and "epochen_und" in html and str(WURZEL) not in html
    assert html.index("lernt UND") < html.index("plot_1.webp") < html.index("erwartet")
    assert 'href="glossar.html#perceptron"' in html
    karten = (ordner / "index.html").read_text(encoding="utf-8")
    assert 'src="demo_perceptron/plot_1.webp"' in karten and auswahl[0].titel in karten


# --- Messwerte.md ---------------------------------------------------------------------------------


def test_messwerte_werden_festgehalten(auswahl, tmp_path, monkeypatch):
    """Gelungene Läufe ersetzen ihre Zeile, misslungene nicht; Zeilen von Skripten, die es nicht gibt, gehen."""
    monkeypatch.setattr(messen, "MESSWERTE", tmp_path / "Messwerte.md")
    erst, dann = auswahl
    alt = f"| demo_weg | 3 | 90 | x 1 |\n| {dann.name} | 5 | 700 | f1 0.9 (0.8–1) |\n"
    messen.MESSWERTE.write_text(alt, encoding="utf-8")
    lauf = messen.Messung(erst.name, 30.2, 2.0, 800, 0, 30, {"f1": 0.9}, {"f1": [0.8, 1]})
    kaputt = messen.Messung(dann.name, 1.0, 0.0, 10, 1, 30)
    messen.halte_fest([lauf, kaputt], auswahl)
    text = messen.MESSWERTE.read_text(encoding="utf-8")
    assert f"| {erst.name} | 30 | 800 | f1 0.9 (0.8–1) |\n" in text
    assert f"| {dann.name} | 5 | 700 | f1 0.9 (0.8–1) |\n" in text
    assert "demo_weg" not in text and "CPU-Kerne" in text
    messen.halte_fest([], auswahl)
    assert messen.MESSWERTE.read_text(encoding="utf-8") == text
