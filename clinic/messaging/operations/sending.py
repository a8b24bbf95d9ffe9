"""Taking messages to send, and writing down what became of them.

A message is taken by a lease that ends by itself, so that a worker that dies loses none; what a
worker writes counts only while its lease stands. Sending itself happens between the two, outside
any transaction. Messages are taken many at once. What was sent is noted one by one, before the next
one is handed over: that is all that a worker that is killed can repeat.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, bindparam, select, text, update
from sqlalchemy.engine import Row

from clinic.core.crypto import CannotOpen
from clinic.core.db import current_connection, db, housekeeping
from clinic.core.jotting import Jotter
from clinic.core.types import Instant, new_public_id
from clinic.messaging.models import URGENT_DUE, Message
from clinic.messaging.queries import Parcel, open_parcel
from clinic.messaging.rules import URGENT, Channel, Outcome, State

LEASE = timedelta(seconds=60)
EXPIRED = "not sent in time"
LOST = "it cannot be opened with our keys"
OVER = frozenset({State.SENT, State.DROPPED})
_INSTANT = Instant()
_MESSAGES: Any = Message.__table__
_DUE = (
    select(_MESSAGES)
    .where(
        _MESSAGES.c.channel == bindparam("asked_channel"),
        _MESSAGES.c.next_try_at <= bindparam("asked_now", type_=_MESSAGES.c.next_try_at.type),
    )
    .order_by(_MESSAGES.c.next_try_at, _MESSAGES.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_URGENT = _DUE.where(text(URGENT_DUE))
_WANTED = _DUE.where(_MESSAGES.c.state == State.DUE.value, _MESSAGES.c.kind.not_in(URGENT))
_SETTLE = (
    update(_MESSAGES)
    .where(_MESSAGES.c.id == bindparam("of_id"), _MESSAGES.c.lease == bindparam("of_lease"))
    .values(
        state=bindparam("new_state"),
        lease=None,
        last_error=bindparam("new_error"),
        next_try_at=bindparam("new_try_at", type_=_MESSAGES.c.next_try_at.type),
        sent_at=bindparam("new_sent_at", type_=_MESSAGES.c.sent_at.type),
        attempts=_MESSAGES.c.attempts + bindparam("tried"),
    )
)
_FORGET = _SETTLE.values(context_sealed=None)
_SENT = """UPDATE messages SET state = 'sent', lease = NULL, last_error = NULL, next_try_at = :at,
sent_at = :at, attempts = attempts + 1, context_sealed = NULL WHERE id = :id AND lease = :lease"""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a message, and when."""

    message_id: int
    outcome: Outcome
    at: datetime


@housekeeping
def take_parcels(
    *, limit: int, now: datetime, channel: Channel = Channel.EMAIL
) -> tuple[str, tuple[Parcel, ...]]:
    """Lease up to so many messages that are due: lease and parcels.

    The urgent kinds come first, else what waits longest.

    Messages whose ``valid_until`` has passed are dropped on the way, and those that our keys do not
    open given up. What another worker is taking at this moment is left to it.
    """
    asked = {"asked_channel": channel.value, "asked_now": now}
    rows = list(current_connection().execute(_URGENT, {**asked, "most": limit}))
    rows += current_connection().execute(_WANTED, {**asked, "most": limit - len(rows)})
    late = [row.id for row in rows if row.valid_until is not None and row.valid_until <= now]
    opened = {row.id: _opened(row) for row in rows if row.id not in set(late)}
    lease = new_public_id()
    _end(late, State.DROPPED, EXPIRED)
    _end([ident for ident, one in opened.items() if one is None], State.FAILED, LOST)
    parcels = tuple(one for one in opened.values() if one is not None)
    if parcels:
        taken = update(_MESSAGES).where(_MESSAGES.c.id.in_([one.id for one in parcels]))
        db.session.execute(taken.values(lease=lease, next_try_at=now + LEASE))
    return lease, parcels


def _opened(row: Row[Any]) -> Parcel | None:
    try:
        return open_parcel(row)
    except CannotOpen:
        return None


def _end(ids: Sequence[int], state: State, why: str) -> None:
    if ids:
        ended = update(_MESSAGES).where(_MESSAGES.c.id.in_(ids))
        changed: dict[str, Any] = {"state": state.value, "last_error": why, "lease": None}
        if state is State.DROPPED:
            changed["context_sealed"] = None
        db.session.execute(ended.values(changed))


@housekeeping
def drop_waiting(*, why: str) -> None:
    """Let nothing go out that still waits; for a clinic that was made up."""
    waiting = update(Message).where(Message.state == State.DUE.value)
    dropped = {"state": State.DROPPED.value, "last_error": why, "lease": None}
    db.session.execute(waiting.values(**dropped, context_sealed=None))


class SentNotes(Jotter):
    """Writes down what was sent, message by message; for a thread that has no application.

    Between two mails nothing else costs as much, so it does not wait for the disk: a worker that is
    killed has written it, a machine that fails may send again what it had not.
    """

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine, _SENT)
        self._dialect = engine.dialect

    def add(self, *, message_id: int, lease: str, at: datetime, is_flushed: bool) -> None:
        """The message was sent; nothing is changed when its lease was lost.

        It forgets its context, which may hold a code or a link.
        """
        self.write(self._told(message_id, lease, at), is_flushed=is_flushed)

    def add_soon(self, *, message_id: int, lease: str, at: datetime) -> None:
        """The same, not waiting for the disk; it is written once ``end`` has returned."""
        self.begin(self._told(message_id, lease, at))

    def _told(self, message_id: int, lease: str, at: datetime) -> dict[str, Any]:
        told = _INSTANT.process_bind_param(at, self._dialect)
        return {"id": message_id, "lease": lease, "at": told}


@housekeeping
def settle(*, lease: str, results: Sequence[Result]) -> None:
    """Write what became of messages; nothing is changed of those whose lease was lost.

    What was sent or dropped forgets its context, which may hold a code or a link.
    """
    for statement, is_over in ((_FORGET, True), (_SETTLE, False)):
        values = [_values(one, lease) for one in results if (one.outcome.state in OVER) is is_over]
        if values:
            current_connection().execute(statement, values)


def _values(result: Result, lease: str) -> dict[str, Any]:
    outcome = result.outcome
    return {
        "of_id": result.message_id,
        "of_lease": lease,
        "new_state": outcome.state.value,
        "new_error": outcome.error,
        "new_try_at": result.at + timedelta(seconds=outcome.pause_seconds),
        "new_sent_at": result.at if outcome.state is State.SENT else None,
        "tried": int(outcome.is_attempt),
    }
