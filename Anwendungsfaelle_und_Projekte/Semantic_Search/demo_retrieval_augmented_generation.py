"""Retrieval Augmented Generation: erst die passende Stelle suchen, dann daraus antworten, oder ablehnen.

Kapitel   7.60 Anwendungsfälle und Projekte · Semantic Search
Folie     Code Demo: Retrieval Augmented Generation
Lernziel  Zerschneiden, kodieren, suchen, Prompt bauen, antworten; und messen, wann das System besser schweigt
Laufzeit  ca. 50 s (2 CPU-Kerne)
Daten     kurs/wissen (54 Absätze, 90 beantwortbare und 10 unbeantwortbare Fragen);
          Modelle multilingual-e5-small und gemma-3-270m
Erwartet  richtig_mit_quelle 0.1–0.5, richtig_ohne_quelle 0–0.12, abgelehnt_unbeantwortbar 0.7–0.9,
          abgelehnt_quelle_weg 0.24–0.6, fehlalarm 0.06–0.42

Gemma mit 270 Millionen Parametern ist winzig und erfindet leicht Zahlen, auch wenn die richtige im Prompt
steht. Deshalb darf es hier mit Quelle nur abschreiben: Jede Antwort ist ein wörtliches Stück daraus.
"""

# %% Stellschrauben: hier live drehen
OWN_QUESTIONS = [
    "Aus wie vielen Zellen ist unser Denkorgan ungefähr aufgebaut?",
    "Wie sage ich Keras, dass es am Schluss den besten Stand zurückholen soll?",
    "Wie lange muss ein Hefeteig im Kühlschrank gehen?",
]  # Test: ["Aus wie vielen Zellen ist unser Denkorgan ungefähr aufgebaut?"]
N_PARAGRAPHS = 54  # Test: 5
SENTENCES = 3  # so viele Sätze hat ein Textstück; das nächste beginnt zwei Sätze weiter, überlappt also um einen
FALSE_ALARMS = 0.2  # dieser Anteil beantwortbarer Fragen darf beim Wählen der Schwelle abgelehnt werden
GUIDANCE = 2.0  # so stark zählt die Frage selbst; probiere 1.0 (ohne Nachhilfe)
N_ANSWERS = 9  # Test: 1; so viele Testfragen beantwortet Gemma
MAX_NEW_TOKENS = 14  # Test: 2
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
import re

from kurs import ergebnis, texte
from kurs.modelle import modell

import faiss
import matplotlib.pyplot as plt
import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from transformers import AutoModelForCausalLM, AutoTokenizer

faiss.omp_set_num_threads(1)  # reicht hier, und FAISS und torch kommen sich nicht in die Quere
REFUSAL = "Das steht nicht in den Quellen."

# %% Zwei Modelle: eines schreibt, eines macht aus Texten Vektoren
GEMMA = modell("google/gemma-3-270m")
tokenizer = AutoTokenizer.from_pretrained(GEMMA, padding_side="left")
gemma = AutoModelForCausalLM.from_pretrained(GEMMA, dtype=torch.float32).eval()
encoder = SentenceTransformer(modell("intfloat/multilingual-e5-small"), device="cpu")

# %% 1. Zerschneiden: kurze, überlappende Stücke, damit kein Gedanke an der Schnittkante zerreißt
paragraphs, questions = texte.wissen()
paragraphs = paragraphs[:N_PARAGRAPHS]
chunks, paragraph_of = [], []
for number, paragraph in enumerate(paragraphs):
    sentences = re.split(r"(?<=[.!?]) (?=[A-ZÄÖÜ„])", paragraph["text"])
    for start in range(0, max(1, len(sentences) - 1), SENTENCES - 1):
        chunks.append(" ".join(sentences[start : start + SENTENCES]))
        paragraph_of.append(number)
paragraph_of = np.array(paragraph_of)
print(f"{len(paragraphs)} Absätze → {len(chunks)} Stücke. Eines davon:\n  {chunks[1]}")

# %% 2. Kodieren und in den Index legen
print("\nKodiere die Stücke, das dauert einige Sekunden …")
titles = [paragraphs[number]["titel"] for number in paragraph_of]
chunk_vectors = encoder.encode(
    [f"passage: {title}. {chunk}" for title, chunk in zip(titles, chunks)], batch_size=16, normalize_embeddings=True
)
index = faiss.IndexFlatIP(chunk_vectors.shape[1])
index.add(chunk_vectors)

# %% 3. Suchen
id_of = [paragraph["id"] for paragraph in paragraphs]
unanswerable = [q["frage"] for q in questions if q["absatz"] is None]
answerable = [q for q in questions if q["absatz"] in id_of]


def retrieve(some_questions, k=3):
    """Ähnlichkeiten und Nummern der k besten Stücke, je eine Zeile je Frage."""
    vectors = encoder.encode(["query: " + question for question in some_questions], normalize_embeddings=True)
    return index.search(vectors, k)


# %% 4. Wann ablehnen? Die beste Ähnlichkeit muss über einer Schwelle liegen, gewählt an der Hälfte der Fragen
random = np.random.default_rng(SEED)
order = random.permutation(len(answerable))
choosing, testing = np.split(order, [len(order) // 2])  # Fragen zum Wählen, Fragen zum Prüfen
scores, found = retrieve([q["frage"] for q in answerable], len(chunks))
best_score = scores[:, 0]
threshold = np.quantile(best_score[choosing], FALSE_ALARMS)
print(f"Schwelle {threshold:.3f}: {FALSE_ALARMS:.0%} der {len(choosing)} Fragen zum Wählen liegen darunter.")

# Unbeantwortbar sind zehn Fragen. Weitere macht man so: Man nimmt zu einer Frage ihren Absatz aus dem Index.
is_source = paragraph_of[found] == np.array([id_of.index(q["absatz"]) for q in answerable])[:, None]
score_without_source = np.where(is_source, -1, scores).max(axis=1)
score_unanswerable = retrieve(unanswerable)[0][:, 0]
groups = {
    "beantwortbar": best_score[testing],
    "Absatz entfernt": score_without_source[testing],
    "unbeantwortbar": score_unanswerable,
}
refused = {name: np.mean(values < threshold) for name, values in groups.items()}
hit_at_1, hit_at_3 = is_source[testing, 0].mean(), is_source[testing, :3].any(axis=1).mean()
print(f"Testfragen: richtiger Absatz auf Platz 1 bei {hit_at_1:.0%}, unter den ersten drei bei {hit_at_3:.0%}")
for name, share in refused.items():
    print(f"  {name:16} {len(groups[name]):3} Fragen, abgelehnt {share:.0%}")

figure, axis = plt.subplots(figsize=(10, 5))
colors = ["#0072B2", "#E69F00", "#D55E00"]
for row, (values, color) in enumerate(zip(groups.values(), colors)):
    heights = row + random.uniform(-0.25, 0.25, len(values))
    axis.scatter(values, heights, s=55, color=color, marker="os^"[row], alpha=0.7)
axis.axvline(threshold, color="black", linestyle="--")
axis.text(threshold, 2.45, "abgelehnt ◄  ► beantwortet", ha="center")
axis.set_yticks(range(3), [f"{name}\n{share:.0%} abgelehnt" for name, share in refused.items()])
axis.set(ylim=(-0.5, 2.7), xlabel="Ähnlichkeit der besten Fundstelle (Kosinus)")
axis.set_title("Die Ähnlichkeit trennt nur ungefähr")
plt.show()
print(f"Von den fremden Fragen lehnt die Schwelle {refused['unbeantwortbar']:.0%} ab, ohne den richtigen Absatz dagegen")
print(f"{refused['Absatz entfernt']:.0%}: Dann liegt oft ein verwandter Absatz ähnlich nahe.")

# %% 5. Prompt: zwei Beispiele zeigen dem Modell, wie es weitergehen soll (Few-Shot); es ist kein Chat-Modell
EXAMPLES = [
    ("Der Eiffelturm ist 330 Meter hoch. Er wurde 1889 eröffnet.", "Wann durften die ersten Besucher hinauf?", "1889"),
    (
        "Beton besteht aus Zement, Wasser und Kies. Stahl darin nimmt die Zugkräfte auf.",
        "Wozu steckt Metall in der Mischung?",
        "Stahl darin nimmt die Zugkräfte auf",
    ),
]


NEUTRAL_QUESTION = "Was steht im Text?"


def build_prompt(question, source=None):
    parts = []
    for text, asked, answer in [*EXAMPLES, (source, question, "")]:
        text = f"Text: {text}\n" if source else ""
        parts.append(f"{text}Frage: {asked}\nAntwort: {answer}".rstrip())
    return "\n\n".join(parts)


# %% 6. Antworten: aus dem Gedächtnis mit generate, oder aus der Quelle. Dort helfen zwei Regeln dem kleinen Modell: Das
# nächste Token muss eines sein, das in der Quelle an dieser Stelle weitergeht. Und bevorzugt wird, was zu dieser Frage
# wahrscheinlicher ist als zu einer nichtssagenden (guidance); sonst gewinnt oft einfach die erste Zahl.
line_end = tokenizer("\n", add_special_tokens=False).input_ids[0]


def first_lines(token_rows):
    return [text.strip().split("\n")[0] for text in tokenizer.batch_decode(token_rows, skip_special_tokens=True)]


def answer_from_memory(some_questions):
    batch = tokenizer([build_prompt(question) for question in some_questions], padding=True, return_tensors="pt")
    output = gemma.generate(**batch, max_new_tokens=MAX_NEW_TOKENS, do_sample=False)
    return first_lines(output[:, batch.input_ids.shape[1] :])


def next_tokens(source, written):
    """Welche Tokens auf `written` folgen dürfen, damit die Antwort ein Stück der Quelle bleibt."""
    if not written:  # anfangen darf sie mit jedem Wort („▁“ heißt: hier beginnt ein Wort)
        return [token for token in source if tokenizer.convert_ids_to_tokens(token).startswith("▁")]
    if line_end in written:
        return [line_end]
    places = [i for i in range(len(source) - len(written)) if source[i : i + len(written)] == written]
    return [line_end, *(source[i + len(written)] for i in places)]


@torch.inference_mode()
def answer_from_source(some_questions, sources):
    prompts = [build_prompt(*pair) for pair in zip(some_questions, sources)]
    prompts += [build_prompt(NEUTRAL_QUESTION, source) for source in sources]
    batch = tokenizer(prompts, padding=True, return_tensors="pt")
    source_ids = [tokenizer(" " + source, add_special_tokens=False).input_ids for source in sources]
    written = [[] for _ in sources]
    ids, mask, cache = batch.input_ids, batch.attention_mask, None
    for _ in range(MAX_NEW_TOKENS):
        output = gemma(ids, mask, past_key_values=cache, use_cache=True, logits_to_keep=1)
        cache = output.past_key_values  # das bisher Gelesene muss so nicht noch einmal gerechnet werden
        asked, neutral = output.logits[:, -1].log_softmax(dim=-1).chunk(2)
        scores = neutral + GUIDANCE * (asked - neutral)
        for row, source, score in zip(written, source_ids, scores):
            row.append(max(next_tokens(source, row), key=score.__getitem__))
        ids = torch.tensor([row[-1:] for row in written] * 2)
        mask = torch.cat([mask, torch.ones_like(ids)], dim=1)
    return first_lines(written)


def ask(some_questions):
    """Das ganze System: je Frage (Antwort oder Ablehnung, Nummern der Fundstellen, ihre Ähnlichkeiten)."""
    scores, found = retrieve(some_questions)
    accepted = [i for i in range(len(some_questions)) if scores[i, 0] >= threshold]
    answers = [REFUSAL] * len(some_questions)
    if accepted:
        best_chunks = [chunks[found[i, 0]] for i in accepted]
        for i, answer in zip(accepted, answer_from_source([some_questions[i] for i in accepted], best_chunks)):
            answers[i] = answer
    return answers, found, scores


print(f"\nEin Prompt:\n{build_prompt(OWN_QUESTIONS[0], chunks[retrieve(OWN_QUESTIONS[:1])[1][0, 0]])}")
print("\nAntworte …")
answers, found, scores = ask(OWN_QUESTIONS)
for i, (question, answer, from_memory) in enumerate(zip(OWN_QUESTIONS, answers, answer_from_memory(OWN_QUESTIONS))):
    print(f"\n{question}\n  ohne Quelle: {from_memory}\n  mit Quelle:  {answer}")
    for score, number in zip(scores[i], found[i]):
        print(f"    {score:.3f}  [{titles[number]}] {chunks[number][:75]} …")


# %% 7. Messen: Wie gut liest Gemma, wenn die Suche den richtigen Absatz gefunden hat?
def is_correct(answer, expected):
    """Grob: Mindestens die Hälfte der Zahlen und längeren Wörter der Musterantwort kommt vor (Anfänge zählen)."""
    wanted, given = ({word[:6] for word in re.findall(r"\d+|\w{4,}", text.lower())} for text in (expected, answer))
    return len(wanted & given) >= max(1, len(wanted) / 2)


readable = [i for i in testing if is_source[i, 0] and best_score[i] >= threshold][:N_ANSWERS]
readable = readable or testing[:1]  # so klein kann man N_PARAGRAPHS drehen
asked = [answerable[i]["frage"] for i in readable]
expected = [answerable[i]["antwort"] for i in readable]
with_source, without_source = ask(asked)[0], answer_from_memory(asked)
print(f"\n{len(asked)} Testfragen mit richtiger Fundstelle: Musterantwort | mit Quelle | ohne Quelle (✔: stimmt ungefähr)")
for question, right, first, second in zip(asked, expected, with_source, without_source):
    marks = ["✔" if is_correct(answer, right) else "–" for answer in (first, second)]
    print(f"  {question}\n      {right} | {marks[0]} {first} | {marks[1]} {second}")
correct = {
    name: np.mean([is_correct(answer, right) for answer, right in zip(answers, expected)])
    for name, answers in {"mit": with_source, "ohne": without_source}.items()
}
print(f"\nRichtig mit Quelle {correct['mit']:.0%}, ohne Quelle {correct['ohne']:.0%}. Dazu kommt: Den richtigen Absatz")
print(f"findet die Suche nur bei {hit_at_1:.0%} der Fragen an erster Stelle. Beides zusammen begrenzt ein RAG-System.")
slipped = [question for question, score in zip(unanswerable, score_unanswerable) if score >= threshold]
print(f"Von {len(unanswerable)} unbeantwortbaren Fragen abgelehnt: {len(unanswerable) - len(slipped)}.")
if slipped:
    print(f"Durchgerutscht: {slipped[0]} → {ask(slipped[:1])[0][0]}")
    print("Das steht zwar wörtlich in der Quelle, aber es beantwortet die Frage nicht.")

# %% Ergebnis
ergebnis(
    richtig_mit_quelle=correct["mit"],
    richtig_ohne_quelle=correct["ohne"],
    abgelehnt_unbeantwortbar=refused["unbeantwortbar"],
    abgelehnt_quelle_weg=refused["Absatz entfernt"],
    fehlalarm=refused["beantwortbar"],
)
