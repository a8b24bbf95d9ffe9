"""What stands in the way of one start, by name, for staff who have to explain it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from clinic.core.db import db
from clinic.scheduling.models import (
    Appointment,
    Block,
    Claim,
    Occurrence,
    Practitioner,
    Resource,
    Service,
)
from clinic.scheduling.queries.diary import instant, is_live
from clinic.scheduling.rules.asking import Query
from clinic.scheduling.rules.blocking import claimed_span

MOST = 20


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Something that a resource is busy with; ``kind`` is the resource's.

    ``starts_at``/``ends_at`` are the visit, ``busy_from``/``busy_until`` the same with buffers.
    """

    kind: str
    name: str
    service_name: str
    practitioner_name: str
    starts_at: datetime
    ends_at: datetime
    busy_from: datetime
    busy_until: datetime
    is_held: bool
    block_kind: str


def list_obstacles(
    *,
    query: Query,
    start: int,
    now: datetime,
    patient_id: int | None = None,
    without: tuple[int, ...] = (),
) -> tuple[Obstacle, ...]:
    """What is busy of everybody and everything that the start would touch: one query.

    The practitioner asked for (or all who do the service), the service's rooms, and the patient.
    """
    begins, ends = claimed_span(service=query.wanted, start=start)
    wanted = (
        _select()
        .where(
            Claim.resource_id.in_(_resources(query)) | (Resource.patient_id == (patient_id or 0)),
            Claim.starts_at < instant(ends),
            Claim.ends_at > instant(begins),
            is_live(Claim.expires_at, now),
        )
        .order_by(Claim.starts_at, Claim.id)
        .limit(MOST)
    )
    if without:
        wanted = wanted.where(Occurrence.id.is_(None) | Occurrence.id.not_in(without))
    return tuple(_obstacle(row) for row in db.session.execute(wanted))


def _resources(query: Query) -> list[int]:
    setting = query.setting
    people = [
        one.resource
        for one in setting.practitioners.values()
        if query.practitioner == one.slug
        or (query.practitioner is None and query.service in one.services)
    ]
    rooms = {slug for group in query.wanted.needs for slug in group}
    return [*people, *(setting.rooms[slug].resource for slug in rooms if slug in setting.rooms)]


def _select() -> Any:
    owner = func.coalesce(Claim.occurrence_id, Appointment.occurrence_id)
    whose = Practitioner.__table__.alias("whose")
    return (
        select(
            Resource.kind,
            func.coalesce(whose.c.name, Resource.name, ""),
            Service.name,
            Practitioner.name,
            Occurrence.starts_at,
            Occurrence.ends_at,
            Claim.starts_at,
            Claim.ends_at,
            Claim.expires_at,
            Block.kind,
        )
        .select_from(Claim)
        .join(Resource, Resource.id == Claim.resource_id)
        .outerjoin(whose, whose.c.resource_id == Resource.id)
        .outerjoin(Block, Block.id == Claim.block_id)
        .outerjoin(Appointment, Appointment.id == Claim.appointment_id)
        .outerjoin(Occurrence, Occurrence.id == owner)
        .outerjoin(Service, Service.id == Occurrence.service_id)
        .outerjoin(Practitioner, Practitioner.id == Occurrence.practitioner_id)
    )


def _obstacle(row: Sequence[Any]) -> Obstacle:
    kind, name, service, practitioner, starts_at, ends_at, busy_from, busy_until = row[:8]
    return Obstacle(
        kind=kind,
        name=name,
        service_name=service or "",
        practitioner_name=practitioner or "",
        starts_at=starts_at or busy_from,
        ends_at=ends_at or busy_until,
        busy_from=busy_from,
        busy_until=busy_until,
        is_held=row[8] is not None,
        block_kind=row[9] or "",
    )
