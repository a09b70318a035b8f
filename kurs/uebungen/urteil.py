"""Beantwortet: Ist die Aufgabe gelöst, und wenn nicht, woran liegt es?

Eine Übung ruft unter jeder Aufgabe `pruefe(n, antwort)`. Diagnosen und Tipps stehen in einer eigenen Datei,
`pruefungen/<Ordner der Übung>/pruefung_<Name>.py`: je Aufgabe eine Funktion, die den Satz zurückgibt, der
sagt, was nicht stimmt, oder nichts.

    @tipps("Frage", "Wo es steht", "Gerüst")
    def aufgabe_2(encoded: ein(BatchEncoding, "…"), *, long_text, MAX_LENGTH):
        if len(encoded["input_ids"]) > MAX_LENGTH:
            return "Hier wurde nichts gekürzt."

Vor dem * stehen die Antworten, mit ihrer Art (siehe `kurs.uebungen.arten`); dahinter Namen, die sie aus dem
Skript braucht. Gehört einer davon zu einer Aufgabe, die nicht gelöst ist, wartet diese hier auf sie.
"""

import ast
import atexit
import contextlib
import importlib.util
import inspect
import io
import re
import sys
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from kurs.kern import skripte
from kurs.uebungen import ablauf, fortschritt
from kurs.uebungen.ablauf import Region, benutzt, legt_fest, prueft
from kurs.uebungen.arten import Diagnose
from kurs.uebungen.deutung import deute, in_einer_zeile
from kurs.uebungen.wache import bewache

RICHTIG, FALSCH, OFFEN = "✔", "✘", "○"
STAND = {RICHTIG: fortschritt.RICHTIG, FALSCH: fortschritt.FALSCH, OFFEN: fortschritt.OFFEN}
STUFEN = ("Frage", "Wo es steht", "Gerüst")
LAUF = "__kurs_lauf__"  # unter diesem Namen steht der Lauf im Namensraum des Skripts


@dataclass(frozen=True)
class Befund:
    """Das Urteil über eine Aufgabe: ✔, ✘ oder ○, und der Satz dazu."""

    zeichen: str
    satz: str
    mit_tipps: bool = True


OFFENE = Befund(OFFEN, "offen")
UEBUNGSNAME = re.compile(r"^(versuch_\d+_)?uebung_")


def tipps(frage: str, ort: str, geruest: str) -> Callable:
    """Hängt die drei Tipps an die Prüfung einer Aufgabe: eine Frage, wo es steht, ein Gerüst."""

    def merke(pruefung):
        pruefung.tipps = (frage, ort, geruest)
        return pruefung

    return merke


def ist_offen(antwort: object) -> bool:
    """Ob eine Antwort (oder ein Teil eines Tupels, einer Liste, eines dict) noch `...` ist."""
    if isinstance(antwort, dict):
        antwort = tuple(antwort.values())
    if isinstance(antwort, tuple | list) and len(antwort) < 1000:
        return any(ist_offen(teil) for teil in antwort)
    return antwort is ...


def datei_der_pruefung(uebung: Path) -> Path:
    """Die Datei mit den Prüfungen zu einer Übung, ihrer Lösung oder einem Versuch.

    Fehler: LookupError, wenn es keine gibt.
    """
    name = UEBUNGSNAME.sub("pruefung_", uebung.name)
    gefunden = sorted((skripte.WURZEL / "pruefungen").rglob(name))
    if not gefunden:
        raise LookupError(f"Zu {uebung.name} gibt es keine Prüfung ({name}).")
    return gefunden[0]


def lade_pruefungen(uebung: Path) -> dict[int, Callable]:
    """Nummer der Aufgabe → ihre Prüfung, frisch geladen. Fehler: LookupError."""
    datei = datei_der_pruefung(uebung)
    spec = importlib.util.spec_from_file_location(datei.stem, datei)
    modul = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(modul)
    muster = re.compile(r"aufgabe_(\d+)")
    return {int(m[1]): f for name, f in vars(modul).items() if (m := muster.fullmatch(name))}


class Lauf:
    """Ein Durchgang durch eine Übung: welche Aufgaben sie hat, wie sie beurteilt sind, was noch fehlt."""

    def __init__(self, uebung: Path, namensraum: dict, quelltext: str, baum: ast.Module):
        self.uebung, self.namensraum, self.baum = uebung, namensraum, baum
        self.datei = namensraum.get("__file__", "")
        self.regionen = ablauf.finde_regionen(quelltext, baum)
        self.befunde: dict[int, Befund] = {}
        self.vermerkt: dict[int, Befund] = {}  # schon gescheitert, pruefe(n) kommt erst noch
        self.fehlt: dict[str, int] = {}  # Name → Aufgabe, ohne die es ihn nicht gibt
        self.zu_ende = False
        namensraum[LAUF] = self
        atexit.register(self._am_ende)
        bewache(self._antwort_in, lambda: self.zu_ende)

    @cached_property
    def pruefungen(self) -> dict[int, Callable]:
        return lade_pruefungen(self.uebung)

    @classmethod
    def von(cls, namensraum: dict) -> "Lauf":
        """Der Lauf des Skripts mit diesem Namensraum; ein neuer, wenn es neu beginnt."""
        lauf = namensraum.get(LAUF)
        if datei := namensraum.get("__file__"):
            if lauf is None or lauf.datei != datei or lauf.zu_ende:
                quelltext = skripte.lies_quelltext(Path(datei))
                lauf = cls(Path(datei), namensraum, quelltext, ast.parse(quelltext))
            return lauf
        zelle = ablauf.quelltext_der_konsole()
        uebung = _uebung_mit(zelle)
        if lauf is None or lauf.uebung != uebung or lauf.zu_ende:
            lauf = cls(uebung, namensraum, "", ast.Module([], []))
        lauf.regionen.update(ablauf.finde_regionen(zelle, ast.parse(zelle)))
        return lauf

    # --- Urteilen ---------------------------------------------------------------------------------

    def pruefe(self, nummer: int, antworten: tuple) -> bool:
        """Beurteilt eine Aufgabe, druckt das Urteil und gibt zurück, ob sie gelöst ist."""
        self._melde(nummer, self.vermerkt.pop(nummer, None) or self._urteile(nummer, antworten))
        if not self._geloest(nummer):
            self._merke_was_fehlt(nummer)
        if nummer == max(self.pruefungen):
            self.schluss()
        return self._geloest(nummer)

    def _merke_was_fehlt(self, nummer: int) -> None:
        """Was der Code hinter `if pruefe(nummer, …):` neu festgelegt hätte, gibt es ohne diese Aufgabe nicht."""
        for anweisung in self.baum.body:
            if isinstance(anweisung, ast.If) and nummer in _nummern(anweisung.test):
                self._lass_fehlen(filter(self._ist_leer, legt_fest(anweisung)), nummer)

    def _lass_fehlen(self, namen: Iterable[str], nummer: int) -> None:
        """Ohne Aufgabe `nummer` gibt es diese Namen nicht: Sie gelten als offen."""
        for name in namen:
            self.fehlt[name] = nummer
            self.namensraum[name] = ...

    def _ungeloeste_vor(self, nummer: int) -> list[int]:
        return [n for n in self.pruefungen if n < nummer and not self._geloest(n)]

    def _region_mit(self, zeilen: list[int]) -> Region | None:
        """Die Region der innersten dieser Zeilen, die in einer liegt."""
        alle = self.regionen.values()
        return next(
            (r for zeile in reversed(zeilen) for r in alle if r.von <= zeile <= r.bis), None
        )

    def _antwort_in(self, frame) -> Region | None:
        """Die Antwort, deren eigene Zeilen gerade rechnen, oder None."""
        if frame is None or frame.f_globals is not self.namensraum:
            return None
        return self._region_mit([frame.f_lineno])

    def _urteile(self, nummer: int, antworten: tuple) -> Befund:
        region = self.regionen.get(nummer)
        if region and region.ist_offen:
            return OFFENE
        if satz := self._ueberschrieben(region):
            return Befund(FALSCH, satz)
        pruefung = self.pruefungen[nummer]
        angaben = inspect.signature(pruefung).parameters.values()
        gebraucht = [a.name for a in angaben if a.kind is a.KEYWORD_ONLY]
        gefragt = [a for a in angaben if a.kind is not a.KEYWORD_ONLY]
        for name in gebraucht:
            if schuld := self._wartet_auf(name, nummer):
                return self._warten(schuld)
        if any(map(ist_offen, antworten)):
            vorher = self._ungeloeste_vor(nummer)
            return self._warten(vorher[0]) if vorher and region else OFFENE
        try:
            werte = [
                antwort
                if angabe.annotation is angabe.empty
                else angabe.annotation(antwort, angabe.name)
                for angabe, antwort in zip(gefragt, antworten, strict=True)
            ]
            satz = pruefung(*werte, **{name: self.namensraum[name] for name in gebraucht})
        except Diagnose as diagnose:
            satz = str(diagnose)
        except (Exception, SystemExit) as fehler:  # eine Antwort, mit der niemand gerechnet hat
            satz = self._satz_zum_fehler(fehler, nummer)
        if not satz:
            return Befund(RICHTIG, "richtig")
        schuld = self._baut_auf(region)
        return self._warten(schuld) if schuld else Befund(FALSCH, satz)

    def _ueberschrieben(self, region: Region | None) -> str | None:
        """Der Satz dazu, dass eine Antwort etwas Gegebenes überschreibt, das noch gebraucht wird, oder nichts."""
        if region is None:
            return None
        davor = [a for a in self._gegeben() if ablauf.beginnt(a) < region.von]
        neue, werte = ablauf.legt_neu_fest(region.anweisungen), ablauf.feste_werte(davor)
        for name in sorted(neue & self._noch_gebraucht(region)):
            if zeile := ablauf.zeile_der_funktion(name, davor):
                return (
                    f"{name} steht schon im Skript (Zeile {zeile}) und wird noch gebraucht: Gib dem, was "
                    "du hier festlegst, einen anderen Namen."
                )
            alt = werte.get(name, ...)
            if alt is not ... and repr(alt) != repr(self.namensraum.get(name)):
                return (
                    f"{name} = {alt!r} ist vorgegeben und gilt auch für deine Antwort. Andere Werte "
                    "probierst du oben bei den Stellschrauben."
                )
        return None

    def _noch_gebraucht(self, region: Region) -> set[str]:
        """Was gegebene Funktionen, gegebener Code nach der Region und ihre Prüfung und die späteren benutzen."""
        namen = set()
        for anweisung in self._gegeben():
            if isinstance(anweisung, ablauf.FUNKTIONEN) or ablauf.beginnt(anweisung) > region.bis:
                namen |= benutzt(anweisung)
        for nummer, pruefung in self.pruefungen.items():
            if nummer >= region.nummer:
                namen |= inspect.signature(pruefung).parameters.keys()
        return namen

    def _gegeben(self) -> list[ast.stmt]:
        eigene = [a for region in self.regionen.values() for a in region.anweisungen]
        return [a for a in self.baum.body if a not in eigene]

    def _baut_auf(self, region: Region | None) -> int | None:
        """Die früheste ungelöste Aufgabe, deren Ergebnis diese Antwort benutzt, oder None."""
        if region is None:
            return None
        benutzte = {name for anweisung in region.anweisungen for name in benutzt(anweisung)}
        bekannte = (benutzte - region.namen) & self.namensraum.keys()
        gruende = {self._wartet_auf(name, region.nummer) for name in bekannte}
        return min(gruende - {None}, default=None)

    def noch_einmal(self, nummer: int, **anders) -> dict | None:
        """Die Namen nach einem zweiten Lauf der Antwort auf `nummer`, in dem gegebene Namen andere Werte haben.

        Damit sieht eine Prüfung, ob die Antwort nur für diese Daten stimmt. None, wenn sie damit nicht läuft oder
        auch benutzt, was andere Antworten aus den alten Werten gemacht haben.
        """
        region = self.regionen[nummer]
        andere = {name for r in self.regionen.values() if r is not region for name in r.namen}
        benutzte = {name for anweisung in region.anweisungen for name in benutzt(anweisung)}
        if benutzte & andere - region.namen - anders.keys():
            return None
        raum = {**self.namensraum, **anders}
        anweisungen = ast.Module([*region.anweisungen], [])
        with contextlib.suppress(Exception), contextlib.redirect_stdout(io.StringIO()):
            exec(compile(anweisungen, self.datei, "exec"), raum)  # noqa: S102
            return raum
        return None

    def ist_abgetippt(self, nummer: int) -> bool:
        """Ob die Antwort auf `nummer` nur aus festen Werten besteht und keinen einzigen Namen liest."""
        knoten = [k for anweisung in self.regionen[nummer].anweisungen for k in ast.walk(anweisung)]
        return not any(isinstance(k, ast.Name) and isinstance(k.ctx, ast.Load) for k in knoten)

    def _geloest(self, nummer: int) -> bool:
        return nummer in self.befunde and self.befunde[nummer].zeichen == RICHTIG

    def _wartet_auf(self, name: str, nummer: int) -> int | None:
        """Die ungelöste Aufgabe vor `nummer`, ohne die es `name` nicht gibt, oder None."""
        if name in self.fehlt and self._ist_leer(name):
            return self.fehlt[name]
        for frueher, region in self.regionen.items():
            if frueher < nummer and name in region.namen and not self._geloest(frueher):
                return frueher
        return next(iter(self._ungeloeste_vor(nummer)), None) if self._ist_leer(name) else None

    @staticmethod
    def _warten(nummer: int) -> Befund:
        return Befund(OFFEN, f"wartet auf Aufgabe {nummer}", mit_tipps=False)

    def _satz_zum_fehler(self, fehler: BaseException, nummer: int) -> str:
        """Zeile, Pythons Meldung und was sie bedeutet."""
        satz = f"{in_einer_zeile(fehler).rstrip('.')}. {deute(fehler, self.namensraum)}"
        zeilen = self._zeilen(fehler)
        if region := self._region_mit(zeilen):
            wo = "" if region.nummer == nummer else f"In Aufgabe {region.nummer}, "
            zeile = [z for z in zeilen if region.von <= z <= region.bis][-1]
            return f"{wo}Zeile {zeile}: {satz}"
        if isinstance(fehler, TypeError) and "positional argument" in str(fehler):
            meldung = in_einer_zeile(fehler)
            return f"Deine Funktion wird anders aufgerufen, als bei def steht: {meldung}. Was soll hineingehen?"
        return f"Mit dieser Antwort geht es nicht weiter: {satz}"

    def _zeilen(self, fehler: BaseException) -> list[int]:
        """Die Zeilen des Skripts in der Aufrufkette, außen zuerst."""
        if isinstance(fehler, SyntaxError) and fehler.filename in (None, "<unknown>"):
            return [fehler.lineno]
        schritte = traceback.walk_tb(fehler.__traceback__)
        return [zeile for frame, zeile in schritte if frame.f_globals is self.namensraum]

    # --- Drucken ----------------------------------------------------------------------------------

    def _melde(self, nummer: int, befund: Befund) -> None:
        self.befunde[nummer] = befund
        print(f"{befund.zeichen} Aufgabe {nummer}: {befund.satz}")
        region = self.regionen.get(nummer)
        if befund.zeichen != RICHTIG and befund.mit_tipps:
            for stufe, tipp in zip(STUFEN[: self._stufe()], self.pruefungen[nummer].tipps):
                print(f"    Tipp ({stufe}): " + tipp.strip().replace("\n", "\n        "))
            if region and self.datei:
                print(f'    File "{self.datei}", line {region.von}')
        if region and not region.marken and self.datei:
            print(f"    In der Datei fehlt bei Aufgabe {nummer} die Zeile mit ▼ oder ▲.")
        sys.stdout.flush()

    def _stufe(self) -> int:
        """Wie viele Tipps das Skript zeigen will: seine Stellschraube TIPPS."""
        stufe = self.namensraum.get("TIPPS", 1)
        return max(0, stufe) if isinstance(stufe, int) else 1

    def _am_ende(self) -> None:
        """Das Programm endet, bevor alle Aufgaben dran waren; ohne jedes Urteil lag es an etwas anderem."""
        if self.befunde:
            self.schluss()

    def schluss(self) -> None:
        """Druckt einmal, wie viele Aufgaben gelöst, falsch und offen sind, und hält es fest."""
        if self.zu_ende or not (self.befunde or self.regionen):
            return
        self.zu_ende = True
        for nummer in sorted(self.pruefungen):
            if nummer not in self.befunde:
                self._melde(nummer, self.vermerkt.get(nummer) or self._nicht_erreicht(nummer))
        self._bilanz()

    def _nicht_erreicht(self, nummer: int) -> Befund:
        if schuld := [n for n in sorted(self.befunde) if n < nummer and not self._geloest(n)]:
            return self._warten(schuld[-1])
        region = self.regionen.get(nummer)
        if region is None or region.ist_offen:
            return OFFENE
        return Befund(OFFEN, "nicht erreicht: Das Programm endete vorher. Steht da exit()?")

    def _bilanz(self) -> None:
        zeichen = [befund.zeichen for _, befund in sorted(self.befunde.items())]
        geloest, falsch, offen = (zeichen.count(z) for z in (RICHTIG, FALSCH, OFFEN))
        balken = "■" * geloest + "□" * (len(zeichen) - geloest)
        rest = [f"{falsch} noch falsch"] * bool(falsch) + [f"{offen} offen"] * bool(offen)
        print(f"\nFortschritt: {balken} {geloest} von {len(zeichen)} gelöst", *rest, sep=", ")
        if geloest == len(zeichen):
            print("Alles richtig!")
        elif self._stufe() < len(STUFEN):
            print(f"Mehr Hilfe: oben im Skript TIPPS = {self._stufe() + 1} setzen.")
        else:
            print(f"Vergleich mit der Lösung: python start.py loesung {self.uebung.stem}")
        sys.stdout.flush()
        staende = {f"Aufgabe {n}": STAND[b.zeichen] for n, b in sorted(self.befunde.items())}
        if self.datei:
            fortschritt.merke(self.uebung, staende)

    # --- Weiterlaufen -----------------------------------------------------------------------------

    def verwirf(self, kaputt: dict[int, SyntaxError]) -> None:
        """Merkt sich Aufgaben, deren Antwort schon kein gültiges Python ist."""
        for aufruf in prueft(self.baum):
            nummer = aufruf.args[0].value
            if nummer in kaputt:
                satz = self._satz_zum_fehler(kaputt[nummer], nummer)
                self.vermerkt[nummer] = Befund(FALSCH, satz)
                namen = {arg.id for arg in aufruf.args if isinstance(arg, ast.Name)}
                self._lass_fehlen(namen, nummer)

    def laufe(self, ab: int = 0) -> None:
        """Führt die Anweisungen ab Nummer `ab` aus; was eine Antwort abbricht, kostet nur ihre Aufgabe."""
        while ab < len(self.baum.body):
            anweisung = self.baum.body[ab]
            if schuld := self._fehlt_dazu(anweisung):
                self._lass_fehlen(legt_fest(anweisung), schuld)
                ab += 1
                continue
            try:
                code = compile(ast.Module([anweisung], []), self.datei, "exec")
                exec(code, self.namensraum)  # noqa: S102
                ab += 1
            except (Exception, SystemExit) as fehler:
                ab = self.nach_fehler(fehler)

    def _fehlt_dazu(self, anweisung: ast.stmt) -> int | None:
        """Die Aufgabe, ohne die gegebener Code nicht laufen kann, oder None."""
        if isinstance(anweisung, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            return None
        if prueft(anweisung) or any(anweisung in r.anweisungen for r in self.regionen.values()):
            return None
        gruende = [
            self.fehlt[n] for n in benutzt(anweisung) if self._ist_leer(n) and n in self.fehlt
        ]
        return min(gruende, default=None)

    def _ist_leer(self, name: str) -> bool:
        return self.namensraum.get(name, ...) is ...

    def nach_fehler(self, fehler: BaseException) -> int:
        """Ordnet einen Fehler seiner Aufgabe zu; Rückgabe: mit welcher Anweisung es weitergeht.

        Fehler: derselbe, wenn keine Antwort etwas damit zu tun hat.
        """
        aussen = self._zeilen(fehler)[0]
        stelle = max(i for i, a in enumerate(self.baum.body) if ablauf.beginnt(a) <= aussen)
        anweisung = self.baum.body[stelle]
        for region in self.regionen.values():
            if anweisung in region.anweisungen:
                return self._region_scheitert(region, fehler)
        if isinstance(fehler, SystemExit):
            self.zu_ende = True
            raise fehler
        geprueft = _nummern(anweisung)
        if nicht := [nummer for nummer in geprueft if nummer not in self.befunde]:
            self._pruefung_scheitert(nicht[0], fehler)
            if nicht[0] == max(self.pruefungen):
                self.schluss()
        elif schuld := self._schuld(anweisung, fehler, geprueft):
            if self._geloest(schuld):
                satz = self._satz_zum_fehler(fehler, schuld)
                if not satz.startswith("Zeile"):
                    satz = f"Damit bricht Zeile {aussen} ab: {satz.partition(': ')[2]}"
                self._melde(schuld, Befund(FALSCH, satz))
                if self.zu_ende:
                    self._bilanz()
            self._lass_fehlen(legt_fest(anweisung), schuld)
        else:
            self.zu_ende = True
            raise fehler
        return stelle + 1

    def _region_scheitert(self, region: Region, fehler: BaseException) -> int:
        """Die Aufgabe ist falsch (oder wartet); was sie festlegen sollte, gilt als offen."""
        self._lass_fehlen(region.namen, region.nummer)
        befund = Befund(FALSCH, self._satz_zum_fehler(fehler, region.nummer))
        eigene = isinstance(fehler, SyntaxError)
        if isinstance(fehler, NameError):  # ein Tippfehler, oder gegebener Code lief noch nicht
            davor = [a for a in self.baum.body if ablauf.beginnt(a) < region.von]
            eigene = not any(fehler.name in legt_fest(anweisung) for anweisung in davor)
        if region.ist_offen:
            befund = OFFENE
        elif not eigene and (schuld := self._baut_auf(region)):
            befund = self._warten(schuld)
        self.vermerkt[region.nummer] = befund
        return max(i for i, a in enumerate(self.baum.body) if a in region.anweisungen) + 1

    def _pruefung_scheitert(self, nummer: int, fehler: BaseException) -> None:
        """Schon der Aufruf pruefe(n, …) geht nicht, etwa weil die Antwort nicht so heißt wie verlangt."""
        region = self.regionen.get(nummer)
        befund = self.vermerkt.pop(nummer, None)
        if befund is None and isinstance(fehler, NameError) and fehler.name:
            if schuld := self._wartet_auf(fehler.name, nummer):
                befund = self._warten(schuld)
            else:
                satz = f"Der Name {fehler.name} fehlt: Die Aufgabe verlangt, dass deine Antwort so heißt."
                befund = Befund(FALSCH, satz)
        if befund is None and region and region.ist_offen:
            befund = OFFENE
        self._melde(nummer, befund or Befund(FALSCH, self._satz_zum_fehler(fehler, nummer)))
        self._merke_was_fehlt(nummer)

    def _schuld(
        self, anweisung: ast.stmt, fehler: BaseException, geprueft: list[int]
    ) -> int | None:
        """Die Aufgabe, deren Antwort gegebenen Code abbrechen lässt, oder None."""
        if region := self._region_mit(self._zeilen(fehler)):
            return region.nummer
        benutzte = benutzt(anweisung)
        fremde = benutzte - legt_fest(
            anweisung
        )  # was sie selbst gerade festlegen wollte, fehlt nicht
        fehlende = {self._wartet_auf(name, sys.maxsize) for name in fremde} - {None, *geprueft}
        if fehlende:
            return min(fehlende)
        if geprueft:
            return geprueft[-1]
        eigene = [n for n, region in self.regionen.items() if region.namen & benutzte]
        # sonst kann es sein, was eine falsche Antwort nebenher angerichtet hat (in einer Datenbank …)
        falsche = [n for n, befund in self.befunde.items() if befund.zeichen == FALSCH]
        return max(eigene or falsche, default=None)


def _nummern(knoten: ast.AST) -> list[int]:
    """Die Aufgaben, die ein Stück des Skripts prüft."""
    return [aufruf.args[0].value for aufruf in prueft(knoten)]


def _uebung_mit(zelle: str) -> Path:
    """Die Übung, aus der eine Zelle der Konsole stammt. Fehler: LookupError mit einem deutschen Satz."""
    marken = [zeile.strip() for zeile in zelle.splitlines() if ablauf.MARKE.match(zeile)]
    for pfad in skripte.skriptpfade():
        if pfad.stem.startswith("uebung_"):
            text = pfad.read_text(encoding="utf-8", errors="replace")
            if any("▼" in marke and marke in text for marke in marken):
                return pfad
    raise LookupError(
        "Zu welcher Übung gehört diese Zelle? Führe die Zelle mit der Zeile „# ▼ AUFGABE …“ ganz aus."
    )


def pruefe(nummer: int, *antworten: object) -> bool:
    """Prüft die Antwort(en) auf Aufgabe `nummer` dieser Übung und druckt das Urteil gleich darunter.

    Rückgabe: ob sie gelöst ist. Am Ende (nach der letzten Aufgabe) stehen der Fortschritt auf dem Bildschirm
    und der Stand unter `ausgabe/fortschritt/`.
    """
    return Lauf.von(sys._getframe(1).f_globals).pruefe(nummer, antworten)
