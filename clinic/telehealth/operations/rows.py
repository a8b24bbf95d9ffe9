"""The row of a visit's room, made when somebody first needs it, and what is put on record of it."""

from datetime import datetime

from clinic.core import audit
from clinic.core.db import db
from clinic.core.values import Actor
from clinic.scheduling.models import Appointment
from clinic.telehealth.models import VideoVisit


def row_of(appointment: Appointment) -> VideoVisit:
    """The room's row, within the transaction of whoever locked the visit."""
    row = db.session.get(VideoVisit, appointment.id)
    if row is None:
        row = VideoVisit(appointment_id=appointment.id)
        db.session.add(row)
    return row


def record(
    action: str, visit: str, actor: Actor, now: datetime, details: dict[str, object]
) -> None:
    """Put on record what was done with the room of a visit (public id)."""
    audit.record(
        action=action, actor=actor, now=now, subject=f"appointment:{visit}", details=details
    )
