"""Die Prüfung zu uebung_fashion_mnist_deployment.py: je Aufgabe die Diagnosen und drei Tipps."""

import io

from kurs.bilder import fashion_mnist
from kurs.uebungen import Diagnose, ein, feld, funktion, in_worten, text, tipps

import fastapi
import mlflow
import numpy as np
from fastapi.testclient import TestClient
from mlflow.exceptions import MlflowException
from PIL import Image


def als_png(pixels, size=28, mode="L"):
    Image.fromarray(pixels).resize((size, size)).convert(mode).save(puffer := io.BytesIO(), "PNG")
    return puffer.getvalue()


def lade(uri):
    return mlflow.tensorflow.load_model(uri, keras_model_kwargs={"compile": False})


def bilder(anzahl):
    """Bilder vom Ende der Trainingsbilder, 0 bis 255."""
    return fashion_mnist.load_data()[0][0][-anzahl:]


@tipps(
    "val_accuracy ist ein Dictionary. Wie findet man darin den Schlüssel mit dem größten Wert?",
    "max(…, key=…) mit der Methode get; oder mlflow.search_runs(order_by=[…]) wie in Kapitel 5.",
    "best_run_id = max(val_accuracy, key=val_accuracy.…)",
)
def aufgabe_1(best_run_id, *, val_accuracy):
    if isinstance(best_run_id, float) or best_run_id in val_accuracy.values():
        return (
            f"{best_run_id} ist eine Genauigkeit, keine run_id der Läufe. Gesucht ist der Schlüssel aus "
            "val_accuracy, nicht sein Wert."
        )
    best_run_id = text(best_run_id, "best_run_id")
    if best_run_id not in val_accuracy:
        return (
            f"{best_run_id[:50]!r} ist keine run_id der Läufe von eben; die stehen in val_accuracy."
        )
    best = max(val_accuracy.values())
    if val_accuracy[best_run_id] < best:
        return f"Dieser Lauf hat {val_accuracy[best_run_id]:.3f}, der beste {best:.3f}."


@tipps(
    "Was unterscheidet ein festgehaltenes Modell von einem registrierten?",
    "In der Demo unter „Ein Training und seine Registrierung“: eine Version anlegen, dann der Alias.",
    "version = client.create_model_version(NAME, model_uris[…]).version\n"
    'client.set_registered_model_alias(NAME, "champion", …)',
)
def aufgabe_2(register_champion: funktion, *, model_uris, val_accuracy, client, NAME, x_val):
    for run_id in sorted(model_uris, key=val_accuracy.get):  # das beste zuletzt: Es bleibt Champion
        vorher = len(client.search_model_versions(f"name = '{NAME}'"))
        try:
            register_champion(run_id)
        except MlflowException as fehler:
            erste = str(fehler).strip().splitlines()[0]
            raise Diagnose(
                f"MLflow lehnt das ab: {erste} Stimmen Ort (model_uris) und Reihenfolge der Argumente?"
            ) from None
        aliases = client.get_registered_model(NAME).aliases
        if len(client.search_model_versions(f"name = '{NAME}'")) == vorher:
            return "Es entsteht keine Version von NAME: create_model_version (oder mlflow.register_model)."
        if "champion" not in aliases:
            return (
                "Die Version ist da, aber kein Alias champion: Den Dienst erreicht sie nicht. "
                f"Aliase: {', '.join(aliases) or 'keine'}."
            )
        try:
            model = lade(f"models:/{NAME}@champion")
        except (MlflowException, OSError):
            return (
                "Was jetzt Champion ist, lässt sich nicht laden: Steht dort der Ort aus model_uris?"
            )
        wanted = lade(model_uris[run_id]).predict(x_val[:9], verbose=0)
        if not np.allclose(model.predict(x_val[:9], verbose=0), wanted, atol=1e-4):
            return "Champion ist ein anderes Modell als das des Laufs, der übergeben wird. Nimm run_id."


@tipps(
    "Was macht Pillow mit Bytes, die kein Bild sind, und was soll der Absender davon erfahren?",
    'Image.open(io.BytesIO(data)), .convert("L"), .resize((28, 28)), np.asarray; der Fehler ist ein '
    "OSError.",
    "try:\n    image = Image.open(io.BytesIO(data)).convert(…).resize(…)\nexcept OSError:\n"
    '    raise fastapi.HTTPException(…, "…")\nreturn np.asarray(image) / …',
)
def aufgabe_3(read_image: funktion):
    bild = bilder(1)[0]

    def lies(data):
        try:
            return read_image(data)
        except (TypeError, ValueError, FileNotFoundError) as fehler:
            if "null byte" in str(fehler) or isinstance(fehler, FileNotFoundError):
                raise Diagnose(
                    "Image.open bekommt die Bytes selbst und hält sie für einen Dateinamen. Aus Bytes "
                    "macht io.BytesIO(data) eine Datei."
                ) from None
            raise
        except fastapi.HTTPException as fehler:
            raise Diagnose(
                f"Ein richtiges PNG weist read_image mit {fehler.status_code} ab. Geht beim Öffnen "
                "etwas anderes schief (io.BytesIO)?"
            ) from None

    wert = lies(als_png(bild))
    if isinstance(wert, Image.Image):
        return "Zurück kommt ein Bild von Pillow; gesucht ist ein NumPy-Feld (28, 28) von 0 bis 1."
    gelesen = feld()(wert, "read_image(data)")
    if gelesen.shape != (28, 28):
        return f"Zurück kommt ein Feld der Form {gelesen.shape}; gesucht ist (28, 28)."
    if gelesen.max() > 1:
        return f"Die Werte gehen bis {gelesen.max():g}; das Modell kennt nur 0 bis 1."
    if np.abs(gelesen - bild / 255).max() > 0.02:
        return (
            "Die Pixel sind andere als im Bild. Hast du umgekehrt, gedreht oder ganzzahlig geteilt?"
        )
    if np.shape(lies(als_png(bild, 112, "RGB"))) != (28, 28):
        return 'Mit einem farbigen Bild aus 112×112 Pixeln geht es nicht: convert("L") und resize((28, 28)).'
    try:
        antwort = read_image(b"Das ist kein Bild.")
    except fastapi.HTTPException as fehler:
        if fehler.status_code != 415:
            return f"Ohne Bilddatei gibt es den Status {fehler.status_code} statt 415."
        return None
    except Exception as fehler:  # noqa: BLE001 (was Pillow oder der Teilnehmer hier wirft)
        return (
            f"Ohne Bilddatei gibt es {type(fehler).__name__}, für den Absender also 500 statt 415."
        )
    if isinstance(antwort, fastapi.HTTPException):
        return "Ohne Bilddatei wird die HTTPException zurückgegeben statt geworfen: raise, nicht return."
    return f"Ohne Bilddatei gibt es keinen Status 415, sondern {in_worten(antwort)}."


@tipps(
    "Das Modell will mehrere Bilder auf einmal. Wie wird aus einem Bild ein Stapel mit einem Bild?",
    "image[None] fügt die Achse hinzu; argmax nennt die Stelle; für JSON braucht es float(…) und int(…).",
    '@app.post("/predict")\ndef predict(file: fastapi.UploadFile):\n    image = read_image(…)\n'
    '    probabilities = champion(image[None], training=False).numpy()[0]\n    return {"label": …}',
)
def aufgabe_4(app: ein(fastapi.FastAPI, "deine FastAPI-App"), *, read_image, champion, class_names):
    routen = [route for route in app.routes if getattr(route, "path", "") == "/predict"]
    if not routen:
        return f"Der Dienst kennt keinen Pfad /predict, nur: {', '.join(app.openapi()['paths']) or 'keinen'}."
    if "POST" not in routen[0].methods:
        return f"/predict antwortet auf {', '.join(routen[0].methods)}; Bilder kommen mit POST."
    pixels = bilder(25)
    besucher = TestClient(app, raise_server_exceptions=False)
    antworten = [besucher.post("/predict", files={"file": als_png(bild)}) for bild in pixels]
    erste = antworten[0]
    if erste.status_code == 500:  # noch einmal, damit der Fehler mit seiner Zeile herauskommt
        TestClient(app).post("/predict", files={"file": als_png(pixels[0])})
    if erste.status_code != 200:
        return f"HTTP {erste.status_code} statt 200: {erste.text[:100]}"
    bodies = [antwort.json() for antwort in antworten]
    if not isinstance(bodies[0], dict) or not {"label", "probability"} <= bodies[0].keys():
        return f"Die Antwort soll label und probability enthalten; sie ist {str(bodies[0])[:80]}."
    if not isinstance(bodies[0]["label"], str):
        return "label ist eine Zahl; ein Besucher will den Namen. Der steht in class_names."
    expected = champion.predict((pixels / 255).astype("float32"), verbose=0)
    if [body["label"] for body in bodies] != [class_names[n] for n in expected.argmax(axis=1)]:
        return "Der Dienst antwortet anders als der Champion. Benutzt du champion und read_image?"
    if not np.allclose([body["probability"] for body in bodies], expected.max(axis=1), atol=0.02):
        return "probability ist nicht die Wahrscheinlichkeit der genannten Klasse."
    schlecht = besucher.post("/predict", files={"file": b"Das ist kein Bild."})
    if schlecht.status_code != 415:
        return f"Auf eine Textdatei antwortet der Dienst mit {schlecht.status_code} statt 415."
