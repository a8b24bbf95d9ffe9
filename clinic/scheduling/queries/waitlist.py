"""The waitlist as it is shown: one frozen value joins what an entry is made of."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased

from clinic.core.db import db
from clinic.core.errors import NotFound
from clinic.people.models import Patient
from clinic.scheduling.models import (
    Appointment,
    Clinic,
    Location,
    Practitioner,
    Service,
    WaitlistChange,
    WaitlistEntry,
    WaitlistOffer,
    WaitlistWindow,
)
from clinic.scheduling.queries.visits import Visit, list_coming_visits
from clinic.scheduling.rules.waitlist import (
    EntryStatus,
    OfferStatus,
    Wants,
    Window,
    days_of,
)

SOON = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedSlot:
    """A time that was offered from the waitlist; ``zone`` is its location's."""

    public_id: str
    status: OfferStatus
    practitioner: str
    practitioner_name: str
    location: str
    location_name: str
    address: str
    zone: str
    starts_at: datetime
    ends_at: datetime
    offered_at: datetime
    expires_at: datetime
    closed_at: datetime | None

    def is_open(self, now: datetime) -> bool:
        """Whether it is still held at ``now``."""
        return self.status is OfferStatus.OPEN and now < self.expires_at


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingEntry:
    """One entry with everything a page or an answer says of it.

    ``days`` are weekdays with Monday as 0; empty ``days`` and ``windows`` mean any. ``offer`` is
    the one that is open, ``visit`` the public id of the visit that was booked, ``zone`` the zone in
    which the dates are meant where a location was named, else the clinic's.
    """

    public_id: str
    entry_id: int
    status: EntryStatus
    version: int
    link_version: int
    service: str
    service_name: str
    minutes: int
    modality: str
    is_online: bool
    practitioner: str | None
    practitioner_name: str | None
    location: str | None
    location_name: str | None
    zone: str
    state: str | None
    patient_zone: str | None
    language: str | None
    from_date: date
    to_date: date
    days: frozenset[int]
    windows: tuple[Window, ...]
    lapses: int
    joined_at: datetime
    closed_at: datetime | None
    patient: str
    given_name: str
    family_name: str
    birth_date: date
    visit: str | None
    visit_status: str | None
    offer: OfferedSlot | None

    @property
    def stands(self) -> str:
        """The status as people are shown it: a booked visit may have been cancelled since."""
        if self.visit_status == "cancelled":
            return "visit-cancelled"
        return "time-offered" if self.status is EntryStatus.OFFERED else self.status.value

    @property
    def wants(self) -> Wants:
        """What a time has to suit."""
        return Wants(
            practitioner=self.practitioner,
            location=self.location,
            from_date=self.from_date,
            to_date=self.to_date,
            days=self.days,
            windows=self.windows,
        )

    @property
    def place(self) -> tuple[datetime, int]:
        """Where it stands in a list by age."""
        return (self.joined_at, self.entry_id)


@dataclass(frozen=True, slots=True)
class EntryPage:
    """Some entries, and the cursor of the next page or None."""

    entries: tuple[WaitingEntry, ...]
    next_cursor: tuple[datetime, int] | None


@dataclass(frozen=True, slots=True)
class WaitlistCounts:
    """How many entries wait, and to how many a time is offered."""

    waiting: int
    offered: int


@dataclass(frozen=True, slots=True)
class EntryStep:
    """A step in an entry's story; ``by`` is "" for the public."""

    at: datetime
    by: str
    step: str


def get_entry(public_id: str) -> WaitingEntry:
    """The entry of that public id; NotFound when there is none."""
    found = _entries(_select().where(WaitlistEntry.public_id == public_id))
    if not found:
        raise NotFound
    return found[0]


def list_entries(
    *,
    statuses: Sequence[EntryStatus],
    service: str | None = None,
    after: tuple[datetime, int] | None = None,
    limit: int = 50,
) -> EntryPage:
    """Entries in these statuses by age, a page at a time (keyset): three queries for any number."""
    at, ident = WaitlistEntry.joined_at, WaitlistEntry.id
    wanted = _select().where(WaitlistEntry.status.in_([one.value for one in statuses]))
    if service is not None:
        wanted = wanted.where(Service.slug == service)
    if after is not None:
        wanted = wanted.where((at > after[0]) | ((at == after[0]) & (ident > after[1])))
    found = _entries(wanted.order_by(at, ident).limit(limit + 1))
    page = found[:limit]
    return EntryPage(tuple(page), page[-1].place if len(found) > limit else None)


def list_patient_entries(*, patient: str, limit: int | None = 20) -> tuple[WaitingEntry, ...]:
    """What a patient (public id) waits for or waited for, the latest first; ``limit`` None: all."""
    newest = (WaitlistEntry.joined_at.desc(), WaitlistEntry.id.desc())
    wanted = _select().where(Patient.public_id == patient).order_by(*newest).limit(limit)
    return tuple(_entries(wanted))


def count_waiting() -> WaitlistCounts:
    """How many are open; what is closed is not counted, so the cost follows the list alone."""
    wanted = (
        select(WaitlistEntry.status, func.count())
        .where(WaitlistEntry.status.in_(("waiting", "offered")))
        .group_by(WaitlistEntry.status)
    )
    found: dict[str, int] = {status: many for status, many in db.session.execute(wanted)}  # noqa: C416
    return WaitlistCounts(found.get("waiting", 0), found.get("offered", 0))


def list_offers(public_id: str) -> tuple[OfferedSlot, ...]:
    """Everything that was offered to an entry, the newest first."""
    wanted = _offers().where(WaitlistEntry.public_id == public_id)
    rows = db.session.execute(wanted.order_by(WaitlistOffer.id.desc()))
    return tuple(_slot(row) for row in rows)


def list_entry_steps(public_id: str) -> tuple[EntryStep, ...]:
    """The story of an entry, oldest first."""
    wanted = (
        select(WaitlistChange)
        .join(WaitlistEntry, WaitlistEntry.id == WaitlistChange.entry_id)
        .where(WaitlistEntry.public_id == public_id)
        .order_by(WaitlistChange.id)
    )
    return tuple(
        EntryStep(one.at, one.actor_name if one.actor_kind != "public" else "", one.step)
        for one in db.session.scalars(wanted)
    )


def was_taken_off(public_id: str) -> bool:
    """Whether staff took the entry off the list, and it is off: not the patient, not its dates."""
    wanted = (
        select(WaitlistChange.step, WaitlistChange.actor_kind)
        .join(WaitlistEntry, WaitlistEntry.id == WaitlistChange.entry_id)
        .where(WaitlistEntry.public_id == public_id)
        .order_by(WaitlistChange.id.desc())
        .limit(1)
    )
    last = db.session.execute(wanted).one_or_none()
    return last is not None and last[0] == "withdrawn" and last[1] in {"staff", "token"}


def find_later_visit(*, entry: WaitingEntry, now: datetime) -> Visit | None:
    """The patient's next visit of the same service after the offered time, to be named beside it.

    Taking the offer leaves that visit as it is.
    """
    if entry.offer is None:
        return None
    for visit in list_coming_visits(patient=entry.patient, now=now, limit=SOON):
        if visit.service == entry.service and visit.starts_at > entry.offer.starts_at:
            return visit
    return None


def _select() -> Select[*tuple[Any, ...]]:
    clinic_zone = select(Clinic.time_zone).scalar_subquery()
    return (
        select(WaitlistEntry, Patient, Service, Practitioner.slug, Practitioner.name)
        .add_columns(Location.slug, Location.name, func.coalesce(Location.time_zone, clinic_zone))
        .add_columns(Appointment.public_id, Appointment.status)
        .join(Patient, Patient.id == WaitlistEntry.patient_id)
        .join(Service, Service.id == WaitlistEntry.service_id)
        .outerjoin(Practitioner, Practitioner.id == WaitlistEntry.practitioner_id)
        .outerjoin(Location, Location.id == WaitlistEntry.location_id)
        .outerjoin(Appointment, Appointment.id == WaitlistEntry.appointment_id)
    )


def _offers() -> Select[*tuple[Any, ...]]:
    place = aliased(Location)
    zone = func.coalesce(place.time_zone, select(Clinic.time_zone).scalar_subquery())
    return (
        select(WaitlistOffer, Practitioner.slug, Practitioner.name)
        .add_columns(place.slug, place.name, place.address, zone)
        .join(WaitlistEntry, WaitlistEntry.id == WaitlistOffer.entry_id)
        .join(Practitioner, Practitioner.id == WaitlistOffer.practitioner_id)
        .join(place, place.id == WaitlistOffer.location_id)
        .execution_options(populate_existing=True)
    )


def _entries(wanted: Select[*tuple[Any, ...]]) -> list[WaitingEntry]:
    rows = db.session.execute(wanted.execution_options(populate_existing=True)).all()
    entries = [row[0] for row in rows]
    windows = windows_of([one.id for one in entries])
    offers = _open_offers([one.id for one in entries if one.status == EntryStatus.OFFERED.value])
    return [_entry(row, windows[row[0].id], offers.get(row[0].id)) for row in rows]


def windows_of(entries: Sequence[int]) -> dict[int, list[Window]]:
    """The times of day of some entries, by their row numbers."""
    found: dict[int, list[Window]] = defaultdict(list)
    if entries:
        wanted = (
            select(WaitlistWindow)
            .where(WaitlistWindow.entry_id.in_(entries))
            .order_by(WaitlistWindow.entry_id, WaitlistWindow.position)
        )
        for one in db.session.scalars(wanted):
            found[one.entry_id].append(Window(one.starts_minute, one.ends_minute))
    return found


def _open_offers(entries: Sequence[int]) -> dict[int, OfferedSlot]:
    if not entries:
        return {}
    wanted = _offers().where(
        WaitlistOffer.entry_id.in_(entries), WaitlistOffer.status == OfferStatus.OPEN.value
    )
    return {row[0].entry_id: _slot(row) for row in db.session.execute(wanted)}


def _slot(row: Sequence[Any]) -> OfferedSlot:
    offer, practitioner, practitioner_name, location, location_name, address, zone = row
    return OfferedSlot(
        public_id=offer.public_id,
        status=OfferStatus(offer.status),
        practitioner=practitioner,
        practitioner_name=practitioner_name,
        location=location,
        location_name=location_name,
        address=address,
        zone=zone,
        starts_at=offer.starts_at,
        ends_at=offer.ends_at,
        offered_at=offer.offered_at,
        expires_at=offer.expires_at,
        closed_at=offer.closed_at,
    )


def _entry(
    row: Sequence[Any], windows: Sequence[Window], offer: OfferedSlot | None
) -> WaitingEntry:
    entry, patient, service, practitioner, practitioner_name, *rest = row
    location, location_name, zone, visit, visit_status = rest
    return WaitingEntry(
        public_id=entry.public_id,
        entry_id=entry.id,
        status=EntryStatus(entry.status),
        version=entry.version,
        link_version=entry.link_version,
        service=service.slug,
        service_name=service.name,
        minutes=service.minutes,
        modality=service.modality,
        is_online=service.online,
        practitioner=practitioner,
        practitioner_name=practitioner_name,
        location=location,
        location_name=location_name,
        zone=zone,
        state=entry.state,
        patient_zone=entry.patient_zone,
        language=entry.language,
        from_date=entry.from_date,
        to_date=entry.to_date,
        days=days_of(entry.days),
        windows=tuple(windows),
        lapses=entry.lapses,
        joined_at=entry.joined_at,
        closed_at=entry.closed_at,
        patient=patient.public_id,
        given_name=patient.given_name,
        family_name=patient.family_name,
        birth_date=patient.birth_date,
        visit=visit,
        visit_status=visit_status,
        offer=offer,
    )
