"""What is read of the outbox."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, select

from clinic.core.crypto import CannotOpen
from clinic.core.db import db
from clinic.messaging.models import Message
from clinic.messaging.rules import Recipient, State


@dataclass(frozen=True, slots=True)
class Parcel:
    """A message on its way, opened. ``attempts`` is how often it was tried before.

    ``recipient_mac`` is the keyed hash of its address.
    """

    id: int
    public_id: str
    kind: str
    recipient: Recipient
    recipient_mac: str
    context: Mapping[str, str]
    about: str
    created_at: datetime
    attempts: int


@dataclass(frozen=True, slots=True)
class Posted:
    """A message as the desk sees it: to whom, of what kind, how it stands; never what it says.

    ``recipient`` is None where our keys no longer open it.
    """

    public_id: str
    kind: str
    recipient: Recipient | None
    about: str
    state: State
    created_at: datetime
    due_at: datetime
    sent_at: datetime | None
    last_error: str | None


@dataclass(frozen=True, slots=True)
class Told:
    """A message that was posted about something; ``sent_at`` is None until it has gone out."""

    kind: str
    state: State
    sent_at: datetime | None


def is_any_due(*, now: datetime) -> bool:
    """Whether there is a message to send."""
    due = exists().where(Message.state == State.DUE.value, Message.next_try_at <= now)
    return bool(db.session.scalar(select(due)))


def find_leased(*, message_id: int, lease: str) -> Parcel | None:
    """A message of ours that we hold; None when the lease was lost. Raises CannotOpen."""
    wanted = select(Message).where(Message.id == message_id, Message.lease == lease)
    message = db.session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()
    if message is None:
        return None
    return Parcel(
        id=message.id,
        public_id=message.public_id,
        kind=message.kind,
        recipient=recipient_of(message),
        recipient_mac=message.recipient_mac,
        context=json.loads(message.context or "{}"),
        about=message.about,
        created_at=message.created_at,
        attempts=message.attempts,
    )


def list_posted(
    *, only: State | None = None, before: str | None = None, limit: int
) -> tuple[Posted, ...]:
    """Messages, the newest first; ``before`` is the public id of the one that the page follows."""
    wanted = select(Message).order_by(Message.id.desc()).limit(limit)
    if only is not None:
        wanted = wanted.where(Message.state == only.value)
    if before is not None:
        place = select(Message.id).where(Message.public_id == before).scalar_subquery()
        wanted = wanted.where(Message.id < place)
    return tuple(_posted(message) for message in db.session.scalars(wanted))


def count_waiting(*, since: datetime) -> int:
    """How many messages should have gone out before ``since`` and did not."""
    late = select(func.count()).where(Message.state == State.DUE.value, Message.due_at < since)
    return db.session.scalar(late) or 0


def _posted(message: Message) -> Posted:
    try:
        recipient = recipient_of(message)
    except CannotOpen:
        recipient = None
    return Posted(
        public_id=message.public_id,
        kind=message.kind,
        recipient=recipient,
        about=message.about,
        state=State(message.state),
        created_at=message.created_at,
        due_at=message.due_at,
        sent_at=message.sent_at,
        last_error=message.last_error,
    )


def recipient_of(message: Message) -> Recipient:
    """To whom a message goes, opened; raises CannotOpen."""
    to = json.loads(message.recipient or "{}")
    return Recipient(name=to["name"], email=to["email"], language=message.language)


def list_told(*, parcel: Parcel, kinds: Collection[str]) -> tuple[Told, ...]:
    """What was posted to tell the same address of the same thing by these kinds, oldest first."""
    wanted = (
        select(Message.kind, Message.state, Message.sent_at)
        .where(Message.about == parcel.about, Message.kind.in_(kinds))
        .where(Message.recipient_mac == parcel.recipient_mac)
        .order_by(Message.id)
    )
    return tuple(Told(kind, State(state), at) for kind, state, at in db.session.execute(wanted))
