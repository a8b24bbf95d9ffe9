"""Free times for somebody who asked for a visit: those that fit their wish first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from clinic.core.values import Interval
from clinic.scheduling.queries.slots import find_alternatives, find_availability
from clinic.scheduling.rules.asking import Query, Slot
from clinic.scheduling.rules.wall_time import local_date
from clinic.scheduling.rules.week_view import Part, in_part, once_each

MOST_FITTING = 8
MOST_OTHERS = 8
MOST_OF_A_DAY = 3
"""Times are spread over days: the patient is on the phone and wants a choice."""
DAYS_AHEAD = 14
LONGEST_SPAN_DAYS = 31


@dataclass(frozen=True, slots=True)
class FreeTimes:
    """Times that fit what was asked for, and others; each start once, by start."""

    fitting: tuple[Slot, ...]
    others: tuple[Slot, ...]


def find_times_for(
    *,
    query: Query,
    times: Sequence[Interval],
    part: Part | None,
    zone: str,
    since: date,
    now: datetime,
) -> FreeTimes:
    """Free times of the service asked for, those within the preferred ones first.

    Others are in the part of the day that usually suits, from ``since`` on for two weeks; when
    there are none, the next free ones of all.
    """
    fitting: list[Slot] = []
    for time in times:
        fitting += _within(query, time, zone, now)
    chosen = _spread(once_each(sorted(set(fitting))), zone, MOST_FITTING)
    others = [one for one in _usual(query, part, zone, since, now) if _isapart(one, chosen)]
    return FreeTimes(chosen, _spread(others, zone, MOST_OTHERS))


def _within(query: Query, time: Interval, zone: str, now: datetime) -> Iterable[Slot]:
    begins, ends = (int(at.timestamp()) for at in (time.starts_at, time.ends_at))
    if ends <= query.now:
        return ()
    first = local_date(instant=max(begins, query.now), zone=zone)
    last = min(local_date(instant=ends, zone=zone), first + timedelta(days=LONGEST_SPAN_DAYS))
    found = find_availability(query=query, from_date=first, to_date=last, now=now)
    return (slot for slot in found.listing.slots if begins <= slot.start < ends)


def _usual(
    query: Query, part: Part | None, zone: str, since: date, now: datetime
) -> tuple[Slot, ...]:
    until = since + timedelta(days=DAYS_AHEAD - 1)
    found = find_availability(query=query, from_date=since, to_date=until, now=now)
    usual = in_part(slots=found.listing.slots, part=part, zone=zone)
    return once_each(usual) or find_alternatives(
        query=query, day=since, not_before=query.now, now=now, limit=MOST_OTHERS
    )


def _spread(slots: Iterable[Slot], zone: str, most: int) -> tuple[Slot, ...]:
    """A few of each day, evenly over the day, each of them free beside the others."""
    days = groupby(slots, key=lambda slot: local_date(instant=slot.start, zone=zone))
    return tuple(kept for _day, of_day in days for kept in _few(apart(of_day)))[:most]


def apart(slots: Iterable[Slot]) -> list[Slot]:
    """Without those that overlap an earlier one of the same practitioner: of two such times only
    one can be held."""
    found: list[Slot] = []
    for slot in slots:
        if _isapart(slot, found):
            found.append(slot)
    return found


def _isapart(slot: Slot, others: Iterable[Slot]) -> bool:
    return not any(
        slot.start == one.start
        or (slot.practitioner == one.practitioner and slot.start < one.end and one.start < slot.end)
        for one in others
    )


def _few(slots: list[Slot]) -> list[Slot]:
    few = min(MOST_OF_A_DAY, len(slots))
    return [slots[number * len(slots) // few] for number in range(few)]
