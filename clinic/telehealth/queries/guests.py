"""The link of a video visit's guests: proven by a keyed hash, never stored."""

from datetime import datetime, timedelta

from sqlalchemy import select

from clinic.core.crypto import keyring
from clinic.core.db import db
from clinic.core.errors import NotFound
from clinic.scheduling.models import Appointment
from clinic.scheduling.queries.links import ID_LENGTH
from clinic.telehealth.models import VideoGuests
from clinic.telehealth.queries.rooms import Room, get_room

PURPOSE = "guest-link"
LASTS = timedelta(days=1)
"""How long after the visit the link still says that it is over."""


class GuestLinkUnknown(NotFound):
    """A guest's link that is not ours, not whole, was ended, or has been over for a day."""

    title = "This link opens nothing"
    message = (
        "It may be cut off, or it has ended. Nothing was changed. Ask whoever invited you for a "
        "new link."
    )


def guest_path(room: Room) -> str:
    """The path of the page that guests of the visit wait on; "" while none are invited."""
    if room.guests is None:
        return ""
    return f"/guests/{room.guests}{keyring().mac(PURPOSE, room.guests)}"


def get_room_for_guest(token: str, *, now: datetime) -> Room:
    """The room that a guest's link opens; two queries. Raises GuestLinkUnknown."""
    named, mac = token[:ID_LENGTH], token[ID_LENGTH:]
    is_text = token.isascii() and token.isprintable()
    if not is_text or not keyring().proves(PURPOSE, named, mac):
        raise GuestLinkUnknown
    visit = db.session.scalar(
        select(Appointment.public_id)
        .join(VideoGuests, VideoGuests.appointment_id == Appointment.id)
        .where(VideoGuests.public_id == named, VideoGuests.ended_at.is_(None))
    )
    room = get_room(visit) if visit else None
    if room is None or now >= room.ends_at + LASTS:
        raise GuestLinkUnknown
    return room
