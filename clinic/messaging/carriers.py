"""How each channel carries a message: one interface over the mail server and the text service.

A carrier is opened once for many messages. Writing needs the application and the database; what it
gives back only hands over, so that it can be done in another thread while the next one is written.
"""

from collections.abc import Callable
from datetime import datetime
from types import TracebackType
from typing import Protocol, Self

from clinic.messaging.letters import Office, address_of, number_of, write_letter, write_text
from clinic.messaging.queries import Parcel
from clinic.messaging.rules import Letter
from clinic.messaging.smtp import Line
from clinic.messaging.twilio import TextLine
from config_mail import MailServer
from config_sms import SmsService

HandOver = Callable[[], None]


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
        """The message in words, ready to be handed over; raises NoAddress.

        Handing over raises NotTaken or Unreachable.
        """
        ...


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
        to = address_of(parcel.recipient).addr_spec
        mail = write_letter(parcel=parcel, letter=letter, office=self._office, now=now)
        content, sender = mail.as_bytes(), self._office.sender
        return lambda: self._line.send(sender=sender, to=to, content=content)


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
        return lambda: self._line.send(to=to, text=text)
