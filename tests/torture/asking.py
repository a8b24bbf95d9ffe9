"""Plain HTTP to a server that may be killed at any moment."""

import http.client
import json
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

API = "/api/v1"
TIMEOUT_SECONDS = 12.0


class Lost(Exception):
    """No answer came: whether the request was carried out is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One request; ``path`` starts after /api/v1 unless it is a page's."""

    path: str
    method: str = "POST"
    body: Any = None
    token: str | None = None
    key: str | None = None
    version: int | None = None
    page: bool = False

    @property
    def headers(self) -> dict[str, str]:
        """What goes before the body."""
        wanted = {
            "Content-Type": "application/json" if self.body is not None else None,
            "Authorization": f"Bearer {self.token}" if self.token else None,
            "Idempotency-Key": self.key,
            "If-Match": None if self.version is None else f'"{self.version}"',
            "Connection": "close",
        }
        return {name: value for name, value in wanted.items() if value is not None}

    @property
    def address(self) -> str:
        """The path on the server."""
        return self.path if self.page else f"{API}{self.path}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back and how long it took; ``body`` is parsed JSON, or text for pages."""

    status: int
    body: Any
    seconds: float
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def code(self) -> str:
        """The code of a problem, empty for anything else."""
        told = self.body.get("type", "") if isinstance(self.body, dict) else ""
        return str(told).rstrip("/").rpartition("/")[2].rpartition(":")[2]


def ask(port: int, wanted: Ask) -> Answer:
    """Send the request; raises Lost when no whole answer comes."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)
    with closing(connection):
        return _send(connection, wanted)


def _send(connection: http.client.HTTPConnection, wanted: Ask) -> Answer:
    started = time.monotonic()
    body = None if wanted.body is None else json.dumps(wanted.body)
    try:
        connection.request(wanted.method, wanted.address, body=body, headers=wanted.headers)
        response = connection.getresponse()
        raw = response.read()
    except (OSError, http.client.HTTPException) as error:
        seconds = time.monotonic() - started
        raise Lost(f"{type(error).__name__} after {seconds:.2f} s") from error
    headers = {name.lower(): value for name, value in response.getheaders()}
    text = raw.decode(errors="replace")
    told = json.loads(text) if "json" in headers.get("content-type", "") else text
    return Answer(response.status, told, time.monotonic() - started, headers)


def at_once(port: int, wanted: Sequence[Ask]) -> list[Answer]:
    """Send all requests at the same moment; each has its connection already."""
    barrier = threading.Barrier(len(wanted))

    def go(one: Ask) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)
        with closing(connection):
            connection.connect()
            barrier.wait()
            return _send(connection, one)

    with ThreadPoolExecutor(len(wanted)) as pool:
        return list(pool.map(go, wanted))
