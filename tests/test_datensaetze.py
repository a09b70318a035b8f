"""Beantwortet: Kommt jeder Textdatensatz vom richtigen Ort, ganz und mit dem Schema des Originals?

Kopien und Zwischenspeicher baut der Test selbst, mit `datasets`, also wie sie wirklich sind.
"""

import shutil
from pathlib import Path

from kurs import quellen, textverzeichnis
from kurs.datensaetze import datensatz
from kurs.kern.pfade import WURZEL
from kurs.quellen import KeineQuelle
from kurs.textverzeichnis import VERZEICHNIS

import datasets
import pytest
from datasets import ClassLabel, Dataset, DatasetDict, List

GERMAN_SENTIMENT = "sepidmnorozy/German_sentiment"
MIT_ERSATZ = list(VERZEICHNIS)
ECHTE_KOPIEN = WURZEL.parent / "shared" / "realdata"
ECHT = "das Original, erkennbar an diesem Satz"


# --- Hilfen ---------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def frisch(umgebung, monkeypatch, tmp_path):
    """Leerer Zwischenspeicher des Hubs, leere eigene Kopien, nichts schon geladen."""
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", str(tmp_path / "hub-cache"))
    monkeypatch.setenv("KURS_ORIGINALE", str(tmp_path / "kopien"))


@pytest.fixture
def auto(monkeypatch):
    monkeypatch.setenv("KURS_QUELLE", "auto")


@pytest.fixture
def kopien(tmp_path):
    return tmp_path / "kopien"


@pytest.fixture
def kopie(kopien):
    """Der Ordner für eine eigene Kopie von German_sentiment."""
    return kopien / "datensaetze" / "sepidmnorozy__German_sentiment"


def german_sentiment(satz: str = ECHT, **zeilen: int) -> DatasetDict:
    """Ein Satz in der Größe und mit den Spalten des Originals."""
    zeilen = {"train": 20, "validation": 772, "test": 1_490} | zeilen
    return DatasetDict(
        {
            teil: Dataset.from_dict({"label": [i % 2 for i in range(n)], "text": [satz] * n})
            for teil, n in zeilen.items()
        }
    )


def lege_ab(ordner: Path, daten: DatasetDict, form: str) -> Path:
    if form == "save_to_disk":
        daten.save_to_disk(str(ordner))
        return ordner
    ordner.mkdir(parents=True)
    for teil, tabelle in daten.items():
        if form == "csv":
            tabelle.to_csv(str(ordner / f"{teil}.csv"))
        else:
            tabelle.to_parquet(str(ordner / f"{teil}-00000-of-00001.parquet"))
    return ordner


def herkunft(capsys) -> str:
    """Die eine Zeile, die gedruckt wurde."""
    ausgabe, fehler = capsys.readouterr()
    zeilen = ausgabe.splitlines()
    assert fehler == ""
    assert len(zeilen) == 1, zeilen
    return zeilen[0]


# --- Der eingebettete Ersatz ----------------------------------------------------------------------


@pytest.mark.parametrize("name", MIT_ERSATZ)
def test_ersatz_hat_schema_teile_und_alle_klassen(name, capfd):
    eintrag = VERZEICHNIS[name]
    daten = datensatz(name)
    soll = eintrag.features
    assert set(daten) == set(eintrag.zeilen) | {"train", "validation", "test"}
    for tabelle in daten.values():
        assert tabelle.features == soll and len(tabelle) >= 60
        if "label" in soll:
            klassen = getattr(soll["label"], "num_classes", 2)
            assert set(tabelle["label"]) == set(range(klassen))
    assert herkunft(capfd).startswith(f"{name}: ")
    assert quellen.benutzt()[name] == "eingebettet"


def test_schema_von_germeval():
    """Die Namen und ihre Reihenfolge, wie sie auf dem Hub stehen: Daran hängen die Zahlen."""
    germeval = VERZEICHNIS["GermanEval/germeval_14"].features
    klassen = "LOC LOCderiv LOCpart ORG ORGderiv ORGpart OTH OTHderiv OTHpart PER PERderiv PERpart"
    namen = ["O", *(f"{bi}-{klasse}" for klasse in klassen.split() for bi in "BI")]
    assert germeval["ner_tags"] == germeval["nested_ner_tags"] == List(ClassLabel(names=namen))
    assert list(germeval) == ["id", "source", "tokens", "ner_tags", "nested_ner_tags"]


def test_zwei_klassen_statt_drei_aber_dieselben_texte():
    drei = datensatz("kurs/bewertungen")["test"]
    zwei = datensatz(GERMAN_SENTIMENT)["test"]
    rotten = datensatz("rotten_tomatoes")["test"]
    soll = [(text, label // 2) for text, label in zip(drei["text"], drei["label"]) if label != 1]
    for ersatz in (zwei, rotten):
        assert list(zip(ersatz["text"], ersatz["label"])) == soll


def test_germeval_ersatz_sind_unsere_entitaeten():
    def marken(daten):
        namen = daten.features["ner_tags"].feature.names
        return [
            [namen[marke].replace("MISC", "OTH") for marke in satz] for satz in daten["ner_tags"]
        ]

    eigene, ersatz = datensatz("kurs/entitaeten")["train"], datensatz("germeval_14")["train"]
    assert marken(ersatz) == marken(eigene) and ersatz["tokens"] == eigene["tokens"]
    assert "B-OTH" in {marke for satz in marken(ersatz) for marke in satz}
    assert not any(any(satz) for satz in ersatz["nested_ner_tags"])


def test_schon_die_ersten_zeilen_sind_gemischt():
    """Wer zum Probieren `select(range(64))` nimmt, soll nicht nur Buchbewertungen haben."""
    train = datensatz("kurs/bewertungen")["train"]
    assert set(train[:64]["domain"]) == set(train["domain"])


# --- Meldungen und Wiederholung -------------------------------------------------------------------


def test_eine_zeile_je_lauf_und_eigene_huelle(capfd):
    daten = datensatz("kurs/themen")
    assert herkunft(capfd) == (
        "kurs/themen: selbst geschrieben, aus data/texte (KURS_QUELLE=eingebaut)"
    )
    del daten["test"]
    assert "test" in datensatz("kurs/themen")
    assert capfd.readouterr().out == ""


# --- Unbekannte Namen -----------------------------------------------------------------------------


def test_beinahe_treffer():
    with pytest.raises(KeineQuelle) as fehler:
        datensatz("sepidmnorozy/German_sentimant")
    assert f"meinst du {GERMAN_SENTIMENT}?" in str(fehler.value)
    assert all(bekannt in str(fehler.value) for bekannt in MIT_ERSATZ)


def test_ganz_unbekannter_name(auto, kopien, capsys):
    with pytest.raises(KeineQuelle) as fehler:
        datensatz("firma/tickets")
    satz = str(fehler.value)
    assert "meinst du" not in satz
    assert "firma/tickets ist nicht zu bekommen" in satz and "Eingebettet sind:" in satz
    ordner = kopien / "datensaetze" / "firma__tickets"
    assert str(ordner) in satz
    daten = DatasetDict(train=Dataset.from_dict({"frage": ["a", "b"], "art": ["x", "y"]}))
    lege_ab(ordner, daten, "parquet")
    assert datensatz("firma/tickets")["train"].to_dict() == daten["train"].to_dict()
    assert herkunft(capsys) == "firma/tickets: eigene Kopie"


# --- Eigene Kopien: Ordner ------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["csv", "parquet", "save_to_disk"])
def test_jede_form_einer_kopie(auto, kopie, capfd, form):
    daten = german_sentiment()
    lege_ab(kopie, daten, form)
    geladen = datensatz(GERMAN_SENTIMENT)
    assert herkunft(capfd) == f"{GERMAN_SENTIMENT}: eigene Kopie"
    groessen = {teil: len(tabelle) for teil, tabelle in geladen.items()}
    assert groessen == {"train": 20, "validation": 772, "test": 1_490}
    assert geladen["test"].features == VERZEICHNIS[GERMAN_SENTIMENT].features
    assert geladen["test"].to_dict() == {n: daten["test"][n][:] for n in ("label", "text")}


def test_labels_einer_csv_kopie_bekommen_ihre_namen(auto, kopien):
    """In einer csv-Datei stehen Zahlen oder Namen; beides wird das ClassLabel des Originals."""
    eintrag = VERZEICHNIS["cornell-movie-review-data/rotten_tomatoes"]
    spalten = lambda n: {"text": ["a"] * n, "label": (["pos", "neg"] * n)[:n], "nr": [1] * n}
    teile = {teil: Dataset.from_dict(spalten(n)) for teil, n in eintrag.zeilen.items()}
    lege_ab(kopien / "datensaetze" / "rotten_tomatoes", DatasetDict(teile), "csv")  # der Rufname
    test = datensatz("rotten_tomatoes")["test"]
    assert test.features == eintrag.features and test["label"][:4] == [1, 0, 1, 0]


KAPUTT = {  # aus dem Inhalt der Datei des Teils test wird, None: Es gibt sie nicht
    "nicht vollständig": ("csv", lambda roh: roh[: roh.rindex(b"\n", 0, -90) + 1]),
    "beschädigt": ("csv", lambda roh: roh.replace(b"\n0,", b"\ngut,", 1)),
    "endet mitten in einer Zeile": ("csv", lambda roh: roh[:-60] + b'\n1,"angefangen'),
    "der Teil test fehlt": ("csv", None),
    "übergangen": ("parquet", lambda roh: roh[:-100]),
    "wird": ("save_to_disk", lambda roh: roh[:-100]),
}


@pytest.mark.parametrize("grund", KAPUTT)
def test_kaputte_kopie_wird_genannt_und_uebergangen(auto, kopie, capfd, grund):
    form, mache_kaputt = KAPUTT[grund]
    lege_ab(kopie, german_sentiment(), form)
    (datei,) = (*kopie.glob("test*.*"), *kopie.glob("test/*.arrow"))
    if mache_kaputt:
        datei.write_bytes(mache_kaputt(datei.read_bytes()))
    else:
        datei.unlink()
    geladen = datensatz(GERMAN_SENTIMENT)
    zeile = herkunft(capfd)
    assert str(kopie) in zeile and "übergangen" in zeile and grund in zeile
    assert zeile.startswith(f"{GERMAN_SENTIMENT}: Ersatz, eingebettet")
    assert not any(ECHT in tabelle["text"] for tabelle in geladen.values())


def test_geaenderte_kopie_kommt_nicht_aus_dem_zwischenspeicher(auto, kopie):
    lege_ab(kopie, german_sentiment("alt"), "csv")
    assert datensatz(GERMAN_SENTIMENT)["train"][0]["text"] == "alt"
    shutil.rmtree(kopie)
    lege_ab(kopie, german_sentiment("neuer Text"), "csv")
    quellen.vergiss()
    assert datensatz(GERMAN_SENTIMENT)["train"][0]["text"] == "neuer Text"


# --- Eigene Kopien: Rohdateien --------------------------------------------------------------------


def lege_rt_polarity_ab(kopien: Path, zeilen: int = 5_331, zeichensatz: str = "utf-8") -> Path:
    ordner = kopien / "rt-polarity"
    ordner.mkdir(parents=True)
    for label in ("pos", "neg"):
        text = "".join(f"{label} {i} with señor . \n" for i in range(zeilen))
        (ordner / f"rt-polarity.{label}").write_bytes(text.encode(zeichensatz))
    return ordner


@pytest.mark.parametrize("zeichensatz", ["utf-8", "latin-1"])
def test_rotten_tomatoes_aus_den_rohdateien(auto, kopien, capfd, zeichensatz):
    lege_rt_polarity_ab(kopien, zeichensatz=zeichensatz)
    daten = datensatz("rotten_tomatoes")
    assert herkunft(capfd) == "rotten_tomatoes: eigene Kopie"
    eintrag = VERZEICHNIS["cornell-movie-review-data/rotten_tomatoes"]
    assert {teil: len(tabelle) for teil, tabelle in daten.items()} == eintrag.zeilen
    assert daten["train"].features == eintrag.features
    assert daten["train"][0] == {"text": "pos 0 with señor .", "label": 1}
    assert daten["test"][0]["text"] == "pos 4798 with señor ."
    assert daten["test"][-1] == {"text": "neg 5330 with señor .", "label": 0}


def test_rt_polarity_abgeschnitten_oder_halb(auto, kopien, capfd):
    ordner = lege_rt_polarity_ab(kopien, zeilen=5_000)
    datensatz("rotten_tomatoes")
    assert "rt-polarity.pos ist nicht vollständig und wird übergangen (5000 statt 5331" in (
        herkunft(capfd)
    )
    shutil.rmtree(ordner)
    (lege_rt_polarity_ab(kopien) / "rt-polarity.neg").unlink()
    quellen.vergiss()
    datensatz("rotten_tomatoes")
    assert "rt-polarity.neg fehlt" in herkunft(capfd)


def lege_germeval_ab(kopien: Path, **saetze: int) -> Path:
    ordner = kopien / "ner_de" / "germeval2014"
    ordner.mkdir(parents=True)
    for teil, anzahl in saetze.items():
        bloecke = [
            f"#\thttp://example.org/{teil}/{i}\t[2010-07-04]\t\n"
            f'1\tAufgrund\tO\tO\n2\t"\tO\tO\n3\tTroia\tB-OTH\tB-LOC\n4\tBerliner{i}\tB-LOCderiv\tO\n'
            for i in range(anzahl)
        ]
        (ordner / f"NER-de-{teil}.tsv").write_text(
            "\n".join(bloecke), encoding="utf-8", newline="\r\n"
        )
    return ordner


def test_germeval_ohne_trainingsdatei_teilt_dev_und_laesst_test(auto, kopien, capfd):
    lege_germeval_ab(kopien, dev=2_200, test=5_100)
    daten = datensatz("germeval_14")
    assert "ohne NER-de-train.tsv" in capfd.readouterr().out
    groessen = {teil: len(tabelle) for teil, tabelle in daten.items()}
    assert groessen == {"train": 1_760, "validation": 440, "test": 5_100}
    assert daten["train"].features == VERZEICHNIS["GermanEval/germeval_14"].features
    ids = set(daten["train"]["id"]) | set(daten["validation"]["id"])
    assert ids == {str(i) for i in range(2_200)}
    erster = daten["test"][0]
    namen = daten["test"].features["ner_tags"].feature.names
    assert erster["tokens"] == ["Aufgrund", '"', "Troia", "Berliner0"]
    assert erster["source"] == "http://example.org/test/0 [2010-07-04] "
    assert [namen[i] for i in erster["ner_tags"]] == ["O", "O", "B-OTH", "B-LOCderiv"]
    assert [namen[i] for i in erster["nested_ner_tags"]] == ["O", "O", "B-LOC", "O"]
    quellen.vergiss()
    assert datensatz("germeval_14")["train"]["id"] == daten["train"]["id"]  # jedes Mal dieselbe


def test_germeval_mit_trainingsdatei(auto, kopien, capfd, monkeypatch):
    saetze = {"train": 240, "dev": 22, "test": 51}  # ein Hundertstel, damit es schnell geht
    assert {teil: 100 * n for teil, n in saetze.items()} == textverzeichnis.GERMEVAL_SAETZE
    monkeypatch.setattr(textverzeichnis, "GERMEVAL_SAETZE", saetze)
    lege_germeval_ab(kopien, **saetze)
    daten = datensatz("germeval_14")
    assert herkunft(capfd) == "germeval_14: eigene Kopie"
    groessen = {teil: len(tabelle) for teil, tabelle in daten.items()}
    assert groessen == {"train": 240, "validation": 22, "test": 51}


def test_germeval_abgeschnitten(auto, kopien, capfd):
    datei = lege_germeval_ab(kopien, dev=2_200, test=5_100) / "NER-de-test.tsv"
    datei.write_bytes(datei.read_bytes().rstrip()[:-1])
    datensatz("germeval_14")
    zeile = herkunft(capfd)
    assert str(datei) in zeile and "wird übergangen" in zeile
    assert zeile.startswith("germeval_14: Ersatz, eingebettet")


@pytest.mark.skipif(not ECHTE_KOPIEN.is_dir(), reason=f"{ECHTE_KOPIEN} gibt es hier nicht")
def test_echte_kopien(auto, monkeypatch, capfd):
    monkeypatch.setenv("KURS_ORIGINALE", str(ECHTE_KOPIEN))
    rotten, germeval = datensatz("rotten_tomatoes"), datensatz("germeval_14")
    assert all("eigene Kopie" in zeile for zeile in capfd.readouterr().out.splitlines())
    assert rotten["test"][0]["text"].startswith("lovingly photographed in the manner of a golden")
    assert len(germeval["test"]) == 5_100 and len(germeval["train"]) == 1_760
