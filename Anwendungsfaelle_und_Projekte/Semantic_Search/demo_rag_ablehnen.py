"""RAG, das schweigen kann: Ab welcher Ähnlichkeit steht die Antwort wohl nicht in den Quellen?

Kapitel   7.65 Anwendungsfälle und Projekte · Semantic Search
Folie     Code Demo: Retrieval Augmented Generation
Lernziel  Eine Schwelle für die Ähnlichkeit an einem Teil der Fragen wählen und am anderen messen,
          wen sie zu Unrecht abweist und wen sie durchlässt
Laufzeit  ca. 10 s (2 CPU-Kerne)
Daten     kurs/wissen (54 Absätze, 90 beantwortbare und 10 unbeantwortbare Fragen)
Modelle   intfloat/multilingual-e5-small
Erwartet  auc_fremd 0.65–0.95, auc_absatz_fehlt 0.5–0.8, fehlalarm 0.05–0.45

Eine Suche findet immer etwas. Wer nur antworten will, wenn die Antwort auch dasteht, braucht eine
Grenze: Was weniger ähnlich ist, gilt als nicht gefunden.
"""

# %% Stellschrauben: hier live drehen
FALSE_ALARMS = 0.2  # dieser Anteil beantwortbarer Fragen darf beim Wählen abgelehnt werden
N_PARAGRAPHS = 54  # Test: 8
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
from kurs import ergebnis, texte
from kurs.modelle import modell

import matplotlib.pyplot as plt
import numpy as np
from sentence_transformers import SentenceTransformer
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split

# %% Drei Arten von Fragen: beantwortbare, fremde, und solche, deren Absatz wir wegnehmen
paragraphs, questions = texte.wissen()
paragraphs = paragraphs[:N_PARAGRAPHS]
number_of = {paragraph["id"]: number for number, paragraph in enumerate(paragraphs)}
answerable = [q for q in questions if q["absatz"] in number_of]
foreign = [q["frage"] for q in questions if q["absatz"] is None]
print(f"{len(answerable)} beantwortbare Fragen, {len(foreign)} fremde, etwa „{foreign[0]}“")

encoder = SentenceTransformer(modell("intfloat/multilingual-e5-small"), device="cpu")
print("Kodiere Absätze und Fragen, das dauert einige Sekunden …")
passages = [f"{paragraph['titel']}. {paragraph['text']}" for paragraph in paragraphs]
x_passages = encoder.encode(passages, prompt="passage: ", normalize_embeddings=True)


def similarities(some_questions):
    x = encoder.encode(some_questions, prompt="query: ", normalize_embeddings=True)
    return x @ x_passages.T


similarity = similarities([q["frage"] for q in answerable])
source = [number_of[q["absatz"]] for q in answerable]
without_source = similarity.copy()
without_source[np.arange(len(source)), source] = -1  # als gäbe es den richtigen Absatz nicht
best, best_without = similarity.max(axis=1), without_source.max(axis=1)

# %% Die Schwelle wählen wir an der Hälfte der Fragen. Gemessen wird an der anderen.
choosing, testing = train_test_split(np.arange(len(answerable)), test_size=0.5, random_state=SEED)
threshold = np.quantile(best[choosing], FALSE_ALARMS)
groups = {
    "beantwortbar": best[testing],
    "Absatz fehlt": best_without[testing],
    "fremd": similarities(foreign).max(axis=1),
}
refused = {name: np.mean(scores < threshold) for name, scores in groups.items()}
below = np.mean(best[choosing] < threshold)
print(f"\nSchwelle {threshold:.3f}: Darunter liegen {below:.0%} der Fragen zum Wählen.")
for name, share in refused.items():
    print(f"  {name:13} {len(groups[name]):3} Fragen, abgelehnt {share:.0%}")


# %% Ohne Schwelle gefragt: Wie gut trennt die Ähnlichkeit überhaupt? (1 perfekt, 0,5 gar nicht)
def auc(other):
    labels = [1] * len(groups["beantwortbar"]) + [0] * len(groups[other])
    return roc_auc_score(labels, [*groups["beantwortbar"], *groups[other]])


auc_foreign, auc_missing = auc("fremd"), auc("Absatz fehlt")
print(f"AUC: beantwortbar gegen fremd {auc_foreign:.2f}, gegen „Absatz fehlt“ {auc_missing:.2f}")
harder = "„Absatz fehlt“" if auc_missing < auc_foreign else "„fremd“"
if auc_missing == auc_foreign:
    harder = "keins von beiden"
print(f"Schwerer zu erkennen ist hier {harder}.")

# %% Bild
labels = [f"{name}\n{share:.0%} abgelehnt" for name, share in refused.items()]
plt.boxplot(groups.values(), orientation="horizontal", tick_labels=labels, widths=0.5)
plt.axvline(threshold, color="black", linestyle="--", label="Schwelle: links davon ablehnen")
plt.xlabel("Ähnlichkeit der besten Fundstelle (Kosinus)")
plt.title("Trennt die Ähnlichkeit, was in den Quellen steht?")
plt.legend()
plt.show()

# %% Was man sieht
# Fehlt nur der richtige Absatz, liegt oft ein verwandter ähnlich nahe. Eine Schwelle allein ist
# darum ein grobes Sieb; dazu gehört, dass die Antwort ihre Quelle nennt, damit man nachlesen kann.
ergebnis(auc_fremd=auc_foreign, auc_absatz_fehlt=auc_missing, fehlalarm=refused["beantwortbar"])
