"""Beantwortet: Kommt man mit `python start.py NAME` immer an, und sonst mit einem deutschen Satz?

Eingerichtet wird wirklich, in einer Kopie des Hauses in „Mein Kürs“: mit venv und pip oder uv, aber ohne Netz.
Das einzige Paket ist ein Wheel, das der Test baut; sein Inhalt macht die Pakete der echten `.venv`
sichtbar.
"""

import ast
import contextlib
import itertools
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path
from types import SimpleNamespace

from kurs import starter
from kurs.einrichten import einrichtung, installieren, ursachen
from kurs.einrichten.installieren import Abbruch

import pytest
from conftest import HEIM, TOTER_PROXY, warte_auf
from hub import Hub

WURZEL = Path(__file__).resolve().parent.parent
PYTHON = Path(os.path.realpath(sys._base_executable))  # wie beim ersten Aufruf: nicht das der .venv
nur_posix = pytest.mark.skipif(
    os.name == "nt", reason="Signale und Attrappen im PATH gibt es nur hier"
)

UV = shutil.which("uv", path=Path(sys.executable).parent)
MIT_UV = {"PATH": os.pathsep.join([str(Path(UV).parent), os.environ["PATH"]])} if UV else {}
PROTOKOLL = lambda haus: haus / "ausgabe" / "einrichtung" / "protokoll.txt"

DEMO = '''"""Klein: druckt, womit es läuft.

Kapitel   1.1 Grundlagen · Anfang
Folie     Code Demo: klein
Lernziel  Nichts
Laufzeit  ca. 1 s (2 CPU-Kerne)
Daten     keine
Erwartet  epochen 1–9
"""
EPOCHS = 5  # Test: 1
from kurs import ergebnis
import os, sys
print("Ordner:", os.getcwd())
print("Prefix:", sys.prefix)
ergebnis(epochen=EPOCHS)
'''


# --- Das kleine Haus ------------------------------------------------------------------------------


def baue_wheel(index: Path, paket: str, dateien: dict[str, str | bytes]) -> Path:
    """Ein Wheel mit diesen Dateien, wie pip und uv es nehmen."""
    info = f"{paket}-1.0.dist-info"
    dateien = dateien | {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {paket}\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": "",
    }
    index.mkdir(exist_ok=True)
    with zipfile.ZipFile(index / f"{paket}-1.0-py3-none-any.whl", "w") as archiv:
        for name, inhalt in dateien.items():
            archiv.writestr(name, inhalt)
    return Path(archiv.filename)


def baue_mini(index: Path) -> Path:
    """Das Wheel „mini“: ein Modul und eine .pth-Datei zu den Paketen, mit denen dieser Test läuft.

    Nur pip sieht die Pakete nicht: Es fragte sonst jedes Mal alle zweihundert nach ihren Wünschen.
    """
    # Der Pfad als Bytes: Auch mit Umlauten darin ist die Datei reines ASCII.
    pakete = os.fsencode(sysconfig.get_paths()["purelib"])
    dazu = f"'pip' in sys.orig_argv or sys.path.append(os.fsdecode({pakete!r}))"
    dateien = {"mini.py": "MINI = 1\n", "mini_pakete.pth": f"import os, sys; {dazu}\n"}
    return baue_wheel(index, "mini", dateien).parent


ANFORDERUNGEN = "# Prüfung mit Umlauten\nmini==1.0\n"


def baue_haus(wurzel: Path) -> Path:
    kapitel = wurzel / "Grundlagen" / "Anfang"
    kapitel.mkdir(parents=True)
    (kapitel / "demo_klein.py").write_text(DEMO, encoding="utf-8")
    shutil.copy(WURZEL / "start.py", wurzel)
    ohne = shutil.ignore_patterns("__pycache__", "modellbau")
    shutil.copytree(WURZEL / "kurs", wurzel / "kurs", ignore=ohne)
    (wurzel / "requirements.txt").write_text(ANFORDERUNGEN, encoding="utf-8")
    (wurzel / "constraints.txt").write_text("mini==1.0\n", encoding="utf-8")
    return wurzel


def falsche_venv(haus: Path) -> None:
    """Eine .venv, deren Python keines ist."""
    python = haus / ".venv" / einrichtung.venv_python().relative_to(einrichtung.VENV)
    python.parent.mkdir(parents=True)
    python.write_text("kein Python")
    python.chmod(0o755)


def umgebungsvariablen(index: Path | str, **mehr: str) -> dict[str, str]:
    """Die Umgebung eines frischen Terminals: kein Netz, als Index nur `index`."""
    fort = ("PIP_", "KURS_", "PYTHON", "MPL", "LC_", "LANG")
    umgebung = {n: w for n, w in os.environ.items() if not n.upper().startswith(fort)}
    return {
        **umgebung,
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(index),
        "HTTPS_PROXY": TOTER_PROXY,  # die Frage nach download.pytorch.org endet sofort
        "NO_PROXY": "127.0.0.1",
        "LANG": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
        "UV_NO_CACHE": "1",
        **mehr,
    }


def fuehre_aus(*befehl: Path | str, env: dict[str, str], cwd: Path | None = None):
    """Wie im Terminal. Rückgabe: Code und alles Gedruckte; nie ein Traceback."""
    lauf = subprocess.run(
        list(map(str, befehl)),
        cwd=cwd,
        env=env,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    text = lauf.stdout + lauf.stderr
    assert "Traceback" not in text, text
    return SimpleNamespace(code=lauf.returncode, text=text)


def starte(haus: Path, *angaben: str, env: dict[str, str], cwd: Path | None = None):
    return fuehre_aus(PYTHON, haus / "start.py", *angaben, env=env, cwd=cwd or haus.parent)


@pytest.fixture(scope="module")
def vorlage(tmp_path_factory):
    """Einmal wirklich eingerichtet, über einer kaputten .venv; die Tests arbeiten in Kopien."""
    ordner = tmp_path_factory.mktemp("einrichtung")
    index = baue_mini(ordner / "index")
    haus = baue_haus(ordner / "Mein Kürs")
    falsche_venv(haus)
    env = umgebungsvariablen(index, PIP_USER="1")  # user=true, wie in manchen Firmen voreingestellt
    erster = starte(haus, "demo_klein", env=env)
    return SimpleNamespace(haus=haus, index=index, erster=erster)


@pytest.fixture
def kopie(vorlage, tmp_path):
    """Eine eingerichtete Kopie an einem anderen Ort; nur pips tausend Dateien sind dieselben."""

    def kopiere(quelle, ziel):
        (os.link if f"site-packages{os.sep}pip{os.sep}" in quelle else shutil.copy2)(quelle, ziel)

    ziel = tmp_path / "Umgezogen äöü"
    return shutil.copytree(vorlage.haus, ziel, symlinks=True, copy_function=kopiere)


def site_packages(haus: Path) -> Path:
    return next((haus / ".venv").rglob("mini.py")).parent


def entferne_mini(haus: Path) -> None:
    """Das einzige Paket fehlt, und mit ihm alle anderen."""
    for datei in site_packages(haus).glob("mini*"):
        shutil.rmtree(datei) if datei.is_dir() else datei.unlink()


def stempel(haus: Path) -> Path:
    return haus / ".venv" / einrichtung.STEMPEL.name


# --- Der Normalfall -------------------------------------------------------------------------------


def test_erster_aufruf_richtet_ein_und_fuehrt_aus(vorlage):
    assert vorlage.erster.code == 0, vorlage.erster.text
    for stueck in ("Lege die Umgebung", "uv ist nicht zu bekommen", "Eingerichtet. In PyCharm"):
        assert stueck in vorlage.erster.text
    assert f"Prefix: {vorlage.haus / '.venv'}" in vorlage.erster.text
    assert "epochen" in vorlage.erster.text
    assert "Successfully installed mini-1.0" in PROTOKOLL(vorlage.haus).read_text(encoding="utf-8")


@pytest.mark.skipif(not UV, reason="uv ist hier nicht installiert")
@pytest.mark.parametrize("fall", ["pip.ini", "uv kaputt"])
def test_mit_uv_sonst_mit_pip(fall, kopie, vorlage, tmp_path):
    """uv bekommt, was pip eingestellt ist; ist sein Zwischenspeicher eine Datei, springt pip ein."""
    entferne_mini(kopie)
    stempel(kopie).unlink()
    env = umgebungsvariablen(vorlage.index, **MIT_UV)
    if fall == "uv kaputt":
        env |= {"UV_NO_CACHE": "0", "UV_CACHE_DIR": str(kopie / "start.py")}
    else:
        inhalt = f"[global]\nno-index = true\nfind-links = {env.pop('PIP_FIND_LINKS')}\n"
        (tmp_path / "pip.ini").write_text(inhalt, encoding="utf-8")
        env["PIP_CONFIG_FILE"] = str(tmp_path / "pip.ini")
        del env["PIP_NO_INDEX"]
    lauf = starte(kopie, "demo_klein", env=env)
    assert lauf.code == 0 and "epochen" in lauf.text, lauf.text
    assert ("jetzt versucht es pip" in lauf.text) == (fall == "uv kaputt"), lauf.text
    fertig = "Successfully installed mini-1.0" if fall == "uv kaputt" else "+ mini==1.0"
    assert fertig in PROTOKOLL(kopie).read_text(encoding="utf-8")


PIP_CONFIG = """:env:.timeout='60'
global.index-url='https://eva:geheim@spiegel.example/simple'
install.index-url='https://spiegel2.example/simple'
global.extra-index-url='https://a.example\\nhttps://b.example'
global.cert='/etc/firma.pem'
global.user='true'
global.no-index='false'
"""


def test_pips_einstellungen_gelten_auch_fuer_uv():
    angaben, variablen = installieren.uebersetze(PIP_CONFIG)
    erwartet = "--default-index https://spiegel2.example/simple"
    assert " ".join(angaben) == f"{erwartet} --index https://a.example --index https://b.example"
    assert variablen["SSL_CERT_FILE"] == "/etc/firma.pem" and variablen["UV_HTTP_TIMEOUT"] == "60"
    umgebung = PIP_CONFIG + ":env:.index-url='https://drei.example'\n:env:.no-index='1'\n"
    angaben, _ = installieren.uebersetze(umgebung)
    assert "https://drei.example" in angaben and "--no-index" in angaben
    assert installieren.uebersetze("global.keyring-provider='x'\n")[0] == "keyring-provider"


FEINDLICH = [
    {"LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "COLUMNS": "20"},
    {
        "PYTHONIOENCODING": "cp1252",
        "PYTHONSAFEPATH": "1",
        "HOME": "/fehlt",
        "USERPROFILE": "/fehlt",
    },
]


@pytest.mark.parametrize("feindlich", FEINDLICH, ids=lambda env: "-".join(env))
def test_danach_ist_nichts_mehr_zu_tun(feindlich, kopie, tmp_path):
    """Auch umgezogen, ohne Netz, aus einem fremden Ordner und mit einer Konsole ohne ü."""
    (tmp_path / "typing.py").write_text("raise SystemExit('falsches Modul')")
    env = umgebungsvariablen("nirgends", **feindlich)
    lauf = starte(kopie, "demo_klein", "--knopf", "EPOCHS=3", env=env, cwd=tmp_path)
    assert lauf.code == 0 and lauf.text.startswith("Ordner:"), lauf.text
    assert "Prefix: " in lauf.text and " 3   erwartet 1" in lauf.text
    falsch = starte(kopie, "größer", env=env, cwd=tmp_path)
    assert falsch.code == 2 and "gibt es nicht" in falsch.text


def test_rechtsklick_und_terminal_finden_kurs(kopie, tmp_path):
    """PyCharm und `.venv/bin/python /pfad/demo.py` starten das Skript selbst, nicht start.py."""
    python = kopie / ".venv" / einrichtung.venv_python().relative_to(einrichtung.VENV)
    demo = kopie / "Grundlagen" / "Anfang" / "demo_klein.py"
    lauf = fuehre_aus(python, demo, env=umgebungsvariablen("nirgends"), cwd=tmp_path)
    assert lauf.code == 0, lauf.text
    assert f"Ordner: {tmp_path}" in lauf.text and "erwartet 1–9" in lauf.text


def test_start_py_braucht_nichts_und_setzt_nichts(tmp_path):
    """Es läuft im nackten Python (-S); was es setzte, etwa MPLBACKEND, erbte das Skript in der .venv."""
    programm = (
        "import os, sys\nvorher = dict(os.environ)\n"
        f"sys.path.insert(0, {str(WURZEL)!r})\nimport kurs.starter\n"
        "assert dict(os.environ) == vorher\n"
        "print({n.partition('.')[0] for n in sys.modules} - set(sys.stdlib_module_names))\n"
    )
    (tmp_path / "start.py").write_text(programm, encoding="utf-8")
    env = umgebungsvariablen("nirgends")
    env = {n: w for n, w in env.items() if n not in ("DISPLAY", "KERAS_BACKEND")}
    lauf = fuehre_aus(PYTHON, "-S", tmp_path / "start.py", env=env)
    assert ast.literal_eval(lauf.text) - {"__main__"} == {"kurs"}


# --- Namen und Angaben ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["quatsch", "--dropout"])
def test_unbekannter_name_faellt_vor_der_installation_auf(name, vorlage, tmp_path):
    """Ohne .venv: Ein Tippfehler darf keine Minuten kosten."""
    haus = baue_haus(tmp_path / "haus")
    lauf = starte(haus, name, env=umgebungsvariablen(vorlage.index))
    assert lauf.code == 2 and name in lauf.text and not (haus / ".venv").exists()


def test_ein_skript_bricht_ab_oder_ist_kaputt(kopie):
    """Sein Exit-Code kommt an, und wer sich vertippt, hält die anderen und die Agenda nicht auf."""
    demo = kopie / "Grundlagen" / "Anfang" / "demo_klein.py"
    demo.write_text(DEMO + "sys.exit(7)\n", encoding="utf-8")
    uebung = demo.with_name("uebung_meine.py")
    uebung.write_text(DEMO + "\nslow = 0..1\n", encoding="utf-8")
    env = umgebungsvariablen("nirgends")
    assert starte(kopie, "demo_klein", env=env).code == 7
    agenda = starte(kopie, env=env)
    assert agenda.code == 0 and "Klein: druckt" in agenda.text and "uebung_meine.py" in agenda.text
    lauf = starte(kopie, "uebung_meine", env=env)
    zeile = DEMO.count("\n") + 2
    assert lauf.code == 1 and f'File "{uebung}", line {zeile}' in lauf.text


# --- Python zu alt, zu neu, ohne venv -------------------------------------------------------------


def _alte_pythons():
    pyenv = HEIM / ".pyenv" / "versions"
    orte = [shutil.which(f"python{v}") for v in ("2.7", "3.6", "3.7", "3.8", "3.9")]
    orte += [v / "bin" / "python" for v in sorted(pyenv.glob("[23].*")) if "3.1" not in v.name[:3]]
    for ort in filter(None, orte):
        frage = [str(ort), "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
        antwort = subprocess.run(frage, capture_output=True, text=True, check=False)
        if antwort.returncode == 0:
            yield antwort.stdout.strip(), str(ort)


ALTE = dict(_alte_pythons())


@pytest.mark.parametrize("version", ["2.7", "3.6", "3.8", "3.9"])
def test_python_zu_alt(version):
    if version not in ALTE:
        pytest.skip(f"Python {version} ist auf diesem Rechner nicht installiert")
    lauf = fuehre_aus(ALTE[version], WURZEL / "start.py", "demo_dropout", env=dict(os.environ))
    assert lauf.code == 2 and lauf.text.startswith(f"Python {version} ist zu alt"), lauf.text


def test_start_py_ist_auch_fuer_altes_python_lesbar():
    """Vor der Versionsfrage steht nichts, was ein altes Python nicht versteht (wo keines installiert ist)."""
    quelltext = (WURZEL / "start.py").read_text(encoding="utf-8")
    assert quelltext.startswith("# -*- coding: utf-8 -*-")
    baum = ast.parse(quelltext, feature_version=(3, 4))
    davor = itertools.takewhile(lambda k: not isinstance(k, ast.If), baum.body)
    importe = [k for k in davor if isinstance(k, ast.Import | ast.ImportFrom)]
    namen = {k.module if isinstance(k, ast.ImportFrom) else k.names[0].name for k in importe}
    assert namen == {"__future__", "os", "sys"}


@nur_posix
def test_python_zu_neu_sucht_ein_anderes(monkeypatch, tmp_path, capsys):
    """Im PATH liegt eine Attrappe, die nicht startet, und ein passendes Python."""
    for name, inhalt in (("python3.98", "exit 9"), ("python3.99", "echo 3 99")):
        (tmp_path / name).write_text(f"#!/bin/sh\n{inhalt}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(einrichtung, "VERSIONEN", ((3, 98), (3, 99)))
    assert einrichtung._passendes_python() == ["python3.99"]
    assert "ich nehme python3.99" in capsys.readouterr().out
    (tmp_path / "python3.99").write_text("#!/bin/sh\necho 3 14\n")
    with pytest.raises(Abbruch, match="ist zu neu.*Installiere zusätzlich Python 3.11"):
        einrichtung._passendes_python()


@pytest.mark.parametrize(
    ("protokoll", "satz"),
    [
        ("ensurepip is not available. apt install python3.11-venv", "sudo apt install"),
        ("Erst\nError: Rätsel\n", "ließ sich nicht anlegen: Error: Rätsel"),
    ],
)
def test_venv_misslingt(protokoll, satz):
    luegner = [sys.executable, "-c", f"print({protokoll!r}); raise SystemExit(1)"]
    with pytest.raises(Abbruch, match=satz):
        einrichtung._lege_venv_an(luegner)


# --- pip scheitert --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("protokoll", "satz"),
    [
        ("ERROR: Could not install: [Errno 28] No space left on device", "Datenträger ist voll"),
        ("OSError: [Errno 2] No such file: 'C:\\..'\nHINT: … Windows Long Path support", "zu lang"),
        ("SSLError(SSLCertVerificationError(1, 'CERTIFICATE_VERIFY_FAILED'))", "PIP_CERT"),
        ("ProxyError('Cannot connect to proxy.', NewConnectionError('…'))", "Proxy lässt"),
        (
            "WARNING: Retrying … NewConnectionError()\nERROR: No matching distribution found",
            "Paketindex ist nicht erreichbar",
        ),
        ("ERROR: HTTP error 403 while getting https://spiegel/numpy.whl", "gibt eine Datei nicht"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES… HASHES DO NOT MATCH", "pip cache purge"),
        ("[WinError 5] Zugriff verweigert: '…\\\\python.exe'", "schließe Programme"),
        ("ERROR: No matching distribution found for torch==2.13.0", "Python 3.11"),
    ],
)
def test_ursachen(protokoll, satz):
    assert satz in ursachen.ursache(protokoll)
    assert ursachen.ursache("ERROR: etwas ganz Neues. [WinError 50]") is None


def test_paket_fehlt_im_index(kopie, tmp_path):
    """Neue Anforderungen, die es nicht gibt: ein Satz, das Protokoll, Code 2; danach geht es weiter."""
    (kopie / "requirements.txt").write_text("mini\nfehlt==2.0\n")
    lauf = starte(kopie, "demo_klein", env=umgebungsvariablen(tmp_path))
    assert lauf.code == 2, lauf.text
    assert "fehlt ein Paket im Index" in lauf.text and "protokoll.txt" in lauf.text
    (kopie / "requirements.txt").write_text(ANFORDERUNGEN, encoding="utf-8")
    # wieder die alten Anforderungen: Der alte Stempel darf nicht mehr gelten
    env = umgebungsvariablen(tmp_path, **MIT_UV)
    zweiter = starte(kopie, "demo_klein", env=env)
    assert zweiter.code == 0 and "Installiere" in zweiter.text


@pytest.fixture
def zaeher_index(tmp_path):
    """Ein Paketindex, dessen Wheel tröpfelt."""
    (wheel,) = baue_mini(tmp_path / "dateien").glob("*.whl")
    seite = f'<a href="{wheel.name}">{wheel.name}</a>'
    wheel.with_name("index.html").write_text(seite, encoding="utf-8")
    with Hub(tmp_path) as hub:
        hub.stoere("langsam", rate=4, bei="whl")
        yield hub


@nur_posix
def test_zwei_gleichzeitig_und_strg_c_mitten_in_der_installation(kopie, vorlage, zaeher_index):
    """Solange einer einrichtet, sagt der zweite Bescheid; bricht der erste ab, setzt der nächste fort."""
    entferne_mini(kopie)
    stempel(kopie).unlink()
    adresse = f"{zaeher_index.adresse}/dateien/index.html"
    prozess = subprocess.Popen(
        [str(PYTHON), str(kopie / "start.py"), "demo_klein"],
        env=umgebungsvariablen(adresse, PIP_RETRIES="0"),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        start_new_session=True,
    )
    gefragt = lambda: any(pfad.endswith(".whl") for _, pfad in zaeher_index.anfragen)
    assert warte_auf(gefragt), "pip hat nie nach dem Wheel gefragt"
    env = umgebungsvariablen(vorlage.index, **MIT_UV)
    gleichzeitig = starte(kopie, "demo_klein", env=env)
    assert gleichzeitig.code == 2 and "Eine andere Einrichtung läuft gerade" in gleichzeitig.text
    os.killpg(prozess.pid, signal.SIGINT)
    text = prozess.communicate(timeout=60)[0]
    assert prozess.returncode == 130
    assert "Derselbe Befehl noch einmal setzt fort" in text and "Traceback" not in text
    assert not stempel(kopie).exists()
    danach = starte(kopie, "demo_klein", env=env)
    assert danach.code == 0 and "Eingerichtet" in danach.text, danach.text


# --- Kaputtes und Verbotenes ----------------------------------------------------------------------


def test_pakete_geloescht_oder_halb_ausgepackt(kopie, vorlage):
    """Der Stempel stimmt, aber in der .venv fehlt etwas: ein Satz; `einrichten` ergänzt es.

    METADATA ist da, RECORD nicht, als wäre das Auspacken abgeschossen worden; pip hielte das für fertig.
    """
    pakete = site_packages(kopie)
    (pakete / "mini-1.0.dist-info" / "RECORD").unlink()
    for datei in pakete.glob("mini*.p*"):
        datei.unlink()
    lauf = starte(kopie, "agenda", env=umgebungsvariablen("nirgends"))
    assert lauf.code == 1 and "lösche den Ordner .venv" in lauf.text
    lauf = starte(kopie, "einrichten", env=umgebungsvariablen(vorlage.index, **MIT_UV))
    assert lauf.code == 0 and "Eingerichtet" in lauf.text, lauf.text
    assert (pakete / "mini.py").is_file()


def test_venv_ohne_pip_oder_mit_falschem_python(kopie, monkeypatch):
    monkeypatch.setattr(einrichtung, "VENV", kopie / ".venv")
    assert einrichtung._venv_ist_brauchbar()
    with monkeypatch.context() as anders:
        anders.setattr(einrichtung, "VERSIONEN", ((3, 99),))
        assert not einrichtung._venv_ist_brauchbar()
    shutil.rmtree(site_packages(kopie) / "pip")  # wie uv sie anlegt
    assert not einrichtung._venv_ist_brauchbar()


def test_unvollstaendig_kopiert(tmp_path, vorlage):
    haus = baue_haus(tmp_path / "haus")
    (haus / "constraints.txt").unlink()
    lauf = starte(haus, "demo_klein", env=umgebungsvariablen(vorlage.index))
    assert lauf.code == 2 and "Das Betriebssystem meldet" in lauf.text
    assert "constraints.txt" in lauf.text


def test_nur_lesbarer_ordner(monkeypatch, tmp_path, capsys):
    """Noch nicht eingerichtet und nicht beschreibbar: ein Satz. (Auch root kann hier nichts anlegen.)"""
    (tmp_path / "datei").write_text("")
    monkeypatch.setattr(einrichtung, "WURZEL", tmp_path / "datei" / "haus")
    monkeypatch.setattr(einrichtung, "STEMPEL", tmp_path / "keiner")
    assert starter.starte([]) == 2
    fehler = capsys.readouterr().err
    assert "darf nicht geschrieben werden" in fehler and "Benutzerordner" in fehler


def test_fingerabdruck_haengt_nicht_am_zeilenende(monkeypatch, tmp_path):
    """Git macht unter Windows aus \\n ein \\r\\n; das ist keine neue Anforderung."""
    monkeypatch.setattr(einrichtung, "ANFORDERUNGEN", [tmp_path / "a"])

    def fingerabdruck(inhalt: bytes) -> str:
        (tmp_path / "a").write_bytes(inhalt)
        return einrichtung.fingerabdruck()

    assert fingerabdruck(b"numpy==1\n") == fingerabdruck(b"numpy==1\r\n")
    assert fingerabdruck(b"numpy==1\n") != fingerabdruck(b"numpy==2\n")


# --- Was pip bekommt ------------------------------------------------------------------------------


def test_torch_ohne_cuda_nur_wo_es_passt(monkeypatch):
    def kein_netz(adresse, timeout):
        raise OSError("kein Netz")

    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(shutil, "which", lambda name: None)
    oeffne = lambda adresse, timeout: contextlib.nullcontext()
    monkeypatch.setattr(installieren.urllib.request, "urlopen", oeffne)
    assert installieren._braucht_kein_cuda()
    for ziel, name, wert in (
        (installieren.urllib.request, "urlopen", kein_netz),
        (shutil, "which", lambda name: "/usr/bin/nvidia-smi"),
        (sys, "platform", "win32"),
    ):
        with monkeypatch.context() as anders:
            anders.setattr(ziel, name, wert)
            assert not installieren._braucht_kein_cuda(), name
