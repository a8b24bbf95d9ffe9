"""What a visitor holds."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from clinic.core.db import db
from clinic.core.errors import NotFound
from clinic.scheduling.models import (
    Appointment,
    Clinic,
    Hold,
    Location,
    Occurrence,
    Practitioner,
    Service,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldTime:
    """A hold as pages show it. ``visit`` is the public id of the visit it became, else None."""

    public_id: str
    occurrence_id: int
    service: str
    practitioner: str
    location: str
    zone: str
    starts_at: datetime
    ends_at: datetime
    created_at: datetime
    expires_at: datetime
    is_released: bool
    state: str | None
    visit: str | None

    @property
    def local(self) -> datetime:
        """The start on the location's wall clock."""
        return self.starts_at.astimezone(ZoneInfo(self.zone))

    def is_live(self, now: datetime) -> bool:
        """Whether nobody else can take the time at ``now``."""
        return not self.is_released and self.visit is None and now < self.expires_at


def get_held_time(*, public_id: str, visitor: str) -> HeldTime:
    """The hold of that public id if it is this visitor's; else NotFound."""
    zone = func.coalesce(Location.time_zone, select(Clinic.time_zone).scalar_subquery())
    wanted = (
        select(Hold, Occurrence, Service.slug, Practitioner.slug, Location.slug, zone)
        .add_columns(Appointment.public_id)
        .join(Occurrence, Occurrence.id == Hold.occurrence_id)
        .join(Service, Service.id == Occurrence.service_id)
        .join(Practitioner, Practitioner.id == Occurrence.practitioner_id)
        .join(Location, Location.id == Occurrence.location_id)
        .outerjoin(Appointment, Appointment.id == Hold.appointment_id)
        .where(Hold.public_id == public_id, Hold.visitor == visitor)
    )
    row = db.session.execute(wanted).one_or_none()
    if row is None:
        raise NotFound
    hold, occurrence, service, practitioner, location, zone_name, visit = row
    return HeldTime(
        public_id=hold.public_id,
        occurrence_id=occurrence.id,
        service=service,
        practitioner=practitioner,
        location=location,
        zone=zone_name,
        starts_at=occurrence.starts_at,
        ends_at=occurrence.ends_at,
        created_at=hold.created_at,
        expires_at=hold.expires_at,
        is_released=hold.released_at is not None,
        state=hold.patient_state,
        visit=visit,
    )
