"""Schreibt MLflow nur dorthin, wo der Kurs es will, und übersteht seine Datenbank Abbrüche?"""

import contextlib
import sqlite3
import subprocess
from pathlib import Path

from kurs import mlflow_ablage
from kurs.kern import umgebung
from kurs.mlflow_ablage import UNSER, datenbank, leeres_modell, oeffne

import mlflow
import pytest
from conftest import starte_python, warte_auf

# Ein Skript in einer Umgebung, die MLflow woandershin schickt: Es schreibt und sagt, wo es war.
ANLEGEN = """
import sys
import kurs
from pathlib import Path
from kurs.mlflow_ablage import leeres_modell, oeffne
import mlflow
oeffne(Path({ordner!r}), "Probe")
leeres_modell("ziffern")
with mlflow.start_run():
    mlflow.log_metric("a", 1)
print(mlflow.get_registry_uri(), flush=True)
sys.stdin.read()
"""


def starte(ordner: Path) -> subprocess.Popen:
    return starte_python("-c", ANLEGEN.format(ordner=str(ordner)), stdin=subprocess.PIPE)


@pytest.fixture(autouse=True)
def danach_wie_vorher(umgebung):
    yield
    mlflow.set_tracking_uri(None)
    mlflow.set_registry_uri(None)


@pytest.fixture
def firma(tmp_path):
    """Die Datenbank einer Firma (ein Lauf, das Modell „ziffern“) und Variablen, die sie nennen."""
    (tmp_path / "firma").mkdir()
    dort = datenbank(tmp_path / "firma")
    client = mlflow.MlflowClient(dort, dort)
    nummer = client.create_experiment("Produktion", (tmp_path / "firma").as_uri())
    lauf = client.create_run(nummer).info.run_id
    client.create_registered_model("ziffern", description="Produktion der Firma")
    variablen = {"MLFLOW_TRACKING_URI": dort, "MLFLOW_REGISTRY_URI": dort, "MLFLOW_RUN_ID": lauf}
    variablen |= {"MLFLOW_EXPERIMENT_ID": nummer, "MLFLOW_EXPERIMENT_NAME": "Produktion"}
    variablen |= {"MLFLOW_ACTIVE_MODEL_ID": "m-1", "DATABRICKS_CONFIG_PROFILE": "firma"}
    return tmp_path / "firma" / "mlflow.db", variablen


@pytest.mark.parametrize(
    "name",
    ["MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI", "MLFLOW_RUN_ID", "MLFLOW_EXPERIMENT_ID"]
    + ["MLFLOW_EXPERIMENT_NAME", "MLFLOW_ACTIVE_MODEL_ID", "DATABRICKS_CONFIG_PROFILE"],
)
def test_fremde_variable_lenkt_nichts_um(name, firma, monkeypatch, tmp_path):
    datei, variablen = firma
    vorher = datei.read_bytes()
    if name == "DATABRICKS_CONFIG_PROFILE":
        monkeypatch.setenv("MLFLOW_TRACKING_URI", "databricks")
    monkeypatch.setenv(name, variablen[name])
    if name in ("MLFLOW_RUN_ID", "MLFLOW_ACTIVE_MODEL_ID"):
        umgebung.vergiss_fremdes_mlflow()  # vor den anderen schützt schon `oeffne`
    oeffne(tmp_path / "eigen", "Probe")
    leeres_modell("ziffern")
    with mlflow.start_run():
        mlflow.log_metric("a", 1)
    assert datei.read_bytes() == vorher
    assert len(mlflow.search_runs(experiment_names=["Probe"])) == 1


def test_alle_fremden_variablen_zugleich(firma, monkeypatch, tmp_path):
    """In einem eigenen Prozess: Schon `import kurs` vergisst sie."""
    datei, variablen = firma
    vorher = datei.read_bytes()
    for name, wert in {**variablen, "MLFLOW_ENABLE_WORKSPACES": "true"}.items():
        monkeypatch.setenv(name, wert)
    lauf = starte(tmp_path / "eigen")
    ausgabe, fehler = lauf.communicate()
    assert lauf.returncode == 0, fehler[-2000:]
    assert "eigen/mlflow.db" in ausgabe.splitlines()[-1]
    assert datei.read_bytes() == vorher


def test_geloescht_wird_nur_eigenes(tmp_path):
    """Auch wenn die Registry eine fremde ist, weil jemand sie selbst eingestellt hat."""
    mlflow.set_registry_uri(datenbank(tmp_path))
    client = mlflow.MlflowClient()
    client.create_registered_model("ziffern", description="Produktion der Firma")
    with pytest.raises(SystemExit, match="fremdes Modell ziffern"):
        leeres_modell("ziffern")
    assert client.get_registered_model("ziffern").description == "Produktion der Firma"
    client.create_registered_model("kleidung", tags=UNSER, description="alt")
    leeres_modell("kleidung")
    assert not client.get_registered_model("kleidung").description
    oeffne(tmp_path, "Probe")  # in der eigenen Datenbank gehört auch Ungezeichnetes dem Kurs
    leeres_modell("ziffern")
    assert not client.get_registered_model("ziffern").description


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
    (alt,) = tmp_path.glob("mlflow_alt_*.db")
    assert alt.read_bytes() == inhalt
    assert f"sie heißt jetzt {alt.name}" in capsys.readouterr().out


def test_voller_datentraeger(tmp_path, monkeypatch):
    def voll(von, nach):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(mlflow_ablage.shutil, "copyfile", voll)
    with pytest.raises(SystemExit, match="kann seine Datenbank .* nicht anlegen: No space left"):
        datenbank(tmp_path)
    monkeypatch.undo()
    assert datenbank(tmp_path).endswith("mlflow.db")


def test_abgewuergt_beim_anlegen_und_danach_zwei_zugleich(monkeypatch, tmp_path):
    """Zwei Fenster, und beide legen an, was halb daliegt: Jedes hat seine Registry; danach ist wieder frei."""
    ablage = tmp_path / "neu" / "zwischenspeicher"  # noch ohne die Vorlage der Datenbank
    monkeypatch.setenv("KURS_AUSGABE", str(ablage.parent))
    prozess = starte(tmp_path)
    assert warte_auf(lambda: any(ablage.glob(".mlflow_*.db")))
    prozess.kill()
    prozess.communicate()
    prozesse = [starte(tmp_path) for _ in range(2)]
    ist_adresse = lambda zeile: zeile.startswith("sqlite")
    orte = {next(filter(ist_adresse, prozess.stdout)) for prozess in prozesse}
    assert len(orte) == 2
    for prozess in prozesse:
        assert prozess.communicate() == ("", "") and prozess.returncode == 0
    dritter = starte(tmp_path)
    assert dritter.communicate()[0] == min(orte, key=len)
