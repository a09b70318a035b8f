"""Beantwortet: Geht Fortschritt nie verloren, kommt eine Übung genau zurück, zeigt der Vergleich das Richtige?

Die Übungen hier baut der Test selbst, in einem kleinen Kurs unter tmp_path; nur der letzte Abschnitt sieht
sich die echten an.
"""

import json
from pathlib import Path

from kurs import lauf
from kurs.__main__ import app
from kurs.kern import skripte
from kurs.kern.skripte import Skript
from kurs.pflege import agenda
from kurs.uebungen import aufgaben
from kurs.uebungen import fortschritt as lernstand

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
    vorlagen = aufgaben.vorlagen_als_text([skripte.lies_skript(pfad)])
    aufgaben.vorlagen().write_text(vorlagen, encoding="utf-8")
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


def stand(wurzel, name="uebung_klein") -> list[str]:
    return list(lernstand.lies(name).values())


# --- Fortschritt ----------------------------------------------------------------------------------


def test_jeder_lauf_haelt_den_stand_fest(kurs, capsys):
    """Was es in der Datei nicht mehr oder nicht lesbar gibt, zählt als offen; kein Fehler hält eine Übung auf."""
    assert stand(kurs) == []
    uebe(kurs, eins="1", zwei="zwei = 3")
    assert stand(kurs) == ["richtig", "falsch"]
    uebe(kurs, name="uebung_andere", kapitel="1.20", **GELOEST)
    assert stand(kurs) == ["richtig", "falsch"] and set(stand(kurs, "uebung_andere")) == {"richtig"}
    (datei,) = (kurs / "ausgabe" / "fortschritt").glob("*klein.json")
    datei.write_text('{"Aufgabe 1": "richtig", "Aufgabe 7": "richtig"}', encoding="utf-8")
    assert lernstand.staende(skript(kurs)) == ["richtig", "offen"]
    for kaputt in (b"", b'{"Aufgabe 1": "ric', b"[1]", b"3", b"\xff\xfe\x00", b"[" * 100_000):
        datei.write_bytes(kaputt)
        assert lernstand.staende(skript(kurs)) == ["offen", "offen"]
    datei.unlink()
    datei.mkdir()  # lässt sich nicht ersetzen
    capsys.readouterr()
    uebe(kurs, **GELOEST)
    ausgabe = capsys.readouterr().out
    assert "Alles richtig!" in ausgabe and "Der Fortschritt wurde nicht gespeichert" in ausgabe


@pytest.mark.parametrize(
    ("name", "ordner", "probelauf"),
    [
        ("uebung_klein", ORT, True),
        ("uebung_klein", f"loesungen/{ORT}", False),
        ("versuch_1_uebung_klein", ORT, False),
        ("uebung_fremd", "../anderswo", False),
        ("uebung_alt", ".venv/lib", False),
    ],
)
def test_was_nicht_zaehlt(name, ordner, probelauf, kurs):
    """Probeläufe, Lösungen, alte Versuche und Dateien außerhalb der Kapitel."""
    uebe(kurs, name, ordner, probelauf, **GELOEST)
    assert not (kurs / "ausgabe").exists()


def test_uebersicht(kurs):
    uebe(kurs, eins="1", zwei="zwei = 3")
    schreibe(kurs, "uebung_spaeter", text(kapitel="2.10"))
    demo = text(kapitel="1.5").replace("Daten     keine", "Daten     keine\nErwartet  x 0–1")
    schreibe(kurs, "demo_klein", demo)
    schreibe(kurs, "uebung_kaputt", "def\n")
    ausgabe = rufe("fortschritt").output
    zeilen = [" ".join(z.replace("│", " ").split()) for z in ausgabe.splitlines() if z.strip()]
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


# --- Zurücksetzen ---------------------------------------------------------------------------------


def test_zuruecksetzen_hebt_den_versuch_auf(kurs):
    for nummer in (1, 2):
        uebe(kurs, eins=str(nummer), zwei="zwei = 'größer'")
        versuch = skript(kurs).pfad.read_bytes()
        assert len(stand(kurs)) == 2
        ergebnis = rufe("zuruecksetzen", "uebung_klein")
        assert ergebnis.exit_code == 0 and f"versuch_{nummer}_uebung_klein.py" in ergebnis.output
        assert skript(kurs).pfad.read_text(encoding="utf-8") == text()
        daneben = skript(kurs).pfad.with_name(f"versuch_{nummer}_uebung_klein.py")
        assert daneben.read_bytes() == versuch
        assert stand(kurs) == [], "zurückgesetzt heißt: wieder offen"
    assert [pfad.name for pfad in skripte.skriptpfade()] == ["uebung_klein.py"]
    ergebnis = rufe("zuruecksetzen", "klein")
    assert ergebnis.exit_code == 0 and "ist schon so wie ausgeliefert" in ergebnis.output


@pytest.mark.parametrize(
    "kaputt",
    [
        b"",
        b"\xff\xfe\x00",
        text(eins="1").replace("# ▲", "").encode(),
        text(eins="(").replace("\n", "\r\n").encode(),
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
    assert stand(kurs)


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
