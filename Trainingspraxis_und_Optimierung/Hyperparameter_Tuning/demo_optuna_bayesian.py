"""Optuna: Grid, Random und Bayesian Search mit demselben Budget.

Kapitel   5.30 Trainingspraxis und Optimierung · Hyperparameter-Tuning
Folie     Code Demo: Nutzung von Optuna für Bayesian Optimization
Lernziel  Drei Suchverfahren mit demselben Code benutzen und fair vergleichen
Laufzeit  ca. 20 s (2 CPU-Kerne)
Daten     Fashion-MNIST
Erwartet  bestes_grid 0.72–0.77, bestes_random 0.71–0.79, bestes_tpe 0.73–0.79,
          mittel_grid 0.2–0.36, mittel_random 0.35–0.55, mittel_tpe 0.5–0.74, test 0.72–0.8
Original  bestes_grid 0.76–0.81, bestes_random 0.75–0.83, bestes_tpe 0.76–0.84,
          mittel_grid 0.22–0.37, mittel_random 0.38–0.7, mittel_tpe 0.45–0.82, test 0.77–0.82

Gesucht: Lernrate, Zahl der Schichten und Dropout-Rate eines MLP. Das Netz steht hier in PyTorch,
weil so ein Versuch nur Bruchteile einer Sekunde dauert; mit Keras ginge alles genauso.
"""

# %% Stellschrauben: hier live drehen
N_TRIALS = 27  # Test: 3
EPOCHS = 8  # Test: 1
N_TRAIN = 2_000  # Test: 200
LEARNING_RATE_RANGE = (0.0001, 1.0)
LAYERS_RANGE = (1, 3)
DROPOUT_RANGE = (0.0, 0.6)
SEED = 42

# %% Bibliotheken laden
from kurs import ergebnis
from kurs.bilder import fashion_mnist

import matplotlib.pyplot as plt
import numpy as np
import optuna
import torch
from torch import nn

optuna.logging.set_verbosity(optuna.logging.WARNING)  # sonst eine Zeile je Versuch
torch.set_num_threads(1)  # das Netz ist klein: Ein Kern genügt

# %% Daten: trainieren, auswählen (Validierung), am Ende einmal ehrlich prüfen (Test)
(x, y), (x_test, y_test) = fashion_mnist.load_data()
x, x_test = [torch.tensor(images).flatten(1) / 255 for images in (x, x_test)]
y, y_test = [torch.tensor(labels).long() for labels in (y, y_test)]
x_valid, y_valid = x[-2_000:], y[-2_000:]
x_train, y_train = x[:-2_000][:N_TRAIN], y[:-2_000][:N_TRAIN]


# %% Ein Training mit gegebenen Hyperparametern
def train(learning_rate, n_layers, dropout):
    torch.manual_seed(SEED)
    layers, width = [], 28 * 28
    for _ in range(n_layers):
        layers += [nn.Linear(width, 64), nn.ReLU(), nn.Dropout(dropout)]
        width = 64
    model = nn.Sequential(*layers, nn.Linear(width, 10))
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate, momentum=0.9)
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(x_train)).split(64):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(x_train[batch]), y_train[batch]).backward()
            optimizer.step()
    return model.eval()


def accuracy(model, x, y):
    with torch.no_grad():
        return float((model(x).argmax(1) == y).float().mean())


# %% Ein Versuch (Trial): Optuna schlägt Hyperparameter vor und bekommt die Genauigkeit zurück
def objective(trial):
    model = train(
        learning_rate=trial.suggest_float("learning_rate", *LEARNING_RATE_RANGE, log=True),
        n_layers=trial.suggest_int("n_layers", *LAYERS_RANGE),
        dropout=trial.suggest_float("dropout", *DROPOUT_RANGE),
    )
    return accuracy(model, x_valid, y_valid)


# %% Drei Suchverfahren, dasselbe Budget
low, high = LEARNING_RATE_RANGE
grid = {
    "learning_rate": np.clip(np.geomspace(low, high, 3), low, high).tolist(),
    "n_layers": list(range(LAYERS_RANGE[0], LAYERS_RANGE[1] + 1)),
    "dropout": np.linspace(*DROPOUT_RANGE, 3).tolist(),
}
samplers = {
    "Grid": optuna.samplers.GridSampler(grid, seed=SEED),  # bis alle Punkte probiert sind
    "Random": optuna.samplers.RandomSampler(seed=SEED),
    "TPE": optuna.samplers.TPESampler(seed=SEED, n_startup_trials=8),  # 8 zufällig, dann gezielt
}
studies, late_mean = {}, {}
print(f"\nGenauigkeit auf der Validierung nach {EPOCHS} Epochen:")
for name, sampler in samplers.items():
    study = optuna.create_study(direction="maximize", sampler=sampler)
    study.optimize(objective, n_trials=N_TRIALS)
    values = [trial.value for trial in study.trials]
    studies[name], late_mean[name] = study, np.mean(values[len(values) // 2 :])
    rates = {trial.params["learning_rate"] for trial in study.trials}
    print(f"  {name:6} {len(values)} Versuche mit {len(rates)} verschiedenen Lernraten:", end=" ")
    print(f"bester {study.best_value:.3f}, zweite Hälfte im Mittel {late_mean[name]:.3f}")

# %% Bild: Wo hat jedes Verfahren gesucht?
figure, axes = plt.subplots(1, 3, figsize=(14, 5), sharex=True, sharey=True)
for axis, (name, study) in zip(axes, studies.items()):
    trials = study.trials
    points = axis.scatter(
        [trial.params["learning_rate"] for trial in trials],
        [trial.params["dropout"] for trial in trials],
        c=[trial.value for trial in trials],
        s=90, cmap="cividis", vmin=0.1, vmax=0.8, edgecolors="black",
    )
    axis.set(xscale="log", xlabel="Lernrate (log)", title=f"{name}: bester {study.best_value:.3f}")
axes[0].set_ylabel("Dropout-Rate")
figure.colorbar(points, ax=axes, label="Genauigkeit (Validierung)")
plt.show()

# %% Was man sieht
# Die Genauigkeit hängt vor allem an der Größenordnung der Lernrate. Grid kennt davon nur drei (und
# seine Punkte mit verschiedener Schichtzahl liegen im Bild übereinander). Random probiert in jedem
# Versuch eine andere. TPE schätzt aus den bisherigen Versuchen, wo gute liegen, und sucht dort
# weiter; ob das gelingt, zeigt die zweite Hälfte der Versuche. Der allerbeste Versuch ist bei so
# kleinem Budget auch Glückssache.
print(f"\nDie besseren Versuche macht in der zweiten Hälfte: {max(late_mean, key=late_mean.get)}")
winner = max(studies, key=lambda name: studies[name].best_value)
test = accuracy(train(**studies[winner].best_params), x_test, y_test)
print(f"Ausgewählt ist der beste Versuch von {winner}. Auf den Testdaten: {test:.3f}")
print("Die Validierung war zum Auswählen da; ehrlich ist erst diese Zahl.")
ergebnis(
    bestes_grid=studies["Grid"].best_value,
    bestes_random=studies["Random"].best_value,
    bestes_tpe=studies["TPE"].best_value,
    mittel_grid=late_mean["Grid"],
    mittel_random=late_mean["Random"],
    mittel_tpe=late_mean["TPE"],
    test=test,
)
