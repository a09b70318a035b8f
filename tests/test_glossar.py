"""Beantwortet: Hat jeder Begriff der Folien genau einen Eintrag in Glossar.md, und stimmen dessen Verweise?

Die Begriffe stehen in tests/begriffe.txt, einer je Zeile; wie ein Eintrag aussieht, steht in kurs/pflege/glossar.py.
"""

import re
import unicodedata
from collections import Counter
from pathlib import Path

from kurs.pflege.glossar import DATEI, Begriff, Verweis, lies

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
