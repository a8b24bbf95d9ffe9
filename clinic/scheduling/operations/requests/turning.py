"""A request becomes one of the other kind, or one with another request of the same person."""

from datetime import datetime

from sqlalchemy import func, select

from clinic.core.db import db, transaction
from clinic.core.errors import Invalid
from clinic.core.rows import lock_row
from clinic.scheduling.models import VisitRequest, VisitRequestTime
from clinic.scheduling.operations.refusals import OtherPatient, WrongRequestState
from clinic.scheduling.operations.requests.steps import (
    Step,
    lock_request,
    move_on,
    note,
    patient_of,
    refuse,
)
from clinic.scheduling.queries.requests import RequestedVisit, get_request
from clinic.scheduling.rules.requests import (
    MOST_TIMES,
    OPEN,
    Modality,
    RequestAction,
    RequestStatus,
)
from clinic.scheduling.rules.states import STATES


@transaction
def turn_request(*, step: Step, modality: Modality, state: str | None = None) -> RequestedVisit:
    """Let an open request be one for the other kind of visit; it waits for the clinic then.

    For a video visit the patient's state is needed: Invalid without one that there is. Turning it
    to what it is changes nothing. Raises NotFound, RequestChanged, WrongRequestState.
    """
    request, found = lock_request(step)
    if found.modality is modality and found.status in OPEN:
        return found
    refuse(request, step, RequestAction.TURN, found)
    where = state or request.state
    if modality is Modality.TELEHEALTH and where not in STATES:
        raise Invalid({"state": ["Say in which state the patient will be during the video visit."]})
    request.state = where
    request.modality = modality.value
    move_on(request, step, RequestAction.TURN, patient_of(request))
    return get_request(step.public_id)


@transaction
def merge_request(*, step: Step, into: str) -> RequestedVisit:
    """Let a request live on in another open one (public id) of the same patient.

    Its preferred times are added there, as far as there is room, and its words are in the story of
    that one. Answers the one that lives on; merging again changes nothing. Raises OtherPatient,
    NotFound, RequestChanged, WrongRequestState.
    """
    for public_id in sorted((step.public_id, into)):
        lock_row(VisitRequest, public_id)
    request, found = lock_request(step)
    kept = lock_row(VisitRequest, into)
    if found.merged_into == into:
        return get_request(into)
    refuse(request, step, RequestAction.MERGE, found)
    if kept.patient_id != request.patient_id or kept.id == request.id:
        raise OtherPatient
    if RequestStatus(kept.status) not in OPEN:
        raise WrongRequestState(request_status=kept.status)
    person = patient_of(request)
    request.merged_into_id = kept.id
    move_on(request, step, RequestAction.MERGE, person)
    _take_times_over(request, kept, step.now)
    kept.urgency = min(kept.urgency, request.urgency)
    kept.due_at = min(kept.due_at, request.due_at)
    kept.version += 1
    note(kept, step, "merged", kept.status, person, found.reason)
    return get_request(into)


def _take_times_over(request: VisitRequest, kept: VisitRequest, now: datetime) -> None:
    of_kept = VisitRequestTime.request_id == kept.id
    known = set(db.session.scalars(select(VisitRequestTime.starts_at).where(of_kept)))
    last = db.session.scalar(select(func.max(VisitRequestTime.position)).where(of_kept))
    position = -1 if last is None else last
    others = (
        select(VisitRequestTime)
        .where(VisitRequestTime.request_id == request.id, VisitRequestTime.ends_at > now)
        .order_by(VisitRequestTime.position)
    )
    for time in db.session.scalars(others).all():
        if time.starts_at in known or position + 1 >= MOST_TIMES:
            continue
        position += 1
        row = VisitRequestTime(
            request_id=kept.id,
            position=position,
            starts_at=time.starts_at,
            ends_at=time.ends_at,
        )
        db.session.add(row)
