"""Übung Semantische Suche: Webseiten holen, säubern, mit FAISS durchsuchen, und messen.

Kapitel   7.70 Anwendungsfälle und Projekte · Semantic Search
Folie     Übung Semantic Search
Lernziel  Vom HTML zum gespeicherten Index, und von der Frage zu einer Zahl für die Güte der Suche
Laufzeit  ca. 9 s (2 CPU-Kerne)
Daten     zwei erfundene Webseiten (data/webseiten), ausgeliefert auf diesem Rechner
Modelle   intfloat/multilingual-e5-small

Ersetze zwischen ▼ und ▲ das `...` durch deine Antwort; beim Start steht darunter, ob sie stimmt.
"""

# %% Stellschrauben
MAX_TOKENS = 256  # Test: 16; so viel liest e5 von jedem Absatz
TIPPS = 1  # je Aufgabe: 0 keine Tipps, 1 eine Frage, 2 auch wo es steht, 3 auch ein Gerüst

# %% Bibliotheken laden (einige Sekunden)
from kurs import ausgabe_ordner, pruefe
from kurs.merken import gemerkt
from kurs.modelle import modell
from kurs.texte import fragen_zu_webseiten
from kurs.webseiten import webserver

import faiss
import numpy as np
import requests
import torch
from bs4 import BeautifulSoup
from transformers import AutoModel, AutoTokenizer

faiss.omp_set_num_threads(1)  # reicht hier, und FAISS und torch stören sich nicht
PAGES = "regionalzeitung", "lexikon_bienen"
QUESTIONS = fragen_zu_webseiten()  # Frage → ein Stück Text, das nur im richtigen Absatz steht

# %% Teil 1: saubere Texte
# ▼ AUFGABE 1: Hole die Seite mit requests.get (mit timeout) als BeautifulSoup, Umlaute richtig.
def get_soup(url):
    response = requests.get(url, timeout=10)
    return BeautifulSoup(response.content, "html.parser")
# ▲
if pruefe(1, get_soup):
    with webserver() as address:  # auf diesem Rechner, also auch ohne Netz
        soups = [get_soup(f"{address}/{name}.html") for name in PAGES]

# ▼ AUFGABE 2: Gib die Absätze <p> von <article> (sonst <main>) als Liste von Texten zurück, ohne
#   Tags, Anzeigen, Unsichtbares, „[1]“, Trennstellen (\xad), doppelte Leerzeichen; ab 80 Zeichen.
def get_passages(soup):
    main = soup.select_one("article") or soup.select_one("main")
    for element in main.select(".anzeige, .nur-druck, .nurmobil, .hinweis, sup, script, style"):
        element.decompose()
    texts = [p.get_text().replace("\xad", "") for p in main.select("p")]
    texts = [" ".join(text.split()) for text in texts]  # trennt auch an \xa0
    return [text for text in texts if len(text) >= 80]
# ▲
if pruefe(2, get_passages):
    passages = [text for soup in soups for text in get_passages(soup)]
    print(f"{len(passages)} Absätze, der erste: {passages[0][:60]} …")

# %% Teil 2: e5 macht aus jedem Text einen Vektor, das Mittel der Vektoren seiner Tokens
MODEL = modell("intfloat/multilingual-e5-small")
tokenizer, e5 = AutoTokenizer.from_pretrained(MODEL), AutoModel.from_pretrained(MODEL)

@gemerkt  # beim nächsten Start liegt das Ergebnis schon da
def embed(texts, model=str(MODEL), max_tokens=MAX_TOKENS):
    """Liste von Texten → Matrix mit einer Zeile (384 Zahlen, noch nicht normiert) je Text."""
    assert not isinstance(texts, str), "embed nimmt eine Liste von Texten, keinen einzelnen"
    options = {"truncation": True, "max_length": max_tokens, "return_tensors": "pt"}
    with torch.inference_mode():
        outputs = [e5(**tokenizer(text, **options)).last_hidden_state[0] for text in texts]
    return np.array([output.mean(dim=0).numpy() for output in outputs], dtype="float32")

# ▼ AUFGABE 3: Kodiere passages. e5 will vor jedem Absatz „passage: “ lesen; bring jede Zeile
#   auf die Länge 1.
passage_vectors = embed(["passage: " + text for text in passages])
faiss.normalize_L2(passage_vectors)
# ▲
pruefe(3, passage_vectors)
INDEX_FILE = ausgabe_ordner() / "eigene_suche.faiss"
# ▼ AUFGABE 4: Baue einen Index für das Skalarprodukt (inner product), speichere ihn in INDEX_FILE.
index = faiss.IndexFlatIP(passage_vectors.shape[1])
index.add(passage_vectors)
INDEX_FILE.write_bytes(faiss.serialize_index(index).tobytes())
# ▲
if pruefe(4, index):
    loaded = faiss.deserialize_index(np.fromfile(INDEX_FILE, dtype="uint8"))

# ▼ AUFGABE 5: Suche mit loaded und gib zwei Listen zurück: die k größten Ähnlichkeiten und die
#   Nummern ihrer Absätze. Vor Fragen steht bei e5 „query: “; auch ihr Vektor hat die Länge 1.
def search(question, k):
    question_vector = embed(["query: " + question])
    faiss.normalize_L2(question_vector)
    scores, numbers = loaded.search(question_vector, k)
    return list(scores[0]), list(numbers[0])
# ▲
if pruefe(5, search):
    for question in QUESTIONS:
        print(f"{question}  → {passages[search(question, 1)[1][0]][:50]} …")

# ▼ AUFGABE 6: Auf welchem Platz steht je Frage der Absatz, der das Stück Text enthält? Miss über
#   alle QUESTIONS den Anteil auf Platz 1, den auf 1 bis 3 und den MRR (Mittel von 1 / Platz).
places = []
for question, part in QUESTIONS.items():
    numbers = search(question, len(passages))[1]
    places.append(1 + [part in passages[number] for number in numbers].index(True))
hit_at_1 = np.mean([place == 1 for place in places])
hit_at_3 = np.mean([place <= 3 for place in places])
mrr = np.mean([1 / place for place in places])
# ▲
if pruefe(6, hit_at_1, hit_at_3, mrr):
    print(f"hit@1 {hit_at_1:.2f}   hit@3 {hit_at_3:.2f}   MRR {mrr:.2f}")

# ▼ AUFGABE 7: Stelle drei eigene Fragen, in anderen Worten als der Text, als dict:
#   Frage → ein Wort, das im richtigen Absatz steht.
own_questions = {
    "Sehen Insekten eine Blume genauso wie wir?": "ultraviolettes",
    "Wo lag das alte Boot all die Jahre?": "Scheune",
    "Wie warm ist es in der Kinderstube?": "Brutzeit",
}
# ▲
pruefe(7, own_questions)
