"""``python -m sandbox.stripe --port 8003 --webhook http://.../webhook --file stripe.json``."""

import argparse
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server

from sandbox.stripe.app import make_app
from sandbox.stripe.state import State

HOST = "127.0.0.1"


class Quiet(WSGIRequestHandler):
    """Writes no line for each page."""

    def log_request(self, *_args: Any, **_more: Any) -> None:
        """Nothing."""


def main() -> int:
    """Serve until SIGTERM or Ctrl-C; exit status 1 when the port is taken."""
    parser = argparse.ArgumentParser(prog="sandbox.stripe")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--webhook", required=True)
    parser.add_argument("--file", type=Path, required=True)
    asked = parser.parse_args()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    app = make_app(State(file=asked.file), webhook=asked.webhook)
    try:
        server = make_server(HOST, asked.port, app, threaded=True, request_handler=Quiet)
    except (OSError, SystemExit) as error:
        print(f"The payment service cannot listen: {error}", file=sys.stderr)
        return 1
    threading.Thread(target=server.serve_forever, daemon=True).start()
    stop.wait()
    server.shutdown()
    return 0


if __name__ == "__main__":
    sys.exit(main())
