"""Misst den Dienst unter Last und daneben, was man sonst nähme. 16 Clients gleichzeitig.

    python messe_dienst.py [Sekunden]

Beim Ziffern-Dienst wechselt mittendrin alle drei Sekunden das Modell, jedes Mal auf eine neue
Version. Server und Clients sind zwei Prozesse auf diesem Rechner. Verlangt sind 400 Vorhersagen je
Sekunde, 99 von 100 Antworten binnen 60 ms, keine verlorene Anfrage und das Zwanzigfache der beiden
anderen. Exit-Code 0: gehalten, 1: nicht.
"""

import itertools
import json
import os
import re
import socket
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from kurs import ausgabe_ordner
from kurs.bilder import mnist
from kurs.kern import abbruch
from kurs.server import prozess

import fastapi
import mlflow
import numpy as np
import uvicorn
from dienst.bild import normalize, open_image, read_gray
from ziffern import NAME, as_png, open_registry, register, service, train

CLIENTS = 16
WARM_UP = 2.0  # Sekunden, die nicht zählen
SWITCH_EVERY = 3.0  # so oft wechselt der Champion
MIN_RATE, MAX_P99, MIN_FACTOR = 400, 0.060, 20


def plain_app(registry: str) -> fastapi.FastAPI:
    """So steht es in den meisten Anleitungen: FastAPI, UploadFile, model.predict."""
    app = fastapi.FastAPI()
    mlflow.set_tracking_uri(registry)
    mlflow.set_registry_uri(registry)
    model = mlflow.tensorflow.load_model(f"models:/{NAME}@champion")

    @app.get("/health")
    def health():
        return "ok"

    @app.post("/predict")
    def predict(file: fastapi.UploadFile):
        image = normalize(read_gray(open_image(file.file.read())))
        return {"digit": int(model.predict(image[None], verbose=0).argmax())}

    return app


def multipart(png: bytes) -> bytes:
    """Der Körper eines Formulars mit der Bilddatei, wie ein Browser ihn schickt."""
    head = b'--grenze\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n'
    return head + b"Content-Type: image/png\r\n\r\n" + png + b"\r\n--grenze--\r\n"


def request(path: str, kind: str, body: bytes) -> bytes:
    """Eine HTTP-Anfrage als Bytes: Wer misst, soll dem Dienst wenig Rechenzeit wegnehmen."""
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def ask(connection: socket.socket, message: bytes) -> bool:
    """Schickt die Anfrage und liest die ganze Antwort. Rückgabe: ob es eine gute war."""
    connection.sendall(message)
    reply = b""
    while (end := reply.find(b"\r\n\r\n")) < 0:
        if not (part := connection.recv(65536)):
            return False
        reply += part
    length = int(re.search(rb"(?i)content-length: *(\d+)", reply)[1])
    while len(reply) < end + 4 + length:
        reply += connection.recv(65536)
    return reply.startswith(b"HTTP/1.1 200")


def client(address: str, messages: list[bytes], offset: int, end: float, log: list) -> None:
    """Ein Besucher: fragt, wartet auf die Antwort, fragt wieder, alles über eine Verbindung."""
    place = (urlsplit(address).hostname, urlsplit(address).port)
    connection = socket.create_connection(place, timeout=30)
    for number in itertools.count(offset):
        if (start := time.perf_counter()) >= end:
            break
        try:
            good = ask(connection, messages[number % len(messages)])
        except OSError:
            good = False
            connection = socket.create_connection(place, timeout=30)
        log.append((start, time.perf_counter() - start, good))
    connection.close()


def measure(name: str, address: str, messages: list[bytes], seconds: float, switch=None):
    """Last auf einen Server; druckt eine Zeile der Tabelle. Rückgabe: Rate, p99, Verlorene."""
    log: list[tuple[float, float, bool]] = []
    begin = time.perf_counter()
    end = begin + WARM_UP + seconds
    threads = [
        threading.Thread(target=client, args=(address, messages, 13 * n, end, log))
        for n in range(CLIENTS)
    ]
    for thread in threads:
        thread.start()
    while switch and time.perf_counter() + SWITCH_EVERY < end:
        time.sleep(SWITCH_EVERY)
        switch()
    for thread in threads:
        thread.join()
    latencies = np.array([latency for start, latency, _ in log if start >= begin + WARM_UP])
    lost = sum(not good for _, _, good in log)
    rate, (p50, p99) = len(latencies) / seconds, np.percentile(latencies, [50, 99])
    times = f"{1000 * p50:>9.0f} ms {1000 * p99:>8.0f} ms"
    print(f"{name:<34}{rate:>8.0f} {times} {lost:>9}", flush=True)
    return rate, p99, lost


def main() -> int:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 30.0
    folder = ausgabe_ordner()
    registry = open_registry(folder)
    (x_train, y_train), (x_test, _) = mnist.load_data()
    x_train = (x_train / 255).astype("float32")
    first = register(train(x_train, y_train, 1, 1, copies=1), x_train[:2], alias="champion")
    source = registry.get_model_version(NAME, first).source
    form, images = "multipart/form-data; boundary=grenze", x_test[:200]
    pngs = [multipart(as_png(image / 255, 280)) for image in images]  # wie gezeichnet
    uploads = [request("/predict", form, png) for png in pngs]
    numbers = [json.dumps({"inputs": [(image / 255).tolist()]}).encode() for image in images]
    numbers = [request("/invocations", "application/json", text) for text in numbers]
    switches = 0

    def new_version():
        nonlocal switches
        switches += 1
        version = registry.create_model_version(NAME, source).version
        registry.set_registered_model_alias(NAME, "champion", version)

    print(f"\n{CLIENTS} Clients, je {seconds:.0f} s, {os.cpu_count()} CPU-Kerne")
    print(f"{'':<34}{'je Sekunde':>8} {'Median':>8} {'p99':>11} {'verloren':>12}")
    with service(folder / "dienst.txt", poll_seconds=1) as address:
        ours = measure("dienst", address, uploads, seconds, new_version)
    others = []
    command = [sys.executable, __file__, "--schlicht", mlflow.get_tracking_uri()]
    with prozess(command, "/health", folder / "schlicht.txt", 300) as address:
        others.append(measure("FastAPI + model.predict", address, uploads, seconds)[0])
    command = [sys.executable, "-m", "mlflow", "models", "serve", "--env-manager", "local"]
    command += ["-m", f"models:/{NAME}/{first}"]
    path = os.pathsep.join(
        [str(Path(sys.executable).parent), os.environ["PATH"]]
    )  # dort liegt uvicorn
    here = {"MLFLOW_TRACKING_URI": mlflow.get_tracking_uri(), "PATH": path}
    with prozess(command, "/health", folder / "mlflow_serve.txt", 300, here) as address:
        others.append(measure("mlflow models serve (Zahlen)", address, numbers, seconds)[0])

    factor = ours[0] / max(others)
    print(f"{switches} Modellwechsel; das {factor:.0f}-Fache des besten anderen")
    held = ours[0] >= MIN_RATE and ours[1] <= MAX_P99 and ours[2] == 0 and factor >= MIN_FACTOR
    print("GEHALTEN" if held else "NICHT GEHALTEN")
    return 0 if held else 1


if __name__ == "__main__":
    abbruch.gilt_fuer_den_prozess()
    if "--schlicht" in sys.argv:
        uvicorn.run(plain_app(sys.argv[2]), port=int(sys.argv[-1]), log_level="error")
    else:
        sys.exit(main())
