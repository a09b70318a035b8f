"""Beantwortet: Stimmt, was Editoren und Lizenzen sagen?"""

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

from kurs.__main__ import app
from kurs.kern import skripte
from kurs.kern.pfade import WURZEL
from kurs.starter import BEFEHLE


def test_pycharm_startet_was_es_gibt():
    namen = []
    for datei in (WURZEL / ".run").iterdir():
        lauf = ET.fromstring(datei.read_text(encoding="utf-8")).find("configuration")
        angaben = {option.get("name"): option.get("value") for option in lauf.findall("option")}
        skript = angaben["SCRIPT_NAME"].replace("$PROJECT_DIR$", str(WURZEL))
        assert Path(skript).is_file() and angaben["WORKING_DIRECTORY"] == "$PROJECT_DIR$"
        namen.append(lauf.get("name"))
    kapitel = {skript.ordnung[0] for skript in skripte.alle_skripte()}
    assert len(namen) == len(kapitel) + 2 and {"Kursarzt", "Tests"} < set(namen)
    assert {int(name[8]) for name in namen if name.startswith("Kapitel ")} == kapitel


def test_vscode_kennt_dieselben():
    tasks = json.loads((WURZEL / ".vscode" / "tasks.json").read_text(encoding="utf-8"))["tasks"]
    angaben = {task["label"]: task["args"] for task in tasks}
    assert angaben["Kursarzt"] == ["start.py", "arzt"]
    for label, args in angaben.items():
        if label.startswith("Kapitel "):
            assert skripte.finde(args[1])[1] is None
    rest = {args[1] for label, args in angaben.items() if not label.startswith("Kapitel ")}
    assert rest - {"${file}"} <= set(BEFEHLE)


def test_jeder_befehl_ist_bekannt():
    """start.py erkennt Befehle an einer Liste; sie muss die von `python -m kurs` sein."""
    befehle = {b.name or b.callback.__name__ for b in app.registered_commands}
    assert befehle == set(BEFEHLE)


def test_lizenzen_sagen_zu_allem_etwas():
    lizenzen = (WURZEL / "LIZENZEN.md").read_text(encoding="utf-8")
    for ziel in re.findall(r"\]\((?!https)([^)]+)\)", lizenzen):
        assert (WURZEL / ziel).is_file(), ziel
    assert "MIT License" in (WURZEL / "LICENSE").read_text(encoding="utf-8")
    for ordner in (WURZEL / "data").iterdir():
        if ordner.is_dir() and ordner.name != "original":
            assert f"data/{ordner.name}/" in lizenzen, ordner
    # jedes fremde Motiv der Farbbilder hat einen Fundort
    sprites = WURZEL / "data" / "bilder" / "sprites"
    herkunft = (sprites / "HERKUNFT.csv").read_text(encoding="utf-8")
    assert all(f"{p.relative_to(sprites).as_posix()}," in herkunft for p in sprites.rglob("*.png"))
    # eingebettete fremde Lizenzen: Wer eine Modellkarte hat, nennt seine darin
    for karte in (WURZEL / "data" / "modelle").glob("*/README.md"):
        assert "| Lizenz |" in karte.read_text(encoding="utf-8"), karte
