"""RNN gegen Attention: Was kostet ein langer Text, und woran erinnert sich das Netz an seinem Ende?

Kapitel   4.10 Transformer-Modelle · Architektur des Transformers
Folie     Warum Self-Attention statt rekurrenter Schleifen?
Lernziel  Zeit und Speicher über der Länge messen; sehen, dass ein Zustand fester Größe vergisst und Attention nachschlägt
Laufzeit  ca. 35 s (2 CPU-Kerne)
Daten     selbst erzeugte Sätze wie „Lea hat den Hut …, was hat Lea?“
Erwartet  speicher_lstm 1.9–2.1, speicher_attention 3.8–4.1, speicher_kacheln 1.9–2.1, weit_rnn 0.09–0.2,
          weit_gru 0.9–1, weit_attention 0.95–1, viel_gru 0.36–0.55, viel_attention 0.95–1

Ein RNN liest Wort für Wort und trägt alles in einem Zustand fester Größe mit. Self-Attention hebt alle
Wörter auf und lässt jedes jedes ansehen. Beides hat seinen Preis.
"""

# %% Stellschrauben: hier live drehen
LENGTHS = [128, 256, 512, 1024, 2048, 4096]  # Wörter je Text  # Test: [16, 32]
WIDTH = 32  # Zahlen je Wort und Größe des Zustands  # Test: 8
DISTANCE = 50  # so weit zurück kann die Antwort liegen  # Test: 10
STEPS = 800  # Test: 3
N_TEST = 1_000  # Sätze je Prüfung  # Test: 20
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
import time

from kurs import ergebnis

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy, scaled_dot_product_attention

torch.manual_seed(SEED)
torch.set_num_threads(1)  # so kleine Matrizen: Zwei Kerne würden vor allem aufeinander warten
COLORS = {"RNN": "#999999", "LSTM": "#56B4E9", "GRU": "#0072B2", "Attention": "#D55E00"}


# %% Teil 1: Was kostet die Länge? Drei Schichten für denselben Text, einmal vorwärts und zurück.
def plain_attention(x):
    """Wie auf der Folie: eine Matrix Wörter × Wörter mit allen Gewichten."""
    weights = (x @ x.transpose(1, 2) / WIDTH**0.5).softmax(dim=-1)
    return weights @ x


def tiled_attention(x):
    """Dasselbe Ergebnis in Kacheln gerechnet: Die große Matrix steht nie ganz im Speicher."""
    x = x[:, None]  # Form: Texte × Köpfe × Wörter × Zahlen, hier mit einem Kopf
    return scaled_dot_product_attention(x, x, x)


lstm = nn.LSTM(WIDTH, WIDTH, batch_first=True)
layers = {
    "LSTM": lambda x: lstm(x)[0],
    "Attention": plain_attention,
    "Attention in Kacheln": tiled_attention,
}


def measure(layer, length):
    """Sekunden (bester von drei Läufen) und Bytes, die bis zum Rückwärtsgang aufgehoben werden."""
    x = torch.randn(1, length, WIDTH, requires_grad=True)
    kept = {}  # jeder Speicherbereich zählt einmal

    def remember(tensor):
        kept[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(remember, lambda tensor: tensor):
        layer(x)
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        layer(x).sum().backward()
        seconds.append(time.perf_counter() - start)
    return min(seconds), sum(kept.values())


costs = {}
print(f"{'Wörter':>8}", *(f"{name:>26}" for name in layers))
for length in LENGTHS:
    costs[length] = [measure(layer, length) for layer in layers.values()]
    print(
        f"{length:8}",
        *(f"{1000 * s:11.1f} ms {b / 2**20:8.2f} MB" for s, b in costs[length]),
        flush=True,
    )
seconds, memory = np.array(list(costs.values())).transpose(2, 1, 0)  # je: Schicht × Länge
memory_growth = memory[:, -1] / memory[:, -2]
for name, factor in zip(layers, memory_growth):
    print(f"  {name:21} doppelt so viele Wörter, {factor:.1f}-mal so viel Speicher")
faster = [n for n, times in zip(LENGTHS, seconds.T) if times[1] < times[0]]
print(f"Attention ist hier schneller als das LSTM bei: {faster or 'keiner Länge'}")
print("Ein LSTM muss auf jedes Wort warten, ehe es das nächste liest; Attention kann alle zugleich rechnen.")
print("Hier rechnet ein einziger CPU-Kern; auf einer GPU zählt das Warten mehr als das Rechnen.")

# %% Bild 1: Zeit und Speicher
figure, axes = plt.subplots(1, 2, figsize=(13, 5))
styles = [("o-", COLORS["LSTM"]), ("s-", COLORS["Attention"]), ("^--", COLORS["Attention"])]
for axis, values, label in (
    (axes[0], 1000 * seconds, "Millisekunden"),
    (axes[1], memory / 2**20, "Megabyte"),
):
    for name, row, (style, color) in zip(layers, values, styles):
        axis.loglog(LENGTHS, row, style, color=color, linewidth=2.5, markersize=8, label=name)
    axis.set_xticks(LENGTHS, LENGTHS)
    axis.yaxis.set_major_formatter("{x:g}")
    axis.minorticks_off()
    axis.set(xlabel="Wörter im Text", ylabel=label)
axes[0].set_title("Zeit, vorwärts und rückwärts")
axes[1].set_title("Speicher bis zum Rückwärtsgang")
axes[0].legend()
plt.show()

# %% Teil 2: Woran erinnern sie sich? Acht Leute haben acht Dinge; am Ende wird nach einem gefragt.
people = ["Anna", "Ben", "Cem", "Dora", "Emil", "Fatma", "Jan", "Lea"]
things = ["Hut", "Ball", "Stift", "Schal", "Apfel", "Brief", "Hammer", "Teller"]
n_people, n_things = len(people), len(things)
QUESTION, FILLER = n_people * n_things, n_people * n_things + n_people  # die Nummern danach


def make_batch(n, n_facts=None, distance=None):
    """Wörter (Text × Stelle) und Antworten. Ohne Angabe liegen 1 bis 8 Tatsachen irgendwo."""
    words = torch.full((n, DISTANCE + 1), FILLER)
    counts = torch.randint(1, n_people + 1, (n,)) if n_facts is None else torch.full((n,), n_facts)
    who = torch.rand(n, n_people).argsort(dim=1)
    what = torch.randint(n_things, (n, n_people))
    place = torch.rand(n, DISTANCE).argsort(dim=1)
    if distance is not None:  # die erfragte Tatsache liegt genau so weit vor der Frage
        place[:, 0] = DISTANCE - distance
    for i in reversed(range(n_people)):
        rows = (i < counts).nonzero()[:, 0]
        words[rows, place[rows, i]] = who[rows, i] * n_things + what[rows, i]
    words[:, -1] = QUESTION + who[:, 0]
    return words, what[:, 0]


def spell(word):
    if word == FILLER:
        return "…"
    if word >= QUESTION:
        return f"Was hat {people[word - QUESTION]}?"
    return f"{people[word // n_things]}: {things[word % n_things]}"


words, answers = make_batch(1, n_facts=4)
print("\nEin Text:", *(spell(word) for word in words[0].tolist()), "→", things[answers[0]])


# %% Vier Netze, die sich nur in der mittleren Schicht unterscheiden
class Reader(nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.embedding = nn.Embedding(FILLER + 1, WIDTH)
        if kind == "Attention":
            self.layer = nn.MultiheadAttention(WIDTH, num_heads=4, batch_first=True)
        else:
            self.layer = getattr(nn, kind)(WIDTH, WIDTH, batch_first=True)
        self.head = nn.Linear(WIDTH, n_things)

    def forward(self, words):
        x = self.embedding(words)
        if isinstance(self.layer, nn.MultiheadAttention):
            x = x + self.layer(x, x, x, need_weights=False)[0]
        else:
            x, _ = self.layer(x)
        return self.head(x[:, -1])  # an der Stelle der Frage muss alles Nötige angekommen sein


def accuracy(model, **options):
    words, answers = make_batch(N_TEST, **options)
    with torch.no_grad():
        return float((model(words).argmax(dim=1) == answers).float().mean())


distances = sorted({int(d) for d in np.geomspace(1, DISTANCE, 8)})
facts = [1, 2, 4, 6, 8]
by_distance, by_facts = {}, {}
print(f"\n{STEPS} Schritte Training; dann richtige Antworten (Raten: {1 / n_things:.0%})")
print(f"  {'':10} 1 Tatsache, {DISTANCE} Wörter zurück   8 Tatsachen irgendwo")
for kind in COLORS:
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
    print(f"  {kind:10} {by_distance[kind][-1]:28.0%} {by_facts[kind][-1]:21.0%}", flush=True)

# %% Bild 2: Wie weit zurück, und wie viel auf einmal?
figure, axes = plt.subplots(1, 2, figsize=(13, 5), sharey=True)
styles = [(":v", 3), ("-o", 10), ("-D", 6), ("-s", 2)]  # breit unter schmal: Gleiches bleibt sichtbar
for kind, (style, width) in zip(COLORS, styles):
    look = {"color": COLORS[kind], "linewidth": width, "markersize": width + 7, "label": kind}
    axes[0].plot(distances, by_distance[kind], style, **look)
    axes[1].plot(facts, by_facts[kind], style, **look)
for axis in axes:
    axis.axhline(1 / n_things, color="black", linewidth=1)
axes[0].set(
    xlabel="So viele Wörter liegt die Tatsache zurück", ylabel="Anteil richtig", ylim=(0, 1.08)
)
axes[0].set_title("Wie weit zurück? (eine Tatsache)")
axes[0].text(DISTANCE, 0.04, "schwarze Linie: geraten", ha="right")
axes[1].set(xlabel="Tatsachen im Text", xticks=facts, title="Wie viel auf einmal?")
axes[1].legend(loc="lower left", bbox_to_anchor=(0, 0.15))
plt.show()

# %% Was man sieht
print("\nIm Zustand eines RNN ist Platz für", WIDTH, "Zahlen, egal wie lang der Text ist;")
print(f"Attention hält am Ende alle {DISTANCE + 1} Wörter bereit, {(DISTANCE + 1) * WIDTH} Zahlen.")
for kind, values in by_facts.items():
    print(f"  {kind:10} {values[0]:4.0%} richtig bei einer Tatsache, {values[-1]:4.0%} bei acht")
# Das einfache RNN verliert den Gradienten (Vanishing Gradients) und lernt kaum etwas. LSTM und GRU können
# etwas weit tragen, aber nicht beliebig viel. Attention schlägt nach, statt sich zu merken; dafür zahlt
# sie mit der Länge im Quadrat, wenn man die Matrix aller Gewichte wirklich aufhebt.
ergebnis(
    speicher_lstm=memory_growth[0],
    speicher_attention=memory_growth[1],
    speicher_kacheln=memory_growth[2],
    weit_rnn=by_distance["RNN"][-1],
    weit_gru=by_distance["GRU"][-1],
    weit_attention=by_distance["Attention"][-1],
    viel_gru=by_facts["GRU"][-1],
    viel_attention=by_facts["Attention"][-1],
)
