"""Beantwortet: Was liefert der Hugging Face Hub, aus dem Zwischenspeicher und übers Netz?

Übers Netz lädt ein eigener Prozess (`python -m kurs.hub models NAME`): Was schweigt oder tröpfelt,
lässt sich nur so beenden, und seine englischen Zeilen sieht niemand. Er füllt die Zwischenspeicher
der Bibliotheken; erst was dort vollständig liegt, wird genommen. Danach braucht `from_pretrained`
kein Netz mehr.
"""

import contextlib
import json
import os
import queue
import re
import shutil
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from kurs import netz
from kurs.pfade import WURZEL
from kurs.quellen import NichtDa

OHNE_SKRIPT = "refs/convert/parquet"  # hier legt der Hub ab, wofür es sonst ein Ladeskript gibt
# Was `from_pretrained` nie liest: andere Rechenwerke, andere Formate; Unterordner gibt es nur bei
# Satzvektoren
UNNOETIG = (".h5", ".msgpack", ".ot", ".onnx", ".tflite", ".gguf", ".pth", ".pt", ".zip", ".png")
MODULE = re.compile(r"\d_\w+/[^/]+")


def ablage(art: str, name: str) -> Path:
    """Der Ordner dieses Repositorys im Zwischenspeicher; `art`: „models“ oder „datasets“."""
    from huggingface_hub import constants

    return Path(constants.HF_HUB_CACHE) / f"{art}--{name.replace('/', '--')}"


def modell_im_cache(name: str) -> Path:
    """Der Schnappschuss, ganz oder nicht (siehe `kurs.modelle`). Fehler: NichtDa."""
    from huggingface_hub import try_to_load_from_cache

    try:
        return Path(try_to_load_from_cache(name, "config.json")).parent
    except (TypeError, ValueError):  # nicht im Cache, kein gültiger Name: beides heißt „nicht da“
        raise NichtDa("") from None


def datensatz_im_cache(namen: list[str]):
    """Der erste davon, den `datasets` schon aufbereitet hat, als DatasetDict. Fehler: NichtDa."""
    from datasets.packaged_modules.cache.cache import Cache

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


@contextlib.contextmanager
def leise() -> Iterator[None]:
    """Ohne Warnungen und Fortschrittsbalken von `datasets`."""
    import datasets

    stufe, balken = datasets.logging.get_verbosity(), not datasets.are_progress_bars_disabled()
    datasets.logging.set_verbosity_error()
    datasets.disable_progress_bars()
    try:
        yield
    finally:
        datasets.logging.set_verbosity(stufe)
        if balken:
            datasets.enable_progress_bars()


def endpunkt() -> str:
    """Die Adresse des Hubs oder seines Spiegels (`HF_ENDPOINT`). Fehler: NichtDa."""
    from huggingface_hub import constants

    teile = urlsplit(constants.ENDPOINT)
    if teile.scheme not in ("http", "https") or not teile.hostname:
        raise NichtDa(
            f"HF_ENDPOINT={constants.ENDPOINT!r} ist keine Adresse, "
            "sie beginnt mit http:// oder https://"
        )
    return constants.ENDPOINT


def hole(art: str, name: str, fortsetzbar: bool = False) -> None:
    """Holt ein Repository in den Zwischenspeicher, ganz oder gar nicht. Fehler: NichtDa.

    `fortsetzbar`: Angefangenes bleibt liegen, und der nächste Aufruf macht dort weiter.
    """
    from huggingface_hub import constants

    if constants.HF_HUB_OFFLINE:
        raise NichtDa("HF_HUB_OFFLINE ist gesetzt")
    adresse = endpunkt()
    netz.verlange(f"{adresse}/{'datasets/' * (art == 'datasets')}{name}/resolve/main/config.json")
    ordner = ablage(art, name)
    war_da = ordner.exists()
    try:
        _lass_laden(art, name, adresse, lambda text: print(f"{name}: {text}", flush=True))
    except BaseException:  # auch Strg+C
        if not fortsetzbar:
            _raeume_halbes_weg(ordner, war_da)
        raise


def _raeume_halbes_weg(ordner: Path, war_da: bool) -> None:
    if not war_da:
        shutil.rmtree(ordner, ignore_errors=True)
    for datei in ordner.glob("blobs/*.incomplete"):
        datei.unlink(missing_ok=True)


def _lass_laden(art: str, name: str, adresse: str, melde: Callable[[str], None]) -> None:
    """Startet den Prozess, der lädt, und beendet ihn, wenn nichts mehr ankommt."""
    host = urlsplit(adresse).hostname
    kind = subprocess.Popen(
        [sys.executable, "-m", "kurs.hub", art, name],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
        cwd=WURZEL,
        env={**os.environ, **_einstellungen(adresse)},
    )
    zeilen = queue.SimpleQueue()
    threading.Thread(target=_lies_zeilen, args=(kind.stdout, zeilen), daemon=True).start()
    takt = None
    try:
        while (zeile := _naechste(zeilen)) is not None:
            wort, _, rest = zeile.strip().partition(" ")
            if wort == "BEGINN":  # bis hierher lädt Python Bibliotheken
                takt = netz.Takt(melde)
            elif wort == "GROESSE":
                takt.gesamt = int(rest)
                _verlange_platz(takt.gesamt)
                melde(f"lade {takt.gesamt / 1e6:.0f} MB von {host} …")
            elif wort == "GRUND":
                raise NichtDa(_deutsch(adresse, json.loads(rest)))
            if takt and takt.stockt(_bytes(ablage(art, name))):
                netz.merke_stoerung(adresse, f"{host} liefert nicht oder zu langsam")
                raise NichtDa(f"{host} liefert nicht oder zu langsam")
        kind.wait()
    finally:
        kind.kill()
        kind.wait()
    if kind.returncode:
        raise NichtDa(f"das Herunterladen von {host} brach ab")


def _lies_zeilen(strom, zeilen: queue.SimpleQueue) -> None:
    for zeile in strom:
        zeilen.put(zeile)
    zeilen.put(None)


def _naechste(zeilen: queue.SimpleQueue) -> str | None:
    """Die nächste Zeile, leer, wenn es noch keine gibt, und None am Ende."""
    try:
        return zeilen.get(timeout=0.2)
    except queue.Empty:
        return ""


def _einstellungen(adresse: str) -> dict[str, str]:
    """Was der ladende Prozess wissen muss; was xet lädt, sähe man nicht wachsen."""
    from huggingface_hub import constants

    orte = {"HF_ENDPOINT": adresse, "HF_HUB_CACHE": str(constants.HF_HUB_CACHE)}
    if "datasets" in sys.modules:
        orte["HF_DATASETS_CACHE"] = str(sys.modules["datasets"].config.HF_DATASETS_CACHE)
    fristen = dict.fromkeys(("HF_HUB_ETAG_TIMEOUT", "HF_HUB_DOWNLOAD_TIMEOUT"), "30")
    return {**orte, **fristen, "HF_HUB_DISABLE_XET": "1", "PYTHONUTF8": "1"}


def _bytes(ordner: Path) -> int:
    """Was dort wirklich liegt; unter Windows wandert es von blobs zu snapshots, ohne Verweise."""
    summe = 0
    for datei in ordner.rglob("*"):
        with contextlib.suppress(OSError):  # umbenannt, während gezählt wird
            stand = datei.lstat()
            summe += stand.st_size if stat.S_ISREG(stand.st_mode) else 0
    return summe


def _verlange_platz(noetig: int) -> None:
    from huggingface_hub import constants

    ordner = next(o for o in Path(constants.HF_HUB_CACHE).resolve().parents if o.exists())
    frei = shutil.disk_usage(ordner).free
    if frei < noetig * 1.1:
        raise NichtDa(
            f"auf dem Datenträger sind nur {frei / 1e6:.0f} MB frei, nötig sind {noetig / 1e6:.0f}"
        )


def _deutsch(adresse: str, fehler: dict) -> str:
    """Der Grund zur Meldung des ladenden Prozesses; eine Störung des Hosts wird gemerkt."""
    host = urlsplit(adresse).hostname
    bekannt = {
        "GatedRepoError": f"{host} verlangt dafür eine Anmeldung",
        "RepositoryNotFoundError": f"{host} kennt diesen Namen nicht",
        "RevisionNotFoundError": f"{host} hat davon nur ein Ladeskript, keine Daten",
        "HFValidationError": "das ist kein Name des Hubs",
    }
    for art in fehler["arten"]:
        if art in bekannt:
            return bekannt[art]
    if "No space left" in fehler["text"]:
        return "der Datenträger ist voll"
    if fehler["netz"]:
        grund = netz.warum(adresse, RuntimeError(" ".join(fehler["arten"]) + fehler["text"]))
        netz.merke_stoerung(adresse, grund)
        return grund
    return f"{host} gibt es nicht heraus ({fehler['arten'][0]})"


# --- Der Prozess, der lädt ------------------------------------------------------------------------


def gebraucht(dateien: list[str]) -> list[str]:
    """Was von einem Modell zu laden ist: alles Kleine, die Gewichte am liebsten als safetensors."""
    namen = [n for n in dateien if "/" not in n or MODULE.fullmatch(n)]
    namen = [n for n in namen if not n.endswith(UNNOETIG)]
    if any(n.endswith(".safetensors") for n in namen):
        return [n for n in namen if not n.endswith(".bin")]
    return namen


def _lade_modell(name: str) -> None:
    from huggingface_hub import HfApi, snapshot_download

    info = HfApi().model_info(name, files_metadata=True, timeout=30)
    groessen = {datei.rfilename: datei.size or 0 for datei in info.siblings}
    namen = gebraucht(list(groessen))
    print("GROESSE", sum(groessen[n] for n in namen), flush=True)
    snapshot_download(name, revision=info.sha, allow_patterns=namen, max_workers=2)
    # Der Zweig main zeigt auf diesen Stand: So finden ihn auch andere ohne Netz
    zeiger = ablage("models", name) / "refs" / "main"
    zeiger.parent.mkdir(parents=True, exist_ok=True)
    zeiger.write_text(info.sha, encoding="utf-8")


def _lade_datensatz(name: str) -> None:
    import datasets
    from huggingface_hub import HfApi, snapshot_download

    info = HfApi().dataset_info(name, files_metadata=True, timeout=30)
    revision = None
    if any(
        datei.rfilename.endswith(".py") for datei in info.siblings
    ):  # `datasets` führt es nicht aus
        revision = OHNE_SKRIPT
        info = HfApi().dataset_info(name, revision=revision, files_metadata=True, timeout=30)
    print("GROESSE", sum(datei.size or 0 for datei in info.siblings), flush=True)
    snapshot_download(name, repo_type="dataset", revision=info.sha, max_workers=2)
    # nie ein gleichnamiger Ordner im Arbeitsverzeichnis
    datasets.load_dataset(f"hf://datasets/{name}", revision=revision)


def _kette(fehler: BaseException | None) -> list[BaseException]:
    return [] if fehler is None else [fehler, *_kette(fehler.__cause__ or fehler.__context__)]


def _als_zettel(fehler: BaseException) -> dict:
    kette = _kette(fehler)
    netzfehler = any(
        isinstance(einer, (ConnectionError, TimeoutError))
        or type(einer).__module__.startswith(("httpx", "httpcore", "ssl"))
        for einer in kette
    )
    arten = [art.__name__ for einer in kette for art in type(einer).__mro__]
    return {"arten": arten, "text": " ".join(map(str, kette)), "netz": netzfehler}


if __name__ == "__main__":
    lade = {"models": _lade_modell, "datasets": _lade_datensatz}[sys.argv[1]]
    try:
        from huggingface_hub import HfApi, constants, snapshot_download  # noqa: F401 (dauert)

        if sys.argv[1] == "datasets":
            import datasets  # noqa: F401 (dauert auch)
        constants.DOWNLOAD_CHUNK_SIZE = netz.STUECK  # statt 10 MB: So sieht man die Datei wachsen
        print("BEGINN", flush=True)
        lade(sys.argv[2])
    except Exception as fehler:  # noqa: BLE001 (die Antwort ist dann eben der Fehler)
        print("GRUND", json.dumps(_als_zettel(fehler)), flush=True)
        sys.exit(1)
