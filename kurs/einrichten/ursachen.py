"""Beantwortet: Woran ist pip gescheitert, und was ist dann zu tun?

pips Protokoll ist englisch und lang; hier stehen die Stellen, an denen man die Ursache erkennt.
"""

import re

# (woran man sie erkennt, was zu tun ist); die erste, die passt, gilt
URSACHEN = (
    (
        r"No space left|Errno 28|not enough space|WinError 112|Disk quota exceeded|Errno 122",
        "Der Datenträger ist voll. Schaffe 6 GB Platz und rufe denselben Befehl noch einmal auf.",
    ),
    (
        r"Windows Long Path|WinError 206",
        r"Der Pfad zum Repository ist für Windows zu lang. Lege es weiter oben ab, etwa in C:\kurs.",
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED|SSLError|SSLCertVerification",
        "Die verschlüsselte Verbindung zum Paketindex wird nicht anerkannt, meist wegen eines Firmen-"
        "Proxys. Frage die IT nach dem Stammzertifikat und setze PIP_CERT auf dessen Datei.",
    ),
    (
        r"ProxyError|Tunnel connection failed|407 Proxy",
        "Der Proxy lässt die Verbindung nicht zu. Setze HTTPS_PROXY=http://benutzer:passwort@proxy:port "
        "und rufe denselben Befehl noch einmal auf.",
    ),
    (
        r"NewConnectionError|name resolution|getaddrinfo failed|service not known|Read timed out|"
        r"(Connect|Read)Timeout|refused|unreachable|Failed to establish|Connection (broken|aborted)",
        "Der Paketindex ist nicht erreichbar. Prüfe die Netzverbindung; hinter einem Proxy setze "
        "HTTPS_PROXY, bei einem Spiegel der Firma PIP_INDEX_URL. Derselbe Befehl setzt fort.",
    ),
    (
        r"\b(401|403) (Client )?(Error|Forbidden|Unauthorized)|HTTP error 40[13]",
        "Der Paketindex gibt eine Datei nicht heraus. Frage die IT, ob der Spiegel der Firma eine "
        "Anmeldung braucht (PIP_INDEX_URL) oder Pakete sperrt.",
    ),
    (
        r"HASHES DO NOT MATCH|hash mismatch|BadZipFile|zipfile",
        "Eine Datei kam beschädigt an. Rufe auf: python -m pip cache purge, dann denselben Befehl.",
    ),
    (
        r"Permission denied|Errno 13|WinError (5|32)\b|Access is denied|Read-only file system|Errno 30",
        "In den Ordner .venv darf nicht geschrieben werden. Lege das Repository in deinen "
        "Benutzerordner, und schließe Programme, die die .venv benutzen.",
    ),
    (
        r"No matching distribution found|Could not find a version",
        "Für dieses Python oder Betriebssystem fehlt ein Paket im Index. Nimm Python 3.11 (64 Bit); "
        "bei einem Spiegel der Firma: Die IT möge die fehlende Version freigeben.",
    ),
)


def ursache(protokoll: str) -> str | None:
    """Der deutsche Satz zur ersten bekannten Ursache in einem Protokoll; None, wenn keine passt."""
    passend = (satz for muster, satz in URSACHEN if re.search(muster, protokoll, re.IGNORECASE))
    return next(passend, None)


def letzte_zeile(protokoll: str) -> str:
    """Die letzte nicht leere Zeile eines Protokolls: das Beste, wenn keine Ursache bekannt ist."""
    return protokoll.strip().rpartition("\n")[2].strip() or "Es wird kein Grund genannt."
