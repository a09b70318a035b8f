"""MLflow: Trainings aufzeichnen, vergleichen und ein Modell wiederfinden.

Kapitel   5.70 Trainingspraxis und Optimierung · Experiment Tracking
Folie     Code Demo: MLflow-Integration in einen Trainings-Workflow
Lernziel  Parameter, Metriken, Dateien und Modell eines Laufs festhalten; Läufe vergleichen
Laufzeit  ca. 20 s (2 CPU-Kerne)
Daten     Fashion-MNIST
Erwartet  validierung_bester 0.79–0.85, validierung_schlechtester 0.3–0.7, test_bester 0.79–0.84,
          unterschied_geladen 0–0.00001
Original  validierung_bester 0.8–0.87, validierung_schlechtester 0.4–0.75, test_bester 0.78–0.85,
          unterschied_geladen 0–0.00001

Alles landet in einer SQLite-Datenbank und einem Ordner daneben, unter `ausgabe/`. Die Läufe
früherer Starts bleiben erhalten: Starte noch einmal mit anderen Stellschrauben und vergleiche.
"""

# %% Stellschrauben: hier live drehen
UNITS = (16, 256)  # Neuronen der verdeckten Schicht
LEARNING_RATES = (0.0001, 0.002)  # Test: (0.002,)
EPOCHS = 8  # Test: 1
N_TRAIN = 5_000  # Test: 128
BATCH_SIZE = 128
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
import itertools
import sys

from kurs import ausgabe_ordner, ergebnis
from kurs.bilder import fashion_mnist
from kurs.mlflow_ablage import datenbank

import keras
import matplotlib.pyplot as plt
import mlflow
import numpy as np
from sklearn.metrics import ConfusionMatrixDisplay

# %% Daten: trainieren, auswählen (Validierung), am Ende einmal prüfen (Test)
(x, y), (x_test, y_test) = fashion_mnist.load_data()
x, x_test = (x / 255).astype("float32"), (x_test / 255).astype("float32")
x_valid, y_valid = x[-2_000:], y[-2_000:]
x_train, y_train = x[:-2_000][:N_TRAIN], y[:-2_000][:N_TRAIN]

# %% Wohin? Eine Datei als Datenbank, ein Ordner für Großes; ein Experiment fasst Läufe zusammen
folder = ausgabe_ordner()
database = datenbank(folder)  # sqlite:///…/mlflow.db
mlflow.set_tracking_uri(database)
mlflow.set_registry_uri(database)
if mlflow.get_experiment_by_name("Fashion-MNIST") is None:
    mlflow.create_experiment("Fashion-MNIST", artifact_location=(folder / "artefakte").as_uri())
mlflow.set_experiment("Fashion-MNIST")


# %% Ein Netz, wie immer
def build_model(units, learning_rate):
    keras.utils.set_random_seed(SEED)
    model = keras.Sequential(
        [
            keras.Input(shape=(28, 28)),
            keras.layers.Flatten(),
            keras.layers.Dense(units, activation="relu"),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    optimizer = keras.optimizers.Adam(float(learning_rate))
    model.compile(optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


# %% … und um jedes Training herum ein Lauf, der es aufzeichnet
log_epoch = keras.callbacks.LambdaCallback(
    on_epoch_end=lambda epoch, logs: mlflow.log_metrics(logs, step=epoch + 1)
)
models, uris = {}, {}
for units, learning_rate in itertools.product(UNITS, LEARNING_RATES):  # jede Kombination
    model = build_model(units, learning_rate)
    with mlflow.start_run(run_name=f"{units} Neuronen, Lernrate {learning_rate}") as run:
        # 1. Was hineingeht: Hyperparameter, Daten, Versionen
        settings = {"epochs": EPOCHS, "batch_size": BATCH_SIZE}
        mlflow.log_params({"units": units, "learning_rate": learning_rate, **settings})
        mlflow.log_params({"n_train": len(x_train), "seed": SEED, "keras": keras.__version__})
        # 2. Was unterwegs geschieht: je Epoche ein Punkt jeder Kurve
        data = {"x": x_train, "y": y_train, "validation_data": (x_valid, y_valid)}
        model.fit(**data, **settings, callbacks=[log_epoch], verbose=0)
        # 3. Was herauskommt: Bilder, beliebige Dateien
        answers = model.predict(x_valid, verbose=0)
        matrix = ConfusionMatrixDisplay.from_predictions(y_valid, answers.argmax(axis=1))
        mlflow.log_figure(matrix.figure_, "konfusionsmatrix.png")
        plt.close(matrix.figure_)
        # 4. Das Modell. Die Signatur sagt, welche Form und welcher Typ hinein- und herausgehen.
        info = mlflow.tensorflow.log_model(
            model,
            name="model",
            signature=mlflow.models.infer_signature(x_valid, answers),
            pip_requirements=[f"keras=={keras.__version__}", "tensorflow"],
        )
    models[run.info.run_id], uris[run.info.run_id] = model, info.model_uri
    print(f"aufgezeichnet: {run.info.run_name}")

# %% Vergleichen: Die Datenbank ist eine Tabelle mit einer Zeile je Lauf
all_runs = mlflow.search_runs(order_by=["metrics.val_accuracy DESC"])
print(f"\nIn der Datenbank: {len(all_runs)} Läufe, davon {len(models)} von eben. Die besten fünf:")
columns = ["params.units", "params.learning_rate", "params.epochs", "metrics.val_accuracy"]
print(all_runs[columns].head().round(3).to_string(index=False))
runs = all_runs[all_runs.run_id.isin(models)]
best = runs.iloc[0]

# %% Wiederfinden: das beste Modell von eben laden und erst jetzt die Testdaten ansehen
loaded = mlflow.pyfunc.load_model(uris[best.run_id])  # eine Adresse wie models:/m-…
answers = loaded.predict(x_test)
difference = np.abs(answers - models[best.run_id].predict(x_test, verbose=0)).max()
test_accuracy = np.mean(answers.argmax(axis=1) == y_test)
mlflow.MlflowClient().log_metric(best.run_id, "test_accuracy", test_accuracy)
print(f"\nGeladen: {best['tags.mlflow.runName']}, Testgenauigkeit {test_accuracy:.3f}")
try:
    loaded.predict(x_test.reshape(-1, 784))
except mlflow.MlflowException:
    print("Bilder als Reihe von 784 Zahlen weist die Signatur ab, bevor das Modell sie sieht.")

# %% Die Kurven, gelesen aus der Datenbank
figure, axis = plt.subplots()
for _, run in runs.iterrows():
    points = mlflow.MlflowClient().get_metric_history(run["run_id"], "val_accuracy")
    steps, values = [point.step for point in points], [point.value for point in points]
    axis.plot(steps, values, "o-", label=run["tags.mlflow.runName"])
axis.set(title="Welcher Lauf ist der beste?", xlabel="Epoche", ylabel="Genauigkeit (Validierung)")
axis.legend()
plt.show()

# %% Öffnen: diesen Befehl ins Terminal, dann den Link anklicken (beenden mit Strg+C)
print("\nMLflow im Browser: diesen Befehl im Terminal starten, dann http://localhost:5000 öffnen:")
print(f'"{sys.executable}" -m mlflow ui --backend-store-uri "{database}" --port 5000 --workers 1')
# Dort: links das Experiment, Läufe ankreuzen, „Compare“; in einem Lauf die Reiter für Metriken,
# Dateien (Konfusionsmatrix) und das Modell mit seiner Signatur.
ergebnis(
    validierung_bester=runs["metrics.val_accuracy"].iloc[0],
    validierung_schlechtester=runs["metrics.val_accuracy"].iloc[-1],
    test_bester=test_accuracy,
    unterschied_geladen=difference,
)
