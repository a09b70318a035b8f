"""Beantwortet: Ist alles installiert? Und wenn nicht: wie kommt es dahin?

Läuft im Python des Systems und braucht nur die Standardbibliothek. Legt `.venv` an, installiert mit pip
und übergibt an `python -m kurs` in der `.venv`. Ein Stempel über den Anforderungen
entscheidet, ob etwas zu tun ist. Er wird zuerst gelöscht und zuletzt geschrieben, deshalb setzt der
nächste Aufruf eine unterbrochene Einrichtung fort.
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

from kurs.lauf import rufe_auf
from kurs.pfade import AUSGABE, WURZEL, schreibbar, schreibe_daneben
from kurs.skripte import finde_pfad
from kurs.ursachen import letzte_zeile, ursache

BEFEHLE = ("agenda", "arzt", "einrichten", "erzeugen", "fortschritt", "galerie", "lauf", "loesung")
BEFEHLE += ("messen", "readme", "test", "ueben", "vorbereiten", "zuruecksetzen")
# In dieser Reihenfolge gesucht; 3.11 ist am besten getestet
VERSIONEN = ((3, 11), (3, 12), (3, 13), (3, 10))
WINDOWS = os.name == "nt"
VENV = WURZEL / ".venv"
STEMPEL = VENV / "kurs-stempel.json"
ANFORDERUNGEN = (WURZEL / "requirements.txt", WURZEL / "constraints.txt")
PLATZ_GB = 6
TORCH_OHNE_GPU = "download.pytorch.org"


class Abbruch(Exception):
    """Die Einrichtung kann nicht weitergehen; der Text sagt warum und was zu tun ist."""


def starte(argumente: list[str]) -> int:
    """Richtet ein, falls nötig, und übergibt an `python -m kurs`. Rückgabe: der Exit-Code."""
    try:
        befehl = _als_befehl(argumente)
        if befehl[:1] == ["arzt"]:
            return _rufe_arzt(befehl[1:])
        if befehl[:1] == ["einrichten"]:
            STEMPEL.unlink(missing_ok=True)  # auch wenn der Stempel stimmt: nachsehen und ergänzen
        richte_ein()
        if befehl[:1] == ["einrichten"]:
            return 0
        # aus der Wurzel: Dateien im Ordner des Aufrufs (etwa random.py) verdecken dann nichts
        return rufe_auf([str(venv_python()), "-m", "kurs", *befehl], cwd=WURZEL)
    except Abbruch as grund:
        print(grund, file=sys.stderr)
        return 2
    except (OSError, subprocess.SubprocessError) as fehler:
        print(ursache(str(fehler)) or f"Das Betriebssystem meldet: {fehler}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nAbgebrochen. Derselbe Befehl noch einmal setzt fort.", file=sys.stderr)
        return 130


def _als_befehl(argumente: list[str]) -> list[str]:
    """Aus `demo_dropout …` wird `lauf demo_dropout …`; ein unbekannter Name fällt sofort auf."""
    if not argumente or argumente[0] in BEFEHLE or argumente[0] in ("-h", "--help"):
        return ["--help"] if argumente[:1] == ["-h"] else argumente
    if argumente[0].startswith("-"):
        raise Abbruch(
            f"Die Angabe {argumente[0]} kenne ich nicht. python start.py --help zeigt die Befehle."
        )
    try:
        finde_pfad(argumente[0])
    except LookupError as fehler:
        raise Abbruch(f"{fehler.args[0]} Befehle sind: {', '.join(BEFEHLE)}.") from None
    return ["lauf", *argumente]


def _rufe_arzt(argumente: list[str]) -> int:
    """Der Kursarzt richtet nichts ein: Er läuft in der `.venv`, wenn sie geht, und sonst gleich hier."""
    if _grundpython() is not None and _version([str(venv_python())]) is not None:
        return rufe_auf([str(venv_python()), "-m", "kurs.arzt", *argumente], cwd=WURZEL)
    from kurs.arzt import untersuche

    return untersuche(None)


def venv_python() -> Path:
    """Das Python der `.venv`, ob es schon da ist oder nicht."""
    return VENV / ("Scripts/python.exe" if WINDOWS else "bin/python")


def fingerabdruck() -> str:
    """SHA-256 über die Anforderungsdateien: Ändert er sich, wird neu installiert."""
    summe = hashlib.sha256()
    for datei in ANFORDERUNGEN:
        summe.update(datei.read_bytes().replace(b"\r\n", b"\n"))
    return summe.hexdigest()


def _stempel() -> dict:
    """Was beim letzten Einrichten gestempelt wurde; leer, wenn nichts oder nichts Lesbares da ist."""
    try:
        inhalt = json.loads(STEMPEL.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return inhalt if isinstance(inhalt, dict) else {}


def _soll() -> dict:
    """Was auf dem Stempel stehen muss. Der Ort als Bytes gelesen, damit er in jeder Locale gleich ist."""
    ort = os.fsencode(VENV).decode("utf-8", "backslashreplace")
    return {"fingerabdruck": fingerabdruck(), "ort": ort}


def _stemple() -> None:
    inhalt = json.dumps(_soll())
    schreibe_daneben(STEMPEL, lambda pfad: pfad.write_text(inhalt, encoding="utf-8"))


def _grundpython() -> Path | None:
    """Ein Python, mit dem die `.venv` läuft; None, wenn sie oder ihre Grundlage fehlt."""
    if not venv_python().exists():  # auch ein Verweis ins Leere (Linux, macOS)
        return None
    if not WINDOWS:
        return venv_python()
    with contextlib.suppress(OSError, ValueError):  # Windows: eine Kopie, die ihr Python erst sucht
        angaben = (VENV / "pyvenv.cfg").read_text(encoding="utf-8")
        treffer = re.search(r"^home *= *(.+)$", angaben, re.MULTILINE)
        if treffer and (python := Path(treffer[1].strip(), "python.exe")).exists():
            return python
    return None


def ist_eingerichtet() -> bool:
    """Ob der Stempel zu Anforderungen und Ort passt und das Python der `.venv` noch da ist."""
    return _stempel() == _soll() and _grundpython() is not None


def _ist_verschoben() -> bool:
    """Ob die `.venv` vollständig ist, nur nicht (mehr) für diesen Ort gestempelt."""
    vollstaendig = _stempel().get("fingerabdruck") == fingerabdruck()
    return vollstaendig and _grundpython() is not None


def richte_ein() -> None:
    """Bringt die `.venv` auf den Stand der Anforderungen. Fehler: Abbruch mit einem deutschen Satz."""
    if ist_eingerichtet() or (_ist_verschoben() and not os.access(WURZEL, os.W_OK)):
        return  # verschoben und nur lesbar (eine Freigabe): Sie läuft auch ohne Anpassung
    with _nur_einer() as sperre:
        if ist_eingerichtet():  # ein anderer Aufruf war schneller
            return
        if _ist_verschoben():
            _ziehe_um()
        else:
            STEMPEL.unlink(missing_ok=True)
            _pruefe_platz()
            if not _venv_ist_brauchbar():
                _lege_venv_an(_passendes_python())
            _raeume_halbes_weg()
            _installiere(sperre)
            _mache_kurs_auffindbar()
        _stemple()
    print("Eingerichtet. In PyCharm ist der Interpreter: " + str(venv_python()), flush=True)


@contextlib.contextmanager
def _nur_einer():
    """Lässt nur einen Aufruf einrichten; die Sperre endet mit dem Prozess, auch wenn er stirbt.

    Gibt die gesperrte Datei her: Wer sie erbt (pip), hält die Sperre mit.
    """
    try:
        datei = open(WURZEL / ".einrichtung.sperre", "a+b")  # noqa: SIM115 (das with steht unten)
    except OSError as fehler:
        raise Abbruch(
            f"In {WURZEL} darf nicht geschrieben werden ({fehler.strerror}). "
            "Lege das Repository in deinen Benutzerordner."
        ) from None
    with datei:
        if WINDOWS:
            import msvcrt

            sperre = lambda: msvcrt.locking(datei.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            sperre = lambda: fcntl.flock(datei, fcntl.LOCK_EX | fcntl.LOCK_NB)
        try:
            sperre()
        except OSError:
            raise Abbruch(
                "Eine andere Einrichtung läuft gerade. Warte, bis sie fertig ist, und rufe dann noch einmal auf."
            ) from None
        yield datei


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
            capture_output=True,
            text=True,
            timeout=20,
            check=True,
        ).stdout
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
                print(
                    f"Dieses Python ist {sys.version.split()[0]}; ich nehme {' '.join(kandidat)}."
                )
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
    return _meldung_von([str(venv_python()), "-m", "pip", "--version"]) is None


def _lege_venv_an(python: list[str]) -> None:
    print(f"Lege die Umgebung {VENV} an …", flush=True)
    meldung = _meldung_von([*python, "-X", "utf8", "-m", "venv", "--clear", str(VENV)])
    if meldung is None:
        return
    if "ensurepip" in meldung or "python3-venv" in meldung or "No module named venv" in meldung:
        raise Abbruch(
            "Diesem Python fehlt das Modul venv. Unter Debian/Ubuntu: sudo apt install python3-venv"
        )
    raise Abbruch(
        ursache(meldung) or f"Die Umgebung ließ sich nicht anlegen: {letzte_zeile(meldung)}"
    )


def _meldung_von(befehl: list[str]) -> str | None:
    """Führt `befehl` still aus. Rückgabe: None, wenn er gelingt, sonst was er gedruckt hat."""
    lauf = subprocess.run(
        befehl,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    return lauf.stdout if lauf.returncode else None


def _ziehe_um() -> None:
    """Passt eine vollständige `.venv` an ihren neuen Ordner an, ohne Netz.

    `venv` schreibt activate und pyvenv.cfg neu. Die Startdateien der Pakete (pip, tensorboard …) nennen
    weiter den alten Ort; `python -m pip` und alle Kursskripte gehen.
    """
    print(f"Das Repository liegt jetzt in {WURZEL}; die Umgebung wird angepasst.", flush=True)
    if meldung := _meldung_von(
        [str(_grundpython()), "-X", "utf8", "-m", "venv", "--without-pip", str(VENV)]
    ):
        raise Abbruch(
            ursache(meldung) or f"Die Umgebung ließ sich nicht anpassen: {letzte_zeile(meldung)}"
        )
    _mache_kurs_auffindbar()


def _raeume_halbes_weg() -> None:
    """Entfernt die Angaben halb ausgepackter Pakete: pip hielte sie sonst für installiert.

    pip schreibt RECORD zuletzt; wo es fehlt, wurde das Auspacken unterbrochen.
    """
    for angaben in _site_packages().glob("*.dist-info"):
        if not (angaben / "RECORD").exists():
            shutil.rmtree(angaben, ignore_errors=True)


def _site_packages() -> Path:
    frage = "import sysconfig; print(sysconfig.get_paths()['purelib'])"
    antwort = subprocess.run(
        [str(venv_python()), "-X", "utf8", "-c", frage],
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return Path(antwort.stdout.strip())


def _pip_befehl() -> list[str]:
    befehl = [str(venv_python()), "-m", "pip", "install", "--disable-pip-version-check"]
    befehl += ["--no-input", "--progress-bar", "off"]
    befehl += ["-r", str(ANFORDERUNGEN[0]), "-c", str(ANFORDERUNGEN[1])]
    if sys.platform == "linux" and not shutil.which("nvidia-smi"):
        from kurs.quellen import erreichbar

        if erreichbar(TORCH_OHNE_GPU):  # spart ohne Grafikkarte mehrere GB CUDA-Pakete
            befehl += ["--extra-index-url", f"https://{TORCH_OHNE_GPU}/whl/cpu"]
    return befehl


def _installiere(sperre) -> None:
    """Ruft pip auf und übersetzt seinen Fortschritt; das Protokoll liegt in ausgabe/einrichtung/."""
    festgelegt = ANFORDERUNGEN[1].read_text(encoding="utf-8")
    anzahl = len(set(re.findall(r"^([\w.-]+)==", festgelegt, re.MULTILINE)))
    protokoll_datei = schreibbar(AUSGABE / "einrichtung") / "pip.log"
    print(f"Installiere rund {anzahl} Pakete (einmalig, einige Minuten).", flush=True)
    print(f"Protokoll: {protokoll_datei}", flush=True)
    umgebung = {**os.environ, "PYTHONIOENCODING": "utf-8", "PYTHONUTF8": "1"}
    umgebung["PIP_USER"] = "0"  # manche Firmen setzen user=true; das geht in einer .venv nicht
    geerbt = {} if WINDOWS else {"pass_fds": (sperre.fileno(),)}
    zeilen, geholt = [], 0
    with (
        subprocess.Popen(
            _pip_befehl(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            env=umgebung,
            **geerbt,
        ) as pip,
        open(protokoll_datei, "w", encoding="utf-8") as protokoll,
    ):
        try:
            for zeile in pip.stdout:
                protokoll.write(zeile)
                zeilen.append(zeile)
                if treffer := re.match(r"\s*Collecting ([\w.-]+)", zeile):
                    geholt += 1
                    _zeige(f"  {geholt:3d} geholt: {treffer[1]}", wichtig=geholt % 20 == 0)
                elif treffer := re.match(r"\s*Downloading (\S+?)-\S* \(([\d.]+ [MG]B)\)", zeile):
                    _zeige(f"  lade {treffer[1]} ({treffer[2]})", wichtig=True)
                elif zeile.startswith("Installing collected packages"):
                    _zeige("  entpacke und installiere …", wichtig=True)
        except BaseException:  # auch Strg+C: pip nicht allein weiterarbeiten lassen
            pip.terminate()
            pip.wait()
            raise
    if pip.returncode:
        text = "".join(zeilen[-60:])
        grund = ursache(text) or f"Die Installation ist misslungen: {letzte_zeile(text)}"
        raise Abbruch(f"{grund}\nProtokoll: {protokoll_datei}")


def _zeige(text: str, wichtig: bool) -> None:
    """Im Terminal überschreibt die nächste Zeile eine unwichtige; anderswo nur die wichtigen."""
    if sys.stdout.isatty():
        breite = shutil.get_terminal_size().columns - 1
        print(text[:breite].ljust(breite), end="\n" if wichtig else "\r", flush=True)
    elif wichtig:
        print(text, flush=True)


def _mache_kurs_auffindbar() -> None:
    """Legt eine .pth-Datei in die `.venv`: `import kurs` geht damit aus jedem Ordner.

    Der Pfad darin ist relativ: Er bleibt richtig, wenn das Repository umzieht, und ist reines ASCII.
    """
    site_packages = _site_packages()
    relativ = os.path.relpath(WURZEL.resolve(), site_packages.resolve())
    (site_packages / "kurs.pth").write_text(relativ + "\n", encoding="ascii", newline="\n")
