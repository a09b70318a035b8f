"""`python -m dienst --port 8000`: der Dienst mit uvicorn. Strg+C beendet ihn."""

import argparse
import logging
import os
import sys
import threading

os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")  # so kleine Netze rechnet ein Kern am besten


def file_limit() -> int:
    """So viele Dateien und Verbindungen darf dieser Prozess zugleich offen haben."""
    try:
        import resource
    except ImportError:  # Windows kennt diese Grenze nicht
        return 2048
    return min(resource.getrlimit(resource.RLIMIT_NOFILE)[0], 2048)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m dienst", description="Der Ziffern-Dienst")
    parser.add_argument("--host", default="127.0.0.1", help="0.0.0.0: auch für andere Rechner")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--mit-eltern", action="store_true", help="enden, wenn sich stdin schließt")
    options = parser.parse_args()
    seconds = os.environ.get("POLL_SECONDS", "1")
    if not seconds.replace(".", "", 1).isdecimal() or float(seconds) == 0:
        parser.error(f"POLL_SECONDS={seconds}: Gesucht ist eine Zahl über 0, z. B. 1.")
    print("Der Ziffern-Dienst startet …", flush=True)
    import uvicorn

    from .annahme import Door
    from .app import create_app

    class Server(uvicorn.Server):
        async def startup(self, sockets=None):
            await super().startup(sockets)
            if self.started:
                print(f"http://{options.host}:{options.port} (Ende mit Strg+C)", flush=True)

        def handle_exit(self, sig, frame):
            if not self.started:  # noch beim Laden: Niemand wartet auf eine Antwort
                os._exit(0)
            super().handle_exit(sig, frame)

    logging.basicConfig(format="%(message)s")
    logging.getLogger("dienst").setLevel("INFO")
    # Python reicht das Wort sonst nur alle 5 ms weiter; so antwortet er auch, während ein Modell lädt
    sys.setswitchinterval(0.0002)
    files = file_limit()  # jede Verbindung ist eine, auch eine, die noch auf Annahme wartet
    Door.max_connections = files // 4
    limits = {"http": Door, "backlog": files // 16, "timeout_graceful_shutdown": 2}
    config = uvicorn.Config(create_app(), options.host, options.port, log_level="error", **limits)
    server = Server(config)

    def end_with_parent():
        while os.read(0, 1024):  # leer, sobald der Prozess verschwindet, der uns gestartet hat
            pass
        server.should_exit = True

    if options.mit_eltern:
        threading.Thread(target=end_with_parent, daemon=True).start()
    server.run()


try:
    main()
except KeyboardInterrupt:
    print("Der Dienst endet.", flush=True)
    os._exit(0)  # TensorFlow räumt sonst noch sekundenlang auf
