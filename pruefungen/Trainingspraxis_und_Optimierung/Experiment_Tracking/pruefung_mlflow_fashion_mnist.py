"""Die Prüfung zu uebung_mlflow_fashion_mnist.py: je Aufgabe die Diagnosen und drei Tipps.

Deine Funktionen werden in eigenen Läufen aufgerufen, in einem Experiment, das danach wieder verschwindet.
"""

import contextlib
import shutil
import uuid

from kurs.uebungen import Diagnose, feld, funktion, in_worten, tipps, verfehlt

import keras
import mlflow
import numpy as np

ALT = "Prüfung: ein alter Lauf"  # hat die höchste val_accuracy, gehört aber nicht zu THIS_START


@contextlib.contextmanager
def probelauf(folder):
    """Ein offener Lauf; der Wert ist seine run_id."""
    ort = folder / f"pruefung_{uuid.uuid4().hex}"
    experiment = mlflow.create_experiment(ort.name, artifact_location=ort.as_uri())
    try:
        yield mlflow.start_run(experiment_id=experiment).info.run_id
    finally:
        while mlflow.active_run():
            mlflow.end_run()
        mlflow.delete_experiment(experiment)
        shutil.rmtree(ort, ignore_errors=True)


# Stück der Meldung → was es hier heißt
MELDUNGEN = {
    "already active": "Der Lauf ist schon offen, wenn deine Funktion gerufen wird: Hier kommt kein "
    "start_run hin, nur das Festhalten.",
    "Changing param values": "Unter diesem Namen steht schon ein anderer Wert, und ein Parameter gilt für den "
    "ganzen Lauf. Ist es jedes Mal derselbe Name? Was sich von Epoche zu Epoche ändert, sind Metriken.",
    "log_param() missing": "log_param hält einen einzelnen Wert fest, mit Name und Wert. Für ein ganzes "
    "dict gibt es eine Funktion in der Mehrzahl.",
    "log_metric() missing": "log_metric hält einen einzelnen Wert fest, mit Name und Wert. Für ein ganzes "
    "dict gibt es eine Funktion in der Mehrzahl.",
    "real number, not 'dict'": "log_metric hält eine Zahl fest, hier kommt ein ganzes dict. Dafür gibt es eine "
    "Funktion in der Mehrzahl.",
    "'dict_items' object": "Die Mehrzahl log_…s will das dict selbst, nicht seine .items().",
    "'int' object has no attribute 'items'": "Epoche und logs sind vertauscht: Gerufen wird "
    "log_epoch(epoch, logs), und log_metrics will zuerst das dict.",
    "Step must be": "step ist keine ganze Zahl. Gemeint ist die Nummer der Epoche.",
    "'tuple' object has no attribute 'inputs'": "signature bekommt ein Tupel. Eine Signatur daraus macht "
    "mlflow.models.infer_signature(…, …).",
    "sklearn model": "Das Modul passt nicht: sklearn kennt keine Keras-Modelle. MLflow hat je "
    "Bibliothek eines.",
    "should be a torch": "Das Modul passt nicht: pytorch kennt keine Keras-Modelle. MLflow hat je Bibliothek "
    "eines.",
    "input_example.json": "mlflow.keras kommt in dieser Fassung mit input_example nicht zurecht; "
    "Keras-Modelle hält auch mlflow.tensorflow fest.",
    "not ModelInfo": "load_model will wissen, wo das Modell liegt. In info steht mehr als das.",
    "No such artifact": "Dort liegt kein Modell. Welcher Eintrag von info nennt seinen Ort?",
}


def rufe(function, *angaben):
    """Das Ergebnis; ein Fehler, der hier etwas Bestimmtes heißt, wird zur Diagnose."""
    try:
        return function(*angaben)
    except Exception as fehler:
        for stueck, satz in MELDUNGEN.items():
            if stueck in str(fehler):
                raise Diagnose(satz) from None
        raise


def im_lauf(run_id):
    """Was im Lauf steht; landete es in einem anderen, eine Diagnose."""
    active = mlflow.active_run()
    if not active:
        raise Diagnose(
            "Danach ist der Lauf zu Ende, er wird aber noch gebraucht: Deine Funktion hält nur fest."
        )
    child = f"tags.mlflow.parentRunId = '{run_id}'"
    if active.info.run_id != run_id or search_all(child):
        raise Diagnose(
            "Deine Werte stehen in einem eigenen Lauf. Offen ist schon einer, den benutze."
        )
    return mlflow.MlflowClient().get_run(run_id).data


def search_all(condition):
    return len(mlflow.search_runs(search_all_experiments=True, filter_string=condition))


def nur_zurueck(result):
    if result is None:
        return " Festhalten kann sie mlflow.log_…"
    return f" Zurück kommt {in_worten(result)}; das merkt sich MLflow nicht, festhalten kann es mlflow.log_…"


def aufzaehlung(namen):
    return ", ".join(sorted(namen)) or "nichts"


@tipps(
    "Ist die Lernrate etwas, das du einstellst, oder etwas, das du misst?",
    "In der Demo unter „Was hinein geht“. Es gibt eine Funktion für einen Wert und eine für ein dict.",
    "def log_settings(settings):\n    mlflow.log_…(settings)",
)
def aufgabe_1(log_settings: funktion, *, EXPERIMENTS, folder):
    for settings in EXPERIMENTS[:2]:
        hidden = {n: w * 3 if isinstance(w, (int, float)) else w for n, w in settings.items()}
        with probelauf(folder) as run_id:
            result = rufe(log_settings, dict(hidden))
            data = im_lauf(run_id)
            files = mlflow.MlflowClient().list_artifacts(run_id)
        if set(hidden) & set(data.metrics):
            return (
                "Das sind jetzt Metriken. Metriken sind Ergebnisse, die sich während des Laufs ändern; "
                "was du vorher einstellst, sind Parameter."
            )
        if set(hidden) & set(data.tags):
            return "Das sind jetzt Tags, also Zettel zum Lauf. Was du einstellst, sind Parameter."
        if files and not data.params:
            return f"Das steht jetzt in einer Datei ({files[0].path}); gesucht sind Parameter."
        if not data.params:
            return "Danach steht im Lauf kein einziger Parameter." + nur_zurueck(result)
        if missing := set(hidden) - set(data.params):
            return (
                f"Als Parameter steht in der Datenbank nur: {aufzaehlung(data.params)}. "
                f"Es sollen alle Einträge von settings sein; es fehlt {min(missing)}."
            )
        for name, value in hidden.items():
            if data.params[name] != str(value):
                return (
                    f"Die Namen stimmen, die Werte nicht: {name} war {value}, festgehalten ist "
                    f"{data.params[name]}. Nimm sie aus settings, sie sind in jedem Lauf andere."
                )


@tipps(
    "Woher weiß MLflow, zu welcher Epoche ein Wert gehört?",
    "In der Demo unter „Was unterwegs geschieht“; mlflow.log_metrics hat ein Argument step.",
    "def log_epoch(epoch, logs):\n    mlflow.log_metrics(…, step=…)",
)
def aufgabe_2(log_epoch: funktion, *, experiment, folder):
    curves = {"accuracy": [0.41, 0.63, 0.58], "loss": [1.7, 1.1, 0.9]}
    curves |= {"val_accuracy": [0.44, 0.61, 0.57], "val_loss": [1.6, 1.2, 1.3]}
    client = mlflow.MlflowClient()
    with probelauf(folder) as run_id:
        for epoch, values in enumerate(zip(*curves.values())):
            result = rufe(log_epoch, epoch, dict(zip(curves, values)))
        data = im_lauf(run_id)
        points = {n: client.get_metric_history(run_id, n) for n in curves if n in data.metrics}
    if not data.metrics and set(curves) & {*data.params, *data.tags}:
        return "Was in logs steht, ist gemessen: Das sind Metriken, keine Parameter oder Tags."
    if not data.metrics:
        return "Danach steht im Lauf keine einzige Metrik." + nur_zurueck(result)
    if missing := set(curves) - set(points):
        return (
            f"In der Datenbank steht keine {max(missing)}, nur: {aufzaehlung(data.metrics)}. Halte alles "
            "aus logs unter seinem Namen fest."
        )
    for name, values in curves.items():
        ordered = sorted(points[name], key=lambda point: point.step)
        if (n := len({point.step for point in ordered})) < 3:
            return (
                f"Für 3 Epochen gibt es bei {name} nur {n} verschiedene step: So wird daraus keine Kurve. "
                "Gib die Epoche als step an."
            )
        given = [point.value for point in ordered]
        if np.allclose(given, values[::-1]):
            return "Die Kurven laufen rückwärts: step soll mit der Epoche wachsen."
        if not np.allclose(given, values):
            return (
                f"Die Werte in der Datenbank sind nicht die aus logs: {name} war {values}, festgehalten "
                f"ist {given}."
            )
    with mlflow.start_run(experiment_id=experiment.experiment_id, run_name=ALT):
        mlflow.log_metric("val_accuracy", 1.0)


def flaches_modell():
    """Hinein und heraus wie deins, mit Gewichten, die sonst keines hat."""
    layers = [keras.Input((28, 28)), keras.layers.Flatten(), keras.layers.Dense(10, "softmax")]
    model = keras.Sequential(layers)
    rng = np.random.default_rng()
    model.set_weights([rng.normal(size=w.shape) for w in model.get_weights()])
    return model


@tipps(
    "Was muss jemand wissen, der nur das gespeicherte Modell hat und es benutzen will?",
    "In der Demo unter „Das Modell“: mlflow.tensorflow.log_model und mlflow.models.infer_signature.",
    'return mlflow.tensorflow.log_model(model, name="model", signature=infer_signature(…, …),\n'
    "    input_example=…, pip_requirements=REQUIREMENTS)",
)
def aufgabe_3(log_model: funktion, *, x_test, folder):
    model = flaches_modell()
    with probelauf(folder):
        info = rufe(log_model, model)
        if info is None:
            return "log_model gibt None zurück: Fehlt das return, oder speichert dein Aufruf nur eine Datei?"
        if not isinstance(info, mlflow.models.model.ModelInfo):
            return (
                f"Zurück kommt {in_worten(info)}; gesucht ist, was mlflow.….log_model liefert "
                "(ein ModelInfo)."
            )
        if not {"tensorflow", "keras"} & set(info.flavors):
            return (
                f"Festgehalten als {aufzaehlung(info.flavors)}: Nimm das Modul von MLflow, das "
                "Keras-Modelle kennt."
            )
        if satz := signatur_stimmt_nicht(info.signature):
            return satz
        if not info.saved_input_example_info:
            return (
                "Signatur ist da, aber kein Beispiel: Es fehlt input_example mit ein paar Bildern."
            )
        loaded = mlflow.pyfunc.load_model(info.model_uri).predict(x_test[:20])
        if not np.allclose(loaded, model.predict(x_test[:20], verbose=0), atol=1e-4):
            return "Festgehalten ist ein anderes Modell als das, das log_model bekommt: Nimm model."


def signatur_stimmt_nicht(signature):
    if signature is None:
        return (
            "Das Modell liegt in MLflow, aber ohne Signatur: Niemand sieht ihm an, welche Form es "
            "erwartet."
        )
    inputs, outputs = (
        [getattr(spec, "shape", None) for spec in (schema.inputs if schema else ())]
        for schema in (signature.inputs, signature.outputs)
    )
    if inputs != [(-1, 28, 28)]:
        return (
            f"Die Signatur beschreibt die Eingabe falsch ({signature.inputs}): Hinein gehen mehrere "
            "Bilder, Form (-1, 28, 28). Zeig infer_signature Bilder wie x_test."
        )
    if not outputs:
        return (
            "Die Signatur sagt nur, was hineingeht, nicht, was herauskommt: infer_signature braucht "
            "als Zweites Vorhersagen des Modells."
        )
    if outputs != [(-1, 10)]:
        return (
            "Die Signatur beschreibt die Ausgabe falsch: Das Modell liefert je Bild 10 "
            "Wahrscheinlichkeiten. Zeig infer_signature Vorhersagen des Modells, nicht die Labels."
        )


ZUR_PROBE = {  # drei Läufe; der mit der höchsten val_accuracy ist sonst in nichts der erste oder letzte
    "val_accuracy": [0.3, 0.9, 0.5],
    "val_loss": [0.9, 0.6, 0.4],
    "accuracy": [0.4, 0.6, 0.8],
    "loss": [1.2, 1.0, 0.8],
}


def nicht_der_beste(lauf, experiment):
    """Welche val_accuracy der Lauf hat, den Aufgabe 4 unter ZUR_PROBE wählt; None, wenn es der richtige ist.

    Auch None, wenn sich das so nicht herausfinden lässt.
    """
    start, ids = uuid.uuid4().hex, []
    for values in zip(*ZUR_PROBE.values()):
        with mlflow.start_run(experiment_id=experiment.experiment_id, tags={"start": start}) as run:
            mlflow.log_metrics(dict(zip(ZUR_PROBE, values)), step=0)
        ids.append(run.info.run_id)
    values = dict(zip(ids, ZUR_PROBE["val_accuracy"]))
    curves = {run_id: [value] for run_id, value in values.items()}
    this_start = f"tags.start = '{start}'"
    raum = lauf.noch_einmal(4, start=start, THIS_START=this_start, curves=curves) or {}
    for run_id in ids:
        mlflow.delete_run(run_id)
    chosen = values.get(raum.get("best_run_id"))
    return None if chosen == max(values.values()) else chosen


def run_id(antwort, name):
    if not isinstance(antwort, str):
        raise verfehlt(antwort, "eine einzelne run_id (ein Text aus der Spalte run_id)", name)
    return antwort


@tipps(
    "search_runs liefert eine Tabelle. Wie muss sie sortiert sein, damit der beste Lauf oben steht?",
    'In der Demo unter „Vergleichen“: order_by=["metrics.… DESC"]; hier dazu filter_string=THIS_START.',
    "found = mlflow.search_runs(filter_string=…, order_by=[…])\nbest_run_id = found.run_id[…]",
)
def aufgabe_4(best_run_id: run_id, *, curves, experiment, log_epoch, __kurs_lauf__):
    client = mlflow.MlflowClient()
    old = client.search_runs([experiment.experiment_id], f"tags.mlflow.runName = '{ALT}'")
    for run in old:
        client.delete_run(run.info.run_id)
    if best_run_id in [run.info.run_id for run in old]:
        return (
            "Das ist ein alter Lauf aus demselben Experiment; seine val_accuracy ist mit anderen Bildern "
            "gemessen. Such nur unter den Läufen von eben: filter_string=THIS_START."
        )
    if best_run_id not in curves:
        return (
            f"{best_run_id[:40]!r} ist keine run_id eines Laufs von eben. Gesucht ist ein Text aus der "
            "Spalte run_id; filtere mit THIS_START."
        )
    given, best = curves[best_run_id][-1], max(curve[-1] for curve in curves.values())
    if given < best:
        return (
            f"Dieser Lauf endet mit val_accuracy {given:.4f}, der beste mit {best:.4f}. "
            "In welcher Richtung sortiert order_by, und welche Zeile nimmst du?"
        )
    if chosen := nicht_der_beste(__kurs_lauf__, experiment):
        return (
            f"Diesmal stimmt es, aber von drei Läufen mit val_accuracy {ZUR_PROBE['val_accuracy']} wählt "
            f"dein Code den mit {chosen}. Sortierst du nach val_accuracy, und nimmst du den ersten?"
        )


@tipps(
    "Was brauchst du, um ein Modell in MLflow zu finden?",
    "info.model_uri nennt den Ort; laden kann ihn mlflow.pyfunc oder mlflow.tensorflow.",
    "loaded = mlflow.pyfunc.load_model(…)\nreturn loaded.predict(…).…",
)
def aufgabe_5(predict_classes: funktion, *, x_test, folder):
    model = flaches_modell()
    with probelauf(folder):
        info = mlflow.tensorflow.log_model(model, name="model", pip_requirements=["keras"])
        classes = rufe(predict_classes, info)
    if isinstance(classes, (list, tuple)) and classes and isinstance(classes[0], str):
        return f"Das sind Namen ({classes[0]!r}, …); gesucht ist die Nummer der Klasse."
    classes = feld()(classes, "predict_classes(info)")
    if classes.shape == (len(x_test), 10):
        return "Das sind Wahrscheinlichkeiten, zehn je Bild. Die Klasse ist die Stelle der größten."
    if classes.shape != (len(x_test),):
        return (
            f"Gesucht ist eine Klasse je Testbild, also {len(x_test)} Zahlen; deine Antwort hat die Form "
            f"{classes.shape}. Sind es die Bilder aus x_test, und über welche Achse geht argmax?"
        )
    if classes.dtype.kind == "f" and not np.array_equal(classes, classes.round()):
        return "Das sind Wahrscheinlichkeiten; gesucht ist, an welcher Stelle die größte steht."
    same = np.mean(classes == (wanted := model.predict(x_test, verbose=0).argmax(axis=1)))
    if np.array_equal(classes, wanted + 1):
        return "Alle Nummern sind um eins zu groß: Die erste Klasse heißt 0."
    if 0.5 < same < 1:
        return f"Nur {same:.0%} der Klassen stimmen: Bekommt das Modell die Bilder aus x_test so, wie sie sind?"
    if same < 1:
        return (
            "Diese Klassen sagt ein anderes Modell voraus als das, das in info steht. Geladen wird es "
            "aus MLflow, nicht aus einer Variablen."
        )
