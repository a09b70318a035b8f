"""Die Prüfung zu uebung_deployment.py: je Aufgabe die Diagnosen und drei Tipps."""

import contextlib
import json
import shutil
import uuid

from kurs.server import im_hintergrund
from kurs.uebungen import Diagnose, ein, funktion, ganzzahl, in_worten, modell, tipps

import fastapi
import keras
import mlflow
import numpy as np
import requests
from fastapi.testclient import TestClient


@tipps(
    "Das bestehende Modell hat keine verdeckte Schicht und lernt mit SGD. Was davon bremst?",
    "demo_cnn_mnist.py (Kapitel 2): Conv2D; als Optimizer Adam. Vor Conv2D gehört Reshape((28, 28, 1)).",
    'model = keras.Sequential([keras.Input(shape=(28, 28)), …, keras.layers.Dense(10, "softmax")])\n'
    'model.compile("adam", "sparse_categorical_crossentropy", metrics=[…])\nreturn model',
)
def aufgabe_1(build_better_model: modell, *, train, old_accuracy, MARGIN, x_val, y_val):
    better = build_better_model
    try:
        shape = tuple(better(x_val[:2]).shape)
    except Exception:  # noqa: BLE001 (was nicht passt, meldet jedes Rechenwerk anders)
        return (
            f"Das Modell nimmt die Bilder nicht an: Hinein geht (28, 28), bei dir {better.input_shape[1:]}. "
            "Eine Achse für die Farbe fügst du im Modell hinzu, mit Reshape."
        )
    if shape != (2, 10):
        return f"Aus 2 Bildern wird die Form {shape}; gesucht ist (2, 10), zehn Zahlen je Bild."
    if not better.compiled:
        return "Das Modell ist nicht kompiliert: Ohne Optimizer und Loss kann fit nichts lernen."
    if satz := loss_passt_nicht(better):
        return satz
    before = float((better.predict(x_val, verbose=0).argmax(axis=1) == y_val).mean())
    if before > 0.5:
        return (
            f"Das Modell ist schon trainiert ({before:.3f}). Verglichen wird nach demselben Training: "
            "build_better_model baut und kompiliert nur."
        )
    accuracy = train(better)
    if accuracy < old_accuracy + MARGIN:
        return (
            f"Kaum besser: Validierung {accuracy:.3f} gegen {old_accuracy:.3f} nach demselben Training. "
            f"Verlangt ist ein Vorsprung von {MARGIN}."
        )


def loss_passt_nicht(model):
    labels, sure = np.arange(10), np.full((10, 10), 0.001, "float32") + 0.99 * np.eye(10)
    try:
        right = float(model.compute_loss(y=labels, y_pred=sure.astype("float32")))
        wrong = float(model.compute_loss(y=labels, y_pred=np.roll(sure, 1, 1).astype("float32")))
    except Exception as fehler:  # noqa: BLE001 (je nach Loss und Rechenwerk ein anderer)
        if "No loss" in str(fehler):
            return "Bei compile fehlt der Loss: Woran soll fit sehen, ob es besser wird?"
        return (
            "Der Loss passt nicht zu den Labels: Sie sind einzelne Zahlen von 0 bis 9, nicht one-hot "
            "(Stichwort „sparse“)."
        )
    if wrong < right + 0.01:
        return "Der Loss ist keiner für Klassen: Falsche Antworten kosten nicht mehr als richtige."


# --- Die Registry ---------------------------------------------------------------------------------


@contextlib.contextmanager
def probe_registry(client, name, folder):
    """Im Block kommen zwei alte Versionen vor der neuen; danach ist alles, wie es war."""
    source = client.get_model_version(name, 1).source
    place = folder / f"pruefung_{uuid.uuid4().hex}"
    experiment = mlflow.create_experiment(place.name, artifact_location=place.as_uri())
    mlflow.set_experiment(experiment_id=experiment)
    for _ in range(2):
        client.create_model_version(name, source)
    try:
        yield
    finally:
        while mlflow.active_run():
            mlflow.end_run()
        mlflow.set_experiment(name)
        mlflow.delete_experiment(experiment)
        shutil.rmtree(place, ignore_errors=True)
        client.delete_registered_model(name)
        client.create_registered_model(name)
        client.create_model_version(name, source)
        client.set_registered_model_alias(name, "champion", 1)


def versionen(client, name):
    return {int(v.version) for v in client.search_model_versions(f"name = '{name}'")}


@tipps(
    "Oben steht, wie Version 1 in die Registry und zu ihrem Alias kam. Was ist bei dir anders?",
    "log_model in einem Lauf, dann create_model_version, dann set_registered_model_alias.",
    'with mlflow.start_run():\n    info = mlflow.tensorflow.log_model(model, name="model", …)\n'
    "version = client.create_model_version(NAME, info.…).version\nclient.set_…(NAME, …, version)",
)
def aufgabe_2(register_model: funktion, *, client, NAME, folder, x_scaled):
    layers = [keras.Input((28, 28)), keras.layers.Flatten(), keras.layers.Dense(10, "softmax")]
    model = keras.Sequential(layers)  # eines, das sonst niemand hat
    with probe_registry(client, NAME, folder):
        before = versionen(client, NAME)
        registriere(register_model, model)
        new = versionen(client, NAME) - before
        if not new:
            return (
                f"Danach gibt es unter {NAME} keine neue Version. Aus dem festgehaltenen Modell wird erst "
                "mit create_model_version eine."
            )
        champion = client.get_registered_model(NAME).aliases.get("champion")
        if champion is None or int(champion) not in new:
            return (
                f"Version {max(new)} ist da, aber champion zeigt auf {champion}. Welche Nummer die neue "
                "hat, sagt create_model_version."
            )
        uri = f"models:/{NAME}/{champion}"
        try:
            loaded = mlflow.tensorflow.load_model(uri)
        except Exception as fehler:  # noqa: BLE001 (wie Falsches scheitert, hängt davon ab, was es ist)
            return (
                "Die neue Version lässt sich nicht laden: Dort, wohin sie zeigt, liegt kein Keras-Modell "
                f"({type(fehler).__name__}). Wo es liegt, sagt log_model."
            )
        if satz := signatur_stimmt_nicht(mlflow.models.get_model_info(uri).signature):
            return satz
        outputs = [m.predict(x_scaled[:9], verbose=0) for m in (loaded, model)]
    if not np.allclose(*outputs, atol=1e-4):
        return (
            "In der neuen Version steckt ein anderes Modell als das, das register_model bekommt: "
            "Nimm model."
        )


def registriere(register_model, model):
    try:
        register_model(model)
    except Exception as fehler:
        if "ModelVersion'" in str(fehler):
            raise Diagnose(
                "create_model_version gibt die ganze Version zurück; ihre Nummer ist .version."
            ) from None
        raise


def signatur_stimmt_nicht(signature):
    if signature is None:
        return "Die neue Version hat keine Signatur: Niemand sieht ihr an, was hineingehört."
    inputs, outputs = (
        [getattr(spec, "shape", None) for spec in (schema.inputs if schema else ())]
        for schema in (signature.inputs, signature.outputs)
    )
    if inputs != [(-1, 28, 28)]:
        return (
            f"Die Signatur beschreibt die Eingabe falsch ({signature.inputs}): Hinein gehen mehrere "
            "Bilder, Form (-1, 28, 28)."
        )
    if outputs != [(-1, 10)]:
        return (
            f"Die Signatur beschreibt die Ausgabe falsch ({signature.outputs}): Heraus kommen je Bild 10 "
            "Zahlen. Zeig infer_signature Vorhersagen des Modells, nicht die Labels."
        )


# --- Der Dienst -----------------------------------------------------------------------------------


@tipps(
    "FastAPI prüft nur, was im Typ steht. Steht dort, wie viele es sein müssen?",
    "pydantic.Field(min_length=…, max_length=…) für Listen, Field(ge=…, le=…) für Zahlen, beides mit "
    "Annotated; oder eine Prüfung in model_post_init, die ValueError wirft.",
    "class Picture(pydantic.BaseModel):\n"
    "    pixels: list[list[int]] = pydantic.Field(min_length=28, max_length=…)\n\n"
    "    def model_post_init(self, context):\n        if any(len(row) != … for row in self.pixels):\n"
    '            raise ValueError("…")',
)
def aufgabe_3(Picture: ein(type, "eine Klasse"), *, x_test):
    good = x_test[0].tolist()
    send = annahme(Picture)
    for pixels in (good, x_test[5].tolist(), [[0] * 28] * 14 + [[255] * 28] * 14):
        if grund := send(pixels):
            return f"Ein richtiges Bild (28 Zeilen zu 28 Zahlen) wird abgewiesen: {grund}"
    if not send(good[:27]) or not send([*good, good[0]]):
        return "Auch 27 oder 29 Zeilen werden angenommen; im Modell gäbe es dann einen Absturz."
    for row in (good[9][:27], [*good[9], 0], []):
        if not send([*good[:9], row, *good[10:]]):
            return (
                "Die Zahl der Zeilen wird geprüft, ihre Länge nicht: "
                f"Eine mit {len(row)} Zahlen wird angenommen."
            )
    for value in (256, -1, 1000):
        if not send([*good[:19], [*good[19][:11], value, *good[19][12:]], *good[20:]]):
            return f"Zahlen unter 0 oder über 255 werden angenommen, zum Beispiel {value}."
    if not send(None):
        return "Auch eine Anfrage ohne pixels wird angenommen."


def annahme(Picture):
    """Eine Funktion, die pixels schickt wie an einen Dienst und sagt, warum sie abgewiesen werden, oder nichts."""
    app = fastapi.FastAPI()

    def look(picture):
        return {}

    look.__annotations__["picture"] = Picture
    try:
        app.post("/")(look)
    except Exception:  # noqa: BLE001 (FastAPI und pydantic haben je eigene Fehler)
        raise Diagnose(
            "FastAPI kann daraus keine Eingabe lesen: Picture erbt von pydantic.BaseModel, und pixels hat "
            "einen Typ."
        ) from None
    client = TestClient(app)

    def send(pixels):
        try:
            reply = client.post("/", json={} if pixels is None else {"pixels": pixels})
        except Exception as fehler:
            raise Diagnose(
                f"Picture stürzt ab, statt abzuweisen ({type(fehler).__name__}: {fehler}): Im Dienst wäre "
                "das der Status 500. Wirf einen ValueError."
            ) from None
        if reply.status_code == 200:
            return None
        detail = reply.json().get("detail")
        first = detail[0] if isinstance(detail, list) else detail
        return first.get("msg", "") if isinstance(first, dict) else str(first)

    return send


# Stück der Meldung → was es hier heißt
IM_DIENST = {
    "numpy": "In der Antwort steht eine Zahl von NumPy, die kennt JSON nicht: int(…).",
    "(28, 28)": "Das Modell will mehrere Bilder auf einmal, Form (n, 28, 28); es bekommt ein einzelnes.",
    "'list' object has no attribute": "pixels ist eine Liste von Listen; rechnen lässt sich damit erst "
    "als Feld: np.array(…).",
    "'Picture' object": "Das Picture selbst ist kein Feld; die Zahlen stehen in picture.pixels.",
}


@tipps(
    "Welche drei Zeilen macht der kleinste Dienst in der Demo?",
    "demo_fastapi_deployment.py, „Der kleinste Dienst“. Das Modell will eine Achse mehr und Werte bis 1.",
    '@app.post("/predict")\ndef predict(picture: Picture):\n    images = np.array([picture.…]) / …\n'
    '    return {"digit": int(…), "version": …}',
)
def aufgabe_4(
    app: ein(fastapi.FastAPI, "eine App von FastAPI"), *, Picture, model, version, x_test, x_scaled
):
    route = next((r for r in app.routes if getattr(r, "path", "") == "/predict"), None)
    if route is None:
        return "Unter /predict gibt es noch nichts: @app.post(…) gehört über die Funktion."
    answers = [frage(app, image) for image in x_test[:12].tolist()]
    digits = [ziffer(answer) for answer in answers]
    if satz := fragt_falsch(app, route.endpoint, version):
        return satz
    expected = model.predict(x_scaled[:12], verbose=0).argmax(axis=1).tolist()
    if digits != expected:
        return (
            f"Der Dienst antwortet anders als das Modell: {digits} statt {expected}. Kommen die Bilder "
            "richtig herum und mit 0 bis 1 im Modell an?"
        )
    if any(str(answer.get("version")) != str(version) for answer in answers):
        return (
            f"Die Antwort nennt nicht die Version, die sie berechnet hat: {answers[0].get('version')!r} "
            f"statt {version}."
        )
    status = sende(app, x_test[0][:27].tolist()).status_code
    if status != 422:
        return (
            f"Auf ein Bild mit 27 Zeilen antwortet der Dienst mit {status} statt 422: Geprüft wird nur, "
            "was als Picture hereinkommt."
        )


def sende(app, pixels):
    try:
        return TestClient(app).post("/predict", json={"pixels": pixels})
    except Exception as fehler:
        for stueck, satz in IM_DIENST.items():
            if stueck in str(fehler):
                raise Diagnose(satz) from None
        raise


def frage(app, pixels):
    reply = sende(app, pixels)
    if reply.status_code == 405:
        raise Diagnose("/predict nimmt kein POST an: Gesucht ist @app.post.")
    if reply.status_code == 422:
        raise Diagnose(
            "FastAPI weist ein richtiges Bild ab (Status 422): Ist der Typ des Parameters Picture?"
        )
    if reply.status_code != 200:
        raise Diagnose(f"HTTP {reply.status_code} statt 200: {reply.text[:100]}")
    body = reply.json()
    if not isinstance(body, dict) or "digit" not in body:
        raise Diagnose(
            f"Die Antwort enthält keine Ziffer unter „digit“, sondern: {reply.text[:80]}"
        )
    return body


def ziffer(answer):
    digit = answer["digit"]
    if isinstance(digit, bool) or not isinstance(digit, int):
        raise Diagnose(f"digit ist {in_worten(digit)}; gesucht ist eine ganze Zahl von 0 bis 9.")
    return digit


def helligkeitsmesser():
    """Ein Modell, das zu einem gleichmäßig grauen Bild sagt, wie hell es ist: 0 (schwarz) bis 9."""
    model = keras.Sequential(
        [keras.Input((28, 28)), keras.layers.Flatten(), keras.layers.Dense(10)]
    )
    k = np.arange(10)
    model.set_weights([np.tile(20 * k / 784, (784, 1)), -(k**2)])
    return model


def fragt_falsch(app, endpoint, version):
    """Was nicht stimmt, wenn statt model ein anderes Modell und statt version eine andere dasteht."""
    names = getattr(endpoint, "__globals__", {})
    if "load_model" in endpoint.__code__.co_names or not {"model", "version"} <= set(names):
        return None  # er lädt selbst: dann zählt nur, was herauskommt
    real = names["model"]
    names["model"], names["version"] = helligkeitsmesser(), version + 40
    try:
        levels = range(0, 256, 28)
        answers = [frage(app, [[level] * 28] * 28) for level in levels]
    finally:
        names["model"], names["version"] = real, version
    given = [ziffer(answer) for answer in answers]
    expected = [round(10 * level / 255) for level in levels]
    expected = [min(9, k) for k in expected]
    if given == [0] + [9] * 9:
        return "Die Pixel kommen mit 0 bis 255 im Modell an; gelernt hat es mit 0 bis 1."
    if len(set(given)) <= 2 and given[0] == 0:
        return "Im Modell kommt fast nur 0 an: Wird zweimal geteilt, oder mit // statt mit /?"
    if given != expected:
        return "Der Dienst fragt nicht model, oder er verändert die Bilder auf dem Weg dorthin."
    if any(str(answer.get("version")) != str(version + 40) for answer in answers):
        return (
            f"Die Antwort nennt nicht die Version, die sie berechnet hat, sondern immer "
            f"{answers[0].get('version')!r}: Die nächste Version hieße anders."
        )


# --- Fragen ---------------------------------------------------------------------------------------


@tipps(
    "Wie schickt man eine Liste von Listen über HTTP?",
    "requests.post(adresse, json={…}); ein NumPy-Feld wird mit .tolist() zur Liste; .json() liest die Antwort.",
    'reply = requests.post(f"{address}/predict", json={"pixels": image.…}, timeout=60)\n'
    "return reply.json()[…]",
)
def aufgabe_5(ask: funktion, *, x_test):
    """Gefragt wird ein Dienst, der nichts von Ziffern versteht: Er antwortet der Reihe nach 3, 8, 1."""
    app, received, digits = fastapi.FastAPI(), [], [3, 8, 1]

    @app.api_route("/{path:path}", methods=["GET", "POST", "PUT"])
    async def answer(request: fastapi.Request, path: str):
        received.append((request.method, path, await request.body()))
        if (request.method, path) != ("POST", "predict"):
            raise fastapi.HTTPException(404)
        return {"digit": digits[(len(received) - 1) % 3], "version": 77}

    with im_hintergrund(app) as address:
        for image, digit in zip(x_test[30:33], digits):
            n = len(received)
            try:
                given, fehler = ask(address, image), None
            except Exception as grund:  # noqa: BLE001 (erst sehen, was der Dienst bekam)
                given, fehler = None, grund
            if len(received) == n:
                return nichts_kam_an(given, fehler)
            if satz := falsch_gefragt(*received[n], image) or falsch_gelesen(given, digit, fehler):
                return satz
            if len(received) > n + 1:
                return f"ask fragt den Dienst {len(received) - n}-mal; einmal genügt."


def nichts_kam_an(given, fehler):
    if isinstance(fehler, requests.ConnectionError):
        return "Dort antwortet niemand: Wo der Dienst läuft, sagt address."
    if isinstance(fehler, requests.exceptions.RequestException):
        return f"So lässt sich niemand fragen ({type(fehler).__name__}): {fehler}"
    if fehler:
        raise fehler
    return (
        f"ask fragt den Dienst gar nicht: Zurück kommt {in_worten(given)}, ohne dass unter address etwas "
        "ankam."
    )


def falsch_gefragt(method, path, body, image):
    if (method, path) != ("POST", "predict"):
        return f"Gefragt wird {method} /{path}; der Dienst antwortet unter POST /predict."
    try:
        pixels = json.loads(body)["pixels"]
        pixels = np.array(pixels, dtype=float)
    except (ValueError, KeyError, TypeError):
        return (
            'Beim Dienst kommt kein JSON der Form {"pixels": [[…], …]} an, sondern: '
            f"{body[:40].decode(errors='replace') or 'nichts'}"
        )
    if pixels.shape != (28, 28):
        return f"pixels hat die Form {pixels.shape}; der Dienst will 28 Zeilen zu 28 Zahlen."
    if np.allclose(pixels, image / 255, atol=1e-3):
        return "Die Pixel kommen mit 0 bis 1 an; der Dienst erwartet 0 bis 255 und teilt selbst."
    if not np.array_equal(pixels, image):
        return "Beim Dienst kommt ein anderes Bild an als das, das ask bekommt."


def falsch_gelesen(given, digit, fehler):
    if fehler:
        raise fehler
    if hasattr(given, "status_code") or isinstance(given, (dict, list)):
        return "ask gibt die ganze Antwort zurück; gesucht ist die Ziffer darin."
    given = ganzzahl(given, "ask(…)")
    if given != digit:
        return (
            f"Zurück kommt {given}; der Dienst hat {digit} geantwortet. Was das Modell hier sagen würde, "
            "ist nicht gefragt, nur die Antwort des Dienstes."
        )
