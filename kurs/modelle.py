"""Beantwortet: Welcher Ordner ist dieses Modell?

    MODEL = modell("intfloat/multilingual-e5-small")
    AutoModel.from_pretrained(MODEL)

Reihenfolge: ein Ordner dieses Namens, Zwischenspeicher des Hubs, eigene Kopie, Hub, eingebettetes
Modell (aus einem Wheel umgewandelt, siehe `kurs.modellspeicher`, oder aus `data/modelle`). Was es
eingebettet nicht gibt, hat oft einen Stellvertreter; die Liste steht in `quellen.toml`.
Eigene Kopien liegen in `KURS_ORIGINALE/modelle/`, mit „__“ statt „/“ im Namen.

Ebenso für spaCy: `spacy.load(spacy_modell("de_core_news_sm"))`.
"""

import difflib
import importlib.util
import json
import os
from pathlib import Path
from urllib.parse import urlsplit

from kurs import modellspeicher, quellen
from kurs.pfade import DATA
from kurs.quellen import NichtDa, Weg, eigene_kopien, erreichbar, waehle

EIGENE = "kurs/"  # so heißen Modelle, die in data/modelle liegen und nicht auf dem Hub
TOKENIZER = ("tokenizer.json", "vocab.txt", "vocab.json", "spiece.model", "source.spm")
TOKENIZER += ("sentencepiece.bpe.model", "tokenizer.model")
GEWICHTE = ("model.safetensors", "pytorch_model.bin")
VERZEICHNISSE = ("model.safetensors.index.json", "pytorch_model.bin.index.json")
SPACY_DEUTSCH = "de_kurs_sm"  # vertritt jede deutsche Pipeline; liegt in data/modelle
_gefunden: dict[tuple, str] = {}


def modell(name: str) -> str:
    """Ein lokaler Ordner oder der Hub-Name, jedenfalls etwas für `from_pretrained(…)`.

    `name`: ein Hub-Name („intfloat/multilingual-e5-small“), eines des Kurses („kurs/…“), ein
    Ordner. Druckt einmal je Prozess, was genommen wurde und warum. Quelle: siehe `kurs.quellen`.
    Fehler: KeineQuelle mit einem deutschen Satz.
    """
    name = os.fspath(name)
    ordner = Path(name).expanduser()
    if (ordner / "config.json").is_file():
        return str(ordner)
    if ordner.is_absolute() or name.startswith((".", "~")) or "\\" in name or name.count("/") > 1:
        raise quellen.KeineQuelle(f"{name} ist kein Modellordner (dort fehlt config.json).")
    umstaende = (name, os.environ.get("KURS_QUELLE"), os.environ.get("KURS_ORIGINALE"))
    if umstaende not in _gefunden or name not in quellen.benutzt():
        _gefunden[umstaende] = waehle(name, _wege(name), _kopie(name))
    return _gefunden[umstaende]


def spacy_modell(name: str) -> str:
    """Der Name einer installierten spaCy-Pipeline oder ein Ordner, für `spacy.load(…)`.

    `name`: etwa „de_core_news_sm“. Reihenfolge: installiertes Paket, eigene Kopie
    (`KURS_ORIGINALE/modelle/<name>`), die Pipeline des Kurses. Fehler: KeineQuelle.
    """
    umstaende = ("spacy", name, os.environ.get("KURS_QUELLE"), os.environ.get("KURS_ORIGINALE"))
    if umstaende not in _gefunden or name not in quellen.benutzt():
        wege = [
            Weg("installiertes Paket", True, lambda: _aus_spacy_paket(name)),
            Weg("eigene Kopie", True, lambda: _spacy_ordner(_kopie(name))),
            Weg(
                f"eingebettet, Stellvertreter {SPACY_DEUTSCH}", False, lambda: _spacy_eigenes(name)
            ),
        ]
        _gefunden[umstaende] = waehle(name, wege, _kopie(name))
    return _gefunden[umstaende]


def _aus_spacy_paket(name: str) -> str:
    if not name.isidentifier() or importlib.util.find_spec(name) is None:
        raise NichtDa(f"das Paket {name} ist nicht installiert")
    return name


def _spacy_ordner(ordner: Path) -> str:
    if not (ordner / "meta.json").is_file():
        raise NichtDa("")
    return str(ordner)


def _spacy_eigenes(name: str) -> str:
    if not name.startswith("de_"):
        raise NichtDa(f"eingebettet gibt es nur eine deutsche Pipeline, nicht {name}")
    ordner = DATA / "modelle" / SPACY_DEUTSCH
    if not (ordner / "meta.json").is_file():
        raise NichtDa(f"die Pipeline {SPACY_DEUTSCH} liegt nicht in {ordner.parent}")
    return str(ordner)


def ist_bereit(name: str) -> bool:
    """Ob das eingebettete Modell (oder der Stellvertreter) zu `name` schon auf der Platte liegt."""
    eintraege, stellvertreter = modellspeicher.verzeichnis()
    name = stellvertreter.get(name, name)
    if name in eintraege:
        return modellspeicher.fertiger_ordner(eintraege[name]) is not None
    return name.startswith(EIGENE) and _was_fehlt(_eigener_ordner(name)) is None


def _wege(name: str) -> list[Weg]:
    eingebettet = _eingebettet(name)
    if name.startswith(EIGENE):
        return [eingebettet]
    return [
        Weg("Zwischenspeicher des Hugging Face Hub", True, lambda: _aus_hub_cache(name)),
        Weg("eigene Kopie", True, lambda: _aus_eigener_kopie(name)),
        Weg("vom Hugging Face Hub", True, lambda: _vom_hub(name)),
        eingebettet,
    ]


def _was_fehlt(ordner: Path) -> str | None:
    """Was `from_pretrained` in diesem Ordner vermissen würde, oder None."""
    if not (ordner / "config.json").is_file():
        return "config.json"
    if not any((ordner / datei).is_file() for datei in GEWICHTE):
        listen = [ordner / datei for datei in VERZEICHNISSE if (ordner / datei).is_file()]
        if not listen:
            return "die Gewichte (model.safetensors)"
        inhalt = json.loads(listen[0].read_text(encoding="utf-8"))
        for teil in sorted(set(inhalt["weight_map"].values())):
            if not (ordner / teil).is_file():
                return teil
    if not any((ordner / datei).is_file() for datei in TOKENIZER):
        return "der Tokenizer (tokenizer.json)"
    return None


def _aus_hub_cache(name: str) -> str:
    from huggingface_hub import snapshot_download

    try:
        ordner = snapshot_download(name, local_files_only=True)
    except (OSError, ValueError):  # nicht im Cache, kein gültiger Name: beides heißt „nicht da“
        raise NichtDa("") from None
    if _was_fehlt(Path(ordner)):
        raise NichtDa("")  # ein abgebrochenes oder nur teilweises Herunterladen
    return ordner


def _kopie(name: str) -> Path:
    return eigene_kopien() / "modelle" / name.replace("/", "__")


def _aus_eigener_kopie(name: str) -> str:
    ordner = _kopie(name)
    if not ordner.is_dir():
        raise NichtDa("")
    if fehlt := _was_fehlt(ordner):
        raise NichtDa(f"in der eigenen Kopie {ordner} fehlt {fehlt}")
    return str(ordner)


def _vom_hub(name: str) -> str:
    """Der Name selbst, wenn der Hub `config.json` herausgibt; das Übrige lädt `from_pretrained`."""
    from huggingface_hub import constants, hf_hub_download

    host = urlsplit(constants.ENDPOINT).hostname
    if constants.HF_HUB_OFFLINE:
        raise NichtDa("HF_HUB_OFFLINE ist gesetzt")
    if not erreichbar(host):
        raise NichtDa(f"{host} nicht erreichbar")
    try:
        hf_hub_download(name, "config.json")
    except Exception as fehler:  # je nach Version httpx, requests oder eigene Fehler
        gruende = {
            "RepositoryNotFoundError": f"{host} kennt dieses Modell nicht",
            "GatedRepoError": f"{host} verlangt dafür eine Anmeldung",
            "HFValidationError": "das ist kein Name des Hubs",
        }
        art = type(fehler).__name__
        raise NichtDa(gruende.get(art, f"{host} gibt das Modell nicht heraus ({art})")) from None
    return name


def _eigener_ordner(name: str) -> Path:
    return DATA / "modelle" / name.removeprefix(EIGENE)


def _eingebettet(name: str) -> Weg:
    """Der letzte Weg: umgewandeltes Wheel, Modell aus data/modelle oder ein Stellvertreter."""
    eintraege, stellvertreter = modellspeicher.verzeichnis()
    ziel = stellvertreter.get(name, name)
    vertreten = f"Stellvertreter {ziel}, " if ziel != name else ""
    if ziel in eintraege:
        eintrag = eintraege[ziel]
        teile = eintrag.herkunft if eintrag.basis else f"dem Wheel {eintrag.wheels[0]}"
        woher = f"{vertreten}eingebettet aus {teile}"
        return Weg(woher, False, lambda: _aus_dem_speicher(eintrag))
    if ziel.startswith(EIGENE):
        return Weg(f"{vertreten}eingebettet in data/modelle", False, lambda: _aus_data(ziel))
    return Weg("eingebettet", False, lambda: _unbekannt(name))


def _aus_data(name: str) -> str:
    ordner = _eigener_ordner(name)
    if not ordner.is_dir():
        raise NichtDa(f"das Modell {name} liegt nicht in {ordner.parent}")
    if fehlt := _was_fehlt(ordner):
        raise NichtDa(f"{name}: in {ordner} fehlt {fehlt}")
    return str(ordner)


def _aus_dem_speicher(eintrag: modellspeicher.Eintrag) -> str:
    try:
        return str(modellspeicher.stelle_bereit(eintrag))
    except NichtDa as grund:
        bereit = [name for name in modellspeicher.verzeichnis()[0] if ist_bereit(name)]
        rest = (
            f"bereit sind weiterhin {', '.join(bereit)}"
            if bereit
            else "die anderen Modelle betrifft das nicht"
        )
        raise NichtDa(f"{grund}; {rest}") from None


def _unbekannt(name: str) -> str:
    eintraege, stellvertreter = modellspeicher.verzeichnis()
    aehnlich = difflib.get_close_matches(name, [*eintraege, *stellvertreter], n=1)
    frage = (
        f", meinst du {aehnlich[0]}?" if aehnlich else f", eingebettet sind {', '.join(eintraege)}"
    )
    raise NichtDa(f"eingebettet gibt es dieses Modell nicht{frage}")


def modellkarte(name: str) -> str:
    """Der Text der Modellkarte: aus dem Ordner des Modells, aus dem Cache oder vom Hub; sonst ein Satz, wo sie steht."""
    from huggingface_hub import try_to_load_from_cache

    datei = Path(modell(name, selbst_gewaehlt=True)) / "README.md"
    if not datei.is_file():
        datei = Path(try_to_load_from_cache(name, "README.md") or datei)
    if datei.is_file():
        return datei.read_text(encoding="utf-8")
    return f"(liegt nicht auf diesem Rechner; sie steht auf https://huggingface.co/{name})"
