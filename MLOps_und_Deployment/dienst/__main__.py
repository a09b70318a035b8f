"""`python -m dienst --port 8000`: der Dienst mit uvicorn. Strg+C beendet ihn."""

import argparse
import logging
import os
import signal
import sys
import threading

HEADERS = [  # auch wenn jemand die Seite verändert: Sie darf nur mit diesem Dienst sprechen
    ("Content-Security-Policy", "default-src 'self' 'unsafe-inline' data: blob:"),
    ("X-Content-Type-Options", "nosniff"),
    ("Cache-Control", "no-store"),
]


def end(*_) -> None:
    print("Der Dienst endet.", flush=True)
    os._exit(0)  # TensorFlow räumt sonst noch sekundenlang auf


def end_with_parent() -> None:
    os.read(0, 1)  # kehrt zurück, wenn der Prozess verschwindet, der uns gestartet hat
    os._exit(0)


def main() -> None:
    signal.signal(signal.SIGINT, end)  # bis uvicorn übernimmt
    parser = argparse.ArgumentParser(prog="python -m dienst", description="Der Ziffern-Dienst")
    parser.add_argument("--host", default="127.0.0.1", help="0.0.0.0: auch für andere Rechner")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--mit-eltern", action="store_true", help="enden, wenn sich stdin schließt")
    options = parser.parse_args()
    seconds = os.environ.get("POLL_SECONDS", "1")
    if not seconds.replace(".", "", 1).isdecimal() or float(seconds) == 0:
        parser.error(f"POLL_SECONDS={seconds}: Gesucht ist eine Zahl über 0, z. B. 1.")
    if options.mit_eltern:
        threading.Thread(target=end_with_parent, daemon=True).start()
    address = f"http://{options.host}:{options.port}"
    print(f"Der Ziffern-Dienst startet auf {address} (Ende mit Strg+C) …", flush=True)
    # Keras lüde sie sonst mit, eine Sekunde lang; hier zeichnet niemand
    sys.modules.update(dict.fromkeys(("matplotlib", "sklearn")))
    import uvicorn

    from .annahme import BACKLOG, Door
    from .app import create_app

    class Server(uvicorn.Server):
        def handle_exit(self, sig, frame):
            if sig == signal.SIGINT or not self.started:  # da sitzt jemand, oder es wartet niemand
                end()
            super().handle_exit(sig, frame)

        async def shutdown(self, sockets=None):
            for visitor in filter(Door.is_idle, self.server_state.connections):
                visitor.transport.abort()  # sonst endete jeder, der noch sendet, mit einem Traceback
            await super().shutdown(sockets)

    logging.basicConfig(format="%(message)s")
    logging.getLogger("dienst").setLevel("INFO")
    logging.getLogger("tensorflow").setLevel("ERROR")  # es warnt sonst vor jedem neuen Modell
    # Python reicht das Wort sonst nur alle 5 ms weiter; so antwortet er auch, während ein Modell lädt
    sys.setswitchinterval(0.0002)
    limits = {"http": Door, "backlog": BACKLOG, "timeout_graceful_shutdown": 2}
    words = {"headers": HEADERS, "log_level": "error"}
    Server(uvicorn.Config(create_app(), options.host, options.port, **limits, **words)).run()


if __name__ == "__main__":
    main()
