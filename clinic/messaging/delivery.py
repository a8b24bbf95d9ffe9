"""The worker's duty to send: take what is due, ask whether it is still true, hand it over.

Slices above tie in what only they know (``prepare_with``): the words of a visit as it stands now,
or that the message is no longer wanted. Without a mail server messages stay due.
"""

import logging
import random
import time
import traceback
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from flask import Flask, current_app
from sqlalchemy.exc import SQLAlchemyError

from clinic.core.crypto import CannotOpen
from clinic.core.errors import Unavailable
from clinic.messaging.letters import NoAddress, Office, address_of, speaking, write_letter
from clinic.messaging.operations.sending import settle, take_messages
from clinic.messaging.queries import Parcel, find_leased, is_any_due
from clinic.messaging.rules import (
    GIVEN_BACK,
    SENT,
    Letter,
    Letterhead,
    Outcome,
    dropped,
    put_off,
    refused,
)
from clinic.messaging.smtp import Line, NotTaken
from config_mail import MailServer

log = logging.getLogger(__name__)

BATCH = 10
STARTS_WITHIN_SECONDS = 15.0
"""No message of a batch is begun later: four answers of at most ten seconds each, and the lease of
sixty is still ours when the last one comes."""
TURN_SECONDS = 30.0
SETTLES_WITHIN_SECONDS = 40.0
_EXTENSION = "clinic.messaging"


class Prepare(Protocol):
    """Adds what a kind's templates need, or answers None: the message is no longer wanted."""

    def __call__(self, *, parcel: Parcel, now: datetime) -> Letter | None: ...


class _Post:
    """What this application knows of sending."""

    def __init__(
        self,
        *,
        server: MailServer | None,
        mail_from: str,
        base_url: str,
        letterhead: Callable[[], Letterhead],
    ) -> None:
        self.server = server
        self._mail_from, self._base_url, self._letterhead = mail_from, base_url, letterhead
        self.prepares: dict[str, Prepare] = {}

    def office(self) -> Office:
        return Office(self._mail_from, self._base_url, self._letterhead())


def init_messaging(
    app: Flask,
    *,
    server: MailServer | None,
    mail_from: str,
    base_url: str,
    letterhead: Callable[[], Letterhead],
) -> None:
    """Let the application send mail; ``letterhead`` is asked at each turn."""
    app.extensions[_EXTENSION] = _Post(
        server=server, mail_from=mail_from, base_url=base_url, letterhead=letterhead
    )


def prepare_with(app: Flask, prepare: Prepare, *, kinds: tuple[str, ...]) -> None:
    """Let ``prepare`` be asked just before each message of these kinds is sent."""
    _post(app).prepares.update(dict.fromkeys(kinds, prepare))


def can_send() -> bool:
    """Whether a mail server is configured."""
    return _post(current_app).server is not None


def clinic_zone() -> str:
    """Where the clinic's desk looks at the clock."""
    return _post(current_app).office().letterhead.zone


def _post(app: Flask) -> _Post:
    found: _Post = app.extensions[_EXTENSION]
    return found


class _Watch:
    """The present instant, counted on from the one that the worker gave."""

    def __init__(self, now: datetime) -> None:
        self._began_at, self._began = now, time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began

    def now(self) -> datetime:
        return self._began_at + timedelta(seconds=self.seconds)


def deliver(*, now: datetime) -> None:
    """Send what is due, for half a minute at most; raises Unreachable before anything was taken.

    While the server cannot be reached no message loses an attempt: only the worker waits.
    """
    post = _post(current_app)
    if post.server is None or not is_any_due(now=now):
        return
    watch, office = _Watch(now), post.office()
    with Line(post.server, our_name=office.domain) as line:
        while _deliver_batch(post, office, line, watch) and watch.seconds < TURN_SECONDS:
            pass


def _deliver_batch(post: _Post, office: Office, line: Line, watch: _Watch) -> bool:
    """Send one batch; whether there may be more and the line still holds."""
    taken_at = watch.seconds
    lease, ids = take_messages(limit=BATCH, now=watch.now())
    for ident in ids:
        is_late = watch.seconds - taken_at > STARTS_WITHIN_SECONDS
        if line.is_broken or is_late:
            _settle(ident, lease, GIVEN_BACK, watch)
        elif (parcel := _open(ident, lease, watch)) is not None:
            outcome = _send(post, office, line, parcel, watch)
            _settle(ident, lease, outcome, watch)
            log.info("message %s of kind %s: %s", parcel.public_id, parcel.kind, outcome.state)
    return len(ids) == BATCH and not line.is_broken


def _open(ident: int, lease: str, watch: _Watch) -> Parcel | None:
    try:
        return find_leased(message_id=ident, lease=lease)
    except CannotOpen:
        _settle(ident, lease, refused("it cannot be opened with our keys"), watch)
        return None


def _send(post: _Post, office: Office, line: Line, parcel: Parcel, watch: _Watch) -> Outcome:
    try:
        letter = _prepare(post, parcel, watch)
        if letter is None:
            return dropped("no longer true")
        mail = write_letter(parcel=parcel, letter=letter, office=office, now=watch.now())
        to = address_of(parcel.recipient).addr_spec
        line.send(sender=office.sender, to=to, content=mail.as_bytes())
    except NoAddress:
        return refused("the address cannot be one")
    except NotTaken as error:
        return refused(error.reason) if error.is_final else _later(parcel, error.reason)
    except (Unavailable, SQLAlchemyError):
        raise
    except Exception as error:  # noqa: BLE001 - one message's fault must not stop the others
        where = "".join(traceback.format_tb(error.__traceback__)[-3:])
        log.warning("message of kind %s: %s\n%s", parcel.kind, type(error).__name__, where)
        return _later(parcel, "it could not be written")
    return SENT


def _prepare(post: _Post, parcel: Parcel, watch: _Watch) -> Letter | None:
    prepare = post.prepares.get(parcel.kind)
    if prepare is None:
        return Letter()
    with speaking(parcel.recipient.language):
        return prepare(parcel=parcel, now=watch.now())


def _later(parcel: Parcel, why: str) -> Outcome:
    chance = random.random()  # noqa: S311 - jitter
    return put_off(why=why, attempts=parcel.attempts, chance=chance)


def _settle(ident: int, lease: str, outcome: Outcome, watch: _Watch) -> None:
    """Write the outcome; what was sent is not let go of while the lease holds, lest it go twice."""
    began = watch.seconds
    while True:
        try:
            settle(message_id=ident, lease=lease, outcome=outcome, now=watch.now())
        except Unavailable:
            if outcome is not SENT or watch.seconds - began > SETTLES_WITHIN_SECONDS:
                raise
            time.sleep(0.5)
        else:
            return
