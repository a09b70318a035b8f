"""Die Prüfung zu uebung_fashion_mnist_deployment.py: je Aufgabe die Diagnosen und drei Tipps."""

import io

from kurs.uebungen import Diagnose, ein, feld, funktion, in_worten, tipps, verfehlt

import fastapi
import keras
import mlflow
import numpy as np
from fastapi.testclient import TestClient
from PIL import Image


def run_id(antwort, name):
    if not isinstance(antwort, str):
        raise verfehlt(
            antwort, "eine run_id, also ein Schlüssel aus val_accuracy (nicht sein Wert)", name
        )
    return antwort


ANDERE_LAEUFE = {"m": 0.5, "z": 0.2, "a": 0.1, "k": 0.9}  # am besten ist k


def nicht_der_beste(lauf):
    """Welchen Schlüssel Aufgabe 1 aus anderen Läufen wählt, wenn es dort der falsche ist, oder None.

    Wer den Lauf in MLflow sucht, hängt nicht an val_accuracy: Der findet dort nichts oder dasselbe wie vorher.
    """
    raum = lauf.noch_einmal(1, val_accuracy=dict(ANDERE_LAEUFE)) or {}
    chosen = raum.get("best_run_id")
    return chosen if chosen in ANDERE_LAEUFE and chosen != "k" else None


@tipps(
    "val_accuracy ist ein Dictionary. Wie findet man darin den Schlüssel mit dem größten Wert?",
    "max(…, key=…) mit der Methode get; oder mlflow.search_runs(order_by=[…]) wie in Kapitel 5.",
    "best_run_id = max(val_accuracy, key=val_accuracy.…)",
)
def aufgabe_1(best_run_id: run_id, *, val_accuracy, __kurs_lauf__):
    if best_run_id not in val_accuracy:
        return (
            f"{best_run_id[:40]!r} ist keine run_id der {len(val_accuracy)} Läufe von eben. Gesucht ist "
            "ein Schlüssel aus val_accuracy."
        )
    given, best = val_accuracy[best_run_id], max(val_accuracy.values())
    if given < best:
        return f"Dieser Lauf hat {given:.4f}, der beste {best:.4f}."
    if chosen := nicht_der_beste(__kurs_lauf__):
        return (
            f"Diesmal stimmt es, aber aus {ANDERE_LAEUFE} wählt dein Code {chosen!r}: max(…) vergleicht "
            "Schlüssel, wenn key=val_accuracy.get fehlt."
        )


def leere_registry(client, name):
    client.delete_registered_model(name)
    client.create_registered_model(name)


@tipps(
    "Was unterscheidet ein festgehaltenes Modell von einem registrierten?",
    "In der Demo unter „Ein Training und seine Registrierung“: create_model_version, dann der Alias.",
    "version = client.create_model_version(NAME, model_uris[…]).version\n"
    'client.set_registered_model_alias(NAME, "champion", …)',
)
def aufgabe_2(register_champion: funktion, *, client, NAME, model_uris, val_accuracy, x_val):
    """Erst wird das schlechteste Modell Champion, dann das beste: So zeigt sich, wer run_id nicht benutzt."""
    ranking = sorted(val_accuracy, key=val_accuracy.get)
    others = {m.name for m in client.search_registered_models()}
    try:
        for run_id in (ranking[0], ranking[-1]):
            before = versionen(client, NAME)
            registriere(register_champion, run_id)
            new = versionen(client, NAME) - before
            if not new:
                extra = {m.name for m in client.search_registered_models()} - others
                return (
                    f"Das Modell steht unter dem Namen {min(extra)}, nicht unter {NAME} (NAME)."
                    if extra
                    else f"Danach gibt es unter {NAME} keine neue Version. Festgehalten ist das Modell "
                    "schon; eine Version wird daraus erst in der Registry."
                )
            aliases = client.get_registered_model(NAME).aliases
            if "champion" not in aliases:
                return (
                    f"Version {max(new)} ist da, aber kein Alias champion: Den Dienst erreicht sie nicht. "
                    f"Aliase: {', '.join(aliases) or 'keine'}."
                )
            if int(aliases["champion"]) not in new:
                return (
                    f"Neu ist Version {max(new)}, champion zeigt aber auf Version {aliases['champion']}. "
                    "Welche Nummer die neue hat, sagt create_model_version."
                )
            if not gleich(lade(f"models:/{NAME}@champion"), lade(model_uris[run_id]), x_val[:10]):
                return "Champion ist ein anderes Modell als das des Laufs, der übergeben wird. Nimm run_id."
    finally:
        leere_registry(client, NAME)


def versionen(client, name):
    return {int(v.version) for v in client.search_model_versions(f"name = '{name}'")}


def registriere(register_champion, run_id):
    try:
        register_champion(run_id)
    except Exception as fehler:
        if "ModelVersion'" in str(fehler):
            raise Diagnose(
                "create_model_version gibt die ganze Version zurück; ihre Nummer ist .version."
            ) from None
        if run_id in str(fehler):
            raise Diagnose(
                "Die bloße run_id passt hier nicht: Gefragt ist der Ort des Modells (model_uris) oder die "
                "Nummer der Version."
            ) from None
        raise


def lade(uri):
    try:
        return mlflow.tensorflow.load_model(uri)
    except Exception as fehler:  # noqa: BLE001 (wie Falsches scheitert, hängt davon ab, was es ist)
        raise Diagnose(
            "Die neue Version lässt sich nicht laden: Dort, wohin sie zeigt, liegt kein Modell "
            f"({type(fehler).__name__}). Wo es liegt, steht in model_uris."
        ) from None


def gleich(model, other, x):
    return np.allclose(model.predict(x, verbose=0), other.predict(x, verbose=0), atol=1e-4)


def als_png(pixels, size=(28, 28), mode="L"):
    picture = Image.fromarray(np.uint8(np.rint(pixels * 255)))
    picture.resize(size, Image.Resampling.NEAREST).convert(mode).save(file := io.BytesIO(), "PNG")
    return file.getvalue()


@tipps(
    "Was macht Pillow mit Bytes, die kein Bild sind, und was soll der Absender davon erfahren?",
    'Image.open(io.BytesIO(data)), .convert("L"), .resize((28, 28)), np.asarray; der Fehler ist ein OSError.',
    "try:\n    image = Image.open(io.BytesIO(data)).convert(…).resize(…)\nexcept OSError:\n"
    '    raise fastapi.HTTPException(…, "…")\nreturn np.asarray(image) / …',
)
def aufgabe_3(read_image: funktion, *, x_val):
    dark = x_val[7] / 2  # kein Pixel ist ganz weiß
    for pixels in (x_val[3], dark):
        image = lies(read_image, als_png(pixels))
        if image.shape != (28, 28):
            return f"Zurück kommt ein Feld der Form {image.shape}; gesucht ist (28, 28)."
        if image.max() > 1.01:
            return f"Die Werte gehen bis {image.max():.0f}; das Modell kennt nur 0 bis 1."
        if np.abs(image - pixels).max() > 0.02:
            if np.abs(1 - image - pixels).max() < 0.02:
                return "Hell und dunkel sind vertauscht."
            if np.abs(image.T - pixels).max() < 0.02:
                return "Zeilen und Spalten sind vertauscht."
            return (
                f"Die Pixel sind andere als im Bild: Im Mittel {pixels.mean():.3f}, bei dir "
                f"{image.mean():.3f}. 0 soll 0 bleiben, 255 wird 1, und alles dazwischen bleibt dazwischen."
            )
    for size, mode, word in (((112, 112), "RGB", "farbigen"), ((84, 56), "L", "grauen")):
        try:
            image = lies(read_image, als_png(x_val[3], size, mode))
        except Exception as fehler:  # noqa: BLE001 (was hier scheitert, scheitert an der Größe oder Farbe)
            image, grund = None, type(fehler).__name__
        else:
            grund = f"Form {image.shape}" if image.shape != (28, 28) else ""
            if not grund and np.abs(image - x_val[3]).mean() > 0.15:
                grund = "das Bild ist nicht mehr dasselbe"
        if grund:
            return (
                f"Mit einem {word} Bild aus {size[0]}×{size[1]} Pixeln geht es nicht ({grund}): "
                'Es fehlt convert("L") oder resize((28, 28)).'
            )
    return ohne_bild(read_image)


def lies(read_image, data):
    """Was aus einem richtigen PNG wird."""
    try:
        image = read_image(data)
    except Exception as fehler:
        if status := getattr(fehler, "status_code", None):
            raise Diagnose(
                f"Ein richtiges PNG wird mit dem Status {status} abgewiesen: Es ließ sich nicht öffnen. "
                "Image.open will eine Datei; io.BytesIO(data) macht aus Bytes eine."
            ) from None
        if "resampling filter" in str(fehler):
            raise Diagnose(
                "resize will die Größe als ein Paar: resize((28, 28)), mit zwei Klammern."
            ) from None
        if "'Image' and" in str(fehler):
            raise Diagnose(
                "Mit dem Bild von Pillow lässt sich nicht rechnen: erst np.asarray(image), dann teilen."
            ) from None
        if "null byte" in str(fehler) or "No such file" in str(fehler) or "'read'" in str(fehler):
            raise Diagnose(
                "Image.open hält die Bytes für einen Dateinamen: io.BytesIO(data) macht daraus etwas, das "
                "sich wie eine Datei lesen lässt."
            ) from None
        raise
    if isinstance(image, Image.Image):
        raise Diagnose("Zurück kommt ein Bild von Pillow; np.asarray macht ein Feld daraus.")
    return feld()(image, "read_image(…)")


def ohne_bild(read_image):
    for data in (b"Das ist kein Bild.", b"%PDF-1.7"):
        try:
            answer = read_image(data)
        except Exception as fehler:  # noqa: BLE001 (um die Art des Fehlers geht es)
            status = getattr(fehler, "status_code", None)
            if status is None:
                return (
                    f"Ohne Bilddatei bricht read_image mit {type(fehler).__name__} ab; im Dienst wird "
                    "daraus der Status 500 statt 415. Fang den Fehler und wirf eine HTTPException."
                )
            if isinstance(status, str):
                return f"Der Status ist der Text {status!r}; gesucht ist die Zahl 415, als Erstes in der Klammer."
            if status != 415:
                return f"Ohne Bilddatei ist der Status {status} statt 415."
        else:
            if isinstance(answer, Exception) or answer is fastapi.HTTPException:
                return "Die HTTPException wird zurückgegeben statt geworfen: raise, nicht return."
            return (
                f"Zu Bytes, die kein Bild sind, kommt {in_worten(answer)} zurück; gesucht ist eine "
                "HTTPException mit dem Status 415."
            )


@tipps(
    "Das Modell will mehrere Bilder auf einmal. Wie wird aus einem Bild ein Stapel mit einem Bild?",
    "image[None] fügt die Achse hinzu; argmax nennt die Stelle; für JSON braucht es float(…) und int(…).",
    '@app.post("/predict")\ndef predict(file: fastapi.UploadFile):\n    image = read_image(…)\n'
    '    probabilities = champion(image[None], training=False).numpy()[0]\n    return {"label": …}',
)
def aufgabe_4(
    app: ein(fastapi.FastAPI, "eine App von FastAPI"), *, read_image, champion, class_names, x_val
):
    route = next((r for r in app.routes if getattr(r, "path", "") == "/predict"), None)
    if route is None:
        return "Unter /predict gibt es noch nichts: @app.post(…) gehört über die Funktion."
    images = x_val[20:32]
    expected = champion.predict(np.float32(np.rint(images * 255) / 255), verbose=0)
    names = [class_names[number] for number in expected.argmax(axis=1)]
    answers = [frage(app, als_png(image)) for image in images]
    labels = [answer["label"] for answer in answers]
    if any(isinstance(label, (int, float)) for label in labels):
        return "label ist eine Zahl; ein Besucher will den Namen. Der steht in class_names."
    if labels != names:
        wrong = next(i for i, label in enumerate(labels) if label != names[i])
        return (
            f"Der Dienst antwortet anders als der Champion: {labels[wrong]!r} statt {names[wrong]!r}. "
            "Benutzt du champion und read_image, und nimmst du die wahrscheinlichste Klasse?"
        )
    given = [answer["probability"] for answer in answers]
    if not all(isinstance(value, (int, float)) for value in given):
        return f"probability ist {in_worten(given[0])}; gesucht ist eine Zahl von 0 bis 1."
    if max(given) > 1.001:
        return f"probability ist {max(given):.4g}; gesucht ist eine Zahl von 0 bis 1."
    if not np.allclose(given, expected.max(axis=1), atol=0.02):
        return (
            f"probability ist nicht die Wahrscheinlichkeit der genannten Klasse: {given[0]:.3f} statt "
            f"{expected[0].max():.3f}."
        )
    if fragt_ein_anderes(app, route.endpoint, champion, images[:3], given[:3]):
        return (
            "Der Dienst fragt nicht champion, sondern ein anderes Modell: Einen neuen Champion würde er "
            "nie benutzen."
        )
    status = sende(app, b"Das ist kein Bild.").status_code
    if status != 415:
        return f"Auf eine Textdatei antwortet der Dienst mit {status} statt 415."


# Stück der Meldung → was es hier heißt
IM_DIENST = {
    "numpy": "In der Antwort steht eine Zahl von NumPy, die kennt JSON nicht: float(…) und int(…).",
    "(28, 28)": "Das Modell will mehrere Bilder auf einmal, Form (n, 28, 28); es bekommt ein einzelnes. "
    "Wie wird aus einem Bild ein Stapel?",
    "coroutine": "file.read() gehört zu async: entweder await file.read() in einer async-Funktion, oder "
    "file.file.read().",
    "alias champion not found": "In der Registry steht noch kein Champion, er kommt mit Aufgabe 1 und 2. "
    "Bis dahin gibt es die Variable champion.",
    "UploadFile": "read_image will die Bytes, nicht die Datei: file.file.read().",
}


def sende(app, data):
    try:
        return TestClient(app).post("/predict", files={"file": data})
    except Exception as fehler:
        for stueck, satz in IM_DIENST.items():
            if stueck in str(fehler):
                raise Diagnose(satz) from None
        raise


def frage(app, data):
    """Was der Dienst zu einem Bild antwortet."""
    reply = sende(app, data)
    if reply.status_code == 405:
        raise Diagnose("/predict nimmt kein POST an: Gesucht ist @app.post.")
    if reply.status_code == 422:
        raise Diagnose(
            "FastAPI weist die Anfrage ab (Status 422): Heißt der Parameter file, und ist sein Typ "
            "fastapi.UploadFile?"
        )
    if reply.status_code != 200:
        raise Diagnose(
            f"Auf ein richtiges PNG antwortet der Dienst mit {reply.status_code} statt 200: "
            f"{reply.text[:80]}. Bekommt read_image die Bytes der Datei?"
        )
    body = reply.json()
    if not isinstance(body, dict) or not {"label", "probability"} <= set(body):
        raise Diagnose(f"Gesucht ist ein dict mit label und probability; es kam {reply.text[:80]}.")
    return body


def fragt_ein_anderes(app, endpoint, champion, images, before):
    """Ob die Antworten gleich bleiben, wenn der Champion wechselt (und auch nichts neu geladen wird)."""
    names = getattr(endpoint, "__globals__", {})
    if "champion" not in names or "load_model" in getattr(endpoint.__code__, "co_names", ()):
        return False
    names["champion"] = keras.models.clone_model(champion)
    try:
        after = [frage(app, als_png(image))["probability"] for image in images]
    finally:
        names["champion"] = champion
    return np.allclose(before, after, atol=1e-4)
