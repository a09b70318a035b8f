"""Retraining: Daten ändern sich, der Dienst merkt es ohne Labels, ein neues Modell muss durchs Tor.

Kapitel   6.50 MLOps und Deployment · Automatisierte Retrainings
Folie     Automatisierte Retrainings bei Datenaktualisierungen
Lernziel  Drift erkennen, nachtrainieren, vergleichen, befördern oder ablehnen
Laufzeit  ca. 45 s (2 CPU-Kerne)
Daten     MNIST
Erwartet  genauigkeit_vorher 0.92–0.98, genauigkeit_drift 0.28–0.5, genauigkeit_danach 0.72–0.88,
          tage_bis_alarm 0–1, fehlalarme 0–1, befoerdert 1–1, abgelehnt 1–1

Ein Dienst beantwortet jeden Tag neue Bilder. Eines Tages hängt das Tablet schief, auf dem die Leute
zeichnen. Die richtigen Antworten kennt der Dienst nicht; auffallen muss es trotzdem.
"""

# %% Stellschrauben: hier live drehen
DAYS = 12
DRIFT_DAY = 4  # von diesem Tag an hängt das Tablet schief
LABEL_DAYS = 2  # so viele Tage nach dem Alarm sind genug Bilder beschriftet
BAD_DAY = 9  # die Routine trainiert wieder, aber die neuen Labels verrutschen
ANGLE = 40  # Grad
PER_DAY = 120  # Test: 8
ALARM = 0.001  # so unwahrscheinlich muss ein Tag sein, wenn sich nichts geändert hätte
EPOCHS = 4  # Test: 1
N_TRAIN = 2_500  # Test: 200
AS_COMMAND = True  # Test: False; das Tor als eigener Prozess, wie in der Pipeline
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
import atexit
import contextlib

from kurs import ausgabe_ordner, ergebnis
from kurs.bilder import mnist

import matplotlib.pyplot as plt
import mlflow
import numpy as np
import requests
from dienst.betrieb import as_png, quality_gate, service, wait_for_version
from dienst.bild import normalize
from dienst.training import MODEL_NAME, open_registry, register, train
from scipy import ndimage, stats

random = np.random.default_rng(SEED)
folder = ausgabe_ordner()

# %% Daten: einige zum Trainieren, einige für das Tor, der Rest kommt Tag für Tag
(x_all, y_all), (x_gate, y_gate) = mnist.load_data()
x_train, y_train = (x_all[:N_TRAIN] / 255).astype("float32"), y_all[:N_TRAIN]
stream_x, stream_y = x_all[2_500:], y_all[2_500:]


def tilt(images):
    """Dreht jedes Bild um etwa ANGLE Grad und zentriert wie der Dienst."""
    angles = random.normal(ANGLE, 4, len(images))
    turned = [ndimage.rotate(image, angle, reshape=True) for image, angle in zip(images, angles)]
    return np.stack([normalize(np.clip(image, 0, 255).astype("float32")) for image in turned])


# %% Registry, erster Champion, Dienst (ein eigener Prozess, der dem Alias champion folgt)
registry = open_registry(folder)
print("Das erste Modell wird trainiert, der Dienst startet …", flush=True)
model = train(x_train, y_train, EPOCHS, SEED, copies=0)
version = register(model, x_train[:2], alias="champion", anlass="erstes Training")
running = contextlib.ExitStack()
atexit.register(running.close)
address = running.enter_context(service(folder / "dienst.txt"))
print(f"Version {version} antwortet auf {address}")


# %% Die Pipeline: trainieren, registrieren, ans Tor. Befördert wird nur mit Exit-Code 0.
def pipeline(new_labels, reason):
    """Trainiert mit allem, was beschriftet ist. Rückgabe: ob die neue Version Champion wurde."""
    new_images = np.concatenate(seen)
    held_out = np.arange(len(new_images)) % 4 == 0  # jedes vierte Bild bleibt für das Tor
    model = train(
        np.concatenate([x_train, new_images[~held_out]]).astype("float32"),
        np.concatenate([y_train, new_labels[~held_out]]),
        EPOCHS, SEED, copies=1,
    )  # fmt: skip
    version = register(model, x_train[:2], anlass=reason)
    exam = folder / "tor.npz"  # alte und neue Bilder, richtig beschriftet, keines aus dem Training
    np.savez_compressed(
        exam,
        x=np.concatenate([x_gate[:200] / 255, new_images[held_out]]),
        y=np.concatenate([y_gate[:200], np.concatenate(seen_labels)[held_out]]),
    )
    promoted = quality_gate(version, "--daten", str(exam), as_command=AS_COMMAND) == 0
    if promoted:
        wait_for_version(address, version)  # der Dienst zieht von selbst nach
    return promoted


# %% Womit verglichen wird: wie sicher das Modell auf Bildern ist, die es kennt. Das braucht keine Labels.
def confidences(images):
    champion = mlflow.tensorflow.load_model(f"models:/{MODEL_NAME}@champion")
    return champion.predict(images.astype("float32"), verbose=0).max(axis=1)


reference = confidences(x_gate / 255)

# %% Tag für Tag im Betrieb
seen, seen_labels, days, events = [], [], [], {}
for day in range(1, DAYS + 1):
    today = slice((day - 1) * PER_DAY, day * PER_DAY)
    images, labels = stream_x[today] / 255, stream_y[today]
    if day >= DRIFT_DAY:
        images = tilt(stream_x[today])
    replies = [
        requests.post(f"{address}/predict", files={"file": as_png(image)}, timeout=60).json()
        for image in images
    ]
    confidence = np.array([reply["probability"] for reply in replies])
    p_value = stats.ks_2samp(confidence, reference).pvalue
    accuracy = np.mean([reply["digit"] for reply in replies] == labels)
    seen.append(images)
    seen_labels.append(labels)  # die trägt jemand später nach; der Alarm braucht sie nicht
    days.append((accuracy, confidence.mean(), p_value < ALARM))
    print(f"Tag {day:2}: im Mittel zu {confidence.mean():.0%} sicher, p = {p_value:.0e}, ", end="")
    print(f"später nachgezählt {accuracy:.0%} richtig", flush=True)

    if p_value < ALARM and "Alarm" not in events.values():
        events[day] = "Alarm"
        print(
            f"  ALARM: So sieht kein gewöhnlicher Tag aus. {LABEL_DAYS} Tage lang wird beschriftet."
        )
    elif events.get(day - LABEL_DAYS) == "Alarm":
        promoted = pipeline(np.concatenate(seen_labels), f"Drift an Tag {day - LABEL_DAYS}")
        events[day] = "befördert" if promoted else "abgelehnt"
        reference = confidences(
            np.concatenate(seen[-LABEL_DAYS:])[::4]
        )  # die neuen sind jetzt gewohnt
    elif day == BAD_DAY:
        print("  Routine: wieder nachtrainieren. Dabei verrutschen die neuen Labels um eine Zeile.")
        promoted = pipeline(np.roll(np.concatenate(seen_labels), 1), "Routine")
        events[day] = "befördert" if promoted else "abgelehnt"
running.close()

# %% Im Bild
accuracy, confidence, alarms = np.array(days, dtype=float).T
number = np.arange(1, DAYS + 1)
figure, axis = plt.subplots(figsize=(10, 5.5))
axis.plot(
    number,
    accuracy,
    "o-",
    color="tab:blue",
    linewidth=2.5,
    label="Genauigkeit (erst später bekannt)",
)
axis.plot(
    number,
    confidence,
    "s--",
    color="tab:orange",
    linewidth=2.5,
    label="mittlere Sicherheit (sofort bekannt)",
)
axis.axvspan(DRIFT_DAY - 0.5, DAYS + 0.5, color="gray", alpha=0.15)
axis.text(DRIFT_DAY - 0.4, 0.03, "das Tablet hängt schief", fontsize=12)
for day, event in events.items():
    axis.axvline(day + 0.5, color="black", linestyle=":")
    axis.text(day + 0.45, 0.12, event, rotation=90, ha="right", fontsize=13)
axis.set(xlabel="Tag", ylabel="Anteil", ylim=(0, 1.05), xlim=(0.5, DAYS + 0.5), xticks=number)
axis.set_title("Die Sicherheit fällt mit der Genauigkeit: So merkt der Dienst es ohne Labels")
axis.legend(loc="center left")
plt.show()
alarm_day = next((day for day, event in events.items() if event == "Alarm"), DAYS + 1)
new_model_day = next((day for day, event in events.items() if event == "befördert"), DAYS)
phases = np.split(accuracy, [DRIFT_DAY - 1, new_model_day])
before, drifting = phases[0].mean(), phases[1].mean()
after = phases[2].mean() if len(phases[2]) else drifting  # ohne neue Version bleibt es so
print(f"Genauigkeit vor der Drift {before:.2f}, danach {drifting:.2f},")
print(f"mit der neuen Version {after:.2f}." if len(phases[2]) else "eine neue Version kam nicht.")
print(
    "Befördert wurde nur, was das Tor bestand; von abgelehnten Versionen merkt kein Besucher etwas."
)

ergebnis(
    genauigkeit_vorher=before,
    genauigkeit_drift=drifting,
    genauigkeit_danach=after,
    tage_bis_alarm=alarm_day - DRIFT_DAY,
    fehlalarme=alarms[: DRIFT_DAY - 1].sum() + alarms[new_model_day:].sum(),
    befoerdert=sum(event == "befördert" for event in events.values()),
    abgelehnt=sum(event == "abgelehnt" for event in events.values()),
)
