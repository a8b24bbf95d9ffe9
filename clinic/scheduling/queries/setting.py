"""The clinic's configuration as one frozen value, read once for each version.

Every page and booking begins by reading the version (one row), a page once however often it needs
the setting; the rest is read again only when it has changed, so a request costs one query for all
of services, hours, closures and rooms.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from flask import current_app
from sqlalchemy import select

from clinic.core.db import current_connection, db, in_transaction
from clinic.core.errors import Unavailable
from clinic.core.once import ask_once
from clinic.core.prepared import fetch
from clinic.scheduling.models import (
    Clinic,
    Closure,
    HourException,
    Hours,
    Licence,
    Location,
    MessagePolicy,
    Practitioner,
    Resource,
    Service,
    ServiceNeed,
    ServicePractitioner,
    TelehealthPolicy,
    WaitlistPolicy,
)
from clinic.scheduling.rules import setting as rules
from clinic.scheduling.rules.wall_time import local_date

_CACHE = "scheduling-setting"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Numbers:
    """The row numbers behind the slugs of one version of the setting."""

    services: dict[str, int]
    practitioners: dict[str, int]
    locations: dict[str, int]


class NoClinic(Unavailable):
    """No clinic file was loaded yet."""

    code = "no-clinic"
    message = "This clinic is not set up yet."


_VERSION = select(Clinic.__table__.c.version)
_VERSION_KEPT = _VERSION.with_for_update(read=True)


def get_setting() -> rules.Setting:
    """The configuration in force. Raises NoClinic before the first ``clinic load``.

    Inside a transaction the clinic's row is locked for sharing, so that a change of configuration
    waits for bookings that were checked against the old one, and they for it.
    """
    return ask_once(_in_force)


def _in_force() -> rules.Setting:
    wanted = _VERSION_KEPT if in_transaction() else _VERSION
    found = fetch(current_connection(), wanted, {})
    if not found:
        raise NoClinic
    version = found[0][0]
    cached: tuple[rules.Setting, Numbers] | None = current_app.extensions.get(_CACHE)
    if cached is None or cached[0].version != version:
        cached = _load(), _numbers()
        current_app.extensions[_CACHE] = cached
    return cached[0]


def clinic_date(now: datetime) -> date:
    """The date in the clinic's zone. Raises NoClinic before the first ``clinic load``."""
    return local_date(instant=int(now.timestamp()), zone=get_setting().zone)


def remembered_setting() -> rules.Setting:
    """What this process last saw in force, without asking whether it still is.

    For reading what somebody sent before an operation judges it by what is in force; whoever finds
    a fault by it looks again with ``get_setting``. Raises NoClinic before the first load.
    """
    cached: tuple[rules.Setting, Numbers] | None = current_app.extensions.get(_CACHE)
    return get_setting() if cached is None else cached[0]


def get_numbers(setting: rules.Setting) -> Numbers:
    """The row numbers of what is live in this setting."""
    cached: tuple[rules.Setting, Numbers] | None = current_app.extensions.get(_CACHE)
    if cached is not None and cached[0] is setting:
        return cached[1]
    return _numbers()


def forget_setting() -> None:
    """Drop what this process remembers (tests that change databases under one application)."""
    current_app.extensions.pop(_CACHE, None)


def currency() -> str:
    """The currency of the clinic's prices, an ISO code in lower case."""
    return db.session.scalar(select(Clinic.currency)) or "usd"


def _load() -> rules.Setting:
    clinic = db.session.scalars(select(Clinic).execution_options(populate_existing=True)).one()
    locations = {row.id: row for row in _live(Location)}
    rooms = {row.id: row for row in _live(Resource) if row.location_id in locations}
    services = {row.id: row for row in _live(Service)}
    return rules.Setting(
        version=clinic.version,
        name=clinic.name,
        zone=clinic.time_zone,
        phone=clinic.phone,
        policy=policy_of(clinic),
        locations={
            row.slug: rules.Location(
                row.slug,
                row.name,
                row.address,
                row.time_zone or clinic.time_zone,
                row.directions or "",
            )
            for row in locations.values()
        },
        rooms={
            row.slug: rules.Room(
                row.slug, row.name or row.slug, row.kind, locations[row.location_id].slug, row.id
            )
            for row in rooms.values()
            if row.slug is not None and row.location_id is not None
        },
        services=_services(services, rooms),
        practitioners=_practitioners(services, locations),
        closures=tuple(
            rules.Closure(
                row.date,
                row.reason,
                locations[row.location_id].slug if row.location_id is not None else None,
                row.starts_minute,
                row.ends_minute,
            )
            for row in db.session.scalars(select(Closure).order_by(Closure.position))
            if row.location_id is None or row.location_id in locations
        ),
    )


def _numbers() -> Numbers:
    return Numbers(
        services={row.slug: row.id for row in _live(Service)},
        practitioners={row.slug: row.id for row in _live(Practitioner)},
        locations={row.slug: row.id for row in _live(Location)},
    )


def list_known_practitioners() -> frozenset[str]:
    """The slugs of all practitioners, also of the retired: their visits stay."""
    return frozenset(db.session.scalars(select(Practitioner.slug)))


def _live(model: type[T]) -> Iterable[T]:
    table: Any = model
    return db.session.scalars(
        select(model)
        .where(table.retired_at.is_(None))
        .order_by(table.position)
        .execution_options(populate_existing=True)
    )


def service_of(row: Service, *, needs: Iterable[Iterable[str]]) -> rules.Service:
    """A service as the rules see it; `needs` are groups of rooms and equipment, one of each."""
    return rules.Service(
        slug=row.slug,
        name=row.name,
        minutes=row.minutes,
        buffer_before=row.buffer_before,
        buffer_after=row.buffer_after,
        grid_minutes=row.grid_minutes,
        min_notice_seconds=row.min_notice_seconds,
        horizon_days=row.horizon_days,
        modality=row.modality,
        online=row.online,
        price_cents=row.price_cents,
        capacity=row.capacity,
        safety_screen=row.safety_screen,
        forms=tuple(row.forms),
        needs=tuple(tuple(group) for group in needs),
    )


def policy_of(clinic: Clinic) -> rules.Policy:
    """The clinic's policy, with the usual one for messages where it has said nothing of them."""
    found = db.session.scalars(select(MessagePolicy).execution_options(populate_existing=True))
    told, usual = found.one_or_none(), rules.Policy()
    return rules.Policy(
        cancellation_notice_hours=clinic.cancellation_notice_hours,
        hold_minutes=clinic.hold_minutes,
        payment_hold_minutes=clinic.payment_hold_minutes,
        undo_seconds=clinic.undo_seconds,
        online_limit_per_service_and_day=clinic.online_limit_per_service_and_day,
        reminder_hours=tuple(told.reminder_hours) if told else usual.reminder_hours,
        message_days=told.message_days if told else usual.message_days,
        practitioner_digest=told.practitioner_digest if told else usual.practitioner_digest,
        direct_access=clinic.direct_access or "",
        **_said(TelehealthPolicy),
        **_said(WaitlistPolicy),
    )


def _said(model: type[TelehealthPolicy | WaitlistPolicy]) -> dict[str, Any]:
    """What the clinic has said in the one row beside its own; nothing where it has said nothing."""
    names = model.__table__.columns.keys()[1:]
    wanted = select(*(getattr(model, name) for name in names))
    found = db.session.execute(wanted).mappings().one_or_none()
    return dict(found) if found else {}


def _services(services: dict[int, Service], rooms: dict[int, Resource]) -> dict[str, rules.Service]:
    needs: dict[int, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    rows = select(ServiceNeed).order_by(ServiceNeed.group_number, ServiceNeed.position)
    for need in db.session.scalars(rows):
        # A group whose rooms have all been retired stays, empty: it can be met nowhere.
        group = needs[need.service_id][need.group_number]
        room = rooms.get(need.resource_id)
        if room is not None and room.slug is not None:
            group.append(room.slug)
    return {row.slug: service_of(row, needs=needs[row.id].values()) for row in services.values()}


def _practitioners(
    services: dict[int, Service], locations: dict[int, Location]
) -> dict[str, rules.Practitioner]:
    does, licences = _by_practitioner(ServicePractitioner), _by_practitioner(Licence)
    hours, exceptions = _by_practitioner(Hours), _by_practitioner(HourException)
    return {
        row.slug: rules.Practitioner(
            slug=row.slug,
            name=row.name,
            resource=row.resource_id,
            services=frozenset(
                services[one.service_id].slug for one in does[row.id] if one.service_id in services
            ),
            licences=tuple(
                rules.Licence(one.state, one.kind, one.number, one.valid_from, one.valid_to)
                for one in licences[row.id]
            ),
            hours=tuple(
                _hours(one, locations) for one in hours[row.id] if one.location_id in locations
            ),
            exceptions=tuple(
                rules.ExceptionRule(
                    one.date,
                    locations[one.location_id].slug if one.location_id is not None else None,
                    tuple((starts, ends) for starts, ends in one.windows),
                )
                for one in exceptions[row.id]
                if one.location_id is None or one.location_id in locations
            ),
        )
        for row in _live(Practitioner)
    }


def _by_practitioner(model: type[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in db.session.scalars(select(model).order_by(model.position)):
        found[row.practitioner_id].append(row)
    return found


def _hours(row: Hours, locations: dict[int, Location]) -> rules.HoursRule:
    return rules.HoursRule(
        location=locations[row.location_id].slug,
        days=frozenset(day for day in range(7) if row.days >> day & 1),
        starts=row.starts_minute,
        ends=row.ends_minute,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        every_weeks=row.every_weeks,
    )
