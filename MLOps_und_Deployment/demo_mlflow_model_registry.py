"""Model Registry: Versionen, Aliase und ein Qualitätstor, das eine Pipeline ruft.

Kapitel   6.10 MLOps und Deployment · Modellregistrierung
Folie     Code Demo: MLflow Model Registry Integration in CI/CD Pipeline
Lernziel  Modelle registrieren, prüfen, befördern, ablehnen und zurückrollen
Laufzeit  ca. 45 s (2 CPU-Kerne)
Daten     MNIST
Erwartet  genauigkeit_erste 0.87–0.94, genauigkeit_champion 0.95–0.985, gemeldet_abgelehnt 0.87–0.96,
          genauigkeit_abgelehnt 0–0.85, befoerdert 2–2, abgelehnt 1–1

Drei Kandidaten bewerben sich um den Platz des Champions. Der dritte meldet aus dem Training gute
Werte und fällt doch durch: Das Tor prüft mit den Bildern, die der Dienst schickt.
"""

# %% Stellschrauben: hier live drehen
MIN_ACCURACY = 0.8  # Test: 0.0
MIN_RECALL = 0.6  # Test: 0.0; so viel muss von jeder Ziffer erkannt werden
EPOCHS = 3  # Test: 1
N_TRAIN = 4_000  # Test: 256
START_OVER = True  # False: Die Versionen früherer Starts bleiben, auch der Champion
AS_COMMAND = True  # Test: False; das Tor als eigener Prozess, wie in der Pipeline
UI_SECONDS = 0  # so lange bleibt die Oberfläche von MLflow offen, z. B. 600; 0: gar nicht
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
import sys
import time
import webbrowser

from kurs import ausgabe_ordner, ergebnis
from kurs.bilder import mnist
from kurs.server import prozess
from kurs.umgebung import hat_bildschirm

import keras
import matplotlib.pyplot as plt
import mlflow
import numpy as np
import qualitaetstor
from dienst.betrieb import quality_gate
from dienst.training import MODEL_NAME as NAME
from dienst.training import augment

# %% Daten
(x_train, y_train), (x_test, y_test) = mnist.load_data()
x_train, y_train = x_train[:N_TRAIN].astype("float32"), y_train[:N_TRAIN]
x_test = x_test.astype("float32")

# %% Die Registry: eine Datei als Datenbank, ein Ordner für die Modelle
folder = ausgabe_ordner()
registry = f"sqlite:///{(folder / 'mlflow.db').as_posix()}"
if not (folder / "mlflow.db").exists():
    print("MLflow legt seine Datenbank an, das dauert einmal einige Sekunden …", flush=True)
mlflow.set_tracking_uri(registry)
if mlflow.get_experiment_by_name("Ziffern") is None:
    mlflow.create_experiment("Ziffern", artifact_location=(folder / "artefakte").as_uri())
mlflow.set_experiment("Ziffern")
client = mlflow.MlflowClient()

known = client.search_registered_models(f"name = '{NAME}'")
if known and START_OVER:
    client.delete_registered_model(NAME)
if not known or START_OVER:
    client.create_registered_model(NAME, description="Erkennt handgeschriebene Ziffern, 28×28, 0–1")


# %% Ein Training und seine Registrierung
def build_model(convolution):
    keras.utils.set_random_seed(SEED)
    layers = keras.layers
    hidden = [layers.Conv2D(16, 5, strides=2, activation="relu")] if convolution else []
    hidden += [layers.Flatten(), layers.Dense(64 if convolution else 16, activation="relu")]
    model = keras.Sequential(
        [
            keras.Input(shape=(28, 28)),
            layers.Reshape((28, 28, 1)),
            *hidden,
            layers.Dense(10, "softmax"),
        ]
    )
    model.compile(
        optimizer=keras.optimizers.Adam(0.002),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model


def train_and_register(model, x, y, x_own_test, note):
    """Trainiert, hält den Lauf fest und legt das Modell als neue Version in die Registry."""
    with mlflow.start_run(run_name=note) as run:
        model.fit(x, y, epochs=EPOCHS, batch_size=64, verbose=0)
        reported = model.evaluate(x_own_test, y_test, verbose=0)[1]
        mlflow.log_metric("accuracy_im_training", reported)
        signature = mlflow.models.infer_signature(x[:2], model.predict(x[:2], verbose=0))
        info = mlflow.tensorflow.log_model(
            model,
            name="model",
            signature=signature,
            pip_requirements=[f"keras=={keras.__version__}"],
        )
    # Die Version verweist auf Lauf und Modell. Tags sagen, was in keiner Metrik steht.
    version = client.create_model_version(
        NAME,
        source=info.model_uri,
        run_id=run.info.run_id,
        model_id=info.model_id,
        description=note,
        tags={"daten": f"MNIST, {len(x)} Bilder", "seed": str(SEED), "gemeldet": f"{reported:.3f}"},
    ).version
    client.set_registered_model_alias(NAME, "challenger", version)
    print(f"\nVersion {version}, „{note}“: Das Training meldet eine Genauigkeit von {reported:.3f}")
    return str(version)


# %% Die Pipeline: nach jedem Training das Tor. Sein Exit-Code entscheidet, wie es weitergeht.
# Im Terminal: python qualitaetstor.py ziffern 1 --registry sqlite:///… --min-genauigkeit 0.8
thresholds = ("--min-genauigkeit", str(MIN_ACCURACY), "--min-klasse", str(MIN_RECALL))
exit_codes = {}
augmented = np.clip(augment(x_train / 255, np.random.default_rng(SEED)), 0, 1)
candidates = [
    ("kleines Netz", False, x_train / 255, y_train, x_test / 255),
    (
        "CNN, auch mit veränderten Bildern trainiert", True,
        np.concatenate([x_train / 255, augmented]), np.tile(y_train, 2), x_test / 255,
    ),
    ("CNN, aber mit Pixeln von 0 bis 255", True, x_train, y_train, x_test),
]  # fmt: skip
for note, convolution, x, y, x_own_test in candidates:
    version = train_and_register(build_model(convolution), x, y, x_own_test, note)
    exit_codes[version] = quality_gate(version, *thresholds, as_command=AS_COMMAND)
    print(f"  Exit-Code {exit_codes[version]}", flush=True)

# %% Wer ist wer? Alles steht in der Registry, nichts davon im Gedächtnis dieses Skripts
aliases = client.get_registered_model(NAME).aliases
versions = sorted(client.search_model_versions(f"name = '{NAME}'"), key=lambda v: int(v.version))
print("\nVersion  gemeldet  gemessen  Tor        Aliase")
for entry in versions:
    tags = entry.tags
    names = ", ".join(alias for alias, v in aliases.items() if str(v) == str(entry.version))
    print(
        f"{entry.version:>7}  {tags['gemeldet']:>8}  {tags.get('gemessen', '–'):>8}  "
        f"{tags['tor']:<9}  {names}"
    )
print("Warum abgelehnt wurde, steht auch dort:")
for entry in versions:
    if entry.tags["tor"] == "abgelehnt":
        print(f"  Version {entry.version}: {entry.tags['tor_gruende']}")

# %% Benutzen: Wer den Alias lädt, bekommt die Version, auf die er gerade zeigt
champion = mlflow.tensorflow.load_model(f"models:/{NAME}@champion")
hits = champion.predict(x_test / 255, verbose=0).argmax(axis=1) == y_test
print(f"\nmodels:/{NAME}@champion ist Version {aliases['champion']}, Genauigkeit {hits.mean():.3f}")

# %% Zurückrollen: den Alias umsetzen. Kein Training, keine Datei wird kopiert.
if previous := aliases.get(qualitaetstor.PREVIOUS):
    start = time.perf_counter()
    client.set_registered_model_alias(NAME, "champion", previous)
    milliseconds = 1000 * (time.perf_counter() - start)
    now = client.get_model_version_by_alias(NAME, "champion").version
    print(f"Zurückgerollt in {milliseconds:.0f} ms: champion ist Version {now}")
    client.set_registered_model_alias(NAME, "champion", aliases["champion"])
    print(f"… und wieder vor: champion ist Version {aliases['champion']}")

# %% Im Bild: Was das Training meldet und was das Tor misst
reported = [float(entry.tags["gemeldet"]) for entry in versions]
measured = [float(entry.tags.get("gemessen", 0)) for entry in versions]
figure, axis = plt.subplots(figsize=(9, 5))
place = np.arange(len(versions))
axis.bar(
    place - 0.2, reported, 0.38, color="lightgray", edgecolor="black", label="im Training gemeldet"
)
bars = axis.bar(place + 0.2, measured, 0.38, color="tab:blue", label="am Tor gemessen")
for bar, entry in zip(bars, versions):
    if entry.tags["tor"] == "abgelehnt":
        bar.set(color="tab:orange", hatch="//", edgecolor="black")
    height = bar.get_height() + 0.02
    axis.text(bar.get_x() + 0.19, height, entry.tags["tor"], ha="center", fontsize=13)
axis.set_xticks(place, [f"Version {entry.version}" for entry in versions])
axis.set(ylabel="Genauigkeit auf den Testbildern", ylim=(0, 1.3))
axis.set_title("Das Tor misst selbst, und zwar so, wie der Dienst das Modell benutzt")
axis.legend(loc="upper center", ncols=2)
plt.show()
print(
    "Was das Training meldet, stimmt nur für die Eingaben des Trainings. Bekommt ein Modell im Dienst\n"
    "andere (hier 0 bis 1 statt 0 bis 255), ist es ein anderes Modell, ohne dass etwas abstürzt."
)

# %% Die Oberfläche: ein echter MLflow-Server auf diesem Rechner (auf Wunsch, oder im Terminal)
server = [
    sys.executable,
    "-m",
    "mlflow",
    "server",
    "--backend-store-uri",
    registry,
    "--workers",
    "1",
]
print("\nDie Registry im Browser: UI_SECONDS = 600 setzen, oder im Terminal")
print(f'  "{sys.executable}" -m mlflow server --backend-store-uri "{registry}" --port 5000')
if UI_SECONDS:
    with prozess(server, "/health", folder / "mlflow_server.txt") as address:
        print(f"Läuft {UI_SECONDS} s auf {address}/#/models/{NAME} (früher beenden mit Strg+C)")
        if hat_bildschirm():
            webbrowser.open(f"{address}/#/models/{NAME}")
        try:
            time.sleep(UI_SECONDS)
        except KeyboardInterrupt:
            print("beendet")

ergebnis(
    genauigkeit_erste=measured[0],
    genauigkeit_champion=hits.mean(),
    gemeldet_abgelehnt=reported[-1],
    genauigkeit_abgelehnt=measured[-1],
    befoerdert=sum(code == 0 for code in exit_codes.values()),
    abgelehnt=sum(code == 1 for code in exit_codes.values()),
)
