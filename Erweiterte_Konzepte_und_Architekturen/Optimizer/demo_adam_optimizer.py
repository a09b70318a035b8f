"""Optimizer: SGD, Momentum, RMSprop und Adam gehen verschiedene Wege zum selben Ziel.

Kapitel   2.10 Erweiterte Konzepte und Architekturen · Optimizer
Folie     Demo: Auswirkungen unterschiedlicher Optimizer
Lernziel  Adam als Momentum plus eigene Lernrate je Gewicht verstehen; sehen, wer welche Lernrate verträgt
Laufzeit  ca. 25 s (2 CPU-Kerne)
Daten     MNIST
Erwartet  abstand_sgd 0.35–0.5, abstand_momentum 0.03–0.1, abstand_adam 0.05–0.15, abweichung_von_hand 0–0.001,
          accuracy_sgd_beste 0.89–0.94, accuracy_momentum_beste 0.9–0.96, accuracy_adam_beste 0.9–0.96,
          accuracy_sgd_klein 0.2–0.4, accuracy_adam_klein 0.9–0.95, accuracy_sgd_gross 0.89–0.94,
          accuracy_adam_gross 0.75–0.9

Teil 1: ein langes, enges Tal, das man zeichnen kann. Teil 2: dasselbe auf MNIST, vier Optimizer mit
je drei Lernraten. Alle bekommen dieselben Gradienten; verschieden ist nur, was sie daraus machen.
"""

# %% Stellschrauben: hier live drehen
VALLEY_STEPS = 60  # Test: 5
STEEPNESS = 50.0  # so viel steiler ist das Tal quer als längs; 1.0: runde Schüssel, 55.0: SGD divergiert
LEARNING_RATES = (0.001, 0.01, 0.1)  # Test: (0.01,)
EPOCHS = 5  # Test: 1
N_TRAIN = 4_000  # Test: 128
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
from kurs import ergebnis
from kurs.bilder import mnist

import keras
import matplotlib.pyplot as plt
import numpy as np

styles = {"SGD": ":", "Momentum": "--", "RMSprop": "-.", "Adam": "-"}
colors = {"SGD": "#D55E00", "Momentum": "#0072B2", "RMSprop": "#009E73", "Adam": "black"}

# %% Teil 1: ein Tal. Höhe = ½ x² + ½ · Steilheit · y²; der Gradient dazu, von Hand abgeleitet
curvature = np.array([1.0, STEEPNESS], dtype="float32")
start = np.array([-4.0, 1.0], dtype="float32")


def valley_gradient(position):
    return curvature * position


def walk(optimizer):
    """Der Weg eines Keras-Optimizers durch das Tal: VALLEY_STEPS + 1 Punkte."""
    position = keras.Variable(start)
    path = [start]
    for _ in range(VALLEY_STEPS):
        gradient = valley_gradient(path[-1])
        optimizer.apply([keras.ops.convert_to_tensor(gradient)], [position])
        path.append(keras.ops.convert_to_numpy(position))
    return np.array(path)


valley_paths = {
    "SGD": walk(keras.optimizers.SGD(learning_rate=0.037)),
    "Momentum": walk(keras.optimizers.SGD(learning_rate=0.037, momentum=0.9)),
    "RMSprop": walk(keras.optimizers.RMSprop(learning_rate=0.2)),
    "Adam": walk(keras.optimizers.Adam(learning_rate=0.2)),
}

# %% Adam von Hand: sechs Zeilen, derselbe Weg
position, by_hand = start.copy(), [start]
mean, mean_of_squares = np.zeros(2), np.zeros(2)
for step in range(1, VALLEY_STEPS + 1):
    gradient = valley_gradient(position)
    mean = 0.9 * mean + 0.1 * gradient  # Momentum: die Richtung der letzten Schritte
    mean_of_squares = 0.999 * mean_of_squares + 0.001 * gradient**2  # wie steil ist es hier meist?
    m, v = mean / (1 - 0.9**step), mean_of_squares / (1 - 0.999**step)  # beide fingen bei null an
    position = position - 0.2 * m / (np.sqrt(v) + 1e-7)  # steil: kürzere Schritte, flach: längere
    by_hand.append(position)
deviation = float(np.abs(np.array(by_hand) - valley_paths["Adam"]).max())
print(f"Adam von Hand und Adam von Keras: größter Abstand der Wege {deviation:.1e}")

# %% Bild: die Wege
distances = {}
print(f"\nWie weit ist es nach {VALLEY_STEPS} Schritten noch bis zum tiefsten Punkt?")
figure, axes = plt.subplots(2, 2, figsize=(13, 7), sharex=True, sharey=True)
x, y = np.meshgrid(np.linspace(-4.6, 2.6, 200), np.linspace(-1.6, 1.6, 200))
height = 0.5 * curvature[0] * x**2 + 0.5 * curvature[1] * y**2
for axis, (name, path) in zip(axes.flat, valley_paths.items()):
    distances[name] = float(np.linalg.norm(path[-1]))
    print(f"  {name:9} {distances[name]:6.3f}   (erster Schritt: längs {path[1, 0] - path[0, 0]:+.2f}, "
          f"quer {path[1, 1] - path[0, 1]:+.2f})")
    axis.contour(x, y, height, levels=np.geomspace(0.05, 40, 12), colors="lightgray")
    axis.plot(*path.T, styles[name], marker="o", markersize=4, color=colors[name])
    axis.plot(*start, "s", color="black", markersize=9)
    axis.plot(0, 0, "*", color="#E69F00", markersize=18)
    axis.set_title(f"{name}: am Ende noch {distances[name]:.2f} entfernt")
for axis in axes[1]:
    axis.set_xlabel("Gewicht 1 (flach)")
for axis in axes[:, 0]:
    axis.set_ylabel("Gewicht 2 (steil)")
figure.suptitle("SGD springt quer und kommt längs nur langsam voran; RMSprop und Adam starten diagonal")
plt.show()

# %% Was man sieht
# SGD folgt dem Gradienten, und der zeigt im engen Tal fast quer. Eine größere Lernrate verträgt es nicht:
# Dann werden die Sprünge immer weiter statt kürzer. Momentum sammelt Schwung: Was hin und her geht, hebt
# sich auf, was immer in dieselbe Richtung zeigt, wird schneller, hier auch übers Ziel hinaus.
# RMSprop und Adam teilen durch die übliche Größe des Gradienten, für jedes Gewicht einzeln: Ihr erster
# Schritt ist längs und quer gleich lang, obwohl der Gradient quer viel größer ist.

# %% Teil 2: MNIST, dasselbe kleine Netz für alle
(x_train, y_train), (x_test, y_test) = mnist.load_data()
x_train, y_train = x_train[:N_TRAIN] / 255.0, y_train[:N_TRAIN]
x_test, y_test = x_test[:1000] / 255.0, y_test[:1000]
optimizers = {
    "SGD": lambda rate: keras.optimizers.SGD(rate),
    "Momentum": lambda rate: keras.optimizers.SGD(rate, momentum=0.9),
    "RMSprop": lambda rate: keras.optimizers.RMSprop(rate),
    "Adam": lambda rate: keras.optimizers.Adam(rate),
}
curves, accuracy = {}, np.zeros((len(optimizers), len(LEARNING_RATES)))
print(f"\n{len(x_train)} Bilder, {EPOCHS} Epochen: Genauigkeit im Test")
print(f"  {'Lernrate':9}", *(f"{rate:>7}" for rate in LEARNING_RATES))
for row, (name, make_optimizer) in enumerate(optimizers.items()):
    for column, rate in enumerate(LEARNING_RATES):
        keras.utils.set_random_seed(SEED)  # für alle dieselben Startgewichte und dieselbe Reihenfolge
        model = keras.Sequential(
            [
                keras.Input(shape=(28, 28)),
                keras.layers.Flatten(),
                keras.layers.Dense(64, activation="relu"),
                keras.layers.Dense(10, activation="softmax"),
            ]
        )
        model.compile(
            optimizer=make_optimizer(rate),
            loss="sparse_categorical_crossentropy",
            metrics=["accuracy"],
        )
        history = model.fit(x_train, y_train, epochs=EPOCHS, batch_size=64, verbose=0)
        curves[name, rate] = history.history["loss"]
        accuracy[row, column] = model.evaluate(x_test, y_test, verbose=0)[1]
    print(f"  {name:9}", *(f"{value:7.3f}" for value in accuracy[row]))

# %% Bild: Wer verträgt welche Lernrate?
figure, axes = plt.subplots(1, 2, figsize=(14, 5.5), width_ratios=[1, 1.2])
axes[0].imshow(accuracy, cmap="cividis", vmin=0.7, vmax=1, aspect="auto")
for (row, column), value in np.ndenumerate(accuracy):
    shade = "black" if value > 0.8 else "white"
    axes[0].text(column, row, f"{value:.2f}", ha="center", va="center", color=shade, fontsize=15)
axes[0].set_xticks(range(len(LEARNING_RATES)), LEARNING_RATES)
axes[0].set_yticks(range(len(optimizers)), optimizers)
axes[0].set(xlabel="Lernrate", title="Genauigkeit im Test")
for row, name in enumerate(optimizers):
    best = LEARNING_RATES[accuracy[row].argmax()]
    steps = range(1, EPOCHS + 1)
    axes[1].plot(steps, curves[name, best], styles[name], color=colors[name], marker="o",
                 linewidth=2, label=f"{name}, Lernrate {best}")
axes[1].set(xlabel="Epoche", ylabel="Loss im Training", yscale="log", xticks=range(1, EPOCHS + 1),
            title="Jeder mit seiner besten Lernrate")
axes[1].legend()
figure.suptitle("Die passende Lernrate gehört zum Optimizer: SGD braucht große, Adam kleine")
plt.show()

# %% Was man sieht
# Kein Optimizer gewinnt überall. Mit 0.001, der Voreinstellung von Adam, ist Adam schon gut, während SGD
# kaum vom Fleck kommt; mit 0.1 ist es umgekehrt. Momentum mit passender Lernrate hält mit Adam mit.
# Adam nimmt einem also vor allem das Suchen ab.
best = {name: accuracy[row].max() for row, name in enumerate(optimizers)}
print("\nJeder mit seiner besten Lernrate:", ", ".join(f"{n} {v:.3f}" for n, v in best.items()))
for column in (0, -1):
    print(f"Mit Lernrate {LEARNING_RATES[column]}: SGD {accuracy[0, column]:.3f}, Adam {accuracy[-1, column]:.3f}")
ergebnis(
    abstand_sgd=distances["SGD"],
    abstand_momentum=distances["Momentum"],
    abstand_adam=distances["Adam"],
    abweichung_von_hand=deviation,
    accuracy_sgd_beste=best["SGD"],
    accuracy_momentum_beste=best["Momentum"],
    accuracy_adam_beste=best["Adam"],
    accuracy_sgd_klein=accuracy[0, 0],
    accuracy_adam_klein=accuracy[-1, 0],
    accuracy_sgd_gross=accuracy[0, -1],
    accuracy_adam_gross=accuracy[-1, -1],
)
