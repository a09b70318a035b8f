"""Beantwortet: Wie werden aus den Läufen HTML-Seiten, die ohne Netz und ohne JavaScript lesbar sind?"""

import os
import re
import shutil
from pathlib import Path
from typing import NamedTuple

from kurs.pfade import AUSGABE, schreibbar
from kurs.pflege import glossar
from kurs.pflege.galerie.laeufe import PLOTZEILE, Galerielauf
from kurs.skripte import Skript, lies_quelltext, nach_kapitel, ohne_umlaute

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

VORLAGEN = Path(__file__).parent / "vorlagen"
FARBEN = HtmlFormatter(style="friendly", nowrap=True)


class Zelle(NamedTuple):
    """Ein Abschnitt des Quelltexts; der Anker steht in der Adresse hinter dem #."""

    titel: str
    anker: str
    erste_zeile: int
    quelltext: Markup


class Stueck(NamedTuple):
    """Ein Stück der Ausgabe: Text oder der Dateiname eines Plots."""

    text: str = ""
    plot: str = ""


def anker(text: str) -> str:
    """Ein Name für eine Sprungmarke: Kleinbuchstaben, Ziffern und Bindestriche."""
    return re.sub(r"[^a-z0-9]+", "-", ohne_umlaute(text.lower())).strip("-")


def mit_code(text: str) -> Markup:
    """Prosa aus dem Glossar: `so` Eingefasstes als Code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))


def zellen(quelltext: str) -> list[Zelle]:
    """Zerlegt einen Quelltext an seinen `# %%`-Zeilen; vor der ersten steht der Kopf."""
    abschnitte = [["Kopf", 1, []]]
    for nummer, zeile in enumerate(quelltext.splitlines(), 1):
        if zeile.lstrip().startswith("# %%"):  # eingerückt nach `if __name__ …`
            abschnitte.append([zeile.lstrip()[4:].strip(), nummer, []])
        abschnitte[-1][2].append(zeile)
    fertige = []
    for titel, nummer, zeilen in abschnitte:
        code = "\n".join(zeilen if titel == "Kopf" else zeilen[1:]).strip("\n")
        bunt = Markup(highlight(code, PythonLexer(), FARBEN))
        fertige.append(Zelle(titel, anker(titel), nummer, bunt))
    return fertige


def stuecke(ausgabe: str, plots: list[str]) -> list[Stueck]:
    """Die Ausgabe der Reihe nach; wo sie einen Plot nennt, steht der Plot."""
    fertige, offen = [], iter(plots)
    for teil in PLOTZEILE.split(ausgabe):
        if teil.strip():
            fertige.append(Stueck(text=teil.strip("\n")))
        if plot := next(offen, ""):
            fertige.append(Stueck(plot=plot))
    return fertige


def _umgebung() -> Environment:
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
    return umgebung


def schreibe(skripte: tuple[Skript, ...], laeufe: list[Galerielauf], ort: str) -> Path:
    """Schreibt alle Seiten neu; der alte Stand bleibt, bis der neue vollständig ist. Rückgabe: index.html.

    `ort`: der Rechner, auf dem die Skripte liefen, in Worten.
    """
    ziel = AUSGABE / "galerie" / "seiten"
    daneben = ziel.with_name(".seiten-im-bau")
    shutil.rmtree(daneben, ignore_errors=True)
    schreibbar(daneben)
    umgebung, begriffe = _umgebung(), glossar.lies()
    seiten = list(zip(skripte, laeufe))

    def fuelle(vorlage: str, datei: str, **werte) -> None:
        html = umgebung.get_template(vorlage).render(**werte)
        (daneben / datei).write_text(html, encoding="utf-8")

    lauf_von = dict(seiten)
    kapitel = [
        (nummer, name, [(skript, lauf_von[skript]) for skript in gruppe])
        for (nummer, name), gruppe in nach_kapitel(skripte)
    ]
    fuelle("index.html", "index.html", kapitel=kapitel, ort=ort)
    fuelle("glossar.html", "glossar.html", begriffe=begriffe)
    for i, (skript, lauf) in enumerate(seiten):
        for plot in lauf.plots:
            schreibbar(daneben / skript.name)
            shutil.copy(plot, daneben / skript.name / plot.name)
        fuelle(
            "skript.html",
            f"{skript.name}.html",
            skript=skript,
            lauf=lauf,
            zellen=zellen(lies_quelltext(skript.pfad)),
            stuecke=stuecke(lauf.ausgabe, [plot.name for plot in lauf.plots]),
            begriffe=[b for b in begriffe if skript.name in {v.skript for v in b.verweise}],
            voriges=skripte[i - 1] if i else None,
            naechstes=skripte[i + 1] if i + 1 < len(skripte) else None,
        )
    stil = (VORLAGEN / "stil.css").read_text(encoding="utf-8")
    farben = FARBEN.get_style_defs(".code")
    (daneben / "stil.css").write_text(f"{stil}\n{farben}\n", encoding="utf-8")
    shutil.rmtree(ziel, ignore_errors=True)
    os.replace(daneben, ziel)
    return ziel / "index.html"
