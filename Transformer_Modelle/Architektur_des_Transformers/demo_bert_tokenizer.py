"""BERT-Tokenizer: vom Text zu Nummern und zurück, und was unterwegs verloren geht.

Kapitel   4.40 Transformer-Modelle · Architektur des Transformers
Folie     Code Demo: Tokenizer
Lernziel  Stücke, ids, Masken, besondere Tokens, Truncation, Offsets und unbekannte Zeichen lesen können
Laufzeit  ca. 5 s (2 CPU-Kerne)
Daten     eigene Sätze (oben, zum Ändern)
Modelle   bert-base-german-cased
Erwartet  stuecke_je_wort_alltag 1–1.2, stuecke_je_wort_gross 3.2–4.2, verlorene_woerter 15–15,
          unbekannte_woerter 6–6

Ein Modell sieht nie Buchstaben, nur Nummern. Welche, das steht im Wörterbuch des Tokenizers: Mit einem
anderen (oben, NAME) sieht die ganze Ausgabe anders aus.
"""

# %% Stellschrauben: hier live drehen
NAME = "bert-base-german-cased"
TEXT = "Die Donaudampfschifffahrt beginnt um 8 Uhr."
MAX_LENGTH = 12  # Tokens, mehr passen in diesem Beispiel nicht ins Modell
STRANGE_WORDS = ["Straße", "STRASSE", "naïve", "25€", "Ωμέγα", "東京", "😀", "heute😀"]

# %% Bibliotheken laden (einige Sekunden)
from kurs import ergebnis
from kurs.modelle import modell

import matplotlib.pyplot as plt
from transformers import AutoTokenizer

# %% Der Tokenizer: ein Wörterbuch aus Wortstücken und eine Regel, wie man zerlegt
tokenizer = AutoTokenizer.from_pretrained(modell(NAME))
vocabulary = tokenizer.get_vocab()  # Stück → Nummer
print(
    f"\n{len(vocabulary)} Stücke; das Modell liest höchstens {tokenizer.model_max_length} Tokens."
)
if any(piece.startswith("##") for piece in vocabulary):
    print("Zerlegt wird mit WordPiece: ## heißt, dieses Stück setzt das Wort davor fort.")
else:
    print("Zerlegt wird wie bei SentencePiece: ▁ heißt, hier beginnt ein neues Wort.")
print("Besondere Tokens:")
for role, token in tokenizer.special_tokens_map.items():
    print(f"  {role:10} {token:7} Nummer {tokenizer.convert_tokens_to_ids(token)}")


def split_text(text):
    """Die Stücke eines Textes, ohne die besonderen Tokens am Anfang und Ende."""
    return tokenizer.convert_ids_to_tokens(tokenizer(text, add_special_tokens=False)["input_ids"])


# %% Ein Satz: Stücke, Nummern und woher sie kommen
encoded = tokenizer(TEXT, return_offsets_mapping=True)
tokens = tokenizer.convert_ids_to_tokens(encoded["input_ids"])
print(f"\n„{TEXT}“")
print(f"  {'Stück':12} {'id':>6}  {'Wort':>4}  {'von–bis':8} im Text")
for token, number, word, (start, end) in zip(
    tokens, encoded["input_ids"], encoded.word_ids(), encoded["offset_mapping"]
):
    place = f"{start}–{end}" if end > start else "–"
    print(
        f"  {token:12} {number:6}  {'–' if word is None else word:>4}  {place:8} {TEXT[start:end]!r}"
    )
print(
    "Die Offsets sagen, wo ein Stück im Text steht; ohne sie fände man keinen Namen wieder (Kapitel 7)."
)
print(f"Aus {len(TEXT.split())} Wörtern wurden {len(tokens)} Tokens, die besonderen mitgezählt.")

# %% Und zurück
decoded = tokenizer.decode(encoded["input_ids"], skip_special_tokens=True)
print(f"\nZurück: „{decoded}“", "(genau der Text)" if decoded == TEXT else "(nicht genau der Text)")

# %% Groß und klein: zwei Schreibweisen, zwei Wörter?
for word in ("essen", "Essen", "ESSEN"):
    print(f"  {word:6} → {split_text(word)}")

# %% Mehrere Texte auf einmal: Auffüllen (Padding), und die Maske sagt, was echt ist
batch = tokenizer(["Es regnet.", TEXT], padding=True)
print("\nZwei Texte, ein Rechteck:")
for ids, mask in zip(batch["input_ids"], batch["attention_mask"]):
    print(f"  input_ids      {ids}\n  attention_mask {mask}")
print(
    f"Maske 0 heißt: nur aufgefüllt mit {tokenizer.pad_token} ({tokenizer.pad_token_id}), nicht beachten."
)

# %% Zwei Texte als Paar (Frage und Antwort), und eine Lücke zum Ausfüllen
pair = tokenizer("Wo ist Lea?", f"Lea ist in {tokenizer.mask_token}.")
print("\nEin Paar:", tokenizer.convert_ids_to_tokens(pair["input_ids"]))
if "token_type_ids" in pair:
    print("token_type_ids, 0 erster Text, 1 zweiter:", pair["token_type_ids"])
print(f"{tokenizer.mask_token} im Text wird eine einzige Nummer: {tokenizer.mask_token_id}")

# %% Zu lang: truncation=True schneidet hinten ab und sagt nichts
long_text = (
    f"{TEXT} An Bord gibt es Kaffee und Kuchen. Wer zu spät kommt, schwimmt. Hunde fahren gratis."
)
cut = tokenizer(long_text, truncation=True, max_length=MAX_LENGTH, return_offsets_mapping=True)
end = max(end for _, end in cut["offset_mapping"])
n_lost = len(long_text.split()) - len(long_text[:end].split())
print(f"\n{len(tokenizer(long_text)['input_ids'])} Tokens, erlaubt sind {MAX_LENGTH}.")
print(f"  gelesen  „{long_text[:end]}“")
print(f"  verloren „{long_text[end:].strip()}“ ({n_lost} Wörter, ohne Warnung)")

# %% Nichts verlieren: Fenster, die sich um drei Tokens überlappen
windows = tokenizer(
    long_text, truncation=True, max_length=MAX_LENGTH, stride=3, return_overflowing_tokens=True
)
print(f"Mit return_overflowing_tokens=True werden daraus {len(windows['input_ids'])} Fenster:")
for ids in windows["input_ids"]:
    print(f"  {tokenizer.decode(ids)}")

# %% Unbekannte Zeichen
print(f"\nWas nicht im Wörterbuch steht, wird {tokenizer.unk_token}:")
unknown = []
for word in STRANGE_WORDS:
    pieces = split_text(word)
    unknown += [word] * (tokenizer.unk_token in pieces)
    print(f"  {word:8} → {pieces}")
print(f"Unbekanntes in {len(unknown)} von {len(STRANGE_WORDS)} Wörtern:", *unknown)
happy, angry = (tokenizer(f"Mein Zug kommt {face}")["input_ids"] for face in "😀😡")
print("„Mein Zug kommt 😀“ und „Mein Zug kommt 😡“ sind für das Modell", end=" ")
print("derselbe Text: Die Stimmung ist weg." if happy == angry else "zwei verschiedene Texte.")

# %% Wie gut passt das Wörterbuch? Stücke je Wort
texts = {
    "Alltag": "Am Morgen trinkt die Frau einen Kaffee und geht dann mit dem Hund in den Park.",
    "Fachtext": "Die Niereninsuffizienz erfordert Dialyse sowie engmaschige Elektrolytkontrollen.",
    "Tippfehler": "Am Mrogen trnikt dei Frua enien Kafeffe udn gheit dnan mti dme Hudn in dne Prak.",
    "Englisch": "In the morning the woman drinks a coffee and then walks the dog through the park.",
    "GROSS": "AM MORGEN TRINKT DIE FRAU EINEN KAFFEE UND GEHT DANN MIT DEM HUND IN DEN PARK.",
}
pieces_per_word, unknown_share = {}, {}
print("\nStücke je Wort")
for name, text in texts.items():
    pieces = split_text(text)
    pieces_per_word[name] = len(pieces) / len(text.split())
    unknown_share[name] = pieces.count(tokenizer.unk_token) / len(pieces)
    print(
        f"  {name:10} {pieces_per_word[name]:.2f}, davon unbekannt {unknown_share[name]:.0%}: {pieces[:7]} …"
    )

# %% Bild
figure, axis = plt.subplots(figsize=(9, 4.5))
bars = axis.barh(list(pieces_per_word), list(pieces_per_word.values()), color="#0072B2")
labels = [
    f"{value:.1f}" + (f" ({unknown_share[name]:.0%} unbekannt)" if unknown_share[name] else "")
    for name, value in pieces_per_word.items()
]
axis.bar_label(bars, labels, padding=4)
axis.invert_yaxis()
axis.set(xlabel="Stücke je Wort", xlim=(0, 1.35 * max(pieces_per_word.values())))
axis.set_title("Viele Stücke je Wort: Für solchen Text ist das Wörterbuch nicht gemacht")
plt.show()

# %% Was man sieht
best, worst = (pick(pieces_per_word, key=pieces_per_word.get) for pick in (min, max))
print(f"Am wenigsten Stücke braucht „{best}“, am meisten „{worst}“: dort kostet ein Wort")
print(
    f"{pieces_per_word[worst] / pieces_per_word[best]:.1f}-mal so viel Platz im Fenster des Modells."
)
print(
    "Ein unbekanntes Wort zählt als ein Stück, ist aber ganz verloren: Wenig Stücke allein genügt nicht."
)

ergebnis(
    stuecke_je_wort_alltag=pieces_per_word["Alltag"],
    stuecke_je_wort_gross=pieces_per_word["GROSS"],
    verlorene_woerter=n_lost,
    unbekannte_woerter=len(unknown),
)
