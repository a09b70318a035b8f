"""Lastverteilung: zwei Arbeiter hinter einer Adresse; einer fällt aus, ein anderer kommt dazu.

Kapitel   6.70 MLOps und Deployment · Best Practices für das Deployment
Folie     Best Practices für das Deployment – Teil I · Teil II
Lernziel  Anfragen verteilen, einen Ausfall abfangen, Ersatz starten und erst dann Verkehr geben
Laufzeit  ca. 35 s (2 CPU-Kerne)
Daten     MNIST
Erwartet  anteil_arbeiter_1 0.4–0.6, fehler_beim_besucher 0–0, arbeiter_am_ende 2–2

Jeder Arbeiter ist ein Dienst in einem eigenen Prozess. Besucher kennen nur die Adresse des
Verteilers. Im Cluster übernimmt das Kubernetes, auch nach Last (Autoscaling): kubernetes.yaml.
"""

# %% Stellschrauben: hier live drehen
SECONDS = 4.0  # Test: 0.5; so lange dauert jede Phase
CLIENTS = 6  # Test: 2; Besucher gleichzeitig
MIN_WORKERS = 2  # sind es weniger, startet der Verteiler einen neuen
EPOCHS = 1
N_TRAIN = 2_000  # Test: 200
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
import atexit
import contextlib
import itertools
import time
from collections import Counter

from kurs import ausgabe_ordner, ergebnis
from kurs.bilder import mnist
from kurs.server import im_hintergrund

import matplotlib.pyplot as plt
import mlflow
import numpy as np
import requests
import ziffern
from fastapi import FastAPI, Response, UploadFile

folder = ausgabe_ordner()

# %% Ein Modell in der Registry
(x_train, y_train), (x_test, _) = mnist.load_data()
x_train, y_train = (x_train[:N_TRAIN] / 255).astype("float32"), y_train[:N_TRAIN]
ziffern.open_registry(folder)
model = ziffern.train(x_train, y_train, EPOCHS, SEED, copies=0)
version = ziffern.register(model, x_train[:2], alias="champion")
print(f"Version {version} liegt in {mlflow.get_tracking_uri()}")

# %% Arbeiter starten und beenden
stacks = {}  # Adresse → wie man diesen Arbeiter beendet


def start_worker():
    stack = contextlib.ExitStack()
    atexit.register(stack.close)  # auch bei Strg+C
    log = folder / f"arbeiter_{len(stacks) + 1}.txt"
    address = stack.enter_context(ziffern.service(log, wait=False))
    stacks[address] = stack
    return address


workers = [start_worker() for _ in range(2)]
for address in workers:
    ziffern.wait_for_version(address, version, 300)
print("Zwei Arbeiter laufen:", *workers)

# %% Der Verteiler: reihum auf die Arbeiter; wer nicht antwortet, bekommt nichts mehr
gateway, turn = FastAPI(), itertools.count()
answers = []  # (Zeitpunkt, Nummer des Arbeiters, Sekunden)
begin = time.perf_counter()


@gateway.post("/predict")
def route(file: UploadFile):
    picture = {"file": file.file.read()}
    while alive := list(workers):
        address = alive[next(turn) % len(alive)]
        try:
            reply = requests.post(f"{address}/predict", files=picture, timeout=30)
        except requests.RequestException:  # auch mitten in einer Antwort
            with contextlib.suppress(ValueError):  # ein anderer Faden war schneller
                workers.remove(address)
            continue
        number = list(stacks).index(address) + 1
        answers.append((time.perf_counter() - begin, number, reply.elapsed.total_seconds()))
        return Response(reply.content, reply.status_code, media_type="application/json")
    return Response("{}", 503, media_type="application/json")


running = contextlib.ExitStack()
atexit.register(running.close)
entrance = running.enter_context(im_hintergrund(gateway))
pictures = [ziffern.as_png(image / 255) for image in x_test[:100]]
outcomes = running.enter_context(ziffern.visitors(entrance, pictures, CLIENTS, SEED))

# %% Erst zwei Arbeiter, dann fällt einer mitten im Betrieb aus
time.sleep(SECONDS)
load = Counter(number for _, number, _ in answers)
print(f"Lastverteilung: Arbeiter 1 hatte {load[1]} Anfragen, Arbeiter 2 {load[2]}")
failed_at = time.perf_counter() - begin
stacks[workers[0]].close()
time.sleep(SECONDS)
print(f"Arbeiter 1 ist aus. Übrig: {len(workers)} Arbeiter")

# %% Ersatz: Sind es weniger als MIN_WORKERS, kommt einer dazu
while len(workers) < MIN_WORKERS:
    address = start_worker()
    ziffern.wait_for_version(address, version, 300)  # erst wenn /health gut ist, bekommt er Verkehr
    workers.append(address)
    print(f"Arbeiter {len(stacks)} ist dazugekommen", flush=True)
added_at = time.perf_counter() - begin
time.sleep(SECONDS)
running.close()
for stack in stacks.values():
    stack.close()
print(f"Besucher: {len(outcomes)} Anfragen, {outcomes.count(False)} ohne Antwort")

# %% Im Bild: Wer hat wann geantwortet?
moments, numbers, seconds = np.array(answers).T
for number in np.unique(numbers):
    own = numbers == number
    plt.plot(moments[own], 1000 * seconds[own], ".", label=f"Arbeiter {number:.0f}")
plt.axvline(failed_at, color="black", linestyle=":", label="Arbeiter 1 fällt aus")
plt.axvline(added_at, color="black", linestyle="--", label=f"bereit: {len(workers)}")
plt.yscale("log")
plt.xlabel("Zeit (Sekunden)")
plt.ylabel("Antwortzeit (ms)")
plt.title("Was merken die Besucher, wenn ein Arbeiter ausfällt?")
plt.legend()
plt.show()

ergebnis(
    anteil_arbeiter_1=load[1] / (load[1] + load[2]),
    fehler_beim_besucher=outcomes.count(False),
    arbeiter_am_ende=len(workers),
)
