"""Cancelling and moving a series, or the rest of it, in one transaction."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from clinic.core.db import db, transaction
from clinic.core.errors import Invalid, NotFound
from clinic.core.values import Actor
from clinic.scheduling.models import Appointment, Series
from clinic.scheduling.operations.expiry import remove_expired_holds
from clinic.scheduling.operations.moving import is_elsewhere, lock_appointment, reseat
from clinic.scheduling.operations.placing import (
    LostRace,
    Wanted,
    insert_claims,
    lock_patient,
)
from clinic.scheduling.operations.refusals import SlotTaken
from clinic.scheduling.operations.steps import step_inside
from clinic.scheduling.operations.telling import tell_patient
from clinic.scheduling.operations.wishes import ATTEMPTS, Wish
from clinic.scheduling.queries.diary import instant
from clinic.scheduling.queries.visits import Visit, get_visit, list_series_visits
from clinic.scheduling.rules.status import Action
from clinic.scheduling.rules.telling import CANCELLED, MOVED
from clinic.scheduling.rules.wall_time import at_wall_time


@transaction
def cancel_series(
    *, public_id: str, from_visit: int | None, reason: str | None, actor: Actor, now: datetime
) -> tuple[Visit, ...]:
    """Cancel what is still booked of a series, from the visit of that number on (else all).

    Visits that have begun, and those cancelled or over, stay as they are. Raises NotFound, and
    Invalid for a number that the series does not reach.
    """
    cancelled = _rest(public_id, from_visit, now)
    for appointment in cancelled:
        step_inside(
            public_id=appointment,
            action=Action.CANCEL,
            actor=actor,
            now=now,
            reason=reason,
            is_told=False,
        )
    _tell(CANCELLED, public_id, cancelled, actor, now)
    return list_series_visits(public_id)


def move_series(
    *,
    public_id: str,
    from_visit: int | None,
    practitioner: str | None,
    local_minute: int | None,
    actor: Actor,
    now: datetime,
) -> tuple[Visit, ...]:
    """Give the rest of a series another practitioner or wall time: all of it or nothing.

    ``local_minute`` counts from local midnight; each visit keeps its date. Refusals as for moving
    one visit; SlotTaken carries no alternatives.
    """
    remove_expired_holds(now=now)
    for _ in range(ATTEMPTS):
        try:
            return _move(
                public_id=public_id,
                from_visit=from_visit,
                practitioner=practitioner,
                local_minute=local_minute,
                actor=actor,
                now=now,
            )
        except LostRace:
            continue
    raise SlotTaken


@transaction
def _move(
    *,
    public_id: str,
    from_visit: int | None,
    practitioner: str | None,
    local_minute: int | None,
    actor: Actor,
    now: datetime,
) -> tuple[Visit, ...]:
    appointments = [lock_appointment(one) for one in _rest(public_id, from_visit, now)]
    if appointments:
        lock_patient(appointments[0].patient_id)
    besides = tuple(one.occurrence_id for one in appointments)
    claims: list[Wanted] = []
    moved: list[str] = []
    for appointment in appointments:
        visit = get_visit(appointment.public_id)
        wish = _wish(visit, practitioner, local_minute)
        if is_elsewhere(visit, wish):
            moved.append(visit.public_id)
            claims += reseat(
                appointment=appointment,
                visit=visit,
                wish=wish,
                actor=actor,
                now=now,
                besides=besides,
            )
    insert_claims(claims)
    db.session.flush()
    _tell(MOVED, public_id, moved, actor, now)
    return list_series_visits(public_id)


def _tell(kind: str, series: str, visits: Sequence[str], actor: Actor, now: datetime) -> None:
    """One message for all of them."""
    if visits:
        wanted = select(Appointment.patient_id).where(Appointment.public_id == visits[0])
        tell_patient(
            kind=kind,
            visits=visits,
            series=series,
            patient_id=db.session.scalars(wanted).one(),
            actor=actor,
            now=now,
        )


def _wish(visit: Visit, practitioner: str | None, local_minute: int | None) -> Wish:
    starts_at = visit.starts_at
    if local_minute is not None:
        day = visit.local.date()
        start = at_wall_time(day=day, minute=local_minute, zone=visit.zone)
        if start is None:
            raise Invalid({"local_time": [f"The clocks skip this time on {day.isoformat()}."]})
        starts_at = instant(start)
    return Wish(
        service=visit.service,
        starts_at=starts_at,
        practitioner=practitioner or visit.practitioner,
        location=visit.location,
        state=visit.patient_state,
    )


def _rest(series: str, from_visit: int | None, now: datetime) -> list[str]:
    """The booked visits to come of a series, in their order (locks are taken in it)."""
    known = db.session.scalar(select(Series).where(Series.public_id == series))
    if known is None:
        raise NotFound
    if from_visit is not None and from_visit > known.rule["count"]:
        raise Invalid({"from_visit": [f"This series has {known.rule['count']} visits."]})
    wanted = select(Appointment.public_id).where(
        Appointment.series_id == known.id,
        Appointment.status == "booked",
        Appointment.series_number >= (from_visit or 1),
    )
    ids = db.session.scalars(wanted.order_by(Appointment.series_number)).all()
    return [one for one in ids if get_visit(one).starts_at > now]
