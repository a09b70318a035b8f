"""Beantwortet: Liegt in data/texte, was die Werkstatt baut, und bleibt davon die Prüfung ungesehen?

Dass sie sauber sind und kein Testtext im Training durchscheint, verlangen die Bau-Skripte der Werkstatt.
"""

import shutil

from kurs import texte
from kurs.kern.pfade import WURZEL

from conftest import python

WERKSTATT = WURZEL / "data" / "werkstatt"
TEXTE = WURZEL / "data" / "texte"


def test_lehrtexte_des_anweisungsmodells_enthalten_nichts_aus_der_pruefung(monkeypatch):
    monkeypatch.syspath_prepend(WERKSTATT)
    from anweisungen import NICHT_IM_TEXT, lies

    eintraege = lies()
    paare = [paar for e in eintraege if "text" in e for paar in e["fragen"]]
    offen = [frage for e in eintraege if "text" in e for frage in e["offen"]]
    assert len(paare) + len(offen) >= 1500 and len(offen) >= (len(paare) + len(offen)) / 5
    assert all(antwort != NICHT_IM_TEXT for _, antwort in paare)
    absaetze, fragen = texte.wissen()
    geprueft = {f["frage"] for f in fragen} | {a["text"] for a in absaetze}
    geprueft |= {z["text"] for z in texte.zusammenfassungen()}
    geprueft |= {z["text"] for z in texte.lies_csv("bewertungen.csv")}
    gelernt = {frage for frage, _ in paare} | set(offen)
    gelernt |= {e.get("text") or e.get("meinung") or e["aus"] for e in eintraege}
    assert not geprueft & gelernt


def test_die_werkstatt_liefert_dieselben_bytes(tmp_path):
    data = tmp_path / "data"
    shutil.copytree(WERKSTATT, data / "werkstatt", ignore=shutil.ignore_patterns("__pycache__"))
    (data / "texte").mkdir()
    shutil.copy2(TEXTE / "welt_paare.csv", data / "texte")  # von Hand; baue_welt_en prüft sie
    for hash_seed, name in enumerate(("bewertungen", "entitaeten", "themen", "welt", "welt_en")):
        skript = data / "werkstatt" / f"baue_{name}.py"
        lauf = python(skript, env={"PYTHONHASHSEED": str(hash_seed + 1)}, cwd=data.parent)
        assert (lauf.returncode, lauf.stderr) == (0, ""), lauf.stderr
    gebaut = [datei for datei in (data / "texte").rglob("*.*") if datei.is_file()]
    assert len(gebaut) >= 9
    for datei in gebaut:
        eingecheckt = TEXTE / datei.relative_to(data / "texte")
        ist, soll = datei.read_bytes(), eingecheckt.read_bytes()
        assert ist == soll.replace(b"\r\n", b"\n"), datei.name  # git unter Windows


def test_wissen_besteht_die_pruefung_der_werkstatt():
    lauf = python(WERKSTATT / "pruefe_wissen.py")
    assert lauf.returncode == 0, lauf.stderr
    assert "davon beantwortbar 90" in lauf.stdout
