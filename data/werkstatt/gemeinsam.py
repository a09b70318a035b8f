"""Werkzeuge, die alle Bau-Skripte der Werkstatt teilen: lesen, prüfen, aufteilen, schreiben.

Hier entsteht kein Text. Die Texte stehen von Hand geschrieben in den Unterordnern; die Bau-Skripte
(`baue_*.py`) machen daraus die Dateien in `data/texte`. Jedes Skript liefert bei jedem Lauf
Byte für Byte dasselbe.
"""

import csv
import hashlib
import io
import os
import re
import unicodedata
from collections import defaultdict
from pathlib import Path

WERKSTATT = Path(__file__).resolve().parent
DATA = WERKSTATT.parent
WORT = re.compile(r"\w+")


def kennung(praefix: str, text: str) -> str:
    """Eine stabile Kennung: Sie hängt nur am Text, nicht an der Zeilennummer."""
    return f"{praefix}-{hashlib.sha256(text.encode('utf-8')).hexdigest()[:8]}"


def tokenmenge(text: str) -> frozenset[str]:
    """Die Menge der kleingeschriebenen Wörter eines Textes."""
    return frozenset(WORT.findall(text.lower()))


def ueberlappung(text: frozenset[str], anderer: frozenset[str]) -> float:
    """Anteil der Wörter von `text`, die auch in `anderer` vorkommen (0 bis 1)."""
    return len(text & anderer) / len(text) if text else 0.0


def pruefe_text(text: str, woher: str) -> None:
    """Bricht mit einer klaren Meldung ab, wenn ein Text nicht sauber ist."""
    if unicodedata.normalize("NFC", text) != text:
        raise SystemExit(f"{woher}: Text ist nicht NFC-normalisiert: {text!r}")
    if any(unicodedata.category(zeichen).startswith("C") for zeichen in text):
        raise SystemExit(f"{woher}: Steuerzeichen im Text: {text!r}")
    if not text or text != text.strip() or "  " in text:
        raise SystemExit(f"{woher}: Leerer Text oder überflüssige Leerzeichen: {text!r}")


def lese_quelle(datei: Path) -> list[tuple[str, str]]:
    """Liest Zeilen der Form ``label | Text``; leere Zeilen und ``#``-Kommentare zählen nicht."""
    eintraege = []
    for nummer, zeile in enumerate(datei.read_text(encoding="utf-8").splitlines(), start=1):
        if not zeile.strip() or zeile.startswith("#"):
            continue
        label, trenner, text = zeile.partition(" | ")
        if not trenner:
            raise SystemExit(f"{datei.name}, Zeile {nummer}: ' | ' zwischen Label und Text fehlt.")
        text = text.strip()
        pruefe_text(text, f"{datei.name}, Zeile {nummer}")
        eintraege.append((label.strip(), text))
    return eintraege


def teile_auf(kennungen, schichten, texte, anteil_validation=0.1, anteil_test=0.2) -> list[str]:
    """Teilt stratifiziert in train/validation/test auf, allein nach der Kennung (kein Zufall).

    `schichten` nennt je Text die Schicht (z. B. Domäne und Label). Texte, die einander zu mehr
    als 80 % überlappen, kommen gemeinsam nach train, damit kein Test-Text im Training „durchscheint“.
    """
    mengen = [tokenmenge(text) for text in texte]
    wo_steht_wort = defaultdict(set)
    for i, menge in enumerate(mengen):
        for wort in menge:
            wo_steht_wort[wort].add(i)
    doppelt = set()
    for i, menge in enumerate(mengen):
        zaehler = defaultdict(int)
        for wort in menge:
            for j in wo_steht_wort[wort]:
                zaehler[j] += 1
        for j, gemeinsam in zaehler.items():
            if j != i and gemeinsam / len(menge) > 0.8:
                doppelt.update((i, j))

    nach_schicht = defaultdict(list)
    for i in sorted(range(len(texte)), key=lambda i: kennungen[i]):
        nach_schicht[schichten[i]].append(i)
    teil = ["train"] * len(texte)
    for mitglieder in nach_schicht.values():
        frei = [i for i in mitglieder if i not in doppelt]
        n_test = round(anteil_test * len(mitglieder))
        n_validation = round(anteil_validation * len(mitglieder))
        for i in frei[:n_test]:
            teil[i] = "test"
        for i in frei[n_test : n_test + n_validation]:
            teil[i] = "validation"
    return teil


def schreibe(datei: Path, inhalt: str) -> None:
    """Schreibt UTF-8 mit LF-Zeilenenden: erst daneben, dann umbenennen."""
    datei.parent.mkdir(parents=True, exist_ok=True)
    daneben = datei.with_name(datei.name + ".neu")
    daneben.write_text(inhalt, encoding="utf-8", newline="\n")
    os.replace(daneben, datei)
    print(f"{datei.relative_to(DATA.parent)}: {len(inhalt.encode('utf-8')):,} Bytes")


def schreibe_csv(datei: Path, kopf: list[str], zeilen: list[list]) -> None:
    """Schreibt eine CSV-Datei (Komma, LF), wie pandas und `datasets` sie lesen."""
    puffer = io.StringIO()
    schreiber = csv.writer(puffer, lineterminator="\n")
    schreiber.writerow(kopf)
    schreiber.writerows(zeilen)
    schreibe(datei, puffer.getvalue())
