"""Übung Wortwolke: eine Webseite holen, entziffern, säubern und als Wolke zeigen.

Kapitel   3.30 Verarbeitung von Textdaten (NLP-Grundlagen) · Preprocessing
Folie     Übung: Erstelle eine Wordcloud von einer Webseite
Lernziel  Mit requests und BeautifulSoup zu sauberen Wörtern: Kodierung, Umlaute, Stoppwörter
Laufzeit  ca. 5 s (2 CPU-Kerne)
Daten     fünf erfundene Webseiten (data/webseiten), ausgeliefert auf diesem Rechner

Ersetze zwischen ▼ und ▲ das `...` durch deine Antwort; beim Start steht darunter, ob sie stimmt.
"""

# %% Stellschrauben
OWN_URL = ""  # nach Aufgabe 7: eine Adresse deiner Wahl, etwa "https://…" (braucht Netz)
MAX_WORDS = 60  # Test: 10; so viele Wörter zeigt eine Wolke höchstens
TIPPS = 1  # je Aufgabe: 0 keine Tipps, 1 eine Frage, 2 auch wo es steht, 3 auch ein Gerüst
SEED = 42  # ordnet die Wolke anders an

# %% Bibliotheken laden (einige Sekunden)
# ruff: noqa: F401 (vieles davon brauchst erst du)
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

# %% Ein Webserver auf diesem Rechner: So klappt es auch ohne Netz, und requests merkt nichts.
running = contextlib.ExitStack()
address = running.enter_context(webserver())
print(f"Der Zeitungsartikel liegt unter {address}/regionalzeitung.html")

# ▼ AUFGABE 1: Hole den Zeitungsartikel mit requests.get, mit timeout (sonst wartet es ewig).
response = requests.get(address + "/regionalzeitung.html", timeout=10)
# ▲
pruefe(1, response)

# ▼ AUFGABE 2: Mach aus der Antwort ein BeautifulSoup-Objekt, in dem die Umlaute stimmen.
soup = BeautifulSoup(response.content, "html.parser")
# ▲
if pruefe(2, soup):
    print("Titel der Seite:", soup.title.string)

# %% Auswählen: Der Quelltext der Seite liegt auch in data/webseiten/regionalzeitung.html
# ▼ AUFGABE 3: Nur der Text des Artikels, ohne Anzeigen und ohne den Absatz, den man nie sieht.
article = soup.select_one("article")
for element in article.select(".anzeige, .nur-druck"):
    element.decompose()
text = article.get_text(" ")
# ▲
pruefe(3, text)

# ▼ AUFGABE 4: Zerlege text in eine Liste von Wörtern, alle klein, ohne Satzzeichen, mit Umlauten.
words = re.findall(r"[a-zäöüß]+", text.lower())
# ▲
if pruefe(4, words):
    print(f"{len(words)} Wörter, die häufigsten:", Counter(words).most_common(8))

# %% Weglassen: Zwei Listen von Stoppwörtern liegen bereit, eine aus wordcloud, eine aus spaCy.
print(f"Stoppwörter: STOPWORDS hat {len(STOPWORDS)} Einträge, STOP_WORDS {len(STOP_WORDS)}.")
# ▼ AUFGABE 5: Zähle die Wörter mit Counter, ohne Stoppwörter und ohne Wörter unter drei Buchstaben.
counts = Counter(word for word in words if word not in STOP_WORDS and len(word) >= 3)
# ▲
if pruefe(5, counts):
    print("Ohne Stoppwörter:", Counter(dict(counts)).most_common(8))

# %% Zeichnen
# ▼ AUFGABE 6: Erzeuge aus counts eine Wolke, 900 mal 600 Pixel: WordCloud(random_state=SEED, …).
cloud = WordCloud(
    width=900,
    height=600,
    max_words=MAX_WORDS,
    background_color="white",
    colormap="viridis",
    random_state=SEED,
).generate_from_frequencies(counts)
# ▲
if pruefe(6, cloud):  # Flächen kann niemand genau ablesen, deshalb Balken daneben
    figure, axes = plt.subplots(1, 2, figsize=(13, 5.5), width_ratios=[2, 1])
    axes[0].imshow(cloud, interpolation="bilinear")
    axes[0].axis("off")
    top = dict(Counter(dict(counts)).most_common(12))
    axes[1].barh(list(top), list(top.values()))
    axes[1].invert_yaxis()
    axes[1].set(xlabel="Anzahl im Artikel", title="Die zwölf häufigsten Wörter")
    plt.show()

# %% Bonus: alles zusammen, von der Adresse bis zu den gezählten Wörtern (wie in Aufgabe 5)
# ▼ AUFGABE 7: Die Funktion soll für jede der fünf Seiten taugen; nicht jede hat ein <article>.
def count_words(url):
    soup = BeautifulSoup(requests.get(url, timeout=10).content, "html.parser")
    main = soup.select_one("article") or soup.body
    for element in main.select("script, style, nav, header, footer, aside, form, pre, .anzeige"):
        element.decompose()
    text = main.get_text(" ").replace("\xad", "").lower()
    words = re.findall(r"[a-zäöüß]+", text)
    return Counter(word for word in words if word not in STOP_WORDS and len(word) >= 3)
# ▲
if pruefe(7, count_words):
    names = "regionalzeitung lexikon_bienen kochblog gemeinde_mueritzwinkel technikforum"
    urls = [f"{address}/{name}.html" for name in names.split()] + [OWN_URL] * bool(OWN_URL)
    figure, axes = plt.subplots(2, 3, figsize=(14, 8))
    for axis, url in zip(axes.flat, urls):
        picture = WordCloud(width=600, height=450, max_words=MAX_WORDS, background_color="white")
        axis.imshow(picture.generate_from_frequencies(count_words(url)), interpolation="bilinear")
        axis.set_title(url.rpartition("/")[2] or url)
    for axis in axes.flat:
        axis.axis("off")
    plt.show()
running.close()  # der Webserver wird nicht mehr gebraucht
