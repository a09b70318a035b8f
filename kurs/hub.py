"""Beantwortet: Was liefert der Hugging Face Hub, aus dem Zwischenspeicher und übers Netz?

Übers Netz lädt ein eigener Prozess (`python -m kurs.hub models NAME`): Was schweigt oder tröpfelt,
lässt sich nur so beenden, und seine englischen Zeilen sieht niemand. Er füllt die Zwischenspeicher
der Bibliotheken; erst was dort vollständig liegt, wird genommen. Danach braucht `from_pretrained`
kein Netz mehr.
"""

import contextlib
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

from kurs import netz
from kurs.kern.pfade import WURZEL
from kurs.quellen import NichtDa, nennt_kaputtes, verlange_platz, verlangt_original

OHNE_SKRIPT = "refs/convert/parquet"  # hier legt der Hub ab, wofür es sonst ein Ladeskript gibt
GEWICHTE = (".safetensors", ".bin")
# Was `from_pretrained` nie liest: andere Rechenwerke und Formate; Ordner haben nur Satzvektoren
UNNOETIG = (".h5", ".msgpack", ".ot", ".onnx", ".tflite", ".gguf", ".pth", ".pt", ".zip", ".png")
MODULE = re.compile(r"\d_\w+/[^/]+")
BEIM_LADEN = {
    "HF_HUB_ETAG_TIMEOUT": "30",
    "HF_HUB_DOWNLOAD_TIMEOUT": "30",
    "HF_HUB_DISABLE_XET": "1",  # was xet lädt, sähe man nicht wachsen
    "PYTHONUTF8": "1",
}


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
    from datasets.packaged_modules.cache import cache as fundort

    fundort.logger.setLevel("ERROR")  # sonst meldet er auf Englisch, dass er etwas gefunden hat
    for name in namen:
        with contextlib.suppress(ValueError, OSError):  # nicht im Cache, oder nur halb geladen
            kurz = name.split("/")[-1]
            cache = fundort.Cache(dataset_name=kurz, repo_id=name, version="auto", hash="auto")
            with nennt_kaputtes(f"der Zwischenspeicher {cache.cache_dir}"):
                return cache.as_dataset()
    raise NichtDa("")


def hole(art: str, name: str) -> None:
    """Holt ein Repository in den Zwischenspeicher, ganz oder gar nicht. Fehler: NichtDa.

    Wo das Original verlangt ist, darf es lange dauern, und Angefangenes bleibt für den nächsten Aufruf liegen.
    """
    from huggingface_hub import constants

    fortsetzbar = verlangt_original()
    if constants.HF_HUB_OFFLINE:
        raise NichtDa("HF_HUB_OFFLINE ist gesetzt")
    adresse = constants.ENDPOINT
    teile = urlsplit(adresse)
    if teile.scheme not in ("http", "https") or not teile.hostname:
        regel = "sie beginnt mit http:// oder https://"
        raise NichtDa(f"HF_ENDPOINT={adresse!r} ist keine Adresse, {regel}")
    netz.verlange(f"{adresse}/{'datasets/' * (art == 'datasets')}{name}/resolve/main/config.json")
    ordner, ganz = ablage(art, name), False
    war_da = ordner.exists()
    try:
        _lass_laden(art, name, adresse, wartet=fortsetzbar)
        ganz = True
    finally:  # auch nach Strg+C
        if ganz or not fortsetzbar:
            for datei in ordner.glob("blobs/*.incomplete"):
                datei.unlink(missing_ok=True)
        if not (ganz or fortsetzbar or war_da):
            shutil.rmtree(ordner, ignore_errors=True)


def _lass_laden(art: str, name: str, adresse: str, wartet: bool) -> None:
    """Startet den Prozess, der lädt, und beendet ihn, wenn nichts mehr ankommt."""
    host = urlsplit(adresse).hostname
    melde = lambda text: print(f"{name}: {text}", flush=True)
    takt = None
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as ordner:
        protokoll = Path(ordner) / "protokoll.txt"
        with open(protokoll, "wb") as strom:
            kind = subprocess.Popen(
                [sys.executable, "-m", "kurs.hub", art, name],
                stdout=strom,
                stderr=subprocess.DEVNULL,
                cwd=WURZEL,
                env={**os.environ, **BEIM_LADEN},
            )
        try:
            while kind.poll() is None:
                time.sleep(0.2)
                gesagt = _lies(protokoll)
                if takt is None and "BEGINN" in gesagt:  # vorher lädt Python Bibliotheken
                    takt = netz.Takt(melde, wartet=wartet)
                if takt and not takt.gesamt and (groesse := int(gesagt.get("GROESSE", 0))):
                    takt.gesamt = groesse
                    verlange_platz(ablage(art, name), 1.1 * groesse / 1e6)
                    melde(f"lade {groesse / 1e6:.0f} MB von {host} …")
                if takt and takt.stockt(_bytes(ablage(art, name))):
                    netz.gib_auf(adresse, f"{host} liefert nicht oder zu langsam")
        finally:
            kind.kill()
            kind.wait()
        gesagt = _lies(protokoll)
        if "STOERUNG" in gesagt:
            netz.gib_auf(adresse, gesagt["STOERUNG"])
    if kind.returncode:
        raise NichtDa(gesagt.get("GRUND", f"das Herunterladen von {host} brach ab"))


def _lies(protokoll: Path) -> dict[str, str]:
    """Was der ladende Prozess bisher schrieb: je Zeile ein Wort und was es meint."""
    zeilen = protokoll.read_text(encoding="utf-8").splitlines(keepends=True)
    ganze = (zeile.strip().partition(" ") for zeile in zeilen if zeile.endswith("\n"))
    return {wort: rest for wort, _, rest in ganze}


def _bytes(ordner: Path) -> int:
    """Was dort wirklich liegt; unter Windows wandert es von blobs zu snapshots, ohne Verweise."""
    summe = 0
    for datei in ordner.rglob("*"):
        with contextlib.suppress(OSError):  # umbenannt, während gezählt wird
            stand = datei.lstat()
            summe += stand.st_size if stat.S_ISREG(stand.st_mode) else 0
    return summe


# --- Der Prozess, der lädt ------------------------------------------------------------------------


def gebraucht(dateien: list[str]) -> list[str]:
    """Was von einem Modell zu laden ist: alles Kleine, die Gewichte am liebsten als safetensors."""
    namen = [n for n in dateien if "/" not in n or MODULE.fullmatch(n)]
    namen = [n for n in namen if not n.endswith(UNNOETIG)]
    if any(n.endswith(".safetensors") for n in namen):
        return [n for n in namen if not n.endswith(".bin")]
    return namen


def _lade_modell(name: str) -> None:
    info = HfApi().model_info(name, files_metadata=True, timeout=30)
    groessen = {datei.rfilename: datei.size or 0 for datei in info.siblings}
    namen = gebraucht(list(groessen))
    print("GROESSE", sum(groessen[n] for n in namen), flush=True)
    for gewichte in [n for n in namen if n.endswith(GEWICHTE)]:
        _setze_fort(name, gewichte, info.sha)
    snapshot_download(name, allow_patterns=namen, max_workers=2)


def _setze_fort(name: str, datei: str, sha: str) -> None:
    """Lädt eine große Datei dort weiter, wo es aufhörte; `snapshot_download` finge vorn an."""
    url = hf_hub_url(name, datei, revision=sha)
    stand = file_download.get_hf_file_metadata(url, timeout=30)
    ordner = ablage("models", name)
    ziel, sperre = ordner / "blobs" / stand.etag, ordner.parent / ".locks" / ordner.name
    for ort in (ziel.parent, sperre):
        ort.mkdir(parents=True, exist_ok=True)
    with WeakFileLock(sperre / f"{stand.etag}.lock"):
        if ziel.exists():
            return
        teil = ziel.with_name(f"{stand.etag}.incomplete")
        # Wer weiterleitet, nennt eine unterschriebene Adresse; das Token bleibt beim Hub
        koepfe = build_hf_headers(token=None if stand.location == url else False)
        with open(teil, "ab") as strom:
            file_download.http_get(
                stand.location,
                strom,
                resume_size=strom.tell(),
                headers=koepfe,
                expected_size=stand.size,
            )
        os.replace(teil, ziel)


def _lade_datensatz(name: str) -> None:
    info = HfApi().dataset_info(name, files_metadata=True, timeout=30)
    revision = None
    if any(datei.rfilename.endswith(".py") for datei in info.siblings):
        revision = OHNE_SKRIPT  # das Skript auf main führt `datasets` nicht aus
        info = HfApi().dataset_info(name, revision=revision, files_metadata=True, timeout=30)
    print("GROESSE", sum(datei.size or 0 for datei in info.siblings), flush=True)
    snapshot_download(name, repo_type="dataset", revision=info.sha, max_workers=2)
    # nie ein gleichnamiger Ordner im Arbeitsverzeichnis
    datasets.load_dataset(f"hf://datasets/{name}", revision=revision)


def _warum(fehler: BaseException) -> tuple[str, str]:
    """(„STOERUNG“ des ganzen Hosts oder „GRUND“ nur für diesen Namen, der deutsche Satz dazu)."""
    adresse = constants.ENDPOINT
    host = urlsplit(adresse).hostname
    kette = []
    while fehler:
        kette.append(fehler)
        fehler = fehler.__cause__ or fehler.__context__
    arten = [art.__name__ for einer in kette for art in type(einer).__mro__]
    text = " ".join([*arten, *map(str, kette)])
    bekannt = {
        "GatedRepoError": f"{host} verlangt dafür eine Anmeldung",
        "RepositoryNotFoundError": f"{host} kennt diesen Namen nicht",
        "RevisionNotFoundError": f"{host} hat davon nur ein Ladeskript, keine Daten",
        "HFValidationError": "das ist kein Name des Hubs",
    }
    if art := next((art for art in arten if art in bekannt), None):
        return "GRUND", bekannt[art]
    if "No space left" in text:
        return "GRUND", "der Datenträger ist voll"
    if "HTTPStatusError" in arten:  # eine Antwort, nur keine gute
        status = next(einer.response.status_code for einer in kette if hasattr(einer, "response"))
        satz = netz.zum_status(status, host)
        return ("STOERUNG", satz) if satz else ("GRUND", f"{host} gibt es nicht heraus ({status})")
    if any(
        isinstance(einer, (ConnectionError, TimeoutError))
        or type(einer).__module__.startswith(("httpx", "httpcore", "ssl"))
        for einer in kette
    ):
        return "STOERUNG", netz.warum(adresse, RuntimeError(text))
    return "GRUND", f"{host} gibt es nicht heraus ({arten[0]})"


if __name__ == "__main__":
    lade = {"models": _lade_modell, "datasets": _lade_datensatz}[sys.argv[1]]
    from huggingface_hub import HfApi, constants, file_download, hf_hub_url, snapshot_download
    from huggingface_hub.utils import WeakFileLock, build_hf_headers

    try:
        if sys.argv[1] == "datasets":
            import datasets
        constants.DOWNLOAD_CHUNK_SIZE = netz.STUECK  # statt 10 MB: So sieht man die Datei wachsen
        print("BEGINN", flush=True)
        lade(sys.argv[2])
    except Exception as fehler:  # noqa: BLE001 (die Antwort ist dann eben der Fehler)
        print(*_warum(fehler), flush=True)
        sys.exit(1)
