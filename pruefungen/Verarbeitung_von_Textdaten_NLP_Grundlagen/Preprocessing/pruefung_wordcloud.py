"""Die Prüfung zu uebung_wordcloud.py: je Aufgabe die Diagnosen und drei Tipps."""

import ast
import contextlib
import inspect
import io
import re
from collections import Counter
from unittest import mock

from kurs.kern.pfade import DATA
from kurs.uebungen import Diagnose, ein, funktion, in_worten, liste, tipps, verfehlt

import requests
from bs4 import BeautifulSoup, Tag
from requests.adapters import HTTPAdapter
from spacy.lang.de.stop_words import STOP_WORDS
from wordcloud import STOPWORDS, WordCloud

SEITEN = ["regionalzeitung", "lexikon_bienen", "kochblog", "gemeinde_mueritzwinkel", "technikforum"]


def wartezeiten(lauf, nummer):
    """Das timeout jeder Anfrage, wenn die Anweisungen dieser Aufgabe noch einmal laufen."""
    anweisungen = lauf.regionen[nummer].anweisungen
    code = compile(ast.Module(list(anweisungen), []), lauf.datei, "exec")
    gesehen, sende = [], HTTPAdapter.send

    def send(self, request, *args, **kwargs):
        gebunden = inspect.signature(sende).bind(self, request, *args, **kwargs)
        gesehen.append(gebunden.arguments.get("timeout"))
        return sende(self, request, *args, **kwargs)

    with mock.patch.object(HTTPAdapter, "send", send), contextlib.redirect_stdout(io.StringIO()):
        exec(code, dict(lauf.namensraum))  # noqa: S102
    return gesehen


@tipps(
    "Aus welchen zwei Teilen besteht die Adresse oben in der Ausgabe?",
    "requests.get(Adresse, timeout=Sekunden); address steht schon da, ohne / am Ende.",
    'response = requests.get(address + "/…", timeout=10)',
)
def aufgabe_1(response, *, __kurs_lauf__):
    if isinstance(response, (str, bytes)):
        return "Das ist schon der Inhalt; gesucht ist die ganze Antwort, wie requests.get sie gibt."
    if not isinstance(response, requests.Response) and hasattr(response, "read"):
        return f"{in_worten(response)} kommt nicht von requests: Hol die Seite mit requests.get(…)."
    ein(requests.Response, "das, was requests.get zurückgibt,")(response, "response")
    if response.status_code == 501:
        return f"{response.request.method} kennt dieser Server nicht; eine Seite holt man mit requests.get."
    if response.status_code != 200:
        return (
            f"Der Server antwortet {response.status_code}: {response.url} gibt es nicht. "
            "Stimmen / und Name?"
        )
    if not response.content:
        return f"Die Antwort hat keinen Inhalt: {response.request.method} statt GET holt ihn nicht."
    if b"Ollenwerder" not in response.content:
        return f"Das ist eine andere Seite ({response.url}); gesucht ist regionalzeitung.html."
    if None in wartezeiten(__kurs_lauf__, 1):
        return "Es fehlt timeout: Antwortet ein Server nie, wartet dein Programm sonst ewig."


@tipps(
    "Sieh dir den gedruckten Titel an. Steht dort „Fährländer“, oder etwas mit Ã?",
    "response.text ist schon (vielleicht falsch) entziffert, response.content sind die Bytes.",
    'soup = BeautifulSoup(response.…, "html.parser")',
)
def aufgabe_2(soup):
    if isinstance(soup, Tag) and not isinstance(soup, BeautifulSoup):
        return f"Das ist schon ein Teil der Seite, <{soup.name}>. Ausgewählt wird in Aufgabe 3."
    ein(BeautifulSoup, "ein BeautifulSoup-Objekt")(soup, "soup")
    if "Ã" in (text := soup.get_text()):
        return (
            "Aus „Brücke“ wurde „BrÃ¼cke“: Der Server nennt keinen Zeichensatz, response.text rät "
            "ISO-8859-1. Im HTML steht er richtig (charset); gib BeautifulSoup deshalb die rohen "
            "Bytes."
        )
    if "Ollenwerder" not in text:
        return (
            f"In deinem BeautifulSoup steht nicht der Artikel, sondern „{str(soup).strip()[:30]}“: "
            "Gib ihm den Inhalt der Antwort, nicht die Antwort selbst oder die Adresse."
        )
    if "Drehbrücke" not in text:
        return (
            "„Drehbrücke“ kommt nicht mehr vor: Die Umlaute sind beim Dekodieren verloren gegangen."
        )
    if not soup.find("article"):
        return "Die Elemente der Seite sind weg: Gib BeautifulSoup den Quelltext, nicht den Text."


@tipps(
    "In welchem Element steht der Artikel, und welche Klassen haben die Teile, die stören?",
    "soup.select_one(…) findet eines, .select(…) alle, .decompose() entfernt, get_text(…) liest.",
    'article = soup.select_one("…")\nfor element in article.select("…"):\n'
    "    element.decompose()\n…",
)
def aufgabe_3(text, *, soup):
    if isinstance(text, list):
        return "Das ist eine Liste von Elementen oder Stücken. Gesucht ist ein einziger Text."
    if not isinstance(text, str) and hasattr(text, "get_text"):
        return "Das ist noch ein Element mit Tags: get_text(…) macht daraus seinen Text."
    if not isinstance(text, str):
        raise verfehlt(text, "eine Zeichenkette ohne Tags", "text")
    if "<p" in text or "</" in text:
        return "Da sind noch Tags: str(element) ist der Quelltext, get_text(…) der Text."
    if "Cookies" in text or "Impressum" in text:
        return (
            "Das ist die ganze Seite samt Cookie-Hinweis. "
            "Der Artikel steckt in einem eigenen Element."
        )
    if "Königsstuhl" not in text or "Enkelin" not in text:
        return "Es fehlen Teile des Artikels. find(…) liefert nur das erste Element, das passt."
    if "bleibenJahrelang" in text:
        return (
            "Wörter kleben zusammen („bleibenJahrelang“): strip=True braucht auch ein Trennzeichen."
        )
    if "Treppenlifte" in text:
        return "Die Anzeige für Treppenlifte ist noch dabei: Sie steht mitten im Artikel."
    if "Gedruckt aus dem Angebot" in text:
        return (
            "Ein Absatz ist im Browser unsichtbar, steht aber noch in deinem Text "
            "(„Gedruckt aus …“)."
        )


PROBEN = ("brücke", "die", "in", "müssen", "außen", "gänsewiese")


@tipps(
    "split() trennt nur an Leerzeichen. Was gehört zu einem deutschen Wort, was nicht?",
    "re.findall(Muster, text.lower()); [a-zäöüß] ist ein Buchstabe, + heißt: einer oder mehrere.",
    'words = re.findall(r"[a-z…]+", text.lower())',
)
def aufgabe_4(words, *, text):
    if isinstance(words, dict):
        return (
            "Gezählt wird erst in Aufgabe 5; gesucht ist eine Liste, jedes Wort so oft wie in text."
        )
    if isinstance(words, (set, frozenset)):
        return "Gesucht ist eine Liste, jedes Wort so oft wie in text; eine Menge vergisst das."
    if isinstance(words, list) and not words:
        return (
            "words ist leer. re.findall will zuerst das Muster, dann den Text: Sind sie vertauscht?"
        )
    words = liste()(words, "words")
    if fremd := [word for word in words if not isinstance(word, str)]:
        return f"In words stehen keine Wörter, sondern zum Beispiel {in_worten(fremd[0])}."
    if max(map(len, words)) == 1:
        return "Das sind einzelne Buchstaben, keine Wörter."
    if "rücke" in words:
        return "„Brücke“ hat sein B verloren: Mach erst alles klein (text.lower()), dann zerlege."
    if {"cke", "hrt"} & set(words):
        return "„brücke“ zerfällt in „br“ und „cke“: Zwischen a und z liegen keine Umlaute."
    if "ß" in text and not any("ß" in word for word in words) and "en" in words:
        return "„außen“ zerfällt in „au“ und „en“: Auch ß ist ein Buchstabe."
    if gross := next((word for word in words if word != word.lower()), None):
        return f"Da sind noch große Buchstaben ({gross}): „Die“ und „die“ würden getrennt gezählt."
    if signs := sorted({w for w in words if w and not re.fullmatch(r"\w+(?:[-’']\w+)*", w)}):
        return f"Satzzeichen kleben noch: {signs[:4]}"
    if "" in words:
        return (
            f"{words.count('')}-mal steht ein leerer Text darin: "
            "Zwischen zwei Trennzeichen ist nichts."
        )
    reference = re.findall(r"[^\W\d_]+", text.lower())
    for probe in PROBEN:
        if words.count(probe) != reference.count(probe):
            return (
                f"„{probe}“ steht bei dir {words.count(probe)}-mal, in text aber "
                f"{reference.count(probe)}-mal."
            )
    if abs(len(words) - len(reference)) > 0.08 * len(reference):
        return (
            f"In words stehen {len(words)} Wörter, in text sind es rund {len(reference)}: "
            "Jedes zählt so oft, wie es vorkommt."
        )


def als_zaehlung(antwort, name):
    """Wort → Anzahl, aus einem Counter, dict oder einer Series. Fehler: Diagnose."""
    if isinstance(antwort, list) and antwort and isinstance(antwort[0], tuple):
        raise Diagnose(
            "Das ist eine Liste von Paaren (most_common gibt sie); gesucht ist der Counter selbst."
        )
    if not isinstance(antwort, (dict, list, tuple, set)) and hasattr(antwort, "to_dict"):
        antwort = antwort.to_dict()
    if not isinstance(antwort, dict):
        raise verfehlt(antwort, "ein Counter", name)
    if not antwort:
        raise Diagnose(f"{name} ist leer: Bleibt bei deiner Bedingung kein Wort übrig?")
    if fremd := [schluessel for schluessel in antwort if not isinstance(schluessel, str)]:
        raise Diagnose(
            f"In {name} werden keine Wörter gezählt, sondern zum Beispiel {in_worten(fremd[0])}."
        )
    return Counter(antwort)


@tipps(
    "Welche der beiden Listen ist deutsch? Drucke ein paar Wörter daraus.",
    "Counter(word for word in words if Bedingung); not in prüft, ob etwas fehlt.",
    "counts = Counter(word for word in words if word not in … and len(word) >= …)",
)
def aufgabe_5(counts: als_zaehlung, *, words):
    kurz = sorted(word for word in counts if len(word) < 3)
    if max(map(len, counts)) == 1:
        return "Gezählt werden Buchstaben: Aus einem Text zählt Counter die Zeichen, aus einer Liste die Wörter."
    if fremd := sorted(set(counts) - set(words)):
        return f"In counts steht „{fremd[0]}“, das in words gar nicht vorkommt: Zähle words aus Aufgabe 4."
    stoppwoerter = STOP_WORDS & set(words)
    englisch = {word for word in stoppwoerter & STOPWORDS if kurz or len(word) >= 3}
    noch = sorted(stoppwoerter & set(counts))
    if noch and englisch and not englisch & set(counts):
        return (
            f"„{noch[0]}“ ist noch da, „{min(englisch)}“ nicht mehr: "
            "STOPWORDS aus wordcloud ist englisch (the, and, in …)."
        )
    if set(counts) <= STOP_WORDS:
        return "Gerade die Stoppwörter sind übrig geblieben. Fehlt in deiner Bedingung ein not?"
    if noch:
        return f"Es sind noch Stoppwörter dabei: {noch[:5]}"
    if kurz:
        return f"Es sind noch Wörter mit ein oder zwei Buchstaben dabei: {kurz[:5]}"
    wanted = Counter(word for word in words if word not in STOP_WORDS and len(word) >= 3)
    missing = {word for word in wanted if word not in counts and word.isalpha()} - STOPWORDS
    if missing and all(len(word) == 3 for word in missing):
        return (
            f"Wörter mit genau drei Buchstaben fehlen ({sorted(missing)[:3]}): Sie sollen bleiben."
        )
    if missing:
        return f"Diese Wörter fehlen in counts: {sorted(missing)[:4]}"
    if anders := [word for word in counts if counts[word] != wanted[word]]:
        wort = max(anders, key=lambda word: wanted[word])
        return (
            f"Die Zahlen passen nicht zu words: „{wort}“ ist {counts[wort]}-mal gezählt, dort "
            f"steht es {wanted[wort]}-mal."
        )


@tipps(
    "Welche Methode von WordCloud nimmt fertige Häufigkeiten?",
    "WordCloud(…).generate_from_frequencies(…)",
    "cloud = WordCloud(width=900, height=600, random_state=SEED).generate_from_…(counts)",
)
def aufgabe_6(cloud: ein(WordCloud, "eine WordCloud (nicht das Bild daraus)"), *, counts):
    if not getattr(cloud, "words_", None):
        return (
            "Die Wolke ist leer: WordCloud(…) legt nur fest, wie sie aussieht. "
            "Wer gibt ihr die Wörter?"
        )
    counts = Counter(dict(counts))
    if fremd := set(cloud.words_) - set(counts):
        return (
            f"In der Wolke steht, was nicht in counts ist ({sorted(fremd)[:3]}): Gib ihr deine counts. "
            "(generate(text) zerlegt den Text selbst, mit englischen Stoppwörtern.)"
        )
    haeufig, anzahl = counts.most_common(1)[0]
    if cloud.words_.get(haeufig, 0) < 0.99:
        return f"„{haeufig}“ ist am häufigsten, in der Wolke aber nicht am größten."
    if len(cloud.words_) < min(len(counts), 5):
        return f"In der Wolke stehen nur {len(cloud.words_)} Wörter: max_words ist sehr klein."
    passend = [abs(size - counts[word] / anzahl) < 0.01 for word, size in cloud.words_.items()]
    if sum(passend) < 0.8 * len(passend):
        return (
            "Die Größen passen nicht zu counts: Ein Wort, das zweimal so oft vorkommt, "
            "soll auch zweimal so viel zählen."
        )
    size = round(cloud.width * cloud.scale), round(cloud.height * cloud.scale)
    if size != (900, 600):
        return (
            f"Die Wolke ist {size[0]} Pixel breit und {size[1]} hoch; gesucht sind 900 mal 600 "
            "(width und height)."
        )


def zaehle_seiten(count_words, address):
    """Seite → was count_words zu ihr gibt. Fehler: Diagnose, wenn es kein Counter ist."""
    pages = {}
    for name in SEITEN:
        try:
            page = count_words(f"{address}/{name}.html")
        except AttributeError as fehler:
            if fehler.obj is not None:
                raise
            raise Diagnose(
                f"Auf der Seite {name}.html bricht count_words ab ({fehler}): find und select_one "
                "geben None zurück, wenn es ein Element nicht gibt."
            ) from None
        if isinstance(page, (dict, list)) and not page:
            raise Diagnose(
                f"Auf der Seite {name}.html bleibt kein einziges Wort: "
                "Nicht jede Seite hat ein <article>."
            )
        pages[name] = als_zaehlung(page, f"count_words(…/{name}.html)")
    return pages


@tipps(
    "Was tust du, wenn soup.select_one(…) nichts findet?",
    'Ein Ausdruck „a or b“ nimmt b, wenn a None ist; str.replace("\\xad", "") entfernt.',
    'soup = …\nmain = soup.select_one("article") or soup.body\n…\nreturn Counter(…)',
)
def aufgabe_7(count_words: funktion, *, address):
    pages = zaehle_seiten(count_words, address)
    if pages["regionalzeitung"] == pages["kochblog"]:
        return "Zu verschiedenen Adressen kommt dasselbe heraus: Benutzt du url?"
    for name, page in pages.items():
        if page["href"] or page["div"]:
            return f"Auf der Seite {name} zählen Tags mit (href, div …): Was macht Text daraus?"
        if sum(page.values()) < 0.5 * sum(map(gesucht, stuecke(name))):
            return (
                f"Von der Seite {name} zählen nur {sum(page.values())} Wörter; sie hat viel mehr. find(…) und "
                "element.p liefern nur das erste Element, das passt."
            )
    if not pages["kochblog"]["äpfel"] or not pages["gemeinde_mueritzwinkel"]["müritzwinkel"]:
        if pages["kochblog"]["Äpfel"]:
            return "„Äpfel“ und „äpfel“ werden getrennt gezählt: Wie in Aufgabe 4, alles klein."
        return (
            "Auf einer Seite stimmen die Umlaute nicht: "
            "Der Kochblog ist ISO-8859-1, die Gemeinde UTF-8."
        )
    if not pages["lexikon_bienen"]["verhaltensforscher"]:
        return (
            "Im Lexikon zerschneiden weiche Trennstellen die Wörter: "
            "Entferne \\xad vor dem Zerlegen."
        )
    if "cookies" in pages["regionalzeitung"]:
        return "Der Cookie-Hinweis der Zeitung zählt noch mit."
    if pages["kochblog"]["äpfel"] < 2:
        return "Jedes Wort wird nur einmal gezählt; „äpfel“ steht im Kochblog mehrmals."
    for name, page in pages.items():
        if noch := sorted(STOP_WORDS & set(page)):
            return f"Auf der Seite {name} zählen noch Stoppwörter mit: {noch[:4]}"
        if kurz := sorted(word for word in page if len(word) < 3):
            return (
                f"Auf der Seite {name} zählen noch Wörter mit ein, zwei Buchstaben mit: {kurz[:4]}"
            )
        if signs := sorted(word for word in page if not re.fullmatch(r"[\w’'-]+", word)):
            return f"Auf der Seite {name} kleben noch Satzzeichen an Wörtern: {signs[:4]}"
        if gross := sorted(word for word in page if word != word.lower()):
            return f"Auf der Seite {name} stehen noch große Buchstaben: {gross[:4]}"
        if len(geklebt := geklebte(name) & set(page)) > 2:
            return (
                f"Auf der Seite {name} kleben Wörter zusammen ({min(geklebt)}): get_text braucht ein "
                "Trennzeichen."
            )
        drei = {word for word in stuecke(name) if gesucht(word) and len(word) == 3}
        if len(drei) > 3 and not drei & set(page):
            return (
                f"Auf der Seite {name} fehlen die Wörter mit genau drei Buchstaben ({min(drei)}): Sie sollen "
                "bleiben."
            )
        if programm := nur_im_programm(name) & set(page):
            return (
                f"Auf der Seite {name} zählt noch Programmtext aus <script> mit: "
                f"{sorted(programm)[:4]}"
            )


def gesucht(word):
    return len(word) >= 3 and word not in STOP_WORDS


def hauptteil(name):
    """Der Artikel einer Seite (oder die ganze, wenn sie keinen hat), ohne was sicher nicht dazugehört."""
    quelltext = (DATA / "webseiten" / f"{name}.html").read_bytes()
    soup = BeautifulSoup(quelltext, "html.parser")
    main = soup.select_one("article") or soup.body
    for element in main.select("script, style, nav, header, footer, aside, form, pre"):
        element.decompose()
    return main


def stuecke(name):
    """Die Wörter des Hauptteils, klein, in der Reihenfolge der Seite."""
    return zerlege(hauptteil(name).get_text(" "))


def zerlege(text):
    return re.findall(r"[a-zäöüß]+", text.replace("\xad", "").lower())


def geklebte(name):
    """Was entsteht, wenn get_text() die Texte benachbarter Elemente ohne Lücke aneinanderhängt."""
    main = hauptteil(name)
    einzeln = " ".join(element.get_text() for element in main.select("p, li, td, h1, h2, h3"))
    return set(zerlege(main.get_text())) - set(stuecke(name)) - set(zerlege(einzeln))


def nur_im_programm(name):
    """Die Wörter einer Seite, die nur in <script> oder <style> stehen."""
    quelltext = (DATA / "webseiten" / f"{name}.html").read_bytes()
    soup = BeautifulSoup(quelltext, "html.parser")
    programm = " ".join(element.get_text(" ") for element in soup.select("script, style")).lower()
    for element in soup.select("script, style"):
        element.decompose()
    sichtbar = re.findall(r"[a-zäöüß]+", soup.get_text(" ").replace("\xad", "").lower())
    return set(re.findall(r"[a-zäöüß]+", programm)) - set(sichtbar)
