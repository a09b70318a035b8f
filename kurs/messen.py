"""Beantwortet: Wie lange braucht jedes Skript, wie viel Speicher, und stimmen seine Werte?

Jedes Skript läuft mit seinen vollen Stellschrauben in einem eigenen Prozess, Plots gehen in Dateien.
Ergebnis: eine Tabelle auf der Konsole und `ausgabe/messen/messwerte.json`; dazu, was gegenüber der
festgeschriebenen Tabelle (`messtabelle`) langsamer oder schneller geworden ist.
"""

import json
import os
import platform
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from kurs import messtabelle
from kurs.pfade import AUSGABE, WURZEL, schreibbar, schreibe_daneben
from kurs.skripte import Skript, lies_stellschrauben
from kurs.umgebung import PLOT_BACKEND, kerne

import psutil
from rich.console import Console
from rich.table import Table


@dataclass
class Messung:
    """Ein Lauf: Sekunden, Sekunden bis zur ersten gedruckten Zeile, Spitze des Arbeitsspeichers in MB.

    `takt` ist die Dauer der Eichschleife (Sekunden) davor und danach im Mittel; 0: nicht gemessen.
    """

    name: str
    sekunden: float
    erste_zeile: float
    speicher_mb: float
    rueckgabe: int
    sekunden_im_kopf: int
    takt: float = 0.0
    werte: dict[str, float] = field(default_factory=dict)
    baender: dict[str, list[float]] = field(default_factory=dict)
    quellen: dict[str, str] = field(default_factory=dict)

    @property
    def ausserhalb(self) -> list[str]:
        """Namen der Werte, die nicht in ihrem Band liegen."""
        return [
            name
            for name, wert in self.werte.items()
            if name in self.baender and not self.baender[name][0] <= wert <= self.baender[name][1]
        ]


def _speicher(prozess: psutil.Process) -> int:
    """Arbeitsspeicher eines Prozesses und seiner Kinder in Bytes; 0, wenn er gerade endet.

    Mehrere Prozesse teilen sich den Code der Bibliotheken; wo das System es weiß (Linux: PSS), zählt er nur einmal.
    """
    try:
        alle = (prozess, *prozess.children(recursive=True))
        if len(alle) == 1:
            return prozess.memory_info().rss
        genau = [p.memory_full_info() for p in alle]
        return sum(getattr(info, "pss", info.rss) for info in genau)
    except psutil.Error:
        return 0


def miss(skript: Skript, ordner: Path, seed: int | None = None) -> Messung:
    """Führt ein Skript einmal aus und misst es; seine Ausgabe liegt danach in `ordner/<name>.txt`.

    Mit `seed` läuft es mit diesem Wert seiner Stellschraube SEED.
    """
    werte_datei = ordner / f"{skript.name}.json"
    werte_datei.unlink(missing_ok=True)
    umgebung = {
        **os.environ,
        "MPLBACKEND": PLOT_BACKEND,
        "KURS_ERGEBNISDATEI": str(werte_datei),
        "PYTHONUNBUFFERED": "1",
        "PYTHONIOENCODING": "utf-8",
    }
    befehl = [sys.executable, str(skript.pfad)]
    if seed is not None:
        befehl = [sys.executable, "-m", "kurs", "lauf", skript.name, "--knopf", f"SEED={seed}"]
    beginn = time.perf_counter()
    prozess = subprocess.Popen(
        befehl,
        cwd=WURZEL,
        env=umgebung,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    beobachtet = psutil.Process(prozess.pid)
    spitze = 0

    def beobachte() -> None:
        nonlocal spitze
        while prozess.poll() is None:
            spitze = max(spitze, _speicher(beobachtet))
            time.sleep(0.05)

    waechter = threading.Thread(target=beobachte, daemon=True)
    waechter.start()
    erste_zeile, zeilen = 0.0, []
    for zeile in prozess.stdout:
        erste_zeile = erste_zeile or time.perf_counter() - beginn
        zeilen.append(zeile)
    rueckgabe = prozess.wait()
    sekunden = time.perf_counter() - beginn
    waechter.join()
    (ordner / f"{skript.name}.txt").write_bytes(b"".join(zeilen))
    messung = Messung(
        skript.name,
        round(sekunden, 1),
        round(erste_zeile, 1),
        round(spitze / 2**20),
        rueckgabe,
        skript.sekunden,
    )
    if werte_datei.is_file():
        for name, wert in json.loads(werte_datei.read_text(encoding="utf-8")).items():
            setattr(messung, name, wert)
    return messung


def miss_mit_takt(skript: Skript, ordner: Path) -> Messung:
    """Wie `miss`, dazu die Eichschleife unmittelbar davor und danach."""
    davor = messtabelle.eichschleife()
    messung = miss(skript, ordner)
    messung.takt = round((davor + messtabelle.eichschleife()) / 2, 3)
    return messung


def rechner() -> str:
    """Der Rechner in Worten, etwa „2 CPU-Kerne, ohne Grafikkarte, Linux, Python 3.11.7“."""
    import torch

    karte = torch.cuda.get_device_name(0) if torch.cuda.is_available() else "ohne Grafikkarte"
    return f"{kerne()} CPU-Kerne, {karte}, {platform.system()}, Python {platform.python_version()}"


def schreibe_fest(messungen: list[Messung], wo: str) -> None:
    """Setzt gelungene Läufe in die festgeschriebene Tabelle ein."""
    gelungen = {m.name: m for m in messungen if not m.rueckgabe and m.takt}
    felder = ("sekunden", "takt", "speicher_mb", "werte", "baender")
    messtabelle.schreibe_fest(
        wo,
        {name: {feld: getattr(m, feld) for feld in felder} for name, m in gelungen.items()},
    )


def miss_alle(skripte: list[Skript]) -> list[Messung]:
    """Misst die Skripte nacheinander, druckt die Tabelle und speichert sie nach jedem Skript."""
    ordner = schreibbar(AUSGABE / "messen")
    ziel = ordner / "messwerte.json"
    konsole, messungen, wo = Console(), [], rechner()
    for skript in skripte:
        konsole.print(f"{skript.name} läuft (laut Kopf ca. {skript.sekunden} s) …")
        messungen.append(miss_mit_takt(skript, ordner))
        inhalt = {
            "rechner": wo,
            "messungen": [asdict(messung) for messung in messungen],
        }
        text = json.dumps(inhalt, ensure_ascii=False, indent=1)
        schreibe_daneben(ziel, lambda pfad, text=text: pfad.write_text(text, encoding="utf-8"))
    konsole.print(_tabelle(messungen))
    for messung in messungen:
        if satz := messtabelle.drift(messung.name, messung.sekunden, messung.takt):
            konsole.print(f"Abweichung: {satz}")
    konsole.print(f"Gespeichert: {ziel}; Ausgaben der Skripte daneben.")
    return messungen


def miss_seeds(skripte: list[Skript], anzahl: int) -> bool:
    """Führt jedes Skript mit `anzahl` Seeds aus und druckt je Ergebnis die Spanne neben dem Band.

    Die Seeds sind die Vorgabe des Skripts und 1, 2, …; ein Skript ohne SEED wird genannt und
    übergangen. Rückgabe: ob alle Läufe gelungen sind.
    """
    ordner = schreibbar(AUSGABE / "messen")
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
            band = messung.baender.get(name)
            daneben = f"   Band {band[0]:g}–{band[1]:g}" if band else ""
            print(f"  {name}: {min(werte):.4g} … {max(werte):.4g}{daneben}")
    return gelungen


def _tabelle(messungen: list[Messung]) -> Table:
    tabelle = Table(title="Volle Läufe", title_justify="left")
    tabelle.add_column("Skript", overflow="fold")
    for spalte in ("s", "laut Kopf", "1. Zeile nach s", "MB"):
        tabelle.add_column(spalte, justify="right")
    tabelle.add_column("Ergebnisse neben ihren Bändern", overflow="fold")
    for messung in messungen:
        werte = []
        for name, wert in messung.werte.items():
            band = messung.baender.get(name)
            farbe = "red" if name in messung.ausserhalb else "green"
            werte.append(
                f"[{farbe}]{name} {wert:.4g}[/]" + (f" ({band[0]:g}–{band[1]:g})" if band else "")
            )
        if messung.rueckgabe:
            werte.append(f"[red]abgebrochen mit Code {messung.rueckgabe}[/]")
        tabelle.add_row(
            messung.name,
            f"{messung.sekunden}",
            f"{messung.sekunden_im_kopf}",
            f"{messung.erste_zeile}",
            f"{messung.speicher_mb:.0f}",
            "\n".join(werte),
        )
    return tabelle
