"""Beantwortet: Sind alle Pakete da, und in den getesteten Versionen?

Läuft in der `.venv`. Ausgangspunkt ist `requirements.txt`; was jene Pakete ihrerseits verlangen, steht
in ihren Angaben. `constraints.txt` nennt die getesteten Versionen. Was dort steht und auf diesem Rechner
niemand verlangt (CUDA ohne Grafikkarte), darf fehlen.
"""

import importlib.metadata
import re
from functools import cache

from kurs import einrichtung
from kurs.arzt import gebrauch
from kurs.arzt.befund import EINRICHTEN, FEHLT, GUT, HINWEIS, NEU_ANLEGEN, Befund

# Wo der Name des Pakets nicht der seines Moduls ist; nur für Pakete, die fehlen
MODULE = {
    "scikit-learn": "sklearn",
    "beautifulsoup4": "bs4",
    "faiss-cpu": "faiss",
    "hanta": "HanTa",
    "python-multipart": "multipart",
    "pillow": "PIL",
    "pyyaml": "yaml",
}
# Wer wen braucht, ohne es zu sagen
UNGESAGT = {"keras": ("tensorflow",), "fastapi": ("uvicorn", "python-multipart")}
# Diese braucht `kurs` selbst: ohne sie startet nichts
FUER_ALLE = {"rich", "typer", "psutil", "filelock", "keras"}


def pruefe() -> list[Befund]:
    """Fehlende Pakete (`fehlt`), anders als getestete (`Hinweis`), oder dass alles stimmt."""
    try:
        from packaging.requirements import Requirement
    except ImportError:
        try:
            from pip._vendor.packaging.requirements import Requirement
        except ImportError:
            satz = "nicht zu prüfen: In der .venv fehlt selbst pip"
            return [Befund(FEHLT, "Pakete", satz, gebrauch.namen(), NEU_ANLEGEN)]
    direkte = _zeilen(einrichtung.ANFORDERUNGEN[0], Requirement)
    getestet = _zeilen(einrichtung.ANFORDERUNGEN[1], Requirement)
    verlangt = _verlangt_von(direkte, Requirement)
    befunde, anders = [], []
    fehlend = sorted(name for name in verlangt if _version(name) is None)
    for name in fehlend:
        wegen = "" if name in direkte else f" (gebraucht von {', '.join(sorted(verlangt[name]))})"
        skripte = _betroffene(name, verlangt)
        stand = FEHLT if skripte else HINWEIS
        befunde.append(Befund(stand, "Paket", f"{name} ist nicht da{wegen}", skripte, EINRICHTEN))
    for name in sorted(verlangt.keys() & getestet.keys() - set(fehlend)):
        version = _version(name)
        if not getestet[name].specifier.contains(version, prereleases=True):
            soll = str(getestet[name].specifier).removeprefix("==")
            anders.append(f"{name} {version} statt {soll}")
    if anders:
        gezeigt = ", ".join(anders[:8]) + (f" und {len(anders) - 8} weitere" * (len(anders) > 8))
        befunde.append(Befund(HINWEIS, "Pakete", f"anders als getestet: {gezeigt}", (), EINRICHTEN))
    if not befunde:
        satz = f"{len(verlangt)} Pakete in den getesteten Versionen"
        befunde.append(Befund(GUT, "Pakete", satz))
    return befunde


def _zeilen(datei, requirement) -> dict:
    """Name → Anforderung für jede Zeile, die für dieses Python und System gilt."""
    gefunden = {}
    for zeile in datei.read_text(encoding="utf-8").splitlines():
        if text := zeile.split("#")[0].strip():
            anforderung = requirement(text)
            if anforderung.marker is None or anforderung.marker.evaluate():
                gefunden[_normal(anforderung.name)] = anforderung
    return gefunden


def _verlangt_von(direkte: dict, requirement) -> dict[str, set[str]]:
    """Jedes verlangte Paket → wer es unmittelbar verlangt (die direkten: niemand)."""
    verlangt: dict[str, set[str]] = {name: set() for name in direkte}
    offen = [(name, frozenset(anforderung.extras)) for name, anforderung in direkte.items()]
    gesehen = set(offen)
    while offen:
        name, extras = offen.pop()
        for text in _angaben(name):
            anforderung = requirement(text)
            if anforderung.marker is not None and not any(
                anforderung.marker.evaluate({"extra": extra}) for extra in {"", *extras}
            ):
                continue
            anderes = _normal(anforderung.name)
            verlangt.setdefault(anderes, set()).add(name)
            knoten = (anderes, frozenset(anforderung.extras))
            if knoten not in gesehen:
                gesehen.add(knoten)
                offen.append(knoten)
    return verlangt


def _betroffene(name: str, verlangt: dict[str, set[str]]) -> tuple[str, ...]:
    """Die Skripte, die das Paket oder eines benutzen, das es (mittelbar) braucht."""
    pakete, neu = set(), {name}
    while neu:
        pakete |= neu
        ungesagt = {wer for wer, was in UNGESAGT.items() if neu & set(was)}
        neu = (ungesagt | {wer for paket in neu for wer in verlangt.get(paket, ())}) - pakete
    if pakete & FUER_ALLE:
        return gebrauch.namen()
    return gebrauch.mit_bibliothek(*(modul for paket in pakete for modul in _module(paket)))


def _module(paket: str) -> set[str]:
    installiert = {modul for modul, pakete in _module_der_pakete().items() if paket in pakete}
    return installiert or {MODULE.get(paket, paket.replace("-", "_"))}


@cache
def _module_der_pakete() -> dict[str, set[str]]:
    alle = importlib.metadata.packages_distributions()
    return {modul: {_normal(paket) for paket in pakete} for modul, pakete in alle.items()}


def _angaben(name: str) -> list[str]:
    try:
        return importlib.metadata.requires(name) or []
    except importlib.metadata.PackageNotFoundError:
        return []


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
