"""Taking and freeing time, inside the transaction of the operation that asks for it.

The only code that writes claims, seats and occurrences. All claims of a transaction are inserted
by one statement in the order of (resource, start): any other order deadlocks on PostgreSQL.
"""

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql

from clinic.core.db import ask, db, insert_later, insert_now, is_postgresql
from clinic.core.rows import add_row, store
from clinic.people.models import Patient
from clinic.scheduling.models import (
    Appointment,
    Claim,
    Occurrence,
    OccurrenceResource,
    Resource,
    Seat,
)
from clinic.scheduling.queries.diary import instant
from clinic.scheduling.queries.setting import get_numbers
from clinic.scheduling.rules.asking import Candidate
from clinic.scheduling.rules.setting import Service, Setting


class LostRace(Exception):
    """Somebody else took one of the resources between our look and our claim."""

    def __init__(self, resources: frozenset[int] = frozenset()) -> None:
        super().__init__("a claim was taken by another transaction")
        self.resources = resources


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One claim to be made; ``may_overbook`` lets it stand beside others."""

    resource: int
    starts_at: datetime
    ends_at: datetime
    occurrence_id: int | None = None
    appointment_id: int | None = None
    block_id: int | None = None
    expires_at: datetime | None = None
    may_overbook: bool = False


def make_occurrence(
    *, setting: Setting, service: Service, candidate: Candidate, is_held: bool = False
) -> Occurrence:
    """Write the occurrence of a candidate; it claims nothing yet.

    What is answered stays outside the session. The rooms it takes are written later: who reads them
    in the same transaction says ``insert_now`` before.
    """
    occurrence = Occurrence(state="held" if is_held else "booked", capacity=service.capacity)
    _describe(occurrence, setting, service, candidate)
    store(occurrence)
    _add_rooms(occurrence, setting, candidate)
    return occurrence


def set_occurrence(
    *, setting: Setting, service: Service, candidate: Candidate, occurrence: Occurrence
) -> None:
    """Let a stored occurrence be what the candidate says: who, where, when, with which rooms."""
    _describe(occurrence, setting, service, candidate)
    db.session.flush()
    gone = delete(OccurrenceResource).where(OccurrenceResource.occurrence_id == occurrence.id)
    db.session.execute(gone)
    _add_rooms(occurrence, setting, candidate)
    insert_now()


def _describe(
    occurrence: Occurrence, setting: Setting, service: Service, candidate: Candidate
) -> None:
    numbers = get_numbers(setting)
    occurrence.service_id = numbers.services[service.slug]
    occurrence.practitioner_id = numbers.practitioners[candidate.practitioner]
    occurrence.location_id = numbers.locations[candidate.location]
    occurrence.starts_at, occurrence.ends_at = instant(candidate.start), instant(candidate.end)
    occurrence.busy_from = occurrence.starts_at - timedelta(minutes=service.buffer_before)
    occurrence.busy_until = occurrence.ends_at + timedelta(minutes=service.buffer_after)


_ADD_ROOM = insert(OccurrenceResource.__table__).inline()  # type: ignore[arg-type]


def _add_rooms(occurrence: Occurrence, setting: Setting, candidate: Candidate) -> None:
    for position, slug in enumerate(candidate.resources):
        row = {
            "occurrence_id": occurrence.id,
            "resource_id": setting.rooms[slug].resource,
            "position": position,
        }
        insert_later(_ADD_ROOM, row)


def occurrence_claims(
    *,
    occurrence: Occurrence,
    practitioner: int,
    rooms: Iterable[int],
    may_overbook: bool = False,
    expires_at: datetime | None = None,
) -> list[Wanted]:
    """The claims on practitioner, rooms and equipment, buffers included."""
    return [
        Wanted(
            resource=resource,
            starts_at=occurrence.busy_from,
            ends_at=occurrence.busy_until,
            occurrence_id=occurrence.id,
            expires_at=expires_at,
            may_overbook=may_overbook,
        )
        for resource in (practitioner, *rooms)
    ]


def candidate_claims(
    *,
    setting: Setting,
    candidate: Candidate,
    occurrence: Occurrence,
    may_overbook: bool = False,
    expires_at: datetime | None = None,
) -> list[Wanted]:
    """The same for a candidate of a setting."""
    return occurrence_claims(
        occurrence=occurrence,
        practitioner=setting.practitioners[candidate.practitioner].resource,
        rooms=[setting.rooms[slug].resource for slug in candidate.resources],
        may_overbook=may_overbook,
        expires_at=expires_at,
    )


def insert_claims(wanted: Sequence[Wanted]) -> None:
    """Claim everything or raise LostRace; what may overbook stands beside what it overlaps."""
    if not wanted:
        return
    rows = sorted(wanted, key=lambda one: (one.resource, one.starts_at))
    missing = _claim([_row(one) for one in rows], rows)
    if lost := [one for one in missing if not one.may_overbook]:
        raise LostRace(frozenset(one.resource for one in lost))
    if missing:
        _claim([{**_row(one), "overbooked": True} for one in missing], missing)


def _claim(rows: list[dict[str, Any]], wanted: Sequence[Wanted]) -> list[Wanted]:
    # The rows that came back are counted: ``rowcount`` is -1 with psycopg, and a skipped row is
    # silent on both engines.
    db.session.flush()
    statement = _insert_claims(db.engine.dialect.name, len(rows))
    values = {_named(name, place): row[name] for place, row in enumerate(rows) for name in row}
    made = set(ask((statement, values))[0])
    return [one for one in wanted if (one.resource, one.starts_at) not in made]


@functools.lru_cache(maxsize=64)
def _insert_claims(dialect: str, count: int) -> Any:
    """One statement with that many rows, in their order; what is taken on PostgreSQL is skipped."""
    claims: Any = Claim.__table__
    columns = [column for column in claims.columns if not column.primary_key]
    rows = [
        {one.name: bindparam(_named(one.name, place), type_=one.type) for one in columns}
        for place in range(count)
    ]
    if dialect == "postgresql":
        added: Any = postgresql.insert(claims).values(rows).on_conflict_do_nothing()
    else:
        added = insert(claims).values(rows)
    return added.returning(claims.c.resource_id, claims.c.starts_at)


def _named(name: str, place: int) -> str:
    return f"{name}_of_{place}"


def _row(one: Wanted) -> dict[str, Any]:
    return {
        "resource_id": one.resource,
        "starts_at": one.starts_at,
        "ends_at": one.ends_at,
        "occurrence_id": one.occurrence_id,
        "appointment_id": one.appointment_id,
        "block_id": one.block_id,
        "expires_at": one.expires_at,
        "overbooked": False,
    }


def lock_patient(patient_id: int) -> None:
    """Let bookings of one patient follow each other: limits are counted, not constrained.

    Taken before any occurrence is locked. Writers on SQLite follow each other anyway.
    """
    if is_postgresql():
        wanted = select(Patient.id).where(Patient.id == patient_id)
        db.session.execute(wanted.with_for_update(key_share=True))


_RESOURCES: Any = Resource.__table__
_PLACE_OF_PATIENT = select(_RESOURCES.c.id).where(_RESOURCES.c.patient_id == bindparam("patient"))


def patient_resource(patient_id: int) -> int:
    """The number under which a patient is busy; made at the first visit.

    The caller has locked the patient, so two first visits cannot make it twice.
    """
    [found] = ask((_PLACE_OF_PATIENT, {"patient": patient_id}))
    return int(found[0][0]) if found else add_patient_resource(patient_id)


def add_patient_resource(patient_id: int) -> int:
    """Make the number of a patient who has none yet."""
    return add_row(_RESOURCES, {"kind": "patient", "patient_id": patient_id, "position": 0})


def is_patient_busy(
    *, resource: int, starts_at: datetime, ends_at: datetime, besides: int | None = None
) -> bool:
    """Whether a patient has another live visit that touches the span."""
    wanted = select(Claim.id).where(
        Claim.resource_id == resource, Claim.starts_at < ends_at, Claim.ends_at > starts_at
    )
    if besides is not None:
        wanted = wanted.where(Claim.appointment_id != besides)
    return db.session.scalar(wanted.limit(1)) is not None


_ADD_SEAT = insert(Seat.__table__).inline()  # type: ignore[arg-type]


def take_seat(
    *,
    occurrence: Occurrence,
    appointment_id: int | None = None,
    hold_id: int | None = None,
    expires_at: datetime | None = None,
    is_new: bool = False,
) -> int | None:
    """Sit down on the lowest free seat; answers its number, None when there is none.

    The caller has locked the occurrence, or has just made it (``is_new``: nobody sits in it, and
    nobody asks who does before the end of the transaction).
    """
    taken = set() if is_new else _taken_seats(occurrence.id)
    free = (number for number in range(1, occurrence.capacity + 1) if number not in taken)
    number = next(free, None)
    if number is not None:
        seat = {
            "occurrence_id": occurrence.id,
            "number": number,
            "capacity": occurrence.capacity,
            "appointment_id": appointment_id,
            "hold_id": hold_id,
            "expires_at": expires_at,
        }
        insert_later(_ADD_SEAT, seat)
        if not is_new:
            insert_now()
    return number


def _taken_seats(occurrence_id: int) -> set[int]:
    wanted = select(Seat.number).where(Seat.occurrence_id == occurrence_id)
    return set(db.session.scalars(wanted))


def lock_occurrence(occurrence_id: int) -> Occurrence:
    """The occurrence, locked until the end of the transaction and read afresh."""
    wanted = (
        select(Occurrence)
        .where(Occurrence.id == occurrence_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return db.session.scalars(wanted).one()


def free_appointment(*, appointment_id: int, occurrence_id: int) -> None:
    """Give back the seat and the patient's claim; the occurrence's too when nobody is left."""
    db.session.execute(delete(Seat).where(Seat.appointment_id == appointment_id))
    db.session.execute(delete(Claim).where(Claim.appointment_id == appointment_id))
    settle_occurrence(lock_occurrence(occurrence_id))


def settle_occurrence(occurrence: Occurrence) -> None:
    """Make an occurrence's state and claims agree with who still sits in it.

    Booked while an appointment does, held until the last hold's expiry while only holds do, else
    released: then it claims nothing. Patients beyond capacity count, though they have no seat.
    """
    db.session.flush()
    last_hold = db.session.scalar(
        select(func.max(Seat.expires_at)).where(Seat.occurrence_id == occurrence.id)
    )
    if _has_patients(occurrence.id):
        _let(occurrence, "booked", None)
    elif last_hold is not None:
        _let(occurrence, "held", last_hold)
    else:
        occurrence.state = "released"
        db.session.execute(delete(Claim).where(Claim.occurrence_id == occurrence.id))


def _has_patients(occurrence_id: int) -> bool:
    wanted = select(Appointment.id).where(
        Appointment.occurrence_id == occurrence_id,
        Appointment.status.not_in(("cancelled", "noshow")),
    )
    return db.session.scalar(wanted.limit(1)) is not None


def _let(occurrence: Occurrence, state: str, expires_at: datetime | None) -> None:
    occurrence.state = state
    claims = update(Claim).where(Claim.occurrence_id == occurrence.id)
    db.session.execute(claims.values(expires_at=expires_at))
