"""Ein Hugging Face Hub auf Loopback, so viel davon, wie huggingface_hub und datasets brauchen, und
seine Störungen.

    with Hub(ordner) as hub:          # darin models/<Name>/…, datasets/<Name>[@<Revision>]/…
        hub.adresse                   # für HF_ENDPOINT
        hub.stoere("status", code=503)

Unter `/dateien/…` liefert er aus ordner/dateien, wie der Host von keras.datasets oder ein Paketindex.
Gewichte liegen wie beim Original hinter einer Weiterleitung (`/cdn/…`), kurze Dateien nicht.
"""

import hashlib
import json
import mimetypes
import re
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, quote, unquote, urlsplit

GROSS = (".safetensors", ".bin", ".spm", ".parquet")
SEITE = b"<!doctype html><title>Anmeldung</title><form>Bitte anmelden</form>" * 20
ADRESSE = re.compile(
    r"(?:/(?P<cdn>cdn))?(?:/(?P<api>api/models|api/datasets)|/(?P<daten>datasets))?"
    r"/(?P<name>[^/]+(?:/(?!resolve|revision|tree)[^/]+)?)"
    r"(?:/(?P<was>resolve|revision|tree)"
    r"(?:/(?P<revision>refs/convert/\w+|[^/]+)(?:/(?P<datei>.*))?)?)?/?"
)


def summe(inhalt: bytes) -> str:
    return hashlib.sha256(inhalt).hexdigest()


class Hub:
    def __init__(self, ordner: Path, zertifikat: Path | None = None, praefix: str = ""):
        self.ordner, self.praefix = ordner, praefix
        self.umzug: dict[str, str] = {}
        self.gesperrt: set[str] = set()
        self.anfragen: list[tuple[str, str]] = []
        self.fortgesetzt: list[str] = []  # Dateien, die jemand ab ihrer Mitte verlangte
        self.stoerung: dict = {}
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._bedienung())
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None  # legt jemand auf, ist das keine Meldung wert
        if zertifikat:
            kontext = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            kontext.load_cert_chain(zertifikat)
            self.server.socket = kontext.wrap_socket(self.server.socket, server_side=True)
        art = "https" if zertifikat else "http"
        self.adresse = f"{art}://127.0.0.1:{self.server.server_port}{praefix}"

    def stoere(self, art: str = "", bei: str = "", **angaben) -> None:
        """„status“ (code), „schweigt“, „anmeldeseite“, „langsam“ (rate), „bricht ab“ (nach); `bei`:
        nur diese Pfade.
        """
        self.stoerung = {"art": art, "bei": bei, **angaben} if art else {}

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def _bedienung(hub):
        class Bedienung(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_GET(self):
                pfad = unquote(urlsplit(self.path).path)
                hub.anfragen.append((self.command, pfad))
                if not pfad.startswith(hub.praefix):
                    return self.sende(404, b"hier nicht")
                self.antworte(pfad.removeprefix(hub.praefix))

            do_HEAD = do_GET

            def sende(self, status: int, inhalt: bytes | dict | list = b"", **koepfe):
                if not isinstance(inhalt, bytes):
                    inhalt = json.dumps(inhalt).encode()
                    koepfe["Content_Type"] = "application/json"
                self.send_response(status)
                for name, wert in {"Content_Length": len(inhalt), **koepfe}.items():
                    self.send_header(name.replace("_", "-"), str(wert))
                self.end_headers()
                if self.command != "HEAD":
                    self.uebertrage(inhalt)

            def uebertrage(self, inhalt: bytes) -> None:
                art = self.stoert.get("art")
                if art == "bricht ab":
                    self.wfile.write(inhalt[: self.stoert["nach"]])
                    self.close_connection = True
                elif art == "langsam":
                    je = max(1, self.stoert["rate"] // 4)
                    for i in range(0, len(inhalt), je):
                        self.wfile.write(inhalt[i : i + je])
                        time.sleep(0.25)
                else:
                    self.wfile.write(inhalt)

            def antworte(self, pfad: str) -> None:
                self.stoert = hub.stoerung if re.search(hub.stoerung.get("bei", ""), pfad) else {}
                art = self.stoert.get("art")
                if art == "status":
                    return self.sende(self.stoert["code"], b"kaputt", Retry_After=30)
                if art == "schweigt":
                    time.sleep(60)
                    self.close_connection = True
                    return None
                if art == "anmeldeseite":
                    return self.sende(200, SEITE, Content_Type="text/html")
                if (datei := hub.ordner / pfad[1:]).is_file() and pfad.startswith("/dateien/"):
                    art = mimetypes.guess_type(datei.name)[0] or "application/octet-stream"
                    return self.sende(200, datei.read_bytes(), Content_Type=art)
                teile = ADRESSE.fullmatch(pfad)
                if not teile:
                    return self.sende(404, {"error": "Not Found"})
                name = teile["name"]
                if name in hub.umzug:
                    ziel = hub.praefix + self.path.removeprefix(hub.praefix)
                    return self.sende(307, Location=ziel.replace(name, hub.umzug[name], 1))
                daten = "datasets" in (teile["api"] or teile["daten"] or "")
                return self.aus_dem_repo("datasets" if daten else "models", name, teile)

            def fehlt(self, status: int, code: str):
                return self.sende(status, {"error": code}, X_Error_Code=code, X_Error_Message=code)

            def aus_dem_repo(self, art: str, name: str, teile) -> None:
                haupt = hub.ordner / art / name
                if not haupt.is_dir():
                    return self.fehlt(401, "RepoNotFound")
                if name in hub.gesperrt and teile["was"] == "resolve":
                    return self.fehlt(401, "GatedRepo")
                revision = teile["revision"] or "main"
                orte = {"main": haupt}
                for anderer in haupt.parent.glob(f"{haupt.name}@*"):
                    orte[unquote(anderer.name.partition("@")[2])] = anderer
                orte |= {summe(str(ort).encode())[:40]: ort for ort in orte.values()}
                if revision not in orte:
                    return self.fehlt(404, "RevisionNotFound")
                ort = orte[revision]
                commit = summe(str(ort).encode())[:40]
                dateien = {d.relative_to(ort).as_posix(): d for d in sorted(ort.rglob("*"))}
                if teile["was"] == "resolve":
                    return self.datei(art, name, commit, teile["datei"], dateien, teile["cdn"])
                if teile["was"] == "tree":
                    unter = (teile["datei"] or "").strip("/")
                    tief = parse_qs(urlsplit(self.path).query).get("recursive", [""])[0]
                    innen = [n for n in dateien if n.startswith(f"{unter}/" if unter else "")]
                    if tief.lower() not in ("true", "1"):
                        innen = [n for n in innen if "/" not in n[len(unter) :].strip("/")]
                    return self.sende(200, [self.eintrag(n, dateien[n]) for n in innen])
                geschwister = [
                    {"rfilename": n, "size": d.stat().st_size}
                    for n, d in dateien.items()
                    if d.is_file()
                ]
                self.sende(200, {"_id": commit[:24], "id": name, "sha": commit, "private": False,
                                 "gated": False, "disabled": False, "tags": [], "downloads": 1,
                                 "likes": 1, "siblings": geschwister})  # fmt: skip

            def eintrag(self, name: str, datei: Path) -> dict:
                if datei.is_dir():
                    return {"type": "directory", "oid": "0" * 40, "size": 0, "path": name}
                kennung, groesse = summe(datei.read_bytes()), datei.stat().st_size
                zeile = {"type": "file", "oid": kennung[:40], "size": groesse, "path": name}
                if datei.suffix in GROSS:
                    zeile["lfs"] = {"oid": kennung, "size": groesse, "pointerSize": 130}
                return zeile

            def datei(self, art, name, commit, datei, dateien, cdn) -> None:
                if datei not in dateien or dateien[datei].is_dir():
                    return self.sende(404, b"", X_Error_Code="EntryNotFound", X_Repo_Commit=commit)
                inhalt = dateien[datei].read_bytes()
                kennung = summe(inhalt)
                if dateien[datei].suffix in GROSS and not cdn:
                    ziel = f"{hub.adresse}/cdn/{art}/{name}/resolve/{commit}/{quote(datei)}"
                    return self.sende(
                        302, Location=ziel.replace("/cdn/models", "/cdn"), X_Repo_Commit=commit,
                        X_Linked_Size=len(inhalt), X_Linked_ETag=f'"{kennung}"',
                    )  # fmt: skip
                ab = re.match(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
                von = int(ab[1]) if ab else 0
                bis = int(ab[2]) + 1 if ab and ab[2] else len(inhalt)
                if von:
                    hub.fortgesetzt.append(datei)
                koepfe = {"ETag": f'"{kennung}"', "X_Repo_Commit": commit, "Accept_Ranges": "bytes"}
                if ab:
                    koepfe["Content_Range"] = f"bytes {von}-{bis - 1}/{len(inhalt)}"
                self.sende(206 if ab else 200, inhalt[von:bis], **koepfe)

        return Bedienung
