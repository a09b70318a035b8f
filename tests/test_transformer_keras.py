"""Beantwortet: Rechnen die selbst gebauten Transformer-Schichten richtig, und halten die Masken dicht?

Die Klassen und Funktionen kommen aus `demo_transformer_keras.py` (Schichten, Encoder) und
`demo_transformer_decoder.py`, ohne dass die Skripte laufen. Alles hier läuft mit dem Backend, das Keras
gerade hat, also auch mit PyTorch (KERAS_BACKEND=torch).
"""

import ast
from types import SimpleNamespace

from kurs.kern.skripte import finde

import keras
import numpy as np
import pytest
from keras import layers, ops

pytestmark = pytest.mark.keras
LAENGE, BREITE, KOEPFE, WOERTER = 9, 8, 2, 30


def definitionen(name):
    """Was das Skript definiert (Importe, Klassen, Funktionen), mit kleinen Stellschrauben."""
    pfad = finde(name)[0].pfad
    baum = ast.parse(pfad.read_text(encoding="utf-8"))
    arten = (ast.Import, ast.ImportFrom, ast.ClassDef, ast.FunctionDef)
    baum.body = [knoten for knoten in baum.body if isinstance(knoten, arten)]
    raum = {"WIDTH": BREITE, "N_HEADS": KOEPFE, "N_BLOCKS": 2, "START": "<", "END": ">"}
    exec(compile(baum, str(pfad), "exec"), raum)  # noqa: S102 (eigener Code)
    return SimpleNamespace(**raum)


@pytest.fixture(scope="module")
def skript():
    """Beide Skripte; `baue["encoder"]()` und `baue["decoder"]()` bauen ihre Modelle."""
    encoder, decoder = map(definitionen, ("demo_transformer_keras", "demo_transformer_decoder"))
    encoder.baue = {
        "encoder": lambda: encoder.build_encoder(WOERTER, LAENGE, 3),
        "decoder": lambda: decoder.build_decoder(WOERTER, LAENGE),
    }
    return encoder


@pytest.fixture
def zufall():
    keras.utils.set_random_seed(0)
    return np.random.default_rng(0)


def zahlen(tensor) -> np.ndarray:
    return ops.convert_to_numpy(tensor)


def gefuellt(zufall, laengen, insgesamt=LAENGE) -> np.ndarray:
    """Wortnummern, je Zeile mit 0 aufgefüllt."""
    ids = zufall.integers(1, WOERTER, (len(laengen), insgesamt)).astype("int32")
    for zeile, laenge in zip(ids, laengen, strict=True):
        zeile[laenge:] = 0
    return ids


MASKEN = {
    "offen": np.ones((3, 1, LAENGE), dtype=bool),
    "aufgefuellt": np.arange(LAENGE)[None, None] < np.array([9, 5, 2])[:, None, None],
    "kausal": np.broadcast_to(np.tri(LAENGE, dtype=bool), (3, LAENGE, LAENGE)),
}


@pytest.mark.parametrize("maske", MASKEN)
def test_attention_gleicht_der_von_keras(maske, skript, zufall):
    """Gleiche Gewichte, gleiche Eingabe: gleiche Ausgabe und gleiche Aufmerksamkeit."""
    eigene = skript.MultiHeadAttention(BREITE, KOEPFE)
    fremde = layers.MultiHeadAttention(KOEPFE, BREITE // KOEPFE)
    x = zufall.normal(size=(3, LAENGE, BREITE)).astype("float32")
    erlaubt = MASKEN[maske]
    eigene(x, erlaubt)
    fremde(x, x)
    gewichte = []
    for dense in (eigene.query, eigene.key, eigene.value, eigene.mix):
        dense.bias.assign(zufall.normal(size=BREITE))
        gewichte += [zahlen(dense.kernel), zahlen(dense.bias)]
    formen = [w.shape for w in fremde.get_weights()]
    fremde.set_weights([w.reshape(form) for w, form in zip(gewichte, formen)])
    voll = np.broadcast_to(erlaubt, (3, LAENGE, LAENGE))
    soll, soll_gewichte = fremde(x, x, attention_mask=voll, return_attention_scores=True)
    ist, ist_gewichte = eigene(x, erlaubt, return_weights=True)
    np.testing.assert_allclose(zahlen(ist), zahlen(soll), atol=1e-5)
    np.testing.assert_allclose(zahlen(ist_gewichte), zahlen(soll_gewichte), atol=1e-6)
    assert (zahlen(ist_gewichte)[np.broadcast_to(~erlaubt[:, None], ist_gewichte.shape)] == 0).all()


def test_positional_encoding_folgt_der_formel(skript):
    muster = zahlen(skript.PositionalEncoding()(np.zeros((1, 50, BREITE), "float32")))[0]
    for stelle in (0, 1, 7, 49):
        winkel = stelle / 10_000 ** (np.arange(0, BREITE, 2) / BREITE)
        soll = np.stack([np.sin(winkel), np.cos(winkel)], axis=-1).ravel()
        np.testing.assert_allclose(muster[stelle], soll, atol=1e-5)


@pytest.mark.parametrize("art", ["encoder", "decoder"])
def test_ein_anderes_fuellwort_aendert_nichts(art, skript, zufall):
    """Das aufgefüllte Token bekommt einen anderen Vektor: keine Ausgabe an einem Wort ändert sich."""
    modell = skript.baue[art]()
    tabelle = next(s for s in modell.layers if isinstance(s, layers.Embedding)).embeddings
    ids = gefuellt(zufall, [9, 5, 2])
    worte = np.ones(3, dtype=bool) if art == "encoder" else ids != 0
    vorher = zahlen(modell(ids))
    for token, wirkt in ((0, False), (ids[2, 0], True)):
        alt = zahlen(tabelle)
        neu = alt.copy()
        neu[token] = zufall.normal(size=BREITE)
        tabelle.assign(neu)
        unterschied = np.abs(zahlen(modell(ids)) - vorher)[worte]
        tabelle.assign(alt)
        assert (unterschied.max() > 1e-3) if wirkt else (unterschied == 0).all()


@pytest.mark.parametrize("stelle", [1, LAENGE - 1])
def test_decoder_sieht_nie_die_zukunft(stelle, skript, zufall):
    decoder = skript.baue["decoder"]()
    ids = gefuellt(zufall, [LAENGE])
    anders = ids.copy()
    anders[0, stelle] = ids[0, stelle] % (WOERTER - 1) + 1
    unterschied = np.abs(zahlen(decoder(anders)) - zahlen(decoder(ids)))[0].max(axis=-1)
    assert (unterschied[:stelle] == 0).all() and (unterschied[stelle:] > 1e-5).all()
