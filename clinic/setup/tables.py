"""Writing a clinic file's entries to their tables, inside the transaction of whoever loads it.

Entries are found again by slug, retired ones too; what is no longer named is retired. Rows that
belong to an entry (hours, licences, needs ...) have no identity and are replaced when they differ.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select

from clinic.core.db import db
from clinic.gait.models import Product
from clinic.scheduling.models import (
    Closure,
    HourException,
    Hours,
    Licence,
    Location,
    Practitioner,
    Resource,
    Service,
    ServiceNeed,
    ServicePractitioner,
)
from clinic.scheduling.rules import setting as rules
from clinic.setup.rules.clinic_file import ClinicFile, PractitionerEntry

Values = dict[str, Any]
Numbers = dict[str, int]


def write_tables(*, file: ClinicFile, now: datetime) -> None:
    """Let every table below the clinic's own say what the file says."""
    places = _write(
        Location,
        {
            one.slug: {
                "name": one.name,
                "address": one.address,
                "time_zone": one.time_zone,
                "directions": one.directions or None,
            }
            for one in file.locations
        },
        now=now,
    )
    resources = _write(
        Resource,
        {
            one.slug: {"name": one.name, "kind": one.kind, "location_id": places[one.location]}
            for one in file.resources
        },
        now=now,
    )
    services = _write(Service, {one.slug: _service(one) for one in file.services}, now=now)
    _replace(
        ServiceNeed,
        "service_id",
        {services[one.slug]: _needs(one, resources) for one in file.services},
    )
    people = _write(
        Practitioner,
        {one.slug: {"name": one.name, "email": one.email} for one in file.practitioners},
        now=now,
        first=_claim_number,
    )
    _write_practitioners(file.practitioners, people, services, places)
    _write_closures(file.closures, places)
    _write(
        Product,
        {
            one.slug: {
                "name": one.name,
                "service_id": services[one.service],
                "price_cents": one.price_cents,
                "currency": one.currency,
                "active": one.active,
            }
            for one in file.products
        },
        now=now,
    )


def _write(
    model: type[Any],
    entries: dict[str, Values],
    *,
    now: datetime,
    first: Callable[[], Values] = dict,
) -> Numbers:
    """Make, change, revive and retire rows; answers their numbers by slug.

    `first` gives what only a new row needs.
    """
    rows = {
        row.slug: row for row in db.session.scalars(select(model).where(model.slug.is_not(None)))
    }
    for position, (slug, values) in enumerate(entries.items()):
        wanted = {**values, "position": position, "retired_at": None}
        if slug not in rows:
            rows[slug] = model(slug=slug, **wanted, **first())
            db.session.add(rows[slug])
            continue
        for name, value in wanted.items():
            setattr(rows[slug], name, value)
    for slug, row in rows.items():
        if slug not in entries and row.retired_at is None:
            row.retired_at = now
    db.session.flush()
    return {slug: rows[slug].id for slug in entries}


def _claim_number() -> Values:
    """The resource that stands for a practitioner in the table of claims."""
    resource = Resource(kind="practitioner", position=0)
    db.session.add(resource)
    db.session.flush()
    return {"resource_id": resource.id}


def _replace(model: type[Any], owner: str, wanted: dict[int, list[Values]]) -> None:
    """Let each owner's rows be the wanted ones, in order; equal ones are left alone."""
    column = getattr(model, owner)
    standing: dict[int, list[Any]] = defaultdict(list)
    for row in db.session.scalars(select(model).where(column.in_(wanted))):
        standing[getattr(row, owner)].append(row)
    for number, rows in wanted.items():
        old = sorted(
            ({name: getattr(row, name) for name in rows[0]} for row in standing[number])
            if rows
            else (),
            key=_place,
        )
        if len(old) == len(standing[number]) and old == rows:
            continue
        db.session.execute(delete(model).where(column == number))
        if rows:
            db.session.execute(insert(model), [{owner: number, **row} for row in rows])


def _place(row: Values) -> tuple[int, int]:
    return row.get("group_number", 0), row["position"]


def _service(one: rules.Service) -> Values:
    return {
        "name": one.name,
        "minutes": one.minutes,
        "buffer_before": one.buffer_before,
        "buffer_after": one.buffer_after,
        "grid_minutes": one.grid_minutes,
        "min_notice_seconds": one.min_notice_seconds,
        "horizon_days": one.horizon_days,
        "modality": one.modality,
        "online": one.online,
        "price_cents": one.price_cents,
        "capacity": one.capacity,
        "safety_screen": one.safety_screen,
        "forms": list(one.forms),
    }


def _needs(service: rules.Service, resources: Numbers) -> list[Values]:
    return [
        {"group_number": number, "resource_id": resources[slug], "position": position}
        for number, group in enumerate(service.needs)
        for position, slug in enumerate(group)
    ]


def _write_practitioners(
    entries: Sequence[PractitionerEntry], people: Numbers, services: Numbers, places: Numbers
) -> None:
    rows: dict[type[Any], dict[int, list[Values]]] = defaultdict(dict)
    for entry in entries:
        number = people[entry.slug]
        rows[ServicePractitioner][number] = [
            {"service_id": services[slug], "position": position}
            for position, slug in enumerate(entry.services)
        ]
        rows[Licence][number] = [
            _licence(one, position) for position, one in enumerate(entry.licences)
        ]
        rows[Hours][number] = [
            _hours(one, position, places) for position, one in enumerate(entry.hours)
        ]
        rows[HourException][number] = [
            _exception(one, position, places) for position, one in enumerate(entry.exceptions)
        ]
    for model, wanted in rows.items():
        _replace(model, "practitioner_id", wanted)


def _licence(one: rules.Licence, position: int) -> Values:
    return {
        "state": one.state,
        "kind": one.kind,
        "number": one.number,
        "valid_from": one.valid_from,
        "valid_to": one.valid_to,
        "position": position,
    }


def _hours(one: rules.HoursRule, position: int, places: Numbers) -> Values:
    return {
        "location_id": places[one.location],
        "days": sum(1 << day for day in one.days),
        "starts_minute": one.starts,
        "ends_minute": one.ends,
        "valid_from": one.valid_from,
        "valid_to": one.valid_to,
        "every_weeks": one.every_weeks,
        "position": position,
    }


def _exception(one: rules.ExceptionRule, position: int, places: Numbers) -> Values:
    return {
        "date": one.date,
        "location_id": None if one.location is None else places[one.location],
        "windows": [list(window) for window in one.windows],
        "position": position,
    }


def _write_closures(closures: Sequence[rules.Closure], places: Numbers) -> None:
    wanted = [
        {
            "date": one.date,
            "reason": one.reason,
            "location_id": None if one.location is None else places[one.location],
            "starts_minute": one.starts,
            "ends_minute": one.ends,
            "position": position,
        }
        for position, one in enumerate(closures)
    ]
    rows = db.session.scalars(select(Closure).order_by(Closure.position))
    names = ("date", "reason", "location_id", "starts_minute", "ends_minute", "position")
    if [{name: getattr(row, name) for name in names} for row in rows] == wanted:
        return
    db.session.execute(delete(Closure))
    if wanted:
        db.session.execute(insert(Closure), wanted)
