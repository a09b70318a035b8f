"""Die Prüfung zu uebung_back_translation_franzoesisch.py: je Aufgabe die Diagnosen und drei Tipps."""

import re
from unittest import mock

from kurs.uebungen import Diagnose, funktion, in_worten, liste, text, tipps, verfehlt, wahrheit

import numpy as np

# Die hat der Teilnehmer nicht gesehen
SAETZE = ["Der Zug kommt spät.", "Wir gehen in den Garten.", "Das Dach ist rot."]
FRANZOESISCH = set(
    "le la les est pas un une ce cette je il elle nous du des au très dans n j l c".split()
)


def ist_franzoesisch(saetze):
    woerter = [wort for satz in saetze for wort in re.findall(r"[a-zà-ÿ]+", str(satz).lower())]
    return sum(wort in FRANZOESISCH for wort in woerter) > 0.25 * max(len(woerter), 1)


@tipps(
    "In welcher Sprache liegen deine Sätze, und in welcher sollen sie wieder ankommen?",
    "Die Namen stehen in DIRECTIONS: links die Sprache der Eingabe, rechts die der Ausgabe.",
    'forward, backward = "de-…", "…-de"',
)
def aufgabe_1(forward: text, backward: text, *, DIRECTIONS):
    if not {forward, backward} <= set(DIRECTIONS):
        return f"Gesucht sind zwei dieser Namen, als Text: {', '.join(DIRECTIONS)}."
    if (forward, backward) == ("fr-de", "de-fr"):
        return "Vertauscht: Der Hinweg beginnt im Deutschen."
    if "en" in forward or "en" in backward:
        return "Das führt über das Englische."
    if (forward, backward) != ("de-fr", "fr-de"):
        return "Der zweite muss lesen können, was der erste schreibt, und wieder Deutsch schreiben."


def paar(ergebnis, was):
    if (
        not isinstance(ergebnis, (tuple, list))
        or len(ergebnis) != 2
        or isinstance(ergebnis[0], str)
    ):
        if isinstance(ergebnis, (tuple, list)) and len(ergebnis) == 2:
            raise Diagnose(
                f"{was} gibt als Erstes {in_worten(ergebnis[0])} zurück; gesucht ist eine Liste, je Satz ein Text."
            )
        zwei = "zwei Listen, erst die französischen, dann die deutschen Sätze"
        raise Diagnose(f"{was} gibt {in_worten(ergebnis)} zurück; gesucht sind {zwei}.")
    return ergebnis


@tipps(
    "Wessen Ausgabe ist die Eingabe des zweiten Übersetzers?",
    "translate(sätze, richtung, temperature) steht oben; Richtungen sind forward und backward.",
    "french = translate(sentences, forward, temperature)\nparaphrases = translate(…, backward, …)",
)
def aufgabe_2(back_translate: funktion, *, forward, backward, translate):
    """Statt zu übersetzen, schreibt ein Spion auf, welcher Satz in welche Richtung ging."""
    temperaturen, hinein = [], []

    def spion(sentences, direction, temperature):
        temperaturen.append(temperature)
        if len(temperaturen) > 100:
            raise Diagnose(
                "Nach 100 Aufrufen von translate ist kein Ende in Sicht: Wann hört deine Schleife auf?"
            )
        if not isinstance(direction, str) or sentences in (forward, backward):
            raise Diagnose(
                "Die Argumente von translate sind vertauscht: erst die Sätze, dann die Richtung, dann die "
                "Temperatur."
            )
        if direction not in raum["DIRECTIONS"]:
            raise Diagnose(
                f"Eine Richtung „{direction}“ gibt es nicht. Gemeint sind die Namen aus Aufgabe 1, ohne "
                "Anführungszeichen: forward und backward."
            )
        if isinstance(sentences, str):
            raise Diagnose("translate bekommt einen einzelnen Text; gesucht ist die ganze Liste.")
        hinein.extend(sentences)
        return [f"{direction}({satz})" for satz in sentences]

    spion.__qualname__ = "translate"  # so nennt Python sie, wenn ein Argument fehlt
    raum = translate.__globals__

    with mock.patch.dict(raum, {"translate": spion}):
        french, paraphrases = paar(back_translate(list(SAETZE), 0.42), "back_translate")
    if not temperaturen:  # jemand übersetzt ohne translate: dann eben wirklich
        french, paraphrases = paar(back_translate(list(SAETZE), 0), "back_translate")
        hin = translate(SAETZE, "de-fr", 0)
        stimmt = list(french) == hin and list(paraphrases) == translate(hin, "fr-de", 0)
        return None if stimmt else "Die Übersetzer liefern etwas anderes: Benutze translate."
    if hinein and hinein[0] not in SAETZE:
        return f"Übersetzt wird „{hinein[0]}“: Nimm die Sätze, die hereinkommen, also sentences."
    for name, saetze in (("french", french), ("paraphrases", paraphrases)):
        if isinstance(saetze, str) or len(saetze) != len(SAETZE):
            return f"{name} ist {in_worten(saetze)}; gesucht ist eine Liste mit einem Satz je Original."
    french, paraphrases = list(french), list(paraphrases)
    hin = [f"de-fr({satz})" for satz in SAETZE]
    zurueck = [f"fr-de({satz})" for satz in hin]
    if (french, paraphrases) == (zurueck, hin):
        return "Die Rückgabe ist vertauscht: erst french, dann paraphrases."
    if paraphrases in (french, hin):
        return "paraphrases ist noch französisch: Es fehlt der Rückweg."
    if paraphrases == [f"fr-de({satz})" for satz in SAETZE]:
        return "Du gibst dem Rückweg die deutschen Originale. Er soll das Französische bekommen."
    if paraphrases == [f"de-fr({satz})" for satz in hin]:
        return (
            "Der Rückweg übersetzt noch einmal ins Französische: Er braucht den anderen Übersetzer."
        )
    if sorted(paraphrases) == sorted(zurueck) and paraphrases != zurueck:
        return (
            "Die Sätze kommen in anderer Reihenfolge zurück: Der erste soll der erste bleiben. (Eine Menge merkt "
            "sich keine Reihenfolge.)"
        )
    if (french, paraphrases) != (hin, zurueck):
        return (
            f"Aus „{SAETZE[0]}“ wird auf deinem Weg {paraphrases[0]!r}; gesucht ist {zurueck[0]!r} "
            f"(und als Zwischenschritt {hin[0]!r})."
        )
    if set(temperaturen) != {0.42}:
        return f"Gerufen mit Temperatur 0.42, übersetzt wird mit {temperaturen}: Gib temperature weiter."


@tipps(
    "Was muss anders sein, damit zweimal Übersetzen nicht zweimal dasselbe ergibt?",
    "Rufe back_translate(SENTENCES, TEMPERATURE) mehrmals auf; die zweite Liste ist deutsch.",
    "variants = [back_translate(SENTENCES, …)[1] for _ in range(…)]",
)
def aufgabe_3(variants: liste(), *, back_translate, SENTENCES, N_VARIANTS, TEMPERATURE):
    laengen = [
        1 if isinstance(row, str) or not hasattr(row, "__len__") else len(row) for row in variants
    ]
    if laengen != [len(SENTENCES)] * N_VARIANTS:
        return (
            f"Es sollen {N_VARIANTS} Listen mit je {len(SENTENCES)} Sätzen sein; deine haben die Längen "
            f"{laengen}. back_translate liefert zwei Listen, gebraucht wird nur die zweite: …[1]"
        )
    rows = [liste(text)(row, f"variants[{k}]") for k, row in enumerate(variants)]
    if any(ist_franzoesisch(row) for row in rows):
        return "Das sind die französischen Sätze. Gesucht sind die deutschen, die zweite Liste."
    if all(set(row) <= set(SENTENCES) for row in rows):
        return "Das sind die Originale selbst, noch keine Paraphrasen."
    if len({tuple(row) for row in rows}) == 1 and N_VARIANTS > 1 and TEMPERATURE > 0:
        return (
            "Alle Listen sind gleich: Bei Temperatur 0, bei Kopien einer Liste und nach jedem set_seed(SEED) "
            "kommt dasselbe noch einmal heraus."
        )


ORIGINAL = "Das Buch fand ich gut."


@tipps(
    "Welche Note hat eine Kopie, und welche eine ganz fremde Zeile?",
    "CHRF_RANGE[0] ist die untere Grenze, CHRF_RANGE[1] die obere; die Note gibt chrf(…).",
    "return CHRF_RANGE[0] <= … <= CHRF_RANGE[1]",
)
def aufgabe_4(keep: funktion, *, CHRF_RANGE, chrf):
    def bleibt(paraphrase):
        antwort = keep(paraphrase, ORIGINAL)
        if antwort is None:
            raise Diagnose("keep(…) gibt None zurück: Fehlt return?")
        if isinstance(antwort, (str, list, tuple)):
            raise verfehlt(antwort, "True oder False", "keep(paraphrase, original)")
        return wahrheit(antwort, "keep(paraphrase, original)")

    if bleibt(ORIGINAL):
        return "Eine Kopie (chrF 100) darf nicht bleiben."
    if bleibt("Ein Hund."):
        return "Eine ganz fremde Zeile darf nicht bleiben."
    if not bleibt("Mir gefiel das Buch gut."):
        return "Eine brauchbare Paraphrase soll bleiben."
    raum, gerufen = chrf.__globals__, []

    def note(paraphrase, original):
        gerufen.append((paraphrase, original))
        if paraphrase == ORIGINAL:
            raise Diagnose("chrf bekommt die beiden vertauscht: erst paraphrase, dann original.")
        return float(paraphrase)

    with mock.patch.dict(raum, {"chrf": note, "CHRF_RANGE": (40, 80)}):
        noten = {wert: keep(str(wert), ORIGINAL) for wert in (39.9, 40, 60, 80, 80.1)}
    if not gerufen:  # jemand rechnet ohne chrf: Die Grenzfälle lassen sich dann nicht stellen
        return None
    if bool(noten[40]) != bool(noten[60]) or bool(noten[80]) != bool(noten[60]):
        grenze = 40 if not noten[40] else 80
        return f"Bei CHRF_RANGE = (40, 80) fällt die Note {grenze} heraus: Die Grenzen zählen noch dazu."
    if noten[39.9] or noten[80.1]:
        return (
            f"Die Note {39.9 if noten[39.9] else 80.1} liegt nicht in CHRF_RANGE = (40, 80), bei dir aber doch: "
            "Nimm die Grenzen aus CHRF_RANGE, und runde nicht."
        )


TEXTE = ["Das Zimmer war leider viel zu klein.", "Das Buch hat mir gut gefallen."]
VARIANTEN = [
    ["Der Raum war leider viel zu klein.", "Mir hat das Buch gut gefallen."],
    ["Das Zimmer war leider viel zu klein.", "Gefallen hat mir das Buch gut."],
]
PAARE = [
    (TEXTE[0], 0),
    (TEXTE[1], 1),
    (VARIANTEN[0][0], 0),
    (VARIANTEN[0][1], 1),
    (VARIANTEN[1][1], 1),
]


@tipps(
    "variants[k][i] gehört zu texts[i]. Zu welchem Label also?",
    "Zwei Schleifen: for row in variants, darin zip(row, texts, labels). Dann [*texts, *neue].",
    "pairs = [(new, label) for row in variants for new, text, label in zip(…) if keep(…)]",
)
def aufgabe_5(augment: funktion, *, keep, SENTENCES):
    texte, labels = list(TEXTE), [0, 1]
    ergebnis = augment(texte, labels, [list(row) for row in VARIANTEN])
    if isinstance(ergebnis, list) and ergebnis and isinstance(ergebnis[0], tuple):
        return (
            "Zurück kommt eine Liste von Paaren; gesucht sind zwei Listen: alle Texte, alle Labels."
        )
    if not isinstance(ergebnis, (tuple, list)) or len(ergebnis) != 2:
        raise verfehlt(ergebnis, "ein Paar aus Texten und Labels", "augment(…)")
    if isinstance(ergebnis[0], str) or isinstance(ergebnis[1], str):
        return "Gesucht sind zwei Listen, keine einzelnen Texte."
    neue_texte, neue_labels = (list(teil) for teil in ergebnis)
    if set(SENTENCES) & set(neue_texte):
        return "Darin stehen SENTENCES: Nimm die Texte, die hereinkommen, also texts."
    if len(neue_texte) != len(neue_labels):
        return f"{len(neue_texte)} Texte, aber {len(neue_labels)} Labels: Jeder Text braucht eines."
    if not set(TEXTE) <= set(neue_texte):
        return "Die Originale fehlen: Augmentation ergänzt die Daten, sie ersetzt sie nicht."
    if neue_texte.count(TEXTE[0]) != 1:
        return "Eine unveränderte Kopie ist dabei: Frage zu jeder Paraphrase keep(paraphrase, original)."
    if sorted(neue_texte) != sorted(satz for satz, _ in PAARE):
        fehlt = {satz for satz, _ in PAARE} - set(neue_texte)
        was = f"es fehlt „{min(fehlt)}“" if fehlt else "manche stehen doppelt darin"
        return (
            f"Die Texte stimmen nicht, {was}: Gesucht sind aus jeder Liste alle, die keep behält."
        )
    if any(isinstance(label, str) for label in neue_labels):
        return f"Labels sind Zahlen; in deiner Liste stehen Texte: {neue_labels}."
    if sorted(zip(neue_texte, map(int, np.ravel(neue_labels)))) != sorted(PAARE):
        return "Ein Label gehört zum falschen Text: Eine Paraphrase erbt das Label ihres Originals."
    if texte != TEXTE or labels != [0, 1]:
        return (
            "Das Ergebnis stimmt, aber augment hängt das Neue an die Listen an, die hereinkommen: Wer sie noch "
            "braucht, findet sie verändert. list(texts) macht eine Kopie."
        )
