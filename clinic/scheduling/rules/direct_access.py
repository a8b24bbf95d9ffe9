"""How many visits a patient may still have: by a referral, or without one where a state says so.

New York Education Law section 6731(d): ten visits or thirty days, whichever comes first. Pure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

NEW_EPISODE_AFTER = timedelta(days=90)
"""The law names no end of an episode of care: a patient who was away this long begins a new one."""
FEW_VISITS, FEW_DAYS = 2, 7


@dataclass(frozen=True, slots=True)
class Limit:
    """What is allowed without a referral: visits, or days from the first one."""

    visits: int
    days: int


LIMITS: Mapping[str, Limit] = {"NY": Limit(visits=10, days=30)}
"""By the state of the clinic's policy; a state that is not here counts nothing."""

_LONGEST_EPISODE = timedelta(days=max(one.days for one in LIMITS.values()))
LONGEST_LOOK_BACK = _LONGEST_EPISODE + NEW_EPISODE_AFTER + timedelta(days=1)
"""Visits and referrals from before never change what is said of a day: an episode that is too old
has a visit within this that says so."""


@dataclass(frozen=True, slots=True)
class Covered:
    """What a referral covers; both dates are included."""

    begins: date
    ends: date | None
    visits: int | None

    def has(self, day: date) -> bool:
        """Whether the day lies in it."""
        return self.begins <= day and (self.ends is None or day <= self.ends)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """How it stands on a day. ``left`` is None where no number was set, ``until`` where no date.

    ``is_over``: a visit on that day is covered by nothing.
    """

    by_referral: bool
    used: int
    left: int | None
    until: date | None
    is_over: bool
    is_nearly: bool = False


def count_visits(
    *, visits: Sequence[date], referrals: Sequence[Covered], state: str, day: date
) -> Counter | None:
    """How many more visits may begin on ``day``; None where neither rule nor referral speaks.

    ``visits`` are the dates of those before, that were kept or are booked.
    """
    open_ones = [_by_referral(one, visits, day) for one in referrals if one.has(day)]
    if open_ones:
        return max(open_ones, key=lambda one: (not one.is_over, one.left is None, one.left or 0))
    limit = LIMITS.get(state)
    if limit is None:
        return _lapsed(referrals, visits, day) if referrals else None
    return _without(limit, visits, referrals, day)


def _by_referral(one: Covered, visits: Sequence[date], day: date) -> Counter:
    used = sum(one.has(visit) for visit in visits)
    left = None if one.visits is None else max(0, one.visits - used)
    return Counter(
        by_referral=True,
        used=used,
        left=left,
        until=one.ends,
        is_over=left == 0,
        is_nearly=_is_nearly(left, one.ends, day),
    )


def _without(
    limit: Limit, visits: Sequence[date], referrals: Sequence[Covered], day: date
) -> Counter:
    bare = sorted(v for v in visits if v <= day and not any(one.has(v) for one in referrals))
    episode = _episode(bare, day)
    until = episode[0] + timedelta(days=limit.days) if episode else None
    left = max(0, limit.visits - len(episode))
    is_late = until is not None and day > until
    return Counter(
        by_referral=False,
        used=len(episode),
        left=left,
        until=until,
        is_over=left == 0 or is_late,
        is_nearly=_is_nearly(left, until, day),
    )


def _episode(days: Sequence[date], day: date) -> list[date]:
    """The visits of the episode that ``day`` belongs to."""
    found: list[date] = []
    for one in days:
        if found and one - found[-1] > NEW_EPISODE_AFTER:
            found = []
        found.append(one)
    return [] if found and day - found[-1] > NEW_EPISODE_AFTER else found


def _lapsed(referrals: Sequence[Covered], visits: Sequence[date], day: date) -> Counter | None:
    """A referral that is over says so; one that has not begun says nothing yet."""
    past = [one for one in referrals if one.ends is not None and one.ends < day]
    if not past:
        return None
    last = max(past, key=lambda one: one.ends or day)
    used = sum(last.has(visit) for visit in visits)
    return Counter(by_referral=True, used=used, left=0, until=last.ends, is_over=True)


def _is_nearly(left: int | None, until: date | None, day: date) -> bool:
    few = left is not None and left <= FEW_VISITS
    soon = until is not None and until - day <= timedelta(days=FEW_DAYS)
    return few or soon
