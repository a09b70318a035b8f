"""spaCy: Wortarten, Merkmale und Satzbau; daneben HanTa.

Kapitel   3.80 Verarbeitung von Textdaten (NLP-Grundlagen) · POS-Tagging
Folie     Code Demo: POS-Tagging mit SpaCy
Lernziel  Tags, Merkmale und Abhängigkeitsbaum lesen und nachzählen, wie oft sie stimmen
Laufzeit  ca. 4 s (2 CPU-Kerne)
Daten     eigene Sätze, zum Teil von Hand ausgezeichnet
Modelle   de_core_news_sm, sonst die Pipeline des Kurses (de_kurs_sm); HanTa
Erwartet  tags_spacy 0.97–1, tags_hanta 0.95–0.99, grundformen_spacy 0.8–0.85,
          grundformen_hanta 0.97–1

Beide raten nach Wahrscheinlichkeit. Deshalb wird am Ende nachgezählt.
"""

# %% Stellschrauben: hier live drehen
SENTENCE = "Die alte Lehrerin gab dem Kind gestern einen langen Brief."
SAME_WORDS = ["Hinter den Fliegen fliegen Fliegen.", "Wir essen warmes Essen."]
WHO_BITES = ["Der Hund beißt den Mann.", "Den Mann beißt der Hund."]
GOLD = [  # von Hand: Wort/Tag/Lemma (Grundform); fehlt das Lemma, ist es das Wort selbst
    "Die/ART alte/ADJA/alt Brücke/NN bleibt/VVFIN/bleiben im/APPRART Winter/NN "
    "gesperrt/VVPP/sperren ./$.",
    "Gestern/ADV/gestern lief/VVFIN/laufen der/ART Hund/NN über/APPR die/ART Felder/NN/Feld ./$.",
    "Ihre/PPOSAT Kinder/NN/Kind haben/VAFIN zwei/CARD Bücher/NN/Buch gelesen/VVPP/lesen ./$.",
    "Er/PPER ist/VAFIN/sein schneller/ADJD/schnell als/KOKOM seine/PPOSAT Schwester/NN ./$.",
    "Wir/PPER gingen/VVFIN/gehen später/ADJD/spät zu/APPR den/ART Nachbarn/NN/Nachbar ./$.",
    "Der/ART Kaffee/NN schmeckte/VVFIN/schmecken besser/ADJD/gut ,/$, weil/KOUS Anna/NE "
    "ihn/PPER kochte/VVFIN/kochen ./$.",
    "Man/PIS darf/VMFIN/dürfen hier/ADV nicht/PTKNEG rauchen/VVINF ./$.",
    "Das/ART Rauchen/NN schadet/VVFIN/schaden den/ART Pflanzen/NN/Pflanze ./$.",
    "Die/ART Mäuse/NN/Maus fraßen/VVFIN/fressen nachts/ADV den/ART teuren/ADJA/teuer Käse/NN ./$.",
    "Ich/PPER habe/VAFIN/haben endlich/ADV das/ART richtige/ADJA/richtig Wort/NN "
    "gefunden/VVPP/finden ./$.",
]

# %% Bibliotheken laden (einige Sekunden)
from kurs import ausgabe_ordner, ergebnis
from kurs.browser import zeige
from kurs.modelle import spacy_modell

import matplotlib.pyplot as plt
import pandas as pd
import spacy
from HanTa.HanoverTagger import HanoverTagger
from spacy import displacy
from spacy.tokens import Doc

# %% Die Pipeline: ein Baustein nach dem anderen
nlp = spacy.load(spacy_modell("de_core_news_sm"))
print("Bausteine:", " → ".join(nlp.pipe_names))

# %% Wortarten (zwei Sätze von Tags), Grundform, Merkmale
doc = nlp(SENTENCE)
print(f"\n{'Wort':12}{'pos_':7}{'tag_':8}{'lemma_':12}morph")
for token in doc:
    print(f"{token.text:12}{token.pos_:7}{token.tag_:8}{token.lemma_:12}{token.morph}")
# pos_ ist grob und gilt für alle Sprachen, tag_ (STTS) ist fein und deutsch: VVFIN ist ein
# Vollverb in gebeugter Form. Was ein Tag heißt, sagt spacy.explain("VVFIN").
# Stimmt jede Zeile? Auch Genus (Gender) und Numerus (Number) sind geraten.

# %% Dasselbe Wort, andere Wortart: Der Satz entscheidet
print()
for sentence in SAME_WORDS:
    print(f"{sentence:37}", *(f"{token.text}={token.pos_}" for token in nlp(sentence)))

# %% Wozu Merkmale? Der Kasus sagt, wer etwas tut (Nom) und wen oder was es trifft (Acc)
print()
for sentence in WHO_BITES:
    nouns = [token for token in nlp(sentence) if token.pos_ == "NOUN"]
    print(f"{sentence:26}", *(f"{token.text}={token.morph.get('Case')}" for token in nouns))

# %% Der Abhängigkeitsbaum: Jedes Wort hängt an einem anderen, eines ist die Wurzel
print(f"\n{'Wort':12}{'dep_':10}{'hängt an':12}bringt mit")
for token in doc:
    print(f"{token.text:12}{token.dep_:10}{token.head.text:12}", end="")
    print(*(child.text for child in token.children))
# Das Kursmodell: nsubj Subjekt, obj Akkusativobjekt, obl:arg Dativobjekt, obl und advmod Umstand,
# det Artikel, amod Attribut. de_core_news_sm nennt sie sb, oa, da, mo und nk.

# %% Derselbe Baum als Bild, und Namen im Text: displaCy
tree = displacy.render(doc, style="dep", jupyter=False, options={"distance": 120})
names = nlp("Wiebke Harms arbeitet seit 2019 bei der Stadtsparkasse in Lübeck.")
marked = displacy.render(names, style="ent", jupyter=False)
page = ausgabe_ordner() / "displacy.html"
page.write_text(f"<!doctype html><meta charset='utf-8'>{tree}{marked}", encoding="utf-8")
zeige(page)

# %% spaCy neben HanTa: nachzählen an Sätzen, deren Lösung wir kennen
tagger = HanoverTagger("morphmodel_ger.pgz")
rows = []
for line in GOLD:
    gold = [part.split("/") for part in line.split()]
    words = [word for word, *_ in gold]
    spacy_tokens = nlp(Doc(nlp.vocab, words=words))
    answers = zip(gold, spacy_tokens, tagger.tag_sent(words))
    for (word, tag, *lemma), token, (_, hanta_lemma, hanta_tag) in answers:
        hanta_tag = hanta_tag.replace("(", "").replace(")", "")  # VV(FIN) ist VVFIN
        hanta_tag = "NN" if hanta_tag in ("NNI", "NNA") else hanta_tag  # HanTa unterscheidet mehr
        row = [word, tag, *(lemma or [word])]
        rows.append([*row, token.tag_, token.lemma_, hanta_tag, hanta_lemma])
columns = ["Wort", "Tag", "Lemma", "spaCy Tag", "spaCy Lemma", "HanTa Tag", "HanTa Lemma"]
table = pd.DataFrame(rows, columns=columns)
content = table[table["Tag"].str.startswith(("N", "V", "ADJ", "ADV"))]  # nur da zählt das Lemma
scores, wrong = {}, set()
for name in ("spaCy", "HanTa"):
    for kind, part in [("Tag", table), ("Lemma", content)]:
        is_right = part[f"{name} {kind}"] == part[kind]
        scores[name, kind] = is_right.mean()
        wrong |= set(part.index[~is_right])
        print(f"{name} {kind}: {is_right.sum()} von {len(part)} richtig")
print(f"\nZeilen mit einem Fehler:\n{table.loc[sorted(wrong)].to_string(index=False)}")

# %% Bild: Wie oft stimmt es?
pd.Series(scores).unstack(0)[["spaCy", "HanTa"]].plot.bar(rot=0)
plt.ylabel("Anteil richtig")
plt.title(f"Wie oft stimmt es? {len(table)} Tokens, von Hand ausgezeichnet")
plt.legend(loc="lower center")
plt.show()

# %% Was man sieht
# spaCy liefert alles auf einmal: Tags, Merkmale, Baum, Namen. HanTa kann nur Wörter, kennt aber
# ihren Aufbau. So wenige Sätze sind eine Stichprobe, kein Urteil.
ergebnis(
    tags_spacy=scores["spaCy", "Tag"],
    tags_hanta=scores["HanTa", "Tag"],
    grundformen_spacy=scores["spaCy", "Lemma"],
    grundformen_hanta=scores["HanTa", "Lemma"],
)
