"""Optimizer auf der Landkarte: SGD, Momentum, RMSprop und Adam gehen durch ein enges Tal.

Kapitel   2.5 Erweiterte Konzepte und Architekturen · Optimizer
Folie     ADAM Optimizer: Adaptive Moment Estimation
Lernziel  Adam als Momentum plus eigene Schrittweite je Gewicht verstehen, und von Hand rechnen
Laufzeit  ca. 6 s (2 CPU-Kerne)
Daten     keine: ein Tal, das man zeichnen kann
Erwartet  abstand_sgd 0.35–0.5, abstand_momentum 0.03–0.1, abstand_adam 0.05–0.15,
          abweichung_von_hand 0–0.001

Alle bekommen dieselben Gradienten; verschieden ist nur, was sie daraus machen.
"""

# %% Stellschrauben: hier live drehen
STEPS = 60  # Test: 5
STEEPNESS = 50.0  # so viel steiler ist es quer als längs; 1.0: runde Schüssel; probiere 55.0
SGD_RATE = 0.037  # für SGD und Momentum
ADAPTIVE_RATE = 0.2  # für RMSprop und Adam

# %% Bibliotheken laden (einige Sekunden)
from kurs import ergebnis

import keras
import matplotlib.pyplot as plt
import numpy as np

# %% Das Tal: Höhe = ½ x² + ½ · Steilheit · y²; der Gradient dazu, von Hand abgeleitet
curvature = np.array([1.0, STEEPNESS], dtype="float32")
start = np.array([-4.0, 1.0], dtype="float32")


def valley_gradient(position):
    return curvature * position


# %% Vier Optimizer von Keras, jeder geht seinen Weg
optimizers = {
    "SGD": keras.optimizers.SGD(SGD_RATE),
    "Momentum": keras.optimizers.SGD(SGD_RATE, momentum=0.9),
    "RMSprop": keras.optimizers.RMSprop(ADAPTIVE_RATE),
    "Adam": keras.optimizers.Adam(ADAPTIVE_RATE),
}
paths = {}
for name, optimizer in optimizers.items():
    position = keras.Variable(start)
    path = [start]
    for _ in range(STEPS):
        if np.abs(path[-1]).max() > 1e6:  # so weit draußen hört die Suche auf
            break
        gradient = keras.ops.convert_to_tensor(valley_gradient(path[-1]))
        optimizer.apply([gradient], [position])
        path.append(keras.ops.convert_to_numpy(position))
    paths[name] = np.array(path)

# %% Adam von Hand: sechs Zeilen, derselbe Weg
position, by_hand = start.copy(), [start]
mean, mean_of_squares = np.zeros(2), np.zeros(2)
for step in range(1, STEPS + 1):
    gradient = valley_gradient(position)
    mean = 0.9 * mean + 0.1 * gradient  # Momentum: die Richtung der letzten Schritte
    mean_of_squares = 0.999 * mean_of_squares + 0.001 * gradient**2  # wie steil ist es hier meist?
    m, v = mean / (1 - 0.9**step), mean_of_squares / (1 - 0.999**step)  # beide fingen bei null an
    position = position - ADAPTIVE_RATE * m / (np.sqrt(v) + 1e-7)  # steil: kürzer, flach: länger
    by_hand.append(position)
deviation = float(np.abs(np.array(by_hand) - paths["Adam"]).max())
print(f"Adam von Hand und Adam von Keras: größter Abstand der Wege {deviation:.1e}")

# %% Bild: die Wege
distance = {}
print(f"\nWie weit ist es nach {STEPS} Schritten noch bis zum tiefsten Punkt?")
figure, axes = plt.subplots(2, 2, figsize=(13, 7), sharex=True, sharey=True)
x, y = np.meshgrid(np.linspace(-4.6, 2.6, 200), np.linspace(-1.6, 1.6, 200))
height = 0.5 * curvature[0] * x**2 + 0.5 * curvature[1] * y**2
for axis, (name, path) in zip(axes.flat, paths.items()):
    distance[name] = float(np.linalg.norm(path[-1]))
    lost = ", davongelaufen" if len(path) <= STEPS else ""
    along, across = path[1] - path[0] if len(path) > 1 else (0, 0)
    print(f"  {name:9} {distance[name]:6.3f}{lost}", end="")
    print(f"  (1. Schritt: längs {along:+.2f}, quer {across:+.2f})")
    axis.contour(x, y, height, levels=15, colors="lightgray")
    axis.plot(*path.T, "o-", markersize=4, color="tab:blue")
    axis.plot(*start, "s", color="black", markersize=9)
    axis.plot(0, 0, "*", color="tab:red", markersize=16)
    axis.set(xlim=(-4.6, 2.6), ylim=(-1.6, 1.6))
    axis.set_title(f"{name}: noch {distance[name]:.2f} entfernt{lost}")
figure.suptitle(f"Vom Quadrat zum Stern in {STEPS} Schritten: Wer geht längs, wer springt quer?")
plt.show()

# %% Was man sieht
# SGD folgt dem Gradienten, und der zeigt im engen Tal fast quer. Eine größere Lernrate verträgt es
# dort nicht: Die Sprünge würden weiter statt kürzer. Momentum sammelt Schwung: Was hin und her
# geht, hebt sich auf; was in dieselbe Richtung zeigt, wird schneller, auch übers Ziel hinaus.
# RMSprop und Adam teilen durch die übliche Größe des Gradienten, für jedes Gewicht einzeln: Ihr
# erster Schritt ist längs und quer gleich lang, so verschieden die Gradienten auch sind.
ergebnis(
    abstand_sgd=distance["SGD"],
    abstand_momentum=distance["Momentum"],
    abstand_adam=distance["Adam"],
    abweichung_von_hand=deviation,
)
