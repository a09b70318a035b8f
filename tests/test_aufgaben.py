"""Beantwortet: Geht Fortschritt nie verloren, kommt eine Übung genau zurück, zeigt der Vergleich das Richtige?

Die Übungen hier baut der Test selbst, in einem kleinen Kurs unter tmp_path; nur der letzte Abschnitt sieht
sich die echten an.
"""

import json

from kurs.kern import skripte
from kurs.kern.skripte import Skript
from kurs.uebungen import aufgaben
from kurs.uebungen import fortschritt as lernstand

import pytest
from kleine_uebung import OFFENE, ORT, baue_kurs, schreibe, schreibe_uebung, text, uebe
from test_haus import rufe


@pytest.fixture
def kurs(monkeypatch, tmp_path):
    """Ein kleiner Kurs mit einer Übung, ihrer Lösung und ihrer Vorlage."""
    wurzel = baue_kurs(monkeypatch, tmp_path)
    skripte.alle_skripte.cache_clear()
    pfad = schreibe_uebung(wurzel, text(**OFFENE))
    schreibe_uebung(wurzel, text(), ordner=f"loesungen/{ORT}")
    vorlagen = aufgaben.vorlagen_als_text([skripte.lies_skript(pfad)])
    aufgaben.vorlagen().write_text(vorlagen, encoding="utf-8")
    yield wurzel
    skripte.alle_skripte.cache_clear()


# Zwei Aufgaben sind gelöst, eine falsch, eine offen
HALB = text(eins="1", drei="drei = [3]", vier="...")


def skript(wurzel, name="uebung_klein") -> Skript:
    return Skript(wurzel / ORT / f"{name}.py", "", {})


def stand(wurzel, name="uebung_klein") -> list[str]:
    return list(lernstand.lies(name).values())


# --- Fortschritt ----------------------------------------------------------------------------------


def test_jeder_lauf_haelt_den_stand_fest(kurs, capsys):
    """Was es in der Datei nicht mehr oder nicht lesbar gibt, zählt als offen; kein Fehler hält eine Übung auf."""
    assert stand(kurs) == []
    uebe(kurs, HALB)
    assert stand(kurs) == ["richtig", "richtig", "falsch", "offen"]
    uebe(kurs, text(kapitel="1.20"), name="uebung_andere")
    assert "falsch" in stand(kurs) and set(stand(kurs, "uebung_andere")) == {"richtig"}
    (datei,) = (kurs / "ausgabe" / "fortschritt").glob("*klein.json")
    datei.write_text('{"Aufgabe 1": "richtig", "Aufgabe 7": "richtig"}', encoding="utf-8")
    assert lernstand.staende(skript(kurs)) == ["richtig", "offen", "offen", "offen"]
    for kaputt in (b"", b'{"Aufgabe 1": "ric', b"[1]", b"\xff\xfe\x00", b"[" * 100_000):
        datei.write_bytes(kaputt)
        assert lernstand.staende(skript(kurs)) == ["offen"] * 4
    datei.unlink()
    datei.mkdir()  # lässt sich nicht ersetzen
    capsys.readouterr()
    uebe(kurs, text())
    ausgabe = capsys.readouterr().out
    assert "Alles richtig!" in ausgabe and "Der Fortschritt wurde nicht gespeichert" in ausgabe


@pytest.mark.parametrize(
    ("name", "ordner", "probelauf"),
    [
        ("uebung_klein", ORT, True),
        ("uebung_klein", f"loesungen/{ORT}", False),
        ("versuch_1_uebung_klein", ORT, False),
        ("uebung_fremd", "../anderswo", False),
    ],
)
def test_was_nicht_zaehlt(name, ordner, probelauf, kurs):
    """Probeläufe, Lösungen, alte Versuche und Dateien außerhalb der Kapitel."""
    uebe(kurs, text(), name, ordner, probelauf)
    assert not (kurs / "ausgabe").exists()


def test_uebersicht(kurs):
    uebe(kurs, HALB)
    schreibe_uebung(kurs, text(kapitel="2.10", **OFFENE), "uebung_spaeter")
    demo = text(kapitel="1.5").replace("Daten     keine", "Daten     keine\nErwartet  x 0–1")
    schreibe(kurs / ORT / "demo_klein.py", demo)
    schreibe_uebung(kurs, "def\n", "uebung_kaputt")
    ausgabe = rufe("fortschritt").output
    zeilen = [" ".join(z.replace("│", " ").split()) for z in ausgabe.splitlines() if z.strip()]
    assert "1 Grundlagen: 0 von 1 Übungen gelöst" in zeilen and "uebung_klein ■■□□ 2 1 1" in zeilen
    assert "2 Grundlagen: 0 von 1 Übungen gelöst" in zeilen and "uebung_spaeter □□□□ 4" in zeilen
    assert "demo_klein" not in ausgabe and "Nicht dabei: uebung_kaputt.py" in ausgabe
    assert zeilen[-2:] == [
        "Insgesamt: 2 von 8 Aufgaben gelöst.",
        "Als Nächstes: python start.py uebung_klein",
    ]
    uebe(kurs, text())
    ausgabe = rufe("fortschritt").output
    assert "1 Grundlagen: 1 von 1 Übungen gelöst" in ausgabe
    assert "Als Nächstes: python start.py uebung_spaeter" in ausgabe


# --- Zurücksetzen ---------------------------------------------------------------------------------


def test_zuruecksetzen_hebt_den_versuch_auf(kurs):
    for nummer in (1, 2):
        uebe(kurs, text(eins=str(nummer), vier="'größer'"))
        versuch = skript(kurs).pfad.read_bytes()
        ergebnis = rufe("zuruecksetzen", "uebung_klein")
        assert ergebnis.exit_code == 0 and f"versuch_{nummer}_uebung_klein.py" in ergebnis.output
        assert skript(kurs).pfad.read_text(encoding="utf-8") == text(**OFFENE)
        daneben = skript(kurs).pfad.with_name(f"versuch_{nummer}_uebung_klein.py")
        assert daneben.read_bytes() == versuch
        assert stand(kurs) == [], "zurückgesetzt heißt: wieder offen"
    skript(kurs).pfad.write_bytes(text(**OFFENE).replace("\n", "\r\n").encode())  # Windows
    ergebnis = rufe("zuruecksetzen", "klein")
    assert ergebnis.exit_code == 0 and "ist schon so wie ausgeliefert" in ergebnis.output


@pytest.mark.parametrize("kaputt", [b"\xff\xfe\x00", text(eins="(").replace("# ▲", "").encode()])
def test_zuruecksetzen_geht_auch_wenn_die_datei_kaputt_ist(kaputt, kurs):
    skript(kurs).pfad.write_bytes(kaputt)
    assert rufe("zuruecksetzen", "uebung_klein").exit_code == 0
    assert skript(kurs).pfad.read_text(encoding="utf-8") == text(**OFFENE)
    assert skript(kurs).pfad.with_name("versuch_1_uebung_klein.py").read_bytes() == kaputt


def test_zuruecksetzen_geht_nicht(kurs):
    """Ohne Lösung, ohne Vorlage, mit einer veralteten: ein Satz, und die Datei bleibt, wie sie ist."""
    uebe(kurs, HALB)
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
    uebe(kurs, text(eins="2", zwei="double = 3"))
    ausgabe = rufe("loesung", "uebung_klein").output
    assert "Aufgabe 1: Eine Zahl.\n    (wie in der Lösung)\n" in ausgabe
    zweite = ausgabe.partition("Aufgabe 2: Eine Funktion,\n")[2]
    soll = ["  # die verdoppelt.", "- double = 3", "+ def double(x):", "+     return 2 * x"]
    assert [zeile[2:] for zeile in zweite.splitlines()[:4]] == soll
    nur = rufe("loesung", "uebung_klein", "--aufgabe", "1").output
    assert "Aufgabe 1" in nur and "Aufgabe 2" not in nur
    falsch = rufe("loesung", "uebung_klein", "--aufgabe", "7")
    assert falsch.exit_code == 2 and "hat keine Aufgabe 7; es gibt 1, 2, 3, 4." in falsch.output
    # wer eine Marke gelöscht oder sich vertippt hat, sieht die Lösung trotzdem
    skript(kurs).pfad.write_text(text(eins="(").replace("# ▲\n", "", 1), encoding="utf-8")
    trotzdem = rufe("loesung", "uebung_klein")
    assert trotzdem.exit_code == 0 and "fehlt eine der Marken" in trotzdem.output
    assert "+ eins = 2" in trotzdem.output


@pytest.mark.parametrize("befehl", ["loesung", "zuruecksetzen"])
def test_keine_uebung(befehl, kurs):
    schreibe(kurs / ORT / "demo_klein.py", text())
    for name, satz in [("demo_klein", "ist keine Übung"), ("quatsch", "„quatsch“ gibt es nicht")]:
        ergebnis = rufe(befehl, name)
        assert ergebnis.exit_code == 2 and satz in ergebnis.output


def test_nach_dem_letzten_tipp_kommt_der_vergleich(kurs, capsys):
    for tipps in (3, 1):
        uebe(kurs, text(tipps=tipps, **OFFENE))
        verweis = "Vergleich mit der Lösung: python start.py loesung uebung_klein"
        assert (verweis in capsys.readouterr().out) == (tipps == 3)


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
