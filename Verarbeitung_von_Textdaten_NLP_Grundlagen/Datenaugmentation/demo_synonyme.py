"""Synonyme ersetzen: neue Trainingstexte fast umsonst, und Sätze, in denen es schiefgeht.

Kapitel   3.90 Verarbeitung von Textdaten (NLP-Grundlagen) · Datenaugmentation
Folie     Synonym Replacement: Wortersetzung für robustere Modelle
Lernziel  Synonyme mit Endung und Wortart ersetzen, ihre Grenzen sehen und messen, ob es hilft
Laufzeit  ca. 7 s (2 CPU-Kerne)
Daten     kurs/bewertungen (1.546 deutsche Bewertungen), ein kleines eigenes Synonymlexikon
Modelle   HanTa (Wortarten und Grundformen)
Erwartet  f1_ohne 0.37–0.44, f1_mit 0.38–0.45, gekippt_ohne 0.085–0.145, gekippt_mit 0.035–0.08

Das Lexikon ist mit Absicht klein und arglos. Große sind WordNet (englisch) und OdeNet (deutsch).
"""

# %% Stellschrauben: hier live drehen
SENTENCE = "Das freundliche Personal war sehr schnell, leider war der Film nur durchschnittlich."
TRAPS = {  # hier wird jedes ersetzbare Wort ersetzt
    "Wir bekamen ein ruhiges Zimmer.": "Das Zimmer, aber der Raum: Das Geschlecht passt nicht.",
    "Das Gericht verurteilte den Koch.": "Zwei Bedeutungen: Gemeint war nichts Essbares.",
    "Die Bank im Park war kaputt.": "Auch hier: Auf einem Geldinstitut sitzt niemand.",
    "Das war ganz schön laut.": "Feste Wendung: „ganz schön“ hat mit hübsch nichts zu tun.",
}
RATE = 0.5  # Anteil der ersetzbaren Wörter, die ersetzt werden; probiere 1.0
COPIES = 4  # neue Fassungen je Trainingstext
N_LABELS = 60  # so viele Bewertungen haben ein Label
N_REPEATS = 10  # Test: 1
N_POOL = 600  # daraus werden die mit Label gelost  # Test: 100
N_TEST = 309  # Test: 40
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
import re

from kurs import ergebnis
from kurs.datensaetze import datensatz

import matplotlib.pyplot as plt
import numpy as np
from HanTa.HanoverTagger import HanoverTagger
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.pipeline import make_pipeline

# %% Das Lexikon: Jedes Wort einer Gruppe darf für jedes andere stehen. Grundformen.
GROUPS = """schön hübsch | großartig hervorragend wunderbar toll | schnell rasch flott zügig
| freundlich nett höflich | langweilig öde eintönig | laut lärmend | durchschnittlich mittelmäßig
| lustig witzig komisch | klar deutlich | schlecht mies miserabel | falsch verkehrt | klein winzig
| spannend fesselnd packend | einfach schlicht simpel | völlig vollkommen | unfreundlich unhöflich
| furchtbar schrecklich | kaputt defekt | sauber rein | genau exakt | ständig dauernd | frisch neu
| leider bedauerlicherweise | sofort umgehend | sehr äußerst überaus | oft häufig | wieder erneut
| immer stets | nie niemals | fast beinahe nahezu | nur bloß lediglich | endlich schließlich
| vielleicht womöglich | trotzdem dennoch | deshalb darum daher | manchmal gelegentlich | jetzt nun
| natürlich selbstverständlich | auch ebenfalls | wirklich tatsächlich | ziemlich recht
| Film Streifen | Buch Werk | Geschichte Erzählung | Lokal Restaurant | Kurs Lehrgang | Kauf Erwerb
| Zimmer Raum | Essen Gericht | Gericht Speise | Bank Geldinstitut | Preis Betrag | Fehler Mangel"""
lexicon = {}
for group in GROUPS.split("|"):
    for word in group.split():
        lexicon.setdefault(word, []).extend(other for other in group.split() if other != word)
print(f"{len(lexicon)} Wörter, zum Beispiel freundlich → {lexicon['freundlich']}")

# %% Ersetzen: Grundform suchen, Wortart vergleichen, Endung übertragen
tagger = HanoverTagger("morphmodel_ger.pgz")


def find_options(text):
    """Zerlegt den Text; zu jedem Stück die Wörter, die dort auch stehen dürften (meist keine)."""
    pieces = re.findall(r"\w+|[^\w\s]+|\s+", text)
    tagged = iter(tagger.tag_sent([piece for piece in pieces if not piece.isspace()]))
    options = []
    for piece in pieces:
        lemma, tag = ("", "") if piece.isspace() else next(tagged)[1:]
        synonyms = []
        if tag == "NN" and piece == lemma:  # nur die Grundform: Beugen kann das Lexikon nicht
            synonyms = lexicon.get(lemma, [])
        elif tag.startswith("AD"):  # Adjektive (ADJ) und Adverbien (ADV)
            ending = piece.lower().removeprefix(lemma.lower())
            if ending in ("", "e", "er", "en", "em", "es"):
                synonyms = [word + ending for word in lexicon.get(lemma.lower(), [])]
            if piece[0].isupper():
                synonyms = [word.capitalize() for word in synonyms]
        options.append((piece, synonyms))
    return options


def rewrite(pieces, rate):
    """Jede ersetzbare Stelle wird mit Wahrscheinlichkeit `rate` ersetzt."""
    return "".join(
        random.choice(options) if options and random.random() < rate else piece
        for piece, options in pieces
    )


random = np.random.default_rng(SEED)
print(f"\n{SENTENCE}")
for _ in range(4):
    print("  →", rewrite(find_options(SENTENCE), RATE))

# %% Wo es schiefgeht
for sentence, reason in TRAPS.items():
    print(f"\n{sentence}\n  → {rewrite(find_options(sentence), 1.0)}   ({reason})")

# %% Hilft es? Bewertungen, von denen nur wenige ein Label haben; mehrmals wird neu ausgelost
reviews = datensatz("kurs/bewertungen")
pool = [find_options(text) for text in reviews["train"]["text"][:N_POOL]]
test = [find_options(text) for text in reviews["test"]["text"][:N_TEST]]
pool_labels, test_labels = np.array(reviews["train"]["label"]), reviews["test"]["label"][:N_TEST]
original = [rewrite(pieces, 0) for pieces in test]
n_replaceable = sum(any(options for _, options in pieces) for pieces in test)
print(f"\n{n_replaceable / len(test):.0%} der {len(test)} Testtexte haben ein ersetzbares Wort.")
f1 = {0: [], COPIES: []}  # je Zahl der umgeschriebenen Fassungen
flipped = {0: [], COPIES: []}  # Vorhersagen, die kippen, wenn man den Testtext umschreibt
for _ in range(N_REPEATS):
    chosen = random.permutation(len(pool))[:N_LABELS]
    reworded = [rewrite(pieces, 1) for pieces in test]
    for copies in f1:
        texts = [rewrite(pool[i], 0) for i in chosen]
        texts += [rewrite(pool[i], RATE) for _ in range(copies) for i in chosen]
        model = make_pipeline(TfidfVectorizer(), LogisticRegression(C=10, max_iter=1_000))
        model.fit(texts, np.tile(pool_labels[chosen], copies + 1))
        prediction = model.predict(original)
        f1[copies].append(f1_score(test_labels, prediction, average="macro"))
        flipped[copies].append(sum(prediction != model.predict(reworded)) / max(1, n_replaceable))
print(f"{len(chosen)} Texte mit Label, {N_REPEATS} Wiederholungen:")
for copies, values in f1.items():
    print(f"  {copies} Fassungen: Macro-F1 {np.mean(values):.3f} ± {np.std(values):.3f};", end="")
    print(f" gekippt {np.mean(flipped[copies]):.1%} der Vorhersagen")

# %% Bild: Jede Linie ist eine Wiederholung mit anderen Texten
figure, axes = plt.subplots(1, 2)
figure.suptitle(f"Ohne und mit {COPIES} umgeschriebenen Fassungen je Text")
for axis, values in zip(axes, (f1, flipped)):
    pairs = np.array([values[0], values[COPIES]])
    axis.plot(["ohne", "mit"], pairs, "o-", color="C5")
    axis.plot(["ohne", "mit"], pairs.mean(axis=1), "ks-", linewidth=4, label="Mittel")
    axis.legend()
axes[0].set(ylabel="Macro-F1 im Test", title="Wird es besser?")
axes[1].set(ylabel="Gekippte Vorhersagen (Anteil)", title="Wird es standfester?", ylim=(0, None))
plt.show()

# %% Was man sieht
# Synonyme bringen keine neue Information, nur andere Wörter. Wer „flott“ und „zügig“ im Training
# gesehen hat, hängt aber weniger an „schnell“. Umgeschrieben wird im Test mit demselben Lexikon wie
# im Training; ob es gegen fremde Umschreibungen hilft, ist damit nicht gesagt.
ergebnis(
    f1_ohne=np.mean(f1[0]),
    f1_mit=np.mean(f1[COPIES]),
    gekippt_ohne=np.mean(flipped[0]),
    gekippt_mit=np.mean(flipped[COPIES]),
)
