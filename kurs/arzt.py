"""Beantwortet: Ist dieser Rechner bereit für den Kurs, und was fehlt?

    python start.py arzt

Läuft auch mit bloßer Standardbibliothek, damit er etwas sagt, wenn noch nicht alles installiert ist. Was abstürzen
kann (fehlende DLL, CPU ohne AVX, kaputter Treiber), fragt er in eigenen Prozessen (`python -m kurs.arzt tensorflow`).
Er lädt nichts herunter und ändert nichts. Das letzte Wort ist „Kapitel 1–7 bereit“ oder was fehlt, wen es trifft
und was es behebt.
"""

import contextlib
import importlib.metadata
import json
import os
import platform
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import urllib.request
import webbrowser
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from kurs import netz, quellen
from kurs.einrichten import einrichtung
from kurs.einrichten.installieren import meldung_von
from kurs.einrichten.ursachen import letzte_zeile, ursache
from kurs.kern import umgebung
from kurs.kern.pfade import WURZEL
from kurs.kern.skripte import lesbare_skripte, skriptpfade

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
PIP = [sys.executable, "-m", "pip"]
TOTER_PROXY = "http://127.0.0.1:9"
FRIST = 180  # Sekunden für eine Frage; beim ersten Mal prüft ein Virenscanner jede Datei
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
    """Ein Satz. `fehlt` heißt: Diese `skripte` laufen so nicht; ein Hinweis hält nichts auf."""

    stand: str
    satz: str
    abhilfe: str = ""
    skripte: tuple[str, ...] = ()


def untersuche(eingerichtet: bool) -> int:
    """Untersucht den Rechner und druckt die Punkte. Rückgabe: 0, wenn alle Kapitel bereit sind, sonst 1.

    `eingerichtet`: ob dies in einem Python mit den Paketen des Kurses läuft.
    """
    print("Der Kursarzt untersucht diesen Rechner; das dauert bis zu einer Minute.\n", flush=True)
    kapitel = {skript.name: skript.ordnung[0] for skript in lesbare_skripte()[0]}
    fehlend = []
    with ThreadPoolExecutor() as zugleich:
        for sache, punkte in zugleich.map(_ohne_umfallen, pruefungen(eingerichtet).items()):
            for punkt in punkte:
                _drucke(sache, punkt, alle=len(kapitel))
            fehlend += [punkt for punkt in punkte if punkt.stand == FEHLT]
    _drucke_urteil({name for punkt in fehlend for name in punkt.skripte}, kapitel)
    return 1 if fehlend else 0


def _ohne_umfallen(pruefung: tuple) -> tuple[str, list[Punkt]]:
    sache, pruefe = pruefung
    try:
        return sache, list(pruefe())
    except (Exception, SystemExit) as fehler:  # noqa: BLE001 (auf fremden Rechnern scheitert alles)
        return sache, [Punkt(HINWEIS, f"nicht zu prüfen ({type(fehler).__name__}: {fehler})")]


def _drucke(sache: str, punkt: Punkt, alle: int) -> None:
    print(f"  {punkt.stand:<8} {sache}: {punkt.satz}", flush=True)
    if punkt.skripte:
        wen = "alle Skripte" if len(punkt.skripte) >= alle else ", ".join(punkt.skripte)
        print(f"           betrifft: {wen}")
    if punkt.abhilfe:
        print(f"           behebt:   {punkt.abhilfe}")


def _drucke_urteil(betroffen: set[str], kapitel: dict[str, int]) -> None:
    """Das letzte Wort; `kapitel` nennt zu jedem Skript seines."""
    krank = {kapitel[name] for name in betroffen & kapitel.keys()}
    gesund = set(kapitel.values()) - krank
    aufgezaehlt = lambda zahlen: " und ".join(", ".join(map(str, sorted(zahlen))).rsplit(", ", 1))
    print()
    if gesund:
        print(f"Kapitel {aufgezaehlt(gesund) if krank else f'1–{max(gesund)}'} bereit.")
    if krank:
        print(f"Nicht vollständig bereit: Kapitel {aufgezaehlt(krank)}. Behebe, was oben fehlt.")


def skripte_mit(muster: str = "") -> tuple[str, ...]:
    """Die Namen der Skripte, in deren Text `muster` vorkommt; ohne Muster alle."""
    texte = {p.stem: p.read_text(encoding="utf-8", errors="replace") for p in skriptpfade()}
    return tuple(name for name, text in texte.items() if re.search(muster, text))


# --- Prüfungen ------------------------------------------------------------------------------------


def pruefungen(eingerichtet: bool) -> dict:
    """Was → die Prüfung dazu, im Bericht in dieser Reihenfolge; ohne Pakete nur, was ohne sie geht."""
    mit_torch = r"\b(torch|transformers|sentence_transformers)\b"
    mit_paketen = {
        "Pakete": pakete,
        "Umgebung": variablen,
        "Arbeitsspeicher": arbeitsspeicher,
        "TensorFlow": partial(bibliothek, "tensorflow", r"\b(keras|tensorflow)\b"),
        "PyTorch": partial(bibliothek, "torch", mit_torch),
        "Plots": plots,
        "Daten und Modelle": vorrat,
        "Ports": ports,
    }
    return {
        "Python": partial(python, eingerichtet),
        "Platte": partial(platte, eingerichtet),
        **(mit_paketen if eingerichtet else {}),
        "Browser": browser,
        "Paketindex": paketindex,
        "Netz": hosts,
    }


def python(eingerichtet: bool) -> Iterator[Punkt]:
    if eingerichtet:
        yield Punkt(GUT, f"{platform.python_version()} ({sys.executable})")
    else:
        passt = sys.version_info[:2] in einrichtung.VERSIONEN and sys.maxsize > 2**32
        satz = f"der Kurs ist noch nicht eingerichtet ({einrichtung.VENV} fehlt oder ist kaputt)"
        yield Punkt(FEHLT, satz, EINRICHTEN if passt else PASSENDES_PYTHON, skripte_mit())


def platte(eingerichtet: bool) -> Iterator[Punkt]:
    frei, noetig = shutil.disk_usage(WURZEL).free / 1e9, 2 if eingerichtet else 6
    satz = f"{frei:.1f} GB frei in {WURZEL}"
    abhilfe = f"mindestens {noetig} GB Platz schaffen; ausgabe/ darf gelöscht werden"
    if frei >= noetig:
        yield Punkt(GUT, satz)
    else:
        stand, wen = (HINWEIS, ()) if eingerichtet else (FEHLT, skripte_mit())
        yield Punkt(stand, f"nur {satz}", abhilfe, wen)


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
    text = meldung_von([*PIP, "check"]) or ""
    fehlend += re.findall(r"requires ([\w.-]+), which is not", text)
    fehlend += ["pip"] if "No module named pip" in text else []
    anders += [zeile for zeile in text.splitlines() if "but you have" in zeile]
    if fehlend:
        satz = f"nicht da: {', '.join(dict.fromkeys(fehlend))}"
        yield Punkt(FEHLT, satz, EINRICHTEN, skripte_mit())
    if anders:
        yield Punkt(HINWEIS, f"anders als getestet: {', '.join(dict.fromkeys(anders))}", EINRICHTEN)
    if not fehlend + anders:
        yield Punkt(GUT, "alle da, in den getesteten Versionen")


def variablen() -> Iterator[Punkt]:
    """Ob Umgebungsvariablen den Skripten etwas unterschieben oder die Quellen einschränken."""
    satz, wert = umgebung.hindernis(), ""
    try:
        wert = quellen.modus()
    except quellen.KeineQuelle as grund:
        satz = satz or str(grund)
    if satz:
        yield Punkt(FEHLT, satz, "die genannte Variable löschen", skripte_mit())
    elif wert == "auto":
        yield Punkt(GUT, "keine Variable stört")
    else:
        nur = "Originale aus Netz und Kopien" if wert == "hub" else "den eingebetteten Ersatz"
        yield Punkt(HINWEIS, f"KURS_QUELLE={wert}: Die Skripte nehmen nur {nur}")


def arbeitsspeicher() -> Iterator[Punkt]:
    """Die größten Skripte brauchen allein rund 3 GB."""
    import psutil

    speicher = psutil.virtual_memory()
    satz = f"{speicher.total / 1e9:.1f} GB, davon frei {speicher.available / 1e9:.1f} GB"
    if speicher.total < 6e9 or speicher.available < 3e9:
        abhilfe = "andere Programme schließen (Browser!), nie zwei Skripte zugleich laufen lassen"
        yield Punkt(HINWEIS, f"{satz}; das ist knapp", abhilfe)
    else:
        yield Punkt(GUT, satz)


def bibliothek(was: str, muster: str) -> Iterator[Punkt]:
    """Ob TensorFlow oder torch lädt und richtig rechnet, und worauf."""
    antwort = frage(was)
    if grund := antwort.get("fehler"):
        passend = [abhilfe for woran, abhilfe in URSACHEN.items() if re.search(woran, grund)]
        abhilfe = umgebung.hindernis() or passend[0]
        yield Punkt(FEHLT, f"rechnet nicht: {grund}", abhilfe, skripte_mit(muster))
        return
    ohne_karte = f"CPU, {umgebung.kerne()} Kerne"
    if umgebung.hat_nvidia():
        ohne_karte += " (die NVIDIA-Karte wird nicht benutzt, es läuft trotzdem alles)"
    yield Punkt(GUT, f"{antwort['version']} rechnet auf: {antwort['karten'] or ohne_karte}")


def plots() -> Iterator[Punkt]:
    """Ob sich ein Plot zeichnen lässt, und wo er erscheint."""
    with tempfile.TemporaryDirectory() as ordner:
        antwort = frage("plot", KURS_AUSGABE=ordner)
    if grund := antwort.get("fehler"):
        abhilfe = EINRICHTEN if "ModuleNotFoundError" in grund else OHNE_FENSTER
        abhilfe = PYCHARM if "interagg" in os.environ.get("MPLBACKEND", "") else abhilfe
        yield Punkt(FEHLT, f"matplotlib zeichnet nicht: {grund}", abhilfe, skripte_mit(r"\bplt\."))
    elif antwort["backend"] == "agg":
        satz = f"bleiben unsichtbar (DISPLAY={os.environ.get('DISPLAY')} antwortet nicht)"
        yield Punkt(HINWEIS, satz, OHNE_FENSTER)
    elif antwort["backend"] == "kurs.plotablage":
        yield Punkt(HINWEIS, "kein Fenster möglich; PNG liegen unter ausgabe/<Skriptname>/")
    else:
        yield Punkt(GUT, f"zeigt {antwort['backend']}")


def vorrat() -> Iterator[Punkt]:
    """Welche Datensätze und Modelle bereitliegen; gefragt wird ohne Netz."""
    ohne_netz = {n: TOTER_PROXY for n in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy")}
    antwort = frage("daten_und_modelle", HF_HUB_OFFLINE="1", KURS_QUELLE="auto", **ohne_netz)
    if grund := antwort.get("fehler"):
        yield Punkt(HINWEIS, f"nicht zu prüfen: {grund}")
        return
    daten, modelle = antwort["daten"], antwort["modelle"]
    lesbar = [name for name, grund in daten.items() if not grund]
    bereit = [name for name, (fertig, _) in modelle.items() if fertig]
    yield Punkt(GUT, f"lesbar: {', '.join(lesbar)}")
    yield Punkt(GUT, f"bereit: {', '.join(bereit) or 'kein Modell'}")
    for name in daten.keys() - set(lesbar):
        abhilfe = "git restore data   (oder das Repository neu herunterladen)"
        wen = skripte_mit(rf"\b{re.escape(name)}\b")
        yield Punkt(FEHLT, f"{name}: {daten[name]}", abhilfe, wen)
    stand = HINWEIS if quellen.verlangt_original() else FEHLT
    for name, (fertig, wer) in modelle.items():
        if wer and not fertig:
            yield Punkt(stand, f"noch nicht vorbereitet: {name}", VORBEREITEN, tuple(wer))


def browser() -> Iterator[Punkt]:
    """Ob HTML-Seiten (Displacy, Galerie, TensorBoard) von selbst aufgehen."""
    with contextlib.suppress(webbrowser.Error):
        if umgebung.hat_bildschirm() and webbrowser.get():
            yield Punkt(GUT, "Seiten gehen von selbst auf")
            return
    yield Punkt(HINWEIS, "keiner da; die Skripte drucken, wo ihre Seiten liegen")


def ports() -> Iterator[Punkt]:
    """Ob die Ports frei sind, die in den Skripten und auf den Folien stehen, und wer sie hat."""
    import psutil

    try:
        lauscher = {v.laddr.port: v.pid for v in psutil.net_connections("tcp") if not v.raddr}
    except psutil.AccessDenied:  # macOS verrät es nur dem Administrator
        lauscher = {}
    for port, wofuer in PORTS.items():
        with socket.socket() as anschluss:
            anschluss.settimeout(0.5)
            if anschluss.connect_ex(("127.0.0.1", port)) != 0:
                yield Punkt(GUT, f"{port} ({wofuer}) ist frei")
                continue
        wer = lauscher.get(port)
        von = f" von {psutil.Process(wer).name()} (Prozess {wer})" if wer else ""
        abhilfe = f"das andere Programm beenden oder einen anderen nehmen: --port {port + 1}"
        wen = skripte_mit(rf"(port\W{{1,4}}|localhost:|127\.0\.0\.1:){port}\b")
        yield Punkt(HINWEIS, f"{port} ({wofuer}) ist belegt{von}", abhilfe, wen)


def paketindex() -> Iterator[Punkt]:
    """Ob der Paketindex antwortet, den pip hier benutzt (auch ein Spiegel der Firma)."""
    text = meldung_von([*PIP, "index", "versions", "pip", "--retries", "0", "--timeout", "5"])
    if text is None:
        yield Punkt(GUT, "antwortet")
    else:
        satz = "antwortet nicht; gebraucht wird er nur zum Einrichten und Vorbereiten"
        yield Punkt(HINWEIS, satz, ursache(text) or letzte_zeile(text))


def hosts() -> Iterator[Punkt]:
    """Welcher Proxy gilt (Zugangsdaten werden nicht gezeigt), und welche Hosts mit Originalen liefern."""
    proxys = {re.sub(r"[^/]*@", "…@", ziel) for ziel in urllib.request.getproxies().values()}
    yield Punkt(GUT, f"Proxy: {', '.join(sorted(proxys)) or 'keiner eingestellt'}")
    netz.vergiss()  # was ein Skript vorhin merkte, kann sich geändert haben
    for host in (os.environ.get("HF_ENDPOINT") or "https://huggingface.co", *netz.PROBEN):
        if grund := netz.stoerung(host):
            yield Punkt(HINWEIS, f"{grund}. Die Skripte nehmen den eingebetteten Ersatz")
        else:
            yield Punkt(GUT, f"{host} antwortet")


# --- Fragen in eigenen Prozessen ------------------------------------------------------------------


def frage(was: str, frist: float = FRIST, **umgebung: str) -> dict:
    """Die Antwort eines eigenen Prozesses; {"fehler": …}, wenn er abstürzt oder nicht fertig wird."""
    umgebung = {**os.environ, "PYTHONIOENCODING": "utf-8", **umgebung}
    wie = {"env": umgebung, "cwd": WURZEL, "timeout": frist, "stdin": subprocess.DEVNULL}
    wie |= {"capture_output": True, "encoding": "utf-8", "errors": "replace"}
    try:
        kind = subprocess.run([sys.executable, "-m", "kurs.arzt", was], **wie, check=False)
    except subprocess.TimeoutExpired:
        return {"fehler": f"nach {frist:.0f} s keine Antwort"}
    if kind.returncode == 0:
        return json.loads(kind.stdout.rpartition("\n")[2])
    return {"fehler": f"Absturz mit Code {kind.returncode}: {letzte_zeile(kind.stderr)}"}


def tensorflow() -> dict:
    """Rechnet auf jedem Gerät, das TensorFlow sieht, einmal nach; Keras lädt, wie es die Skripte laden."""
    import keras
    import tensorflow as tf

    karten = [karte.name for karte in tf.config.list_logical_devices("GPU")]
    for ort in ["/CPU:0", *karten]:
        with tf.device(ort):
            _verlange(float(tf.reduce_sum(tf.ones((64, 64)) @ tf.ones((64, 64)))), ort)
    version = f"{tf.__version__} mit Keras {keras.__version__}"
    return {"version": version, "karten": ", ".join(karten)}


def torch() -> dict:
    """Dasselbe für torch (CUDA und, auf dem Mac, MPS)."""
    import torch

    karten = [f"cuda:{nummer}" for nummer in range(torch.cuda.device_count())]
    karten += ["mps"] * torch.backends.mps.is_available()
    for ort in ["cpu", *karten]:
        einsen = torch.ones(64, 64, device=ort)
        _verlange(float((einsen @ einsen).sum()), ort)
    return {"version": torch.__version__, "karten": ", ".join(karten)}


def _verlange(summe: float, ort: str) -> None:
    if summe != 64**3:
        raise ArithmeticError(f"auf {ort} kommt {summe} heraus statt {64**3}")


def plot() -> dict:
    """Zeichnet einen Plot und zeigt ihn, wie ein Skript es täte; ein Fenster schließt sich mit dem Prozess."""
    import matplotlib.pyplot as plt

    plt.plot([0, 1], [1, 0])
    plt.show(block=False)
    return {"backend": plt.get_backend().lower().removeprefix("module://")}


def daten_und_modelle() -> dict:
    """Liest jeden Datensatz (leer: gelungen) und fragt nach jedem eingebetteten Modell."""
    from kurs import bilder, datensaetze, farbbilder, wetter
    from kurs.modelle import ist_bereit
    from kurs.textverzeichnis import RUFNAMEN, VERZEICHNIS
    from kurs.vorbereitung import skripte_je_modell

    texte = [*RUFNAMEN, *(VERZEICHNIS.keys() - RUFNAMEN.values())]  # so nennen sie die Skripte
    wege = {name: partial(datensaetze.datensatz, name) for name in texte} | {
        "fashion_mnist": bilder.fashion_mnist.load_data,
        "mnist": bilder.mnist.load_data,
        "cifar10": partial(farbbilder.cifar10.load_data, per_class=(1, 1)),
        "wettertage": wetter.wettertage,
    }
    gruende = dict.fromkeys(wege, "")
    for name, lade in wege.items():
        try:
            lade()
        except (Exception, SystemExit) as fehler:  # noqa: BLE001 (alles heißt: nicht lesbar)
            gruende[name] = str(fehler) or type(fehler).__name__
    modelle = {name: [ist_bereit(name), wer] for name, wer in skripte_je_modell().items()}
    return {"daten": gruende, "modelle": modelle}


FRAGEN = {f.__name__: f for f in (tensorflow, torch, plot, daten_und_modelle)}

if __name__ == "__main__":
    try:
        antwort = FRAGEN[sys.argv[1]]()
    except Exception as fehler:  # noqa: BLE001 (die Antwort ist dann eben der Fehler)
        antwort = {"fehler": f"{type(fehler).__name__}: {fehler}"}
    print(f"\n{json.dumps(antwort)}", end="", flush=True)
    os._exit(0)  # ohne das Aufräumen der Bibliotheken, das manchmal hängt
