"""Vom Text zur Zahl: reinigen, zerlegen, zurückführen, auffüllen, zählen, klassifizieren.

Kapitel   3.10 Verarbeitung von Textdaten (NLP-Grundlagen) · Preprocessing
Folie     Code Demo: Tokenisierung und Preprocessing mit Python-Tools
Lernziel  Jeden Schritt der Vorverarbeitung sehen, auch was er kaputt macht; messen, was er bringt
Laufzeit  ca. 7 s (2 CPU-Kerne)
Daten     kurs/bewertungen (1.546 deutsche Bewertungen), dazu eigene Sätze
Erwartet  unbekannte_woerter 0.13–0.17, bpe_tokens_je_wort 1.38–1.48,
          f1_woerter 0.58–0.66, f1_lemmas 0.61–0.69
"""

# %% Stellschrauben: hier live drehen
RAW = "<nav>Start</nav><p>Sch&ouml;nes <b>Hotel</b>!<br>Das Früh&shy;stück:&nbsp;KATASTROPHE 😡</p>"
SPLIT_ME = "Dr. Müller zahlt z. B. 1.500,50 € fürs WLAN-Kabel, und ich geh' leer aus!"
SUBWORD_WORDS = ["Frühstück", "Enttäuschung", "Zimmerservice", "Dampfschiff", "отель", "酒店"]
OWN_REVIEWS = ["Das Essen war hervorragend, gerne wieder!", "Leider eine einzige Enttäuschung."]
VOCAB_SIZE = 3_000  # Einträge der Subwort-Vokabulare; probiere 100
N_TEXTS = 1_237  # Test: 120; wenigstens 50
MAX_NGRAM = 2  # 3: auch Dreierfolgen
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
import json
import re
import unicodedata

from kurs import ergebnis
from kurs.datensaetze import datensatz

import matplotlib.pyplot as plt
import numpy as np
import simplemma
from bs4 import BeautifulSoup
from nltk.stem import SnowballStemmer
from nltk.tokenize import word_tokenize
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

# %% 1 Reinigen: HTML, unsichtbare Zeichen, Groß und Klein
soup = BeautifulSoup(f"{RAW}\n", "html.parser")  # ohne \n riete es bei einer Adresse zu requests
for element in soup(["nav", "script"]):
    element.decompose()  # gehört zur Seite, nicht zum Text
text = soup.get_text(" ").strip()  # das Leerzeichen trennt, was nur ein Tag getrennt hat


def clean(text):
    """Eine Schreibweise je Zeichen, klein, nur Buchstaben und Ziffern."""
    text = unicodedata.normalize("NFKC", text).replace("\u00ad", "")  # \xad: weiche Trennstelle
    return " ".join(re.findall(r"\w+", text.lower()))


print(f"Roh:           {RAW}\nBeautifulSoup: {text}\nDarin steckt:  {text!a}")
print(f"Gereinigt:     {clean(text)}")
# Verloren geht auch, was Gefühl zeigt: das 😡, die GROSSEN Buchstaben.

# %% 2 In Wörter zerlegen: drei Arten
print(f"\n{SPLIT_ME}")
print("split():      ", SPLIT_ME.split())
print("Muster \\w+:   ", re.findall(r"\w+", SPLIT_ME))
# preserve_line=True: nicht erst in Sätze teilen; nur der letzte Punkt wird vom Wort getrennt
print("word_tokenize:", word_tokenize(SPLIT_ME, "german", preserve_line=True))

# %% Daten: Bewertungen, negativ (0), neutral (1) oder positiv (2)
reviews = datensatz("kurs/bewertungen")
n_texts = max(N_TEXTS, 50)  # so viele brauchen die fünf Teilungen unten wenigstens
raw_texts = [*reviews["train"]["text"], *reviews["validation"]["text"]][:n_texts]
labels = [*reviews["train"]["label"], *reviews["validation"]["label"]][:n_texts]
texts = [clean(text) for text in raw_texts]
vocabulary = set(" ".join(texts).split())
new_words = clean(" ".join(reviews["test"]["text"])).split()
print(f"\n{len(texts)} Bewertungen, {len(vocabulary)} verschiedene Wörter")


# %% 3 BPE und WordPiece: Teile von Wörtern lernen, hier und jetzt
def train_tokenizer(model, trainer):
    tokenizer = Tokenizer(model)
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.train_from_iterator(raw_texts, trainer)
    return tokenizer


options = dict(vocab_size=VOCAB_SIZE, special_tokens=["[PAD]", "[UNK]"], show_progress=False)
bpe = train_tokenizer(models.BPE(unk_token="[UNK]"), trainers.BpeTrainer(**options))
pieces = train_tokenizer(models.WordPiece(unk_token="[UNK]"), trainers.WordPieceTrainer(**options))
merges = json.loads(bpe.to_str())["model"]["merges"]
print("BPE verschmilzt zuerst:", ", ".join(" + ".join(pair) for pair in merges[:6]))
for word in SUBWORD_WORDS:
    print(f"{word:15} BPE {bpe.encode(word).tokens}   WordPiece {pieces.encode(word).tokens}")
tokens = bpe.encode(new_words, is_pretokenized=True).tokens
unknown = np.mean([word not in vocabulary for word in new_words])
print(f"Neue Texte, {len(new_words)} Wörter: {unknown:.1%} unbekannt")
print(f"Neue Texte, {len(tokens)} BPE-Tokens: {tokens.count('[UNK]') / len(tokens):.1%} unbekannt")
# Der Preis sind längere Folgen. Und eine Schrift, die im Training nicht vorkam, bleibt [UNK].

# %% 4 Stemming schneidet Endungen ab, Lemmatisierung schlägt in einer Wortliste nach
stemmer = SnowballStemmer("german")
print(f"\n{'':12}{'Stemming':12}Lemma")
for word in "laufen läuft lief Häuser besser Messer Messe".split():
    print(f"{word:12}{stemmer.stem(word):12}{simplemma.lemmatize(word, lang='de')}")
word_lists = [re.findall(r"\w+", text) for text in raw_texts]
stems = [clean(" ".join(map(stemmer.stem, words))) for words in word_lists]
lemmas = [clean(" ".join(simplemma.lemmatize(w, lang="de") for w in words)) for words in word_lists]

# %% 5 Auffüllen und Maske: Ein Batch ist ein Rechteck, Sätze sind es nicht
subwords = [" ".join(bpe.encode(text).tokens) for text in texts]
bpe.enable_padding(pad_id=bpe.token_to_id("[PAD]"), pad_token="[PAD]")
for row in bpe.encode_batch(["Gut!", "Das Essen war leider kalt."]):
    print(f"\n{row.tokens}\n  Nummern {row.ids}\n  Maske   {row.attention_mask}")

# %% 6 Zählen: Bag of Words und n-Gramme
twins = ["nicht gut sondern schlecht", "nicht schlecht sondern gut"]
for n in (1, 2):
    counter = CountVectorizer(ngram_range=(n, n))
    counts = counter.fit_transform(twins).toarray()
    print(f"\n{n}-Gramme: {list(counter.get_feature_names_out())}\n{counts}")
# Bag of Words (n = 1) macht aus Gegensätzen dieselben Zahlen; Bigramme unterscheiden sie.

# %% 7 Ein kleiner Klassifikator darauf, fünffach kreuzvalidiert
variants = {"Wörter": (texts, 1), "Stemming": (stems, 1), "Lemmas": (lemmas, 1),
            f"1- bis {MAX_NGRAM}-Gramme": (texts, MAX_NGRAM), "BPE-Tokens": (subwords, 1)}
folds = StratifiedKFold(5, shuffle=True, random_state=SEED)
print("\nMacro-F1 (Raten: 0.33)")
scores = {}
for name, (variant, n) in variants.items():
    counter = CountVectorizer(token_pattern=r"\S+", ngram_range=(1, n))
    model = make_pipeline(counter, LogisticRegression(max_iter=1_000))
    scores[name] = cross_val_score(model, variant, labels, cv=folds, scoring="f1_macro")
    print(f"  {name:16} {scores[name].mean():.3f} ± {scores[name].std():.3f}")
    plt.plot([name] * 5, scores[name], "o", alpha=0.6, markersize=10)
    plt.plot(name, scores[name].mean(), "k_", markersize=50, markeredgewidth=3)
# Wer zwei Striche vergleicht, vergleiche ihren Abstand mit der Streuung der Punkte.
plt.ylabel("Macro-F1 (Strich: Mittel)")
plt.title("Was bringt welche Vorverarbeitung? Fünf Teilungen derselben Bewertungen")
plt.show()

# %% Eigene Sätze
model = make_pipeline(CountVectorizer(), LogisticRegression(max_iter=1_000)).fit(texts, labels)
for review in OWN_REVIEWS:
    probabilities = model.predict_proba([clean(review)])[0]
    print(f"{review:45} negativ/neutral/positiv: {probabilities.round(2)}")
ergebnis(
    unbekannte_woerter=unknown,
    bpe_tokens_je_wort=len(tokens) / len(new_words),
    f1_woerter=scores["Wörter"].mean(),
    f1_lemmas=scores["Lemmas"].mean(),
)
