"""Self-Attention: Jedes Wort fragt alle Wörter, Schritt für Schritt in NumPy gerechnet.

Kapitel   4.20 Transformer-Modelle · Architektur des Transformers
Folie     Code Demo: Berechnung von Self-Attention Schritt-für-Schritt in NumPy
Lernziel  Query, Key und Value von Hand nachrechnen; Skalierung, Softmax, Köpfe und kausale Maske verstehen
Laufzeit  ca. 5 s (2 CPU-Kerne)
Daten     ein Satz mit fünf Wörtern, Merkmale und Gewichte von Hand gesetzt
Erwartet  abweichung_torch 0–0.000001, gewicht_sie_katze 0.8–0.9, gewicht_in_die_zukunft 0–0,
          spitze_unskaliert 0.9–1, spitze_skaliert 0.2–0.35

In einem echten Modell sind Merkmale und Gewichte gelernt und haben keine Namen. Hier haben sie welche,
damit man jede Zahl auf dem Papier nachrechnen kann. Wer eine ändert, sieht sofort, was sie bewirkt.
"""

# %% Stellschrauben: hier live drehen
PRONOUN_SEEKS_BEING = 3  # wie dringend „sie“ nach einem Lebewesen fragt; probiere 0 und 1
SEED = 42  # nur für die Zufallszahlen im Abschnitt über die Skalierung

# %% Bibliotheken laden (einige Sekunden)
from kurs import ausgabe_ordner, ergebnis
from kurs.browser import zeige

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F


def show(title, matrix, columns, rows):
    print(f"\n{title}  (Form {matrix.shape[0]} × {matrix.shape[1]})")
    print(pd.DataFrame(matrix, index=rows, columns=columns).round(2).to_string())


# %% Schritt 0: Der Satz als Matrix X. Eine Zeile je Wort, eine Spalte je Merkmal.
tokens = ["Die", "Katze", "ruht", "sie", "träumt"]
features = ["Wesen", "Tätigkeit", "Verweis", "Begleiter"]
x = np.array(
    [
        [0.0, 0.0, 0.0, 1.0],  # Die: begleitet ein Nomen
        [1.0, 0.0, 0.0, 0.0],  # Katze: ein Lebewesen
        [0.0, 1.0, 0.0, 0.0],  # ruht
        [0.0, 0.0, 1.0, 0.0],  # sie: verweist auf jemanden, sagt aber nicht, auf wen
        [0.0, 1.0, 0.0, 0.0],  # träumt
    ]
)
show("X: die Wörter", x, features, tokens)

# %% Schritt 1: drei Gewichtsmatrizen. Was sucht ein Merkmal, was bietet es, was gibt es weiter?
w_q = np.array([[0, 2], [2, 0], [PRONOUN_SEEKS_BEING, 0], [2, 0]], dtype=float)
w_k = np.array([[2, 0], [0, 0], [1, 0], [0, 2]], dtype=float)
w_v = np.array([[1, 0], [0, 0], [0, 0], [0, 1]], dtype=float)
show("W_Q: was dieses Merkmal sucht", w_q, ["sucht Wesen", "sucht Begleiter"], features)
show("W_K: was dieses Merkmal anbietet", w_k, ["bietet Wesen", "bietet Begleiter"], features)
show("W_V: was es weitergibt, wenn es beachtet wird", w_v, ["Wesen", "Begleiter"], features)

# %% Schritt 2: Queries, Keys und Values; alle Wörter auf einmal mit je einer Matrixmultiplikation
q, k, v = x @ w_q, x @ w_k, x @ w_v
show("Q = X · W_Q", q, ["sucht Wesen", "sucht Begleiter"], tokens)
show("K = X · W_K", k, ["bietet Wesen", "bietet Begleiter"], tokens)
show("V = X · W_V", v, ["Wesen", "Begleiter"], tokens)

# %% Schritt 3: Wie gut passt jede Frage (Zeile) zu jedem Angebot (Spalte)? Das Skalarprodukt sagt es.
scores = q @ k.T
show("Q · Kᵀ", scores, tokens, tokens)
print(f"Zum Beispiel sie → Katze: {q[3]} · {k[1]} = {scores[3, 1]:g}")

# %% Schritt 4: Skalieren. Je mehr Dimensionen d_k, desto größer werden Skalarprodukte von allein.
d_k = k.shape[1]
scaled = scores / np.sqrt(d_k)
show(f"Q · Kᵀ / √{d_k}", scaled, tokens, tokens)


# %% Schritt 5: Softmax macht aus jeder Zeile Anteile, die zusammen 1 ergeben
def softmax(z):
    z = np.exp(z - z.max(axis=-1, keepdims=True))  # minus Maximum: sonst läuft exp() über
    return z / z.sum(axis=-1, keepdims=True)


weights = softmax(scaled)
show("Attention-Gewichte", weights, tokens, tokens)
print("Summe je Zeile:", weights.sum(axis=1).round(6))
for i in (1, 2, 3):
    print(f"{tokens[i]:5} schaut zu {weights[i].max():.0%} auf „{tokens[weights[i].argmax()]}“")

# %% Schritt 6: Jedes Wort bekommt die Values aller Wörter, gemischt nach seinen Gewichten
output = weights @ v
show("Gewichte · V", output, ["Wesen", "Begleiter"], tokens)
print(
    f"„sie“ hatte vorher das Merkmal Wesen = {x[3, 0]:g}, jetzt {output[3, 0]:.2f}: aus dem Kontext."
)
print(
    "„ruht“ und „träumt“ sind gleich: Ohne Position zählt nur, was ein Wort ist, nicht wo es steht."
)

# %% Warum skalieren? Zufällige Fragen und Angebote: das größte der zehn Gewichte, im Mittel
random = np.random.default_rng(SEED)
print(
    "\nGrößtes Gewicht unter zehn Wörtern (gleich verteilt wäre 0.10) und dessen Ableitung p·(1−p)"
)
for dimensions in (4, 64, 1024):
    queries = random.normal(size=(500, 1, dimensions))
    keys = random.normal(size=(500, 10, dimensions))
    raw = queries @ keys.transpose(0, 2, 1)
    peaks = [softmax(z).max(axis=-1) for z in (raw, raw / np.sqrt(dimensions))]
    peak_raw, peak_scaled = (peak.mean() for peak in peaks)
    slope_raw, slope_scaled = ((peak * (1 - peak)).mean() for peak in peaks)
    print(
        f"  d_k = {dimensions:4}: ohne Skalierung {peak_raw:.2f} (Ableitung {slope_raw:.3f}), "
        f"mit {peak_scaled:.2f} ({slope_scaled:.3f})"
    )
print(f"Ohne Skalierung nimmt zuletzt ein Wort {peak_raw:.0%}, und vom Gradienten bleibt")
print(
    f"{slope_raw / slope_scaled:.0%} dessen, was mit Skalierung ankommt: So lernt es sich schlecht."
)


# %% Dasselbe als Funktion, damit es mehrere Köpfe gibt; mask verbietet einzelne Paare
def attention(q, k, v, mask=None):
    scores = q @ np.swapaxes(k, -1, -2) / np.sqrt(k.shape[-1])
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)  # exp(−∞) = 0: kein Gewicht
    weights = softmax(scores)
    return weights @ v, weights


# %% Mehrere Köpfe: Ein zweiter Satz Gewichte stellt eine andere Frage, „Was tut es?“
w_q2 = np.array([[2, 0], [0, 1], [2, 0], [0, 0]], dtype=float)
w_k2 = np.array([[0, 1], [2, 0], [0, 0], [0, 0]], dtype=float)
w_v2 = np.array([[0, 1], [1, 0], [0, 0], [0, 0]], dtype=float)
q_heads = np.stack([x @ w_q, x @ w_q2])  # Form: Köpfe × Wörter × d_k
k_heads = np.stack([x @ w_k, x @ w_k2])
v_heads = np.stack([x @ w_v, x @ w_v2])
out_heads, weight_heads = attention(q_heads, k_heads, v_heads)
show("Kopf 2, „Was tut es?“: Gewichte", weight_heads[1], tokens, tokens)
print("„Die“ sucht hier nichts: Alle Punktzahlen sind 0, also verteilt es sich gleichmäßig.")
multi_head = np.concatenate(out_heads, axis=1)  # ein echtes Modell mischt das noch mit W_O
show(
    "Beide Köpfe nebeneinander", multi_head, ["1 Wesen", "1 Begl.", "2 Tätigk.", "2 Wesen"], tokens
)

# %% Kausale Maske (GPT): Kein Wort darf nach rechts schauen, denn dort steht die Lösung
mask = np.tril(np.ones((len(tokens), len(tokens)), dtype=bool))
show("Erlaubt (1) und verboten (0)", mask.astype(int), tokens, tokens)
out_causal, weights_causal = attention(q_heads, k_heads, v_heads, mask)
show("Kopf 1 mit Maske: Gewichte", weights_causal[0], tokens, tokens)
future = weights_causal[:, ~mask].sum()
print(f"Gewicht auf spätere Wörter: {future:g}. Das erste Wort kann nur sich selbst sehen.")

# %% Rechnet PyTorch dasselbe?
q_t, k_t, v_t = (torch.from_numpy(values) for values in (q_heads, k_heads, v_heads))
comparisons = {
    "ein Kopf": (output, F.scaled_dot_product_attention(q_t[0], k_t[0], v_t[0])),
    "zwei Köpfe": (out_heads, F.scaled_dot_product_attention(q_t, k_t, v_t)),
    "kausal": (out_causal, F.scaled_dot_product_attention(q_t, k_t, v_t, is_causal=True)),
}
differences = {name: np.abs(a - b.numpy()).max() for name, (a, b) in comparisons.items()}
print("\nGrößter Unterschied zu torch.nn.functional.scaled_dot_product_attention")
for name, difference in differences.items():
    print(f"  {name:10} {difference:.1e}")

# %% Bild: Wer schaut wohin?
figure, axes = plt.subplots(1, 3, figsize=(15, 5.4))
views = {
    "Kopf 1: Wer?": weight_heads[0],
    "Kopf 2: Was tut es?": weight_heads[1],
    "Kopf 1 mit kausaler Maske": weights_causal[0],
}
for axis, (title, values) in zip(axes, views.items()):
    axis.imshow(values, cmap="Blues", vmin=0, vmax=1)
    for i, j in np.ndindex(values.shape):
        color = "white" if values[i, j] > 0.6 else "black"
        axis.text(j, i, f"{values[i, j]:.2f}", ha="center", va="center", color=color)
    axis.set_xticks(range(len(tokens)), tokens)
    axis.set_yticks(range(len(tokens)), tokens)
    axis.set(title=title, xlabel="schaut auf")
axes[0].set_ylabel("dieses Wort")
figure.suptitle("Jede Zeile ergibt 1: So verteilt ein Wort seine Aufmerksamkeit")
plt.show()

# %% Dasselbe als Seite zum Anfassen: Fahre mit der Maus über ein Wort links
parts = []
for title, values in views.items():
    parts.append(f'<h2>{title}</h2><svg width="600" height="{len(tokens) * 48}">')
    for i, row in enumerate(values):
        lines = "".join(
            f'<line x1="130" y1="{i * 48 + 24}" x2="380" y2="{j * 48 + 24}" '
            f'stroke-width="{16 * weight:.1f}"/><text class="zahl" x="480" y="{j * 48 + 32}">{weight:.2f}</text>'
            for j, weight in enumerate(row)
        )
        parts.append(f'<g><text x="10" y="{i * 48 + 32}">{tokens[i]}</text>{lines}</g>')
    parts += [f'<text x="390" y="{j * 48 + 32}">{word}</text>' for j, word in enumerate(tokens)]
    parts.append("</svg>")
style = """body {font-family: sans-serif; margin: 2em} text {font-size: 24px} line {stroke: #0072B2; opacity: .25}
g text {cursor: pointer} .zahl {display: none} g:hover line {opacity: 1} g:hover .zahl {display: inline}
svg:has(g:hover) g:not(:hover) line {opacity: 0}"""
page = ausgabe_ordner() / "attention.html"
page.write_text(
    f'<!doctype html><html lang="de"><meta charset="utf-8"><title>Self-Attention</title><style>{style}'
    f"</style><h1>Wer schaut wohin?</h1><p>Maus auf ein Wort links.</p>{''.join(parts)}</html>",
    encoding="utf-8",
)
zeige(page)

# %% Ergebnis
ergebnis(
    abweichung_torch=max(differences.values()),
    gewicht_sie_katze=weights[3, 1],
    gewicht_in_die_zukunft=future,
    spitze_unskaliert=peak_raw,
    spitze_skaliert=peak_scaled,
)
