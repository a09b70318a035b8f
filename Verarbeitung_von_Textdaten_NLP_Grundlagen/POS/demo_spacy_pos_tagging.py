"""spaCy: Wortarten, Merkmale und Satzbau; daneben HanTa.

Kapitel   3.80 Verarbeitung von Textdaten (NLP-Grundlagen) · POS-Tagging
Folie     Code Demo: POS-Tagging mit SpaCy
Lernziel  Tags, Merkmale und Abhängigkeitsbaum lesen, etwas damit anfangen und wissen, wo sie danebenliegen
Laufzeit  ca. 10 s (2 CPU-Kerne)
Daten     eigene Sätze, von Hand ausgezeichnet; kurs/bewertungen (1.546 deutsche Bewertungen)
Modelle   de_core_news_sm, sonst die Pipeline des Kurses (de_kurs_sm); HanTa
Erwartet  tags_spacy 0.97–1, tags_hanta 0.95–0.99, grundformen_spacy 0.8–0.85, grundformen_hanta 0.97–1

Beide raten nach Wahrscheinlichkeit. Deshalb wird am Ende nachgezählt.
"""

# %% Stellschrauben: hier live drehen
SENTENCE = "Die alte Lehrerin schickte gestern ihrem Nachbarn einen langen Brief."
PHRASES = [
    "Hinter den Fliegen fliegen Fliegen.",
    "Wir essen warmes Essen.",
    "Er lief, und sie liefen mit.",
]
WHO_BITES = ["Der Hund beißt den Mann.", "Den Mann beißt der Hund."]
SEPARABLE = ["Sie lehnte den Vorschlag ohne Begründung ab.", "Der Zug fährt um neun Uhr los."]
N_REVIEWS = 300  # Test: 10
# Zum Nachzählen, von Hand: Wort/Tag/Grundform; ohne Grundform ist sie das Wort selbst
GOLD = [
    "Die/ART alte/ADJA/alt Brücke/NN bleibt/VVFIN/bleiben im/APPRART Winter/NN gesperrt/VVPP/sperren ./$.",
    "Gestern/ADV/gestern lief/VVFIN/laufen der/ART Hund/NN über/APPR die/ART Felder/NN/Feld ./$.",
    "Ihre/PPOSAT Kinder/NN/Kind haben/VAFIN zwei/CARD Bücher/NN/Buch gelesen/VVPP/lesen ./$.",
    "Er/PPER ist/VAFIN/sein schneller/ADJD/schnell als/KOKOM seine/PPOSAT Schwester/NN ./$.",
    "Wir/PPER gingen/VVFIN/gehen später/ADJD/spät zu/APPR den/ART Nachbarn/NN/Nachbar ./$.",
    "Der/ART Kaffee/NN schmeckte/VVFIN/schmecken besser/ADJD/gut ,/$, weil/KOUS Anna/NE ihn/PPER kochte/VVFIN/kochen ./$.",
    "Man/PIS darf/VMFIN/dürfen hier/ADV nicht/PTKNEG rauchen/VVINF ./$.",
    "Das/ART Rauchen/NN schadet/VVFIN/schaden den/ART Pflanzen/NN/Pflanze ./$.",
    "Die/ART Mäuse/NN/Maus fraßen/VVFIN/fressen nachts/ADV den/ART teuren/ADJA/teuer Käse/NN ./$.",
    "Ich/PPER habe/VAFIN/haben endlich/ADV das/ART richtige/ADJA/richtig Wort/NN gefunden/VVPP/finden ./$.",
]  # fmt: skip

# %% Bibliotheken laden (einige Sekunden)
from collections import Counter

from kurs import ausgabe_ordner, ergebnis
from kurs.browser import zeige
from kurs.datensaetze import datensatz
from kurs.modelle import spacy_modell

import matplotlib.pyplot as plt
import spacy
from HanTa.HanoverTagger import HanoverTagger
from spacy import displacy
from spacy.tokens import Doc

# %% Die Pipeline: ein Baustein nach dem anderen
nlp = spacy.load(spacy_modell("de_core_news_sm"))
print("Bausteine:", " → ".join(nlp.pipe_names))

# %% Wortarten (zwei Sätze von Tags), Grundform, Merkmale
UPOS = {
    "NOUN": "Substantiv", "PROPN": "Eigenname", "VERB": "Verb", "AUX": "Hilfsverb", "ADJ": "Adjektiv",
    "ADV": "Adverb", "DET": "Artikel u. ä.", "PRON": "Pronomen", "ADP": "Präposition", "NUM": "Zahl",
    "CCONJ": "und, oder …", "SCONJ": "weil, dass …", "PART": "Partikel", "PUNCT": "Satzzeichen",
}  # fmt: skip
doc = nlp(SENTENCE)
print(f"\n{'Wort':11}{'pos_':7}{'':15}{'tag_':8}{'lemma_':11}morph")
for token in doc:
    print(
        f"{token.text:11}{token.pos_:7}{UPOS.get(token.pos_, ''):15}{token.tag_:8}{token.lemma_:11}"
        f"{token.morph}"
    )
print(
    "pos_ ist grob und gilt für alle Sprachen, tag_ (STTS) ist fein und deutsch: VVFIN = Vollverb, finit."
)
print("Stimmt jede Zeile? Das Modell rät, bei Merkmalen und Grundformen auch daneben; unten wird nachgezählt.")

# %% Dasselbe Wort, andere Wortart: Der Satz entscheidet
print()
for phrase in PHRASES:
    print(f"{phrase:38}", ", ".join(f"{t.text}={t.pos_}" for t in nlp(phrase) if t.is_alpha))

# %% Wozu Merkmale? Im Deutschen verrät der Kasus, wer was tut, nicht die Reihenfolge
print()
for sentence in WHO_BITES:
    nouns = [token for token in nlp(sentence) if token.pos_ == "NOUN"]
    cases = ", ".join(f"{token.text} ({''.join(token.morph.get('Case'))})" for token in nouns)
    print(f"{sentence:28} Reihenfolge und Kasus: {cases}")
print("Nom ist, wer etwas tut, Acc, wem etwas getan wird; das Zählen von Wörtern sieht es nicht.")

# %% Der Abhängigkeitsbaum: Jedes Wort hängt an einem anderen, eines ist die Wurzel
RELATIONS = {
    "nsubj": "Subjekt", "sb": "Subjekt", "obj": "Objekt", "oa": "Akkusativobjekt", "da": "Dativobjekt",
    "iobj": "Dativobjekt", "obl:arg": "Dativobjekt", "obl": "Umstand", "advmod": "Umstand", "mo": "Umstand",
    "det": "Artikel", "amod": "Attribut", "det:poss": "wessen", "nk": "gehört dazu", "case": "Präposition",
    "ROOT": "Wurzel", "punct": "Satzzeichen",
}  # fmt: skip


def print_tree(token, depth=0):
    print(f"  {'    ' * depth}{token.text}  ← {token.dep_} ({RELATIONS.get(token.dep_, '?')})")
    for child in token.children:
        print_tree(child, depth + 1)


print(f"\n{SENTENCE}")
for sentence in doc.sents:
    print_tree(sentence.root)
print("Zusammengehörige Wörter:", " | ".join(
    " ".join(t.text for t in child.subtree) for child in next(doc.sents).root.children if child.pos_ == "NOUN"
))  # fmt: skip

# %% Derselbe Baum als Bild, und Namen im Text: displaCy
svg = displacy.render(doc, style="dep", jupyter=False, options={"distance": 120, "font": "Arial"})
(ausgabe_ordner() / "baum.svg").write_text(svg, encoding="utf-8")
names = nlp("Wiebke Harms arbeitet seit 2019 bei der Stadtsparkasse in Lübeck.")
marked = displacy.render(names, style="ent", jupyter=False)
page = ausgabe_ordner() / "displacy.html"
page.write_text(f"<!doctype html><meta charset='utf-8'>{svg}{marked}", encoding="utf-8")
zeige(page)

# %% Wozu ein Baum? Getrennte Verben wieder zusammensetzen
print()
for sentence in SEPARABLE:  # PTKVZ heißt: abgetrennter Verbzusatz
    verbs = [token.text + token.head.lemma_ for token in nlp(sentence) if token.tag_ == "PTKVZ"]
    print(f"{sentence:46} →", *verbs or ["keinen Zusatz erkannt"])

# %% Und in vielen Texten: Welche Eigenschaften haben die Dinge?
print()
reviews = datensatz("kurs/bewertungen")["train"]
docs = list(nlp.pipe(reviews["text"][:N_REVIEWS]))
pairs = Counter(
    f"{token.lemma_} + {token.head.lemma_}"
    for review in docs
    for token in review
    if token.tag_ == "ADJA" and token.head.pos_ == "NOUN"
)
print("Adjektiv + Substantiv:", ", ".join(f"{pair} ({n})" for pair, n in pairs.most_common(6)))
tags = Counter(token.pos_ for review in docs for token in review if token.is_alpha)
shares = {tag: count / tags.total() for tag, count in tags.most_common(11)}
small = ("DET", "PRON", "ADP", "AUX", "CCONJ", "SCONJ", "PART")  # wenige Wörter, die oft vorkommen
small_share = sum(tags[tag] for tag in small) / tags.total()

figure, axis = plt.subplots(figsize=(10, 5.5))
labels = [f"{UPOS.get(tag, tag)} ({tag})" for tag in shares]
colors = ["#E69F00" if tag in small else "#0072B2" for tag in shares]
axis.barh(labels, [100 * share for share in shares.values()], color=colors)
axis.invert_yaxis()
axis.set_xlabel("Anteil an allen Wörtern (%)")
axis.set_title(f"Orange: Wörter fast ohne eigenen Inhalt, zusammen {small_share:.0%}")
plt.show()
print(f"{small_share:.0%} der Wörter halten nur den Satz zusammen; viele davon sind Stoppwörter.")

# %% spaCy neben HanTa: nachzählen an Sätzen, deren Lösung wir kennen
tagger = HanoverTagger("morphmodel_ger.pgz")
CONTENT = ("N", "V", "ADJ", "ADV")  # nur hier ist klar, was die Grundform ist
right, n_tags, n_lemmas = Counter(), 0, 0
print(f"\n{'Wort':10}{'richtig':20}{'spaCy':24}HanTa   (nur Zeilen mit einem Fehler)")
for line in GOLD:
    gold = [part.split("/") for part in line.split()]
    words = [word for word, *_ in gold]
    spacy_answers = [(t.tag_, t.lemma_) for t in nlp(Doc(nlp.vocab, words=words))]
    hanta_answers = []
    for _, lemma, tag in tagger.tag_sent(words):
        tag = tag.replace("(", "").replace(")", "")  # HanTa schreibt VV(FIN) statt VVFIN
        hanta_answers.append(("NN" if tag in ("NNI", "NNA") else tag, lemma))
    for (word, tag, *lemma), *answers in zip(gold, spacy_answers, hanta_answers):
        lemma = lemma[0] if lemma else word
        has_lemma = tag.startswith(CONTENT)
        n_tags, n_lemmas = n_tags + 1, n_lemmas + has_lemma
        for name, answer in zip(("spaCy", "HanTa"), answers):
            right[f"{name} Tags"] += answer[0] == tag
            right[f"{name} Grundformen"] += has_lemma and answer[1] == lemma
        if any(a[0] != tag or (has_lemma and a[1] != lemma) for a in answers):
            print(f"{word:10}{tag + ' ' + lemma:20}{' '.join(answers[0]):24}{' '.join(answers[1])}")
scores = {key: count / (n_tags if "Tags" in key else n_lemmas) for key, count in right.items()}
for key, score in scores.items():
    print(f"{key:18} {score:.0%} richtig (von {n_tags if 'Tags' in key else n_lemmas})")

# %% Was man sieht
# spaCy liefert alles auf einmal: Tags, Merkmale, Baum, Namen. HanTa kann nur Wörter, kennt aber ihren
# Aufbau. Welches man nimmt, hängt davon ab, was man braucht; zehn Sätze sind eine Stichprobe, kein Urteil.
ergebnis(
    tags_spacy=scores["spaCy Tags"],
    tags_hanta=scores["HanTa Tags"],
    grundformen_spacy=scores["spaCy Grundformen"],
    grundformen_hanta=scores["HanTa Grundformen"],
)
