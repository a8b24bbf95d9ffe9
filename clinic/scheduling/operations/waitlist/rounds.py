"""Rounds over the waitlist: offers that are over go on, and free times are held and offered.

A round looks for its work in the database and trusts no announcement, so nothing is lost with a
worker that is killed: a time and its message are written in one transaction. Who joined first is
asked first. It reads who waits, what is taken on the dates they wait for, and nothing of the past.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import select

from clinic.core.db import db, transaction
from clinic.core.errors import NotFound
from clinic.core.values import SYSTEM
from clinic.scheduling.models import Occurrence, WaitlistEntry, WaitlistOffer
from clinic.scheduling.operations.expiry import remove_expired_holds
from clinic.scheduling.operations.kept_times import Keep, keep_times, live_hold
from clinic.scheduling.operations.placing import LostRace
from clinic.scheduling.operations.refusals import (
    CallClinic,
    LimitReached,
    NotLicensed,
    NotOffered,
    PatientBusy,
    SlotTaken,
    TooFar,
    TooSoon,
)
from clinic.scheduling.operations.waitlist.looks import take_look
from clinic.scheduling.operations.waitlist.steps import (
    EntryStep,
    keeper_of,
    lock_entry,
    move_on,
    open_offer,
    patient_of,
)
from clinic.scheduling.operations.waitlist.telling import tell_offer
from clinic.scheduling.operations.wishes import Wish
from clinic.scheduling.queries.diary import instant
from clinic.scheduling.queries.setting import NoClinic, get_setting
from clinic.scheduling.queries.waiting import (
    Waiting,
    is_anybody_waiting,
    list_questions,
)
from clinic.scheduling.rules.asking import Slot
from clinic.scheduling.rules.waitlist import (
    MOST_LAPSES,
    EntryAction,
    EntryStatus,
    OfferStatus,
    offer_ends,
)
from clinic.scheduling.rules.wall_time import local_date

BATCH = 100
MOST_OFFERS = 20
"""Of one service in a round; what is left is the next round's."""


def tend_waitlist(*, now: datetime) -> None:
    """A round of the worker: offers that are over, waits that are over, times that are free."""
    lapse_waitlist_offers(now=now)
    end_past_entries(now=now)
    offer_free_times(now=now)


def lapse_waitlist_offers(*, now: datetime) -> int:
    """Let entries wait on whose offer nobody answered; answers how many. The third in a row ends
    the entry."""
    over = (
        select(WaitlistEntry.public_id)
        .join(WaitlistOffer, WaitlistOffer.entry_id == WaitlistEntry.id)
        .where(WaitlistOffer.status == OfferStatus.OPEN.value, WaitlistOffer.expires_at <= now)
        .order_by(WaitlistOffer.expires_at)
        .limit(BATCH)
    )
    return sum(_lapse(public_id=one, now=now) for one in list(db.session.scalars(over)))


@transaction
def _lapse(*, public_id: str, now: datetime) -> bool:
    step = EntryStep(public_id=public_id, actor=SYSTEM, now=now)
    entry = lock_entry(step)
    offer = open_offer(entry)
    if offer is None or offer.expires_at > now:
        return False
    entry.lapses += 1
    is_last = entry.lapses >= MOST_LAPSES
    move_on(entry, step, EntryAction.EXPIRE if is_last else EntryAction.LAPSE)
    return True


def end_past_entries(*, now: datetime) -> int:
    """End the entries whose last date is over; answers how many."""
    past = (
        select(WaitlistEntry.public_id)
        .where(WaitlistEntry.status.in_(("waiting", "offered")), WaitlistEntry.ends_at <= now)
        .order_by(WaitlistEntry.ends_at)
        .limit(BATCH)
    )
    return sum(_end(public_id=one, now=now) for one in list(db.session.scalars(past)))


@transaction
def _end(*, public_id: str, now: datetime) -> bool:
    step = EntryStep(public_id=public_id, actor=SYSTEM, now=now)
    entry = lock_entry(step)
    is_past = entry.closed_at is None and entry.ends_at <= now
    if is_past:
        move_on(entry, step, EntryAction.EXPIRE)
    return is_past


def offer_free_times(*, now: datetime, service: str | None = None) -> int:
    """Hold free times and offer each to the first who waits for it; answers how many.

    What is free is what the public could book; for a service that is not offered online, what the
    desk could. With a ``service`` only that one is looked at.
    """
    if not is_anybody_waiting():
        return 0
    try:
        setting = get_setting()
    except NoClinic:
        return 0
    remove_expired_holds(now=now)
    asked = [one for one in list_questions(service=service) if one[0] in setting.services]
    return sum(_Round(slug, state, now).offer_all() for slug, state in asked)


@dataclass(slots=True)
class _Round:
    """The free times of one service, for those who wait in one state.

    ``passed`` is what stood against an offer and is not tried again in this round, ``lost`` are
    times that somebody else had a hand on just then.
    """

    service: str
    state: str | None
    now: datetime
    passed: set[tuple[str, Hashable]] = field(default_factory=set)
    lost: set[Slot] = field(default_factory=set)

    def offer_all(self) -> int:
        """Offer until nothing fits; answers how many were offered."""
        for made in range(MOST_OFFERS):
            look = take_look(service=self.service, state=self.state, now=self.now)
            if look is None:
                return made
            if not any(self._try(one, slot) for one, slot in look.pairs()):
                look.remember(besides=frozenset(self.lost))
                return made
        return MOST_OFFERS

    def _try(self, one: Waiting, slot: Slot) -> bool:
        """Offer the time, unless something stands against it."""
        zone = get_setting().locations[slot.location].zone
        day = local_date(instant=slot.start, zone=zone)
        if self._is_passed(one, slot, day):
            return False
        try:
            if _offer(public_id=one.public_id, service=self.service, slot=slot, now=self.now):
                return True
            self.passed.add((one.public_id, "all"))
        except (CallClinic, NotFound):
            self.passed.add((one.public_id, "all"))
        except LimitReached:
            self.passed.add((one.public_id, day))
        except (SlotTaken, LostRace):
            self.lost.add(slot)
        except (PatientBusy, TooSoon, TooFar, NotLicensed, NotOffered):
            self.passed.add((one.public_id, slot))
        return False

    def _is_passed(self, one: Waiting, slot: Slot, day: date) -> bool:
        whats: tuple[Hashable, ...] = ("all", day, slot)
        return slot in self.lost or any((one.public_id, what) in self.passed for what in whats)


@transaction
def _offer(*, public_id: str, service: str, slot: Slot, now: datetime) -> bool:
    """Hold the time for the entry and post its message; False where the entry no longer waits."""
    step = EntryStep(public_id=public_id, actor=SYSTEM, now=now)
    entry = lock_entry(step)
    person = patient_of(entry)
    if entry.status != EntryStatus.WAITING.value or person.merged_at is not None:
        return False
    setting = get_setting()
    zone = setting.locations[slot.location].zone
    until = offer_ends(
        now=int(now.timestamp()),
        start=slot.start,
        minutes=setting.policy.waitlist_offer_minutes,
        zone=zone,
    )
    if until is None:
        raise TooSoon
    wish = Wish(
        service=service,
        starts_at=instant(slot.start),
        practitioner=slot.practitioner,
        location=slot.location,
        state=entry.state,
    )
    keeper = keeper_of(public_id)
    keep = Keep(keeper=keeper, wish=wish, expires_at=instant(until), is_agreed=True)
    (occurrence,) = keep_times(keeps=[keep], patient=person, actor=SYSTEM, now=now)
    offer = _write_offer(entry, occurrence, keeper, now)
    move_on(entry, step, EntryAction.OFFER)
    tell_offer(entry=entry, offer=offer, person=person, zone=zone, now=now)
    return True


def _write_offer(
    entry: WaitlistEntry, occurrence: Occurrence, keeper: str, now: datetime
) -> WaitlistOffer:
    hold = live_hold(keeper=keeper, now=now)
    if hold is None:
        raise AssertionError("what was kept is held")
    offer = WaitlistOffer(
        entry_id=entry.id,
        status=OfferStatus.OPEN.value,
        hold_id=hold.id,
        practitioner_id=occurrence.practitioner_id,
        location_id=occurrence.location_id,
        starts_at=occurrence.starts_at,
        ends_at=occurrence.ends_at,
        offered_at=now,
        expires_at=hold.expires_at,
    )
    db.session.add(offer)
    db.session.flush()
    return offer
