"""Die Prüfung zu uebung_semantic_search.py: je Aufgabe die Diagnosen und drei Tipps."""

import inspect
from unittest import mock

from kurs.kern.pfade import DATA
from kurs.uebungen import (
    Diagnose,
    ein,
    feld,
    funktion,
    liste,
    text,
    tipps,
    verfehlt,
    woerterbuch,
    zahl,
)
from kurs.webseiten import webserver

import numpy as np
from bs4 import BeautifulSoup
from requests.adapters import HTTPAdapter


def seite(name):
    """Eine der mitgelieferten Seiten, richtig entziffert."""
    return BeautifulSoup((DATA / "webseiten" / name).read_bytes(), "html.parser")


def hole(get_soup, adresse):
    """Was get_soup liefert, und das timeout jeder Anfrage dabei."""
    gesehen, sende = [], HTTPAdapter.send

    def send(self, request, *args, **kwargs):
        gebunden = inspect.signature(sende).bind(self, request, *args, **kwargs)
        gesehen.append(gebunden.arguments.get("timeout"))
        return sende(self, request, *args, **kwargs)

    with mock.patch.object(HTTPAdapter, "send", send):
        return get_soup(adresse), gesehen


def absaetze(name):
    """Die Absätze einer Seite, wie sie gesucht sind."""
    soup = seite(name)
    main = soup.select_one("article") or soup.select_one("main")
    for element in main.select(".anzeige, .nur-druck, .nurmobil, .hinweis, sup, script, style"):
        element.decompose()
    texts = [" ".join(p.get_text().replace("\xad", "").split()) for p in main.select("p")]
    return [text for text in texts if len(text) >= 80]


def ohne_luecken(text):
    return "".join(text.replace("\xad", "").split())


def lies_absaetze(get_passages, soup):
    """Was get_passages liefert, als Liste von Texten; auch yield ist recht. Fehler: Diagnose."""
    found = get_passages(soup)
    if inspect.isgenerator(found):
        found = list(found)
    if isinstance(found, (list, tuple)) and any(hasattr(p, "get_text") for p in found):
        raise Diagnose("Gesucht ist eine Liste von Texten, keine von Elementen: get_text().")
    if isinstance(found, (list, tuple)) and not found:
        raise Diagnose(
            "Auf einer der Seiten bleibt kein einziger Absatz übrig. Zählt deine Grenze Zeichen, len(text) >= 80?"
        )
    return liste(text)(found, "get_passages(soup)")


def normiert(vectors):
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@tipps(
    "Sieh dir den Titel einer Seite an: Steht dort „Fährländer“, oder etwas mit Ã?",
    "requests.get(url, timeout=Sekunden); response.text ist schon entziffert, response.content sind "
    "die Bytes.",
    'response = requests.get(…)\nreturn BeautifulSoup(response.…, "html.parser")',
)
def aufgabe_1(get_soup: funktion):
    with webserver() as address:
        geholt = [
            hole(get_soup, f"{address}/{name}.html") for name in ("regionalzeitung", "kochblog")
        ]
    soups = [soup for soup, _ in geholt]
    for soup in soups:
        if isinstance(soup, (str, bytes)):
            raise Diagnose(
                "get_soup gibt Text zurück; gesucht ist BeautifulSoup(…), das ihn zerlegt hat."
            )
        ein(BeautifulSoup, "ein BeautifulSoup")(soup, "get_soup(url)")
        if soup.title is None:
            raise Diagnose(
                "In deinem BeautifulSoup ist keine Seite: Es hat nicht einmal einen Titel."
            )
    if "Tageblatt" not in (title := soups[0].title.get_text()):
        return "Das ist eine andere Seite als die, deren Adresse url nennt."
    if soups[1].title.get_text() == title:
        return "Zu zwei Adressen kommt dieselbe Seite: Benutzt du url?"
    if "Ã" in title:
        return (
            "Im Titel steht „FÃ¤hrlÃ¤nder“: response.text rät ISO-8859-1, weil der Server keinen "
            "Zeichensatz nennt. Gib BeautifulSoup die rohen Bytes."
        )
    if "Fährländer" not in title:
        return "Aus „Fährländer“ sind die Umlaute beim Dekodieren verschwunden."
    if any(None in zeiten for _, zeiten in geholt):
        return "Es fehlt timeout: Antwortet ein Server nie, wartet dein Programm sonst ewig."


@tipps(
    "In welchem Element steht der Text, und welche Elemente darin gehören nicht dazu?",
    "soup.select_one(…) or …, .select(…), .decompose(), .get_text(), str.replace, "
    '" ".join(text.split()).',
    'main = soup.select_one("article") or …\nfor element in main.select("…, sup"):\n'
    '    element.decompose()\ntexts = [p.get_text()… for p in main.select("p")]\n…\n'
    "return [text for text in texts if …]",
)
def aufgabe_2(get_passages: funktion):
    namen = "regionalzeitung.html", "lexikon_bienen.html"
    alle = [text for name in namen for text in lies_absaetze(get_passages, seite(name))]

    def steht_darin(stueck):
        return any(stueck in passage for passage in alle)

    if steht_darin("<"):
        return "Da sind noch HTML-Tags: str(element) ist der Quelltext, get_text() der Text."
    if steht_darin("Cookies") or steht_darin("zuletzt am"):
        return "Cookie-Hinweis oder Fußzeile sind dabei: Such nur im Hauptteil, nicht in der ganzen Seite."
    if max(map(len, alle)) >= 1500:
        return "Ein Eintrag ist fast die ganze Seite; gesucht ist einer je Absatz."
    if not any(" " in passage for passage in alle):
        return 'Zwischen den Wörtern fehlen die Leerzeichen: split() wirft sie weg, " ".join(…) setzt sie wieder.'
    if alle == [passage.lower() for passage in alle]:
        return "Alles ist klein geschrieben. Ändere am Text nur, was nicht hineingehört."
    if max(map(len, alle)) == 80:
        return "Jeder Eintrag endet nach 80 Zeichen. Gesucht sind ganze Absätze, und zwar die ab 80 Zeichen."
    wanted = [passage for name in namen for passage in absaetze(name)]
    dicht = ohne_luecken(" ".join(alle))
    if fehlend := [passage for passage in wanted if ohne_luecken(passage)[-40:] not in dicht]:
        return (
            f"Es fehlen Absätze, {len(fehlend)} von {len(wanted)}, etwa „{fehlend[0][:40]} …“. find(…) liefert "
            "nur das erste Element, das passt, select(…) alle; und return steht hinter der Schleife."
        )
    if steht_darin("\xad"):
        return "Weiche Trennstellen (\\xad) zerschneiden noch Wörter: replace entfernt sie."
    if steht_darin("[1]"):
        return "Verweise wie „[1]“ kleben noch an Sätzen; sie stehen in <sup>."
    if not steht_darin("Swammerdam"):
        return (
            "Wo weiche Trennstellen (\\xad) waren, sind Wörter jetzt zerschnitten („Swam mer dam“): Ersetze sie "
            "durch nichts, nicht durch ein Leerzeichen."
        )
    if any(map(steht_darin, ("\xa0", "  ", "\n"))):
        return "Da sind noch doppelte oder feste Leerzeichen (\\xa0) oder Zeilenumbrüche."
    if steht_darin("Gedruckt aus"):
        return "Ein Absatz ist im Browser unsichtbar („Gedruckt aus …“, Klasse nur-druck)."
    if steht_darin("Anzeige"):
        return "Eine Anzeige ist dabei; sie hat eine eigene Klasse."
    if len(kurz := min(alle, key=len)) < 80:
        return f"Zu kurz für einen Absatz: „{kurz}“"
    genau = ("Bienen fliegen bei Wind nicht weit. " * 3)[:79] + "."  # 80 Zeichen
    probe = BeautifulSoup(f"<html><body><main><p>{genau}</p></main></body></html>", "html.parser")
    try:
        gefunden = lies_absaetze(get_passages, probe)
    except Diagnose:
        gefunden = []
    if gefunden != [genau]:
        return (
            "Ein Absatz mit genau 80 Zeichen geht verloren: „ab 80“ heißt, 80 zählt noch dazu (>=)."
        )


@tipps(
    "Was hat e5 beim Training vor jedem Absatz gelesen? Und wie lang ist ein Vektor von embed?",
    "embed nimmt eine Liste von Texten; faiss.normalize_L2(matrix) ändert die Matrix an Ort und Stelle.",
    'passage_vectors = embed(["…" + text for text in passages])\nfaiss.…(passage_vectors)',
)
def aufgabe_3(passage_vectors: feld((None, None)), *, passages, embed):
    if passage_vectors.shape != (len(passages), 384):
        return (
            f"Deine Matrix hat die Form {passage_vectors.shape}; gesucht ist eine Zeile je Absatz, "
            f"also ({len(passages)}, 384)."
        )
    lengths = np.linalg.norm(passage_vectors, axis=1)
    if not np.allclose(lengths, 1, atol=1e-3):
        return (
            f"Die erste Zeile hat die Länge {lengths[0]:.2f}: "
            "Ohne Normieren ist das Skalarprodukt kein Kosinus."
        )

    def passt_zu(prefix):
        stellen = [0, len(passages) // 2, len(passages) - 1]
        wanted = normiert(embed([prefix + passages[stelle] for stelle in stellen]))
        return (passage_vectors[stellen] * wanted).sum(axis=1).min() > 0.9999

    if passt_zu("query: "):
        return "Vor den Absätzen steht „query: “, das gehört vor Fragen."
    if not passt_zu("passage: "):
        return (
            "Das sind nicht die Vektoren von „passage: “ + Absatz: "
            "Fehlt das Präfix (mit Leerzeichen am Ende), oder ist die Reihenfolge eine andere?"
        )


@tipps(
    "Welche drei Schritte braucht es: anlegen, füllen, …?",
    "faiss.IndexFlatIP(Dimension), index.add(Matrix); faiss.serialize_index(index) macht Bytes daraus, "
    "die .tobytes() und write_bytes(…) speichern (faiss.write_index scheitert unter Windows an Umlauten "
    "im Pfad).",
    "index = faiss.IndexFlatIP(…)\nindex.add(…)\n"
    "INDEX_FILE.write_bytes(faiss.serialize_index(index).tobytes())",
)
def aufgabe_4(index, *, passage_vectors, passages, INDEX_FILE):
    import faiss

    if not isinstance(index, faiss.Index):
        raise verfehlt(index, "ein Index von FAISS", "index")
    if not INDEX_FILE.is_file():
        return "Die Datei INDEX_FILE ist nicht entstanden: Der Index ist noch nicht gespeichert."
    try:
        saved = faiss.deserialize_index(np.fromfile(INDEX_FILE, dtype="uint8"))
    except RuntimeError:
        return "In INDEX_FILE steht kein Index von FAISS: Gespeichert wird, was serialize_index liefert."
    if saved.ntotal == 0:
        return "Der gespeicherte Index ist leer: IndexFlatIP(…) legt nur die Größe fest, add(…) füllt ihn."
    if saved.ntotal != len(passages):
        return f"Im Index sind {saved.ntotal} Vektoren, aber es gibt {len(passages)} Absätze."
    if saved.metric_type != faiss.METRIC_INNER_PRODUCT:
        return "Das ist ein Index für Abstände (L2): Dort ist klein gut. Gesucht ist das Skalarprodukt."
    vectors = np.asarray(passage_vectors, dtype="float32")
    scores, numbers = saved.search(vectors, 1)
    if (numbers[:, 0] != np.arange(len(vectors))).mean() > 0.1:
        return "Sucht man die passage_vectors selbst, findet der Index sie nicht: Es sind andere darin."
    if not np.allclose(scores[:, 0], 1, atol=0.02):
        return (
            f"Sucht man die passage_vectors selbst, ist die Ähnlichkeit {scores[0, 0]:.2f} statt 1: Im Index "
            "sind andere Vektoren als die aus Aufgabe 3."
        )


def suche(search, question, k):
    """Was search findet; eine einzelne Zeile statt einer Matrix bricht tief in FAISS ab."""
    try:
        return search(question, k)
    except ValueError as fehler:
        if "expected 2, got 1" not in str(fehler):
            raise
        raise Diagnose(
            "loaded.search will eine Matrix mit einer Zeile je Frage, so wie embed sie gibt, nicht nur diese "
            "Zeile."
        ) from None


@tipps(
    "Was muss mit der Frage geschehen, damit ihr Vektor zu denen der Absätze passt?",
    "loaded.search(Matrix mit einer Zeile, k) gibt zwei Matrizen zurück: Ähnlichkeiten und Nummern.",
    'question_vector = embed(["…" + question])\n…\n'
    "scores, numbers = loaded.search(question_vector, k)\nreturn list(scores[0]), …",
)
def aufgabe_5(search: funktion, *, loaded, embed, passage_vectors):
    vectors = np.asarray(passage_vectors)
    for question, k in (("Wie alt wird die Fähre?", 3), ("Wovon leben die Tiere im Winter?", 2)):
        found = suche(search, question, k)
        if (
            found is None
            or isinstance(found, str)
            or not hasattr(found, "__len__")
            or len(found) != 2
        ):
            raise verfehlt(found, "ein Paar: Ähnlichkeiten und Nummern", f"search(question, {k})")
        scores, numbers = map(np.asarray, found)
        if scores.dtype.kind in "iu" and numbers.dtype.kind == "f":
            return "Die Rückgabe ist vertauscht: erst die Ähnlichkeiten, dann die Nummern."
        if scores.ndim == 1 and scores.shape == numbers.shape != (k,):
            return f"Gefragt nach {k} Absätzen, gefunden werden {len(scores)}: Gib k weiter."
        if scores.shape != (k,) or numbers.shape != (k,):
            return (
                f"Gesucht sind zwei Listen mit je {k} Einträgen; deine haben die Form {scores.shape} und "
                f"{numbers.shape}. FAISS antwortet mit einer Zeile je Frage; [0] ist die erste."
            )
        similarity = normiert(embed(["query: " + question]))[0] @ vectors.T
        if max(scores) > 1.001:
            return "Eine Ähnlichkeit über 1: Der Vektor der Frage ist nicht normiert (oder es sind die Nummern)."
        if all(
            np.isclose(similarity, score, atol=1e-5).any() for score in scores
        ) and not np.isclose(max(scores), max(similarity), atol=1e-5):
            return "Der ähnlichste Absatz fehlt: Was du zurückgibst, beginnt erst nach ihm."
        if not np.allclose(sorted(scores)[::-1], sorted(similarity)[::-1][:k], atol=1e-4):
            return (
                "Die Ähnlichkeiten passen nicht zu „query: “ + Frage: "
                "Fehlt das Präfix, oder steht dort „passage: “?"
            )
        if numbers.dtype.kind in "UO":
            return "Die zweite Liste enthält Texte; gesucht sind die Nummern der Absätze."
        gueltig = numbers.dtype.kind in "iu" and 0 <= numbers.min() and numbers.max() < len(vectors)
        if not gueltig or not np.allclose(similarity[numbers], scores, atol=1e-4):
            return "Die Ähnlichkeiten stimmen, die Nummern der Absätze nicht: Der erste hat die Nummer 0."
        if list(scores) != sorted(scores)[::-1]:
            return "Die Reihenfolge ist verkehrt: Der ähnlichste Absatz steht vorn."


@tipps(
    "Auf welchem Platz steht für jede Frage der erste Absatz, der das Stück Text enthält?",
    "search(question, len(passages)) ordnet alle Absätze; liste.index(True) ist die Stelle des ersten "
    "True, ab 0.",
    "for question, part in QUESTIONS.items():\n    numbers = search(question, len(passages))[1]\n"
    "    places.append(1 + …)\nhit_at_1 = np.mean([place == 1 for place in places])\n…",
)
def aufgabe_6(hit_at_1: zahl, hit_at_3: zahl, mrr: zahl, *, passages, search, QUESTIONS):
    places = []
    for question, part in QUESTIONS.items():
        right = [part in passages[number] for number in search(question, len(passages))[1]]
        places.append(1 + right.index(True))
    places = np.array(places)
    wanted = [np.mean(places == 1), np.mean(places <= 3), np.mean(1 / places)]
    given = [hit_at_1, hit_at_3, mrr]
    if max(given) > 1 or min(given) < 0:
        return (
            f"Alle drei liegen zwischen 0 und 1, es sind Anteile, keine Anzahlen; bei dir: "
            f"{hit_at_1:.3g}, {hit_at_3:.3g}, {mrr:.3g}. Zählst du die Plätze ab 1?"
        )
    if np.allclose(sorted(given), sorted(wanted), atol=1e-3) and not np.allclose(
        given, wanted, atol=1e-3
    ):
        return "Die drei Zahlen stimmen, sind aber vertauscht: erst der Anteil auf Platz 1, zuletzt der MRR."
    if np.isclose(hit_at_1, np.mean(places == 2), atol=1e-3) and hit_at_1 < wanted[0]:
        return f"hit_at_1 = {hit_at_1:.3f} ist der Anteil auf Platz 2: Gezählt wird ab 1, index(True) ab 0."
    if not np.isclose(hit_at_1, wanted[0], atol=1e-3):
        return (
            f"hit_at_1 ist nicht {hit_at_1:.3f}: Bei welchem Anteil der QUESTIONS steht der richtige Absatz auf "
            "Platz 1?"
        )
    if not np.isclose(hit_at_3, wanted[1], atol=1e-3):
        return f"hit_at_3 ist nicht {hit_at_3:.3f}: Bei welchem Anteil ist der Platz 1, 2 oder 3?"
    if np.isclose(mrr, 1 / np.mean(places), atol=1e-3) and not np.isclose(
        mrr, wanted[2], atol=1e-3
    ):
        return "Das ist 1 / (Mittel der Plätze). MRR ist das Mittel von 1 / Platz."
    if not np.isclose(mrr, wanted[2], atol=1e-3):
        return f"mrr ist nicht {mrr:.3f}: Auch Plätze hinter dem dritten zählen, mit 1 / Platz."


@tipps(
    "Was würde jemand fragen, der den Text nicht kennt?",
    "Die beiden Seiten liegen auch in data/webseiten; das Wort soll im Absatz mit der Antwort stehen.",
    'own_questions = {\n    "…?": "…",\n    "…?": "…",\n    "…?": "…",\n}',
)
def aufgabe_7(own_questions: woerterbuch, *, passages, QUESTIONS):
    if len(own_questions) < 3:
        return f"Gesucht sind mindestens drei Fragen; hier sind {len(own_questions)}."
    for question, word in own_questions.items():
        text(question, "Eine Frage")
        text(word, f"Das Wort zu „{question}“")
    klein = [passage.lower() for passage in passages]

    def wie_oft(word):
        return sum(word.lower() in passage for passage in klein)

    if fehlend := [w for w in own_questions.values() if not wie_oft(w)]:
        if all(map(wie_oft, own_questions)):
            return "Frage und Wort sind vertauscht: Vor dem Doppelpunkt steht die Frage."
        return f"Steht in keinem Absatz: {fehlend}"
    if oft := [w for w in own_questions.values() if wie_oft(w) > len(passages) / 3]:
        return (
            f"„{oft[0]}“ steht in {wie_oft(oft[0])} von {len(passages)} Absätzen: Daran erkennt niemand den "
            "richtigen. Nimm ein Wort, das fast nur dort vorkommt."
        )
    if any(word.lower() in question.lower() for question, word in own_questions.items()):
        return (
            "Das Wort steht schon in der Frage. Frag in anderen Worten: "
            "So zeigt sich, ob Bedeutung gefunden wird."
        )
    if set(own_questions) & set(QUESTIONS):
        return "Da ist eine Frage aus QUESTIONS dabei; gesucht sind deine eigenen."
