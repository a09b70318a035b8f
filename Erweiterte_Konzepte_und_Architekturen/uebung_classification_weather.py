"""Übung Wetter: Erkenne Wettertage, auch die seltenen.

Kapitel   2.100 Erweiterte Konzepte und Architekturen · Abschlussübung
Folie     Übung: Erstelle eine Klassifikation für Wettertage
Lernziel  Unausgewogene Klassen erkennen, richtig messen (Macro-F1, Konfusionsmatrix) und gewichten
Laufzeit  ca. 20 s (2 CPU-Kerne)
Daten     Wetter: 1.461 Tage aus Seattle (Paket vega_datasets), oder weatherAUS.csv im Ordner data

Aus den Messwerten eines Tages soll ein Netz die Klasse des Tages erkennen. Manche Klassen sind
selten, und wer sie nie nennt, liegt trotzdem meist richtig. Deshalb zählt hier der Macro-F1: der
Mittelwert der F1-Werte aller Klassen, jede Klasse gleich viel. Nutze alles, was du kennst.

Bearbeite nur, was zwischen ▼ und ▲ steht: Ersetze `...` durch deinen Code und starte neu.
Unten steht danach zu jeder Aufgabe, ob sie stimmt, und wenn nicht, woran es liegt.
"""

# %% Stellschrauben: Bronze, Silber und Gold sind Werte von Macro-F1
MEDALS = (0.43, 0.48, 0.52)  # Test: (0.05, 0.06, 0.07)
MEDALS_ORIGINAL = (0.7, 0.735, 0.75)  # Test: (0.05, 0.06, 0.07)
MAX_EPOCHS = 80  # Test: 2
N_DAYS = 20_000  # so viele der australischen Tage genügen
TIPPS = 1  # je Aufgabe: 0 keine Tipps, 1 eine Frage, 2 auch wo es steht, 3 auch ein Gerüst
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
import traceback

from kurs import pruefe
from kurs.quellen import originale_benutzt
from kurs.wetter import wettertage

import keras
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.metrics import ConfusionMatrixDisplay, confusion_matrix, f1_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

# %% Daten ansehen, die Labels zuerst
days, weather = wettertage()
if originale_benutzt():
    print("Klasse: Regnet es morgen (RainTomorrow)?")
    days = days.sample(min(N_DAYS, len(days)), random_state=SEED)
    weather = weather[days.index]
else:
    print(pd.crosstab(days["date"].dt.year, weather, rownames=["Jahr"], colnames=[""]))
    print("2012 heißen nasse Tage meist rain, 2014 meist fog. Das Wetter war nicht anders, nur")
    print("die Aufzeichnung; aus Messwerten kann das kein Modell wissen. Hier sind beide rain.\n")
    weather = weather.replace({"fog": "rain"})
class_names = sorted(weather.unique())
y = weather.map({name: number for number, name in enumerate(class_names)}).to_numpy()
medals = MEDALS_ORIGINAL if originale_benutzt() else MEDALS
thresholds = dict(zip(("bronze", "silber", "gold"), medals))
print("Medaillen ab", thresholds)

# %% Aufteilen (60 zu 40, jede Klasse mit demselben Anteil) und Lücken mit dem mittleren Wert füllen
days_train, days_test, y_train, y_test = train_test_split(
    days, y, test_size=0.4, stratify=y, random_state=SEED
)
medians = days_train.median(numeric_only=True)  # nur aus dem Training
days_train, days_test = days_train.fillna(medians), days_test.fillna(medians)
counts = np.bincount(y_train)
print("Spalten:", ", ".join(days.columns))
print("Trainingstage je Klasse:", dict(zip(class_names, counts.tolist())))

# %% Aufgabe 1: Wie gut ist, wer jeden Tag dasselbe sagt, nämlich die häufigste Klasse von y_train?
# ▼ AUFGABE 1: Berechne Accuracy und Macro-F1 dieser Antwort auf y_test.
naive_accuracy = ...
naive_macro_f1 = ...
# ▲


# %% Aufgabe 2: aus Tagen Zahlen machen
# ▼ AUFGABE 2: Gib eine Tabelle nur aus Zahlen zurück: Messwerte, die Jahreszeit und was dir hilft.
def features(days):
    return ...


# ▲

# %% Aufgabe 3: Gewichte. counts zählt die Trainingstage je Klasse; y_train hat die Klassen 0, 1, …
# ▼ AUFGABE 3: Baue ein dict Klasse → Gewicht: Ein Fehler in einer seltenen Klasse soll mehr kosten.
class_weight = ...
# ▲


# %% Aufgabe 4: das Modell. train wird zweimal aufgerufen: ohne Gewichte (None) und mit deinen.
# x_train sind deine Zahlen aus Aufgabe 2, skaliert; höchstens MAX_EPOCHS Epochen, verbose=0.
# ▼ AUFGABE 4: Baue, kompiliere und trainiere ein Netz (Validierung, Early Stopping); gib es zurück.
def train(x_train, y_train, class_weight):
    return ...


# ▲


# %% Prüfung von Aufgabe 1 bis 3 (hier nichts ändern)
def attempt(function, *arguments):
    """Ruft deine Funktion auf; ein Fehler darin wird zur Diagnose statt zum Abbruch."""
    try:
        return function(*arguments)
    except Exception as error:  # noqa: BLE001 (was schiefgehen kann, weiß hier niemand)
        return error


def describe(error):
    frames = traceback.extract_tb(error.__traceback__)
    line = [f.lineno for f in frames if f.filename == attempt.__code__.co_filename][-1]
    return f"Zeile {line} bricht ab: {type(error).__name__}: {str(error).strip().splitlines()[0]}"


always_same = np.full(len(y_test), counts.argmax())
macro_same = f1_score(y_test, always_same, average="macro")
pruefe.erwarte(
    "Aufgabe 1",
    (naive_accuracy, naive_macro_f1),
    (
        lambda a: np.isclose(a[0], np.mean(y_test == always_same), atol=0.002),
        "Die Accuracy stimmt nicht. Welcher Anteil von y_test hat die häufigste Klasse?",
    ),
    (
        lambda a: not np.isclose(a[1], macro_same * len(class_names), atol=0.002),
        "Das ist der F1 der einen genannten Klasse. Die anderen haben F1 = 0 und zählen mit.",
    ),
    (
        lambda a: np.isclose(a[1], macro_same, atol=0.002),
        "Das ist nicht der Macro-F1. Bei 'micro' und 'weighted' zählen häufige Klassen mehr.",
    ),
    tipps=[
        "Wie oft hat recht, wer jeden Tag dieselbe Klasse nennt?",
        "np.full macht ein Feld aus lauter gleichen Zahlen; sklearn.metrics.f1_score hat average.",
        "same = np.full(len(y_test), counts.argmax()); naive_macro_f1 = f1_score(y_test, same, …)",
    ],
)


def shifted(n):
    """Deine Zahlen für 50 Tage, deren Datum um n Tage verschoben ist."""
    some = days_train.head(50)
    return np.asarray(features(some.assign(date=some["date"] + pd.Timedelta(days=n))), float)


f_train, f_test = attempt(features, days_train), attempt(features, days_test)
numbers = attempt(np.asarray, f_train, float) if f_train is not ... else None
ok_features = pruefe.erwarte(
    "Aufgabe 2",
    f_train,
    (lambda answer: not isinstance(answer, Exception), describe),
    (lambda f: np.shape(f)[:-1] == (len(days_train),), "Es fehlt return, oder eine Zeile je Tag."),
    (
        lambda _: not isinstance(numbers, Exception) and np.isfinite(numbers).all(),
        "Ein Netz rechnet nur mit Zahlen: Da stehen noch Texte, ein Datum, Lücken oder Unendlich.",
    ),
    (
        lambda _: np.allclose(shifted(0), numbers[:50]),
        "Ein Tag bekommt andere Zahlen, wenn andere Tage dabei sind (Mittelwert? get_dummies?).",
    ),
    (
        lambda _: np.allclose(shifted(0), shifted(1461)),
        "Deine Zahlen hängen vom Jahr ab, und das nächste Jahr kennt das Netz nicht.",
    ),
    (lambda _: not np.allclose(shifted(0), shifted(182)), "Es fehlt die Jahreszeit aus date."),
    tipps=[
        "Welche Spalten sind schon Zahlen? Wie wird aus einem Datum eine Jahreszeit?",
        "select_dtypes('number'), dt.day_of_year; sin und cos legen Silvester neben Neujahr.",
        "angle = …; return days.select_dtypes('number').assign(sin=np.sin(angle), …)",
    ],
)

rare, frequent = int(counts.argmin()), int(counts.argmax())
ok_weights = pruefe.erwarte(
    "Aufgabe 3",
    class_weight,
    (
        lambda w: isinstance(w, dict) and set(w) == set(range(len(counts))),
        f"Gesucht ist ein dict mit den Schlüsseln 0 bis {len(counts) - 1}, nicht mit Namen.",
    ),
    (
        lambda w: w[rare] > w[frequent],
        lambda w: f"{class_names[rare]} ist selten und bekommt {w[rare]:.2f}, das häufige "
        f"{class_names[frequent]} bekommt {w[frequent]:.2f}. Das gehört andersherum.",
    ),
    tipps=[
        "Wie viel muss ein seltener Tag zählen, damit alle Klassen zusammen gleich viel zählen?",
        "1 / counts gleicht ganz aus, die Wurzel davon ist vorsichtiger. enumerate zählt mit.",
        "ratio = counts.sum() / (len(counts) * counts); class_weight = dict(enumerate(…))",
    ],
)

# %% Training: zweimal dasselbe Netz, einmal ohne und einmal mit deinen Gewichten
plain, outputs, predictions = ..., [], {}
if ok_features and ok_weights:
    scaler = StandardScaler().fit(numbers)  # nur aus dem Training
    x_train, x_test = scaler.transform(numbers), scaler.transform(np.asarray(f_test, float))
    for name, weights in [("mit Gewichten", class_weight), ("ohne Gewichte", None)]:
        keras.utils.set_random_seed(SEED)
        plain = attempt(train, x_train, y_train, weights)
        output = attempt(lambda model: model.predict(x_test, verbose=0), plain)
        if np.shape(output) == (len(y_test), len(counts)):
            outputs.append(output)
            predictions[name] = output.argmax(axis=1)
else:
    print("  Trainiert wird, sobald Aufgabe 2 und 3 stimmen.")
ok_model = pruefe.erwarte(
    "Aufgabe 4",
    plain,
    (lambda answer: not isinstance(answer, Exception), describe),
    (lambda m: isinstance(m, keras.Model), "train gibt kein Modell zurück. Fehlt return?"),
    (
        lambda _: len(outputs) == 2 and np.allclose(outputs[0].sum(axis=1), 1, atol=0.01),
        f"Je Tag sollen es {len(counts)} Wahrscheinlichkeiten sein. Passt die letzte Schicht?",
    ),
    (
        lambda m: "val_loss" in m.history.history,
        "Ohne Validierung weiß Early Stopping nicht, wann Schluss ist: Es fehlt validation_split.",
    ),
    (
        lambda _: not np.allclose(*outputs, atol=1e-6),
        "Mit und ohne Gewichte kommt dasselbe heraus: class_weight kommt bei model.fit nicht an.",
    ),
    tipps=[
        "Wie viele Eingänge und Ausgänge braucht das Netz, und was gehört zu model.fit?",
        "model.fit hat validation_split, callbacks und class_weight; demo_early_stopping.py.",
        "model = …; model.compile(…); model.fit(…, class_weight=class_weight); return model",
    ],
)

# %% Konfusionsmatrix: Zeile = richtig, Spalte = Vorhersage
matrix = np.eye(len(counts), dtype=int)  # Platzhalter, bis trainiert ist
macro_f1 = {name: f1_score(y_test, p, average="macro") for name, p in predictions.items()}
if ok_model:
    figure, axes = plt.subplots(1, 2, figsize=(13, 6), layout="tight")
    for axis, (name, prediction) in zip(axes[::-1], predictions.items()):
        score = f"Accuracy {np.mean(prediction == y_test):.3f}, Macro-F1 {macro_f1[name]:.3f}"
        print(f"  {name}: {score}")
        matrix = confusion_matrix(y_test, prediction)  # am Ende die des Netzes ohne Gewichte
        plot = ConfusionMatrixDisplay(matrix, display_labels=class_names)
        plot.plot(ax=axis, cmap="Blues", colorbar=False)
        axis.set(title=f"{name}\n{score}", xlabel="Vorhersage", ylabel="richtig")
    figure.suptitle("Was neben der Diagonale steht, ist verwechselt")
    plt.show()

# %% Aufgabe 5: Lies die Matrix „ohne Gewichte“ (oder rechne mit matrix)
# ▼ AUFGABE 5: Welche Klasse wird am schlechtesten gefunden, und wofür wird sie meist gehalten?
lost = ...
taken_for = ...
# ▲

# ▼ AUFGABE 6: Holt das Netz mit Gewichten "bronze", "silber", "gold"? Verbessere Aufgabe 2 bis 4.
goal = ...
# ▲

# %% Prüfung von Aufgabe 5 und 6
recall = dict(zip(class_names, matrix.diagonal() / matrix.sum(axis=1)))
wrong = dict(zip(class_names, matrix - np.diag(matrix.diagonal())))  # Zeilen ohne das Richtige
pruefe.erwarte(
    "Aufgabe 5",
    (lost, taken_for) if ok_model else ...,
    (lambda a: set(a) <= set(class_names), f"Gesucht sind zwei Namen aus {class_names}."),
    (
        lambda a: recall[a[0]] == min(recall.values()),
        lambda a: f"Von {a[0]} wird ein Anteil von {recall[a[0]]:.2f} gefunden, eine andere Klasse "
        "hat weniger. Teile die Diagonale durch die Summe ihrer Zeile.",
    ),
    (
        lambda a: wrong[a[0]][class_names.index(a[1])] == max(wrong[a[0]]),
        lambda a: f"Für {a[1]} wird {a[0]} nicht am häufigsten gehalten. Suche in der Zeile {a[0]} "
        "neben der Diagonale; jede Spalte ist eine Vorhersage.",
    ),
    tipps=[
        "In welcher Zeile steht der kleinste Anteil auf der Diagonale? Wo steht dort das meiste?",
        "Recall: matrix.diagonal() / matrix.sum(axis=1); argmin und argmax nennen die Nummer.",
        "row = int((matrix.diagonal() / …).argmin()); lost = class_names[row]; taken_for = …",
    ],
)
pruefe.erwarte(
    "Aufgabe 6",
    goal if ok_model else ...,
    (lambda goal: goal in thresholds, f"goal soll eines von {list(thresholds)} sein."),
    (
        lambda goal: macro_f1["mit Gewichten"] >= thresholds[goal],
        lambda goal: f"Für {goal} braucht es {thresholds[goal]}, dein Netz hat "
        f"{macro_f1['mit Gewichten']:.3f} (ohne Gewichte {macro_f1['ohne Gewichte']:.3f}).",
    ),
    tipps=[
        "Was weißt du über das Wetter, das noch keine Spalte sagt? Sind die Gewichte zu stark?",
        "Eigene Spalten (np.log1p, Differenzen), Wurzel der Gewichte, Dropout, mehr Geduld.",
        "span=days['temp_max'] - days['temp_min'], …; class_weight = dict(enumerate(np.sqrt(…)))",
    ],
)
pruefe.fortschritt()

# %% Was man sieht
# Ohne Gewichte nennt das Netz Seltenes fast nie, und die Accuracy merkt es nicht. Mit Gewichten
# findet es mehr davon (Recall) und schlägt öfter falsch Alarm. In Seattle hat der Test nur neun
# Schneetage: Ein Tag mehr oder weniger richtig, und der Macro-F1 springt.
