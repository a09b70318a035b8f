"""Schreibt MLflow nur dorthin, wo der Kurs es will, und übersteht die Datenbank Abbrüche und fremde
Fassungen?
"""

import contextlib
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

from kurs import mlflow_ablage
from kurs.kern import umgebung
from kurs.mlflow_ablage import UNSER, datenbank, leeres_modell, oeffne

import mlflow
import pytest
from conftest import warte_auf

WURZEL = Path(__file__).resolve().parent.parent
# Ein Skript in einer Umgebung, die MLflow woandershin schickt: Es schreibt, liest und sagt, wo es
# war.
SKRIPT = """
import sys; sys.path.insert(0, {wurzel!r})
import kurs
from pathlib import Path
from kurs.mlflow_ablage import leeres_modell, oeffne
import mlflow
oeffne(Path({ordner!r}), "Probe")
leeres_modell("ziffern")
with mlflow.start_run():
    mlflow.log_metric("a", 1)
print(mlflow.get_tracking_uri() == mlflow.get_registry_uri())
print(len(mlflow.search_runs(experiment_names=["Probe"])))
"""
FREMD = dict.fromkeys(umgebung.FREMDE_MLFLOW_ZIELE, "4711")
FREMD |= {"MLFLOW_TRACKING_URI": "sqlite:///firma.db", "MLFLOW_REGISTRY_URI": "sqlite:///firma.db"}
FREMD |= {"MLFLOW_ENABLE_WORKSPACES": "true", "DATABRICKS_CONFIG_PROFILE": "firma"}


@pytest.fixture(autouse=True)
def danach_wie_vorher(umgebung):
    yield
    mlflow.set_tracking_uri(None)
    mlflow.set_registry_uri(None)


def test_fremde_ziele_gelten_nicht(monkeypatch, tmp_path):
    for name, wert in FREMD.items():
        monkeypatch.setenv(name, wert)
    skript = SKRIPT.format(wurzel=str(WURZEL), ordner=str(tmp_path / "eigen"))
    (tmp_path / "eigen").mkdir()
    lauf = subprocess.run(
        [sys.executable, "-c", skript], capture_output=True, text=True, check=False
    )
    assert lauf.returncode == 0, lauf.stderr[-2000:]
    assert lauf.stdout.splitlines()[-2:] == ["True", "1"]
    assert not (tmp_path / "firma.db").exists()


def test_geloescht_wird_nur_eigenes(tmp_path):
    """Auch wenn die Registry eine fremde ist, weil jemand sie selbst eingestellt hat."""
    fremde = mlflow_ablage.adresse(Path(datenbank(tmp_path).removeprefix("sqlite:///")))
    mlflow.set_registry_uri(fremde)
    client = mlflow.MlflowClient()
    client.create_registered_model("ziffern", description="Produktion der Firma")
    with pytest.raises(SystemExit, match="fremdes Modell ziffern"):
        leeres_modell("ziffern")
    assert client.get_registered_model("ziffern").description == "Produktion der Firma"
    client.create_registered_model("kleidung", tags=UNSER, description="alt")
    leeres_modell("kleidung")
    assert not client.get_registered_model("kleidung").description


@pytest.mark.parametrize("schaden", ["leer", "halb", "andere Fassung", "Unsinn"])
def test_kaputte_datenbank_wird_beiseitegelegt(schaden, tmp_path, capsys):
    """Halb angelegt oder von einem anderen MLflow: Es geht weiter, und nichts ist gelöscht."""
    datenbank(tmp_path)
    datei = tmp_path / "mlflow.db"
    if schaden in ("leer", "Unsinn"):
        datei.write_bytes(b"" if schaden == "leer" else b"<html>kein SQLite</html>" * 50)
    else:
        with contextlib.closing(sqlite3.connect(datei)) as verbindung:
            befehl = {"halb": "DROP TABLE alembic_version"}
            verbindung.execute(befehl.get(schaden, "UPDATE alembic_version SET version_num = 'x'"))
            verbindung.commit()
    inhalt = datei.read_bytes()
    oeffne(tmp_path, "Probe")
    leeres_modell("ziffern")
    assert (tmp_path / "mlflow_alt_1.db").read_bytes() == inhalt
    assert "sie heißt jetzt mlflow_alt_1.db" in capsys.readouterr().out


def test_voller_datentraeger(tmp_path, monkeypatch):
    def voll(von, nach):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(mlflow_ablage.shutil, "copyfile", voll)
    with pytest.raises(SystemExit, match="kann seine Datenbank .* nicht anlegen: No space left"):
        datenbank(tmp_path)
    monkeypatch.undo()
    assert datenbank(tmp_path).endswith("mlflow.db")


ANLEGEN = """
import sys; sys.path.insert(0, {wurzel!r})
import kurs
from pathlib import Path
from kurs.mlflow_ablage import leeres_modell, oeffne
import mlflow
oeffne(Path({ordner!r}), "Probe")
leeres_modell("ziffern")
print(mlflow.get_registry_uri(), flush=True)
sys.stdin.read()
"""


def starte(tmp_path) -> subprocess.Popen:
    skript = ANLEGEN.format(wurzel=str(WURZEL), ordner=str(tmp_path))
    roehren = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    return subprocess.Popen([sys.executable, "-c", skript], text=True, **roehren)


def ohne_vorlage(monkeypatch, tmp_path) -> Path:
    """Eine Ausgabe ohne Vorlage der Datenbank. Rückgabe: wo sie entsteht."""
    monkeypatch.setenv("KURS_AUSGABE", str(tmp_path / "neu"))
    return tmp_path / "neu" / "zwischenspeicher"


def test_abgewuergt_beim_anlegen(monkeypatch, tmp_path):
    ablage = ohne_vorlage(monkeypatch, tmp_path)
    prozess = starte(tmp_path)
    assert warte_auf(lambda: any(ablage.glob(".mlflow_*.db")))
    prozess.kill()
    prozess.communicate()
    zweiter = starte(tmp_path)
    assert zweiter.communicate()[1] == "" and zweiter.returncode == 0
    shutil.rmtree(ablage)


def test_zwei_zugleich_nehmen_sich_nichts(monkeypatch, tmp_path):
    """Zwei Fenster, und beide sind das erste Mal: Jedes hat seine Registry; danach ist wieder frei."""
    ohne_vorlage(monkeypatch, tmp_path)
    prozesse = [starte(tmp_path) for _ in range(2)]
    ist_adresse = lambda zeile: zeile.startswith("sqlite")
    orte = {next(filter(ist_adresse, prozess.stdout)) for prozess in prozesse}
    assert len(orte) == 2
    for prozess in prozesse:
        fehler = prozess.communicate()[1]
        assert prozess.returncode == 0, fehler[-2000:]
    dritter = starte(tmp_path)
    assert dritter.communicate()[0] == min(orte, key=len)
