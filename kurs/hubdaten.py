"""Beantwortet: Was liefert der Hugging Face Hub, aus dem Zwischenspeicher und übers Netz?"""

import contextlib
from collections.abc import Iterator
from urllib.parse import urlsplit

from kurs.quellen import NichtDa, erreichbar

import datasets
import huggingface_hub
from datasets import DatasetDict
from datasets.packaged_modules.cache.cache import Cache
from huggingface_hub import constants

OHNE_SKRIPT = "refs/convert/parquet"  # hier legt der Hub Fassungen ohne Ladeskript ab


@contextlib.contextmanager
def leise(balken: bool) -> Iterator[None]:
    """Ohne Warnungen der Bibliotheken und, wenn `balken` falsch ist, ohne Fortschrittsbalken."""
    stufen = datasets.logging.get_verbosity(), huggingface_hub.logging.get_verbosity()
    schon_aus = datasets.are_progress_bars_disabled()
    datasets.logging.set_verbosity_error()
    huggingface_hub.logging.set_verbosity_error()
    if not balken:
        datasets.disable_progress_bars()
    try:
        yield
    finally:
        datasets.logging.set_verbosity(stufen[0])
        huggingface_hub.logging.set_verbosity(stufen[1])
        if not schon_aus:
            datasets.enable_progress_bars()


def aus_dem_cache(namen: list[str]) -> DatasetDict:
    """Den ersten dieser Hub-Namen, den `datasets` schon aufbereitet hat. Fehler: NichtDa."""
    for name in namen:
        kurz = name.split("/")[-1]
        try:
            cache = Cache(dataset_name=kurz, repo_id=name, version="auto", hash="auto")
        except (ValueError, OSError):  # nicht im Cache, oder das Herunterladen brach ab
            continue
        try:
            return cache.as_dataset()
        except Exception as fehler:  # noqa: BLE001 (pyarrow und datasets melden es verschieden)
            raise NichtDa(
                f"der Zwischenspeicher {cache.cache_dir} ist beschädigt und wird übergangen "
                f"({type(fehler).__name__})"
            ) from None
    raise NichtDa("")


def vom_hub(name: str) -> DatasetDict:
    """Lädt `name` übers Netz. Fehler: NichtDa mit dem Grund."""
    host = urlsplit(constants.ENDPOINT).hostname
    if datasets.config.HF_HUB_OFFLINE:
        raise NichtDa("HF_HUB_OFFLINE ist gesetzt")
    if not erreichbar(host):
        raise NichtDa(f"{host} nicht erreichbar")
    quelle = f"hf://datasets/{name}"  # nie ein gleichnamiger Ordner im Arbeitsverzeichnis
    try:
        try:
            return datasets.load_dataset(quelle)
        except RuntimeError:  # „Dataset scripts are no longer supported“
            return datasets.load_dataset(quelle, revision=OHNE_SKRIPT)
    except Exception as fehler:  # noqa: BLE001 (Netz, Anmeldung, Format: je eigene Klassen)
        art = type(fehler).__name__
        gruende = {
            "DatasetNotFoundError": f"{host} kennt diesen Datensatz nicht oder nur mit Ladeskript",
            "HFValidationError": "das ist kein Name des Hubs",
        }
        grund = gruende.get(art, f"{host} gibt den Datensatz nicht heraus ({art})")
        raise NichtDa(grund) from None
