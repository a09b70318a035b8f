"""Autoscaling: Die Last steigt, ein dritter Arbeiter startet; sie fällt, und er geht wieder.

Kapitel   6.80 MLOps und Deployment · Best Practices für das Deployment
Folie     Best Practices für das Deployment – Teil I
Lernziel  Nach Last skalieren, einen Alarm auslösen und aufheben, ohne Fehler verkleinern
Laufzeit  ca. 40 s (2 CPU-Kerne)
Daten     MNIST
Erwartet  arbeiter_hoechstens 3–3, arbeiter_am_ende 2–2, alarme 1–1, fehler_beim_besucher 0–0

Jeder Arbeiter ist ein Dienst in einem eigenen Prozess. Der Verteiler zählt mit prometheus_client,
wie viele Anfragen offen sind; danach richtet sich die Zahl der Arbeiter, wie in kubernetes.yaml.
"""

# %% Stellschrauben: hier live drehen
CLIENTS = (2, 16, 2)  # Test: (1, 6, 1); so viele Besucher gleichzeitig in den drei Phasen
TARGET = 5  # Test: 2; so viele offene Anfragen soll ein Arbeiter haben; danach wird skaliert
ALERT_LIMIT = 6  # mehr je Arbeiter: Alarm
MIN_WORKERS, MAX_WORKERS = 2, 3  # mehr als MAX_WORKERS werden es nie
READINGS = 15  # Test: 5; über so viele Messungen wird gemittelt
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
import atexit
import contextlib
import math
import time
from collections import deque

from kurs import ausgabe_ordner, ergebnis
from kurs.bilder import mnist
from kurs.server import im_hintergrund

import keras
import matplotlib.pyplot as plt
import requests
import ziffern
from fastapi import FastAPI, Response, UploadFile
from prometheus_client import CollectorRegistry, Gauge

# %% Ein Modell, das lange rechnet: Es antwortet 2000-mal mit Dropout und mittelt
(x, y), _ = mnist.load_data()
x, y = (x[:500] / 255).astype("float32"), y[:500]
ziffern.open_registry(ausgabe_ordner())
model = ziffern.train(x, y, 1, SEED, copies=0)
inputs = keras.Input((28, 28))
copies = model(keras.ops.repeat(inputs, 2000, axis=0), training=True)
slow = keras.Model(inputs, keras.ops.mean(keras.ops.reshape(copies, (-1, 2000, 10)), axis=1))
ziffern.register(slow, x[:2], alias="champion")

# %% Arbeiter: Sie starten, arbeiten und gehen wieder
starting, workers = [], []  # ihre Adressen
stacks = {}  # Adresse → wie man diesen Arbeiter beendet


def start_worker():
    stack = contextlib.ExitStack()
    atexit.register(stack.close)  # auch bei Strg+C
    log = ausgabe_ordner() / f"arbeiter_{len(stacks) + 1}.txt"
    address = stack.enter_context(ziffern.service(log, wait=False))
    stacks[address] = stack
    starting.append(address)


# %% Der Verteiler: gibt jede Anfrage dem, der am wenigsten zu tun hat, und zählt die offenen
gateway, metrics = FastAPI(), CollectorRegistry()
waiting = Gauge("offene_anfragen", "Anfragen ohne Antwort", ["arbeiter"], registry=metrics)
count_open = lambda address: metrics.get_sample_value("offene_anfragen", {"arbeiter": address}) or 0


@gateway.post("/predict")
def route(file: UploadFile):
    address = min(workers, key=count_open)
    with waiting.labels(address).track_inprogress():
        reply = requests.post(f"{address}/predict", files={"file": file.file.read()}, timeout=300)
    return Response(reply.content, reply.status_code, media_type="application/json")


# %% Der Autoscaler: misst, mittelt und handelt; auch der von Kubernetes rechnet so
window = deque(maxlen=READINGS)
history, incidents = [], ["Entwarnung"]  # je Messung; je Wechsel des Alarms
needed = lambda load: min(max(math.ceil(load / TARGET), MIN_WORKERS), MAX_WORKERS)


def control():  # eine Messung und was daraus folgt; Rückgabe: ob gerade alles passt
    time.sleep(0.1)
    for address in list(starting):
        with contextlib.suppress(requests.RequestException):
            if requests.get(f"{address}/health", timeout=5).ok:  # erst dann bekommt er Verkehr
                workers.append(address)
                starting.remove(address)
                print(f"  Ein Arbeiter ist bereit, es sind {len(workers)}", flush=True)
    window.append(sum(map(count_open, stacks)))
    load = sum(window) / len(window)
    if needed(load) > len(workers) + len(starting):
        print(f"  {load:.1f} offene Anfragen: Ein Arbeiter startet", flush=True)
        start_worker()
    elif needed(max(window)) < len(workers):  # abgebaut wird erst, wenn länger Ruhe ist
        address = workers.pop()  # bekommt nichts Neues mehr
        time.sleep(0.1)  # wer ihn eben noch ausgesucht hat, kommt noch an
        while count_open(address):  # erst bekommen alle ihre Antwort
            time.sleep(0.1)
        stacks[address].close()
        print(f"  {load:.1f} offene Anfragen: Ein Arbeiter geht, es bleiben {len(workers)}")
    each = load / max(1, len(workers))
    history.append((each, len(workers)))
    status = "ALARM" if each > ALERT_LIMIT else "Entwarnung"
    if TARGET < each <= ALERT_LIMIT:  # Entwarnung erst wieder beim Ziel, sonst flattert der Alarm
        status = incidents[-1]
    if status != incidents[-1]:  # im Betrieb ginge jetzt eine Nachricht an die Bereitschaft
        incidents.append(status)
        print(f"  {status}: {each:.1f} offene Anfragen je Arbeiter", flush=True)
    return needed(load) == len(workers)


# %% Drei Phasen: wenige Besucher, viele, wieder wenige
pictures, outcomes = [ziffern.as_png(image) for image in x[:100]], []
while len(workers) < min(MIN_WORKERS, MAX_WORKERS):
    control()
history.clear()
with im_hintergrund(gateway) as entrance:
    print(f"Der Verteiler läuft auf {entrance}, der erste Arbeiter auf {workers[0]}")
    for number in CLIENTS:
        print(f"\n{number} Besucher", flush=True)
        with ziffern.visitors(entrance, pictures, number, SEED) as answers:
            steady = 0  # so viele Messungen in Folge gab es nichts zu ändern
            while steady < 2 * READINGS:
                steady = steady + 1 if control() and len(answers) >= 2 * number else 0
        outcomes += answers
for stack in stacks.values():
    stack.close()
print(f"\n{len(outcomes)} Anfragen, {outcomes.count(False)} ohne Antwort")

# %% Bild
loads, sizes = zip(*history)
plt.plot(loads, label="offene Anfragen je Arbeiter")
plt.plot(sizes, drawstyle="steps-post", label="Arbeiter, die Verkehr bekommen")
plt.axhline(ALERT_LIMIT, color="black", linestyle=":", label="Grenze für den Alarm")
plt.gca().set(title="Wie folgt die Zahl der Arbeiter der Last?", xlabel="Messung")
plt.legend()
plt.show()

# %% Was man sieht
# Bis der neue Arbeiter bereit ist, vergeht Zeit: Er muss sein Modell laden. So lange bleibt der
# Alarm. Auf einem Rechner teilen sich die Arbeiter die Kerne; im Cluster bringt jeder eigene mit.
ergebnis(
    arbeiter_hoechstens=max(sizes),
    arbeiter_am_ende=len(workers),
    alarme=incidents.count("ALARM"),
    fehler_beim_besucher=outcomes.count(False),
)
