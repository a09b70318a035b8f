"""Den Dienst testen: Unit-Tests, Integrationstests, und warum ein roter Test gut ist.

Kapitel   6.25 MLOps und Deployment · Best Practices für das Deployment
Folie     Best Practices für das Deployment – Teil II
Lernziel  Teile einzeln und das Ganze zusammen testen; sehen, welcher Test welchen Fehler findet
Laufzeit  ca. 10 s (2 CPU-Kerne)
Daten     MNIST
Erwartet  rot_vorher 0–0, rot_ohne_zentrieren 2–3, rot_werte 2–2

Getestet wird der Dienst aus `dienst/`. Dann wird er zweimal absichtlich verschlechtert, so wie es
im Alltag geschieht, und die Tests laufen wieder. Start: als Ganzes; pytest liest diese Datei.
"""

# %% Stellschrauben: hier live drehen
N_TRAIN = 2_000  # probiere 50: Welcher Test bemerkt das schlechte Modell?
EPOCHS = 2
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
from unittest import mock

from kurs import ausgabe_ordner, ergebnis
from kurs.bilder import mnist

import matplotlib.pyplot as plt
import numpy as np
import pytest
import ziffern
from dienst import bild
from dienst.app import create_app
from fastapi.testclient import TestClient
from PIL import Image


# %% Unit-Tests: eine Funktion, ohne Modell und ohne Server, in Millisekunden
def paper(left, top):  # ein helles Blatt mit einem dunklen Strich an dieser Stelle, 0–255
    stroke, around = np.zeros((100, 30), dtype="float32"), ((top, 180 - top), (left, 250 - left))
    return np.pad(stroke, around, constant_values=255)


def test_unit_strich_kommt_in_die_mitte():
    np.testing.assert_allclose(bild.normalize(paper(10, 5)), bild.normalize(paper(220, 150)))


def test_unit_leeres_blatt_wird_abgelehnt():
    with pytest.raises(bild.Refusal, match="nichts zu sehen"):
        bild.normalize(paper(0, 0)[120:])


# %% Integrationstests: Anfrage, Bild, Modell, Antwort zusammen; TestClient braucht keinen Server
@pytest.fixture(scope="module")
def client():
    with TestClient(create_app()) as client:  # startet den Dienst und lädt den Champion
        yield client


def ask(client, image):
    return client.post("/predict", files={"file": ziffern.as_png(image)})


def test_integration_ziffern_werden_erkannt(client):
    _, (images, labels) = mnist.load_data()
    digits = [ask(client, image / 255).json().get("digit") for image in images[:50]]
    assert np.mean(digits == labels[:50]) >= 0.8


def test_integration_ort_auf_dem_blatt_ist_egal(client):
    _, (images, _) = mnist.load_data()
    replies = [ask(client, np.roll(np.pad(images[0] / 255, 14), shift)) for shift in (-8, 0, 8)]
    assert [reply.status_code for reply in replies] == [200, 200, 200]
    assert len({reply.json()["digit"] for reply in replies}) == 1


def test_integration_kein_bild_ergibt_einen_grund(client):
    reply = client.post("/predict", files={"file": b"Das ist kein Bild."})
    assert reply.status_code == 415 and "PNG" in reply.json()["detail"]


# %% pytest mit kurzer Ausgabe: je Test eine Zeile, bei einem roten der Grund
class Report:
    def __init__(self):
        self.passed = {}

    def pytest_runtest_logreport(self, report):
        if report.when == "call" or report.failed:
            name = report.nodeid.split("::")[1].removeprefix("test_").replace("_", " ")
            self.passed[name] = report.passed
            print(f"  {'✔' if report.passed else '✘'} {name}", flush=True)
        if report.failed:
            reason = " ".join(report.longrepr.reprcrash.message.split())
            print(f"      {reason[:90]}")


def run_tests(name):
    print(f"\nDer Dienst {name}")
    report, settings = Report(), ausgabe_ordner() / "pytest.ini"
    settings.write_text("[pytest]\n", encoding="utf-8")  # sonst gälte die pyproject.toml des Kurses
    options = ["-p", "no:terminal", "-p", "no:cacheprovider", "--disable-plugin-autoload"]
    options += ["--import-mode=importlib", "--capture=no", "-c", str(settings)]
    code = pytest.main([*options, __file__], plugins=[report])
    if code == pytest.ExitCode.INTERRUPTED:  # Strg+C gilt dem ganzen Skript
        raise KeyboardInterrupt
    print(f"  Exit-Code {code:d}: Die Pipeline {'hält an' if code else 'darf ausliefern'}.")
    return report.passed


# %% Zwei Änderungen, wie sie im Alltag geschehen
def shrink(gray):  # „Zentrieren? Die Bilder sind doch schon in der Mitte.“
    return np.asarray(Image.fromarray(255 - gray).resize((28, 28))) / 255


def read_gray_0_1(image):  # „Überall sonst sind Bilder 0–1.“ normalize rechnet weiter mit 0–255
    return bild.read_gray(image) / 255


# %% Ab hier nur im Skript, nicht in pytest: erst ein Champion, dann die Tests
if __name__ == "__main__":
    (x, y), _ = mnist.load_data()
    x, y = (x[:N_TRAIN] / 255).astype("float32"), y[:N_TRAIN]
    ziffern.open_registry(ausgabe_ordner())
    print("Ein kleines CNN wird trainiert und registriert …", flush=True)
    ziffern.register(ziffern.train(x, y, EPOCHS, SEED), x[:2], alias="champion")
    results = {"wie er ist": run_tests("wie er ist")}
    with mock.patch("dienst.bild.normalize", shrink), mock.patch("dienst.app.normalize", shrink):
        results["ohne Zentrieren"] = run_tests("ohne Zentrieren")
    with mock.patch("dienst.app.read_gray", read_gray_0_1):
        results["mit Werten 0–1"] = run_tests("mit Werten 0–1")

    # %% Bild: Welcher Test bemerkt welchen Fehler?
    table = np.array([list(passed.values()) for passed in results.values()]).T
    plt.imshow(table, cmap="cividis", vmin=0, vmax=1, aspect="auto")
    for (row, column), passed in np.ndenumerate(table):
        text, color = ("✔ grün", "black") if passed else ("✘ rot", "white")
        plt.text(column, row, text, color=color, ha="center", va="center")
    plt.xticks(range(len(results)), results)
    plt.yticks(range(len(table)), results["wie er ist"])
    plt.title("Welcher Test bemerkt welche Änderung?")
    plt.show()

    # %% Was man sieht
    # Ein Unit-Test zeigt auf die Stelle. Passen zwei Teile nicht zueinander, ist jeder für sich in
    # Ordnung; das findet nur ein Integrationstest. Ohne Zentrieren werden die Ziffern aus MNIST
    # weiter erkannt, denn sie sind zentriert: Ein Test prüft nur, was seine Beispiele verlangen.
    # Ein roter Test ist gut: Der Fehler fällt vor dem Deployment auf, nicht bei den Besuchern.
    for name, passed in results.items():
        red = [test for test, green in passed.items() if not green]
        units = sum(test.startswith("unit") for test in red)
        print(f"{name}: {units} Unit-Tests und {len(red) - units} Integrationstests sind rot.")
    red = [list(passed.values()).count(False) for passed in results.values()]
    ergebnis(rot_vorher=red[0], rot_ohne_zentrieren=red[1], rot_werte=red[2])
