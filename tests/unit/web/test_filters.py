"""Dates, times, money and numbers in words."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from clinic.web import filters
from tests.support.ground import make_ground

NEW_YORK = "America/New_York"
AT = datetime(2026, 11, 24, 14, 20, tzinfo=UTC)


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with make_ground().test_request_context():
        yield


class TestLocalTimes:
    def test_show_the_wall_clock_of_the_place(self) -> None:
        assert filters.local_time(AT, zone=NEW_YORK) == "9:20 AM"
        assert filters.local_time(AT, zone="Asia/Kathmandu") == "8:05 PM"

    def test_show_the_date_of_the_place(self) -> None:
        late = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
        assert filters.local_date(late, zone=NEW_YORK) == "Tue, Nov 24"

    def test_stamp_both_passes_of_a_doubled_hour_differently(self) -> None:
        passes = [datetime(2026, 11, 1, hour, 30, tzinfo=UTC) for hour in (5, 6)]
        assert [filters.local_stamp(at, zone=NEW_YORK) for at in passes] == [
            "2026-11-01T01:30-04:00",
            "2026-11-01T01:30-05:00",
        ]


class TestDates:
    def test_are_said_in_four_lengths(self) -> None:
        day = date(2026, 11, 24)
        assert filters.day_heading(day) == "Tue 24"
        assert filters.short_date(day) == "Tue, Nov 24"
        assert filters.long_date(day) == "Tuesday, November 24"
        assert filters.full_date(day) == "November 24, 2026"

    def test_follow_the_language(self) -> None:
        with make_ground(locale="es").test_request_context():
            assert filters.long_date(date(2026, 11, 24)) == "martes, 24 de noviembre"


class TestClock:
    @pytest.mark.parametrize(
        ("minutes", "full", "short"),
        [
            (0, "12:00 AM", "12 AM"),
            (480, "8:00 AM", "8 AM"),
            (750, "12:30 PM", "12:30 PM"),
            (1440, "12:00 AM", "12 AM"),
        ],
    )
    def test_reads_minutes_from_midnight(self, minutes: int, full: str, short: str) -> None:
        assert (filters.clock(minutes), filters.short_clock(minutes)) == (full, short)


class TestMoney:
    @pytest.mark.parametrize(
        ("cents", "text"),
        [(18000, "$180"), (12050, "$120.50"), (123456700, "$1,234,567"), (5, "$0.05")],
    )
    def test_leaves_out_cents_that_are_not_there(self, cents: int, text: str) -> None:
        assert filters.money(cents) == text

    @pytest.mark.parametrize(("cents", "text"), [(-40000, "−$400"), (-5, "−$0.05")])
    def test_takes_off_with_a_minus_and_not_a_hyphen(self, cents: int, text: str) -> None:
        assert filters.money(cents) == text


class TestPhone:
    def test_is_written_as_people_of_the_country_do(self) -> None:
        assert filters.phone("+1 212 555 0142") == "(212) 555-0142"

    def test_is_left_alone_when_it_cannot_be_read(self) -> None:
        assert filters.phone("ask at the desk") == "ask at the desk"

    def test_is_dialled_by_its_digits(self) -> None:
        assert filters.dial("+1 (212) 555-0142") == "+12125550142"


class TestListed:
    def test_joins_names_as_people_say_them(self) -> None:
        said = [
            filters.listed(names) for names in (["Ida"], ["Ida", "Milo"], ["Ida", "Milo", "Jo"])
        ]
        assert said == ["Ida", "Ida and Milo", "Ida, Milo, and Jo"]


class TestSpoken:
    @pytest.mark.parametrize(
        ("language", "written"),
        [
            ("en", ' lang="en"'),
            ("ar", ' lang="ar" dir="rtl"'),
            ("he-IL", ' lang="he-IL" dir="rtl"'),
            ("xx-nowhere", ' lang="xx-nowhere"'),
            ('"><b', ' lang="&#34;&gt;&lt;b"'),
            ("", ""),
            (None, ""),
        ],
    )
    def test_names_the_language_and_from_where_it_runs(
        self, language: str | None, written: str
    ) -> None:
        assert filters.spoken(language) == written
