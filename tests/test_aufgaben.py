"""Beantwortet: Geht Fortschritt nie verloren, kommt eine Übung genau zurück, zeigt der Vergleich das Richtige?

Die Übungen hier baut der Test selbst, in einem kleinen Kurs unter tmp_path; nur der letzte Abschnitt sieht
sich die echten an.
"""

import json
import subprocess
import sys
from pathlib import Path

from kurs import lauf, skripte
from kurs.__main__ import app
from kurs.pflege import agenda
from kurs.skripte import Skript
from kurs.uebungen import aufgaben
from kurs.uebungen import fortschritt as lernstand
from kurs.uebungen.aufgaben import NichtMoeglich

import pytest
from typer.testing import CliRunner

WURZEL = Path(__file__).resolve().parent.parent

UEBUNG = '''"""Klein: eine Übung.

Kapitel   {kapitel} Grundlagen · Anfang
Folie     Übung: klein
Lernziel  Etwas
Laufzeit  ca. 1 s (2 CPU-Kerne)
Daten     keine
"""
TIPPS = 1
from kurs import pruefe
# ▼ AUFGABE 1: Nenne eine Zahl.
eins = {eins}
# ▲
pruefe(1, eins)

# ▼ AUFGABE 2: Nenne noch eine,
# und zwar eine gerade.
{zwei}
# ▲
pruefe(2, zwei)
'''
PRUEFUNG = """
from kurs.uebungen import tipps, zahl

@tipps("Was?", "Wo?", "Wie?")
def aufgabe_1(eins: zahl):
    if eins != 1:
        return "Nein."

@tipps("Was?", "Wo?", "Wie?")
def aufgabe_2(zwei: zahl):
    if zwei != 2:
        return "Nein."
"""
OFFEN = {"eins": "...", "zwei": "zwei = ..."}
GELOEST = {"eins": "1", "zwei": "halb = 1\nzwei = 2 * halb"}
ORT = "Grundlagen/Ünter ordner"


def text(kapitel="1.10", **antworten) -> str:
    return UEBUNG.format(kapitel=kapitel, **{**OFFEN, **antworten})


@pytest.fixture
def kurs(monkeypatch, tmp_path):
    """Ein kleiner Kurs mit einer Übung, ihrer Lösung und ihrer Vorlage."""
    wurzel = tmp_path / "Mein Kürs"
    monkeypatch.setattr(skripte, "WURZEL", wurzel)
    monkeypatch.setattr(skripte, "LOESUNGEN", wurzel / "loesungen")
    monkeypatch.setattr(agenda, "WURZEL", wurzel)
    monkeypatch.setattr(lernstand, "AUSGABE", wurzel / "ausgabe")
    monkeypatch.chdir(tmp_path)
    skripte.alle_skripte.cache_clear()
    pfad = schreibe(wurzel, "uebung_klein", text())
    schreibe(wurzel, "uebung_klein", text(**GELOEST), ordner=f"loesungen/{ORT}")
    aufgaben.schreibe_vorlagen([skripte.lies_skript(pfad)])
    yield wurzel
    skripte.alle_skripte.cache_clear()


def schreibe(wurzel, name, inhalt, ordner=ORT) -> Path:
    if "uebung_" in name:
        pruefung = wurzel / "pruefungen" / f"pruefung_{name.partition('uebung_')[2]}.py"
        pruefung.parent.mkdir(parents=True, exist_ok=True)
        pruefung.write_text(PRUEFUNG, encoding="utf-8")
    pfad = wurzel / ordner / f"{name}.py"
    pfad.parent.mkdir(parents=True, exist_ok=True)
    pfad.write_text(inhalt, encoding="utf-8", newline="\n")
    return pfad


def uebe(wurzel, name="uebung_klein", ordner=ORT, probelauf=False, **antworten):
    lauf.fuehre_aus(schreibe(wurzel, name, text(**antworten), ordner), probelauf=probelauf)


def skript(wurzel, name="uebung_klein") -> Skript:
    return Skript(wurzel / ORT / f"{name}.py", "", {})


def rufe(*angaben):
    return CliRunner().invoke(app, angaben)


def datei(wurzel) -> Path:
    return wurzel / "ausgabe" / "fortschritt.json"


# --- Fortschritt ----------------------------------------------------------------------------------


def test_jeder_lauf_haelt_den_stand_fest(kurs):
    assert lernstand.lies() == {}
    uebe(kurs)
    assert lernstand.lies() == {"uebung_klein": {"Aufgabe 1": "offen", "Aufgabe 2": "offen"}}
    uebe(kurs, eins="1", zwei="zwei = 3")
    assert lernstand.lies() == {"uebung_klein": {"Aufgabe 1": "richtig", "Aufgabe 2": "falsch"}}
    uebe(kurs, name="uebung_andere", kapitel="1.20", **GELOEST)
    assert set(lernstand.lies()) == {"uebung_klein", "uebung_andere"}
    assert [p.name for p in (kurs / "ausgabe").iterdir() if p.suffix == ".json"] == [
        "fortschritt.json"
    ]


@pytest.mark.parametrize(
    ("name", "ordner", "probelauf"),
    [
        ("uebung_klein", ORT, True),
        ("uebung_klein", f"loesungen/{ORT}", False),
        ("versuch_1_uebung_klein", ORT, False),
        ("uebung_oben", ".", False),
        ("uebung_fremd", "../anderswo", False),
        ("uebung_alt", ".venv/lib", False),
    ],
)
def test_was_nicht_zaehlt(name, ordner, probelauf, kurs):
    """Probeläufe, Lösungen, alte Versuche und Dateien außerhalb der Kapitel."""
    uebe(kurs, name, ordner, probelauf, **GELOEST)
    assert not datei(kurs).exists()


def test_in_der_konsole_zaehlt_nichts(kurs, capsys):
    exec(text(), {"__name__": "__main__"})  # noqa: S102
    assert "0 von 2 gelöst" in capsys.readouterr().out and not datei(kurs).exists()


@pytest.mark.parametrize(
    "inhalt",
    [
        b"",
        b'{"uebungen": {"uebung_klein": {"zeit": "2026", "aufg',
        b"[]",
        b'{"uebungen": []}',
        b'{"uebungen": {"uebung_klein": 3}}',
        b'{"uebungen": {"uebung_klein": {"aufgaben": {"Aufgabe 1": "vielleicht"}}}}',
        b'{"uebungen": {"uebung_klein": {"aufgaben": {"Aufgabe 1": []}}}}',
        b"\xff\xfe\x00",
        b"[" * 100_000,
    ],
)
def test_kaputte_datei_wird_aufgehoben(inhalt, kurs, capsys):
    """Es beginnt neu, mit einem Satz; das Alte bleibt liegen, auch beim zweiten Mal."""
    for nummer in (1, 2):
        datei(kurs).parent.mkdir(exist_ok=True)
        datei(kurs).write_bytes(inhalt)
        uebe(kurs, eins="1")
        assert f"Aufgehoben: fortschritt_kaputt_{nummer}.json" in capsys.readouterr().out
        assert (kurs / "ausgabe" / f"fortschritt_kaputt_{nummer}.json").read_bytes() == inhalt
        assert lernstand.lies()["uebung_klein"]["Aufgabe 1"] == "richtig"
    uebe(kurs)
    assert "Aufgehoben" not in capsys.readouterr().out


def test_volle_platte_haelt_keine_uebung_auf(kurs, monkeypatch, capsys):
    def voll(*_):
        raise OSError(28, "Kein Platz mehr")

    monkeypatch.setattr(lernstand, "schreibe_daneben", voll)
    uebe(kurs, **GELOEST)
    ausgabe = capsys.readouterr().out
    assert "Alles richtig!" in ausgabe
    assert "Der Fortschritt wurde nicht gespeichert (Kein Platz mehr)." in ausgabe


def test_abgebrochenes_schreiben_laesst_das_alte_heil(kurs, monkeypatch):
    uebe(kurs, eins="1")
    vorher = datei(kurs).read_bytes()
    echt = Path.write_text

    def stirb(pfad, inhalt, **angaben):
        echt(pfad, inhalt[:10], **angaben)
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "write_text", stirb)
    with pytest.raises(KeyboardInterrupt):
        lernstand.merke(skript(kurs).pfad, {"Aufgabe 1": "falsch"})
    assert datei(kurs).read_bytes() == vorher


def test_virenscanner_haelt_die_datei_kurz_fest(kurs, monkeypatch):
    echt, versuche = lernstand.schreibe_daneben, []

    def erst_nicht(*angaben):
        versuche.append(1)
        if len(versuche) < 3:
            raise PermissionError(13, "Zugriff verweigert")
        echt(*angaben)

    monkeypatch.setattr(lernstand, "schreibe_daneben", erst_nicht)
    monkeypatch.setattr(lernstand.time, "sleep", lambda sekunden: None)
    uebe(kurs, eins="1")
    assert lernstand.lies()["uebung_klein"]["Aufgabe 1"] == "richtig" and len(versuche) == 3


def test_ohne_sperre_geht_es_auch(kurs, monkeypatch, capsys):
    """Auf manchen Freigaben lässt sich nicht sperren; ohne filelock (fremdes Python) auch nicht."""
    import filelock

    def kann_nicht(*_):
        raise NotImplementedError

    monkeypatch.setattr(filelock.FileLock, "acquire", kann_nicht)
    uebe(kurs, eins="1")
    monkeypatch.setitem(sys.modules, "filelock", None)
    uebe(kurs, **GELOEST)
    assert lernstand.lies()["uebung_klein"] == {"Aufgabe 1": "richtig", "Aufgabe 2": "richtig"}
    assert "nicht gespeichert" not in capsys.readouterr().out


def test_viele_laeufe_zugleich(kurs):
    """Sechs Prozesse merken sich je zehn Läufe; keiner nimmt dem anderen etwas weg."""
    programm = (
        "import sys; from pathlib import Path; from kurs import skripte\n"
        "from kurs.uebungen import fortschritt as lernstand\n"
        "skripte.WURZEL = Path(sys.argv[1]); lernstand.AUSGABE = skripte.WURZEL / 'ausgabe'\n"
        "for n in range(10): lernstand.merke(Path(sys.argv[2]), {'Aufgabe 1': 'offen', str(n): 'richtig'})\n"
    )
    befehle = []
    for nummer in range(6):
        pfad = schreibe(kurs, f"uebung_{nummer}", text())
        befehle.append([sys.executable, "-c", programm, str(kurs), str(pfad)])
    prozesse = [subprocess.Popen(b, cwd=WURZEL, stdout=subprocess.PIPE) for b in befehle]
    assert [(p.communicate()[0], p.returncode) for p in prozesse] == [(b"", 0)] * 6
    stand = {"Aufgabe 1": "offen", "9": "richtig"}
    assert lernstand.lies() == {f"uebung_{nummer}": stand for nummer in range(6)}


def test_uebersicht(kurs):
    uebe(kurs, eins="1", zwei="zwei = 3")
    schreibe(kurs, "uebung_spaeter", text(kapitel="2.10"))
    demo = text(kapitel="1.5").replace("Daten     keine", "Daten     keine\nErwartet  x 0–1")
    schreibe(kurs, "demo_klein", demo)
    schreibe(kurs, "uebung_kaputt", "def\n")
    ausgabe = rufe("fortschritt").output
    zeilen = [" ".join(z.replace("│", " ").split()) for z in ausgabe.splitlines()]
    assert "1 Grundlagen: 0 von 1 Übungen gelöst" in zeilen and "uebung_klein ■□ 1 1" in zeilen
    assert "2 Grundlagen: 0 von 1 Übungen gelöst" in zeilen and "uebung_spaeter □□ 2" in zeilen
    assert "demo_klein" not in ausgabe and "Nicht dabei: uebung_kaputt.py" in ausgabe
    assert zeilen[-2:] == [
        "Insgesamt: 1 von 4 Aufgaben gelöst.",
        "Als Nächstes: python start.py uebung_klein",
    ]
    uebe(kurs, **GELOEST)
    ausgabe = rufe("fortschritt").output
    assert "1 Grundlagen: 1 von 1 Übungen gelöst" in ausgabe
    assert "Als Nächstes: python start.py uebung_spaeter" in ausgabe


def test_gelernt_gilt_fuer_die_aufgaben_von_heute(kurs):
    """Nach einer neuen Fassung der Übung zählt nicht, was es nicht mehr gibt."""
    gemerkt = {"uebung_klein": {"Aufgabe 1": "richtig", "Aufgabe 7": "richtig"}}
    assert lernstand.staende(skript(kurs), gemerkt) == ["richtig", "offen"]


# --- Zurücksetzen ---------------------------------------------------------------------------------


def test_zuruecksetzen_hebt_den_versuch_auf(kurs):
    for nummer in (1, 2):
        uebe(kurs, eins=str(nummer), zwei="zwei = 'größer'")
        versuch = skript(kurs).pfad.read_bytes()
        assert "uebung_klein" in lernstand.lies()
        ergebnis = rufe("zuruecksetzen", "uebung_klein")
        assert ergebnis.exit_code == 0 and f"versuch_{nummer}_uebung_klein.py" in ergebnis.output
        assert skript(kurs).pfad.read_text(encoding="utf-8") == text()
        daneben = skript(kurs).pfad.with_name(f"versuch_{nummer}_uebung_klein.py")
        assert daneben.read_bytes() == versuch
        assert lernstand.lies() == {}, "zurückgesetzt heißt: wieder offen"
    assert [pfad.name for pfad in skripte.skriptpfade()] == ["uebung_klein.py"]
    ergebnis = rufe("zuruecksetzen", "klein")
    assert ergebnis.exit_code == 0 and "ist schon so wie ausgeliefert" in ergebnis.output


@pytest.mark.parametrize(
    "kaputt",
    [
        b"def\n",
        b"",
        b"\xff\xfe\x00",
        text(eins="1").replace("# ▲", "").encode(),
        text(eins="(").replace("\n", "\r\n").encode(),
        text(eins="1").replace("TIPPS = 1", "TIPPS = 3").encode(),
    ],
)
def test_zuruecksetzen_geht_auch_wenn_die_datei_kaputt_ist(kaputt, kurs):
    skript(kurs).pfad.write_bytes(kaputt)
    assert rufe("zuruecksetzen", "uebung_klein").exit_code == 0
    assert skript(kurs).pfad.read_text(encoding="utf-8") == text()
    assert skript(kurs).pfad.with_name("versuch_1_uebung_klein.py").read_bytes() == kaputt


def test_windows_zeilenenden_sind_kein_versuch(kurs):
    skript(kurs).pfad.write_bytes(text().replace("\n", "\r\n").encode())
    assert "ist schon so wie ausgeliefert" in rufe("zuruecksetzen", "uebung_klein").output


def test_zuruecksetzen_geht_nicht(kurs):
    """Ohne Lösung, ohne Vorlage, mit einer veralteten: ein Satz, und die Datei bleibt, wie sie ist."""
    uebe(kurs, eins="1")
    vorher = skript(kurs).pfad.read_bytes()
    vorlagen = aufgaben.vorlagen()
    gut = vorlagen.read_text(encoding="utf-8")
    for inhalt, satz in [
        ('{"uebung_klein": {"1": ["x"]}}', "ist für uebung_klein veraltet"),
        ('{"uebung_klein": {"1": 3}}', "steht nicht in vorlagen.json"),
        ("{}", "steht nicht in vorlagen.json"),
        ("[", "steht nicht in vorlagen.json"),
    ]:
        vorlagen.write_text(inhalt, encoding="utf-8")
        ergebnis = rufe("zuruecksetzen", "uebung_klein")
        assert ergebnis.exit_code == 2 and satz in ergebnis.output
    vorlagen.write_text(gut, encoding="utf-8")
    skript(kurs).loesung.unlink()
    ergebnis = rufe("zuruecksetzen", "uebung_klein")
    assert ergebnis.exit_code == 2 and "gibt es keine Lösung" in ergebnis.output
    assert skript(kurs).pfad.read_bytes() == vorher
    assert not list(skript(kurs).pfad.parent.glob("versuch_*"))
    assert "uebung_klein" in lernstand.lies()


def test_voll_beim_aufheben(kurs, monkeypatch):
    """Lässt sich der Versuch nicht aufheben, wird auch nichts zurückgesetzt."""

    def voll(*_):
        raise OSError(28, "Kein Platz mehr")

    uebe(kurs, eins="1")
    vorher = skript(kurs).pfad.read_bytes()
    monkeypatch.setattr(aufgaben, "_lege_daneben", voll)
    with pytest.raises(NichtMoeglich, match="Kein Platz mehr"):
        aufgaben.setze_zurueck(skript(kurs))
    assert skript(kurs).pfad.read_bytes() == vorher


def test_vorlage_einer_geloesten_uebung(kurs):
    uebe(kurs, **GELOEST)
    with pytest.raises(ValueError, match="uebung_klein: Aufgabe 1 ist nicht offen"):
        aufgaben.schreibe_vorlagen([skript(kurs)])


# --- Vergleich mit der Lösung ---------------------------------------------------------------------


def test_vergleich(kurs):
    uebe(kurs, eins="1", zwei="zwei = 3")
    ausgabe = rufe("loesung", "uebung_klein").output
    assert "Aufgabe 1: Nenne eine Zahl.\n    (wie in der Lösung)\n" in ausgabe
    zweite = ausgabe.partition("Aufgabe 2: Nenne noch eine,\n")[2]
    zeilen = [zeile[2:] for zeile in zweite.splitlines()[:4]]
    assert zeilen == ["  # und zwar eine gerade.", "- zwei = 3", "+ halb = 1", "+ zwei = 2 * halb"]
    nur = rufe("loesung", "uebung_klein", "--aufgabe", "1").output
    assert "Aufgabe 1" in nur and "Aufgabe 2" not in nur
    falsch = rufe("loesung", "uebung_klein", "--aufgabe", "7")
    assert falsch.exit_code == 2 and "hat keine Aufgabe 7; es gibt 1, 2." in falsch.output


def test_vergleich_ohne_marke_und_mit_syntaxfehler(kurs):
    """Wer eine Marke gelöscht oder sich vertippt hat, sieht die Lösung trotzdem."""
    skript(kurs).pfad.write_text(text(eins="(").replace("# ▲\n", "", 1), encoding="utf-8")
    ergebnis = rufe("loesung", "uebung_klein")
    assert ergebnis.exit_code == 0 and "fehlt eine der Marken" in ergebnis.output
    assert "+ eins = 1" in ergebnis.output


@pytest.mark.parametrize("befehl", ["loesung", "zuruecksetzen"])
def test_keine_uebung(befehl, kurs):
    schreibe(kurs, "demo_klein", text())
    for name, satz in [("demo_klein", "ist keine Übung"), ("quatsch", "„quatsch“ gibt es nicht")]:
        ergebnis = rufe(befehl, name)
        assert ergebnis.exit_code == 2 and satz in ergebnis.output


def test_nach_dem_letzten_tipp_kommt_der_vergleich(kurs, capsys):
    lauf.fuehre_aus(schreibe(kurs, "uebung_klein", text().replace("TIPPS = 1", "TIPPS = 3")))
    ausgabe = capsys.readouterr().out
    assert "Vergleich mit der Lösung: python start.py loesung uebung_klein" in ausgabe
    uebe(kurs)
    assert "Vergleich" not in capsys.readouterr().out


# --- Die echten Übungen ---------------------------------------------------------------------------

ECHTE = [s for s in skripte.alle_skripte() if s.ist_uebung]


def test_vorlagen_sind_aktuell():
    soll = aufgaben.vorlagen_als_text(ECHTE)
    ist = aufgaben.vorlagen().read_text(encoding="utf-8")
    assert json.loads(ist) == json.loads(soll), "veraltet; neu erzeugen: python -m kurs erzeugen"


def test_jede_uebung_laesst_sich_genau_wiederherstellen():
    for echte in ECHTE:
        quelltext = echte.pfad.read_text(encoding="utf-8")
        assert aufgaben.ausgeliefert(echte) == quelltext, echte.name
        geaendert = [kopf for kopf, zeilen in aufgaben.unterschiede(echte) if zeilen]
        assert len(geaendert) == len(aufgaben.bereiche(quelltext)) > 0, echte.name
