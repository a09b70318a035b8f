"""RNN gegen Attention: Was kostet ein langer Text?

Kapitel   4.10 Transformer-Modelle · Architektur des Transformers
Folie     Warum Self-Attention statt rekurrenter Schleifen?
Lernziel  Zeit und Speicher über der Länge messen; wissen, wofür Attention quadratisch zahlt
Laufzeit  ca. 6 s (2 CPU-Kerne)
Daten     Zufallszahlen in der Form eines Textes: Wörter × Zahlen je Wort
Erwartet  speicher_lstm 31–33, speicher_attention 1000–1050, speicher_kacheln 31–33

Ein RNN liest Wort für Wort und muss auf jedes warten. Self-Attention lässt jedes Wort jedes andere
ansehen, alle zugleich. Beides hat seinen Preis. Woran sich beide am Ende des Textes noch erinnern,
zeigt demo_langes_gedaechtnis.
"""

# %% Stellschrauben: hier live drehen
LENGTHS = [128, 256, 512, 1024, 2048, 4096]  # Wörter je Text  # Test: [16, 32]
WIDTH = 32  # Zahlen je Wort  # Test: 8
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
from kurs import ergebnis

import matplotlib.pyplot as plt
import torch
from torch import nn
from torch.nn.functional import scaled_dot_product_attention
from torch.utils.benchmark import Timer

torch.manual_seed(SEED)

# %% Drei Schichten für denselben Text. Jede gibt auch zurück, was mit dem Text wächst.
lstm = nn.LSTM(WIDTH, WIDTH, batch_first=True)


def run_lstm(x):
    states, _ = lstm(x)
    return states, states  # ein Zustand je Wort


def run_attention(x):
    """Wie auf der Folie: eine Matrix Wörter × Wörter mit allen Gewichten."""
    weights = (x @ x.transpose(1, 2) / WIDTH**0.5).softmax(dim=-1)
    return weights @ x, weights


def run_tiled_attention(x):
    """Dasselbe Ergebnis in Kacheln gerechnet: Die große Matrix steht nie ganz im Speicher."""
    output = scaled_dot_product_attention(x, x, x)
    return output, output


layers = {
    "LSTM": run_lstm,
    "Attention": run_attention,
    "Attention in Kacheln": run_tiled_attention,
}
x = torch.randn(1, 100, WIDTH)
same = torch.allclose(run_attention(x)[0], run_tiled_attention(x)[0], atol=1e-5)
print(f"Rechnen beide Arten Attention dasselbe? {'Ja' if same else 'Nein'}\n")

# %% Messen: einmal vorwärts und zurück, wie in einem Trainingsschritt
seconds = {name: [] for name in layers}
megabytes = {name: [] for name in layers}
print(f"{'Wörter':>8}", *(f"{name:>26}" for name in layers))
for length in sorted(LENGTHS):
    x = torch.randn(1, length, WIDTH, requires_grad=True)
    for name, layer in layers.items():
        timer = Timer("layer(x)[0].sum().backward()", globals={"layer": layer, "x": x})
        seconds[name].append(timer.blocked_autorange(min_run_time=0.1).median)
        megabytes[name].append(layer(x)[1].nbytes / 2**20)
    columns = [f"{1000 * seconds[n][-1]:11.1f} ms {megabytes[n][-1]:8.2f} MB" for n in layers]
    print(f"{length:8}", *columns, flush=True)

# %% Was wächst wie?
shortest, longest = min(LENGTHS), max(LENGTHS)
growth = {name: values[-1] / values[0] for name, values in megabytes.items()}
print(f"\nVon {shortest} auf {longest} Wörter, {longest / shortest:.0f}-mal so viele:")
for name in layers:
    longer = seconds[name][-1] / seconds[name][0]
    print(f"  {name:21} {longer:7.1f}-mal so lange, {growth[name]:5.0f}-mal so viel Speicher")
pairs = zip(sorted(LENGTHS), seconds["Attention"], seconds["LSTM"])
faster = [length for length, attention, recurrent in pairs if attention < recurrent]
print(f"Attention ist hier schneller als das LSTM bei: {faster or 'keiner Länge'}")

# %% Bild: Zeit und Speicher
figure, axes = plt.subplots(1, 2)
for name, width in zip(layers, [8, 4, 2]):  # breit unter schmal: Gleiches bleibt sichtbar
    axes[0].loglog(sorted(LENGTHS), seconds[name], "o-", linewidth=width, label=name)
    axes[1].loglog(sorted(LENGTHS), megabytes[name], "o-", linewidth=width, label=name)
for axis, title in zip(axes, ["Sekunden, vorwärts und zurück", "Megabyte: Zustände oder Gewichte"]):
    axis.set_xticks(LENGTHS, LENGTHS, rotation=45)
    axis.minorticks_off()
    axis.set(xlabel="Wörter im Text", title=title)
axes[0].legend()
plt.show()

# %% Was man sieht
# Beide Achsen zählen in Vielfachen: Wer linear wächst, steigt wie eine Diagonale, wer quadratisch
# wächst, doppelt so steil. Ein RNN braucht wenig Platz, aber seine Schritte lassen sich nicht
# nebeneinander rechnen; auf einer GPU zählt dieses Warten mehr als das Rechnen. Attention rechnet
# mit der Länge im Quadrat; so viel Platz braucht nur, wer die Matrix der Gewichte ganz aufhebt.
ergebnis(
    speicher_lstm=growth["LSTM"],
    speicher_attention=growth["Attention"],
    speicher_kacheln=growth["Attention in Kacheln"],
)
