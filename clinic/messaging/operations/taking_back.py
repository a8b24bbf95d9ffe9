"""Taking back what waits to be sent."""

from collections.abc import Collection

from sqlalchemy import select, update

from clinic.core.db import db
from clinic.messaging.models import Message
from clinic.messaging.rules import State


def take_back(*, about: str, kinds: Collection[str], why: str) -> None:
    """Let messages about one thing not go out that wait still, inside the running transaction.

    Their keys are free again, so that what becomes true once more can be posted once more. One that
    a worker has in hand is left to it: it asks by itself, just before it sends, whether it is true.
    """
    waiting = (
        select(Message.id)
        .where(
            Message.about == about,
            Message.kind.in_(kinds),
            Message.state == State.DUE.value,
            Message.lease.is_(None),
        )
        .order_by(Message.id)
        .with_for_update()
    )
    found = db.session.scalars(waiting).all()
    if found:
        dropped = {"state": State.DROPPED.value, "last_error": why, "once_key": None}
        taken = update(Message).where(Message.id.in_(found))
        db.session.execute(taken.values(**dropped, context_sealed=None))
