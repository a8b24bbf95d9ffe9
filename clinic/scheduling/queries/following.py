"""Which visit came before another one, and which come after."""

from sqlalchemy import select

from clinic.core.db import db
from clinic.scheduling.models import Appointment, VisitFollowing
from clinic.scheduling.queries.visits import Visit, list_named_visits


def list_linked(visit: Visit) -> tuple[Visit, ...]:
    """The visit that this one follows, and those that follow it, by start."""
    before = (
        select(Appointment.public_id)
        .join(VisitFollowing, VisitFollowing.follows_id == Appointment.id)
        .where(VisitFollowing.appointment_id == visit.appointment_id)
    )
    behind = (
        select(Appointment.public_id)
        .join(VisitFollowing, VisitFollowing.appointment_id == Appointment.id)
        .where(VisitFollowing.follows_id == visit.appointment_id)
    )
    named = list(db.session.scalars(before.union_all(behind)))
    return list_named_visits(named) if named else ()
