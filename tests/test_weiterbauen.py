"""Beantwortet: Stimmt, was Editoren, CI, Anforderungen und Lizenzen sagen?"""

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

from kurs.__main__ import app
from kurs.kern import skripte
from kurs.modellbau import speicher
from kurs.starter import BEFEHLE

import yaml

WURZEL = Path(__file__).resolve().parent.parent

# --- Startknöpfe ----------------------------------------------------------------------------------


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


# --- Versionen ------------------------------------------------------------------------------------


def versionen(datei):
    """Paket → seine Versionen (zwei, wo ein älteres Python eine andere braucht)."""
    gefunden = {}
    for zeile in (WURZEL / datei).read_text(encoding="utf-8").splitlines():
        if treffer := re.match(r"([A-Za-z0-9][\w.-]*)==([^\s;#]+)", zeile):
            name = re.sub(r"[-_.]+", "-", treffer[1]).lower()
            gefunden.setdefault(name, set()).add(treffer[2])
    return gefunden


def test_die_beiden_dateien_passen_zueinander():
    """Jede direkte Version steht so auch in constraints.txt: beide entstanden aus einem Auflösen."""
    alle = versionen("constraints.txt")
    direkte = versionen("requirements.txt")
    assert len(direkte) > 20
    for name, eigene in direkte.items():
        assert eigene == alle[name], name


# --- Für andere Maschinen -------------------------------------------------------------------------


def test_workflows_rufen_nur_was_es_gibt():
    gerufen, systeme = set(), set()
    for datei in (WURZEL / ".github" / "workflows").glob("*.yml"):
        for job in yaml.safe_load(datei.read_text(encoding="utf-8"))["jobs"].values():
            systeme |= set(job.get("strategy", {}).get("matrix", {}).get("os", []))
            for schritt in job["steps"]:
                gerufen |= set(re.findall(r"start\.py (\w+)", schritt.get("run", "")))
    assert gerufen <= set(BEFEHLE) and {"test", "vorbereiten", "arzt"} <= gerufen
    assert {system.split("-")[0] for system in systeme} == {"ubuntu", "windows", "macos"}


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
    assert all(eintrag.lizenz for eintrag in speicher.verzeichnis()[0].values())
