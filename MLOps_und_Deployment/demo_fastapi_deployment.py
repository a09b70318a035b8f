"""FastAPI: das Champion-Modell als Dienst, mit Zeichenseite, /predict, /health und /metrics.

Kapitel   6.20 MLOps und Deployment · Deployment mit FastAPI
Folie     Code Demo: Modell mit FastAPI deployen
Lernziel  Ein Modell hinter eine Adresse stellen, Eingaben prüfen, ohne Pause die Version wechseln
Laufzeit  ca. 20 s (2 CPU-Kerne)
Daten     MNIST
Erwartet  genauigkeit_roh 0.15–0.5, genauigkeit_zentriert 0.92–1, abgewiesen 5–5,
          verlorene_anfragen 0–0, wechsel_sekunden 0–15

Erst der kleinste Dienst, der denkbar ist; dann der aus dem Ordner `dienst/`. Mit Bildschirm öffnet
sich am Ende die Zeichenseite und bleibt, bis du das Skript anhältst (Strg+C).
"""

# %% Stellschrauben: hier live drehen
EPOCHS = 2  # Test: 1
N_TRAIN = 4_000  # Test: 256
CLIENTS = 8  # so viele fragen gleichzeitig
SECONDS = 2.0  # Test: 0.2; so lange vor und nach dem Wechsel der Version
STAY_OPEN = True  # False: Der Dienst endet mit dem Skript, auch wenn es einen Bildschirm gibt
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
import atexit
import contextlib
import time
import webbrowser

from kurs import ausgabe_ordner, ergebnis
from kurs.bilder import mnist
from kurs.browser import jemand_sieht_zu
from kurs.server import im_hintergrund

import matplotlib.pyplot as plt
import mlflow
import numpy as np
import requests
import ziffern
from dienst.app import create_app
from dienst.bild import normalize
from fastapi import FastAPI
from PIL import Image
from pydantic import BaseModel

# %% Ein Champion in der Registry (wie das geht, zeigt demo_mlflow_model_registry)
(x_train, y_train), (x_test, y_test) = mnist.load_data()
x_train, y_train = (x_train[:N_TRAIN] / 255).astype("float32"), y_train[:N_TRAIN]
registry = ziffern.open_registry(ausgabe_ordner())
print("Ein kleines CNN wird trainiert und registriert …", flush=True)
trained = ziffern.train(x_train, y_train, EPOCHS, SEED)
first = ziffern.register(trained, x_train[:2], alias="champion")

# %% 1. Der kleinste Dienst: eine Adresse, eine Funktion. Aus den Typen prüft FastAPI die Eingabe.
model = mlflow.tensorflow.load_model(f"models:/{ziffern.NAME}@champion")
tiny_app = FastAPI()


class Picture(BaseModel):
    pixels: list[list[float]]


@tiny_app.post("/predict")
def predict(picture: Picture):
    images = np.array([picture.pixels], dtype="float32") / 255
    return {"digit": int(model(images, training=False).numpy().argmax())}


with im_hintergrund(tiny_app) as address:  # im Terminal: uvicorn datei:tiny_app
    print(f"\nDer kleinste Dienst; richtig wäre {y_test[0]}:")
    for pixels in (x_test[0].tolist(), "keine Zahlen"):
        answer = requests.post(f"{address}/predict", json={"pixels": pixels}, timeout=60)
        print(f"  HTTP {answer.status_code}: {answer.text[:100]}")

# %% 2. Was dem kleinsten Dienst fehlt: Wer zeichnet, trifft nie die Mitte
random = np.random.default_rng(SEED)
drawn = []  # Testziffern, wie jemand sie zeichnet: dunkel auf hell, irgendwo, irgendwie groß
for image in x_test[:300]:
    size = random.integers(90, 230)
    canvas = Image.new("L", (280, 280), 255)
    digit = Image.fromarray(255 - image).resize((size, size))
    canvas.paste(digit, tuple(random.integers(0, 281 - size, 2)))
    drawn.append(np.asarray(canvas))
raw = np.stack([255 - np.asarray(Image.fromarray(p).resize((28, 28))) for p in drawn]) / 255
centered = np.stack([normalize(picture.astype("float32")) for picture in drawn])  # dienst/bild.py
accuracy_raw = (model.predict(raw).argmax(axis=1) == y_test[:300]).mean()
accuracy_centered = (model.predict(centered).argmax(axis=1) == y_test[:300]).mean()
_, axes = plt.subplots(3, 6)
for line, pictures in zip(axes, (drawn, raw, centered)):
    for axis, picture in zip(line, pictures):
        axis.imshow(picture, cmap="gray")
        axis.axis("off")
axes[0, 0].set_title("gezeichnet", loc="left")
axes[1, 0].set_title(f"verkleinert: {accuracy_raw:.0%} erkannt", loc="left")
axes[2, 0].set_title(f"ausgeschnitten und zentriert: {accuracy_centered:.0%}", loc="left")
plt.show()

# %% 3. Der Dienst aus dienst/. Im Terminal: python -m dienst --port 8000
app = create_app(f"models:/{ziffern.NAME}@champion", mlflow.get_tracking_uri(), poll_seconds=0.2)
running = contextlib.ExitStack()
atexit.register(running.close)  # auch bei Strg+C
address = running.enter_context(im_hintergrund(app))
print(f"\nDer Dienst läuft auf {address}. /health sagt:")
print(" ", requests.get(f"{address}/health", timeout=60).text)

# %% Schlechte Eingaben: ein Grund statt eines Absturzes
pngs = [ziffern.as_png(image / 255) for image in x_test[:300]]
bad_files = {
    "eine Textdatei": b"Das ist kein Bild.",
    "ein abgeschnittenes PNG": pngs[0][: len(pngs[0]) // 2],
    "ein leeres Blatt": ziffern.as_png(np.zeros((28, 28))),
    "10.000 × 10.000 Pixel": ziffern.as_png(np.zeros((28, 28)), 10_000),
    "20 MB": bytes(20_000_000),
}
statuses = []
for name, file in bad_files.items():
    reply = requests.post(f"{address}/predict", files={"file": file}, timeout=60)
    statuses.append(reply.status_code)
    print(f"  {name}: HTTP {reply.status_code}, {reply.json()['detail']}")

# %% Unter Last ein neuer Champion: Der Alias wird umgesetzt, der Dienst lädt neben dem Betrieb
trained = ziffern.train(x_train, y_train, 1, SEED + 1, copies=1)
second = ziffern.register(trained, x_train[:2])
print(f"\n{CLIENTS} Clients fragen, mittendrin wird Version {second} Champion …", flush=True)

with ziffern.visitors(address, pngs, CLIENTS, SEED) as outcomes:
    time.sleep(SECONDS)
    start = time.perf_counter()
    registry.set_registered_model_alias(ziffern.NAME, "champion", second)
    ziffern.wait_for_version(address, second)
    switch_seconds = time.perf_counter() - start
    time.sleep(SECONDS)
print(f"  Nach {switch_seconds:.1f} s antwortet sie, ohne Neustart. ", end="")
print(f"{len(outcomes)} Anfragen, {outcomes.count(False)} ohne Antwort")

# %% /metrics: Zahlen für die Überwachung. Danach: zeichnen!
lines = requests.get(f"{address}/metrics", timeout=60).text.splitlines()
print("\nAus /metrics:", *(line for line in lines if line.startswith("ziffern_pre")), sep="\n  ")
ergebnis(
    genauigkeit_roh=accuracy_raw,
    genauigkeit_zentriert=accuracy_centered,
    abgewiesen=sum(400 <= status < 500 for status in statuses),
    verlorene_anfragen=outcomes.count(False),
    wechsel_sekunden=switch_seconds,
)
if STAY_OPEN and jemand_sieht_zu():
    print(f"\nZeichne eine Ziffer: {address} (Ende mit Strg+C)   Schnittstelle: {address}/docs")
    webbrowser.open(address)
    time.sleep(24 * 3600)
running.close()
