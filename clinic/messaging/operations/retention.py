"""Forgetting to whom old messages went."""

from datetime import datetime

from sqlalchemy import select, update

from clinic.core.db import db, housekeeping
from clinic.messaging.models import Message
from clinic.messaging.rules import State

BATCH = 500
MOST_BATCHES = 20


def forget_recipients(*, before: datetime) -> None:
    """Erase names and addresses of messages that were posted before and wait no longer.

    What stays is that there was a message, of what kind, about what, and when it went.
    """
    for _ in range(MOST_BATCHES):
        if _forget_some(before=before) < BATCH:
            return


@housekeeping
def _forget_some(*, before: datetime) -> int:
    old = (
        select(Message.id)
        .where(
            Message.recipient_sealed.is_not(None),
            Message.created_at < before,
            Message.state != State.DUE.value,
        )
        .order_by(Message.created_at)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    ids = list(db.session.scalars(old))
    if ids:
        forgotten = update(Message).where(Message.id.in_(ids))
        db.session.execute(forgotten.values(recipient_sealed=None, context_sealed=None))
    return len(ids)
