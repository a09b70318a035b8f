"""Vom Text zur Zahl: reinigen, zerlegen, zurückführen, auffüllen, zählen, klassifizieren.

Kapitel   3.10 Verarbeitung von Textdaten (NLP-Grundlagen) · Preprocessing
Folie     Code Demo: Tokenisierung und Preprocessing mit Python-Tools
Lernziel  Jeden Schritt der Vorverarbeitung sehen, samt dem, was er kaputt macht, und messen, was er bringt
Laufzeit  ca. 15 s (2 CPU-Kerne)
Daten     kurs/bewertungen (1.546 deutsche Bewertungen), dazu eigene Sätze
Erwartet  unbekannte_woerter 0.1–0.2, bpe_tokens_je_wort 1.3–1.6, f1_woerter 0.5–0.7, f1_lemmas 0.5–0.7

Jeder Schritt ist eine Entscheidung, keine Pflicht: Was weggeworfen ist, sieht das Modell nie wieder.
"""

# %% Stellschrauben: hier live drehen
RAW = (
    "<nav>Start | Kontakt</nav><p>Sch&ouml;nes <b>Hotel</b>!<br>Das Früh&shy;stück:&nbsp;"
    "eine KATASTROPHE 😡😡</p><script>zaehle('Besuch')</script>"
)
SPLIT_ME = (
    "Dr. Müller zahlt z. B. 1.500,50 € fürs WLAN-Kabel (inkl. Einbau), und ich geh' leer aus!"
)
SUBWORD_WORDS = ["Frühstück", "Enttäuschung", "Zimmerservice", "Unfreundlichkeit", "Dampfschiff"]
OWN_REVIEWS = ["Das Essen war hervorragend, gerne wieder!", "Leider eine einzige Enttäuschung."]
VOCAB_SIZE = 3_000  # Einträge der Subwort-Vokabulare; probiere 100
N_TEXTS = 1_237  # Test: 120
MAX_NGRAM = 2  # 3: auch Dreierfolgen
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
import json
import re
import time
import unicodedata
from collections import Counter

from kurs import ergebnis
from kurs.datensaetze import datensatz

import matplotlib.pyplot as plt
import numpy as np
import simplemma
from bs4 import BeautifulSoup
from HanTa.HanoverTagger import HanoverTagger
from nltk.stem import SnowballStemmer
from nltk.tokenize import word_tokenize
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

# %% 1 Reinigen: zuerst das HTML
print(f"Roh:            {RAW}")
print(f"Nur <…> weg:    {re.sub('<[^>]+>', '', RAW)}")
soup = BeautifulSoup(RAW, "html.parser")
for element in soup(["nav", "footer"]):
    element.decompose()  # gehört zur Seite, nicht zum Text
text = soup.get_text(" ")  # das Leerzeichen trennt, was nur ein Tag getrennt hat
print(f"BeautifulSoup:  {text}")
print("Das bloße Muster behält &…;, klebt Zeilen zusammen, hält Menü und Programm für Text.")

# %% 2 Reinigen: unsichtbare Zeichen, Groß und Klein, Sonderzeichen
print(f"\nWas im Text wirklich steht: {text!a}")
print(
    "\\xa0 ist ein festes Leerzeichen, \\xad eine weiche Trennstelle: Sie zerschneidet „Frühstück“."
)
composed, combined = "ü", "u\u0308"  # zwei Schreibweisen: ein Zeichen, oder u mit Punkten darüber
same = unicodedata.normalize("NFC", combined) == composed
print(f"{composed} == {combined}? {composed == combined}; nach unicodedata.normalize: {same}")


def clean(text):
    """Eine Schreibweise je Zeichen, klein, nur Buchstaben und Ziffern."""
    text = unicodedata.normalize("NFKC", text).replace("\u00ad", "")  # NFKC: \xa0 → Leerzeichen
    return " ".join(re.findall(r"\w+", text.lower()))


print(f"Gereinigt:      {clean(text)}")
print(f"Ohne Umlaute im Muster:  {' '.join(re.findall('[a-z]+', text.lower()))}")
print("Das Muster muss Umlaute kennen. Verloren ist auch, was Gefühl zeigt (😡, GROSS).")
print("Und „Der Weg ist weg“ wird:", clean("Der Weg ist weg"))

# %% 3 In Wörter zerlegen: drei Arten
print(f"\n{SPLIT_ME}")
print("split():       ", " | ".join(SPLIT_ME.split()))
print("Muster \\w+:    ", " | ".join(re.findall(r"\w+", SPLIT_ME)))
print("word_tokenize: ", " | ".join(word_tokenize(SPLIT_ME, "german", preserve_line=True)))
print("split() lässt Satzzeichen kleben, \\w+ zerreißt Zahlen und Abkürzungen, NLTK kennt beides.")

# %% Daten: Bewertungen, negativ (0), neutral (1) oder positiv (2)
print()
reviews = datensatz("kurs/bewertungen")
raw_texts = [*reviews["train"]["text"], *reviews["validation"]["text"]][:N_TEXTS]
labels = np.array([*reviews["train"]["label"], *reviews["validation"]["label"]])[:N_TEXTS]
texts = [clean(text) for text in raw_texts]
new_words = " ".join(clean(text) for text in reviews["test"]["text"]).split()

counts = Counter(" ".join(texts).split())
once = sum(count == 1 for count in counts.values()) / len(counts)
unknown = np.mean([word not in counts for word in new_words])
print(f"{len(texts)} Bewertungen, {counts.total()} Wörter, davon {len(counts)} verschiedene.")
print("Häufigste:", ", ".join(word for word, _ in counts.most_common(12)))
print(f"{once:.0%} der verschiedenen Wörter kommen nur ein einziges Mal vor.")
print(f"In neuen Bewertungen sind {unknown:.0%} der Wörter unbekannt. Da helfen Subwörter:")


# %% 4 BPE und WordPiece: Teile von Wörtern lernen, hier und jetzt
def train_tokenizer(kind, vocab_size):
    model, trainer = {
        "BPE": (models.BPE, trainers.BpeTrainer),
        "WordPiece": (models.WordPiece, trainers.WordPieceTrainer),
    }[kind]
    settings = {"special_tokens": ["[PAD]", "[UNK]"], "show_progress": False}
    tokenizer = Tokenizer(model(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.train_from_iterator(raw_texts, trainer(vocab_size=vocab_size, **settings))
    return tokenizer


bpe, wordpiece = (train_tokenizer(kind, VOCAB_SIZE) for kind in ("BPE", "WordPiece"))
merges = json.loads(bpe.to_str())["model"]["merges"]
for step in (0, 1, 2, 10, 100, 500, 1500):
    if step < len(merges):
        left, right = merges[step]
        print(f"  BPE, Schritt {step + 1:4}: {left} + {right} → {left + right}")
print("BPE beginnt mit Buchstaben und verschmilzt immer das häufigste Nachbarpaar.")
print(f"\n{'':18}{'BPE':36}WordPiece (## heißt: gehört zum Wort davor)")
for word in SUBWORD_WORDS:
    print(
        f"{word:18}{' '.join(bpe.encode(word).tokens):36}{' '.join(wordpiece.encode(word).tokens)}"
    )
print("Ein Zeichen, das im Training nie vorkam:", bpe.encode("Ein ☂ im Zimmer").tokens)

# %% Wie groß soll das Vokabular sein?
sizes = [100, 300, 1_000, 3_000, 6_000]
known = [{word for word, _ in counts.most_common(size)} for size in sizes]
unknown_share = {
    "ganze Wörter": [np.mean([w not in known_ for w in new_words]) for known_ in known]
}
tokens_per_word = {}
for kind in ("BPE", "WordPiece"):
    unknown_share[kind], tokens_per_word[kind] = [], []
    for size in sizes:
        pieces = train_tokenizer(kind, size).encode(new_words, is_pretokenized=True).tokens
        unknown_share[kind].append(pieces.count("[UNK]") / len(new_words))
        tokens_per_word[kind].append(len(pieces) / len(new_words))
figure, axes = plt.subplots(1, 2, figsize=(13, 5))
styles = {
    "ganze Wörter": ("#999999", "o-"),
    "BPE": ("#0072B2", "s-"),
    "WordPiece": ("#D55E00", "^--"),
}
for axis, values in zip(axes, (unknown_share, tokens_per_word)):
    for name, series in values.items():
        color, style = styles[name]
        axis.plot(sizes, series, style, color=color, label=name, markersize=9, clip_on=False)
    axis.set(xlabel="Größe des Vokabulars (Einträge)", xscale="log", ylim=(0, None))
    axis.set_xticks(sizes, [str(size) for size in sizes])
    axis.minorticks_off()
    axis.legend()
axes[0].set(ylabel="Anteil unbekannter Wörter", title="Subwörter kennen fast jedes Wort …")
axes[1].set(ylabel="Tokens je Wort", title="… und bezahlen mit längeren Folgen")
plt.show()

# %% 5 Stemming gegen Lemmatisierung
stemmer = SnowballStemmer("german")  # schneidet Endungen nach Regeln ab
forms = (
    "laufen läuft lief gelaufen · Haus Häuser Häusern · gut besser · Messer Messe · Wände wandern"
)
print(f"\n{'':12}{'Stemming':12}{'Lemma':12}")
for word in forms.split():
    lemma = simplemma.lemmatize(word, lang="de")  # schlägt in einer Wortliste nach
    print(f"{word:12}{stemmer.stem(word):12}{lemma:12}" if word != "·" else "")
print(
    "\nStemming trennt, was zusammengehört (läuft, lief), und wirft Fremdes zusammen (Messer, Messe)."
)
tagger = HanoverTagger("morphmodel_ger.pgz")  # liest die Nachbarwörter mit
tagged = tagger.tag_sent(["Hinter", "den", "Fliegen", "fliegen", "Fliegen"])
print("HanTa im Satz: ", ", ".join(f"{word} → {lemma} ({tag})" for word, lemma, tag in tagged))

start = time.process_time()
stems = [" ".join(stemmer.stem(word) for word in text.split()) for text in texts]
stem_seconds = time.process_time() - start
lemmas = []
for text in raw_texts:  # ungereinigt: Die Wortliste braucht „Fliege“ mit großem F
    words = re.findall(r"\w+", text)
    lemmas.append(clean(" ".join(simplemma.lemmatize(word, lang="de") for word in words)))
for name, variant in [("Wörter", texts), ("Stemming", stems), ("Lemmas", lemmas)]:
    print(f"{name:9} {len(set(' '.join(variant).split())):5} verschiedene: {variant[0][:60]} …")
start = time.process_time()
for text in raw_texts[:20]:
    tagger.tag_sent(text.split())
print(
    f"Gemessene Rechenzeit für 1.000 Texte: Stemming {stem_seconds / len(texts) * 1e3:.1f} s, "
    f"mit HanTa {(time.process_time() - start) / 20 * 1e3:.0f} s."
)

# %% 6 Auffüllen und Maske: Ein Batch ist ein Rechteck, Sätze sind es nicht
bpe.enable_padding(pad_id=bpe.token_to_id("[PAD]"), pad_token="[PAD]")
batch = bpe.encode_batch(["Gut!", "Das Essen war leider kalt."])
bpe.no_padding()
print()
for encoding in batch:
    print(
        f"{' '.join(encoding.tokens)}\n  Nummern {encoding.ids}\n  Maske   {encoding.attention_mask}"
    )

vectors = np.random.default_rng(SEED).normal(size=(bpe.get_vocab_size(), 4))  # 4 Zahlen je Token
short, mask = vectors[batch[0].ids], np.array(batch[0].attention_mask)[:, np.newaxis]
print("Mittel ohne Maske:        ", short.mean(axis=0).round(2))
print("Mittel mit Maske:         ", ((short * mask).sum(axis=0) / mask.sum()).round(2))
print("Derselbe Satz ganz allein:", vectors[bpe.encode("Gut!").ids].mean(axis=0).round(2))
print("Ohne Maske hinge das Ergebnis davon ab, wer sonst noch im Batch ist.")

# %% 7 Zählen: Bag of Words und n-Gramme
twins = ["nicht gut sondern schlecht", "nicht schlecht sondern gut"]
for n in (1, 2):
    counter = CountVectorizer(ngram_range=(n, n))
    matrix = counter.fit_transform(twins).toarray()
    print(f"\n{'Bag of Words' if n == 1 else 'Bigramme'}: {list(counter.get_feature_names_out())}")
    for twin, row in zip(twins, matrix):
        print(f"  {row}  {twin}")
print("Bag of Words macht aus Gegensätzen dieselben Zahlen; Bigramme unterscheiden sie.")

# %% 8 Ein kleiner Klassifikator darauf. Fünfmal geteilt: ein Fünftel prüft, vier lernen.
subwords = [" ".join(bpe.encode(text).tokens) for text in texts]
variants = {
    "Wörter": (texts, 1),
    "Stemming": (stems, 1),
    "Lemmas": (lemmas, 1),
    f"Wörter, 1- bis {MAX_NGRAM}-Gramme": (texts, MAX_NGRAM),
    "BPE-Tokens": (subwords, 1),
}
folds = StratifiedKFold(5, shuffle=True, random_state=SEED)
scores, columns = {}, {}
print(f"\n{len(texts)} Bewertungen, drei Klassen; Macro-F1 (Zufall: 0,33)")
for name, (variant, max_n) in variants.items():
    model = make_pipeline(
        CountVectorizer(token_pattern=r"\S+", ngram_range=(1, max_n)),
        LogisticRegression(max_iter=1_000),
    )
    scores[name] = cross_val_score(model, variant, labels, cv=folds, scoring="f1_macro")
    columns[name] = len(model.fit(variant, labels)[0].vocabulary_)
    better = (scores[name] > scores["Wörter"]).sum()
    print(
        f"  {name:22} {columns[name]:6} Spalten   {scores[name].mean():.3f} "
        f"± {scores[name].std():.3f}" + (f"   in {better} von 5 besser" if name != "Wörter" else "")
    )

figure, axis = plt.subplots(figsize=(10, 5))
colors = ["#999999", "#E69F00", "#D55E00", "#0072B2", "#56B4E9"]
for position, (values, color) in enumerate(zip(scores.values(), colors)):
    axis.plot(values, [position] * 5, "o", color=color, markersize=9, alpha=0.7)
    axis.plot(values.mean(), position, "|", color="black", markersize=34, markeredgewidth=3)
axis.set_yticks(range(len(scores)), [f"{name}\n{columns[name]} Spalten" for name in scores])
axis.set_xlabel("Macro-F1 (Punkte: fünf Teilungen, Strich: Mittel)")
axis.set_title("Vergleiche Mittel, nie zwei einzelne Punkte")
axis.set_ylim(len(scores) - 0.5, -0.5)
axis.grid(axis="x", alpha=0.3)
plt.show()

# %% Was hat das Modell gelernt? Die Wörter mit den größten Gewichten
counter = CountVectorizer(token_pattern=r"\S+")
classifier = LogisticRegression(max_iter=1_000).fit(counter.fit_transform(texts), labels)
words = counter.get_feature_names_out()
print()
for name, weights in zip(["negativ", "neutral", "positiv"], classifier.coef_):
    print(f"{name}: {', '.join(words[weights.argsort()[:-9:-1]])}")
for review in OWN_REVIEWS:
    probabilities = classifier.predict_proba(counter.transform([clean(review)]))[0]
    print(f"{review:45} negativ/neutral/positiv: {probabilities.round(2)}")

# %% Was man sieht
best = max(scores, key=lambda name: scores[name].mean())
means = {name: values.mean() for name, values in scores.items()}
print(f"\nAm besten im Mittel: {best} ({means[best]:.3f}; Wörter {means['Wörter']:.3f}).")
print(f"Zwischen den fünf Teilungen schwankt schon „Wörter“ um ± {scores['Wörter'].std():.3f}.")
print("Mehr Spalten sind nicht mehr Wissen. Weiter geht es mit Gewichten: uebung_tfidf.py.")
ergebnis(
    unbekannte_woerter=unknown,
    bpe_tokens_je_wort=tokens_per_word["BPE"][sizes.index(3_000)],
    f1_woerter=means["Wörter"],
    f1_lemmas=means["Lemmas"],
)
