"""The one availability function: which starts can be booked, and why there are none.

Booking checks with the same parts (`board.py`), so that what is offered can be booked.
"""

from datetime import date

from clinic.scheduling.rules.asking import Diary, Listing, Query, Slot
from clinic.scheduling.rules.board import Board
from clinic.scheduling.rules.intervals import Interval
from clinic.scheduling.rules.offers import DATE_REACH, shift
from clinic.scheduling.rules.wall_time import start_of_day


def list_slots(*, query: Query, from_date: date, to_date: date, diary: Diary) -> Listing:
    """All slots of the dates, both included, by start and practitioner; when none, the reason.

    Dates are of `query_zone`. Notice, horizon and grid shape the list for staff too.
    """
    return list_on(board=Board(query=query, diary=diary), from_date=from_date, to_date=to_date)


def list_on(*, board: Board, from_date: date, to_date: date) -> Listing:
    """The same on a board at hand, which remembers what it has worked out."""
    slots = board.slots(from_date, to_date)
    return Listing(slots, None if slots else board.reason(from_date, to_date))


def first_slots(
    *,
    query: Query,
    from_date: date,
    to_date: date,
    diary: Diary,
    limit: int = 1,
    not_before: int | None = None,
) -> tuple[Slot, ...]:
    """The first slots of the dates, at most `limit`, none before the instant `not_before`.

    Works day by day and stops at the last one wanted. Serves the next free time and the
    alternatives to a taken one; call it with growing ranges up to `offers.horizon_date`.
    """
    board = Board(query=query, diary=diary)
    return first_on(
        board=board, from_date=from_date, to_date=to_date, limit=limit, not_before=not_before
    )


def first_on(
    *,
    board: Board,
    from_date: date,
    to_date: date,
    limit: int = 1,
    not_before: int | None = None,
) -> tuple[Slot, ...]:
    """The same on a board at hand."""
    found: list[Slot] = []
    for day in board.days_within(from_date, to_date):
        of_day = board.slots(day, day)
        found += [slot for slot in of_day if not_before is None or slot.start >= not_before]
        if len(found) >= limit:
            break
    return tuple(found[:limit])


def busy_span(*, query: Query, from_date: date, to_date: date) -> Interval:
    """The span whose claims and classes decide on the slots of the dates: what to load.

    Dates that notice and horizon rule out are left out; an empty span (start = end) needs nothing.
    """
    board = Board(query=query, diary=Diary())
    days = list(board.days_within(from_date, to_date))
    if not days:
        return (query.now, query.now)
    service = query.wanted
    first, last = shift(days[0], -DATE_REACH), shift(days[-1], DATE_REACH + 1)
    if all(offer.location.zone == board.zone for offer in board.offers):
        first, last = days[0], shift(days[-1], 1)
    return (
        start_of_day(day=first, zone=board.zone) - service.buffer_before * 60,
        start_of_day(day=last, zone=board.zone) + (service.minutes + service.buffer_after) * 60,
    )
