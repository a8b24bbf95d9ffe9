"""How each channel carries a message: one interface over the mail server and the text service.

A carrier is opened once for many messages. Handing one over has a beginning and an end, so that the
next one can be written while the other side thinks about this one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Protocol, Self

from clinic.messaging.letters import Office, number_of, write_letter, write_text
from clinic.messaging.queries import Parcel
from clinic.messaging.rules import Letter
from clinic.messaging.smtp import Line
from clinic.messaging.twilio import TextLine
from config_mail import MailServer
from config_sms import SmsService


class HandOver(Protocol):
    """A message in words; both steps raise NotTaken or Unreachable."""

    def begin(self, *, only_after: Callable[[], None]) -> None:
        """Hand it over. ``only_after`` is called before the other side could take it for given, as
        late as that allows; what it raises goes through."""
        ...

    def end(self) -> None:
        """Wait until it is taken."""
        ...


class Carrier(Protocol):
    """Takes messages of one channel to whoever delivers them."""

    @property
    def is_broken(self) -> bool:
        """Whether nothing more can be sent on it."""
        ...

    def __enter__(self) -> Self:
        """Connect; raises Unreachable."""
        ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Say goodbye."""
        ...

    def write(self, *, parcel: Parcel, letter: Letter, now: datetime) -> HandOver:
        """The message in words, ready to be handed over; raises NoAddress."""
        ...


@dataclass(frozen=True, slots=True)
class _Mail:
    line: Line
    sender: str
    to: str
    content: bytes

    def begin(self, *, only_after: Callable[[], None]) -> None:
        self.line.announce(sender=self.sender, to=self.to)
        only_after()
        self.line.give(self.content)

    def end(self) -> None:
        self.line.end()


@dataclass(frozen=True, slots=True)
class _Text:
    line: TextLine
    to: str
    text: str

    def begin(self, *, only_after: Callable[[], None]) -> None:
        only_after()
        self.line.send(to=self.to, text=self.text)

    def end(self) -> None:
        """Nothing is left to wait for."""


class MailCarrier:
    """E-mail, by SMTP."""

    def __init__(self, server: MailServer, office: Office) -> None:
        self._line = Line(server, our_name=office.domain)
        self._office = office

    @property
    def is_broken(self) -> bool:
        """Whether nothing more can be sent on it."""
        return self._line.is_broken

    def __enter__(self) -> Self:
        """Connect; raises Unreachable."""
        self._line.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Say goodbye."""
        self._line.__exit__(kind, error, trace)

    def write(self, *, parcel: Parcel, letter: Letter, now: datetime) -> HandOver:
        """The whole mail; raises NoAddress."""
        mail = write_letter(parcel=parcel, letter=letter, office=self._office, now=now)
        return _Mail(self._line, self._office.sender, mail.to.addr_spec, mail.as_bytes())


class TextCarrier:
    """Text messages, by the service's API."""

    def __init__(self, service: SmsService, office: Office) -> None:
        self._line = TextLine(service)
        self._office = office

    @property
    def is_broken(self) -> bool:
        """Whether nothing more can be sent on it."""
        return self._line.is_broken

    def __enter__(self) -> Self:
        """Make ready."""
        self._line.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close."""
        self._line.__exit__(kind, error, trace)

    def write(self, *, parcel: Parcel, letter: Letter, now: datetime) -> HandOver:
        """The text; raises NoAddress."""
        del now  # a text has no date of its own
        to = number_of(parcel.recipient)
        text = write_text(parcel=parcel, letter=letter, office=self._office)
        return _Text(self._line, to, text)
