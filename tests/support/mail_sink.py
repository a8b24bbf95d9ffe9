"""A real SMTP server in this process that takes mail, or answers as a test tells it."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.support.ports import free_port

Answer = str | None
HANG = "hang"
DROP = "drop"


@dataclass
class Sink:
    """What came, and how the next mails are answered.

    ``on_rcpt`` and ``on_data`` are asked before each answer: a reply line, ``HANG``, ``DROP`` (the
    mail counts as taken, then the line is cut), or None for yes.
    """

    on_rcpt: Callable[[str], Answer] = field(default=lambda _to: None)
    on_data: Callable[[EmailMessage], Answer] = field(default=lambda _mail: None)
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        """For SMTP_URL; answers are waited for as long as can be told."""
        return f"smtp://127.0.0.1:{self.port}?timeout=10"

    @property
    def impatient_url(self) -> str:
        """For SMTP_URL where the server hangs: answers are waited for one second."""
        return f"smtp://127.0.0.1:{self.port}?timeout=1"

    def wait_for(self, count: int, *, within_seconds: float = 60) -> float:
        """Seconds until so many mails are there; AssertionError when they do not come."""
        began = time.monotonic()
        while len(self.mails) < count:
            waited = time.monotonic() - began
            assert waited < within_seconds, f"{len(self.mails)} of {count} mails came"
            time.sleep(0.01)
        return time.monotonic() - began

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, to: str, _options: Any
    ) -> str:
        """Answer RCPT TO."""
        answer = await self._answer(self.on_rcpt(to), None)
        if answer == "250 OK":
            envelope.rcpt_tos.append(to)
        return answer

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Answer a whole mail."""
        content = envelope.content
        assert isinstance(content, bytes)
        mail: Any = message_from_bytes(content, policy=default)
        answer = self.on_data(mail)
        if answer in {None, DROP}:
            self.mails.append(mail)
            self.recipients += envelope.rcpt_tos
        return await self._answer(answer, server)

    async def _answer(self, answer: Answer, server: SMTP | None) -> str:
        if answer == HANG:
            await asyncio.sleep(4)
        if answer == DROP and server is not None:
            assert isinstance(server.transport, asyncio.WriteTransport)
            server.transport.abort()
        return answer if answer and answer[0].isdigit() else "250 OK"


@contextmanager
def running_sink(*, port: int | None = None) -> Iterator[Sink]:
    """A mail server on a free port, or on the given one, until the block ends."""
    sink = Sink(port=port or free_port())
    # A name of its own: it would ask the network for that of the machine, at each connection.
    place: dict[str, Any] = {"hostname": "127.0.0.1", "port": sink.port}
    controller = Controller(sink, **place, ready_timeout=60, server_hostname="sink.example")
    controller.start()
    try:
        yield sink
    finally:
        controller.stop()
