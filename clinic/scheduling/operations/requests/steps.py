"""How every step with a visit request is taken: one lock, one refusal, one story."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from clinic.core.db import db, transaction
from clinic.core.rows import lock_row
from clinic.core.values import Actor
from clinic.people.models import Patient
from clinic.scheduling.models import VisitRequest, VisitRequestOffer
from clinic.scheduling.operations.kept_times import let_kept_go
from clinic.scheduling.operations.refusals import RequestChanged, WrongRequestState
from clinic.scheduling.operations.requests.story import write_request_step
from clinic.scheduling.queries.requests import RequestedVisit, get_request
from clinic.scheduling.rules.requests import (
    LEADS_TO,
    MOST_OFFERS,
    OPEN,
    RequestAction,
    RequestStatus,
    can_take,
)

FIRST_ANSWERS = frozenset(
    {
        RequestAction.ANSWER,
        RequestAction.OFFER,
        RequestAction.SCHEDULE,
        RequestAction.DECLINE,
    }
)
TAKEN_BACK = frozenset({RequestAction.REOPEN, RequestAction.RETRACT})
"""After these an answer that was given before stands again."""
NAMES = {
    RequestAction.REPLY: "replied",
    RequestAction.LAPSE: "lapsed",
    RequestAction.RETRACT: "retracted",
    RequestAction.MERGE: "merged",
    RequestAction.TURN: "turned",
    RequestAction.REOPEN: "reopened",
}
"""What a step is called in the story, where that is not the status it leads to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Which request a step is taken with. A ``version`` refuses one that was changed since."""

    public_id: str
    actor: Actor
    now: datetime
    version: int | None = None


def lock_request(step: Step) -> tuple[VisitRequest, RequestedVisit]:
    """The request's row, locked, and how it stands. Raises NotFound."""
    return lock_row(VisitRequest, step.public_id), get_request(step.public_id)


def refuse(request: VisitRequest, step: Step, action: RequestAction, found: RequestedVisit) -> None:
    """Raise RequestChanged for an old version, WrongRequestState where the action leads nowhere."""
    refuse_stale(request, step)
    if not can_take(
        status=RequestStatus(request.status),
        action=action,
        is_visit_cancelled=found.is_visit_cancelled,
    ):
        raise WrongRequestState(request_status=request.status)


def refuse_stale(request: VisitRequest, step: Step) -> None:
    """Raise RequestChanged where somebody changed it since it was looked at."""
    if step.version is not None and step.version != request.version:
        raise RequestChanged


@transaction
def take(
    step: Step,
    action: RequestAction,
    write: Callable[[VisitRequest], None],
    words: str | None = None,
) -> RequestedVisit:
    """Take a step that only writes the request; one that was taken already changes nothing."""
    request, found = lock_request(step)
    if _is_done(found, action, words, step.version):
        return found
    refuse(request, step, action, found)
    person = patient_of(request)
    write(request)
    move_on(request, step, action, person, words)
    return get_request(step.public_id)


def _is_done(
    found: RequestedVisit, action: RequestAction, words: str | None, version: int | None
) -> bool:
    """Whether the request stands as the step would leave it, by this step or an equal one."""
    if action is RequestAction.REOPEN:
        return found.status in OPEN
    if found.status is not LEADS_TO[action]:
        return False
    said = {
        RequestAction.ANSWER: found.answer,
        RequestAction.DECLINE: found.decline_reason,
        RequestAction.REPLY: found.reply,
    }
    is_same = said.get(action) == words
    # Two receptionists who decline with different words: the second one is told.
    return is_same or (action is RequestAction.DECLINE and version is None)


def move_on(
    request: VisitRequest,
    step: Step,
    action: RequestAction,
    person: Patient,
    words: str | None = None,
    *,
    chosen: int | None = None,
) -> None:
    """Let the request stand where the action leads, and write it into its story.

    Offered times are let go, but the one at the ``chosen`` position.
    """
    before, after = request.status, LEADS_TO[action]
    if action in TAKEN_BACK and request.answer_sealed is not None:
        after = RequestStatus.ANSWERED
    request.status = after.value
    request.version += 1
    request.closed_at = None if after in OPEN else step.now
    if action in FIRST_ANSWERS and step.actor.is_staff and request.first_answered_at is None:
        request.first_answered_at = step.now
    if before == RequestStatus.OFFERED.value and action is not RequestAction.OFFER:
        let_offers_go(request, step.now, besides=chosen)
    note(request, step, NAMES.get(action, after.value), before, person, words)


def note(
    request: VisitRequest,
    step: Step,
    name: str,
    before: str,
    person: Patient,
    words: str | None = None,
) -> None:
    """Write a step of this name into the story; the request may stand where it stood."""
    write_request_step(
        request=request,
        step=name,
        before=before,
        actor=step.actor,
        now=step.now,
        person=person,
        words=words,
    )
    db.session.flush()


def let_offers_go(request: VisitRequest, now: datetime, *, besides: int | None = None) -> None:
    """Free every time that is still held for the request, and forget that it was offered; but the
    one at a position."""
    for position in range(1, MOST_OFFERS + 1):
        let_kept_go(keeper=keeper_of(request.public_id, position), now=now)
    wanted = select(VisitRequestOffer).where(VisitRequestOffer.request_id == request.id)
    for offer in db.session.scalars(wanted):
        if offer.position != besides:
            db.session.delete(offer)
    db.session.flush()


def keeper_of(public_id: str, position: int) -> str:
    """The name under which an offered time is held."""
    return f"request:{public_id}:{position}"


def patient_of(request: VisitRequest) -> Patient:
    """The record of whoever asked."""
    return db.session.scalars(select(Patient).where(Patient.id == request.patient_id)).one()
