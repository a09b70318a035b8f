"""Canary: eine neue Version bekommt erst 10 % des Verkehrs und wird von selbst zurückgerollt.

Kapitel   6.60 MLOps und Deployment · Best Practices für das Deployment
Folie     Best Practices für das Deployment – Teil I · Teil II
Lernziel  Verkehr aufteilen, Fehlerrate und Antwortzeit beobachten, zurückrollen, Ausfälle abfangen
Laufzeit  ca. 60 s (2 CPU-Kerne)
Daten     MNIST
Erwartet  zurueckgerollt 2–2, befoerdert 1–1, fehler_beim_besucher 0–0, fehlerrate_defekte 0.05–0.3,
          langsamer_um_faktor 2–10, anteil_arbeiter_1 0.4–0.6

Vier echte Prozesse: drei Dienste (zwei Arbeiter mit der bewährten Version, einer mit der neuen) und dieses
Skript mit dem Verteiler davor. Besucher kennen nur die Adresse des Verteilers.
"""

# %% Stellschrauben: hier live drehen
CANARY_SHARES = (0.1, 0.5)  # Test: (0.5, 0.9); die neue Version muss beide bestehen
MIN_ANSWERS = 60  # Test: 4; so viele Antworten der neuen Version, dann wird geurteilt
MAX_ERROR_RATE = 0.03  # Anteil gescheiterter Anfragen
MAX_SLOWDOWN = 2.0  # Median der Antwortzeit im Vergleich zur alten Version
CLIENTS = 6  # Besucher gleichzeitig
EPOCHS = 2  # Test: 1
N_TRAIN = 4_000  # Test: 200
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
import atexit
import contextlib
import itertools
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from kurs import ausgabe_ordner, ergebnis
from kurs.bilder import mnist
from kurs.server import im_hintergrund

import keras
import matplotlib.pyplot as plt
import numpy as np
import requests
from dienst.betrieb import as_png, service, wait_for_version
from dienst.training import MODEL_NAME, open_registry, register, train
from fastapi import FastAPI, Response, UploadFile
from keras import layers, ops
from scipy import ndimage

random = np.random.default_rng(SEED)
folder = ausgabe_ordner()

# %% Vier Versionen: eine bewährte und drei Bewerber
(x_train, y_train), (x_test, y_test) = mnist.load_data()
x_train, y_train = (x_train[:N_TRAIN] / 255).astype("float32"), y_train[:N_TRAIN]
registry = open_registry(folder)
print("Die Modelle werden trainiert und registriert …", flush=True)
proven = train(x_train, y_train, EPOCHS, SEED, copies=1)

# Defekt: Sie schlägt die Tintenmenge in einer Tabelle nach, die nur so weit reicht wie die Trainingsbilder.
inputs = keras.Input((28, 28))
ink = ops.cast(ops.sum(inputs, axis=(1, 2)) / 10, "int32")
table = layers.Embedding(int(x_train.sum(axis=(1, 2)).max() / 10) + 1, 8)(ink)
hidden = layers.Dense(64, activation="relu")(layers.Flatten()(inputs))
outputs = layers.Dense(10, activation="softmax")(layers.Concatenate()([hidden, table]))
defective = keras.Model(inputs, outputs)
defective.compile("adam", "sparse_categorical_crossentropy")
defective.fit(x_train, y_train, epochs=EPOCHS, batch_size=64, verbose=0)

# Langsam: Sie fragt die bewährte Version 600-mal mit Dropout und mittelt (Monte-Carlo-Dropout).
inputs = keras.Input((28, 28))
copies = proven(ops.repeat(inputs, 600, axis=0), training=True)
slow = keras.Model(inputs, ops.mean(ops.reshape(copies, (-1, 600, 10)), axis=1))

good = train(x_train, y_train, EPOCHS, SEED + 1, copies=1)
versions = {
    name: register(model, x_train[:2], beschreibung=name)
    for name, model in (
        ("bewährt", proven),
        ("defekt", defective),
        ("langsam", slow),
        ("gut", good),
    )
}
for alias in ("champion", "canary"):
    registry.set_registered_model_alias(MODEL_NAME, alias, versions["bewährt"])
print("In der Registry:", ", ".join(f"Version {v} ({name})" for name, v in versions.items()))

# %% Drei Dienste starten: Zwei folgen dem Alias champion, einer dem Alias canary
running = [contextlib.ExitStack() for _ in range(4)]  # je Dienst einer, dazu der Verteiler
for stack in running:
    atexit.register(stack.close)


def start_service(number):
    alias = "canary" if number == 2 else "champion"
    return running[number].enter_context(service(folder / f"dienst_{number + 1}.txt", alias))


print("Drei Dienste starten …", flush=True)
with ThreadPoolExecutor(3) as pool:
    addresses = list(pool.map(start_service, range(3)))
workers = {"alt": addresses[:2], "neu": addresses[2:]}

# %% Der Verteiler: reihum auf die Arbeiter (Lastverteilung), ein Teil an die neue Version (Canary)
gateway = FastAPI()
share = 0.0  # Anteil der neuen Version
answers = []  # (Zeitpunkt, Spur, gelungen, Sekunden, Arbeiter), was der Verteiler beobachtet
turn = itertools.count()
begin = time.perf_counter()
session = requests.Session()


def forward(track, picture):
    """Fragt einen Arbeiter dieser Spur; antwortet er gar nicht, bekommt er nichts mehr."""
    while workers[track]:
        address = workers[track][next(turn) % len(workers[track])]
        start = time.perf_counter()
        try:
            reply = session.post(f"{address}/predict", files={"file": picture}, timeout=30)
        except requests.ConnectionError:
            if address in workers[track]:
                workers[track].remove(address)
            continue
        now = time.perf_counter()
        answers.append((now - begin, track, reply.ok, now - start, addresses.index(address) + 1))
        return reply
    return None


@gateway.post("/predict")
def route(file: UploadFile):
    picture = file.file.read()
    reply = forward("neu", picture) if random.random() < share else None
    if (
        reply is None or not reply.ok
    ):  # scheitert die neue, antwortet die alte: Der Besucher merkt nichts
        reply = forward("alt", picture)
    return Response(reply.content, reply.status_code, media_type="application/json")


entrance = running[3].enter_context(im_hintergrund(gateway))
print(f"Verteiler: {entrance}; dahinter die Arbeiter 1 und 2 (alt) und 3 (neu)")

# %% Besucher: Sie zeichnen, zwei von drei mit dickem Stift
pictures = []
for number, image in enumerate(x_test[:400] / 255):
    image = ndimage.grey_dilation(image, (6, 6)) if number % 3 else image
    pictures.append(as_png(image))
closing = threading.Event()
visitor_statuses = []


def visitor(seed):
    pause = np.random.default_rng(seed)
    with requests.Session() as browser:
        while not closing.is_set():
            picture = {"file": pictures[pause.integers(len(pictures))]}
            reply = browser.post(f"{entrance}/predict", files=picture, timeout=60)
            visitor_statuses.append(reply.status_code)
            time.sleep(pause.exponential(0.04))


visitors = [threading.Thread(target=visitor, args=(SEED + n,), daemon=True) for n in range(CLIENTS)]
for thread in visitors:
    thread.start()


# %% Der Wächter: vergleicht die neue Version mit der alten im selben Zeitraum
def judge(since):
    """(Fehlerrate, Verlangsamung, Urteil) seit `since`; das Urteil ist None, solange zu wenige Antworten da sind."""
    recent = [entry for entry in list(answers) if entry[0] >= since]
    new, old = ([entry for entry in recent if entry[1] == track] for track in ("neu", "alt"))
    if len(new) < MIN_ANSWERS or not old:
        return 0, 0, None
    error_rate = 1 - np.mean([ok for _, _, ok, _, _ in new])
    slowdown = np.median([s for *_, s, _ in new]) / np.median([s for *_, s, _ in old])
    if error_rate > MAX_ERROR_RATE:
        return error_rate, slowdown, f"Fehlerrate {error_rate:.0%}"
    if slowdown > MAX_SLOWDOWN:
        return error_rate, slowdown, f"{slowdown:.1f}-mal so langsam"
    return error_rate, slowdown, "gut"


def switch(alias, version):
    """Setzt den Alias um und wartet, bis alle Dienste, die ihm folgen, so weit sind."""
    registry.set_registered_model_alias(MODEL_NAME, alias, version)
    for address in workers["neu" if alias == "canary" else "alt"]:
        wait_for_version(address, version)


history = [(0.0, 0.0)]  # (Zeitpunkt, Anteil der neuen Version)
events, verdicts, watched = [], {}, {}
for name in ("defekt", "langsam", "gut"):
    switch("canary", versions[name])
    for share in CANARY_SHARES:
        since = time.perf_counter() - begin
        history.append((since, share))
        print(f"Version {versions[name]} ({name}) bekommt {share:.0%} …", flush=True)
        while (result := judge(since))[2] is None:
            time.sleep(0.05)
        watched[name], verdicts[name] = result[:2], result[2]
        print(f"  Fehlerrate {result[0]:.0%}, Antwortzeit {result[1]:.1f}-fach: {result[2]}")
        if result[2] != "gut":
            break
    if verdicts[name] == "gut":  # bestanden: Alle Arbeiter folgen, einer nach dem anderen
        switch("champion", versions[name])
        print(f"  BEFÖRDERT: Version {versions[name]} ist jetzt Champion")
    else:
        print(f"  ZURÜCKGEROLLT: Version {versions[name]} bekommt nichts mehr")
    share = 0.0
    history.append((time.perf_counter() - begin, share))
    events.append((history[-1][0], name))

# %% Ein Arbeiter fällt aus: Der Verteiler lässt ihn weg, die Besucher merken nichts
load = [sum(entry[4] == number for entry in answers) for number in (1, 2)]
share_of_first = load[0] / sum(load)
print(f"\nLastverteilung: Arbeiter 1 hatte {load[0]} Anfragen, Arbeiter 2 {load[1]}")
failed_at = time.perf_counter() - begin
running[0].close()  # Arbeiter 1 endet mitten im Betrieb
while sum(entry[0] > failed_at for entry in list(answers)) < MIN_ANSWERS:
    time.sleep(0.05)
closing.set()
for thread in visitors:
    thread.join()
print(
    f"Arbeiter 1 ist aus; übrig ist {len(workers['alt'])} Arbeiter, und der hat weiter geantwortet."
)
lost = sum(status != 200 for status in visitor_statuses)
print(f"Besucher: {len(visitor_statuses)} Anfragen, {lost} davon ohne Antwort")
for stack in reversed(running):
    stack.close()

# %% Im Bild: Anteil der neuen Version, darunter jede einzelne Antwort
times, tracks, succeeded, seconds, _ = (np.array(values) for values in zip(*answers))
figure, (top, bottom) = plt.subplots(2, 1, figsize=(11, 7), sharex=True, height_ratios=(1, 2))
top.step(*zip(*history, (times.max(), 0.0)), where="post", color="tab:orange", linewidth=2.5)
top.set(ylabel="Anteil der\nneuen Version", ylim=(0, 1))
for moment, name in events:
    word = "wird Champion" if verdicts[name] == "gut" else "zurückgerollt"
    top.annotate(f"„{name}“\n{word}", (moment, 0.62), ha="right", fontsize=12)
for track, color, marker, label in (
    ("alt", "lightgray", "o", "Champion"), ("neu", "tab:blue", "^", "neue Version")
):  # fmt: skip
    own = (tracks == track) & succeeded
    bottom.scatter(times[own], 1000 * seconds[own], 16, color, marker=marker, label=label)
bottom.scatter(
    times[~succeeded], 1000 * seconds[~succeeded], 70, "tab:red", marker="x", linewidths=2.5,
    label="gescheitert (die alte antwortet)",
)  # fmt: skip
bottom.axvline(failed_at, color="black", linestyle=":", label="Arbeiter 1 fällt aus")
bottom.set(xlabel="Zeit (Sekunden)", ylabel="Antwortzeit (ms)", yscale="log")
bottom.legend(loc="upper left", ncols=2)
figure.suptitle("Fehler und Langsamkeit treffen nur den kleinen Anteil, und nur kurz")
plt.show()
print("Jede Version bekam erst wenig Verkehr; mehr nur, wenn Fehlerrate und Antwortzeit hielten.")

ergebnis(
    zurueckgerollt=sum(verdict != "gut" for verdict in verdicts.values()),
    befoerdert=sum(verdict == "gut" for verdict in verdicts.values()),
    fehler_beim_besucher=lost,
    fehlerrate_defekte=watched["defekt"][0],
    langsamer_um_faktor=watched["langsam"][1],
    anteil_arbeiter_1=share_of_first,
)
