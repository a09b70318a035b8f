"""FastAPI: das Champion-Modell als Dienst, mit Zeichenseite, /predict, /health und /metrics.

Kapitel   6.20 MLOps und Deployment · Deployment mit FastAPI
Folie     Code Demo: Modell mit FastAPI deployen
Lernziel  Ein Modell hinter eine Adresse stellen, schlechte Eingaben abweisen, ohne Pause die Version wechseln
Laufzeit  ca. 40 s (2 CPU-Kerne)
Daten     MNIST
Erwartet  genauigkeit_roh 0.15–0.5, genauigkeit_zentriert 0.92–1, abgewiesen 5–5, verlorene_anfragen 0–0,
          anteil_neue_version 0.1–0.9

Erst der kleinste Dienst, der denkbar ist; dann der aus dem Ordner `dienst/`, der im Betrieb besteht. Mit
Bildschirm öffnet sich am Ende die Zeichenseite und bleibt, bis du das Skript anhältst (Strg+C).
"""

# %% Stellschrauben: hier live drehen
EPOCHS = 2  # Test: 1
N_TRAIN = 4_000  # Test: 256
REQUESTS = 2_000  # Test: 64; Anfragen unter Last
CLIENTS = 16  # so viele fragen gleichzeitig
SERVE_SECONDS = (
    -1
)  # Test: 0; so lange läuft der Dienst am Ende; -1: bis Strg+C, wenn es einen Bildschirm gibt
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
import atexit
import contextlib
import io
import os
import threading
import time
import webbrowser
from concurrent.futures import ThreadPoolExecutor

from kurs import ausgabe_ordner, ergebnis
from kurs.bilder import mnist
from kurs.server import im_hintergrund
from kurs.umgebung import hat_bildschirm

import matplotlib.pyplot as plt
import mlflow
import numpy as np
import requests
from dienst.app import create_app
from dienst.bild import normalize
from dienst.training import MODEL_NAME, open_registry, register, train
from fastapi import FastAPI
from PIL import Image
from pydantic import BaseModel

# %% Ein Champion in der Registry (wie das geht, zeigt demo_mlflow_model_registry)
(x_train, y_train), (x_test, y_test) = mnist.load_data()
x_train, y_train = (x_train[:N_TRAIN] / 255).astype("float32"), y_train[:N_TRAIN]
registry = open_registry(ausgabe_ordner())
print("Ein kleines CNN wird trainiert und registriert …", flush=True)
first = register(train(x_train, y_train, EPOCHS, SEED), x_train[:2], alias="champion")
print(f"models:/{MODEL_NAME}@champion ist Version {first}")

# %% 1. Der kleinste Dienst: eine Adresse, eine Funktion. Aus den Typen prüft FastAPI die Eingabe.
model = mlflow.tensorflow.load_model(f"models:/{MODEL_NAME}@champion")
tiny_app = FastAPI()


class Picture(BaseModel):
    pixels: list[list[float]]


@tiny_app.post("/predict")
def predict(picture: Picture):
    images = np.array([picture.pixels], dtype="float32") / 255
    return {"digit": int(model(images, training=False).numpy().argmax())}


with im_hintergrund(tiny_app) as address:  # im Terminal: uvicorn datei:tiny_app
    print("\nDer kleinste Dienst antwortet:")
    for pixels in (x_test[0].tolist(), "keine Zahlen"):
        answer = requests.post(f"{address}/predict", json={"pixels": pixels}, timeout=60)
        print(f"  HTTP {answer.status_code}: {answer.text[:100]}")
print(f"Richtig wäre {y_test[0]}. Was nicht zu den Typen passt, weist FastAPI selbst ab.")

# %% 2. Warum das nicht reicht: Wer zeichnet, trifft nie die Mitte
random = np.random.default_rng(SEED)
drawn = []  # Testziffern, wie jemand sie zeichnet: dunkel auf hell, irgendwo, irgendwie groß
for image in x_test[:300]:
    size = random.integers(90, 230)
    left, top = random.integers(0, 281 - size, 2)
    canvas = Image.new("L", (280, 280), 255)
    canvas.paste(
        Image.fromarray(255 - image).resize((size, size), Image.Resampling.BICUBIC), (left, top)
    )
    drawn.append(canvas)
raw = np.stack([255 - np.asarray(canvas.resize((28, 28))) for canvas in drawn]) / 255
centered = np.stack([normalize(np.asarray(canvas, dtype="float32")) for canvas in drawn])
accuracy_raw, accuracy_centered = (
    (model.predict(images.astype("float32"), verbose=0).argmax(axis=1) == y_test[:300]).mean()
    for images in (raw, centered)
)

figure, axes = plt.subplots(3, 6, figsize=(11, 6.5))
for column in range(6):
    for row, picture in enumerate((drawn[column], raw[column], centered[column])):
        axes[row, column].imshow(picture, cmap="gray")
        axes[row, column].set(xticks=[], yticks=[])
axes[0, 0].set_ylabel("gezeichnet")
axes[1, 0].set_ylabel(f"verkleinert\n{accuracy_raw:.0%} erkannt")
axes[2, 0].set_ylabel(f"wie in MNIST\n{accuracy_centered:.0%} erkannt")
figure.suptitle("Dasselbe Modell: Es erkennt nur, was aussieht wie im Training")
plt.show()
print(
    f"\nNur verkleinert erkennt das Modell {accuracy_raw:.1%}, ausgeschnitten und zentriert ",
    end="",
)
print(f"{accuracy_centered:.1%}.\nDiese Schritte gehören in den Dienst (dienst/bild.py).")


# %% 3. Der ganze Dienst. Im Terminal: python -m dienst --port 8000
def as_png(picture):
    picture.save(buffer := io.BytesIO(), "PNG")
    return buffer.getvalue()


def ask(file):
    return requests.post(f"{address}/predict", files={"file": file}, timeout=60)


app = create_app(f"models:/{MODEL_NAME}@champion", mlflow.get_tracking_uri(), poll_seconds=0.2)
server = contextlib.ExitStack()
atexit.register(server.close)  # auch wenn das Skript unterwegs abbricht
address = server.enter_context(im_hintergrund(app))
print(f"\nDer Dienst läuft auf {address}. /health sagt:")
print(" ", requests.get(f"{address}/health", timeout=60).json())
pngs = [as_png(canvas) for canvas in drawn]
answer = ask(pngs[0]).json()
print(f"Gezeichnet war eine {y_test[0]}, die Antwort: {answer['digit']}", end=", ")
print(f"zu {answer['probability']:.1%} sicher, Version {answer['version']}")

# %% Schlechte Eingaben: ein Grund statt eines Absturzes
print("\nWas er nicht annimmt:")
bad_files = {
    "eine Textdatei": b"Das ist kein Bild.",
    "ein abgeschnittenes PNG": pngs[0][: len(pngs[0]) // 2],
    "ein leeres Blatt": as_png(Image.new("L", (280, 280), 255)),
    "10.000 × 10.000 Pixel": as_png(Image.new("1", (10_000, 10_000))),
    "20 MB": bytes(20_000_000),
}
statuses = []
for name, file in bad_files.items():
    answer = ask(file)
    statuses.append(answer.status_code)
    print(f"  {name}: HTTP {answer.status_code}, {answer.json()['detail']}")

# %% Unter Last ein neuer Champion: Der Alias wird umgesetzt, der Dienst zieht nach
print("\nEine zweite Version wird trainiert …", flush=True)
second = register(train(x_train, y_train, 1, SEED + 1, copies=1), x_train[:2])
print(
    f"{CLIENTS} Clients fragen gleichzeitig, mittendrin wird Version {second} Champion …",
    flush=True,
)
connection = threading.local()  # je Client eine Verbindung, die offen bleibt
start = time.perf_counter()


def timed(number):
    if not hasattr(connection, "session"):
        connection.session = requests.Session()
    if number == REQUESTS // 3:
        registry.set_registered_model_alias(MODEL_NAME, "champion", second)
    begin = time.perf_counter()
    picture = {"file": pngs[number % len(pngs)]}
    reply = connection.session.post(f"{address}/predict", files=picture, timeout=60)
    end = time.perf_counter()
    return begin - start, end - begin, reply.json()["version"] if reply.ok else "Fehler"


with ThreadPoolExecutor(CLIENTS) as pool:
    log = list(pool.map(timed, range(REQUESTS)))
begins, seconds = (np.array([entry[i] for entry in log]) for i in (0, 1))
versions = np.array([entry[2] for entry in log])
lost = (versions == "Fehler").sum()
print(f"  Version {first} gab {(versions == first).sum()} Antworten, ", end="")
print(f"Version {second} gab {(versions == second).sum()}, verloren gingen {lost}")

figure, axis = plt.subplots(figsize=(9, 5))
for version, color, marker in ((first, "tab:blue", "o"), (second, "tab:orange", "^")):
    own = versions == version
    label = f"beantwortet von Version {version}"
    axis.scatter(begins[own], 1000 * seconds[own], 14, color, marker=marker, alpha=0.5, label=label)
axis.set(xlabel="Zeitpunkt der Anfrage (Sekunden)", ylabel="Antwortzeit (ms)", yscale="log")
axis.set_title("Modellwechsel im laufenden Betrieb: keine Anfrage geht verloren")
axis.legend(loc="upper right")
plt.show()
print(
    "Die neue Version lädt neben dem Betrieb; dann wird ein Zeiger umgesetzt, und niemand wartet."
)
print("(Hier teilen sich Clients und Dienst einen Prozess; messe_dienst.py misst getrennt.)")

# %% /metrics: dieselben Zahlen für die Überwachung
print("\nAus /metrics:")
wanted = ("ziffern_requests_total", "ziffern_batch_size_s", "ziffern_batch_size_c")
for line in requests.get(f"{address}/metrics", timeout=60).text.splitlines():
    if line.startswith(wanted):
        print(" ", line)
print("batch_size: Bilder geteilt durch Rechengänge; so viele Anfragen fahren im Mittel gemeinsam.")

# %% Zeichnen! Der Dienst bleibt, bis du ihn anhältst
on_screen = hat_bildschirm() and os.environ.get("MPLBACKEND") != "module://kurs.plotablage"
if SERVE_SECONDS > 0 or (SERVE_SECONDS < 0 and on_screen):
    print(f"\nZeichne eine Ziffer: {address}   Schnittstelle: {address}/docs")
    print("Der Dienst endet, wenn du das Skript anhältst (Strg+C).", flush=True)
    webbrowser.open(address)
    try:
        time.sleep(SERVE_SECONDS if SERVE_SECONDS > 0 else 10**6)
    except KeyboardInterrupt:
        print("Der Dienst endet.")
server.close()

ergebnis(
    genauigkeit_roh=accuracy_raw,
    genauigkeit_zentriert=accuracy_centered,
    abgewiesen=sum(400 <= status < 500 for status in statuses),
    verlorene_anfragen=lost,
    anteil_neue_version=(versions == second).mean(),
)
