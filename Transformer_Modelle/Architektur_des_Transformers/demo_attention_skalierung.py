"""Skalierte Attention: Warum steht √d_k unter dem Skalarprodukt?

Kapitel   4.25 Transformer-Modelle · Architektur des Transformers
Folie     Self-Attention Mechanismus: Q, K, V und Berechnung der Gewichte
Lernziel  Messen, was lange Vektoren mit Softmax machen: ein Wort bekommt alles, der Gradient nichts
Laufzeit  ca. 2 s (2 CPU-Kerne)
Daten     zufällige Queries und Keys
Erwartet  spitze_ohne 0.9–1, spitze_mit 0.25–0.36, gradient_ohne 0.02–0.06, gradient_mit 0.18–0.27

Ein Skalarprodukt ist eine Summe aus d_k Produkten. Je länger die Vektoren, desto weiter streuen die
Punktzahlen, auch wenn Query und Key gar nichts miteinander zu tun haben.
"""

# %% Stellschrauben: hier live drehen
DIMENSIONS = [4, 64, 1024]  # d_k
N_WORDS = 10
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
from kurs import ergebnis

import matplotlib.pyplot as plt
import torch

torch.manual_seed(SEED)

if min(DIMENSIONS) < 1:
    raise ValueError("Ein Vektor hat wenigstens eine Zahl")

# %% Je Länge: Punktzahlen, Gewichte, und wie viel Gradient durch Softmax zurückkommt
print(f"{'d_k':>6}{'':>18}{'Streuung':>10}{'größtes Gewicht':>17}{'Gradient':>10}")
sorted_weights, peaks, gradients = {}, {}, {}
for d_k in DIMENSIONS:
    queries = torch.randn(500, 1, d_k)
    keys = torch.randn(500, N_WORDS, d_k)
    raw = queries @ keys.transpose(1, 2)
    for name, scores in [("ohne Skalierung", raw), ("geteilt durch √d_k", raw / d_k**0.5)]:
        scores.requires_grad_()
        weights = scores.softmax(dim=-1)
        peak = weights.max(dim=-1).values
        peak.sum().backward()  # Wie ändert sich das größte Gewicht mit den Punktzahlen?
        sorted_weights[d_k, name] = weights.detach().sort(descending=True).values.mean(dim=(0, 1))
        peaks[d_k, name] = peak.mean().item()
        gradients[d_k, name] = scores.grad.norm(dim=-1).mean().item()
        print(f"{d_k:6}{name:>20}{scores.std():8.1f}", end="")
        print(f"{peaks[d_k, name]:17.2f}{gradients[d_k, name]:10.3f}")

# %% Bild: Wie verteilt sich die Aufmerksamkeit?
figure, axes = plt.subplots(1, 2, sharey=True)
ranks = range(1, N_WORDS + 1)
for axis, name in zip(axes, ["ohne Skalierung", "geteilt durch √d_k"]):
    for d_k in DIMENSIONS:
        axis.plot(ranks, sorted_weights[d_k, name], "o-", label=f"d_k = {d_k}")
    axis.axhline(1 / N_WORDS, color="gray", linestyle=":", label="gleich verteilt")
    axis.set(title=name, xlabel="Wörter, nach Gewicht geordnet")
axes[0].set_ylabel("Attention-Gewicht (Mittel)")
axes[0].legend()
figure.suptitle("Wie hängen die Gewichte von der Länge der Vektoren ab?")
plt.show()

# %% Was man sieht
# Die Punktzahlen streuen wie √d_k; geteilt durch √d_k streuen sie immer wie 1. Ohne das Teilen
# nimmt bei langen Vektoren ein zufälliges Wort fast alles, und Softmax ist dort flach: Seine
# Ableitung p · (1 − p) geht mit p gegen 1 auf 0 zu. Ein Modell, das so anfängt, lernt kaum.
longest = max(DIMENSIONS)
plain, scaled = (longest, "ohne Skalierung"), (longest, "geteilt durch √d_k")
print(f"Bei d_k = {longest}: Gradient ohne Skalierung {gradients[plain]:.3f}, ", end="")
print(f"mit Skalierung {gradients[scaled]:.3f}")
ergebnis(
    spitze_ohne=peaks[plain],
    spitze_mit=peaks[scaled],
    gradient_ohne=gradients[plain],
    gradient_mit=gradients[scaled],
)
