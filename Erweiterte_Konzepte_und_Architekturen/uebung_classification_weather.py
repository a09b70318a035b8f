"""Übung Wetter: Erkenne Wettertage, auch die seltenen.

Kapitel   2.100 Erweiterte Konzepte und Architekturen · Abschlussübung
Folie     Übung: Erstelle eine Klassifikation für Wettertage
Lernziel  Unausgewogene Klassen erkennen, richtig messen (Macro-F1, Konfusionsmatrix) und gewichten
Laufzeit  ca. 10 s (2 CPU-Kerne)
Daten     Wetter: 1.461 Tage aus Seattle (Paket vega_datasets), oder weatherAUS.csv im Ordner data

Manche Klassen sind selten, und wer sie nie nennt, hat trotzdem meist recht. Deshalb zählt hier der
Macro-F1: der Mittelwert der F1-Werte aller Klassen, jede gleich viel. Medaillen gibt es auf der
Validierung. Von einem Fünftel der Tage bleiben die Messwerte bis zum Schluss im Umschlag.

Ersetze zwischen ▼ und ▲ das `...` durch deine Antwort; beim Start steht darunter, ob sie stimmt.
"""

# %% Stellschrauben: Bronze, Silber und Gold sind Werte von Macro-F1 auf der Validierung
MEDALS = (0.42, 0.5, 0.54)  # Test: (0.05, 0.06, 0.07)
MEDALS_ORIGINAL = (0.7, 0.735, 0.75)  # Test: (0.05, 0.06, 0.07)
MAX_EPOCHS = 80  # Test: 2
N_DAYS = 20_000  # so viele der australischen Tage genügen
TIPPS = 1  # je Aufgabe: 0 keine Tipps, 1 eine Frage, 2 auch wo es steht, 3 auch ein Gerüst
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
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
days, weather = wettertage()  # Klasse in Australien: Regnet es morgen?
if not originale_benutzt():
    print(pd.crosstab(days["date"].dt.year, weather, rownames=["Jahr"], colnames=[""]))
    print("2012 heißen nasse Tage meist rain, 2014 meist fog. Das Wetter war nicht anders, nur")
    print("die Aufzeichnung; aus Messwerten kann das kein Modell wissen. Hier sind beide rain.\n")
days = days.sample(min(N_DAYS, len(days)), random_state=SEED)
y, names = pd.factorize(weather[days.index].replace({"fog": "rain"}), sort=True)
class_names = list(names)
medals = MEDALS_ORIGINAL if originale_benutzt() else MEDALS
thresholds = dict(zip(("bronze", "silber", "gold"), medals))

# %% Aufteilen, jede Klasse mit demselben Anteil: 50 % Training, 30 % Validierung, 20 % Umschlag
def split(rows, share):
    return train_test_split(rows, test_size=share, stratify=y[rows], random_state=SEED)
rows_rest, rows_test = split(np.arange(len(y)), 0.2)
rows_train, rows_val = split(rows_rest, 0.375)
y_train, y_val, y_test = y[rows_train], y[rows_val], y[rows_test]
days = days.fillna(days.iloc[rows_train].median(numeric_only=True))  # Lücken füllen
days_train, days_val = days.iloc[rows_train], days.iloc[rows_val]
counts = np.bincount(y_train)
print("Spalten:", *days.columns, "\nTrainingstage:", dict(zip(class_names, counts.tolist())))
print("Medaillen für Macro-F1 auf der Validierung ab", thresholds)

# ▼ AUFGABE 1: Wie gut ist, wer jeden Tag dasselbe sagt, nämlich die häufigste Klasse von y_train?
# Berechne Genauigkeit und Macro-F1 dieser Antwort auf y_test: Das gilt es am Ende zu schlagen.
naive_accuracy = ...
naive_macro_f1 = ...
# ▲
pruefe(1, naive_accuracy, naive_macro_f1)

# ▼ AUFGABE 2: Gib eine Tabelle nur aus Zahlen zurück: Messwerte, die Jahreszeit und was dir hilft.
def features(days):
    return ...
# ▲
if pruefe(2, features):
    x_train, x_val = (np.asarray(features(d.copy()), float) for d in (days_train, days_val))
    scaler = StandardScaler().fit(x_train)  # nur aus dem Training
    x_train, x_val = scaler.transform(x_train), scaler.transform(x_val)

# ▼ AUFGABE 3: Baue ein dict Klasse → Gewicht: Ein Fehler in einer seltenen Klasse soll mehr kosten.
# counts zählt die Trainingstage je Klasse; die Klassen heißen wie in y_train 0, 1, …
class_weight = ...
# ▲
pruefe(3, class_weight)

# ▼ AUFGABE 4: Baue, kompiliere und trainiere ein Netz (Validierung, Early Stopping, verbose=0,
# höchstens MAX_EPOCHS Epochen); gib es zurück. class_weight ist einmal deines und einmal None.
def train(x_train, y_train, class_weight):
    return ...
# ▲
if pruefe(4, train):
    models, macro_f1 = {}, {}
    figure, axes = plt.subplots(1, 2, figsize=(13, 6))
    for axis, name, weights in zip(axes[::-1], ("mit", "ohne"), (class_weight, None)):
        keras.utils.set_random_seed(SEED)
        models[name] = train(x_train, y_train, weights)
        answer = models[name].predict(x_val, verbose=0).argmax(axis=1)
        macro_f1[name] = f1_score(y_val, answer, average="macro")
        score = f"Genauigkeit {np.mean(answer == y_val):.3f}, Macro-F1 {macro_f1[name]:.3f}"
        print(f"{name} class_weight: {score}")
        matrix = confusion_matrix(y_val, answer)  # zuletzt ohne Gewichte; Zeile = richtig
        plot = ConfusionMatrixDisplay(matrix, display_labels=class_names)
        plot.plot(ax=axis, cmap="Blues", colorbar=False)
        axis.set(title=f"{name} class_weight\n{score}", xlabel="Vorhersage", ylabel="richtig")
    plt.show()

# ▼ AUFGABE 5: Lies die Matrix ohne Gewichte (oder rechne mit matrix): Welche Klasse wird am
# schlechtesten gefunden, und wofür wird sie meist gehalten?
lost = ...
taken_for = ...
# ▲
pruefe(5, lost, taken_for)

# ▼ AUFGABE 6: Holt das Netz mit Gewichten "bronze", "silber", "gold"? Verbessere Aufgabe 2 bis 4.
goal = ...
# ▲
if pruefe(6, goal):  # jetzt erst wird der Umschlag geöffnet
    x_test = scaler.transform(np.asarray(features(days.iloc[rows_test].copy()), float))
    answer = models["mit"].predict(x_test, verbose=0).argmax(axis=1)
    test_f1 = f1_score(y_test, answer, average="macro")
    print(f"Macro-F1 auf der Validierung {macro_f1['mit']:.3f}, im Test {test_f1:.3f}")
# Beides streut: Von der seltensten Klasse liegt in Seattle nur eine Handvoll Tage im Umschlag.
