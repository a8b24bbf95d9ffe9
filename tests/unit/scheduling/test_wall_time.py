from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from clinic.scheduling.rules.wall_time import (
    at_wall_time,
    edge,
    grid_starts,
    local_date,
    minute_of_day,
    start_of_day,
)
from tests.unit.scheduling.builders import NEW_YORK, day, minutes, utc

LORD_HOWE = "Australia/Lord_Howe"
HAVANA = "America/Havana"
SANTIAGO = "America/Santiago"
APIA = "Pacific/Apia"


class TestEdge:
    @pytest.mark.parametrize(
        ("zone", "on", "clock", "last", "instant"),
        [
            # Ordinary days, before and after a change.
            (NEW_YORK, "2026-03-07", "13:00", False, "2026-03-07T18:00Z"),
            (NEW_YORK, "2026-03-08", "13:00", False, "2026-03-08T17:00Z"),
            (NEW_YORK, "2026-03-08", "18:00", True, "2026-03-08T22:00Z"),
            # A doubled hour: hours begin with its first pass and end with its second.
            (NEW_YORK, "2026-11-01", "01:00", False, "2026-11-01T05:00Z"),
            (NEW_YORK, "2026-11-01", "01:00", True, "2026-11-01T06:00Z"),
            (NEW_YORK, "2026-11-01", "01:30", False, "2026-11-01T05:30Z"),
            (NEW_YORK, "2026-11-01", "01:30", True, "2026-11-01T06:30Z"),
            (NEW_YORK, "2026-11-01", "02:00", False, "2026-11-01T07:00Z"),
            (NEW_YORK, "2026-11-01", "02:00", True, "2026-11-01T07:00Z"),
            # A skipped hour: the moment of the change.
            (NEW_YORK, "2026-03-08", "02:00", False, "2026-03-08T07:00Z"),
            (NEW_YORK, "2026-03-08", "02:30", False, "2026-03-08T07:00Z"),
            (NEW_YORK, "2026-03-08", "02:59", True, "2026-03-08T07:00Z"),
            (NEW_YORK, "2026-03-08", "03:00", True, "2026-03-08T07:00Z"),
            # Half an hour skipped and doubled.
            (LORD_HOWE, "2026-10-04", "02:15", False, "2026-10-03T15:30Z"),
            (LORD_HOWE, "2026-04-05", "01:45", False, "2026-04-04T14:45Z"),
            (LORD_HOWE, "2026-04-05", "01:45", True, "2026-04-04T15:15Z"),
            # An offset with three quarters of an hour.
            ("Pacific/Chatham", "2026-07-01", "09:00", False, "2026-06-30T20:15Z"),
            # Midnight skipped: the day begins with the change.
            (HAVANA, "2026-03-08", "00:00", False, "2026-03-08T05:00Z"),
            (HAVANA, "2026-03-07", "24:00", True, "2026-03-08T05:00Z"),
            ("Asia/Beirut", "2026-03-29", "00:30", False, "2026-03-28T22:00Z"),
            (SANTIAGO, "2026-09-06", "00:00", False, "2026-09-06T04:00Z"),
            ("Africa/Cairo", "2026-04-24", "00:00", False, "2026-04-23T22:00Z"),
            # Midnight doubled: the day begins and the day before ends with the first.
            (HAVANA, "2026-11-01", "00:00", False, "2026-11-01T04:00Z"),
            (HAVANA, "2026-11-01", "00:00", True, "2026-11-01T05:00Z"),
            (HAVANA, "2026-10-31", "24:00", True, "2026-11-01T04:00Z"),
            # Set back at midnight to 23:00: the last hour is doubled, midnight comes once.
            (SANTIAGO, "2026-04-04", "23:30", False, "2026-04-05T02:30Z"),
            (SANTIAGO, "2026-04-04", "23:30", True, "2026-04-05T03:30Z"),
            (SANTIAGO, "2026-04-04", "24:00", True, "2026-04-05T04:00Z"),
            # A whole date skipped at the date line.
            (APIA, "2011-12-30", "09:00", False, "2011-12-30T10:00Z"),
            (APIA, "2011-12-30", "17:00", True, "2011-12-30T10:00Z"),
            (APIA, "2011-12-29", "24:00", True, "2011-12-30T10:00Z"),
            (APIA, "2011-12-31", "00:00", False, "2011-12-30T10:00Z"),
        ],
    )
    def test_is_the_instant_of(
        self, zone: str, on: str, clock: str, last: bool, instant: str
    ) -> None:
        assert edge(day=day(on), minute=minutes(clock), zone=zone, last=last) == utc(instant)

    def test_makes_a_block_over_a_doubled_hour_an_hour_longer(self) -> None:
        """Case D7."""
        begins = edge(day=day("2026-11-01"), minute=60, zone=NEW_YORK, last=False)
        ends = edge(day=day("2026-11-01"), minute=180, zone=NEW_YORK, last=True)
        assert (ends - begins) // 60 == 180


class TestGridStarts:
    def test_takes_every_multiple_of_an_ordinary_day(self) -> None:
        starts = grid_starts(day=day("2026-06-01"), grid_minutes=45, zone=NEW_YORK)
        assert starts == tuple(utc("2026-06-01T04:00Z") + n * 2700 for n in range(32))

    @pytest.mark.parametrize(
        ("zone", "on", "grid", "count"),
        [
            (NEW_YORK, "2026-03-08", 15, 92),
            (NEW_YORK, "2026-11-01", 15, 100),
            (LORD_HOWE, "2026-10-04", 30, 47),
            (LORD_HOWE, "2026-04-05", 30, 49),
            # 02:00 to 02:30 is skipped, of the hours only 02:00 lies in it; 01:30 to 02:00 is
            # doubled and holds none.
            (LORD_HOWE, "2026-10-04", 60, 23),
            (LORD_HOWE, "2026-04-05", 60, 24),
            (HAVANA, "2026-03-08", 60, 23),
            (HAVANA, "2026-11-01", 60, 25),
            (SANTIAGO, "2026-04-04", 60, 25),
            (SANTIAGO, "2026-04-05", 60, 24),
            (SANTIAGO, "2026-09-06", 60, 23),
            (APIA, "2011-12-29", 60, 24),
            (APIA, "2011-12-30", 60, 0),
            (APIA, "2011-12-31", 60, 24),
            ("Pacific/Chatham", "2026-07-01", 20, 72),
        ],
    )
    def test_counts_skipped_and_doubled_ones(
        self, zone: str, on: str, grid: int, count: int
    ) -> None:
        starts = grid_starts(day=day(on), grid_minutes=grid, zone=zone)
        assert len(starts) == len(set(starts)) == count
        assert list(starts) == sorted(starts)

    @pytest.mark.parametrize(
        ("zone", "on"),
        [
            (NEW_YORK, "2026-11-01"),
            (HAVANA, "2026-11-01"),
            (HAVANA, "2026-03-08"),
            (SANTIAGO, "2026-04-04"),
            ("Asia/Beirut", "2026-10-24"),
            # Set back from 00:01 to 23:01 of the day before: that date comes back once more.
            ("America/St_Johns", "2010-11-06"),
            ("America/St_Johns", "2010-11-07"),
        ],
    )
    def test_finds_each_minute_of_the_date_that_stands_on_the_grid(
        self, zone: str, on: str
    ) -> None:
        noon = int(datetime.combine(day(on), datetime.min.time(), ZoneInfo(zone)).timestamp())
        expected = []
        for instant in range(noon - 36 * 3600, noon + 60 * 3600, 60):
            wall = datetime.fromtimestamp(instant, ZoneInfo(zone))
            if wall.date() == day(on) and (wall.hour * 60 + wall.minute) % 5 == 0:
                expected.append(instant)
        assert list(grid_starts(day=day(on), grid_minutes=5, zone=zone)) == expected


class TestLocalDate:
    def test_is_the_clinics_not_the_servers(self) -> None:
        """Case D14: 17:30 in Los Angeles is the next day in UTC."""
        instant = utc("2026-06-02T00:30Z")
        assert local_date(instant=instant, zone="America/Los_Angeles") == day("2026-06-01")

    def test_stays_inside_the_calendar(self) -> None:
        assert local_date(instant=10**15, zone=NEW_YORK).year == 9999
        assert local_date(instant=-(10**15), zone=NEW_YORK) < date(2, 1, 1)


class TestWallTimes:
    def test_a_zone_there_and_back_is_the_same_instant(self) -> None:
        """Case D8."""
        instant = at_wall_time(day=day("2026-06-01"), minute=600, zone="Europe/Paris")
        assert instant is not None
        minute = minute_of_day(instant=instant, zone="Europe/Sarajevo")
        assert at_wall_time(day=day("2026-06-01"), minute=minute, zone="Europe/Sarajevo") == instant

    def test_a_skipped_one_has_no_instant(self) -> None:
        assert at_wall_time(day=day("2026-03-08"), minute=150, zone=NEW_YORK) is None

    def test_weekly_visits_stay_at_their_wall_time(self) -> None:
        """Case D4."""
        days = ["2026-02-24", "2026-03-03", "2026-03-10", "2026-03-17"]
        instants = [at_wall_time(day=day(on), minute=600, zone=NEW_YORK) for on in days]
        hours = ["15:00", "15:00", "14:00", "14:00"]
        assert instants == [utc(f"{on}T{clock}Z") for on, clock in zip(days, hours, strict=True)]

    def test_the_first_and_the_last_year_can_be_asked_for(self) -> None:
        for zone in (NEW_YORK, "Asia/Kolkata"):
            assert start_of_day(day=date(1, 1, 1), zone=zone) < 0
            assert start_of_day(day=date(9999, 12, 20), zone=zone) > 0
