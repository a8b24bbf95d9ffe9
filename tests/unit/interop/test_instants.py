"""Dates and instants of the interface."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.interop.rules.instants import local_text, read_date, read_instant, utc_text

INSTANTS = st.datetimes(
    datetime(1900, 1, 2),  # noqa: DTZ001
    datetime(9989, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
).map(lambda at: at.replace(microsecond=0))


class TestReadInstant:
    @given(INSTANTS)
    def test_reads_what_we_write(self, at: datetime) -> None:
        assert read_instant(text=utc_text(at)) == at
        assert read_instant(text=local_text(at, zone="Australia/Lord_Howe")) == at

    @pytest.mark.parametrize(
        "text",
        [
            "2026-03-02T15:00:00z",
            "2026-03-02t15:00:00Z",
            "2026-03-02T15:00:00.000Z",
            "2026-03-02T10:00:00-05:00",
            "2026-03-03T02:00:00+11:00",
            "2026-03-02T15:00:00-00:00",
        ],
    )
    def test_takes_every_spelling_of_the_standard(self, text: str) -> None:
        assert read_instant(text=text) == datetime(2026, 3, 2, 15, tzinfo=UTC)

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "2026-03-02",
            "2026-03-02T15:00:00",
            "2026-03-02T15:00Z",
            "2026-03-02 15:00:00Z",
            "2026-03-02T15:00:00+0000",
            "2026-03-02T15:00:00+24:00",
            "2026-03-02T24:00:00Z",
            "2026-03-02T15:00:60Z",
            "2026-02-30T15:00:00Z",
            "2026-13-01T15:00:00Z",
            "20000-01-01T00:00:00Z",
            "2026-03-02T15:00:00.001Z",
            "2026-03-02T15:00:00.0000001Z",
            "2026-03-02T15:00:00.Z",
            "9999-12-31T23:59:59-23:59",
            "0001-01-01T00:00:00+23:59",
            "9999-12-31T00:00:00Z",
            "\u0662026-03-02T15:00:00Z",
            "2026-03-02T15:00:00Z\n",
            "20260302T150000Z",
        ],
    )
    def test_refuses_what_is_none(self, text: str) -> None:
        with pytest.raises(ValueError, match=r"."):
            read_instant(text=text)


class TestReadDate:
    def test_reads_a_date(self) -> None:
        assert read_date(text="2028-02-29") == date(2028, 2, 29)

    @pytest.mark.parametrize(
        "text",
        ["", "2026-02-29", "2026-2-1", "20260201", "2026-W10-2", "0000-01-01", "9999-12-31", "1"],
    )
    def test_refuses_what_is_none(self, text: str) -> None:
        with pytest.raises(ValueError, match=r"."):
            read_date(text=text)


class TestLocalText:
    def test_tells_the_passes_of_a_doubled_hour_apart(self) -> None:
        first, second = (
            datetime(2026, 11, 1, 5, 30, tzinfo=UTC),
            datetime(2026, 11, 1, 6, 30, tzinfo=UTC),
        )
        assert local_text(first, zone="America/New_York") == "2026-11-01T01:30:00-04:00"
        assert local_text(second, zone="America/New_York") == "2026-11-01T01:30:00-05:00"
