"""The period of the manager's numbers, and where its bars stand."""

from datetime import date

import pytest

from clinic.desk.rules.numbers import Period, percent, period_of
from clinic.web.bars import draw_bars

TODAY = date(2026, 3, 4)


class TestPeriod:
    @pytest.mark.parametrize(
        ("first", "last", "period"),
        [
            (None, None, Period(date(2025, 12, 15), TODAY)),
            (date(2026, 2, 1), None, Period(date(2026, 2, 1), TODAY)),
            (date(2026, 5, 1), None, Period(date(2026, 5, 1), date(2026, 5, 1))),
            (date(2026, 3, 3), date(2026, 3, 1), Period(date(2026, 3, 1), date(2026, 3, 3))),
            (date(2025, 3, 2), date(2026, 3, 2), Period(date(2025, 3, 2), date(2026, 3, 2))),
            (date(2025, 3, 1), date(2026, 3, 2), Period(date(2025, 3, 2), date(2026, 3, 2), True)),
            (date(1900, 1, 1), date(9990, 1, 1), Period(date(9989, 1, 1), date(9990, 1, 1), True)),
        ],
    )
    def test_is_what_was_asked_for_and_at_most_a_year(
        self, first: date | None, last: date | None, period: Period
    ) -> None:
        assert period_of(first=first, last=last, today=TODAY) == period

    def test_has_weeks_that_cover_each_day_once(self) -> None:
        weeks = Period(date(2026, 3, 4), date(2026, 3, 16)).weeks
        assert weeks == (
            (date(2026, 3, 4), date(2026, 3, 8)),
            (date(2026, 3, 9), date(2026, 3, 15)),
            (date(2026, 3, 16), date(2026, 3, 16)),
        )


class TestPercent:
    def test_of_nothing_is_unknown(self) -> None:
        assert (percent(1, 3), percent(0, 0)) == (33, None)


class TestDrawBars:
    @pytest.mark.parametrize("weeks", [1, 12, 53])
    def test_stay_inside_the_drawing(self, weeks: int) -> None:
        drawn = draw_bars([(2, 1)] * weeks, labels=["Mar 2"] * weeks, unit="")
        assert len(drawn.bars) == 2 * weeks
        assert max(bar.x + drawn.bar for bar in drawn.bars) <= drawn.width
        assert {bar.y + bar.height for bar in drawn.bars} == {drawn.base}

    def test_draw_nothing_for_nothing(self) -> None:
        assert draw_bars([(0, -5)], labels=["Mar 2"], unit="").bars == ()
