"""Wettertage: Seattle ist immer da, eine gute weatherAUS.csv hat Vorrang, eine kaputte wird genannt."""

from kurs import quellen, wetter

import pytest

KOPF = (
    "Date,Location,MinTemp,MaxTemp,Rainfall,WindGustDir,WindDir9am,WindDir3pm,Humidity3pm,"
    "RainToday,RISK_MM,RainTomorrow\n"
)
ZEILEN = [
    "2008-12-01,Albury,13.4,22.9,0.6,W,W,WNW,22,No,0,No\n",
    "2008-12-02,Albury,7.4,NA,0,WNW,NNW,WSW,25,No,12.5,Yes\n",
    "2008-12-03,Albury,12.9,25.7,0,WSW,W,WSW,30,No,NA,NA\n",
]


@pytest.fixture
def kopie(tmp_path, monkeypatch):
    """Schreibt eine weatherAUS.csv in den Ordner der eigenen Kopien; vollständig sind hier drei Tage."""
    monkeypatch.setenv("KURS_ORIGINALE", str(tmp_path))
    monkeypatch.setenv("KURS_QUELLE", "auto")
    monkeypatch.setattr(wetter, "DATA", tmp_path / "gibt_es_nicht")
    monkeypatch.setattr(wetter, "ZEILEN", (3,))
    quellen.vergiss()
    return lambda text: (tmp_path / wetter.DATEI).write_text(text, encoding="utf-8")


def test_ohne_kopie_kommt_seattle(kopie, capsys):
    tage, klasse = wetter.wettertage()
    assert list(tage.columns) == ["date", "precipitation", "temp_max", "temp_min", "wind"]
    assert len(tage) == len(klasse) == 1_461
    assert set(klasse) == {"drizzle", "fog", "rain", "snow", "sun"}
    assert not tage.isna().any(axis=None)
    assert "Seattle, eingebettet" in capsys.readouterr().out


def test_gute_kopie_hat_vorrang(kopie, capsys):
    kopie(KOPF + "".join(ZEILEN))
    tage, klasse = wetter.wettertage()
    assert list(klasse) == ["No", "Yes"]  # der Tag ohne Klasse fehlt
    assert {"date", "precipitation", "temp_max", "temp_min"} <= set(tage.columns)
    assert not {"RainTomorrow", "RISK_MM"} & set(tage.columns), "die Antwort steht dabei"
    assert tage["date"].dt.day.tolist() == [1, 2]
    assert quellen.originale_benutzt()
    assert "weatherAUS.csv in" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("inhalt", "grund"),
    [
        (KOPF + "".join(ZEILEN[:2]), "nicht vollständig und wird übergangen (2 statt 3 Tage)"),
        (KOPF + "".join(ZEILEN).replace("22.9", "warm"), "beschädigt"),
        (KOPF + "".join(ZEILEN).replace("2008-12-01", "gestern"), "beschädigt"),
        (KOPF + "".join(ZEILEN).replace(",Yes", ",Maybe"), "etwas anderes als Yes und No"),
        ("<html>Bitte anmelden</html>", "beschädigt"),
        ("", "beschädigt"),
    ],
)
def test_kaputte_kopie_wird_genannt_und_uebergangen(kopie, inhalt, grund, capsys):
    kopie(inhalt)
    tage, _ = wetter.wettertage()
    assert len(tage) == 1_461
    ausgabe = capsys.readouterr().out
    assert grund in ausgabe and wetter.DATEI in ausgabe and "Seattle" in ausgabe
    assert not quellen.originale_benutzt()
