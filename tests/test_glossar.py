"""Beantwortet: Hat jeder Begriff der Folien genau einen Eintrag in Glossar.md, und stimmen dessen Verweise?

Die Begriffe stehen in tests/begriffe.txt, einer je Zeile; wie ein Eintrag aussieht, steht in kurs/glossar.py.
"""

import re
import unicodedata
from collections import Counter
from pathlib import Path

from kurs.glossar import DATEI, THEORIE, Begriff, Verweis, lies

import pytest

WURZEL = Path(__file__).resolve().parent.parent


def begriffe() -> list[str]:
    zeilen = (WURZEL / "tests" / "begriffe.txt").read_text(encoding="utf-8").splitlines()
    return [zeile for zeile in zeilen if zeile and not zeile.startswith("#")]


def sortierschluessel(begriff: str) -> str:
    """Klein, Umlaute wie Grundbuchstaben, alles außer Buchstaben und Ziffern wie ein Leerzeichen."""
    zerlegt = unicodedata.normalize("NFD", begriff.casefold())  # ä wird a und zwei Punkte
    ohne_punkte = "".join(zeichen for zeichen in zerlegt if not unicodedata.combining(zeichen))
    return re.sub(r"[^a-z0-9]+", " ", ohne_punkte).strip()


def zellen(skript: Path) -> list[str]:
    return re.findall(r"^ *# %% (.+)$", skript.read_text(encoding="utf-8"), re.MULTILINE)


def fehler_im_text(text: str) -> list[str]:
    saetze = re.findall(r"[.!?](?=\s|$)", text)
    fehler = []
    if len(text) < 40 or not text.endswith((".", "!", "?")):
        fehler.append("kein ganzer Satz")
    if len(saetze) > 3:
        fehler.append(f"{len(saetze)} Sätze")
    if re.search(r"TODO|FIXME|XXX|\?\?", text):
        fehler.append("nicht fertig")
    return fehler


def fehler_im_verweis(verweis: Verweis, wurzel: Path) -> list[str]:
    skript = wurzel / verweis.ziel
    if not skript.is_file():
        return [f"{verweis.ziel} gibt es nicht"]
    if skript.stem != verweis.skript:
        return [f"heißt {verweis.skript}, führt aber zu {verweis.ziel}"]
    if verweis.zelle not in zellen(skript):
        return [f"{verweis.ziel} hat keine Zelle „{verweis.zelle}“"]
    return []


def fehler_im_eintrag(eintrag: Begriff, wurzel: Path) -> list[str]:
    """Was an einem Eintrag nicht stimmt, je Fehler ein Satz; leer, wenn alles stimmt."""
    fehler = fehler_im_text(eintrag.text)
    fehler += [f"nicht zu lesen: {zeile}" for zeile in eintrag.unlesbar]
    for verweis in (*eintrag.verweise, *eintrag.verwandt):
        fehler += fehler_im_verweis(verweis, wurzel)
    if bool(eintrag.verweise) == eintrag.theorie:
        fehler.append("Theorie und gezeigt" if eintrag.theorie else "weder Theorie noch gezeigt")
    if sortierschluessel(eintrag.name)[0].upper() != eintrag.buchstabe:
        fehler.append(f"steht unter {eintrag.buchstabe}")
    return [f"{eintrag.name}: {satz}" for satz in fehler]


# --- Das Glossar ----------------------------------------------------------------------------------


def test_jeder_begriff_der_folien_hat_genau_einen_eintrag():
    eintraege = Counter(eintrag.name for eintrag in lies())
    assert eintraege == Counter(begriffe())


def test_alphabetisch():
    schluessel = [sortierschluessel(eintrag.name) for eintrag in lies()]
    assert schluessel == sorted(schluessel)


def test_die_buchstaben_oben_fuehren_zu_den_ueberschriften():
    glossar = DATEI.read_text(encoding="utf-8")
    oben = re.findall(r"\[(\w)\]\(#(\w)\)", glossar)
    ueberschriften = re.findall(r"^## (.+)$", glossar, re.MULTILINE)
    assert oben == [(buchstabe, buchstabe.lower()) for buchstabe in ueberschriften]


def test_texte_und_verweise():
    fehler = [satz for eintrag in lies() for satz in fehler_im_eintrag(eintrag, WURZEL)]
    assert not fehler, "\n".join(fehler)


# --- Die Prüfungen selbst -------------------------------------------------------------------------

TEXT = "Ein Satz, der lang genug ist, um etwas zu erklären."
GUT = "- Gezeigt in: [demo_x](Kapitel/demo_x.py) · Zelle „Ein Netz“"


@pytest.fixture
def wurzel(tmp_path):
    (tmp_path / "Kapitel").mkdir()
    inhalt = "# %% Ein Netz\nx = 1\nif x:\n    # %% Nur „eines“: mit __call__\n    pass\n"
    (tmp_path / "Kapitel" / "demo_x.py").write_text(inhalt, encoding="utf-8")
    return tmp_path


def pruefe(wurzel, text, *verweise):
    [eintrag] = lies("\n".join(["# Glossar", "## O", "### Öl", "", text, "", *verweise]))
    return fehler_im_eintrag(eintrag, wurzel)


@pytest.mark.parametrize(
    "verweise",
    [
        [GUT],
        [GUT, r"- Gezeigt in: [demo_x](Kapitel/demo_x.py) · Zelle „Nur „eines“: mit \_\_call\_\_“"],
        [THEORIE],
        [THEORIE, GUT.replace("Gezeigt in", "Verwandt")],
    ],
)
def test_gute_eintraege(wurzel, verweise):
    assert pruefe(wurzel, f"{TEXT}\n{TEXT}", *verweise) == []


@pytest.mark.parametrize(
    ("text", "verweis", "satz"),
    [
        (TEXT, GUT.replace("(Kapitel", "(Kapital"), "Kapital/demo_x.py gibt es nicht"),
        (TEXT, GUT.replace("Ein Netz", "Kein Netz"), "hat keine Zelle „Kein Netz“"),
        (TEXT, GUT.replace("Ein Netz", "Ein"), "hat keine Zelle „Ein“"),
        (TEXT, GUT.replace("[demo_x]", "[demo_y]"), "heißt demo_y"),
        (TEXT, "- Gezeigt in: demo_x", "nicht zu lesen"),
        (TEXT, GUT.replace("Gezeigt in", "Verwandt"), "weder Theorie noch gezeigt"),
        (TEXT, f"{GUT}\n{THEORIE}", "Theorie und gezeigt"),
        (TEXT, "", "weder Theorie noch gezeigt"),
        ("", GUT, "kein ganzer Satz"),
        (TEXT.rstrip("."), GUT, "kein ganzer Satz"),
        (f"TODO {TEXT}", GUT, "nicht fertig"),
        (" ".join([TEXT] * 4), GUT, "4 Sätze"),
    ],
)
def test_fehler_werden_gefunden(wurzel, text, verweis, satz):
    fehler = pruefe(wurzel, text, verweis)
    assert any(zeile.startswith("Öl: ") and satz in zeile for zeile in fehler), fehler


def test_umlaute_sortieren_wie_grundbuchstaben():
    sortiert = ["Öl", "Offen", "Zahl", "Ähnlich", "Cross Entropy", "Cross-Attention"]
    sortiert.sort(key=sortierschluessel)
    assert sortiert == ["Ähnlich", "Cross-Attention", "Cross Entropy", "Offen", "Öl", "Zahl"]
