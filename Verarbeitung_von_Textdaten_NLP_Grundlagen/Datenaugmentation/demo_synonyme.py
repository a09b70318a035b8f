"""Synonyme ersetzen: neue Trainingstexte fast umsonst, und Sätze, in denen es schiefgeht.

Kapitel   3.90 Verarbeitung von Textdaten (NLP-Grundlagen) · Datenaugmentation
Folie     Synonym Replacement: Wortersetzung für robustere Modelle
Lernziel  Synonyme mit Endung und Wortart ersetzen, ihre Grenzen sehen und messen, ob es hilft
Laufzeit  ca. 20 s (2 CPU-Kerne)
Daten     kurs/bewertungen (1.546 deutsche Bewertungen), ein kleines eigenes Synonymlexikon
Modelle   HanTa (Wortarten und Grundformen)
Erwartet  f1_ohne 0.39–0.46, f1_mit 0.4–0.46, gekippt_ohne 0.095–0.145, gekippt_mit 0.035–0.08

Das Lexikon ist klein und arglos, wie man es an einem Nachmittag schreibt; die Fehler darin sind Absicht.
"""

# %% Stellschrauben: hier live drehen
SENTENCE = "Das freundliche Personal war sehr schnell, leider war der Film nur durchschnittlich."
TRAPS = {
    "Ein schöner Abend mit schnellem Service.": "Ohne Endung ist es kein Deutsch, mit Endung schon.",
    "Laut Vertrag ist das Frühstück dabei.": "Hier ist „laut“ eine Präposition; die Wortart verrät es.",
    "Wir bekamen ein ruhiges Zimmer.": "Das Zimmer, aber der Raum: Das Geschlecht passt nicht.",
    "Das Gericht verurteilte den Koch.": "Zwei Bedeutungen: Gemeint war nichts Essbares.",
    "Die Bank im Park war kaputt.": "Auch hier: Auf einem Geldinstitut sitzt niemand.",
    "Komm schnell rein, es regnet.": "„rein“ heißt hier hinein; auch das verrät die Wortart.",
    "Das war ganz schön laut.": "Feste Wendung: „ganz schön“ hat mit hübsch nichts zu tun.",
}
RATE = 0.5  # Anteil der ersetzbaren Wörter, die ersetzt werden; probiere 1.0
COPIES = 4  # neue Fassungen je Trainingstext
N_LABELS = 60  # so viele Bewertungen haben ein Label
N_REPEATS = 10  # Test: 1
N_POOL = 600  # Test: 100
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
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline

# %% Das Lexikon: Jedes Wort einer Zeile darf für jedes andere stehen. Grundformen, eine Wortart je Gruppe.
LEXICON = {
    "ADJ": """schön hübsch | großartig hervorragend wunderbar toll | schnell rasch flott zügig
        freundlich nett höflich | langweilig öde eintönig | laut lärmend | leise still | klein winzig
        ordentlich anständig | durchschnittlich mittelmäßig | lustig witzig komisch | klar deutlich
        schlecht mies miserabel | falsch verkehrt | langsam gemächlich | spannend fesselnd packend
        schwer mühsam | einfach schlicht simpel | völlig vollkommen | unfreundlich unhöflich | wertlos nutzlos
        furchtbar schrecklich | kaputt defekt | sauber rein | genau exakt | ständig dauernd | frisch neu""",
    "ADV": """leider bedauerlicherweise | sofort umgehend | sehr äußerst überaus | oft häufig | wieder erneut
        immer stets | nie niemals | fast beinahe nahezu | nur bloß lediglich | endlich schließlich
        vielleicht womöglich | trotzdem dennoch | deshalb darum daher | manchmal gelegentlich | etwa ungefähr
        natürlich selbstverständlich | jetzt nun | auch ebenfalls | wirklich tatsächlich | ziemlich recht""",
    "NN": """Film Streifen | Buch Werk | Geschichte Erzählung | Lokal Restaurant | Chef Leiter | Lehrer Dozent
        Kurs Lehrgang | Kauf Erwerb | Zimmer Raum | Essen Gericht | Gericht Speise | Bank Geldinstitut
        Hälfte Mitte | Preis Betrag | Fehler Mangel | Stunde Lektion | Anfang Beginn | Idee Einfall""",
}  # fmt: skip
SYNONYMS = {}
for kind, groups in LEXICON.items():
    for group in re.split(r"[|\n]", groups):
        for word in group.split():
            others = [other for other in group.split() if other != word]
            SYNONYMS.setdefault((kind, word), []).extend(others)
print(f"{len(SYNONYMS)} Einträge, zum Beispiel freundlich → {SYNONYMS['ADJ', 'freundlich']}")

# %% Ersetzen: Grundform suchen, Wortart vergleichen, Endung übertragen
tagger = HanoverTagger("morphmodel_ger.pgz")


def find_options(text, careful=True):
    """Zerlegt den Text; je Stück die Wörter, die dort auch stehen dürften (meist keine)."""
    pieces = re.findall(r"\w+|[^\w\s]+|\s+", text)
    tagged = iter(tagger.tag_sent([piece for piece in pieces if not piece.isspace()]))
    result = []
    for piece in pieces:
        options = []
        if not piece.isspace():
            _, lemma, tag = next(tagged)
            kind = tag.split("(")[0]
            # Adjektive stehen auch als Adverb („er lief schnell“), HanTa nennt beides ADJ oder ADV
            kinds = {"ADJ": ("ADJ", "ADV"), "ADV": ("ADV", "ADJ"), "NN": ("NN",)}.get(kind, ())
            base = lemma if kind == "NN" else lemma.lower()
            ending = piece.lower().removeprefix(base.lower())
            allowed = ("",) if kind == "NN" else ("", "e", "er", "en", "em", "es")
            for its_kind in kinds if careful else LEXICON:
                if not careful:  # nur die Grundform zählt
                    options += SYNONYMS.get((its_kind, base), [])
                elif ending in allowed:
                    options += [word + ending for word in SYNONYMS.get((its_kind, base), [])]
            if piece[0].isupper():
                options = [option[0].upper() + option[1:] for option in options]
        result.append((piece, options))
    return result


def rewrite(pieces, random, rate):
    """Ein neuer Text: Jede ersetzbare Stelle wird mit Wahrscheinlichkeit `rate` ersetzt."""
    return "".join(
        random.choice(options) if options and random.random() < rate else piece
        for piece, options in pieces
    )


random = np.random.default_rng(SEED)
print(f"\n{SENTENCE}")
for _ in range(4):
    print("  →", rewrite(find_options(SENTENCE), random, RATE))

# %% Wo es schiefgeht
for sentence, reason in TRAPS.items():
    careless = rewrite(find_options(sentence, careful=False), random, 1.0)
    careful = rewrite(find_options(sentence), random, 1.0)
    print(f"\n{sentence}\n  nur Grundform:            {careless}")
    print(f"  mit Wortart und Endung:   {careful}\n  {reason}")
print("\nEin Lexikon kennt Wörter, keine Sätze. Was bleibt, sieht nur, wer den Satz versteht.")

# %% Hilft es? Bewertungen, von denen nur wenige ein Label haben
reviews = datensatz("kurs/bewertungen")
pool_labels = np.array(reviews["train"]["label"][:N_POOL])
test_labels = np.array(reviews["test"]["label"][:N_TEST])
pool = [find_options(text) for text in reviews["train"]["text"][:N_POOL]]
test = [find_options(text) for text in reviews["test"]["text"][:N_TEST]]
n_options = np.array([sum(bool(options) for _, options in pieces) for pieces in test])
print(
    f"Ersetzbar sind im Mittel {n_options.mean():.1f} Wörter je Text, in {(n_options == 0).mean():.0%} keines."
)


def train(pieces_list, labels, random, copies):
    """Trainiert auf den Texten und `copies` umgeschriebenen Fassungen von jedem."""
    texts = [rewrite(pieces, random, 0.0) for pieces in pieces_list]
    texts += [rewrite(pieces, random, RATE) for _ in range(copies) for pieces in pieces_list]
    model = make_pipeline(TfidfVectorizer(), LogisticRegression(C=10, max_iter=1_000))
    return model.fit(texts, np.tile(labels, copies + 1))


f1 = {"ohne": [], "mit": []}
flipped = {"ohne": [], "mit": []}  # Vorhersagen, die kippen, wenn man den Testtext umschreibt
for repeat in range(N_REPEATS):
    random = np.random.default_rng([SEED, repeat])
    chosen, _ = train_test_split(
        np.arange(len(pool)),
        train_size=N_LABELS,
        stratify=pool_labels,
        random_state=100 * SEED + repeat,
    )
    original = [rewrite(pieces, random, 0.0) for pieces in test]
    reworded = [rewrite(pieces, random, 1.0) for pieces in test]
    for name, copies in [("ohne", 0), ("mit", COPIES)]:
        model = train([pool[i] for i in chosen], pool_labels[chosen], random, copies)
        prediction = model.predict(original)
        changed = prediction != model.predict(reworded)
        f1[name].append(f1_score(test_labels, prediction, average="macro"))
        flipped[name].append(changed[n_options > 0].mean())

better = np.sum(np.array(f1["mit"]) > f1["ohne"])
steadier = np.sum(np.array(flipped["mit"]) < flipped["ohne"])
for name, values in f1.items():
    print(
        f"{name:5} Augmentation: Macro-F1 {np.mean(values):.3f} ± {np.std(values):.3f}, "
        f"umgeschrieben kippen {np.mean(flipped[name]):.1%} der Vorhersagen"
    )
print(f"Mit Augmentation besser im Test: {better} von {N_REPEATS} Wiederholungen;")
print(f"standfester gegen Umschreiben:   {steadier} von {N_REPEATS}.")

# %% Bild: Jede Linie ist eine Wiederholung mit anderen gelabelten Texten
figure, axes = plt.subplots(1, 2, figsize=(12, 5))
for axis, values, scale in [(axes[0], f1, 1), (axes[1], flipped, 100)]:
    pairs = scale * np.array([values["ohne"], values["mit"]])
    axis.plot([0, 1], pairs, "o-", color="#56B4E9", alpha=0.7)
    axis.plot(
        [0, 1], pairs.mean(axis=1), "s-", color="black", linewidth=3, markersize=9, label="Mittel"
    )
    axis.set_xticks([0, 1], ["ohne Augmentation", "mit Augmentation"])
    axis.set_xlim(-0.3, 1.3)
    axis.legend()
axes[0].set(ylabel="Macro-F1 im Test", title="Wird es besser?")
axes[1].set(ylabel="gekippte Vorhersagen (%)", title="Wird es standfester?", ylim=(0, None))
plt.show()

# %% Was man sieht
# Links ist der mittlere Gewinn viel kleiner als der Abstand zwischen den Wiederholungen: Synonyme
# bringen keine neue Information, nur andere Wörter. Rechts fällt das Mittel deutlich: Wer „flott“ und
# „zügig“ im Training gesehen hat, hängt weniger an „schnell“. Umgeschrieben wird im Test aber mit demselben
# Lexikon wie im Training; ob es gegen fremde Umschreibungen hilft, ist damit nicht gesagt.
ergebnis(
    f1_ohne=np.mean(f1["ohne"]),
    f1_mit=np.mean(f1["mit"]),
    gekippt_ohne=np.mean(flipped["ohne"]),
    gekippt_mit=np.mean(flipped["mit"]),
)
