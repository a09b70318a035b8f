"""Beantwortet: Was hat eine Untersuchung ergeben, wen trifft es, und was behebt es?"""

import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

GUT, HINWEIS, FEHLT = "ok", "Hinweis", "fehlt"
EINRICHTEN = "python start.py einrichten"
VORBEREITEN = "python start.py vorbereiten"
NEU_ANLEGEN = f"den Ordner .venv löschen, dann {EINRICHTEN}"


@dataclass(frozen=True)
class Befund:
    """Ein Satz über eine Sache. `fehlt` heißt: Diese `skripte` laufen so nicht; ein Hinweis hält nichts auf."""

    stand: str
    sache: str
    satz: str
    skripte: tuple[str, ...] = ()
    abhilfe: str = ""


Pruefung = Callable[[], list[Befund]]


def gleichzeitig(
    pruefungen: dict[str, Pruefung], frist: float, melde: Callable[[list[str], float], None]
) -> Iterator[list[Befund]]:
    """Lässt alle Prüfungen zugleich laufen und liefert ihre Befunde in der Reihenfolge von `pruefungen`.

    `melde(noch offene, vergangene Sekunden)` wird etwa jede Sekunde gerufen, solange gewartet wird. Eine
    Prüfung, die scheitert oder nach `frist` Sekunden nicht fertig ist, wird zum Hinweis: Der Arzt selbst
    fällt nicht um.
    """
    fertig: queue.SimpleQueue = queue.SimpleQueue()
    for name, pruefe in pruefungen.items():
        # Fäden, die das Programm nicht aufhalten: Eine Namensauflösung hängt manchmal minutenlang
        threading.Thread(
            target=lambda n=name, p=pruefe: fertig.put((n, _sicher(n, p))), daemon=True
        ).start()
    antworten: dict[str, list[Befund]] = {}
    gewartet = 0.0
    for name in pruefungen:
        while name not in antworten and gewartet < frist:
            try:
                wer, was = fertig.get(timeout=1)
                antworten[wer] = was
            except queue.Empty:
                gewartet += 1
                melde([n for n in pruefungen if n not in antworten], gewartet)
        satz = f"keine Antwort nach {frist:.0f} s; weiter ohne"
        yield antworten.get(name) or [Befund(HINWEIS, name, satz)]


def _sicher(name: str, pruefe: Pruefung) -> list[Befund]:
    try:
        return pruefe() or [Befund(GUT, name, "nichts zu prüfen")]
    except (Exception, SystemExit) as fehler:  # noqa: BLE001 (auf fremden Rechnern scheitert, woran niemand dachte)
        return [Befund(HINWEIS, name, f"nicht zu prüfen ({type(fehler).__name__}: {fehler})")]
