"""Who waits for which times, as a round over the waitlist reads it: live rows only."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import exists, select

from clinic.core.db import db
from clinic.people.models import Patient
from clinic.scheduling.models import (
    Claim,
    Location,
    Practitioner,
    Resource,
    Service,
    WaitlistEntry,
    WaitlistOffer,
)
from clinic.scheduling.queries.waitlist import windows_of
from clinic.scheduling.rules.waitlist import EntryStatus, Wants, days_of

_WAITING = WaitlistEntry.status == EntryStatus.WAITING.value
Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Waiting:
    """An entry that waits. ``unwanted`` are times that were offered to it and not taken, ``busy``
    those at which the patient has a visit."""

    public_id: str
    version: int
    wants: Wants
    unwanted: tuple[Span, ...] = field(default=())
    busy: tuple[Span, ...] = field(default=())

    def can_come(self, starts_at: datetime, ends_at: datetime) -> bool:
        """Whether the patient is free then, and was not offered something at that time before."""
        taken = (*self.unwanted, *self.busy)
        return not any(begins < ends_at and starts_at < ends for begins, ends in taken)


def list_questions(*, service: str | None = None) -> tuple[tuple[str, str | None], ...]:
    """For which services and states somebody waits; one look at the index of those who do."""
    wanted = (
        select(Service.slug, WaitlistEntry.state)
        .join(Service, Service.id == WaitlistEntry.service_id)
        .where(_WAITING, Service.retired_at.is_(None))
        .distinct()
        .order_by(Service.slug, WaitlistEntry.state)
    )
    if service is not None:
        wanted = wanted.where(Service.slug == service)
    return tuple((slug, state) for slug, state in db.session.execute(wanted))


def is_anybody_waiting() -> bool:
    """Whether there is anything to do; the answer is nearly always no."""
    return bool(db.session.scalar(select(exists().where(_WAITING))))


def list_waiting(*, service: str, state: str | None, now: datetime) -> tuple[Waiting, ...]:
    """Who waits for a service in a state, by joining time: four queries for any number.

    Records that were merged away are left out: their entries sleep.
    """
    wanted = (
        select(WaitlistEntry, Practitioner.slug, Location.slug)
        .join(Service, Service.id == WaitlistEntry.service_id)
        .join(Patient, Patient.id == WaitlistEntry.patient_id)
        .outerjoin(Practitioner, Practitioner.id == WaitlistEntry.practitioner_id)
        .outerjoin(Location, Location.id == WaitlistEntry.location_id)
        .where(
            _WAITING,
            Service.slug == service,
            WaitlistEntry.state.is_not_distinct_from(state),
            WaitlistEntry.ends_at > now,
            Patient.merged_at.is_(None),
        )
        .order_by(WaitlistEntry.joined_at, WaitlistEntry.id)
        .execution_options(populate_existing=True)
    )
    rows = db.session.execute(wanted).all()
    numbers = [row[0].id for row in rows]
    windows, unwanted = windows_of(numbers), _unwanted(numbers, now)
    busy = _busy([row[0].patient_id for row in rows], now)
    return tuple(
        Waiting(
            public_id=entry.public_id,
            version=entry.version,
            wants=Wants(
                practitioner=practitioner,
                location=location,
                from_date=entry.from_date,
                to_date=entry.to_date,
                days=days_of(entry.days),
                windows=tuple(windows[entry.id]),
            ),
            unwanted=tuple(unwanted[entry.id]),
            busy=tuple(busy[entry.patient_id]),
        )
        for entry, practitioner, location in rows
    )


def dates_of(waiting: tuple[Waiting, ...]) -> tuple[date, date]:
    """The first and the last date that any of them would take."""
    return (
        min(one.wants.from_date for one in waiting),
        max(one.wants.to_date for one in waiting),
    )


def _unwanted(entries: list[int], now: datetime) -> dict[int, list[Span]]:
    found: dict[int, list[Span]] = defaultdict(list)
    if entries:
        # What the clinic took back itself may be offered again.
        wanted = select(WaitlistOffer.entry_id, WaitlistOffer.starts_at, WaitlistOffer.ends_at)
        wanted = wanted.where(
            WaitlistOffer.entry_id.in_(entries),
            WaitlistOffer.ends_at > now,
            WaitlistOffer.status.in_(("declined", "lapsed")),
        )
        for entry, starts_at, ends_at in db.session.execute(wanted):
            found[entry].append((starts_at, ends_at))
    return found


def _busy(patients: list[int], now: datetime) -> dict[int, list[Span]]:
    found: dict[int, list[Span]] = defaultdict(list)
    if patients:
        wanted = (
            select(Resource.patient_id, Claim.starts_at, Claim.ends_at)
            .join(Claim, Claim.resource_id == Resource.id)
            .where(Resource.patient_id.in_(patients), Claim.ends_at > now)
        )
        for patient, starts_at, ends_at in db.session.execute(wanted):
            if patient is not None:
                found[patient].append((starts_at, ends_at))
    return found
