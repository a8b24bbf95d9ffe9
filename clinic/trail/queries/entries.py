"""Pages of the trail, and how far it is sealed.

Every page costs the same number of queries, and each filter has its index: the cost does not grow
with the trail.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, literal, or_, select, union
from sqlalchemy.orm import aliased

from clinic.core.audit import AuditEntry, AuditSeal, AuditSight
from clinic.core.db import db
from clinic.core.types import from_micros, to_micros
from clinic.people.models import Patient, PatientMerge
from clinic.scheduling.models import Appointment, VisitRequest
from clinic.scheduling.queries.diary import instant
from clinic.scheduling.rules.wall_time import start_of_day
from clinic.trail.rules import Asked, Position

PAGE = 50
EXPORT_STEP = 1000
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class EntryPage:
    """Entries, the newest first, and where the next page begins; None on the last one."""

    entries: tuple[AuditEntry, ...]
    following: Position | None


@dataclass(frozen=True, slots=True)
class ChainState:
    """How far the trail is sealed, and what ``audit verify`` last found. None: never yet."""

    seals: int
    sealed_at: datetime | None
    verified_at: datetime | None
    was_whole: bool


def list_entries(*, asked: Asked, zone: str, limit: int = PAGE) -> EntryPage:
    """The entries that are asked for, the newest first; dates are meant in ``zone``."""
    wanted = (
        select(AuditEntry)
        .where(*_conditions(asked, zone))
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
        .limit(limit + 1)
    )
    found = tuple(db.session.scalars(wanted))
    for entry in found:  # the look itself is an operation, which would have each read once more
        db.session.expunge(entry)
    page = found[:limit]
    more = len(found) > limit
    return EntryPage(page, Position(to_micros(page[-1].at), page[-1].id) if more else None)


def iterate_entries(*, asked: Asked, zone: str) -> Iterator[AuditEntry]:
    """All of them, read some at a time: memory does not grow with their number."""
    page = list_entries(asked=asked, zone=zone, limit=EXPORT_STEP)
    yield from page.entries
    while page.following is not None:
        further = replace(asked, after=page.following)
        page = list_entries(asked=further, zone=zone, limit=EXPORT_STEP)
        yield from page.entries


def _conditions(asked: Asked, zone: str) -> Iterator[ColumnElement[bool]]:
    if asked.actor:
        yield AuditEntry.actor_id == asked.actor
    if asked.action:
        yield AuditEntry.action == asked.action
    if asked.session:
        yield AuditEntry.session == asked.session
    if asked.patient:
        yield AuditEntry.id.in_(_entries_about(asked.patient))
    if asked.from_date:
        yield AuditEntry.at >= _midnight(asked.from_date, zone)
    if asked.to_date:
        yield AuditEntry.at < _midnight(asked.to_date + ONE_DAY, zone)
    if asked.after:
        at = from_micros(asked.after.micros)
        earlier = and_(AuditEntry.at == at, AuditEntry.id < asked.after.entry_id)
        yield and_(AuditEntry.at <= at, or_(AuditEntry.at < at, earlier))


def _midnight(day: date, zone: str) -> datetime:
    return instant(start_of_day(day=day, zone=zone))


def _entries_about(patient: str) -> Any:
    """Entries of the record and those merged into it, of its visits and requests, and of lists that
    showed it.

    The subjects are asked for first: with them at hand both engines go by the index.
    """
    own = [f"patient:{one}" for one in _records_of(patient)]
    subjects = union(
        *(
            select(literal(f"{kind}:") + row.public_id)
            .join(Patient, Patient.id == row.patient_id)
            .where(Patient.public_id == patient)
            for kind, row in (("appointment", Appointment), ("visit-request", VisitRequest))
        )
    )
    named = [*own, *db.session.scalars(subjects)]
    return union(
        select(AuditEntry.id).where(AuditEntry.subject.in_(named)),
        select(AuditSight.entry_id).where(AuditSight.subject.in_(own)),
    )


def _records_of(patient: str) -> list[str]:
    """The record's public id, and those of the records that were merged into it."""
    kept = aliased(Patient)
    merged = (
        select(Patient.public_id)
        .join(PatientMerge, PatientMerge.gone_id == Patient.id)
        .join(kept, kept.id == PatientMerge.leads_to_id)
        .where(kept.public_id == patient, PatientMerge.undone_at.is_(None))
    )
    return [patient, *db.session.scalars(merged)]


def list_actions() -> list[str]:
    """Every action that the trail knows, found by hopping along the index: a step for each."""
    hop = select(func.min(AuditEntry.action).label("action")).cte("actions", recursive=True)
    following = (
        select(func.min(AuditEntry.action))
        .where(AuditEntry.action > hop.c.action)
        .scalar_subquery()
    )
    hop = hop.union_all(select(following).where(hop.c.action.is_not(None)))
    found = db.session.scalars(select(hop.c.action).where(hop.c.action.is_not(None)))
    return sorted(found)


def get_chain_state() -> ChainState:
    """The newest seal, and the newest entry of a verification."""
    sealed = db.session.execute(
        select(AuditSeal.seq, AuditEntry.at)
        .join(AuditEntry, AuditEntry.id == AuditSeal.entry_id)
        .order_by(AuditSeal.seq.desc())
        .limit(1)
    ).first()
    verified = db.session.scalars(
        select(AuditEntry)
        .where(AuditEntry.action == "audit.verified")
        .order_by(AuditEntry.at.desc())
        .limit(1)
    ).first()
    return ChainState(
        seals=sealed.seq if sealed else 0,
        sealed_at=sealed.at if sealed else None,
        verified_at=verified.at if verified else None,
        was_whole=bool(verified and verified.details.get("whole")),
    )
