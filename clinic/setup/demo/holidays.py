"""The days on which the demo clinic is closed, for whatever year it is shown in."""

from datetime import date, timedelta

from clinic.scheduling.rules.setting import Closure

_NOVEMBER, _THURSDAY = 11, 3


def holiday_closures(*, years: tuple[int, ...]) -> tuple[Closure, ...]:
    """New Year's Day, Independence Day, Thanksgiving, Christmas Eve from noon, Christmas Day."""
    return tuple(closure for year in years for closure in _of_year(year))


def thanksgiving(year: int) -> date:
    """The fourth Thursday of November (5 U.S.C. 6103)."""
    first = date(year, _NOVEMBER, 1)
    return first + timedelta(days=(_THURSDAY - first.weekday()) % 7 + 21)


def _of_year(year: int) -> tuple[Closure, ...]:
    return (
        Closure(date(year, 1, 1), "New Year's Day"),
        Closure(date(year, 7, 4), "Independence Day"),
        Closure(thanksgiving(year), "Thanksgiving Day"),
        Closure(date(year, 12, 24), "Christmas Eve", None, 12 * 60, 24 * 60),
        Closure(date(year, 12, 25), "Christmas Day"),
    )
