"""Was kommt vom Hugging Face Hub an, wenn er liefert, wenn er stört und wenn er weg ist?

Der Hub ist ein Double auf Loopback (`hub.py`); seine Repositorys baut `hub_ablage.py`.
"""

import os
import re
import shutil
import signal
import subprocess
from pathlib import Path
from types import SimpleNamespace

from kurs import hub as hub_modul
from kurs import netz, quellen
from kurs.datensaetze import datensatz
from kurs.kern import skripte
from kurs.modelle import modell, modellkarte
from kurs.quellen import KeineQuelle
from kurs.uebungen.urteil import LAUF, RICHTIG

import datasets
import hub_ablage
import psutil
import pytest
import test_farbbilder
from conftest import starte_python, warte_auf
from hub import Hub
from huggingface_hub import constants
from test_quellen import schreibe_fashion, schreibe_npz, selbst_unterschrieben
from test_skripte import probelauf

BERT = "google-bert/bert-base-uncased"
pytestmark = [pytest.mark.hub, pytest.mark.usefixtures("umgebung")]


@pytest.fixture(scope="module")
def ablage(tmp_path_factory):
    datasets.disable_progress_bars()
    return hub_ablage.baue(tmp_path_factory.mktemp("hub"))


def richte_ein(hub: Hub, monkeypatch, tmp_path) -> Hub:
    hub.umzug, hub.gesperrt = hub_ablage.UMZUG, hub_ablage.GESPERRT
    cache = tmp_path / "cache"
    monkeypatch.setattr(constants, "ENDPOINT", hub.adresse)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache / "hub"))
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", str(cache / "datasets"))
    monkeypatch.setenv("HF_ENDPOINT", hub.adresse)  # für den Prozess, der lädt
    monkeypatch.setenv("HF_HOME", str(cache))
    monkeypatch.setenv("KURS_ORIGINALE", str(tmp_path / "kopien"))
    monkeypatch.setenv("KURS_QUELLE", "auto")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(netz, "FRIST", 30.0)  # auch ein ausgelasteter Rechner besteht
    monkeypatch.setattr(netz, "STILLE", 30.0)
    return hub


@pytest.fixture
def hub(request, ablage, monkeypatch, tmp_path):
    with Hub(ablage, praefix=getattr(request, "param", "")) as hub:
        yield richte_ein(hub, monkeypatch, tmp_path)


def halbes() -> list[str]:
    """Was nach einem Misserfolg im Zwischenspeicher liegt (Sperrdateien zählen nicht)."""
    dateien = [d for d in Path(constants.HF_HUB_CACHE).rglob("*") if d.is_file()]
    return [d.name for d in dateien if d.suffix != ".lock" and d.name != "CACHEDIR.TAG"]


# --- Er liefert -----------------------------------------------------------------------------------


@pytest.mark.parametrize("hub", ["", "/spiegel/hf"], indirect=True)
def test_modell_kommt_ganz_und_nur_was_gebraucht_wird(hub, capsys):
    from transformers import AutoModelForMaskedLM, AutoTokenizer

    ordner = modell(BERT, selbst_gewaehlt=True)
    zeilen = capsys.readouterr().out.splitlines()
    assert re.fullmatch(rf"{BERT}: lade \d+ MB von 127.0.0.1 …", zeilen[0])
    assert zeilen[-1] == f"{BERT}: vom Hugging Face Hub"
    dateien = set(os.listdir(ordner))
    assert {"config.json", "model.safetensors", "tokenizer.json", "README.md"} <= dateien
    assert not dateien & {"tf_model.h5", "onnx"}
    tokenizer = AutoTokenizer.from_pretrained(ordner)
    AutoModelForMaskedLM.from_pretrained(ordner)(**tokenizer("ein Satz", return_tensors="pt"))
    assert "license: apache-2.0" in modellkarte(BERT), "der Kopf der Karte gehört dazu"


def test_auto_fragt_den_hub_nicht_nach_eingebettetem(hub, capsys):
    assert "bert-klein-deutsch" in modell("bert-base-german-cased")
    assert len(datensatz("sepidmnorozy/German_sentiment")["train"]) == 727
    assert hub.anfragen == [] and capsys.readouterr().out.count("vorbereiten --originale") == 2


@pytest.mark.parametrize(
    ("name", "teile"),
    [
        ("sepidmnorozy/German_sentiment", {"train": 1_999, "validation": 771, "test": 1_489}),
        ("rotten_tomatoes", {"train": 8_530, "validation": 1_066, "test": 1_066}),
        ("germeval_14", {"train": 900, "validation": 300, "test": 600}),
    ],
)
def test_datensaetze_haben_das_schema_des_verzeichnisses(name, teile, hub, monkeypatch, capfd):
    """germeval_14: auf main nur ein Skript, in parquet die Marken nur als Zahlen."""
    from kurs.textverzeichnis import RUFNAMEN, VERZEICHNIS

    monkeypatch.setenv("KURS_QUELLE", "hub")
    daten = datensatz(name)
    assert {teil: len(tabelle) for teil, tabelle in daten.items()} == teile
    assert daten["test"].features == VERZEICHNIS[RUFNAMEN.get(name, name)].features
    assert capfd.readouterr().err == ""


def test_kopie_vor_zwischenspeicher_vor_ersatz(hub, monkeypatch, tmp_path, capfd):
    """Der Zwischenspeicher ist der, den die Bibliothek hinterlässt; ein kaputter wird genannt und übergangen."""
    monkeypatch.setenv("KURS_QUELLE", "hub")
    kopie = tmp_path / "kopien" / "datensaetze" / "rotten_tomatoes"
    datensatz("rotten_tomatoes").save_to_disk(str(kopie))
    monkeypatch.setenv("KURS_QUELLE", "auto")
    hub.stoere("status", code=503)

    def woher() -> str:
        quellen.vergiss()
        datensatz("rotten_tomatoes")
        return capfd.readouterr().out.splitlines()[-1].removeprefix("rotten_tomatoes: ")

    assert woher() == "eigene Kopie"
    shutil.rmtree(kopie)
    assert woher() == "Zwischenspeicher des Hugging Face Hub" and quellen.originale_benutzt()
    for datei in (tmp_path / "cache").rglob("*test.arrow"):
        datei.write_bytes(datei.read_bytes()[:200])
    zeile = woher()
    assert "Zwischenspeicher" in zeile and "beschädigt" in zeile and "Ersatz, eingebettet" in zeile


def test_fremde_spalten_gelten_nicht_als_der_datensatz(hub, ablage, monkeypatch, tmp_path, capsys):
    ort = ablage / "datasets" / "cornell-movie-review-data" / "rotten_tomatoes"
    anders = tmp_path / "ablage" / "datasets" / "cornell-movie-review-data" / "rotten_tomatoes"
    shutil.copytree(ort, anders)
    for datei in anders.glob("*.parquet"):
        datasets.Dataset.from_dict({"satz": [datei.name] * 3}).to_parquet(str(datei))
    hub.ordner = tmp_path / "ablage"
    monkeypatch.setenv("KURS_QUELLE", "hub")
    with pytest.raises(KeineQuelle, match="fehlt text, label"):
        datensatz("rotten_tomatoes")


@pytest.mark.parametrize(
    ("name", "grund"),
    [("google/gemma-3-270m", "Anmeldung"), ("test/gibtsnicht", "kennt diesen Namen nicht")],
)
def test_was_der_hub_nicht_hergibt(name, grund, hub, monkeypatch):
    monkeypatch.setenv("KURS_QUELLE", "hub")
    with pytest.raises(KeineQuelle, match=grund):
        modell(name)
    assert netz.stoerung(hub.adresse) is None, "das gilt diesem Namen, nicht dem Hub"


# --- Er stört -------------------------------------------------------------------------------------

STOERUNGEN = {
    "429": ({"art": "status", "code": 429}, "Limit"),
    "Gewichte 503": ({"art": "status", "code": 503, "bei": "cdn"}, r"gestört \(503\)"),
    "Gewichte gesperrt": ({"art": "status", "code": 403, "bei": "cdn"}, "verweigert den Zugang"),
    "Anmeldeseite": ({"art": "anmeldeseite"}, "Anmelde- oder Sperrseite"),
    "schweigt": ({"art": "schweigt"}, "schweigt"),
    "tröpfelt": ({"art": "langsam", "rate": 500}, "zu langsam"),
    "Gewichte schweigen": ({"art": "schweigt", "bei": "cdn"}, "liefert nicht"),
    "Gewichte tröpfeln": ({"art": "langsam", "rate": 1000, "bei": "cdn"}, "liefert nicht"),
    "Gewichte brechen ab": ({"art": "bricht ab", "nach": 50_000, "bei": "cdn"}, "bricht|liefert"),
    "und kämen nie ganz": ({"art": "bricht ab", "nach": 100_000, "bei": "cdn"}, "zu langsam"),
}


@pytest.mark.parametrize("name", STOERUNGEN)
def test_stoerung(name, hub, monkeypatch, capfd):
    """Der Ersatz, der wahre Grund, nichts auf stderr, nichts Halbes; das nächste Modell wartet
    nicht noch einmal.
    """
    stoerung, grund = STOERUNGEN[name]
    hub.stoere(**stoerung)
    with monkeypatch.context() as ungeduldig:
        if name == "schweigt":
            ungeduldig.setattr(netz, "FRIST", 1.0)
        elif stoerung["art"] not in ("status", "anmeldeseite"):  # auf die wartet niemand
            ungeduldig.setattr(netz, "STILLE", 1.5)
            ungeduldig.setattr(netz, "GEDULD", 20)  # statt 3 MB wären es 440
        ordner = modell(BERT, selbst_gewaehlt=True)
    ausgabe, fehler = capfd.readouterr()
    assert "bert-klein-deutsch" in ordner and fehler == ""
    assert re.search(rf"Stellvertreter .*\(.*{grund}", ausgabe.splitlines()[-1]), ausgabe
    assert halbes() == []
    fragen = len(hub.anfragen)
    modell("deepset/gbert-base", selbst_gewaehlt=True)
    with pytest.raises(KeineQuelle, match=grund):
        datensatz("test/nur-auf-dem-hub")
    assert len(hub.anfragen) == fragen
    hub.stoere()
    netz.vergiss()
    quellen.vergiss()
    assert "bert-klein" not in modell(BERT, selbst_gewaehlt=True)


def test_zertifikat_eines_proxys(ablage, monkeypatch, tmp_path, capfd):
    with Hub(ablage, zertifikat=selbst_unterschrieben(tmp_path)) as hub:
        richte_ein(hub, monkeypatch, tmp_path)
        assert "bert-klein-deutsch" in modell(BERT, selbst_gewaehlt=True)
    ausgabe, fehler = capfd.readouterr()
    assert "Zertifikat für 127.0.0.1 wird nicht anerkannt" in ausgabe and fehler == ""


@pytest.mark.parametrize(
    ("wo", "name", "wert", "satz"),
    [
        (constants, "ENDPOINT", "", "HF_ENDPOINT.*keine Adresse"),
        (constants, "ENDPOINT", "spiegel.firma.example", "HF_ENDPOINT.*keine Adresse"),
        (constants, "HF_HUB_OFFLINE", True, "HF_HUB_OFFLINE ist gesetzt"),
        (shutil, "disk_usage", lambda ort: SimpleNamespace(free=1_000), "MB frei"),
    ],
)
def test_hier_geht_es_nicht(wo, name, wert, satz, hub, monkeypatch, capfd):
    monkeypatch.setattr(wo, name, wert)
    assert "bert-klein-deutsch" in modell(BERT, selbst_gewaehlt=True)
    ausgabe, fehler = capfd.readouterr()
    assert re.search(satz, ausgabe) and fehler == "" and halbes() == []
    assert hub.anfragen == [] or name != "HF_HUB_OFFLINE"


def test_strg_c_beim_herunterladen(hub, monkeypatch):
    def unterbrich(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(netz.Takt, "stockt", unterbrich)
    with pytest.raises(KeyboardInterrupt):
        modell(BERT, selbst_gewaehlt=True)
    assert halbes() == []


def test_abgewuergt_beim_herunterladen(hub, tmp_path):
    """Kein `finally` läuft mehr: Der nächste macht dort weiter und räumt den Rest auf."""
    hub.stoere("langsam", rate=200_000, bei="cdn")
    programm = f"from kurs.modelle import modell; modell({BERT!r}, selbst_gewaehlt=True)"
    kind = starte_python("-c", programm, env={"KURS_AUSGABE": str(tmp_path / "aus")})
    blobs = hub_modul.ablage("models", BERT) / "blobs"
    halb = lambda: [d for d in blobs.glob("*.incomplete") if d.stat().st_size > 100_000]
    assert warte_auf(halb, 120)
    for prozess in (kind, *psutil.Process(kind.pid).children(recursive=True)):
        prozess.kill()
        prozess.wait()
    assert halb()
    (blobs / "README.1a2b3c4d.incomplete").write_bytes(b"so nennt huggingface_hub Kleines")
    hub.stoere()
    ordner = modell(BERT, selbst_gewaehlt=True)
    soll = hub.ordner / "models" / BERT / "model.safetensors"
    assert (Path(ordner) / "model.safetensors").read_bytes() == soll.read_bytes()
    assert hub.fortgesetzt == ["model.safetensors"] and not list(blobs.glob("*.incomplete"))


# --- Ein Teilnehmer nennt ein Modell --------------------------------------------------------------

MODERN, ELECTRA = "LSX-UniWue/ModernGBERT_134M", "deepset/gelectra-base"
BERT_NUTZEN, FINE_TUNING = "uebung_bert_nutzen", "uebung_klassifikation_fine_tuning"


@pytest.mark.parametrize(
    ("name", "alt", "neu", "satz"),
    [
        (BERT_NUTZEN, "google/gemma-3-270m", MODERN, None),
        (BERT_NUTZEN, "google/gemma-3-270m", f"{ELECTRA}-generator", None),
        (BERT_NUTZEN, "bert-base-uncased", MODERN, None),
        (BERT_NUTZEN, "bert-base-uncased", ELECTRA, "füllt keine Lücken"),
        (FINE_TUNING, "intfloat/multilingual-e5-small", MODERN, None),
        (FINE_TUNING, "intfloat/multilingual-e5-small", ELECTRA, None),
    ],
)
def test_genanntes_modell(name, alt, neu, satz, hub, capfd):
    """Andere Bauart, andere Tokenizer, keine Karte: richtig oder ein Satz, und man sieht es laden."""
    pfad = skripte.finde(name)[0].loesung
    text = pfad.read_text(encoding="utf-8").replace(f'"{alt}"', f'"{neu}"')
    text = text.replace('"google/gemma-3-270m"', f'"{BERT}"')
    raum, ausgabe = probelauf(pfad, capfd, text)
    assert f"{neu}: lade" in ausgabe and f"{neu}: vom Hugging Face Hub" in ausgabe
    befunde = raum[LAUF].befunde.values()
    falsch = [befund.satz for befund in befunde if befund.zeichen != RICHTIG]
    assert not falsch if satz is None else satz in falsch[0], ausgabe


# --- Originale vorausholen ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def gefuellt(tmp_path_factory):
    """Der Rechner eines Trainers: Erst holt er die Originale voraus, dann laufen die Skripte."""
    return tmp_path_factory.mktemp("rechner")


def starte(angaben: list[str], hub: Hub, ordner: Path, **umgebung) -> subprocess.Popen:
    env = {"HF_ENDPOINT": hub.adresse, "HF_HOME": str(ordner), "NO_PROXY": "127.0.0.1"}
    env |= {"KURS_AUSGABE": str(ordner / "ausgabe"), **umgebung}
    return starte_python("-m", "kurs", *angaben, env=env)


@pytest.mark.skipif(os.name == "nt", reason="SIGINT an einen Prozess gibt es nur unter POSIX")
def test_originale_vorausholen(hub, gefuellt, tmp_path):
    """Sagt die Größen, zeigt, wie weit es ist, macht nach Strg+C dort weiter; dann ist alles da."""
    schreibe_npz(tmp_path / "datasets" / "mnist.npz")
    schreibe_fashion(tmp_path / "datasets" / "fashion-mnist")
    test_farbbilder.schreibe_npz(tmp_path)
    orte = dict.fromkeys(("KERAS_HOME", "KURS_ORIGINALE"), str(tmp_path))
    vorbereiten = lambda: starte(["vorbereiten", "--originale"], hub, gefuellt, **orte)
    hub.stoere("langsam", rate=120_000, bei="cdn/google-bert")
    abgebrochen = vorbereiten()
    zeilen = iter(abgebrochen.stdout)
    assert re.search(r"zusammen rund \d.\d{3} MB", next(zeilen))
    next(zeile for zeile in zeilen if re.search(r"german-cased:\s+[12] von 3 MB", zeile))
    abgebrochen.send_signal(signal.SIGINT)
    assert abgebrochen.communicate() == ("", "") and abgebrochen.returncode == 130
    hub.stoere()
    for stand in ("vom Hugging Face Hub", "Zwischenspeicher des Hugging Face Hub"):
        lauf = vorbereiten()
        ausgabe, fehler = lauf.communicate()
        assert lauf.returncode == 0 and fehler == "" and "nicht zu bekommen" not in ausgabe, (
            ausgabe + fehler
        )
        assert ausgabe.count(stand) == 13 and hub.fortgesetzt == ["model.safetensors"]
        hub.stoere("status", code=503)


# --- Jedes Skript, das ein Modell oder einen Datensatz des Hubs nennt -----------------------------


def mit_original() -> list:
    """Skripte, deren Originale der Hub hat; die deutsche spaCy-Pipeline liegt nicht dort."""
    muster = re.compile(r"\bmodell\(|datensatz\(\"(?!kurs/)")
    texte = {s: s.pfad.read_text("utf-8") for s in skripte.alle_skripte()}
    gefunden = [
        s for s, text in texte.items() if muster.search(text) and "spacy_modell(" not in text
    ]
    return [pytest.param(s, id=s.name) for s in gefunden]


@pytest.mark.parametrize("skript", mit_original())
def test_skript_mit_originalen_und_danach_ohne_hub(skript, hub, gefuellt):
    hub.gesperrt = set()
    orte = {"KURS_QUELLE": "hub", "KURS_ORIGINALE": str(mit_eingebettetem_gemma(gefuellt))}
    angaben = ["lauf", skript.name, "--probe", *["--loesung"] * skript.ist_uebung]
    for _ in range(2):
        fragen = len(hub.anfragen)
        lauf = starte(angaben, hub, gefuellt, **orte)
        ausgabe, fehler = lauf.communicate()
        assert lauf.returncode == 0 and fehler == "", ausgabe[-1500:] + fehler[-3000:]
        assert "vom Hugging Face Hub" in ausgabe or "Zwischenspeicher" in ausgabe
        hub.stoere("status", code=503)
    assert len(hub.anfragen) == fragen


def mit_eingebettetem_gemma(ordner: Path) -> Path:
    """Gemma ist gesperrt: Als eigene Kopie dient das umgewandelte, wo es liegt."""
    from kurs.modellbau import speicher

    eintraege, stellvertreter = speicher.verzeichnis()
    for name in hub_ablage.GESPERRT:
        fertig = speicher.fertiger_ordner(eintraege[stellvertreter.get(name, name)])
        ziel = ordner / "originale" / "modelle" / name.replace("/", "__")
        if fertig and not ziel.exists():
            shutil.copytree(fertig, ziel, copy_function=os.link)
    return ordner / "originale"
