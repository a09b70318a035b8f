"""Residual Connections und Layer Normalization: Was macht tiefe Netze trainierbar?

Kapitel   4.33 Transformer-Modelle · Architektur des Transformers
Folie     Residual Connections und Layer Normalization als Stabilitätsfaktoren
Lernziel  Denselben Stapel mit und ohne beides trainieren; Gradienten und Lernkurven vergleichen
Laufzeit  ca. 15 s (2 CPU-Kerne)
Daten     MNIST
Erwartet  verhaeltnis_ohne 0–0.001, verhaeltnis_beides 1–4, accuracy_ohne 0.05–0.2,
          accuracy_residual 0.85–0.97, accuracy_layernorm 0.05–0.3, accuracy_beides 0.85–0.97
Original  verhaeltnis_ohne 0–0.001, verhaeltnis_beides 1–6, accuracy_ohne 0.05–0.2,
          accuracy_residual 0.83–0.92, accuracy_layernorm 0.05–0.2, accuracy_beides 0.86–0.94

Ein Transformer stapelt viele Blöcke. In jedem rechnet ein Feed-Forward-Teil; darum herum liegen
eine Abkürzung (Residual Connection: x + Block(x)) und eine Normierung (Layer Normalization).
"""

# %% Stellschrauben: hier live drehen
DEPTH = 24  # Blöcke; probiere 4: Braucht es das alles dann auch?  # Test: 3
WIDTH = 64  # Test: 8
STEPS = 300  # Test: 3
LEARNING_RATE = 0.001
N_TRAIN = 4_000  # Test: 128
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
from kurs import ergebnis
from kurs.bilder import mnist

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy

torch.set_num_threads(1)  # so kleine Matrizen: Zwei Kerne würden vor allem aufeinander warten

# %% Daten
(x_train, y_train), (x_test, y_test) = mnist.load_data()
x_train = torch.tensor(x_train[:N_TRAIN].reshape(-1, 784) / 255, dtype=torch.float32)
x_test = torch.tensor(x_test[:1000].reshape(-1, 784) / 255, dtype=torch.float32)
y_train, y_test = torch.tensor(y_train[:N_TRAIN]).long(), torch.tensor(y_test[:1000]).long()
print(f"{len(x_train)} Bilder, ein Stapel aus {DEPTH} Blöcken")


# %% Ein Block wie im Transformer, nur ohne Attention
class Block(nn.Module):
    def __init__(self, residual, layer_norm):
        super().__init__()
        self.residual = residual
        self.norm = nn.LayerNorm(WIDTH) if layer_norm else nn.Identity()
        self.feed_forward = nn.Sequential(
            nn.Linear(WIDTH, 2 * WIDTH), nn.ReLU(), nn.Linear(2 * WIDTH, WIDTH)
        )

    def forward(self, x):
        out = self.feed_forward(self.norm(x))
        return x + out if self.residual else out


def build_model(residual, layer_norm):
    torch.manual_seed(SEED)
    blocks = [Block(residual, layer_norm) for _ in range(DEPTH)]
    return nn.Sequential(nn.Linear(784, WIDTH), *blocks, nn.Linear(WIDTH, 10))


def gradient_norms(model):
    """Länge des Gradienten je Block, von vorn nach hinten, noch vor dem ersten Schritt."""
    cross_entropy(model(x_train[:128]), y_train[:128]).backward()
    norms = [block.feed_forward[0].weight.grad.norm().item() for block in model[1:-1]]
    model.zero_grad()
    return norms


# %% Messen, dann trainieren: gleiche Bilder, gleiche Schritte
variants = {
    "ohne beides": (False, False),
    "nur Layer Normalization": (False, True),
    "nur Residual": (True, False),
    "beides": (True, True),
}
norms, losses, accuracy = {}, {}, {}
print("\nGradient vorn und hinten, Testgenauigkeit nach dem Training (raten: 0.10)")
for name, (residual, layer_norm) in variants.items():
    model = build_model(residual, layer_norm)
    norms[name] = gradient_norms(model)
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE)
    losses[name] = []
    for _ in range(STEPS):
        rows = torch.randint(len(x_train), (64,))
        loss = cross_entropy(model(x_train[rows]), y_train[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses[name].append(loss.item())
    with torch.inference_mode():
        accuracy[name] = (model(x_test).argmax(dim=1) == y_test).float().mean().item()
    print(f"  {name:24} vorn {norms[name][0]:.1e}  hinten {norms[name][-1]:.1e}", end="")
    print(f"  →  Test {accuracy[name]:.3f}", flush=True)

# %% Bild: Kommt das Signal vorn an, und wird daraus Lernen?
figure, axes = plt.subplots(1, 2, figsize=(13, 5.5))
for name, style in zip(variants, ["o-", "s--", "^:", "D-"]):
    axes[0].plot(range(1, DEPTH + 1), norms[name], style, label=name)
    mean = np.convolve(losses[name], np.ones(10) / 10, "valid") if STEPS >= 10 else losses[name]
    axes[1].plot(mean, label=name)
axes[0].set(yscale="log", xlabel="Block (1 = vorn)", ylabel="Länge des Gradienten (log)")
axes[0].set_title("Vor dem Training")
axes[1].set(xlabel="Schritt", ylabel="Loss (Mittel über 10)", title="Im Training")
axes[1].legend()
plt.show()

# %% Was man sieht
# Die Abkürzung reicht den Gradienten ungekürzt nach vorn durch: Was ein Block auch tut, das „x +“
# davor hat die Ableitung 1. Layer Normalization hält dabei die Eingaben der Blöcke gleich groß.
# Allein genügt sie nicht: Ohne Abkürzung gleichen sich die Bilder Block für Block einander an.
top = max(accuracy.values())
best = [name for name, value in accuracy.items() if value == top]
print(f"\nAm besten im Test: {', '.join(best)} ({top:.3f})")
ratio = {name: values[0] / max(values[-1], 1e-30) for name, values in norms.items()}
ergebnis(
    verhaeltnis_ohne=ratio["ohne beides"],
    verhaeltnis_beides=ratio["beides"],
    accuracy_ohne=accuracy["ohne beides"],
    accuracy_residual=accuracy["nur Residual"],
    accuracy_layernorm=accuracy["nur Layer Normalization"],
    accuracy_beides=accuracy["beides"],
)
