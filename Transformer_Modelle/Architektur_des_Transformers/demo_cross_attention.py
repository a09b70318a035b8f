"""Cross-Attention: Wohin schaut der Übersetzer, wenn er ein Wort schreibt?

Kapitel   4.35 Transformer-Modelle · Architektur des Transformers
Folie     Decoder-Struktur: Maskierte Self-Attention und Cross-Attention
Lernziel  Encoder und Decoder zusammen sehen: Self-Attention mit Maske, Cross-Attention zum Original
Laufzeit  ca. 5 s (2 CPU-Kerne)
Daten     eigene Sätze
Modelle   Helsinki-NLP/opus-mt-en-de
Erwartet  staerkste_paare 0.5–1, in_die_zukunft 0–0

Ein Encoder-Decoder liest den ganzen englischen Satz (Encoder) und schreibt dann Wort für Wort den
deutschen (Decoder). Dabei fragt jedes neue Wort zweimal: die deutschen Wörter davor und den Satz.
"""

# %% Stellschrauben: hier live drehen
SENTENCE = "The old man drinks coffee with his sister every morning."  # probiere eigene

# %% Bibliotheken laden (einige Sekunden)
from kurs import ergebnis
from kurs.modelle import modell

import matplotlib.pyplot as plt
import torch
from transformers import MarianMTModel, MarianTokenizer

# %% Übersetzen: Der Encoder liest einmal, der Decoder schreibt ein Token nach dem anderen
MODEL = modell("Helsinki-NLP/opus-mt-en-de")
tokenizer = MarianTokenizer.from_pretrained(MODEL)
model = MarianMTModel.from_pretrained(MODEL, attn_implementation="eager")  # gibt Gewichte heraus
batch = tokenizer([SENTENCE], return_tensors="pt")
translation = model.generate(**batch, num_beams=1, do_sample=False, max_length=80)
print(f"{SENTENCE}\n→ {tokenizer.decode(translation[0], skip_special_tokens=True)}")


# %% Noch einmal, diesmal mit allen Gewichten der Attention
def readable(ids):
    tokens = tokenizer.convert_ids_to_tokens(ids)
    return [token.replace("▁", "") or "␣" for token in tokens]  # ▁: Hier beginnt ein Wort


with torch.inference_mode():
    output = model(**batch, decoder_input_ids=translation, output_attentions=True)
source, target = readable(batch["input_ids"][0]), readable(translation[0])
cross = output.cross_attentions[-1][0].mean(dim=0)[:-1]  # letzte Schicht, Mittel der Köpfe
masked = output.decoder_attentions[-1][0].mean(dim=0)[:-1, :-1]
written = target[1:]  # in Zeile i steht, wohin der Decoder schaute, als er dieses Token schrieb
print(f"\nEncoder: {len(source)} Tokens, Decoder: {len(written)} Tokens")
for row, token in zip(cross, written):
    best = row.argmax()
    print(f"  {token:12} schaut auf {source[best]:12} {row[best]:.2f}")

# %% Bild: links die deutschen Wörter davor, rechts der englische Satz
figure, axes = plt.subplots(1, 2, figsize=(14, 7))
axes[0].imshow(masked, cmap="Blues", vmin=0, aspect="auto")
axes[0].set_xticks(range(len(written)), target[:-1], rotation=90)
axes[0].set(title="Maskierte Self-Attention", xlabel="schon geschrieben (zuerst das Startzeichen)")
axes[1].imshow(cross, cmap="Blues", vmin=0, aspect="auto")
axes[1].set_xticks(range(len(source)), source, rotation=90)
axes[1].set(title="Cross-Attention", xlabel="das Original")
for axis in axes:
    axis.set_yticks(range(len(written)), written)
axes[0].set_ylabel("schreibt gerade")
plt.show()

# %% Was man sieht
# Links ist alles über der Diagonale leer: Kein Token sieht, was erst noch geschrieben wird. Rechts
# folgt der dunkle Streifen dem Original, aber nicht genau: Wo das Deutsche die Wörter umstellt oder
# zerlegt, springt er. Drei Familien: BERT hat nur den Encoder (demo_masked_language_modeling), GPT
# nur den Decoder ohne Cross-Attention (demo_kleines_gpt), Übersetzer wie dieser haben beides.
future = torch.triu(masked, diagonal=1).sum().item()
strongest = cross.max(dim=1).values.mean().item()
print(f"\nGewicht auf Tokens, die es noch nicht gibt: {future:.3f}")
print(f"Auf sein stärkstes Wort im Original legt ein Token im Mittel {strongest:.0%} des Gewichts.")
ergebnis(staerkste_paare=strongest, in_die_zukunft=future)
