"""Beantwortet: Wie lange braucht jedes Skript, wie viel Speicher, und stimmen seine Werte?

Jedes Skript läuft mit seinen vollen Stellschrauben in einem eigenen Prozess, Plots gehen in Dateien.
Ergebnis: eine Tabelle auf der Konsole und, auf Wunsch, neue Zeilen in `Messwerte.md`.
"""

import json
import os
import platform
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from kurs.kern.pfade import AUSGABE, WURZEL, schreibbar, schreibe_text
from kurs.kern.skripte import Skript, lies_stellschrauben
from kurs.kern.umgebung import PLOT_BACKEND, hat_nvidia, kerne

import psutil
from rich.console import Console
from rich.table import Column, Table

MESSWERTE = WURZEL / "Messwerte.md"
MESSUNGEN = AUSGABE / "messen"  # was die Skripte dabei schrieben
KOPF = """# Messwerte

Ein voller Lauf jedes Skripts, geschrieben von `python start.py messen --festschreiben`. Die Bänder hinter den
Werten stehen im Kopf der Skripte; sie sind über mehrere Seeds gemessen. Sekunden sind Wanduhr: Wo nebenher anderes
rechnete, sind es zu viele.

Gemessen auf: {rechner}

| Skript | s | MB | Ergebnisse (Band) |
|---|---:|---:|---|
"""


@dataclass
class Messung:
    """Ein Lauf: Sekunden, Sekunden bis zur ersten gedruckten Zeile, Spitze des Arbeitsspeichers in MB."""

    name: str
    sekunden: float
    erste_zeile: float
    speicher_mb: float
    rueckgabe: int
    sekunden_im_kopf: int
    werte: dict[str, float] = field(default_factory=dict)
    baender: dict[str, list[float]] = field(default_factory=dict)
    ausserhalb: list[str] = field(default_factory=list)  # diese Werte liegen nicht in ihrem Band

    def band(self, name: str) -> str:
        """„ (0.8–0.9)“: das Band eines Werts; leer, wenn es keines gibt."""
        return " ({:g}–{:g})".format(*self.baender[name]) if name in self.baender else ""


def _speicher(prozess: psutil.Process) -> int:
    """Arbeitsspeicher eines Prozesses und seiner Kinder in Bytes; 0, wenn er gerade endet."""
    try:
        alle = (prozess, *prozess.children(recursive=True))
        if len(alle) == 1:
            return prozess.memory_info().rss
        # Mehrere teilen sich den Code der Bibliotheken; wo das System es weiß (Linux: PSS), zählt er einmal
        genau = [p.memory_full_info() for p in alle]
        return sum(getattr(info, "pss", info.rss) for info in genau)
    except psutil.Error:
        return 0


def miss(skript: Skript, ordner: Path, seed: int | None = None) -> Messung:
    """Misst einen Lauf (mit diesem SEED; von einer Übung die Lösung); die Ausgabe liegt in `ordner/<name>.txt`."""
    werte_datei = ordner / f"{skript.name}.json"
    werte_datei.unlink(missing_ok=True)
    umgebung = {**os.environ, "MPLBACKEND": PLOT_BACKEND, "KURS_ERGEBNISDATEI": str(werte_datei)}
    umgebung |= {"PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"}
    pfad = skript.loesung if skript.ist_uebung else skript.pfad
    befehl = [sys.executable, str(pfad)]
    if seed is not None:
        befehl = [sys.executable, "-m", "kurs", "lauf", skript.name, "--knopf", f"SEED={seed}"]
    spitze, erste_zeile, beginn = 0, 0.0, time.perf_counter()
    with open(ordner / f"{skript.name}.txt", "wb") as datei:
        prozess = psutil.Popen(
            befehl, cwd=WURZEL, env=umgebung, stdout=datei, stderr=subprocess.STDOUT
        )
        while prozess.poll() is None:
            spitze = max(spitze, _speicher(prozess))
            if not erste_zeile and os.fstat(datei.fileno()).st_size:
                erste_zeile = time.perf_counter() - beginn
            time.sleep(0.05)
    sekunden = round(time.perf_counter() - beginn, 1)
    mb, code = round(spitze / 2**20), prozess.returncode
    messung = Messung(skript.name, sekunden, round(erste_zeile, 1), mb, code, skript.sekunden)
    if werte_datei.is_file():
        ergebnis = json.loads(werte_datei.read_text(encoding="utf-8"))
        messung.werte, messung.baender = ergebnis["werte"], ergebnis["baender"]
        messung.ausserhalb = ergebnis["ausserhalb"]
    return messung


def rechner() -> str:
    """Der Rechner in Worten, etwa „2 CPU-Kerne, ohne Grafikkarte, Linux, Python 3.11.7“."""
    karte = "mit NVIDIA-Karte" if hat_nvidia() else "ohne Grafikkarte"
    return f"{kerne()} CPU-Kerne, {karte}, {platform.system()}, Python {platform.python_version()}"


def halte_fest(messungen: list[Messung], skripte: tuple[Skript, ...]) -> None:
    """Setzt gelungene Läufe in `Messwerte.md` ein; die anderen Skripte behalten ihre Zeile."""
    alt = MESSWERTE.read_text(encoding="utf-8") if MESSWERTE.is_file() else ""
    zeilen = {zeile.split()[1]: zeile for zeile in alt.splitlines() if zeile.startswith("| ")}
    for m in messungen:
        if m.rueckgabe == 0:
            werte = "; ".join(f"{name} {wert:.4g}{m.band(name)}" for name, wert in m.werte.items())
            zeilen[m.name] = f"| {m.name} | {m.sekunden:.0f} | {m.speicher_mb:.0f} | {werte} |"
    gemessen = [zeilen[skript.name] for skript in skripte if skript.name in zeilen]
    schreibe_text(MESSWERTE, KOPF.format(rechner=rechner()) + "\n".join(gemessen) + "\n")


def miss_alle(skripte: tuple[Skript, ...]) -> list[Messung]:
    """Misst die Skripte nacheinander und druckt die Tabelle."""
    ordner = schreibbar(MESSUNGEN)
    messungen = []
    for skript in skripte:
        print(f"{skript.name} läuft (laut Kopf ca. {skript.sekunden} s) …", flush=True)
        messungen.append(miss(skript, ordner))
    Console().print(_tabelle(messungen))
    print(f"Ausgaben der Skripte: {ordner}")
    return messungen


def miss_seeds(skripte: tuple[Skript, ...], anzahl: int) -> bool:
    """Führt jedes Skript mit seinem SEED und mit 1, 2, … aus (`anzahl` zusammen) und druckt je Ergebnis die
    Spanne neben dem Band. Rückgabe: ob alle Läufe gelungen sind.
    """
    ordner = schreibbar(MESSUNGEN)
    gelungen = True
    for skript in skripte:
        schraube = lies_stellschrauben(skript.pfad).get("SEED")
        if schraube is None:
            print(f"{skript.name}: hat keine Stellschraube SEED, jeder Lauf ist gleich.")
            continue
        spannen: dict[str, list[float]] = {}
        for seed in [schraube.wert, *range(1, anzahl)]:
            messung = miss(skript, ordner, seed)
            gelungen &= messung.rueckgabe == 0
            code = f", abgebrochen mit Code {messung.rueckgabe}" if messung.rueckgabe else ""
            print(f"{skript.name}, SEED={seed}: {messung.sekunden} s{code}", flush=True)
            for name, wert in messung.werte.items():
                spannen.setdefault(name, []).append(wert)
        for name, werte in spannen.items():
            print(f"  {name}: {min(werte):.4g} … {max(werte):.4g}{messung.band(name)}")
    return gelungen


def _tabelle(messungen: list[Messung]) -> Table:
    koepfe = ("Skript", "s", "laut Kopf", "1. Zeile nach s", "MB", "Ergebnisse neben ihren Bändern")
    tabelle = Table(*(Column(kopf, overflow="fold") for kopf in koepfe), title="Volle Läufe")
    for m in messungen:
        werte = []
        for name, wert in m.werte.items():
            farbe = "red" if name in m.ausserhalb else "green"
            werte.append(f"[{farbe}]{name} {wert:.4g}[/]{m.band(name)}")
        if m.rueckgabe:
            werte.append(f"[red]abgebrochen mit Code {m.rueckgabe}[/]")
        zahlen = (m.sekunden, m.sekunden_im_kopf, m.erste_zeile, m.speicher_mb)
        tabelle.add_row(m.name, *map(str, zahlen), "\n".join(werte))
    return tabelle
