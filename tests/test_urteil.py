"""Beantwortet: Kostet ein Fehler nur seine Aufgabe, sagt der Satz, woran es liegt, und endet der Prozess?

Die Übung hier baut der Test selbst; ausgeführt wird sie wie mit Rechtsklick (eigener Prozess) und wie `lauf`.
"""

import ast
import linecache
import os
import queue
import re
import signal
import subprocess
import sys
import threading

from kurs import lauf
from kurs.kern import skripte
from kurs.kern.pfade import WURZEL
from kurs.uebungen import arten, deutung, fortschritt, urteil, wache
from kurs.uebungen.ablauf import Region
from kurs.uebungen.arten import Diagnose
from kurs.uebungen.urteil import FALSCH, OFFEN, RICHTIG

import numpy as np
import pytest
from conftest import LANGE
from kleine_uebung import GUT, OFFENE, ORT, baue_kurs, schreibe, schreibe_uebung, text, uebe


@pytest.fixture
def kurs(monkeypatch, tmp_path):
    return baue_kurs(monkeypatch, tmp_path)


def umgebung_in(wurzel):
    """Umgebungsvariablen für einen eigenen Prozess, dessen Kurs in `wurzel` liegt."""
    start = (
        f"import sys; sys.path.insert(0, {str(WURZEL)!r})\n"
        f"from pathlib import Path; from kurs.kern import skripte; skripte.WURZEL = Path({str(wurzel)!r})\n"
    )
    schreibe(wurzel / "hilfe" / "sitecustomize.py", start)
    orte = {"PYTHONPATH": str(wurzel / "hilfe"), "KURS_AUSGABE": str(wurzel / "ausgabe")}
    return {**os.environ, **orte, "PYTHONIOENCODING": "utf-8"}


def starte(wurzel, inhalt):
    """Wie mit Rechtsklick: ein eigener Prozess, in dem die Datei das Hauptprogramm ist."""
    pfad = schreibe_uebung(wurzel, inhalt)
    fertig = subprocess.run(
        [sys.executable, str(pfad)],
        env=umgebung_in(wurzel),
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    assert "Traceback" not in fertig.stdout + fertig.stderr, fertig.stderr
    urteile = re.findall(r"^([✔✘○]) Aufgabe (\d): (.*)$", fertig.stdout, re.MULTILINE)
    return {int(n): (zeichen, satz) for zeichen, n, satz in urteile}, fertig.stdout


def zeichen(befunde):
    return "".join(z for z, _ in befunde.values())


def test_geloest_und_offen(kurs, capsys):
    assert zeichen(uebe(kurs, text())) == RICHTIG * 4
    ausgabe = capsys.readouterr().out
    assert "doppelt: 8" in ausgabe and "Ende: 15" in ausgabe and "Alles richtig!" in ausgabe
    assert zeichen(uebe(kurs, text(**OFFENE))) == OFFEN * 4
    ausgabe = capsys.readouterr().out
    assert "0 von 4 gelöst, 4 offen" in ausgabe and "Ende:" not in ausgabe


def test_abgetippt_ist_was_keinen_namen_liest(kurs):
    antworten = {"eins": "(1 + 1)", "vier": "str(gegeben)"}
    raum = lauf.fuehre_aus(schreibe_uebung(kurs, text(**antworten)), probelauf=False)
    assert [n for n in (1, 3, 4) if raum[urteil.LAUF].ist_abgetippt(n)] == [1]


# Antwort → (Zeichen aller Aufgaben, Stück des Satzes zur ersten, die nicht ✔ ist)
FEHLER = [
    ({"eins": "gegeben + gegebn"}, "✘✔○✔", "Meinst du gegeben?"),
    ({"eins": "0,5"}, "✘✔○✔", "mit Punkt, nicht mit Komma"),
    ({"eins": "0.5,"}, "✘✔○✔", "Das Komma am Ende"),
    ({"eins": "'2'"}, "✘✔○✔", "Ohne Anführungszeichen"),
    ({"eins": "abs"}, "✘✔○✔", "Fehlen die Klammern"),
    ({"eins": "1 / 0"}, "✘✔○✔", "durch null geteilt"),
    ({"eins": "-3"}, "✘✔○✔", "-3 ist nicht positiv"),
    ({"eins": "(2"}, "✘✔○✔", "Klammern gehen nicht auf"),
    ({"eins": "float('nan')"}, "✘✔○✔", "nan"),
    ({"zwei": "def double(x):\n    2 * x"}, "✔✘✔✔", "Fehlt return?"),
    ({"zwei": "def double(x):\n    return y"}, "✔✘✔✔", "Zeile 19: NameError"),
    ({"zwei": "def double():\n    return 6"}, "✔✘✔✔", "positional argument"),
    (
        {"zwei": "def double(x):\n    if x == 4:\n        raise ValueError('vier')\n    return 6"},
        "✔✘✔✔",
        "ValueError: vier",
    ),
    ({"zwei": "double = 6"}, "✔✘✔✔", "eine Funktion"),
    ({"zwei": "def double(x)\n    return 2 * x"}, "✔✘✔✔", "SyntaxError"),
    ({"drei": "drei = (eins * n for n in (1, 2, 3))"}, "✔✔✘✔", "nur einmal her"),
    ({"drei": "drei = [3, 1].sort()"}, "✔✔✘✔", "list.sort()"),
    ({"drei": "drei = [1, 'x', 3]"}, "✔✔✘✔", "drei[1]"),
    ({"drei": "drei = []"}, "✔✔✘✔", "leer"),
    ({"drei": "def f():\n    drei = 3\nf()"}, "✔✔✘✔", "Der Name drei fehlt"),
    ({"eins": "...", "drei": "drei = [eins + 1]"}, "○✔○✔", "offen"),
    ({"vier": "'x'\nGRENZE = 1"}, "✔✔✔✘", "GRENZE = 3 ist vorgegeben"),
    ({"eins": "2\nhilfe = 0"}, "✘✔○✔", "hilfe steht schon im Skript (Zeile 11)"),
    ({"vier": "'ja doch'\nhilfe = 0"}, "✔✔✔✔", ""),
    ({"zwei": "def double(x):\n    exit()"}, "✔✘✔✔", "hier soll es weitergehen"),
]


@pytest.mark.parametrize(("antworten", "erwartet", "satz"), FEHLER, ids=[str(f[0]) for f in FEHLER])
def test_ein_fehler_kostet_eine_aufgabe(antworten, erwartet, satz, kurs, capsys):
    befunde = uebe(kurs, text(**antworten))
    assert zeichen(befunde) == erwartet, befunde
    assert satz in next((s for z, s in befunde.values() if z != RICHTIG), "")
    gemerkt = fortschritt.lies("uebung_klein").values()
    assert list(gemerkt) == [urteil.STAND[z] for z in erwartet]
    assert "Fortschritt:" in capsys.readouterr().out


@pytest.mark.parametrize("satz", ["durch null geteilt", "ValueError: vier", "nur einmal her"])
def test_mit_rechtsklick_ebenso(satz, kurs):
    ((antworten, erwartet),) = ((a, z) for a, z, s in FEHLER if s == satz)
    befunde, ausgabe = starte(kurs, text(**antworten))
    assert zeichen(befunde) == erwartet, ausgabe
    assert satz in next(s for z, s in befunde.values() if z != RICHTIG)


def test_exit_beendet_das_programm_aber_nicht_das_urteil(kurs):
    befunde, ausgabe = starte(kurs, text(drei="exit()"))
    assert zeichen(befunde) == "✔✔○○" and "nicht erreicht" in befunde[3][1]
    assert "2 von 4 gelöst" in ausgabe


FESTGEFAHREN = {
    "while drei != 1:\n    pass": "Endlosschleife",
    "def f():\n    while True:\n        abs(1)\nf()": "Endlosschleife",
    "import fastapi, uvicorn\nuvicorn.run(fastapi.FastAPI(), port=0)": "kehrt nie zurück",
}


@pytest.mark.parametrize("antwort", FESTGEFAHREN)
def test_was_nie_endet_kostet_eine_aufgabe(antwort, kurs, monkeypatch):
    monkeypatch.setattr(wache, "GEDULD", 2)
    befunde = uebe(kurs, text(drei=f"drei = 0\n{antwort}"))
    assert zeichen(befunde) == "✔✔✘✔" and FESTGEFAHREN[antwort] in befunde[3][1]


def test_abhaengige_aufgabe_wartet(kurs):
    befunde = uebe(kurs, text(eins="-1"))
    assert befunde[3] == (OFFEN, "wartet auf Aufgabe 1")
    befunde = uebe(kurs, text(eins="None", drei="drei = [eins * 2]"))
    assert befunde[3] == (OFFEN, "wartet auf Aufgabe 1")


@pytest.mark.parametrize(
    ("vier", "erwartet"),
    [
        ("'x' * drei[0]", (OFFEN, "wartet auf Aufgabe 3")),
        ("'ja' * len(drei)", (RICHTIG, "richtig")),
        ("max('x' for drei in 'x')", (FALSCH, "Zu kurz.")),
        ("(lambda drei: 'x')(1)", (FALSCH, "Zu kurz.")),
    ],
)
def test_wer_eine_falsche_antwort_benutzt_wartet(vier, erwartet, kurs):
    """Auch wenn sie brauchbar war: Ein ✘ daneben gehörte zu ihr. Wer trotzdem richtig liegt, ist fertig."""
    befunde = uebe(kurs, text(drei="drei = [1, 2, 3]", vier=vier))
    assert befunde[3][0] == FALSCH
    assert befunde[4] == erwartet


def test_fehler_in_gegebenem_code_bleibt_ein_fehler(kurs):
    with pytest.raises(ZeroDivisionError):
        uebe(kurs, text().replace("gegeben = 10", "gegeben = 10 / 0"))


@pytest.mark.parametrize(
    "weg", ["# ▼ AUFGABE 3: Die Liste der ersten drei Vielfachen von eins.\n", "# ▲\n"]
)
def test_geloeschte_marke(weg, kurs, capsys):
    """Die Aufgabe zählt weiter, ihr Fehler wird ihr zugeordnet, und ein Satz nennt die fehlende Zeile."""
    befunde = uebe(kurs, text(drei="drei = 1 / 0").replace(weg, "", 1))
    assert befunde[3][0] == FALSCH and len(befunde) == 4
    assert "fehlt bei Aufgabe" in capsys.readouterr().out
    schreibe(kurs / "loesungen" / ORT / "uebung_klein.py", text())
    skript = skripte.Skript(kurs / ORT / "uebung_klein.py", "", {})
    assert len(fortschritt.staende(skript)) == 4


@pytest.mark.parametrize("stufe", [0, 1, 2, 3, "'2'"])
def test_tippstufen_und_klickbare_stelle(stufe, kurs, capsys):
    uebe(kurs, text(tipps=stufe, eins="...", vier="'x'"))
    ausgabe = capsys.readouterr().out
    tipps = ["Was steht da?", "Im Handbuch\n        unter 3", "x = …"]
    gezeigt = stufe if isinstance(stufe, int) else 1
    assert [tipp in ausgabe for tipp in tipps] == [n < gezeigt for n in range(3)]
    for nummer, zeile in ((1, 12), (4, 29)):
        assert f'uebung_klein.py", line {zeile}' in ausgabe, nummer
    assert (f"TIPPS = {gezeigt + 1} setzen" in ausgabe) == (gezeigt < 3)


@pytest.mark.parametrize(
    ("quelltext", "offen"),
    [
        ("a = x[..., None]", False),
        ("def f() -> tuple[int, ...]:\n    return 1", False),
        ("a = Adam(...)", True),
        ("def f(x):\n    return x, ...", True),
        ("class A:\n    ...", True),
    ],
)
def test_platzhalter_und_index(quelltext, offen):
    """`x[..., None]` ist eine Antwort, `Adam(...)` noch keine."""
    assert Region(1, 1, 9, tuple(ast.parse(quelltext).body), True).ist_offen == offen


def test_in_der_konsole(kurs, capsys):
    """Zelle für Zelle, ohne __file__: Die Zelle sagt, zu welcher Übung sie gehört."""
    schreibe_uebung(kurs, text())
    teile = text().split("# ▼ AUFGABE 2")
    zellen = [teile[0], "# ▼ AUFGABE 2" + teile[1].replace("2 * x", "3 * x")]
    raum = {"__name__": "__main__"}
    for nummer, zelle in enumerate(zellen):
        name = f"<zelle-{nummer}>"
        linecache.cache[name] = (len(zelle), None, zelle.splitlines(True), name)
        exec(compile(zelle, name, "exec"), raum)  # noqa: S102
    ausgabe = capsys.readouterr().out
    assert "✔ Aufgabe 1" in ausgabe and "✘ Aufgabe 2: double(3) ist nicht 6." in ausgabe
    assert "3 von 4 gelöst, 1 noch falsch" in ausgabe
    assert not (kurs / "ausgabe").exists()


# --- Arten und Deutung ----------------------------------------------------------------------------


class Tensor:
    shape = ()

    def __float__(self):
        return 2.0


@pytest.mark.parametrize(
    ("art", "gut", "wert"),
    [
        (arten.zahl, np.float32(0.5), 0.5),
        (arten.zahl, np.array(3), 3.0),
        (arten.zahl, np.array([3.0]), 3.0),
        (arten.zahl, Tensor(), 2.0),
        (arten.ganzzahl, 3.0, 3),
        (arten.text, np.str_("a"), "a"),
        (arten.wahrheit, np.bool_(True), True),
        (arten.liste(arten.text), ("a", "b"), ["a", "b"]),
        (arten.liste(arten.zahl), np.array([1, 2]), [1.0, 2.0]),
        (arten.liste(), {"a": 1}.keys(), ["a"]),
        (arten.funktion, len, len),
        (arten.woerterbuch, {"a": 1}, {"a": 1}),
    ],
)
def test_art_nimmt_andere_formen_an(art, gut, wert):
    gelesen = art(gut, "x")
    assert gelesen == wert and isinstance(gelesen, type(wert))


def test_feld_nimmt_listen_tensoren_und_duenn_besetztes():
    import torch
    from scipy.sparse import csr_matrix

    for wert in ([[1, 2], [3, 4]], torch.tensor([[1, 2], [3, 4]]), csr_matrix([[1, 2], [3, 4]])):
        assert arten.feld((2, None))(wert, "x").tolist() == [[1, 2], [3, 4]]
    with pytest.raises(Diagnose, match=r"Form \(2, 2\); gesucht ist \(3, beliebig\)"):
        arten.feld((3, None))([[1, 2], [3, 4]], "x")


def test_eine_datei_wird_nicht_zur_liste(tmp_path):
    datei = schreibe(tmp_path / "a.txt", "eins\nzwei\n")
    with datei.open(encoding="utf-8") as offen, pytest.raises(Diagnose, match=r"\.read\(\)"):
        arten.liste()(offen, "zeilen")
    with pytest.raises(Diagnose, match=r"Mach mit list\(…\)"):
        arten.liste()(map(str, [1]), "zeilen")


@pytest.mark.parametrize(
    "art",
    [arten.zahl, arten.text, arten.wahrheit, arten.liste(), arten.feld(), arten.woerterbuch],
)
@pytest.mark.parametrize("wert", [None, len, ValueError("x"), (n for n in ()), object()])
def test_art_sagt_woran_es_liegt(art, wert):
    with pytest.raises(Diagnose) as diagnose:
        art(wert, "x")
    assert str(diagnose.value).startswith(("x ", "In x"))


ZAEHLER = """
from sklearn.feature_extraction.text import CountVectorizer as Zaehler, TfidfVectorizer as Tfidf
"""
FLICKEN = """
import numpy
from sklearn.feature_extraction.image import extract_patches_2d
from sklearn.preprocessing import scale
"""


@pytest.mark.parametrize(
    ("quelltext", "satz"),
    [
        ("x = None\nx[0]", "Davor kam None heraus"),
        ("None + 1", "Eine Seite ist None"),
        ("len[3]", "runden Klammern"),
        ("[1][3]", "gezählt wird ab 0"),
        ("{'a': 1}['b']", "Den Schlüssel 'b'"),
        ("int('x')", "Das ist Text, keine Zahl"),
        ("'a' + 1", "Text und Zahl"),
        ("x = 3\nx(4)", "keine Funktion"),
        ("a, b = 1, 2, 3", "Links vom ="),
        ("import numppy", "nicht installiert"),
        ("import numpy as n\nn.ones((2, 3)) @ n.ones((2, 3))", "Formen passen nicht"),
        ("import numpy as n\nif n.ones(2) > 0: pass", "nicht als Ganzes"),
        ("'abc'.uper()", "Meinst du .upper?"),
        ("def f(a): pass\nf()", "fehlt, was die Funktion verlangt"),
        ("def f(a): pass\nf(b=1)", "namens b"),
        ("import copy\ncopy.deepcopy(n for n in ())", "list(…) macht eine Liste"),
        ("d = {1: 2}\nfor k in d: d[k + 1] = 3", "for … in list(…)"),
        ("import re\nre.findall('a', 'b'.lower)", "Fehlen die runden Klammern"),
        ("import re\nre.findall('a', 3)", "Sind Argumente vertauscht?"),
        ("import re\nre.findall('a', None)", "Davor kam None heraus"),
        ("import numpy as n\n[1][n.float32(0)]", "int(…) oder //"),
        ("[('a', 1)].items()", "hier steht eine Liste mit 1 Teil"),
        ("from wordcloud import WordCloud\nWordCloud().to_image()", "Davor kommt generate"),
        (f"{ZAEHLER}Zaehler(ngram_range=(2, 1)).fit(['a b'])", "ngram_range=(1, 2)"),
        (f"{ZAEHLER}Zaehler.fit_transform(['a b'])", "Klammern hinter dem Namen der Klasse"),
        (f"{ZAEHLER}Tfidf.fit_transform(['a b'])", "Klammern hinter dem Namen der Klasse"),
        ("import sklearn.metrics as m\nm.f1_score([0, 1, 2], [0, 1, 2])", "mehr als zwei Klassen"),
        ("from pydantic import BaseModel\nclass A(BaseModel):\n    schema = 'x'", "name: str"),
        ("from sacrebleu import sentence_chrf\nsentence_chrf('a', [['b']])", "etwa eine Liste"),
        (f"{FLICKEN}extract_patches_2d(numpy.ones(3), (2, 2))", "eine Achse zu wenig"),
        (f"{FLICKEN}a, b = numpy.ones(3)", "Links vom ="),
        (f"{FLICKEN}scale(numpy.ones((0, 2)))", "keine einzige Zeile"),
        ("raise RuntimeError('irgendwas')", deutung.SONST),
    ],
)
def test_deutung(quelltext, satz):
    with pytest.raises(Exception) as fehler:  # noqa: B017, PT011
        exec(quelltext, {})  # noqa: S102
    assert satz in deutung.deute(fehler.value)


def test_strg_c_ist_eine_zeile(kurs):
    pfad = schreibe(kurs / "demo_klein.py", "import kurs\nraise KeyboardInterrupt\n")
    angaben = {"env": umgebung_in(kurs), "capture_output": True, "encoding": "utf-8"}
    fertig = subprocess.run([sys.executable, str(pfad)], **angaben)
    assert fertig.stdout.strip() == "Abgebrochen." and fertig.stderr == ""


def test_ueben_prueft_bei_jedem_speichern(kurs):
    """Gespeichert, und das Urteil ist da; Strg+C beendet beide Prozesse."""
    datei = schreibe_uebung(kurs, text(**OFFENE))
    programm = f"from pathlib import Path; from kurs.uebungen.ueben import beobachte; beobachte(Path({str(datei)!r}))"
    kind = subprocess.Popen(
        [sys.executable, "-u", "-c", programm],
        env=umgebung_in(kurs),
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    zeilen = queue.SimpleQueue()
    threading.Thread(target=lambda: [zeilen.put(z) for z in kind.stdout], daemon=True).start()

    def naechstes_urteil():
        while True:
            if treffer := re.match("(.) Aufgabe 2: ", zeilen.get(timeout=LANGE)):
                return treffer[1]

    try:
        assert naechstes_urteil() == OFFEN
        for antwort, soll in (("def double(", FALSCH), (GUT["zwei"], RICHTIG)):
            schreibe(datei, text(zwei=antwort))
            assert naechstes_urteil() == soll
    finally:
        kind.send_signal(signal.SIGINT)
        assert kind.wait(timeout=LANGE) == 0
