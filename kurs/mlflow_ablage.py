"""Beantwortet: Wohin schreibt MLflow in diesem Skript, und ist die Datenbank heil?

Eine neue Datenbank ist die Kopie einer einmal angelegten (`ausgabe/zwischenspeicher`): Wer
mittendrin abbricht, lässt nichts Halbes zurück. Eine halbe oder die einer anderen Fassung von
MLflow wird beiseitegelegt.
"""

import contextlib
import os
import shutil
import sqlite3
import sys
from datetime import datetime
from pathlib import Path

from kurs.kern.pfade import schreibe_daneben, zwischenspeicher

NAME = "mlflow.db"
UNSER = {"angelegt_von": "kurs"}  # so erkennt der Kurs, was er wieder löschen darf
_geoeffnet: set[str] = set()  # Datenbanken, die der Kurs selbst angelegt hat
_belegt: dict = {}  # Ordner → Sperre; sie endet mit dem Prozess
ANHAENGSEL = ("", "-journal", "-wal", "-shm")  # SQLite legt sie neben die Datei; sie gehören zu ihr


def adresse(datei: Path) -> str:
    return f"sqlite:///{datei.as_posix()}"


def datenbank(ordner: Path) -> str:
    """Die Adresse von `mlflow.db` in `ordner`; eine heile, sonst wird eine neue angelegt.

    Fehler: SystemExit mit einem deutschen Satz, etwa wenn der Datenträger voll ist.
    """
    from filelock import FileLock

    datei = ordner / NAME
    try:
        with FileLock(zwischenspeicher() / ".mlflow.sperre"):  # zwei Skripte zugleich
            vorlage = _vorlage()
            if datei.exists() and _fassung(datei) not in (_fassung(vorlage), "gesperrt"):
                _lege_beiseite(datei)
            if not datei.exists():
                schreibe_daneben(datei, lambda pfad: shutil.copyfile(vorlage, pfad))
    except OSError as fehler:
        grund = fehler.strerror or fehler
        raise SystemExit(f"MLflow kann seine Datenbank {datei} nicht anlegen: {grund}.") from None
    return adresse(datei)


def oeffne(ordner: Path, name: str):
    """Ab jetzt schreibt MLflow nach `ordner`, Läufe in das Experiment `name` (Rückgabe).

    Läuft dasselbe Skript schon in einem anderen Fenster, bekommt dieses einen Ordner darin.
    """
    import mlflow

    ordner = _freier(ordner)
    database = datenbank(ordner)
    _geoeffnet.add(database)
    mlflow.set_tracking_uri(database)
    mlflow.set_registry_uri(database)
    if mlflow.get_experiment_by_name(name) is None:
        mlflow.create_experiment(name, artifact_location=(ordner / "artefakte").as_uri())
    return mlflow.set_experiment(name)


def _freier(ordner: Path) -> Path:
    """`ordner` oder, wo schon einer schreibt, `lauf_2` … darin: Sonst nähme er dessen Modelle."""
    from filelock import FileLock, Timeout

    for ort in (ordner, *(ordner / f"lauf_{nummer}" for nummer in range(2, 100))):
        ort.mkdir(exist_ok=True)
        sperre = _belegt.setdefault(ort, FileLock(ort / ".belegt"))
        with contextlib.suppress(Timeout):
            sperre.acquire(blocking=False)
            return ort
    return ordner


def oberflaeche() -> str:
    """Der Befehl fürs Terminal, der zeigt, was hier steht; mit einem Arbeiter, auch für Windows."""
    import mlflow

    where = mlflow.get_tracking_uri()
    return f'"{sys.executable}" -m mlflow ui --backend-store-uri "{where}" --workers 1'


def leeres_modell(name: str) -> None:
    """Legt in der Registry das Modell `name` an; Versionen aus früheren Läufen sind weg.

    Gelöscht wird nur, was der Kurs angelegt hat. Fehler: SystemExit mit einem deutschen Satz.
    """
    import mlflow

    client, ort = mlflow.MlflowClient(), mlflow.get_registry_uri()
    for vorhanden in client.search_registered_models(f"name = '{name}'"):
        if ort not in _geoeffnet and not UNSER.items() <= vorhanden.tags.items():
            raise SystemExit(f"In {ort} gibt es ein fremdes Modell {name}; es bleibt, wie es ist.")
        client.delete_registered_model(name)
    client.create_registered_model(name, tags=UNSER)


def _vorlage() -> Path:
    """Eine leere Datenbank dieser Fassung von MLflow."""
    import mlflow

    datei = zwischenspeicher() / f"mlflow_{mlflow.__version__}.db"
    if not datei.exists():
        print("MLflow legt seine Datenbank an, das dauert einmal einige Sekunden …", flush=True)
        schreibe_daneben(datei, _lege_an)
    return datei


def _lege_an(datei: Path) -> None:
    import sqlalchemy
    from mlflow.store.db.utils import _initialize_tables

    engine = sqlalchemy.create_engine(adresse(datei))
    try:
        _initialize_tables(engine)
    except sqlalchemy.exc.OperationalError as fehler:  # „database or disk is full“
        raise OSError(str(fehler.orig)) from None
    finally:
        engine.dispose()  # sonst ließe sich die Datei unter Windows nicht umbenennen


def _fassung(datei: Path) -> str:
    """Der Stand des Schemas, beim Anlegen als Letztes geschrieben; leer, wenn es keinen gibt."""
    try:
        with contextlib.closing(sqlite3.connect(datei)) as verbindung:
            return verbindung.execute("SELECT version_num FROM alembic_version").fetchone()[0]
    except (sqlite3.DatabaseError, TypeError) as fehler:
        return "gesperrt" if "locked" in str(fehler) else ""


def _lege_beiseite(datei: Path) -> None:
    alt = datei.with_name(f"mlflow_alt_{datetime.now():%Y%m%d_%H%M%S_%f}.db")
    for anhaengsel in ANHAENGSEL:
        with contextlib.suppress(FileNotFoundError):
            os.replace(f"{datei}{anhaengsel}", f"{alt}{anhaengsel}")
    print(
        f"{NAME} war halb oder gehört zu einer anderen Fassung von MLflow; "
        f"sie heißt jetzt {alt.name}."
    )
