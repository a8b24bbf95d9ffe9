"""Appointments as they are shown: one frozen value joins what a visit is made of."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, select

from clinic.core.db import db
from clinic.core.errors import NotFound
from clinic.people.models import Patient
from clinic.scheduling.models import (
    Appointment,
    Clinic,
    Location,
    Occurrence,
    OccurrenceResource,
    Practitioner,
    Resource,
    Series,
    Service,
)
from clinic.scheduling.queries.diary import instant
from clinic.scheduling.rules.reference import number_of, reference_of
from clinic.scheduling.rules.wall_time import start_of_day


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One appointment with everything a page or an answer says of it.

    ``price_cents`` is the service's price of today, ``agreed_cents`` the one when it was booked
    (None: from before that was kept). ``is_sold``: an order bought it.
    ``starts_at``/``ends_at`` are aware UTC, ``zone`` is the location's. ``override_reason`` and
    ``override_by`` are None when nothing had to be overridden.
    """

    public_id: str
    status: str
    is_confirmed: bool
    review: str
    version: int
    service: str
    service_name: str
    minutes: int
    modality: str
    price_cents: int
    agreed_cents: int | None
    capacity: int
    practitioner: str
    practitioner_name: str
    location: str
    location_name: str
    address: str
    zone: str
    resources: tuple[str, ...]
    resource_names: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime
    series: str | None
    series_number: int | None
    override_by: str | None
    override_reason: str | None
    patient: str
    given_name: str
    family_name: str
    birth_date: date
    link_version: int
    patient_state: str | None
    patient_zone: str | None
    is_late_cancelled: bool
    is_sold: bool
    occurrence_id: int
    appointment_id: int

    @property
    def reference(self) -> str:
        """What people read out on the phone: `KX4-7QM`."""
        return reference_of(self.appointment_id)

    @property
    def is_by_video(self) -> bool:
        """Whether nobody comes to the clinic for it."""
        return self.modality == "telehealth"

    @property
    def local(self) -> datetime:
        """The start on the location's wall clock, with its offset."""
        return self.starts_at.astimezone(ZoneInfo(self.zone))


@dataclass(frozen=True, slots=True)
class VisitPage:
    """Some visits, and the cursor of the next page or None."""

    visits: tuple[Visit, ...]
    next_cursor: tuple[datetime, int] | None


def get_visit(public_id: str) -> Visit:
    """The visit of that public id; NotFound when there is none."""
    found = _visits(_BY_PUBLIC_ID, {"asked_id": public_id})
    if not found:
        raise NotFound
    return found[0]


def find_visit_by_reference(reference: str) -> Visit | None:
    """The visit of a reference as somebody typed it; None when there is none."""
    number = number_of(reference)
    found = _visits(_select().where(Appointment.id == number)) if number is not None else ()
    return found[0] if found else None


def list_visits(
    *,
    starts_at: datetime,
    ends_at: datetime,
    practitioner: str | None = None,
    status: str | None = None,
    after: tuple[datetime, int] | None = None,
    limit: int = 100,
) -> VisitPage:
    """Visits that start in the half-open span, by start, a page at a time (keyset)."""
    wanted = _select().where(Occurrence.starts_at >= starts_at, Occurrence.starts_at < ends_at)
    if practitioner is not None:
        wanted = wanted.where(Practitioner.slug == practitioner)
    if status is not None:
        wanted = wanted.where(Appointment.status == status)
    if after is not None:
        at, ident = after
        wanted = wanted.where(
            (Occurrence.starts_at > at) | ((Occurrence.starts_at == at) & (Appointment.id > ident))
        )
    found = _visits(wanted.order_by(Occurrence.starts_at, Appointment.id).limit(limit + 1))
    page, more = found[:limit], len(found) > limit
    cursor = (page[-1].starts_at, page[-1].appointment_id) if more else None
    return VisitPage(tuple(page), cursor)


def list_named_visits(public_ids: Sequence[str]) -> tuple[Visit, ...]:
    """The visits of these public ids by start; those that there are."""
    return tuple(_visits(_NAMED, {"asked_ids": list(public_ids)}))


def list_series_visits(series: str) -> tuple[Visit, ...]:
    """All visits of a series in their order; NotFound when there is no such series."""
    wanted = _select().where(Series.public_id == series).order_by(Appointment.series_number)
    found = tuple(_visits(wanted))
    if not found:
        raise NotFound
    return found


def list_live_visits_after(now: datetime) -> tuple[Visit, ...]:
    """Every booked, arrived or checked-in visit that ends after ``now``, by start."""
    wanted = _select().where(
        Occurrence.ends_at > now,
        Occurrence.starts_at > now - timedelta(days=2),
        Appointment.status.in_(("booked", "arrived", "checked-in")),
    )
    return tuple(_visits(wanted.order_by(Occurrence.starts_at, Appointment.id)))


def list_visits_to_review(*, limit: int = 200) -> tuple[Visit, ...]:
    """Visits that stand and that a clinician must read first, by start."""
    wanted = _select().where(
        Appointment.review == "needed",
        Appointment.status.in_(("booked", "arrived", "checked-in")),
    )
    return tuple(_visits(wanted.order_by(Occurrence.starts_at, Appointment.id).limit(limit)))


def list_coming_visits(*, patient: str, now: datetime, limit: int | None = 50) -> tuple[Visit, ...]:
    """A patient's visits that are not over, the next one first; ``limit`` None: all."""
    wanted = _select().where(Patient.public_id == patient, _is_coming(now))
    return tuple(_visits(wanted.order_by(Occurrence.starts_at, Appointment.id).limit(limit)))


def list_past_visits(
    *,
    patient: str,
    now: datetime,
    limit: int | None = 20,
    before: tuple[datetime, int] | None = None,
) -> tuple[Visit, ...]:
    """A patient's visits that are over, cancelled or missed, the latest first; None: all.

    ``before`` is the start and row of the visit that the page follows (keyset).
    """
    wanted = _select().where(Patient.public_id == patient, ~_is_coming(now))
    if before is not None:
        at, ident = before
        wanted = wanted.where(
            (Occurrence.starts_at < at) | ((Occurrence.starts_at == at) & (Appointment.id < ident))
        )
    newest = (Occurrence.starts_at.desc(), Appointment.id.desc())
    return tuple(_visits(wanted.order_by(*newest).limit(limit)))


def _is_coming(now: datetime) -> ColumnElement[bool]:
    is_live = Appointment.status.in_(("booked", "arrived", "checked-in"))
    return and_(is_live, Occurrence.ends_at > now)


def list_feed_visits(
    *, starts_at: datetime, ends_at: datetime, practitioner: str | None, patient: str | None
) -> tuple[Visit, ...]:
    """The visits of a span that stand or took place, of one practitioner or one patient."""
    wanted = _select().where(
        Occurrence.starts_at >= starts_at,
        Occurrence.starts_at < ends_at,
        Appointment.status.in_(("booked", "arrived", "checked-in", "fulfilled")),
    )
    if practitioner is not None:
        wanted = wanted.where(Practitioner.slug == practitioner)
    if patient is not None:
        wanted = wanted.where(Patient.public_id == patient)
    return tuple(_visits(wanted.order_by(Occurrence.starts_at, Appointment.id)))


def count_live_on_day(
    *, patient_id: int, service_id: int, day: date, zone: str, besides: int | None = None
) -> int:
    """Live visits (not cancelled, no no-show) of a patient and service on a local date.

    ``besides`` leaves out one appointment, the one that is being moved.
    """
    begins = instant(start_of_day(day=day, zone=zone))
    ends = instant(start_of_day(day=day + timedelta(days=1), zone=zone))
    found = db.session.scalar(
        select(func.count())
        .select_from(Appointment)
        .join(Occurrence, Occurrence.id == Appointment.occurrence_id)
        .where(
            Appointment.patient_id == patient_id,
            Appointment.id != (besides or 0),
            Appointment.status.not_in(("cancelled", "noshow")),
            Occurrence.service_id == service_id,
            Occurrence.starts_at >= begins,
            Occurrence.starts_at < ends,
        )
    )
    return found or 0


def _select() -> Select[*tuple[Any, ...]]:
    zone = func.coalesce(Location.time_zone, select(Clinic.time_zone).scalar_subquery())
    return (
        select(
            Appointment,
            Occurrence,
            Service,
            Practitioner.slug,
            Practitioner.name,
            Location.slug,
            Location.name,
            Location.address,
            zone,
            Patient.public_id,
            Patient.given_name,
            Patient.family_name,
            Patient.birth_date,
            Series.public_id,
        )
        .join(Occurrence, Occurrence.id == Appointment.occurrence_id)
        .join(Service, Service.id == Occurrence.service_id)
        .join(Practitioner, Practitioner.id == Occurrence.practitioner_id)
        .join(Location, Location.id == Occurrence.location_id)
        .join(Patient, Patient.id == Appointment.patient_id)
        .outerjoin(Series, Series.id == Appointment.series_id)
    )


# Prepared once: every booking and every step ends with it.
_BY_PUBLIC_ID = _select().where(Appointment.public_id == bindparam("asked_id"))
_NAMED = (
    _select()
    .where(Appointment.public_id.in_(bindparam("asked_ids", expanding=True)))
    .order_by(Occurrence.starts_at, Appointment.id)
)


def _visits(wanted: Select[*tuple[Any, ...]], values: dict[str, Any] | None = None) -> list[Visit]:
    rows = db.session.execute(wanted, values).all()
    rooms = _rooms({row[1].id for row in rows})
    return [_visit(row, rooms[row[1].id]) for row in rows]


def _visit(row: Sequence[Any], rooms: Iterable[tuple[str, str]]) -> Visit:
    appointment, occurrence, service = row[:3]
    practitioner, practitioner_name, location, location_name, address, zone = row[3:9]
    patient, given_name, family_name, birth_date, series = row[9:]
    return Visit(
        public_id=appointment.public_id,
        status=appointment.status,
        is_confirmed=appointment.confirmed,
        review=appointment.review,
        version=appointment.version,
        service=service.slug,
        service_name=service.name,
        minutes=(occurrence.ends_at - occurrence.starts_at) // timedelta(minutes=1),
        modality=service.modality,
        price_cents=service.price_cents,
        agreed_cents=appointment.price_cents,
        capacity=occurrence.capacity,
        practitioner=practitioner,
        practitioner_name=practitioner_name,
        location=location,
        location_name=location_name,
        address=address,
        zone=zone,
        resources=tuple(slug for slug, _ in rooms),
        resource_names=tuple(name for _, name in rooms),
        starts_at=occurrence.starts_at,
        ends_at=occurrence.ends_at,
        series=series,
        series_number=appointment.series_number,
        override_by=appointment.override_by,
        override_reason=_opened(appointment),
        patient=patient,
        given_name=given_name,
        family_name=family_name,
        birth_date=birth_date,
        link_version=appointment.link_version,
        patient_state=appointment.patient_state,
        patient_zone=appointment.patient_zone,
        is_late_cancelled=appointment.late_cancelled,
        is_sold=appointment.is_sold,
        occurrence_id=occurrence.id,
        appointment_id=appointment.id,
    )


def _opened(appointment: Appointment) -> str | None:
    return appointment.override_reason if appointment.override_by is not None else None


_ROOMS = (
    select(OccurrenceResource.occurrence_id, Resource.slug, Resource.name)
    .join(Resource, Resource.id == OccurrenceResource.resource_id)
    .where(OccurrenceResource.occurrence_id.in_(bindparam("occurrences", expanding=True)))
    .order_by(OccurrenceResource.occurrence_id, OccurrenceResource.position)
)


def _rooms(occurrences: set[int]) -> dict[int, list[tuple[str, str]]]:
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    if not occurrences:
        return found
    asked = {"occurrences": list(occurrences)}
    for occurrence, slug, name in db.session.execute(_ROOMS, asked):
        found[occurrence].append((slug or "", name or slug or ""))
    return found
