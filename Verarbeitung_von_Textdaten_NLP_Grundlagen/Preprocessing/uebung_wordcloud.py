"""Übung Wortwolke: eine Webseite holen, entziffern, säubern und als Wolke zeigen.

Kapitel   3.30 Verarbeitung von Textdaten (NLP-Grundlagen) · Preprocessing
Folie     Übung: Erstelle eine Wordcloud von einer Webseite
Lernziel  Mit requests und BeautifulSoup zu sauberen deutschen Wörtern kommen; Kodierung, Umlaute, Stoppwörter
Laufzeit  ca. 10 s (2 CPU-Kerne)
Daten     fünf erfundene Webseiten (data/webseiten), ausgeliefert auf diesem Rechner; gern eine eigene

Bearbeite nur, was zwischen ▼ und ▲ steht: Ersetze `...` durch deine Antwort und starte das Skript neu.
Löse die Aufgaben der Reihe nach, jede benutzt das Ergebnis der vorigen. Unten steht danach, ob sie
stimmen, und wenn nicht, woran es liegt.
"""

# %% Stellschrauben
OWN_URL = ""  # nach Aufgabe 7: eine Adresse deiner Wahl, etwa "https://…" (braucht Netz)
MAX_WORDS = 60  # Test: 10
TIPPS = 1  # je Aufgabe: 0 keine Tipps, 1 eine Frage, 2 auch wo es steht, 3 auch ein Gerüst
SEED = 42  # ordnet die Wolke anders an

# %% Bibliotheken laden (einige Sekunden)
import contextlib
import re
from collections import Counter

from kurs import pruefe
from kurs.webseiten import webserver

import matplotlib.pyplot as plt
import requests
from bs4 import BeautifulSoup
from spacy.lang.de.stop_words import STOP_WORDS
from wordcloud import STOPWORDS, WordCloud

# %% Ein Webserver auf diesem Rechner: So klappt die Übung auch ohne Netz, und requests merkt es nicht.
running = contextlib.ExitStack()
address = running.enter_context(webserver())
print(f"Der Zeitungsartikel liegt unter {address}/regionalzeitung.html")

# ▼ AUFGABE 1: Hole den Zeitungsartikel mit requests.get (mit timeout, sonst wartet es notfalls ewig).
response = ...
# ▲

# ▼ AUFGABE 2: Mach aus der Antwort ein BeautifulSoup-Objekt, in dem die Umlaute stimmen.
soup = ...
# ▲
if isinstance(soup, BeautifulSoup):
    print("Titel der Seite:", soup.title.string)

# %% Auswählen: Der Quelltext der Seite liegt auch in data/webseiten/regionalzeitung.html
# ▼ AUFGABE 3: Nur der Text des Artikels, ohne Anzeigen und ohne den Absatz, den man nie sieht.
text = ...
# ▲

# ▼ AUFGABE 4: Zerlege text in eine Liste von Wörtern, alle klein, ohne Satzzeichen, mit Umlauten.
words = ...
# ▲
if words is not ...:
    print(f"{len(words)} Wörter, die häufigsten:", Counter(words).most_common(8))

# %% Weglassen: Zwei Listen von Stoppwörtern liegen bereit, eine aus wordcloud, eine aus spaCy.
print(f"Stoppwörter: STOPWORDS hat {len(STOPWORDS)} Einträge, STOP_WORDS {len(STOP_WORDS)}.")
# ▼ AUFGABE 5: Zähle die Wörter mit Counter, ohne Stoppwörter und ohne Wörter unter drei Buchstaben.
counts = ...
# ▲
if counts is not ...:
    print("Ohne Stoppwörter:", Counter(counts).most_common(8))

# %% Zeichnen
# ▼ AUFGABE 6: Erzeuge aus counts eine Wolke: WordCloud(width=900, height=600, random_state=SEED, …).
cloud = ...
# ▲
if getattr(cloud, "words_", None):  # Flächen kann niemand genau ablesen, deshalb Balken daneben
    figure, axes = plt.subplots(1, 2, figsize=(13, 5.5), width_ratios=[2, 1])
    axes[0].imshow(cloud, interpolation="bilinear")
    axes[0].axis("off")
    top = dict(Counter(counts).most_common(12))
    axes[1].barh(list(top), list(top.values()), color="#0072B2")
    axes[1].invert_yaxis()
    axes[1].set(xlabel="Anzahl im Artikel", title="Die zwölf häufigsten Wörter")
    axes[1].xaxis.get_major_locator().set_params(integer=True)
    plt.show()

# %% Bonus: alles zusammen, von der Adresse bis zu den gezählten Wörtern


# ▼ AUFGABE 7: Die Funktion soll für jede der fünf Seiten taugen; nicht jede hat ein <article>.
def count_words(url):
    return ...


# ▲

names = ["regionalzeitung", "lexikon_bienen", "kochblog", "gemeinde_mueritzwinkel", "technikforum"]
pages = {name: count_words(f"{address}/{name}.html") for name in names}
if OWN_URL:
    pages["eigene Seite"] = count_words(OWN_URL)
running.close()  # der Webserver wird nicht mehr gebraucht
if all(isinstance(page, dict) for page in pages.values()):
    figure, axes = plt.subplots(2, 3, figsize=(14, 8))
    for axis in axes.flat:
        axis.axis("off")
    for axis, (name, page) in zip(axes.flat, pages.items()):
        picture = WordCloud(width=600, height=450, max_words=MAX_WORDS, background_color="white")
        axis.imshow(picture.generate_from_frequencies(page), interpolation="bilinear")
        axis.set_title(name)
    plt.show()


# %% Prüfung (hier nichts ändern)
def with_signs(some_words):
    return sorted({word for word in some_words if re.search(r"[.,:“„–]", word)})


pruefe.erwarte(
    "Aufgabe 1",
    response,
    (
        lambda r: isinstance(r, requests.Response),
        lambda r: f"response ist {type(r).__name__}, gesucht ist, was requests.get zurückgibt.",
    ),
    (
        lambda r: r.status_code == 200,
        lambda r: (
            f"Der Server antwortet {r.status_code}: {r.url} gibt es nicht. Stimmen / und Name?"
        ),
    ),
    (lambda r: b"Ollenwerder" in r.content, "Eine andere Seite; gesucht ist regionalzeitung.html."),
    tipps=[
        "Aus welchen zwei Teilen besteht die Adresse oben in der Ausgabe?",
        "requests.get(Adresse, timeout=Sekunden); address steht schon da, ohne / am Ende.",
        'response = requests.get(address + "/…", timeout=10)',
    ],
)
pruefe.erwarte(
    "Aufgabe 2",
    soup,
    (
        lambda s: isinstance(s, BeautifulSoup),
        lambda s: f"soup ist {type(s).__name__}, gesucht ist ein BeautifulSoup-Objekt.",
    ),
    (
        lambda s: "Ã" not in s.get_text(),
        lambda s: (
            "Aus „Brücke“ wurde „BrÃ¼cke“: Der Server nennt keinen Zeichensatz, response.text rät "
            "ISO-8859-1. Im HTML steht er richtig (charset); gib BeautifulSoup deshalb die rohen Bytes."
        ),
    ),
    (
        lambda s: "Drehbrücke" in s.get_text(),
        "„Drehbrücke“ kommt nicht mehr vor: Die Umlaute sind beim Dekodieren verloren gegangen.",
    ),
    tipps=[
        "Sieh dir den gedruckten Titel an. Steht dort „Fährländer“, oder etwas mit Ã?",
        "response.text ist schon (vielleicht falsch) entziffert, response.content sind die Bytes.",
        'soup = BeautifulSoup(response.…, "html.parser")',
    ],
)
pruefe.erwarte(
    "Aufgabe 3",
    text,
    (
        lambda t: isinstance(t, str) and "<p" not in t,
        "Gesucht ist eine Zeichenkette ohne Tags: get_text(…) macht aus einem Element seinen Text.",
    ),
    (
        lambda t: "Cookies" not in t and "Impressum" not in t,
        "Das ist die ganze Seite samt Cookie-Hinweis. Der Artikel steckt in einem eigenen Element.",
    ),
    (
        lambda t: "Königsstuhl" in t and "Enkelin" in t,
        "Es fehlen Teile des Artikels. find(…) liefert nur das erste Element, das passt.",
    ),
    (
        lambda t: "bleibenJahrelang" not in t,
        "Wörter kleben zusammen („bleibenJahrelang“): strip=True braucht auch ein Trennzeichen.",
    ),
    (
        lambda t: "Treppenlifte" not in t,
        "Die Anzeige für Treppenlifte ist noch dabei: Sie steht mitten im Artikel.",
    ),
    (
        lambda t: "Gedruckt aus dem Angebot" not in t,
        "Ein Absatz ist im Browser unsichtbar, steht aber noch in deinem Text („Gedruckt aus …“).",
    ),
    tipps=[
        "In welchem Element steht der Artikel, und welche Klassen haben die Teile, die stören?",
        "soup.select_one(…) findet eines, .select(…) alle, .decompose() entfernt, get_text(…) liest.",
        'article = soup.select_one("…")\nfor element in article.select("…"):\n    element.decompose()\n…',
    ],
)
pruefe.erwarte(
    "Aufgabe 4",
    words,
    (
        lambda w: isinstance(w, list) and len(w) > 500,
        "Gesucht ist eine Liste mit jedem Wort so oft, wie es vorkommt; eine Menge vergisst das.",
    ),
    (
        lambda w: not {"cke", "hrt"} & set(w),
        "„brücke“ zerfällt in „br“ und „cke“: Zwischen a und z liegen keine Umlaute.",
    ),
    (
        lambda w: all(word == word.lower() for word in w),
        "Da sind noch große Buchstaben: „Die“ und „die“ würden getrennt gezählt.",
    ),
    (lambda w: not with_signs(w), lambda w: f"Satzzeichen kleben noch: {with_signs(w)[:4]}"),
    (
        lambda w: w.count("brücke") == len(re.findall(r"\bbrücke\b", text.lower())),
        lambda w: f"„brücke“ steht bei dir {w.count('brücke')}-mal, in text aber anders oft.",
    ),
    tipps=[
        "split() trennt nur an Leerzeichen. Was gehört zu einem deutschen Wort, was nicht?",
        "re.findall(Muster, text.lower()); [a-zäöüß] ist ein Buchstabe, + heißt: einer oder mehrere.",
        'words = re.findall(r"[a-z…]+", text.lower())',
    ],
)
pruefe.erwarte(
    "Aufgabe 5",
    counts,
    (
        lambda c: "der" not in c or "in" in c,
        "„der“ ist noch da, „in“ nicht mehr: STOPWORDS aus wordcloud ist englisch (the, and, in …).",
    ),
    (
        lambda c: not STOP_WORDS & set(c),
        lambda c: f"Es sind noch Stoppwörter dabei: {sorted(STOP_WORDS & set(c))[:5]}",
    ),
    (lambda c: min(map(len, c)) >= 3, "Es sind noch Wörter mit ein oder zwei Buchstaben dabei."),
    (
        lambda c: c["brücke"] == words.count("brücke") and c["enkelin"] == 1,
        "Die Zahlen passen nicht zu words: „brücke“ soll so oft gezählt sein wie dort.",
    ),
    tipps=[
        "Welche der beiden Listen ist deutsch? Drucke ein paar Wörter daraus.",
        "Counter(word for word in words if Bedingung); not in prüft, ob etwas fehlt.",
        "counts = Counter(word for word in words if word not in … and len(word) >= …)",
    ],
)
pruefe.erwarte(
    "Aufgabe 6",
    cloud,
    (
        lambda c: isinstance(c, WordCloud) and c.words_,
        "Die Wolke ist leer: WordCloud(…) legt nur fest, wie sie aussieht. Wer gibt ihr die Wörter?",
    ),
    (
        lambda c: set(c.words_) <= set(counts),
        "generate(text) zerlegt den Text selbst, mit englischen Stoppwörtern. Nimm deine counts.",
    ),
    tipps=[
        "Welche Methode von WordCloud nimmt fertige Häufigkeiten?",
        "WordCloud(…).generate_from_frequencies(…)",
        "cloud = WordCloud(width=900, height=600, random_state=SEED).generate_from_…(counts)",
    ],
)
pruefe.erwarte(
    "Aufgabe 7",
    pages,
    (
        lambda p: all(isinstance(page, dict) for page in p.values()),
        "count_words soll einen Counter zurückgeben, wie in Aufgabe 5.",
    ),
    (
        lambda p: p["kochblog"]["äpfel"] and p["gemeinde_mueritzwinkel"]["müritzwinkel"],
        "Auf einer Seite stimmen die Umlaute nicht: Der Kochblog ist ISO-8859-1, die Gemeinde UTF-8.",
    ),
    (
        lambda p: p["lexikon_bienen"]["verhaltensforscher"],
        "Im Lexikon zerschneiden weiche Trennstellen die Wörter: Entferne \\xad vor dem Zerlegen.",
    ),
    (
        lambda p: "cookies" not in p["regionalzeitung"],
        "Der Cookie-Hinweis der Zeitung zählt noch mit.",
    ),
    tipps=[
        "Was tust du, wenn soup.select_one(…) nichts findet?",
        'Ein Ausdruck „a or b“ nimmt b, wenn a None ist; str.replace("\\xad", "") entfernt.',
        'soup = …\nmain = soup.select_one("article") or soup.body\n…\nreturn Counter(…)',
    ],
)
pruefe.fortschritt()
