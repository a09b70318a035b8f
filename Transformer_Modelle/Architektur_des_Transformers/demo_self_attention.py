"""Self-Attention: Jedes Wort fragt alle Wörter, Schritt für Schritt in NumPy gerechnet.

Kapitel   4.20 Transformer-Modelle · Architektur des Transformers
Folie     Code Demo: Berechnung von Self-Attention Schritt-für-Schritt in NumPy
Lernziel  Query, Key und Value von Hand nachrechnen; Skalierung, Softmax, Köpfe und Maske verstehen
Laufzeit  ca. 4 s (2 CPU-Kerne)
Daten     ein Satz mit fünf Wörtern, Merkmale und Gewichte von Hand gesetzt
Erwartet  abweichung_torch 0–0.000001, gewicht_sie_katze 0.8–0.9, gewicht_in_die_zukunft 0–0

In einem echten Modell sind Merkmale und Gewichte gelernt und haben keine Namen. Hier haben sie
welche, damit man jede Zahl nachrechnen kann. Wer eine ändert, sieht sofort, was sie bewirkt.
"""

# %% Stellschrauben: hier live drehen
PRONOUN_SEEKS_BEING = 3  # wie dringend „sie“ nach einem Lebewesen fragt; probiere 0 und 1

# %% Bibliotheken laden (einige Sekunden)
from kurs import ergebnis

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F


def show(title, matrix, rows, columns):
    print(f"\n{title}  (Form {matrix.shape[0]} × {matrix.shape[1]})")
    print(pd.DataFrame(matrix, rows, columns).round(2).to_string())


# %% Schritt 0: Der Satz als Matrix X. Eine Zeile je Wort, eine Spalte je Merkmal.
tokens = ["Die", "Katze", "ruht", "sie", "träumt"]
features = ["Wesen", "Tätigkeit", "Verweis", "Begleiter"]
x = np.array(
    [
        [0, 0, 0, 1],  # Die: begleitet ein Nomen
        [1, 0, 0, 0],  # Katze: ein Lebewesen
        [0, 1, 0, 0],  # ruht
        [0, 0, 1, 0],  # sie: verweist auf jemanden, sagt aber nicht, auf wen
        [0, 1, 0, 0],  # träumt
    ]
)
show("X: die Wörter", x, tokens, features)

# %% Schritt 1: drei Gewichtsmatrizen. Was sucht ein Merkmal, was bietet es, was gibt es weiter?
w_q = np.array([[0, 2], [2, 0], [PRONOUN_SEEKS_BEING, 0], [2, 0]])
w_k = np.array([[2, 0], [0, 0], [1, 0], [0, 2]])
w_v = np.array([[1, 0], [0, 0], [0, 0], [0, 1]])
show("W_Q: was dieses Merkmal sucht", w_q, features, ["sucht Wesen", "sucht Begleiter"])
show("W_K: was dieses Merkmal anbietet", w_k, features, ["bietet Wesen", "bietet Begleiter"])
show("W_V: was es weitergibt, wenn es beachtet wird", w_v, features, ["Wesen", "Begleiter"])

# %% Schritt 2: Queries, Keys und Values; alle Wörter auf einmal mit je einer Matrixmultiplikation
q, k, v = x @ w_q, x @ w_k, x @ w_v
show("Q = X · W_Q", q, tokens, ["sucht Wesen", "sucht Begleiter"])
show("K = X · W_K", k, tokens, ["bietet Wesen", "bietet Begleiter"])
show("V = X · W_V", v, tokens, ["Wesen", "Begleiter"])

# %% Schritt 3: Wie gut passt jede Frage (Zeile) zu jedem Angebot (Spalte)? Das Skalarprodukt!
scores = q @ k.T
show("Q · Kᵀ", scores, tokens, tokens)
print(f"Zum Beispiel sie → Katze: {q[3]} · {k[1]} = {scores[3, 1]:g}")

# %% Schritt 4: Skalieren. Mit mehr Dimensionen d_k werden Skalarprodukte von allein größer.
d_k = k.shape[1]
scaled = scores / np.sqrt(d_k)
show(f"Q · Kᵀ / √{d_k}", scaled, tokens, tokens)


# %% Schritt 5: Softmax macht aus jeder Zeile Anteile, die zusammen 1 ergeben
def softmax(z):
    z = np.exp(z - z.max(axis=-1, keepdims=True))  # minus Maximum: sonst läuft exp() über
    return z / z.sum(axis=-1, keepdims=True)


weights = softmax(scaled)
show("Attention-Gewichte", weights, tokens, tokens)
print(f"„sie“ schaut zu {weights[3, 1]:.0%} auf „Katze“ (gleich verteilt wären es 20%).")

# %% Schritt 6: Jedes Wort bekommt die Values aller Wörter, gemischt nach seinen Gewichten
output = weights @ v
show("Gewichte · V", output, tokens, ["Wesen", "Begleiter"])
print(f"Merkmal Wesen von „sie“: vorher {x[3, 0]:g}, aus dem Kontext {output[3, 0]:.2f}")
# „ruht“ und „träumt“ bekommen dasselbe: Ohne Position zählt nur, was ein Wort ist, nicht wo.


# %% Alles in einer Funktion, mit Maske: In GPT schaut kein Wort nach rechts, dort steht die Lösung
def attention(q, k, v, mask=True):
    scores = q @ np.swapaxes(k, -1, -2) / np.sqrt(k.shape[-1])
    weights = softmax(np.where(mask, scores, -np.inf))  # exp(−∞) = 0: kein Gewicht
    return weights @ v, weights


mask = np.tri(len(tokens), dtype=bool)
output_causal, weights_causal = attention(q, k, v, mask)
show("Erlaubt (1) und verboten (0)", mask.astype(int), tokens, tokens)
show("Gewichte mit kausaler Maske", weights_causal, tokens, tokens)

# %% Mehrere Köpfe: Ein zweiter Satz Gewichte stellt eine andere Frage, „Was tut es?“
q2 = x @ np.array([[2, 0], [0, 1], [2, 0], [0, 0]])
k2 = x @ np.array([[0, 1], [2, 0], [0, 0], [0, 0]])
v2 = x @ np.array([[0, 1], [1, 0], [0, 0], [0, 0]])
q_heads, k_heads, v_heads = np.stack([q, q2]), np.stack([k, k2]), np.stack([v, v2])
output_heads, weights_heads = attention(q_heads, k_heads, v_heads)  # Form: Köpfe × Wörter × d_k
show("Kopf 2: Gewichte", weights_heads[1], tokens, tokens)
columns = ["1 Wesen", "1 Begleiter", "2 Tätigkeit", "2 Wesen"]
show("Beide Köpfe nebeneinander", np.hstack(output_heads), tokens, columns)

# %% Rechnet PyTorch dasselbe?
q_t, k_t, v_t = (torch.tensor(heads, dtype=float) for heads in (q_heads, k_heads, v_heads))
torch_heads = F.scaled_dot_product_attention(q_t, k_t, v_t)
torch_causal = F.scaled_dot_product_attention(q_t[0], k_t[0], v_t[0], is_causal=True)
difference = max(
    np.abs(output_heads - torch_heads.numpy()).max(),
    np.abs(output_causal - torch_causal.numpy()).max(),
)
print(f"\nGrößter Unterschied zu F.scaled_dot_product_attention: {difference:.1e}")

# %% Bild: Wer schaut wohin?
figure, axes = plt.subplots(1, 3, figsize=(15, 5.4))
titles = ["Kopf 1: Wer?", "Kopf 2: Was tut es?", "Kopf 1 mit kausaler Maske"]
for axis, title, values in zip(axes, titles, [*weights_heads, weights_causal]):
    axis.imshow(values, cmap="Blues", vmin=0, vmax=1)
    for (i, j), value in np.ndenumerate(values):
        color = "white" if value > 0.6 else "black"
        axis.text(j, i, f"{value:.2f}", ha="center", va="center", color=color)
    axis.set_xticks(range(len(tokens)), tokens)
    axis.set_yticks(range(len(tokens)), tokens)
    axis.set(title=title, xlabel="schaut auf")
axes[0].set_ylabel("dieses Wort")
figure.suptitle("Wie verteilt jedes Wort seine Aufmerksamkeit? Jede Zeile ergibt 1")
plt.show()

ergebnis(
    abweichung_torch=difference,
    gewicht_sie_katze=weights[3, 1],
    gewicht_in_die_zukunft=weights_causal[~mask].sum(),
)
