"""Baut aus den von Hand ausgezeichneten Sätzen die CoNLL-Dateien für die Entitätenerkennung.

Aufruf: python data/werkstatt/baue_entitaeten.py

Quelle sind `entitaeten/saetze*.txt`: ein Satz je Zeile, Entitäten als `[Anna Weber|PER]`. Leere
Zeilen und Zeilen mit `#` am Anfang zählen nicht. Ziel sind
`data/texte/entitaeten/{train,validation,test}.conll`: je Zeile `Token<TAB>BIO`, vor jedem Satz
`# id = ent-xxxxxxxx`, zwischen den Sätzen eine Leerzeile.

Wie ausgezeichnet ist
---------------------
PER   Personen und erfundene Figuren, auch Vor- oder Nachname allein; ohne Titel und Anrede
      („Dr.“, „Frau“, „Oma“, „Familie“ gehören nicht dazu).
LOC   Orte, Länder, Gewässer, Berge, Straßen, Plätze, Kirchen, Brücken, Schlösser, Hallen, Zoos.
ORG   Firmen, Vereine, Parteien, Behörden, Gerichte, Schulen, Museen, Theater, Kliniken, Gasthäuser,
      Zeitungen, Sender, Bands; auch ein Ort, der für seinen Sportverein steht.
MISC  Werktitel, Ereignisse, Feste und Feiertage, Wettbewerbe, Preise, Gesetze und Verträge,
      Produkte, Schiffe, Züge, Sturmtiefs.
O     alles andere, auch Sprachen und Nationalitäten, Wochentage und Monate, Ableitungen („Kölner“,
      „hamburgisch“) und Zusammensetzungen mit Namensteil („Berlin-Besuch“), sofern sie nicht zu
      einem längeren Namen gehören („Kölner Dom“). Ein Genitiv-s bleibt am Namen („Willis“). Die
      Anführungszeichen um einen Titel gehören nicht zur Entität.

Wie in Token zerlegt wird
-------------------------
1. Ein Wort ist ein Token, auch mit Bindestrich oder Apostroph darin („Berlin-Besuch“, „gibt's“)
   und mit Ergänzungsstrich am Ende („Polar-“).
2. Zahlen behalten ihre inneren Zeichen: „2:1“, „19.30“, „1,8“.
3. Ein Punkt bleibt am Token, wenn dieses in ABKUERZUNGEN steht („Dr.“, „z.“ „B.“, „e.“ „V.“), ein
   einzelner Großbuchstabe ist („B. Hartwig“) oder eine ein- bis zweistellige Zahl („3. Mai“). Für
   Großbuchstaben und Zahlen gilt das nicht am Satzende: Dort ist der Punkt ein Schlusspunkt.
4. Jedes andere Zeichen außer Leerraum ist ein eigenes Token.
"""

import re
from collections import Counter, defaultdict

from gemeinsam import DATA, WERKSTATT, kennung, pruefe_text, schreibe, tokenmenge, ueberlappung

QUELLE = WERKSTATT / "entitaeten"
ZIEL = DATA / "texte" / "entitaeten"
KLASSEN = ("PER", "LOC", "ORG", "MISC")
TEILE = ("train", "validation", "test")
# Wer in der nach Schicht und Kennung sortierten Reihe an welcher Stelle steht: 7 + 1 + 2 von 10.
MUSTER = "train train test train validation train train test train train".split()
ANTEIL_UNGESEHEN = 0.7
HOECHSTE_UEBERLAPPUNG = 0.8

ABKUERZUNGEN = frozenset(
    "Dr Prof St Nr Str Co Hl bzw ca usw etc vgl geb Tel Abs Mio Mrd z e V u a d h i o s".split()
)
ENTITAET = re.compile(r"\[([^\[\]|]*)\|([^\[\]|]*)\]")
TOKEN = re.compile(r"\.{3}|\d+(?:[.,:]\d+)+|\w+(?:[-'’]\w+)*(?:-(?=\s))?|\S")
SATZENDE = re.compile(r"\.[“”\")]*$")


def zerlege(text: str) -> list[tuple[int, int]]:
    """Zerlegt einen Satz nach den Regeln oben in Token; liefert Anfang und Ende jedes Tokens."""
    stellen = []
    position = 0
    while treffer := TOKEN.search(text, position):
        anfang, ende = treffer.span()
        wort = treffer.group()
        if text[ende : ende + 1] == "." and text[ende : ende + 3] != "...":
            ordnungszahl = re.fullmatch(r"\d{1,2}", wort)
            initiale = len(wort) == 1 and wort.isupper()
            am_ende = SATZENDE.match(text, ende)
            if wort in ABKUERZUNGEN or ((ordnungszahl or initiale) and not am_ende):
                ende += 1
        stellen.append((anfang, ende))
        position = ende
    return stellen


def lese_satz(zeile: str, woher: str) -> dict:
    """Macht aus einer ausgezeichneten Zeile Token, BIO-Marken und die Liste der Entitäten."""
    text = ""
    spannen = []
    position = 0
    for treffer in ENTITAET.finditer(zeile):
        name, klasse = treffer.groups()
        if klasse not in KLASSEN:
            raise SystemExit(
                f"{woher}: Unbekannte Klasse {klasse!r} in {treffer.group()!r}; "
                f"erlaubt sind {', '.join(KLASSEN)}."
            )
        if not name or name != name.strip():
            raise SystemExit(
                f"{woher}: Leerer Name oder Leerzeichen am Rand in {treffer.group()!r}."
            )
        text += zeile[position : treffer.start()]
        spannen.append((len(text), len(text) + len(name), klasse))
        text += name
        position = treffer.end()
    text += zeile[position:]
    if zeichen := re.search(r"[\[\]|]", text):
        raise SystemExit(
            f"{woher}: Überzähliges Zeichen {zeichen.group()!r}; eine Auszeichnung sieht so aus: "
            "[Anna Weber|PER], ohne Verschachtelung."
        )
    pruefe_text(text, woher)

    stellen = zerlege(text)
    anfaenge = {anfang: i for i, (anfang, _) in enumerate(stellen)}
    enden = {ende: i for i, (_, ende) in enumerate(stellen)}
    marken = ["O"] * len(stellen)
    entitaeten = []
    for anfang, ende, klasse in spannen:
        if anfang not in anfaenge or ende not in enden:
            raise SystemExit(
                f"{woher}: Die Entität {text[anfang:ende]!r} beginnt oder endet mitten in einem "
                "Token; nur ganze Wörter dürfen ausgezeichnet werden."
            )
        erstes, letztes = anfaenge[anfang], enden[ende]
        marken[erstes] = f"B-{klasse}"
        for i in range(erstes + 1, letztes + 1):
            marken[i] = f"I-{klasse}"
        entitaeten.append((text[anfang:ende], klasse))
    return {
        "kennung": kennung("ent", text),
        "text": text,
        "menge": tokenmenge(text),
        "token": [text[anfang:ende] for anfang, ende in stellen],
        "marken": marken,
        "entitaeten": entitaeten,
        "schicht": "+".join(k for k in KLASSEN if k in {klasse for _, klasse in entitaeten}),
        "woher": woher,
    }


def lese_quellen() -> list[dict]:
    """Liest alle Quelldateien; doppelte Sätze sind ein Fehler."""
    dateien = sorted(QUELLE.glob("saetze*.txt"), key=lambda d: (len(d.name), d.name))
    if not dateien:
        raise SystemExit(f"In {QUELLE} liegt keine Datei saetze*.txt.")
    saetze = []
    gesehen = {}
    for datei in dateien:
        zeilen = datei.read_text(encoding="utf-8").splitlines()
        for nummer, zeile in enumerate(zeilen, start=1):
            if not zeile.strip() or zeile.startswith("#"):
                continue
            satz = lese_satz(zeile, f"{datei.name}, Zeile {nummer}")
            frueher = gesehen.setdefault(satz["kennung"], satz["woher"])
            if frueher != satz["woher"]:
                raise SystemExit(f"{satz['woher']}: Derselbe Satz steht schon in {frueher}.")
            saetze.append(satz)
    return sorted(saetze, key=lambda satz: satz["kennung"])


def finde_aehnliche(saetze: list[dict]) -> set[int]:
    """Nummern aller Sätze, die zu mehr als 80 % in einem anderen stecken, und dieser anderen."""
    wo_steht_wort = defaultdict(set)
    for i, satz in enumerate(saetze):
        for wort in satz["menge"]:
            wo_steht_wort[wort].add(i)
    aehnliche = set()
    for i, satz in enumerate(saetze):
        for j in set().union(*(wo_steht_wort[wort] for wort in satz["menge"])) - {i}:
            if ueberlappung(satz["menge"], saetze[j]["menge"]) > HOECHSTE_UEBERLAPPUNG:
                aehnliche.update((i, j))
    return aehnliche


def ungesehene(saetze: list[dict], teil: list[str]) -> tuple[list[str], list[str]]:
    """Alle Entitäten des Tests (als Oberflächenform) und davon jene, die im Training fehlen."""
    formen = {name for s, t in zip(saetze, teil) if t == "train" for name, _ in s["entitaeten"]}
    im_test = [name for s, t in zip(saetze, teil) if t == "test" for name, _ in s["entitaeten"]]
    return im_test, [name for name in im_test if name not in formen]


def verteile(saetze: list[dict]) -> list[str]:
    """Verteilt die Sätze auf train, validation und test: ohne Zufall, aus Kennung und Entitäten.

    Die Sätze werden nach Schicht (welche Klassen kommen vor?) und Kennung sortiert und nach MUSTER
    abgezählt; so ähneln sich die Teile in den Klassen und im Anteil der Sätze ohne Entität. Danach
    wird nur noch innerhalb einer Schicht getauscht: erst so, dass einander ähnliche Sätze alle im
    Training stehen, dann so lange, bis genügend Testentitäten im Training nicht vorkommen.
    """
    aehnliche = finde_aehnliche(saetze)
    reihe = sorted(range(len(saetze)), key=lambda i: (saetze[i]["schicht"], saetze[i]["kennung"]))
    teil = ["train"] * len(saetze)
    for stelle, i in enumerate(reihe):
        teil[i] = MUSTER[stelle % len(MUSTER)]
    for i in reihe:
        if teil[i] != "train" and i in aehnliche:
            ersatz = next(
                (
                    j
                    for j in reihe
                    if teil[j] == "train"
                    and j not in aehnliche
                    and saetze[j]["schicht"] == saetze[i]["schicht"]
                ),
                None,
            )
            if ersatz is not None:
                teil[ersatz] = teil[i]
            teil[i] = "train"

    haeufigkeit = Counter(name for satz in saetze for name, _ in satz["entitaeten"])

    def mehrfache(i: int) -> int:
        return sum(haeufigkeit[name] > 1 for name, _ in saetze[i]["entitaeten"])

    abzugeben = sorted(
        (i for i in reihe if teil[i] == "test" and mehrfache(i)),
        key=lambda i: (-mehrfache(i), saetze[i]["kennung"]),
    )
    for i in abzugeben:
        im_test, neu = ungesehene(saetze, teil)
        if len(neu) >= ANTEIL_UNGESEHEN * len(im_test):
            break
        for j in reihe:
            if (
                teil[j] == "train"
                and j not in aehnliche
                and not mehrfache(j)
                and saetze[j]["schicht"] == saetze[i]["schicht"]
            ):
                teil[i], teil[j] = "train", "test"
                break
    return teil


def pruefe_aufteilung(saetze: list[dict], teil: list[str]) -> None:
    """Bricht ab, wenn die Aufteilung ihre Zusagen nicht hält."""
    im_test, neu = ungesehene(saetze, teil)
    if len(neu) < ANTEIL_UNGESEHEN * len(im_test):
        raise SystemExit(
            f"Nur {len(neu) / len(im_test):.0%} der Testentitäten fehlen im Training; "
            f"verlangt sind {ANTEIL_UNGESEHEN:.0%}."
        )
    training = [satz for satz, t in zip(saetze, teil) if t == "train"]
    for satz, t in zip(saetze, teil):
        if t == "train":
            continue
        for anderer in training:
            if ueberlappung(satz["menge"], anderer["menge"]) > HOECHSTE_UEBERLAPPUNG:
                raise SystemExit(
                    f"{satz['woher']} ({t}) steckt fast ganz in {anderer['woher']} (train)."
                )


def als_conll(saetze: list[dict]) -> str:
    """Schreibt Sätze als CoNLL-Text."""
    bloecke = []
    for satz in saetze:
        zeilen = [f"# id = {satz['kennung']}"]
        zeilen += [f"{token}\t{marke}" for token, marke in zip(satz["token"], satz["marken"])]
        bloecke.append("\n".join(zeilen) + "\n")
    return "\n".join(bloecke)


def drucke_uebersicht(saetze: list[dict], teil: list[str]) -> None:
    """Druckt, was in welchem Teil steht."""
    kopf = "".join(f"{klasse:>7}" for klasse in KLASSEN)
    print(f"\n{'Teil':<12}{'Sätze':>7}{'Token':>8}{kopf}{'Summe':>8}{'ohne Entität':>15}")
    for name in (*TEILE, "zusammen"):
        auswahl = [s for s, t in zip(saetze, teil) if name in (t, "zusammen")]
        klassen = Counter(klasse for s in auswahl for _, klasse in s["entitaeten"])
        token = sum(len(s["token"]) for s in auswahl)
        ohne = sum(not s["entitaeten"] for s in auswahl)
        werte = "".join(f"{klassen[klasse]:>7}" for klasse in KLASSEN)
        print(
            f"{name:<12}{len(auswahl):>7}{token:>8}{werte}{klassen.total():>8}"
            f"{ohne:>7} ({ohne / len(auswahl):.1%})"
        )
    im_test, neu = ungesehene(saetze, teil)
    print(
        f"\nUngesehene Testentitäten: {len(neu)} von {len(im_test)} Nennungen "
        f"({len(neu) / len(im_test):.1%}), {len(set(neu))} von {len(set(im_test))} Formen "
        f"({len(set(neu)) / len(set(im_test)):.1%})."
    )


def main() -> None:
    saetze = lese_quellen()
    teil = verteile(saetze)
    pruefe_aufteilung(saetze, teil)
    for name in TEILE:
        inhalt = als_conll([satz for satz, t in zip(saetze, teil) if t == name])
        schreibe(ZIEL / f"{name}.conll", inhalt)
    drucke_uebersicht(saetze, teil)


if __name__ == "__main__":
    main()
