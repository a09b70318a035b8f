"""Beantwortet je eine Frage an diesen Rechner: Python, Pakete, Platz, Bibliotheken, Ports, Netz, Modelle.

Jede Prüfung liefert `Punkt`e nacheinander.
"""

import contextlib
import importlib.metadata
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import urllib.request
import webbrowser
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from kurs import netz, quellen
from kurs.arzt.fragen import frage
from kurs.einrichten import einrichtung
from kurs.einrichten.ursachen import letzte_zeile, ursache
from kurs.kern import umgebung
from kurs.kern.pfade import WURZEL
from kurs.kern.skripte import skriptpfade

GUT, HINWEIS, FEHLT = "ok", "Hinweis", "fehlt"
EINRICHTEN = "python start.py einrichten"
VORBEREITEN = "python start.py vorbereiten"
NEU_ANLEGEN = f"den Ordner .venv löschen, dann {EINRICHTEN}"
PASSENDES_PYTHON = (
    f"Python 3.11, 3.12 oder 3.13 (64 Bit, python.org) installieren, dann {EINRICHTEN}"
)
PYCHARM = "PyCharm aktualisieren, oder Settings → Tools → Python Plots: nicht im Werkzeugfenster"
OHNE_FENSTER = "die Umgebungsvariablen DISPLAY und MPLBACKEND löschen: Dann gibt es PNG-Dateien"
PORTS = {5000: "MLflow", 6006: "TensorBoard", 8000: "der Dienst mit FastAPI"}
TOTER_PROXY = "http://127.0.0.1:9"
URSACHEN = {  # woran eine Bibliothek scheitert → was hilft
    r"DLL load failed|WinError 126": (
        "Microsoft Visual C++ Redistributable (x64) installieren: aka.ms/vs/17/release/vc_redist.x64.exe"
    ),
    r"Code (-4|3221225501)\b": (  # SIGILL: Die CPU kennt einen Befehl nicht
        "einen Rechner nehmen, dessen CPU AVX kennt (fast alle seit 2012; in einer VM freischalten)"
    ),
    "ModuleNotFoundError": EINRICHTEN,
    "": NEU_ANLEGEN,
}


@dataclass(frozen=True)
class Punkt:
    """Ein Satz über eine Sache. `fehlt` heißt: Diese `skripte` laufen so nicht; ein Hinweis hält nichts auf."""

    stand: str
    sache: str
    satz: str
    skripte: tuple[str, ...] = ()
    abhilfe: str = ""


def skripte_mit(muster: str = "") -> tuple[str, ...]:
    """Die Namen der Skripte, in deren Text `muster` vorkommt; ohne Muster alle."""
    return tuple(
        pfad.stem
        for pfad in skriptpfade()
        if re.search(muster, pfad.read_text(encoding="utf-8", errors="replace"))
    )


def alle(eingerichtet: bool) -> dict[str, Callable[[], Iterator[Punkt]]]:
    """Alle Prüfungen, in der Reihenfolge des Berichts; ohne die Pakete des Kurses nur, was ohne sie geht."""
    mit_torch = r"\b(torch|transformers|sentence_transformers)\b"
    mit_paketen = {
        "Pakete": pakete,
        "Umgebung": variablen,
        "Arbeitsspeicher": arbeitsspeicher,
        "TensorFlow": partial(bibliothek, "tensorflow", "TensorFlow", r"\b(keras|tensorflow)\b"),
        "PyTorch": partial(bibliothek, "torch", "PyTorch", mit_torch),
        "Plots": plots,
        "Modelle und Datensätze": vorrat,
    }
    return {
        "Python": partial(python, eingerichtet),
        "Platte": partial(platte, eingerichtet),
        **(mit_paketen if eingerichtet else {}),
        "Browser": browser,
        "Ports": ports,
        "Paketindex": paketindex,
        "Hosts": hosts,
    }


def python(eingerichtet: bool) -> Iterator[Punkt]:
    passt = sys.version_info[:2] in einrichtung.VERSIONEN and sys.maxsize > 2**32
    satz = f"{'.'.join(map(str, sys.version_info[:3]))} ({sys.executable})"
    if not eingerichtet:
        satz = f"der Kurs ist noch nicht eingerichtet ({einrichtung.VENV} fehlt oder ist kaputt)"
        abhilfe = EINRICHTEN if passt else PASSENDES_PYTHON
        yield Punkt(FEHLT, "Python", satz, skripte_mit(), abhilfe)
    elif passt:
        yield Punkt(GUT, "Python", satz)
    else:
        yield Punkt(HINWEIS, "Python", f"{satz}; getestet ist der Kurs mit 3.10 bis 3.13")


def platte(eingerichtet: bool) -> Iterator[Punkt]:
    frei, noetig = shutil.disk_usage(WURZEL).free / 1e9, 2 if eingerichtet else 6
    satz = f"{frei:.1f} GB frei in {WURZEL}"
    if frei >= noetig:
        yield Punkt(GUT, "Platte", satz)
    else:
        stand, wen = (HINWEIS, ()) if eingerichtet else (FEHLT, skripte_mit())
        abhilfe = f"mindestens {noetig} GB Platz schaffen; ausgabe/ darf gelöscht werden"
        yield Punkt(stand, "Platte", f"{satz}; das ist zu wenig", wen, abhilfe)


def pakete() -> Iterator[Punkt]:
    """Fehlende Pakete, anders als getestete, und was `pip check` beanstandet."""
    from packaging.requirements import Requirement

    fehlend, anders = [], []
    for datei in einrichtung.ANFORDERUNGEN:
        for zeile in re.findall(r"^[A-Za-z][^#\n]*", datei.read_text(encoding="utf-8"), re.M):
            soll = Requirement(zeile)
            if soll.marker is not None and not soll.marker.evaluate():
                continue
            try:
                ist = importlib.metadata.version(soll.name)
                if not soll.specifier.contains(ist, prereleases=True):
                    anders.append(f"{soll.name} {ist} ({soll.specifier})")
            except importlib.metadata.PackageNotFoundError:
                fehlend += [soll.name] if datei == einrichtung.ANFORDERUNGEN[0] else []
    _, text = _pip("check")
    fehlend += re.findall(r"requires ([\w.-]+), which is not", text)
    fehlend += ["pip"] if "No module named pip" in text else []
    anders += [zeile for zeile in text.splitlines() if "but you have" in zeile]
    if fehlend:
        satz = f"nicht da: {', '.join(dict.fromkeys(fehlend))}"
        yield Punkt(FEHLT, "Pakete", satz, skripte_mit(), EINRICHTEN)
    if anders:
        satz = f"anders als getestet: {', '.join(dict.fromkeys(anders))}"
        yield Punkt(HINWEIS, "Pakete", satz, (), EINRICHTEN)
    if not fehlend + anders:
        yield Punkt(GUT, "Pakete", "alle da, in den getesteten Versionen")


def _pip(*angaben: str) -> tuple[int, str]:
    befehl = [sys.executable, "-m", "pip", *angaben]
    lauf = subprocess.run(
        befehl, capture_output=True, encoding="utf-8", errors="replace", timeout=60, check=False
    )
    return lauf.returncode, lauf.stdout + lauf.stderr


def variablen() -> Iterator[Punkt]:
    """Ob Umgebungsvariablen den Skripten etwas unterschieben oder die Quellen einschränken."""
    satz, wert = umgebung.hindernis(), ""
    try:
        wert = quellen.modus()
    except quellen.KeineQuelle as grund:
        satz = satz or str(grund)
    if satz:
        yield Punkt(FEHLT, "Umgebung", satz, skripte_mit(), "die genannte Variable löschen")
    elif wert == "auto":
        yield Punkt(GUT, "Umgebung", "keine Variable stört")
    else:
        nur = "Originale aus Netz und Kopien" if wert == "hub" else "den eingebetteten Ersatz"
        yield Punkt(HINWEIS, "Umgebung", f"KURS_QUELLE={wert}: Die Skripte nehmen nur {nur}")


def arbeitsspeicher() -> Iterator[Punkt]:
    """Die größten Skripte brauchen allein rund 3 GB."""
    import psutil

    speicher = psutil.virtual_memory()
    satz = f"{speicher.total / 1e9:.1f} GB, davon frei {speicher.available / 1e9:.1f} GB"
    if speicher.total < 6e9 or speicher.available < 3e9:
        abhilfe = "andere Programme schließen (Browser!), nie zwei Skripte zugleich laufen lassen"
        yield Punkt(HINWEIS, "Arbeitsspeicher", f"{satz}; das ist knapp", (), abhilfe)
    else:
        yield Punkt(GUT, "Arbeitsspeicher", satz)


def bibliothek(was: str, titel: str, muster: str) -> Iterator[Punkt]:
    """Ob TensorFlow oder torch lädt und richtig rechnet, und worauf."""
    antwort = frage(was)
    if grund := antwort.get("fehler"):
        passend = [abhilfe for woran, abhilfe in URSACHEN.items() if re.search(woran, grund)]
        abhilfe = umgebung.hindernis() or passend[0]
        yield Punkt(FEHLT, titel, f"rechnet nicht: {grund}", skripte_mit(muster), abhilfe)
        return
    worauf = ", ".join(antwort["karten"]) or f"CPU, {umgebung.kerne()} Kerne"
    yield Punkt(GUT, titel, f"{antwort['version']} rechnet auf: {worauf}")
    if not antwort["karten"] and umgebung.hat_nvidia():
        satz = "eine NVIDIA-Karte ist da, wird aber nicht benutzt; auf der CPU läuft trotzdem alles"
        yield Punkt(HINWEIS, titel, satz)


def plots() -> Iterator[Punkt]:
    """Ob sich ein Plot zeichnen lässt, und wo er erscheint."""
    with tempfile.TemporaryDirectory() as ordner:
        antwort = frage("plot", KURS_AUSGABE=ordner)
    backend = antwort.get("backend", "").removeprefix("module://")
    if grund := antwort.get("fehler"):
        abhilfe = EINRICHTEN if "ModuleNotFoundError" in grund else OHNE_FENSTER
        abhilfe = PYCHARM if "interagg" in os.environ.get("MPLBACKEND", "") else abhilfe
        satz = f"matplotlib zeichnet nicht: {grund}"
        yield Punkt(FEHLT, "Plots", satz, skripte_mit(r"\bplt\."), abhilfe)
    elif antwort["fenster"]:
        yield Punkt(GUT, "Plots", f"öffnen sich in einem Fenster ({backend})")
    elif backend == "agg":
        satz = f"bleiben unsichtbar (DISPLAY={os.environ.get('DISPLAY')} antwortet nicht)"
        yield Punkt(HINWEIS, "Plots", satz, (), OHNE_FENSTER)
    elif backend == "kurs.plotablage":
        satz = "kein Fenster möglich; PNG liegen unter ausgabe/<Skriptname>/"
        yield Punkt(HINWEIS, "Plots", satz)
    else:
        yield Punkt(GUT, "Plots", f"zeigt {backend}")


def vorrat() -> Iterator[Punkt]:
    """Welche Datensätze und Modelle bereitliegen; gefragt wird ohne Netz."""
    ohne_netz = {n: TOTER_PROXY for n in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy")}
    antwort = frage("vorrat", HF_HUB_OFFLINE="1", KURS_QUELLE="auto", **ohne_netz)
    if grund := antwort.get("fehler"):
        yield Punkt(HINWEIS, "Modelle und Datensätze", f"nicht zu prüfen: {grund}")
        return
    daten, modelle = antwort["daten"], antwort["modelle"]
    lesbar = [name for name, grund in daten.items() if not grund]
    yield Punkt(GUT, "Datensätze", f"lesbar: {', '.join(lesbar)}")
    for name in daten.keys() - set(lesbar):
        abhilfe = "git restore data   (oder das Repository neu herunterladen)"
        wen = skripte_mit(rf"\b{re.escape(name)}\b")
        yield Punkt(FEHLT, "Datensatz", f"{name}: {daten[name]}", wen, abhilfe)
    bereit = [name for name, (fertig, _) in modelle.items() if fertig]
    yield Punkt(GUT, "Modelle", f"bereit: {', '.join(bereit) or 'keines'}")
    stand = HINWEIS if quellen.verlangt_original() else FEHLT
    for name, (fertig, wer) in modelle.items():
        if wer and not fertig:
            satz = f"noch nicht vorbereitet: {name}"
            yield Punkt(stand, "Modelle", satz, tuple(wer), VORBEREITEN)


def browser() -> Iterator[Punkt]:
    """Ob HTML-Seiten (Displacy, Galerie, TensorBoard) von selbst aufgehen."""
    with contextlib.suppress(webbrowser.Error):
        if umgebung.hat_bildschirm() and webbrowser.get():
            yield Punkt(GUT, "Browser", "Seiten gehen von selbst auf")
            return
    yield Punkt(HINWEIS, "Browser", "keiner da; die Skripte drucken, wo ihre Seiten liegen")


def ports() -> Iterator[Punkt]:
    """Ob die Ports frei sind, die in den Skripten und auf den Folien stehen."""
    for port, wofuer in PORTS.items():
        with socket.socket() as anschluss:
            anschluss.settimeout(0.5)
            frei = anschluss.connect_ex(("127.0.0.1", port)) != 0
        if frei:
            yield Punkt(GUT, "Port", f"{port} ({wofuer}) ist frei")
            continue
        satz = f"{port} ({wofuer}) ist belegt{_von_wem(port)}"
        abhilfe = f"das andere Programm beenden oder einen anderen nehmen: --port {port + 1}"
        wen = skripte_mit(rf"(port\W{{1,4}}|localhost:|127\.0\.0\.1:){port}\b")
        yield Punkt(HINWEIS, "Port", satz, wen, abhilfe)


def _von_wem(port: int) -> str:
    """„ von <Programm>“, soweit das System es verrät."""
    with contextlib.suppress(Exception):  # kein psutil, keine Rechte, Prozess schon zu Ende
        import psutil

        for verbindung in psutil.net_connections("tcp"):
            lauscht = verbindung.status == psutil.CONN_LISTEN and verbindung.laddr.port == port
            if lauscht and verbindung.pid:
                return f" von {psutil.Process(verbindung.pid).name()} (Prozess {verbindung.pid})"
    return ""


def paketindex() -> Iterator[Punkt]:
    """Ob der Paketindex antwortet, den pip hier benutzt (auch ein Spiegel der Firma)."""
    code, text = _pip("index", "versions", "pip", "--retries", "0", "--timeout", "5")
    if code == 0:
        yield Punkt(GUT, "Paketindex", "antwortet")
    else:
        satz = "antwortet nicht; gebraucht wird er nur zum Einrichten und Vorbereiten"
        yield Punkt(HINWEIS, "Paketindex", satz, (), ursache(text) or letzte_zeile(text))


def hosts() -> Iterator[Punkt]:
    """Welcher Proxy gilt (Zugangsdaten werden nicht gezeigt), und welche Hosts mit Originalen liefern."""
    proxys = {re.sub(r"[^/]*@", "…@", ziel) for ziel in urllib.request.getproxies().values()}
    yield Punkt(GUT, "Proxy", ", ".join(sorted(proxys)) or "keiner eingestellt")
    netz.vergiss()  # was ein Skript vorhin merkte, kann sich geändert haben
    for host in (os.environ.get("HF_ENDPOINT") or "https://huggingface.co", *netz.PROBEN):
        if grund := netz.stoerung(host):
            satz = f"{grund}. Die Skripte nehmen den eingebetteten Ersatz"
            yield Punkt(HINWEIS, "Host", satz)
        else:
            yield Punkt(GUT, "Host", f"{host} antwortet")
