"""Übung Tokenizer: langer Text mit truncation=True und Sonderzeichen.

Kapitel   4.50 Transformer-Modelle · Architektur des Transformers
Folie     Übung Tokenizer
Lernziel  Merken, was truncation=True stillschweigend wegwirft, und was aus fremden Zeichen wird
Laufzeit  ca. 3 s (2 CPU-Kerne)
Daten     eigene Texte
Modelle   bert-base-german-cased

Ersetze zwischen ▼ und ▲ das `...` durch deine Antwort; beim Start steht darunter, ob sie stimmt.
"""

# %% Stellschrauben
NAME = "bert-base-german-cased"
MAX_LENGTH = 24  # so viele Tokens soll das Modell höchstens bekommen
TIPPS = 1  # je Aufgabe: 0 keine Tipps, 1 eine Frage, 2 auch wo es steht, 3 auch ein Gerüst

# %% Bibliotheken laden (einige Sekunden)
from kurs import pruefe
from kurs.modelle import modell

from transformers import AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained(modell(NAME))


# %% Ansehen: Diese Funktion benutzt du nach Belieben
def show(text, **options):
    """Druckt die Tokens eines Textes; options gehen an den Tokenizer, etwa truncation=True."""
    ids = tokenizer(text, **options)["input_ids"]
    print(f"{len(ids):3} Tokens: {' '.join(tokenizer.convert_ids_to_tokens(ids))}")


short_text = "Der Kapitän begrüßt die Gäste."
print(f"\n„{short_text}“, erst ohne und dann mit truncation=True, max_length={MAX_LENGTH}:")
show(short_text)
show(short_text, truncation=True, max_length=MAX_LENGTH)

# %% Teil 1: ein langer Text
# ▼ AUFGABE 1: Schreibe einen eigenen Text aus mehreren Sätzen, mit mehr als MAX_LENGTH Tokens.
long_text = ...
# ▲
pruefe(1, long_text)

# ▼ AUFGABE 2: Gib long_text dem Tokenizer, gekürzt mit truncation=True auf MAX_LENGTH Tokens.
encoded = ...
# ▲
if pruefe(2, encoded):
    print("\nDein langer Text, ohne und mit Kürzen:")
    show(long_text)
    print(f"{MAX_LENGTH:3} Tokens: {tokenizer.decode(encoded['input_ids'])}")

# Was ging verloren? Mit return_offsets_mapping=True sagt der Tokenizer zu jedem Token, von welchem
# bis zu welchem Zeichen es reicht (die besonderen Tokens reichen von 0 bis 0).
# ▼ AUFGABE 3: Berechne den Teil von long_text, den das Modell nicht zu sehen bekommt.
lost_text = ...
# ▲
if pruefe(3, lost_text):
    print(f"Verloren: „{lost_text}“")

# %% Nichts verlieren: mehrere Fenster, die sich überlappen
# ▼ AUFGABE 4: Zerlege long_text in Fenster zu MAX_LENGTH Tokens, die sich um 6 Tokens überlappen.
windows = ...
# ▲
if pruefe(4, windows):
    print("\nDie Fenster:", *map(tokenizer.decode, windows["input_ids"]), sep="\n  ")

# %% Teil 2: Sonderzeichen
# ▼ AUFGABE 5: Schreibe einen Text mit drei verschiedenen Sonderzeichen oder mehr; mindestens
#   eines davon wird [UNK].
special_text = ...
# ▲
if pruefe(5, special_text):
    show(special_text)
    ids = tokenizer(special_text, add_special_tokens=False)["input_ids"]
    print(f"Zurück: „{tokenizer.decode(ids)}“")

# ▼ AUFGABE 6: Welche Stellen von special_text werden [UNK]? Eine Liste von Zeichenketten.
unknown = ...
# ▲
pruefe(6, unknown)

# %% Was man sieht
# truncation=True schneidet hinten ab, ohne Fehler und ohne Warnung. Steht das Wichtige am Ende
# („… kündige ich hiermit“), sieht das Modell es nie; Fenster helfen. Aus [UNK] wird nie wieder der
# Text; bei WordPiece reißt ein fremdes Zeichen oft das ganze Wort mit: Probiere „heute😀“.
