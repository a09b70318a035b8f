"""Beantwortet: Reicht dieser Rechner – Python, Arbeitsspeicher, Platte, Ports, Browser?"""

import contextlib
import ctypes
import os
import shutil
import socket
import sys
import tempfile
import webbrowser
from pathlib import Path

from kurs import einrichtung
from kurs.arzt import gebrauch
from kurs.arzt.befund import EINRICHTEN, FEHLT, GUT, HINWEIS, Befund
from kurs.pfade import AUSGABE, DATA, WURZEL, verlange_beschreibbar
from kurs.umgebung import hat_bildschirm

GB = 1e9
SPEICHER_KNAPP_GB = 6  # die größten Skripte brauchen rund 3 GB, dazu kommen System und PyCharm
SPEICHER_ZU_WENIG_GB = 3
PLATZ_ARBEIT_GB = 2  # Modelle umwandeln, Plots, Protokolle
PORTS = {5000: "MLflow", 6006: "TensorBoard", 8000: "der Dienst mit FastAPI"}


def python(venv: Path | None) -> list[Befund]:
    """Ob die `.venv` da und ihr Python eines ist, mit dem der Kurs läuft."""
    if venv is None:
        if sys.version_info[:2] not in einrichtung.VERSIONEN:
            nummer = ".".join(map(str, sys.version_info[:3]))
            satz = f"{nummer} ist zu neu, und der Kurs ist noch nicht eingerichtet"
            abhilfe = f"Python 3.11, 3.12 oder 3.13 installieren (python.org), dann {EINRICHTEN}"
            return [Befund(FEHLT, "Python", satz, gebrauch.namen(), abhilfe)]
        satz = f"der Kurs ist noch nicht eingerichtet ({einrichtung.VENV} fehlt oder ist kaputt)"
        return [Befund(FEHLT, "Python", satz, gebrauch.namen(), EINRICHTEN)]
    nummer = ".".join(map(str, sys.version_info[:3]))
    if sys.maxsize < 2**32:
        satz = f"{nummer} ist ein 32-Bit-Python; dafür gibt es TensorFlow und PyTorch nicht"
        abhilfe = "die 64-Bit-Fassung installieren (python.org), den Ordner .venv löschen, "
        return [Befund(FEHLT, "Python", satz, gebrauch.namen(), abhilfe + f"dann {EINRICHTEN}")]
    if sys.version_info[:2] not in einrichtung.VERSIONEN:
        satz = f"{nummer} ({venv}); getestet ist der Kurs mit 3.10 bis 3.13"
        return [Befund(HINWEIS, "Python", satz)]
    if not einrichtung.ist_eingerichtet() and venv == einrichtung.venv_python():
        satz = f"{nummer}, aber die Anforderungen haben sich seit dem Einrichten geändert"
        return [Befund(HINWEIS, "Python", satz, abhilfe=EINRICHTEN)]
    return [Befund(GUT, "Python", f"{nummer} ({venv})")]


# --- Arbeitsspeicher ------------------------------------------------------------------------------


def arbeitsspeicher() -> list[Befund]:
    """Ob die großen Skripte hineinpassen."""
    gesamt, frei = _speicher()
    if not gesamt:
        return [Befund(HINWEIS, "Arbeitsspeicher", "nicht festzustellen; gebraucht werden 4 GB")]
    satz = f"{gesamt / GB:.1f} GB, davon frei {frei / GB:.1f} GB"
    if gesamt < SPEICHER_ZU_WENIG_GB * GB:
        satz += "; die größten Skripte brauchen allein rund 3 GB"
        abhilfe = "einen Rechner mit mindestens 8 GB nehmen"
        return [Befund(FEHLT, "Arbeitsspeicher", satz, gebrauch.namen(), abhilfe)]
    if gesamt < SPEICHER_KNAPP_GB * GB or frei < SPEICHER_ZU_WENIG_GB * GB:
        abhilfe = (
            "andere Programme schließen (Browser!) und nie zwei Skripte zugleich laufen lassen"
        )
        return [Befund(HINWEIS, "Arbeitsspeicher", satz + "; das ist knapp", abhilfe=abhilfe)]
    return [Befund(GUT, "Arbeitsspeicher", satz)]


def _speicher() -> tuple[float, float]:
    """(gesamt, frei) in Bytes, auch im Container; (0, 0), wenn es nicht festzustellen ist."""
    gesamt, frei = _speicher_des_systems()
    for grenze, benutzt in (
        ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
        (
            "/sys/fs/cgroup/memory/memory.limit_in_bytes",
            "/sys/fs/cgroup/memory/memory.usage_in_bytes",
        ),
    ):
        with contextlib.suppress(OSError, ValueError):
            hoechstens = int(Path(grenze).read_text(encoding="ascii"))
            if hoechstens < gesamt:
                rest = hoechstens - int(Path(benutzt).read_text(encoding="ascii"))
                return hoechstens, min(frei, rest)
    return gesamt, frei


def _speicher_des_systems() -> tuple[float, float]:
    try:
        import psutil

        speicher = psutil.virtual_memory()
        return speicher.total, speicher.available
    except ImportError:  # noch nicht eingerichtet: Dann geht es auch mit der Standardbibliothek
        pass
    with contextlib.suppress(AttributeError, ValueError, OSError):
        seite = os.sysconf("SC_PAGE_SIZE")
        return seite * os.sysconf("SC_PHYS_PAGES"), seite * os.sysconf("SC_AVPHYS_PAGES")
    with contextlib.suppress(AttributeError, OSError):

        class Stand(ctypes.Structure):
            _fields_ = [("laenge", ctypes.c_ulong), ("last", ctypes.c_ulong)] + [
                (name, ctypes.c_ulonglong) for name in ("gesamt", "frei", "a", "b", "c", "d", "e")
            ]

        stand = Stand(ctypes.sizeof(Stand))
        if ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(stand)):
            return stand.gesamt, stand.frei
    return 0, 0


# --- Platte ---------------------------------------------------------------------------------------


def platte(eingerichtet: bool) -> list[Befund]:
    """Ob genug frei ist und geschrieben werden darf."""
    befunde = []
    noetig = PLATZ_ARBEIT_GB if eingerichtet else einrichtung.PLATZ_GB
    frei = shutil.disk_usage(WURZEL).free / GB
    satz = f"{frei:.1f} GB frei in {WURZEL}"
    if frei < noetig:
        abhilfe = f"mindestens {noetig} GB Platz schaffen; ausgabe/ darf gelöscht werden"
        stand, skripte = (HINWEIS, ()) if eingerichtet else (FEHLT, gebrauch.namen())
        befunde.append(Befund(stand, "Platte", satz + "; das ist zu wenig", skripte, abhilfe))
    else:
        befunde.append(Befund(GUT, "Platte", satz))
    for ordner in (AUSGABE, DATA / "modelle"):
        if not _beschreibbar(ordner):
            satz = f"in {ordner} darf nicht geschrieben werden; Ausweichort ist {tempfile.gettempdir()}"
            abhilfe = "das Repository in den eigenen Benutzerordner legen"
            befunde.append(Befund(HINWEIS, "Platte", satz, abhilfe=abhilfe))
    if any("onedrive" in teil.lower() for teil in WURZEL.parts):
        satz = "das Repository liegt in OneDrive: Das Hochladen bremst und sperrt Dateien"
        abhilfe = r"es woandershin legen, etwa nach C:\kurs"
        befunde.append(Befund(HINWEIS, "Platte", satz, abhilfe=abhilfe))
    return befunde


def _beschreibbar(ordner: Path) -> bool:
    while not ordner.exists():  # ausgabe/ gibt es anfangs noch nicht
        ordner = ordner.parent
    try:
        verlange_beschreibbar(ordner)
    except OSError:
        return False
    return True


# --- Ports und Browser ----------------------------------------------------------------------------


def ports() -> list[Befund]:
    """Ob die Ports frei sind, die in den Skripten und auf den Folien stehen."""
    befunde = []
    for port, wofuer in PORTS.items():
        if not _ist_belegt(port):
            continue
        satz = f"{port} ({wofuer}) ist belegt{_von_wem(port)}"
        abhilfe = f"das andere Programm beenden oder einen anderen nehmen: --port {port + 1}"
        befunde.append(Befund(HINWEIS, "Port", satz, gebrauch.mit_port(port), abhilfe))
    frei = [str(port) for port in PORTS if not any(b.satz.startswith(str(port)) for b in befunde)]
    return [Befund(GUT, "Ports", f"{', '.join(frei)} frei")] * bool(frei) + befunde


def _ist_belegt(port: int) -> bool:
    """Ob dort jemand lauscht oder sich der Port nicht öffnen lässt."""
    for familie, ort in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        with contextlib.suppress(OSError), socket.socket(familie) as anschluss:
            anschluss.settimeout(0.5)
            if anschluss.connect_ex((ort, port)) == 0:
                return True
    try:
        with socket.socket() as anschluss:
            if os.name != "nt":  # wie ein Server: Ein gerade geschlossener Port ist kein belegter
                anschluss.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            anschluss.bind(("127.0.0.1", port))
        return False
    except OSError:
        return True


def _von_wem(port: int) -> str:
    """„ von <Programm>“, soweit das System es verrät."""
    try:
        import psutil

        for verbindung in psutil.net_connections("tcp"):
            lauscht = verbindung.status == psutil.CONN_LISTEN and verbindung.laddr.port == port
            if lauscht and verbindung.pid:
                return f" von {psutil.Process(verbindung.pid).name()} (Prozess {verbindung.pid})"
    except Exception:  # noqa: BLE001 (kein psutil, keine Rechte, Prozess schon zu Ende: dann eben ohne Namen)
        return ""
    return ""


def browser() -> list[Befund]:
    """Ob HTML-Seiten (Displacy, Galerie, TensorBoard) von selbst aufgehen."""
    if not hat_bildschirm():
        return [Befund(HINWEIS, "Browser", "ohne Bildschirm geht keine Seite von selbst auf")]
    try:
        gefunden = webbrowser.get()
    except webbrowser.Error:
        satz = "keiner eingerichtet; die Skripte drucken den Pfad ihrer Seiten, öffne sie von Hand"
        return [Befund(HINWEIS, "Browser", satz)]
    if type(gefunden) is webbrowser.GenericBrowser:
        return [Befund(HINWEIS, "Browser", f"nur ein Textbrowser ({gefunden.name})")]
    return [Befund(GUT, "Browser", getattr(gefunden, "name", "") or "der des Systems")]
