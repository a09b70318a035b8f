"""„Bank“ im Kontext: statische Embeddings kennen Wörter, kontextabhängige kennen Wörter in Sätzen.

Kapitel   3.55 Verarbeitung von Textdaten (NLP-Grundlagen) · Textrepräsentationen
Folie     Demo: Einbinden von vortrainierten Embeddings in ein Klassifikationsmodell
Lernziel  Sehen, dass ein Transformer demselben Wort je nach Satz einen anderen Vektor gibt
Laufzeit  ca. 10 s (2 CPU-Kerne)
Daten     Sätze mit „Bank“ (selbst geschrieben): Geldinstitut oder Sitzbank
Modelle   intfloat/multilingual-e5-small
Erwartet  bank_statisch 0.4–0.6, bank_kontext 0.82–0.95

Am Eingang des Transformers steht eine Tabelle mit einem Vektor je Token: statische Embeddings.
Die Schichten danach mischen hinein, was links und rechts steht. Welche Bank ist gemeint?
"""

# %% Stellschrauben: hier live drehen
OWN_SENTENCES = [  # jeder mit dem Wort „Bank“
    "Die Bank hat mir den Kredit gekündigt.",
    "Die Bank im Park ist frisch gestrichen.",
    "Auf der Bank liegt mein ganzes Geld.",
    "Auf der Bank liegt mein Pausenbrot.",
]
N_BANK = 180  # Sätze je Bedeutung  # Test: 10
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
import re

from kurs import ergebnis, texte
from kurs.modelle import modell

import matplotlib.pyplot as plt
import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from transformers import AutoModel, AutoTokenizer

# %% Sätze, in denen genau „Bank“ steht: „Banken“ und „Bänke“ verrieten die Bedeutung durch die Form
WORD = re.compile(r"\bBank\b")
random = np.random.default_rng(SEED)
sentences, is_bench = [], []
for sense, group in texte.bank_saetze().items():
    chosen = random.permutation([sentence for sentence in group if WORD.search(sentence)])[:N_BANK]
    sentences += chosen.tolist()
    is_bench += [sense == "sitz"] * len(chosen)
    print(f"{len(chosen)} Sätze „{sense}“, zum Beispiel: {chosen[0]}")
is_bench = np.array(is_bench)

# %% In jedem Satz zwei Vektoren für „Bank“: vom Eingang des Modells und aus seiner letzten Schicht
E5 = modell("intfloat/multilingual-e5-small")
tokenizer, e5 = AutoTokenizer.from_pretrained(E5), AutoModel.from_pretrained(E5).eval()


@torch.inference_mode()
def vectors_of_bank(sentences):
    sentences = [f"query: {sentence}" for sentence in sentences]  # so will e5 seine Texte haben
    batch = tokenizer(sentences, padding=True, return_tensors="pt")
    rows = range(len(sentences))
    places = [batch.char_to_token(row, WORD.search(sentences[row]).start()) for row in rows]
    static = e5.get_input_embeddings()(batch["input_ids"])[rows, places]
    context = e5(**batch).last_hidden_state[rows, places]
    return static.numpy(), context.numpy()


print("Lese alle Sätze mit e5, das dauert einige Sekunden …")
static, context = vectors_of_bank(sentences)
print(f"„Bank“ in {len(sentences)} Sätzen:")
# statisch hat jedes Token einen; nach einem Anführungszeichen ist „Bank“ ein anderes Token
print(f"  statisch:   {len(np.unique(static, axis=0))} verschiedene Vektoren")
print(f"  im Kontext: {len(np.unique(context, axis=0))} verschiedene Vektoren")

# %% Liest ein linearer Klassifikator die Bedeutung ab? Geprüft wird an Sätzen, die er nicht kennt
classifier = make_pipeline(StandardScaler(), LogisticRegression(C=0.01))
folds = StratifiedKFold(5, shuffle=True, random_state=SEED)
accuracy = {}
for name, vectors in [("statisch", static), ("im Kontext", context)]:
    bench = cross_val_predict(classifier, vectors, is_bench, cv=folds, method="predict_proba")
    bench = bench[:, 1]  # abgelesene Wahrscheinlichkeit für „Sitzbank“
    accuracy[name] = accuracy_score(is_bench, bench > 0.5)
    print(f"Bedeutung richtig abgelesen, {name}: {accuracy[name]:.0%} (Raten: 50%)")

# %% Bild: Was sagt der Klassifikator zu jedem „Bank“ im Kontext?
plt.hist([bench[~is_bench], bench[is_bench]], bins=20,
         label=["gemeint: Geldinstitut", "gemeint: Sitzbank"])
plt.axvline(0.5, color="black", linestyle="--")
plt.xlabel("Geldinstitut  ←  abgelesene Wahrscheinlichkeit für Sitzbank  →  Sitzbank")
plt.ylabel("Zahl der Sätze")
plt.title(f"Steckt die Bedeutung im Vektor? Richtig abgelesen: {accuracy['im Kontext']:.0%}")
plt.legend()
plt.show()

# %% Eigene Sätze
classifier.fit(context, is_bench)
for sentence in OWN_SENTENCES:
    if not WORD.search(sentence):
        print(f"{sentence:42} (ohne „Bank“)")
        continue
    money, bench = classifier.predict_proba(vectors_of_bank([sentence])[1])[0]
    print(f"{sentence:42} Geldinstitut {money:.2f}   Sitzbank {bench:.2f}")
# Aus dem statischen Vektor geht das nie: Er hängt nicht vom Satz ab.

ergebnis(bank_statisch=accuracy["statisch"], bank_kontext=accuracy["im Kontext"])
