"""Why a day offers no time, for pages that explain. Kinds only, no wording."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from clinic.scheduling.rules.asking import Diary, Query, Slot
from clinic.scheduling.rules.board import Board
from clinic.scheduling.rules.offers import Offer
from clinic.scheduling.rules.opening import closures_within, open_intervals
from clinic.scheduling.rules.wall_time import local_date


class Kind(StrEnum):
    """What is in the way."""

    PAST = "past"
    NOTICE = "notice"
    HORIZON = "horizon"
    NOT_OFFERED = "not-offered"
    CLOSURE = "closure"
    HOURS = "hours"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Why:
    """One thing in the way; `reason` is the clinic's own word for a closure."""

    kind: Kind
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class DayPlan:
    """A day of a week view: its slots, or why there are none."""

    day: date
    slots: tuple[Slot, ...]
    why: tuple[Why, ...]


def explain_days(
    *, query: Query, from_date: date, to_date: date, diary: Diary
) -> tuple[DayPlan, ...]:
    """The days of a range, each with its slots or with why there are none.

    Dates are of `offers.query_zone`. Days without slots: past, notice, horizon, not-offered,
    closure (with its reason), hours (none that a visit fits into) or full.
    """
    board = Board(query=query, diary=diary)
    by_day: dict[date, list[Slot]] = {}
    for slot in board.slots(from_date, to_date):
        by_day.setdefault(local_date(instant=slot.start, zone=board.zone), []).append(slot)
    days = [
        date.fromordinal(ordinal)
        for ordinal in range(from_date.toordinal(), to_date.toordinal() + 1)
    ]
    return tuple(
        DayPlan(day, tuple(by_day[day]), ())
        if day in by_day
        else DayPlan(day, (), _explain_day(board, day))
        for day in days
    )


def _explain_day(board: Board, day: date) -> tuple[Why, ...]:
    if day < local_date(instant=board.query.now, zone=board.zone):
        return (Why(Kind.PAST),)
    if not board.is_offered(day, day):
        return (Why(Kind.NOT_OFFERED),)
    if board.is_too_far(day):
        return (Why(Kind.HORIZON),)
    starts = [
        start
        for offer in board.offers
        for start in board.fitting(offer, day, day, since=board.query.now)[0]
    ]
    if not starts:
        return _explain_closed(board, day)
    if max(starts) >= board.earliest:
        return (Why(Kind.FULL),)
    return (Why(Kind.PAST if max(starts) < board.query.now else Kind.NOTICE),)


def _explain_closed(board: Board, day: date) -> tuple[Why, ...]:
    closures: list[Why] = []
    for offer in board.offers:
        for start, end in open_intervals(
            setting=board.query.setting,
            practitioner=offer.practitioner,
            location=offer.location,
            first=day,
            last=day,
            with_closures=False,
        ):
            closures += _closures(board, offer, start, end, day, day)
    return tuple(dict.fromkeys(closures)) or (Why(Kind.HOURS),)


def _closures(
    board: Board, offer: Offer, start: int, end: int, first: date, last: date
) -> list[Why]:
    return [
        Why(Kind.CLOSURE, closure.reason)
        for closure in closures_within(
            setting=board.query.setting,
            location=offer.location,
            interval=(start, end),
            first=first,
            last=last,
        )
    ]
