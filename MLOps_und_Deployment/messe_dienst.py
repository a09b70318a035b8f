"""Misst den Dienst unter Last: 16 Clients gleichzeitig, und mittendrin wechselt immer wieder das Modell.

    python messe_dienst.py [Sekunden]

Dienst und Clients sind zwei Prozesse auf diesem Rechner; geredet wird über 127.0.0.1. Verlangt sind
mindestens 200 Vorhersagen je Sekunde, 99 von 100 Antworten binnen 100 ms, und keine verlorene Anfrage.
Exit-Code 0: gehalten, 1: nicht gehalten.
"""

import http.client
import itertools
import json
import os
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from kurs import ausgabe_ordner
from kurs.bilder import mnist

import keras
import numpy as np
from dienst.betrieb import as_png, service
from dienst.training import MODEL_NAME, open_registry, register, train

CLIENTS = 16
WARM_UP = 2.0  # Sekunden, die nicht zählen
SWITCH_EVERY = 3.0  # so oft wechselt der Champion
MIN_RATE, MAX_P99 = 200, 0.100


def multipart(png: bytes) -> bytes:
    """Der Körper eines Formulars mit der Bilddatei, wie ein Browser ihn schickt."""
    head = b'--grenze\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n'
    return head + b"Content-Type: image/png\r\n\r\n" + png + b"\r\n--grenze--\r\n"


def client(address: str, bodies: list[bytes], offset: int, end: float, results: list) -> None:
    """Ein Besucher: fragt, wartet auf die Antwort, fragt wieder."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=30)
    headers = {"Content-Type": "multipart/form-data; boundary=grenze"}
    for number in itertools.count(offset):
        if (start := time.perf_counter()) >= end:
            break
        try:
            connection.request("POST", "/predict", bodies[number % len(bodies)], headers)
            response = connection.getresponse()
            body = response.read()
            outcome = json.loads(body)["version"] if response.status == 200 else response.status
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            outcome = type(error).__name__
        results.append((start, time.perf_counter() - start, outcome))
    connection.close()


def main() -> int:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 30.0
    keras.config.disable_interactive_logging()
    folder = ausgabe_ordner()
    registry = open_registry(folder)
    (x_train, y_train), (x_test, _) = mnist.load_data()
    x_train = (x_train / 255).astype("float32")
    versions = [
        register(train(x_train, y_train, 1, seed, copies=1), x_train[:2]) for seed in (1, 2)
    ]
    registry.set_registered_model_alias(MODEL_NAME, "champion", versions[0])

    with service(folder / "dienst.txt") as address:
        bodies = [multipart(as_png(image / 255, 280)) for image in x_test[:200]]  # wie gezeichnet
        results: list[tuple[float, float, object]] = []
        begin = time.perf_counter()
        end = begin + WARM_UP + seconds
        threads = [
            threading.Thread(target=client, args=(address, bodies, 13 * number, end, results))
            for number in range(CLIENTS)
        ]
        for thread in threads:
            thread.start()
        switches = 0
        while time.perf_counter() + SWITCH_EVERY < end:
            time.sleep(SWITCH_EVERY)
            switches += 1
            registry.set_registered_model_alias(MODEL_NAME, "champion", versions[switches % 2])
        for thread in threads:
            thread.join()

    counted = [entry for entry in results if entry[0] >= begin + WARM_UP]
    latencies = np.array([latency for _, latency, _ in counted])
    outcomes = Counter(outcome for _, _, outcome in results)
    lost = sum(number for outcome, number in outcomes.items() if outcome not in versions)
    rate = len(counted) / seconds
    p50, p99 = np.percentile(latencies, [50, 99])
    print(f"\n{CLIENTS} Clients, {seconds:.0f} s, {os.cpu_count()} CPU-Kerne, {switches} Wechsel")
    print(f"  {rate:.0f} Vorhersagen je Sekunde (verlangt: {MIN_RATE})")
    print(f"  Antwortzeit: Median {1000 * p50:.0f} ms, p99 {1000 * p99:.0f} ms (höchstens 100 ms)")
    print(f"  längste Antwort {1000 * latencies.max():.0f} ms")
    print(f"  Antworten: {', '.join(f'Version {o}: {n}' for o, n in outcomes.items())}")
    print(f"  verlorene Anfragen: {lost}")
    held = rate >= MIN_RATE and p99 <= MAX_P99 and lost == 0 and len(outcomes) == 2
    print("GEHALTEN" if held else "NICHT GEHALTEN")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
