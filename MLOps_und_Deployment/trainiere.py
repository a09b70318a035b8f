"""Trainiert das Ziffern-Modell und legt es als neue Version in eine Registry. Der Schritt vor dem Tor.

    python trainiere.py --registry http://127.0.0.1:5000

Die Nummer der neuen Version steht danach in der Ausgabe und in version.txt. Champion wird sie erst durch
qualitaetstor.py.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from kurs.bilder import mnist
from kurs.kern import abbruch

import mlflow
from ziffern import NAME, register, train


def main() -> None:
    parser = argparse.ArgumentParser(description="Trainiert und registriert das Ziffern-Modell.")
    parser.add_argument("--registry", required=True, help="http://… oder sqlite:///…")
    parser.add_argument("--epochen", type=int, default=3)
    parser.add_argument("--seed", type=int, default=42)
    options = parser.parse_args()
    mlflow.set_tracking_uri(options.registry)
    mlflow.set_registry_uri(options.registry)
    mlflow.set_experiment(NAME)
    (x, y), _ = mnist.load_data()
    x, y = (x[:-1000] / 255).astype("float32"), y[:-1000]  # mit den letzten 1000 prüft das Tor
    version = register(train(x, y, options.epochen, options.seed), x[:2])
    Path("version.txt").write_text(version, encoding="utf-8")
    print(f"Version {version} von {NAME} liegt in {options.registry}")


if __name__ == "__main__":
    abbruch.gilt_fuer_den_prozess()
    main()
