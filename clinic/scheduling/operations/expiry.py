"""Removing what time has ended: expired holds and past claims.

Expired holds already count as free wherever somebody looks; they are removed before a booking, in
a transaction of their own (in the booking's own transaction every variant deadlocked).
"""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, select

from clinic.core.db import db, housekeeping
from clinic.scheduling.models import Claim, Hold, Seat
from clinic.scheduling.operations.placing import lock_occurrence, settle_occurrence

PAST_CLAIMS_STAY = timedelta(days=1)
"""Staff book up to 12 hours back, so claims of the last day still count."""
HOLDS_STAY = timedelta(days=1)
"""A visitor who comes back with an old page is still told what became of the time."""


_SEAT = Seat.__table__.c
_ANY_EXPIRED = select(_SEAT.number).where(_SEAT.expires_at <= bindparam("now")).limit(1)


def remove_expired_holds(*, now: datetime) -> int:
    """Free the times of holds that have expired; answers how many. Costs one look when none has."""
    if db.session.connection().scalar(_ANY_EXPIRED, {"now": now}) is None:
        return 0
    return _remove_expired_holds(now=now)


@housekeeping
def _remove_expired_holds(*, now: datetime) -> int:
    wanted = (
        select(Hold)
        .join(Seat, Seat.hold_id == Hold.id)
        .where(Seat.expires_at <= now)
        .order_by(Hold.id)
        .limit(200)
        .with_for_update(skip_locked=True, of=Hold)
    )
    holds = list(db.session.scalars(wanted))
    for hold in holds:
        give_back(hold, now=now)
    return len(holds)


def give_back(hold: Hold, *, now: datetime) -> None:
    """Free the time of a hold, inside the transaction of whoever asks."""
    hold.released_at = now
    db.session.execute(delete(Seat).where(Seat.hold_id == hold.id))
    settle_occurrence(lock_occurrence(hold.occurrence_id))


@housekeeping
def remove_past(*, now: datetime, limit: int = 1000) -> int:
    """Drop claims and seats that ended over a day ago; answers how many claims went.

    Visits keep their own times, so the one rule stays cheap however long the history.
    """
    before = now - PAST_CLAIMS_STAY
    old = list(db.session.scalars(select(Claim.id).where(Claim.ends_at <= before).limit(limit)))
    if old:
        db.session.execute(delete(Claim).where(Claim.id.in_(old)))
    return len(old)
