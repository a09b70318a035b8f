"""Bias und Varianz: viele Modelle derselben Art, jedes auf anderen Punkten. Worin irren sie sich?

Kapitel   1.92 Grundlagen des Deep Learning · Evaluation und Visualisierung
Folie     Overfitting, Underfitting und Bias-Variance Tradeoff
Lernziel  Bias und Varianz mit eigenen Augen sehen und auseinanderhalten
Laufzeit  ca. 1 s (2 CPU-Kerne)
Daten     verrauschte Sinuskurve, selbst gewürfelt
Erwartet  bias_kleinster 0.2–0.3, bias_groesster 0–0.005, varianz_kleinster 0.02–0.05,
          varianz_groesster 0.25–1.2

Wie in demo_overfitting, nur wird der Versuch oft wiederholt. Bias: Wie weit ist das mittlere
Modell von der Wahrheit weg? Varianz: Wie weit ist ein Modell typischerweise vom mittleren weg?
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

random = np.random.default_rng(SEED)


# %% Die Wahrheit, und ein Modell aus verrauschten Punkten
def truth(x):
    return np.sin(2.2 * np.pi * x)


def fit_to_new_points(degree):
    """Misst an zufälligen Stellen und legt ein Polynom durch; zurück kommt seine Kurve."""
    x = np.sort(random.uniform(0, 1, N_POINTS))
    y = truth(x) + random.normal(0, NOISE, N_POINTS)
    # full=True: keine Warnung, wenn die Punkte den Grad kaum noch bestimmen
    return Chebyshev.fit(x, y, degree, domain=[0, 1], full=True)[0](grid)


grid = np.linspace(0, 1, 200)
inner = (grid > 0.05) & (grid < 0.95)  # am Rand schlagen hohe Grade beliebig weit aus
shown = [degree for degree in DEGREES if degree < N_POINTS]

# %% Viele Modelle je Grad
# Mediane statt Mittel, weil einzelne Ausreißer sonst alles bestimmen.
figure, axes = plt.subplots(1, len(shown), figsize=(13, 5), sharey=True, squeeze=False)
bias_squared, variance = {}, {}
print(f"Je Grad {REPETITIONS} Modelle aus je {N_POINTS} neuen Punkten")
for axis, degree in zip(axes[0], shown):
    many = np.array([fit_to_new_points(degree) for _ in range(REPETITIONS)])
    middle = np.median(many, axis=0)
    bias_squared[degree] = np.mean((middle - truth(grid))[inner] ** 2)
    variance[degree] = np.median(np.mean((many - middle)[:, inner] ** 2, axis=1))
    print(f"Grad {degree:2}: Bias² {bias_squared[degree]:.3f}, Varianz {variance[degree]:.3f}")
    axis.plot(grid, many[:40].T, color="tab:orange", alpha=0.2)
    axis.plot(grid, middle, color="tab:red", label="mittleres Modell")
    axis.plot(grid, truth(grid), ":", color="black", label="Wahrheit")
    axis.set(ylim=(-2, 2), xlabel="x")
    numbers = f"Bias² {bias_squared[degree]:.2f}, Varianz {variance[degree]:.2f}"
    axis.set_title(f"Grad {degree}\n{numbers}")
axes[0, 0].legend(loc="lower left")
figure.suptitle("Sind sich die Modelle einig (Varianz), und haben sie recht (Bias)?")
plt.show()

# %% Was man sieht
# Kleiner Grad: Alle Modelle sind sich einig und alle falsch. Großer Grad: Jedes sieht anders aus,
# im Mittel stimmen sie ungefähr. Mehr Punkte (N_POINTS) senken die Varianz, den Bias nicht.
ergebnis(
    bias_kleinster=bias_squared[min(shown)],
    bias_groesster=bias_squared[max(shown)],
    varianz_kleinster=variance[min(shown)],
    varianz_groesster=variance[max(shown)],
)
