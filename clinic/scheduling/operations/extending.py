"""Holding a time a little longer, for whoever types slowly."""

from datetime import datetime, timedelta

from sqlalchemy import select

from clinic.core.db import db, transaction
from clinic.scheduling.models import Seat
from clinic.scheduling.operations.holding import lock_hold
from clinic.scheduling.operations.placing import lock_occurrence, settle_occurrence
from clinic.scheduling.queries.setting import get_setting
from clinic.scheduling.rules.holds import may_extend


@transaction
def extend_hold(*, public_id: str, visitor: str, now: datetime) -> None:
    """Add the policy's minutes to a hold, once.

    A second time, or when it is no longer held, nothing changes: its page says so. Raises NotFound
    for somebody else's hold.
    """
    hold = lock_hold(public_id, visitor)
    minutes = get_setting().policy.hold_minutes
    is_over = hold.released_at is not None or hold.appointment_id is not None
    if is_over or not may_extend(
        created_at=hold.created_at, expires_at=hold.expires_at, minutes=minutes, now=now
    ):
        return
    occurrence = lock_occurrence(hold.occurrence_id)
    seat = db.session.scalars(select(Seat).where(Seat.hold_id == hold.id)).one_or_none()
    if seat is None:  # a worker whose clock is ahead was faster
        return
    seat.expires_at = hold.expires_at = hold.expires_at + timedelta(minutes=minutes)
    settle_occurrence(occurrence)
