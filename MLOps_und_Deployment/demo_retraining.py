"""Retraining: Daten ändern sich, der Dienst merkt es ohne Labels, ein neues Modell muss durchs Tor.

Kapitel   6.50 MLOps und Deployment · Automatisierte Retrainings
Folie     Automatisierte Retrainings bei Datenaktualisierungen
Lernziel  Drift erkennen, nachtrainieren, vergleichen, befördern oder ablehnen
Laufzeit  ca. 30 s (2 CPU-Kerne)
Daten     MNIST
Erwartet  genauigkeit_vorher 0.92–0.98, genauigkeit_drift 0.28–0.5, genauigkeit_danach 0.72–0.9,
          tage_bis_alarm 0–1, fehlalarme 0–1, befoerdert 1–1, abgelehnt 1–1
Original  genauigkeit_vorher 0.9–0.955, genauigkeit_drift 0.32–0.47, genauigkeit_danach 0.7–0.87,
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
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
import atexit
import contextlib

from kurs import ausgabe_ordner, ergebnis
from kurs.bilder import mnist

import matplotlib.pyplot as plt
import mlflow
import numpy as np
import qualitaetstor
import requests
import ziffern
from dienst.bild import normalize
from scipy import ndimage, stats

random = np.random.default_rng(SEED)
folder = ausgabe_ordner()

# %% Daten: einige zum Trainieren, der Rest kommt Tag für Tag; MNISTs Testbilder gehören dem Tor
(x_all, y_all), (x_gate, y_gate) = mnist.load_data()
x_train, y_train = (x_all[:N_TRAIN] / 255).astype("float32"), y_all[:N_TRAIN]
stream_x, stream_y = x_all[N_TRAIN:], y_all[N_TRAIN:]
days = min(DAYS, len(stream_x) // PER_DAY)
print(f"{days} Tage mit je {PER_DAY} Bildern, {len(x_train)} zum Trainieren", flush=True)
def tilt(image):
    """Dreht das Bild um etwa ANGLE Grad und zentriert wie der Dienst; heraus kommt 0–1."""
    turned = ndimage.rotate(image, random.normal(ANGLE, 4), reshape=True)
    return normalize(np.clip(turned, 0, 255).astype("float32"))

# %% Registry, erster Champion, Dienst (ein eigener Prozess, der dem Alias champion folgt)
ziffern.open_registry(folder)
model = ziffern.train(x_train, y_train, EPOCHS, SEED, copies=0)
version = ziffern.register(model, x_train[:2], alias="champion", anlass="erstes Training")
running = contextlib.ExitStack()
atexit.register(running.close)  # auch bei Strg+C
address = running.enter_context(ziffern.service(folder / "dienst.txt"))
print(f"Version {version} antwortet auf {address}")

# %% Die Pipeline: trainieren, registrieren, ans Tor. Befördert wird nur mit Exit-Code 0.
def pipeline(labels, reason):
    """Trainiert mit allem, was beschriftet ist. Rückgabe: "befördert" oder "abgelehnt"."""
    images, truth = np.concatenate(seen), np.concatenate(seen_labels)
    held_out = np.arange(len(images)) % 4 == 0  # jedes vierte Bild bleibt für das Tor
    x = np.concatenate([x_train, images[~held_out].astype("float32")])
    model = ziffern.train(x, np.append(y_train, labels[~held_out]), EPOCHS, SEED, copies=1)
    version = ziffern.register(model, x_train[:2], anlass=reason)
    exam = folder / "tor.npz"  # alte und neue Bilder, richtig beschriftet, keines aus dem Training
    x_exam = np.concatenate([x_gate[:200] / 255, images[held_out]])
    np.savez_compressed(exam, x=x_exam, y=np.append(y_gate[:200], truth[held_out]))
    command = [ziffern.NAME, version, "--registry", mlflow.get_tracking_uri(), "--daten", str(exam)]
    if qualitaetstor.main(command) != 0:
        return "abgelehnt"
    ziffern.wait_for_version(address, version)  # der Dienst zieht von selbst nach
    return "befördert"

# %% Womit verglichen wird: wie sicher das Modell auf Bildern ist, die es kennt. Ohne Labels.
def confidences(images):
    champion = mlflow.tensorflow.load_model(f"models:/{ziffern.NAME}@champion")
    return champion.predict(images.astype("float32")).max(axis=1)

reference = confidences(x_gate / 255)

# %% Tag für Tag im Betrieb
seen, seen_labels, log, events = [], [], [], {}
for day in range(1, days + 1):
    today = slice((day - 1) * PER_DAY, day * PER_DAY)
    images, labels = stream_x[today] / 255, stream_y[today]
    if day >= DRIFT_DAY:
        images = np.stack([tilt(image) for image in stream_x[today]])
    pngs = [ziffern.as_png(image) for image in images]
    answers = [requests.post(f"{address}/predict", files={"file": png}).json() for png in pngs]
    confidence = np.array([answer["probability"] for answer in answers])
    p_value = stats.ks_2samp(confidence, reference).pvalue
    accuracy = np.mean([answer["digit"] for answer in answers] == labels)
    seen.append(images)
    seen_labels.append(labels)  # die trägt jemand später nach; der Alarm braucht sie nicht
    log.append((day, accuracy, confidence.mean(), p_value < ALARM))
    print(f"Tag {day:2}: im Mittel zu {confidence.mean():.0%} sicher, p = {p_value:.0e}, ", end="")
    print(f"später nachgezählt {accuracy:.0%} richtig", flush=True)

    if p_value < ALARM and "Alarm" not in events.values():
        events[day] = "Alarm"
        print(f"  ALARM: kein gewöhnlicher Tag. {LABEL_DAYS} Tage lang wird beschriftet.")
    elif events.get(day - LABEL_DAYS) == "Alarm":
        events[day] = pipeline(np.concatenate(seen_labels), "Drift")
        # gewohnt sind ab jetzt die letzten Tage: jedes vierte Bild, die anderen sind trainiert
        reference = confidences(np.concatenate(seen)[::4][-LABEL_DAYS * PER_DAY // 4 :])
    elif day == BAD_DAY:
        print("  Routine: wieder nachtrainieren. Dabei verrutschen die neuen Labels um eine Zeile.")
        events[day] = pipeline(np.roll(np.concatenate(seen_labels), 1), "Routine")
running.close()

# %% Im Bild
number, accuracy, confidence, alarms = np.array(log, dtype=float).T
plt.plot(number, accuracy, "o-", label="Genauigkeit (erst später bekannt)")
plt.plot(number, confidence, "s--", label="mittlere Sicherheit (sofort bekannt)")
tilted = min(DRIFT_DAY, days + 1) - 0.5, days + 0.5
plt.axvspan(*tilted, color="gray", alpha=0.15, label="das Tablet hängt schief")
for day, event in events.items():
    plt.axvline(day + 0.5, color="black", linestyle=":")
    plt.text(day + 0.45, 0.2, event, rotation=90, ha="right")
plt.gca().set(xlabel="Tag", ylim=(0, 1.05))
plt.title("Sieht man ohne Labels, dass sich die Daten geändert haben?")
plt.legend(loc="lower center", ncols=2)
plt.show()

alarm_day = next((day for day, event in events.items() if event == "Alarm"), days + 1)
new_model_day = next((day for day, event in events.items() if event == "befördert"), days)
phases = np.split(accuracy, [np.clip(DRIFT_DAY - 1, 0, days), new_model_day])
means = [phase.mean() if len(phase) else 0.0 for phase in phases]
for name, phase in zip(("vor der Drift", "danach", "mit der neuen Version"), phases):
    print(f"Genauigkeit {name}:", f"{phase.mean():.2f}" if len(phase) else "kein solcher Tag")
ergebnis(
    genauigkeit_vorher=means[0],
    genauigkeit_drift=means[1],
    genauigkeit_danach=means[2],
    tage_bis_alarm=alarm_day - DRIFT_DAY,
    fehlalarme=alarms[: len(phases[0])].sum() + alarms[new_model_day:].sum(),
    befoerdert=list(events.values()).count("befördert"),
    abgelehnt=list(events.values()).count("abgelehnt"),
)
