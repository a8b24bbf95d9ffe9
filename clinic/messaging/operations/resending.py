"""Sending again what was given up."""

from datetime import datetime

from sqlalchemy import select

from clinic.core import audit
from clinic.core.db import db, transaction
from clinic.core.errors import NotFound
from clinic.core.values import Actor
from clinic.messaging.models import Message
from clinic.messaging.rules import State


@transaction
def resend_message(*, public_id: str, actor: Actor, now: datetime) -> None:
    """Let a message that was given up be tried anew; twice is once.

    It keeps its Message-ID, and is still asked whether it is true. A message in another state stays
    as it is. Raises NotFound.
    """
    wanted = select(Message).where(Message.public_id == public_id).with_for_update()
    message = db.session.scalars(wanted).one_or_none()
    if message is None:
        raise NotFound
    if message.state != State.FAILED.value:
        return
    message.state, message.attempts, message.next_try_at = State.DUE.value, 0, now
    audit.record(
        action="message.resent", actor=actor, now=now, subject=f"message:{message.public_id}"
    )
