"""Under- und Overfitting: dieselben Punkte, drei Kurven. Welche taugt für neue Punkte?

Kapitel   1.90 Grundlagen des Deep Learning · Evaluation und Visualisierung
Folie     Overfitting, Underfitting und Bias-Variance Tradeoff
Lernziel  Zu einfach, passend, zu biegsam: die Komplexität finden, die für neue Punkte am besten ist
Laufzeit  ca. 4 s (2 CPU-Kerne)
Daten     verrauschte Sinuskurve, selbst gewürfelt
Erwartet  bester_grad 3–6, fehler_grad_1 0.33–0.45, fehler_bester_grad 0.08–0.12

Ein Polynom vom Grad 1 ist eine Gerade; je höher der Grad, desto biegsamer. Der Grad spielt hier die
Rolle, die bei neuronalen Netzen die Zahl der Neuronen spielt. Woher der Fehler kommt, aus Bias oder
aus Varianz, zeigt demo_bias_varianz.
"""

# %% Stellschrauben: hier live drehen
N_POINTS = 18
NOISE = 0.25
DEGREES = (1, 4, 10)  # höchstens N_POINTS - 1: Mehr gibt die Zahl der Punkte nicht her
REPETITIONS = 200  # Test: 20
SEED = 42

# %% Bibliotheken laden
from kurs import ergebnis

import matplotlib.pyplot as plt
import numpy as np
from numpy.polynomial import Chebyshev
from sklearn.metrics import mean_squared_error

random = np.random.default_rng(SEED)


# %% Die Wahrheit, und was man von ihr misst
def truth(x):
    return np.sin(2.2 * np.pi * x)


def sample(n):
    """n Messpunkte: zufällige Stellen, Sinus plus Messrauschen."""
    x = np.sort(random.uniform(0, 1, n))
    return x, truth(x) + random.normal(0, NOISE, n)


def fit(x, y, degree):
    # full=True: keine Warnung, wenn die Punkte den Grad kaum noch bestimmen
    return Chebyshev.fit(x, y, degree, domain=[0, 1], full=True)[0]


x_train, y_train = sample(N_POINTS)
x_new, y_new = sample(500)  # neue Punkte: Sie zeigen, was eine Kurve taugt
grid = np.linspace(0, 1, 200)
shown = [degree for degree in DEGREES if degree < N_POINTS]
print(f"{N_POINTS} Trainingspunkte; gezeigt werden die Grade", *shown)

# %% Drei Modelle auf denselben Punkten
figure, axes = plt.subplots(1, len(shown), figsize=(13, 5), sharey=True, squeeze=False)
for axis, degree in zip(axes[0], shown):
    curve = fit(x_train, y_train, degree)
    train_error = mean_squared_error(y_train, curve(x_train))
    new_error = mean_squared_error(y_new, curve(x_new))
    print(f"Grad {degree:2}: MSE im Training {train_error:.3f}, auf neuen Punkten {new_error:.3f}")
    axis.scatter(x_train, y_train, color="black", zorder=3, label="Trainingspunkte")
    axis.plot(grid, truth(grid), ":", color="gray", label="Wahrheit")
    axis.plot(grid, curve(grid), color="tab:orange", label="Modell")
    axis.set(ylim=(-2, 2), xlabel="x")
    axis.set_title(f"Grad {degree}\nMSE Training {train_error:.2f}, neu {new_error:.2f}")
axes[0, 0].set_ylabel("y")
axes[0, 0].legend(loc="lower left")
figure.suptitle("Welche Kurve ist zu einfach, welche zu biegsam?")
plt.show()

# %% Training gegen neue Punkte für jeden Grad: die U-Kurve
# Über viele Wiederholungen gemittelt, damit nicht ein glücklicher Wurf entscheidet.
degrees = [degree for degree in sorted({*range(1, 13), *shown}) if degree < N_POINTS]
train_errors, new_errors = np.zeros((2, REPETITIONS, len(degrees)))
for repetition in range(REPETITIONS):
    x, y = sample(N_POINTS)
    for i, degree in enumerate(degrees):
        curve = fit(x, y, degree)
        train_errors[repetition, i] = mean_squared_error(y, curve(x))
        new_errors[repetition, i] = mean_squared_error(y_new, curve(x_new))
train_error, new_error = np.median(train_errors, axis=0), np.median(new_errors, axis=0)
best_degree = degrees[new_error.argmin()]
print(f"\nAuf neuen Punkten im Median aus {REPETITIONS} Würfen am besten: Grad {best_degree}")

figure, axis = plt.subplots()
axis.plot(degrees, train_error, "o--", label="Training")
axis.plot(degrees, new_error, "s-", label="neue Punkte")
axis.axvline(best_degree, color="gray", linestyle=":", label=f"bester Grad: {best_degree}")
axis.set(yscale="log", xlabel="Grad (Komplexität)", ylabel="MSE (log)")
axis.set_title("Wo endet Underfitting, wo beginnt Overfitting?")
axis.legend()
plt.show()

# %% Was man sieht
# Der Trainingsfehler sinkt mit dem Grad immer weiter und sagt deshalb nichts; der Fehler auf neuen
# Punkten hat ein Minimum, wenn es Rauschen gibt (probiere NOISE = 0).
ergebnis(
    bester_grad=best_degree,
    fehler_grad_1=new_error[degrees.index(1)],
    fehler_bester_grad=new_error.min(),
)
