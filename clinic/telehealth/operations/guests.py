"""A link for a relative or an interpreter who joins a visit by video: given, and ended."""

from datetime import datetime

from sqlalchemy import select

from clinic.core.db import db, transaction
from clinic.core.rows import lock_row
from clinic.core.values import Actor
from clinic.scheduling.models import Appointment
from clinic.scheduling.operations.refusals import WrongState
from clinic.scheduling.queries.setting import get_setting
from clinic.telehealth.models import VideoGuests
from clinic.telehealth.operations.rows import record
from clinic.telehealth.queries.rooms import Room, get_room
from clinic.telehealth.rules.rooms import Stage, stage_of


@transaction
def invite_guests(*, visit: str, actor: Actor, now: datetime) -> Room:
    """Let a link open the waiting room of a visit (public id) to guests; one that does stays.

    Raises NotFound, and WrongState for a visit that is over or will not be.
    """
    appointment = lock_row(Appointment, visit)
    room = get_room(visit)
    times = room.times(get_setting().policy.join_opens_minutes)
    if stage_of(status=room.status, times=times, now=now) in {Stage.OVER, Stage.CANCELLED}:
        raise WrongState(appointment_status=room.status)
    if room.guests is None:
        db.session.add(
            VideoGuests(appointment_id=appointment.id, invited_at=now, invited_by=actor.name)
        )
        record("video.guests-invited", visit, actor, now, {})
        db.session.flush()
    return get_room(visit)


@transaction
def send_guests_away(*, visit: str, actor: Actor, now: datetime) -> Room:
    """End the link of a visit's guests for good; the next one is another. Raises NotFound."""
    appointment = lock_row(Appointment, visit)
    opened = db.session.scalar(
        select(VideoGuests).where(
            VideoGuests.appointment_id == appointment.id, VideoGuests.ended_at.is_(None)
        )
    )
    if opened is not None:
        opened.ended_at, opened.ended_by = now, actor.name
        record("video.guests-ended", visit, actor, now, {})
        db.session.flush()
    return get_room(visit)
