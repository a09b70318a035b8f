"""Die Prüfung zu uebung_tokenizer.py: je Aufgabe die Diagnosen und drei Tipps."""

import functools

from kurs.uebungen import Diagnose, liste, text, tipps, verfehlt

from transformers import AutoTokenizer


def encoding(antwort, name):
    """Was der Tokenizer zurückgibt (auch mit return_tensors oder padding), als Zeilen von Nummern."""
    if isinstance(antwort, (str, list, tuple)):
        raise Diagnose(f"Gesucht ist, was der Tokenizer zurückgibt: {name} = tokenizer(…).")
    if not hasattr(antwort, "keys") or "input_ids" not in antwort:
        raise verfehlt(antwort, "das, was tokenizer(…) zurückgibt", name)
    ids = antwort["input_ids"]
    ids = ids.tolist() if hasattr(ids, "tolist") else ids
    return ids if ids and isinstance(ids[0], list) else [ids]


@functools.cache
def frisch(name_or_path):
    """Derselbe Tokenizer, frisch geladen: An dem im Skript hat eine Antwort vielleicht gedreht."""
    return AutoTokenizer.from_pretrained(name_or_path)


def n_tokens(tokenizer, text):
    return len(tokenizer(text, verbose=False)["input_ids"])


def ohne_luecken(text):
    return "".join(text.split())


def ist_anfang(tokenizer, text, long_text):
    """Ob ein Text, auch einer aus decode, so beginnt wie long_text."""
    for token in tokenizer.all_special_tokens:
        text = text.replace(token, "")
    return ohne_luecken(long_text).startswith(ohne_luecken(text))


def fremder_text(tokenizer, ids, long_text):
    """Der Satz dazu, wenn diese Tokens zu einem anderen Text gehören, sonst None."""
    read, ganz = (
        tokenizer.decode(numbers, skip_special_tokens=True)
        for numbers in (ids, tokenizer(long_text, verbose=False)["input_ids"])
    )
    umkehrbar = ist_anfang(
        tokenizer, ganz, long_text
    )  # ohne [UNK], und das Modell trennt groß und klein
    if not umkehrbar or ist_anfang(tokenizer, read, long_text):
        return None
    if ohne_luecken(read) in ohne_luecken(long_text):
        return (
            f"Das ist nicht der Anfang von long_text, sondern ein späteres Stück: „{read[:40]} …“."
        )
    return f"Das sind Tokens eines anderen Textes: „{read[:40]} …“. Gefragt ist long_text."


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
    spans = [text[start:end].strip() for n, (start, end) in pairs if n == tokenizer.unk_token_id]
    return [span for span in spans if span != tokenizer.unk_token]


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
    tokenizer = frisch(tokenizer.name_or_path)
    ids = ohne_auffuellen(tokenizer, encoded)[0]
    if len(encoded) > 1:
        return (
            f"Das sind {len(encoded)} Folgen von Tokens. Gesucht ist hier nur der Anfang von long_text, "
            "eine einzige."
        )
    if satz := gelesen_wird_der_name(tokenizer, [ids], "long_text"):
        return satz
    if satz := fremder_text(tokenizer, ids, long_text):
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
def aufgabe_3(lost_text: text, *, long_text, tokenizer, MAX_LENGTH, __kurs_lauf__):
    tokenizer = frisch(tokenizer.name_or_path)
    options = {"truncation": True, "max_length": MAX_LENGTH, "return_offsets_mapping": True}
    end = max(b for _, b in tokenizer(long_text, **options)["offset_mapping"])
    if lost_text.strip() == long_text[end:].strip():
        if __kurs_lauf__.ist_abgetippt(3):
            return "Das ist abgetippt und stimmt nur für diesen einen Text: Rechne es aus long_text aus."
        return None
    if lost_text.strip() == long_text.strip():
        return (
            "Das ist der ganze Text. Das letzte Token ist [SEP], und besondere Tokens reichen von 0 bis 0: "
            "Gesucht ist das größte „bis“."
        )
    if ist_anfang(tokenizer, lost_text, long_text):
        return "Das ist der Teil, den das Modell sieht. Gesucht ist der Rest."
    if lost_text.strip() == long_text[MAX_LENGTH:].strip():
        return (
            "Du schneidest nach Buchstaben ab, MAX_LENGTH zählt aber Tokens. "
            "Wo das letzte endet, sagt offset_mapping."
        )
    if lost_text.strip() not in long_text:
        return (
            f"„{lost_text.strip()[:40]} …“ steht so nicht in long_text. (decode setzt Tokens neu zusammen, "
            "samt [SEP].) Gesucht ist das Stück selbst: long_text[von:]."
        )
    beginn = long_text[end:].strip()[:12]
    return f"Knapp daneben: Das verlorene Stück beginnt bei Zeichen {end} (mit „{beginn} …“)."


@tipps(
    "Was könnte der Tokenizer mit dem tun, was nicht mehr hineinpasst, statt es wegzuwerfen?",
    "demo_bert_tokenizer.py: return_overflowing_tokens=True, und stride ist die Überlappung.",
    "windows = tokenizer(long_text, truncation=True, max_length=MAX_LENGTH, stride=…, …=True)",
)
def aufgabe_4(windows: encoding, *, long_text, tokenizer, MAX_LENGTH):
    tokenizer = frisch(tokenizer.name_or_path)

    def mit_stride(n):
        options = {"stride": n, "return_overflowing_tokens": True, "max_length": MAX_LENGTH}
        return tokenizer(long_text, truncation=True, **options)["input_ids"]

    rows = ohne_auffuellen(tokenizer, windows)
    if satz := gelesen_wird_der_name(tokenizer, rows, "long_text"):
        return satz
    if satz := fremder_text(tokenizer, rows[0], long_text):
        return satz
    if max(map(len, rows)) > MAX_LENGTH:
        return "Ein Fenster ist länger als MAX_LENGTH. Fehlen truncation=True oder max_length?"
    if len(rows) == 1:
        return (
            "Das ist ein einziges Fenster, der Rest ist wieder weg: "
            "Es fehlt return_overflowing_tokens=True."
        )
    if rows == mit_stride(6):
        return None
    if not all(tokenizer.cls_token_id in row and tokenizer.sep_token_id in row for row in rows):
        return (
            "Nicht in jedem Fenster stehen [CLS] und [SEP]; ein BERT braucht sie, und beide zählen mit. "
            "Lass den Tokenizer die Fenster machen."
        )
    if rows == mit_stride(0):
        return (
            "Deine Fenster überlappen sich nicht: Was an der Grenze steht, sieht kein Fenster ganz. "
            "Welches Argument sagt, wie weit sie sich überlappen?"
        )
    n_special = tokenizer.num_special_tokens_to_add()
    for stride in range(1, MAX_LENGTH - n_special):
        if rows == mit_stride(stride):
            return (
                f"Deine Fenster überlappen sich um {stride} Tokens; gesucht sind 6. stride ist die "
                "Überlappung, nicht der Schritt."
            )
    return "Die Überlappung ist nicht 6 Tokens, oder die Fenster gehören nicht zu long_text."


@tipps(
    "Welche Zeichen standen wohl nie oder kaum in den Texten, aus denen das Wörterbuch entstand?",
    "Satzzeichen sind meist bekannt. Kandidaten für [UNK]: Emojis, Formelzeichen, fremde Schriften.",
    'special_text = "Wirklich? Ja & nein … und noch ein Emoji"',
)
def aufgabe_5(special_text: text, *, tokenizer):
    tokenizer = frisch(tokenizer.name_or_path)
    if tokenizer.unk_token in special_text:
        return (
            f"{tokenizer.unk_token} steht für etwas, das der Tokenizer nicht kennt. Gesucht ist so ein Zeichen "
            "selbst."
        )
    n = len(special_characters(special_text))
    if n < 3:
        return (
            f"Verschiedene Sonderzeichen sehe ich nur {n} "
            "(Umlaute und ß zählen nicht: Sie stehen in jedem deutschen Wörterbuch)."
        )
    unbekannt = unknown_spans(tokenizer, special_text)
    if not unbekannt:
        return "Diese Zeichen kennt der Tokenizer alle. Nimm etwas Fremderes: ein Emoji, eine andere Schrift."


@tipps(
    "An welchen Stellen steht in den input_ids die Nummer von [UNK], und was steht dort im Text?",
    "tokenizer.unk_token_id ist die Nummer; offset_mapping sagt zu jedem Token, von wo bis wo.",
    'unknown = [special_text[a:b] for number, (a, b) in zip(full["input_ids"], …) if number == …]',
)
def aufgabe_6(unknown: liste(text), *, special_text, tokenizer):
    tokenizer = frisch(tokenizer.name_or_path)
    if tokenizer.unk_token in unknown:
        return (
            f"{tokenizer.unk_token} ist das, was herauskommt. "
            "Gesucht ist, was vorher an dieser Stelle stand."
        )
    given, wanted = {w.strip() for w in unknown}, set(unknown_spans(tokenizer, special_text))
    for word in wanted:
        if longer := [g for g in given - wanted if word in g and not g.isalnum()]:
            return f"{longer[0]!r} reicht zu weit: [UNK] wird nur {word!r}. „bis“ zählt nicht mehr mit."
    if not wanted & given:
        return (
            f"Von diesen wird keines [UNK]; es sind andere Stellen, zum Beispiel {min(wanted)!r}."
        )
    if wanted - given:
        return f"Da fehlt etwas, zum Beispiel {min(wanted - given)!r}."
    if given - wanted:
        return f"{min(given - wanted)!r} ist nicht [UNK]: Nicht jedes Sonderzeichen ist unbekannt."
