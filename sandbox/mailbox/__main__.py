"""``python -m sandbox.mailbox --smtp-port 8002 --http-port 8001 --file mails.sqlite3``.

Texts come by HTTP, as to Twilio; ``--texts-webhook`` is where the clinic hears what phones answer.
"""

import argparse
import asyncio
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from werkzeug.serving import WSGIRequestHandler, make_server

from sandbox.mailbox.pages import make_app
from sandbox.mailbox.store import Store
from sandbox.mailbox.texts import Texts

HOST = "127.0.0.1"


REFUSED = {
    "bounce.example": "550 5.1.1 There is nobody of this name here",
    "later.example": "451 4.2.0 This mailbox takes nothing now",
}
"""Who lives there gets nothing, so that one sees what the clinic does then."""


class Taking:
    """Takes every mail for everybody, but for two domains."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, to: str, _options: Any
    ) -> str:
        """Refuse those for whom nothing is taken."""
        refused = REFUSED.get(to.rpartition("@")[2].casefold())
        if refused is None:
            envelope.rcpt_tos.append(to)
        return refused or "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Keep it, and say so only then."""
        content = envelope.content
        body = content if isinstance(content, bytes) else str(content).encode()
        await asyncio.to_thread(self._store.add, body, recipients=envelope.rcpt_tos)
        return "250 OK"


class Quiet(WSGIRequestHandler):
    """Writes no line for each page."""

    def log_request(self, *_args: Any, **_more: Any) -> None:
        """Nothing."""


def main() -> int:
    """Serve until SIGTERM or Ctrl-C; exit status 1 when a port is taken."""
    parser = argparse.ArgumentParser(prog="sandbox.mailbox")
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument("--http-port", type=int, required=True)
    parser.add_argument("--file", type=Path, required=True)
    parser.add_argument("--texts-webhook")
    asked = parser.parse_args()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    store, texts = Store(asked.file), Texts(asked.file)
    controller = Controller(Taking(store), hostname=HOST, port=asked.smtp_port)
    try:
        controller.start()
        app = make_app(store, texts, webhook=asked.texts_webhook)
        pages = make_server(HOST, asked.http_port, app, threaded=True, request_handler=Quiet)
    except (OSError, SystemExit) as error:
        print(f"The mailbox cannot listen: {error}", file=sys.stderr)
        return 1
    threading.Thread(target=pages.serve_forever, daemon=True).start()
    stop.wait()
    pages.shutdown()
    controller.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
