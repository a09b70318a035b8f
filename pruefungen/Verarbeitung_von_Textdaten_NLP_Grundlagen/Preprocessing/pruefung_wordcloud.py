"""Die Prüfung zu uebung_wordcloud.py: je Aufgabe die Diagnosen und drei Tipps."""

import re
from collections import Counter

from kurs.pfade import DATA
from kurs.uebungen import Diagnose, ein, funktion, in_worten, liste, tipps, verfehlt
from kurs.webseiten import webserver

import requests
from bs4 import BeautifulSoup
from spacy.lang.de.stop_words import STOP_WORDS
from wordcloud import STOPWORDS, WordCloud

SEITEN = ["regionalzeitung", "lexikon_bienen", "kochblog", "gemeinde_mueritzwinkel", "technikforum"]


@tipps(
    "Aus welchen zwei Teilen besteht die Adresse oben in der Ausgabe?",
    "requests.get(Adresse, timeout=Sekunden); address steht schon da, ohne / am Ende.",
    'response = requests.get(address + "/…", timeout=10)',
)
def aufgabe_1(response):
    if isinstance(response, (str, bytes)):
        return "Das ist schon der Inhalt; gesucht ist die ganze Antwort, wie requests.get sie gibt."
    ein(requests.Response, "das, was requests.get zurückgibt,")(response, "response")
    if response.status_code != 200:
        return f"Der Server antwortet {response.status_code}: {response.url} gibt es nicht. Stimmen / und Name?"
    if b"Ollenwerder" not in response.content:
        return f"Das ist eine andere Seite ({response.url}); gesucht ist regionalzeitung.html."


@tipps(
    "Sieh dir den gedruckten Titel an. Steht dort „Fährländer“, oder etwas mit Ã?",
    "response.text ist schon (vielleicht falsch) entziffert, response.content sind die Bytes.",
    'soup = BeautifulSoup(response.…, "html.parser")',
)
def aufgabe_2(soup: ein(BeautifulSoup, "ein BeautifulSoup-Objekt")):
    if "Ã" in (text := soup.get_text()):
        return (
            "Aus „Brücke“ wurde „BrÃ¼cke“: Der Server nennt keinen Zeichensatz, response.text rät "
            "ISO-8859-1. Im HTML steht er richtig (charset); gib BeautifulSoup deshalb die rohen Bytes."
        )
    if "Ollenwerder" not in text:
        return (
            "In deinem BeautifulSoup steht der Zeitungsartikel nicht: Hast du ihm response gegeben?"
        )
    if "Drehbrücke" not in text:
        return (
            "„Drehbrücke“ kommt nicht mehr vor: Die Umlaute sind beim Dekodieren verloren gegangen."
        )


@tipps(
    "In welchem Element steht der Artikel, und welche Klassen haben die Teile, die stören?",
    "soup.select_one(…) findet eines, .select(…) alle, .decompose() entfernt, get_text(…) liest.",
    'article = soup.select_one("…")\nfor element in article.select("…"):\n    element.decompose()\n…',
)
def aufgabe_3(text):
    if not isinstance(text, str) and hasattr(text, "get_text"):
        return "Das ist noch ein Element mit Tags: get_text(…) macht daraus seinen Text."
    if not isinstance(text, str):
        raise verfehlt(text, "eine Zeichenkette ohne Tags", "text")
    if "<p" in text:
        return "Da sind noch Tags: str(element) ist der Quelltext, get_text(…) der Text."
    if "Cookies" in text or "Impressum" in text:
        return "Das ist die ganze Seite samt Cookie-Hinweis. Der Artikel steckt in einem eigenen Element."
    if "Königsstuhl" not in text or "Enkelin" not in text:
        return "Es fehlen Teile des Artikels. find(…) liefert nur das erste Element, das passt."
    if "bleibenJahrelang" in text:
        return (
            "Wörter kleben zusammen („bleibenJahrelang“): strip=True braucht auch ein Trennzeichen."
        )
    if "Treppenlifte" in text:
        return "Die Anzeige für Treppenlifte ist noch dabei: Sie steht mitten im Artikel."
    if "Gedruckt aus dem Angebot" in text:
        return "Ein Absatz ist im Browser unsichtbar, steht aber noch in deinem Text („Gedruckt aus …“)."


@tipps(
    "split() trennt nur an Leerzeichen. Was gehört zu einem deutschen Wort, was nicht?",
    "re.findall(Muster, text.lower()); [a-zäöüß] ist ein Buchstabe, + heißt: einer oder mehrere.",
    'words = re.findall(r"[a-z…]+", text.lower())',
)
def aufgabe_4(words, *, text):
    if isinstance(words, (set, frozenset, dict)):
        return "Gesucht ist eine Liste mit jedem Wort so oft, wie es vorkommt; eine Menge vergisst das."
    words = liste()(words, "words")
    if fremd := [word for word in words if not isinstance(word, str)]:
        return f"In words stehen keine Wörter, sondern zum Beispiel {in_worten(fremd[0])}."
    if "" in words:
        return f"{words.count('')}-mal steht ein leerer Text darin: Zwischen zwei Trennzeichen ist nichts."
    if {"cke", "hrt"} & set(words):
        return "„brücke“ zerfällt in „br“ und „cke“: Zwischen a und z liegen keine Umlaute."
    if any(word != word.lower() for word in words):
        return "Da sind noch große Buchstaben: „Die“ und „die“ würden getrennt gezählt."
    if signs := sorted({word for word in words if re.search(r"[^\w\-'’]", word)}):
        return f"Satzzeichen kleben noch: {signs[:4]}"
    if max(map(len, words)) == 1:
        return "Das sind einzelne Buchstaben, keine Wörter."
    reference = re.findall(r"[^\W\d_]+", text.lower())
    if abs(len(words) - len(reference)) > 0.08 * len(reference):
        return (
            f"In words stehen {len(words)} Wörter, in text sind es rund {len(reference)}: "
            "Jedes zählt so oft, wie es vorkommt."
        )
    if words.count("brücke") != reference.count("brücke"):
        return f"„brücke“ steht bei dir {words.count('brücke')}-mal, in text {reference.count('brücke')}-mal."


@tipps(
    "Welche der beiden Listen ist deutsch? Drucke ein paar Wörter daraus.",
    "Counter(word for word in words if Bedingung); not in prüft, ob etwas fehlt.",
    "counts = Counter(word for word in words if word not in … and len(word) >= …)",
)
def aufgabe_5(counts, *, words):
    if isinstance(counts, list) and counts and isinstance(counts[0], tuple):
        return (
            "Das ist eine Liste von Paaren (most_common gibt sie); gesucht ist der Counter selbst."
        )
    if not isinstance(counts, dict):
        raise verfehlt(counts, "ein Counter", "counts")
    if not counts:
        return "counts ist leer: Bleibt bei deiner Bedingung kein Wort übrig?"
    if "der" in counts and "in" not in counts:
        return "„der“ ist noch da, „in“ nicht mehr: STOPWORDS aus wordcloud ist englisch (the, and, in …)."
    if noch := sorted(STOP_WORDS & set(counts)):
        return f"Es sind noch Stoppwörter dabei: {noch[:5]}"
    if kurz := sorted(word for word in counts if len(word) < 3):
        return f"Es sind noch Wörter mit ein oder zwei Buchstaben dabei: {kurz[:5]}"
    wanted = Counter(word for word in words if word not in STOP_WORDS and len(word) >= 3)
    missing = {word for word in wanted if word not in counts} - STOPWORDS
    if missing and all(len(word) == 3 for word in missing):
        return (
            f"Wörter mit genau drei Buchstaben fehlen ({sorted(missing)[:3]}): Sie sollen bleiben."
        )
    if missing:
        return f"Diese Wörter fehlen in counts: {sorted(missing)[:4]}"
    if anders := [word for word in counts if counts[word] != wanted[word]]:
        wort = max(anders, key=lambda word: wanted[word])
        return (
            f"Die Zahlen passen nicht zu words: „{wort}“ ist {counts[wort]}-mal gezählt, dort steht es "
            f"{wanted[wort]}-mal."
        )


@tipps(
    "Welche Methode von WordCloud nimmt fertige Häufigkeiten?",
    "WordCloud(…).generate_from_frequencies(…)",
    "cloud = WordCloud(width=900, height=600, random_state=SEED).generate_from_…(counts)",
)
def aufgabe_6(cloud: ein(WordCloud, "eine WordCloud"), *, counts):
    if not getattr(cloud, "words_", None):
        return "Die Wolke ist leer: WordCloud(…) legt nur fest, wie sie aussieht. Wer gibt ihr die Wörter?"
    if fremd := set(cloud.words_) - set(counts):
        return (
            f"In der Wolke steht, was nicht in counts ist ({sorted(fremd)[:3]}): generate(text) zerlegt "
            "den Text selbst, mit englischen Stoppwörtern. Nimm deine counts."
        )
    haeufig = Counter(counts).most_common(1)[0][0]
    if cloud.words_.get(haeufig, 0) < 0.99:
        return f"„{haeufig}“ ist am häufigsten, in der Wolke aber nicht am größten: Stimmen die Zahlen?"


@tipps(
    "Was tust du, wenn soup.select_one(…) nichts findet?",
    'Ein Ausdruck „a or b“ nimmt b, wenn a None ist; str.replace("\\xad", "") entfernt.',
    'soup = …\nmain = soup.select_one("article") or soup.body\n…\nreturn Counter(…)',
)
def aufgabe_7(count_words: funktion):
    with webserver() as address:
        pages = {name: count_words(f"{address}/{name}.html") for name in SEITEN}
    for name, page in pages.items():
        if not isinstance(page, dict):
            raise Diagnose(
                f"count_words gibt {in_worten(page)} zurück; gesucht ist ein Counter, wie in Aufgabe 5."
            )
        if not page:
            return f"Auf der Seite {name} findet deine Funktion kein einziges Wort."
    if pages["regionalzeitung"] == pages["kochblog"]:
        return "Zu verschiedenen Adressen kommt dasselbe heraus: Benutzt du url?"
    if not pages["kochblog"].get("äpfel") or not pages["gemeinde_mueritzwinkel"].get(
        "müritzwinkel"
    ):
        return "Auf einer Seite stimmen die Umlaute nicht: Der Kochblog ist ISO-8859-1, die Gemeinde UTF-8."
    if not pages["lexikon_bienen"].get("verhaltensforscher"):
        return "Im Lexikon zerschneiden weiche Trennstellen die Wörter: Entferne \\xad vor dem Zerlegen."
    if "cookies" in pages["regionalzeitung"]:
        return "Der Cookie-Hinweis der Zeitung zählt noch mit."
    for name, page in pages.items():
        if noch := sorted(STOP_WORDS & set(page)):
            return f"Auf der Seite {name} zählen noch Stoppwörter mit: {noch[:4]}"
        if kurz := sorted(word for word in page if len(word) < 3):
            return (
                f"Auf der Seite {name} zählen noch Wörter mit ein, zwei Buchstaben mit: {kurz[:4]}"
            )
        if programm := nur_im_programm(name) & set(page):
            return f"Auf der Seite {name} zählt noch Programmtext aus <script> mit: {sorted(programm)[:4]}"


def nur_im_programm(name):
    """Die Wörter einer Seite, die nur in <script> oder <style> stehen."""
    soup = BeautifulSoup((DATA / "webseiten" / f"{name}.html").read_bytes(), "html.parser")
    programm = " ".join(element.get_text(" ") for element in soup.select("script, style")).lower()
    for element in soup.select("script, style"):
        element.decompose()
    sichtbar = re.findall(r"[a-zäöüß]+", soup.get_text(" ").replace("\xad", "").lower())
    return set(re.findall(r"[a-zäöüß]+", programm)) - set(sichtbar)
