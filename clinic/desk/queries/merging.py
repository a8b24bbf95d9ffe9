"""Reads for two records side by side: what each holds, and where their visits clash."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, literal, select, union_all
from sqlalchemy.orm import aliased

from clinic.core.db import db
from clinic.documents.models import Document
from clinic.intake.models import FormAssignment
from clinic.payments.models import Order
from clinic.people.models import Patient, PatientMerge, PatientNote, PatientSuggestion
from clinic.scheduling.models import Appointment, Claim, Occurrence, Resource, VisitRequest
from clinic.scheduling.queries.visits import Visit, get_visit

MOST_CLASHES = 20
MOST_PAIRS = 50
COUNTED: tuple[tuple[str, Any], ...] = (
    ("visits", Appointment),
    ("requests", VisitRequest),
    ("forms", FormAssignment),
    ("documents", Document),
    ("orders", Order),
    ("notes", PatientNote),
)


@dataclass(frozen=True, slots=True)
class Clash:
    """A visit of each record at one time."""

    kept: Visit
    gone: Visit


@dataclass(frozen=True, slots=True)
class Compared:
    """Two records; ``holds`` is how many rows of each kind a record has, by its row number.

    ``clashes`` forbid a merge; ``both_came`` are visits of the past to which both came at one time;
    ``is_suggested``: they wait in the queue.
    """

    kept: Patient
    gone: Patient
    holds: dict[int, dict[str, int]]
    clashes: tuple[Clash, ...]
    both_came: tuple[Clash, ...]
    is_suggested: bool


@dataclass(frozen=True, slots=True)
class Doubles:
    """Two records that may be one person, and why."""

    first: Patient
    second: Patient
    reason: str
    noticed_at: datetime


def find_merge(public_id: str) -> tuple[str, str] | None:
    """Public ids of the kept and the other record of a merge; None when there is none."""
    kept, gone = aliased(Patient), aliased(Patient)
    wanted = (
        select(kept.public_id, gone.public_id)
        .select_from(PatientMerge)
        .join(kept, kept.id == PatientMerge.kept_id)
        .join(gone, gone.id == PatientMerge.gone_id)
        .where(PatientMerge.public_id == public_id)
    )
    found = db.session.execute(wanted).first()
    return (found[0], found[1]) if found else None


def list_clashes(*, kept_id: int, gone_id: int) -> tuple[tuple[str, str], ...]:
    """Visits (public ids) of the two that claim one time; what is over claims nothing."""
    mine, theirs = aliased(Claim), aliased(Claim)
    my_place, their_place = aliased(Resource), aliased(Resource)
    my_visit, their_visit = aliased(Appointment), aliased(Appointment)
    wanted = (
        select(my_visit.public_id, their_visit.public_id)
        .select_from(mine)
        .join(my_place, my_place.id == mine.resource_id)
        .join(my_visit, my_visit.id == mine.appointment_id)
        .join(theirs, (theirs.starts_at < mine.ends_at) & (theirs.ends_at > mine.starts_at))
        .join(their_place, their_place.id == theirs.resource_id)
        .join(their_visit, their_visit.id == theirs.appointment_id)
        .where(my_place.patient_id == kept_id, their_place.patient_id == gone_id)
        .where(~mine.overbooked, ~theirs.overbooked)
        .order_by(mine.starts_at, mine.id, theirs.id)
        .limit(MOST_CLASHES)
    )
    return tuple((row[0], row[1]) for row in db.session.execute(wanted))


def compare_records(*, kept: Patient, gone: Patient) -> Compared:
    """Both records with what they hold; a query for the numbers, two for visits at one time."""
    clashes = list_clashes(kept_id=kept.id, gone_id=gone.id)
    return Compared(
        kept=kept,
        gone=gone,
        holds=_holds(kept.id, gone.id),
        clashes=_clashes(clashes),
        both_came=_clashes(_both_came(kept.id, gone.id)),
        is_suggested=_is_suggested(kept.id, gone.id),
    )


def _is_suggested(*patient_ids: int) -> bool:
    pair = db.session.get(PatientSuggestion, tuple(sorted(patient_ids)))
    return pair is not None and pair.settled_at is None


def _clashes(pairs: tuple[tuple[str, str], ...]) -> tuple[Clash, ...]:
    return tuple(Clash(get_visit(kept), get_visit(gone)) for kept, gone in pairs)


def _both_came(kept_id: int, gone_id: int) -> tuple[tuple[str, str], ...]:
    mine, theirs = aliased(Appointment), aliased(Appointment)
    my_time, their_time = aliased(Occurrence), aliased(Occurrence)
    came = ("arrived", "checked-in", "fulfilled")
    wanted = (
        select(mine.public_id, theirs.public_id)
        .select_from(mine)
        .join(my_time, my_time.id == mine.occurrence_id)
        .join(theirs, theirs.patient_id == gone_id)
        .join(their_time, their_time.id == theirs.occurrence_id)
        .where(mine.patient_id == kept_id, mine.status.in_(came), theirs.status.in_(came))
        .where(my_time.starts_at < their_time.ends_at, my_time.ends_at > their_time.starts_at)
        .order_by(my_time.starts_at.desc(), mine.id, theirs.id)
        .limit(3)
    )
    return tuple((row[0], row[1]) for row in db.session.execute(wanted))


def _holds(*patient_ids: int) -> dict[int, dict[str, int]]:
    wanted = union_all(
        *(
            select(model.patient_id, literal(name), func.count(model.id))
            .where(model.patient_id.in_(patient_ids))
            .group_by(model.patient_id)
            for name, model in COUNTED
        )
    )
    found: dict[int, dict[str, int]] = {one: {} for one in patient_ids}
    for patient_id, name, count in db.session.execute(wanted):
        found[patient_id][name] = count
    return found


def list_doubles(*, patient_id: int | None = None) -> tuple[Doubles, ...]:
    """Records that may be one person and that nobody has looked at: first those of one name and
    birth date, then those of one contact (a family's often), the newest first.

    With ``patient_id`` those of one record. One query.
    """
    first, second = aliased(Patient), aliased(Patient)
    wanted = (
        select(PatientSuggestion, first, second)
        .join(first, first.id == PatientSuggestion.patient_id)
        .join(second, second.id == PatientSuggestion.other_id)
        .where(PatientSuggestion.settled_at.is_(None))
        .order_by(
            PatientSuggestion.reason != "birth-date-and-name",
            PatientSuggestion.created_at.desc(),
            PatientSuggestion.other_id.desc(),
        )
        .limit(MOST_PAIRS)
    )
    if patient_id is not None:
        wanted = wanted.where((first.id == patient_id) | (second.id == patient_id))
    return tuple(
        Doubles(one, two, row.reason, row.created_at)
        for row, one, two in db.session.execute(wanted)
    )
