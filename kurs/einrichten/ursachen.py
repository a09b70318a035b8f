"""Beantwortet: Woran ist pip gescheitert, und was ist dann zu tun?

pips Protokoll ist englisch und lang; hier stehen die Stellen, an denen man die Ursache erkennt.
"""

import re

# (woran man sie erkennt, was zu tun ist); die erste, die passt, gilt
URSACHEN = (
    (
        r"No space left|Errno 28|not enough space|WinError 112|Disk quota exceeded|Errno 122",
        "Der Datenträger ist voll. Schaffe etwa 6 GB Platz und rufe denselben Befehl noch einmal auf.",
    ),
    (
        r"Windows Long Path|WinError 206",
        r"Der Pfad zum Repository ist für Windows zu lang. Lege es weiter oben ab, etwa in C:\kurs.",
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED|SSLError|SSLCertVerification",
        (
            "Die verschlüsselte Verbindung zum Paketindex wird nicht anerkannt, meist wegen eines "
            "Firmen-Proxys. Frage die IT nach dem Stammzertifikat und setze PIP_CERT auf dessen Datei."
        ),
    ),
    (
        r"ProxyError|Tunnel connection failed|407 Proxy",
        (
            "Der Proxy lässt die Verbindung nicht zu. Setze HTTPS_PROXY=http://benutzer:passwort@proxy:port "
            "und rufe denselben Befehl noch einmal auf."
        ),
    ),
    (
        (
            r"NewConnectionError|Temporary failure in name resolution|getaddrinfo failed|"
            r"Name or service not known|ConnectTimeout|ReadTimeout|Read timed out|Connection refused|"
            r"Network is unreachable|Failed to establish|Connection broken|Connection aborted"
        ),
        (
            "Der Paketindex ist nicht erreichbar. Prüfe die Netzverbindung; hinter einem Proxy setze "
            "HTTPS_PROXY, bei einem Spiegel der Firma PIP_INDEX_URL. Danach denselben Befehl noch "
            "einmal: Es geht dort weiter."
        ),
    ),
    (
        r"\b(401|403) (Client )?(Error|Forbidden|Unauthorized)|HTTP error 40[13]",
        (
            "Der Paketindex gibt eine Datei nicht heraus. Frage die IT, ob der Spiegel der Firma eine "
            "Anmeldung braucht (PIP_INDEX_URL) oder Pakete sperrt."
        ),
    ),
    (
        r"HASHES DO NOT MATCH|hash mismatch|BadZipFile|zipfile",
        (
            "Eine heruntergeladene Datei ist beschädigt. "
            "Rufe auf: python -m pip cache purge, dann denselben Befehl."
        ),
    ),
    (
        (
            r"Permission denied|Errno 13|WinError 5\b|WinError 32\b|Access is denied|"
            r"Read-only file system|Errno 30"
        ),
        (
            "In den Ordner .venv darf nicht geschrieben werden. Lege das Repository in deinen "
            "Benutzerordner, und schließe Programme, die die .venv benutzen."
        ),
    ),
    (
        r"No matching distribution found|Could not find a version",
        (
            "Für dieses Python oder Betriebssystem fehlt ein Paket im Index. Nimm Python 3.11 "
            "(64 Bit); bei einem Spiegel der Firma: Die IT möge die fehlende Version freigeben."
        ),
    ),
)


def ursache(protokoll: str) -> str | None:
    """Der deutsche Satz zur ersten bekannten Ursache in einem Protokoll; None, wenn keine passt."""
    for muster, satz in URSACHEN:
        if re.search(muster, protokoll, re.IGNORECASE):
            return satz
    return None


def letzte_zeile(protokoll: str) -> str:
    """Die letzte nicht leere Zeile eines Protokolls: das Beste, wenn keine Ursache bekannt ist."""
    zeilen = protokoll.strip().splitlines()
    return zeilen[-1].strip() if zeilen else "Es wird kein Grund genannt."
