"""Posting messages."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert

from clinic.core.crypto import keyring
from clinic.core.db import insert_later
from clinic.core.types import canonical_json
from clinic.messaging.models import Message
from clinic.messaging.rules import CHANNEL, Recipient, State, refuse_unknown

ADDRESS = "message-address"
_MESSAGES: Any = Message.__table__
_ADD_MESSAGE = insert(_MESSAGES).inline()
_COLUMNS = tuple(column.name for column in _MESSAGES.columns if column.name != "id")


def post_message(
    *,
    kind: str,
    recipient: Recipient,
    context: Mapping[str, str],
    about: str,
    now: datetime,
    due_at: datetime | None = None,
    valid_until: datetime | None = None,
) -> None:
    """Put a message into the outbox with the deed it tells of, inside the running transaction.

    It is sent from ``due_at`` (else at once), and dropped when it could not be sent before
    ``valid_until``. ``about`` is ``kind:public id``, as in the audit trail. Raises RuntimeError
    outside a transaction and ValueError for a kind or a context that no template knows.
    """
    refuse_unknown(kind=kind, context=context, about=about)
    message = Message(
        kind=kind,
        channel=CHANNEL,
        recipient_mac=address_mac(recipient.email),
        language=recipient.language,
        about=about,
        state=State.DUE.value,
        created_at=now,
        due_at=due_at or now,
        next_try_at=due_at or now,
        valid_until=valid_until,
        attempts=0,
    )
    message.recipient = canonical_json({"name": recipient.name, "email": recipient.email})
    message.context = canonical_json(dict(context))
    insert_later(_ADD_MESSAGE, {name: getattr(message, name) for name in _COLUMNS})


def address_mac(email: str) -> str:
    """A keyed hash of an address, by which its messages are found without being read."""
    return keyring().mac(ADDRESS, email.strip().casefold())
