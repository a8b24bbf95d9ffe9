"""Moving a visit: another time, another practitioner, other rooms; in one step or not at all."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import delete, func, select

from clinic.core.db import db, transaction
from clinic.core.errors import Invalid
from clinic.core.rows import lock_row
from clinic.core.values import Actor
from clinic.intake.queries.safety.gate import find_open_level
from clinic.scheduling.models import Appointment, Claim, Occurrence, Seat
from clinic.scheduling.operations.booking import (
    check_guest,
    open_occurrence,
    patient_claim,
)
from clinic.scheduling.operations.expiry import remove_expired_holds
from clinic.scheduling.operations.guests import Guest
from clinic.scheduling.operations.history import state_of, write_change
from clinic.scheduling.operations.placing import (
    LostRace,
    Wanted,
    candidate_claims,
    free_appointment,
    insert_claims,
    lock_occurrence,
    lock_patient,
    patient_resource,
    set_occurrence,
    settle_occurrence,
    take_seat,
)
from clinic.scheduling.operations.refusals import NotOffered, SlotTaken, VersionMismatch, WrongState
from clinic.scheduling.operations.telling import tell_patient
from clinic.scheduling.operations.wishes import (
    ATTEMPTS,
    Choice,
    Wish,
    judge,
    may_book_as_staff,
    query_of,
    slot_taken,
    weigh,
)
from clinic.scheduling.queries.diary import seconds
from clinic.scheduling.queries.setting import get_setting
from clinic.scheduling.queries.visits import Visit, get_visit
from clinic.scheduling.rules.asking import Diary, Query
from clinic.scheduling.rules.booking import STAFF_REACH_BACK_SECONDS
from clinic.scheduling.rules.setting import Setting, with_length
from clinic.scheduling.rules.telling import MOVED

MOVABLE = frozenset({"booked", "arrived", "checked-in"})
LONGEST_MINUTES = 720
MOVABLE_BY_PATIENT = frozenset({"booked"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is to be different; None leaves it. ``version`` is the one that was looked at."""

    version: int | None
    starts_at: datetime | None = None
    practitioner: str | None = None
    rooms: tuple[str, ...] | None = None
    minutes: int | None = None
    override_reason: str | None = None


def move_appointment(*, public_id: str, change: Change, actor: Actor, now: datetime) -> Visit:
    """Move a visit or leave it as it was; its own time does not stand in its way.

    Refusals as for booking, and NotFound, VersionMismatch (somebody changed it meanwhile),
    WrongState (over, cancelled, or begun for a patient). Staff may also stretch it (``minutes``,
    Invalid outside 5 to 720 or for a class); it keeps that length until staff change it, while a
    patient who moves it takes the service's own.
    """
    if change.minutes is not None and not 5 <= change.minutes <= LONGEST_MINUTES:
        raise Invalid({"minutes": ["A visit lasts between 5 minutes and 12 hours."]})
    remove_expired_holds(now=now)
    for _ in range(ATTEMPTS):
        try:
            return _move(public_id=public_id, change=change, actor=actor, now=now)
        except SlotTaken:
            break
        except LostRace:
            continue
    wish = _wish(get_visit(public_id), change)
    setting = _as_long(get_visit(public_id), actor, change.minutes)
    query = query_of(setting=setting, wish=wish, actor=actor, now=now)
    raise slot_taken(query=query, wish=wish, now=now)


def _as_long(visit: Visit, actor: Actor, minutes: int | None = None) -> Setting:
    """The setting in which the visit's service lasts as long as the visit is to last."""
    setting = get_setting()
    service = setting.services.get(visit.service)
    if service is None or not may_book_as_staff(actor):
        return setting
    if visit.capacity > 1:
        if minutes not in {None, visit.minutes}:
            raise Invalid({"minutes": ["A class lasts as long for everybody."]})
        return setting
    lasts = minutes or visit.minutes
    return setting if lasts == service.minutes else with_length(setting, visit.service, lasts)


@transaction
def _move(*, public_id: str, change: Change, actor: Actor, now: datetime) -> Visit:
    appointment = lock_appointment(public_id)
    if change.version is not None and change.version != appointment.version:
        raise VersionMismatch
    visit = get_visit(public_id)
    refuse_unmovable(visit, actor=actor, now=now)
    wish = _wish(visit, change)
    if _is_same(visit, wish, change):
        return visit
    lock_patient(appointment.patient_id)
    claims = reseat(
        appointment=appointment,
        visit=visit,
        wish=wish,
        actor=actor,
        now=now,
        minutes=change.minutes,
    )
    insert_claims(claims)
    if is_elsewhere(visit, wish):
        tell_patient(
            kind=MOVED,
            visits=[public_id],
            patient_id=appointment.patient_id,
            actor=actor,
            now=now,
        )
    db.session.flush()
    return get_visit(public_id)


def reseat(
    *,
    appointment: Appointment,
    visit: Visit,
    wish: Wish,
    actor: Actor,
    now: datetime,
    besides: tuple[int, ...] = (),
    minutes: int | None = None,
) -> list[Wanted]:
    """Let a locked appointment be what the wish says; answers the claims still to be made.

    ``besides`` names occurrences that are moved in the same transaction and so stand in no way.
    ``minutes`` stretches it. Raises the refusals of booking.
    """
    setting = _as_long(visit, actor, minutes)
    query = query_of(setting=setting, wish=wish, actor=actor, now=now)
    occurrence = lock_occurrence(appointment.occurrence_id)
    is_alone = sits_alone(occurrence, appointment)
    without = (*besides, occurrence.id) if is_alone else besides
    choice, diary = _weigh(query, wish, visit, now, without=without)
    guest = Guest(
        appointment.patient_id,
        patient_resource(appointment.patient_id),
        level=find_open_level(patient_id=appointment.patient_id),
    )
    busy = check_guest(
        query=query,
        wish=wish,
        guest=guest,
        candidate=choice.candidate if choice else None,
        besides=appointment.id,
    )
    if choice is None:
        raise SlotTaken
    choice = Choice(choice.candidate, choice.is_override or busy)
    before = state_of(appointment)
    claims = _sit_elsewhere(query, choice, diary, appointment, occurrence, guest)
    _note(appointment, choice, wish, visit, actor)
    write_change(
        appointment=appointment,
        step="moved",
        actor=actor,
        now=now,
        before=before,
        details={"from": visit.starts_at.isoformat(), "to": wish.starts_at.isoformat()},
    )
    return claims


def lock_appointment(public_id: str) -> Appointment:
    """The appointment, locked until the end of the transaction; NotFound when there is none."""
    return lock_row(Appointment, public_id)


def refuse_unmovable(visit: Visit, *, actor: Actor, now: datetime) -> None:
    """Raise WrongState for a visit that is over or cancelled; for a patient's that has begun."""
    if may_book_as_staff(actor):
        is_old = (now - visit.starts_at).total_seconds() > STAFF_REACH_BACK_SECONDS
        if visit.status not in MOVABLE or is_old:
            raise WrongState("This visit is over or cancelled. Book a new one instead.")
    elif visit.status not in MOVABLE_BY_PATIENT or visit.starts_at <= now:
        raise WrongState("This visit can no longer be moved here. Please call us.")


def sits_alone(occurrence: Occurrence, appointment: Appointment) -> bool:
    """Whether nobody else, patient or hold, sits in the occurrence."""
    others = (
        select(func.count())
        .select_from(Appointment)
        .where(
            Appointment.occurrence_id == occurrence.id,
            Appointment.id != appointment.id,
            Appointment.status.not_in(("cancelled", "noshow")),
        )
    )
    holds = (
        select(func.count())
        .select_from(Seat)
        .where(Seat.occurrence_id == occurrence.id, Seat.hold_id.is_not(None))
    )
    return not (db.session.scalar(others) or db.session.scalar(holds))


def _wish(visit: Visit, change: Change) -> Wish:
    return Wish(
        service=visit.service,
        starts_at=change.starts_at or visit.starts_at,
        practitioner=change.practitioner or visit.practitioner,
        location=visit.location,
        state=visit.patient_state,
        rooms=change.rooms,
        override_reason=change.override_reason,
        sold=visit.is_sold,
    )


def is_elsewhere(visit: Visit, wish: Wish) -> bool:
    """Whether the wish changes what the patient has to know: the time or with whom."""
    return wish.starts_at != visit.starts_at or wish.practitioner != visit.practitioner


def _is_same(visit: Visit, wish: Wish, change: Change) -> bool:
    rooms = change.rooms is None or set(change.rooms) == set(visit.resources)
    return not is_elsewhere(visit, wish) and rooms and change.minutes in {None, visit.minutes}


def _weigh(
    query: Query, wish: Wish, visit: Visit, now: datetime, *, without: tuple[int, ...]
) -> tuple[Choice | None, Diary]:
    """Weigh the new time without the visit's own claims; it keeps its rooms where it can."""
    choice, diary = weigh(query=query, wish=wish, now=now, without=without)
    if choice is None or wish.rooms is not None or choice.candidate.resources == visit.resources:
        return choice, diary
    kept = replace(wish, rooms=visit.resources, override_reason=None)
    if choice.is_override or choice.candidate.joins is not None:
        return choice, diary
    try:
        return judge(query=query, wish=kept, diary=diary) or choice, diary
    except NotOffered:  # those rooms no longer serve
        return choice, diary


def _sit_elsewhere(
    query: Query,
    choice: Choice,
    diary: Diary,
    appointment: Appointment,
    occurrence: Occurrence,
    guest: Guest,
) -> list[Wanted]:
    """Move the occurrence of one visit; leave a class, whose time is others' too.

    Who cancelled or whose hold lapsed still tells when the class was.
    """
    setting, candidate = query.setting, choice.candidate
    db.session.execute(delete(Claim).where(Claim.appointment_id == appointment.id))
    if occurrence.capacity == 1 == query.wanted.capacity:
        db.session.execute(delete(Claim).where(Claim.occurrence_id == occurrence.id))
        set_occurrence(
            setting=setting, service=query.wanted, candidate=candidate, occurrence=occurrence
        )
        occurrence.state = "booked"  # a no-show undone after its end had left it released
        if not _has_seat(appointment):
            take_seat(occurrence=occurrence, appointment_id=appointment.id)
        target, needs_claims = occurrence, True
    else:
        target, needs_claims = _change_occurrence(query, choice, diary, appointment)
    claims: list[Wanted] = [
        patient_claim(appointment, target, guest, may_overbook=choice.is_override)
    ]
    if needs_claims:
        claims += candidate_claims(
            setting=setting,
            candidate=candidate,
            occurrence=target,
            may_overbook=choice.is_override,
        )
    return claims


def _has_seat(appointment: Appointment) -> bool:
    wanted = select(Seat.number).where(Seat.appointment_id == appointment.id)
    return db.session.scalar(wanted) is not None


def _change_occurrence(
    query: Query, choice: Choice, diary: Diary, appointment: Appointment
) -> tuple[Occurrence, bool]:
    """Leave the present occurrence for another one, which is new or a class that stands.

    Raises SlotTaken where that would be the same: one of a class cannot change its rooms.
    """
    left = appointment.occurrence_id
    target, is_new = open_occurrence(query=query, candidate=choice.candidate, diary=diary)
    if target.id == left:
        raise SlotTaken
    appointment.occurrence_id = target.id
    db.session.flush()
    free_appointment(appointment_id=appointment.id, occurrence_id=left)
    seat = take_seat(occurrence=target, appointment_id=appointment.id)
    if seat is None and not choice.is_override:
        raise LostRace
    if not is_new:
        settle_occurrence(target)
    return target, is_new


def _note(appointment: Appointment, choice: Choice, wish: Wish, visit: Visit, actor: Actor) -> None:
    appointment.version += 1
    appointment.override_by = actor.name if choice.is_override else None
    appointment.override_reason = wish.override_reason if choice.is_override else None
    if seconds(visit.starts_at) != choice.candidate.start:
        # The patient had confirmed the old time.
        appointment.confirmed = False
