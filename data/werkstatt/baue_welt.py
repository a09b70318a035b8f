"""Baut das Korpus „Kleine Welt“: `data/texte/welt.txt` und `data/texte/welt_bank.csv`.

Drei Quellen im Ordner `welt/` werden gemischt:

* `prosa_*.txt` – von Hand geschrieben, ein Satz je Zeile, Leerzeile zwischen Absätzen. Am Ende
  eines Satzes mit „Bank“ steht die Bedeutung: `#geld`, `#sitz` oder `#beide`.
* `bank_geld.txt`, `bank_sitz.txt` – von Hand geschriebene Einzelsätze.
* Faktentabellen (`*.csv`) mit je einer Musterdatei (`muster_*.txt`). Ein Muster ist ein deutscher
  Satz mit Platzhaltern: `{hauptstadt}` nimmt die Spalte, `{t.dem}` ein Hauptwort mit Artikel im
  richtigen Fall, `{t.einA[alt]}` dasselbe mit Eigenschaftswort, `{p}` und `{q}` zwei Menschen,
  `{z_…}` eine zweite, zufällige Zeile der Tabelle. Fehlt einer Zeile etwas, entfällt der Satz.
  Platzhalter wie `{nurhf}` sind Bedingungen und ergeben keinen Text.

Jeder Lauf liefert dieselben Bytes.
"""

import csv
import random
import re
from pathlib import Path

from gemeinsam import DATA, WERKSTATT, pruefe_text, schreibe, schreibe_csv

WELT = WERKSTATT / "welt"
TEXTE = DATA / "texte"
BANK = re.compile(r"\b(Bank|Banken|Bänken)\b")

FRAUEN = [
    "Anna",
    "Ella",
    "Emma",
    "Hanna",
    "Julia",
    "Laura",
    "Lea",
    "Mara",
    "Mia",
    "Nora",
    "Pia",
    "Ronja",
    "Sophie",
]
MAENNER = [
    "Ben",
    "David",
    "Felix",
    "Finn",
    "Jakob",
    "Leon",
    "Lukas",
    "Max",
    "Moritz",
    "Oskar",
    "Simon",
    "Theo",
    "Tim",
]
FREMDE_FRAUEN = [
    "Almut",
    "Beate",
    "Dora",
    "Gerda",
    "Ilse",
    "Karla",
    "Lotte",
    "Martha",
    "Renate",
    "Ursula",
]
FREMDE_MAENNER = [
    "Arthur",
    "Bernd",
    "Egon",
    "Friedrich",
    "Georg",
    "Heinz",
    "Kurt",
    "Ludwig",
    "Otto",
    "Walter",
]
MONATE = [
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
]
WOCHENTAGE = ["Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"]
ZAHLEN = ["zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn", "elf", "zwölf"]
ORDNUNG = [
    "dritten",
    "fünften",
    "sechsten",
    "achten",
    "neunten",
    "zehnten",
    "zwölften",
    "zwanzigsten",
]
FRUEHER = [
    "neulich",
    "voriges Jahr",
    "vor langer Zeit",
    "vor einem Monat",
    "als Kind",
    "vor einigen Wochen",
    "vor zwei Jahren",
    "in den Ferien",
]
TIERNAMEN = ["Flocke", "Mops", "Zottel", "Krümel", "Pünktchen", "Schnuppe", "Bommel", "Nepomuk"]
ZUFALL = re.compile(
    r"\{((p|q|pm|pf|km|kf|fm|ff|zahl|zahlter|monat|tag|wtag|frueher|frueher_gross|name)\b|[zk]_)"
)


class Luecke(Exception):
    """Der Zeile fehlt, was das Muster braucht; der Satz entfällt."""


class Wahl:
    """`{v[liegt|liegen]}`: links die Einzahl, rechts die Mehrzahl."""

    def __init__(self, mehrzahl: bool):
        self.mehrzahl = mehrzahl

    def __getitem__(self, formen: str) -> str:
        return formen.split("|")[1 if self.mehrzahl else 0]


class Gebeugt:
    """`{t.einA[alt]}`: Artikel, Eigenschaftswort mit Endung, Hauptwort."""

    def __init__(self, artikel: str, endung: str, wort: str):
        self.teile = artikel, endung, wort

    def __getitem__(self, stamm: str) -> str:
        artikel, endung, wort = self.teile
        return f"{artikel} {stamm}{endung} {wort}".strip()


# Reihenfolge der Einträge: männlich, weiblich, sächlich, Mehrzahl
ARTIKEL = {
    "der": ("nom", "der die das die"),
    "den": ("obl", "den die das die"),
    "dem": ("dat", "dem der dem den"),
    "des": ("gen", "des der des der"),
    "ein": ("nom", "ein eine ein -"),
    "einen": ("obl", "einen eine ein -"),
    "einem": ("dat", "einem einer einem -"),
    "eines": ("gen", "eines einer eines -"),
    "keinen": ("obl", "keinen keine kein keine"),
    "mein": ("nom", "mein meine mein meine"),
}
FUERWORT = {
    "er": "er sie es sie",
    "ihn": "ihn sie es sie",
    "ihm": "ihm ihr ihm ihnen",
    "sein": "sein ihr sein ihr",
}
ENDUNG = {
    "der": "e e e en",
    "den": "en e e en",
    "dem": "en en en en",
    "ein": "er e es e",
    "einen": "en e es e",
    "einem": "en en en en",
}


class Nomen:
    """Ein Hauptwort mit Geschlecht (m, f, n, p = nur Mehrzahl) und seinen Formen."""

    def __init__(self, genus: str, nom: str, pl: str = "", gen: str = "", obl: str = ""):
        self.genus, self.formen = genus, {"nom": nom, "pl": pl}
        if genus == "p":
            pl = pl or nom
            self.formen = {"nom": nom, "pl": pl, "obl": nom, "gen": nom, "dat": mehrzahl_dativ(pl)}
        else:
            self.formen |= {"obl": obl or nom, "gen": gen or nom, "dat": obl or nom}
            self.formen["pld"] = mehrzahl_dativ(pl) if pl else ""
        self.v = Wahl(genus == "p")

    def __getattr__(self, name: str):
        if not self.formen["nom"]:
            raise Luecke(name)
        stelle = "mfnp".index(self.genus)
        if name in self.formen:
            wert = self.formen[name]
        elif name in FUERWORT:
            wert = FUERWORT[name].split()[stelle]
        elif name in ARTIKEL:
            fall, reihe = ARTIKEL[name]
            wert = f"{reihe.split()[stelle]} {self.formen[fall]}".removeprefix("- ")
        elif name in ("eing", "eineng"):  # Wörter ohne Mehrzahl stehen mit „der“, sonst mit „ein“
            wert = getattr(
                self, name[:-1] if self.formen["pl"] else {"eing": "der", "eineng": "den"}[name]
            )
        elif name.endswith("_gross"):
            wert = gross(getattr(self, name.removesuffix("_gross")))
        elif name.endswith("A") and name[:-1] in ENDUNG:
            fall, reihe = ARTIKEL[name[:-1]]
            artikel = reihe.split()[stelle].removeprefix("-")
            return Gebeugt(artikel, ENDUNG[name[:-1]].split()[stelle], self.formen[fall])
        else:
            raise SystemExit(f"Unbekannte Form {name!r} bei {self.formen['nom']!r}")
        if not wert:
            raise Luecke(name)
        return wert


class Mensch:
    """Ein Vorname mit den passenden Fürwörtern."""

    def __init__(self, name: str, weiblich: bool):
        self.name = name
        self.er, self.ihn, self.ihm, self.sein = (
            ["sie", "sie", "ihr", "ihr"] if weiblich else ["er", "ihn", "ihm", "sein"]
        )

    def __format__(self, _) -> str:
        return self.name


class Zeile(dict):
    """Eine Tabellenzeile mit Zusätzen; leere Felder werden zur Lücke."""

    def __getitem__(self, schluessel):
        if schluessel not in self:
            raise SystemExit(f"Unbekannter Platzhalter {{{schluessel}}}")
        wert = dict.__getitem__(self, schluessel)
        if wert is None or (wert == "" and schluessel not in BEDINGUNGEN):
            raise Luecke(schluessel)
        return wert


BEDINGUNGEN = {
    "nurhf",
    "durch",
    "fremd",
    "fremdgeld",
    "regiert",
    "nah",
    "hof",
    "fam",
    "erw",
    "koch",
    "hand",
    "festes",
    "vomhof",
    "nutzbar",
}


def gross(text: str) -> str:
    """Der erste Buchstabe groß, auch hinter einem Anführungszeichen."""
    ab = 1 if text.startswith("„") else 0
    return text[:ab] + text[ab : ab + 1].upper() + text[ab + 1 :]


def mehrzahl_dativ(mehrzahl: str) -> str:
    """Äpfel → Äpfeln; Wörter auf -n oder -s bleiben."""
    return mehrzahl if mehrzahl.endswith(("n", "s")) else mehrzahl + "n"


def wenn(bedingung: bool):
    """Für Bedingungen im Muster: erfüllt → leerer Text, sonst Lücke."""
    return "" if bedingung else None


def lese_tabelle(name: str) -> list[dict]:
    with open(WELT / f"{name}.csv", encoding="utf-8", newline="") as datei:
        return list(csv.DictReader(datei))


def lese_muster(name: str) -> list[str]:
    zeilen = (WELT / f"muster_{name}.txt").read_text(encoding="utf-8").splitlines()
    muster = [zeile for zeile in zeilen if zeile and not zeile.startswith("#")]
    if len(muster) < 25 or len(set(muster)) < len(muster):
        raise SystemExit(f"muster_{name}.txt: zu wenige oder doppelte Muster")
    return muster


# ---------------------------------------------------------------- Zusätze je Tabelle


def laender() -> list[Zeile]:
    zeilen = []
    for roh in lese_tabelle("laender"):
        z = Zeile(roh)
        einsprachig = " " not in roh["sprachen"]
        mann = roh["mann"].removeprefix("ein ")
        mann = {"Ungar": "Ungarn", "Deutscher": "Deutschen"}.get(
            mann, mann + "n" if mann.endswith("e") else mann
        )
        fluss = roh["fluss"]
        z.update(
            v=Wahl(roh["numerus"] == "pl"),
            von="von" + roh["aus"].removeprefix("aus"),
            landdat=roh["aus"].removeprefix("aus "),
            nurhf=wenn(roh["hauptstadt_am_fluss"] in "ju"),
            durch=wenn(roh["hauptstadt_am_fluss"] == "j"),
            fremd=wenn(roh["land"] != "Deutschland"),
            fremdgeld=wenn(roh["waehrung"] != "der Euro"),
            regiert=wenn(roh["land"] not in ("Niederlande", "Chile")),  # dort sitzen sie anderswo
            flussdat=("dem " if fluss.startswith("der ") else "der ") + fluss[4:],
            flussakk="den " + fluss.removeprefix("der ") if fluss.startswith("der ") else fluss,
            sprache1=roh["sprachen"] if einsprachig else "",
            spracheen=roh["sprachen"] + "en" if einsprachig else "",
            mannakk="einen " + mann,
            frauakk=roh["frau"],
        )
        zeilen.append(z)
    return zeilen


def tiere() -> list[Zeile]:
    zeilen = []
    for roh in lese_tabelle("tiere"):
        z = Zeile(roh)
        t = Nomen(roh["genus"], roh["nom"], roh["pl"], roh["gen"], roh["obl"])
        w = Nomen(roh["weib_genus"], roh["weib"], roh["weib_pl"]) if roh["weib"] else t
        m = Nomen("m", roh["maenn"], roh["maenn_pl"], "", roh["maenn_obl"]) if roh["maenn"] else t
        if w is m:
            w = m = Nomen("m", "")
        z.update(
            t=t,
            w=w,
            m=m,
            j=Nomen(roh["jung_genus"] or "n", roh["jung"], roh["jung_pl"], "", roh["jung_obl"]),
            tv=t.eines,
            gruppe_dat=mehrzahl_dativ(roh["gruppe"]),
            nah=wenn(roh["gruppe"] in ("Säugetiere", "Vögel")),
            haut_ein={"Fell": "ein Fell", "Haut": "eine glatte Haut"}.get(roh["haut"], roh["haut"]),
        )
        zeilen.append(z)
    for z in zeilen:
        z["kleinere"] = [k for k in zeilen if int(k["groesse"]) <= int(z["groesse"]) - 2]
    return zeilen


def berufe() -> list[Zeile]:
    zeilen = []
    for roh in lese_tabelle("berufe"):
        z = Zeile(roh)
        f = roh["f"]
        z.update(
            b=Nomen("m", roh["m"], roh["m_pl"], roh["m_gen"], roh["m_obl"]),
            f=Nomen("f", f, f + ("nen" if f.endswith("in") else "en")),
            wz_ihn={"der": "ihn", "die": "sie", "das": "es"}[roh["wz_der"].split()[0]],
        )
        zeilen.append(z)
    return zeilen


MEHRZAHL_DAZU = {
    "Nüsse": "Nüssen",
    "Erbsen": "Erbsen",
    "Würste": "Würsten",
    "Knödel": "Knödeln",
    "Linsen": "Linsen",
    "Oliven": "Oliven",
    "Kartoffeln": "Kartoffeln",
    "Zwiebeln": "Zwiebeln",
    "Trauben": "Trauben",
    "Kräuter": "Kräutern",
    "Himbeeren": "Himbeeren",
    "Kekse": "Keksen",
    "Brötchen": "Brötchen",
    "Waffeln": "Waffeln",
}


def essen() -> list[Zeile]:
    zeilen = []
    for roh in lese_tabelle("essen"):
        z = Zeile(roh)
        zaehlbar = (
            roh["art"] in ("Obst", "Gemüse")
            and roh["nom"] != "Kürbis"
            or roh["nom"] in ("Breze", "Waffel")
        )
        getraenk = roh["art"] == "Getränke"
        z.update(
            e=Nomen(roh["genus"], roh["nom"], roh["pl"], roh["gen"]),
            menge=roh["pl"] if zaehlbar and roh["pl"] else roh["nom"],
            d=Wahl(roh["dazu"] in MEHRZAHL_DAZU),
            dazu_dat=MEHRZAHL_DAZU.get(roh["dazu"], roh["dazu"]),
            isst="trinkt" if getraenk else "isst",
            festes=wenn(not getraenk and roh["nom"] != "Suppe"),
            vomhof=wenn(roh["woher"] in ("beim Bauern", "auf dem Markt")),
            hand=wenn(roh["art"] in ("Obst", "Gebäck")),
            koch=wenn(roh["verb3"] in ("backt", "kocht", "brät", "frittiert", "dünstet")),
        )
        zeilen.append(z)
    return zeilen


def verwandte() -> list[Zeile]:
    zeilen = []
    for roh in lese_tabelle("verwandte"):
        z = Zeile(roh)
        z.update(
            m=Nomen("m", roh["m"], roh["m_pl"], roh["m_gen"], roh["m_obl"]),
            f=Nomen(roh["f_genus"], roh["f"], roh["f_pl"], roh["f_gen"]),
            hof=wenn(roh["art"] == "hof"),
            fam=wenn(roh["art"] == "familie"),
            erw=wenn(roh["m"] not in ("Mann", "Junge")),
        )
        zeilen.append(z)
    return zeilen


def adjektive() -> list[Zeile]:
    zeilen = []
    for roh in lese_tabelle("adjektive"):
        for paar in roh["dinge"].split("|"):
            a, b = paar.split("/")
            ihn = {"der": "ihn", "die": "sie", "das": "es"}
            zeilen.append(Zeile(roh, a=a, b=b, es_a=ihn[a.split()[0]], es_b=ihn[b.split()[0]]))
    return zeilen


def ki() -> list[Zeile]:
    return [
        Zeile(
            roh,
            k=Nomen(roh["genus"], roh["nom"], roh["pl"], roh["gen"], roh["obl"]),
            nutzbar=wenn(bool(roh["zweck"])),
        )
        for roh in lese_tabelle("ki")
    ]


def einfach(name: str) -> list[Zeile]:
    return [Zeile(roh) for roh in lese_tabelle(name)]


# ---------------------------------------------------------------- Sätze erzeugen


def umfeld(zufall: random.Random) -> dict:
    """Menschen und Zeiten eines Absatzes."""
    pf, pm = zufall.choice(FRAUEN), zufall.choice(MAENNER)
    p, q = Mensch(pf, True), Mensch(pm, False)
    if zufall.random() < 0.5:
        p, q = q, p
    frueher = zufall.choice(FRUEHER)
    return {
        "p": p,
        "q": q,
        "pf": pf,
        "pm": pm,
        "kf": zufall.choice(FRAUEN),
        "km": zufall.choice(MAENNER),
        "ff": zufall.choice(FREMDE_FRAUEN),
        "fm": zufall.choice(FREMDE_MAENNER),
        "zahl": zufall.choice(ZAHLEN),
        "zahlter": zufall.choice(ORDNUNG),
        "monat": zufall.choice(MONATE),
        "tag": "am " + zufall.choice(WOCHENTAGE),
        "wtag": zufall.choice(WOCHENTAGE),
        "frueher": frueher,
        "frueher_gross": gross(frueher),
        "name": zufall.choice(TIERNAMEN),
    }


def absaetze_aus(
    zeilen: list[Zeile],
    muster: list[str],
    anteile: list[float],
    zufall: random.Random,
    gesehen: set[str],
) -> list[list[str]]:
    """Füllt die Muster: je Zeile der Tabelle Absätze mit 3 bis 6 Sätzen zu genau dieser Zeile.

    `anteile` nennt je Durchgang, welcher Teil der Muster für jede Zeile gezogen wird; ab dem zweiten
    Durchgang kommen nur Muster infrage, in denen etwas Zufälliges steht.
    """
    absaetze = []
    for durchgang, anteil in enumerate(anteile):
        brauchbar = [m for m in muster if durchgang == 0 or ZUFALL.search(m)]
        for zeile in zeilen:
            auswahl = zufall.sample(brauchbar, round(anteil * len(brauchbar)))
            absatz, ziel, um = [], zufall.randint(3, 6), umfeld(zufall)
            for m in auswahl:
                andere = zufall.choice([z for z in zeilen if z is not zeile])
                werte = Zeile(um)
                werte.update(zeile)
                werte.update(("z_" + k, w) for k, w in andere.items())
                if "{k_" in m:
                    if not zeile["kleinere"]:
                        continue
                    werte.update(("k_" + k, w) for k, w in zufall.choice(zeile["kleinere"]).items())
                try:
                    satz = gross(m.format_map(werte))
                except Luecke:
                    continue
                if satz in gesehen:
                    continue
                gesehen.add(satz)
                absatz.append(satz)
                if len(absatz) == ziel:
                    absaetze.append(absatz)
                    absatz, ziel, um = [], zufall.randint(3, 6), umfeld(zufall)
            if len(absatz) >= 3:
                absaetze.append(absatz)
            else:
                gesehen.difference_update(absatz)
    return absaetze


def lese_prosa(datei: Path, bank: list[list[str]]) -> list[list[str]]:
    """Absätze einer Prosadatei; Sätze mit Bedeutungsmarke wandern zusätzlich nach `bank`."""
    absaetze = [[]]
    for nummer, zeile in enumerate(datei.read_text(encoding="utf-8").splitlines(), start=1):
        if not zeile:
            absaetze.append([])
            continue
        satz, _, marke = zeile.partition(" #")
        pruefe_text(satz, f"{datei.name}, Zeile {nummer}")
        if bool(BANK.search(satz)) != bool(marke) or marke not in ("", "geld", "sitz", "beide"):
            raise SystemExit(
                f"{datei.name}, Zeile {nummer}: Marke für „Bank“ fehlt oder ist falsch."
            )
        if marke in ("geld", "sitz"):
            bank.append([marke, satz])
        absaetze[-1].append(satz)
    return [absatz for absatz in absaetze if absatz]


TABELLEN = [  # Name der Musterdatei, Zeilen, Anteil der Muster je Durchgang
    ("laender", laender, [0.9]),
    ("tiere", tiere, [1, 0.7]),
    ("berufe", berufe, [1]),
    ("essen", essen, [0.9]),
    ("jahreszeiten", lambda: einfach("jahreszeiten"), [1] * 4),
    ("zeiten", lambda: einfach("zeiten"), [1] * 8),
    ("feste", lambda: einfach("feste"), [1, 1]),
    ("verwandte", verwandte, [1, 0.7]),
    ("adjektive", adjektive, [0.45]),
    ("ki", ki, [0.8]),
]


def main() -> None:
    zufall = random.Random(42)
    bank: list[list[str]] = []
    absaetze: list[list[str]] = []
    for datei in sorted(WELT.glob("prosa_*.txt")):
        absaetze += lese_prosa(datei, bank)
    prosa = sum(len(satz.encode("utf-8")) + 1 for absatz in absaetze for satz in absatz)

    for marke in ("geld", "sitz"):
        saetze = (WELT / f"bank_{marke}.txt").read_text(encoding="utf-8").splitlines()
        for satz in saetze:
            pruefe_text(satz, f"bank_{marke}.txt")
            if not BANK.search(satz):
                raise SystemExit(f"bank_{marke}.txt: ohne Bank: {satz!r}")
        bank += [[marke, satz] for satz in saetze]
        zufall.shuffle(saetze)
        absaetze += [saetze[i : i + 4] for i in range(0, len(saetze), 4)]

    gesehen = {satz for absatz in absaetze for satz in absatz}
    if len(gesehen) != sum(map(len, absaetze)):
        raise SystemExit("Doppelte Sätze in den handgeschriebenen Texten.")
    print(f"von Hand: {prosa:,} Bytes Prosa, {len(gesehen):,} Sätze")
    for name, zeilen, anteile in TABELLEN:
        neu = absaetze_aus(zeilen(), lese_muster(name), anteile, zufall, gesehen)
        saetze = [satz for absatz in neu for satz in absatz]
        print(
            f"{name}: {len(saetze):,} Sätze, {sum(len(s.encode('utf-8')) + 1 for s in saetze):,} Bytes"
        )
        absaetze += neu

    zufall.shuffle(absaetze)
    alle = [satz for absatz in absaetze for satz in absatz]
    for satz in alle:
        pruefe_text(satz, "welt.txt")
    if len(set(alle)) != len(alle):
        raise SystemExit("welt.txt enthält doppelte Sätze.")
    schreibe(TEXTE / "welt.txt", "\n\n".join("\n".join(absatz) for absatz in absaetze) + "\n")
    zaehler = {marke: sum(m == marke for m, _ in bank) for marke in ("geld", "sitz")}
    print(f"{len(alle):,} Sätze, {len(absaetze):,} Absätze; Bank: {zaehler}")
    schreibe_csv(TEXTE / "welt_bank.csv", ["sense", "sentence"], sorted(bank))


if __name__ == "__main__":
    main()
