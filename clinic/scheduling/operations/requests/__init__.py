"""Asking for a visit, and what becomes of it: answered, scheduled, declined or withdrawn."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select

from clinic.core.crypto import keyring
from clinic.core.db import db, transaction
from clinic.core.values import Actor
from clinic.intake.operations.assigning import Occasion, assign_forms
from clinic.intake.operations.screening import bind_screening
from clinic.intake.queries.safety.gate import find_open_level
from clinic.intake.queries.screening import find_screening
from clinic.intake.queries.signatures import CONSENTS_FORM
from clinic.intake.rules.alarms import CLOSING, Level, highest
from clinic.people.models import Patient
from clinic.people.operations import find_or_add_patient
from clinic.people.rules.patients import PatientDetails
from clinic.scheduling.models import VisitRequest, VisitRequestTime
from clinic.scheduling.operations.booking import book_inside, in_new_looks
from clinic.scheduling.operations.refusals import CallClinic
from clinic.scheduling.operations.requests.money import give_back_for
from clinic.scheduling.operations.requests.steps import (
    Step,
    let_offers_go,
    lock_request,
    move_on,
    patient_of,
    refuse,
    take,
)
from clinic.scheduling.operations.requests.story import write_request_step
from clinic.scheduling.operations.requests.wishes import RequestWish, check_request_wish
from clinic.scheduling.operations.wishes import Wish
from clinic.scheduling.queries.diary import instant
from clinic.scheduling.queries.requests import RequestedVisit, get_request
from clinic.scheduling.queries.setting import clinic_date, get_numbers, get_setting
from clinic.scheduling.queries.visits import get_visit
from clinic.scheduling.rules.requests import (
    Modality,
    RequestAction,
    RequestStatus,
    Urgency,
    answer_due,
)
from clinic.scheduling.rules.setting import Setting

URGENCY_OF: Mapping[str | None, Urgency] = {
    Level.EMERGENCY: Urgency.URGENT,
    Level.SAME_DAY: Urgency.URGENT,
    Level.PRIORITY: Urgency.SOON,
}

__all__ = [
    "Step",
    "answer_request",
    "decline_request",
    "due_at",
    "reopen_request",
    "request_visit",
    "schedule_request",
    "withdraw_request",
]


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
    ``form_key`` (a double click) answer the first request. Raises Invalid; CallClinic where the
    patient wants to be seen by video and somebody has to speak with them first (RF-07).
    """
    setting = get_setting()
    check_request_wish(wish=wish, setting=setting, now=now)
    person = find_or_add_patient(details=patient, actor=actor, now=now)
    submission = _submission(form_key, wish, patient)
    if (known := _find_sent(submission)) is not None:
        return get_request(known)
    weighed = _weighed(wish, person, actor, now)
    request = _new_request(weighed, patient, person, setting, now)
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
    if wish.modality is Modality.TELEHEALTH:
        _ask_consent(request, person, actor, now)
    write_request_step(
        request=request, step="requested", before=None, actor=actor, now=now, person=person
    )
    db.session.flush()
    return get_request(request.public_id)


def answer_request(*, step: Step, message: str) -> RequestedVisit:
    """Answer in words that the patient reads on the request's page; answering again replaces them.

    The same words again change nothing. Raises NotFound, RequestChanged, WrongRequestState.
    """
    return take(step, RequestAction.ANSWER, _set_answer(message), words=message)


def decline_request(*, step: Step, reason: str) -> RequestedVisit:
    """Decline with a reason that the patient reads; declining again changes nothing.

    What was paid for the request goes back. Raises NotFound, RequestChanged, WrongRequestState.
    """

    def write(request: VisitRequest) -> None:
        # First: the database refuses a reason on what is not declined yet.
        give_back_for(request=request.public_id, actor=step.actor, now=step.now)
        request.decline_reason = reason

    return take(step, RequestAction.DECLINE, write, words=reason)


def withdraw_request(*, step: Step) -> RequestedVisit:
    """The patient no longer wants it; withdrawing twice changes nothing.

    Raises NotFound, RequestChanged, WrongRequestState.
    """
    return take(step, RequestAction.WITHDRAW, lambda _request: None)


def reopen_request(*, step: Step) -> RequestedVisit:
    """Take up again what was declined, or whose visit was cancelled; an open one stays as it is.

    Raises NotFound, RequestChanged, WrongRequestState.
    """

    def write(request: VisitRequest) -> None:
        request.decline_reason = None
        request.appointment_id = None

    return take(step, RequestAction.REOPEN, write)


def schedule_request(*, step: Step, wish: Wish) -> RequestedVisit:
    """Book a visit for the one who asked, and close the request with it: both or neither.

    Scheduling again at the same time changes nothing. Refusals as for ``book_appointment`` by
    staff, besides NotFound, RequestChanged and WrongRequestState.
    """
    wish = replace(wish, state=wish.state or get_request(step.public_id).state)
    return in_new_looks(
        book=lambda: _schedule(step=step, wish=wish), wish=wish, actor=step.actor, now=step.now
    )


@transaction
def _schedule(*, step: Step, wish: Wish) -> RequestedVisit:
    request, found = lock_request(step)
    if _is_booked_so(found, wish):
        return found
    refuse(request, step, RequestAction.SCHEDULE, found)
    # What was offered is free for whoever it was offered to.
    let_offers_go(request, step.now)
    person = patient_of(request)
    is_video = request.modality == Modality.TELEHEALTH.value
    visit = book_inside(
        wish=replace(
            wish,
            state=wish.state or request.state,
            patient_zone=wish.patient_zone or (request.zone if is_video else None),
        ),
        person=lambda: person,
        actor=step.actor,
        now=step.now,
        is_told=False,
    )
    request.appointment_id = visit.appointment_id
    move_on(request, step, RequestAction.SCHEDULE, person)
    return get_request(step.public_id)


def _is_booked_so(found: RequestedVisit, wish: Wish) -> bool:
    if found.visit is None or found.is_visit_cancelled:
        return False
    visit = get_visit(found.visit)
    same = (visit.service, visit.starts_at) == (wish.service, wish.starts_at)
    return same and wish.practitioner in {None, visit.practitioner}


def _ask_consent(request: VisitRequest, person: Patient, actor: Actor, now: datetime) -> None:
    """Ask for the consents, signed as every form is, before anybody is seen by video."""
    occasion = Occasion(
        about=f"visit-request:{request.public_id}", due_at=None, today=clinic_date(now)
    )
    assign_forms(patient=person, names=[CONSENTS_FORM], occasion=occasion, actor=actor, now=now)


def _weighed(wish: RequestWish, person: Patient, actor: Actor, now: datetime) -> RequestWish:
    """The wish with the urgency that the patient's answers about safety call for."""
    levels = [None if person.was_added else find_open_level(patient_id=person.id)]
    screened = None
    if wish.screened_as is not None:
        screened = find_screening(visitor=wish.screened_as, now=now)
        levels.append(
            bind_screening(visitor=wish.screened_as, patient=person, actor=actor, now=now)
        )
    level = highest(one for one in levels if one is not None)
    if level in CLOSING and wish.modality is Modality.TELEHEALTH and not actor.is_staff:
        raise CallClinic
    return replace(
        wish,
        urgency=min(wish.urgency, URGENCY_OF.get(level, Urgency.ROUTINE)),
        screening=screened.public_id if screened is not None else None,
    )


def due_at(*, setting: Setting, urgency: Urgency, now: datetime) -> datetime:
    """By when a person answers a request of this urgency that comes in now."""
    received = int(now.timestamp())
    return instant(answer_due(setting=setting, received=received, urgency=urgency))


def _set_answer(message: str) -> Callable[[VisitRequest], None]:
    def write(request: VisitRequest) -> None:
        request.answer = message

    return write


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
        zone=(wish.zone if is_video or wish.is_unsure else None) or setting.zone,
        part=wish.part.value if wish.part else None,
        state=wish.state,
        is_returning=wish.is_returning,
        is_unsure=wish.is_unsure,
        language=wish.language,
        needs_interpreter=wish.needs_interpreter,
        camera=wish.device.camera,
        microphone=wish.device.microphone,
        connection=wish.device.connection,
        urgency=wish.urgency.value,
        screening=wish.screening,
        guardian_name=patient.guardian.name if patient.guardian else None,
        guardian_relation=patient.guardian.relation if patient.guardian else None,
        contact_email=patient.email,
        contact_phone=patient.phone,
        created_at=now,
        due_at=due_at(setting=setting, urgency=wish.urgency, now=now),
    )
    request.reason = wish.reason
    request.area = wish.area.value if wish.area else None
    request.emergency_address = wish.emergency_address
    request.emergency_phone = wish.emergency_phone
    return request
