"""Removing what time has ended: expired holds and past claims.

Expired holds already count as free wherever somebody looks; they are removed before a booking, in
a transaction of their own (in the booking's own transaction every variant deadlocked).
"""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, select

from clinic.core.db import current_connection, db, housekeeping
from clinic.scheduling.models import (
    Appointment,
    Claim,
    Hold,
    Occurrence,
    OccurrenceResource,
    Seat,
    WaitlistOffer,
)
from clinic.scheduling.operations.placing import lock_occurrence, settle_occurrence

PAST_CLAIMS_STAY = timedelta(days=1)
"""Staff book up to 12 hours back, so claims of the last day still count."""
HOLDS_STAY = timedelta(days=1)
"""A visitor who comes back with an old page is still told what became of the time."""


_SEAT = Seat.__table__.c
_ANY_EXPIRED = select(_SEAT.number).where(_SEAT.expires_at <= bindparam("now")).limit(1)


def remove_expired_holds(*, now: datetime) -> int:
    """Free the times of holds that have expired; answers how many. Costs one look when none has."""
    if current_connection().scalar(_ANY_EXPIRED, {"now": now}) is None:
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
    """Drop claims, with their seats, that ended over a day ago; answers how many claims went.

    Visits keep their own times, so the one rule stays cheap however long the history.
    """
    before = now - PAST_CLAIMS_STAY
    old = select(Claim.id, Claim.occurrence_id, Claim.appointment_id).where(Claim.ends_at <= before)
    rows = db.session.execute(old.limit(limit)).all()
    if rows:
        occurrences = {row.occurrence_id for row in rows} - {None}
        appointments = {row.appointment_id for row in rows} - {None}
        sat = Seat.occurrence_id.in_(occurrences) | Seat.appointment_id.in_(appointments)
        db.session.execute(delete(Seat).where(sat, Seat.hold_id.is_(None)))
        db.session.execute(delete(Claim).where(Claim.id.in_([row.id for row in rows])))
    return len(rows)


@housekeeping
def remove_old_holds(*, now: datetime, limit: int = 500) -> int:
    """Forget holds that expired over a day ago, and the times nobody came to; answers how many."""
    seated = select(Seat.number).where(Seat.hold_id == Hold.id).exists()
    # An offer that was not found to be over yet (the worker was away) still names its hold.
    offered = select(WaitlistOffer.id).where(WaitlistOffer.hold_id == Hold.id).exists()
    old = select(Hold.id, Hold.occurrence_id).where(
        Hold.expires_at <= now - HOLDS_STAY, ~seated, ~offered
    )
    rows = db.session.execute(old.order_by(Hold.expires_at).limit(limit)).all()
    if rows:
        db.session.execute(delete(Hold).where(Hold.id.in_([row.id for row in rows])))
        _forget_empty({row.occurrence_id for row in rows})
    return len(rows)


def _forget_empty(occurrences: set[int]) -> None:
    """Delete those of the occurrences that were only ever held."""
    wanted = select(Occurrence.id).where(
        Occurrence.id.in_(occurrences),
        Occurrence.state == "released",
        ~select(Appointment.id).where(Appointment.occurrence_id == Occurrence.id).exists(),
        ~select(Hold.id).where(Hold.occurrence_id == Occurrence.id).exists(),
    )
    empty = list(db.session.scalars(wanted))
    rooms = OccurrenceResource.occurrence_id.in_(empty)
    db.session.execute(delete(OccurrenceResource).where(rooms))
    db.session.execute(delete(Occurrence).where(Occurrence.id.in_(empty)))
