"""Bonus-Übung Fashion-MNIST: erst suchen, dann mit einem Schedule zu Ende trainieren.

Kapitel   5.110 Trainingspraxis und Optimierung · Hyperparameter-Tuning
Folie     Bonus Übung Fashion MNIST
Lernziel  Hyperparameter-Suche und Learning Rate Schedule verbinden und den Gewinn ehrlich messen
Laufzeit  ca. 50 s (2 CPU-Kerne)
Daten     Fashion-MNIST

Die Suche trainiert oft, aber kurz und auf wenigen Bildern; der Gewinner darf lange lernen, mit
einer Rate, die ansteigt und wieder fällt. Gewählt wird auf der Validierung (den letzten 2.000
Trainingsbildern), die Testbilder kommen erst zu Aufgabe 5 aus dem Umschlag.

Ersetze zwischen ▼ und ▲ das `...` durch deine Antwort; beim Start steht darunter, ob sie stimmt.
"""

# %% Stellschrauben
N_TRIALS = 10  # Test: 2
SEARCH_EPOCHS = 3  # Test: 1
N_SEARCH = 2_500  # Test: 128
FINAL_EPOCHS = 8  # Test: 2
N_TRAIN = 10_000  # Test: 640
GOAL = 0.85  # Test: 0.0; so gut soll dein Modell auf der Validierung werden
TIPPS = 1  # je Aufgabe: 0 keine Tipps, 1 eine Frage, 2 auch wo es steht, 3 auch ein Gerüst
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
from kurs import projekt, pruefe
from kurs.bilder import fashion_mnist
from kurs.merken import gemerkt

import keras
import matplotlib.pyplot as plt
import numpy as np
import optuna
from keras.optimizers import schedules

optuna.logging.set_verbosity(optuna.logging.WARNING)

# %% Daten: Suche (wenige), alles zum Trainieren, Validierung. Der Test bleibt im Umschlag.
(x_full, y_full), _ = fashion_mnist.load_data()
x_full, y_full = (x_full[:N_TRAIN] / 255).astype("float32"), y_full[:N_TRAIN]
x_search, y_search = x_full[:N_SEARCH], y_full[:N_SEARCH]
x_valid, y_valid = projekt.validierung()
best_so_far, _ = projekt.bestes()
FINAL_STEPS = FINAL_EPOCHS * int(np.ceil(len(x_full) / 64))


# %% Ein Training (brauchst du in Aufgabe 4). learning_rate ist eine Zahl oder ein Schedule.
@gemerkt  # Was schon einmal lief, kommt beim nächsten Start von der Platte
def train(filters, dropout, learning_rate, x=x_full, y=y_full, epochs=FINAL_EPOCHS, seed=SEED):
    keras.utils.set_random_seed(seed)
    model = keras.Sequential([keras.Input((28, 28)), keras.layers.Reshape((28, 28, 1))])
    for n, pooling in ((filters, 3), (2 * filters, 2)):
        model.add(keras.layers.Conv2D(n, 3, activation="relu"))
        model.add(keras.layers.MaxPooling2D(pooling))
    model.add(keras.layers.Flatten())
    model.add(keras.layers.Dropout(dropout))
    model.add(keras.layers.Dense(10, activation="softmax"))
    model.compile(keras.optimizers.Adam(learning_rate), "sparse_categorical_crossentropy")
    model.fit(x, y, epochs=epochs, batch_size=64, verbose=0)
    return model


def accuracy(model, x, y):
    return float(np.mean(model.predict(x, batch_size=500, verbose=0).argmax(axis=1) == y))


@gemerkt
def score(params, x=x_search, y=y_search, epochs=SEARCH_EPOCHS, seed=SEED):
    return accuracy(train(**params, x=x, y=y, epochs=epochs, seed=seed), x_valid, y_valid)


best = {"learning_rate": 0.003, "filters": 8, "dropout": 0.0}  # Platzhalter, bis die Suche läuft

# %% Die Suche
# ▼ AUFGABE 1: Eine Funktion suggest(trial), die ein dict mit learning_rate (0.0001 bis 0.1,
# logarithmisch), filters (8 bis 32, ganze Zahl) und dropout (0.0 bis 0.5) zurückgibt.
def suggest(trial):
    return {
        "learning_rate": trial.suggest_float("learning_rate", 0.0001, 0.1, log=True),
        "filters": trial.suggest_int("filters", 8, 32),
        "dropout": trial.suggest_float("dropout", 0.0, 0.5),
    }
# ▲
can_search = pruefe(1, suggest)

# ▼ AUFGABE 2: Lege mit optuna.create_study eine Studie an. score gibt eine Genauigkeit zurück!
study = optuna.create_study(
    direction="maximize", sampler=optuna.samplers.TPESampler(seed=SEED)
)
# ▲
if pruefe(2, study) and can_search:
    study.optimize(lambda trial: score(suggest(trial)), n_trials=N_TRIALS)
    best = study.best_params
    print(f"Suche: {study.best_value:.3f} auf der Validierung mit {best}")
    figure, axis = plt.subplots()
    axis.scatter([t.params["learning_rate"] for t in study.trials], [t.value for t in study.trials])
    axis.set(xscale="log", xlabel="Lernrate (log)", ylabel="Genauigkeit (Validierung)")
    plt.show()

# %% Das lange Training
warmup_steps, peak = FINAL_STEPS // 10, best["learning_rate"]
# ▼ AUFGABE 3: Ein Schedule für FINAL_STEPS Schritte: in warmup_steps auf peak, im Kosinus auf 0.
schedule = schedules.CosineDecay(
    0.0, FINAL_STEPS - warmup_steps, warmup_target=peak, warmup_steps=warmup_steps
)
# ▲
pruefe(3, schedule)

# ▼ AUFGABE 4: Trainiere mit filters und dropout aus best, deinem Schedule und ganz x_full.
final_model = train(
    filters=best["filters"], dropout=best["dropout"], learning_rate=schedule
)
# ▲
x_test = y_test = baseline = final_accuracy = baseline_accuracy = ...
if pruefe(4, final_model):
    projekt.behalte(final_model, f"CNN aus der Suche {best}, Warm-up und Kosinus")
    baseline = train(filters=8, dropout=0.0, learning_rate=0.001)  # ohne Suche, ohne Schedule
    x_test, y_test = fashion_mnist.load_data()[1]  # der Umschlag wird geöffnet
    x_test = x_test / 255
    baseline_accuracy = accuracy(baseline, x_test, y_test)
    final_accuracy = accuracy(final_model, x_test, y_test)

# ▼ AUFGABE 5: Um wie viel ist final_model besser als baseline, ehrlich gemessen?
gain = final_accuracy - baseline_accuracy
# ▲
if pruefe(5, gain):
    for name, model in zip(("bisher", "baseline", "fertig"), (best_so_far, baseline, final_model)):
        on_valid, on_test = accuracy(model, x_valid, y_valid), accuracy(model, x_test, y_test)
        print(f"{name:8} Validierung {on_valid:.3f}, Testbilder {on_test:.3f}")
