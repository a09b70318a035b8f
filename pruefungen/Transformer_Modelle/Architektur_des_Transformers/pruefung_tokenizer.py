"""Die Prüfung zu uebung_tokenizer.py: je Aufgabe die Diagnosen und drei Tipps."""

from kurs.uebungen import Diagnose, liste, text, tipps, verfehlt


def encoding(antwort, name):
    """Was der Tokenizer zurückgibt (auch mit return_tensors oder padding), als Zeilen von Nummern."""
    if isinstance(antwort, (str, list, tuple)):
        raise Diagnose(f"Gesucht ist, was der Tokenizer zurückgibt: {name} = tokenizer(…).")
    if not hasattr(antwort, "keys") or "input_ids" not in antwort:
        raise verfehlt(antwort, "das, was tokenizer(…) zurückgibt", name)
    ids = antwort["input_ids"]
    ids = ids.tolist() if hasattr(ids, "tolist") else ids
    return ids if ids and isinstance(ids[0], list) else [ids]


def n_tokens(tokenizer, text):
    return len(tokenizer(text, verbose=False)["input_ids"])


def ohne_auffuellen(tokenizer, rows):
    return [[number for number in row if number != tokenizer.pad_token_id] for row in rows]


def gelesen_wird_der_name(tokenizer, rows, name):
    """Der Satz dazu, wenn jemand den Namen der Variablen in Anführungszeichen schrieb, sonst None."""
    if rows[0] == tokenizer(name)["input_ids"]:
        return (
            f"Gelesen hat der Tokenizer die Zeichen „{name}“: Der Name deines Textes steht ohne "
            "Anführungszeichen."
        )
    return None


def unknown_spans(tokenizer, text):
    full = tokenizer(text, return_offsets_mapping=True, verbose=False)
    pairs = zip(full["input_ids"], full["offset_mapping"])
    return [text[start:end].strip() for n, (start, end) in pairs if n == tokenizer.unk_token_id]


def special_characters(text):
    """Alles außer Leerraum, Ziffern und den Buchstaben des Deutschen."""
    usual = "abcdefghijklmnopqrstuvwxyzäöüß0123456789"
    return {sign for sign in text if not sign.isspace() and sign.lower() not in usual}


@tipps(
    "Wie viele Tokens hat dein Text? show(long_text) sagt es.",
    "Ein deutscher Satz hat etwa zehn bis zwanzig Tokens, je seltener die Wörter, desto mehr.",
    'long_text = "Erster Satz. Zweiter Satz. …"',
)
def aufgabe_1(long_text: text, *, tokenizer, MAX_LENGTH):
    n = n_tokens(tokenizer, long_text)
    if n <= MAX_LENGTH:
        return (
            f"Dein Text hat erst {n} Tokens; es sollen mehr als {MAX_LENGTH} sein. "
            "Tokens sind nicht Buchstaben: Schreibe noch ein, zwei Sätze."
        )


@tipps(
    "Was muss der Tokenizer wissen: dass er kürzen darf, und worauf?",
    "Oben steht es beim kurzen Text: truncation=True, max_length=MAX_LENGTH.",
    "encoded = tokenizer(long_text, …=True, …=MAX_LENGTH)",
)
def aufgabe_2(encoded: encoding, *, long_text, tokenizer, MAX_LENGTH):
    ids = ohne_auffuellen(tokenizer, encoded)[0]
    if len(encoded) > 1:
        return f"Das sind {len(encoded)} Fenster. Gesucht ist hier nur der Anfang, ein einziges."
    if satz := gelesen_wird_der_name(tokenizer, [ids], "long_text"):
        return satz
    if len(ids) == n_tokens(tokenizer, long_text) > MAX_LENGTH:
        return (
            f"Das sind alle {len(ids)} Tokens: Hier wurde nichts gekürzt. "
            "Stehen truncation=True und max_length=MAX_LENGTH dabei?"
        )
    if len(ids) != MAX_LENGTH:
        return (
            f"Das sind {len(ids)} Tokens statt {MAX_LENGTH}. Hast du den Text selbst abgeschnitten? "
            "max_length zählt Tokens, und zwei davon sind besondere."
        )
    if ids != tokenizer(long_text, truncation=True, max_length=MAX_LENGTH)["input_ids"]:
        if tokenizer.cls_token_id not in ids:
            return "Die besonderen Tokens [CLS] und [SEP] fehlen; ein BERT braucht sie (add_special_tokens)."
        return "Die Länge stimmt, der Inhalt nicht: Das ist nicht der Anfang von long_text."


@tipps(
    "Bis zu welchem Zeichen von long_text reicht das letzte Token, das noch hineinpasst?",
    "return_offsets_mapping=True gibt Paare (von, bis); max(…) findet das größte „bis“.",
    "cut = tokenizer(long_text, …)\n"
    'lost_text = long_text[max(end for _, end in cut["offset_mapping"]) …]',
)
def aufgabe_3(lost_text: text, *, long_text, tokenizer, MAX_LENGTH):
    options = {"truncation": True, "max_length": MAX_LENGTH, "return_offsets_mapping": True}
    end = max(b for _, b in tokenizer(long_text, **options)["offset_mapping"])
    if lost_text.strip() == long_text[end:].strip():
        return None
    if lost_text.strip() == long_text.strip():
        return (
            "Das ist der ganze Text. Das letzte Token ist [SEP], und besondere Tokens reichen von 0 bis 0: "
            "Gesucht ist das größte „bis“."
        )
    if long_text.strip()[:15] in lost_text[:25]:
        return "Das ist der Teil, den das Modell sieht. Gesucht ist der Rest."
    if lost_text.strip() == long_text[MAX_LENGTH:].strip():
        return (
            "Du schneidest nach Buchstaben ab, MAX_LENGTH zählt aber Tokens. "
            "Wo das letzte endet, sagt offset_mapping."
        )
    beginn = long_text[end:].strip()[:12]
    return f"Knapp daneben: Das verlorene Stück beginnt bei Zeichen {end} (mit „{beginn} …“)."


@tipps(
    "Was könnte der Tokenizer mit dem tun, was nicht mehr hineinpasst, statt es wegzuwerfen?",
    "demo_bert_tokenizer.py: return_overflowing_tokens=True, und stride ist die Überlappung.",
    "windows = tokenizer(long_text, truncation=True, max_length=MAX_LENGTH, stride=…, …=True)",
)
def aufgabe_4(windows: encoding, *, long_text, tokenizer, MAX_LENGTH):
    def mit_stride(n):
        options = {"stride": n, "return_overflowing_tokens": True, "max_length": MAX_LENGTH}
        return tokenizer(long_text, truncation=True, **options)["input_ids"]

    rows = ohne_auffuellen(tokenizer, windows)
    if satz := gelesen_wird_der_name(tokenizer, rows, "long_text"):
        return satz
    if len(rows) == 1:
        return (
            "Das ist ein einziges Fenster, der Rest ist wieder weg: "
            "Es fehlt return_overflowing_tokens=True."
        )
    if max(map(len, rows)) > MAX_LENGTH:
        return "Ein Fenster ist länger als MAX_LENGTH. Fehlen truncation=True oder max_length?"
    if rows == mit_stride(6):
        return None
    if rows == mit_stride(0):
        return (
            "Deine Fenster überlappen sich nicht: Was an der Grenze steht, sieht kein Fenster ganz. "
            "Welches Argument sagt, wie weit sie sich überlappen?"
        )
    return "Die Überlappung ist nicht 6 Tokens, oder die Fenster gehören nicht zu long_text."


@tipps(
    "Welche Zeichen standen wohl nie oder kaum in den Texten, aus denen das Wörterbuch entstand?",
    "Satzzeichen sind meist bekannt. Kandidaten für [UNK]: Emojis, Formelzeichen, fremde Schriften.",
    'special_text = "Wirklich? Ja & nein … und noch ein Emoji"',
)
def aufgabe_5(special_text: text, *, tokenizer):
    n = len(special_characters(special_text))
    if n < 3:
        return (
            f"Ich sehe nur {n} verschiedene Sonderzeichen "
            "(Umlaute und ß zählen nicht: Sie stehen in jedem deutschen Wörterbuch)."
        )
    unbekannt = unknown_spans(tokenizer, special_text)
    if not unbekannt:
        return "Diese Zeichen kennt der Tokenizer alle. Nimm etwas Fremderes: ein Emoji, eine andere Schrift."
    if len(special_characters("".join(unbekannt))) == n:
        return "Jetzt ist jedes Sonderzeichen unbekannt. Nimm auch ein geläufiges, etwa ? oder &."


@tipps(
    "An welchen Stellen steht in den input_ids die Nummer von [UNK], und was steht dort im Text?",
    "tokenizer.unk_token_id ist die Nummer; offset_mapping sagt zu jedem Token, von wo bis wo.",
    'unknown = [special_text[a:b] for number, (a, b) in zip(full["input_ids"], …) if number == …]',
)
def aufgabe_6(unknown: liste(text), *, special_text, tokenizer):
    if tokenizer.unk_token in unknown:
        return (
            f"{tokenizer.unk_token} ist das, was herauskommt. "
            "Gesucht ist, was vorher an dieser Stelle stand."
        )
    given, wanted = {w.strip() for w in unknown}, set(unknown_spans(tokenizer, special_text))
    if wanted - given:
        return f"Da fehlt etwas, zum Beispiel {min(wanted - given)!r}."
    if given - wanted:
        return f"{min(given - wanted)!r} ist nicht [UNK]: Nicht jedes Sonderzeichen ist unbekannt."
