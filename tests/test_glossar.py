"""Beantwortet: Hat jeder Begriff der Folien genau einen Eintrag in Glossar.md, und stimmen dessen Verweise?

Die Begriffe stehen in tests/begriffe.txt, einer je Zeile; wie ein Eintrag aussieht, steht in kurs/pflege/glossar.py.
"""

import re
import unicodedata
from collections import Counter

from kurs.kern.pfade import WURZEL
from kurs.pflege.glossar import VERWEIS, Begriff, lies

THEORIE = "- *Theorie*"


def begriffe() -> list[str]:
    zeilen = (WURZEL / "tests" / "begriffe.txt").read_text(encoding="utf-8").splitlines()
    return [zeile for zeile in zeilen if zeile and not zeile.startswith("#")]


def fehler_im_eintrag(eintrag: Begriff) -> list[str]:
    """Was an einem Eintrag nicht stimmt, je Fehler ein Satz; leer, wenn alles stimmt."""
    lesbar = [zeile for zeile in eintrag.zeilen if zeile == THEORIE or VERWEIS.fullmatch(zeile)]
    fehler = [f"nicht zu lesen: {zeile}" for zeile in eintrag.zeilen if zeile not in lesbar]
    if len(eintrag.text) < 40 or not eintrag.text.endswith((".", "!", "?")):
        fehler.append("kein ganzer Satz")
    if len(re.findall(r"[.!?](?=\s|$)", eintrag.text)) > 3:
        fehler.append("mehr als drei Sätze")
    for verweis in (*eintrag.verweise(), *eintrag.verweise("Verwandt")):
        skript = WURZEL / verweis.ziel
        text = skript.read_text(encoding="utf-8") if skript.is_file() else ""
        if skript.stem != verweis.skript or f"# %% {verweis.zelle}\n" not in text:
            fehler.append(f"{verweis.ziel} hat keine Zelle „{verweis.zelle}“")
    if bool(eintrag.verweise()) == (THEORIE in eintrag.zeilen):
        fehler.append("soll entweder Theorie sein oder gezeigt werden")
    if unicodedata.normalize("NFD", eintrag.name)[0].upper() != eintrag.buchstabe:  # Ä steht bei A
        fehler.append(f"steht unter {eintrag.buchstabe}")
    return [f"{eintrag.name}: {satz}" for satz in fehler]


def test_jeder_begriff_der_folien_hat_genau_einen_eintrag():
    eintraege = Counter(eintrag.name for eintrag in lies())
    assert eintraege == Counter(begriffe())


def test_texte_und_verweise():
    fehler = [satz for eintrag in lies() for satz in fehler_im_eintrag(eintrag)]
    assert not fehler, "\n".join(fehler)
