"""Beantwortet: Unter welcher Adresse stehen die Übungswebseiten, ohne dass es Netz braucht?

    with webserver() as adresse:
        antwort = requests.get(adresse + "/regionalzeitung.html")

Ausgeliefert werden die Seiten aus `data/webseiten` (siehe LIESMICH.md dort). Der Kopf der Antwort sagt
`text/html` ohne Zeichensatz, wie es viele Server tun; was daraus folgt, ist der Stoff der Übung.
"""

from contextlib import AbstractContextManager

from kurs.kern.pfade import DATA
from kurs.server import im_hintergrund

SEITEN = DATA / "webseiten"


def webserver() -> AbstractContextManager[str]:
    """Liefert die Seiten aus, solange der Block läuft; der Wert ist die Adresse ohne „/“ am Ende.

    Unbekannte Namen ergeben 404.
    """
    from starlette.applications import Starlette
    from starlette.responses import PlainTextResponse, Response
    from starlette.routing import Route

    seiten = {seite.name: seite for seite in SEITEN.glob("*.html")}

    async def liefere(anfrage):
        if seite := seiten.get(anfrage.path_params["name"]):
            return Response(seite.read_bytes(), headers={"Content-Type": "text/html"})
        vorhanden = ", ".join(sorted(seiten))
        return PlainTextResponse(f"Diese Seite gibt es nicht. Vorhanden sind: {vorhanden}", 404)

    return im_hintergrund(Starlette(routes=[Route("/{name:path}", liefere)]))
