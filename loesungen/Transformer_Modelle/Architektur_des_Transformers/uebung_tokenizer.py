"""Übung Tokenizer: langer Text mit truncation=True und Sonderzeichen.

Kapitel   4.50 Transformer-Modelle · Architektur des Transformers
Folie     Übung Tokenizer
Lernziel  Merken, was truncation=True stillschweigend wegwirft, und was aus fremden Zeichen wird
Laufzeit  ca. 5 s (2 CPU-Kerne)
Daten     eigene Texte
Modelle   bert-base-german-cased

Bearbeite nur, was zwischen ▼ und ▲ steht: Ersetze `...` durch deine Antwort und starte das Skript neu.
Unten steht danach zu jeder Aufgabe, ob sie stimmt, und wenn nicht, woran es liegt.
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
long_text = (
    "Der Kapitän begrüßt die Gäste und erklärt die Fahrt. Zuerst fährt das Schiff nach Norden, dann um "
    "die Insel herum. Am Abend gibt es Suppe. Wer die Rettungswesten sucht, findet sie unter den Bänken."
)
# ▲

# ▼ AUFGABE 2: Gib long_text dem Tokenizer, gekürzt mit truncation=True auf MAX_LENGTH Tokens.
encoded = tokenizer(long_text, truncation=True, max_length=MAX_LENGTH)
# ▲

if isinstance(long_text, str) and hasattr(encoded, "input_ids"):
    print("\nDein langer Text, ohne und mit Kürzen:")
    show(long_text)
    print(f"{len(encoded['input_ids']):3} Tokens: {tokenizer.decode(encoded['input_ids'])}")

# Was ging verloren? Mit return_offsets_mapping=True sagt der Tokenizer zu jedem Token, von welchem bis
# zu welchem Zeichen es reicht (die besonderen Tokens reichen von 0 bis 0).
# ▼ AUFGABE 3: Berechne den Teil von long_text, den das Modell nicht zu sehen bekommt.
cut = tokenizer(long_text, truncation=True, max_length=MAX_LENGTH, return_offsets_mapping=True)
lost_text = long_text[max(end for _, end in cut["offset_mapping"]) :]
# ▲

if lost_text is not ...:
    print(f"Verloren: „{lost_text}“")

# %% Nichts verlieren: mehrere Fenster, die sich überlappen
# ▼ AUFGABE 4: Zerlege long_text in Fenster zu MAX_LENGTH Tokens, die sich um 6 Tokens überlappen.
windows = tokenizer(
    long_text, truncation=True, max_length=MAX_LENGTH, stride=6, return_overflowing_tokens=True
)
# ▲

if hasattr(windows, "input_ids"):
    print("\nDie Fenster:")
    for ids in windows["input_ids"]:
        print(f"  {ids if isinstance(ids, int) else tokenizer.decode(ids)}")

# %% Teil 2: Sonderzeichen
# ▼ AUFGABE 5: Schreibe einen Text mit mindestens drei verschiedenen Sonderzeichen, eines davon [UNK].
special_text = "Wirklich? Ja & nein: heute 😀, morgen in 東京!"
# ▲

if isinstance(special_text, str):
    print(f"\n„{special_text}“")
    show(special_text)
    ids = tokenizer(special_text, add_special_tokens=False)["input_ids"]
    print(f"Zurück: „{tokenizer.decode(ids)}“")

# ▼ AUFGABE 6: Welche Stellen von special_text werden [UNK]? Eine Liste von Zeichenketten.
full = tokenizer(special_text, return_offsets_mapping=True)
unknown = [
    special_text[start:end].strip()
    for number, (start, end) in zip(full["input_ids"], full["offset_mapping"])
    if number == tokenizer.unk_token_id
]
# ▲


# %% Prüfung (hier nichts ändern)
def n_tokens(text):
    return len(tokenizer(text, verbose=False)["input_ids"])


def unknown_spans(text):
    full = tokenizer(text, return_offsets_mapping=True, verbose=False)
    pairs = zip(full["input_ids"], full["offset_mapping"])
    return [
        text[start:end].strip()
        for number, (start, end) in pairs
        if number == tokenizer.unk_token_id
    ]


def special_characters(text):
    return {sign for sign in text if not sign.isspace() and not (sign.isalnum() and sign < "ſ")}


def windows_with(stride):
    options = {"truncation": True, "max_length": MAX_LENGTH, "return_overflowing_tokens": True}
    return tokenizer(long_text, stride=stride, **options)["input_ids"]


pruefe.erwarte(
    "Aufgabe 1",
    long_text,
    (
        lambda text: isinstance(text, str),
        "long_text soll ein Text sein, also in Anführungszeichen stehen.",
    ),
    (
        lambda text: n_tokens(text) > MAX_LENGTH,
        lambda text: (
            f"Dein Text hat erst {n_tokens(text)} Tokens; es sollen mehr als {MAX_LENGTH} sein. "
            "Tokens sind nicht Buchstaben: Schreibe noch ein, zwei Sätze."
        ),
    ),
    tipps=[
        "Wie viele Tokens hat dein Text? show(long_text) sagt es.",
        "Ein deutscher Satz hat etwa zehn bis zwanzig Tokens, je seltener die Wörter, desto mehr.",
        'long_text = "Erster Satz. Zweiter Satz. …"',
    ],
)
first_done = isinstance(long_text, str)
reference = tokenizer(
    long_text if first_done else short_text,
    truncation=True,
    max_length=MAX_LENGTH,
    return_offsets_mapping=True,
)
visible_end = max(end for _, end in reference["offset_mapping"])


def is_lost(text):
    return text.strip() == long_text[visible_end:].strip()


pruefe.erwarte(
    "Aufgabe 2",
    encoded if first_done else ...,
    (
        lambda encoded: not isinstance(encoded, str | list),
        "Gesucht ist, was der Tokenizer zurückgibt: tokenizer(…), nicht ein Stück Text oder eine Liste.",
    ),
    (
        lambda encoded: (
            len(encoded["input_ids"]) != n_tokens(long_text) or n_tokens(long_text) <= MAX_LENGTH
        ),
        lambda encoded: (
            f"Das sind alle {len(encoded['input_ids'])} Tokens: Hier wurde nichts gekürzt. "
            "Stehen truncation=True und max_length=MAX_LENGTH dabei?"
        ),
    ),
    (
        lambda encoded: len(encoded["input_ids"]) == MAX_LENGTH,
        lambda encoded: (
            f"Das sind {len(encoded['input_ids'])} Tokens statt {MAX_LENGTH}. "
            "Hast du den Text selbst abgeschnitten? max_length zählt Tokens, und zwei davon sind besondere."
        ),
    ),
    (
        lambda encoded: list(encoded["input_ids"]) == reference["input_ids"],
        "Die Länge stimmt, der Inhalt nicht: Das ist nicht der Anfang von long_text.",
    ),
    tipps=[
        "Was muss der Tokenizer wissen: dass er kürzen darf, und worauf?",
        "Oben steht es beim kurzen Text: truncation=True, max_length=MAX_LENGTH.",
        "encoded = tokenizer(long_text, …=True, …=MAX_LENGTH)",
    ],
)
pruefe.erwarte(
    "Aufgabe 3",
    lost_text if first_done else ...,
    (lambda lost: isinstance(lost, str), "lost_text soll ein Text sein, das Ende von long_text."),
    (
        lambda lost: is_lost(lost) or long_text.strip()[:15] not in lost[:25],
        "Das ist der Teil, den das Modell sieht. Gesucht ist der Rest.",
    ),
    (
        lambda lost: is_lost(lost) or lost.strip() != long_text[MAX_LENGTH:].strip(),
        "Du schneidest nach Buchstaben ab, MAX_LENGTH zählt aber Tokens. Wo das letzte endet: offset_mapping.",
    ),
    (
        is_lost,
        lambda lost: (
            f"Knapp daneben: Das verlorene Stück beginnt bei Zeichen {visible_end} "
            f"(mit „{long_text[visible_end:].strip()[:12]} …“)."
        ),
    ),
    tipps=[
        "Bis zu welchem Zeichen von long_text reicht das letzte Token, das noch hineinpasst?",
        "return_offsets_mapping=True gibt Paare (von, bis); max(…) findet das größte „bis“.",
        'cut = tokenizer(long_text, …); lost_text = long_text[max(end for _, end in cut["offset_mapping"]) …]',
    ],
)
pruefe.erwarte(
    "Aufgabe 4",
    windows if first_done else ...,
    (
        lambda windows: not isinstance(windows["input_ids"][0], int),
        "Das ist ein einziges Fenster, der Rest ist wieder weg: Es fehlt return_overflowing_tokens=True.",
    ),
    (
        lambda windows: all(len(ids) <= MAX_LENGTH for ids in windows["input_ids"]),
        "Ein Fenster ist länger als MAX_LENGTH. Fehlen truncation=True oder max_length?",
    ),
    (
        lambda windows: (
            windows["input_ids"] == windows_with(6) or windows["input_ids"] != windows_with(0)
        ),
        (
            "Deine Fenster überlappen sich nicht: Was an der Grenze steht, sieht kein Fenster ganz. "
            "Welches Argument sagt, wie weit sie sich überlappen?"
        ),
    ),
    (
        lambda windows: windows["input_ids"] == windows_with(6),
        "Die Überlappung ist nicht 6 Tokens, oder die Fenster gehören nicht zu long_text.",
    ),
    tipps=[
        "Was könnte der Tokenizer mit dem tun, was nicht mehr hineinpasst, statt es wegzuwerfen?",
        "demo_bert_tokenizer.py: return_overflowing_tokens=True, und stride ist die Überlappung.",
        "windows = tokenizer(long_text, truncation=True, max_length=MAX_LENGTH, stride=…, …=True)",
    ],
)
pruefe.erwarte(
    "Aufgabe 5",
    special_text,
    (lambda text: isinstance(text, str), "special_text soll ein Text sein."),
    (
        lambda text: len(special_characters(text)) >= 3,
        lambda text: (
            f"Ich sehe nur {len(special_characters(text))} verschiedene Sonderzeichen "
            "(Umlaute und ß zählen nicht: Sie stehen in jedem deutschen Wörterbuch)."
        ),
    ),
    (
        unknown_spans,
        "Diese Zeichen kennt der Tokenizer alle. Nimm etwas Fremderes: ein Emoji, eine andere Schrift.",
    ),
    (
        lambda text: (
            len(special_characters("".join(unknown_spans(text)))) < len(special_characters(text))
        ),
        "Jetzt ist jedes Sonderzeichen unbekannt. Nimm auch ein geläufiges, etwa ? oder &.",
    ),
    tipps=[
        "Welche Zeichen standen wohl nie oder kaum in den Texten, aus denen das Wörterbuch entstand?",
        "Satzzeichen sind meist bekannt. Kandidaten für [UNK]: Emojis, Formelzeichen, fremde Schriften.",
        'special_text = "Wirklich? Ja & nein … und noch ein Emoji"',
    ],
)
pruefe.erwarte(
    "Aufgabe 6",
    unknown if isinstance(special_text, str) else ...,
    (
        lambda found: (
            isinstance(found, list | tuple | set) and all(isinstance(w, str) for w in found)
        ),
        "Gesucht ist eine Liste von Zeichenketten aus special_text, keine Zahl und kein einzelner Text.",
    ),
    (
        lambda found: tokenizer.unk_token not in found,
        f"{tokenizer.unk_token} ist das, was herauskommt. Gesucht ist, was vorher an dieser Stelle stand.",
    ),
    (
        lambda found: {w.strip() for w in found} >= set(unknown_spans(special_text)),
        lambda found: (
            "Da fehlt etwas, zum Beispiel "
            f"{min(set(unknown_spans(special_text)) - {w.strip() for w in found})!r}."
        ),
    ),
    (
        lambda found: {w.strip() for w in found} <= set(unknown_spans(special_text)),
        lambda found: (
            f"{min({w.strip() for w in found} - set(unknown_spans(special_text)))!r} ist "
            "nicht [UNK]: Nicht jedes Sonderzeichen ist unbekannt."
        ),
    ),
    tipps=[
        "An welchen Stellen steht in den input_ids die Nummer von [UNK], und was steht dort im Text?",
        "tokenizer.unk_token_id ist die Nummer; offset_mapping sagt zu jedem Token, von wo bis wo.",
        'unknown = [special_text[a:b] for number, (a, b) in zip(full["input_ids"], …) if number == …]',
    ],
)
pruefe.fortschritt()

# %% Was man sieht
# truncation=True schneidet hinten ab, ohne Fehler und ohne Warnung. Steht das Wichtige am Ende
# („… kündige ich hiermit“), sieht das Modell es nie; Fenster helfen. Aus [UNK] wird nie wieder der Text;
# bei WordPiece reißt ein fremdes Zeichen oft das ganze Wort mit, an dem es klebt: Probiere „heute😀“.
