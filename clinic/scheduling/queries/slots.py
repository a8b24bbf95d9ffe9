"""Bookable times: the availability rules laid over what the database says is taken."""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from clinic.scheduling.queries.diary import load_diary
from clinic.scheduling.rules.asking import Listing, Query, Slot
from clinic.scheduling.rules.board import Board
from clinic.scheduling.rules.memo import Memo
from clinic.scheduling.rules.offers import DATE_REACH, earliest_start, horizon_date, shift
from clinic.scheduling.rules.slots import first_on, first_slots, list_on
from clinic.scheduling.rules.wall_time import local_date, start_of_day

FIRST_REACH = 7
"""Days after the dates asked for that are read along with them."""
ANSWERS_KEPT = 8
"""Some hundred kilobytes each in a large clinic."""


@dataclass(frozen=True, slots=True, eq=False)
class Availability:
    """The slots of a range of dates of ``zone``, why there are none, and the next one after it.

    Compared by identity: the same question about the same diary answers the same object.
    """

    zone: str
    listing: Listing
    next_available: Slot | None


def find_availability(
    *, query: Query, from_date: date, to_date: date, now: datetime
) -> Availability:
    """All bookable times of the dates, and the first after them up to the horizon.

    Three queries at most for any span, five for a class: the range with a week more, then, only
    when nothing is free there, the rest of the horizon. What is taken is always read; what follows
    from it is kept for the questions asked last, by everything that it depends on.
    """
    reach = min(shift(to_date, FIRST_REACH), max(horizon_date(query=query), to_date))
    diary = load_diary(query=query, from_date=from_date, to_date=reach, now=now)
    key = (_asked(query, from_date), from_date, to_date, reach, diary.content)
    kept: Memo = query.setting.memo.recall(("availability",), lambda: Memo(ANSWERS_KEPT))
    found = kept.recall(
        key, lambda: _lay_out(Board(query=query, diary=diary), from_date, to_date, reach)
    )
    later = _later(query, reach, now) if found.next_available is None else ()
    return replace(found, next_available=later[0]) if later else found


def _lay_out(board: Board, from_date: date, to_date: date, reach: date) -> Availability:
    listing = list_on(board=board, from_date=from_date, to_date=to_date)
    after = first_on(board=board, from_date=shift(to_date, 1), to_date=reach)
    return Availability(board.zone, listing, after[0] if after else None)


def _asked(query: Query, from_date: date) -> tuple[Hashable, ...]:
    """The question without what cannot matter: how far off the notice ends, once it is past."""
    zones = {one.zone for one in query.setting.locations.values()} | {query.setting.zone}
    todays = tuple(sorted((zone, local_date(instant=query.now, zone=zone)) for zone in zones))
    begins = min(start_of_day(day=shift(from_date, -DATE_REACH), zone=zone) for zone in zones)
    return (
        query.service,
        query.practitioner,
        query.location,
        query.state,
        query.staff,
        query.sold,
        todays,
        max(earliest_start(query=query), begins),
    )


def _later(query: Query, reach: date, now: datetime) -> tuple[Slot, ...]:
    since, last = shift(reach, 1), horizon_date(query=query)
    if since > last:
        return ()
    diary = load_diary(query=query, from_date=since, to_date=last, now=now)
    return first_slots(query=query, from_date=since, to_date=last, diary=diary)


def find_alternatives(
    *, query: Query, day: date, not_before: int, now: datetime, limit: int = 5
) -> tuple[Slot, ...]:
    """The first free times at or after an instant, from its local date on up to the horizon."""
    found: tuple[Slot, ...] = ()
    for since, until in _growing(day, horizon_date(query=query)):
        diary = load_diary(query=query, from_date=since, to_date=until, now=now)
        found += first_slots(
            query=query,
            from_date=since,
            to_date=until,
            diary=diary,
            limit=limit - len(found),
            not_before=not_before,
        )
        if len(found) >= limit:
            break
    return found


def _growing(since: date, last: date) -> Iterator[tuple[date, date]]:
    """Ranges of 4 days, 16, then the rest."""
    for days in (4, 16, 4000):
        if since > last:
            return
        until = min(since + timedelta(days=days - 1), last)
        yield since, until
        since = until + timedelta(days=1)
