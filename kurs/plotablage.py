"""Matplotlib-Backend ohne Bildschirm: `plt.show()` speichert die Plots als PNG unter `ausgabe/<Skript>/`.

Matplotlib lädt es über den Namen `module://kurs.plotablage`; niemand ruft es selbst auf.
"""

import contextlib
import sys
from pathlib import Path

from kurs.kern.pfade import AUSGABE, schreibbar

from matplotlib._pylab_helpers import Gcf
from matplotlib.backend_bases import FigureManagerBase
from matplotlib.backends.backend_agg import FigureCanvasAgg as FigureCanvas
from matplotlib.backends.backend_agg import RendererAgg  # noqa: F401 (Teil der Backend-Schnittstelle)

FigureManager = FigureManagerBase
_nummern: dict[str, int] = {}


def _aufrufendes_skript() -> str:
    name = Path(getattr(sys.modules["__main__"], "__file__", None) or "").stem
    return name if name.startswith(("demo_", "uebung_")) else "konsole"


def show(*args, **kwargs) -> None:
    """Speichert alle offenen Figuren und schließt sie, wie ein Fenster, das man wegklickt."""
    skript = _aufrufendes_skript()
    if skript not in _nummern:  # ein neuer Lauf zählt wieder ab plot_1 und räumt die alten weg
        _nummern[skript] = 0
        for alt in (AUSGABE / skript).glob("plot_*.png"):
            with contextlib.suppress(OSError):  # Windows: noch in einem Bildbetrachter offen
                alt.unlink()
    for manager in Gcf.get_all_fig_managers():
        _nummern[skript] += 1
        ziel = schreibbar(AUSGABE / skript) / f"plot_{_nummern[skript]}.png"
        manager.canvas.figure.savefig(ziel, dpi=100)
        print(f"[Plot gespeichert: {ziel}]")
    Gcf.destroy_all()


__all__ = ["FigureCanvas", "FigureManager", "show"]
