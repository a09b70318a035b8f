"""Beantwortet: Welcher Ordner ist dieses Modell?

    MODEL = modell("intfloat/multilingual-e5-small")
    AutoModel.from_pretrained(MODEL)

Reihenfolge: ein Ordner dieses Namens, eigene Kopie (`KURS_ORIGINALE/modelle/`, mit „__“ statt „/“ im
Namen), Zwischenspeicher des Hubs, eingebettetes Modell oder sein Stellvertreter (`kurs.modellbau`,
`data/modelle`); übers Netz kommt nur, was es eingebettet nicht gibt, denn gemessen sind die Skripte
mit dem Eingebetteten. Was ein Teilnehmer selbst nennt (`selbst_gewaehlt`), kommt lieber vom Hub.

Ebenso für spaCy: `spacy.load(spacy_modell("de_core_news_sm"))`.
"""

import difflib
import importlib.util
import json
import os
from pathlib import Path

from kurs import hub, quellen
from kurs.kern.pfade import DATA
from kurs.modellbau import Beschaedigt, pruefe_safetensors, speicher
from kurs.quellen import ORIGINALE_HOLEN, NichtDa, Weg, eigene_kopien, einmal

EIGENE = "kurs/"  # so heißen Modelle, die in data/modelle liegen und nicht auf dem Hub
TOKENIZER = ("tokenizer.json", "vocab.txt", "vocab.json", "spiece.model", "source.spm")
TOKENIZER += ("sentencepiece.bpe.model", "tokenizer.model")
GEWICHTE = ("model.safetensors", "pytorch_model.bin")
# Ohne diese Dateien baute SentenceTransformer ein Modell, das seine Vektoren nicht auf Länge 1
# bringt, ohne ein Wort
SATZVEKTOREN = ("intfloat/multilingual-e5", "sentence-transformers/")
MODULE = ("modules.json", "1_Pooling/config.json")
# Das steht statt des Inhalts da, wenn git ohne git-lfs geklont hat
LFS_ZEIGER = b"version https://git-lfs"
SPACY_DEUTSCH = "de_kurs_sm"  # vertritt jede deutsche Pipeline; liegt in data/modelle


def modell(name: str, selbst_gewaehlt: bool = False, original_kostet: float = 1) -> str:
    """Ein lokaler Ordner für `from_pretrained(…)`.

    `name`: ein Hub-Name („intfloat/multilingual-e5-small“), eines des Kurses („kurs/…“), ein
    Ordner. `selbst_gewaehlt`: Der Name steht nicht im Skript, ein Teilnehmer hat ihn genannt.
    `original_kostet`: so viel mal länger als mit dem Eingebetteten rechnet dieses Skript mit dem
    Original; ist es mehr als das Doppelte, nimmt `auto` das Original nur als eigene Kopie.
    Druckt einmal je Prozess, was genommen wurde und warum. Quelle: siehe `kurs.quellen`.
    Fehler: KeineQuelle mit einem deutschen Satz.
    """
    name = os.fspath(name)
    ordner = Path(name).expanduser()
    if (ordner / "config.json").is_file():
        return str(ordner)
    if ordner.is_absolute() or name.startswith((".", "~")) or "\\" in name or name.count("/") > 1:
        raise quellen.KeineQuelle(f"{name} ist kein Modellordner (dort fehlt config.json).")
    return einmal(name, lambda: _wege(name, selbst_gewaehlt, original_kostet), _kopie(name))


def spacy_modell(name: str) -> str:
    """Der Name einer installierten spaCy-Pipeline oder der Ordner einer eigenen Kopie oder der des Kurses.

    Fehler: KeineQuelle.
    """
    kopie = _kopie(name)

    def installiert() -> str:
        if not name.isidentifier() or importlib.util.find_spec(name) is None:
            raise NichtDa(f"das Paket {name} ist nicht installiert")
        return name

    def aus_der_kopie() -> str:  # in einem entpackten Paket liegt die Pipeline einen Ordner tiefer
        for datei in sorted(kopie.rglob("config.cfg"), key=lambda datei: len(datei.parts)):
            if (datei.parent / "meta.json").is_file():
                return str(datei.parent)
        raise NichtDa(f"in der eigenen Kopie {kopie} fehlt config.cfg" if kopie.is_dir() else "")

    def eigenes() -> str:
        if not name.startswith("de_"):
            raise NichtDa(f"eingebettet gibt es nur eine deutsche Pipeline, nicht {name}")
        return str(DATA / "modelle" / SPACY_DEUTSCH)

    wege = [
        Weg("installiertes Paket", True, installiert),
        Weg("eigene Kopie", True, aus_der_kopie),
        Weg(f"eingebettet, Stellvertreter {SPACY_DEUTSCH}", False, eigenes),
    ]
    return einmal(name, lambda: wege, kopie)


def ist_bereit(name: str) -> bool:
    """Ob das eingebettete Modell (oder der Stellvertreter) zu `name` schon auf der Platte liegt."""
    eintraege, stellvertreter = speicher.verzeichnis()
    name = stellvertreter.get(name, name)
    if name in eintraege:
        return speicher.fertiger_ordner(eintraege[name]) is not None
    return name.startswith(EIGENE) and _was_fehlt(_eigener_ordner(name)) is None


def _wege(name: str, selbst_gewaehlt: bool, original_kostet: float) -> list[Weg]:
    eingebettet = _eingebettet(name)
    if name.startswith(EIGENE):
        return [eingebettet]
    teuer = original_kostet > 2 and name in speicher.verzeichnis()[1]
    dauer = f", rechnet hier rund {original_kostet:.0f}-mal so lange" if teuer else ""
    kopie, cache, netz = _wege_zum_original(name, dauer)
    if selbst_gewaehlt:
        return [cache, kopie, netz, eingebettet]
    if teuer:
        return [kopie, eingebettet, cache, netz]
    return [kopie, cache, eingebettet, netz]


def _wege_zum_original(name: str, dazu: str) -> list[Weg]:
    kopie = _kopie(name)
    wo = f"in der eigenen Kopie {kopie}" if kopie.is_dir() else ""

    def aus_dem_cache(wo: str = "") -> str:  # halb: ein abgebrochenes oder teilweises Herunterladen
        return _verlange_ganz(hub.modell_im_cache(name), name, wo)

    def vom_hub() -> str:
        hub.hole("models", name)
        return aus_dem_cache("was der Hub liefert, ist kein Modell für transformers: es")

    return [
        Weg(f"eigene Kopie{dazu}", True, lambda: _verlange_ganz(kopie, name, wo)),
        Weg(f"Zwischenspeicher des Hugging Face Hub{dazu}", True, aus_dem_cache),
        Weg(f"vom Hugging Face Hub{dazu}", True, vom_hub),
    ]


def _was_fehlt(ordner: Path, braucht: tuple[str, ...] = ()) -> str | None:
    """Was `from_pretrained` in diesem Ordner vermissen würde oder nicht lesen könnte, oder None."""
    gewichte = [name for name in GEWICHTE if (ordner / name).is_file()][:1]
    try:
        json.loads((ordner / "config.json").read_text(encoding="utf-8"))
        for liste in [ordner / f"{name}.index.json" for name in GEWICHTE]:
            if not gewichte and liste.is_file():
                inhalt = json.loads(liste.read_text(encoding="utf-8"))
                gewichte = sorted(set(inhalt["weight_map"].values()))
    except FileNotFoundError:
        return "config.json"
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return "eine lesbare config.json"
    tokenizer = [name for name in TOKENIZER if (ordner / name).is_file()]
    if not gewichte:
        return "die Gewichte (model.safetensors)"
    if not tokenizer:
        return "der Tokenizer (tokenizer.json)"
    for name in (*gewichte, *braucht, *tokenizer):
        if not (ordner / name).is_file():
            return name
        with open(ordner / name, "rb") as strom:
            if strom.read(len(LFS_ZEIGER)) == LFS_ZEIGER:
                return f"der Inhalt von {name} (es ist ein Zeiger von Git LFS)"
        try:
            if name.endswith(".safetensors"):
                pruefe_safetensors(ordner / name)
        except Beschaedigt as grund:
            return f"ein Teil der Gewichte ({grund})"
    return None


def _verlange_ganz(ordner: Path, name: str, wo: str) -> str:
    """Der Ordner, wenn nichts fehlt; sonst NichtDa, mit Grund, wenn `wo` sagt, wo etwas fehlt."""
    if fehlt := _was_fehlt(ordner, MODULE if name.startswith(SATZVEKTOREN) else ()):
        raise NichtDa(f"{wo} fehlt {fehlt}" if wo else "")
    return str(ordner)


def _kopie(name: str) -> Path:
    return eigene_kopien() / "modelle" / name.replace("/", "__")


def _eigener_ordner(name: str) -> Path:
    return DATA / "modelle" / name.removeprefix(EIGENE)


def _eingebettet(name: str) -> Weg:
    """Der letzte Weg: umgewandeltes Wheel, Modell aus data/modelle oder ein Stellvertreter."""
    eintraege, stellvertreter = speicher.verzeichnis()
    ziel = stellvertreter.get(name, name)
    vertreten = f"Stellvertreter {ziel}, " if ziel != name else ""
    rat = ORIGINALE_HOLEN if name in speicher.originale()["modelle"] else ""
    if ziel in eintraege:
        eintrag = eintraege[ziel]
        woher = f"{vertreten}eingebettet aus {eintrag.herkunft}"
        return Weg(woher, False, lambda: str(speicher.stelle_bereit(eintrag)), rat)
    if ziel.startswith(EIGENE):
        woher, ordner = f"{vertreten}eingebettet in data/modelle", _eigener_ordner(ziel)
        return Weg(woher, False, lambda: _verlange_ganz(ordner, ziel, f"in {ordner}"), rat)
    return Weg("eingebettet", False, lambda: _unbekannt(name))


def _unbekannt(name: str) -> str:
    eintraege, stellvertreter = speicher.verzeichnis()
    aehnlich = difflib.get_close_matches(name, [*eintraege, *stellvertreter], n=1)
    bekannt = f"eingebettet sind {', '.join(eintraege)}"
    frage = f"meinst du {aehnlich[0]}?" if aehnlich else bekannt
    raise NichtDa(f"eingebettet gibt es dieses Modell nicht, {frage}")


def modellkarte(name: str) -> str:
    """Der Text der Modellkarte, auch ihr Kopf; liegt sie nicht hier, ein Satz, wo sie steht."""
    from huggingface_hub import try_to_load_from_cache

    datei = Path(modell(name, selbst_gewaehlt=True)) / "README.md"
    if not datei.is_file():
        datei = Path(try_to_load_from_cache(name, "README.md") or datei)
    if datei.is_file():
        return datei.read_text(encoding="utf-8")
    return f"(liegt nicht auf diesem Rechner; sie steht auf https://huggingface.co/{name})"
