"""Beantwortet: Stimmt, was erzeugt wird (Startknöpfe, neue Versionen) und was Editoren, CI und Lizenzen sagen?"""

import json
import re
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path
from types import SimpleNamespace

from kurs import erneuerung, modellspeicher, skripte, startknoepfe
from kurs.__main__ import app
from kurs.erneuerung import Gescheitert

import pytest
import yaml
from typer.testing import CliRunner

WURZEL = Path(__file__).resolve().parent.parent

# --- Startknöpfe ----------------------------------------------------------------------------------


def test_startknoepfe_sind_aktuell():
    soll = startknoepfe.dateien()
    alle = {*(WURZEL / ".run").iterdir(), WURZEL / ".vscode" / "tasks.json"}
    hinweis = "veraltet; neu erzeugen: python -m kurs erzeugen"
    assert alle == set(soll), hinweis
    for datei, text in soll.items():
        assert datei.read_text(encoding="utf-8") == text, f"{datei.name}: {hinweis}"


def test_pycharm_startet_was_es_gibt():
    namen = []
    for datei, text in startknoepfe.dateien().items():
        if datei.suffix != ".xml":
            continue
        lauf = ET.fromstring(text).find("configuration")
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
    from kurs.einrichtung import BEFEHLE

    rest = {args[1] for label, args in angaben.items() if not label.startswith("Kapitel ")}
    assert rest - {"${file}"} <= set(BEFEHLE)


def test_alte_knoepfe_verschwinden(monkeypatch, tmp_path):
    monkeypatch.setattr(skripte, "WURZEL", tmp_path)
    monkeypatch.setattr(startknoepfe.skripte, "alle_skripte", lambda: ())
    (tmp_path / ".run").mkdir()
    (tmp_path / ".run" / "kapitel_9.run.xml").write_text("alt")
    startknoepfe.schreibe()
    namen = {datei.name for datei in (tmp_path / ".run").iterdir()}
    assert namen == {"kursarzt.run.xml", "tests.run.xml"}
    assert (tmp_path / ".vscode" / "tasks.json").is_file()


def test_jeder_befehl_ist_bekannt():
    """start.py erkennt Befehle an einer Liste; sie muss die von `python -m kurs` sein."""
    from kurs.einrichtung import BEFEHLE

    befehle = {b.name or b.callback.__name__ for b in app.registered_commands}
    assert befehle == set(BEFEHLE)


# --- Neuere Versionen -----------------------------------------------------------------------------

ALT = """# Direkte Abhängigkeiten

# Rechnen
numpy==2.4.6 ; python_version >= "3.11"
numpy==2.2.6 ; python_version < "3.11"
HanTa==1.2.1
tomli==2.5.0 ; python_version < "3.11"
rich==15.0.0
"""
AUFGELOEST = """hanta==1.3
mdurl==0.1.2
numpy==2.2.6 ; python_full_version < '3.11'
numpy==2.4.6 ; python_full_version == '3.11.*'
numpy==2.5.5 ; python_full_version >= '3.12'
rich==15.0.0
tomli==2.6.0 ; python_full_version < '3.11'
"""
NEU = """# Direkte Abhängigkeiten

# Rechnen
numpy==2.5.5 ; python_version >= "3.12"
numpy==2.4.6 ; python_version == "3.11"
numpy==2.2.6 ; python_version < "3.11"
HanTa==1.3
tomli==2.6.0 ; python_version < "3.11"
rich==15.0.0
"""


def test_wuensche():
    assert erneuerung.wuensche(ALT) == 'numpy\nHanTa\ntomli ; python_version < "3.11"\nrich\n'
    assert erneuerung.wuensche(NEU) == erneuerung.wuensche(ALT)


def test_neue_anforderungen():
    assert erneuerung.neue_anforderungen(ALT, AUFGELOEST) == NEU
    assert erneuerung.neue_anforderungen(NEU, AUFGELOEST) == NEU
    with pytest.raises(Gescheitert, match="HanTa fehlt"):
        erneuerung.neue_anforderungen(ALT, AUFGELOEST.replace("hanta", "anders"))


def test_aenderungen():
    alt = AUFGELOEST.replace("rich==15.0.0", "rich==14.0").replace("mdurl==0.1.2\n", "")
    neu = AUFGELOEST.replace("numpy==2.5.5 ; python_full_version >= '3.12'\n", "")
    assert erneuerung.aenderungen(alt, alt) == []
    assert erneuerung.aenderungen(alt, neu) == [
        "mdurl – → 0.1.2",
        "numpy 2.2.6 / 2.4.6 / 2.5.5 → 2.2.6 / 2.4.6",
        "rich 14.0 → 15.0.0",
    ]


def test_die_echten_dateien_passen_zueinander():
    """Jede direkte Version steht so auch in constraints.txt: beide entstanden aus einem Auflösen."""
    direkte = erneuerung._lies((WURZEL / "requirements.txt").read_text(encoding="utf-8"))
    alle = erneuerung._lies((WURZEL / "constraints.txt").read_text(encoding="utf-8"))
    for name, gruppe in direkte.items():
        versionen = {anforderung.version for anforderung in gruppe}
        assert None not in versionen
        assert versionen == {anforderung.version for anforderung in alle[name]}, name


@pytest.fixture
def haus(monkeypatch, tmp_path):
    """Ein Repository, in dem sich nur die beiden Dateien ändern können; aufgelöst wird nichts wirklich."""
    (tmp_path / "requirements.txt").write_text(ALT, encoding="utf-8")
    (tmp_path / "constraints.txt").write_text("rich==14.0\n", encoding="utf-8")
    (tmp_path / "start.py").write_text("print('start')\n")
    (tmp_path / ".venv").mkdir()
    monkeypatch.setattr(erneuerung, "WURZEL", tmp_path)
    monkeypatch.setattr(erneuerung, "AUSGABE", tmp_path / "ausgabe")
    monkeypatch.setattr(erneuerung, "_uv", lambda ordner: "uv")
    monkeypatch.setattr(erneuerung, "_loese_auf", lambda *_: AUFGELOEST)
    gerufen = []

    def rufe_auf(befehl, cwd, env):
        gerufen.append((befehl[-1], Path(cwd)))
        assert (cwd / "requirements.txt").read_text(encoding="utf-8") == NEU
        assert not (cwd / ".venv").exists() and "KURS_QUELLE" not in env
        return codes.get(befehl[-1], 0)

    codes = {}
    monkeypatch.setattr(erneuerung.lauf, "rufe_auf", rufe_auf)
    return SimpleNamespace(ort=tmp_path, gerufen=gerufen, codes=codes)


def erneuere(*angaben):
    return CliRunner().invoke(app, ["erneuern", *angaben])


def test_nur_aufloesen(haus):
    ergebnis = erneuere("--nur-aufloesen")
    assert ergebnis.exit_code == 0 and "rich 14.0 → 15.0.0" in ergebnis.output
    assert haus.gerufen == []
    ordner = haus.ort / "ausgabe" / "erneuern"
    assert (ordner / "requirements.txt").read_text(encoding="utf-8") == NEU
    assert (haus.ort / "requirements.txt").read_text(encoding="utf-8") == ALT


def test_testen_und_uebernehmen(haus):
    haus.codes["vorbereiten"] = (
        1  # ein Modell fehlt gerade im Index: Die Tests sagen, was das heißt
    )
    ergebnis = erneuere()
    assert ergebnis.exit_code == 0 and "alle Tests grün" in ergebnis.output
    assert [befehl for befehl, _ in haus.gerufen] == ["einrichten", "vorbereiten", "test"]
    assert {ort for _, ort in haus.gerufen} == {haus.ort / "ausgabe" / "erneuern" / "haus"}
    assert (haus.ort / "requirements.txt").read_text(encoding="utf-8") == ALT
    assert erneuere("--uebernehmen").exit_code == 0
    assert (haus.ort / "requirements.txt").read_text(encoding="utf-8") == NEU
    assert (haus.ort / "constraints.txt").read_text(encoding="utf-8") == AUFGELOEST
    assert "auf dem neuesten Stand" in erneuere().output


@pytest.mark.parametrize("befehl", ["einrichten", "test"])
def test_rote_tests_werden_nie_uebernommen(befehl, haus):
    haus.codes[befehl] = 3
    ergebnis = erneuere("--uebernehmen")
    assert ergebnis.exit_code == 1 and "nicht grün (Code 3)" in ergebnis.output
    assert (haus.ort / "requirements.txt").read_text(encoding="utf-8") == ALT


def test_uv_scheitert(monkeypatch, tmp_path):
    antwort = subprocess.CompletedProcess([], 1, "", "  × No solution found\n  rich und keras")
    monkeypatch.setattr(erneuerung.subprocess, "run", lambda *_, **__: antwort)
    with pytest.raises(Gescheitert, match="No solution found\n  rich und keras"):
        erneuerung._loese_auf("uv", tmp_path, "rich\n")


def test_uv_sieht_den_spiegel(monkeypatch, tmp_path):
    def rufe(befehl, env, **_):
        assert env["UV_DEFAULT_INDEX"] == "https://spiegel.example/simple"
        assert {"--universal", "3.10"} < set(befehl)
        (tmp_path / "aufgeloest.txt").write_text(AUFGELOEST)
        return subprocess.CompletedProcess(befehl, 0, "", "")

    monkeypatch.setenv("PIP_INDEX_URL", "https://spiegel.example/simple")
    monkeypatch.delenv("UV_DEFAULT_INDEX", raising=False)
    monkeypatch.setattr(erneuerung.subprocess, "run", rufe)
    assert erneuerung._loese_auf("uv", tmp_path, "rich\n") == AUFGELOEST


# --- Für andere Maschinen -------------------------------------------------------------------------


def test_workflows_rufen_nur_was_es_gibt():
    from kurs.einrichtung import BEFEHLE

    gerufen, systeme = set(), set()
    for datei in (WURZEL / ".github" / "workflows").glob("*.yml"):
        for job in yaml.safe_load(datei.read_text(encoding="utf-8"))["jobs"].values():
            systeme |= set(job.get("strategy", {}).get("matrix", {}).get("os", []))
            for schritt in job["steps"]:
                gerufen |= set(re.findall(r"start\.py (\w+)", schritt.get("run", "")))
    assert gerufen <= set(BEFEHLE) and {"test", "erneuern", "arzt"} <= gerufen
    assert {system.split("-")[0] for system in systeme} == {"ubuntu", "windows", "macos"}


def test_ueberall_dieselbe_fassung_von_ruff():
    dateien = [WURZEL / ".pre-commit-config.yaml", WURZEL / ".github" / "workflows" / "tests.yml"]
    texte = [datei.read_text(encoding="utf-8") for datei in dateien]
    assert len({v for text in texte for v in re.findall(r"ruff==([\d.]+)", text)}) == 1
    haken = yaml.safe_load(texte[0])["repos"][0]["hooks"]
    assert [eintrag["id"] for eintrag in haken] == ["ruff-check", "ruff-format"]


def test_lizenzen_sagen_zu_allem_etwas():
    lizenzen = (WURZEL / "LIZENZEN.md").read_text(encoding="utf-8")
    for ziel in re.findall(r"\]\((?!https)([^)]+)\)", lizenzen):
        assert (WURZEL / ziel).is_file(), ziel
    assert "MIT License" in (WURZEL / "LICENSE").read_text(encoding="utf-8")
    for ordner in (WURZEL / "data").iterdir():
        if ordner.is_dir() and ordner.name != "original":
            assert f"data/{ordner.name}/" in lizenzen, ordner
    # eingebettete fremde Lizenzen: Wer eine Modellkarte hat, nennt seine darin
    for karte in (WURZEL / "data" / "modelle").glob("*/README.md"):
        assert "| Lizenz |" in karte.read_text(encoding="utf-8"), karte
    assert all(eintrag.lizenz for eintrag in modellspeicher.verzeichnis()[0].values())
