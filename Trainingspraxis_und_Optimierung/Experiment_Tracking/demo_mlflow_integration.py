"""MLflow: Trainings aufzeichnen, vergleichen und ein Modell wiederfinden.

Kapitel   5.70 Trainingspraxis und Optimierung · Experiment Tracking
Folie     Code Demo: MLflow-Integration in einen Trainings-Workflow
Lernziel  Parameter, Metriken je Epoche, Dateien und Modell eines Laufs festhalten und Läufe vergleichen
Laufzeit  ca. 25 s (2 CPU-Kerne)
Daten     Fashion-MNIST
Erwartet  genauigkeit_bester 0.79–0.84, genauigkeit_schlechtester 0.3–0.7, unterschied_geladen 0–0.00001

Alles landet in einer SQLite-Datenbank und einem Ordner daneben, unter `ausgabe/`. Die Läufe früherer
Starts bleiben erhalten: Starte das Skript mit anderen Stellschrauben noch einmal und vergleiche.
"""

# %% Stellschrauben: hier live drehen
UNITS = (16, 256)  # Neuronen der verdeckten Schicht
LEARNING_RATES = (0.0001, 0.002)  # Test: (0.002,)
EPOCHS = 8  # Test: 1
N_TRAIN = 6_000  # Test: 128
BATCH_SIZE = 128
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
import sys

from kurs import ausgabe_ordner, ergebnis
from kurs.bilder import fashion_mnist

import keras
import matplotlib.pyplot as plt
import mlflow
import numpy as np
import tensorflow as tf
from sklearn.metrics import ConfusionMatrixDisplay

# %% Daten
(x_train, y_train), (x_test, y_test) = fashion_mnist.load_data()
x_train, y_train = (x_train[:N_TRAIN] / 255).astype("float32"), y_train[:N_TRAIN]
x_test = (x_test / 255).astype("float32")

# %% Wohin? Eine Datei als Datenbank, ein Ordner für alles Große; ein Experiment fasst Läufe zusammen
folder = ausgabe_ordner()
database = f"sqlite:///{(folder / 'mlflow.db').as_posix()}"
if not (folder / "mlflow.db").exists():
    print("MLflow legt seine Datenbank an, das dauert einmal einige Sekunden …")
mlflow.set_tracking_uri(database)
if mlflow.get_experiment_by_name("Fashion-MNIST") is None:
    mlflow.create_experiment("Fashion-MNIST", artifact_location=(folder / "artefakte").as_uri())
experiment = mlflow.set_experiment("Fashion-MNIST")


# %% Ein Training, wie immer
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
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model


def confusion_figure(prediction):
    figure, axis = plt.subplots(figsize=(8, 8))
    names = fashion_mnist.class_names
    ConfusionMatrixDisplay.from_predictions(
        y_test, prediction, labels=range(10), display_labels=names, ax=axis, cmap="Blues",
        colorbar=False, xticks_rotation=45,
    )  # fmt: skip
    axis.set(xlabel="vorhergesagt", ylabel="richtig")
    return figure


# %% … und um jedes Training herum ein Lauf, der es aufzeichnet
models, model_uris = {}, {}
for units in UNITS:
    for learning_rate in LEARNING_RATES:
        model = build_model(units, learning_rate)
        with mlflow.start_run(run_name=f"{units} Neuronen, Lernrate {learning_rate}") as run:
            # 1. Was hinein geht: Hyperparameter, Versionen, Daten
            mlflow.log_params(
                {"units": units, "learning_rate": learning_rate, "epochs": EPOCHS}
                | {"batch_size": BATCH_SIZE, "n_train": N_TRAIN, "seed": SEED}
            )
            mlflow.set_tags({"keras": keras.__version__, "tensorflow": tf.__version__})

            # 2. Was unterwegs geschieht: je Epoche ein Punkt jeder Kurve
            log_epoch = keras.callbacks.LambdaCallback(
                on_epoch_end=lambda epoch, logs: mlflow.log_metrics(logs, step=epoch + 1)
            )
            model.fit(
                x_train,
                y_train,
                validation_split=0.2,
                epochs=EPOCHS,
                batch_size=BATCH_SIZE,
                callbacks=[log_epoch],
                verbose=0,
            )

            # 3. Was herauskommt: Testwerte, Bilder, beliebige Dateien
            loss, accuracy = model.evaluate(x_test, y_test, verbose=0)
            mlflow.log_metrics({"test_loss": loss, "test_accuracy": accuracy})
            probabilities = model.predict(x_test, verbose=0)
            figure = confusion_figure(probabilities.argmax(axis=1))
            mlflow.log_figure(figure, "konfusionsmatrix.png")
            plt.close(figure)
            mlflow.log_text(model.to_json(indent=2), "architektur.json")

            # 4. Das Modell. Die Signatur sagt, welche Form und welcher Typ hinein- und herausgehen.
            signature = mlflow.models.infer_signature(x_test, probabilities)
            info = mlflow.tensorflow.log_model(
                model,
                name="model",
                signature=signature,
                input_example=x_test[:2],
                pip_requirements=[f"keras=={keras.__version__}", f"tensorflow=={tf.__version__}"],
            )
        models[run.info.run_id], model_uris[run.info.run_id] = model, info.model_uri
        print(f"aufgezeichnet: {units:3} Neuronen, Lernrate {learning_rate}: Test {accuracy:.3f}")

# %% Vergleichen: Die Datenbank ist eine Tabelle mit einer Zeile je Lauf
all_runs = mlflow.search_runs(
    experiment_ids=[experiment.experiment_id],
    filter_string="attributes.status = 'FINISHED'",
    order_by=["metrics.val_accuracy DESC"],
)
print(f"\nIn der Datenbank: {len(all_runs)} Läufe, davon {len(models)} von eben. Die besten fünf:")
columns = ["params.units", "params.learning_rate", "metrics.val_accuracy", "metrics.test_accuracy"]
table = all_runs[columns].rename(columns=lambda name: name.partition(".")[2])
print(table.head().round(3).to_string(index=False))
own_runs = all_runs[all_runs.run_id.isin(models)]
best_id = own_runs.run_id.iloc[0]
print("Ausgewählt wird nach der Validierung (val_accuracy), nicht nach dem Test.")

# %% Wiederfinden: das beste Modell von eben aus der Datenbank laden
loaded = mlflow.pyfunc.load_model(model_uris[best_id])
difference = np.abs(loaded.predict(x_test) - models[best_id].predict(x_test, verbose=0)).max()
print(f"\nGeladen: {loaded.metadata.model_uuid}, größter Unterschied der Vorhersagen {difference:.1e}")
try:
    loaded.predict(x_test.reshape(-1, 784))
except mlflow.MlflowException:
    print("Bilder als Reihe von 784 Zahlen weist die Signatur ab, bevor das Modell sie sieht.")

# %% Die Kurven, gelesen aus der Datenbank
client = mlflow.MlflowClient()
figure, axis = plt.subplots(figsize=(9, 5))
styles = ["-", "--", "-.", ":"]
for index, run in enumerate(own_runs.itertuples()):
    points = client.get_metric_history(run.run_id, "val_accuracy")
    name = own_runs["tags.mlflow.runName"].iloc[index]
    axis.plot(
        [point.step for point in points],
        [point.value for point in points],
        styles[index % len(styles)],
        linewidth=2.5,
        marker="o",
        label=name,
    )
axis.set(xlabel="Epoche", ylabel="Genauigkeit (Validierung)")
axis.set_title("Alle Läufe in einem Bild: Hier entscheidet die Lernrate mehr als die Größe")
axis.legend()
plt.show()

# %% Öffnen: diesen Befehl ins Terminal, dann den Link anklicken (beenden mit Strg+C)
print("\nMLflow im Browser: diesen Befehl im Terminal starten, dann http://localhost:5000 öffnen:")
print(f'"{sys.executable}" -m mlflow ui --backend-store-uri "{database}" --port 5000 --workers 1')
print(
    """Dort: links das Experiment, Läufe ankreuzen, „Compare“; in einem Lauf die Reiter für Metriken,
Dateien (Konfusionsmatrix) und das Modell mit seiner Signatur und einem Beispiel zum Ausführen."""
)

ergebnis(
    genauigkeit_bester=own_runs["metrics.test_accuracy"].iloc[0],
    genauigkeit_schlechtester=own_runs["metrics.test_accuracy"].iloc[-1],
    unterschied_geladen=difference,
)
