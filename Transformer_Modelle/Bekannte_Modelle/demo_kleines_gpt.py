"""Kleines GPT: in einer Minute von Buchstabensalat zu deutschen Sätzen.

Kapitel   4.75 Transformer-Modelle · Bekannte Modelle
Folie     GPT: Autoregressive Modelle für Textgenerierung · Next-Token Prediction
Lernziel  Ein GPT selbst bauen und trainieren; messen, ob es Deutsch gelernt oder nur auswendig gelernt hat
Laufzeit  ca. 55 s (2 CPU-Kerne)
Daten     Kleine Welt (1,5 MB, ein Satz je Zeile)
Erwartet  perplexity_vorher 4400–5200, perplexity_nachher 9.5–12.5, woerter_vorher 0.38–0.5, woerter_nachher 0.95–1,
          paare_vorher 0–0.02, paare_nachher 0.82–0.96, abgeschrieben 0–0.1

Dasselbe Prinzip wie bei den großen: das nächste Token vorhersagen, sonst nichts. Nur ist dieses Modell
rund hunderttausendmal kleiner als GPT-3 und kennt nur die Sätze einer kleinen, erfundenen Welt.
"""

# %% Stellschrauben: hier live drehen
STEPS = 900  # Test: 3
FEW_STEPS = 100  # Zwischenstand zum Vorlesen  # Test: 1
VOCABULARY = 4_000  # Wortstücke  # Test: 300
D_MODEL = 128  # Zahlen je Token  # Test: 16
N_LAYERS = 2
CONTEXT = 64  # so viele Tokens sieht das Modell zurück  # Test: 16
TEMPERATURE = 0.7  # unter 1: vorsichtiger, über 1: wilder
PROMPTS = ["Die Katze", "Im Winter", "Anna fragt"]
N_CHARACTERS = 1_600_000  # Test: 40_000
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
import math
import re

from kurs import ergebnis, texte

import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from torch import nn

torch.manual_seed(SEED)

# %% Daten: die letzten 5 % bleiben zum Prüfen zurück
corpus = texte.welt()[:N_CHARACTERS]
cut = corpus.rindex("\n\n", 0, int(0.95 * len(corpus)))
train_text, test_text = corpus[:cut], corpus[cut:]
train_sentences = {line for line in train_text.split("\n") if line}
print(f"{len(train_sentences)} Sätze zum Lernen, zum Beispiel:")
print("  " + train_text[:220].replace("\n", "\n  "))

# %% Tokenizer: häufige Buchstabenfolgen werden ein Stück (Byte Pair Encoding, wie bei GPT)
tokenizer = Tokenizer(models.BPE())
tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
tokenizer.decoder = decoders.ByteLevel()
trainer = trainers.BpeTrainer(vocab_size=VOCABULARY, show_progress=False)
tokenizer.train_from_iterator(train_text.splitlines(keepends=True), trainer)
train_ids, test_ids = (torch.tensor(tokenizer.encode(t).ids) for t in (train_text, test_text))
example = "Die Katze schläft im Winter."
print(f"\n{example} → {[tokenizer.decode([i]) for i in tokenizer.encode(example).ids]}")
print(f"{len(train_ids)} Tokens, im Mittel {len(train_text) / len(train_ids):.1f} Zeichen lang")


# %% Das Modell: ein Decoder aus gestapelten Blöcken
class Block(nn.Module):
    """Self-Attention mit kausaler Maske, dann ein kleines MLP; beide mit Residual Connection."""

    def __init__(self, n_heads=4):
        super().__init__()
        self.n_heads = n_heads
        self.norm_1, self.norm_2 = nn.LayerNorm(D_MODEL), nn.LayerNorm(D_MODEL)
        self.to_qkv = nn.Linear(D_MODEL, 3 * D_MODEL)
        self.mix_heads = nn.Linear(D_MODEL, D_MODEL)
        self.mlp = nn.Sequential(
            nn.Linear(D_MODEL, 4 * D_MODEL), nn.GELU(), nn.Linear(4 * D_MODEL, D_MODEL)
        )

    def forward(self, x):
        batch, length, _ = x.shape
        qkv = self.to_qkv(self.norm_1(x)).view(batch, length, 3, self.n_heads, -1)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)  # je: Texte × Köpfe × Tokens × Zahlen
        heads = F.scaled_dot_product_attention(q, k, v, is_causal=True)  # nie nach rechts schauen
        x = x + self.mix_heads(heads.transpose(1, 2).reshape(x.shape))
        return x + self.mlp(self.norm_2(x))


class GPT(nn.Module):
    def __init__(self):
        super().__init__()
        self.token_embedding = nn.Embedding(VOCABULARY, D_MODEL)
        self.position_embedding = nn.Embedding(CONTEXT, D_MODEL)
        self.blocks = nn.Sequential(*[Block() for _ in range(N_LAYERS)], nn.LayerNorm(D_MODEL))
        self.head = nn.Linear(D_MODEL, VOCABULARY)

    def forward(self, ids):
        positions = torch.arange(ids.shape[1])
        x = self.token_embedding(ids) + self.position_embedding(positions)
        return self.head(self.blocks(x))  # zu jedem Token: Punktzahlen für das nächste


model = GPT()
n_weights = sum(p.numel() for p in model.parameters())
print(f"\nDas Modell hat {n_weights / 1e6:.1f} Millionen Gewichte.")


# %% Lernen heißt: zu jedem Token das nächste vorhersagen. Die Antwort ist der Text, um eins verschoben.
def random_batch(ids, batch_size=16):
    starts = torch.randint(len(ids) - CONTEXT, (batch_size,))
    pieces = torch.stack([ids[start : start + CONTEXT + 1] for start in starts])
    return pieces[:, :-1], pieces[:, 1:]


def loss_of(inputs, targets):
    return F.cross_entropy(model(inputs).flatten(0, 1), targets.flatten())


@torch.no_grad()
def perplexity():
    """Wie viele gleich wahrscheinliche Tokens stünden im Mittel zur Wahl? Auf zurückgehaltenem Text."""
    starts = range(0, len(test_ids) - CONTEXT - 1, CONTEXT)
    pieces = torch.stack([test_ids[start : start + CONTEXT + 1] for start in starts])[:200]
    return float(loss_of(pieces[:, :-1], pieces[:, 1:]).exp())


# %% Schreiben: ein Token ziehen, anhängen, von vorn
@torch.no_grad()
def write(prompt, n_texts=1, n_tokens=48):
    ids = torch.tensor([tokenizer.encode(prompt).ids] * n_texts)
    for _ in range(min(n_tokens, CONTEXT)):
        scores = model(ids[:, -CONTEXT:])[:, -1] / TEMPERATURE
        ids = torch.cat([ids, torch.multinomial(scores.softmax(dim=1), 1)], dim=1)
    return [tokenizer.decode(row) for row in ids.tolist()]


# %% Ist das Deutsch, und ist es neu? Drei Maße: echte Wörter, übliche Wortpaare, abgeschriebene Sätze
def words_of(sentences):
    return [re.findall(r"[A-Za-zÄÖÜäöüß]+", sentence) for sentence in sentences]


def pairs_of(sentences):
    return [pair for words in words_of(sentences) for pair in zip(words, words[1:])]


def share(items, known):
    return sum(item in known for item in items) / max(1, len(items))


known_words = {word for words in words_of(train_sentences) for word in words}
known_pairs = set(pairs_of(train_sentences))


def judge(texts):
    """Wie viele Wörter, Paare aufeinanderfolgender Wörter und ganze Sätze stehen im Lerntext?"""
    # Die letzte Zeile ist meist nicht fertig geschrieben und zählt nicht mit.
    texts = [text.strip("\n").rpartition("\n")[0] or text for text in texts]
    sentences = [line for text in texts for line in text.split("\n") if line.strip()]
    words = [word for words in words_of(sentences) for word in words]
    return {
        "echte Wörter": share(words, known_words),
        "übliche Wortpaare": share(pairs_of(sentences), known_pairs),
        "abgeschriebene Sätze": share(sentences, train_sentences),
    }, sentences


# %% Trainieren, und dreimal innehalten
samples, perplexities, verdicts, losses = {}, {}, {}, []
optimizer = torch.optim.AdamW(model.parameters(), lr=0.004)
schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.004, total_steps=STEPS, pct_start=0.1)
rounds = STEPS * 16 * CONTEXT / len(train_ids)
print(f"\nTraining: {STEPS} Schritte, also {rounds:.1f}-mal durch den Text …", flush=True)
for step in range(STEPS + 1):
    if step in (0, FEW_STEPS, STEPS):
        perplexities[step] = perplexity()
        samples[step] = [write(prompt)[0] for prompt in PROMPTS]
        verdicts[step], sentences = judge(write("\n", n_texts=24))
        shares = ", ".join(f"{name} {value:.0%}" for name, value in verdicts[step].items())
        print(f"  nach {step:4} Schritten: Perplexität {perplexities[step]:6.1f}, {shares}", flush=True)
    if step < STEPS:
        loss = loss_of(*random_batch(train_ids))
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        losses.append(loss.item())

# %% Lesen: dieselben Anfänge, drei Zeitpunkte
for number, prompt in enumerate(PROMPTS):
    print(f"\n„{prompt} …“")
    for step, written in samples.items():
        lines = [line for line in written[number].split("\n") if line]
        print(f"  nach {step:4} Schritten: {' / '.join(lines)[:110]}")

# %% Auswendig gelernt? Sätze des fertigen Modells, ✎ neu gebildet, ≡ steht wörtlich im Lerntext
real, _ = judge([test_text])
print("\nGeschrieben vom fertigen Modell:")
for sentence in sentences[:14]:
    print(f"  {'≡' if sentence in train_sentences else '✎'} {sentence[:110]}")
print("Was davon steht im Lerntext?")
for name, value in verdicts[STEPS].items():
    print(f"  {name:20} {value:4.0%} (im zurückgehaltenen echten Text {real[name]:.0%})")

# %% Bild
figure, axes = plt.subplots(1, 2, figsize=(13, 5))
held_out = [math.log(value) for value in perplexities.values()]  # Perplexität ist e hoch Verlust
axes[0].plot(range(1, STEPS + 1), losses, color="#999999", linewidth=1, label="je Schritt (Training)")
axes[0].plot(list(perplexities), held_out, "o", color="#0072B2", markersize=11, label="zurückgehaltener Text")
axes[0].set(xlabel="Schritt", ylabel="Verlust (Kreuzentropie)")
axes[0].set_title("Das nächste Token wird vorhersehbar")
axes[0].legend()
labels = [f"nach {step}\nSchritten" for step in verdicts] + ["echter\nText"]
for shift, name, color in [(-0.2, "echte Wörter", "#56B4E9"), (0.2, "übliche Wortpaare", "#0072B2")]:
    values = [verdict[name] for verdict in (*verdicts.values(), real)]
    bars = axes[1].bar([i + shift for i in range(len(values))], values, 0.38, color=color, label=name)
    axes[1].bar_label(bars, [f"{value:.0%}" for value in values])
axes[1].set_xticks(range(len(labels)), labels)
axes[1].set(ylabel="Anteil", ylim=(0, 1.3), title="Aus Stücken werden Wörter, aus Wörtern Sätze")
axes[1].legend(loc="upper left", ncols=2)
plt.show()

# %% Was man sieht
print(f"\nVorher kamen {perplexities[0]:.0f} Tokens in Frage, nachher {perplexities[STEPS]:.1f}.")
before, after = verdicts[0], verdicts[STEPS]
copied = after["abgeschriebene Sätze"]
print(f"Von 100 Sätzen stehen {100 * copied:.0f} wörtlich im Lerntext:", end=" ")
print("Es bildet neue Sätze." if copied < 0.5 else "Es sagt vor allem auf.")
ergebnis(
    perplexity_vorher=perplexities[0],
    perplexity_nachher=perplexities[STEPS],
    woerter_vorher=before["echte Wörter"],
    woerter_nachher=after["echte Wörter"],
    paare_vorher=before["übliche Wortpaare"],
    paare_nachher=after["übliche Wortpaare"],
    abgeschrieben=copied,
)
