"""The clinic in force as a clinic file, and the visits that depend on it."""

from collections import defaultdict
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import select

from clinic.core.db import db, one_snapshot
from clinic.gait.models import Product
from clinic.intake.queries.policy import get_clinical_policy
from clinic.scheduling.models import (
    Appointment,
    Clinic,
    Closure,
    HourException,
    Hours,
    Licence,
    Location,
    Occurrence,
    OccurrenceResource,
    Practitioner,
    Resource,
    Service,
    ServiceNeed,
    ServicePractitioner,
)
from clinic.scheduling.queries.setting import NoClinic, policy_of, service_of
from clinic.scheduling.rules import setting as rules
from clinic.scheduling.rules.status import Status
from clinic.setup.rules.clinic_file import (
    ClinicFile,
    LocationEntry,
    PractitionerEntry,
    ProductEntry,
    ResourceEntry,
)
from clinic.setup.rules.stranded import BookedVisit
from clinic.setup.rules.writing import write_clinic_file

LIVE = (Status.BOOKED, Status.ARRIVED, Status.CHECKED_IN)

Row = TypeVar("Row")


def find_clinic_file() -> ClinicFile | None:
    """What a clinic file would have to say to be what is in force; None before the first load."""
    clinic = db.session.scalar(select(Clinic))
    if clinic is None:
        return None
    locations = {row.id: row for row in _live(Location)}
    resources = {row.id: row for row in _live(Resource) if row.location_id in locations}
    services = {row.id: row for row in _live(Service)}
    places = {ident: row.slug for ident, row in locations.items()}
    names = {ident: row.slug for ident, row in services.items()}
    return ClinicFile(
        name=clinic.name,
        time_zone=clinic.time_zone,
        phone=clinic.phone,
        currency=clinic.currency,
        policy=policy_of(clinic),
        clinical=get_clinical_policy(),
        locations=tuple(
            LocationEntry(row.slug, row.name, row.address, row.time_zone, row.directions or "")
            for row in locations.values()
        ),
        resources=tuple(
            ResourceEntry(row.slug or "", row.name or "", row.kind, places[row.location_id])
            for row in resources.values()
            if row.location_id is not None
        ),
        services=_services(services, {ident: row.slug or "" for ident, row in resources.items()}),
        practitioners=_practitioners(places, names),
        closures=_closures(places),
        products=tuple(
            ProductEntry(
                row.slug,
                row.name,
                names[row.service_id],
                row.price_cents,
                row.currency,
                row.active,
            )
            for row in _live(Product)
            if row.service_id in names
        ),
    )


def dump_clinic() -> str:
    """The clinic in force as the text of a clinic file; loading it changes nothing.

    Raises NoClinic before the first load.
    """
    one_snapshot()
    file = find_clinic_file()
    if file is None:
        raise NoClinic
    return write_clinic_file(file=file)


def list_live_visits(*, now: datetime) -> tuple[BookedVisit, ...]:
    """Every visit that is booked or under way and ends after `now`, by start."""
    found = list(
        db.session.execute(
            select(
                Appointment.public_id,
                Appointment.patient_state,
                Occurrence.id,
                Occurrence.starts_at,
                Occurrence.ends_at,
                Service.slug,
                Practitioner.slug,
                Location.slug,
            )
            .join(Occurrence, Occurrence.id == Appointment.occurrence_id)
            .join(Service, Service.id == Occurrence.service_id)
            .join(Practitioner, Practitioner.id == Occurrence.practitioner_id)
            .join(Location, Location.id == Occurrence.location_id)
            .where(_is_coming(now), Appointment.status.in_(LIVE))
            .order_by(Occurrence.starts_at, Appointment.id)
        )
    )
    rooms = _rooms_of_coming(now)
    return tuple(
        BookedVisit(
            public_id=public_id,
            service=service,
            practitioner=practitioner,
            location=location,
            rooms=tuple(rooms[occurrence]),
            starts=int(starts_at.timestamp()),
            ends=int(ends_at.timestamp()),
            patient_state=state,
        )
        for public_id, state, occurrence, starts_at, ends_at, service, practitioner, location in (
            found
        )
    )


def _is_coming(now: datetime) -> Any:
    return (Occurrence.state == "booked") & (Occurrence.ends_at > now)


def _rooms_of_coming(now: datetime) -> dict[int, list[str]]:
    rooms: dict[int, list[str]] = defaultdict(list)
    rows = (
        select(OccurrenceResource.occurrence_id, Resource.slug)
        .join(Resource, Resource.id == OccurrenceResource.resource_id)
        .join(Occurrence, Occurrence.id == OccurrenceResource.occurrence_id)
        .where(_is_coming(now))
        .order_by(OccurrenceResource.position)
    )
    for occurrence, slug in db.session.execute(rows):
        rooms[occurrence].append(slug or "")
    return rooms


def _live(model: type[Row]) -> list[Row]:
    table: Any = model
    return list(
        db.session.scalars(
            select(model).where(table.retired_at.is_(None)).order_by(table.position, table.id)
        )
    )


def _services(services: dict[int, Service], resources: dict[int, str]) -> tuple[rules.Service, ...]:
    needs: dict[int, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    rows = select(ServiceNeed).order_by(ServiceNeed.group_number, ServiceNeed.position)
    for row in db.session.scalars(rows):
        if row.resource_id in resources:
            needs[row.service_id][row.group_number].append(resources[row.resource_id])
    return tuple(service_of(row, needs=needs[row.id].values()) for row in services.values())


def _practitioners(
    places: dict[int, str], services: dict[int, str]
) -> tuple[PractitionerEntry, ...]:
    does, licences = _by_practitioner(ServicePractitioner), _by_practitioner(Licence)
    hours, exceptions = _by_practitioner(Hours), _by_practitioner(HourException)
    return tuple(
        PractitionerEntry(
            slug=row.slug,
            name=row.name,
            email=row.email,
            services=tuple(
                services[one.service_id] for one in does[row.id] if one.service_id in services
            ),
            licences=tuple(
                rules.Licence(one.state, one.kind, one.number, one.valid_from, one.valid_to)
                for one in licences[row.id]
            ),
            hours=tuple(_hours(one, places) for one in hours[row.id] if one.location_id in places),
            exceptions=tuple(
                rules.ExceptionRule(
                    one.date,
                    None if one.location_id is None else places[one.location_id],
                    tuple((starts, ends) for starts, ends in one.windows),
                )
                for one in exceptions[row.id]
                if one.location_id is None or one.location_id in places
            ),
        )
        for row in _live(Practitioner)
    )


def _by_practitioner(model: type[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in db.session.scalars(select(model).order_by(model.position)):
        found[row.practitioner_id].append(row)
    return found


def _hours(row: Hours, places: dict[int, str]) -> rules.HoursRule:
    return rules.HoursRule(
        location=places[row.location_id],
        days=frozenset(day for day in range(7) if row.days >> day & 1),
        starts=row.starts_minute,
        ends=row.ends_minute,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        every_weeks=row.every_weeks,
    )


def _closures(places: dict[int, str]) -> tuple[rules.Closure, ...]:
    return tuple(
        rules.Closure(
            row.date,
            row.reason,
            None if row.location_id is None else places[row.location_id],
            row.starts_minute,
            row.ends_minute,
        )
        for row in db.session.scalars(select(Closure).order_by(Closure.position))
        if row.location_id is None or row.location_id in places
    )
