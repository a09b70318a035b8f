"""Positional Encoding: Woher weiß ein Transformer, welches Wort zuerst kam?

Kapitel   4.30 Transformer-Modelle · Architektur des Transformers
Folie     Positional Encoding: Kodierung relativer Wortpositionen
Lernziel  Sehen, dass Self-Attention ohne Positionen die Reihenfolge verliert, und wie Sinus und Kosinus sie zurückgeben
Laufzeit  ca. 6 s (2 CPU-Kerne)
Daten     selbst erzeugte Sätze wie „Anna schlägt Ben“
Erwartet  unterschied_ohne 0–0.00001, unterschied_mit 0.02–0.5, accuracy_ohne 0.45–0.5, accuracy_mit 0.98–1

Wer hat gewonnen? „Anna schlägt Ben“ und „Ben schlägt Anna“ bestehen aus denselben Wörtern. Derselbe
Encoder wird zweimal trainiert, einmal ohne und einmal mit Positional Encoding.
"""

# %% Stellschrauben: hier live drehen
D_MODEL = 32  # Zahlen je Wort, ein Vielfaches von 4 (vier Köpfe)
BASE = 10_000  # bestimmt die längste Welle; im Original 10.000
EPOCHS = 30  # Test: 2
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
from kurs import ergebnis

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn

torch.manual_seed(SEED)
torch.set_num_threads(1)  # so kleine Matrizen: Zwei Kerne würden vor allem aufeinander warten


# %% Die Formel: je zwei Spalten eine Welle, von Spalte zu Spalte langsamer
def positional_encoding(n_positions, d_model):
    """Matrix n_positions × d_model: gerade Spalten Sinus, ungerade Kosinus."""
    position = np.arange(n_positions)[:, np.newaxis]
    wave_length = 2 * np.pi * BASE ** (np.arange(0, d_model, 2) / d_model)
    angle = 2 * np.pi * position / wave_length
    encoding = np.empty((n_positions, d_model))
    encoding[:, 0::2] = np.sin(angle)
    encoding[:, 1::2] = np.cos(angle)
    return encoding


print("Die ersten fünf Positionen, klein gerechnet (6 Spalten = 3 Wellen):")
for position, row in enumerate(positional_encoding(5, 6)):
    print(f"  Position {position}: {np.array2string(row, precision=2, suppress_small=True)}")
print("Links ändert sich viel von Wort zu Wort, rechts wenig: wie Sekunden- und Stundenzeiger.")

# %% Was das Muster kann: Der Abstand zweier Wörter steckt in ihrem Skalarprodukt
encoding = positional_encoding(100, D_MODEL)
similarity = encoding @ encoding.T / (D_MODEL / 2)  # geteilt durch sich selbst: 1 heißt gleich
print("\nÄhnlichkeit der Positionen p und p + 3:")
print("  " + ", ".join(f"p = {p}: {similarity[p, p + 3]:.4f}" for p in (0, 10, 50, 90)))
print("Gleicher Abstand, gleiche Zahl, egal wo im Satz: So stecken relative Positionen darin.")

# %% Bild: das Muster, und was der Abstand zweier Wörter daran ändert
figure, axes = plt.subplots(1, 2, figsize=(13, 5))
image = axes[0].imshow(encoding[:50], cmap="cividis", aspect="auto", vmin=-1, vmax=1)
figure.colorbar(image, ax=axes[0], label="Wert")
axes[0].set(
    xlabel="Spalte", ylabel="Position im Satz", title="Jede Zeile ist der Stempel einer Position"
)
distance = np.arange(-30, 31)
looks = {30: ("-", 8, "#56B4E9"), 50: ("--", 4, "#D55E00"), 69: (":", 2, "black")}
for position, (style, width, color) in looks.items():
    values = similarity[position, position + distance]
    label = f"von Position {position} aus"
    axes[1].plot(distance, values, style, color=color, linewidth=width, label=label)
axes[1].set(xlabel="Abstand in Wörtern", ylabel="Ähnlichkeit", ylim=(0, 1.05))
axes[1].set_title("Es zählt nur der Abstand: dreimal dieselbe Kurve")
axes[1].legend(loc="lower right")
plt.show()

# %% Ohne Positionen geht die Reihenfolge verloren: Self-Attention auf zwei Sätze aus denselben Wörtern
names = [
    "Anna", "Ben", "Cem", "Dora", "Emil", "Fatma", "Georg", "Hanna", "Ida", "Jan", "Kim", "Lea"
]  # fmt: skip
verbs = {"schlägt": 0, "besiegt": 0, "unterliegt": 1}  # an welcher Stelle der Sieger steht
words = names + list(verbs)
stamp = torch.tensor(positional_encoding(3, D_MODEL), dtype=torch.float32)


def to_ids(sentences):
    return torch.tensor(
        [[words.index(word) for word in sentence.split()] for sentence in sentences]
    )


embedding = nn.Embedding(len(words), D_MODEL)
attention = nn.MultiheadAttention(D_MODEL, num_heads=4, batch_first=True)
twins = to_ids(["Anna schlägt Ben", "Ben schlägt Anna"])
difference = {}
for name, extra in [("ohne Positionen", 0 * stamp), ("mit Positionen", stamp)]:
    vectors = embedding(twins) + extra  # das ist alles: Der Stempel wird addiert
    with torch.no_grad():
        sentence_vectors = attention(vectors, vectors, vectors)[0].mean(dim=1)
    difference[name] = float((sentence_vectors[0] - sentence_vectors[1]).abs().max())
    print(f"Unterschied der beiden Satzvektoren {name}: {difference[name]:.1e}")
print("Ohne Positionen ist ein Satz für Self-Attention eine Tüte mit Wörtern.")

# %% Lernen: Wer hat gewonnen? Zwillinge bleiben zusammen im Training oder zusammen im Test.
random = np.random.default_rng(SEED)
pairs = [(a, b) for i, a in enumerate(names) for b in names[i + 1 :]]
random.shuffle(pairs)


def make_set(some_pairs):
    matches = [(a, b) for pair in some_pairs for a, b in (pair, pair[::-1])]
    sentences = [
        (f"{a} {verb} {b}", (a, b)[winner]) for a, b in matches for verb, winner in verbs.items()
    ]
    ids = to_ids([sentence for sentence, _ in sentences])
    return ids, torch.tensor([names.index(winner) for _, winner in sentences]), sentences


x_train, y_train, _ = make_set(pairs[20:])
x_test, y_test, test_sentences = make_set(pairs[:20])
print(f"\n{len(x_train)} Sätze zum Lernen, {len(x_test)} mit anderen Paaren zum Prüfen")


class Encoder(nn.Module):
    """Wörter → Vektoren (+ Stempel) → eine Transformer-Schicht → Mittelwert → Name des Siegers."""

    def __init__(self, use_positions):
        super().__init__()
        self.stamp = stamp if use_positions else 0 * stamp
        self.embedding = nn.Embedding(len(words), D_MODEL)
        self.layer = nn.TransformerEncoderLayer(D_MODEL, nhead=4, dropout=0.0, batch_first=True)
        self.head = nn.Linear(D_MODEL, len(names))

    def forward(self, ids):
        return self.head(self.layer(self.embedding(ids) + self.stamp).mean(dim=1))


curves, answers = {}, {}
for name, use_positions in [("ohne Positionen", False), ("mit Positionen", True)]:
    torch.manual_seed(SEED)
    model = Encoder(use_positions)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.002)
    curves[name] = []
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(x_train)).split(32):
            loss = nn.functional.cross_entropy(model(x_train[batch]), y_train[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            answers[name] = model(x_test).argmax(dim=1)
        curves[name].append(float((answers[name] == y_test).float().mean()))
    print(f"  {name:15} {curves[name][-1]:.0%} der Prüfsätze richtig")

# %% Was antworten sie?
for name, answer in answers.items():
    for i in (0, 3):  # ein Paar und sein Zwilling
        print(
            f"  {name:15} „{test_sentences[i][0]}“ → {names[answer[i]]} (richtig: {test_sentences[i][1]})"
        )

# %% Bild: Prüfsätze über die Epochen
figure, axis = plt.subplots(figsize=(9, 5))
for (name, values), style, color in zip(curves.items(), ["--", "-"], ["#D55E00", "#0072B2"]):
    axis.plot(range(1, EPOCHS + 1), values, style, color=color, linewidth=2.5, label=name)
axis.axhline(0.5, color="black", linestyle=":", label="eines von zwei Zwillingen")
axis.set(xlabel="Epoche", ylabel="Accuracy auf neuen Paaren", ylim=(0, 1.05))
axis.set_title("Dasselbe Netz, dieselben Sätze: Nur der Stempel ist anders")
axis.legend(loc="lower right")
plt.show()

# %% Was man sieht
# Ohne Stempel bekommen beide Zwillinge dieselbe Antwort, also ist höchstens einer richtig: Mehr als die
# Hälfte ist unmöglich, egal wie lange man trainiert. Mit Stempel lernt das Netz, wo wer steht.
# GPT-2 und BERT lernen ihre Stempel, statt sie auszurechnen; neuere Modelle drehen Q und K (RoPE).
ergebnis(
    unterschied_ohne=difference["ohne Positionen"],
    unterschied_mit=difference["mit Positionen"],
    accuracy_ohne=curves["ohne Positionen"][-1],
    accuracy_mit=curves["mit Positionen"][-1],
)
