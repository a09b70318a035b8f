"""Beantwortet: Welche Startknöpfe zeigen PyCharm und VS Code?

Wenige, damit man den richtigen findet: je Kapitel sein erstes Skript, dazu der Kursarzt und die Tests; in
VS Code auch, was sich mit der gerade offenen Datei tun lässt. Erzeugt mit `python -m kurs erzeugen`.
"""

import json
from pathlib import Path
from xml.sax.saxutils import quoteattr

from kurs import skripte
from kurs.pfade import schreibe_text

LAUF = """<component name="ProjectRunConfigurationManager">
  <configuration default="false" name={name} type="PythonConfigurationType" factoryName="Python">
    <option name="INTERPRETER_OPTIONS" value="" />
    <option name="PARENT_ENVS" value="true" />
    <envs>
      <env name="PYTHONUNBUFFERED" value="1" />
    </envs>
    <option name="SDK_HOME" value="" />
    <option name="WORKING_DIRECTORY" value="$PROJECT_DIR$" />
    <option name="IS_MODULE_SDK" value="true" />
    <option name="ADD_CONTENT_ROOTS" value="true" />
    <option name="ADD_SOURCE_ROOTS" value="true" />
    <option name="SCRIPT_NAME" value={skript} />
    <option name="PARAMETERS" value={angaben} />
    <option name="SHOW_COMMAND_LINE" value="false" />
    <option name="EMULATE_TERMINAL" value="false" />
    <option name="MODULE_MODE" value="false" />
    <option name="REDIRECT_INPUT" value="false" />
    <option name="INPUT_FILE" value="" />
    <method v="2" />
  </configuration>
</component>
"""
AUFGABEN = {  # in VS Code: Name → was auf start.py folgt
    "Kursarzt": ["arzt"],
    "Vorbereiten": ["vorbereiten"],
    "Fortschritt": ["fortschritt"],
    "Offenes Skript starten": ["${file}"],
    "Offene Übung: Vergleich mit der Lösung": ["loesung", "${fileBasenameNoExtension}"],
    "Offene Übung: zurücksetzen": ["zuruecksetzen", "${fileBasenameNoExtension}"],
    "Tests": ["test"],
}


def einstiege() -> dict[int, skripte.Skript]:
    """Kapitel → sein erstes Skript laut Agenda."""
    gruppen = skripte.nach_kapitel(skripte.alle_skripte())
    return {nummer: next(gruppe) for (nummer, _), gruppe in gruppen}


def dateien() -> dict[Path, str]:
    """Jede Datei mit Startknöpfen und ihr Inhalt."""
    ordner = skripte.WURZEL / ".run"
    start = "$PROJECT_DIR$/start.py"
    gefunden = {
        ordner / "kursarzt.run.xml": _lauf("Kursarzt", start, "arzt"),
        ordner / "tests.run.xml": _lauf("Tests", start, "test"),
    }
    aufgaben = dict(AUFGABEN)
    for nummer, skript in einstiege().items():
        name = f"Kapitel {nummer}: {skript.name}"
        ziel = f"$PROJECT_DIR$/{skript.relativ.as_posix()}"
        gefunden[ordner / f"kapitel_{nummer}.run.xml"] = _lauf(name, ziel, "")
        aufgaben[name] = [skript.name]
    inhalt = {"version": "2.0.0", "tasks": [_task(n, a) for n, a in aufgaben.items()]}
    text = json.dumps(inhalt, ensure_ascii=False, indent=2) + "\n"
    gefunden[skripte.WURZEL / ".vscode" / "tasks.json"] = text
    return gefunden


def _lauf(name: str, skript: str, angaben: str) -> str:
    return LAUF.format(name=quoteattr(name), skript=quoteattr(skript), angaben=quoteattr(angaben))


def _task(name: str, angaben: list[str]) -> dict:
    return {
        "label": name,
        "type": "shell",
        "command": "python3",
        "windows": {"command": "py"},
        "args": ["start.py", *angaben],
        "problemMatcher": [],
    }


def schreibe() -> None:
    """Schreibt die Dateien neu und räumt Knöpfe weg, die es nicht mehr gibt."""
    soll = dateien()
    for alt in (skripte.WURZEL / ".run").glob("*.run.xml"):
        if alt not in soll:
            alt.unlink()
    for datei, text in soll.items():
        datei.parent.mkdir(exist_ok=True)
        schreibe_text(datei, text)
