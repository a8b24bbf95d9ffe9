"""Asking for a visit, and what becomes of it: answered, scheduled, declined or withdrawn."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select

from clinic.core.crypto import keyring
from clinic.core.db import db, transaction
from clinic.core.rows import lock_row
from clinic.core.values import Actor
from clinic.people.models import Patient
from clinic.people.operations import find_or_add_patient
from clinic.people.rules.patients import PatientDetails
from clinic.scheduling.models import VisitRequest, VisitRequestTime
from clinic.scheduling.operations.booking import book_inside, in_new_looks
from clinic.scheduling.operations.refusals import RequestChanged, WrongRequestState
from clinic.scheduling.operations.request_story import write_request_step
from clinic.scheduling.operations.request_wishes import RequestWish, check_request_wish
from clinic.scheduling.operations.wishes import Wish
from clinic.scheduling.queries.diary import instant
from clinic.scheduling.queries.requests import RequestedVisit, get_request
from clinic.scheduling.queries.setting import get_numbers, get_setting
from clinic.scheduling.queries.visits import get_visit
from clinic.scheduling.rules.requests import (
    LEADS_TO,
    Modality,
    RequestAction,
    RequestStatus,
    answer_due,
    can_take,
)
from clinic.scheduling.rules.setting import Setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Which request a step is taken with. A ``version`` refuses one that was changed since."""

    public_id: str
    actor: Actor
    now: datetime
    version: int | None = None


@transaction
def request_visit(
    *,
    wish: RequestWish,
    patient: PatientDetails,
    actor: Actor,
    now: datetime,
    form_key: str | None = None,
) -> RequestedVisit:
    """Put a request into the desk's queue, with the moment by which it will be answered.

    The same person is the same patient as in booking. The same words sent again with the same
    ``form_key`` (a double click) answer the first request. Raises Invalid.
    """
    setting = get_setting()
    check_request_wish(wish=wish, setting=setting, now=now)
    person = find_or_add_patient(details=patient, actor=actor, now=now)
    submission = _submission(form_key, wish, patient)
    if (known := _find_sent(submission)) is not None:
        return get_request(known)
    request = _new_request(wish, patient, person, setting, now)
    request.submission = submission
    db.session.add(request)
    db.session.flush()
    for position, time in enumerate(wish.times):
        db.session.add(
            VisitRequestTime(
                request_id=request.id,
                position=position,
                starts_at=time.starts_at,
                ends_at=time.ends_at,
            )
        )
    write_request_step(
        request=request, step="requested", before=None, actor=actor, now=now, person=person
    )
    db.session.flush()
    return get_request(request.public_id)


def answer_request(*, step: Step, message: str) -> RequestedVisit:
    """Answer in words that the patient reads on the request's page; answering again replaces them.

    The same words again change nothing. Raises NotFound, RequestChanged, WrongRequestState.
    """
    return _take(step, RequestAction.ANSWER, _set_answer(message), words=message)


def decline_request(*, step: Step, reason: str) -> RequestedVisit:
    """Decline with a reason that the patient reads; declining again changes nothing.

    Raises NotFound, RequestChanged, WrongRequestState.
    """

    def write(request: VisitRequest) -> None:
        request.decline_reason = reason

    return _take(step, RequestAction.DECLINE, write, words=reason)


def withdraw_request(*, step: Step) -> RequestedVisit:
    """The patient no longer wants it; withdrawing twice changes nothing.

    Raises NotFound, RequestChanged, WrongRequestState.
    """
    return _take(step, RequestAction.WITHDRAW, lambda _request: None)


def reopen_request(*, step: Step) -> RequestedVisit:
    """Take up again what was declined, or whose visit was cancelled; an open one stays as it is.

    Raises NotFound, RequestChanged, WrongRequestState.
    """

    def write(request: VisitRequest) -> None:
        request.decline_reason = None
        request.appointment_id = None

    return _take(step, RequestAction.REOPEN, write)


def schedule_request(*, step: Step, wish: Wish) -> RequestedVisit:
    """Book a visit for the one who asked, and close the request with it: both or neither.

    Scheduling again at the same time changes nothing. Refusals as for ``book_appointment`` by
    staff, besides NotFound, RequestChanged and WrongRequestState.
    """
    return in_new_looks(
        book=lambda: _schedule(step=step, wish=wish), wish=wish, actor=step.actor, now=step.now
    )


@transaction
def _schedule(*, step: Step, wish: Wish) -> RequestedVisit:
    request = lock_row(VisitRequest, step.public_id)
    found = get_request(step.public_id)
    if _is_booked_so(found, wish):
        return found
    _refuse(request, step, RequestAction.SCHEDULE, found)
    person = _patient_of(request)
    visit = book_inside(
        wish=replace(wish, state=wish.state or request.state),
        person=lambda: person,
        actor=step.actor,
        now=step.now,
        is_told=False,
    )
    request.appointment_id = visit.appointment_id
    _move_on(request, step, RequestAction.SCHEDULE, person)
    return get_request(step.public_id)


def _is_booked_so(found: RequestedVisit, wish: Wish) -> bool:
    if found.visit is None or found.is_visit_cancelled:
        return False
    visit = get_visit(found.visit)
    same = (visit.service, visit.starts_at) == (wish.service, wish.starts_at)
    return same and wish.practitioner in {None, visit.practitioner}


@transaction
def _take(
    step: Step,
    action: RequestAction,
    write: Callable[[VisitRequest], None],
    words: str | None = None,
) -> RequestedVisit:
    request = lock_row(VisitRequest, step.public_id)
    found = get_request(step.public_id)
    if _is_done(found, action, words, step.version):
        return found
    _refuse(request, step, action, found)
    person = _patient_of(request)
    write(request)
    _move_on(request, step, action, person, words)
    return get_request(step.public_id)


def _is_done(
    found: RequestedVisit, action: RequestAction, words: str | None, version: int | None
) -> bool:
    """Whether the request stands as the step would leave it, by this step or an equal one."""
    if action is RequestAction.REOPEN:
        return found.status in {RequestStatus.REQUESTED, RequestStatus.ANSWERED}
    if found.status is not LEADS_TO[action]:
        return False
    said = {RequestAction.ANSWER: found.answer, RequestAction.DECLINE: found.decline_reason}
    is_same = said.get(action) == words
    # Two receptionists who decline with different words: the second one is told.
    return is_same or (action is RequestAction.DECLINE and version is None)


def _refuse(
    request: VisitRequest, step: Step, action: RequestAction, found: RequestedVisit
) -> None:
    if step.version is not None and step.version != request.version:
        raise RequestChanged
    if not can_take(
        status=RequestStatus(request.status),
        action=action,
        is_visit_cancelled=found.is_visit_cancelled,
    ):
        raise WrongRequestState(request_status=request.status)


def _move_on(
    request: VisitRequest,
    step: Step,
    action: RequestAction,
    person: Patient,
    words: str | None = None,
) -> None:
    before, after = request.status, LEADS_TO[action]
    if action is RequestAction.REOPEN and request.answer_sealed is not None:
        after = RequestStatus.ANSWERED
    request.status = after.value
    request.version += 1
    name = "reopened" if action is RequestAction.REOPEN else after.value
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


def _set_answer(message: str) -> Callable[[VisitRequest], None]:
    def write(request: VisitRequest) -> None:
        request.answer = message

    return write


def _patient_of(request: VisitRequest) -> Patient:
    return db.session.scalars(select(Patient).where(Patient.id == request.patient_id)).one()


def _submission(form_key: str | None, wish: RequestWish, patient: PatientDetails) -> str | None:
    if form_key is None:
        return None
    return keyring().mac("visit-request-form", repr((form_key, wish, patient)))


def _find_sent(submission: str | None) -> str | None:
    if submission is None:
        return None
    wanted = select(VisitRequest.public_id).where(VisitRequest.submission == submission)
    return db.session.scalar(wanted)


def _new_request(
    wish: RequestWish, patient: PatientDetails, person: Patient, setting: Setting, now: datetime
) -> VisitRequest:
    numbers = get_numbers(setting).practitioners
    is_video = wish.modality is Modality.TELEHEALTH
    request = VisitRequest(
        modality=wish.modality.value,
        status=RequestStatus.REQUESTED.value,
        patient_id=person.id,
        practitioner_id=numbers[wish.practitioner] if wish.practitioner else None,
        # In the clinic everybody's time is the clinic's.
        zone=(wish.zone if is_video else None) or setting.zone,
        part=wish.part.value if wish.part else None,
        state=wish.state,
        is_returning=wish.is_returning,
        guardian_name=patient.guardian.name if patient.guardian else None,
        guardian_relation=patient.guardian.relation if patient.guardian else None,
        contact_email=patient.email,
        contact_phone=patient.phone,
        created_at=now,
        due_at=instant(answer_due(setting=setting, received=int(now.timestamp()))),
    )
    request.reason = wish.reason
    request.area = wish.area.value if wish.area else None
    return request
