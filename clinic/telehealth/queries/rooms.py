"""How a video visit stands, for its patient's page and for the desk."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, select

from clinic.core.crypto import keyring
from clinic.core.db import db
from clinic.core.errors import NotFound
from clinic.intake.queries.signatures import has_consent, is_consent_asked
from clinic.people.models import Patient
from clinic.scheduling.models import Appointment, Occurrence, Practitioner, Service
from clinic.telehealth.models import VideoGuests, VideoVisit
from clinic.telehealth.rules.rooms import SEEN_WITHIN, Times, meeting_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """The room of a visit; ``visit`` is the appointment's public id, ``version`` counts its
    changes, ``guests`` is the public id of the link that lets guests wait. What nobody said yet
    is None."""

    visit: str
    status: str
    version: int
    starts_at: datetime
    ends_at: datetime
    practitioner: str
    given_meeting: str | None
    place_state: str | None
    place: str | None
    phone: str | None
    located_at: datetime | None
    waiting_since: datetime | None
    seen_at: datetime | None
    late_until: datetime | None
    late_at: datetime | None
    guests: str | None
    guests_invited_at: datetime | None

    def times(self, opens_minutes: int) -> Times:
        """When it is and when its page opens."""
        return Times(self.starts_at, self.ends_at, opens_minutes)

    def meeting(self, template: str) -> str:
        """Where it takes place; the code in the template is of this visit, and unguessable."""
        code = keyring().mac("meeting", self.visit)[:20]
        return meeting_of(given=self.given_meeting, template=template, code=code)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Somebody who waits in front of a video visit now."""

    visit: str
    patient: str
    given_name: str
    family_name: str
    birth_date: date
    practitioner: str
    practitioner_name: str
    starts_at: datetime
    waiting_since: datetime
    late_until: datetime | None


def get_room(visit: str) -> Room:
    """The room of a visit (public id); NotFound for none, and for a visit that is not by video."""
    row = db.session.execute(
        select(
            Appointment.status,
            Appointment.version,
            Occurrence.starts_at,
            Occurrence.ends_at,
            Practitioner.slug,
            VideoVisit,
            VideoGuests.public_id,
            VideoGuests.invited_at,
        )
        .join(Occurrence, Occurrence.id == Appointment.occurrence_id)
        .join(Service, Service.id == Occurrence.service_id)
        .join(Practitioner, Practitioner.id == Occurrence.practitioner_id)
        .outerjoin(VideoVisit, VideoVisit.appointment_id == Appointment.id)
        .outerjoin(
            VideoGuests,
            and_(VideoGuests.appointment_id == Appointment.id, VideoGuests.ended_at.is_(None)),
        )
        .where(Appointment.public_id == visit, Service.modality == "telehealth")
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFound
    status, version, starts_at, ends_at, practitioner = row[:5]
    kept: VideoVisit | None = row[5]
    room = kept or VideoVisit()
    return Room(
        visit=visit,
        status=status,
        version=version,
        starts_at=starts_at,
        ends_at=ends_at,
        practitioner=practitioner,
        given_meeting=room.meeting,
        place_state=room.place_state,
        place=room.place,
        phone=room.phone,
        located_at=room.located_at,
        waiting_since=room.waiting_since,
        seen_at=room.seen_at,
        late_until=room.late_until,
        late_at=room.late_at,
        guests=row[6],
        guests_invited_at=row[7],
    )


def has_agreed(*, patient: str) -> bool:
    """Whether a patient (public id) agreed to be seen by video, or the clinic asks it otherwise:
    on paper, where it gives out no form of consents."""
    return has_consent(patient=patient, name="telehealth") or not is_consent_asked()


def list_waiting(*, now: datetime) -> tuple[Waiting, ...]:
    """Who waits in front of a video visit, whoever comes first before; one query."""
    rows = db.session.execute(
        select(
            Appointment.public_id,
            Patient,
            Practitioner.slug,
            Practitioner.name,
            Occurrence.starts_at,
            VideoVisit.waiting_since,
            VideoVisit.late_until,
        )
        .select_from(VideoVisit)
        .join(Appointment, Appointment.id == VideoVisit.appointment_id)
        .join(Occurrence, Occurrence.id == Appointment.occurrence_id)
        .join(Practitioner, Practitioner.id == Occurrence.practitioner_id)
        .join(Patient, Patient.id == Appointment.patient_id)
        .where(
            VideoVisit.seen_at > now - SEEN_WITHIN,
            VideoVisit.waiting_since.is_not(None),
            Appointment.status.in_(("booked", "arrived", "checked-in")),
        )
        .order_by(Occurrence.starts_at, Appointment.id)
        .limit(200)
    )
    return tuple(
        Waiting(
            visit=visit,
            patient=patient.public_id,
            given_name=patient.given_name,
            family_name=patient.family_name,
            birth_date=patient.birth_date,
            practitioner=slug,
            practitioner_name=name,
            starts_at=starts_at,
            waiting_since=since or starts_at,
            late_until=late_until,
        )
        for visit, patient, slug, name, starts_at, since, late_until in rows
    )
