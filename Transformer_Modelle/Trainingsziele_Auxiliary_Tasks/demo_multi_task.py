"""Multi-Task Learning: Ein Encoder lernt die Haltung eines Textes, mit und ohne Wortarten als Nebenaufgabe.

Kapitel   4.100 Transformer-Modelle · Trainingsziele und Auxiliary Tasks
Folie     Auxiliary Tasks (z. B. POS-Tagging) · Multi-Task Learning
Lernziel  Zwei Aufgaben auf einen Encoder setzen, ihre Verluste addieren und ehrlich messen, ob es hilft
Laufzeit  ca. 50 s (2 CPU-Kerne)
Daten     kurs/bewertungen (1.546 deutsche Bewertungen); Wortarten von der spaCy-Pipeline de_core_news_sm
Erwartet  f1_ohne_wenige 0.36–0.5, f1_mit_wenige 0.35–0.48, f1_ohne_alle 0.55–0.63,
          f1_mit_alle 0.52–0.61, pos_accuracy 0.72–0.81, pos_nachschlagen 0.86–0.88

Haupt- und Nebenaufgabe teilen sich Embedding und Transformer-Block, jede hat nur eine eigene letzte
Schicht. Die Wortarten vergibt spaCy, nicht ein Mensch: Solche Labels gibt es für jeden Text umsonst.
"""

# %% Stellschrauben: hier live drehen
AUX_WEIGHT = 0.5  # wie viel die Nebenaufgabe zählt
N_LABELED = [150, 1_087]  # Test: [20]
N_RUNS = 4  # Test: 1
N_STEPS = 200  # Test: 2
WIDTH = 64  # Test: 8
LEARNING_RATE = 0.002
N_TEXTS = 2_000  # Test: 40
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
from collections import Counter, defaultdict

from kurs import ergebnis
from kurs.datensaetze import datensatz
from kurs.modelle import spacy_modell

import matplotlib.pyplot as plt
import numpy as np
import spacy
import torch
from sklearn.metrics import f1_score
from torch import nn
from torch.nn.functional import cross_entropy

torch.set_num_threads(1)  # so kleine Matrizen: Zwei Kerne würden vor allem aufeinander warten
LENGTH = 32

# %% Daten: Bewertungen, und zu jedem Wort seine Wortart
reviews = datensatz("kurs/bewertungen")
nlp = spacy.load(spacy_modell("de_core_news_sm"), disable=["parser", "ner", "lemmatizer"])
tagged = {
    part: [[(token.text.lower(), token.pos_) for token in doc] for doc in nlp.pipe(texts)]
    for part, texts in ((p, reviews[p]["text"][:N_TEXTS]) for p in ("train", "test"))
}
print("Wortarten von spaCy:", " ".join(f"{word}/{tag}" for word, tag in tagged["test"][0][:12]))
word_counts = Counter(word for text in tagged["train"] for word, _ in text)
word_ids = {word: number for number, word in enumerate(word_counts, start=2)}  # 0 füllt auf
tag_names = sorted({tag for text in tagged["train"] for _, tag in text})
tag_ids = {tag: number for number, tag in enumerate(tag_names)}


def to_tensors(part):
    """Wortnummern (1: unbekannt), Wortarten (−100: zählt nicht) und Haltung."""
    words = torch.zeros(len(tagged[part]), LENGTH, dtype=torch.long)
    tags = torch.full_like(words, -100)
    for row, text in enumerate(tagged[part]):
        for column, (word, tag) in enumerate(text[:LENGTH]):
            words[row, column] = word_ids.get(word, 1)
            tags[row, column] = tag_ids.get(tag, -100)
    return words, tags, torch.tensor(reviews[part]["label"][:N_TEXTS])


train_words, train_tags, train_labels = to_tensors("train")
test_words, test_tags, test_labels = to_tensors("test")
print(f"{len(train_words)} Texte, {len(word_ids)} Wörter, {len(tag_names)} Wortarten")


# %% Ein Encoder, zwei Köpfe
class TwoHeads(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(len(word_ids) + 2, WIDTH, padding_idx=0)
        self.position = nn.Parameter(0.02 * torch.randn(LENGTH, WIDTH))
        self.block = nn.TransformerEncoderLayer(
            WIDTH, nhead=4, dim_feedforward=2 * WIDTH, dropout=0.0, batch_first=True, norm_first=True
        )
        self.dropout = nn.Dropout(0.3)
        self.label_head = nn.Linear(WIDTH, 3)  # Hauptaufgabe: eine Haltung je Text
        self.tag_head = nn.Linear(WIDTH, len(tag_names))  # Nebenaufgabe: eine Wortart je Wort
        nn.init.normal_(self.embedding.weight, std=0.1)

    def forward(self, words):
        is_word = words != 0
        x = self.dropout(self.embedding(words) + self.position)
        x = self.block(x, src_key_padding_mask=~is_word)
        mean = (x * is_word[:, :, None]).sum(dim=1) / is_word.sum(dim=1, keepdim=True)
        return self.label_head(self.dropout(mean)), self.tag_head(x)


# %% Trainieren: Der Verlust ist die Summe beider Verluste. Wortarten gibt es auch für Texte ohne Label.
def train(n_labeled, aux_weight, seed):
    """Gibt Macro-F1 der Haltung und Accuracy der Wortarten im Test zurück."""
    torch.manual_seed(seed)
    model = TwoHeads()
    optimizer = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE)
    labeled = torch.randperm(len(train_words))[:n_labeled]
    for _ in range(N_STEPS):
        rows = labeled[torch.randint(len(labeled), (32,))]
        loss = cross_entropy(model(train_words[rows])[0], train_labels[rows])
        if aux_weight:
            rows = torch.randint(len(train_words), (16,))  # auch Texte ohne Label
            tag_logits = model(train_words[rows])[1]
            loss = loss + aux_weight * cross_entropy(
                tag_logits.flatten(0, 1), train_tags[rows].flatten()
            )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        label_logits, tag_logits = model(test_words)
    known = test_tags != -100
    accuracy = (tag_logits.argmax(dim=-1) == test_tags)[known].float().mean().item()
    return f1_score(test_labels, label_logits.argmax(dim=-1), average="macro"), accuracy


# %% Dasselbe mehrmals: andere Startgewichte, andere Texte mit Label; ohne und mit jeweils gleich
scores = defaultdict(list)
tag_accuracies = []
for n_labeled in N_LABELED:
    print(f"\n{n_labeled} Texte mit Label; Macro-F1 im Test")
    for run in range(N_RUNS):
        without, _ = train(n_labeled, 0, SEED + run)
        with_tags, tag_accuracy = train(n_labeled, AUX_WEIGHT, SEED + run)
        scores[n_labeled].append((without, with_tags))
        tag_accuracies.append(tag_accuracy)
        print(f"  Lauf {run + 1}: ohne {without:.3f}, mit Wortarten {with_tags:.3f}", flush=True)
    without, with_tags = np.array(scores[n_labeled]).T
    better = (with_tags > without).sum()
    print(f"  Mittel: ohne {without.mean():.3f}, mit {with_tags.mean():.3f}", end="; ")
    print(f"mit Wortarten in {better} von {N_RUNS} Läufen besser")

# %% Und die Nebenaufgabe selbst? Messlatte: jedem Wort seine häufigste Wortart geben
tags_of = defaultdict(Counter)
for word, tag in (pair for text in tagged["train"] for pair in text):
    tags_of[word][tag] += 1
most_common = sum(tags_of.values(), Counter()).most_common(1)[0][0]  # für unbekannte Wörter
pairs = [pair for text in tagged["test"] for pair in text[:LENGTH]]
guesses = [tags_of[word].most_common(1)[0][0] if word in tags_of else most_common for word, _ in pairs]
looked_up = np.mean([guess == tag for guess, (_, tag) in zip(guesses, pairs)])
tag_accuracy = np.mean(tag_accuracies)
print(f"\nWortarten im Test richtig: Encoder {tag_accuracy:.0%}, bloßes Nachschlagen {looked_up:.0%}")
if tag_accuracy < looked_up:
    print("Der Encoder ist auch darin noch kein Meister: Er sieht dafür zu wenig Text.")

# %% Bild: jeder Strich ein Lauf, ohne → mit Nebenaufgabe
figure, axes = plt.subplots(1, len(N_LABELED), figsize=(11, 5), sharey=True, squeeze=False)
for axis, (n_labeled, values) in zip(axes[0], scores.items()):
    for pair in values:
        axis.plot([0, 1], pair, "o-", color="#999999")
    axis.plot([0, 1], np.mean(values, axis=0), "D-", color="#D55E00", linewidth=4, label="Mittel")
    axis.axhline(1 / 3, color="black", linestyle=":", label="raten")
    axis.set_xticks([0, 1], ["ohne", "mit Wortarten"])
    axis.set(xlim=(-0.3, 1.3), title=f"{n_labeled} Texte mit Label")
axes[0, 0].set_ylabel("Macro-F1 der Haltung im Test")
axes[0, 0].legend()
figure.suptitle("Hilft die Nebenaufgabe? Jeder graue Strich ist ein Lauf")
plt.show()

# %% Was man sieht
for n_labeled, values in scores.items():
    gain = np.diff(values, axis=1)
    if abs(gain.mean()) < gain.std() or N_RUNS < 2:
        verdict = "der Unterschied geht im Zufall der Läufe unter"
    else:
        verdict = "die Nebenaufgabe hilft" if gain.mean() > 0 else "die Nebenaufgabe schadet"
    print(f"Bei {n_labeled} Texten mit Label: {gain.mean():+.3f} ± {gain.std():.3f}, {verdict}.")
print("Eine Nebenaufgabe hilft nur, wenn sie etwas lehrt, das die Hauptaufgabe braucht.")
few, many = (np.mean(scores[n], axis=0) for n in (N_LABELED[0], N_LABELED[-1]))
ergebnis(
    f1_ohne_wenige=few[0],
    f1_mit_wenige=few[1],
    f1_ohne_alle=many[0],
    f1_mit_alle=many[1],
    pos_accuracy=tag_accuracy,
    pos_nachschlagen=looked_up,
)
