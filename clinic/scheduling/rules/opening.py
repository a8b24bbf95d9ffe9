"""When a practitioner is open at a location: hours, exceptions and closures as instants.

Source of the rules: hours, exceptions and closures of the clinic file, and its section on time.
"""

from datetime import date, timedelta

from clinic.scheduling.rules.intervals import Interval, merge, overlaps, subtract
from clinic.scheduling.rules.setting import (
    MINUTES_OF_A_DAY,
    Closure,
    ExceptionRule,
    HoursRule,
    Location,
    Practitioner,
    Setting,
)
from clinic.scheduling.rules.wall_time import edge


def works_at(*, setting: Setting, practitioner: Practitioner) -> tuple[str, ...]:
    """The slugs of the locations where someone has hours, usual or exceptional."""
    return setting.memo.recall(
        ("works_at", practitioner.slug), lambda: _works_at(setting, practitioner)
    )


def open_intervals(
    *,
    setting: Setting,
    practitioner: Practitioner,
    location: Location,
    first: date,
    last: date,
    with_closures: bool = True,
) -> list[Interval]:
    """The merged open intervals of the local days `first` to `last`, both included.

    Adjoining windows are one, over midnight too. `with_closures=False` tells what would be open
    if the clinic did not close.
    """
    windows: list[Interval] = []
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        windows += _windows_of_day(setting, practitioner, location, day, with_closures)
    return merge(windows)


def open_from(
    *,
    setting: Setting,
    practitioner: Practitioner,
    location: Location,
    day: date,
    minutes: int,
    with_closures: bool = True,
) -> list[Interval]:
    """The open intervals that a visit of so many minutes beginning on a local day can lie in."""
    # Two more days than full 23-hour days: one for the end past midnight, one for a skipped date.
    days = minutes // 1380 + 2
    return open_intervals(
        setting=setting,
        practitioner=practitioner,
        location=location,
        first=day,
        last=day + timedelta(days=days),
        with_closures=with_closures,
    )


def closures_within(
    *, setting: Setting, location: Location, interval: Interval, first: date, last: date
) -> tuple[Closure, ...]:
    """The closures of the local days `first` to `last` that touch an interval, in file order."""
    return tuple(
        closure
        for closure in setting.closures
        if first <= closure.date <= last
        and closure.location in {None, location.slug}
        and overlaps(_closed(closure, location.zone), interval)
    )


def _works_at(setting: Setting, practitioner: Practitioner) -> tuple[str, ...]:
    named = [rule.location for rule in practitioner.hours]
    named += [rule.location for rule in practitioner.exceptions if rule.location and rule.windows]
    if (
        not named
        and len(setting.locations) == 1
        and any(e.windows for e in practitioner.exceptions)
    ):
        named = list(setting.locations)
    return tuple(slug for slug in setting.locations if slug in named)


def _windows_of_day(
    setting: Setting, practitioner: Practitioner, location: Location, day: date, with_closures: bool
) -> list[Interval]:
    return setting.memo.recall(
        ("windows", practitioner.slug, location.slug, day, with_closures),
        lambda: _work_out_windows(setting, practitioner, location, day, with_closures),
    )


def _work_out_windows(
    setting: Setting, practitioner: Practitioner, location: Location, day: date, with_closures: bool
) -> list[Interval]:
    windows = [
        _window(day, starts, ends, location.zone)
        for starts, ends in _local_windows(setting, practitioner, location, day)
    ]
    if not windows or not with_closures:
        return merge(windows)
    closed = [
        _closed(closure, location.zone)
        for closure in setting.closures
        if closure.date == day and closure.location in {None, location.slug}
    ]
    return subtract(windows, closed)


def _local_windows(
    setting: Setting, practitioner: Practitioner, location: Location, day: date
) -> list[tuple[int, int]]:
    exceptions = [
        rule
        for rule in practitioner.exceptions
        if rule.date == day and _is_about(rule, setting, practitioner, location)
    ]
    if exceptions:
        return [window for rule in exceptions for window in rule.windows]
    return [
        (rule.starts, rule.ends)
        for rule in practitioner.hours
        if rule.location == location.slug and _holds_on(rule, day)
    ]


def _is_about(
    rule: ExceptionRule, setting: Setting, practitioner: Practitioner, location: Location
) -> bool:
    if rule.location is not None:
        return rule.location == location.slug
    if not rule.windows:
        return True
    return works_at(setting=setting, practitioner=practitioner) == (location.slug,)


def _holds_on(rule: HoursRule, day: date) -> bool:
    if day.weekday() not in rule.days:
        return False
    if (rule.valid_from and day < rule.valid_from) or (rule.valid_to and day > rule.valid_to):
        return False
    if rule.every_weeks == 1 or rule.valid_from is None:
        return True
    return (day - rule.valid_from).days // 7 % rule.every_weeks == 0


def _closed(closure: Closure, zone: str) -> Interval:
    starts = 0 if closure.starts is None else closure.starts
    ends = MINUTES_OF_A_DAY if closure.ends is None else closure.ends
    return _window(closure.date, starts, ends, zone)


def _window(day: date, starts: int, ends: int, zone: str) -> Interval:
    return (
        edge(day=day, minute=starts, zone=zone, last=False),
        edge(day=day, minute=ends, zone=zone, last=True),
    )
