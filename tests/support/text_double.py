"""A text message service in this process: takes texts as Twilio does, or answers as told."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

ACCOUNT = "AC" + "0" * 32
TOKEN = "a-token-that-opens-nothing"
NUMBER = "+12125550199"
Answer = tuple[int, dict[str, object]]


@dataclass
class TextDouble:
    """What came, and how the next texts are answered: a status and the service's JSON."""

    on_text: Callable[[dict[str, str]], Answer] = field(
        default=lambda _fields: (201, dict[str, object](sid="SM" + "0" * 32, status="queued"))
    )
    texts: list[dict[str, str]] = field(default_factory=list)
    authorizations: list[str] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        """For SMS_URL; answers are waited for as long as can be told."""
        return f"twilio+http://{ACCOUNT}:{TOKEN}@127.0.0.1:{self.port}?from={NUMBER}&timeout=10"


@contextmanager
def running_text_double() -> Iterator[TextDouble]:
    """The service on a free port, until the block ends."""
    double = TextDouble()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            fields = dict(parse_qsl(body))
            status, said = double.on_text(fields)
            if self.path != f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json":
                status, said = 404, {"code": 20404}
            if status == 201:
                double.texts.append(fields)
                double.authorizations.append(self.headers["Authorization"])
            answer = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    double.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield double
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
