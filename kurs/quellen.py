"""Beantwortet: Woher kommen diese Daten, und warum von dort?

Reihenfolge: Zwischenspeicher der Bibliothek, eigene Kopien, Host, eingebetteter Ersatz.
`KURS_QUELLE=hub` besteht auf den ersten dreien, `KURS_QUELLE=eingebaut` auf dem letzten. Was der Kurs selbst
mitbringt (`kurs/bewertungen`), hat kein Original und ist immer recht.
"""

import base64
import http.client
import os
import queue
import ssl
import threading
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from kurs.pfade import DATA

MODI = ("auto", "hub", "eingebaut")
WARTEZEIT = 1.5  # Sekunden, bis ein Host als nicht erreichbar gilt
_benutzt: dict[str, str] = {}


class NichtDa(Exception):
    """Diese Quelle hat die Daten nicht; der Text sagt auf Deutsch, warum."""


class KeineQuelle(SystemExit):
    """Keine erlaubte Quelle hat die Daten. Als SystemExit: ein deutscher Satz statt eines Tracebacks."""


@dataclass(frozen=True)
class Weg:
    """Eine Quelle: ihr Name für die Ausgabe, ob sie das Original liefert, und wie man lädt.

    `lade` gibt die Daten zurück oder wirft NichtDa mit dem Grund. Ein leerer Grund heißt: nicht der
    Rede wert.
    """

    name: str
    original: bool
    lade: Callable[[], object]


def modus() -> str:
    """Der Wert von `KURS_QUELLE`. Fehler: KeineQuelle bei einem unbekannten Wert."""
    wert = os.environ.get("KURS_QUELLE", "auto").strip().lower() or "auto"
    if wert not in MODI:
        raise KeineQuelle(f"KURS_QUELLE={wert} gibt es nicht. Möglich sind: {', '.join(MODI)}.")
    return wert


def eigene_kopien() -> Path:
    """Der Ordner mit eigenen Kopien der Originale: `KURS_ORIGINALE`, sonst `data/original`."""
    return Path(os.path.expanduser(os.environ.get("KURS_ORIGINALE") or DATA / "original"))


@cache
def erreichbar(host: str) -> bool:
    """Ob sich innerhalb von 1,5 s eine verschlüsselte Verbindung öffnen lässt, auch durch einen Proxy."""
    antwort = queue.SimpleQueue()
    # Ein eigener Faden, weil weder die Namensauflösung noch mehrere Adressen eine gemeinsame Frist kennen
    threading.Thread(target=lambda: antwort.put(_verbindet(host)), daemon=True).start()
    try:
        return antwort.get(timeout=WARTEZEIT)
    except queue.Empty:
        return False


def _verbindet(host: str) -> bool:
    try:
        verbindung = _verbindung(host)
        verbindung.connect()
        verbindung.close()
        return True
    except ssl.SSLCertVerificationError:
        return True  # Verbindung steht; über das Zertifikat urteilt die Bibliothek, die dann lädt
    except (OSError, http.client.HTTPException, ValueError):  # ValueError: Unsinn in HTTPS_PROXY
        return False


def _verbindung(host: str) -> http.client.HTTPSConnection:
    """Eine noch nicht geöffnete Verbindung zu `host`, durch den eingestellten Proxy, wenn es einen gibt."""
    proxys = urllib.request.getproxies()
    proxy = proxys.get("https") or proxys.get("all")
    if not proxy or urllib.request.proxy_bypass(host):
        return http.client.HTTPSConnection(host, 443, timeout=WARTEZEIT)
    teile = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    kopf = {}
    if teile.username:
        zugang = f"{unquote(teile.username)}:{unquote(teile.password or '')}"
        kopf["Proxy-Authorization"] = "Basic " + base64.b64encode(zugang.encode()).decode()
    verbindung = http.client.HTTPSConnection(
        teile.hostname or "", teile.port or 8080, timeout=WARTEZEIT
    )
    verbindung.set_tunnel(host, 443, kopf)
    return verbindung


def waehle(was: str, wege: list[Weg], ablage: Path | None = None):
    """Nimmt den ersten erlaubten Weg, der die Daten hat, und druckt eine Zeile, die sagt, welcher und warum.

    `ablage`: wohin eine eigene Kopie gehörte, für die Meldung. Fehler: KeineQuelle, wenn keiner sie hat.
    """
    erlaubt = modus()
    gruende = []
    if erlaubt == "eingebaut":
        wege = [weg for weg in wege if not weg.original]
    elif erlaubt == "hub":  # wo es kein Original gibt, ist das Eingebettete recht
        wege = [weg for weg in wege if weg.original] or wege
    for weg in wege:
        try:
            daten = weg.lade()
        except NichtDa as grund:
            if str(grund):
                gruende.append(str(grund))
            continue
        if erlaubt == "eingebaut":
            gruende.append("KURS_QUELLE=eingebaut")
        _benutzt[was] = "original" if weg.original else "eingebettet"
        print(f"{was}: {weg.name}" + (f" ({'; '.join(gruende)})" if gruende else ""))
        return daten
    ausweg = "" if erlaubt == "auto" else f"Ohne KURS_QUELLE={erlaubt} nähme der Kurs, was da ist. "
    raise KeineQuelle(
        f"{was} ist nicht zu bekommen ({'; '.join(gruende) or 'keine Quelle hat die Daten'}). "
        f"{ausweg}Eigene Kopien gehören nach {ablage or eigene_kopien()}."
    )


def benutzt() -> dict[str, str]:
    """Was in diesem Prozess woher kam: Name → „original“ oder „eingebettet“."""
    return dict(_benutzt)


def originale_benutzt() -> bool:
    """Ob mindestens ein Datensatz dieses Laufs das Original ist."""
    return "original" in _benutzt.values()


def vergiss() -> None:
    """Leert das Protokoll der benutzten Quellen (vor jedem Lauf im selben Prozess)."""
    _benutzt.clear()
