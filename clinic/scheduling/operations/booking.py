"""Booking a visit: look, choose, claim, or refuse with what is free instead."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from clinic.core.db import transaction
from clinic.core.rows import reserve_numbers, store
from clinic.core.values import Actor
from clinic.intake.rules.alarms import CLOSING
from clinic.people.models import Patient
from clinic.people.operations import find_or_add_patient
from clinic.people.rules.patients import PatientDetails
from clinic.scheduling.models import Appointment, Occurrence, Resource
from clinic.scheduling.operations.booked import just_booked
from clinic.scheduling.operations.expiry import remove_expired_holds
from clinic.scheduling.operations.following import link_following
from clinic.scheduling.operations.guests import Guest, guest_of, refuse_over_limit
from clinic.scheduling.operations.history import write_change
from clinic.scheduling.operations.placing import (
    LostRace,
    Wanted,
    candidate_claims,
    insert_claims,
    is_patient_busy,
    lock_occurrence,
    make_occurrence,
    settle_occurrence,
    take_seat,
)
from clinic.scheduling.operations.refusals import (
    CallClinic,
    PatientBusy,
    SlotTaken,
)
from clinic.scheduling.operations.screened import refuse_unscreened, with_screening
from clinic.scheduling.operations.telling import tell_patient
from clinic.scheduling.operations.wishes import (
    ATTEMPTS,
    Choice,
    Wish,
    query_of,
    slot_taken,
    weigh,
)
from clinic.scheduling.queries.diary import instant
from clinic.scheduling.queries.setting import get_setting
from clinic.scheduling.queries.visits import Visit
from clinic.scheduling.rules.asking import Candidate, Diary, Query
from clinic.scheduling.rules.telling import BOOKED

R = TypeVar("R")


def book_appointment(*, wish: Wish, patient: PatientDetails, actor: Actor, now: datetime) -> Visit:
    """Book the wished time for a patient, or leave everything as it was.

    The public is bound by notice, horizon, grid, hours, ``online`` and the limit of each day.
    Staff are bound by hours, closures and what is taken, unless the wish carries a reason to
    override. Refusals, in the contract's order: Invalid, TooSoon, TooFar, NotLicensed, NotOffered,
    ScreeningNeeded, CallClinic, LimitReached, PatientBusy, SlotTaken with up to five alternatives.
    """
    return in_new_looks(
        book=lambda: _book(wish=wish, patient=patient, actor=actor, now=now),
        wish=wish,
        actor=actor,
        now=now,
    )


def in_new_looks(*, book: Callable[[], R], wish: Wish, actor: Actor, now: datetime) -> R:
    """Run a transaction that books, anew while it loses races: at most five times.

    Raises what it raises; SlotTaken with up to five alternatives.
    """
    if wish.override_reason is not None:
        # What expired must not make an overbooking of it.
        remove_expired_holds(now=now)
    for _ in range(ATTEMPTS):
        try:
            return book()
        except SlotTaken:
            break
        except LostRace:
            # To somebody faster, or to a hold that has expired and was not removed yet.
            remove_expired_holds(now=now)
    raise slot_taken(
        query=query_of(setting=get_setting(), wish=wish, actor=actor, now=now), wish=wish, now=now
    )


@transaction
def _book(*, wish: Wish, patient: PatientDetails, actor: Actor, now: datetime) -> Visit:
    def person() -> Patient:
        reserve_numbers(Patient, Resource, Occurrence, Appointment)
        return find_or_add_patient(details=patient, actor=actor, now=now)

    return book_inside(wish=wish, person=person, actor=actor, now=now)


def book_inside(
    *,
    wish: Wish,
    person: Callable[[], Patient],
    actor: Actor,
    now: datetime,
    is_told: bool = True,
) -> Visit:
    """The booking itself, inside the transaction of whoever books; ``person`` names the patient.

    ``is_told`` is False where the patient hears of it by another message.
    Refusals as for ``book_appointment``, SlotTaken without alternatives; raises LostRace too.
    """
    setting = get_setting()
    query = query_of(setting=setting, wish=wish, actor=actor, now=now)
    choice, diary = weigh(query=query, wish=wish, now=now)
    is_screened = query.wanted.safety_screen and not query.staff
    if is_screened:
        refuse_unscreened(service=wish.service, visitor=wish.screened_as, now=now)
    patient = person()
    guest = guest_of(patient)
    if is_screened:
        guest = with_screening(
            guest=guest, visitor=wish.screened_as, patient=patient, actor=actor, now=now
        )
    busy = check_guest(
        query=query, wish=wish, guest=guest, candidate=choice.candidate if choice else None
    )
    if choice is None:
        raise SlotTaken
    appointment, claims = seat_guest(
        query=query,
        wish=wish,
        guest=guest,
        choice=Choice(choice.candidate, choice.is_override or busy),
        diary=diary,
        actor=actor,
        now=now,
    )
    insert_claims(claims)
    write_change(
        appointment=appointment, step="booked", actor=actor, now=now, before=None, setting=setting
    )
    if is_told:
        tell_patient(
            kind=BOOKED,
            visits=[appointment.public_id],
            patient_id=patient.id,
            patient=patient,
            actor=actor,
            now=now,
        )
    return just_booked(
        query=query, candidate=choice.candidate, appointment=appointment, patient=patient
    )


def check_guest(
    *,
    query: Query,
    wish: Wish,
    guest: Guest,
    candidate: Candidate | None,
    besides: int | None = None,
) -> bool:
    """Whether staff override that the patient is busy, or not to be seen by video now.

    Raises CallClinic, for staff only before a visit by video without a reason to override it
    (RF-07); LimitReached (public only), and PatientBusy.
    """
    setting = query.setting
    is_closed = guest.level in CLOSING and (not query.staff or query.wanted.is_telehealth)
    if is_closed and (not query.staff or wish.override_reason is None):
        raise CallClinic
    if guest.is_new:
        return is_closed
    if not query.staff:
        zone = setting.locations[candidate.location].zone if candidate else setting.zone
        refuse_over_limit(
            setting=setting,
            guest=guest,
            service=wish.service,
            starts_at=wish.starts_at,
            zone=zone,
            besides=besides,
        )
    ends_at = instant(int(wish.starts_at.timestamp()) + query.wanted.minutes * 60)
    if not is_patient_busy(
        resource=guest.resource, starts_at=wish.starts_at, ends_at=ends_at, besides=besides
    ):
        return is_closed
    if wish.override_reason is None:
        raise PatientBusy
    return True


def seat_guest(
    *,
    query: Query,
    wish: Wish,
    guest: Guest,
    choice: Choice,
    diary: Diary,
    actor: Actor,
    now: datetime,
    series: tuple[int, int] | None = None,
) -> tuple[Appointment, list[Wanted]]:
    """Write the appointment with its seat; answers it and the claims still to be made.

    ``series`` is the series' row and the visit's number in it. The appointment that is answered
    stays outside the session. Raises LostRace when the last seat went meanwhile.
    """
    occurrence, is_new = open_occurrence(query=query, candidate=choice.candidate, diary=diary)
    appointment = Appointment(
        occurrence_id=occurrence.id,
        patient_id=guest.patient_id,
        status="booked",
        patient_state=wish.state,
        patient_zone=wish.patient_zone,
        review=guest.review,
        series_id=series[0] if series else None,
        series_number=series[1] if series else None,
        price_cents=query.wanted.price_cents,
        created_at=now,
    )
    if choice.is_override:
        appointment.override_by = actor.name
        appointment.override_reason = wish.override_reason
    store(appointment)
    if wish.follows is not None:
        link_following(appointment=appointment, follows=wish.follows)
    seat = take_seat(occurrence=occurrence, appointment_id=appointment.id, is_new=is_new)
    if seat is None and not choice.is_override:
        raise LostRace
    claims = [patient_claim(appointment, occurrence, guest, may_overbook=choice.is_override)]
    if is_new:
        claims += candidate_claims(
            setting=query.setting,
            candidate=choice.candidate,
            occurrence=occurrence,
            may_overbook=choice.is_override,
        )
    else:
        settle_occurrence(occurrence)
    return appointment, claims


def open_occurrence(
    *, query: Query, candidate: Candidate, diary: Diary, is_held: bool = False
) -> tuple[Occurrence, bool]:
    """The occurrence to sit down in, and whether it was made for it.

    A class that stands is joined, by staff even when it is full. Raises LostRace when it was
    released meanwhile.
    """
    joins = candidate.joins
    if joins is None and query.wanted.capacity > 1:
        place = (candidate.practitioner, candidate.location, candidate.start)
        same = (
            one for one in diary.classes if (one.practitioner, one.location, one.start) == place
        )
        joins = next((one.id for one in same), None)
    if joins is None:
        made = make_occurrence(
            setting=query.setting, service=query.wanted, candidate=candidate, is_held=is_held
        )
        return made, True
    occurrence = lock_occurrence(int(joins))
    if occurrence.state == "released":
        raise LostRace
    return occurrence, False


def patient_claim(
    appointment: Appointment, occurrence: Occurrence, guest: Guest, *, may_overbook: bool
) -> Wanted:
    """The patient's own claim: the visit without buffers."""
    return Wanted(
        resource=guest.resource,
        starts_at=occurrence.starts_at,
        ends_at=occurrence.ends_at,
        appointment_id=appointment.id,
        may_overbook=may_overbook,
    )
