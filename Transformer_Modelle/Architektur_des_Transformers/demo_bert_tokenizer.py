"""BERT-Tokenizer: vom Text zu Nummern und zurück, und was unterwegs verloren geht.

Kapitel   4.40 Transformer-Modelle · Architektur des Transformers
Folie     Code Demo: Tokenizer
Lernziel  Tokens, ids, Masken, besondere Tokens, Truncation, Offsets und unbekannte Zeichen lesen
Laufzeit  ca. 3 s (2 CPU-Kerne)
Daten     eigene Sätze (oben, zum Ändern)
Modelle   bert-base-german-cased
Erwartet  stuecke_je_wort_alltag 1–1.2, stuecke_je_wort_gross 3.2–4.2, verlorene_woerter 15–15,
          unbekannte_woerter 6–6

Ein Modell sieht nie Buchstaben, nur Nummern. Welche, das steht im Wörterbuch des Tokenizers.
"""

# %% Stellschrauben: hier live drehen
NAME = "bert-base-german-cased"  # probiere "intfloat/multilingual-e5-small", "google/gemma-3-270m"
TEXT = "Die Donaudampfschifffahrt beginnt um 8 Uhr."
MAX_LENGTH = 12  # Tokens, mehr passen in diesem Beispiel nicht ins Modell
STRANGE_WORDS = ["Straße", "STRASSE", "naïve", "25€", "Ωμέγα", "東京", "😀", "heute😀"]

# %% Bibliotheken laden (einige Sekunden)
from kurs import ergebnis
from kurs.modelle import modell

import matplotlib.pyplot as plt
import pandas as pd
from transformers import AutoTokenizer

# %% Der Tokenizer: ein Wörterbuch aus Wortstücken und eine Regel, wie man zerlegt
tokenizer = AutoTokenizer.from_pretrained(modell(NAME))
if tokenizer.pad_token is None:
    tokenizer.pad_token = tokenizer.eos_token  # üblich bei GPT-2, das kein eigenes hat
print(f"\n{len(tokenizer)} Tokens; ein Text darf höchstens {tokenizer.model_max_length} haben.")
print("Zerlegt wird mit", type(tokenizer.backend_tokenizer.model).__name__)
print("Besondere Tokens:", tokenizer.special_tokens_map)

# %% Ein Satz: Stücke, Nummern und woher sie kommen
encoded = tokenizer(TEXT, return_offsets_mapping=True)
table = pd.DataFrame({"id": encoded["input_ids"]}, encoded.tokens())
table["Wort"] = ["–" if word is None else word for word in encoded.word_ids()]
table["von–bis"] = [f"{start}–{end}" for start, end in encoded["offset_mapping"]]
table["im Text"] = [TEXT[start:end] for start, end in encoded["offset_mapping"]]
print(f"\n„{TEXT}“\n{table}")
# ## (WordPiece) setzt das Wort davor fort; bei ▁ oder Ġ (SentencePiece, GPT-2) beginnt ein neues.

# %% Und zurück
decoded = tokenizer.decode(encoded["input_ids"], skip_special_tokens=True)
print(f"\nZurück: „{decoded}“", "(genau der Text)" if decoded == TEXT else "(nicht genau der Text)")

# %% Mehrere Texte auf einmal: Auffüllen (Padding), und die Maske sagt, was echt ist
batch = tokenizer(["Es regnet.", TEXT], padding=True)
print(f"\nZwei Texte, ein Rechteck; aufgefüllt mit {tokenizer.pad_token}, Maske 0:")
for ids, mask in zip(batch["input_ids"], batch["attention_mask"]):
    print(f"  input_ids      {ids}\n  attention_mask {mask}")

# %% Zu lang: truncation=True schneidet hinten ab und sagt nichts
assert MAX_LENGTH >= 3, "Neben dem ersten und dem letzten besonderen Token muss eines Platz haben"
long_text = f"{TEXT} An Bord gibt es Kaffee und Kuchen. "
long_text += "Wer zu spät kommt, schwimmt. Hunde fahren gratis."
cut = tokenizer(long_text, truncation=True, max_length=MAX_LENGTH, return_offsets_mapping=True)
end = max(end for _, end in cut["offset_mapping"])
n_lost = len(long_text.split()) - len(long_text[:end].split())
n_tokens, n_read = len(tokenizer(long_text).input_ids), len(cut.input_ids)
print(f"\n{n_tokens} Tokens, erlaubt sind {MAX_LENGTH}, gelesen werden {n_read}.")
print(f"  gelesen  „{long_text[:end]}“")
print(f"  verloren „{long_text[end:].strip()}“ ({n_lost} Wörter, ohne Warnung)")

# %% Nichts verlieren: Fenster, die sich überlappen
windows = tokenizer(
    long_text, truncation=True, max_length=MAX_LENGTH,
    stride=MAX_LENGTH // 4, return_overflowing_tokens=True,
)
print(f"Mit return_overflowing_tokens=True: {len(windows['input_ids'])} Fenster")
for ids in windows["input_ids"]:
    print(f"  {tokenizer.decode(ids)}")

# %% Unbekannte Zeichen
print(f"\nUnd was nicht im Wörterbuch steht? (Das Token dafür: {tokenizer.unk_token})")
for word in STRANGE_WORDS:
    print(f"  {word:8} → {tokenizer.tokenize(word)}")
n_unknown = sum(tokenizer.unk_token in tokenizer.tokenize(word) for word in STRANGE_WORDS)
print(f"Unbekanntes in {n_unknown} von {len(STRANGE_WORDS)} Wörtern")
happy, angry = (tokenizer(f"Mein Zug kommt {face}")["input_ids"] for face in "😀😡")
print("„Mein Zug kommt 😀“ und „Mein Zug kommt 😡“ sind für das Modell", end=" ")
print("derselbe Text." if happy == angry else "zwei verschiedene Texte.")

# %% Wie gut passt das Wörterbuch? Tokens je Wort
texts = {
    "Alltag": "Am Morgen trinkt die Frau einen Kaffee und geht dann mit dem Hund in den Park.",
    "Fachtext": "Die Niereninsuffizienz erfordert Dialyse sowie engmaschige Elektrolytkontrollen.",
    "Tippfehler": "Am Mrogen trnikt dei Frua enien Kafefe udn gheit dnan mti dme Hudn in dne Park.",
    "Englisch": "In the morning the woman drinks a coffee and then walks the dog through the park.",
    "GROSS": "AM MORGEN TRINKT DIE FRAU EINEN KAFFEE UND GEHT DANN MIT DEM HUND IN DEN PARK.",
}
tokens_per_word = {name: len(tokenizer.tokenize(s)) / len(s.split()) for name, s in texts.items()}
bars = plt.barh(list(tokens_per_word), list(tokens_per_word.values()))
plt.bar_label(bars, fmt="{:.1f}", padding=4)
plt.gca().invert_yaxis()
plt.margins(x=0.1)
plt.xlabel("Tokens je Wort")
plt.title("Für welchen Text ist dieses Wörterbuch gemacht?")
plt.show()

# %% Was man sieht
# Viele Tokens je Wort kosten Platz und Rechenzeit. Ein unbekanntes ist nur eines, aber verloren.
best = min(tokens_per_word, key=tokens_per_word.get)
worst = max(tokens_per_word, key=tokens_per_word.get)
factor = tokens_per_word[worst] / tokens_per_word[best]
print(f"\nEin Wort in „{worst}“ braucht {factor:.1f}-mal so viele Tokens wie eines in „{best}“.")
ergebnis(
    stuecke_je_wort_alltag=tokens_per_word["Alltag"],
    stuecke_je_wort_gross=tokens_per_word["GROSS"],
    verlorene_woerter=n_lost,
    unbekannte_woerter=n_unknown,
)
