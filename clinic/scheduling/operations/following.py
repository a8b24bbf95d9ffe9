"""A visit that comes after another one of the same patient."""

from sqlalchemy import select

from clinic.core.db import db
from clinic.scheduling.models import Appointment, VisitFollowing


def link_following(*, appointment: Appointment, follows: str) -> None:
    """Keep which visit a new one follows, inside the running transaction.

    One of somebody else, as when a family comes together, is no earlier visit: nothing is kept.
    """
    wanted = select(Appointment.id).where(
        Appointment.public_id == follows, Appointment.patient_id == appointment.patient_id
    )
    earlier = db.session.scalar(wanted)
    if earlier is not None:
        db.session.add(VisitFollowing(appointment_id=appointment.id, follows_id=earlier))
