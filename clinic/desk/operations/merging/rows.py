"""The rows of a record, moved to another and back."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, false, or_, select, update
from sqlalchemy.orm import aliased

from clinic.core.db import db
from clinic.documents.models import Document
from clinic.intake.models import (
    FormAssignment,
    FormLink,
    FormSession,
    OpenSafetyEvent,
    Response,
)
from clinic.messaging.models import Message
from clinic.payments.models import Order
from clinic.people.models import Guardian, OwnConsent, PatientMerge, PatientNote
from clinic.scheduling.models import (
    Appointment,
    CalendarFeed,
    Referral,
    VisitRequest,
    WaitlistEntry,
)

Moved = dict[str, list[int]]
"""Table -> the numbers of the rows that were moved."""
SOME = 500


@dataclass(frozen=True, slots=True)
class Pair:
    """Row numbers and public ids of the record that is kept, and of the one that goes."""

    kept_id: int
    kept: str
    gone_id: int
    gone: str


# Assignments before responses: a response is its assignment's patient's.
_TABLES: tuple[tuple[Any, Any, Any], ...] = (
    *(
        (model, model.id, model.patient_id)
        for model in (
            Appointment,
            VisitRequest,
            WaitlistEntry,
            Order,
            PatientNote,
            Referral,
            FormLink,
            FormSession,
            FormAssignment,
            Response,
            Document,
            CalendarFeed,
            Guardian,
            OwnConsent,
        )
    ),
    (OpenSafetyEvent, OpenSafetyEvent.event_id, OpenSafetyEvent.patient_id),
    (PatientMerge, PatientMerge.id, PatientMerge.leads_to_id),
)
MOVED_COLUMNS = frozenset(f"{model.__tablename__}.{owner.key}" for model, _, owner in _TABLES)


def move_rows(pair: Pair) -> Moved:
    """Give the kept record all rows of the other but those that it has already, word for word."""
    moved: Moved = {}
    for model, key, owner in _TABLES:
        condition = and_(owner == pair.gone_id, ~_has_already(model, pair))
        if model is PatientMerge:
            condition = and_(condition, PatientMerge.undone_at.is_(None))
        moved[model.__tablename__] = list(db.session.scalars(select(key).where(condition)))
        _give(model, key, owner, moved[model.__tablename__], pair.kept_id)
    return moved


def move_back(moved: Moved, pair: Pair, *, at: datetime) -> None:
    """Give them back, but for answers that were saved since ``at``: those stay with the kept one.

    What was removed meanwhile is left out.
    """
    staying = _answered_since(moved, at)
    for model, key, owner in _TABLES:
        ids = [one for one in moved[model.__tablename__] if one not in staying.get(model, set())]
        _give(model, key, owner, ids, pair.gone_id, from_id=pair.kept_id)


def _answered_since(moved: Moved, at: datetime) -> dict[Any, set[int]]:
    responses, assignments = set(), set()
    for ids in _some(moved["form_assignments"]):
        wanted = select(Response.id, Response.assignment_id).where(
            Response.assignment_id.in_(ids), Response.saved_at > at
        )
        for response, assignment in db.session.execute(wanted):
            responses.add(response)
            assignments.add(assignment)
    return {Response: responses, FormAssignment: assignments}


def move_names(pair: Pair) -> Moved:
    """Let messages and documents name the kept record where they name the other."""
    moved: Moved = {}
    for label, column, gone, kept in _names(pair):
        model = column.class_
        ids = list(db.session.scalars(select(model.id).where(column == gone)))
        moved[label] = ids
        for some in _some(ids):
            run_statement(update(model).where(model.id.in_(some)).values({column: kept}))
    return moved


def move_names_back(moved: Moved, pair: Pair) -> None:
    """Let them name the other record again."""
    for label, column, gone, kept in _names(pair):
        model = column.class_
        for some in _some(moved[label]):
            run_statement(
                update(model).where(model.id.in_(some), column == kept).values({column: gone})
            )


def _names(pair: Pair) -> Iterator[tuple[str, Any, str, str]]:
    yield "messages.patient", Message.patient, pair.gone, pair.kept
    gone, kept = f"patient:{pair.gone}", f"patient:{pair.kept}"
    yield "messages.about", Message.about, gone, kept
    yield "documents.about", Document.about, gone, kept


def _give(
    model: Any, key: Any, owner: Any, ids: Sequence[int], to_id: int, from_id: int | None = None
) -> None:
    for some in _some(ids):
        given = update(model).where(key.in_(some)).values({owner: to_id})
        run_statement(given if from_id is None else given.where(owner == from_id))


def run_statement(statement: Any) -> None:
    """Change rows in the database; what the session has read of them stays as it was read."""
    db.session.execute(statement.execution_options(synchronize_session=False))


def _some(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    return (ids[start : start + SOME] for start in range(0, len(ids), SOME))


def _has_already(model: Any, pair: Pair) -> ColumnElement[bool]:
    """Whether the kept record has the same: of these it may have one only, or needs no second."""
    other: Any = aliased(model)
    theirs = other.patient_id == pair.kept_id if hasattr(model, "patient_id") else false()
    if model is Document:
        return and_(
            Document.about == f"patient:{pair.gone}",
            Document.removed_at.is_(None),
            exists().where(
                theirs,
                other.about == f"patient:{pair.kept}",
                other.removed_at.is_(None),
                other.kind == Document.kind,
                other.sha256 == Document.sha256,
            ),
        )
    if model in {OwnConsent, CalendarFeed}:
        return and_(model.ended_at.is_(None), exists().where(theirs, other.ended_at.is_(None)))
    if model is WaitlistEntry:
        # It sleeps with the record that goes: nothing is offered to one that was merged away.
        return and_(
            WaitlistEntry.closed_at.is_(None),
            exists().where(
                theirs, other.closed_at.is_(None), other.service_id == WaitlistEntry.service_id
            ),
        )
    if model is Guardian:
        return exists().where(
            theirs,
            other.ended_at.is_(None),
            other.name_key == Guardian.name_key,
            other.birth_date == Guardian.birth_date,
            other.email_key.is_not_distinct_from(Guardian.email_key),
            or_(other.confirmed_at.is_not(None), Guardian.confirmed_at.is_(None)),
        )
    return false()
