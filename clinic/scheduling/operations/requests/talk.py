"""What is said about a request: the patient writes back, clinicians are asked, urgency is set."""

from sqlalchemy import select

from clinic.core.db import db, transaction
from clinic.core.errors import Forbidden
from clinic.core.values import Role
from clinic.messaging.operations import post_message
from clinic.messaging.rules import Recipient
from clinic.people.queries.staff import list_reachable
from clinic.scheduling.models import VisitRequest, VisitRequestOpinion
from clinic.scheduling.operations.refusals import WrongRequestState
from clinic.scheduling.operations.requests import due_at
from clinic.scheduling.operations.requests.steps import (
    Step,
    lock_request,
    note,
    patient_of,
    refuse_stale,
    take,
)
from clinic.scheduling.queries.requests import RequestedVisit, get_request
from clinic.scheduling.queries.setting import get_setting
from clinic.scheduling.rules.requests import OPEN, Advice, RequestAction, RequestStatus, Urgency


def reply_to_request(*, step: Step, message: str) -> RequestedVisit:
    """The patient writes back: the request waits for the clinic again, with a new promise.

    Times that were offered are free again: the patient wants others. The same words again change
    nothing. Raises NotFound, RequestChanged, WrongRequestState.
    """
    setting = get_setting()

    def write(request: VisitRequest) -> None:
        request.reply = message
        request.due_at = due_at(setting=setting, urgency=Urgency(request.urgency), now=step.now)

    return take(step, RequestAction.REPLY, write, words=message)


@transaction
def ask_opinion(*, step: Step, question: str) -> RequestedVisit:
    """Ask the clinicians what to do with an open request, and write to them that they are asked.

    Asking while one is asked changes the words of the question and writes to nobody again. Raises
    NotFound, RequestChanged, WrongRequestState.
    """
    request, found = _open_one(step)
    row = _open_opinion(request)
    if row is not None and row.question == question:
        return found
    if row is None:
        row = VisitRequestOpinion(
            request_id=request.id, asked_by=step.actor.name, asked_at=step.now
        )
        _tell_clinicians(step)
    row.question, row.asked_by, row.asked_at = question, step.actor.name, step.now
    db.session.add(row)
    return _noted(request, step, "consulted", question)


def _tell_clinicians(step: Step) -> None:
    """That an opinion is asked, never what or about whom."""
    for person in list_reachable(roles=(Role.CLINICIAN,)):
        post_message(
            kind="request-opinion",
            recipient=Recipient(name=person.name, email=person.email),
            context={"link": f"/desk/requests/{step.public_id}"},
            about=f"visit-request:{step.public_id}",
            now=step.now,
        )


@transaction
def give_opinion(*, step: Step, opinion: str, advice: Advice | None = None) -> RequestedVisit:
    """A clinician says what they think, asked or not; it stays with the request.

    Raises Forbidden for anybody else, NotFound, RequestChanged, WrongRequestState.
    """
    if step.actor.role is not Role.CLINICIAN:
        raise Forbidden
    request, _found = _open_one(step)
    row = _open_opinion(request) or VisitRequestOpinion(
        request_id=request.id, asked_by=step.actor.name, asked_at=step.now, question=""
    )
    row.opinion, row.advice = opinion, advice.value if advice else None
    row.given_by, row.given_at = step.actor.name, step.now
    db.session.add(row)
    return _noted(request, step, "advised", opinion)


@transaction
def set_urgency(*, step: Step, urgency: Urgency) -> RequestedVisit:
    """Say how soon an open request has to be read; its promise is counted from when it came.

    Raises NotFound, RequestChanged, WrongRequestState.
    """
    request, found = _open_one(step)
    if found.urgency is urgency:
        return found
    request.urgency = urgency.value
    request.due_at = due_at(setting=get_setting(), urgency=urgency, now=request.created_at)
    return _noted(request, step, "triaged", None)


def _open_one(step: Step) -> tuple[VisitRequest, RequestedVisit]:
    request, found = lock_request(step)
    refuse_stale(request, step)
    if RequestStatus(request.status) not in OPEN:
        raise WrongRequestState(request_status=request.status)
    return request, found


def _open_opinion(request: VisitRequest) -> VisitRequestOpinion | None:
    wanted = select(VisitRequestOpinion).where(
        VisitRequestOpinion.request_id == request.id, VisitRequestOpinion.given_at.is_(None)
    )
    return db.session.scalars(wanted).one_or_none()


def _noted(request: VisitRequest, step: Step, name: str, words: str | None) -> RequestedVisit:
    request.version += 1
    note(request, step, name, request.status, patient_of(request), words)
    return get_request(step.public_id)
