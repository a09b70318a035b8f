"""Beantwortet: Ist alles installiert? Und wenn nicht: wie kommt es dahin?

Läuft im Python des Systems und braucht nur die Standardbibliothek. Legt `.venv` an, installiert mit pip
und übergibt an `python -m kurs` in der `.venv`. Ein Stempel über den Anforderungen entscheidet, ob etwas zu
tun ist; er wird zuletzt geschrieben, deshalb setzt der nächste Aufruf eine unterbrochene Einrichtung fort.
"""

import contextlib
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from kurs.pfade import AUSGABE, WURZEL, schreibbar, schreibe_daneben
from kurs.skripte import KopfFehler, finde

BEFEHLE = ("agenda", "lauf", "messen", "readme", "test", "vorbereiten")
VERSIONEN = ((3, 11), (3, 12), (3, 13), (3, 10))  # in dieser Reihenfolge gesucht; 3.11 ist am besten getestet
VENV = WURZEL / ".venv"
STEMPEL = VENV / "kurs-stempel.json"
ANFORDERUNGEN = (WURZEL / "requirements.txt", WURZEL / "constraints.txt")
PLATZ_GB = 6
TORCH_OHNE_GPU = "download.pytorch.org"

# Woran man in pips englischem Protokoll die Ursache erkennt, und was dann zu tun ist.
URSACHEN = (
    (r"No space left|Errno 28|not enough space|WinError 112",
     "Der Datenträger ist voll. Schaffe etwa 6 GB Platz und rufe denselben Befehl noch einmal auf."),
    (r"CERTIFICATE_VERIFY_FAILED|SSLError|SSLCertVerification",
     "Die verschlüsselte Verbindung zum Paketindex wird nicht anerkannt, meist wegen eines Firmen-Proxys. "
     "Frage die IT nach dem Stammzertifikat und setze PIP_CERT auf dessen Datei."),
    (r"ProxyError|Tunnel connection failed|407 Proxy",
     "Der Proxy lässt die Verbindung nicht zu. Setze HTTPS_PROXY=http://benutzer:passwort@proxy:port "
     "und rufe denselben Befehl noch einmal auf."),
    (r"NewConnectionError|Temporary failure in name resolution|getaddrinfo failed|Name or service not known|"
     r"ConnectTimeout|ReadTimeout|Connection refused|Network is unreachable|Failed to establish|Connection broken",
     "Der Paketindex ist nicht erreichbar. Prüfe die Netzverbindung; hinter einem Proxy setze HTTPS_PROXY, "
     "bei einem Spiegel der Firma PIP_INDEX_URL. Danach denselben Befehl noch einmal: Es geht dort weiter."),
    (r"HASHES DO NOT MATCH|hash mismatch|BadZipFile|zipfile",
     "Eine heruntergeladene Datei ist beschädigt. Rufe auf: python -m pip cache purge, dann denselben Befehl."),
    (r"Permission denied|Errno 13|WinError 5\b|Access is denied",
     "In den Ordner .venv darf nicht geschrieben werden. Lege das Repository in deinen Benutzerordner, "
     "und schließe Programme, die die .venv benutzen."),
    (r"No matching distribution found|Could not find a version",
     "Für dieses Python oder Betriebssystem fehlt ein Paket im Index. Nimm Python 3.11 (64 Bit); "
     "bei einem Spiegel der Firma: Die IT möge die fehlende Version freigeben."),
)  # fmt: skip


class Abbruch(Exception):
    """Die Einrichtung kann nicht weitergehen; der Text sagt warum und was zu tun ist."""


def starte(argumente: list[str]) -> int:
    """Richtet ein, falls nötig, und übergibt an `python -m kurs`. Rückgabe: der Exit-Code."""
    try:
        befehl = _als_befehl(argumente)
        richte_ein()
        return subprocess.call([str(venv_python()), "-m", "kurs", *befehl])
    except Abbruch as grund:
        print(grund, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nAbgebrochen. Derselbe Befehl noch einmal setzt fort.", file=sys.stderr)
        return 130


def _als_befehl(argumente: list[str]) -> list[str]:
    """Aus `demo_dropout …` wird `lauf demo_dropout …`; ein unbekannter Name fällt auf, bevor installiert wird."""
    if not argumente or argumente[0] in BEFEHLE or argumente[0] in ("-h", "--help"):
        return ["--help"] if argumente[:1] == ["-h"] else argumente
    if argumente[0].startswith("-"):
        raise Abbruch(f"Die Angabe {argumente[0]} kenne ich nicht. python start.py --help zeigt die Befehle.")
    try:
        finde(argumente[0])
    except (LookupError, KopfFehler) as fehler:
        raise Abbruch(f"{fehler.args[0]} Befehle sind: {', '.join(BEFEHLE)}.") from None
    return ["lauf", *argumente]


def venv_python() -> Path:
    """Das Python der `.venv`, ob es schon da ist oder nicht."""
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def fingerabdruck() -> str:
    """SHA-256 über die Anforderungsdateien: Ändert er sich, wird neu installiert."""
    summe = hashlib.sha256()
    for datei in ANFORDERUNGEN:
        summe.update(datei.read_bytes().replace(b"\r\n", b"\n"))
    return summe.hexdigest()


def ist_eingerichtet() -> bool:
    """Ob der Stempel zu den Anforderungen passt und das Python der `.venv` noch da ist."""
    try:
        stempel = json.loads(STEMPEL.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return stempel.get("fingerabdruck") == fingerabdruck() and venv_python().exists()


def richte_ein() -> None:
    """Bringt die `.venv` auf den Stand der Anforderungen. Fehler: Abbruch mit einem deutschen Satz."""
    if ist_eingerichtet():
        return
    with _nur_einer():
        if ist_eingerichtet():  # ein anderer Aufruf war schneller
            return
        _pruefe_platz()
        if not _venv_ist_brauchbar():
            _lege_venv_an(_passendes_python())
        _installiere()
        _mache_kurs_auffindbar()
        inhalt = json.dumps({"fingerabdruck": fingerabdruck()})
        schreibe_daneben(STEMPEL, lambda pfad: pfad.write_text(inhalt, encoding="utf-8"))
    print("Eingerichtet. In PyCharm ist der Interpreter: " + str(venv_python()), flush=True)


@contextlib.contextmanager
def _nur_einer():
    """Lässt nur einen Aufruf einrichten; die Sperre endet mit dem Prozess, auch wenn er stirbt."""
    try:
        datei = open(WURZEL / ".einrichtung.sperre", "a+b")
    except OSError as fehler:
        raise Abbruch(
            f"In {WURZEL} darf nicht geschrieben werden ({fehler.strerror}). "
            "Lege das Repository in deinen Benutzerordner."
        ) from None
    with datei:
        if os.name == "nt":
            import msvcrt

            sperre = lambda: msvcrt.locking(datei.fileno(), msvcrt.LK_NBLCK, 1)  # noqa: E731
        else:
            import fcntl

            sperre = lambda: fcntl.flock(datei, fcntl.LOCK_EX | fcntl.LOCK_NB)  # noqa: E731
        try:
            sperre()
        except OSError:
            raise Abbruch(
                "Eine andere Einrichtung läuft gerade. Warte, bis sie fertig ist, und rufe dann noch einmal auf."
            ) from None
        yield


def _pruefe_platz() -> None:
    frei = shutil.disk_usage(WURZEL).free / 1e9
    if frei < PLATZ_GB and not VENV.exists():
        raise Abbruch(
            f"Auf dem Datenträger sind nur {frei:.1f} GB frei; die Einrichtung braucht etwa {PLATZ_GB} GB. "
            "Schaffe Platz oder lege das Repository auf einen anderen Datenträger."
        )


def _version(python: list[str]) -> tuple[int, int] | None:
    """Version eines Python-Aufrufs oder None, wenn er nicht läuft (Windows hat Attrappen im PATH)."""
    try:
        ausgabe = subprocess.run(
            [*python, "-c", "import sys; print(*sys.version_info[:2])"],
            capture_output=True, text=True, timeout=20, check=True,
        ).stdout  # fmt: skip
        gross, klein = ausgabe.split()
        return int(gross), int(klein)
    except (OSError, subprocess.SubprocessError, ValueError):
        return None


def _passendes_python() -> list[str]:
    """Der Aufruf eines Python 3.10–3.13: dieses, sonst ein anderes auf dem Rechner."""
    if sys.version_info[:2] in VERSIONEN:
        return [sys.executable]
    for gross, klein in VERSIONEN:
        for kandidat in (["py", f"-{gross}.{klein}"], [f"python{gross}.{klein}"]):
            if shutil.which(kandidat[0]) and _version(kandidat) == (gross, klein):
                print(f"Dieses Python ist {sys.version.split()[0]}; ich nehme {' '.join(kandidat)}.")
                return kandidat
    raise Abbruch(
        f"Python {sys.version.split()[0]} ist zu neu: Für diese Version gibt es noch nicht alle Pakete. "
        "Installiere zusätzlich Python 3.11, 3.12 oder 3.13 (python.org) und rufe denselben Befehl noch einmal auf."
    )


def _venv_ist_brauchbar() -> bool:
    if not venv_python().exists():
        return False
    if _version([str(venv_python())]) not in VERSIONEN:
        return False
    return subprocess.run([str(venv_python()), "-m", "pip", "--version"], capture_output=True).returncode == 0


def _lege_venv_an(python: list[str]) -> None:
    print(f"Lege die Umgebung {VENV} an …", flush=True)
    lauf = subprocess.run([*python, "-m", "venv", "--clear", str(VENV)], capture_output=True, text=True)
    if lauf.returncode == 0:
        return
    meldung = lauf.stdout + lauf.stderr
    if "ensurepip" in meldung or "python3-venv" in meldung:
        raise Abbruch("Diesem Python fehlt das Modul venv. Unter Debian/Ubuntu: sudo apt install python3-venv")
    raise Abbruch(_ursache(meldung) or f"Die Umgebung ließ sich nicht anlegen: {meldung.strip()[-300:]}")


def _ursache(protokoll: str) -> str | None:
    """Der deutsche Satz zur ersten bekannten Ursache in einem Protokoll."""
    for muster, satz in URSACHEN:
        if re.search(muster, protokoll, re.IGNORECASE):
            return satz
    return None


def _pip_befehl() -> list[str]:
    befehl = [str(venv_python()), "-m", "pip", "install", "--disable-pip-version-check", "--progress-bar", "off"]
    befehl += ["-r", str(ANFORDERUNGEN[0]), "-c", str(ANFORDERUNGEN[1])]
    if sys.platform == "linux" and not shutil.which("nvidia-smi"):
        from kurs.quellen import erreichbar

        if erreichbar(TORCH_OHNE_GPU):  # spart ohne Grafikkarte mehrere GB CUDA-Pakete
            befehl += ["--extra-index-url", f"https://{TORCH_OHNE_GPU}/whl/cpu"]
    return befehl


def _installiere() -> None:
    """Ruft pip auf und übersetzt seinen Fortschritt; das ganze Protokoll liegt in ausgabe/einrichtung/."""
    namen = re.findall(r"^([\w.-]+)==", ANFORDERUNGEN[1].read_text(encoding="utf-8"), re.MULTILINE)
    protokoll_datei = schreibbar(AUSGABE / "einrichtung") / "pip.log"
    print(f"Installiere rund {len(set(namen))} Pakete (einmalig, einige Minuten; Protokoll: {protokoll_datei})", flush=True)
    umgebung = {**os.environ, "PYTHONIOENCODING": "utf-8", "PYTHONUTF8": "1"}
    zeilen, gesehen = [], 0
    with (
        subprocess.Popen(
            _pip_befehl(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", errors="replace",
            env=umgebung,
        ) as pip,
        open(protokoll_datei, "w", encoding="utf-8") as protokoll,
    ):  # fmt: skip
        try:
            for zeile in pip.stdout:
                protokoll.write(zeile)
                zeilen.append(zeile)
                if treffer := re.match(r"\s*(Collecting|Requirement already satisfied:) ([\w.-]+)", zeile):
                    gesehen += treffer[1] == "Collecting"
                    _zeige(f"  {gesehen:3d} geholt: {treffer[2]}", wichtig=gesehen % 20 == 0)
                elif treffer := re.match(r"\s*Downloading (\S+?)-\S* \(([\d.]+ [MG]B)\)", zeile):
                    _zeige(f"  lade {treffer[1]} ({treffer[2]})", wichtig=True)
                elif zeile.startswith("Installing collected packages"):
                    _zeige("  entpacke und installiere …", wichtig=True)
        except KeyboardInterrupt:
            pip.terminate()
            raise
    _zeige("", wichtig=False)
    if pip.returncode:
        text = "".join(zeilen[-60:])
        raise Abbruch(
            (_ursache(text) or "Die Installation ist misslungen: " + (zeilen[-1].strip() if zeilen else "kein Grund"))
            + f"\nProtokoll: {protokoll_datei}"
        )


def _zeige(text: str, wichtig: bool) -> None:
    """Im Terminal eine Zeile, die sich selbst überschreibt; in PyCharm und Protokollen nur die wichtigen."""
    if sys.stdout.isatty():
        breite = shutil.get_terminal_size().columns - 1
        print("\r" + text[:breite].ljust(breite), end="\n" if wichtig and "lade" in text else "", flush=True)
    elif wichtig:
        print(text, flush=True)


def _mache_kurs_auffindbar() -> None:
    """Legt eine .pth-Datei in die `.venv`: `import kurs` geht damit aus jedem Ordner (relativ, also reines ASCII)."""
    frage = "import sysconfig; print(sysconfig.get_paths()['purelib'])"
    ordner = subprocess.run(
        [str(venv_python()), "-X", "utf8", "-c", frage], capture_output=True, encoding="utf-8", check=True
    )
    site_packages = Path(ordner.stdout.strip())
    relativ = os.path.relpath(WURZEL.resolve(), site_packages.resolve())
    (site_packages / "kurs.pth").write_text(relativ + "\n", encoding="ascii", newline="\n")
