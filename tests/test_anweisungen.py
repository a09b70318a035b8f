"""Beantwortet: Rechnet der Umwandler Adapter richtig ein, und kann das Anweisungsmodell, was seine Karte sagt?"""

import json
import sys

from kurs import modelle, texte
from kurs.kern.pfade import DATA
from kurs.modellbau import aufsatz

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

sys.path.append(str(DATA / "werkstatt"))
W = "model.layers.0.mlp.up_proj"


def ordner(tmp_path):
    """Ein Basismodell mit einem Gewicht (4, 3) und ein Adapter vom Rang 2 dazu."""
    basis, adapter, ziel = (tmp_path / name for name in ("basis", "adapter", "ziel"))
    for neu in (basis, adapter, ziel):
        neu.mkdir()
    save_file(
        {f"{W}.weight": np.ones((4, 3), np.float16), "norm.weight": np.ones(3, np.float16)},
        basis / "model.safetensors",
    )
    (basis / "config.json").write_text("{}", encoding="utf-8")
    save_file(
        {
            f"{aufsatz.VORSILBE}{W}.lora_A.weight": np.full((2, 3), 0.5, np.float16),
            f"{aufsatz.VORSILBE}{W}.lora_B.weight": np.full((4, 2), 0.25, np.float16),
        },
        adapter / "adapter_model.safetensors",
    )
    angaben = json.dumps({"lora_alpha": 4, "r": 2})
    (adapter / "adapter_config.json").write_text(angaben, encoding="utf-8")
    for name in ("chat_template.jinja", "README.md"):
        (adapter / name).write_text("x", encoding="utf-8")
    return [basis, adapter], ziel


def test_lora_kommt_zum_gewicht_hinzu(tmp_path):
    dateien, ziel = ordner(tmp_path)
    aufsatz.wandle_um(dateien, ziel, print)
    fertig = load_file(ziel / "model.safetensors")
    np.testing.assert_allclose(fertig[f"{W}.weight"], 1 + 2 * (2 * 0.25 * 0.5))
    np.testing.assert_allclose(fertig["norm.weight"], 1)
    assert {d.name for d in ziel.iterdir()} >= {"config.json", "chat_template.jinja", "README.md"}


def test_lehrtexte_enthalten_nichts_aus_der_pruefung():
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


@pytest.mark.guete
def test_das_anweisungsmodell_kann_was_seine_karte_sagt(capsys):
    import miss_anweisungen as miss

    if not modelle.ist_bereit("kurs/gemma-anweisungen"):
        pytest.skip("kurs/gemma-anweisungen ist nicht umgewandelt (python start.py vorbereiten)")
    m = miss.Modell("kurs/gemma-anweisungen")
    fragen, stimmung, saetze = miss.miss_fragen(m), miss.miss_stimmung(m), miss.miss_saetze(m)
    # Angestrebt waren 0,7 richtige Antworten, Macro-F1 0,8 und bessere Sätze als der erste; siehe Modellkarte
    assert fragen["richtig"] >= 0.3 and fragen["abgelehnt"] >= 0.8
    assert stimmung["macro-F1"] >= 0.65 and stimmung["anderes Wort"] <= 0.05
    assert saetze["ROUGE-L"] >= 0.1
