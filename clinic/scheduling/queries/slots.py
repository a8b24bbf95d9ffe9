"""Bookable times: the availability rules laid over what the database says is taken."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from clinic.scheduling.queries.diary import load_diary
from clinic.scheduling.rules.asking import Listing, Query, Slot
from clinic.scheduling.rules.board import Board
from clinic.scheduling.rules.offers import horizon_date, query_zone, shift
from clinic.scheduling.rules.slots import first_on, first_slots, list_on

FIRST_REACH = 7
"""Days after the dates asked for that are read along with them."""


@dataclass(frozen=True, slots=True)
class Availability:
    """The slots of a range of dates of ``zone``, why there are none, and the next one after it."""

    zone: str
    listing: Listing
    next_available: Slot | None


def find_availability(
    *, query: Query, from_date: date, to_date: date, now: datetime
) -> Availability:
    """All bookable times of the dates, and the first after them up to the horizon.

    Three queries at most for any span, five for a class: the range with a week more, then, only
    when nothing is free there, the rest of the horizon.
    """
    reach = min(shift(to_date, FIRST_REACH), max(horizon_date(query=query), to_date))
    diary = load_diary(query=query, from_date=from_date, to_date=reach, now=now)
    board = Board(query=query, diary=diary)
    listing = list_on(board=board, from_date=from_date, to_date=to_date)
    after = first_on(board=board, from_date=shift(to_date, 1), to_date=reach)
    if not after:
        after = _later(query, reach, now)
    return Availability(query_zone(query=query), listing, after[0] if after else None)


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
