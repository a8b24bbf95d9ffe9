"""Where a list goes on."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.interop.rules.cursors import cursor_text, read_cursor


class TestCursor:
    @given(
        st.datetimes(datetime(1900, 1, 1), datetime(2900, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
        st.integers(0, 10**18 - 1),
    )
    def test_comes_back_as_it_went(self, at: datetime, number: int) -> None:
        assert read_cursor(text=cursor_text((at, number))) == (at, number)

    @given(st.text(max_size=80))
    def test_is_read_or_refused(self, text: str) -> None:
        try:
            read_cursor(text=text)
        except ValueError:
            return

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "x",
            "!!!!",
            "MQ",
            "x" * 100,
            "OTk5OTk5OTk5OTk5OTk5OTk5OTkvMQ",
            "LTk5OTk5OTk5OTk5OTk5OTk5LzE",
        ],
    )
    def test_refuses_what_we_never_gave(self, text: str) -> None:
        with pytest.raises(ValueError, match=r"."):
            read_cursor(text=text)
