"""One client on one connection, light enough not to hide what a server does."""

import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, and how many bytes of it went over the wire."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    wire_bytes: int


class Client:
    """Speaks HTTP/1.1 to one server, one request after the other."""

    def __init__(self, base_url: str, *, headers: Mapping[str, str] | None = None) -> None:
        parts = urlsplit(base_url)
        self._place = (parts.hostname or "", parts.port or 80)
        self._headers = {"Host": parts.netloc, **(headers or {})}
        self._socket: socket.socket | None = None

    def ask(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """The answer to a request; a connection that the server has closed is opened anew."""
        sent_headers = {**self._headers, **(headers or {})}
        if body:
            sent_headers = {"Content-Type": "application/json", **sent_headers}
            sent_headers["Content-Length"] = str(len(body))
        lines = "".join(f"{name}: {value}\r\n" for name, value in sent_headers.items())
        sent = f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + body
        is_new = self._socket is None
        try:
            return self._exchange(sent)
        except ConnectionError:
            self.close()
            if is_new:
                raise
            return self._exchange(sent)

    def close(self) -> None:
        """Hang up."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _exchange(self, sent: bytes) -> Answer:
        if self._socket is None:
            self._socket = socket.create_connection(self._place, timeout=30)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(sent)
        head, _, rest = self._until_headers().partition(b"\r\n\r\n")
        status, headers = _parsed(head)
        length = int(headers.get("content-length", 0))
        body = bytearray(length)
        body[: len(rest)] = rest
        view, place = memoryview(body), len(rest)
        while place < length:
            count = self._socket.recv_into(view[place:])
            if not count:
                raise ConnectionResetError("the answer ended early")
            place += count
        if headers.get("connection", "").lower() == "close":
            self.close()
        return Answer(status, headers, bytes(body), len(head) + 4 + length)

    def _until_headers(self) -> bytes:
        found = b""
        while b"\r\n\r\n" not in found:
            part = self._socket.recv(65536) if self._socket else b""
            if not part:
                raise ConnectionResetError("no answer")
            found += part
        return found


def _parsed(head: bytes) -> tuple[int, dict[str, str]]:
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines)
    return int(first.split()[1]), {name.lower(): value.strip() for name, _, value in pairs}


def alternate(calls: Mapping[str, Callable[[], None]], *, rounds: int) -> dict[str, float]:
    """The median milliseconds of each call, all of them taking turns.

    What the machine does besides falls on all alike. Each round begins with another call.
    """
    took: dict[str, list[float]] = {name: [] for name in calls}
    names = list(calls)
    for number in range(rounds):
        shift = number % len(names)
        for name in names[shift:] + names[:shift]:
            began = time.perf_counter()
            calls[name]()
            took[name].append((time.perf_counter() - began) * 1000)
    return {name: median(times) for name, times in took.items()}
