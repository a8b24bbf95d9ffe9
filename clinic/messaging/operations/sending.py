"""Taking messages to send, and writing down what became of them.

A message is taken by a lease that ends by itself, so that a worker that dies loses none; what a
worker writes counts only while its lease stands. Sending itself happens between the two, outside
any transaction.
"""

from datetime import datetime, timedelta

from sqlalchemy import select, update

from clinic.core.db import db, housekeeping
from clinic.core.types import new_public_id
from clinic.messaging.models import Message
from clinic.messaging.rules import Outcome, State

LEASE = timedelta(seconds=60)
EXPIRED = "not sent in time"


@housekeeping
def take_messages(*, limit: int, now: datetime) -> tuple[str, tuple[int, ...]]:
    """Lease up to so many messages that are due, the longest waiting first: lease and ids.

    Messages whose ``valid_until`` has passed are dropped on the way. What another worker is taking
    at this moment is left to it.
    """
    wanted = (
        select(Message)
        .where(Message.state == State.DUE.value, Message.next_try_at <= now)
        .order_by(Message.next_try_at, Message.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    lease, taken = new_public_id(), []
    for message in db.session.scalars(wanted):
        if message.valid_until is not None and message.valid_until <= now:
            message.state, message.last_error = State.DROPPED.value, EXPIRED
            message.lease, message.context = None, None
        else:
            message.lease, message.next_try_at = lease, now + LEASE
            taken.append(message.id)
    return lease, tuple(taken)


@housekeeping
def drop_waiting(*, why: str) -> None:
    """Let nothing go out that still waits; for a clinic that was made up."""
    waiting = update(Message).where(Message.state == State.DUE.value)
    dropped = {"state": State.DROPPED.value, "last_error": why, "lease": None}
    db.session.execute(waiting.values(**dropped, context_sealed=None))


@housekeeping
def settle(*, message_id: int, lease: str, outcome: Outcome, now: datetime) -> bool:
    """Write what became of a message; False, and nothing changed, when the lease was lost.

    What was sent or dropped forgets its context, which may hold a code or a link.
    """
    changed: dict[str, object] = {
        "state": outcome.state.value,
        "lease": None,
        "last_error": outcome.error,
        "next_try_at": now + timedelta(seconds=outcome.pause_seconds),
        "attempts": Message.attempts + int(outcome.is_attempt),
    }
    if outcome.state is State.SENT:
        changed["sent_at"] = now
    if outcome.state in {State.SENT, State.DROPPED}:
        changed["context_sealed"] = None
    mine = update(Message).where(Message.id == message_id, Message.lease == lease)
    found = db.session.execute(mine.values(changed).returning(Message.id))
    return found.first() is not None
