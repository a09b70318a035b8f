"""Das Qualitätstor: prüft eine Modellversion und macht sie zum Champion, oder lehnt sie ab.

    python qualitaetstor.py ziffern 3 --registry sqlite:///…/mlflow.db

Eine Pipeline ruft diesen Befehl nach jedem Training und liest seinen Exit-Code:
    0  bestanden: Der Alias champion zeigt jetzt auf diese Version (oder tat es schon)
    1  abgelehnt: Der Champion bleibt, die Gründe stehen in der Ausgabe und als Tag an der Version
    2  nicht geprüft: Die Version oder die Registry gibt es nicht

Geprüft wird mit Bildern, wie der Dienst sie schickt (28×28, Werte 0–1): Was beim Training gemessen
wurde, zählt hier nicht. Ohne --daten sind es die letzten 1000 Trainingsbilder von MNIST; die
Testbilder bleiben für ein Urteil, das nichts mehr entscheidet.
"""

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from kurs.bilder import mnist
from kurs.kern import abbruch

import mlflow
import numpy as np
from dienst.vorhersage import BadModel, Version
from mlflow.exceptions import MlflowException

CHAMPION, PREVIOUS = "champion", "vorgaenger"


def evaluate(uri: str, x: np.ndarray, y: np.ndarray) -> dict[str, float]:
    """Lädt ein Modell und misst es. Fehler: was beim Laden oder Rechnen schiefgeht."""
    model = Version(uri, "")
    start = time.perf_counter()
    probabilities = np.concatenate(
        [model.predict(part) for part in np.array_split(x, len(x) // 50 + 1)]
    )
    milliseconds = 1000 * (time.perf_counter() - start) / len(x)
    hits = probabilities.argmax(axis=1) == y
    recall = [hits[y == digit].mean() for digit in np.unique(y)]
    return {
        "genauigkeit": float(hits.mean()),
        "schwächste_klasse": float(min(recall)),
        "millisekunden": milliseconds,
    }


def find_reasons(candidate: dict, champion: dict | None, options) -> list[str]:
    """Was gegen den Kandidaten spricht; leer heißt bestanden."""
    reasons = []
    if candidate["genauigkeit"] < options.min_genauigkeit:
        reasons.append(
            f"Genauigkeit {candidate['genauigkeit']:.3f} unter {options.min_genauigkeit}"
        )
    if candidate["schwächste_klasse"] < options.min_klasse:
        reasons.append(
            f"eine Klasse wird nur zu {candidate['schwächste_klasse']:.0%} erkannt, "
            f"verlangt sind {options.min_klasse:.0%}"
        )
    if champion and candidate["genauigkeit"] < champion["genauigkeit"] - options.toleranz:
        reasons.append(
            f"schlechter als der Champion: {candidate['genauigkeit']:.3f} gegen "
            f"{champion['genauigkeit']:.3f}"
        )
    if candidate["millisekunden"] > options.max_ms:
        reasons.append(f"zu langsam: {candidate['millisekunden']:.0f} ms je Bild")
    return reasons


def main(arguments: list[str] | None = None) -> int:
    """Der Befehl; `arguments` ersetzt die Angaben der Kommandozeile. Rückgabe: der Exit-Code."""
    parser = argparse.ArgumentParser(description="Prüft eine Modellversion und befördert sie.")
    parser.add_argument("modell", help="Name in der Registry")
    parser.add_argument("version", type=int)
    parser.add_argument("--registry", required=True, help="sqlite:///… oder http://…")
    parser.add_argument(
        "--daten", type=Path, help=".npz mit x (n, 28, 28), 0–1, und y; sonst aus MNIST"
    )
    parser.add_argument("--min-genauigkeit", type=float, default=0.8)
    parser.add_argument("--min-klasse", type=float, default=0.6, help="je Klasse erkannt")
    parser.add_argument("--toleranz", type=float, default=0.005, help="erlaubter Rückschritt")
    parser.add_argument("--max-ms", type=float, default=200, help="je Bild")
    options = parser.parse_args(arguments)

    mlflow.set_tracking_uri(options.registry)
    mlflow.set_registry_uri(options.registry)
    client = mlflow.MlflowClient()
    name, version = options.modell, str(options.version)
    try:
        client.get_model_version(name, version)
        aliases = client.get_registered_model(name).aliases
    except MlflowException:
        print(f"Version {version} von {name} gibt es in {options.registry} nicht.")
        return 2
    if options.daten:
        with np.load(options.daten) as data:
            x, y = data["x"].astype("float32"), data["y"]
    else:
        (x, y), _ = mnist.load_data()
        x, y = (x[-1000:] / 255).astype("float32"), y[-1000:]

    print(f"Qualitätstor für {name}, Version {version}, mit {len(x)} Prüfbildern", flush=True)
    old, champion = str(aliases.get(CHAMPION, "")), None
    if old and old != version:
        champion = evaluate(f"models:/{name}/{old}", x, y)
        print(f"  Champion ist Version {old}:", *_lines(champion), sep="  ")
    try:
        candidate = evaluate(f"models:/{name}/{version}", x, y)
        print(f"  Kandidat ist Version {version}:", *_lines(candidate), sep="  ")
        client.set_model_version_tag(name, version, "gemessen", f"{candidate['genauigkeit']:.3f}")
        reasons = find_reasons(candidate, champion, options)
    except Exception as error:  # noqa: BLE001 (ein Modell, das nicht läuft, ist durchgefallen)
        first_line = str(error).splitlines()[0] if str(error) else type(error).__name__
        reasons = [str(error) if isinstance(error, BadModel) else f"läuft nicht: {first_line}"]

    client.set_model_version_tag(name, version, "tor", "abgelehnt" if reasons else "bestanden")
    client.set_model_version_tag(name, version, "tor_gruende", "; ".join(reasons) or "keine")
    if reasons:
        print("  ABGELEHNT:", "; ".join(reasons))
        return 1
    if old == version:
        print(f"  BESTANDEN: Version {version} ist schon Champion.")
        return 0
    if old:
        client.set_registered_model_alias(name, PREVIOUS, old)  # dorthin führt der Weg zurück
    client.set_registered_model_alias(name, CHAMPION, version)
    print(f"  BESTANDEN: Version {version} ist jetzt Champion.")
    return 0


def _lines(values: dict) -> list[str]:
    return [
        f"Genauigkeit {values['genauigkeit']:.3f}",
        f"schwächste Klasse {values['schwächste_klasse']:.2f}",
        f"{values['millisekunden']:.1f} ms je Bild",
    ]


if __name__ == "__main__":
    abbruch.gilt_fuer_den_prozess()
    sys.exit(main())
