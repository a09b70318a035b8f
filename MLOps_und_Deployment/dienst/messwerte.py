"""Die Zahlen für /metrics, im Textformat von Prometheus (Zähler, Messuhren, Histogramme)."""

import threading
from collections import defaultdict

BUCKETS = {
    "seconds": (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
    "batch": (1, 2, 4, 8, 16, 32, 64),
    "confidence": (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1),
}
HELP = {
    "ziffern_requests_total": ("counter", "Anfragen an /predict nach HTTP-Status"),
    "ziffern_predictions_total": ("counter", "Vorhersagen nach Version und Ziffer"),
    "ziffern_request_seconds": ("histogram", "Dauer einer Anfrage an /predict in Sekunden"),
    "ziffern_batch_size": ("histogram", "Bilder je Rechengang des Modells"),
    "ziffern_confidence": ("histogram", "Größte Wahrscheinlichkeit je Vorhersage"),
    "ziffern_model_switches_total": ("counter", "Übernommene Modellversionen"),
    "ziffern_model_failures_total": ("counter", "Versionen, die sich nicht laden ließen"),
    "ziffern_model_info": ("gauge", "Die Version, die gerade antwortet"),
}


class Metrics:
    """Zählt mit. Alle Methoden dürfen aus jedem Faden gerufen werden."""

    def __init__(self):
        self._lock = threading.Lock()
        self._values: dict[str, dict[str, float]] = {name: defaultdict(float) for name in HELP}

    def count(self, name: str, **labels) -> None:
        """Erhöht einen Zähler um 1."""
        with self._lock:
            self._values[name][_labels(labels)] += 1

    def only(self, name: str, **labels) -> None:
        """Setzt eine Messuhr auf 1 und vergisst ihre anderen Beschriftungen."""
        with self._lock:
            self._values[name] = defaultdict(float, {_labels(labels): 1.0})

    def observe(self, name: str, value: float, buckets: str) -> None:
        """Trägt einen Wert in ein Histogramm ein; jedes Fach zählt alle Werte bis zu seiner Grenze."""
        with self._lock:
            values = self._values[name]
            for limit in BUCKETS[buckets]:
                values[f'_bucket{{le="{limit}"}}'] += value <= limit
            values['_bucket{le="+Inf"}'] += 1
            values["_sum"] += value
            values["_count"] += 1

    def text(self) -> str:
        """Alles als Text für Prometheus."""
        lines = []
        with self._lock:
            for name, (kind, explanation) in HELP.items():
                lines += [f"# HELP {name} {explanation}", f"# TYPE {name} {kind}"]
                lines += [
                    f"{name}{rest} {value:.10g}" for rest, value in self._values[name].items()
                ]
        return "\n".join(lines) + "\n"


def _labels(labels: dict[str, object]) -> str:
    inner = ",".join(f'{name}="{value}"' for name, value in labels.items())
    return f"{{{inner}}}" if inner else ""
