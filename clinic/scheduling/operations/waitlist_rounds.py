"""Rounds over the waitlist: offers that are over go on, and free times are held and offered.

A round looks for its work in the database and trusts no announcement, so nothing is lost with a
worker that is killed: a time and its message are written in one transaction. Who joined first is
asked first. It reads who waits, what is taken on the dates they wait for, and nothing of the past.
"""

from collections.abc import Hashable, Iterator
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
from clinic.scheduling.operations.waitlist_steps import (
    EntryStep,
    keeper_of,
    lock_entry,
    move_on,
    open_offer,
    patient_of,
)
from clinic.scheduling.operations.waitlist_telling import tell_offer
from clinic.scheduling.operations.wishes import Wish
from clinic.scheduling.queries.diary import instant, load_diary, query_now
from clinic.scheduling.queries.setting import NoClinic, get_setting
from clinic.scheduling.queries.waiting import (
    Waiting,
    dates_of,
    is_anybody_waiting,
    list_questions,
    list_waiting,
)
from clinic.scheduling.rules.asking import Query, Slot
from clinic.scheduling.rules.offers import horizon_date, query_zone
from clinic.scheduling.rules.setting import Setting
from clinic.scheduling.rules.slots import list_slots
from clinic.scheduling.rules.waitlist import (
    MOST_LAPSES,
    EntryAction,
    EntryStatus,
    OfferStatus,
    WallTime,
    offer_ends,
    on_the_wall,
    suits,
)
from clinic.scheduling.rules.wall_time import local_date

BATCH = 100
MOST_OFFERS = 20
"""Of one service in a round; what is left is the next round's."""
LOOK_AGAIN_SECONDS = 300
"""What changes without a trace in the diary (a safety event was closed, midnight came) is seen
within so long."""
_LOOKS = "waitlist-looks"


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
    desk could. With a ``service`` only that one is looked at, whatever was seen before.
    """
    if not is_anybody_waiting():
        return 0
    try:
        setting = get_setting()
    except NoClinic:
        return 0
    remove_expired_holds(now=now)
    asked = [one for one in list_questions(service=service) if one[0] in setting.services]
    return sum(
        _Round(slug, state, now, is_fresh=service is not None).offer_all() for slug, state in asked
    )


@dataclass(slots=True)
class _Look:
    """What one look shows: who waits, which times are free, and all that this depends on."""

    waiting: tuple[Waiting, ...]
    slots: tuple[Slot, ...]
    seen: Hashable


@dataclass(slots=True)
class _Round:
    """The free times of one service, for those who wait in one state."""

    service: str
    state: str | None
    now: datetime
    is_fresh: bool
    passed: set[tuple[str, Hashable]] = field(default_factory=set)

    def offer_all(self) -> int:
        """Offer until nothing fits; answers how many were offered."""
        made = 0
        while made < MOST_OFFERS:
            look = self._look()
            if look is None or not self._offer_first(look):
                self._remember(look)
                break
            made += 1
        return made

    def _look(self) -> _Look | None:
        """None when nobody waits, or all is as it was at the last look."""
        setting = get_setting()
        waiting = list_waiting(service=self.service, state=self.state, now=self.now)
        if not waiting:
            return None
        query = Query(
            setting=setting,
            service=self.service,
            state=self.state,
            now=query_now(self.now),
            staff=not setting.services[self.service].online,
        )
        today = local_date(instant=query.now, zone=query_zone(query=query))
        first, last = dates_of(waiting)
        first, last = max(first, today), min(last, horizon_date(query=query))
        if last < first:
            return None
        diary = load_diary(query=query, from_date=first, to_date=last, now=self.now)
        bucket = int(self.now.timestamp()) // LOOK_AGAIN_SECONDS
        seen = (diary.content, waiting, bucket)
        if not self.is_fresh and not self.passed and self._looks().get(self._key) == hash(seen):
            return None
        listing = list_slots(query=query, from_date=first, to_date=last, diary=diary)
        return _Look(waiting, listing.slots, seen)

    @property
    def _key(self) -> tuple[str, str | None]:
        return (self.service, self.state)

    @staticmethod
    def _looks() -> dict[tuple[str, str | None], int]:
        """What the last look at each question showed, kept with the setting in force."""
        looks: dict[tuple[str, str | None], int] = get_setting().memo.recall((_LOOKS,), dict)
        return looks

    def _remember(self, look: _Look | None) -> None:
        if look is not None:
            self._looks()[self._key] = hash(look.seen)

    def _offer_first(self, look: _Look) -> bool:
        """Offer the first fitting time of the first entry that has one."""
        return any(self._try(one, slot) for one, slot in self._pairs(look))

    def _pairs(self, look: _Look) -> Iterator[tuple[Waiting, Slot]]:
        setting = get_setting()
        walls = [(slot, self._wall(setting, slot)) for slot in look.slots]
        for one in look.waiting:
            for slot, wall in walls:
                if not suits(wants=one.wants, time=wall) or self._is_passed(one, slot, wall.day):
                    continue
                if one.can_come(instant(slot.start), instant(slot.end)):
                    yield one, slot

    def _wall(self, setting: Setting, slot: Slot) -> WallTime:
        return on_the_wall(
            practitioner=slot.practitioner,
            location=slot.location,
            zone=setting.locations[slot.location].zone,
            start=slot.start,
            minutes=setting.services[self.service].minutes,
        )

    def _is_passed(self, one: Waiting, slot: Slot, day: date) -> bool:
        whats: tuple[Hashable, ...] = ("all", day, slot)
        return bool(self.passed) and any((one.public_id, what) in self.passed for what in whats)

    def _try(self, one: Waiting, slot: Slot) -> bool:
        """Offer the time; what stands against it is not tried again in this round."""
        zone = get_setting().locations[slot.location].zone
        try:
            if _offer(public_id=one.public_id, service=self.service, slot=slot, now=self.now):
                return True
            self.passed.add((one.public_id, "all"))
        except (CallClinic, NotFound):
            self.passed.add((one.public_id, "all"))
        except LimitReached:
            self.passed.add((one.public_id, local_date(instant=slot.start, zone=zone)))
        except (SlotTaken, LostRace, PatientBusy, TooSoon, TooFar, NotLicensed, NotOffered):
            self.passed.add((one.public_id, slot))
        return False


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
