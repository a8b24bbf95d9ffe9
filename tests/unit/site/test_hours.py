"""When the clinic is open, from the hours of its people."""

from datetime import date

import pytest

from clinic.scheduling.rules.setting import (
    HoursRule,
    Location,
    Policy,
    Practitioner,
    Setting,
)
from clinic.site.rules.hours import OpenDays, merged, opening_hours

TODAY = date(2026, 11, 22)
WEEKDAYS = frozenset(range(5))


def week(*rules: HoursRule) -> tuple[OpenDays, ...]:
    people = {
        f"p{number}": Practitioner(f"p{number}", "Amara Osei", number, frozenset(), hours=(rule,))
        for number, rule in enumerate(rules)
    }
    place = Location("main", "Main office", "1 Example Street", "America/New_York")
    setting = Setting(
        version=1,
        name="Riverside Rehab",
        zone="America/New_York",
        phone="",
        policy=Policy(),
        locations={"main": place},
        rooms={},
        services={},
        practitioners=people,
    )
    return opening_hours(setting=setting, location="main", today=TODAY)


class TestOpeningHours:
    def test_join_equal_days_into_runs(self) -> None:
        found = week(
            HoursRule("main", WEEKDAYS, 480, 1080), HoursRule("main", frozenset({5}), 540, 780)
        )
        assert found == (OpenDays(0, 4, ((480, 1080),)), OpenDays(5, 5, ((540, 780),)))

    def test_are_open_while_anybody_is_there(self) -> None:
        found = week(HoursRule("main", WEEKDAYS, 480, 720), HoursRule("main", WEEKDAYS, 700, 1080))
        assert found == (OpenDays(0, 4, ((480, 1080),)),)

    def test_split_a_run_at_a_day_that_differs(self) -> None:
        found = week(HoursRule("main", frozenset({0, 1, 3, 4}), 480, 1080))
        assert [(run.first, run.last) for run in found] == [(0, 1), (3, 4)]

    @pytest.mark.parametrize(
        "rule",
        [
            HoursRule("elsewhere", WEEKDAYS, 480, 1080),
            HoursRule("main", WEEKDAYS, 480, 1080, valid_to=date(2026, 11, 21)),
            HoursRule("main", WEEKDAYS, 480, 1080, valid_from=date(2026, 11, 23)),
            HoursRule("main", WEEKDAYS, 480, 1080, valid_from=date(2026, 1, 5), every_weeks=2),
        ],
    )
    def test_promise_only_what_holds_here_now_and_every_week(self, rule: HoursRule) -> None:
        assert week(rule) == ()


class TestMerged:
    def test_joins_windows_that_touch(self) -> None:
        assert merged([(600, 720), (540, 600), (780, 840)]) == ((540, 720), (780, 840))
