"""Beantwortet: Liefert dieser Host, und wie kommt eine Datei ganz von dort oder gar nicht?

Ein Proxy nimmt jede Verbindung an und schweigt dann oder zeigt eine Anmeldeseite. Deshalb wird
wirklich etwas geholt, in einer Frist. Wer sie nicht hält, gilt für diesen und die nächsten Prozesse
als gestört (`GEMERKT` Sekunden lang), damit nicht jedes Modell von Neuem wartet.
"""

import contextlib
import hashlib
import queue
import re
import ssl
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from kurs.kern.pfade import schreibe_daneben, schreibe_text, zwischenspeicher
from kurs.quellen import NichtDa, verlangt_original

FRIST = 3.0  # Sekunden, in denen ein Host auf die erste Frage antworten muss
STILLE = 4.0  # Sekunden, in denen dann im Mittel MINDESTENS Bytes je Sekunde ankommen müssen
MINDESTENS = 20_000
GEDULD = 1800.0  # Sekunden, die eine ganze Übertragung in einem Skript höchstens dauern darf
WER_WARTEN_WILL = 30.0  # statt STILLE, und GEDULD gilt nicht: wo das Original verlangt ist
VERARBEITEN = 60.0  # so lange darf danach, wenn alles da ist, nichts mehr ankommen
GEMERKT = 600
STUECK = 1 << 16
KOEPFE = {"User-Agent": "kurs"}  # wer sich Python-urllib nennt, wird mancherorts abgewiesen
# Wonach ein Host gefragt wird, von dem nur der Name bekannt ist; alle anderen sind ein Hub
PROBEN = {
    "storage.googleapis.com": "/tensorflow/tf-keras-datasets/mnist.npz",
    "www.cs.toronto.edu": "/~kriz/cifar-10-python.tar.gz",
}
SAETZE = {  # Status, die dem ganzen Host gelten, nicht nur einer Datei
    403: "{host} verweigert den Zugang (403)",
    407: "der Proxy vor {host} verlangt eine Anmeldung",
    429: "{host} lässt vorerst nichts mehr herunterladen (Limit, 429)",
}
_gestoert: dict[str, str | None] = {}


def stoerung(adresse: str) -> str | None:
    """Warum der Host von `adresse` (auch nur ein Name) nicht liefert, oder None; einmal gefragt."""
    url = adresse if "://" in adresse else f"https://{adresse}"
    if not urlsplit(url).path.strip("/"):
        url = url.rstrip("/") + PROBEN.get(urlsplit(url).hostname, "/api/models?limit=1")
    host = _host(url)
    if host not in _gestoert:
        gemerkt = "" if verlangt_original() else _vor_kurzem(host)
        if gemerkt:
            _gestoert[host] = f"{gemerkt}, vor Kurzem versucht"
        elif grund := _frage(url):
            merke_stoerung(url, grund)
        else:
            _gestoert[host] = None
    return _gestoert[host]


def verlange(url: str) -> None:
    """Wirft NichtDa mit dem Grund, wenn dieser Host nicht liefert."""
    if grund := stoerung(url):
        raise NichtDa(grund)


def merke_stoerung(url: str, grund: str) -> None:
    """Ab jetzt gilt der Host als gestört, auch für andere Prozesse."""
    _gestoert[_host(url)] = grund
    with contextlib.suppress(OSError):  # dann fragt der nächste Prozess eben selbst
        schreibe_text(_zettel(_host(url)), grund)


def vergiss() -> None:
    """Fragt jeden Host neu, auch die gemerkten."""
    _gestoert.clear()
    for zettel in zwischenspeicher().glob("gestoert_*.txt"):
        zettel.unlink(missing_ok=True)


def _host(url: str) -> str:
    teile = urlsplit(url)
    return f"{teile.scheme}://{teile.netloc}"


def _zettel(host: str) -> Path:
    """Hier steht, warum er nicht liefert. Durch einen anderen Proxy ist es ein anderer Host."""
    wer = f"{host} {sorted(urllib.request.getproxies().items())}"
    return zwischenspeicher() / f"gestoert_{hashlib.sha256(wer.encode()).hexdigest()[:16]}.txt"


def _vor_kurzem(host: str) -> str:
    """Was die letzten `GEMERKT` Sekunden über den Host festhielten, oder leer."""
    zettel = _zettel(host)
    try:
        frisch = time.time() - zettel.stat().st_mtime < GEMERKT
        return zettel.read_text(encoding="utf-8") if frisch else ""
    except (OSError, ValueError):
        return ""


def _frage(url: str) -> str | None:
    """Holt das erste Byte. Ein eigener Faden, weil die Namensauflösung keine Frist kennt."""
    antwort = queue.SimpleQueue()
    threading.Thread(target=lambda: antwort.put(_versuche(url)), daemon=True).start()
    try:
        return antwort.get(timeout=FRIST)
    except queue.Empty:
        return f"{urlsplit(url).hostname} schweigt"


def _versuche(url: str) -> str | None:
    try:
        with _oeffne(url, FRIST, {"Range": "bytes=0-0"}) as antwort:
            antwort.read(1)
    except NichtDa as grund:
        return str(grund)
    except urllib.error.HTTPError:
        return None  # 404 und dergleichen: Über die eine Datei urteilt, wer sie holt
    except Exception as fehler:  # noqa: BLE001 (Netz, TLS, Unsinn in HTTPS_PROXY: je eigene Klassen)
        return warum(url, fehler)
    return None


def _oeffne(url: str, frist: float, koepfe: dict[str, str] | None = None):
    """Die geöffnete Antwort. Fehler: NichtDa (der Host ist gestört), HTTPError (die Datei fehlt)."""
    proxys = urllib.request.getproxies()
    if "all" in proxys:
        proxys = {art: proxys["all"] for art in ("http", "https")} | proxys
    oeffner = urllib.request.build_opener(
        urllib.request.ProxyHandler(proxys), urllib.request.HTTPSHandler(context=_zertifikate())
    )
    host = urlsplit(url).hostname
    anfrage = urllib.request.Request(url, headers=KOEPFE | (koepfe or {}))
    try:
        antwort = oeffner.open(anfrage, timeout=frist)
    except urllib.error.HTTPError as fehler:
        nur_diese_datei = fehler.code == 403 and fehler.headers.get("X-Error-Code")
        if not nur_diese_datei and (satz := zum_status(fehler.code, host)):
            raise NichtDa(satz) from None
        raise
    if antwort.headers.get_content_type() == "text/html":
        antwort.close()
        raise NichtDa(f"vor {host} steht eine Anmelde- oder Sperrseite")
    return antwort


def zum_status(status: int, host: str) -> str:
    """Was dieser Status über den ganzen Host sagt; leer, wenn er nur einer Datei gilt."""
    if status >= 500:
        return f"{host} ist gestört ({status})"
    return SAETZE.get(status, "").format(host=host)


def warum(url: str, fehler: BaseException) -> str:
    """Ein deutscher Satz zu einem Netzfehler, auch einem englischen der Bibliotheken."""
    host, text = urlsplit(url).hostname, f"{type(fehler).__name__} {fehler}"
    if "CERTIFICATE_VERIFY_FAILED" in text:
        return f"das Zertifikat für {host} wird nicht anerkannt (steht ein Proxy davor?)"
    treffer = re.search(r"\b([45]\d\d) [A-Z]", text)
    if treffer and (satz := zum_status(int(treffer[1]), host)):
        return satz
    if any(wort in text for wort in ("RemoteProtocol", "IncompleteRead", "ConnectionReset")):
        return f"{host} bricht die Übertragung ab"
    if "timed out" in text.lower() or "timeout" in text.lower():
        return f"{host} schweigt"
    return f"{host} nicht erreichbar"


def _zertifikate() -> ssl.SSLContext:
    """Was das Betriebssystem anerkennt und was certifi: Die Bibliotheken nehmen mal dies, mal das."""
    kontext = ssl.create_default_context()
    with contextlib.suppress(ImportError, OSError):
        import certifi

        kontext.load_verify_locations(certifi.where())
    return kontext


class Takt:
    """Bemerkt, wenn eine Übertragung stockt, und sagt von Zeit zu Zeit, wie weit sie ist."""

    def __init__(self, melde: Callable[[str], None], gesamt: float = 0, wartet: bool = False):
        self.gesamt, self._wartet = gesamt, wartet
        self._melde = melde
        self._beginn = self._gemeldet = time.monotonic()
        self._stand = 0

    def stockt(self, stand: int) -> bool:
        """Ob in den letzten `STILLE` Sekunden zu wenig dazugekommen ist; `stand`: Bytes bisher."""
        frist = WER_WARTEN_WILL if self._wartet else STILLE
        jetzt = time.monotonic()
        if jetzt - self._gemeldet >= 10:
            self._gemeldet = jetzt
            self._melde(f"  {stand / 1e6:.0f} von {self.gesamt / 1e6:.0f} MB")
        fertig = self.gesamt and stand >= self.gesamt
        if jetzt - self._beginn < (VERARBEITEN if fertig else frist):
            return False
        noetig = MINDESTENS if self._wartet else max(MINDESTENS, self.gesamt / GEDULD)
        zu_wenig = stand - self._stand < noetig * frist
        self._beginn, self._stand = jetzt, stand
        return zu_wenig


def lade(url: str, datei: Path, pruefe: Callable[[Path], object], was: str):
    """Holt `url` nach `datei`; ihren Namen bekommt sie, wenn `pruefe(pfad)` nichts auszusetzen hat.

    Rückgabe: was `pruefe` zurückgibt. Fehler: NichtDa, auch die von `pruefe`.
    """
    verlange(url)
    host = urlsplit(url).hostname
    gelesen = []

    def schreibe(pfad: Path) -> None:
        _uebertrage(url, pfad, was)
        gelesen.append(pruefe(pfad))

    try:
        datei.parent.mkdir(parents=True, exist_ok=True)
        schreibe_daneben(datei, schreibe)
        return gelesen[0]
    except urllib.error.HTTPError as fehler:
        raise NichtDa(f"{host} gibt {datei.name} nicht heraus ({fehler.code})") from None
    except (urllib.error.URLError, TimeoutError, ConnectionError, ssl.SSLError) as fehler:
        gib_auf(url, warum(url, fehler))
    except OSError as fehler:
        raise NichtDa(f"{fehler.strerror or fehler} ({fehler.filename or datei})") from None


def _uebertrage(url: str, pfad: Path, was: str) -> None:
    host = urlsplit(url).hostname
    melde = lambda text: print(f"{was}: {text}", flush=True)
    with _oeffne(url, STILLE) as antwort, open(pfad, "wb") as strom:
        soll = int(antwort.headers.get("Content-Length") or 0)
        melde(f"lade {soll / 1e6:.0f} MB von {host} …")
        takt, da = Takt(melde, soll), 0
        while stueck := antwort.read1(STUECK):
            strom.write(stueck)
            da += len(stueck)
            if takt.stockt(da):
                gib_auf(url, f"{host} liefert zu langsam")
    if da < soll:
        gib_auf(url, f"{host} bricht die Übertragung ab")


def gib_auf(url: str, grund: str):
    """Merkt die Störung und wirft NichtDa."""
    merke_stoerung(url, grund)
    raise NichtDa(grund) from None
