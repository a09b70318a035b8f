"""BPE und andere Schriften: Was macht ein deutsches Vokabular aus Kyrillisch und Chinesisch?

Kapitel   3.12 Verarbeitung von Textdaten (NLP-Grundlagen) · Preprocessing
Folie     Wort- und Subwortverfahren: BPE, WordPiece · Umgang mit mehrsprachigen Datensätzen
Lernziel  BPE über Buchstaben und über Bytes vergleichen; sehen, wer was bezahlt
Laufzeit  ca. 6 s (2 CPU-Kerne)
Daten     kurs/bewertungen (zum Lernen der Vokabulare), eigene Sätze
Modelle   intfloat/multilingual-e5-small
Erwartet  unbekannt_buchstaben 0.95–1, unbekannt_bytes 0–0, bytes_je_zeichen 2.5–3,
          e5_je_zeichen 0.6–0.9

BPE verschmilzt, was oft nebeneinandersteht. Beginnt es bei Buchstaben, ist ein nie gesehener
Buchstabe verloren. Beginnt es bei Bytes (wie GPT-2), gibt es nichts Unbekanntes: Jeder Text besteht
aus 256 verschiedenen. Verstanden ist er damit noch nicht.
"""

# %% Stellschrauben: hier live drehen
SENTENCES = {
    "Deutsch": "Das Zimmer war sauber und das Frühstück gut.",
    "Englisch": "The room was clean and the breakfast good.",
    "Russisch": "Номер был чистым, а завтрак вкусным.",
    "Chinesisch": "房间很干净，早餐很好吃。",
    "Emoji": "😀👍🏽 5/5",
}
VOCAB_SIZE = 3_000  # Einträge jedes Vokabulars; probiere 300
N_TEXTS = 1_000  # Test: 100

# %% Bibliotheken laden (einige Sekunden)
from kurs import ergebnis
from kurs.datensaetze import datensatz
from kurs.modelle import modell

import matplotlib.pyplot as plt
import numpy as np
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import AutoTokenizer

# %% Zwei Vokabulare, aus denselben deutschen Bewertungen gelernt
texts = datensatz("kurs/bewertungen")["train"]["text"][:N_TEXTS]
options = {"vocab_size": VOCAB_SIZE, "special_tokens": ["[UNK]"], "show_progress": False}

letters = Tokenizer(models.BPE(unk_token="[UNK]"))
letters.pre_tokenizer = pre_tokenizers.Whitespace()
letters.train_from_iterator(texts, trainers.BpeTrainer(**options))

bytewise = Tokenizer(models.BPE())
bytewise.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
bytewise.decoder = decoders.ByteLevel()
alphabet = pre_tokenizers.ByteLevel.alphabet()  # alle 256 Bytes, auch die hier nie vorkommen
bytewise.train_from_iterator(texts, trainers.BpeTrainer(initial_alphabet=alphabet, **options))

# %% Daneben eines, das in hundert Sprachen gelernt hat
e5 = AutoTokenizer.from_pretrained(modell("intfloat/multilingual-e5-small"))
tokenizers = {
    "Buchstaben": lambda text: letters.encode(text).tokens,
    "Bytes": lambda text: bytewise.encode(text).tokens,
    "e5": e5.tokenize,
}

# %% Dieselben Sätze, drei Zerlegungen
per_character = {name: [] for name in tokenizers}
unknown = {name: [] for name in tokenizers}
for language, text in SENTENCES.items():
    print(f"\n{language}: {text}  ({len(text)} Zeichen, {len(text.encode())} Bytes)")
    for name, tokenize in tokenizers.items():
        tokens = tokenize(text)
        per_character[name].append(len(tokens) / len(text))
        n_unknown = tokens.count("[UNK]") + tokens.count("<unk>")
        unknown[name].append(n_unknown / max(1, len(tokens)))
        print(f"  {name:10} {len(tokens):3} Tokens, {unknown[name][-1]:4.0%} unbekannt", end="  ")
        print(" ".join(tokens[:9]))
# Bei Bytes steht je Byte ein Ersatzzeichen (Ð, å …); zusammengesetzt kommt der Text zurück:
text = list(SENTENCES.values())[-1]
print(f"\n„{text}“ in Bytes und zurück: „{bytewise.decode(bytewise.encode(text).ids)}“")

# %% Bild
places = np.arange(len(SENTENCES))
for shift, (name, values) in zip((-0.27, 0, 0.27), per_character.items()):
    bars = plt.bar(places + shift, values, 0.27, label=name)
    plt.bar_label(bars, [f"{u:.0%}\n[UNK]" if u else "" for u in unknown[name]], fontsize=11)
plt.xticks(places, list(SENTENCES))
plt.margins(y=0.15)
plt.ylabel("Tokens je Zeichen")
plt.title("Wie viele Tokens kostet ein Zeichen, und was ist verloren?")
plt.legend()
plt.show()

# %% Was man sieht
# [UNK] ist leer: Der Satz ist weg. Bytes verlieren nichts, brauchen für ein chinesisches
# Zeichen aber bis zu drei Tokens. Deshalb zahlt, wer eine im Training seltene Sprache spricht, bei
# Sprachmodellen oft mehr, und sein Text füllt das Fenster schneller.
ergebnis(
    unbekannt_buchstaben=max(unknown["Buchstaben"]),
    unbekannt_bytes=max(unknown["Bytes"]),
    bytes_je_zeichen=max(per_character["Bytes"]),
    e5_je_zeichen=max(per_character["e5"]),
)
