"""Übung Gradientenabstieg: Lernrate und Epochenzahl auf Iris erkunden.

Kapitel   1.40 Grundlagen des Deep Learning · Trainingsprozess
Folie     Übung: Einfluss von Lernrate und Epochenanzahl experimentell untersuchen
Lernziel  Drei Lernraten unterscheiden: zu klein, passend, zu groß; Epochen aus der Kurve ablesen
Laufzeit  ca. 20 s (2 CPU-Kerne)
Daten     Iris (aus scikit-learn)

Bearbeite nur, was zwischen ▼ und ▲ steht: Ersetze `...` durch deine Antwort und starte das Skript neu.
Unten steht danach zu jeder Aufgabe, ob sie stimmt, und wenn nicht, woran es liegt.
"""

# %% Stellschrauben
EPOCHS = 40  # Test: 10
BATCH_SIZE = 16  # Test: 5
TIPPS = 1  # je Aufgabe: 0 keine Tipps, 1 eine Frage, 2 auch wo es steht, 3 auch ein Gerüst
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
from kurs import pruefe

import keras
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_iris
from sklearn.preprocessing import StandardScaler

# %% Daten: 150 Blüten, 4 Messwerte (cm), 3 Arten. Skalieren heißt: Mittelwert 0, Streuung 1.
x_raw, y = load_iris(return_X_y=True)
x_scaled = StandardScaler().fit_transform(x_raw)
updates = EPOCHS * int(np.ceil(len(y) / BATCH_SIZE))
print(f"{EPOCHS} Epochen × {int(np.ceil(len(y) / BATCH_SIZE))} Batches = {updates} Schritte je Training")


# %% Ein Training: Diese Funktion benutzt du in den Aufgaben
def train(learning_rate, x=x_scaled, units=16):
    """Trainiert ein kleines Netz mit SGD und gibt die Kurve des Verlusts zurück (ein Wert je Epoche)."""
    keras.utils.set_random_seed(SEED)
    model = keras.Sequential(
        [
            keras.Input(shape=(4,)),
            keras.layers.Dense(units, activation="relu"),
            keras.layers.Dense(3, activation="softmax"),
        ]
    )
    model.compile(
        optimizer=keras.optimizers.SGD(learning_rate=float(learning_rate)),
        loss="sparse_categorical_crossentropy",
    )
    return model.fit(x, y, epochs=EPOCHS, batch_size=BATCH_SIZE, verbose=0).history["loss"]


# %% Aufgabe 1 bis 3: drei Lernraten. Die erste Kurve ist geschenkt, zum Vergleichen.
print("Lernrate 0.01, zum Vergleich:", np.round(train(0.01)[::10], 2), "(Verlust, jede 10. Epoche)")

# ▼ AUFGABE 1: Finde eine Lernrate, mit der das Training kriecht: Der Verlust sinkt, aber kaum.
slow = ...
# ▲

# ▼ AUFGABE 2: Finde eine Lernrate, die passt: Nach allen Epochen ist der Verlust unter 0.15.
good = ...
# ▲

# ▼ AUFGABE 3: Finde eine Lernrate, mit der das Training auseinanderläuft (divergiert).
diverging = ...
# ▲

losses = {}
for name, learning_rate in [("kriecht", slow), ("passt", good), ("divergiert", diverging)]:
    if learning_rate is not ...:
        losses[name] = train(learning_rate)
        print(f"{name}: Lernrate {learning_rate}, Verlust {np.round(losses[name][::10], 3)} …")

# %% Aufgabe 4: Wie viele Epochen braucht die passende Lernrate, bis der Verlust unter 0.3 liegt?
loss_good = losses.get("passt", [])

# ▼ AUFGABE 4: Berechne die Nummer der ersten Epoche, deren Verlust in loss_good unter 0.3 liegt.
first_epoch = ...
# ▲

# %% Aufgabe 5 (Bonus): ohne Skalierung
# ▼ AUFGABE 5: Trainiere mit der passenden Lernrate auf den unskalierten Messwerten x_raw.
loss_unscaled = ...
# ▲

# %% Alle Kurven in einem Bild (logarithmisch, weil eine Kurve sonst alle anderen plattdrückt)
if loss_unscaled is not ...:
    losses["passt, aber unskaliert"] = loss_unscaled
if losses:
    plt.rcParams["font.size"] = 12
    figure, axis = plt.subplots(figsize=(9, 5))
    for (name, loss), style in zip(losses.items(), ["-", "--", ":", "-."]):
        axis.plot(range(1, len(loss) + 1), loss, style, label=name, linewidth=2)
    axis.set_yscale("log")
    axis.set_xlabel("Epoche")
    axis.set_ylabel("Verlust (Kreuzentropie, log)")
    axis.set_title("Dieselben Daten, dasselbe Netz: Nur die Lernrate ist anders")
    axis.legend()
    plt.show()


# %% Prüfung (hier nichts ändern)
def start(loss):
    return loss[0]


def end(loss):
    return loss[-1]


pruefe.erwarte(
    "Aufgabe 1",
    losses.get("kriecht", ...),
    (
        lambda loss: np.isfinite(end(loss)) and end(loss) < start(loss),
        lambda loss: f"Der Verlust sinkt gar nicht (Anfang {start(loss):.2f}, Ende {end(loss):.2f}). "
        "Ist die Lernrate negativ, null oder viel zu groß?",
    ),
    (
        lambda loss: end(loss) > 0.7,
        lambda loss: f"Das ist schon zu schnell: Der Verlust endet bei {end(loss):.2f}. Kriechen heißt "
        "hier, dass er über 0.7 bleibt.",
    ),
    tipps=[
        "Was passiert mit einem Schritt w − Lernrate · Gradient, wenn die Lernrate winzig ist?",
        "Vergleiche mit der geschenkten Kurve für 0.01 und geh um Zehnerpotenzen nach unten.",
        "slow = 0.0…1   # wie viele Nullen?",
    ],
)
pruefe.erwarte(
    "Aufgabe 2",
    losses.get("passt", ...),
    (
        lambda loss: np.isfinite(loss).all() and max(loss) < 5,
        "Dieses Training divergiert: Der Verlust schießt nach oben. Die Lernrate ist zu groß.",
    ),
    (
        lambda loss: end(loss) < 0.15,
        lambda loss: f"Der Verlust endet bei {end(loss):.2f}, also noch über 0.15: "
        "Die Lernrate ist zu klein für so wenige Epochen.",
    ),
    tipps=[
        "Welche Lernrate liegt zwischen „kriecht“ und „divergiert“?",
        "0.01 ist noch zu langsam, wie die geschenkte Kurve zeigt. Nimm das Zehnfache.",
        "good = 0.…",
    ],
)
pruefe.erwarte(
    "Aufgabe 3",
    losses.get("divergiert", ...),
    (
        lambda loss: not np.isfinite(loss).all() or max(loss) > 5,
        lambda loss: f"Das Training läuft nicht auseinander: Der Verlust endet bei {end(loss):.2f} und "
        f"war nie höher als {max(loss):.2f}. Geh weiter nach oben.",
    ),
    tipps=[
        "Was geschieht, wenn ein Schritt weit über das Tal hinausschießt?",
        "Dieses kleine Netz verträgt erstaunlich viel: 1 reicht nicht. Geh um Zehnerpotenzen nach oben.",
        "diverging = 1…   # hänge Nullen an",
    ],
)
pruefe.erwarte(
    "Aufgabe 4",
    first_epoch if "passt" in losses else ...,
    (
        lambda epoch: any(value < 0.3 for value in loss_good),
        "Mit deiner Lernrate aus Aufgabe 2 kommt der Verlust nie unter 0.3. Löse erst Aufgabe 2.",
    ),
    (
        lambda epoch: float(epoch) == int(epoch) and 1 <= epoch <= EPOCHS,
        lambda epoch: f"{epoch!r} ist keine Epochennummer. Gesucht ist eine ganze Zahl von 1 bis {EPOCHS}.",
    ),
    (
        lambda epoch: epoch != int(np.argmax(np.array(loss_good) < 0.3)),
        "Knapp daneben: Du zählst ab 0. Epochen zählt man ab 1.",
    ),
    (
        lambda epoch: epoch == int(np.argmax(np.array(loss_good) < 0.3)) + 1,
        lambda epoch: f"In Epoche {int(epoch)} ist der Verlust {loss_good[int(epoch) - 1]:.3f}; "
        "gesucht ist die erste Epoche, in der er unter 0.3 liegt.",
    ),
    tipps=[
        "loss_good ist eine Liste mit einem Verlust je Epoche. Wo unterschreitet sie zum ersten Mal 0.3?",
        "enumerate(liste, start=1) zählt ab 1 mit; np.argmax findet das erste True eines Vergleichs.",
        "below = [epoch for epoch, loss in enumerate(loss_good, start=1) if …]; first_epoch = below[…]",
    ],
)
pruefe.erwarte(
    "Aufgabe 5",
    loss_unscaled if "passt" in losses else ...,
    (
        lambda loss: len(loss) == EPOCHS,
        "loss_unscaled soll die Verlustkurve sein, die train(…) zurückgibt: ein Wert je Epoche.",
    ),
    (
        lambda loss: not np.allclose(loss, loss_good, equal_nan=True),
        "Das ist dieselbe Kurve wie in Aufgabe 2: Hast du x=x_raw vergessen?",
    ),
    (
        lambda loss: np.allclose(loss, train(good, x=x_raw), rtol=1e-3, equal_nan=True),
        "Diese Kurve gehört nicht zur Lernrate aus Aufgabe 2 auf x_raw: "
        "Lernrate oder Netz sind anders als dort.",
    ),
    tipps=[
        "Welches Argument von train(…) bestimmt die Daten?",
        "train hat das Argument x; ohne Angabe ist es x_scaled. Die Lernrate ist die aus Aufgabe 2.",
        "loss_unscaled = train(good, x=…)",
    ],
)
pruefe.fortschritt()

# %% Was man sieht
# Zu klein: fast waagrecht. Passend: steil, dann flach. Zu groß: Der erste Schritt schießt so weit
# über das Ziel, dass der Verlust in die Millionen springt. Ohne Skalierung ist dieselbe Lernrate
# plötzlich schlechter, weil lange Blütenblätter größere Gradienten liefern als schmale.
# Zum Weiterspielen: train(good, units=2) und train(good, units=512).
