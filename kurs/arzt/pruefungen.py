"""Beantwortet je eine Frage an diesen Rechner: Python, Pakete, Platz, Bibliotheken, Ports, Netz, Modelle."""

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
from collections.abc import Callable
from functools import partial

from kurs import netz, quellen, umgebung
from kurs.arzt.fragen import frage
from kurs.arzt.punkte import (
    EINRICHTEN,
    FEHLT,
    GUT,
    HINWEIS,
    NEU_ANLEGEN,
    VORBEREITEN,
    Punkt,
    skripte_mit,
)
from kurs.einrichten import einrichtung
from kurs.einrichten.ursachen import letzte_zeile, ursache
from kurs.pfade import AUSGABE, DATA, WURZEL, verlange_beschreibbar
from kurs.skripte import lesbare_skripte

GB = 1e9
SPEICHER_KNAPP_GB, SPEICHER_ZU_WENIG_GB = 6, 3  # die größten Skripte brauchen allein rund 3 GB
PLATZ_NEU_GB, PLATZ_ARBEIT_GB = 6, 2  # zum Einrichten; Modelle umwandeln, Plots, Protokolle
PORTS = {5000: "MLflow", 6006: "TensorBoard", 8000: "der Dienst mit FastAPI"}
HOSTS = {
    "storage.googleapis.com": "Originale von keras.datasets und keras.applications",
    "www.cs.toronto.edu": "CIFAR-10",
}
VISUAL_C = "Microsoft Visual C++ Redistributable (x64) installieren: aka.ms/vs/17/release/vc_redist.x64.exe"
BRAUCHT_PAKETE = ("Pakete", "Umgebung", "Arbeitsspeicher", "TensorFlow", "PyTorch", "Plots")
BRAUCHT_PAKETE += ("Modelle und Datensätze",)
TOTER_PROXY = "http://127.0.0.1:9"


def alle(eingerichtet: bool) -> dict[str, Callable[[], list[Punkt]]]:
    """Alle Prüfungen, in der Reihenfolge des Berichts; ohne die Pakete des Kurses nur, was ohne sie geht."""
    mit_torch = r"\b(torch|transformers|sentence_transformers)\b"
    pruefungen = {
        "Python": partial(python, eingerichtet),
        "Pakete": pakete,
        "Umgebung": variablen,
        "Arbeitsspeicher": arbeitsspeicher,
        "Platte": partial(platte, eingerichtet),
        "Skripte": skripte,
        "TensorFlow": partial(bibliothek, "tensorflow", "TensorFlow", r"\b(keras|tensorflow)\b"),
        "PyTorch": partial(bibliothek, "torch", "PyTorch", mit_torch),
        "Plots": plots,
        "Browser": browser,
        "Ports": ports,
        "Proxy": proxy,
        "Paketindex": paketindex,
        "Hosts": hosts,
        "Modelle und Datensätze": vorrat,
    }
    if not eingerichtet:
        for name in BRAUCHT_PAKETE:
            del pruefungen[name]
    return pruefungen


def python(eingerichtet: bool) -> list[Punkt]:
    """Ob der Kurs eingerichtet ist, und mit einem Python, mit dem er läuft."""
    nummer = ".".join(map(str, sys.version_info[:3]))
    neu = f"Python 3.11, 3.12 oder 3.13 (64 Bit) installieren (python.org), dann {EINRICHTEN}"
    if sys.maxsize < 2**32:
        satz = f"{nummer} ist ein 32-Bit-Python; dafür gibt es TensorFlow und PyTorch nicht"
        return [Punkt(FEHLT, "Python", satz, skripte_mit(), neu)]
    if not eingerichtet:
        satz = f"der Kurs ist noch nicht eingerichtet ({einrichtung.VENV} fehlt oder ist kaputt)"
        passt = sys.version_info[:2] in einrichtung.VERSIONEN
        return [Punkt(FEHLT, "Python", satz, skripte_mit(), EINRICHTEN if passt else neu)]
    if sys.version_info[:2] not in einrichtung.VERSIONEN:
        satz = f"{nummer} ({sys.executable}); getestet ist der Kurs mit 3.10 bis 3.13"
        return [Punkt(HINWEIS, "Python", satz)]
    return [Punkt(GUT, "Python", f"{nummer} ({sys.executable})")]


def pakete() -> list[Punkt]:
    """Fehlende Pakete, anders als getestete, und was `pip check` beanstandet."""
    try:
        from packaging.requirements import Requirement
    except ImportError:
        return [Punkt(FEHLT, "Pakete", "es fehlen welche", skripte_mit(), EINRICHTEN)]
    fehlend, anders = [], []
    for datei in einrichtung.ANFORDERUNGEN:
        for zeile in datei.read_text(encoding="utf-8").splitlines():
            if not re.match(r"[A-Za-z]", zeile):
                continue
            soll = Requirement(zeile.split(" #")[0])
            if soll.marker is not None and not soll.marker.evaluate():
                continue
            try:
                ist = importlib.metadata.version(soll.name)
            except importlib.metadata.PackageNotFoundError:
                fehlend += [soll.name] if datei == einrichtung.ANFORDERUNGEN[0] else []
                continue
            if not soll.specifier.contains(ist, prereleases=True):
                anders.append(f"{soll.name} {ist} statt {str(soll.specifier).removeprefix('==')}")
    code, text = _pip("check")
    if code:
        fehlend += sorted(set(re.findall(r"requires ([\w.-]+), which is not", text)))
        fehlend += ["pip"] if "No module named pip" in text else []
        anders += [zeile for zeile in text.splitlines() if "but you have" in zeile]
    punkte = []
    if fehlend:
        satz = f"nicht da: {', '.join(dict.fromkeys(fehlend))}"
        punkte.append(Punkt(FEHLT, "Pakete", satz, skripte_mit(), EINRICHTEN))
    if anders:
        satz = f"anders als getestet: {', '.join(dict.fromkeys(anders))}"
        punkte.append(Punkt(HINWEIS, "Pakete", satz, (), EINRICHTEN))
    return punkte or [Punkt(GUT, "Pakete", "alle da, in den getesteten Versionen")]


def _pip(*angaben: str) -> tuple[int, str]:
    """Exit-Code und Ausgabe eines pip-Aufrufs."""
    lauf = subprocess.run(
        [sys.executable, "-m", "pip", *angaben],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        timeout=60,
        check=False,
    )
    return lauf.returncode, lauf.stdout


def variablen() -> list[Punkt]:
    """Ob Umgebungsvariablen den Skripten etwas unterschieben oder die Quellen einschränken."""
    if satz := umgebung.hindernis():
        return [Punkt(FEHLT, "Umgebung", satz, skripte_mit(), "die genannte Variable löschen")]
    try:
        wert = quellen.modus()
    except quellen.KeineQuelle as grund:
        satz, abhilfe = str(grund), "die Umgebungsvariable KURS_QUELLE löschen"
        return [Punkt(FEHLT, "KURS_QUELLE", satz, skripte_mit(r"\bkurs\.\w+ import"), abhilfe)]
    saetze = {
        "auto": "keine Variable stört",
        "hub": "KURS_QUELLE=hub: Der eingebettete Ersatz ist abgeschaltet, es braucht Netz oder Kopien",
        "eingebaut": "KURS_QUELLE=eingebaut: Die Skripte suchen keine Originale",
    }
    return [Punkt(GUT if wert == "auto" else HINWEIS, "Umgebung", saetze[wert])]


def arbeitsspeicher() -> list[Punkt]:
    """Ob die großen Skripte hineinpassen."""
    import psutil

    speicher = psutil.virtual_memory()
    gesamt, frei = speicher.total / GB, speicher.available / GB
    satz = f"{gesamt:.1f} GB, davon frei {frei:.1f} GB"
    if gesamt < SPEICHER_ZU_WENIG_GB:
        satz += "; die größten Skripte brauchen allein rund 3 GB"
        abhilfe = "einen Rechner mit mindestens 8 GB nehmen"
        return [Punkt(FEHLT, "Arbeitsspeicher", satz, skripte_mit(), abhilfe)]
    if gesamt < SPEICHER_KNAPP_GB or frei < SPEICHER_ZU_WENIG_GB:
        abhilfe = "andere Programme schließen (Browser!), nie zwei Skripte zugleich laufen lassen"
        return [Punkt(HINWEIS, "Arbeitsspeicher", f"{satz}; das ist knapp", (), abhilfe)]
    return [Punkt(GUT, "Arbeitsspeicher", satz)]


def platte(eingerichtet: bool) -> list[Punkt]:
    """Ob genug frei ist und geschrieben werden darf."""
    frei = shutil.disk_usage(WURZEL).free / GB
    noetig = PLATZ_ARBEIT_GB if eingerichtet else PLATZ_NEU_GB
    punkte = [Punkt(GUT, "Platte", f"{frei:.1f} GB frei in {WURZEL}")]
    if frei < noetig:
        abhilfe = f"mindestens {noetig} GB Platz schaffen; ausgabe/ darf gelöscht werden"
        satz = f"{frei:.1f} GB frei in {WURZEL}; das ist zu wenig"
        stand, wen = (HINWEIS, ()) if eingerichtet else (FEHLT, skripte_mit())
        punkte = [Punkt(stand, "Platte", satz, wen, abhilfe)]
    for ordner in (AUSGABE, DATA / "modelle"):
        da = next(ort for ort in (ordner, *ordner.parents) if ort.exists())
        try:
            verlange_beschreibbar(da)
        except OSError:
            satz = f"in {da} darf nicht geschrieben werden; Ausweichort ist {tempfile.gettempdir()}"
            abhilfe = "das Repository in den eigenen Benutzerordner legen"
            punkte.append(Punkt(HINWEIS, "Platte", satz, (), abhilfe))
    if any("onedrive" in teil.lower() for teil in WURZEL.parts):
        satz = "das Repository liegt in OneDrive: Das Hochladen bremst und sperrt Dateien"
        abhilfe = r"es woandershin legen, etwa nach C:\kurs"
        punkte.append(Punkt(HINWEIS, "Platte", satz, (), abhilfe))
    return punkte


def skripte() -> list[Punkt]:
    """Ob sich jedes Skript lesen lässt; eine Übung mit einem Tippfehler ist nur ein Hinweis."""
    lesbar, fehler = lesbare_skripte()
    punkte = [Punkt(GUT, "Skripte", f"{len(lesbar)} gefunden")]
    for grund in fehler:
        name = str(grund).partition(".py")[0]
        abhilfe = f"den Fehler beheben oder von vorn: python start.py zuruecksetzen {name}"
        punkte.append(Punkt(HINWEIS, "Skript", " ".join(str(grund).split()), (), abhilfe))
    return punkte


def bibliothek(was: str, titel: str, muster: str) -> list[Punkt]:
    """Ob TensorFlow oder torch lädt und richtig rechnet, und worauf."""
    antwort = frage(was)
    if grund := antwort.get("fehler"):
        return [
            Punkt(FEHLT, titel, f"rechnet nicht: {grund}", skripte_mit(muster), _abhilfe(grund))
        ]
    worauf = ", ".join(antwort["karten"]) or f"CPU, {umgebung.kerne()} Kerne"
    satz = f"{antwort['version']} rechnet auf: {worauf}{antwort['zusatz']}"
    punkte = [Punkt(GUT, titel, satz)]
    if not antwort["karten"] and umgebung.hat_nvidia():
        satz = "eine NVIDIA-Karte ist da, wird aber nicht benutzt; auf der CPU läuft trotzdem alles"
        punkte.append(Punkt(HINWEIS, titel, satz))
    return punkte


def _abhilfe(grund: str) -> str:
    if satz := umgebung.hindernis():
        return satz
    if "DLL load failed" in grund or "WinError 126" in grund:
        return VISUAL_C
    if "SIGILL" in grund or "3221225501" in grund:  # 0xC000001D, dasselbe unter Windows
        return "einen Rechner nehmen, dessen CPU AVX kennt (fast alle seit 2012; in einer VM freischalten)"
    return EINRICHTEN if "ModuleNotFoundError" in grund else NEU_ANLEGEN


def plots() -> list[Punkt]:
    """Ob sich ein Plot zeichnen lässt, und wo er erscheint."""
    with tempfile.TemporaryDirectory() as ordner:
        antwort = frage("plot", KURS_AUSGABE=ordner)
    if grund := antwort.get("fehler"):
        abhilfe = "DISPLAY und MPLBACKEND löschen: Dann gibt es PNG-Dateien"
        if "interagg" in os.environ.get("MPLBACKEND", ""):
            abhilfe = "PyCharm aktualisieren, oder Settings → Tools → Python Plots: nicht im Werkzeugfenster"
        elif "ModuleNotFoundError" in grund:
            abhilfe = EINRICHTEN
        return [
            Punkt(
                FEHLT,
                "Plots",
                f"matplotlib zeichnet nicht: {grund}",
                skripte_mit(r"\bplt\."),
                abhilfe,
            )
        ]
    backend = antwort["backend"].removeprefix("module://")
    if antwort["fenster"]:
        return [Punkt(GUT, "Plots", f"öffnen sich in einem Fenster ({backend})")]
    if backend == "agg":
        satz = f"bleiben unsichtbar (DISPLAY={os.environ.get('DISPLAY')} antwortet nicht)"
        abhilfe = "die Umgebungsvariablen DISPLAY und MPLBACKEND löschen: Dann gibt es PNG-Dateien"
        return [Punkt(HINWEIS, "Plots", satz, (), abhilfe)]
    if backend == "kurs.plotablage":
        return [
            Punkt(HINWEIS, "Plots", "kein Fenster möglich; PNG liegen unter ausgabe/<Skriptname>/")
        ]
    return [Punkt(GUT, "Plots", f"zeigt {backend}")]


def browser() -> list[Punkt]:
    """Ob HTML-Seiten (Displacy, Galerie, TensorBoard) von selbst aufgehen."""
    if not umgebung.hat_bildschirm():
        return [Punkt(HINWEIS, "Browser", "ohne Bildschirm geht keine Seite von selbst auf")]
    try:
        gefunden = webbrowser.get()
    except webbrowser.Error:
        satz = "keiner eingerichtet; die Skripte drucken den Pfad ihrer Seiten, öffne sie von Hand"
        return [Punkt(HINWEIS, "Browser", satz)]
    return [Punkt(GUT, "Browser", getattr(gefunden, "name", "") or "der des Systems")]


def ports() -> list[Punkt]:
    """Ob die Ports frei sind, die in den Skripten und auf den Folien stehen."""
    punkte, frei = [], []
    for port, wofuer in PORTS.items():
        with socket.socket() as anschluss:
            anschluss.settimeout(0.5)
            belegt = anschluss.connect_ex(("127.0.0.1", port)) == 0
        if not belegt:
            frei.append(str(port))
            continue
        satz = f"{port} ({wofuer}) ist belegt{_von_wem(port)}"
        abhilfe = f"das andere Programm beenden oder einen anderen nehmen: --port {port + 1}"
        wen = skripte_mit(rf"(port\W{{1,4}}|localhost:|127\.0\.0\.1:){port}\b")
        punkte.append(Punkt(HINWEIS, "Port", satz, wen, abhilfe))
    return [Punkt(GUT, "Ports", f"{', '.join(frei)} frei")] * bool(frei) + punkte


def _von_wem(port: int) -> str:
    """„ von <Programm>“, soweit das System es verrät."""
    try:
        import psutil

        for verbindung in psutil.net_connections("tcp"):
            lauscht = verbindung.status == psutil.CONN_LISTEN and verbindung.laddr.port == port
            if lauscht and verbindung.pid:
                return f" von {psutil.Process(verbindung.pid).name()} (Prozess {verbindung.pid})"
    except Exception:  # noqa: BLE001 (kein psutil, keine Rechte, Prozess schon zu Ende)
        return ""
    return ""


def proxy() -> list[Punkt]:
    """Welche Proxys gelten; Zugangsdaten werden nicht gezeigt."""
    ziele = {art: ziel for art, ziel in urllib.request.getproxies().items() if art != "no"}
    gezeigt = [f"{art}: {re.sub(r'[^/]*@', '…@', ziel)}" for art, ziel in sorted(ziele.items())]
    return [Punkt(GUT, "Proxy", ", ".join(gezeigt) or "keiner eingestellt")]


def paketindex() -> list[Punkt]:
    """Ob der Paketindex antwortet, den pip hier benutzt (auch ein Spiegel der Firma)."""
    code, text = _pip("index", "versions", "pip", "--retries", "0", "--timeout", "5")
    if code == 0:
        return [Punkt(GUT, "Paketindex", "antwortet")]
    satz = "antwortet nicht; gebraucht wird er nur zum Einrichten und Vorbereiten"
    return [Punkt(HINWEIS, "Paketindex", satz, (), ursache(text) or letzte_zeile(text))]


def hosts() -> list[Punkt]:
    """Welche Hosts mit Originalen liefern."""
    netz.vergiss()  # was ein Skript vorhin merkte, kann sich geändert haben
    hub = os.environ.get("HF_ENDPOINT") or "https://huggingface.co"
    punkte, stumme = [], []
    for host, wofuer in {hub: "Originale von Modellen und Texten", **HOSTS}.items():
        if grund := netz.stoerung(host):
            stumme.append(grund)
        else:
            punkte.append(Punkt(GUT, "Host", f"{host} antwortet ({wofuer})"))
    if stumme:
        satz = f"{'; '.join(stumme)}. Die Skripte nehmen den eingebetteten Ersatz"
        punkte.append(Punkt(HINWEIS, "Hosts", satz))
    return punkte


def vorrat() -> list[Punkt]:
    """Welche Datensätze und Modelle bereitliegen; gefragt wird ohne Netz."""
    ohne_netz = {n: TOTER_PROXY for n in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy")}
    antwort = frage("vorrat", HF_HUB_OFFLINE="1", KURS_QUELLE="auto", **ohne_netz)
    if grund := antwort.get("fehler"):
        return [Punkt(HINWEIS, "Modelle und Datensätze", f"nicht zu prüfen: {grund}")]
    gruende = {name: grund for name, grund in antwort["daten"].items() if grund}
    da = [name for name in antwort["daten"] if name not in gruende]
    punkte = [Punkt(GUT, "Datensätze", f"lesbar: {', '.join(da)}")]
    for name, grund in gruende.items():
        abhilfe = "git restore data   (oder das Repository neu herunterladen)"
        wen = skripte_mit(rf"\b{re.escape(name)}\b")
        punkte.append(Punkt(FEHLT, "Datensatz", f"{name}: {grund}", wen, abhilfe))
    modelle = antwort["modelle"]
    if bereit := [name for name, (fertig, _) in modelle.items() if fertig]:
        punkte.append(Punkt(GUT, "Modelle", f"bereit: {', '.join(bereit)}"))
    for name, (fertig, wer) in modelle.items():
        if wer and not fertig:
            stand = HINWEIS if quellen.verlangt_original() else FEHLT
            satz = f"noch nicht vorbereitet: {name}"
            punkte.append(Punkt(stand, "Modelle", satz, tuple(wer), VORBEREITEN))
    return punkte
