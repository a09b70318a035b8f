"""Canary: eine neue Version bekommt erst 10 % des Verkehrs und wird von selbst zurückgerollt.

Kapitel   6.60 MLOps und Deployment · Best Practices für das Deployment
Folie     Best Practices für das Deployment – Teil I · Teil II
Lernziel  Verkehr aufteilen, Fehler und Antwortzeit mit der alten Version vergleichen, zurückrollen
Laufzeit  ca. 40 s (2 CPU-Kerne)
Daten     MNIST
Erwartet  zurueckgerollt 2–2, befoerdert 1–1, fehler_beim_besucher 0–0, fehlerrate_defekte 0.1–0.9,
          langsamer_um_faktor 2–200

Zwei Dienste sind eigene Prozesse, einer mit der bewährten Version, einer mit der neuen. Davor steht
hier ein Verteiler; Besucher kennen nur seine Adresse.
"""

# %% Stellschrauben: hier live drehen
CANARY_SHARES = (0.1, 0.5)  # Test: (0.9,); die neue Version muss jeden Anteil bestehen
MIN_ANSWERS = 30  # Test: 5; so viele Vergleiche, dann wird geurteilt
MAX_ERROR_RATE = 0.03  # Anteil gescheiterter Anfragen
MAX_SLOWDOWN = 1.5  # so viel langsamer als die alte Version darf die neue sein
CLIENTS = 4  # Test: 2; Besucher gleichzeitig
EPOCHS = 2  # Test: 1
N_TRAIN = 4_000  # Test: 200
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
import atexit
import contextlib
import time

from kurs import ausgabe_ordner, ergebnis
from kurs.bilder import mnist
from kurs.server import im_hintergrund

import keras
import matplotlib.pyplot as plt
import mlflow
import numpy as np
import requests
import ziffern
from fastapi import FastAPI, Response, UploadFile
from keras import layers, ops
from scipy import ndimage, stats

folder = ausgabe_ordner()
ziffern.open_registry(folder)
registry = mlflow.MlflowClient()

# %% Vier Versionen: eine bewährte und drei Bewerber
(x_train, y_train), (x_test, _) = mnist.load_data()
x_train, y_train = (x_train[:N_TRAIN] / 255).astype("float32"), y_train[:N_TRAIN]
print("Die Modelle werden trainiert und registriert …", flush=True)
proven = ziffern.train(x_train, y_train, EPOCHS, SEED, copies=1)
good = ziffern.train(x_train, y_train, EPOCHS, SEED + 1, copies=1)
# Defekt: schlägt die Tintenmenge in einer Tabelle nach, die nur bis zu den Trainingsbildern reicht
inputs = keras.Input((28, 28))
ink = ops.cast(ops.sum(inputs, axis=(1, 2)) / 10, "int32")
table = layers.Embedding(int(x_train.sum(axis=(1, 2)).max() / 10) + 1, 10)(ink)
defective = keras.Model(inputs, ops.softmax(table + layers.Dense(10)(layers.Flatten()(inputs))))
# Langsam: fragt die bewährte Version 2000-mal mit Dropout und mittelt (Monte-Carlo-Dropout)
copies = proven(ops.repeat(inputs, 2000, axis=0), training=True)
slow = keras.Model(inputs, ops.mean(ops.reshape(copies, (-1, 2000, 10)), axis=1))
models = {"bewährt": proven, "defekt": defective, "langsam": slow, "gut": good}
versions = {name: ziffern.register(model, x_train[:2], name=name) for name, model in models.items()}
for alias in ("champion", "canary"):
    registry.set_registered_model_alias(ziffern.NAME, alias, versions["bewährt"])

# %% Zwei Dienste starten: Einer folgt dem Alias champion, einer dem Alias canary
running = contextlib.ExitStack()
atexit.register(running.close)  # auch bei Strg+C
old_address = running.enter_context(ziffern.service(folder / "champion.txt", wait=False))
new_address = running.enter_context(ziffern.service(folder / "canary.txt", "canary", wait=False))
for address in (old_address, new_address):
    ziffern.wait_for_version(address, versions["bewährt"], 300)

# %% Der Verteiler: Ein Teil der Anfragen geht an die neue Version, zum Vergleich auch an die alte
gateway, session = FastAPI(), requests.Session()
share, pairs = 0.0, []  # Anteil der neuen Version; (gelungen, Sekunden der neuen, der alten)


@gateway.post("/predict")
def route(file: UploadFile):
    image = {"file": file.file.read()}
    new = session.post(f"{new_address}/predict", files=image) if np.random.rand() < share else None
    reply = session.post(f"{old_address}/predict", files=image)
    if new is not None:
        pairs.append((new.ok, new.elapsed.total_seconds(), reply.elapsed.total_seconds()))
        reply = new if new.ok else reply  # scheitert die neue, merkt es niemand
    return Response(reply.content, reply.status_code, media_type="application/json")


# %% Besucher: Sie zeichnen mit dickem Stift
entrance = running.enter_context(im_hintergrund(gateway))
thick = [ndimage.grey_dilation(image, (7, 7)) for image in x_test[:400]]
pictures = [ziffern.as_png(image / 255) for image in thick]
outcomes = running.enter_context(ziffern.visitors(entrance, pictures, CLIENTS, SEED))

# %% Der Wächter: vergleicht die neue Version mit der alten im selben Augenblick
def watch(version, new_share):
    """Fehlerrate der neuen Version, und wie viel Mal so lange sie je Bild braucht wie die alte."""
    global share
    registry.set_registered_model_alias(ziffern.NAME, "canary", version)
    ziffern.wait_for_version(new_address, version)
    pairs.clear()
    share, patience = new_share, time.perf_counter() + 60
    while len(pairs) < MIN_ANSWERS and time.perf_counter() < patience:
        time.sleep(0.05)
    share = 0.0
    if not pairs:
        raise RuntimeError("In 60 Sekunden kam kein einziger Vergleich zustande")
    succeeded, new, old = np.array(pairs).T
    return 1 - succeeded.mean(), new / old


# Zuerst dieselbe Version zweimal: So sehr schwankt der Vergleich auf diesem Rechner von selbst
_, noise = watch(versions["bewährt"], CANARY_SHARES[-1])
verdicts, error_rates, ratios = {}, {}, {"dieselbe": noise}
for name in ("defekt", "langsam", "gut"):
    for new_share in CANARY_SHARES:
        error_rates[name], ratios[name] = watch(versions[name], new_share)
        # Langsamer, als das Schwanken erklärt, und zwar um mehr als MAX_SLOWDOWN?
        test = stats.mannwhitneyu(ratios[name], MAX_SLOWDOWN * noise, alternative="greater")
        passed = error_rates[name] <= MAX_ERROR_RATE and test.pvalue > 0.001
        verdicts[name] = "BEFÖRDERT" if passed else "ZURÜCKGEROLLT"
        print(f"Version {versions[name]} ({name}), {new_share:.0%} des Verkehrs: ", end="")
        print(f"Fehlerrate {error_rates[name]:.0%}, ", end="")
        print(f"{np.median(ratios[name]):.1f}-fache Antwortzeit, p = {test.pvalue:.0e}")
        if not passed:
            break
    print(f"  {verdicts[name]}", flush=True)
    if passed:
        registry.set_registered_model_alias(ziffern.NAME, "champion", versions[name])
        ziffern.wait_for_version(old_address, versions[name])  # der Dienst zieht von selbst nach
running.close()
print(f"Besucher: {len(outcomes)} Anfragen, {outcomes.count(False)} ohne Antwort")

# %% Im Bild
plt.boxplot(list(ratios.values()), tick_labels=list(ratios))
plt.axhline(MAX_SLOWDOWN * np.median(noise), linestyle=":", color="black")
plt.yscale("log")
plt.ylabel("Antwortzeit neu / alt")
plt.title("Ist die neue Version langsamer, als der Rechner von selbst schwankt?")
plt.show()

ergebnis(
    zurueckgerollt=list(verdicts.values()).count("ZURÜCKGEROLLT"),
    befoerdert=list(verdicts.values()).count("BEFÖRDERT"),
    fehler_beim_besucher=outcomes.count(False),
    fehlerrate_defekte=error_rates["defekt"],
    langsamer_um_faktor=np.median(ratios["langsam"]),
)
