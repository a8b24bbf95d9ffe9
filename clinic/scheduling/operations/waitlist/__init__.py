"""The waitlist: joining it, leaving it, and what a patient does with a time that is offered."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import select

from clinic.core.db import db, transaction
from clinic.core.errors import NotFound
from clinic.core.values import Actor, Role
from clinic.intake.rules.alarms import CLOSING
from clinic.people.models import Patient
from clinic.people.operations import find_or_add_patient
from clinic.people.rules.patients import PatientDetails
from clinic.scheduling.models import Appointment, WaitlistEntry, WaitlistOffer, WaitlistWindow
from clinic.scheduling.operations.booking import book_inside, in_new_looks
from clinic.scheduling.operations.guests import Guest, guest_of, refuse_over_limit
from clinic.scheduling.operations.kept_times import live_hold, refuse_uncovered, seat_kept
from clinic.scheduling.operations.refusals import (
    AlreadyWaiting,
    CallClinic,
    OfferOver,
    WrongEntryState,
)
from clinic.scheduling.operations.screened import refuse_unscreened, with_screening
from clinic.scheduling.operations.telling import tell_patient
from clinic.scheduling.operations.waitlist.steps import (
    EntryStep,
    close_offer,
    find_offer,
    keeper_of,
    lock_entry,
    move_on,
    open_offer,
    patient_of,
    write_entry_step,
)
from clinic.scheduling.operations.waitlist.telling import tell_joined
from clinic.scheduling.operations.waitlist.wishes import check_wait_wish, ends_at_of
from clinic.scheduling.operations.wishes import Wish, may_book_as_staff
from clinic.scheduling.queries.setting import get_numbers, get_setting
from clinic.scheduling.queries.visits import get_visit
from clinic.scheduling.queries.waitlist import WaitingEntry, get_entry, was_taken_off
from clinic.scheduling.rules.setting import Setting
from clinic.scheduling.rules.telling import BOOKED
from clinic.scheduling.rules.waitlist import (
    OPEN,
    EntryAction,
    EntryStatus,
    OfferStatus,
    WaitWish,
    days_mask,
)

WAITLIST_ROLES = (Role.ADMIN, Role.FRONT_DESK, Role.CLINICIAN, Role.GAIT_LAB)
"""Who reads the waitlist and acts on it: those who book."""


@transaction
def join_waitlist(
    *, wish: WaitWish, patient: PatientDetails, actor: Actor, now: datetime
) -> WaitingEntry:
    """Let somebody wait for a time of a service; what fits is offered in the order of joining.

    The same person is the same patient as in booking. Refusals, in the contract's order: Invalid,
    TooSoon, TooFar, NotLicensed, NotOffered, ScreeningNeeded, CallClinic, and AlreadyWaiting where
    the patient has an open entry for this service.
    """
    setting = get_setting()
    is_staff = may_book_as_staff(actor)
    check_wait_wish(wish=wish, setting=setting, is_staff=is_staff, now=now)
    is_screened = setting.services[wish.service].safety_screen and not is_staff
    if is_screened:
        refuse_unscreened(service=wish.service, visitor=wish.screened_as, now=now)
    person = find_or_add_patient(details=patient, actor=actor, now=now)
    guest = guest_of(person)
    if is_screened:
        guest = with_screening(
            guest=guest, visitor=wish.screened_as, patient=person, actor=actor, now=now
        )
    if guest.level in CLOSING and not is_staff:
        raise CallClinic
    _refuse_second(guest, wish, setting)
    entry = _new_entry(wish, person, setting, now)
    write_entry_step(entry=entry, name="joined", before=None, actor=actor, now=now)
    tell_joined(entry=entry, person=person, actor=actor, now=now)
    db.session.flush()
    return get_entry(entry.public_id)


@transaction
def withdraw_entry(*, public_id: str, actor: Actor, now: datetime) -> WaitingEntry:
    """Leave the waitlist; a time that was offered goes on to the next. Twice is once.

    Raises NotFound, and WrongEntryState for an entry that ended otherwise.
    """
    step = EntryStep(public_id=public_id, actor=actor, now=now)
    entry = lock_entry(step)
    if entry.status != EntryStatus.WITHDRAWN.value:
        move_on(entry, step, EntryAction.WITHDRAW)
    return get_entry(public_id)


@transaction
def restore_entry(*, public_id: str, actor: Actor, now: datetime) -> WaitingEntry:
    """Put back whom staff took off, at the place they had before. Twice is once.

    Raises NotFound; AlreadyWaiting where the patient has another open entry for the service;
    WrongEntryState for an entry that ended otherwise, by the patient's own wish or with its last
    date: a place that was given up is not kept.
    """
    step = EntryStep(public_id=public_id, actor=actor, now=now)
    entry = lock_entry(step)
    if EntryStatus(entry.status) in OPEN:
        return get_entry(public_id)
    if not was_taken_off(public_id) or entry.ends_at <= now:
        raise WrongEntryState(entry_status=entry.status)
    guest_of(patient_of(entry))  # locks the patient: of two entries one is open
    _refuse_second_open(entry.patient_id, entry.service_id)
    entry.lapses = 0
    move_on(entry, step, EntryAction.RESTORE)
    return get_entry(public_id)


@transaction
def decline_offer(*, public_id: str, offer: str, actor: Actor, now: datetime) -> WaitingEntry:
    """Do without an offered time, and wait on for others; it goes on to the next. Twice is once.

    Raises NotFound, and OfferOver where it is no longer this entry's.
    """
    step = EntryStep(public_id=public_id, actor=actor, now=now)
    entry = lock_entry(step)
    asked = _offer_of(entry, offer)
    if asked.status != OfferStatus.DECLINED.value:
        if asked.status != OfferStatus.OPEN.value:
            raise OfferOver
        entry.lapses = 0
        move_on(entry, step, EntryAction.DECLINE)
    return get_entry(public_id)


@transaction
def take_offer(*, public_id: str, offer: str, actor: Actor, now: datetime) -> WaitingEntry:
    """Book the offered time for whoever waits, out of its hold: nobody can be in the way.

    Taking it again answers the same. Whether the practitioner may see the patient is asked once
    more. Raises NotFound; OfferOver where the time is no longer held; NotOffered, NotLicensed,
    CallClinic, LimitReached (not by staff) and PatientBusy.
    """
    step = EntryStep(public_id=public_id, actor=actor, now=now)
    entry = lock_entry(step)
    asked = _offer_of(entry, offer)
    if asked.status == OfferStatus.TAKEN.value:
        return get_entry(public_id)
    person = patient_of(entry)
    found = get_entry(public_id)
    is_over = asked.status != OfferStatus.OPEN.value or asked.expires_at <= now
    if is_over or found.offer is None or person.merged_at is not None:
        raise OfferOver
    refuse_uncovered(
        setting=get_setting(),
        service=found.service,
        practitioner=found.offer.practitioner,
        starts_at=found.offer.starts_at,
        zone=found.offer.zone,
        state=found.state,
    )
    guest = guest_of(person)
    if guest.level in CLOSING:
        raise CallClinic
    _refuse_limit(found, guest, actor)
    visit = _seat(found, guest, actor, now)
    close_offer(asked, OfferStatus.TAKEN, now)
    move_on(entry, step, EntryAction.BOOK, visit_id=visit.id)
    tell_patient(
        kind=BOOKED,
        visits=[visit.public_id],
        patient_id=person.id,
        patient=person,
        actor=actor,
        now=now,
    )
    return get_entry(public_id)


def book_for_entry(*, public_id: str, wish: Wish, actor: Actor, now: datetime) -> WaitingEntry:
    """Book any time for whoever waits, by staff; the entry ends with it: both or neither.

    The time that is offered to the entry is let go first, so it may be the one that is booked.
    Booking again at the same time changes nothing. Refusals as for ``book_appointment`` by staff,
    besides NotFound and WrongEntryState.
    """
    wish = replace(wish, state=wish.state or get_entry(public_id).state)
    step = EntryStep(public_id=public_id, actor=actor, now=now)
    return in_new_looks(
        book=lambda: _book_for(step=step, wish=wish), wish=wish, actor=actor, now=now
    )


@transaction
def _book_for(*, step: EntryStep, wish: Wish) -> WaitingEntry:
    entry, found = lock_entry(step), get_entry(step.public_id)
    if found.visit is not None and get_visit(found.visit).starts_at == wish.starts_at:
        return found
    if found.status not in OPEN:
        raise WrongEntryState(entry_status=entry.status)
    if open_offer(entry) is not None:
        move_on(entry, step, EntryAction.RETRACT)
    person = patient_of(entry)
    visit = book_inside(wish=wish, person=lambda: person, actor=step.actor, now=step.now)
    move_on(entry, step, EntryAction.BOOK, visit_id=visit.appointment_id)
    return get_entry(step.public_id)


def _seat(found: WaitingEntry, guest: Guest, actor: Actor, now: datetime) -> Appointment:
    hold = live_hold(keeper=keeper_of(found.public_id), now=now)
    if hold is None:
        raise OfferOver
    is_video = found.modality == "telehealth"
    visit = seat_kept(
        hold=hold,
        guest=guest,
        actor=actor,
        now=now,
        patient_zone=found.patient_zone if is_video else None,
    )
    if visit is None:
        raise OfferOver
    return visit


def _offer_of(entry: WaitlistEntry, public_id: str) -> WaitlistOffer:
    found = find_offer(entry, public_id)
    if found is None:
        raise NotFound
    return found


def _refuse_second(guest: Guest, wish: WaitWish, setting: Setting) -> None:
    """Raise AlreadyWaiting; the patient is locked, so two calls cannot both pass."""
    if guest.is_new:
        return
    _refuse_second_open(guest.patient_id, get_numbers(setting).services[wish.service])


def _refuse_second_open(patient_id: int | None, service_id: int) -> None:
    wanted = select(WaitlistEntry.id).where(
        WaitlistEntry.patient_id == patient_id,
        WaitlistEntry.service_id == service_id,
        WaitlistEntry.status.in_([one.value for one in OPEN]),
    )
    if db.session.scalar(wanted) is not None:
        raise AlreadyWaiting


def _refuse_limit(found: WaitingEntry, guest: Guest, actor: Actor) -> None:
    setting, offer = get_setting(), found.offer
    if may_book_as_staff(actor) or offer is None:
        return
    refuse_over_limit(
        setting=setting,
        guest=guest,
        service=found.service,
        starts_at=offer.starts_at,
        zone=offer.zone,
    )


def _new_entry(wish: WaitWish, person: Patient, setting: Setting, now: datetime) -> WaitlistEntry:
    numbers = get_numbers(setting)
    entry = WaitlistEntry(
        status=EntryStatus.WAITING.value,
        patient_id=person.id,
        service_id=numbers.services[wish.service],
        practitioner_id=numbers.practitioners[wish.practitioner] if wish.practitioner else None,
        location_id=numbers.locations[wish.location] if wish.location else None,
        state=wish.state,
        patient_zone=wish.patient_zone,
        language=wish.language,
        from_date=wish.from_date,
        to_date=wish.to_date,
        ends_at=ends_at_of(wish=wish, setting=setting, now=now),
        days=days_mask(wish.days),
        joined_at=now,
    )
    db.session.add(entry)
    db.session.flush()
    for position, window in enumerate(sorted(set(wish.windows))):
        db.session.add(
            WaitlistWindow(
                entry_id=entry.id,
                position=position,
                starts_minute=window.starts,
                ends_minute=window.ends,
            )
        )
    db.session.flush()
    return entry
