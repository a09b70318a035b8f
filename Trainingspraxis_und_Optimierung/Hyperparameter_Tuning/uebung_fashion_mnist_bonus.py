"""Bonus-Übung Fashion-MNIST: erst suchen, dann mit einem Schedule zu Ende trainieren.

Kapitel   5.110 Trainingspraxis und Optimierung · Hyperparameter-Tuning
Folie     Bonus Übung Fashion MNIST
Lernziel  Hyperparameter-Suche und Learning Rate Schedule verbinden und den Gewinn ehrlich messen
Laufzeit  ca. 60 s (2 CPU-Kerne)
Daten     Fashion-MNIST

Die Suche trainiert oft, aber kurz und auf wenigen Bildern. Der Gewinner darf dann lange lernen, mit
einer Rate, die ansteigt und wieder fällt. Die Testdaten kommen erst ganz am Ende dran.
Bearbeite nur, was zwischen ▼ und ▲ steht: Ersetze `...` durch deine Antwort und starte das Skript neu.
Unten steht danach zu jeder Aufgabe, ob sie stimmt, und wenn nicht, woran es liegt.
"""

# %% Stellschrauben
N_TRIALS = 10  # Test: 2
SEARCH_EPOCHS = 3  # Test: 1
N_SEARCH = 2_500  # Test: 128
FINAL_EPOCHS = 8  # Test: 2
N_FULL = 10_000  # Test: 640
MEDALS = {"Bronze": 0.86, "Silber": 0.89, "Gold": 0.91}
MINDESTENS = 0.86  # Test: 0.0; so gut soll das fertige Modell auf den Testdaten sein
TIPPS = 1  # je Aufgabe: 0 keine Tipps, 1 eine Frage, 2 auch wo es steht, 3 auch ein Gerüst
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
from kurs import pruefe
from kurs.bilder import fashion_mnist

import keras
import matplotlib.pyplot as plt
import numpy as np
import optuna
from keras.optimizers import schedules

optuna.logging.set_verbosity(optuna.logging.WARNING)

# %% Daten: Suche (wenige), Validierung, alles zum Trainieren, Test
(x_full, y_full), (x_test, y_test) = fashion_mnist.load_data()
x_valid, y_valid = x_full[-1500:, ..., None] / 255.0, y_full[-1500:]
x_full, y_full = x_full[:N_FULL, ..., None] / 255.0, y_full[:N_FULL]
x_search, y_search = x_full[:N_SEARCH], y_full[:N_SEARCH]
x_test, y_test = x_test[:2000, ..., None] / 255.0, y_test[:2000]
BATCH_SIZE = 64
FINAL_STEPS = FINAL_EPOCHS * int(np.ceil(len(x_full) / BATCH_SIZE))
print(f"Suche: {N_TRIALS} × {SEARCH_EPOCHS} Epochen mit {len(x_search)} Bildern")
print(f"Danach: {FINAL_EPOCHS} Epochen mit {len(x_full)} Bildern = {FINAL_STEPS} Schritte")


# %% Ein Training: Diese Funktion benutzt du in den Aufgaben
def train(filters, dropout, learning_rate, x=x_full, y=y_full, epochs=FINAL_EPOCHS):
    """Trainiert ein kleines CNN und gibt es zurück. `learning_rate`: eine Zahl oder ein Schedule."""
    keras.utils.set_random_seed(SEED)
    model = keras.Sequential(
        [
            keras.Input(shape=(28, 28, 1)),
            keras.layers.Conv2D(filters, 3, activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Conv2D(2 * filters, 3, activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Flatten(),
            keras.layers.Dropout(dropout),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=learning_rate),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    model.fit(x, y, epochs=epochs, batch_size=BATCH_SIZE, verbose=0)
    return model


def accuracy(model, x, y):
    return model.evaluate(x, y, batch_size=500, verbose=0)[1]


# %% Zum Vergleich: ein CNN ohne Suche und ohne Schedule
baseline = train(filters=8, dropout=0.0, learning_rate=0.001)
baseline_accuracy = accuracy(baseline, x_test, y_test)
print(f"Ohne Suche, Adam mit 0.001: {baseline_accuracy:.3f} auf den Testdaten")

# %% Was soll gesucht werden?
# ▼ AUFGABE 1: Eine Funktion suggest(trial), die ein dict mit learning_rate (0.0001 bis 0.1, logarithmisch),
# filters (8 bis 32, ganze Zahl) und dropout (0.0 bis 0.5) zurückgibt.
suggest = ...
# ▲

# %% Die Studie
# ▼ AUFGABE 2: Lege mit optuna.create_study eine Studie an. objective gibt eine Genauigkeit zurück!
study = ...
# ▲


def objective(trial):
    model = train(**suggest(trial), x=x_search, y=y_search, epochs=SEARCH_EPOCHS)
    return accuracy(model, x_valid, y_valid)


proposal, ranges = None, {}
if callable(suggest):  # ein Vorschlag zur Probe, ohne Training
    trial = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=SEED)).ask()
    proposal, ranges = suggest(trial), trial.distributions
is_complete = isinstance(proposal, dict) and set(proposal) == {"learning_rate", "filters", "dropout"}
is_searched = isinstance(study, optuna.Study) and is_complete and set(ranges) == set(proposal)
best = {"learning_rate": 0.003, "filters": 8, "dropout": 0.0}  # Platzhalter, bis die Suche läuft
if is_searched:
    study.optimize(objective, n_trials=N_TRIALS)
    best = study.best_params
    print(f"\nSuche: {study.best_value:.3f} auf der Validierung mit {best}")

# %% Der Schedule für das lange Training
warmup_steps = FINAL_STEPS // 10
peak = best["learning_rate"]

# ▼ AUFGABE 3: Ein Schedule für FINAL_STEPS Schritte: in warmup_steps von 0 auf peak, dann im Kosinus auf 0.
schedule = ...
# ▲

# %% Das lange Training
# ▼ AUFGABE 4: Trainiere mit den besten filters und dropout, deinem Schedule und allen Bildern (x_full).
final_model = ...
# ▲

# %% Erst jetzt die Testdaten
if isinstance(final_model, keras.Model):
    final_accuracy = accuracy(final_model, x_test, y_test)
    medals = [name for name, limit in MEDALS.items() if final_accuracy >= limit]
    medal = medals[-1] if medals else "noch keine Medaille"
    print(f"\nMit Suche und Schedule: {final_accuracy:.3f} auf den Testdaten: {medal}")

# ▼ AUFGABE 5: Um wie viel ist das fertige Modell besser als das ohne Suche, ehrlich gemessen?
gain = ...
# ▲

# %% Bild: die Suche und der Fahrplan
if is_searched:
    figure, axes = plt.subplots(1, 2, figsize=(12, 5))
    rates = [trial.params["learning_rate"] for trial in study.trials]
    axes[0].scatter(rates, [trial.value for trial in study.trials], s=90)
    axes[0].set(xscale="log", xlabel="Lernrate (log)", ylabel="Genauigkeit (Validierung)")
    axes[0].set_title("Die Suche: Welche Lernrate trägt?")
    if isinstance(schedule, schedules.LearningRateSchedule):
        steps = np.linspace(0, FINAL_STEPS - 1, 60).astype(int)
        rates = [float(keras.ops.convert_to_numpy(schedule(step))) for step in steps]
        axes[1].plot(steps, rates, linewidth=2)
        axes[1].axhline(peak, color="black", linestyle=":", label="Rate aus der Suche")
        axes[1].legend()
    axes[1].set(xlabel="Schritt", ylabel="Lernrate", title="Der Fahrplan für das lange Training")
    plt.show()


# %% Prüfung (hier nichts ändern)
RANGES = {"learning_rate": (0.0001, 0.1), "filters": (8, 32), "dropout": (0.0, 0.5)}


def rate_at(step):
    return float(keras.ops.convert_to_numpy(schedule(step)))


pruefe.erwarte(
    "Aufgabe 1",
    suggest,
    (callable, "suggest soll eine Funktion sein, die einen trial bekommt."),
    (
        lambda function: isinstance(proposal, dict),
        "suggest gibt kein dict zurück. Fehlt das return?",
    ),
    (
        lambda function: is_complete and set(ranges) == set(proposal),
        lambda function: "Gesucht sind learning_rate, filters und dropout, im dict und im trial unter demselben "
        f"Namen; dein trial kennt {', '.join(sorted(ranges)) or 'nichts'}.",
    ),
    (
        lambda function: ranges["learning_rate"].log,
        "Die Lernrate wird gleichmäßig gezogen: Neun von zehn Versuchen lägen über 0.01. "
        "Größenordnungen sucht man logarithmisch.",
    ),
    (
        lambda function: isinstance(ranges["filters"], optuna.distributions.IntDistribution),
        "Eine Zahl von Filtern ist ganz: Es gibt für ganze Zahlen ein eigenes suggest_….",
    ),
    (
        lambda function: all((ranges[n].low, ranges[n].high) == RANGES[n] for n in RANGES),
        "Die Grenzen stimmen nicht überall. Vergleiche sie mit der Aufgabe.",
    ),
    tipps=[
        "Welche Methoden hat ein trial, um eine Kommazahl oder eine ganze Zahl vorzuschlagen?",
        "trial.suggest_float(name, von, bis, log=…) und trial.suggest_int(name, von, bis).",
        'def suggest(trial):\n    return {"learning_rate": trial.suggest_float("learning_rate", …, …, log=…), …}',
    ],
)
pruefe.erwarte(
    "Aufgabe 2",
    study,
    (
        lambda study: study.direction == optuna.study.StudyDirection.MAXIMIZE,
        "Diese Studie sucht die KLEINSTE Genauigkeit: Ohne Angabe minimiert Optuna.",
    ),
    tipps=[
        "Ist eine hohe Genauigkeit gut oder schlecht, und woher weiß Optuna das?",
        "create_study hat die Argumente direction und sampler (TPESampler(seed=SEED) macht es wiederholbar).",
        "study = optuna.create_study(direction=…, sampler=optuna.samplers.TPESampler(seed=SEED))",
    ],
)
pruefe.erwarte(
    "Aufgabe 3",
    schedule if is_searched else ...,
    (
        lambda schedule: isinstance(schedule, schedules.LearningRateSchedule),
        "Gesucht ist ein Schedule aus keras.optimizers.schedules, keine Zahl.",
    ),
    (
        lambda schedule: rate_at(0) < 0.05 * peak,
        "In Schritt 0 ist die Rate schon hoch. Warm-up beginnt bei 0.",
    ),
    (
        lambda schedule: rate_at(FINAL_STEPS // 2) > 0.1 * peak,
        lambda schedule: f"Nach der Hälfte ist die Rate schon {rate_at(FINAL_STEPS // 2):.2g}. Ein Schedule "
        f"zählt Schritte, nicht Epochen: Es sind {FINAL_STEPS}.",
    ),
    (
        lambda schedule: abs(rate_at(warmup_steps) - peak) < 0.05 * peak,
        lambda schedule: f"Nach dem Warm-up soll die Rate {peak:.2g} sein, sie ist {rate_at(warmup_steps):.2g}.",
    ),
    (
        lambda schedule: rate_at(FINAL_STEPS) < 0.001 * peak,
        lambda schedule: f"Am Ende ist die Rate noch {rate_at(FINAL_STEPS):.2g}: decay_steps zählt erst ab "
        "dem Ende des Warm-ups.",
    ),
    tipps=[
        "Wie viele Schritte bleiben nach dem Warm-up?",
        "schedules.CosineDecay mit initial_learning_rate, decay_steps, warmup_target und warmup_steps.",
        "schedule = schedules.CosineDecay(0.0, FINAL_STEPS - …, warmup_target=…, warmup_steps=…)",
    ],
)
pruefe.erwarte(
    "Aufgabe 4",
    final_model if is_searched and schedule is not ... else ...,
    (lambda model: isinstance(model, keras.Model), "Gesucht ist das Modell, das train(…) liefert."),
    (
        # _learning_rate ist der Schedule selbst; learning_rate wäre nur sein Wert im letzten Schritt
        lambda model: isinstance(model.optimizer._learning_rate, schedules.LearningRateSchedule),
        "Dieses Modell hat mit einer festen Rate gelernt. train nimmt für learning_rate auch einen Schedule.",
    ),
    (
        lambda model: int(model.optimizer.iterations) == FINAL_STEPS,
        lambda model: f"Dieses Modell hat {int(model.optimizer.iterations)} Schritte gemacht, nicht "
        f"{FINAL_STEPS}: Es hat nicht alle Bilder oder nicht alle Epochen gesehen.",
    ),
    (
        lambda model: model.layers[0].filters == best["filters"]
        and abs(model.layers[5].rate - best["dropout"]) < 1e-6,
        "filters oder dropout sind nicht die aus der Suche; sie stehen in best.",
    ),
    (
        lambda model: final_accuracy >= MINDESTENS,
        lambda model: f"{final_accuracy:.3f} auf den Testdaten ist noch unter {MINDESTENS}. Dreh an der Suche: "
        "mehr Versuche (N_TRIALS), mehr Bilder (N_SEARCH).",
    ),
    tipps=[
        "Welche drei Argumente von train kommen aus der Suche und aus Aufgabe 3, welche sind schon voreingestellt?",
        "best ist ein dict: best[\"filters\"], best[\"dropout\"]. x, y und epochs sind voreingestellt.",
        "final_model = train(filters=best[…], dropout=best[…], learning_rate=…)",
    ],
)
pruefe.erwarte(
    "Aufgabe 5",
    gain if isinstance(final_model, keras.Model) and is_searched else ...,
    (
        lambda gain: not np.isclose(gain, study.best_value - baseline_accuracy)
        or np.isclose(study.best_value, final_accuracy),
        "study.best_value ist die Validierung, mit der ausgewählt wurde. Ehrlich ist nur der Test.",
    ),
    (
        lambda gain: not np.isclose(gain, baseline_accuracy - final_accuracy) or gain == 0,
        "Das Vorzeichen ist verkehrt: Gewinn heißt fertig minus vorher.",
    ),
    (
        lambda gain: np.isclose(gain, final_accuracy - baseline_accuracy),
        "Das passt nicht. Verglichen werden zwei Genauigkeiten auf denselben Testdaten.",
    ),
    tipps=[
        "Welche zwei Zahlen wurden beide auf x_test gemessen?",
        "final_accuracy und baseline_accuracy.",
        "gain = final_accuracy - …",
    ],
)
pruefe.fortschritt()

# %% Was man sieht
# Die Suche findet vor allem eine Lernrate in der richtigen Größenordnung; der Schedule holt den Rest, weil das
# Training leise ausläuft. Gesucht wurde mit wenigen Epochen: Was kurz gut ist, muss nicht lang gut sein.
# Zum Weiterspielen: N_TRIALS = 30, ein Pruner wie in demo_optuna_bayesian, die Spitze 2 * peak.
