"""Under- und Overfitting: dieselben Punkte, drei Kurven, und warum die mittlere gewinnt.

Kapitel   1.90 Grundlagen des Deep Learning · Evaluation und Visualisierung
Folie     Overfitting, Underfitting und Bias-Variance Tradeoff
Lernziel  Bias und Varianz mit eigenen Augen sehen und den Bereich der besten Komplexität finden
Laufzeit  ca. 4 s (2 CPU-Kerne)
Daten     verrauschte Sinuskurve, selbst gewürfelt
Erwartet  bester_grad 3–6, testfehler_grad_1 0.33–0.45, testfehler_bester 0.08–0.12,
          varianz_grad_1 0.015–0.05, varianz_grad_10 0.1–2

Ein Polynom vom Grad 1 ist eine Gerade; je höher der Grad, desto biegsamer. Der Grad spielt hier die
Rolle, die bei neuronalen Netzen die Zahl der Neuronen spielt.
"""

# %% Stellschrauben: hier live drehen
N_POINTS = 18
NOISE = 0.25
DEGREES = (1, 4, 10)  # zu einfach, passend, zu biegsam
MAX_DEGREE = 12
REPETITIONS = 200  # Test: 20
SEED = 42

# %% Bibliotheken laden
from kurs import ergebnis

import matplotlib.pyplot as plt
import numpy as np
from numpy.polynomial import Chebyshev

random = np.random.default_rng(SEED)


# %% Die Wahrheit, und was man von ihr misst
def truth(x):
    return np.sin(2.2 * np.pi * x)


def sample(n):
    """n Messpunkte: zufällige Stellen, Sinus plus Messrauschen."""
    x = np.sort(random.uniform(0, 1, n))
    return x, truth(x) + random.normal(0, NOISE, n)


x_train, y_train = sample(N_POINTS)
x_test, y_test = sample(500)
grid = np.linspace(0, 1, 200)


def mean_squared_error(curve, x, y):
    return float(np.mean((curve(x) - y) ** 2))


# %% Drei Modelle auf denselben Punkten
figure, axes = plt.subplots(1, 3, figsize=(15, 4.6), sharey=True)
for axis, degree, name in zip(axes, DEGREES, ("Underfitting", "gut", "Overfitting")):
    curve = Chebyshev.fit(x_train, y_train, degree, domain=[0, 1])
    train_error = mean_squared_error(curve, x_train, y_train)
    test_error = mean_squared_error(curve, x_test, y_test)
    print(f"Grad {degree:2}: Fehler Training {train_error:.3f}, Test {test_error:.3f}   ({name})")
    axis.scatter(x_train, y_train, color="black", zorder=3, label="Trainingspunkte")
    axis.plot(grid, truth(grid), ":", color="tab:gray", linewidth=2, label="Wahrheit")
    axis.plot(grid, curve(grid), color="tab:orange", linewidth=2, label="Modell")
    axis.set(ylim=(-2, 2), xlabel="x", title=f"Grad {degree}: {name}\nTest-MSE {test_error:.2f}")
axes[0].set_ylabel("y")
axes[0].legend(loc="lower left", fontsize=11)
plt.show()

# %% Training gegen Test für jeden Grad: die U-Kurve
# Über viele Wiederholungen gemittelt, damit nicht ein glücklicher Wurf entscheidet.
degrees = np.arange(1, MAX_DEGREE + 1)
train_errors, test_errors = np.zeros((2, REPETITIONS, len(degrees)))
curves = {degree: [] for degree in DEGREES}
for repetition in range(REPETITIONS):
    x_new, y_new = sample(N_POINTS)
    for i, degree in enumerate(degrees):
        curve = Chebyshev.fit(x_new, y_new, degree, domain=[0, 1])
        train_errors[repetition, i] = mean_squared_error(curve, x_new, y_new)
        test_errors[repetition, i] = mean_squared_error(curve, x_test, y_test)
        if degree in curves:
            curves[degree].append(curve(grid))
train_error, test_error = np.median(train_errors, axis=0), np.median(test_errors, axis=0)
best_degree = int(degrees[test_error.argmin()])
print(f"\nMittlerer Testfehler (Median aus {REPETITIONS} Würfen): am kleinsten bei Grad {best_degree}")

# %% Bias und Varianz: 200 Modelle desselben Grades, jedes auf anderen Punkten
# Bias²: Wie weit liegt das mittlere Modell von der Wahrheit? Varianz: Wie weit liegt ein Modell
# typischerweise vom mittleren Modell? (Mediane, weil einzelne Ausreißer sonst alles bestimmen.)
figure, axes = plt.subplots(1, 4, figsize=(18, 4.6), width_ratios=[1, 1, 1, 1.3])
variance, inner = {}, (grid > 0.05) & (grid < 0.95)
for axis, degree in zip(axes, DEGREES):
    many = np.array(curves[degree])
    mean = np.median(many, axis=0)
    bias_squared = float(np.mean((mean - truth(grid))[inner] ** 2))
    variance[degree] = float(np.median(np.mean((many - mean)[:, inner] ** 2, axis=1)))
    print(f"Grad {degree:2}: Bias² {bias_squared:.3f}, Varianz {variance[degree]:.3f}")
    axis.plot(grid, many[:40].T, color="tab:orange", alpha=0.2)
    axis.plot(grid, mean, color="tab:red", linewidth=2.5, label="mittleres Modell")
    axis.plot(grid, truth(grid), ":", color="black", linewidth=2, label="Wahrheit")
    axis.set(ylim=(-2, 2), xlabel="x", title=f"Grad {degree}: Bias² {bias_squared:.2f}, Varianz {variance[degree]:.2f}")
axes[0].legend(loc="lower left", fontsize=11)
axes[3].plot(degrees, train_error, "o--", label="Training")
axes[3].plot(degrees, test_error, "s-", label="Test")
axes[3].axvline(best_degree, color="tab:gray", linestyle=":")
axes[3].set(yscale="log", xlabel="Grad (Komplexität)", ylabel="MSE (log)", title="links Under-, rechts Overfitting")
axes[3].legend()
plt.show()

# %% Was man sieht
# Grad 1: Alle Modelle sind sich einig und alle falsch (hoher Bias, kleine Varianz). Grad 10: Jedes
# Modell sieht anders aus, im Mittel stimmen sie ungefähr (kleiner Bias, hohe Varianz). Der Trainings-
# fehler sinkt mit dem Grad immer weiter und sagt deshalb nichts; der Testfehler hat ein Minimum.
ergebnis(
    bester_grad=best_degree,
    testfehler_grad_1=test_error[0],
    testfehler_bester=test_error.min(),
    varianz_grad_1=variance[DEGREES[0]],
    varianz_grad_10=variance[DEGREES[2]],
)
