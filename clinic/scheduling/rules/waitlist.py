"""The waitlist: what somebody waits for, which times suit, and how long one is held. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from clinic.scheduling.rules.setting import MINUTES_OF_A_DAY
from clinic.scheduling.rules.wall_time import edge, local_date, minute_of_day

MOST_WINDOWS = 6
MOST_WAITING_DAYS = 366
MOST_LAPSES = 3
"""Offers in a row that nobody answered: then the entry ends, so that no time is held in vain."""
LEAST_SECONDS = 15 * 60
"""An offer stands at least so long; a time that begins sooner is offered to nobody."""
MORNING_MINUTE = 7 * 60
NIGHT_MINUTE = 22 * 60


class EntryStatus(StrEnum):
    """Where an entry stands."""

    WAITING = "waiting"
    OFFERED = "offered"
    BOOKED = "booked"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class OfferStatus(StrEnum):
    """What became of a time that was offered; ``withdrawn``: the clinic or the entry went on."""

    OPEN = "open"
    TAKEN = "taken"
    DECLINED = "declined"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"


class EntryAction(StrEnum):
    """What can happen to an entry."""

    OFFER = "offer"
    LAPSE = "lapse"
    DECLINE = "decline"
    RETRACT = "retract"
    BOOK = "book"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"
    RESTORE = "restore"


OPEN = frozenset({EntryStatus.WAITING, EntryStatus.OFFERED})
_FROM: Mapping[EntryAction, frozenset[EntryStatus]] = {
    EntryAction.OFFER: frozenset({EntryStatus.WAITING}),
    EntryAction.LAPSE: frozenset({EntryStatus.OFFERED}),
    EntryAction.DECLINE: frozenset({EntryStatus.OFFERED}),
    EntryAction.RETRACT: frozenset({EntryStatus.OFFERED}),
    EntryAction.BOOK: OPEN,
    EntryAction.WITHDRAW: OPEN,
    EntryAction.EXPIRE: OPEN,
    EntryAction.RESTORE: frozenset({EntryStatus.WITHDRAWN}),
}
LEADS_TO: Mapping[EntryAction, EntryStatus] = {
    EntryAction.OFFER: EntryStatus.OFFERED,
    EntryAction.LAPSE: EntryStatus.WAITING,
    EntryAction.DECLINE: EntryStatus.WAITING,
    EntryAction.RETRACT: EntryStatus.WAITING,
    EntryAction.BOOK: EntryStatus.BOOKED,
    EntryAction.WITHDRAW: EntryStatus.WITHDRAWN,
    EntryAction.EXPIRE: EntryStatus.EXPIRED,
    EntryAction.RESTORE: EntryStatus.WAITING,
}
ENDS_OFFER: Mapping[EntryAction, OfferStatus] = {
    EntryAction.LAPSE: OfferStatus.LAPSED,
    EntryAction.DECLINE: OfferStatus.DECLINED,
    EntryAction.RETRACT: OfferStatus.WITHDRAWN,
    EntryAction.BOOK: OfferStatus.WITHDRAWN,
    EntryAction.WITHDRAW: OfferStatus.WITHDRAWN,
    EntryAction.EXPIRE: OfferStatus.LAPSED,
}
"""What an open offer becomes with the step; the one that is taken is ``taken``."""


def can_take(*, status: EntryStatus, action: EntryAction) -> bool:
    """Whether an entry that stands so may take the step."""
    return status in _FROM[action]


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """Minutes of a location's wall day in which a whole visit has to lie; the end may be 1440."""

    starts: int
    ends: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitWish:
    """What somebody waits for: slugs, and local dates of which both count.

    ``days`` are weekdays with Monday as 0, ``windows`` wall times of the location; empty means any.
    ``state`` is where the patient will be and ``patient_zone`` their own clock, for video visits.
    ``language`` is a BCP 47 tag; ``screened_as`` the browser that answered the safety questions.
    """

    service: str
    from_date: date
    to_date: date
    practitioner: str | None = None
    location: str | None = None
    state: str | None = None
    days: frozenset[int] = frozenset()
    windows: tuple[Window, ...] = ()
    language: str | None = None
    patient_zone: str | None = None
    screened_as: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wants:
    """The part of an entry that a time has to suit."""

    practitioner: str | None
    location: str | None
    from_date: date
    to_date: date
    days: frozenset[int] = frozenset()
    windows: tuple[Window, ...] = ()


@dataclass(frozen=True, slots=True)
class WallTime:
    """A bookable time as the wall of its location shows it; ``ends`` may pass midnight's 1440."""

    practitioner: str
    location: str
    day: date
    starts: int
    ends: int


def on_the_wall(
    *, practitioner: str, location: str, zone: str, start: int, minutes: int
) -> WallTime:
    """A start, in seconds since 1970, as the location's wall shows it."""
    begins = minute_of_day(instant=start, zone=zone)
    day = local_date(instant=start, zone=zone)
    return WallTime(practitioner, location, day, begins, begins + minutes)


def suits(*, wants: Wants, time: WallTime) -> bool:
    """Whether a time is one that the entry waits for."""
    return suits_hour(wants=wants, time=time) and suits_day(wants=wants, day=time.day)


def suits_hour(*, wants: Wants, time: WallTime) -> bool:
    """The part of it that is the same on every day: who, where, and the time of day."""
    return (
        wants.practitioner in {None, time.practitioner}
        and wants.location in {None, time.location}
        and (
            not wants.windows
            or any(one.starts <= time.starts and time.ends <= one.ends for one in wants.windows)
        )
    )


def suits_day(*, wants: Wants, day: date) -> bool:
    """The part of it that is about the date."""
    return wants.from_date <= day <= wants.to_date and (
        not wants.days or day.weekday() in wants.days
    )


def days_mask(days: frozenset[int]) -> int:
    """Weekdays as seven bits, Monday the lowest; none named are all of them."""
    return sum(1 << day for day in days or range(7))


def days_of(mask: int) -> frozenset[int]:
    """The weekdays behind the bits; empty where every day suits."""
    return frozenset() if mask == 0b1111111 else frozenset(d for d in range(7) if mask >> d & 1)


def window_faults(*, windows: tuple[Window, ...], minutes: int) -> str | None:
    """Why these windows cannot be waited for, in words; None where they can."""
    if len(windows) > MOST_WINDOWS:
        return f"Name at most {MOST_WINDOWS} times of day."
    for one in windows:
        if not 0 <= one.starts < one.ends <= MINUTES_OF_A_DAY:
            return "A time of day ends after it begins."
        if one.ends - one.starts < minutes:
            return f"This visit takes {minutes} minutes: name a longer time of day."
    return None


def offer_ends(*, now: int, start: int, minutes: int, zone: str) -> int | None:
    """Until when a time is held for whoever it is offered to; None when it begins too soon.

    The policy's minutes, of which the night (22 to 7 on the location's wall) does not count; never
    more than half of what is left until the visit, so that it can go on to somebody else, but at
    least a quarter of an hour.
    """
    if start - now < LEAST_SECONDS:
        return None
    soonest, half = now + LEAST_SECONDS, now + (start - now) // 2
    return max(soonest, min(_by_day(now, minutes * 60, zone), half))


def _by_day(now: int, left: int, zone: str) -> int:
    """The instant after so many seconds of daytime."""
    while True:
        day, minute = local_date(instant=now, zone=zone), minute_of_day(instant=now, zone=zone)
        if minute < MORNING_MINUTE:
            now = edge(day=day, minute=MORNING_MINUTE, zone=zone, last=False)
        night = edge(day=day, minute=NIGHT_MINUTE, zone=zone, last=False)
        if now + left <= night:
            return now + left
        left -= max(night - now, 0)
        now = edge(day=day, minute=MINUTES_OF_A_DAY, zone=zone, last=False)


def texts_from(*, now: int, zone: str) -> int:
    """When a text about an offer may go out: at once by day, in the morning at night."""
    minute = minute_of_day(instant=now, zone=zone)
    if MORNING_MINUTE <= minute < NIGHT_MINUTE:
        return now
    day = local_date(instant=now, zone=zone)
    if minute >= NIGHT_MINUTE:
        day = date.fromordinal(day.toordinal() + 1)
    return edge(day=day, minute=MORNING_MINUTE, zone=zone, last=False)
