"""Übung Semantische Suche: zwei Webseiten holen, säubern, mit FAISS durchsuchen und messen, wie gut das geht.

Kapitel   7.70 Anwendungsfälle und Projekte · Semantic Search
Folie     Übung Semantic Search
Lernziel  Vom HTML zum gespeicherten Index, und von der Frage zu einer Zahl, die sagt, wie gut die Suche ist
Laufzeit  ca. 15 s (2 CPU-Kerne)
Daten     zwei erfundene Webseiten (data/webseiten), ausgeliefert auf diesem Rechner; gern eine eigene.
          Modell multilingual-e5-small

Bearbeite nur, was zwischen ▼ und ▲ steht: Ersetze `...` durch deine Antwort und starte das Skript neu.
Löse die Aufgaben der Reihe nach, jede benutzt das Ergebnis der vorigen. Unten steht danach, ob sie
stimmen, und wenn nicht, woran es liegt.
"""

# %% Stellschrauben
OWN_URL = ""  # nach Aufgabe 7: eine Adresse deiner Wahl, etwa "https://…" (braucht Netz)
MAX_TOKENS = 256  # Test: 16; so viel liest e5 von jedem Absatz
TIPPS = 1  # je Aufgabe: 0 keine Tipps, 1 eine Frage, 2 auch wo es steht, 3 auch ein Gerüst

# %% Bibliotheken laden (einige Sekunden)
import contextlib
import re  # noqa: F401 (für Aufgabe 2)

from kurs import ausgabe_ordner, pruefe
from kurs.modelle import modell
from kurs.webseiten import webserver

import faiss
import numpy as np
import requests
import torch
from bs4 import BeautifulSoup
from transformers import AutoModel, AutoTokenizer

faiss.omp_set_num_threads(1)  # reicht hier, und FAISS und torch kommen sich nicht in die Quere

# %% Ein Webserver auf diesem Rechner: So klappt die Übung auch ohne Netz, und requests merkt es nicht.
running = contextlib.ExitStack()
address = running.enter_context(webserver())
PAGES = [f"{address}/regionalzeitung.html", f"{address}/lexikon_bienen.html", *([OWN_URL] if OWN_URL else [])]
QUESTIONS = {  # Frage → ein Stück Text, das nur im richtigen Absatz steht
    "Wie viele Ratsleute waren gegen den Beschluss?": "17 gegen 12 Stimmen",
    "Warum hat die Bäckerin Angst um ihren Umsatz?": "Kundschaft",
    "Wie lange dauert es, bis ein Schiff durch kann?": "elf Minuten",
    "Was muss man für die Fahrt mit dem Boot bezahlen?": "fahren frei",
    "Wer zahlt, außer der Stadt selbst?": "Denkmaltopf",
    "Wer will als Letzter noch einmal die Kurbel drehen?": "Hinnerk Aldag",
    "Was passiert mit der Biene, nachdem sie jemanden gestochen hat?": "Widerhaken",
    "Wie sagen sich die Tiere, wo es etwas zu fressen gibt?": "Karl von Frisch",
    "Welches Futter macht aus einer Larve die Herrscherin?": "royale",
    "Wie kommt das Volk durch die kalten Monate?": "Wintertraube",
    "Welcher Parasit ist für die Völker am schlimmsten?": "Varroamilbe",
    "Was wird aus den Männchen am Ende des Sommers?": "unbefruchteten Eiern, haben",
}
print("Der Server sagt:", requests.head(PAGES[0], timeout=10).headers["Content-Type"], "(ohne Zeichensatz)")


# %% Aufgabe 1 und 2: Generiere saubere Texte
# ▼ AUFGABE 1: Hole eine Seite mit requests.get (mit timeout) und gib ein BeautifulSoup mit richtigen Umlauten zurück.
def get_soup(url):
    return ...


# ▲
soups = [get_soup(url) for url in PAGES]
are_soups = all(isinstance(soup, BeautifulSoup) for soup in soups)
if are_soups:
    print("Titel der Seiten:", *(soup.title.get_text() for soup in soups), sep="\n  ")


# ▼ AUFGABE 2: Gib die Absätze <p> des Hauptteils (<article>, sonst <main>) als Liste von Zeichenketten zurück: ohne
#   Tags, Anzeigen und Unsichtbares, ohne „[1]“, weiche Trennstellen (\xad) und doppelte Leerzeichen, ab 80 Zeichen.
def get_passages(soup):
    return ...


# ▲
pages = [get_passages(soup) for soup in soups] if are_soups else ...
running.close()  # der Webserver wird nicht mehr gebraucht
passages = ... if pruefe.ist_offen(pages) else [text for page in pages for text in page]
if passages is not ...:
    print(f"{len(passages)} Absätze, der erste: {str(passages[0])[:90]} …")

# %% embed: e5 macht aus jedem Text einen Vektor, das Mittel der Vektoren seiner Tokens (noch nicht normiert)
MODEL = modell("intfloat/multilingual-e5-small")
tokenizer, e5 = AutoTokenizer.from_pretrained(MODEL), AutoModel.from_pretrained(MODEL).eval()


@torch.inference_mode()
def embed(texts):
    """Liste von Texten → Matrix mit einer Zeile (384 Zahlen) je Text."""
    vectors = []
    for text in texts:
        tokens = tokenizer(text, truncation=True, max_length=MAX_TOKENS, return_tensors="pt")
        vectors.append(e5(**tokens).last_hidden_state[0].mean(dim=0).numpy())
    return np.array(vectors, dtype="float32")


# ▼ AUFGABE 3: Kodiere passages. e5 will vor jedem Absatz „passage: “ lesen; bring jede Zeile auf die Länge 1.
passage_vectors = ...
# ▲

# %% Aufgabe 4: Speichere die Embeddings mit FAISS
INDEX_FILE = ausgabe_ordner() / "eigene_suche.faiss"
INDEX_FILE.unlink(missing_ok=True)  # der vom letzten Mal

# ▼ AUFGABE 4: Baue einen Index für das Skalarprodukt (inner product) und speichere ihn in INDEX_FILE.
index = ...
# ▲
loaded = ...
if INDEX_FILE.is_file():
    loaded = faiss.deserialize_index(np.fromfile(INDEX_FILE, dtype="uint8"))
    print(f"Geladen: {loaded.ntotal} Vektoren aus\n  {INDEX_FILE}")


# %% Aufgabe 5: Stelle Fragen
# ▼ AUFGABE 5: Suche mit loaded und gib zwei Listen zurück: die k besten Ähnlichkeiten und die Nummern ihrer Absätze.
#   Vor Fragen steht bei e5 „query: “; auch ihr Vektor soll die Länge 1 haben.
def search(question, k):
    return ...


# ▲


def is_right(question, number):
    """Ob der Absatz mit dieser Nummer die Antwort enthält."""
    return QUESTIONS[question] in passages[number]


answers = {question: search(question, 3) for question in QUESTIONS}
if not pruefe.ist_offen(list(answers.values())):
    print("\nDer erste Treffer zu jeder Frage; ✔ heißt, die Antwort steht darin:")
    for question, (scores, numbers) in answers.items():
        print(f"  {'✔' if is_right(question, numbers[0]) else '–'} {question}")
        print(f"      {scores[0]:.3f}  {passages[numbers[0]][:90]} …")

# %% Aufgabe 6: Wie gut ist die Suche?
# ▼ AUFGABE 6: Miss über alle QUESTIONS den Anteil mit dem richtigen Absatz auf Platz 1 und unter den ersten drei,
#   und den MRR (Mittel von 1 / Platz des richtigen Absatzes; der Platz kann auch hinter dem dritten sein).
hit_at_1 = ...
hit_at_3 = ...
mrr = ...
# ▲
if not pruefe.ist_offen((hit_at_1, hit_at_3, mrr)):
    print(f"\nhit@1 {hit_at_1:.2f}   hit@3 {hit_at_3:.2f}   MRR {mrr:.2f}   ({len(QUESTIONS)} Fragen)")

# ▼ AUFGABE 7: Stelle drei eigene Fragen, in anderen Worten als der Text: Frage → ein Wort, das im richtigen Absatz steht.
own_questions = ...
# ▲
if isinstance(own_questions, dict) and not pruefe.ist_offen(list(answers.values())):
    for question, word in own_questions.items():
        right = [word in passages[number] for number in search(question, len(passages))[1]]
        print(f"„{word}“ auf Platz {1 + right.index(True) if any(right) else '–'}: {question}")


# %% Prüfung (hier nichts ändern)
def reference(texts, prefix):
    vectors = embed([prefix + text for text in texts])
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def has(part):
    """Ob ein Stück Text in einem der Absätze der beiden mitgelieferten Seiten steht."""
    return any(part in text for text in [*pages[0], *pages[1]])


first, second = list(QUESTIONS)[:2]
if not pruefe.ist_offen((passages, passage_vectors)):
    similarity = reference(QUESTIONS, "query: ") @ passage_vectors.T
    order = np.argsort(-similarity, axis=1)
    true_places = 1 + np.array([[p in passages[n] for n in row].index(True) if has(p) else len(passages)
                                for row, p in zip(order, QUESTIONS.values())])  # fmt: skip

pruefe.erwarte(
    "Aufgabe 1",
    soups,
    (lambda s: are_soups, lambda s: f"get_soup gibt {type(s[0]).__name__} zurück, gesucht ist BeautifulSoup(…)."),
    (lambda s: "Tageblatt" in s[0].title.get_text(), "Eine andere Seite; gesucht ist die, deren Adresse url nennt."),
    (lambda s: "Ã" not in s[0].title.get_text(),
     "Im Titel steht „FÃ¤hrlÃ¤nder“: response.text rät ISO-8859-1, weil der Server keinen Zeichensatz nennt. "
     "Gib BeautifulSoup die rohen Bytes."),
    (lambda s: "Fährländer" in s[0].title.get_text(), "Aus „Fährländer“ sind die Umlaute beim Dekodieren verschwunden."),
    tipps=[
        "Sieh dir den gedruckten Titel an: Steht dort „Fährländer“, oder etwas mit Ã?",
        "requests.get(url, timeout=Sekunden); response.text ist schon entziffert, response.content sind die Bytes.",
        'response = requests.get(…)\nreturn BeautifulSoup(response.…, "html.parser")',
    ],
)  # fmt: skip
pruefe.erwarte(
    "Aufgabe 2",
    passages,
    (lambda p: all(isinstance(text, str) for text in p), "Gesucht ist eine Liste von Zeichenketten, keine von Elementen."),
    (lambda p: not has("<"), "Da sind noch HTML-Tags: str(element) ist der Quelltext, get_text() der Text."),
    (lambda p: not has("Cookies") and not has("zuletzt am"),
     "Cookie-Hinweis oder Fußzeile sind dabei: Such nur im Hauptteil, nicht in der ganzen Seite."),
    (lambda p: max(map(len, pages[0])) < 1500, "Ein Eintrag ist fast die ganze Seite; gesucht ist einer je Absatz."),
    (lambda p: has("Hinnerk Aldag") and has("Karl von Frisch") and has("Swammerdam"),
     "Es fehlen Absätze. find(…) liefert nur das erste Element, das passt; select(…) alle."),
    (lambda p: not has("\xad"), "Weiche Trennstellen (\\xad) zerschneiden noch Wörter: replace entfernt sie."),
    (lambda p: not has("[1]"), "Verweise wie „[1]“ kleben noch an Sätzen; sie stehen in <sup>."),
    (lambda p: not has("\xa0") and not has("  ") and not has("\n"),
     "Da sind noch doppelte oder feste Leerzeichen (\\xa0) oder Zeilenumbrüche."),
    (lambda p: not has("Gedruckt aus"), "Ein Absatz ist im Browser unsichtbar („Gedruckt aus …“, Klasse nur-druck)."),
    (lambda p: min(map(len, p)) >= 80, lambda p: f"Zu kurz für einen Absatz: „{min(p, key=len)}“"),
    tipps=[
        "In welchem Element steht der Text, und welche Elemente darin gehören nicht dazu?",
        'soup.select_one(…) or …, .select(…), .decompose(), .get_text(), str.replace, re.sub(r"\\s+", " ", text).',
        'main = soup.select_one("article") or …\nfor element in main.select("…, sup"):\n    element.decompose()\n'
        'texts = [p.get_text()… for p in main.select("p")]\n…\nreturn [text for text in texts if …]',
    ],
)  # fmt: skip
pruefe.erwarte(
    "Aufgabe 3",
    ... if passages is ... else passage_vectors,
    (lambda v: v.shape == (len(passages), 384), "Gesucht ist eine Matrix mit einer Zeile je Absatz und 384 Spalten."),
    (lambda v: np.allclose(np.linalg.norm(v, axis=1), 1, atol=1e-3),
     lambda v: f"Die erste Zeile hat die Länge {np.linalg.norm(v[0]):.2f}: Ohne Normieren ist das Skalarprodukt kein Kosinus."),
    (lambda v: v[0] @ reference(passages[:1], "query: ")[0] < 0.9999, "Vor den Absätzen steht „query: “, das gehört vor Fragen."),
    (lambda v: v[0] @ reference(passages[:1], "passage: ")[0] > 0.9999,
     "Das sind nicht die Vektoren von „passage: “ + Absatz: Fehlt das Präfix (mit Leerzeichen am Ende)?"),
    tipps=[
        "Was hat e5 beim Training vor jedem Absatz gelesen? Und wie lang ist ein Vektor von embed?",
        "embed nimmt eine Liste von Texten; faiss.normalize_L2(matrix) ändert die Matrix an Ort und Stelle.",
        'passage_vectors = embed(["…" + text for text in passages])\nfaiss.…(passage_vectors)',
    ],
)  # fmt: skip
pruefe.erwarte(
    "Aufgabe 4",
    loaded,
    (lambda i: i.ntotal > 0, "Der gespeicherte Index ist leer: IndexFlatIP(…) legt nur die Größe fest, add(…) füllt ihn."),
    (lambda i: i.ntotal == len(passages), lambda i: f"Im Index sind {i.ntotal} Vektoren, aber es gibt {len(passages)} Absätze."),
    (lambda i: i.metric_type == faiss.METRIC_INNER_PRODUCT,
     "Das ist ein Index für Abstände (L2): Dort ist klein gut. Gesucht ist der für das Skalarprodukt."),
    (lambda i: np.allclose(i.reconstruct(0), passage_vectors[0], atol=1e-4), "Im Index sind andere als die passage_vectors."),
    tipps=[
        "Welche drei Schritte braucht es: anlegen, füllen, …?",
        "faiss.IndexFlatIP(Dimension), index.add(Matrix); faiss.serialize_index(index) macht ein Array aus Bytes daraus, "
        "das .tobytes() und write_bytes(…) speichern (faiss.write_index scheitert unter Windows an Umlauten im Pfad).",
        "index = faiss.IndexFlatIP(…)\nindex.add(…)\nINDEX_FILE.write_bytes(faiss.serialize_index(index).tobytes())",
    ],
)  # fmt: skip
pruefe.erwarte(
    "Aufgabe 5",
    ... if loaded is ... else [answers[first], search(second, 2)],
    (lambda a: [len(part) for found in a for part in found] == [3, 3, 2, 2],
     "Gesucht sind zwei Listen mit je k Einträgen. FAISS antwortet mit einer Zeile je Frage; [0] ist die erste."),
    (lambda a: max(a[0][0]) < 1.001, "Eine Ähnlichkeit über 1: Der Vektor der Frage ist nicht normiert (oder es sind die Nummern)."),
    (lambda a: np.isclose(a[0][0][0], similarity[0].max(), atol=1e-4),
     "Die Ähnlichkeit passt nicht zu „query: “ + Frage: Fehlt das Präfix, oder steht dort „passage: “?"),
    (lambda a: list(a[1][1]) == list(order[1][:2]), "Die Ähnlichkeiten stimmen, die Nummern der Absätze nicht."),
    tipps=[
        "Was muss mit der Frage geschehen, damit ihr Vektor zu denen der Absätze passt?",
        "loaded.search(Matrix mit einer Zeile, k) gibt zwei Matrizen zurück: Ähnlichkeiten und Nummern.",
        'question_vector = embed(["…" + question])\n…\nscores, numbers = loaded.search(question_vector, k)\nreturn list(scores[0]), …',
    ],
)  # fmt: skip
pruefe.erwarte(
    "Aufgabe 6",
    ... if pruefe.ist_offen(list(answers.values())) else (hit_at_1, hit_at_3, mrr),
    (lambda m: max(m) <= 1, "Alle drei liegen zwischen 0 und 1: Anteile, keine Anzahlen."),
    (lambda m: np.isclose(m[0], np.mean(true_places == 1)), "hit_at_1: Bei welchem Anteil der Fragen ist der Platz 1?"),
    (lambda m: np.isclose(m[1], np.mean(true_places <= 3)), "hit_at_3: Bei welchem Anteil ist der Platz 1, 2 oder 3?"),
    (lambda m: not np.isclose(m[2], 1 / np.mean(true_places)), "Das ist 1 / (Mittel der Plätze). MRR ist das Mittel von 1 / Platz."),
    (lambda m: np.isclose(m[2], np.mean(1 / true_places)), "mrr: Auch Plätze hinter dem dritten zählen, mit 1 / Platz."),
    tipps=[
        "Auf welchem Platz steht für jede Frage der erste Absatz, für den is_right(…) wahr ist?",
        "search(question, len(passages)) ordnet alle Absätze; liste.index(True) ist die Stelle des ersten True, ab 0.",
        "for question in QUESTIONS:\n    numbers = search(question, len(passages))[1]\n    places.append(1 + …)\n"
        "hit_at_1 = np.mean([place == 1 for place in places])\n…",
    ],
)  # fmt: skip
pruefe.erwarte(
    "Aufgabe 7",
    ... if passages is ... else own_questions,
    (lambda o: isinstance(o, dict) and len(o) >= 3, "Gesucht ist ein dict mit mindestens drei Fragen: {Frage: Wort, …}."),
    (lambda o: all(any(word in text for text in passages) for word in o.values()),
     lambda o: f"Steht in keinem Absatz: {[w for w in o.values() if not any(w in text for text in passages)]}"),
    (lambda o: all(word.lower() not in question.lower() for question, word in o.items()),
     "Das Wort steht schon in der Frage. Frag in anderen Worten: So zeigt sich, ob Bedeutung gefunden wird."),
    (lambda o: not set(o) & set(QUESTIONS), "Da ist eine Frage aus QUESTIONS dabei; gesucht sind deine eigenen."),
    tipps=[
        "Was würde jemand fragen, der den Text nicht kennt?",
        "Die beiden Seiten liegen auch in data/webseiten; das Wort soll im Absatz mit der Antwort stehen.",
        'own_questions = {\n    "…?": "…",\n    "…?": "…",\n    "…?": "…",\n}',
    ],
)  # fmt: skip
pruefe.fortschritt()
