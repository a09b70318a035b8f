"""Model Registry: Versionen, Aliase und ein Qualitätstor, das eine Pipeline ruft.

Kapitel   6.10 MLOps und Deployment · Modellregistrierung
Folie     Code Demo: MLflow Model Registry Integration in CI/CD Pipeline
Lernziel  Modelle registrieren, prüfen, befördern, ablehnen und zurückrollen
Laufzeit  ca. 15 s (2 CPU-Kerne)
Daten     MNIST
Erwartet  genauigkeit_erste 0.86–0.94, genauigkeit_champion 0.94–0.985,
          gemeldet_abgelehnt 0.85–0.96, genauigkeit_abgelehnt 0–0.88, befoerdert 2–2, abgelehnt 1–1
Original  genauigkeit_erste 0.89–0.95, genauigkeit_champion 0.94–0.98, befoerdert 2–2,
          gemeldet_abgelehnt 0.88–0.94, genauigkeit_abgelehnt 0.3–0.95, abgelehnt 1–1

Drei Kandidaten wollen Champion werden. Der dritte ist mit Pixeln von 0 bis 255 trainiert; das Tor
prüft mit Bildern, wie der Dienst sie schickt (0 bis 1).
"""

# %% Stellschrauben: hier live drehen
MIN_ACCURACY = 0.8  # Test: 0.0
MIN_RECALL = 0.6  # Test: 0.0; so viel muss von jeder Ziffer erkannt werden
EPOCHS = 5  # Test: 1
N_TRAIN = 3_000  # Test: 256
START_OVER = True  # False: Die Versionen früherer Starts bleiben, auch der Champion
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
import time

from kurs import ausgabe_ordner, ergebnis
from kurs.bilder import mnist

import keras
import matplotlib.pyplot as plt
import mlflow
import numpy as np
import qualitaetstor
from mlflow.utils.logging_utils import disable_logging
from ziffern import NAME, OURS, augment, open_registry

# %% Daten: Die letzten 1000 Trainingsbilder prüfen; die Testbilder bleiben im Umschlag
(x_full, y_full), (x_test, y_test) = mnist.load_data()
x_val, y_val = x_full[-1000:].astype("float32"), y_full[-1000:]
x_train, y_train = x_full[:-1000][:N_TRAIN].astype("float32"), y_full[:-1000][:N_TRAIN]

# %% Die Registry: eine Datei als Datenbank, ein Ordner für die Modelle
client = open_registry(ausgabe_ordner())
registry = mlflow.get_tracking_uri()
known = client.get_registered_model(NAME)
if START_OVER and OURS.items() <= known.tags.items():  # Fremdes löschen wir nie
    client.delete_registered_model(NAME)
    client.create_registered_model(NAME, tags=OURS, description="Ziffern, 28×28, 0 bis 1")

# %% Ein Training und seine Registrierung
def build_model(convolution):
    keras.utils.set_random_seed(SEED)
    layers = keras.layers
    first = [layers.Conv2D(16, 5, strides=2, activation="relu")] if convolution else []
    rest = [layers.Flatten(), layers.Dense(64 if convolution else 16, activation="relu")]
    rest.append(layers.Dense(10, activation="softmax"))
    model = keras.Sequential([keras.Input((28, 28)), layers.Reshape((28, 28, 1)), *first, *rest])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def train_and_register(model, x, y, x_own_val, note):
    """Trainiert, hält den Lauf fest und macht aus dem Modell eine Version der Registry."""
    with mlflow.start_run(run_name=note):
        model.fit(x, y, epochs=EPOCHS, batch_size=32, verbose=0)
        reported = model.evaluate(x_own_val, y_val, verbose=0)[1]
        mlflow.log_metric("accuracy_im_training", reported)
        signature = mlflow.models.infer_signature(x[:2], model.predict(x[:2]))
        keras_only = [f"keras=={keras.__version__}"]
        info = mlflow.tensorflow.log_model(
            model, name="model", signature=signature, pip_requirements=keras_only
        )
    # In einem Schritt geht es mit log_model(…, registered_model_name=NAME)
    disable_logging()  # sonst meldet MLflow die neue Version auch auf Englisch
    version = str(mlflow.register_model(info.model_uri, NAME).version)
    client.set_model_version_tag(NAME, version, "gemeldet", f"{reported:.3f}")
    client.set_registered_model_alias(NAME, "challenger", version)
    print(f"\nVersion {version}, „{note}“: Das Training meldet eine Genauigkeit von {reported:.3f}")
    return version

# %% Die Pipeline: nach jedem Training das Tor. Sein Exit-Code entscheidet, wie es weitergeht.
# Im Terminal: python qualitaetstor.py ziffern 1 --registry sqlite:///… --min-genauigkeit 0.8
limits = ["--min-genauigkeit", str(MIN_ACCURACY), "--min-klasse", str(MIN_RECALL)]
x_both = np.concatenate([x_train / 255, augment(x_train / 255, np.random.default_rng(SEED))])
y_both = np.tile(y_train, 2)
candidates = [
    ("kleines Netz", False, x_train / 255, y_train, x_val / 255),
    ("CNN, auch mit veränderten Bildern", True, x_both, y_both, x_val / 255),
    ("CNN, mit Pixeln von 0 bis 255", True, x_train, y_train, x_val),
]
exit_codes = []
for note, convolution, *data in candidates:
    version = train_and_register(build_model(convolution), *data, note)
    exit_codes.append(qualitaetstor.main([NAME, version, "--registry", registry, *limits]))
    print(f"  Exit-Code {exit_codes[-1]}", flush=True)

# %% Wer ist wer? Alles steht in der Registry, nichts davon im Gedächtnis dieses Skripts
aliases = client.get_registered_model(NAME).aliases
versions = sorted(client.search_model_versions(f"name = '{NAME}'"), key=lambda v: int(v.version))
print("\nVersion  gemeldet  gemessen  Tor        Aliase")
for entry in versions:
    tags = {"gemeldet": "–", "gemessen": "–", "tor": "–", **entry.tags}
    names = ", ".join(alias for alias, v in aliases.items() if str(v) == str(entry.version))
    print(f"{entry.version:>7}  {tags['gemeldet']:>8}  {tags['gemessen']:>8}  ", end="")
    print(f"{tags['tor']:<9}  {names}")
    if tags["tor"] == "abgelehnt":
        print(f"         {tags['tor_gruende']}")

# %% Benutzen: Wer den Alias lädt, bekommt die Version, auf die er gerade zeigt. Jetzt der Umschlag
champion_accuracy = 0.0
if "champion" in aliases:
    champion = mlflow.tensorflow.load_model(f"models:/{NAME}@champion")
    champion_accuracy = (champion.predict(x_test / 255).argmax(axis=1) == y_test).mean()
    print(f"\nmodels:/{NAME}@champion ist Version {aliases['champion']}, ", end="")
    print(f"Testgenauigkeit {champion_accuracy:.3f}")

# %% Zurückrollen: den Alias umsetzen. Kein Training, keine Datei wird kopiert.
if previous := aliases.get("vorgaenger"):
    start = time.perf_counter()
    client.set_registered_model_alias(NAME, "champion", previous)
    milliseconds = 1000 * (time.perf_counter() - start)
    print(f"Zurückgerollt auf Version {previous} in {milliseconds:.0f} ms, und wieder vor")
    client.set_registered_model_alias(NAME, "champion", aliases["champion"])
print(f'Im Browser: mlflow server --backend-store-uri "{registry}" --port 5000')

# %% Im Bild: Was das Training meldet und was das Tor misst
last = versions[-len(candidates) :]
reported = [float(entry.tags.get("gemeldet", 0)) for entry in last]
measured = [float(entry.tags.get("gemessen", 0)) for entry in last]
place = np.arange(len(last))
plt.bar(place - 0.2, reported, 0.38, label="im Training gemeldet")
plt.bar(place + 0.2, measured, 0.38, label="am Tor gemessen")
plt.xticks(place, [f"Version {entry.version}\n{entry.tags['tor']}" for entry in last])
plt.ylabel("Genauigkeit auf der Validierung")
plt.title("Gilt im Dienst, was das Training meldet?")
plt.legend(loc="lower left")
plt.show()
# Was das Training meldet, gilt für die Eingaben des Trainings. Bekommt ein Modell im Dienst andere
# (0 bis 1 statt 0 bis 255), ist es ein anderes Modell, ohne dass etwas abstürzt.

ergebnis(
    genauigkeit_erste=measured[0],
    genauigkeit_champion=champion_accuracy,
    gemeldet_abgelehnt=reported[-1],
    genauigkeit_abgelehnt=measured[-1],
    befoerdert=exit_codes.count(0),
    abgelehnt=exit_codes.count(1),
)
