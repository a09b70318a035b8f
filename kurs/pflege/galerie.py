"""Beantwortet: Wie wird aus allen Skripten eine Galerie, die man ohne Netz und ohne JavaScript durchblättern kann?

Sie liegt unter `ausgabe/galerie/seiten/`; der Ordner lässt sich kopieren und verschicken.
"""

import re
import sys
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

from kurs.kern.pfade import AUSGABE, WURZEL, schreibbar, schreibe_daneben
from kurs.kern.skripte import WIE_IN_DATEINAMEN, Skript, lies_quelltext, nach_kapitel
from kurs.pflege import glossar
from kurs.pflege.messen import MESSUNGEN, Messung, rechner

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from PIL import Image
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

VORLAGEN = Path(__file__).parent / "vorlagen"
FARBEN = HtmlFormatter(style="friendly", nowrap=True)
PLOTZEILE = re.compile(r"^\[Plot gespeichert: .*\]\n?", re.MULTILINE)  # schreibt kurs.plotablage
BILDBREITE = 1100  # Pixel; mehr zeigt die Seite nicht


class Galerielauf(NamedTuple):
    """Ein Lauf eines Skripts; `plots` sind die Namen der Bilder in der Reihenfolge ihres Erscheinens."""

    messung: Messung
    ausgabe: str
    plots: list[str]


def _lies(messung: Messung, ziel: Path) -> Galerielauf:
    """Was das Skript schrieb und zeichnete; die Plots kommen verkleinert nach `ziel`."""
    text = _lesbar((MESSUNGEN / f"{messung.name}.txt").read_bytes())
    plots = [f"plot_{nummer + 1}.webp" for nummer in range(len(PLOTZEILE.findall(text)))]
    for plot in plots:
        with Image.open((AUSGABE / messung.name / plot).with_suffix(".png")) as bild:
            bild = bild.convert("RGB")
            bild.thumbnail((BILDBREITE, bild.height))
            bild.save(schreibbar(ziel / messung.name) / plot, quality=82, method=6)
    return Galerielauf(messung, text, plots)


def _lesbar(roh: bytes) -> str:
    """Die Ausgabe ohne überschriebene Zeilenanfänge und ohne den Pfad dieses Rechners."""
    text = roh.decode("utf-8", errors="replace").replace("\r\n", "\n")
    zeilen = [zeile.rstrip("\r").rpartition("\r")[2] for zeile in text.split("\n")]
    text = "\n".join(zeilen).replace(sys.executable, "python")
    for ort in (WURZEL.as_uri(), str(WURZEL), WURZEL.as_posix()):
        text = text.replace(ort, "schulung")
    return text


def anker(text: str) -> str:
    """Ein Name für eine Sprungmarke: Kleinbuchstaben, Ziffern und Bindestriche."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower().translate(WIE_IN_DATEINAMEN)).strip("-")


def mit_code(text: str) -> Markup:
    """Prosa aus dem Glossar: `so` Eingefasstes als Code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))


def zellen(quelltext: str) -> list[tuple[str, Markup]]:
    """Titel und bunter Quelltext jeder `# %%`-Zelle; vor der ersten steht der Kopf."""
    # eingerückt ist eine Zelle nach `if __name__ …`
    teile = ["Kopf", *re.split(r"^[ \t]*# %%(.*)\n", quelltext, flags=re.MULTILINE)]
    bunt = lambda text: Markup(highlight(text.strip("\n"), PythonLexer(), FARBEN))
    return [(titel.strip(), bunt(text)) for titel, text in zip(teile[::2], teile[1::2])]


def stuecke(ausgabe: str, plots: list[str]) -> list[tuple[str, str]]:
    """Die Ausgabe der Reihe nach: Text, und der Plot, den sie danach nennt (zuletzt keiner)."""
    texte = [teil.strip("\n") for teil in PLOTZEILE.split(ausgabe)]
    return list(zip_longest(texte, plots, fillvalue=""))


def schreibe(skripte: tuple[Skript, ...], messungen: list[Messung]) -> Path:
    """Schreibt alle Seiten neu; der alte Stand bleibt, bis der neue vollständig ist. Rückgabe: index.html."""
    ziel = schreibbar(AUSGABE / "galerie") / "seiten"
    schreibe_daneben(ziel, lambda ordner: _baue(ordner, skripte, messungen))
    return ziel / "index.html"


def _baue(ziel: Path, skripte: tuple[Skript, ...], messungen: list[Messung]) -> None:
    ziel.mkdir()
    umgebung = Environment(
        loader=FileSystemLoader(VORLAGEN, encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    umgebung.filters["anker"] = anker
    umgebung.filters["mit_code"] = mit_code
    umgebung.filters["komma"] = lambda zahl: f"{zahl:.4g}".replace(".", ",")

    def fuelle(vorlage: str, datei: str, **werte) -> None:
        html = umgebung.get_template(vorlage).render(**werte)
        (ziel / datei).write_text(html, encoding="utf-8")

    lauf_von = {messung.name: _lies(messung, ziel) for messung in messungen}
    begriffe = glossar.lies()
    kapitel = [
        (nummer, name, [(skript, lauf_von[skript.name]) for skript in gruppe])
        for (nummer, name), gruppe in nach_kapitel(skripte)
    ]
    fuelle("index.html", "index.html", kapitel=kapitel, ort=rechner())
    fuelle("glossar.html", "glossar.html", begriffe=begriffe)
    for voriges, skript, naechstes in zip((None, *skripte), skripte, (*skripte[1:], None)):
        lauf = lauf_von[skript.name]
        fuelle(
            "skript.html",
            f"{skript.name}.html",
            skript=skript,
            lauf=lauf,
            zellen=zellen(lies_quelltext(skript.pfad)),
            stuecke=stuecke(lauf.ausgabe, lauf.plots),
            begriffe=[b for b in begriffe if skript.name in {v.skript for v in b.verweise()}],
            voriges=voriges,
            naechstes=naechstes,
        )
    stil = (VORLAGEN / "stil.css").read_text(encoding="utf-8")
    farben = FARBEN.get_style_defs(".code")
    (ziel / "stil.css").write_text(f"{stil}\n{farben}\n", encoding="utf-8")
