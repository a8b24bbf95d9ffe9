"""The desk's queue of requests: what a line of it says, in one query for any number of lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select

from clinic.core.db import db
from clinic.core.values import Interval
from clinic.people.models import Patient
from clinic.scheduling.models import (
    Appointment,
    VisitRequest,
    VisitRequestOpinion,
    VisitRequestTime,
)
from clinic.scheduling.rules.request_queue import STATUSES, Place, Show
from clinic.scheduling.rules.requests import OPEN, Modality, RequestStatus, Urgency
from clinic.scheduling.rules.week_view import Part

PAGE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedRequest:
    """A request as a line. ``time`` is the most wanted one; ``opinions`` and ``open_opinions`` are
    how many a clinician was asked for, and has not given yet."""

    public_id: str
    modality: Modality
    is_unsure: bool
    status: RequestStatus
    stands: str
    urgency: Urgency
    version: int
    reason: str
    time: Interval | None
    part: Part | None
    zone: str
    state: str | None
    needs_interpreter: bool
    created_at: datetime
    due_at: datetime
    patient: str
    given_name: str
    family_name: str
    opinions: int
    open_opinions: int
    place: Place

    def is_overdue(self, now: datetime) -> bool:
        """Whether the answer that was promised has not been given."""
        return self.status is RequestStatus.REQUESTED and self.due_at < now


@dataclass(frozen=True, slots=True)
class QueuePage:
    """Some lines, and where the next page begins or None."""

    requests: tuple[QueuedRequest, ...]
    following: Place | None


@dataclass(frozen=True, slots=True)
class QueueCounts:
    """How many open requests stand in each status; ``overdue`` ones are among those requested."""

    by_status: dict[RequestStatus, int]
    overdue: int

    def of(self, show: Show) -> int:
        """How many stand in an open part of the queue."""
        return sum(self.by_status.get(one, 0) for one in STATUSES[show])


def list_queue(*, show: Show, after: Place | None = None, limit: int = PAGE) -> QueuePage:
    """A part of the queue, a page at a time (keyset): the most urgent first and then the oldest;
    what is closed by age alone, the latest first. One query, in the order of an index."""
    statuses = [one.value for one in STATUSES[show]]
    wanted = _select().where(VisitRequest.status.in_(statuses))
    if after is not None:
        wanted = wanted.where(_beyond(show, after))
    order: list[Any] = [VisitRequest.created_at, VisitRequest.id]
    if show is Show.CLOSED:
        order = [one.desc() for one in order]
    elif show is Show.OPEN:
        order.insert(0, VisitRequest.urgency)
    found = [_line(row) for row in db.session.execute(wanted.order_by(*order).limit(limit + 1))]
    page = tuple(found[:limit])
    return QueuePage(page, page[-1].place if len(found) > limit else None)


def find_queued(public_id: str) -> QueuedRequest | None:
    """One request as a line; None when there is none of that public id."""
    row = db.session.execute(_select().where(VisitRequest.public_id == public_id)).one_or_none()
    return _line(row) if row is not None else None


def count_open(*, now: datetime) -> QueueCounts:
    """How many are open, and how many wait longer than promised. What is closed is not counted:
    the cost of the queue must not grow with its history."""
    late = func.count().filter(VisitRequest.due_at < now)
    wanted = (
        select(VisitRequest.status, func.count(), late)
        .where(VisitRequest.status.in_([one.value for one in OPEN]))
        .group_by(VisitRequest.status)
    )
    found = {RequestStatus(status): (n, n_late) for status, n, n_late in db.session.execute(wanted)}
    _, overdue = found.get(RequestStatus.REQUESTED, (0, 0))
    return QueueCounts({status: n for status, (n, _) in found.items()}, overdue)


def _beyond(show: Show, after: Place) -> ColumnElement[bool]:
    at, ident = VisitRequest.created_at, VisitRequest.id
    if show is Show.CLOSED:
        return (at < after.at) | ((at == after.at) & (ident < after.ident))
    later = (at > after.at) | ((at == after.at) & (ident > after.ident))
    if show is not Show.OPEN:
        return later
    urgency = VisitRequest.urgency
    return (urgency > after.urgency) | ((urgency == after.urgency) & later)


def _select() -> Select[*tuple[Any, ...]]:
    opinions = select(func.count(VisitRequestOpinion.id)).where(
        VisitRequestOpinion.request_id == VisitRequest.id
    )
    return (
        select(
            VisitRequest,
            Patient.public_id,
            Patient.given_name,
            Patient.family_name,
            Appointment.status,
            VisitRequestTime.starts_at,
            VisitRequestTime.ends_at,
            opinions.scalar_subquery(),
            opinions.where(VisitRequestOpinion.given_at.is_(None)).scalar_subquery(),
        )
        .join(Patient, Patient.id == VisitRequest.patient_id)
        .outerjoin(Appointment, Appointment.id == VisitRequest.appointment_id)
        .outerjoin(
            VisitRequestTime,
            and_(VisitRequestTime.request_id == VisitRequest.id, VisitRequestTime.position == 0),
        )
        .execution_options(populate_existing=True)
    )


def _line(row: Sequence[Any]) -> QueuedRequest:
    request, patient, given_name, family_name, visit, starts_at, ends_at, opinions, unanswered = row
    return QueuedRequest(
        public_id=request.public_id,
        modality=Modality(request.modality),
        is_unsure=request.is_unsure,
        status=RequestStatus(request.status),
        stands=_stands(request, visit),
        urgency=Urgency(request.urgency),
        version=request.version,
        reason=request.reason or "",
        time=Interval(starts_at, ends_at) if starts_at is not None else None,
        part=Part(request.part) if request.part else None,
        zone=request.zone,
        state=request.state,
        needs_interpreter=request.needs_interpreter,
        created_at=request.created_at,
        due_at=request.due_at,
        patient=patient,
        given_name=given_name,
        family_name=family_name,
        opinions=opinions,
        open_opinions=unanswered,
        place=Place(request.urgency, request.created_at, request.id),
    )


def _stands(request: VisitRequest, visit: str | None) -> str:
    if request.merged_into_id is not None:
        return "merged"
    return "visit-cancelled" if visit == "cancelled" else request.status
