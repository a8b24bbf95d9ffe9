"""Posting messages."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Insert, insert
from sqlalchemy.dialects import postgresql, sqlite

from clinic.core.db import db, insert_later
from clinic.core.types import canonical_json, new_public_id
from clinic.messaging.models import Message
from clinic.messaging.queries import address_mac
from clinic.messaging.rules import Channel, Recipient, State, refuse_unknown

_MESSAGES: Any = Message.__table__
_ADD_MESSAGE = insert(_MESSAGES).inline()
_ADD_ONCE: Mapping[str, Insert] = {
    name: dialect.insert(_MESSAGES).on_conflict_do_nothing(index_elements=["once_key"]).inline()
    for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql))
}
_NOTHING: dict[str, Any] = dict.fromkeys(
    column.name for column in _MESSAGES.columns if column.name != "id"
)


def post_message(
    *,
    kind: str,
    recipient: Recipient,
    context: Mapping[str, str],
    about: str,
    now: datetime,
    due_at: datetime | None = None,
    valid_until: datetime | None = None,
    channel: Channel = Channel.EMAIL,
    once_key: str | None = None,
) -> None:
    """Put a message into the outbox with the deed it tells of, inside the running transaction.

    It is sent from ``due_at`` (else at once), and dropped when it could not be sent before
    ``valid_until``. ``about`` is ``kind:public id``, as in the audit trail. A text message goes to
    the recipient's phone; whether it is wanted is the caller's to know, and asked again before it
    is sent. A message with a ``once_key`` that was posted before is not posted again. Raises
    RuntimeError outside a transaction and ValueError for a kind or a context that no template
    knows.
    """
    refuse_unknown(kind=kind, context=context, about=about, channel=channel)
    who = {"name": recipient.name, "email": recipient.email}
    if channel is Channel.SMS:
        who["phone"] = recipient.phone
    public_id = new_public_id()
    message = _NOTHING | {
        "public_id": public_id,
        "kind": kind,
        "channel": channel.value,
        "recipient_sealed": Message.recipient.sealed(canonical_json(who), public_id=public_id),
        "recipient_mac": address_mac(recipient.address(channel)),
        "language": recipient.language,
        "context_sealed": Message.context.sealed(
            canonical_json(dict(context)), public_id=public_id
        ),
        "about": about,
        "patient": recipient.patient,
        "once_key": once_key,
        "state": State.DUE.value,
        "created_at": now,
        "due_at": due_at or now,
        "next_try_at": due_at or now,
        "valid_until": valid_until,
        "attempts": 0,
    }
    insert_later(_ADD_MESSAGE if once_key is None else _ADD_ONCE[db.engine.dialect.name], message)
