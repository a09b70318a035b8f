"""Übung Aktivierungsfunktionen: Dasselbe MLP, und nur die Aktivierung ist anders.

Kapitel   1.70 Grundlagen des Deep Learning · Bausteine von DL-Modellen
Folie     Übung: Verschiedene Aktivierungsfunktionen in einem MLP testen
Lernziel  Fünf Aktivierungsfunktionen vergleichen und mit Zahlen erklären, warum eine zurückbleibt
Laufzeit  ca. 30 s (2 CPU-Kerne)
Daten     MNIST

Bearbeite nur, was zwischen ▼ und ▲ steht: Ersetze `...` durch deine Antwort und starte das Skript neu.
Unten steht danach zu jeder Aufgabe, ob sie stimmt, und wenn nicht, woran es liegt.
"""

# %% Stellschrauben
DEPTH = 3  # verdeckte Schichten
UNITS = 64  # Neuronen je verdeckter Schicht
LEARNING_RATE = 0.1
EPOCHS = 10  # Test: 2
BATCH_SIZE = 32  # Test: 8
N_TRAIN = 4_000  # Test: 400
RESCUED = 0.8  # Test: 0.4; so genau soll das Sigmoid-Netz in Aufgabe 5 werden
TIPPS = 1  # je Aufgabe: 0 keine Tipps, 1 eine Frage, 2 auch wo es steht, 3 auch ein Gerüst
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
from kurs import pruefe
from kurs.bilder import mnist

import keras
import matplotlib.pyplot as plt
import numpy as np

# %% Daten: jedes Bild als Zeile aus 784 Zahlen von 0 bis 1
(x_train, y_train), (x_test, y_test) = mnist.load_data()
x_train, y_train = x_train[:N_TRAIN].reshape(-1, 784) / 255.0, y_train[:N_TRAIN]
x_test, y_test = x_test[:1000].reshape(-1, 784) / 255.0, y_test[:1000]


# %% Ein Training: Netz und Ablauf sind immer gleich, nur was du angibst, ist anders
def train(activation, depth=DEPTH, units=UNITS, learning_rate=LEARNING_RATE):
    """Trainiert ein MLP und gibt Modell, Kurven und Testgenauigkeit zurück."""
    keras.utils.set_random_seed(SEED)
    model = keras.Sequential([keras.Input(shape=(784,))])
    for _ in range(depth):
        model.add(keras.layers.Dense(units, activation=activation))
    model.add(keras.layers.Dense(10, activation="softmax"))
    model.compile(
        optimizer=keras.optimizers.SGD(learning_rate=learning_rate),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    history = model.fit(
        x_train, y_train, epochs=EPOCHS, batch_size=BATCH_SIZE, validation_split=0.1, verbose=0
    ).history
    return model, history, model.evaluate(x_test, y_test, verbose=0)[1]


def apply(activation, values):
    """Wendet eine Aktivierungsfunktion auf Zahlen an; None, wenn es sie in Keras nicht gibt."""
    try:
        function = keras.activations.get(activation)
        return keras.ops.convert_to_numpy(function(keras.ops.convert_to_tensor(values)))
    except Exception:  # noqa: BLE001 (woran es scheitert, hängt vom Namen ab)
        return None


# %% Aufgabe 1: zwei weitere Kandidaten. Keras kennt noch viele: keras.io/api/layers/activations
# ▼ AUFGABE 1: Nenne zwei weitere, die für große Eingaben weiter steigen, statt flach zu werden.
own_activations = ("leaky_relu", "gelu")
# ▲

z = np.linspace(-6, 6, 1201)  # Eingaben der Aktivierung, von links nach rechts
usable = [own for own in own_activations if isinstance(own, str) and apply(own, z) is not None]
names = list(dict.fromkeys(["sigmoid", "tanh", "relu", *usable]))  # jede nur einmal
models, histories, test_accuracy = {}, {}, {}
print(f"\nTestgenauigkeit nach {EPOCHS} Epochen, {DEPTH} verdeckte Schichten")
for name in names:
    models[name], histories[name], test_accuracy[name] = train(name)
    print(f"  {name:12} {test_accuracy[name]:.3f}")

# %% Bild: links die Funktionen, rechts das Training
COLORS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#000000")
STYLES = ("-", "--", "-.", ":", "-")
figure, axes = plt.subplots(1, 2, figsize=(13, 5))
for name, color, style in zip(names, COLORS, STYLES):
    axes[0].plot(z, apply(name, z), style, color=color, linewidth=2)
    values = histories[name]["val_accuracy"]
    axes[1].plot(range(1, EPOCHS + 1), values, style, color=color, linewidth=2, label=name)
axes[0].set(xlabel="Eingabe z", ylabel="Ausgabe", title="Die Funktionen", ylim=(-1.5, 3))
axes[1].set(xlabel="Epoche", ylabel="Genauigkeit (Validierung)", title="Dasselbe Netz im Training")
axes[1].set_ylim(0, 1)
axes[1].legend(loc="lower right")
plt.show()

# %% Aufgabe 2 und 3: Was lässt der Sigmoid durch?
# Backpropagation nimmt das Fehlersignal in jeder Schicht mit der Steigung der Aktivierung mal.
sigmoid_values = 1 / (1 + np.exp(-z))

# ▼ AUFGABE 2: Wie steil ist der Sigmoid an seiner steilsten Stelle? (gerechnet oder gemessen)
max_slope = np.gradient(sigmoid_values, z).max()
# ▲

# ▼ AUFGABE 3: Welcher Anteil des Signals bleibt danach nach DEPTH Schichten höchstens übrig?
signal_left = 0.25**DEPTH
# ▲

# %% Aufgabe 4: Wie steil ist es wirklich? Gemessen an der ersten verdeckten Schicht nach dem Training
# hidden["relu"][i, j] ist die Ausgabe a von Neuron j für Testbild i. Die Steigung an dieser Stelle
# verrät die Ausgabe: beim Sigmoid a · (1 − a), bei ReLU 1, wo a über 0 liegt, sonst 0.
hidden = {name: keras.ops.convert_to_numpy(models[name].layers[0](x_test)) for name in names}

# ▼ AUFGABE 4: Berechne die mittlere Steigung über alle Bilder und Neuronen, für beide.
slope_sigmoid = np.mean(hidden["sigmoid"] * (1 - hidden["sigmoid"]))
slope_relu = np.mean(hidden["relu"] > 0)
# ▲

if not pruefe.ist_offen((slope_sigmoid, slope_relu)):
    print("Mittlere Steigung: Sigmoid", slope_sigmoid, "und ReLU", slope_relu)

# %% Aufgabe 5: Rette den Sigmoid, ohne ihn zu ersetzen und ohne länger zu trainieren
# ▼ AUFGABE 5: Ändere genau eines: depth, units oder learning_rate; etwa rescue = {"units": 128}.
rescue = {"depth": 1}
# ▲

rescue_works = (
    isinstance(rescue, dict)
    and len(rescue) == 1
    and set(rescue) <= {"depth", "units", "learning_rate"}
    and all(isinstance(value, int | float) and value > 0 for value in rescue.values())
    and all(isinstance(value, int) for key, value in rescue.items() if key != "learning_rate")
)
if rescue_works:
    rescued_accuracy = train("sigmoid", **rescue)[2]
    print(f"Sigmoid mit {rescue}: {rescued_accuracy:.3f} statt {test_accuracy['sigmoid']:.3f}")

# %% Aufgabe 6: Warum bleibt der Sigmoid zurück?
# "A"  Sein Netz hat weniger Gewichte als die anderen.
# "B"  Seine Neuronen sind gesättigt: Die Ausgaben kleben an 0 und 1.
# "C"  Jede Schicht lässt höchstens ein Viertel des Fehlersignals durch; vorne kommt kaum etwas an.
# "D"  Er lernt die Trainingsbilder auswendig (Overfitting).
# ▼ AUFGABE 6: Welcher Buchstabe passt zu allem, was du gemessen hast?
reason = "C"
# ▲


# %% Prüfung (hier nichts ändern)
true_sigmoid = np.mean(hidden["sigmoid"] * (1 - hidden["sigmoid"]))
true_relu = np.mean(hidden["relu"] > 0)


def refuted(letter):
    """Warum eine falsche Begründung nicht stimmt, mit den Zahlen dieses Laufs."""
    accuracy = histories["sigmoid"]["accuracy"][-1]
    return {
        "A": f"Alle Netze haben gleich viele Gewichte, nämlich {models['relu'].count_params()}.",
        "B": f"Dann wären sie flach. Ihre Steigung ist aber im Mittel {true_sigmoid:.2f}: Vergleiche das "
        "mit der größten aus Aufgabe 2.",
        "D": f"Auch auf den Trainingsbildern kommt es nur auf {accuracy:.2f}; wer auswendig lernt, "
        "ist dort fast perfekt.",
    }.get(letter, "Gesucht ist einer der Buchstaben A bis D.")


no_rescue = {
    "units": "Wie viele Neuronen eine Schicht hat, ändert nichts am Viertel je Schicht.",
    "depth": "Wie oft wird das Signal bei dieser Tiefe geviertelt?",
    "learning_rate": "Passt dieser Schritt zu einem winzigen Signal?",
}


pruefe.erwarte(
    "Aufgabe 1",
    own_activations,
    (
        lambda own: all(name in usable for name in own),
        lambda own: f"Keras kennt nur {usable}. Die Namen sind klein, mit Unterstrich, in '…'.",
    ),
    (
        lambda own: len(own) == 2 and len({"sigmoid", "tanh", "relu", *own}) == 5,
        "Gesucht sind genau zwei, die verschieden und noch nicht dabei sind.",
    ),
    (
        lambda own: all(not np.allclose(apply(name, z), z, atol=1e-4) for name in own),
        "Eine davon ist eine Gerade: Damit können drei Schichten nicht mehr als eine.",
    ),
    (
        lambda own: all(np.ptp(apply(name, np.array([10.0, 20.0]))) > 1 for name in own),
        "Eine davon wird für große Eingaben flach, wie der Sigmoid. Vergleiche f(10) und f(20).",
    ),
    tipps=[
        "ReLU hat viele Verwandte. Welche sind links von der Null nicht einfach null?",
        "Die Folie nennt Leaky ReLU und ELU; Keras kennt auch gelu, silu, selu und softplus.",
        'own_activations = ("elu", "…")',
    ],
)
pruefe.erwarte(
    "Aufgabe 2",
    max_slope,
    (lambda slope: np.ndim(slope) == 0, "Gesucht ist eine Zahl, keine Liste: die größte Steigung."),
    (
        lambda slope: abs(slope - 0.5) > 0.01,
        "0.5 ist der Wert des Sigmoids bei 0, nicht seine Steigung dort.",
    ),
    (
        lambda slope: abs(slope - 1) > 0.01,
        "1 ist die größte Ausgabe des Sigmoids, nicht seine größte Steigung.",
    ),
    (
        lambda slope: abs(slope - 0.25) < 0.005,
        lambda slope: f"{slope:.3g} ist es nicht. Wie viel steigt die Kurve von z = -0.5 bis 0.5?",
    ),
    tipps=[
        "Wo ist die Kurve am steilsten, und wie viel steigt sie dort je Einheit von z?",
        "Ableitung: s · (1 − s) mit s = Sigmoid(z). Oder gemessen: np.gradient(werte, z).",
        "max_slope = np.gradient(sigmoid_values, …).max()",
    ],
)
pruefe.erwarte(
    "Aufgabe 3",
    signal_left,
    (
        lambda share: abs(share - 0.25 * DEPTH) > 1e-6,
        "Du hast die Schichten zusammengezählt. Jede viertelt aber, was die vorige übrig ließ.",
    ),
    (
        lambda share: DEPTH == 1 or abs(share - 0.25) > 0.01,
        "So viel bleibt nach einer Schicht. Wie viel bleibt nach allen?",
    ),
    (
        lambda share: abs(share / 0.25**DEPTH - 1) < 0.1,
        lambda share: f"{share:.4g} ist es nicht: Jede Schicht lässt höchstens ein Viertel durch.",
    ),
    tipps=[
        "Nach einer Schicht bleibt höchstens max_slope. Und nach zwei?",
        "Mehrmals dieselbe Zahl malnehmen heißt potenzieren, in Python: **",
        "signal_left = 0.… ** …",
    ],
)
pruefe.erwarte(
    "Aufgabe 4",
    (slope_sigmoid, slope_relu),
    (
        lambda slopes: all(np.ndim(slope) == 0 for slope in slopes),
        "Gesucht sind zwei Zahlen, keine Tabellen: Mittle über alle Bilder und Neuronen.",
    ),
    (
        lambda slopes: not np.isclose(slopes[1], hidden["relu"].mean(), atol=1e-3),
        "slope_relu ist die mittlere Ausgabe. Gesucht ist die Steigung: 1 oder 0, je nach Ausgabe.",
    ),
    (
        lambda slopes: np.isclose(slopes[1], true_relu, atol=1e-3),
        lambda slopes: f"slope_relu ist {slopes[1]:.3f}. Zähle in hidden['relu'], was über 0 liegt.",
    ),
    (
        lambda slopes: np.isclose(slopes[0], true_sigmoid, atol=1e-3),
        lambda slopes: f"slope_sigmoid ist {slopes[0]:.3f}. Rechne a · (1 − a) für jede Ausgabe, "
        "dann erst den Mittelwert.",
    ),
    tipps=[
        "Was ergibt der Vergleich hidden['relu'] > 0, und was ist der Mittelwert davon?",
        "np.mean(tabelle) mittelt über alles und zählt True als 1, False als 0.",
        "a = hidden['sigmoid']; slope_sigmoid = np.mean(a * …); slope_relu = np.mean(… > 0)",
    ],
)
pruefe.erwarte(
    "Aufgabe 5",
    rescue,
    (
        lambda answer: rescue_works,
        "Gesucht ist genau eine Änderung: depth, units (beide ganz) oder learning_rate, über 0.",
    ),
    (
        lambda answer: rescued_accuracy >= RESCUED,
        lambda answer: f"Damit kommt das Netz auf {rescued_accuracy:.2f}, gesucht sind {RESCUED}. "
        + no_rescue[next(iter(answer))],
    ),
    tipps=[
        "Aufgabe 3: Was macht das Signal so klein? Was davon kannst du ändern?",
        "Probiere alle drei einmal: Die Zeile „Sigmoid mit …“ zeigt die Wirkung.",
        'rescue = {"…": 1}',
    ],
)
pruefe.erwarte(
    "Aufgabe 6",
    reason,
    (lambda letter: letter == "C", refuted),
    tipps=[
        "Welche der vier Aussagen kannst du mit einer Zahl aus diesem Lauf widerlegen?",
        "Aufgabe 4 prüft B. Vergleiche für D die Genauigkeit im Training mit der im Test.",
        'reason = "…"   # die, die auch erklärt, warum dein Ausweg in Aufgabe 5 hilft',
    ],
)
pruefe.fortschritt()

# %% Was man sieht
# Das Sigmoid-Netz rät erst mehrere Epochen lang und kommt dann langsam in Fahrt. Gesättigt ist es
# nicht. Bei ReLU sind viel mehr Neuronen flach, aber die anderen lassen das Signal ganz durch.
# Unter den übrigen vieren entscheidet der Zufall: Bei 1.000 Testbildern zählt erst ein Abstand von
# etwa 0.02. Zum Weiterspielen: DEPTH = 2 und 5, oder SEED = 1.
