"""Offering times: up to three, held for the patient, who chooses one of them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import func, select

from clinic.core.db import db, transaction
from clinic.core.errors import Invalid, NotFound
from clinic.core.values import SYSTEM
from clinic.intake.rules.alarms import CLOSING
from clinic.scheduling.models import VisitRequest, VisitRequestChange, VisitRequestOffer
from clinic.scheduling.operations.expiry import remove_expired_holds
from clinic.scheduling.operations.guests import guest_of
from clinic.scheduling.operations.kept_times import (
    Keep,
    keep_times,
    live_hold,
    refuse_uncovered,
    seat_kept,
)
from clinic.scheduling.operations.placing import LostRace
from clinic.scheduling.operations.refusals import (
    CallClinic,
    OfferOver,
    SlotTaken,
)
from clinic.scheduling.operations.requests import due_at
from clinic.scheduling.operations.requests.steps import (
    Step,
    keeper_of,
    let_offers_go,
    lock_request,
    move_on,
    patient_of,
    refuse,
)
from clinic.scheduling.operations.requests.story import tell_patient_of
from clinic.scheduling.operations.wishes import ATTEMPTS, Wish, query_of, slot_taken
from clinic.scheduling.queries.requests import RequestedVisit, get_request
from clinic.scheduling.queries.setting import get_setting
from clinic.scheduling.rules.requests import MOST_OFFERS, RequestAction, RequestStatus


def offer_times(*, step: Step, wishes: Sequence[Wish]) -> RequestedVisit:
    """Offer one to three times and hold them: all or none; they replace what was offered before.

    A state that a wish does not name is the request's own. Each is held for the policy's hours, at
    most until it begins. Refusals as for ``book_appointment`` by staff; SlotTaken says in
    ``starts_at`` which time went. Besides NotFound, RequestChanged and WrongRequestState.
    """
    _check(wishes)
    remove_expired_holds(now=step.now)
    for _ in range(ATTEMPTS):
        try:
            return _offer(step=step, wishes=wishes)
        except SlotTaken as taken:
            raise _with_alternatives(taken, step, wishes) from None
        except LostRace:
            remove_expired_holds(now=step.now)
    raise _with_alternatives(SlotTaken(starts_at=wishes[0].starts_at), step, wishes)


@transaction
def _offer(*, step: Step, wishes: Sequence[Wish]) -> RequestedVisit:
    request, found = lock_request(step)
    if _is_offered_so(found, wishes, step.now):
        return found
    refuse(request, step, RequestAction.OFFER, found)
    let_offers_go(request, step.now)
    person = patient_of(request)
    until = step.now + timedelta(hours=get_setting().policy.request_offer_hours)
    keeps = [
        Keep(
            keeper=keeper_of(request.public_id, position),
            wish=replace(wish, state=wish.state or request.state),
            expires_at=until,
        )
        for position, wish in enumerate(wishes, start=1)
    ]
    occurrences = keep_times(keeps=keeps, patient=person, actor=step.actor, now=step.now)
    for position, occurrence in enumerate(occurrences, start=1):
        offer = VisitRequestOffer(
            request_id=request.id,
            position=position,
            service_id=occurrence.service_id,
            practitioner_id=occurrence.practitioner_id,
            location_id=occurrence.location_id,
            starts_at=occurrence.starts_at,
            ends_at=occurrence.ends_at,
            expires_at=min(until, occurrence.starts_at),
        )
        db.session.add(offer)
    move_on(request, step, RequestAction.OFFER, person)
    return get_request(step.public_id)


@transaction
def choose_offer(*, step: Step, offer: str) -> RequestedVisit:
    """Book one of the offered times (a public id) for the patient; the others are free again.

    Choosing it again changes nothing. Whether the practitioner may see the patient there is asked
    once more: raises NotLicensed for a licence that ended since, CallClinic when somebody has to
    speak with the patient first, PatientBusy, OfferOver, NotFound, RequestChanged,
    WrongRequestState.
    """
    request, found = lock_request(step)
    chosen = next((one for one in found.offers if one.public_id == offer), None)
    if found.status is RequestStatus.SCHEDULED and chosen and not found.is_visit_cancelled:
        return found
    refuse(request, step, RequestAction.CHOOSE, found)
    if chosen is None:
        raise NotFound
    setting = get_setting()
    refuse_uncovered(
        setting=setting,
        service=chosen.service,
        practitioner=chosen.practitioner,
        starts_at=chosen.starts_at,
        zone=chosen.zone,
        state=found.state,
    )
    hold = live_hold(keeper=keeper_of(request.public_id, chosen.position), now=step.now)
    if hold is None:
        raise OfferOver
    person = patient_of(request)
    guest = guest_of(person)
    if guest.level in CLOSING:
        raise CallClinic
    is_video = setting.services[chosen.service].is_telehealth
    visit = seat_kept(
        hold=hold,
        guest=guest,
        actor=step.actor,
        now=step.now,
        patient_zone=found.zone if is_video else None,
    )
    if visit is None:
        raise OfferOver
    request.appointment_id = visit.id
    move_on(request, step, RequestAction.CHOOSE, person, chosen=chosen.position)
    return get_request(step.public_id)


def lapse_offers(*, now: datetime) -> int:
    """Let requests whose offered times are all over wait for the clinic again; answers how many."""
    over = (
        select(VisitRequest.public_id)
        .join(VisitRequestOffer, VisitRequestOffer.request_id == VisitRequest.id)
        .where(VisitRequest.status == RequestStatus.OFFERED.value)
        .group_by(VisitRequest.id, VisitRequest.public_id)
        .having(func.max(VisitRequestOffer.expires_at) <= now)
        .order_by(VisitRequest.id)
        .limit(100)
    )
    named = list(db.session.scalars(over))
    return sum(_lapse(public_id=public_id, now=now) for public_id in named)


@transaction
def _lapse(*, public_id: str, now: datetime) -> bool:
    step = Step(public_id=public_id, actor=SYSTEM, now=now)
    request, found = lock_request(step)
    is_over = found.status is RequestStatus.OFFERED and not any(
        one.is_live(now) for one in found.offers
    )
    if is_over:
        request.due_at = due_at(setting=get_setting(), urgency=found.urgency, now=now)
        move_on(request, step, RequestAction.LAPSE, patient_of(request))
    return is_over


@transaction
def retract_offers(*, step: Step) -> RequestedVisit:
    """Take the offered times back: they are free, and the request waits for the clinic again.

    An answer that was given before stands again. The patient is told where the offer itself had
    gone out; an offer that is taken back at once nobody has heard of. Twice is once. Raises
    NotFound, RequestChanged, WrongRequestState.
    """
    request, found = lock_request(step)
    if found.status in {RequestStatus.REQUESTED, RequestStatus.ANSWERED} and not found.offers:
        return found
    refuse(request, step, RequestAction.RETRACT, found)
    offered_at = _offered_at(request)
    person = patient_of(request)
    request.due_at = due_at(setting=get_setting(), urgency=found.urgency, now=step.now)
    move_on(request, step, RequestAction.RETRACT, person)
    pause = timedelta(seconds=get_setting().policy.undo_seconds)
    if offered_at is None or offered_at + pause <= step.now:
        tell_patient_of(request, "lapsed", person, step.actor, step.now)
        db.session.flush()
    return get_request(step.public_id)


def _offered_at(request: VisitRequest) -> datetime | None:
    """When the times that stand now were offered."""
    wanted = select(func.max(VisitRequestChange.at)).where(
        VisitRequestChange.request_id == request.id,
        VisitRequestChange.to_status == RequestStatus.OFFERED.value,
        VisitRequestChange.step == RequestStatus.OFFERED.value,
    )
    return db.session.scalar(wanted)


def _check(wishes: Sequence[Wish]) -> None:
    """Raise Invalid for no time, for too many, and for one that is named twice."""
    named = {(one.service, one.starts_at, one.practitioner) for one in wishes}
    if not 1 <= len(wishes) <= MOST_OFFERS:
        raise Invalid({"times": [f"Choose one to {MOST_OFFERS} times."]})
    if len(named) != len(wishes):
        raise Invalid({"times": ["Choose different times."]})


def _is_offered_so(found: RequestedVisit, wishes: Sequence[Wish], now: datetime) -> bool:
    """Whether just these are offered and held already (a double click)."""
    offered = [(one.service, one.starts_at) for one in found.offers if one.is_live(now)]
    same = offered == [(one.service, one.starts_at) for one in wishes]
    return same and all(
        wish.practitioner in {None, one.practitioner}
        for wish, one in zip(wishes, found.offers, strict=False)
    )


def _with_alternatives(taken: SlotTaken, step: Step, wishes: Sequence[Wish]) -> SlotTaken:
    """The same with what is free instead of the time that went."""
    wish = next((one for one in wishes if one.starts_at == taken.starts_at), wishes[0])
    wish = replace(wish, state=wish.state or get_request(step.public_id).state)
    query = query_of(setting=get_setting(), wish=wish, actor=step.actor, now=step.now)
    found = slot_taken(query=query, wish=wish, now=step.now)
    return SlotTaken(found.alternatives, starts_at=wish.starts_at)
