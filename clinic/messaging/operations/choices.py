"""What people tell a carrier: stop, or start again. Nothing of what they write is kept but that."""

from datetime import datetime
from typing import Any

from sqlalchemy import Insert
from sqlalchemy.dialects import postgresql, sqlite

from clinic.core.db import db, housekeeping
from clinic.messaging.models import AddressChoice
from clinic.messaging.queries import address_mac
from clinic.messaging.rules import Channel, Choice

_CHOICES: Any = AddressChoice.__table__
_ADD: dict[str, Insert] = {
    name: dialect.insert(_CHOICES).on_conflict_do_nothing(index_elements=["source"])
    for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql))
}


@housekeeping
def note_choice(
    *, channel: Channel, address: str, choice: Choice, source: str, now: datetime
) -> None:
    """Remember what somebody answered; ``source`` names the answer, which may come twice."""
    _add(channel, address_mac(address), choice, source, now)


@housekeeping
def note_stop(*, channel: Channel, address_mac: str, source: str, now: datetime) -> None:
    """Remember that the carrier lets nothing through to an address any more."""
    _add(channel, address_mac, Choice.STOP, source, now)


def _add(channel: Channel, mac: str, choice: Choice, source: str, now: datetime) -> None:
    row = {
        "channel": channel.value,
        "address_mac": mac,
        "choice": choice.value,
        "source": source,
        "at": now,
    }
    db.session.execute(_ADD[db.engine.dialect.name], row)
