"""What is read of the outbox."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select

from clinic.core.db import db
from clinic.messaging.models import Message
from clinic.messaging.rules import Recipient, State


@dataclass(frozen=True, slots=True)
class Parcel:
    """A message on its way, opened. ``attempts`` is how often it was tried before."""

    id: int
    public_id: str
    kind: str
    recipient: Recipient
    context: Mapping[str, str]
    about: str
    created_at: datetime
    attempts: int


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
        context=json.loads(message.context or "{}"),
        about=message.about,
        created_at=message.created_at,
        attempts=message.attempts,
    )


def recipient_of(message: Message) -> Recipient:
    """To whom a message goes, opened; raises CannotOpen."""
    to = json.loads(message.recipient or "{}")
    return Recipient(name=to["name"], email=to["email"], language=message.language)


def list_told(*, about: str, kinds: Collection[str]) -> tuple[Told, ...]:
    """What was posted to tell of a thing by messages of these kinds, the oldest first."""
    wanted = (
        select(Message.kind, Message.state, Message.sent_at)
        .where(Message.about == about, Message.kind.in_(kinds))
        .order_by(Message.id)
    )
    return tuple(Told(kind, State(state), at) for kind, state, at in db.session.execute(wanted))
