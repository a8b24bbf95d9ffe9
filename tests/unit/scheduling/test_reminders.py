"""When patients are reminded."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.scheduling.rules.reminders import plan_reminders

NEW_YORK = "America/New_York"


def instant(text: str, zone: str = NEW_YORK) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp())


def planned(
    start: str,
    *,
    zone: str = NEW_YORK,
    hours: tuple[int, ...] = (72, 24, 2),
    since: str = "2026-01-01 12:00",
    now: str = "2026-01-01 12:00",
) -> list[str]:
    """The local times of the reminders."""
    found = plan_reminders(
        start=instant(start, zone),
        zone=zone,
        hours=hours,
        since=instant(since, zone),
        now=instant(now, zone),
    )
    local = (datetime.fromtimestamp(one.due, ZoneInfo(zone)) for one in found)
    return [at.strftime("%a %d %H:%M") for at in local]


class TestPlanReminders:
    def test_come_at_the_policys_hours(self) -> None:
        assert planned("2026-01-15 10:00") == ["Mon 12 10:00", "Wed 14 10:00", "Thu 15 08:00"]

    @pytest.mark.parametrize(
        ("start", "days_before"),
        [
            ("2026-03-09 10:00", ["Fri 06 10:00", "Sun 08 10:00", "Mon 09 08:00"]),
            ("2026-03-08 10:00", ["Thu 05 10:00", "Sat 07 10:00", "Sun 08 08:00"]),
            ("2026-11-01 10:00", ["Thu 29 10:00", "Sat 31 10:00", "Sun 01 08:00"]),
            ("2026-11-02 10:00", ["Fri 30 10:00", "Sun 01 10:00", "Mon 02 08:00"]),
        ],
    )
    def test_keep_the_local_hour_over_clock_changes(
        self, start: str, days_before: list[str]
    ) -> None:
        assert planned(start) == days_before

    def test_keep_two_hours_as_they_pass(self) -> None:
        """The clock goes forward at two on March 8: two hours before 08:30 are 06:30."""
        assert planned("2026-03-08 09:15", hours=(2,)) == ["Sun 08 07:15"]
        assert planned("2026-03-08 03:30", hours=(2,)) == ["Sat 07 20:00"]

    @pytest.mark.parametrize(
        ("start", "expected"),
        [
            ("2026-01-15 08:30", ["Mon 12 08:30", "Wed 14 08:30", "Thu 15 07:00"]),
            ("2026-01-15 07:30", ["Mon 12 07:30", "Wed 14 07:30", "Wed 14 20:00"]),
            ("2026-01-15 22:00", ["Mon 12 20:00", "Wed 14 20:00", "Thu 15 20:00"]),
            ("2026-01-15 00:30", ["Mon 12 07:00", "Wed 14 07:00", "Wed 14 20:00"]),
        ],
    )
    def test_wake_nobody(self, start: str, expected: list[str]) -> None:
        assert planned(start) == expected

    def test_are_left_out_where_the_visit_was_booked_later(self) -> None:
        late, later = "2026-01-13 12:00", "2026-01-15 08:00"
        assert planned("2026-01-15 10:00", since=late, now=late) == ["Wed 14 10:00", "Thu 15 08:00"]
        assert planned("2026-01-15 10:00", since=later, now=later) == []

    def test_are_sent_late_but_not_all_at_once(self) -> None:
        assert planned("2026-01-15 10:00", now="2026-01-14 11:00") == [
            "Wed 14 10:00",
            "Thu 15 08:00",
        ]
        assert planned("2026-01-15 10:00", now="2026-01-15 10:00") == []

    def test_are_worth_sending_until_the_next_one(self) -> None:
        found = plan_reminders(
            start=instant("2026-01-15 10:00"), zone=NEW_YORK, hours=(24, 2), since=0, now=0
        )
        assert [one.until for one in found] == [found[1].due, instant("2026-01-15 10:00")]

    @given(
        start=st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),  # noqa: DTZ001
        zone=st.sampled_from([NEW_YORK, "Europe/Paris", "Australia/Lord_Howe", "Asia/Kolkata"]),
        hours=st.sets(st.integers(1, 720), max_size=5),
    )
    def test_come_before_the_visit_by_day_and_each_once(
        self, start: datetime, zone: str, hours: set[int]
    ) -> None:
        at = int(start.replace(tzinfo=UTC).timestamp())
        found = plan_reminders(start=at, zone=zone, hours=tuple(hours), since=0, now=0)
        assert [one.due for one in found] == sorted({one.due for one in found})
        for one in found:
            assert one.due < one.until <= at
            assert 7 <= datetime.fromtimestamp(one.due, ZoneInfo(zone)).hour < 21
