"""Klassifikation mit Embeddings: fertige Satzvektoren, darauf ein kleines Modell. Wie viele Labels reichen?

Kapitel   7.10 Anwendungsfälle und Projekte · Projekt 1: Klassifikation
Folie     Code Demo: Klassifikation mit Embeddings
Lernziel  Texte mit einem vortrainierten Modell in Vektoren verwandeln und darauf ein eigenes Modell trainieren;
          wissen, wie viele Labels man dadurch spart
Laufzeit  ca. 20 s (2 CPU-Kerne)
Daten     rotten_tomatoes, sonst unsere deutschen Bewertungen; Modell intfloat/multilingual-e5-small
Erwartet  tfidf_wenige 0.48–0.6, e5_wenige 0.6–0.72, mlp_wenige 0.6–0.72, tfidf_viele 0.64–0.74,
          e5_viele 0.7–0.79, mlp_viele 0.69–0.78

Das vortrainierte Modell bleibt, wie es ist, und kodiert jeden Text genau einmal. Trainiert wird nur das
kleine Modell dahinter; das dauert Millisekunden, deshalb kann man es hier dutzende Male trainieren.
"""

# %% Stellschrauben: hier live drehen
OWN_TEXTS = [
    "Ein großartiger Abend, ich habe Tränen gelacht.",
    "Die Verfilmung zieht sich, und am Ende ist man froh, dass es vorbei ist.",
    "Ach toll, schon wieder kaputt.",
]
N_LABELS = [20, 50, 100, 200, 400, 600]  # Test: [20]
N_DRAWS = 8  # Test: 1; so oft wird neu ausgelost, welche Texte ein Label haben
N_TRAIN = 800  # Test: 30; höchstens so viele Texte kodieren
N_TEST = 300  # Test: 12
HIDDEN_UNITS = 64
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
import time

from kurs import ergebnis
from kurs.datensaetze import datensatz
from kurs.modelle import modell

import matplotlib.pyplot as plt
import numpy as np
import torch
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from transformers import AutoModel, AutoTokenizer

# %% Daten: Bewertungen, negativ (0) oder positiv (1). Das Original ist nach Klassen sortiert, also mischen.
reviews = datensatz("rotten_tomatoes")
train, test = (
    reviews[part].shuffle(seed=SEED).select(range(min(n, len(reviews[part]))))
    for part, n in (("train", N_TRAIN), ("test", N_TEST))
)
train_texts, test_texts = np.array(train["text"]), np.array(test["text"])
y_train, y_test = np.array(train["label"]), np.array(test["label"])
print(f"{len(train_texts)} Texte zum Lernen, {len(test_texts)} zum Prüfen; {y_test.mean():.0%} davon positiv")

# %% Das vortrainierte Modell: Es kennt rund 100 Sprachen, aber unsere Aufgabe nicht
E5 = modell("intfloat/multilingual-e5-small")
tokenizer = AutoTokenizer.from_pretrained(E5)
encoder = AutoModel.from_pretrained(E5).eval()


@torch.inference_mode()
def embed(texts):
    """Ein Vektor je Text: der Mittelwert über die Vektoren seiner Tokens. Form (Texte, 384)."""
    vectors = np.zeros((len(texts), encoder.config.hidden_size), dtype="float32")
    order = np.argsort([len(text) for text in texts])  # ähnlich lange zusammen: wenig Auffüllung
    for start in range(0, len(texts), 32):
        rows = order[start : start + 32]
        batch = tokenizer(
            ["query: " + texts[row] for row in rows],  # so will e5 einen Text gezeigt bekommen
            padding=True, truncation=True, max_length=64, return_tensors="pt",
        )  # fmt: skip
        states = encoder(**batch).last_hidden_state  # (Texte, Tokens, 384)
        is_token = batch["attention_mask"][:, :, None]
        vectors[rows] = (states * is_token).sum(dim=1) / is_token.sum(dim=1)
    return vectors


print(f"Kodiere {len(train_texts) + len(test_texts)} Texte, jeden genau einmal …", flush=True)
start = time.perf_counter()
x_train, x_test = embed(train_texts), embed(test_texts)
seconds = time.perf_counter() - start
print(f"Fertig nach {seconds:.0f} s. Aus Text wird eine Zeile von x_train, Form {x_train.shape}:")
print(f"  {train_texts[0][:60]}… → {x_train[0, :4].round(2)}…")

# %% Drei Wege: Wörter zählen als Messlatte, dann Satzvektoren mit zwei verschiedenen kleinen Modellen
ways = {
    "Wörter zählen (TF-IDF)": lambda seed: make_pipeline(TfidfVectorizer(), LogisticRegression()),
    "Satzvektor + logistische Regression": lambda seed: make_pipeline(
        StandardScaler(), LogisticRegression(C=0.003)  # 384 Merkmale, wenige Labels: stark bremsen
    ),
    "Satzvektor + kleines neuronales Netz": lambda seed: make_pipeline(
        StandardScaler(),
        MLPClassifier(
            (HIDDEN_UNITS,), alpha=1, learning_rate_init=0.003, tol=0.01, max_iter=500, random_state=seed
        ),
    ),
}  # fmt: skip
accuracy = {name: np.zeros((len(N_LABELS), N_DRAWS)) for name in ways}
start, n_fits = time.perf_counter(), 0
for i, n_labels in enumerate(N_LABELS):
    for draw in range(N_DRAWS):
        rows, _ = train_test_split(
            np.arange(len(y_train)), train_size=n_labels, stratify=y_train, random_state=SEED + draw
        )
        for name, build in ways.items():
            features = (train_texts, test_texts) if "zählen" in name else (x_train, x_test)
            classifier = build(SEED + draw).fit(features[0][rows], y_train[rows])
            accuracy[name][i, draw] = classifier.score(features[1], y_test)
            n_fits += 1
seconds = time.perf_counter() - start
print(f"\n{n_fits} Modelle trainiert und geprüft in {seconds:.0f} s. Accuracy im Test, Mittel ± Streuung:")
print(f"{'Labels':38}", *(f"{n:>11}" for n in N_LABELS))
for name, values in accuracy.items():
    print(f"{name:38}", *(f"{v.mean():5.2f} ± {v.std():.2f}".rjust(11) for v in values))

# %% Bild: die Lernkurve
figure, axis = plt.subplots(figsize=(10, 6))
styles = [("#999999", "s"), ("#0072B2", "o"), ("#D55E00", "^")]
for (name, values), (color, marker) in zip(accuracy.items(), styles):
    mean, spread = values.mean(axis=1), values.std(axis=1)
    axis.plot(N_LABELS, mean, color=color, marker=marker, linewidth=3, markersize=9, label=name)
    axis.fill_between(N_LABELS, mean - spread, mean + spread, color=color, alpha=0.15)
axis.axhline(max(y_test.mean(), 1 - y_test.mean()), color="black", linestyle=":", label="immer dieselbe Klasse")
axis.set(xscale="log", xlabel="Texte mit Label im Training", ylabel="Accuracy im Test")
axis.set_xticks(N_LABELS, N_LABELS)
axis.minorticks_off()
axis.set_title("Wie viele Labels braucht man?")
axis.legend(loc="upper left", fontsize=12)
axis.set_ylim(0.45, 0.9)
plt.show()

counting, linear, mlp = (values.mean(axis=1) for values in accuracy.values())
reached = [n for n, value in zip(N_LABELS, counting) if value >= linear[0]]
needed = f"erst mit {reached[0]}" if reached else f"auch mit {N_LABELS[-1]} nicht"
print(f"Mit {N_LABELS[0]} Labels erreichen Satzvektoren {linear[0]:.2f}; das Zählen von Wörtern schafft das {needed}.")
better = "die logistische Regression" if linear.mean() >= mlp.mean() else "das kleine Netz"
print(f"Im Mittel über alle Größen ist {better} vorn ({linear.mean():.3f} gegen {mlp.mean():.3f} beim Netz).")

# %% Ausprobieren: eigene Texte (oben, OWN_TEXTS), und wo das Modell sich sicher irrt
classifier = ways["Satzvektor + logistische Regression"](SEED).fit(x_train, y_train)
print("\nEigene Texte: Wahrscheinlichkeit für „positiv“")
for text, probability in zip(OWN_TEXTS, classifier.predict_proba(embed(OWN_TEXTS))[:, 1]):
    print(f"  {probability:4.0%}  {text}")
probability = classifier.predict_proba(x_test)[:, 1]
error = np.abs(probability - y_test)
print("Die drei größten Irrtümer im Test:")
for row in np.argsort(-error)[:3]:
    print(f"  {probability[row]:4.0%} positiv, gemeint {'positiv' if y_test[row] else 'negativ'}: {test_texts[row]}")

# %% Ergebnis
ergebnis(
    tfidf_wenige=counting[0],
    e5_wenige=linear[0],
    mlp_wenige=mlp[0],
    tfidf_viele=counting[-1],
    e5_viele=linear[-1],
    mlp_viele=mlp[-1],
)
