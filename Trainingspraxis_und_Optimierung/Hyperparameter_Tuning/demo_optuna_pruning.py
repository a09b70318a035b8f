"""Optuna: aussichtslose Versuche früh beenden, die Suche sichern, fortsetzen und teilen.

Kapitel   5.35 Trainingspraxis und Optimierung · Hyperparameter-Tuning
Folie     Code Demo: Nutzung von Optuna für Bayesian Optimization
Lernziel  Mit Pruning Rechenzeit sparen; eine Suche so ablegen, dass sie jederzeit weitergehen kann
Laufzeit  ca. 9 s (2 CPU-Kerne)
Daten     Fashion-MNIST
Erwartet  beste_validierung 0.75–0.81, anteil_epochen 0.25–0.8, test 0.73–0.81
Original  beste_validierung 0.76–0.84, anteil_epochen 0.25–0.85, test 0.73–0.83

Die Studie liegt in einer SQLite-Datei. Jedes Programm, das sie öffnet, arbeitet an derselben Suche:
Starte dieses Skript ein zweites Mal, nacheinander oder gleichzeitig, und die Studie wächst weiter.
"""

# %% Stellschrauben: hier live drehen
N_TRIALS = 40  # Test: 4; so viele neue Versuche je Start
EPOCHS = 8  # Test: 2
N_TRAIN = 2_000  # Test: 200
LEARNING_RATE_RANGE = (0.0001, 1.0)
DROPOUT_RANGE = (0.0, 0.6)
SEED = 42

# %% Bibliotheken laden
import warnings

from kurs import ausgabe_ordner, ergebnis
from kurs.bilder import fashion_mnist

import matplotlib.pyplot as plt
import optuna
import optuna.visualization.matplotlib as optuna_plots
import torch
from optuna.trial import TrialState
from torch import nn

optuna.logging.set_verbosity(optuna.logging.WARNING)  # sonst eine Zeile je Versuch
torch.set_num_threads(1)  # das Netz ist klein: Ein Kern genügt

# %% Daten: trainieren, auswählen (Validierung), am Ende einmal ehrlich prüfen (Test)
(x, y), (x_test, y_test) = fashion_mnist.load_data()
x, x_test = [torch.tensor(images).flatten(1) / 255 for images in (x, x_test)]
y, y_test = [torch.tensor(labels).long() for labels in (y, y_test)]
x_valid, y_valid = x[-2_000:], y[-2_000:]
x_train, y_train = x[:-2_000][:N_TRAIN], y[:-2_000][:N_TRAIN]


def accuracy(model, x, y):
    model.eval()
    with torch.no_grad():
        return float((model(x).argmax(1) == y).float().mean())


# %% Ein Versuch meldet nach jeder Epoche seinen Zwischenstand
def train(trial):
    learning_rate = trial.suggest_float("learning_rate", *LEARNING_RATE_RANGE, log=True)
    dropout = trial.suggest_float("dropout", *DROPOUT_RANGE)
    torch.manual_seed(SEED)
    layers = [nn.Linear(28 * 28, 64), nn.ReLU(), nn.Dropout(dropout), nn.Linear(64, 10)]
    model = nn.Sequential(*layers)
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate, momentum=0.9)
    for epoch in range(1, EPOCHS + 1):
        model.train()
        for batch in torch.randperm(len(x_train)).split(64):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(x_train[batch]), y_train[batch]).backward()
            optimizer.step()
        trial.report(accuracy(model, x_valid, y_valid), step=epoch)  # melden …
        if trial.should_prune():  # … und aufhören, wenn es aussichtslos ist
            raise optuna.TrialPruned()
    return model


def objective(trial):
    return accuracy(train(trial), x_valid, y_valid)


# %% Die Studie: Gibt es sie in der Datei schon, geht es dort weiter
def open_study():
    study = optuna.create_study(
        # wer anders sucht, beginnt eine andere Studie
        study_name=f"{len(x_train)}, {EPOCHS}, {LEARNING_RATE_RANGE}, {DROPOUT_RANGE}",
        storage=f"sqlite:///{(ausgabe_ordner() / 'studie.db').as_posix()}",
        load_if_exists=True,
        direction="maximize",
        # schlechter als die Hälfte der fertigen Versuche: aufhören, auch schon nach einer Epoche
        pruner=optuna.pruners.MedianPruner(n_startup_trials=5),
    )
    # immer ein anderer Seed, sonst schlüge jeder Start dieselben Versuche vor
    study.sampler = optuna.samplers.TPESampler(seed=SEED + len(study.trials))
    return study


# %% Die halbe Suche, dann fällt der Strom aus, dann geht es weiter
study = open_study()
print(f"\nVersuche, die schon in der Studie sind: {len(study.trials)}")
study.optimize(objective, n_trials=N_TRIALS // 2)
del study  # alles weg, bis auf die Datei
study = open_study()
print(f"Wieder geöffnet, Versuche: {len(study.trials)}. Weiter …")
study.optimize(objective, n_trials=N_TRIALS - N_TRIALS // 2)

# %% Was hat das Pruning gespart?
trials = study.get_trials(states=[TrialState.COMPLETE, TrialState.PRUNED])
n_pruned = sum(trial.state == TrialState.PRUNED for trial in trials)
used = sum(len(trial.intermediate_values) for trial in trials)
print(f"Versuche: {len(trials)}, davon abgebrochen: {n_pruned}.", end=" ")
print(f"Gerechnet sind {used} Epochen statt {len(trials) * EPOCHS}.")
print(f"Bester Versuch (Validierung): {study.best_value:.3f} mit {study.best_params}")
test = accuracy(train(optuna.trial.FixedTrial(study.best_params)), x_test, y_test)
print(f"Noch einmal trainiert, auf den Testdaten: {test:.3f}")

# %% Bild: jeder Versuch eine Kurve
figure, axis = plt.subplots()
for trial in trials:
    color = "C1" if trial.state == TrialState.PRUNED else "C0"
    values = trial.intermediate_values  # Epoche → Genauigkeit
    axis.plot(list(values), list(values.values()), "o-", color=color, alpha=0.6)
axis.set(title="Welche Versuche wurden abgebrochen? (orange)", xlabel="Epoche")
axis.set_ylabel("Genauigkeit (Validierung)")
plt.show()

# %% Optunas eigene Plots: je ein Aufruf (die Fassung für matplotlib heißt noch experimentell)
warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)
axis = optuna_plots.plot_optimization_history(study)
axis.set(title="Der Verlauf der Suche", xlabel="Nummer des Versuchs", ylabel="Genauigkeit")
axis.legend(["Versuch", "bisher bester"])
plt.show()

# %% Was man sieht
# Abgebrochen wird, wer nach irgendeiner Epoche unter dem Median der fertigen Versuche liegt; die
# ersten fünf laufen durch. So passen mehr Versuche in dieselbe Rechenzeit. Stürzt ein Programm ab,
# bleibt sein Versuch als „läuft“ stehen; RDBStorage(…, heartbeat_interval=60) räumt solche auf.
ergebnis(
    beste_validierung=study.best_value,
    anteil_epochen=used / (len(trials) * EPOCHS),
    test=test,
)
