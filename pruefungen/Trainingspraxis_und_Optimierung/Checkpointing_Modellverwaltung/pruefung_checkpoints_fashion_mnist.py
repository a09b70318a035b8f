"""Die Prüfung zu uebung_checkpoints_fashion_mnist.py: je Aufgabe die Diagnosen und drei Tipps.

Callbacks werden an einem Training geprüft, das nichts lernt: Nach Epoche n steht in allen Gewichten n. So verrät
jede Datei, von wann sie ist.
"""

import contextlib
import copy
import math
import os
import shutil
import tempfile
from pathlib import Path

from kurs.uebungen import Diagnose, ein, in_worten, modell, tipps

import keras
import numpy as np

callback = ein(keras.callbacks.Callback, "ein Callback von Keras")
# Welcher Stand in der Datei bliebe, verrät, worauf der Callback achtet: jede Kurve hat ihre eigene beste Epoche.
CURVES = {
    "val_accuracy": [0.55, 0.41, 0.52, 0.74, 0.61, 0.63, 0.66, 0.58],  # beste 4, schlechteste 2
    "val_loss": [1.3, 1.2, 1.9, 1.1, 0.8, 1.0, 0.9, 1.4],  # beste 5, schlechteste 3
    "accuracy": [0.40, 0.50, 0.60, 0.70, 0.72, 0.75, 0.91, 0.85],  # beste 7, schlechteste 1
    "loss": [1.6, 1.4, 1.2, 1.1, 0.9, 0.4, 0.6, 0.7],  # beste 6, schlechteste 1
}
KEPT = {
    1: "Er achtet auf das Training statt auf die Validierung, und auch noch verkehrt herum; gefragt "
    "ist val_accuracy.",
    2: "Er behält den Stand mit der niedrigsten val_accuracy. Ist größer hier besser oder "
    "schlechter (mode)?",
    3: "Er behält den Stand mit dem höchsten val_loss; gefragt ist die höchste val_accuracy.",
    5: "Er achtet auf val_loss; gefragt ist val_accuracy (monitor). Das ist nicht immer dieselbe Epoche.",
    6: "Er achtet auf loss, also das Training; gefragt ist val_accuracy (monitor).",
    7: "Er achtet auf accuracy, also das Training: Wer auswendig lernt, sieht dort am besten aus. "
    "Gefragt ist val_accuracy (monitor).",
    8: "Jede Epoche überschreibt die Datei, auch die schlechte letzte: Es fehlt save_best_only.",
}


def fahre(callback, model, curves, steps):
    """Ruft den Callback, wie fit es täte; danach ist er wie vorher und das Modell auch."""
    weights, state = model.get_weights(), dict(vars(callback))
    n_epochs = len(curves["loss"])
    # Keras rät mode aus den Metriken, und die entstehen erst mit den ersten Werten.
    model.compute_metrics(None, np.zeros(1, "int64"), np.full((1, 10), 0.1, "float32"))
    model.reset_metrics()
    training = keras.callbacks.CallbackList(
        [callback], model=model, epochs=n_epochs, steps=steps, verbose=0
    )
    try:
        training.on_train_begin()
        for epoch in range(n_epochs):
            logs = {name: values[epoch] for name, values in curves.items()}
            training.on_epoch_begin(epoch)
            model.set_weights([np.full_like(w, epoch + 1) for w in weights])
            for batch in range(steps):
                training.on_train_batch_begin(batch)
                training.on_train_batch_end(batch, {n: logs[n] for n in ("accuracy", "loss")})
            training.on_epoch_end(epoch, logs)
        training.on_train_end()
    except KeyError as fehler:
        if "Failed to format" not in str(fehler):
            raise
        raise Diagnose(
            "Im Dateinamen steht ein Platzhalter, den Keras nicht kennt. Ersetzt werden {epoch} und "
            f"was gemessen wird: {', '.join(f'{{{name}}}' for name in curves)}."
        ) from None
    finally:
        model.set_weights(weights)
        model.stop_training = False
        vars(callback).clear()
        vars(callback).update(state)


def von_epoche(datei):
    """Aus welcher Epoche ein Checkpoint ist."""
    try:
        return round(float(keras.models.load_model(datei, compile=False).get_weights()[0].flat[0]))
    except (ValueError, OSError):
        raise Diagnose(
            f"{datei.name} ist kein ganzes Modell von Keras; laden lässt sie sich nicht."
        ) from None


@contextlib.contextmanager
def leerer_ordner(folder):
    """Im Block ist der Ordner leer; danach liegt wieder darin, was vorher darin lag.

    Der Wert ist der Ordner, in dem Python solange läuft: Dort landet, was ohne folder geschrieben wird.
    """
    aside, here = folder.with_name("beiseite"), os.getcwd()
    shutil.rmtree(aside, ignore_errors=True)
    folder.rename(aside)
    folder.mkdir()
    try:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as elsewhere:
            os.chdir(elsewhere)
            try:
                yield Path(elsewhere)
            finally:
                os.chdir(here)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        aside.rename(folder)


def dateien(folder):
    return sorted(p for p in folder.rglob("*") if p.is_file())


@tipps(
    "Woran soll man den Dateien ansehen, aus welcher Epoche sie stammen?",
    "keras.io/api/callbacks/model_checkpoint: filepath darf {epoch} enthalten, wie ein f-String.",
    'every_epoch = keras.callbacks.ModelCheckpoint(folder / "epoche_{…:02d}.keras")',
)
def aufgabe_1(every_epoch: callback, *, model, folder, x_train):
    curves = {
        n: [v[0], v[3], v[3], v[1]] for n, v in CURVES.items()
    }  # gut, besser, gleich, schlecht
    with leerer_ordner(folder) as elsewhere:
        fahre(every_epoch, model, curves, math.ceil(len(x_train) / 32))
        written = dateien(folder)
        if lost := dateien(elsewhere):
            return (
                f"{lost[0].name} landet in dem Ordner, in dem Python gerade läuft. Gesucht sind Dateien "
                "in folder: folder / …"
            )
        if not written:
            return (
                f"In folder liegt danach nichts. Gesucht sind Dateien epoche_….keras in {folder}."
            )
        if any(p.name.endswith(".h5") for p in written):
            return (
                "Das sind nur die Gewichte. Gesucht ist das ganze Modell: Dateien epoche_….keras."
            )
        if len(written) == 1:
            return (
                "Alle Epochen schreiben in dieselbe Datei, die vorige ist jedes Mal weg. "
                "Der Name braucht die Nummer der Epoche."
            )
        if len(written) > 4:
            return (
                f"Es sind {len(written)} Dateien für 4 Epochen ({written[0].name}, …): Geschrieben wird öfter "
                "als einmal je Epoche (save_freq)."
            )
        if len(written) != 4:
            return (
                f"Es sind {len(written)} Dateien für 4 Epochen ({written[0].name}, …). Gesucht ist eine "
                "je Epoche, nicht nur nach den guten."
            )
        if sorted(map(von_epoche, written)) != [1, 2, 3, 4]:
            return "Die Dateien enthalten nicht die Stände nach Epoche 1, 2, 3 und 4."
        if any(not p.match("epoche_*.keras") or p.parent != folder for p in written):
            return f"Die Dateien heißen {written[0].name}, …; gesucht ist epoche_….keras in folder."


@tipps(
    "Was ist der Unterschied zwischen „der letzte“ und „der beste“?",
    "ModelCheckpoint hat die Argumente monitor, mode und save_best_only.",
    'best_only = keras.callbacks.ModelCheckpoint(folder / "bestes.keras", monitor=…, mode=…, …=True)',
)
def aufgabe_2(best_only: callback, *, model, folder, x_train):
    monitor, path = getattr(best_only, "monitor", None), folder / "bestes.keras"
    if isinstance(monitor, str) and monitor not in CURVES:
        return f"Er achtet auf {monitor}; so heißt in diesem Training nichts. Es gibt {', '.join(CURVES)}."
    with leerer_ordner(folder):
        fahre(best_only, model, CURVES, math.ceil(len(x_train) / 32))
        if not path.is_file():
            found = ", ".join(p.name for p in dateien(folder)) or "nichts"
            return f"Eine Datei bestes.keras ist nicht entstanden; in folder liegt: {found}."
        kept = von_epoche(path)
        if others := [p.name for p in dateien(folder) if p != path]:
            return f"Behalten werden soll nur bestes.keras; in folder liegt auch {others[0]}."
    if kept != 4:
        return KEPT.get(kept, f"In der Datei steckt der Stand nach Epoche {kept}.")


def sagt(model, x):
    return keras.ops.convert_to_numpy(model(x, training=False))


@tipps(
    "Was liegt in einer .keras-Datei: nur Zahlen, oder das ganze Modell?",
    "In demo_checkpoint_laden.py unter „Alte Versionen laden“.",
    "best_model = keras.models.load_model(…)",
)
def aufgabe_3(best_model: modell, *, model, folder, x_val, y_val):
    given = sagt(best_model, x_val[:200])
    wanted = sagt(keras.models.load_model(folder / "bestes.keras", compile=False), x_val[:200])
    if np.allclose(given, wanted, atol=1e-4):
        return None
    if np.allclose(given, sagt(model, x_val[:200]), atol=1e-4):
        return "Das ist das Modell nach dem Missgeschick. Hast du wirklich die Datei geladen?"
    hits = [(p.argmax(axis=1) == y_val[:200]).mean() for p in (given, wanted)]
    return (
        f"Dieses Modell hat auf 200 Bildern der Validierung {hits[0]:.3f}, das in bestes.keras "
        f"{hits[1]:.3f}: Es ist ein anderes Modell, oder seine Gewichte fehlen."
    )


def verlauf(antwort, name):
    if not isinstance(getattr(antwort, "history", None), dict):
        raise Diagnose(f"{name} soll sein, was fit(…) zurückgibt, ist aber {in_worten(antwort)}.")
    return antwort


@tipps(
    "Woher weiß fit, dass es nicht bei null anfängt?",
    "fit hat die Argumente initial_epoch (schon erledigt) und epochs (Nummer der letzten).",
    'resumed_model = keras.models.load_model(folder / f"epoche_{…:02d}.keras")\n'
    "resumed = fit(resumed_model, initial_epoch=…, epochs=…)",
)
def aufgabe_4(resumed_model: modell, resumed: verlauf, *, LAST_GOOD, TARGET, x_train, x_val, y_val):
    steps = math.ceil(len(x_train) / 32)
    if not resumed.epoch:
        return "In diesem fit gab es keine Epoche. epochs ist die Nummer der letzten, nicht die Anzahl."
    if resumed.epoch[0] != LAST_GOOD:
        return (
            f"Deine Fortsetzung beginnt bei Epoche {resumed.epoch[0] + 1} statt bei {LAST_GOOD + 1}: "
            "Sag fit, wie viele Epochen schon vorbei sind."
        )
    if resumed.epoch[-1] + 1 != TARGET:
        return (
            f"Schluss ist nach Epoche {resumed.epoch[-1] + 1}, gefragt ist {TARGET}. "
            "epochs ist die Nummer der letzten Epoche, nicht die Zahl der zusätzlichen."
        )
    if resumed.model is not resumed_model:
        return "resumed gehört zu einem anderen Modell: Trainiert wird resumed_model."
    if resumed.params.get("steps") != steps or "val_accuracy" not in resumed.history:
        return "Weitertrainiert wird mit denselben Daten wie vorher, also mit fit(…) von oben."
    counted = int(resumed_model.optimizer.iterations)
    if counted != steps * TARGET:
        return (
            f"Der Optimizer hat {counted} Schritte gezählt, bei einer Fortsetzung ab Epoche {LAST_GOOD} "
            f"wären es {steps * TARGET}. "
            + (
                "Ist es der richtige Checkpoint?"
                if counted > steps * (TARGET - LAST_GOOD)
                else "Angefangen hat er bei null: So ein Modell kommt nicht aus einem Checkpoint."
            )
        )
    measured = (sagt(resumed_model, x_val).argmax(axis=1) == y_val).mean()
    if abs(measured - resumed.history["val_accuracy"][-1]) > 0.01:
        return (
            f"In resumed steht val_accuracy {resumed.history['val_accuracy'][-1]:.3f}, auf x_val sind es "
            f"{measured:.3f}: Validiert wurde auf anderen Bildern. Nimm fit(…) von oben."
        )


class Abbruch(Exception):
    pass


class BrichtAb(keras.callbacks.Callback):
    """Wie jemand, der vor der letzten Epoche auf Stopp drückt."""

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 3:
            raise Abbruch


@tipps(
    "ModelCheckpoint schreibt nur. Welcher Callback liest beim Start auch wieder ein?",
    "keras.io/api/callbacks: Es gibt einen, der nach Sichern und Wiederherstellen heißt.",
    'backup = keras.callbacks.B…(folder / "sicherung")',
)
def aufgabe_5(backup: callback, *, folder):
    def training(*callbacks):
        model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
        model.compile("sgd", "mse", run_eagerly=True)
        x, y = np.ones((8, 3), "float32"), np.ones((8, 1), "float32")
        options = {"epochs": 4, "batch_size": 4, "validation_data": (x, y), "verbose": 0}
        return model.fit(x, y, callbacks=list(callbacks), **options)

    with leerer_ordner(folder):
        (folder / "fremde_datei.txt").touch()
        fresh = frisch(backup)  # wie nach einem Neustart: Im Speicher ist nichts mehr
        with contextlib.suppress(Abbruch):
            training(backup, BrichtAb())
        repeated = training(fresh)
        survived = (folder / "fremde_datei.txt").exists()
    if len(repeated.epoch) > 2:
        return (
            f"Der zweite Aufruf hat {len(repeated.epoch)} Epochen gebraucht; nötig war nur noch eine. "
            "Dein Callback schreibt vielleicht, aber er stellt nichts wieder her."
        )
    if int(repeated.model.optimizer.iterations) < 8:
        return "Die Epochen werden zwar übersprungen, aber der Stand von vorher ist nicht zurück."
    if not survived:
        return (
            "Am Ende räumt dieser Callback seinen Ordner weg, und in folder liegen deine Checkpoints: "
            "Gib ihm einen eigenen, etwa darunter."
        )


def frisch(callback):
    try:
        return copy.deepcopy(callback)
    except Exception:  # noqa: BLE001 (was sich nicht kopieren lässt, wird noch einmal benutzt)
        return callback
