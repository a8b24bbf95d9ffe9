"""When the clinic is open, worked out from the hours its people keep. Pure."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from clinic.scheduling.rules.setting import HoursRule, Setting

Windows = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class OpenDays:
    """Weekdays from `first` to `last` (Monday is 0) that share the same `windows`, in minutes."""

    first: int
    last: int
    windows: Windows


def opening_hours(*, setting: Setting, location: str, today: dt.date) -> tuple[OpenDays, ...]:
    """The usual week of a location as runs of equal days; closed days are left out.

    A day is open while at least one practitioner is there every week. Hours that are not valid
    today, and those of every other week, promise too little to be named.
    """
    rules = [
        rule
        for one in setting.practitioners.values()
        for rule in one.hours
        if rule.location == location and rule.every_weeks == 1 and _holds(rule, today)
    ]
    week = [
        merged((rule.starts, rule.ends) for rule in rules if day in rule.days) for day in range(7)
    ]
    return tuple(_runs(week))


def merged(windows: Iterable[tuple[int, int]]) -> Windows:
    """The windows joined where they touch or overlap, in order."""
    found: list[tuple[int, int]] = []
    for starts, ends in sorted(windows):
        if found and starts <= found[-1][1]:
            found[-1] = (found[-1][0], max(ends, found[-1][1]))
        else:
            found.append((starts, ends))
    return tuple(found)


def _holds(rule: HoursRule, today: dt.date) -> bool:
    begun = rule.valid_from is None or rule.valid_from <= today
    return begun and (rule.valid_to is None or today <= rule.valid_to)


def _runs(week: Sequence[Windows]) -> Iterable[OpenDays]:
    first = 0
    for day in range(1, len(week) + 1):
        if day < len(week) and week[day] == week[first]:
            continue
        if week[first]:
            yield OpenDays(first, day - 1, week[first])
        first = day
