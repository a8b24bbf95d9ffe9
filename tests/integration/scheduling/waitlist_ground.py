"""What the tests of the waitlist have in common: a small clinic whose Tuesday is full."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from clinic.core.db import db
from clinic.core.values import PUBLIC
from clinic.messaging.models import Message
from clinic.scheduling.operations.steps import take_step
from clinic.scheduling.operations.waitlist import (
    join_waitlist,
    take_offer,
)
from clinic.scheduling.queries.visits import Visit
from clinic.scheduling.queries.waitlist import (
    OfferedSlot,
    WaitingEntry,
    get_entry,
)
from clinic.scheduling.rules.status import Action
from clinic.scheduling.rules.waitlist import WaitWish
from tests.integration.scheduling.a_clinic import CLINIC, FRONT_DESK, NOW, book, local, person

TUESDAY, WEDNESDAY = date(2026, 3, 3), date(2026, 3, 4)
SHORT = CLINIC.replace('to = "17:00"', 'to = "10:00"')
"""Each practitioner has one time for an evaluation a day, at nine."""
NINE = local("2026-03-03 09:00")


def fill(day: str = "2026-03-03") -> tuple[Visit, Visit]:
    return book(f"{day} 09:00", who=10), book(f"{day} 09:00", practitioner="q", who=11)


def join(who: int = 1, *, now: datetime = NOW, actor: Any = PUBLIC, **changes: Any) -> WaitingEntry:
    asked = {"service": "eval", "from_date": TUESDAY, "to_date": TUESDAY, **changes}
    return join_waitlist(wish=WaitWish(**asked), patient=person(who), actor=actor, now=now)


def cancel(visit: Visit, *, now: datetime = NOW, actor: Any = FRONT_DESK) -> None:
    take_step(
        public_id=visit.public_id, action=Action.CANCEL, actor=actor, now=now, reason="A reason."
    )


def offer_of(entry: WaitingEntry) -> OfferedSlot:
    found = get_entry(entry.public_id).offer
    assert found is not None
    return found


def offered(who: int = 1) -> WaitingEntry:
    """An entry to which Tuesday at nine with P is offered."""
    visit, _ = fill()
    entry = join(who)
    cancel(visit)
    return get_entry(entry.public_id)


def take(entry: WaitingEntry, *, now: datetime = NOW, actor: Any = PUBLIC) -> WaitingEntry:
    offer = offer_of(entry).public_id
    return take_offer(public_id=entry.public_id, offer=offer, actor=actor, now=now)


def kinds() -> list[str]:
    return [one.kind for one in db.session.scalars(select(Message).order_by(Message.id))]


def statuses(*entries: WaitingEntry) -> list[str]:
    return [get_entry(one.public_id).status.value for one in entries]
