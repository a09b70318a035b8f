"""Loss und Lernrate: Was wird minimiert, und wie groß darf ein Schritt sein?

Kapitel   1.20 Grundlagen des Deep Learning · Trainingsprozess
Folie     Verständnis von Loss-Funktionen (MSE, Cross Entropy) · Wahl der Lernrate
Lernziel  Sehen, warum Klassifikation Kreuzentropie nimmt und was zu große Schritte anrichten
Laufzeit  ca. 1 s (2 CPU-Kerne)
Daten     keine: zwei Formeln und eine Fläche
Erwartet  gradient_mse 0–0.01, gradient_kreuzentropie 0.9–1, loss_kleinste_rate 1–8,
          loss_bester 0–0.1, loss_groesste_rate 1000–1000000

Nur NumPy. Zuerst die beiden Loss-Funktionen der Folie, dann Gradientenabstieg auf einem Tal,
auf das man von oben sieht.
"""

# %% Stellschrauben: hier live drehen
LEARNING_RATES = (0.01, 0.15, 0.215)  # probiere auch 0.2: genau auf der Kippe
STEPS = 30
START = (-4.0, 2.2)

# %% Bibliotheken laden
from kurs import ergebnis

import matplotlib.pyplot as plt
import numpy as np

# %% MSE und Kreuzentropie für ein Beispiel, dessen richtige Antwort 1 ist
# z ist die Summe vor dem Sigmoid. z = −6 heißt: Das Modell ist sich sicher, und es liegt falsch.
z = np.linspace(-6, 6, 200)
p = 1 / (1 + np.exp(-z))
mse = (1 - p) ** 2
cross_entropy = -np.log(p)
gradient_mse = -2 * (1 - p) * p * (1 - p)  # Kettenregel: durch den Sigmoid hindurch
gradient_cross_entropy = p - 1

print("Richtige Antwort 1. Was lernt das Modell aus seinem Fehler?")
print("  Vorhersage     MSE   Gradient    Kreuzentropie   Gradient")
for i in (0, 66, 99, 199):
    print(
        f"     {p[i]:6.3f}    {mse[i]:5.2f}    {gradient_mse[i]:+6.3f}          "
        f"{cross_entropy[i]:5.2f}     {gradient_cross_entropy[i]:+6.3f}"
    )
print("Erste Zeile: ganz sicher und ganz falsch. Die Kreuzentropie schiebt mit voller Kraft (−1),")
print("der Gradient der MSE ist fast 0: Das Modell bliebe in seinem Irrtum stecken.")

figure, axes = plt.subplots(1, 2)
axes[0].plot(p, mse, label="MSE")
axes[0].plot(p, cross_entropy, "--", label="Kreuzentropie")
axes[0].set(xlabel="Vorhersage p (richtig wäre 1)", ylabel="Loss")
axes[0].set_title("Kreuzentropie bestraft sichere Irrtümer hart")
axes[1].plot(z, np.abs(gradient_mse), label="MSE")
axes[1].plot(z, np.abs(gradient_cross_entropy), "--", label="Kreuzentropie")
axes[1].set(xlabel="Summe z vor dem Sigmoid", ylabel="Betrag des Gradienten")
axes[1].set_title("Links, beim sicheren Irrtum, lernt MSE nichts")
for axis in axes:
    axis.legend()
plt.show()


# %% Gradientenabstieg in einem länglichen Tal
def loss(w1, w2):
    return 0.5 * w1**2 + 5 * w2**2  # in Richtung w2 zehnmal so steil


def gradient(w):
    return np.array([w[0], 10 * w[1]])


paths, verdicts = [], []
for learning_rate in LEARNING_RATES:
    w = np.array(START)
    path = [w]
    for _ in range(STEPS):
        if np.abs(w).max() > 1e9:  # so weit draußen hört die Suche auf
            break
        w = w - learning_rate * gradient(w)  # der ganze Gradientenabstieg in einer Zeile
        path.append(w)
    paths.append(np.array(path))
    verdict = "nicht am Ziel" if loss(*w) <= loss(*START) else "schießt hinaus"
    verdicts.append("am Ziel" if loss(*w) < 0.1 else verdict)
    print(
        f"Lernrate {learning_rate}: Loss am Anfang {loss(*START):.1f}, "
        f"nach {len(path) - 1} Schritten {loss(*w):.3g} ({verdicts[-1]})"
    )

# %% Bild: das Tal von oben, mit einem Weg je Lernrate
figure, axes = plt.subplots(1, len(paths), squeeze=False, sharex=True, sharey=True)
w1, w2 = np.meshgrid(np.linspace(-5, 5, 150), np.linspace(-3, 3, 150))
for axis, learning_rate, path, verdict in zip(axes[0], LEARNING_RATES, paths, verdicts):
    axis.contourf(w1, w2, loss(w1, w2), levels=20, cmap="Blues_r")
    axis.plot(*path.T, "o-", color="tab:orange", markersize=4)
    axis.plot(*path[0], "s", color="black", markersize=9)
    axis.plot(0, 0, "*", color="white", markersize=18)
    axis.set(xlim=(-5, 5), ylim=(-3, 3), xlabel="Gewicht w1")
    axis.set_title(f"Lernrate {learning_rate}\n{verdict}")
axes[0, 0].set_ylabel("Gewicht w2")
figure.suptitle(f"Vom Start (Quadrat) zum tiefsten Punkt (Stern): Wie weit in {STEPS} Schritten?")
plt.show()

# %% Was man sieht
# Die Lernrate muss zur steilsten Richtung passen: Über 2/10 = 0.2 landet jeder Schritt in Richtung
# w2 weiter weg, als er herkam. Die flache Richtung w1 bestimmt dagegen, wie lange es dauert.
# Deshalb skaliert man Daten, und deshalb gibt es Optimizer, die je Gewicht eine eigene Lernrate
# halten.
final = [loss(*path[-1]) for path in paths]
ergebnis(
    gradient_mse=abs(gradient_mse[0]),
    gradient_kreuzentropie=abs(gradient_cross_entropy[0]),
    loss_kleinste_rate=final[int(np.argmin(LEARNING_RATES))],
    loss_bester=min(final),
    loss_groesste_rate=final[int(np.argmax(LEARNING_RATES))],
)
