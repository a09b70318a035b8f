"""RNN, LSTM, GRU, Attention: Woran erinnert sich ein Netz am Ende eines Textes?

Kapitel   4.15 Transformer-Modelle · Architektur des Transformers
Folie     Warum Self-Attention statt rekurrenter Schleifen?
Lernziel  Sehen, dass ein Zustand fester Größe vergisst und Attention nachschlägt
Laufzeit  ca. 35 s (2 CPU-Kerne)
Daten     selbst erzeugte Sätze wie „Lea: Hut … Ben: Ball … Was hat Lea?“
Erwartet  weit_rnn 0.09–0.2, weit_gru 0.9–1, weit_attention 0.95–1, viel_gru 0.36–0.55,
          viel_attention 0.95–1

Ein RNN trägt alles Gelesene in einem Zustand fester Größe mit. Self-Attention hebt alle Wörter auf.
Am Ende des Textes steht eine Frage nach einem von ihnen.
"""

# %% Stellschrauben: hier live drehen
DISTANCE = 50  # so weit zurück kann die Antwort liegen  # Test: 10
WIDTH = 32  # Zahlen je Wort und Größe des Zustands, ein Vielfaches von 4  # Test: 8
STEPS = 800  # Test: 3
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
from kurs import ergebnis

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy

if WIDTH % 4:
    raise ValueError("WIDTH muss durch 4 teilbar sein: Attention hat hier vier Köpfe")
torch.manual_seed(SEED)
torch.set_num_threads(1)  # so kleine Matrizen: Zwei Kerne würden vor allem aufeinander warten

# %% Der Text: Leute haben Dinge, dazwischen steht nichts; am Ende wird nach einem gefragt
people = ["Anna", "Ben", "Cem", "Dora", "Emil", "Fatma", "Jan", "Lea"][:DISTANCE]
things = ["Hut", "Ball", "Stift", "Schal", "Apfel", "Brief", "Hammer", "Teller"]
vocabulary = [f"{person}: {thing}" for person in people for thing in things]
vocabulary += [f"Was hat {person}?" for person in people] + ["…"]
first_question = len(people) * len(things)


def make_batch(n, n_facts=None, distance=None):
    """Wörter (Text × Stelle) und Antworten. Ohne Angabe stehen ein paar Tatsachen irgendwo."""
    words = torch.full((n, DISTANCE + 1), len(vocabulary) - 1)
    counts = torch.randint(1, len(people) + 1, (n,))
    if n_facts is not None:
        counts[:] = n_facts
    who = torch.rand(n, len(people)).argsort(dim=1)
    what = torch.randint(len(things), (n, len(people)))
    place = torch.rand(n, DISTANCE).argsort(dim=1)
    if distance is not None:  # die erfragte Tatsache liegt genau so weit vor der Frage
        place[:, 0] = DISTANCE - distance
    for i in reversed(range(len(people))):
        rows = (i < counts).nonzero()[:, 0]
        words[rows, place[rows, i]] = who[rows, i] * len(things) + what[rows, i]
    words[:, -1] = first_question + who[:, 0]
    return words, what[:, 0]


words, answers = make_batch(1, n_facts=min(4, len(people)))
print("Ein Text:", *(vocabulary[word] for word in words[0]), "→", things[answers[0]])


# %% Vier Netze, die sich nur in der mittleren Schicht unterscheiden
class Reader(nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.embedding = nn.Embedding(len(vocabulary), WIDTH)
        if kind == "Attention":
            self.layer = nn.MultiheadAttention(WIDTH, num_heads=4, batch_first=True)
        else:
            layer_class = getattr(nn, kind)  # nn.RNN, nn.LSTM oder nn.GRU
            self.layer = layer_class(WIDTH, WIDTH, batch_first=True)
        self.head = nn.Linear(WIDTH, len(things))

    def forward(self, words):
        x = self.embedding(words)
        if isinstance(self.layer, nn.MultiheadAttention):
            x = x + self.layer(x, x, x, need_weights=False)[0]
        else:
            x, _ = self.layer(x)
        return self.head(x[:, -1])  # an der Stelle der Frage muss alles Nötige angekommen sein


def accuracy(model, **options):
    words, answers = make_batch(1_000, **options)
    with torch.no_grad():
        return float((model(words).argmax(dim=1) == answers).float().mean())


# %% Trainieren mit Texten aller Art, dann prüfen: wie weit zurück, wie viele Tatsachen auf einmal?
distances = sorted({int(d) for d in np.geomspace(1, DISTANCE, 8)})
facts = [n for n in (1, 2, 4, 6, 8) if n <= len(people)]
by_distance, by_facts = {}, {}
print(f"\nNach {STEPS} Schritten richtig beantwortet (Raten: {1 / len(things):.0%})")
print(f"{'':12}1 Tatsache, {distances[-1]} Wörter zurück   {facts[-1]} Tatsachen irgendwo")
for kind in ("RNN", "LSTM", "GRU", "Attention"):
    torch.manual_seed(SEED)
    model = Reader(kind)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
    for _ in range(STEPS):
        words, answers = make_batch(64)
        loss = cross_entropy(model(words), answers)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    by_distance[kind] = [accuracy(model, n_facts=1, distance=d) for d in distances]
    by_facts[kind] = [accuracy(model, n_facts=n) for n in facts]
    print(f"{kind:10}{by_distance[kind][-1]:28.0%}{by_facts[kind][-1]:23.0%}", flush=True)

# %% Bild: Wie weit zurück, und wie viel auf einmal?
figure, axes = plt.subplots(1, 2, sharey=True)
for kind, width in zip(by_facts, [2, 10, 6, 2]):  # breit unter schmal: Gleiches bleibt sichtbar
    axes[0].plot(distances, by_distance[kind], "o-", linewidth=width, label=kind)
    axes[1].plot(facts, by_facts[kind], "o-", linewidth=width, label=kind)
for axis in axes:
    axis.axhline(1 / len(things), color="gray", linewidth=1, label="geraten")
axes[0].set(xlabel="So viele Wörter zurück", ylabel="Genauigkeit", ylim=(0, 1.05))
axes[0].set_title("Wie weit zurück? (eine Tatsache)")
axes[1].set(xlabel="Tatsachen im Text", xticks=facts, title="Wie viel auf einmal?")
figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=5)
plt.show()

# %% Was man sieht
# Ein einfaches RNN verliert den Gradienten auf dem langen Weg zurück (Vanishing Gradients). LSTM
# und GRU können etwas weit tragen, aber nicht beliebig viel. Attention schlägt nach.
print(f"\nZur Frage liegen bereit: RNN und GRU {WIDTH} Zahlen, LSTM {2 * WIDTH} (h und c),")
print(f"Attention {(DISTANCE + 1) * WIDTH}, nämlich alle {DISTANCE + 1} Wörter.")
ergebnis(
    weit_rnn=by_distance["RNN"][-1],
    weit_gru=by_distance["GRU"][-1],
    weit_attention=by_distance["Attention"][-1],
    viel_gru=by_facts["GRU"][-1],
    viel_attention=by_facts["Attention"][-1],
)
